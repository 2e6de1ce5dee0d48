/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: people, their sessions and recordings, and what was done with them.
 *
 * A catalogue (SQL) stands beside a data folder. The folder (mode 0700, files 0600):
 *   catalogue.sqlite     the catalogue, unless it is a PostgreSQL database (a URI)
 *   recordings/ab/...    `.tfr` files by the SHA-256 of their bytes, so that stores merge
 *   backups/             copies that were made before a migration or by store_backup
 * A backup is a data folder itself: every function works on it. SCHEMA.md beside this header has
 * the tables, the keys of each document and the exit codes of the verbs.
 *
 * Records go in and out as JSON: the same objects that the verbs print and a daemon serves. A
 * document returned is a new reference (caller: json_decref) or NULL and *why; documents handed in
 * stay the caller's. What comes from outside is checked: unknown keys, wrong types, texts that are
 * too long or hold control characters, impossible dates are PROBLEM_REFUSED with the key's name. No
 * such person or session is PROBLEM_REFUSED too. Disk full, no permission, a catalogue that stays
 * locked for 10 s: PROBLEM_FAILED.
 *
 * Each change is one transaction: when a function has returned 0 it is on the disk (WAL,
 * synchronous FULL) and outlives a crash; when not, nothing has changed. Each access to a person's
 * records adds a line to the access log in the same transaction: when, who, what, of whom, the last
 * two as keyed hashes. Several programs may have a store open at once; a handle belongs to one
 * thread.
 *
 * Encryption of the folder is off until store_encrypt turns it on: then the catalogue
 * (sql_pages.h), the recordings that are kept (vault.h) and the copies in backups/ are encrypted by
 * libsodium with keys that come from a key file or a passphrase (store_keys.h). Without it whoever
 * can read the files (root, a stolen disk) reads everything. What it leaves in the clear SCHEMA.md
 * says; an encrypted file system covers more. seal.h is for copies that leave the station.
 * Erasing overwrites and unlinks our files; what a journalling file system, a flash drive or
 * somebody's own copy keeps is out of reach. The access log is pseudonymous towards people who see
 * the log alone: the key lies in the catalogue.
 */
#ifndef TENDERFOOT_DRIVER_STORE_STORE_H
#define TENDERFOOT_DRIVER_STORE_STORE_H

#include "driver/store/seal.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

struct store;
struct store_keys;

struct store_options {
    /* The data folder. NULL: $TENDERFOOT_DATA, else $XDG_DATA_HOME/tenderfoot, else
     * ~/.local/share/tenderfoot. */
    const char *data;
    /* The catalogue: "postgresql://..." (libpq's URI), "": catalogue.sqlite in the data
     * folder, NULL: $TENDERFOOT_STORE, else the one line of $CREDENTIALS_DIRECTORY/store (a
     * service's credential, systemd.exec(5)), else the same. */
    const char *catalogue;
    const char *who;   /* acts, for the access log; NULL: the login's name */
    int must_exist;    /* 1: a folder without a store is refused, not made into one */
    const char *today; /* "2026-11-22"; NULL: the clock's day (UTC). For tests of dates */
    /* Of an encrypted folder, both NULL: $TENDERFOOT_STORE_KEY, $TENDERFOOT_STORE_PASSPHRASE
     * (files), else a service's credentials store-key, store-passphrase. Read when the store is
     * opened. */
    struct seal_key key;
    const struct store_keys *keys; /* by store_unlock, asked first; NULL: none. The caller's */
    int may_be_plain; /* 0: a folder that is not encrypted although a key is given is refused */
};

/* The keys of the folder that the options mean, once for many store_open: a passphrase takes a
 * second and 256 MiB. *keys NULL: it is not encrypted, or not there. store_forget_keys. 0, or -1
 * and *why as store_open. */
int store_unlock(const struct store_options *options, struct store_keys **keys,
                 struct problem *why);
void store_forget_keys(struct store_keys *keys); /* wiped; NULL is fine */

/* The data folder that `data` (as in store_options) and the environment mean, malloc'ed, not yet
 * made. NULL and *why: nothing says where. */
char *store_data_meant(const char *data, struct problem *why);

/* Opens, makes what is missing (unless must_exist), brings an older catalogue forward (a backup
 * first), and ends an erasure that was cut short. A catalogue of a newer program, one of another
 * program, a damaged one: PROBLEM_REFUSED. NULL and *why. */
struct store *store_open(const struct store_options *options, struct problem *why);
/* Whether a catalogue can be meant by these words, without asking for it; of NULL, whether by
 * what takes its place. 0, or -1 and *why (PROBLEM_USAGE). */
int store_check_catalogue(const char *catalogue, struct problem *why);
void store_close(struct store *store); /* NULL is fine */

/* The data folder in use, for messages; lives as long as the handle. */
const char *store_data(const struct store *store);

/* Ids of people ("p...") and sessions ("s..."): a letter and 16 of 0-9 a-z without i l o u, drawn
 * by the system's random generator (80 bits). Where an id is asked, a beginning of 4 characters or
 * more that fits only one is enough. */
enum { STORE_ID_SIZE = 18 };
/* Whether it has the form of a whole id of this kind: 'p' a person, 's' a session. */
int store_is_id(const char *text, char kind);

/* --- People ---------------------------------------------------------------------------------- */

/* Keys of `person`, all but label optional: label, birth_year, sex (female | male | other),
 * language, notes, keep_until (a date), keep_years (after the last session). */
int store_client_add(struct store *store, const json_t *person, char id[STORE_ID_SIZE],
                     struct problem *why);
/* Changes the keys that are there; null takes one away. */
int store_client_edit(struct store *store, const char *id, const json_t *changes,
                      struct problem *why);
/* All of one person: facts, consents, screenings, notes, sessions. tenderfoot/client/1 */
json_t *store_client(struct store *store, const char *id, struct problem *why);

struct store_list {
    const char *search;               /* clients: a part of the label, whatever case; NULL = all */
    int due;                          /* clients: only those whose time to be kept is over */
    const char *client;               /* sessions: of this person; NULL = all */
    const char *protocol, *from, *to; /* sessions: NULL = any; dates, inclusive */
    int limit, offset;                /* limit 0 = 100; at most 1000 */
};
/* By label; sessions by time, newest first. tenderfoot/clients/1, tenderfoot/sessions/1 */
json_t *store_clients(struct store *store, const struct store_list *list, struct problem *why);
json_t *store_sessions(struct store *store, const struct store_list *list, struct problem *why);

/* Consent to `purpose` (recording | storing | sharing | research) in these words (NULL = none
 * noted); withdrawing needs one that is in force. */
int store_consent_give(struct store *store, const char *id, const char *purpose, const char *words,
                       struct problem *why);
int store_consent_withdraw(struct store *store, const char *id, const char *purpose,
                           struct problem *why);
/* Whether consent to `purpose` is in force: 1 or 0, and `whole` has the person's whole id; or -1.
 * Shows nothing else of the person, and is no line of the access log. */
int store_has_consent(struct store *store, const char *id, const char *purpose,
                      char whole[STORE_ID_SIZE], struct problem *why);

/* A tenderfoot/screening/1 document, kept with the day. */
int store_screening_add(struct store *store, const char *id, const json_t *screening,
                        struct problem *why);
/* The newest screening of this person that is of `day` ("2026-11-22"): its document, the caller's;
 * a JSON null when there is none; NULL and *why. For whoever must heed it: no line of the access
 * log.
 */
json_t *store_newest_screening(struct store *store, const char *id, const char *day,
                               struct problem *why);
/* A note on a person, or on one of the person's sessions (NULL = none). */
int store_note_add(struct store *store, const char *id, const char *session, const char *text,
                   struct problem *why);

/* --- Sessions -------------------------------------------------------------------------------- */

/* Takes a copy of the recording at `path` (a whole `.tfr`, checked) into the store, then writes the
 * session. Its facts come from the recording's header, its numbers and zones from `analysis` (a
 * tenderfoot/analyze/1 document) and `sway` (tenderfoot/sway/1), each NULL = none. The same
 * recording of the same person again is no error: the session's numbers are written anew, and its
 * id is given. A recording that is somebody else's already is refused. The file at `path` stays. */
int store_session_add(struct store *store, const char *client, const char *path,
                      const json_t *analysis, const json_t *sway, char id[STORE_ID_SIZE],
                      struct problem *why);
/* Where a recording of this person may be written that is about to be made: a new name in the data
 * folder's arriving/, malloc'ed. store_session_add removes it from there once it is in the store;
 * what a crash left there is told by store_check and goes with the person. */
char *store_arriving_path(struct store *store, const char *client, struct problem *why);
/* tenderfoot/session/1 */
json_t *store_session(struct store *store, const char *id, struct problem *why);
/* One number of a person over the sessions ("arch_index", "cop_speed_mm_s" ...: SCHEMA.md; a zone's
 * threshold is "threshold_kpa P07"; "sway_velocity_mm_s eyes_open", eyes_closed or unstated: of
 * that condition alone), oldest first. tenderfoot/trend/1 */
json_t *store_trend(struct store *store, const char *client, const char *number,
                    struct problem *why);
/* The id of the person's newest session among those that came into the store at or after `since`
 * ("2026-11-22T09:30:00Z"; "" = ever): 1, 0 when there is none, or -1. Shows nothing of it, and is
 * no line of the access log: for whoever waits for one. */
int store_newest_session(struct store *store, const char *client, const char *since,
                         char id[STORE_ID_SIZE], struct problem *why);
/* Where a session's recording can be read (store_recording_close); its bytes are checked against
 * the hash first. Of an encrypted store this is a copy in memory, by a path of this process alone;
 * it outlives the store. */
char *store_recording_path(struct store *store, const char *session, struct problem *why);
/* Ends it and frees the path. NULL is fine. */
void store_recording_close(char *path);
/* The same of a path that was copied elsewhere: frees nothing. */
void store_recording_done(const char *path);
/* Copies it, in the clear, into a new file with mode 0600. */
int store_recording_copy(struct store *store, const char *session, const char *path,
                         struct problem *why);
/* Unlinks a recording that was kept; of an encrypted store it is overwritten first. 0, or -1 and
 * errno. */
int store_drop_file(const struct store *store, const char *path);
/* Whether the data folder is encrypted. */
int store_is_encrypted(const struct store *store);

/* --- A person's rights ----------------------------------------------------------------------- */

/* Everything of one person into a new folder (README, JSON, recordings); pseudonymous: a code in
 * place of id and label, days shifted by one number for all and without the time of day, birth year
 * to five years, no free texts, recordings written anew without label and times; plate and
 * calibration stay, no number can be judged without them. The folder appears when it is whole.
 * tenderfoot/client-export/1 */
json_t *store_client_export(struct store *store, const char *id, const char *folder,
                            int pseudonymous, struct problem *why);

/* For documents of one person that are not to tell who it is: a code in place of id and label, and
 * a secret that their identifiers are to be made of. Both come of the store's own key: the same
 * each time, other ones in another store, and nobody can tell whose they are without the data
 * folder. `id` is a whole one. */
enum { STORE_SECRET_SIZE = 17 };
void store_client_disguise(const struct store *store, const char *id, char code[STORE_ID_SIZE],
                           char secret[STORE_SECRET_SIZE]);

/* How fast an archive goes. */
struct store_pace {
    double most_bytes_per_s; /* 0: as fast as it is taken */
    /* Taken more slowly than this for so long it breaks off, where the descriptor is one that does
     * not block (O_NONBLOCK); 0: it is waited for for ever. */
    double least_bytes_per_s, patience_s;
};

/* The same, with id and label, as one ZIP archive (a folder named by the id in it; recordings are
 * stored as they are, their sizes may go beyond 4 GB) into a descriptor that may be a pipe, a block
 * of 64 KiB in memory at a time. Without its end, a list of what is in it, it is not whole, and
 * tools that open archives say so. `id` may be a beginning. The descriptor stays open. Whoever
 * calls holds the person (store_hold_client), or it may be erased meanwhile: that breaks it off. */
int store_client_archive(struct store *store, const char *id, int fd, const struct store_pace *pace,
                         struct problem *why);

/* Holds a person whose recording is being made, kept or read: nobody erases the person meanwhile,
 * in this program or another on the same data folder; others may hold the same person. `id` may be
 * a beginning; `whole` has the whole one. NULL and *why: there is no such person (any more), or the
 * person is being erased. It may outlive the store. */
struct store_hold;
struct store_hold *store_hold_client(struct store *store, const char *id, char whole[STORE_ID_SIZE],
                                     struct problem *why);
void store_let_go(struct store_hold *hold); /* NULL is fine */

/* Nothing of the person is left in catalogue, WAL, recordings (also of the inbox, where the header
 * says that they are this id's or the bytes are those of one in the store; all are counted) and the
 * backups that can be reached; the id stays on a list, so that no older backup brings the person
 * back. `id` must be whole. Refused while somebody holds the person (store_hold_client). Backups
 * that could not be reached are listed: the same call again, when
 * they are there, erases from them. Recordings of the inbox of which nobody can tell whose they are
 * stay and are listed as well. tenderfoot/client-erase/1 */
json_t *store_client_erase(struct store *store, const char *id, struct problem *why);

/* --- The store itself ------------------------------------------------------------------------ */

/* A consistent copy into a new folder (NULL: backups/ in the data folder); others may go on
 * writing meanwhile. The store remembers where its backups are. tenderfoot/store-backup/1 */
json_t *store_backup(struct store *store, const char *folder, struct problem *why);
/* Adds what another store (a data folder: a backup, another station's) has and this one lacks.
 * People erased here stay erased; what both have stays as it is here. tenderfoot/store-merge/1 */
json_t *store_merge(struct store *store, const char *folder, struct problem *why);
/* The same of one that is encrypted by another key than this one (NULL or none: by the same). */
json_t *store_merge_by(struct store *store, const char *folder, const struct seal_key *key,
                       struct problem *why);
/* Exports in this data folder that a station before this one was killed over: how many. A newer one
 * gives them no name. To be removed before a station takes requests. */
#define STORE_EXPORTS ".export.??????"
int store_exports(const char *data);
int store_remove_exports(const char *data, struct problem *why);

/* Reads everything: the catalogue's own checks, each recording against its hash, files that nothing
 * speaks of (removed when `repair`). tenderfoot/store-check/1, with "whole": true or false */
json_t *store_check(struct store *store, int repair, struct problem *why);
/* The access log, newest first. tenderfoot/store-log/1 */
json_t *store_access_log(struct store *store, int limit, struct problem *why);

/* Makes the data folder of the options from a backup; it must hold no store yet. Of an encrypted
 * backup it is encrypted by the same key, which the options give. */
int store_restore(const char *backup, const struct store_options *options, struct problem *why);

/* Encrypts the data folder that the options mean (options->key: by what), or an empty one, with the
 * copies in its backups/; decrypts it. Nobody else may have it open. Cut short anywhere nothing is
 * lost, the folder is not opened until the same call has ended it. Each file in the clear is
 * overwritten when its encrypted one is on the disk. tenderfoot/store-encrypt/1 */
json_t *store_encrypt(const struct store_options *options, struct problem *why);
json_t *store_decrypt(const struct store_options *options, struct problem *why);

#endif
