/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fitting a whole reference plate costs: 96 x 96 cells, ten pressures up and down twice, from
 * the virtual plate of samples/bench_plate.h. Rows: name, value, unit. */
#include "calib/bench.h"
#include "samples/bench_plate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIDE 96
#define CELLS (SIDE * SIDE)
#define FRAMES 24

static void fail(const struct problem *why)
{
    fprintf(stderr, "bench_fit: %s\n", why->text);
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct player {
    struct bench_session *session;
    struct bench_plate *plate;
    uint64_t now_us;
    uint16_t zeros[CELLS];
};

static void scan(struct player *player, double kpa, uint16_t *counts)
{
    static float cells[CELLS];
    for (int i = 0; i < CELLS; i++)
        cells[i] = (float)kpa;
    bench_plate_scan(player->plate, player->now_us += 100000, NAN, cells, counts);
}

static void hold(struct player *player, double kpa, const char *direction, int cycle)
{
    static uint16_t counts[CELLS];
    struct problem why;
    char json[160];
    snprintf(json, sizeof json,
             "{\"bench\":\"hold\",\"stage\":\"bladder\",\"kpa\":%g,\"direction\":\"%s\",\"cycle\":"
             "%d}",
             kpa, direction, cycle);
    if (bench_annotation(player->session, player->now_us, json, strlen(json), &why))
        fail(&why);
    for (int k = 0; k < FRAMES; k++) {
        scan(player, kpa, counts);
        for (int i = 0; i < CELLS; i++)
            counts[i] = counts[i] > player->zeros[i] ? (uint16_t)(counts[i] - player->zeros[i]) : 0;
        bench_frame(player->session, player->now_us, counts);
    }
}

static void play(struct player *player)
{
    static const double kpa[] = {5, 10, 20, 35, 60, 100, 150, 220, 300, 400};
    scan(player, 0, player->zeros);
    for (int cycle = 1; cycle <= 2; cycle++) {
        for (int k = 0; k < 10; k++)
            hold(player, kpa[k], "up", cycle);
        for (int k = 8; k >= 0; k--)
            hold(player, kpa[k], "down", cycle);
    }
}

int main(void)
{
    static struct player player;
    struct problem why;
    struct bench_plate_setting setting;
    bench_plate_defaults(&setting);
    setting.rows = setting.cols = SIDE;
    setting.random_fault[BENCH_FAULT_DEAD] = 9;
    setting.random_fault[BENCH_FAULT_WEAK] = 9;
    player.plate = bench_plate_create(&setting, 1, &why);
    player.session = bench_begin(setting.serial, SIDE, SIDE, setting.bits, 5, 5, &why);
    if (!player.plate || !player.session)
        fail(&why);
    play(&player);
    if (bench_end_recording(player.session, &why))
        fail(&why);
    struct bench_options options = {.date = "2026-03-01"};
    double begin_s = now_s();
    struct bench_fit *fit = bench_fit(player.session, &options, &why);
    if (!fit)
        fail(&why);
    printf("calibration: fit of 96 x 96 cells, 38 holds\t%.2f\ts\n", now_s() - begin_s);
    printf("calibration: residual of that fit\t%.2f\t%%\n", fit->spec.residual_percent);
    bench_fit_free(fit);
    bench_free(player.session);
    bench_plate_free(player.plate);
    return 0;
}
