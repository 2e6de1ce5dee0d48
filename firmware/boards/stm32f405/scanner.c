/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/scanner.h"

#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/regs_adc.h"
#include "firmware/boards/stm32f405/regs_dma.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_tim.h"
#include "firmware/boards/stm32f405/timebase.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define RING_ITEMS (SCANNER_RING_ROWS * SCANNER_ROW_ITEMS)
#define HALF_ITEMS (RING_ITEMS / 2u)
#define LOOKS_MAX 1000u     /* for a stream to stop: it ends one transfer, some cycles */
#define STABLE_US 5u        /* an ADC after power-on: 3 us (DS8626, table 67, tSTAB) */
#define MEASURE_LOOKS 1000u /* 84 + 12 cycles at 21 MHz are 5 us; a look is 60 ns or more */
#define GRACE_US 100u       /* on top of twice a row's time: interrupts of others */

#define STREAM_RESULTS 0u
#define STREAM_SCRIPT 1u
#define CHANNEL_ADC1 0u
#define CHANNEL_TIM8_UP 7u

/* The timing budget. After a scan the processor gates, encodes and hands over what was scanned: 50
 * cycles a cell and 0.2 ms are set aside for it (firmware/README.md has what it takes). */
#define SCAN_TICKS (SCANNER_SLOT_TICKS * SCANNER_SLOTS * GEOMETRY_ROWS)
#define PROCESSOR_US (200u + GEOMETRY_ROWS * GEOMETRY_COLS * 3u / 10u)
static_assert(SCANNER_SLOT_TICKS <= SCHEDULE_TICKS_MAX, "a slot fits TIM8");
static_assert(SCAN_TICKS / (SCANNER_TIMER_HZ / 1000000u) + PROCESSOR_US <=
                  1000000u / GEOMETRY_RATE_MAX_HZ,
              "a scan and the processor's share fit the highest rate");
static_assert(SCANNER_ADC_HZ <= SCHEDULE_ADC_HZ_MAX, "the ADC's clock");
static_assert(GEOMETRY_ROWS % SCANNER_HALF_ROWS == 0 && GEOMETRY_ROWS <= 256u,
              "a scan is whole halves of the ring");
static_assert(GEOMETRY_COLS % SCHEDULE_MUX_INPUTS == 0 &&
                  SCHEDULE_MUXES(GEOMETRY_COLS) <= SCHEDULE_MUXES_MAX,
              "columns come by eights, up to 96");
static_assert(SCANNER_SLOTS >= 2, "the row clock falls in the second slot");
static_assert(RING_ITEMS <= 65535u, "a turn of the DMA");

static const struct schedule_plan plan = {
    .rows = GEOMETRY_ROWS,
    .cols = GEOMETRY_COLS,
    .timer_hz = SCANNER_TIMER_HZ,
    .adc_hz = SCANNER_ADC_HZ,
    .sample_cycles = SCANNER_SAMPLE_CYCLES,
    .mux_settle_ns = SCANNER_MUX_SETTLE_NS,
    .row_settle_ns = SCANNER_ROW_SETTLE_NS,
};

/* --- Set-up ---------------------------------------------------------------------------------- */

static void start_pins(unsigned muxes)
{
    for (unsigned i = 0; i < muxes; i++) {
        pin_analog(PIN_ADC1_PORT, PIN_ADC1_FIRST + i);
        pin_analog(PIN_ADC2_PORT, PIN_ADC2_FIRST + i);
        pin_analog(PIN_ADC3_PORT, PIN_ADC3_FIRST + i);
    }
    for (unsigned i = 0; i < 3; i++)
        pin_output(PIN_SCAN_PORT, PIN_MUX_A0 + i, 0);
    pin_output(PIN_SCAN_PORT, PIN_ROW_CLOCK, 0);
    pin_output(PIN_SCAN_PORT, PIN_ROW_DATA, 0);
    pin_output(PIN_SCAN_PORT, PIN_ROW_CLEAR, 1);
}

/* Slot by slot: the address, the row clock's rise in the first and its fall in the second. */
static void write_script(struct scanner *scanner)
{
    for (unsigned slot = 0; slot < SCANNER_SLOTS; slot++) {
        unsigned settle = SCANNER_SETTLE_SLOTS, address = slot < settle ? 0 : slot - settle;
        uint32_t set = address << PIN_MUX_A0, clear = (7u & ~address) << PIN_MUX_A0;
        if (slot == 0)
            set |= 1u << PIN_ROW_CLOCK;
        if (slot == 1)
            clear |= 1u << PIN_ROW_CLOCK;
        scanner->script[slot] = set | clear << 16;
    }
}

/* A sequence of `muxes` inputs from `first` on, all sampled alike. Places and inputs of a sampling
 * register are far from their ends: four of each at most. */
static void start_adc(uint32_t adc, unsigned first, unsigned muxes)
{
    uint32_t places = 0, sampling = 0, at = first % 10u;
    for (unsigned i = 0; i < muxes; i++) {
        places |= (first + i) << 5 * i;
        sampling |= ADC_SMP_15_CYCLES << 3 * (at + i);
    }
    mmio_write(ADC_CR1(adc), ADC_CR1_SCAN);
    mmio_write(first < 10u ? ADC_SMPR2(adc) : ADC_SMPR1(adc), sampling);
    mmio_write(ADC_SQR1(adc), (muxes - 1u) << ADC_SQR1_LENGTH_AT);
    mmio_write(ADC_SQR3(adc), places);
    mmio_write(ADC_CR2(adc), 0);
}

/* PWM mode 2 on channel 1: OC1REF is low until the trigger's tick and high for the rest of the
 * slot; its rise is what TRGO hands to the ADCs (RM0090, 17.3.9, 17.4.2). No pin. */
static void start_timer(const struct schedule *schedule)
{
    mmio_write(TIM_CR1(TIM8), 0);
    mmio_write(TIM_CR2(TIM8), TIM_MMS_OC1REF << TIM_CR2_MMS_AT);
    mmio_write(TIM_SMCR(TIM8), 0);
    mmio_write(TIM_DIER(TIM8), 0);
    mmio_write(TIM_CCMR1(TIM8), TIM_CCMR_PWM_2);
    mmio_write(TIM_PSC(TIM8), 0);
    mmio_write(TIM_RCR(TIM8), 0);
    mmio_write(TIM_ARR(TIM8), schedule->slot_ticks - 1u);
    mmio_write(TIM_CCR(TIM8, 1), schedule->trigger_ticks);
    mmio_write(TIM_EGR(TIM8), TIM_EGR_UG);
    mmio_write(TIM_SR(TIM8), 0);
}

/* Written twice each: 50 ns or more, which suits a 74HC595 at 3.3 V with a long clock line. */
static void row_pin(unsigned pin, int high)
{
    pin_set(PIN_SCAN_PORT, pin, high);
    pin_set(PIN_SCAN_PORT, pin, high);
}

static void clock_row(void)
{
    row_pin(PIN_ROW_CLOCK, 1);
    row_pin(PIN_ROW_CLOCK, 0);
}

/* The shift stages are cleared, and one clock stores the empty chain: all rows are grounded. */
static void clear_rows(void)
{
    row_pin(PIN_ROW_CLOCK, 0);
    row_pin(PIN_ROW_CLEAR, 0);
    clock_row();
    row_pin(PIN_ROW_CLEAR, 1);
}

const char *scanner_start(struct scanner *scanner)
{
    memset(scanner, 0, sizeof *scanner);
    const char *fault = schedule_make(&plan, &scanner->schedule);
    if (fault)
        return fault;
    write_script(scanner);
    mmio_set(RCC_AHB1ENR, RCC_AHB1_DMA2);
    mmio_set(RCC_APB2ENR, RCC_APB2_TIM8 | RCC_APB2_ADC1 | RCC_APB2_ADC2 | RCC_APB2_ADC3);
    mmio_read(RCC_APB2ENR); /* two cycles until the clocks are there (RM0090, 7.2.15) */
    start_pins(scanner->schedule.muxes);
    start_adc(ADC(1), PIN_ADC1_INPUT, scanner->schedule.muxes);
    start_adc(ADC(2), PIN_ADC2_INPUT, scanner->schedule.muxes);
    start_adc(ADC(3), PIN_ADC3_INPUT, scanner->schedule.muxes);
    start_timer(&scanner->schedule);
    clear_rows();
    return NULL;
}

/* --- A scan's begin and end ------------------------------------------------------------------ */

static void stop_timer(void)
{
    mmio_write(TIM_CR1(TIM8), 0);
}

/* A stream ends its transfer before EN falls (RM0090, 10.3.17). */
static int stop_stream(unsigned stream)
{
    mmio_write(DMA_CR(DMA2, stream), 0);
    for (unsigned i = 0; i < LOOKS_MAX; i++)
        if (!(mmio_read(DMA_CR(DMA2, stream)) & DMA_CR_EN))
            return 0;
    return -1;
}

/* Into the first stage. Storage lags by one clock, so that the script's first clock shows the token
 * at row 0. */
static void put_token(void)
{
    row_pin(PIN_ROW_DATA, 1);
    clock_row();
    row_pin(PIN_ROW_DATA, 0);
}

/* Also ends what an ADC was converting, and takes back a request of its that the DMA has not
 * served. No row stays selected. */
static int stop(struct scanner *scanner)
{
    scanner->is_running = 0;
    stop_timer();
    mmio_write(TIM_DIER(TIM8), 0);
    mmio_write(TIM_SR(TIM8), 0);
    for (unsigned n = 1; n <= SCHEDULE_ADCS; n++)
        mmio_write(ADC_CR2(ADC(n)), 0);
    mmio_write(ADC_CCR, ADC_CCR_PRESCALER_4);
    int fault = stop_stream(STREAM_RESULTS) | stop_stream(STREAM_SCRIPT);
    clear_rows();
    return fault;
}

static void start_stream(unsigned stream, uint32_t control, uint32_t peripheral, const void *memory,
                         uint32_t items)
{
    mmio_write(DMA_LIFCR(DMA2),
               DMA_FLAGS << (stream == STREAM_RESULTS ? DMA_STREAM0_AT : DMA_STREAM1_AT));
    mmio_write(DMA_PAR(DMA2, stream), peripheral);
    mmio_write(DMA_M0AR(DMA2, stream), (uint32_t)(uintptr_t)memory);
    mmio_write(DMA_NDTR(DMA2, stream), items);
    mmio_write(DMA_FCR(DMA2, stream), 0);
    mmio_write(DMA_CR(DMA2, stream), control | DMA_CR_CIRCULAR | DMA_CR_MEMORY_INCREMENT);
    mmio_set(DMA_CR(DMA2, stream), DMA_CR_EN);
}

static void start_streams(const struct scanner *scanner)
{
    start_stream(STREAM_RESULTS,
                 CHANNEL_ADC1 << DMA_CR_CHANNEL_AT | DMA_CR_PRIORITY_HIGHEST | DMA_CR_MEMORY_16 |
                     DMA_CR_PERIPHERAL_16 | DMA_CR_HALF_IE | DMA_CR_DONE_IE | DMA_CR_ERROR_IE |
                     DMA_CR_DIRECT_MODE_IE,
                 ADC_CDR, scanner->ring, RING_ITEMS);
    start_stream(STREAM_SCRIPT,
                 CHANNEL_TIM8_UP << DMA_CR_CHANNEL_AT | DMA_CR_PRIORITY_HIGH | DMA_CR_MEMORY_32 |
                     DMA_CR_PERIPHERAL_32 | DMA_CR_FROM_MEMORY,
                 GPIO_BSRR(PIN_SCAN_PORT), scanner->script, SCANNER_SLOTS);
}

/* The slaves' triggers stay off: the first ADC starts all (RM0090, 13.9). */
static void start_adcs(void)
{
    for (unsigned n = 1; n <= SCHEDULE_ADCS; n++)
        mmio_write(ADC_SR(ADC(n)), 0);
    mmio_write(ADC_CCR, ADC_CCR_PRESCALER_4 | ADC_CCR_MULTI_TRIPLE_REGULAR | ADC_CCR_DMA_MODE_1 |
                            ADC_CCR_DDS);
    for (unsigned n = SCHEDULE_ADCS; n >= 2; n--)
        mmio_write(ADC_CR2(ADC(n)), ADC_CR2_ADON);
    mmio_write(ADC_CR2(ADC(1)), ADC_CR2_ADON | ADC_CR2_EXTSEL_TIM8_TRGO | ADC_CR2_EXTEN_RISING);
    timebase_wait_us(STABLE_US);
}

/* The update made by hand sets off the script's first word. */
static int begin_scan(struct scanner *scanner)
{
    if (stop(scanner) != 0)
        return -1;
    atomic_store(&scanner->halves, 0);
    atomic_store(&scanner->is_lost, 0);
    put_token();
    start_streams(scanner);
    start_adcs();
    mmio_write(TIM_DIER(TIM8), TIM_DIER_UDE);
    mmio_write(TIM_EGR(TIM8), TIM_EGR_UG);
    mmio_write(TIM_CR1(TIM8), TIM_CR1_CEN);
    scanner->begin_us = timebase_us();
    scanner->next_row = 0;
    scanner->is_running = 1;
    return 0;
}

/* --- Rows ------------------------------------------------------------------------------------ */

/* Rows whose last result is in the ring. Where the DMA has gone over into the next half before its
 * interrupt was counted, the half is one more than counted. */
static unsigned rows_done(struct scanner *scanner)
{
    unsigned halves = atomic_load(&scanner->halves);
    unsigned at = RING_ITEMS - mmio_read(DMA_NDTR(DMA2, STREAM_RESULTS));
    if (at == RING_ITEMS) /* not reloaded yet */
        at = 0;
    if ((at >= HALF_ITEMS) != (halves % 2u != 0))
        halves++;
    return halves * SCANNER_HALF_ROWS + at % HALF_ITEMS / SCANNER_ROW_ITEMS;
}

static int wait_for(struct scanner *scanner, unsigned row)
{
    uint64_t least_us = (uint64_t)(row + 1u) * scanner->schedule.row_ns / 1000u;
    uint64_t latest_us = scanner->begin_us + 2u * least_us + GRACE_US;
    while (!atomic_load(&scanner->is_lost)) {
        if (rows_done(scanner) > row)
            return 0;
        if (timebase_us() > latest_us)
            return -1;
    }
    return -1;
}

/* Eight columns of a multiplexer lie a conversion of all multiplexers apart. */
static void take_row(const struct scanner *scanner, unsigned row, uint16_t *counts)
{
    const volatile uint16_t *items =
        scanner->ring + (size_t)(row % SCANNER_RING_ROWS) * SCANNER_ROW_ITEMS;
    unsigned step = scanner->schedule.muxes * SCHEDULE_ADCS;
    for (unsigned col = 0; col < GEOMETRY_COLS; col += SCHEDULE_MUX_INPUTS) {
        unsigned item = schedule_item_of(&scanner->schedule, col);
        for (unsigned i = 0; i < SCHEDULE_MUX_INPUTS; i++)
            counts[col + i] = items[item + i * step];
    }
}

/* A stream switches itself off at an error (RM0090, 10.3.17); the rows would then stand still under
 * conversions that go on. */
static int script_goes_on(void)
{
    return (mmio_read(DMA_CR(DMA2, STREAM_SCRIPT)) & DMA_CR_EN) != 0;
}

static int give_up(struct scanner *scanner)
{
    scanner->scans_lost++;
    stop(scanner);
    return -1;
}

int scanner_row(struct scanner *scanner, unsigned row, uint16_t *counts)
{
    if (row == 0 && begin_scan(scanner) != 0)
        return give_up(scanner);
    if (!scanner->is_running)
        return -1;
    if (row != scanner->next_row || wait_for(scanner, row) != 0 || !script_goes_on())
        return give_up(scanner);
    take_row(scanner, row, counts);
    /* While row n + 8 is being converted, row n is gone. */
    if (rows_done(scanner) >= row + SCANNER_RING_ROWS && row + SCANNER_RING_ROWS < GEOMETRY_ROWS)
        return give_up(scanner);
    scanner->next_row = row + 1u;
    if (scanner->next_row == GEOMETRY_ROWS && stop(scanner) != 0)
        return give_up(scanner);
    return 0;
}

/* After the last half of a scan the timer stops, so that nothing is overwritten however late the
 * main loop comes. */
void scanner_interrupt(struct scanner *scanner)
{
    uint32_t flags = mmio_read(DMA_LISR(DMA2)) >> DMA_STREAM0_AT & DMA_FLAGS;
    mmio_write(DMA_LIFCR(DMA2), flags << DMA_STREAM0_AT);
    unsigned filled = (flags & DMA_FLAG_HALF ? 1u : 0) + (flags & DMA_FLAG_DONE ? 1u : 0);
    unsigned halves = atomic_fetch_add(&scanner->halves, filled) + filled;
    if (halves >= GEOMETRY_ROWS / SCANNER_HALF_ROWS)
        stop_timer();
    if (flags & (DMA_FLAG_ERROR | DMA_FLAG_DIRECT_MODE)) {
        stop_timer();
        atomic_store(&scanner->is_lost, 1);
    }
}

/* --- Between two scans ----------------------------------------------------------------------- */

static int convert_once(unsigned input)
{
    mmio_write(ADC_SR(ADC(1)), 0);
    mmio_write(ADC_JSQR(ADC(1)), input << ADC_JSQR_PLACE4_AT);
    mmio_write(ADC_CR2(ADC(1)), ADC_CR2_ADON);
    timebase_wait_us(STABLE_US);
    mmio_write(ADC_CR2(ADC(1)), ADC_CR2_ADON | ADC_CR2_JSWSTART);
    for (unsigned i = 0; i < MEASURE_LOOKS; i++)
        if (mmio_read(ADC_SR(ADC(1))) & ADC_SR_JEOC)
            return (int)(mmio_read(ADC_JDR1(ADC(1))) & 0xFFFu);
    return -1;
}

/* As an injected conversion of one place: the scan's own sequence stays as it is. */
int scanner_measure(struct scanner *scanner, unsigned input)
{
    if (stop(scanner) != 0)
        return -1;
    uint32_t sampling = input < 10u ? ADC_SMPR2(ADC(1)) : ADC_SMPR1(ADC(1));
    mmio_field(sampling, 7u << 3 * (input % 10u), ADC_SMP_84_CYCLES << 3 * (input % 10u));
    int counts = convert_once(input);
    mmio_write(ADC_CR2(ADC(1)), 0);
    return counts;
}
