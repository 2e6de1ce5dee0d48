/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interrupt controller, and which interrupt may interrupt which. */
#ifndef TENDERFOOT_STM32F405_INTERRUPTS_H
#define TENDERFOOT_STM32F405_INTERRUPTS_H

/* Priorities, the first goes before all others. The button's edge is caught by hardware and only
 * has to be fetched before the next one comes; the scan's DMA has a row's time. */
#define PRIORITY_CAPTURE 0x40u
#define PRIORITY_SCAN 0x60u
#define PRIORITY_USB 0x80u
#define PRIORITY_TICK 0xC0u

/* irq is one of regs_core.h's IRQ_*. Its handler is `irq_NUMBER_handler`'s entry in chip/vectors.c.
 */
void interrupt_enable(unsigned irq, unsigned priority);
void interrupt_disable(unsigned irq);
/* As if the peripheral had asked. */
void interrupt_pend(unsigned irq);
/* None enabled, none pending (the processor's own exceptions stay). */
void interrupts_disable_all(void);

#endif
