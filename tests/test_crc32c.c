/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-32C against published vectors, against the definition bit by bit, and against itself over
 * slices. Both ways of working it out are met: the processor's instruction and the tables. */
#include "firmware/wire/crc32c.h"
#include "firmware/wire/crc32c_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint32_t by_definition(uint32_t crc, const uint8_t *p, size_t n)
{
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

/* RFC 3720, B.4, and the customary "123456789". */
static void test_published_vectors(void **state)
{
    uint8_t bytes[32];
    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(crc32c(0, "", 0), 0);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x8A9136AAu);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x62A8AB43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46DD794Eu);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(crc32c(0, bytes, 32), 0x113FDB5Cu);
}

static void test_tables_follow_from_the_polynomial(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int row = 0; row < CRC32C_SLICES; row++) {
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
            assert_int_equal(crc32c_table[row][i], crc);
        }
    }
}

/* Every length up to a few blocks and some long ones, at every alignment. */
static void test_any_length_and_alignment(void **state)
{
    static uint8_t bytes[20000];
    (void)state;
    srand(20);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rand();
    for (size_t n = 0; n < 700; n++)
        for (size_t at = 0; at < 9; at++)
            assert_int_equal(crc32c(0, bytes + at, n), by_definition(0, bytes + at, n));
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)rand() % 5000, n = (size_t)rand() % 15000;
        uint32_t so_far = (uint32_t)rand();
        assert_int_equal(crc32c(so_far, bytes + at, n), by_definition(so_far, bytes + at, n));
        assert_int_equal(crc32c_portable(so_far, bytes + at, n), crc32c(so_far, bytes + at, n));
    }
}

static void test_slices_add_up(void **state)
{
    uint8_t bytes[1021];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 + (i >> 3));
    uint32_t whole = crc32c(0, bytes, sizeof bytes);
    for (size_t cut = 0; cut <= sizeof bytes; cut++)
        assert_int_equal(crc32c(crc32c(0, bytes, cut), bytes + cut, sizeof bytes - cut), whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_tables_follow_from_the_polynomial),
        cmocka_unit_test(test_any_length_and_alignment),
        cmocka_unit_test(test_slices_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
