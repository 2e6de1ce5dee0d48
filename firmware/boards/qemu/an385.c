/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/qemu/an385.h"

#define SYSTEM_HZ 25000000u

/* CMSDK dual timer (ARM DDI 0479, 4.5), the first of its two. */
struct dual_timer {
    volatile uint32_t load, value, control, clear, raw_status, status, background_load;
};
#define DUAL_TIMER ((struct dual_timer *)0x40002000u)
enum { TIMER_32_BIT = 1 << 1, TIMER_BY_16 = 1 << 2, TIMER_ON = 1 << 7 };

/* CMSDK watchdog (ARM DDI 0479, 4.7). It interrupts when it reaches 0 and resets the next time. */
struct watchdog {
    volatile uint32_t load, value, control, clear;
    uint32_t unused[764];
    volatile uint32_t lock;
};
#define WATCHDOG ((struct watchdog *)0x40008000u)
#define WATCHDOG_KEY 0x1ACCE551u
enum { WATCHDOG_ON = 1, WATCHDOG_RESETS = 2 };

/* SysTick (ARMv7-M, B3.3). */
struct systick {
    volatile uint32_t control, reload, current;
};
#define SYSTICK ((struct systick *)0xE000E010u)
enum { SYSTICK_ON = 1, SYSTICK_INTERRUPTS = 2, SYSTICK_BY_PROCESSOR_CLOCK = 4 };

static uint64_t clock_ticks; /* of 0.64 us, since the start */
static uint32_t last_value;

void an385_start(void)
{
    clock_ticks = 0;
    last_value = UINT32_MAX;
    DUAL_TIMER->control = 0;
    DUAL_TIMER->load = UINT32_MAX;
    DUAL_TIMER->control = TIMER_32_BIT | TIMER_BY_16 | TIMER_ON;
    SYSTICK->reload = SYSTEM_HZ / 1000 - 1;
    SYSTICK->current = 0;
    SYSTICK->control = SYSTICK_ON | SYSTICK_INTERRUPTS | SYSTICK_BY_PROCESSOR_CLOCK;
}

/* The timer counts down; 16 / 25 us a tick. */
uint64_t an385_clock_us(void)
{
    uint32_t value = DUAL_TIMER->value;
    clock_ticks += last_value - value;
    last_value = value;
    return clock_ticks * 16 / 25;
}

void an385_sleep(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

void an385_watchdog_start(uint32_t ms)
{
    WATCHDOG->lock = WATCHDOG_KEY;
    WATCHDOG->load = ms * (SYSTEM_HZ / 1000) / 2;
    WATCHDOG->control = WATCHDOG_ON | WATCHDOG_RESETS;
    WATCHDOG->lock = 0;
}

void an385_watchdog_kick(void)
{
    WATCHDOG->lock = WATCHDOG_KEY;
    WATCHDOG->clear = 1;
    WATCHDOG->lock = 0;
}

void an385_stopwatch_start(void)
{
    DUAL_TIMER->control = 0;
    DUAL_TIMER->load = UINT32_MAX;
    DUAL_TIMER->control = TIMER_32_BIT | TIMER_ON;
}

uint32_t an385_stopwatch_ns(void)
{
    return (UINT32_MAX - DUAL_TIMER->value) * 40u;
}
