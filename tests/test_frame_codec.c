/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frame codes: lossless over any counts, small over a standing person, one way to write each. */
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"
#include "tests/support/standing_person.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { CELLS_TOP = 256 * 256 };

static uint16_t counts[CELLS_TOP], back[CELLS_TOP];
static uint8_t bytes[2 * CELLS_TOP + 64];

static unsigned draw(unsigned below)
{
    return (unsigned)rand() % below;
}

/* The worked example of PROTOCOL.md: 3 rows of 5 cells, 12 bits, tared and gated. */
static const uint16_t golden_counts[15] = {0, 0, 0, 0, 0, 0, 0, 7, 300, 0, 0, 0, 0, 0, 5};
static const uint8_t golden_raw[] = {0, 3, 12, 0, 3, 0,  5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0, 0, 0,  7, 0, 44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0};
static const uint8_t golden_packed[] = {1, 3, 12,   0, 3,    0,    5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                        0, 0, 0x70, 0, 0x2C, 0x01, 0, 0, 0, 0, 0, 0, 0, 5, 0};

/* Run 1: gap 7 (7 bits), length 2 - 1 (6 bits), width 9 - 1 (4 bits), 7 and 300 (9 bits each);
 * run 2: gap 5, length 1 - 1, width 3 - 1, 5 (3 bits). Written out bit by bit. */
static size_t golden_sparse(uint8_t out[32])
{
    static const struct {
        unsigned value, bits;
    } fields[] = {{7, 7}, {1, 6}, {8, 4}, {7, 9}, {300, 9}, {5, 7}, {0, 6}, {2, 4}, {5, 3}};
    static const uint8_t head[] = {2, 3, 12, 0, 3, 0, 5, 0, 2, 0};
    size_t bit = 0;
    memset(out, 0, 32);
    memcpy(out, head, sizeof head);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (unsigned k = 0; k < fields[i].bits; k++, bit++)
            out[sizeof head + bit / 8] |= (uint8_t)((fields[i].value >> k & 1) << bit % 8);
    return sizeof head + (bit + 7) / 8;
}

static void test_golden_frames(void **state)
{
    const struct frame_shape shape = {
        .flags = FRAME_TARED | FRAME_GATED, .bits = 12, .rows = 3, .cols = 5};
    uint8_t sparse[32];
    size_t n = golden_sparse(sparse);
    (void)state;
    assert_int_equal(frame_encode_as(FRAME_RAW16, bytes, 100, &shape, golden_counts),
                     sizeof golden_raw);
    assert_memory_equal(bytes, golden_raw, sizeof golden_raw);
    assert_int_equal(frame_encode_as(FRAME_PACKED12, bytes, 100, &shape, golden_counts),
                     sizeof golden_packed);
    assert_memory_equal(bytes, golden_packed, sizeof golden_packed);
    assert_int_equal(frame_encode(bytes, 100, &shape, golden_counts), n);
    assert_memory_equal(bytes, sparse, n);
    static const uint8_t printed[] = {0x02, 0x03, 0x0C, 0x00, 0x03, 0x00, 0x05, 0x00, 0x02,
                                      0x00, 0x87, 0x00, 0x0F, 0xB0, 0x2C, 0x00, 0x52};
    assert_int_equal(n, sizeof printed);
    assert_memory_equal(sparse, printed, n);
}

static void check_roundtrip(const struct frame_shape *shape, size_t size)
{
    struct frame_shape got;
    size_t cells = (size_t)shape->rows * shape->cols;
    assert_int_equal(frame_read_shape(bytes, size, &got), 0);
    assert_int_equal(frame_decode(bytes, size, &got, back, cells), 0);
    assert_memory_equal(back, counts, cells * sizeof *counts);
    assert_int_equal(got.rows, shape->rows);
    assert_int_equal(got.cols, shape->cols);
    assert_int_equal(got.bits, shape->bits);
    assert_int_equal(got.flags, shape->flags);
    assert_int_equal(frame_decode(bytes, size, &got, back, cells - 1), -1);
    assert_int_equal(frame_decode(bytes, size - 1, &got, back, cells), -1);
    bytes[size] = 0;
    assert_int_equal(frame_decode(bytes, size + 1, &got, back, cells), -1);
    /* exactly enough room, and one byte less */
    enum frame_encoding same = (enum frame_encoding)got.encoding;
    assert_int_equal(frame_encode_as(same, bytes, size, shape, counts), size);
    assert_int_equal(frame_encode_as(same, bytes, size - 1, shape, counts), 0);
}

static struct frame_shape draw_frame(void)
{
    struct frame_shape shape = {.flags = (uint8_t)draw(8), .bits = (uint8_t)(1 + draw(16))};
    shape.rows = (uint16_t)(1 + draw(draw(8) ? 40 : 256));
    shape.cols = (uint16_t)(1 + draw(draw(8) ? 40 : 256));
    unsigned loaded_percent = draw(101), burst = 1 + draw(100),
             top = (1u << (1 + draw(shape.bits))) - 1;
    int on = 0;
    for (size_t i = 0, n = (size_t)shape.rows * shape.cols; i < n; i++) {
        if (draw(burst) == 0)
            on = draw(100) < loaded_percent;
        counts[i] = (uint16_t)(on ? draw(top + 1) : 0);
    }
    return shape;
}

/* Frames of every size, width and density come back in every code, and cost at most packed. */
static void test_random_frames(void **state)
{
    (void)state;
    srand(31);
    for (int round = 0; round < 1500; round++) {
        struct frame_shape shape = draw_frame();
        size_t cells = (size_t)shape.rows * shape.cols;
        size_t plain = FRAME_HEAD_SIZE + (shape.bits <= 12 ? (cells * 12 + 7) / 8 : cells * 2);
        size_t size = frame_encode(bytes, frame_size_max(shape.rows, shape.cols), &shape, counts);
        assert_in_range(size, FRAME_HEAD_SIZE, plain);
        check_roundtrip(&shape, size);
        for (int code = FRAME_RAW16; code <= FRAME_SPARSE; code++) {
            size_t as =
                frame_encode_as((enum frame_encoding)code, bytes, sizeof bytes, &shape, counts);
            assert_int_equal(as == 0, code == FRAME_PACKED12 && shape.bits > 12);
            if (as) {
                assert_true(size <= as);
                check_roundtrip(&shape, as);
            }
        }
    }
}

/* The promise of the protocol: at most 2.5 kB a frame, all headers included. */
static void test_standing_person_is_small(void **state)
{
    const struct frame_shape shape = {
        .flags = FRAME_TARED | FRAME_GATED, .bits = STANDING_BITS, .rows = 96, .cols = 96};
    (void)state;
    for (uint32_t seed = 1; seed <= 50; seed++) {
        int loaded = standing_person(counts, seed);
        assert_in_range(loaded, 900, 1200);
        size_t size = frame_encode(bytes, sizeof bytes, &shape, counts);
        assert_int_equal(bytes[0], FRAME_SPARSE);
        assert_in_range(size + WIRE_HEADER_SIZE, 1000, 2000);
        check_roundtrip(&shape, size);
        /* a heavy person under whom every count needs all 12 bits, and thirty specks of noise */
        for (int i = 0; i < STANDING_CELLS; i++)
            if (counts[i])
                counts[i] = (uint16_t)(2048 + draw(2048));
        for (int i = 0; i < 30; i++)
            counts[draw(STANDING_CELLS)] |= (uint16_t)(1 + draw(9));
        size = frame_encode(bytes, sizeof bytes, &shape, counts);
        assert_in_range(size + WIRE_HEADER_SIZE, 1000, 2500);
        check_roundtrip(&shape, size);
    }
}

static void test_awkward_frames(void **state)
{
    struct frame_shape shape = {.bits = 16, .rows = 256, .cols = 256};
    (void)state;
    memset(counts, 0, sizeof counts);
    assert_int_equal(frame_encode(bytes, sizeof bytes, &shape, counts), 10); /* empty */
    check_roundtrip(&shape, 10);
    counts[CELLS_TOP - 1] = 65535; /* the longest gap there is */
    check_roundtrip(&shape, frame_encode(bytes, sizeof bytes, &shape, counts));
    memset(counts, 0xFF, sizeof counts); /* full: raw, as runs cost more */
    assert_int_equal(frame_encode(bytes, sizeof bytes, &shape, counts), 8 + 2 * CELLS_TOP);
    check_roundtrip(&shape, 8 + 2 * CELLS_TOP);
    for (size_t i = 0; i < CELLS_TOP; i++) /* the most runs there can be */
        counts[i] = (uint16_t)(i & 1);
    shape.bits = 1;
    check_roundtrip(&shape, frame_encode_as(FRAME_SPARSE, bytes, sizeof bytes, &shape, counts));
    for (size_t i = 0; i < CELLS_TOP; i++) /* runs around the longest and gaps around the escape */
        counts[i] = (uint16_t)(i % 257 < 62 + i / 257 % 5 || i % 257 > 188 + i / 257 % 4);
    check_roundtrip(&shape, frame_encode_as(FRAME_SPARSE, bytes, sizeof bytes, &shape, counts));
    shape.rows = shape.cols = 1;
    counts[0] = 1;
    check_roundtrip(&shape, frame_encode(bytes, sizeof bytes, &shape, counts));
}

static void test_encoder_refuses(void **state)
{
    struct frame_shape shape = {.bits = 12, .rows = 2, .cols = 2};
    (void)state;
    memset(counts, 0, 8);
    counts[3] = 4096; /* one bit too wide */
    assert_int_equal(frame_encode(bytes, 100, &shape, counts), 0);
    for (int code = FRAME_RAW16; code <= FRAME_SPARSE; code++)
        assert_int_equal(frame_encode_as((enum frame_encoding)code, bytes, 100, &shape, counts), 0);
    counts[3] = 4095;
    assert_true(frame_encode(bytes, 100, &shape, counts) > 0);
    assert_int_equal(frame_encode(bytes, 9, &shape, counts), 0);
    shape.rows = 0;
    assert_int_equal(frame_encode(bytes, 100, &shape, counts), 0);
    shape.rows = 257;
    assert_int_equal(frame_encode(bytes, 100, &shape, counts), 0);
    shape.rows = 2;
    shape.bits = 17;
    assert_int_equal(frame_encode(bytes, 100, &shape, counts), 0);
}

/* Sparse payloads by hand, each with one thing that the encoder never writes. */
struct field {
    unsigned value, bits;
};

static int sparse_by_hand(unsigned runs, const struct field *fields, size_t n, size_t extra_bytes)
{
    uint8_t payload[64] = {2, 0, 12, 0, 2, 0, 200, 0, (uint8_t)runs, 0};
    struct frame_shape shape;
    size_t bit = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < fields[i].bits; k++, bit++)
            payload[10 + bit / 8] |= (uint8_t)((fields[i].value >> k & 1) << bit % 8);
    return frame_decode(payload, 10 + (bit + 7) / 8 + extra_bytes, &shape, back, 400);
}

#define BY_HAND(runs, extra, ...)                                                                  \
    sparse_by_hand(runs, (const struct field[]){__VA_ARGS__},                                      \
                   sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field), extra)

static void test_one_way_to_write_each_frame(void **state)
{
    (void)state;
    /* gap, length - 1, width - 1, counts */
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {1, 6}, {1, 4}, {1, 2}, {3, 2}), 0);
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {1, 6}, {1, 4}, {0, 2}, {3, 2}), -1); /* a 0 inside */
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {1, 6}, {2, 4}, {1, 3}, {3, 3}), -1); /* too wide */
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {0, 6}, {12, 4}, {4096, 13}), -1);    /* over 12 bits */
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {0, 6}, {11, 4}, {4095, 12}), 0);
    assert_int_equal(BY_HAND(1, 1, {3, 7}, {0, 6}, {0, 4}, {1, 1}), -1);         /* trailing byte */
    assert_int_equal(BY_HAND(1, 0, {3, 7}, {0, 6}, {0, 4}, {1, 1}, {1, 1}), -1); /* padding not 0 */
    assert_int_equal(BY_HAND(2, 0, {3, 7}, {0, 6}, {0, 4}, {1, 1}), -1);         /* a run missing */
    assert_int_equal(BY_HAND(0, 0, {3, 7}, {0, 6}, {0, 4}, {1, 1}), -1); /* a run too many */
    assert_int_equal(BY_HAND(1, 0, {127, 7}, {127, 16}, {0, 6}, {0, 4}, {1, 1}), 0);
    assert_int_equal(BY_HAND(1, 0, {127, 7}, {126, 16}, {0, 6}, {0, 4}, {1, 1}), -1); /* escape */
    assert_int_equal(BY_HAND(1, 0, {127, 7}, {399, 16}, {0, 6}, {0, 4}, {1, 1}), 0);
    assert_int_equal(BY_HAND(1, 0, {127, 7}, {400, 16}, {0, 6}, {0, 4}, {1, 1}), -1); /* outside */
    assert_int_equal(BY_HAND(1, 0, {127, 7}, {399, 16}, {1, 6}, {0, 4}, {3, 2}), -1);
    assert_int_equal(BY_HAND(2, 0, {3, 7}, {0, 6}, {0, 4}, {1, 1}, {1, 7}, {0, 6}, {0, 4}, {1, 1}),
                     0);
    assert_int_equal(BY_HAND(2, 0, {3, 7}, {0, 6}, {0, 4}, {1, 1}, {0, 7}, {0, 6}, {0, 4}, {1, 1}),
                     -1); /* two runs that are one */
}

/* Any flipped bit of a frame is refused or gives another frame; never more cells than there are. */
static void test_flipped_bits(void **state)
{
    const struct frame_shape shape = {.bits = 12, .rows = 96, .cols = 96};
    struct frame_shape got;
    (void)state;
    standing_person(counts, 3);
    size_t size = frame_encode(bytes, sizeof bytes, &shape, counts);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (frame_decode(bytes, size, &got, back, CELLS_TOP) == 0 && bit >= 64)
            assert_memory_not_equal(back, counts, sizeof(uint16_t) * STANDING_CELLS);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* What a tare found: any cells come back, the masked ones among them; and nothing but that. */
static void test_zeros(void **state)
{
    struct frame_shape shape = {.flags = FRAME_TARED, .bits = 16, .rows = 31, .cols = 17}, got;
    enum zero_part part;
    (void)state;
    for (size_t i = 0; i < 31 * 17; i++)
        counts[i] = (uint16_t)(1 + draw(12));
    counts[77] = counts[78] = counts[526] = ZERO_MASKED;
    size_t n = zero_encode(bytes, sizeof bytes, ZERO_FLOORS, &shape, counts);
    assert_true(n > 0 && n < 31 * 17 + 200);
    assert_int_equal(zero_decode(bytes, n, &part, &got, back, CELLS_TOP), 0);
    assert_int_equal(part, ZERO_FLOORS);
    assert_int_equal(got.flags, 0);
    assert_memory_equal(counts, back, 31 * 17 * sizeof *counts);
    assert_int_equal(zero_encode(bytes, n - 1, ZERO_FLOORS, &shape, counts), 0);
    assert_int_equal(zero_encode(bytes, 3, ZERO_FLOORS, &shape, counts), 0);
    assert_int_equal(zero_decode(bytes, n - 1, &part, &got, back, CELLS_TOP), -1);
    assert_int_equal(zero_decode(bytes, 3, &part, &got, back, CELLS_TOP), -1);
    assert_int_equal(zero_decode(bytes, n, &part, &got, back, 31 * 17 - 1), -1);
    bytes[0] = 3; /* a part of a later version */
    assert_int_equal(zero_decode(bytes, n, &part, &got, back, CELLS_TOP), -1);
    /* The largest plate and the widest noise fit into what a plate must have room for. */
    shape = (struct frame_shape){.bits = 16, .rows = 256, .cols = 256};
    for (size_t i = 0; i < CELLS_TOP; i++)
        counts[i] = (uint16_t)draw(65536);
    n = zero_encode(bytes, ZERO_HEAD_SIZE + frame_size_max(256, 256), ZERO_COUNTS, &shape, counts);
    assert_int_equal(zero_decode(bytes, n, &part, &got, back, CELLS_TOP), 0);
    assert_int_equal(part, ZERO_COUNTS);
    assert_memory_equal(counts, back, sizeof counts);
}

static void test_f32(void **state)
{
    static const float in[6] = {0.0f, 1.5f, 2.385f, -0.25f, 1234.5f, 1e-30f};
    float out[6];
    uint16_t rows, cols;
    (void)state;
    assert_int_equal(frame_f32_encode(bytes, 27, 2, 3, in), 0);
    assert_int_equal(frame_f32_encode(bytes, 28, 2, 3, in), 28);
    assert_int_equal(frame_f32_decode(bytes, 28, &rows, &cols, out, 6), 0);
    assert_int_equal(rows, 2);
    assert_int_equal(cols, 3);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(frame_f32_decode(bytes, 28, &rows, &cols, out, 5), -1);
    assert_int_equal(frame_f32_decode(bytes, 27, &rows, &cols, out, 6), -1);
    assert_int_equal(frame_f32_decode(bytes, 29, &rows, &cols, out, 6), -1);
    assert_int_equal(frame_f32_encode(bytes, 100, 1, 1, &(float){NAN}), 0);
    assert_int_equal(frame_f32_encode(bytes, 100, 1, 1, &(float){-INFINITY}), 0);
    assert_int_equal(frame_f32_encode(bytes, 100, 0, 1, in), 0);
    memcpy(bytes + 8, &(float){INFINITY}, 4);
    assert_int_equal(frame_f32_decode(bytes, 28, &rows, &cols, out, 6), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_frames),
        cmocka_unit_test(test_random_frames),
        cmocka_unit_test(test_standing_person_is_small),
        cmocka_unit_test(test_awkward_frames),
        cmocka_unit_test(test_encoder_refuses),
        cmocka_unit_test(test_one_way_to_write_each_frame),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_f32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
