/* SPDX-License-Identifier: MIT */
#include "firmware/wire/crc32c.h"

#include "firmware/wire/crc32c_tables.h"

#include <string.h>

static uint32_t step_byte(uint32_t crc, uint8_t byte)
{
    return crc >> 8 ^ crc32c_table[0][(crc ^ byte) & 0xFF];
}

#if defined(__arm__) /* a microcontroller: a byte at a time, 1 KiB of table */

static uint32_t update(uint32_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        crc = step_byte(crc, p[i]);
    return crc;
}

#else

/* Eight bytes at a time; written by bytes, so that the order of bytes in memory does not matter. */
static uint32_t update_by_tables(uint32_t crc, const uint8_t *p, size_t n)
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

#if defined(__x86_64__)

/* The processor's own instruction. */
__attribute__((target("sse4.2"))) static uint32_t update_by_instruction(uint32_t crc,
                                                                        const uint8_t *p, size_t n)
{
    uint64_t wide = crc;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; n; n--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}

static uint32_t update(uint32_t crc, const uint8_t *p, size_t n)
{
    if (__builtin_cpu_supports("sse4.2"))
        return update_by_instruction(crc, p, n);
    return update_by_tables(crc, p, n);
}

#else

static uint32_t update(uint32_t crc, const uint8_t *p, size_t n)
{
    return update_by_tables(crc, p, n);
}

#endif
#endif

uint32_t crc32c(uint32_t so_far, const void *bytes, size_t n)
{
    return ~update(~so_far, bytes, n);
}
