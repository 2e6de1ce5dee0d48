/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator found on a sole by hand: a nodule, a callus, a wart (or birthmark), a joint, or
 * words (R21, R25), as it is typed: "KIND SIDE PLACE [RADIUSmm] [WORDS]", for instance
 *   wart left P07
 *   nodule right 0.46,0.38 6mm hard under the thumb
 * PLACE is a zone of the chart (the middle of it) or u,v of the foot frame. Around a wart or a
 * joint (RADIUS, 10 mm unless said) nothing is pressed. */
#ifndef TENDERFOOT_DRIVER_OPERATOR_NOTE_H
#define TENDERFOOT_DRIVER_OPERATOR_NOTE_H

#include "analysis/press/route.h"

#define OPERATOR_NOTES_MAX 32

struct operator_notes {
    char *json[OPERATOR_NOTES_MAX]; /* owned: whole annotations (PROTOCOL.md, section 7) */
    int n;
    struct route_ban bans[OPERATOR_NOTES_MAX]; /* of warts and joints */
    int n_bans;
};

/* Adds one. Refused as wrong usage, with what is meant: an unknown kind, side or place, a radius
 * out of 1 to 100 mm, too many. Freed by operator_notes_free whatever is returned. */
int operator_notes_add(struct operator_notes *notes, const struct atlas *atlas, const char *typed,
                       struct problem *why);
void operator_notes_free(struct operator_notes *notes);

#endif
