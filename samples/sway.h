/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway: the path of the centre of pressure of someone standing still, made from a spectrum.
 *
 * Power density S(f) ~ 1 / ((1 + (f/corner)^slope) (1 + (f/roll_off)^2)) from above 0 up to limit,
 * random phases, turned into a path by FFTW; mean 0 and RMS as stated over the duration. This is
 * the form that recordings of quiet standing have: near level under the corner, falling as
 * f^-slope above it, faster above the roll-off. Made once, read-only then; making it uses FFTW's
 * planner, which one thread at a time may do. */
#ifndef TENDERFOOT_SAMPLES_SWAY_H
#define TENDERFOOT_SAMPLES_SWAY_H

#include "samples/subject.h"

#define SWAY_RATE_HZ 100

struct sway {
    double *ml_mm, *ap_mm; /* owned; n samples SWAY_RATE_HZ apart */
    size_t n;
};

int sway_make(struct sway *sway, const struct sway_setting *setting, double duration_s,
              uint64_t seed, struct problem *why);
void sway_free(struct sway *sway);

/* The deviation from the mean at a time since the beginning, linear between samples; before the
 * beginning and after the end the nearest sample holds. x = ML, y = AP. */
struct point sway_at(const struct sway *sway, double time_s);

#endif
