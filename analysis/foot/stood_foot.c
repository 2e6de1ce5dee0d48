/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/stood_foot.h"

#include <math.h>

#define MARGIN_MM 15.0 /* about a foot's cells: contact there is still this foot's */

/* Marks the cells about one of foot k as its own, but for those of the other. */
static void mark_about(struct stood_foot *foot, const struct grid *grid, const uint8_t *label,
                       int row, int col, int k, uint8_t *use)
{
    int rows = (int)(MARGIN_MM / grid->pitch_y_mm), cols = (int)(MARGIN_MM / grid->pitch_x_mm);

    for (int r = row - rows < 0 ? 0 : row - rows; r <= row + rows && r < grid->rows; r++)
        for (int c = col - cols < 0 ? 0 : col - cols; c <= col + cols && c < grid->cols; c++) {
            size_t i = (size_t)r * (size_t)grid->cols + (size_t)c;

            if (label[i] && label[i] != k + 1)
                continue;
            use[i] |= (uint8_t)(1 << k);
            foot->row0 = r < foot->row0 ? r : foot->row0;
            foot->row1 = r >= foot->row1 ? r + 1 : foot->row1;
            foot->col0 = c < foot->col0 ? c : foot->col0;
            foot->col1 = c >= foot->col1 ? c + 1 : foot->col1;
        }
}

void stood_foot_take(struct stood_foot *foot, const struct grid *grid, const float *kpa,
                     const uint8_t *label, int k, float *root, uint8_t *use)
{
    double sum = 0, x = 0, y = 0;

    *foot = (struct stood_foot){.root = root, .row0 = grid->rows, .col0 = grid->cols};
    foot_shift_prepare(grid, kpa, label, (uint8_t)(k + 1), root);
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t i = (size_t)row * (size_t)grid->cols + (size_t)col;
            struct point at = grid_centre(grid, row, col);

            if (label[i] != k + 1)
                continue;
            mark_about(foot, grid, label, row, col, k, use);
            sum += (double)root[i];
            x += (double)root[i] * at.x_mm;
            y += (double)root[i] * at.y_mm;
        }
    foot->middle = (struct point){x / fmax(sum, 1e-9), y / fmax(sum, 1e-9)};
}

struct foot_shift stood_foot_shift(const struct stood_foot *foot, const struct grid *grid,
                                   const float *now, const uint8_t *use, int k, int rounds)
{
    const struct foot_shift still = {.gain = 1};
    const struct shift_input input = {.grid = grid,
                                      .before = foot->root,
                                      .now = now,
                                      .use = use,
                                      .mask = (uint8_t)(1 << k),
                                      .row0 = foot->row0,
                                      .row1 = foot->row1,
                                      .col0 = foot->col0,
                                      .col1 = foot->col1,
                                      .about = foot->middle};

    return foot_shift_find(&input, &still, rounds);
}
