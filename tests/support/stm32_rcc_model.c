/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/stm32_rcc_model.h"

#include "tests/support/stm32_mmio.h"

#include <string.h>

/* Numbers of the manual, none of the firmware's headers. */
#define RCC 0x40023800u
#define FLASH 0x40023C00u
#define PWR 0x40007000u
#define INTERNAL_HZ 16000000u
#define RMVF 24
#define RESET_FLAGS 0xFE000000u
enum { CR = 0, PLLCFGR = 1, CFGR = 2, CIR = 3, APB1ENR = 16, CSR = 29 }; /* offset / 4 */
enum { HSION = 0, HSIRDY = 1, HSEON = 16, HSERDY = 17, CSSON = 19, PLLON = 24, PLLRDY = 25 };

static int bit(uint32_t word, unsigned at)
{
    return word >> at & 1;
}

static uint32_t field(uint32_t word, unsigned at, unsigned bits)
{
    return word >> at & ((1u << bits) - 1);
}

/* --- What the registers mean -------------------------------------------------------------------
 */

static int is_over(const struct stm32_rcc *rcc, uint64_t since)
{
    return stm32_mmio_accesses() - since >= rcc->ready_accesses;
}

static int hse_is_ready(const struct stm32_rcc *rcc)
{
    return bit(rcc->rcc[CR], HSEON) && rcc->crystal_hz && is_over(rcc, rcc->hse_on);
}

static int pll_is_ready(const struct stm32_rcc *rcc)
{
    return bit(rcc->rcc[CR], PLLON) && !rcc->pll_never_locks && is_over(rcc, rcc->pll_on);
}

/* The regulator goes over to what VOS asks for once the PLL is on (5.1.4), at its own pace. */
static int regulator_is_ready(const struct stm32_rcc *rcc)
{
    return bit(rcc->pwr[0], 14) && bit(rcc->rcc[CR], PLLON) &&
           stm32_mmio_accesses() - rcc->pll_on >= 2 * (uint64_t)rcc->ready_accesses;
}

/* The flash takes new wait states over in its own time; until then they read back as they were
 * (3.5.1). */
static uint32_t waits_at_work(const struct stm32_rcc *rcc)
{
    return is_over(rcc, rcc->waits_on) ? field(rcc->flash[0], 0, 3) : rcc->waits_before;
}

static uint32_t pll_source_hz(const struct stm32_rcc *rcc)
{
    if (bit(rcc->rcc[PLLCFGR], 22))
        return hse_is_ready(rcc) ? rcc->crystal_hz : 0;
    return bit(rcc->rcc[CR], HSION) ? INTERNAL_HZ : 0;
}

uint32_t stm32_rcc_vco_input_hz(const struct stm32_rcc *rcc)
{
    uint32_t m = field(rcc->rcc[PLLCFGR], 0, 6);
    return m >= 2 ? pll_source_hz(rcc) / m : 0;
}

uint32_t stm32_rcc_vco_hz(const struct stm32_rcc *rcc)
{
    return stm32_rcc_vco_input_hz(rcc) * field(rcc->rcc[PLLCFGR], 6, 9);
}

uint32_t stm32_rcc_usb_hz(const struct stm32_rcc *rcc)
{
    uint32_t q = field(rcc->rcc[PLLCFGR], 24, 4);
    return pll_is_ready(rcc) && q >= 2 ? stm32_rcc_vco_hz(rcc) / q : 0;
}

static uint32_t clock_hz(const struct stm32_rcc *rcc, uint32_t which)
{
    switch (which) {
    case 0:
        return bit(rcc->rcc[CR], HSION) ? INTERNAL_HZ : 0;
    case 1:
        return hse_is_ready(rcc) ? rcc->crystal_hz : 0;
    case 2:
        return pll_is_ready(rcc)
                   ? stm32_rcc_vco_hz(rcc) / (2 * (field(rcc->rcc[PLLCFGR], 16, 2) + 1))
                   : 0;
    default:
        return 0;
    }
}

static uint32_t active(const struct stm32_rcc *rcc)
{
    return field(rcc->rcc[CFGR], 2, 2);
}

/* Divided by 2, 4, 8, 16, 64 ... from code 8 on (7.3.3). */
static uint32_t ahb_hz(const struct stm32_rcc *rcc, uint32_t system_hz)
{
    static const unsigned divider[8] = {2, 4, 8, 16, 64, 128, 256, 512};
    uint32_t code = field(rcc->rcc[CFGR], 4, 4);
    return code < 8 ? system_hz : system_hz / divider[code - 8];
}

uint32_t stm32_rcc_system_hz(const struct stm32_rcc *rcc)
{
    return ahb_hz(rcc, clock_hz(rcc, active(rcc)));
}

static unsigned bus_divider(const struct stm32_rcc *rcc, unsigned bus)
{
    uint32_t code = field(rcc->rcc[CFGR], bus == 1 ? 10 : 13, 3);
    return code < 4 ? 1 : 2u << (code - 4);
}

uint32_t stm32_rcc_bus_hz(const struct stm32_rcc *rcc, unsigned bus)
{
    return stm32_rcc_system_hz(rcc) / bus_divider(rcc, bus);
}

uint32_t stm32_rcc_timer_hz(const struct stm32_rcc *rcc, unsigned bus)
{
    return stm32_rcc_bus_hz(rcc, bus) * (bus_divider(rcc, bus) > 1 ? 2 : 1);
}

/* --- What is forbidden -------------------------------------------------------------------------
 */

static void check_speeds(const struct stm32_rcc *rcc)
{
    uint32_t hz = stm32_rcc_system_hz(rcc), waits = waits_at_work(rcc);
    if (hz == 0)
        stm32_mmio_complain("RCC: the processor's clock has stopped");
    if (hz > 168000000u || (hz > 144000000u && !regulator_is_ready(rcc)))
        stm32_mmio_complain("RCC: %u Hz are too fast for the regulator", (unsigned)hz);
    if (hz > 30000000u * (waits + 1))
        stm32_mmio_complain("FLASH: %u wait states at %u Hz", (unsigned)waits, (unsigned)hz);
    if (stm32_rcc_bus_hz(rcc, 1) > 42000000u || stm32_rcc_bus_hz(rcc, 2) > 84000000u)
        stm32_mmio_complain("RCC: APB1 at %u Hz, APB2 at %u Hz", (unsigned)stm32_rcc_bus_hz(rcc, 1),
                            (unsigned)stm32_rcc_bus_hz(rcc, 2));
}

static void check_pll(const struct stm32_rcc *rcc)
{
    uint32_t in = stm32_rcc_vco_input_hz(rcc), out = stm32_rcc_vco_hz(rcc);
    if (pll_source_hz(rcc) == 0)
        stm32_mmio_complain("RCC: the PLL is on and its source is not ready");
    else if (in < 1000000u || in > 2000000u || out < 100000000u || out > 432000000u)
        stm32_mmio_complain("RCC: the PLL's VCO gets %u Hz and gives %u Hz", (unsigned)in,
                            (unsigned)out);
}

/* --- Registers -----------------------------------------------------------------------------------
 */

static void write_cr(struct stm32_rcc *rcc, uint32_t value)
{
    uint32_t before = rcc->rcc[CR];
    if (bit(value, HSEON) && !bit(before, HSEON))
        rcc->hse_on = stm32_mmio_accesses();
    if (bit(value, PLLON) && !bit(before, PLLON))
        rcc->pll_on = stm32_mmio_accesses();
    rcc->rcc[CR] = value;
    if (bit(value, PLLON))
        check_pll(rcc);
    if (bit(value, CSSON) && !hse_is_ready(rcc))
        stm32_mmio_complain("RCC: the clock security system watches a crystal that is not ready");
}

static void write_cfgr(struct stm32_rcc *rcc, uint32_t value)
{
    uint32_t wanted = value & 3;
    rcc->rcc[CFGR] = (value & ~0xCu) | active(rcc) << 2;
    if (clock_hz(rcc, wanted) == 0)
        stm32_mmio_complain("RCC: a switch to clock %u, which is not ready", (unsigned)wanted);
    else if (!rcc->switch_never_happens || wanted == 0)
        rcc->rcc[CFGR] = (value & ~0xCu) | wanted << 2;
}

static uint32_t read_rcc(void *model, uint32_t address)
{
    struct stm32_rcc *rcc = model;
    uint32_t at = (address - RCC) / 4, word = rcc->rcc[at];
    if (at != CR)
        return word;
    word &= ~(1u << HSIRDY | 1u << HSERDY | 1u << PLLRDY);
    return word | (uint32_t)bit(word, HSION) << HSIRDY | (uint32_t)hse_is_ready(rcc) << HSERDY |
           (uint32_t)pll_is_ready(rcc) << PLLRDY;
}

static void write_rcc(void *model, uint32_t address, uint32_t value)
{
    struct stm32_rcc *rcc = model;
    uint32_t at = (address - RCC) / 4;
    if (at == PLLCFGR && bit(rcc->rcc[CR], PLLON))
        stm32_mmio_complain("RCC: PLLCFGR written while the PLL is on");
    if (at == CR)
        write_cr(rcc, value);
    else if (at == CFGR)
        write_cfgr(rcc, value);
    else if (at == CSR && bit(value, RMVF))
        rcc->rcc[CSR] &= ~RESET_FLAGS;
    else
        rcc->rcc[at] = value;
    check_speeds(rcc);
}

static uint32_t read_flash(void *model, uint32_t address)
{
    const struct stm32_rcc *rcc = model;
    uint32_t word = rcc->flash[(address - FLASH) / 4];
    return address == FLASH ? (word & ~7u) | waits_at_work(rcc) : word;
}

static void write_flash(void *model, uint32_t address, uint32_t value)
{
    struct stm32_rcc *rcc = model;
    if (address == FLASH) {
        rcc->waits_before = waits_at_work(rcc);
        rcc->waits_on = stm32_mmio_accesses();
    }
    rcc->flash[(address - FLASH) / 4] = value;
    check_speeds(rcc);
}

static void check_power_clock(const struct stm32_rcc *rcc)
{
    if (!bit(rcc->rcc[APB1ENR], 28))
        stm32_mmio_complain("PWR: touched without its clock");
}

static uint32_t read_pwr(void *model, uint32_t address)
{
    struct stm32_rcc *rcc = model;
    check_power_clock(rcc);
    return rcc->pwr[(address - PWR) / 4] |
           (address == PWR + 4 && regulator_is_ready(rcc) ? 1u << 14 : 0);
}

static void write_pwr(void *model, uint32_t address, uint32_t value)
{
    struct stm32_rcc *rcc = model;
    check_power_clock(rcc);
    rcc->pwr[(address - PWR) / 4] = value;
    check_speeds(rcc);
}

void stm32_rcc_attach(struct stm32_rcc *rcc)
{
    memset(rcc->rcc, 0, sizeof rcc->rcc);
    memset(rcc->flash, 0, sizeof rcc->flash);
    rcc->waits_on = 0;
    rcc->waits_before = 0;
    rcc->rcc[CR] = 0x83;
    rcc->rcc[PLLCFGR] = 0x24003010;
    rcc->rcc[12] = 0x00100000; /* AHB1ENR */
    rcc->rcc[CSR] = 0x0E000000;
    rcc->pwr[0] = 1u << 14;
    rcc->pwr[1] = 0;
    stm32_mmio_attach(
        &(struct stm32_block){"RCC", RCC, RCC + sizeof rcc->rcc, rcc, read_rcc, write_rcc});
    stm32_mmio_attach(&(struct stm32_block){"FLASH", FLASH, FLASH + sizeof rcc->flash, rcc,
                                            read_flash, write_flash});
    stm32_mmio_attach(
        &(struct stm32_block){"PWR", PWR, PWR + sizeof rcc->pwr, rcc, read_pwr, write_pwr});
}
