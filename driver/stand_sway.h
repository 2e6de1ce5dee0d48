/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway of the quiet stand in an analysed recording: of the whole plate, with its intervals. */
#ifndef TENDERFOOT_DRIVER_STAND_SWAY_H
#define TENDERFOOT_DRIVER_STAND_SWAY_H

#include "analysis/change/load_change.h"
#include "analysis/report/report.h"

/* A recording in which nobody stood still is no failure: out->reason says why there is no sway.
 * 0, or -1 without memory. */
int stand_sway_of(const struct result *result, const struct sway_options *how,
                  struct visit_sway *out, struct problem *why);

/* What a report tells of it by the default pipeline: *out is the caller's (free()), NULL where
 * nobody stood at all. 0, or -1 without memory. */
int stand_sway_told(const struct result *result, struct visit_sway **out, struct problem *why);

/* report_render() with the stand's sway: the same page for the verb, the station and the documents
 * that carry it. */
int stand_report_render(const struct result *result, struct report_options how,
                        enum report_format format, struct text *page, struct problem *why);

#endif
