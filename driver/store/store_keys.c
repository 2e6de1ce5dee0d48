/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/store_keys.h"

#include "driver/store/seal_private.h"
#include "driver/store/store_folder.h"
#include "driver/sync_folder.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[] = "TFKEYS1\n";
enum {
    KIND_AT = 8,
    STATE_AT = 9,
    SALT_AT = 16,
    NONCE_AT = 32,
    WRAPPED_AT = 56,
    WRAPPED = STORE_SUBKEY + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    TOKEN_AT = WRAPPED_AT + WRAPPED,
    TOKEN = STORE_MARK - TOKEN_AT
};
_Static_assert(WRAPPED_AT - NONCE_AT == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "a nonce");
_Static_assert((int)TOKEN >= (int)crypto_generichash_BYTES_MIN, "a keyed hash");
_Static_assert((int)crypto_kdf_KEYBYTES == (int)STORE_SUBKEY, "keys come from the folder's");

/* --- The mark -------------------------------------------------------------------------------- */

static char *mark_path(const char *folder, const char *more, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/" ENCRYPTION_MARK "%s", folder, more) >= 0)
        return path;
    problem_no_memory(why, "a file's name");
    return NULL;
}

static int is_mark(const unsigned char *mark, size_t n)
{
    return n == STORE_MARK && !memcmp(mark, magic, 8) && mark[KIND_AT] <= 1 &&
           (mark[STATE_AT] == FOLDER_ENCRYPTING || mark[STATE_AT] == FOLDER_ENCRYPTED ||
            mark[STATE_AT] == FOLDER_DECRYPTING);
}

/* 1; 0 when there is none; -1 and *why. */
static int read_mark(const char *folder, unsigned char mark[STORE_MARK], struct problem *why)
{
    unsigned char bytes[STORE_MARK + 1];
    char *path = mark_path(folder, "", why);
    if (!path)
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), found = 1;
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (fd < 0 && errno == ENOENT)
        found = 0;
    else if (n < 0)
        found = problem(why, PROBLEM_FAILED, "%s cannot be read: %s", path, strerror(errno));
    else if (!is_mark(bytes, (size_t)n))
        found =
            problem_coded(why, PROBLEM_CODE_STORE_DAMAGED, PROBLEM_REFUSED,
                          "%s is damaged: without it nothing here can be read; a backup of this "
                          "store that was encrypted by the same key has a copy of it to put here",
                          path);
    else
        memcpy(mark, bytes, STORE_MARK);
    if (fd >= 0)
        close(fd);
    free(path);
    return found;
}

int store_keys_state(const char *folder, enum folder_state *state, struct problem *why)
{
    unsigned char mark[STORE_MARK];
    int found = read_mark(folder, mark, why);
    *state = found > 0 ? (enum folder_state)mark[STATE_AT] : FOLDER_PLAIN;
    return found < 0 ? -1 : 0;
}

static int put_mark(const char *path, const unsigned char mark[STORE_MARK])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    int bad = fd < 0 || write(fd, mark, STORE_MARK) != STORE_MARK || fsync(fd);
    if (fd >= 0)
        close(fd);
    return bad;
}

int store_keys_write(const char *folder, const struct store_keys *keys, enum folder_state state,
                     struct problem *why)
{
    unsigned char mark[STORE_MARK];
    char *path = mark_path(folder, "", why), *temporary = mark_path(folder, ".part", why);
    int bad = !path || !temporary;
    memcpy(mark, keys->mark, STORE_MARK);
    mark[STATE_AT] = (unsigned char)state;
    if (!bad && (put_mark(temporary, mark) || rename(temporary, path) || sync_folder_of(path)))
        bad = problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(errno));
    free(path);
    free(temporary);
    return bad ? -1 : 0;
}

/* --- Keys ------------------------------------------------------------------------------------ */

void store_forget_keys(struct store_keys *keys)
{
    sodium_free(keys);
}

static struct store_keys *new_keys(struct problem *why)
{
    struct store_keys *keys =
        sodium_init() < 0 ? NULL : sodium_malloc((sizeof *keys + 15) / 16 * 16);
    if (keys)
        sodium_memzero(keys, sizeof *keys);
    else
        problem_no_memory(why, "keys");
    return keys;
}

/* The keys that come from the folder's, and by which it is known again. */
static void derive(struct store_keys *keys, unsigned char token[TOKEN])
{
    crypto_kdf_derive_from_key(keys->pages, STORE_SUBKEY, 1, "tf-store", keys->folder);
    crypto_kdf_derive_from_key(keys->files, STORE_SUBKEY, 2, "tf-store", keys->folder);
    crypto_kdf_derive_from_key(keys->names, STORE_SUBKEY, 3, "tf-store", keys->folder);
    crypto_generichash(token, TOKEN, (const unsigned char *)magic, 8, keys->folder, STORE_SUBKEY);
}

struct store_keys *store_keys_make(const struct seal_key *key, struct problem *why)
{
    unsigned char by[SEAL_KEY_BYTES];
    struct store_keys *keys = new_keys(why);
    if (!keys)
        return NULL;
    unsigned char *mark = keys->mark;
    memcpy(mark, magic, 8);
    mark[KIND_AT] = key->passphrase_file != NULL;
    randombytes_buf(mark + SALT_AT, WRAPPED_AT - SALT_AT);
    if (seal_read_key(key, mark + SALT_AT, SEAL_PASSPHRASE_LEAST, by, why)) {
        store_forget_keys(keys);
        return NULL;
    }
    randombytes_buf(keys->folder, sizeof keys->folder);
    crypto_aead_xchacha20poly1305_ietf_encrypt(mark + WRAPPED_AT, NULL, keys->folder,
                                               sizeof keys->folder, mark, STATE_AT, NULL,
                                               mark + NONCE_AT, by);
    sodium_memzero(by, sizeof by);
    derive(keys, mark + TOKEN_AT);
    return keys;
}

static int unwrap(const char *folder, struct store_keys *keys, const struct seal_key *key,
                  struct problem *why)
{
    unsigned char by[SEAL_KEY_BYTES], token[TOKEN];
    const unsigned char *mark = keys->mark;
    int is_words = mark[KIND_AT] == 1;
    if (!key->key_file != !key->passphrase_file && is_words != (key->passphrase_file != NULL))
        return problem_coded(why, PROBLEM_CODE_STORE_LOCKED, PROBLEM_REFUSED,
                             "%s is encrypted by a %s, and the other was given", folder,
                             is_words ? "passphrase" : "key file");
    if (seal_read_key(key, mark + SALT_AT, 1, by, why))
        return -1;
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
        keys->folder, NULL, NULL, mark + WRAPPED_AT, WRAPPED, mark, STATE_AT, mark + NONCE_AT, by);
    sodium_memzero(by, sizeof by);
    if (!bad)
        derive(keys, token);
    if (!bad && !memcmp(token, mark + TOKEN_AT, TOKEN))
        return 0;
    return problem_coded(why, PROBLEM_CODE_STORE_LOCKED, PROBLEM_REFUSED,
                         "%s is encrypted, and %s is not its key (or the file " ENCRYPTION_MARK
                         " in it was changed)",
                         folder, key->key_file ? key->key_file : key->passphrase_file);
}

struct store_keys *store_keys_open(const char *folder, const struct seal_key *key,
                                   struct problem *why)
{
    struct store_keys *keys = new_keys(why);
    if (!keys)
        return NULL;
    int found = read_mark(folder, keys->mark, why);
    if (!found)
        problem(why, PROBLEM_REFUSED, "%s is not encrypted", folder);
    if (found == 1 && !unwrap(folder, keys, key, why))
        return keys;
    store_forget_keys(keys);
    return NULL;
}

int store_keys_are(const char *folder, const struct store_keys *keys, struct problem *why)
{
    unsigned char mark[STORE_MARK];
    int found = read_mark(folder, mark, why);
    return found == 1 ? !memcmp(keys->mark + TOKEN_AT, mark + TOKEN_AT, TOKEN) : found;
}

/* --- Which key ------------------------------------------------------------------------------- */

static const char *of_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* A service's credential of this name (systemd.exec(5), LoadCredentialEncrypted=). */
static const char *credential(const char *name, struct key_room *room)
{
    const char *folder = of_environment("CREDENTIALS_DIRECTORY");
    if (!folder)
        return NULL;
    int n = snprintf(room->path, sizeof room->path, "%s/%s", folder, name);
    return n < (int)sizeof room->path && !access(room->path, F_OK) ? room->path : NULL;
}

int store_keys_meant(const struct seal_key *given, struct seal_key *key, struct key_room *room,
                     struct problem *why)
{
    *key = *given;
    if (!key->key_file && !key->passphrase_file) {
        key->key_file = of_environment("TENDERFOOT_STORE_KEY");
        key->passphrase_file = of_environment("TENDERFOOT_STORE_PASSPHRASE");
    }
    if (!key->key_file && !key->passphrase_file && !(key->key_file = credential("store-key", room)))
        key->passphrase_file = credential("store-passphrase", room);
    return key->key_file && key->passphrase_file
               ? problem(why, PROBLEM_USAGE,
                         "the store's key: a key file or a passphrase's file, not both")
               : 0;
}

static struct store_keys *same_keys(const struct store_keys *from,
                                    const unsigned char mark[STORE_MARK], struct problem *why)
{
    struct store_keys *keys = new_keys(why);
    if (keys)
        *keys = *from;
    if (keys)
        memcpy(keys->mark, mark, STORE_MARK);
    return keys;
}

static int open_marked(const char *folder, const unsigned char mark[STORE_MARK],
                       const struct store_options *options, struct store_keys **keys,
                       struct problem *why)
{
    struct seal_key key;
    struct key_room room;
    if (mark[STATE_AT] != FOLDER_ENCRYPTED)
        return problem_coded(
            why, PROBLEM_CODE_STORE_LOCKED, PROBLEM_REFUSED,
            "%s was left while it was being %s: 'tenderfoot store encrypt' or 'store "
            "decrypt' with its key ends that",
            folder, mark[STATE_AT] == FOLDER_ENCRYPTING ? "encrypted" : "decrypted");
    if (options->keys && !memcmp(options->keys->mark + TOKEN_AT, mark + TOKEN_AT, TOKEN)) {
        *keys = same_keys(options->keys, mark, why);
        return *keys ? 0 : -1;
    }
    if (store_keys_meant(&options->key, &key, &room, why))
        return -1;
    if (!key.key_file && !key.passphrase_file)
        return problem_coded(
            why, PROBLEM_CODE_STORE_LOCKED, PROBLEM_REFUSED,
            options->keys ? "%s is encrypted by another key: give that one by --store-key FILE or "
                            "--store-passphrase FILE"
                          : "%s is encrypted: give its key by --store-key FILE or "
                            "--store-passphrase FILE (or $TENDERFOOT_STORE_KEY, "
                            "$TENDERFOOT_STORE_PASSPHRASE)",
            folder);
    *keys = store_keys_open(folder, &key, why);
    return *keys ? 0 : -1;
}

int store_keys_for(const char *folder, const struct store_options *options,
                   struct store_keys **keys, struct problem *why)
{
    unsigned char mark[STORE_MARK];
    struct seal_key key;
    struct key_room room;
    *keys = NULL;
    int found = read_mark(folder, mark, why);
    if (found)
        return found < 0 ? -1 : open_marked(folder, mark, options, keys, why);
    if (options->may_be_plain)
        return 0;
    if (store_keys_meant(&options->key, &key, &room, why))
        return -1;
    if (key.key_file || key.passphrase_file)
        return problem(why, PROBLEM_REFUSED,
                       "%s is not encrypted, although a key for it is given: 'tenderfoot store "
                       "encrypt' makes it so, or leave the key away",
                       folder);
    return 0;
}
