/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of the report as pictures: fixed results are rendered, drawn in grey at 14 dots an inch by
 * poppler's pdftoppm and compared with the golden pictures in tests/golden.
 *
 * Tolerance: mean difference of all pixels at most 0.3 of 255 grey steps, and at most 0.3 % of the
 * pixels off by more than 48. Another version of fonts or cairo stays below; a block of text moved
 * by one pixel (1.8 mm) or a picture of another pressure does not, which is tested here.
 * `make golden` draws them anew: look at them before committing. */
#include "analysis/report/report.h"
#include "tests/support/example_earlier.h"

#include <cairo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DOTS_PER_INCH 14
#define MEAN_MOST 0.3
#define FAR_GREY 48
#define FAR_PERCENT_MOST 0.3

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static const struct golden {
    enum example which;
    const char *name;
    enum words_language language;
    int compared; /* with sway and an earlier recording */
} goldens[] = {
    {EXAMPLE_TENDER, "tender", WORDS_ENGLISH, 1},  {EXAMPLE_TENDER, "tender", WORDS_GERMAN, 0},
    {EXAMPLE_TENDER, "tender", WORDS_RUSSIAN, 1},  {EXAMPLE_NO_PRESS, "standing", WORDS_RUSSIAN, 0},
    {EXAMPLE_NO_FOOT, "no-foot", WORDS_GERMAN, 0}, {EXAMPLE_WALK, "walk", WORDS_ENGLISH, 0},
};
#define GOLDENS (sizeof goldens / sizeof goldens[0])

/* --- Grey pictures ---------------------------------------------------------------------------- */

struct grey {
    int w, h;
    uint8_t *at; /* row by row */
};

static struct grey grey_make(int w, int h)
{
    struct grey grey = {w, h, calloc((size_t)w * (size_t)h, 1)};

    assert_non_null(grey.at);
    return grey;
}

/* Binary PGM (pdftoppm -gray). */
static struct grey grey_read_pgm(FILE *file)
{
    int w = 0, h = 0;

    assert_int_equal(fscanf(file, "P5 %d %d 255", &w, &h), 2);
    assert_int_equal(fgetc(file), '\n');
    assert_in_range(w, 1, 4000);
    assert_in_range(h, 1, 4000);
    struct grey grey = grey_make(w, h);
    assert_int_equal(fread(grey.at, 1, (size_t)w * (size_t)h, file), (size_t)w * (size_t)h);
    return grey;
}

static struct grey grey_read_png(const char *path)
{
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);

    if (cairo_surface_status(surface))
        fail_msg("%s cannot be read: 'make golden' draws it", path);
    struct grey grey =
        grey_make(cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface));
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < grey.h; y++)
        for (int x = 0; x < grey.w; x++)
            grey.at[y * grey.w + x] = pixels[y * stride + 4 * x];
    cairo_surface_destroy(surface);
    return grey;
}

/* 0 when they are alike; else says by how much they differ. */
static int differ(const struct grey *a, const struct grey *b, char *how, size_t cap)
{
    double sum = 0;
    int far = 0, n = a->w * a->h;

    if (a->w != b->w || a->h != b->h) {
        snprintf(how, cap, "%d x %d and %d x %d pixels", a->w, a->h, b->w, b->h);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        int by = abs(a->at[i] - b->at[i]);
        sum += by;
        far += by > FAR_GREY;
    }
    snprintf(how, cap, "mean difference %.3f (at most %.1f), %.3f %% of the pixels far off (%.1f)",
             sum / n, MEAN_MOST, 100.0 * far / n, FAR_PERCENT_MOST);
    return sum / n > MEAN_MOST || 100.0 * far / n > FAR_PERCENT_MOST;
}

/* --- Pages ------------------------------------------------------------------------------------ */

static void render(const struct result *result, const struct golden *golden, double scale_max_kpa,
                   const char *pdf)
{
    struct example_earlier *earlier =
        golden->compared ? example_earlier(result, EXAMPLE_NOTHING_TENDER) : NULL;
    struct report_options how = {.software_version = "0.1.0",
                                 .language = golden->language,
                                 .scale_max_kpa = scale_max_kpa,
                                 .sway = earlier ? &earlier->sway : NULL,
                                 .earlier = earlier ? &earlier->comparison : NULL};
    struct text text;
    FILE *file = fopen(pdf, "wb");

    assert_non_null(file);
    assert_int_equal(report_render(result, &how, REPORT_PDF, &text, NULL, NULL), 0);
    assert_int_equal(fwrite(text.bytes, 1, text.n, file), text.n);
    assert_int_equal(fclose(file), 0);
    text_free(&text);
    example_earlier_free(earlier);
}

/* Page `page` (from 1) of the PDF; 0 when it has fewer. */
static int page_of(const char *pdf, int page, struct grey *grey)
{
    char command[400];

    snprintf(command, sizeof command, "pdftoppm -gray -r %d -f %d -l %d %s 2>/dev/null",
             DOTS_PER_INCH, page, page, pdf);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    int first = fgetc(pipe);
    if (first != EOF) {
        ungetc(first, pipe);
        *grey = grey_read_pgm(pipe);
    }
    pclose(pipe);
    return first != EOF;
}

static void golden_path(const struct golden *golden, int page, char *path, size_t cap)
{
    snprintf(path, cap, "tests/golden/report-%s-%s%s-%d.png", golden->name,
             words_code(golden->language), golden->compared ? "-compared" : "", page);
}

static void draw_golden(const char *pdf, int page, const char *path)
{
    char command[600];

    snprintf(command, sizeof command, "pdftoppm -gray -r %d -f %d -l %d -singlefile -png %s %.*s",
             DOTS_PER_INCH, page, page, pdf, (int)(strlen(path) - 4), path);
    assert_int_equal(system(command), 0);
}

static int check_pages(const struct golden *golden, const char *pdf)
{
    int different = 0, page = 1;
    struct grey now;

    for (; page_of(pdf, page, &now); page++) {
        char path[200], how[200];
        golden_path(golden, page, path, sizeof path);
        if (getenv("GOLDEN_RENEW"))
            draw_golden(pdf, page, path);
        struct grey then = grey_read_png(path);
        if (differ(&now, &then, how, sizeof how)) {
            print_message("%s: %s\n", path, how);
            different++;
        }
        free(now.at);
        free(then.at);
    }
    char next[200];
    golden_path(golden, page, next, sizeof next);
    if (access(next, F_OK) == 0)
        fail_msg("%s is of a page that the report no longer has", next);
    return different;
}

static char *temporary_pdf(char path[40])
{
    snprintf(path, 40, "/tmp/tenderfoot-golden-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return path;
}

static void pages_look_as_they_did(void **state)
{
    (void)state;
    int different = 0;
    char pdf[40];

    for (size_t i = 0; i < GOLDENS; i++) {
        struct result *result = example_result(goldens[i].which);
        assert_non_null(result);
        render(result, &goldens[i], 0, temporary_pdf(pdf));
        different += check_pages(&goldens[i], pdf);
        remove(pdf);
        result_free(result);
    }
    if (different)
        fail_msg("%d pages look otherwise; if they are meant to: make golden, and look at them",
                 different);
}

/* --- The comparison sees what it is for --------------------------------------------------------
 */

/* A block of the page, moved to the right and down. */
static void move_block(struct grey *grey, int x0, int y0, int w, int h, int by)
{
    struct grey old = grey_make(grey->w, grey->h);

    memcpy(old.at, grey->at, (size_t)grey->w * (size_t)grey->h);
    for (int y = y0; y < y0 + h; y++)
        for (int x = x0; x < x0 + w; x++)
            grey->at[y * grey->w + x] = old.at[(y - by) * grey->w + x - by];
    free(old.at);
}

static void a_moved_element_is_seen(void **state)
{
    (void)state;
    char path[200], how[200];

    golden_path(&goldens[0], 1, path, sizeof path);
    struct grey then = grey_read_png(path), moved = grey_read_png(path);
    assert_int_equal(differ(&then, &moved, how, sizeof how), 0);
    move_block(&moved, 7, 98, 98, 28, 1); /* the table of tender zones by a pixel */
    if (!differ(&then, &moved, how, sizeof how))
        fail_msg("a moved table was not seen: %s", how);
    free(then.at);
    free(moved.at);
}

static void another_picture_is_seen(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    char pdf[40], path[200], how[200];
    struct grey now;

    render(result, &goldens[0], 160, temporary_pdf(pdf)); /* colours of another scale */
    golden_path(&goldens[0], 1, path, sizeof path);
    struct grey then = grey_read_png(path);
    assert_int_equal(page_of(pdf, 1, &now), 1);
    if (!differ(&then, &now, how, sizeof how))
        fail_msg("another scale of pressure was not seen: %s", how);
    remove(pdf);
    free(then.at);
    free(now.at);
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_look_as_they_did),
        cmocka_unit_test(a_moved_element_is_seen),
        cmocka_unit_test(another_picture_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
