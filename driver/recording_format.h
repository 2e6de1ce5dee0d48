/* SPDX-License-Identifier: MIT */
/* The bytes of a recording's own messages, shared by writer and reader. RECORDING.md is the text.
 */
#ifndef TENDERFOOT_DRIVER_RECORDING_FORMAT_H
#define TENDERFOOT_DRIVER_RECORDING_FORMAT_H

#include "firmware/wire/wire.h"

#include <stddef.h>
#include <stdint.h>

enum {
    RECORDING_ARRIVAL_SIZE = 8,
    RECORDING_DAMAGE_SIZE = 16,
    RECORDING_CALIBRATION_HEAD = 12,
    RECORDING_CALIBRATION_CHUNK = 65536,
    RECORDING_INDEX_HEAD = 8,
    RECORDING_INDEX_ENTRY = 16,
    RECORDING_INDEX_CHUNK = 16384, /* entries in one REC_INDEX: the largest payload */
    RECORDING_INDEX_MAX = 65536,   /* entries in one file: 18 hours */
    RECORDING_END_SIZE = 32,
    RECORDING_HEADER_MAX = 65536,
    RECORDING_CALIBRATION_MAX = 16 << 20,
};

/* Which FRAMEs the index names: a rule over the stored messages alone, so that it can be rebuilt.
 */
struct recording_index_rule {
    uint64_t time_us, offset; /* of the last entry */
    uint32_t n;
};

static inline int recording_is_frame(const struct wire_message *message)
{
    return message->type == WIRE_FRAME || message->type == WIRE_FRAME_F32;
}

/* Whether the index names this FRAME; if so the rule has moved on to it. */
static inline int recording_index_takes(struct recording_index_rule *rule,
                                        const struct wire_message *message, uint64_t offset)
{
    if (!recording_is_frame(message) || rule->n == RECORDING_INDEX_MAX)
        return 0;
    uint64_t time_us = message->device_time_us;
    int far = time_us < rule->time_us || time_us - rule->time_us >= 1000000;
    if (rule->n > 0 && (!far || offset - rule->offset < 4096))
        return 0;
    *rule = (struct recording_index_rule){time_us, offset, rule->n + 1};
    return 1;
}

static inline void recording_put32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static inline void recording_put64(uint8_t *out, uint64_t value)
{
    recording_put32(out, (uint32_t)value);
    recording_put32(out + 4, (uint32_t)(value >> 32));
}

static inline uint32_t recording_get32(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static inline uint64_t recording_get64(const uint8_t *in)
{
    return recording_get32(in) | (uint64_t)recording_get32(in + 4) << 32;
}

/* A REC_DAMAGE; `payload` must live as long as it. */
static inline struct wire_message recording_damage_message(uint8_t payload[RECORDING_DAMAGE_SIZE],
                                                           uint32_t bytes,
                                                           const struct wire_message *header)
{
    for (int i = 0; i < RECORDING_DAMAGE_SIZE; i++)
        payload[i] = 0;
    recording_put32(payload, bytes);
    payload[4] = header ? header->type : 0;
    recording_put32(payload + 8, header ? header->seq : 0);
    return (struct wire_message){.type = WIRE_REC_DAMAGE,
                                 .device_time_us = header ? header->device_time_us : 0,
                                 .payload = payload,
                                 .payload_len = RECORDING_DAMAGE_SIZE};
}

#endif
