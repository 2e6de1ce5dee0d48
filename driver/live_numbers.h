/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force and centre of pressure of a frame as it comes, for whoever watches a recording being made.
 * For looking at, not for results: those come from the recording (driver/analyze_recording.h). */
#ifndef TENDERFOOT_DRIVER_LIVE_NUMBERS_H
#define TENDERFOOT_DRIVER_LIVE_NUMBERS_H

#include "analysis/frame_numbers.h"
#include "calib/calibration.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

struct live_numbers;

/* `calibration` is borrowed; NULL = the plate's stated full scale. NULL and *why: no memory. A
 * plate that states no full scale and has no calibration has no force: frames then give -1. */
struct live_numbers *live_numbers_create(const struct wire_hello *hello,
                                         const struct calibration *calibration,
                                         struct problem *why);
void live_numbers_free(struct live_numbers *live);

/* To be shown each message, in order: the zeros of a plate that restarts are in them, and its
 * temperature; and each FRAME where the calibration takes off what cells remember (else it is not
 * looked at). */
void live_numbers_watch(struct live_numbers *live, const struct wire_message *message);

/* Numbers of one FRAME, the newest one shown: 0, or -1 when it cannot be read, or came untared from
 * a plate whose zeros are not known. COP is NAN below 20 N. About as long as decoding the frame and
 * one pass over its cells; no allocation. */
int live_numbers_of(struct live_numbers *live, const struct wire_message *frame,
                    struct frame_numbers *numbers);

/* kPa of one FRAME as it comes, rows * cols, valid until the next call; NULL as the -1 above. The
 * same frame asked for twice is worked out once more and stays the same. */
const float *live_numbers_kpa(struct live_numbers *live, const struct wire_message *frame);

#endif
