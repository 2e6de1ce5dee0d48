/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's lines: with their level for the journal, without it on a terminal. */
#include "driver/daemon/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

static void expect_line(int from, const char *wanted)
{
    char text[200];
    ssize_t n = read(from, text, sizeof text - 1);
    assert_true(n > 0);
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    assert_string_equal(text, wanted);
}

static void the_level_is_for_the_journal(void **state)
{
    int ends[2], master = posix_openpt(O_RDWR | O_NOCTTY);
    (void)state;
    assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    assert_int_equal(pipe(ends), 0);
    log_to(ends[1]);
    log_line(LOG_LEVEL_WARNING, "a\tplate of %s", "T-1");
    expect_line(ends[0], "<4>a?plate of T-1");
    log_to(terminal);
    log_line(LOG_LEVEL_INFO, "a plate");
    expect_line(master, "a plate");
    log_to(2);
    close(terminal);
    close(master);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_level_is_for_the_journal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
