/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/vault.h"

#include "driver/store/seal_private.h"
#include "driver/store/store_keys.h"
#include "firmware/wire/problem_code.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

static int cannot(const char *what, const char *path, struct problem *why)
{
    return problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED, "%s cannot be %s: %s",
                         path, what, strerror(errno));
}

static char *join(const char *a, const char *b, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/%s", a, b) >= 0)
        return path;
    problem_no_memory(why, "a path in the store");
    return NULL;
}

static int make_folder(const char *path, struct problem *why)
{
    return mkdir(path, 0700) && errno != EEXIST ? cannot("made", path, why) : 0;
}

static int sync_folder(const char *path, struct problem *why)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int bad = fd < 0 || fsync(fd) ? cannot("synced", path, why) : 0;
    if (fd >= 0)
        close(fd);
    return bad;
}

static int write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno != EINTR)
            return -1;
        bytes += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

/* --- Passing bytes on, in the clear or sealed ------------------------------------------------- */

static const char magic[] = "TFKEPT1\n";

/* One end: a descriptor, with a stream when what lies there is sealed. */
struct end {
    int fd;
    const char *path; /* for messages */
    struct seal *seal;
};

/* A stream on the descriptor, which stays the caller's. */
static int open_seal(struct end *e, const char *mode, const struct store_keys *keys,
                     struct problem *why)
{
    int fd = fcntl(e->fd, F_DUPFD_CLOEXEC, 0);
    e->seal = fd < 0 ? NULL : seal_begin(why);
    if (fd < 0)
        return cannot("opened", e->path, why);
    if (!e->seal || !(e->seal->file = fdopen(fd, mode))) {
        close(fd);
        return e->seal ? problem_no_memory(why, "a recording") : -1;
    }
    memcpy(e->seal->head, magic, 8);
    memcpy(e->seal->key, keys->files, sizeof e->seal->key);
    return 0;
}

static int begin_writing(struct end *e, const struct store_keys *keys, struct problem *why)
{
    unsigned char header[STREAM(HEADERBYTES)];
    if (!keys || open_seal(e, "wb", keys, why))
        return keys ? -1 : 0;
    STREAM(init_push)(&e->seal->state, header, e->seal->key);
    return fwrite(e->seal->head, 1, SEAL_HEAD, e->seal->file) == SEAL_HEAD &&
                   fwrite(header, 1, sizeof header, e->seal->file) == sizeof header
               ? 0
               : cannot("written", e->path, why);
}

static int damaged(const char *path, struct problem *why)
{
    return problem_coded(
        why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
        "%s is damaged: its bytes are not those that were stored; take it from a backup", path);
}

static int begin_reading(struct end *e, const struct store_keys *keys, struct problem *why)
{
    unsigned char header[STREAM(HEADERBYTES)], head[SEAL_HEAD];
    if (!keys || open_seal(e, "rb", keys, why))
        return keys ? -1 : 0;
    if (fread(head, 1, SEAL_HEAD, e->seal->file) != SEAL_HEAD ||
        memcmp(head, e->seal->head, SEAL_HEAD) ||
        fread(header, 1, sizeof header, e->seal->file) != sizeof header ||
        STREAM(init_pull)(&e->seal->state, header, e->seal->key))
        return damaged(e->path, why);
    return 0;
}

/* The next bytes: *n of them, 0 at the end. `block` is where those in the clear go. */
static int next(struct end *e, uint8_t *block, const uint8_t **bytes, size_t *n,
                struct problem *why)
{
    struct problem at_pull;
    *n = 0;
    if (!e->seal) {
        ssize_t got;
        while ((got = read(e->fd, block, BLOCK)) < 0 && errno == EINTR)
            continue;
        *bytes = block;
        *n = got > 0 ? (size_t)got : 0;
        return got < 0 ? cannot("read", e->path, why) : 0;
    }
    while (!*n && !e->seal->is_last) {
        if (seal_pull(e->seal, &at_pull))
            return damaged(e->path, why);
        *bytes = e->seal->plain;
        *n = e->seal->n;
    }
    return 0;
}

static int put(struct end *e, const uint8_t *bytes, size_t n, struct problem *why)
{
    if (e->fd < 0 || !(e->seal ? seal_add(e->seal, bytes, n) : write_all(e->fd, bytes, n)))
        return 0;
    return cannot("written", e->path, why);
}

static int finish_writing(struct end *e, struct problem *why)
{
    return e->seal && (seal_push(e->seal, 1) || fflush(e->seal->file))
               ? cannot("written", e->path, why)
               : 0;
}

/* Hashes what comes from `from` and puts it into `to` (whose fd may be -1: nowhere). */
static int pass_through(struct end *from, struct end *to, struct vault_copy *copy,
                        struct problem *why)
{
    struct sha256_ctx sha;
    const uint8_t *bytes = NULL;
    uint8_t digest[SHA256_DIGEST_SIZE], *block = malloc(BLOCK);
    size_t n = 0;
    int bad = block ? 0 : problem_no_memory(why, "a block of a recording");
    sha256_init(&sha);
    copy->bytes = 0;
    while (!bad && !(bad = next(from, block, &bytes, &n, why)) && n) {
        sha256_update(&sha, n, bytes);
        copy->bytes += (int64_t)n;
        bad = put(to, bytes, n, why);
    }
    bad = bad || finish_writing(to, why);
    free(block);
    sha256_digest(&sha, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(copy->hash + 2 * i, 3, "%02x", digest[i]);
    return bad ? -1 : 0;
}

/* From one descriptor, sealed by `from_keys` unless NULL, to another; the paths are for messages.
 */
static int pass(int from, const char *from_path, const struct store_keys *from_keys, int to,
                const char *to_path, const struct store_keys *to_keys, struct vault_copy *copy,
                struct problem *why)
{
    struct end in = {from, from_path, NULL}, out = {to, to_path, NULL};
    int bad = begin_reading(&in, from_keys, why) || begin_writing(&out, to_keys, why) ||
              pass_through(&in, &out, copy, why);
    seal_end(in.seal);
    seal_end(out.seal);
    return bad ? -1 : 0;
}

/* --- Coming in ------------------------------------------------------------------------------- */

static int make_temporary(const char *data, struct vault_copy *copy, struct problem *why)
{
    char *folder = join(data, "recordings", why);
    if (!folder || make_folder(folder, why)) {
        free(folder);
        return -1;
    }
    copy->temporary = join(folder, "on-its-way-XXXXXX", why);
    free(folder);
    if (!copy->temporary)
        return -1;
    copy->fd = mkostemp(copy->temporary, O_CLOEXEC);
    if (copy->fd < 0) {
        cannot("made", copy->temporary, why);
        free(copy->temporary);
        copy->temporary = NULL;
        return -1;
    }
    flock(copy->fd, LOCK_EX); /* whoever tidies up sees that it is wanted */
    return 0;
}

static int take_from(const struct vault *vault, const char *path, const struct store_keys *keys,
                     struct vault_copy *copy, struct problem *why)
{
    struct stat status;
    *copy = (struct vault_copy){.fd = -1};
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from < 0)
        return cannot("opened", path, why);
    int bad = fstat(from, &status) || !S_ISREG(status.st_mode)
                  ? problem_coded(why, PROBLEM_CODE_NO_RECORDING, PROBLEM_REFUSED,
                                  "%s is not a file", path)
                  : 0;
    bad = bad || make_temporary(vault->data, copy, why) ||
          pass(from, path, keys, copy->fd, copy->temporary, vault->keys, copy, why) ||
          (fsync(copy->fd) ? cannot("synced", copy->temporary, why) : 0);
    close(from);
    if (bad)
        vault_drop(copy);
    return bad ? -1 : 0;
}

int vault_take(const struct vault *vault, const char *path, struct vault_copy *copy,
               struct problem *why)
{
    return take_from(vault, path, NULL, copy, why);
}

int vault_hash(const char *path, char hash[VAULT_HASH], struct problem *why)
{
    struct vault_copy is = {.fd = -1};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return cannot("opened", path, why);
    int bad = pass(fd, path, NULL, -1, NULL, NULL, &is, why);
    close(fd);
    memcpy(hash, is.hash, VAULT_HASH);
    return bad;
}

/* --- Names ----------------------------------------------------------------------------------- */

void vault_name(const struct vault *vault, const char *hash, char name[VAULT_HASH])
{
    unsigned char digest[(VAULT_HASH - 1) / 2];
    snprintf(name, VAULT_HASH, "%s", hash);
    if (!vault->keys)
        return;
    crypto_generichash(digest, sizeof digest, (const unsigned char *)hash, strlen(hash),
                       vault->keys->names, STORE_SUBKEY);
    sodium_bin2hex(name, VAULT_HASH, digest, sizeof digest);
}

char *vault_path(const struct vault *vault, const char *hash, struct problem *why)
{
    char *path, name[VAULT_HASH];
    if (strlen(hash) != VAULT_HASH - 1 || strspn(hash, "0123456789abcdef") != VAULT_HASH - 1) {
        problem_coded(why, PROBLEM_CODE_RECORDING_UNKNOWN, PROBLEM_REFUSED,
                      "'%.70s' is no name of a recording in a store", hash);
        return NULL;
    }
    vault_name(vault, hash, name);
    if (asprintf(&path, "%s/recordings/%.2s/%s.tf%c", vault->data, name, name + 2,
                 vault->keys ? 'e' : 'r') >= 0)
        return path;
    problem_no_memory(why, "a path in the store");
    return NULL;
}

/* The folder that a recording lies in: `path` without its last part. malloc'ed. */
static char *folder_of(const char *path, struct problem *why)
{
    char *folder = strdup(path);
    if (folder)
        *strrchr(folder, '/') = '\0';
    else
        problem_no_memory(why, "a path in the store");
    return folder;
}

/* --- Reading --------------------------------------------------------------------------------- */

static const char memory_path[] = "/proc/self/fd/";

/* In memory, without a name; -1 and *why. */
static int make_memory(struct problem *why)
{
    int fd = memfd_create("recording", MFD_CLOEXEC);
    if (fd < 0)
        problem(why, PROBLEM_FAILED, "memory for a recording: %s", strerror(errno));
    return fd;
}

/* The path by which it can be opened; on failure it is closed. */
static char *name_memory(int fd, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s%d", memory_path, fd) >= 0)
        return path;
    close(fd);
    problem_no_memory(why, "a recording's name");
    return NULL;
}

void vault_close(const char *path)
{
    if (path && !strncmp(path, memory_path, sizeof memory_path - 1))
        close((int)strtol(path + sizeof memory_path - 1, NULL, 10));
}

/* Looks at the file, and where `to` is a descriptor writes the recording there. */
static int look_into(const struct vault *vault, const char *path, const char *hash, int to,
                     struct problem *why)
{
    struct vault_copy is = {.fd = -1};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : cannot("opened", path, why);
    int bad = pass(fd, path, vault->keys, to, "a recording in memory", NULL, &is, why);
    close(fd);
    if (!bad && strcmp(is.hash, hash))
        bad = damaged(path, why);
    return bad ? -1 : 1;
}

int vault_look(const struct vault *vault, const char *hash, struct problem *why)
{
    char *path = vault_path(vault, hash, why);
    int found = path ? look_into(vault, path, hash, -1, why) : -1;
    free(path);
    return found;
}

int vault_open(const struct vault *vault, const char *hash, char **path, struct problem *why)
{
    char *file = vault_path(vault, hash, why);
    int memory = file && vault->keys ? make_memory(why) : -1;
    int found =
        !file || (vault->keys && memory < 0) ? -1 : look_into(vault, file, hash, memory, why);
    *path = NULL;
    if (found == 1 && !vault->keys)
        *path = file;
    else
        free(file);
    if (found == 1 && vault->keys) {
        *path = name_memory(memory, why);
        return *path ? 1 : -1;
    }
    if (memory >= 0)
        close(memory);
    return found;
}

char *vault_open_copy(const struct vault *vault, const struct vault_copy *copy, struct problem *why)
{
    if (!vault->keys) {
        char *path = strdup(copy->temporary);
        if (!path)
            problem_no_memory(why, "a path in the store");
        return path;
    }
    int memory = make_memory(why);
    if (memory < 0)
        return NULL;
    if (look_into(vault, copy->temporary, copy->hash, memory, why) == 1)
        return name_memory(memory, why);
    close(memory);
    return NULL;
}

int vault_keep(const struct vault *vault, struct vault_copy *copy, struct problem *why)
{
    struct problem at_look;
    char *path = vault_path(vault, copy->hash, why);
    char *folder = path ? folder_of(path, why) : NULL;
    char *root = folder ? folder_of(folder, why) : NULL;
    int bad = !root || make_folder(folder, why);
    int is_there = !bad && vault_look(vault, copy->hash, &at_look) == 1;
    if (!bad && is_there && unlink(copy->temporary))
        bad = cannot("removed", copy->temporary, why);
    if (!bad && !is_there && rename(copy->temporary, path))
        bad = cannot("made", path, why);
    if (!bad) {
        free(copy->temporary);
        copy->temporary = NULL;
        bad = sync_folder(folder, why) || sync_folder(root, why);
    }
    free(root);
    free(folder);
    free(path);
    return bad ? -1 : 0;
}

void vault_drop(struct vault_copy *copy)
{
    if (copy->temporary)
        unlink(copy->temporary);
    free(copy->temporary);
    if (copy->fd >= 0)
        close(copy->fd);
    copy->temporary = NULL;
    copy->fd = -1;
}

static int overwrite(const char *path, struct problem *why)
{
    static const uint8_t zeros[BLOCK];
    struct stat status;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int bad = fd < 0 || fstat(fd, &status);
    for (off_t left = bad ? 0 : status.st_size; left > 0 && !bad; left -= BLOCK)
        bad = write_all(fd, zeros, left < BLOCK ? (size_t)left : BLOCK);
    bad = bad || fsync(fd) ? cannot("overwritten", path, why) : 0;
    if (fd >= 0)
        close(fd);
    return bad;
}

int vault_wipe(const char *path, struct problem *why)
{
    char *folder = folder_of(path, why);
    int bad = !folder || overwrite(path, why) ||
              (unlink(path) ? cannot("removed", path, why) : sync_folder(folder, why));
    free(folder);
    return bad ? -1 : 0;
}

int vault_remove(const struct vault *vault, const char *hash, struct problem *why)
{
    char *path = vault_path(vault, hash, why);
    char *folder = path ? folder_of(path, why) : NULL;
    int bad = !folder;
    if (!bad && !access(path, F_OK)) {
        bad = vault_wipe(path, why);
        rmdir(folder); /* when it was the last one in it */
    }
    free(folder);
    free(path);
    return bad ? -1 : 0;
}

/* --- Visiting -------------------------------------------------------------------------------- */

/* A copy on its way holds a lock. */
static int is_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return locked;
}

static enum vault_kind kind_of_names(const char *folder, const char *file, char name[VAULT_HASH])
{
    size_t n = strlen(file);
    if (strlen(folder) != 2 || n != VAULT_HASH - 3 + 4 || strncmp(file + n - 4, ".tf", 3))
        return VAULT_OTHER;
    snprintf(name, VAULT_HASH, "%s%.62s", folder, file);
    if (strspn(name, "0123456789abcdef") != VAULT_HASH - 1)
        return VAULT_OTHER;
    return file[n - 1] == 'r' ? VAULT_PLAIN : file[n - 1] == 'e' ? VAULT_SEALED : VAULT_OTHER;
}

struct walk {
    vault_visitor *visit;
    void *context;
};

/* `below`: the name of the folder within recordings/, "" for that itself. */
static int walk(const struct walk *w, const char *path, const char *below, struct problem *why);

static int visit_entry(const struct walk *w, const char *folder, const char *below,
                       const struct dirent *entry, struct problem *why)
{
    struct stat status;
    enum vault_kind kind;
    char name[VAULT_HASH], *path = join(folder, entry->d_name, why);
    int result = path ? 0 : -1;
    if (path && !lstat(path, &status)) {
        if (S_ISDIR(status.st_mode) && !*below)
            result = walk(w, path, entry->d_name, why);
        else if ((kind = kind_of_names(below, entry->d_name, name)) != VAULT_OTHER)
            result = w->visit(w->context, path, kind, name, why);
        else
            result = w->visit(w->context, path, is_locked(path) ? VAULT_BUSY : VAULT_OTHER,
                              entry->d_name, why);
    }
    free(path);
    return result;
}

static int walk(const struct walk *w, const char *path, const char *below, struct problem *why)
{
    struct dirent *entry;
    int result = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? 0 : cannot("read", path, why);
    while (!result && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            result = visit_entry(w, path, below, entry, why);
    closedir(folder);
    return result;
}

int vault_each(const char *data, vault_visitor *visit, void *context, struct problem *why)
{
    struct walk w = {visit, context};
    char *path = join(data, "recordings", why);
    int result = path ? walk(&w, path, "", why) : -1;
    free(path);
    return result;
}

/* --- From one store to another --------------------------------------------------------------- */

/* Given its name when its bytes are those of the hash (NULL: whatever they are). */
static int carry_file(const struct vault *from, const char *path, const struct vault *to,
                      const char *hash, struct problem *why)
{
    struct vault_copy copy;
    int bad = take_from(to, path, from->keys, &copy, why);
    if (bad)
        return -1;
    bad = hash && strcmp(copy.hash, hash) ? damaged(path, why) : vault_keep(to, &copy, why);
    vault_drop(&copy);
    return bad;
}

int vault_carry(const struct vault *from, const struct vault *to, const char *hash,
                struct problem *why)
{
    struct problem at_look;
    char *path = vault_path(from, hash, why);
    if (!path)
        return -1;
    int bad = carry_file(from, path, to, hash, why);
    free(path);
    return bad && vault_look(from, hash, &at_look) != 1 ? 1 : bad;
}

/* A sealed file's own name is keyed: that its bytes are right is the stream's word. */
int vault_convert(const struct vault *from, const struct vault *to, const char *path,
                  enum vault_kind kind, const char *name, struct problem *why)
{
    char *folder = folder_of(path, why);
    if (!folder)
        return -1;
    int bad = carry_file(from, path, to, kind == VAULT_PLAIN ? name : NULL, why);
    if (!bad)
        bad = vault_wipe(path, why);
    else if (why->kind == PROBLEM_REFUSED)
        bad = 1;
    rmdir(folder);
    free(folder);
    return bad;
}
