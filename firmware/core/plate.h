/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate: scan, tare, gate, watch the button and the limit, encode, answer commands.
 *
 * `struct plate_config` is the whole port: fill it in, call plate_init once, then for ever
 *
 *     plate_receive(&plate, link, bytes, n);   whenever a host has sent something
 *     plate_step(&plate);                      as often as convenient
 *
 * No heap, no floating point, no register, no interrupt, no global state. One step does at most one
 * scan and a bounded amount of work (see plate_step), whatever the hosts send. All functions are to
 * be called from one thread (the main loop, not from interrupts); callbacks must not call back.
 *
 * Hosts are on up to four links. HELLO and IDENTIFY are answered on every link. The first link that
 * STARTs, TAREs, SELF_TESTs or sets a limit owns the plate: FRAMEs, EVENTs and STATUS go there
 * alone and the same wishes of another link are answered BUSY. STOP, or the link's end, frees the
 * plate: stream, job and limit end with it, light and buzzer go off.
 *
 * What has a number: each scan made while streaming, from 0 at boot, also those whose FRAME could
 * not be sent. Scans made only for a tare, a self-test or a limit have none, so that HELLO's
 * `scans` is the number of the next FRAME. A FRAME's time is the moment its scan began.
 *
 * A tare and a self-test work in bands of `work_rows` rows, from row 0 on, as many scans for each
 * band: each scan still reads, streams and limits the whole plate. A band's zeros and floors are in
 * place together, as soon as its part of the tare is over; the plate counts as tared, and says so,
 * when all bands are. A tare that ends before (STOP, or the link's end) leaves the plate as it was
 * if no band was done, else untared until the next one: half a tare is none. */
#ifndef TENDERFOOT_CORE_PLATE_H
#define TENDERFOOT_CORE_PLATE_H

#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

#include <stddef.h>
#include <stdint.h>

#define PLATE_CORE_VERSION "0.1.0"     /* for the config's firmware string */
#define PLATE_CORE_VERSION_BCD 0x0010u /* the same for USB's bcdDevice: a digit for each part */
#define PLATE_LINKS_MAX 4u
#define PLATE_INBOX_BYTES 256u   /* per link: the longest command that can be read */
#define PLATE_OUTBOX_BYTES 1024u /* per link: answers and events that wait for a slow host */
#define PLATE_ANSWERS_KEPT 8u    /* per link: requests that are still recognised when repeated */
#define PLATE_EDGES_PER_STEP 64u
#define PLATE_TARE_SLICES 8u   /* scans over which the end of a tare of all rows is spread */
#define PLATE_FAULTS_TOLD 48u  /* by a self-test, one by one; the count tells all */
#define PLATE_JOB_RATE_HZ 100u /* scans for a tare or self-test while nothing streams */

/* Sizes of the caller's buffers: constant expressions for constant geometry. */
#define PLATE_CELLS(rows, cols) ((size_t)(rows) * (cols))
#define PLATE_OUT_BYTES(rows, cols)                                                                \
    (WIRE_HEADER_SIZE + FRAME_HEAD_SIZE + 2u * PLATE_CELLS(rows, cols) + (rows) + 64u)

/* One change of the button's raw contact, bounce included. */
struct plate_edge {
    uint64_t time_us; /* device clock, of the edge itself; never before the edge given last */
    int down;         /* level after the edge */
};

struct plate_config {
    /* Given to every callback. */
    void *context;

    /* --- What the board does. NULL is allowed where it says so. ------------------------------ */

    /* Device clock, us since boot, never going back. */
    uint64_t (*now_us)(void *context);
    /* Converts one row: `cols` counts of 0..2^bits - 1, column 0 at the left. Rows come 0 (back) to
     * rows - 1 within one scan. 0, or -1 when the row could not be read: the scan is given up, its
     * FRAME counts as dropped, and the watchdog is not kicked for it. */
    int (*scan_row)(void *context, unsigned row, uint16_t *counts);
    /* Hands bytes to a link; returns how many were taken, 0..n. Must not block. The rest of a
     * message is offered again before anything else is. */
    size_t (*send)(void *context, unsigned link, const uint8_t *bytes, size_t n);
    /* The next raw edge of the button, oldest first, each once: 1, or 0 when there is none. The
     * board stamps edges (interrupt, capture) with 1 ms or better and keeps them until asked for.
     * NULL = no button. */
    int (*button_edge)(void *context, struct plate_edge *edge);
    /* Switches light and buzzer: WIRE_SIGNAL_* together, told on change only. NULL = neither. */
    void (*signal)(void *context, unsigned signals);
    /* 0.01 degree Celsius or WIRE_NO_TEMPERATURE. Asked for once a second. NULL = no sensor. */
    int16_t (*temperature_cdeg)(void *context);
    /* Called only in steps that found the loop healthy: idle, or the scan that was due is done. A
     * watchdog of at least two periods of rate_min_hz fits. NULL = no watchdog. */
    void (*watchdog_kick)(void *context);
    /* Whether power is short, as on a suspended bus (USB 2.0, 7.2.3). Asked at each step; while it
     * is, no scan is made (and none is numbered) and light and buzzer are off; what the hosts asked
     * for goes on afterwards. NULL = never. */
    int (*must_rest)(void *context);
    /* Reboots into the chip's firmware loader, with all outputs at rest; asked for by LOADER, a
     * step after its ACK has left. On a board it does not come back. NULL = no loader. */
    void (*enter_loader)(void *context);
    /* Whether the host has fetched all that `send` took for the link (a board that keeps it in a
     * ring); asked before enter_loader, for at most 200 ms. NULL = what is taken has left. */
    int (*has_left)(void *context, unsigned link);

    /* --- What the plate is. Told to the host in HELLO. ---------------------------------------- */

    uint16_t rows, cols;               /* 1..256 each */
    uint32_t pitch_x_um, pitch_y_um;   /* 500..50000 */
    uint8_t bits;                      /* of a count, 8..16 */
    uint16_t full_scale_kpa;           /* nominal, of the largest count; 0 = not stated */
    uint16_t rate_min_hz, rate_max_hz; /* what START may ask for, 1..1000 */
    uint16_t rate_hz;                  /* when START asks for none; min..max */
    uint32_t features;    /* of WIRE_HAS_LIGHT, _BUZZER, WIRE_IS_VIRTUAL; the others follow
                             from the callbacks */
    uint32_t boot_id;     /* another one at each boot, drawn by the board */
    const char *serial;   /* up to 24 printable ASCII, outliving the plate; not NULL */
    const char *firmware; /* up to 16 */
    const char *model;    /* up to 24 */

    /* --- How it behaves. -----------------------------------------------------------------------
     */

    unsigned links;      /* 1..PLATE_LINKS_MAX, numbered from 0 */
    int autostart;       /* 1 = nobody can ask (one way): link 0 gets HELLO at the first step, then
                            a TARE and a START at the default rate as if it had asked, without
                            ACKs; commands that do come are answered as ever */
    uint16_t tare_scans; /* 8..4096, half for the zero and half for the noise; 0 = 48 */
    uint16_t self_test_scans; /* 8..4096; 0 = 32 */
    uint8_t gate_sigmas;      /* noise floor in standard deviations, 1..16; 0 = 4 */
    uint32_t debounce_us;     /* quiet time after which the contact is believed, <= 100000;
                                 0 = 5000 */
    uint16_t limit_signal_ms; /* light and buzzer at a limit, unless changed; 0 = 1000 */
    uint16_t work_rows; /* of a band, 1..rows; 0 = all rows at once. Less of them is less memory
                           and as many times the scans for a tare or self-test */

    /* --- Buffers: the caller's, for as long as the plate lives, contents of no interest. -------
     */

    uint16_t *counts; /* PLATE_CELLS: the scan at work */
    uint16_t *zero;   /* PLATE_CELLS: zero of each cell */
    uint16_t *floor;  /* PLATE_CELLS: noise floor of each cell above its zero */
    uint32_t *work;   /* PLATE_CELLS of a band: a tare's sums, a self-test's lowest and highest */
    uint16_t *next_zero; /* PLATE_CELLS of a band: a tare's zeros until its floors are there */
    uint8_t *out;        /* PLATE_OUT_BYTES: the frame being sent */
    size_t out_bytes;    /* size of `out` */
};

/* The plate's own state, here only so that it can lie anywhere without a heap: about 6.5 KiB.
 * Nobody but firmware/core looks inside. */

/* A self-test's. */
struct plate_faults {
    struct wire_fault told[PLATE_FAULTS_TOLD];
    uint32_t total; /* told or not: a whole row is one */
    uint32_t cells; /* of the plate: a whole row is as many as it has */
};

struct plate_link {
    struct wire_stream in;
    uint8_t inbox[PLATE_INBOX_BYTES];
    /* Whole messages, oldest first; the first may be sent in part. */
    uint8_t outbox[PLATE_OUTBOX_BYTES];
    uint32_t outbox_used;
    struct wire_ack answers[PLATE_ANSWERS_KEPT]; /* command 0: empty */
    uint32_t next_answer;
};

enum plate_job { PLATE_NO_JOB, PLATE_JOB_TARE, PLATE_JOB_SELF_TEST };

struct plate {
    const struct plate_config *config;
    struct plate_link links[PLATE_LINKS_MAX];
    int owner; /* link, or -1 */

    int streaming, tared;
    int autostart;   /* what is still to do of it: 2 = all, 1 = streaming, after the tare */
    int scan_failed; /* the last scan was given up */
    int is_resting;  /* as the board said at this step */
    uint16_t start_rate_hz, start_flags;
    uint32_t scans, dropped, overruns, command_errors;

    struct {
        uint16_t rate_hz;        /* 0 = no scans are due */
        int has_last;            /* last_us holds a scan's time */
        uint64_t begin_us, slot; /* the next scan is due at begin_us + slot / rate_hz */
        uint64_t last_us;
    } pace;
    struct {
        uint64_t next_us, last_us;
        uint32_t scans_since;
    } status;
    struct {
        unsigned link;
        size_t size, sent; /* of config->out */
    } frame;
    struct {
        enum plate_job kind;
        int has_request, is_finished;
        uint32_t request, faulty;
        uint32_t row0, done; /* first row of the band at work, and its scans; rows: all are done */
        unsigned told;       /* parts of what a tare found that were sent */
        uint64_t zero_us, end_us;
    } job;
    struct {
        int down;      /* believed */
        int is_moving; /* edges came and it is not quiet yet */
        int level;
        uint64_t first_us, last_us;
    } button;
    struct {
        int armed;
        uint16_t row0, col0, rows, cols;
        uint32_t sum_counts;
        uint64_t expires_us;
        uint8_t event; /* enum wire_event_kind that waits for room to be told, or 0 */
        uint32_t event_sum;
        uint64_t event_us;
    } limit;
    struct {
        unsigned now, blinks; /* now: as wished; the board is told OFF while resting */
        int is_timed, is_alarm;
        uint64_t until_us;
    } signal;
    struct {
        int is_due;
        unsigned link; /* whose ACK is to leave first */
        uint64_t until_us;
    } loader;
    struct {
        /* Rows whose cells differed in some scan. */
        uint8_t row_unlike[WIRE_CELLS_MAX_PER_SIDE / 8];
        uint32_t changed;              /* cells that did, of the bands judged */
        struct plate_faults judged[2]; /* of a plate without noise, with noise */
    } self_test;
};

/* Checks the config (borrowed for the plate's life) and begins: nothing is sent yet. NULL, or a
 * fixed sentence saying which field is out of bounds; the plate may not be used then. */
const char *plate_init(struct plate *plate, const struct plate_config *config);

/* Bytes from a host, any chunks. Whole commands are done and answered at once. All bytes are taken:
 * a command whose answer has no room in a stuck host's outbox is not done (the host, having no
 * ACK, asks again). Work is proportional to n. An unknown link is ignored. */
void plate_receive(struct plate *plate, unsigned link, const uint8_t *bytes, size_t n);

/* The host on this link went away: what waits for it is forgotten, and the plate is freed if it was
 * the owner's. */
void plate_link_closed(struct plate *plate, unsigned link);

/* Sends HELLO unasked, as a board does on an open link after it was reset. */
void plate_announce(struct plate *plate, unsigned link);

/* One round of the loop: offers waiting bytes to the links, reads at most PLATE_EDGES_PER_STEP
 * edges, looks at the clocks of signal, limit and STATUS, and makes the one scan that is due, if
 * one is: rows * cols cells are read, gated and encoded once, and at two steps at the end of a
 * tare that a host asked for, encoded once more, to tell it what was found (ZERO). A scan that
 * begins more than half a period late is an overrun; slots missed whole are skipped, not caught up.
 * Returns 1 if a scan was made, else 0. */
int plate_step(struct plate *plate);

/* Whether scans are wanted (streaming, a tare, a self-test or an armed limit), and when the next
 * one is due (device clock); meaningless while none is wanted. */
int plate_is_scanning(const struct plate *plate);
uint64_t plate_next_scan_us(const struct plate *plate);

/* Offers a link's waiting bytes to it, as each step does for all; for a board that learns between
 * steps that the link can take some. Whether bytes wait for this link. */
void plate_flush(struct plate *plate, unsigned link);
int plate_has_unsent(const struct plate *plate, unsigned link);

/* A message of the board's own (LOG; the virtual plate's ANNOTATIONs) for the owner, between two
 * other messages. 0 when it is taken, or when nobody owns the plate; -1 when there is no room at
 * the moment: try again after a step. n is at most out_bytes - WIRE_HEADER_SIZE. */
int plate_post(struct plate *plate, enum wire_type type, uint64_t time_us, const void *payload,
               size_t n);

#endif
