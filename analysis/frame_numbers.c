/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/frame_numbers.h"
#include "analysis/contact.h"
#include "analysis/lanes.h"
#include "calib/vector_clones.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Eight lanes with sums of their own keep the order of additions fixed and let the compiler use
 * vectors. */
#define LANES CONTACT_BLOCK

struct lane_sums {
    double row[LANES], all[LANES], by_col[LANES];
    float peak[LANES];
    int32_t cells[LANES];
};

static VECTOR_INLINE void add_block(struct lane_sums *sums, const float *block, float above,
                                    double first_col)
{
    float p[LANES];

    LANES_LOOP
    for (int i = 0; i < LANES; i++) /* vectorised */
        p[i] = block[i] > above ? block[i] : 0;
    LANES_LOOP
    for (int i = 0; i < LANES; i++) { /* vectorised */
        sums->row[i] += (double)p[i];
        sums->by_col[i] += (double)p[i] * first_col;
    }
    LANES_LOOP
    for (int i = 0; i < LANES; i++) { /* vectorised */
        sums->peak[i] = p[i] > sums->peak[i] ? p[i] : sums->peak[i];
        sums->cells[i] += block[i] > above;
    }
}

/* Adds one row and returns its sum of kPa. */
static VECTOR_INLINE double add_row(struct lane_sums *sums, const float *row, int cols, float above)
{
    double total = 0;
    int col = 0;

    memset(sums->row, 0, sizeof sums->row);
    for (; col + LANES <= cols; col += LANES)
        if (!contact_block_is_zero(row + col))
            add_block(sums, row + col, above, col);
    if (col < cols) {
        float rest[LANES] = {0};

        memcpy(rest, row + col, sizeof *row * (size_t)(cols - col));
        add_block(sums, rest, above, col);
    }
    for (int i = 0; i < LANES; i++) {
        sums->all[i] += sums->row[i];
        total += sums->row[i];
    }
    return total;
}

VECTOR_CLONES
struct frame_numbers frame_numbers(const struct grid *grid, const float *kpa, double threshold_kpa,
                                   double min_force_n)
{
    struct lane_sums sums = {0};
    struct frame_numbers numbers = {.cop_x_mm = NAN, .cop_y_mm = NAN};
    float above = contact_above(threshold_kpa);
    double total = 0, by_row = 0, by_col = 0;
    int64_t cells = 0;

    for (int row = 0; row < grid->rows; row++) {
        double sum = add_row(&sums, kpa + (size_t)row * (size_t)grid->cols, grid->cols, above);

        total += sum;
        by_row += sum * (row + 0.5);
    }
    for (int i = 0; i < LANES; i++) {
        by_col += sums.by_col[i] + sums.all[i] * (i + 0.5);
        cells += sums.cells[i];
        numbers.peak_kpa = fmax(numbers.peak_kpa, (double)sums.peak[i]);
    }
    numbers.force_n = total * grid_newton_per_kpa(grid);
    numbers.area_cm2 = (double)cells * grid_cell_cm2(grid);
    if (total > 0 && numbers.force_n >= min_force_n) {
        numbers.cop_x_mm = by_col / total * grid->pitch_x_mm;
        numbers.cop_y_mm = by_row / total * grid->pitch_y_mm;
    }
    return numbers;
}
