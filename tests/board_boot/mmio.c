/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference board's registers under an emulator that has its processor, interrupt controller,
 * TIM2 and USART1 and nothing else: what is missing is answered here, just well enough for the
 * firmware to start (the models of tests/support are the place where registers are judged). And a
 * story: each boot, once the main loop kicks the watchdog, does something else that must end in a
 * reset; the last one asks for the loader, which is here as well and ends the emulator.
 *
 * Built for the Cortex-M4 in place of chip/mmio.c by tests/e2e_board_boot.sh. */
#include "firmware/boards/stm32f405/mmio.h"

#include "firmware/boards/stm32f405/chip/chip.h"
#include "firmware/boards/stm32f405/interrupts.h"
#include "firmware/boards/stm32f405/regs_core.h"
#include "firmware/boards/stm32f405/regs_otg.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_system.h"

#include <string.h>

#define LOADER_AT 0x1FFF0000u
#define KICKS_UNTIL_DEED 5u
#define NO_SUCH_PLACE 0x70000000u
#define UNUSED_IRQ 5u

extern uint32_t link_stack_top[];

/* Registers that only remember. */
static uint32_t rcc[40], flash_acr, kicks;

/* --- What is missing ---------------------------------------------------------------------------
 */

static void real_write(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static uint32_t read_rcc(uint32_t address)
{
    uint32_t word = rcc[(address - RCC_BASE) / 4];
    if (address == RCC_CR) /* what is on is ready */
        return word | (word & (RCC_CR_HSION | RCC_CR_HSEON | RCC_CR_PLLON)) << 1;
    if (address == RCC_CFGR)
        return word | (word & RCC_CFGR_SW_MASK) << 2;
    return word;
}

static void say(const char *text)
{
    while (*text)
        real_write(USART_DR(USART1), (uint8_t)*text++);
}

/* SYS_EXIT (ARM, "Semihosting for AArch32 and AArch64"): the application has ended. */
static _Noreturn void fake_loader(void)
{
    register uint32_t r0 __asm__("r0") = 0x18;
    register uint32_t r1 __asm__("r1") = 0x20026;
    say("the loader has the processor\r\n");
    for (;;)
        __asm__ volatile("bkpt 0xAB" ::"r"(r0), "r"(r1) : "memory");
}

uint32_t mmio_read(uint32_t address)
{
    if (address >= RCC_BASE && address < RCC_BASE + sizeof rcc)
        return read_rcc(address);
    if (address >= UNIQUE_ID && address < UNIQUE_ID + 12)
        return 0x11223344u * (1u + (address - UNIQUE_ID) / 4);
    switch (address) {
    case LOADER_AT:
        return (uint32_t)link_stack_top;
    case LOADER_AT + 4:
        return (uint32_t)fake_loader;
    case FLASH_ACR:
        return flash_acr;
    case PWR_CSR:
        return PWR_CSR_VOSRDY;
    case OTG_GRSTCTL:
        return OTG_GRSTCTL_AHBIDL;
    }
    int is_there = address >= SYSTICK_CSR || address < 0x40000400u ||
                   (address >= USART1 && address < USART1 + 0x20);
    return is_there ? *(volatile uint32_t *)address : 0;
}

/* --- The story ---------------------------------------------------------------------------------
 */

__attribute__((noinline)) static uint32_t run_over(uint32_t depth)
{
    volatile uint32_t room[64];
    room[depth % 64] = depth;
    return run_over(depth + 1) + room[depth % 64];
}

static void deed(void)
{
    switch (chip_kept.boots) {
    case 1:
        run_over(0);
        break;
    case 2:
        *(volatile uint32_t *)NO_SUCH_PLACE = 1;
        break;
    case 3:
        interrupt_enable(UNUSED_IRQ, PRIORITY_USB);
        interrupt_pend(UNUSED_IRQ);
        break;
    default:
        kept_ask_for_loader(&chip_kept);
        chip_reset();
    }
}

/* The emulated USART has no transmit interrupt; it is always ready. */
static void write_usart(uint32_t address, uint32_t value)
{
    static uint32_t control;
    real_write(address, value);
    if (address == USART_CR1(USART1))
        control = value;
    if (control & USART_CR1_TXEIE)
        interrupt_pend(IRQ_USART1);
}

void mmio_write(uint32_t address, uint32_t value)
{
    if (address == SCB_AIRCR) /* the reset reaches what is here too */
        memset(rcc, 0, sizeof rcc);
    if (address >= RCC_BASE && address < RCC_BASE + sizeof rcc)
        rcc[(address - RCC_BASE) / 4] = value;
    else if (address == FLASH_ACR)
        flash_acr = value;
    else if (address >= USART1 && address < USART1 + 0x20)
        write_usart(address, value);
    else if (address >= SYSTICK_CSR || address < 0x40000400u)
        real_write(address, value);
    else if (address == IWDG_KR && value == IWDG_KR_RELOAD && ++kicks == KICKS_UNTIL_DEED)
        deed();
}
