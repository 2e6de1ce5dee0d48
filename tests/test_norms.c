/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Norms are data: the built-in file holds what the literature states, a damaged one is refused with
 * the place, and no text of one escapes the allowed words. */
#include "analysis/norms.h"
#include "analysis/print/print_numbers.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NORM(more)                                                                                 \
    "{\"id\":\"a\",\"name\":\"n\",\"number\":\"arch_index\",\"task\":\"stand\",\"basis\":"         \
    "\"project\",\"source\":\"s\",\"device\":\"d\",\"people\":\"p\",\"classes\":" more "}"
#define FILE_OF(norms, rules)                                                                      \
    "{\"schema\":\"tenderfoot/norms/1\",\"name\":\"n\",\"version\":\"1\",\"norms\":[" norms        \
    "],\"patterns\":[" rules "]}"
#define TWO "[{\"name\":\"x\",\"below\":1},{\"name\":\"y\"}]"

static void the_built_in_ones(void **state)
{
    struct norms *norms = norms_load(NULL, NULL);
    const struct norm *arch;

    (void)state;
    assert_non_null(norms);
    arch = norms_find(norms, "arch-index-cavanagh-1987");
    assert_non_null(arch);
    assert_int_equal(arch->number, PRINT_ARCH_INDEX);
    assert_true(arch->is_published && arch->only_standing);
    assert_int_equal(norm_class_of(arch, 0.2099), 0);
    assert_int_equal(norm_class_of(arch, 0.21), 1);
    assert_int_equal(norm_class_of(arch, 0.26), 2);
    assert_int_equal(norm_class_of(arch, NAN), -1);
    assert_true(isinf(norm_class_low(arch, 0)) && isinf(norm_class_high(arch, 2)));
    for (int id = 0; id < PATTERN_IDS; id++)
        assert_non_null(norms_rule(norms, (enum pattern_id)id));
    norms_free(norms);
}

static void refused_with_the_place(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "line"},
        {"[1]", "schema"},
        {FILE_OF("", ""), "list of 1"},
        {FILE_OF(NORM("[]"), ""), "classes"},
        {FILE_OF(NORM("[{\"name\":\"x\",\"below\":1},{\"name\":\"x\"}]"), ""), "one name"},
        {FILE_OF(NORM("[{\"name\":\"x\"},{\"name\":\"y\"}]"), ""), "below"},
        {FILE_OF(NORM("[{\"name\":\"pes planus\",\"below\":1},{\"name\":\"y\"}]"), ""), "planus"},
        {FILE_OF(NORM(TWO ",\"age_years\":[16]"), ""), "two numbers"},
        {FILE_OF(NORM(TWO ",\"age_years\":[17,3]"), ""), "two numbers"},
        {FILE_OF(NORM(TWO ",\"age_years\":[\"a\",3]"), ""), "two numbers"},
        {FILE_OF(NORM(TWO ",\"foot_length_mm\":[-1,300]"), ""), "two numbers"},
        {FILE_OF(NORM(TWO ",\"foot_length_mm\":250"), ""), "two numbers"},
        {FILE_OF(NORM(TWO) "," NORM(TWO), ""), "another norm"},
        {FILE_OF(NORM(TWO), "{\"pattern\":\"limp\"}"), "known pattern"},
        {FILE_OF(NORM(TWO), "{\"pattern\":\"flat_load\",\"conditions\":[{\"norm\":\"b\",\"class\":"
                            "\"x\"}]}"),
         "no id"},
        {FILE_OF(NORM(TWO), "{\"pattern\":\"left_right\",\"conditions\":[{\"norm\":\"a\",\"class\":"
                            "\"x\"}]}"),
         "not about"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct problem why = {0};

        assert_null(norms_parse(bad[i].text, strlen(bad[i].text), "f", &why));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        if (!strstr(why.text, bad[i].says))
            fail_msg("%s: does not say %s", why.text, bad[i].says);
    }
    assert_null(norms_load("no/such/file.json", NULL));
}

static void memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct problem why = {0};
        struct norms *norms;

        failing_malloc_at(n);
        norms = norms_load(NULL, &why);
        if (!failing_malloc_off()) {
            assert_non_null(norms);
            norms_free(norms);
            return;
        }
        assert_null(norms);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_ones),
        cmocka_unit_test(refused_with_the_place),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
