/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMA2 (RM0090, 10): streams between memory and a peripheral in direct mode, once or in a circle,
 * with double buffer. */
#include "firmware/boards/stm32f405/mmio.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_scan_private.h"

#include <string.h>

#define DMA2 0x40026400u
#define ADC_CDR 0x40012308u
#define ADC1_DR 0x4001204Cu
enum { LISR = 0x00, HISR = 0x04, LIFCR = 0x08, HIFCR = 0x0C, STREAMS = 0x10, STREAM_BYTES = 0x18 };
enum { EN = 1, TEIE = 1 << 2, HTIE = 1 << 3, TCIE = 1 << 4, CIRC = 1 << 8, PINC = 1 << 9 };
enum { MINC = 1 << 10, DBM = 1 << 18, CT = 1 << 19 };
enum { TEIF = 1 << 3, HTIF = 1 << 4, TCIF = 1 << 5, FLAGS = 0x3D, DYING_ACCESSES = 3 };

static unsigned peripheral_bytes(const struct stm32_stream *stream)
{
    return 1u << (stream->cr >> 11 & 3);
}

static unsigned memory_bytes(const struct stm32_stream *stream)
{
    return 1u << (stream->cr >> 13 & 3);
}

static unsigned direction(const struct stm32_stream *stream)
{
    return stream->cr >> 6 & 3; /* 0 from the peripheral, 1 to it, 2 memory to memory */
}

/* --- Enabling -----------------------------------------------------------------------------------
 */

/* (10.3.17, 10.5.5) */
static void check_enable(const struct stm32_stream *stream, unsigned n)
{
    if (stream->flags & FLAGS)
        stm32_mmio_complain("DMA2 stream %u: enabled while flags 0x%02X of its last run are set", n,
                            (unsigned)(stream->flags & FLAGS));
    if (stream->ndtr == 0)
        stm32_mmio_complain("DMA2 stream %u: enabled with nothing to do", n);
    if (direction(stream) > 1)
        stm32_mmio_complain("DMA2 stream %u: memory to memory is not in this model", n);
    if (stream->fcr & 4)
        stm32_mmio_complain("DMA2 stream %u: the FIFO is not in this model", n);
    else if (peripheral_bytes(stream) != memory_bytes(stream))
        stm32_mmio_complain("DMA2 stream %u: two widths in direct mode", n);
    if (stream->par % peripheral_bytes(stream) || stream->m0ar % memory_bytes(stream))
        stm32_mmio_complain("DMA2 stream %u: an address is not aligned to its width", n);
    stm32_mmio_memory(stream->m0ar, (size_t)stream->ndtr * memory_bytes(stream));
    if (stream->cr & DBM)
        stm32_mmio_memory(stream->m1ar, (size_t)stream->ndtr * memory_bytes(stream));
}

static void enable(struct stm32_stream *stream, unsigned n)
{
    stream->dying = 0;
    stream->done = 0;
    stream->reload = stream->ndtr;
    check_enable(stream, n);
}

/* --- Transfers ----------------------------------------------------------------------------------
 */

/* With the data of the manual's table 44: ADC1 on stream 0 or 4, channel 0; TIM8's update on 1,
 * 7. */
static void transfer(struct stm32_scan *chip, struct stm32_stream *stream)
{
    uint32_t offset = stream->cr & MINC ? stream->done * memory_bytes(stream) : 0;
    uint32_t base = stream->cr & DBM && stream->cr & CT ? stream->m1ar : stream->m0ar;
    void *at = stm32_mmio_memory(base + offset, memory_bytes(stream));
    uint32_t word = 0;
    if (direction(stream) == 0) {
        if (stream->par != ADC_CDR && stream->par != ADC1_DR)
            stm32_mmio_complain("DMA2: reads 0x%08X at the ADCs' request", (unsigned)stream->par);
        word = stm32_adc_take(chip);
        if (at)
            memcpy(at, &word, memory_bytes(stream));
    } else if (at) {
        memcpy(&word, at, memory_bytes(stream));
        mmio_write(stream->par, word);
    }
}

static void end_of_run(struct stm32_scan *chip, struct stm32_stream *stream)
{
    stream->flags |= TCIF;
    stream->done = 0;
    if (direction(stream) == 0)
        stm32_adc_stream_ended(chip);
    if (stream->cr & DBM)
        stream->cr ^= CT;
    if (stream->cr & (CIRC | DBM))
        stream->ndtr = stream->reload;
    else
        stream->cr &= ~(uint32_t)EN;
}

int stm32_dma_request(struct stm32_scan *chip, unsigned n, unsigned channel)
{
    struct stm32_stream *stream = &chip->streams[n];
    if (!(stream->cr & EN) || stream->dying || (stream->cr >> 25 & 7) != channel)
        return 0;
    if (stream->fails) {
        stream->fails = 0;
        stream->flags |= TEIF;
        stream->cr &= ~(uint32_t)EN;
        return 0;
    }
    transfer(chip, stream);
    stream->done++;
    stream->ndtr--;
    if (stream->ndtr == stream->reload / 2)
        stream->flags |= HTIF;
    if (stream->ndtr == 0)
        end_of_run(chip, stream);
    return 1;
}

int stm32_dma_line(const struct stm32_scan *chip, unsigned n)
{
    const struct stm32_stream *stream = &chip->streams[n];
    return (stream->flags & TCIF && stream->cr & TCIE) ||
           (stream->flags & HTIF && stream->cr & HTIE) ||
           (stream->flags & TEIF && stream->cr & TEIE);
}

/* --- Registers ----------------------------------------------------------------------------------
 */

static unsigned flags_at(unsigned stream)
{
    static const unsigned at[4] = {0, 6, 16, 22};
    return at[stream % 4];
}

static uint32_t read_stream(struct stm32_stream *stream, unsigned at)
{
    if (at == 0 && stream->dying && --stream->dying == 0) {
        stream->cr &= ~(uint32_t)EN;
        stream->flags |= TCIF;
    }
    const uint32_t words[6] = {stream->cr,   stream->ndtr, stream->par,
                               stream->m0ar, stream->m1ar, stream->fcr};
    return words[at];
}

/* All but EN and the interrupts' bits is protected while EN reads 1; and EN does not fall at once:
 * what is under way is brought to its end, which TCIF tells (10.3.17, 10.5.5). */
static void write_cr(struct stm32_stream *stream, unsigned n, uint32_t value)
{
    const uint32_t free_bits = TEIE | HTIE | TCIE | 2;
    int was_on = (stream->cr & EN) != 0;
    if (!was_on) {
        stream->cr = value;
        if (value & EN)
            enable(stream, n);
        return;
    }
    if (value & EN && (value ^ stream->cr) & ~(free_bits | EN | CT))
        stm32_mmio_complain("DMA2 stream %u: reconfigured while EN reads 1", n);
    if (value & EN && stream->dying)
        stm32_mmio_complain("DMA2 stream %u: enabled again before EN reads 0", n);
    if (!(value & EN) && !stream->dying)
        stream->dying = DYING_ACCESSES;
    stream->cr = (stream->cr & ~free_bits) | (value & free_bits);
}

static void write_stream(struct stm32_stream *stream, unsigned n, unsigned at, uint32_t value)
{
    uint32_t *const words[6] = {NULL,          &stream->ndtr, &stream->par,
                                &stream->m0ar, &stream->m1ar, &stream->fcr};
    int other_buffer = stream->cr & DBM && at == (stream->cr & CT ? 3u : 4u);
    if (at == 0) {
        write_cr(stream, n, value);
        return;
    }
    if (stream->cr & EN && !other_buffer)
        stm32_mmio_complain("DMA2 stream %u: register 0x%02X written while EN reads 1", n, at * 4);
    if (at == 1 && value > UINT16_MAX)
        stm32_mmio_complain("DMA2 stream %u: %u items do not fit", n, (unsigned)value);
    *words[at] = value;
}

static uint32_t read_dma(void *model, uint32_t address)
{
    struct stm32_scan *chip = model;
    uint32_t offset = address - DMA2, status = 0;
    stm32_scan_pass(chip, chip->pace);
    stm32_scan_has_clock(chip, 0x30, 22, "DMA2");
    if (offset >= STREAMS)
        return read_stream(&chip->streams[(offset - STREAMS) / STREAM_BYTES],
                           (offset - STREAMS) % STREAM_BYTES / 4);
    if (offset > HISR)
        return 0;
    for (unsigned n = offset == LISR ? 0 : 4; n < (offset == LISR ? 4u : 8u); n++)
        status |= (chip->streams[n].flags & FLAGS) << flags_at(n);
    return status;
}

static void write_dma(void *model, uint32_t address, uint32_t value)
{
    struct stm32_scan *chip = model;
    uint32_t offset = address - DMA2;
    stm32_scan_pass(chip, chip->pace);
    stm32_scan_has_clock(chip, 0x30, 22, "DMA2");
    if (offset >= STREAMS) {
        unsigned n = (offset - STREAMS) / STREAM_BYTES;
        write_stream(&chip->streams[n], n, (offset - STREAMS) % STREAM_BYTES / 4, value);
        return;
    }
    if (offset < LIFCR) {
        stm32_mmio_complain("DMA2: a status register is not written, LIFCR and HIFCR clear it");
        return;
    }
    for (unsigned n = offset == LIFCR ? 0 : 4; n < (offset == LIFCR ? 4u : 8u); n++)
        chip->streams[n].flags &= ~(value >> flags_at(n) & FLAGS);
}

void stm32_dma_attach(struct stm32_scan *chip)
{
    for (int n = 0; n < STM32_STREAMS; n++)
        chip->streams[n].fcr = 0x21;
    stm32_mmio_attach(&(struct stm32_block){"DMA2", DMA2, DMA2 + STREAMS + 8 * STREAM_BYTES, chip,
                                            read_dma, write_dma});
}
