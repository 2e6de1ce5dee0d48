/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/host_link.h"

#include "driver/clock.h"
#include "driver/transport/transport.h"
#include "firmware/wire/problem_code.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Twice the largest message, so that a read has room while one is awaited. */
#define BUFFER_SIZE (2 * WIRE_MESSAGE_MAX)
enum { OUTBOX_SIZE = 65536, RETRY_WRITE_MS = 5, FIRST_BYTES = 12, TURN_MS = 1000 };

struct host_link {
    struct transport *transport;
    char *uri;
    struct wire_stream stream;
    uint64_t host_us;        /* of the last read */
    uint64_t damage_told;    /* damaged bytes that were given as items */
    struct wire_message bad; /* header of the damaged message in hand */
    int has_bad;
    struct wire_message held; /* a message that waits behind the damage before it */
    enum host_link_news held_as;
    int has_held, has_left;
    struct problem left;
    uint8_t outbox[OUTBOX_SIZE];
    size_t n_out;
    uint32_t last_request;
    void (*turn)(void *context); /* see host_link_on_turn */
    void *turn_context;
    uint8_t first[FIRST_BYTES]; /* what the plate said first, for messages */
    size_t n_first;
};

struct host_link *host_link_over(struct transport *transport, struct problem *why)
{
    struct host_link *link = calloc(1, sizeof *link);
    uint8_t *buffer = malloc(BUFFER_SIZE);
    char *name = strdup(transport_name(transport));
    if (!link || !buffer || !name) {
        problem_no_memory(why, "a link to the plate");
        free(link);
        free(buffer);
        free(name);
        transport_close(transport);
        return NULL;
    }
    *link = (struct host_link){.transport = transport, .uri = name};
    wire_stream_init(&link->stream, buffer, BUFFER_SIZE);
    return link;
}

struct host_link *host_link_open(const char *uri, struct problem *why)
{
    struct transport *transport = transport_open(uri, why);
    return transport ? host_link_over(transport, why) : NULL;
}

void host_link_close(struct host_link *link)
{
    if (!link)
        return;
    transport_close(link->transport);
    free(link->stream.buffer);
    free(link->uri);
    free(link);
}

int host_link_is_one_way(const struct host_link *link)
{
    return transport_is_one_way(link->transport);
}

const char *host_link_notice(const struct host_link *link)
{
    return transport_notice(link->transport);
}

int host_link_patience_ms(const struct host_link *link)
{
    return transport_patience_ms(link->transport);
}

/* --- In -------------------------------------------------------------------------------------- */

static void note_left(struct host_link *link)
{
    link->has_left = 1;
    if (link->left.kind == PROBLEM_NONE)
        problem(&link->left, PROBLEM_DEVICE_LOST, "the plate at %s has left", link->uri);
}

static void flush_outbox(struct host_link *link)
{
    if (!link->n_out || link->has_left)
        return;
    ssize_t taken = transport_write(link->transport, link->outbox, link->n_out, &link->left);
    if (taken < 0) {
        /* What the plate had still said may wait to be read: the read finds the end. */
        link->left.kind = PROBLEM_NONE;
        link->n_out = 0;
        return;
    }
    link->n_out -= (size_t)taken;
    memmove(link->outbox, link->outbox + taken, link->n_out);
}

static void read_some(struct host_link *link)
{
    size_t room;
    uint8_t *at = wire_stream_room(&link->stream, &room);
    ssize_t n = transport_read(link->transport, at, room, &link->left);
    if (n < 0) {
        note_left(link);
        return;
    }
    link->host_us = host_clock_us();
    for (ssize_t i = 0; i < n && link->n_first < FIRST_BYTES; i++)
        link->first[link->n_first++] = at[i];
    wire_stream_filled(&link->stream, (size_t)n);
}

void host_link_on_turn(struct host_link *link, void (*turn)(void *context), void *context)
{
    link->turn = turn;
    link->turn_context = context;
}

/* Until the deadline, or the next turn of whoever must be told of each. */
static int wait_ms(const struct host_link *link, uint64_t deadline_us)
{
    uint64_t now_us = host_clock_us();
    uint64_t ms = deadline_us > now_us ? (deadline_us - now_us + 999) / 1000 : 0;
    if (link->turn)
        link->turn(link->turn_context);
    return ms > TURN_MS ? TURN_MS : (int)ms;
}

/* Waits for bytes, the stop descriptor or the deadline: QUIET, STOP, or MESSAGE for "look again".
 */
static enum host_link_news wait_for_bytes(struct host_link *link, uint64_t deadline_us, int stop_fd)
{
    int ms = wait_ms(link, deadline_us);
    if (link->n_out && ms > RETRY_WRITE_MS)
        ms = RETRY_WRITE_MS;
    struct pollfd watched[2] = {{.fd = transport_fd(link->transport), .events = POLLIN},
                                {.fd = stop_fd, .events = POLLIN}};
    int n = poll(watched, 2, ms);
    if (n > 0 && watched[1].revents)
        return HOST_LINK_STOP;
    if (n > 0 && watched[0].revents)
        read_some(link);
    else if (host_clock_us() >= deadline_us)
        return HOST_LINK_QUIET;
    return HOST_LINK_MESSAGE;
}

static uint64_t untold_damage(const struct host_link *link)
{
    return link->stream.damaged_bytes - link->damage_told;
}

/* Gives the damage up to a count of damaged bytes as one item. */
static enum host_link_news tell_damage(struct host_link *link, uint64_t up_to,
                                       struct host_link_item *item)
{
    *item = (struct host_link_item){.message = link->bad,
                                    .n_bytes = (size_t)(up_to - link->damage_told),
                                    .host_us = link->host_us,
                                    .has_header = link->has_bad};
    link->damage_told = up_to;
    link->has_bad = 0;
    return HOST_LINK_DAMAGE;
}

static enum host_link_news tell_message(struct host_link *link, struct host_link_item *item)
{
    *item = (struct host_link_item){.message = link->held,
                                    .bytes = link->held.payload - WIRE_HEADER_SIZE,
                                    .n_bytes = WIRE_HEADER_SIZE + link->held.payload_len,
                                    .host_us = link->host_us,
                                    .has_header = 1};
    link->has_held = 0;
    return link->held_as;
}

/* A damaged message whose header is whole. A second one in the same damage is told apart, because
 * each may be a frame with a number. */
static int keep_bad_header(struct host_link *link, const struct wire_message *message,
                           struct host_link_item *item)
{
    int tell = link->has_bad;
    if (tell)
        tell_damage(link, link->stream.damaged_bytes - 1, item);
    link->bad = *message;
    link->bad.payload = NULL;
    link->has_bad = 1;
    return tell;
}

/* What is in the stream already: an item, or QUIET when more bytes are needed. */
static enum host_link_news look(struct host_link *link, struct host_link_item *item)
{
    struct wire_message message;
    while (!link->has_held) {
        enum wire_verdict verdict = wire_stream_next(&link->stream, &message, link->has_left);
        if (verdict == WIRE_NEED_MORE && link->has_left && untold_damage(link))
            return tell_damage(link, link->stream.damaged_bytes, item);
        if (verdict == WIRE_NEED_MORE)
            return HOST_LINK_QUIET;
        if (verdict == WIRE_BAD_PAYLOAD) {
            if (keep_bad_header(link, &message, item))
                return HOST_LINK_DAMAGE;
            continue;
        }
        link->held = message;
        link->held_as = verdict == WIRE_TOO_NEW ? HOST_LINK_TOO_NEW : HOST_LINK_MESSAGE;
        link->has_held = 1;
        if (untold_damage(link))
            return tell_damage(link, link->stream.damaged_bytes, item);
    }
    return tell_message(link, item);
}

enum host_link_news host_link_next(struct host_link *link, uint64_t deadline_us, int stop_fd,
                                   struct host_link_item *item, struct problem *why)
{
    for (int has_waited = 0;; has_waited = 1) {
        enum host_link_news news = look(link, item);
        if (news != HOST_LINK_QUIET)
            return news;
        if (link->has_left) {
            *why = link->left;
            return HOST_LINK_LEFT;
        }
        /* Bytes without end that are no message must not keep the caller past his deadline. */
        if (has_waited && host_clock_us() >= deadline_us)
            return HOST_LINK_QUIET;
        flush_outbox(link);
        news = wait_for_bytes(link, deadline_us, stop_fd);
        if (news != HOST_LINK_MESSAGE)
            return news;
    }
}

/* --- A plate that comes back ------------------------------------------------------------------ */

int host_link_can_rejoin(const struct host_link *link)
{
    return transport_can_rejoin(link->transport);
}

void host_link_give_up(struct host_link *link, const struct problem *why)
{
    link->left = *why;
    link->has_left = 1;
}

/* Nothing of the stream before the plate left joins up with what comes now. */
static void begin_anew(struct host_link *link)
{
    wire_stream_init(&link->stream, link->stream.buffer, link->stream.capacity);
    link->damage_told = 0;
    link->has_bad = link->has_held = link->has_left = 0;
    link->left.kind = PROBLEM_NONE;
    link->n_out = link->n_first = 0;
}

int host_link_rejoin(struct host_link *link, struct problem *why)
{
    int back = transport_rejoin(link->transport, why);
    if (back > 0)
        begin_anew(link);
    return back;
}

enum host_link_news host_link_wait_away(struct host_link *link, uint64_t deadline_us, int stop_fd)
{
    struct pollfd watched[2] = {{.fd = transport_fd(link->transport), .events = POLLIN},
                                {.fd = stop_fd, .events = POLLIN}};
    int n = 0;
    do
        n = poll(watched, 2, wait_ms(link, deadline_us));
    while (!n && host_clock_us() < deadline_us);
    if (n <= 0)
        return HOST_LINK_QUIET;
    return watched[1].revents ? HOST_LINK_STOP : HOST_LINK_MESSAGE;
}

void host_link_nudge(struct host_link *link)
{
    if (!link->has_left && transport_nudge(link->transport, &link->left))
        note_left(link);
}

/* --- Out ------------------------------------------------------------------------------------- */

static int queue(struct host_link *link, const struct wire_message *message, struct problem *why)
{
    size_t n = wire_encode(link->outbox + link->n_out, OUTBOX_SIZE - link->n_out, message);
    if (!n)
        return problem(why, PROBLEM_DEVICE_LOST,
                       "the plate at %s takes no commands any more; unplug it and plug it in again",
                       link->uri);
    link->n_out += n;
    flush_outbox(link);
    return 0;
}

int host_link_command(struct host_link *link, uint8_t type, struct wire_command *command,
                      struct problem *why)
{
    uint8_t payload[64];
    if (!command->request)
        command->request = ++link->last_request;
    if (host_link_is_one_way(link))
        return 0;
    struct wire_message message = {.type = type, .payload = payload};
    message.payload_len = (uint32_t)wire_put_command(payload, sizeof payload, type, command);
    return queue(link, &message, why);
}

int host_link_say(struct host_link *link, uint64_t device_us, const char *json, struct problem *why)
{
    struct wire_message message = {.type = WIRE_ANNOTATION,
                                   .device_time_us = device_us,
                                   .payload = (const uint8_t *)json,
                                   .payload_len = (uint32_t)strlen(json)};
    return host_link_is_one_way(link) ? 0 : queue(link, &message, why);
}

int host_link_ack_problem(const struct host_link *link, const struct wire_ack *ack,
                          const char *what, struct problem *why)
{
    switch (ack->status) {
    case WIRE_BUSY:
        return problem_coded(why, PROBLEM_CODE_PLATE_TAKEN, PROBLEM_FAILED,
                             "another program has the plate at %s; end that program first",
                             link->uri);
    case WIRE_UNKNOWN:
        return problem(why, PROBLEM_REFUSED,
                       "the plate at %s does not know the command %s; update its firmware",
                       link->uri, what);
    default:
        return problem(why, PROBLEM_FAILED, "the plate at %s %s the command %s", link->uri,
                       ack->status == WIRE_REFUSED ? "refuses" : "failed in", what);
    }
}

/* --- Hello ----------------------------------------------------------------------------------- */

enum { NONSENSE_MS = 3000, ASK_AGAIN_MS = 500, ASK_BACK_MS = 150 };

/* What is known while nobody has said HELLO yet. */
struct greeting {
    uint64_t deadline_us, ask_us, nonsense_us;
    struct wire_command ask;
    int heard_plate; /* a message that only a plate sends, if not HELLO */
};

static int speaks_nonsense(const struct host_link *link, struct problem *why)
{
    char hex[3 * FIRST_BYTES + 1] = "", text[FIRST_BYTES + 1] = "";
    for (size_t i = 0; i < link->n_first; i++) {
        uint8_t byte = link->first[i];
        snprintf(hex + 3 * i, 4, "%02x ", byte);
        text[i] = byte >= 0x20 && byte < 0x7F ? (char)byte : '.';
    }
    return problem(why, PROBLEM_REFUSED,
                   "what is at %s speaks, but not as a plate does: its first bytes are %s(%s); is "
                   "it the right port, at the right baud rate?",
                   link->uri, hex, text);
}

static int no_hello(const struct host_link *link, const struct greeting *greeting,
                    struct problem *why)
{
    if (greeting->heard_plate)
        return problem_coded(
            why, PROBLEM_CODE_PLATE_SILENT, PROBLEM_FAILED,
            "the plate at %s sends, but does not say what it is; restart it while this "
            "program waits",
            link->uri);
    if (link->n_first)
        return speaks_nonsense(link, why);
    return problem_coded(why, PROBLEM_CODE_PLATE_SILENT, PROBLEM_FAILED,
                         "no plate answers at %s; is it switched on and is its cable in?",
                         link->uri);
}

static int version_problem(const struct host_link *link, unsigned theirs, struct problem *why)
{
    return problem(why, PROBLEM_REFUSED,
                   "the plate at %s speaks version %u of the protocol and this program version %u; "
                   "update %s",
                   link->uri, theirs, WIRE_VERSION,
                   theirs > WIRE_VERSION ? "this program" : "the plate's firmware ('make flash')");
}

/* A HELLO that wire_get_hello has refused: says which bound, if it is the geometry. */
static int hello_problem(const struct host_link *link, const struct wire_message *message,
                         struct problem *why)
{
    const uint8_t *p = message->payload;
    if (message->payload_len >= 8) {
        unsigned rows = p[4] | (unsigned)p[5] << 8, cols = p[6] | (unsigned)p[7] << 8;
        if (!rows || !cols || rows > WIRE_CELLS_MAX_PER_SIDE || cols > WIRE_CELLS_MAX_PER_SIDE)
            return problem(why, PROBLEM_REFUSED,
                           "the plate at %s says that it has %u x %u cells; 1 x 1 to 256 x 256 are "
                           "possible",
                           link->uri, rows, cols);
    }
    return problem(why, PROBLEM_REFUSED,
                   "the plate at %s describes itself out of bounds (pitch 0.5 to 50 mm, 8 to 16 "
                   "bits, a rate between its limits); its firmware is wrong",
                   link->uri);
}

static int check_hello(const struct host_link *link, const struct wire_message *message,
                       struct wire_hello *hello, struct problem *why)
{
    int is_bad = wire_get_hello(message->payload, message->payload_len, hello);
    unsigned lowest = 0, highest = 0;
    if (message->payload_len >= 4) { /* the protocol range may be read in any version */
        lowest = message->payload[1];
        highest = message->payload[3];
    }
    if (lowest > WIRE_VERSION)
        return version_problem(link, lowest, why);
    if (highest < WIRE_VERSION)
        return version_problem(link, highest, why);
    return is_bad ? hello_problem(link, message, why) : 0;
}

/* Before HELLO: 1 when this message is a good one, 0 to go on, -1. */
static int greet(struct host_link *link, struct greeting *greeting,
                 const struct host_link_item *item, struct wire_hello *hello, struct problem *why)
{
    struct wire_ack ack;
    uint8_t type = item->message.type;
    if (type == WIRE_HELLO)
        return check_hello(link, &item->message, hello, why) ? -1 : 1;
    greeting->heard_plate |= type < WIRE_CMD_HELLO; /* a line that echoes gives our own commands */
    if (type == WIRE_ACK && !wire_get_ack(item->message.payload, item->message.payload_len, &ack) &&
        ack.request == greeting->ask.request && ack.status == WIRE_BUSY)
        return host_link_ack_problem(link, &ack, "HELLO", why);
    return 0;
}

/* The time of the next look: to ask again, or to give up. */
static uint64_t next_look(const struct host_link *link, struct greeting *greeting)
{
    if (!greeting->nonsense_us && link->stream.damaged_bytes)
        greeting->nonsense_us = host_clock_us() + NONSENSE_MS * 1000u;
    return greeting->ask_us < greeting->deadline_us ? greeting->ask_us : greeting->deadline_us;
}

static int has_had_enough(const struct host_link *link, const struct greeting *greeting)
{
    uint64_t now = host_clock_us();
    int is_nonsense = greeting->nonsense_us && now >= greeting->nonsense_us &&
                      !greeting->heard_plate && !host_link_is_one_way(link);
    return now >= greeting->deadline_us || is_nonsense;
}

/* Asks each `again_ms` until something ends it. */
static enum host_link_greeting say_hello(struct host_link *link, int patience_ms, unsigned again_ms,
                                         int stop_fd, struct host_link_item *item,
                                         struct wire_hello *hello, struct problem *why)
{
    uint64_t now = host_clock_us();
    struct greeting g = {.deadline_us = now + (uint64_t)patience_ms * 1000u, .ask_us = now};
    g.ask.as.hello.protocol_min = WIRE_VERSION << 8;
    g.ask.as.hello.protocol_max = WIRE_VERSION << 8 | WIRE_VERSION_MINOR;
    for (;;) {
        if (host_clock_us() >= g.ask_us) {
            g.ask_us = host_clock_us() + again_ms * 1000u;
            if (host_link_command(link, WIRE_CMD_HELLO, &g.ask, why))
                return HOST_LINK_NO_ANSWER;
        }
        enum host_link_news news = host_link_next(link, next_look(link, &g), stop_fd, item, why);
        if (news == HOST_LINK_LEFT)
            return HOST_LINK_GONE;
        if (news == HOST_LINK_STOP)
            return HOST_LINK_INTERRUPTED;
        if (news == HOST_LINK_TOO_NEW) {
            version_problem(link, item->message.version, why);
            return HOST_LINK_REFUSED;
        }
        int done = news == HOST_LINK_MESSAGE ? greet(link, &g, item, hello, why) : 0;
        if (done)
            return done > 0 ? HOST_LINK_GREETED : HOST_LINK_REFUSED;
        if (has_had_enough(link, &g)) {
            no_hello(link, &g, why);
            return HOST_LINK_NO_ANSWER;
        }
    }
}

int host_link_hello(struct host_link *link, int patience_ms, int stop_fd,
                    struct host_link_item *item, struct wire_hello *hello, struct problem *why)
{
    enum host_link_greeting end =
        say_hello(link, patience_ms, ASK_AGAIN_MS, stop_fd, item, hello, why);
    if (end == HOST_LINK_GONE && why->kind == PROBLEM_DEVICE_LOST)
        why->kind = PROBLEM_FAILED; /* it never was there */
    if (end == HOST_LINK_INTERRUPTED)
        return problem(why, PROBLEM_FAILED, "interrupted before the plate had answered");
    return end == HOST_LINK_GREETED ? 0 : -1;
}

enum host_link_greeting host_link_hello_again(struct host_link *link, int patience_ms, int stop_fd,
                                              struct host_link_item *item, struct wire_hello *hello,
                                              struct problem *why)
{
    return say_hello(link, patience_ms, ASK_BACK_MS, stop_fd, item, hello, why);
}
