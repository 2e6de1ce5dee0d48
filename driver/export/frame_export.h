/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording's frames in kPa in the format of others: Tekscan's .asf, emed's .lst, NumPy's .npy,
 * HDF5, MATLAB's .mat. driver/export/README.md has the formats.
 *
 * The recording is read twice: once to learn how many frames there are and which cells are none,
 * once to write, one frame at a time. One thread a call. */
#ifndef TENDERFOOT_DRIVER_EXPORT_FRAME_EXPORT_H
#define TENDERFOOT_DRIVER_EXPORT_FRAME_EXPORT_H

#include "analysis/grid.h"
#include "driver/recording_header.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct frame_export_options {
    const char *calibration;           /* another one than the recording's copy; NULL = that */
    double threshold_kpa, min_force_n; /* of the series that HDF5 holds beside the frames */
};

/* What was done, for the note on the terminal. */
struct frame_export_report {
    uint64_t frames;
    uint64_t missing;  /* numbers between them that the recording lacks */
    uint64_t left_out; /* untared after a restart, or late: not in their order of time */
    uint64_t no_sensor_cells;
    int is_too_large; /* refused by the format's bytes_max */
};

/* What a format is told before the first frame; lives until its finish. */
struct frame_export_facts {
    const struct recording_header *header;
    const char *calibration_id; /* "" for a recording in kPa */
    struct grid grid;
    uint64_t n_frames, n_annotations;
    uint64_t last_number; /* that the last frame will have */
    double first_s;       /* device time of the first frame; times count from it */
    double peak_kpa, least_kpa;
    const uint8_t *no_sensor; /* rows * cols, 1 = no cell or a masked one; NULL = none such */
    const struct frame_export_options *options;
};

/* One format: a constant struct of functions over a context of its own. Each gives 0 or -1. */
struct frame_format {
    const char *name;
    uint64_t bytes_max; /* of all pressures, 4 a cell, that a file can hold; 0 = no bound */
    /* `out` is where the file is written; `path` its name, for a library that wants one. */
    void *(*begin)(const struct frame_export_facts *facts, FILE *out, const char *path,
                   struct problem *why);
    /* `number` counts from 0 and rises; a number left out is a frame that the recording lacks. */
    int (*frame)(void *context, uint64_t number, double time_s, const float *kpa,
                 struct problem *why);
    /* NULL: not kept. JSON, not NUL-terminated. */
    int (*annotation)(void *context, double time_s, const char *json, size_t n,
                      struct problem *why);
    /* Writes what is left and frees the context, whatever it returns; `failed` = only free. */
    int (*finish)(void *context, int failed, struct problem *why);
};

extern const struct frame_format frame_format_asf, frame_format_lst, frame_format_npy,
    frame_format_hdf5, frame_format_mat;
/* NULL when there is none of this name. */
const struct frame_format *frame_format_named(const char *name);

int frame_export(const char *recording, const struct frame_format *format,
                 const struct frame_export_options *options, FILE *out, const char *path,
                 struct frame_export_report *report, struct problem *why);

#endif
