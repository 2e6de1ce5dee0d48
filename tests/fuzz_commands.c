/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever hosts send, the plate stays a plate: what comes out is whole messages, one scan a step,
 * and no link can make it stop answering HELLO.
 *
 * The input is a list of deeds of the hosts: deed u8 | argument u8 | further bytes as the deed
 * says. */
#include "firmware/boards/host/virtual_plate.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define LINKS 4
#define ROWS 6
#define COLS 5

enum deed { RAW_BYTES, COMMAND, STEPS, LEAVES, SLOW, NEWER, DEEDS };

static void scan(struct scan_source *source, uint64_t time_us, uint16_t *counts)
{
    (void)source;
    for (unsigned i = 0; i < ROWS * COLS; i++)
        counts[i] = (uint16_t)(40 + (time_us / 100 * 2654435761u >> i % 16) % 7);
}

static void close_source(struct scan_source *source)
{
    free(source);
}

static struct scan_source *make_source(void)
{
    struct scan_source *source = calloc(1, sizeof *source);
    if (!source)
        abort();
    *source = (struct scan_source){.rows = ROWS,
                                   .cols = COLS,
                                   .bits = 12,
                                   .pitch_x_mm = 5,
                                   .pitch_y_mm = 5,
                                   .rate_hz = 100,
                                   .serial = "FUZZ",
                                   .duration_us = UINT64_MAX,
                                   .scan = scan,
                                   .close = close_source};
    return source;
}

/* What a host reads: it must be messages, one after the other. */
struct host {
    uint8_t bytes[8192];
    size_t n, most;
};

static size_t take(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct host *host = (struct host *)context + link;
    struct wire_message message;
    size_t used;
    if (n > host->most)
        n = host->most;
    for (size_t i = 0; i < n; i++) {
        host->bytes[host->n++] = bytes[i];
        enum wire_verdict verdict = wire_decode(host->bytes, host->n, &message, &used);
        if (verdict == WIRE_MESSAGE_WHOLE)
            host->n = 0;
        else if (verdict != WIRE_NEED_MORE || host->n == sizeof host->bytes)
            abort();
    }
    return n;
}

static void send(struct virtual_plate *plate, int link, uint8_t version, uint8_t type,
                 const uint8_t *payload, size_t n)
{
    uint8_t bytes[WIRE_HEADER_SIZE + 255];
    struct wire_message message = {
        .version = version, .type = type, .payload = payload, .payload_len = (uint32_t)n};
    virtual_plate_receive(plate, link, bytes, wire_encode(bytes, sizeof bytes, &message));
}

static size_t do_deed(struct virtual_plate *plate, struct host *hosts, const uint8_t *data,
                      size_t n)
{
    int link = data[1] % LINKS;
    size_t length = data[1] / LINKS < n - 2 ? data[1] / LINKS : n - 2;
    switch (data[0] % DEEDS) {
    case RAW_BYTES:
        virtual_plate_receive(plate, link, data + 2, length);
        return 2 + length;
    case COMMAND:
    case NEWER:
        if (length > 0)
            send(plate, link, data[0] % DEEDS == NEWER ? 2 : 1, (uint8_t)(64 + data[2] % 10),
                 data + 3, length - 1);
        return 2 + length;
    case STEPS:
        for (int i = 0; i < data[1]; i++)
            virtual_plate_step(plate);
        return 2;
    case LEAVES:
        virtual_plate_link_closed(plate, link);
        hosts[link].n = 0;
        return 2;
    default:
        hosts[link].most = data[1] % 3 ? SIZE_MAX : data[1];
        return 2;
    }
}

/* At the end every host that reads again is answered. */
static void all_are_answered(struct virtual_plate *plate, struct host *hosts)
{
    for (int link = 0; link < LINKS; link++) {
        hosts[link].most = SIZE_MAX;
        virtual_plate_link_closed(plate, link);
        hosts[link].n = 0;
    }
    if (virtual_plate_is_scanning(plate) || virtual_plate_has_unsent(plate))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct host hosts[LINKS];
    struct problem why;
    if (n > 1024)
        return 0;
    for (int link = 0; link < LINKS; link++)
        hosts[link] = (struct host){.most = SIZE_MAX};
    struct virtual_plate *plate =
        virtual_plate_create(make_source(), "stall@1s:ms=90,reset@5s", 1, take, hosts, &why);
    if (!plate)
        abort();
    while (n >= 2) {
        size_t used = do_deed(plate, hosts, data, n);
        data += used;
        n -= used;
    }
    all_are_answered(plate, hosts);
    virtual_plate_free(plate);
    return 0;
}
