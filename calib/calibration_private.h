/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between calibration.c (use), calibration_parse.c and calibration_format.c. */
#ifndef TENDERFOOT_CALIB_CALIBRATION_PRIVATE_H
#define TENDERFOOT_CALIB_CALIBRATION_PRIVATE_H

#include "calib/calibration.h"
#include "calib/curve.h"

#define CALIBRATION_SCHEMA "tenderfoot/calibration/2"
#define CALIBRATION_SCHEMA_1 "tenderfoot/calibration/1"
#define CALIBRATION_NOMINAL "nominal"
#define CALIBRATION_FILE_MAX (16u << 20) /* as a recording takes */

struct calibration {
    char id[64], date[16], operator_name[64], serial[25];
    int rows, cols, bits;
    const struct curve *curve;
    struct curve_shape shape;
    float *coefficients[CURVE_COEFFICIENTS_MAX]; /* 0 in a masked cell; unused ones NULL */
    uint8_t *masked;
    size_t n_masked;
    double residual_percent; /* NaN = unknown */

    char reference_device[128];
    float *cell_residual; /* NULL = not told */
    uint8_t *health;      /* NULL = not told */
    int has_dynamics, has_budget;
    struct calibration_dynamics dynamics;
    struct calibration_budget budget;
    int n_studs, n_candidates;
    struct calibration_stud studs[CALIBRATION_STUDS_MAX];
    struct calibration_candidate candidates[CALIBRATION_CANDIDATES_MAX];
};

/* One letter a cell in the file's map of health, in the order of enum cell_health. */
#define CALIBRATION_HEALTH_LETTERS ".dswx"

/* An empty calibration of this size: every cell's coefficients 0, none masked. NULL when there is
 * no memory. */
struct calibration *calibration_new(int rows, int cols, int bits, const struct curve *curve,
                                    const struct curve_shape *shape);

static inline size_t calibration_cells(const struct calibration *calibration)
{
    return (size_t)calibration->rows * (size_t)calibration->cols;
}

#endif
