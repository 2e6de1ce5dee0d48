/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dynamics_inverse (calib/dynamics.c) for all cells at once: the same steps in the same order as
 * loops without branches over blocks of cells, in float but for the memories of creep (an addition
 * of a millionth part each frame would be lost in a float). tests/test_filter.c holds the two
 * against each other. */
#include "calib/filter.h"

#include "calib/calibration_private.h"
#include "calib/dynamics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32 }; /* cells: a foot is about as wide */

#define LATE_US 10000000u /* a frame from further back is of another clock */

struct memory_block {
    double creep[CALIBRATION_CREEP_MAX][BLOCK];
    float pressure[BLOCK], peak[BLOCK], turn[BLOCK], excess[BLOCK];
    double bare_s; /* time that the memories of creep have not been told yet */
    int was_loaded, remembers;
};

struct calibration_filter {
    const struct calibration *calibration;
    const struct calibration_dynamics *dynamics; /* NULL: there is nothing to take off */
    size_t cells, n_blocks;
    struct memory_block *blocks;
    int has_time;
    uint64_t time_us;
    double temperature_c;
};

/* What a frame's step is for all cells. */
struct step {
    double dt_s;
    struct creep_step creep[CALIBRATION_CREEP_MAX];
    float inverse_creep; /* 1 / (1 + sum of share now) */
    float inverse_gain;  /* of temperature */
};

struct calibration_filter *calibration_filter_make(const struct calibration *calibration,
                                                   struct problem *why)
{
    struct calibration_filter *filter = calloc(1, sizeof *filter);
    if (filter) {
        filter->calibration = calibration;
        filter->dynamics = calibration_dynamics(calibration);
        filter->cells = calibration_cells(calibration);
        filter->n_blocks = filter->dynamics ? (filter->cells + BLOCK - 1) / BLOCK : 0;
        filter->temperature_c = NAN;
        filter->blocks = calloc(filter->n_blocks + 1, sizeof *filter->blocks);
        if (filter->blocks)
            return filter;
    }
    free(filter);
    problem_no_memory(why, "the memory of a plate's cells");
    return NULL;
}

void calibration_filter_free(struct calibration_filter *filter)
{
    if (!filter)
        return;
    free(filter->blocks);
    free(filter);
}

void calibration_filter_reset(struct calibration_filter *filter)
{
    memset(filter->blocks, 0, filter->n_blocks * sizeof *filter->blocks);
    filter->has_time = 0;
    filter->temperature_c = NAN;
}

/* --- Time and temperature --------------------------------------------------------------------- */

/* Seconds since the newest frame. */
static double seconds_since(struct calibration_filter *filter, uint64_t time_us)
{
    uint64_t newest = filter->time_us;
    int is_first = !filter->has_time, is_late = time_us < newest && newest - time_us <= LATE_US;
    if (!is_first && is_late)
        return 0;
    filter->has_time = 1;
    filter->time_us = time_us;
    return is_first || time_us < newest ? 0 : (double)(time_us - newest) * 1e-6;
}

static struct step step_of(struct calibration_filter *filter, uint64_t time_us,
                           double temperature_c)
{
    const struct calibration_dynamics *d = filter->dynamics;
    struct step step = {.dt_s = seconds_since(filter, time_us)};
    double creep = 1;
    for (int k = 0; k < d->n_creep; k++) {
        step.creep[k] = dynamics_creep_step(d->creep_tau_s[k], step.dt_s);
        creep += d->creep_share[k] * step.creep[k].now;
    }
    if (temperature_c >= -40 && temperature_c <= 125)
        filter->temperature_c = temperature_c;
    step.inverse_creep = (float)(1 / creep);
    step.inverse_gain = (float)(1 / dynamics_gain(d, filter->temperature_c));
    return step;
}

/* --- Blocks of cells -------------------------------------------------------------------------- */

static inline float least_of(float a, float b)
{
    return a < b ? a : b;
}

static inline float most_of(float a, float b)
{
    return a > b ? a : b;
}

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* a where `holds` (0 or 1), else b: by bits, for from a choice between two computed numbers the
 * compiler makes a jump around the one that is not needed. */
static inline float pick(int holds, float a, float b)
{
    uint32_t mask = 0u - (uint32_t)holds;
    return float_of((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

/* The square root of x >= 0 as vector code (sqrtf may set errno): Newton's steps for 1 / sqrt x
 * from a guess by the bits of x. Error below 3e-7 of the result. */
static inline float root_of(float x)
{
    float half = 0.5F * x, y = float_of(0x5f3759dfu - (bits_of(x) >> 1));
    y *= 1.5F - half * y * y;
    y *= 1.5F - half * y * y;
    y *= 1.5F - half * y * y;
    return x * y;
}

/* y of x: without_excess of dynamics.c. What a branch that is not taken divides by is kept from 0.
 * No limit at a constant here: the compiler would make a jump of what follows from the constant. */
static void solve_hysteresis(const struct memory_block *b, float h, const float *restrict x,
                             float *restrict solved)
{
    const float tiny = 1e-12F;
    const float *restrict peaks = b->peak, *restrict turns = b->turn,
                          *restrict excesses = b->excess;
    for (size_t i = 0; i < BLOCK; i++) { /* vectorised */
        float peak = peaks[i], turn = turns[i], excess = excesses[i];
        float slope = excess / (peak - turn + tiny);
        float rising = (x[i] - slope * peak) / (1.0F - slope);
        float inverse_peak = 1.0F / (peak + tiny), inverse_turn = 1.0F / (turn + tiny);
        float missing = h * (1.0F - turn * inverse_peak) - excess * inverse_turn;
        float square = (h * inverse_peak + missing * inverse_turn) * x[i];
        float under_root = fabsf((1.0F + h) * (1.0F + h) - 4.0F * square);
        float falling = 2.0F * x[i] / (1.0F + h + root_of(under_root));
        float below = pick(x[i] >= turn + excess, rising, falling);
        solved[i] = most_of(pick(x[i] >= peak, x[i], below), 0.0F);
    }
}

/* hysteresis_remember of dynamics.c. */
static void remember_hysteresis(struct memory_block *b, float h, const float *restrict x,
                                const float *restrict solved)
{
    const float tiny = 1e-12F, turn_share = (float)DYNAMICS_TURN;
    const float closed = 1.0F - (float)DYNAMICS_CLOSED;
    float *restrict peaks = b->peak, *restrict turns = b->turn, *restrict excesses = b->excess;
    for (size_t i = 0; i < BLOCK; i++) { /* vectorised */
        float y = solved[i], peak = peaks[i], turn = turns[i], excess = excesses[i];
        float most = h * y * (1.0F - y / (peak + tiny));
        float new_excess = least_of(most_of(x[i] - y, 0.0F), most);
        float new_peak = pick(y <= 0.0F, 0.0F, most_of(y, peak));
        int anew = (y <= 0.0F) | (y >= closed * peak);
        int turned = most_of(y - turn, turn - y) > turn_share * peak;
        peaks[i] = new_peak;
        turns[i] = pick(anew, new_peak, pick(turned, y, turn));
        excesses[i] = pick(anew, 0.0F, pick(turned, new_excess, excess));
    }
}

/* x in, y out. */
static void take_hysteresis_off(struct memory_block *b, float h, float *kpa)
{
    float solved[BLOCK];
    solve_hysteresis(b, h, kpa, solved);
    remember_hysteresis(b, h, kpa, solved);
    memcpy(kpa, solved, sizeof solved);
}

/* m becomes what it will be without this frame's pressure; the offset of creep grows by it. */
static void carry_creep(double *restrict m, const struct creep_step *step, double share,
                        const float *restrict pressure, double *restrict offset)
{
    double keep = step->keep, before = step->before;
    for (size_t i = 0; i < BLOCK; i++) { /* vectorised */
        m[i] = keep * m[i] + before * (double)pressure[i];
        offset[i] += share * m[i];
    }
}

static void add_creep(double *restrict m, double now, const float *restrict pressure)
{
    for (size_t i = 0; i < BLOCK; i++) /* vectorised */
        m[i] += now * (double)pressure[i];
}

/* y in, p out. */
static void take_creep_off(struct memory_block *b, const struct calibration_dynamics *d,
                           const struct step *step, float *restrict kpa)
{
    double offset[BLOCK] = {0};
    float inverse = step->inverse_creep, *restrict pressure = b->pressure;
    for (int k = 0; k < d->n_creep; k++)
        carry_creep(b->creep[k], &step->creep[k], d->creep_share[k], pressure, offset);
    for (size_t i = 0; i < BLOCK; i++) { /* vectorised */
        float p = (kpa[i] - (float)offset[i]) * inverse;
        pressure[i] = kpa[i] = p > 0.0F ? p : 0.0F;
    }
    for (int k = 0; k < d->n_creep; k++)
        add_creep(b->creep[k], step->creep[k].now, pressure);
}

/* What a block that was bare for a while still remembers of its creep. */
static void let_creep_go(struct memory_block *b, const struct calibration_dynamics *d)
{
    for (int k = 0; k < d->n_creep; k++) {
        double keep = exp(-b->bare_s / d->creep_tau_s[k]);
        for (size_t i = 0; i < BLOCK; i++) /* vectorised */
            b->creep[k][i] *= keep;
    }
    b->bare_s = 0;
}

static int is_bare(const uint16_t *counts, size_t n)
{
    unsigned any = 0;
    for (size_t i = 0; i < n; i++) /* vectorised */
        any |= counts[i];
    return !any;
}

/* Also in the last block, whose end is beyond the plate: there is always 0. */
static void apply_block(struct memory_block *b, const struct calibration_dynamics *d,
                        const struct step *step, int bare, float *kpa, size_t n)
{
    float cells[BLOCK] = {0};
    if (bare && !b->was_loaded) { /* kpa is 0 as it should be; only creep fades */
        b->bare_s += step->dt_s;
        return;
    }
    if (b->bare_s > 0 && b->remembers)
        let_creep_go(b, d);
    b->bare_s = 0;
    b->was_loaded = !bare;
    b->remembers = 1;
    for (size_t i = 0; i < n; i++)
        cells[i] = kpa[i] * step->inverse_gain;
    if (d->hysteresis > 0)
        take_hysteresis_off(b, (float)d->hysteresis, cells);
    if (d->n_creep > 0)
        take_creep_off(b, d, step, cells);
    memcpy(kpa, cells, n * sizeof *kpa);
}

void calibration_filter_apply(struct calibration_filter *filter, uint64_t time_us,
                              double temperature_c, const uint16_t *counts, float *kpa)
{
    calibration_apply(filter->calibration, counts, kpa);
    if (!filter->dynamics)
        return;
    struct step step = step_of(filter, time_us, temperature_c);
    for (size_t i = 0; i < filter->n_blocks; i++) {
        size_t at = i * BLOCK, n = filter->cells - at < BLOCK ? filter->cells - at : BLOCK;
        apply_block(&filter->blocks[i], filter->dynamics, &step, is_bare(counts + at, n), kpa + at,
                    n);
    }
}
