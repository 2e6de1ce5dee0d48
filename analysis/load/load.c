/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/load.h"

#include <stdlib.h>

static void free_parts(struct part_series *series, int n)
{
    for (int i = 0; series && i < n; i++) {
        free(series[i].force_n);
        free(series[i].area_cm2);
        free(series[i].peak_kpa);
    }
    free(series);
}

void load_numbers_free(struct load_numbers *load)
{
    if (!load)
        return;
    free(load->series.force_n);
    free(load->series.cop_x_mm);
    free(load->series.cop_y_mm);
    free(load->series.area_cm2);
    free(load->series.peak_kpa);
    free(load->zones);
    free_parts(load->region_series, REGION_COUNT);
    free_parts(load->zone_series, load->n_zones);
    free(load);
}

void load_whole_free(struct load_whole *whole)
{
    free(whole);
}
