/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/pulse.h"

#include <stdio.h>

/* Time since the first look at this pulse in which it worked, or would have. */
static uint64_t worked_us(const struct pulse_work *then, const struct pulse_work *now)
{
    uint64_t ran_us = now->ran_us - then->ran_us, sleeps = now->sleeps - then->sleeps;
    if (ran_us < sleeps * PULSE_WAKES_US)
        return ran_us;
    return ran_us + now->delayed_us - then->delayed_us;
}

int pulse_hangs(struct pulse_watch *watch, uint64_t pulse_us, const struct pulse_work *work,
                uint64_t now_us)
{
    if (pulse_us != watch->pulse_us || !watch->since_us)
        *watch = (struct pulse_watch){pulse_us, now_us, *work, 0};
    watch->looks++;
    uint64_t silent_us = now_us > pulse_us ? now_us - pulse_us : 0;
    if (silent_us < PULSE_STALE_US || watch->looks <= PULSE_LOOKS)
        return 0;
    uint64_t watched_us = now_us - watch->since_us;
    return 2 * worked_us(&watch->work, work) < watched_us || silent_us >= PULSE_LOOP_US;
}

/* /proc/PID/task/TID/schedstat: ns on a processor, ns ready and waiting for one, turns (Linux,
 * Documentation/scheduler/sched-stats.rst). */
static int read_times(int thread_id, struct pulse_work *work)
{
    char path[64];
    unsigned long long ran_ns = 0, delayed_ns = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", thread_id);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    int n = fscanf(file, "%llu %llu", &ran_ns, &delayed_ns);
    fclose(file);
    work->ran_us = ran_ns / 1000;
    work->delayed_us = delayed_ns / 1000;
    return n == 2 ? 0 : -1;
}

/* /proc/PID/task/TID/status, voluntary_ctxt_switches (proc(5)). */
static int read_sleeps(int thread_id, struct pulse_work *work)
{
    char path[64], line[200];
    unsigned long long sleeps = 0;
    int found = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", thread_id);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = sscanf(line, "voluntary_ctxt_switches: %llu", &sleeps) == 1;
    if (file)
        fclose(file);
    work->sleeps = sleeps;
    return found ? 0 : -1;
}

struct pulse_work pulse_work_of(int thread_id)
{
    struct pulse_work work = {0};
    if (read_times(thread_id, &work) || read_sleeps(thread_id, &work))
        return (struct pulse_work){0};
    return work;
}
