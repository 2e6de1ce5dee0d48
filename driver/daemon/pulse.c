/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/pulse.h"

#include <stdio.h>

int pulse_hangs(struct pulse_watch *watch, uint64_t pulse_us, uint64_t busy_us, uint64_t now_us)
{
    if (pulse_us != watch->pulse_us || !watch->since_us)
        *watch = (struct pulse_watch){pulse_us, now_us, busy_us, 0};
    watch->looks++;
    uint64_t silent_us = now_us > pulse_us ? now_us - pulse_us : 0;
    if (silent_us < PULSE_STALE_US || watch->looks <= PULSE_LOOKS)
        return 0;
    uint64_t watched_us = now_us - watch->since_us, worked_us = busy_us - watch->busy_us;
    return 2 * worked_us < watched_us || silent_us >= PULSE_LOOP_US;
}

/* /proc/PID/task/TID/schedstat: ns on a processor, ns ready and waiting for one, turns (Linux,
 * Documentation/scheduler/sched-stats.rst). */
uint64_t pulse_busy_us(int thread_id)
{
    char path[64];
    unsigned long long ran_ns = 0, waited_ns = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", thread_id);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    int n = fscanf(file, "%llu %llu", &ran_ns, &waited_ns);
    fclose(file);
    return n == 2 ? (ran_ns + waited_ns) / 1000 : 0;
}
