/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists, searches and trends of a store with 10 000 people and 100 000 sessions; each call as the
 * page makes it, its line in the access log on the disk included: in SQLite, then (bench_store
 * server, started by tests/support/with_postgres.sh) on a PostgreSQL server on this machine, asked
 * over its unix socket. Rows: name, value, unit. */
#include "driver/store/sql.h"
#include "driver/store/store.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 41 };

static char folder[] = "/tmp/tenderfoot-bench-XXXXXX";

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "bench_store: %s\n", what);
    exit(1);
}

/* By the wall (disk, server and busy neighbours included), or the processor's time of ours alone.
 */
static double now_ms(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* --- A practice of many years
 * --------------------------------------------------------------------- */

/* In the SQL that both databases share (driver/store/sql.h). A year has twelve months of 28 days
 * here, 48 sessions a day. */
#define COUNT_TO "WITH RECURSIVE k (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < "
#define DIGITS(n, most)                                                                            \
    "substr('0000000000000000000000000000000000000000000000000000000000000000', 1, " most          \
    " - length(CAST(" n " AS TEXT))) || CAST(" n " AS TEXT)"
#define TWO(n) "substr(CAST(100 + " n " AS TEXT), 2)"

static const char *const filling
    [] = {COUNT_TO
          "10000) INSERT INTO client (id, label, label_key, birth_year, created_utc, "
          "changed_utc, due_on) SELECT 'p' || " DIGITS(
              "n",
              "16") ", 'Name' || CAST(n * 7919 % "
                    "10000 AS TEXT) || ' Person' || CAST(n AS TEXT), 'name' || CAST(n * 7919 % "
                    "10000 AS "
                    "TEXT) || ' person' || CAST(n AS TEXT), 1930 + n % 80, '2020-01-01T00:00:00Z', "
                    "'2020-01-01T00:00:00Z', CASE WHEN n % 100 = 0 THEN '2021-01-01' END FROM k",
          COUNT_TO "100000) INSERT INTO session (id, client_id, started_utc, protocol, source, "
                   "recording_sha256, recording_bytes, duration_s, frames, lost_frames, added_utc) "
                   "SELECT 's' || " DIGITS("n", "16") ", 'p' || " DIGITS(
                       "n * 31 % 10000",
                       "16") ", "
                             "CAST(2020 + n / 16128 AS TEXT) || '-' || " TWO("1 + n / 1344 % 12") " || '-' || " TWO("1 + n / 48 % 28") " || 'T' || " TWO(
                                 "n / 2 % 24") " || ':' || " TWO("n % 2 * 30") " || ':00Z', CASE n "
                                                                               "% 3 WHEN 0 THEN "
                                                                               "'press' ELSE "
                                                                               "'stand' END, "
                                                                               "'plate', " DIGITS(
                                                                                   "n",
                                                                                   "64") ", "
                                                                                         "5000000, "
                                                                                         "30.5, "
                                                                                         "3050, 0, "
                                                                                         "'2020-01-"
                                                                                         "01T00:00:"
                                                                                         "00Z' "
                                                                                         "FROM k",
          "INSERT INTO session_number (session_id, name, side, value, low, high) SELECT id, name, "
          "side, "
          "0.25, 0.24, 0.26 FROM session, (SELECT 'arch_index' AS name, 'left' AS side UNION "
          "SELECT "
          "'arch_index', 'right' UNION SELECT 'mean_force_n', '' UNION SELECT 'load_percent', "
          "'left' "
          "UNION SELECT 'load_percent', 'right' UNION SELECT 'sway_velocity_mm_s', '' UNION SELECT "
          "'sway_rms_ml_mm', '' UNION SELECT 'sway_rms_ap_mm', '') AS kinds",
          "INSERT INTO session_zone (session_id, zone, side, state, flag, threshold_kpa, "
          "is_lower_bound, "
          "repeats) SELECT id, zone, 'left', 'measured', 'attention', 175, 0, 3 FROM session, "
          "(SELECT "
          "'P07' AS zone UNION SELECT 'P08' UNION SELECT 'P12' UNION SELECT 'P21') AS pressed "
          "WHERE protocol = 'press'"};

/* Into a catalogue whose tables are there. A server looks at its tables after such a load by
 * itself, within a minute (autovacuum): here at once. */
static void fill(const char *uri)
{
    char path[64];
    struct problem why = {0};
    struct sql sql;
    snprintf(path, sizeof path, "%s/catalogue.sqlite", folder);
    int bad =
        *uri ? sql_open_postgres(&sql, uri, &why) : sql_open_sqlite(&sql, path, 0, NULL, &why);
    if (bad || sql_begin(&sql, &why))
        die(why.text);
    for (size_t i = 0; !bad && i < sizeof filling / sizeof filling[0]; i++)
        bad = sql_run(&sql, filling[i], NULL, 0, &why);
    if (sql_end(&sql, bad, &why) || (*uri && sql_run(&sql, "VACUUM (ANALYZE)", NULL, 0, &why)))
        die(why.text);
    sql_close(&sql);
}

/* --- Calls
 * ------------------------------------------------------------------------------------------ */

static json_t *people(struct store *store, const void *how, struct problem *why)
{
    return store_clients(store, how, why);
}

static json_t *sessions(struct store *store, const void *how, struct problem *why)
{
    return store_sessions(store, how, why);
}

static json_t *trend(struct store *store, const void *how, struct problem *why)
{
    return store_trend(store, "p0000000000004711", how, why);
}

static json_t *person(struct store *store, const void *how, struct problem *why)
{
    return store_client(store, how, why);
}

static const struct store_list first = {.limit = 100}, last = {.limit = 100, .offset = 9900},
                               rare = {.search = "PERSON4711"}, common = {.search = "name1"},
                               due = {.due = 1}, of_one = {.client = "p0000000000004711"},
                               month = {.from = "2023-05-01", .to = "2023-05-31"},
                               deep = {.offset = 90000}, presses = {.protocol = "press"};

static const struct {
    const char *name;
    json_t *(*call)(struct store *store, const void *how, struct problem *why);
    const void *how;
    const char *rows;
    size_t least; /* rows wanted: a query that finds nothing is fast */
} calls[] = {{"list of people, first 100", people, &first, "clients", 100},
             {"list of people, last 100", people, &last, "clients", 100},
             {"search for one person", people, &rare, "clients", 1},
             {"search that fits a thousand", people, &common, "clients", 100},
             {"people whose time is over", people, &due, "clients", 100},
             {"list of sessions, newest 100", sessions, &first, "sessions", 100},
             {"list of sessions, from the 90000th", sessions, &deep, "sessions", 100},
             {"list of sessions of a month", sessions, &month, "sessions", 100},
             {"list of press tests", sessions, &presses, "sessions", 100},
             {"list of one person's sessions", sessions, &of_one, "sessions", 10},
             {"trend of a number", trend, "arch_index", "points", 20},
             {"trend of a zone's threshold", trend, "threshold_kpa P07", "points", 1},
             {"all of one person", person, "p0000000000004711", "sessions", 10}};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct store *store, const char *where, size_t i)
{
    double ms[RUNS], own_ms[RUNS];
    struct problem why = {0};
    for (int run = 0; run < RUNS; run++) {
        double start = now_ms(CLOCK_MONOTONIC), own = now_ms(CLOCK_PROCESS_CPUTIME_ID);
        json_t *told = calls[i].call(store, calls[i].how, &why);
        ms[run] = now_ms(CLOCK_MONOTONIC) - start;
        own_ms[run] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - own;
        if (!told)
            die(why.text);
        if (json_array_size(json_object_get(told, calls[i].rows)) < calls[i].least)
            die("a query found too little");
        json_decref(told);
    }
    qsort(ms, RUNS, sizeof ms[0], by_size);
    qsort(own_ms, RUNS, sizeof own_ms[0], by_size);
    printf("store on %s: %s, median (aim 50)\t%.1f\tms\n", where, calls[i].name, ms[RUNS / 2]);
    printf("store on %s: %s, 95 %%\t%.1f\tms\n", where, calls[i].name, ms[RUNS * 95 / 100]);
    printf("store on %s: %s, processor\t%.1f\tms\n", where, calls[i].name, own_ms[RUNS / 2]);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void measure_all(const char *where, const char *uri)
{
    struct problem why = {0};
    struct store_options options = {.data = folder, .catalogue = uri, .who = "bench"};
    struct store *store = store_open(&options, &why);
    if (!store)
        die(why.text);
    store_close(store);
    fill(uri);
    double start = now_ms(CLOCK_MONOTONIC);
    if (!(store = store_open(&options, &why)))
        die(why.text);
    printf("store on %s: opening it\t%.1f\tms\n", where, now_ms(CLOCK_MONOTONIC) - start);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        measure(store, where, i);
    store_close(store);
    fflush(stdout);
}

/* The variable alone would not do: it may name somebody's own catalogue. */
int main(int n, char **words)
{
    const char *server = getenv("TENDERFOOT_STORE");
    char command[4200];
    int is_server = n > 1 && !strcmp(words[1], "server");
    if (is_server && !server)
        die("there is no TENDERFOOT_STORE: sh tests/support/with_postgres.sh starts a server");
    if (!mkdtemp(folder))
        die("no folder");
    measure_all(is_server ? "PostgreSQL" : "SQLite", is_server ? server : "");
    nftw(folder, remove_one, 16, FTW_PHYS | FTW_DEPTH);
    snprintf(command, sizeof command, "sh tests/support/with_postgres.sh %s server", words[0]);
    return !is_server && system(command) ? 1 : 0;
}
