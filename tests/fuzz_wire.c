/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a stream: the same messages whatever the chunks, every payload that is understood
 * comes out of its own put again, and no byte is counted twice. The first byte picks the chunks;
 * with its highest bit set, CRCs are put right first, so that what lies behind them is reached. */
#include "firmware/wire/bytes.h"
#include "firmware/wire/crc32c.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 8192 };

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_hello(const struct wire_message *m)
{
    struct wire_hello hello;
    uint8_t again[256];
    if (wire_get_hello(m->payload, m->payload_len, &hello))
        return;
    size_t n = wire_put_hello(again, sizeof again, &hello);
    require(n > 0 && n <= m->payload_len);
    struct wire_hello twice;
    require(wire_get_hello(again, n, &twice) == 0 && strcmp(twice.serial, hello.serial) == 0);
}

static void check_command(const struct wire_message *m)
{
    struct wire_command command;
    uint8_t again[64];
    if (wire_get_command(m->payload, m->payload_len, m->type, &command))
        return;
    size_t n = wire_put_command(again, sizeof again, m->type, &command);
    require(n >= 4 && n <= m->payload_len && memcmp(again, m->payload, 4) == 0);
}

static void check_others(const struct wire_message *m)
{
    struct wire_event event;
    struct wire_status status;
    struct wire_ack ack;
    struct wire_fault faults[8];
    uint8_t again[64];
    size_t filled;
    uint32_t total;
    if (wire_get_event(m->payload, m->payload_len, &event) == 0)
        require(wire_put_event(again, sizeof again, &event) == 8 && again[0] == m->payload[0]);
    if (wire_get_status(m->payload, m->payload_len, &status) == 0)
        require(wire_put_status(again, sizeof again, &status) == 28 &&
                memcmp(again, m->payload, 28) == 0);
    if (wire_get_ack(m->payload, m->payload_len, &ack) == 0)
        require(wire_put_ack(again, sizeof again, &ack) == 12 &&
                memcmp(again, m->payload, 10) == 0);
    if (wire_get_faults(m->payload, m->payload_len, faults, 8, &filled, &total) == 0)
        require(filled <= 8 &&
                wire_put_faults(again, sizeof again, faults, filled, total) == 4 + 5 * filled);
}

static void check_message(const struct wire_message *m, const uint8_t *bytes)
{
    static uint8_t again[CAPACITY + WIRE_HEADER_SIZE];
    size_t n = wire_encode(again, sizeof again, m);
    require(n == WIRE_HEADER_SIZE + m->payload_len && memcmp(again, bytes, n) == 0);
    check_hello(m);
    check_command(m);
    check_others(m);
}

/* A digest of everything that the stream said. */
static uint32_t run(const uint8_t *bytes, size_t n, size_t chunk)
{
    static uint8_t buffer[CAPACITY];
    struct sequence_book book;
    struct wire_stream s;
    struct wire_message m = {0};
    enum wire_verdict verdict;
    uint64_t whole_bytes = 0;
    uint32_t digest = 0;
    sequence_init(&book);
    wire_stream_init(&s, buffer, sizeof buffer);
    for (size_t at = 0; at <= n;) {
        size_t room, take = chunk < n - at ? chunk : n - at;
        uint8_t *into = wire_stream_room(&s, &room);
        take = take < room ? take : room;
        require(take > 0 || at == n);
        memcpy(into, bytes + at, take);
        wire_stream_filled(&s, take);
        at += take;
        while ((verdict = wire_stream_next(&s, &m, at == n)) != WIRE_NEED_MORE) {
            uint64_t said[4] = {(uint64_t)verdict, m.type, m.seq, m.device_time_us};
            digest = crc32c(digest, said, sizeof said);
            if (verdict == WIRE_MESSAGE_WHOLE && m.type == WIRE_FRAME)
                sequence_frame(&book, m.seq);
            if (verdict == WIRE_BAD_PAYLOAD)
                sequence_bad_frame(&book, m.seq);
            else
                whole_bytes += WIRE_HEADER_SIZE + m.payload_len;
            if (verdict == WIRE_MESSAGE_WHOLE)
                check_message(&m, m.payload - WIRE_HEADER_SIZE);
        }
        if (at == n)
            break;
    }
    require(whole_bytes + s.damaged_bytes == n);
    require(book.bad <= book.lost);
    uint64_t said[4] = {s.damaged_bytes, s.damaged_places, s.bad_payload_seen, book.lost};
    return crc32c(digest, said, sizeof said);
}

/* Rights the CRCs of every header, from the last one back, as messages may lie in messages. */
static void put_crcs_right(uint8_t *bytes, size_t n)
{
    for (size_t at = n < WIRE_HEADER_SIZE ? 0 : n - WIRE_HEADER_SIZE + 1; at-- > 0;) {
        uint8_t *p = bytes + at;
        if (get_u32(p) != WIRE_MAGIC)
            continue;
        size_t length = get_u32(p + 8), rest = n - at - WIRE_HEADER_SIZE;
        put_u32(p + 24, crc32c(0, p + WIRE_HEADER_SIZE, length < rest ? length : rest));
        put_u32(p + 28, crc32c(0, p, 28));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[1 << 16];
    if (size < 1 || size - 1 > sizeof bytes)
        return 0;
    size_t n = size - 1;
    memcpy(bytes, data + 1, n);
    if (data[0] & 0x80)
        put_crcs_right(bytes, n);
    uint32_t at_once = run(bytes, n, CAPACITY);
    require(run(bytes, n, (size_t)(data[0] & 0x7F) + 1) == at_once);
    if (n < 2048)
        require(run(bytes, n, 1) == at_once);
    return 0;
}
