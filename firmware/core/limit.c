/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The limit: the ceiling of a press. The sum of the gated counts in a rectangle is watched at every
 * scan; at the ceiling the person is told by light and buzzer within the same scan, the host by an
 * event, once, until the limit is set anew. */
#include "firmware/core/plate_private.h"

static uint32_t rectangle_sum(const struct plate *plate)
{
    const struct plate_config *config = plate->config;
    uint32_t sum = 0; /* at most 65536 cells of 65535 */
    for (unsigned row = plate->limit.row0; row < plate->limit.row0 + plate->limit.rows; row++)
        for (unsigned col = plate->limit.col0; col < plate->limit.col0 + plate->limit.cols; col++) {
            size_t i = (size_t)row * config->cols + col;
            sum += plate->tared ? plate_gated(config->counts[i], config->zero[i], config->floor[i])
                                : config->counts[i];
        }
    return sum;
}

static void end_with(struct plate *plate, enum wire_event_kind event, uint32_t sum,
                     uint64_t time_us)
{
    plate->limit.armed = 0;
    plate->limit.event = (uint8_t)event;
    plate->limit.event_sum = sum;
    plate->limit.event_us = time_us;
}

static void tell(struct plate *plate)
{
    if (plate->limit.event &&
        plate_put_event(plate, plate->limit.event, plate->limit.event_sum, plate->limit.event_us))
        plate->limit.event = 0;
}

void plate_limit_scan(struct plate *plate, uint64_t now_us)
{
    if (!plate->limit.armed || now_us >= plate->limit.expires_us)
        return;
    uint32_t sum = rectangle_sum(plate);
    if (sum < plate->limit.sum_counts)
        return;
    plate_signal_alarm(plate, now_us);
    end_with(plate, WIRE_LIMIT_REACHED, sum, now_us);
    tell(plate);
}

void plate_limit_step(struct plate *plate, uint64_t now_us)
{
    if (plate->limit.armed && now_us >= plate->limit.expires_us)
        end_with(plate, WIRE_LIMIT_EXPIRED, 0, plate->limit.expires_us);
    tell(plate);
}

void plate_limit_clear(struct plate *plate)
{
    plate->limit.armed = 0;
    plate->limit.event = 0;
}
