/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Count-downs in the terminal: what to do and how long it still takes. */
#ifndef TENDERFOOT_DRIVER_CLI_PLAN_TIMER_H
#define TENDERFOOT_DRIVER_CLI_PLAN_TIMER_H

#include <stdio.h>

struct plan_timer {
    int keyboard_fd, stop_fd; /* lines: Enter = done, "q" = end of all; -1 = none */
    FILE *out;
    int is_terminal; /* the time left is drawn anew each second, else told once */
    double speed;    /* 1; more for trying out */
};

enum timer_end { TIMER_OVER, TIMER_SKIPPED, TIMER_ENDED };

/* Tells `words` and counts `seconds` down. */
enum timer_end plan_timer_run(const struct plan_timer *timer, const char *words, double seconds);

#endif
