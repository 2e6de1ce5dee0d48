/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of other people's feet from the shared recordings, for tests, and their copies laid
 * elsewhere, turned, mirrored, on other cells and with noise. Never kept: a folder of its own below
 * /tmp, removed at the end. */
#ifndef TENDERFOOT_TESTS_REAL_PICTURES_H
#define TENDERFOOT_TESTS_REAL_PICTURES_H

#include "analysis/grid.h"
#include "samples/dice.h"

#define REAL_DATA "../shared/data"

struct real_pictures {
    char folder[40];
    int converted; /* 0: the data, or python3 with numpy, is not there */
};

/* 0, or -1 when no folder can be made. */
int real_pictures_begin(struct real_pictures *real);
void real_pictures_end(struct real_pictures *real);

/* The maximum of all frames of NAME.npy in the folder (tests/real_recordings.py has the names);
 * malloc'ed; NULL when it is not there. */
float *real_pictures_maximum(const struct real_pictures *real, const char *name, size_t cells);

struct moved_picture {
    double turn_deg;     /* clockwise seen from above, as a foot frame's angle */
    int mirrored;        /* left to right, before the turn */
    double dx_mm, dy_mm; /* of the print's middle from the middle of the new grid */
    double noise_kpa;    /* sd of what is added to each cell, and 0.15 of its pressure */
    double below_kpa;    /* less is 0 */
    struct grid grid;    /* the new cells */
};

/* The picture as those cells would have it: pressure read linearly between the old cells' middles,
 * mean over 4 x 4 places of each new cell. malloc'ed, rows * cols of move->grid. */
float *real_picture_moved(const struct grid *grid, const float *picture,
                          const struct moved_picture *move, struct dice *dice);

#endif
