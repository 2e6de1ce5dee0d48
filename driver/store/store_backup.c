/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of the whole store, and its check. */
#include "driver/store/schema.h"
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"
#include "driver/store/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Filling a copy -------------------------------------------------------------------------- */

struct carrying {
    const struct vault *from, *to;
    json_t *missing;
    json_int_t n;
};

static int carry(void *context, const struct sql_row *row, struct problem *why)
{
    struct carrying *c = context;
    struct problem at_carry;
    int carried = vault_carry(c->from, c->to, row->values[1].text, &at_carry);
    c->n += !carried;
    if (carried < 0)
        return problem(why, at_carry.kind, "%s", at_carry.text);
    if (!carried)
        return 0;
    /* One damaged file must not keep the others from being copied. */
    return json_array_append_new(c->missing, json_pack("{s:s, s:s}", "session", row->values[0].text,
                                                       "why", at_carry.text))
               ? problem_no_memory(why, "what was copied")
               : 0;
}

/* The recordings that the copied catalogue speaks of. */
static int carry_recordings(struct store *copy, const struct vault *from, json_t *told,
                            struct problem *why)
{
    struct carrying c = {from, &copy->vault, json_object_get(told, "recordings_missing"), 0};
    if (copy->sql.backend->run(copy->sql.context, "SELECT id, recording_sha256 FROM session", NULL,
                               0, carry, &c, why))
        return -1;
    return json_object_set_new(told, "recordings", json_integer(c.n))
               ? problem_no_memory(why, "what was copied")
               : 0;
}

static int copy_catalogue(struct store *store, const char *folder, struct problem *why)
{
    char *file;
    if (asprintf(&file, "%s/" CATALOGUE, folder) < 0)
        return problem_no_memory(why, "a copy's name");
    FILE *empty = fopen(file, "wx"); /* its mode holds for the copy */
    int bad = !empty || fclose(empty) || chmod(file, 0600)
                  ? problem(why, PROBLEM_FAILED, "%s cannot be made", file)
                  : store->sql.backend->copy(store->sql.context, file,
                                             store->keys ? store->keys->pages : NULL, why);
    free(file);
    return bad;
}

/* A database without files of its own is copied row by row. */
static int fill(struct store *store, const char *folder, json_t *told, struct problem *why)
{
    int by_file = store->sql.backend->copy != NULL;
    struct store_options options = store_options_like(store, folder);
    options.must_exist = by_file;
    if (store_mark_copy(store, folder, why))
        return -1;
    if (by_file && copy_catalogue(store, folder, why))
        return -1;
    struct store *copy = store_open(&options, why);
    if (!copy)
        return -1;
    /* The copy knows itself by the name it has while it is made: no place of a backup. */
    int bad = store_forget_place(copy, store_data(copy), why) ||
              (by_file ? carry_recordings(copy, &store->vault, told, why)
                       : store_merge_from(copy, store, told, why));
    store_close(copy);
    return bad;
}

/* People who were erased while the copy was made are erased from it before it counts. */
static int erase_meanwhile(struct store *store, const char *folder, struct problem *why)
{
    json_t *ids = sql_rows(&store->sql, "SELECT id FROM erased_client", NULL, 0, why);
    int bad = !ids;
    for (size_t i = 0; !bad && i < json_array_size(ids); i++)
        bad = store_erase_in_folder(
                  store, folder, json_string_value(json_object_get(json_array_get(ids, i), "id")),
                  1, why) < 0;
    json_decref(ids);
    return bad;
}

/* --- Backup and restore ---------------------------------------------------------------------- */

/* Named, then noted: a folder that is noted and not there is told at the next erasing. */
static int finish_backup(struct store *store, struct new_folder *folder, const char *partial,
                         struct problem *why)
{
    if (sql_begin(&store->sql, why))
        return -1;
    char *path = NULL;
    int bad = erase_meanwhile(store, folder->temporary, why);
    if (!bad && !(path = strdup(folder->path)))
        bad = problem_no_memory(why, "a backup's name");
    if (!bad)
        bad = new_folder_finish(folder, why);
    char *real = bad ? NULL : realpath(path, NULL);
    if (!bad)
        bad = store_note_backup(store, real ? real : path, why) ||
              store_forget_place(store, partial, why) ||
              store_log(store, "store-backup", NULL, why);
    free(real);
    free(path);
    return sql_end(&store->sql, bad, why);
}

static int make_backup(struct store *store, const char *path, json_t *told, struct problem *why)
{
    struct new_folder folder;
    if (new_folder_begin(&folder, path, why))
        return -1;
    struct problem at_tidying; /* of lesser interest: the next backup sees to it */
    char *partial = NULL;
    int bad = store_note_partial(store, folder.temporary, &partial, why) ||
              store_sweep_partials(store, folder.path,
                                   json_object_get(told, "partial_backups_removed"), why) ||
              fill(store, folder.temporary, told, why) ||
              finish_backup(store, &folder, partial, why);
    new_folder_abort(&folder);
    if (bad && partial)
        store_forget_place(store, partial, &at_tidying);
    free(partial);
    return bad ? -1 : 0;
}

json_t *store_backup(struct store *store, const char *folder, struct problem *why)
{
    char now[24], id[STORE_ID_SIZE], *path = NULL;
    store_now(now, sizeof now);
    if (store_new_id('b', id, why))
        return NULL;
    if ((folder ? !(path = strdup(folder))
                : asprintf(&path, "%s/backups/%.10s-%s", store->data, now, id) < 0)) {
        problem_no_memory(why, "a backup's name");
        return NULL;
    }
    json_t *told =
        json_pack("{s:s, s:s, s:s, s:[], s:[]}", "schema", "tenderfoot/store-backup/1", "folder",
                  path, "made_utc", now, "recordings_missing", "partial_backups_removed");
    int bad = told ? make_backup(store, path, told, why)
                   : problem(why, PROBLEM_FAILED,
                             "no memory for what was copied, or a folder's name that is not UTF-8");
    free(path);
    if (!bad)
        return told;
    json_decref(told);
    return NULL;
}

static int holds_store(const char *data)
{
    char *file = NULL;
    int holds = asprintf(&file, "%s/" CATALOGUE, data) >= 0 && !access(file, F_OK);
    free(file);
    return holds;
}

int store_restore(const char *backup, const struct store_options *options, struct problem *why)
{
    struct store_options from = {
        .data = backup, .must_exist = 1, .catalogue = "", .key = options->key, .may_be_plain = 1};
    char *meant = store_data_meant(options->data, why);
    if (!meant)
        return -1;
    int bad = holds_store(meant) ? problem(why, PROBLEM_REFUSED,
                                           "%s holds a store; 'tenderfoot store merge' adds a "
                                           "backup to it, or give a new folder",
                                           meant)
                                 : store_make_folder(meant, why);
    struct store *store = bad ? NULL : store_open(&from, why);
    json_t *told = json_pack("{s:[]}", "recordings_missing");
    bad = bad || !store || !told || fill(store, meant, told, why);
    json_t *missing = json_array_get(json_object_get(told, "recordings_missing"), 0);
    if (!bad && missing)
        bad = problem(why, PROBLEM_REFUSED, "restored, but for recordings: %.200s",
                      json_string_value(json_object_get(missing, "why")));
    json_decref(told);
    store_close(store);
    free(meant);
    return bad ? -1 : 0;
}

/* --- Check ----------------------------------------------------------------------------------- */

struct checking {
    struct store *store;
    json_t *problems, *names; /* of the files that are spoken of */
    int repair;
    json_int_t recordings, removed;
};

static int say(json_t *problems, const char *text, struct problem *why)
{
    return json_array_append_new(problems, json_string(text)) ? problem_no_memory(why, "a finding")
                                                              : 0;
}

static int note_name(void *context, const struct sql_row *row, struct problem *why)
{
    struct checking *c = context;
    char name[VAULT_HASH];
    vault_name(&c->store->vault, row->values[0].text, name);
    return json_object_set_new(c->names, name, json_true()) ? problem_no_memory(why, "a check") : 0;
}

static int look_at(struct checking *c, const json_t *session, struct problem *why)
{
    struct problem at_look;
    char text[sizeof at_look.text];
    const char *hash = json_string_value(json_object_get(session, "sha256"));
    int found = vault_look(&c->store->vault, hash, &at_look);
    c->recordings += found == 1;
    if (found == 1)
        return 0;
    snprintf(text, sizeof text, "session %s: its recording is not there",
             json_string_value(json_object_get(session, "id")));
    return say(c->problems, found ? at_look.text : text, why);
}

/* Each recording is read whole, which takes minutes in a large store: nobody waits for that. */
static int look_at_recordings(struct checking *c, struct problem *why)
{
    json_t *sessions = sql_rows(&c->store->sql,
                                "SELECT id, recording_sha256 AS sha256 FROM session", NULL, 0, why);
    int bad = !sessions;
    for (size_t i = 0; !bad && i < json_array_size(sessions); i++)
        bad = look_at(c, json_array_get(sessions, i), why);
    json_decref(sessions);
    return bad;
}

static int look_at_file(void *context, const char *path, enum vault_kind kind, const char *name,
                        struct problem *why)
{
    struct checking *c = context;
    struct stat status;
    char text[sizeof why->text];
    enum vault_kind ours = c->store->keys ? VAULT_SEALED : VAULT_PLAIN;
    if (kind == VAULT_BUSY)
        return 0;
    if (kind == ours && json_object_get(c->names, name)) {
        if (lstat(path, &status) || !(status.st_mode & 077))
            return 0;
        snprintf(text, sizeof text, "%.300s: others may read it (chmod 600)", path);
        return c->repair && !chmod(path, 0600) ? 0 : say(c->problems, text, why);
    }
    if (c->repair && !(kind == VAULT_OTHER ? unlink(path) : vault_wipe(path, why))) {
        c->removed++;
        return 0;
    }
    snprintf(text, sizeof text, "%.300s: nothing in the catalogue speaks of it", path);
    return say(c->problems, text, why);
}

static int look_at_arriving(void *context, const char *path, const char *name, struct problem *why)
{
    struct checking *c = context;
    char text[sizeof why->text];
    snprintf(text, sizeof text,
             "%.200s: a recording that did not come into the store: 'tenderfoot sessions add' "
             "takes it, --person %.17s",
             path, name);
    return say(c->problems, text, why);
}

/* An older station's, killed as it made them: a newer one gives them no name. */
static int look_at_exports(struct checking *c, struct problem *why)
{
    int n = store_exports(c->store->data);
    char text[160];
    if (!n || (c->repair && !store_remove_exports(c->store->data, why))) {
        c->removed += n;
        return 0;
    }
    snprintf(text, sizeof text, "%d exports that broke off lie in the data folder (%s)", n,
             STORE_EXPORTS);
    return say(c->problems, text, why);
}

static int check_all(struct checking *c, struct problem *why)
{
    struct sql *sql = &c->store->sql;
    if (sql->backend->check(sql->context, c->problems, why) || look_at_recordings(c, why) ||
        sql_begin(sql, why))
        return -1;
    int bad = sql->backend->run(sql->context, "SELECT recording_sha256 FROM session", NULL, 0,
                                note_name, c, why) ||
              vault_each(c->store->data, look_at_file, c, why) ||
              store_each_arriving(c->store, look_at_arriving, c, why) || look_at_exports(c, why) ||
              store_log(c->store, "store-check", NULL, why);
    return sql_end(sql, bad, why);
}

json_t *store_check(struct store *store, int repair, struct problem *why)
{
    struct checking c = {
        .store = store, .problems = json_array(), .names = json_object(), .repair = repair};
    json_t *told = NULL;
    int bad = c.problems && c.names ? check_all(&c, why) : problem_no_memory(why, "a check");
    if (!bad) {
        told = json_pack("{s:s, s:b, s:b, s:i, s:I, s:I, s:O}", "schema",
                         "tenderfoot/store-check/1", "whole", !json_array_size(c.problems),
                         "encrypted", store->keys != NULL, "version", STORE_VERSION, "recordings",
                         c.recordings, "removed", c.removed, "problems", c.problems);
        if (!told)
            problem_no_memory(why, "a check");
    }
    json_decref(c.problems);
    json_decref(c.names);
    return told;
}

json_t *store_access_log(struct store *store, int limit, struct problem *why)
{
    json_t *rows = STORE_ROWS(store,
                              "SELECT at_utc, who, action, of_whom FROM access_log "
                              "ORDER BY at_utc DESC, id LIMIT $1",
                              why, sql_integer(limit > 0 ? limit : 100));
    json_t *told =
        rows ? json_pack("{s:s, s:O}", "schema", "tenderfoot/store-log/1", "lines", rows) : NULL;
    if (rows && !told)
        problem_no_memory(why, "the access log");
    json_decref(rows);
    return told;
}
