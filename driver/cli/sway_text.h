/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sway numbers to read, on standard output. */
#ifndef TENDERFOOT_DRIVER_CLI_SWAY_TEXT_H
#define TENDERFOOT_DRIVER_CLI_SWAY_TEXT_H

#include "driver/sway_trial.h"

/* One trial; `brief` leaves spectra and feet out. */
void sway_text_trial(const struct sway_trial *trial, const struct sway_words *words, int brief);
/* 0, or -1 without memory. */
int sway_text_repeats(json_t *const *trials, size_t n, const char *of_what);
void sway_text_romberg(const json_t *quotients);

#endif
