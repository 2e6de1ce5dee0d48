/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the walk share. Nobody else includes this. */
#ifndef TENDERFOOT_ANALYSIS_WALK_WALK_PRIVATE_H
#define TENDERFOOT_ANALYSIS_WALK_WALK_PRIVATE_H

#include "analysis/foot/foot_fit.h"
#include "analysis/walk/walk.h"

/* A step's print as a small plate of its own, for the tools that work on plates: the window and
 * a margin about it. Local mm = ground mm - origin. */
struct step_print {
    struct grid grid;
    struct point origin;
    float *picture;
    float *mask;
    uint8_t *label; /* 1 = of the step */
    struct print shape;
    struct fit_cell *cells;
    size_t n_cells;
};

/* fixed: no belt moves, so that the print ends at the plate's rim. */
int step_print_make(const struct grid *plate, int fixed, const struct walk_step *step,
                    struct step_print *print, struct problem *why);
void step_print_free(struct step_print *print);

/* step_build.c: groups of pieces to steps with pictures and samples, in order of time. */
int steps_build(const struct walk_input *input, struct walk_result *walk,
                struct contact_tracks *tracks, struct problem *why);

/* step_course.c: force, area and pressure over time; COP path and velocities. */
void step_course(const struct walk_input *input, struct walk_step *step);
void step_velocities(const struct walk_input *input, struct walk_step *step);
/* COP of a sample, ground frame; NAN without force. */
struct point sample_cop(const struct contact_sample *sample);

/* step_sides.c: side and rough pose of each step, by print and by its place among the others. */
int steps_sides(const struct walk_input *input, struct walk_result *walk, struct foot_fit fit[][3],
                struct problem *why);

/* step_frame.c: foot frame, phases, CPEI and print numbers of a step whose side is decided. */
int step_frame(const struct walk_input *input, const struct walk_result *walk, size_t index,
               const struct foot_fit fit[3], struct problem *why);

/* step_phases.c */
struct landmarks;
void step_phases(const struct walk_input *input, const struct step_print *print,
                 const struct foot_frame *local, const struct landmarks *landmarks,
                 struct walk_step *step);

/* gait.c: from step to step; averages. */
double gait_heading_deg(const struct walk_result *walk, size_t step); /* NAN where unknown */
void gait_between_steps(struct walk_result *walk);
void gait_averages(struct walk_result *walk);

#endif
