/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan's timetable, by arithmetic alone: no register, no state; any thread.
 *
 * Three ADCs, each with M multiplexers of eight columns, so that 3 M columns are read at one
 * multiplexer address. Time goes in slots of one timer period:
 *
 *   slot 0            the next row is selected; its first settling
 *   ... S - 1         further settling, if one slot is too short for it
 *   slots S .. S + 7  multiplexer address 0 .. 7
 *
 * and within each slot: the address changes, the multiplexers settle, then a trigger starts M
 * conversions on all ADCs together. What is converted while a row settles is thrown away.
 *
 *   slot = settling of a multiplexer + 4 ADC cycles from trigger to start + M (sampling + 12)
 * cycles
 *
 * 12 cycles are a 12-bit conversion (RM0090, 13.5); the trigger takes at most 3 cycles and one of
 * resynchronisation (DS8626, table 67, trigger latency). */
#ifndef TENDERFOOT_STM32F405_SCHEDULE_H
#define TENDERFOOT_STM32F405_SCHEDULE_H

#include <stdint.h>

#define SCHEDULE_ADCS 3u
#define SCHEDULE_MUX_INPUTS 8u
#define SCHEDULE_MUXES_MAX 4u
#define SCHEDULE_CONVERT_CYCLES 12u
#define SCHEDULE_TRIGGER_CYCLES 4u
#define SCHEDULE_ADC_HZ_MAX 36000000u /* at 2.4 V or more (DS8626, table 67) */
#define SCHEDULE_TICKS_MAX 65535u     /* the timer's 16 bits */

/* The same as constant expressions, for static asserts and the sizes of buffers. */
#define SCHEDULE_MUXES(cols)                                                                       \
    (((cols) + SCHEDULE_ADCS * SCHEDULE_MUX_INPUTS - 1u) / (SCHEDULE_ADCS * SCHEDULE_MUX_INPUTS))
#define SCHEDULE_TICKS(ns, hz) (((uint64_t)(ns) * (hz) + 999999999u) / 1000000000u)
#define SCHEDULE_CYCLES(cols, sample_cycles)                                                       \
    (SCHEDULE_TRIGGER_CYCLES + SCHEDULE_MUXES(cols) * ((sample_cycles) + SCHEDULE_CONVERT_CYCLES))
#define SCHEDULE_SLOT_TICKS(cols, timer_hz, adc_hz, sample_cycles, mux_settle_ns)                  \
    (SCHEDULE_TICKS(mux_settle_ns, timer_hz) +                                                     \
     ((uint64_t)SCHEDULE_CYCLES(cols, sample_cycles) * (timer_hz) + (adc_hz)-1u) / (adc_hz))
/* Slots until a row has settled, the wait for the multiplexers counted in; at least one. */
#define SCHEDULE_SETTLE_SLOTS(slot_ticks, timer_hz, mux_settle_ns, row_settle_ns)                  \
    ((row_settle_ns) <= (mux_settle_ns)                                                            \
         ? 1u                                                                                      \
         : (unsigned)((SCHEDULE_TICKS((row_settle_ns) - (mux_settle_ns), timer_hz) +               \
                       (slot_ticks)-1u) /                                                          \
                      (slot_ticks)))
#define SCHEDULE_ITEMS(cols, settle_slots)                                                         \
    (((settle_slots) + SCHEDULE_MUX_INPUTS) * SCHEDULE_MUXES(cols) * SCHEDULE_ADCS)

struct schedule_plan {
    uint16_t rows, cols;    /* cols: 8..96, a multiple of 8 */
    uint32_t timer_hz;      /* of the slot timer, a multiple of 1 MHz */
    uint32_t adc_hz;        /* up to SCHEDULE_ADC_HZ_MAX */
    uint16_t sample_cycles; /* 3, 15, 28, 56, 84, 112, 144, 480 */
    uint16_t mux_settle_ns; /* address changed until the trigger */
    uint16_t row_settle_ns; /* row changed until the first trigger that counts */
};

struct schedule {
    unsigned settle_slots;    /* S */
    unsigned muxes;           /* M, of each ADC */
    unsigned slots;           /* of a row */
    unsigned row_items;       /* conversions of a row, of all ADCs, thrown away ones included */
    uint32_t slot_ticks;      /* the timer's period */
    uint32_t trigger_ticks;   /* from the slot's begin to the trigger */
    uint32_t row_ns, scan_us; /* rounded up */
    uint32_t sample_ns;       /* scan time by the columns that one ADC reads, rounded up */
};

/* Fills *schedule. NULL, or a fixed sentence saying what does not fit. */
const char *schedule_make(const struct schedule_plan *plan, struct schedule *schedule);

/* Where in a row's items the column is: ADC by ADC within a conversion, conversion by conversion
 * within an address, address by address. */
unsigned schedule_item_of(const struct schedule *schedule, unsigned col);

/* Highest source resistance that charges the ADC's capacitor to a quarter of a 12-bit step within
 * the sampling time, worst case (DS8626, formula 1 of 6.3.21: 7 pF, 6 kilohm inside); 0 = none. */
uint32_t schedule_source_ohm_max(uint32_t adc_hz, uint16_t sample_cycles);

/* Bytes a second of frames in the packed code, header and head included. */
uint32_t schedule_packed_bytes_per_s(uint16_t rows, uint16_t cols, uint16_t rate_hz);
/* What a full-speed bulk pipe carries at best: 19 packets of 64 bytes in each millisecond
 * (USB 2.0, table 5-9). */
#define SCHEDULE_FULL_SPEED_BYTES_PER_S 1216000u

#endif
