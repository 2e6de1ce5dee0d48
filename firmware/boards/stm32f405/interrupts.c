/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/interrupts.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_core.h"

void interrupt_enable(unsigned irq, unsigned priority)
{
    mmio_field(NVIC_IPR(irq), 0xFFu << NVIC_IPR_AT(irq), priority << NVIC_IPR_AT(irq));
    mmio_write(NVIC_ICPR(irq), NVIC_BIT(irq));
    mmio_write(NVIC_ISER(irq), NVIC_BIT(irq));
}

void interrupt_pend(unsigned irq)
{
    mmio_write(NVIC_ISPR(irq), NVIC_BIT(irq));
}
