/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mailbox: how counts, button edges and commands get into the emulated board.
 *
 * It lies at the start of the board's 16 MiB PSRAM bank (0x21000000), which a host either fills
 * before the start (`-device loader`) or maps as a file. Both sides are little-endian and use this
 * very header. Each field has one writer. A field of 32 bits is read and written at once; pairs of
 * them are guarded as said below. What the board says to its hosts goes out by semihosting
 * (SYS_WRITE) to the paths given here, one for each link.
 *
 * Ways to run (`mode`):
 *   PRELOADED  all slots and edges lie there before the start; slot n is what scan n reads; the
 *              board tares and starts by itself and leaves when the slots are used up. With
 *              `-icount` two runs give the same bytes.
 *   LIVE       the board runs by its own timer; a scan reads the newest slot. The host puts a slot
 *              there for each time that the board announces (next_us).
 *   LOCKSTEP   the board's clock is now_us and stands still until the host says so: after each
 *              token read from `answer_path` it does what the token says, publishes its state and
 *              writes one byte to `ask_path`.
 *   MEASURE    encodes slot 0 many times and writes what it cost to link 0. */
#ifndef TENDERFOOT_BOARDS_QEMU_MAILBOX_H
#define TENDERFOOT_BOARDS_QEMU_MAILBOX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define MAILBOX_ADDRESS 0x21000000u
#define MAILBOX_BYTES (16u << 20)
#define MAILBOX_MAGIC 0x424D4654u /* the bytes 'T' 'F' 'M' 'B' */
#define MAILBOX_VERSION 1u
#define MAILBOX_LINKS 4u
#define MAILBOX_EDGES 256u
#define MAILBOX_COMMAND_BYTES 4096u
#define MAILBOX_PATH_BYTES 96u

enum mailbox_mode {
    MAILBOX_PRELOADED = 1,
    MAILBOX_LIVE = 2,
    MAILBOX_LOCKSTEP = 3,
    MAILBOX_MEASURE = 4,
};

/* Tokens of LOCKSTEP, host to board, one byte each. The end of the file ends the board as well. */
enum mailbox_token { MAILBOX_LISTEN = 'L', MAILBOX_STEP = 'S' };

/* A ring of a link's bytes to the board. Counters run on and wrap at 2^32. */
struct mailbox_commands {
    uint32_t produced;  /* host, after the bytes */
    uint32_t consumed;  /* board */
    uint32_t closed;    /* host: counts how often the host of this link has left ... */
    uint32_t closed_at; /* ... and where in the ring its last bytes ended; written before */
    uint8_t bytes[MAILBOX_COMMAND_BYTES];
};

struct mailbox_edge {
    uint32_t time_us_low, time_us_high; /* the time line of the slots */
    uint32_t down, reserved;
};

struct mailbox {
    /* --- Written by the host before the start ------------------------------------------------ */
    uint32_t magic, version, mode;
    uint32_t rows, cols, bits; /* 1..256, 1..256, 8..16 */
    uint32_t pitch_x_um, pitch_y_um, full_scale_kpa;
    uint32_t rate_hz, rate_min_hz, rate_max_hz;
    uint32_t boot_id;      /* of the first boot; the board counts on from it after a reset */
    uint32_t autostart;    /* 1 = link 0 is one way */
    uint32_t watchdog_ms;  /* 0 = off: for runs in which the host may hold the board up */
    uint32_t slots;        /* in the ring, or in all (PRELOADED) */
    uint32_t slot_bytes;   /* from one slot to the next: mailbox_slot_bytes() */
    uint32_t links;        /* 1..MAILBOX_LINKS */
    uint32_t out_room;     /* bytes that may be under way on a link; 0 = no bound, and a reader
                              that stalls holds the board up */
    uint32_t hang_at_scan; /* a fault on demand: the first boot hangs at this scan; 0 = never */
    char serial[28];       /* NUL-terminated, as in HELLO */
    char out_path[MAILBOX_LINKS][MAILBOX_PATH_BYTES]; /* opened for writing; "" = link unused */
    char ask_path[MAILBOX_PATH_BYTES], answer_path[MAILBOX_PATH_BYTES]; /* LOCKSTEP */

    /* --- Written by the host while it runs --------------------------------------------------- */
    uint32_t produced;                 /* slots so far, after the slot itself */
    uint32_t edges_produced;           /* edges so far, after the edge itself */
    uint32_t stop;                     /* 1 = leave now */
    uint32_t now_us_low, now_us_high;  /* LOCKSTEP: the board's clock */
    uint32_t out_taken[MAILBOX_LINKS]; /* bytes read from a link so far, modulo 2^32 */

    /* --- Written by the board ---------------------------------------------------------------- */
    uint32_t state; /* counted up before and after the fields below: odd = being written */
    uint32_t boots, scanning, streaming, signals;
    uint32_t owner;                       /* 1 + the link of the host that has the plate, or 0 */
    uint32_t clock_us_low, clock_us_high; /* the board's clock at its last look */
    uint32_t next_us_low, next_us_high;   /* when the next scan is due, while scanning */
    uint32_t slots_read, edges_consumed;
    uint32_t stale_scans; /* LIVE: scans that found no new slot since the last one */

    struct mailbox_commands commands[MAILBOX_LINKS];
    struct mailbox_edge edges[MAILBOX_EDGES];
};

/* One scan. Slots follow the mailbox from MAILBOX_SLOTS_AT on. */
struct mailbox_slot {
    uint32_t time_us_low, time_us_high; /* of the scan, on the edges' time line */
    uint32_t number, reserved;
    uint16_t counts[]; /* rows * cols, row-major */
};

#define MAILBOX_SLOTS_AT 65536u

static_assert(sizeof(struct mailbox) <= MAILBOX_SLOTS_AT, "the slots lie behind the mailbox");
static_assert(offsetof(struct mailbox, produced) % 4 == 0, "words are aligned");

/* A multiple of 16, and how many of them there is room for. */
static inline uint32_t mailbox_slot_bytes(uint32_t rows, uint32_t cols)
{
    return ((uint32_t)sizeof(struct mailbox_slot) + 2u * rows * cols + 15u) & ~15u;
}

static inline uint32_t mailbox_slots_max(uint32_t rows, uint32_t cols)
{
    return (MAILBOX_BYTES - MAILBOX_SLOTS_AT) / mailbox_slot_bytes(rows, cols);
}

#endif
