/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From p-values and counts to verdicts: Holm over all places of the person for attention,
 * Benjamini-Hochberg for the watch list; and what pressing again is worth. */
#include "analysis/press/threshold_private.h"

#include <math.h>
#include <string.h>

/* Share of the low part of the region's prior from which a pair is sensitive on both feet. */
#define BOTH_SIDES_SURE 0.9
/* What the model must hold of a place for watch and attention; behind a bound. */
#define LIKELY 0.5
#define SURE_BEHIND_BOUND 0.9
/* Holm's count of places is too strict for a full route: its p-values are means over all that is
 * not known of the person, only places pressed again can be flagged, and only below the factor.
 * With all places counted, 1 of 64 drawn people without a tender place was flagged after one
 * session and none after a confirming one, where 5 % may be; with a third, 5 and 2 of 117 (an
 * effective number of tests, as Nyholt 2004 has it for tests that go together, here by people
 * instead of by correlations). Seeds 12 and 13; the rate that is stated is that of tests/cohort's
 * seed 5. Of few places each counts, up to as many as this. */
#define COUNTED_SHARE (1.0 / 3)
#define COUNTED_ALL 6
/* More presses at one place than this are asked of nobody. */
#define PRESSES_MOST 8
/* A flag is pressed on until it would stand this much (adjusted p): stopping at the first moment
 * that it can be raised would raise too many. */
#define SETTLED 0.006

/* --- Several places at once --------------------------------------------------------------------
 */

/* Places with answers by rising p; their number. */
static int sort_places(const struct place_threshold *verdicts, int n, int *order)
{
    int tested = 0;

    for (int p = 0; p < n; p++) {
        int k = tested;
        if (!verdicts[p].presses)
            continue;
        for (; k > 0 && verdicts[order[k - 1]].p_value > verdicts[p].p_value; k--)
            order[k] = order[k - 1];
        order[k] = p;
        tested++;
    }
    return tested;
}

/* Of so many places that are left, as many count. */
static double counted(int left)
{
    return fmin(left, fmax(COUNTED_ALL, COUNTED_SHARE * left));
}

/* Holm: the k-th smallest of m times what is counted of the m - k + 1 left, never falling. */
static void adjust_holm(struct place_threshold *verdicts, const int *order, int m)
{
    double least = 0;

    for (int k = 0; k < m; k++) {
        least = fmax(least, fmin(1, verdicts[order[k]].p_value * counted(m - k)));
        verdicts[order[k]].p_holm = least;
    }
}

/* Benjamini-Hochberg: the k-th smallest times m / k, never above the next. */
static void adjust_bh(struct place_threshold *verdicts, const int *order, int m)
{
    double most = 1;

    for (int k = m - 1; k >= 0; k--) {
        most = fmin(most, verdicts[order[k]].p_value * m / (k + 1));
        verdicts[order[k]].q_bh = most;
    }
}

/* --- Verdicts ----------------------------------------------------------------------------------
 */

static int answers_carry(const struct place_threshold *v)
{
    return v->answers >= 2 && 2 * v->answers > v->presses;
}

static enum threshold_verdict state_of(const struct place_threshold *v)
{
    if (!v->presses)
        return VERDICT_NOT_TESTED;
    if (!v->answers && v->presses >= 2)
        return VERDICT_CLEAR_TO;
    return answers_carry(v) ? VERDICT_MEASURED : VERDICT_UNCERTAIN;
}

/* A mirror that was pressed once is uncertain itself. One that bore all lies above its bound,
 * nobody knows how far: either the bound alone shows the factor, or all the silence of the region
 * together must leave hardly another explanation. */
static int is_proven(const struct threshold_work *work, const struct place_threshold *verdicts,
                     int place)
{
    const struct place_threshold *v = &verdicts[place];
    int q = work->places[place].mirror;

    if (q >= 0 && verdicts[q].presses == 1)
        return 0;
    if (v->mirror_is_bound && !(v->ratio < work->options.factor))
        return v->tender_probability >= SURE_BEHIND_BOUND;
    return v->tender_probability >= LIKELY;
}

static enum threshold_verdict level_of(const struct threshold_work *work,
                                       const struct place_threshold *verdicts, int place)
{
    const struct place_threshold *v = &verdicts[place];
    enum threshold_verdict state = state_of(v);

    if (!v->answers || !(v->expected_ratio < work->options.factor))
        return state;
    if (state == VERDICT_MEASURED && v->p_holm <= work->options.person_error &&
        is_proven(work, verdicts, place))
        return VERDICT_ATTENTION;
    return v->q_bh <= work->options.watch_fdr && v->tender_probability >= LIKELY ? VERDICT_WATCH
                                                                                 : state;
}

/* Both feet alike, and both below their region: a finding without a flag. */
static void find_both_sides(const struct threshold_work *work, struct place_threshold *verdicts)
{
    for (int p = 0; p < work->n_places; p++) {
        int q = work->places[p].mirror;
        if (q < p || verdicts[p].verdict != VERDICT_MEASURED ||
            verdicts[q].verdict != VERDICT_MEASURED)
            continue;
        if (verdicts[p].region_ratio < work->options.factor &&
            verdicts[q].region_ratio < work->options.factor &&
            threshold_low_share(work, p) > BOTH_SIDES_SURE)
            verdicts[p].verdict = verdicts[q].verdict = VERDICT_BOTH_SIDES;
    }
}

void threshold_levels(const struct threshold_work *work, struct place_threshold *verdicts,
                      int *order)
{
    int m = sort_places(verdicts, work->n_places, order);

    adjust_holm(verdicts, order, m);
    adjust_bh(verdicts, order, m);
    for (int p = 0; p < work->n_places; p++)
        verdicts[p].verdict = level_of(work, verdicts, p);
    find_both_sides(work, verdicts);
}

/* --- Worth -------------------------------------------------------------------------------------
 */

/* How open the question is: 0 when settled, 1 when tenderness is as likely as not or likelier
 * without being proven. */
static double openness(const struct place_threshold *v)
{
    double p = v->tender_probability;

    if (v->verdict == VERDICT_ATTENTION && v->p_holm < SETTLED)
        return 0;
    return p > 0.5 ? 1 : 4 * p * (1 - p);
}

/* How far one more press can move what is known of a place (ln): from the variance v to
 * v s^2 / (v + s^2), so that its middle moves by v / sqrt(v + s^2). Divided by s: 0..1. */
static double movable(const struct place_threshold *v, double press_sd)
{
    double known2 = v->log_sd * v->log_sd, press2 = press_sd * press_sd;

    return known2 / sqrt((known2 + press2) * press2);
}

/* The question is that of the pair, and an answer on either foot moves it: what is open, times how
 * far a press can move it. A pair that was pressed often and stays in doubt leaves presses to those
 * that are less likely tender, but were hardly asked. */
double threshold_worth(const struct place_threshold *verdicts, const struct threshold_place *places,
                       int place, const struct threshold_options *options)
{
    const struct place_threshold *own = &verdicts[place];
    int q = places[place].mirror;

    if (!own->presses)
        return 1;
    if (own->presses >= PRESSES_MOST)
        return 0;
    double open = openness(own);
    if (q >= 0)
        open = fmax(open, openness(&verdicts[q]));
    return fmin(0.95, open * movable(own, options->repeatability_sd));
}
