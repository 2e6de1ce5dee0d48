/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/belt.h"
#include "analysis/contact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LAG_S 0.05
#define LAG_FRAMES_MAX 64
#define SHIFT_MAX_MM 300.0 /* in one lag: 6 m/s */
#define SPEED_MAX_MM_S 6000.0
#define BIN_MM_S 5.0
#define BINS 2400
#define RESIDUAL_MAX 0.35 /* of both profiles: a worse fit says nothing */
#define LOAD_MIN_N 50.0
#define GUESSES_MIN 40
#define BELT_MIN_MM_S 150.0
#define AGREE_SHARE 0.35

/* One axis: force by row (or column) of the last frames, and the guesses. */
struct axis {
    int n;
    double pitch_mm;
    float *profiles; /* ring of lag + 1 */
    unsigned *bins;
    size_t guesses;
};

struct belt_watch {
    struct grid grid;
    double rate_hz;
    int lag;
    struct axis axis[2]; /* x, y */
    float *load;         /* of the ring's frames, kPa cells */
    size_t frames;
};

static int axis_begin(struct axis *axis, int n, double pitch_mm, int lag)
{
    axis->n = n;
    axis->pitch_mm = pitch_mm;
    axis->profiles = calloc((size_t)n * (size_t)(lag + 1), sizeof *axis->profiles);
    axis->bins = calloc(BINS, sizeof *axis->bins);
    return axis->profiles && axis->bins ? 0 : -1;
}

struct belt_watch *belt_watch_begin(const struct grid *grid, double rate_hz, struct problem *why)
{
    struct belt_watch *watch = calloc(1, sizeof *watch);

    if (watch) {
        watch->grid = *grid;
        watch->rate_hz = rate_hz;
        watch->lag = (int)fmin(fmax(round(LAG_S * rate_hz), 1), LAG_FRAMES_MAX);
        watch->load = calloc((size_t)watch->lag + 1, sizeof *watch->load);
    }
    if (!watch || !watch->load ||
        axis_begin(&watch->axis[0], grid->cols, grid->pitch_x_mm, watch->lag) ||
        axis_begin(&watch->axis[1], grid->rows, grid->pitch_y_mm, watch->lag)) {
        belt_watch_free(watch);
        problem_no_memory(why, "the belt's speed");
        return NULL;
    }
    return watch;
}

void belt_watch_free(struct belt_watch *watch)
{
    if (!watch)
        return;
    for (int a = 0; a < 2; a++) {
        free(watch->axis[a].profiles);
        free(watch->axis[a].bins);
    }
    free(watch->load);
    free(watch);
}

static float *profile(const struct axis *axis, size_t slot)
{
    return axis->profiles + slot * (size_t)axis->n;
}

/* Sum of |now[i] - before[i - shift]|, cells shifted in from outside being empty. */
static double difference(const float *now, const float *before, int n, int shift)
{
    double sum = 0;

    for (int i = 0; i < n; i++) {
        int j = i - shift;
        float was = j >= 0 && j < n ? before[j] : 0;

        sum += (double)fabsf(now[i] - was);
    }
    for (int j = 0; j < n; j++) /* what slid off the plate */
        if (j + shift < 0 || j + shift >= n)
            sum += (double)before[j];
    return sum;
}

static double parabola(double before, double at, double after)
{
    double bend = before - 2 * at + after;

    return bend > 0 ? 0.5 * (before - after) / bend : 0;
}

static void guess(struct axis *axis, const float *now, const float *before, double load,
                  double lag_s)
{
    int most = (int)fmin(SHIFT_MAX_MM / axis->pitch_mm, axis->n - 1), best = 0;
    double least = INFINITY, speed, bin;

    for (int shift = -most; shift <= most; shift++) {
        double here = difference(now, before, axis->n, shift);

        if (here < least) {
            least = here;
            best = shift;
        }
    }
    if (least > RESIDUAL_MAX * load)
        return;
    speed = best + parabola(difference(now, before, axis->n, best - 1), least,
                            difference(now, before, axis->n, best + 1));
    speed *= axis->pitch_mm / lag_s;
    bin = floor((speed + SPEED_MAX_MM_S) / BIN_MM_S);
    if (!(bin >= 0 && bin < BINS))
        return;
    axis->bins[(int)bin]++;
    axis->guesses++;
}

static double fill_profiles(struct belt_watch *watch, size_t slot, const float *kpa, float above)
{
    float *by_col = profile(&watch->axis[0], slot), *by_row = profile(&watch->axis[1], slot);
    size_t cols = (size_t)watch->grid.cols;
    double all = 0;

    memset(by_col, 0, cols * sizeof *by_col);
    for (size_t row = 0; row < (size_t)watch->grid.rows; row++) {
        const float *cells = kpa + row * cols;
        double sum = 0;

        for (size_t col = 0; col < cols; col++)
            if (cells[col] > above) {
                by_col[col] += cells[col];
                sum += (double)cells[col];
            }
        by_row[row] = (float)sum;
        all += sum;
    }
    return all;
}

void belt_watch_frame(struct belt_watch *watch, const float *kpa, float above)
{
    size_t ring = (size_t)watch->lag + 1, slot = watch->frames % ring;
    size_t old = (watch->frames + 1) % ring;
    double least = LOAD_MIN_N / grid_newton_per_kpa(&watch->grid);

    watch->load[slot] = (float)fill_profiles(watch, slot, kpa, above);
    watch->frames++;
    if (watch->frames < ring || (double)watch->load[slot] < least ||
        (double)watch->load[old] < least)
        return;
    for (int a = 0; a < 2; a++)
        guess(&watch->axis[a], profile(&watch->axis[a], slot), profile(&watch->axis[a], old),
              (double)watch->load[slot] + (double)watch->load[old], watch->lag / watch->rate_hz);
}

/* The speed below which `share` of the guesses lie. */
static double quantile(const struct axis *axis, double share)
{
    double below = 0, wanted = share * (double)axis->guesses;

    for (int i = 0; i < BINS; i++) {
        double here = (double)axis->bins[i];

        if (here > 0 && below + here >= wanted)
            return (i + (wanted - below) / here) * BIN_MM_S - SPEED_MAX_MM_S;
        below += here;
    }
    return 0;
}

struct belt belt_watch_result(const struct belt_watch *watch)
{
    struct belt belt = {0};
    double speed[2];

    for (int a = 0; a < 2; a++) {
        const struct axis *axis = &watch->axis[a];
        double middle = quantile(axis, 0.5), spread = quantile(axis, 0.75) - quantile(axis, 0.25);

        if (axis->guesses > belt.guesses)
            belt.guesses = axis->guesses;
        speed[a] = axis->guesses >= GUESSES_MIN && fabs(middle) >= BELT_MIN_MM_S &&
                           spread <= AGREE_SHARE * fabs(middle)
                       ? middle
                       : 0;
    }
    belt.x_mm_s = speed[0];
    belt.y_mm_s = speed[1];
    belt.moves = speed[0] != 0 || speed[1] != 0;
    return belt;
}
