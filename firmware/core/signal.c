/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Light and buzzer: what the host asked for, the alarm of a limit, the blinking of IDENTIFY. The
 * last one wins, but IDENTIFY, which any host may ask for, does not silence an alarm. */
#include "firmware/core/plate_private.h"

#define BOTH (WIRE_SIGNAL_LIGHT | WIRE_SIGNAL_BUZZER)
#define US_PER_MS UINT64_C(1000)
#define DEFAULT_ALARM_MS 1000u
#define BLINK_MS 150u
#define BLINKS 10u /* on and off count separately */

static void tell_board(struct plate *plate, unsigned signals)
{
    const struct plate_config *config = plate->config;
    unsigned has = (config->features & WIRE_HAS_LIGHT ? WIRE_SIGNAL_LIGHT : 0u) |
                   (config->features & WIRE_HAS_BUZZER ? WIRE_SIGNAL_BUZZER : 0u);
    signals &= has;
    if (config->signal && signals != plate->signal.now && !plate->is_resting)
        config->signal(config->context, signals);
    plate->signal.now = signals;
}

void plate_signal_rest(struct plate *plate, int is_resting)
{
    const struct plate_config *config = plate->config;
    if (is_resting == plate->is_resting)
        return;
    plate->is_resting = is_resting;
    if (config->signal && plate->signal.now != WIRE_SIGNAL_OFF)
        config->signal(config->context, is_resting ? WIRE_SIGNAL_OFF : plate->signal.now);
}

void plate_signal_set(struct plate *plate, unsigned signals, uint32_t duration_ms, uint64_t now_us)
{
    plate->signal.blinks = 0;
    plate->signal.is_alarm = 0;
    plate->signal.is_timed = duration_ms > 0;
    plate->signal.until_us = now_us + duration_ms * US_PER_MS;
    tell_board(plate, signals);
}

void plate_signal_alarm(struct plate *plate, uint64_t now_us)
{
    uint32_t ms =
        plate->config->limit_signal_ms ? plate->config->limit_signal_ms : DEFAULT_ALARM_MS;
    plate_signal_set(plate, BOTH, ms, now_us);
    plate->signal.is_alarm = 1;
}

void plate_signal_identify(struct plate *plate, uint64_t now_us)
{
    if (plate->signal.is_alarm)
        return;
    plate_signal_set(plate, BOTH, BLINK_MS, now_us);
    plate->signal.blinks = BLINKS - 1;
}

void plate_signal_step(struct plate *plate, uint64_t now_us)
{
    if (!plate->signal.is_timed || now_us < plate->signal.until_us)
        return;
    unsigned blinks = plate->signal.blinks;
    if (blinks == 0) {
        plate_signal_set(plate, WIRE_SIGNAL_OFF, 0, now_us);
        return;
    }
    plate_signal_set(plate, blinks % 2 ? WIRE_SIGNAL_OFF : BOTH, BLINK_MS, now_us);
    plate->signal.blinks = blinks - 1;
}
