/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's side of the mailbox of the emulated board (firmware/boards/qemu/mailbox.h): filling it
 * from a scan source, and talking through it while the board runs. The memory is the caller's,
 * MAILBOX_BYTES, shared with the emulator or to be written into a file. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_MAILBOX_HOST_H
#define TENDERFOOT_BOARDS_HOST_MAILBOX_HOST_H

#include "firmware/boards/qemu/mailbox.h"
#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

#include <stddef.h>
#include <stdint.h>

/* Fills what the host writes before the start: geometry, rates (rate_hz = 0: the source's own) and
 * identity; the rest is 0. -1 and *why (refused) when the source is no plate that the board can
 * be. */
int mailbox_fill(struct mailbox *mailbox, enum mailbox_mode mode, const struct scan_source *source,
                 int rate_hz, uint32_t boot_id, struct problem *why);

/* The slot for the source's time, told to the board with board_us; and the button's edges up to
 * then, as far as there is room. */
void mailbox_put_slot(struct mailbox *mailbox, struct scan_source *source, uint64_t source_us,
                      uint64_t board_us);
void mailbox_put_edges(struct mailbox *mailbox, struct scan_source *source, uint64_t until_us,
                       uint64_t source_to_board_us);

/* Bytes of a link's host, as many as there is room for: the number taken; and its end. */
size_t mailbox_put_commands(struct mailbox *mailbox, int link, const uint8_t *bytes, size_t n);
void mailbox_put_close(struct mailbox *mailbox, int link);

/* What the board published last, whole. */
struct mailbox_state {
    uint32_t boots;
    int scanning, streaming, owner; /* owner: a link, or -1 */
    uint64_t clock_us, next_us;
    uint32_t slots_read, stale_scans;
};

/* 1, or 0 when the board has published nothing yet (or is writing for ever, being stopped). */
int mailbox_read_state(const struct mailbox *mailbox, struct mailbox_state *state);

/* Writes a memory image for a deterministic run: the source's scans from 0 on, at most as many as
 * there is room for, and its button edges; the board's bytes go to `out_path` (as the emulator sees
 * it). -1 and *why. */
int mailbox_write_image(const char *path, struct scan_source *source, int rate_hz,
                        uint64_t duration_us, const char *out_path, struct problem *why);

#endif
