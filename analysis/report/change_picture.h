/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as a picture: one A4 page as PDF, PNG or SVG.
 *
 * Both soles as seen from above, each point of the difference map coloured by how much the pressure
 * rose or fell: a diverging palette, white where nothing changed, blue where less, orange where
 * more, equally dark at equal size, so that a colour-blind eye tells them. A grey copy tells them
 * by signs: a plus or a minus stands in each point that changed beyond the measuring error. One
 * symmetric scale for both soles. Below: changes in words, tender zones first. Same input, same
 * bytes. One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_CHANGE_PICTURE_H
#define TENDERFOOT_ANALYSIS_REPORT_CHANGE_PICTURE_H

#include "analysis/change/comparison.h"
#include "analysis/report/palette.h"
#include "analysis/report/report.h"

/* `share` of the scale, -1 (less) .. 1 (more), 0 = white; outside of it the nearer end, NAN white.
 */
struct rgb palette_change_colour(double share);

/* Top of the scale, kPa: the next of 10, 20, 50, 100 ... that holds every change. */
double change_scale_kpa(const struct comparison *comparison);

/* `check` may be NULL. */
int change_picture_render(const struct comparison *comparison, enum report_format format,
                          struct text *out, struct report_check *check, struct problem *why);

#endif
