/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The STM32F405's peripherals that scan a plate, register by register and in time: TIM8 and TIM2,
 * ADC1 to ADC3, DMA2, ports A to C. Written from RM0090 (8, 10, 13, 17, 18) and the datasheet
 * DS8626, not from the firmware. Attaches itself to the dispatcher of stm32_mmio.h; time passes
 * with each access, and what falls due meanwhile happens: updates, triggers, conversions, DMA
 * transfers, interrupts. Complains about what the manual forbids:
 *   - a peripheral touched without its clock
 *   - DMA: a stream reconfigured, or enabled again, before EN reads 0; enabled with flags of its
 *     last run still set, with nothing to do, or with an address or width that does not fit; memory
 *     that DMA does not reach
 *   - ADC: a clock above 36 MHz; a start within 3 us of switching on; sequence, sampling times or
 *     mode changed while converting; a trigger while converting; more than one conversion without
 *     SCAN; sequences of different length or time, or one channel twice, converted together; a
 *     slave with a trigger of its own; an input that the 64-pin package does not have, or whose pin
 *     is not analog
 *   - TIM8's TRGO chosen while nothing makes it
 * An overrun (OVR) is no complaint: it shows, and stops DMA requests until it is cleared. */
#ifndef TENDERFOOT_TESTS_STM32_SCAN_MODEL_H
#define TENDERFOOT_TESTS_STM32_SCAN_MODEL_H

#include <stdint.h>

#define STM32_CYCLES_PER_US 168u /* the model's unit of time: one cycle of 168 MHz */

struct stm32_scan;

/* What is soldered to the chip; NULL where nothing is. */
struct stm32_scan_world {
    void *context;
    /* The output levels of port 0 (A) to 2 (C) have changed. */
    void (*pins)(void *context, unsigned port, uint16_t levels, uint64_t now);
    /* The voltage at an input as a 12-bit count, while it is sampled from `from` to `to`. */
    unsigned (*sample)(void *context, unsigned adc, unsigned channel, uint64_t from, uint64_t to);
    /* The lines to the interrupt controller: called for as long as one is up, never within itself.
     */
    void (*dma2_stream0)(void *context);
    void (*tim2)(void *context);
};

/* Buses at 168, 84 and 42 MHz. The world is copied. Aborts without memory. */
struct stm32_scan *stm32_scan_create(const struct stm32_scan_world *world);
void stm32_scan_free(struct stm32_scan *chip);

/* The clocks are switched on in another model of RCC, whose words these are (by offset / 4). */
void stm32_scan_share_rcc(struct stm32_scan *chip, const uint32_t *registers);

uint64_t stm32_scan_now(const struct stm32_scan *chip); /* cycles since it was made */
void stm32_scan_wait_us(struct stm32_scan *chip, uint32_t us);
/* Cycles that pass with each access, 10 at the start. */
void stm32_scan_set_pace(struct stm32_scan *chip, unsigned cycles);

/* An input pin of port B is at this level from now on; PB10 is TIM2's channel 3. */
void stm32_scan_drive_b(struct stm32_scan *chip, unsigned pin, int high);

/* Interrupts wait for as long as they are masked. */
void stm32_scan_mask(struct stm32_scan *chip, int masked);

/* Faults of the world. A DMA transfer error (TEIF) at stream n's next transfer, which switches the
 * stream off (10.3.17); a request of the ADCs' that nobody serves in time (OVR). */
void stm32_scan_fail_dma(struct stm32_scan *chip, unsigned stream);
void stm32_scan_overrun(struct stm32_scan *chip);

/* Any register's word, without an access. */
uint32_t stm32_scan_word(struct stm32_scan *chip, uint32_t address);

#endif
