/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job takes several scans, streaming or not: one tare or self-test at a time. Its command was
 * answered RUNNING; the end is told by a second ACK with the same request. */
#include "firmware/core/plate_private.h"

unsigned plate_work_rows(const struct plate *plate)
{
    return plate->config->work_rows ? plate->config->work_rows : plate->config->rows;
}

struct plate_band plate_job_band(const struct plate *plate)
{
    unsigned cols = plate->config->cols, row0 = plate->job.row0;
    unsigned rows = plate_work_rows(plate), left = plate->config->rows - row0;
    if (rows > left)
        rows = left;
    return (struct plate_band){(size_t)row0 * cols, (size_t)rows * cols, row0, rows};
}

static void begin_band(struct plate *plate)
{
    plate->job.done = 0;
    if (plate->job.kind == PLATE_JOB_TARE)
        plate_tare_begin_band(plate);
    else
        plate_self_test_begin_band(plate);
}

void plate_job_begin(struct plate *plate, enum plate_job kind)
{
    plate->job.kind = kind;
    plate->job.is_finished = 0;
    plate->job.has_request = 0;
    plate->job.row0 = plate->job.faulty = 0;
    plate->job.told = 0;
    if (kind == PLATE_JOB_SELF_TEST)
        plate_self_test_begin(plate);
    begin_band(plate);
}

static void end_band(struct plate *plate)
{
    struct plate_band band = plate_job_band(plate);
    plate->job.row0 = band.row0 + band.rows;
    plate->job.is_finished = plate->job.row0 == plate->config->rows;
    if (!plate->job.is_finished)
        begin_band(plate);
    else if (plate->job.kind == PLATE_JOB_TARE)
        plate->tared = 1;
}

void plate_job_scan(struct plate *plate, uint64_t now_us)
{
    if (plate->job.kind == PLATE_NO_JOB || plate->job.is_finished)
        return;
    plate->job.end_us = now_us;
    if (plate->job.kind == PLATE_JOB_TARE ? plate_tare_scan(plate) : plate_self_test_scan(plate))
        end_band(plate);
}

/* The second ACK; a repeated request will be given the same. */
static void answer(struct plate *plate, enum wire_ack_status status, uint64_t time_us)
{
    struct wire_ack ack = {.request = plate->job.request,
                           .command = plate->job.kind == PLATE_JOB_TARE ? WIRE_CMD_TARE
                                                                        : WIRE_CMD_SELF_TEST,
                           .status = (uint8_t)status,
                           .detail = status == WIRE_OK ? plate->job.faulty : 0};
    if (plate->job.has_request && plate->owner >= 0) {
        plate_remember(plate, (unsigned)plate->owner, &ack);
        plate_put_ack(plate, (unsigned)plate->owner, &ack, time_us);
    }
    plate->job.kind = PLATE_NO_JOB;
}

/* Result, event and ACK come together or wait together; what a tare found comes before them. */
void plate_job_report(struct plate *plate, uint64_t now_us)
{
    if (plate->job.kind == PLATE_NO_JOB || plate->owner < 0)
        return;
    int is_told = plate->job.kind != PLATE_JOB_TARE || plate_tare_tell(plate, now_us);
    if (!plate->job.is_finished || !is_told)
        return;
    if (plate_outbox_room(plate, (unsigned)plate->owner) < PLATE_EVENT_ROOM + PLATE_ACK_ROOM)
        return;
    if (plate->job.kind == PLATE_JOB_TARE)
        plate_put_event(plate, WIRE_TARED, plate->job.faulty, plate->job.end_us);
    else if (!plate_self_test_report(plate))
        return;
    answer(plate, WIRE_OK, plate->job.end_us);
}

/* Some rows of this tare and some of the one before: no zero of the plate at any one time. */
static int is_half_tared(const struct plate *plate)
{
    return plate->job.kind == PLATE_JOB_TARE && plate->job.row0 > 0 && !plate->job.is_finished;
}

void plate_job_cancel(struct plate *plate, uint64_t now_us)
{
    if (is_half_tared(plate))
        plate->tared = 0;
    if (plate->job.kind != PLATE_NO_JOB)
        answer(plate, WIRE_FAILED, now_us);
}
