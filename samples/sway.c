/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/sway.h"
#include "samples/dice.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double density(const struct sway_setting *s, double f)
{
    if (f <= 0 || f > s->limit_hz)
        return 0;
    return 1 / ((1 + pow(f / s->corner_hz, s->slope)) * (1 + pow(f / s->roll_off_hz, 2)));
}

/* Mean 0 and this RMS over the n samples. */
static void settle(double *path, size_t n, double rms_mm)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        mean += path[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        path[i] -= mean;
        square += path[i] * path[i];
    }
    double rms = sqrt(square / (double)n);
    for (size_t i = 0; i < n; i++)
        path[i] = rms > 0 ? path[i] * rms_mm / rms : 0;
}

struct workshop {
    size_t n; /* twice the path, so that its end need not meet its beginning */
    fftw_complex *spectrum;
    double *path;
    fftw_plan plan;
};

static int open_workshop(struct workshop *shop, size_t n_path, struct problem *why)
{
    *shop = (struct workshop){.n = 2 * n_path};
    shop->spectrum = fftw_alloc_complex(shop->n / 2 + 1);
    shop->path = fftw_alloc_real(shop->n);
    /* ESTIMATE: the same plan every time, so the same bytes. */
    if (shop->spectrum && shop->path)
        shop->plan = fftw_plan_dft_c2r_1d((int)shop->n, shop->spectrum, shop->path, FFTW_ESTIMATE);
    return shop->plan ? 0 : problem_no_memory(why, "a sway path");
}

static void close_workshop(struct workshop *shop)
{
    if (shop->plan)
        fftw_destroy_plan(shop->plan);
    fftw_free(shop->spectrum);
    fftw_free(shop->path);
}

static void make_path(struct workshop *shop, const struct sway_setting *setting, double rms_mm,
                      struct dice *dice, double *out, size_t n)
{
    for (size_t k = 0; k <= shop->n / 2; k++) {
        double f = (double)k * SWAY_RATE_HZ / (double)shop->n;
        double phase = 2 * M_PI * dice_uniform(dice);
        shop->spectrum[k] = sqrt(density(setting, f)) * cexp(I * phase);
    }
    fftw_execute(shop->plan);
    memcpy(out, shop->path, n * sizeof *out);
    settle(out, n, rms_mm);
}

int sway_make(struct sway *sway, const struct sway_setting *setting, double duration_s,
              uint64_t seed, struct problem *why)
{
    /* At least 60 s are made, so that a short stand has the slow sway of a long one. */
    size_t n_path = (size_t)(fmax(duration_s, 60) * SWAY_RATE_HZ) + 2;
    struct workshop shop;
    int result = -1;
    *sway = (struct sway){.n = (size_t)(duration_s * SWAY_RATE_HZ) + 2};
    if (open_workshop(&shop, n_path, why))
        goto out;
    sway->ml_mm = calloc(sway->n, sizeof *sway->ml_mm);
    sway->ap_mm = calloc(sway->n, sizeof *sway->ap_mm);
    if (!sway->ml_mm || !sway->ap_mm) {
        problem_no_memory(why, "a sway path");
        goto out;
    }
    struct dice dice;
    dice_begin(&dice, seed, "sway ml");
    make_path(&shop, setting, setting->rms_ml_mm, &dice, sway->ml_mm, sway->n);
    dice_begin(&dice, seed, "sway ap");
    make_path(&shop, setting, setting->rms_ap_mm, &dice, sway->ap_mm, sway->n);
    result = 0;
out:
    close_workshop(&shop);
    if (result)
        sway_free(sway);
    return result;
}

void sway_free(struct sway *sway)
{
    free(sway->ml_mm);
    free(sway->ap_mm);
    *sway = (struct sway){0};
}

struct point sway_at(const struct sway *sway, double time_s)
{
    double at = fmin(fmax(time_s, 0) * SWAY_RATE_HZ, (double)(sway->n - 1));
    size_t i = (size_t)at < sway->n - 1 ? (size_t)at : sway->n - 2;
    double t = at - (double)i;
    return (struct point){(1 - t) * sway->ml_mm[i] + t * sway->ml_mm[i + 1],
                          (1 - t) * sway->ap_mm[i] + t * sway->ap_mm[i + 1]};
}
