/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pair of places has a base beta ~ region of the person. Each foot's threshold is the base and a
 * natural deviation of the foot; a tender one lies lower by an unknown amount. Presses are answers
 * or silence about it. Messages between base, foot and presses are densities on a grid, so that
 * censoring, lapses and the unknown lowering need no approximation. */
#include "analysis/press/threshold.h"
#include "analysis/press/threshold_private.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is estimated of the person is not known exactly: an interval is wider by
 * sqrt(1 + 0.5^2), with which it holds 95 % of drawn people's thresholds (tests/bench_threshold).
 */
#define WIDER 0.5

/* Where two regions meet a threshold steps from one's to the other's. A tip of diameter a takes the
 * mean over itself, so the step s (ln) is felt as a slope of s / a per mm, about as far as a
 * press's error of place and the tip's own half width (a / 4, the standard deviation of a disc
 * along one line) reach together. Errors of place thus scatter answers by s x error / a. Half of
 * the error's variance is the foot frame's and the same in all presses of a place; the other half
 * is each press's own. Median error 3.8 mm (tests/cohort: place of a press, fenced cup), as the
 * median distance in two directions: 3.8 / sqrt(2 ln 2) in one (Rayleigh). */
#define PLACE_SD_MM 3.2
#define TIP_MM 11.3 /* of 1 cm2 */

double threshold_near_border(double mm)
{
    double reach2 = PLACE_SD_MM * PLACE_SD_MM + TIP_MM * TIP_MM / 16;

    return exp(-mm * mm / (2 * reach2));
}

struct threshold_options threshold_defaults(void)
{
    return (struct threshold_options){.factor = 0.7,
                                      .person_error = 0.05,
                                      .watch_fdr = 0.10,
                                      .repeatability_sd = 0.20,
                                      .side_sd = 0.06,
                                      .region_sd = 0.15,
                                      .lapse_rate = 0.02};
}

/* --- Input -------------------------------------------------------------------------------------
 */

static int is_class(enum region_class region)
{
    return (int)region >= 0 && (int)region < THRESHOLD_CLASSES;
}

static int check_places(const struct threshold_place *places, int n, struct problem *why)
{
    for (int p = 0; p < n; p++) {
        int mirror = places[p].mirror;
        if (!is_class(places[p].region_class) || !is_class(places[p].beyond))
            return problem(why, PROBLEM_REFUSED, "thresholds: place %d has no region class", p);
        if (mirror >= n || mirror == p || (mirror >= 0 && places[mirror].mirror != p))
            return problem(why, PROBLEM_REFUSED,
                           "thresholds: place %d names %d as its mirror, which does not name it "
                           "back",
                           p, mirror);
    }
    return 0;
}

static int check_presses(const struct threshold_press *presses, int n, int n_places,
                         struct problem *why)
{
    for (int i = 0; i < n; i++) {
        const struct threshold_press *press = &presses[i];
        if (press->place < 0 || press->place >= n_places || press->session < 0)
            return problem(why, PROBLEM_REFUSED, "thresholds: press %d is of no place or session",
                           i);
        if (!(press->kpa > 0) || !isfinite(press->kpa) || !(press->own_sd >= 0) ||
            !isfinite(press->own_sd))
            return problem(why, PROBLEM_REFUSED,
                           "thresholds: press %d has a pressure or deviation that is no number "
                           "above 0",
                           i);
    }
    return 0;
}

/* The middle of all pressures is the middle of the grid: thresholds scale with pressures. */
static int place_grid(struct threshold_work *work, struct problem *why)
{
    double *logs = malloc(((size_t)work->n_presses + 1) * sizeof *logs);

    if (!logs)
        return problem_no_memory(why, "the middle of the presses");
    for (int i = 0; i < work->n_presses; i++)
        logs[i] = log(work->presses[i].kpa);
    gsl_sort(logs, 1, (size_t)work->n_presses);
    work->origin = work->n_presses ? logs[work->n_presses / 2] - GRID_N / 2 * GRID_STEP : 0;
    free(logs);
    return 0;
}

static int take_memory(struct threshold_work *work, struct problem *why)
{
    size_t n = (size_t)work->n_places + 1;

    work->like = malloc(3 * n * sizeof *work->like);
    if (!work->like)
        return problem_no_memory(why, "the densities of the places");
    work->natural = work->like + n;
    work->lowered = work->natural + n;
    work->border_sd = calloc(n, sizeof *work->border_sd);
    if (!work->border_sd)
        return problem_no_memory(why, "the borders of the places");
    return 0;
}

/* --- Messages ----------------------------------------------------------------------------------
 */

static void hear_presses(struct threshold_work *work)
{
    for (int p = 0; p < work->n_places; p++)
        for (int i = 0; i < GRID_N; i++)
            work->like[p][i] = 1;
    for (int i = 0; i < work->n_presses; i++) {
        const struct threshold_press *press = &work->presses[i];
        double at = threshold_even(work, press), sd = threshold_press_sd(work, press);
        double *like = work->like[press->place];
        if (press->answered)
            grid_times_answer(like, work->origin, at, sd, work->options.lapse_rate);
        else
            grid_times_silence(like, work->origin, at, sd, work->options.lapse_rate);
    }
}

void threshold_tell_bases(struct threshold_work *work)
{
    for (int p = 0; p < work->n_places; p++) {
        grid_blur(work->like[p], work->natural[p], threshold_own_foot_sd(work, p));
        grid_lowered(work->natural[p], work->lowered[p], THRESHOLD_LOWERED_LEAST,
                     THRESHOLD_LOWERED_MOST);
    }
}

static void widen_at_borders(struct threshold_work *work)
{
    for (int p = 0; p < work->n_places; p++) {
        const struct threshold_place *place = &work->places[p];
        double step = work->region_mean[place->region_class] - work->region_mean[place->beyond];
        double felt = place->near_border * fabs(step) / TIP_MM;
        work->border_sd[p] = felt * PLACE_SD_MM * M_SQRT1_2;
    }
}

/* --- One place ---------------------------------------------------------------------------------
 */

static void count(const struct threshold_work *work, int place, struct place_threshold *verdict)
{
    double bound = INFINITY;

    for (int i = 0; i < work->n_presses; i++) {
        const struct threshold_press *press = &work->presses[i];
        if (press->place != place)
            continue;
        verdict->presses++;
        verdict->answers += press->answered != 0;
        bound = fmin(bound, press->kpa);
    }
    verdict->bound_kpa = verdict->presses && !verdict->answers ? bound : NAN;
}

/* What the base of this place is by everything but its own presses. */
static void base_by_others(const struct threshold_work *work, int place, double *base)
{
    int mirror = work->places[place].mirror;
    int mirror_speaks = 0;
    enum region_class region = work->places[place].region_class;

    for (int i = 0; i < work->n_presses && mirror >= 0; i++)
        mirror_speaks |= work->presses[i].place == mirror;
    double low_share = mirror_speaks ? THRESHOLD_LOW_SHARE : 0;
    for (int i = 0; i < GRID_N; i++)
        base[i] = low_share * work->low[region][i] + (1 - low_share) * work->usual[region][i];
    for (int i = 0; i < GRID_N && mirror >= 0; i++)
        base[i] *= (1 - THRESHOLD_TENDER_SHARE) * work->natural[mirror][i] +
                   THRESHOLD_TENDER_SHARE * work->lowered[mirror][i];
    grid_normalise(base);
}

void threshold_expected(const struct threshold_work *work, int place, double *base,
                        double *expected)
{
    base_by_others(work, place, base);
    grid_blur(base, expected, threshold_own_foot_sd(work, place));
    grid_normalise(expected);
}

/* With the other foot, or without it with so many other places of the region, there is something to
 * compare with. */
#define REGION_PLACES_MIN 3

static int has_comparison(const struct threshold_work *work, const struct place_threshold *verdicts,
                          int place)
{
    int q = work->places[place].mirror, others = 0;

    for (int p = 0; p < work->n_places; p++)
        others += p != place && verdicts[p].presses &&
                  work->places[p].region_class == work->places[place].region_class;
    return (q >= 0 && verdicts[q].presses) || others >= REGION_PLACES_MIN;
}

static double tender_probability(const struct threshold_work *work, int place, const double *base)
{
    double natural = 0, lowered = 0;

    for (int i = 0; i < GRID_N; i++) {
        natural += base[i] * work->natural[place][i];
        lowered += base[i] * work->lowered[place][i];
    }
    lowered *= THRESHOLD_TENDER_SHARE;
    natural *= 1 - THRESHOLD_TENDER_SHARE;
    return natural + lowered > 0 ? lowered / (natural + lowered) : THRESHOLD_TENDER_SHARE;
}

/* Presses and what the others lead one to expect together: that takes back what choosing the lowest
 * first presses does to them. */
static void estimate(const struct threshold_work *work, int place, const double *expected,
                     struct place_threshold *verdict)
{
    threshold_density tender, own, wide;
    double back = threshold_side_sign(work, place) * work->person->side_bias;

    /* theta = base - lowering: the mirror image of grid_lowered's message to the base. */
    threshold_density flipped;
    for (int i = 0; i < GRID_N; i++)
        flipped[i] = expected[GRID_N - 1 - i];
    grid_lowered(flipped, tender, THRESHOLD_LOWERED_LEAST, THRESHOLD_LOWERED_MOST);
    for (int i = 0; i < GRID_N; i++)
        own[i] = work->like[place][i] * ((1 - THRESHOLD_TENDER_SHARE) * expected[i] +
                                         THRESHOLD_TENDER_SHARE * tender[GRID_N - 1 - i]);
    if (!(grid_normalise(own) > 0))
        return;
    verdict->log_sd = sqrt(grid_variance(own, work->origin));
    grid_blur(own, wide, WIDER * verdict->log_sd);
    grid_normalise(wide);
    if (!verdict->answers)
        return;
    verdict->kpa = exp(grid_quantile(own, work->origin, 0.5) + back);
    verdict->low_kpa = exp(grid_quantile(wide, work->origin, 0.025) + back);
    verdict->high_kpa = exp(grid_quantile(wide, work->origin, 0.975) + back);
}

static void judge(const struct threshold_work *work, int place, struct place_threshold *verdicts)
{
    struct place_threshold *verdict = &verdicts[place];
    int compares = has_comparison(work, verdicts, place);
    threshold_density base, expected;
    double back = threshold_side_sign(work, place) * work->person->side_bias;

    threshold_expected(work, place, base, expected);
    verdict->tender_probability = tender_probability(work, place, base);
    if (compares)
        verdict->expected_kpa = exp(grid_quantile(expected, work->origin, 0.5) + back);
    if (!verdict->presses)
        return;
    estimate(work, place, expected, verdict);
    if (!verdict->answers || !compares)
        return;
    double at = grid_peak(work->like[place], work->origin);
    verdict->expected_ratio = exp(at + back) / verdict->expected_kpa;
    verdict->region_ratio = exp(at - work->region_mean[work->places[place].region_class]);
}

/* --- Mirrors -----------------------------------------------------------------------------------
 */

static void compare(const struct threshold_work *work, struct place_threshold *verdicts, int place)
{
    struct place_threshold *own = &verdicts[place];
    int q = work->places[place].mirror;
    double sd = work->person->repeatability_sd;

    if (q < 0 || !own->answers || !verdicts[q].presses)
        return;
    double even = exp(-2 * threshold_side_sign(work, place) * work->person->side_bias);
    double at = exp(grid_peak(work->like[place], work->origin));
    double reach = exp(1.96 * sd / sqrt(own->answers));
    if (!verdicts[q].answers) {
        own->mirror_is_bound = 1;
        own->ratio = exp(threshold_side_sign(work, place) * work->person->side_bias) * at /
                     verdicts[q].bound_kpa * even;
        own->ratio_high = own->ratio * reach;
        return;
    }
    own->ratio = at / exp(grid_peak(work->like[q], work->origin));
    reach = exp(1.96 * sd * sqrt(1.0 / own->answers + 1.0 / verdicts[q].answers));
    own->ratio_low = own->ratio / reach;
    own->ratio_high = own->ratio * reach;
}

static struct place_threshold nothing_known(void)
{
    return (struct place_threshold){.verdict = VERDICT_NOT_TESTED,
                                    .kpa = NAN,
                                    .low_kpa = NAN,
                                    .high_kpa = NAN,
                                    .bound_kpa = NAN,
                                    .ratio = NAN,
                                    .ratio_low = NAN,
                                    .ratio_high = NAN,
                                    .region_ratio = NAN,
                                    .expected_kpa = NAN,
                                    .expected_ratio = NAN,
                                    .p_value = 1,
                                    .p_holm = 1,
                                    .q_bh = 1,
                                    .tender_probability = THRESHOLD_TENDER_SHARE,
                                    .log_sd = NAN};
}

static int fit(struct threshold_work *work, struct place_threshold *verdicts, struct problem *why)
{
    int *order = malloc(((size_t)work->n_places + 1) * sizeof *order);

    if (!order)
        return problem_no_memory(why, "the order of the places");
    threshold_person(work);
    hear_presses(work);
    threshold_tell_bases(work);
    threshold_regions(work);
    widen_at_borders(work);
    hear_presses(work);
    threshold_spread_find(work);
    threshold_tell_bases(work);
    threshold_regions(work);
    for (int p = 0; p < work->n_places; p++)
        judge(work, p, verdicts);
    threshold_spread_p_values(work, verdicts);
    for (int p = 0; p < work->n_places; p++)
        compare(work, verdicts, p);
    threshold_levels(work, verdicts, order);
    free(order);
    return 0;
}

int threshold_fit(const struct threshold_place *places, int n_places,
                  const struct threshold_press *presses, int n_presses,
                  const struct threshold_options *options, struct place_threshold *verdicts,
                  struct person_threshold *person, struct problem *why)
{
    struct threshold_work work = {.places = places,
                                  .n_places = n_places,
                                  .presses = presses,
                                  .n_presses = n_presses,
                                  .options = *options,
                                  .person = person};
    int status = -1;

    *person = (struct person_threshold){.repeatability_sd = options->repeatability_sd,
                                        .side_sd = options->side_sd};
    if (check_places(places, n_places, why) || check_presses(presses, n_presses, n_places, why))
        return -1;
    for (int p = 0; p < n_places; p++) {
        verdicts[p] = nothing_known();
        count(&work, p, &verdicts[p]);
    }
    if (!n_presses)
        return 0;
    if (!take_memory(&work, why) && !place_grid(&work, why))
        status = fit(&work, verdicts, why);
    free(work.like);
    free(work.border_sd);
    return status;
}
