/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli), as in RFC 3720 appendix B.4: reflected polynomial 0x82F63B78, start and
 * final XOR 0xFFFFFFFF. crc32c("123456789") = 0xE3069283. Uses the processor's instruction where
 * there is one, a table elsewhere; the answer is the same. Any thread. */
#ifndef TENDERFOOT_WIRE_CRC32C_H
#define TENDERFOOT_WIRE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC of `n` bytes. To continue over several slices pass the CRC so far, to begin pass 0. */
uint32_t crc32c(uint32_t so_far, const void *bytes, size_t n);

/* The same without the processor's instruction: what other processors run, for tests. */
uint32_t crc32c_portable(uint32_t so_far, const void *bytes, size_t n);

#endif
