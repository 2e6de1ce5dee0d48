/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/emulated_plate.h"

#include "firmware/boards/host/emulator.h"
#include "firmware/boards/host/mailbox_host.h"
#include "firmware/wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINKS ((int)MAILBOX_LINKS)
#define READY_MS 20000  /* until the firmware is up */
#define ANSWER_MS 20000 /* for one step; a busy machine is slow */
#define LOOK_NS 1000000 /* live: how often the board's wishes are looked at */
#define OUT_ROOM (256u << 10)
#define WATCHDOG_MS 5000u

/* What a link's host has still to get. Whole messages come out of `in`, with annotations between.
 */
struct out_link {
    struct wire_stream in;
    uint8_t *in_buffer; /* WIRE_MESSAGE_MAX */
    uint8_t *bytes;     /* [start, end) wait for the sink */
    size_t capacity, start, end;
};

struct emulated_plate {
    struct scan_source *source;
    struct emulator emulator;
    struct out_link links[MAILBOX_LINKS];
    virtual_plate_sink *sink;
    void *context;
    int is_live;
    int poll_fd, timer_fd; /* live: an epoll of the pipes and the timer; else -1 */
    struct mailbox_state state;
    int was_scanning;
    uint64_t source_us;   /* the source's time: it stands still while nothing is scanned */
    uint64_t shift_us;    /* live: from there to the board's clock */
    uint64_t promised_us; /* live: board time of the newest slot */
    const char *annotation;
    uint64_t annotation_us; /* the source's time of it */
    struct problem failure;
};

/* --- Bytes to the hosts -------------------------------------------------------------------------
 */

static int give_up(struct emulated_plate *plate, const char *what)
{
    int status;
    if (plate->failure.kind != PROBLEM_NONE)
        return -1;
    if (emulator_runs(&plate->emulator, &status))
        return problem(&plate->failure, PROBLEM_FAILED, "the emulated board %s", what);
    return problem(&plate->failure, PROBLEM_FAILED,
                   "the emulated board %s: the emulator has ended with status %d", what,
                   WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void push(struct emulated_plate *plate, int link)
{
    struct out_link *out = &plate->links[link];
    if (out->start < out->end)
        out->start +=
            plate->sink(plate->context, link, out->bytes + out->start, out->end - out->start);
    if (out->start == out->end)
        out->start = out->end = 0;
}

static int queue(struct emulated_plate *plate, int link, const uint8_t *bytes, size_t n)
{
    struct out_link *out = &plate->links[link];
    if (out->end + n > out->capacity) {
        size_t capacity = 2 * (out->end + n);
        uint8_t *larger = realloc(out->bytes, capacity);
        if (!larger)
            return problem_no_memory(&plate->failure, "a link's buffer");
        out->bytes = larger;
        out->capacity = capacity;
    }
    memcpy(out->bytes + out->end, bytes, n);
    out->end += n;
    return 0;
}

static int queue_message(struct emulated_plate *plate, int link, const struct wire_message *message)
{
    uint8_t *bytes = malloc(WIRE_HEADER_SIZE + message->payload_len);
    if (!bytes)
        return problem_no_memory(&plate->failure, "an annotation");
    size_t n = wire_encode(bytes, WIRE_HEADER_SIZE + message->payload_len, message);
    int result = queue(plate, link, bytes, n);
    free(bytes);
    return result;
}

/* Annotations up to the source's time, between two messages of the plate, to the host that has the
 * stream. */
static int put_annotations(struct emulated_plate *plate, uint64_t until_us)
{
    struct scan_source *source = plate->source;
    while (plate->state.streaming && plate->state.owner >= 0 && source->next_annotation) {
        if (!plate->annotation)
            plate->annotation =
                source->next_annotation(source, until_us + 1, &plate->annotation_us);
        if (!plate->annotation)
            return 0;
        const struct wire_message message = {.type = WIRE_ANNOTATION,
                                             .device_time_us =
                                                 plate->annotation_us + plate->shift_us,
                                             .payload_len = (uint32_t)strlen(plate->annotation),
                                             .payload = (const uint8_t *)plate->annotation};
        if (message.payload_len <= WIRE_PAYLOAD_MAX &&
            queue_message(plate, plate->state.owner, &message))
            return -1;
        plate->annotation = NULL;
    }
    return 0;
}

/* All that the board has said on a link so far. Whole messages go on to the host's queue. */
static int drain(struct emulated_plate *plate, int link)
{
    struct wire_stream *in = &plate->links[link].in;
    for (;;) {
        size_t room;
        uint8_t *into = wire_stream_room(in, &room);
        ssize_t n = read(plate->emulator.out_fds[link], into, room);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        uint32_t *taken = &plate->emulator.mailbox->out_taken[link];
        __atomic_store_n(taken, *taken + (uint32_t)n, __ATOMIC_RELEASE);
        struct wire_message message;
        wire_stream_filled(in, (size_t)n);
        while (wire_stream_next(in, &message, 0) == WIRE_MESSAGE_WHOLE)
            if (queue(plate, link, message.payload - WIRE_HEADER_SIZE,
                      WIRE_HEADER_SIZE + message.payload_len))
                return -1;
    }
}

/* A link whose host is slow is not read: the firmware notices when its pipe is full. */
static int drain_all(struct emulated_plate *plate)
{
    for (int link = 0; link < LINKS; link++) {
        push(plate, link);
        if (plate->is_live && plate->links[link].start < plate->links[link].end)
            continue;
        if (drain(plate, link))
            return give_up(plate, "has hung up");
        push(plate, link);
    }
    return 0;
}

/* --- Lockstep -----------------------------------------------------------------------------------
 */

/* Until the board has done what it was told; what it says meanwhile is taken, or it would never
 * finish. */
static int await_done(struct emulated_plate *plate, int patience_ms)
{
    struct pollfd entries[MAILBOX_LINKS + 1];
    for (int link = 0; link < LINKS; link++)
        entries[link] = (struct pollfd){.fd = plate->emulator.out_fds[link], .events = POLLIN};
    entries[LINKS] = (struct pollfd){.fd = plate->emulator.ask_fd, .events = POLLIN};
    for (;;) {
        char done;
        int n = poll(entries, MAILBOX_LINKS + 1, patience_ms);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return give_up(plate, "does not answer");
        if (drain_all(plate))
            return -1;
        if (!entries[LINKS].revents)
            continue;
        if (read(plate->emulator.ask_fd, &done, 1) != 1)
            return give_up(plate, "has hung up");
        if (drain_all(plate)) /* said before it was done */
            return -1;
        return mailbox_read_state(plate->emulator.mailbox, &plate->state)
                   ? 0
                   : give_up(plate, "tells nothing of itself");
    }
}

static int tell(struct emulated_plate *plate, enum mailbox_token token)
{
    uint8_t byte = (uint8_t)token;
    if (plate->failure.kind != PROBLEM_NONE)
        return -1;
    if (write(plate->emulator.answer_fd, &byte, 1) != 1)
        return give_up(plate, "has hung up");
    return await_done(plate, ANSWER_MS);
}

static void set_clock(struct emulated_plate *plate, uint64_t us)
{
    plate->emulator.mailbox->now_us_low = (uint32_t)us;
    __atomic_store_n(&plate->emulator.mailbox->now_us_high, (uint32_t)(us >> 32), __ATOMIC_RELEASE);
}

static int step_in_lockstep(struct emulated_plate *plate)
{
    if (!plate->state.scanning)
        return 1;
    uint64_t us = plate->state.next_us;
    if (us >= plate->source->duration_us)
        return 0;
    mailbox_put_slot(plate->emulator.mailbox, plate->source, us, us);
    mailbox_put_edges(plate->emulator.mailbox, plate->source, us, 0);
    set_clock(plate, us);
    plate->source_us = us;
    return put_annotations(plate, us) == 0 && tell(plate, MAILBOX_STEP) == 0;
}

/* --- Live ---------------------------------------------------------------------------------------
 */

/* The source's time goes on where it stopped when scanning begins. */
static void follow_scanning(struct emulated_plate *plate)
{
    if (plate->state.scanning && !plate->was_scanning)
        plate->shift_us = plate->state.clock_us - plate->source_us;
    plate->was_scanning = plate->state.scanning;
}

/* A slot for each time that the board announces, well before it comes. 0 = the source has ended. */
static int keep_promises(struct emulated_plate *plate)
{
    if (!mailbox_read_state(plate->emulator.mailbox, &plate->state))
        return 1;
    follow_scanning(plate);
    if (!plate->state.scanning || plate->state.next_us == plate->promised_us)
        return 1;
    plate->promised_us = plate->state.next_us;
    if (plate->promised_us < plate->shift_us + plate->source_us)
        return 1;
    plate->source_us = plate->promised_us - plate->shift_us;
    if (plate->source_us >= plate->source->duration_us)
        return 0;
    mailbox_put_slot(plate->emulator.mailbox, plate->source, plate->source_us, plate->promised_us);
    mailbox_put_edges(plate->emulator.mailbox, plate->source, plate->source_us, plate->shift_us);
    return put_annotations(plate, plate->source_us) == 0;
}

/* Level-triggered: a pipe is watched only while its host takes bytes. */
static void watch_pipes(struct emulated_plate *plate)
{
    for (int link = 0; link < LINKS; link++) {
        int is_stuck = plate->links[link].start < plate->links[link].end;
        struct epoll_event event = {.events = is_stuck ? 0 : EPOLLIN, .data.fd = link};
        epoll_ctl(plate->poll_fd, EPOLL_CTL_MOD, plate->emulator.out_fds[link], &event);
    }
}

static int step_live(struct emulated_plate *plate)
{
    uint64_t expirations;
    if (read(plate->timer_fd, &expirations, sizeof expirations) < 0 && errno != EAGAIN)
        return 0;
    int goes_on = drain_all(plate) == 0 && keep_promises(plate);
    watch_pipes(plate);
    return goes_on;
}

static int open_poll(struct emulated_plate *plate, struct problem *why)
{
    const struct itimerspec often = {.it_value.tv_nsec = LOOK_NS, .it_interval.tv_nsec = LOOK_NS};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = -1};
    plate->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    plate->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    int bad = plate->poll_fd < 0 || plate->timer_fd < 0 ||
              timerfd_settime(plate->timer_fd, 0, &often, NULL) ||
              epoll_ctl(plate->poll_fd, EPOLL_CTL_ADD, plate->timer_fd, &event);
    for (int link = 0; link < LINKS && !bad; link++) {
        event.data.fd = link;
        bad = epoll_ctl(plate->poll_fd, EPOLL_CTL_ADD, plate->emulator.out_fds[link], &event);
    }
    return bad ? problem(why, PROBLEM_FAILED, "the emulated board cannot be waited for: %s",
                         strerror(errno))
               : 0;
}

/* --- Made ---------------------------------------------------------------------------------------
 */

static int make_links(struct emulated_plate *plate, struct problem *why)
{
    for (int link = 0; link < LINKS; link++) {
        struct out_link *out = &plate->links[link];
        out->in_buffer = malloc(WIRE_MESSAGE_MAX);
        if (!out->in_buffer)
            return problem_no_memory(why, "an emulated plate");
        wire_stream_init(&out->in, out->in_buffer, WIRE_MESSAGE_MAX);
    }
    return 0;
}

/* Never 0: that is no boot. */
static uint32_t boot_id(uint64_t seed)
{
    uint64_t x = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 31) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(x >> 32) | 1;
}

static int fill_mailbox(struct emulated_plate *plate, const struct emulated_plate_options *options,
                        struct problem *why)
{
    struct mailbox *mailbox = plate->emulator.mailbox;
    enum mailbox_mode mode = options->is_live ? MAILBOX_LIVE : MAILBOX_LOCKSTEP;
    if (mailbox_fill(mailbox, mode, plate->source, options->rate_hz, boot_id(options->seed), why))
        return -1;
    mailbox->autostart = options->is_one_way != 0;
    mailbox->links = MAILBOX_LINKS;
    if (options->is_live) {
        mailbox->out_room = OUT_ROOM;
        mailbox->watchdog_ms = WATCHDOG_MS;
        mailbox_put_slot(mailbox, plate->source, 0, 0); /* for a first scan at once */
    }
    return 0;
}

/* Live, the first state that the board publishes says that it is up. */
static int await_live(struct emulated_plate *plate)
{
    for (int ms = 0; ms < READY_MS; ms++) {
        int status;
        if (mailbox_read_state(plate->emulator.mailbox, &plate->state))
            return 0;
        if (!emulator_runs(&plate->emulator, &status))
            break;
        poll(NULL, 0, 1);
    }
    return give_up(plate, "does not come up");
}

static int make_parts(struct emulated_plate *plate, const struct emulated_plate_options *options,
                      struct problem *why)
{
    if (make_links(plate, why) || emulator_prepare(&plate->emulator, why) ||
        fill_mailbox(plate, options, why) || emulator_start(&plate->emulator, options->elf, why))
        return -1;
    if (options->is_live && open_poll(plate, why))
        return -1;
    if (options->is_live ? await_live(plate) : await_done(plate, READY_MS)) {
        if (why)
            *why = plate->failure;
        return -1;
    }
    return 0;
}

struct emulated_plate *emulated_plate_create(const struct emulated_plate_options *options,
                                             struct problem *why)
{
    struct emulated_plate *plate = calloc(1, sizeof *plate);
    if (!plate) {
        problem_no_memory(why, "an emulated plate");
        options->source->close(options->source);
        return NULL;
    }
    plate->source = options->source;
    plate->sink = options->sink;
    plate->context = options->context;
    plate->is_live = options->is_live;
    plate->poll_fd = plate->timer_fd = -1;
    plate->emulator = (struct emulator){.memory_fd = -1, .ask_fd = -1, .answer_fd = -1};
    for (int link = 0; link < LINKS; link++)
        plate->emulator.out_fds[link] = plate->emulator.child_ends[link] = -1;
    plate->emulator.child_ends[LINKS] = plate->emulator.child_ends[LINKS + 1] = -1;
    if (make_parts(plate, options, why)) {
        emulated_plate_free(plate);
        return NULL;
    }
    return plate;
}

void emulated_plate_free(struct emulated_plate *plate)
{
    if (!plate)
        return;
    emulator_stop(&plate->emulator);
    if (plate->timer_fd >= 0)
        close(plate->timer_fd);
    if (plate->poll_fd >= 0)
        close(plate->poll_fd);
    for (int link = 0; link < LINKS; link++) {
        free(plate->links[link].in_buffer);
        free(plate->links[link].bytes);
    }
    plate->source->close(plate->source);
    free(plate);
}

int emulated_plate_failed(const struct emulated_plate *plate, struct problem *why)
{
    if (plate->failure.kind == PROBLEM_NONE)
        return 0;
    if (why)
        *why = plate->failure;
    return 1;
}

/* --- As a host plate ----------------------------------------------------------------------------
 */

/* In lockstep the ring is emptied by each tell; live, a full ring means a board that has hung: what
 * does not fit is lost, as on a real cable. */
static void host_receive(void *own, int link, const uint8_t *bytes, size_t n)
{
    struct emulated_plate *plate = own;
    if (link < 0 || link >= LINKS)
        return;
    while (n > 0) {
        size_t taken = mailbox_put_commands(plate->emulator.mailbox, link, bytes, n);
        bytes += taken;
        n -= taken;
        if (plate->is_live ? taken == 0 : tell(plate, MAILBOX_LISTEN) != 0)
            return;
    }
}

static void host_link_closed(void *own, int link)
{
    struct emulated_plate *plate = own;
    if (link < 0 || link >= LINKS)
        return;
    mailbox_put_close(plate->emulator.mailbox, link);
    if (!plate->is_live)
        tell(plate, MAILBOX_LISTEN);
    plate->links[link].start = plate->links[link].end = 0;
}

static void host_flush(void *own)
{
    struct emulated_plate *plate = own;
    for (int link = 0; link < LINKS; link++)
        push(plate, link);
    if (plate->is_live)
        watch_pipes(plate);
}

static int host_has_unsent(const void *own)
{
    const struct emulated_plate *plate = own;
    for (int link = 0; link < LINKS; link++)
        if (plate->links[link].start < plate->links[link].end)
            return 1;
    return 0;
}

static int host_is_scanning(const void *own)
{
    const struct emulated_plate *plate = own;
    return plate->state.scanning || plate->failure.kind != PROBLEM_NONE;
}

static uint64_t host_next_us(const void *own)
{
    const struct emulated_plate *plate = own;
    return plate->state.next_us;
}

static int host_step(void *own)
{
    struct emulated_plate *plate = own;
    if (plate->failure.kind != PROBLEM_NONE)
        return 0;
    return plate->is_live ? step_live(plate) : step_in_lockstep(plate);
}

static void host_close(void *own)
{
    emulated_plate_free(own);
}

void host_plate_of_emulated(struct host_plate *host_plate, struct emulated_plate *plate)
{
    *host_plate = (struct host_plate){
        .own = plate,
        .serial = plate->emulator.mailbox->serial,
        .fd = plate->poll_fd,
        .receive = host_receive,
        .link_closed = host_link_closed,
        .flush = host_flush,
        .has_unsent = host_has_unsent,
        .is_scanning = host_is_scanning,
        .next_us = host_next_us,
        .step = host_step,
        .close = host_close,
    };
}
