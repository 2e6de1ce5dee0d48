/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Going on with what a station was recording when it died (killed, or hung and ended by its
 * watchdog): its plate is waited for, for a minute after the last frame, and when it has lived on
 * with its zero a new recording begins of the same person, protocol and condition, for the seconds
 * that were left. A thread of its own, as whose consent is asked may lie in a slow store. */
#ifndef TENDERFOOT_DRIVER_DAEMON_GO_ON_H
#define TENDERFOOT_DRIVER_DAEMON_GO_ON_H

struct service;
struct go_on;

/* NULL: there is nothing to go on with. */
struct go_on *go_on_start(struct service *service);
/* Ends the thread; what was begun goes on. NULL is fine. */
void go_on_end(struct go_on *go_on);
/* After the plates' end, as their recordings have notes of it. NULL is fine. */
void go_on_free(struct go_on *go_on);

enum go_on_fate { GO_ON_NOT, GO_ON_WAITS, GO_ON_GOES };

struct go_on_told {
    enum go_on_fate fate;
    char in[65];    /* GOES: the recording that goes on with it */
    double waits_s; /* WAITS: for so long still, at most; NAN = its file is being read */
    char why[240];  /* NOT: why it is not gone on with; "" = it was none that was wanted still */
};
/* Of the recording of this name. Any thread, until go_on_free. go_on NULL is fine. */
void go_on_tell(struct go_on *go_on, const char *name, struct go_on_told *told);

#endif
