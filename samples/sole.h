/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sole: how pressure is spread over the bare foot of a person standing still.
 *
 * A shape over (u, v) of the foot frame, in relative units: heel pad, five metatarsal heads, the
 * outer edge, as much of the inner arch as the foot's arch lets touch, five toe pads; zero outside
 * the contact outline, which is that of reflexology 1.1 with toes as islands and the arch drawn in.
 * It is the virtual person's own physics and shares no code with the analysis. Lengths inside are
 * those of the 250 mm template, so that a child's foot is a small foot. Pure functions; any thread.
 */
#ifndef TENDERFOOT_SAMPLES_SOLE_H
#define TENDERFOOT_SAMPLES_SOLE_H

#include "samples/subject.h"

#define SOLE_OUTLINE_MAX 64

/* An edge of the outline, from its own point to the one before; both are within from_y to to_y
 * even when the skin's round rim is added. */
struct sole_edge {
    double from_y_mm, to_y_mm;
    struct point point, before;
    double dx_mm, dy_mm, length2;
};

struct sole {
    double arch, toe_contact;
    struct foot_build build;
    struct point outline[SOLE_OUTLINE_MAX]; /* heel, middle and ball: template mm, x across (v),
                                               y along (u) */
    int n_outline;
    struct sole_edge edges[SOLE_OUTLINE_MAX];
};

/* The sole of a foot: only its arch, toes and build matter. */
void sole_make(struct sole *sole, const struct subject_foot *foot);

/* Relative pressure at a place; >= 0. */
double sole_pressure(const struct sole *sole, struct uv at);

/* Only the back of the heel, as it rests in a heel cup while the leg is held up. */
double sole_heel_rest(struct uv at);

#endif
