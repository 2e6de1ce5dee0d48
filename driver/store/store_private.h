/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this room share. */
#ifndef TENDERFOOT_DRIVER_STORE_STORE_PRIVATE_H
#define TENDERFOOT_DRIVER_STORE_STORE_PRIVATE_H

#include "driver/store/sql.h"
#include "driver/store/store.h"
#include "driver/store/store_keys.h"
#include "driver/store/vault.h"

#include <stddef.h>

#define CATALOGUE "catalogue.sqlite"

struct store {
    struct sql sql;
    char *data; /* absolute, without links */
    char *who;  /* acts */
    char *key;  /* of the access log's hashes, hexadecimal */
    int lock;   /* the folder, open and locked (shared): nobody encrypts it meanwhile */
    struct store_keys *keys;          /* NULL: not encrypted */
    struct vault vault;               /* the recordings: data and keys */
    char *key_file, *passphrase_file; /* as they were given */
    char today[11];                   /* "" = the clock's */
};

/* --- store.c --------------------------------------------------------------------------------- */

/* A folder with mode 0700; one that is there is fine. Its parents are made when missing. */
int store_make_folder(const char *path, struct problem *why);

/* Absolute, without links, into *real (malloc'ed); mode 0700; made when `make`. */
int store_take_folder(const char *path, int make, char **real, struct problem *why);
/* Holds the folder: for all who use it, or (`alone`) for one who changes how it is kept. A
 * descriptor to close, or -1 and *why. */
int store_lock_folder(const char *path, int alone, struct problem *why);
/* Options to open another folder as this one was opened: a backup of it, a store to merge. */
struct store_options store_options_like(const struct store *store, const char *folder);
/* An encrypted folder's mark goes with a copy of its catalogue. */
int store_mark_copy(const struct store *store, const char *folder, struct problem *why);

/* Erasing goes through the backups that are noted. */
int store_note_backup(struct store *store, const char *folder, struct problem *why);

/* --- store_text.c: what may come in, and how it is kept -------------------------------------- */

/* "2026-11-22", or "2026-11-22T09:30:00Z". */
void store_now(char *text, size_t n);
void store_day(const struct store *store, char day[11]);
/* A date that the calendar has. */
int store_is_day(const char *text);
/* `day` moved by so many days, or years (29 February becomes 1 March). */
void store_move_day(const char *day, int days, int years, char moved[11]);

/* `text` is UTF-8 of at most `most` bytes without control characters, but for newline and tab where
 * `lines`. `name`: the key, for the message. */
int store_check_text(const char *name, const char *text, size_t most, int lines,
                     struct problem *why);
/* For searching: lower case by Unicode's simple mapping, malloc'ed, or NULL. */
char *store_fold(const char *text);
/* The same as a pattern of LIKE for "somewhere in it", \ being the escape. */
char *store_fold_pattern(const char *text);

/* --- store_id.c ------------------------------------------------------------------------------ */

int store_random(void *bytes, size_t n, struct problem *why);
int store_new_id(char kind, char id[STORE_ID_SIZE], struct problem *why);
/* The whole id that `text` begins; no such, or several: PROBLEM_REFUSED. */
int store_find_client(struct store *store, const char *text, char id[STORE_ID_SIZE],
                      struct problem *why);
int store_find_session(struct store *store, const char *text, char id[STORE_ID_SIZE],
                       struct problem *why);

enum { SHA256_TEXT = 65 };
/* HMAC-SHA-256 by the store's key: 16 hexadecimal digits of it. */
void store_pseudonym(const struct store *store, const char *text, char pseudonym[17]);
/* A line of the access log; `of_whom` NULL = nobody. */
int store_log(struct store *store, const char *action, const char *of_whom, struct problem *why);

/* --- Sessions, people ------------------------------------------------------------------------ */

/* Committed before a recording's file gets its name: cut short between that and its session's row,
 * by a power cut too, the file is known as unwanted, and goes when the store is next opened. */
int store_announce_recording(struct store *store, const char *hash, struct problem *why);
/* Sets due_on of a person from keep_until or keep_years and the last session. */
int store_set_due(struct store *store, const char *id, struct problem *why);

/* One statement with values given in place. */
#define STORE_VALUES(...)                                                                          \
    (struct sql_value[]){__VA_ARGS__}, SQL_N(((struct sql_value[]){__VA_ARGS__}))
#define STORE_RUN(to_, text, why, ...) sql_run(&(to_)->sql, text, STORE_VALUES(__VA_ARGS__), why)
#define STORE_ROWS(to_, text, why, ...) sql_rows(&(to_)->sql, text, STORE_VALUES(__VA_ARGS__), why)
#define STORE_ONE(to_, text, why, ...) sql_one(&(to_)->sql, text, STORE_VALUES(__VA_ARGS__), why)

/* `document`, unless a part of it could not be made or was lost: then NULL, *why, and it is gone.
 */
json_t *store_whole(json_t *document, int bad, struct problem *why);

/* --- store_arriving.c ------------------------------------------------------------------------ */

/* Removes the file when it lies in arriving/. */
void store_arrived(const struct store *store, const char *path);
int store_each_arriving(const struct store *store,
                        int (*visit)(void *context, const char *path, const char *name,
                                     struct problem *why),
                        void *context, struct problem *why);
/* What of a person lies there. */
int store_drop_arriving(const struct store *store, const char *id, struct problem *why);
/* Removes from the page's inbox what is the person's: recordings whose header's "client" is the
 * whole id, and copies of the person's `recordings` in the store ("sha256", "bytes"). How many
 * there were, or -1. Of whom one is whose header cannot be read and that does not hold the id,
 * nobody can tell: it stays and is added to `unreadable` ("path", "why"). */
int store_drop_unkept(const struct store *store, const char *id, const json_t *recordings,
                      json_t *unreadable, struct problem *why);

/* --- Exports (store_export.c) ---------------------------------------------------------------- */

/* Where the files of an export go, one after the other, as "client.json" or
 * "recordings/SESSION.tfr". -1 and *why ends it. */
struct store_sink {
    void *context;
    int (*text)(void *context, const char *name, const char *text, struct problem *why);
    int (*file)(void *context, const char *name, const char *from, struct problem *why);
};
/* Everything of one person, by the whole id, into the sink: what the folder of store_client_export
 * holds when it is not pseudonymous. A line of the access log. */
int store_client_pour(struct store *store, const char *id, const struct store_sink *sink,
                      struct problem *why);

/* --- Backups that were killed (store_partial.c) ---------------------------------------------- */

/* Named as new_folder_begin names them. */
int store_is_partial(const char *path);
/* A folder that becomes a backup: noted before anything is in it. *path, malloc'ed, as it stands in
 * the list, also on failure (NULL: none). */
int store_note_partial(struct store *store, const char *folder, char **path, struct problem *why);
int store_forget_place(struct store *store, const char *path, struct problem *why);
/* What is noted and got its name is noted by that name; what is gone is noted no longer. */
int store_settle_partials(struct store *store, struct problem *why);
/* Removes one, whoever makes it. */
int store_drop_partial(struct store *store, const char *path, struct problem *why);
/* Removes those that are noted, and those with a catalogue that lie in the same folder as `beside`,
 * but for what somebody makes at this moment; their paths are added to `removed`. */
int store_sweep_partials(struct store *store, const char *beside, json_t *removed,
                         struct problem *why);

/* --- Erasing (store_erase.c) ----------------------------------------------------------------- */

/* store_hold.c: for erasing. Refused while anybody holds the person, who need not be there. */
struct store_hold *store_hold_alone(const struct store *store, const char *id, struct problem *why);

/* Recordings that are erased and lie here still are unlinked; what was erased leaves the
 * catalogue's files when `meta` says that this was cut short. */
int store_finish_erasing(struct store *store, struct problem *why);
/* A person out of the store in another folder, whatever its version: how many rows of people there
 * were (0 or 1), or -1. The id is written down there, so that it does not come back, unless
 * `only_if_there` and it is not. */
int store_erase_in_folder(const struct store *store, const char *folder, const char *id,
                          int only_if_there, struct problem *why);

/* Into an open store (store_merge.c); counts are added to `told`. */
int store_merge_from(struct store *store, struct store *other, json_t *told, struct problem *why);

#endif
