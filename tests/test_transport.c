/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of transport on the real thing: a pty, a FIFO, a socket, a child process, a file. */
#include "driver/clock.h"
#include "driver/recording.h"
#include "driver/transport/transport.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_plate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *uri(const char *scheme, const char *path)
{
    static char text[2][700];
    static int turn;
    char *here = text[turn ^= 1];
    snprintf(here, sizeof text[0], "%s:%s", scheme, path);
    return here;
}

/* Waits up to a second for something to read; what transport_read says then. */
static ssize_t read_soon(struct transport *t, uint8_t *bytes, size_t cap, struct problem *why)
{
    struct pollfd in = {.fd = transport_fd(t), .events = POLLIN};
    ssize_t n = 0;
    for (int i = 0; i < 100 && n == 0; i++) {
        poll(&in, 1, 10);
        n = transport_read(t, bytes, cap, why);
    }
    return n;
}

static void read_exactly(struct transport *t, uint8_t *bytes, size_t n)
{
    struct problem why;
    for (size_t got = 0; got < n;) {
        ssize_t part = read_soon(t, bytes + got, n - got, &why);
        assert_true(part > 0);
        got += (size_t)part;
    }
}

static struct transport *open_well(const char *name)
{
    struct problem why = {0};
    struct transport *t = transport_open(name, &why);
    if (!t)
        fail_msg("%s: %s", name, why.text);
    return t;
}

static void expect_refusal(const char *name, enum problem_kind kind, const char *word)
{
    struct problem why = {0};
    assert_null(transport_open(name, &why));
    if (why.kind != kind || !strstr(why.text, word))
        fail_msg("%s: kind %d, wanted %d with '%s': %s", name, why.kind, kind, word, why.text);
}

static void fill_with_every_byte(uint8_t bytes[1024])
{
    for (int i = 0; i < 1024; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
}

/* --- Names ----------------------------------------------------------------------------------- */

static void a_name_that_is_none_is_told_with_the_forms_there_are(void **state)
{
    (void)state;
    expect_refusal("ttyACM0", PROBLEM_USAGE, "serial:DEVICE");
    expect_refusal("stream", PROBLEM_USAGE, "stream:PATH");
    expect_refusal("streams:/x", PROBLEM_USAGE, "does not name a plate");
    expect_refusal("stream:", PROBLEM_USAGE, "no path");
    expect_refusal("virtual:x.json?sed=3", PROBLEM_USAGE, "known: seed, pace, faults");
    expect_refusal("virtual:x.json?seed=three", PROBLEM_USAGE, "seed=three");
    expect_refusal("replay:x.tfr?pace=slow", PROBLEM_USAGE, "real or fast");
    expect_refusal("serial:/dev/ttyS0?baud=fast", PROBLEM_USAGE, "baud=fast");
}

static void every_kind_is_listed_with_its_form(void **state)
{
    (void)state;
    struct transport_about about;
    size_t n = 0;
    for (; transport_about(n, &about); n++)
        assert_memory_equal(about.form, about.scheme, strlen(about.scheme));
    assert_int_equal(n, 5);
}

static void no_path_no_plate(void **state)
{
    (void)state;
    expect_refusal(uri("stream", scratch_new("missing")), PROBLEM_FAILED, "no plate at");
    expect_refusal("stream:/dev/null", PROBLEM_USAGE, "no terminal line");
    const char *file = scratch_new("file");
    scratch_write(file, "x", 1);
    expect_refusal(uri("stream", file), PROBLEM_USAGE, "replay:");
    expect_refusal("stream:/dev", PROBLEM_USAGE, "neither a pty");
}

/* The test may run as root, whom no permission stops: so it is somebody else who tries. */
static void no_permission_says_what_to_do(void **state)
{
    (void)state;
    const char *fifo = scratch_new("forbidden");
    assert_int_equal(mkfifo(fifo, 0000), 0);
    pid_t child = fork();
    if (child == 0) {
        struct problem why = {0};
        if (geteuid() == 0 && (setegid(65534) || seteuid(65534)))
            _exit(9);
        struct transport *t = transport_open(uri("stream", fifo), &why);
        _exit(!t && why.kind == PROBLEM_FAILED && strstr(why.text, "no permission") &&
                      strstr(why.text, "dialout")
                  ? 42
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

/* --- pty ------------------------------------------------------------------------------------- */

static void a_pty_passes_every_byte_both_ways(void **state)
{
    (void)state;
    char path[64];
    int plate = scripted_plate_pty(path, sizeof path);
    struct transport *t = open_well(uri("stream", path));
    uint8_t sent[1024], got[1024];
    fill_with_every_byte(sent);
    assert_int_equal(write(plate, sent, sizeof sent), sizeof sent);
    read_exactly(t, got, sizeof got);
    assert_memory_equal(got, sent, sizeof sent);
    assert_int_equal(transport_write(t, sent, sizeof sent, NULL), sizeof sent);
    for (size_t n = 0; n < sizeof got;)
        n += (size_t)read(plate, got + n, sizeof got - n);
    assert_memory_equal(got, sent, sizeof sent);
    assert_false(transport_is_one_way(t));
    assert_int_equal(transport_read(t, got, sizeof got, NULL), 0);
    transport_close(t);
    close(plate);
}

static void a_pty_that_hangs_up_is_a_plate_that_left(void **state)
{
    (void)state;
    char path[64];
    int plate = scripted_plate_pty(path, sizeof path);
    struct transport *t = open_well(uri("stream", path));
    uint8_t bytes[16];
    struct problem why = {0};
    close(plate);
    assert_int_equal(read_soon(t, bytes, sizeof bytes, &why), -1);
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    assert_non_null(strstr(why.text, path));
    assert_int_equal(transport_read(t, bytes, sizeof bytes, &why), -1);
    transport_close(t);
}

static void a_second_reader_is_told_that_the_plate_is_taken(void **state)
{
    (void)state;
    char path[64];
    int plate = scripted_plate_pty(path, sizeof path);
    struct transport *first = open_well(uri("stream", path));
    expect_refusal(uri("stream", path), PROBLEM_FAILED, "another program has the plate");
    transport_close(first);
    transport_close(open_well(uri("stream", path)));
    /* A pty stays exclusive until its plate's end is closed, and then to all but root: never. */
    int next = open(path, O_RDWR | O_NOCTTY), exclusive = -1;
    assert_int_equal(ioctl(next, TIOCGEXCL, &exclusive), 0);
    assert_int_equal(exclusive, 0);
    close(next);
    close(plate);
}

/* --- Socket ---------------------------------------------------------------------------------- */

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

static void a_socket_passes_bytes_both_ways_and_its_end_is_no_signal(void **state)
{
    (void)state;
    const char *path = scratch_new("socket");
    int listening = listen_at(path);
    struct transport *t = open_well(uri("stream", path));
    int plate = accept(listening, NULL, NULL);
    uint8_t sent[1024], got[1024];
    struct problem why = {0};
    fill_with_every_byte(sent);
    assert_int_equal(transport_write(t, sent, sizeof sent, NULL), sizeof sent);
    assert_int_equal(recv(plate, got, sizeof got, MSG_WAITALL), sizeof got);
    assert_memory_equal(got, sent, sizeof sent);
    assert_int_equal(write(plate, sent, sizeof sent), sizeof sent);
    read_exactly(t, got, sizeof got);
    assert_memory_equal(got, sent, sizeof sent);
    close(plate);
    assert_int_equal(transport_write(t, sent, 1, &why), -1); /* and we are still alive */
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    assert_int_equal(read_soon(t, got, sizeof got, &why), -1);
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    transport_close(t);
    close(listening);
    expect_refusal(uri("stream", path), PROBLEM_FAILED,
                   "no plate at"); /* left over, nobody there */
}

static void a_full_socket_takes_what_it_can(void **state)
{
    (void)state;
    const char *path = scratch_new("full");
    int listening = listen_at(path);
    struct transport *t = open_well(uri("stream", path));
    int plate = accept(listening, NULL, NULL);
    static uint8_t much[1 << 20];
    ssize_t n, taken = 0;
    for (int i = 0; i < 100 && (n = transport_write(t, much, sizeof much, NULL)) > 0; i++)
        taken += n;
    assert_int_equal(n, 0);
    assert_true(taken > 0 && taken < 100 * (ssize_t)sizeof much);
    transport_close(t);
    close(plate);
    close(listening);
}

/* --- FIFO ------------------------------------------------------------------------------------ */

static double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void a_fifo_waits_for_its_writer_without_work_and_ends_with_it(void **state)
{
    (void)state;
    const char *path = scratch_new("fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    struct transport *t = open_well(uri("stream", path));
    struct problem why = {0};
    uint8_t got[1024], sent[1024];
    fill_with_every_byte(sent);
    assert_true(transport_is_one_way(t));
    assert_int_equal(transport_read(t, got, sizeof got, &why), 0); /* nobody yet is no end */
    struct pollfd in = {.fd = transport_fd(t), .events = POLLIN};
    double before_s = cpu_s();
    assert_int_equal(poll(&in, 1, 300), 0);
    assert_true(cpu_s() - before_s < 0.1);
    int plate = open(path, O_WRONLY);
    assert_int_equal(transport_read(t, got, sizeof got, &why), 0);
    assert_int_equal(write(plate, sent, sizeof sent), sizeof sent);
    read_exactly(t, got, sizeof got);
    assert_memory_equal(got, sent, sizeof sent);
    assert_int_equal(transport_write(t, sent, 55, &why), 55); /* taken and forgotten */
    assert_int_equal(write(plate, sent, 3), 3);
    close(plate);
    read_exactly(t, got, 3); /* what was sent before the end is still given */
    assert_int_equal(read_soon(t, got, sizeof got, &why), -1);
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    transport_close(t);
}

/* Two readers of one FIFO would each get half of the bytes. */
static void a_fifo_has_one_reader(void **state)
{
    (void)state;
    const char *path = scratch_new("fifo1");
    assert_int_equal(mkfifo(path, 0600), 0);
    struct transport *t = open_well(uri("stream", path));
    expect_refusal(uri("stream", path), PROBLEM_FAILED, "another program has the plate");
    transport_close(t);
}

/* --- Serial: what runs without a port (the port itself: test_serial.c) -------------------------
 */

static void a_serial_port_that_is_none(void **state)
{
    (void)state;
    char path[64];
    int plate = scripted_plate_pty(path, sizeof path);
    expect_refusal(uri("serial", path), PROBLEM_FAILED, "stream:/dev/pts");
    close(plate);
    expect_refusal("serial:/dev/ttyNONE7", PROBLEM_FAILED, "no plate at");
}

static void count_found(void *context, const char *name, const char *description,
                        const char *obstacle)
{
    (void)description, (void)obstacle;
    int *n = context;
    assert_non_null(strchr(name, ':'));
    n[!strncmp(name, "virtual:", 8)]++;
}

static void listing_opens_nothing_and_names_the_virtual_plate_once(void **state)
{
    (void)state;
    int n[2] = {0};
    assert_int_equal(transport_list(count_found, n, NULL), 0);
    assert_int_equal(n[1], 1);
}

/* --- Virtual --------------------------------------------------------------------------------- */

static void use_program(const char *name, const char *text)
{
    const char *path = scratch_new(name);
    scratch_write(path, text, strlen(text));
    assert_int_equal(chmod(path, 0700), 0);
    setenv("TENDERFOOT_PLATE", path, 1);
}

static const char *a_subject(void)
{
    const char *path = scratch_new("subject.json");
    scratch_write(path, "{}", 2);
    return uri("virtual", path);
}

static void no_child_is_left(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void expect_end(const char *program, enum problem_kind kind, const char *word)
{
    struct problem why = {0};
    uint8_t bytes[64];
    ssize_t n;
    use_program("program", program);
    struct transport *t = open_well(a_subject());
    while ((n = read_soon(t, bytes, sizeof bytes, &why)) > 0)
        ;
    assert_int_equal(n, -1);
    transport_close(t);
    if (why.kind != kind || !strstr(why.text, word))
        fail_msg("kind %d, wanted %d with '%s': %s", why.kind, kind, word, why.text);
    no_child_is_left();
}

static void a_virtual_plate_ends_with_its_own_words(void **state)
{
    (void)state;
    expect_end("#!/bin/sh\necho 'tenderfoot-plate: no feet in it' >&2\nexit 3\n", PROBLEM_REFUSED,
               "the virtual plate: no feet in it");
    expect_end("#!/bin/sh\nexit 2\n", PROBLEM_USAGE, "said nothing");
    expect_end("#!/bin/sh\nexit 77\n", PROBLEM_FAILED, "said nothing");
    expect_end("#!/bin/sh\nexit 0\n", PROBLEM_DEVICE_LOST, "is over");
    expect_end("#!/bin/sh\nkill -SEGV $$\n", PROBLEM_DEVICE_LOST, "signal 11");
    /* once it was there, an error is a plate that was lost */
    expect_end("#!/bin/sh\necho hello >&3\necho broken >&2\nexit 3\n", PROBLEM_DEVICE_LOST,
               "broken");
}

static void a_virtual_plate_gets_its_arguments_and_both_ways(void **state)
{
    (void)state;
    uint8_t got[400] = {0};
    struct problem why;
    use_program("program", "#!/bin/sh\necho \"$@\" >&3\nread line <&3\necho \"heard $line\" >&3\n");
    char name[800];
    snprintf(name, sizeof name, "%s?seed=7&pace=fast&faults=reset@2s,drop@n3", a_subject());
    struct transport *t = open_well(name);
    size_t n = 0;
    while (!strchr((char *)got, '\n'))
        n += (size_t)read_soon(t, got + n, sizeof got - 1 - n, &why);
    assert_non_null(strstr((char *)got, "--subject"));
    assert_non_null(strstr((char *)got, "--fd 3 --seed 7 --pace fast --faults reset@2s,drop@n3\n"));
    assert_int_equal(transport_write(t, (const uint8_t *)"knock\n", 6, &why), 6);
    memset(got, 0, sizeof got);
    read_exactly(t, got, 12);
    assert_string_equal((char *)got, "heard knock\n");
    transport_close(t);
    no_child_is_left();
}

static void a_recording_is_given_as_one(void **state)
{
    (void)state;
    uint8_t got[400] = {0};
    struct problem why;
    const char *file = scratch_new("known.tfr");
    example_write(file, 3, NULL, 0);
    use_program("program", "#!/bin/sh\necho \"$1\" >&3\n");
    struct transport *t = open_well(uri("virtual", file));
    assert_true(read_soon(t, got, sizeof got, &why) > 0);
    assert_string_equal((char *)got, "--recording\n");
    transport_close(t);
}

/* A child that does not go by itself is made to; one that ignores Ctrl-C's signal as well. */
static void a_stubborn_virtual_plate_is_ended_and_reaped(void **state)
{
    (void)state;
    use_program("program", "#!/bin/sh\ntrap '' INT TERM\nexec sleep 60\n");
    struct transport *t = open_well(a_subject());
    uint64_t before_us = host_clock_us();
    transport_close(t);
    assert_true(host_clock_us() - before_us < 5000000);
    no_child_is_left();
}

static void no_program_no_subject(void **state)
{
    (void)state;
    setenv("TENDERFOOT_PLATE", "/nowhere/tenderfoot-plate", 1);
    expect_refusal(a_subject(), PROBLEM_FAILED, "cannot be started");
    expect_refusal(uri("virtual", scratch_new("none.json")), PROBLEM_FAILED, "cannot be read");
    no_child_is_left();
}

/* --- Replay ---------------------------------------------------------------------------------- */

enum { REPLAYED = 40 };

/* Reads a whole replay; returns how long it took. */
static double replay(const char *name, uint8_t *bytes, size_t cap, size_t *n)
{
    struct transport *t = open_well(name);
    struct problem why = {0};
    uint64_t begin_us = host_clock_us();
    *n = 0;
    for (;;) {
        ssize_t part = read_soon(t, bytes + *n, cap - *n < 37 ? cap - *n : 37, &why);
        if (part < 0)
            break;
        assert_true(part > 0);
        *n += (size_t)part;
    }
    assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
    assert_non_null(strstr(why.text, "is over"));
    assert_true(transport_is_one_way(t));
    transport_close(t);
    return (double)(host_clock_us() - begin_us) * 1e-6;
}

static size_t messages_of(const char *path, uint8_t *bytes)
{
    struct recording_item item;
    struct problem why;
    struct recording *recording = recording_open(path, &why);
    assert_non_null(recording);
    size_t n = 0;
    while (recording_next(recording, &item, &why) > 0) {
        memcpy(bytes + n, item.bytes, item.size);
        n += item.size;
    }
    recording_close(recording);
    return n;
}

static void a_replay_gives_the_plates_bytes_at_the_plates_pace(void **state)
{
    (void)state;
    static uint8_t got[200000], want[200000];
    const char *file = scratch_new("replayed.tfr");
    size_t n, n_want;
    example_write(file, REPLAYED, NULL, 0);
    n_want = messages_of(file, want);
    double real_s = replay(uri("replay", file), got, sizeof got, &n);
    assert_int_equal(n, n_want);
    assert_memory_equal(got, want, n);
    assert_true(real_s >= (REPLAYED - 1) * 0.01 - 0.005);
    char fast[700];
    snprintf(fast, sizeof fast, "replay:%s?pace=fast", file);
    double fast_s = replay(fast, got, sizeof got, &n);
    assert_int_equal(n, n_want);
    assert_true(fast_s < real_s);
}

/* The plate's clock went back in the file: the replay goes on from there instead of waiting. */
static void a_replay_goes_on_over_a_restart_of_the_plate(void **state)
{
    (void)state;
    static uint8_t got[200000];
    struct problem why;
    size_t n;
    const char *file = scratch_new("restart.tfr");
    char *header = example_header_json();
    struct recording_writer *writer = recording_create(file, header, NULL, 0, &why);
    free(header);
    example_append_hello(writer, 5, 0);
    example_append_frame(writer, 90000); /* 15 minutes after the boot */
    example_append_frame(writer, 90001);
    example_append_hello(writer, 6, 0);
    for (uint32_t i = 0; i < 5; i++)
        example_append_frame(writer, i);
    assert_int_equal(recording_finish(writer, &why), 0);
    assert_true(replay(uri("replay", file), got, sizeof got, &n) < 2);
    assert_true(n > 0);
}

static void what_is_no_recording_of_a_plate_is_not_replayed(void **state)
{
    (void)state;
    struct problem why;
    struct recording_header header;
    const char *file = scratch_new("text.tfr");
    scratch_write(file, "not a recording at all", 22);
    expect_refusal(uri("replay", file), PROBLEM_REFUSED, "text.tfr");
    expect_refusal(uri("replay", scratch_new("none.tfr")), PROBLEM_FAILED, "none.tfr");
    file = scratch_new("imported.tfr");
    example_header(&header);
    strcpy(header.units, "kPa");
    strcpy(header.source, "import:npy");
    strcpy(header.calibration_id, "");
    header.bits = 0;
    char *json = recording_header_format(&header, &why);
    assert_non_null(json);
    assert_int_equal(recording_finish(recording_create(file, json, NULL, 0, &why), &why), 0);
    free(json);
    expect_refusal(uri("replay", file), PROBLEM_REFUSED, "virtual:");
}

/* --- Memory ---------------------------------------------------------------------------------- */

static void sweep(const char *name)
{
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct transport *t = transport_open(name, &why);
        if (!failing_malloc_off()) {
            assert_non_null(t);
            transport_close(t);
            return;
        }
        assert_null(t);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_non_null(strstr(why.text, "memory"));
    }
}

static void no_memory_is_a_problem_and_no_leak(void **state)
{
    (void)state;
    char path[64];
    int plate = scripted_plate_pty(path, sizeof path);
    sweep(uri("stream", path));
    close(plate);
    const char *file = scratch_new("memory.tfr");
    example_write(file, 3, NULL, 0);
    sweep(uri("replay", file));
    use_program("program", "#!/bin/sh\nexit 0\n");
    sweep(a_subject());
    no_child_is_left();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_none_is_told_with_the_forms_there_are),
        cmocka_unit_test(every_kind_is_listed_with_its_form),
        cmocka_unit_test(no_path_no_plate),
        cmocka_unit_test(no_permission_says_what_to_do),
        cmocka_unit_test(a_pty_passes_every_byte_both_ways),
        cmocka_unit_test(a_pty_that_hangs_up_is_a_plate_that_left),
        cmocka_unit_test(a_second_reader_is_told_that_the_plate_is_taken),
        cmocka_unit_test(a_socket_passes_bytes_both_ways_and_its_end_is_no_signal),
        cmocka_unit_test(a_full_socket_takes_what_it_can),
        cmocka_unit_test(a_fifo_waits_for_its_writer_without_work_and_ends_with_it),
        cmocka_unit_test(a_fifo_has_one_reader),
        cmocka_unit_test(a_serial_port_that_is_none),
        cmocka_unit_test(listing_opens_nothing_and_names_the_virtual_plate_once),
        cmocka_unit_test(a_virtual_plate_ends_with_its_own_words),
        cmocka_unit_test(a_virtual_plate_gets_its_arguments_and_both_ways),
        cmocka_unit_test(a_recording_is_given_as_one),
        cmocka_unit_test(a_stubborn_virtual_plate_is_ended_and_reaped),
        cmocka_unit_test(no_program_no_subject),
        cmocka_unit_test(a_replay_gives_the_plates_bytes_at_the_plates_pace),
        cmocka_unit_test(a_replay_goes_on_over_a_restart_of_the_plate),
        cmocka_unit_test(what_is_no_recording_of_a_plate_is_not_replayed),
        cmocka_unit_test(no_memory_is_a_problem_and_no_leak),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
