/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/seal.h"

#include "driver/store/seal_private.h"
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"
#include "driver/sync_folder.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "TFSEAL1\n";
enum { PATH_MOST = 1024, PASSPHRASE_MOST = 1024 };
_Static_assert(crypto_pwhash_SALTBYTES == SEAL_HEAD - SEAL_SALT_AT, "the salt fills the head");
_Static_assert((int)STREAM(KEYBYTES) == (int)SEAL_KEY_BYTES, "a key file is a stream's key");

static int cannot(const char *what, const char *path, struct problem *why)
{
    return problem(why, PROBLEM_FAILED, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static int read_short(const char *path, unsigned char *bytes, size_t cap, size_t *n,
                      struct problem *why)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return cannot("read", path, why);
    *n = fread(bytes, 1, cap, file);
    int bad = ferror(file);
    fclose(file);
    return bad ? cannot("read", path, why) : 0;
}

static int key_of_file(const char *path, unsigned char key[SEAL_KEY_BYTES], struct problem *why)
{
    unsigned char bytes[SEAL_KEY_BYTES + 1];
    size_t n = 0;
    int bad = read_short(path, bytes, sizeof bytes, &n, why);
    if (!bad && n != SEAL_KEY_BYTES)
        bad = problem(why, PROBLEM_REFUSED,
                      "%s is no key file of %d bytes: 'tenderfoot store new-key' makes one", path,
                      SEAL_KEY_BYTES);
    if (!bad)
        memcpy(key, bytes, SEAL_KEY_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    return bad;
}

static int key_of_passphrase(const char *path, const unsigned char *salt, size_t least,
                             unsigned char key[SEAL_KEY_BYTES], struct problem *why)
{
    char words[PASSPHRASE_MOST + 1];
    size_t got = 0, n = 0;
    int bad = read_short(path, (unsigned char *)words, sizeof words, &got, why);
    while (!bad && n < got && words[n] != '\r' && words[n] != '\n')
        n++;
    if (!bad && (n > PASSPHRASE_MOST || memchr(words, 0, n))) /* never cut unseen */
        bad = problem(why, PROBLEM_REFUSED,
                      "%s: the passphrase, its first line, is longer than %d bytes or holds a zero "
                      "byte",
                      path, PASSPHRASE_MOST);
    if (!bad && n < least)
        bad = problem(why, PROBLEM_REFUSED,
                      "%s: the passphrase, its first line, has fewer than %zu characters", path,
                      least);
    if (!bad && crypto_pwhash(key, SEAL_KEY_BYTES, words, n, salt, crypto_pwhash_OPSLIMIT_MODERATE,
                              crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13))
        bad = problem_no_memory(why, "a key of a passphrase (256 MiB)");
    sodium_memzero(words, sizeof words);
    return bad;
}

int seal_read_key(const struct seal_key *key, const unsigned char *salt, size_t least,
                  unsigned char bytes[SEAL_KEY_BYTES], struct problem *why)
{
    if (!key->key_file == !key->passphrase_file)
        return problem(why, PROBLEM_USAGE, "a key file or a passphrase's file, one of the two");
    return key->key_file ? key_of_file(key->key_file, bytes, why)
                         : key_of_passphrase(key->passphrase_file, salt, least, bytes, why);
}

static int find_key(struct seal *s, const struct seal_key *key, size_t least, struct problem *why)
{
    if (!key->key_file != !key->passphrase_file && (s->head[8] == 1) != !key->key_file)
        return problem(why, PROBLEM_REFUSED, "the file is sealed by a %s",
                       s->head[8] == 1 ? "passphrase" : "key file");
    return seal_read_key(key, s->head + SEAL_SALT_AT, least, s->key, why);
}

struct seal *seal_begin(struct problem *why)
{
    struct seal *s = sodium_init() < 0 ? NULL : calloc(1, sizeof *s);
    if (!s)
        problem_no_memory(why, "a sealed file");
    return s;
}

void seal_end(struct seal *s)
{
    if (!s)
        return;
    if (s->file)
        fclose(s->file);
    sodium_memzero(s, sizeof *s);
    free(s);
}

int seal_new_key(const char *path, struct problem *why)
{
    unsigned char key[SEAL_KEY_BYTES];
    if (sodium_init() < 0)
        return problem_no_memory(why, "a key");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? problem(why, PROBLEM_REFUSED, "%s is there already", path)
                               : cannot("made", path, why);
    randombytes_buf(key, sizeof key);
    int bad = write(fd, key, sizeof key) != sizeof key || fsync(fd);
    sodium_memzero(key, sizeof key);
    bad = (close(fd) || bad) ? cannot("written", path, why) : 0;
    if (bad)
        unlink(path);
    return bad;
}

/* --- Sealing
 * -------------------------------------------------------------------------------------- */

int seal_push(struct seal *s, int is_last)
{
    unsigned long long n = 0;
    const unsigned char *with = s->has_begun ? NULL : s->head;
    if (STREAM(push)(&s->state, s->sealed, &n, s->plain, s->n, with, with ? SEAL_HEAD : 0,
                     is_last ? STREAM(TAG_FINAL) : STREAM(TAG_MESSAGE)))
        return -1;
    s->has_begun = 1;
    s->n = 0;
    return fwrite(s->sealed, 1, (size_t)n, s->file) == (size_t)n ? 0 : -1;
}

int seal_add(struct seal *s, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;
    while (n) {
        size_t room = SEAL_BLOCK - s->n, take = n < room ? n : room;
        memcpy(s->plain + s->n, from, take);
        s->n += take;
        from += take;
        n -= take;
        if (s->n == SEAL_BLOCK && seal_push(s, 0))
            return -1;
    }
    return 0;
}

/* As many bytes as it had when it was opened. */
static int add_bytes(struct seal *s, FILE *from, uint64_t size)
{
    unsigned char block[1 << 14];
    while (size) {
        size_t n = fread(block, 1, size < sizeof block ? (size_t)size : sizeof block, from);
        if (!n || seal_add(s, block, n))
            return -1;
        size -= n;
    }
    return 0;
}

static int add_file(struct seal *s, int fd, const char *path, struct problem *why)
{
    struct stat status;
    FILE *from = fdopen(fd, "rb");
    if (!from || fstat(fd, &status)) {
        cannot("read", path, why);
        from ? fclose(from) : close(fd);
        return -1;
    }
    uint32_t n = htole32((uint32_t)strlen(path));
    uint64_t size = (uint64_t)status.st_size, told = htole64(size);
    int bad = seal_add(s, "f", 1) || seal_add(s, &n, sizeof n) || seal_add(s, path, strlen(path)) ||
              seal_add(s, &told, sizeof told) || add_bytes(s, from, size);
    fclose(from);
    return bad ? problem(why, PROBLEM_FAILED, "%s could not be sealed whole: %s", path,
                         strerror(errno))
               : 0;
}

static int add_folder(struct seal *s, int folder, const char *below, struct problem *why);

static int add_entry(struct seal *s, int folder, const char *below, const char *name,
                     struct problem *why)
{
    char path[PATH_MOST + 1];
    struct stat status;
    int n = snprintf(path, sizeof path, "%s%s%s", below, *below ? "/" : "", name);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (n > PATH_MOST || fd < 0 || fstat(fd, &status) ||
        !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
        if (fd >= 0)
            close(fd);
        return problem(why, PROBLEM_REFUSED, "%s is no plain file or folder", name);
    }
    if (!strcmp(path, CATALOGUE "-wal")) {
        close(fd);
        return problem(why, PROBLEM_REFUSED,
                       "this is a store in use: seal a copy that 'store backup' made");
    }
    return S_ISDIR(status.st_mode) ? add_folder(s, fd, path, why) : add_file(s, fd, path, why);
}

/* Takes the descriptor over. Names in order: the same folder is sealed in the same order. */
static int add_folder(struct seal *s, int folder, const char *below, struct problem *why)
{
    struct dirent **names;
    int n = scandirat(folder, ".", &names, NULL, alphasort);
    int bad = n < 0 ? cannot("read", *below ? below : "the folder", why) : 0;
    for (int i = 0; i < n; i++) {
        if (!bad && strcmp(names[i]->d_name, ".") && strcmp(names[i]->d_name, ".."))
            bad = add_entry(s, folder, below, names[i]->d_name, why);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    close(folder);
    return bad;
}

static int write_head(struct seal *s, const struct seal_key *key, struct problem *why)
{
    unsigned char header[STREAM(HEADERBYTES)];
    memcpy(s->head, magic, 8);
    s->head[8] = key->passphrase_file != NULL;
    randombytes_buf(s->head + SEAL_SALT_AT, SEAL_HEAD - SEAL_SALT_AT);
    if (find_key(s, key, SEAL_PASSPHRASE_LEAST, why))
        return -1;
    STREAM(init_push)(&s->state, header, s->key);
    return fwrite(s->head, 1, SEAL_HEAD, s->file) == SEAL_HEAD &&
                   fwrite(header, 1, sizeof header, s->file) == sizeof header
               ? 0
               : problem(why, PROBLEM_FAILED, "the sealed file cannot be written: %s",
                         strerror(errno));
}

static int write_sealed(struct seal *s, int folder, const struct seal_key *key, struct problem *why)
{
    if (write_head(s, key, why)) {
        close(folder);
        return -1;
    }
    if (add_folder(s, folder, "", why))
        return -1;
    return seal_add(s, "e", 1) || seal_push(s, 1) || fflush(s->file) || fsync(fileno(s->file))
               ? problem(why, PROBLEM_FAILED, "the sealed file cannot be written: %s",
                         strerror(errno))
               : 0;
}

/* A catalogue that somebody has open, or that was not closed, has a write-ahead log. */
static int check_unused(const char *folder, struct problem *why)
{
    char *log;
    if (asprintf(&log, "%s/" CATALOGUE "-wal", folder) < 0)
        return problem_no_memory(why, "a file's name");
    int is_used = !access(log, F_OK);
    free(log);
    return is_used ? problem(why, PROBLEM_REFUSED,
                             "this is a store in use: seal a copy that 'store backup' made")
                   : 0;
}

/* A sealed file below the folder would be sealed into the next one, or into itself. */
static int check_outside(const char *folder, const char *file, struct problem *why)
{
    const char *slash = strrchr(file, '/');
    char *parent = slash ? strndup(file, (size_t)(slash - file) + 1) : strdup(".");
    char *to = parent ? realpath(parent, NULL) : NULL, *from = realpath(folder, NULL);
    size_t n = from ? strlen(from) : 0;
    int bad = 0;
    if (!from || !to)
        bad = cannot("found", from ? file : folder, why);
    else if (!strncmp(to, from, n) && (!to[n] || to[n] == '/' || n == 1))
        bad = problem(why, PROBLEM_REFUSED, "%s lies in the folder that is sealed", file);
    free(parent);
    free(to);
    free(from);
    return bad;
}

/* The sealed file under its temporary name. */
static int fill_sealed(struct seal *s, const char *folder, const char *temporary, int fd,
                       const struct seal_key *key, struct problem *why)
{
    s->file = fdopen(fd, "wb");
    if (!s->file) {
        close(fd);
        return cannot("made", temporary, why);
    }
    int from = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0)
        return cannot("read", folder, why);
    return write_sealed(s, from, key, why) || check_unused(folder, why);
}

static int name_sealed(const char *temporary, const char *file, struct problem *why)
{
    int got = folder_give_name(AT_FDCWD, temporary, AT_FDCWD, file);
    if (got > 0)
        return problem(why, PROBLEM_REFUSED, "%s is there already", file);
    return got || sync_folder_of(file) ? cannot("made", file, why) : 0;
}

int seal_folder(const char *folder, const char *file, const struct seal_key *key,
                struct problem *why)
{
    char *temporary;
    if (check_outside(folder, file, why) || check_unused(folder, why))
        return -1;
    if (asprintf(&temporary, "%s.part-XXXXXX", file) < 0)
        return problem_no_memory(why, "a file's name");
    struct seal *s = seal_begin(why);
    int fd = s ? mkostemp(temporary, O_CLOEXEC) : -1, bad = !s; /* mode 0600 */
    if (s && fd < 0)
        bad = cannot("made", file, why);
    if (!bad) {
        bad = fill_sealed(s, folder, temporary, fd, key, why) || name_sealed(temporary, file, why);
        unlink(temporary); /* gone when it got its name */
    }
    free(temporary);
    seal_end(s);
    return bad ? -1 : 0;
}

/* --- Opening
 * --------------------------------------------------------------------------------------- */

static int broken(struct problem *why)
{
    return problem(why, PROBLEM_REFUSED,
                   "it does not open: another key, or the file is damaged or cut off");
}

int seal_pull(struct seal *s, struct problem *why)
{
    unsigned char tag = 0;
    unsigned long long n = 0;
    const unsigned char *with = s->has_begun ? NULL : s->head;
    size_t got = s->is_last ? 0 : fread(s->sealed, 1, sizeof s->sealed, s->file);
    if (got < STREAM(ABYTES) ||
        STREAM(pull)(&s->state, s->plain, &n, &tag, s->sealed, got, with, with ? SEAL_HEAD : 0))
        return broken(why);
    s->has_begun = 1;
    s->n = (size_t)n;
    s->at = 0;
    s->is_last = tag == STREAM(TAG_FINAL);
    return s->is_last && fgetc(s->file) != EOF ? broken(why) : 0;
}

/* n bytes, into `to` or (NULL) into the file. */
static int get(struct seal *s, void *to, FILE *file, uint64_t n, struct problem *why)
{
    unsigned char *at = to;
    while (n) {
        if (s->at == s->n && seal_pull(s, why))
            return -1;
        size_t left = s->n - s->at, take = n < left ? (size_t)n : left;
        if (at)
            memcpy(at, s->plain + s->at, take);
        else if (fwrite(s->plain + s->at, 1, take, file) != take)
            return problem(why, PROBLEM_FAILED, "a file cannot be written: %s", strerror(errno));
        at = at ? at + take : NULL;
        s->at += take;
        n -= take;
    }
    return 0;
}

/* Below the folder, and nowhere else. */
static int is_good_path(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/' && part != path;
        if (!*part || *part == '/' || !strncmp(part, "../", 3) || !strcmp(part, "..") ||
            !strncmp(part, "./", 2) || !strcmp(part, "."))
            return 0;
    }
    return 1;
}

static int make_parents(char *whole, size_t from, struct problem *why)
{
    for (char *slash = strchr(whole + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int bad = mkdir(whole, 0700) && errno != EEXIST;
        if (bad)
            cannot("made", whole, why);
        *slash = '/';
        if (bad)
            return -1;
    }
    return 0;
}

static int take_file(struct seal *s, const char *folder, struct problem *why)
{
    char path[PATH_MOST + 1] = "", *whole = NULL;
    uint32_t n = 0;
    uint64_t size = 0;
    if (get(s, &n, NULL, sizeof n, why))
        return -1;
    n = le32toh(n);
    if (n > PATH_MOST)
        return broken(why);
    if (get(s, path, NULL, n, why) || get(s, &size, NULL, sizeof size, why))
        return -1;
    if (strlen(path) != n || !is_good_path(path))
        return problem(why, PROBLEM_REFUSED, "it holds a file whose name leads elsewhere");
    if (asprintf(&whole, "%s/%s", folder, path) < 0)
        return problem_no_memory(why, "a file's name");
    int bad = make_parents(whole, strlen(folder) + 1, why);
    int fd = bad ? -1 : open(whole, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!bad && !file)
        bad = cannot("made", whole, why);
    bad = bad || get(s, NULL, file, le64toh(size), why);
    if (file && fclose(file) && !bad)
        bad = cannot("written", whole, why);
    free(whole);
    return bad ? -1 : 0;
}

static int take_files(struct seal *s, const char *folder, struct problem *why)
{
    for (;;) {
        char kind;
        if (get(s, &kind, NULL, 1, why))
            return -1;
        if (kind == 'e') {
            /* It may have filled its block: then the last block is an empty one. */
            if (s->at == s->n && !s->is_last && seal_pull(s, why))
                return -1;
            return s->is_last && s->at == s->n ? 0 : broken(why);
        }
        if (kind != 'f')
            return broken(why);
        if (take_file(s, folder, why))
            return -1;
    }
}

static int read_head(struct seal *s, const char *path, const struct seal_key *key,
                     struct problem *why)
{
    unsigned char header[STREAM(HEADERBYTES)];
    s->file = fopen(path, "rbe");
    if (!s->file)
        return cannot("read", path, why);
    if (fread(s->head, 1, SEAL_HEAD, s->file) != SEAL_HEAD || memcmp(s->head, magic, 8) ||
        s->head[8] > 1 || fread(header, 1, sizeof header, s->file) != sizeof header)
        return problem(why, PROBLEM_REFUSED, "%s is no sealed folder of tenderfoot", path);
    if (find_key(s, key, 1, why))
        return -1;
    return STREAM(init_pull)(&s->state, header, s->key) ? broken(why) : 0;
}

int seal_open(const char *file, const char *folder, const struct seal_key *key, struct problem *why)
{
    struct seal *s = seal_begin(why);
    struct new_folder made = {0};
    int bad = !s || read_head(s, file, key, why) || new_folder_begin(&made, folder, why) ||
              take_files(s, made.temporary, why) || new_folder_finish(&made, why);
    new_folder_abort(&made);
    seal_end(s);
    return bad ? -1 : 0;
}
