/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parting the contact of a plate into prints: one foot, two feet, things that are no foot.
 *
 * Feet standing side by side, one before the other, or with touching heels can be parted by a
 * straight line; the toes of a foot and the heel of a high arch are islands that no gap width tells
 * from the other foot's. So all straight lines are tried (48 directions, half a cell apart): a cut
 * is good when it runs through little pressure and leaves parts whose area, length and width (from
 * second moments) are those of feet, alike in size. The best cut is taken when it beats leaving the
 * part whole, and each half is parted again. No allocation beyond one scratch buffer. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_SPLIT_H
#define TENDERFOOT_ANALYSIS_FOOT_SPLIT_H

#include "analysis/grid.h"
#include "firmware/wire/problem.h"

#define PRINTS_MAX 8

struct contact_cell {
    double x_mm, y_mm; /* centre */
    double weight;     /* 0..1: pressure by the mean of the contact, at most 1 */
    int row, col;
    int on_border; /* of the plate */
};

struct print {
    size_t first, n;                      /* its cells in the array, after foot_split */
    double area_cm2, length_mm, width_mm; /* of the rectangle with the same second moments */
    double angle_deg;                     /* of the long side from y towards x, -90..90 */
    struct point centre;
    double unlikeness; /* 0 like a foot; over PRINT_UNLIKE not one */
    int on_border;     /* cells on the plate's border */
};

#define PRINT_CUT_CELLS 3 /* so many cut cells: part of the print is missing */
#define PRINT_UNLIKE 12.0
#define PRINT_AREA_MIN_CM2 25.0 /* less is no foot: reflexology.md 2.1 */

/* Parts cells[n], reordering them; returns the number of prints (0 for n = 0), or -1 with `why`.
 * More than PRINTS_MAX prints are not parted further. */
int foot_split(const struct grid *grid, struct contact_cell *cells, size_t n,
               struct print prints[PRINTS_MAX], struct problem *why);

/* The print of cells[first ... first + n), n over 0. */
void foot_split_describe(const struct grid *grid, const struct contact_cell *cells, size_t first,
                         size_t n, struct print *print);

/* Parts one print at its best straight cut, whatever the cost, into *a (what was `print`) and *b.
 * 0, 1 when there is no such cut, or -1 with `why`. */
int foot_split_in_two(const struct grid *grid, struct contact_cell *cells,
                      const struct print *print, struct print *a, struct print *b,
                      struct problem *why);

#endif
