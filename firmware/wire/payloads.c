/* SPDX-License-Identifier: MIT */
#include "firmware/wire/payloads.h"

#include "firmware/wire/bytes.h"
#include "firmware/wire/wire.h"

#include <string.h>

/* Sizes of version 1 of each payload. */
enum {
    HELLO_SIZE = 104,
    EVENT_SIZE = 8,
    STATUS_SIZE = 28,
    ACK_SIZE = 12,
    FAULT_SIZE = 5,
    COMMAND_SIZE_MAX = 20,
};

/* Bounds of what a plate may be; hosts size their memory by them. */
enum { PITCH_MIN_UM = 500, PITCH_MAX_UM = 50000, RATE_MAX_HZ = 10000, EXPIRY_MAX_MS = 600000 };

/* A string of at most `width` bytes, NUL-padded; a full field has no NUL on the wire. */
static void put_text(uint8_t *out, size_t width, const char *text)
{
    size_t n = 0;
    while (n < width && text[n])
        n++;
    memset(out, 0, width);
    memcpy(out, text, n);
}

/* Printable ASCII, then NULs to the end of the field: what comes from a plate is shown on terminals
 * and written into reports. `text` has room for width + 1. */
static int get_text(const uint8_t *p, size_t width, char *text)
{
    size_t n = 0;
    for (; n < width && p[n]; n++)
        if (p[n] < 0x20 || p[n] > 0x7E)
            return -1;
    for (size_t i = n; i < width; i++)
        if (p[i])
            return -1;
    memcpy(text, p, n);
    memset(text + n, 0, width + 1 - n);
    return 0;
}

static int is_side(uint16_t cells)
{
    return cells >= 1 && cells <= WIRE_CELLS_MAX_PER_SIDE;
}

static int is_pitch(uint32_t um)
{
    return um >= PITCH_MIN_UM && um <= PITCH_MAX_UM;
}

static int hello_is_possible(const struct wire_hello *hello)
{
    return hello->protocol_min <= hello->protocol_max && is_side(hello->rows) &&
           is_side(hello->cols) && is_pitch(hello->pitch_x_um) && is_pitch(hello->pitch_y_um) &&
           hello->bits >= 8 && hello->bits <= 16 && hello->rate_min_hz >= 1 &&
           hello->rate_min_hz <= hello->rate_hz && hello->rate_hz <= hello->rate_max_hz &&
           hello->rate_max_hz <= RATE_MAX_HZ;
}

size_t wire_put_hello(uint8_t *out, size_t cap, const struct wire_hello *hello)
{
    if (cap < HELLO_SIZE)
        return 0;
    put_u16(out, hello->protocol_min);
    put_u16(out + 2, hello->protocol_max);
    put_u16(out + 4, hello->rows);
    put_u16(out + 6, hello->cols);
    put_u32(out + 8, hello->pitch_x_um);
    put_u32(out + 12, hello->pitch_y_um);
    out[16] = hello->bits;
    out[17] = 0;
    put_u16(out + 18, hello->rate_min_hz);
    put_u16(out + 20, hello->rate_max_hz);
    put_u16(out + 22, hello->rate_hz);
    put_u16(out + 24, hello->full_scale_kpa);
    put_u16(out + 26, (uint16_t)hello->temperature_cdeg);
    put_u32(out + 28, hello->features);
    put_u32(out + 32, hello->boot_id);
    put_u32(out + 36, hello->scans);
    put_text(out + 40, 24, hello->serial);
    put_text(out + 64, 16, hello->firmware);
    put_text(out + 80, 24, hello->model);
    return HELLO_SIZE;
}

int wire_get_hello(const uint8_t *payload, size_t n, struct wire_hello *hello)
{
    const uint8_t *p = payload;
    if (n < HELLO_SIZE)
        return -1;
    *hello = (struct wire_hello){
        .protocol_min = get_u16(p),
        .protocol_max = get_u16(p + 2),
        .rows = get_u16(p + 4),
        .cols = get_u16(p + 6),
        .pitch_x_um = get_u32(p + 8),
        .pitch_y_um = get_u32(p + 12),
        .bits = p[16],
        .rate_min_hz = get_u16(p + 18),
        .rate_max_hz = get_u16(p + 20),
        .rate_hz = get_u16(p + 22),
        .full_scale_kpa = get_u16(p + 24),
        .temperature_cdeg = (int16_t)get_u16(p + 26),
        .features = get_u32(p + 28),
        .boot_id = get_u32(p + 32),
        .scans = get_u32(p + 36),
    };
    if (get_text(p + 40, 24, hello->serial) || get_text(p + 64, 16, hello->firmware) ||
        get_text(p + 80, 24, hello->model))
        return -1;
    return hello_is_possible(hello) ? 0 : -1;
}

size_t wire_put_event(uint8_t *out, size_t cap, const struct wire_event *event)
{
    if (cap < EVENT_SIZE)
        return 0;
    put_u32(out, event->kind); /* and three reserved bytes */
    put_u32(out + 4, event->value);
    return EVENT_SIZE;
}

int wire_get_event(const uint8_t *payload, size_t n, struct wire_event *event)
{
    if (n < EVENT_SIZE || payload[0] == 0)
        return -1;
    *event = (struct wire_event){.kind = payload[0], .value = get_u32(payload + 4)};
    return 0;
}

size_t wire_put_status(uint8_t *out, size_t cap, const struct wire_status *status)
{
    if (cap < STATUS_SIZE)
        return 0;
    put_u32(out, status->boot_id);
    put_u32(out + 4, status->scans);
    put_u32(out + 8, status->dropped);
    put_u32(out + 12, status->overruns);
    put_u32(out + 16, status->command_crc_errors);
    put_u32(out + 20, status->tick_rate_mhz);
    put_u16(out + 24, (uint16_t)status->temperature_cdeg);
    out[26] = status->streaming;
    out[27] = status->tared;
    return STATUS_SIZE;
}

int wire_get_status(const uint8_t *payload, size_t n, struct wire_status *status)
{
    const uint8_t *p = payload;
    if (n < STATUS_SIZE || p[26] > 1 || p[27] > 1)
        return -1;
    *status = (struct wire_status){
        .boot_id = get_u32(p),
        .scans = get_u32(p + 4),
        .dropped = get_u32(p + 8),
        .overruns = get_u32(p + 12),
        .command_crc_errors = get_u32(p + 16),
        .tick_rate_mhz = get_u32(p + 20),
        .temperature_cdeg = (int16_t)get_u16(p + 24),
        .streaming = p[26],
        .tared = p[27],
    };
    return 0;
}

size_t wire_put_ack(uint8_t *out, size_t cap, const struct wire_ack *ack)
{
    if (cap < ACK_SIZE)
        return 0;
    put_u32(out, ack->request);
    put_u32(out + 4, ack->detail);
    out[8] = ack->command;
    out[9] = ack->status;
    put_u16(out + 10, 0);
    return ACK_SIZE;
}

int wire_get_ack(const uint8_t *payload, size_t n, struct wire_ack *ack)
{
    const uint8_t *p = payload;
    if (n < ACK_SIZE || p[8] < WIRE_CMD_HELLO || p[8] >= WIRE_ANNOTATION || p[9] > WIRE_UNKNOWN)
        return -1;
    *ack = (struct wire_ack){
        .request = get_u32(p), .detail = get_u32(p + 4), .command = p[8], .status = p[9]};
    return 0;
}

/* 0 for a type that is no command of this version. */
static size_t command_size(uint8_t type)
{
    switch (type) {
    case WIRE_CMD_STOP:
    case WIRE_CMD_TARE:
    case WIRE_CMD_IDENTIFY:
    case WIRE_CMD_SELF_TEST:
    case WIRE_CMD_LOADER:
        return 4;
    case WIRE_CMD_HELLO:
    case WIRE_CMD_START:
    case WIRE_CMD_SIGNAL:
        return 8;
    case WIRE_CMD_SET_LIMIT:
        return COMMAND_SIZE_MAX;
    default:
        return 0;
    }
}

static void put_limit(uint8_t *out, const struct wire_command *command)
{
    put_u16(out, command->as.limit.row0);
    put_u16(out + 2, command->as.limit.col0);
    put_u16(out + 4, command->as.limit.rows);
    put_u16(out + 6, command->as.limit.cols);
    put_u32(out + 8, command->as.limit.sum_counts);
    put_u32(out + 12, command->as.limit.expiry_ms);
}

static int get_limit(const uint8_t *p, struct wire_command *command)
{
    command->as.limit.row0 = get_u16(p);
    command->as.limit.col0 = get_u16(p + 2);
    command->as.limit.rows = get_u16(p + 4);
    command->as.limit.cols = get_u16(p + 6);
    command->as.limit.sum_counts = get_u32(p + 8);
    command->as.limit.expiry_ms = get_u32(p + 12);
    if (command->as.limit.rows == 0)
        return 0;
    int rows_fit = command->as.limit.row0 + command->as.limit.rows <= (int)WIRE_CELLS_MAX_PER_SIDE;
    int cols_fit = command->as.limit.cols >= 1 &&
                   command->as.limit.col0 + command->as.limit.cols <= (int)WIRE_CELLS_MAX_PER_SIDE;
    int expires = command->as.limit.expiry_ms >= 1 && command->as.limit.expiry_ms <= EXPIRY_MAX_MS;
    return rows_fit && cols_fit && expires ? 0 : -1;
}

size_t wire_put_command(uint8_t *out, size_t cap, uint8_t type, const struct wire_command *command)
{
    size_t size = command_size(type);
    if (size == 0 || cap < size)
        return 0;
    put_u32(out, command->request);
    if (type == WIRE_CMD_HELLO) {
        put_u16(out + 4, command->as.hello.protocol_min);
        put_u16(out + 6, command->as.hello.protocol_max);
    } else if (type == WIRE_CMD_START) {
        put_u16(out + 4, command->as.start.rate_hz);
        put_u16(out + 6, command->as.start.flags);
    } else if (type == WIRE_CMD_SIGNAL) {
        put_u16(out + 4, command->as.signal.duration_ms);
        put_u16(out + 6, command->as.signal.signals);
    } else if (type == WIRE_CMD_SET_LIMIT) {
        put_limit(out + 4, command);
    }
    return size;
}

int wire_get_command(const uint8_t *payload, size_t n, uint8_t type, struct wire_command *command)
{
    const uint8_t *p = payload;
    size_t size = command_size(type);
    memset(command, 0, sizeof *command);
    if (n >= 4)
        command->request = get_u32(p);
    if (size == 0 || n < size)
        return -1;
    switch (type) {
    case WIRE_CMD_HELLO:
        command->as.hello.protocol_min = get_u16(p + 4);
        command->as.hello.protocol_max = get_u16(p + 6);
        return command->as.hello.protocol_min <= command->as.hello.protocol_max ? 0 : -1;
    case WIRE_CMD_START:
        command->as.start.rate_hz = get_u16(p + 4);
        command->as.start.flags = get_u16(p + 6);
        return command->as.start.rate_hz <= RATE_MAX_HZ ? 0 : -1;
    case WIRE_CMD_SIGNAL:
        command->as.signal.duration_ms = get_u16(p + 4);
        command->as.signal.signals = p[6];
        return 0;
    case WIRE_CMD_SET_LIMIT:
        return get_limit(p + 4, command);
    default:
        return 0;
    }
}

size_t wire_put_faults(uint8_t *out, size_t cap, const struct wire_fault *faults, size_t n,
                       uint32_t total)
{
    if (cap < 4)
        return 0;
    if (n > (cap - 4) / FAULT_SIZE)
        n = (cap - 4) / FAULT_SIZE;
    put_u32(out, total);
    uint8_t *p = out + 4;
    for (size_t i = 0; i < n; i++, p += FAULT_SIZE) {
        put_u16(p, faults[i].row);
        put_u16(p + 2, faults[i].col);
        p[4] = faults[i].kind;
    }
    return (size_t)(p - out);
}

int wire_get_faults(const uint8_t *payload, size_t n, struct wire_fault *faults, size_t cap,
                    size_t *filled, uint32_t *total)
{
    if (n < 4 || (n - 4) % FAULT_SIZE != 0 || (n - 4) / FAULT_SIZE > get_u32(payload))
        return -1;
    *total = get_u32(payload);
    *filled = (n - 4) / FAULT_SIZE;
    if (*filled > cap)
        *filled = cap;
    const uint8_t *p = payload + 4;
    for (size_t i = 0; i < *filled; i++, p += FAULT_SIZE) {
        faults[i] = (struct wire_fault){.row = get_u16(p), .col = get_u16(p + 2), .kind = p[4]};
        int col_is_possible = faults[i].col < WIRE_CELLS_MAX_PER_SIDE || faults[i].col == 0xFFFF;
        if (faults[i].row >= WIRE_CELLS_MAX_PER_SIDE || !col_is_possible || !faults[i].kind)
            return -1;
    }
    return 0;
}
