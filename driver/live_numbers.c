/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/live_numbers.h"

#include "driver/plate_pressure.h"
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
    struct plate_pressure *pressure; /* NULL as the calibration */
};

static int make_buffers(struct live_numbers *live, struct problem *why)
{
    size_t cells = grid_cells(&live->grid);
    live->counts = calloc(cells, sizeof *live->counts);
    live->kpa = calloc(cells, sizeof *live->kpa);
    live->zeros = plate_zeros_create(live->grid.rows, live->grid.cols, why);
    return live->counts && live->kpa && live->zeros ? 0 : problem_no_memory(why, "live numbers");
}

static int get_calibration(struct live_numbers *live, const struct wire_hello *hello,
                           const struct calibration *calibration, struct problem *why)
{
    live->calibration = calibration;
    if (!calibration && hello->full_scale_kpa > 0) {
        live->nominal =
            calibration_nominal(hello->rows, hello->cols, hello->bits, hello->full_scale_kpa, why);
        live->calibration = live->nominal;
        if (!live->nominal)
            return -1;
    }
    if (!live->calibration)
        return 0;
    live->pressure = plate_pressure_create(live->calibration, why);
    return live->pressure ? 0 : -1;
}

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
    if (!make_buffers(live, why) && !get_calibration(live, hello, calibration, why))
        return live;
    live_numbers_free(live);
    return NULL;
}

void live_numbers_free(struct live_numbers *live)
{
    if (!live)
        return;
    plate_pressure_free(live->pressure);
    calibration_free(live->nominal);
    plate_zeros_free(live->zeros);
    free(live->counts);
    free(live->kpa);
    free(live);
}

/* The frame's kPa into live->kpa; -1 when there is none. The same frame once more changes nothing.
 */
static int take_frame(struct live_numbers *live, const struct wire_message *frame)
{
    struct frame_shape shape;
    if (!live->pressure || frame->type != WIRE_FRAME ||
        frame_decode(frame->payload, frame->payload_len, &shape, live->counts,
                     grid_cells(&live->grid)) ||
        shape.rows != live->grid.rows || shape.cols != live->grid.cols ||
        plate_zeros_apply(live->zeros, &shape, live->counts) == ZEROS_UNKNOWN)
        return -1;
    plate_pressure_apply(live->pressure, frame->device_time_us, live->counts, live->kpa);
    return 0;
}

void live_numbers_watch(struct live_numbers *live, const struct wire_message *message)
{
    plate_zeros_watch(live->zeros, message);
    if (!live->pressure)
        return;
    plate_pressure_watch(live->pressure, message);
    if (message->type == WIRE_FRAME && calibration_dynamics(live->calibration))
        take_frame(live, message);
}

int live_numbers_of(struct live_numbers *live, const struct wire_message *frame,
                    struct frame_numbers *numbers)
{
    if (take_frame(live, frame))
        return -1;
    *numbers = frame_numbers(&live->grid, live->kpa, CONTACT_KPA, MIN_FORCE_N);
    return 0;
}

const float *live_numbers_kpa(struct live_numbers *live, const struct wire_message *frame)
{
    return take_frame(live, frame) ? NULL : live->kpa;
}
