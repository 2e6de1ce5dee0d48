/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint32_t rig_random(struct rig *rig, uint32_t below)
{
    rig->random = rig->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((rig->random >> 33) % below);
}

/* --- The board ------------------------------------------------------------------------------- */

static uint64_t now_us(void *context)
{
    return ((struct rig *)context)->now_us;
}

static void resting_row(struct rig *rig, uint16_t *counts)
{
    for (unsigned col = 0; col < rig->config.cols; col++)
        counts[col] = (uint16_t)(rig->rest_count - rig->rest_noise +
                                 rig_random(rig, 2u * rig->rest_noise + 1u));
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    struct rig *rig = context;
    rig->rows_read++;
    rig->scans += row == 0;
    if ((int)row == rig->failing_row)
        return -1;
    if (rig->world)
        rig->world(rig, row, counts);
    else
        resting_row(rig, counts);
    return 0;
}

static size_t take(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct rig *rig = context;
    rig->sends++;
    if (n > rig->take_at_once[link])
        n = rig->take_at_once[link];
    if (n > rig->take_in_all[link])
        n = rig->take_in_all[link];
    if (rig->take_in_all[link] != SIZE_MAX)
        rig->take_in_all[link] -= n;
    assert_true(rig->n_received[link] + n <= RIG_RECEIVED_MAX);
    memcpy(rig->received[link] + rig->n_received[link], bytes, n);
    rig->n_received[link] += n;
    return n;
}

static int button_edge(void *context, struct plate_edge *edge)
{
    struct rig *rig = context;
    if (rig->next_edge == rig->n_edges || rig->edges[rig->next_edge].time_us > rig->now_us)
        return 0;
    *edge = rig->edges[rig->next_edge++];
    return 1;
}

static void signal_changed(void *context, unsigned signals)
{
    struct rig *rig = context;
    rig->signals = signals;
    rig->signal_changes++;
    rig->signal_us = rig->now_us;
}

static int16_t temperature_cdeg(void *context)
{
    (void)context;
    return 2350;
}

static void kick(void *context)
{
    ((struct rig *)context)->kicks++;
}

/* --- Made and freed -------------------------------------------------------------------------- */

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    assert_non_null(p);
    return p;
}

static void fill_config(struct rig *rig, unsigned rows, unsigned cols)
{
    size_t n = PLATE_CELLS(rows, cols);
    rig->config = (struct plate_config){
        .context = rig,
        .now_us = now_us,
        .scan_row = scan_row,
        .send = take,
        .button_edge = button_edge,
        .signal = signal_changed,
        .temperature_cdeg = temperature_cdeg,
        .watchdog_kick = kick,
        .rows = (uint16_t)rows,
        .cols = (uint16_t)cols,
        .pitch_x_um = 5000,
        .pitch_y_um = 5000,
        .bits = 12,
        .full_scale_kpa = 600,
        .rate_min_hz = 10,
        .rate_max_hz = 500,
        .rate_hz = 100,
        .features = WIRE_HAS_LIGHT | WIRE_HAS_BUZZER,
        .boot_id = 0xB007,
        .serial = "RIG-0001",
        .firmware = PLATE_CORE_VERSION,
        .model = "rig",
        .links = PLATE_LINKS_MAX,
        .counts = zeroed(n, sizeof(uint16_t)),
        .zero = zeroed(n, sizeof(uint16_t)),
        .floor = zeroed(n, sizeof(uint16_t)),
        .work = zeroed(n, sizeof(uint32_t)),
        .next_zero = zeroed(n, sizeof(uint16_t)),
        .out = zeroed(PLATE_OUT_BYTES(rows, cols), 1),
        .out_bytes = PLATE_OUT_BYTES(rows, cols),
    };
}

struct rig *rig_make(unsigned rows, unsigned cols, uint64_t seed)
{
    struct rig *rig = zeroed(1, sizeof *rig);
    fill_config(rig, rows, cols);
    rig->random = seed;
    rig->rest_count = 40;
    rig->rest_noise = 2;
    rig->failing_row = -1;
    rig->next_request = 1000;
    rig->cells = zeroed(PLATE_CELLS(rows, cols), sizeof *rig->cells);
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++) {
        rig->received[link] = malloc(RIG_RECEIVED_MAX);
        assert_non_null(rig->received[link]);
        rig->take_at_once[link] = rig->take_in_all[link] = SIZE_MAX;
    }
    return rig;
}

void rig_use_bands(struct rig *rig, unsigned work_rows)
{
    size_t n = PLATE_CELLS(work_rows, rig->config.cols);
    free(rig->config.work);
    free(rig->config.next_zero);
    rig->config.work_rows = (uint16_t)work_rows;
    rig->config.work = zeroed(n, sizeof(uint32_t));
    rig->config.next_zero = zeroed(n, sizeof(uint16_t));
}

static unsigned band_rows(const struct rig *rig)
{
    return rig->config.work_rows ? rig->config.work_rows : rig->config.rows;
}

unsigned rig_bands(const struct rig *rig)
{
    return (rig->config.rows + band_rows(rig) - 1) / band_rows(rig);
}

unsigned rig_band_scans(const struct rig *rig)
{
    unsigned rows = rig->config.rows;
    return (rig->config.tare_scans ? rig->config.tare_scans : 48) +
           (PLATE_TARE_SLICES * band_rows(rig) + rows - 1) / rows;
}

void rig_begin(struct rig *rig)
{
    const char *wrong = plate_init(&rig->plate, &rig->config);
    if (wrong)
        fail_msg("plate_init: %s", wrong);
}

void rig_free(struct rig *rig)
{
    for (unsigned link = 0; link < PLATE_LINKS_MAX; link++)
        free(rig->received[link]);
    free(rig->config.counts);
    free(rig->config.zero);
    free(rig->config.floor);
    free(rig->config.work);
    free(rig->config.next_zero);
    free(rig->config.out);
    free(rig->cells);
    free(rig);
}

/* --- Time ------------------------------------------------------------------------------------ */

void rig_scans(struct rig *rig, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        assert_true(plate_is_scanning(&rig->plate));
        rig->now_us = plate_next_scan_us(&rig->plate);
        assert_int_equal(plate_step(&rig->plate), 1);
    }
}

void rig_wait_ms(struct rig *rig, unsigned ms)
{
    for (unsigned i = 0; i < ms; i++) {
        rig->now_us += 1000;
        plate_step(&rig->plate);
    }
}

void rig_edge(struct rig *rig, uint64_t time_us, int down)
{
    assert_true(rig->n_edges < RIG_EDGES_MAX);
    rig->edges[rig->n_edges++] = (struct plate_edge){.time_us = time_us, .down = down};
}

/* --- Talking --------------------------------------------------------------------------------- */

void rig_bytes(struct rig *rig, unsigned link, uint8_t version, uint8_t type, const void *payload,
               size_t n)
{
    uint8_t bytes[512];
    struct wire_message message = {
        .version = version, .type = type, .payload = payload, .payload_len = (uint32_t)n};
    size_t size = wire_encode(bytes, sizeof bytes, &message);
    assert_true(size > 0);
    plate_receive(&rig->plate, link, bytes, size);
}

void rig_command_as(struct rig *rig, unsigned link, uint8_t type, struct wire_command command,
                    uint32_t request)
{
    uint8_t payload[64];
    command.request = request;
    size_t n = wire_put_command(payload, sizeof payload, type, &command);
    assert_true(n > 0);
    rig_bytes(rig, link, 0, type, payload, n);
}

uint32_t rig_command(struct rig *rig, unsigned link, uint8_t type, struct wire_command command)
{
    rig_command_as(rig, link, type, command, rig->next_request);
    return rig->next_request++;
}

int rig_next(struct rig *rig, unsigned link, struct wire_message *message)
{
    size_t used;
    enum wire_verdict verdict =
        wire_decode(rig->received[link] + rig->read_to[link],
                    rig->n_received[link] - rig->read_to[link], message, &used);
    if (verdict == WIRE_NEED_MORE)
        return 0;
    assert_int_equal(verdict, WIRE_MESSAGE_WHOLE);
    rig->read_to[link] += used;
    return 1;
}

int rig_next_of(struct rig *rig, unsigned link, enum wire_type type, struct wire_message *message)
{
    while (rig_next(rig, link, message))
        if (message->type == type)
            return 1;
    return 0;
}

void rig_skip_all(struct rig *rig, unsigned link)
{
    struct wire_message message;
    while (rig_next(rig, link, &message))
        ;
}

int rig_ack(struct rig *rig, unsigned link, struct wire_ack *ack)
{
    struct wire_message message;
    struct wire_ack unwanted;
    if (!rig_next_of(rig, link, WIRE_ACK, &message))
        return -1;
    ack = ack ? ack : &unwanted;
    assert_int_equal(wire_get_ack(message.payload, message.payload_len, ack), 0);
    return ack->status;
}

int rig_event(struct rig *rig, unsigned link, struct wire_event *event, uint64_t *time_us)
{
    struct wire_message message;
    if (!rig_next_of(rig, link, WIRE_EVENT, &message))
        return 0;
    assert_int_equal(wire_get_event(message.payload, message.payload_len, event), 0);
    *time_us = message.device_time_us;
    return 1;
}

int rig_ask(struct rig *rig, unsigned link, uint8_t type, struct wire_command command)
{
    struct wire_ack ack;
    rig_skip_all(rig, link);
    uint32_t request = rig_command(rig, link, type, command);
    int status = rig_ack(rig, link, &ack);
    if (status >= 0) {
        assert_int_equal(ack.request, request);
        assert_int_equal(ack.command, type);
    }
    return status;
}

uint32_t rig_tare(struct rig *rig)
{
    struct wire_ack ack;
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0}), WIRE_RUNNING);
    rig_scans(rig, rig_bands(rig) * rig_band_scans(rig));
    if (rig_bands(rig) > 1)
        plate_step(&rig->plate); /* zeros and floors are told at two steps */
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.command, WIRE_CMD_TARE);
    return ack.detail;
}

struct wire_command rig_limit(unsigned row0, unsigned col0, unsigned rows, unsigned cols,
                              uint32_t sum_counts, uint32_t expiry_ms)
{
    return (struct wire_command){.as.limit = {(uint16_t)row0, (uint16_t)col0, (uint16_t)rows,
                                              (uint16_t)cols, sum_counts, expiry_ms}};
}
