/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of text on USART1, PB6, 115200 8N1 (RM0090, 30), for who brings a board up: an option, for
 * nothing depends on somebody listening. Never waits: a line that does not fit whole is left out
 * and counted. */
#ifndef TENDERFOOT_STM32F405_CONSOLE_H
#define TENDERFOOT_STM32F405_CONSOLE_H

#include <stdint.h>

#define CONSOLE_BAUD 115200u
#define CONSOLE_RING_BYTES 512u /* a power of two */

/* Pin, clock and interrupt; `clock_hz` is APB2's. */
void console_start(uint32_t clock_hz);

/* One line, without its end; from the main loop. */
void console_line(const char *text);
/* The same, with 8 hexadecimal digits after the text. */
void console_number(const char *text, uint32_t number);
uint32_t console_lines_left_out(void);

/* USART1's interrupt. */
void console_interrupt(void);

#endif
