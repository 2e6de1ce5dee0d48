/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few devices of ARM's MPS2 board (application notes 385: Cortex-M3, 386: Cortex-M4) that the
 * firmware uses: a free-running timer as its clock, the SysTick to wake up by, the watchdog. All
 * run at 25 MHz. */
#ifndef TENDERFOOT_BOARDS_QEMU_AN385_H
#define TENDERFOOT_BOARDS_QEMU_AN385_H

#include <stdint.h>

/* Starts the clock at 0 and a wake-up each millisecond. */
void an385_start(void);

/* Microseconds since an385_start, from a timer that runs on whatever the processor does; not from
 * counted ticks, which get lost when the emulator is held up. To be called at least every 45
 * minutes, or a turn of the timer is missed. */
uint64_t an385_clock_us(void);

/* Sleeps until the next wake-up, a millisecond at most. */
void an385_sleep(void);

/* Resets the board unless kicked at least once in `ms` (1..80000). */
void an385_watchdog_start(uint32_t ms);
void an385_watchdog_kick(void);

/* For measuring: nanoseconds as a 25 MHz timer sees them (steps of 40), turning over after 4 s.
 * Not beside an385_start. */
void an385_stopwatch_start(void);
uint32_t an385_stopwatch_ns(void);

#endif
