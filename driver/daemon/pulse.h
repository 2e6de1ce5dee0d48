/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread that should go round again and again hangs, judged by what it does: one that has
 * not gone round for long and waits for something (a lock, a device) hangs; one that computes, or
 * would if it were given a processor, is slow, as on a small or busy computer, and is left alone
 * for a minute. Pure but for pulse_work_of; one thread a watch. */
#ifndef TENDERFOOT_DRIVER_DAEMON_PULSE_H
#define TENDERFOOT_DRIVER_DAEMON_PULSE_H

#include <stdint.h>

/* Threads go round at least once a second, whatever they wait for. With a look a second and the
 * half of one that systemd waits before it starts us anew, a new one is there well within ten
 * seconds of a hang (robustness.md G28). */
#define PULSE_STALE_US 5000000u
#define PULSE_LOOP_US 60000000u /* however busy: by then it goes round in a circle */
enum { PULSE_LOOKS = 3 };       /* whoever looks after a standstill of the computer looks again */

/* What a thread of this process has done since it began. */
struct pulse_work {
    uint64_t ran_us, delayed_us; /* on a processor; ready, and waiting for one */
    uint64_t sleeps;             /* how often it gave its processor up by itself */
};

/* Zeroed before the first look. */
struct pulse_watch {
    uint64_t pulse_us, since_us; /* the pulse, and when it was first seen */
    struct pulse_work work;      /* done by then */
    unsigned looks;              /* at this same pulse */
};

/* Who sleeps again after less than this has done nothing but wake. Then what it waited for a
 * processor is no work either: on a busy computer that is most of the time of a thread that hangs
 * in a circle of short waits. */
#define PULSE_WAKES_US 1000u

/* A look, about once a second. `pulse_us`: when it last went round (host clock); `work`: as
 * pulse_work_of. 1: it hangs. */
int pulse_hangs(struct pulse_watch *watch, uint64_t pulse_us, const struct pulse_work *work,
                uint64_t now_us);

/* All zero where the kernel does not tell (then a thread is judged by its pulse alone). */
struct pulse_work pulse_work_of(int thread_id);

#endif
