/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The emulated plate: the firmware's ELF on an emulated Cortex-M, scanning a source instead of
 * cells. It does for its hosts what the virtual plate does, through the same functions.
 *
 * By its own clock (is_live): QEMU runs in real time, the board paces itself at the rate asked for,
 * and a slow host loses whole frames, counted by the firmware. In lockstep: the board's clock
 * stands still between two steps, so that a session runs as fast as it can and twice the same;
 * nothing is lost. Annotations of the source are put into the stream before the frames they hold
 * for. One thread. SIGPIPE should be ignored. */
#ifndef TENDERFOOT_BOARDS_HOST_EMULATED_PLATE_H
#define TENDERFOOT_BOARDS_HOST_EMULATED_PLATE_H

#include "firmware/boards/host/host_plate.h"
#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

#include <stdint.h>

struct emulated_plate;

struct emulated_plate_options {
    struct scan_source *source; /* taken over: closed with the plate, or when create fails */
    const char *elf;            /* the firmware */
    int is_live;
    int is_one_way; /* nobody can ask: it tares and starts by itself */
    int rate_hz;    /* when START asks for none: 10..500; 0 = the source's own */
    uint64_t seed;  /* of the boot id */
    virtual_plate_sink *sink;
    void *context; /* of the sink */
};

/* Starts the emulator and waits until the firmware is up. NULL and *why: no emulator, no firmware
 * or it does not come up (failed), the source is no possible plate (refused). */
struct emulated_plate *emulated_plate_create(const struct emulated_plate_options *options,
                                             struct problem *why);

/* Ends the emulator: no process and no file is left. */
void emulated_plate_free(struct emulated_plate *plate);

/* Fills `host_plate` with its functions; closing that frees the plate. In lockstep fd is -1 and
 * step() is a scan period; live, step() is to be called when fd is readable. step() gives 0 when
 * the source has ended, or the emulator has: then emulated_plate_failed says so. */
void host_plate_of_emulated(struct host_plate *host_plate, struct emulated_plate *plate);

/* 1 and *why when the emulator or the firmware gave up by itself. */
int emulated_plate_failed(const struct emulated_plate *plate, struct problem *why);

#endif
