/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/clock.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_rcc.h"

/* 2 MHz into the PLL has the least jitter (RM0090, 7.3.2); times 168 = 336 MHz; / 2 = 168 MHz, / 7
 * = 48 MHz. */
#define INTERNAL_HZ 16000000u
#define PLL_INPUT_HZ 2000000u
#define PLL_N 168u
#define PLL_P 2u
#define PLL_Q 7u
#define FLASH_WAITS 5u            /* at 168 MHz and 2.7 to 3.6 V (RM0090, table 10) */
#define PLLCFGR_RESET 0x24003010u /* (7.3.2) */

/* Looks at a register until a wait is given up. At 16 MHz one takes at least ten cycles, so this is
 * 100 ms or more: a crystal takes 2 ms typically (DS8626, table 38), the PLL at most 0.3 ms. */
#define LOOKS_MAX 160000u

static int becomes(uint32_t address, uint32_t mask, uint32_t wanted)
{
    for (uint32_t i = 0; i < LOOKS_MAX; i++)
        if ((mmio_read(address) & mask) == wanted)
            return 1;
    return 0;
}

static int start_crystal(void)
{
    mmio_set(RCC_CR, RCC_CR_HSEON);
    if (becomes(RCC_CR, RCC_CR_HSERDY, RCC_CR_HSERDY))
        return 1;
    mmio_clear(RCC_CR, RCC_CR_HSEON);
    return 0;
}

static int start_pll(uint32_t source_hz, uint32_t source_bit)
{
    mmio_write(RCC_PLLCFGR, RCC_PLLCFGR_ALWAYS | source_bit |
                                source_hz / PLL_INPUT_HZ << RCC_PLLCFGR_M_AT |
                                PLL_N << RCC_PLLCFGR_N_AT | (PLL_P / 2u - 1u) << RCC_PLLCFGR_P_AT |
                                PLL_Q << RCC_PLLCFGR_Q_AT);
    mmio_set(RCC_CR, RCC_CR_PLLON);
    return becomes(RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY) &&
           becomes(PWR_CSR, PWR_CSR_VOSRDY, PWR_CSR_VOSRDY);
}

/* The flash must have its waits, and have confirmed them, before the processor outruns it (3.5.1);
 * the buses their dividers. */
static int switch_to_pll(void)
{
    mmio_write(FLASH_ACR, FLASH_WAITS | FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN);
    if (!becomes(FLASH_ACR, FLASH_ACR_LATENCY_MASK, FLASH_WAITS))
        return 0;
    mmio_write(RCC_CFGR, RCC_CFGR_SW_HSI | RCC_CFGR_HPRE_1 | RCC_CFGR_PPRE1_4 | RCC_CFGR_PPRE2_2);
    mmio_field(RCC_CFGR, RCC_CFGR_SW_MASK, RCC_CFGR_SW_PLL);
    return becomes(RCC_CFGR, RCC_CFGR_SWS_MASK, RCC_CFGR_SWS_PLL);
}

struct clock_tree clock_start(void)
{
    mmio_set(RCC_APB1ENR, RCC_APB1_PWR);
    mmio_read(RCC_APB1ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    mmio_set(PWR_CR, PWR_CR_VOS);
    int has_crystal = start_crystal();
    uint32_t source_hz = has_crystal ? CLOCK_CRYSTAL_HZ : INTERNAL_HZ;
    if (!start_pll(source_hz, has_crystal ? RCC_PLLCFGR_HSE : 0) || !switch_to_pll()) {
        clock_stop();
        return (struct clock_tree){.source = CLOCK_BARE,
                                   .system_hz = INTERNAL_HZ,
                                   .apb1_hz = INTERNAL_HZ,
                                   .apb2_hz = INTERNAL_HZ,
                                   .apb1_timer_hz = INTERNAL_HZ,
                                   .apb2_timer_hz = INTERNAL_HZ};
    }
    if (has_crystal)
        mmio_set(RCC_CR, RCC_CR_CSSON); /* a crystal that stops later is an NMI (7.2.7) */
    return (struct clock_tree){.source = has_crystal ? CLOCK_CRYSTAL : CLOCK_INTERNAL,
                               .system_hz = PLL_INPUT_HZ * PLL_N / PLL_P,
                               .apb1_hz = PLL_INPUT_HZ * PLL_N / PLL_P / 4u,
                               .apb2_hz = PLL_INPUT_HZ * PLL_N / PLL_P / 2u,
                               .apb1_timer_hz = PLL_INPUT_HZ * PLL_N / PLL_P / 2u,
                               .apb2_timer_hz = PLL_INPUT_HZ * PLL_N / PLL_P,
                               .usb_hz = PLL_INPUT_HZ * PLL_N / PLL_Q};
}

/* The flash keeps its waits: they are never wrong at 16 MHz. */
void clock_stop(void)
{
    mmio_set(RCC_CR, RCC_CR_HSION);
    becomes(RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);
    mmio_write(RCC_CFGR, RCC_CFGR_SW_HSI);
    becomes(RCC_CFGR, RCC_CFGR_SWS_MASK, RCC_CFGR_SWS_HSI);
    mmio_clear(RCC_CR, RCC_CR_CSSON | RCC_CR_PLLON | RCC_CR_HSEON);
    becomes(RCC_CR, RCC_CR_PLLRDY, 0);
    mmio_write(RCC_PLLCFGR, PLLCFGR_RESET);
}
