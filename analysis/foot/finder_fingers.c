/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fingers about a part of a foot: then it is the palm of a hand. */
#include "analysis/foot/finder_private.h"

#include <math.h>

/* Three islands such as fingertips beyond where toes lie make a part of a foot the palm of a hand.
 * The toes' crease is 0.05 of a foot's length, and of toes only the big one is so large. */
#define FINGERS 3
#define FINGER_MIN_CM2 2.5
#define FINGER_MAX_CM2 16.0
#define FINGER_NEAR_MM 22.0
#define FINGER_FAR_MM 70.0

enum { LOADED = 1, TOUCHING, OF_PRINT, PALM };

/* Marks what is loaded, be it below the threshold, so that the patches of a light foot are one. */
static void mark_loads(const struct finder *f, const uint8_t *label, int print, uint8_t *mark)
{
    for (size_t i = 0; i < grid_cells(f->grid); i++)
        mark[i] = label[i] == print + 1                                  ? OF_PRINT
                  : f->picture[i] > f->above                             ? TOUCHING
                  : f->picture[i] > f->above * (float)FINDER_LIGHT_SHARE ? LOADED
                                                                         : 0;
}

/* Leaves PALM on the contact of the island that has most of the print, nothing on its rest. */
static void mark_palm(const struct finder *f, uint8_t *mark)
{
    size_t cells = grid_cells(f->grid), by_mark[LABELS], most = 0, palm = 0, n;

    for (size_t start = 0; start < cells; start++)
        if (mark[start] && !(mark[start] & VISITED)) {
            finder_flood(f, mark, start, f->island, by_mark);
            if (by_mark[OF_PRINT] > most) {
                most = by_mark[OF_PRINT];
                palm = start;
            }
        }
    for (size_t i = 0; i < cells; i++)
        mark[i] &= VISITED - 1;
    n = finder_flood(f, mark, palm, f->island, by_mark);
    for (size_t i = 0; i < n; i++)
        mark[f->island[i]] = f->picture[f->island[i]] > f->above ? PALM | VISITED : 0;
}

/* How far a cell's middle lies from the palm, mm; more than FINGER_FAR_MM is INFINITY. */
static double palm_mm(const struct finder *f, const uint8_t *mark, int row, int col)
{
    int rows = (int)(FINGER_FAR_MM / f->grid->pitch_y_mm);
    int cols = (int)(FINGER_FAR_MM / f->grid->pitch_x_mm);
    double nearest = INFINITY;

    for (int r = row - rows; r <= row + rows; r++)
        for (int c = col - cols; c <= col + cols; c++)
            if (finder_label_at(f, mark, r, c) == (PALM | VISITED))
                nearest = fmin(nearest, hypot((c - col) * f->grid->pitch_x_mm,
                                              (r - row) * f->grid->pitch_y_mm));
    return nearest <= FINGER_FAR_MM ? nearest : INFINITY;
}

/* Whether the island of n cells in f->island is as large and lies as far from the palm as a
 * fingertip. */
static int is_finger(const struct finder *f, const uint8_t *mark, size_t n)
{
    double near_mm = INFINITY, cm2 = 0;

    for (size_t i = 0; i < n; i++)
        cm2 += (f->picture[f->island[i]] > f->above) * grid_cell_cm2(f->grid);
    if (cm2 < FINGER_MIN_CM2 || cm2 > FINGER_MAX_CM2)
        return 0;
    for (size_t i = 0; i < n; i++)
        near_mm = fmin(near_mm, palm_mm(f, mark, (int)(f->island[i] / (size_t)f->grid->cols),
                                        (int)(f->island[i] % (size_t)f->grid->cols)));
    return near_mm >= FINGER_NEAR_MM && near_mm <= FINGER_FAR_MM;
}

int finder_has_fingers(const struct finder *f, const uint8_t *label, int print, uint8_t *mark)
{
    size_t by_mark[LABELS];
    int fingers = 0;

    mark_loads(f, label, print, mark);
    mark_palm(f, mark);
    for (size_t start = 0; start < grid_cells(f->grid); start++)
        if (mark[start] && !(mark[start] & VISITED))
            fingers += is_finger(f, mark, finder_flood(f, mark, start, f->island, by_mark));
    return fingers >= FINGERS;
}
