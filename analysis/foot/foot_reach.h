/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far ahead a foot's frame is proven: no zone is told from presses beyond that.
 *
 * A frame's length may be a guess, and then what lies ahead of the part that was seen may lie
 * elsewhere, or not exist. By what is known (values: project choices, on drawn feet):
 *   length entered or set by hand   the whole foot; of one that ends early (an amputation: nothing
 *                                   ahead of its heel could be measured) up to its contact's end
 *   ball measured                   (three of the five heads or more) the whole foot where toes and
 *                                   length are measured, too; else up to the contact's end: what
 *                                   the heads' places tell lies right whatever the length
 *   neither                         the heel, up to u = 0.30: whatever the length, its places lie
 *                                   within 12 mm (1400 drawn feet), the arch's up to 30 mm off
 *   a part of a foot; the heel over the plate's edge; a width that no foot of that length has
 *                                   nothing: even its heel may lie elsewhere
 * The contact's end leaves out the foremost 3 cm2: stray cells are no toes. Pure; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FOOT_REACH_H
#define TENDERFOOT_ANALYSIS_FOOT_FOOT_REACH_H

#include "analysis/foot/foot_frame.h"

struct foot_print;

#define FOOT_REACH_WHY_MAX 96

struct foot_reach {
    int is_limited;               /* 0: the whole foot; so is a struct of zeros */
    double u;                     /* limited: places up to here; -INFINITY = none */
    char why[FOOT_REACH_WHY_MAX]; /* limited: a part of a sentence */
};

struct foot_reach_input {
    const struct foot_print *print; /* landmarks.h */
    const struct foot_frame *frame;
    const struct landmarks *landmarks;
    int is_part, off_edge, toes_touch; /* as the finder and frame_from_print say */
    int length_is_measured, length_given;
};

struct foot_reach foot_reach_of(const struct foot_reach_input *input);

/* 1 when a place at u is one of which something may be told. */
int foot_reach_covers(const struct foot_reach *reach, double u);

#endif
