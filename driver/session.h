/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording session: one plate, one file, from HELLO to the last frame.
 *
 * The plate is asked who it is, checked (protocol, geometry, calibration), tared, asked again (so
 * that the count of frames begins after the tare) and started; then each of its messages goes into
 * the recording byte by byte as it came, with the host time of its arrival. Whatever happens then,
 * a stop by the user, a plate that stalls, restarts or leaves, a full disk, ends in a file that is
 * valid as far as it goes. A plate that leaves and can be told from all others is waited for, and
 * the recording goes on in the same file when it is back: in the same boot what was missed counts
 * as lost frames, after another boot it is a restart; it is not tared again, because somebody
 * stands on it. One-way plates (FIFO, replay) are not asked: they begin by themselves.
 * Blocks until the end; single-threaded. */
#ifndef TENDERFOOT_DRIVER_SESSION_H
#define TENDERFOOT_DRIVER_SESSION_H

#include "driver/notes.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/problem.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"

#include <stddef.h>
#include <stdint.h>

struct calibration;

/* The plate as a leader meets it. Both pointers live as long as the session. */
struct session_plate {
    const struct wire_hello *hello;
    const struct calibration *calibration; /* NULL = nominal, by the plate's stated full scale */
    int is_one_way;                        /* it hears no command */
};

/* What a leader wants: something said in the recording, a command to the plate, or both. */
struct session_wish {
    const char *say;      /* an annotation (NUL-terminated) that holds from now on; NULL = none */
    uint8_t command_type; /* WIRE_CMD_...; 0 = none */
    /* A `request` of the leader's own, from SESSION_REQUESTS up, so that it knows the ACK again,
     * and may repeat itself; 0 = the session numbers it. */
    struct wire_command command;
};
#define SESSION_REQUESTS UINT32_C(0x40000000)

/* Somebody who leads a session from this computer: a maker's bench, a guided press test. NULL
 * members are not wanted. All are called by the thread of the session. */
struct session_leader {
    void *context;
    /* Once, before the tare. -1 and *why: not with this plate; nothing is recorded. */
    int (*meet)(void *context, const struct session_plate *plate, struct problem *why);
    /* Each whole message of the plate in order, from the tare on, after it was kept. -1 and *why
     * ends the session, with what was recorded until then. */
    int (*hear)(void *context, const struct wire_message *message, struct problem *why);
    /* Asked until it gives 0: before each frame is kept (what is said holds from that frame on),
     * and after each message heard (then from the newest frame on). elapsed_s: device time since
     * the first frame. What is said with step "end" ends the recording. To a plate that says it is
     * virtual it is said aloud too (PROTOCOL.md 7). The text stays valid until the next call. */
    int (*wants)(void *context, double elapsed_s, struct session_wish *wish);
};

/* Somebody who only listens beside the leader: a live view. NULL members are not wanted; called by
 * the thread of the session, `hear` with what a leader hears, before he does. */
struct session_ear {
    void *context;
    void (*meet)(void *context, const struct session_plate *plate);
    void (*hear)(void *context, const struct wire_message *message);
    void (*turn)(void *context); /* as host_link_on_turn */
};

/* What a progress bar shows. Ten times a second while frames come, and once a second while not. */
struct session_progress {
    double elapsed_s, seconds; /* device time since the first frame; wanted, 0 = until stopped */
    uint64_t frames, lost;
    int has_numbers;                    /* the three below hold */
    double force_n, cop_x_mm, cop_y_mm; /* plate frame; COP is NAN below 20 N */
    double silent_s;                    /* since the last frame, host time */
    uint64_t frames_in_file;            /* written: a program that dies now leaves them behind */
    uint64_t frames_waiting;            /* for the disk, in memory */
    uint64_t frames_skipped;  /* there was no more room for them; among `lost` of the file */
    double disk_behind_s;     /* how long the oldest one that waits has waited */
    double disk_minutes_left; /* at the rate so far; NAN = not known */
    double gap_s;             /* session_continues: as soon as a frame has come; 0 = none */
    int is_waiting;           /* the plate has left; it is waited for since ... */
    double waiting_s, wait_s; /* ... so long, and at most so long */
};

struct recording_behind;

/* What is recorded goes on with a recording that broke off when its program died: said in the file
 * with the first frame (PROTOCOL.md, `continues`). */
struct session_continues {
    const char *recording;  /* its name */
    int segment;            /* 2, or more when that one went on already */
    uint64_t last_frame_us; /* arrival of its last frame, host_clock_us */
};

struct session_options {
    const char *uri;        /* transport.h */
    struct host_link *link; /* NULL: `uri` is opened; else one that is open already, taken over:
                               then `uri` is only its name */
    struct host_link **link_back; /* NULL: the link is closed at the end. Else it is put there,
                                     the plate at rest, or NULL when the plate has left */
    const char *path;             /* the recording; must not exist */
    const char *protocol;         /* stand | sway | press | walk | bench */
    const char *condition;        /* eyes_open | eyes_closed; NULL or "" = not stated */
    const char *client;           /* label for the header; NULL = none */
    const char *calibration;      /* file, copied into the recording; NULL = nominal */
    const struct notes *notes;    /* NULL = none */
    double seconds;               /* device time from the first frame; 0 = until stopped */
    unsigned rate_hz;             /* 0 = the plate's own default */
    double wait_s;                /* how long a plate that has left is waited for; 0 = not at all */
    int ungated;                  /* noise below the floor is wanted too */
    size_t behind_bytes;          /* of write-behind (recording_behind.h); 0 = none */
    struct recording_behind **writer_back; /* NULL: the end waits for the disk. Else, when the disk
                                              keeps it waiting, the writer is put there, its end
                                              already asked for (recording_behind_end) */
    int keep_zero; /* no tare: the plate is tared and somebody may stand on it */
    int stop_fd;   /* becomes readable when the user wants to stop (signalfd); -1 */
    void (*progress)(void *context, const struct session_progress *progress); /* NULL = none */
    void *context;
    const struct session_leader *leader;       /* NULL = none */
    const struct session_ear *ear;             /* NULL = none */
    const struct session_continues *continues; /* NULL = it begins by itself */
};

struct session_result {
    int has_file;                /* a recording was made */
    int interrupted;             /* ended by stop_fd */
    struct wire_hello plate;     /* as it was at the start */
    struct sequence_book frames; /* delivered, lost, bad, repeats */
    double duration_s; /* device time from the first frame to the last, restarts left out */
    unsigned rate_hz;
    unsigned restarts, stalls; /* boots after the first; times when START had to be repeated */
    unsigned replugs; /* times when the plate had left, or was silent for good, and came back */
    double
        longest_gap_s; /* of those: from the last frame before to the first one after, host time */
    unsigned masked_cells;                    /* that the tare found faulty */
    uint64_t damaged_bytes;                   /* of the plate's stream that were no message */
    uint32_t device_dropped, device_overruns; /* the plate's own counts, by its last STATUS */
    uint64_t frames_skipped; /* the disk was too slow for them: missing in the file, and counted
                                in it */
    double continued_gap_s; /* from the last frame of what it goes on with to its first; 0 = none */
    unsigned notes_unused;  /* notes whose time never came */
    int has_drift;
    char notice[256]; /* what the transport had to say (transport_notice); "" = nothing */
    double drift_ppm; /* the plate's clock against the host's, positive = fast (clock.h) */
};

/* Runs the whole session. *result is filled as far as it went, on failure too. 0 when the seconds
 * are over, the plate's own operator says step "end" (a virtual visit), or the user stopped after
 * the first frame. -1: nothing was recorded (result->has_file is
 * 0), or the plate left or fell silent (PROBLEM_DEVICE_LOST), or the file could not be written any
 * further (PROBLEM_FAILED): what was recorded until then is there. */
int session_record(const struct session_options *options, struct session_result *result,
                   struct problem *why);

#endif
