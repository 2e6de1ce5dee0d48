/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Under what condition a person stood for sway: with open or with closed eyes.
 *
 * A recording states protocol and condition apart (driver/RECORDING.md), and so do all documents;
 * recording_facts.protocol holds both as one word: "sway_eyes_open", "sway_eyes_closed", or "sway"
 * where no condition is stated. Pure; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CONDITION_H
#define TENDERFOOT_ANALYSIS_CONDITION_H

/* "eyes_open", "eyes_closed"; NULL where the word states none. */
const char *condition_of(const char *protocol);
/* The word without its condition: "sway"; any other protocol is itself, NULL stays NULL. */
const char *protocol_of(const char *protocol);
/* Somebody stood: "stand", or a sway of either condition. */
int protocol_is_stand(const char *protocol);

/* 1 where one was recorded with open and the other with closed eyes (words as above): their sway
 * does not compare, it is Romberg's quotient. One that states none may be either: 0. */
int conditions_differ(const char *one, const char *other);

#endif
