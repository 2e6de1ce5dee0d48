/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages on their way out. Two places hold them: config->out the one large message (a FRAME or a
 * post), the link's outbox the small ones. A large message begins only when nothing waits, so what
 * is left of it is always older than the outbox, and a message once begun is finished first. */
#include "firmware/core/plate_private.h"

#include <string.h>

static int has_tail(const struct plate *plate, unsigned link)
{
    return plate->frame.link == link && plate->frame.sent < plate->frame.size;
}

/* A board that claims more than it was offered is held to what it was offered. */
static size_t send_some(struct plate *plate, unsigned link, const uint8_t *bytes, size_t n)
{
    size_t taken = plate->config->send(plate->config->context, link, bytes, n);
    return taken < n ? taken : n;
}

static void send_tail(struct plate *plate, unsigned link)
{
    plate->frame.sent += send_some(plate, link, plate->config->out + plate->frame.sent,
                                   plate->frame.size - plate->frame.sent);
}

static void send_outbox(struct plate *plate, unsigned link)
{
    struct plate_link *l = &plate->links[link];
    size_t taken = send_some(plate, link, l->outbox, l->outbox_used);
    l->outbox_used -= (uint32_t)taken;
    memmove(l->outbox, l->outbox + taken, l->outbox_used);
}

void plate_flush(struct plate *plate, unsigned link)
{
    if (link >= plate->config->links)
        return;
    if (has_tail(plate, link))
        send_tail(plate, link);
    if (!has_tail(plate, link) && plate->links[link].outbox_used > 0)
        send_outbox(plate, link);
}

int plate_has_unsent(const struct plate *plate, unsigned link)
{
    return link < plate->config->links &&
           (has_tail(plate, link) || plate->links[link].outbox_used > 0);
}

size_t plate_outbox_room(const struct plate *plate, unsigned link)
{
    return PLATE_OUTBOX_BYTES - plate->links[link].outbox_used;
}

int plate_outbox_put(struct plate *plate, unsigned link, enum wire_type type, uint64_t time_us,
                     const uint8_t *payload, size_t n)
{
    struct plate_link *l = &plate->links[link];
    struct wire_message message = {.type = (uint8_t)type,
                                   .device_time_us = time_us,
                                   .payload_len = (uint32_t)n,
                                   .payload = payload};
    size_t size =
        wire_encode(l->outbox + l->outbox_used, PLATE_OUTBOX_BYTES - l->outbox_used, &message);
    l->outbox_used += (uint32_t)size;
    return size > 0;
}

void plate_outbox_forget(struct plate *plate, unsigned link)
{
    plate->links[link].outbox_used = 0;
    if (plate->frame.link == link)
        plate->frame.size = plate->frame.sent = 0;
}

void plate_send_frame(struct plate *plate, uint32_t seq, uint64_t time_us, size_t payload_size)
{
    uint8_t *out = plate->config->out;
    struct wire_message message = {.type = WIRE_FRAME,
                                   .seq = seq,
                                   .device_time_us = time_us,
                                   .payload_len = (uint32_t)payload_size,
                                   .payload = out + WIRE_HEADER_SIZE};
    plate->frame.link = (unsigned)plate->owner;
    plate->frame.size = wire_encode(out, plate->config->out_bytes, &message);
    plate->frame.sent = 0;
    send_tail(plate, plate->frame.link);
    if (plate->frame.sent == 0) {
        plate->frame.size = 0;
        plate->dropped++;
    }
}

int plate_post(struct plate *plate, enum wire_type type, uint64_t time_us, const void *payload,
               size_t n)
{
    if (plate->owner < 0)
        return 0;
    unsigned link = (unsigned)plate->owner;
    plate_flush(plate, link);
    if (plate_has_unsent(plate, link))
        return -1;
    struct wire_message message = {.type = (uint8_t)type,
                                   .device_time_us = time_us,
                                   .payload_len = (uint32_t)n,
                                   .payload = payload};
    plate->frame.link = link;
    plate->frame.size = wire_encode(plate->config->out, plate->config->out_bytes, &message);
    plate->frame.sent = 0;
    if (plate->frame.size > 0)
        send_tail(plate, link);
    return 0;
}
