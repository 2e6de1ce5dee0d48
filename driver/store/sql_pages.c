/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/sql_pages.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define AEAD(name) crypto_aead_xchacha20poly1305_ietf_##name
enum {
    PAGE = SQL_PAGES_SIZE,
    NONCE = AEAD(NPUBBYTES),
    EXTRA = NONCE + AEAD(ABYTES),
    LOG_HEAD = 32,
    FRAME_HEAD = 24,
    FRAME = FRAME_HEAD + PAGE
};

struct sql_pages {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char name[32];
    unsigned char key[SQL_PAGES_KEY];
};

struct file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct, in SQLite's memory */
    const unsigned char *key;
    int is_log;
    unsigned char plain[PAGE], sealed[PAGE + EXTRA];
};

static struct file *of(sqlite3_file *file)
{
    return (struct file *)(void *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return of(file)->real;
}

/* --- Pieces ---------------------------------------------------------------------------------- */

/* What is sealed together: where SQLite has it, where it lies. */
struct piece {
    sqlite3_int64 at, place;
    int n;
    uint64_t number;
};

static struct piece piece_at(const struct file *f, sqlite3_int64 at)
{
    sqlite3_int64 i = f->is_log ? (at - LOG_HEAD) / FRAME : at / PAGE;
    if (!f->is_log)
        return (struct piece){i * PAGE, i * (PAGE + EXTRA), PAGE, (uint64_t)i};
    if (at < LOG_HEAD)
        return (struct piece){0, 0, LOG_HEAD, 0};
    sqlite3_int64 begin = LOG_HEAD + i * FRAME;
    sqlite3_int64 place = LOG_HEAD + EXTRA + i * (FRAME + 2 * EXTRA);
    return at - begin < FRAME_HEAD ? (struct piece){begin, place, FRAME_HEAD, 2 * (uint64_t)i + 1}
                                   : (struct piece){begin + FRAME_HEAD, place + FRAME_HEAD + EXTRA,
                                                    PAGE, 2 * (uint64_t)i + 2};
}

/* How much SQLite has of a file that is `size` long. */
static sqlite3_int64 logical_size(const struct file *f, sqlite3_int64 size)
{
    if (!f->is_log)
        return size / (PAGE + EXTRA) * PAGE;
    if (size < LOG_HEAD + EXTRA)
        return 0;
    size -= LOG_HEAD + EXTRA;
    return LOG_HEAD + size / (FRAME + 2 * EXTRA) * FRAME +
           (size % (FRAME + 2 * EXTRA) >= FRAME_HEAD + EXTRA ? FRAME_HEAD : 0);
}

/* A page can be neither moved nor exchanged with one of the log. */
static void bind(const struct file *f, const struct piece *p, unsigned char with[9])
{
    with[0] = f->is_log ? 'w' : 'd';
    for (int i = 0; i < 8; i++)
        with[1 + i] = (unsigned char)(p->number >> 8 * i);
}

static int read_piece(struct file *f, const struct piece *p, unsigned char *to)
{
    unsigned char with[9];
    int code = f->real->pMethods->xRead(f->real, f->sealed, p->n + EXTRA, p->place);
    if (code != SQLITE_OK)
        return code;
    bind(f, p, with);
    return AEAD(decrypt)(to, NULL, NULL, f->sealed + NONCE, (unsigned)(p->n + EXTRA - NONCE), with,
                         sizeof with, f->sealed, f->key)
               ? SQLITE_CORRUPT
               : SQLITE_OK;
}

static int write_piece(struct file *f, const struct piece *p, const unsigned char *from)
{
    unsigned char with[9];
    bind(f, p, with);
    randombytes_buf(f->sealed, NONCE);
    AEAD(encrypt)
    (f->sealed + NONCE, NULL, from, (unsigned)p->n, with, sizeof with, NULL, f->sealed, f->key);
    return f->real->pMethods->xWrite(f->real, f->sealed, p->n + EXTRA, p->place);
}

/* --- Reading and writing --------------------------------------------------------------------- */

static int read_at(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
    struct file *f = of(file);
    unsigned char *to = bytes;
    int left = n, ends_log = f->is_log && piece_at(f, at).n != PAGE;
    while (left) {
        struct piece p = piece_at(f, at);
        int from = (int)(at - p.at), take = p.n - from < left ? p.n - from : left;
        int code = read_piece(f, &p, take == p.n ? to : f->plain);
        if (code == SQLITE_CORRUPT && ends_log) { /* recovery: no frame begins so */
            memset(bytes, 0, (size_t)n);
            return SQLITE_OK;
        }
        if (code == SQLITE_IOERR_SHORT_READ)
            memset(to, 0, (size_t)left); /* as SQLite wants it */
        if (code != SQLITE_OK)
            return code;
        if (take != p.n)
            memcpy(to, f->plain + from, (size_t)take);
        to += take;
        at += take;
        left -= take;
    }
    return SQLITE_OK;
}

/* Nothing lies in the clear, and nothing unsealed, between the file's end and what is written. */
static int fill_gap(struct file *f, const struct piece *p)
{
    sqlite3_int64 size;
    int code = f->real->pMethods->xFileSize(f->real, &size);
    if (f->is_log || code != SQLITE_OK || p->place <= size)
        return code;
    memset(f->plain, 0, PAGE);
    for (sqlite3_int64 at = logical_size(f, size); at < p->at && code == SQLITE_OK; at += PAGE) {
        struct piece gap = piece_at(f, at);
        code = write_piece(f, &gap, f->plain);
    }
    return code;
}

/* A part of a piece: the rest of it stays, or is zero when there is none. */
static int write_part(struct file *f, const struct piece *p, int from, const unsigned char *bytes,
                      int n)
{
    int code = read_piece(f, p, f->plain);
    if (code == SQLITE_IOERR_SHORT_READ)
        memset(f->plain, 0, (size_t)p->n);
    else if (code != SQLITE_OK)
        return code;
    memcpy(f->plain + from, bytes, (size_t)n);
    return write_piece(f, p, f->plain);
}

static int write_at(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    struct file *f = of(file);
    const unsigned char *from = bytes;
    while (n) {
        struct piece p = piece_at(f, at);
        int skip = (int)(at - p.at), take = p.n - skip < n ? p.n - skip : n;
        int code = fill_gap(f, &p);
        if (code == SQLITE_OK)
            code = take == p.n ? write_piece(f, &p, from) : write_part(f, &p, skip, from, take);
        if (code != SQLITE_OK)
            return code;
        from += take;
        at += take;
        n -= take;
    }
    return SQLITE_OK;
}

static int truncate_to(sqlite3_file *file, sqlite3_int64 size)
{
    struct piece p = piece_at(of(file), size);
    sqlite3_int64 place = p.place + (size > p.at ? p.n + EXTRA : 0);
    return real_of(file)->pMethods->xTruncate(real_of(file), place);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int code = real_of(file)->pMethods->xFileSize(real_of(file), size);
    *size = code == SQLITE_OK ? logical_size(of(file), *size) : 0;
    return code;
}

/* --- Passed on ------------------------------------------------------------------------------- */

static int close_file(sqlite3_file *file)
{
    int code = real_of(file)->pMethods->xClose(real_of(file));
    sodium_memzero(of(file)->plain, PAGE);
    return code;
}

static int sync_file(sqlite3_file *file, int flags)
{
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int lock_file(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int unlock_file(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int is_reserved(sqlite3_file *file, int *is)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is);
}

/* Not those that would let SQLite reach around (maps, growing by chunks). */
static int control(sqlite3_file *file, int what, void *arg)
{
    switch (what) {
    case SQLITE_FCNTL_LOCKSTATE:
    case SQLITE_FCNTL_PERSIST_WAL:
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_LOCK_TIMEOUT:
        return real_of(file)->pMethods->xFileControl(real_of(file), what, arg);
    default:
        return SQLITE_NOTFOUND;
    }
}

static int sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

/* Of what the file system promises only what still holds with larger pages. */
static int characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)) &
           (SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN);
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **at)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, at);
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shm_unmap(sqlite3_file *file, int forget)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), forget);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = close_file,
                                           .xRead = read_at,
                                           .xWrite = write_at,
                                           .xTruncate = truncate_to,
                                           .xSync = sync_file,
                                           .xFileSize = file_size,
                                           .xLock = lock_file,
                                           .xUnlock = unlock_file,
                                           .xCheckReservedLock = is_reserved,
                                           .xFileControl = control,
                                           .xSectorSize = sector_size,
                                           .xDeviceCharacteristics = characteristics,
                                           .xShmMap = shm_map,
                                           .xShmLock = shm_lock,
                                           .xShmBarrier = shm_barrier,
                                           .xShmUnmap = shm_unmap};

/* --- The file system ------------------------------------------------------------------------- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *told)
{
    struct sql_pages *pages = vfs->pAppData;
    struct file *f = of(file);
    memset(f, 0, sizeof *f);
    if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return SQLITE_CANTOPEN;
    f->real = (sqlite3_file *)(void *)(f + 1);
    f->key = pages->key;
    f->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    int code = pages->real->xOpen(pages->real, name, f->real, flags, told);
    if (code == SQLITE_OK)
        f->base.pMethods = &methods;
    return code;
}

static int remove_file(sqlite3_vfs *vfs, const char *name, int sync)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xDelete(real, name, sync);
}

static int can_access(sqlite3_vfs *vfs, const char *name, int flags, int *can)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xAccess(real, name, flags, can);
}

static int full_path(sqlite3_vfs *vfs, const char *name, int n, char *path)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xFullPathname(real, name, n, path);
}

static int draw(sqlite3_vfs *vfs, int n, char *bytes)
{
    (void)vfs;
    randombytes_buf(bytes, (size_t)n);
    return n;
}

static int rest(sqlite3_vfs *vfs, int us)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xSleep(real, us);
}

static int now(sqlite3_vfs *vfs, double *days)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xCurrentTime(real, days);
}

static int last_error(sqlite3_vfs *vfs, int n, char *text)
{
    sqlite3_vfs *real = ((struct sql_pages *)vfs->pAppData)->real;
    return real->xGetLastError(real, n, text);
}

struct sql_pages *sql_pages_open(const unsigned char key[SQL_PAGES_KEY], struct problem *why)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    struct sql_pages *pages = sodium_init() < 0 || !real
                                  ? NULL
                                  : sodium_malloc((sizeof *pages + 15) / 16 * 16); /* aligned */
    if (!pages) {
        problem_no_memory(why, "the encrypted catalogue");
        return NULL;
    }
    *pages = (struct sql_pages){.real = real};
    memcpy(pages->key, key, SQL_PAGES_KEY);
    snprintf(pages->name, sizeof pages->name, "tenderfoot-%llx",
             (unsigned long long)(uintptr_t)pages);
    pages->vfs = (sqlite3_vfs){.iVersion = 1,
                               .szOsFile = (int)sizeof(struct file) + real->szOsFile,
                               .mxPathname = real->mxPathname,
                               .zName = pages->name,
                               .pAppData = pages,
                               .xOpen = open_file,
                               .xDelete = remove_file,
                               .xAccess = can_access,
                               .xFullPathname = full_path,
                               .xRandomness = draw,
                               .xSleep = rest,
                               .xCurrentTime = now,
                               .xGetLastError = last_error};
    if (sqlite3_vfs_register(&pages->vfs, 0) == SQLITE_OK)
        return pages;
    sodium_free(pages);
    problem_no_memory(why, "the encrypted catalogue");
    return NULL;
}

void sql_pages_close(struct sql_pages *pages)
{
    if (pages)
        sqlite3_vfs_unregister(&pages->vfs);
    sodium_free(pages);
}

const char *sql_pages_name(const struct sql_pages *pages)
{
    return pages ? pages->name : NULL;
}
