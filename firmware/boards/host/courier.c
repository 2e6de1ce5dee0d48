/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/courier.h"

#include "firmware/wire/wire.h"

#include <stdlib.h>
#include <string.h>

int courier_init(struct courier *courier, int link, virtual_plate_sink *sink, void *context,
                 int keeps_all, struct faults *faults, struct problem *why)
{
    *courier = (struct courier){.link = link,
                                .sink = sink,
                                .context = context,
                                .keeps_all = keeps_all,
                                .faults = faults,
                                .capacity = 4096,
                                .bytes = malloc(4096)};
    return courier->bytes ? 0 : problem_no_memory(why, "a link's buffer");
}

void courier_free(struct courier *courier)
{
    free(courier->bytes);
    courier->bytes = NULL;
}

int courier_has_unsent(const struct courier *courier)
{
    return courier->start < courier->end;
}

void courier_forget(struct courier *courier)
{
    courier->start = courier->end = 0;
}

void courier_push(struct courier *courier)
{
    if (courier_has_unsent(courier))
        courier->start +=
            courier->sink(courier->context, courier->link, courier->bytes + courier->start,
                          courier->end - courier->start);
    if (!courier_has_unsent(courier))
        courier_forget(courier);
}

/* Room for n more bytes behind those that wait; -1 without memory. */
static int make_room(struct courier *courier, size_t n)
{
    size_t need = courier->end + n;
    if (need <= courier->capacity)
        return 0;
    size_t capacity = courier->capacity;
    while (capacity < need)
        capacity *= 2;
    uint8_t *larger = realloc(courier->bytes, capacity);
    if (!larger)
        return -1;
    courier->bytes = larger;
    courier->capacity = capacity;
    return 0;
}

/* Twice the room: it may be sent twice, and is changed in place first. */
static int load(struct courier *courier, const uint8_t *message, size_t n)
{
    int copies;
    if (make_room(courier, 2 * n))
        return -1;
    uint8_t *at = courier->bytes + courier->end;
    memcpy(at, message, n);
    n = faults_touch_message(courier->faults, at, n, &copies);
    if (copies == 2)
        memcpy(at + n, at, n);
    courier->end += (size_t)copies * n;
    return 0;
}

/* The core speaks in messages, so one that is not whole here is the front of a cut one: it is not
 * taken until the core offers all of it. */
size_t courier_take(struct courier *courier, const uint8_t *bytes, size_t n)
{
    size_t taken = 0;
    courier_push(courier);
    while (taken < n && (courier->keeps_all || !courier_has_unsent(courier))) {
        struct wire_message message;
        size_t used;
        if (wire_decode(bytes + taken, n - taken, &message, &used) != WIRE_MESSAGE_WHOLE ||
            load(courier, bytes + taken, used))
            break;
        taken += used;
        courier_push(courier);
    }
    return taken;
}
