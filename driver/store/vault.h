/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings by their content: recordings/ab/cdef....tfr, the name being the SHA-256 of the bytes
 * (NIST FIPS 180-4), so that two stores that have the same recording have the same file. Mode 0600;
 * once in place nobody writes into them. One thread a call; several programs at once.
 *
 * In an encrypted data folder: recordings/ab/cdef....tfe, "TFKEPT1\n", 24 zero bytes and the blocks
 * of seal.h's stream, by the folder's key of files. The name is BLAKE2b of the SHA-256, keyed by
 * the folder's key of names: who has a copy of a recording cannot tell whether it is kept here. In
 * the clear stay how many there are, their sizes, their times. */
#ifndef TENDERFOOT_DRIVER_STORE_VAULT_H
#define TENDERFOOT_DRIVER_STORE_VAULT_H

#include "firmware/wire/problem.h"

#include <stdint.h>

struct store_keys;

enum { VAULT_HASH = 65 };

/* A data folder; `keys` NULL: not encrypted. Both are the caller's. */
struct vault {
    const char *data;
    const struct store_keys *keys;
};

/* A copy that is on its way in. */
struct vault_copy {
    char hash[VAULT_HASH];
    int64_t bytes;
    char *temporary; /* whole and on the disk; locked while it is on its way */
    int fd;
};

/* Copies the file at `path`, in the clear, beside the recordings. */
int vault_take(const struct vault *vault, const char *path, struct vault_copy *copy,
               struct problem *why);
/* Gives it its name. What is there already under that name stays when its bytes are right, and is
 * replaced when they are not. The folders are synced. */
int vault_keep(const struct vault *vault, struct vault_copy *copy, struct problem *why);
/* Forgets it; after vault_keep only the memory. */
void vault_drop(struct vault_copy *copy);

/* The copy as it was taken, to be read: vault_opened. */
char *vault_open_copy(const struct vault *vault, const struct vault_copy *copy,
                      struct problem *why);

/* The hash that the file at `path`, in the clear, would be kept under. */
int vault_hash(const char *path, char hash[VAULT_HASH], struct problem *why);

/* The path of a recording's file, malloc'ed; it need not be there. */
char *vault_path(const struct vault *vault, const char *hash, struct problem *why);
/* 1: there and its bytes are right; 0: there is none; -1: damaged or unreadable, with *why. */
int vault_look(const struct vault *vault, const char *hash, struct problem *why);
/* The same, and *path (malloc'ed) is where the recording can be read, in the clear: its file, or
 * /proc/self/fd/N, a copy in memory of one that is encrypted, which has no name anywhere and ends
 * with vault_close (the text) or the process. */
int vault_open(const struct vault *vault, const char *hash, char **path, struct problem *why);
/* Ends what such a path stands for; the text stays the caller's. NULL and other paths: nothing. */
void vault_close(const char *path);
/* Overwrites, unlinks, syncs the folder. None there is fine. */
int vault_remove(const struct vault *vault, const char *hash, struct problem *why);
/* The same of any file of ours. */
int vault_wipe(const char *path, struct problem *why);

/* Copies one recording from a data folder into another, its bytes checked: 0; 1 when it is missing
 * or damaged where it comes from (*why tells), -1 when it could not be copied. */
int vault_carry(const struct vault *from, const struct vault *to, const char *hash,
                struct problem *why);

/* What a file below recordings/ is by its name. */
enum vault_kind {
    VAULT_OTHER,  /* of no name of ours */
    VAULT_BUSY,   /* a copy on its way, locked */
    VAULT_PLAIN,  /* a recording in the clear; `name` is its hash */
    VAULT_SEALED, /* an encrypted one; `name`: vault_name */
};
typedef int vault_visitor(void *context, const char *path, enum vault_kind kind, const char *name,
                          struct problem *why);
/* Returns what the visitor returned when that was not 0. Files may come and go meanwhile. */
int vault_each(const char *data, vault_visitor *visit, void *context, struct problem *why);
/* The name that a recording of this hash has here: the hash, or the keyed one. */
void vault_name(const struct vault *vault, const char *hash, char name[VAULT_HASH]);

/* From one way of keeping into the other, for vault_each's files: 0; 1 when what is there is
 * damaged
 * (*why; it stays as it is), -1. The old file is overwritten when the new one is on the disk. */
int vault_convert(const struct vault *from, const struct vault *to, const char *path,
                  enum vault_kind kind, const char *name, struct problem *why);

#endif
