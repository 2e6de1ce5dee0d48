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

/* irq is one of regs_core.h's IRQ_*; its handler stands in the vector table of chip/startup.c. */
void interrupt_enable(unsigned irq, unsigned priority);
/* As if the peripheral had asked. */
void interrupt_pend(unsigned irq);

#endif
