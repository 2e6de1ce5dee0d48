/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot frame: where (u, v) of this foot lies on the plate.
 *
 * u: 0 at the heel's back edge, 1 at the tip of the longest toe, along the long axis (bisector of
 * the medial and the lateral tangent). v: 0 on the medial tangent (big toe side), 1 on the lateral
 * one, measured perpendicular to the axis; the tangents, not the outline, so that v is defined in
 * the arch hollow. Values slightly outside 0..1 are kept. Seen from above, the medial side of a
 * left foot is its right (+x when it points to the front). With SIDE_UNKNOWN v grows to the right,
 * as on a right foot. Both directions are exact inverses of each other. Definitions and template
 * numbers: reflexology.md 1.1. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FRAME_H
#define TENDERFOOT_ANALYSIS_FOOT_FRAME_H

#include "analysis/grid.h"

enum side { SIDE_UNKNOWN = 0, SIDE_LEFT = 1, SIDE_RIGHT = 2 };

/* "left", "right", else "unknown": the word of every file and every English sentence. */
const char *side_name(enum side side);

struct foot_frame {
    enum side side;
    struct point heel;    /* u = 0, v = 0.5 */
    double angle_deg;     /* long axis from the plate's y axis, positive towards +x (clockwise seen
                             from above) */
    double length_mm;     /* u = 0 to u = 1 */
    double width_heel_mm; /* between the tangents at u = 0 ... */
    double width_toe_mm;  /* ... and at u = 1; 54.1 and 116.1 on the 250 mm template foot */
};

struct uv {
    double u, v;
};

/* Width between the tangents at u, mm. */
double foot_frame_width_mm(const struct foot_frame *frame, double u);
struct uv foot_frame_to_uv(const struct foot_frame *frame, struct point point);
struct point foot_frame_to_plate(const struct foot_frame *frame, struct uv uv);

/* The template foot of `length_mm` with its heel back edge at `heel` (reflexology 1.1). */
struct foot_frame foot_frame_template(enum side side, struct point heel, double angle_deg,
                                      double length_mm);

/* Landmarks, in the order of reflexology 1.1. */
enum landmark_id {
    LANDMARK_HB,
    LANDMARK_HC,
    LANDMARK_HF,
    LANDMARK_LB_APEX,
    LANDMARK_LB_LOW,
    LANDMARK_AC,
    LANDMARK_MTH1,
    LANDMARK_MTH2,
    LANDMARK_MTH3,
    LANDMARK_MTH4,
    LANDMARK_MTH5,
    LANDMARK_B1,
    LANDMARK_B2,
    LANDMARK_B3,
    LANDMARK_B4,
    LANDMARK_B5,
    LANDMARK_W12,
    LANDMARK_W23,
    LANDMARK_T1,
    LANDMARK_T2,
    LANDMARK_T3,
    LANDMARK_T4,
    LANDMARK_T5,
    LANDMARK_TT,
    LANDMARK_COUNT
};

struct landmark {
    struct uv at;
    int measured;   /* 0 = fallback: where the template, or what was found of this foot, has it */
    double quality; /* 0..1 */
    int given;      /* 1: put there by the operator; then also measured, with quality 1 */
};

struct landmarks {
    struct landmark of[LANDMARK_COUNT];
};

const char *landmark_name(enum landmark_id id);
struct landmarks landmarks_template(void);
/* Where one of them lies there. */
struct uv landmark_template_at(enum landmark_id id);

/* The template's outline of the sole, *n points, medial side first; static. */
const struct uv *foot_outline_template(int *n);

#endif
