/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/atlas/zones.h"

#include <math.h>
#include <stdlib.h>

/* Sums over the cells of one zone that are in contact. */
struct contact {
    double area_cm2, force_n, peak_kpa, pti_kpa_s_cm2;
};

/* The zone's part of one foot: cells that the foot's mask gives to the other foot do not count. */
static struct contact sum_contact(const struct result *result, const struct foot_result *foot,
                                  const float *share)
{
    struct contact sum = {0};
    double cell_cm2 = grid_cell_cm2(&result->grid), newton = grid_newton_per_kpa(&result->grid);
    const float *contact = result_contact_picture(result);
    size_t n = grid_cells(&result->grid);

    for (size_t i = 0; i < n; i++) {
        double kpa = (double)result->mean_picture[i];
        if (share[i] <= 0 || contact[i] <= 0 || (double)contact[i] < result->threshold_kpa ||
            (foot->mask && foot->mask[i] <= 0))
            continue;
        sum.area_cm2 += (double)share[i] * cell_cm2;
        sum.force_n += (double)share[i] * kpa * newton;
        sum.peak_kpa = fmax(sum.peak_kpa, (double)result->max_picture[i]);
        if (result->pti_picture)
            sum.pti_kpa_s_cm2 += (double)share[i] * (double)result->pti_picture[i] * cell_cm2;
    }
    return sum;
}

static void set_load(struct zone_result *zone, const struct contact *sum, double area_cm2,
                     double total_mean_force_n)
{
    zone->contact_cm2 = sum->area_cm2;
    zone->contact_share = area_cm2 > 0 ? fmin(sum->area_cm2 / area_cm2, 1) : 0;
    zone->peak_kpa = sum->peak_kpa;
    /* N / cm2 = 10 kPa */
    zone->mean_kpa = sum->area_cm2 > 0 ? 10 * sum->force_n / sum->area_cm2 : NAN;
    zone->pti_kpa_s = sum->area_cm2 > 0 ? sum->pti_kpa_s_cm2 / sum->area_cm2 : NAN;
    zone->load_percent = total_mean_force_n > 0 ? 100 * sum->force_n / total_mean_force_n : NAN;
    zone->state =
        zone->contact_share < ZONE_CONTACT_SHARE_MIN ? STATE_NO_CONTACT : STATE_NOT_TESTED;
}

static void set_nothing_known(struct zone_result *zone, const struct atlas_zone *atlas_zone,
                              const struct foot_result *foot)
{
    *zone = (struct zone_result){
        .zone = atlas_zone,
        .side = foot->side,
        .state = atlas_zone->is_plantar ? STATE_NOT_TESTED : STATE_OUTSIDE_PLATE,
        .approximate = atlas_is_approximate(atlas_zone, &foot->landmarks),
        .place_quality = atlas_place_quality(atlas_zone, &foot->landmarks),
        .contact_cm2 = NAN,
        .contact_share = NAN,
        .mean_kpa = NAN,
        .peak_kpa = NAN,
        .load_percent = NAN,
        .pti_kpa_s = NAN,
        .threshold_kpa = NAN,
        .threshold_low_kpa = NAN,
        .threshold_high_kpa = NAN,
        .ratio = NAN,
        .ratio_low = NAN,
        .ratio_high = NAN,
        .expected_kpa = NAN,
    };
}

int zones_load(const struct atlas *atlas, const struct result *result, double total_mean_force_n,
               struct foot_result *foot, struct problem *why)
{
    int n = atlas_count(atlas);
    struct zone_result *zones = calloc((size_t)n, sizeof *zones);
    float *share = malloc(grid_cells(&result->grid) * sizeof *share);

    if (!zones || !share) {
        free(zones);
        free(share);
        return problem_no_memory(why, "the zones of a foot");
    }
    for (int i = 0; i < n; i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        set_nothing_known(&zones[i], zone, foot);
        /* A foot made for a press test only has no load of its own. */
        if (!zone->is_plantar || !result->mean_picture || isnan(foot->force_n))
            continue;
        atlas_cell_shares(zone, &foot->frame, &foot->landmarks, &result->grid, share);
        struct contact sum = sum_contact(result, foot, share);
        set_load(&zones[i], &sum, atlas_area_cm2(zone, &foot->frame, &foot->landmarks),
                 total_mean_force_n);
    }
    free(share);
    foot->zones = zones;
    foot->n_zones = n;
    return 0;
}
