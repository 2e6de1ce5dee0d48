/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leads from `tenderfoot-plate` to its hosts, behind a handful of functions: descriptors
 * (links.h) or a USB cable into a virtual machine (usb_cable.h). The plate writes to it by a
 * virtual_plate_sink given to whoever made the plate. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_CABLE_H
#define TENDERFOOT_BOARDS_HOST_CABLE_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define CABLE_POLL_MAX 8

/* What the hosts did. n = 0: the host of the link has left. */
typedef void cable_heard(void *context, int link, const uint8_t *bytes, size_t n);

struct cable {
    void *own;
    /* Whether any host may come or is there: 0 = the only one has left for good. */
    int (*alive)(const void *own);
    /* Fills at most CABLE_POLL_MAX entries to wait for; `want_write` = the plate has bytes that
     * were not taken. Returns how many. */
    size_t (*poll)(const void *own, struct pollfd *entries, int want_write);
    /* How long a wait may last, ms; -1 = no bound. */
    int (*patience_ms)(const void *own);
    /* Takes new hosts, reads what there is (a bounded amount), notices who has left. */
    void (*serve)(void *own, cable_heard *heard, void *context);
    /* NULL = it holds no bytes itself. Whether bytes that it took have still to go out. */
    int (*has_unsent)(const void *own);
    /* NULL = that cannot be known. Whether some host has not read yet all that it was sent. */
    int (*has_unread)(const void *own);
    /* NULL = it never brings the plate's power. Whether the power was cut since it was last asked:
     * the plate boots. */
    int (*was_power_cut)(void *own);
};

#endif
