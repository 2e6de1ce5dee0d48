/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overlaps of zones on the template foot: the check data of a chart, measured from its geometry. */
#include "analysis/atlas/atlas.h"

#include <math.h>
#include <stdlib.h>

/* Fine cells over a template foot; a cell on both edges counts with the product of its shares. */
#define STEP_MM 0.5
#define ROWS 560
#define COLS 320
#define BEHIND_MM 15.0

int atlas_measure_overlap(const struct atlas_zone *a, const struct atlas_zone *b, double *percent,
                          struct problem *why)
{
    const struct grid fine = {ROWS, COLS, STEP_MM, STEP_MM};
    struct foot_frame frame = foot_frame_template(
        SIDE_RIGHT, (struct point){COLS * STEP_MM / 2, BEHIND_MM}, 0, ATLAS_LENGTH_MM);
    float *share = malloc(2 * grid_cells(&fine) * sizeof *share);
    float *other = share ? share + grid_cells(&fine) : NULL;
    double area_a = 0, area_b = 0, shared = 0;

    if (!share)
        return problem_no_memory(why, "room to compare two zones");
    atlas_cell_shares(a, &frame, NULL, &fine, share);
    atlas_cell_shares(b, &frame, NULL, &fine, other);
    for (size_t i = 0; i < grid_cells(&fine); i++) {
        area_a += (double)share[i];
        area_b += (double)other[i];
        shared += (double)share[i] * (double)other[i];
    }
    free(share);
    *percent = fmin(area_a, area_b) > 0 ? 100 * shared / fmin(area_a, area_b) : 0;
    return 0;
}

int atlas_check_overlaps(const struct atlas *atlas, struct problem *why)
{
    for (int i = 0; i < atlas_overlap_count(atlas); i++) {
        const struct atlas_overlap *stated = atlas_overlap(atlas, i);
        double percent;
        if (atlas_measure_overlap(atlas_find(atlas, stated->a), atlas_find(atlas, stated->b),
                                  &percent, why))
            return -1;
        if (fabs(percent - stated->percent) > ATLAS_OVERLAP_TOLERANCE)
            return problem(why, PROBLEM_REFUSED,
                           "atlas: overlap of %s and %s is %.1f %% of the smaller, but %.1f %% is "
                           "stated",
                           stated->a, stated->b, percent, stated->percent);
    }
    return 0;
}
