/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite: WAL, synchronous FULL (an acknowledged row outlives a power cut), deleted content is
 * overwritten. https://sqlite.org/pragma.html */
#include "driver/store/sql.h"

#include "driver/clock.h"
#include "driver/store/sql_pages.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, TURN_MS = 20 };

struct sqlite {
    sqlite3 *db;
    char *path;
    struct sql_pages *pages; /* of an encrypted one */
};

static int tell(struct sqlite *s, int code, struct problem *why)
{
    int kind = code & 0xff;
    if (kind == SQLITE_CONSTRAINT)
        return problem_coded(why, PROBLEM_CODE_STORE_REFUSES, PROBLEM_REFUSED,
                             "%s: refused by the catalogue's rules (%s)", s->path,
                             sqlite3_errmsg(s->db));
    if (kind == SQLITE_NOTADB || kind == SQLITE_CORRUPT)
        return problem_coded(why, PROBLEM_CODE_STORE_DAMAGED, PROBLEM_REFUSED,
                             "%s: damaged, or no catalogue of ours (%s); restore a backup", s->path,
                             sqlite3_errmsg(s->db));
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED)
        return problem_coded(why, PROBLEM_CODE_STORE_BUSY, PROBLEM_FAILED,
                             "%s: another program has been writing for %d s; try again", s->path,
                             PATIENCE_MS / 1000);
    return problem_coded(why, kind == SQLITE_FULL ? PROBLEM_CODE_DISK_FULL : PROBLEM_CODE_NONE,
                         PROBLEM_FAILED, "%s: %s", s->path, sqlite3_errmsg(s->db));
}

static int bind_one(sqlite3_stmt *statement, int number, const struct sql_value *value)
{
    char name[16];
    sqlite3_snprintf(sizeof name, name, "$%d", number);
    int at = sqlite3_bind_parameter_index(statement, name);
    if (!at)
        return SQLITE_OK; /* a value that this statement does not use */
    switch (value->kind) {
    case SQL_TEXT:
        return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
    case SQL_INTEGER:
        return sqlite3_bind_int64(statement, at, value->integer);
    case SQL_REAL:
        return sqlite3_bind_double(statement, at, value->real);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static struct sql_value column(sqlite3_stmt *statement, int i)
{
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        return sql_integer(sqlite3_column_int64(statement, i));
    case SQLITE_FLOAT:
        return sql_real(sqlite3_column_double(statement, i));
    case SQLITE_TEXT:
        return sql_text((const char *)sqlite3_column_text(statement, i));
    default:
        return sql_text(NULL);
    }
}

static int give_row(sqlite3_stmt *statement, sql_row_fn *row, void *context, struct problem *why)
{
    const char *names[SQL_COLUMNS_MAX];
    struct sql_value values[SQL_COLUMNS_MAX];
    int n = sqlite3_column_count(statement);
    if (n > SQL_COLUMNS_MAX)
        return problem(why, PROBLEM_FAILED, "a query of more than %d columns", SQL_COLUMNS_MAX);
    for (int i = 0; i < n; i++) {
        names[i] = sqlite3_column_name(statement, i);
        values[i] = column(statement, i);
        if (!names[i])
            return problem_no_memory(why, "a row of the store");
    }
    return row(context, &(struct sql_row){n, names, values}, why);
}

static int sqlite_run(void *context, const char *sql, const struct sql_value *values, int n,
                      sql_row_fn *row, void *row_context, struct problem *why)
{
    struct sqlite *s = context;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL), bad = 0;
    for (int i = 0; i < n && code == SQLITE_OK; i++)
        code = bind_one(statement, i + 1, &values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    for (; code == SQLITE_ROW && !bad; code = bad ? SQLITE_DONE : sqlite3_step(statement))
        bad = row && give_row(statement, row, row_context, why);
    if (code != SQLITE_DONE && !bad)
        bad = tell(s, code, why);
    sqlite3_finalize(statement);
    return bad ? -1 : 0;
}

static int sqlite_begin(void *context, struct problem *why)
{
    return sqlite_run(context, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL, why);
}

static int note_busy(void *context, const struct sql_row *row, struct problem *why)
{
    (void)why;
    *(int *)context = row->n && row->values[0].integer;
    return 0;
}

/* A reader is waited for by SQLite itself; but where somebody else moves pages at that moment it
 * says so at once (https://sqlite.org/c3ref/wal_checkpoint_v2.html). */
static int empty_log(void *context, struct problem *why)
{
    const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
    const uint64_t end_us = host_clock_us() + PATIENCE_MS * 1000u;
    int is_busy = 0;
    do {
        if (is_busy)
            nanosleep(&turn, NULL);
        if (sqlite_run(context, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, 0, note_busy, &is_busy,
                       why))
            return -1;
    } while (is_busy && host_clock_us() < end_us);
    if (!is_busy)
        return 0;
    return problem(why, PROBLEM_FAILED,
                   "another program is reading the store: what was erased stays in its "
                   "write-ahead file until the store is opened when nobody reads");
}

/* secure_delete overwrites deleted cells, but a page that was rebalanced may keep an old copy in
 * its unused bytes: VACUUM writes every page anew, and the checkpoint empties the write-ahead file.
 */
static int sqlite_scrub(void *context, struct problem *why)
{
    return sqlite_run(context, "VACUUM", NULL, 0, NULL, NULL, why) || empty_log(context, why) ? -1
                                                                                              : 0;
}

static int add_sentence(void *context, const struct sql_row *row, struct problem *why)
{
    const struct sql_value *first = row->values;
    if (first->kind == SQL_TEXT && strcmp(first->text, "ok") &&
        json_array_append_new(context, json_string(first->text)))
        return problem_no_memory(why, "a finding of the check");
    return 0;
}

static int add_orphan(void *context, const struct sql_row *row, struct problem *why)
{
    const char *table = row->values[0].text ? row->values[0].text : "?";
    if (json_array_append_new(
            context, json_sprintf("a row of table %s belongs to nothing that is there", table)))
        return problem_no_memory(why, "a finding of the check");
    return 0;
}

static int sqlite_check(void *context, json_t *problems, struct problem *why)
{
    return sqlite_run(context, "PRAGMA integrity_check(20)", NULL, 0, add_sentence, problems,
                      why) ||
                   sqlite_run(context, "PRAGMA foreign_key_check", NULL, 0, add_orphan, problems,
                              why)
               ? -1
               : 0;
}

static void sqlite_end(void *context)
{
    struct sqlite *s = context;
    sqlite3_close(s->db);
    sql_pages_close(s->pages);
    free(s->path);
    free(s);
}

/* Page by page (sqlite.org/backup.html), unseen by whoever writes meanwhile. `to` has no journal:
 * until the copy is whole it is nothing, and the caller's to remove. */
static int copy_pages(struct sqlite *s, sqlite3 *to, struct problem *why)
{
    char *said = NULL;
    int code =
        sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", NULL, NULL, &said);
    sqlite3_free(said);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(to, "main", s->db, "main") : NULL;
    if (backup) {
        sqlite3_busy_timeout(to, PATIENCE_MS);
        sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    }
    return backup && code == SQLITE_OK ? 0
                                       : problem(why, PROBLEM_FAILED, "%s cannot be copied: %s",
                                                 s->path, sqlite3_errmsg(to));
}

static int sqlite_copy(void *context, const char *path, const unsigned char *key,
                       struct problem *why)
{
    struct sqlite *s = context;
    sqlite3 *to = NULL;
    if (!key && !s->pages)
        return sqlite_run(context, "VACUUM INTO $1", (struct sql_value[]){sql_text(path)}, 1, NULL,
                          NULL, why);
    struct sql_pages *pages = key ? sql_pages_open(key, why) : NULL;
    if (key && !pages)
        return -1;
    int code = sqlite3_open_v2(path, &to,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW,
                               sql_pages_name(pages));
    int bad = code == SQLITE_OK
                  ? copy_pages(s, to, why)
                  : problem(why, PROBLEM_FAILED, "%s: %s", path, sqlite3_errstr(code));
    sqlite3_close(to);
    sql_pages_close(pages);
    return bad;
}

/* The log is added to, never changed: not by a later mistake of ours either. */
static const char *const ddl[] = {
    "CREATE TRIGGER access_log_is_not_cut BEFORE DELETE ON access_log BEGIN "
    "SELECT RAISE(ABORT, 'the access log is only added to'); END",
    "CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE ON access_log BEGIN "
    "SELECT RAISE(ABORT, 'the access log is only added to'); END",
    NULL};

static const struct sql_backend backend = {
    .name = "sqlite",
    .is_file = 1,
    .count_tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
    .count_meta = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
    .ddl = ddl,
    .run = sqlite_run,
    .begin = sqlite_begin,
    .scrub = sqlite_scrub,
    .copy = sqlite_copy,
    .check = sqlite_check,
    .close = sqlite_end,
};

/* Made by ourselves: SQLite would do it with the umask's mode. One that is there is looked at and
 * never opened: closing it would end this process's locks on it, those of other handles too
 * (fcntl(2)), and another program's last close then takes the log away that they write into. */
static int make_file(const char *path, int make, int *is_new, struct problem *why)
{
    struct stat status;
    int is_there = !lstat(path, &status), fd = -1;
    if (!is_there && errno == ENOENT && make) {
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT | O_EXCL, 0600);
        is_there = fd >= 0 ? !fstat(fd, &status) : errno == EEXIST && !lstat(path, &status);
        if (fd >= 0)
            close(fd);
    }
    if (is_there && S_ISLNK(status.st_mode)) {
        errno = ELOOP;
        is_there = 0;
    }
    if (!is_there || access(path, R_OK | W_OK))
        return problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    *is_new = !status.st_size;
    return 0;
}

/* sql_pages.h keeps a piece whole where it is a page, and wants no journal beside a new file. */
static int set_up_pages(struct sqlite *s, int is_new, struct problem *why)
{
    int64_t size = 0;
    struct sql sql = {.backend = &backend, .context = s};
    if (!s->pages)
        return 0;
    if (is_new && (sqlite_run(s, "PRAGMA page_size = 4096", NULL, 0, NULL, NULL, why) ||
                   sqlite_run(s, "PRAGMA journal_mode = MEMORY", NULL, 0, NULL, NULL, why)))
        return -1;
    if (sql_number(&sql, "PRAGMA page_size", NULL, 0, &size, why) < 0)
        return -1;
    return size == SQL_PAGES_SIZE ? 0
                                  : problem_coded(why, PROBLEM_CODE_STORE_FOREIGN, PROBLEM_REFUSED,
                                                  "%s: its pages have %d bytes, %d are meant",
                                                  s->path, (int)size, SQL_PAGES_SIZE);
}

static int set_up(struct sqlite *s, int is_new, struct problem *why)
{
    static const char *const pragmas[] = {
        "PRAGMA trusted_schema = OFF", "PRAGMA foreign_keys = ON",  "PRAGMA secure_delete = ON",
        "PRAGMA temp_store = MEMORY",  "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
        "PRAGMA cell_size_check = ON", "PRAGMA cache_size = -12000"};
    sqlite3_busy_timeout(s->db, PATIENCE_MS);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (set_up_pages(s, is_new, why))
        return -1;
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++)
        if (sqlite_run(s, pragmas[i], NULL, 0, NULL, NULL, why))
            return -1;
    return 0;
}

int sql_open_sqlite(struct sql *sql, const char *path, int make, const unsigned char *key,
                    struct problem *why)
{
    struct sqlite *s = calloc(1, sizeof *s);
    int is_new = 0;
    *sql = (struct sql){0};
    if (!s || !(s->path = strdup(path))) {
        free(s);
        return problem_no_memory(why, "the store");
    }
    if (make_file(path, make, &is_new, why) || (key && !(s->pages = sql_pages_open(key, why)))) {
        sqlite_end(s);
        return -1;
    }
    int code = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
                               sql_pages_name(s->pages));
    if (code != SQLITE_OK || set_up(s, is_new, why)) {
        if (code != SQLITE_OK && s->db)
            tell(s, code, why);
        else if (code != SQLITE_OK)
            problem(why, PROBLEM_FAILED, "%s: %s", path, sqlite3_errstr(code));
        sqlite_end(s);
        return -1;
    }
    sql->backend = &backend;
    sql->context = s;
    return 0;
}
