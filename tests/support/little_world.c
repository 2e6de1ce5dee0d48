/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/little_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US_PER_S UINT64_C(1000000)

struct little_world {
    uint64_t edges, notes; /* given so far */
    char note[40];
};

static uint32_t hash(uint64_t x)
{
    x = (x ^ x >> 31) * UINT64_C(0x7FB5D329728EA185);
    x = (x ^ x >> 27) * UINT64_C(0x81DADEF4BC2DD44D);
    return (uint32_t)(x >> 33);
}

static void scan(struct scan_source *source, uint64_t time_us, uint16_t *counts)
{
    int cols = source->cols;
    for (int i = 0; i < source->rows * cols; i++) {
        counts[i] = (uint16_t)(38 + hash(time_us * 70001 + (uint64_t)i) % 5);
        if ((i / cols == 3 || i / cols == 4) && time_us > US_PER_S)
            counts[i] = (uint16_t)(counts[i] + (time_us - US_PER_S) / 10000);
    }
}

static int next_edge(struct scan_source *source, uint64_t until_us, struct button_edge *edge)
{
    struct little_world *world = source->own;
    uint64_t second = 1 + world->edges / 2 * 2;
    edge->down = world->edges % 2 == 0;
    edge->time_us = second * US_PER_S + 4321 + (edge->down ? 0 : 200000);
    if (edge->time_us >= until_us)
        return 0;
    world->edges++;
    return 1;
}

static const char *next_annotation(struct scan_source *source, uint64_t until_us, uint64_t *time_us)
{
    struct little_world *world = source->own;
    *time_us = world->notes * US_PER_S;
    if (*time_us >= until_us)
        return NULL;
    snprintf(world->note, sizeof world->note, "{\"n\": %llu}", (unsigned long long)world->notes++);
    return world->note;
}

static void close_world(struct scan_source *source)
{
    free(source->own);
    free(source);
}

struct scan_source *little_world(int rows, int cols, double seconds)
{
    struct scan_source *source = calloc(1, sizeof *source);
    struct little_world *world = calloc(1, sizeof *world);
    assert_true(source && world);
    *source = (struct scan_source){
        .rows = rows,
        .cols = cols,
        .bits = 12,
        .pitch_x_mm = 5,
        .pitch_y_mm = 8.5,
        .rate_hz = 100,
        .full_scale_kpa = 600,
        .serial = "LITTLE-1",
        .duration_us = (uint64_t)(seconds * 1e6),
        .own = world,
        .scan = scan,
        .next_edge = next_edge,
        .next_annotation = next_annotation,
        .close = close_world,
    };
    return source;
}
