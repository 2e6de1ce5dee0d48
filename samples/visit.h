/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A visit: what one virtual subject does on the plate under one seed, planned in full.
 *
 * Timeline (us since the source began): the plate is empty; the person steps on; stands and sways
 * ("stand" is announced once the load is whole); steps off ("sit"); the press test; the end. The
 * picture at any time follows from the plan alone, so that a visit can be asked at any time and
 * in any order. Read-only once planned; any thread may ask. */
#ifndef TENDERFOOT_SAMPLES_VISIT_H
#define TENDERFOOT_SAMPLES_VISIT_H

#include "samples/press_plan.h"
#include "samples/scan_source.h"
#include "samples/stance_course.h"
#include "samples/sway.h"

#define GRAVITY_M_S2 9.80665

struct visit_note {
    uint64_t time_us;
    char *json; /* ANNOTATION payload, owned */
};

struct visit {
    struct subject subject;
    uint64_t seed;
    struct grid grid;
    struct atlas *atlas; /* the built-in chart, owned */
    struct threshold_field field;
    struct foot_frame frames[2];                    /* true pose of the standing feet */
    double foot_share[2];                           /* of the weight, as the stand begins */
    double foot_force_n[2];                         /* at rest, on the plate */
    struct foot_picture pictures[2];                /* 1 N each */
    struct stance stance;                           /* as the stand begins */
    struct stance_course course;                    /* how it changes */
    struct foot_picture things[SUBJECT_THINGS_MAX]; /* 1 N each */
    struct sway sway;
    struct press_plan presses;
    uint64_t on_us, stand_us, off_us, seated_us, press_us, end_us;
    struct visit_note *notes; /* owned, in order of time */
    size_t n_notes;
    struct button_edge *edges; /* owned, in order of time */
    size_t n_edges;
};

/* The truth at a moment, before any error of the plate. */
struct moment {
    double force_n;
    struct point cop; /* NAN when nothing is loaded */
};

/* NULL and *why when the subject names a zone that the atlas has not, or memory is short. */
struct visit *visit_plan(const struct subject *subject, uint64_t seed, struct problem *why);
void visit_free(struct visit *visit);

/* Mean pressure on each cell at a time: kpa[rows * cols] is overwritten. */
struct moment visit_pressure(const struct visit *visit, uint64_t time_us, float *kpa);

/* The same moment without the picture. */
struct moment visit_moment(const struct visit *visit, uint64_t time_us);

/* How the feet stand at a time, by index of subject.feet: pose, and share of the weight. Borrowed.
 */
void visit_stance_at(const struct visit *visit, uint64_t time_us, const struct foot_frame **frames,
                     const double **shares);
/* A standing foot of the subject, 1 N, with what it guards. */
int visit_foot_picture(const struct visit *visit, int foot, const struct foot_frame *frame,
                       struct foot_picture *picture, struct problem *why);

/* The foot of a side: index into subject.feet and frames, or -1. */
int visit_foot(const struct visit *visit, enum side side);

#endif
