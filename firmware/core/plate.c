/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/core/plate.h"
#include "firmware/core/plate_private.h"

#include <string.h>

static int in(uint32_t value, uint32_t low, uint32_t high)
{
    return value >= low && value <= high;
}

/* Printable ASCII: hosts show it on terminals. */
static int text_fits(const char *text, size_t most)
{
    size_t n = 0;
    for (; text && n <= most && text[n]; n++)
        if (text[n] < 0x20 || text[n] > 0x7E)
            return 0;
    return text && n <= most;
}

static const char *check_board(const struct plate_config *c)
{
    if (!c->now_us || !c->scan_row || !c->send)
        return "now_us, scan_row and send are needed";
    if (!c->counts || !c->zero || !c->floor || !c->work || !c->next_zero || !c->out)
        return "a buffer is missing";
    if (!in(c->links, 1, PLATE_LINKS_MAX))
        return "links is not 1..4";
    return NULL;
}

static const char *check_identity(const struct plate_config *c)
{
    if (!in(c->rows, 1, WIRE_CELLS_MAX_PER_SIDE) || !in(c->cols, 1, WIRE_CELLS_MAX_PER_SIDE))
        return "rows or cols is not 1..256";
    if (!in(c->pitch_x_um, 500, 50000) || !in(c->pitch_y_um, 500, 50000))
        return "a pitch is not 500..50000 um";
    if (!in(c->bits, 8, 16))
        return "bits is not 8..16";
    if (c->rate_min_hz < 1 || c->rate_max_hz > 1000 ||
        !in(c->rate_hz, c->rate_min_hz, c->rate_max_hz))
        return "rates are not 1 <= rate_min_hz <= rate_hz <= rate_max_hz <= 1000";
    if (!text_fits(c->serial, 24) || !text_fits(c->firmware, 16) || !text_fits(c->model, 24))
        return "serial, firmware or model is missing, too long or not printable ASCII";
    if (c->out_bytes < WIRE_HEADER_SIZE + ZERO_HEAD_SIZE + frame_size_max(c->rows, c->cols))
        return "out is smaller than PLATE_OUT_BYTES";
    return NULL;
}

static const char *check_behaviour(const struct plate_config *c)
{
    if (c->tare_scans && !in(c->tare_scans, 8, 4096))
        return "tare_scans is neither 0 nor 8..4096";
    if (c->self_test_scans && !in(c->self_test_scans, 8, 4096))
        return "self_test_scans is neither 0 nor 8..4096";
    if (c->gate_sigmas > 16)
        return "gate_sigmas is over 16";
    if (c->debounce_us > 100000)
        return "debounce_us is over 100000";
    if (c->work_rows > c->rows)
        return "work_rows is over rows";
    return NULL;
}

static void begin_link(struct plate *plate, unsigned link)
{
    struct plate_link *l = &plate->links[link];
    memset(l, 0, sizeof *l);
    wire_stream_init(&l->in, l->inbox, sizeof l->inbox);
}

const char *plate_init(struct plate *plate, const struct plate_config *config)
{
    const char *wrong = check_board(config);
    if (!wrong)
        wrong = check_identity(config);
    if (!wrong)
        wrong = check_behaviour(config);
    if (wrong)
        return wrong;
    memset(plate, 0, sizeof *plate);
    plate->config = config;
    plate->owner = -1;
    plate->autostart = config->autostart ? 2 : 0;
    for (unsigned link = 0; link < config->links; link++)
        begin_link(plate, link);
    return NULL;
}

/* Fills the inbox and empties it of whole messages, until all bytes are taken. */
void plate_receive(struct plate *plate, unsigned link, const uint8_t *bytes, size_t n)
{
    if (link >= plate->config->links)
        return;
    struct wire_stream *in_stream = &plate->links[link].in;
    while (n > 0) {
        size_t room = 0;
        uint8_t *to = wire_stream_room(in_stream, &room);
        size_t part = n < room ? n : room;
        if (part == 0)
            break; /* cannot be: a stream keeps less than its buffer */
        struct wire_message message;
        enum wire_verdict verdict;
        memcpy(to, bytes, part);
        wire_stream_filled(in_stream, part);
        while ((verdict = wire_stream_next(in_stream, &message, 0)) != WIRE_NEED_MORE)
            if (verdict == WIRE_MESSAGE_WHOLE || verdict == WIRE_TOO_NEW)
                plate_command(plate, link, &message);
        bytes += part;
        n -= part;
    }
    plate_flush(plate, link);
}

void plate_link_closed(struct plate *plate, unsigned link)
{
    if (link >= plate->config->links)
        return;
    if (plate->owner == (int)link)
        plate_release(plate, plate->config->now_us(plate->config->context));
    plate_outbox_forget(plate, link);
    plate->command_errors += (uint32_t)plate->links[link].in.damaged_places;
    begin_link(plate, link);
}

void plate_announce(struct plate *plate, unsigned link)
{
    if (link >= plate->config->links)
        return;
    plate_put_hello(plate, link, plate->config->now_us(plate->config->context));
    plate_flush(plate, link);
}

/* Nobody can ask: HELLO and a tare at the first step, the stream when the tare is done. */
static void autostart_step(struct plate *plate, uint64_t now_us)
{
    if (plate->autostart == 2 && plate_claim(plate, 0, now_us)) {
        plate_put_hello(plate, 0, now_us);
        plate_job_begin(plate, PLATE_JOB_TARE);
        plate->autostart = 1;
    } else if (plate->autostart == 1 && plate->job.kind == PLATE_NO_JOB) {
        plate->start_rate_hz = plate->config->rate_hz;
        plate->start_flags = 0;
        plate->streaming = 1;
        plate->autostart = 0;
    }
}

static void flush_all(struct plate *plate)
{
    for (unsigned link = 0; link < plate->config->links; link++)
        plate_flush(plate, link);
}

/* Due scans that do not come, or fail, leave the watchdog alone. */
static void kick_watchdog(const struct plate *plate, int scanned)
{
    int is_healthy = plate_is_scanning(plate) ? scanned && !plate->scan_failed : 1;
    if (is_healthy && plate->config->watchdog_kick)
        plate->config->watchdog_kick(plate->config->context);
}

static int must_rest(const struct plate_config *config)
{
    return config->must_rest && config->must_rest(config->context) != 0;
}

int plate_step(struct plate *plate)
{
    uint64_t now_us = plate->config->now_us(plate->config->context);
    plate_signal_rest(plate, must_rest(plate->config));
    flush_all(plate);
    autostart_step(plate, now_us);
    plate_pace_update(plate, now_us);
    plate_button_step(plate, now_us);
    plate_signal_step(plate, now_us);
    int scanned = plate_scan_step(plate, now_us);
    plate_limit_step(plate, now_us);
    plate_job_report(plate, now_us);
    autostart_step(plate, now_us);
    plate_status_step(plate, now_us);
    plate_pace_update(plate, now_us);
    flush_all(plate);
    plate_loader_step(plate, now_us);
    kick_watchdog(plate, scanned);
    return scanned;
}
