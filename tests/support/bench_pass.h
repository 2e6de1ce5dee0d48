/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What benches of frames in memory share: the clock, giving up, and the plain pass that times are
 * set beside. Functions for programs of one thread; a header alone, as each bench is linked with
 * the library and nothing else. */
#ifndef TENDERFOOT_TESTS_BENCH_PASS_H
#define TENDERFOOT_TESTS_BENCH_PASS_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* CPU time of this process, s: a busy neighbour is not our time. */
static inline double bench_cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Ends the program: what was measured would mean nothing. */
_Noreturn static inline void bench_die(const char *bench, const char *what)
{
    fprintf(stderr, "%s: %s\n", bench, what);
    exit(1);
}

/* Time of summing all of n numbers (a multiple of 8) from memory once, s. */
static inline double bench_plain_pass_s(const float *numbers, size_t n)
{
    volatile double sink = 0;
    double start = bench_cpu_s(), lanes[8] = {0}, took;

    for (size_t i = 0; i < n; i += 8)
        for (size_t lane = 0; lane < 8; lane++)
            lanes[lane] += (double)numbers[i + lane];
    took = bench_cpu_s() - start;
    for (int lane = 0; lane < 8; lane++)
        sink = sink + lanes[lane];
    return took;
}

#endif
