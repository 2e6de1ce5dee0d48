/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for the whole person: repeatability, side bias, shift between sessions, regions. */
#include "analysis/press/threshold_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The field's repeatability counts like so many repeats of this person. */
#define FIELD_REPEATS 20.0
/* Before answers: side bias and shift between sessions (ln). */
#define BIAS_SD 0.06
#define SHIFT_SD 0.10
/* The field's spread within a region counts like so many pairs of places. */
#define FIELD_PAIRS 6.0
#define REGION_ROUNDS 8
/* What was pressed there, bounds taken as answers, counts like so many pairs: a few bounds prove
 * little about how much higher the region is. */
#define STARTING_PAIRS 1.0
/* A pair that is low on both feet: about so much below its region (ln), with this spread. */
#define LOW_BY 0.50
#define LOW_SD 0.30
/* Answers that scatter so much more than the field's do not follow pressure. */
#define INCONSISTENT_TIMES 2.0
#define INCONSISTENT_REPEATS 6.0
/* ... at any place: the worst few are left out, since a stud that lies in a tender spot in one
 * press and beside it in the next scatters there without anybody answering wrongly. */
#define SCATTERED_PLACES 2

double threshold_side_sign(const struct threshold_work *work, int place)
{
    enum side side = work->places[place].side;

    return side == SIDE_LEFT ? 0.5 : side == SIDE_RIGHT ? -0.5 : 0;
}

static int session_of(const struct threshold_press *press)
{
    return press->session < THRESHOLD_SESSIONS ? press->session : THRESHOLD_SESSIONS - 1;
}

double threshold_even(const struct threshold_work *work, const struct threshold_press *press)
{
    return log(press->kpa) - work->shift[session_of(press)] -
           threshold_side_sign(work, press->place) * work->person->side_bias;
}

double threshold_press_sd(const struct threshold_work *work, const struct threshold_press *press)
{
    return hypot(hypot(work->person->repeatability_sd, press->own_sd),
                 work->border_sd[press->place]);
}

double threshold_own_foot_sd(const struct threshold_work *work, int place)
{
    double usual = hypot(work->person->side_sd, work->bias_sd) * M_SQRT1_2;

    return hypot(usual, work->border_sd[place]);
}

/* Answers of a place, evened: number, mean and sum of squares about it; nothing when one of its
 * presses found no answer, since the others are then the lower ones. */
struct spread {
    int n;
    double mean, squares;
};

static struct spread spread_of(const struct threshold_work *work, int place, double cap)
{
    struct spread spread = {0};
    double sum = 0;

    for (int i = 0; i < work->n_presses; i++) {
        const struct threshold_press *press = &work->presses[i];
        if (press->place != place)
            continue;
        if (!press->answered)
            return (struct spread){0};
        spread.n++;
        sum += threshold_even(work, press);
    }
    spread.mean = spread.n ? sum / spread.n : NAN;
    for (int i = 0; i < work->n_presses; i++)
        if (work->presses[i].place == place) {
            double off = fabs(threshold_even(work, &work->presses[i]) - spread.mean);
            spread.squares += fmin(off, cap) * fmin(off, cap);
        }
    return spread;
}

/* Sum of squares and degrees of freedom over repeated places, the worst ones left out. */
struct scatter {
    double squares, freedom;
    double worst_squares[SCATTERED_PLACES], worst_freedom[SCATTERED_PLACES];
};

static void add_scatter(struct scatter *scatter, double squares, double freedom)
{
    for (int k = 0; k < SCATTERED_PLACES; k++)
        if (squares > scatter->worst_squares[k]) {
            double old_squares = scatter->worst_squares[k], old_freedom = scatter->worst_freedom[k];
            scatter->worst_squares[k] = squares;
            scatter->worst_freedom[k] = freedom;
            squares = old_squares;
            freedom = old_freedom;
        }
    scatter->squares += squares;
    scatter->freedom += freedom;
}

static void judge_scatter(struct threshold_work *work)
{
    struct scatter scatter = {0};
    double field = work->options.repeatability_sd;

    for (int p = 0; p < work->n_places; p++) {
        struct spread spread = spread_of(work, p, INFINITY);
        if (spread.n >= 2)
            add_scatter(&scatter, spread.squares, spread.n - 1);
    }
    double sd = scatter.freedom > 0 ? sqrt(scatter.squares / scatter.freedom) : 0;
    if (scatter.freedom < INCONSISTENT_REPEATS || !(sd > INCONSISTENT_TIMES * field))
        return;
    work->person->inconsistent = 1;
    snprintf(work->person->inconsistent_why, sizeof work->person->inconsistent_why,
             "repeats at one place differ by %.0f %% (usual: %.0f %%)", 100 * sd, 100 * field);
}

/* Pooled over places, each answer's distance capped at three deviations (lapses), drawn to the
 * field's: s^2 = (sum of squares + n0 s0^2) / (degrees of freedom + n0). */
static void estimate_repeatability(struct threshold_work *work)
{
    double field = work->options.repeatability_sd, own = field;

    for (int round = 0; round < 3; round++) {
        double squares = 0, freedom = 0;
        for (int p = 0; p < work->n_places; p++) {
            struct spread spread = spread_of(work, p, 3 * own);
            if (spread.n < 2)
                continue;
            squares += spread.squares;
            freedom += spread.n - 1;
        }
        own = sqrt((squares + FIELD_REPEATS * field * field) / (freedom + FIELD_REPEATS));
    }
    work->person->repeatability_sd = own;
}

/* Mean of numbers with known variances; those far off (tender places) lose their weight (Tukey's
 * biweight at 4.7 deviations), and the whole is drawn to 0 by a prior. */
struct pooled {
    double sum, weight;
};

static void pool(struct pooled *pooled, double number, double variance, double about)
{
    double z = (number - about) / (4.7 * sqrt(variance));
    double biweight = fabs(z) < 1 ? (1 - z * z) * (1 - z * z) : 0;

    pooled->sum += biweight * number / variance;
    pooled->weight += biweight / variance;
}

static void estimate_bias(struct threshold_work *work)
{
    double s2 = pow(work->person->repeatability_sd, 2), side2 = pow(work->person->side_sd, 2);
    double bias = 0;
    struct pooled pooled = {0};

    work->person->side_bias = 0;
    for (int round = 0; round < 3; round++) {
        pooled = (struct pooled){0, 1 / (BIAS_SD * BIAS_SD)};
        for (int p = 0; p < work->n_places; p++) {
            int q = work->places[p].mirror;
            if (q < 0 || work->places[p].side != SIDE_LEFT)
                continue;
            struct spread left = spread_of(work, p, INFINITY), right = spread_of(work, q, INFINITY);
            if (left.n && right.n)
                pool(&pooled, left.mean - right.mean, s2 / left.n + s2 / right.n + side2, bias);
        }
        bias = pooled.sum / pooled.weight;
    }
    work->person->side_bias = bias;
    work->bias_sd = 1 / sqrt(pooled.weight);
}

/* Mean of one session's answers at a place; n = 0 when one of them found none. */
static double session_mean(const struct threshold_work *work, int place, int session, int *n)
{
    double sum = 0;

    *n = 0;
    for (int i = 0; i < work->n_presses; i++) {
        const struct threshold_press *press = &work->presses[i];
        if (press->place != place || session_of(press) != session)
            continue;
        if (!press->answered) {
            *n = 0;
            return NAN;
        }
        sum += log(press->kpa);
        ++*n;
    }
    return *n ? sum / *n : NAN;
}

/* How much higher a person's thresholds were on another day, by the places pressed on both. */
static void estimate_shifts(struct threshold_work *work)
{
    double s2 = pow(work->options.repeatability_sd, 2);

    work->shift[0] = 0;
    for (int k = 1; k < THRESHOLD_SESSIONS; k++) {
        double shift = 0;
        for (int round = 0; round < 2; round++) {
            struct pooled pooled = {0, 1 / (SHIFT_SD * SHIFT_SD)};
            for (int p = 0; p < work->n_places; p++) {
                int n_now, n_then;
                double now = session_mean(work, p, 0, &n_now);
                double then = session_mean(work, p, k, &n_then);
                if (n_now && n_then)
                    pool(&pooled, then - now, s2 / n_now + s2 / n_then, shift);
            }
            shift = pooled.sum / pooled.weight;
        }
        work->shift[k] = shift;
    }
}

void threshold_person(struct threshold_work *work)
{
    work->person->side_sd = work->options.side_sd;
    estimate_shifts(work);
    work->person->side_bias = 0;
    estimate_repeatability(work);
    judge_scatter(work);
    estimate_bias(work);
}

/* --- Regions -----------------------------------------------------------------------------------
 */

static void draw_bases(struct threshold_work *work, int region)
{
    double mean = work->region_mean[region];
    double sd = hypot(work->region_sd[region], work->region_mean_sd[region]);

    grid_normal(work->usual[region], work->origin, mean, sd);
    grid_normal(work->low[region], work->origin, mean - LOW_BY, hypot(LOW_SD, sd));
}

/* Of a base at each index: what the presses of both feet say. */
static void by_feet(const struct threshold_work *work, int place, threshold_density says)
{
    int feet[2] = {place, work->places[place].mirror};

    for (int i = 0; i < GRID_N; i++)
        says[i] = 1;
    for (int k = 0; k < 2; k++) {
        if (feet[k] < 0)
            continue;
        const double *natural = work->natural[feet[k]], *lowered = work->lowered[feet[k]];
        for (int i = 0; i < GRID_N; i++)
            says[i] *=
                (1 - THRESHOLD_TENDER_SHARE) * natural[i] + THRESHOLD_TENDER_SHARE * lowered[i];
    }
}

/* Of a pair: usual and low base against what both feet say. */
static void pair_evidence(const struct threshold_work *work, int place, double *usual, double *low)
{
    enum region_class region = work->places[place].region_class;
    const double *as_usual = work->usual[region], *as_low = work->low[region];
    threshold_density says;
    double of_usual = 0, of_low = 0;

    by_feet(work, place, says);
    for (int i = 0; i < GRID_N; i++) {
        of_usual += (1 - THRESHOLD_LOW_SHARE) * as_usual[i] * says[i];
        of_low += THRESHOLD_LOW_SHARE * as_low[i] * says[i];
    }
    *usual = of_usual;
    *low = of_low;
}

double threshold_low_share(const struct threshold_work *work, int place)
{
    double usual, low;

    pair_evidence(work, place, &usual, &low);
    return usual + low > 0 ? low / (usual + low) : 0;
}

static int was_pressed(const struct threshold_work *work, int place)
{
    for (int i = 0; i < work->n_presses && place >= 0; i++)
        if (work->presses[i].place == place)
            return 1;
    return 0;
}

/* One of a pair stands for both, and only pressed ones count. */
static int stands_for_pair(const struct threshold_work *work, int place)
{
    int mirror = work->places[place].mirror;

    return (mirror < 0 || place < mirror) &&
           (was_pressed(work, place) || was_pressed(work, mirror));
}

/* Bounds count as if they were answers: the rounds then raise what they can prove to be higher. */
static void start_region(struct threshold_work *work, int region)
{
    double sum = 0, all = 0;
    int n = 0;

    for (int i = 0; i < work->n_presses; i++) {
        double at = threshold_even(work, &work->presses[i]);
        all += at;
        if ((int)work->places[work->presses[i].place].region_class != region)
            continue;
        sum += at;
        n++;
    }
    work->region_mean[region] = n ? sum / n : all / fmax(1, work->n_presses);
    work->region_start[region] = work->region_mean[region];
    work->region_sd[region] = work->options.region_sd;
    work->region_mean_sd[region] = n ? 0 : 0.3;
}

/* One round of expectation and maximisation: the base of each pair by mean and variance, those that
 * are low on both feet left out by their share. */
static void improve_region(struct threshold_work *work, int region)
{
    double weight = 0, sum = 0, squares = 0, field2 = pow(work->options.region_sd, 2);
    double old = work->region_mean[region], start = work->region_start[region];
    threshold_density base;

    for (int p = 0; p < work->n_places; p++) {
        if ((int)work->places[p].region_class != region || !stands_for_pair(work, p))
            continue;
        double share = 1 - threshold_low_share(work, p);
        by_feet(work, p, base);
        for (int i = 0; i < GRID_N; i++)
            base[i] *= work->usual[region][i];
        if (!(grid_normalise(base) > 0))
            continue;
        double mean = grid_mean(base, work->origin) - old;
        weight += share;
        sum += share * mean;
        squares += share * (mean * mean + grid_variance(base, work->origin));
    }
    if (weight <= 0)
        return;
    double mean = (sum + STARTING_PAIRS * (start - old)) / (weight + STARTING_PAIRS);
    double about = sum / weight;
    double sd2 =
        (fmax(0, squares - weight * about * about) + FIELD_PAIRS * field2) / (weight + FIELD_PAIRS);
    work->region_mean[region] = old + mean;
    work->region_sd[region] = sqrt(sd2);
    work->region_mean_sd[region] = sqrt(sd2 / fmax(weight, 1));
}

void threshold_regions(struct threshold_work *work)
{
    for (int region = 0; region < THRESHOLD_CLASSES; region++) {
        start_region(work, region);
        draw_bases(work, region);
        for (int round = 0; round < REGION_ROUNDS; round++) {
            improve_region(work, region);
            draw_bases(work, region);
        }
    }
}

double threshold_evidence(const struct threshold_work *work)
{
    double sum = 0;

    for (int p = 0; p < work->n_places; p++) {
        double usual, low;
        if (work->places[p].mirror < 0 || !stands_for_pair(work, p))
            continue;
        pair_evidence(work, p, &usual, &low);
        sum += log(fmax(usual + low, 1e-300));
    }
    return sum;
}
