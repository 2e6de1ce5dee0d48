/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: each is answered, and done once however often the same request comes. HELLO begins a
 * session: it forgets the link's earlier requests, so that the next program on the same cable may
 * number its own from 1. */
#include "firmware/core/plate_private.h"

#include <string.h>

#define FIRST_COMMAND 64u
#define LAST_COMMAND 127u
#define EXPIRY_MAX_MS 600000u
#define US_PER_MS UINT64_C(1000)

/* What a command's function says: its status and the ACK's detail. */
struct outcome {
    enum wire_ack_status status;
    uint32_t detail;
};

static const struct outcome ok = {WIRE_OK, 0}, busy = {WIRE_BUSY, 0}, refused = {WIRE_REFUSED, 0};

/* A former owner whose last frame is still half sent counts: the frame is finished first. */
static int owned_by_another(const struct plate *plate, unsigned link)
{
    int has_tail = plate->frame.sent < plate->frame.size && plate->frame.link != link;
    return has_tail || (plate->owner >= 0 && plate->owner != (int)link);
}

int plate_claim(struct plate *plate, unsigned link, uint64_t now_us)
{
    if (owned_by_another(plate, link))
        return 0;
    if (plate->owner < 0) {
        plate->owner = (int)link;
        plate_status_begin(plate, now_us);
    }
    return 1;
}

void plate_release(struct plate *plate, uint64_t now_us)
{
    plate_job_cancel(plate, now_us);
    plate_limit_clear(plate);
    plate_signal_set(plate, WIRE_SIGNAL_OFF, 0, now_us);
    plate->streaming = 0;
    plate->autostart = 0;
    plate->owner = -1;
    plate_pace_update(plate, now_us);
}

/* A host that cannot speak our version learns from the HELLO which one we do speak. */
static struct outcome do_hello(struct plate *plate, unsigned link, const struct wire_command *c,
                               uint64_t now_us)
{
    memset(plate->links[link].answers, 0, sizeof plate->links[link].answers);
    plate_put_hello(plate, link, now_us);
    if (c->as.hello.protocol_min > PLATE_PROTOCOL_MAX ||
        c->as.hello.protocol_max < PLATE_PROTOCOL_MIN)
        return refused;
    return ok;
}

static struct outcome do_start(struct plate *plate, unsigned link, const struct wire_command *c,
                               uint64_t now_us)
{
    const struct plate_config *config = plate->config;
    uint16_t rate_hz = c->as.start.rate_hz ? c->as.start.rate_hz : config->rate_hz;
    if (owned_by_another(plate, link))
        return busy;
    if (rate_hz < config->rate_min_hz || rate_hz > config->rate_max_hz ||
        (c->as.start.flags & ~(WIRE_START_UNGATED | WIRE_START_RAW)) != 0)
        return refused;
    plate_claim(plate, link, now_us);
    plate->start_rate_hz = rate_hz;
    plate->start_flags = c->as.start.flags;
    plate->streaming = 1;
    return (struct outcome){WIRE_OK, rate_hz};
}

/* The STATUS before the ACK makes the count of the frames lost at the very end exact. */
static struct outcome do_stop(struct plate *plate, unsigned link, const struct wire_command *c,
                              uint64_t now_us)
{
    (void)c;
    if (owned_by_another(plate, link))
        return busy;
    if (plate->owner >= 0) {
        plate_put_status(plate, now_us);
        plate_release(plate, now_us);
    }
    return ok;
}

static struct outcome begin_job(struct plate *plate, unsigned link, enum plate_job kind,
                                uint32_t request, uint64_t now_us)
{
    if (!plate_claim(plate, link, now_us))
        return busy;
    if (plate->job.kind != PLATE_NO_JOB)
        return (struct outcome){WIRE_FAILED, 0};
    plate_job_begin(plate, kind);
    plate->job.request = request;
    plate->job.has_request = 1;
    return (struct outcome){WIRE_RUNNING, 0};
}

static struct outcome do_tare(struct plate *plate, unsigned link, const struct wire_command *c,
                              uint64_t now_us)
{
    return begin_job(plate, link, PLATE_JOB_TARE, c->request, now_us);
}

static struct outcome do_self_test(struct plate *plate, unsigned link, const struct wire_command *c,
                                   uint64_t now_us)
{
    return begin_job(plate, link, PLATE_JOB_SELF_TEST, c->request, now_us);
}

static struct outcome do_identify(struct plate *plate, unsigned link, const struct wire_command *c,
                                  uint64_t now_us)
{
    (void)link;
    (void)c;
    if (!(plate->config->features & (WIRE_HAS_LIGHT | WIRE_HAS_BUZZER)))
        return refused;
    plate_signal_identify(plate, now_us);
    return ok;
}

static struct outcome do_signal(struct plate *plate, unsigned link, const struct wire_command *c,
                                uint64_t now_us)
{
    unsigned signals = c->as.signal.signals;
    if (owned_by_another(plate, link))
        return busy;
    if ((signals & ~(unsigned)(WIRE_SIGNAL_LIGHT | WIRE_SIGNAL_BUZZER)) != 0 ||
        (signals & WIRE_SIGNAL_LIGHT && !(plate->config->features & WIRE_HAS_LIGHT)) ||
        (signals & WIRE_SIGNAL_BUZZER && !(plate->config->features & WIRE_HAS_BUZZER)))
        return refused;
    plate_signal_set(plate, signals, c->as.signal.duration_ms, now_us);
    return ok;
}

static int limit_is_sound(const struct plate_config *config, const struct wire_command *c)
{
    unsigned row_end = (unsigned)c->as.limit.row0 + c->as.limit.rows;
    unsigned col_end = (unsigned)c->as.limit.col0 + c->as.limit.cols;
    return c->as.limit.cols > 0 && row_end <= config->rows && col_end <= config->cols &&
           c->as.limit.sum_counts > 0 && c->as.limit.expiry_ms > 0 &&
           c->as.limit.expiry_ms <= EXPIRY_MAX_MS;
}

static struct outcome do_set_limit(struct plate *plate, unsigned link, const struct wire_command *c,
                                   uint64_t now_us)
{
    if (owned_by_another(plate, link))
        return busy;
    if (c->as.limit.rows == 0) {
        plate_limit_clear(plate);
        return ok;
    }
    if (!limit_is_sound(plate->config, c))
        return refused;
    plate_claim(plate, link, now_us);
    plate->limit.row0 = c->as.limit.row0;
    plate->limit.col0 = c->as.limit.col0;
    plate->limit.rows = c->as.limit.rows;
    plate->limit.cols = c->as.limit.cols;
    plate->limit.sum_counts = c->as.limit.sum_counts;
    plate->limit.expires_us = now_us + c->as.limit.expiry_ms * US_PER_MS;
    plate->limit.event = 0;
    plate->limit.armed = 1;
    return ok;
}

/* All that the plate does for its owner ends first: the loader leaves the outputs as they are. */
static struct outcome do_loader(struct plate *plate, unsigned link, const struct wire_command *c,
                                uint64_t now_us)
{
    (void)c;
    if (owned_by_another(plate, link))
        return busy;
    if (!plate->config->enter_loader)
        return refused;
    plate_release(plate, now_us);
    plate_loader_begin(plate, link, now_us);
    return ok;
}

typedef struct outcome command_function(struct plate *plate, unsigned link,
                                        const struct wire_command *command, uint64_t now_us);

static command_function *const functions[] = {
    [WIRE_CMD_HELLO - FIRST_COMMAND] = do_hello,
    [WIRE_CMD_START - FIRST_COMMAND] = do_start,
    [WIRE_CMD_STOP - FIRST_COMMAND] = do_stop,
    [WIRE_CMD_TARE - FIRST_COMMAND] = do_tare,
    [WIRE_CMD_IDENTIFY - FIRST_COMMAND] = do_identify,
    [WIRE_CMD_SELF_TEST - FIRST_COMMAND] = do_self_test,
    [WIRE_CMD_SIGNAL - FIRST_COMMAND] = do_signal,
    [WIRE_CMD_SET_LIMIT - FIRST_COMMAND] = do_set_limit,
    [WIRE_CMD_LOADER - FIRST_COMMAND] = do_loader,
};

static struct outcome do_command(struct plate *plate, unsigned link,
                                 const struct wire_message *message, uint64_t now_us)
{
    struct wire_command command;
    unsigned index = message->type - FIRST_COMMAND;
    if (index >= sizeof functions / sizeof functions[0])
        return (struct outcome){WIRE_UNKNOWN, 0};
    if (message->version > WIRE_VERSION ||
        wire_get_command(message->payload, message->payload_len, message->type, &command))
        return refused;
    struct outcome outcome = functions[index](plate, link, &command, now_us);
    plate_pace_update(plate, now_us);
    return outcome;
}

/* The slot of a request already answered, or NULL. */
static struct wire_ack *find_answer(struct plate *plate, unsigned link, uint32_t request,
                                    uint8_t command)
{
    struct wire_ack *answers = plate->links[link].answers;
    for (unsigned i = 0; i < PLATE_ANSWERS_KEPT; i++)
        if (answers[i].command == command && answers[i].request == request)
            return &answers[i];
    return NULL;
}

void plate_remember(struct plate *plate, unsigned link, const struct wire_ack *ack)
{
    struct plate_link *l = &plate->links[link];
    struct wire_ack *slot = find_answer(plate, link, ack->request, ack->command);
    if (!slot)
        slot = &l->answers[l->next_answer++ % PLATE_ANSWERS_KEPT];
    *slot = *ack;
}

/* Each payload begins with the request; a newer or broken one that has not even that is request 0.
 */
static uint32_t request_of(const struct wire_message *message)
{
    const uint8_t *p = message->payload;
    if (!p || message->payload_len < 4)
        return 0;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* BUSY is not remembered: the plate may be free when the host asks again. */
void plate_command(struct plate *plate, unsigned link, const struct wire_message *message)
{
    uint64_t now_us = plate->config->now_us(plate->config->context);
    uint32_t request = request_of(message);
    if (message->type < FIRST_COMMAND || message->type > LAST_COMMAND ||
        plate_outbox_room(plate, link) < PLATE_ANSWER_ROOM)
        return;
    const struct wire_ack *known = find_answer(plate, link, request, message->type);
    if (known && message->type != WIRE_CMD_HELLO) {
        plate_put_ack(plate, link, known, now_us);
        return;
    }
    struct outcome outcome = do_command(plate, link, message, now_us);
    struct wire_ack ack = {.request = request,
                           .command = message->type,
                           .status = (uint8_t)outcome.status,
                           .detail = outcome.detail};
    if (outcome.status != WIRE_BUSY)
        plate_remember(plate, link, &ack);
    plate_put_ack(plate, link, &ack, now_us);
}
