/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate for tests of the host: real wire bytes on a real descriptor (pty, socket, FIFO), made by
 * a thread that does what a plate does, or what the script says a bad one does.
 *
 * Frame number n of a boot is stamped first_time_us + n / rate and holds cell values that follow
 * from n, so that a test can tell whether a recorded frame is the one that was sent. */
#ifndef TENDERFOOT_TESTS_SCRIPTED_PLATE_H
#define TENDERFOOT_TESTS_SCRIPTED_PLATE_H

#include "firmware/wire/payloads.h"

#include <stddef.h>
#include <stdint.h>

struct plate_script {
    struct wire_hello hello; /* scripted_plate_hello() fills in a good one */
    uint8_t version;         /* of its messages' headers; 0 = the present one */
    uint64_t first_time_us;
    int one_way;        /* HELLO and frames from the start, hears nothing */
    uint32_t begins_at; /* number of the first frame: a boot that goes on */
    int deaf_ms;        /* what it hears in its first ms is lost */
    int mute;           /* reads and says nothing */
    int busy;           /* answers HELLO, and everything else with BUSY */
    const void *babble; /* sent again and again in place of everything else */
    size_t n_babble;
    int bare;                 /* nobody stands on it: counts below 8 */
    int untared;              /* until TARE */
    int echo;                 /* says again what it hears, nothing else */
    size_t chunk;             /* bytes per write; 0 = whole messages */
    int leaves_after;         /* frames after which it closes its end; 0 = never */
    int leaves_mid_frame;     /* and half a frame more */
    int stalls_after;         /* frames after which it is silent until START comes again */
    int stalls_for_good;      /* ... and no START helps */
    int stalls_silently;      /* ... and no STATUS tells of it */
    int resets_after;         /* frames after which it boots: new boot id, numbers from 0 */
    const char *reset_serial; /* and is another plate */
    int resets_silently;      /* without saying HELLO: only STATUS and answers tell */
    int flips_at;             /* a byte of this frame's payload is turned; 0 = none */
    int repeats_at, drops_at; /* this frame comes twice, or not at all */
    int extra_at;             /* before this frame, these bytes are sent */
    const void *extra;
    size_t n_extra;
    const char *annotation; /* said once, after TARE began */
};

struct scripted_plate;

/* 12 x 10 cells of 5 mm, 12 bits, 100 frames/s (10 to 1000), full scale 600 kPa. */
struct wire_hello scripted_plate_hello(void);

/* Begins to play on `fd` (taken over, closed when it leaves or is stopped). */
struct scripted_plate *scripted_plate_start(const struct plate_script *script, int fd);

struct plate_deeds {
    int hellos, tares, starts, stops; /* commands heard, repeats of a request not counted */
    int unheard;                      /* that came while it was deaf */
    int frames;                       /* sent whole, over all boots */
    int streaming;
    int has_left;
};

/* Ends the thread and tells what was done. */
struct plate_deeds scripted_plate_stop(struct scripted_plate *plate);

/* What has been done so far. */
struct plate_deeds scripted_plate_deeds(struct scripted_plate *plate);

/* The whole message of frame n of a boot as it is sent; returns its size. */
size_t scripted_plate_frame(const struct plate_script *script, uint32_t n, uint8_t *out,
                            size_t cap);

/* A pty: the plate's end, and the path of the host's end (the path stays usable while the plate's
 * end is open). */
int scripted_plate_pty(char *path, size_t cap);

#endif
