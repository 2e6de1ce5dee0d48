/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person leaves: rows, recordings (kept or not), what the database keeps of deleted rows,
 * backups.
 *
 * First what the page recorded and nobody kept: cut short there, the person is in the store still.
 * One transaction deletes the rows and writes down the id, the recordings' hashes and that the
 * catalogue's files are to be cleaned. What follows can be cut short: the next store_open ends it.
 */
#include "driver/store/schema.h"
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"
#include "driver/store/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNWANTED                                                                                   \
    "SELECT sha256 FROM erased_recording WHERE NOT EXISTS "                                        \
    "(SELECT 1 FROM session WHERE recording_sha256 = sha256)"

static const char *text_at(const json_t *rows, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(rows, i), key));
}

/* Is one of these in the folder? Most often not: then no transaction is needed. */
static int any_is_here(const struct store *store, const json_t *rows)
{
    struct problem why;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        char *path = vault_path(&store->vault, text_at(rows, i, "sha256"), &why);
        int is_here = path && !access(path, F_OK);
        free(path);
        if (is_here)
            return 1;
    }
    return 0;
}

static int remove_all(const struct vault *vault, const json_t *rows, struct problem *why)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (vault_remove(vault, text_at(rows, i, "sha256"), why))
            return -1;
    return 0;
}

/* Asked again within the transaction: one of them may have been added anew meanwhile. */
static int remove_unwanted(struct store *store, struct problem *why)
{
    if (sql_begin(&store->sql, why))
        return -1;
    json_t *rows = sql_rows(&store->sql, UNWANTED, NULL, 0, why);
    int bad = !rows || remove_all(&store->vault, rows, why);
    json_decref(rows);
    return sql_end(&store->sql, bad, why);
}

static int scrub(struct store *store, struct problem *why)
{
    int64_t wanted = 0;
    if (sql_number(&store->sql, "SELECT count(*) FROM meta WHERE key = 'scrub'", NULL, 0, &wanted,
                   why) < 0)
        return -1;
    if (!wanted)
        return 0;
    return store->sql.backend->scrub(store->sql.context, why) ||
                   sql_run(&store->sql, "DELETE FROM meta WHERE key = 'scrub'", NULL, 0, why)
               ? -1
               : 0;
}

int store_finish_erasing(struct store *store, struct problem *why)
{
    json_t *rows = sql_rows(&store->sql, UNWANTED, NULL, 0, why);
    int is_here = rows && any_is_here(store, rows), bad = !rows;
    json_decref(rows);
    if (!bad && is_here)
        bad = remove_unwanted(store, why);
    return bad || scrub(store, why) ? -1 : 0;
}

/* --- The rows -------------------------------------------------------------------------------- */

/* Works on each version's tables: all that is a person's goes with the row in `client`. */
static int delete_rows(struct sql *sql, int version, const char *id, struct problem *why)
{
    char now[24];
    const struct sql_value of[] = {sql_text(id), sql_text(now)};
    store_now(now, sizeof now);
    if (version >= 2 &&
        (sql_run(sql,
                 "INSERT INTO erased_client (id, erased_utc) VALUES ($1, $2) ON CONFLICT (id) "
                 "DO NOTHING",
                 of, 2, why) ||
         sql_run(sql,
                 "INSERT INTO erased_recording (sha256) SELECT recording_sha256 FROM session "
                 "WHERE client_id = $1 ON CONFLICT (sha256) DO NOTHING",
                 of, 1, why)))
        return -1;
    return sql_run(sql, "DELETE FROM client WHERE id = $1", of, 1, why) ||
                   sql_run(sql,
                           "INSERT INTO meta (key, value) VALUES ('scrub', 'wanted') "
                           "ON CONFLICT (key) DO NOTHING",
                           NULL, 0, why)
               ? -1
               : 0;
}

/* --- Backups --------------------------------------------------------------------------------- */

static json_t *recordings_of(struct sql *sql, const char *id, struct problem *why)
{
    const struct sql_value of[] = {sql_text(id)};
    return sql_rows(sql,
                    "SELECT recording_sha256 AS sha256, recording_bytes AS bytes FROM session "
                    "WHERE client_id = $1",
                    of, 1, why);
}

static int erase_in(struct sql *sql, const struct vault *vault, const char *id, int only_if_there,
                    struct problem *why)
{
    int version;
    int64_t n = 0;
    const struct sql_value of[] = {sql_text(id)};
    if (schema_version(sql, &version, why) ||
        sql_number(sql, "SELECT count(*) FROM client WHERE id = $1", of, 1, &n, why) < 0)
        return -1;
    if (!n && only_if_there)
        return 0;
    json_t *recordings = recordings_of(sql, id, why);
    int bad = !recordings || sql_begin(sql, why);
    bad = bad || sql_end(sql, delete_rows(sql, version, id, why), why);
    bad = bad || remove_all(vault, recordings, why) || sql->backend->scrub(sql->context, why) ||
          sql_run(sql, "DELETE FROM meta WHERE key = 'scrub'", NULL, 0, why);
    json_decref(recordings);
    return bad ? -1 : (int)n;
}

static int open_folder(const struct store *store, const char *folder, struct sql *sql,
                       struct store_keys **keys, struct problem *why)
{
    const struct store_options options = store_options_like(store, folder);
    char *path;
    if (asprintf(&path, "%s/" CATALOGUE, folder) < 0)
        return problem_no_memory(why, "a backup's name");
    int bad = access(path, F_OK) ? problem(why, PROBLEM_FAILED,
                                           "%s is not there (a disk that is not mounted?)", path)
                                 : store_keys_for(folder, &options, keys, why);
    bad = bad || sql_open_sqlite(sql, path, 0, *keys ? (*keys)->pages : NULL, why);
    free(path);
    return bad ? -1 : 0;
}

int store_erase_in_folder(const struct store *store, const char *folder, const char *id,
                          int only_if_there, struct problem *why)
{
    struct sql sql = {0};
    struct store_keys *keys = NULL;
    int n = open_folder(store, folder, &sql, &keys, why);
    const struct vault vault = {folder, keys};
    if (!n)
        n = erase_in(&sql, &vault, id, only_if_there, why);
    sql_close(&sql);
    store_forget_keys(keys);
    return n;
}

static int tell_backup(json_t *told, const char *path, int n, const struct problem *why)
{
    if (n >= 0)
        return json_array_append_new(json_object_get(told, "backups_erased"),
                                     json_pack("{s:s, s:b}", "path", path, "held_the_person", n));
    return json_array_append_new(json_object_get(told, "backups_out_of_reach"),
                                 json_pack("{s:s, s:s}", "path", path, "why", why->text));
}

static int tell_partial(json_t *told, const char *path)
{
    return json_array_append_new(json_object_get(told, "partial_backups_removed"),
                                 json_pack("{s:s}", "path", path));
}

static int erase_in_backups(struct store *store, const char *id, json_t *told, struct problem *why)
{
    struct problem at_backup;
    if (store_settle_partials(store, why))
        return -1;
    json_t *places =
        sql_rows(&store->sql, "SELECT path FROM backup_place ORDER BY path", NULL, 0, why);
    int bad = !places;
    for (size_t i = 0; !bad && i < json_array_size(places); i++) {
        const char *path = text_at(places, i, "path");
        int is_partial = store_is_partial(path);
        int n = is_partial ? store_drop_partial(store, path, &at_backup)
                           : store_erase_in_folder(store, path, id, 0, &at_backup);
        if (is_partial && !n ? tell_partial(told, path) : tell_backup(told, path, n, &at_backup))
            bad = problem_no_memory(why, "what was erased");
    }
    json_decref(places);
    return bad;
}

/* --- The whole ------------------------------------------------------------------------------- */

/* Recordings are counted together, wherever they lay. */
static int count(json_t *told, json_int_t n, struct problem *why)
{
    n += json_integer_value(json_object_get(told, "recordings"));
    return json_object_set_new(told, "recordings", json_integer(n))
               ? problem_no_memory(why, "what was erased")
               : 0;
}

static int drop_unkept(struct store *store, const char *id, json_t *told, struct problem *why)
{
    json_t *recordings = recordings_of(&store->sql, id, why);
    int n = recordings ? store_drop_unkept(store, id, recordings,
                                           json_object_get(told, "recordings_unreadable"), why)
                       : -1;
    json_decref(recordings);
    return n < 0 ? -1 : count(told, n, why);
}

static int delete_person(struct store *store, const char *id, json_t *told, struct problem *why)
{
    if (sql_begin(&store->sql, why))
        return -1;
    json_t *recordings = recordings_of(&store->sql, id, why);
    int bad = !recordings || count(told, (json_int_t)json_array_size(recordings), why);
    json_decref(recordings);
    bad = bad || delete_rows(&store->sql, STORE_VERSION, id, why) ||
          store_log(store, "client-erase", id, why);
    return sql_end(&store->sql, bad, why);
}

/* Rows and recordings. Somebody who was erased here already is no error:
 * a backup that was out of reach then may be there now. */
static int erase_here(struct store *store, const char *id, json_t *told, struct problem *why)
{
    char whole[STORE_ID_SIZE];
    int64_t n = 0;
    if (sql_number(&store->sql, "SELECT count(*) FROM erased_client WHERE id = $1",
                   (struct sql_value[]){sql_text(id)}, 1, &n, why) < 0)
        return -1;
    if (!n && store_find_client(store, id, whole, why))
        return -1;
    if (drop_unkept(store, id, told, why) || (!n && delete_person(store, id, told, why)))
        return -1;
    return store_drop_arriving(store, id, why);
}

static int drop_cut_short(void *context, const char *path, enum vault_kind kind, const char *name,
                          struct problem *why)
{
    (void)context;
    return kind == VAULT_OTHER && !strncmp(name, "on-its-way-", 11) ? vault_wipe(path, why) : 0;
}

/* Copies of recordings, backups and exports that broke off, or that are being made right now and
 * would hold the person.
 */
static int drop_half_made(const struct store *store, struct problem *why)
{
    return vault_each(store->data, drop_cut_short, NULL, why) |
           folder_remove_all(store->data, "backups/*.part-??????", why) |
           store_remove_exports(store->data, why);
}

/* The backups, also where the database's own remains cannot go yet: somebody reads it, or the disk
 * is full. That is told when all else is done. */
static int erase_remains(struct store *store, const char *id, json_t *told, struct problem *why)
{
    struct problem here;
    int remains = store_finish_erasing(store, &here);
    if (erase_in_backups(store, id, told, why) || drop_half_made(store, why))
        return -1;
    if (remains)
        *why = here;
    return remains;
}

json_t *store_client_erase(struct store *store, const char *id, struct problem *why)
{
    if (!id || strlen(id) != STORE_ID_SIZE - 1) {
        problem(
            why, PROBLEM_REFUSED,
            "'%.40s' is no id of a person: to erase one, the whole id of 17 characters is wanted "
            "('tenderfoot clients list' shows the ids)",
            id ? id : "");
        return NULL;
    }
    json_t *told =
        json_pack("{s:s, s:s, s:i, s:[], s:[], s:[], s:[]}", "schema", "tenderfoot/client-erase/1",
                  "client", id, "recordings", 0, "recordings_unreadable", "backups_erased",
                  "partial_backups_removed", "backups_out_of_reach");
    if (!told) {
        problem_no_memory(why, "what was erased");
        return NULL;
    }
    struct store_hold *held = store_hold_alone(store, id, why);
    int bad = !held || erase_here(store, id, told, why) || erase_remains(store, id, told, why);
    store_let_go(held);
    if (!bad)
        return told;
    json_decref(told);
    return NULL;
}
