/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan: rows and columns of geometry.h by the timetable of schedule.h, without the processor.
 *
 *   TIM8 update (a slot begins) -> DMA2 stream 1, channel 7 -> one word of `script` into GPIO's
 *       BSRR: row clock and multiplexer address
 *   TIM8 OC1REF rises (settled) = TRGO -> the regular sequences of ADC1, ADC2 and ADC3 together
 *   their results, ADC1, ADC2, ADC3 in turn -> DMA2 stream 0, channel 0 -> `ring`
 *
 * So the next row converts while the processor takes the present one out of the ring. Stream 0's
 * half and full interrupts count the ring's halves. The ring holds 8 rows: the main loop may be
 * held up for six rows' time before a row is overwritten, which is then noticed and not sent.
 *
 * The rows are driven by shift registers (SN74HC595, shift and storage clock tied together), of
 * which one output is high: a token, put in at the scan's begin, moves on with each row clock. */
#ifndef TENDERFOOT_STM32F405_SCANNER_H
#define TENDERFOOT_STM32F405_SCANNER_H

#include "firmware/boards/stm32f405/geometry.h"
#include "firmware/boards/stm32f405/schedule.h"

#include <stdatomic.h>
#include <stdint.h>

/* What the hardware needs; firmware/README.md derives each figure. */
#define SCANNER_TIMER_HZ 168000000u /* TIM8, twice APB2 */
#define SCANNER_ADC_HZ 21000000u    /* APB2 / 4 */
#define SCANNER_SAMPLE_CYCLES 15u
#define SCANNER_MUX_SETTLE_NS 1500u
#define SCANNER_ROW_SETTLE_NS 15000u

#define SCANNER_SLOT_TICKS                                                                         \
    SCHEDULE_SLOT_TICKS(GEOMETRY_COLS, SCANNER_TIMER_HZ, SCANNER_ADC_HZ, SCANNER_SAMPLE_CYCLES,    \
                        SCANNER_MUX_SETTLE_NS)
#define SCANNER_SETTLE_SLOTS                                                                       \
    SCHEDULE_SETTLE_SLOTS(SCANNER_SLOT_TICKS, SCANNER_TIMER_HZ, SCANNER_MUX_SETTLE_NS,             \
                          SCANNER_ROW_SETTLE_NS)

#define SCANNER_SLOTS (SCANNER_SETTLE_SLOTS + SCHEDULE_MUX_INPUTS)
#define SCANNER_ROW_ITEMS SCHEDULE_ITEMS(GEOMETRY_COLS, SCANNER_SETTLE_SLOTS)
#define SCANNER_RING_ROWS 8u
#define SCANNER_HALF_ROWS (SCANNER_RING_ROWS / 2u)

/* Must lie where DMA2 can reach it: not in the core-coupled memory (RM0090, 2.3.1). Nobody but
 * scanner.c looks inside. */
struct scanner {
    uint16_t ring[SCANNER_RING_ROWS * SCANNER_ROW_ITEMS];
    uint32_t script[SCANNER_SLOTS];
    struct schedule schedule;
    atomic_uint halves; /* of the ring, filled since the scan began */
    atomic_int is_lost; /* DMA reported an error */
    unsigned next_row;
    int is_running;
    uint64_t begin_us;
    uint32_t scans_lost; /* given up because a row did not come or was overwritten */
};

/* Sets up pins, ADCs, DMA and TIM8; the device clock (timebase.h) runs. Nothing converts yet.
 * NULL, or a fixed sentence. */
const char *scanner_start(struct scanner *scanner);

/* struct plate_config's scan_row, but for the context. Row 0 begins a scan from scratch, whatever
 * state the last one was left in; the rows after it are those of that scan, in order. Waits for the
 * row, at most twice the time it takes. -1: it did not come, was overwritten, or is out of order;
 * the scan is over. Counts are 12 bits. Main loop only. */
int scanner_row(struct scanner *scanner, unsigned row, uint16_t *counts);

/* DMA2 stream 0's interrupt (IRQ_DMA2_STREAM0), the only one; the caller enables it at
 * PRIORITY_SCAN. */
void scanner_interrupt(struct scanner *scanner);

/* One conversion of an input of ADC1 between two scans (a running one is ended), sampled for 84
 * cycles: 0..4095, or -1 when none came. Its pin is analog. Main loop only. */
int scanner_measure(struct scanner *scanner, unsigned input);

#endif
