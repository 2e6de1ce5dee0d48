/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up pins (RM0090, 8.3). `port` is one of regs_gpio.h's; its clock is switched on. From one
 * thread, before interrupts use the port. */
#ifndef TENDERFOOT_STM32F405_PINS_H
#define TENDERFOOT_STM32F405_PINS_H

#include <stdint.h>

/* The output has its level before it is driven. */
void pin_output(uint32_t port, unsigned pin, int high);
void pin_analog(uint32_t port, unsigned pin);
/* Function 0..15 of the pin, push-pull, no pull, of the given GPIO_SPEED_. */
void pin_alternate(uint32_t port, unsigned pin, uint32_t function, uint32_t speed);

/* May be called from anywhere: a write that touches no other pin. */
void pin_set(uint32_t port, unsigned pin, int high);
int pin_read(uint32_t port, unsigned pin);

#endif
