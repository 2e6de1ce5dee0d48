/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: people and sessions come back as they went in, leave without a trace, and survive what
 * stores meet: odd texts, other versions, other programs, damage, copies, no memory. */
#include "driver/store/store.h"
#include "driver/store/store_private.h"
#include "driver/store/vault.h"

#include "driver/clock.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/near.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static struct problem why;

/* --- Rig ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/tenderfoot-store-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

static const char *in_folder(const char *name)
{
    static char paths[8][256];
    static int turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static struct store *open_on(const char *name, const char *today)
{
    struct store_options options = {
        .data = in_folder(name), .catalogue = "", .who = "tester", .today = today};
    struct store *store = store_open(&options, &why);
    if (!store)
        fail_msg("%s", why.text);
    return store;
}

static struct store *open_store(void)
{
    return open_on("data", "2026-11-22");
}

static void expect_done(int bad)
{
    if (bad)
        fail_msg("%s", why.text);
}

static json_t *expect_told(json_t *told)
{
    if (!told)
        fail_msg("%s", why.text);
    return told;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void add_person(struct store *store, const char *label, char id[STORE_ID_SIZE])
{
    json_t *person = json_pack("{s:s}", "label", label);
    expect_done(store_client_add(store, person, id, &why));
    json_decref(person);
}

/* A recording of so many frames with this label in its header and these words in an annotation; of
 * a sway with this condition (NULL: of a stand). */
static void write_recording_of(const char *path, uint32_t n, const char *label, const char *utc,
                               const char *words, const char *condition)
{
    struct recording_header header;
    example_header(&header);
    if (condition) {
        strcpy(header.protocol, "sway");
        snprintf(header.condition, sizeof header.condition, "%s", condition);
    }
    snprintf(header.client, sizeof header.client, "%s", label);
    snprintf(header.created_utc, sizeof header.created_utc, "%s", utc);
    char *json = recording_header_format(&header, &why), note[512];
    assert_non_null(json);
    struct recording_writer *writer = recording_create(path, json, NULL, 0, &why);
    assert_non_null(writer);
    free(json);
    example_append_hello(writer, 77, n * 100);
    snprintf(note, sizeof note,
             "{\"schema\": \"tenderfoot/annotation/1\", \"step\": \"stand\", \"subject\": "
             "{\"label\": \"%s\", \"age_years\": 50}, \"note\": {\"kind\": \"text\", \"text\": "
             "\"%s\", \"u\": 0.5}}",
             label, words);
    struct wire_message message = {.type = WIRE_ANNOTATION,
                                   .payload = (const uint8_t *)note,
                                   .payload_len = (uint32_t)strlen(note)};
    expect_done(recording_append_message(writer, &message, 5000000, &why));
    static const char file[] = "{\"import\": \"file\", \"TIME\": \"MARKERFILE 14:05\"}";
    message.payload = (const uint8_t *)file;
    message.payload_len = sizeof file - 1;
    expect_done(recording_append_message(writer, &message, 5000001, &why));
    for (uint32_t i = 0; i < n; i++) /* no two recordings have a frame in common */
        example_append_frame(writer, n * 100 + i);
    expect_done(recording_finish(writer, &why));
}

static void write_recording(const char *path, uint32_t n, const char *label, const char *utc,
                            const char *words)
{
    write_recording_of(path, n, label, utc, words, NULL);
}

/* An analysis with a known arch index and one flagged zone. */
static json_t *analysis_of(double arch_index, double threshold_kpa)
{
    json_t *document = json_pack(
        "{s:s, s:f, s:[{s:s, s:f, s:{s:f, s:{s:{s:f}}}, s:[{s:s, s:s, s:f, s:b, s:f, s:f, s:i, "
        "s:s}, {s:s, s:s, s:n}]}, {s:n, s:f}]}",
        "schema", "tenderfoot/analyze/1", "mean_force_n", 700.25, "feet", "side", "left",
        "load_percent", 51.5, "print", "arch_index", arch_index, "sensitivity", "arch_index",
        "error", 0.01, "zones", "id", "P07", "state", "measured", "threshold_kpa", threshold_kpa,
        "threshold_is_lower_bound", 0, "threshold_low_kpa", threshold_kpa - 20,
        "threshold_high_kpa", threshold_kpa + 30, "repeats", 3, "flag", "attention", "id", "P08",
        "state", "not_tested", "threshold_kpa", "side", "load_percent", 48.5);
    assert_non_null(document);
    return document;
}

static void add_session(struct store *store, const char *person, const char *name, uint32_t n,
                        const char *utc, double arch_index, char id[STORE_ID_SIZE])
{
    json_t *analysis = analysis_of(arch_index, 175);
    const char *path = in_folder(name);
    if (access(path, F_OK))
        write_recording(path, n, "MARKERHEADER", utc, "MARKERWORDS");
    expect_done(store_session_add(store, person, path, analysis, NULL, id, &why));
    json_decref(analysis);
}

/* --- Bytes in files -------------------------------------------------------------------------- */

static struct {
    const void *needle;
    const char *name; /* also in names of files; NULL = not */
    size_t n;
    int files, hits;
} hunt;

static int look_into(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    size_t n;
    (void)status;
    (void)place;
    if (hunt.name && strstr(path, hunt.name))
        hunt.hits++;
    if (kind != FTW_F)
        return 0;
    uint8_t *bytes = scratch_read(path, &n);
    hunt.files++;
    if (n && memmem(bytes, n, hunt.needle, hunt.n)) {
        print_message("%s holds %s\n", path, hunt.name ? hunt.name : "bytes of the recording");
        hunt.hits++;
    }
    free(bytes);
    return 0;
}

/* Files below `path` that hold these bytes, or have the name in theirs. */
static int hits(const char *path, const void *needle, size_t n, const char *name)
{
    hunt.needle = needle;
    hunt.name = name;
    hunt.n = n;
    hunt.files = hunt.hits = 0;
    assert_int_equal(nftw(path, look_into, 16, FTW_PHYS), 0);
    return hunt.hits;
}

static int hits_of_text(const char *path, const char *text)
{
    return hits(path, text, strlen(text), text);
}

/* --- People ---------------------------------------------------------------------------------- */

static void test_a_person_comes_back_as_stated(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], other[STORE_ID_SIZE], first[6];
    json_t *person = json_pack("{s:s, s:i, s:s, s:s, s:s, s:i}", "label", "Zoë O'Hara",
                               "birth_year", 1971, "sex", "female", "language", "de", "notes",
                               "two lines\n\tof notes", "keep_years", 10);
    (void)state;
    expect_done(store_client_add(store, person, id, &why));
    add_person(store, "Zoe Other", other);
    assert_int_equal(id[0], 'p');
    assert_int_equal(strlen(id), 17);
    assert_string_not_equal(id, other);
    store_close(store);

    store = open_store();
    snprintf(first, sizeof first, "%.5s", id);
    json_t *told = expect_told(store_client(store, first, &why));
    const char *key;
    json_t *value;
    json_object_foreach(person, key, value)
    {
        assert_true(json_equal(json_object_get(told, key), value));
    }
    assert_string_equal(text_of(told, "client"), id);
    json_decref(told);

    json_t *changes = json_pack("{s:n, s:s}", "birth_year", "keep_until", "2027-02-28");
    expect_done(store_client_edit(store, id, changes, &why));
    told = expect_told(store_client(store, id, &why));
    assert_true(json_is_null(json_object_get(told, "birth_year")));
    assert_string_equal(text_of(told, "due_on"), "2027-02-28");
    assert_string_equal(text_of(told, "label"), "Zoë O'Hara");
    json_decref(told);
    json_decref(changes);
    json_decref(person);
    store_close(store);
}

static void expect_refused(struct store *store, const char *key, json_t *value)
{
    char id[STORE_ID_SIZE];
    json_t *person = json_pack("{s:s}", "label", "somebody");
    json_object_set_new(person, key, value);
    assert_int_equal(store_client_add(store, person, id, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, key));
    json_decref(person);
}

static void test_what_cannot_be_is_refused_by_name(void **state)
{
    struct store *store = open_store();
    char *long_name = malloc(10241), id[STORE_ID_SIZE];
    (void)state;
    assert_non_null(long_name);
    for (int i = 0; i < 10240; i += 2)
        memcpy(long_name + i, "\xc3\xa4", 2);
    long_name[10240] = '\0';
    expect_refused(store, "label", json_string(long_name));
    expect_refused(store, "label", json_string(""));
    expect_refused(store, "label", json_string("two\nlines"));
    expect_refused(store, "label", json_string("red\033[31m"));
    expect_refused(store, "label", json_string("c1 \xc2\x9b"));
    expect_refused(store, "label", json_string("turned \xe2\x80\xae round"));
    expect_refused(store, "label", json_integer(7));
    expect_refused(store, "label", json_null());
    expect_refused(store, "birth_year", json_integer(1066));
    expect_refused(store, "birth_year", json_string("1970"));
    expect_refused(store, "sex", json_string("f'); --"));
    expect_refused(store, "keep_until", json_string("2026-02-29"));
    expect_refused(store, "keep_until", json_string("2026-2-9"));
    expect_refused(store, "keep_years", json_integer(-1));
    expect_refused(store, "surname", json_string("x"));
    json_t *none = json_object();
    assert_int_equal(store_client_add(store, none, id, &why), -1);
    json_decref(none);
    assert_null(store_client(store, "p' OR 1=1 --", &why));
    assert_null(store_client(store, "p%%%%%", &why));
    assert_null(store_client(store, "", &why));
    assert_null(store_client(store, NULL, &why));
    struct store_list list = {0};
    json_t *told = expect_told(store_clients(store, &list, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "matching")), 0);
    json_decref(told);
    free(long_name);
    store_close(store);
}

static json_int_t matching(struct store *store, const char *search)
{
    struct store_list list = {.search = search};
    json_t *told = expect_told(store_clients(store, &list, &why));
    json_int_t n = json_integer_value(json_object_get(told, "matching"));
    assert_int_equal(json_array_size(json_object_get(told, "clients")), n);
    json_decref(told);
    return n;
}

static void test_odd_names_are_texts_and_found(void **state)
{
    static const char *const names[] = {
        "Robert'); DROP TABLE client;--", "100% \\ _under_",    "ÅSA Ölund", "Анна Каренина",
        "\xf0\x9f\x91\xa3 feet",          "\"quoted\" $1 ?1 :x"};
    enum { NAMES = sizeof names / sizeof names[0] };
    struct store *store = open_store();
    char id[STORE_ID_SIZE];
    (void)state;
    for (size_t i = 0; i < NAMES; i++)
        add_person(store, names[i], id);
    for (size_t i = 0; i < NAMES; i++)
        assert_int_equal(matching(store, names[i]), 1);
    assert_int_equal(matching(store, NULL), NAMES);
    assert_int_equal(matching(store, "åsa öLUND"), 1);
    assert_int_equal(matching(store, "КАРЕНИНА"), 1);
    assert_int_equal(matching(store, "%"), 1);
    assert_int_equal(matching(store, "_"), 1);
    assert_int_equal(matching(store, "\\"), 1);
    assert_int_equal(matching(store, "' OR '1'='1"), 0);
    store_close(store);
}

static void test_consent_is_dated_and_withdrawn(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE];
    (void)state;
    add_person(store, "Consenting", id);
    char whole[STORE_ID_SIZE];
    assert_int_equal(store_has_consent(store, id, "storing", whole, &why), 0);
    expect_done(store_consent_give(store, id, "storing", "sheet 3", &why));
    char begins[8];
    snprintf(begins, sizeof begins, "%.7s", id);
    assert_int_equal(store_has_consent(store, begins, "storing", whole, &why), 1);
    assert_string_equal(whole, id);
    assert_int_equal(store_has_consent(store, id, "recording", whole, &why), 0);
    assert_int_equal(store_has_consent(store, id, "everything", whole, &why), -1);
    assert_int_equal(store_has_consent(store, "p000000000000", "storing", whole, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_int_equal(store_consent_withdraw(store, id, "sharing", &why), -1);
    assert_int_equal(store_consent_give(store, id, "everything", NULL, &why), -1);
    expect_done(store_consent_withdraw(store, id, "storing", &why));
    assert_int_equal(store_consent_withdraw(store, id, "storing", &why), -1);
    assert_int_equal(store_has_consent(store, id, "storing", whole, &why), 0);
    json_t *told = expect_told(store_client(store, id, &why));
    json_t *consent = json_array_get(json_object_get(told, "consents"), 0);
    assert_string_equal(text_of(consent, "words"), "sheet 3");
    assert_int_equal(strlen(text_of(consent, "given_utc")), 20);
    assert_int_equal(strlen(text_of(consent, "withdrawn_utc")), 20);
    json_decref(told);
    store_close(store);
}

static void test_whose_time_is_over_is_due(void **state)
{
    struct store *store = open_store();
    char keep[STORE_ID_SIZE], due[STORE_ID_SIZE], years[STORE_ID_SIZE], session[STORE_ID_SIZE];
    struct store_list list = {.due = 1};
    json_t *rules[] = {json_pack("{s:s}", "keep_until", "2026-11-23"),
                       json_pack("{s:s}", "keep_until", "2026-11-22"),
                       json_pack("{s:i}", "keep_years", 2)};
    (void)state;
    add_person(store, "until tomorrow", keep);
    add_person(store, "until today", due);
    add_person(store, "two years after the last session", years);
    expect_done(store_client_edit(store, keep, rules[0], &why));
    expect_done(store_client_edit(store, due, rules[1], &why));
    add_session(store, years, "a.tfr", 5, "2024-11-22T23:00:00Z", 0.2, session);
    expect_done(store_client_edit(store, years, rules[2], &why));
    json_t *told = expect_told(store_clients(store, &list, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "matching")), 2);
    assert_int_equal(json_integer_value(json_object_get(told, "due_people")), 2);
    assert_int_equal(json_integer_value(json_object_get(told, "due_recordings")), 1);
    json_decref(told);
    add_session(store, years, "b.tfr", 6, "2025-01-01T09:00:00Z", 0.2, session);
    told = expect_told(store_clients(store, &list, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "matching")), 1);
    json_t *row = json_array_get(json_object_get(told, "clients"), 0);
    assert_string_equal(text_of(row, "client"), due);
    json_decref(told);
    list = (struct store_list){.search = "until tomorrow"}; /* whomever it shows */
    told = expect_told(store_clients(store, &list, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "due_people")), 1);
    assert_int_equal(json_integer_value(json_object_get(told, "due_recordings")), 0);
    json_decref(told);
    for (int i = 0; i < 3; i++)
        json_decref(rules[i]);
    store_close(store);
}

/* --- Sessions -------------------------------------------------------------------------------- */

static void test_numbers_come_back_as_a_trend(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    const double truth[] = {0.21, 0.25, 0.23};
    (void)state;
    add_person(store, "Trending", id);
    add_session(store, id, "1.tfr", 11, "2026-01-01T08:00:00Z", truth[0], session);
    add_session(store, id, "3.tfr", 13, "2026-03-01T08:00:00Z", truth[2], session);
    add_session(store, id, "2.tfr", 12, "2026-02-01T08:00:00Z", truth[1], session);
    json_t *told = expect_told(store_trend(store, id, "arch_index", &why));
    json_t *points = json_object_get(told, "points");
    assert_int_equal(json_array_size(points), 3); /* the foot of no stated side is left out */
    for (size_t i = 0; i < 3; i++) {
        json_t *point = json_array_get(points, i);
        assert_true(json_real_value(json_object_get(point, "value")) == truth[i]);
        assert_near(json_real_value(json_object_get(point, "low")), truth[i] - 0.01, 1e-12);
        assert_string_equal(text_of(point, "side"), "left");
    }
    json_decref(told);
    told = expect_told(store_trend(store, id, "threshold_kpa P07", &why));
    assert_int_equal(json_array_size(json_object_get(told, "points")), 3);
    json_decref(told);
    assert_null(store_trend(store, id, "luck", &why));
    assert_null(store_trend(store, id, NULL, &why));
    assert_int_equal(store_note_add(store, id, NULL, NULL, &why), -1);
    assert_int_equal(store_note_add(store, id, NULL, "", &why), -1);
    assert_int_equal(store_note_add(store, id, NULL, " \n\t ", &why), -1);
    assert_non_null(strstr(why.text, "it is empty"));
    assert_null(store_trend(store, id, "x' OR 1=1", &why));

    told = expect_told(store_session(store, session, &why));
    assert_string_equal(text_of(told, "protocol"), "stand");
    assert_string_equal(text_of(told, "plate_serial"), "T-0001");
    assert_int_equal(json_integer_value(json_object_get(told, "frames")), 12);
    assert_near(json_real_value(json_object_get(told, "duration_s")), 0.11, 1e-9);
    assert_int_equal(json_array_size(json_object_get(told, "zones")), 1);
    json_decref(told);
    store_close(store);
}

static size_t points_of(struct store *store, const char *id, const char *number)
{
    json_t *told = expect_told(store_trend(store, id, number, &why));
    size_t n = json_array_size(json_object_get(told, "points"));
    json_decref(told);
    return n;
}

/* Sway with open and with closed eyes is told apart in the list and in the trend. */
static void test_open_and_closed_eyes_are_apart(void **state)
{
    static const char *const conditions[] = {"eyes_open", "eyes_closed", "eyes_closed", NULL};
    const struct store_list sways = {.protocol = "sway"};
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], name[16], utc[24];
    (void)state;
    add_person(store, "Swaying", id);
    for (uint32_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%u.tfr", (unsigned)i);
        snprintf(utc, sizeof utc, "2026-01-0%uT08:00:00Z", (unsigned)i + 1);
        write_recording_of(in_folder(name), 11 + i, "x", utc, "y", conditions[i]);
        add_session(store, id, name, 11 + i, utc, 0.2, session);
        json_t *told = expect_told(store_session(store, session, &why));
        assert_string_equal(text_of(told, "protocol"), conditions[i] ? "sway" : "stand");
        if (conditions[i])
            assert_string_equal(text_of(told, "condition"), conditions[i]);
        else
            assert_true(json_is_null(json_object_get(told, "condition")));
        json_decref(told);
    }
    json_t *told = expect_told(store_sessions(store, &sways, &why));
    assert_int_equal(json_array_size(json_object_get(told, "sessions")), 3);
    assert_string_equal(text_of(json_array_get(json_object_get(told, "sessions"), 2), "condition"),
                        "eyes_open");
    json_decref(told);
    assert_int_equal(points_of(store, id, "mean_force_n"), 4);
    assert_int_equal(points_of(store, id, "mean_force_n eyes_open"), 1);
    assert_int_equal(points_of(store, id, "mean_force_n eyes_closed"), 2);
    assert_int_equal(points_of(store, id, "mean_force_n unstated"), 1);
    assert_null(store_trend(store, id, "mean_force_n eyes", &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    store_close(store);
}

static const json_t *repeats_in(const json_t *told, size_t i)
{
    return json_array_get(json_object_get(told, "repeatability"), i);
}

/* Only of one protocol, condition and day (of the place, not of UTC) are two sessions repeats. */
static void test_repeats_of_a_day_widen_a_trend(void **state)
{
    static const struct {
        const char *utc, *condition;
        double arch_index;
    } sessions[] = {
        {"2026-01-05T08:00:00Z", NULL, 0.20},       {"2026-01-05T08:10:00Z", NULL, 0.26},
        {"2026-01-05T08:20:00Z", "eyes_open", 0.9}, {"2026-01-12T08:00:00Z", NULL, 0.22},
        {"2026-01-19T23:30:00Z", NULL, 0.24}, /* the 20th in UTC+3 */
        {"2026-01-20T06:00:00Z", NULL, 0.24},
    };
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], name[16];
    (void)state;
    add_person(store, "Repeating", id);
    for (uint32_t i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "%u.tfr", (unsigned)i);
        write_recording_of(in_folder(name), 11 + i, "x", sessions[i].utc, "y",
                           sessions[i].condition);
        add_session(store, id, name, 11 + i, sessions[i].utc, sessions[i].arch_index, session);
    }
    for (int east = 0; east < 2; east++) {
        setenv("TZ", east ? "UTC-3" : "UTC", 1);
        tzset();
        json_t *told = expect_told(store_trend(store, id, "arch_index", &why));
        const json_t *points = json_object_get(told, "points"), *first = json_array_get(points, 0);
        const json_t *repeats = repeats_in(told, 0);
        const double freedom = east ? 2 : 1, t = east ? 4.302653 : 12.706205;
        const double sd = sqrt(0.0018 / freedom); /* of 0.20 and 0.26 the squares are 0.0018 */
        assert_int_equal(json_array_size(json_object_get(told, "repeatability")), 1);
        assert_string_equal(text_of(repeats, "protocol"), "stand");
        assert_string_equal(text_of(repeats, "side"), "left");
        assert_int_equal(json_integer_value(json_object_get(repeats, "degrees_of_freedom")),
                         freedom);
        assert_int_equal(json_integer_value(json_object_get(repeats, "days")), freedom);
        assert_near(json_real_value(json_object_get(repeats, "sd_within")), sd, 1e-9);
        assert_near(json_real_value(json_object_get(repeats, "mdc95")), t * M_SQRT2 * sd, 1e-6);
        assert_near(json_real_value(json_object_get(first, "low")), 0.20 - t * sd, 1e-6);
        assert_near(json_real_value(json_object_get(first, "high")), 0.20 + t * sd, 1e-6);
        for (size_t i = 0; i < 6; i++)
            assert_string_equal(text_of(json_array_get(points, i), "error_from"),
                                sessions[i].condition ? "session" : "repeats");
        json_decref(told);
    }
    unsetenv("TZ");
    tzset();
    json_t *told = expect_told(store_trend(store, id, "threshold_kpa P07", &why));
    assert_null(repeats_in(told, 0));
    assert_string_equal(text_of(json_array_get(json_object_get(told, "points"), 0), "error_from"),
                        "session");
    json_decref(told);
    told = expect_told(store_trend(store, id, "mean_force_n eyes_open", &why));
    assert_null(repeats_in(told, 0));
    json_decref(told);
    store_close(store);
}

/* Each page of a list, wherever it is cut and however long, is that part of the whole. */
static void pages_fit(struct store *store, struct store_list list)
{
    json_t *whole = expect_told(store_sessions(store, &list, &why));
    const json_t *all = json_object_get(whole, "sessions");
    size_t n = json_array_size(all);
    for (list.offset = 0; list.offset <= (int)n + 1; list.offset++)
        for (list.limit = 1; list.limit <= (int)n + 1; list.limit++) {
            size_t from = (size_t)list.offset, most = (size_t)list.limit;
            json_t *told = expect_told(store_sessions(store, &list, &why));
            const json_t *page = json_object_get(told, "sessions");
            assert_int_equal(json_integer_value(json_object_get(told, "matching")), n);
            assert_int_equal(json_array_size(page), from >= n         ? 0
                                                    : n - from < most ? n - from
                                                                      : most);
            for (size_t i = 0; i < json_array_size(page); i++)
                assert_true(json_equal(json_array_get(page, i), json_array_get(all, from + i)));
            json_decref(told);
        }
    json_decref(whole);
}

static void test_lists_of_sessions_keep_to_days_and_people(void **state)
{
    struct store *store = open_store();
    char one[STORE_ID_SIZE], two[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    add_person(store, "One", one);
    add_person(store, "Two", two);
    add_session(store, one, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.2, session);
    add_session(store, two, "2.tfr", 12, "2026-01-02T23:59:59Z", 0.2, session);
    add_session(store, one, "3.tfr", 13, "2026-01-03T12:00:00Z", 0.2, session);
    const struct {
        struct store_list list;
        int n;
    } wishes[] = {{{0}, 3},
                  {{.client = one}, 2},
                  {{.to = "2026-01-02"}, 2},
                  {{.from = "2026-01-02", .to = "2026-01-02"}, 1},
                  {{.from = "2026-01-02", .client = one}, 1},
                  {{.protocol = "walk"}, 0},
                  {{.protocol = "stand", .client = two}, 1}};
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        json_t *told = expect_told(store_sessions(store, &wishes[i].list, &why));
        assert_int_equal(json_integer_value(json_object_get(told, "matching")), wishes[i].n);
        assert_int_equal(json_array_size(json_object_get(told, "sessions")), wishes[i].n);
        json_decref(told);
        pages_fit(store, wishes[i].list);
    }
    struct store_list bad = {.from = "yesterday"};
    assert_null(store_sessions(store, &bad, &why));
    store_close(store);
}

static void test_a_recording_is_one_persons_and_comes_once(void **state)
{
    struct store *store = open_store();
    char one[STORE_ID_SIZE], two[STORE_ID_SIZE], first[STORE_ID_SIZE], again[STORE_ID_SIZE];
    (void)state;
    add_person(store, "One", one);
    add_person(store, "Two", two);
    add_session(store, one, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.2, first);
    add_session(store, one, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.3, again);
    assert_string_equal(first, again);
    assert_int_equal(store_session_add(store, two, in_folder("1.tfr"), NULL, NULL, again, &why),
                     -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    json_t *told = expect_told(store_trend(store, one, "arch_index", &why));
    json_t *point = json_array_get(json_object_get(told, "points"), 0);
    assert_near(json_real_value(json_object_get(point, "value")), 0.3, 1e-12);
    json_decref(told);
    scratch_write(in_folder("no.tfr"), "not a recording", 15);
    assert_int_equal(store_session_add(store, two, in_folder("no.tfr"), NULL, NULL, again, &why),
                     -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_int_equal(store_session_add(store, two, folder, NULL, NULL, again, &why), -1);
    told = expect_told(store_check(store, 0, &why));
    assert_true(json_is_true(json_object_get(told, "whole")));
    json_decref(told);
    store_close(store);
}

static size_t problems_of(struct store *store, int repair)
{
    json_t *told = expect_told(store_check(store, repair, &why));
    size_t n = json_array_size(json_object_get(told, "problems"));
    assert_int_equal(json_is_true(json_object_get(told, "whole")), n == 0);
    json_decref(told);
    return n;
}

static void test_damage_and_strangers_are_told(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    add_person(store, "One", id);
    add_session(store, id, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.2, session);
    char *path = store_recording_path(store, session, &why);
    assert_non_null(path);
    assert_int_equal(problems_of(store, 0), 0);

    scratch_write(in_folder("data/.export.a1B2c3"), "x", 1);
    assert_int_equal(problems_of(store, 0), 1);
    assert_int_equal(problems_of(store, 1), 0);
    assert_int_not_equal(access(in_folder("data/.export.a1B2c3"), F_OK), 0);

    scratch_write(in_folder("data/recordings/on-its-way-dead"), "x", 1);
    assert_int_equal(mkdir(in_folder("data/recordings/00"), 0700), 0);
    scratch_write(in_folder("data/recordings/00/"
                            "00000000000000000000000000000000000000000000000000000000000000.tfr"),
                  "x", 1);
    assert_int_equal(problems_of(store, 0), 2);
    assert_int_equal(problems_of(store, 1), 0);
    assert_int_equal(problems_of(store, 0), 0);

    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 100, SEEK_SET);
    fputc('!', file);
    fclose(file);
    assert_int_equal(problems_of(store, 0), 1);
    assert_null(store_recording_path(store, session, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    /* The right bytes again mend it. */
    add_session(store, id, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.2, session);
    assert_int_equal(problems_of(store, 0), 0);
    unlink(path);
    assert_int_equal(problems_of(store, 0), 1);
    free(path);
    store_close(store);
}

/* --- A person's rights ----------------------------------------------------------------------- */

static void fill_person(struct store *store, char id[STORE_ID_SIZE], char session[STORE_ID_SIZE])
{
    json_t *person = json_pack("{s:s, s:i, s:s, s:s}", "label", "MARKERNAME", "birth_year", 1973,
                               "notes", "MARKERNOTES", "keep_until", "2030-01-01");
    json_t *screening =
        json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s}}, s:{s:s}}}",
                  "schema", "tenderfoot/screening/1", "person", "MARKERNAME", "date", "2026-01-01",
                  "operator", "MARKEROPERATOR", "answers", "q1", "no", "q2", "MARKERANSWER by hand",
                  "q3", "answer", "slight", "side", "left", "doctor", "by", "MARKERDOCTOR", "date",
                  "2025-12-09", "q4", "answer", "1973-02-11");
    assert_non_null(screening);
    expect_done(store_client_add(store, person, id, &why));
    expect_done(store_screening_add(store, id, screening, &why));
    expect_done(store_consent_give(store, id, "storing", "MARKERCONSENT", &why));
    add_session(store, id, "1.tfr", 21, "2026-01-01T08:01:02Z", 0.2, session);
    add_session(store, id, "2.tfr", 22, "2026-01-15T09:01:02Z", 0.2, session);
    expect_done(store_note_add(store, id, session, "MARKERSESSIONNOTE", &why));
    expect_done(store_note_add(store, id, NULL, "MARKERCLIENTNOTE", &why));
    json_decref(screening);
    json_decref(person);
}

static int days_between(const char *a, const char *b)
{
    struct tm from = {0}, to = {0};
    assert_non_null(strptime(a, "%Y-%m-%d", &from));
    assert_non_null(strptime(b, "%Y-%m-%d", &to));
    return (int)((timegm(&to) - timegm(&from)) / 86400);
}

/* The frames of both files are the same bytes. */
static void compare_frames(const char *a, const char *b, int n)
{
    struct recording *files[] = {recording_open(a, &why), recording_open(b, &why)};
    struct recording_item items[2];
    int frames = 0;
    assert_non_null(files[0]);
    assert_non_null(files[1]);
    while (recording_next(files[0], &items[0], &why) > 0) {
        assert_int_equal(recording_next(files[1], &items[1], &why), 1);
        assert_int_equal(items[0].message.type, items[1].message.type);
        assert_true(items[0].host_time_us == items[1].host_time_us);
        if (items[0].message.type != WIRE_FRAME)
            continue;
        frames++;
        assert_int_equal(items[0].size, items[1].size);
        assert_memory_equal(items[0].bytes, items[1].bytes, items[0].size);
    }
    assert_int_equal(frames, n);
    recording_close(files[0]);
    recording_close(files[1]);
}

static void test_everything_can_be_taken_away(void **state)
{
    static const char *const said[] = {
        "MARKERNAME",     "MARKERNOTES",  "MARKERCONSENT", "MARKERSESSIONNOTE", "MARKERCLIENTNOTE",
        "MARKEROPERATOR", "MARKERHEADER", "MARKERWORDS",   "MARKERANSWER",      "MARKERDOCTOR",
        "MARKERFILE",     "2025-12-09",   "1973-02-11"};
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], path[300];
    (void)state;
    fill_person(store, id, session);
    json_t *told = expect_told(store_client_export(store, id, in_folder("whole"), 0, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "sessions")), 2);
    json_decref(told);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_true(hits_of_text(in_folder("whole"), said[i]) > 0);
    snprintf(path, sizeof path, "%s/whole/recordings/%s.tfr", folder, session);
    compare_frames(in_folder("2.tfr"), path, 22);
    assert_null(store_client_export(store, id, in_folder("whole"), 0, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);

    told = expect_told(store_client_export(store, id, in_folder("coded"), 1, &why));
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_int_equal(hits_of_text(in_folder("coded"), said[i]), 0);
    assert_int_equal(hits_of_text(in_folder("coded"), id), 0);
    assert_int_equal(hits_of_text(in_folder("coded"), session), 0);
    assert_int_equal(hits_of_text(in_folder("coded"), "08:01:02"), 0);
    assert_true(hits_of_text(in_folder("coded"), "slight") > 0);
    snprintf(path, sizeof path, "%s/coded/recordings/%s-2.tfr", folder, text_of(told, "client"));
    compare_frames(in_folder("2.tfr"), path, 22);
    json_decref(told);

    json_t *sessions = json_load_file(in_folder("coded/sessions.json"), 0, NULL);
    json_t *client = json_load_file(in_folder("coded/client.json"), 0, NULL);
    const char *first = text_of(json_array_get(sessions, 0), "started_utc");
    const char *second = text_of(json_array_get(sessions, 1), "started_utc");
    assert_int_equal(days_between(first, second), 14);
    int moved = days_between(first, "2026-01-01");
    assert_true(moved >= 30 && moved < 730);
    assert_int_equal(json_integer_value(json_object_get(client, "birth_year")), 1970);
    json_decref(sessions);
    json_decref(client);
    store_close(store);
}

/* Stretches of a recording, which must be found nowhere; from beyond what all recordings share. */
static void expect_bytes(const uint8_t *bytes, size_t n, int is_there)
{
    for (size_t at = n / 2; at + 64 < n; at += n / 8) {
        int found = hits(in_folder("data"), bytes + at, 64, NULL) > 0;
        assert_int_equal(found, is_there);
    }
}

static void test_who_leaves_leaves_nothing(void **state)
{
    static const char *const said[] = {"MARKERNAME",        "MARKERNOTES",      "MARKERCONSENT",
                                       "MARKERSESSIONNOTE", "MARKERCLIENTNOTE", "markername",
                                       "MARKERHEADER",      "MARKERWORDS",      "MARKERANSWER"};
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], stays[STORE_ID_SIZE], other[STORE_ID_SIZE];
    size_t n;
    (void)state;
    add_person(store, "stays here", stays);
    write_recording(in_folder("9.tfr"), 40, "stays", "2026-01-01T00:00:00Z", "stays");
    expect_done(store_session_add(store, stays, in_folder("9.tfr"), NULL, NULL, other, &why));
    fill_person(store, id, session);
    /* Rows that come and go leave copies of the marker on pages that are used otherwise later. */
    for (int i = 0; i < 60; i++) {
        json_t *changes =
            json_pack("{s:o}", "notes", json_sprintf("MARKERNOTES %0*d", 1500 - i, i));
        expect_done(store_client_edit(store, id, changes, &why));
        json_decref(changes);
    }
    json_decref(expect_told(store_backup(store, NULL, &why)));
    json_decref(expect_told(store_backup(store, in_folder("outside"), &why)));
    json_decref(expect_told(store_backup(store, in_folder("far"), &why)));
    assert_int_equal(rename(in_folder("far"), in_folder("unplugged")), 0);
    char *arriving = store_arriving_path(store, id, &why);
    assert_non_null(arriving);
    write_recording(arriving, 8, "MARKERHEADER", "2026-01-01T00:00:00Z", "MARKERWORDS");
    /* The page's: of this person, of another one, and of nobody that can be told. */
    assert_int_equal(mkdir(in_folder("data/inbox"), 0700), 0);
    write_recording(in_folder("data/inbox/unkept.tfr"), 10, id, "2026-01-01T00:00:00Z",
                    "MARKERWORDS");
    write_recording(in_folder("data/inbox/other.tfr"), 11, "p0000000000000000",
                    "2026-01-01T00:00:00Z", "");
    scratch_write(in_folder("data/inbox/torn.tfr"), "no recording", 12);
    scratch_write(in_folder("data/inbox/torn_of.tfr"), id, strlen(id));
    uint8_t *bytes = scratch_read(in_folder("2.tfr"), &n);
    /* One that is kept: the station was ended before it took it out of the inbox. */
    scratch_write(in_folder("data/inbox/kept.tfr"), bytes, n);
    expect_bytes(bytes, n, 1);
    assert_true(hits_of_text(in_folder("data"), "MARKERNAME") > 0);

    /* A backup and an export that were killed as they were made. */
    assert_int_equal(mkdir(in_folder("data/backups/2026-01-02-b.part-a1B2c3"), 0700), 0);
    scratch_write(in_folder("data/backups/2026-01-02-b.part-a1B2c3/store.db"), "MARKERNAME", 10);
    scratch_write(in_folder("data/.export.a1B2c3"), "MARKERNAME", 10);

    assert_null(store_client_erase(store, "p000", &why)); /* only by the whole id */
    json_t *told = expect_told(store_client_erase(store, id, &why));
    assert_int_equal(json_integer_value(json_object_get(told, "recordings")), 4);
    const json_t *unreadable = json_object_get(told, "recordings_unreadable");
    assert_int_equal(json_array_size(unreadable), 1);
    assert_non_null(
        strstr(json_string_value(json_object_get(json_array_get(unreadable, 0), "path")),
               "inbox/torn.tfr"));
    assert_int_equal(json_array_size(json_object_get(told, "backups_erased")), 2);
    assert_int_equal(json_array_size(json_object_get(told, "backups_out_of_reach")), 1);
    json_decref(told);
    assert_int_not_equal(access(in_folder("data/inbox/unkept.tfr"), F_OK), 0);
    assert_int_not_equal(access(in_folder("data/inbox/torn_of.tfr"), F_OK), 0);
    assert_int_not_equal(access(in_folder("data/inbox/kept.tfr"), F_OK), 0);
    assert_int_equal(access(in_folder("data/inbox/other.tfr"), F_OK), 0);
    assert_int_equal(access(in_folder("data/inbox/torn.tfr"), F_OK), 0);
    /* The store is still open: nor is it in the write-ahead file. */
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        assert_int_equal(hits_of_text(in_folder("data"), said[i]), 0);
        assert_int_equal(hits_of_text(in_folder("outside"), said[i]), 0);
    }
    assert_int_equal(hits_of_text(in_folder("data"), session), 0);
    expect_bytes(bytes, n, 0);
    assert_int_equal(problems_of(store, 0), 0);
    assert_int_equal(matching(store, "stays"), 1);

    /* The backup that was away, later. */
    assert_int_equal(rename(in_folder("unplugged"), in_folder("far")), 0);
    assert_true(hits_of_text(in_folder("far"), "MARKERNAME") > 0);
    told = expect_told(store_client_erase(store, id, &why));
    assert_int_equal(json_array_size(json_object_get(told, "backups_out_of_reach")), 0);
    json_decref(told);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
        assert_int_equal(hits_of_text(in_folder("far"), said[i]), 0);
    char *path = store_recording_path(store, other, &why);
    compare_frames(in_folder("9.tfr"), path, 40);
    free(path);
    free(arriving);
    free(bytes);
    store_close(store);
}

static void test_the_log_tells_what_and_not_who(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    sqlite3 *db;
    (void)state;
    fill_person(store, id, session);
    json_t *told = expect_told(store_access_log(store, 100, &why)), *line;
    json_t *lines = json_object_get(told, "lines");
    size_t i, of_the_person = 0;
    assert_true(json_array_size(lines) >= 7);
    json_array_foreach(lines, i, line)
    {
        assert_int_equal(strlen(text_of(line, "who")), 16);
        assert_int_equal(strlen(text_of(line, "at_utc")), 20);
        of_the_person += strlen(text_of(line, "of_whom")) == 16;
    }
    assert_int_equal(of_the_person, 7);
    char *text = json_dumps(told, 0);
    assert_null(strstr(text, id));
    assert_null(strstr(text, "tester"));
    free(text);
    json_decref(told);
    store_close(store);
    assert_int_equal(sqlite3_open(in_folder("data/catalogue.sqlite"), &db), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM access_log", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "UPDATE access_log SET who = 'x'", NULL, NULL, NULL),
                         SQLITE_OK);
    sqlite3_close(db);
}

/* --- Copies ---------------------------------------------------------------------------------- */

static int restore_into(const char *name)
{
    const struct store_options options = {.data = in_folder(name)};
    return store_restore(in_folder("backup"), &options, &why);
}

static void test_a_backup_is_restored_whole(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    struct stat status;
    (void)state;
    fill_person(store, id, session);
    json_t *before = expect_told(store_session(store, session, &why));
    json_decref(expect_told(store_backup(store, in_folder("backup"), &why)));
    assert_null(store_backup(store, in_folder("backup"), &why));
    store_close(store);
    assert_int_equal(restore_into("data"), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    expect_done(restore_into("again"));
    store = open_on("again", NULL);
    json_t *after = expect_told(store_session(store, session, &why));
    assert_true(json_equal(before, after));
    assert_int_equal(problems_of(store, 0), 0);
    assert_int_equal(stat(in_folder("again"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(stat(in_folder("again/catalogue.sqlite"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    json_decref(before);
    json_decref(after);
    store_close(store);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *said = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &said) != SQLITE_OK)
        fail_msg("%s", said);
    sqlite3_close(db);
}

static json_int_t count_of(const json_t *told, const char *key)
{
    return json_integer_value(json_object_get(told, key));
}

static void test_two_stations_become_one(void **state)
{
    struct store *one = open_on("one", NULL), *two = open_on("two", NULL);
    char a[STORE_ID_SIZE], b[STORE_ID_SIZE], gone[STORE_ID_SIZE], s[STORE_ID_SIZE];
    (void)state;
    add_person(one, "A", a);
    add_session(one, a, "1.tfr", 31, "2026-01-01T00:00:00Z", 0.2, s);
    add_person(one, "Gone", gone);
    add_session(one, gone, "g.tfr", 35, "2026-01-01T00:00:00Z", 0.2, s);
    json_decref(expect_told(store_merge(two, in_folder("one"), &why)));
    json_decref(expect_told(store_client_erase(one, gone, &why)));
    add_person(two, "B", b);
    add_session(two, b, "2.tfr", 32, "2026-01-02T00:00:00Z", 0.2, s);
    expect_done(store_note_add(two, b, s, "a note", &why));
    add_session(two, a, "3.tfr", 33, "2026-01-03T00:00:00Z", 0.3, s);
    store_close(two);

    json_t *told = expect_told(store_merge(one, in_folder("two"), &why));
    assert_int_equal(count_of(told, "people"), 1);
    assert_int_equal(count_of(told, "sessions"), 2);
    assert_int_equal(count_of(told, "session_notes"), 1);
    json_decref(told);
    assert_int_equal(matching(one, "gone"), 0);
    assert_int_equal(problems_of(one, 0), 0);
    told = expect_told(store_trend(one, a, "arch_index", &why));
    assert_int_equal(json_array_size(json_object_get(told, "points")), 2);
    json_decref(told);
    told = expect_told(store_merge(one, in_folder("two"), &why)); /* once more: nothing new */
    assert_int_equal(count_of(told, "people") + count_of(told, "sessions"), 0);
    json_decref(told);
    assert_null(store_merge(one, in_folder("one"), &why));
    assert_null(store_merge(one, in_folder("nowhere"), &why));
    store_close(one);

    two = open_on("two", NULL); /* who was erased there and is here still is told */
    told = expect_told(store_merge(two, in_folder("one"), &why));
    assert_int_equal(json_array_size(json_object_get(told, "erased_there")), 1);
    json_decref(told);
    store_close(two);
}

/* Two stations went on with the same person, each by itself: nothing is lost, nothing is there
 * twice. */
static void test_what_both_went_on_with_is_kept(void **state)
{
    struct store *one = open_on("one", NULL), *two = open_on("two", NULL);
    char a[STORE_ID_SIZE], other[STORE_ID_SIZE], first[STORE_ID_SIZE], here[STORE_ID_SIZE],
        there[STORE_ID_SIZE];
    (void)state;
    add_person(one, "A", a);
    expect_done(store_consent_give(one, a, "research", "sheet 3", &why));
    add_session(one, a, "1.tfr", 31, "2026-01-01T00:00:00Z", 0.2, first);
    json_decref(expect_told(store_merge(two, in_folder("one"), &why)));
    add_session(one, a, "2.tfr", 32, "2026-01-02T00:00:00Z", 0.2, here);
    add_session(two, a, "2.tfr", 32, "2026-01-02T00:00:00Z", 0.2, there); /* the same recording */
    add_person(two, "Other", other);
    add_session(two, other, "3.tfr", 33, "2026-01-03T00:00:00Z", 0.2, there);
    add_session(one, a, "3.tfr", 33, "2026-01-03T00:00:00Z", 0.2, here); /* here as A's */
    store_close(one);
    run_sql(in_folder("two/catalogue.sqlite"), /* a day later */
            "UPDATE client SET changed_utc = '2099-01-01T00:00:00Z', birth_year = 1950, keep_years "
            "= 7 WHERE label = 'A'; UPDATE consent SET withdrawn_utc = '2099-01-01T00:00:00Z'");
    expect_done(store_note_add(two, a, first, "on the first", &why));
    json_t *sessions = expect_told(
        store_sessions(two, &(struct store_list){.client = a, .from = "2026-01-02"}, &why));
    const char *second = json_string_value(
        json_object_get(json_array_get(json_object_get(sessions, "sessions"), 0), "session"));
    expect_done(store_note_add(two, a, second, "on the second", &why));
    json_decref(sessions);
    store_close(two);

    one = open_on("one", NULL);
    json_t *told = expect_told(store_merge(one, in_folder("two"), &why));
    assert_int_equal(count_of(told, "sessions"), 0);
    assert_int_equal(count_of(told, "session_notes"), 2);
    assert_int_equal(json_array_size(json_object_get(told, "sessions_of_others")), 1);
    json_decref(told);
    json_t *person = expect_told(store_client(one, a, &why));
    assert_int_equal(count_of(person, "birth_year"), 1950);
    assert_string_equal(json_string_value(json_object_get(person, "due_on")), "2033-01-03");
    assert_int_equal(json_array_size(json_object_get(person, "sessions")), 3);
    const json_t *consent = json_array_get(json_object_get(person, "consents"), 0);
    assert_true(json_is_string(json_object_get(consent, "withdrawn_utc")));
    json_decref(person);
    told = expect_told(store_merge(one, in_folder("two"), &why)); /* once more: nothing new */
    assert_int_equal(
        count_of(told, "people") + count_of(told, "session_notes") + count_of(told, "consents"), 0);
    json_decref(told);
    assert_int_equal(problems_of(one, 0), 0);
    store_close(one);
}

/* This program's locks outlive a second handle of its own: another program that comes and goes does
 * not take away the log that the first one writes into. */
static void test_another_program_leaves_our_log_alone(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE];
    int status;
    (void)state;
    add_person(store, "first", id);
    store_close(open_store());
    pid_t other = fork();
    if (!other) {
        char *const words[] = {"sqlite3", (char *)(uintptr_t)in_folder("data/catalogue.sqlite"),
                               "SELECT count(*) FROM client", NULL};
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        execvp(words[0], words);
        _exit(127);
    }
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_true(WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == 127));
    assert_int_equal(access(in_folder("data/catalogue.sqlite-wal"), F_OK), 0);
    add_person(store, "second", id);
    store_close(store);
    store = open_store();
    assert_int_equal(matching(store, "second"), 1);
    store_close(store);
}

/* --- Versions -------------------------------------------------------------------------------- */

static void run_sql_of(const char *path)
{
    size_t n;
    uint8_t *bytes = scratch_read(path, &n);
    char *sql = strndup((const char *)bytes, n);
    run_sql(in_folder("data/catalogue.sqlite"), sql);
    free(sql);
    free(bytes);
}

/* Stands of version 2 did not say whether the eyes were open; the rest of it is kept, who was
 * erased stays so, and a backup that it made is still reached for. */
static void test_version_2_is_brought_forward(void **state)
{
    struct store_list due = {.due = 1};
    (void)state;
    assert_int_equal(mkdir(in_folder("data"), 0755), 0);
    run_sql_of("tests/support/store_version_1.sql");
    run_sql_of("tests/support/store_version_2.sql");
    struct store *store = open_on("data", "2028-01-02");
    json_t *told = expect_told(store_client(store, "p0123456789abcdef", &why));
    assert_string_equal(text_of(told, "due_on"), "2031-05-01");
    json_decref(told);
    told = expect_told(store_session(store, "s0000000000000001", &why));
    assert_true(json_is_null(json_object_get(told, "condition")));
    json_decref(told);
    told = expect_told(store_clients(store, &due, &why));
    assert_int_equal(count_of(told, "matching"), 1);
    json_decref(told);
    assert_true(hits_of_text(in_folder("data/backups"), "Olga Version One") > 0);
    told = expect_told(store_client_erase(store, "p00000000000e5a5e", &why)); /* long since */
    const json_t *away = json_object_get(told, "backups_out_of_reach");
    assert_int_equal(json_array_size(away), 1);
    assert_string_equal(text_of(json_array_get(away, 0), "path"), "/nowhere/backup-of-version-2");
    json_decref(told);
    assert_true(hits_of_text(in_folder("data"), "Olga Version One") > 0);
    json_decref(expect_told(store_client_erase(store, "p0123456789abcdef", &why)));
    assert_int_equal(hits_of_text(in_folder("data"), "Olga"), 0);
    store_close(store);
    store = open_on("data", "2028-01-02"); /* brought forward once */
    store_close(store);
}

static void test_version_1_is_brought_forward(void **state)
{
    struct store_list due = {.due = 1};
    (void)state;
    assert_int_equal(mkdir(in_folder("data"), 0755), 0);
    run_sql_of("tests/support/store_version_1.sql");
    struct store *store = open_on("data", "2028-01-02");
    json_t *told = expect_told(store_client(store, "p0123456789abcdef", &why));
    assert_string_equal(text_of(told, "label"), "Olga Version One");
    assert_string_equal(text_of(told, "due_on"), "2031-05-01");
    assert_int_equal(json_array_size(json_object_get(told, "consents")), 1);
    assert_int_equal(json_array_size(json_object_get(told, "screenings")), 1);
    json_decref(told);
    told = expect_told(store_trend(store, "p0123", "arch_index", &why));
    assert_int_equal(json_array_size(json_object_get(told, "points")), 1);
    json_decref(told);
    told = expect_told(store_clients(store, &due, &why)); /* two years after 2026-01-02 */
    assert_int_equal(count_of(told, "matching"), 1);
    json_decref(told);

    /* As it was lies beside it, and the person leaves that as well. */
    assert_true(hits_of_text(in_folder("data/backups"), "Olga Version One") > 0);
    json_decref(expect_told(store_client_erase(store, "p0123456789abcdef", &why)));
    assert_true(hits_of_text(in_folder("data/backups"), "Second Person") > 0);
    assert_int_equal(hits_of_text(in_folder("data"), "Olga"), 0);
    store_close(store);
}

static void expect_no_store(enum problem_kind kind, const char *word)
{
    struct store_options options = {.data = in_folder("data"), .catalogue = ""};
    assert_null(store_open(&options, &why));
    assert_int_equal(why.kind, kind);
    if (!strstr(why.text, word))
        fail_msg("no '%s' in: %s", word, why.text);
}

static void test_other_catalogues_are_refused(void **state)
{
    const char *file = in_folder("data/catalogue.sqlite");
    struct store_options nowhere = {.data = in_folder("nowhere"), .must_exist = 1, .catalogue = ""};
    (void)state;
    store_close(open_store());
    run_sql(in_folder("data/catalogue.sqlite"),
            "UPDATE meta SET value = '4' WHERE key = 'schema_version'");
    expect_no_store(PROBLEM_REFUSED, "newer");
    unlink(file);
    run_sql(in_folder("data/catalogue.sqlite"), "CREATE TABLE birds (name TEXT)");
    expect_no_store(PROBLEM_REFUSED, "another program");
    scratch_write(in_folder("data/catalogue.sqlite"), "This is no database, it is a text. ", 35);
    expect_no_store(PROBLEM_REFUSED, "damaged");
    unlink(in_folder("data/catalogue.sqlite"));
    assert_int_equal(symlink("/etc/passwd", in_folder("data/catalogue.sqlite")), 0);
    expect_no_store(PROBLEM_FAILED, "catalogue.sqlite");
    assert_null(store_open(&nowhere, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    nowhere.catalogue = "mysql://x";
    nowhere.data = folder;
    assert_null(store_open(&nowhere, &why));
    assert_int_equal(why.kind, PROBLEM_USAGE);
}

/* --- Memory ---------------------------------------------------------------------------------- */

/* Into `fd`; what is at `id` of the open store. */
static int archive_into(struct store *store, const char *id, int fd, double bytes_per_s)
{
    int bad = store_client_archive(store, id, fd,
                                   &(struct store_pace){.most_bytes_per_s = bytes_per_s}, &why);
    close(fd);
    return bad;
}

static int new_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* One of each kind of call. 0, or -1 at the first that fails. */
static int story(const char *id)
{
    struct store_options options = {.data = in_folder("data"), .catalogue = "", .who = "tester"};
    struct store_list list = {.search = "a"};
    char session[STORE_ID_SIZE];
    json_t *told = NULL, *changes = json_pack("{s:s}", "label", "Ann");
    json_t *analysis = analysis_of(0.2, 100);
    struct store *store = store_open(&options, &why);
    int bad = !store || store_client_edit(store, id, changes, &why) ||
              store_session_add(store, id, in_folder("1.tfr"), analysis, NULL, session, &why) ||
              !(told = store_clients(store, &list, &why));
    json_decref(told);
    told = bad ? NULL : store_client(store, id, &why);
    bad = bad || !told;
    json_decref(told);
    char *path = bad ? NULL : store_recording_path(store, session, &why);
    bad = bad || !path;
    free(path);
    told = bad ? NULL : store_backup(store, in_folder("copy"), &why);
    bad = bad || !told;
    json_decref(told);
    told = bad ? NULL : store_client_export(store, id, in_folder("export"), 1, &why);
    bad = bad || !told;
    json_decref(told);
    bad = bad || archive_into(store, id, new_file(in_folder("a.zip")), 0);
    store_close(store);
    json_decref(analysis);
    json_decref(changes);
    return bad ? -1 : 0;
}

/* One who is fetched is not erased; one who is erased is not fetched. */
static void test_who_is_fetched_is_not_erased(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], whole[STORE_ID_SIZE];
    (void)state;
    fill_person(store, id, session);
    struct store_hold *held = store_hold_client(store, id, whole, &why);
    assert_non_null(held);
    json_decref(expect_told(store_client_export(store, id, in_folder("beside"), 0, &why)));
    store_let_go(held);
    held = store_hold_alone(store, id, &why);
    assert_non_null(held);
    assert_null(store_client_export(store, id, in_folder("never"), 0, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "being erased"));
    assert_int_not_equal(access(in_folder("never"), F_OK), 0);
    store_let_go(held);
    store_close(store);
}

/* What is in it is read by other software in tests/serve_station.py. */
static void test_an_archive_of_a_person(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    int ends[2];
    struct stat whole;
    (void)state;
    fill_person(store, id, session);
    assert_int_equal(archive_into(store, id, new_file(in_folder("a.zip")), 0), 0);
    assert_true(hits_of_text(in_folder("a.zip"), "MARKERNAME") > 0);
    assert_true(hits_of_text(in_folder("a.zip"), "PK\005\006") == 1); /* its end */
    assert_int_equal(stat(in_folder("a.zip"), &whole), 0);

    uint64_t began_us = host_clock_us(); /* at a pace of five times its bytes a second */
    assert_int_equal(
        archive_into(store, id, new_file(in_folder("b.zip")), 5.0 * (double)whole.st_size), 0);
    assert_true(host_clock_us() - began_us > 120000);

    /* Fetched by somebody who takes a byte now and then: it is not waited for for ever. */
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0 && whole.st_size > 4096);
    assert_int_equal(store_client_archive(
                         store, id, ends[1],
                         &(struct store_pace){.least_bytes_per_s = 1e9, .patience_s = 0.01}, &why),
                     -1);
    assert_non_null(strstr(why.text, strerror(ETIMEDOUT)));
    close(ends[0]);
    close(ends[1]);

    signal(SIGPIPE, SIG_IGN); /* whoever fetched it has gone */
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(archive_into(store, id, ends[1], 0), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "archive cannot be written"));
    assert_int_equal(archive_into(store, "pzzzzzzzz", new_file(in_folder("c.zip")), 0), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);

    /* A recording that is not there is told; the rest is. */
    char *path = store_recording_path(store, session, &why);
    assert_int_equal(unlink(path), 0);
    free(path);
    assert_int_equal(archive_into(store, id, new_file(in_folder("d.zip")), 0), 0);
    assert_true(hits_of_text(in_folder("d.zip"), "/missing.json") > 0);
    assert_int_equal(hits_of_text(in_folder("a.zip"), "/missing.json"), 0);
    store_close(store);
}

static void test_no_memory_leaves_a_whole_store(void **state)
{
    struct store *store = open_store();
    char id[STORE_ID_SIZE];
    (void)state;
    add_person(store, "Ann", id);
    store_close(store);
    write_recording(in_folder("1.tfr"), 3, "x", "2026-01-01T00:00:00Z", "y");
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        int bad = story(id), failed = failing_malloc_off();
        for (int i = 0; i < 2; i++) {
            const char *made = in_folder(i ? "export" : "copy");
            if (!access(made, F_OK))
                assert_int_equal(nftw(made, remove_one, 16, FTW_PHYS | FTW_DEPTH), 0);
        }
        if (!failed) {
            assert_int_equal(bad, 0);
            print_message("%ld allocations failed in turn\n", n - 1);
            assert_true(n > 30);
            break;
        }
    }
    store = open_store();
    assert_int_equal(problems_of(store, 0), 0);
    store_close(store);
}

/* --- Cut short ------------------------------------------------------------------------------- */

static int count_named(void *context, const char *path, enum vault_kind kind, const char *name,
                       struct problem *unused)
{
    (void)path, (void)name, (void)unused;
    *(int *)context += kind == VAULT_PLAIN;
    return 0;
}

static int files_with_a_name(void)
{
    int n = 0;
    expect_done(vault_each(in_folder("data"), count_named, &n, &why));
    return n;
}

typedef int store_work(struct store *store, const void *given);

/* Another program does it and is killed at its n-th allocation or fsync: 1, or 0 when it came to
 * its end. */
static int is_killed_at(long n, store_work *work, const void *given)
{
    int status;
    pid_t child = fork();
    if (!child) {
        struct store *store = open_store();
        killing_at(n);
        int bad = work(store, given);
        failing_malloc_off();
        store_close(store);
        _exit(bad ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return !WIFEXITED(status);
}

static int add_one(struct store *store, const void *id)
{
    char session[STORE_ID_SIZE];
    json_t *analysis = analysis_of(0.2, 175);
    int bad = store_session_add(store, id, in_folder("1.tfr"), analysis, NULL, session, &why);
    json_decref(analysis);
    return bad;
}

static int merge_other(struct store *store, const void *unused)
{
    (void)unused;
    json_t *told = store_merge(store, in_folder("other"), &why);
    json_decref(told);
    return told ? 0 : -1;
}

static int sessions_in(struct store *store)
{
    struct store_list all = {0};
    json_t *told = expect_told(store_sessions(store, &all, &why));
    int n = (int)json_integer_value(json_object_get(told, "matching"));
    json_decref(told);
    return n;
}

/* A session is there whole or not at all, and of one that is not no file stays that nobody knows
 * whose it is. */
static void test_a_session_that_was_cut_short_leaves_no_file(void **state)
{
    int nameless = 0, killed = 1;
    long n = 0;
    (void)state;
    write_recording(in_folder("1.tfr"), 11, "MARKERHEADER", "2026-01-01T00:00:00Z", "MARKERWORDS");
    while (killed) {
        struct store *store = open_store();
        char id[STORE_ID_SIZE];
        add_person(store, "Cut Short", id);
        store_close(store);
        killed = is_killed_at(++n, add_one, id);
        int named = files_with_a_name();
        store = open_store();
        int sessions = sessions_in(store);
        assert_int_equal(files_with_a_name(), sessions);
        nameless += named - sessions;
        json_decref(expect_told(store_client_erase(store, id, &why)));
        assert_int_equal(hits_of_text(in_folder("data"), "MARKERWORDS"), 0);
        assert_int_equal(problems_of(store, 0), 0);
        store_close(store);
    }
    print_message("killed %ld times, %d of them between the file's name and its session\n", n - 1,
                  nameless);
    assert_true(n > 5 && nameless > 0);
}

static void test_a_merge_that_was_cut_short_leaves_no_file(void **state)
{
    int nameless = 0, sessions = 0;
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    struct store *store = open_on("other", NULL);
    (void)state;
    add_person(store, "From There", id);
    add_session(store, id, "1.tfr", 11, "2026-01-01T00:00:00Z", 0.2, session);
    add_session(store, id, "2.tfr", 12, "2026-01-02T00:00:00Z", 0.2, session);
    store_close(store);
    for (long n = 1; sessions == 0; n++) {
        int killed = is_killed_at(n, merge_other, NULL), named = files_with_a_name();
        store = open_store();
        sessions = sessions_in(store);
        assert_int_equal(sessions, killed ? 0 : 2);
        assert_int_equal(files_with_a_name(), sessions);
        nameless += named - sessions;
        store_close(store);
    }
    assert_true(nameless > 0);
}

/* --- Backups that are killed ----------------------------------------------------------------- */

static int back_up(struct store *store, const void *path)
{
    json_t *told = store_backup(store, path, &why);
    json_decref(told);
    return told ? 0 : -1;
}

/* Folders on the disk of backups: those at a temporary name, or the others. */
static int folders_on_disk(int temporary)
{
    int n = 0;
    DIR *disk = opendir(in_folder("disk"));
    assert_non_null(disk);
    for (struct dirent *entry; (entry = readdir(disk));)
        n += entry->d_name[0] != '.' && !strstr(entry->d_name, ".part-") == !temporary;
    closedir(disk);
    return n;
}

static size_t length_of(const json_t *told, const char *key)
{
    return json_array_size(json_object_get(told, key));
}

static void expect_whole_backup(const char *path)
{
    struct store_options options = {
        .data = path, .catalogue = "", .who = "tester", .must_exist = 1};
    struct store *store = store_open(&options, &why);
    if (!store)
        fail_msg("%s: %s", path, why.text);
    assert_int_equal(problems_of(store, 0), 0);
    assert_int_equal(sessions_in(store), 2);
    store_close(store);
}

/* At each of its steps: what has its name is whole, and what has not is reached by erasing as it is
 * by the next backup, which says so. */
static void test_a_backup_that_was_killed_is_reached(void **state)
{
    int killed = 1, left = 0, swept = 0;
    (void)state;
    for (long n = 1; killed; n++) {
        assert_int_equal(mkdir(in_folder("disk"), 0700), 0);
        char name[32], id[STORE_ID_SIZE], session[STORE_ID_SIZE];
        struct store *store = open_store();
        fill_person(store, id, session);
        store_close(store);
        snprintf(name, sizeof name, "disk/%ld", n);
        const char *path = in_folder(name);
        killed = is_killed_at(n, back_up, path);
        int whole = !access(path, F_OK), partial = folders_on_disk(1);
        assert_int_equal(whole + partial <= 1, 1);
        if (whole)
            expect_whole_backup(path);
        store = open_store();
        int is_swept = (n % 2) != 0;
        if (is_swept) {
            snprintf(name, sizeof name, "disk/%ld-again", n);
            json_t *told = expect_told(store_backup(store, in_folder(name), &why));
            assert_int_equal(length_of(told, "partial_backups_removed"), partial);
            json_decref(told);
            assert_int_equal(folders_on_disk(1), 0);
            expect_whole_backup(in_folder(name));
        }
        json_t *told = expect_told(store_client_erase(store, id, &why));
        assert_int_equal(length_of(told, "partial_backups_removed"), is_swept ? 0 : partial);
        assert_int_equal(length_of(told, "backups_out_of_reach"), 0);
        json_decref(told);
        store_close(store);
        assert_int_equal(folders_on_disk(1), 0);
        assert_int_equal(hits_of_text(in_folder("disk"), "MARKERNAME"), 0);
        left += partial;
        assert_int_equal(tear_down(state) | set_up(state), 0); /* nothing of it slows the next */
        swept += is_swept && partial;
    }
    print_message("left by killed backups: %d, %d of them swept by the next\n", left, swept);
    assert_true(left > swept && swept > 0);
}

/* Of another station on the same disk: what it left goes, what it makes now and what is no
 * backup stays. */
static void test_what_is_being_made_is_not_swept(void **state)
{
    char id[STORE_ID_SIZE];
    struct store *store = open_store();
    (void)state;
    add_person(store, "Anybody", id);
    static const char *const names[] = {"disk", "disk/a.part-a1B2c3", "disk/b.part-a1B2c3",
                                        "disk/c.part-a1B2c3"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(mkdir(in_folder(names[i]), 0700), 0);
    scratch_write(in_folder("disk/a.part-a1B2c3/catalogue.sqlite"), "left", 4);
    scratch_write(in_folder("disk/b.part-a1B2c3/catalogue.sqlite"), "made", 4);
    scratch_write(in_folder("disk/c.part-a1B2c3/letter"), "mine", 4);
    int made = open(in_folder("disk/b.part-a1B2c3"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(made, LOCK_SH), 0);
    json_t *told = expect_told(store_backup(store, in_folder("disk/whole"), &why));
    const json_t *removed = json_object_get(told, "partial_backups_removed");
    assert_int_equal(json_array_size(removed), 1);
    assert_non_null(strstr(json_string_value(json_array_get(removed, 0)), "disk/a.part-a1B2c3"));
    assert_int_equal(access(in_folder("disk/a.part-a1B2c3"), F_OK), -1);
    assert_int_equal(access(in_folder("disk/b.part-a1B2c3/catalogue.sqlite"), F_OK), 0);
    assert_int_equal(access(in_folder("disk/c.part-a1B2c3/letter"), F_OK), 0);
    json_decref(told);
    close(made);
    store_close(store);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_a_person_comes_back_as_stated),
        STORY(test_what_cannot_be_is_refused_by_name),
        STORY(test_odd_names_are_texts_and_found),
        STORY(test_consent_is_dated_and_withdrawn),
        STORY(test_whose_time_is_over_is_due),
        STORY(test_numbers_come_back_as_a_trend),
        STORY(test_repeats_of_a_day_widen_a_trend),
        STORY(test_open_and_closed_eyes_are_apart),
        STORY(test_lists_of_sessions_keep_to_days_and_people),
        STORY(test_a_recording_is_one_persons_and_comes_once),
        STORY(test_damage_and_strangers_are_told),
        STORY(test_everything_can_be_taken_away),
        STORY(test_who_leaves_leaves_nothing),
        STORY(test_the_log_tells_what_and_not_who),
        STORY(test_a_backup_is_restored_whole),
        STORY(test_two_stations_become_one),
        STORY(test_what_both_went_on_with_is_kept),
        STORY(test_another_program_leaves_our_log_alone),
        STORY(test_version_1_is_brought_forward),
        STORY(test_version_2_is_brought_forward),
        STORY(test_other_catalogues_are_refused),
        STORY(test_an_archive_of_a_person),
        STORY(test_who_is_fetched_is_not_erased),
        STORY(test_no_memory_leaves_a_whole_store),
        STORY(test_a_session_that_was_cut_short_leaves_no_file),
        STORY(test_a_merge_that_was_cut_short_leaves_no_file),
        STORY(test_a_backup_that_was_killed_is_reached),
        STORY(test_what_is_being_made_is_not_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
