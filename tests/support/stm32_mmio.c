/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/stm32_mmio.h"
#include "firmware/boards/stm32f405/mmio.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 48
#define MEMORIES_MAX 16
#define PRINTED_MAX 20

struct words {
    uint32_t first, *at;
};

struct memory {
    uint8_t *bytes;
    size_t n;
};

/* There is one bus, as there is one mmio_read. */
static struct {
    struct stm32_block blocks[BLOCKS_MAX];
    struct words words[BLOCKS_MAX];
    struct memory memories[MEMORIES_MAX];
    size_t n_blocks, n_memories;
    uint64_t accesses;
    unsigned complaints;
    char complaint[240];
} bus;

void stm32_mmio_reset(void)
{
    memset(&bus, 0, sizeof bus);
}

static void no_room(const char *for_what)
{
    fprintf(stderr, "stm32_mmio: no room for more %s\n", for_what);
    abort();
}

void stm32_mmio_attach(const struct stm32_block *block)
{
    if (bus.n_blocks == BLOCKS_MAX)
        no_room("blocks");
    bus.blocks[bus.n_blocks++] = *block;
}

static uint32_t words_read(void *model, uint32_t address)
{
    const struct words *words = model;
    return words->at[(address - words->first) / 4];
}

static void words_write(void *model, uint32_t address, uint32_t value)
{
    const struct words *words = model;
    words->at[(address - words->first) / 4] = value;
}

void stm32_mmio_attach_words(const char *name, uint32_t first, uint32_t *words, size_t n)
{
    if (bus.n_blocks == BLOCKS_MAX)
        no_room("blocks");
    struct words *model = &bus.words[bus.n_blocks];
    *model = (struct words){.first = first, .at = words};
    stm32_mmio_attach(&(struct stm32_block){.name = name,
                                            .first = first,
                                            .end = first + 4u * (uint32_t)n,
                                            .model = model,
                                            .read = words_read,
                                            .write = words_write});
}

void stm32_mmio_add_memory(void *bytes, size_t n)
{
    if (bus.n_memories == MEMORIES_MAX)
        no_room("memory");
    bus.memories[bus.n_memories++] = (struct memory){.bytes = bytes, .n = n};
}

void *stm32_mmio_memory(uint32_t address, size_t n)
{
    for (size_t i = 0; i < bus.n_memories; i++) {
        const struct memory *memory = &bus.memories[i];
        uint32_t offset = address - (uint32_t)(uintptr_t)memory->bytes;
        if (offset < memory->n && memory->n - offset >= n)
            return memory->bytes + offset;
    }
    stm32_mmio_complain("DMA of %zu bytes at 0x%08X, where it may not go", n, (unsigned)address);
    return NULL;
}

uint64_t stm32_mmio_accesses(void)
{
    return bus.accesses;
}

void stm32_mmio_complain(const char *format, ...)
{
    char text[sizeof bus.complaint];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (bus.complaints < PRINTED_MAX)
        printf("complaint: %s\n", text);
    if (bus.complaints++ == 0)
        memcpy(bus.complaint, text, sizeof text);
}

unsigned stm32_mmio_complaints(void)
{
    return bus.complaints;
}

const char *stm32_mmio_complaint(void)
{
    return bus.complaints ? bus.complaint : NULL;
}

static const struct stm32_block *block_at(uint32_t address, const char *access)
{
    bus.accesses++;
    if (address % 4)
        stm32_mmio_complain("%s at 0x%08X, which is not aligned", access, (unsigned)address);
    for (size_t i = bus.n_blocks; i-- > 0;)
        if (address >= bus.blocks[i].first && address < bus.blocks[i].end)
            return &bus.blocks[i];
    stm32_mmio_complain("%s at 0x%08X, where nothing is", access, (unsigned)address);
    return NULL;
}

uint32_t mmio_read(uint32_t address)
{
    const struct stm32_block *block = block_at(address, "read");
    return block ? block->read(block->model, address) : 0;
}

void mmio_write(uint32_t address, uint32_t value)
{
    const struct stm32_block *block = block_at(address, "write");
    if (block)
        block->write(block->model, address, value);
}
