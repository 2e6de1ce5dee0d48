/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_force.h"

#include <math.h>

static int clamp(double value, int high)
{
    return (int)fmin(fmax(value, -1), high);
}

struct stud_window stud_window_of(const struct grid *grid, struct point stud, double footprint_cm2)
{
    double half_mm = 10 * sqrt(footprint_cm2) / 2;
    struct stud_window window = {
        .row0 = clamp(floor((stud.y_mm - half_mm) / grid->pitch_y_mm) - 1, grid->rows),
        .row1 = clamp(ceil((stud.y_mm + half_mm) / grid->pitch_y_mm), grid->rows - 1),
        .col0 = clamp(floor((stud.x_mm - half_mm) / grid->pitch_x_mm) - 1, grid->cols),
        .col1 = clamp(ceil((stud.x_mm + half_mm) / grid->pitch_x_mm), grid->cols - 1),
    };

    window.row0 = window.row0 < 0 ? 0 : window.row0;
    window.col0 = window.col0 < 0 ? 0 : window.col0;
    return window;
}

double stud_force_n(const struct grid *grid, const struct stud_window *window, const float *kpa)
{
    double sum = 0;

    for (int row = window->row0; row <= window->row1; row++)
        for (int col = window->col0; col <= window->col1; col++)
            sum += (double)kpa[(size_t)row * (size_t)grid->cols + (size_t)col];
    return sum * grid_newton_per_kpa(grid);
}

double stud_tip_kpa(double force_n, double tip_cm2, double factor)
{
    return force_n / tip_cm2 * 10 * factor; /* 1 N/cm2 = 10 kPa */
}

/* Share of a cell that the base covers, 0..1. */
static double covered(const struct grid *grid, struct point stud, double half_mm, int row, int col)
{
    double x0 = col * grid->pitch_x_mm, y0 = row * grid->pitch_y_mm;
    double x = fmin(x0 + grid->pitch_x_mm, stud.x_mm + half_mm) - fmax(x0, stud.x_mm - half_mm);
    double y = fmin(y0 + grid->pitch_y_mm, stud.y_mm + half_mm) - fmax(y0, stud.y_mm - half_mm);

    return fmax(x, 0) * fmax(y, 0) / (grid->pitch_x_mm * grid->pitch_y_mm);
}

double stud_unseen_share(const struct grid *grid, struct point stud, double footprint_cm2,
                         const uint8_t *masked)
{
    struct stud_window window = stud_window_of(grid, stud, footprint_cm2);
    double half_mm = 5 * sqrt(footprint_cm2), seen_cm2 = 0;

    for (int row = window.row0; row <= window.row1; row++)
        for (int col = window.col0; col <= window.col1; col++)
            if (!masked || !masked[(size_t)row * (size_t)grid->cols + (size_t)col])
                seen_cm2 += covered(grid, stud, half_mm, row, col) * grid_cell_cm2(grid);
    return fmin(fmax(1 - seen_cm2 / footprint_cm2, 0), 1);
}

double stud_share_on(const struct grid *grid, struct point stud, double area_cm2,
                     const uint32_t *cells, int n)
{
    double half_mm = 5 * sqrt(area_cm2), sum_cm2 = 0;

    for (int i = 0; i < n; i++) {
        int row = (int)(cells[i] / (uint32_t)grid->cols),
            col = (int)(cells[i] % (uint32_t)grid->cols);
        sum_cm2 += covered(grid, stud, half_mm, row, col) * grid_cell_cm2(grid);
    }
    return fmin(sum_cm2 / area_cm2, 1);
}

double stud_share_force_n(const struct grid *grid, struct point stud, double footprint_cm2,
                          double pitch_mm, const float *kpa)
{
    struct stud_window window = stud_window_of(grid, stud, footprint_cm2);
    double half_mm = 5 * sqrt(footprint_cm2), sum = 0;
    int is_alone = pitch_mm - 2 * half_mm >= fmax(grid->pitch_x_mm, grid->pitch_y_mm);

    for (int row = window.row0; row <= window.row1; row++)
        for (int col = window.col0; col <= window.col1; col++) {
            double share = covered(grid, stud, half_mm, row, col);
            sum += (is_alone ? share > 0 : share) *
                   (double)kpa[(size_t)row * (size_t)grid->cols + (size_t)col];
        }
    return sum * grid_newton_per_kpa(grid);
}
