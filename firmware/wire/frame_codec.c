/* SPDX-License-Identifier: MIT */
#include "firmware/wire/frame_codec.h"

#include "firmware/wire/bytes.h"
#include "firmware/wire/wire.h"

#include <string.h>

/* The sparse code (PROTOCOL.md): after the head the number of runs, then a string of bits, lowest
 * bit first: for each run gap, length, width, then its counts. */
enum {
    SPARSE_HEAD = 2,
    GAP_BITS = 7,
    GAP_ESCAPE = 127, /* a gap this long or longer: 16 more bits tell it */
    GAP_LONG_BITS = 16,
    LENGTH_BITS = 6,
    RUN_MAX = 64,
    WIDTH_BITS = 4,
};

static size_t cells_of(const struct frame_shape *shape)
{
    return (size_t)shape->rows * shape->cols;
}

static size_t raw_size(size_t cells)
{
    return FRAME_HEAD_SIZE + 2 * cells;
}

static size_t packed_size(size_t cells)
{
    return FRAME_HEAD_SIZE + (3 * cells + 1) / 2;
}

size_t frame_size_max(uint16_t rows, uint16_t cols)
{
    return raw_size((size_t)rows * cols);
}

static int shape_is_possible(const struct frame_shape *shape)
{
    return shape->bits >= 1 && shape->bits <= 16 && shape->rows >= 1 && shape->cols >= 1 &&
           shape->rows <= WIRE_CELLS_MAX_PER_SIDE && shape->cols <= WIRE_CELLS_MAX_PER_SIDE;
}

static void put_head(uint8_t *out, const struct frame_shape *shape, enum frame_encoding encoding)
{
    out[0] = (uint8_t)encoding;
    out[1] = shape->flags;
    out[2] = shape->bits;
    out[3] = 0;
    put_u16(out + 4, shape->rows);
    put_u16(out + 6, shape->cols);
}

/* All counts or-ed together: has a bit above the width exactly when one of them has. */
static uint32_t union_of(const uint16_t *counts, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= counts[i];
    return all;
}

static size_t encode_raw(uint8_t *out, size_t cap, const uint16_t *counts, size_t cells)
{
    if (cap < raw_size(cells))
        return 0;
    uint8_t *p = out + FRAME_HEAD_SIZE;
    for (size_t i = 0; i < cells; i++, p += 2)
        put_u16(p, counts[i]);
    return raw_size(cells);
}

/* Two counts in three bytes, the first in the low 12 bits; an odd last one takes two bytes. */
static size_t encode_packed(uint8_t *out, size_t cap, const uint16_t *counts, size_t cells)
{
    if (cap < packed_size(cells))
        return 0;
    uint8_t *p = out + FRAME_HEAD_SIZE;
    size_t i = 0;
    for (; i + 1 < cells; i += 2, p += 3) {
        put_u16(p, (uint16_t)(counts[i] | counts[i + 1] << 12));
        p[2] = (uint8_t)(counts[i + 1] >> 4);
    }
    if (i < cells)
        put_u16(p, counts[i]);
    return packed_size(cells);
}

/* --- Writing bits ----------------------------------------------------------------------------- */

struct bit_writer {
    uint8_t *next;
    uint32_t pending; /* fewer than 16 bits between two puts */
    unsigned n_pending;
};

/* At most 16 bits at once; the caller has made sure of the room. */
static inline void put_bits(struct bit_writer *w, uint32_t value, unsigned n)
{
    w->pending |= value << w->n_pending;
    w->n_pending += n;
    if (w->n_pending >= 16) {
        put_u16(w->next, (uint16_t)w->pending);
        w->next += 2;
        w->pending >>= 16;
        w->n_pending -= 16;
    }
}

static void flush_bits(struct bit_writer *w)
{
    if (w->n_pending)
        *w->next++ = (uint8_t)w->pending;
    if (w->n_pending > 8)
        *w->next++ = (uint8_t)(w->pending >> 8);
    w->n_pending = 0;
}

/* The next cell that is not 0, or `cells`. Most of a plate is empty: four cells a step. (The
 * builtin is one load even where -ffreestanding makes memcpy a call.) */
static size_t skip_zeros(const uint16_t *counts, size_t i, size_t cells)
{
    for (; i + 4 <= cells; i += 4) {
        uint32_t a, b;
        __builtin_memcpy(&a, counts + i, 4);
        __builtin_memcpy(&b, counts + i + 2, 4);
        if (a | b)
            break;
    }
    while (i < cells && counts[i] == 0)
        i++;
    return i;
}

/* Length of the run of loaded cells at the front of n; *all = its counts or-ed. */
static size_t run_length(const uint16_t *counts, size_t n, uint32_t *all)
{
    uint32_t together = 0;
    size_t i = 0;
    if (n > RUN_MAX)
        n = RUN_MAX;
    for (; i < n && counts[i]; i++)
        together |= counts[i];
    *all = together;
    return i;
}

/* Bits needed for the largest of the or-ed counts (not 0). */
static unsigned width_of(uint32_t all)
{
    return 32u - (unsigned)__builtin_clz(all);
}

static size_t run_bits(size_t gap, size_t length, unsigned width)
{
    size_t gap_bits = gap < GAP_ESCAPE ? GAP_BITS : GAP_BITS + GAP_LONG_BITS;
    return gap_bits + LENGTH_BITS + WIDTH_BITS + length * width;
}

static void put_run(struct bit_writer *w, size_t gap, const uint16_t *counts, size_t length,
                    unsigned width)
{
    if (gap < GAP_ESCAPE) {
        put_bits(w, (uint32_t)gap, GAP_BITS);
    } else {
        put_bits(w, GAP_ESCAPE, GAP_BITS);
        put_bits(w, (uint32_t)gap, GAP_LONG_BITS);
    }
    put_bits(w, (uint32_t)(length - 1) | (width - 1) << LENGTH_BITS, LENGTH_BITS + WIDTH_BITS);
    for (size_t i = 0; i < length; i++)
        put_bits(w, counts[i], width);
}

/* Whether so many more bits, and the last byte filled up, end before `end`. */
static int has_room(const struct bit_writer *w, size_t bits, const uint8_t *end)
{
    return (w->n_pending + bits + 7) / 8 <= (size_t)(end - w->next);
}

/* Gives up as soon as it would pass `cap`: the other codes are there for such frames. */
static size_t encode_sparse(uint8_t *out, size_t cap, const struct frame_shape *shape,
                            const uint16_t *counts)
{
    const size_t cells = cells_of(shape);
    if (cap < FRAME_HEAD_SIZE + SPARSE_HEAD)
        return 0;
    struct bit_writer w = {.next = out + FRAME_HEAD_SIZE + SPARSE_HEAD};
    size_t runs = 0, after_run = 0;
    for (size_t i = skip_zeros(counts, 0, cells); i < cells; i = skip_zeros(counts, i, cells)) {
        uint32_t all;
        size_t length = run_length(counts + i, cells - i, &all);
        unsigned width = width_of(all);
        if (width > shape->bits || !has_room(&w, run_bits(i - after_run, length, width), out + cap))
            return 0;
        put_run(&w, i - after_run, counts + i, length, width);
        i += length;
        after_run = i;
        runs++;
    }
    flush_bits(&w);
    put_u16(out + FRAME_HEAD_SIZE, (uint16_t)runs);
    return (size_t)(w.next - out);
}

size_t frame_encode_as(enum frame_encoding encoding, uint8_t *out, size_t cap,
                       const struct frame_shape *shape, const uint16_t *counts)
{
    size_t cells = cells_of(shape), size = 0;
    if (!shape_is_possible(shape))
        return 0;
    if (encoding == FRAME_SPARSE)
        size = encode_sparse(out, cap, shape, counts);
    else if (union_of(counts, cells) >> shape->bits)
        size = 0;
    else if (encoding == FRAME_RAW16)
        size = encode_raw(out, cap, counts, cells);
    else if (encoding == FRAME_PACKED12 && shape->bits <= 12)
        size = encode_packed(out, cap, counts, cells);
    if (size)
        put_head(out, shape, encoding);
    return size;
}

size_t frame_encode(uint8_t *out, size_t cap, const struct frame_shape *shape,
                    const uint16_t *counts)
{
    int fits_packed = shape->bits <= 12;
    size_t plain = fits_packed ? packed_size(cells_of(shape)) : raw_size(cells_of(shape));
    size_t size = frame_encode_as(FRAME_SPARSE, out, cap < plain ? cap : plain, shape, counts);
    if (size)
        return size;
    return frame_encode_as(fits_packed ? FRAME_PACKED12 : FRAME_RAW16, out, cap, shape, counts);
}

/* --- Decoding --------------------------------------------------------------------------------- */

int frame_read_shape(const uint8_t *payload, size_t n, struct frame_shape *shape)
{
    if (n < FRAME_HEAD_SIZE || payload[0] > FRAME_SPARSE || payload[3] != 0)
        return -1;
    *shape = (struct frame_shape){
        .encoding = payload[0],
        .flags = payload[1],
        .bits = payload[2],
        .rows = get_u16(payload + 4),
        .cols = get_u16(payload + 6),
    };
    return shape_is_possible(shape) ? 0 : -1;
}

static int decode_raw(const uint8_t *payload, size_t n, uint16_t *counts, size_t cells)
{
    if (n != raw_size(cells))
        return -1;
    const uint8_t *p = payload + FRAME_HEAD_SIZE;
    for (size_t i = 0; i < cells; i++, p += 2)
        counts[i] = get_u16(p);
    return 0;
}

static int decode_packed(const uint8_t *payload, size_t n, uint16_t *counts, size_t cells)
{
    if (n != packed_size(cells))
        return -1;
    const uint8_t *p = payload + FRAME_HEAD_SIZE;
    size_t i = 0;
    for (; i + 1 < cells; i += 2, p += 3) {
        counts[i] = (uint16_t)(p[0] | (p[1] & 0x0F) << 8);
        counts[i + 1] = (uint16_t)(p[1] >> 4 | p[2] << 4);
    }
    if (i < cells)
        counts[i] = get_u16(p);
    return i < cells && counts[i] >> 12 ? -1 : 0;
}

/* A string of bits, lowest first; nothing is read beyond `bytes`. */
struct bit_reader {
    const uint8_t *bytes;
    size_t n_bytes, at_bit;
};

/* At least 57 bits from a place on; beyond the last byte they are 0. */
static inline uint64_t peek_bits(const struct bit_reader *r, size_t at_bit)
{
    size_t at = at_bit / 8;
    uint64_t bits = 0;
    if (at + 8 <= r->n_bytes)
        bits = get_u64(r->bytes + at);
    else
        for (size_t i = 0; at + i < r->n_bytes; i++)
            bits |= (uint64_t)r->bytes[at + i] << 8 * i;
    return bits >> at_bit % 8;
}

static inline int has_bits(const struct bit_reader *r, size_t n)
{
    return n <= 8 * r->n_bytes - r->at_bit;
}

/* n <= 32 bits; -1 when there are not so many. */
static inline int get_bits(struct bit_reader *r, unsigned n, uint32_t *value)
{
    if (!has_bits(r, n))
        return -1;
    *value = (uint32_t)(peek_bits(r, r->at_bit) & ((1ull << n) - 1));
    r->at_bit += n;
    return 0;
}

struct run {
    uint32_t gap, length, width;
};

/* Refuses a long gap in short clothes, and a wider run than the counts are. */
static int get_run(struct bit_reader *r, unsigned bits, struct run *run)
{
    uint32_t length_and_width;
    if (get_bits(r, GAP_BITS, &run->gap))
        return -1;
    if (run->gap == GAP_ESCAPE && (get_bits(r, GAP_LONG_BITS, &run->gap) || run->gap < GAP_ESCAPE))
        return -1;
    if (get_bits(r, LENGTH_BITS + WIDTH_BITS, &length_and_width))
        return -1;
    run->length = (length_and_width & (RUN_MAX - 1)) + 1;
    run->width = (length_and_width >> LENGTH_BITS) + 1;
    return run->width <= bits ? 0 : -1;
}

/* Refuses a 0 inside a run and a width that the counts do not need. */
static int get_counts(struct bit_reader *r, const struct run *run, uint16_t *counts)
{
    const uint32_t width = run->width, mask = (1u << width) - 1;
    uint32_t all = 0, less_one = 0; /* 0 less one has its top bit set, and no other count has */
    size_t at_bit = r->at_bit;
    if (!has_bits(r, (size_t)run->length * width))
        return -1;
    for (uint32_t i = 0; i < run->length; i++, at_bit += width) {
        uint32_t value = (uint32_t)peek_bits(r, at_bit) & mask;
        all |= value;
        less_one |= value - 1;
        counts[i] = (uint16_t)value;
    }
    r->at_bit = at_bit;
    return all >> (width - 1) && !(less_one >> 31) ? 0 : -1;
}

/* There is one way to write each frame: anything else is refused. */
static int decode_sparse(const uint8_t *payload, size_t n, unsigned bits, uint16_t *counts,
                         size_t cells)
{
    if (n < FRAME_HEAD_SIZE + SPARSE_HEAD)
        return -1;
    struct bit_reader r = {.bytes = payload + FRAME_HEAD_SIZE + SPARSE_HEAD,
                           .n_bytes = n - FRAME_HEAD_SIZE - SPARSE_HEAD};
    size_t at = 0, may_touch = 1;
    memset(counts, 0, cells * sizeof *counts);
    for (unsigned runs = get_u16(payload + FRAME_HEAD_SIZE); runs; runs--) {
        struct run run;
        if (get_run(&r, bits, &run) || (run.gap == 0 && !may_touch))
            return -1;
        if (run.gap + run.length > cells - at || get_counts(&r, &run, counts + at + run.gap))
            return -1;
        at += run.gap + run.length;
        may_touch = run.length == RUN_MAX;
    }
    return 8 * r.n_bytes - r.at_bit < 8 && peek_bits(&r, r.at_bit) == 0 ? 0 : -1;
}

int frame_decode(const uint8_t *payload, size_t n, struct frame_shape *shape, uint16_t *counts,
                 size_t cells_cap)
{
    if (frame_read_shape(payload, n, shape) || cells_of(shape) > cells_cap)
        return -1;
    size_t cells = cells_of(shape);
    if (shape->encoding == FRAME_SPARSE)
        return decode_sparse(payload, n, shape->bits, counts, cells);
    int failed = shape->encoding == FRAME_RAW16 ? decode_raw(payload, n, counts, cells)
                                                : decode_packed(payload, n, counts, cells);
    if (failed || (shape->encoding == FRAME_PACKED12 && shape->bits > 12))
        return -1;
    return union_of(counts, cells) >> shape->bits ? -1 : 0;
}

/* --- What a tare found --------------------------------------------------------------------------
 */

size_t zero_encode(uint8_t *out, size_t cap, enum zero_part part, const struct frame_shape *shape,
                   const uint16_t *counts)
{
    struct frame_shape plain = *shape;
    if (cap < ZERO_HEAD_SIZE)
        return 0;
    plain.flags = 0;
    memset(out, 0, ZERO_HEAD_SIZE);
    out[0] = (uint8_t)part;
    size_t size = frame_encode(out + ZERO_HEAD_SIZE, cap - ZERO_HEAD_SIZE, &plain, counts);
    return size ? ZERO_HEAD_SIZE + size : 0;
}

int zero_decode(const uint8_t *payload, size_t n, enum zero_part *part, struct frame_shape *shape,
                uint16_t *counts, size_t cells_cap)
{
    if (n < ZERO_HEAD_SIZE || (payload[0] != ZERO_COUNTS && payload[0] != ZERO_FLOORS))
        return -1;
    *part = (enum zero_part)payload[0];
    return frame_decode(payload + ZERO_HEAD_SIZE, n - ZERO_HEAD_SIZE, shape, counts, cells_cap);
}

/* --- Pressures of imported recordings ----------------------------------------------------------
 */

enum { F32_HEAD = 4 };

/* IEEE 754 single precision: all exponent bits set = infinity or not a number. */
static int is_finite_pattern(uint32_t bits)
{
    return (bits & 0x7F800000u) != 0x7F800000u;
}

static int f32_shape_is_possible(uint16_t rows, uint16_t cols)
{
    return rows >= 1 && cols >= 1 && rows <= WIRE_CELLS_MAX_PER_SIDE &&
           cols <= WIRE_CELLS_MAX_PER_SIDE;
}

size_t frame_f32_encode(uint8_t *out, size_t cap, uint16_t rows, uint16_t cols, const float *kpa)
{
    size_t cells = (size_t)rows * cols;
    if (!f32_shape_is_possible(rows, cols) || cap < F32_HEAD + 4 * cells)
        return 0;
    put_u16(out, rows);
    put_u16(out + 2, cols);
    uint8_t *p = out + F32_HEAD;
    for (size_t i = 0; i < cells; i++, p += 4) {
        uint32_t bits;
        memcpy(&bits, kpa + i, sizeof bits);
        if (!is_finite_pattern(bits))
            return 0;
        put_u32(p, bits);
    }
    return F32_HEAD + 4 * cells;
}

int frame_f32_decode(const uint8_t *payload, size_t n, uint16_t *rows, uint16_t *cols, float *kpa,
                     size_t cells_cap)
{
    if (n < F32_HEAD)
        return -1;
    *rows = get_u16(payload);
    *cols = get_u16(payload + 2);
    size_t cells = (size_t)*rows * *cols;
    if (!f32_shape_is_possible(*rows, *cols) || n != F32_HEAD + 4 * cells || cells > cells_cap)
        return -1;
    const uint8_t *p = payload + F32_HEAD;
    for (size_t i = 0; i < cells; i++, p += 4) {
        uint32_t bits = get_u32(p);
        if (!is_finite_pattern(bits))
            return -1;
        memcpy(kpa + i, &bits, sizeof bits);
    }
    return 0;
}
