/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of a guided press test, from a descriptor that is never waited for: a terminal in raw mode,
 * or a pipe. Space and Enter go on, s and Esc stop (lift at once), k skips, q ends, 0 to 4 answer.
 */
#ifndef TENDERFOOT_DRIVER_PRESS_KEYS_H
#define TENDERFOOT_DRIVER_PRESS_KEYS_H

/* enum press_key (0 to 4: PRESS_KEY_SCALE_0 + n); PRESS_KEYS_NONE = none now; PRESS_KEYS_GONE = the
 * keyboard has hung up, also for fd -1. Keys without a meaning are passed over; what
 * comes in one piece with an escape (an arrow, a function key) is no key. */
enum { PRESS_KEYS_NONE = -1, PRESS_KEYS_GONE = -2 };
int press_keys_read(int fd);

#endif
