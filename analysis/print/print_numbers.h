/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of one footprint: arch index, Chippaux-Smirak, Staheli, Clarke's angle, widths, lengths,
 * progression and big-toe side, each with how far it hangs on the contact threshold and on one
 * cell.
 *
 * Input: one contact picture (the mean of standing, the maximum of a step), the cells of the foot,
 * and its foot frame. Everything is measured along and across the frame's long axis, on cells at or
 * above the threshold. Toes are the cells ahead of the toe line B1..B5; "without toes" is all else.
 * The length without toes is parted in thirds: rear, middle, front. Lengths and widths reach to the
 * outer sides of the contact cells (up to a cell too long, of which a soft rim takes about as much
 * away), and edges are averaged over the length of one cell, so that the grid's steps cancel.
 * Formulas and sources: print_number_facts and SCHEMA.md. A number that the print does not
 * allow is NAN with a reason. The same input gives the same bytes. Allocates scratch inside and
 * frees it; one thread a call. */
#ifndef TENDERFOOT_ANALYSIS_PRINT_PRINT_NUMBERS_H
#define TENDERFOOT_ANALYSIS_PRINT_PRINT_NUMBERS_H

#include "analysis/foot/foot_frame.h"
#include "analysis/grid.h"
#include "analysis/foot/guide_lines.h"
#include "firmware/wire/problem.h"

enum print_number_id {
    PRINT_ARCH_INDEX, /* middle / (rear + middle + front) area, Cavanagh & Rodgers 1987 */
    PRINT_REAR_CM2,   /* contact area of the thirds of the length without toes; a cell that a */
    PRINT_MIDDLE_CM2, /* border crosses counts with its share on each side */
    PRINT_FRONT_CM2,  /* */
    PRINT_CHIPPAUX,   /* narrowest middle third / widest front third, % */
    PRINT_STAHELI,    /* narrowest middle third / widest rear third */
    PRINT_CLARKE_DEG, /* medial tangent to the line ball's inner point - arch hollow */
    PRINT_PROGRESSION_DEG, /* long axis from the direction of walking, toes outward positive */
    PRINT_LENGTH_MM,       /* contact, heel to the longest toe */
    PRINT_LENGTH_NO_TOES_MM,
    PRINT_FOREFOOT_MM, /* widest of the front third, narrowest of the middle, widest of the rear */
    PRINT_MIDFOOT_MM,
    PRINT_HEEL_MM,
    PRINT_BIG_TOE_DEG, /* medial tangent to the line ball's inner point - big toe's inner point,
                          towards the other toes positive: an observation (R14) */
    PRINT_NUMBERS
};

struct print_number {
    double value;              /* NAN: see reason */
    double at_half, at_double; /* value at half and at double the threshold; NAN when none */
    double per_20_percent;     /* largest change when the threshold is 20 % lower or higher */
    double one_cell;           /* RMS change when a single cell of the rim is flipped, over all */
    double error;              /* of the two, added in squares: what patterns are judged by */
    char reason[112];          /* "" when there is a value */
};

struct print_numbers {
    struct print_number of[PRINT_NUMBERS];
    int is_parted; /* 1: nothing of some part of the middle third touches: heel and ball are apart
                    */
};

struct print_input {
    const struct grid *grid;
    const float *picture; /* kPa, rows * cols */
    const float *mask;    /* > 0 for the cells of this foot, rows * cols */
    double threshold_kpa; /* of contact */
    const struct foot_frame *frame;
    const struct guide_lines *lines; /* where the toes begin; NULL = the template's */
    double walking_deg; /* direction of walking from the plate's y axis, positive towards +x; NAN =
                           the plate's y axis, in the sense that the foot points */
    int cut_by_rim;     /* part of the foot lies off the plate */
    int toes_touch;     /* 0: no toe is on the print: no length with toes, no big toe */
    int only_values;    /* 1: no sensitivity (they stay NAN): some hundred times faster */
};

/* 0, or -1 with `why` (no memory). A print without contact gives NAN and reasons, not a failure. */
int print_measure(const struct print_input *input, struct print_numbers *numbers,
                  struct problem *why);

/* What a number is: for tables, JSON and reports. */
struct print_number_facts {
    const char *key;    /* JSON and CSV: "arch_index", unit in the key */
    const char *words;  /* "arch index" */
    const char *unit;   /* "", "cm2", "%", "°", "mm" */
    const char *source; /* whose definition */
    int decimals;
};
const struct print_number_facts *print_number_facts(enum print_number_id id);

#endif
