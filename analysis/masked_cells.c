/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/masked_cells.h"

#include "analysis/warnings.h"

/* Whether the next cell that is not masked, from (row, col) on in steps of (down, right), is the
 * foot's. */
static int meets_foot(const struct grid *grid, const uint8_t *masked, const float *foot, int row,
                      int col, int down, int right)
{
    for (int r = row + down, c = col + right; r >= 0 && r < grid->rows && c >= 0 && c < grid->cols;
         r += down, c += right) {
        size_t cell = (size_t)r * (size_t)grid->cols + (size_t)c;
        if (!masked[cell])
            return foot[cell] > 0;
    }
    return 0;
}

static int is_enclosed(const struct grid *grid, const uint8_t *masked, const float *foot, int row,
                       int col)
{
    return (meets_foot(grid, masked, foot, row, col, -1, 0) &&
            meets_foot(grid, masked, foot, row, col, 1, 0)) ||
           (meets_foot(grid, masked, foot, row, col, 0, -1) &&
            meets_foot(grid, masked, foot, row, col, 0, 1));
}

double masked_cells_under_cm2(const struct grid *grid, const uint8_t *masked, const float *foot)
{
    size_t n = 0;
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++)
            n += masked[(size_t)row * (size_t)grid->cols + (size_t)col] &&
                 is_enclosed(grid, masked, foot, row, col);
    return (double)n * grid_cell_cm2(grid);
}

static const char *words_of(enum side side)
{
    return side == SIDE_LEFT ? "left foot" : side == SIDE_RIGHT ? "right foot" : "foot";
}

int masked_cells_judge(struct result *result, struct problem *why)
{
    for (int i = 0; i < result->n_feet && result->facts.masked; i++) {
        struct foot_result *foot = &result->feet[i];
        if (!foot->has_load)
            continue;
        foot->masked_area_cm2 =
            masked_cells_under_cm2(&result->grid, result->facts.masked, foot->mask);
        if (foot->masked_area_cm2 > 0 &&
            result_warn(result, why,
                        "Faulty cells of %.1f cm2 lie under the %s, whose contact is %.1f cm2: "
                        "they read 0 kPa, so its force, area and share of the load are too small.",
                        foot->masked_area_cm2, words_of(foot->side), foot->area_cm2))
            return -1;
    }
    return 0;
}
