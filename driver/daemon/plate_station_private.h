/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a plate's station: plate_station.c has the thread and the commands, plate_watch.c
 * what it does while nothing is recorded, plate_person.c what a virtual person is told,
 * plate_tasks.c recordings and press tests, plate_json.c what is told to others. */
#ifndef TENDERFOOT_DRIVER_DAEMON_PLATE_STATION_PRIVATE_H
#define TENDERFOOT_DRIVER_DAEMON_PLATE_STATION_PRIVATE_H

#include "calib/calibration.h"
#include "driver/daemon/live_view.h"
#include "driver/daemon/plate_station.h"
#include "driver/daemon/pulse.h"
#include "driver/host_link.h"
#include "driver/recording_behind.h"

#include <pthread.h>

/* What a page shows of a press test: a press_view whose pointers are followed. */
struct plate_press_view {
    enum press_phase phase;
    enum tool_kind tool_kind;
    struct press_cue cue; /* its `place` is not to be used: place_id and place_at are */
    int has_cue, has_place;
    char place_id[ROUTE_PLACE_ID_MAX];
    struct uv place_at;
    double stood_s, stand_s, ramp_low_kpa_s, ramp_high_kpa_s, silent_s;
    int is_standing;
    char told[240];    /* the newest sentence to be read */
    char earlier[240]; /* what of the person's test before counts; "" = there is none */
};

#define PLATE_UNTARED_KPA 30.0 /* zeros and noise of a plate that was not tared stay below */

/* What a plate is read by; calibration NULL = the nominal scale. */
struct plate_calibration {
    struct calibration *calibration;
    char *path;
};

/* The files that may be a plate's calibration as they were looked at last: the named one, that of
 * the folder. All 0 = there was none. */
struct plate_calibration_mark {
    struct {
        uint64_t inode;
        int64_t bytes, changed_ns;
    } of[2];
};

/* Under the lock: what is told of the plate. */
struct plate_state {
    enum plate_phase phase;
    int has_hello;
    /* "nominal", and no file, when there is none. */
    char calibration_id[64], calibration_date[16], calibration_file[64];
    struct wire_hello hello;
    struct problem problem;        /* why it is looked for, or why the last zeroing failed */
    char calibration_problem[360]; /* a file came that is none of this plate; "" */
    int is_zeroed;                 /* tared since it was met */
    unsigned masked_cells;
    double rate_hz, force_n, cop_x_mm, cop_y_mm, peak_kpa;
    uint64_t frames, lost, bad;
    int has_numbers, is_untared, has_status;
    struct wire_status status;
    double silent_s;
    char name[65], protocol[16]; /* of what is recorded */
    char continues[65];          /* what that goes on with; "" */
    int segment;
    struct session_progress progress;
    struct plate_press_view press;
    int has_last, has_late;
    struct plate_outcome last, late; /* late: over, but a slow disk has not all of it yet */
};

struct plate_station {
    char id[65];
    struct plate_options options;
    char *uri, *folder, *calibration_named, *calibrations; /* options' own copies */
    struct live_board *board;
    struct live_feet *feet;
    struct live_view *view;
    struct plate_calibration calibration; /* the thread's own: of the plate that was met */
    struct plate_calibration_mark calibration_mark; /* the thread's own */
    uint64_t calibration_us;                        /* looked at last */
    pthread_t thread;
    int news_fd; /* eventfd: a command waits, or something was plugged in */
    int stop_fd; /* eventfd: ends a recording */
    int keys[2]; /* a pipe: keys of the press test */

    pthread_mutex_t lock;
    int ends, discard, tell_person; /* of PLATE_ZEROING */
    int is_retired;                 /* of whoever stops it: the thread has ended already */
    struct plate_state state;
    struct plate_recording recording; /* of PLATE_RECORDING */
    struct plate_press press;         /* of PLATE_PRESSING */
    char client[128];                 /* of whom the recording is, from its command to the end of */
    struct store_hold *hold;          /* its file, also a late one */
    uint64_t pulse_us, told_us;
    int thread_id;                 /* the kernel's, of `thread` */
    struct pulse_watch watch;      /* of whoever asks plate_station_hangs */
    struct recording_behind *late; /* the thread's own: the writer of state.late */
    int person_is_off;             /* the thread's own: what a virtual person was told last */
    uint64_t reminded_us;
};

/* plate_station.c */
enum plate_phase plate_phase(struct plate_station *station);
void plate_set_phase(struct plate_station *station, enum plate_phase phase);
/* Only when the phase is `from` still (a command may have come in between): 1, else 0. */
int plate_change_phase(struct plate_station *station, enum plate_phase from, enum plate_phase to);
/* The plate's thread (`station`) goes round: for host_link_on_turn, and where no link is asked. */
void plate_pulse(void *station);
void plate_drain(int fd);
/* Copies what the view knows into the state. */
void plate_note_view(struct plate_station *station, double silent_s);
/* Hangs the state up when it is due (`now`: in any case). */
void plate_tell(struct plate_station *station, int now);

/* plate_watch.c: opens the plate and shows it until the phase is another; takes the link along for
 * what comes next when it can (*link, else NULL). A calibration that comes meanwhile is taken, by
 * the recording that is commanded next at the latest. */
void plate_watch(struct plate_station *station, struct host_link **link);

/* plate_person.c: a virtual plate's person is told to step on or off, and has done so when this
 * returns (or never will: a few seconds are waited). Nothing on other plates, and to who stands, or
 * is off, already. */
void plate_person_on(struct plate_station *station, struct host_link *link);
void plate_person_off(struct plate_station *station, struct host_link *link);
/* While nothing is recorded, now and then: stays as it was told last (on the plate, before any
 * word), so that it neither presses by a plan of its own nor leaves while the page waits. */
void plate_person_remind(struct plate_station *station, struct host_link *link);

/* plate_tasks.c: until its end, whatever comes; `link` is taken over. The link for what comes
 * next, the plate at rest, or NULL. */
struct host_link *plate_do_recording(struct plate_station *station, struct host_link *link);
struct host_link *plate_do_press(struct plate_station *station, struct host_link *link);
/* Ends a recording that the disk has kept waiting, when it has it all; `waits`: until then. */
void plate_mind_late(struct plate_station *station, int waits);

/* plate_calibration.c: the file that was named, when it is this plate's; else SERIAL.json of the
 * folder; else the nominal scale when no file was named. A file that stands there and is damaged or
 * another plate's is refused (-1), never passed over: somebody meant it. */
#define PLATE_CALIBRATION_PATH 512
int plate_calibration_take(const struct plate_options *options, const struct wire_hello *hello,
                           struct plate_calibration *found, struct problem *why);
void plate_calibration_drop(struct plate_calibration *held);
/* 1 when another file stands there than when it was asked last, or none any more. */
int plate_calibration_changed(const struct plate_options *options, const struct wire_hello *hello,
                              struct plate_calibration_mark *mark);

/* plate_json.c */
json_t *plate_state_json(const struct plate_station *station, const struct plate_state *state);

#endif
