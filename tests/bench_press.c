/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leading a press test costs: the route of both feet, and the engine's own work for each frame
 * of 96 x 96 cells during a ramp, cue included. CPU time; rows: name, value, unit. */
#include "tests/support/bench_pass.h"
#include "tests/support/bench_presser.h"

#include <stdio.h>

enum { ROWS = 96, COLS = 96, ROUTES = 10, FRAMES = 200000, FRAMES_HZ = 500 };

static void fail(const struct problem *why)
{
    bench_die("bench_press", why->text);
}

static void bench_route(const struct route_options *options, struct route *route)
{
    struct problem why = {0};
    double from_s = bench_cpu_s();

    for (int i = 0; i < ROUTES; i++) {
        route_free(route);
        if (route_make(route, options, &why))
            fail(&why);
    }
    printf("press route of both feet\t%.1f\tms\n", (bench_cpu_s() - from_s) * 1e3 / ROUTES);
}

static void bench_frames(const struct press_protocol_options *options)
{
    static float kpa[ROWS * COLS];
    struct problem why = {0};
    struct press_protocol *protocol = press_protocol_begin(options, &why);
    struct press_cue cue;
    double from_s = bench_cpu_s();

    if (!protocol)
        fail(&why);
    int n = 0;
    for (; n < FRAMES; n++) {
        uint64_t now_us = (uint64_t)n * (1000000 / FRAMES_HZ);
        press_protocol_cue(protocol, &cue);
        if (cue.step == PRESS_STEP_DONE)
            break;
        bench_press_draw(kpa, COLS, &cue, now_us);
        if (press_protocol_frame(protocol, now_us, kpa, &why))
            fail(&why);
        bench_press_on(protocol, now_us, &cue);
    }
    double us = (bench_cpu_s() - from_s) * 1e6 / n;
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
            (struct route_foot){1,
                                foot_frame_template((enum side)side, engine.cup[side], 0, 250),
                                landmarks_template(),
                                {0}};
    }
    bench_route(&options, &route);
    bench_frames(&engine);
    route_free(&route);
    atlas_free(atlas);
    return 0;
}
