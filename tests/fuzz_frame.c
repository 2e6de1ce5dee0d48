/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a frame: what decodes, encodes to the same bytes again (there is one way to write
 * each frame). And any bytes as counts: what encodes, decodes to the same counts. */
#include "firmware/wire/frame_codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_TOP = 256 * 256 };

static uint16_t counts[CELLS_TOP], back[CELLS_TOP];
static uint8_t bytes[2 * CELLS_TOP + 64];

static void require(int holds)
{
    if (!holds)
        abort();
}

static void decode_any(const uint8_t *data, size_t size)
{
    struct frame_shape shape;
    if (frame_decode(data, size, &shape, counts, CELLS_TOP))
        return;
    size_t n =
        frame_encode_as((enum frame_encoding)shape.encoding, bytes, sizeof bytes, &shape, counts);
    require(n == size && memcmp(bytes, data, n) == 0);
}

/* bits, rows, columns, then the counts, repeated to fill the frame. */
static void encode_any(const uint8_t *data, size_t size)
{
    if (size < 5)
        return;
    struct frame_shape shape = {.bits = (uint8_t)(1 + data[0] % 16),
                                .flags = data[0] & 7,
                                .rows = (uint16_t)(1 + data[1] % 48),
                                .cols = (uint16_t)(1 + data[2] % 48)};
    size_t cells = (size_t)shape.rows * shape.cols;
    for (size_t i = 0, k = 3; i < cells; i++, k = k + 2 < size ? k + 1 : 3)
        counts[i] = (uint16_t)((data[k] | data[k + 1] << 8) & ((1 << shape.bits) - 1));
    for (int code = -1; code <= FRAME_SPARSE; code++) {
        struct frame_shape got;
        size_t n = code < 0 ? frame_encode(bytes, sizeof bytes, &shape, counts)
                            : frame_encode_as((enum frame_encoding)code, bytes, sizeof bytes,
                                              &shape, counts);
        require(n > 0 || (code == FRAME_PACKED12 && shape.bits > 12));
        if (n == 0)
            continue;
        require(frame_decode(bytes, n, &got, back, CELLS_TOP) == 0);
        require(memcmp(counts, back, cells * sizeof *counts) == 0);
    }
}

static void zeros_any(const uint8_t *data, size_t size)
{
    struct frame_shape shape;
    enum zero_part part;
    if (zero_decode(data, size, &part, &shape, counts, CELLS_TOP))
        return;
    size_t n = zero_encode(bytes, sizeof bytes, part, &shape, counts);
    struct frame_shape again;
    require(n > 0 && n <= ZERO_HEAD_SIZE + frame_size_max(shape.rows, shape.cols));
    require(zero_decode(bytes, n, &part, &again, back, CELLS_TOP) == 0);
    require(memcmp(counts, back, (size_t)shape.rows * shape.cols * sizeof *counts) == 0);
}

static void f32_any(const uint8_t *data, size_t size)
{
    static float kpa[CELLS_TOP];
    uint16_t rows, cols;
    if (frame_f32_decode(data, size, &rows, &cols, kpa, CELLS_TOP))
        return;
    static uint8_t again[4 * CELLS_TOP + 4];
    require(frame_f32_encode(again, sizeof again, rows, cols, kpa) == size &&
            memcmp(again, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode_any(data, size);
    encode_any(data, size);
    f32_any(data, size);
    zeros_any(data, size);
    return 0;
}
