/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processor's own registers (ARMv7-M architecture reference manual, B3) and the numbers of the
 * chip's interrupts (RM0090, table 62). */
#ifndef TENDERFOOT_STM32F405_REGS_CORE_H
#define TENDERFOOT_STM32F405_REGS_CORE_H

/* SysTick (B3.3): here also the stopwatch of bounded waits before any timer runs. */
#define SYSTICK_CSR 0xE000E010u
#define SYSTICK_CSR_ENABLE (1u << 0)
#define SYSTICK_CSR_TICKINT (1u << 1)
#define SYSTICK_CSR_CLKSOURCE (1u << 2) /* the processor's clock, not its eighth */
#define SYSTICK_RVR 0xE000E014u
#define SYSTICK_CVR 0xE000E018u

/* Interrupt controller (B3.4): 32 interrupts a word; one byte of priority each, of which the chip
 * has the upper four bits: 0x00 first, 0xF0 last. */
#define NVIC_ISER(irq) (0xE000E100u + 4u * ((irq) / 32u))
#define NVIC_ISPR(irq) (0xE000E200u + 4u * ((irq) / 32u))
#define NVIC_ICPR(irq) (0xE000E280u + 4u * ((irq) / 32u))
#define NVIC_BIT(irq) (1u << ((irq) % 32u))
#define NVIC_IPR(irq) (0xE000E400u + ((irq) & ~3u)) /* four priorities a word */
#define NVIC_IPR_AT(irq) (8u * ((irq) % 4u))

/* System control (B3.2). */
#define SCB_VTOR 0xE000ED08u
#define SCB_AIRCR 0xE000ED0Cu
#define SCB_AIRCR_KEY (0x05FAu << 16)
#define SCB_AIRCR_SYSRESETREQ (1u << 2)
#define SCB_CCR 0xE000ED14u
#define SCB_CCR_DIV_0_TRP (1u << 4)
#define SCB_SHPR3 0xE000ED20u /* priority of SysTick in the top byte */

#define IRQ_TIM2 28u
#define IRQ_USART1 37u
#define IRQ_DMA2_STREAM0 56u
#define IRQ_OTG_FS 67u
#define IRQS 82u

#endif
