/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guided weight shift: somebody who stands on the bare plate brings as much weight as possible
 * over a place of one sole.
 *
 * Of two feet the other one keeps a tenth of the weight; then the body leans the way in which the
 * pressure at the place rises most (stance_lean_onto). The place is the named zone, or what lies
 * within 10 mm of a bare place; its pressure is the mean over its cells in contact. A place that
 * does not touch the plate gets none, however the weight is shifted. */
#ifndef TENDERFOOT_SAMPLES_WEIGHT_SHIFT_H
#define TENDERFOOT_SAMPLES_WEIGHT_SHIFT_H

#include "samples/visit.h"

struct weight_shift {
    enum side side;
    char zone[16];             /* of the chart, on the sole, with a middle; "" = a bare place */
    struct uv at;              /* the place, on this foot */
    struct foot_frame foot;    /* as it stands */
    double rest_kpa, full_kpa; /* before, and when all weight is there; 0 = no contact */
    struct stance stance;      /* owned: how the person then stands */
};

/* `zone` may be "" and `aim` NAN, not both. 0; 1 when there is no such foot, no such place, or
 * nobody who stands; -1 and *why without memory. `time_us`: when the shift begins. */
int weight_shift_plan(struct weight_shift *shift, const struct visit *visit, uint64_t time_us,
                      enum side side, const char *zone, struct uv aim, struct problem *why);

#endif
