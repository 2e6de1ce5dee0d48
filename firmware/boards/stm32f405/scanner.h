/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's own hardware behind struct plate_config's callbacks: rows and columns, button, light,
 * buzzer, temperature. One thread (the main loop) but for the interrupts. */
#ifndef TENDERFOOT_STM32F405_SCANNER_H
#define TENDERFOOT_STM32F405_SCANNER_H

#include "firmware/boards/stm32f405/clock.h"
#include "firmware/core/plate.h"

#include <stdint.h>

#define SCANNER_ROWS 96u
#define SCANNER_COLS 96u
#define SCANNER_BITS 12u

/* Pins, timers, ADCs and DMA; the device clock (timebase.h) must run. No row is selected, light and
 * buzzer are off. NULL, or a fixed sentence saying what does not answer. Bounded. */
const char *scanner_start(const struct clock_tree *tree);

/* struct plate_config's callbacks of the same names; `context` is not used. */
int scanner_scan_row(void *context, unsigned row, uint16_t *counts);
int scanner_button_edge(void *context, struct plate_edge *edge);
void scanner_signal(void *context, unsigned signals);
int16_t scanner_temperature_cdeg(void *context);

/* The interrupt of the button's capture (TIM2), and of the scan's DMA if there is one. */
void scanner_capture_interrupt(void);

#endif
