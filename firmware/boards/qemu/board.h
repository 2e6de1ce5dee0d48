/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The emulated board behind the callbacks of firmware/core: counts and edges from the mailbox,
 * bytes out by semihosting. One board, as there is one in the world: its state is static. */
#ifndef TENDERFOOT_BOARDS_QEMU_BOARD_H
#define TENDERFOOT_BOARDS_QEMU_BOARD_H

#include "firmware/boards/qemu/mailbox.h"
#include "firmware/core/plate.h"

#include <stdint.h>

/* Where the emulator has it; also read by the host, hence volatile. */
#define MAILBOX ((volatile struct mailbox *)MAILBOX_ADDRESS)

/* Checks the mailbox, opens the links, begins the plate. NULL, or what is wrong. */
const char *board_begin(void);

/* What hosts have sent since the last call, and who has left. */
void board_listen(void);

/* One plate_step. */
void board_step(void);

/* Tells the host where the board stands. */
void board_publish(void);

/* Whether the run is over: the host says so, or the preloaded slots are used up and all is sent. */
int board_is_over(void);

/* The buffers of the largest plate, free for other use while no plate runs (MEASURE); and where the
 * core makes its frames, one of them. */
void board_lend_buffers(struct plate_config *config);
#define BOARD_OUT_BYTES PLATE_OUT_BYTES(WIRE_CELLS_MAX_PER_SIDE, WIRE_CELLS_MAX_PER_SIDE)
extern uint8_t board_out[BOARD_OUT_BYTES];

/* Counts of a slot, where they lie. */
const uint16_t *board_slot_counts(uint32_t number);

#endif
