/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/schedule.h"

#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"

#include <stddef.h>

#define NS_PER_S UINT64_C(1000000000)
#define COLS_MAX (SCHEDULE_ADCS * SCHEDULE_MUXES_MAX * SCHEDULE_MUX_INPUTS)

static const char *fault_of(const struct schedule_plan *plan)
{
    if (plan->rows == 0 || plan->rows > WIRE_CELLS_MAX_PER_SIDE)
        return "schedule: rows must be 1 to 256";
    if (plan->cols == 0 || plan->cols > COLS_MAX || plan->cols % SCHEDULE_MUX_INPUTS)
        return "schedule: columns must be 8 to 96 in steps of 8";
    if (plan->adc_hz == 0 || plan->adc_hz > SCHEDULE_ADC_HZ_MAX)
        return "schedule: the ADC clock must be up to 36 MHz";
    if (plan->timer_hz == 0 || plan->timer_hz % 1000000u)
        return "schedule: the timer clock must be whole MHz";
    return NULL;
}

static uint64_t ns_of(uint64_t ticks, uint32_t timer_hz)
{
    return (ticks * NS_PER_S + timer_hz - 1) / timer_hz;
}

const char *schedule_make(const struct schedule_plan *plan, struct schedule *schedule)
{
    const char *fault = fault_of(plan);
    if (fault)
        return fault;
    uint64_t trigger_ticks = SCHEDULE_TICKS(plan->mux_settle_ns, plan->timer_hz);
    uint64_t slot_ticks = SCHEDULE_SLOT_TICKS(plan->cols, plan->timer_hz, plan->adc_hz,
                                              plan->sample_cycles, plan->mux_settle_ns);
    if (slot_ticks > SCHEDULE_TICKS_MAX)
        return "schedule: a slot is longer than the timer's 16 bits";
    unsigned settle_slots =
        SCHEDULE_SETTLE_SLOTS(slot_ticks, plan->timer_hz, plan->mux_settle_ns, plan->row_settle_ns);
    unsigned slots = settle_slots + SCHEDULE_MUX_INPUTS;
    uint64_t row_ticks = slot_ticks * slots, scan_ticks = row_ticks * plan->rows;
    unsigned muxes = SCHEDULE_MUXES(plan->cols);
    uint64_t samples = (uint64_t)plan->rows * muxes * SCHEDULE_MUX_INPUTS;
    *schedule = (struct schedule){
        .settle_slots = settle_slots,
        .muxes = muxes,
        .slots = slots,
        .row_items = SCHEDULE_ITEMS(plan->cols, settle_slots),
        .slot_ticks = (uint32_t)slot_ticks,
        .trigger_ticks = (uint32_t)trigger_ticks,
        .row_ns = (uint32_t)ns_of(row_ticks, plan->timer_hz),
        .scan_us = (uint32_t)((ns_of(scan_ticks, plan->timer_hz) + 999) / 1000),
        .sample_ns = (uint32_t)((ns_of(scan_ticks, plan->timer_hz) + samples - 1) / samples),
    };
    return NULL;
}

unsigned schedule_item_of(const struct schedule *schedule, unsigned col)
{
    unsigned chip = col / SCHEDULE_MUX_INPUTS, address = col % SCHEDULE_MUX_INPUTS;
    unsigned adc = chip / schedule->muxes, mux = chip % schedule->muxes;
    return ((schedule->settle_slots + address) * schedule->muxes + mux) * SCHEDULE_ADCS + adc;
}

/* R = (k - 1/2) / (f C ln 2^14) - 6000, with C = 7 pF and ln 2^14 = 9.704. */
uint32_t schedule_source_ohm_max(uint32_t adc_hz, uint16_t sample_cycles)
{
    const uint64_t inside_ohm = 6000, scale = UINT64_C(1000000000000000);
    const uint64_t capacitor_pf = 7, ln_steps_1000 = 9704;
    uint64_t twice_cycles = 2u * sample_cycles - 1u;
    uint64_t ohm = twice_cycles * scale / (2u * adc_hz * capacitor_pf * ln_steps_1000);
    return ohm > inside_ohm ? (uint32_t)(ohm - inside_ohm) : 0;
}

uint32_t schedule_packed_bytes_per_s(uint16_t rows, uint16_t cols, uint16_t rate_hz)
{
    uint32_t cells = (uint32_t)rows * cols;
    return (WIRE_HEADER_SIZE + FRAME_HEAD_SIZE + (cells * 3u + 1u) / 2u) * rate_hz;
}
