/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What killed programs left in TMPDIR goes at the next start; what lives, what is young, and what
 * is not surely theirs stays. */
#include "driver/work_folder.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void set_age(const char *path, long s)
{
    struct timespec at = {.tv_sec = time(NULL) - s}, times[2] = {at, at};
    assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static const char *in(const char *folder, const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* A folder of this name with a file in it (NULL = none), both as old. */
static const char *left(const char *name, const char *file, long age_s)
{
    const char *path = scratch_path(name);
    assert_int_equal(mkdir(path, 0700), 0);
    if (file) {
        scratch_write(in(path, file), "x", 1);
        set_age(in(path, file), age_s);
    }
    set_age(path, age_s);
    return path;
}

static int is_there(const char *path)
{
    struct stat status;
    return !lstat(path, &status);
}

static void test_what_is_left_goes(void **state)
{
    const char *check = left("tenderfoot-check-Ab12Cd", "stand.tfr", 4000);
    const char *export = left("tenderfoot-Ab12Cd", "report.pdf", 4000);
    const char *empty = left("tenderfoot-check-000000", NULL, 4000);
    const char *page = scratch_path("tenderfoot-Ab12Cd.html");
    (void)state;
    scratch_write(page, "x", 1);
    chmod(page, 0600);
    set_age(page, 4000);
    assert_int_equal(work_folders_sweep(scratch_path("")), 4);
    assert_false(is_there(check) || is_there(export) || is_there(empty) || is_there(page));
}

static void keep(const char *path, const char *file)
{
    assert_int_equal(work_folders_sweep(scratch_path("")), 0);
    assert_true(is_there(path));
    if (file)
        assert_true(is_there(in(path, file)));
    if (file)
        unlink(in(path, file));
    assert_int_equal(remove(path), 0);
}

static void test_what_may_be_wanted_stays(void **state)
{
    (void)state;
    keep(left("tenderfoot-check-Ab12Cd", "stand.tfr", 60), "stand.tfr"); /* young */
    keep(left("tenderfoot-backup", "anna.tfr", 4000), "anna.tfr");       /* the user's own */
    keep(left("tenderfoot-check-Ab12Cde", NULL, 4000), NULL);            /* another name */
    const char *path = left("tenderfoot-check-Ab12Cd", "stand.tfr", 4000);
    chmod(path, 0750);
    keep(path, "stand.tfr"); /* others may use it */
    path = left("tenderfoot-check-Ab12Cd", "stand.tfr", 4000);
    set_age(in(path, "stand.tfr"), 60); /* is being written */
    keep(path, "stand.tfr");
}

static void test_no_link_is_followed(void **state)
{
    const char *real = left("real", "stand.tfr", 4000), *link = scratch_path("tenderfoot-Ab12Cd");
    (void)state;
    assert_int_equal(symlink(real, link), 0);
    set_age(link, 4000);
    assert_int_equal(work_folders_sweep(scratch_path("")), 0);
    assert_true(is_there(in(real, "stand.tfr")));
    unlink(link);
    unlink(in(real, "stand.tfr"));
    rmdir(real);
}

/* Another process makes a folder, tells its name, and waits to be killed. */
static pid_t begin_another(char path[WORK_FOLDER_PATH])
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct work_folder folder;
        struct problem why;
        if (work_folder_make(&folder, &why) ||
            write(told[1], folder.path, WORK_FOLDER_PATH) != WORK_FOLDER_PATH)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(told[0], path, WORK_FOLDER_PATH), WORK_FOLDER_PATH);
    close(told[0]);
    close(told[1]);
    return pid;
}

static void test_whose_process_lives_stays(void **state)
{
    char path[WORK_FOLDER_PATH];
    int status;
    (void)state;
    setenv("TMPDIR", scratch_path(""), 1);
    pid_t pid = begin_another(path);
    scratch_write(in(path, "stand.tfr"), "x", 1);
    set_age(in(path, "stand.tfr"), 4000);
    set_age(path, 4000);
    assert_int_equal(work_folders_sweep(scratch_path("")), 0);
    assert_true(is_there(in(path, "stand.tfr")));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(work_folders_sweep(scratch_path("")), 1);
    assert_false(is_there(path));
}

static void test_one_that_ends_leaves_nothing(void **state)
{
    struct work_folder folder;
    struct problem why;
    (void)state;
    setenv("TMPDIR", scratch_path(""), 1);
    assert_int_equal(work_folder_make(&folder, &why), 0);
    scratch_write(in(folder.path, "stand.tfr"), "x", 1);
    work_folder_end(&folder);
    assert_int_equal(scratch_count(), 0);
    setenv("TMPDIR", "/nowhere", 1);
    assert_int_equal(work_folder_make(&folder, &why), -1);
    assert_non_null(strstr(why.text, "/nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_goes),
        cmocka_unit_test(test_what_may_be_wanted_stays),
        cmocka_unit_test(test_no_link_is_followed),
        cmocka_unit_test(test_whose_process_lives_stays),
        cmocka_unit_test(test_one_that_ends_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
