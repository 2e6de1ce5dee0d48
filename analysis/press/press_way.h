/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which way a recording's presses were made, and whether thresholds of two recordings compare.
 *
 * Compared is only what was pressed with the same kind of tool, the same tip area (1 %) and ramp
 * rate (35 %), and never under a painkiller: spatial summation and the viscous skin make a
 * threshold depend on both (Xiong, Goonetilleke & Jiang 2011, Ergonomics 54:282); and only what was
 * pressed at one place, since places of one zone may differ by more than people do. Change of a
 * threshold: after / before; it is beyond the measuring error when |ln ratio| > 1.96 sqrt(s1^2 +
 * s2^2), s being the width of the 95 % interval of the logarithm / 3.92. Bounds ("no pain up to")
 * tell a change only by the side on which they lie. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_PRESS_WAY_H
#define TENDERFOOT_ANALYSIS_PRESS_PRESS_WAY_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct press_way {
    int n, tool_kind;           /* sound presses of this recording's own test; of the first */
    double tip_cm2, ramp_kpa_s; /* medians of them; NAN when n is 0 */
};

/* 0, or -1 without memory. */
int press_way_of(const struct result *result, struct press_way *way, struct problem *why);

/* 1 when tip and ramp are the same within the tolerances. */
int press_ways_are_alike(const struct press_way *before, const struct press_way *after);

/* Why thresholds of two recordings do not compare. */
enum press_apart {
    PRESSED_ALIKE,
    PRESSED_ELSEWHERE,
    PRESSED_BY_OTHER_TOOL,
    PRESSED_AT_OTHER_RATE,
    PRESSED_UNDER_OTHER_CALIBRATION,
    PRESSED_UNDER_PAINKILLER, /* one of the two */
    PRESSED_APART_COUNT
};
/* What differs between two whole recordings, places aside; "nominal" is a calibration, too. */
enum press_apart press_ways_apart(const struct result *before, const struct press_way *way_before,
                                  const struct result *after, const struct press_way *way_after);
const char *press_calibration_of(const struct result *result);

struct told_threshold {
    double kpa, low_kpa, high_kpa; /* its 95 % interval, NAN without answers */
    int is_bound;                  /* no pain up to kpa */
};

struct threshold_change {
    double ratio, ratio_low, ratio_high; /* after / before with 95 % interval; NAN */
    int is_bound;                        /* one of the two is a bound: the ratio is one too */
    int is_beyond_error;
};

/* The place that tells `zone` in one result and the same place in the other: of the same foot, with
 * the same tip and ramp, within 7 mm (with the same aim within three deviations of both places'
 * errors). The nearest one; told[0] is of `of`, told[1] of `other`. Else what kept it from that:
 * a tool that differs is no other place. */
enum press_apart press_same_place(const struct result *of, const struct zone_result *zone,
                                  const struct result *other, const struct zone_result *other_zone,
                                  struct told_threshold told[2]);

struct threshold_change threshold_change_of(const struct told_threshold *before,
                                            const struct told_threshold *after);

#endif
