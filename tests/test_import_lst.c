/* SPDX-License-Identifier: GPL-3.0-or-later */
/* emed's text export: a person's real step gives the numbers that published software states for it,
 * and a drawn plate printed in many dialects comes back exactly. */
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

#define REAL "../shared/data/plates/recordings/emed_test.lst"
#define REFERENCE "../shared/data/plates/reference/emed/frames.csv"

/* --- The real step ---------------------------------------------------------------------------- */

struct row {
    double force_n, peak_kpa, area_cm2, cop_x_mm, cop_y_mm;
};

/* pressuRe 0.2.7 on the same file; cop from the window's lower left. */
static int read_reference(struct row *rows, int cap)
{
    char line[256];
    int n = 0, number;
    double time_s;
    FILE *file = fopen(REFERENCE, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (n < cap && fgets(line, sizeof line, file)) {
        struct row *r = &rows[n++];
        assert_int_equal(sscanf(line, "%d,%lf,%lf,%lf,%lf,%lf,%lf", &number, &time_s, &r->force_n,
                                &r->peak_kpa, &r->area_cm2, &r->cop_x_mm, &r->cop_y_mm),
                         7);
    }
    fclose(file);
    return n;
}

/* Past the annotations that hold what the file states. */
static int next_frame(struct pressure_reader *r, struct pressure_item *item, struct problem *why)
{
    int got;
    while ((got = pressure_reader_next(r, item, why)) > 0 && item->kind != PRESSURE_FRAME)
        ;
    return got;
}

static struct row measure(const float *kpa, const struct recording_header *h, double x0_mm,
                          double y0_mm)
{
    struct row r = {0};
    double sum = 0, cell_mm2 = h->pitch_x_mm * h->pitch_y_mm;
    for (int row = 0; row < h->rows; row++) {
        for (int col = 0; col < h->cols; col++) {
            double p = (double)kpa[row * h->cols + col];
            sum += p;
            r.cop_x_mm += p * (col + 0.5) * h->pitch_x_mm;
            r.cop_y_mm += p * (row + 0.5) * h->pitch_y_mm;
            r.area_cm2 += (p > 0) * cell_mm2 / 100;
            r.peak_kpa = fmax(r.peak_kpa, p);
        }
    }
    r.force_n = sum * cell_mm2 * 1e-3;
    r.cop_x_mm = r.cop_x_mm / sum - x0_mm;
    r.cop_y_mm = r.cop_y_mm / sum - y0_mm;
    return r;
}

static void check_real(const char *path, double x0_mm, double y0_mm)
{
    struct row want[200];
    struct pressure_item item;
    struct problem why;
    int n = read_reference(want, 200), i = 0;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_non_null(r);
    for (; next_frame(r, &item, &why) > 0; i++) {
        assert_true(i < n);
        struct row got = measure(item.kpa, pressure_reader_header(r), x0_mm, y0_mm);
        assert_true(item.time_us == (uint64_t)i * 10000);
        assert_near(got.force_n, want[i].force_n, 1e-3);
        assert_near(got.peak_kpa, want[i].peak_kpa, 0);
        assert_near(got.area_cm2, want[i].area_cm2, 1e-9);
        assert_near(got.cop_x_mm, want[i].cop_x_mm, 1e-6);
        assert_near(got.cop_y_mm, want[i].cop_y_mm, 1e-6);
    }
    assert_int_equal(i, 106);
    assert_int_equal(i, n);
    pressure_reader_close(r);
}

static void a_real_step_gives_the_published_numbers(void **state)
{
    (void)state;
    struct import_options options = {0};
    struct import_result result;
    struct problem why;
    if (access(REAL, R_OK)) {
        print_message("SKIPPED: " REAL " is not there\n");
        skip();
    }
    const char *path = scratch_new("step.tfr"), *whole = scratch_new("whole.tfr");
    if (import_file(REAL, path, &options, &result, &why))
        fail_msg("%s", why.text);
    assert_int_equal(result.n_warnings, 0);
    assert_int_equal(result.frames, 106);
    assert_int_equal(result.missing, 0);
    assert_near(result.peak_kpa, 370, 0);
    assert_near(result.max_force_n, 818.625, 1e-9);
    assert_int_equal(result.header.rows, 54);
    assert_int_equal(result.header.cols, 22);
    assert_near(result.header.pitch_x_mm, 5, 0);
    assert_near(result.header.rate_hz, 100, 0);
    assert_string_equal(result.header.protocol, "walk");
    check_real(path, 0, 0);
    options.hints.whole_plate = 1;
    assert_int_equal(import_file(REAL, whole, &options, &result, &why), 0);
    assert_int_equal(result.header.rows, 95);
    assert_int_equal(result.header.cols, 64);
    /* Columns 26.. and rows ..83 of 95 are printed: 25 columns from the left, 12 rows from the
     * back. */
    check_real(whole, 25 * 5, 12 * 5);
}

/* --- A drawn plate in many dialects ----------------------------------------------------------- */

enum { ROW1 = 5, ROW2 = 12, COL1 = 3, COL2 = 9, PICTURES = 5, PLATE_ROWS = 20, PLATE_COLS = 16 };

struct dialect {
    const char *end;  /* of a line */
    const char *page; /* after a picture */
    char point;
    int no_force, summary, skip_picture, n_per_cm2, shift_window;
    double size_x_cm, size_y_cm;
};

static const struct dialect plain = {
    .end = "\n", .page = "\f\n", .point = '.', .size_x_cm = 0.5, .size_y_cm = 0.5};

/* kPa of a label pair: odd, never 0 in the middle. */
static double drawn(int picture, int row, int col)
{
    if (row < ROW1 + 1 || row > ROW2 - 1 || col < COL1 + 1 || col > COL2 - 1)
        return 0;
    return 5 * ((picture * 13 + row * 7 + col * 3) % 40) + 2.5;
}

static void put_number(FILE *f, double value, int decimals, const struct dialect *d)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    char *point = strchr(text, '.');
    if (point)
        *point = d->point;
    fprintf(f, "\t%s", text);
}

static void put_table(FILE *f, int picture, const struct dialect *d)
{
    double unit = d->n_per_cm2 ? 0.1 : 1, area = d->size_x_cm * d->size_y_cm;
    int shift = d->shift_window && picture == 3, col1 = COL1 - shift, col2 = COL2 + shift;
    double total = 0;
    for (int col = col1; col <= col2; col++)
        fprintf(f, "\t%d", col);
    fprintf(f, "%s%s", d->no_force ? "" : "\tForce", d->end);
    for (int row = ROW1; row <= ROW2; row++) {
        double sum = 0;
        fprintf(f, "%d", row);
        for (int col = col1; col <= col2; col++) {
            double p = drawn(picture, row, col);
            put_number(f, p * unit, 2, d);
            sum += p;
        }
        if (!d->no_force)
            put_number(f, sum * area * 0.1, 2, d);
        fprintf(f, "%s", d->end);
        total += sum;
    }
    if (d->no_force)
        return;
    fprintf(f, "Force");
    for (int col = col1; col <= col2; col++) {
        double sum = 0;
        for (int row = ROW1; row <= ROW2; row++)
            sum += drawn(picture, row, col);
        put_number(f, sum * area * 0.1, 2, d);
    }
    put_number(f, total * area * 0.1, 2, d);
    fprintf(f, "%s", d->end);
}

static void put_page(FILE *f, int page, const char *picture_name, int picture,
                     const struct dialect *d)
{
    fprintf(f, "%s\t\t\t\tPage %d%s%s", d->end, page, d->end, d->end);
    fprintf(f, "\tFile: C:\\novel\\1.dat \tMatrix: %dx%d %s", PLATE_COLS, PLATE_ROWS, d->end);
    fprintf(f, "\tSensor area: ");
    put_number(f, d->size_x_cm * d->size_y_cm, 4, d);
    fprintf(f, " cm\xb2\tTime/picture:20%c0 ms%s\tMV over frames%s", d->point, d->end, d->end);
    char size[64];
    snprintf(size, sizeof size, "%.3fx%.3f", d->size_x_cm, d->size_y_cm);
    for (char *at = size; *at; at++)
        *at = *at == '.' ? d->point : *at;
    fprintf(f, "\tSensor size: %s cm%s\tnovel%s", size, d->end, d->end);
    fprintf(f, "\tPict-No.: %s  Force[N]=sum*sensor_area in row/column%s%s", picture_name, d->end,
            d->end);
    put_table(f, picture, d);
    fprintf(f, "%s", d->page);
}

static void write_dialect(const char *path, const struct dialect *d)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (d->summary)
        put_page(f, 99, "MVP", 2, d);
    for (int picture = 1; picture <= PICTURES; picture++) {
        char name[16];
        snprintf(name, sizeof name, "%d", picture);
        if (picture != d->skip_picture)
            put_page(f, picture, name, picture, d);
    }
    if (d->summary)
        put_page(f, 100, "MPP", 2, d);
    fclose(f);
}

static void check_drawn(const char *path, const struct dialect *d)
{
    struct pressure_item item;
    struct problem why;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_non_null(r);
    const struct recording_header *h = pressure_reader_header(r);
    assert_int_equal(h->rows, PLATE_ROWS);
    assert_int_equal(h->cols, PLATE_COLS);
    assert_near(h->pitch_x_mm, d->size_x_cm * 10, 1e-12);
    assert_near(h->pitch_y_mm, d->size_y_cm * 10, 1e-12);
    assert_near(h->rate_hz, 50, 1e-12);
    int n = 0;
    for (; next_frame(r, &item, &why) > 0; n++) {
        for (int row = 0; row < PLATE_ROWS; row++) {
            for (int col = 0; col < PLATE_COLS; col++)
                assert_near((double)item.kpa[row * PLATE_COLS + col],
                            drawn((int)item.seq + 1, PLATE_ROWS - row, col + 1), 0);
        }
    }
    assert_int_equal(n, PICTURES - (d->skip_picture > 0));
    pressure_reader_close(r);
}

static void every_dialect_comes_back_exactly(void **state)
{
    (void)state;
    struct dialect dialects[10];
    for (int i = 0; i < 10; i++)
        dialects[i] = plain;
    dialects[1].end = "\r\n";
    dialects[1].page = "\f\r\n";
    dialects[2].point = ',';
    dialects[3].no_force = 1;
    dialects[3].page = "\n";
    dialects[4].summary = 1;
    dialects[5].skip_picture = 3;
    dialects[6].n_per_cm2 = 1;
    dialects[7].size_x_cm = 0.707;
    dialects[7].size_y_cm = 0.8;
    dialects[8].page = ""; /* no form feed at all */
    dialects[9].shift_window = 1;
    for (int i = 0; i < 10; i++) {
        struct import_options options = {.client = "A", .hints.whole_plate = 1};
        struct import_result result;
        struct problem why = {0};
        const char *lst = scratch_new("drawn.lst"), *path = scratch_new("drawn.tfr");
        write_dialect(lst, &dialects[i]);
        if (import_file(lst, path, &options, &result, &why))
            fail_msg("dialect %d: %s", i, why.text);
        assert_int_equal(result.missing, i == 5);
        assert_int_equal(result.n_warnings, i == 6); /* N/cm2 is said */
        assert_string_equal(result.header.client, "A");
        check_drawn(path, &dialects[i]);
    }
}

static void the_same_file_gives_the_same_bytes(void **state)
{
    (void)state;
    struct import_options options = {0};
    struct import_result result;
    struct problem why;
    const char *lst = scratch_new("d.lst"), *a = scratch_new("a.tfr"), *b = scratch_new("b.tfr");
    size_t n, m;
    write_dialect(lst, &plain);
    assert_int_equal(import_file(lst, a, &options, &result, &why), 0);
    assert_int_equal(import_file(lst, b, &options, &result, &why), 0);
    uint8_t *one = scratch_read(a, &n), *two = scratch_read(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

/* A good file with `what` (its `nth` time) turned into `with`: refused with the line and the words.
 */
static void check_refused(const char *what, int nth, const char *with, const char *words)
{
    struct import_options options = {.hints.whole_plate = 1};
    struct import_result result;
    struct problem why = {0};
    const char *lst = scratch_new("bad.lst"), *path = scratch_new("bad.tfr");
    size_t n;
    write_dialect(lst, &plain);
    int before = scratch_count();
    uint8_t *text = scratch_read(lst, &n);
    text[n] = 0;
    char *at = (char *)text;
    for (int i = 0; i < nth; i++) {
        at = strstr(at + (i > 0), what);
        assert_non_null(at);
    }
    FILE *f = fopen(lst, "wb");
    fprintf(f, "%.*s%s", (int)(at - (char *)text), (char *)text, with ? with : "");
    if (with)
        fputs(at + strlen(what), f);
    fclose(f);
    free(text);
    if (!import_file(lst, path, &options, &result, &why))
        fail_msg("'%s' for '%s' was taken", with ? with : "(cut)", what);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words) || !strstr(why.text, "line "))
        fail_msg("'%s' does not say '%s' and the line", why.text, words);
    assert_int_equal(scratch_count(), before); /* nothing half-written */
}

static void damage_is_refused_with_the_line(void **state)
{
    (void)state;
    check_refused("Matrix: 16x20", 1, "Matrix: 16x300", "Matrix");
    check_refused("Matrix: 16x20", 1, "Matrix: 8x20", "not within");
    check_refused("Matrix: 16x20", 3, "Matrix: 17x20", "same 'Matrix:'");
    check_refused("0.500x0.500 cm", 1, "0.500x0.500", "Sensor size");
    check_refused("0.500x0.500 cm", 1, "9.500x9.500 cm", "Sensor size");
    check_refused("picture:20.0 ms", 1, "picture:zero", "Time/picture");
    check_refused("Pict-No.: 3", 1, "Pict-No.: 2", "rising order");
    check_refused("Pict-No.: 3", 1, "Pict-No.: three", "number");
    check_refused("\t3\t4\t5", 1, "\t3\t4\t6", "columns");
    check_refused("\t3\t4\t5", 1, "\t3\t4\t5x", "columns");
    check_refused("\n7\t", 1, "\n8\t", "row number");
    check_refused("\n7\t", 2, "\nseven\t", "begins with its number");
    check_refused("\t0.00", 9, "\t0..0", "pressures");
    check_refused("\t0.00", 9, "\t-5.00", "pressures");
    check_refused("\t0.00", 9, "\tNaN", "pressures");
    check_refused("\t0.00", 9, "", "force after its pressures");
    check_refused("\t0.00", 9, "\t0.00\t0.00", "no more numbers");
    check_refused("\t0.00", 9, "\t1000.00", "damaged"); /* caught by the sums */
    check_refused("\nForce\t", 2, "\n", "row");
    /* Cut off: inside a number, inside a table, before the forces. */
    check_refused("\nForce\t", 5, NULL, "cut off");
    check_refused("\n9\t", 5, NULL, "cut off");
    check_refused("\t3\t4\t5", 5, NULL, "cut off");
    check_refused("Pict-No", 1, "Bild",
                  "before a table"); /* with 4 left it still is an emed file */
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "is empty"},
        {"Hello, this is a letter.\n", "none of the formats"},
        {"Pict-No.: 1\n", "cut off"},
        {"Pict-No.: 1\n\t1\t2\n1\t0\t0\n\n", "cells' size"},
        {"Sensor size: 0.5x0.5 cm\nPict-No.: 1\n\t1\t2\n1\t0\t0\n\n", "time of a picture"},
        {"Matrix: 2x2\nSensor size: 0.5x0.5 cm Time/picture: 10 ms\nPict-No.: "
         "1\n\t2\t3\n1\t0\t0\n\n",
         "not within"},
        {"Sensor size: 0.5x0.5 cm Time/picture: 10 ms\nPict-No.: MVP\n\t1\t2\n1\t0\t0\n\n",
         "at least one picture"},
        {"Sensor size: 0.5x0.5 cm Time/picture: 10 ms\nPict-No.: 1\n\t256\t257\n1\t0\t0\n\n",
         "columns"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct import_options options = {.hints.whole_plate = 1};
        struct import_result result;
        struct problem why = {0};
        const char *lst = scratch_new("bad.lst"), *path = scratch_new("bad.tfr");
        scratch_write(lst, cases[i].text, strlen(cases[i].text));
        assert_int_equal(import_file(lst, path, &options, &result, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        if (!strstr(why.text, cases[i].words))
            fail_msg("'%s' does not say '%s'", why.text, cases[i].words);
    }
    struct import_options named = {.format = "word"};
    struct import_result result;
    struct problem why;
    assert_int_equal(import_file(scratch_path("bad.lst"), "x", &named, &result, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_int_equal(import_file("/nonexistent", "x", &named, &result, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_int_equal(import_file("/dev/zero", "x", &named, &result, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    write_dialect(scratch_path("m.lst"), &plain);
    for (long n = 1;; n++) {
        const char *lst = scratch_path("m.lst");
        struct import_options options = {0};
        struct import_result result;
        struct problem why = {0};
        const char *path = scratch_new("m.tfr");
        int before = scratch_count();
        failing_malloc_at(n);
        int bad = import_file(lst, path, &options, &result, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(bad, 0);
            assert_true(n > 8);
            return;
        }
        assert_int_equal(bad, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_int_equal(scratch_count(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_step_gives_the_published_numbers),
        cmocka_unit_test(every_dialect_comes_back_exactly),
        cmocka_unit_test(the_same_file_gives_the_same_bytes),
        cmocka_unit_test(damage_is_refused_with_the_line),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
