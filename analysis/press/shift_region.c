/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/shift_region.h"

#include <math.h>
#include <string.h>

/* A cell below it is no contact. */
#define CONTACT_KPA 2.0

#define FOREFOOT_FROM_U 0.50
#define HEEL_TO_U 0.30
#define MIDDLE_V 0.50
/* Beyond the frame's ends and edges: toes that are spread, soft tissue, errors of the frame. */
#define RIM_U 0.08
#define RIM_V 0.25

static const struct {
    const char *name, *words;
    struct uv aim;
} table[SHIFT_REGIONS] = {
    [SHIFT_FOREFOOT] = {"forefoot", "forefoot", {0.73, 0.47}},
    [SHIFT_HEEL] = {"heel", "heel", {0.13, 0.50}},
    [SHIFT_INNER_EDGE] = {"inner_edge", "inner edge", {0.70, 0.20}},
    [SHIFT_OUTER_EDGE] = {"outer_edge", "outer edge", {0.50, 0.85}},
};

const char *shift_region_name(enum shift_region region)
{
    return (unsigned)region < SHIFT_REGIONS ? table[region].name : "?";
}

const char *shift_region_words(enum shift_region region)
{
    return (unsigned)region < SHIFT_REGIONS ? table[region].words : "?";
}

int shift_region_from_name(const char *name)
{
    for (int i = 0; name && i < SHIFT_REGIONS; i++)
        if (!strcmp(name, table[i].name))
            return i;
    return -1;
}

int shift_region_has(enum shift_region region, struct uv at)
{
    switch (region) {
    case SHIFT_FOREFOOT:
        return at.u >= FOREFOOT_FROM_U;
    case SHIFT_HEEL:
        return at.u < HEEL_TO_U;
    case SHIFT_INNER_EDGE:
        return at.v < MIDDLE_V;
    case SHIFT_OUTER_EDGE:
        return at.v >= MIDDLE_V;
    case SHIFT_REGIONS:
        break;
    }
    return 0;
}

struct uv shift_region_aim(enum shift_region region)
{
    return table[(unsigned)region < SHIFT_REGIONS ? region : SHIFT_HEEL].aim;
}

int shift_is_under_foot(struct uv at)
{
    return at.u >= -RIM_U && at.u <= 1 + RIM_U && at.v >= -RIM_V && at.v <= 1 + RIM_V;
}

static void own_cell(const struct foot_frame frame[3], struct point at, uint8_t *owner,
                     uint8_t *regions)
{
    double nearest = INFINITY;

    *owner = *regions = 0;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        if (!(frame[side].length_mm > 0))
            continue;
        struct uv on = foot_frame_to_uv(&frame[side], at);
        if (!shift_is_under_foot(on) || fabs(on.v - 0.5) >= nearest)
            continue;
        nearest = fabs(on.v - 0.5);
        *owner = (uint8_t)side;
        *regions = 0;
        for (int r = 0; r < SHIFT_REGIONS; r++)
            *regions |= (uint8_t)(shift_region_has((enum shift_region)r, on) << r);
    }
}

void shift_cells(const struct grid *grid, const struct foot_frame frame[3], uint8_t *owner,
                 uint8_t *regions)
{
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;
            own_cell(frame, grid_centre(grid, row, col), &owner[cell], &regions[cell]);
        }
}

struct shift_load_now shift_load_of(const struct grid *grid, const uint8_t *owner,
                                    const uint8_t *regions, enum side side,
                                    enum shift_region region, const float *kpa)
{
    struct shift_load_now load = {0};
    double newton = grid_newton_per_kpa(grid);
    int touching = 0;

    for (size_t i = 0; i < grid_cells(grid); i++) {
        double one = (double)kpa[i];
        if (!(one >= CONTACT_KPA) || !isfinite(one))
            continue;
        load.all_n += one * newton;
        load.own_n += owner[i] ? one * newton : 0;
        if (owner[i] != (uint8_t)side)
            continue;
        load.foot_n += one * newton;
        if (!(regions[i] >> region & 1))
            continue;
        load.region_n += one * newton;
        touching++;
    }
    load.mean_kpa = touching ? load.region_n / newton / touching : 0;
    return load;
}
