/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Romberg's quotient of one person's two stands: mean velocity of the centre of pressure (Prieto et
 * al. 1996, MVELO) with closed eyes over that with open eyes. Above 1: sway is quicker without
 * sight. Its interval is that of a quotient of two numbers whose logarithms err by their relative
 * standard errors (the same as sway_romberg_json has). Plain memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_ROMBERG_H
#define TENDERFOOT_ANALYSIS_CHANGE_ROMBERG_H

#include "analysis/change/load_change.h"

/* Two recordings belong to one test when they began so close to each other. */
#define ROMBERG_WITHIN_S 1800

struct romberg {
    double open_mm_s, closed_mm_s, quotient;
    double low, high; /* 95 %; NAN where it is not known */
};

/* 1, or 0 where one of them has no sway. */
int romberg_of(const struct visit_sway *open, const struct visit_sway *closed, struct romberg *out);

/* The same of a stand whose protocol (analysis/condition.h) says which it is, and of the other one;
 * 0 also where it does not say it. */
int romberg_with_other(const char *protocol, const struct visit_sway *sway,
                       const struct visit_sway *other, struct romberg *out);

#endif
