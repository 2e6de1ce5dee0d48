/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One press of a virtual person: where the foot comes to lie, how pressure rises at the tip, when
 * the person answers and lifts. Shared by the visit that is planned in full (press_plan.h) and the
 * person who is led press by press (led_person.h).
 *
 * The operator places the stud and says so, the foot comes down, pressure at the tip rises, the
 * person answers when it has passed the threshold and the reaction time, the leg is lifted. A foot
 * does not come to lie exactly where the operator means it to; so each press has the cup's frame
 * (announced) and the foot's (true). All times are us since the source began. Pure functions of
 * their arguments and dice; one thread a press. */
#ifndef TENDERFOOT_SAMPLES_PRESS_MODEL_H
#define TENDERFOOT_SAMPLES_PRESS_MODEL_H

#include "samples/dice.h"
#include "samples/stance.h"
#include "samples/threshold_field.h"

#define PRESS_SETTLE_S 0.3 /* heel in its cup, stud felt, before the ramp */

/* Of a mat: the one aimed at and the eight around it; under a whole foot the hardest
 * pressed ones. */
#define PRESS_MAT_STUDS 160

struct mat_stud {
    struct point at;
    double share; /* of the pressure of the stud aimed at */
};

struct planned_press {
    int number, pass, is_catch;
    int is_tap; /* a quick light touch, answered as soon as it is felt */
    enum side side;
    char zone[16];               /* aimed at; "" for a bare place */
    struct press_tool tool;      /* as announced */
    struct point stud;           /* centre of its footprint, exact */
    struct foot_frame cup, foot; /* where the heel is held, and where the foot truly lies */
    struct uv place;             /* the stud's true place on the foot */
    struct mat_stud mat[PRESS_MAT_STUDS]; /* the first is `stud`; empty for a single stud */
    int n_mat;
    int is_on_mat;   /* the whole foot lies on it; the first stud is then the hardest pressed */
    struct uv hurts; /* the place that hurts first: `place` but on a mat */
    double ceiling_kpa, ramp_kpa_s;
    double lift_kpa;      /* the leg is lifted there at the latest */
    double threshold_kpa; /* of the person at this place; on a mat: pressure of the stud aimed at
                             when the first stud hurts */
    double felt_kpa;      /* of this press: with the spread from press to press */
    double peak_kpa;      /* highest tip pressure, at the release */
    double wobble, wobble_hz, wobble_phase;
    int answered, is_false, is_missed, reached_ceiling;
    int is_late, is_random; /* answered late; at a random time, whatever the pressure */
    int was_told;           /* lifted because light or buzzer, or the operator, said so */
    double reaction_s;      /* from the crossing to the button; NAN without a true answer */
    uint64_t begin_us, touch_us, ramp_us, release_us, end_us; /* annotation .. foot away */
    uint64_t down_us, up_us;                                  /* of the button; 0 = none */
    struct foot_picture stud_picture, heel_picture;           /* 1 N each; heel may be empty */
    /* Weight shifted over the bare plate, standing: no stud; "tip" is then the mean pressure over
     * the skin in contact of what is aimed at. */
    int is_flat;
    double hold_s;             /* how long the shift is held; 0 = 1.5 s */
    double rest_kpa, full_kpa; /* before the shift, and when it is whole; 0 = no contact there */
    struct stance shifted;     /* owned: how the person then stands */
};

/* The seated foot laid flat on the plate, where it will be pressed. */
struct planned_seat {
    enum side side;
    struct foot_frame cup, foot; /* where it is meant to lie, and where it lies */
    uint64_t from_us, to_us;     /* touches .. lifted; UINT64_MAX = until told */
    struct foot_picture picture; /* 1 N */
};

/* A foot that no cup holds lies off by much the same each time while the person sits: 0.9 of the
 * error's standard deviation is drawn once a sitting and foot, sqrt(1 - 0.9^2) = 0.44 of it anew
 * for each placing, so that each by itself has the whole. NULL in its place: all is drawn anew. */
struct placing {
    int is_drawn;
    double dx, dy, turn; /* of one standard deviation each */
};

/* How far off one placing is; draws `sitting` first where it is not drawn yet. */
struct placing press_placing_draw(struct placing *sitting, struct dice *dice);

/* Lays the foot flat: foot and picture are set from side, cup and times. */
int press_seat_lay(struct planned_seat *seat, const struct subject_foot *foot, double error_mm,
                   double error_deg, struct placing *placing, const struct grid *grid,
                   struct dice *dice, struct problem *why);

/* Force on the plate at a time: a tenth of the weight, N. */
double press_seat_newton(const struct planned_seat *seat, double weight_n, uint64_t time_us);

/* The foot comes to lie on the stud, off where `cup` means it to by errors of these standard
 * deviations (mm in x and in y; degrees): foot and place are set from side, cup and stud. */
void press_lay(struct planned_press *press, const struct subject_foot *foot, double error_mm,
               double error_deg, struct placing *placing, struct dice *dice);

/* A foot laid (press_lay) on a mat of which `stud` is one: every stud bears what the standing foot
 * has nearer to it than to any other (a seated one's own shape of load is not modelled). stud and
 * place become those of the hardest pressed one, mat the others with their shares of its pressure;
 * lift_kpa the pressure there when weight_n is on the foot. A mat that does not touch it leaves
 * n_mat 0. */
int press_lower_on_mat(struct planned_press *press, const struct subject_foot *foot,
                       double fore_share, double weight_n, const struct grid *grid,
                       struct problem *why);

/* The threshold from place and tool. Pressed on a mat, the studs beside the one aimed at press as
 * well, each with exp(-(distance / pitch)^2 x 0.8) of its pressure where the foot is above it. */
void press_set_threshold(struct planned_press *press, const struct threshold_field *field);

/* What this press's threshold is felt at: threshold_kpa with drift (`order`: presses before it) and
 * the spread from press to press. */
void press_feel(struct planned_press *press, const struct answer_setting *answers, int order,
                struct dice *dice);

/* Ramp, answer, lift and their times, from touch_us, ramp_us, felt_kpa, lift_kpa, ramp and wobble
 * on; catch trials last `catch_s`. */
void press_answer(struct planned_press *press, const struct answer_setting *answers, double catch_s,
                  struct dice *dice);

/* Told to lift at a time: the release is then at the latest; an answer whose crossing had not come
 * by then is not given. */
void press_lift(struct planned_press *press, uint64_t time_us);

/* The force pictures on the cells. */
int press_make_pictures(struct planned_press *press, const struct grid *grid, struct problem *why);
void press_free_pictures(struct planned_press *press);

/* Tip pressure at a time, kPa; 0 outside the press. */
double press_tip_kpa(const struct planned_press *press, uint64_t time_us);

/* How much of a weight shift is done at a time, 0..1; 0 for any other press. */
double press_shift_share(const struct planned_press *press, uint64_t time_us);

/* How much of the heel's rest load is there at a time, 0..1. */
double press_heel_share(const struct planned_press *press, uint64_t time_us);

/* Force that the stud's base puts on the cells at a tip pressure: 1 kPa on 1 cm2 is 0.1 N; the
 * footprint factor's rest goes past the cells. */
double press_stud_newton(const struct press_tool *tool, double tip_kpa);

#endif
