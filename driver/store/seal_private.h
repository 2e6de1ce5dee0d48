/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of blocks that a sealed folder (seal.h) and a kept recording of an encrypted data
 * folder (vault.h) are: a head of 32 bytes, the stream's header, blocks of 64 KiB, the last one
 * marked. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_STORE_SEAL_PRIVATE_H
#define TENDERFOOT_DRIVER_STORE_SEAL_PRIVATE_H

#include "driver/store/seal.h"

#include <sodium.h>
#include <stdio.h>

#define STREAM(name) crypto_secretstream_xchacha20poly1305_##name
enum { SEAL_BLOCK = 65536, SEAL_HEAD = 32, SEAL_SALT_AT = 16, SEAL_PASSPHRASE_LEAST = 12 };

/* Either way: the file, the stream, one block. */
struct seal {
    FILE *file;
    STREAM(state) state;
    unsigned char head[SEAL_HEAD], key[SEAL_KEY_BYTES];
    unsigned char plain[SEAL_BLOCK], sealed[SEAL_BLOCK + STREAM(ABYTES)];
    size_t n, at;  /* bytes in `plain`, and read of them */
    int has_begun; /* the head was authenticated */
    int is_last;
};

struct seal *seal_begin(struct problem *why); /* NULL and *why */
void seal_end(struct seal *s);                /* closes the file, wipes; NULL is fine */

/* The block so far goes out; 0, or -1 and errno. */
int seal_push(struct seal *s, int is_last);
int seal_add(struct seal *s, const void *bytes, size_t n);
/* The next block into `plain`, n of it; after the last one, and of what is damaged: refused. */
int seal_pull(struct seal *s, struct problem *why);

/* The 32 bytes of a key file, or those that the passphrase (of `least` characters at least) gives
 * with this salt of 16 bytes. The caller wipes them. */
int seal_read_key(const struct seal_key *key, const unsigned char *salt, size_t least,
                  unsigned char bytes[SEAL_KEY_BYTES], struct problem *why);

#endif
