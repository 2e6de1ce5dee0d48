/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot finder: which cells of a pressure picture belong to which of no, one or two feet, where
 * each foot's heel and toes are, and which side it is, with a confidence and the reason in words.
 *
 * Input: the mean picture of quiet standing or the maximum picture of walking, kPa. Contact cells
 * form islands; islands are joined to feet by a model of two long axes, not by a distance alone, so
 * that toes and a high-arched heel find their foot and feet side by side stay apart. What is not a
 * foot (a hand, a bag, a paw, a plate that is all one value) gives no foot and a reason. Works on
 * any angle; side and toe end need no operator but the operator's word wins. One picture's worth of
 * memory is allocated and freed inside, besides `label`. Deterministic. One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FINDER_H
#define TENDERFOOT_ANALYSIS_FOOT_FINDER_H

#include "analysis/foot/foot_frame.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct foot_hints {
    enum side feet[2];   /* the operator's word, by x from the left; SIDE_UNKNOWN = not said */
    int n_feet;          /* how many feet the operator named; 0 = not said */
    double length_mm[3]; /* entered foot length by enum side; 0 or NAN = not entered */
};

/* Below this confidence a side is not stated. */
#define SIDE_STATED 0.85

struct found_foot {
    enum side side;         /* SIDE_UNKNOWN: not stated */
    enum side likely_side;  /* the likelier one, stated or not; the operator's where he said */
    double side_confidence; /* 0.5 undecided .. 1 */
    char side_reason[120];
    int side_contradicts; /* the print speaks against the operator's word */
    int toes_by_print;    /* 1: the print tells its toe end; 0: taken to point to the front */
    int off_edge;         /* contact runs along the plate's border: part of the foot is missing */
    struct point rough_heel, rough_toe; /* ends of the rough axis, plate frame */
    double rough_angle_deg;
    int is_part; /* 1: taken for a foot, but the print is not shaped as that of a whole one (a
                    forefoot or a heel alone, a light or odd foot): length and axis are a guess */
    size_t cells;
};

struct found_feet {
    struct found_foot foot[2]; /* by x of their centre, from the left */
    int n;
    uint8_t *label;           /* rows * cols: 0 = no foot, 1 + index of the foot; malloc'ed */
    size_t stray_cells;       /* contact cells of no foot */
    double stray_share;       /* their share of the picture's sum */
    char no_foot_reason[160]; /* "" when n > 0 */
    char beside_reason[160];  /* why something beside the feet is none; "" = nothing was refused */
};

/* 0, or -1 with `why` (out of memory). `hints` may be NULL. found_feet_free frees label. */
int foot_finder(const struct grid *grid, const float *picture, double threshold_kpa,
                const struct foot_hints *hints, struct found_feet *found, struct problem *why);
void found_feet_free(struct found_feet *found);

#endif
