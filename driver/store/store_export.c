/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything of one person, for the person (or whoever the person names) to take away. */
#include "driver/recording_header.h"
#include "driver/recording_output.h"
#include "driver/store/store_folder.h"
#include "driver/store/store_private.h"
#include "driver/store/vault.h"
#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What takes the place of what tells who it is. */
struct disguise {
    int is_on, days; /* all of the person's days move by so many */
    char code[STORE_ID_SIZE];
};

static const char readme[] =
    "This folder holds everything that a tenderfoot station kept of one person.\n\n"
    "client.json        facts, consents, screenings, notes (tenderfoot/client/1)\n"
    "sessions.json      each session: facts, numbers, pressed zones, notes (tenderfoot/session/1)\n"
    "access.json        when the records were accessed, and for what (not by whom: a code)\n"
    "recordings/        what the plate sent, one file a session, named by the session\n"
    "missing.json       only where a recording could not be had: of which session, and why\n\n"
    "The JSON files are UTF-8 text; units stand in the keys (kpa, n, mm, cm2, s). A recording is "
    "read by `tenderfoot analyze FILE`; its format is public (driver/RECORDING.md of tenderfoot).\n"
    "Not a medical device. Nothing here is a medical finding.\n";
static const char readme_pseudonymous[] =
    "This folder holds the sessions of one person without what tells who it is.\n\n"
    "client.json        birth year to five years, sex, answers of screenings\n"
    "sessions.json      each session: facts, numbers, pressed zones (tenderfoot/session/1)\n"
    "recordings/        what the plate sent, one file a session, named by the session\n\n"
    "Id and label are a code that only this folder uses. All days are moved by the same number of "
    "days, so that intervals are right, and times of day are left out. Free texts are left out. "
    "Plate and calibration are named: no number can be judged without them. Feet can be "
    "recognised: treat these data as personal all the same.\n"
    "Not a medical device. Nothing here is a medical finding.\n";

/* --- Days ------------------------------------------------------------------------------------ */

static int draw_disguise(struct disguise *disguise, struct problem *why)
{
    unsigned short random;
    disguise->is_on = 1;
    if (store_new_id('x', disguise->code, why) || store_random(&random, sizeof random, why))
        return -1;
    disguise->days = -(30 + random % 700); /* into the past: nothing lies in the future */
    return 0;
}

static void move_utc(const char *utc, int days, char moved[24])
{
    char day[11], to[11];
    snprintf(day, sizeof day, "%.10s", utc);
    store_move_day(day, days, 0, to);
    snprintf(moved, 24, "%sT00:00:00Z", to);
}

/* Each member of this name, at whatever depth: days moved, times of day dropped. */
static int move_days(json_t *document, const struct disguise *disguise)
{
    static const char *const keys[] = {"started_utc", "added_utc",     "created_utc", "changed_utc",
                                       "given_utc",   "withdrawn_utc", "day",         "at_utc"};
    const char *key;
    json_t *value;
    size_t i;
    json_array_foreach(document, i, value)
    {
        if (move_days(value, disguise))
            return -1;
    }
    for (i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *old = json_string_value(json_object_get(document, keys[i]));
        char moved[24];
        if (!old)
            continue;
        move_utc(old, disguise->days, moved);
        if (!strcmp(keys[i], "day"))
            moved[10] = '\0';
        if (json_object_set_new(document, keys[i], json_string(moved)))
            return -1;
    }
    json_object_foreach(document, key, value)
    {
        if ((json_is_object(value) || json_is_array(value)) && move_days(value, disguise))
            return -1;
    }
    return 0;
}

/* --- Documents ------------------------------------------------------------------------------- */

static void drop_keys(json_t *object, const char *const *keys)
{
    for (; *keys; keys++)
        json_object_del(object, *keys);
}

/* A word of a choice or a number, no date and no sentence. */
static int is_a_choice(const json_t *value)
{
    return !json_is_string(value) || strlen(json_string_value(value)) <= 8;
}

/* {"answer": "slight", "side": "left", "places": [...], "doctor": {...}}: the doctor goes. */
static void disguise_answer(json_t *answer)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(answer, next, key, value)
    {
        int stays = !strcmp(key, "answer") || !strcmp(key, "side") || !strcmp(key, "places");
        if (!stays || !is_a_choice(value))
            json_object_del(answer, key);
    }
}

/* Of a screening the answers stay: yes, no and numbers; what somebody wrote does not. */
static void disguise_screening(json_t *row)
{
    static const char *const said[] = {"person", "operator", "date", NULL};
    json_t *document = json_object_get(row, "document"), *answers, *value;
    const char *key;
    void *next;
    drop_keys(document, said);
    answers = json_object_get(document, "answers");
    json_object_foreach_safe(answers, next, key, value)
    {
        disguise_answer(value);
        if (!is_a_choice(value))
            json_object_del(answers, key);
    }
    json_object_foreach_safe(document, next, key, value)
    {
        if (strcmp(key, "schema") && strcmp(key, "sex") && strcmp(key, "answers"))
            json_object_del(document, key);
    }
    json_object_del(row, "screening");
}

static int disguise_client(json_t *client, const struct disguise *disguise)
{
    static const char *const told[] = {"label",       "notes",       "dated_notes", "keep_until",
                                       "keep_years",  "due_on",      "language",    "sessions",
                                       "created_utc", "changed_utc", NULL};
    json_t *row, *year = json_object_get(client, "birth_year");
    size_t i;
    drop_keys(client, told);
    json_array_foreach(json_object_get(client, "consents"), i, row)
    {
        json_object_del(row, "words");
    }
    json_array_foreach(json_object_get(client, "screenings"), i, row)
    {
        disguise_screening(row);
    }
    if (json_is_integer(year) &&
        json_object_set_new(client, "birth_year", json_integer(json_integer_value(year) / 5 * 5)))
        return -1;
    return json_object_set_new(client, "client", json_string(disguise->code)) ||
                   move_days(client, disguise)
               ? -1
               : 0;
}

static int disguise_session(json_t *session, const struct disguise *disguise, size_t number)
{
    static const char *const told[] = {"notes", "added_utc", "recording_sha256", "recording_bytes",
                                       NULL};
    drop_keys(session, told);
    return json_object_set_new(session, "client", json_string(disguise->code)) ||
                   json_object_set_new(session, "session",
                                       json_sprintf("%s-%zu", disguise->code, number)) ||
                   move_days(session, disguise)
               ? -1
               : 0;
}

/* --- Recordings ------------------------------------------------------------------------------ */

static char *disguised_header(const char *json, const struct disguise *disguise,
                              struct problem *why)
{
    struct recording_header header;
    if (recording_header_parse(json, &header, why))
        return NULL;
    char moved[24];
    move_utc(header.created_utc, disguise->days, moved);
    snprintf(header.created_utc, sizeof header.created_utc, "%s", moved);
    snprintf(header.client, sizeof header.client, "%s", disguise->code);
    header.device.uri[0] = '\0'; /* may name a file of a person's */
    return recording_header_format(&header, why);
}

/* What another maker's file said of itself goes: names of measurements, dates, folders. */
static void forget_file(json_t *annotation)
{
    const char *import = json_string_value(json_object_get(annotation, "import")), *key;
    json_t *value;
    void *next;
    if (!import || strcmp(import, "file"))
        return;
    json_object_foreach_safe(annotation, next, key, value)
    {
        if (strcmp(key, "import"))
            json_object_del(annotation, key);
    }
}

/* Members of an annotation that somebody wrote, or that tell who and when. NULL: no JSON, or no
 * memory; it is then left out. */
static char *disguised_annotation(const struct wire_message *message)
{
    static const char *const written[] = {"label", "person", "operator", "date", "text",
                                          "why",   "name",   "reasons",  NULL};
    json_t *all = json_loadb((const char *)message->payload, message->payload_len, 0, NULL), *part;
    const char *key;
    size_t i;
    json_t *note;
    json_object_foreach(all, key, part)
    {
        if (!strcmp(key, "subject") || !strcmp(key, "note") || !strcmp(key, "exclude") ||
            !strcmp(key, "stopped") || !strcmp(key, "screening"))
            drop_keys(part, written);
        json_array_foreach(part, i, note)
        {
            if (json_is_object(note))
                drop_keys(note, written);
        }
    }
    forget_file(all);
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(all);
    return text;
}

static int write_item(struct recording_writer *writer, const struct recording_item *item,
                      struct problem *why)
{
    struct wire_message message = item->message;
    if (message.type != WIRE_ANNOTATION)
        return recording_append(writer, item->bytes, item->size, item->host_time_us, why);
    char *text = disguised_annotation(&message);
    if (!text)
        return 0;
    message.payload = (const uint8_t *)text;
    message.payload_len = (uint32_t)strlen(text);
    int bad = recording_append_message(writer, &message, item->host_time_us, why);
    free(text);
    return bad;
}

static int write_messages(struct recording *from, struct recording_output *out, struct problem *why)
{
    struct recording_item item;
    int got;
    while ((got = recording_next(from, &item, why)) > 0)
        if (write_item(out->writer, &item, why))
            return -1;
    return got;
}

static int disguise_recording(const char *from, const char *to, const struct disguise *disguise,
                              struct problem *why)
{
    struct recording_output out;
    size_t n = 0;
    struct recording *original = recording_open(from, why);
    if (!original)
        return -1;
    const void *calibration = recording_calibration(original, &n);
    const char *json = recording_header(original);
    char *header = json ? disguised_header(json, disguise, why) : NULL;
    int bad = header ? recording_output_begin(&out, to, header, calibration, n, why)
              : json ? -1
                     : problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                                     "%s: its header is damaged", from);
    if (!bad) {
        bad = write_messages(original, &out, why);
        if (bad)
            recording_output_abort(&out);
        else
            bad = recording_output_finish(&out, why);
    }
    free(header);
    recording_close(original);
    return bad;
}

/* --- Into a folder --------------------------------------------------------------------------- */

static int copy_bytes(FILE *in, FILE *out)
{
    char block[1 << 14];
    size_t n;
    while ((n = fread(block, 1, sizeof block, in)))
        if (fwrite(block, 1, n, out) != n)
            return -1;
    return ferror(in) ? -1 : 0;
}

static int plain_copy(const char *from, const char *to, struct problem *why)
{
    FILE *in = fopen(from, "rbe"), *out = in ? fopen(to, "wbxe") : NULL;
    int bad = !out || fchmod(fileno(out), 0600) || copy_bytes(in, out);
    if (in)
        fclose(in);
    if (out && fclose(out))
        bad = 1;
    return bad ? problem(why, PROBLEM_FAILED, "%s cannot be copied to %s: %m", from, to) : 0;
}

static int text_into_folder(void *context, const char *name, const char *text, struct problem *why)
{
    return folder_write_text(context, name, text, why);
}

static int file_into_folder(void *context, const char *name, const char *from, struct problem *why)
{
    char *to;
    if (asprintf(&to, "%s/%s", (const char *)context, name) < 0)
        return problem_no_memory(why, "a file's name");
    int bad = plain_copy(from, to, why);
    free(to);
    return bad;
}

/* --- One file after the other ---------------------------------------------------------------- */

struct exporting {
    struct store *store;
    const struct store_sink *sink;
    const char *folder; /* that the sink writes into; a disguise needs one */
    struct disguise disguise;
    json_t *sessions, *missing;
};

static int put_json(const struct exporting *e, const char *name, const json_t *document,
                    struct problem *why)
{
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    int bad = text ? e->sink->text(e->sink->context, name, text, why)
                   : problem_no_memory(why, "a JSON document");
    free(text);
    return bad;
}

static int note_missing(const struct exporting *e, const char *name, const struct problem *reason)
{
    return json_array_append_new(
        e->missing, json_pack("{s:s, s:s}", "session", name, "why",
                              e->disguise.is_on ? "missing or damaged" : reason->text));
}

static int put_file(const struct exporting *e, const char *name, const char *from,
                    struct problem *why)
{
    char *to;
    if (!e->disguise.is_on)
        return e->sink->file(e->sink->context, name, from, why);
    if (asprintf(&to, "%s/%s", e->folder, name) < 0)
        return problem_no_memory(why, "a recording's name");
    int bad = disguise_recording(from, to, &e->disguise, why);
    free(to);
    return bad;
}

static int put_recording(const struct exporting *e, const char *session, const char *name,
                         struct problem *why)
{
    struct problem at_look;
    char *from = store_recording_path(e->store, session, &at_look), *to = NULL;
    if (!from)
        return note_missing(e, name, &at_look) ? problem_no_memory(why, "an export") : 0;
    int bad = asprintf(&to, "recordings/%s.tfr", name) < 0;
    if (bad) {
        to = NULL;
        problem_no_memory(why, "a recording's name");
    }
    bad = bad || put_file(e, to, from, why);
    free(to);
    store_recording_close(from);
    return bad ? -1 : 0;
}

int store_recording_copy(struct store *store, const char *session, const char *path,
                         struct problem *why)
{
    char *from = store_recording_path(store, session, why);
    int bad = !from || plain_copy(from, path, why);
    store_recording_close(from);
    return bad ? -1 : 0;
}

static int put_session(struct exporting *e, const char *id, size_t number, struct problem *why)
{
    json_t *session = store_session(e->store, id, why);
    if (!session)
        return -1;
    int bad = e->disguise.is_on && disguise_session(session, &e->disguise, number);
    const char *name = json_string_value(json_object_get(session, "session"));
    if (bad || !name || json_array_append(e->sessions, session))
        bad = problem_no_memory(why, "a session's document");
    bad = bad || put_recording(e, id, name, why);
    json_decref(session);
    return bad ? -1 : 0;
}

static int put_sessions(struct exporting *e, const json_t *rows, struct problem *why)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (put_session(e, json_string_value(json_object_get(json_array_get(rows, i), "session")),
                        i + 1, why))
            return -1;
    if (json_array_size(e->missing) && put_json(e, "missing.json", e->missing, why))
        return -1;
    return put_json(e, "sessions.json", e->sessions, why);
}

static int put_access(struct exporting *e, const char *id, struct problem *why)
{
    char whom[17];
    store_pseudonym(e->store, id, whom);
    json_t *rows = STORE_ROWS(e->store,
                              "SELECT at_utc, action, who FROM access_log WHERE of_whom = $1 "
                              "ORDER BY at_utc, id",
                              why, sql_text(whom));
    int bad = !rows || put_json(e, "access.json", rows, why);
    json_decref(rows);
    return bad;
}

static int put_all(struct exporting *e, json_t *client, struct problem *why)
{
    char id[STORE_ID_SIZE];
    snprintf(id, sizeof id, "%s", json_string_value(json_object_get(client, "client")));
    if (put_sessions(e, json_object_get(client, "sessions"), why))
        return -1;
    if (e->disguise.is_on && disguise_client(client, &e->disguise))
        return problem_no_memory(why, "a person's document");
    return put_json(e, "client.json", client, why) ||
                   (!e->disguise.is_on && put_access(e, id, why)) ||
                   e->sink->text(e->sink->context, "README.txt",
                                 e->disguise.is_on ? readme_pseudonymous : readme, why)
               ? -1
               : 0;
}

static int fill(struct exporting *e, const char *id, int pseudonymous, struct problem *why)
{
    if (pseudonymous && draw_disguise(&e->disguise, why))
        return -1;
    if (!e->sessions || !e->missing)
        return problem_no_memory(why, "an export");
    json_t *client = store_client(e->store, id, why);
    int bad = !client ||
              store_log(e->store, "client-export",
                        json_string_value(json_object_get(client, "client")), why) ||
              put_all(e, client, why);
    json_decref(client);
    return bad ? -1 : 0;
}

static int make_recordings_folder(const char *folder, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/recordings", folder) < 0)
        return problem_no_memory(why, "a folder's name");
    int bad = store_make_folder(path, why);
    free(path);
    return bad;
}

int store_client_pour(struct store *store, const char *id, const struct store_sink *sink,
                      struct problem *why)
{
    struct exporting e = {
        .store = store, .sink = sink, .sessions = json_array(), .missing = json_array()};
    int bad = fill(&e, id, 0, why);
    json_decref(e.sessions);
    json_decref(e.missing);
    return bad;
}

json_t *store_client_export(struct store *store, const char *id, const char *folder,
                            int pseudonymous, struct problem *why)
{
    struct new_folder made;
    char whole[STORE_ID_SIZE];
    struct store_hold *held = store_hold_client(store, id, whole, why);
    if (!held || new_folder_begin(&made, folder, why)) {
        store_let_go(held);
        return NULL;
    }
    const struct store_sink sink = {made.temporary, text_into_folder, file_into_folder};
    struct exporting e = {.store = store,
                          .sink = &sink,
                          .folder = made.temporary,
                          .sessions = json_array(),
                          .missing = json_array()};
    json_t *told = NULL;
    int bad = make_recordings_folder(made.temporary, why) || fill(&e, whole, pseudonymous, why) ||
              new_folder_finish(&made, why);
    if (!bad) {
        told = json_pack("{s:s, s:s, s:s, s:b, s:I, s:O}", "schema", "tenderfoot/client-export/1",
                         "client", pseudonymous ? e.disguise.code : whole, "folder", folder,
                         "pseudonymous", pseudonymous, "sessions",
                         (json_int_t)json_array_size(e.sessions), "recordings_missing", e.missing);
        if (!told)
            problem(why, PROBLEM_FAILED, "the folder %s is whole, but cannot be told of", folder);
    }
    new_folder_abort(&made);
    store_let_go(held);
    json_decref(e.sessions);
    json_decref(e.missing);
    return told;
}
