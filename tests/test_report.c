/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: every example of a result becomes one page on which nothing is cut, covered or off
 * the paper; every printable text keeps to the wording; every number has its unit; same input, same
 * bytes. The PDF is read back by poppler's tools, the PNG by cairo. */
#include "analysis/foot/foot_track.h"
#include "analysis/press/press_finder.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/zone_place.h"
#include "analysis/quality.h"
#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/palette.h"
#include "analysis/report/pdf_finish.h"
#include "analysis/report/report.h"
#include "analysis/result_json.h"
#include "analysis/wording.h"
#include "tests/support/example_result.h"
#include "tests/support/failing_malloc.h"

#include <cairo.h>
#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* fontconfig keeps a few hundred bytes of its cache for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static const struct report_options options = {.software_version = "0.1.0"};

static struct result *example(enum example which)
{
    struct result *result = example_result(which);
    assert_non_null(result);
    return result;
}

/* --- Palette ---------------------------------------------------------------------------------- */
static double linear(double c)
{
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double lab_f(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static void lab_of(struct rgb colour, double lab[3])
{
    double r = linear(colour.r), g = linear(colour.g), b = linear(colour.b);
    double x = lab_f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    double y = lab_f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    double z = lab_f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    lab[0] = 116 * y - 16;
    lab[1] = 500 * (x - y);
    lab[2] = 200 * (y - z);
}

/* Equal steps of the scale look equally far apart (but for the rounding to bytes), and grey keeps
 * the order. */
static void palette_is_even(void **state)
{
    (void)state;
    double least = INFINITY, most = 0, before[3], now[3];
    lab_of(palette_colour(0), before);
    for (int i = 1; i <= 32; i++) {
        lab_of(palette_colour(i / 32.0), now);
        double step = hypot(hypot(now[0] - before[0], now[1] - before[1]), now[2] - before[2]);
        least = fmin(least, step);
        most = fmax(most, step);
        assert_true(now[0] < before[0] - 1);
        memcpy(before, now, sizeof before);
    }
    if (most > 1.3 * least)
        fail_msg("steps of %.2f to %.2f", least, most);
    struct rgb low = palette_colour(NAN), high = palette_colour(INFINITY);
    assert_true(low.r == palette_colour(0).r && high.b == palette_colour(1).b);
}

/* --- Foreign text ----------------------------------------------------------------------------- */
static void foreign_text_is_made_printable(void **state)
{
    (void)state;
    struct text text = {0};
    text_add_foreign(&text, "Zo\xc3\xab \xff\xc3 a\nb\x7f \xed\xa0\x80 \xc0\xaf \xf0\x9f\xa6\xb6",
                     "");
    assert_string_equal(text_string(&text), "Zo\xc3\xab ?? a b  ??? ?? \xf0\x9f\xa6\xb6");
    text_free(&text);
    text_add_foreign(&text, "", "not stated");
    assert_string_equal(text_string(&text), "not stated");
    text_free(&text);
}

static void pdf_words(const struct result *result, struct text *words);
static void flatten(struct text *text);

/* --- Findings --------------------------------------------------------------------------------- */
static void rows_are_numbered_and_joined(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct findings findings;
    struct problem why;
    assert_int_equal(findings_make(result, &findings, &why), 0);
    assert_int_equal(result->n_flags, 5);
    assert_int_equal(findings.n_rows, 4); /* P15 on both sides is one row */
    for (int i = 0; i < findings.n_rows; i++)
        assert_int_equal(findings.rows[i].number, i + 1);
    const struct finding *first = &findings.rows[0], *both = &findings.rows[2];
    assert_string_equal(first->threshold, "182 kPa (172 to 193 kPa),\nanswered in 2 of 2 presses");
    assert_non_null(strstr(first->tradition, "traditionally associated with"));
    assert_non_null(strstr(first->tradition, "(articles 001:465, 003:271)"));
    assert_string_equal(both->foot, "both");
    assert_non_null(both->zone[SIDE_LEFT]);
    assert_non_null(both->zone[SIDE_RIGHT]);
    assert_ptr_equal(findings_of(&findings, both->zone[SIDE_RIGHT]), both);
    assert_non_null(strstr(findings.rows[1].place, "(approximate place)"));
    findings_free(&findings);
    result_free(result);
}

/* Zones that lie over each other share their presses: the second row says whose they are. */
static void shared_presses_are_told_once(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct findings findings;
    struct text words;
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    for (int i = 0; i < findings.n_rows; i++)
        assert_int_equal(findings.rows[i].same_as, 0);
    struct zone_result *first = (struct zone_result *)findings.rows[0].zone[SIDE_LEFT];
    struct zone_result *other = (struct zone_result *)findings.rows[3].zone[SIDE_LEFT];
    findings_free(&findings);
    other->repeats = first->repeats;
    other->answers = first->answers;
    other->threshold_kpa = first->threshold_kpa;
    other->threshold_low_kpa = first->threshold_low_kpa;
    other->threshold_high_kpa = first->threshold_high_kpa;
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_int_equal(findings.rows[3].same_as, 1);
    assert_string_equal(findings.rows[3].threshold, "the same presses as no. 1");
    assert_int_equal(findings.rows[1].same_as, 0);
    findings_free(&findings);
    pdf_words(result, &words);
    flatten(&words);
    assert_non_null(strstr(words.bytes, "the same presses as no. 1"));
    assert_non_null(strstr(words.bytes, findings_note));
    text_free(&words);
    assert_int_equal(report_text(result, &options, &words, NULL), 0);
    flatten(&words);
    assert_non_null(strstr(words.bytes, "the same presses as no. 1"));
    assert_non_null(strstr(words.bytes, findings_note));
    text_free(&words);
    other->repeats = 4; /* a larger zone, pressed at a second place without an answer */
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_string_equal(findings.rows[3].threshold,
                        "the same answers as no. 1,\nin 2 of 4 presses here");
    findings_free(&findings);
    other->threshold_high_kpa += 0.5; /* another range: other presses */
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_int_equal(findings.rows[3].same_as, 0);
    findings_free(&findings);
    result_free(result);
}

static const char *list_named(const struct findings *findings, const char *label)
{
    for (int i = 0; i < findings->n_lists; i++)
        if (!strcmp(findings->lists[i].label, label))
            return findings->lists[i].text;
    return NULL;
}

static void states_are_listed(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct findings findings;
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_string_equal(list_named(&findings, "No contact"), "both feet: P03, P06, P12, P20, P23");
    assert_string_equal(list_named(&findings, "Excluded"), "both feet: P01 (screening Q19)");
    assert_string_equal(list_named(&findings, "Stopped"), "right: P16, P17");
    assert_string_equal(list_named(&findings, "Pain reported, no flag"), "right: P07 311 kPa");
    assert_string_equal(list_named(&findings, "Outside the plate"),
                        "both feet: N01 to N09 (not measured)");
    assert_non_null(
        strstr(list_named(&findings, "No pain reported"),
               "P09, P13 (no pain up to at least 249 kPa); right: P09 (no pain up to at least 301 "
               "kPa)"));
    findings_free(&findings);
    result_free(result);
    result = example(EXAMPLE_WALK);
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_string_equal(list_named(&findings, "Not tested"), "both feet: P01 to P25");
    findings_free(&findings);
    result_free(result);
}

static struct zone_result *left_zone(struct result *result, const char *id)
{
    struct foot_result *foot = &result->feet[0];
    assert_int_equal(foot->side, SIDE_LEFT);
    for (int i = 0; i < foot->n_zones; i++)
        if (!strcmp(foot->zones[i].zone->id, id))
            return &foot->zones[i];
    fail_msg("no zone %s", id);
    return NULL;
}

/* The list, too, says at how few places of a zone nothing hurt. */
static void the_list_of_no_pain_says_at_how_many_places(void **state)
{
    (void)state;
    static const struct {
        int p09, p13;
        const char *words;
    } spots[] = {
        {2, 2, "249 kPa; places pressed in each of these zones: 2)"},
        {3, 1, "249 kPa; places pressed in each of these zones: 1 to 3)"},
        {0, 0, "P09, P13 (no pain up to at least 249 kPa); "},
    };
    struct result *result = example(EXAMPLE_TENDER);
    struct findings findings;
    for (size_t i = 0; i < sizeof spots / sizeof spots[0]; i++) {
        left_zone(result, "P09")->spots = spots[i].p09;
        left_zone(result, "P13")->spots = spots[i].p13;
        assert_int_equal(findings_make(result, &findings, NULL), 0);
        assert_non_null(strstr(list_named(&findings, "No pain reported"), spots[i].words));
        findings_free(&findings);
    }
    result_free(result);
}

/* A union beside its parts would read as tested: where these differ, only they are told. */
static void a_union_is_not_listed_beside_its_parts(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_WALK);
    struct findings findings;
    left_zone(result, "P05")->state = STATE_UNCERTAIN;
    left_zone(result, "P05.2")->state = STATE_NO_PAIN_TO_CEILING;
    left_zone(result, "P05.4")->state = STATE_UNCERTAIN;
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_string_equal(list_named(&findings, "No pain reported"), "left: P05.2");
    assert_string_equal(list_named(&findings, "Uncertain, repeat"), "left: P05.4");
    assert_string_equal(list_named(&findings, "Not tested"),
                        "left: P01 to P04, P05.1, P05.3, P05.5, P06 to P25; right: P01 to P25");
    findings_free(&findings);
    result_free(result);
}

/* Every uncertain zone carries its reason: in its list, and in the JSON by a code, too. */
static void uncertain_zones_say_why(void **state)
{
    (void)state;
    for (enum uncertain why = UNCERTAIN_NOT + 1; why < UNCERTAIN_COUNT; why++) {
        struct result *result = example(EXAMPLE_WALK);
        struct findings findings;
        char want[120];
        left_zone(result, "P10")->state = STATE_UNCERTAIN;
        left_zone(result, "P10")->uncertain = why;
        assert_int_equal(findings_make(result, &findings, NULL), 0);
        snprintf(want, sizeof want, "left: P10 (%s)", uncertain_words(why));
        if (why == UNCERTAIN_SHIFTS_ONLY)
            assert_string_equal(list_named(&findings, "Not tested with a stud, weight shifts only"),
                                "left: P10");
        else
            assert_string_equal(list_named(&findings, "Uncertain, repeat"), want);
        findings_free(&findings);
        char *document = result_json_text(result, 0, NULL);
        assert_non_null(document);
        snprintf(want, sizeof want, "\"code\": \"%s\"", uncertain_name(why));
        const char *at = strstr(document, want);
        assert_non_null(at);
        assert_null(strstr(at + 1, want)); /* of no other zone */
        free(document);
        result_free(result);
    }
}

/* R37: each pair that these cells cannot tell apart is named, and none by fine cells. */
static void zones_read_as_one_are_named(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_WALK);
    struct findings findings;
    for (int coarse = 0; coarse < 2; coarse++) {
        result->grid.pitch_x_mm = result->grid.pitch_y_mm = coarse ? 8.47 : 4;
        assert_int_equal(findings_make(result, &findings, NULL), 0);
        const char *told = list_named(&findings, "Read as one");
        if (coarse)
            assert_string_equal(told, "P03/P06, P07/P08 (cells of 8.5 mm cannot tell them apart)");
        else
            assert_null(told);
        findings_free(&findings);
        json_t *document = result_json(result, 0, NULL);
        assert_int_equal(json_array_size(json_object_get(document, "zones_as_one")),
                         coarse ? 2 : 0);
        json_decref(document);
    }
    result_free(result);
}

/* --- The page --------------------------------------------------------------------------------- */
static void render(enum example which, enum report_format format, struct text *out,
                   struct report_check *check)
{
    struct result *result = example(which);
    struct problem why = {0};
    if (report_render(result, &options, format, out, check, &why))
        fail_msg("%s: %s", example_name(which), why.text);
    result_free(result);
}

static void nothing_is_cut_or_covered(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct report_check check;
        struct text pdf;
        render(which, REPORT_PDF, &pdf, &check);
        if (check.outside || check.overlapping || check.cut || check.texts < 60)
            fail_msg("%s: %d texts, %d outside, %d overlapping, %d cut", example_name(which),
                     check.texts, check.outside, check.overlapping, check.cut);
        if (which == EXAMPLE_CROWDED)
            assert_in_range(check.rows_cut, 1, 49);
        else
            assert_int_equal(check.rows_cut, 0);
        text_free(&pdf);
    }
}

/* The check itself must see faults: the same page with a client name that does not fit. */
static void the_check_sees_what_is_cut(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct report_check check;
    struct text pdf;
    free(result->facts.client);
    result->facts.client = malloc(400);
    assert_non_null(result->facts.client);
    memset(result->facts.client, 'W', 399);
    result->facts.client[399] = '\0';
    assert_int_equal(report_render(result, &options, REPORT_PDF, &pdf, &check, NULL), 0);
    assert_true(check.cut == check.pages && check.outside == 0 && check.overlapping == 0);
    text_free(&pdf);
    result_free(result);
}

static void same_input_same_bytes(void **state)
{
    (void)state;
    for (enum report_format format = REPORT_PDF; format <= REPORT_SVG; format++) {
        struct text first, second;
        render(EXAMPLE_TENDER, format, &first, NULL);
        render(EXAMPLE_TENDER, format, &second, NULL);
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.bytes, second.bytes, first.n);
        text_free(&first);
        text_free(&second);
    }
}

/* What is cut, or of another kind, is left alone. */
static void a_pdf_that_is_none_stays(void **state)
{
    (void)state;
    struct text whole, cut = {0};
    struct problem why;
    render(EXAMPLE_TENDER, REPORT_PDF, &whole, NULL);
    assert_non_null(memmem(whole.bytes, whole.n, "<pdfaid:part>2", 14));
    const size_t least = whole.n - strlen("1234\n%%EOF\n"); /* within the table's place */
    for (size_t n = 0; n < least; n += n + 3000 < whole.n ? 997 : 1) {
        text_append(&cut, whole.bytes, n);
        assert_int_equal(pdf_finish(&cut, "title", PDF_NO_DATE, &why), 0);
        assert_int_equal(cut.n, n);
        text_free(&cut);
    }
    static const char *const spoilt[][2] = {{"/Size ", "/Sixe "},
                                            {"/Root ", "/Rood "},
                                            {"/Info ", "/Infa "},
                                            {"00000 n", "00000 x"},
                                            {"xref\n0 ", "xref\n1 "}};
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        text_append(&cut, whole.bytes, whole.n);
        char *last = NULL;
        for (char *at = cut.bytes; (at = memmem(at, (size_t)(cut.bytes + cut.n - at), spoilt[i][0],
                                                strlen(spoilt[i][0])));
             at++)
            last = at;
        assert_non_null(last);
        memcpy(last, spoilt[i][1], strlen(spoilt[i][1]));
        assert_int_equal(pdf_finish(&cut, "title", PDF_NO_DATE, &why), 0);
        assert_int_equal(cut.n, whole.n);
        text_free(&cut);
    }
    text_free(&whole);
    assert_string_equal(pdf_date("2026-11-23T17:45:00Z"), "2026-11-23T17:45:00Z");
    static const char *const dates[] = {NULL, "", "yesterday", "2026-11-23T17:45:00",
                                        "2026-11-23 17:45:00Z"};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++)
        assert_string_equal(pdf_date(dates[i]), PDF_NO_DATE);
}

struct reading {
    const struct text *png;
    size_t at;
};

static cairo_status_t read_png(void *closure, unsigned char *to, unsigned n)
{
    struct reading *reading = closure;
    if (reading->at + n > reading->png->n)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(to, reading->png->bytes + reading->at, n);
    reading->at += n;
    return CAIRO_STATUS_SUCCESS;
}

/* Share of pixels that are not paper, and of those that have a colour. */
static void png_shows_something(void **state)
{
    (void)state;
    struct text png;
    render(EXAMPLE_TENDER, REPORT_PNG, &png, NULL);
    struct reading reading = {&png, 0};
    cairo_surface_t *image = cairo_image_surface_create_from_png_stream(read_png, &reading);
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    int w = cairo_image_surface_get_width(image), h = cairo_image_surface_get_height(image);
    int marked = 0, coloured = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const unsigned char *p = cairo_image_surface_get_data(image) +
                                     (size_t)y * (size_t)cairo_image_surface_get_stride(image) +
                                     4 * (size_t)x;
            marked += p[0] < 250 || p[1] < 250 || p[2] < 250;
            coloured += abs(p[0] - p[2]) > 20;
        }
    double all = (double)w * h;
    assert_true(w > 1400 && h > 2000);
    assert_true(marked / all > 0.08 && marked / all < 0.5);
    assert_true(coloured / all > 0.02);
    cairo_surface_destroy(image);
    text_free(&png);
}

/* --- Words ------------------------------------------------------------------------------------ */
/* What a command prints when the bytes are in the file that its %1$s names. */
static void run_on(const char *command, const struct text *bytes, struct text *out)
{
    char path[] = "/tmp/tenderfoot-test-XXXXXX", line[256], buffer[4096];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->bytes, bytes->n), (ssize_t)bytes->n);
    close(fd);
    snprintf(line, sizeof line, command, path);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    size_t n;
    while ((n = fread(buffer, 1, sizeof buffer, pipe)) > 0)
        text_append(out, buffer, n);
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
}

/* No-break spaces are for the page only. */
static void plain_spaces(struct text *text)
{
    size_t to = 0;
    for (size_t from = 0; from < text->n; from++) {
        int no_break = text->bytes[from] == '\xc2' && text->bytes[from + 1] == '\xa0';
        text->bytes[to++] = no_break ? ' ' : text->bytes[from];
        from += (size_t)no_break;
    }
    text->n = to;
    text->bytes[to] = '\0';
}

static void pdf_words(const struct result *result, struct text *words)
{
    struct text pdf;
    struct problem why;
    assert_int_equal(report_render(result, &options, REPORT_PDF, &pdf, NULL, &why), 0);
    *words = (struct text){0};
    run_on("pdftotext -layout %1$s - && pdftotext %1$s -", &pdf, words);
    text_free(&pdf);
    plain_spaces(words);
}

/* All white space becomes one space, so that lines broken by the layout can be searched. */
static void flatten(struct text *text)
{
    size_t to = 0;
    for (size_t from = 0; from < text->n; from++) {
        int blank = isspace((unsigned char)text->bytes[from]);
        if (!blank || !to || text->bytes[to - 1] != ' ')
            text->bytes[to++] = blank ? ' ' : text->bytes[from];
    }
    text->n = to;
    text->bytes[to] = '\0';
}

static void assert_allowed(const char *what, const struct text *words)
{
    struct problem why;
    if (wording_check(text_string(words), &why))
        fail_msg("%s: %s", what, why.text);
}

static void assert_wording(const char *what, const struct result *result)
{
    struct text words, plain;
    struct problem why;
    pdf_words(result, &words);
    assert_allowed(what, &words);
    assert_int_equal(report_text(result, &options, &plain, &why), 0);
    assert_allowed(what, &plain);
    flatten(&words);
    flatten(&plain);
    assert_non_null(strstr(text_string(&words), wording_disclaimer));
    assert_non_null(strstr(text_string(&plain), wording_disclaimer));
    assert_non_null(strstr(text_string(&words), "Not a medical device"));
    text_free(&words);
    text_free(&plain);
}

static void every_example_keeps_to_the_wording(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct result *result = example(which);
        assert_wording(example_name(which), result);
        result_free(result);
    }
}

/* Each state for all zones at once, and each level of flag for all zones of the atlas. */
static void every_state_and_flag_keeps_to_the_wording(void **state)
{
    (void)state;
    for (int i = 0; i < STATE_COUNT; i++) {
        struct result *result = example(EXAMPLE_NOTHING_TENDER);
        for (int k = 0; k < result->feet[0].n_zones; k++)
            if (result->feet[0].zones[k].zone->is_plantar)
                result->feet[0].zones[k].state = (enum zone_state)i;
        assert_wording(zone_state_name((enum zone_state)i), result);
        result_free(result);
    }
    for (int level = FLAG_WATCH; level <= FLAG_BOTH_SIDES; level++) {
        struct result *result = example(EXAMPLE_CROWDED);
        for (int i = 0; i < result->n_flags; i++)
            result->flags[i].level = (enum flag_level)level;
        assert_wording(flag_level_name((enum flag_level)level), result);
        result_free(result);
    }
}

/* What is no quantity: ids, articles, dates, serial numbers, versions, numbers of rows. */
static const char *const no_quantities[] = {
    "[PN][0-9]{2}(\\.[0-9]|[ab])?",
    "articles? [0-9]{3}(:[0-9]+)?(, [0-9]{3}(:[0-9]+)?)*",
    "[(]K[0-9]+; [0-9]{3}:[0-9]+[)]",
    "zone [LR]?[1-5],",
    "\\(C[0-9]+(: [0-9]{3}:[0-9]+(, [0-9]{3}:[0-9]+)*)?\\)",
    "[0-9]{3}_[0-9a-f]+\\.txt",
    "Q[0-9]{2}",
    "T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    "ratio (below )?[0-9.]+( to [0-9.]+)?",
    "Client [0-9]+",
    "20[0-9]{2}-[0-9]{2}-[0-9]{2}",
    "[0-9]{2}:[0-9]{2} UTC",
    "TF-[0-9]+(-20[0-9]{2}-[0-9]{2})?",
    "(tenderfoot|firmware|atlas) [0-9.]+",
    "no\\. [0-9]+",
    "toes? [0-9] and [0-9]",
    "plate [0-9]+x[0-9]+",
    /* Norms: years and pages; indices, which have no unit. */
    "(19|20)[0-9]{2}; [0-9]+(\\([0-9]+\\))?: [0-9]+-[0-9]+",
    "[A-Z][a-z]+ (19|20)[0-9]{2}",
    "JCGM 100:2008",
    "norms \\([0-9.]+\\)",
    "index (left|right|foot|side not known) [0-9.]+( ± [0-9.]+)?(, (left|right) [0-9.]+( ± "
    "[0-9.]+)?)?",
    "index [0-9.]+ \\(error [0-9.]+\\), (below )?[0-9.]+( or more| to below [0-9.]+)? by",
    "kPa: [01][.][0-9]+ and [01][.][0-9]+",
    /* The legend of references and the plan's sources. */
    "such as 003:271 are",
    ", line 271\\)",
    "[;:] 00[0-4]: ",
    "\\[[0-9]{3}:[0-9]+(, [0-9]{3}:[0-9]+)*\\]",
    "catch trials \\([0-9]+\\)",
    "warnings of the recording: [0-9]+",
};

static void blank_out(char *words, const char *pattern)
{
    regex_t regex;
    regmatch_t match;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
    while (!regexec(&regex, words, 1, &match, 0))
        memset(words + match.rm_so, '_', (size_t)(match.rm_eo - match.rm_so));
    regfree(&regex);
}

static void every_number_has_its_unit(void **state)
{
    (void)state;
    static const char unit[] =
        "^[0-9.]+( (to|of|x|±) [0-9.]+| mm x [0-9.]+)* "
        "?(kPa|%|N|mm|cm²|s|ms|°|frames?|frames/s|cells?|"
        "percentage points|press|presses|answers?|sessions?|touches|catch|of it|places|loaded "
        "places|more|loaded|zones|min|times|passes)";
    regex_t regex;
    assert_int_equal(regcomp(&regex, unit, REG_EXTENDED), 0);
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct result *result = example(which);
        struct text words;
        assert_int_equal(report_text(result, &options, &words, NULL), 0);
        blank_out(words.bytes, "\n *[0-9]+\\. ");
        flatten(&words);
        for (size_t i = 0; i < sizeof no_quantities / sizeof no_quantities[0]; i++)
            blank_out(words.bytes, no_quantities[i]);
        for (const char *s = words.bytes; *s; s++) {
            if (!isdigit((unsigned char)*s) ||
                (s > words.bytes && (isdigit((unsigned char)s[-1]) || s[-1] == '.')))
                continue;
            if (regexec(&regex, s, 0, NULL, 0))
                fail_msg("%s: no unit: ...%.60s", example_name(which), s);
        }
        text_free(&words);
        result_free(result);
    }
    regfree(&regex);
}

static void both_say(const struct result *result, const char *const *words);

/* Where the pages have no room for all rows, each number on the picture can still be looked up. */
static void every_badge_can_be_looked_up(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_CROWDED);
    struct report_check check;
    struct text words, pdf;
    assert_int_equal(report_render(result, &options, REPORT_PDF, &pdf, &check, NULL), 0);
    text_free(&pdf);
    assert_int_equal(check.pages, REPORT_PAGES_MAX);
    assert_in_range(check.rows_cut, 1, 30);
    pdf_words(result, &words);
    flatten(&words);
    assert_non_null(strstr(words.bytes, "more zones, in full in the text report"));
    for (int i = 51 - check.rows_cut; i <= 50; i++) {
        char number[24];
        snprintf(number, sizeof number, "no. %d ", i);
        if (!strstr(words.bytes, number))
            fail_msg("%s is missing", number);
    }
    text_free(&words);
    result_free(result);
}

/* A PDF holds all pages; PNG and SVG have one file a page, and only the first SVG all words. */
static void each_page_is_a_file(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct report_pages pages;
    assert_int_equal(report_render_pages(result, &options, REPORT_PDF, &pages, NULL, NULL), 0);
    assert_int_equal(pages.n, 1);
    report_pages_free(&pages);
    for (enum report_format format = REPORT_PNG; format <= REPORT_SVG; format++) {
        struct report_check check;
        struct text first;
        assert_int_equal(report_render_pages(result, &options, format, &pages, &check, NULL), 0);
        assert_int_equal(pages.n, 2);
        assert_int_equal(check.pages, 2);
        assert_true(pages.of[1].n > 2000);
        assert_int_equal(report_render(result, &options, format, &first, NULL, NULL), 0);
        assert_int_equal(first.n, pages.of[0].n);
        assert_memory_equal(first.bytes, pages.of[0].bytes, first.n);
        if (format == REPORT_SVG)
            assert_null(strstr(pages.of[1].bytes, "<desc>"));
        text_free(&first);
        report_pages_free(&pages);
    }
    result_free(result);
    result = example(EXAMPLE_NO_PRESS); /* what fits on one page has one */
    assert_int_equal(report_render_pages(result, &options, REPORT_PNG, &pages, NULL, NULL), 0);
    assert_int_equal(pages.n, 1);
    report_pages_free(&pages);
    result_free(result);
}

static int count_of(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        n++;
    return n;
}

/* One file that fetches nothing: both pages drawn, every name once, all words as text. */
static void html_is_self_contained(void **state)
{
    (void)state;
    struct text html, again;
    render(EXAMPLE_TENDER, REPORT_HTML, &html, NULL);
    render(EXAMPLE_TENDER, REPORT_HTML, &again, NULL);
    assert_int_equal(html.n, again.n);
    assert_memory_equal(html.bytes, again.bytes, html.n);
    assert_int_equal(count_of(html.bytes, "<svg"), 2);
    assert_int_equal(count_of(html.bytes, "</svg>"), 2);
    assert_int_equal(count_of(html.bytes, "<?xml"), 0);
    assert_int_equal(count_of(html.bytes, "<script"), 0);
    assert_int_equal(count_of(html.bytes, "http"), count_of(html.bytes, "\"http://www.w3.org/") +
                                                       count_of(html.bytes, "http-equiv"));
    assert_non_null(strstr(html.bytes, "P07: ball behind the big toe"));
    assert_null(strstr(html.bytes, "url(#s"));
    for (const char *at = strstr(html.bytes, "id=\""); at; at = strstr(at + 1, "id=\"")) {
        char name[80];
        snprintf(name, sizeof name, "%.*s\"", (int)strcspn(at + 4, "\"") + 4, at);
        if (count_of(html.bytes, name) != 1)
            fail_msg("%s stands more than once", name);
    }
    text_free(&html);
    text_free(&again);
}

/* Every translated sentence keeps to its language's words, and every page of every example holds
 * together in that language. */
static void languages_are_sober_and_fit(void **state)
{
    (void)state;
    for (enum words_language l = WORDS_GERMAN; l < WORDS_LANGUAGES; l++) {
        assert_true(words_count(l) > 250);
        for (int i = 0; i < words_count(l); i++) {
            const char *translated;
            size_t n;
            struct problem why;
            const char *id = words_entry(l, i, &translated, &n);
            for (const char *form = translated; *id && form < translated + n;
                 form += strlen(form) + 1)
                if (wording_check_in(words_code(l), form, &why))
                    fail_msg("%s: '%s': %s", words_code(l), id, why.text);
        }
        for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
            struct report_options how = {.software_version = "0.1.0", .language = l};
            struct result *result = example(which);
            struct report_check check;
            struct text pdf;
            assert_int_equal(report_render(result, &how, REPORT_PDF, &pdf, &check, NULL), 0);
            if (check.outside || check.overlapping || check.cut)
                fail_msg("%s in %s: %d outside, %d overlapping, %d cut (%s)", example_name(which),
                         words_code(l), check.outside, check.overlapping, check.cut,
                         check.first_cut);
            text_free(&pdf);
            result_free(result);
        }
    }
    assert_int_equal(words_used(), WORDS_ENGLISH);
}

static void numbers_and_dates_are_the_languages(void **state)
{
    (void)state;
    static const char *const words[WORDS_LANGUAGES][5] = {
        {"53.2 %", "2026-03-04 10:20 UTC", "both feet", "2 of 2 presses", "Not a medical device."},
        {"53,2 %", "04.03.2026 10:20 UTC", "beide Füße", "2 von 2 Drücke", "Kein Medizinprodukt."},
        {"53,2 %", "04.03.2026 10:20 UTC", "обе стопы", "2 из 2 нажатий", "медицинским изделием"}};
    struct result *result = example(EXAMPLE_TENDER);
    for (enum words_language l = 0; l < WORDS_LANGUAGES; l++) {
        struct report_options how = {.software_version = "0.1.0", .language = l};
        struct text plain;
        assert_int_equal(report_text(result, &how, &plain, NULL), 0);
        flatten(&plain);
        for (int i = 0; i < 5; i++)
            if (!strstr(plain.bytes, words[l][i]))
                fail_msg("%s does not say: %s", words_code(l), words[l][i]);
        assert_non_null(strstr(plain.bytes, "tenderfoot 0.1.0")); /* no number: keeps its points */
        text_free(&plain);
    }
    result_free(result);
    words_use(WORDS_RUSSIAN);
    assert_string_equal(words_plural("%d press", "%d presses", 21), "%d нажатие");
    assert_string_equal(words_plural("%d press", "%d presses", 3), "%d нажатия");
    assert_string_equal(words_plural("%d press", "%d presses", 12), "%d нажатий");
    assert_string_equal(words_tr("no such words"), "no such words");
    words_use(WORDS_ENGLISH);
    enum words_language language;
    struct problem why;
    assert_int_equal(words_language_of("fr", &language, &why), -1);
    assert_non_null(strstr(why.text, "en, de or ru"));
}

static void refused_words_of_other_languages(void **state)
{
    (void)state;
    static const char *const refused[][2] = {
        {"de", "Das ist eine DIAGNOSE."},
        {"de", "Entzündet"},
        {"de", "Diese Massage heilt."},
        {"de", "ÜBERLASTUNG"},
        {"ru", "Массаж лечит."},
        {"ru", "ПЛОСКОСТОПИЕ"},
        {"ru", "Это диагноз."},
        {"ru", "Ваша печень"},
        {"en", "it cures"},
    };
    struct problem why;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (!wording_check_in(refused[i][0], refused[i][1], &why))
            fail_msg("'%s' was let through", refused[i][1]);
    assert_int_equal(wording_check_in("de", "Druck links 53,2 %, kein Schmerz.", &why), 0);
    assert_int_equal(wording_check_in("ru", "Чувствительно к нажатию.", &why), 0);
}

/* The grade is the worst of the reasons, and each reason is told. */
static void the_grade_has_its_reasons(void **state)
{
    (void)state;
    static const struct {
        enum example which;
        char grade;
        enum quality_reason_kind reason;
        const char *words;
    } graded[] = {
        {EXAMPLE_UNRELIABLE, 'C', QUALITY_UNRELIABLE, "the answers were unreliable"},
        {EXAMPLE_NO_FOOT, 'C', QUALITY_NO_FOOT, "no foot was found"},
        {EXAMPLE_WALK, 'B', QUALITY_NOMINAL, "no calibration of its own"},
        {EXAMPLE_UNKNOWN_SIDE, 'B', QUALITY_SIDE, "left and right foot are not certain"},
    };
    struct quality quality;
    for (size_t i = 0; i < sizeof graded / sizeof graded[0]; i++) {
        struct result *result = example(graded[i].which);
        int has = 0;
        quality_of(result, &quality);
        for (int k = 0; k < quality.n; k++)
            has |= quality.reasons[k].kind == graded[i].reason;
        if (!has || quality.grade != graded[i].grade)
            fail_msg("%s: %c", example_name(graded[i].which), quality.grade);
        both_say(result, (const char *const[]){graded[i].words, NULL});
        result_free(result);
    }
    struct result *result = example(EXAMPLE_NO_PRESS);
    result->facts.lost_frames = result->facts.saturated_frames = result->facts.bad_frames = 0;
    result->facts.calibration_is_nominal = 0;
    result->facts.closed_cleanly = 1;
    result->n_warnings = 0;
    quality_of(result, &quality);
    assert_int_equal(quality.grade, 'A');
    assert_int_equal(quality.n, 0);
    result->facts.lost_frames = result->frames.n; /* half of them */
    quality_of(result, &quality);
    assert_int_equal(quality.grade, 'C');
    assert_true(quality.n == 1 && fabs(quality.reasons[0].value - 50) < 1e-9);
    result_free(result);
}

static void the_page_tells_what_it_must(void **state)
{
    (void)state;
    static const char *const parts[] = {"TF-000123",
                                        "0.1.0",
                                        "TF-000123-2026-02, 2026-02-11",
                                        "3 frames lost",
                                        "1 frame of them damaged",
                                        "Client 0042",
                                        "2026-03-04 10:20 UTC",
                                        "53.2 %",
                                        "46.8 %",
                                        "lower middle",
                                        "182 kPa (172 to 193 kPa)",
                                        "P07: ball behind the big toe",
                                        "2 of 2 presses",
                                        "(articles 001:465, 003:271)",
                                        "Sensitive on both sides",
                                        "Watch",
                                        "Not tested",
                                        "No contact",
                                        "Stopped",
                                        "Excluded",
                                        "N01 to N09 (not measured)",
                                        "100 frames/s"};
    struct result *result = example(EXAMPLE_TENDER);
    struct text words, pages = {0}, pdf;
    pdf_words(result, &words);
    flatten(&words);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strstr(words.bytes, parts[i]))
            fail_msg("the page does not say: %s", parts[i]);
    assert_int_equal(report_render(result, &options, REPORT_PDF, &pdf, NULL, NULL), 0);
    run_on("pdfinfo -isodates %1$s", &pdf, &pages);
    flatten(&pages);
    assert_non_null(strstr(pages.bytes, "Pages: 2 "));
    assert_non_null(strstr(pages.bytes, "(A4)"));
    assert_non_null(strstr(pages.bytes, "CreationDate: 2026-03-04T10:20:30Z"));
    text_free(&pdf);
    text_free(&pages);
    text_free(&words);
    result_free(result);
}

static void odd_results_are_explained(void **state)
{
    (void)state;
    static const struct {
        enum example which;
        const char *words;
    } odd[] = {
        {EXAMPLE_NO_FOOT, "No foot found: 4 loaded places"},
        {EXAMPLE_ONE_FOOT, "No left foot was found in this recording"},
        {EXAMPLE_PRESS_ONLY, "no load picture"},
        {EXAMPLE_UNRELIABLE, "UNRELIABLE: pain was answered in 2 of 4 catch trials"},
        {EXAMPLE_NO_PRESS, "tenderness was not asked for"},
        {EXAMPLE_NOTHING_TENDER, "No zone is flagged"},
        {EXAMPLE_UNKNOWN_SIDE, "left or right is uncertain"},
        {EXAMPLE_UNRELIABLE, "Answers unreliable: pain was answered in 2 of 4 catch trials"},
        {EXAMPLE_WALK, "NOMINAL: no calibration"},
        {EXAMPLE_BARE, "not closed cleanly"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct result *result = example(odd[i].which);
        struct text words;
        pdf_words(result, &words);
        flatten(&words);
        if (!strstr(words.bytes, odd[i].words))
            fail_msg("%s does not say: %s", example_name(odd[i].which), odd[i].words);
        text_free(&words);
        result_free(result);
    }
}

/* One that ended before its first press asked nobody: that is no recording without a test. */
static void a_test_without_a_press_is_none_that_nobody_wanted(void **state)
{
    (void)state;
    for (int is_test = 0; is_test < 2; is_test++) {
        struct result *result = example(EXAMPLE_NO_PRESS);
        char *protocol = result->facts.protocol;
        result->facts.protocol = is_test ? "press" : "stand";
        assert_non_null(strstr(tender_nothing_flagged(result),
                               is_test ? "ended before its first press" : "No press test in"));
        result->facts.protocol = protocol;
        result_free(result);
    }
}

/* What was pressed and tells nothing is not tested; the page of the station says the report's own
 * sentence, which the JSON has. */
static void what_tells_nothing_is_not_tested(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct result *result = example(EXAMPLE_NOTHING_TENDER);
        struct problem why = {0};
        double kpa;
        int used = 0;
        for (int i = 0; i < result->n_presses; i++) {
            struct press *press = &result->presses[i];
            press->is_tap |= way == 1;
            press->is_catch |= way == 2;
            press->doubtful |= way == 3;
            used += press_use_of(press, &kpa) != PRESS_NOTHING;
        }
        json_t *document = result_json(result, 0, &why);
        const char *said = json_string_value(json_object_get(document, "no_flag_reason"));
        assert_non_null(said);
        assert_string_equal(said, facts_nothing_flagged(result));
        assert_true(way ? !used : used > 0);
        assert_non_null(strstr(said, way ? "Tenderness is not tested" : "No zone is flagged"));
        json_decref(document);
        result_free(result);
    }
    struct result *flagged = example(EXAMPLE_TENDER);
    struct problem why = {0};
    json_t *document = result_json(flagged, 0, &why);
    assert_true(flagged->n_flags > 0 && !json_object_get(document, "no_flag_reason"));
    json_decref(document);
    result_free(flagged);
}

/* Number printed before `words`, sought from the start. */
static double number_before(const char *text, const char *words)
{
    const char *end = strstr(text, words);
    assert_non_null(end);
    const char *start = end;
    while (start > text && strchr("0123456789.-", start[-1]))
        start--;
    return strtod(start, NULL);
}

/* Whoever subtracts the printed shares gets the printed difference. */
static void the_difference_is_of_printed_shares(void **state)
{
    (void)state;
    static const double shares[][2] = {
        {52.96, 47.04}, {47.04, 52.96}, {50.04, 49.96}, {49.949, 50.051}, {61.25, 38.75}};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct result *result = example(EXAMPLE_TENDER);
        struct text words;
        char left[16], right[16];
        result->feet[0].load_percent = shares[i][0];
        result->feet[1].load_percent = shares[i][1];
        assert_int_equal(report_text(result, &options, &words, NULL), 0);
        snprintf(left, sizeof left, "%.1f", shares[i][0]);
        snprintf(right, sizeof right, "%.1f", shares[i][1]);
        assert_non_null(strstr(words.bytes, left));
        double told = number_before(words.bytes, " percentage points");
        if (fabs(told - (strtod(left, NULL) - strtod(right, NULL))) > 1e-6)
            fail_msg("%s - %s is told as %g", left, right, told);
        text_free(&words);
        result_free(result);
    }
}

/* The longest caption a foot can have is not cut, and says where its length is from. */
static void the_source_of_a_length_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *words;
    } lengths[] = {
        {"stated, not measured; the contact is 253 mm long",
         "length 264 mm (stated, not measured)"},
        {"the print reaches the plate's edge after 241 mm: part of it may be missing",
         "length 264 mm (the print reaches the plate's edge after 241 mm)"},
        {"", "length 264 mm (not measured)"},
    };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct result *result = example(EXAMPLE_TENDER);
        struct foot_result *foot = &result->feet[0];
        struct report_check check;
        struct text words;
        foot->length_is_measured = 0;
        foot->length_mm = 264;
        foot->side_confidence = 0.5;
        snprintf(foot->length_reason, sizeof foot->length_reason, "%s", lengths[i].reason);
        assert_int_equal(report_text(result, &options, &words, NULL), 0);
        flatten(&words);
        if (!strstr(words.bytes, lengths[i].words))
            fail_msg("not told: %s", lengths[i].words);
        text_free(&words);
        assert_int_equal(report_render(result, &options, REPORT_PDF, &words, &check, NULL), 0);
        assert_true(!check.cut && !check.outside && !check.overlapping);
        text_free(&words);
        result_free(result);
    }
}

/* Nothing is said of a press test where there was none, and a warning is not "none". */
static void words_fit_what_was_recorded(void **state)
{
    (void)state;
    static const struct {
        enum example which;
        const char *says, *says_not;
    } pages[] = {
        {EXAMPLE_TENDER, "presses included", "JSON"},
        {EXAMPLE_TENDER, "Names of the zones: the chart (atlas)", "Palette"},
        {EXAMPLE_NO_PRESS, "highest cell of the whole recording", "presses included"},
        {EXAMPLE_NO_PRESS, "above the scale", "pain reported"},
        {EXAMPLE_UNRELIABLE, "no zone is flagged", "JSON"},
        {EXAMPLE_CROWDED, "in full in the text report", "JSON"},
    };
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct result *result = example(pages[i].which);
        struct text words;
        pdf_words(result, &words);
        flatten(&words);
        if (!strstr(words.bytes, pages[i].says) || strstr(words.bytes, pages[i].says_not))
            fail_msg("%s: not '%s', or '%s'", example_name(pages[i].which), pages[i].says,
                     pages[i].says_not);
        text_free(&words);
        result_free(result);
    }
}

static void append_warning(struct result *result, const char *warning)
{
    char **grown =
        realloc(result->warnings, ((size_t)result->n_warnings + 1) * sizeof *result->warnings);
    assert_non_null(grown);
    result->warnings = grown;
    grown[result->n_warnings] = strdup(warning);
    assert_non_null(grown[result->n_warnings++]);
}

/* Warnings are sentences: they follow each other, with unreliable answers first. */
static void warnings_are_joined_as_sentences(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_UNRELIABLE);
    struct text words;
    append_warning(result, "First thing.");
    append_warning(result, "Second thing.");
    assert_int_equal(report_text(result, &options, &words, NULL), 0);
    flatten(&words);
    assert_non_null(strstr(words.bytes, "Warnings Answers unreliable: "));
    assert_non_null(strstr(words.bytes, "no zone is flagged. "));
    assert_non_null(strstr(words.bytes, "First thing. Second thing."));
    assert_null(strstr(words.bytes, ".;"));
    text_free(&words);
    result_free(result);
}

static void lines_of_text_are_short(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_CROWDED);
    struct text words;
    assert_int_equal(report_text(result, &options, &words, NULL), 0);
    int width = 0;
    for (size_t i = 0; i < words.n; i++) {
        width = words.bytes[i] == '\n' ? 0 : width + (((unsigned char)words.bytes[i] >> 6) != 2);
        assert_true(width <= 80);
    }
    text_free(&words);
    result_free(result);
}

static void svg_carries_its_words(void **state)
{
    (void)state;
    struct text svg;
    render(EXAMPLE_TENDER, REPORT_SVG, &svg, NULL);
    assert_non_null(strstr(svg.bytes, "<title>Load and tenderness of the feet</title>"));
    assert_non_null(strstr(svg.bytes, "<desc>Load and tenderness"));
    assert_non_null(strstr(svg.bytes, "182 kPa (172 to 193 kPa)"));
    assert_non_null(strstr(svg.bytes, "</svg>"));
    text_free(&svg);
}

static void endings_choose_the_format(void **state)
{
    (void)state;
    enum report_format format;
    struct problem why;
    assert_int_equal(report_format_of("a/b.PNG", &format, &why), 0);
    assert_int_equal(format, REPORT_PNG);
    assert_int_equal(report_format_of("report.docx", &format, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_non_null(strstr(why.text, ".pdf, .png or .svg"));
    assert_int_equal(report_format_of("pdf", &format, &why), -1);
}

/* --- What a practitioner needs of a press test -------------------------------------------------
 */
static void both_say(const struct result *result, const char *const *words)
{
    struct text page, plain;

    pdf_words(result, &page);
    flatten(&page);
    assert_int_equal(report_text(result, &options, &plain, NULL), 0);
    flatten(&plain);
    for (; *words; words++) {
        if (!strstr(page.bytes, *words))
            fail_msg("the page does not say: %s", *words);
        if (!strstr(plain.bytes, *words))
            fail_msg("the text does not say: %s", *words);
    }
    text_free(&page);
    text_free(&plain);
}

/* The second part of a recording says so on paper, too. */
static void a_part_names_what_it_goes_on_with(void **state)
{
    (void)state;
    static const char *const words[] = {"part 2: goes on with one.tfr, in which the station "
                                        "stopped, 7.3 s missing between",
                                        NULL};
    struct result *result = example(EXAMPLE_WALK);
    result->continued = (struct continued){"one.tfr", 2, 7.31};
    both_say(result, words);
    result_free(result);
}

/* Whoever is handed a report has no terminal: it says what to do without the name of a command. */
static void no_command_is_named(void **state)
{
    (void)state;
    static const char *const commands[] = {"tenderfoot atlas", "tenderfoot screen",
                                           "tenderfoot verify", "tenderfoot press"};
    for (enum words_language l = 0; l < WORDS_LANGUAGES; l++)
        for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
            struct report_options how = {.software_version = "0.1.0", .language = l};
            struct result *result = example(which);
            struct text plain;
            assert_int_equal(report_text(result, &how, &plain, NULL), 0);
            flatten(&plain);
            for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
                if (strstr(plain.bytes, commands[i]))
                    fail_msg("%s in %s: %s", example_name(which), words_code(l), commands[i]);
            text_free(&plain);
            result_free(result);
        }
}

static void the_press_test_is_told(void **state)
{
    (void)state;
    static const char *const words[] = {
        "zone L1, ball",
        "Liver (C1",
        "ratio 0.50 to 0.69",
        "about 5 % of virtual people",
        "stud, tip of 1 cm²",
        "50 kPa/s (wanted: 30 to 50 kPa/s)",
        "ceiling 250 kPa",
        "naturally differ by 5 %, as is usual; by 10 to 15 %, 13 to "
        "24 % of people get a flag",
        "from 5 touches of this person",
        "19 % from press to press",
        "asked on 2026-03-04 10:05 UTC",
        "AVOID Q19 left",
        "P01 (screening Q19)",
        "flags nothing by itself: less load here",
        NULL};
    static const char *const unreliable[] = {"ANSWERS UNRELIABLE: no zone is flagged",
                                             "none in this recording", NULL}; /* no screening */
    struct result *result = example(EXAMPLE_TENDER);
    both_say(result, words);
    struct text page, plain;
    pdf_words(result, &page);
    assert_non_null(strstr(page.bytes, "waist line"));
    assert_null(strstr(page.bytes, "ANSWERS UNRELIABLE"));
    assert_int_equal(report_text(result, &options, &plain, NULL), 0);
    flatten(&plain);
    assert_non_null(strstr(plain.bytes, "Is there a wart? yes, left foot. (K14; 003:60)"));
    assert_null(strstr(plain.bytes, "diseased")); /* what may not be printed is not repeated */
    assert_non_null(strstr(plain.bytes, "NOTE: Q06 (its words: see the screening)"));
    text_free(&page);
    text_free(&plain);
    result_free(result);
    result = example(EXAMPLE_UNRELIABLE);
    both_say(result, unreliable);
    result_free(result);
}

/* Two presses in the middle of P07, one of them of an earlier day. */
static void sessions_are_counted(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct zone_result *zone = left_zone(result, "P07");
    struct findings findings;
    struct uv place;
    char where[ZONE_WHERE_MAX];

    for (int i = 0; i < result->n_presses; i++)
        result->presses[i].place_known = 0;
    assert_int_equal(zone_sessions(result, zone), 0);
    assert_int_equal(zone_place(result, zone, &place), 0);
    for (int i = 0; i < 4; i += 2) {
        result->presses[i].side = SIDE_LEFT;
        result->presses[i].place_known = 1;
        result->presses[i].place = place;
        result->presses[i].session = i / 2;
    }
    result->n_sessions = 1;
    assert_int_equal(zone_sessions(result, zone), 2);
    assert_string_equal(zone_where(result, zone, where, sizeof where), "zone L1, ball");
    assert_int_equal(findings_make(result, &findings, NULL), 0);
    assert_string_equal(findings.rows[0].threshold,
                        "182 kPa (172 to 193 kPa),\nanswered in 2 of 2 presses, 2 sessions");
    findings_free(&findings);
    both_say(result, (const char *const[]){"2 sessions taken together", NULL});
    result->presses[2].is_catch = 1;
    assert_int_equal(zone_sessions(result, zone), 1);
    result_free(result);
}

static void a_foot_that_moved_is_told(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    struct track *track = calloc(1, sizeof *track);

    assert_non_null(track);
    track->spans = calloc(2, sizeof *track->spans);
    assert_non_null(track->spans);
    track->n = 2;
    track->spans[0] = (struct track_span){.to_us = 2500000, .moved = 1};
    snprintf(track->spans[0].ended_by, sizeof track->spans[0].ended_by,
             "the left foot moved 14 mm");
    result->track = track;
    result->load_from_s = 3.1;
    result->load_to_s = 29.5;
    result->feet[0].landmarks.of[LANDMARK_HF].given = 1;
    both_say(result,
             (const char *const[]){
                 "the left foot moved 14 mm at 2.5 s; the load is that from 3.1 s to 29.5 s",
                 "set by hand, left: landmark HF", NULL});
    result_free(result);
}

/* --- Memory ----------------------------------------------------------------------------------- */
static void text_survives_any_failing_allocation(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_TENDER);
    long n = 1;
    for (;; n++) {
        struct text words;
        struct problem why = {0};
        failing_malloc_at(n);
        int ok = report_text(result, &options, &words, &why) == 0;
        if (!failing_malloc_off()) {
            assert_true(ok);
            text_free(&words);
            break;
        }
        assert_false(ok);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    assert_true(n > 50);
    result_free(result);
}

static void page_survives_any_failing_allocation(void **state)
{
    (void)state;
    struct result *result = example(EXAMPLE_PRESS_ONLY);
    struct text page;
    long before = failing_malloc_count();
    assert_int_equal(report_render(result, &options, REPORT_SVG, &page, NULL, NULL), 0);
    text_free(&page);
    long all = failing_malloc_count() - before;
    /* a page asks some thousand times: all of the first, then a sample */
    for (long n = 1; n <= all; n += n < 40 ? 1 : 397) {
        struct problem why = {0};
        failing_malloc_at(n);
        int ok = report_render(result, &options, REPORT_SVG, &page, NULL, &why) == 0;
        assert_int_equal(failing_malloc_off(), 1);
        if (ok)
            fail_msg("allocation %ld of %ld failed and nobody noticed", n, all);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palette_is_even),
        cmocka_unit_test(foreign_text_is_made_printable),
        cmocka_unit_test(rows_are_numbered_and_joined),
        cmocka_unit_test(shared_presses_are_told_once),
        cmocka_unit_test(states_are_listed),
        cmocka_unit_test(the_list_of_no_pain_says_at_how_many_places),
        cmocka_unit_test(a_union_is_not_listed_beside_its_parts),
        cmocka_unit_test(uncertain_zones_say_why),
        cmocka_unit_test(zones_read_as_one_are_named),
        cmocka_unit_test(nothing_is_cut_or_covered),
        cmocka_unit_test(the_check_sees_what_is_cut),
        cmocka_unit_test(same_input_same_bytes),
        cmocka_unit_test(a_pdf_that_is_none_stays),
        cmocka_unit_test(png_shows_something),
        cmocka_unit_test(every_example_keeps_to_the_wording),
        cmocka_unit_test(every_state_and_flag_keeps_to_the_wording),
        cmocka_unit_test(every_number_has_its_unit),
        cmocka_unit_test(every_badge_can_be_looked_up),
        cmocka_unit_test(each_page_is_a_file),
        cmocka_unit_test(the_grade_has_its_reasons),
        cmocka_unit_test(html_is_self_contained),
        cmocka_unit_test(languages_are_sober_and_fit),
        cmocka_unit_test(numbers_and_dates_are_the_languages),
        cmocka_unit_test(refused_words_of_other_languages),
        cmocka_unit_test(the_page_tells_what_it_must),
        cmocka_unit_test(odd_results_are_explained),
        cmocka_unit_test(a_test_without_a_press_is_none_that_nobody_wanted),
        cmocka_unit_test(what_tells_nothing_is_not_tested),
        cmocka_unit_test(the_difference_is_of_printed_shares),
        cmocka_unit_test(the_source_of_a_length_is_told),
        cmocka_unit_test(words_fit_what_was_recorded),
        cmocka_unit_test(warnings_are_joined_as_sentences),
        cmocka_unit_test(lines_of_text_are_short),
        cmocka_unit_test(svg_carries_its_words),
        cmocka_unit_test(endings_choose_the_format),
        cmocka_unit_test(the_press_test_is_told),
        cmocka_unit_test(a_part_names_what_it_goes_on_with),
        cmocka_unit_test(no_command_is_named),
        cmocka_unit_test(sessions_are_counted),
        cmocka_unit_test(a_foot_that_moved_is_told),
        cmocka_unit_test(text_survives_any_failing_allocation),
        cmocka_unit_test(page_survives_any_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
