/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The independent watchdog (RM0090, 21): its own oscillator, stopped by nothing but a reset. */
#ifndef TENDERFOOT_STM32F405_WATCHDOG_H
#define TENDERFOOT_STM32F405_WATCHDOG_H

#include <stdint.h>

/* Resets the chip unless kicked within `ms`, 16..16000. The oscillator is 32 kHz nominal, 17 to 47
 * kHz (DS8626, table 42): the true time is 0.68 to 1.9 times as long. Stands still while a debugger
 * holds the processor. */
void watchdog_start(uint32_t ms);
void watchdog_kick(void);

#endif
