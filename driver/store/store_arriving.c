/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arriving/: recordings that are being made, named by whom they are of; inbox/: those of the page
 * that nobody has kept yet, whose headers say whom they are of, and copies of kept ones that the
 * station had no time to remove. */
#include "driver/recording.h"
#include "driver/store/store_private.h"
#include "driver/store/vault.h"
#include "firmware/wire/problem_code.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *store_arriving_path(struct store *store, const char *client, struct problem *why)
{
    char whole[STORE_ID_SIZE], own[STORE_ID_SIZE], *folder = NULL, *path = NULL;
    if (store_find_client(store, client, whole, why) || store_new_id('r', own, why))
        return NULL;
    if (asprintf(&folder, "%s/arriving", store->data) < 0) {
        problem_no_memory(why, "a recording's name");
        return NULL;
    }
    int bad = store_make_folder(folder, why);
    if (!bad && asprintf(&path, "%s/%s-%s.tfr", folder, whole, own) < 0) {
        path = NULL;
        problem_no_memory(why, "a recording's name");
    }
    free(folder);
    return path;
}

int store_drop_file(const struct store *store, const char *path)
{
    struct problem ignored;
    return store->keys && !vault_wipe(path, &ignored) ? 0 : unlink(path);
}

void store_arrived(const struct store *store, const char *path)
{
    char *real = realpath(path, NULL);
    size_t n = strlen(store->data);
    if (real && !strncmp(real, store->data, n) && !strncmp(real + n, "/arriving/", 10))
        store_drop_file(store, real);
    free(real);
}

static int each_file(const struct store *store, const char *of,
                     int (*visit)(void *context, const char *path, const char *name,
                                  struct problem *why),
                     void *context, struct problem *why)
{
    char *folder = NULL, *path;
    struct dirent *entry;
    int bad = 0;
    if (asprintf(&folder, "%s/%s", store->data, of) < 0)
        return problem_no_memory(why, "a folder's name");
    DIR *files = opendir(folder);
    if (!files && errno != ENOENT)
        bad = problem(why, PROBLEM_FAILED, "%s: %s", folder, strerror(errno));
    while (files && !bad && (entry = readdir(files))) {
        if (entry->d_name[0] == '.')
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0) {
            bad = problem_no_memory(why, "a file's name");
            break;
        }
        bad = visit(context, path, entry->d_name, why);
        free(path);
    }
    if (files)
        closedir(files);
    free(folder);
    return bad;
}

int store_each_arriving(const struct store *store,
                        int (*visit)(void *context, const char *path, const char *name,
                                     struct problem *why),
                        void *context, struct problem *why)
{
    return each_file(store, "arriving", visit, context, why);
}

static int remove_of(void *context, const char *path, const char *name, struct problem *why)
{
    const char *id = context;
    if (strncmp(name, id, strlen(id)) || !unlink(path) || errno == ENOENT)
        return 0;
    return problem(why, PROBLEM_FAILED, "%s cannot be removed: %s", path, strerror(errno));
}

int store_drop_arriving(const struct store *store, const char *id, struct problem *why)
{
    char of[STORE_ID_SIZE];
    snprintf(of, sizeof of, "%s", id);
    return store_each_arriving(store, remove_of, of, why);
}

/* --- The page's inbox ------------------------------------------------------------------------ */

struct unkept {
    const char *id;
    const json_t *recordings; /* the person's in the store: "sha256", "bytes" */
    json_t *unreadable;       /* gets {"path", "why"} */
    int n;
};

/* The header's "client" is this id: 1 or 0; -1 and *why when the header cannot be read. */
static int says_of(const char *path, const char *id, struct problem *why)
{
    struct recording *recording = recording_open(path, why);
    const char *text = recording ? recording_header(recording) : NULL;
    json_t *header = text ? json_loads(text, 0, NULL) : NULL;
    const char *client = json_string_value(json_object_get(header, "client"));
    int is = header ? client && !strcmp(client, id) : -1;
    if (recording && !header)
        problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                      "its header is damaged");
    json_decref(header);
    recording_close(recording);
    return is;
}

/* Somewhere in its first bytes, where a header would be, whole or not. */
static int holds_id(const char *path, const char *id)
{
    enum { HEAD = 1 << 16 };
    char *bytes = malloc(HEAD);
    FILE *file = bytes ? fopen(path, "re") : NULL;
    size_t n = file ? fread(bytes, 1, HEAD, file) : 0;
    int holds = n && memmem(bytes, n, id, strlen(id));
    if (file)
        fclose(file);
    free(bytes);
    return holds;
}

/* A copy of one that the person has in the store: the station was ended between keeping it and
 * taking it out of the inbox, or could not. 1, 0 or -1. */
static int is_kept(const struct unkept *unkept, const char *path, struct problem *why)
{
    char hash[VAULT_HASH] = "";
    struct stat file;
    size_t i;
    const json_t *row;
    if (stat(path, &file))
        return 0;
    json_array_foreach(unkept->recordings, i, row)
    {
        if (json_integer_value(json_object_get(row, "bytes")) != (json_int_t)file.st_size)
            continue;
        if (!*hash && vault_hash(path, hash, why))
            return -1;
        if (!strcmp(hash, json_string_value(json_object_get(row, "sha256"))))
            return 1;
    }
    return 0;
}

static int tell_unreadable(struct unkept *unkept, const char *path, const struct problem *at_open,
                           struct problem *why)
{
    json_t *row = json_pack("{s:s, s:s}", "path", path, "why", at_open->text);
    return json_array_append_new(unkept->unreadable, row)
               ? problem_no_memory(why, "what was erased")
               : 0;
}

static int remove_unkept(void *context, const char *path, const char *name, struct problem *why)
{
    struct unkept *unkept = context;
    struct problem at_open = {0};
    size_t n = strlen(name);
    if (n < 4 || strcmp(name + n - 4, ".tfr"))
        return 0;
    int kept = is_kept(unkept, path, why), is = kept;
    if (kept < 0)
        return -1;
    if (!kept && (is = says_of(path, unkept->id, &at_open)) < 0)
        is = holds_id(path, unkept->id);
    if (!is)
        return at_open.kind ? tell_unreadable(unkept, path, &at_open, why) : 0;
    if (!unlink(path))
        unkept->n += !kept; /* the one in the store is counted */
    else if (errno != ENOENT)
        return problem(why, PROBLEM_FAILED, "%s cannot be removed: %s", path, strerror(errno));
    return 0;
}

int store_drop_unkept(const struct store *store, const char *id, const json_t *recordings,
                      json_t *unreadable, struct problem *why)
{
    struct unkept unkept = {.id = id, .recordings = recordings, .unreadable = unreadable};
    return each_file(store, "inbox", remove_unkept, &unkept, why) ? -1 : unkept.n;
}
