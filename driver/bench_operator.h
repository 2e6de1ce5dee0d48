/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leads a maker through one stage of the bench: says in plain words what to lay on and at what
 * pressure, waits for Enter, says in the recording what lies there, and waits until it has settled.
 *
 * Asked by a session before each frame (driver/session.h, session_leader), so that everything goes
 * by the plate's own clock. Enter means "it is as you said"; a number before Enter is what the
 * gauge (or the scale) really says; "q" gives up, and the recording then says that it is
 * unfinished. One thread. */
#ifndef TENDERFOOT_DRIVER_BENCH_OPERATOR_H
#define TENDERFOOT_DRIVER_BENCH_OPERATOR_H

#include "calib/bench.h"
#include "firmware/wire/problem.h"

#define BENCH_LIST_MAX 32
#define BENCH_CYCLES_MAX 10
#define BENCH_PLACES_MAX 25

/* What is to be done; lengths in mm, times in s. */
struct bench_procedure {
    double bladder_kpa[BENCH_LIST_MAX]; /* rising; the way down is added */
    int n_bladder, cycles;
    double hold_s, empty_s;
    double creep_kpa, creep_s; /* creep_kpa 0 = the pressure in the middle of the list */
    double mass_kg[BENCH_LIST_MAX];
    int n_masses, places; /* evenly over the plate */
    double mass_width_mm, mass_height_mm;
    char stud[32]; /* "" = none */
    double stud_tip_cm2, stud_kg[BENCH_LIST_MAX];
    int n_stud_kg, stud_places;
    char reference[64];
    double reference_accuracy_percent; /* NAN = not said */
};
void bench_procedure_defaults(struct bench_procedure *procedure);

struct bench_operator;

struct bench_operator_options {
    const struct bench_procedure *procedure; /* borrowed */
    enum bench_stage stage;
    double plate_width_mm, plate_height_mm; /* 0 = not known: places without coordinates */
    int keyboard_fd;                        /* lines are read from it; never waited for */
    void (*tell)(void *context, const char *sentence); /* to the maker */
    void *context;
};
/* NULL and *why: no memory, or a procedure beyond the bounds above (refused). */
struct bench_operator *bench_operator_make(const struct bench_operator_options *options,
                                           struct problem *why);
void bench_operator_free(struct bench_operator *op);

/* The next annotation that holds from now on (device time since the first frame), or NULL. Valid
 * until the next call. To be called until it gives NULL. */
const char *bench_operator_says(void *op, double elapsed_s);

/* The force on the whole plate, by any calibration: only its steadiness is looked at. */
void bench_operator_see(struct bench_operator *op, double elapsed_s, double force_n);

/* 1 = every hold was done. */
int bench_operator_is_done(const struct bench_operator *op);

/* Holds of the stage, for a word on how long it takes. */
int bench_operator_holds(const struct bench_operator *op);

#endif
