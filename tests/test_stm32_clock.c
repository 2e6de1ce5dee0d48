/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference board before it scans: the clock tree held against the manual's limits, waits that
 * end, the device clock over a turn of its timer, who the plate is, the way into the loader, the
 * watchdog and the console. */
#include "firmware/boards/stm32f405/clock.h"
#include "firmware/boards/stm32f405/console.h"
#include "firmware/boards/stm32f405/identity.h"
#include "firmware/boards/stm32f405/interrupts.h"
#include "firmware/boards/stm32f405/kept.h"
#include "firmware/boards/stm32f405/timebase.h"
#include "firmware/boards/stm32f405/watchdog.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_rcc_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct stm32_rcc rcc;

static int fresh_bus(void **state)
{
    (void)state;
    stm32_mmio_reset();
    rcc = (struct stm32_rcc){.crystal_hz = 8000000, .ready_accesses = 137};
    stm32_rcc_attach(&rcc);
    return 0;
}

static void no_complaint(void)
{
    if (stm32_mmio_complaint())
        fail_msg("%s", stm32_mmio_complaint());
}

/* --- Clocks -------------------------------------------------------------------------------------
 */

/* What the driver says is what the registers say. */
static void tells_the_truth(const struct clock_tree *tree)
{
    assert_int_equal(tree->system_hz, stm32_rcc_system_hz(&rcc));
    assert_int_equal(tree->apb1_hz, stm32_rcc_bus_hz(&rcc, 1));
    assert_int_equal(tree->apb2_hz, stm32_rcc_bus_hz(&rcc, 2));
    assert_int_equal(tree->apb1_timer_hz, stm32_rcc_timer_hz(&rcc, 1));
    assert_int_equal(tree->apb2_timer_hz, stm32_rcc_timer_hz(&rcc, 2));
    assert_int_equal(tree->usb_hz, stm32_rcc_usb_hz(&rcc));
    no_complaint();
}

static void a_crystal_gives_168_and_48_mhz(void **state)
{
    (void)state;
    struct clock_tree tree = clock_start();
    assert_int_equal(tree.source, CLOCK_CRYSTAL);
    tells_the_truth(&tree);
    assert_int_equal(tree.system_hz, 168000000);
    assert_int_equal(tree.usb_hz, 48000000);
    assert_in_range(stm32_rcc_vco_input_hz(&rcc), 1000000, 2000000);
    assert_in_range(stm32_rcc_vco_hz(&rcc), 192000000, 432000000);
    assert_in_range(tree.apb1_hz, 1, 42000000);
    assert_in_range(tree.apb2_hz, 1, 84000000);
    assert_int_equal(rcc.flash[0] & 7, 5);
    assert_true(rcc.rcc[0] >> 19 & 1); /* the crystal is watched */
}

static void without_a_crystal_it_runs_by_itself_and_says_so(void **state)
{
    (void)state;
    rcc.crystal_hz = 0;
    struct clock_tree tree = clock_start();
    assert_int_equal(tree.source, CLOCK_INTERNAL);
    tells_the_truth(&tree);
    assert_int_equal(tree.system_hz, 168000000);
    assert_int_equal(tree.usb_hz, 48000000);
    assert_false(rcc.rcc[0] >> 16 & 1); /* off: it draws current and nobody uses it */
    assert_in_range(stm32_mmio_accesses(), 100000, 1000000);
}

/* A slow crystal is waited for: 30 ms are some 40,000 looks at 16 MHz. */
static void a_slow_crystal_is_waited_for(void **state)
{
    (void)state;
    rcc.ready_accesses = 40000;
    struct clock_tree tree = clock_start();
    assert_int_equal(tree.source, CLOCK_CRYSTAL);
    tells_the_truth(&tree);
}

static void every_wait_ends(void **state)
{
    for (int fault = 0; fault < 4; fault++) {
        fresh_bus(state);
        rcc.crystal_hz = fault & 1 ? 8000000 : 0;
        rcc.pll_never_locks = fault < 2;
        rcc.switch_never_happens = fault >= 2;
        struct clock_tree tree = clock_start();
        assert_int_equal(tree.source, CLOCK_BARE);
        tells_the_truth(&tree);
        assert_int_equal(tree.system_hz, 16000000);
        assert_in_range(stm32_mmio_accesses(), 100000, 1000000);
    }
}

static void stopped_it_is_as_after_a_reset(void **state)
{
    (void)state;
    clock_start();
    clock_stop();
    no_complaint();
    assert_int_equal(stm32_rcc_system_hz(&rcc), 16000000);
    assert_int_equal(rcc.rcc[0] & 0x01090000, 0);
    assert_int_equal(rcc.rcc[1], 0x24003010);
    assert_int_equal(rcc.rcc[2], 0);
    clock_start();
    no_complaint();
    assert_int_equal(stm32_rcc_system_hz(&rcc), 168000000);
}

/* --- Device clock -------------------------------------------------------------------------------
 */

/* TIM2 of RM0090, 18.4, as far as a free-running counter goes: `us` is the true time. */
static struct {
    uint64_t true_us, us_per_read;
    uint32_t prescaler, prescaler_at_work, top, control;
} tim2;

static uint32_t read_tim2(void *model, uint32_t address)
{
    (void)model;
    if (address == 0x40000024) {
        tim2.true_us += tim2.us_per_read;
        return (uint32_t)tim2.true_us;
    }
    return address == 0x40000000 ? tim2.control : 0;
}

static void write_tim2(void *model, uint32_t address, uint32_t value)
{
    (void)model;
    switch (address - 0x40000000) {
    case 0x00:
        tim2.control = value;
        break;
    case 0x14:
        if (value & 1)
            tim2.prescaler_at_work = tim2.prescaler;
        break;
    case 0x28:
        tim2.prescaler = value;
        break;
    case 0x2C:
        tim2.top = value;
        break;
    }
}

static void start_tim2(uint32_t timer_hz)
{
    memset(&tim2, 0, sizeof tim2);
    stm32_mmio_attach(
        &(struct stm32_block){"TIM2", 0x40000000, 0x40000400, NULL, read_tim2, write_tim2});
    timebase_start(timer_hz);
    assert_true(rcc.rcc[16] & 1); /* its clock */
    assert_true(tim2.control & 1);
    assert_int_equal(tim2.top, UINT32_MAX);
    assert_int_equal(timer_hz / (tim2.prescaler_at_work + 1), 1000000);
}

static void the_device_clock_outlives_its_timer(void **state)
{
    (void)state;
    start_tim2(84000000);
    uint64_t seen = 0;
    for (int i = 0; i < 12000; i++) { /* two and a half days in steps of 18 s */
        tim2.true_us += 18123457;
        uint64_t now_us = timebase_us();
        assert_true(now_us >= seen);
        assert_true(now_us == tim2.true_us);
        seen = now_us;
    }
    assert_true(seen > (uint64_t)40 * UINT32_MAX);
    start_tim2(16000000);
    assert_true(timebase_us() == 0);
    no_complaint();
}

/* Edges captured just before and after a turn of the timer get the time they had. */
static void a_captured_edge_gets_its_time(void **state)
{
    (void)state;
    start_tim2(84000000);
    for (uint64_t us = 5; us < (uint64_t)3 << 32; us += 1234567891) {
        for (int64_t off = -2000000000; off <= 2000000000; off += 333333333) {
            int64_t edge = (int64_t)us + off;
            tim2.true_us = us;
            timebase_us();
            if (edge >= 0)
                assert_true(timebase_of((uint32_t)edge) == (uint64_t)edge);
        }
    }
}

static void a_wait_is_never_shorter(void **state)
{
    (void)state;
    start_tim2(84000000);
    tim2.true_us = UINT32_MAX - 20; /* over the turn */
    tim2.us_per_read = 1;
    uint64_t begin = tim2.true_us;
    timebase_wait_us(50);
    assert_in_range(tim2.true_us - begin, 50, 53);
}

/* --- Who it is ----------------------------------------------------------------------------------
 */

static void the_serial_is_the_loaders(void **state)
{
    (void)state;
    /* Bytes 00 11 22 ... BB of the id, least first; the loader's digits worked out by hand. */
    uint32_t words[3] = {0x33221100, 0x77665544, 0xBBAA9988}, id[3];
    char serial[IDENTITY_SERIAL_BYTES];
    stm32_mmio_attach_words("UID", 0x1FFF7A10, words, 3);
    identity_read(id);
    identity_serial(id, serial);
    assert_string_equal(serial, "TF-BBCC99887766");
    words[0] = 0x00FF00F1; /* sums go over a byte's end without a carry */
    identity_read(id);
    identity_serial(id, serial);
    assert_string_equal(serial, "TF-BBA999797766");
    no_complaint();
}

static struct {
    uint32_t control, status, next, step;
} rng;

static uint32_t read_rng(void *model, uint32_t address)
{
    (void)model;
    if (address == 0x50060804)
        return rng.control & 4 ? rng.status : 0;
    return address == 0x50060808 ? rng.next += rng.step : rng.control;
}

static void write_rng(void *model, uint32_t address, uint32_t value)
{
    (void)model;
    if (address == 0x50060800)
        rng.control = value;
}

static void a_boot_has_its_own_number(void **state)
{
    (void)state;
    const uint32_t id[3] = {0x00410025, 0x32345107, 0x38363332};
    memset(&rng, 0, sizeof rng);
    stm32_mmio_attach(
        &(struct stm32_block){"RNG", 0x50060800, 0x50060C00, NULL, read_rng, write_rng});
    rng.status = 1;
    rng.next = 1000;
    rng.step = 77;
    assert_int_equal(identity_boot(id, 3), 1154); /* not the first one */
    assert_int_equal(rng.control, 0);
    assert_int_equal(rcc.rcc[13] & 1u << 6, 0);
    static const uint32_t broken[] = {0, 1 << 1, 1 << 2 | 1}; /* nothing, no clock, no randomness */
    for (size_t i = 0; i < 3; i++) {
        rng.status = broken[i];
        assert_int_not_equal(identity_boot(id, 3), identity_boot(id, 4));
    }
    rng.status = 1;
    rng.step = 0; /* stuck */
    assert_int_not_equal(identity_boot(id, 3), identity_boot(id, 4));
    no_complaint();
}

/* --- What outlives a reset ----------------------------------------------------------------------
 */

static void power_up_noise_never_leads_to_the_loader(void **state)
{
    (void)state;
    uint32_t x = 2463534242;
    for (int i = 0; i < 100000; i++) {
        struct kept kept;
        uint32_t pc;
        for (size_t k = 0; k < sizeof kept; k += sizeof x) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            memcpy((char *)&kept + k, &x, sizeof x);
        }
        assert_false(kept_takes_loader(&kept));
        assert_int_equal(kept.boots, 1);
        assert_int_equal(kept_take_fault(&kept, &pc), KEPT_NO_FAULT);
    }
}

static void the_wish_for_the_loader_is_taken_once(void **state)
{
    (void)state;
    struct kept kept = {.magic = 12345};
    assert_false(kept_takes_loader(&kept));
    kept_ask_for_loader(&kept);
    struct kept half = kept; /* the word alone, or only its complement, is no wish */
    half.loader_check ^= 1u << 9;
    assert_false(kept_takes_loader(&half));
    assert_true(kept_takes_loader(&kept));
    assert_false(kept_takes_loader(&kept));
    assert_int_equal(kept.boots, 3);
}

static void a_fault_is_told_once(void **state)
{
    (void)state;
    struct kept kept = {0};
    uint32_t pc = 0;
    kept_takes_loader(&kept);
    kept_note_fault(&kept, KEPT_HARD_FAULT, 0x08001234);
    assert_false(kept_takes_loader(&kept));
    assert_int_equal(kept_take_fault(&kept, &pc), KEPT_HARD_FAULT);
    assert_int_equal(pc, 0x08001234);
    assert_int_equal(kept_take_fault(&kept, &pc), KEPT_NO_FAULT);
    kept.fault = 4711;
    assert_int_equal(kept_take_fault(&kept, &pc), KEPT_UNEXPECTED);
}

/* --- Watchdog, interrupts, console --------------------------------------------------------------
 */

/* IWDG of RM0090, 21: PR and RLR are protected, are taken over after a while if it runs. */
static struct {
    uint32_t prescaler, reload, busy;
    int is_open, runs;
    unsigned kicks;
} iwdg;

static uint32_t read_iwdg(void *model, uint32_t address)
{
    (void)model;
    if (address != 0x4000300C)
        return 0;
    if (iwdg.busy && iwdg.runs)
        iwdg.busy--;
    return iwdg.busy ? 3u : 0u;
}

static void write_iwdg(void *model, uint32_t address, uint32_t value)
{
    (void)model;
    if (address == 0x40003000) {
        iwdg.is_open = value == 0x5555;
        iwdg.runs |= value == 0xCCCC;
        iwdg.kicks += value == 0xAAAA;
        return;
    }
    if (!iwdg.is_open)
        stm32_mmio_complain("IWDG: written while protected");
    *(address == 0x40003004 ? &iwdg.prescaler : &iwdg.reload) = value;
    iwdg.busy = 60;
}

static void the_watchdog_has_the_time_it_was_given(void **state)
{
    (void)state;
    static const uint32_t times_ms[] = {16, 100, 1000, 4000, 16000};
    uint32_t debug[4] = {0};
    stm32_mmio_attach_words("DBGMCU", 0xE0042000, debug, 4);
    stm32_mmio_attach(
        &(struct stm32_block){"IWDG", 0x40003000, 0x40003010, NULL, read_iwdg, write_iwdg});
    for (size_t i = 0; i < sizeof times_ms / sizeof *times_ms; i++) {
        memset(&iwdg, 0, sizeof iwdg);
        watchdog_start(times_ms[i]);
        assert_true(iwdg.runs);
        uint32_t ms = (iwdg.reload) * (4u << iwdg.prescaler) / 32; /* of 32 kHz */
        assert_in_range(ms, times_ms[i] - 4, times_ms[i] + 4);
        assert_int_equal(iwdg.busy, 0);
        assert_int_equal(iwdg.kicks, 1);
        watchdog_kick();
        assert_int_equal(iwdg.kicks, 2);
    }
    assert_true(debug[2] & 1u << 12);
    no_complaint();
}

/* NVIC of ARMv7-M, B3.4, as words. */
static uint32_t nvic[0x400];

static void an_interrupt_has_its_own_bit_and_byte(void **state)
{
    (void)state;
    memset(nvic, 0, sizeof nvic);
    stm32_mmio_attach_words("NVIC", 0xE000E100, nvic, 0x400);
    interrupt_enable(67, PRIORITY_USB);
    interrupt_enable(28, PRIORITY_CAPTURE);
    assert_int_equal(nvic[2], 1u << 3);
    assert_int_equal(nvic[0], 1u << 28);
    const uint8_t *priority = (const uint8_t *)(nvic + 0x300 / 4);
    assert_int_equal(priority[67], PRIORITY_USB);
    assert_int_equal(priority[28], PRIORITY_CAPTURE);
    assert_int_equal(priority[66] | priority[68] | priority[27] | priority[29], 0);
    interrupt_pend(67);
    assert_int_equal(nvic[0x100 / 4 + 2], 1u << 3);
    no_complaint();
}

static struct {
    uint32_t status, control, divider;
    char said[4096];
    size_t n;
} usart;

static uint32_t read_usart(void *model, uint32_t address)
{
    (void)model;
    return address == 0x40011000 ? usart.status : 0;
}

static void write_usart(void *model, uint32_t address, uint32_t value)
{
    (void)model;
    if (address == 0x40011004) {
        if (!(usart.status & 1u << 7) || (usart.control & 0x2008) != 0x2008)
            stm32_mmio_complain("USART1: DR written while it is not ready");
        usart.said[usart.n++] = (char)value;
    } else if (address == 0x40011008) {
        usart.divider = value;
    } else if (address == 0x4001100C) {
        usart.control = value;
    }
}

static void start_console(uint32_t clock_hz)
{
    static uint32_t pins[16];
    memset(&usart, 0, sizeof usart);
    stm32_mmio_attach_words("GPIOB", 0x40020400, pins, 16);
    stm32_mmio_attach_words("NVIC", 0xE000E100, nvic, 0x400);
    stm32_mmio_attach(
        &(struct stm32_block){"USART1", 0x40011000, 0x40011400, NULL, read_usart, write_usart});
    console_start(clock_hz);
    assert_int_equal(pins[0] >> 12 & 3, 2);  /* PB6: alternate function ... */
    assert_int_equal(pins[8] >> 24 & 15, 7); /* ... 7 */
    assert_in_range(clock_hz / usart.divider, CONSOLE_BAUD * 98 / 100, CONSOLE_BAUD * 102 / 100);
}

static int console_wants(void)
{
    return (usart.control & 1u << 7) != 0;
}

static void the_console_says_whole_lines_and_waits_for_nobody(void **state)
{
    (void)state;
    start_console(16000000);
    start_console(84000000);
    for (int i = 0; i < 100; i++)
        console_number("a line of a certain length ", 0xC0FFEE00u + (uint32_t)i);
    assert_true(console_wants());
    console_interrupt(); /* not ready: nothing goes */
    assert_int_equal(usart.n, 0);
    usart.status = 1u << 7;
    while (console_wants())
        console_interrupt();
    assert_in_range(usart.n, 400, CONSOLE_RING_BYTES);
    assert_int_equal(console_lines_left_out(), 100 - usart.n / 37);
    assert_int_equal(usart.n % 37, 0);
    assert_memory_equal(usart.said, "a line of a certain length C0FFEE00\r\n", 37);
    size_t before = usart.n;
    console_line("and on");
    while (console_wants())
        console_interrupt();
    assert_memory_equal(usart.said + before, "and on\r\n", 8);
    no_complaint();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_crystal_gives_168_and_48_mhz, fresh_bus),
        cmocka_unit_test_setup(without_a_crystal_it_runs_by_itself_and_says_so, fresh_bus),
        cmocka_unit_test_setup(a_slow_crystal_is_waited_for, fresh_bus),
        cmocka_unit_test_setup(every_wait_ends, fresh_bus),
        cmocka_unit_test_setup(stopped_it_is_as_after_a_reset, fresh_bus),
        cmocka_unit_test_setup(the_device_clock_outlives_its_timer, fresh_bus),
        cmocka_unit_test_setup(a_captured_edge_gets_its_time, fresh_bus),
        cmocka_unit_test_setup(a_wait_is_never_shorter, fresh_bus),
        cmocka_unit_test_setup(the_serial_is_the_loaders, fresh_bus),
        cmocka_unit_test_setup(a_boot_has_its_own_number, fresh_bus),
        cmocka_unit_test_setup(power_up_noise_never_leads_to_the_loader, fresh_bus),
        cmocka_unit_test_setup(the_wish_for_the_loader_is_taken_once, fresh_bus),
        cmocka_unit_test_setup(a_fault_is_told_once, fresh_bus),
        cmocka_unit_test_setup(the_watchdog_has_the_time_it_was_given, fresh_bus),
        cmocka_unit_test_setup(an_interrupt_has_its_own_bit_and_byte, fresh_bus),
        cmocka_unit_test_setup(the_console_says_whole_lines_and_waits_for_nobody, fresh_bus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
