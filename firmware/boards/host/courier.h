/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A courier carries a link's bytes from the core to the sink, whole messages at a time, so that the
 * cable's faults can act on messages. One message at most is under way; until the sink has taken it
 * the core's bytes are not taken (or, if it keeps all, they queue up behind it). */
#ifndef TENDERFOOT_BOARDS_HOST_COURIER_H
#define TENDERFOOT_BOARDS_HOST_COURIER_H

#include "firmware/boards/host/faults.h"
#include "firmware/boards/host/virtual_plate.h"

#include <stddef.h>
#include <stdint.h>

struct courier {
    int link, keeps_all;
    virtual_plate_sink *sink;
    void *context;
    struct faults *faults;
    uint8_t *bytes; /* owned: [start, end) wait for the sink */
    size_t capacity, start, end;
};

int courier_init(struct courier *courier, int link, virtual_plate_sink *sink, void *context,
                 int keeps_all, struct faults *faults, struct problem *why);
void courier_free(struct courier *courier);

/* `send` of plate_config: takes whole messages only. */
size_t courier_take(struct courier *courier, const uint8_t *bytes, size_t n);

void courier_push(struct courier *courier);
void courier_forget(struct courier *courier);
int courier_has_unsent(const struct courier *courier);

#endif
