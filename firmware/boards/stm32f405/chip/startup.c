/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first instructions: vector table, the way into the loader, memory as C wants it, main; and
 * the exceptions that nobody wants, each of which is noted and ends in a reset. */
#include "firmware/boards/stm32f405/chip/chip.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_core.h"
#include "firmware/boards/stm32f405/regs_rcc.h"

#include <string.h>

#define SYSTEM_MEMORY 0x1FFF0000u /* the chip's loader (AN2606, STM32F40xxx): stack, entry */

extern uint32_t link_vectors[], link_stack[], link_stack_top[];
extern uint32_t link_data_from[], link_data[], link_data_end[], link_bss[], link_bss_end[];

struct kept chip_kept __attribute__((section(".kept")));

_Noreturn void chip_reset(void)
{
    __asm__ volatile("dsb" ::: "memory");
    mmio_write(SCB_AIRCR, SCB_AIRCR_KEY | SCB_AIRCR_SYSRESETREQ);
    for (;;)
        ;
}

/* As if the chip had booted from its system memory. Clocks, pins and interrupts are as the reset
 * has left them. */
static _Noreturn void enter_loader(void)
{
    mmio_set(RCC_APB2ENR, RCC_APB2_SYSCFG);
    mmio_read(RCC_APB2ENR);
    mmio_write(SYSCFG_MEMRMP, SYSCFG_MEMRMP_SYSTEM);
    mmio_write(SCB_VTOR, SYSTEM_MEMORY);
    __asm__ volatile("dsb\n isb\n msr msp, %0\n bx %1" ::"r"(mmio_read(SYSTEM_MEMORY)),
                     "r"(mmio_read(SYSTEM_MEMORY + 4u)));
    __builtin_unreachable();
}

/* A loader that leaves by a jump has set up clocks and USB its own way; a reset undoes all of it
 * and cannot come twice, for it switches the PLL off. */
_Noreturn void reset_handler(void)
{
    if (kept_takes_loader(&chip_kept))
        enter_loader();
    if (mmio_read(RCC_CR) & RCC_CR_PLLON)
        chip_reset();
    mmio_write(SCB_VTOR, (uint32_t)link_vectors);
    mmio_set(SCB_CCR, SCB_CCR_DIV_0_TRP);
    memcpy(link_data, link_data_from, (size_t)((uint8_t *)link_data_end - (uint8_t *)link_data));
    memset(link_bss, 0, (size_t)((uint8_t *)link_bss_end - (uint8_t *)link_bss));
    main();
    chip_reset();
}

/* `frame` is where the stack stood: eight words of the interrupted program, of which the seventh is
 * its place (ARMv7-M, B1.5.6), unless the stack had run over. */
__attribute__((used)) static _Noreturn void note_fault(const uint32_t *frame)
{
    if (frame < link_stack || frame + 8 > link_stack_top)
        kept_note_fault(&chip_kept, KEPT_STACK, 0);
    else
        kept_note_fault(&chip_kept, KEPT_HARD_FAULT, frame[6]);
    chip_reset();
}

/* The stack may be what is wrong: a fresh one first. */
__attribute__((naked)) static void fault_handler(void)
{
    __asm__ volatile("mov r0, sp\n ldr r1, =link_stack_top\n mov sp, r1\n b note_fault");
}

/* The clock security system: the crystal has stopped. */
static void nmi_handler(void)
{
    kept_note_fault(&chip_kept, mmio_read(RCC_CIR) & RCC_CIR_CSSF ? KEPT_CRYSTAL : KEPT_UNEXPECTED,
                    0);
    chip_reset();
}

static void unexpected_handler(void)
{
    kept_note_fault(&chip_kept, KEPT_UNEXPECTED, 0);
    chip_reset();
}

#define EXCEPTION(number) ((number)-1)
#define INTERRUPT(number) (15 + (number))

/* Exceptions 1 to 15 (ARMv7-M, B1.5.2), then the chip's interrupts (RM0090, table 62). */
__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
    [EXCEPTION(1)] = reset_handler,
    [EXCEPTION(2)] = nmi_handler,
    [EXCEPTION(3)... EXCEPTION(6)] = fault_handler,
    [EXCEPTION(7)... EXCEPTION(14)] = unexpected_handler,
    [EXCEPTION(15)] = tick_handler,
    [INTERRUPT(0)... INTERRUPT(IRQ_TIM2 - 1)] = unexpected_handler,
    [INTERRUPT(IRQ_TIM2)] = capture_handler,
    [INTERRUPT(IRQ_TIM2 + 1)... INTERRUPT(IRQ_USART1 - 1)] = unexpected_handler,
    [INTERRUPT(IRQ_USART1)] = console_handler,
    [INTERRUPT(IRQ_USART1 + 1)... INTERRUPT(IRQ_DMA2_STREAM0 - 1)] = unexpected_handler,
    [INTERRUPT(IRQ_DMA2_STREAM0)] = scan_handler,
    [INTERRUPT(IRQ_DMA2_STREAM0 + 1)... INTERRUPT(IRQ_OTG_FS - 1)] = unexpected_handler,
    [INTERRUPT(IRQ_OTG_FS)] = usb_handler,
    [INTERRUPT(IRQ_OTG_FS + 1)... INTERRUPT(IRQS - 1)] = unexpected_handler,
};
