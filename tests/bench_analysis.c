/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 60 s recording of a standing person, 96 x 96 cells at 100 Hz, analysed: seconds beside one
 * plain pass over the same frames in memory, and the peak memory of a process that does nothing
 * else. */
#include "analysis/contact.h"
#include "analysis/grid.h"
#include "driver/analyze_recording.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "firmware/wire/frame_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS 96
#define COLS 96
#define CELLS (ROWS * COLS)
#define FRAMES 6000
#define FULL_SCALE_KPA 600.0
#define TOP 4095

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* a busy neighbour is not our time */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const struct problem *why)
{
    fprintf(stderr, "bench_analysis: %s\n", why->text);
    exit(1);
}

/* Two feet painted from the template outline, swaying a little from frame to frame. */
static void paint(uint16_t *counts, int frame)
{
    static const enum side sides[2] = {SIDE_LEFT, SIDE_RIGHT};
    static float shape[CELLS];
    static int painted;

    for (int k = 0; !painted && k < 2; k++) {
        struct foot_frame foot =
            foot_frame_template(sides[k], (struct point){k ? 310 : 170, 100}, k ? 8 : -8, 255);
        const struct grid grid = {ROWS, COLS, 5, 5};

        for (int i = 0; i < CELLS; i++) {
            struct uv at = foot_frame_to_uv(&foot, grid_centre(&grid, i / COLS, i % COLS));
            int hollow = at.u > 0.3 && at.u < 0.58 && at.v < 0.45;
            int crease = at.u > 0.8 && at.u < 0.86;

            if (at.u > 0.02 && at.u < 0.97 && at.v > 0.04 && at.v < 0.96 && !hollow && !crease)
                shape[i] = at.u < 0.3 || at.u > 0.6 ? 400 : 150;
        }
    }
    painted = 1;
    for (int i = 0; i < CELLS; i++)
        counts[i] = shape[i] > 0 ? (uint16_t)(shape[i] + (float)((i * 31 + frame * 7) % 40)) : 0;
}

static struct recording_writer *create(const char *path, struct problem *why)
{
    struct recording_header header = {.software = "bench",
                                      .protocol = "stand",
                                      .source = "virtual",
                                      .device = {.serial = "BENCH"},
                                      .rows = ROWS,
                                      .cols = COLS,
                                      .pitch_x_mm = 5,
                                      .pitch_y_mm = 5,
                                      .rate_hz = 100,
                                      .bits = 12,
                                      .full_scale_kpa = FULL_SCALE_KPA,
                                      .units = "counts",
                                      .calibration_id = "nominal"};
    struct recording_writer *writer;
    char *json;

    recording_header_now(header.created_utc, sizeof header.created_utc);
    json = recording_header_format(&header, why);
    if (!json)
        die(why);
    writer = recording_create(path, json, NULL, 0, why);
    free(json);
    if (!writer)
        die(why);
    return writer;
}

static void write_recording(const char *path)
{
    const struct frame_shape shape = {
        .flags = FRAME_TARED | FRAME_GATED, .bits = 12, .rows = ROWS, .cols = COLS};
    static uint16_t counts[CELLS];
    size_t cap = frame_size_max(ROWS, COLS);
    uint8_t *payload = malloc(cap);
    struct problem why = {0};
    struct recording_writer *writer = create(path, &why);

    for (int i = 0; i < FRAMES; i++) {
        struct wire_message message = {.type = WIRE_FRAME,
                                       .seq = (uint32_t)i,
                                       .device_time_us = 5000000 + (uint64_t)i * 10000};

        paint(counts, i);
        message.payload = payload;
        message.payload_len = (uint32_t)frame_encode(payload, cap, &shape, counts);
        /* One host time for all: the writer then syncs once, at the end. */
        if (!message.payload_len || recording_append_message(writer, &message, 1, &why))
            die(&why);
    }
    if (recording_finish(writer, &why))
        die(&why);
    free(payload);
}

/* The plain pass: all cells of all frames summed from memory. */
static double plain_pass_s(void)
{
    float *frames = malloc(sizeof *frames * CELLS * FRAMES);
    static uint16_t counts[CELLS];
    double best = 1e9;
    volatile double sink = 0;

    if (!frames)
        exit(1);
    for (int f = 0; f < FRAMES; f++) {
        if (f < 40)
            paint(counts, f);
        for (int i = 0; i < CELLS; i++)
            frames[(size_t)f * CELLS + (size_t)i] = (float)counts[i];
    }
    for (int run = 0; run < 5; run++) {
        double start = now_s(), lanes[8] = {0}, took;

        for (size_t i = 0; i < (size_t)CELLS * FRAMES; i += 8)
            for (size_t lane = 0; lane < 8; lane++)
                lanes[lane] += (double)frames[i + lane];
        took = now_s() - start;
        best = took < best ? took : best;
        for (int lane = 0; lane < 8; lane++)
            sink = sink + lanes[lane];
    }
    free(frames);
    return best;
}

static double analyse_s(const char *path)
{
    struct analyzer_options options = analyze_defaults();
    double best = 1e9;

    for (int run = 0; run < 5; run++) {
        struct problem why = {0};
        double start = now_s(), took;
        struct result *result = analyze_recording(path, &options, &why);

        took = now_s() - start;
        if (!result)
            die(&why);
        if (result->n_feet != 2 || result->frames.n != FRAMES) {
            fprintf(stderr, "bench_analysis: %d feet, %zu frames: %s\n", result->n_feet,
                    result->frames.n, result->no_foot_reason);
            exit(1);
        }
        result_free(result);
        best = took < best ? took : best;
    }
    return best;
}

/* Peak resident memory of a process of its own that only analyses; MiB. */
static double analyse_alone_mib(const char *self, const char *path)
{
    struct rusage usage;
    pid_t child = fork();
    int status;

    if (child == 0) {
        execl(self, self, path, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        return -1;
    return (double)usage.ru_maxrss / 1024;
}

static int analyse_only(const char *path)
{
    struct analyzer_options options = analyze_defaults();
    struct problem why = {0};
    struct result *result = analyze_recording(path, &options, &why);

    result_free(result);
    return result ? 0 : 1;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/tenderfoot-bench-XXXXXX", path[80];
    double plain, analysis, mib;

    if (argc > 1)
        return analyse_only(argv[1]);
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/standing.tfr", folder);
    write_recording(path);
    mib = analyse_alone_mib("/proc/self/exe", path);
    analysis = analyse_s(path);
    plain = plain_pass_s();
    unlink(path);
    rmdir(folder);
    printf("analysis of 60 s, 96 x 96, 100 Hz\t%.4f\ts\n", analysis);
    printf("one plain pass over the same frames\t%.4f\ts\n", plain);
    printf("analysis in plain passes\t%.2f\tpasses\n", analysis / plain);
    printf("analysis per frame\t%.1f\tus\n", analysis / FRAMES * 1e6);
    printf("peak memory of an analysis\t%.1f\tMiB\n", mib);
    return 0;
}
