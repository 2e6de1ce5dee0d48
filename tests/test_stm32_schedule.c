/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan's timetable against arithmetic done another way: every conversion of a scan is placed on
 * the time line, and what must hold between them is asked of each. */
#include "firmware/boards/stm32f405/scanner.h"
#include "firmware/boards/stm32f405/schedule.h"
#include "firmware/boards/stm32f405/thermistor.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct schedule_plan plan_of(unsigned rows, unsigned cols)
{
    return (struct schedule_plan){
        .rows = (uint16_t)rows,
        .cols = (uint16_t)cols,
        .timer_hz = SCANNER_TIMER_HZ,
        .adc_hz = SCANNER_ADC_HZ,
        .sample_cycles = SCANNER_SAMPLE_CYCLES,
        .mux_settle_ns = SCANNER_MUX_SETTLE_NS,
        .row_settle_ns = SCANNER_ROW_SETTLE_NS,
    };
}

static struct schedule schedule_of(const struct schedule_plan *plan)
{
    struct schedule schedule;
    assert_null(schedule_make(plan, &schedule));
    return schedule;
}

/* When conversion `i` of a slot ends at the latest, in ns from the slot's begin. */
static double conversion_end_ns(const struct schedule_plan *plan, const struct schedule *schedule,
                                unsigned i)
{
    double trigger_ns = schedule->trigger_ticks * 1e9 / plan->timer_hz;
    double cycle_ns = 1e9 / plan->adc_hz;
    return trigger_ns + cycle_ns * (4 + (i + 1) * (plan->sample_cycles + 12.0));
}

static void check_slots(const struct schedule_plan *plan)
{
    struct schedule schedule = schedule_of(plan);
    double slot_ns = schedule.slot_ticks * 1e9 / plan->timer_hz;
    double trigger_ns = schedule.trigger_ticks * 1e9 / plan->timer_hz;
    assert_true(trigger_ns >= plan->mux_settle_ns);
    assert_true(conversion_end_ns(plan, &schedule, schedule.muxes - 1) <= slot_ns + 1e-6);
    assert_true(conversion_end_ns(plan, &schedule, schedule.muxes) > slot_ns); /* and no waste */
    assert_true(schedule.settle_slots * slot_ns + trigger_ns >= plan->row_settle_ns - 1e-6);
    assert_true(schedule.settle_slots == 1 || /* and no slot more */
                (schedule.settle_slots - 1) * slot_ns + trigger_ns < plan->row_settle_ns);
    assert_int_equal(schedule.slots, schedule.settle_slots + 8u);
    assert_true(fabs(schedule.row_ns - schedule.slots * slot_ns) <= 1);
    assert_true(fabs(schedule.scan_us * 1e3 - plan->rows * schedule.slots * slot_ns) <= 1001);
}

/* Each column has an item of its own, of its own ADC and at its own address, and none of those that
 * are thrown away. */
static void check_items(const struct schedule_plan *plan)
{
    struct schedule schedule = schedule_of(plan);
    uint8_t *taken = calloc(schedule.row_items, 1);
    assert_non_null(taken);
    for (unsigned col = 0; col < plan->cols; col++) {
        unsigned item = schedule_item_of(&schedule, col);
        assert_true(item < schedule.row_items);
        assert_int_equal(taken[item]++, 0);
        unsigned in_slot = schedule.muxes * SCHEDULE_ADCS, slot = item / in_slot;
        assert_true(slot >= schedule.settle_slots);
        assert_int_equal(slot - schedule.settle_slots, col % 8);
        unsigned adc = item % SCHEDULE_ADCS, mux = item % in_slot / SCHEDULE_ADCS;
        assert_int_equal((adc * schedule.muxes + mux) * 8 + col % 8, col);
    }
    free(taken);
}

static void every_size_keeps_its_own_rules(void **state)
{
    (void)state;
    srand(20405);
    for (unsigned i = 0; i < 400; i++) {
        struct schedule_plan plan =
            plan_of(1 + (unsigned)rand() % 255, 8 * (1 + (unsigned)rand() % 12));
        plan.adc_hz = 7000000u + (unsigned)rand() % 29000000u;
        plan.mux_settle_ns = (uint16_t)(200 + rand() % 3000);
        plan.row_settle_ns = (uint16_t)(rand() % 40000);
        check_slots(&plan);
        check_items(&plan);
    }
}

/* 96 x 96 at 100 Hz: ten milliseconds, three of them the processor's; 3.3 us a sample at most. */
static void the_reference_plate_fits_100_hz(void **state)
{
    (void)state;
    struct schedule_plan plan = plan_of(96, 96);
    struct schedule schedule = schedule_of(&plan);
    printf("96 x 96: slot %.3f us, row %.3f us, scan %u us, %u ns a sample\n",
           schedule.slot_ticks * 1e6 / plan.timer_hz, schedule.row_ns / 1e3, schedule.scan_us,
           schedule.sample_ns);
    check_slots(&plan);
    check_items(&plan);
    assert_int_equal(schedule.muxes, 4);
    assert_true(schedule.scan_us + 3000 <= 10000);
    assert_true(schedule.scan_us >= 96 * 8 * 4 * 27 / 21); /* what the ADCs alone need */
    assert_true(schedule.sample_ns <= 3300);
    assert_true(plan.adc_hz <= 36000000u);
}

/* Smaller plates are faster by more than their cells: fewer multiplexers an ADC. */
static void smaller_plates_are_faster(void **state)
{
    (void)state;
    struct schedule_plan large = plan_of(96, 96), middle = plan_of(64, 64), small = plan_of(32, 32);
    struct schedule l = schedule_of(&large), m = schedule_of(&middle), s = schedule_of(&small);
    printf("64 x 64: %u us, 32 x 32: %u us\n", m.scan_us, s.scan_us);
    assert_int_equal(m.muxes, 3);
    assert_int_equal(s.muxes, 2);
    assert_true(m.scan_us * 9 < l.scan_us * 6);     /* by 64/96 and more */
    assert_true(m.scan_us + 2000 <= 1000000 / 150); /* 64 x 64 at 150 Hz */
    assert_true(s.scan_us + 700 <= 1000000 / 400);  /* 32 x 32 at 400 Hz */
    check_items(&middle);
    check_items(&small);
}

/* A plate with every cell loaded is sent packed, of which full speed carries 50 a second and not
 * 100; sizes as the encoder makes them. */
static void loaded_plates_need_half_the_rate(void **state)
{
    (void)state;
    enum { CELLS = 96 * 96 };
    uint16_t *counts = calloc(CELLS, sizeof *counts);
    size_t cap = frame_size_max(96, 96);
    uint8_t *bytes = malloc(cap);
    assert_non_null(counts);
    assert_non_null(bytes);
    srand(4096);
    for (unsigned i = 0; i < CELLS; i++)
        counts[i] = (uint16_t)(1 + rand() % 4095);
    struct frame_shape shape = {.bits = 12, .rows = 96, .cols = 96};
    size_t size = WIRE_HEADER_SIZE + frame_encode(bytes, cap, &shape, counts);
    uint32_t at_50 = schedule_packed_bytes_per_s(96, 96, 50);
    uint32_t at_100 = schedule_packed_bytes_per_s(96, 96, 100);
    printf("every cell loaded: %zu bytes a frame, %u bytes/s at 100 Hz\n", size, at_100);
    assert_in_range(size, at_50 / 50, at_50 / 50 * 102 / 100);
    assert_true(size * 100 > SCHEDULE_FULL_SPEED_BYTES_PER_S);
    assert_true(size * 50 * 10 < SCHEDULE_FULL_SPEED_BYTES_PER_S * 6ull); /* 40 % to spare */
    assert_true(schedule_packed_bytes_per_s(64, 64, 100) <
                SCHEDULE_FULL_SPEED_BYTES_PER_S * 6 / 10);
    free(counts);
    free(bytes);
}

/* The datasheet's formula in floating point; a multiplexer and an op-amp are far below it. */
static void the_sampling_time_suits_the_source(void **state)
{
    (void)state;
    const uint16_t cycles[] = {3, 15, 28, 56, 84, 112, 144, 480};
    const uint32_t clocks[] = {10500000, 21000000, 30000000, 36000000};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 4; j++) {
            double ohm = (cycles[i] - 0.5) / (clocks[j] * 7e-12 * log(pow(2, 14))) - 6000;
            uint32_t got = schedule_source_ohm_max(clocks[j], cycles[i]);
            assert_true(fabs(got - fmax(ohm, 0)) <= 1 + fmax(ohm, 0) * 1e-3);
        }
    assert_true(schedule_source_ohm_max(SCANNER_ADC_HZ, SCANNER_SAMPLE_CYCLES) > 4000);
    assert_int_equal(schedule_source_ohm_max(SCANNER_ADC_HZ, 3), 0);
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct schedule schedule;
    struct schedule_plan plan = plan_of(96, 96);
    plan.cols = 100;
    assert_non_null(strstr(schedule_make(&plan, &schedule), "steps of 8"));
    plan = plan_of(96, 104);
    assert_non_null(strstr(schedule_make(&plan, &schedule), "8 to 96"));
    plan = plan_of(0, 96);
    assert_non_null(strstr(schedule_make(&plan, &schedule), "rows"));
    plan = plan_of(96, 96);
    plan.adc_hz = 42000000;
    assert_non_null(strstr(schedule_make(&plan, &schedule), "36 MHz"));
    plan = plan_of(96, 96);
    plan = plan_of(96, 96);
    plan.timer_hz = 168500000;
    assert_non_null(strstr(schedule_make(&plan, &schedule), "whole MHz"));
    plan = plan_of(96, 96);
    plan.sample_cycles = 480;
    plan.adc_hz = 1000000;
    assert_non_null(strstr(schedule_make(&plan, &schedule), "16 bits"));
}

/* A thermistor by its formula, read by an ideal ADC; and one that is not there. */
static void the_thermistor_reads_true(void **state)
{
    (void)state;
    double worst_k = 0;
    for (double celsius = -19.95; celsius < 70; celsius += 0.137) {
        double ohm = 10000 * exp(3435 * (1 / (celsius + 273.15) - 1 / 298.15));
        double told = thermistor_cdeg((unsigned)lround(4095 * ohm / (ohm + 10000))) / 100.0;
        worst_k = fmax(worst_k, fabs(told - celsius));
    }
    printf("thermistor: %.2f K off at most\n", worst_k);
    assert_true(worst_k < 0.3);
    assert_int_equal(thermistor_cdeg(2048), 2500);
    assert_int_equal(thermistor_cdeg(4095), WIRE_NO_TEMPERATURE); /* open */
    assert_int_equal(thermistor_cdeg(0), WIRE_NO_TEMPERATURE);    /* shorted */
    assert_int_equal(thermistor_cdeg(3627), -2000);
    assert_int_equal(thermistor_cdeg(740), 7000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_keeps_its_own_rules),
        cmocka_unit_test(the_reference_plate_fits_100_hz),
        cmocka_unit_test(smaller_plates_are_faster),
        cmocka_unit_test(loaded_plates_need_half_the_rate),
        cmocka_unit_test(the_sampling_time_suits_the_source),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(the_thermistor_reads_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
