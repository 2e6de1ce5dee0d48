/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DMA controllers (RM0090, 10.5): only what the scan uses, of DMA2, which alone reaches pins
 * and the ADCs (10.3.3, tables 43 and 44). */
#ifndef TENDERFOOT_STM32F405_REGS_DMA_H
#define TENDERFOOT_STM32F405_REGS_DMA_H

#define DMA2 0x40026400u

/* Flags of streams 0..3: six bits each, at 0, 6, 16, 22. */
#define DMA_LISR(dma) ((dma) + 0x00u)
#define DMA_LIFCR(dma) ((dma) + 0x08u) /* write 1 to clear */
#define DMA_STREAM0_AT 0
#define DMA_STREAM1_AT 6
#define DMA_FLAG_DIRECT_MODE (1u << 2)
#define DMA_FLAG_ERROR (1u << 3)
#define DMA_FLAG_HALF (1u << 4)
#define DMA_FLAG_DONE (1u << 5)
#define DMA_FLAGS 0x3Du

#define DMA_CR(dma, stream) ((dma) + 0x10u + 0x18u * (stream))
#define DMA_CR_EN (1u << 0)
#define DMA_CR_DIRECT_MODE_IE (1u << 1)
#define DMA_CR_ERROR_IE (1u << 2)
#define DMA_CR_HALF_IE (1u << 3)
#define DMA_CR_DONE_IE (1u << 4)
#define DMA_CR_FROM_MEMORY (1u << 6)
#define DMA_CR_CIRCULAR (1u << 8)
#define DMA_CR_MEMORY_INCREMENT (1u << 10)
#define DMA_CR_PERIPHERAL_16 (1u << 11)
#define DMA_CR_PERIPHERAL_32 (2u << 11)
#define DMA_CR_MEMORY_16 (1u << 13)
#define DMA_CR_MEMORY_32 (2u << 13)
#define DMA_CR_PRIORITY_HIGH (2u << 16)
#define DMA_CR_PRIORITY_HIGHEST (3u << 16)
#define DMA_CR_CHANNEL_AT 25
#define DMA_NDTR(dma, stream) ((dma) + 0x14u + 0x18u * (stream)) /* items left of a turn */
#define DMA_PAR(dma, stream) ((dma) + 0x18u + 0x18u * (stream))
#define DMA_M0AR(dma, stream) ((dma) + 0x1Cu + 0x18u * (stream))
#define DMA_FCR(dma, stream) ((dma) + 0x24u + 0x18u * (stream)) /* 0 in the low 3 bits: direct */

#endif
