/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate's own clock and doors: who shows no head, no body, or does not fetch the answer is cut
 * off in time and not before; a stream is not; idle ones give way to newer ones, those that were
 * let in do not. With times a fifth of a second long, so that slow machines fail nothing: all
 * bounds above are seconds. */
#include "driver/daemon/http_gate.h"
#include "tests/support/failing_malloc.h"

#include "driver/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_MS = 200, BODY_MS = 300, ANSWER_MS = 400, LATE_MS = 10000 };

static const char *const open_paths[] = {"/", "/of/it/live", NULL};
static const char good[] = "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
static const char stream[] = "GET /of/it/live HTTP/1.1\r\nHost: localhost:1\r\n\r\n";

struct rig {
    struct http_gate *gate;
    struct sockaddr_in address;
    pthread_mutex_t lock;
    int passed[HTTP_GATE_CONNECTIONS], n_passed;
};

static int take(void *context, int fd, const struct sockaddr *address, socklen_t n)
{
    struct rig *rig = context;
    (void)address;
    (void)n;
    pthread_mutex_lock(&rig->lock);
    rig->passed[rig->n_passed++] = fd;
    pthread_mutex_unlock(&rig->lock);
    return 0;
}

static void begin(struct rig *rig)
{
    struct http_rules rules = {.open_paths = open_paths, .hosts = {"localhost:1"}, .n_hosts = 1};
    const struct http_gate_times times = {HEAD_MS, BODY_MS, ANSWER_MS};
    struct problem why;
    socklen_t n = sizeof rig->address;
    *rig = (struct rig){.address = {.sin_family = AF_INET}, .lock = PTHREAD_MUTEX_INITIALIZER};
    rig->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&rig->address, n), 0);
    assert_int_equal(listen(fd, 128), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&rig->address, &n), 0);
    memset(rules.token, '0', HTTP_TOKEN_SIZE);
    rig->gate = http_gate_create(&fd, 1, &rules, &times, &why);
    assert_non_null(rig->gate);
    assert_int_equal(http_gate_run(rig->gate, take, rig, &why), 0);
}

/* What was handed over is the taker's, as the library's it would be; who was refused may linger. */
static void end(struct rig *rig)
{
    for (int i = 0; i < rig->n_passed; i++) {
        http_gate_closed(rig->gate, rig->passed[i]);
        close(rig->passed[i]);
    }
    for (int ms = 0; http_gate_numbers(rig->gate).open; ms += 5) {
        assert_true(ms < LATE_MS);
        usleep(5000);
    }
    http_gate_free(rig->gate);
}

/* From 127.0.0.1 and on. */
static int connect_from(const struct rig *rig, unsigned host, const char *says)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&rig->address, sizeof rig->address), 0);
    if (*says)
        assert_int_equal(send(fd, says, strlen(says), MSG_NOSIGNAL), strlen(says));
    return fd;
}

/* What is said until the end: its length; ms that it took since `since_us`. */
static size_t read_to_end(int fd, char *text, size_t cap, uint64_t since_us, double *ms)
{
    struct pollfd news = {.fd = fd, .events = POLLIN};
    size_t at = 0;
    ssize_t n = 1;
    while (n > 0 && poll(&news, 1, LATE_MS) == 1 && (n = recv(fd, text + at, cap - 1 - at, 0)) > 0)
        at += (size_t)n;
    assert_true(n <= 0); /* not: nobody cut it off */
    text[at] = '\0';
    *ms = (double)(host_clock_us() - since_us) * 1e-3;
    return at;
}

static int passed(struct rig *rig)
{
    pthread_mutex_lock(&rig->lock);
    int n = rig->n_passed;
    pthread_mutex_unlock(&rig->lock);
    return n;
}

static void wait_for_passed(struct rig *rig, int n)
{
    for (int ms = 0; passed(rig) < n; ms += 5) {
        assert_true(ms < LATE_MS);
        usleep(5000);
    }
}

static void who_shows_no_head_is_cut_off(void **state)
{
    (void)state;
    struct rig rig;
    char text[1000];
    double ms;
    begin(&rig);
    uint64_t began_us = host_clock_us();
    int fd = connect_from(&rig, 0, "GET / HT");
    usleep(HEAD_MS * 500);
    assert_int_equal(send(fd, "T", 1, MSG_NOSIGNAL), 1); /* a drop more gives no more time */
    read_to_end(fd, text, sizeof text, began_us, &ms);
    assert_non_null(strstr(text, "HTTP/1.1 408 "));
    assert_true(ms >= HEAD_MS && ms < LATE_MS);
    assert_int_equal(http_gate_numbers(rig.gate).dripped, 1);
    assert_int_equal(passed(&rig), 0);
    close(fd);
    end(&rig);
}

static void body_and_answer_have_their_times_and_a_stream_has_all(void **state)
{
    (void)state;
    struct rig rig;
    char text[1000];
    double ms[2];
    begin(&rig);
    uint64_t began_us = host_clock_us();
    int body = connect_from(&rig, 0, good);
    read_to_end(body, text, sizeof text, began_us, &ms[0]);
    assert_true(ms[0] >= BODY_MS && ms[0] < LATE_MS);
    int forever = connect_from(&rig, 0, good), answer = connect_from(&rig, 0, good);
    wait_for_passed(&rig, 3);
    http_gate_request_is_whole(rig.gate, rig.passed[1]);
    http_gate_request_is_whole(rig.gate, rig.passed[2]);
    usleep(2 * ANSWER_MS * 1000); /* what takes us long takes nothing of the client's time */
    uint64_t ready_us = host_clock_us();
    http_gate_answer_is_ready(rig.gate, rig.passed[2]);
    read_to_end(answer, text, sizeof text, ready_us, &ms[1]);
    assert_true(ms[1] >= ANSWER_MS && ms[1] < LATE_MS);
    struct pollfd news = {.fd = forever, .events = POLLIN | POLLRDHUP};
    assert_int_equal(poll(&news, 1, 2 * (HEAD_MS + BODY_MS)), 0);
    assert_int_equal(send(rig.passed[1], "still", 5, MSG_NOSIGNAL), 5);
    assert_int_equal(recv(forever, text, 5, 0), 5);
    close(body);
    close(answer);
    close(forever);
    end(&rig);
}

static int status_of(int fd)
{
    char text[1000];
    double ms;
    int status = 0;
    read_to_end(fd, text, sizeof text, host_clock_us(), &ms);
    return sscanf(text, "HTTP/1.1 %d ", &status) == 1 ? status : 0;
}

/* Let in: sixteen of one address, sixty-four of all, and the next one is told so. */
static void the_house_is_full_at_sixty_four(void **state)
{
    (void)state;
    struct rig rig;
    int fd[HTTP_GATE_CONNECTIONS], n = 0;
    begin(&rig);
    for (unsigned host = 0; host < 4; host++) {
        for (int i = 0; i < HTTP_GATE_OF_ONE_ADDRESS; i++) {
            fd[n++] = connect_from(&rig, host, good);
            wait_for_passed(&rig, n);
            http_gate_request_is_whole(rig.gate, rig.passed[n - 1]);
        }
        int more = connect_from(&rig, host, good);
        assert_int_equal(status_of(more), 503);
        close(more);
    }
    int stranger = connect_from(&rig, 9, good);
    assert_int_equal(status_of(stranger), 503);
    close(stranger);
    assert_int_equal(http_gate_numbers(rig.gate).open, HTTP_GATE_CONNECTIONS);
    http_gate_closed(rig.gate, rig.passed[0]); /* one goes, one comes */
    close(rig.passed[0]);
    stranger = connect_from(&rig, 9, "GET /none HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
    assert_int_equal(status_of(stranger), 403);
    close(stranger);
    rig.passed[0] = rig.passed[--rig.n_passed];
    for (int i = 0; i < n; i++)
        close(fd[i]);
    end(&rig);
}

/* Live streams have no end: twelve of one address, forty-eight of all, and a command gets in still.
 */
static void streams_leave_room_for_a_command(void **state)
{
    (void)state;
    struct rig rig;
    int fd[HTTP_GATE_STREAMS + 5], n = 0;
    begin(&rig);
    for (unsigned host = 0; host < 4; host++) {
        for (int i = 0; i < HTTP_GATE_STREAMS_OF_ONE_ADDRESS; i++) {
            fd[n++] = connect_from(&rig, host, stream);
            wait_for_passed(&rig, n);
        }
        int more = connect_from(&rig, host, stream);
        assert_int_equal(status_of(more), 503);
        close(more);
    }
    int elsewhere = connect_from(&rig, 9, stream);
    assert_int_equal(status_of(elsewhere), 503);
    close(elsewhere);
    for (unsigned host = 0; host < 5; host++) {
        fd[n++] = connect_from(&rig, host, good);
        wait_for_passed(&rig, n);
    }
    for (int i = 0; i < n; i++)
        close(fd[i]);
    end(&rig);
}

/* Idle ones keep nobody out: the oldest goes, and the newest is served. */
static void idle_ones_give_way(void **state)
{
    (void)state;
    struct rig rig;
    int idle[HTTP_GATE_OF_ONE_ADDRESS];
    char text[1000];
    double ms;
    begin(&rig);
    uint64_t began_us = host_clock_us();
    for (int i = 0; i < HTTP_GATE_OF_ONE_ADDRESS; i++)
        idle[i] = connect_from(&rig, 0, "G");
    int fd = connect_from(&rig, 0, good);
    wait_for_passed(&rig, 1);
    assert_int_equal(
        http_gate_numbers(rig.gate).crowded_out + http_gate_numbers(rig.gate).dripped > 0, 1);
    size_t said = read_to_end(idle[0], text, sizeof text, began_us, &ms);
    assert_true(said == 0 || strstr(text, " 408 ")); /* on a slow machine its time was over */
    for (int i = 0; i < HTTP_GATE_OF_ONE_ADDRESS; i++)
        close(idle[i]);
    close(fd);
    end(&rig);
}

static void without_memory_there_is_no_gate(void **state)
{
    (void)state;
    struct problem why = {0};
    const struct http_rules rules = {0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    failing_malloc_at(1);
    assert_null(http_gate_create(&fd, 1, &rules, &http_gate_usual_times, &why));
    assert_int_equal(failing_malloc_off(), 1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_int_equal(close(fd), -1); /* it was taken over all the same */
    assert_int_equal(http_gate_usual_times.head_ms, 5000);
    assert_int_equal(http_gate_usual_times.body_ms, 10000);
    assert_int_equal(http_gate_usual_times.answer_ms, 120000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_shows_no_head_is_cut_off),
        cmocka_unit_test(body_and_answer_have_their_times_and_a_stream_has_all),
        cmocka_unit_test(the_house_is_full_at_sixty_four),
        cmocka_unit_test(streams_leave_room_for_a_command),
        cmocka_unit_test(idle_ones_give_way),
        cmocka_unit_test(without_memory_there_is_no_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
