/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station as a service: its plates, its folder, and what the routes of its API share. */
#ifndef TENDERFOOT_DRIVER_DAEMON_SERVICE_H
#define TENDERFOOT_DRIVER_DAEMON_SERVICE_H

#include "driver/daemon/go_on.h"
#include "driver/daemon/http_server.h"
#include "driver/daemon/plate_station.h"
#include "driver/store/store.h"

#include <pthread.h>

enum { SERVICE_PLATES_MAX = 8 };

struct service_options {
    const char *data;          /* folder; recordings lie in its "inbox" until they are somebody's */
    const char *calibration;   /* a file, of the plate that it names; NULL = none */
    const char *calibrations;  /* a folder with SERIAL.json of plates; NULL = in the data folder */
    const char *store;         /* the catalogue, as store.h has it: NULL = $TENDERFOOT_STORE */
    struct seal_key key;       /* of an encrypted data folder, as store.h has it */
    const char *const *plates; /* URIs that are always there to be looked for */
    int n_plates;
    int discovers; /* what is plugged in joins by itself */
    unsigned rate_hz;
    double wait_s;
    size_t behind_bytes;
};

struct service {
    struct service_options options;
    char recordings[480];    /* the inbox */
    char calibrations[480];  /* of plates, by serial number */
    struct store_keys *keys; /* of an encrypted data folder; NULL: it is not */
    struct atlas *atlas;
    struct screening_questions *questions;
    char token[HTTP_TOKEN_SIZE + 1];
    uint64_t started_us;
    struct http_gate *gate; /* for its numbers; NULL until there is one */
    int is_secure;          /* TLS in front: the cookie says so */

    pthread_mutex_t lock; /* plates, which the thread of service_look alone changes; exports */
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int n_plates;
    /* Unplugged for good, their place is another's: kept till the end, as an answer may be holding
     * one (some KB each). */
    struct plate_station **retired;
    int n_retired;
    struct go_on *go_on; /* with what the station before left when it died; NULL: nothing */
    int exports;         /* of a person, under way: one at a time, it reads from the plates' disk */
    char look_problem[360];   /* why a kind of plate cannot be looked for; "": all can */
    pthread_mutex_t analysis; /* one at a time: they take a core and much memory */
};

/* Makes the folders (0700), loads the chart, starts the plates that are named. */
int service_open(struct service *service, const struct service_options *options,
                 struct problem *why);
/* Wakes and ends all live streams, so that the server can be stopped. */
void service_hush(struct service *service);
/* Ends recordings well, then everything. The server is stopped first. */
void service_close(struct service *service);

/* Looks for what was plugged in: to be called when transport_watch has news. One thread. */
void service_look(struct service *service);

/* What is plugged in now, by URI. */
struct service_seen {
    char uri[32][128];
    int n;
};
/* The same when it is known already. New ones join; when there is no place left, one that joined
 * this way, is not plugged in any more, and is neither looked at nor recorded makes room. */
void service_see(struct service *service, const struct service_seen *seen);

/* Those that there are now: how many. Any thread; they stay until service_close. */
int service_plates(struct service *service, struct plate_station *plates[SERVICE_PLATES_MAX]);

/* By its id; NULL = there is none. */
struct plate_station *service_plate(struct service *service, const char *id);

/* Whether a plate's thread hangs, and for how long it has not gone round: plate_station_hangs. */
int service_hangs(struct service *service, double *silent_s);

/* The routes, for http_server_start, and the paths that need no token, for the gate. */
extern const struct http_route service_routes[];
extern const char *const service_open_paths[];

#endif
