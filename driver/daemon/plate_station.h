/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One plate of the station: watched while nothing else is to be done, and on command zeroed,
 * recorded, or led through a press test. A thread a plate, so that plates never wait for each
 * other; viewers look at its board (live_board.h) and so can't keep it waiting either. A plate that
 * leaves is looked for again until it is there; a recording of a plate that left goes on when it is
 * back, as session.h has it. All functions may be called by any thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_PLATE_STATION_H
#define TENDERFOOT_DRIVER_DAEMON_PLATE_STATION_H

#include "analysis/press/protocol.h"
#include "analysis/result.h"
#include "analysis/screen/screening.h"
#include "driver/daemon/live_board.h"
#include "driver/operator_note.h"
#include "driver/press_run.h"
#include "driver/session.h"
#include "driver/store/store.h"

#include <jansson.h>

enum plate_phase {
    PLATE_LOOKING, /* it is not there, or does not answer */
    PLATE_WATCHING,
    PLATE_ZEROING,
    PLATE_RECORDING, /* from the command to the end of the file */
    PLATE_PRESSING,
    PLATE_ENDING, /* the station closes */
};
extern const char *const plate_phase_names[]; /* "looking", "watching", ... */

/* What became of a recording. `name` is its file's without ".tfr". */
struct plate_outcome {
    char name[65], path[512], protocol[16], client[128];
    char continues[65]; /* the name of what it went on with; "" = it began by itself */
    int segment;
    struct session_result session;
    int discarded;          /* the file was removed, as commanded */
    struct problem problem; /* kind NONE: it went well */
};

struct plate_options {
    const char *uri;
    const char *calibration;   /* a file, of the plate that it names; NULL = none */
    const char *calibrations;  /* a folder with SERIAL.json of plates; NULL = none */
    const char *folder;        /* for recordings */
    unsigned rate_hz;          /* 0 = the plate's own */
    double wait_s;             /* for a plate that leaves while recorded */
    size_t behind_bytes;       /* write-behind of a recording, session.h */
    const struct atlas *atlas; /* borrowed */
    /* Told by the plate's thread when a recording is over; NULL = nobody. */
    void (*finished)(void *context, const struct plate_outcome *outcome);
    void *context;
};

struct plate_station;

/* Strings are copied; starts the thread. `id` is http_is_name. */
struct plate_station *plate_station_start(const char *id, const struct plate_options *options,
                                          struct problem *why);
/* Ends what runs (a recording stays, closed well) and the thread. */
void plate_station_stop(struct plate_station *station);

/* Ends the thread of a plate that is not there, at which nobody looks and of which nothing is being
 * written: 1, and it takes no command any more; 0: it stays as it is. Whoever has hold of it may go
 * on asking until plate_station_stop, which is due all the same. */
int plate_station_retire(struct plate_station *station);

const char *plate_station_id(const struct plate_station *station);
const char *plate_station_uri(const struct plate_station *station);
struct live_board *plate_station_board(struct plate_station *station);

/* Its state, "tenderfoot/live-state/1" (openapi.json: State). NULL: no memory. */
json_t *plate_station_json(struct plate_station *station);

/* Whether the recording of this name is still being written, or closed: its file is the plate's. */
int plate_station_writes(struct plate_station *station, const char *name);

/* Whether a recording of this client is being made, written or closed: 1, and name[65] has its. */
int plate_station_takes(struct plate_station *station, const char *client, char *name);

/* Something was plugged in: look now, not in a second. */
void plate_station_look(struct plate_station *station);

/* For the watchdog, which asks about once a second, one thread: whether the plate's thread hangs
 * (pulse.h), and for how long it has not gone round. */
int plate_station_hangs(struct plate_station *station, double *silent_s);

/* --- Commands: 0, or -1 and *why (PROBLEM_REFUSED: not now) ----------------------------------- */

/* tell_person: a virtual plate's person is told to step off first (nobody else hears it). Refused
 * under load, as are a recording without keep_zero and a press test on a plate that is not virtual;
 * anyway: not. */
int plate_station_zero(struct plate_station *station, int tell_person, int anyway,
                       struct problem *why);

/* Found by hand on a sole, as operator_note.h has it typed; checked by who fills it in. */
#define PLATE_NOTE_SIZE 200
struct plate_notes {
    char of[OPERATOR_NOTES_MAX][PLATE_NOTE_SIZE];
    int n;
};

/* A recording that its station left when it died (broken_off.h), and goes on as another. */
struct plate_continues {
    char recording[65];
    int segment;                 /* of the new one */
    char serial[25];             /* of the plate, ... */
    uint32_t boot_id, last_scan; /* ... when it sent the last frame */
    uint64_t last_frame_us;      /* host_clock_us */
};

struct plate_recording {
    char protocol[16];  /* stand | walk | sway */
    char condition[16]; /* of a sway: eyes_open | eyes_closed; "" = not stated */
    char client[128];   /* "" = none */
    double seconds;     /* 0 = until stopped */
    int keep_zero;      /* no tare: somebody may stand on it */
    int tell_person;    /* a virtual person is told to step off for the tare, and on again */
    struct plate_notes notes;
    char heel_pain_walking[8]; /* of today's screening: "no", "left", ...; "" = not asked */
    /* On the client, NULL = none; the station's until its file is whole or gone, once begun. */
    struct store_hold *hold;
    struct plate_continues continues;  /* recording "" = of none; then the zero is kept, as ... */
    const struct notes *notes_carried; /* ... are its notes, which must outlive the station */
};

/* Whether the plate can go on with that recording: 1; 0 not yet, or it is another plate; -1 and
 * *why never: it is used already, or has not lived on with its zero. */
int plate_station_can_go_on(struct plate_station *station, const struct plate_continues *with,
                            struct problem *why);

/* name[65] gets the recording's. */
int plate_station_record(struct plate_station *station, const struct plate_recording *wanted,
                         char *name, struct problem *why);

struct plate_press {
    char client[128];
    struct tool tool;
    enum route_kind route;
    char chosen[16][32];
    int n_chosen;
    int presses_max;
    double minutes_max, stand_s;
    uint64_t seed;
    enum stated_sex sex;
    int has_screening;
    struct screening screening; /* its questions must outlive the station */
    /* A test before of the same person, whose answers count when it can be gone on with; "" = none.
     */
    char earlier[600];
    int is_auto; /* virtual plates: the person does all by itself */
    struct plate_notes notes;
    struct store_hold *hold; /* as plate_recording.hold */
};
int plate_station_press(struct plate_station *station, const struct plate_press *wanted, char *name,
                        struct problem *why);

/* Of what is being recorded. discard: the file is removed when it is closed. */
int plate_station_stop_recording(struct plate_station *station, int discard, struct problem *why);
/* A key of the press test: "go", "stop", "skip", "end", "0" to "4". */
int plate_station_key(struct plate_station *station, const char *key, struct problem *why);

#endif
