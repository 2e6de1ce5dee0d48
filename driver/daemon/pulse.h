/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a thread that should go round again and again hangs, judged by what it does: one that has
 * not gone round for long and waits for something (a lock, a device) hangs; one that computes, or
 * would if it were given a processor, is slow, as on a small or busy computer, and is left alone
 * for a minute. Pure but for pulse_busy_us; one thread a watch. */
#ifndef TENDERFOOT_DRIVER_DAEMON_PULSE_H
#define TENDERFOOT_DRIVER_DAEMON_PULSE_H

#include <stdint.h>

/* Threads go round at least once a second, whatever they wait for. With a look a second and the
 * half of one that systemd waits before it starts us anew, a new one is there well within ten
 * seconds of a hang (robustness.md G28). */
#define PULSE_STALE_US 5000000u
#define PULSE_LOOP_US 60000000u /* however busy: by then it goes round in a circle */
enum { PULSE_LOOKS = 3 };       /* whoever looks after a standstill of the computer looks again */

/* Zeroed before the first look. */
struct pulse_watch {
    uint64_t pulse_us, since_us,
        busy_us;    /* the pulse, and when and at what work it was first seen */
    unsigned looks; /* at this same pulse */
};

/* A look, about once a second. `pulse_us`: when it last went round (host clock); `busy_us`: as
 * pulse_busy_us. 1: it hangs. */
int pulse_hangs(struct pulse_watch *watch, uint64_t pulse_us, uint64_t busy_us, uint64_t now_us);

/* How long a thread of this process has run or waited for a processor, since it began; 0 where the
 * kernel does not tell (then it is judged by its pulse alone). */
uint64_t pulse_busy_us(int thread_id);

#endif
