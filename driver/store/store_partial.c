/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was killed as it was made. Backups: folders under a temporary name beside where they were to
 * be. Each is noted as a backup's place from its first byte on, so that erasing reaches it wherever
 * it lies; the next backup removes it. Exports: files in the data folder. */
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTIAL "*.part-??????" /* new_folder_begin */

int store_is_partial(const char *path)
{
    return !fnmatch(PARTIAL, path, 0);
}

int store_note_partial(struct store *store, const char *folder, char **path, struct problem *why)
{
    *path = realpath(folder, NULL);
    return *path ? store_note_backup(store, *path, why)
                 : problem(why, PROBLEM_FAILED, "%s: %s", folder, strerror(errno));
}

int store_forget_place(struct store *store, const char *path, struct problem *why)
{
    return STORE_RUN(store, "DELETE FROM backup_place WHERE path = $1", why, sql_text(path));
}

/* "/media/disk/week.part-a1B2c3": "/media/disk", malloc'ed, or NULL. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash          ? strdup(".")
           : slash == path ? strdup("/")
                           : strndup(path, (size_t)(slash - path));
}

/* Not there although its parent is: it never comes back. */
static int is_gone(const char *path)
{
    char *parent = parent_of(path);
    int gone = parent && access(path, F_OK) && errno == ENOENT && !access(parent, F_OK);
    free(parent);
    return gone;
}

/* Killed between its name and its row: the backup is whole, and a place of its own. */
static int settle_one(struct store *store, const char *partial, struct problem *why)
{
    char *catalogue = NULL, *whole = strndup(partial, strlen(partial) - strlen(".part-XXXXXX"));
    if (!whole || asprintf(&catalogue, "%s/" CATALOGUE, whole) < 0) {
        free(whole);
        return problem_no_memory(why, "a backup's name");
    }
    int bad = (!access(catalogue, F_OK) && store_note_backup(store, whole, why)) ||
              store_forget_place(store, partial, why);
    free(catalogue);
    free(whole);
    return bad ? -1 : 0;
}

static int each_noted(struct store *store,
                      int (*visit)(struct store *store, const char *path, json_t *list,
                                   struct problem *why),
                      json_t *list, struct problem *why)
{
    json_t *row, *rows = sql_rows(&store->sql, "SELECT path FROM backup_place", NULL, 0, why);
    int bad = !rows;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *path = json_string_value(json_object_get(row, "path"));
        if (!bad && path && store_is_partial(path))
            bad = visit(store, path, list, why);
    }
    json_decref(rows);
    return bad ? -1 : 0;
}

static int settle_gone(struct store *store, const char *path, json_t *unused, struct problem *why)
{
    (void)unused;
    return is_gone(path) ? settle_one(store, path, why) : 0;
}

int store_settle_partials(struct store *store, struct problem *why)
{
    return each_noted(store, settle_gone, NULL, why);
}

int store_drop_partial(struct store *store, const char *path, struct problem *why)
{
    if (access(path, F_OK))
        return problem(why, PROBLEM_FAILED, "%s is not there (a disk that is not mounted?)", path);
    return folder_remove(path, why) || store_forget_place(store, path, why) ? -1 : 0;
}

/* One that somebody makes at this moment stays, and so does what cannot be removed: it is noted. */
static int sweep_one(struct store *store, const char *path, json_t *removed, struct problem *why)
{
    struct problem ignored;
    if (new_folder_is_made(path) || store_drop_partial(store, path, &ignored))
        return 0;
    return json_array_append_new(removed, json_string(path))
               ? problem_no_memory(why, "what was removed")
               : 0;
}

/* Another station's, or one that a copy of this store knows of: only what holds a catalogue. */
static int sweep_found(struct store *store, const char *parent, const char *name, json_t *removed,
                       struct problem *why)
{
    char *path = NULL, *catalogue = NULL;
    int bad = 0;
    if (asprintf(&path, "%s/%s", parent, name) < 0 ||
        asprintf(&catalogue, "%s/%s", path, CATALOGUE) < 0)
        bad = problem_no_memory(why, "a folder's name");
    else if (!access(catalogue, F_OK))
        bad = sweep_one(store, path, removed, why);
    free(catalogue);
    free(path);
    return bad;
}

int store_sweep_partials(struct store *store, const char *beside, json_t *removed,
                         struct problem *why)
{
    if (store_settle_partials(store, why) || each_noted(store, sweep_one, removed, why))
        return -1;
    char *parent = parent_of(beside);
    DIR *folder = parent ? opendir(parent) : NULL;
    int bad = 0;
    for (struct dirent *entry; folder && !bad && (entry = readdir(folder));)
        if (store_is_partial(entry->d_name))
            bad = sweep_found(store, parent, entry->d_name, removed, why);
    if (folder)
        closedir(folder);
    free(parent);
    return bad;
}

/* --- Exports --------------------------------------------------------------------------------- */

int store_exports(const char *data)
{
    glob_t found = {0};
    char *pattern;
    if (asprintf(&pattern, "%s/" STORE_EXPORTS, data) < 0)
        return 0;
    int n = glob(pattern, GLOB_NOSORT, NULL, &found) ? 0 : (int)found.gl_pathc;
    globfree(&found);
    free(pattern);
    return n;
}

int store_remove_exports(const char *data, struct problem *why)
{
    return folder_remove_all(data, STORE_EXPORTS, why);
}
