/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an importer's frames go, and what it is told: the contract of one importer.
 *
 * An importer is one function: it reads a stream from its beginning, calls `begin` once, then
 * `frame` for each frame in order of time. It owns no descriptor, keeps one frame in memory, and is
 * a pure function of the stream and the options, so that it may be run twice over one file. */
#ifndef TENDERFOOT_DRIVER_IMPORT_FRAME_SINK_H
#define TENDERFOOT_DRIVER_IMPORT_FRAME_SINK_H

#include "firmware/wire/problem.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum import_units {
    IMPORT_UNITS_AS_FILE = 0, /* what the file says or implies; kPa when it is silent */
    IMPORT_KPA,
    IMPORT_N_PER_CM2,  /* 1 N/cm2 = 10 kPa */
    IMPORT_N,          /* newton per cell: divided by the cell's area */
    IMPORT_PSI,        /* 6.894757293168 kPa */
    IMPORT_KG_PER_CM2, /* kilogram-force: 98.0665 kPa */
    IMPORT_MMHG,       /* 0.133322387415 kPa */
};

/* What the user said; 0 = nothing, so the file must tell. */
struct import_hints {
    double pitch_x_mm, pitch_y_mm, rate_hz;
    enum import_units units;
    int whole_plate; /* emed: the whole plate, not only the printed window */
    int part;        /* of a file with several recordings in it, from 1 */
    int rows, cols;  /* csv: of a frame; 0 = the file must tell */
};

struct import_shape {
    int rows, cols; /* 1..256; row 0 at the back, column 0 at the left, unless the user flips */
    double pitch_x_mm, pitch_y_mm, rate_hz;
    const char *protocol; /* stand | walk where the file tells, else NULL; lives for ever */
};

/* What the maker's own program states of one frame; NAN = not stated. */
struct import_stated {
    double force_n, left_force_n, right_force_n; /* in all, and under each foot */
    double peak_kpa, area_cm2;
    double cop_x_mm, cop_y_mm; /* plate frame as in import_shape, before any flip of the user's */
    double belt_m;             /* how far a treadmill's belt has run */
    /* How far its force may be from the sum of its pressures by rounding alone. */
    double force_doubt_n;
};
#define IMPORT_STATED_NOTHING ((struct import_stated){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN})

struct frame_sink {
    void *context;
    int (*begin)(void *context, const struct import_shape *shape, struct problem *why);
    /* `seq` counts scans from 0 and rises; a number left out is a frame the file lacks. */
    int (*frame)(void *context, uint32_t seq, const float *kpa, struct problem *why);
    /* Something doubtful that does not hinder the import: one sentence. */
    void (*warn)(void *context, const char *sentence);

    /* These may be NULL: then nobody wants to know. */
    /* Between begin and the first frame: rows * cols bytes, 1 where no sensor is. Such a cell is 0
     * in the frames and is no cell. */
    int (*mask)(void *context, const uint8_t *no_sensor, struct problem *why);
    /* Before frame `seq`. */
    int (*stated)(void *context, uint32_t seq, const struct import_stated *stated,
                  struct problem *why);
    /* A line of the file's head, as it stands there (Latin-1 or UTF-8), before the first frame. */
    int (*fact)(void *context, const char *key, const char *value, struct problem *why);
};

/* `name` is the file's, for messages. */
typedef int importer(FILE *file, const char *name, const struct import_hints *hints,
                     const struct frame_sink *sink, struct problem *why);

/* novel's emed text export (.lst): calib-free kPa pictures of a window of the plate. */
importer import_emed_lst;

/* NumPy's .npy: (frames, rows, columns) or (rows, columns), C order, integers or floats. */
importer import_npy;

/* Tekscan's ASCII movies (.asf, .csv). */
importer import_asf;

/* zebris's raw text, of treadmills and plates. */
importer import_zebris;

/* RSscan's and footscan's roll off as text, or as an .xls workbook. */
importer import_rolloff;
importer import_footscan_xls;
int rolloff_is_frame_line(const char *line);

/* Tables of numbers: one row a frame, or one table a frame. */
importer import_csv_frames;
int csv_frames_is_row(const char *line, size_t n); /* could it be one of theirs? */

/* kPa of a value in these units. */
static inline double import_kpa(enum import_units units, double value, double cell_mm2)
{
    switch (units) {
    case IMPORT_N_PER_CM2:
        return value * 10;
    case IMPORT_N:
        return value * 1000 / cell_mm2;
    case IMPORT_PSI:
        return value * 6.894757293168;
    case IMPORT_KG_PER_CM2:
        return value * 98.0665;
    case IMPORT_MMHG:
        return value * 0.133322387415;
    case IMPORT_UNITS_AS_FILE:
    case IMPORT_KPA:
        break;
    }
    return value;
}

/* "kPa", "N/cm2", "PSI", ... in any case, up to the end of the text or a blank;
 * IMPORT_UNITS_AS_FILE for another word. */
enum import_units import_units_named(const char *text);

#endif
