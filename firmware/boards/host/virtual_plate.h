/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual plate: the firmware's core, scanning a source instead of sensors.
 *
 * Works in lockstep: time stands still until a host has asked for frames (START) or a tare, then
 * one step is one scan period of device time. Who calls step decides the pace. Annotations of the
 * source are sent in the stream as ANNOTATION messages (the virtual plate also plays the operator).
 */
#ifndef TENDERFOOT_BOARDS_HOST_VIRTUAL_PLATE_H
#define TENDERFOOT_BOARDS_HOST_VIRTUAL_PLATE_H

#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

#include <stddef.h>
#include <stdint.h>

struct virtual_plate;

/* Takes the bytes the plate sends on a link; returns how many were taken (fewer = the host is slow;
 * the plate drops whole frames then and counts them). */
typedef size_t virtual_plate_sink(void *context, int link, const uint8_t *bytes, size_t n);

/* Takes over `source` (closed with the plate). `faults` is a comma-separated list as documented in
 * `tenderfoot-plate --help`, or NULL. */
struct virtual_plate *virtual_plate_create(struct scan_source *source, const char *faults,
                                           uint64_t seed, virtual_plate_sink *sink, void *context,
                                           struct problem *why);
void virtual_plate_free(struct virtual_plate *plate);

/* Bytes from the host on a link (0..3), any chunks; link_closed when that host went away. */
void virtual_plate_receive(struct virtual_plate *plate, int link, const uint8_t *bytes, size_t n);
void virtual_plate_link_closed(struct virtual_plate *plate, int link);

/* Whether time would pass, and one scan period of it. step returns 0 when the source has ended. */
int virtual_plate_is_scanning(const struct virtual_plate *plate);
int virtual_plate_step(struct virtual_plate *plate);
uint64_t virtual_plate_time_us(const struct virtual_plate *plate);

#endif
