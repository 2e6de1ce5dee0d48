/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cell health map of a calibration as a picture: one square a cell, seen from above (front at
 * the top, left at the left), healthy cells shaded by their residual, faulty ones in the colour of
 * their fault, and a legend with the count of each. */
#ifndef TENDERFOOT_CALIB_HEALTH_PICTURE_H
#define TENDERFOOT_CALIB_HEALTH_PICTURE_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stdio.h>

enum health_picture_format { HEALTH_PICTURE_PNG, HEALTH_PICTURE_SVG };

/* By a file's ending; 0, or -1 (usage) when it is neither .png nor .svg. */
int health_picture_format_of(const char *path, enum health_picture_format *format,
                             struct problem *why);

/* Draws into a binary stream. The same spec gives the same picture. Errors of the stream are left
 * to whoever closes it. */
int health_picture_write(const struct calibration_spec *spec, enum health_picture_format format,
                         FILE *out, struct problem *why);

#endif
