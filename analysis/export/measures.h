/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result's headline numbers as one flat list, for software that keeps single values: records of
 * patients, practice systems, trends.
 *
 * Load first (the whole plate, then each foot), then the pressure pain threshold of each zone that
 * the press test was about. A number that cannot be had is NAN with its reason; organ names are
 * not in it. Ids and units are a contract (analysis/export/README.md). One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_MEASURES_H
#define TENDERFOOT_ANALYSIS_EXPORT_MEASURES_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct measure {
    char id[48];      /* "arch_index", "pressure_pain_threshold"; JSON keys without their unit */
    char words[96];   /* "arch index, left foot" */
    char zone[16];    /* "P07"; "" = of the foot or the plate */
    enum side side;   /* SIDE_UNKNOWN: the whole plate, or a foot whose side is not known */
    const char *unit; /* as printed: "N", "cm2", "kPa", "%", "mm", "°", "" */
    const char *ucum; /* the same in the Unified Code for Units of Measure: "deg", "1" */
    const char *definition;
    double value, low, high; /* NAN: none; low and high: its 95 % interval */
    int is_at_least;         /* 1: no pain up to this: the threshold is not below */
    int was_tested;          /* of a zone: it was pressed, also where that tells no value */
    int decimals;            /* that mean something */
    enum flag_level flag;
    char reason[160]; /* why there is no value; "" else */
};

struct measures {
    struct measure *of;
    int n, capacity, failed;
    struct measure spare; /* filled after memory ran out; nobody reads it */
};

/* 0, or -1 (no memory) with nothing to free. */
int measures_make(const struct result *result, struct measures *measures, struct problem *why);
void measures_free(struct measures *measures);

/* The value rounded to its decimals, so that the same bytes are printed everywhere. */
double measure_rounded(const struct measure *measure, double value);

#endif
