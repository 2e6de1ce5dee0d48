/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/reaction.h"

#include <math.h>
#include <stdlib.h>

/* Weight of the field's spread against one tap. */
#define FIELD_SPREAD_TAPS 4.0

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Robust SD of the taps: 1.4826 x the median distance from their middle (of normal values). */
static double robust_sd(const double *taps, int n, double middle)
{
    double away[REACTION_TAPS_MAX];

    for (int i = 0; i < n; i++)
        away[i] = fabs(taps[i] - middle);
    return 1.4826 * median(away, n);
}

static int sort_out(const double *delays_s, int n, double *taps, struct reaction *reaction)
{
    int kept = 0;

    for (int i = 0; i < n && kept < REACTION_TAPS_MAX; i++) {
        if (!isfinite(delays_s[i]))
            continue;
        if (delays_s[i] < REACTION_SHORTEST_S)
            reaction->too_early++;
        else if (delays_s[i] > REACTION_LONGEST_S)
            reaction->too_late++;
        else
            taps[kept++] = delays_s[i];
    }
    return kept;
}

struct reaction reaction_from_taps(const double *delays_s, int n)
{
    struct reaction reaction = {.middle_s = REACTION_FIELD_S,
                                .middle_sd_s = REACTION_FIELD_PEOPLE_SD_S,
                                .spread_s = REACTION_FIELD_SPREAD_S};
    double taps[REACTION_TAPS_MAX];

    reaction.taps = n > 0 ? sort_out(delays_s, n, taps, &reaction) : 0;
    if (!reaction.taps)
        return reaction;
    double middle = median(taps, reaction.taps), own = robust_sd(taps, reaction.taps, middle);
    reaction.spread_s =
        sqrt((FIELD_SPREAD_TAPS * pow(REACTION_FIELD_SPREAD_S, 2) + reaction.taps * own * own) /
             (FIELD_SPREAD_TAPS + reaction.taps));
    /* Two normal guesses at one middle: weights are the reciprocals of their variances. */
    double own_weight = reaction.taps / (M_PI_2 * reaction.spread_s * reaction.spread_s);
    double field_weight = 1 / pow(REACTION_FIELD_PEOPLE_SD_S, 2);
    reaction.middle_s =
        (own_weight * middle + field_weight * REACTION_FIELD_S) / (own_weight + field_weight);
    reaction.middle_sd_s = 1 / sqrt(own_weight + field_weight);
    return reaction;
}

double reaction_sd_s(const struct reaction *reaction)
{
    return hypot(reaction->spread_s, reaction->middle_sd_s);
}
