/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator of a virtual visit says: its ANNOTATION messages (firmware/wire/PROTOCOL.md).
 */
#ifndef TENDERFOOT_SAMPLES_VISIT_NOTES_H
#define TENDERFOOT_SAMPLES_VISIT_NOTES_H

#include "samples/visit.h"

/* Fills visit->notes, in order of time, from the plan. */
int visit_notes_make(struct visit *visit, struct problem *why);

#endif
