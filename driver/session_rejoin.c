/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate that leaves in mid-recording is waited for: its transport is asked whether that very
 * plate is there again, then the plate itself who it is, and then it is told to go on. */
#include "driver/session_private.h"

#include <poll.h>

#define ASK_US 1000000u  /* a transport that says nothing is asked so often all the same */
#define PAUSE_US 100000u /* and one that says much is asked no more often than this */
#define LOOK_UP_US 250000u
enum { GREETING_MS = 1000 };

static void begin_absence(struct session *session, const struct problem *left)
{
    uint64_t wait_us = (uint64_t)(session->options->wait_s * 1e6);
    if (session->is_away)
        return; /* it was back, but no frame came: the same absence goes on */
    session->is_away = 1;
    session->away_us = host_clock_us();
    session->back_by_us = session->away_us + wait_us;
    session->left = *left;
    session->hindrance.kind = PROBLEM_NONE;
    session->progress_us = 0;
}

static int not_back(const struct session *session, struct problem *why)
{
    const struct session_options *options = session->options;
    const struct problem *hindrance = &session->hindrance;
    if (hindrance->kind != PROBLEM_NONE)
        return problem(why, PROBLEM_DEVICE_LOST,
                       "the plate has left and does not go on after %g s: %s; what came before is "
                       "in %s",
                       options->wait_s, hindrance->text, options->path);
    return problem(why, PROBLEM_DEVICE_LOST,
                   "%s and is not back after %g s; what came before is in %s", session->left.text,
                   options->wait_s, options->path);
}

/* It says who it is: the same plate is told to go on. A gap in its count of scans is frames lost,
 * another boot is a restart; both follow from this HELLO, which the file keeps. */
static int go_on(struct session *session, const struct host_link_item *hello, struct problem *why)
{
    if (session_take(session, hello, why))
        return -1;
    session->frame_host_us = host_clock_us(); /* silence counts from here */
    return session_start(session, why);
}

enum outcome { LOST = -1, STOPPED, BACK, AWAY };

static enum outcome meet_again(struct session *session, struct problem *why)
{
    while (host_clock_us() < session->back_by_us) {
        struct host_link_item item;
        struct wire_hello hello;
        switch (host_link_hello_again(session->link, GREETING_MS, session->stop_fd, &item, &hello,
                                      why)) {
        case HOST_LINK_GREETED:
            return go_on(session, &item, why) ? LOST : BACK;
        case HOST_LINK_INTERRUPTED:
            return STOPPED;
        case HOST_LINK_GONE:
            return AWAY;
        case HOST_LINK_REFUSED:
            if (why->kind == PROBLEM_REFUSED)
                return LOST;
            session->hindrance = *why;
            return AWAY; /* busy: another program looks at it at the moment */
        case HOST_LINK_NO_ANSWER:
            session->hindrance = *why;
            host_link_nudge(session->link);
        }
        if (session_idle(session, why))
            return LOST;
    }
    return AWAY;
}

/* A transport that would have itself asked without end is given a pause. */
static int pause_until(const struct session *session, uint64_t until_us)
{
    struct pollfd stop = {.fd = session->stop_fd, .events = POLLIN};
    uint64_t now_us = host_clock_us();
    return now_us < until_us && poll(&stop, 1, (int)((until_us - now_us) / 1000 + 1)) > 0;
}

/* Until it is worth asking the transport again. */
static enum outcome wait_a_while(struct session *session, uint64_t asked_us, struct problem *why)
{
    uint64_t until_us = asked_us + ASK_US;
    if (until_us > session->back_by_us)
        until_us = session->back_by_us;
    for (uint64_t now_us; (now_us = host_clock_us()) < until_us;) {
        uint64_t look_up_us = now_us + LOOK_UP_US < until_us ? now_us + LOOK_UP_US : until_us;
        enum host_link_news news = host_link_wait_away(session->link, look_up_us, session->stop_fd);
        if (news == HOST_LINK_STOP)
            return STOPPED;
        if (session_idle(session, why))
            return LOST;
        if (news == HOST_LINK_MESSAGE)
            return pause_until(session, asked_us + PAUSE_US) ? STOPPED : AWAY;
    }
    return AWAY;
}

int session_await_plate(struct session *session, const struct problem *left, struct problem *why)
{
    enum outcome now = AWAY;
    if (left->kind != PROBLEM_DEVICE_LOST || !(session->options->wait_s > 0) ||
        !host_link_can_rejoin(session->link)) {
        *why = *left;
        return -1;
    }
    begin_absence(session, left);
    while (now == AWAY) {
        uint64_t asked_us = host_clock_us();
        if (asked_us >= session->back_by_us)
            return not_back(session, why);
        struct problem in_the_way = {0};
        int back = host_link_rejoin(session->link, &in_the_way);
        if (back < 0 || in_the_way.kind)
            session->hindrance = *why = in_the_way;
        if (back < 0)
            return -1;
        if (back)
            now = meet_again(session, why);
        if (now == AWAY)
            now = wait_a_while(session, asked_us, why);
    }
    return (int)now;
}
