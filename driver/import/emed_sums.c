/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/emed_private.h"

#include <math.h>

static double sum_of_row(const struct emed *f, int row)
{
    double sum = 0;
    for (int col = 0; col < f->n_cols; col++)
        sum += f->values[row * f->n_cols + col];
    return sum;
}

static double sum_of_col(const struct emed *f, int col)
{
    double sum = 0;
    for (int row = 0; row < f->n_rows; row++)
        sum += f->values[row * f->n_cols + col];
    return sum;
}

static double sum_of_all(const struct emed *f)
{
    double sum = 0;
    for (int row = 0; row < f->n_rows; row++)
        sum += sum_of_row(f, row);
    return sum;
}

static double area_cm2(const struct emed *f)
{
    return f->facts.area_cm2 > 0 ? f->facts.area_cm2
                                 : f->shape.pitch_x_mm * f->shape.pitch_y_mm / 100;
}

/* Force in N of a sum of n printed pressures; *doubt is what rounding may have hidden in it and in
 * the printed force. */
static double force_of(const struct emed *f, double sum, int n, double *doubt)
{
    double n_per_unit = (f->units == IMPORT_N_PER_CM2 ? 1 : 0.1) * area_cm2(f);
    if (f->units == IMPORT_N)
        n_per_unit = 1;
    *doubt =
        n * 0.5 * pow(10, -f->decimals) * n_per_unit + 0.5 * pow(10, -f->force_decimals) + 1e-6;
    return sum * n_per_unit;
}

/* A printed force that the cells contradict: a little (within 1 %: another rule of rounding, a cell
 * area given with few digits) is worth a warning, more means that the numbers are not what was
 * measured. */
static int check_sum(struct emed *f, double sum, int n, double stated, long line, const char *what,
                     int label)
{
    double doubt, force = force_of(f, sum, n, &doubt);
    double off = fabs(force - stated);
    if (off <= doubt)
        return 0;
    if (off > doubt + 0.01 * fmax(force, stated))
        return problem(f->why, PROBLEM_REFUSED,
                       "%s: line %ld: picture %ld: the pressures of %s %d make %.3f N but the file "
                       "states %.3f N: a number is damaged",
                       f->name, line, f->picture, what, label, force, stated);
    if (!f->warned_sums)
        f->sink->warn(f->sink->context, "forces that the file states differ from the sums of its "
                                        "pressures by up to 1 %; the pressures are taken");
    f->warned_sums = 1;
    return 0;
}

int emed_check_sums(struct emed *f)
{
    for (int row = 0; row < f->n_rows && f->has_force; row++) {
        if (check_sum(f, sum_of_row(f, row), f->n_cols, f->row_force[row], f->row_line[row], "row",
                      f->row_label[row]))
            return -1;
    }
    for (int col = 0; col < f->n_cols && f->n_col_force; col++) {
        if (check_sum(f, sum_of_col(f, col), f->n_rows, f->col_force[col], f->force_line, "column",
                      f->col_label[col]))
            return -1;
    }
    if (f->n_col_force > f->n_cols)
        return check_sum(f, sum_of_all(f), f->n_cols * f->n_rows, f->col_force[f->n_cols],
                         f->force_line, "picture", (int)f->picture);
    return 0;
}

/* kPa unless the first loaded picture's total says N/cm2: the two are a factor 10 apart. */
void emed_learn_units(struct emed *f)
{
    if (f->units != IMPORT_UNITS_AS_FILE)
        return;
    double total = sum_of_all(f) * area_cm2(f);
    if (!(total > 0))
        return;
    double stated = f->n_col_force > f->n_cols ? f->col_force[f->n_cols] : 0;
    f->units = stated > 0.5 * total ? IMPORT_N_PER_CM2 : IMPORT_KPA;
    if (f->units == IMPORT_N_PER_CM2)
        f->sink->warn(f->sink->context,
                      "the stated forces show that the pressures are in N/cm2; converted to kPa");
}
