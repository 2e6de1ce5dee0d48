/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TIM8 (RM0090, 17): time base, channel 1 as an output reference, TRGO, update DMA request. TIM2
 * (18): a counter that runs, channel 3 as an input capture. */
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_scan_private.h"

enum { CR1, CR2, SMCR, DIER, SR, EGR, CCMR1, CCMR2, CCER, CNT, PSC, ARR, RCR, CCR1, CCR2, CCR3 };
enum { CEN = 1 << 0, UDIS = 1 << 1, URS = 1 << 2, ARPE = 1 << 7, UIF = 1, UDE = 1 << 8 };
enum { MMS_UPDATE = 2, MMS_OC1REF = 4, TIM8_TRGO = 14, UPDATE_STREAM = 1, UPDATE_CHANNEL = 7 };
#define CC3IF (1u << 3)
#define CC3OF (1u << 11)

static uint32_t count_of(const struct stm32_scan *chip, const struct stm32_timer *timer)
{
    if (!(timer->words[CR1] & CEN))
        return timer->count0;
    uint64_t ticks = (chip->now - timer->since) / (timer->cycles * (uint64_t)(timer->psc + 1));
    return (uint32_t)(timer->count0 + ticks);
}

/* The count goes on from here. */
static void rebase(struct stm32_scan *chip, struct stm32_timer *timer, uint32_t count)
{
    timer->count0 = count;
    timer->since = chip->now;
}

static unsigned output_mode(const struct stm32_timer *timer)
{
    return timer->words[CCMR1] >> 4 & 7;
}

/* PWM mode 1: active below CCR1; mode 2: from CCR1 on (17.4.7). Others leave it alone here. */
static int reference_at(const struct stm32_timer *timer, uint32_t count)
{
    unsigned mode = output_mode(timer);
    if (timer->words[CCMR1] & 3 || mode < 6)
        return mode == 5;
    return (mode == 6) == (count < timer->ccr1);
}

static void set_reference(struct stm32_scan *chip, struct stm32_timer *timer, uint32_t count)
{
    int was = timer->reference;
    timer->reference = reference_at(timer, count);
    if (timer->reference && !was && (timer->words[CR2] >> 4 & 7) == MMS_OC1REF)
        stm32_adc_trigger(chip, TIM8_TRGO);
}

static void load_buffers(struct stm32_timer *timer)
{
    timer->psc = timer->words[PSC];
    timer->arr = timer->words[ARR];
    timer->ccr1 = timer->words[CCR1];
}

/* An update event: buffers, flag, DMA request, trigger; then the count begins at 0. */
static void update(struct stm32_scan *chip, struct stm32_timer *timer, int by_software)
{
    rebase(chip, timer, 0);
    if (!(timer->words[CR1] & UDIS)) {
        load_buffers(timer);
        if (!by_software || !(timer->words[CR1] & URS)) {
            timer->words[SR] |= UIF;
            if (timer->words[DIER] & UDE)
                stm32_dma_request(chip, UPDATE_STREAM, UPDATE_CHANNEL);
        }
        if ((timer->words[CR2] >> 4 & 7) == MMS_UPDATE)
            stm32_adc_trigger(chip, TIM8_TRGO);
    }
    set_reference(chip, timer, 0);
}

uint64_t stm32_tim_due(const struct stm32_timer *timer)
{
    uint64_t tick = timer->cycles * (uint64_t)(timer->psc + 1), to = (uint64_t)timer->arr + 1;
    if (!(timer->words[CR1] & CEN) || timer->arr == 0)
        return STM32_NEVER;
    if (timer->reference != reference_at(timer, timer->ccr1) && timer->count0 < timer->ccr1 &&
        timer->ccr1 <= timer->arr)
        to = timer->ccr1;
    return timer->since + (to > timer->count0 ? to - timer->count0 : 1) * tick;
}

void stm32_tim_happen(struct stm32_scan *chip, struct stm32_timer *timer)
{
    uint32_t count = count_of(chip, timer);
    if (count > timer->arr) {
        update(chip, timer, 0);
    } else {
        rebase(chip, timer, count);
        set_reference(chip, timer, count);
    }
}

/* --- Registers ----------------------------------------------------------------------------------
 */

static struct stm32_timer *timer_at(struct stm32_scan *chip, uint32_t address)
{
    struct stm32_timer *timer =
        address >= chip->tim8.base && address < chip->tim8.base + 0x400 ? &chip->tim8 : &chip->tim2;
    stm32_scan_pass(chip, chip->pace);
    if (timer == &chip->tim8)
        stm32_scan_has_clock(chip, 0x44, 1, "TIM8");
    else
        stm32_scan_has_clock(chip, 0x40, 0, "TIM2");
    return timer;
}

static uint32_t read_timer(void *model, uint32_t address)
{
    struct stm32_scan *chip = model;
    struct stm32_timer *timer = timer_at(chip, address);
    uint32_t at = (address - timer->base) / 4;
    if (at == CNT)
        return count_of(chip, timer);
    if (at == CCR3 && timer == &chip->tim2)
        timer->words[SR] &= ~CC3IF; /* (18.4.5) */
    return timer->words[at];
}

/* Not buffered: at once. */
static void take_over(struct stm32_timer *timer, uint32_t at)
{
    if (at == ARR && !(timer->words[CR1] & ARPE))
        timer->arr = timer->words[ARR];
    if (at == CCR1 && !(timer->words[CCMR1] & 1 << 3))
        timer->ccr1 = timer->words[CCR1];
}

static void write_timer(void *model, uint32_t address, uint32_t value)
{
    struct stm32_scan *chip = model;
    struct stm32_timer *timer = timer_at(chip, address);
    uint32_t at = (address - timer->base) / 4, count = count_of(chip, timer);
    if (at == SR) { /* 0 clears, 1 leaves */
        timer->words[SR] &= value;
        return;
    }
    if (at == EGR) {
        if (value & 1)
            update(chip, timer, 1);
        return;
    }
    if ((at == PSC || at == ARR || at == CCR1) && value > timer->wide)
        stm32_mmio_complain("TIM: %u does not fit into its register", (unsigned)value);
    timer->words[at] = value;
    rebase(chip, timer, at == CNT ? value : count);
    take_over(timer, at);
    set_reference(chip, timer, timer->count0);
}

/* CC3S = 01: the channel's own input. Polarity: 00 rising, 01 falling, 11 both (18.4.9). */
void stm32_tim_capture3(struct stm32_scan *chip, int high)
{
    struct stm32_timer *timer = &chip->tim2;
    unsigned polarity = timer->words[CCER] >> 9 & 5;
    int wanted = polarity == 5 || (polarity == 0 && high) || (polarity == 1 && !high);
    if (!(timer->words[CCER] & 1u << 8) || (timer->words[CCMR2] & 3) != 1 || !wanted)
        return;
    if ((chip->ports[1].words[0] >> 20 & 3) != 2 || (chip->ports[1].words[9] >> 8 & 15) != 1)
        stm32_mmio_complain("GPIOB: PB10 is not TIM2's (alternate function 1)");
    if (timer->words[SR] & CC3IF)
        timer->words[SR] |= CC3OF;
    timer->words[SR] |= CC3IF;
    timer->words[CCR3] = count_of(chip, timer);
}

int stm32_tim2_line(const struct stm32_scan *chip)
{
    return (chip->tim2.words[SR] & chip->tim2.words[DIER] & 0x1F) != 0;
}

static void attach(struct stm32_scan *chip, struct stm32_timer *timer, const char *name)
{
    timer->words[ARR] = timer->arr = timer->wide;
    stm32_mmio_attach(&(struct stm32_block){name, timer->base,
                                            timer->base + (uint32_t)sizeof timer->words, chip,
                                            read_timer, write_timer});
}

void stm32_tim_attach(struct stm32_scan *chip)
{
    chip->tim8 = (struct stm32_timer){.base = 0x40010400, .cycles = 1, .wide = UINT16_MAX};
    chip->tim2 = (struct stm32_timer){.base = 0x40000000, .cycles = 2, .wide = UINT32_MAX};
    attach(chip, &chip->tim8, "TIM8");
    attach(chip, &chip->tim2, "TIM2");
}
