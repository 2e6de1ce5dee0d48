/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encrypting a data folder that is there, and decrypting it.
 *
 * First the mark (store_keys.h) says what is going on: nobody opens the folder then. Each file is
 * written the other way beside the old one, synced, named, and only then the old one overwritten
 * and unlinked; what is the other way already is left. So the call can be cut short anywhere and
 * made again, also in the other direction. The mark's last change, or its end, is the last step. */
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"
#include "driver/sync_folder.h"
#include "firmware/wire/problem_code.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW CATALOGUE "-on-its-way"
#define OLD CATALOGUE "-old"

struct turning {
    const struct store_keys *keys;
    int on;
    int was_so; /* whole, and encrypted, before this call */
    json_int_t recordings, backups;
    json_t *clear;    /* sentences: what is not encrypted */
    json_t *problems; /* sentences: what could not be turned */
};

static char *below(const char *folder, const char *name, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) >= 0)
        return path;
    problem_no_memory(why, "a file's name");
    return NULL;
}

static int say(json_t *sentences, const char *path, const char *what, struct problem *why)
{
    json_t *text = json_sprintf("%s: %s", path, what);
    return json_array_append_new(sentences, text)
               ? problem(why, PROBLEM_FAILED,
                         "no memory for a sentence, or a name that is not UTF-8")
               : 0;
}

/* --- The catalogue --------------------------------------------------------------------------- */

/* 1: begins as an ordinary database; 0: does not, or is empty; -1 and errno: not there. */
static int is_ordinary(const char *path)
{
    char head[16];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, head, sizeof head);
    close(fd);
    return n == sizeof head && !memcmp(head, "SQLite format 3", sizeof head);
}

static int wipe_if_there(const char *path, struct problem *why)
{
    return access(path, F_OK) ? 0 : vault_wipe(path, why);
}

/* Whole and synced at `to`; the old one closed, its log written back and gone. */
static int copy_catalogue(const struct turning *t, const char *path, const char *to,
                          struct problem *why)
{
    struct sql sql = {0};
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return problem(why, PROBLEM_FAILED, "%s cannot be made: %s", to, strerror(errno));
    int bad = sql_open_sqlite(&sql, path, 0, t->on ? NULL : t->keys->pages, why);
    bad = bad || sql.backend->scrub(sql.context, why) ||
          sql.backend->copy(sql.context, to, t->on ? t->keys->pages : NULL, why);
    sql_close(&sql);
    if (!bad && fsync(fd))
        bad = problem(why, PROBLEM_FAILED, "%s cannot be synced: %s", to, strerror(errno));
    close(fd);
    return bad ? -1 : 0;
}

/* The old one keeps a second name until it is overwritten. */
static int exchange(const char *path, const char *from, const char *old, struct problem *why)
{
    if (link(path, old) && errno != EPERM && errno != EOPNOTSUPP)
        return problem(why, PROBLEM_FAILED, "%s cannot be made: %s", old, strerror(errno));
    if (rename(from, path) || sync_folder_of(path))
        return problem(why, PROBLEM_FAILED, "%s cannot be exchanged: %s", path, strerror(errno));
    return wipe_if_there(old, why);
}

static int turn_catalogue(const struct turning *t, const char *folder, struct problem *why)
{
    char *path = below(folder, CATALOGUE, why), *new = below(folder, NEW, why);
    char *old = below(folder, OLD, why), *log = below(folder, CATALOGUE "-wal", why);
    int bad = !path || !new || !old || !log;
    bad = bad || wipe_if_there(new, why) || wipe_if_there(old, why);
    struct stat status = {0};
    int is_there = !bad && !stat(path, &status) && status.st_size;
    if (is_there && is_ordinary(path) == t->on) {
        bad = copy_catalogue(t, path, new, why);
        if (!bad && !access(log, F_OK))
            bad = problem(why, PROBLEM_FAILED, "another program has %s open: end that first", path);
        bad = bad || exchange(path, new, old, why);
    }
    free(path);
    free(new);
    free(old);
    free(log);
    return bad ? -1 : 0;
}

/* --- Recordings ------------------------------------------------------------------------------ */

struct visit {
    struct turning *turning;
    struct vault from, to;
};

static int turn_recording(void *context, const char *path, enum vault_kind kind, const char *name,
                          struct problem *why)
{
    struct visit *v = context;
    struct turning *t = v->turning;
    struct problem at_file;
    if (kind == VAULT_OTHER && !strncmp(name, "on-its-way-", 11)) /* cut short, and nobody's */
        return vault_wipe(path, why);
    if (kind == VAULT_OTHER || kind == VAULT_BUSY)
        return t->on ? say(t->clear, path, "no recording of the store by its name", why) : 0;
    if (kind != (t->on ? VAULT_PLAIN : VAULT_SEALED))
        return 0;
    int turned = vault_convert(&v->from, &v->to, path, kind, name, &at_file);
    t->recordings += !turned;
    if (turned < 0)
        return problem(why, at_file.kind, "%s", at_file.text);
    return turned ? json_array_append_new(t->problems, json_string(at_file.text))
                        ? problem_no_memory(why, "a sentence")
                        : 0
                  : 0;
}

static int turn_recordings(struct turning *t, const char *folder, struct problem *why)
{
    const struct vault sealed = {folder, t->keys}, plain = {folder, NULL};
    struct visit v = {t, t->on ? plain : sealed, t->on ? sealed : plain};
    return vault_each(folder, turn_recording, &v, why);
}

/* --- A folder -------------------------------------------------------------------------------- */

static int end_mark(const struct turning *t, const char *folder, struct problem *why)
{
    if (t->on)
        return store_keys_write(folder, t->keys, FOLDER_ENCRYPTED, why);
    char *path = below(folder, ENCRYPTION_MARK, why);
    int bad = !path || vault_wipe(path, why);
    free(path);
    return bad ? -1 : 0;
}

static int begin_mark(const struct turning *t, const char *folder, struct problem *why)
{
    return store_keys_write(folder, t->keys, t->on ? FOLDER_ENCRYPTING : FOLDER_DECRYPTING, why);
}

/* A backup in the data folder. One of other keys stays as it is: its mark is all that opens it. */
static int turn_backup(struct turning *t, const char *folder, struct problem *why)
{
    enum folder_state state;
    if (store_keys_state(folder, &state, why))
        return -1;
    if (state == FOLDER_PLAIN && !t->on)
        return 0;
    int is_ours = state == FOLDER_PLAIN ? 1 : store_keys_are(folder, t->keys, why);
    if (is_ours < 0)
        return -1;
    if (!is_ours)
        return t->on ? 0 : say(t->clear, folder, "encrypted by another key, and left so", why);
    int lock = store_lock_folder(folder, 1, why);
    int bad = lock < 0 || begin_mark(t, folder, why) || turn_catalogue(t, folder, why) ||
              turn_recordings(t, folder, why) || end_mark(t, folder, why);
    if (lock >= 0)
        close(lock);
    t->backups += !bad;
    return bad ? -1 : 0;
}

static int turn_backups(struct turning *t, const char *data, struct problem *why)
{
    char *folder = below(data, "backups", why), *path, *catalogue;
    DIR *entries = folder ? opendir(folder) : NULL;
    struct dirent *entry;
    int bad = !folder;
    if (folder && !entries && errno != ENOENT)
        bad = problem(why, PROBLEM_FAILED, "%s: %s", folder, strerror(errno));
    while (!bad && entries && (entry = readdir(entries))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        path = below(folder, entry->d_name, why);
        catalogue = path ? below(path, CATALOGUE, why) : NULL;
        bad = !catalogue ||
              (access(catalogue, F_OK) ? t->on && say(t->clear, path, "no backup of ours", why)
                                       : turn_backup(t, path, why));
        free(path);
        free(catalogue);
    }
    if (entries)
        closedir(entries);
    free(folder);
    return bad ? -1 : 0;
}

/* --- What stays in the clear ----------------------------------------------------------------- */

static int count_files(const char *folder)
{
    int n = 0;
    struct dirent *entry;
    DIR *entries = opendir(folder);
    while (entries && (entry = readdir(entries)))
        n += entry->d_name[0] != '.';
    if (entries)
        closedir(entries);
    return n;
}

static int tell_places(struct turning *t, const char *data, struct problem *why)
{
    static const struct {
        const char *name, *what;
    } places[] = {{"inbox", "recordings that nobody has kept yet; kept ones are encrypted"},
                  {"arriving", "recordings that are being made, or did not come into the store"},
                  {"calibrations", "the plates' calibrations"}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char *path = below(data, places[i].name, why);
        int bad = !path || (count_files(path) && say(t->clear, path, places[i].what, why));
        free(path);
        if (bad)
            return -1;
    }
    return 0;
}

/* Backups elsewhere, which the catalogue remembers, that have no mark. An old version remembers
 * none. */
static int tell_backups(struct turning *t, const char *data, struct problem *why)
{
    struct sql sql = {0};
    struct problem none;
    enum folder_state state;
    char *path = below(data, CATALOGUE, why);
    if (!path)
        return -1;
    int bad = !access(path, F_OK) && sql_open_sqlite(&sql, path, 0, t->keys->pages, why);
    json_t *rows = bad || !sql.backend
                       ? NULL
                       : sql_rows(&sql, "SELECT path FROM backup_place", NULL, 0, &none);
    for (size_t i = 0; !bad && i < json_array_size(rows); i++) {
        const char *place = json_string_value(json_object_get(json_array_get(rows, i), "path"));
        if (place && !access(place, F_OK) && !store_keys_state(place, &state, &none) &&
            state == FOLDER_PLAIN)
            bad = say(t->clear, place, "a backup outside of the data folder", why);
    }
    json_decref(rows);
    sql_close(&sql);
    free(path);
    return bad ? -1 : 0;
}

/* An encrypted catalogue whose mark is gone: a new mark would hide that the old one is wanted. */
static int check_unmarked(const char *folder, struct problem *why)
{
    struct stat status;
    char *path = below(folder, CATALOGUE, why);
    int bad = !path;
    if (!bad && !stat(path, &status) && status.st_size && is_ordinary(path) == 0)
        bad = problem_coded(why, PROBLEM_CODE_STORE_DAMAGED, PROBLEM_REFUSED,
                            "%s is damaged, or encrypted without its file " ENCRYPTION_MARK
                            ": put that back from a backup",
                            path);
    free(path);
    return bad;
}

/* --- The whole ------------------------------------------------------------------------------- */

static struct store_keys *new_or_known(const struct seal_key *key, const char *folder,
                                       struct turning *t, struct problem *why)
{
    enum folder_state state;
    if (store_keys_state(folder, &state, why))
        return NULL;
    t->was_so = t->on && state == FOLDER_ENCRYPTED;
    if (state == FOLDER_PLAIN && !t->on)
        problem(why, PROBLEM_REFUSED, "%s is not encrypted", folder);
    else if (!key->key_file && !key->passphrase_file && t->was_so)
        problem(why, PROBLEM_REFUSED,
                "%s is encrypted already; with its key (--key-file FILE or --passphrase-file FILE) "
                "encrypt looks again whether all of it is",
                folder);
    else if (!key->key_file && !key->passphrase_file)
        problem(why, PROBLEM_USAGE,
                "by which key? --key-file FILE ('tenderfoot store new-key' makes one) or "
                "--passphrase-file FILE");
    else
        return state != FOLDER_PLAIN         ? store_keys_open(folder, key, why)
               : check_unmarked(folder, why) ? NULL
                                             : store_keys_make(key, why);
    return NULL;
}

/* The key of a recording that could not be read is not thrown away. */
static int check_rest(const struct turning *t, struct problem *why)
{
    if (t->on || !json_array_size(t->problems))
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "%s; or remove it; then decrypt again ('tenderfoot store encrypt' goes back)",
                   json_string_value(json_array_get(t->problems, 0)));
}

static int turn_all(struct turning *t, const char *data, struct problem *why)
{
    return begin_mark(t, data, why) || turn_catalogue(t, data, why) ||
                   turn_recordings(t, data, why) || turn_backups(t, data, why) ||
                   (t->on && (tell_places(t, data, why) || tell_backups(t, data, why))) ||
                   check_rest(t, why) || end_mark(t, data, why)
               ? -1
               : 0;
}

static json_t *tell(const struct turning *t, const char *data, struct problem *why)
{
    char *path = below(data, CATALOGUE, why);
    int is_here = path && !access(path, F_OK);
    json_t *told = path ? json_pack("{s:s, s:s, s:b, s:b, s:b, s:s, s:I, s:I, s:O, s:O}", "schema",
                                    "tenderfoot/store-encrypt/1", "folder", data, "encrypted",
                                    t->on, "encrypted_before", t->was_so, "whole",
                                    !json_array_size(t->problems), "catalogue",
                                    !is_here ? "not here"
                                    : t->on  ? "encrypted"
                                             : "in the clear",
                                    "recordings", t->recordings, "backups", t->backups,
                                    "not_encrypted", t->clear, "problems", t->problems)
                        : NULL;
    if (path && !told)
        problem(why, PROBLEM_FAILED, "done, but it cannot be told: a name is not UTF-8");
    free(path);
    return told;
}

/* With the folder held: nobody else has it open. */
static json_t *turn_held(const struct store_options *options, const char *data, int on,
                         struct problem *why)
{
    struct seal_key key;
    struct key_room room;
    struct turning t = {.on = on, .clear = json_array(), .problems = json_array()};
    struct store_keys *keys = NULL;
    json_t *told = NULL;
    if (!t.clear || !t.problems)
        problem_no_memory(why, "sentences");
    else if (!store_keys_meant(&options->key, &key, &room, why))
        keys = new_or_known(&key, data, &t, why);
    t.keys = keys;
    if (keys && !turn_all(&t, data, why))
        told = tell(&t, data, why);
    store_forget_keys(keys);
    json_decref(t.clear);
    json_decref(t.problems);
    return told;
}

static json_t *turn(const struct store_options *options, int on, struct problem *why)
{
    json_t *told = NULL;
    char *meant = store_data_meant(options->data, why), *real = NULL;
    int lock = -1;
    if (meant && !store_take_folder(meant, on, &real, why) &&
        (lock = store_lock_folder(real, 1, why)) >= 0)
        told = turn_held(options, real, on, why);
    if (lock >= 0)
        close(lock);
    free(meant);
    free(real);
    return told;
}

json_t *store_encrypt(const struct store_options *options, struct problem *why)
{
    return turn(options, 1, why);
}

json_t *store_decrypt(const struct store_options *options, struct problem *why)
{
    return turn(options, 0, why);
}
