/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a print to a foot frame and its landmarks, by the definitions of reflexology.md 2.1.
 *
 * frame_from_print: the tangents are the sides of the convex hull of the heel part (u < 0.30) and
 * the front part (u > 0.55) of the contact, u first taken from the rough axis and then once more
 * from the frame found; the axis is their bisector; u = 0 and 1 at the rearmost and foremost
 * contact along it; a told length is held by the end that is whole where the plate's edge cuts the
 * other. Where a tangent has too little contact the template's width about the rough
 * axis is taken. Contact ends a few mm inside the foot at both ends; an entered length is shared
 * out to both ends. landmarks_from_print finds what the print shows: hills of the pressure
 * where the landmarks found before say they should be, the surest first, all settled together by
 * how landmarks of one foot lie to each other (constellation.h). One that the print does not show,
 * or along no direction well enough, lies where the others say, with measured = 0. The quality is
 * exp(-(s / 5.7 mm)^2), s the standard error of the place: 0.9 at 2 mm, 0.6 at 4, 0.3 at 6; at most
 * 0.5 for a fallback; what lies off the plate, and heel or tip that the edge cuts, is never
 * measured; an empty print gives the template with 0.3. A print that ends straight across (an
 * amputated forefoot), or whose ball lies further ahead than any whole foot's (the toes are cut
 * short, so is the contact; ridge.h) has no measured landmark ahead of the heel, and 0.2 at most;
 * with such a ball the contact's length is not the foot's and is not called measured, and the frame
 * keeps the contact's length as a guess. Works on
 * the cells of one foot in a label picture. Allocates scratch memory of one point a cell inside.
 * Deterministic; any thread. */
#ifndef TENDERFOOT_ANALYSIS_LANDMARKS_H
#define TENDERFOOT_ANALYSIS_LANDMARKS_H

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/guide_lines.h"
#include "firmware/wire/problem.h"

struct foot_print {
    const struct grid *grid;
    const float *picture; /* kPa */
    const uint8_t *label; /* cells with label == value belong to the foot */
    uint8_t value;
    double threshold_kpa;
};

struct print_frame {
    struct foot_frame frame;
    int length_is_measured;  /* 1: contact length; 0: entered or from the template's ratio */
    double length_mm;        /* what the frame's length is, or NAN when only the ratio gave it */
    int toes_touch;          /* the big toe or its neighbours touch the plate */
    char length_reason[120]; /* how the length was had, or why it could not be */
};

/* entered_length_mm: 0 or NAN when nobody entered one. 0, or -1 with `why` (memory). */
int frame_from_print(const struct foot_print *print, const struct found_foot *foot,
                     double entered_length_mm, struct print_frame *out, struct problem *why);

struct landmarks landmarks_from_print(const struct foot_print *print,
                                      const struct foot_frame *frame);

/* The same where the operator put some by hand: they stay there, and help to find the others. */
struct given_landmarks {
    int given[LANDMARK_COUNT];
    struct uv at[LANDMARK_COUNT];
};
struct landmarks landmarks_with_given(const struct foot_print *print,
                                      const struct foot_frame *frame,
                                      const struct given_landmarks *given);

/* The guide lines with the diaphragm line measured where the print shows it: the parabola over v
 * through the places where, going heelward, the ball's pressure has fallen to half (median of three
 * neighbours). Where too few are found, or the line would lie off by more than 0.06 (a flat foot
 * carries on the arch), the default line, moved with the ball peaks. */
struct guide_lines guide_lines_from_print(const struct foot_print *print,
                                          const struct foot_frame *frame,
                                          const struct landmarks *landmarks);

#endif
