/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/regions.h"

#include "analysis/load/membership.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *words;
} regions[REGION_COUNT] = {
    [REGION_G1] = {"G1", "toes"},           [REGION_G2] = {"G2", "ball"},
    [REGION_G3A] = {"G3a", "upper middle"}, [REGION_G3B] = {"G3b", "lower middle"},
    [REGION_G4] = {"G4", "heel"},
};

const char *region_name(enum region_id id)
{
    return (unsigned)id < REGION_COUNT ? regions[id].name : "?";
}

const char *region_words(enum region_id id)
{
    return (unsigned)id < REGION_COUNT ? regions[id].words : "?";
}

enum region_id region_at(const struct guide_lines *lines, struct uv place)
{
    if (place.u >= guide_toe_u(lines, place.v))
        return REGION_G1;
    if (place.u >= guide_diaphragm_u(lines, place.v))
        return REGION_G2;
    if (place.u >= lines->waist_u)
        return REGION_G3A;
    return place.u >= lines->heel_front_u ? REGION_G3B : REGION_G4;
}

enum region_class region_class_at(const struct guide_lines *lines, struct uv place)
{
    switch (region_at(lines, place)) {
    case REGION_G1:
        return CLASS_TOE;
    case REGION_G2:
        return CLASS_BALL;
    case REGION_G4:
        return CLASS_HEEL;
    default:
        return CLASS_ARCH;
    }
}

double region_border_mm(const struct guide_lines *lines, double length_mm, struct uv place,
                        enum region_class *beyond)
{
    const struct {
        double u;
        enum region_class behind, ahead;
    } borders[] = {{lines->heel_front_u, CLASS_HEEL, CLASS_ARCH},
                   {guide_diaphragm_u(lines, place.v), CLASS_ARCH, CLASS_BALL},
                   {guide_toe_u(lines, place.v), CLASS_BALL, CLASS_TOE}};
    double nearest = INFINITY;

    for (int i = 0; i < 3; i++) {
        double off = (place.u - borders[i].u) * length_mm;
        if (fabs(off) >= nearest)
            continue;
        nearest = fabs(off);
        *beyond = off >= 0 ? borders[i].behind : borders[i].ahead;
    }
    return nearest;
}

static void add_cell(struct region_result *region, const struct result *result, size_t cell,
                     double share)
{
    double mean = (double)result->mean_picture[cell];
    double contact = (double)result_contact_picture(result)[cell];

    region->force_n += share * mean * grid_newton_per_kpa(&result->grid);
    if (contact > 0 && contact >= result->threshold_kpa) {
        region->area_cm2 += share * grid_cell_cm2(&result->grid);
        region->mean_kpa += share * mean; /* the sum, until finish_region */
        region->pti_kpa_s += share * (double)result->pti_picture[cell]; /* likewise */
    }
    region->peak_kpa = fmax(region->peak_kpa, (double)result->max_picture[cell]);
}

static void finish_region(struct region_result *region, const struct grid *grid,
                          double total_mean_force_n)
{
    double cells = region->area_cm2 / grid_cell_cm2(grid);

    region->load_percent = 100 * region->force_n / total_mean_force_n;
    region->mean_kpa = cells > 0 ? region->mean_kpa / cells : NAN;
    region->pti_kpa_s = cells > 0 ? region->pti_kpa_s / cells : NAN;
}

void regions_load(const struct result *result, double total_mean_force_n, struct foot_result *foot)
{
    const struct grid *grid = &result->grid;

    memset(foot->regions, 0, sizeof foot->regions);
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;
            double share[REGION_COUNT];

            if (foot->mask[cell] <= 0)
                continue;
            membership_of_cell(grid, &foot->frame, &foot->lines, row, col, share);
            for (int i = 0; i < REGION_COUNT; i++)
                if (share[i] > 0)
                    add_cell(&foot->regions[i], result, cell, share[i]);
        }
    for (int i = 0; i < REGION_COUNT; i++)
        finish_region(&foot->regions[i], grid, total_mean_force_n);
}
