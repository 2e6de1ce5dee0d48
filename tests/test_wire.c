/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and streams: golden bytes, each verdict, chunkings, and seven ways of damage. */
#include "firmware/wire/bytes.h"
#include "firmware/wire/crc32c.h"
#include "firmware/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The worked example of PROTOCOL.md: EVENT, button down at 1 234 567 us. */
static const uint8_t golden_event[] = {0x54, 0x46, 0x54, 0x31, 0x01, 0x03, 0x00, 0x00, 0x08, 0x00,
                                       0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x87, 0xD6, 0x12, 0x00,
                                       0x00, 0x00, 0x00, 0x00, 0xAD, 0xCF, 0x14, 0xC5, 0xB9, 0x1D,
                                       0x9D, 0x6C, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

static void test_golden_message(void **state)
{
    const uint8_t payload[8] = {1};
    struct wire_message in = {
        .type = WIRE_EVENT, .device_time_us = 1234567, .payload_len = 8, .payload = payload};
    struct wire_message out;
    uint8_t bytes[64];
    size_t used;
    (void)state;
    assert_int_equal(wire_encode(bytes, sizeof bytes, &in), sizeof golden_event);
    assert_memory_equal(bytes, golden_event, sizeof golden_event);
    assert_int_equal(wire_decode(golden_event, sizeof golden_event, &out, &used),
                     WIRE_MESSAGE_WHOLE);
    assert_int_equal(used, sizeof golden_event);
    assert_int_equal(out.version, 1);
    assert_int_equal(out.type, WIRE_EVENT);
    assert_int_equal(out.device_time_us, 1234567);
    assert_int_equal(out.payload_len, 8);
    assert_ptr_equal(out.payload, golden_event + WIRE_HEADER_SIZE);
}

/* The hexadecimal example in PROTOCOL.md is the golden message. Run from the project's root. */
static void test_protocol_example(void **state)
{
    static char text[65536];
    char hex[3 * sizeof golden_event + 1] = "";
    (void)state;
    FILE *file = fopen("firmware/wire/PROTOCOL.md", "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file), kept = 0;
    fclose(file);
    for (size_t i = 0; i < n; i++) /* without spaces and line ends */
        if (text[i] != ' ' && text[i] != '\n')
            text[kept++] = text[i];
    text[kept] = 0;
    for (size_t i = 0; i < sizeof golden_event; i++)
        snprintf(hex + 2 * i, 3, "%02X", golden_event[i]);
    assert_non_null(strstr(text, hex));
}

/* A header with right CRC and any content. */
static void make_header(uint8_t *bytes, uint8_t version, uint32_t payload_len)
{
    struct wire_message empty = {.type = WIRE_FRAME, .seq = 7};
    wire_encode(bytes, WIRE_HEADER_SIZE, &empty);
    bytes[4] = version;
    put_u32(bytes + 8, payload_len);
    put_u32(bytes + 28, crc32c(0, bytes, 28));
}

static void test_each_verdict(void **state)
{
    uint8_t bytes[128];
    struct wire_message m;
    size_t used;
    (void)state;
    for (size_t n = 0; n < sizeof golden_event; n++) {
        assert_int_equal(wire_decode(golden_event, n, &m, &used), WIRE_NEED_MORE);
        assert_int_equal(used, 0);
    }
    assert_int_equal(wire_decode((const uint8_t *)"xyTFxTFT", 8, &m, &used), WIRE_NOISE);
    assert_int_equal(used, 5); /* up to what may become a magic */

    memcpy(bytes, golden_event, sizeof golden_event);
    bytes[17] ^= 4;
    assert_int_equal(wire_decode(bytes, sizeof golden_event, &m, &used), WIRE_BAD_HEADER);
    assert_int_equal(used, 1);
    bytes[17] ^= 4;
    bytes[39] ^= 0x80;
    assert_int_equal(wire_decode(bytes, sizeof golden_event, &m, &used), WIRE_BAD_PAYLOAD);
    assert_int_equal(used, 1);
    assert_int_equal(m.device_time_us, 1234567);
    assert_null(m.payload);

    make_header(bytes, 1, WIRE_PAYLOAD_MAX + 1);
    assert_int_equal(wire_decode(bytes, sizeof bytes, &m, &used), WIRE_TOO_LONG);
    make_header(bytes, 0, 0);
    assert_int_equal(wire_decode(bytes, sizeof bytes, &m, &used), WIRE_BAD_HEADER);
    make_header(bytes, 2, 0);
    assert_int_equal(wire_decode(bytes, sizeof bytes, &m, &used), WIRE_TOO_NEW);
    assert_int_equal(used, WIRE_HEADER_SIZE);
    assert_int_equal(m.version, 2);
    make_header(bytes, 2, 200);
    assert_int_equal(wire_decode(bytes, sizeof bytes, &m, &used), WIRE_NEED_MORE);
}

static void test_encode_refuses_what_does_not_fit(void **state)
{
    static uint8_t bytes[WIRE_MESSAGE_MAX + 1];
    struct wire_message m = {.type = WIRE_FRAME, .payload = bytes, .payload_len = 100};
    (void)state;
    assert_int_equal(wire_encode(bytes, 131, &m), 0);
    assert_int_equal(wire_encode(bytes, 132, &m), 132);
    m.payload_len = WIRE_PAYLOAD_MAX + 1;
    assert_int_equal(wire_encode(bytes, sizeof bytes, &m), 0);
    m.payload_len = WIRE_PAYLOAD_MAX;
    assert_int_equal(wire_encode(bytes, sizeof bytes, &m), WIRE_MESSAGE_MAX);
}

/* --- A stream of frames of random sizes, and what a decoder makes of it -------------------------
 */

enum { FRAMES = 60, PAYLOAD_TOP = 700, STREAM_TOP = FRAMES * (PAYLOAD_TOP + 32) * 2 };

static unsigned draw(unsigned below)
{
    return (unsigned)rand() % below;
}

/* A frame's bytes follow from its number, so that a wrong one that passes is found out. */
static uint32_t expected_length(uint32_t seq)
{
    return seq * 2654435761u % PAYLOAD_TOP;
}

static void expected_payload(uint32_t seq, uint8_t *payload)
{
    uint32_t x = seq * 747796405u + 2891336453u;
    for (uint32_t i = 0, n = expected_length(seq); i < n; i++) {
        x = x * 1664525u + 1013904223u;
        payload[i] = (uint8_t)(x >> 24 & (seq % 5 ? 0xFF : 0x01));
    }
}

static size_t make_stream(uint8_t *bytes, size_t ends[FRAMES])
{
    uint8_t payload[PAYLOAD_TOP];
    size_t at = 0;
    for (uint32_t seq = 0; seq < FRAMES; seq++) {
        expected_payload(seq, payload);
        struct wire_message m = {.type = WIRE_FRAME,
                                 .seq = seq,
                                 .device_time_us = 10000ull * seq,
                                 .payload_len = expected_length(seq),
                                 .payload = payload};
        at += wire_encode(bytes + at, STREAM_TOP - at, &m);
        ends[seq] = at;
    }
    return at;
}

struct outcome {
    unsigned whole, wrong, bad_payload, too_new;
    uint64_t digest, damaged_bytes, damaged_places, bad_payload_seen;
};

static void note(struct outcome *o, enum wire_verdict verdict, const struct wire_message *m)
{
    uint8_t payload[PAYLOAD_TOP];
    o->digest = (o->digest ^ (uint64_t)verdict ^ m->seq ^ m->device_time_us) * 1099511628211ull;
    o->bad_payload += verdict == WIRE_BAD_PAYLOAD;
    o->too_new += verdict == WIRE_TOO_NEW;
    if (verdict != WIRE_MESSAGE_WHOLE)
        return;
    o->digest = (o->digest ^ crc32c(0, m->payload, m->payload_len)) * 1099511628211ull;
    int right = m->seq < FRAMES && m->payload_len == expected_length(m->seq) &&
                m->device_time_us == 10000ull * m->seq;
    if (right) {
        expected_payload(m->seq, payload);
        right = memcmp(payload, m->payload, m->payload_len) == 0;
    }
    o->whole += (unsigned)right;
    o->wrong += (unsigned)!right;
}

/* chunk = 0: chunks of random length. */
static struct outcome run_stream(const uint8_t *bytes, size_t n, size_t chunk, size_t capacity)
{
    static uint8_t buffer[STREAM_TOP];
    struct outcome o = {0};
    struct wire_stream s;
    struct wire_message m = {0};
    enum wire_verdict verdict;
    wire_stream_init(&s, buffer, capacity);
    for (size_t at = 0; at < n;) {
        size_t room, want = chunk ? chunk : 1 + draw(1500);
        uint8_t *into = wire_stream_room(&s, &room);
        assert_true(room > 0);
        want = want < room ? want : room;
        want = want < n - at ? want : n - at;
        memcpy(into, bytes + at, want);
        wire_stream_filled(&s, want);
        at += want;
        while ((verdict = wire_stream_next(&s, &m, 0)) != WIRE_NEED_MORE)
            note(&o, verdict, &m);
    }
    while ((verdict = wire_stream_next(&s, &m, 1)) != WIRE_NEED_MORE)
        note(&o, verdict, &m);
    assert_int_equal(s.start, s.end);
    o.damaged_bytes = s.damaged_bytes;
    o.damaged_places = s.damaged_places;
    o.bad_payload_seen = s.bad_payload_seen;
    return o;
}

/* The same answer whatever the chunks and the buffer; the first of them is given back. */
static struct outcome run_all_ways(const uint8_t *bytes, size_t n)
{
    static const size_t chunks[] = {1, 64, 512, 0, STREAM_TOP};
    struct outcome first = run_stream(bytes, n, STREAM_TOP, STREAM_TOP);
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        struct outcome o = run_stream(bytes, n, chunks[i], PAYLOAD_TOP + WIRE_HEADER_SIZE);
        assert_memory_equal(&o, &first, sizeof o);
        o = run_stream(bytes, n, chunks[i], 5000);
        assert_memory_equal(&o, &first, sizeof o);
    }
    return first;
}

static void test_whole_stream(void **state)
{
    static uint8_t bytes[STREAM_TOP];
    size_t ends[FRAMES];
    (void)state;
    struct outcome o = run_all_ways(bytes, make_stream(bytes, ends));
    assert_int_equal(o.whole, FRAMES);
    assert_int_equal(o.wrong + o.bad_payload + o.damaged_bytes + o.damaged_places, 0);
}

enum fault { FLIP, LOSS, INSERTION, SWAP, TRUNCATION, BURST, GARBAGE, N_FAULTS };

static const char *const fault_names[] = {"bit flip",   "byte loss", "insertion", "swap",
                                          "truncation", "burst",     "garbage"};

static size_t cut(uint8_t *bytes, size_t n, size_t at, size_t length)
{
    length = length < n - at ? length : n - at;
    memmove(bytes + at, bytes + at + length, n - at - length);
    return n - length;
}

static size_t widen(uint8_t *bytes, size_t n, size_t at, size_t length)
{
    memmove(bytes + at + length, bytes + at, n - at);
    for (size_t i = 0; i < length; i++)
        bytes[at + i] = (uint8_t)draw(256);
    return n + length;
}

/* Where the message that holds a byte ends. */
static size_t end_of(const size_t ends[FRAMES], size_t at)
{
    size_t i = 0;
    while (ends[i] <= at)
        i++;
    return ends[i];
}

/* One fault at a random place; returns the stream's new length. */
static size_t do_harm(enum fault fault, uint8_t *bytes, size_t n, const size_t ends[FRAMES])
{
    size_t at = draw((unsigned)n - 64);
    switch (fault) {
    case FLIP:
        bytes[at] ^= (uint8_t)(1u << draw(8));
        return n;
    case LOSS:
        return cut(bytes, n, at, 1);
    case INSERTION:
        return widen(bytes, n, at, 1);
    case SWAP: {
        uint8_t first = bytes[at];
        bytes[at] = bytes[at + 1];
        bytes[at + 1] = first;
        return n;
    }
    case TRUNCATION: /* the message stops in the middle, the next one follows */
        return cut(bytes, n, at, end_of(ends, at) - at);
    case BURST:
        for (unsigned i = 0, length = 2 + draw(30); i < length; i++)
            bytes[at + i] ^= (uint8_t)(1 + draw(255));
        return n;
    default: /* between two messages, sometimes with a magic in it */
        at = ends[draw(FRAMES)];
        n = widen(bytes, n, at, 40 + draw(400));
        if (draw(2))
            memcpy(bytes + at + draw(30), "TFT1", 4);
        return n;
    }
}

/* Damage never passes for a frame, and costs the frame it hits, hardly ever a neighbour. */
static void test_seven_ways_of_damage(void **state)
{
    static uint8_t whole[STREAM_TOP], harmed[STREAM_TOP];
    enum { ROUNDS = 1500 };
    size_t ends[FRAMES], n = make_stream(whole, ends);
    (void)state;
    for (int fault = 0; fault < N_FAULTS; fault++) {
        unsigned lost = 0;
        srand(1000 + (unsigned)fault);
        for (int round = 0; round < ROUNDS; round++) {
            memcpy(harmed, whole, n);
            size_t m = do_harm((enum fault)fault, harmed, n, ends);
            struct outcome o = round % 200 ? run_stream(harmed, m, STREAM_TOP, STREAM_TOP)
                                           : run_all_ways(harmed, m);
            assert_int_equal(o.wrong, 0);
            assert_true(o.whole <= FRAMES);
            lost += FRAMES - o.whole;
        }
        print_message("    %-10s frames lost per fault: %.3f\n", fault_names[fault],
                      lost / (double)ROUNDS);
        assert_true(lost <= (fault == GARBAGE ? 0.0 : 1.05) * ROUNDS);
    }
}

/* A hundred faults of all kinds in one stream, chunked in every way. */
static void test_heavy_damage(void **state)
{
    static uint8_t bytes[STREAM_TOP];
    size_t ends[FRAMES];
    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        srand(seed);
        size_t n = make_stream(bytes, ends);
        for (int i = 0; i < 15; i++)
            n = do_harm((enum fault)draw(LOSS + 1), bytes, n, ends);
        struct outcome o = run_all_ways(bytes, n);
        assert_int_equal(o.wrong, 0);
        assert_true(o.whole >= FRAMES - 16);
    }
}

/* A message longer than the buffer is damage, not a dead end. */
static void test_message_over_the_buffer(void **state)
{
    static uint8_t bytes[STREAM_TOP];
    (void)state;
    make_header(bytes, 1, 4000);
    memset(bytes + WIRE_HEADER_SIZE, 'x', 500);
    memcpy(bytes + WIRE_HEADER_SIZE + 500, golden_event, sizeof golden_event);
    size_t n = WIRE_HEADER_SIZE + 500 + sizeof golden_event;
    struct outcome o = run_stream(bytes, n, 100, 1000);
    assert_int_equal(o.bad_payload, 1);
    assert_int_equal(o.bad_payload_seen, 1);
    assert_int_equal(o.wrong, 1); /* the event: not one of the frames above, but whole */
    assert_int_equal(o.damaged_bytes, n - sizeof golden_event);
    assert_int_equal(o.damaged_places, 1);
}

/* A newer major version is told apart from damage, and skipped by its length. */
static void test_newer_major_version(void **state)
{
    uint8_t bytes[200];
    (void)state;
    make_header(bytes, 2, 0);
    memcpy(bytes + WIRE_HEADER_SIZE, golden_event, sizeof golden_event);
    struct outcome o = run_stream(bytes, WIRE_HEADER_SIZE + sizeof golden_event, 1, 200);
    assert_int_equal(o.too_new, 1);
    assert_int_equal(o.wrong, 1);
    assert_int_equal(o.damaged_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_message),
        cmocka_unit_test(test_protocol_example),
        cmocka_unit_test(test_each_verdict),
        cmocka_unit_test(test_encode_refuses_what_does_not_fit),
        cmocka_unit_test(test_whole_stream),
        cmocka_unit_test(test_seven_ways_of_damage),
        cmocka_unit_test(test_heavy_damage),
        cmocka_unit_test(test_message_over_the_buffer),
        cmocka_unit_test(test_newer_major_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
