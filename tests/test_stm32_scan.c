/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scan on a chip of which nothing is real but the rules of its manuals: shift registers,
 * multiplexers and cells are soldered to the model's pins, a picture is drawn into the cells, and
 * the counts must be that picture, whatever the processor and the wires do meanwhile. */
#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/button_input.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/outputs.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/scanner.h"
#include "firmware/boards/stm32f405/thermistor.h"
#include "firmware/boards/stm32f405/timebase.h"
#include "tests/support/near.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_scan_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(20260405)
#define ROWS GEOMETRY_ROWS
#define COLS GEOMETRY_COLS
#define MUXES SCHEDULE_MUXES(COLS)
#define CYCLES(ns) ((uint64_t)(ns)*STM32_CYCLES_PER_US / 1000)

/* --- The plate ----------------------------------------------------------------------------------
 * 74HC595s in a chain (data sheet: shift and storage clock tied together, so what the outputs show
 * is one clock behind what was shifted; clear empties the shift register alone), and 74HC4051s. */
static struct plate_world {
    uint64_t random;
    uint16_t truth[ROWS][COLS];
    unsigned thermistor;
    uint8_t shift[ROWS], storage[ROWS];
    uint16_t port_c;
    uint64_t row_changed, mux_changed;      /* when */
    uint64_t shortest_pulse, longest_pulse; /* of the row clock, those of the script */
    unsigned pulses;
    unsigned most_rows_at_once;
} world;

static struct stm32_scan *chip;
static struct scanner scanner;
static struct button_input button;
static uint32_t tim4[24];

static uint32_t draw(void)
{
    world.random ^= world.random << 13;
    world.random ^= world.random >> 7;
    world.random ^= world.random << 17;
    return (uint32_t)(world.random >> 32);
}

static unsigned rows_driven(unsigned *row)
{
    unsigned n = 0;
    for (unsigned r = 0; r < ROWS; r++)
        if (world.storage[r]) {
            *row = r;
            n++;
        }
    return n;
}

static void clock_rows(int data)
{
    memcpy(world.storage, world.shift, sizeof world.storage);
    memmove(world.shift + 1, world.shift, ROWS - 1);
    world.shift[0] = (uint8_t)data;
}

/* Those before and after a scan are made by the processor and much shorter. */
static void note_pulse(uint64_t cycles)
{
    if (cycles < SCANNER_SLOT_TICKS / 2)
        return;
    world.pulses++;
    if (world.shortest_pulse == 0 || cycles < world.shortest_pulse)
        world.shortest_pulse = cycles;
    if (cycles > world.longest_pulse)
        world.longest_pulse = cycles;
}

static void pins(void *context, unsigned port, uint16_t levels, uint64_t now)
{
    unsigned row;
    (void)context;
    if (port != 2)
        return;
    uint16_t changed = levels ^ world.port_c;
    world.port_c = levels;
    if (!(levels >> PIN_ROW_CLEAR & 1))
        memset(world.shift, 0, sizeof world.shift);
    if (changed & levels & 1u << PIN_ROW_CLOCK) {
        /* Set-up time: the data must have stood before the clock rose. */
        if (changed >> PIN_ROW_DATA & 1)
            stm32_mmio_complain("the row registers' data changed together with their clock");
        clock_rows(levels >> PIN_ROW_DATA & 1);
        world.row_changed = now;
    }
    if (changed & ~levels & 1u << PIN_ROW_CLOCK)
        note_pulse(now - world.row_changed);
    if (changed >> PIN_MUX_A0 & 7)
        world.mux_changed = now;
    unsigned n = rows_driven(&row);
    if (n > world.most_rows_at_once)
        world.most_rows_at_once = n;
}

/* What has not settled, or is no single row's, reads as anything. */
static unsigned sample(void *context, unsigned adc, unsigned channel, uint64_t from, uint64_t to)
{
    static const unsigned first[4] = {0, PIN_ADC1_INPUT, PIN_ADC2_INPUT, PIN_ADC3_INPUT};
    unsigned row = 0, mux = channel - first[adc];
    (void)context;
    (void)to;
    if (adc == 1 && channel == PIN_THERMISTOR_INPUT)
        return world.thermistor;
    if (mux >= MUXES)
        return draw() & 4095;
    unsigned col = 8 * ((adc - 1) * MUXES + mux) + (world.port_c >> PIN_MUX_A0 & 7u);
    if (rows_driven(&row) != 1 || from - world.mux_changed < CYCLES(SCANNER_MUX_SETTLE_NS) ||
        from - world.row_changed < CYCLES(SCANNER_ROW_SETTLE_NS))
        return draw() & 4095;
    return world.truth[row][col];
}

static void scan_interrupt(void *context)
{
    (void)context;
    scanner_interrupt(&scanner);
}

static void button_interrupt(void *context)
{
    (void)context;
    button_input_interrupt(&button);
}

static void draw_picture(void)
{
    for (unsigned r = 0; r < ROWS; r++)
        for (unsigned c = 0; c < COLS; c++)
            world.truth[r][c] = draw() & 4095;
}

static void no_complaint(void)
{
    if (stm32_mmio_complaint())
        fail_msg("%s", stm32_mmio_complaint());
}

static int start(void **state)
{
    (void)state;
    const struct stm32_scan_world soldered = {
        .pins = pins, .sample = sample, .dma2_stream0 = scan_interrupt, .tim2 = button_interrupt};
    stm32_mmio_reset();
    memset(&world, 0, sizeof world);
    memset(&scanner, 0xA5, sizeof scanner); /* memory after power-on */
    memset(&button, 0, sizeof button);
    world.random = SEED;
    memset(world.storage, 1, sizeof world.storage); /* so do the registers come up, at worst */
    draw_picture();
    chip = stm32_scan_create(&soldered);
    stm32_mmio_add_memory(&scanner, sizeof scanner);
    stm32_mmio_attach_words("TIM4", 0x40000800, tim4, 24);
    timebase_start(84000000);
    const char *wrong = scanner_start(&scanner);
    if (wrong)
        fail_msg("scanner_start: %s", wrong);
    unsigned row;
    assert_int_equal(rows_driven(&row), 0);
    world.most_rows_at_once = 0;
    stm32_scan_wait_us(chip, 1000);
    return 0;
}

static int end(void **state)
{
    (void)state;
    stm32_scan_free(chip);
    return 0;
}

/* --- Scans --------------------------------------------------------------------------------------
 */

static void row_is_the_picture(unsigned row, const uint16_t *counts)
{
    for (unsigned c = 0; c < COLS; c++)
        if (counts[c] != world.truth[row][c])
            fail_msg("row %u, column %u: %u, drawn was %u (seed %llu)", row, c, counts[c],
                     world.truth[row][c], (unsigned long long)SEED);
}

/* Rows from `from` on, each held against the picture. */
static void scans_rows(unsigned from, unsigned to)
{
    for (unsigned row = from; row < to; row++) {
        uint16_t counts[COLS];
        assert_int_equal(scanner_row(&scanner, row, counts), 0);
        row_is_the_picture(row, counts);
    }
}

static void counts_are_the_picture(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        uint64_t begin = stm32_scan_now(chip);
        scans_rows(0, ROWS);
        uint64_t us = (stm32_scan_now(chip) - begin) / STM32_CYCLES_PER_US;
        printf("scan %d: %llu us, by the timetable %u\n", i, (unsigned long long)us,
               scanner.schedule.scan_us);
        assert_in_range(us, scanner.schedule.scan_us * 95 / 100,
                        scanner.schedule.scan_us * 110 / 100);
        assert_in_range(us, 1, 1000000 / GEOMETRY_RATE_HZ);
        draw_picture();
        stm32_scan_wait_us(chip, draw() % 5000);
    }
    no_complaint();
    assert_int_equal(world.most_rows_at_once, 1);
    assert_int_equal(scanner.scans_lost, 0);
}

/* As an oscilloscope sees it (firmware/README.md, "Bringing a board up"): a row's clock is high for
 * a slot. */
static void the_row_clock_is_high_for_a_slot(void **state)
{
    (void)state;
    scans_rows(0, ROWS);
    assert_in_range(world.pulses, ROWS, ROWS + 1); /* the next row's may have begun */
    assert_in_range(world.shortest_pulse, SCANNER_SLOT_TICKS - 20, SCANNER_SLOT_TICKS + 20);
    assert_in_range(world.longest_pulse, SCANNER_SLOT_TICKS - 20, SCANNER_SLOT_TICKS + 20);
    no_complaint();
}

/* The DMA is in the ring's next half and its interrupt is held up by another one: the rows are
 * there all the same. */
static void a_half_is_seen_before_its_interrupt(void **state)
{
    (void)state;
    scans_rows(0, 2);
    stm32_scan_mask(chip, 1);
    scans_rows(2, SCANNER_RING_ROWS - 1);
    stm32_scan_mask(chip, 0);
    scans_rows(SCANNER_RING_ROWS - 1, ROWS);
    assert_int_equal(scanner.scans_lost, 0);
    no_complaint();
}

static void a_slower_processor_scans_the_same(void **state)
{
    (void)state;
    stm32_scan_set_pace(chip, 45);
    scans_rows(0, ROWS);
    stm32_scan_set_pace(chip, 3);
    scans_rows(0, ROWS);
    no_complaint();
}

static void between_scans_no_row_is_driven_and_nothing_converts(void **state)
{
    (void)state;
    unsigned row;
    scans_rows(0, ROWS);
    stm32_scan_wait_us(chip, 3000);
    assert_int_equal(rows_driven(&row), 0);
    assert_false(stm32_scan_word(chip, 0x40010400) & 1); /* TIM8 stands still */
    no_complaint();
}

/* Up to six rows' time the ring hides it. */
static void a_processor_held_up_a_little_loses_nothing(void **state)
{
    (void)state;
    uint32_t row_us = scanner.schedule.row_ns / 1000;
    for (unsigned at = 1; at < ROWS; at += 7) {
        scans_rows(0, at);
        stm32_scan_wait_us(chip, row_us * 3 + row_us / 2);
        scans_rows(at, ROWS);
    }
    assert_int_equal(scanner.scans_lost, 0);
    no_complaint();
}

/* The scan's last rows stay in the ring however late they are fetched. */
static void the_last_rows_wait(void **state)
{
    (void)state;
    for (unsigned left = 1; left < SCANNER_RING_ROWS; left++) {
        scans_rows(0, ROWS - left);
        stm32_scan_wait_us(chip, 100 * left + scanner.schedule.scan_us / 4);
        scans_rows(ROWS - left, ROWS);
    }
    assert_int_equal(scanner.scans_lost, 0);
    no_complaint();
}

/* Longer, a row may be gone; then the scan is given up, never told wrong; the next is whole. */
static void a_processor_held_up_long_never_tells_wrong_rows(void **state)
{
    (void)state;
    uint32_t row_us = scanner.schedule.row_ns / 1000;
    unsigned lost = 0;
    for (unsigned rows = 4; rows < 40; rows++) {
        uint16_t counts[COLS];
        unsigned at = 1 + draw() % 40, row = at;
        scans_rows(0, at);
        stm32_scan_wait_us(chip, row_us * rows + draw() % row_us);
        for (; row < ROWS && scanner_row(&scanner, row, counts) == 0; row++)
            row_is_the_picture(row, counts);
        lost += row < ROWS;
        if (rows >= 14)
            assert_true(row < ROWS);
        draw_picture();
        scans_rows(0, ROWS);
    }
    assert_int_equal(scanner.scans_lost, lost);
    no_complaint();
}

static void a_scan_left_at_any_row_is_begun_anew(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 25; i++) {
        scans_rows(0, draw() % ROWS);
        stm32_scan_wait_us(chip, draw() % 2000);
        draw_picture();
    }
    scans_rows(0, ROWS);
    no_complaint();
    assert_int_equal(world.most_rows_at_once, 1);
}

static void rows_out_of_order_are_refused(void **state)
{
    (void)state;
    uint16_t counts[COLS];
    assert_int_equal(scanner_row(&scanner, 5, counts), -1);
    scans_rows(0, 3);
    assert_int_equal(scanner_row(&scanner, 4, counts), -1);
    assert_int_equal(scanner_row(&scanner, 3, counts), -1); /* the scan is over */
    scans_rows(0, ROWS);
    assert_int_equal(scanner_row(&scanner, ROWS, counts), -1);
    no_complaint();
}

/* Fails within a bounded time; the scan after it is whole. */
static void fails_and_recovers(void (*fault)(void))
{
    uint16_t counts[COLS];
    for (unsigned at = 0; at < 20; at += 3) {
        unsigned row = at;
        if (at > 0)
            scans_rows(0, at);
        fault();
        uint64_t begin = stm32_scan_now(chip);
        for (; row < ROWS && scanner_row(&scanner, row, counts) == 0; row++)
            row_is_the_picture(row, counts);
        if (at > 0) {
            assert_true(row < ROWS);
            assert_in_range((stm32_scan_now(chip) - begin) / STM32_CYCLES_PER_US, 0,
                            20 * scanner.schedule.row_ns / 1000 + 1000);
        }
        scans_rows(0, ROWS);
    }
    no_complaint();
}

static void fail_results(void)
{
    stm32_scan_fail_dma(chip, 0);
}

static void fail_script(void)
{
    stm32_scan_fail_dma(chip, 1);
}

static void overrun(void)
{
    stm32_scan_overrun(chip);
}

static void a_dma_error_ends_the_scan_and_not_the_plate(void **state)
{
    (void)state;
    fails_and_recovers(fail_results);
}

static void an_overrun_ends_the_scan_and_not_the_plate(void **state)
{
    (void)state;
    fails_and_recovers(overrun);
}

/* Without its script the rows stand still while conversions go on: the counts would be one row's
 * over and over. */
static void a_script_that_stops_is_noticed(void **state)
{
    (void)state;
    fails_and_recovers(fail_script);
}

static void temperature_is_measured_between_and_amidst_scans(void **state)
{
    (void)state;
    pin_analog(PIN_THERMISTOR_PORT, PIN_THERMISTOR);
    for (unsigned i = 0; i < 12; i++) {
        world.thermistor = draw() & 4095;
        assert_int_equal(scanner_measure(&scanner, PIN_THERMISTOR_INPUT), world.thermistor);
        scans_rows(0, i % 3 == 2 ? 7 : ROWS);
    }
    no_complaint();
}

/* --- Thermistor, outputs ------------------------------------------------------------------------
 */

/* 10 kilohm at 25 degree, B = 3435 K, below 10 kilohm: the formula against the table. */
static void the_thermistor_is_read_within_its_bound(void **state)
{
    (void)state;
    for (double cdeg = -1990; cdeg < 6990; cdeg += 37) {
        double ohm = 10000 * exp(3435 * (1 / (cdeg / 100 + 273.15) - 1 / 298.15));
        double counts = 4095 * ohm / (ohm + 10000);
        assert_near(thermistor_cdeg((unsigned)lround(counts)), cdeg, 30);
    }
    assert_int_equal(thermistor_cdeg(0), WIRE_NO_TEMPERATURE);    /* shorted */
    assert_int_equal(thermistor_cdeg(4095), WIRE_NO_TEMPERATURE); /* missing */
}

static int light(void)
{
    return stm32_scan_word(chip, 0x40020414) >> PIN_LIGHT & 1;
}

/* TIM4, channel 3 (RM0090, 18): counting, its output on, its pin an alternate function 2. */
static int buzzer(void)
{
    return tim4[0] & 1 && tim4[8] & 1u << 8 && tim4[15] > 0;
}

static void light_and_buzzer_do_as_told(void **state)
{
    (void)state;
    outputs_start(84000000);
    assert_false(light() || buzzer());
    for (unsigned signals = 0; signals < 8; signals++) {
        unsigned both = signals * 5 & 3; /* each, in some order, more than once */
        outputs_signal(both);
        assert_int_equal(light(), (both & WIRE_SIGNAL_LIGHT) != 0);
        assert_int_equal(buzzer(), (both & WIRE_SIGNAL_BUZZER) != 0);
    }
    outputs_signal(WIRE_SIGNAL_BUZZER);
    double hz = 84e6 / (tim4[10] + 1) / (tim4[11] + 1);
    assert_near(hz, OUTPUTS_BUZZER_HZ, 30);
    assert_near((double)tim4[15] / (tim4[11] + 1), 0.5, 0.01);
    assert_int_equal(tim4[7] >> 4 & 7, 6); /* PWM mode 1 */
    assert_int_equal(stm32_scan_word(chip, 0x40020400) >> 2 * PIN_BUZZER & 3, 2);
    assert_int_equal(stm32_scan_word(chip, 0x40020424) >> 4 * (PIN_BUZZER - 8) & 15, 2);
    no_complaint();
}

/* --- Button -------------------------------------------------------------------------------------
 */

static void press(int down)
{
    stm32_scan_drive_b(chip, PIN_BUTTON, !down);
}

static void each_edge_has_its_microsecond(void **state)
{
    (void)state;
    enum { EDGES = 500 };
    uint64_t true_us[EDGES];
    struct plate_edge edge;
    button_input_start(&button);
    int seen = 0;
    for (int i = 0; i < EDGES; i++) {
        stm32_scan_wait_us(chip, 2 + draw() % 700);
        true_us[i] = timebase_us();
        press(i % 2 == 0);
        if (draw() % 20 == 0) /* the main loop looks now and then */
            for (; button_input_edge(&button, &edge); seen++) {
                assert_int_equal(edge.down, seen % 2 == 0);
                assert_near((double)edge.time_us, (double)true_us[seen], 1);
            }
    }
    while (button_input_edge(&button, &edge))
        seen++;
    assert_int_equal(seen, EDGES);
    no_complaint();
}

/* More edges than the ring holds, and edges that the interrupt was too late for (CC3OF): the time
 * of some is lost, the last level never. */
static void a_contact_gone_wild_ends_with_the_truth(void **state)
{
    (void)state;
    struct plate_edge edge, last = {0};
    button_input_start(&button);
    for (int storm = 0; storm < 40; storm++) {
        uint64_t before_us = last.time_us;
        unsigned n = 1 + draw() % 300;
        int down = 0, told = 0;
        for (unsigned i = 0; i < n; i++) {
            press(down = !down);
            if (draw() % 3)
                stm32_scan_wait_us(chip, 1 + draw() % 5);
            if (draw() % 4 == 0)
                stm32_scan_mask(chip, draw() % 2); /* something else goes before it */
        }
        stm32_scan_mask(chip, 0);
        stm32_scan_wait_us(chip, 50);
        while (button_input_edge(&button, &edge)) {
            assert_true(edge.time_us >= last.time_us);
            last = edge;
            told++;
        }
        assert_int_equal(last.down, down);
        assert_true(told > 0 || !down); /* a late look may tell one level twice */
        assert_true(last.time_us >= before_us && last.time_us <= timebase_us());
        if (down) {
            press(0);
            stm32_scan_wait_us(chip, 50);
            while (button_input_edge(&button, &edge))
                last = edge;
            assert_int_equal(last.down, 0);
        }
    }
    no_complaint();
}

/* After too many edges the contact's level is told as one of now; an edge that was captured before
 * and is fetched after it must not be told as of before. */
static void time_does_not_go_back(void **state)
{
    (void)state;
    struct plate_edge edge, last = {0};
    button_input_start(&button);
    for (unsigned i = 0; i <= BUTTON_RING; i++) {
        press(i % 2 == 0);
        stm32_scan_wait_us(chip, 5);
    }
    for (unsigned i = 0; i < BUTTON_RING; i++)
        assert_true(button_input_edge(&button, &last));
    assert_false(last.down); /* the one edge more was let go */
    stm32_scan_mask(chip, 1);
    press(0);
    stm32_scan_wait_us(chip, 5);
    press(1);
    stm32_scan_wait_us(chip, 100);
    assert_true(button_input_edge(&button, &last));
    assert_true(last.down);
    stm32_scan_mask(chip, 0);
    stm32_scan_wait_us(chip, 5);
    assert_true(button_input_edge(&button, &edge));
    assert_true(edge.down);
    assert_true(edge.time_us >= last.time_us);
    assert_false(button_input_edge(&button, &edge));
    no_complaint();
}

/* --- The model itself ---------------------------------------------------------------------------
 * A model that never complains proves nothing: each misuse on its own, on a chip in good order. */

static void touched_while_on(void)
{
    mmio_write(0x40026428 + 4, 10);
    mmio_write(0x40026428 + 12, (uint32_t)(uintptr_t)&scanner);
    mmio_write(0x40026428, 1);
    mmio_write(0x40026428 + 4, 11);
}

static void beyond_its_memory(void)
{
    mmio_write(0x40026440 + 4, 10);
    mmio_write(0x40026440 + 12, 0x10000000); /* core-coupled */
    mmio_write(0x40026440, 1);
}

static void too_fast(void)
{
    mmio_write(0x40012304, 0);
    mmio_write(0x40012008, 1);
    stm32_scan_wait_us(chip, 10);
    mmio_write(0x40012008, 1u | 1u << 30);
}

static void too_soon(void)
{
    mmio_write(0x40012304, 1u << 16);
    mmio_write(0x40012008, 0);
    mmio_write(0x40012008, 1);
    mmio_write(0x40012008, 1u | 1u << 30);
}

static void without_clock(void)
{
    mmio_write(0x40023844, 0);
    mmio_read(0x40010424);
}

static void a_misuse_is_complained_about(void **state)
{
    static void (*const misuses[])(void) = {touched_while_on, beyond_its_memory, too_fast, too_soon,
                                            without_clock};
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++) {
        if (i > 0) {
            end(state);
            start(state);
        }
        no_complaint();
        misuses[i]();
        if (stm32_mmio_complaints() == 0)
            fail_msg("misuse %zu went through", i);
    }
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        STORY(counts_are_the_picture),
        STORY(the_row_clock_is_high_for_a_slot),
        STORY(a_half_is_seen_before_its_interrupt),
        STORY(a_slower_processor_scans_the_same),
        STORY(between_scans_no_row_is_driven_and_nothing_converts),
        STORY(a_processor_held_up_a_little_loses_nothing),
        STORY(the_last_rows_wait),
        STORY(a_processor_held_up_long_never_tells_wrong_rows),
        STORY(a_scan_left_at_any_row_is_begun_anew),
        STORY(rows_out_of_order_are_refused),
        STORY(a_dma_error_ends_the_scan_and_not_the_plate),
        STORY(an_overrun_ends_the_scan_and_not_the_plate),
        STORY(a_script_that_stops_is_noticed),
        STORY(temperature_is_measured_between_and_amidst_scans),
        STORY(the_thermistor_is_read_within_its_bound),
        STORY(light_and_buzzer_do_as_told),
        STORY(each_edge_has_its_microsecond),
        STORY(a_contact_gone_wild_ends_with_the_truth),
        STORY(time_does_not_go_back),
        STORY(a_misuse_is_complained_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
