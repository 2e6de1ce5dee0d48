/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/serve.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)
#define NS_PER_S INT64_C(1000000000)
#define PARTING_MS 3000  /* for the last bytes when the source has ended */
#define STEPS_AT_ONCE 64 /* between two looks at the hosts */
#define FOR_EVER (-INT64_C(1))
#define LOOK_AGAIN_NS INT64_C(20000)
#define LATE_NS (50 * NS_PER_MS)
#define MAKE_UP_SPEED 2 /* times the plate's clock */

struct server {
    struct host_plate *plate;
    const struct cable *cable;
    enum serve_pace pace;
    double at_most; /* fast pace: so many times real time; 0 = no bound */
    int stop_fd;
    /* real and bounded pace: the plate's clock was `anchor_us` at wall time anchor_ns; it stands
     * still while nothing is scanned, then a new anchor is taken */
    int is_anchored;
    uint64_t anchor_us;
    int64_t anchor_ns;
    uint64_t step_us; /* real pace: the last step by the plate's clock, and on the wall */
    int64_t step_ns;
};

static int64_t wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void heard(void *context, int link, const uint8_t *bytes, size_t n)
{
    const struct server *server = context;
    if (n > 0)
        server->plate->receive(server->plate->own, link, bytes, n);
    else
        server->plate->link_closed(server->plate->own, link);
}

/* No descriptor tells when a host has read: it is looked at again and again. */
static int is_ahead_of_leader(const struct server *server)
{
    const struct host_plate *plate = server->plate;
    const struct cable *cable = server->cable;
    return plate->is_led && plate->is_led(plate->own) && cable->has_unread &&
           cable->has_unread(cable->own);
}

/* From the anchor on, `speed` times as fast as the plate's clock; below 0: it is late. */
static int64_t until_due_ns(struct server *server, double speed)
{
    uint64_t next_us = server->plate->next_us(server->plate->own);
    int64_t now_ns = wall_ns();
    if (!server->is_anchored) {
        server->is_anchored = 1;
        server->anchor_us = next_us;
        server->anchor_ns = now_ns;
    }
    double since_ns =
        (double)((int64_t)next_us - (int64_t)server->anchor_us) * (double)NS_PER_US / speed;
    return server->anchor_ns + (int64_t)since_ns - now_ns;
}

/* When this computer did not run us for a while, what is overdue is made up for at this speed: at
 * once it would be a burst that no plate sends and no cable holds, and the host that reads as it
 * should would be told of frames that it had no time to take. */
static int64_t until_made_up_ns(const struct server *server)
{
    int64_t step_us = (int64_t)(server->plate->next_us(server->plate->own) - server->step_us);
    return server->step_ns + step_us * NS_PER_US / MAKE_UP_SPEED - wall_ns();
}

/* How long until the next step is wanted, ns; 0 = now, FOR_EVER = something else comes first. */
static int64_t until_step_ns(struct server *server)
{
    const struct host_plate *plate = server->plate;
    if (plate->fd >= 0 || !plate->is_scanning(plate->own)) {
        server->is_anchored = 0;
        server->step_ns = 0;
        return FOR_EVER;
    }
    if (server->pace == SERVE_FAST && plate->has_unsent(plate->own))
        return FOR_EVER;
    if (server->pace == SERVE_FAST && is_ahead_of_leader(server))
        return LOOK_AGAIN_NS;
    if (server->pace == SERVE_FAST && server->at_most <= 0)
        return 0;
    int64_t wait_ns = until_due_ns(server, server->pace == SERVE_FAST ? server->at_most : 1);
    if (server->pace == SERVE_FAST && wait_ns < -LATE_NS)
        server->is_anchored = 0; /* what was not kept up with is not made up for */
    if (server->pace == SERVE_REAL && wait_ns <= 0 && server->step_ns)
        wait_ns = until_made_up_ns(server);
    return wait_ns > 0 ? wait_ns : 0;
}

static int64_t sooner(int64_t a_ns, int64_t b_ns)
{
    return a_ns == FOR_EVER || (b_ns != FOR_EVER && b_ns < a_ns) ? b_ns : a_ns;
}

/* Waits for the hosts, the plate's own descriptor, the signal, or the time of the next step.
 * Returns 1 when the signal has come, -1 and *why when waiting fails. */
static int wait_for_something(const struct server *server, int64_t most_ns, struct problem *why)
{
    const struct host_plate *plate = server->plate;
    const struct cable *cable = server->cable;
    struct pollfd entries[CABLE_POLL_MAX + 2];
    size_t n = cable->poll(cable->own, entries, plate->has_unsent(plate->own));
    if (plate->fd >= 0)
        entries[n++] = (struct pollfd){.fd = plate->fd, .events = POLLIN};
    entries[n++] = (struct pollfd){.fd = server->stop_fd, .events = POLLIN};
    int patience_ms = cable->patience_ms(cable->own);
    most_ns = sooner(most_ns, patience_ms < 0 ? FOR_EVER : patience_ms * NS_PER_MS);
    struct timespec timeout = {.tv_sec = most_ns / NS_PER_S, .tv_nsec = most_ns % NS_PER_S};
    if (ppoll(entries, n, most_ns == FOR_EVER ? NULL : &timeout, NULL) < 0 && errno != EINTR)
        return problem(why, PROBLEM_FAILED, "waiting for the hosts failed: %s", strerror(errno));
    return server->stop_fd >= 0 && entries[n - 1].revents != 0;
}

static int plate_has_spoken(const struct host_plate *plate)
{
    struct pollfd entry = {.fd = plate->fd, .events = POLLIN};
    return plate->fd >= 0 && poll(&entry, 1, 0) > 0;
}

/* All steps that are due, up to a bound. 0 when the source has ended. */
static int make_steps(struct server *server)
{
    struct host_plate *plate = server->plate;
    if (plate->fd >= 0)
        return plate_has_spoken(plate) ? plate->step(plate->own) : 1;
    for (int i = 0; i < STEPS_AT_ONCE && until_step_ns(server) == 0; i++) {
        server->step_us = plate->next_us(plate->own);
        server->step_ns = server->pace == SERVE_REAL ? wall_ns() : 0;
        if (!plate->step(plate->own))
            return 0;
    }
    return 1;
}

/* What the hosts want, and a plate that lost its power with its host boots. */
static void serve_hosts(struct server *server)
{
    const struct cable *cable = server->cable;
    struct host_plate *plate = server->plate;
    cable->serve(cable->own, heard, server);
    if (cable->was_power_cut && cable->was_power_cut(cable->own) && plate->power_cycle)
        plate->power_cycle(plate->own);
    plate->flush(plate->own);
}

static int has_unsent(const struct server *server)
{
    const struct cable *cable = server->cable;
    return server->plate->has_unsent(server->plate->own) ||
           (cable->has_unsent && cable->has_unsent(cable->own));
}

/* The last words are given a moment to be taken. */
static void say_goodbye(struct server *server)
{
    struct host_plate *plate = server->plate;
    struct problem ignored;
    int64_t end_ns = wall_ns() + PARTING_MS * NS_PER_MS;
    plate->flush(plate->own);
    while (has_unsent(server) && server->cable->alive(server->cable->own) && wall_ns() < end_ns) {
        if (wait_for_something(server, 100 * NS_PER_MS, &ignored))
            return;
        serve_hosts(server);
    }
}

int serve(struct host_plate *plate, const struct cable *cable, enum serve_pace pace, double at_most,
          int stop_fd, struct problem *why)
{
    struct server server = {
        .plate = plate, .cable = cable, .pace = pace, .at_most = at_most, .stop_fd = stop_fd};
    while (cable->alive(cable->own)) {
        int stop = wait_for_something(&server, until_step_ns(&server), why);
        if (stop)
            return stop < 0 ? -1 : 0;
        serve_hosts(&server);
        if (!make_steps(&server)) {
            say_goodbye(&server);
            return 0;
        }
    }
    return 0;
}
