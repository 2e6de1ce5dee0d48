/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_bounds.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#define CHANCE 0.01
#define FALSE_CHANCE 0.05
#define ROWS_MOST 4
#define HITS_MAX 4000

enum bound_kind { SHARE_LEAST, SHARE_MOST, RANGE, NOT_MISSED };

struct bound {
    unsigned is_of;
    enum bound_kind kind;
    const char *keys[ROWS_MOST];
    double rates[ROWS_MOST]; /* RANGE: low, high */
    double cluster, chance;
};

static const struct bound bounds[] = {
    {OF_FEET, SHARE_LEAST, {"side_right"}, {0.995}, 1, CHANCE},
    {OF_FEET, SHARE_MOST, {"side_not_stated"}, {0.02}, 1, CHANCE},
    {OF_FEET, NOT_MISSED, {"axis_median"}, {0}, 1, 0},
    {OF_FEET, NOT_MISSED, {"axis_p95"}, {0}, 1, 0},
    {OF_FEET, SHARE_LEAST, {"marks_measured"}, {0.87}, 20, CHANCE},
    {OF_FEET, NOT_MISSED, {"marks_median"}, {0}, 1, 0},
    {OF_FEET, NOT_MISSED, {"marks_p95"}, {0}, 1, 0},
    {OF_FEET, RANGE, {"zones_dice"}, {0.94, 1}, 1, 0},
    {OF_FEET, RANGE, {"zones_centre"}, {0.1, 2.5}, 1, 0},
    {OF_FEET, SHARE_LEAST, {"shift_followed"}, {0.99}, 1, CHANCE},
    {OF_FEET, SHARE_MOST, {"shift_false"}, {0.02}, 1, CHANCE},
    {OF_FEET, SHARE_LEAST, {"shift_side_right"}, {0.995}, 1, CHANCE},
    {OF_FEET, SHARE_LEAST, {"walk_steps_found"}, {0.99}, 3, CHANCE},
    {OF_FEET, SHARE_LEAST, {"walk_side_right"}, {0.995}, 3, CHANCE},
    {OF_FEET, SHARE_MOST, {"thing_sided"}, {0.02}, 1, CHANCE},
    {OF_FEET, SHARE_MOST, {"false_guarding"}, {0.05}, 1, CHANCE},
    {OF_FEET, SHARE_MOST, {"false_withdrawal"}, {0.02}, 1, CHANCE},
    {OF_PRESS, RANGE, {"presses_full"}, {60, 80}, 1, 0},
    {OF_PRESS, NOT_MISSED, {"place_cup"}, {0}, 1, 0},
    {OF_PRESS, NOT_MISSED, {"place_free"}, {0}, 1, 0},
    {OF_PRESS, NOT_MISSED, {"threshold_bias_3 answers or more"}, {0}, 1, 0},
    {OF_PRESS, NOT_MISSED, {"threshold_error_3 answers or more"}, {0}, 1, 0},
    {OF_PRESS, SHARE_LEAST, {"threshold_cover_3 answers or more"}, {0.95}, 6, CHANCE},
    {OF_PRESS, NOT_MISSED, {"zone_number_bias"}, {0}, 1, 0},
    {OF_PRESS, NOT_MISSED, {"zone_number_error"}, {0}, 1, 0},
    {OF_PRESS, SHARE_LEAST, {"zone_number_cover"}, {0.95}, 6, CHANCE},
    {OF_PRESS, RANGE, {"roc_area"}, {0.7, 1}, 1, 0},
    {OF_PRESS,
     SHARE_LEAST,
     {"tender_0.3_1", "tender_0.4_1", "tender_0.5_1", "tender_0.6_1"},
     {0.96, 0.84, 0.83, 0.44},
     1,
     CHANCE},
    {OF_PRESS,
     SHARE_LEAST,
     {"tender_0.3_2", "tender_0.4_2", "tender_0.5_2", "tender_0.6_2"},
     {0.97, 0.90, 0.89, 0.61},
     1,
     CHANCE},
    {OF_PRESS, SHARE_MOST, {"false_people_1"}, {0.05}, 1, FALSE_CHANCE},
    {OF_PRESS, SHARE_MOST, {"false_people_2"}, {0.05}, 1, CHANCE},
    {OF_PRESS, SHARE_MOST, {"reliable_doubted"}, {0.02}, 1, CHANCE},
    {OF_WHOLE, SHARE_LEAST, {"whole_side_right"}, {0.995}, 1, CHANCE},
    {OF_WHOLE, NOT_MISSED, {"whole_axis_median"}, {0}, 1, 0},
    {OF_WHOLE, SHARE_LEAST, {"whole_presses"}, {0.999}, 1, CHANCE},
    {OF_WHOLE, SHARE_LEAST, {"whole_answers"}, {0.999}, 1, CHANCE},
    {OF_WHOLE, RANGE, {"whole_presses_surplus"}, {0, 0}, 1, 0},
    {OF_TRAIT, RANGE, {"told_without_test"}, {0, 0}, 1, 0},
    {OF_TRAIT, RANGE, {"told_from_afar"}, {0, 0}, 1, 0},
};

/* --- Shares --------------------------------------------------------------------------------- */

/* Chances of 0 .. *n hits of the rows together: a convolution of binomials. */
struct hits {
    int n, seen;
    double chance[HITS_MAX + 1];
};

static int add_row(struct hits *hits, const struct score *row, double rate, double cluster)
{
    int n = (int)((double)row->n / cluster + 0.5);
    int seen = (int)(row->value * n + 0.5);
    if (hits->n + n > HITS_MAX)
        return -1;
    for (int sum = hits->n + n; sum >= 0; sum--) {
        double chance = 0;
        for (int k = sum > hits->n ? sum - hits->n : 0; k <= n && k <= sum; k++)
            chance += hits->chance[sum - k] * gsl_ran_binomial_pdf((unsigned)k, rate, (unsigned)n);
        hits->chance[sum] = chance;
    }
    hits->n += n;
    hits->seen += seen;
    return 0;
}

/* The chance of so few hits, or of so many; NAN without any data. */
static double chance_of(const struct table *table, const struct bound *bound)
{
    struct hits hits = {.chance = {1}};
    double chance = 0;
    for (int i = 0; i < ROWS_MOST && bound->keys[i]; i++) {
        struct score row = table_score(table, bound->keys[i]);
        if (row.n && add_row(&hits, &row, bound->rates[i], bound->cluster))
            return NAN;
    }
    if (!hits.n)
        return NAN;
    int is_least = bound->kind == SHARE_LEAST;
    for (int k = is_least ? 0 : hits.seen; k <= (is_least ? hits.seen : hits.n); k++)
        chance += hits.chance[k];
    return chance;
}

/* --- Bounds --------------------------------------------------------------------------------- */

static int is_crossed(const struct table *table, const struct bound *bound)
{
    double value = table_score(table, bound->keys[0]).value;
    switch (bound->kind) {
    case RANGE:
        return !(value >= bound->rates[0] && value <= bound->rates[1]);
    case NOT_MISSED:
        return isnan(value) || table_missed(table, bound->keys[0]);
    default:
        return !(chance_of(table, bound) >= bound->chance);
    }
}

static void tell(const struct table *table, const struct bound *bound, FILE *to)
{
    for (int i = 0; i < ROWS_MOST && bound->keys[i]; i++) {
        struct score row = table_score(table, bound->keys[i]);
        fprintf(to, "cohort: %s is %.4g (%.4g to %.4g, n %zu)", bound->keys[i], row.value, row.low,
                row.high, row.n);
        if (bound->kind == RANGE)
            fprintf(to, ", not within %g to %g\n", bound->rates[0], bound->rates[1]);
        else if (bound->kind == NOT_MISSED)
            fprintf(to, ": the aim is missed\n");
        else
            fprintf(to, ", too %s for a rate of %g\n", bound->kind == SHARE_LEAST ? "few" : "many",
                    bound->rates[i]);
    }
}

int bounds_crossed(const struct table *table, unsigned parts, FILE *to)
{
    int crossed = 0;
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        if (!(bounds[i].is_of & parts) || !is_crossed(table, &bounds[i]))
            continue;
        tell(table, &bounds[i], to);
        crossed++;
    }
    return crossed;
}
