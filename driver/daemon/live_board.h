/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The newest state of one plate, from the one who measures to many who watch: latest wins.
 *
 * There is no queue. The producer hangs a new sheet over the old one; a viewer takes a reference to
 * the newest sheet that it has not seen, whenever it is ready. A slow viewer so costs the producer
 * nothing and the memory of at most one old sheet, and loses only what was overtaken; each sheet
 * says how many frames came before it, so that what a viewer skipped can be seen. The lock is held
 * for as long as a pointer takes to change. Any thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LIVE_BOARD_H
#define TENDERFOOT_DRIVER_DAEMON_LIVE_BOARD_H

#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

enum live_channel { LIVE_FRAME, LIVE_FEET, LIVE_STATE, LIVE_CHANNELS };
extern const char *const live_channel_names[LIVE_CHANNELS]; /* "frame", "feet", "state" */

#define LIVE_A_SECOND 30u     /* sheets on a channel at most, in any second */
#define LIVE_PERIOD_US 33334u /* so its turns are this far apart */

/* One sheet: text that never changes, gone with its last reference. */
struct live_sheet;
struct live_sheet *live_sheet_make(const char *text, size_t n); /* a copy; NULL: no memory */
void live_sheet_drop(struct live_sheet *sheet);                 /* NULL is fine */
const char *live_sheet_text(const struct live_sheet *sheet, size_t *n);

struct live_board;
struct live_board *live_board_create(struct problem *why);
void live_board_free(struct live_board *board);

/* Hangs a sheet up; takes it over, also NULL (then the old one stays). */
void live_board_hang(struct live_board *board, enum live_channel channel, struct live_sheet *sheet);

/* Whether a sheet is to be made now: somebody watches (or it is the first) and a turn is due at
 * `now_us`; that turn is then taken. Turns are LIVE_PERIOD_US apart whenever the frames come:
 * thirty a second of a hundred are every third or fourth (counted from the last sheet, it would be
 * every fourth: 25). A turn that is missed by more than a period is not made up for, and one that
 * would be the 31st of a second (after one taken late) waits for a later frame. `now_us` never goes
 * back. */
int live_board_wants(struct live_board *board, enum live_channel channel, uint64_t now_us);

/* The newest sheet of a channel, a new reference; NULL = none yet. */
struct live_sheet *live_board_newest(struct live_board *board, enum live_channel channel);

/* A viewer: zero it, and let it join before it looks. */
struct live_viewer {
    uint64_t seen[LIVE_CHANNELS]; /* number of the newest sheet it has taken */
};
void live_board_join(struct live_board *board);
void live_board_leave(struct live_board *board);
int live_board_viewers(struct live_board *board);

/* Waits for a sheet that the viewer has not seen, at most wait_ms: a reference and its channel.
 * NULL with *closed 0: none came; with 1: the board is closed. */
struct live_sheet *live_board_next(struct live_board *board, struct live_viewer *viewer,
                                   unsigned wait_ms, enum live_channel *channel, int *closed);

/* Nothing more will come: wakes all viewers. */
void live_board_close(struct live_board *board);

#endif
