/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verbs share: a file is there whole or not at all. (The verbs' helpers are no library, so
 * the file under test is taken in as it is.) */
#include "driver/cli/cli.c"

#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect_text(const char *path, const char *text)
{
    size_t n;
    uint8_t *bytes = scratch_read(path, &n);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(bytes, text, n);
    free(bytes);
}

static void a_file_appears_only_when_it_is_whole(void **state)
{
    (void)state;
    struct cli_output out;
    struct problem why;
    struct stat there;
    const char *path = scratch_new("out.csv");
    int before = scratch_count();
    assert_int_equal(cli_output_begin(&out, path, &why), 0);
    fputs("time_s,force_n\n", out.stream);
    assert_int_equal(fflush(out.stream), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(cli_output_finish(&out, &why), 0);
    expect_text(path, "time_s,force_n\n");
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
    assert_int_equal(scratch_count(), before + 1);
}

static void what_was_there_stays_until_the_new_one_is_whole(void **state)
{
    (void)state;
    struct cli_output out;
    struct problem why;
    struct stat there;
    const char *path = scratch_new("kept.csv");
    scratch_write(path, "old", 3);
    assert_int_equal(chmod(path, 0640), 0);
    int before = scratch_count();
    assert_int_equal(cli_output_begin(&out, path, &why), 0);
    fputs("half a n", out.stream);
    cli_output_abort(&out);
    cli_output_abort(&out); /* once more does no harm */
    expect_text(path, "old");
    assert_int_equal(scratch_count(), before);
    assert_int_equal(cli_output_begin(&out, path, &why), 0);
    fputs("new", out.stream);
    assert_int_equal(cli_output_finish(&out, &why), 0);
    expect_text(path, "new");
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0640);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct cli_output out;
    struct problem why = {0};
    assert_int_equal(cli_output_begin(&out, "/nowhere/out.csv", &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "/nowhere/out.csv"));
    /* A folder of that name: the rename at the end fails, and nothing is left behind. */
    const char *path = scratch_new("folder");
    assert_int_equal(mkdir(path, 0700), 0);
    int before = scratch_count();
    assert_int_equal(cli_output_begin(&out, path, &why), 0);
    assert_int_equal(cli_output_finish(&out, &why), -1);
    assert_non_null(strstr(why.text, "could not be written whole"));
    assert_int_equal(scratch_count(), before);
    rmdir(path);
}

/* A full disk: writes into the stream fail, the old file stays. */
static void a_write_that_fails_is_noticed_at_the_end(void **state)
{
    (void)state;
    struct cli_output out;
    struct problem why = {0};
    const char *path = scratch_new("full.csv");
    scratch_write(path, "old", 3);
    assert_int_equal(cli_output_begin(&out, path, &why), 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0 && dup2(full, fileno(out.stream)) >= 0);
    close(full);
    fputs("new", out.stream);
    assert_int_equal(cli_output_finish(&out, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "No space left"));
    expect_text(path, "old");
}

/* A rename over a pipe or a device would put a file in its place. */
static void a_pipe_or_a_device_is_not_replaced(void **state)
{
    (void)state;
    struct cli_output out;
    struct problem why = {0};
    struct stat st;
    const char *path = scratch_new("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(cli_output_begin(&out, path, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "no ordinary file"));
    cli_output_abort(&out);
    assert_true(!stat(path, &st) && S_ISFIFO(st.st_mode));
    unlink(path);
}

static void no_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    const char *path = scratch_new("memory.csv");
    int before = scratch_count();
    for (long n = 1;; n++) {
        struct cli_output out;
        struct problem why = {0};
        failing_malloc_at(n);
        int bad = cli_output_begin(&out, path, &why);
        int failed = failing_malloc_off();
        assert_int_equal(bad, failed ? -1 : 0);
        cli_output_abort(&out);
        assert_int_equal(scratch_count(), before);
        if (!failed)
            break;
    }
}

static void a_document_that_is_none_is_a_problem(void **state)
{
    (void)state;
    struct problem why = {0};
    assert_int_equal(cli_print_json(json_pack("{s:s}", "file", "\xff\xfe"), &why), -1);
    assert_non_null(strstr(why.text, "UTF-8"));
    why.kind = PROBLEM_REFUSED;
    assert_int_equal(cli_fail("test", &why), PROBLEM_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_only_when_it_is_whole),
        cmocka_unit_test(what_was_there_stays_until_the_new_one_is_whole),
        cmocka_unit_test(a_place_that_cannot_be_written_is_told),
        cmocka_unit_test(a_write_that_fails_is_noticed_at_the_end),
        cmocka_unit_test(a_pipe_or_a_device_is_not_replaced),
        cmocka_unit_test(no_memory_leaves_nothing_behind),
        cmocka_unit_test(a_document_that_is_none_is_a_problem),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
