/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions: a recording, its facts, its numbers. */
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "driver/store/session_numbers.h"
#include "driver/store/store_private.h"
#include "driver/store/trend_error.h"
#include "driver/store/vault.h"
#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Facts of a recording -------------------------------------------------------------------- */

struct facts {
    struct recording_header header;
    struct recording_summary summary;
};

/* Reads the recording to its end: a file that cannot be read later must not be taken in. */
static int read_facts(const char *path, struct facts *facts, struct problem *why)
{
    struct recording_item item;
    int more = 1;
    struct recording *recording = recording_open(path, why);
    if (!recording)
        return -1;
    const char *header = recording_header(recording);
    int bad =
        header ? recording_header_parse(header, &facts->header, why)
               : problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                               "%s: its header is damaged; 'tenderfoot verify --repair' may help",
                               path);
    while (!bad && more > 0)
        if ((more = recording_next(recording, &item, why)) < 0)
            bad = -1;
    if (!bad)
        recording_summary(recording, &facts->summary);
    recording_close(recording);
    return bad;
}

/* --- Numbers and zones ----------------------------------------------------------------------- */

struct target {
    struct store *store;
    const char *session;
};

static int put_number(void *context, const struct session_number *number, struct problem *why)
{
    const struct target *to = context;
    return STORE_RUN(to->store,
                     "INSERT INTO session_number (session_id, name, side, value, low, high) "
                     "VALUES ($1, $2, $3, $4, $5, $6)",
                     why, sql_text(to->session), sql_text(number->name), sql_text(number->side),
                     sql_real(number->value), sql_real(number->low), sql_real(number->high));
}

static struct sql_value real_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return sql_real(json_is_number(value) ? json_number_value(value) : NAN);
}

/* Zones that were pressed: those have a threshold, or a pressure that was borne. */
static int put_zone(const struct target *to, const json_t *zone, const char *side,
                    struct problem *why)
{
    const char *id = json_string_value(json_object_get(zone, "id"));
    const char *state = json_string_value(json_object_get(zone, "state"));
    struct sql_value threshold = real_of(zone, "threshold_kpa");
    if (!id || !state || threshold.kind == SQL_NULL)
        return 0;
    return STORE_RUN(
        to->store,
        "INSERT INTO session_zone (session_id, zone, side, state, flag, threshold_kpa, "
        "is_lower_bound, low_kpa, high_kpa, repeats) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        why, sql_text(to->session), sql_text(id), sql_text(side), sql_text(state),
        sql_of_json(json_object_get(zone, "flag")), threshold,
        sql_integer(json_is_true(json_object_get(zone, "threshold_is_lower_bound"))),
        real_of(zone, "threshold_low_kpa"), real_of(zone, "threshold_high_kpa"),
        sql_integer(json_integer_value(json_object_get(zone, "repeats"))));
}

static int put_zones(const struct target *to, const json_t *analysis, struct problem *why)
{
    size_t i, j;
    json_t *foot, *zone;
    json_array_foreach(json_object_get(analysis, "feet"), i, foot)
    {
        const char *side = json_string_value(json_object_get(foot, "side"));
        json_array_foreach(side ? json_object_get(foot, "zones") : NULL, j, zone)
        {
            if (put_zone(to, zone, side, why))
                return -1;
        }
    }
    return 0;
}

static int put_numbers(struct store *store, const char *session, const json_t *analysis,
                       const json_t *sway, struct problem *why)
{
    struct target to = {store, session};
    return STORE_RUN(store, "DELETE FROM session_number WHERE session_id = $1", why,
                     sql_text(session)) ||
                   STORE_RUN(store, "DELETE FROM session_zone WHERE session_id = $1", why,
                             sql_text(session)) ||
                   session_numbers(analysis, sway, put_number, &to, why) ||
                   put_zones(&to, analysis, why)
               ? -1
               : 0;
}

/* --- Adding ---------------------------------------------------------------------------------- */

static int insert(struct store *store, const char *client, const char *id,
                  const struct facts *facts, const struct vault_copy *copy, struct problem *why)
{
    const struct recording_header *h = &facts->header;
    const struct recording_summary *s = &facts->summary;
    char now[24];
    double seconds = (double)(s->last_time_us - s->first_time_us) * 1e-6;
    store_now(now, sizeof now);
    return STORE_RUN(
        store,
        "INSERT INTO session (id, client_id, started_utc, protocol, source, plate_serial, "
        "plate_model, calibration_id, recording_sha256, recording_bytes, duration_s, frames, "
        "lost_frames, software, added_utc, condition) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        why, sql_text(id), sql_text(client), sql_text(h->created_utc), sql_text(h->protocol),
        sql_text(h->source), sql_text(h->device.serial), sql_text(h->device.model),
        sql_text(h->calibration_id), sql_text(copy->hash), sql_integer(copy->bytes),
        sql_real(s->frames.delivered ? seconds : NAN), sql_integer((int64_t)s->frames.delivered),
        sql_integer((int64_t)s->frames.lost), sql_text(h->software), sql_text(now),
        sql_text(h->condition[0] ? h->condition : NULL));
}

/* The session that has this recording already: 1 and its id, 0 when none has, -1 when it is
 * somebody else's. */
static int look_for(struct store *store, const char *client, const char *hash,
                    char id[STORE_ID_SIZE], struct problem *why)
{
    json_t *row = STORE_ONE(store, "SELECT id, client_id FROM session WHERE recording_sha256 = $1",
                            why, sql_text(hash));
    if (!row)
        return -1;
    const char *of = json_string_value(json_object_get(row, "client_id"));
    int found = of ? 1 : 0;
    if (of && strcmp(of, client))
        found = problem_coded(
            why, PROBLEM_CODE_RECORDING_EXISTS, PROBLEM_REFUSED,
            "this recording is in the store already, as one of another person (%s)", of);
    else if (of)
        snprintf(id, STORE_ID_SIZE, "%s", json_string_value(json_object_get(row, "id")));
    json_decref(row);
    return found;
}

int store_announce_recording(struct store *store, const char *hash, struct problem *why)
{
    return STORE_RUN(store,
                     "INSERT INTO erased_recording (sha256) VALUES ($1) "
                     "ON CONFLICT (sha256) DO NOTHING",
                     why, sql_text(hash));
}

/* Within a transaction: nobody tidies up between the file's name and its row. */
static int put_in(struct store *store, const char *client, const struct facts *facts,
                  struct vault_copy *copy, char id[STORE_ID_SIZE], struct problem *why)
{
    int is_there = look_for(store, client, copy->hash, id, why);
    if (is_there < 0 || vault_keep(&store->vault, copy, why) ||
        STORE_RUN(store, "DELETE FROM erased_recording WHERE sha256 = $1", why,
                  sql_text(copy->hash)))
        return -1;
    return is_there ? 0
                    : store_new_id('s', id, why) || insert(store, client, id, facts, copy, why) ||
                          store_set_due(store, client, why);
}

/* What lies in the folder is what was checked: the copy is read, not the file given. */
static int add(struct store *store, const char *client, struct vault_copy *copy,
               const json_t *analysis, const json_t *sway, char id[STORE_ID_SIZE],
               struct problem *why)
{
    struct facts facts = {0};
    char *taken = vault_open_copy(&store->vault, copy, why);
    int bad = !taken || read_facts(taken, &facts, why);
    store_recording_close(taken);
    if (bad || store_announce_recording(store, copy->hash, why) || sql_begin(&store->sql, why))
        return -1;
    bad = put_in(store, client, &facts, copy, id, why) ||
          put_numbers(store, id, analysis, sway, why) ||
          store_log(store, "session-add", client, why);
    bad = sql_end(&store->sql, bad, why);
    struct problem at_tidying; /* of lesser interest: the next store_open tries again */
    if (bad)
        store_finish_erasing(store, &at_tidying);
    return bad;
}

int store_session_add(struct store *store, const char *client, const char *path,
                      const json_t *analysis, const json_t *sway, char id[STORE_ID_SIZE],
                      struct problem *why)
{
    char whole[STORE_ID_SIZE];
    struct vault_copy copy;
    if (store_find_client(store, client, whole, why) || vault_take(&store->vault, path, &copy, why))
        return -1;
    int bad = add(store, whole, &copy, analysis, sway, id, why);
    vault_drop(&copy);
    if (!bad)
        store_arrived(store, path);
    return bad;
}

/* --- Showing --------------------------------------------------------------------------------- */

static json_t *facts_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ONE(
        store,
        "SELECT 'tenderfoot/session/1' AS schema, id AS session, client_id AS client, "
        "started_utc, protocol, condition, source, plate_serial, plate_model, calibration_id, "
        "recording_sha256, recording_bytes, duration_s, frames, lost_frames, "
        "software, added_utc FROM session WHERE id = $1",
        why, sql_text(id));
}

static json_t *numbers_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(store,
                      "SELECT name, side, value, low, high FROM session_number "
                      "WHERE session_id = $1 ORDER BY name, side",
                      why, sql_text(id));
}

static json_t *zones_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(store,
                      "SELECT zone, side, state, flag, threshold_kpa, "
                      "is_lower_bound AS threshold_is_lower_bound, low_kpa AS threshold_low_kpa, "
                      "high_kpa AS threshold_high_kpa, repeats FROM session_zone "
                      "WHERE session_id = $1 ORDER BY zone, side",
                      why, sql_text(id));
}

static json_t *notes_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(store,
                      "SELECT id AS note, at_utc, text FROM note WHERE session_id = $1 "
                      "ORDER BY at_utc, id",
                      why, sql_text(id));
}

json_t *store_session(struct store *store, const char *id, struct problem *why)
{
    static const struct {
        const char *key;
        json_t *(*get)(struct store *store, const char *id, struct problem *why);
    } parts[] = {{"numbers", numbers_of}, {"zones", zones_of}, {"notes", notes_of}};
    char whole[STORE_ID_SIZE];
    json_t *session =
        store_find_session(store, id, whole, why) ? NULL : facts_of(store, whole, why);
    int bad = !session;
    for (size_t i = 0; !bad && i < sizeof parts / sizeof parts[0]; i++) {
        json_t *part = parts[i].get(store, whole, why);
        bad = !part;
        if (part && json_object_set_new(session, parts[i].key, part))
            bad = problem_no_memory(why, "a session's document");
    }
    if (!bad && !store_log(store, "session-show",
                           json_string_value(json_object_get(session, "client")), why))
        return session;
    json_decref(session);
    return NULL;
}

/* --- Lists ----------------------------------------------------------------------------------- */

/* What is asked of sessions: conditions of ours, joined, with their values; none that is not
 * wanted, as a comparison with every row is what a count costs. */
struct asked {
    char where[200];
    struct sql_value values[6]; /* four, and limit and offset */
    int n;
};

static void ask_for(struct asked *asked, const char *condition, const char *value)
{
    size_t at = strlen(asked->where);
    if (!value || !*value)
        return;
    snprintf(asked->where + at, sizeof asked->where - at, " %s %s $%d", asked->n ? "AND" : "WHERE",
             condition, asked->n + 1);
    asked->values[asked->n++] = sql_text(value);
}

static int64_t count_asked(struct store *store, const struct asked *asked, struct problem *why)
{
    char sql[300];
    int64_t all = 0;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM session%s", asked->where);
    return sql_number(&store->sql, sql, asked->values, asked->n, &all, why) < 0 ? -1 : all;
}

/* Newest first. The page is cut from an index alone, from the nearer end of the `all` rows; only
 * its rows are then looked up. */
static json_t *page_asked(struct store *store, const struct asked *asked, int64_t all,
                          const struct store_list *list, struct problem *why)
{
    char sql[1200];
    struct sql_value values[8];
    int64_t limit = list->limit ? list->limit : 100, offset = list->offset;
    int is_old = offset < all && offset > all / 2;
    if (is_old) {
        limit = limit < all - offset ? limit : all - offset;
        offset = all - offset - limit;
    }
    memcpy(values, asked->values, sizeof asked->values);
    values[asked->n] = sql_integer(limit);
    values[asked->n + 1] = sql_integer(offset);
    snprintf(sql, sizeof sql,
             "SELECT session.id AS session, client_id AS client, label, started_utc, protocol, "
             "condition, source, plate_serial, duration_s, frames, lost_frames, "
             "(SELECT count(*) FROM session_zone WHERE session_id = session.id AND "
             "flag = 'attention') AS attention_zones FROM (SELECT id AS picked FROM session%s "
             "ORDER BY started_utc %s, id %s LIMIT $%d OFFSET $%d) AS page "
             "JOIN session ON session.id = picked JOIN client ON client.id = client_id "
             "ORDER BY started_utc DESC, session.id DESC",
             asked->where, is_old ? "ASC" : "DESC", is_old ? "ASC" : "DESC", asked->n + 1,
             asked->n + 2);
    return sql_rows(&store->sql, sql, values, asked->n + 2, why);
}

static int check_list(const struct store_list *list, struct problem *why)
{
    if (list->limit < 0 || list->limit > 1000 || list->offset < 0)
        return problem(why, PROBLEM_USAGE, "limit is 1 to 1000, offset 0 or more");
    if ((list->from && !store_is_day(list->from)) || (list->to && !store_is_day(list->to)))
        return problem(why, PROBLEM_USAGE, "a day like 2026-11-22 is meant");
    return list->protocol ? store_check_text("protocol", list->protocol, 16, 0, why) : 0;
}

json_t *store_sessions(struct store *store, const struct store_list *list, struct problem *why)
{
    char client[STORE_ID_SIZE], to[16] = "";
    if (check_list(list, why) ||
        (list->client && store_find_client(store, list->client, client, why)))
        return NULL;
    const char *of = list->client ? client : NULL;
    struct asked asked = {0};
    if (list->to) /* sorts after each time of the last day */
        snprintf(to, sizeof to, "%sU", list->to);
    ask_for(&asked, "client_id =", of);
    ask_for(&asked, "protocol =", list->protocol);
    ask_for(&asked, "started_utc >=", list->from);
    ask_for(&asked, "started_utc <", to);
    int64_t all = count_asked(store, &asked, why);
    json_t *rows = all < 0 ? NULL : page_asked(store, &asked, all, list, why);
    if (!rows || store_log(store, "session-list", of, why)) {
        json_decref(rows);
        return NULL;
    }
    return store_whole(json_pack("{s:s, s:I, s:o}", "schema", "tenderfoot/sessions/1", "matching",
                                 (json_int_t)all, "sessions", rows),
                       0, why);
}

/* --- Trends ---------------------------------------------------------------------------------- */

static const char zone_prefix[] = "threshold_kpa ";

static json_t *points(struct store *store, const char *client, const char *number,
                      struct problem *why)
{
    size_t n = sizeof zone_prefix - 1, name = strcspn(number, " ");
    char plain[80];
    if (!strncmp(number, zone_prefix, n))
        return STORE_ROWS(store,
                          "SELECT session.id AS session, started_utc, side, threshold_kpa AS "
                          "value, low_kpa AS low, high_kpa AS high, is_lower_bound, state, flag "
                          "FROM session JOIN session_zone ON session_id = session.id "
                          "WHERE client_id = $1 AND zone = $2 ORDER BY started_utc, session.id, "
                          "side",
                          why, sql_text(client), sql_text(number + n));
    snprintf(plain, sizeof plain, "%.*s", (int)name, number);
    return STORE_ROWS(store,
                      "SELECT session.id AS session, started_utc, protocol, condition, side, "
                      "value, low, high, plate_serial, calibration_id FROM session JOIN "
                      "session_number ON session_id = "
                      "session.id WHERE client_id = $1 AND name = $2 AND "
                      "($3 = '' OR COALESCE(condition, 'unstated') = $3) "
                      "ORDER BY started_utc, session.id, side",
                      why, sql_text(client), sql_text(plain),
                      sql_text(number[name] ? number + name + 1 : ""));
}

/* A number, or one of those sessions alone whose condition is told behind it. */
static int is_known(const char *number)
{
    static const char *const conditions[] = {"", " eyes_open", " eyes_closed", " unstated"};
    size_t n = strcspn(number, " ");
    char plain[80];
    if (n >= sizeof plain)
        return 0;
    snprintf(plain, sizeof plain, "%.*s", (int)n, number);
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        if (!strcmp(number + n, conditions[i]))
            return session_number_is_known(plain);
    return 0;
}

json_t *store_trend(struct store *store, const char *client, const char *number,
                    struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (store_check_text("number", number, 100, 0, why))
        return NULL;
    int of_zone = !strncmp(number, zone_prefix, sizeof zone_prefix - 1);
    if (!of_zone && !is_known(number)) {
        char names[400];
        session_number_names(names, sizeof names);
        problem_coded(
            why, PROBLEM_CODE_NUMBER_UNKNOWN, PROBLEM_REFUSED,
            "no session keeps a number '%.30s'; there are %s, and of a zone \"threshold_kpa "
            "P07\"",
            number, names);
        return NULL;
    }
    if (store_find_client(store, client, whole, why))
        return NULL;
    json_t *rows = points(store, whole, number, why);
    if (!rows || store_log(store, "session-trend", whole, why)) {
        json_decref(rows);
        return NULL;
    }
    /* Presses differ by place, tool and ramp: two of a day are no repeats of one another. */
    json_t *repeats = of_zone ? json_array() : trend_errors(rows, why);
    if (!repeats || (of_zone && trend_errors_own(rows))) {
        json_decref(repeats);
        json_decref(rows);
        return store_whole(NULL, 1, why);
    }
    return store_whole(json_pack("{s:s, s:s, s:s, s:o, s:o}", "schema", "tenderfoot/trend/1",
                                 "client", whole, "number", number, "repeatability", repeats,
                                 "points", rows),
                       0, why);
}

int store_newest_session(struct store *store, const char *client, const char *since,
                         char id[STORE_ID_SIZE], struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (store_find_client(store, client, whole, why))
        return -1;
    char *found = sql_string(&store->sql,
                             "SELECT id FROM session WHERE client_id = $1 AND added_utc >= $2 "
                             "ORDER BY started_utc DESC, id DESC LIMIT 1",
                             STORE_VALUES(sql_text(whole), sql_text(since)), why);
    if (!found)
        return why->kind ? -1 : 0;
    snprintf(id, STORE_ID_SIZE, "%s", found);
    free(found);
    return 1;
}

/* --- The recording --------------------------------------------------------------------------- */

char *store_recording_path(struct store *store, const char *session, struct problem *why)
{
    char whole[STORE_ID_SIZE], *path = NULL;
    if (store_find_session(store, session, whole, why))
        return NULL;
    char *hash = sql_string(&store->sql, "SELECT recording_sha256 FROM session WHERE id = $1",
                            (struct sql_value[]){sql_text(whole)}, 1, why);
    if (!hash) {
        if (!why->kind)
            problem_coded(why, PROBLEM_CODE_SESSION_UNKNOWN, PROBLEM_REFUSED,
                          "there is no session %s any more", whole);
        return NULL;
    }
    int found = vault_open(&store->vault, hash, &path, why);
    if (!found)
        problem_coded(
            why, PROBLEM_CODE_RECORDING_AWAY, PROBLEM_REFUSED,
            "the recording of %s is not in %s: the folder of the station that made it, or a "
            "backup, has it",
            whole, store->data);
    free(hash);
    return path;
}

void store_recording_done(const char *path)
{
    vault_close(path);
}

void store_recording_close(char *path)
{
    vault_close(path);
    free(path);
}
