/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording with its numbers into the store: what the verbs and the station both do when one is
 * somebody's. One thread a call. */
#ifndef TENDERFOOT_DRIVER_KEEP_RECORDING_H
#define TENDERFOOT_DRIVER_KEEP_RECORDING_H

#include "driver/store/store.h"

/* Its sway as tenderfoot/sway/1 by the usual options; a new reference. NULL and *why: nobody stood
 * still long enough, or it cannot be read. */
json_t *recording_sway_json(const char *path, struct problem *why);

/* Analyses the recording at `path` and adds it as a session of the person; of a stand its sway as
 * well, where somebody stood still (a failure to measure it is one of the whole: the numbers of a
 * session are complete or not there). As store_session_add. */
int keep_recording(struct store *store, const char *person, const char *path,
                   char id[STORE_ID_SIZE], struct problem *why);

/* Refused unless the person has agreed to `purpose`, "recording" or "storing". `whole` receives the
 * whole id. */
int keep_needs_consent(struct store *store, const char *person, const char *purpose,
                       char whole[STORE_ID_SIZE], struct problem *why);

/* One that a station made names its person by the whole id: refused for anybody else. Nobody's, and
 * one that came from elsewhere with a label, is given by whoever knows whose it is. */
int keep_needs_own(const char *path, const char *person, struct problem *why);

#endif
