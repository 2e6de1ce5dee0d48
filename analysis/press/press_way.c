/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_way.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>
#include <stdlib.h>

#define SAME_TIP 0.01
#define SAME_RAMP 0.35
#define SAME_PLACE_MM 7.0
/* u x 250 mm, v x 100 mm: the template foot (reflexology.md 1.1). */
#define TEMPLATE_LENGTH_MM 250.0
#define TEMPLATE_WIDTH_MM 100.0
#define Z95 1.96

static int is_of_test(const struct press *press)
{
    return !press->is_catch && !press->doubtful && press->session == 0 && !press->is_tap &&
           isfinite(press->ramp_kpa_s);
}

int press_way_of(const struct result *result, struct press_way *way, struct problem *why)
{
    double *tips = malloc((size_t)(2 * result->n_presses + 1) * sizeof *tips);
    double *ramps = tips ? tips + result->n_presses : NULL;

    *way = (struct press_way){0, 0, NAN, NAN};
    if (!tips)
        return problem_no_memory(why, "a comparison of press tests");
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (!is_of_test(press))
            continue;
        if (!way->n)
            way->tool_kind = press->tool_kind;
        tips[way->n] = press->tip_cm2;
        ramps[way->n++] = press->ramp_kpa_s;
    }
    if (way->n) {
        way->tip_cm2 = gsl_stats_median(tips, 1, (size_t)way->n);
        way->ramp_kpa_s = gsl_stats_median(ramps, 1, (size_t)way->n);
    }
    free(tips);
    return 0;
}

static int has_same_tip(double a_cm2, double b_cm2)
{
    return fabs(a_cm2 - b_cm2) <= SAME_TIP * a_cm2;
}

static int has_same_ramp(double a_kpa_s, double b_kpa_s)
{
    return fabs(a_kpa_s - b_kpa_s) <= SAME_RAMP * fmax(a_kpa_s, b_kpa_s);
}

int press_ways_are_alike(const struct press_way *a, const struct press_way *b)
{
    return has_same_tip(a->tip_cm2, b->tip_cm2) && has_same_ramp(a->ramp_kpa_s, b->ramp_kpa_s);
}

const char *press_calibration_of(const struct result *result)
{
    const char *id = result->facts.calibration_id;

    return id && *id ? id : "nominal";
}

enum press_apart press_ways_apart(const struct result *before, const struct press_way *way_before,
                                  const struct result *after, const struct press_way *way_after)
{
    if (before->not_comparable || after->not_comparable)
        return PRESSED_UNDER_PAINKILLER;
    if (way_before->tool_kind != way_after->tool_kind ||
        !has_same_tip(way_before->tip_cm2, way_after->tip_cm2))
        return PRESSED_BY_OTHER_TOOL;
    if (!has_same_ramp(way_before->ramp_kpa_s, way_after->ramp_kpa_s))
        return PRESSED_AT_OTHER_RATE;
    return strcmp(press_calibration_of(before), press_calibration_of(after))
               ? PRESSED_UNDER_OTHER_CALIBRATION
               : PRESSED_ALIKE;
}

/* --- Places ---------------------------------------------------------------------------------- */

static double off_mm(const struct place_result *a, const struct place_result *b)
{
    return hypot((a->at.u - b->at.u) * TEMPLATE_LENGTH_MM, (a->at.v - b->at.v) * TEMPLATE_WIDTH_MM);
}

static double error_mm(const struct place_result *place)
{
    return isfinite(place->sd_mm) ? place->sd_mm : 0;
}

static int are_near(const struct place_result *a, const struct place_result *b)
{
    int same_aim = *a->aim && !strcmp(a->aim, b->aim);
    double most_mm =
        same_aim ? fmax(SAME_PLACE_MM, 3 * hypot(error_mm(a), error_mm(b))) : SAME_PLACE_MM;

    return a->side == b->side && isfinite(b->kpa) && off_mm(a, b) < most_mm;
}

static enum press_apart places_apart(const struct place_result *a, const struct place_result *b)
{
    if (!has_same_tip(a->tip_cm2, b->tip_cm2))
        return PRESSED_BY_OTHER_TOOL;
    return has_same_ramp(a->ramp_kpa_s, b->ramp_kpa_s) ? PRESSED_ALIKE : PRESSED_AT_OTHER_RATE;
}

/* The nearest place that was pressed alike; NULL and why there is none. */
static const struct place_result *find_same(const struct result *result,
                                            const struct place_result *as, enum press_apart *apart)
{
    const struct place_result *best = NULL;

    *apart = PRESSED_ELSEWHERE;
    for (int i = 0; i < result->n_places; i++) {
        const struct place_result *place = &result->places[i];
        if (!are_near(as, place))
            continue;
        enum press_apart here = places_apart(as, place);
        if (here && !best)
            *apart = here;
        if (!here && (!best || off_mm(as, place) < off_mm(as, best)))
            best = place;
    }
    if (best)
        *apart = PRESSED_ALIKE;
    return best;
}

static struct told_threshold told_of_place(const struct place_result *place)
{
    return (struct told_threshold){place->kpa, place->low_kpa, place->high_kpa, place->is_bound};
}

static struct told_threshold told_of_zone(const struct zone_result *zone)
{
    return (struct told_threshold){zone->threshold_kpa, zone->threshold_low_kpa,
                                   zone->threshold_high_kpa, zone_threshold_is_bound(zone)};
}

enum press_apart press_same_place(const struct result *of, const struct zone_result *zone,
                                  const struct result *other, const struct zone_result *other_zone,
                                  struct told_threshold told[2])
{
    enum press_apart apart;

    /* A stud in one, weight shifts on the bare plate in the other. */
    if (other_zone && zone->by_shifts_only != other_zone->by_shifts_only)
        return PRESSED_BY_OTHER_TOOL;
    /* Without a place, by weight shifts or as another program stated it: the zone as a whole. */
    if (!zone->told_by && other_zone && !other_zone->told_by) {
        told[0] = told_of_zone(zone);
        told[1] = told_of_zone(other_zone);
        return isfinite(told[0].kpa) && isfinite(told[1].kpa) ? PRESSED_ALIKE : PRESSED_ELSEWHERE;
    }
    if (zone->told_by <= 0 || zone->told_by > of->n_places)
        return PRESSED_ELSEWHERE;
    const struct place_result *place = &of->places[zone->told_by - 1];
    const struct place_result *same = find_same(other, place, &apart);
    if (!same || !isfinite(place->kpa))
        return same ? PRESSED_ELSEWHERE : apart;
    told[0] = told_of_place(place);
    told[1] = told_of_place(same);
    return PRESSED_ALIKE;
}

/* --- Change ---------------------------------------------------------------------------------- */

/* SD of ln threshold by its 95 % interval; NAN without one. */
static double log_sd(const struct told_threshold *threshold)
{
    if (threshold->is_bound || !(threshold->low_kpa > 0) || !(threshold->high_kpa > 0))
        return NAN;
    return log(threshold->high_kpa / threshold->low_kpa) / (2 * Z95);
}

struct threshold_change threshold_change_of(const struct told_threshold *before,
                                            const struct told_threshold *after)
{
    struct threshold_change change = {NAN, NAN, NAN, before->is_bound || after->is_bound, 0};
    double sd = hypot(log_sd(before), log_sd(after));

    if (before->is_bound && after->is_bound)
        return change;
    change.ratio = after->kpa / before->kpa;
    if (!(sd > 0))
        return change;
    change.ratio_low = change.ratio * exp(-Z95 * sd);
    change.ratio_high = change.ratio * exp(Z95 * sd);
    change.is_beyond_error = change.ratio_low > 1 || change.ratio_high < 1;
    return change;
}
