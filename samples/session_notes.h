/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator of a virtual session says: its ANNOTATION messages (firmware/wire/PROTOCOL.md).
 */
#ifndef TENDERFOOT_SAMPLES_SESSION_NOTES_H
#define TENDERFOOT_SAMPLES_SESSION_NOTES_H

#include "samples/session.h"

/* Fills session->notes, in order of time, from the plan. */
int session_notes_make(struct session *session, struct problem *why);

#endif
