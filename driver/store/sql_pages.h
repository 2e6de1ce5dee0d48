/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An SQLite file system (sqlite.org/vfs.html) that keeps the catalogue's database file and its
 * write-ahead log encrypted, below SQLite and unknown to it: locks, the order of writes and syncs
 * stay SQLite's own.
 *
 * By libsodium, XChaCha20-Poly1305 (IETF): what SQLite writes in one piece is sealed in one piece,
 * 24 bytes of random nonce, the bytes, 16 of authentication, bound to the kind of file and the
 * piece's number. Database: pages of 4096. Log (sqlite.org/fileformat2.html#walformat): its header
 * of 32, then by turns a frame's header of 24 and its page of 4096. No piece shares bytes with
 * another, so that a write that is cut short hurts none but its own.
 *
 * A damaged piece is SQLITE_CORRUPT, but for headers of the log: there it ends the log, as a frame
 * with a wrong checksum does. Not seen: a whole piece or file that was put back to an older state.
 * In the clear: the files' sizes, which pages change, and `-shm` (page numbers and the log's
 * running checksum of 8 bytes). Rollback journals and temporary files are refused rather than
 * written: the catalogue needs none (WAL, temp_store MEMORY). */
#ifndef TENDERFOOT_DRIVER_STORE_SQL_PAGES_H
#define TENDERFOOT_DRIVER_STORE_SQL_PAGES_H

#include "firmware/wire/problem.h"

enum { SQL_PAGES_SIZE = 4096, SQL_PAGES_KEY = 32 };

struct sql_pages;

/* The key is copied. NULL and *why. Each handle is a file system with a name of its own. */
struct sql_pages *sql_pages_open(const unsigned char key[SQL_PAGES_KEY], struct problem *why);
/* After the last connection by it was closed; wiped. NULL is fine. */
void sql_pages_close(struct sql_pages *pages);
/* For sqlite3_open_v2; NULL of NULL: the usual one. */
const char *sql_pages_name(const struct sql_pages *pages);

#endif
