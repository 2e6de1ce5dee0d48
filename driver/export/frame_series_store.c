/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/frame_series_store.h"

#include "analysis/frame_numbers.h"

#include <stdlib.h>

const struct frame_series_facts frame_series_facts[FRAME_SERIES] = {
    {"time_s", "s", "device time since the first frame"},
    {"force_n", "N", "sum of pressure x cell area over contact cells"},
    {"cop_x_mm", "mm", "centre of pressure, to the right; NaN below min_force_n"},
    {"cop_y_mm", "mm", "centre of pressure, to the front; NaN below min_force_n"},
    {"area_cm2", "cm2", "cells at or above contact_threshold_kpa"},
    {"peak_kpa", "kPa", "largest cell"},
    {"frame_number", "1", "counts from 0; a number left out is a frame that was lost"},
};

int frame_series_store_make(struct frame_series_store *store,
                            const struct frame_export_facts *facts, struct problem *why)
{
    int failed = 0;
    *store = (struct frame_series_store){.n = 0};
    for (int i = 0; i < FRAME_SERIES; i++) {
        store->of[i] = calloc(facts->n_frames, sizeof(double));
        failed |= !store->of[i];
    }
    return failed ? problem_no_memory(why, "an export") : 0;
}

void frame_series_store_free(struct frame_series_store *store)
{
    for (int i = 0; i < FRAME_SERIES; i++)
        free(store->of[i]);
    *store = (struct frame_series_store){.n = 0};
}

int frame_series_store_add(struct frame_series_store *store, const struct frame_export_facts *facts,
                           uint64_t number, double time_s, const float *kpa, struct problem *why)
{
    const struct frame_export_options *o = facts->options;
    if (store->n >= facts->n_frames)
        return problem(why, PROBLEM_FAILED, "the recording grew while it was exported; try again");
    struct frame_numbers n = frame_numbers(&facts->grid, kpa, o->threshold_kpa, o->min_force_n);
    const double values[FRAME_SERIES] = {time_s,     n.force_n,  n.cop_x_mm,    n.cop_y_mm,
                                         n.area_cm2, n.peak_kpa, (double)number};
    for (int i = 0; i < FRAME_SERIES; i++)
        store->of[i][store->n] = values[i];
    store->n++;
    return 0;
}
