/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/schema.h"

#include "firmware/wire/problem_code.h"

#include <stdio.h>

/* Steps are never changed once they were released: a later need is a later step. */
static const char *const step_1[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE client (id TEXT PRIMARY KEY, label TEXT NOT NULL, label_key TEXT NOT NULL, "
    "birth_year BIGINT, sex TEXT, language TEXT, notes TEXT, keep_until TEXT, keep_years BIGINT, "
    "created_utc TEXT NOT NULL, changed_utc TEXT NOT NULL)",
    "CREATE TABLE consent (id TEXT PRIMARY KEY, "
    "client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, "
    "purpose TEXT NOT NULL, words TEXT, given_utc TEXT NOT NULL, withdrawn_utc TEXT)",
    "CREATE TABLE screening (id TEXT PRIMARY KEY, "
    "client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, "
    "day TEXT NOT NULL, document TEXT NOT NULL)",
    "CREATE TABLE session (id TEXT PRIMARY KEY, "
    "client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, "
    "started_utc TEXT NOT NULL, protocol TEXT NOT NULL, source TEXT NOT NULL, plate_serial TEXT, "
    "plate_model TEXT, calibration_id TEXT, recording_sha256 TEXT NOT NULL UNIQUE, "
    "recording_bytes BIGINT NOT NULL, duration_s DOUBLE PRECISION, frames BIGINT, "
    "lost_frames BIGINT, software TEXT, added_utc TEXT NOT NULL)",
    "CREATE TABLE session_number (session_id TEXT NOT NULL REFERENCES session (id) "
    "ON DELETE CASCADE, name TEXT NOT NULL, side TEXT NOT NULL, value DOUBLE PRECISION NOT NULL, "
    "low DOUBLE PRECISION, high DOUBLE PRECISION, PRIMARY KEY (session_id, name, side))",
    "CREATE TABLE session_zone (session_id TEXT NOT NULL REFERENCES session (id) "
    "ON DELETE CASCADE, zone TEXT NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL, flag TEXT, "
    "threshold_kpa DOUBLE PRECISION, is_lower_bound BIGINT, low_kpa DOUBLE PRECISION, "
    "high_kpa DOUBLE PRECISION, repeats BIGINT, PRIMARY KEY (session_id, zone, side))",
    "CREATE TABLE note (id TEXT PRIMARY KEY, "
    "client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, "
    "session_id TEXT REFERENCES session (id) ON DELETE CASCADE, at_utc TEXT NOT NULL, "
    "text TEXT NOT NULL)",
    "CREATE TABLE access_log (id TEXT PRIMARY KEY, at_utc TEXT NOT NULL, who TEXT NOT NULL, "
    "action TEXT NOT NULL, of_whom TEXT)",
    NULL};

/* Erasing that reaches backups and outlives them; the day a person's time is over; the ways in
 * which lists are read. */
static const char *const step_2[] = {
    "ALTER TABLE client ADD COLUMN due_on TEXT",
    "UPDATE client SET due_on = COALESCE(keep_until, "
    "(SELECT CAST(CAST(substr(COALESCE(max(started_utc), client.created_utc), 1, 4) AS BIGINT) "
    "+ client.keep_years AS TEXT) || substr(COALESCE(max(started_utc), client.created_utc), 5, 6) "
    "FROM session WHERE client_id = client.id))",
    "CREATE TABLE erased_client (id TEXT PRIMARY KEY, erased_utc TEXT NOT NULL)",
    "CREATE TABLE erased_recording (sha256 TEXT PRIMARY KEY)",
    "CREATE TABLE backup_place (path TEXT PRIMARY KEY, made_utc TEXT NOT NULL)",
    "CREATE INDEX client_by_label ON client (label_key, id)",
    "CREATE INDEX client_by_due ON client (due_on)",
    "CREATE INDEX session_by_time ON session (started_utc, id, protocol)",
    "CREATE INDEX session_of_client ON session (client_id, started_utc, id, protocol)",
    "CREATE INDEX consent_of_client ON consent (client_id)",
    "CREATE INDEX screening_of_client ON screening (client_id)",
    "CREATE INDEX note_of_client ON note (client_id)",
    "CREATE INDEX note_of_session ON note (session_id)",
    "CREATE INDEX access_by_time ON access_log (at_utc)",
    NULL};

/* With open or with closed eyes: what stood for sway before says nothing of it. */
static const char *const step_3[] = {"ALTER TABLE session ADD COLUMN condition TEXT", NULL};

static const char *const *const steps[STORE_VERSION] = {step_1, step_2, step_3};

static int run_all(struct sql *sql, const char *const *statements, struct problem *why)
{
    for (; statements && *statements; statements++)
        if (sql_run(sql, *statements, NULL, 0, why))
            return -1;
    return 0;
}

static int set_version(struct sql *sql, int version, struct problem *why)
{
    char text[16];
    snprintf(text, sizeof text, "%d", version);
    return sql_run(sql,
                   "INSERT INTO meta (key, value) VALUES ('schema_version', $1) "
                   "ON CONFLICT (key) DO UPDATE SET value = $1",
                   (struct sql_value[]){sql_text(text)}, 1, why);
}

/* Another program may have made the same step since: it is then not made again. */
static int make_step(struct sql *sql, int version, struct problem *why)
{
    int now;
    if (sql_begin(sql, why))
        return -1;
    int bad = schema_version(sql, &now, why);
    if (!bad && now < version)
        bad = run_all(sql, steps[version - 1], why) ||
              (version == 1 && run_all(sql, sql->backend->ddl, why)) ||
              set_version(sql, version, why);
    return sql_end(sql, bad, why);
}

int schema_forward(struct sql *sql, int version, int to, struct problem *why)
{
    while (version < to)
        if (make_step(sql, ++version, why))
            return -1;
    return 0;
}

/* Both databases list their tables, each in its own way: the backend has a view on that. */
int schema_version(struct sql *sql, int *version, struct problem *why)
{
    int64_t tables, ours, number = 0;
    *version = 0;
    if (sql_number(sql, sql->backend->count_tables, NULL, 0, &tables, why) < 0 ||
        sql_number(sql, sql->backend->count_meta, NULL, 0, &ours, why) < 0)
        return -1;
    if (!tables)
        return 0;
    int missing = ours ? sql_number(sql,
                                    "SELECT CAST(value AS BIGINT) FROM meta "
                                    "WHERE key = 'schema_version'",
                                    NULL, 0, &number, why)
                       : 1;
    if (missing < 0)
        return -1;
    if (missing || number < 1)
        return problem_coded(
            why, PROBLEM_CODE_STORE_FOREIGN, PROBLEM_REFUSED,
            "the database holds tables of another program, not a store of tenderfoot");
    if (number > STORE_VERSION)
        return problem_coded(
            why, PROBLEM_CODE_STORE_NEWER, PROBLEM_REFUSED,
            "the store is of version %lld, made by a newer tenderfoot; this one knows "
            "versions up to %d: update it",
            (long long)number, STORE_VERSION);
    *version = (int)number;
    return 0;
}
