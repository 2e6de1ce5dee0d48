/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a data folder is encrypted, and by which keys.
 *
 * An encrypted folder has a file `encryption` of 128 bytes: "TFKEYS1\n", one byte 0 (key file) or 1
 * (passphrase), one byte '+' (being encrypted), '=' (encrypted) or '-' (being decrypted), 6 zero
 * bytes, 16 bytes of salt, 24 of nonce, the folder's own key of 32 random bytes wrapped by the key
 * file's or passphrase's (XChaCha20-Poly1305, 48), 24 bytes of BLAKE2b keyed by the folder's key,
 * by which a backup's file is known to be of the same key. By libsodium's crypto_kdf the folder's
 * key gives those of the catalogue's pages, of the recordings and of their names. Keys lie in
 * guarded memory (sodium_malloc) and are wiped when freed. */
#ifndef TENDERFOOT_DRIVER_STORE_STORE_KEYS_H
#define TENDERFOOT_DRIVER_STORE_STORE_KEYS_H

#include "driver/store/store.h"

enum { STORE_MARK = 128, STORE_SUBKEY = 32 };
#define ENCRYPTION_MARK "encryption"

enum folder_state {
    FOLDER_PLAIN = 0, /* there is no mark */
    FOLDER_ENCRYPTING = '+',
    FOLDER_ENCRYPTED = '=',
    FOLDER_DECRYPTING = '-'
};

struct store_keys {
    unsigned char folder[STORE_SUBKEY]; /* from which the others come */
    unsigned char pages[STORE_SUBKEY], files[STORE_SUBKEY], names[STORE_SUBKEY];
    unsigned char mark[STORE_MARK]; /* as it is written, but for the state */
};

/* What the folder's mark says; a damaged one is refused. */
int store_keys_state(const char *folder, enum folder_state *state, struct problem *why);

/* The paths that the options, else the environment, else a service's credentials name; both NULL
 * when there are none. `room` keeps what was put together. */
struct key_room {
    char path[4096];
};
int store_keys_meant(const struct seal_key *given, struct seal_key *key, struct key_room *room,
                     struct problem *why);

/* New keys, wrapped by this one (store_forget_keys); nothing is written. NULL and *why. */
struct store_keys *store_keys_make(const struct seal_key *key, struct problem *why);
/* Those of the folder's mark, whatever its state. Another key: refused. */
struct store_keys *store_keys_open(const char *folder, const struct seal_key *key,
                                   struct problem *why);
/* Whether the folder's mark, whatever its state, is of these keys: 1; 0 of others; -1 and *why. */
int store_keys_are(const char *folder, const struct store_keys *keys, struct problem *why);
/* Those to open the folder by: NULL for a plain one. 0, or -1 and *why: no key or another one, a
 * folder that was left half done, a plain one although a key is given. */
int store_keys_for(const char *folder, const struct store_options *options,
                   struct store_keys **keys, struct problem *why);

/* Writes the mark in one step, synced. */
int store_keys_write(const char *folder, const struct store_keys *keys, enum folder_state state,
                     struct problem *why);

#endif
