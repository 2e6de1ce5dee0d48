/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet of a stand, 96 x 96 cells at 500 frames/s in memory: the foot finder on a picture, the
 * feet followed frame by frame, and all of the analysis with its zones, beside one plain pass over
 * the same memory in the same run. Rows: name, value, unit. */
#include "analysis/analyze_frames.h"
#include "analysis/foot/foot_track.h"
#include "tests/support/bench_pass.h"
#include "tests/support/bench_stand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CELLS = BENCH_CELLS, FRAMES = 5000, RUNS = 3, PICTURES = 10 };

#define RATE_HZ 500.0

_Noreturn static void die(const char *what)
{
    bench_die("bench_feet", what);
}

static double find_s(const float *frames)
{
    double start = bench_cpu_s();

    for (int i = 0; i < PICTURES; i++) {
        struct found_feet found;
        struct problem why = {0};

        if (foot_finder(&bench_plate, frames + (size_t)i * CELLS, 5, NULL, &found, &why))
            die(why.text);
        if (found.n != 2)
            die("two feet were to be found");
        found_feet_free(&found);
    }
    return (bench_cpu_s() - start) / PICTURES;
}

/* Both feet's frames, landmarks and lines, and the shares of all zones in all cells. */
static void marks_and_zones_s(const float *picture, double *marks_s, double *zones_s)
{
    static float share[CELLS];
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);
    struct found_feet found;

    if (!atlas || foot_finder(&bench_plate, picture, 5, NULL, &found, &why) || found.n != 2)
        die("two feet were to be found");
    *marks_s = *zones_s = 0;
    for (int i = 0; i < found.n; i++) {
        const struct foot_print print = {&bench_plate, picture, found.label, (uint8_t)(i + 1), 5};
        struct print_frame shape;
        double start = bench_cpu_s();

        if (frame_from_print(&print, &found.foot[i], 0, &shape, &why))
            die(why.text);
        struct landmarks landmarks = landmarks_from_print(&print, &shape.frame);
        guide_lines_from_print(&print, &shape.frame, &landmarks);
        *marks_s += (bench_cpu_s() - start) / found.n;
        start = bench_cpu_s();
        for (int z = 0; z < atlas_count(atlas); z++)
            atlas_cell_shares(atlas_zone(atlas, z), &shape.frame, &landmarks, &bench_plate, share);
        *zones_s += (bench_cpu_s() - start) / found.n;
    }
    found_feet_free(&found);
    atlas_free(atlas);
}

static double track_s(const float *frames)
{
    struct problem why = {0};
    struct track out;
    double start = bench_cpu_s(), took;
    struct foot_track *track = foot_track_begin(&bench_plate, 5, RATE_HZ, NULL, &why);

    for (size_t i = 0; track && i < FRAMES; i++)
        if (foot_track_frame(track, i * 2000, frames + i * CELLS, &why))
            die(why.text);
    if (!track || foot_track_finish(track, &out, &why))
        die(why.text);
    took = bench_cpu_s() - start;
    if (out.n != 2 || !out.spans[0].moved)
        die("one shift was to be found");
    track_free(&out);
    return took;
}

static double analyze_s(const struct frames_in_memory *frames)
{
    const struct analyzer_options options = {
        .threshold_kpa = 5, .min_force_n = 20, .protocol = "stand"};
    struct problem why = {0};
    double start = bench_cpu_s(), took;
    struct result *result = analyze_frames(frames, &options, &why);

    took = bench_cpu_s() - start;
    if (!result)
        die(why.text);
    if (result->n_feet != 2)
        die("two feet with zones were to be found");
    result_free(result);
    return took;
}

int main(void)
{
    struct frames_in_memory frames = {bench_plate, RATE_HZ, bench_stand_frames(FRAMES, 20, 0.1F),
                                      NULL, FRAMES};
    double plain = INFINITY, find = INFINITY, track = INFINITY, all = INFINITY;
    double marks = INFINITY, zones = INFINITY;

    if (!frames.kpa)
        die("no memory");
    /* By turns, so that a busy moment hits all of them. */
    for (int run = 0; run < RUNS; run++) {
        plain = fmin(plain, bench_plain_pass_s(frames.kpa, (size_t)CELLS * FRAMES));
        find = fmin(find, find_s(frames.kpa));
        track = fmin(track, track_s(frames.kpa));
        double marks_s, zones_s;
        marks_and_zones_s(frames.kpa, &marks_s, &zones_s);
        marks = fmin(marks, marks_s);
        zones = fmin(zones, zones_s);
        all = fmin(all, analyze_s(&frames));
    }
    free((float *)frames.kpa);
    printf("foot finder, two feet, of a picture of 96 x 96\t%.2f\tms\n", find * 1e3);
    printf("foot finder in plain passes over a picture\t%.0f\tpasses\n", find / (plain / FRAMES));
    printf("frame, landmarks and lines, of a foot\t%.2f\tms\n", marks * 1e3);
    printf("zones of a foot laid on the cells\t%.2f\tms\n", zones * 1e3);
    printf("feet followed, of a frame of 96 x 96 (with one shift)\t%.2f\tus\n",
           track / FRAMES * 1e6);
    printf("feet followed in plain passes\t%.2f\tpasses\n", track / plain);
    printf("feet followed at 500 frames/s, of a core\t%.2f\t%%\n", track / FRAMES * RATE_HZ * 100);
    printf("feet, load and zones of a recording of %g s\t%.3f\ts\n", FRAMES / RATE_HZ, all);
    printf("feet, load and zones of a recording at 500 frames/s, of a core\t%.2f\t%%\n",
           all / FRAMES * RATE_HZ * 100);
    return 0;
}
