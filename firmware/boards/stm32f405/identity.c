/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/identity.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_system.h"

#define RANDOM_LOOKS 10000u /* a number takes 40 cycles of 48 MHz */

void identity_read(uint32_t id[3])
{
    for (uint32_t i = 0; i < 3; i++)
        id[i] = mmio_read(UNIQUE_ID + 4u * i);
}

static uint8_t id_byte(const uint32_t id[3], unsigned at)
{
    return (uint8_t)(id[at / 4] >> 8 * (at % 4));
}

void identity_serial(const uint32_t id[3], char serial[IDENTITY_SERIAL_BYTES])
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t bytes[6] = {
        id_byte(id, 11), (uint8_t)(id_byte(id, 10) + id_byte(id, 2)),
        id_byte(id, 9),  (uint8_t)(id_byte(id, 8) + id_byte(id, 0)),
        id_byte(id, 7),  id_byte(id, 6),
    };
    *serial++ = 'T';
    *serial++ = 'F';
    *serial++ = '-';
    for (unsigned i = 0; i < sizeof bytes; i++) {
        *serial++ = digits[bytes[i] >> 4];
        *serial++ = digits[bytes[i] & 15];
    }
    *serial = 0;
}

static int random_word(uint32_t *word)
{
    for (uint32_t i = 0; i < RANDOM_LOOKS; i++) {
        uint32_t status = mmio_read(RNG_SR);
        if (status & (RNG_SR_CECS | RNG_SR_SECS))
            return 0;
        if (status & RNG_SR_DRDY) {
            *word = mmio_read(RNG_DR);
            return 1;
        }
    }
    return 0;
}

/* Spreads each bit over all (a bijection, so different numbers stay different). */
static uint32_t mix(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7FEB352Du;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    return x ^ x >> 16;
}

/* The first number after a start is not to be used, and one like it is a fault (24.3.1). */
uint32_t identity_boot(const uint32_t id[3], uint32_t boots)
{
    uint32_t first, boot;
    mmio_set(RCC_AHB2ENR, RCC_AHB2_RNG);
    mmio_read(RCC_AHB2ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    mmio_write(RNG_CR, RNG_CR_RNGEN);
    if (!random_word(&first) || !random_word(&boot) || boot == first)
        boot = mix(boots ^ mix(id[0] ^ mix(id[1] ^ mix(id[2]))));
    mmio_write(RNG_CR, 0);
    mmio_clear(RCC_AHB2ENR, RCC_AHB2_RNG);
    return boot;
}
