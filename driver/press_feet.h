/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet that a press test is planned for: frame and landmarks of each, from a stand.
 *
 * Either frames as they come (the first step of a guided test) or an earlier recording. Averaged
 * are the frames in which somebody stands: at least PRESS_FEET_LEAST_N on the plate and at least 80
 * % of the most so far; when a heavier load comes what was gathered under a lighter one is dropped.
 * One thread a handle. */
#ifndef TENDERFOOT_DRIVER_PRESS_FEET_H
#define TENDERFOOT_DRIVER_PRESS_FEET_H

#include "analysis/foot/foot_finder.h"
#include "analysis/press/route.h"
#include "firmware/wire/problem.h"

#define PRESS_FEET_LEAST_N 100.0
#define PRESS_FEET_LEAST_S 2.0 /* of standing, before a print is believed */

struct press_feet {
    struct route_foot foot[3]; /* by enum side */
    int measured[3];           /* seen, and so where it stands; else a shape only */
    char how[3][240];          /* "measured: ..." or why the template stands for it */
    double stood_s;
};

struct press_stand;
struct press_stand *press_stand_begin(const struct grid *grid, struct problem *why);
void press_stand_free(struct press_stand *stand);
void press_stand_frame(struct press_stand *stand, uint64_t time_us, const float *kpa);

/* Seconds of standing so far, and whether somebody stands now. */
double press_stand_seconds(const struct press_stand *stand);
int press_stand_is_on(const struct press_stand *stand);

/* The feet of what was seen. Refused with the reason when there is none: nobody stood, not long
 * enough, no foot. length_mm by enum side: entered, 0 = not. */
int press_stand_finish(struct press_stand *stand, const double length_mm[3],
                       struct press_feet *feet, struct problem *why);

/* From the standing in a recording (protocol stand, or the steps "stand" of another). */
int press_feet_load(const char *path, const double length_mm[3], struct press_feet *feet,
                    struct problem *why);

/* Template feet of these lengths (0 = 250 mm). */
void press_feet_template(const double length_mm[3], struct press_feet *feet);

#endif
