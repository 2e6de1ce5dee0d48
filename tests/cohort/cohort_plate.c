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
    uint16_t *counts;
    double *zero, *noise_floor;
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

static void tare(struct cohort_plate *plate, float *bare)
{
    for (int scan = 0; scan < TARE_SCANS; scan++) {
        memset(bare, 0, plate->n * sizeof *bare);
        plate_model_scan(plate->model, (uint64_t)scan * 10000, bare, plate->counts);
        for (size_t i = 0; i < plate->n; i++) {
            double off = plate->counts[i] - plate->zero[i];
            if (scan < TARE_SCANS / 2)
                plate->zero[i] += plate->counts[i];
            else
                plate->noise_floor[i] += off * off;
        }
        for (size_t i = 0; scan == TARE_SCANS / 2 - 1 && i < plate->n; i++)
            plate->zero[i] = round(plate->zero[i] / (TARE_SCANS / 2));
    }
    for (size_t i = 0; i < plate->n; i++)
        plate->noise_floor[i] =
            fmax(1, ceil(GATE_SIGMAS * sqrt(plate->noise_floor[i] / (TARE_SCANS / 2))));
}

struct cohort_plate *cohort_plate_begin(const struct plate_setting *setting, uint64_t seed,
                                        struct problem *why)
{
    struct cohort_plate *plate = calloc(1, sizeof *plate);
    float *bare = NULL;
    if (!plate) {
        problem_no_memory(why, "a plate");
        return NULL;
    }
    plate->n = (size_t)setting->rows * (size_t)setting->cols;
    plate->model = plate_model_create(setting, seed, why);
    plate->calibration = plate->model ? calibrate(setting, why) : NULL;
    plate->counts = calloc(plate->n, sizeof *plate->counts);
    plate->zero = calloc(plate->n, sizeof *plate->zero);
    plate->noise_floor = calloc(plate->n, sizeof *plate->noise_floor);
    bare = calloc(plate->n, sizeof *bare);
    if (!plate->calibration || !plate->counts || !plate->zero || !plate->noise_floor || !bare) {
        if (plate->calibration)
            problem_no_memory(why, "a plate");
        cohort_plate_free(plate);
        plate = NULL;
    } else {
        tare(plate, bare);
    }
    free(bare);
    return plate;
}

void cohort_plate_free(struct cohort_plate *plate)
{
    if (!plate)
        return;
    plate_model_free(plate->model);
    calibration_free(plate->calibration);
    free(plate->counts);
    free(plate->zero);
    free(plate->noise_floor);
    free(plate);
}

void cohort_plate_read(struct cohort_plate *plate, uint64_t time_us, float *kpa)
{
    plate_model_scan(plate->model, time_us, kpa, plate->counts);
    for (size_t i = 0; i < plate->n; i++) {
        double above = plate->counts[i] - plate->zero[i];
        plate->counts[i] = above < plate->noise_floor[i] ? 0 : (uint16_t)above;
    }
    calibration_apply(plate->calibration, plate->counts, kpa);
}

uint8_t *cohort_plate_masked(const struct cohort_plate *plate)
{
    uint8_t *masked = malloc(plate->n);
    for (size_t i = 0; masked && i < plate->n; i++)
        masked[i] = (uint8_t)calibration_is_masked(plate->calibration, i);
    return masked;
}
