/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided press test: what the operator and the person do next, from the frames and answers.
 *
 * A state machine without clock, screen, plate or file: whoever has those (the terminal's verb, the
 * page) shows its cue, does its actions and tells it what happens, all by the plate's own clock.
 *   taps    some quick light touches, answered at once: the person's reaction time
 *   round   every place of the route once, feet in turn, then the suspicious places and their
 *           mirrors again (threshold_worth), until the answers are clear, the presses or the time
 *           are used up, or the person has had enough
 *   press   PLACE (operator sets stud and foot) - READY (foot rests on the stud) - RAMP (live force
 *           and rate against the wanted 30 to 50 kPa/s) - LIFT - SCALE (0 to 4) - REST
 *   catch   trials in which no force rises, at random among the others (seeded, logged)
 * Safety (R33): any button-down ends the ramp and is the answer; so does the operator's stop key,
 * pain 3 or 4, the plate's own limit event, a force that rises too fast, a place that is excluded,
 * frames that stop coming; the ceiling of the region is set on the plate before the ramp may begin
 * (ACTION_SET_LIMIT must be acknowledged) and watched here as well. Never above 500 kPa at the tip.
 * Scale 4: that place is not pressed again today, rest of 2.5 min. At least 60 s between presses at
 * one place; the skin is looked at at each change of foot, and before a place is pressed that was
 * pressed since the last look (one look is of all of them). A press that was stopped for what it
 * was (too fast, slipped, frames lost) is void: told in its `answer` annotation, and pressed again
 * later.
 *
 * A mat and the bare plate load a whole foot, without route, taps and catch trials, and flag
 * nothing:
 *   bare plate  standing: weight is shifted onto each region of each foot (shift_region.h) and
 *               held for 3 s, there and back; SKIN - PLACE (even standing) - RAMP (live: does the
 *               region bear 0.15 of the weight more than at even standing?) - LIFT (back to even) -
 *               SCALE
 *   mat         seated (station.md 2: body weight never rests on a stud): the foot is lowered onto
 *               it by the own leg, slowly more, until an answer, the ceiling of the region under
 *               any stud, or until no more comes; each foot twice, then again with the mat moved by
 *               half a pitch. More than 300 N on it is more than a lowered leg: alarm, as at a
 *               ceiling. Refused where a stud would lie mostly on masked cells
 * Neither asks the plate for a limit, which is one sum and knows no region and no stud.
 *
 * Keys: GO is the operator's "done" (stud and foot are set, skin looked at, rest is over); STOP
 * lifts at once, wherever the test is, and waits for GO; SKIP leaves the place out for today (of a
 * mat at SKIN: the foot), or the question; END ends the test. A pain of 3 or 4 typed during a ramp
 * ends it as an answer. Nobody heard of for 10 min ends the test. A place that gave three presses
 * that do not count is given up; that, and every other place that is left out, is told by
 * press_protocol_left_out and in the `protocol` annotation's `left_out`. Same input, same output.
 * One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_H
#define TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_H

#include "analysis/press/route.h"
#include "analysis/press/shift_region.h"
#include "analysis/press/threshold.h"

#include <stdint.h>

struct press_protocol;

struct press_protocol_options {
    const struct route *route; /* borrowed */
    const struct tool *tool;
    struct grid grid;
    const uint8_t *masked; /* rows * cols: cells that the calibration leaves out; borrowed as long
                              as the test goes on; NULL = none. What a stud's base has on them is
                              filled from the others (press_force.h), up to twice what is seen */
    struct foot_frame frame[3]; /* by enum side: length and widths of the feet; length 0 = template
                                   of 250 mm; without a cup also where the foot lies */
    struct point cup[3];        /* by enum side: heel's back edge in its cup, plate frame */
    double cup_angle_deg[3];
    int cup_known;
    double
        ceiling_kpa[4]; /* by enum region_class; 0 = default (toe, arch 250; ball 350; heel 450) */
    double ramp_low_kpa_s, ramp_high_kpa_s; /* 30, 50 */
    int taps, catch_trials, presses_max;    /* 0 = defaults: 5, 5, 80 (short route 24); -1 = none */
    double minutes_max;                     /* 0 = 45; checked between presses */
    uint64_t seed;
    const struct threshold_press *earlier; /* of earlier sessions, place = index in the route */
    int n_earlier;
    int take_up; /* 1: a place pressed in earlier sessions counts as pressed in the round */
    const struct threshold_options *threshold; /* NULL = threshold_defaults() */
    /* On a mat or the bare plate: no route. frame: where each foot stands (bare plate); cup: where
     * its heel is set on the mat. By enum side: */
    int leave_out[3]; /* not there, or not to be loaded */
    int leave_out_region[3][SHIFT_REGIONS];
};

enum press_step {
    PRESS_STEP_PLACE,
    PRESS_STEP_READY,
    PRESS_STEP_RAMP,
    PRESS_STEP_LIFT,
    PRESS_STEP_SCALE,
    PRESS_STEP_REST,
    PRESS_STEP_SKIN,
    PRESS_STEP_DONE
};

enum press_key {
    PRESS_KEY_GO,
    PRESS_KEY_STOP,
    PRESS_KEY_SKIP,
    PRESS_KEY_END,
    PRESS_KEY_SCALE_0 /* + 0..4 */
};

/* Of a mat or the bare plate: what stands there now. */
struct press_standing_cue {
    int region;                    /* enum shift_region; -1 = none (a mat) */
    double weight_n, foot_n;       /* all force; of the foot that is meant */
    double region_n, region_share; /* of the region that is meant; its share of all force */
    double wanted_share;           /* from here on the region bears it; NAN before it is known */
    int bears;                     /* it does */
    double held_s, hold_s;         /* so long of so long */
    int feet_moved;                /* force lies beside where the feet were seen */
    struct point heel, mat_stud;   /* mat: where the heel's back edge and one stud go */
    int mat_is_moved;              /* second placing: half a pitch further both ways */
    struct point hardest;          /* stud that presses most now; NAN */
};

/* What to show now. */
struct press_cue {
    enum press_step step;
    char say[200];  /* to the operator, in plain words */
    char tell[120]; /* to the person; "" = nothing */
    enum side side;
    const struct route_place *place; /* NULL between */
    struct point stud;               /* where the stud goes, plate frame, whole mm */
    int number;                      /* of the press, as annotated; 0 between */
    int is_tap, is_catch_for_operator;
    double tip_kpa, ramp_kpa_s, ceiling_kpa; /* live; NAN when there is none */
    double rest_s;                           /* until the next step is allowed */
    int presses_done;
    /* Of a single stud: at most so many more, the round with all repeats that places, presses_max
     * and minutes_max leave room for; it never rises, and the test ends before where the answers
     * are clear. Else the turns that wait. */
    int presses_left;
    double minutes_left; /* for these, at the usual pace and with a rest that is on; never beyond
                            minutes_max */
    int alarm;           /* lift at once: tone and light */
    double last_kpa;   /* of the last press: at the answer, reaction taken off, or its peak; NAN */
    int last_answered; /* 1: last_kpa is at the answer */
    double reaction_s; /* taken off: of the person so far */
    char ended[100];   /* DONE: why */
    enum tool_kind tool_kind;
    struct press_standing_cue standing; /* unless TOOL_SINGLE. tip_kpa is then the mean of the
                                           region's cells in contact, or the hardest stud's tip */
};

enum press_action_kind {
    PRESS_ACTION_ANNOTATE,  /* json, at this moment of the recording */
    PRESS_ACTION_SET_LIMIT, /* force_n on the rectangle of cells: the plate's own ceiling */
    PRESS_ACTION_CLEAR_LIMIT,
    PRESS_ACTION_SIGNAL, /* light and buzzer: lift now */
    PRESS_ACTION_END
};
struct press_action {
    enum press_action_kind kind;
    const char *json; /* valid until the next call */
    int row0, col0, rows, cols;
    double force_n;
    int stud_known;    /* the load is one stud's base ... */
    struct point stud; /* ... about here, plate frame */
    unsigned expiry_ms, duration_ms;
};

/* A place that is not pressed (again) in this test. */
struct press_left_out {
    const struct route_place *place;
    int presses;      /* good ones before; 0: nothing is known of it from this test */
    int is_unreached; /* the test ended before it */
    const char *why;  /* a part of a sentence; valid while the protocol lives */
};

/* Options are copied; the route, its atlas and the earlier presses stay the caller's and must live
 * as long. Refused: a route that is empty, a tool without tip, ceilings above 500 kPa; of a mat and
 * the bare plate: no foot that may be loaded. */
struct press_protocol *press_protocol_begin(const struct press_protocol_options *options,
                                            struct problem *why);
void press_protocol_free(struct press_protocol *protocol);

/* Events, in the order of device time (us); a time that goes back counts as the last one. A failed
 * frame (-1, no memory) ends the test as safely as END. */
int press_protocol_frame(struct press_protocol *protocol, uint64_t time_us, const float *kpa,
                         struct problem *why);
void press_protocol_button(struct press_protocol *protocol, uint64_t time_us, int down);
void press_protocol_limit(struct press_protocol *protocol, uint64_t time_us);
void press_protocol_limit_set(struct press_protocol *protocol, int accepted);
/* Time goes on without a frame: call it ten times a second while none comes. */
void press_protocol_tick(struct press_protocol *protocol, uint64_t time_us);
/* A key of the operator; SCALE_0 + n is the answer n of 0..4. */
void press_protocol_key(struct press_protocol *protocol, uint64_t time_us, int key);

/* The next thing to do: 1 and *action, until 0. Ask after every event: nothing is done otherwise,
 * and a press waits for its limit. */
int press_protocol_action(struct press_protocol *protocol, struct press_action *action);
/* The index'th place left out so far, in the order in which they were: 1, or 0 = no more. */
int press_protocol_left_out(const struct press_protocol *protocol, int index,
                            struct press_left_out *out);
/* Whether a press at the route's place counted; PRESSED_EARLIER: only one of an earlier session.
 * Of a place that is none, and standing, where there are no places: PRESSED_NEVER. */
enum press_pressed { PRESSED_NEVER, PRESSED_EARLIER, PRESSED_NOW };
enum press_pressed press_protocol_pressed(const struct press_protocol *protocol, int place);
void press_protocol_cue(const struct press_protocol *protocol, struct press_cue *cue);

#endif
