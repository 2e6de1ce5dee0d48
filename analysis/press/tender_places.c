/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/regions.h"
#include "analysis/press/tenderness_private.h"
#include "analysis/press/tool.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Presses that belong together: less than half of the nearest two zones' distance, and more than
 * an operator's aim is off from one pass to the next. */
#define SAME_PLACE_MM 7.0
#define SAME_TIP 0.01
/* Of 0 to 4: ache, fullness or numbness, which is not painful (reflexology.md 4.3 E). */
#define SCALE_ACHE 2
/* Places of a zone that are further apart than this are told apart in words. */
#define SEPARATE_PLACES_MM 10.0

int tender_is_pain(const struct press *press)
{
    return press->answered && press->scale != SCALE_ACHE;
}

double tender_press_kpa(const struct press *press)
{
    return press->answered ? press->answer_kpa : press->peak_kpa;
}

double tender_median(double *numbers, int n)
{
    if (!n)
        return NAN;
    gsl_sort(numbers, 1, (size_t)n);
    return n % 2 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_feet; i++)
        if (side != SIDE_UNKNOWN && result->feet[i].side == side)
            return &result->feet[i];
    return NULL;
}

static double distance_mm(const struct foot_result *foot, struct uv a, struct uv b)
{
    struct point p = foot_frame_to_plate(&foot->frame, a), q = foot_frame_to_plate(&foot->frame, b);

    return hypot(p.x_mm - q.x_mm, p.y_mm - q.y_mm);
}

/* Two presses at one aim are apart by both places' errors; three deviations of that. */
static double same_aim_mm(const struct press *press)
{
    double sd = isfinite(press->place_sd_mm) ? press->place_sd_mm : 0;

    return fmax(SAME_PLACE_MM, 3 * M_SQRT2 * sd);
}

static int find_place(const struct tender *tender, const struct foot_result *foot,
                      const struct press *press)
{
    for (int i = 0; i < tender->n_places; i++) {
        const struct tender_place *place = &tender->places[i];
        int aims = *press->aim && *place->aim;
        if (place->side != press->side || (aims && strcmp(press->aim, place->aim)))
            continue;
        if (distance_mm(foot, place->at, press->place) <
            (aims ? same_aim_mm(press) : SAME_PLACE_MM))
            return i;
    }
    return -1;
}

/* Counts for a group of sound presses, given by their indices. */
struct count {
    int presses, answers, passes;
};

/* Presses whose pass was not stated stand for a pass each. */
static struct count count_presses(const struct result *result, const int *indices, int n)
{
    struct count count = {0};

    for (int i = 0; i < n; i++) {
        const struct press *press = &result->presses[indices[i]];
        int is_new = 1;
        if (press->doubtful)
            continue;
        count.presses++;
        count.answers += tender_is_pain(press);
        for (int k = 0; k < i && press->pass > 0; k++) {
            const struct press *other = &result->presses[indices[k]];
            if (!other->doubtful && other->pass == press->pass && other->session == press->session)
                is_new = 0;
        }
        count.passes += is_new;
    }
    return count;
}

/* Answered in two passes or more, and more often than not: one of two is uncertain, one that was
 * missed among many is not. */
static int is_tender(const struct count *count)
{
    return count->passes >= 2 && count->answers >= 2 && 2 * count->answers > count->presses;
}

/* Median of the answers; without any, the least that every repeat bore. */
static double value_of(struct tender *tender, const int *indices, int n, int answers)
{
    const struct result *result = tender->result;
    double least = INFINITY;
    int k = 0;

    for (int i = 0; i < n; i++) {
        const struct press *press = &result->presses[indices[i]];
        if (press->doubtful)
            continue;
        if (tender_is_pain(press))
            tender->numbers[k++] = press->answer_kpa;
        least = fmin(least, tender_press_kpa(press));
    }
    if (answers)
        return tender_median(tender->numbers, k);
    return isfinite(least) ? least : NAN;
}

static double median_ramp(struct tender *tender, const int *indices, int n)
{
    int k = 0;

    for (int i = 0; i < n; i++) {
        const struct press *press = &tender->result->presses[indices[i]];
        if (!press->doubtful && !isnan(press->ramp_kpa_s))
            tender->numbers[k++] = press->ramp_kpa_s;
    }
    return tender_median(tender->numbers, k);
}

static void judge_place(struct tender *tender, int place)
{
    struct tender_place *own = &tender->places[place];
    const struct result *result = tender->result;
    int n = 0;

    for (int i = 0; i < result->n_presses; i++)
        if (tender->place_of[i] == place && !result->presses[i].doubtful)
            tender->under[n++] = i;
    struct count count = count_presses(result, tender->under, n);
    own->presses = count.presses;
    own->answers = count.answers;
    own->is_tender = is_tender(&count);
    own->is_censored = !count.answers;
    own->value_kpa = value_of(tender, tender->under, n, count.answers);
    own->tip_cm2 = n ? result->presses[tender->under[0]].tip_cm2 : NAN;
    own->ramp_kpa_s = median_ramp(tender, tender->under, n);
}

/* Each press to the first press of a place nearby, or to a new one. One beyond what is proven of
 * its foot tells of no place. */
static void gather(struct tender *tender)
{
    const struct result *result = tender->result;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        const struct foot_result *foot = foot_of(result, press->side);
        tender->place_of[i] = -1;
        if (!foot || !press->place_known || press->is_catch || press->is_tap ||
            press->tool_kind != TOOL_SINGLE || !foot_reach_covers(&foot->reach, press->place.u))
            continue;
        int place = find_place(tender, foot, press);
        if (place < 0) {
            place = tender->n_places++;
            tender->places[place].side = press->side;
            tender->places[place].at = press->place;
            memcpy(tender->places[place].aim, press->aim, sizeof press->aim);
        }
        tender->place_of[i] = place;
    }
}

/* From the first press of each place to the mean of all. */
static void centre_places(struct tender *tender)
{
    const struct result *result = tender->result;

    for (int p = 0; p < tender->n_places; p++) {
        struct tender_place *place = &tender->places[p];
        struct uv sum = {0, 0};
        int n = 0;
        for (int i = 0; i < result->n_presses; i++)
            if (tender->place_of[i] == p) {
                sum.u += result->presses[i].place.u;
                sum.v += result->presses[i].place.v;
                n++;
            }
        place->at = (struct uv){sum.u / n, sum.v / n};
        const struct foot_result *foot = foot_of(result, place->side);
        place->region_class = region_class_at(&foot->lines, place->at);
        place->border_mm =
            region_border_mm(&foot->lines, foot->frame.length_mm, place->at, &place->beyond);
    }
}

static int is_shown(const struct result *result, const struct atlas_zone *zone)
{
    return zone->is_plantar && (!zone->only_female || result->subject_sex == STATED_FEMALE);
}

static double line_distance_mm(struct point at, struct point a, struct point b)
{
    double x = b.x_mm - a.x_mm, y = b.y_mm - a.y_mm, square = x * x + y * y;
    double t = square > 0 ? ((at.x_mm - a.x_mm) * x + (at.y_mm - a.y_mm) * y) / square : 0;

    t = fmin(fmax(t, 0), 1);
    return hypot(at.x_mm - a.x_mm - t * x, at.y_mm - a.y_mm - t * y);
}

int tender_comes_within(const struct foot_result *foot, const struct atlas_zone *zone,
                        struct uv place, double radius_mm)
{
    struct point outline[ATLAS_OUTLINE_MAX], at = foot_frame_to_plate(&foot->frame, place);
    int n = atlas_outline(zone, &foot->frame, &foot->landmarks, outline, ATLAS_OUTLINE_MAX);

    for (int i = 0; i < n; i++)
        if (line_distance_mm(at, outline[i], outline[(i + 1) % n]) <= radius_mm)
            return 1;
    return n > 0 && atlas_contains(zone, &foot->frame, &foot->landmarks, place);
}

/* The place was aimed at this zone and lies in it as nearly as its error can tell: of a zone that
 * is smaller than that error the stud's place may seem to lie just beside it. It counts for this
 * zone then, and for any other zone that it lies in too. */
static int was_aimed_at(const struct tender_place *place, const struct foot_result *foot,
                        const struct atlas_zone *zone)
{
    return *place->aim && !strcmp(place->aim, zone->id) && zone->shape.kind != ZONE_PARTS &&
           tender_comes_within(foot, zone, place->at, SAME_PLACE_MM);
}

static int find_inside(struct tender *tender, int f)
{
    const struct foot_result *foot = &tender->result->feet[f];
    char *inside = calloc((size_t)foot->n_zones * (size_t)tender->n_places + 1, 1);

    tender->inside[f] = inside;
    if (!inside)
        return problem_no_memory(tender->why, "the zones under the presses");
    for (int z = 0; z < foot->n_zones; z++)
        for (int p = 0; p < tender->n_places; p++, inside++)
            *inside = tender->places[p].side == foot->side &&
                      is_shown(tender->result, foot->zones[z].zone) &&
                      (atlas_contains(foot->zones[z].zone, &foot->frame, &foot->landmarks,
                                      tender->places[p].at) ||
                       was_aimed_at(&tender->places[p], foot, foot->zones[z].zone));
    return 0;
}

int tender_places_find(struct tender *tender)
{
    size_t room = (size_t)tender->result->n_presses + 1;

    tender->places = calloc(room, sizeof *tender->places);
    tender->place_of = malloc(room * sizeof *tender->place_of);
    tender->under = malloc(room * sizeof *tender->under);
    tender->numbers = malloc(room * sizeof *tender->numbers);
    if (!tender->places || !tender->place_of || !tender->under || !tender->numbers)
        return problem_no_memory(tender->why, "the places of the presses");
    gather(tender);
    centre_places(tender);
    if (tender_fit(tender))
        return -1;
    for (int i = 0; i < tender->n_places; i++)
        judge_place(tender, i);
    for (int f = 0; f < tender->result->n_feet; f++)
        if (find_inside(tender, f))
            return -1;
    return 0;
}

int tender_is_inside(const struct tender *tender, int f, int z, int place)
{
    return tender->inside[f][(size_t)z * (size_t)tender->n_places + (size_t)place];
}

int tender_presses_under(struct tender *tender, int f, int z)
{
    int n = 0;

    for (int i = 0; i < tender->result->n_presses; i++)
        if (tender->place_of[i] >= 0 && tender_is_inside(tender, f, z, tender->place_of[i]))
            tender->under[n++] = i;
    return n;
}

/* Range, tool and ceiling over the sound presses. */
static void add_range(const struct result *result, const int *indices, int n, struct tally *tally)
{
    for (int i = 0; i < n; i++) {
        const struct press *press = &result->presses[indices[i]];
        if (press->doubtful)
            continue;
        if (isnan(tally->tip_cm2))
            tally->tip_cm2 = press->tip_cm2;
        if (fabs(press->tip_cm2 - tally->tip_cm2) > SAME_TIP * tally->tip_cm2)
            tally->one_tool = 0;
        tally->ceiling_kpa = fmax(tally->ceiling_kpa, press->ceiling_kpa);
        tally->ceiling_reached &= press->reached_ceiling;
        if (tender_is_pain(press)) {
            tally->low_kpa = fmin(tally->low_kpa, press->answer_kpa);
            tally->high_kpa = fmax(tally->high_kpa, press->answer_kpa);
        }
    }
}

static int is_pressed_inside(const struct tender *tender, int f, int z, int place)
{
    return tender->places[place].presses && tender_is_inside(tender, f, z, place);
}

/* 1 when another pressed place of the zone is further off than one spot can be. */
static int has_far_place(const struct tender *tender, int f, int z, int from)
{
    for (int p = 0; p < tender->n_places; p++)
        if (is_pressed_inside(tender, f, z, p) &&
            distance_mm(&tender->result->feet[f], tender->places[p].at, tender->places[from].at) >
                SEPARATE_PLACES_MM)
            return 1;
    return 0;
}

/* A large zone may be tender at one spot and not at the next: how many of its places are. */
static void count_places(const struct tender *tender, int f, int z, struct tally *tally)
{
    int places = 0, answered = 0, are_apart = 0;

    for (int p = 0; p < tender->n_places; p++) {
        if (!is_pressed_inside(tender, f, z, p))
            continue;
        places++;
        answered += tender->places[p].answers > 0;
        are_apart |= has_far_place(tender, f, z, p);
    }
    tally->places = are_apart ? places : 0;
    tally->painful_places = are_apart ? answered : 0;
}

struct tally tender_tally(struct tender *tender, int f, int z)
{
    const struct zone_result *zone = &tender->result->feet[f].zones[z];
    int n = tender_presses_under(tender, f, z);
    struct count count = count_presses(tender->result, tender->under, n);
    struct tally tally = {.presses = n,
                          .sound = count.presses,
                          .answers = count.answers,
                          .passes = count.passes,
                          .is_tender = is_tender(&count),
                          .one_tool = 1,
                          .low_kpa = NAN,
                          .high_kpa = NAN,
                          .tip_cm2 = NAN,
                          .ceiling_kpa = NAN,
                          .ceiling_reached = 1,
                          .region_class = zone->zone->region_class};

    add_range(tender->result, tender->under, n, &tally);
    tally.value_kpa = value_of(tender, tender->under, n, count.answers);
    tally.ramp_kpa_s = median_ramp(tender, tender->under, n);
    for (int i = 0; i < n; i++) {
        const struct tender_place *place = &tender->places[tender->place_of[tender->under[i]]];
        if (i == 0)
            tally.region_class = place->region_class;
        tally.is_tender |= place->is_tender;
    }
    count_places(tender, f, z, &tally);
    tally.fit = tender_telling_place(tender, f, z);
    if (tally.fit >= 0) /* a long zone crosses regions: it is compared by the place that tells it */
        tally.region_class = tender->places[tally.fit].region_class;
    return tally;
}
