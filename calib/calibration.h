/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration: from counts (what the converter said, tared) to pressure in kPa, cell by cell.
 *
 * A calibration file (JSON, "tenderfoot/calibration/2", "/1" is still read; calib/README.md)
 * belongs to one plate by serial number. Curves are constant structs of functions (calib/curve.h).
 * Cells are row-major, row 0 at the back, column 0 at the left. A masked cell (dead, stuck,
 * shorted) reads 0 kPa and is named in the mask; neighbours' values are never put in its place.
 * Read-only after loading: any number of threads may apply one. */
#ifndef TENDERFOOT_CALIB_CALIBRATION_H
#define TENDERFOOT_CALIB_CALIBRATION_H

#include "calib/curve.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

struct calibration;

/* Parses n bytes of a file; `name` is for messages. NULL and *why (refused) when it is not one. */
struct calibration *calibration_parse(const void *bytes, size_t n, const char *name,
                                      struct problem *why);

/* Reads a file; *bytes (may be NULL) receives a malloc'ed copy of it for the recording. */
struct calibration *calibration_load(const char *path, void **bytes, size_t *n_bytes,
                                     struct problem *why);

/* Straight line from 0 to the plate's stated full scale, for a plate without a calibration of its
 * own. id is "nominal" and results must say so. */
struct calibration *calibration_nominal(int rows, int cols, int bits, double full_scale_kpa,
                                        struct problem *why);
void calibration_free(struct calibration *calibration);

/* Refuses (-1, PROBLEM_REFUSED) a calibration of another plate or geometry, naming both. */
int calibration_check(const struct calibration *calibration, const char *serial, int rows, int cols,
                      struct problem *why);

/* kpa[i] of counts[i] for all cells, by the curves alone. Negative results are 0. No allocation. A
 * series of frames goes through calib/filter.h, which also takes off what the cells remember. */
void calibration_apply(const struct calibration *calibration, const uint16_t *counts, float *kpa);

/* The count whose pressure comes nearest to kpa in cell i: the inverse, for replay through the
 * firmware; limited to the converter's range. */
uint16_t calibration_counts(const struct calibration *calibration, size_t cell, double kpa);

struct calibration_facts {
    const char *id, *date, *serial, *curve; /* date ISO 8601; id "nominal" when there is no file */
    const char *operator_name, *reference_device; /* "" when the file does not tell */
    int rows, cols, bits, is_nominal;
    double residual_percent; /* RMS residual of the fit, % of reading; NaN when unknown */
    size_t masked_cells;
    /* What a result may say of its own error: of one cell's pressure and of the whole force, both %
     * of reading; NaN when the file does not tell. Pressure: all that the error budget holds, added
     * in squares, with the fit's residual where it holds no accuracy. */
    double pressure_error_percent, force_error_percent;
};
void calibration_facts(const struct calibration *calibration, struct calibration_facts *facts);
int calibration_is_masked(const struct calibration *calibration, size_t cell);

/* What is wrong with a cell. All but healthy ones are masked. */
enum cell_health {
    CELL_HEALTHY,
    CELL_DEAD,    /* the same count at every pressure, that of nothing */
    CELL_STUCK,   /* the same count at every pressure, another one */
    CELL_WEAK,    /* answers, but far less than its neighbours, or not the same way twice */
    CELL_SHORTED, /* answers with another cell, or is full at the least pressure */
    CELL_HEALTHS  /* their number; as an answer: the file does not tell */
};
const char *cell_health_name(enum cell_health health); /* "dead" ..., "unknown" */

/* Of a file without a health map a cell that is not masked is healthy, a masked one unknown. */
enum cell_health calibration_cell_health(const struct calibration *calibration, size_t cell);

/* RMS residual of one cell's fit, % of reading; NaN = unknown. */
double calibration_cell_residual(const struct calibration *calibration, size_t cell);

/* What a cell's reading does besides its curve, for the whole plate; compensated by
 * calib/filter.h. Kept only where cross-validation shows a gain. */
#define CALIBRATION_CREEP_MAX 4
struct calibration_dynamics {
    int n_creep; /* 0 = not compensated */
    double creep_tau_s[CALIBRATION_CREEP_MAX], creep_share[CALIBRATION_CREEP_MAX];
    double hysteresis;         /* 0 = not compensated */
    double reference_c;        /* temperature that the curves hold at; NaN = not measured */
    double gain_percent_per_c; /* change of the reading; 0 = not compensated */
};

/* One line of the error budget: what is left after all compensation. NaN = not measured. */
struct calibration_error {
    double percent, kpa; /* RMS of reading, RMS in kPa */
};
struct calibration_budget {
    struct calibration_error accuracy, repeatability, hysteresis, creep, crosstalk;
    double force_percent;            /* RMS error of the total force of known masses */
    double creep_percent_per_decade; /* of an uncompensated held load, per factor 10 of time */
    double noise_counts;             /* RMS of the empty plate, median cell */
};

/* Force on a stud's tip / force that its partly loaded footprint reads. */
#define CALIBRATION_STUDS_MAX 8
struct calibration_stud {
    char name[32];
    double tip_cm2, factor, spread_percent; /* of the factor, over n places */
    int n;
};

/* What else was tried, by cross-validated error. */
#define CALIBRATION_CANDIDATES_MAX 8
struct calibration_candidate {
    char curve[16];
    double error_percent; /* RMS of reading of holds that were left out */
};

/* What the file holds of these, or NULL; studs and candidates as an array of *n. They live as long
 * as the calibration. Dynamics are NULL also when all their terms are 0. */
const struct calibration_dynamics *calibration_dynamics(const struct calibration *calibration);
const struct calibration_budget *calibration_budget(const struct calibration *calibration);
const struct calibration_stud *calibration_studs(const struct calibration *calibration, size_t *n);
const struct calibration_candidate *calibration_candidates(const struct calibration *calibration,
                                                           size_t *n);

/* What a calibration file is made of, for whoever made one (a bench, a virtual plate's own).
 * Strings and arrays are the caller's; arrays have rows * cols cells. */
struct calibration_spec {
    const char *id, *date, *operator_name, *serial; /* date as 2026-03-01 */
    int rows, cols, bits;
    const char *curve; /* name in calib/curve.h: line, quadratic, power ... */
    const double *coefficients[CURVE_COEFFICIENTS_MAX]; /* in the curve's order, one array each; the
                                                           rest NULL */
    const uint8_t *masked;                              /* 1 = masked; NULL = none */
    double residual_percent;                            /* NaN = unknown */

    /* Since tenderfoot/calibration/2; all zero = not told. */
    const char *reference_device; /* what told the true pressure, with its own error */
    int n_knots;                  /* of a spline: counts that its coefficients stand at, rising */
    double knots[CURVE_COEFFICIENTS_MAX];
    const float *cell_residual_percent; /* rows * cols; NaN = unknown */
    const uint8_t *health; /* enum cell_health, rows * cols; what is not healthy is masked too */
    int has_dynamics, has_budget;
    struct calibration_dynamics dynamics;
    struct calibration_budget budget;
    int n_studs, n_candidates;
    struct calibration_stud studs[CALIBRATION_STUDS_MAX];
    struct calibration_candidate candidates[CALIBRATION_CANDIDATES_MAX];
};

/* The file's text (malloc'ed, *n bytes and a NUL), or NULL; refuses what parse would refuse. */
char *calibration_format(const struct calibration_spec *spec, size_t *n, struct problem *why);

/* The same into a file: temporary file, fsync, rename. An old file at `path` is replaced,
 * but for a recording and what is no ordinary file (PROBLEM_FAILED). */
int calibration_write(const char *path, const struct calibration_spec *spec, struct problem *why);

#endif
