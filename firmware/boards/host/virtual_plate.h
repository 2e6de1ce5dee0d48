/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual plate: the firmware's core, scanning a source instead of sensors.
 *
 * Works in lockstep: time stands still until a host has asked for frames (START) or a tare, then
 * one step is one scan period of device time. Who calls step decides the pace. Annotations of the
 * source are sent in the stream as ANNOTATION messages (the virtual plate also plays the operator).
 * ANNOTATION messages from a host never reach the core: they go to the source's `hear`, if it has
 * one, at the time of the last step, and light and buzzer to its `see`. */
#ifndef TENDERFOOT_BOARDS_HOST_VIRTUAL_PLATE_H
#define TENDERFOOT_BOARDS_HOST_VIRTUAL_PLATE_H

#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct virtual_plate;

/* Takes the bytes the plate sends on a link; returns how many were taken (fewer = the host is slow;
 * the plate drops whole frames then and counts them). */
typedef size_t virtual_plate_sink(void *context, int link, const uint8_t *bytes, size_t n);

struct virtual_plate_options {
    struct scan_source *source; /* taken over: closed with the plate, or when create fails */
    const char *faults;         /* list as in faults.h, or NULL */
    uint64_t seed;              /* of the faults and the boot ids */
    int rate_hz;                /* when START asks for none: 10..500; 0 = the source's own */
    int is_one_way;             /* nobody can ask: it tares and starts by itself */
    /* 1 = whatever a step says is kept until the sink takes it: nothing is ever dropped, provided
     * that step is called only while nothing is unsent. 0 = as a real plate. */
    int keeps_all;
    FILE *fault_log; /* borrowed: one JSON line for each deed of a fault; or NULL */
    virtual_plate_sink *sink;
    void *context; /* of the sink */
};

/* NULL and *why: the list of faults is wrong (usage), the source is no possible plate (refused), no
 * memory. */
struct virtual_plate *virtual_plate_create_with(const struct virtual_plate_options *options,
                                                struct problem *why);

/* The same with the options that matter most. */
struct virtual_plate *virtual_plate_create(struct scan_source *source, const char *faults,
                                           uint64_t seed, virtual_plate_sink *sink, void *context,
                                           struct problem *why);
void virtual_plate_free(struct virtual_plate *plate);

/* Bytes from the host on a link (0..3), any chunks; link_closed when that host went away. */
void virtual_plate_receive(struct virtual_plate *plate, int link, const uint8_t *bytes, size_t n);
void virtual_plate_link_closed(struct virtual_plate *plate, int link);

/* Offers what waits to the sink again; whether anything waits, for any link. */
void virtual_plate_flush(struct virtual_plate *plate);
int virtual_plate_has_unsent(const struct virtual_plate *plate);

/* Whether time would pass, and one scan period of it. step returns 0 when the source has ended: the
 * plate leaves. While it is not scanning, step does nothing and returns 1. */
int virtual_plate_is_scanning(const struct virtual_plate *plate);
int virtual_plate_step(struct virtual_plate *plate);

/* Time since power-up, us, of the last step and of the next one. (Device time, as in messages,
 * begins anew at a reset; this does not.) */
uint64_t virtual_plate_time_us(const struct virtual_plate *plate);
uint64_t virtual_plate_next_us(const struct virtual_plate *plate);

#endif
