/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Count-downs in the terminal: what to do, how long it still takes, and the clocks beside it. The
 * clocks are named in the thread's language (analysis/report/words.h). */
#ifndef TENDERFOOT_DRIVER_PLAN_TIMER_H
#define TENDERFOOT_DRIVER_PLAN_TIMER_H

#include <stdio.h>

struct plan_timer {
    int keyboard_fd, stop_fd; /* lines: Enter = done, "q" = end of all; -1 = none */
    FILE *out;
    int is_terminal; /* the time left is drawn anew each second, else told once */
    double speed;    /* 1; more for trying out */
};

enum timer_end { TIMER_OVER, TIMER_SKIPPED, TIMER_ENDED, TIMER_PAIN };

/* "left foot 4:30 of 10:00": counts up beside the count-down. */
struct plan_clock {
    const char *name;
    double spent_s, of_s;
};

#define PLAN_CLOCKS_MAX 2

struct plan_count {
    const char *words;
    double seconds;
    double held_s; /* Enter does not end it before: a rest is not cut short */
    int may_hurt;  /* "p" is taken: pain stays */
    struct plan_clock clocks[PLAN_CLOCKS_MAX]; /* as they stand at its beginning */
    int n_clocks;
};

/* Tells the words and counts down; *spent_s (may be NULL): how long it took, at speed 1. */
enum timer_end plan_timer_count(const struct plan_timer *timer, const struct plan_count *count,
                                double *spent_s);
/* Without clocks. */
enum timer_end plan_timer_run(const struct plan_timer *timer, const char *words, double seconds);

#endif
