/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock tree: 168 MHz from an 8 MHz crystal through the PLL (RM0090, 7.2), 48 MHz for USB.
 *
 * Without the crystal the plate would be mute, for nothing but a crystal is exact enough for USB.
 * It then runs the same tree from the internal oscillator (1 %), which often suffices for a host to
 * find it and to read why, and for a console; the light says it as well. */
#ifndef TENDERFOOT_STM32F405_CLOCK_H
#define TENDERFOOT_STM32F405_CLOCK_H

#include <stdint.h>

#define CLOCK_CRYSTAL_HZ 8000000u

enum clock_source {
    CLOCK_CRYSTAL,  /* all is well */
    CLOCK_INTERNAL, /* no crystal: 168 MHz and 48 MHz within 1 % */
    CLOCK_BARE,     /* the PLL does not lock either: 16 MHz, no USB */
};

struct clock_tree {
    enum clock_source source;
    uint32_t system_hz;
    uint32_t apb1_hz, apb2_hz;             /* <= 42 MHz, <= 84 MHz */
    uint32_t apb1_timer_hz, apb2_timer_hz; /* twice their bus when that is divided (7.2) */
    uint32_t usb_hz;                       /* 0 = none */
};

/* From the state after a reset, each wait bounded (the longest, for the crystal, 100 ms). Also
 * switches the flash's caches on. */
struct clock_tree clock_start(void);

/* Back to the state after a reset, for the chip's loader: internal oscillator, PLL off. Bounded. */
void clock_stop(void);

#endif
