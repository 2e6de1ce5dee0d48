/* SPDX-License-Identifier: MIT */
#include "driver/recording_private.h"

#include "driver/recording_format.h"

#include <stdlib.h>
#include <string.h>

/* The index as read or rebuilt: entries as they lie in the file. */
struct entries {
    uint8_t *bytes;
    uint32_t n;
};

static uint64_t entry_time_us(const struct entries *index, uint32_t i)
{
    return recording_get64(index->bytes + (size_t)i * RECORDING_INDEX_ENTRY);
}

static uint64_t entry_offset(const struct entries *index, uint32_t i)
{
    return recording_get64(index->bytes + (size_t)i * RECORDING_INDEX_ENTRY + 8);
}

static int add_entries(struct entries *index, const uint8_t *bytes, uint32_t n, struct problem *why)
{
    if (n > RECORDING_INDEX_MAX - index->n)
        n = RECORDING_INDEX_MAX - index->n;
    if (n == 0)
        return 0;
    uint8_t *grown = realloc(index->bytes, (size_t)(index->n + n) * RECORDING_INDEX_ENTRY);
    if (!grown)
        return problem_no_memory(why, "the recording's index");
    memcpy(grown + (size_t)index->n * RECORDING_INDEX_ENTRY, bytes,
           (size_t)n * RECORDING_INDEX_ENTRY);
    index->bytes = grown;
    index->n += n;
    return 0;
}

/* Where the end mark says that the index begins: 1, 0 when there is no end mark, -1. */
static int find_stored(struct recording *r, uint64_t *index_offset, struct problem *why)
{
    struct wire_message m;
    uint64_t offset, file_size = recording_file_size(r);
    size_t size;
    if (file_size < WIRE_HEADER_SIZE + RECORDING_END_SIZE)
        return 0;
    recording_go_to(r, file_size - WIRE_HEADER_SIZE - RECORDING_END_SIZE);
    int got = recording_next_any(r, &m, &offset, &size, why);
    if (got <= 0 || m.type != WIRE_REC_END || m.payload_len < RECORDING_END_SIZE)
        return got < 0 ? -1 : 0;
    *index_offset = recording_get64(m.payload + 16);
    return *index_offset < file_size;
}

int recording_is_closed(struct recording *recording, struct problem *why)
{
    uint64_t index;
    int is = find_stored(recording, &index, why);
    recording_rewind(recording);
    return is;
}

/* Reads the stored index: 0, also when there is none (n stays 0), or -1. */
static int read_stored(struct recording *r, struct entries *index, struct problem *why)
{
    struct wire_message m;
    uint64_t offset;
    size_t size;
    int got = find_stored(r, &offset, why);
    if (got <= 0)
        return got;
    recording_go_to(r, offset);
    while ((got = recording_next_any(r, &m, &offset, &size, why)) > 0 && m.type == WIRE_REC_INDEX) {
        if (m.payload_len < RECORDING_INDEX_HEAD || recording_get32(m.payload + 4) != index->n)
            break; /* a part is missing: not to be trusted */
        uint32_t n = (m.payload_len - RECORDING_INDEX_HEAD) / RECORDING_INDEX_ENTRY;
        if (add_entries(index, m.payload + RECORDING_INDEX_HEAD, n, why))
            return -1;
    }
    if (got > 0 && m.type != WIRE_REC_END)
        index->n = 0;
    return got < 0 ? -1 : 0;
}

static int rebuild(struct recording *r, struct entries *index, struct problem *why)
{
    struct recording_index_rule rule = {0};
    struct wire_message m;
    uint64_t offset;
    size_t size;
    int got;
    index->n = 0;
    recording_rewind(r);
    while ((got = recording_next_any(r, &m, &offset, &size, why)) > 0) {
        if (!recording_index_takes(&rule, &m, offset))
            continue;
        uint8_t entry[RECORDING_INDEX_ENTRY];
        recording_put64(entry, m.device_time_us);
        recording_put64(entry + 8, offset);
        if (add_entries(index, entry, 1, why))
            return -1;
    }
    return got;
}

/* The last entry not after time_us. Times rise within a boot and may fall at a restart: the first
 * stretch that holds the time is taken. */
static uint32_t pick(const struct entries *index, uint64_t time_us)
{
    for (uint32_t i = 0; i + 1 < index->n; i++) {
        if (entry_time_us(index, i) <= time_us && entry_time_us(index, i + 1) > time_us)
            return i;
    }
    return index->n > 0 && entry_time_us(index, index->n - 1) <= time_us ? index->n - 1 : 0;
}

/* Stands before the FRAME of an entry: 1 when it is really there, 0 when not, -1. */
static int stand_at(struct recording *r, const struct entries *index, uint32_t i,
                    struct problem *why)
{
    struct wire_message m;
    uint64_t offset;
    size_t size;
    uint64_t want = entry_offset(index, i);
    if (want >= recording_file_size(r))
        return 0;
    recording_go_to(r, want);
    int got = recording_next_any(r, &m, &offset, &size, why);
    if (got <= 0)
        return got;
    int there =
        offset == want && recording_is_frame(&m) && m.device_time_us == entry_time_us(index, i);
    recording_rewind(r);
    recording_go_to(r, want);
    return there;
}

static int seek_with(struct recording *r, struct entries *index, uint64_t time_us,
                     struct problem *why)
{
    if (read_stored(r, index, why))
        return -1;
    if (index->n > 0) {
        int there = stand_at(r, index, pick(index, time_us), why);
        if (there)
            return there < 0 ? -1 : 0;
    }
    if (rebuild(r, index, why))
        return -1;
    if (index->n == 0) {
        recording_rewind(r); /* no FRAME at all: whatever there is */
        return 0;
    }
    return stand_at(r, index, pick(index, time_us), why) < 0 ? -1 : 0;
}

int recording_seek(struct recording *r, uint64_t time_us, struct problem *why)
{
    struct entries index = {0};
    int result = seek_with(r, &index, time_us, why);
    free(index.bytes);
    return result;
}
