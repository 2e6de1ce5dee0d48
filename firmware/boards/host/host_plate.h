/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `tenderfoot-plate` runs: a plate behind a handful of functions, virtual or emulated.
 *
 * The plate writes to its links by a virtual_plate_sink given to whoever made it. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_HOST_PLATE_H
#define TENDERFOOT_BOARDS_HOST_HOST_PLATE_H

#include "firmware/boards/host/virtual_plate.h"

#include <stddef.h>
#include <stdint.h>

struct host_plate {
    void *own;
    const char *serial; /* as in HELLO; the plate's */
    /* -1: step() is one scan period and to be called when the pace says so (next_us). Otherwise the
     * plate keeps its own pace and step() is to be called when this descriptor is readable. */
    int fd;
    /* Bytes from the host on a link (0..3), and that host's end. */
    void (*receive)(void *own, int link, const uint8_t *bytes, size_t n);
    void (*link_closed)(void *own, int link);
    /* A link may take bytes again; whether any bytes wait for one. */
    void (*flush)(void *own);
    int (*has_unsent)(const void *own);
    /* Whether a step is wanted, and the time of it on the plate's own clock, which stands still
     * otherwise (us since power-up; a reset does not turn it back). */
    int (*is_scanning)(const void *own);
    uint64_t (*next_us)(const void *own);
    /* NULL = never. Whether its world listens to a host: however fast the plate may go, the next
     * step then waits until what was sent is read, or the host's word would come seconds late. */
    int (*is_led)(const void *own);
    /* 0 = the source has ended: the plate leaves. */
    int (*step)(void *own);
    /* The power went and came: the plate boots, with another boot id. NULL = it cannot. */
    void (*power_cycle)(void *own);
    void (*close)(void *own);
};

/* Fills `plate` with the virtual plate's functions; closing it frees `virtual_plate`. */
void host_plate_of_virtual(struct host_plate *plate, struct virtual_plate *virtual_plate);

#endif
