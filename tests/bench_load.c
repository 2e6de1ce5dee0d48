/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All load numbers of a standing person, 60 s of 96 x 96 cells at 100 Hz in memory: both readings
 * of the analysis, and the second one alone, beside one plain pass over the same memory in the same
 * run; and what a frame costs live. Rows: name, value, unit. */
#include "analysis/analyze_frames.h"
#include "analysis/load/load.h"
#include "analysis/second_pass.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 96, COLS = 96, CELLS = ROWS * COLS, FRAMES = 6000, RUNS = 5 };

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* a busy neighbour is not our time */
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_load: %s\n", what);
    exit(1);
}

/* Two feet from the template's outline: heel and ball, a hollow, toes. */
static void paint(float *shape)
{
    const struct grid grid = {ROWS, COLS, 5, 5};

    for (int k = 0; k < 2; k++) {
        struct foot_frame foot = foot_frame_template(
            k ? SIDE_RIGHT : SIDE_LEFT, (struct point){k ? 310 : 170, 100}, k ? 8 : -8, 255);

        for (int i = 0; i < CELLS; i++) {
            struct uv at = foot_frame_to_uv(&foot, grid_centre(&grid, i / COLS, i % COLS));
            int hollow = at.u > 0.3 && at.u < 0.58 && at.v < 0.45;
            int crease = at.u > 0.8 && at.u < 0.86;

            if (at.u > 0.02 && at.u < 0.97 && at.v > 0.04 && at.v < 0.96 && !hollow && !crease)
                shape[i] = at.u < 0.3 || at.u > 0.6 ? 60 : 25;
        }
    }
}

static float *draw_frames(void)
{
    static float shape[CELLS];
    float *frames = malloc(sizeof *frames * CELLS * FRAMES);

    if (!frames)
        die("no memory");
    paint(shape);
    for (size_t f = 0; f < FRAMES; f++)
        for (size_t i = 0; i < CELLS; i++)
            frames[f * CELLS + i] =
                shape[i] > 0 ? shape[i] + (float)((i * 31 + f * 7) % 40) / 8 : 0;
    return frames;
}

static double plain_pass_s(const float *frames)
{
    volatile double sink = 0;
    double start = now_s(), lanes[8] = {0}, took;

    for (size_t i = 0; i < (size_t)CELLS * FRAMES; i += 8)
        for (size_t lane = 0; lane < 8; lane++)
            lanes[lane] += (double)frames[i + lane];
    took = now_s() - start;
    for (int lane = 0; lane < 8; lane++)
        sink = sink + lanes[lane];
    return took;
}

static double analyze_s(const struct frames_in_memory *frames,
                        const struct analyzer_options *options)
{
    struct problem why = {0};
    double start = now_s(), took;
    struct result *result = analyze_frames(frames, options, &why);

    took = now_s() - start;
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
    double start = now_s();
    struct second_pass *pass = second_pass_begin(result, &why);

    for (size_t i = 0; pass && i < frames->n; i++)
        if (second_pass_frame(pass, (uint64_t)i * 10000, frames->kpa + i * CELLS, &why))
            die(why.text);
    if (!pass || second_pass_finish(pass, &why))
        die(why.text);
    return now_s() - start;
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
    struct frames_in_memory frames = {{ROWS, COLS, 5, 5}, 100, draw_frames(), NULL, FRAMES};
    double plain = INFINITY, both = INFINITY, second = INFINITY;

    /* By turns, so that a busy moment hits all of them. */
    for (int run = 0; run < RUNS; run++) {
        struct result *result = first_reading(&frames, &options);

        plain = fmin(plain, plain_pass_s(frames.kpa));
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
