/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_blob.h"

#include <stdlib.h>
#include <string.h>

int blob_scratch_begin(struct blob_scratch *scratch, const struct grid *grid)
{
    scratch->seen = malloc(grid_cells(grid) * sizeof *scratch->seen);
    scratch->stack = malloc(grid_cells(grid) * sizeof *scratch->stack);
    if (scratch->seen && scratch->stack)
        return 0;
    blob_scratch_free(scratch);
    return -1;
}

void blob_scratch_free(struct blob_scratch *scratch)
{
    free(scratch->seen);
    free(scratch->stack);
    *scratch = (struct blob_scratch){NULL, NULL};
}

/* What is known of a blob while it is being filled. */
struct extent {
    double kpa, x_kpa, y_kpa; /* sums */
    int cells, row0, row1, col0, col1;
};

static void take_cell(struct extent *extent, const struct grid *grid, unsigned cell, double kpa)
{
    int row = (int)cell / grid->cols, col = (int)cell % grid->cols;
    struct point centre = grid_centre(grid, row, col);

    if (!extent->cells++)
        *extent = (struct extent){.cells = 1, .row0 = row, .row1 = row, .col0 = col, .col1 = col};
    extent->kpa += kpa;
    extent->x_kpa += kpa * centre.x_mm;
    extent->y_kpa += kpa * centre.y_mm;
    extent->row0 = row < extent->row0 ? row : extent->row0;
    extent->row1 = row > extent->row1 ? row : extent->row1;
    extent->col0 = col < extent->col0 ? col : extent->col0;
    extent->col1 = col > extent->col1 ? col : extent->col1;
}

/* Marks the blob that holds `start` as seen and measures it. */
static struct extent fill(struct blob_scratch *scratch, const struct grid *grid, const float *kpa,
                          double threshold_kpa, unsigned start)
{
    struct extent extent = {0};
    unsigned cols = (unsigned)grid->cols;
    size_t n = 0;

    scratch->seen[start] = 1;
    scratch->stack[n++] = start;
    while (n) {
        unsigned cell = scratch->stack[--n];
        unsigned row = cell / cols, col = cell % cols, near[4];
        int k = 0;
        take_cell(&extent, grid, cell, (double)kpa[cell]);
        if (row > 0)
            near[k++] = cell - cols;
        if (row + 1 < (unsigned)grid->rows)
            near[k++] = cell + cols;
        if (col > 0)
            near[k++] = cell - 1;
        if (col + 1 < cols)
            near[k++] = cell + 1;
        while (k--)
            if (!scratch->seen[near[k]] && (double)kpa[near[k]] >= threshold_kpa) {
                scratch->seen[near[k]] = 1;
                scratch->stack[n++] = near[k];
            }
    }
    return extent;
}

static int is_stud_like(const struct extent *extent, const struct grid *grid)
{
    return extent->cells * grid_cell_cm2(grid) <= BLOB_AREA_MAX_CM2 &&
           (extent->row1 - extent->row0 + 1) * grid->pitch_y_mm <= BLOB_SPAN_MAX_MM &&
           (extent->col1 - extent->col0 + 1) * grid->pitch_x_mm <= BLOB_SPAN_MAX_MM;
}

int blob_strongest(struct blob_scratch *scratch, const struct grid *grid, const float *kpa,
                   double threshold_kpa, struct blob *blob)
{
    unsigned cells = (unsigned)grid_cells(grid);

    blob->force_n = 0;
    memset(scratch->seen, 0, cells);
    for (unsigned i = 0; i < cells; i++) {
        if (scratch->seen[i] || !(kpa[i] > 0) || (double)kpa[i] < threshold_kpa)
            continue;
        struct extent extent = fill(scratch, grid, kpa, threshold_kpa, i);
        double force_n = extent.kpa * grid_newton_per_kpa(grid);
        if (!is_stud_like(&extent, grid) || force_n <= blob->force_n)
            continue;
        blob->force_n = force_n;
        blob->centre = (struct point){extent.x_kpa / extent.kpa, extent.y_kpa / extent.kpa};
    }
    return blob->force_n > 0;
}

int blob_list(struct blob_scratch *scratch, const struct grid *grid, const float *kpa,
              double threshold_kpa, struct blob *blobs, int cap)
{
    unsigned cells = (unsigned)grid_cells(grid);
    int n = 0;

    memset(scratch->seen, 0, cells);
    for (unsigned i = 0; i < cells && n < cap; i++) {
        if (scratch->seen[i] || !(kpa[i] > 0) || (double)kpa[i] < threshold_kpa)
            continue;
        struct extent extent = fill(scratch, grid, kpa, threshold_kpa, i);
        blobs[n++] = (struct blob){
            extent.kpa * grid_newton_per_kpa(grid),
            {extent.x_kpa / extent.kpa, extent.y_kpa / extent.kpa},
        };
    }
    return n;
}
