/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include "driver/clock.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define ROUND_US 250000u
#define ANSWER_US 10000000u     /* the longest a command may take (TARE) */
#define ASK_AGAIN_US 500000u    /* an unanswered command is repeated */
#define STALL_US 2250000u       /* silence after which START is repeated, as a session has it */
#define LOST_US 5000000u        /* silence after which the plate is opened anew */
#define CALIBRATION_US 1000000u /* a new calibration is looked for so often */
enum { LOOK_AGAIN_MS = 1000 };

/* `why` NULL: there is none any more. */
static void note_problem(struct plate_station *station, const struct problem *why)
{
    pthread_mutex_lock(&station->lock);
    station->state.problem = why ? *why : (struct problem){0};
    pthread_mutex_unlock(&station->lock);
}

/* --- Talking --------------------------------------------------------------------------------- */

static void hear(struct plate_station *station, const struct host_link_item *item)
{
    if (item->bytes)
        live_view_hear(station->view, &item->message, 0);
}

static int is_ack_of(const struct host_link_item *item, const struct wire_command *command,
                     struct wire_ack *ack)
{
    return item->bytes && item->message.type == WIRE_ACK &&
           !wire_get_ack(item->message.payload, item->message.payload_len, ack) &&
           ack->request == command->request && ack->status != WIRE_RUNNING;
}

/* Gives a command and waits for its end; all else that comes meanwhile is shown. */
static int ask(struct plate_station *station, struct host_link *link, uint8_t type,
               struct wire_command *command, const char *what, struct wire_ack *ack,
               struct problem *why)
{
    uint64_t again_us = 0, end_us = host_clock_us() + ANSWER_US;
    for (uint64_t now_us; (now_us = host_clock_us()) < end_us;) {
        struct host_link_item item;
        if (now_us >= again_us) {
            again_us = now_us + ASK_AGAIN_US;
            if (host_link_command(link, type, command, why))
                return -1;
        }
        plate_pulse(station);
        enum host_link_news news = host_link_next(link, again_us, station->stop_fd, &item, why);
        if (news == HOST_LINK_LEFT)
            return -1;
        if (news == HOST_LINK_STOP)
            return problem(why, PROBLEM_FAILED, "the station is closing");
        if (news == HOST_LINK_QUIET)
            continue;
        hear(station, &item);
        if (is_ack_of(&item, command, ack))
            return ack->status == WIRE_OK ? 0 : host_link_ack_problem(link, ack, what, why);
    }
    return problem(why, PROBLEM_DEVICE_LOST, "the plate at %s does not answer the command %s",
                   station->uri, what);
}

static int start(struct plate_station *station, struct host_link *link, struct problem *why)
{
    struct wire_command start = {.as.start.rate_hz = (uint16_t)station->options.rate_hz};
    struct wire_ack ack;
    return ask(station, link, WIRE_CMD_START, &start, "START", &ack, why);
}

static int tare(struct plate_station *station, struct host_link *link, struct problem *why)
{
    struct wire_command stop = {0}, zero = {0};
    struct wire_ack ack;
    if (ask(station, link, WIRE_CMD_STOP, &stop, "STOP", &ack, why) ||
        ask(station, link, WIRE_CMD_TARE, &zero, "TARE", &ack, why))
        return -1;
    pthread_mutex_lock(&station->lock);
    live_view_tared(station->view); /* else it is tared again at once, under who steps on */
    station->state.is_zeroed = 1;
    station->state.masked_cells = ack.detail;
    pthread_mutex_unlock(&station->lock);
    return start(station, link, why);
}

/* --- Meeting --------------------------------------------------------------------------------- */

/* Looked for anew each time: another plate may have come, or a file of this one. */
static int check_plate(struct plate_station *station, const struct wire_hello *hello,
                       struct problem *why)
{
    struct plate_calibration found;
    plate_calibration_changed(&station->options, hello, &station->calibration_mark);
    if (plate_calibration_take(&station->options, hello, &found, why))
        return -1;
    if (live_view_meet(station->view, hello, found.calibration, why)) {
        plate_calibration_drop(&found);
        return -1;
    }
    plate_calibration_drop(&station->calibration);
    station->calibration = found;
    return 0;
}

/* Under the lock. */
static void note_calibration(struct plate_state *state, const struct plate_calibration *held)
{
    struct calibration_facts facts = {.id = "nominal", .date = ""};
    const char *slash = held->path ? strrchr(held->path, '/') : NULL;
    if (held->calibration)
        calibration_facts(held->calibration, &facts);
    snprintf(state->calibration_id, sizeof state->calibration_id, "%s", facts.id);
    snprintf(state->calibration_date, sizeof state->calibration_date, "%s", facts.date);
    snprintf(state->calibration_file, sizeof state->calibration_file, "%s",
             slash        ? slash + 1
             : held->path ? held->path
                          : "");
}

/* The plate goes on as it is, read by another file from now on. One that is refused is told, and
 * the one before stays; nothing is recorded meanwhile (plate_tasks.c). */
static void mind_calibration(struct plate_station *station)
{
    struct plate_calibration found;
    struct problem why = {0};
    const struct wire_hello *hello = &station->state.hello; /* only this thread writes it */
    station->calibration_us = host_clock_us();
    if (!plate_calibration_changed(&station->options, hello, &station->calibration_mark))
        return;
    int bad = plate_calibration_take(&station->options, hello, &found, &why);
    if (!bad && live_view_calibrate(station->view, hello, found.calibration, &why)) {
        plate_calibration_drop(&found);
        bad = -1;
    }
    if (!bad) {
        plate_calibration_drop(&station->calibration);
        station->calibration = found;
    }
    pthread_mutex_lock(&station->lock);
    note_calibration(&station->state, &station->calibration);
    snprintf(station->state.calibration_problem, sizeof station->state.calibration_problem, "%s",
             bad ? why.text : "");
    pthread_mutex_unlock(&station->lock);
    plate_tell(station, 1);
}

static void note_plate(struct plate_station *station, const struct wire_hello *hello)
{
    pthread_mutex_lock(&station->lock);
    struct plate_state *state = &station->state;
    int is_same = state->has_hello && state->hello.boot_id == hello->boot_id &&
                  !strcmp(state->hello.serial, hello->serial);
    state->hello = *hello;
    state->has_hello = 1;
    note_calibration(state, &station->calibration);
    state->calibration_problem[0] = '\0';
    state->is_zeroed &= is_same;
    state->problem = (struct problem){0};
    pthread_mutex_unlock(&station->lock);
}

static struct host_link *meet(struct plate_station *station, struct problem *why)
{
    struct host_link_item item;
    struct wire_hello hello;
    struct wire_command stop = {0};
    struct wire_ack ack;
    struct host_link *link = host_link_open(station->uri, why);
    if (!link)
        return NULL;
    host_link_on_turn(link, plate_pulse, station);
    if (host_link_hello(link, host_link_patience_ms(link), station->stop_fd, &item, &hello, why) ||
        check_plate(station, &hello, why) ||
        (!host_link_is_one_way(link) &&
         (ask(station, link, WIRE_CMD_STOP, &stop, "STOP", &ack, why) ||
          start(station, link, why)))) {
        host_link_close(link);
        return NULL;
    }
    note_plate(station, &hello);
    station->person_is_off = 0;
    station->reminded_us = host_clock_us(); /* not before its first zero */
    return link;
}

/* Waits until it is worth looking again: a second, or news. */
static void wait_for_news(struct plate_station *station)
{
    struct pollfd news = {.fd = station->news_fd, .events = POLLIN};
    poll(&news, 1, LOOK_AGAIN_MS);
    plate_drain(station->news_fd);
}

static struct host_link *look_for_plate(struct plate_station *station)
{
    struct problem why;
    struct host_link *link = meet(station, &why);
    plate_pulse(station);
    plate_mind_late(station, 0);
    if (link)
        return link;
    note_problem(station, &why);
    plate_set_phase(station, PLATE_LOOKING);
    wait_for_news(station);
    return NULL;
}

/* --- Watching -------------------------------------------------------------------------------- */

struct watch {
    uint64_t heard_us, woken_us;
};

/* 0, or -1 when the plate is to be opened anew. */
static int mind_silence(struct plate_station *station, struct host_link *link, struct watch *watch,
                        struct problem *why)
{
    const struct live_view_facts *facts = live_view_facts(station->view);
    uint64_t now_us = host_clock_us();
    if (facts->last_frame_us > watch->heard_us)
        watch->heard_us = facts->last_frame_us;
    uint64_t silent_us = now_us > watch->heard_us ? now_us - watch->heard_us : 0;
    plate_note_view(station, (double)silent_us * 1e-6);
    if (silent_us >= LOST_US)
        return problem(why, PROBLEM_DEVICE_LOST, "the plate at %s has sent no frame for %.0f s",
                       station->uri, (double)silent_us * 1e-6);
    if (silent_us < STALL_US || host_link_is_one_way(link) ||
        now_us - watch->woken_us < ASK_AGAIN_US)
        return 0;
    watch->woken_us = now_us;
    host_link_nudge(link);
    struct wire_command again = {.as.start.rate_hz = (uint16_t)station->options.rate_hz};
    return host_link_command(link, WIRE_CMD_START, &again, why);
}

/* A plate that was never tared, with nobody on it as far as can be told. */
static int wants_first_zero(const struct plate_station *station, const struct host_link *link)
{
    const struct live_view_facts *facts = live_view_facts(station->view);
    if (host_link_is_one_way(link))
        return 0;
    return facts->is_untared || (facts->has_status && !facts->status.tared && facts->has_numbers &&
                                 facts->numbers.peak_kpa < PLATE_UNTARED_KPA);
}

/* Before that nobody is asked onto the plate. */
static int is_tared(const struct plate_station *station)
{
    const struct live_view_facts *facts = live_view_facts(station->view);
    return station->state.is_zeroed || (facts->has_status && facts->status.tared);
}

static int zero_if_needed(struct plate_station *station, struct host_link *link,
                          struct watch *watch, struct problem *why)
{
    int is_wanted = plate_phase(station) == PLATE_ZEROING;
    if (!is_wanted && !wants_first_zero(station, link))
        return 0;
    if (!is_wanted && !plate_change_phase(station, PLATE_WATCHING, PLATE_ZEROING))
        return 0;
    if (is_wanted && station->tell_person)
        plate_person_off(station, link);
    int bad = tare(station, link, why);
    watch->heard_us = watch->woken_us = host_clock_us();
    note_problem(station, bad ? why : NULL);
    plate_change_phase(station, PLATE_ZEROING, PLATE_WATCHING);
    return bad && why->kind == PROBLEM_DEVICE_LOST ? -1 : 0;
}

/* One thing that came. 0, or -1 when the plate is gone. */
static int go_round(struct plate_station *station, struct host_link *link, struct watch *watch,
                    struct problem *why)
{
    struct host_link_item item;
    switch (host_link_next(link, host_clock_us() + ROUND_US, station->news_fd, &item, why)) {
    case HOST_LINK_LEFT:
        return -1;
    case HOST_LINK_STOP:
        plate_drain(station->news_fd);
        break;
    case HOST_LINK_QUIET:
        break;
    default:
        hear(station, &item);
    }
    plate_pulse(station);
    plate_mind_late(station, 0);
    if (mind_silence(station, link, watch, why) || zero_if_needed(station, link, watch, why))
        return -1;
    if (!host_link_is_one_way(link) && is_tared(station))
        plate_person_remind(station, link);
    if (host_clock_us() - station->calibration_us >= CALIBRATION_US)
        mind_calibration(station);
    plate_tell(station, 0);
    return 0;
}

/* A tare under somebody takes that somebody away: a virtual person is told to step off before it,
 * and on again for a recording. Real people are told by the page. */
static void ready_person(struct plate_station *station, struct host_link *link,
                         enum plate_phase phase)
{
    struct plate_recording *wanted = &station->recording;
    struct problem ignored;
    if (phase == PLATE_PRESSING)
        plate_person_off(station, link);
    if (phase != PLATE_RECORDING || !wanted->tell_person)
        return;
    if (!wanted->keep_zero) {
        plate_person_off(station, link);
        wanted->keep_zero = !tare(station, link, &ignored);
    }
    if (strcmp(wanted->protocol, "walk"))
        plate_person_on(station, link);
}

void plate_watch(struct plate_station *station, struct host_link **link)
{
    struct problem why = {0};
    struct watch watch = {0};
    /* One that is there already carries on from a recording: the plate is at rest. */
    if (*link && !host_link_is_one_way(*link) && start(station, *link, &why)) {
        host_link_close(*link);
        *link = NULL;
    }
    if (!*link && !(*link = look_for_plate(station)))
        return;
    watch.heard_us = host_clock_us();
    plate_set_phase(station, PLATE_WATCHING);
    for (;;) {
        enum plate_phase phase = plate_phase(station);
        if (phase != PLATE_WATCHING && phase != PLATE_ZEROING) {
            if (phase != PLATE_ENDING)
                mind_calibration(station);
            ready_person(station, *link, phase);
            return;
        }
        if (!go_round(station, *link, &watch, &why))
            continue;
        host_link_close(*link);
        *link = NULL;
        note_problem(station, &why);
        if (!plate_change_phase(station, PLATE_WATCHING, PLATE_LOOKING))
            plate_change_phase(station, PLATE_ZEROING, PLATE_LOOKING);
        return;
    }
}
