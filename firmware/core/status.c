/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plate says of itself: HELLO, STATUS, ACK, EVENT, LOG. */
#include "firmware/core/plate_private.h"

#include <string.h>

#define STATUS_PERIOD_US 1000000u

static int16_t temperature_cdeg(const struct plate *plate)
{
    const struct plate_config *config = plate->config;
    return config->temperature_cdeg ? config->temperature_cdeg(config->context)
                                    : WIRE_NO_TEMPERATURE;
}

static uint32_t features(const struct plate_config *config)
{
    uint32_t of_the_core = WIRE_HAS_SELF_TEST | WIRE_HAS_LIMIT;
    if (config->button_edge)
        of_the_core |= WIRE_HAS_BUTTON;
    if (config->temperature_cdeg)
        of_the_core |= WIRE_HAS_TEMPERATURE;
    if (config->enter_loader)
        of_the_core |= WIRE_HAS_LOADER;
    return of_the_core | config->features;
}

/* Fills at most size - 1 bytes; the rest is 0. plate_init has refused longer texts. */
static void copy_text(char *to, size_t size, const char *from)
{
    memset(to, 0, size);
    memcpy(to, from, strnlen(from, size - 1));
}

static void fill_hello(const struct plate *plate, struct wire_hello *hello)
{
    const struct plate_config *config = plate->config;
    *hello = (struct wire_hello){
        .protocol_min = PLATE_PROTOCOL_MIN,
        .protocol_max = PLATE_PROTOCOL_MAX,
        .rows = config->rows,
        .cols = config->cols,
        .pitch_x_um = config->pitch_x_um,
        .pitch_y_um = config->pitch_y_um,
        .bits = config->bits,
        .rate_min_hz = config->rate_min_hz,
        .rate_max_hz = config->rate_max_hz,
        .rate_hz = plate->streaming ? plate->start_rate_hz : config->rate_hz,
        .full_scale_kpa = config->full_scale_kpa,
        .features = features(config),
        .temperature_cdeg = temperature_cdeg(plate),
        .boot_id = config->boot_id,
        .scans = plate->scans,
    };
    copy_text(hello->serial, sizeof hello->serial, config->serial);
    copy_text(hello->firmware, sizeof hello->firmware, config->firmware);
    copy_text(hello->model, sizeof hello->model, config->model);
}

int plate_put_hello(struct plate *plate, unsigned link, uint64_t now_us)
{
    struct wire_hello hello;
    uint8_t payload[PLATE_HELLO_ROOM - WIRE_HEADER_SIZE];
    fill_hello(plate, &hello);
    size_t n = wire_put_hello(payload, sizeof payload, &hello);
    return n > 0 && plate_outbox_put(plate, link, WIRE_HELLO, now_us, payload, n);
}

void plate_put_ack(struct plate *plate, unsigned link, const struct wire_ack *ack, uint64_t now_us)
{
    uint8_t payload[PLATE_ACK_ROOM - WIRE_HEADER_SIZE];
    size_t n = wire_put_ack(payload, sizeof payload, ack);
    plate_outbox_put(plate, link, WIRE_ACK, now_us, payload, n);
}

int plate_put_event(struct plate *plate, uint8_t kind, uint32_t value, uint64_t time_us)
{
    struct wire_event event = {.kind = kind, .value = value};
    uint8_t payload[PLATE_EVENT_ROOM - WIRE_HEADER_SIZE];
    if (plate->owner < 0)
        return 1;
    size_t n = wire_put_event(payload, sizeof payload, &event);
    return plate_outbox_put(plate, (unsigned)plate->owner, WIRE_EVENT, time_us, payload, n);
}

void plate_put_log(struct plate *plate, enum wire_log_level level, const char *text,
                   uint64_t now_us)
{
    uint8_t payload[1 + PLATE_LOG_TEXT];
    size_t n = strnlen(text, PLATE_LOG_TEXT);
    if (plate->owner < 0)
        return;
    payload[0] = (uint8_t)level;
    memcpy(payload + 1, text, n);
    plate_outbox_put(plate, (unsigned)plate->owner, WIRE_LOG, now_us, payload, 1 + n);
}

void plate_status_begin(struct plate *plate, uint64_t now_us)
{
    plate->status.next_us = now_us + STATUS_PERIOD_US;
    plate->status.last_us = now_us;
    plate->status.scans_since = 0;
}

static uint32_t command_errors(const struct plate *plate)
{
    uint64_t sum = plate->command_errors;
    for (unsigned link = 0; link < plate->config->links; link++)
        sum += plate->links[link].in.damaged_places;
    return (uint32_t)sum;
}

/* Scans a second since the last STATUS, in thousandths. */
static uint32_t tick_rate_mhz(const struct plate *plate, uint64_t now_us)
{
    uint64_t span_us = now_us - plate->status.last_us;
    return span_us > 0 ? (uint32_t)(plate->status.scans_since * UINT64_C(1000000000) / span_us) : 0;
}

int plate_put_status(struct plate *plate, uint64_t now_us)
{
    struct wire_status status = {
        .boot_id = plate->config->boot_id,
        .scans = plate->scans,
        .dropped = plate->dropped,
        .overruns = plate->overruns,
        .command_crc_errors = command_errors(plate),
        .temperature_cdeg = temperature_cdeg(plate),
        .tick_rate_mhz = tick_rate_mhz(plate, now_us),
        .streaming = plate->streaming != 0,
        .tared = plate->tared != 0,
    };
    uint8_t payload[PLATE_STATUS_ROOM - WIRE_HEADER_SIZE];
    size_t n = wire_put_status(payload, sizeof payload, &status);
    return plate_outbox_put(plate, (unsigned)plate->owner, WIRE_STATUS, now_us, payload, n);
}

/* A STATUS that finds no room stays due: the next one tells no less. */
void plate_status_step(struct plate *plate, uint64_t now_us)
{
    if (plate->owner < 0 || now_us < plate->status.next_us || !plate_put_status(plate, now_us))
        return;
    plate->status.last_us = now_us;
    plate->status.scans_since = 0;
    plate->status.next_us += STATUS_PERIOD_US;
    if (plate->status.next_us <= now_us)
        plate->status.next_us = now_us + STATUS_PERIOD_US;
}
