/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 32-bit register, by its address. On the chip these are loads and stores (chip/mmio.c); in the
 * tests they reach a model of the peripheral written from the reference manual, so that the same
 * register sequences can be examined on any computer. */
#ifndef TENDERFOOT_STM32F405_MMIO_H
#define TENDERFOOT_STM32F405_MMIO_H

#include <stdint.h>

uint32_t mmio_read(uint32_t address);
void mmio_write(uint32_t address, uint32_t value);

static inline void mmio_set(uint32_t address, uint32_t bits)
{
    mmio_write(address, mmio_read(address) | bits);
}

static inline void mmio_clear(uint32_t address, uint32_t bits)
{
    mmio_write(address, mmio_read(address) & ~bits);
}

/* Replaces the field that `mask` covers. */
static inline void mmio_field(uint32_t address, uint32_t mask, uint32_t value)
{
    mmio_write(address, (mmio_read(address) & ~mask) | (value & mask));
}

#endif
