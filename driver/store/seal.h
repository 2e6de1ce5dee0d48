/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder sealed into one encrypted file, and opened again: for backups and exports that leave the
 * station.
 *
 * By libsodium: XChaCha20-Poly1305 in its secretstream (blocks of 64 KiB that can be neither
 * changed, exchanged nor cut off unseen), keyed by 32 random bytes of a key file, or by a
 * passphrase (Argon2id, 3 passes over 256 MiB). The file: "TFSEAL1\n", one byte 0 (key file) or 1
 * (passphrase), 7 zero bytes, 16 bytes of salt, the stream's header of 24 bytes, the blocks; the
 * first 32 bytes are authenticated with the first block. Inside, file by file: 'f', length of the
 * path (4 bytes, little-endian), the path below the folder, length of the file (8), its bytes; 'e'
 * at the end.
 *
 * What is sealed is a copy: the data folder itself stays as it is and wants an encrypted file
 * system. Erasing a person does not reach a sealed file. One thread a call. */
#ifndef TENDERFOOT_DRIVER_STORE_SEAL_H
#define TENDERFOOT_DRIVER_STORE_SEAL_H

#include "firmware/wire/problem.h"

#include <stddef.h>

enum { SEAL_KEY_BYTES = 32 };

/* One of the two: a file of SEAL_KEY_BYTES, or one whose first line is the passphrase: at most
 * 1024 bytes, none of them zero, 12 or more when sealing. */
struct seal_key {
    const char *key_file, *passphrase_file;
};

/* A new key file, mode 0600; refused when something is there. */
int seal_new_key(const char *path, struct problem *why);

/* Seals the plain files below `folder` into `file` (mode 0600), which appears when it is whole;
 * refused when it is there or lies below `folder`. Links and other things in the folder: refused.
 * So is a data folder whose catalogue has a write-ahead log when sealing begins or ends: somebody
 * has it open, or it was not closed. A data folder that nobody has open cannot be told from a
 * backup and is sealed; that nobody opens it meanwhile is the caller's care. */
int seal_folder(const char *folder, const char *file, const struct seal_key *key,
                struct problem *why);

/* Makes the folder, which must not be there. Another key, a changed or cut file: refused, and
 * nothing is left of it. */
int seal_open(const char *file, const char *folder, const struct seal_key *key,
              struct problem *why);

#endif
