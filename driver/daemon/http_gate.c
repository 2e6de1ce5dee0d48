/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/http_gate.h"

#include "driver/clock.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TICK_MS = 100, LINGER_MS = 1000, EVENTS = 32, STOP = -1 };

const struct http_gate_times http_gate_usual_times = {5000, 10000, 120000};

enum stage { FREE, HEAD, LINGERING, PASSED };

struct visitor {
    enum stage stage;
    int fd;
    uint8_t address[16];
    struct sockaddr_storage from;
    socklen_t n_from;
    uint64_t since_us, until_us; /* until_us 0 = no end */
    int is_stream;               /* has no end, and holds its place */
    int cut;                     /* its end has come: shut down, not yet closed */
};

struct http_gate {
    int listening[HTTP_GATE_SOCKETS_MAX], n_listening;
    int epoll, stop_fd;
    struct http_rules rules;
    struct http_gate_times times;
    http_gate_pass *pass;
    void *context;
    pthread_t thread;
    int runs;
    pthread_mutex_t lock; /* visitors and numbers */
    struct visitor visitors[HTTP_GATE_CONNECTIONS];
    struct http_gate_numbers numbers;
};

/* --- Visitors -------------------------------------------------------------------------------- */

/* IPv4 in the last four bytes; what has no address (a unix socket) is one address. */
static void address_of(const struct sockaddr_storage *from, uint8_t address[16])
{
    memset(address, 0, 16);
    if (from->ss_family == AF_INET)
        memcpy(address + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    else if (from->ss_family == AF_INET6)
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
}

static void forget(struct http_gate *gate, struct visitor *visitor)
{
    close(visitor->fd);
    visitor->stage = FREE;
    gate->numbers.open--;
}

static struct visitor *visitor_of(struct http_gate *gate, int fd)
{
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++)
        if (gate->visitors[i].stage != FREE && gate->visitors[i].fd == fd)
            return &gate->visitors[i];
    return NULL;
}

/* The one that has waited longest without a judged head, of this address (NULL = of any). */
static struct visitor *oldest_waiting(struct http_gate *gate, const uint8_t *address)
{
    struct visitor *oldest = NULL;
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++) {
        struct visitor *v = &gate->visitors[i];
        int waits = v->stage == HEAD || v->stage == LINGERING;
        if (waits && (!address || !memcmp(v->address, address, 16)) &&
            (!oldest || v->since_us < oldest->since_us))
            oldest = v;
    }
    return oldest;
}

static int count_of(const struct http_gate *gate, const uint8_t address[16])
{
    int n = 0;
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++)
        n += gate->visitors[i].stage != FREE && !memcmp(gate->visitors[i].address, address, 16);
    return n;
}

/* Of this address; NULL = of any. */
static int streams_of(const struct http_gate *gate, const uint8_t *address)
{
    int n = 0;
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++) {
        const struct visitor *v = &gate->visitors[i];
        n += v->stage == PASSED && v->is_stream && (!address || !memcmp(v->address, address, 16));
    }
    return n;
}

static struct visitor *free_place(struct http_gate *gate, const uint8_t address[16])
{
    struct visitor *gives_way = NULL;
    int is_full = 0;
    if (count_of(gate, address) >= HTTP_GATE_OF_ONE_ADDRESS) {
        gives_way = oldest_waiting(gate, address);
        is_full = !gives_way;
    } else if (gate->numbers.open >= HTTP_GATE_CONNECTIONS) {
        gives_way = oldest_waiting(gate, NULL);
        is_full = !gives_way;
    }
    if (gives_way) {
        gate->numbers.crowded_out++;
        forget(gate, gives_way);
    }
    for (int i = 0; i < HTTP_GATE_CONNECTIONS && !is_full; i++)
        if (gate->visitors[i].stage == FREE)
            return &gate->visitors[i];
    return NULL;
}

/* --- Answers of the gate --------------------------------------------------------------------- */

static const char *status_words(int status)
{
    static const struct {
        int status;
        const char *words;
    } known[] = {{400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {405, "Method Not Allowed"},
                 {408, "Request Timeout"},
                 {411, "Length Required"},
                 {413, "Content Too Large"},
                 {414, "URI Too Long"},
                 {415, "Unsupported Media Type"},
                 {417, "Expectation Failed"},
                 {431, "Request Header Fields Too Large"},
                 {503, "Service Unavailable"},
                 {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status)
            return known[i].words;
    return "Refused";
}

/* What a page does not send has none. */
static const char *code_of(int status)
{
    return status == 401   ? problem_code_name(PROBLEM_CODE_LOCKED)
           : status == 503 ? problem_code_name(PROBLEM_CODE_CROWDED)
                           : NULL;
}

/* Best effort: a socket that takes nothing at once gets no answer. */
static void answer(int fd, int status, const char *reason)
{
    const char *code = code_of(status);
    char body[400], text[900];
    int n_body = snprintf(body, sizeof body,
                          "{\"schema\": \"tenderfoot/problem/1\", \"problem\": \"%s\", "
                          "\"code\": %s%s%s}\n",
                          reason, code ? "\"" : "", code ? code : "null", code ? "\"" : "");
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                     "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
                     "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"
                     "%sConnection: close\r\n\r\n%s",
                     status, status_words(status), n_body,
                     status == 405 ? "Allow: GET, HEAD, POST\r\n" : "", body);
    if (send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        return;
    shutdown(fd, SHUT_WR);
}

/* What is still under way is read and thrown away for a moment: closing at once would reset the
 * connection and take our answer with it. */
static void refuse(struct http_gate *gate, struct visitor *visitor, int status, const char *reason)
{
    answer(visitor->fd, status, reason);
    gate->numbers.refused++;
    visitor->stage = LINGERING;
    visitor->until_us = host_clock_us() + LINGER_MS * 1000u;
}

static void linger(struct http_gate *gate, struct visitor *visitor)
{
    char thrown[4096];
    ssize_t n;
    while ((n = recv(visitor->fd, thrown, sizeof thrown, MSG_DONTWAIT)) > 0)
        ;
    if (n == 0 || errno != EAGAIN)
        forget(gate, visitor);
}

/* --- Heads ----------------------------------------------------------------------------------- */

/* Handed over outside of the lock: the library may tell of its end at once. */
static void hand_over(struct http_gate *gate, struct visitor *visitor)
{
    int fd = visitor->fd;
    struct sockaddr_storage from = visitor->from;
    socklen_t n_from = visitor->n_from;
    epoll_ctl(gate->epoll, EPOLL_CTL_DEL, fd, NULL);
    visitor->stage = PASSED;
    visitor->until_us = host_clock_us() + gate->times.body_ms * 1000u;
    gate->numbers.passed++;
    pthread_mutex_unlock(&gate->lock);
    int bad = gate->pass(gate->context, fd, (struct sockaddr *)&from, n_from);
    pthread_mutex_lock(&gate->lock);
    visitor = bad ? visitor_of(gate, fd) : NULL;
    if (!visitor)
        return;
    visitor->stage = FREE;
    gate->numbers.open--;
}

static int is_stream(const struct http_head *head)
{
    static const char live[] = "/live";
    size_t n = strlen(head->path), n_live = sizeof live - 1;
    return n >= n_live && !strcmp(head->path + n - n_live, live);
}

static int leaves_no_room(const struct http_gate *gate, const struct visitor *visitor)
{
    return visitor->is_stream &&
           (streams_of(gate, visitor->address) >= HTTP_GATE_STREAMS_OF_ONE_ADDRESS ||
            streams_of(gate, NULL) >= HTTP_GATE_STREAMS);
}

static void look_at_head(struct http_gate *gate, struct visitor *visitor)
{
    char bytes[HTTP_HEAD_MAX];
    struct http_head head;
    const char *reason;
    ssize_t n = recv(visitor->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        forget(gate, visitor);
        return;
    }
    int status = http_head_judge(bytes, (size_t)n, &gate->rules, &head, &reason);
    visitor->is_stream = status == 200 && is_stream(&head);
    if (leaves_no_room(gate, visitor))
        refuse(gate, visitor, 503, "too many windows show the live picture: close one");
    else if (status == 200)
        hand_over(gate, visitor);
    else if (status)
        refuse(gate, visitor, status, reason);
}

static void meet(struct http_gate *gate, int fd, const struct sockaddr_storage *from,
                 socklen_t n_from)
{
    uint8_t address[16];
    address_of(from, address);
    gate->numbers.accepted++;
    struct visitor *visitor = free_place(gate, address);
    if (!visitor) {
        answer(fd, 503, "there are too many connections");
        gate->numbers.refused++;
        close(fd);
        return;
    }
    uint64_t now_us = host_clock_us();
    *visitor = (struct visitor){.stage = HEAD,
                                .fd = fd,
                                .from = *from,
                                .n_from = n_from,
                                .since_us = now_us,
                                .until_us = now_us + gate->times.head_ms * 1000u};
    memcpy(visitor->address, address, 16);
    gate->numbers.open++;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.fd = fd};
    if (epoll_ctl(gate->epoll, EPOLL_CTL_ADD, fd, &event))
        forget(gate, visitor);
    else
        look_at_head(gate, visitor);
}

static void accept_all(struct http_gate *gate, int listening)
{
    for (;;) {
        struct sockaddr_storage from = {0};
        socklen_t n_from = sizeof from;
        int fd =
            accept4(listening, (struct sockaddr *)&from, &n_from, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
            usleep(10000); /* the socket stays readable: not in a circle at full speed */
        if (fd < 0)
            return;
        meet(gate, fd, &from, n_from);
    }
}

/* --- Time ------------------------------------------------------------------------------------ */

void http_gate_leave_nothing(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static void end_time(struct http_gate *gate, struct visitor *visitor)
{
    if (visitor->stage == PASSED) {
        if (!visitor->cut) {
            http_gate_leave_nothing(visitor->fd);
            shutdown(visitor->fd, SHUT_RDWR); /* the library finds out and tells */
        }
        visitor->cut = 1;
        return;
    }
    if (visitor->stage == HEAD) {
        gate->numbers.dripped++;
        answer(visitor->fd, 408, "the head of the request did not come in time");
    }
    forget(gate, visitor);
}

static void look_at_the_time(struct http_gate *gate)
{
    uint64_t now_us = host_clock_us();
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++) {
        struct visitor *v = &gate->visitors[i];
        if (v->stage != FREE && v->until_us && now_us >= v->until_us)
            end_time(gate, v);
    }
}

/* --- The thread ------------------------------------------------------------------------------ */

static int is_listening(const struct http_gate *gate, int fd)
{
    for (int i = 0; i < gate->n_listening; i++)
        if (gate->listening[i] == fd)
            return 1;
    return 0;
}

static void take_event(struct http_gate *gate, int fd)
{
    if (is_listening(gate, fd)) {
        accept_all(gate, fd);
        return;
    }
    struct visitor *visitor = visitor_of(gate, fd);
    if (visitor && visitor->stage == HEAD)
        look_at_head(gate, visitor);
    else if (visitor && visitor->stage == LINGERING)
        linger(gate, visitor);
}

static void *run(void *context)
{
    struct http_gate *gate = context;
    int wait_ms = -1;
    for (;;) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(gate->epoll, events, EVENTS, wait_ms);
        pthread_mutex_lock(&gate->lock);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == gate->stop_fd) {
                pthread_mutex_unlock(&gate->lock);
                return NULL;
            }
            take_event(gate, events[i].data.fd);
        }
        look_at_the_time(gate);
        wait_ms = gate->numbers.open ? TICK_MS : -1;
        pthread_mutex_unlock(&gate->lock);
    }
}

static int watch(struct http_gate *gate, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(gate->epoll, EPOLL_CTL_ADD, fd, &event);
}

struct http_gate *http_gate_create(const int *listening, int n_listening,
                                   const struct http_rules *rules,
                                   const struct http_gate_times *times, struct problem *why)
{
    struct http_gate *gate = calloc(1, sizeof *gate);
    if (!gate || n_listening > HTTP_GATE_SOCKETS_MAX) {
        problem_no_memory(why, "the HTTP gate");
        free(gate);
        for (int i = 0; i < n_listening; i++)
            close(listening[i]);
        return NULL;
    }
    pthread_mutex_init(&gate->lock, NULL);
    gate->rules = *rules;
    gate->times = *times;
    gate->n_listening = n_listening;
    memcpy(gate->listening, listening, (size_t)n_listening * sizeof *listening);
    gate->epoll = epoll_create1(EPOLL_CLOEXEC);
    gate->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int bad = gate->epoll < 0 || gate->stop_fd < 0 || watch(gate, gate->stop_fd);
    for (int i = 0; i < n_listening && !bad; i++)
        bad = watch(gate, listening[i]);
    if (!bad)
        return gate;
    problem(why, PROBLEM_FAILED, "the HTTP gate: %s", strerror(errno));
    http_gate_free(gate);
    return NULL;
}

int http_gate_run(struct http_gate *gate, http_gate_pass *pass, void *context, struct problem *why)
{
    gate->pass = pass;
    gate->context = context;
    if (pthread_create(&gate->thread, NULL, run, gate))
        return problem(why, PROBLEM_FAILED, "the HTTP gate's thread cannot be started");
    gate->runs = 1;
    return 0;
}

void http_gate_stop(struct http_gate *gate)
{
    uint64_t one = 1;
    if (!gate || !gate->runs)
        return;
    while (write(gate->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    pthread_join(gate->thread, NULL);
    gate->runs = 0;
    pthread_mutex_lock(&gate->lock);
    for (int i = 0; i < HTTP_GATE_CONNECTIONS; i++) {
        struct visitor *v = &gate->visitors[i];
        if (v->stage == PASSED)
            shutdown(v->fd, SHUT_RDWR);
        else if (v->stage != FREE)
            forget(gate, v);
    }
    pthread_mutex_unlock(&gate->lock);
}

void http_gate_free(struct http_gate *gate)
{
    if (!gate)
        return;
    http_gate_stop(gate);
    for (int i = 0; i < gate->n_listening; i++)
        close(gate->listening[i]);
    if (gate->epoll >= 0)
        close(gate->epoll);
    if (gate->stop_fd >= 0)
        close(gate->stop_fd);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

/* --- Of those handed over -------------------------------------------------------------------- */

static void set_end(struct http_gate *gate, int fd, uint64_t until_us)
{
    pthread_mutex_lock(&gate->lock);
    struct visitor *visitor = visitor_of(gate, fd);
    if (visitor && visitor->stage == PASSED)
        visitor->until_us = until_us;
    pthread_mutex_unlock(&gate->lock);
}

void http_gate_request_is_whole(struct http_gate *gate, int fd)
{
    set_end(gate, fd, 0);
}

void http_gate_answer_is_ready(struct http_gate *gate, int fd)
{
    set_end(gate, fd, host_clock_us() + gate->times.answer_ms * 1000u);
}

void http_gate_closed(struct http_gate *gate, int fd)
{
    pthread_mutex_lock(&gate->lock);
    struct visitor *visitor = visitor_of(gate, fd);
    if (visitor && visitor->stage == PASSED) {
        visitor->stage = FREE; /* the library closes it */
        gate->numbers.open--;
    }
    pthread_mutex_unlock(&gate->lock);
}

struct http_gate_numbers http_gate_numbers(struct http_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    struct http_gate_numbers numbers = gate->numbers;
    pthread_mutex_unlock(&gate->lock);
    return numbers;
}
