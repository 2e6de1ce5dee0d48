/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All load numbers of a standing person, 60 s of 96 x 96 cells at 100 Hz in memory: both readings
 * of the analysis, and the second one alone, beside one plain pass over the same memory in the same
 * run; and what a frame costs live. Rows: name, value, unit. */
#include "analysis/analyze_frames.h"
#include "analysis/load/load.h"
#include "analysis/second_pass.h"
#include "tests/support/bench_pass.h"
#include "tests/support/bench_stand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CELLS = BENCH_CELLS, FRAMES = 6000, RUNS = 5 };

_Noreturn static void die(const char *what)
{
    bench_die("bench_load", what);
}

static double analyze_s(const struct frames_in_memory *frames,
                        const struct analyzer_options *options)
{
    struct problem why = {0};
    double start = bench_cpu_s(), took;
    struct result *result = analyze_frames(frames, options, &why);

    took = bench_cpu_s() - start;
    if (!result)
        die(why.text);
    if (result->n_feet != 2 || !result->feet[1].load || !(result->load->plate.fti_n_s > 0))
        die("two feet with load were to be found");
    result_free(result);
    return took;
}

/* The second reading of a result that has none yet. */
static double second_s(const struct frames_in_memory *frames, struct result *result)
{
    struct problem why = {0};
    double start = bench_cpu_s();
    struct second_pass *pass = second_pass_begin(result, &why);

    for (size_t i = 0; pass && i < frames->n; i++)
        if (second_pass_frame(pass, (uint64_t)i * 10000, frames->kpa + i * CELLS, &why))
            die(why.text);
    if (!pass || second_pass_finish(pass, &why))
        die(why.text);
    return bench_cpu_s() - start;
}

static struct result *first_reading(const struct frames_in_memory *frames,
                                    const struct analyzer_options *options)
{
    struct problem why = {0};
    struct analyzer *analyzer = analyzer_begin(&frames->grid, frames->rate_hz, options, &why);

    for (size_t i = 0; analyzer && i < frames->n; i++)
        if (analyzer_frame(analyzer, (uint64_t)i * 10000, frames->kpa + i * CELLS, &why))
            die(why.text);
    struct result *result = analyzer ? analyzer_finish(analyzer, NULL, &why) : NULL;
    if (!result)
        die(why.text);
    return result;
}

int main(void)
{
    const struct analyzer_options options = {
        .threshold_kpa = 5, .min_force_n = 20, .protocol = "stand"};
    struct frames_in_memory frames = {bench_plate, 100, bench_stand_frames(FRAMES, 0, 0), NULL,
                                      FRAMES};
    double plain = INFINITY, both = INFINITY, second = INFINITY;

    if (!frames.kpa)
        die("no memory");
    /* By turns, so that a busy moment hits all of them. */
    for (int run = 0; run < RUNS; run++) {
        struct result *result = first_reading(&frames, &options);

        plain = fmin(plain, bench_plain_pass_s(frames.kpa, (size_t)CELLS * FRAMES));
        second = fmin(second, second_s(&frames, result));
        both = fmin(both, analyze_s(&frames, &options));
        result_free(result);
    }
    free((float *)frames.kpa);
    printf("all load numbers of 60 s, 96 x 96, in memory\t%.4f\ts\n", both);
    printf("one plain pass over that memory\t%.4f\ts\n", plain);
    printf("all load numbers in plain passes\t%.2f\tpasses\n", both / plain);
    printf("of it load over time (second reading)\t%.2f\tpasses\n", second / plain);
    printf("all load numbers, live, of a frame\t%.1f\tus\n", both / FRAMES * 1e6);
    return 0;
}
