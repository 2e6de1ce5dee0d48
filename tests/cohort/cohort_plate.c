/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_plate.h"
#include "calib/calibration.h"
#include "samples/plate_model.h"
#include "samples/virtual_calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TARE_SCANS 48 /* half for the zero, half for the floor: firmware/core/tare.c */
#define GATE_SIGMAS 4

struct cohort_plate {
    size_t n;
    struct plate_model *model;
    struct calibration *calibration;
    uint16_t *counts, *zero, *gate; /* one block */
};

struct grid cohort_plate_grid(const struct plate_setting *setting)
{
    return (struct grid){setting->rows, setting->cols, setting->pitch_x_mm, setting->pitch_y_mm};
}

static struct calibration *calibrate(const struct plate_setting *setting, struct problem *why)
{
    size_t n;
    char *text = virtual_calibration(setting, &n, why);
    struct calibration *calibration = NULL;
    if (text)
        calibration = calibration_parse(text, n, "cohort", why);
    free(text);
    return calibration;
}

/* Sums over half of the scans: of the counts, or of the squares of what they are off from zero. */
static void scan_bare(struct cohort_plate *plate, int from, float *bare, double *sums)
{
    memset(sums, 0, plate->n * sizeof *sums);
    for (int scan = from; scan < from + TARE_SCANS / 2; scan++) {
        memset(bare, 0, plate->n * sizeof *bare);
        plate_model_scan(plate->model, (uint64_t)scan * 10000, bare, plate->counts);
        for (size_t i = 0; i < plate->n; i++) {
            double off = plate->counts[i] - plate->zero[i];
            sums[i] += from ? off * off : plate->counts[i];
        }
    }
}

static int tare(struct cohort_plate *plate, struct problem *why)
{
    float *bare = calloc(plate->n, sizeof *bare);
    double *sums = calloc(plate->n, sizeof *sums);
    int result = bare && sums ? 0 : problem_no_memory(why, "a bare plate");
    if (!result) {
        scan_bare(plate, 0, bare, sums);
        for (size_t i = 0; i < plate->n; i++)
            plate->zero[i] = (uint16_t)round(sums[i] / (TARE_SCANS / 2));
        scan_bare(plate, TARE_SCANS / 2, bare, sums);
        for (size_t i = 0; i < plate->n; i++)
            plate->gate[i] =
                (uint16_t)fmax(1, ceil(GATE_SIGMAS * sqrt(sums[i] / (TARE_SCANS / 2))));
    }
    free(bare);
    free(sums);
    return result;
}

struct cohort_plate *cohort_plate_begin(const struct plate_setting *setting, uint64_t seed,
                                        struct problem *why)
{
    struct cohort_plate *plate = calloc(1, sizeof *plate);
    if (!plate) {
        problem_no_memory(why, "a plate");
        return NULL;
    }
    plate->n = (size_t)setting->rows * (size_t)setting->cols;
    plate->model = plate_model_create(setting, seed, why);
    plate->calibration = plate->model ? calibrate(setting, why) : NULL;
    plate->counts = calloc(3 * plate->n, sizeof *plate->counts);
    plate->zero = plate->counts + plate->n;
    plate->gate = plate->zero + plate->n;
    if (plate->calibration && !plate->counts)
        problem_no_memory(why, "a plate");
    if (plate->calibration && plate->counts && !tare(plate, why))
        return plate;
    cohort_plate_free(plate);
    return NULL;
}

void cohort_plate_free(struct cohort_plate *plate)
{
    if (!plate)
        return;
    plate_model_free(plate->model);
    calibration_free(plate->calibration);
    free(plate->counts);
    free(plate);
}

/* What is left above the zero, or 0 below the gate: vector code. */
static void gate(size_t n, const uint16_t *restrict zero, const uint16_t *restrict least,
                 uint16_t *restrict counts)
{
    for (size_t i = 0; i < n; i++) {
        int above = counts[i] - zero[i];
        counts[i] = (uint16_t)(above < least[i] ? 0 : above);
    }
}

void cohort_plate_read(struct cohort_plate *plate, uint64_t time_us, float *kpa)
{
    plate_model_scan(plate->model, time_us, kpa, plate->counts);
    gate(plate->n, plate->zero, plate->gate, plate->counts);
    calibration_apply(plate->calibration, plate->counts, kpa);
}

uint8_t *cohort_plate_masked(const struct cohort_plate *plate)
{
    uint8_t *masked = malloc(plate->n);
    for (size_t i = 0; masked && i < plate->n; i++)
        masked[i] = (uint8_t)calibration_is_masked(plate->calibration, i);
    return masked;
}
