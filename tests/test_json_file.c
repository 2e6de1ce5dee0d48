/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of JSON that are handed in: what is not there or cannot be read has failed (exit 1), what
 * is no such document is refused (exit 3), whoever reads it; its path is named. */
#include "analysis/atlas/atlas.h"
#include "analysis/change/published.h"
#include "analysis/json_file.h"
#include "analysis/norms.h"
#include "analysis/plan/plan_rules.h"
#include "analysis/press/tool.h"
#include "analysis/screen/screening.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int load_atlas(const char *path, struct problem *why)
{
    return !atlas_load(path, why);
}

static int load_norms(const char *path, struct problem *why)
{
    return !norms_load(path, why);
}

static int load_tools(const char *path, struct problem *why)
{
    struct tool tool;
    return tool_load(path, "stud", &tool, why);
}

static int load_rules(const char *path, struct problem *why)
{
    return !plan_rules_load(path, why);
}

static int load_questions(const char *path, struct problem *why)
{
    return !screening_questions_load(path, why);
}

static int load_published(const char *path, struct problem *why)
{
    return !published_errors_load(path, why);
}

static int load_answers(const char *path, struct problem *why)
{
    struct screening_questions *questions = screening_questions_load(NULL, why);
    struct screening screening;
    assert_non_null(questions);
    int bad = screening_load(questions, path, &screening, why);
    screening_questions_free(questions);
    return bad;
}

static int (*const loaders[])(const char *, struct problem *) = {
    load_atlas, load_norms, load_tools, load_rules, load_questions, load_published, load_answers};

static void expect(const char *path, enum problem_kind kind, const char *words)
{
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
        struct problem why = {0};
        assert_int_not_equal(loaders[i](path, &why), 0);
        print_message("%s\n", why.text);
        assert_int_equal(why.kind, kind);
        assert_non_null(strstr(why.text, path));
        assert_non_null(strstr(why.text, words));
    }
}

static void what_cannot_be_read_has_failed(void **state)
{
    (void)state;
    expect("no/such/file.json", PROBLEM_FAILED, "No such file");
    expect("/tmp", PROBLEM_FAILED, "Is a directory");
}

static void what_is_no_document_is_refused(void **state)
{
    (void)state;
    expect("/dev/zero", PROBLEM_REFUSED, "longer than"); /* endless */
    expect("/dev/null", PROBLEM_REFUSED, "near end of file");
}

/* So that the library's memory fails as well. */
static void *allocated(size_t n)
{
    return malloc(n);
}

static void a_document_is_read_or_its_line_named(void **state)
{
    char path[] = "/tmp/tenderfoot-json-XXXXXX";
    int descriptor = mkstemp(path);
    static const char two_lines[] = "{\"a\": 1,\n \"a\": 2}";
    struct problem why = {0};

    (void)state;
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, two_lines, strlen(two_lines)), strlen(two_lines));
    assert_null(json_file_load(path, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "line 2: "));
    assert_int_equal(pwrite(descriptor, "b", 1, 11), 1);
    json_set_alloc_funcs(allocated, free);
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        json_t *document = json_file_load(path, &why);
        if (!failing_malloc_off()) {
            assert_int_equal((int)json_object_size(document), 2);
            json_decref(document);
            break;
        }
        if (n == 1 ||
            (!document && why.kind != PROBLEM_REFUSED)) /* jansson may take it for syntax */
            assert_int_equal(why.kind, PROBLEM_FAILED);
        json_decref(document);
    }
    json_set_alloc_funcs(malloc, free);
    close(descriptor);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read_has_failed),
        cmocka_unit_test(what_is_no_document_is_refused),
        cmocka_unit_test(a_document_is_read_or_its_line_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
