/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/store.h"

#include "driver/store/schema.h"
#include "driver/store/store_private.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Where ----------------------------------------------------------------------------------- */

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

char *store_data_meant(const char *data, struct problem *why)
{
    const char *given = data ? data : from_environment("TENDERFOOT_DATA");
    const char *share = from_environment("XDG_DATA_HOME"), *home = from_environment("HOME");
    char *path = NULL;
    int n;
    if (given)
        n = (path = strdup(given)) ? 0 : -1;
    else if (share && *share == '/') /* others are to be ignored: XDG Base Directory 0.8 */
        n = asprintf(&path, "%s/tenderfoot", share);
    else if (home)
        n = asprintf(&path, "%s/.local/share/tenderfoot", home);
    else {
        problem(why, PROBLEM_USAGE,
                "no data folder: neither --data, TENDERFOOT_DATA, XDG_DATA_HOME nor HOME is set");
        return NULL;
    }
    if (n >= 0)
        return path;
    problem_no_memory(why, "the data folder's name");
    return NULL;
}

int store_make_folder(const char *path, struct problem *why)
{
    char *part = strdup(path);
    int bad = part ? 0 : problem_no_memory(why, "a folder's name");
    for (char *at = part; at && !bad && (at = strchr(at + 1, '/'));) {
        *at = '\0';
        mkdir(part, 0700); /* what stands in the way shows at the last one */
        *at = '/';
    }
    if (!bad && mkdir(path, 0700) && errno != EEXIST)
        bad =
            problem(why, PROBLEM_FAILED, "the folder %s cannot be made: %s", path, strerror(errno));
    free(part);
    return bad;
}

/* A folder that others may read is made private: what lies in it is personal. */
int store_take_folder(const char *path, int make, char **real, struct problem *why)
{
    struct stat status;
    if (make && store_make_folder(path, why))
        return -1;
    *real = realpath(path, NULL);
    if (!*real && errno == ENOENT)
        return problem_coded(
            why, PROBLEM_CODE_STORE_MISSING, PROBLEM_REFUSED,
            "%s holds no store: there is no such folder; 'tenderfoot clients add' makes "
            "one",
            path);
    if (!*real)
        return problem(why, PROBLEM_FAILED, "the data folder %s: %s", path, strerror(errno));
    if (stat(*real, &status) || !S_ISDIR(status.st_mode))
        return problem_coded(why, PROBLEM_CODE_STORE_MISSING, PROBLEM_REFUSED,
                             "the data folder %s is no folder", path);
    if ((status.st_mode & 077) && chmod(*real, 0700))
        return problem(why, PROBLEM_FAILED,
                       "the data folder %s can be read by others, and that cannot be changed: %s",
                       path, strerror(errno));
    return 0;
}

int store_lock_folder(const char *path, int alone, struct problem *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        problem(why, PROBLEM_FAILED, "the data folder %s: %s", path, strerror(errno));
        return -1;
    }
    if (!flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) || errno != EWOULDBLOCK)
        return fd; /* a file system without locks: one station on it */
    close(fd);
    problem(why, PROBLEM_FAILED,
            alone ? "%s is in use (the station, 'gdt --watch', another program): end that first"
                  : "%s is being encrypted or decrypted: try again when that is done",
            path);
    return -1;
}

struct store_options store_options_like(const struct store *store, const char *folder)
{
    return (struct store_options){.data = folder,
                                  .who = store->who,
                                  .catalogue = "",
                                  .key = {store->key_file, store->passphrase_file},
                                  .keys = store->keys,
                                  .may_be_plain = 1};
}

int store_mark_copy(const struct store *store, const char *folder, struct problem *why)
{
    return store->keys ? store_keys_write(folder, store->keys, FOLDER_ENCRYPTED, why) : 0;
}

int store_unlock(const struct store_options *options, struct store_keys **keys, struct problem *why)
{
    char *meant = store_data_meant(options->data, why);
    *keys = NULL;
    int bad = !meant || store_keys_for(meant, options, keys, why);
    free(meant);
    return bad ? -1 : 0;
}

int store_is_encrypted(const struct store *store)
{
    return store->keys != NULL;
}

/* --- Who ------------------------------------------------------------------------------------- */

static char *login_name(void)
{
    struct passwd entry, *found = NULL;
    char room[2048], number[32];
    if (!getpwuid_r(geteuid(), &entry, room, sizeof room, &found) && found)
        return strdup(found->pw_name);
    snprintf(number, sizeof number, "user %lu", (unsigned long)geteuid());
    return strdup(number);
}

/* Drawn once for a catalogue; whoever comes second takes what the first one wrote. */
static int take_key(struct store *store, struct problem *why)
{
    unsigned char random[32];
    char text[2 * sizeof random + 1];
    if (store_random(random, sizeof random, why))
        return -1;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(text + 2 * i, 3, "%02x", random[i]);
    if (STORE_RUN(store,
                  "INSERT INTO meta (key, value) VALUES ('access_key', $1) "
                  "ON CONFLICT (key) DO NOTHING",
                  why, sql_text(text)))
        return -1;
    store->key =
        sql_string(&store->sql, "SELECT value FROM meta WHERE key = 'access_key'", NULL, 0, why);
    return store->key ? 0 : why->kind ? -1 : problem_no_memory(why, "the access log's key");
}

/* --- Opening --------------------------------------------------------------------------------- */

/* A copy of the catalogue before it is brought forward, as a data folder without recordings. */
static int copy_catalogue(struct store *store, const char *folder, struct problem *why)
{
    char *file;
    if (asprintf(&file, "%s/" CATALOGUE, folder) < 0)
        return problem_no_memory(why, "a backup's name");
    int bad = store_make_folder(folder, why) || store_mark_copy(store, folder, why) ||
              store->sql.backend->copy(store->sql.context, file,
                                       store->keys ? store->keys->pages : NULL, why);
    if (!bad && chmod(file, 0600))
        bad = problem(why, PROBLEM_FAILED, "%s: %s", file, strerror(errno));
    free(file);
    return bad ? -1 : 0;
}

static int forward_from(struct store *store, int version, struct problem *why)
{
    char now[24], id[STORE_ID_SIZE], *folder;
    store_now(now, sizeof now);
    if (store_new_id('b', id, why))
        return -1;
    if (asprintf(&folder, "%s/backups/before-version-%d-%.10s-%s", store->data, STORE_VERSION, now,
                 id) < 0)
        return problem_no_memory(why, "a backup's name");
    int bad = copy_catalogue(store, folder, why) ||
              schema_forward(&store->sql, version, STORE_VERSION, why) ||
              store_note_backup(store, folder, why);
    free(folder);
    return bad ? -1 : 0;
}

int store_note_backup(struct store *store, const char *folder, struct problem *why)
{
    char now[24];
    store_now(now, sizeof now);
    return STORE_RUN(store,
                     "INSERT INTO backup_place (path, made_utc) VALUES ($1, $2) "
                     "ON CONFLICT (path) DO UPDATE SET made_utc = $2",
                     why, sql_text(folder), sql_text(now));
}

/* A server's administrator has dumps, and the steps are transactions there too: no copy then. */
static int bring_forward(struct store *store, const struct store_options *options,
                         struct problem *why)
{
    int version;
    if (schema_version(&store->sql, &version, why))
        return -1;
    if (!version && options->must_exist)
        return problem_coded(why, PROBLEM_CODE_STORE_MISSING, PROBLEM_REFUSED, "%s holds no store",
                             store->data);
    if (version && version < STORE_VERSION && store->sql.backend->copy)
        return forward_from(store, version, why);
    return schema_forward(&store->sql, version, STORE_VERSION, why);
}

enum { URI_MOST = 1024 };

/* A URI with its password stands in no argument and no environment, where others can read it:
 * systemd hands it over as a file that only the service can open (LoadCredential=store:FILE).
 * 0, with NULL when there is none; -1 and why. */
static int read_credential(char **uri, struct problem *why)
{
    const char *folder = from_environment("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX], text[URI_MOST + 1];
    *uri = NULL;
    if (!folder || snprintf(path, sizeof path, "%s/store", folder) >= PATH_MAX)
        return 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT
                   ? 0
                   : problem(why, PROBLEM_FAILED, "the credential %s: %s", path, strerror(errno));
    size_t n = fread(text, 1, URI_MOST, file);
    fclose(file);
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    if (n == URI_MOST || !*text)
        return problem(why, PROBLEM_REFUSED,
                       "the credential %s: one line postgresql://... is meant", path);
    return (*uri = strdup(text)) ? 0 : problem_no_memory(why, "the catalogue's name");
}

/* The catalogue's URI (caller: free), NULL for the file in the data folder. 0, or -1 and why. */
static int catalogue_meant(const char *given, char **uri, struct problem *why)
{
    const char *named = given ? given : from_environment("TENDERFOOT_STORE");
    *uri = NULL;
    if (named && *named && !(*uri = strdup(named)))
        return problem_no_memory(why, "the catalogue's name");
    if (!named && read_credential(uri, why))
        return -1;
    if (!*uri || !strncmp(*uri, "postgresql://", 13) || !strncmp(*uri, "postgres://", 11))
        return 0;
    problem(why, PROBLEM_USAGE,
            "the catalogue '%.100s' is not known: postgresql://... is meant, or none for a file in "
            "the data folder",
            *uri);
    free(*uri);
    *uri = NULL;
    return -1;
}

int store_check_catalogue(const char *catalogue, struct problem *why)
{
    char *uri;
    int bad = catalogue_meant(catalogue, &uri, why);
    free(uri);
    return bad;
}

static int open_catalogue(struct store *store, const struct store_options *options,
                          struct problem *why)
{
    char *uri, *path;
    if (catalogue_meant(options->catalogue, &uri, why))
        return -1;
    if (uri) {
        int refused = sql_open_postgres(&store->sql, uri, why);
        free(uri);
        return refused;
    }
    if (asprintf(&path, "%s/" CATALOGUE, store->data) < 0)
        return problem_no_memory(why, "the catalogue's name");
    int bad = 0;
    if (options->must_exist && access(path, F_OK))
        bad = problem_coded(why, PROBLEM_CODE_STORE_MISSING, PROBLEM_REFUSED,
                            "%s holds no store (no " CATALOGUE ")", store->data);
    bad = bad || sql_open_sqlite(&store->sql, path, !options->must_exist,
                                 store->keys ? store->keys->pages : NULL, why);
    free(path);
    return bad ? -1 : 0;
}

/* The folder is held before its mark is read: it stays as it is while the store is open. */
static int take_keys(struct store *store, const struct store_options *options, struct problem *why)
{
    const struct seal_key *given = &options->key;
    store->lock = store_lock_folder(store->data, 0, why);
    if (store->lock < 0 || store_keys_for(store->data, options, &store->keys, why))
        return -1;
    store->vault = (struct vault){store->data, store->keys};
    if ((given->key_file && !(store->key_file = strdup(given->key_file))) ||
        (given->passphrase_file && !(store->passphrase_file = strdup(given->passphrase_file))))
        return problem_no_memory(why, "the store");
    return 0;
}

static int set_up(struct store *store, const struct store_options *options, struct problem *why)
{
    char *meant = store_data_meant(options->data, why);
    int bad = !meant || store_take_folder(meant, !options->must_exist, &store->data, why);
    free(meant);
    if (bad)
        return -1;
    if (take_keys(store, options, why))
        return -1;
    store->who = options->who ? strdup(options->who) : login_name();
    if (!store->who)
        return problem_no_memory(why, "the store");
    if (options->today && !store_is_day(options->today))
        return problem(why, PROBLEM_USAGE, "'%.20s' is no day like 2026-11-22", options->today);
    snprintf(store->today, sizeof store->today, "%s", options->today ? options->today : "");
    return open_catalogue(store, options, why) || bring_forward(store, options, why) ||
                   take_key(store, why) || store_finish_erasing(store, why)
               ? -1
               : 0;
}

struct store *store_open(const struct store_options *options, struct problem *why)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        problem_no_memory(why, "the store");
        return NULL;
    }
    store->lock = -1;
    if (set_up(store, options, why)) {
        store_close(store);
        return NULL;
    }
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sql_close(&store->sql);
    store_forget_keys(store->keys);
    free(store->key_file);
    free(store->passphrase_file);
    if (store->lock >= 0)
        close(store->lock);
    free(store->data);
    free(store->who);
    free(store->key);
    free(store);
}

const char *store_data(const struct store *store)
{
    return store->data;
}

json_t *store_whole(json_t *document, int bad, struct problem *why)
{
    if (document && !bad)
        return document;
    if (!document)
        problem_no_memory(why, "a document of the store");
    json_decref(document);
    return NULL;
}
