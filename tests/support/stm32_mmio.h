/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The STM32F405's bus on a test bench: mmio_read and mmio_write (firmware/boards/stm32f405/mmio.h)
 * go to models of the peripherals by address, and DMA addresses back to memory. Models complain
 * here about what the reference manual forbids; a test wants no complaint. One thread; nothing is
 * attached at the start of a program. */
#ifndef TENDERFOOT_TESTS_STM32_MMIO_H
#define TENDERFOOT_TESTS_STM32_MMIO_H

#include <stddef.h>
#include <stdint.h>

/* Registers from `first` up to, not with, `end`. An access is a word, aligned. */
struct stm32_block {
    const char *name; /* in complaints */
    uint32_t first, end;
    void *model; /* given to both */
    uint32_t (*read)(void *model, uint32_t address);
    void (*write)(void *model, uint32_t address, uint32_t value);
};

/* Copies *block. Of two blocks at one address the one attached last answers. An access where
 * nothing is attached is a complaint and reads as 0. */
void stm32_mmio_attach(const struct stm32_block *block);

/* A block of registers that only remember (GPIO, RCC and other such things): words[] is the
 * caller's, one for each register from `first` on. */
void stm32_mmio_attach_words(const char *name, uint32_t first, uint32_t *words, size_t n);

/* Memory that DMA may reach: known by the low 32 bits of its address, which is what firmware
 * writes into an address register. stm32_mmio_memory gives n bytes of it back, or NULL and a
 * complaint. */
void stm32_mmio_add_memory(void *bytes, size_t n);
void *stm32_mmio_memory(uint32_t address, size_t n);

/* Forgets blocks, memory, complaints and the count of accesses. */
void stm32_mmio_reset(void);

/* Accesses so far: the clock of models for which time passes while firmware polls. */
uint64_t stm32_mmio_accesses(void);

/* printf's format, one sentence without an end of line: who, what, where. The first ones are
 * printed at once, the very first is kept. */
void stm32_mmio_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
unsigned stm32_mmio_complaints(void);
/* The first complaint, or NULL. */
const char *stm32_mmio_complaint(void);

#endif
