/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_limit.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 24 /* a curve is looked at in so many steps up to the most that a cell may bear */

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

int press_limit_counts(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, uint32_t *sum_counts, struct problem *why)
{
    if (check(limit, grid, why))
        return -1;
    struct piece *pieces =
        calloc((size_t)limit->rows * (size_t)limit->cols * STEPS, sizeof *pieces);
    if (!pieces)
        return problem_no_memory(why, "a press's ceiling");
    int n = gather(calibration, grid, limit, pieces);
    qsort(pieces, (size_t)n, sizeof *pieces, by_force_a_count);
    double counts = floor(PRESS_LIMIT_SPARE * least_counts(pieces, n, limit->force_n));
    free(pieces);
    if (counts < 1)
        return problem(why, PROBLEM_REFUSED,
                       "so many of the cells from row %d, column %d are faulty that the plate "
                       "cannot watch a ceiling there: press elsewhere or mend the plate",
                       limit->row0, limit->col0);
    *sum_counts = counts < 4e9 ? (uint32_t)counts : UINT32_C(4000000000);
    return 0;
}
