/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls and not inline, so that the same objects' sources run against models: a call costs some
 * eight cycles. The busiest user is USB with 300,000 words a second at full speed, 1.5 % of the
 * processor; the counts of a scan come by DMA. */
#include "firmware/boards/stm32f405/mmio.h"

uint32_t mmio_read(uint32_t address)
{
    return *(volatile uint32_t *)address;
}

void mmio_write(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}
