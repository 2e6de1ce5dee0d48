/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import: another maker's file becomes a recording of kPa frames (FRAME_F32).
 *
 * The file is read twice: once to check all of it (and to see whether the person walked or stood),
 * once to write. So a damaged file leaves nothing behind. Values are kept as they are, only units
 * are converted; device times are seq / rate. */
#ifndef TENDERFOOT_DRIVER_IMPORT_IMPORT_H
#define TENDERFOOT_DRIVER_IMPORT_IMPORT_H

#include "driver/import/frame_sink.h"
#include "driver/recording_header.h"

#define IMPORT_WARNINGS_MAX 8

struct import_options {
    const char *format; /* "emed", "asf", "zebris", ... or NULL: by the file's content */
    struct import_hints hints;
    int flip_rows, flip_cols;
    const char *client;   /* NULL = no label */
    const char *protocol; /* stand | walk; NULL = by the longest contact: under 2 s it is a walk */
};

struct import_result {
    struct recording_header header;
    uint64_t frames, missing; /* missing: numbers that the file leaves out */
    double duration_s, peak_kpa, max_force_n;
    double longest_contact_s; /* of one stretch with more than a tenth of the largest force */
    uint64_t no_sensor_cells; /* places of the grid where the device has no sensor */
    /* The device's own force, where the file states it, against the sum of the pressures. */
    uint64_t stated_frames, contradicted_frames;
    double stated_max_force_n, largest_difference_n, largest_difference_s;
    int n_warnings;
    char warnings[IMPORT_WARNINGS_MAX][160];
};

/* Reads `path` and writes the recording `to`, which must not exist. */
int import_file(const char *path, const char *to, const struct import_options *options,
                struct import_result *result, struct problem *why);

#endif
