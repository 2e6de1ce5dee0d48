/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a person's feet differ by nature, and p-values that do not take it as known.
 *
 * Eighty presses say little of it: the first round's pairs scatter by 0.28 (ln) from press to press
 * alone, against a natural 0.05 to 0.15. So a p-value is the mean of those of all spreads that the
 * person may have, each by how likely it is: one with feet that differ more than most people's is
 * flagged less often for it. */
#include "analysis/press/threshold_private.h"

#include <math.h>

/* Times the field's own (lognormal about options.side_sd). */
static const double side_times[THRESHOLD_SPREADS] = {0.6, 1, 1.7, 2.8};
#define SIDE_LN_SD 0.5

static void suppose(struct threshold_work *work, double side_sd)
{
    work->person->side_sd = side_sd;
    threshold_tell_bases(work);
}

/* The regions hardly depend on it: they are those of the field's spread here. */
static double evidence_of(struct threshold_work *work, double times)
{
    double z = log(times) / SIDE_LN_SD;

    suppose(work, times * work->options.side_sd);
    return threshold_evidence(work) - z * z / 2;
}

void threshold_spread_find(struct threshold_work *work)
{
    double evidence[THRESHOLD_SPREADS], most = -INFINITY, sum = 0, squares = 0;

    for (int k = 0; k < THRESHOLD_SPREADS; k++) {
        evidence[k] = evidence_of(work, side_times[k]);
        most = fmax(most, evidence[k]);
    }
    for (int k = 0; k < THRESHOLD_SPREADS; k++) {
        work->spread_share[k] = exp(evidence[k] - most);
        sum += work->spread_share[k];
        squares += work->spread_share[k] * pow(side_times[k] * work->options.side_sd, 2);
    }
    for (int k = 0; k < THRESHOLD_SPREADS; k++)
        work->spread_share[k] /= sum;
    work->person->side_sd = sqrt(squares / sum);
}

/* One-sided: how likely answers as low as these are, if the place is like the others say. A place
 * whose answers are all false has no threshold to compare. */
static double p_of(const struct threshold_work *work, int place,
                   const struct place_threshold *verdict, const double *expected, double at)
{
    double press_sd = hypot(work->person->repeatability_sd, work->border_sd[place]);
    double sd = press_sd / sqrt(verdict->answers);
    double sum = 0;

    for (int i = 0; i < GRID_N; i++)
        sum += expected[i] * erfc((grid_at(work->origin, i) - at) / sd * M_SQRT1_2) / 2;
    double all_false = pow(work->options.lapse_rate / 2, verdict->answers);
    return fmin(1, sum * GRID_STEP + all_false);
}

static int is_compared(const struct place_threshold *verdict)
{
    return verdict->answers && !isnan(verdict->expected_kpa);
}

static void add_p_values(struct threshold_work *work, double share,
                         struct place_threshold *verdicts)
{
    threshold_density base, expected;

    for (int p = 0; p < work->n_places; p++) {
        if (!is_compared(&verdicts[p]))
            continue;
        threshold_expected(work, p, base, expected);
        double at = grid_peak(work->like[p], work->origin);
        verdicts[p].p_value += share * p_of(work, p, &verdicts[p], expected, at);
    }
}

void threshold_spread_p_values(struct threshold_work *work, struct place_threshold *verdicts)
{
    double side_sd = work->person->side_sd;

    for (int p = 0; p < work->n_places; p++)
        if (is_compared(&verdicts[p]))
            verdicts[p].p_value = 0;
    for (int k = 0; k < THRESHOLD_SPREADS; k++) {
        suppose(work, side_times[k] * work->options.side_sd);
        add_p_values(work, work->spread_share[k], verdicts);
    }
    for (int p = 0; p < work->n_places; p++)
        verdicts[p].p_value = fmin(1, verdicts[p].p_value);
    suppose(work, side_sd);
}
