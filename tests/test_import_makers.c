/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames drawn by us, written as other makers' programs write them in their several dialects, come
 * back cell by cell; what is damaged is refused with its line. */
#include "driver/import/import.h"
#include "driver/import/import_notes.h"
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

enum { FRAMES = 7, LOST = 3, ROWS = 5, COLS = 4, CELLS = ROWS * COLS };

/* In the file's own units; what the frames say between the two empty ends. */
static double drawn(int frame, int row, int col)
{
    return frame == 0 || frame == FRAMES - 1 ? 0 : (frame * 13 + row * 7 + col * 3) % 40 * 0.5;
}

/* The back left corner and one cell in the middle have no sensor. */
static int is_no_sensor(int row, int col)
{
    return (row == 0 && col == 0) || (row == 2 && col == 3);
}

static double truth(int frame, int row, int col, int masked)
{
    return masked && is_no_sensor(row, col) ? 0 : drawn(frame, row, col);
}

static double total(int frame, int masked)
{
    double sum = 0;
    for (int i = 0; i < CELLS; i++)
        sum += truth(frame, i / COLS, i % COLS, masked);
    return sum;
}

struct wanted {
    double factor; /* kPa of one unit of the file */
    double rate_hz, pitch_x_mm, pitch_y_mm;
    int masked, lost; /* frame LOST is not there */
    int flip_rows, flip_cols;
};

static void check_frame(const struct pressure_item *item, int frame, const struct wanted *w)
{
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++) {
            double want = w->factor * truth(frame, w->flip_rows ? ROWS - 1 - row : row,
                                            w->flip_cols ? COLS - 1 - col : col, w->masked);
            assert_near((double)item->kpa[row * COLS + col], want, 1e-6 * want);
        }
    assert_near((double)item->time_us, frame * 1e6 / w->rate_hz, 1);
}

static void check_mask(const struct pressure_item *item, int *found)
{
    uint8_t mask[CELLS];
    if (!import_note_read_mask(item->json, item->n_json, ROWS, COLS, mask))
        return;
    for (int i = 0; i < CELLS; i++)
        assert_int_equal(mask[i], is_no_sensor(i / COLS, i % COLS));
    (*found)++;
}

static void check_recording(const char *path, const struct wanted *w)
{
    struct pressure_item item;
    struct problem why = {0};
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    int frame = 0, masks = 0, more;
    assert_non_null(r);
    const struct recording_header *h = pressure_reader_header(r);
    assert_near(h->rate_hz, w->rate_hz, 1e-9 * w->rate_hz);
    assert_near(h->pitch_x_mm, w->pitch_x_mm, 1e-9);
    assert_near(h->pitch_y_mm, w->pitch_y_mm, 1e-9);
    while ((more = pressure_reader_next(r, &item, &why)) > 0) {
        if (item.kind == PRESSURE_ANNOTATION)
            check_mask(&item, &masks);
        if (item.kind != PRESSURE_FRAME)
            continue;
        frame += w->lost && frame == LOST;
        check_frame(&item, frame++, w);
    }
    assert_int_equal(more, 0);
    assert_int_equal(frame, FRAMES);
    assert_int_equal(masks, w->masked);
    pressure_reader_close(r);
}

/* Imports scratch file `name` and holds it against what was drawn. */
static struct import_result check_import(const char *name, const struct import_options *options,
                                         const struct wanted *w)
{
    struct import_result result;
    struct problem why = {0};
    const char *to = scratch_new("out.tfr");
    if (import_file(scratch_path(name), to, options, &result, &why))
        fail_msg("%s", why.text);
    assert_int_equal(result.missing, w->lost);
    assert_int_equal(result.no_sensor_cells, w->masked ? 2 : 0);
    check_recording(to, w);
    return result;
}

static void check_words(const char *text, const struct import_options *options,
                        enum problem_kind kind, const char *words)
{
    struct import_result result;
    struct problem why = {0};
    const char *from = scratch_new("bad"), *to = scratch_new("bad.tfr");
    scratch_write(from, text, strlen(text));
    if (!import_file(from, to, options, &result, &why))
        fail_msg("imported, though '%s' was to be said", words);
    if (why.kind != kind || !strstr(why.text, words))
        fail_msg("kind %d, '%s'; wanted kind %d, '%s'", (int)why.kind, why.text, (int)kind, words);
    assert_int_not_equal(access(to, F_OK), 0);
}

/* The file with the first `old` replaced is refused with these words. */
static void check_damage(const char *name, const char *old, const char *new,
                         const struct import_options *options, const char *words)
{
    size_t n;
    uint8_t *bytes = scratch_read(scratch_path(name), &n);
    char *text = calloc(n + strlen(new) + 1, 1), *at;
    bytes = realloc(bytes, n + 1);
    bytes[n] = 0;
    at = strstr((char *)bytes, old);
    assert_non_null(at);
    snprintf(text, n + strlen(new) + 1, "%.*s%s%s", (int)(at - (char *)bytes), bytes, new,
             at + strlen(old));
    check_words(text, options, PROBLEM_REFUSED, words);
    free(text);
    free(bytes);
}

/* The file that ends before the first `at` is refused with these words. */
static void check_cut(const char *name, const char *at, const char *words)
{
    size_t n;
    uint8_t *bytes = scratch_read(scratch_path(name), &n);
    char *text = calloc(n + 1, 1), *end;
    memcpy(text, bytes, n);
    free(bytes);
    end = strstr(text, at);
    assert_non_null(end);
    *end = 0;
    check_words(text, &(struct import_options){0}, PROBLEM_REFUSED, words);
    free(text);
}

static void check_no_memory(const char *name, const struct import_options *options)
{
    for (long n = 1;; n++) {
        struct import_result result;
        struct problem why = {0};
        const char *to = scratch_new("m.tfr");
        failing_malloc_at(n);
        int bad = import_file(scratch_path(name), to, options, &result, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(bad, 0);
            return;
        }
        if (!bad) /* stdio and the like may do without */
            continue;
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_int_not_equal(access(to, F_OK), 0);
    }
}

/* --- Tekscan ---------------------------------------------------------------------------------- */

struct asf_dialect {
    const char *units, *row_spacing, *col_spacing, *seconds, *end, *key_gap, *frame, *gap;
    double factor, pitch_x_mm, pitch_y_mm, rate_hz;
    int masked, lost, is_longer;
};

static void write_asf(const char *name, const struct asf_dialect *d)
{
    FILE *f = fopen(scratch_new(name), "wb");
    const char *g = d->key_gap, *e = d->end;
    fprintf(f, "DATA_TYPE%sMOVIE%sROWS%s%d%sCOLS%s%d%s", g, e, g, ROWS, e, g, COLS, e);
    fprintf(f, "ROW_SPACING%s%s%sCOL_SPACING%s%s%s", g, d->row_spacing, e, g, d->col_spacing, e);
    fprintf(f, "SECONDS_PER_FRAME%s%s%sNOISE_THRESHOLD%s3%s", g, d->seconds, e, g, e);
    fprintf(f,
            "COMMENTS:%sR\xfc"
            "ckfu\xdf ROWS 77%s%sSTART_FRAME%s1%sEND_FRAME%s%d%s",
            e, e, e, g, e, g, FRAMES, e);
    fprintf(f, "UNITS%s%s%sMIRROR_ROW%s0%sMIRROR_COL%s0%sASCII_DATA @@%s%s", g, d->units, e, g, e,
            g, e, e, e);
    for (int frame = 0; frame < FRAMES; frame++) {
        if (d->lost && frame == LOST)
            continue;
        fprintf(f, d->frame, frame + 1);
        fputs(e, f);
        for (int row = ROWS - 1; row >= 0; row--)
            for (int col = 0; col < COLS; col++) {
                if (d->masked && is_no_sensor(row, col))
                    fputc('B', f);
                else
                    fprintf(f, "%g", drawn(frame, row, col));
                fputs(col + 1 < COLS ? d->gap : e, f);
            }
        fputs(e, f);
    }
    fprintf(f, "@@%s", e);
    fclose(f);
}

static const struct asf_dialect fscan = {"KPa", "7.62 mm",  "5.08 mm", "0.032", "\r\n",
                                         " ",   "Frame %d", ",",       1,       5.08,
                                         7.62,  31.25,      1,         1,       0};

static void a_tekscan_movie_in_its_dialects(void **state)
{
    (void)state;
    static const struct asf_dialect dialects[] = {
        {"PSI", "0.127 centimeters", "0.254 centimeters", "0.1", "\n", " ",
         "Frame %d, 0.1,, 12/2/2019 6:21:52.34PM,,,Raw Sum=,,310", ",", 6.894757293168, 2.54, 1.27,
         10, 0, 1, 0},
        {"N/cm2", "0.2 inches", "0.2 inches", "0.01", "\n", ",", "Frame %d", ", ", 10, 5.08, 5.08,
         100, 1, 0, 0},
        {"kg/cm2", "5 mm", "5 mm", "0.02", "\r", "\t", "FRAME\t%d", ";", 98.0665, 5, 5, 50, 1, 1,
         0},
        {"mmHg", "5 mm", "5 mm", "0.02", "\r\n", ": ", "Frame %d", "\t", 0.133322387415, 5, 5, 50,
         0, 0, 0},
    };
    struct import_options none = {0};
    for (size_t i = 0; i <= sizeof dialects / sizeof dialects[0]; i++) {
        const struct asf_dialect *d = i ? &dialects[i - 1] : &fscan;
        struct wanted w = {d->factor, d->rate_hz, d->pitch_x_mm, d->pitch_y_mm, d->masked, d->lost,
                           0,         0};
        write_asf("a.asf", d);
        struct import_result result = check_import("a.asf", &none, &w);
        assert_string_equal(result.header.source, "import:tekscan-asf");
    }
    struct import_options said = {.hints = {.pitch_x_mm = 4, .pitch_y_mm = 3, .rate_hz = 77}};
    struct wanted w = {1, 77, 4, 3, 1, 1, 0, 0};
    write_asf("a.asf", &fscan);
    check_import("a.asf", &said, &w);
}

static void a_damaged_movie_is_refused(void **state)
{
    (void)state;
    struct import_options none = {0}, units = {.hints.units = IMPORT_KPA};
    write_asf("a.asf", &fscan);
    check_damage("a.asf", "UNITS KPa", "UNITS raw", &none, "raw");
    check_damage("a.asf", "UNITS KPa", "UNITS raw", &units, "raw");
    check_damage("a.asf", "UNITS KPa", "UNITS furlong", &none, "--units");
    check_damage("a.asf", "ROWS 5", "ROWS 500", &none, "line 2: expected ROWS from 1 to 256");
    check_damage("a.asf", "ROWS 5", "ROWS 6", &none, "expected 6 rows");
    check_damage("a.asf", "COLS 4", "COLS 3", &none, "expected 3 columns, found at least 4");
    check_damage("a.asf", "7.62 mm", "7.62 miles", &none, "ROW_SPACING from 0.5 to 50 mm");
    check_damage("a.asf", "PER_FRAME 0.032", "PER_FRAME none", &none, "a number after SECONDS");
    check_damage("a.asf", "PER_FRAME 0.032", "PER_ROUND 1", &none, "--rate");
    check_damage("a.asf", "Frame 2", "Frame 1", &none, "rising order");
    check_damage("a.asf", "Frame 2", "Frame two", &none, "a frame's number");
    check_damage("a.asf", "B,", "-1,", &none, "column 1");
    check_damage("a.asf", ",19", ",1e99", &none, "expected a number from 0");
    check_damage("a.asf", ",13,", ",B,", &none, "same cells as the first frame");
    check_cut("a.asf", "Frame 7", "END_FRAME 7; the last one is 6: the file is cut off");
    check_cut("a.asf", "8,9.5", "columns");
    check_words("SECONDS_PER_FRAME 1\n", &none, PROBLEM_REFUSED, "the file has no frame");
    check_no_memory("a.asf", &none);
}

/* --- zebris ------------------------------------------------------------------------------------
 */

/* Where our cell (row, col) stands in the file: a treadmill's columns run to the front and its
 * lines to the left. */
static double zebris_cell(int is_treadmill, int frame, int line, int column)
{
    return is_treadmill ? drawn(frame, column, COLS - 1 - line) : drawn(frame, line, column);
}

static const double zebris_n_per_unit = 8.46 * 8.47 / 100; /* N/cm2 over a cell */

static void write_zebris(const char *name, int is_treadmill, int lost, double wrong_n)
{
    FILE *f = fopen(scratch_new(name), "wb");
    int lines = is_treadmill ? COLS : ROWS, columns = is_treadmill ? ROWS : COLS;
    fprintf(f, "Person\tM\xfcller, Eva\r\nRecord\tbarfu\xdf\r\nApplication\t%s\r\n",
            is_treadmill ? "trplatf" : "statplat");
    fprintf(f, "Frequency,Hz\t240.000\r\nCount\t%d\r\n\r\n", FRAMES);
    if (is_treadmill)
        fprintf(
            f,
            "Time,ms\tPosition,m\tLi Kraft,N\tRe Kraft,N\tButterfly.force,N\tButterfly.x,mm\r\n");
    else
        fprintf(f, "Time,ms\tLi Vorfu\xdf,N\tLi R\xfc"
                   "ckfu\xdf,N\tRe Vorfu\xdf,N\tRe R\xfc"
                   "ckfu\xdf,N\r\n");
    fprintf(f, "Calibr\t\t\t\t\r\n\r\n");
    for (int frame = 0; frame < FRAMES; frame++) {
        double n = total(frame, 0) * zebris_n_per_unit + (frame == 2 ? wrong_n : 0);
        if (is_treadmill)
            fprintf(f, "%.0f\t%.3f\t%.1f\t%.1f\t%.2f\tNaN\r\n", frame / 0.24, frame * 0.011,
                    0.25 * n, 0.75 * n, n);
        else
            fprintf(f, "%.0f\t%.1f\t%.1f\t%.1f\t%.1f\r\n", frame / 0.24, 0.2 * n, 0.05 * n, 0.7 * n,
                    0.05 * n);
    }
    fprintf(f, "\r\nPlatform {\r\nColumns\t%d\r\nLines\t%d\r\nCell width,mm\t8.47\r\n", columns,
            lines);
    fprintf(f,
            "Cell height,mm\t8.46\r\nUnits\tN/cm^2\r\nFrame count\t%d\r\nFrequency\t240.00\r\n\r\n",
            FRAMES);
    for (int frame = 0; frame < FRAMES; frame++) {
        if (lost && frame == LOST)
            continue;
        fprintf(f, "Frame %d {\r\nExercise1\r\nTime, ms\t%.2f\r\nCenter of force\t(x2,y1)\r\n\r\n",
                frame + 1, frame / 0.24);
        for (int column = 1; column <= columns; column++)
            fprintf(f, "\tx%d", column);
        for (int line = 0; line < lines; line++) {
            fprintf(f, "\r\ny%d", line + 1);
            for (int column = 0; column < columns; column++)
                fprintf(f, "\t%.2f", zebris_cell(is_treadmill, frame, line, column));
        }
        fprintf(f, "\r\n}\r\n");
    }
    fclose(f);
}

/* Left and right, belt and centre of force come back frame by frame, on our plate. */
static void check_statements(const char *path, int is_treadmill)
{
    struct pressure_item item;
    struct problem why = {0};
    struct import_stated stated;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    int n = 0;
    while (pressure_reader_next(r, &item, &why) > 0) {
        if (item.kind != PRESSURE_ANNOTATION ||
            !import_note_read_stated(item.json, item.n_json, &stated))
            continue;
        double want = total(n, 0) * zebris_n_per_unit;
        assert_near(stated.force_n, want, is_treadmill ? 0.006 : 0.21);
        assert_near(stated.left_force_n, 0.25 * want, is_treadmill ? 0.051 : 0.11);
        assert_near(stated.right_force_n, 0.75 * want, is_treadmill ? 0.051 : 0.11);
        assert_near(stated.cop_x_mm, is_treadmill ? 3.5 * 8.46 : 1.5 * 8.47, 1e-6);
        assert_near(stated.cop_y_mm, is_treadmill ? 1.5 * 8.47 : 0.5 * 8.46, 1e-6);
        assert_int_equal(isnan(stated.belt_m), !is_treadmill);
        assert_near((double)item.time_us, n * 1e6 / 240, 1);
        n++;
    }
    assert_int_equal(n, FRAMES);
    pressure_reader_close(r);
}

static void zebris_treadmill_and_plate(void **state)
{
    (void)state;
    struct import_options none = {0};
    for (int is_treadmill = 0; is_treadmill < 2; is_treadmill++) {
        struct wanted w = {10, 240, is_treadmill ? 8.46 : 8.47, is_treadmill ? 8.47 : 8.46, 0, 0,
                           0,  0};
        write_zebris("z.txt", is_treadmill, 0, 0);
        struct import_result result = check_import("z.txt", &none, &w);
        assert_int_equal(result.stated_frames, FRAMES);
        assert_int_equal(result.contradicted_frames, 0);
        assert_int_equal(result.n_warnings, 0);
        check_statements(scratch_path("out.tfr"), is_treadmill);
        if (is_treadmill)
            assert_string_equal(result.header.protocol, "walk");
        w.lost = 1;
        write_zebris("z.txt", is_treadmill, 1, 0);
        check_import("z.txt", &none, &w);
    }
}

static void a_force_that_contradicts_the_pressures_is_told_with_numbers(void **state)
{
    (void)state;
    struct import_options none = {0};
    struct wanted w = {10, 240, 8.46, 8.47, 0, 0, 0, 0};
    write_zebris("z.txt", 1, 0, 50);
    struct import_result result = check_import("z.txt", &none, &w);
    assert_int_equal(result.contradicted_frames, 1);
    assert_near(result.largest_difference_n, 50, 0.01);
    assert_int_equal(result.n_warnings, 1);
    assert_non_null(strstr(result.warnings[0], "in 1 of 7 frames"));
    assert_non_null(strstr(result.warnings[0], "50.0 N, at 0.01 s"));
}

static void damaged_zebris_text_is_refused(void **state)
{
    (void)state;
    struct import_options none = {0};
    write_zebris("z.txt", 1, 0, 0);
    check_damage("z.txt", "Columns\t5", "Columns\t0", &none,
                 "line 19: expected a number from 1 to 256");
    check_damage("z.txt", "Columns\t5", "Columns\t4", &none, "expected 4 columns");
    check_damage("z.txt", "Columns\t5", "Koloms\t5", &none, "'Columns' and 'Lines'");
    check_damage("z.txt", "Units\tN/cm^2", "Units\tbar", &none, "Units N/cm^2");
    check_damage("z.txt", "\r\ny2\t", "\r\ny3\t", &none, "y1 first");
    check_damage("z.txt", "Frame 2 {", "Frame 1 {", &none, "rising order");
    check_damage("z.txt", "}\r\nFrame 3 {", "Frame 3 {", &none, "'}' at the end");
    check_damage("z.txt", "Frame count\t7", "Frame count\t8", &none, "cut off");
    check_damage("z.txt", "y1\t0.00", "y1\tNaN", &none, "column 1");
    check_no_memory("z.txt", &none);
}

/* --- RSscan, footscan --------------------------------------------------------------------------
 */

static void put_part(FILE *f, const char *word, const char *gap, int lost, double add)
{
    for (int frame = 0; frame < FRAMES; frame++) {
        if (lost && frame == LOST)
            continue;
        fprintf(f, "%s %d (%.2f ms)\r\n", word, frame, frame * 1000 / 126.0);
        for (int i = 0; i < CELLS; i++)
            fprintf(f, "%.1f%s", drawn(frame, i / COLS, i % COLS) + (frame == 1 ? add : 0),
                    i % COLS + 1 < COLS ? gap : "\r\n");
        fputs("\r\n", f);
    }
}

static void rsscan_in_any_language_with_and_without_a_head(void **state)
{
    (void)state;
    static const char *const words[] = {"Frame", "Beeld", "Bild", "Im\xe1gen", "\xc1\x9a"};
    struct import_options none = {0};
    struct wanted w = {1000 / (5.08 * 7.62), 126, 5.08, 7.62, 0, 0, 0, 0};
    for (int i = 0; i < 4; i++) {
        FILE *f = fopen(scratch_new("r.txt"), "wb");
        w.lost = i & 1;
        if (i > 1)
            fputs("Entire Plate Roll Offfor measurement: step_10\r\nPatient name: Nobody\r\n"
                  "Measurement done on 21-7-2014\r\n\r\nRectangle h\xf6he\r\n38\r\n\r\n",
                  f);
        put_part(f, words[i], i == 3 ? " " : "\t", w.lost, 0);
        fclose(f);
        struct import_result result = check_import("r.txt", &none, &w);
        assert_string_equal(result.header.source, "import:rsscan-text");
        assert_int_equal(result.n_warnings, 1); /* the size of a sensor is taken for granted */
    }
}

static void write_two_feet(const char *name)
{
    FILE *f = fopen(scratch_new(name), "wb");
    fputs("Dynamic Roll offfor measurement: x\r\nScanning speed;  for the left foot: 126.00 Hertz, "
          "for the right foot: 126.00 Hertz\r\n\r\nLeft foot data\r\n\r\nRectangle bottom\r\n6\r\n"
          "Rectangle left\r\n40\r\n\r\n",
          f);
    put_part(f, "Frame", "\t", 0, 0);
    fputs("Right foot data\r\n\r\nRectangle bottom\r\n31\r\n\r\n", f);
    put_part(f, "Frame", "\t", 0, 1);
    fclose(f);
}

static void of_several_steps_one_is_taken_and_the_rest_named(void **state)
{
    (void)state;
    struct import_options options = {0};
    struct wanted w = {1000 / (5.08 * 7.62), 126, 5.08, 7.62, 0, 0, 0, 0};
    write_two_feet("two.xls");
    struct import_result result = check_import("two.xls", &options, &w);
    assert_int_equal(result.n_warnings, 2);
    assert_non_null(strstr(result.warnings[1], "2 parts"));
    assert_non_null(strstr(result.warnings[1], "part 1 (Left foot data)"));
    options.hints.part = 2;
    struct problem why = {0};
    if (import_file(scratch_path("two.xls"), scratch_new("out.tfr"), &options, &result, &why))
        fail_msg("%s", why.text);
    assert_non_null(strstr(result.warnings[1], "part 2 (Right foot data)"));
    assert_near(result.max_force_n > 0, 1, 0);
    options.hints.part = 3;
    assert_int_equal(
        import_file(scratch_path("two.xls"), scratch_new("out.tfr"), &options, &result, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_non_null(strstr(why.text, "2 parts"));
}

static void damaged_roll_offs_are_refused(void **state)
{
    (void)state;
    struct import_options none = {0}, footscan = {.format = "footscan"};
    write_two_feet("two.xls");
    check_damage("two.xls", "\t9.5", "\t-9.5", &none, "expected a number from 0");
    check_damage("two.xls", "Frame 2 (", "Frame two (", &none, "");
    check_damage("two.xls", "\r\n\r\nFrame 2", "\r\n0\t0\t0\t0\r\n\r\nFrame 2", &none,
                 "end of the frame after its 5 rows");
    check_damage("two.xls", "(7.94 ms)", "(7.94 s)", &none, "");
    check_words("Frame 0 (0 ms)\n1\t2\n\nFrame 1 (0 ms)\n1\t2\n", &none, PROBLEM_REFUSED, "--rate");
    check_words("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing more", &none, PROBLEM_REFUSED,
                "cannot be read as one");
    check_words("no workbook", &footscan, PROBLEM_REFUSED, "cannot be read as one");
    check_words("PK\3\4 something", &none, PROBLEM_REFUSED, "unpack");
    check_no_memory("two.xls", &none);
}

/* --- Plain tables ------------------------------------------------------------------------------
 */

static void put_cell(FILE *f, int frame, int row, int col, int masked, int comma)
{
    char text[32];
    snprintf(text, sizeof text, "%.9g", drawn(frame, row, col));
    char *point = strchr(text, '.');
    if (point && comma)
        *point = ',';
    fputs(masked && is_no_sensor(row, col) ? "" : text, f);
}

static void tables_as_blocks_and_as_one_row_a_frame(void **state)
{
    (void)state;
    static const struct {
        const char *gap, *between, *end;
        int comma, one_row, time, masked, cells;
    } cases[] = {{",", "\n", "\n", 0, 0, 0, 1, 0},        {";", "\r\n", "\r\n", 1, 0, 0, 1, 0},
                 {"\t", "# next\n", "\n", 1, 0, 0, 0, 0}, {" ", "Frame\n", "\n", 0, 0, 0, 0, 0},
                 {",", "", "\n", 0, 0, 0, 0, 1},          {",", "", "\n", 0, 1, 0, 1, 1},
                 {";", "", "\r", 1, 1, 1, 1, 1}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct import_options o = {.hints = {.pitch_x_mm = 5, .pitch_y_mm = 6, .rate_hz = 50}};
        struct wanted w = {1, 50, 5, 6, cases[k].masked, cases[k].time, 0, 0};
        FILE *f = fopen(scratch_new("t.csv"), "wb");
        if (cases[k].cells)
            o.hints.rows = ROWS, o.hints.cols = COLS;
        if (cases[k].one_row)
            fprintf(f, "time_s and cells%s", cases[k].end);
        for (int frame = 0; frame < FRAMES; frame++) {
            if (cases[k].time && frame == LOST)
                continue;
            if (cases[k].time)
                fprintf(f, "%d,%02d%s", 17 + frame / 50, frame * 2, cases[k].gap);
            for (int i = 0; i < CELLS; i++) {
                put_cell(f, frame, i / COLS, i % COLS, cases[k].masked, cases[k].comma);
                int ends = cases[k].one_row ? i + 1 == CELLS : i % COLS + 1 == COLS;
                fputs(ends ? cases[k].end : cases[k].gap, f);
            }
            fputs(cases[k].between, f);
        }
        fclose(f);
        o.format = cases[k].gap[0] == ' ' ? "csv" : NULL;
        check_import("t.csv", &o, &w);
        check_no_memory("t.csv", &o);
    }
}

static void tables_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct import_options none = {0}, said = {.hints = {.pitch_x_mm = 5, .pitch_y_mm = 5}};
    struct import_options cells = said;
    cells.hints.rows = cells.hints.cols = 2;
    check_words("1,2\n3,4\n", &none, PROBLEM_USAGE, "--pitch");
    check_words("1,2\n3,4\n\n1,2\n3,4\n", &said, PROBLEM_USAGE, "--rate");
    said.hints.rate_hz = cells.hints.rate_hz = 50;
    check_words("1,2\n3,4\n\n1,2\n", &said, PROBLEM_REFUSED, "expected 2 rows");
    check_words("1,2\n3,4,5\n", &said, PROBLEM_REFUSED, "line 2: expected 2 columns");
    check_words("1,2\n3,x\n", &said, PROBLEM_REFUSED, "line 2: expected a number");
    check_words("1,2\n3,nan\n", &said, PROBLEM_REFUSED, "column 2");
    check_words("1,2\n3,\n\n1,2\n3,4\n", &said, PROBLEM_REFUSED, "same cells");
    check_words("1,2\n,3\n\n1,2\n3,4\n", &said, PROBLEM_REFUSED, "same cells");
    check_words("0.0,1,2,3,4\n0.0,1,2,3,4\n", &cells, PROBLEM_REFUSED, "a time later");
    check_words("1,2,3,4\n1,2,3\n", &cells, PROBLEM_REFUSED, "expected the 4 numbers of a frame");
    char wide[1400] = "";
    for (int i = 0; i < 300; i++)
        strcat(wide, i ? ",1" : "1");
    check_words(wide, &said, PROBLEM_REFUSED, "--cells");
    check_words("neither this\nnor that\n", &said, PROBLEM_REFUSED, "--as names one");
}

/* --- Sizes -------------------------------------------------------------------------------------
 */

static void hostile_lines_are_bounded(void **state)
{
    (void)state;
    size_t n = 3 << 20;
    char *text = malloc(n + 1);
    struct import_options csv = {.format = "csv", .hints = {.pitch_x_mm = 5, .pitch_y_mm = 5}};
    struct import_options asf = {.format = "asf"}, zebris = {.format = "zebris"};
    memset(text, '1', n);
    text[n] = 0;
    check_words(text, &csv, PROBLEM_REFUSED, "line 1: expected lines of at most");
    check_words(text, &asf, PROBLEM_REFUSED, "line 1: expected lines of at most");
    check_words(text, &zebris, PROBLEM_REFUSED, "line 1: expected lines of at most");
    memset(text, '\n', n);
    check_words(text, &asf, PROBLEM_REFUSED, "after a head of a few dozen lines");
    check_words(text, &csv, PROBLEM_REFUSED, "at least one row");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tekscan_movie_in_its_dialects),
        cmocka_unit_test(a_damaged_movie_is_refused),
        cmocka_unit_test(zebris_treadmill_and_plate),
        cmocka_unit_test(a_force_that_contradicts_the_pressures_is_told_with_numbers),
        cmocka_unit_test(damaged_zebris_text_is_refused),
        cmocka_unit_test(rsscan_in_any_language_with_and_without_a_head),
        cmocka_unit_test(of_several_steps_one_is_taken_and_the_rest_named),
        cmocka_unit_test(damaged_roll_offs_are_refused),
        cmocka_unit_test(tables_as_blocks_and_as_one_row_a_frame),
        cmocka_unit_test(tables_that_do_not_fit_are_refused),
        cmocka_unit_test(hostile_lines_are_bounded),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
