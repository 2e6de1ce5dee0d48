/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leading a press test costs: the route of both feet, and the engine's own work for each frame
 * of 96 x 96 cells during a ramp, cue included. CPU time; rows: name, value, unit. */
#include "analysis/press/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 96, COLS = 96, ROUTES = 10, FRAMES = 200000, FRAMES_HZ = 500 };

static void fail(const struct problem *why)
{
    fprintf(stderr, "bench_press: %s\n", why->text);
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench_route(const struct route_options *options, struct route *route)
{
    struct problem why = {0};
    double from_s = cpu_s();

    for (int i = 0; i < ROUTES; i++) {
        route_free(route);
        if (route_make(route, options, &why))
            fail(&why);
    }
    printf("press route of both feet\t%.1f\tms\n", (cpu_s() - from_s) * 1e3 / ROUTES);
}

/* GO wherever it waits, each limit held: the ramp rises again and again, and nobody answers. */
static void lead(struct press_protocol *protocol, uint64_t now_us, const struct press_cue *cue)
{
    struct press_action action;

    while (press_protocol_action(protocol, &action))
        if (action.kind == PRESS_ACTION_SET_LIMIT)
            press_protocol_limit_set(protocol, 1);
    if (cue->step != PRESS_STEP_RAMP && cue->step != PRESS_STEP_READY)
        press_protocol_key(protocol, now_us,
                           cue->step == PRESS_STEP_SCALE ? PRESS_KEY_SCALE_0 : PRESS_KEY_GO);
}

static void draw(float *kpa, const struct press_cue *cue, uint64_t now_us)
{
    int is_up = cue->step == PRESS_STEP_RAMP || cue->step == PRESS_STEP_READY;
    double tip_kpa = is_up ? (double)(now_us % 5000000) * 4e-5 : 0;

    for (int r = -2; cue->place && r < 2; r++)
        for (int c = -2; c < 2; c++)
            kpa[((int)(cue->stud.y_mm / 5) + r) * COLS + (int)(cue->stud.x_mm / 5) + c] =
                (float)(tip_kpa / 4);
}

static void bench_frames(const struct press_protocol_options *options)
{
    static float kpa[ROWS * COLS];
    struct problem why = {0};
    struct press_protocol *protocol = press_protocol_begin(options, &why);
    struct press_cue cue;
    double from_s = cpu_s();

    if (!protocol)
        fail(&why);
    int n = 0;
    for (; n < FRAMES; n++) {
        uint64_t now_us = (uint64_t)n * (1000000 / FRAMES_HZ);
        press_protocol_cue(protocol, &cue);
        if (cue.step == PRESS_STEP_DONE)
            break;
        draw(kpa, &cue, now_us);
        if (press_protocol_frame(protocol, now_us, kpa, &why))
            fail(&why);
        lead(protocol, now_us, &cue);
    }
    double us = (cpu_s() - from_s) * 1e6 / n;
    printf("press engine, each frame of 96 x 96\t%.2f\tus\n", us);
    printf("press engine at 500 frames/s\t%.2f\t%% of a core\n", us * FRAMES_HZ / 1e6 * 100);
    press_protocol_free(protocol);
}

int main(void)
{
    struct problem why = {0};
    struct tool tool;
    struct route route = {0};
    struct atlas *atlas = atlas_load(NULL, &why);

    if (!atlas || tool_load(NULL, NULL, &tool, &why))
        fail(&why);
    struct route_options options = {.atlas = atlas, .tool = &tool, .pitch_mm = 5};
    struct press_protocol_options engine = {
        .route = &route, .tool = &tool, .grid = {ROWS, COLS, 5, 5}, .cup_known = 1};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        engine.cup[side] = (struct point){240, 115};
        options.feet[side] =
            (struct route_foot){1, foot_frame_template((enum side)side, engine.cup[side], 0, 250),
                                landmarks_template()};
    }
    bench_route(&options, &route);
    bench_frames(&engine);
    route_free(&route);
    atlas_free(atlas);
    return 0;
}
