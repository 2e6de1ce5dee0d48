/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes one foot differ from the template's in more than length, width and arch: where its
 * landmarks lie, which toes it has, how swollen it is.
 *
 * A landmark at t on the template lies at t + d(t) on this foot, d a smooth displacement of (u, v)
 * that leaves the tangents (v = 0, 1) and the heel's back edge where they are, so that the foot's
 * frame stays what it is (a shorter big toe leaves the longest toe's tip to the second). Anatomy
 * (pressure, outline, threshold pattern) goes along. The zeroed struct is the template's foot. Pure
 * functions; any thread. */
#ifndef TENDERFOOT_SAMPLES_FOOT_BUILD_H
#define TENDERFOOT_SAMPLES_FOOT_BUILD_H

#include "analysis/foot/foot_frame.h"

#define FOOT_CALLUSES_MAX 4

/* A hard spot: pressure rises by (factor - 1) exp(-2 (r / radius)^2), r on the 250 mm template. */
struct foot_callus {
    struct uv at;
    double factor, radius_mm;
};

struct foot_build {
    /* Displacements along u at their largest, as shares of the foot's length. Of people: sd about
     * 0.01 (the heads of the metatarsals scatter by some mm: reflexology.md X6). At most 0.04. */
    double heel_front_u; /* end of the heel pad */
    double bulge_u;      /* base of the fifth metatarsal */
    double ball_u;       /* all heads */
    double ball_tilt_u;  /* the fifth head, and the first one the other way */
    double toes_u;       /* toes 2 to 5 longer (+) or shorter */
    double hallux_u;     /* the big toe longer or shorter (Greek, square) */
    double second_u;     /* the second toe */
    /* Across, as shares of the width: at most 0.04. */
    double heads_v;        /* all heads outwards */
    double heads_apart_v;  /* inner heads outwards, outer ones inwards */
    double hallux_v;       /* the big toe leans to the others */
    double hallux_side;    /* 0..1: it stands on its inner side */
    double heel_wide;      /* heel wider (+) than the template's for this ball width, share */
    double gap;            /* 0..1: middle foot off the ground (1: heel and ball apart) */
    double lean;           /* -1..1: weight to the inner (+) or the outer side */
    unsigned missing_toes; /* bit i: no toe i + 1 touches */
    double swollen;        /* 0..1: pressure levelled out, toes and ball run together */
    double cut_u;          /* nothing ahead of this (amputation); 0 = whole */
    struct foot_callus calluses[FOOT_CALLUSES_MAX];
    int n_calluses;
};

/* Where a template's place lies on this foot, and the other way (inverse within 0.001). */
struct uv foot_build_place(const struct foot_build *build, struct uv on_template);
struct uv foot_build_template(const struct foot_build *build, struct uv place);

/* 1 when every place lies where the template has it. */
int foot_build_is_template(const struct foot_build *build);

/* The landmarks of this foot, all of them measured. */
struct landmarks foot_build_landmarks(const struct foot_build *build);

/* Relative pressure after lean, gap, calluses, swelling and cut, of a place whose healthy pressure
 * is `value`. */
double foot_build_pressure(const struct foot_build *build, struct uv place, double value);

#endif
