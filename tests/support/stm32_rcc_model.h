/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The STM32F405's clock tree on the dispatcher of stm32_mmio.h: RCC, flash interface and power,
 * written from RM0090 (3, 5, 7) and the datasheet DS8626, not from the firmware. Oscillators and
 * PLL become ready a while after they were switched on, counted in accesses to the bus. Complains
 * about
 *   - a PLL reconfigured while it is on, or on a source that is not ready; its VCO's input not in
 *     1..2 MHz, its output not in 100..432 MHz (7.3.2)
 *   - a switch to a clock that is not ready (7.2.6), the present clock's source switched off
 *   - buses, at any moment, above 42 and 84 MHz, the processor above 168 MHz, or above 144 MHz with
 *     the regulator in scale 2 (5.1.4)
 *   - fewer wait states of the flash than the present clock needs (3.5.1, table 10, 2.7 to 3.6 V)
 *   - power registers without their clock */
#ifndef TENDERFOOT_TESTS_STM32_RCC_MODEL_H
#define TENDERFOOT_TESTS_STM32_RCC_MODEL_H

#include <stdint.h>

struct stm32_rcc {
    /* The test's wishes, before the firmware starts. */
    uint32_t crystal_hz;      /* 0 = there is none that swings */
    int pll_never_locks;      /* a broken chip */
    int switch_never_happens; /* another */
    uint32_t ready_accesses;  /* from switched on to ready */

    /* The registers, by offset / 4; test and other models may look. */
    uint32_t rcc[36], flash[6], pwr[2];
    uint64_t hse_on, pll_on, waits_on; /* access count of switching on, of writing FLASH_ACR */
    uint32_t waits_before;             /* that write */
};

/* In the state after a reset, attached to the dispatcher for the life of *rcc. */
void stm32_rcc_attach(struct stm32_rcc *rcc);

/* What the registers mean at this moment; 0 = that clock does not run. */
uint32_t stm32_rcc_vco_input_hz(const struct stm32_rcc *rcc);
uint32_t stm32_rcc_vco_hz(const struct stm32_rcc *rcc);
uint32_t stm32_rcc_usb_hz(const struct stm32_rcc *rcc);
uint32_t stm32_rcc_system_hz(const struct stm32_rcc *rcc);
uint32_t stm32_rcc_bus_hz(const struct stm32_rcc *rcc, unsigned bus); /* 1 or 2: APB1, APB2 */
/* A timer on that bus runs twice as fast when the bus is divided (7.2, figure 21). */
uint32_t stm32_rcc_timer_hz(const struct stm32_rcc *rcc, unsigned bus);

#endif
