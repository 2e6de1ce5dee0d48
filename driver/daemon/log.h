/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's log: lines on stderr behind "<N>", which systemd understands as their weight. At
 * most ten a second, however much goes wrong; those left out are counted, and the count is told.
 * Control characters of devices and clients become '?'. Any thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LOG_H
#define TENDERFOOT_DRIVER_DAEMON_LOG_H

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6 };

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where lines go, for tests; 2 unless set. */
void log_to(int fd);

#endif
