/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate's messages as they come, made into what is shown: pressure, force, centre of pressure,
 * left and right, feet, and how well the plate does. Every frame is counted and measured; sheets
 * for viewers are made only when somebody looks, at most 30 a second. One thread, the one that
 * hears the plate. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LIVE_VIEW_H
#define TENDERFOOT_DRIVER_DAEMON_LIVE_VIEW_H

#include "analysis/frame_numbers.h"
#include "driver/daemon/live_board.h"
#include "driver/daemon/live_feet.h"
#include "driver/live_numbers.h"
#include "firmware/wire/sequence.h"

struct live_view;

/* Board and feet are borrowed. */
struct live_view *live_view_create(struct live_board *board, struct live_feet *feet,
                                   struct problem *why);
void live_view_free(struct live_view *view);

/* The plate that is heard from now on; counts begin anew. calibration: borrowed until the next
 * meeting; NULL = nominal. */
int live_view_meet(struct live_view *view, const struct wire_hello *hello,
                   const struct calibration *calibration, struct problem *why);

/* The same plate by another calibration (as above); counts go on. -1 and *why: as it was. */
int live_view_calibrate(struct live_view *view, const struct wire_hello *hello,
                        const struct calibration *calibration, struct problem *why);

/* Each whole message, in order. hold: as live_feet_offer. */
void live_view_hear(struct live_view *view, const struct wire_message *message, int hold);

/* The plate was tared just now: what it told of its tare before does not hold any more. */
void live_view_tared(struct live_view *view);

struct live_view_facts {
    struct sequence_book frames;
    double rate_hz; /* measured over the last second; NAN before */
    int has_numbers;
    struct frame_numbers numbers;
    struct wire_status status; /* the newest; has_status */
    int has_status;
    uint64_t last_frame_us; /* host clock; 0 = none yet */
    int is_untared;         /* frames come that cannot be read without a tare */
};
/* Valid until the next call on the view. */
const struct live_view_facts *live_view_facts(const struct live_view *view);

#endif
