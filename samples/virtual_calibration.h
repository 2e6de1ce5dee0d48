/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calibration that a bench would have made for a virtual plate: its own curve cell by cell,
 * with the stated residual left in (calibration_residual, sd of each cell's gain), and its dead
 * cells masked. Depends on the plate's section of the subject alone, never on a run's seed. */
#ifndef TENDERFOOT_SAMPLES_VIRTUAL_CALIBRATION_H
#define TENDERFOOT_SAMPLES_VIRTUAL_CALIBRATION_H

#include "samples/subject.h"

/* The text of a "tenderfoot/calibration/2" file (malloc'ed, n bytes and a NUL), or NULL. */
char *virtual_calibration(const struct plate_setting *plate, size_t *n, struct problem *why);

#endif
