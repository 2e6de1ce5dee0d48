/* SPDX-License-Identifier: MIT */
/* FRAME payloads: counts of one scan, row-major, row 0 at the back, column 0 at the left.
 *
 * A frame stands alone (no reference to an earlier one), so that a lost frame costs only itself.
 * Head of 8 bytes: encoding u8 | flags u8 | bits u8 | reserved u8 | rows u16 | cols u16; then raw
 * 16 bit, packed 12 bit, or the sparse code (PROTOCOL.md). All are lossless. No allocation. */
#ifndef TENDERFOOT_WIRE_FRAME_CODEC_H
#define TENDERFOOT_WIRE_FRAME_CODEC_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_SIZE 8u

enum frame_encoding { FRAME_RAW16 = 0, FRAME_PACKED12 = 1, FRAME_SPARSE = 2 };

enum frame_flag {
    FRAME_TARED = 1,     /* zero of each cell already subtracted */
    FRAME_GATED = 2,     /* cells below their own noise floor are 0 */
    FRAME_SATURATED = 4, /* at least one cell at the top of the converter's range */
};

struct frame_shape {
    uint8_t encoding, flags, bits; /* bits: 1..16, the width of a count */
    uint16_t rows, cols;           /* 1..256 */
};

/* Bytes that any frame of this size may need, head included, whichever code is picked. */
size_t frame_size_max(uint16_t rows, uint16_t cols);

/* Encodes with the smallest of the codes that fit (shape->encoding is ignored and not written
 * back); at most 2 % above packed. Returns the size, 0 if it does not fit into cap. */
size_t frame_encode(uint8_t *out, size_t cap, const struct frame_shape *shape,
                    const uint16_t *counts);

/* The same with a chosen code; 0 if the counts do not fit that code. */
size_t frame_encode_as(enum frame_encoding encoding, uint8_t *out, size_t cap,
                       const struct frame_shape *shape, const uint16_t *counts);

/* Reads the head only; 0, or -1 if it is out of bounds. */
int frame_read_shape(const uint8_t *payload, size_t n, struct frame_shape *shape);

/* Decodes into counts[cells_cap]; 0, or -1 if the payload is not exactly one such frame, a value
 * is over 2^bits - 1, or rows * cols > cells_cap. counts is undefined after -1. */
int frame_decode(const uint8_t *payload, size_t n, struct frame_shape *shape, uint16_t *counts,
                 size_t cells_cap);

/* ZERO: what a tare found, one number a cell, in two messages of the same device time: a head of 4
 * bytes (part u8, three reserved bytes of 0) and then the cells exactly as a FRAME's payload, with
 * no flags. Zeros have the plate's own bits, floors have 16. */
#define ZERO_HEAD_SIZE 4u
#define ZERO_MASKED 65535u /* floor of a cell that the tare found faulty: it counts as 0 */

enum zero_part { ZERO_COUNTS = 1, ZERO_FLOORS = 2 };

/* As frame_encode and frame_decode; shape->flags is not looked at and not written back. */
size_t zero_encode(uint8_t *out, size_t cap, enum zero_part part, const struct frame_shape *shape,
                   const uint16_t *counts);
int zero_decode(const uint8_t *payload, size_t n, enum zero_part *part, struct frame_shape *shape,
                uint16_t *counts, size_t cells_cap);

/* FRAME_F32: rows u16, cols u16, then floats in kPa. Sizes as above; NaN and infinity refused. */
size_t frame_f32_encode(uint8_t *out, size_t cap, uint16_t rows, uint16_t cols, const float *kpa);
int frame_f32_decode(const uint8_t *payload, size_t n, uint16_t *rows, uint16_t *cols, float *kpa,
                     size_t cells_cap);

#endif
