/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every text that the program can print stands in its sources: each string literal (help, errors,
 * warnings, evidence, table heads), neighbours joined as the compiler joins them, keeps to the
 * allowed words. The chart's own texts: test_wording; made sentences: test_tenderness. */
#include "analysis/wording.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct {
    int files, texts, refused;
} seen;

/* A literal with its neighbours. */
struct joined {
    char text[16384];
    size_t n;
};

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
    fclose(file);
    return text;
}

/* Names that a standard fixed: no sentence of ours, and nobody is shown them. */
static int is_fixed_name(const char *text)
{
    return !strcmp(text, "DiagnosticReport"); /* a resource of HL7 FHIR */
}

static void check_joined(struct joined *joined, const char *path)
{
    struct problem why = {0};

    if (!joined->n)
        return;
    joined->text[joined->n] = 0;
    joined->n = 0;
    seen.texts++;
    if (is_fixed_name(joined->text))
        return;
    if (wording_check(joined->text, &why)) {
        print_message("%s: %s\n", path, why.text);
        seen.refused++;
    }
}

/* From behind the opening quote to behind the closing one. */
static const char *take_literal(const char *at, struct joined *joined)
{
    for (; *at && *at != '"'; at++) {
        char c = *at;

        if (c == '\\' && at[1]) {
            at++;
            c = strchr("ntv", *at) ? ' ' : *at;
        }
        assert_true(joined->n + 1 < sizeof joined->text);
        joined->text[joined->n++] = c;
    }
    return *at ? at + 1 : at;
}

static const char *skip_comment(const char *at)
{
    const char *end = at[1] == '*' ? strstr(at, "*/") : strchr(at, '\n');

    return end ? end + (at[1] == '*' ? 2 : 0) : at + strlen(at);
}

static const char *skip_character(const char *at)
{
    for (at++; *at && *at != '\''; at++)
        at += *at == '\\';
    return *at ? at + 1 : at;
}

static const char *skip_line(const char *at)
{
    return at + strcspn(at, "\n");
}

static void check_source(const char *path)
{
    static struct joined joined;
    char *text = read_all(path);
    const char *at = text;

    while (*at) {
        if (at[0] == '/' && (at[1] == '*' || at[1] == '/')) {
            at = skip_comment(at);
        } else if (*at == '"') {
            at = take_literal(at + 1, &joined);
        } else if (strchr(" \t\n\r", *at)) {
            at++;
        } else {
            check_joined(&joined, path);
            at = *at == '\''                   ? skip_character(at)
                 : !strncmp(at, "#include", 8) ? skip_line(at)
                                               : at + 1;
        }
    }
    check_joined(&joined, path);
    free(text);
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    size_t n = strlen(path);

    (void)status;
    (void)place;
    /* wording.c holds the refused words themselves. */
    if (kind != FTW_F || n < 3 || (strcmp(path + n - 2, ".c") && strcmp(path + n - 2, ".h")) ||
        strstr(path, "analysis/wording.c"))
        return 0;
    check_source(path);
    seen.files++;
    return 0;
}

static void test_every_text_in_the_sources_passes(void **state)
{
    static const char *const rooms[] = {"analysis", "calib", "driver", "firmware", "samples"};

    (void)state;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        assert_int_equal(nftw(rooms[i], visit, 8, FTW_PHYS), 0);
    print_message("%d texts of %d files\n", seen.texts, seen.files);
    assert_true(seen.files > 100 && seen.texts > 1000);
    assert_int_equal(seen.refused, 0);
}

/* The reader itself: what it must see in a source that says refused things in every way. */
static void test_the_reader_sees_through_the_source(void **state)
{
    char path[] = "/tmp/tenderfoot-words-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    (void)state;
    assert_non_null(file);
    fputs(
        "#include \"your liver\"\n/* \"it cures\" */ // \"it heals\"\n"
        "char q = '\"', e = '\\'';\nputs(\"it \"\n  /* or */ \"cures\");\nputs(\"your\\nliver\");\n"
        "puts(\"fine \\\" it cures\");\n",
        file);
    fclose(file);
    seen.texts = seen.refused = 0;
    check_source(path);
    remove(path);
    assert_int_equal(seen.texts, 3);
    assert_int_equal(seen.refused, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_in_the_sources_passes),
        cmocka_unit_test(test_the_reader_sees_through_the_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
