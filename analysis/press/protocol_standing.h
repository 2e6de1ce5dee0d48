/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the guided test that loads a whole foot: weight shifts on the bare plate, standing,
 * and a foot lowered onto a mat of studs, seated (station.md 2). What its files share.
 *
 *   bare plate  SKIN - (PLACE: even standing - RAMP: weight goes over and is held - LIFT: back to
 *               even - SCALE - REST) for each region of each foot, there and back; a region with
 *               one answer of two a third time
 *   mat         (SKIN: the person sits, mat and foot are set - PLACE - READY - RAMP: the leg is
 *               lowered, slowly more - LIFT - SCALE - REST) for each foot, twice, then with the mat
 *               moved by half a pitch; at SKIN a foot can be left out (SKIP)
 *
 * The plate's own limit is one sum over one rectangle and can hold neither a region nor each stud:
 * the program watches, and the person takes the weight back, by the other foot or the own leg, at
 * any button, key, signal, missing frame, and on a mat at the ceiling of the region that a stud
 * lies under, or when more rests on it than a lowered leg brings (MAT_MOST_N): body weight never
 * rests on a stud. A stud's force on cells that the calibration masks is filled from its others; a
 * mat with a stud that is mostly unseen is refused. Neither way flags anything (tender_shift.c,
 * tender_mat.c); so there are no catch trials.
 */
#ifndef TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_STANDING_H
#define TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_STANDING_H

#include "analysis/press/mat_lattice.h"
#include "analysis/press/protocol_private.h"
#include "analysis/press/shift_region.h"

/* Project choices; times in seconds. */
#define STANDING_PASSES 2
#define STANDING_PASSES_MAX 3
#define STANDING_PLACINGS 2
#define STANDING_STEPS_MAX (2 * SHIFT_REGIONS * STANDING_PASSES_MAX)
#define STANDING_LEAST_N 100.0 /* less, and nobody stands on the bare plate */
#define SHIFT_HOLD_S 3.0
#define SHIFT_MORE 0.15 /* of the weight, beyond even standing: the region bears it */
#define SHIFT_WANTED_MOST 0.9
#define SHIFT_MAX_S 20.0     /* it does not come over: gone on without */
#define SHIFT_BACK_MAX_S 5.0 /* nobody waits longer for even standing */
#define EVEN_OVER_S 1.0      /* even standing is the mean over about so long */
#define OWN_SHARE_LEAST 0.85 /* of all force under the feet as they were seen */
#define STUDS_LIVE_MAX 1024
#define MAT_FROM_N 10.0 /* the foot rests on the mat */
/* More than a leg brings that somebody who sits lowers and pushes down: from about 60 kg on, less
 * than half of the body's weight. Project choice. */
#define MAT_MOST_N 300.0
#define STUD_SEEN_LEAST 0.5 /* of its base on cells that are not masked */
#define MAT_PLATEAU_S 3.0   /* no more weight comes */
#define MAT_PLATEAU_KPA 10.0

struct standing_step {
    enum side side;
    int region;  /* enum shift_region; on a mat -1 */
    int placing; /* of the mat, 0 or 1 */
    int pass;    /* from 1 */
    int is_done, answered, attempts;
};

/* The shift, or the press of the mat, under way. */
struct standing_turn {
    int step, number, is_announced, reached, answered, by_key, scale;
    double even_share, wanted_share, share; /* of all weight, on the region */
    double weight_n, foot_n, region_n;
    double kpa, peak_kpa; /* bare plate: mean of the region's cells in contact; mat: hardest stud */
    double lag_kpa, lag_n, top_n;   /* as it was felt a reaction ago; the most that was held */
    double plateau_kpa, of_ceiling; /* mat: of the stud that is nearest to its own */
    uint64_t plateau_us, held_us, last_signal_us, low_us;
    int is_held, is_skipped, went_low, hardest;
    const char *void_why, *end;
};

struct live_stud {
    struct point at;
    double ceiling_kpa;
    double seen; /* of its base, on the plate's cells that are not masked */
};

struct standing {
    struct standing_step steps[STANDING_STEPS_MAX];
    int n_steps;
    struct standing_turn turn;
    uint8_t *owner;          /* of each cell: enum side, 0 = beside both feet */
    uint8_t *regions;        /* bits 1 << enum shift_region */
    struct live_stud *studs; /* of the mat, under the foot of this turn */
    int n_studs;
    double own_share; /* of all force, under the feet; running mean */
    double passed_s;  /* since the frame before */
    double even_s;    /* so long even standing was followed */
    int has_even, placing_set;
    enum side set_side; /* whose skin was looked at */
    int went_go;
    uint64_t last_us[3]; /* when each foot was on the mat last */
    int has_last[3];
    int n_counted[3]; /* presses or shifts that count */
    uint64_t frame_us;
};

/* protocol_standing.c */
int standing_check(struct press_protocol *p, struct problem *why);
int standing_begin(struct press_protocol *p, struct problem *why);
void protocol_standing_free(struct press_protocol *p);
void standing_frame(struct press_protocol *p, const float *kpa);
void standing_clock(struct press_protocol *p);
void standing_button(struct press_protocol *p);
void standing_key(struct press_protocol *p, int key); /* GO, STOP, SKIP and the scale */
void standing_limit(struct press_protocol *p);

/* Ends what is under way: void_why NULL = it counts. `end` is what the recording says of it. */
void standing_back(struct press_protocol *p, const char *end, const char *void_why, int alarm);
void standing_announce(struct press_protocol *p);
double standing_since_s(const struct press_protocol *p, uint64_t time_us);

/* protocol_shift.c: the bare plate. */
int shift_begin(struct press_protocol *p, struct problem *why);
void shift_sum(struct press_protocol *p, const float *kpa);
void shift_frame(struct press_protocol *p);
int shift_may_begin(const struct press_protocol *p);

/* protocol_mat.c: the mat. */
int mat_begin(struct press_protocol *p, struct problem *why); /* refused: a stud is not seen */
void mat_set(struct press_protocol *p); /* the studs under the foot of this turn */
struct point mat_stud(const struct press_protocol *p, int placing);
void mat_sum(struct press_protocol *p, const float *kpa);
void mat_frame(struct press_protocol *p);

/* protocol_standing_words.c: annotations and cue. */
void standing_say_protocol(struct press_protocol *p);
void standing_say_turn(struct press_protocol *p);
void standing_say_answer(struct press_protocol *p);
void standing_cue(const struct press_protocol *p, struct press_cue *cue);

static inline struct standing_step *standing_now(const struct press_protocol *p)
{
    return &p->standing->steps[p->standing->turn.step];
}

#endif
