/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan: when it is due, reading the rows, gating, the FRAME.
 *
 * Due times come from one beginning, begin + slot / rate in whole numbers, so that a rate that does
 * not divide a second (60 Hz) does not drift. */
#include "firmware/core/plate_private.h"

#define US_PER_S UINT64_C(1000000)

static uint64_t slot_us(const struct plate *plate, uint64_t slot)
{
    return plate->pace.begin_us + slot * US_PER_S / plate->pace.rate_hz;
}

uint64_t plate_next_scan_us(const struct plate *plate)
{
    return plate->pace.rate_hz ? slot_us(plate, plate->pace.slot) : 0;
}

int plate_is_scanning(const struct plate *plate)
{
    return plate->pace.rate_hz != 0 || plate->autostart;
}

static uint16_t wanted_rate_hz(const struct plate *plate)
{
    const struct plate_config *config = plate->config;
    if (plate->is_resting)
        return 0;
    if (plate->streaming)
        return plate->start_rate_hz;
    if (plate->job.kind == PLATE_NO_JOB && !plate->limit.armed)
        return 0;
    uint16_t rate = config->rate_hz > PLATE_JOB_RATE_HZ ? config->rate_hz : PLATE_JOB_RATE_HZ;
    return rate < config->rate_max_hz ? rate : config->rate_max_hz;
}

/* Begins a new row of slots when the rate changes; never sooner after the last scan than the new
 * rate says, so that no two scans share a time. */
void plate_pace_update(struct plate *plate, uint64_t now_us)
{
    uint16_t rate_hz = wanted_rate_hz(plate);
    if (rate_hz == plate->pace.rate_hz)
        return;
    plate->pace.rate_hz = rate_hz;
    plate->pace.slot = 0;
    plate->pace.begin_us = now_us;
    if (rate_hz && plate->pace.has_last) {
        uint64_t soonest_us = plate->pace.last_us + US_PER_S / rate_hz;
        if (soonest_us > now_us)
            plate->pace.begin_us = soonest_us;
    }
}

/* Moves on to the next slot after now; slots missed whole are skipped. */
static void take_slot(struct plate *plate, uint64_t now_us)
{
    uint64_t late_us = now_us - slot_us(plate, plate->pace.slot);
    if (late_us > US_PER_S / plate->pace.rate_hz / 2)
        plate->overruns++;
    uint64_t passed = (now_us - plate->pace.begin_us) * plate->pace.rate_hz / US_PER_S;
    if (plate->pace.slot < passed)
        plate->pace.slot = passed;
    while (slot_us(plate, plate->pace.slot) <= now_us)
        plate->pace.slot++;
    plate->pace.last_us = now_us;
    plate->pace.has_last = 1;
}

static int read_rows(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    for (unsigned row = 0; row < config->rows; row++)
        if (config->scan_row(config->context, row, config->counts + (size_t)row * config->cols))
            return -1;
    return 0;
}

/* Whether a cell that counts is at full scale. */
static int is_saturated(const struct plate *plate, int tared)
{
    const struct plate_config *config = plate->config;
    uint16_t full_scale = plate_full_scale(plate);
    size_t n = plate_cells(plate);
    for (size_t i = 0; i < n; i++)
        if (config->counts[i] == full_scale && !(tared && config->floor[i] == PLATE_MASKED))
            return 1;
    return 0;
}

/* Takes the zero away in place, and what lies below the floor; a masked cell is 0. Most cells are
 * let go by one comparison: this loop is most of a scan's work. */
static void gate_counts(uint16_t *counts, const uint16_t *zero, const uint16_t *noise_floor,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t above = counts[i] - zero[i], least = noise_floor[i];
        counts[i] = (uint16_t)(above >= least && least != PLATE_MASKED ? above : 0);
    }
}

/* The same without the gate: the noise is wanted. */
static void tare_counts(uint16_t *counts, const uint16_t *zero, const uint16_t *noise_floor,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        counts[i] =
            plate_gated(counts[i], zero[i], noise_floor[i] == PLATE_MASKED ? PLATE_MASKED : 0);
}

static size_t encode_frame(struct plate *plate)
{
    const struct plate_config *config = plate->config;
    int tared = plate->tared && !(plate->start_flags & WIRE_START_RAW);
    int gated = tared && !(plate->start_flags & WIRE_START_UNGATED);
    int saturated = is_saturated(plate, tared);
    if (gated)
        gate_counts(config->counts, config->zero, config->floor, plate_cells(plate));
    else if (tared)
        tare_counts(config->counts, config->zero, config->floor, plate_cells(plate));
    struct frame_shape shape = {
        .flags = (uint8_t)((tared ? FRAME_TARED : 0) | (gated ? FRAME_GATED : 0) |
                           (saturated ? FRAME_SATURATED : 0)),
        .bits = config->bits,
        .rows = config->rows,
        .cols = config->cols,
    };
    return frame_encode(config->out + WIRE_HEADER_SIZE, config->out_bytes - WIRE_HEADER_SIZE,
                        &shape, config->counts);
}

/* The number is taken whether the frame can be sent or not. */
static void stream_scan(struct plate *plate, uint64_t now_us)
{
    uint32_t seq = plate->scans++;
    unsigned link = (unsigned)plate->owner;
    plate_flush(plate, link); /* events of this very scan go first */
    size_t size = plate->scan_failed || plate_has_unsent(plate, link) ? 0 : encode_frame(plate);
    if (size > 0)
        plate_send_frame(plate, seq, now_us, size);
    else
        plate->dropped++;
}

/* Says it once, not at every scan of a broken plate. */
static void note_health(struct plate *plate, int failed, uint64_t now_us)
{
    if (failed && !plate->scan_failed)
        plate_put_log(plate, WIRE_LOG_ERROR, "a row could not be read: scans are given up", now_us);
    if (!failed && plate->scan_failed)
        plate_put_log(plate, WIRE_LOG_INFO, "all rows can be read again", now_us);
    plate->scan_failed = failed;
}

int plate_scan_step(struct plate *plate, uint64_t now_us)
{
    if (!plate->pace.rate_hz || now_us < plate_next_scan_us(plate))
        return 0;
    take_slot(plate, now_us);
    plate->status.scans_since += now_us > plate->status.last_us;
    note_health(plate, read_rows(plate) != 0, now_us);
    if (!plate->scan_failed) {
        plate_job_scan(plate, now_us);
        plate_limit_scan(plate, now_us);
    }
    if (plate->streaming)
        stream_scan(plate, now_us);
    return 1;
}
