/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the press finder share: press_finder.c takes frames and events, press_listen.c
 * the operator's words, press_judge.c makes presses of trials, press_spread.c those of mats and
 * weight shifts. Nobody else includes this. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_FINDER_PRIVATE_H
#define TENDERFOOT_ANALYSIS_PRESS_FINDER_PRIVATE_H

#include "analysis/press/press_annotation.h"
#include "analysis/press/press_blob.h"
#include "analysis/press/press_finder.h"
#include "analysis/press/press_force.h"
#include "analysis/press/press_place.h"
#include "analysis/press/press_ramp.h"
#include "analysis/press/press_seat.h"
#include "analysis/press/reaction.h"

#define LIST_MAX 10000
/* Far more than a press test has; each costs time with every zone. */
#define TRIALS_MAX 4096
/* An answer still belongs to a press so long after its end. */
#define ANSWER_AFTER_END_S 0.5

/* Cells of a picture that touch. */
#define TOUCHED_MAX 4096
struct touched {
    uint32_t *index; /* owned, with kpa behind it */
    float *kpa;
    int n;
};

/* One press annotation's time, or one blob's. */
struct trial {
    struct press_annotation said;
    int is_annotated, is_stopped, is_limited;
    int scale;                    /* as answered afterwards; -1 */
    int is_reached;               /* the region bore what was wanted; -1 = not said */
    char void_why[80];            /* why the guided test did not count it; "" */
    int seat;                     /* the seated print that held, or -1 */
    uint64_t begin_us, until_us;  /* from its annotation to the next; a blob's life */
    struct stud_window window;    /* cells of the footprint */
    struct press_series series;   /* time since the first frame; tip kPa, of blobs N */
    double x_force, y_force, sum; /* of a blob: centre so far = x_force / sum */
    struct touched beside;        /* mean picture while it pressed; of mats and weight shifts: at
                                     the answer, else each cell's highest */
};

struct edge {
    uint64_t time_us;
    int down;
};

struct named_note {
    int note; /* index into notes */
    char zone_id[16];
};

struct press_finder {
    struct grid grid;
    double threshold_kpa;
    int is_press_step, is_sit_step;
    int is_whole_foot; /* pressed by a whole foot, bare or on a mat: what touches is no stud */
    int has_frame;
    uint64_t first_us, last_us;
    struct trial *trials;
    int n_trials, cap_trials, current; /* current: the annotation that holds, or -1 */
    int n_left_out;                    /* beyond TRIALS_MAX */
    int n_unheard;                     /* words beyond LIST_MAX of their kind */
    int blob;                          /* the trial of the blob being followed, or -1 */
    struct blob_scratch scratch;
    struct press_touch *touch; /* of the current trial; NULL until one is followed */
    struct press_seat *seat;   /* NULL until somebody sits */
    struct foot_hints hints;   /* on the feet of a `sit` step */
    float *lagged, *highest;   /* of mats and weight shifts: see press_spread.c */
    struct edge *edges;
    int n_edges, cap_edges;
    struct operator_note *notes;
    int n_notes, cap_notes;
    struct named_note *named; /* notes that name a zone */
    int n_named, cap_named;
    struct zone_exclusion *exclusions;
    int n_exclusions, cap_exclusions;
    struct zone_exclusion *left_out;
    int n_zones_left_out, cap_left_out;
    struct stop_wish *stops;
    int n_stops, cap_stops;
    struct screening_said screening;
    int cap_screening;
    char tool_name[32];
    enum stated_sex sex;
    int not_comparable, heel_pain_walking;
    double length_mm[3]; /* by side; NAN = not stated */
    char label[64];      /* of the subject */
};

/* Room for one more of `size` bytes in *list; 0, or -1 with *why. */
int press_make_room(void *list, int n, int *cap, size_t size, struct problem *why);

/* Seconds since the first frame; before it, negative. */
double press_seconds(const struct press_finder *finder, uint64_t time_us);

/* The cells of a picture at or above the threshold; at most TOUCHED_MAX. */
int touched_take(struct touched *touched, const float *kpa, size_t cells, double threshold_kpa,
                 struct problem *why);
void touched_free(struct touched *touched);

/* press_finder.c */
struct trial *press_add_trial(struct press_finder *finder, uint64_t time_us, struct problem *why);
/* The annotation that held holds no more. */
int press_end_current(struct press_finder *finder, uint64_t time_us, struct problem *why);

/* press_spread.c: a frame of a trial with a mat or on the bare plate. */
int press_spread_frame(struct press_finder *finder, struct trial *trial, double time_s,
                       const float *kpa, struct problem *why);
/* The button went down, or the trial ends: keeps the picture, once. */
int press_spread_keep(struct press_finder *finder, struct trial *trial, int at_answer,
                      struct problem *why);
/* Fills the press's studs and adds to result->press_zones. */
int press_spread_judge(const struct press_finder *finder, const struct trial *trial,
                       struct result *result, int index, struct problem *why);

/* press_cells.c: what of a single stud's square base lay on cells that see nothing, as shares. The
 * base presses evenly, so the force of a few such cells is that of the others: the series is
 * divided by what was seen, and the press's own error grows. Where more than a fifth of the base,
 * or half of the tip's area, is blind, nothing is filled and the press is doubted. */
#define BLIND_BASE_MOST 0.2
#define BLIND_TIP_MOST 0.5
struct blind_cells {
    double of_base, of_tip, beyond; /* masked or dead; beside the plate */
    int dead;                       /* read nothing though not masked */
};
struct blind_cells press_cells_blind(const struct grid *grid, const struct trial *trial,
                                     const uint8_t *masked);
int press_cells_can_fill(const struct blind_cells *cells);
/* Of ln kPa, by what was filled. */
double press_cells_error(const struct blind_cells *cells);
void press_cells_fill(const struct grid *grid, struct trial *trial, const uint8_t *masked);

/* press_notes.c: the newest note names this zone (a JSON text, else nothing); and at the end, such
 * notes get their place on the feet that were found. */
int press_note_zone(struct press_finder *finder, const json_t *zone, struct problem *why);
int press_notes_place(struct press_finder *finder, struct result *result, struct problem *why);

/* press_judge.c: result->presses from the trials. */
int press_judge(struct press_finder *finder, struct result *result, struct problem *why);
/* What is known of the foot that the trial presses. */
struct press_foot_known press_foot_of(const struct press_finder *finder, const struct trial *trial,
                                      const struct result *result);

#endif
