/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of chip/ share: they run on silicon only. */
#ifndef TENDERFOOT_STM32F405_CHIP_H
#define TENDERFOOT_STM32F405_CHIP_H

#include "firmware/boards/stm32f405/kept.h"

extern struct kept chip_kept;

int main(void);
_Noreturn void reset_handler(void);
/* Everything off by the shortest way: a reset makes every pin an input. */
_Noreturn void chip_reset(void);

/* Handlers that startup.c puts into the vector table. */
void usb_handler(void);
void capture_handler(void);
void scan_handler(void);
void console_handler(void);
void tick_handler(void);

#endif
