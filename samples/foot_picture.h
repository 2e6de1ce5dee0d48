/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A foot on the cells: the sole's pressure integrated over each cell of a plate.
 *
 * Cells are sampled on a lattice of about 1 mm, so that a cell half covered carries its half. The
 * picture is that of 1 N on the whole foot; what lies beyond the plate's rim is lost. Each cell
 * keeps where its force truly lies, because a coarse cell's middle is not that place. */
#ifndef TENDERFOOT_SAMPLES_FOOT_PICTURE_H
#define TENDERFOOT_SAMPLES_FOOT_PICTURE_H

#include "samples/subject.h"

struct loaded_cell {
    int index;        /* row * cols + col */
    float newton;     /* force on the cell */
    float x_mm, y_mm; /* where that force lies, plate frame */
};

struct foot_picture {
    struct loaded_cell *cells; /* owned */
    size_t n;
    double newton;    /* on the plate: 1 when the whole foot is on it */
    struct point cop; /* of the force on the plate; the heel when there is none */
};

/* The frame of a subject's foot with its heel back edge at `heel`. */
struct foot_frame foot_picture_frame(const struct subject_foot *foot, struct point heel,
                                     double angle_deg);

/* What a place carries relative to the healthy sole; `context` is the caller's. */
typedef double foot_picture_factor(void *context, struct uv at);

/* The standing foot: fore_share of its force ahead of u = 0.5, then `factor` (may be NULL) applied
 * and the force moved evenly to the rest of the foot. */
int foot_picture_stand(struct foot_picture *picture, const struct subject_foot *foot,
                       const struct foot_frame *frame, const struct grid *grid, double fore_share,
                       foot_picture_factor *factor, void *context, struct problem *why);

/* What rear and front half of a standing foot carry against each other, for a fore share. */
struct foot_gains {
    double rear, fore;
};

struct foot_gains foot_picture_gains(const struct subject_foot *foot, double fore_share);

/* The standing foot by gains worked out before: they are most of the work, and one foot is laid
 * down many times. */
int foot_picture_lay(struct foot_picture *picture, const struct subject_foot *foot,
                     const struct foot_frame *frame, const struct grid *grid,
                     const struct foot_gains *gains, struct problem *why);

/* The heel resting lightly in a cup. */
int foot_picture_heel_rest(struct foot_picture *picture, const struct foot_frame *frame,
                           const struct grid *grid, struct problem *why);

/* A square of uniform pressure (the base of a stud), 1 N. */
int foot_picture_square(struct foot_picture *picture, struct point centre, double side_mm,
                        const struct grid *grid, struct problem *why);

/* Any pressure (relative, >= 0) within `reach_mm` of a middle, as 1 N. */
typedef double foot_picture_field(const void *context, struct point at);
int foot_picture_shape(struct foot_picture *picture, struct point middle, double reach_mm,
                       const struct grid *grid, foot_picture_field *value, const void *context,
                       struct problem *why);

void foot_picture_free(struct foot_picture *picture);

#endif
