/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sway numbers of one path of the centre of pressure, in mm, s, Hz and degrees.
 *
 * Distances, areas, spectra, entropy and DFA are of the processed path less its mean (Prieto 1996);
 * diffusion, sway density, velocity peaks and phase plane are as in the code of Quijoux et al. 2021
 * (Physiol Rep 9:e15067), which measures from the mean of the input. A number that the path does
 * not allow is NaN, null in JSON. Ownership: a result holds no memory. A sway_work keeps plans and
 * memory from one trial to the next; it is its maker's. Threads: one work per thread; FFTW makes
 * plans for one thread at a time, so that the first trial of a length must not run beside another
 * first trial. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SWAY_H
#define TENDERFOOT_ANALYSIS_SWAY_SWAY_H

#include "analysis/sway/areas.h"
#include "analysis/sway/cop_series.h"
#include "analysis/sway/diffusion.h"
#include "analysis/sway/distances.h"
#include "analysis/sway/pipeline.h"
#include "analysis/sway/rambling.h"
#include "analysis/sway/sample_entropy.h"
#include "analysis/sway/spectrum.h"
#include "analysis/sway/sway_density.h"
#include "analysis/sway/velocity.h"

#include <pthread.h>

/* Sample entropy and sway density take time that grows with n squared: of longer trials they are
 * not counted (NaN). */
#define SWAY_SQUARE_MOST 200000

enum sway_axis { SWAY_ML, SWAY_AP, SWAY_RD, SWAY_AXES };

struct sway_options {
    struct sway_pipeline pipeline;
    struct spectrum_band band; /* 0.15 to 5 Hz unless said */
};

/* Of ML and of AP alone. */
struct sway_axis_numbers {
    struct sample_entropy entropy;
    double dfa_alpha;
    struct diffusion_loglog loglog;
    struct velocity_peaks velocity;
    double phase_plane_parameter;
    struct rambling rambling; /* only with has_forces */
};

struct sway_result {
    struct sway_options options;
    size_t input_n, n;             /* samples before and after the pipeline */
    double input_rate_hz, rate_hz; /* input: 0 when irregular */
    double input_duration_s;       /* n / rate; irregular: from the first time to the last */
    struct sway_distances distances[SWAY_AXES];
    struct sway_axis_numbers axis[2];
    struct sway_areas area;
    struct sway_fractal fractal;
    struct spectrum_numbers spectrum[SPECTRUM_KINDS][SWAY_AXES];
    struct diffusion_linear diffusion[SWAY_AXES]; /* [SWAY_RD]: planar, ML + AP */
    struct sway_density density;
    double mean_mm[2]; /* where the path lies in its own frame: the mean that was taken off */
    int has_forces;    /* the series brought horizontal forces */
};

/* The default pipeline and band. */
struct sway_options sway_defaults(void);

struct sway_work;
struct sway_work *sway_work_make(struct problem *why);
void sway_work_free(struct sway_work *work);

/* Plans are from now on made and freed with this lock held, so that several works may be used by
 * several threads. It outlives the work. `work` may be NULL. */
void sway_work_share(struct sway_work *work, pthread_mutex_t *planner);

/* 0, or -1 with a sentence (path not usable, pipeline does not fit, no memory). */
int sway_measure(struct sway_work *work, const struct cop_series *in,
                 const struct sway_options *options, struct sway_result *out, struct problem *why);

#endif
