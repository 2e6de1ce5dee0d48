/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From counts to kPa, per frame of 96 x 96 cells: each curve on a frame with two feet and on one
 * with every cell loaded, the filter of creep and hysteresis on both and on a bare plate, and
 * beside them one plain pass over the memory (memcpy of the same counts and kPa). Best of several
 * rounds, of the process's own time. Rows: name, value, unit. */
#include "calib/calibration.h"
#include "calib/curve.h"
#include "calib/filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIDE = 96, CELLS = SIDE * SIDE, KNOTS = 8, ROUNDS = 25, FRAMES = 40, TOP = 4095 };

static double values[CURVE_COEFFICIENTS_MAX][CELLS];
static uint16_t feet[CELLS], full[CELLS], bare[CELLS], copy[CELLS];
static float kpa[CELLS], other[CELLS];

static void fail(const struct problem *why)
{
    fprintf(stderr, "bench_calibration: %s\n", why->text);
    exit(1);
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Two ellipses of 26 x 10 cm, as feet stand. */
static int is_under_a_foot(int row, int col)
{
    double u = (row - 47.5) / 26, left = (col - 32) / 10.0, right = (col - 63) / 10.0;
    return u * u + fmin(left * left, right * right) < 1;
}

static void draw_frames(void)
{
    for (int i = 0; i < CELLS; i++) {
        full[i] = (uint16_t)(200 + i * 7919 % 3400);
        feet[i] = is_under_a_foot(i / SIDE, i % SIDE) ? full[i] : 0;
    }
}

static void draw_curve(struct calibration_spec *spec, const char *name)
{
    int is_spline = !strcmp(name, "spline");
    spec->curve = name;
    spec->n_knots = is_spline ? KNOTS : 0;
    for (int k = 0; k < KNOTS; k++)
        spec->knots[k] = 450.0 * (k + 1);
    for (int i = 0; i < CELLS; i++) {
        double top = 600 + i % 100;
        for (int k = 0; is_spline && k < KNOTS; k++)
            values[k][i] = top * pow((k + 1.0) / KNOTS, 1.3);
        if (is_spline)
            continue;
        int is_power = !strcmp(name, "power"), is_saturating = !strcmp(name, "saturating");
        values[0][i] = is_power ? top / pow(TOP, 1.3) : is_saturating ? top / 4 : top / TOP;
        values[1][i] = is_power ? 1.3 : is_saturating ? 1.5 * TOP : 0;
        values[2][i] = 1.1;
    }
}

static struct calibration *calibration_of(const char *name, int has_dynamics)
{
    struct calibration_spec spec = {.id = "bench",
                                    .date = "2026-03-01",
                                    .serial = "B",
                                    .rows = SIDE,
                                    .cols = SIDE,
                                    .bits = 12,
                                    .residual_percent = NAN,
                                    .has_dynamics = has_dynamics,
                                    .dynamics = {.n_creep = 3,
                                                 .creep_tau_s = {1, 10, 100},
                                                 .creep_share = {0.03, 0.03, 0.03},
                                                 .hysteresis = 0.2,
                                                 .reference_c = 20,
                                                 .gain_percent_per_c = 0.3}};
    struct problem why;
    size_t n;
    draw_curve(&spec, name);
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        spec.coefficients[k] = values[k];
    char *text = calibration_format(&spec, &n, &why);
    struct calibration *c = text ? calibration_parse(text, n, "bench", &why) : NULL;
    free(text);
    if (!c)
        fail(&why);
    return c;
}

/* What is measured: a frame's work. */
struct work {
    const struct calibration *calibration;
    struct calibration_filter *filter; /* NULL: the curve alone */
    const uint16_t *counts;
    uint64_t time_us;
};

static void one_frame(struct work *w)
{
    w->time_us += 10000;
    if (w->filter)
        calibration_filter_apply(w->filter, w->time_us, 25, w->counts, kpa);
    else if (w->calibration)
        calibration_apply(w->calibration, w->counts, kpa);
    else {
        memcpy(copy, w->counts, sizeof copy);
        memcpy(other, kpa, sizeof other);
        __asm__ volatile("" ::: "memory"); /* a copy that nobody reads is made all the same */
    }
}

static double ns_per_frame(struct work *w)
{
    double best = HUGE_VAL;
    one_frame(w);
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_ns();
        for (int frame = 0; frame < FRAMES; frame++)
            one_frame(w);
        best = fmin(best, (cpu_ns() - start) / FRAMES);
    }
    return best;
}

static void say(const char *what, const char *on, double ns, double pass_ns)
{
    printf("calibration_%s_%s\t%.0f\tns/frame\n", what, on, ns);
    printf("calibration_%s_%s_to_pass\t%.1f\ttimes one pass over the memory\n", what, on,
           ns / pass_ns);
}

int main(void)
{
    static const char *const on[] = {"feet", "full", "bare"};
    const uint16_t *const frames[] = {feet, full, bare};
    draw_frames();
    double pass_ns = ns_per_frame(&(struct work){.counts = full});
    printf("calibration_memory_pass\t%.0f\tns/frame\n", pass_ns);
    for (size_t i = 0; curve_at(i); i++) {
        struct calibration *c = calibration_of(curve_at(i)->name, 0);
        for (int k = 0; k < 2; k++)
            say(curve_at(i)->name, on[k],
                ns_per_frame(&(struct work){.calibration = c, .counts = frames[k]}), pass_ns);
        calibration_free(c);
    }
    struct calibration *c = calibration_of("line", 1);
    for (int k = 0; k < 3; k++) {
        struct problem why;
        struct calibration_filter *filter = calibration_filter_make(c, &why);
        if (!filter)
            fail(&why);
        say("line_and_filter", on[k],
            ns_per_frame(&(struct work){.filter = filter, .counts = frames[k]}), pass_ns);
        calibration_filter_free(filter);
    }
    calibration_free(c);
    return 0;
}
