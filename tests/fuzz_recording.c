/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recording reader on bytes of all kinds.
 *
 * First byte even: the rest is the file. Odd: the rest is a list of messages (type, seq, time,
 * length, payload) which are given right checksums first, since no mutation would ever find those.
 */
#include "driver/pressure_reader.h"
#include "driver/recording.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FILE_MAX (1u << 20)

/* Encodes the list; every 256th length is taken as raw damage in between. */
static size_t build_messages(const uint8_t *data, size_t n, uint8_t *out)
{
    size_t size = 0;
    while (n >= 6 && size + 70000 < FILE_MAX) {
        size_t length = (size_t)data[4] | (size_t)data[5] << 8;
        struct wire_message m = {.type = data[0],
                                 .seq = data[1],
                                 .flags = data[3],
                                 .device_time_us = (uint64_t)data[2] * 300000};
        data += 6;
        n -= 6;
        length = length < n ? length : n;
        m.payload = data;
        m.payload_len = (uint32_t)length;
        if (m.flags == 0xff) {
            memcpy(out + size, data, length);
            size += length;
        } else {
            size += wire_encode(out + size, FILE_MAX - size, &m);
        }
        data += length;
        n -= length;
    }
    return size;
}

static void check(int holds)
{
    if (!holds)
        abort();
}

/* Every message lies in the file, behind the one before; the book's sums hold. */
static void read_all(const char *path, size_t n)
{
    struct problem why;
    struct recording_item item;
    struct recording_summary s;
    struct recording *r = recording_open(path, &why);
    uint64_t end = 0, frames = 0, seeks = 0;
    if (!r)
        return;
    while (recording_next(r, &item, &why) > 0) {
        check(item.offset >= end && item.offset + item.size <= n);
        end = item.offset + item.size;
        frames += item.message.type == WIRE_FRAME || item.message.type == WIRE_FRAME_F32;
    }
    recording_summary(r, &s);
    check(s.bytes == n);
    check(s.damaged_bytes + s.torn_tail_bytes <= n);
    check(s.frames.delivered + s.frames.repeats == frames);
    check(s.frames.bad <= s.frames.lost);
    for (uint64_t time_us = 0; seeks < 3; time_us += 7000000, seeks++) {
        check(!recording_seek(r, time_us, &why));
        recording_next(r, &item, &why);
    }
    recording_close(r);
}

static void read_pressure(const char *path)
{
    struct problem why;
    struct pressure_item item;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    if (!r)
        return;
    while (pressure_reader_next(r, &item, &why) > 0)
        ;
    pressure_reader_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t built[FILE_MAX];
    char path[64];
    if (n < 1 || n > FILE_MAX)
        return 0;
    const uint8_t *bytes = data + 1;
    size_t size = n - 1;
    if (data[0] & 1) {
        size = build_messages(bytes, size, built);
        bytes = built;
    }
    int fd = memfd_create("recording", MFD_CLOEXEC);
    check(fd >= 0 && (size == 0 || write(fd, bytes, size) == (ssize_t)size));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_all(path, size);
    read_pressure(path);
    close(fd);
    return 0;
}
