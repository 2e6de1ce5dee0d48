/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first words between host and plate, and what is told of damage; over real sockets and ptys.
 */
#include "driver/clock.h"
#include "driver/host_link.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_plate.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A scripted plate on a pty and the host's link to it. */
struct pair {
    struct scripted_plate *plate;
    struct host_link *link;
    char uri[100];
};

static struct pair open_pair(const struct plate_script *script)
{
    struct pair pair;
    struct problem why = {0};
    strcpy(pair.uri, "stream:");
    int fd = scripted_plate_pty(pair.uri + 7, sizeof pair.uri - 7);
    pair.link = host_link_open(pair.uri, &why);
    if (!pair.link)
        fail_msg("%s", why.text);
    pair.plate = scripted_plate_start(script, fd);
    return pair;
}

static struct plate_deeds close_pair(struct pair *pair)
{
    host_link_close(pair->link);
    return scripted_plate_stop(pair->plate);
}

static int hello(struct pair *pair, int patience_ms, struct wire_hello *said, struct problem *why)
{
    struct host_link_item item;
    *why = (struct problem){0};
    return host_link_hello(pair->link, patience_ms, -1, &item, said, why);
}

static void expect_refusal(const struct plate_script *script, int patience_ms,
                           enum problem_kind kind, const char *word)
{
    struct pair pair = open_pair(script);
    struct wire_hello said;
    struct problem why;
    assert_int_equal(hello(&pair, patience_ms, &said, &why), -1);
    if (why.kind != kind || !strstr(why.text, word))
        fail_msg("kind %d, wanted %d with '%s': %s", why.kind, kind, word, why.text);
    close_pair(&pair);
}

/* --- Who is there ---------------------------------------------------------------------------- */

static void a_plate_says_who_it_is(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .chunk = 1};
    struct pair pair = open_pair(&script);
    struct wire_hello said;
    struct problem why;
    assert_int_equal(hello(&pair, 5000, &said, &why), 0);
    assert_string_equal(said.serial, "SCRIPTED-1");
    assert_int_equal(said.rows, 12);
    assert_int_equal(said.pitch_y_um, 5000);
    assert_true(close_pair(&pair).hellos >= 1);
}

static void a_silent_plate_is_asked_again_and_then_given_up(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .mute = 1};
    uint64_t begin_us = host_clock_us();
    expect_refusal(&script, 1200, PROBLEM_FAILED, "no plate answers");
    uint64_t took_us = host_clock_us() - begin_us;
    assert_true(took_us >= 1200000 && took_us < 3000000);
}

static void nonsense_is_shown_after_three_seconds(void **state)
{
    (void)state;
    struct plate_script script = {
        .hello = scripted_plate_hello(), .babble = "login: \x01\xff ", .n_babble = 10};
    uint64_t begin_us = host_clock_us();
    expect_refusal(&script, 20000, PROBLEM_REFUSED,
                   "6c 6f 67 69 6e 3a 20 01 ff 20 6c 6f (login: .. lo)");
    uint64_t took_us = host_clock_us() - begin_us;
    assert_true(took_us >= 3000000 && took_us < 6000000);
}

/* Writes zeros as fast as they are taken, until nobody reads any more. The pipe holds more than one
 * read takes, so that the reader never finds it empty. */
static void *flood(void *path)
{
    static const uint8_t zeros[1 << 20];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fcntl(fd, F_SETPIPE_SZ, (int)sizeof zeros) >= (int)sizeof zeros);
    while (fd >= 0 && write(fd, zeros, sizeof zeros) > 0)
        ;
    close(fd);
    return NULL;
}

/* There is always more to read then, and never a message: the deadline must hold all the same. */
static void nonsense_without_a_pause_cannot_hold_the_host(void **state)
{
    (void)state;
    const char *path = scratch_new("flood");
    char uri[400];
    struct problem why = {0};
    struct host_link_item item;
    struct wire_hello said;
    pthread_t writer;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(uri, sizeof uri, "stream:%s", path);
    struct host_link *link = host_link_open(uri, &why);
    assert_non_null(link);
    assert_int_equal(pthread_create(&writer, NULL, flood, (void *)(uintptr_t)path), 0);
    alarm(60); /* without the deadline it would never come back */
    uint64_t begin_us = host_clock_us();
    assert_int_equal(host_link_next(link, begin_us + 200000, -1, &item, &why), HOST_LINK_QUIET);
    assert_int_equal(host_link_hello(link, 700, -1, &item, &said, &why), -1);
    uint64_t took_us = host_clock_us() - begin_us;
    alarm(0);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "00 00 00 00"));
    assert_true(took_us >= 900000 && took_us < 5000000);
    host_link_close(link);
    pthread_join(writer, NULL);
}

static void a_line_that_only_echoes_is_no_plate(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .echo = 1};
    expect_refusal(&script, 1200, PROBLEM_REFUSED, "54 46 54 31");
}

static void another_version_is_refused_with_both_numbers(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello()};
    script.hello.protocol_min = script.hello.protocol_max = 3 << 8 | 1;
    expect_refusal(&script, 2000, PROBLEM_REFUSED,
                   "speaks version 3 of the protocol and this program version 1; update this");
    script.hello.protocol_min = script.hello.protocol_max = 7; /* 0.7 */
    expect_refusal(&script, 2000, PROBLEM_REFUSED, "update the plate's firmware");
    script.hello.protocol_max = 5 << 8; /* 0.7 to 5.0: ours is among them */
    struct pair pair = open_pair(&script);
    struct wire_hello said;
    struct problem why;
    assert_int_equal(hello(&pair, 2000, &said, &why), 0);
    close_pair(&pair);
}

static void messages_of_a_newer_major_version_are_refused(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .version = 2};
    expect_refusal(&script, 2000, PROBLEM_REFUSED, "speaks version 2");
}

static void a_geometry_beyond_256_is_refused_by_its_numbers(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello()};
    script.hello.rows = 257;
    script.hello.cols = 300;
    expect_refusal(&script, 2000, PROBLEM_REFUSED, "257 x 300");
    script.hello = scripted_plate_hello();
    script.hello.cols = 0;
    expect_refusal(&script, 2000, PROBLEM_REFUSED, "12 x 0");
    script.hello = scripted_plate_hello();
    script.hello.pitch_x_um = 17;
    expect_refusal(&script, 2000, PROBLEM_REFUSED, "pitch 0.5 to 50 mm");
}

static void a_plate_that_leaves_before_hello_was_none(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .mute = 1};
    struct pair pair = open_pair(&script);
    struct wire_hello said;
    struct problem why;
    scripted_plate_stop(pair.plate);
    assert_int_equal(hello(&pair, 2000, &said, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    host_link_close(pair.link);
}

static void the_user_need_not_wait_for_a_silent_plate(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .mute = 1};
    struct pair pair = open_pair(&script);
    struct host_link_item item;
    struct wire_hello said;
    struct problem why;
    int stop_fd = eventfd(1, EFD_CLOEXEC);
    uint64_t begin_us = host_clock_us();
    assert_int_equal(host_link_hello(pair.link, 20000, stop_fd, &item, &said, &why), -1);
    assert_non_null(strstr(why.text, "interrupted"));
    assert_true(host_clock_us() - begin_us < 1000000);
    close(stop_fd);
    close_pair(&pair);
}

/* --- Damage ---------------------------------------------------------------------------------- */

/* Writes bytes into a FIFO, reads them through a link, and writes what was told as a line of text:
 * M<type>.<seq> for messages, D<bytes> and B<bytes>.<seq> for damage without and with a header. */
static void tell_story(const uint8_t *bytes, size_t n, size_t chunk, char *story, size_t cap)
{
    const char *path = scratch_new("fifo");
    char uri[300];
    struct problem why;
    struct host_link_item item;
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(uri, sizeof uri, "stream:%s", path);
    struct host_link *link = host_link_open(uri, &why);
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    size_t at = 0, used = 0;
    story[0] = '\0';
    for (;;) {
        size_t part = chunk < n - at ? chunk : n - at;
        if (fd >= 0 && part == 0) {
            close(fd);
            fd = -1;
        } else if (fd >= 0) {
            assert_int_equal(write(fd, bytes + at, part), part);
            at += part;
        }
        enum host_link_news news;
        while ((news = host_link_next(link, 0, -1, &item, &why)) > 0) {
            int is_message = news == HOST_LINK_MESSAGE;
            used += (size_t)snprintf(story + used, cap - used,
                                     is_message        ? "M%u.%u "
                                     : item.has_header ? "B%u.%u "
                                                       : "D%u ",
                                     is_message ? item.message.type : (unsigned)item.n_bytes,
                                     item.message.seq);
            if (is_message)
                assert_memory_equal(item.bytes, "TFT1", 4);
        }
        if (news == HOST_LINK_LEFT)
            break;
    }
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    host_link_close(link);
    if (fd >= 0)
        close(fd);
}

static void damage_is_told_in_its_place_whatever_the_chunks(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello()};
    static uint8_t bytes[10000];
    size_t n = 0, size[5];
    for (uint32_t i = 0; i < 5; i++) {
        size[i] = scripted_plate_frame(&script, i, bytes + n, sizeof bytes - n);
        if (i == 1)
            bytes[n + 60] ^= 4; /* payload: header whole */
        if (i == 2)
            bytes[n + 13] ^= 4; /* header */
        n += size[i];
        if (i == 0) {
            memcpy(bytes + n, "noise", 5);
            n += 5;
        }
    }
    n -= 9; /* the last frame is torn */
    char want[200], story[200];
    snprintf(want, sizeof want, "M2.0 B%zu.1 M2.3 B%zu.4 ", 5 + size[1] + size[2], size[4] - 9);
    const size_t chunks[] = {1, 7, 64, 1000, 10000};
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        tell_story(bytes, n, chunks[i], story, sizeof story);
        assert_string_equal(story, want);
    }
}

/* A host that comes in the middle of a stream (the reader before it closed the pty) loses what it
 * did not hear and nothing else. */
static void a_pty_joined_in_the_middle_falls_into_step(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello()};
    struct pair pair = open_pair(&script);
    struct wire_hello said;
    struct problem why;
    struct host_link_item item;
    struct wire_command start = {0};
    assert_int_equal(hello(&pair, 2000, &said, &why), 0);
    start.as.start.rate_hz = 1000;
    assert_int_equal(host_link_command(pair.link, WIRE_CMD_START, &start, &why), 0);
    for (int frames = 0; frames < 20;)
        if (host_link_next(pair.link, host_clock_us() + 1000000, -1, &item, &why) ==
            HOST_LINK_MESSAGE)
            frames += item.message.type == WIRE_FRAME;
    host_link_close(pair.link); /* no STOP: the plate goes on */
    usleep(300000);
    pair.link = host_link_open(pair.uri, &why);
    assert_non_null(pair.link);
    assert_int_equal(hello(&pair, 3000, &said, &why), 0);
    uint32_t last = 0;
    for (int frames = 0; frames < 50;) {
        enum host_link_news news =
            host_link_next(pair.link, host_clock_us() + 1000000, -1, &item, &why);
        assert_true(news > 0);
        if (news != HOST_LINK_MESSAGE || item.message.type != WIRE_FRAME)
            continue;
        uint8_t want[2000];
        script.hello.rate_hz = 1000;
        size_t n = scripted_plate_frame(&script, item.message.seq, want, sizeof want);
        assert_int_equal(item.n_bytes, n);
        assert_memory_equal(item.bytes, want, n);
        assert_true(item.message.seq > last);
        last = item.message.seq;
        frames++;
    }
    close_pair(&pair);
}

/* --- Resources ------------------------------------------------------------------------------- */

static double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void waiting_for_a_silent_plate_costs_next_to_nothing(void **state)
{
    (void)state;
    struct plate_script script = {.hello = scripted_plate_hello(), .mute = 1};
    struct pair pair = open_pair(&script);
    struct host_link_item item;
    struct problem why;
    double before_s = cpu_s();
    assert_int_equal(host_link_next(pair.link, host_clock_us() + 1000000, -1, &item, &why),
                     HOST_LINK_QUIET);
    double used_s = cpu_s() - before_s;
    printf("a second of waiting: %.4f s of a core\n", used_s);
    assert_true(used_s < 0.05);
    close_pair(&pair);
}

static void no_memory_is_a_problem_and_no_leak(void **state)
{
    (void)state;
    char uri[100] = "stream:";
    int fd = scripted_plate_pty(uri + 7, sizeof uri - 7);
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct host_link *link = host_link_open(uri, &why);
        int failed = failing_malloc_off();
        assert_int_equal(link == NULL, failed);
        host_link_close(link);
        if (!failed)
            break;
        assert_non_null(strstr(why.text, "memory"));
    }
    close(fd);
}

/* A plate that takes nothing: the queue of commands is bounded. */
static void commands_to_a_deaf_plate_are_bounded(void **state)
{
    (void)state;
    char uri[100] = "stream:";
    int fd = scripted_plate_pty(uri + 7, sizeof uri - 7);
    struct problem why = {0};
    struct host_link *link = host_link_open(uri, &why);
    int bad = 0;
    for (int i = 0; i < 100000 && !bad; i++) {
        struct wire_command command = {0};
        bad = host_link_command(link, WIRE_CMD_IDENTIFY, &command, &why);
        assert_true(bad || command.request == (uint32_t)i + 1);
    }
    assert_int_equal(bad, -1);
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    host_link_close(link);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plate_says_who_it_is),
        cmocka_unit_test(a_silent_plate_is_asked_again_and_then_given_up),
        cmocka_unit_test(nonsense_is_shown_after_three_seconds),
        cmocka_unit_test(nonsense_without_a_pause_cannot_hold_the_host),
        cmocka_unit_test(a_line_that_only_echoes_is_no_plate),
        cmocka_unit_test(another_version_is_refused_with_both_numbers),
        cmocka_unit_test(messages_of_a_newer_major_version_are_refused),
        cmocka_unit_test(a_geometry_beyond_256_is_refused_by_its_numbers),
        cmocka_unit_test(a_plate_that_leaves_before_hello_was_none),
        cmocka_unit_test(the_user_need_not_wait_for_a_silent_plate),
        cmocka_unit_test(damage_is_told_in_its_place_whatever_the_chunks),
        cmocka_unit_test(a_pty_joined_in_the_middle_falls_into_step),
        cmocka_unit_test(waiting_for_a_silent_plate_costs_next_to_nothing),
        cmocka_unit_test(no_memory_is_a_problem_and_no_leak),
        cmocka_unit_test(commands_to_a_deaf_plate_are_bounded),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
