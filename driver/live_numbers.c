/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/live_numbers.h"

#include "driver/plate_zeros.h"
#include "firmware/wire/frame_codec.h"

#include <stdlib.h>

/* Contact and least force as the results' defaults have them. */
#define CONTACT_KPA 5.0
#define MIN_FORCE_N 20.0

struct live_numbers {
    struct grid grid;
    const struct calibration *calibration;
    struct calibration *nominal; /* our own, when none was given */
    uint16_t *counts;
    float *kpa;
    struct plate_zeros *zeros;
};

struct live_numbers *live_numbers_create(const struct wire_hello *hello,
                                         const struct calibration *calibration, struct problem *why)
{
    struct live_numbers *live = calloc(1, sizeof *live);
    if (!live) {
        problem_no_memory(why, "live numbers");
        return NULL;
    }
    live->grid =
        (struct grid){hello->rows, hello->cols, hello->pitch_x_um * 1e-3, hello->pitch_y_um * 1e-3};
    size_t cells = grid_cells(&live->grid);
    live->calibration = calibration;
    live->counts = calloc(cells, sizeof *live->counts);
    live->kpa = calloc(cells, sizeof *live->kpa);
    live->zeros = plate_zeros_create(hello->rows, hello->cols, why);
    int bad = !live->counts || !live->kpa || !live->zeros;
    if (bad)
        problem_no_memory(why, "live numbers");
    if (!bad && !calibration && hello->full_scale_kpa > 0) {
        live->nominal =
            calibration_nominal(hello->rows, hello->cols, hello->bits, hello->full_scale_kpa, why);
        live->calibration = live->nominal;
        bad = !live->nominal;
    }
    if (!bad)
        return live;
    live_numbers_free(live);
    return NULL;
}

void live_numbers_free(struct live_numbers *live)
{
    if (!live)
        return;
    calibration_free(live->nominal);
    plate_zeros_free(live->zeros);
    free(live->counts);
    free(live->kpa);
    free(live);
}

void live_numbers_watch(struct live_numbers *live, const struct wire_message *message)
{
    plate_zeros_watch(live->zeros, message);
}

int live_numbers_of(struct live_numbers *live, const struct wire_message *frame,
                    struct frame_numbers *numbers)
{
    struct frame_shape shape;
    if (!live->calibration || frame->type != WIRE_FRAME ||
        frame_decode(frame->payload, frame->payload_len, &shape, live->counts,
                     grid_cells(&live->grid)) ||
        shape.rows != live->grid.rows || shape.cols != live->grid.cols ||
        plate_zeros_apply(live->zeros, &shape, live->counts) == ZEROS_UNKNOWN)
        return -1;
    calibration_apply(live->calibration, live->counts, live->kpa);
    *numbers = frame_numbers(&live->grid, live->kpa, CONTACT_KPA, MIN_FORCE_N);
    return 0;
}
