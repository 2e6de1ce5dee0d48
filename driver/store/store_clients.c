/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People: what is known of them, to what they agreed, what was noted. */
#include "driver/store/store_private.h"

#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 400, NOTES_MAX = 65536, DOCUMENT_MAX = 1 << 20 };

/* --- What may come in ------------------------------------------------------------------------ */

enum kind { A_TEXT, A_LINE, A_WHOLE, A_DAY, A_SEX };

static const struct field {
    const char *key, *set; /* its statement: never made from what came in */
    enum kind kind;
    int least, most; /* bytes of a text, bounds of a number */
} fields[] = {
    {"label", "UPDATE client SET label = $2 WHERE id = $1", A_LINE, 1, LABEL_MAX},
    {"birth_year", "UPDATE client SET birth_year = $2 WHERE id = $1", A_WHOLE, 1890, 2100},
    {"sex", "UPDATE client SET sex = $2 WHERE id = $1", A_SEX, 0, 0},
    {"language", "UPDATE client SET language = $2 WHERE id = $1", A_LINE, 2, 35},
    {"notes", "UPDATE client SET notes = $2 WHERE id = $1", A_TEXT, 0, NOTES_MAX},
    {"keep_until", "UPDATE client SET keep_until = $2 WHERE id = $1", A_DAY, 0, 0},
    {"keep_years", "UPDATE client SET keep_years = $2 WHERE id = $1", A_WHOLE, 0, 100},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static const struct field *field_of(const char *key)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (!strcmp(fields[i].key, key))
            return &fields[i];
    return NULL;
}

static int check_number(const struct field *field, const json_t *value, struct problem *why)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < field->least || number > field->most)
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                             "%s: a whole number of %d to %d is meant", field->key, field->least,
                             field->most);
    return 0;
}

static int check_value(const struct field *field, const json_t *value, struct problem *why)
{
    const char *text = json_string_value(value);
    if (json_is_null(value))
        return strcmp(field->key, "label")
                   ? 0
                   : problem_coded(why, PROBLEM_CODE_PERSON_NAMELESS, PROBLEM_REFUSED,
                                   "label: a person needs one");
    if (field->kind == A_WHOLE)
        return check_number(field, value, why);
    if (!text)
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED, "%s: a text is meant",
                             field->key);
    if (field->kind == A_SEX && strcmp(text, "female") && strcmp(text, "male") &&
        strcmp(text, "other"))
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                             "sex: female, male or other is meant");
    if (field->kind == A_DAY && !store_is_day(text))
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                             "%s: a day like 2036-11-22 is meant", field->key);
    if (field->kind != A_LINE && field->kind != A_TEXT)
        return 0;
    if (strlen(text) < (size_t)field->least)
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED, "%s: it is too short",
                             field->key);
    return store_check_text(field->key, text, (size_t)field->most, field->kind == A_TEXT, why);
}

static int check_person(const json_t *person, struct problem *why)
{
    const char *key;
    json_t *value;
    if (!json_is_object(person))
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                             "a person is a JSON object");
    json_object_foreach((json_t *)person, key, value)
    {
        const struct field *field = field_of(key);
        if (!field)
            return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                                 "a person has no '%.40s'", key);
        if (check_value(field, value, why))
            return -1;
    }
    return 0;
}

/* --- Adding and changing --------------------------------------------------------------------- */

static int set_label_key(struct store *store, const char *id, const char *label,
                         struct problem *why)
{
    char *folded = store_fold(label);
    int bad = folded ? STORE_RUN(store, "UPDATE client SET label_key = $2 WHERE id = $1", why,
                                 sql_text(id), sql_text(folded))
                     : problem_no_memory(why, "a label");
    free(folded);
    return bad;
}

static int set_fields(struct store *store, const char *id, const json_t *person,
                      struct problem *why)
{
    char now[24];
    const char *key;
    json_t *value;
    store_now(now, sizeof now);
    json_object_foreach((json_t *)person, key, value)
    {
        if (STORE_RUN(store, field_of(key)->set, why, sql_text(id), sql_of_json(value)))
            return -1;
        if (!strcmp(key, "label") && set_label_key(store, id, json_string_value(value), why))
            return -1;
    }
    return STORE_RUN(store, "UPDATE client SET changed_utc = $2 WHERE id = $1", why, sql_text(id),
                     sql_text(now)) ||
                   store_set_due(store, id, why)
               ? -1
               : 0;
}

/* keep_until holds when it is there; else keep_years after the last session, or after the day the
 * person was added. */
int store_set_due(struct store *store, const char *id, struct problem *why)
{
    char due[11] = "";
    json_t *facts = STORE_ONE(store,
                              "SELECT keep_until, keep_years, COALESCE((SELECT max(started_utc) "
                              "FROM session WHERE client_id = $1), created_utc) AS last "
                              "FROM client WHERE id = $1",
                              why, sql_text(id));
    if (!facts)
        return -1;
    const char *until = json_string_value(json_object_get(facts, "keep_until"));
    const char *last = json_string_value(json_object_get(facts, "last"));
    const json_t *years = json_object_get(facts, "keep_years");
    char day[11];
    snprintf(day, sizeof day, "%.10s", last ? last : "");
    if (until)
        snprintf(due, sizeof due, "%.10s", until);
    else if (json_is_integer(years))
        store_move_day(day, 0, (int)json_integer_value(years), due);
    int bad = STORE_RUN(store, "UPDATE client SET due_on = $2 WHERE id = $1", why, sql_text(id),
                        sql_text(*due ? due : NULL));
    json_decref(facts);
    return bad;
}

int store_client_add(struct store *store, const json_t *person, char id[STORE_ID_SIZE],
                     struct problem *why)
{
    char now[24];
    if (check_person(person, why))
        return -1;
    if (!json_object_get(person, "label"))
        return problem_coded(why, PROBLEM_CODE_PERSON_NAMELESS, PROBLEM_REFUSED,
                             "label: a person needs one");
    store_now(now, sizeof now);
    if (store_new_id('p', id, why) || sql_begin(&store->sql, why))
        return -1;
    int bad = STORE_RUN(store,
                        "INSERT INTO client (id, label, label_key, created_utc, changed_utc) "
                        "VALUES ($1, '', '', $2, $2)",
                        why, sql_text(id), sql_text(now)) ||
              set_fields(store, id, person, why) || store_log(store, "client-add", id, why);
    return sql_end(&store->sql, bad, why);
}

int store_client_edit(struct store *store, const char *id, const json_t *changes,
                      struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (check_person(changes, why) || store_find_client(store, id, whole, why) ||
        sql_begin(&store->sql, why))
        return -1;
    int bad = set_fields(store, whole, changes, why) || store_log(store, "client-edit", whole, why);
    return sql_end(&store->sql, bad, why);
}

/* --- Consent, screenings, notes -------------------------------------------------------------- */

static int check_purpose(const char *purpose, struct problem *why)
{
    static const char *const known[] = {"recording", "storing", "sharing", "research"};
    for (size_t i = 0; purpose && i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(known[i], purpose))
            return 0;
    return problem_coded(why, PROBLEM_CODE_PURPOSE_UNKNOWN, PROBLEM_REFUSED,
                         "consent to '%.40s': recording, storing, sharing or "
                         "research is meant",
                         purpose ? purpose : "");
}

int store_consent_give(struct store *store, const char *id, const char *purpose, const char *words,
                       struct problem *why)
{
    char whole[STORE_ID_SIZE], own[STORE_ID_SIZE], now[24];
    if (check_purpose(purpose, why) ||
        (words && store_check_text("words", words, NOTES_MAX, 1, why)) ||
        store_find_client(store, id, whole, why) || store_new_id('c', own, why) ||
        sql_begin(&store->sql, why))
        return -1;
    store_now(now, sizeof now);
    int bad = STORE_RUN(store,
                        "INSERT INTO consent (id, client_id, purpose, words, given_utc) "
                        "VALUES ($1, $2, $3, $4, $5)",
                        why, sql_text(own), sql_text(whole), sql_text(purpose), sql_text(words),
                        sql_text(now)) ||
              store_log(store, "consent-give", whole, why);
    return sql_end(&store->sql, bad, why);
}

/* How many, or -1. */
static int64_t consents_in_force(struct store *store, const char *id, const char *purpose,
                                 struct problem *why)
{
    int64_t n = 0;
    const struct sql_value of[] = {sql_text(id), sql_text(purpose)};
    return sql_number(&store->sql,
                      "SELECT count(*) FROM consent WHERE client_id = $1 AND purpose = $2 "
                      "AND withdrawn_utc IS NULL",
                      of, 2, &n, why) < 0
               ? -1
               : n;
}

int store_has_consent(struct store *store, const char *id, const char *purpose,
                      char whole[STORE_ID_SIZE], struct problem *why)
{
    if (check_purpose(purpose, why) || store_find_client(store, id, whole, why))
        return -1;
    int64_t n = consents_in_force(store, whole, purpose, why);
    return n < 0 ? -1 : n > 0;
}

static int withdraw(struct store *store, const char *id, const char *purpose, struct problem *why)
{
    char now[24];
    int64_t n = consents_in_force(store, id, purpose, why);
    if (n < 0)
        return -1;
    if (!n)
        return problem_coded(why, PROBLEM_CODE_NO_SUCH_CONSENT, PROBLEM_REFUSED,
                             "no consent to %s is in force", purpose);
    store_now(now, sizeof now);
    return STORE_RUN(store,
                     "UPDATE consent SET withdrawn_utc = $3 WHERE client_id = $1 AND purpose = $2 "
                     "AND withdrawn_utc IS NULL",
                     why, sql_text(id), sql_text(purpose), sql_text(now)) ||
           store_log(store, "consent-withdraw", id, why);
}

int store_consent_withdraw(struct store *store, const char *id, const char *purpose,
                           struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (check_purpose(purpose, why) || store_find_client(store, id, whole, why) ||
        sql_begin(&store->sql, why))
        return -1;
    return sql_end(&store->sql, withdraw(store, whole, purpose, why), why);
}

static int add_screening(struct store *store, const char *id, const char *day, const char *text,
                         struct problem *why)
{
    char own[STORE_ID_SIZE];
    if (strlen(text) > DOCUMENT_MAX)
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "the screening is larger than 1 MiB");
    if (store_new_id('q', own, why) || sql_begin(&store->sql, why))
        return -1;
    int bad = STORE_RUN(store,
                        "INSERT INTO screening (id, client_id, day, document) "
                        "VALUES ($1, $2, $3, $4)",
                        why, sql_text(own), sql_text(id), sql_text(day), sql_text(text)) ||
              store_log(store, "screening-add", id, why);
    return sql_end(&store->sql, bad, why);
}

int store_screening_add(struct store *store, const char *id, const json_t *screening,
                        struct problem *why)
{
    char whole[STORE_ID_SIZE], day[11];
    const char *schema = json_string_value(json_object_get(screening, "schema"));
    const char *said = json_string_value(json_object_get(screening, "date"));
    if (!schema || strcmp(schema, "tenderfoot/screening/1"))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "a tenderfoot/screening/1 document is meant");
    store_day(store, day);
    char said_day[11] = ""; /* a screening's date has the time of day behind it */
    snprintf(said_day, sizeof said_day, "%.10s", said ? said : "");
    if (said && (!store_is_day(said_day) || (said[10] && said[10] != 'T')))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "the screening's date is no day like 2026-11-22");
    if (store_find_client(store, id, whole, why))
        return -1;
    char *text = json_dumps(screening, JSON_COMPACT | JSON_REAL_PRECISION(12));
    int bad = text ? add_screening(store, whole, said ? said_day : day, text, why)
                   : problem_no_memory(why, "a screening");
    free(text);
    return bad;
}

/* Rows know the day only: the document says when. A text that is none is the newest: it is told. */
static json_t *newest_of(const json_t *rows)
{
    json_t *newest = json_null(), *row;
    const char *newest_date = "";
    size_t i;
    json_array_foreach(rows, i, row)
    {
        json_t *document = json_loads(json_string_value(json_object_get(row, "document")), 0, NULL);
        const char *date = json_string_value(json_object_get(document, "date"));
        if (document && strcmp(date ? date : "", newest_date) < 0) {
            json_decref(document);
            continue;
        }
        json_decref(newest);
        newest = document;
        newest_date = date ? date : "";
        if (!document)
            break;
    }
    return newest;
}

json_t *store_newest_screening(struct store *store, const char *id, const char *day,
                               struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (store_find_client(store, id, whole, why))
        return NULL;
    json_t *rows = STORE_ROWS(store,
                              "SELECT document FROM screening WHERE client_id = $1 AND "
                              "substr(day, 1, 10) = $2",
                              why, sql_text(whole), sql_text(day));
    json_t *newest = rows ? newest_of(rows) : NULL;
    if (rows && !newest)
        problem(why, PROBLEM_FAILED, "a screening of %s cannot be read: ask again", whole);
    json_decref(rows);
    return newest;
}

static int check_not_empty(const char *note, struct problem *why)
{
    if (note[strspn(note, " \t\n")])
        return 0;
    return problem_coded(why, PROBLEM_CODE_NOTE_EMPTY, PROBLEM_REFUSED,
                         "note: it is empty; write something, or leave it");
}

int store_note_add(struct store *store, const char *id, const char *session, const char *text,
                   struct problem *why)
{
    char whole[STORE_ID_SIZE], of[STORE_ID_SIZE], own[STORE_ID_SIZE], now[24];
    int64_t n = 1;
    if (store_check_text("note", text, NOTES_MAX, 1, why) || check_not_empty(text, why) ||
        store_find_client(store, id, whole, why) ||
        (session && store_find_session(store, session, of, why)) || store_new_id('n', own, why))
        return -1;
    if (session &&
        sql_number(&store->sql, "SELECT count(*) FROM session WHERE id = $1 AND client_id = $2",
                   (struct sql_value[]){sql_text(of), sql_text(whole)}, 2, &n, why) < 0)
        return -1;
    if (!n)
        return problem_coded(why, PROBLEM_CODE_SESSION_OF_ANOTHER, PROBLEM_REFUSED,
                             "session %s is not one of %s", of, whole);
    store_now(now, sizeof now);
    if (sql_begin(&store->sql, why))
        return -1;
    int bad = STORE_RUN(store,
                        "INSERT INTO note (id, client_id, session_id, at_utc, text) "
                        "VALUES ($1, $2, $3, $4, $5)",
                        why, sql_text(own), sql_text(whole), sql_text(session ? of : NULL),
                        sql_text(now), sql_text(text)) ||
              store_log(store, "note-add", whole, why);
    return sql_end(&store->sql, bad, why);
}

/* --- Showing --------------------------------------------------------------------------------- */

static json_t *screenings(struct store *store, const char *id, struct problem *why)
{
    json_t *rows = STORE_ROWS(store,
                              "SELECT id AS screening, day, document FROM screening "
                              "WHERE client_id = $1 ORDER BY day, id",
                              why, sql_text(id)),
           *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *text = json_string_value(json_object_get(row, "document"));
        json_t *document = text ? json_loads(text, 0, NULL) : NULL;
        json_object_set_new(row, "document", document ? document : json_null());
    }
    return rows;
}

static json_t *facts_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ONE(store,
                     "SELECT 'tenderfoot/client/1' AS schema, id AS client, label, birth_year, "
                     "sex, language, notes, keep_until, keep_years, due_on, created_utc, "
                     "changed_utc FROM client WHERE id = $1",
                     why, sql_text(id));
}

static json_t *consents_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(store,
                      "SELECT purpose, words, given_utc, withdrawn_utc FROM consent "
                      "WHERE client_id = $1 ORDER BY given_utc, id",
                      why, sql_text(id));
}

static json_t *notes_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(store,
                      "SELECT id AS note, session_id AS session, at_utc, text FROM note "
                      "WHERE client_id = $1 ORDER BY at_utc, id",
                      why, sql_text(id));
}

static json_t *sessions_of(struct store *store, const char *id, struct problem *why)
{
    return STORE_ROWS(
        store,
        "SELECT id AS session, started_utc, protocol, condition, plate_serial, duration_s, "
        "recording_sha256 FROM session WHERE client_id = $1 "
        "ORDER BY started_utc, id",
        why, sql_text(id));
}

json_t *store_client(struct store *store, const char *id, struct problem *why)
{
    static const struct {
        const char *key;
        json_t *(*get)(struct store *store, const char *id, struct problem *why);
    } parts[] = {{"consents", consents_of},
                 {"screenings", screenings},
                 {"dated_notes", notes_of},
                 {"sessions", sessions_of}};
    char whole[STORE_ID_SIZE];
    if (store_find_client(store, id, whole, why) || store_log(store, "client-show", whole, why))
        return NULL;
    json_t *client = facts_of(store, whole, why);
    int bad = !client;
    for (size_t i = 0; !bad && i < sizeof parts / sizeof parts[0]; i++) {
        json_t *part = parts[i].get(store, whole, why);
        bad = !part;
        if (part && json_object_set_new(client, parts[i].key, part))
            bad = problem_no_memory(why, "a person's document");
    }
    if (!bad)
        return client;
    json_decref(client);
    return NULL;
}

/* --- Listing --------------------------------------------------------------------------------- */

/* The page is cut first; only for its people are the sessions counted. */
#define LISTED(which, order)                                                                       \
    "SELECT id AS client, label, birth_year, sex, language, due_on, "                              \
    "(SELECT count(*) FROM session WHERE client_id = client.id) AS sessions, "                     \
    "(SELECT max(started_utc) FROM session WHERE client_id = client.id) AS last_session_utc "      \
    "FROM (SELECT id AS picked FROM client WHERE " which " ORDER BY " order                        \
    " LIMIT $2 OFFSET $3) AS page JOIN client ON id = picked ORDER BY " order

static json_t *wrap(const char *schema, const char *key, json_t *rows, int64_t all,
                    struct problem *why)
{
    json_t *document = rows ? json_pack("{s:s, s:I, s:O}", "schema", schema, "matching",
                                        (json_int_t)all, key, rows)
                            : NULL;
    if (rows && !document)
        problem_no_memory(why, "a list");
    json_decref(rows);
    return document;
}

static const struct listing {
    const char *count, *rows;
} plain_list = {"SELECT count(*) FROM client WHERE label_key LIKE $1 ESCAPE '\\'",
                LISTED("label_key LIKE $1 ESCAPE '\\'", "label_key, id")},
  due_list = {"SELECT count(*) FROM client WHERE label_key LIKE $1 ESCAPE '\\' AND due_on <= $2",
              LISTED("label_key LIKE $1 ESCAPE '\\' AND due_on <= $4", "due_on, label_key, id")};

static json_t *list_clients(struct store *store, const char *pattern, const char *due,
                            const struct store_list *list, struct problem *why)
{
    const struct listing *queries = due ? &due_list : &plain_list;
    const struct sql_value of[] = {sql_text(pattern), sql_text(due)};
    const struct sql_value page[] = {sql_text(pattern),
                                     sql_integer(list->limit ? list->limit : 100),
                                     sql_integer(list->offset), sql_text(due)};
    int64_t all = 0;
    if (sql_number(&store->sql, queries->count, of, due ? 2 : 1, &all, why) < 0)
        return NULL;
    return wrap("tenderfoot/clients/1", "clients",
                sql_rows(&store->sql, queries->rows, page, due ? 4 : 3, why), all, why);
}

/* Of all people, whomever the list shows. */
static int put_due(struct store *store, const char *day, json_t *list, struct problem *why)
{
    static const char *const queries[] = {
        "SELECT count(*) FROM client WHERE due_on <= $1",
        "SELECT count(*) FROM session JOIN client ON client.id = client_id WHERE due_on <= $1"};
    static const char *const keys[] = {"due_people", "due_recordings"};
    for (int i = 0; i < 2; i++) {
        int64_t n = 0;
        if (sql_number(&store->sql, queries[i], (struct sql_value[]){sql_text(day)}, 1, &n, why) <
            0)
            return -1;
        if (json_object_set_new(list, keys[i], json_integer((json_int_t)n)))
            return problem_no_memory(why, "a list");
    }
    return 0;
}

json_t *store_clients(struct store *store, const struct store_list *list, struct problem *why)
{
    char day[11];
    if (list->limit < 0 || list->limit > 1000 || list->offset < 0) {
        problem(why, PROBLEM_USAGE, "limit is 1 to 1000, offset 0 or more");
        return NULL;
    }
    if (list->search && store_check_text("search", list->search, LABEL_MAX, 0, why))
        return NULL;
    store_day(store, day);
    char *pattern = store_fold_pattern(list->search ? list->search : "");
    if (!pattern) {
        problem_no_memory(why, "a search");
        return NULL;
    }
    json_t *found = list_clients(store, pattern, list->due ? day : NULL, list, why);
    free(pattern);
    if (found && put_due(store, day, found, why)) {
        json_decref(found);
        return NULL;
    }
    if (found && store_log(store, "client-list", NULL, why)) {
        json_decref(found);
        return NULL;
    }
    return found;
}
