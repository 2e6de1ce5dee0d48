/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_sessions.h"

#include "analysis/press/tool.h"
#include "analysis/warnings.h"
#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIP_TOLERANCE 0.02
#define RATE_TOLERANCE 0.35

static const char *when(const struct result *result)
{
    return result->facts.started_utc ? result->facts.started_utc : "unknown time";
}

/* A press of the test itself. */
static int counts(const struct press *press)
{
    return !press->is_tap && !press->is_catch && press->number + press->pass > 0 &&
           isfinite(press->tip_cm2);
}

static double tip_of(const struct result *result)
{
    for (int i = 0; i < result->n_presses; i++)
        if (counts(&result->presses[i]))
            return result->presses[i].tip_cm2;
    return NAN;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int rate_of(const struct result *result, double *kpa_s, struct problem *why)
{
    double *rates = malloc(((size_t)result->n_presses + 1) * sizeof *rates);
    int n = 0;

    if (!rates)
        return problem_no_memory(why, "earlier sessions");
    for (int i = 0; i < result->n_presses; i++)
        if (counts(&result->presses[i]) && result->presses[i].ramp_kpa_s > 0)
            rates[n++] = result->presses[i].ramp_kpa_s;
    qsort(rates, (size_t)n, sizeof *rates, compare);
    *kpa_s = n ? rates[n / 2] : NAN;
    free(rates);
    return 0;
}

static int check_person(const struct result *result, const struct result *old, struct problem *why)
{
    const char *now = result_person(result), *then = result_person(old);

    if (!now || !then)
        return problem_coded(
            why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
            "the recording of %s cannot be compared: %s does not say who was measured "
            "('record --client NAME', or an annotation's subject)",
            when(old), now ? "it" : "this recording");
    if (strcmp(now, then))
        return problem_coded(why, PROBLEM_CODE_DIFFERENT_PEOPLE, PROBLEM_REFUSED,
                             "the recording of %s is of another person (%.60s, not %.60s)",
                             when(old), then, now);
    return 0;
}

static int check_tool(const struct result *result, const struct result *old, struct problem *why)
{
    double tip = tip_of(result), old_tip = tip_of(old), rate, old_rate;

    if (!isfinite(tip) || !isfinite(old_tip))
        return 0; /* nothing to compare */
    if (fabs(tip - old_tip) > TIP_TOLERANCE * tip)
        return problem_coded(
            why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
            "the recording of %s was pressed with a tip of %g cm2, this one with %g: "
            "thresholds depend on it and are not compared",
            when(old), old_tip, tip);
    if (rate_of(result, &rate, why) || rate_of(old, &old_rate, why))
        return -1;
    if (fabs(rate - old_rate) > RATE_TOLERANCE * fmax(rate, old_rate))
        return problem_coded(
            why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
            "in the recording of %s the pressure rose by %.0f kPa/s, in this one by "
            "%.0f: thresholds depend on it and are not compared",
            when(old), old_rate, rate);
    return 0;
}

/* Two sessions of one person do not begin in the same second on one plate. */
static int is_same(const struct result *a, const struct result *b)
{
    const struct recording_facts *x = &a->facts, *y = &b->facts;

    if (!x->started_utc || !y->started_utc || strcmp(x->started_utc, y->started_utc))
        return 0;
    return a->frames.first_us == b->frames.first_us && a->frames.n == b->frames.n &&
           a->n_presses == b->n_presses;
}

static int check_tested(const struct result *old, struct problem *why)
{
    return old->n_presses ? 0
                          : problem_coded(why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
                                          "the recording of %s holds no press of a single stud: "
                                          "it tells no threshold of any place",
                                          when(old));
}

static int check_one(const struct result *result, const struct result *const *earlier, int i,
                     struct problem *why)
{
    int twice = is_same(result, earlier[i]);

    for (int k = 0; k < i; k++)
        twice |= is_same(earlier[k], earlier[i]);
    if (twice)
        return problem_coded(why, PROBLEM_CODE_SAME_SESSION, PROBLEM_REFUSED,
                             "the recording of %s is given twice", when(earlier[i]));
    if (result->facts.started_utc && earlier[i]->facts.started_utc &&
        strcmp(earlier[i]->facts.started_utc, result->facts.started_utc) > 0)
        return problem_coded(
            why, PROBLEM_CODE_SESSIONS_BACKWARDS, PROBLEM_REFUSED,
            "the recording of %s is no earlier one: this one is of %s; give the later "
            "one as the recording, and this one as the earlier",
            when(earlier[i]), when(result));
    return check_person(result, earlier[i], why) || check_tested(earlier[i], why) ||
                   check_tool(result, earlier[i], why)
               ? -1
               : 0;
}

static int add_zones(struct result *result, const struct result *old, int first,
                     struct problem *why)
{
    size_t n = (size_t)result->n_press_zones + (size_t)old->n_press_zones;
    struct press_zone *grown;

    if (!old->n_press_zones)
        return 0;
    grown = realloc(result->press_zones, n * sizeof *grown);
    if (!grown)
        return problem_no_memory(why, "earlier sessions");
    result->press_zones = grown;
    for (int i = 0; i < old->n_press_zones; i++) {
        struct press_zone zone = old->press_zones[i];
        zone.press += first;
        zone.zone = atlas_find(result->atlas, zone.zone->id); /* their own atlas goes away */
        if (zone.zone)
            result->press_zones[result->n_press_zones++] = zone;
    }
    return 0;
}

static int add_presses(struct result *result, const struct result *old, struct problem *why)
{
    size_t n = (size_t)result->n_presses + (size_t)old->n_presses;
    int first = result->n_presses;
    struct press *grown = realloc(result->presses, (n ? n : 1) * sizeof *grown);

    if (!grown)
        return problem_no_memory(why, "earlier sessions");
    result->presses = grown;
    result->n_sessions++;
    for (int i = 0; i < old->n_presses; i++) {
        grown[result->n_presses] = old->presses[i];
        grown[result->n_presses++].session = result->n_sessions;
    }
    return add_zones(result, old, first, why);
}

/* Newest first, by the time they began; those that do not say stay last, as given. */
static void sort_newest_first(const struct result **sorted, int n)
{
    for (int i = 1; i < n; i++) {
        const struct result *one = sorted[i];
        int k = i;
        for (; k > 0 && one->facts.started_utc &&
               (!sorted[k - 1]->facts.started_utc ||
                strcmp(sorted[k - 1]->facts.started_utc, one->facts.started_utc) < 0);
             k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = one;
    }
}

/* A mat, or weight shifts: they tell regions and never a flag, which a stud's presses would. */
static int is_of_whole_feet(const struct result *result)
{
    for (int i = 0; i < result->n_presses; i++)
        if (result->presses[i].tool_kind != TOOL_SINGLE)
            return 1;
    return 0;
}

/* What of another day cannot stand beside today's numbers is left out, and said. */
static int join(struct result *result, const struct result *old, struct problem *why)
{
    if (result->not_comparable || old->not_comparable)
        return result_warn(result, why,
                           "A painkiller was taken before %s: its thresholds are not compared with "
                           "the recording of %s.",
                           result->not_comparable ? "this recording" : "the earlier one",
                           when(old));
    if (old->answers_unreliable)
        return result_warn(result, why,
                           "Answers were unreliable in the recording of %s: it is left out.",
                           when(old));
    if (is_of_whole_feet(result))
        return result_warn(
            result, why,
            "No single stud was pressed in this recording: the presses in that of %s "
            "are left out.",
            when(old));
    return add_presses(result, old, why);
}

int press_sessions_add(struct result *result, const struct result *const *earlier, int n,
                       struct problem *why)
{
    const struct result *sorted[PRESS_SESSIONS_MAX];

    if (n > PRESS_SESSIONS_MAX)
        return problem(why, PROBLEM_USAGE, "%d earlier recordings: at most %d", n,
                       PRESS_SESSIONS_MAX);
    for (int i = 0; i < n; i++) {
        if (check_one(result, earlier, i, why))
            return -1;
        sorted[i] = earlier[i];
    }
    sort_newest_first(sorted, n);
    for (int i = 0; i < n; i++)
        if (join(result, sorted[i], why))
            return -1;
    return 0;
}
