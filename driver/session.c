/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/session.h"

#include "driver/recording_header.h"
#include "driver/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWER_US 10000000u  /* the longest a command may take (TARE, SELF_TEST) */
#define STOP_US 1000000u     /* the longest that an end may take */
#define ASK_AGAIN_US 500000u /* an unanswered command is repeated */
#define LOOK_UP_US 250000u   /* how often silence is noticed while nothing comes */
#define STALL_US 2250000u    /* silence after which START is repeated: noticed within 2.5 s */
#define LOST_US 5000000u     /* silence after which the plate is lost */
#define WAKE_AGAIN_US 1000000u
#define RESTART_AGAIN_US 200000u /* of a plate that has just come back */

static int interrupted(struct session *session, struct problem *why)
{
    session->result->interrupted = 1;
    session->stop_fd = -1;
    return problem(why, PROBLEM_FAILED, "interrupted before the first frame; nothing was recorded");
}

/* --- Commands -------------------------------------------------------------------------------- */

static int is_ack_of(const struct host_link_item *item, const struct wire_command *command,
                     struct wire_ack *ack)
{
    return item->bytes && item->message.type == WIRE_ACK &&
           !wire_get_ack(item->message.payload, item->message.payload_len, ack) &&
           ack->request == command->request;
}

static int no_answer(const struct session *session, const char *what, struct problem *why)
{
    return problem(why, PROBLEM_DEVICE_LOST, "the plate at %s does not answer the command %s",
                   session->options->uri, what);
}

/* Gives a command and waits for its end; all else that comes meanwhile is taken. */
static int ask(struct session *session, uint8_t type, struct wire_command *command,
               const char *what, uint64_t longest_us, struct wire_ack *ack, struct problem *why)
{
    uint64_t again_us = 0, end_us = host_clock_us() + longest_us;
    for (;;) {
        uint64_t now_us = host_clock_us();
        if (now_us >= end_us)
            return no_answer(session, what, why);
        if (now_us >= again_us) {
            again_us = now_us + ASK_AGAIN_US;
            if (host_link_command(session->link, type, command, why))
                return -1;
        }
        struct host_link_item item;
        uint64_t wait_us = again_us < end_us ? again_us : end_us;
        enum host_link_news news =
            host_link_next(session->link, wait_us, session->stop_fd, &item, why);
        if (news == HOST_LINK_LEFT)
            return -1;
        if (news == HOST_LINK_STOP)
            return interrupted(session, why);
        if (news == HOST_LINK_QUIET)
            continue;
        if (session_take(session, &item, why))
            return -1;
        if (!is_ack_of(&item, command, ack) || ack->status == WIRE_RUNNING)
            continue;
        return ack->status == WIRE_OK ? 0 : host_link_ack_problem(session->link, ack, what, why);
    }
}

/* --- Before the first frame ------------------------------------------------------------------ */

/* Better told before the person steps on the plate than after. */
static int check_path(const char *path, struct problem *why)
{
    struct stat there;
    if (lstat(path, &there))
        return 0;
    return problem(why, PROBLEM_FAILED,
                   "%s exists already and recordings are never overwritten; give another name",
                   path);
}

/* The header's bounds, asked before anybody waits for a tare. */
static int check_client(const char *client, struct problem *why)
{
    struct recording_header *header = NULL;
    if (client && strlen(client) >= sizeof header->client)
        return problem(why, PROBLEM_USAGE, "the client's label is longer than %zu bytes",
                       sizeof header->client - 1);
    return 0;
}

static int load_calibration(struct session *session, struct problem *why)
{
    const char *path = session->options->calibration;
    if (!path)
        return 0;
    session->calibration =
        calibration_load(path, &session->calibration_bytes, &session->n_calibration, why);
    return session->calibration ? 0 : -1;
}

static int check_rate(const struct session *session, struct problem *why)
{
    const struct wire_hello *plate = &session->hello;
    unsigned rate_hz = session->options->rate_hz;
    if (!rate_hz || (rate_hz >= plate->rate_min_hz && rate_hz <= plate->rate_max_hz))
        return 0;
    return problem(why, PROBLEM_USAGE, "the plate at %s makes %u to %u frames a second, not %u",
                   session->options->uri, plate->rate_min_hz, plate->rate_max_hz, rate_hz);
}

static int introduce(struct session *session, struct problem *why)
{
    const struct session_leader *leader = session->options->leader;
    struct session_plate plate = {.hello = &session->hello,
                                  .calibration = session->calibration,
                                  .is_one_way = host_link_is_one_way(session->link)};
    const struct session_ear *ear = session->options->ear;
    if (ear && ear->meet)
        ear->meet(ear->context, &plate);
    if (leader && leader->meet && leader->meet(leader->context, &plate, why))
        return -1;
    session->has_met = leader != NULL;
    return 0;
}

static int check_plate(struct session *session, struct problem *why)
{
    const struct wire_hello *plate = &session->hello;
    if (check_rate(session, why))
        return -1;
    if (session->calibration &&
        calibration_check(session->calibration, plate->serial, plate->rows, plate->cols, why))
        return -1;
    if (session_check_header(session, why) || introduce(session, why))
        return -1;
    if (!session->options->progress)
        return 0;
    session->live = live_numbers_create(plate, session->calibration, why);
    return session->live ? 0 : -1;
}

/* STOP first: it finds out whether the plate is free, and ends what an earlier host that died has
 * left running. HELLO again after the tare: from its scan number on, every frame is ours. */
static int start_plate(struct session *session, struct problem *why)
{
    struct wire_command stop = {0}, tare = {0}, hello = {0}, start = {0};
    struct wire_ack ack;
    hello.as.hello.protocol_min = hello.as.hello.protocol_max = WIRE_VERSION << 8;
    start.as.start.rate_hz = (uint16_t)session->options->rate_hz;
    start.as.start.flags = session->options->ungated ? WIRE_START_UNGATED : 0;
    if (ask(session, WIRE_CMD_STOP, &stop, "STOP", ANSWER_US, &ack, why))
        return -1;
    if (!session->options->keep_zero) {
        if (ask(session, WIRE_CMD_TARE, &tare, "TARE", ANSWER_US, &ack, why))
            return -1;
        session->result->masked_cells = ack.detail;
    }
    if (ask(session, WIRE_CMD_HELLO, &hello, "HELLO", ANSWER_US, &ack, why) ||
        ask(session, WIRE_CMD_START, &start, "START", ANSWER_US, &ack, why))
        return -1;
    return session_store_begin(session, ack.detail ? ack.detail : session->hello.rate_hz, why);
}

static int meet_plate(struct session *session, struct problem *why)
{
    struct host_link_item item;
    struct wire_hello hello;
    if (!session->link)
        session->link = host_link_open(session->options->uri, why);
    const struct session_ear *ear = session->options->ear;
    if (session->link && ear && ear->turn)
        host_link_on_turn(session->link, ear->turn, ear->context);
    if (!session->link ||
        host_link_hello(session->link, host_link_patience_ms(session->link), session->stop_fd,
                        &item, &hello, why) ||
        session_take(session, &item, why) || check_plate(session, why))
        return -1;
    if (host_link_is_one_way(session->link))
        return session_store_begin(session, session->hello.rate_hz, why);
    return start_plate(session, why);
}

/* --- While frames come ----------------------------------------------------------------------- */

int session_start(struct session *session, struct problem *why)
{
    struct wire_command start = {0};
    start.as.start.rate_hz = (uint16_t)session->result->rate_hz;
    start.as.start.flags = session->options->ungated ? WIRE_START_UNGATED : 0;
    session->woken_us = host_clock_us();
    session->is_idle = session->has_rebooted = 0;
    return host_link_command(session->link, WIRE_CMD_START, &start, why);
}

/* Asks the plate who it is now and to go on. Both are idempotent; the answers come as messages. */
static int wake(struct session *session, struct problem *why)
{
    struct wire_command hello = {0};
    hello.as.hello.protocol_min = WIRE_VERSION << 8;
    hello.as.hello.protocol_max = WIRE_VERSION << 8 | WIRE_VERSION_MINOR;
    return host_link_command(session->link, WIRE_CMD_HELLO, &hello, why) ||
                   session_start(session, why)
               ? -1
               : 0;
}

/* Silent for good: a plate that can come back is counted as gone, so that it is opened anew. */
static int give_up(struct session *session, uint64_t silent_us, struct problem *why)
{
    const struct session_options *options = session->options;
    double silent_s = (double)silent_us * 1e-6;
    if (!(options->wait_s > 0) || !host_link_can_rejoin(session->link))
        return problem(why, PROBLEM_DEVICE_LOST,
                       "the plate at %s has sent no frame for %.1f s; what came before is in %s",
                       options->uri, silent_s, options->path);
    problem(why, PROBLEM_DEVICE_LOST, "the plate at %s has sent no frame for %.1f s", options->uri,
            silent_s);
    host_link_give_up(session->link, why);
    return 0;
}

static int check_silence(struct session *session, struct problem *why)
{
    int one_way = host_link_is_one_way(session->link);
    uint64_t now_us = host_clock_us(), silent_us = now_us - session->frame_host_us;
    uint64_t lost_us = one_way ? (uint64_t)host_link_patience_ms(session->link) * 1000u : LOST_US;
    if (silent_us >= lost_us)
        return give_up(session, silent_us, why);
    int is_first = session->woken_us < session->frame_host_us; /* since the last frame */
    int is_stall = silent_us >= STALL_US, is_back = session->is_away;
    if (one_way || !(is_stall || is_back || session->is_idle || session->has_rebooted))
        return 0;
    if (now_us - session->woken_us < (is_back ? RESTART_AGAIN_US : WAKE_AGAIN_US))
        return 0;
    if (is_stall && now_us - session->nudged_us >= WAKE_AGAIN_US) {
        session->nudged_us = now_us;
        host_link_nudge(session->link);
    }
    if (is_back)
        return session_start(session, why);
    session->result->stalls += (unsigned)(is_first && !session->has_rebooted);
    return wake(session, why);
}

static int stopped(struct session *session)
{
    session->result->interrupted = 1;
    session->stop_fd = -1;
    return 0;
}

static uint64_t look_up_us(const struct session *session)
{
    return session->is_away ? RESTART_AGAIN_US : LOOK_UP_US;
}

/* Until the seconds or the visit are over (0), the user stops (0), or something ends it (-1). */
static int run(struct session *session, struct problem *why)
{
    while (!session->is_full && !session->visit_is_over) {
        struct host_link_item item;
        struct problem left;
        int back = 0;
        switch (host_link_next(session->link, host_clock_us() + look_up_us(session),
                               session->stop_fd, &item, &left)) {
        case HOST_LINK_LEFT:
            back = session_await_plate(session, &left, why);
            if (back < 0)
                return -1;
            if (!back)
                return stopped(session);
            break;
        case HOST_LINK_STOP:
            return stopped(session);
        case HOST_LINK_QUIET:
            if (session_idle(session, why))
                return -1;
            break;
        default:
            if (session_take(session, &item, why))
                return -1;
        }
        if (check_silence(session, why))
            return -1;
    }
    return 0;
}

/* Leaves the plate at rest. After a stop by the user all that it still sends is kept, its last
 * STATUS among it, which makes the count of lost frames exact to the end. */
static void stop_plate(struct session *session)
{
    struct wire_command stop = {0};
    struct wire_ack ack;
    struct problem ignored;
    session->stop_fd = -1;
    if (session->link && session->n_hello && !host_link_is_one_way(session->link))
        ask(session, WIRE_CMD_STOP, &stop, "STOP", STOP_US, &ack, &ignored);
}

static void release(struct session *session, int is_gone)
{
    struct host_link **back = session->options->link_back;
    if (session->link)
        snprintf(session->result->notice, sizeof session->result->notice, "%s",
                 host_link_notice(session->link));
    if (back)
        *back = is_gone ? NULL : session->link;
    if (!back || is_gone)
        host_link_close(session->link);
    live_numbers_free(session->live);
    calibration_free(session->calibration);
    free(session->calibration_bytes);
    free(session->early);
}

int session_record(const struct session_options *options, struct session_result *result,
                   struct problem *why)
{
    struct session session = {
        .options = options, .result = result, .link = options->link, .stop_fd = options->stop_fd};
    memset(result, 0, sizeof *result);
    sequence_init(&result->frames);
    int bad = check_path(options->path, why) || check_client(options->client, why) ||
              load_calibration(&session, why) || meet_plate(&session, why) || run(&session, why);
    if (bad && why->kind != PROBLEM_DEVICE_LOST)
        session.is_full = 1; /* the file has failed, or there is none */
    if (!bad || why->kind != PROBLEM_DEVICE_LOST)
        stop_plate(&session);
    struct problem at_end;
    if (session_store_end(&session, &at_end) && !bad) {
        *why = at_end;
        bad = 1;
    }
    release(&session, bad && why->kind == PROBLEM_DEVICE_LOST);
    return bad ? -1 : 0;
}
