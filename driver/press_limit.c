/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_limit.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 24 /* a curve is looked at in so many steps up to the most that a cell may bear */
#define FINE 64  /* ... where it is read between them */
#define OFFSET_STEP_MM 0.5
#define KPA_CM2_PER_N 10.0

/* A piece of a cell's hull: so much force for so many counts. */
struct piece {
    double force_n, counts;
};

struct course {
    double counts[STEPS + 1], force_n[STEPS + 1];
};

static int by_force_a_count(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    double first = a->force_n * b->counts, second = b->force_n * a->counts;
    return (first < second) - (first > second);
}

/* Force over counts of one cell, from nothing to the most it may bear. The count of a pressure is
 * the calibration's own inverse, rounded to a whole count: one less is on the safe side. */
static void follow_curve(const struct calibration *calibration, size_t cell, double cell_cm2,
                         double most_kpa, struct course *course)
{
    for (int k = 0; k <= STEPS; k++) {
        double kpa = most_kpa * k / STEPS;
        double counts = k ? calibration_counts(calibration, cell, kpa) - 1.0 : 0;
        course->force_n[k] = kpa * cell_cm2 / 10; /* 10 kPa = 1 N/cm2 */
        course->counts[k] = fmax(counts, k ? course->counts[k - 1] : 0);
    }
}

/* The upper concave hull of a course, as pieces of falling force per count; how many. */
static int hull(const struct course *course, struct piece *pieces)
{
    int at = 0, n = 0;
    while (at < STEPS) {
        int best = at + 1;
        for (int k = at + 2; k <= STEPS; k++) {
            double rise = course->force_n[k] - course->force_n[at];
            double run = course->counts[k] - course->counts[at];
            double best_rise = course->force_n[best] - course->force_n[at];
            double best_run = course->counts[best] - course->counts[at];
            if (rise * best_run >= best_rise * run)
                best = k;
        }
        pieces[n++] = (struct piece){course->force_n[best] - course->force_n[at],
                                     course->counts[best] - course->counts[at]};
        at = best;
    }
    return n;
}

static int is_on_plate(const struct press_limit *l, const struct grid *grid)
{
    return l->row0 >= 0 && l->col0 >= 0 && l->rows > 0 && l->cols > 0 &&
           l->row0 + l->rows <= grid->rows && l->col0 + l->cols <= grid->cols;
}

static int check(const struct press_limit *l, const struct grid *grid, struct problem *why)
{
    if (!is_on_plate(l, grid))
        return problem(why, PROBLEM_REFUSED,
                       "the %d x %d cells from row %d, column %d are not all on the plate of %d x "
                       "%d: put the stud further in",
                       l->rows, l->cols, l->row0, l->col0, grid->rows, grid->cols);
    if (l->force_n > 0 && l->base_cm2 > 0 && isfinite(l->force_n) && isfinite(l->base_cm2))
        return 0;
    return problem(why, PROBLEM_REFUSED, "a ceiling of %g N on a base of %g cm2 cannot be set",
                   l->force_n, l->base_cm2);
}

/* All cells' pieces into `pieces`; how many. */
static int gather(const struct calibration *calibration, const struct grid *grid,
                  const struct press_limit *l, struct piece *pieces)
{
    double cell_cm2 = grid->pitch_x_mm * grid->pitch_y_mm / 100;
    double most_kpa = PRESS_LIMIT_CROWDING * 10 * l->force_n / l->base_cm2;
    int n = 0;
    for (int row = l->row0; row < l->row0 + l->rows; row++)
        for (int col = l->col0; col < l->col0 + l->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;
            struct course course;
            if (calibration_is_masked(calibration, cell)) {
                pieces[n++] = (struct piece){most_kpa * cell_cm2 / 10, 0};
                continue;
            }
            follow_curve(calibration, cell, cell_cm2, most_kpa, &course);
            n += hull(&course, pieces + n);
        }
    return n;
}

/* The least counts for the force: the pieces with the most force a count first. */
static double least_counts(const struct piece *pieces, int n, double force_n)
{
    double counts = 0;
    for (int i = 0; i < n && force_n > 0; i++) {
        double share = fmin(1, pieces[i].force_n > 0 ? force_n / pieces[i].force_n : 1);
        counts += share * pieces[i].counts;
        force_n -= share * pieces[i].force_n;
    }
    return counts;
}

/* By the calibration's own word of its error; twice the RMS, and a percent for noise and rounding.
 */
static double spare(const struct calibration *calibration)
{
    struct calibration_facts facts;
    calibration_facts(calibration, &facts);
    double error = facts.force_error_percent / 100;
    return isfinite(error) ? fmax(0.5, fmin(PRESS_LIMIT_SPARE, 0.99 - 2 * error))
                           : PRESS_LIMIT_SPARE;
}

/* The ceiling less the spare: counts are bent, forces are not. */
static struct press_limit spared(const struct calibration *calibration,
                                 const struct press_limit *limit)
{
    struct press_limit own = *limit;
    own.force_n *= spare(calibration);
    return own;
}

/* --- A flat base whose place is known -------------------------------------------------------- */

/* Counts of one cell of the rectangle, read between FINE steps of pressure. */
struct reading {
    int is_masked;
    double counts[FINE + 1];
};

struct cells {
    const struct grid *grid;
    const struct press_limit *limit;
    double most_kpa; /* the readings' last */
    struct reading *readings;
};

/* Cells of a corner of the base bear at most the crowding, and twice that where the load is seen
 * and may turn: far enough for every reading. */
static struct cells read_cells(const struct calibration *calibration, const struct grid *grid,
                               const struct press_limit *limit, double most_kpa)
{
    size_t n = (size_t)limit->rows * (size_t)limit->cols;
    struct cells cells = {grid, limit, most_kpa, calloc(n, sizeof *cells.readings)};
    for (size_t i = 0; cells.readings && i < n; i++) {
        size_t row = (size_t)limit->row0 + i / (size_t)limit->cols;
        size_t col = (size_t)limit->col0 + i % (size_t)limit->cols;
        size_t cell = row * (size_t)grid->cols + col;
        struct reading *reading = &cells.readings[i];
        reading->is_masked = calibration_is_masked(calibration, cell);
        for (int k = 1; k <= FINE; k++)
            reading->counts[k] =
                fmax(0, calibration_counts(calibration, cell, most_kpa * k / FINE) - 1.0);
    }
    return cells;
}

static double counts_at(const struct cells *cells, size_t i, double kpa)
{
    const struct reading *reading = &cells->readings[i];
    double at = fmin(FINE, fmax(0, kpa / cells->most_kpa * FINE));
    int k = at < FINE ? (int)at : FINE - 1;
    if (reading->is_masked)
        return 0;
    return reading->counts[k] + (at - k) * (reading->counts[k + 1] - reading->counts[k]);
}

/* The part of a cell's edge, from `low`, that lies under the base about `middle`: its length, and
 * *at = its middle from the base's. */
static double overlap(double low, double pitch, double middle, double half, double *at)
{
    double from = fmax(low, middle - half), to = fmin(low + pitch, middle + half);
    *at = (from + to) / 2 - middle;
    return fmax(0, to - from);
}

struct tilt {
    double x, y; /* growth of the pressure per mm, of the mean */
};

/* Share of the base, in the middle of where it may lie, on cells that are masked or not watched. */
static double unseen_share(const struct cells *cells)
{
    const struct press_limit *l = cells->limit;
    const struct grid *g = cells->grid;
    double half = sqrt(l->base_cm2 * 100) / 2, seen = 0, unused;
    for (int row = 0; row < l->rows; row++)
        for (int col = 0; col < l->cols; col++)
            if (!cells->readings[row * l->cols + col].is_masked)
                seen += overlap((l->row0 + row) * g->pitch_y_mm, g->pitch_y_mm, l->stud.y_mm, half,
                                &unused) *
                        overlap((l->col0 + col) * g->pitch_x_mm, g->pitch_x_mm, l->stud.x_mm, half,
                                &unused);
    return 1 - seen / (l->base_cm2 * 100);
}

static double base_counts(const struct cells *cells, struct point middle, struct tilt tilt)
{
    const struct press_limit *l = cells->limit;
    const struct grid *g = cells->grid;
    double half = sqrt(l->base_cm2 * 100) / 2, sum = 0, x, y;
    double mean_kpa = KPA_CM2_PER_N * l->force_n / l->base_cm2;
    for (int row = 0; row < l->rows; row++) {
        double high =
            overlap((l->row0 + row) * g->pitch_y_mm, g->pitch_y_mm, middle.y_mm, half, &y);
        for (int col = 0; high > 0 && col < l->cols; col++) {
            double wide =
                overlap((l->col0 + col) * g->pitch_x_mm, g->pitch_x_mm, middle.x_mm, half, &x);
            double share = high * wide / (g->pitch_x_mm * g->pitch_y_mm);
            sum += counts_at(cells, (size_t)(row * l->cols + col),
                             mean_kpa * share * (1 + tilt.x * x + tilt.y * y));
        }
    }
    return sum;
}

/* Even, and the eight ways to tilt so that a corner, `half` mm off both ways, has `most` more. */
static struct tilt tilt_of(int i, double most, double half)
{
    static const double ways[9][2] = {{0, 0},     {1, 0},      {-1, 0},     {0, 1},      {0, -1},
                                      {0.5, 0.5}, {0.5, -0.5}, {-0.5, 0.5}, {-0.5, -0.5}};
    return (struct tilt){ways[i][0] * most / half, ways[i][1] * most / half};
}

static double least_of_base(const struct cells *cells)
{
    const struct press_limit *l = cells->limit;
    double half = sqrt(l->base_cm2 * 100) / 2, least = INFINITY;
    int n = (int)ceil(l->place_mm / OFFSET_STEP_MM);
    double step = n > 0 ? l->place_mm / n : 0;
    for (int j = -n; j <= n; j++)
        for (int i = -n; i <= n; i++)
            for (int t = 0; t < 9; t++) {
                struct point middle = {l->stud.x_mm + i * step, l->stud.y_mm + j * step};
                least = fmin(
                    least, base_counts(cells, middle, tilt_of(t, PRESS_LIMIT_CROWDING - 1, half)));
            }
    return least;
}

/* --- A load that is seen --------------------------------------------------------------------- */

struct load {
    double force_n, x_mm, y_mm; /* and its middle */
};

static struct load load_of(const struct grid *g, const struct press_limit *l, const float *kpa)
{
    struct load load = {0};
    double cell_n = g->pitch_x_mm * g->pitch_y_mm / 100 / KPA_CM2_PER_N;
    for (int row = l->row0; row < l->row0 + l->rows; row++)
        for (int col = l->col0; col < l->col0 + l->cols; col++) {
            double n = fmax(0, (double)kpa[row * g->cols + col]) * cell_n;
            load.force_n += n;
            load.x_mm += n * (col + 0.5) * g->pitch_x_mm;
            load.y_mm += n * (row + 0.5) * g->pitch_y_mm;
        }
    load.x_mm /= load.force_n;
    load.y_mm /= load.force_n;
    return load;
}

/* Counts at the ceiling of what is seen, turned so. About its middle a turn keeps the force. */
static double seen_counts(const struct cells *cells, const struct load *load, const float *kpa,
                          struct tilt tilt)
{
    const struct press_limit *l = cells->limit;
    const struct grid *g = cells->grid;
    double sum = 0, growth = l->force_n / load->force_n;
    for (int row = 0; row < l->rows; row++)
        for (int col = 0; col < l->cols; col++) {
            double x = (l->col0 + col + 0.5) * g->pitch_x_mm - load->x_mm;
            double y = (l->row0 + row + 0.5) * g->pitch_y_mm - load->y_mm;
            double now = (double)kpa[(l->row0 + row) * g->cols + l->col0 + col];
            sum += counts_at(cells, (size_t)(row * l->cols + col),
                             growth * now * fmax(0, 1 + tilt.x * x + tilt.y * y));
        }
    return sum;
}

/* What such cells bear is not seen, and the load is more than it looks. */
static int has_masked(const struct cells *cells)
{
    for (int i = 0; i < cells->limit->rows * cells->limit->cols; i++)
        if (cells->readings[i].is_masked)
            return 1;
    return 0;
}

/* So near to its last count a cell may be at its end, which the tare brings nearer: it then bears
 * more than it says. */
#define FULL_SHARE 0.85

/* All of the rectangle's readings are pressures, none at the end of its range: else there is more
 * force than is seen, and what is seen would be grown too far. */
static int is_seen_whole(const struct calibration *calibration, const struct grid *grid,
                         const struct press_limit *l, const float *kpa)
{
    for (int row = l->row0; row < l->row0 + l->rows; row++)
        for (int col = l->col0; col < l->col0 + l->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;
            double most = calibration_counts(calibration, cell, 1e9);
            if (!isfinite(kpa[cell]) ||
                (kpa[cell] > 0 &&
                 calibration_counts(calibration, cell, (double)kpa[cell]) >= FULL_SHARE * most))
                return 0;
        }
    return 1;
}

int press_limit_refine(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, const float *kpa, uint32_t *sum_counts)
{
    struct problem ignored;
    if (check(limit, grid, &ignored) || !is_seen_whole(calibration, grid, limit, kpa))
        return 0;
    struct press_limit own = spared(calibration, limit);
    struct load load = load_of(grid, &own, kpa);
    if (!(load.force_n >= PRESS_LIMIT_SEEN * limit->force_n))
        return 0;
    double half = sqrt(own.base_cm2 * 100) / 2, least = INFINITY;
    double mean_kpa = KPA_CM2_PER_N * own.force_n / own.base_cm2;
    struct cells cells = read_cells(calibration, grid, &own, 2 * PRESS_LIMIT_CROWDING * mean_kpa);
    for (int t = 0; cells.readings && t < 9; t++)
        least = fmin(least, seen_counts(&cells, &load, kpa, tilt_of(t, PRESS_LIMIT_TURN, half)));
    double counts = cells.readings && !has_masked(&cells) ? floor(least) : 0;
    free(cells.readings);
    if (!(counts >= 1 && counts < 4e9))
        return 0;
    *sum_counts = (uint32_t)counts;
    return 1;
}

/* --- Before it presses ----------------------------------------------------------------------- */

static double least_of_anything(const struct calibration *calibration, const struct grid *grid,
                                const struct press_limit *limit)
{
    struct piece *pieces =
        calloc((size_t)limit->rows * (size_t)limit->cols * STEPS, sizeof *pieces);
    if (!pieces)
        return NAN;
    int n = gather(calibration, grid, limit, pieces);
    qsort(pieces, (size_t)n, sizeof *pieces, by_force_a_count);
    double counts = least_counts(pieces, n, limit->force_n);
    free(pieces);
    return counts;
}

static double least_where_known(const struct calibration *calibration, const struct grid *grid,
                                const struct press_limit *limit)
{
    double mean_kpa = KPA_CM2_PER_N * limit->force_n / limit->base_cm2;
    struct cells cells = read_cells(calibration, grid, limit, PRESS_LIMIT_CROWDING * mean_kpa);
    double counts = !cells.readings                             ? NAN
                    : unseen_share(&cells) > PRESS_LIMIT_UNSEEN ? 0
                                                                : least_of_base(&cells);
    free(cells.readings);
    return counts;
}

int press_limit_counts(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, uint32_t *sum_counts, struct problem *why)
{
    if (check(limit, grid, why))
        return -1;
    struct press_limit own = spared(calibration, limit);
    double counts = limit->stud_known ? least_where_known(calibration, grid, &own)
                                      : least_of_anything(calibration, grid, &own);
    if (isnan(counts))
        return problem_no_memory(why, "a press's ceiling");
    counts = floor(counts);
    if (counts < 1)
        return problem(why, PROBLEM_REFUSED,
                       "so many of the cells from row %d, column %d are faulty that the plate "
                       "cannot watch a ceiling there: press elsewhere or mend the plate",
                       limit->row0, limit->col0);
    *sum_counts = counts < 4e9 ? (uint32_t)counts : UINT32_C(4000000000);
    return 0;
}
