/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guided press test from the plate's HELLO to the end of its recording: one file of protocol
 * press, led by analysis/press/protocol.h.
 *
 * The plate is cleared and tared; the person stands, so that the feet are seen (or an earlier stand
 * tells, or the template stands for them); sits down; and is led from press to press. With a mat
 * the person stands with one foot on it; on the bare plate weight is shifted where the feet were
 * seen, and nobody sits down. What the engine asks of the plate (its own ceiling, light and buzzer)
 * is sent, what it says is kept in the recording, and said aloud to a plate that says it is
 * virtual. Whoever shows all this (the terminal; a page) is a struct press_screen. Without a
 * keyboard only a virtual plate is led: its person does all that is announced. Nobody of flesh is
 * pressed without a screening, and nobody stands whom the screening keeps from standing on both
 * feet: template feet are taken then, and weight shifts are refused. Blocks until the end;
 * single-threaded. */
#ifndef TENDERFOOT_DRIVER_PRESS_RUN_H
#define TENDERFOOT_DRIVER_PRESS_RUN_H

#include "analysis/press/protocol.h"
#include "analysis/screen/screening.h"
#include "driver/operator_note.h"
#include "driver/press_feet.h"
#include "driver/session.h"
#include "firmware/wire/problem.h"

enum press_phase {
    PRESS_PHASE_CLEAR, /* before the first frame */
    PRESS_PHASE_STAND,
    PRESS_PHASE_SIT,
    PRESS_PHASE_TEST,
    PRESS_PHASE_OVER
};

/* All that there is to show now. Pointers are valid during the call. */
struct press_view {
    enum press_phase phase;
    double elapsed_s; /* of the recording, device time */
    int is_standing;
    double stood_s, stand_s;     /* STAND: so long of so long */
    const struct press_cue *cue; /* TEST and OVER; else NULL */
    const struct tool *tool;
    struct grid grid;
    double ramp_low_kpa_s, ramp_high_kpa_s;
    double silent_s; /* no frame came for so long, host time */
    int is_waiting;  /* the plate has left and is waited for */
    double waiting_s, wait_s;
};

struct press_screen {
    void *context;
    void (*tell)(void *context, const char *sentence);          /* once, to be read */
    void (*show)(void *context, const struct press_view *view); /* at each frame: draw or not */
    /* How the recording of it does, as often as the session tells it; NULL = nobody asks. */
    void (*progress)(void *context, const struct session_progress *progress);
};

struct press_run_options {
    const char *uri, *path;
    struct host_link *link;                   /* NULL, or an open one, taken over as in session.h */
    struct host_link **link_back;             /* as in session.h; untouched before the session */
    const char *client, *calibration, *atlas; /* NULL = none, nominal, built in */
    const char *stand;                        /* an earlier recording of standing; NULL = none */
    double stand_s;                           /* of standing before; 0 = the template's feet */
    const struct tool *tool;
    enum route_kind route;
    const char *const *chosen; /* zones and complaints */
    int n_chosen;
    double ceiling_kpa[4]; /* by region_class; 0 = default */
    const char *const *earlier;
    int n_earlier;
    /* Told once the earlier tests are read, with the screen's context: `why` NULL = they count;
     * else none can be gone on with, and the test is led without them. NULL: it is refused then. */
    void (*hear_earlier)(void *context, const struct problem *why);
    int taps, catch_trials, presses_max; /* as press_protocol_options */
    double minutes_max;
    uint64_t seed;
    const struct operator_notes *notes; /* found by hand before the test; NULL = none */
    const struct screening *screening;  /* NULL: only for a virtual plate */
    const char *today;                  /* the station's day, "2026-11-22" */
    int sex;                            /* enum stated_sex */
    double length_mm[3];                /* entered, by enum side; 0 = not */
    unsigned rate_hz;
    double wait_s;
    size_t behind_bytes;                   /* session.h */
    struct recording_behind **writer_back; /* session.h; untouched before the session */
    int keyboard_fd; /* keys are read from it; -1 = nobody is there (virtual plates only) */
    int stop_fd;
    const struct press_screen *screen;
    const struct session_ear *ear; /* NULL = none; session.h */
};

struct press_run_result {
    struct session_result session;
    int presses;              /* done, catch trials and taps left out */
    int announced;            /* a foot was asked onto the stud */
    int limit_in_software;    /* the plate has no limit of its own */
    int keyboard_answers;     /* it has no button */
    int is_virtual, screened; /* there was a screening */
    enum tool_kind tool_kind;
    int n_places, n_left_out; /* of the route; excluded or moved */
    int n_given_up;           /* left out during the test: presses did not count, skipped, pain */
    int n_unreached;          /* it ended before them */
    int n_pressed, n_pressed_earlier; /* with a press that counts; in earlier tests only */
    char never_pressed[300];          /* "left P09, right P07 and 3 more"; "" = none, no route */
    int taken_up;                     /* an unfinished test was gone on with */
    int is_finished;                  /* the engine came to its end */
    char ended[100];                  /* and why; "" else */
};

/* 0: recorded, also when the user stopped. -1 and *why as session_record, and: no screening, or one
 * that does not permit the test (refused); a plate that hears no command; no foot. */
int press_run(const struct press_run_options *options, struct press_run_result *result,
              struct problem *why);

/* On a plate without a limit of its own the software alone watches, and a frame may be late: the
 * ceilings are lower by this. */
#define PRESS_SOFTWARE_CEILING 0.8

#endif
