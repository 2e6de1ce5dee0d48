/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/polygon_load.h"

#include "analysis/load/part.h"
#include "analysis/load/sums.h"
#include "analysis/polygon.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct work {
    double *share, *time_s, *force_n;
    float *ever;
    struct part part;
};

static int begin(struct work *work, const struct frames_in_memory *frames, struct problem *why)
{
    size_t cells = grid_cells(&frames->grid);

    work->share = calloc(cells, sizeof *work->share);
    work->ever = calloc(cells, sizeof *work->ever);
    work->time_s = calloc(frames->n + 1, sizeof *work->time_s);
    work->force_n = calloc(frames->n + 1, sizeof *work->force_n);
    if (!work->share || !work->ever || !work->time_s || !work->force_n)
        return problem_no_memory(why, "the load in an outline");
    for (size_t i = 0; i < frames->n; i++)
        work->time_s[i] = frames->time_us
                              ? ((double)frames->time_us[i] - (double)frames->time_us[0]) / 1e6
                              : (double)i / frames->rate_hz;
    return 0;
}

static void add_frame(struct work *work, const struct frames_in_memory *frames, float above,
                      size_t i, size_t *from, struct sums *sums)
{
    size_t cells = grid_cells(&frames->grid);
    const float *kpa = frames->kpa + i * cells;
    struct part_row row = part_sum(&work->part, kpa, above);
    struct sums_row scaled = {row.kpa * grid_newton_per_kpa(&frames->grid),
                              row.cells * grid_cell_cm2(&frames->grid), row.peak_kpa};
    size_t j = sums_rate_from(work->time_s, i, frames->rate_hz, from);
    struct sums_frame frame = {.time_s = work->time_s[i], .is_loaded = row.cells > 0};
    int is_after_gap;

    frame.dt_s = sums_dt_s(work->time_s, i, frames->rate_hz, &is_after_gap);
    frame.follows = i > 0 && !is_after_gap;
    frame.rate_over_s = j != SIZE_MAX ? work->time_s[i] - work->time_s[j] : 0;
    work->force_n[i] = scaled.force_n;
    sums_add(sums, &frame, &scaled, j != SIZE_MAX ? work->force_n[j] : 0);
    for (size_t k = 0; k < cells; k++)
        if (kpa[k] > above && kpa[k] > work->ever[k])
            work->ever[k] = kpa[k];
}

int polygon_load(const struct frames_in_memory *frames, double threshold_kpa,
                 const struct point *points, int n_points, enum membership membership,
                 struct load_summary *summary, struct problem *why)
{
    struct work work = {0};
    struct sums sums;
    size_t from = 0;
    int failed = -1;

    if (n_points < 3 || n_points > POLYGON_POINTS_MAX || grid_cells(&frames->grid) < PART_LANES)
        return problem(why, PROBLEM_USAGE,
                       "an outline of %d points on %zu cells: 3 to %d points on %d cells or more",
                       n_points, grid_cells(&frames->grid), POLYGON_POINTS_MAX, PART_LANES);
    if (begin(&work, frames, why))
        goto done;
    membership_of_polygon(&frames->grid, points, n_points, membership, work.share);
    if (part_make(&work.part, work.share, grid_cells(&frames->grid), why))
        goto done;
    sums_begin(&sums);
    for (size_t i = 0; i < frames->n; i++)
        add_frame(&work, frames, contact_above(threshold_kpa), i, &from, &sums);
    *summary = sums_finish(
        &sums, part_cells_ever(&work.part, work.ever) * grid_cell_cm2(&frames->grid), NAN);
    failed = 0;
done:
    part_free(&work.part);
    free(work.share);
    free(work.ever);
    free(work.time_s);
    free(work.force_n);
    return failed;
}
