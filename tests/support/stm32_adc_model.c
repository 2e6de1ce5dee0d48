/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ADC1 to ADC3 (RM0090, 13): regular sequences, alone (ADC1) or all three at the same time
 * (13.9.4, MULTI = 10110), results by DMA mode 1 (13.9, one half-word a request: ADC1, ADC2, ADC3
 * in turn) or by reading DR; one injected conversion of ADC1 started by software (13.3.9). */
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_scan_private.h"

#define ADC1 0x40012000u
#define CSR 0x40012300u
#define CCR 0x40012304u
#define CDR 0x40012308u
enum { SR = 0, CR1 = 1, CR2 = 2, SMPR1 = 3, SMPR2 = 4, SQR1 = 11, SQR2 = 12, SQR3 = 13, JSQR = 14 };
enum { JDR1 = 15, DR = 19 };
enum { EOC = 1 << 1, JEOC = 1 << 2, JSTRT = 1 << 3, STRT = 1 << 4, OVR = 1 << 5 };
enum { ADON = 1, DDS_ALONE = 1 << 9, DMA_ALONE = 1 << 8, SCAN = 1 << 8 };
enum { INDEPENDENT = 0, TRIPLE_REGULAR = 0x16, DMA_CHANNEL = 0 };
#define SWSTART (1u << 30)
#define JSWSTART (1u << 22)
#define APB2_CYCLES 2u       /* of 168 MHz */
#define STABLE_CYCLES 504u   /* 3 us (DS8626, table 67, tSTAB) */
#define TRIGGER_ADC_CYCLES 4 /* the latest that a trigger takes effect */

static unsigned adc_cycles(const struct stm32_scan *chip)
{
    return APB2_CYCLES * 2 * ((chip->adc_ccr >> 16 & 3) + 1);
}

static unsigned mode(const struct stm32_scan *chip)
{
    return chip->adc_ccr & 31;
}

static unsigned adcs_together(const struct stm32_scan *chip)
{
    return mode(chip) == TRIPLE_REGULAR ? 3 : 1;
}

static unsigned dma_mode(const struct stm32_scan *chip)
{
    return chip->adc_ccr >> 14 & 3;
}

static unsigned length(const struct stm32_adc *adc)
{
    return (adc->words[SQR1] >> 20 & 15) + 1;
}

static unsigned channel_of(const struct stm32_adc *adc, unsigned rank)
{
    unsigned word = rank < 6 ? SQR3 : rank < 12 ? SQR2 : SQR1;
    return adc->words[word] >> 5 * (rank % 6) & 31;
}

static unsigned sample_cycles(const struct stm32_adc *adc, unsigned channel)
{
    static const unsigned cycles[8] = {3, 15, 28, 56, 84, 112, 144, 480};
    uint32_t word =
        channel < 10 ? adc->words[SMPR2] >> 3 * channel : adc->words[SMPR1] >> 3 * (channel - 10);
    return cycles[word & 7];
}

static unsigned resolution_cycles(const struct stm32_adc *adc)
{
    return 12 - 2 * (adc->words[CR1] >> 24 & 3);
}

/* --- What is forbidden --------------------------------------------------------------------------
 */

/* ADC1 and ADC2: PA0..7, PB0..1, PC0..5; ADC3: PA0..3 and PC0..3 (DS8626, table 7, LQFP64). 16 to
 * 18 are inside. */
static void check_input(const struct stm32_scan *chip, unsigned adc, unsigned channel)
{
    unsigned port = channel < 8 ? 0 : channel < 10 ? 1 : 2;
    unsigned pin = channel < 8 ? channel : channel < 10 ? channel - 8 : channel - 10;
    int is_there = channel < 16 || (adc == 0 && channel < 19);
    if (adc == 2)
        is_there = channel < 4 || (channel >= 10 && channel < 14);
    if (!is_there)
        stm32_mmio_complain("ADC%u: no input %u on this package", adc + 1, channel);
    else if (channel < 16 && !stm32_scan_pin_is_analog(chip, port, pin))
        stm32_mmio_complain("ADC%u: the pin of input %u is not analog", adc + 1, channel);
}

static void check_together(const struct stm32_scan *chip)
{
    const struct stm32_adc *adc = chip->adc;
    for (unsigned i = 1; i < 3; i++) {
        if (length(&adc[i]) != length(&adc[0]))
            stm32_mmio_complain("ADC%u: another length of sequence than ADC1", i + 1);
        if (adc[i].words[CR2] >> 28 & 3)
            stm32_mmio_complain("ADC%u: a slave with a trigger of its own", i + 1);
        for (unsigned rank = 0; rank < length(&adc[0]); rank++)
            for (unsigned k = 0; k < i; k++)
                if (channel_of(&adc[i], rank) == channel_of(&adc[k], rank))
                    stm32_mmio_complain("ADC%u: converts the same input as ADC%u at a time", i + 1,
                                        k + 1);
    }
}

static void check_on(const struct stm32_scan *chip, unsigned i)
{
    if (adc_cycles(chip) * 36 < 168)
        stm32_mmio_complain("ADC: its clock is %u cycles of 168 MHz: above 36 MHz",
                            adc_cycles(chip));
    if (!(chip->adc[i].words[CR2] & ADON) || chip->now - chip->adc[i].on_since < STABLE_CYCLES)
        stm32_mmio_complain("ADC%u: started while it is not on for 3 us", i + 1);
}

static void check_start(const struct stm32_scan *chip)
{
    for (unsigned i = 0; i < adcs_together(chip); i++) {
        const struct stm32_adc *adc = &chip->adc[i];
        check_on(chip, i);
        if (length(adc) > 1 && !(adc->words[CR1] & SCAN))
            stm32_mmio_complain("ADC%u: a sequence without SCAN", i + 1);
        for (unsigned rank = 0; rank < length(adc); rank++)
            check_input(chip, i, channel_of(adc, rank));
    }
    if (mode(chip) == TRIPLE_REGULAR)
        check_together(chip);
    else if (mode(chip) != INDEPENDENT)
        stm32_mmio_complain("ADC: MULTI = %u is not in this model", mode(chip));
}

/* --- Conversions --------------------------------------------------------------------------------
 */

static void begin_conversion(struct stm32_scan *chip, uint64_t at)
{
    const struct stm32_adc *adc = chip->adc;
    unsigned sample = sample_cycles(&adc[0], channel_of(&adc[0], adc[0].rank));
    for (unsigned i = 1; i < adcs_together(chip); i++)
        if (sample_cycles(&adc[i], channel_of(&adc[i], adc[i].rank)) != sample)
            stm32_mmio_complain("ADC%u: another sampling time than ADC1 at rank %u", i + 1,
                                adc[i].rank + 1);
    chip->is_converting = 1;
    chip->is_sampled = 0;
    chip->conversion_begin = at;
    chip->conversion_sampled = at + (uint64_t)sample * adc_cycles(chip);
    chip->conversion_end =
        chip->conversion_sampled + (uint64_t)resolution_cycles(&adc[0]) * adc_cycles(chip);
}

static void start(struct stm32_scan *chip)
{
    if (chip->is_converting) {
        stm32_mmio_complain("ADC: a trigger while it converts");
        return;
    }
    check_start(chip);
    for (unsigned i = 0; i < adcs_together(chip); i++) {
        chip->adc[i].rank = 0;
        chip->adc[i].words[SR] |= STRT;
    }
    begin_conversion(chip, chip->now + TRIGGER_ADC_CYCLES * adc_cycles(chip));
}

/* With JL = 0 the one place is the fourth (13.13.12). */
static void start_injected(struct stm32_scan *chip)
{
    struct stm32_adc *adc = &chip->adc[0];
    unsigned channel = adc->words[JSQR] >> 15 & 31;
    if (chip->is_converting || mode(chip) != INDEPENDENT || adc->words[JSQR] >> 20 & 3) {
        stm32_mmio_complain("ADC1: an injected conversion like this is not in this model");
        return;
    }
    check_on(chip, 0);
    check_input(chip, 0, channel);
    adc->words[SR] |= JSTRT;
    chip->is_converting = chip->is_injected = 1;
    chip->is_sampled = 0;
    chip->conversion_begin = chip->now + TRIGGER_ADC_CYCLES * adc_cycles(chip);
    chip->conversion_sampled =
        chip->conversion_begin + (uint64_t)sample_cycles(adc, channel) * adc_cycles(chip);
    chip->conversion_end =
        chip->conversion_sampled + (uint64_t)resolution_cycles(adc) * adc_cycles(chip);
}

static void injected_happens(struct stm32_scan *chip)
{
    struct stm32_adc *adc = &chip->adc[0];
    unsigned channel = adc->words[JSQR] >> 15 & 31;
    if (!chip->is_sampled) {
        chip->is_sampled = 1;
        if (chip->world.sample)
            adc->sampled = chip->world.sample(chip->world.context, 1, channel,
                                              chip->conversion_begin, chip->conversion_sampled);
        return;
    }
    adc->words[JDR1] = adc->sampled;
    adc->words[SR] |= JEOC;
    chip->is_converting = chip->is_injected = 0;
}

void stm32_adc_trigger(struct stm32_scan *chip, unsigned source)
{
    uint32_t cr2 = chip->adc[0].words[CR2];
    if ((cr2 >> 28 & 1) && (cr2 >> 24 & 15) == source && cr2 & ADON)
        start(chip);
}

/* Requests go on until a stream takes no more; what waits when the next results come is overrun,
 * and no request comes until OVR is cleared (13.8.2). */
static void request_dma(struct stm32_scan *chip, unsigned results)
{
    uint32_t overrun = 0;
    for (unsigned i = 0; i < results; i++)
        overrun |= chip->adc[i].words[SR] & OVR;
    if (chip->requests_are_over || overrun)
        return;
    if (chip->results_waiting) {
        stm32_scan_overrun(chip);
        return;
    }
    chip->results_waiting = results;
    chip->next_result = 0;
    while (chip->results_waiting &&
           (stm32_dma_request(chip, 0, DMA_CHANNEL) || stm32_dma_request(chip, 4, DMA_CHANNEL)))
        ;
}

/* What lies at the inputs when sampling ends is what is converted. */
static void take_samples(struct stm32_scan *chip)
{
    chip->is_sampled = 1;
    for (unsigned i = 0; i < adcs_together(chip) && chip->world.sample; i++)
        chip->adc[i].sampled = chip->world.sample(chip->world.context, i + 1,
                                                  channel_of(&chip->adc[i], chip->adc[i].rank),
                                                  chip->conversion_begin, chip->conversion_sampled);
}

static void results(struct stm32_scan *chip)
{
    unsigned together = adcs_together(chip);
    int by_dma = together == 3 ? dma_mode(chip) != 0 : (chip->adc[0].words[CR2] & DMA_ALONE) != 0;
    for (unsigned i = 0; i < together; i++) {
        struct stm32_adc *adc = &chip->adc[i];
        adc->result = adc->sampled;
        if (!by_dma && adc->words[SR] & EOC && adc->words[CR2] >> 10 & 1)
            adc->words[SR] |= OVR;
        adc->words[DR] = adc->result;
        if (adc->rank + 1 == length(adc) || adc->words[CR2] >> 10 & 1)
            adc->words[SR] |= EOC;
    }
    if (together == 3 && dma_mode(chip) > 1)
        stm32_mmio_complain("ADC: DMA mode %u is not in this model", dma_mode(chip));
    if (by_dma)
        request_dma(chip, together);
}

uint64_t stm32_adc_due(const struct stm32_scan *chip)
{
    if (!chip->is_converting)
        return STM32_NEVER;
    return chip->is_sampled ? chip->conversion_end : chip->conversion_sampled;
}

void stm32_adc_happen(struct stm32_scan *chip)
{
    if (chip->is_injected) {
        injected_happens(chip);
        return;
    }
    if (!chip->is_sampled) {
        take_samples(chip);
        return;
    }
    int is_last = chip->adc[0].rank + 1 == length(&chip->adc[0]);
    chip->is_converting = 0;
    results(chip);
    if (is_last)
        return;
    for (unsigned i = 0; i < adcs_together(chip); i++)
        chip->adc[i].rank++;
    begin_conversion(chip, chip->now);
}

uint32_t stm32_adc_take(struct stm32_scan *chip)
{
    uint32_t result = chip->adc[chip->next_result].result;
    chip->next_result++;
    chip->results_waiting--;
    return result;
}

void stm32_adc_stream_ended(struct stm32_scan *chip)
{
    int goes_on = mode(chip) == TRIPLE_REGULAR ? (chip->adc_ccr >> 13 & 1) != 0
                                               : (chip->adc[0].words[CR2] & DDS_ALONE) != 0;
    if (!goes_on)
        chip->requests_are_over = 1;
}

/* --- Registers ----------------------------------------------------------------------------------
 */

static uint32_t read_adc(void *model, uint32_t address)
{
    struct stm32_scan *chip = model;
    unsigned number = (address - ADC1) / 0x100, at = address % 0x100 / 4;
    stm32_scan_pass(chip, chip->pace);
    if (address >= CSR) {
        if (address == CCR)
            return chip->adc_ccr;
        return address == CSR ? (chip->adc[0].words[SR] & 63) | (chip->adc[1].words[SR] & 63) << 8 |
                                    (chip->adc[2].words[SR] & 63) << 16
                              : 0;
    }
    stm32_scan_has_clock(chip, 0x44, 8 + number, "ADC");
    if (at == DR)
        chip->adc[number].words[SR] &= ~(uint32_t)EOC;
    return chip->adc[number].words[at];
}

static void write_status(struct stm32_scan *chip, struct stm32_adc *adc, uint32_t value)
{
    int had_overrun = (adc->words[SR] & OVR) != 0;
    adc->words[SR] &= value; /* 0 clears */
    if (had_overrun && !(adc->words[SR] & OVR)) {
        chip->requests_are_over = 0;
        chip->results_waiting = 0;
    }
}

/* Switching off ends what goes on; the DMA bits, taken away and put back, begin anew. */
static void write_control(struct stm32_scan *chip, unsigned number, uint32_t value)
{
    struct stm32_adc *adc = &chip->adc[number];
    uint32_t before = adc->words[CR2];
    adc->words[CR2] = value & ~(SWSTART | JSWSTART);
    if (value & ADON && !(before & ADON))
        adc->on_since = chip->now;
    if (number != 0)
        return;
    if (!(value & ADON))
        chip->is_converting = chip->is_injected = 0;
    if (value & DMA_ALONE && !(before & DMA_ALONE)) {
        chip->requests_are_over = 0;
        chip->results_waiting = 0;
    }
    if (value & SWSTART)
        start(chip);
    if (value & JSWSTART)
        start_injected(chip);
}

static void write_common(struct stm32_scan *chip, uint32_t value)
{
    int was_off = dma_mode(chip) == 0;
    if (chip->is_converting && (value ^ chip->adc_ccr) & 0x3001F)
        stm32_mmio_complain("ADC: CCR changed while it converts");
    chip->adc_ccr = value;
    if (was_off && dma_mode(chip)) {
        chip->requests_are_over = 0;
        chip->results_waiting = 0;
    }
}

static void write_adc(void *model, uint32_t address, uint32_t value)
{
    struct stm32_scan *chip = model;
    unsigned number = (address - ADC1) / 0x100, at = address % 0x100 / 4;
    stm32_scan_pass(chip, chip->pace);
    if (address == CCR) {
        write_common(chip, value);
        return;
    }
    if (address >= CSR || !stm32_scan_has_clock(chip, 0x44, 8 + number, "ADC"))
        return;
    if (at == SR)
        write_status(chip, &chip->adc[number], value);
    else if (at == CR2)
        write_control(chip, number, value);
    else if (chip->is_converting && number < adcs_together(chip) &&
             value != chip->adc[number].words[at])
        stm32_mmio_complain("ADC%u: register 0x%02X changed while it converts", number + 1, at * 4);
    if (at != SR && at != CR2)
        chip->adc[number].words[at] = value;
}

void stm32_adc_attach(struct stm32_scan *chip)
{
    for (int i = 0; i < 3; i++)
        chip->adc[i].on_since = STM32_NEVER;
    stm32_mmio_attach(&(struct stm32_block){"ADC", ADC1, CDR + 4, chip, read_adc, write_adc});
}
