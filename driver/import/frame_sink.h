/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an importer's frames go, and what it is told: the contract of one importer.
 *
 * An importer is one function: it reads a stream from its beginning, calls `begin` once, then
 * `frame` for each frame in order of time. It owns no descriptor, keeps one frame in memory, and is
 * a pure function of the stream and the options, so that it may be run twice over one file. */
#ifndef TENDERFOOT_DRIVER_IMPORT_FRAME_SINK_H
#define TENDERFOOT_DRIVER_IMPORT_FRAME_SINK_H

#include "firmware/wire/problem.h"

#include <stdint.h>
#include <stdio.h>

enum import_units {
    IMPORT_UNITS_AS_FILE = 0, /* what the file says or implies; kPa when it is silent */
    IMPORT_KPA,
    IMPORT_N_PER_CM2, /* 1 N/cm2 = 10 kPa */
    IMPORT_N,         /* newton per cell: divided by the cell's area */
};

/* What the user said; 0 = nothing, so the file must tell. */
struct import_hints {
    double pitch_x_mm, pitch_y_mm, rate_hz;
    enum import_units units;
    int whole_plate; /* emed: the whole plate, not only the printed window */
};

struct import_shape {
    int rows, cols; /* 1..256; row 0 at the back, column 0 at the left, unless the user flips */
    double pitch_x_mm, pitch_y_mm, rate_hz;
};

struct frame_sink {
    void *context;
    int (*begin)(void *context, const struct import_shape *shape, struct problem *why);
    /* `seq` counts scans from 0 and rises; a number left out is a frame the file lacks. */
    int (*frame)(void *context, uint32_t seq, const float *kpa, struct problem *why);
    /* Something doubtful that does not hinder the import: one sentence. */
    void (*warn)(void *context, const char *sentence);
};

/* `name` is the file's, for messages. */
typedef int importer(FILE *file, const char *name, const struct import_hints *hints,
                     const struct frame_sink *sink, struct problem *why);

/* novel's emed text export (.lst): calib-free kPa pictures of a window of the plate. */
importer import_emed_lst;

/* NumPy's .npy: (frames, rows, columns) or (rows, columns), C order, integers or floats. */
importer import_npy;

/* kPa of a value in these units. */
static inline double import_kpa(enum import_units units, double value, double cell_mm2)
{
    if (units == IMPORT_N_PER_CM2)
        return value * 10;
    return units == IMPORT_N ? value * 1000 / cell_mm2 : value;
}

#endif
