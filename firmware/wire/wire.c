/* SPDX-License-Identifier: MIT */
#include "firmware/wire/wire.h"

#include "firmware/wire/bytes.h"
#include "firmware/wire/crc32c.h"

#include <string.h>

/* Where each field of the header begins. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 4,
    AT_TYPE = 5,
    AT_FLAGS = 6,
    AT_PAYLOAD_LEN = 8,
    AT_SEQ = 12,
    AT_DEVICE_TIME = 16,
    AT_PAYLOAD_CRC = 24,
    AT_HEADER_CRC = 28,
};

size_t wire_encode(uint8_t *out, size_t cap, const struct wire_message *message)
{
    size_t n = message->payload_len;
    if (n > WIRE_PAYLOAD_MAX || cap < WIRE_HEADER_SIZE + n)
        return 0;
    uint8_t *payload = out + WIRE_HEADER_SIZE;
    if (n && message->payload != payload)
        memmove(payload, message->payload, n);
    put_u32(out + AT_MAGIC, WIRE_MAGIC);
    out[AT_VERSION] = message->version ? message->version : WIRE_VERSION;
    out[AT_TYPE] = message->type;
    put_u16(out + AT_FLAGS, message->flags);
    put_u32(out + AT_PAYLOAD_LEN, (uint32_t)n);
    put_u32(out + AT_SEQ, message->seq);
    put_u64(out + AT_DEVICE_TIME, message->device_time_us);
    put_u32(out + AT_PAYLOAD_CRC, crc32c(0, payload, n));
    put_u32(out + AT_HEADER_CRC, crc32c(0, out, AT_HEADER_CRC));
    return WIRE_HEADER_SIZE + n;
}

/* Whether the bytes begin like a magic, as far as they go (at most four of them count). */
static int begins_like_magic(const uint8_t *bytes, size_t n)
{
    uint32_t magic = WIRE_MAGIC;
    for (size_t i = 0; i < 4 && i < n; i++, magic >>= 8)
        if (bytes[i] != (magic & 0xFF))
            return 0;
    return 1;
}

/* How many bytes at the front cannot begin a message. */
static size_t noise_length(const uint8_t *bytes, size_t n)
{
    size_t i = 0;
    if (n > WIRE_MESSAGE_MAX)
        n = WIRE_MESSAGE_MAX;
    while (i < n && !(bytes[i] == (WIRE_MAGIC & 0xFF) && begins_like_magic(bytes + i, n - i)))
        i++;
    return i;
}

static void read_header(const uint8_t *bytes, struct wire_message *message)
{
    message->version = bytes[AT_VERSION];
    message->type = bytes[AT_TYPE];
    message->flags = get_u16(bytes + AT_FLAGS);
    message->payload_len = get_u32(bytes + AT_PAYLOAD_LEN);
    message->seq = get_u32(bytes + AT_SEQ);
    message->device_time_us = get_u64(bytes + AT_DEVICE_TIME);
    message->payload = NULL;
}

static enum wire_verdict dropped(size_t bytes, size_t *used, enum wire_verdict verdict)
{
    *used = bytes;
    return verdict;
}

enum wire_verdict wire_decode(const uint8_t *bytes, size_t n, struct wire_message *message,
                              size_t *used)
{
    *used = 0;
    size_t noise = noise_length(bytes, n);
    if (noise)
        return dropped(noise, used, WIRE_NOISE);
    if (n < WIRE_HEADER_SIZE)
        return WIRE_NEED_MORE;
    if (get_u32(bytes + AT_HEADER_CRC) != crc32c(0, bytes, AT_HEADER_CRC) || !bytes[AT_VERSION])
        return dropped(1, used, WIRE_BAD_HEADER);
    read_header(bytes, message);
    if (message->payload_len > WIRE_PAYLOAD_MAX)
        return dropped(1, used, WIRE_TOO_LONG);
    size_t size = WIRE_HEADER_SIZE + message->payload_len;
    if (n < size)
        return WIRE_NEED_MORE;
    if (get_u32(bytes + AT_PAYLOAD_CRC) !=
        crc32c(0, bytes + WIRE_HEADER_SIZE, message->payload_len))
        return dropped(1, used, WIRE_BAD_PAYLOAD);
    message->payload = bytes + WIRE_HEADER_SIZE;
    return dropped(size, used, message->version > WIRE_VERSION ? WIRE_TOO_NEW : WIRE_MESSAGE_WHOLE);
}

void wire_stream_init(struct wire_stream *stream, uint8_t *buffer, size_t capacity)
{
    *stream = (struct wire_stream){.buffer = buffer, .capacity = capacity};
}

/* The rest is moved to the front only when that frees at least as much as it moves, or when there
 * is no room at all: each byte is moved once on average, mostly never. */
uint8_t *wire_stream_room(struct wire_stream *stream, size_t *room)
{
    size_t rest = stream->end - stream->start;
    size_t free_at_end = stream->capacity - stream->end;
    if (rest == 0) {
        stream->start = stream->end = 0;
    } else if (!free_at_end || (free_at_end < stream->capacity / 2 && stream->start >= rest)) {
        memmove(stream->buffer, stream->buffer + stream->start, rest);
        stream->start = 0;
        stream->end = rest;
    }
    *room = stream->capacity - stream->end;
    return stream->buffer + stream->end;
}

void wire_stream_filled(struct wire_stream *stream, size_t n)
{
    stream->end += n;
}

static void drop(struct wire_stream *stream, size_t n)
{
    stream->start += n;
    stream->damaged_bytes += n;
    if (!stream->in_damage)
        stream->damaged_places++;
    stream->in_damage = 1;
}

/* More bytes are wanted. Gives the header of a message that will never be complete: it is longer
 * than the buffer, or the stream has ended. */
static int never_complete(const struct wire_stream *stream, int at_end,
                          struct wire_message *message)
{
    size_t rest = stream->end - stream->start;
    if (rest < WIRE_HEADER_SIZE)
        return 0;
    read_header(stream->buffer + stream->start, message);
    return at_end || WIRE_HEADER_SIZE + message->payload_len > stream->capacity;
}

static enum wire_verdict bad_payload(struct wire_stream *stream, const struct wire_message *message)
{
    drop(stream, 1);
    stream->bad_payload_seen += message->type == WIRE_FRAME || message->type == WIRE_FRAME_F32;
    return WIRE_BAD_PAYLOAD;
}

enum wire_verdict wire_stream_next(struct wire_stream *stream, struct wire_message *message,
                                   int at_end)
{
    while (stream->start < stream->end) {
        size_t used;
        enum wire_verdict verdict = wire_decode(stream->buffer + stream->start,
                                                stream->end - stream->start, message, &used);
        switch (verdict) {
        case WIRE_MESSAGE_WHOLE:
        case WIRE_TOO_NEW:
            stream->start += used;
            stream->in_damage = 0;
            return verdict;
        case WIRE_BAD_PAYLOAD:
            return bad_payload(stream, message);
        case WIRE_NEED_MORE:
            if (never_complete(stream, at_end, message))
                return bad_payload(stream, message);
            if (!at_end)
                return WIRE_NEED_MORE;
            drop(stream, 1);
            break;
        default:
            drop(stream, used);
        }
    }
    return WIRE_NEED_MORE;
}
