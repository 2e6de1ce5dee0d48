/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of each exported frame, for formats that hold them beside the pressures: one series
 * each, in the units its name says. One thread. */
#ifndef TENDERFOOT_DRIVER_EXPORT_FRAME_SERIES_STORE_H
#define TENDERFOOT_DRIVER_EXPORT_FRAME_SERIES_STORE_H

#include "driver/export/frame_export.h"

enum {
    FRAME_TIME,
    FRAME_FORCE,
    FRAME_COP_X,
    FRAME_COP_Y,
    FRAME_AREA,
    FRAME_PEAK,
    FRAME_NUMBER,
    FRAME_SERIES
};

struct frame_series_facts {
    const char *name, *units, *what;
};
extern const struct frame_series_facts frame_series_facts[FRAME_SERIES];

struct frame_series_store {
    double *of[FRAME_SERIES]; /* room for facts->n_frames each */
    size_t n;
};

/* 0, or -1: no memory, and free is still to be called. */
int frame_series_store_make(struct frame_series_store *store,
                            const struct frame_export_facts *facts, struct problem *why);
void frame_series_store_free(struct frame_series_store *store);

/* -1: more frames than the facts told of; the recording grew meanwhile. */
int frame_series_store_add(struct frame_series_store *store, const struct frame_export_facts *facts,
                           uint64_t number, double time_s, const float *kpa, struct problem *why);

#endif
