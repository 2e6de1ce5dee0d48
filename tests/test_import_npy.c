/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy frames: every number type, byte order and version gives the same pressures. */
#include "driver/import/import.h"
#include "driver/pressure_reader.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 30, ROWS = 6, COLS = 4, CELLS = 24 };

/* Fits into every type, also a signed byte; the last frames are empty. */
static double drawn(int frame, int row, int col)
{
    return frame >= 20 ? 0 : (frame * 11 + row * 5 + col * 17) % 127;
}

static const char *const types[] = {"<f4", "<f8", ">f4", ">f8", "|u1", "|i1", "<u2", "<i2",
                                    ">u2", ">i2", "<u4", "<i4", ">i4", "<i8", "<u8", ">i8"};

static void put_bytes(FILE *f, uint64_t bits, int size, int big)
{
    for (int i = 0; i < size; i++)
        fputc((int)(bits >> 8 * (big ? size - 1 - i : i) & 255), f);
}

static void put_number(FILE *f, double value, const char *type)
{
    int size = type[2] - '0';
    uint64_t bits = (uint64_t)(int64_t)value;
    float single = (float)value;
    uint32_t low;
    memcpy(&low, &single, sizeof low);
    if (type[1] == 'f' && size == 4)
        bits = low;
    else if (type[1] == 'f')
        memcpy(&bits, &value, sizeof bits);
    put_bytes(f, bits, size, type[0] == '>');
}

static FILE *begin(const char *path, int version, const char *header)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fprintf(f, "\x93NUMPY");
    fputc(version, f);
    fputc(0, f);
    put_bytes(f, strlen(header), version == 1 ? 2 : 4, 0);
    fputs(header, f);
    return f;
}

static void write_npy(const char *path, const char *type, int version)
{
    char header[256];
    snprintf(header, sizeof header,
             "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d, %d), }        \n", type,
             FRAMES, ROWS, COLS);
    FILE *f = begin(path, version, header);
    for (int i = 0; i < FRAMES * CELLS; i++)
        put_number(f, drawn(i / CELLS, i % CELLS / COLS, i % COLS), type);
    fclose(f);
}

static struct import_options usual(void)
{
    return (struct import_options){
        .hints = {.pitch_x_mm = 8.47, .pitch_y_mm = 8.46, .rate_hz = 126}};
}

static int import(const char *from, const char *to, const struct import_options *options,
                  struct problem *why)
{
    struct import_result result;
    return import_file(from, to, options, &result, why);
}

/* Wants frame, row, col of the recording to be factor x the drawn ones, turned as asked. */
static void check_frames(const char *path, double factor, int flip_rows, int flip_cols)
{
    struct pressure_item item;
    struct problem why;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_non_null(r);
    assert_null(pressure_reader_calibration(r));
    int n = 0;
    for (; pressure_reader_next(r, &item, &why) > 0; n++) {
        assert_true(item.time_us == (uint64_t)llround(n * 1e6 / 126));
        for (int row = 0; row < ROWS; row++) {
            for (int col = 0; col < COLS; col++) {
                double want = factor * drawn(n, flip_rows ? ROWS - 1 - row : row,
                                             flip_cols ? COLS - 1 - col : col);
                assert_true(item.kpa[row * COLS + col] == (float)want);
            }
        }
    }
    assert_int_equal(n, FRAMES);
    pressure_reader_close(r);
}

static void every_type_gives_the_same_pressures(void **state)
{
    (void)state;
    struct import_options options = usual();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct problem why = {0};
        const char *npy = scratch_new("a.npy"), *path = scratch_new("a.tfr");
        write_npy(npy, types[i], 1 + (int)i % 3);
        if (import(npy, path, &options, &why))
            fail_msg("%s: %s", types[i], why.text);
        check_frames(path, 1, 0, 0);
    }
}

static void units_and_flips(void **state)
{
    (void)state;
    static const struct {
        enum import_units units;
        double factor;
        int flip_rows, flip_cols;
    } cases[] = {{IMPORT_KPA, 1, 1, 0},
                 {IMPORT_N_PER_CM2, 10, 0, 1},
                 {IMPORT_N, 1000 / (8.47 * 8.46), 1, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct import_options options = usual();
        struct problem why;
        const char *npy = scratch_new("a.npy"), *path = scratch_new("a.tfr");
        options.hints.units = cases[i].units;
        options.flip_rows = cases[i].flip_rows;
        options.flip_cols = cases[i].flip_cols;
        write_npy(npy, "<f8", 1);
        assert_int_equal(import(npy, path, &options, &why), 0);
        struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
        assert_near(pressure_reader_header(r)->pitch_y_mm, 8.46, 0);
        pressure_reader_close(r);
        if (cases[i].units != IMPORT_N) {
            check_frames(path, cases[i].factor, cases[i].flip_rows, cases[i].flip_cols);
        } else { /* a division: the same double in another order */
            struct pressure_item item;
            r = pressure_reader_open(path, NULL, &why);
            assert_int_equal(pressure_reader_next(r, &item, &why), 1);
            assert_near((double)item.kpa[0], cases[i].factor * drawn(0, ROWS - 1, COLS - 1), 1e-4);
            pressure_reader_close(r);
        }
    }
}

static void one_picture_and_the_protocol(void **state)
{
    (void)state;
    struct import_options options = usual();
    struct import_result result;
    struct problem why;
    const char *npy = scratch_new("a.npy"), *path = scratch_new("a.tfr");
    options.hints.rate_hz = 0;
    FILE *f = begin(npy, 1, "{\"descr\": \"<u2\", \"fortran_order\": False, \"shape\": (2, 3)}\n");
    for (int i = 0; i < 6; i++)
        put_bytes(f, (uint64_t)i * 10, 2, 0);
    fclose(f);
    assert_int_equal(import_file(npy, path, &options, &result, &why), 0);
    assert_int_equal(result.frames, 1);
    assert_near(result.peak_kpa, 50, 0);
    assert_string_equal(result.header.protocol, "stand");

    /* 20 loaded frames: a short contact at 126 Hz is a step, at 5 Hz it is standing. */
    for (int slow = 0; slow < 2; slow++) {
        options.hints.rate_hz = slow ? 5 : 126;
        options.protocol = NULL;
        write_npy(npy, "<f4", 1);
        unlink(path);
        assert_int_equal(import_file(npy, path, &options, &result, &why), 0);
        assert_near(result.longest_contact_s, 20 / options.hints.rate_hz, 1e-9);
        assert_string_equal(result.header.protocol, slow ? "stand" : "walk");
        options.protocol = slow ? "walk" : "stand";
        unlink(path);
        assert_int_equal(import_file(npy, path, &options, &result, &why), 0);
        assert_string_equal(result.header.protocol, options.protocol);
    }
}

static void check_refused(const char *header, size_t n_numbers, enum problem_kind kind,
                          const char *words, const struct import_options *options)
{
    struct problem why = {0};
    const char *npy = scratch_new("bad.npy"), *path = scratch_new("bad.tfr");
    FILE *f = begin(npy, 1, header);
    for (size_t i = 0; i < n_numbers; i++)
        put_number(f, i == 2 ? NAN : 1, "<f4");
    fclose(f);
    int before = scratch_count();
    if (!import(npy, path, options, &why))
        fail_msg("%s was taken", header);
    assert_int_equal(why.kind, kind);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
    assert_int_equal(scratch_count(), before);
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    struct import_options o = usual(), no_pitch = o, no_rate = o;
    no_pitch.hints.pitch_x_mm = 0;
    no_rate.hints.rate_hz = 0;
#define F4(order, shape) "{'descr': '<f4', 'fortran_order': " order ", 'shape': " shape "}"
    check_refused(F4("False", "(2, 1, 1)"), 2, PROBLEM_USAGE, "--pitch", &no_pitch);
    check_refused(F4("False", "(2, 1, 1)"), 2, PROBLEM_USAGE, "--rate", &no_rate);
    check_refused(F4("True", "(2, 1, 1)"), 2, PROBLEM_REFUSED, "Fortran", &o);
    check_refused(F4("Maybe", "(2, 1, 1)"), 2, PROBLEM_REFUSED, "fortran_order", &o);
    check_refused(F4("False", "(2, 1, 1)"), 1, PROBLEM_REFUSED, "ends inside frame 1 of 2", &o);
    check_refused(F4("False", "(3, 1, 1)"), 3, PROBLEM_REFUSED, "frame 2, row 0, column 0", &o);
    check_refused(F4("False", "(1, 257, 1)"), 257, PROBLEM_REFUSED, "257 x 1", &o);
    check_refused(F4("False", "(1, 1, 0)"), 0, PROBLEM_REFUSED, "1 x 0", &o);
    check_refused(F4("False", "(0, 1, 1)"), 0, PROBLEM_REFUSED, "no frame", &o);
    check_refused(F4("False", "(9223372036854775807, 256, 256)"), 0, PROBLEM_REFUSED, "too many",
                  &o);
    check_refused(F4("False", "(1, 1, 1, 1)"), 1, PROBLEM_REFUSED, "3 axes", &o);
    check_refused(F4("False", "(4,)"), 4, PROBLEM_REFUSED, "3 axes", &o);
    check_refused(F4("False", "(-1, 2, 2)"), 4, PROBLEM_REFUSED, "3 axes", &o);
    check_refused(F4("False", "(1 2"), 4, PROBLEM_REFUSED, "3 axes", &o);
    check_refused("{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1, 1)}", 2,
                  PROBLEM_REFUSED, "<c8", &o);
    check_refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1)}", 1,
                  PROBLEM_REFUSED, "structured", &o);
    check_refused("{'fortran_order': False, 'shape': (1, 1)}", 1, PROBLEM_REFUSED, "descr", &o);
    check_refused("", 0, PROBLEM_REFUSED, "descr", &o);

    struct problem why;
    const char *npy = scratch_path("bad.npy"), *path = scratch_path("bad.tfr");
    static const char *const fronts[] = {"\x93NUMPY", "\x93NUMPY\x01", "\x93NUMPY\x04\x00\x10\x00",
                                         "\x93NUMPY\x02\x00\xff\xff\xff\xff"};
    static const size_t sizes[] = {6, 8, 10, 12};
    for (size_t i = 0; i < 4; i++) {
        scratch_write(npy, fronts[i], sizes[i]);
        assert_int_equal(import(npy, path, &o, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
    }
    struct import_options named = usual();
    named.format = "npy";
    scratch_write(npy, "hello", 5);
    assert_int_equal(import(npy, path, &named, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
}

static void a_label_too_long_or_not_text_is_refused(void **state)
{
    (void)state;
    char label[200];
    struct import_options options = usual();
    struct problem why;
    const char *npy = scratch_new("a.npy"), *path = scratch_new("a.tfr");
    write_npy(npy, "<f4", 1);
    memset(label, 'x', sizeof label);
    label[sizeof label - 1] = 0;
    options.client = label;
    assert_int_equal(import(npy, path, &options, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    options.client = "\x1b[31m";
    assert_int_equal(import(npy, path, &options, &why), -1);
    options.client = "\xff";
    assert_int_equal(import(npy, path, &options, &why), -1);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    write_npy(scratch_path("m.npy"), "<f4", 1);
    for (long n = 1;; n++) {
        struct import_options options = usual();
        struct problem why = {0};
        const char *path = scratch_new("m.tfr");
        failing_malloc_at(n);
        int bad = import(scratch_path("m.npy"), path, &options, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(bad, 0);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(bad, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_int_not_equal(access(path, F_OK), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_gives_the_same_pressures),
        cmocka_unit_test(units_and_flips),
        cmocka_unit_test(one_picture_and_the_protocol),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(a_label_too_long_or_not_text_is_refused),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
