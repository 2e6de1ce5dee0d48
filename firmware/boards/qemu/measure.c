/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/qemu/measure.h"

#include "firmware/boards/qemu/an385.h"
#include "firmware/boards/qemu/board.h"
#include "firmware/boards/qemu/semihosting.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"

#include <string.h>

enum { ROUNDS = 16, NUMBER_TOP = 12 };

/* `name<TAB>value<LF>` */
static void write_row(int file, const char *name, uint32_t value)
{
    char text[NUMBER_TOP];
    size_t at = sizeof text;
    text[--at] = '\n';
    do
        text[--at] = (char)('0' + value % 10);
    while ((value /= 10));
    text[--at] = '\t';
    semihosting_write(file, name, strlen(name));
    semihosting_write(file, text + at, sizeof text - at);
}

static size_t encode(const struct frame_shape *shape)
{
    return frame_encode(board_out + WIRE_HEADER_SIZE, BOARD_OUT_BYTES - WIRE_HEADER_SIZE, shape,
                        board_slot_counts(0));
}

static void seal(size_t payload_size)
{
    const struct wire_message message = {.type = WIRE_FRAME,
                                         .payload_len = (uint32_t)payload_size,
                                         .payload = board_out + WIRE_HEADER_SIZE};
    wire_encode(board_out, BOARD_OUT_BYTES, &message);
}

static int open_output(void)
{
    char path[MAILBOX_PATH_BYTES];
    for (size_t i = 0; i < sizeof path; i++)
        path[i] = MAILBOX->out_path[0][i];
    return semihosting_open(path, SEMIHOSTING_WRITE);
}

static const char *measure_encoder(int file)
{
    const struct frame_shape shape = {.flags = FRAME_TARED | FRAME_GATED,
                                      .bits = (uint8_t)MAILBOX->bits,
                                      .rows = (uint16_t)MAILBOX->rows,
                                      .cols = (uint16_t)MAILBOX->cols};
    size_t size = encode(&shape);
    if (size == 0)
        return "measure: the frame in slot 0 is no good";
    uint32_t begin = an385_stopwatch_ns();
    for (int i = 0; i < ROUNDS; i++)
        encode(&shape);
    uint32_t encoded = an385_stopwatch_ns();
    for (int i = 0; i < ROUNDS; i++)
        seal(size);
    uint32_t sealed = an385_stopwatch_ns();
    write_row(file, "cells", MAILBOX->rows * MAILBOX->cols);
    write_row(file, "frame_bytes", (uint32_t)(WIRE_HEADER_SIZE + size));
    write_row(file, "encode_ns", (encoded - begin) / ROUNDS);
    write_row(file, "seal_ns", (sealed - encoded) / ROUNDS);
    return NULL;
}

const char *measure_all(void)
{
    struct measure_scan scan;
    int file = open_output();
    if (file < 0)
        return "measure: the out_path is no good";
    an385_stopwatch_start();
    const char *wrong = measure_encoder(file);
    if (!wrong)
        wrong = measure_scan(&scan);
    if (wrong)
        return wrong;
    write_row(file, "bus_bytes", scan.bytes);
    write_row(file, "step_ns", scan.step_ns);
    write_row(file, "usb_ns", scan.usb_ns);
    return NULL;
}
