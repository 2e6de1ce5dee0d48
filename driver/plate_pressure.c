/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/plate_pressure.h"

#include "calib/filter.h"
#include "firmware/wire/payloads.h"

#include <math.h>
#include <stdlib.h>

struct plate_pressure {
    struct calibration_filter *filter;
    double temperature_c; /* NaN: not known */
    int has_boot, has_tare;
    uint32_t boot_id;
    uint64_t tare_us; /* the newest ZERO's: it may be sent again at any time */
};

void plate_pressure_forget(struct plate_pressure *p)
{
    calibration_filter_reset(p->filter);
    p->temperature_c = NAN;
    p->has_boot = p->has_tare = 0;
}

struct plate_pressure *plate_pressure_create(const struct calibration *calibration,
                                             struct problem *why)
{
    struct plate_pressure *p = calloc(1, sizeof *p);
    if (!p) {
        problem_no_memory(why, "the memory of a plate");
        return NULL;
    }
    p->filter = calibration_filter_make(calibration, why);
    if (!p->filter) {
        free(p);
        return NULL;
    }
    plate_pressure_forget(p);
    return p;
}

void plate_pressure_free(struct plate_pressure *p)
{
    if (!p)
        return;
    calibration_filter_free(p->filter);
    free(p);
}

static void note_boot(struct plate_pressure *p, uint32_t boot_id)
{
    if (p->has_boot && boot_id != p->boot_id) {
        calibration_filter_reset(p->filter);
        p->has_tare = 0;
    }
    p->has_boot = 1;
    p->boot_id = boot_id;
}

static void note_tare(struct plate_pressure *p, uint64_t tare_us)
{
    if (!p->has_tare || tare_us != p->tare_us)
        calibration_filter_reset(p->filter);
    p->has_tare = 1;
    p->tare_us = tare_us;
}

static void note_state(struct plate_pressure *p, uint32_t boot_id, int16_t temperature_cdeg)
{
    note_boot(p, boot_id);
    if (temperature_cdeg != WIRE_NO_TEMPERATURE)
        p->temperature_c = temperature_cdeg * 0.01;
}

void plate_pressure_watch(struct plate_pressure *p, const struct wire_message *message)
{
    struct wire_hello hello;
    struct wire_status status;
    const uint8_t *payload = message->payload;
    if (message->type == WIRE_ZERO)
        note_tare(p, message->device_time_us);
    else if (message->type == WIRE_HELLO && !wire_get_hello(payload, message->payload_len, &hello))
        note_state(p, hello.boot_id, hello.temperature_cdeg);
    else if (message->type == WIRE_STATUS &&
             !wire_get_status(payload, message->payload_len, &status))
        note_state(p, status.boot_id, status.temperature_cdeg);
}

void plate_pressure_apply(struct plate_pressure *p, uint64_t time_us, const uint16_t *counts,
                          float *kpa)
{
    calibration_filter_apply(p->filter, time_us, p->temperature_c, counts, kpa);
}
