/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One frame of a text file while it is read: rows of numbers in the order of the file, the first
 * one of the file fixing how many columns there are. At most 256 x 256. */
#ifndef TENDERFOOT_DRIVER_IMPORT_PICTURE_H
#define TENDERFOOT_DRIVER_IMPORT_PICTURE_H

#include "driver/import/frame_sink.h"
#include "driver/import/text_file.h"

#include <stddef.h>
#include <stdint.h>

#define PICTURE_SIDE 256

struct picture {
    int rows, cols; /* of the file; 0 = not known yet: the first frame tells */
    int n_rows;     /* read of this frame */
    double values[PICTURE_SIDE * PICTURE_SIDE];      /* rows of `cols`, 0 where no sensor is */
    uint8_t no_sensor[PICTURE_SIDE * PICTURE_SIDE];  /* 1 where this frame says so */
    uint8_t first_mask[PICTURE_SIDE * PICTURE_SIDE]; /* what the first frame says */
    int n_no_sensor, is_first;
    int takes_negative;                     /* numbers below 0 are kept; else refused */
    int takes_empty;                        /* an empty cell is no sensor; else refused */
    long long n_negative;                   /* of all frames */
    float kpa[PICTURE_SIDE * PICTURE_SIDE]; /* for the sink */
};

/* NULL and *why. free() ends it. */
struct picture *picture_create(struct problem *why);
void picture_begin(struct picture *picture);

/* The cells of text->line from `at` on as the next row; 0 or -1 with line and column. */
int picture_row(struct picture *picture, const struct text_file *text, const char *at,
                char separator);

/* The same for a line that holds all rows of a frame (rows and cols are set). */
int picture_cells(struct picture *picture, const struct text_file *text, const char *at,
                  char separator);

/* A whole frame: does it have as many rows as the first one, and its cells without sensor at the
 * same places? */
int picture_end(struct picture *picture, const struct text_file *text);

/* How the file's rows and columns lie: what picture_kpa turns round. */
enum picture_turn {
    PICTURE_AS_PRINTED = 0,
    PICTURE_ROWS = 1, /* the file begins at the front (toes) */
    PICTURE_COLS = 2, /* the file's columns run from the right to the left */
    PICTURE_SWAP = 4, /* the file's columns run along the walk; taken before the other two, so that
                         these speak of the rows and columns that come out */
};

/* picture->kpa in these units, row 0 at the back. cell_mm2 is for newton per cell. */
void picture_kpa(struct picture *picture, int turn, enum import_units units, double cell_mm2);
/* The mask turned the same way, rows * cols bytes. */
void picture_mask(const struct picture *picture, int turn, uint8_t *mask);

#endif
