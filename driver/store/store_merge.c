/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one store has, added to another: row by row in one transaction, so that it works between
 * databases of either kind. */
#include "driver/store/store_private.h"
#include "driver/store/vault.h"

#include <stdlib.h>
#include <string.h>

/* Why a row is wanted: by the person or the session it belongs to, told by its first column. */
enum owner { OF_NOBODY, OF_CLIENT, OF_NEW_SESSION, OF_SESSION };

static const struct table {
    const char *name, *from, *into;
    enum owner owner;
    int first; /* of the values that go in */
} tables[] = {
    {"people",
     "SELECT id, id AS own, label, label_key, birth_year, sex, language, notes, keep_until, "
     "keep_years, created_utc, changed_utc, due_on FROM client",
     "INSERT INTO client (id, label, label_key, birth_year, sex, language, notes, keep_until, "
     "keep_years, created_utc, changed_utc, due_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
     "$10, $11, $12) ON CONFLICT (id) DO UPDATE SET label = excluded.label, "
     "label_key = excluded.label_key, birth_year = excluded.birth_year, sex = excluded.sex, "
     "language = excluded.language, notes = excluded.notes, keep_until = excluded.keep_until, "
     "keep_years = excluded.keep_years, changed_utc = excluded.changed_utc "
     "WHERE excluded.changed_utc > client.changed_utc RETURNING id",
     OF_CLIENT, 1},
    {"consents",
     "SELECT client_id, id, client_id AS of_client, purpose, words, given_utc, withdrawn_utc "
     "FROM consent",
     "INSERT INTO consent (id, client_id, purpose, words, given_utc, withdrawn_utc) "
     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
     "withdrawn_utc = excluded.withdrawn_utc WHERE consent.withdrawn_utc IS NULL "
     "AND excluded.withdrawn_utc IS NOT NULL RETURNING id",
     OF_CLIENT, 1},
    {"screenings", "SELECT client_id, id, client_id AS of_client, day, document FROM screening",
     "INSERT INTO screening (id, client_id, day, document) VALUES ($1, $2, $3, $4) "
     "ON CONFLICT DO NOTHING RETURNING id",
     OF_CLIENT, 1},
    {"sessions",
     "SELECT client_id, id, client_id AS of_client, started_utc, protocol, source, plate_serial, "
     "plate_model, calibration_id, recording_sha256, recording_bytes, duration_s, frames, "
     "lost_frames, software, added_utc, condition FROM session",
     "INSERT INTO session (id, client_id, started_utc, protocol, source, plate_serial, "
     "plate_model, calibration_id, recording_sha256, recording_bytes, duration_s, frames, "
     "lost_frames, software, added_utc, condition) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
     "$10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING RETURNING id",
     OF_CLIENT, 1},
    {"numbers", "SELECT session_id, name, side, value, low, high FROM session_number",
     "INSERT INTO session_number (session_id, name, side, value, low, high) "
     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING session_id",
     OF_NEW_SESSION, 0},
    {"zones",
     "SELECT session_id, zone, side, state, flag, threshold_kpa, is_lower_bound, low_kpa, "
     "high_kpa, repeats FROM session_zone",
     "INSERT INTO session_zone (session_id, zone, side, state, flag, threshold_kpa, "
     "is_lower_bound, low_kpa, high_kpa, repeats) "
     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING "
     "session_id",
     OF_NEW_SESSION, 0},
    {"session_notes",
     "SELECT session_id, id, client_id, session_id AS of_session, at_utc, text FROM note "
     "WHERE session_id IS NOT NULL",
     "INSERT INTO note (id, client_id, session_id, at_utc, text) VALUES ($1, $2, $3, $4, $5) "
     "ON CONFLICT DO NOTHING RETURNING id",
     OF_SESSION, 1},
    {"notes",
     "SELECT client_id, id, client_id AS of_client, at_utc, text FROM note "
     "WHERE session_id IS NULL",
     "INSERT INTO note (id, client_id, at_utc, text) VALUES ($1, $2, $3, $4) "
     "ON CONFLICT DO NOTHING RETURNING id",
     OF_CLIENT, 1},
    {"erased", "SELECT id, erased_utc FROM erased_client",
     "INSERT INTO erased_client (id, erased_utc) SELECT $1, $2 WHERE NOT EXISTS "
     "(SELECT 1 FROM client WHERE id = $1) ON CONFLICT DO NOTHING RETURNING id",
     OF_NOBODY, 0},
};
enum { TABLES = sizeof tables / sizeof tables[0] };

struct merging {
    struct store *to, *from;
    const struct table *table;
    json_t *erased;   /* people who were erased here, as keys */
    json_t *sessions; /* that are new here, as keys */
    json_t *known;    /* theirs that are here, new or not: their id to ours */
    json_t *people;   /* whose sessions or facts came, as keys */
    json_t *told;
    json_int_t n;
};

static int is_wanted(const struct merging *m, const struct sql_row *row)
{
    const char *owner = row->values[0].text;
    switch (m->table->owner) {
    case OF_CLIENT:
        return owner && !json_object_get(m->erased, owner);
    case OF_NEW_SESSION:
        return owner && json_object_get(m->sessions, owner);
    case OF_SESSION:
        return owner && json_object_get(m->known, owner);
    default:
        return 1;
    }
}

static const char *value_named(const struct sql_row *row, const char *name)
{
    for (int i = 0; i < row->n; i++)
        if (!strcmp(row->names[i], name))
            return row->values[i].text;
    return NULL;
}

static int remember(json_t *set, const char *id, json_t *value, struct problem *why)
{
    return json_object_set_new(set, id, value) ? problem_no_memory(why, "what was merged") : 0;
}

/* A session's row and its file come together. A recording that is damaged there is told, and its
 * numbers are taken all the same. */
static int bring_recording(struct merging *m, const char *id, const char *hash, struct problem *why)
{
    struct problem at_carry;
    int carried = vault_carry(&m->from->vault, &m->to->vault, hash, &at_carry);
    if (carried < 0)
        return problem(why, at_carry.kind, "%s", at_carry.text);
    if (carried &&
        json_array_append_new(json_object_get(m->told, "recordings_missing"),
                              json_pack("{s:s, s:s}", "session", id, "why", at_carry.text)))
        return problem_no_memory(why, "what was merged");
    return 0;
}

static int take_new_session(struct merging *m, const struct sql_row *row, struct problem *why)
{
    const char *id = row->values[1].text, *hash = value_named(row, "recording_sha256");
    return (hash && bring_recording(m, id, hash, why)) ||
                   remember(m->sessions, id, json_true(), why) ||
                   remember(m->known, id, json_string(id), why) ||
                   remember(m->people, row->values[0].text, json_true(), why)
               ? -1
               : 0;
}

/* A session that is here already, under its own id or, as both stations took the same recording,
 * under another: what hangs on it goes to ours, and a file that is missing here comes. One that is
 * another person's here is told. */
static int take_known_session(struct merging *m, const struct sql_row *row, struct problem *why)
{
    const char *id = row->values[1].text, *hash = value_named(row, "recording_sha256");
    struct problem unused;
    json_t *ours = STORE_ONE(m->to,
                             "SELECT id, client_id FROM session WHERE id = $1 "
                             "OR recording_sha256 = $2",
                             why, sql_text(id), sql_text(hash));
    const char *of = json_string_value(json_object_get(ours, "client_id"));
    int bad = !ours;
    if (of && strcmp(of, row->values[0].text))
        bad = json_array_append_new(json_object_get(m->told, "sessions_of_others"), json_string(id))
                  ? problem_no_memory(why, "what was merged")
                  : 0;
    else if (of)
        bad =
            remember(m->known, id, json_incref(json_object_get(ours, "id")), why) ||
            (!vault_look(&m->to->vault, hash, &unused) &&
             vault_look(&m->from->vault, hash, &unused) == 1 && bring_recording(m, id, hash, why));
    json_decref(ours);
    return bad ? -1 : 0;
}

/* The row's values as they go in: a session is named by our id. */
static int put_row(const struct merging *m, const struct sql_row *row, char **added,
                   struct problem *why)
{
    struct sql_value values[SQL_COLUMNS_MAX];
    memcpy(values, row->values, (size_t)row->n * sizeof values[0]);
    for (int i = 0; i < row->n && m->table->owner == OF_SESSION; i++)
        if (!strcmp(row->names[i], "of_session"))
            values[i] = sql_of_json(json_object_get(m->known, row->values[0].text));
    *added = sql_string(&m->to->sql, m->table->into, values + m->table->first,
                        row->n - m->table->first, why);
    return *added || !why->kind ? 0 : -1;
}

static int take_row(void *context, const struct sql_row *row, struct problem *why)
{
    struct merging *m = context;
    char *added;
    int is_session = !strcmp(m->table->name, "sessions");
    if (!is_wanted(m, row))
        return 0;
    if (put_row(m, row, &added, why))
        return -1;
    int is_new = added != NULL;
    free(added);
    m->n += is_new;
    if (is_session)
        return is_new ? take_new_session(m, row, why) : take_known_session(m, row, why);
    return is_new && !strcmp(m->table->name, "people")
               ? remember(m->people, row->values[0].text, json_true(), why)
               : 0;
}

static int add_key(void *context, const struct sql_row *row, struct problem *why)
{
    return json_object_set_new(context, row->values[0].text, json_true())
               ? problem_no_memory(why, "a person's id")
               : 0;
}

static int merge_tables(struct merging *m, struct problem *why)
{
    if (m->to->sql.backend->run(m->to->sql.context, "SELECT id FROM erased_client", NULL, 0,
                                add_key, m->erased, why))
        return -1;
    for (size_t i = 0; i < TABLES; i++) {
        m->table = &tables[i];
        m->n = 0;
        if (m->from->sql.backend->run(m->from->sql.context, tables[i].from, NULL, 0, take_row, m,
                                      why))
            return -1;
        if (json_object_set_new(m->told, tables[i].name, json_integer(m->n)))
            return problem_no_memory(why, "what was merged");
    }
    return 0;
}

/* Facts or sessions that came may change until when somebody is kept. */
static int set_due(struct merging *m, struct problem *why)
{
    const char *id;
    json_t *unused;
    json_object_foreach(m->people, id, unused)
    {
        if (store_set_due(m->to, id, why))
            return -1;
    }
    return 0;
}

/* As a session's own recording is announced (store_sessions.c): of a merge that is cut short no
 * file stays without its row. */
static int announce(void *context, const struct sql_row *row, struct problem *why)
{
    struct store *to = context;
    return row->values[0].text ? store_announce_recording(to, row->values[0].text, why) : 0;
}

static int announce_all(struct store *store, struct store *other, struct problem *why)
{
    if (sql_begin(&store->sql, why))
        return -1;
    int bad = other->sql.backend->run(other->sql.context, "SELECT recording_sha256 FROM session",
                                      NULL, 0, announce, store, why);
    return sql_end(&store->sql, bad, why);
}

static int forget_announced(struct store *store, struct problem *why)
{
    return sql_run(&store->sql,
                   "DELETE FROM erased_recording WHERE EXISTS "
                   "(SELECT 1 FROM session WHERE recording_sha256 = sha256)",
                   NULL, 0, why);
}

static int merge_all(struct merging *m, struct problem *why)
{
    struct problem at_tidying; /* of lesser interest: the next store_open tries again */
    if (announce_all(m->to, m->from, why) || sql_begin(&m->to->sql, why))
        return -1;
    int bad = merge_tables(m, why) || set_due(m, why) || forget_announced(m->to, why) ||
              store_log(m->to, "store-merge", NULL, why);
    bad = sql_end(&m->to->sql, bad, why);
    if (bad)
        store_finish_erasing(m->to, &at_tidying);
    return bad;
}

int store_merge_from(struct store *store, struct store *other, json_t *told, struct problem *why)
{
    struct merging m = {.to = store,
                        .from = other,
                        .erased = json_object(),
                        .sessions = json_object(),
                        .known = json_object(),
                        .people = json_object(),
                        .told = told};
    int bad = m.erased && m.sessions && m.known && m.people ? 0 : problem_no_memory(why, "a merge");
    bad = bad || merge_all(&m, why) ? -1 : 0;
    json_decref(m.erased);
    json_decref(m.sessions);
    json_decref(m.known);
    json_decref(m.people);
    return bad;
}

/* People who are here and were erased there: somebody has to decide. */
static int tell_erased_there(struct store *store, struct store *other, json_t *told,
                             struct problem *why)
{
    json_t *ids = sql_rows(&other->sql, "SELECT id FROM erased_client", NULL, 0, why);
    json_t *list = json_object_get(told, "erased_there");
    int bad = !ids;
    for (size_t i = 0; !bad && i < json_array_size(ids); i++) {
        json_t *id = json_object_get(json_array_get(ids, i), "id");
        int64_t n = 0;
        bad = sql_number(&store->sql, "SELECT count(*) FROM client WHERE id = $1",
                         (struct sql_value[]){sql_of_json(id)}, 1, &n, why) < 0;
        if (!bad && n && json_array_append(list, id))
            bad = problem_no_memory(why, "what was merged");
    }
    json_decref(ids);
    return bad;
}

json_t *store_merge(struct store *store, const char *folder, struct problem *why)
{
    return store_merge_by(store, folder, NULL, why);
}

json_t *store_merge_by(struct store *store, const char *folder, const struct seal_key *key,
                       struct problem *why)
{
    struct store_options options = store_options_like(store, folder);
    options.must_exist = 1;
    if (key && (key->key_file || key->passphrase_file))
        options.key = *key;
    struct store *other = store_open(&options, why);
    if (!other)
        return NULL;
    json_t *told =
        json_pack("{s:s, s:s, s:[], s:[], s:[]}", "schema", "tenderfoot/store-merge/1", "from",
                  store_data(other), "recordings_missing", "sessions_of_others", "erased_there");
    int bad = !told;
    if (bad)
        problem_no_memory(why, "what was merged");
    else if (!strcmp(store->data, other->data))
        bad = problem(why, PROBLEM_REFUSED, "%s is this very store", folder);
    bad = bad || store_merge_from(store, other, told, why) ||
          tell_erased_there(store, other, told, why);
    store_close(other);
    if (!bad)
        return told;
    json_decref(told);
    return NULL;
}
