/* SPDX-License-Identifier: MIT */
#include "firmware/wire/crc32c.h"

#include "firmware/wire/crc32c_tables.h"

#include <string.h>

static uint32_t step_byte(uint32_t crc, uint8_t byte)
{
    return crc >> 8 ^ crc32c_table[0][(crc ^ byte) & 0xFF];
}

#if CRC32C_SLICES == 8

/* Eight bytes at a time, read one by one: the order of bytes in memory does not matter. */
static uint32_t update_portable(uint32_t crc, const uint8_t *p, size_t n)
{
    const uint32_t(*t)[256] = crc32c_table;
    for (; n >= 8; n -= 8, p += 8) {
        crc = t[7][(crc ^ p[0]) & 0xFF] ^ t[6][(crc >> 8 ^ p[1]) & 0xFF] ^
              t[5][(crc >> 16 ^ p[2]) & 0xFF] ^ t[4][crc >> 24 ^ p[3]] ^ t[3][p[4]] ^ t[2][p[5]] ^
              t[1][p[6]] ^ t[0][p[7]];
    }
    for (; n; n--)
        crc = step_byte(crc, *p++);
    return crc;
}

#else /* a microcontroller: a byte at a time */

static uint32_t update_portable(uint32_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crc = step_byte(crc, p[i]);
    return crc;
}

#endif

uint32_t crc32c_portable(uint32_t so_far, const void *bytes, size_t n)
{
    return ~update_portable(~so_far, bytes, n);
}

#if defined(__x86_64__)

static uint64_t word_at(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The processor's own instruction. */
__attribute__((target("sse4.2"))) static uint32_t update_by_instruction(uint32_t crc,
                                                                        const uint8_t *p, size_t n)
{
    uint64_t wide = crc;
    for (; n >= 8; n -= 8, p += 8)
        wide = __builtin_ia32_crc32di(wide, word_at(p));
    crc = (uint32_t)wide;
    for (; n; n--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}

uint32_t crc32c(uint32_t so_far, const void *bytes, size_t n)
{
    if (__builtin_cpu_supports("sse4.2"))
        return ~update_by_instruction(~so_far, bytes, n);
    return crc32c_portable(so_far, bytes, n);
}

#else

uint32_t crc32c(uint32_t so_far, const void *bytes, size_t n)
{
    return crc32c_portable(so_far, bytes, n);
}

#endif
