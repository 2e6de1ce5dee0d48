/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of `tenderfoot-plate`: a host_plate and its cable, at a pace. */
#ifndef TENDERFOOT_BOARDS_HOST_SERVE_H
#define TENDERFOOT_BOARDS_HOST_SERVE_H

#include "firmware/boards/host/cable.h"
#include "firmware/boards/host/host_plate.h"
#include "firmware/wire/problem.h"

/* real: steps at their own times, by an absolute clock; a slow host loses whole frames, counted.
 * fast: a step as soon as the hosts have read all of the last one; nothing is ever dropped (the
 * virtual plate must have been made with keeps_all); `at_most` times real time, or 0 = no bound:
 * a person who is watched in a hurry. */
enum serve_pace { SERVE_REAL, SERVE_FAST };

/* Runs until the source ends, the only host leaves or `stop_fd` (a signalfd, or -1) is readable;
 * what waits is given a few seconds to be taken. 0, or -1 and *why. */
int serve(struct host_plate *plate, const struct cable *cable, enum serve_pace pace, double at_most,
          int stop_fd, struct problem *why);

#endif
