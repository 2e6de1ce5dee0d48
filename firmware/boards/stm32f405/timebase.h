/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device clock: TIM2, free-running at 1 MHz in 32 bits, carried on to 64. Its four capture
 * channels stamp edges on the same clock; they belong to whoever sets them up (button: channel 3,
 * PB10). Its CR1, PSC and ARR are this file's. */
#ifndef TENDERFOOT_STM32F405_TIMEBASE_H
#define TENDERFOOT_STM32F405_TIMEBASE_H

#include <stdint.h>

/* Starts at 0. `timer_hz` is what the clock tree gives TIM2 (clock.h), a multiple of 1 MHz. */
void timebase_start(uint32_t timer_hz);

/* Microseconds since the start. To be called from the main loop only, at least every 71 minutes
 * (once a turn of the timer). */
uint64_t timebase_us(void);

/* The 64-bit time of a count that the timer had at most 35 minutes before or after the last
 * timebase_us, a captured edge for instance. */
uint64_t timebase_of(uint32_t count);

/* Waits at least so long, from anywhere; up to 1000000. */
void timebase_wait_us(uint32_t us);

#endif
