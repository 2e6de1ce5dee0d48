/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `devices --watch`. */
#ifndef TENDERFOOT_DRIVER_CLI_DEVICE_WATCH_H
#define TENDERFOOT_DRIVER_CLI_DEVICE_WATCH_H

#include "firmware/wire/problem.h"

/* Tells what is there and then each arrival and departure on stdout, at once, one line each, until
 * SIGINT, SIGTERM or SIGHUP: 0; or until nobody reads any more: -1. A plate is told with who it is,
 * once it could be asked or has been in the way of that for 2 s; and again when what is in the way
 * has changed. */
int device_watch(int as_json, struct problem *why);

#endif
