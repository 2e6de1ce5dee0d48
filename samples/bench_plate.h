/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate on the bench: physics that differ in kind from the models that a calibration fits.
 *
 * samples/plate_model.h is what a calibration assumes; this is nearer to what resistive sheet does:
 *   cover       each cell hands a share of its pressure to each of its four neighbours and gets
 *               theirs (load is moved, not made)
 *   hysteresis  a generalised Prandtl-Ishlinskii operator: four plays F, each between the wedge
 *               p (1 - a) and p, so that a rising pressure reads F = p (1 - a), a falling one from
 *               a peak m stays at m (1 - a) until p meets it; nothing is left at p = 0, inner loops
 *               close
 *   creep       true logarithmic time by thermally activated creep (Eyring): dx/dt = (2 s / (t0
 *               10^D)) sinh((D k p - x) / s), s = k m / ln 10, with m the largest pressure since
 *               the cell was bare and forgotten; held, x = k p log10(1 + t/t0) for D decades from
 *               t0 = 10 ms; set free it goes back as the logarithm of time too, ten times as soon.
 *               Solved exactly from scan to scan.
 *   contact     conductance of two populations of contacts, small ones that are used up early,
 *               w p / (p + p_small), and the bulk, (1 - w) q / (1 + q), q = (p / p_bulk)^n
 *   rows        the row's line has resistance: each cell gets the voltage left over by the currents
 *               of all cells of its row (a ladder, driven at column 0)
 *   converter   a divider, level = V G (1 + d) / (1 + d G), G = 1 at full scale; zero of each cell,
 *               white noise per scan, rounding, the ends
 *   temperature gain and zero, both linear about reference_c
 * and each time that a bare cell is loaded anew its contact lies a little differently (repeat).
 * Faulty cells are drawn by the serial number or named. Time may only grow. One thread a handle. */
#ifndef TENDERFOOT_SAMPLES_BENCH_PLATE_H
#define TENDERFOOT_SAMPLES_BENCH_PLATE_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

#define BENCH_PLATE_NAMED_MAX 256

/* How a cell is faulty. Each is one of enum cell_health to whoever looks for it. */
enum bench_fault {
    BENCH_FAULT_NONE,
    BENCH_FAULT_DEAD,  /* dead: says its zero and noise at any pressure */
    BENCH_FAULT_STUCK, /* stuck: always the same count */
    BENCH_FAULT_WEAK,  /* weak: a tenth to a third of what it should */
    BENCH_FAULT_LOOSE, /* weak: not the same way twice, a loose contact */
    BENCH_FAULT_PAIR,  /* shorted: with the next cell of its row (both answer to the sum) */
    BENCH_FAULT_FULL,  /* shorted: row to column, full from the least pressure on */
    BENCH_FAULT_ROWS,  /* shorted: its whole row with the next one */
    BENCH_FAULTS
};
const char *bench_fault_name(enum bench_fault fault); /* "dead" ... "rows" */

struct bench_named_fault {
    int row, col;
    enum bench_fault fault;
};

struct bench_plate_setting {
    int rows, cols, bits;
    double pitch_x_mm, pitch_y_mm, rate_hz, full_scale_kpa;
    char serial[25];
    double noise_counts, offset_counts, offset_spread_counts;
    double gain_spread;      /* sd of the cells' conductances about 1 */
    double curvature_spread; /* sd of the logarithm of each cell's p_small and p_bulk */
    double small_share, small_kpa, bulk_kpa, bulk_exponent; /* w, p_small, p_bulk, n */
    double divider;                                         /* d */
    double hysteresis_percent;       /* of the reading, below half of the peak on the way down */
    double creep_percent_per_decade; /* k, of the pressure */
    double row_sag_percent;          /* voltage lost at the end of a row that is full */
    double cover_share;              /* to each of the four neighbours */
    double repeat_percent;           /* sd of a cell's gain from loading to loading */
    double reference_c, gain_percent_per_c, zero_counts_per_c;
    double gain_drift_percent;      /* of the whole plate since it was calibrated */
    int random_fault[BENCH_FAULTS]; /* so many of each, drawn by the serial number */
    struct bench_named_fault named[BENCH_PLATE_NAMED_MAX];
    int n_named;
};

/* 48 x 48 cells of 5 mm with the defects of a good resistive plate, and no faulty cell. */
void bench_plate_defaults(struct bench_plate_setting *setting);

struct bench_plate;

struct bench_plate *bench_plate_create(const struct bench_plate_setting *setting, uint64_t seed,
                                       struct problem *why);
void bench_plate_free(struct bench_plate *plate);

/* Counts of all cells at a time; `kpa` is the true mean pressure on each cell. temperature_c NAN =
 * the reference's. */
void bench_plate_scan(struct bench_plate *plate, uint64_t time_us, double temperature_c,
                      const float *kpa, uint16_t *counts);

/* The truth about a cell. A cell shorted to another has both so marked. */
enum bench_fault bench_plate_fault(const struct bench_plate *plate, size_t cell);
enum cell_health bench_plate_health(const struct bench_plate *plate, size_t cell);

#endif
