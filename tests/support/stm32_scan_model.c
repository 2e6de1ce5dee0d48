/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/stm32_scan_model.h"

#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_scan_private.h"

#include <stdio.h>
#include <stdlib.h>

#define RCC 0x40023800u
#define GPIOA 0x40020000u
enum { MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFRL, AFRH };

/* --- Time ---------------------------------------------------------------------------------------
 */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What is due first happens first; a timer before a conversion that it may start. */
static void happen_until(struct stm32_scan *chip, uint64_t end)
{
    for (;;) {
        uint64_t tim8 = stm32_tim_due(&chip->tim8), adc = stm32_adc_due(chip);
        uint64_t next = earlier(tim8, adc);
        if (next > end)
            break;
        chip->now = next;
        if (tim8 == next)
            stm32_tim_happen(chip, &chip->tim8);
        else
            stm32_adc_happen(chip);
    }
    chip->now = end;
}

static void interrupt(struct stm32_scan *chip)
{
    if (chip->in_interrupt || chip->is_masked)
        return;
    chip->in_interrupt = 1;
    for (int i = 0; i < 4 && stm32_dma_line(chip, 0) && chip->world.dma2_stream0; i++)
        chip->world.dma2_stream0(chip->world.context);
    for (int i = 0; i < 4 && stm32_tim2_line(chip) && chip->world.tim2; i++)
        chip->world.tim2(chip->world.context);
    chip->in_interrupt = 0;
}

void stm32_scan_pass(struct stm32_scan *chip, uint64_t cycles)
{
    if (chip->is_busy)
        return;
    chip->is_busy = 1;
    happen_until(chip, chip->now + cycles);
    chip->is_busy = 0;
    interrupt(chip);
}

uint64_t stm32_scan_now(const struct stm32_scan *chip)
{
    return chip->now;
}

/* In small steps, as interrupts come in between. */
void stm32_scan_wait_us(struct stm32_scan *chip, uint32_t us)
{
    for (uint64_t end = chip->now + (uint64_t)us * STM32_CYCLES_PER_US; chip->now < end;)
        stm32_scan_pass(chip, earlier(end - chip->now, 100));
}

void stm32_scan_mask(struct stm32_scan *chip, int masked)
{
    chip->is_masked = masked;
    interrupt(chip);
}

void stm32_scan_set_pace(struct stm32_scan *chip, unsigned cycles)
{
    chip->pace = cycles;
}

/* --- Clocks of peripherals, pins ---------------------------------------------------------------
 */

int stm32_scan_has_clock(const struct stm32_scan *chip, unsigned enable_register, unsigned at,
                         const char *name)
{
    if (chip->enables[enable_register / 4] >> at & 1)
        return 1;
    stm32_mmio_complain("%s: touched without its clock", name);
    return 0;
}

static uint32_t read_rcc(void *model, uint32_t address)
{
    struct stm32_scan *chip = model;
    stm32_scan_pass(chip, chip->pace);
    return chip->rcc[(address - RCC) / 4];
}

static void write_rcc(void *model, uint32_t address, uint32_t value)
{
    struct stm32_scan *chip = model;
    stm32_scan_pass(chip, chip->pace);
    chip->rcc[(address - RCC) / 4] = value;
}

int stm32_scan_pin_is_analog(const struct stm32_scan *chip, unsigned port, unsigned pin)
{
    return (chip->ports[port].words[MODER] >> 2 * pin & 3) == 3;
}

/* What the chip drives: outputs that are no alternate function. */
static void drive(struct stm32_scan *chip, unsigned number)
{
    struct stm32_port *port = &chip->ports[number];
    uint16_t levels = 0;
    for (unsigned pin = 0; pin < 16; pin++)
        if ((port->words[MODER] >> 2 * pin & 3) == 1)
            levels |= (uint16_t)(port->words[ODR] & 1u << pin);
    if (levels == port->levels)
        return;
    port->levels = levels;
    if (chip->world.pins)
        chip->world.pins(chip->world.context, number, levels, chip->now);
}

static uint32_t read_port(void *model, uint32_t address)
{
    struct stm32_scan *chip = model;
    unsigned number = (address - GPIOA) / 0x400, at = address % 0x400 / 4;
    const struct stm32_port *port = &chip->ports[number];
    stm32_scan_pass(chip, chip->pace);
    stm32_scan_has_clock(chip, 0x30, number, "GPIO");
    if (at == IDR)
        return port->levels | port->inputs;
    return at == BSRR ? 0 : port->words[at];
}

static void write_port(void *model, uint32_t address, uint32_t value)
{
    struct stm32_scan *chip = model;
    unsigned number = (address - GPIOA) / 0x400, at = address % 0x400 / 4;
    struct stm32_port *port = &chip->ports[number];
    stm32_scan_pass(chip, chip->pace);
    stm32_scan_has_clock(chip, 0x30, number, "GPIO");
    if (at == BSRR) /* setting goes before clearing (8.4.7) */
        port->words[ODR] = (port->words[ODR] & ~(value >> 16)) | (value & 0xFFFF);
    else if (at != IDR)
        port->words[at] = value;
    drive(chip, number);
}

void stm32_scan_drive_b(struct stm32_scan *chip, unsigned pin, int high)
{
    struct stm32_port *port = &chip->ports[1];
    uint16_t bit = (uint16_t)(1u << pin);
    if (!(port->inputs & bit) == !high)
        return;
    port->inputs = (uint16_t)(high ? port->inputs | bit : port->inputs & ~bit);
    if (pin == 10)
        stm32_tim_capture3(chip, high);
    interrupt(chip);
}

/* --- The whole ----------------------------------------------------------------------------------
 */

struct stm32_scan *stm32_scan_create(const struct stm32_scan_world *world)
{
    struct stm32_scan *chip = calloc(1, sizeof *chip);
    if (!chip) {
        fprintf(stderr, "stm32_scan: no memory\n");
        abort();
    }
    chip->world = *world;
    chip->pace = 10;
    chip->enables = chip->rcc;
    chip->rcc[0x30 / 4] = 0x00100000;
    chip->ports[1].inputs = 1u << 10; /* the button's pull-up */
    stm32_mmio_attach(
        &(struct stm32_block){"RCC", RCC, RCC + sizeof chip->rcc, chip, read_rcc, write_rcc});
    for (uint32_t i = 0; i < 3; i++)
        stm32_mmio_attach(&(struct stm32_block){"GPIO", GPIOA + 0x400 * i, GPIOA + 0x400 * i + 40,
                                                chip, read_port, write_port});
    stm32_tim_attach(chip);
    stm32_adc_attach(chip);
    stm32_dma_attach(chip);
    return chip;
}

void stm32_scan_share_rcc(struct stm32_scan *chip, const uint32_t *registers)
{
    chip->enables = registers;
}

void stm32_scan_free(struct stm32_scan *chip)
{
    free(chip);
}

void stm32_scan_fail_dma(struct stm32_scan *chip, unsigned stream)
{
    chip->streams[stream].fails = 1;
}

void stm32_scan_overrun(struct stm32_scan *chip)
{
    for (int i = 0; i < 3; i++)
        chip->adc[i].words[0] |= 1u << 5;
    chip->requests_are_over = 1;
}

uint32_t stm32_scan_word(struct stm32_scan *chip, uint32_t address)
{
    if (address >= chip->tim8.base && address < chip->tim8.base + sizeof chip->tim8.words)
        return chip->tim8.words[(address - chip->tim8.base) / 4];
    if (address >= 0x40012000 && address < 0x40012300)
        return chip->adc[(address - 0x40012000) / 0x100].words[address % 0x100 / 4];
    if (address == 0x40012304)
        return chip->adc_ccr;
    if (address >= GPIOA && address < GPIOA + 0xC00)
        return chip->ports[(address - GPIOA) / 0x400].words[address % 0x400 / 4];
    if (address >= RCC && address < RCC + sizeof chip->rcc)
        return chip->rcc[(address - RCC) / 4];
    stm32_mmio_complain("stm32_scan_word: 0x%08X", (unsigned)address);
    return 0;
}
