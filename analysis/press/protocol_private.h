/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the guided press test share: its state. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_PRIVATE_H
#define TENDERFOOT_ANALYSIS_PRESS_PROTOCOL_PRIVATE_H

#include "analysis/press/press_force.h"
#include "analysis/press/press_ramp.h"
#include "analysis/press/protocol.h"
#include "analysis/press/reaction.h"

/* Project choices; times in seconds. */
#define TIP_KPA_MAX 500.0     /* never above, whatever is asked for */
#define TAP_CEILING_KPA 150.0 /* a quick touch is light */
#define SAME_PLACE_S 60.0     /* between presses at one place */
#define AFTER_PRESS_S 2.0     /* ... and between any two */
#define LONG_REST_S 60.0      /* each LONG_REST_PRESSES presses */
#define LONG_REST_PRESSES 20
#define PAIN_REST_S 150.0      /* after scale 4: 2 to 3 min [000:274] */
#define FRAME_GAP_S 0.25       /* longer without a frame, and nobody sees the force */
#define FRAMES_GONE_S 60.0     /* ... and the plate has gone */
#define RATE_OVER_S 0.3        /* the live rate is the mean slope of so long */
#define TOO_FAST_FACTOR 3.0    /* of the wanted highest rate */
#define TOO_FAST_FROM_KPA 60.0 /* the foot's first touch may be quick */
#define RAMP_MAX_S 60.0        /* 500 kPa at a third of the lowest wanted rate */
#define READY_MAX_S 60.0       /* the foot does not come */
#define LIMIT_S 120.0          /* the plate forgets a limit by itself */
#define LIMIT_OLD_S 30.0       /* an older one is set anew before a press */
#define CATCH_LOW_S 4.0
#define CATCH_HIGH_S 8.0
#define ANSWER_AFTER_S 0.5 /* a button so long after the lift is still the answer */
#define LIFTED_S 0.2
#define LIFT_AGAIN_S 1.0    /* the signal is given again */
#define IDLE_FORCE_KPA 60.0 /* pressed where nothing was asked for */
#define SILENCE_S 600.0
#define PLATE_SD 0.02       /* ln: what plate and stud add to a press's own error */
#define PRESS_S 22.0        /* a press with all that goes with it, for the time left */
#define PLACE_PRESSES_MAX 6 /* a place is not pressed more often in one session */
#define BATCH 6             /* repeats on one foot before the other */
#define PAIN_SCALE 3
#define VOID_PRESSES_MAX 3 /* a place that gave so many that do not count is given up */
#define REPEATED_ALARM_S 2.0

enum trial_kind { TRIAL_PRESS, TRIAL_TAP, TRIAL_CATCH };
enum limit_state { LIMIT_NONE, LIMIT_ASKED, LIMIT_SET, LIMIT_REFUSED };

struct place_state {
    int presses; /* this session, good ones */
    int rounds;  /* in the round: earlier sessions may count */
    int voids;   /* that do not count */
    int is_out;  /* given up, skipped, pain stayed, never reached: not again today */
    int is_unreached, was_pressed;
    char out_why[120];
    int has_last;
    uint64_t last_us;
    int is_unlooked; /* pressed since the skin was last looked at */
};

/* The press, tap or catch trial under way. */
struct trial_now {
    enum trial_kind kind;
    int place, number, pass;
    struct point stud;
    struct stud_window window, around; /* around: the window and two cells more each side */
    double ceiling_kpa, kpa, peak_kpa, catch_s;
    double seen;      /* share of the stud's base on cells that are not masked, at least a half */
    int is_announced; /* its annotation was given: it counts as made */
    int answered, by_key;
    double answer_s;
    const char *void_why; /* NULL: it is good */
    int went_low;         /* the force has gone */
    uint64_t low_us;
    int slipping;
    uint64_t last_signal_us;
    int scale;
};

#define ACTIONS_MAX 32
#define JSON_MAX 1400

struct queued {
    struct press_action action;
    char json[JSON_MAX];
};

struct press_protocol {
    struct press_protocol_options options;
    struct tool tool;
    struct threshold_options threshold;
    const struct route *route;
    enum press_step step;
    uint64_t begin_us, now_us, step_us, heard_us, frame_us, rest_until_us, limit_us;
    int has_time, has_frame, button_down, is_alarm, is_paused, went_go, must_rest;
    enum limit_state limit;
    enum side foot;  /* on the plate now */
    int looks_again; /* SKIN: of the foot that is there already */
    int batch;       /* presses on this foot since the change, after the round */
    struct trial_now trial;
    struct press_series series; /* of the ramp: seconds since begin_us, tip kPa */
    struct place_state *places; /* route->n */
    int *order;                 /* of the round: place indices, n_order */
    int n_order;
    struct threshold_place *fit_places; /* route->n */
    struct place_threshold *verdicts;   /* route->n */
    struct threshold_press *presses;    /* earlier ones, then this session's */
    int n_presses, cap_presses, is_fitted;
    double delays_s[REACTION_TAPS_MAX];
    int n_delays, taps_left;
    struct reaction reaction;
    int *catches; /* presses done at which a trial comes */
    int n_catches, catch_next;
    int numbers, presses_done, since_rest, false_answers;
    double last_kpa;
    int last_answered;
    uint64_t random;
    char ended[100];
    char trouble[160]; /* told in the cue until the next press */
    int *outs;         /* places left out, in the order in which they were; route->n */
    int n_outs;
    int outs_said, route_outs_said; /* so many of them, and of the route's own, are annotated */
    int is_protocol_said;
    struct queued actions[ACTIONS_MAX];
    int first_action, n_actions;
    struct press_action given; /* and its text, until the next call */
    char given_json[JSON_MAX];
    struct standing *standing; /* protocol_standing.h: of a mat or the bare plate, else NULL */
};

/* protocol.c */
double protocol_seconds(const struct press_protocol *p, uint64_t time_us); /* since the begin */
void protocol_step(struct press_protocol *p, enum press_step step);
void protocol_finish(struct press_protocol *p, const char *why, int is_wish);

/* protocol_trial.c: from place to scale. */
void trial_begin(struct press_protocol *p, enum trial_kind kind, int place);
void trial_try_ready(struct press_protocol *p);
int trial_frame(struct press_protocol *p, const float *kpa, struct problem *why);
void trial_clock(struct press_protocol *p);
double trial_rate(const struct press_protocol *p); /* live, kPa/s; NAN when there is none yet */
void trial_button(struct press_protocol *p);
void trial_limit(struct press_protocol *p);
void trial_stop(struct press_protocol *p, const char *void_why);
void trial_answer_by_key(struct press_protocol *p, int scale);
void trial_scale(struct press_protocol *p, int scale);

/* protocol_next.c: what comes next, and how much is left. */
int protocol_next_begin(struct press_protocol *p, struct problem *why);
void protocol_next(struct press_protocol *p);
void protocol_looked(struct press_protocol *p); /* at the skin of both feet */
/* At most so many more: the whole planned test, repeats and all; it never rises. */
int protocol_presses_left(const struct press_protocol *p);
double protocol_budget_s(const struct press_protocol *p); /* seconds until no press begins */
double protocol_random(struct press_protocol *p);         /* 0 <= x < 1 */

/* protocol_left.c: a place is left out from now on, once; every place that was never pressed is. */
void protocol_leave_out(struct press_protocol *p, int place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void protocol_leave_unreached(struct press_protocol *p, const char *why);

/* protocol_actions.c */
void action_say(struct press_protocol *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void action_tool_text(const struct tool *tool, char *text, size_t cap);
void action_signal(struct press_protocol *p);
void action_limit(struct press_protocol *p);
void action_clear(struct press_protocol *p);
void action_end(struct press_protocol *p);
void action_say_protocol(struct press_protocol *p);
void action_say_step(struct press_protocol *p, const char *step);
void action_say_press(struct press_protocol *p);
void action_say_answer(struct press_protocol *p);
void action_say_stopped(struct press_protocol *p, const char *why);

#endif
