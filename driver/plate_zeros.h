/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plate's last tare found, kept for the time after a restart: a plate that lives on its
 * cable loses its zeros with its power, and cannot be tared again while somebody stands on it. Its
 * frames then come without their zero taken off (FRAME_TARED clear), and the host takes it off, by
 * the rule by which the plate itself would (firmware/core/scan.c). One thread a handle. */
#ifndef TENDERFOOT_DRIVER_PLATE_ZEROS_H
#define TENDERFOOT_DRIVER_PLATE_ZEROS_H

#include "firmware/wire/frame_codec.h"
#include "firmware/wire/problem.h"
#include "firmware/wire/wire.h"

#include <stdint.h>

struct plate_zeros;

/* Nothing is known yet. NULL: no memory. */
struct plate_zeros *plate_zeros_create(int rows, int cols, struct problem *why);
void plate_zeros_free(struct plate_zeros *zeros);
void plate_zeros_forget(struct plate_zeros *zeros);

/* To be shown each message of the plate but FRAMEs, in order: ZERO, and HELLO and STATUS for the
 * boot. Zeros and floors count when both parts of one tare have come, of this very geometry. */
void plate_zeros_watch(struct plate_zeros *zeros, const struct wire_message *message);

enum zeros_verdict {
    ZEROS_AS_THEY_ARE, /* tared by the plate, or never meant to be tared (started raw) */
    ZEROS_TAKEN_OFF,   /* it came untared from a restarted plate; now it is as if tared */
    ZEROS_UNKNOWN,     /* it came untared from a restarted plate, and no zeros are known */
};

/* Counts of one decoded FRAME of this geometry, changed in place. Gated if the frames before the
 * restart were. */
enum zeros_verdict plate_zeros_apply(struct plate_zeros *zeros, const struct frame_shape *shape,
                                     uint16_t *counts);

#endif
