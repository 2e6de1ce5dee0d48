/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few words that a service says to systemd, and the sockets it is handed, without its library
 * (sd_notify(3), sd_listen_fds(3)). Without systemd all of it does nothing. */
#ifndef TENDERFOOT_DRIVER_DAEMON_NOTIFY_H
#define TENDERFOOT_DRIVER_DAEMON_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1": one datagram to NOTIFY_SOCKET. 1 = sent. */
int notify_system(const char *state);

/* How often WATCHDOG=1 is expected at most apart, us; 0 = it is not. */
uint64_t notify_watchdog_us(void);

/* Number of listening sockets handed over, their descriptors from 3 on, now close-on-exec; at most
 * `most`. */
int notify_sockets(int most);

#endif
