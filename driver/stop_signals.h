/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGINT, SIGTERM and SIGHUP as a descriptor that a loop watches: they no longer end the program by
 * themselves. For the main thread, before others are made (they inherit what is blocked). */
#ifndef TENDERFOOT_DRIVER_STOP_SIGNALS_H
#define TENDERFOOT_DRIVER_STOP_SIGNALS_H

/* Readable once one of them came; the caller's to close. -1 with errno. */
int stop_signals_fd(void);

#endif
