/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/plate_zeros.h"

#include "firmware/wire/payloads.h"

#include <stdlib.h>
#include <string.h>

struct plate_zeros {
    int rows, cols;
    size_t cells;
    uint16_t *zero, *floor; /* of the newest whole tare */
    uint16_t *part;         /* zeros whose floors have not come yet; work space */
    int has_zeros, has_part, has_boot, has_restarted;
    int was_tared, is_ungated; /* of the frames that the plate tared itself */
    int is_raw;                /* zeros were there, and frames came without them on purpose */
    uint32_t boot_id;
    uint64_t part_us; /* the tare that the waiting part is of */
};

struct plate_zeros *plate_zeros_create(int rows, int cols, struct problem *why)
{
    struct plate_zeros *zeros = calloc(1, sizeof *zeros);
    if (!zeros) {
        problem_no_memory(why, "a plate's zeros");
        return NULL;
    }
    zeros->rows = rows;
    zeros->cols = cols;
    zeros->cells = (size_t)rows * (size_t)cols;
    zeros->zero = calloc(zeros->cells, sizeof *zeros->zero);
    zeros->floor = calloc(zeros->cells, sizeof *zeros->floor);
    zeros->part = calloc(zeros->cells, sizeof *zeros->part);
    if (zeros->zero && zeros->floor && zeros->part)
        return zeros;
    problem_no_memory(why, "a plate's zeros");
    plate_zeros_free(zeros);
    return NULL;
}

void plate_zeros_free(struct plate_zeros *zeros)
{
    if (!zeros)
        return;
    free(zeros->zero);
    free(zeros->floor);
    free(zeros->part);
    free(zeros);
}

void plate_zeros_forget(struct plate_zeros *zeros)
{
    zeros->has_zeros = zeros->has_part = zeros->has_boot = zeros->has_restarted = 0;
    zeros->was_tared = zeros->is_ungated = zeros->is_raw = 0;
}

/* --- What the plate says --------------------------------------------------------------------- */

static void note_boot(struct plate_zeros *zeros, uint32_t boot_id)
{
    if (zeros->has_boot && boot_id != zeros->boot_id) {
        zeros->has_restarted = 1;
        zeros->has_part = 0;
    }
    zeros->has_boot = 1;
    zeros->boot_id = boot_id;
}

static void swap(uint16_t **a, uint16_t **b)
{
    uint16_t *other = *a;
    *a = *b;
    *b = other;
}

/* Zeros wait for the floors of the same tare; floors without them are of no use. */
static void take_part(struct plate_zeros *zeros, const struct wire_message *message)
{
    enum zero_part part;
    struct frame_shape shape;
    int is_second = message->payload_len > 0 && message->payload[0] == ZERO_FLOORS;
    if (is_second && !(zeros->has_part && message->device_time_us == zeros->part_us))
        return;
    if (is_second) { /* the zeros go to their place, which makes room for the floors */
        zeros->has_part = 0;
        zeros->has_zeros = 0;
        swap(&zeros->zero, &zeros->part);
    }
    if (zero_decode(message->payload, message->payload_len, &part, &shape,
                    is_second ? zeros->floor : zeros->part, zeros->cells) ||
        shape.rows != zeros->rows || shape.cols != zeros->cols)
        return;
    zeros->has_part = !is_second;
    zeros->has_zeros |= is_second;
    zeros->part_us = message->device_time_us;
}

void plate_zeros_watch(struct plate_zeros *zeros, const struct wire_message *message)
{
    struct wire_hello hello;
    struct wire_status status;
    const uint8_t *payload = message->payload;
    if (message->type == WIRE_ZERO)
        take_part(zeros, message);
    else if (message->type == WIRE_HELLO && !wire_get_hello(payload, message->payload_len, &hello))
        note_boot(zeros, hello.boot_id);
    else if (message->type == WIRE_STATUS &&
             !wire_get_status(payload, message->payload_len, &status))
        note_boot(zeros, status.boot_id);
}

/* --- Frames ---------------------------------------------------------------------------------- */

static uint16_t tared(uint16_t count, uint16_t zero, uint16_t floor, int is_gated)
{
    uint16_t above = count > zero ? (uint16_t)(count - zero) : 0;
    return floor == ZERO_MASKED || (is_gated && above < floor) ? 0 : above;
}

enum zeros_verdict plate_zeros_apply(struct plate_zeros *zeros, const struct frame_shape *shape,
                                     uint16_t *counts)
{
    if (shape->flags & FRAME_TARED) {
        zeros->was_tared = 1;
        zeros->is_ungated = !(shape->flags & FRAME_GATED);
        zeros->is_raw = 0;
        return ZEROS_AS_THEY_ARE;
    }
    zeros->is_raw |= !zeros->has_restarted && zeros->has_zeros;
    int was_tared = zeros->was_tared || zeros->has_zeros;
    if (!zeros->has_restarted || !was_tared || zeros->is_raw)
        return ZEROS_AS_THEY_ARE;
    if (!zeros->has_zeros)
        return ZEROS_UNKNOWN;
    for (size_t i = 0; i < zeros->cells; i++)
        counts[i] = tared(counts[i], zeros->zero[i], zeros->floor[i], !zeros->is_ungated);
    return ZEROS_TAKEN_OFF;
}
