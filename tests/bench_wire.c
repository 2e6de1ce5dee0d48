/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of the wire: a long stream of a standing person's frames decoded, beside memcpy of the same
 * bytes in the same run. Rows: name, value, unit. The best of several rounds is printed, as the
 * machine may have other work. */
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"
#include "tests/support/standing_person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STREAM_BYTES = 64 << 20, READ_BYTES = 256 << 10, BUFFER_BYTES = 1 << 20, ROUNDS = 7 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_wire: %s\n", what);
    exit(1);
}

struct stream_bytes {
    uint8_t *bytes, *copy;
    size_t n, frames;
};

/* A stream of the same fifty frames over and over, numbered on. */
static struct stream_bytes make_stream(void)
{
    const struct frame_shape shape = {
        .flags = FRAME_TARED | FRAME_GATED, .bits = STANDING_BITS, .rows = 96, .cols = 96};
    struct stream_bytes s = {.bytes = malloc(STREAM_BYTES), .copy = malloc(STREAM_BYTES)};
    static uint16_t counts[STANDING_CELLS];
    static uint8_t payload[2 * STANDING_CELLS + FRAME_HEAD_SIZE];
    if (!s.bytes || !s.copy)
        fail("out of memory");
    memset(s.copy, 0, STREAM_BYTES);
    for (;; s.frames++) {
        standing_person(counts, (uint32_t)s.frames % 50 + 1);
        struct wire_message m = {.type = WIRE_FRAME,
                                 .seq = (uint32_t)s.frames,
                                 .device_time_us = 10000 * s.frames,
                                 .payload = payload};
        m.payload_len = (uint32_t)frame_encode(payload, sizeof payload, &shape, counts);
        size_t size = wire_encode(s.bytes + s.n, STREAM_BYTES - s.n, &m);
        if (size == 0)
            return s;
        s.n += size;
    }
}

static void copy_all(const struct stream_bytes *s)
{
    memcpy(s->copy, s->bytes, s->n);
    __asm__ volatile("" ::"r"(s->copy) : "memory"); /* the copy is wanted */
}

/* Messages where they lie, as in a file that is mapped. */
static void decode_in_place(const struct stream_bytes *s)
{
    size_t frames = 0;
    for (size_t at = 0; at < s->n; frames++) {
        struct wire_message m;
        size_t used;
        if (wire_decode(s->bytes + at, s->n - at, &m, &used) != WIRE_MESSAGE_WHOLE)
            fail("a whole message was not seen as one");
        at += used;
    }
    if (frames != s->frames)
        fail("frames were lost");
}

/* As from a descriptor: copied into the stream's buffer in slices, then decoded; with counts or
 * without. */
static void run_stream(const struct stream_bytes *s, uint16_t *counts)
{
    static uint8_t buffer[BUFFER_BYTES];
    struct wire_stream stream;
    struct wire_message m;
    struct frame_shape shape;
    size_t frames = 0;
    wire_stream_init(&stream, buffer, sizeof buffer);
    for (size_t at = 0; at < s->n;) {
        size_t room, take = s->n - at < READ_BYTES ? s->n - at : READ_BYTES;
        uint8_t *into = wire_stream_room(&stream, &room);
        take = take < room ? take : room;
        memcpy(into, s->bytes + at, take);
        wire_stream_filled(&stream, take);
        at += take;
        while (wire_stream_next(&stream, &m, 0) == WIRE_MESSAGE_WHOLE) {
            frames++;
            if (counts && frame_decode(m.payload, m.payload_len, &shape, counts, STANDING_CELLS))
                fail("a frame did not decode");
        }
    }
    if (frames != s->frames)
        fail("frames were lost");
}

static void decode_stream(const struct stream_bytes *s)
{
    run_stream(s, NULL);
}

static void decode_stream_and_counts(const struct stream_bytes *s)
{
    static uint16_t counts[STANDING_CELLS];
    run_stream(s, counts);
}

static double best_of(void (*work)(const struct stream_bytes *), const struct stream_bytes *s)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double begin = seconds();
        work(s);
        double took = seconds() - begin;
        best = took < best ? took : best;
    }
    return best;
}

static double encode_one(const struct stream_bytes *s)
{
    const struct frame_shape shape = {.bits = STANDING_BITS, .rows = 96, .cols = 96};
    static uint16_t counts[STANDING_CELLS];
    static uint8_t payload[2 * STANDING_CELLS + FRAME_HEAD_SIZE];
    (void)s;
    standing_person(counts, 1);
    double begin = seconds();
    for (int i = 0; i < 2000; i++)
        if (frame_encode(payload, sizeof payload, &shape, counts) == 0)
            fail("a frame did not encode");
    return (seconds() - begin) / 2000;
}

int main(void)
{
    struct stream_bytes s = make_stream();
    double mb = (double)s.n / 1e6;
    double copy = best_of(copy_all, &s), in_place = best_of(decode_in_place, &s);
    double stream = best_of(decode_stream, &s), counts = best_of(decode_stream_and_counts, &s);
    static uint16_t person[STANDING_CELLS];
    printf("wire: memcpy of the same bytes\t%.0f\tMB/s\n", mb / copy);
    printf("wire: decoder, messages in place\t%.0f\tMB/s\n", mb / in_place);
    printf("wire: decoder, stream in 256 KiB reads\t%.0f\tMB/s\n", mb / stream);
    printf("wire: stream decoder / memcpy\t%.2f\tratio (aim 0.25)\n", copy / stream);
    printf("wire: stream and frame decoder to counts\t%.0f\tMB/s\n", mb / counts);
    printf("wire: frames to counts\t%.2f\tus/frame\n", 1e6 * (counts - stream) / (double)s.frames);
    printf("wire: frame encoder on this machine\t%.2f\tus/frame\n", 1e6 * encode_one(&s));
    printf("wire: standing person, loaded cells\t%d\tcells\n", standing_person(person, 1));
    printf("wire: standing person, headers included\t%.0f\tB/frame (aim 2500)\n",
           (double)s.n / (double)s.frames);
    free(s.bytes);
    free(s.copy);
    return 0;
}
