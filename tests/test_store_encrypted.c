/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An encrypted data folder: nothing of a person is found in it, in use and after; it does what the
 * other does; another key, damage, death in the middle and no memory lose and betray nothing. */
#include "driver/recording.h"
#include "driver/store/sql_pages.h"
#include "driver/store/store.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static struct problem why;
static struct seal_key key; /* of in_folder("data") */

/* --- Rig ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static const char *in_folder(const char *name)
{
    static char paths[16][256];
    static int turn;
    char *path = paths[turn++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    static char path[256];
    (void)state;
    /* In memory where there is such a place: hundreds of files are synced here. */
    snprintf(folder, sizeof folder, "%s/tenderfoot-vault-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s", in_folder("key"));
    key = (struct seal_key){.key_file = path};
    return seal_new_key(path, &why) || seal_new_key(in_folder("other"), &why);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

static struct store_options options_of(const char *name, const struct seal_key *by)
{
    struct store_options options = {
        .data = in_folder(name), .catalogue = "", .who = "tester", .today = "2026-11-22"};
    if (by)
        options.key = *by;
    return options;
}

static struct store *open_by(const struct seal_key *by)
{
    struct store_options options = options_of("data", by);
    struct store *store = store_open(&options, &why);
    if (!store)
        fail_msg("%s", why.text);
    return store;
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

static void expect_refused(enum problem_kind kind, const char *words)
{
    if (why.kind != kind || !strstr(why.text, words))
        fail_msg("no '%s' in: %s", words, why.text);
}

static int count_of(const json_t *told, const char *name)
{
    const json_t *value = json_object_get(told, name);
    return json_is_array(value) ? (int)json_array_size(value) : (int)json_integer_value(value);
}

/* Turned on or off; the recordings that were. */
static int turned(int on)
{
    struct store_options options = options_of("data", &key);
    json_t *told = expect_told(on ? store_encrypt(&options, &why) : store_decrypt(&options, &why));
    assert_true(json_is_true(json_object_get(told, "whole")));
    int n = count_of(told, "recordings");
    json_decref(told);
    return n;
}

static void expect_whole(struct store *store)
{
    json_t *told = expect_told(store_check(store, 0, &why));
    if (count_of(told, "problems"))
        fail_msg("%s", json_string_value(json_array_get(json_object_get(told, "problems"), 0)));
    json_decref(told);
}

enum { FRAMES = 400 };

/* No two recordings have a frame in common. */
static void write_recording(int number)
{
    char name[24];
    snprintf(name, sizeof name, "%d.tfr", number);
    struct recording_header header;
    example_header(&header);
    strcpy(header.client, "MARKERHEADER");
    char *json = recording_header_format(&header, &why);
    struct recording_writer *writer = recording_create(in_folder(name), json, NULL, 0, &why);
    assert_non_null(writer);
    free(json);
    example_append_hello(writer, 77, (uint32_t)number * 1000);
    for (uint32_t i = 0; i < FRAMES; i++)
        example_append_frame(writer, (uint32_t)number * 1000 + i);
    expect_done(recording_finish(writer, &why));
}

/* A person with so many sessions; the last one's id. */
static void fill(struct store *store, int n, char id[STORE_ID_SIZE], char session[STORE_ID_SIZE])
{
    json_t *person = json_pack("{s:s, s:s}", "label", "MARKERNAME", "notes", "MARKERNOTES");
    expect_done(store_client_add(store, person, id, &why));
    json_decref(person);
    for (int i = 1; i <= n; i++) {
        char name[24];
        snprintf(name, sizeof name, "%d.tfr", i);
        if (access(in_folder(name), F_OK))
            write_recording(i);
        expect_done(store_session_add(store, id, in_folder(name), NULL, NULL, session, &why));
    }
}

/* --- Bytes in files -------------------------------------------------------------------------- */

static struct {
    const uint8_t *bytes; /* of a recording */
    size_t n;
    int hits;
} hunt;

static int look_into(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    static const char *const words[] = {"MARKER", "marker", "SQLite", "CREATE TABLE"};
    size_t n;
    (void)status;
    (void)place;
    if (kind != FTW_F)
        return 0;
    uint8_t *bytes = scratch_read(path, &n);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        hunt.hits += n && memmem(bytes, n, words[i], strlen(words[i]));
    for (size_t at = hunt.n / 2; n && at + 32 < hunt.n; at += hunt.n / 16)
        hunt.hits += memmem(bytes, n, hunt.bytes + at, 32) != NULL;
    free(bytes);
    return 0;
}

/* Files below data/ with something of the person's, or with a stretch of 1.tfr's frames. */
static int hits(void)
{
    uint8_t *bytes = scratch_read(in_folder("1.tfr"), &hunt.n);
    hunt.bytes = bytes;
    hunt.hits = 0;
    assert_int_equal(nftw(in_folder("data"), look_into, 16, FTW_PHYS), 0);
    free(bytes);
    return hunt.hits;
}

static void expect_same(const char *a, const char *b)
{
    size_t n, m;
    uint8_t *one = scratch_read(a, &n), *two = scratch_read(b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

/* The one file below recordings/ (of a store of one session). */
static char found[300];

static int find_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    if (kind == FTW_F)
        snprintf(found, sizeof found, "%s", path);
    return 0;
}

static const char *kept_file(void)
{
    assert_int_equal(nftw(in_folder("data/recordings"), find_one, 16, FTW_PHYS), 0);
    return found;
}

/* --- In use ---------------------------------------------------------------------------------- */

static void test_nothing_shows_in_use_and_after(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    assert_int_equal(turned(1), 0); /* a folder that is not there yet */
    struct store *store = open_by(&key);
    assert_true(store_is_encrypted(store));
    fill(store, 3, id, session);
    assert_int_equal(access(in_folder("data/catalogue.sqlite-wal"), F_OK), 0);
    assert_int_equal(hits(), 0); /* in use: the log and its index are there */
    char *path = store_recording_path(store, session, &why);
    assert_non_null(path);
    expect_same(in_folder("3.tfr"), path);
    assert_int_equal(hits(), 0);
    json_decref(expect_told(store_backup(store, NULL, &why)));
    expect_whole(store);
    store_close(store);
    assert_int_equal(hits(), 0);           /* and after */
    expect_same(in_folder("3.tfr"), path); /* the copy outlives the store */
    store_recording_close(path);

    store = open_by(&key);
    json_t *told = expect_told(store_client(store, id, &why));
    assert_string_equal(json_string_value(json_object_get(told, "notes")), "MARKERNOTES");
    json_decref(told);
    expect_done(store_recording_copy(store, session, in_folder("copy"), &why));
    expect_same(in_folder("3.tfr"), in_folder("copy"));
    store_close(store);
}

static void test_on_and_off_bring_all_back(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    struct store *store = open_by(NULL);
    fill(store, 3, id, session);
    json_decref(expect_told(store_backup(store, NULL, &why)));
    struct store_options options = options_of("data", &key);
    assert_null(store_encrypt(&options, &why)); /* while it is open */
    expect_refused(PROBLEM_FAILED, "in use");
    store_close(store);
    assert_true(hits() > 0);
    assert_int_equal(turned(1), 6);
    assert_int_equal(hits(), 0);
    assert_int_equal(turned(1), 0);
    store = open_by(&key);
    expect_whole(store);
    store_close(store);
    assert_int_equal(turned(0), 6);
    assert_true(hits() > 0);
    store = open_by(NULL);
    assert_false(store_is_encrypted(store));
    expect_whole(store);
    char *path = store_recording_path(store, session, &why);
    expect_same(in_folder("3.tfr"), path);
    store_recording_close(path);
    json_t *told = expect_told(store_client(store, id, &why));
    assert_int_equal(count_of(told, "sessions"), 3);
    json_decref(told);
    store_close(store);
    assert_null(store_decrypt(&options, &why));
    expect_refused(PROBLEM_REFUSED, "not encrypted");
}

/* A backup is encrypted as its store; who is erased leaves it too; another folder takes it in. */
static void test_backups_merge_and_erase_as_ever(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    turned(1);
    struct store *store = open_by(&key);
    fill(store, 2, id, session);
    json_decref(expect_told(store_backup(store, in_folder("data/outside"), &why)));
    assert_int_equal(hits(), 0);
    struct store_options again = options_of("again", &key), plain = options_of("plain", NULL);
    expect_done(store_restore(in_folder("data/outside"), &again, &why));
    struct store *restored = store_open(&again, &why);
    assert_non_null(restored);
    assert_true(store_is_encrypted(restored));
    expect_whole(restored);
    store_close(restored);

    struct store *open = store_open(&plain, &why); /* one in the clear that has no key for it */
    assert_null(store_merge(open, in_folder("again"), &why));
    expect_refused(PROBLEM_REFUSED, "is encrypted: give its key");
    json_t *merged = expect_told(store_merge_by(open, in_folder("again"), &key, &why));
    assert_int_equal(count_of(merged, "people"), 1);
    assert_int_equal(count_of(merged, "recordings_missing"), 0);
    json_decref(merged);
    expect_whole(open);
    store_close(open);
    json_decref(expect_told(store_client_export(store, id, in_folder("export"), 0, &why)));

    json_t *told = expect_told(store_client_erase(store, id, &why));
    assert_int_equal(count_of(told, "recordings"), 2);
    assert_int_equal(count_of(told, "backups_erased"), 1);
    assert_int_equal(count_of(told, "backups_out_of_reach"), 0);
    json_decref(told);
    struct store_options backup = options_of("data/outside", &key);
    struct store *copy = store_open(&backup, &why);
    told = expect_told(store_clients(copy, &(struct store_list){0}, &why));
    assert_int_equal(count_of(told, "matching"), 0);
    json_decref(told);
    expect_whole(copy);
    store_close(copy);
    told = expect_told(store_merge(store, in_folder("again"), &why)); /* erased stays erased */
    assert_int_equal(count_of(told, "people"), 0);
    json_decref(told);
    expect_whole(store);
    store_close(store);
    found[0] = '\0';
    if (!access(in_folder("data/recordings"), F_OK))
        assert_string_equal(kept_file(), "");
}

/* --- Keys ------------------------------------------------------------------------------------ */

static void expect_shut(const struct seal_key *by, const char *words)
{
    struct store_options options = options_of("data", by);
    assert_null(store_open(&options, &why));
    expect_refused(PROBLEM_REFUSED, words);
}

static void test_only_its_own_key_opens(void **state)
{
    char other_file[256], words_file[256];
    const struct seal_key other = {.key_file = other_file}, words = {.passphrase_file = words_file};
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    struct store_keys *keys;
    (void)state;
    strcpy(other_file, in_folder("other"));
    strcpy(words_file, in_folder("words"));
    scratch_write(words_file, "a long sentence\n", 16);
    turned(1);
    struct store *store = open_by(&key);
    fill(store, 1, id, session);
    store_close(store);
    expect_shut(NULL, "is encrypted: give its key by --store-key FILE");
    expect_shut(&other, "is not its key");
    expect_shut(&words, "by a key file, and the other was given");
    struct store_options options = options_of("data", &other);
    assert_null(store_decrypt(&options, &why));
    expect_refused(PROBLEM_REFUSED, "is not its key");
    assert_null(store_encrypt(&options, &why));
    assert_int_equal(turned(1), 0); /* nothing was changed by these */

    options = options_of("data", &key); /* once for many */
    expect_done(store_unlock(&options, &keys, &why));
    options.key = (struct seal_key){0};
    options.keys = keys;
    store = store_open(&options, &why);
    assert_non_null(store);
    expect_whole(store);
    store_close(store);
    store_forget_keys(keys);

    setenv("TENDERFOOT_STORE_KEY", key.key_file, 1);
    store_close(open_by(NULL));
    options = options_of("plain", NULL); /* never in the clear unseen */
    assert_null(store_open(&options, &why));
    expect_refused(PROBLEM_REFUSED, "is not encrypted, although a key");
    unsetenv("TENDERFOOT_STORE_KEY");
}

static void test_a_passphrase_opens_too(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    struct store_options options;
    (void)state;
    scratch_write(in_folder("words"), "a long sentence\n", 16);
    char words[256];
    strcpy(words, in_folder("words"));
    key = (struct seal_key){.passphrase_file = words};
    turned(1);
    options = options_of("data", &key);
    struct store_keys *keys;
    expect_done(store_unlock(&options, &keys, &why));
    options.keys = keys;
    struct store *store = store_open(&options, &why);
    assert_non_null(store);
    fill(store, 1, id, session);
    store_close(store);
    store_forget_keys(keys);
}

/* --- Damage ---------------------------------------------------------------------------------- */

static void flip(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    int c = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(c ^ 4, file);
    fclose(file);
}

static void expect_no_recording(const char *session)
{
    struct store *store = open_by(&key);
    assert_null(store_recording_path(store, session, &why));
    expect_refused(PROBLEM_REFUSED, "is damaged");
    store_close(store);
}

static void test_a_damaged_recording_is_never_half_read(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    size_t n;
    (void)state;
    turned(1);
    struct store *store = open_by(&key);
    fill(store, 1, id, session);
    store_close(store);
    const char *path = kept_file();
    uint8_t *bytes = scratch_read(path, &n);
    static const long places[] = {3, 20, 40, 90, -5};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        flip(path, places[i]);
        expect_no_recording(session);
        flip(path, places[i]);
    }
    static const size_t sizes[] = {0, 31, 56, 100, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        scratch_write(path, bytes, sizes[i] == 1 ? n - 1 : sizes[i]);
        expect_no_recording(session);
    }
    scratch_write(path, bytes, n);
    store = open_by(&key);
    expect_whole(store);
    store_close(store);
    free(bytes);
}

/* Encrypted once more: its key looks again, nothing is turned, and that is said; no other key takes
 * it over. */
static void test_an_encrypted_one_stays_as_it_is(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], other_file[256];
    const struct seal_key other = {.key_file = other_file};
    (void)state;
    struct store *store = open_by(NULL);
    fill(store, 1, id, session);
    store_close(store);
    strcpy(other_file, in_folder("other"));
    for (int again = 0; again < 2; again++) {
        struct store_options options = options_of("data", &key);
        json_t *told = expect_told(store_encrypt(&options, &why));
        assert_true(json_is_true(json_object_get(told, "encrypted")));
        assert_int_equal(json_is_true(json_object_get(told, "encrypted_before")), again);
        assert_int_equal(count_of(told, "recordings"), !again);
        json_decref(told);
    }
    struct store_options options = options_of("data", NULL);
    assert_null(store_encrypt(&options, &why));
    expect_refused(PROBLEM_REFUSED, "is encrypted already");
    options = options_of("data", &other);
    assert_null(store_encrypt(&options, &why));
    expect_refused(PROBLEM_REFUSED, "is not its key");
    store = open_by(&key);
    expect_whole(store);
    store_close(store);
}

/* Of a folder that is turned one damaged recording is told, and keeps what opens it. */
static void test_damage_is_told_when_it_is_turned(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    struct store *store = open_by(NULL);
    fill(store, 1, id, session);
    store_close(store);
    flip(kept_file(), 200);
    struct store_options options = options_of("data", &key);
    json_t *told = expect_told(store_encrypt(&options, &why));
    assert_true(json_is_false(json_object_get(told, "whole")));
    assert_int_equal(count_of(told, "problems"), 1);
    json_decref(told);
    flip(kept_file(), 200);
    assert_int_equal(turned(1), 1);
    flip(kept_file(), 200);
    assert_null(store_decrypt(&options, &why));
    expect_refused(PROBLEM_REFUSED, "is damaged");
    flip(kept_file(), 200);
    assert_int_equal(turned(0), 1);
    assert_int_equal(turned(1), 1);
    assert_int_equal(unlink(in_folder("data/encryption")), 0);
    assert_null(store_encrypt(&options, &why)); /* not another key over the lost one */
    expect_refused(PROBLEM_REFUSED, "put that back from a backup");
}

/* A page changed, moved or cut off, and the mark. */
static void test_a_damaged_catalogue_is_told(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    size_t n, m;
    (void)state;
    turned(1);
    struct store *store = open_by(&key);
    fill(store, 1, id, session);
    store_close(store);
    uint8_t *bytes = scratch_read(in_folder("data/catalogue.sqlite"), &n);
    uint8_t *mark = scratch_read(in_folder("data/encryption"), &m);
    enum { SEALED = SQL_PAGES_SIZE + 40 };
    assert_int_equal(n % SEALED, 0);
    for (int page = 0; page < 2; page++) {
        flip(in_folder("data/catalogue.sqlite"), page * SEALED + 500);
        expect_shut(&key, "damaged");
        flip(in_folder("data/catalogue.sqlite"), page * SEALED + 500);
    }
    memcpy(bytes, bytes + SEALED, SEALED); /* the second page as the first */
    scratch_write(in_folder("data/catalogue.sqlite"), bytes, n);
    expect_shut(&key, "damaged");
    flip(in_folder("data/encryption"), 60);
    expect_shut(&key, "is not its key");
    scratch_write(in_folder("data/encryption"), mark, m - 1);
    expect_shut(&key, "is damaged");
    free(bytes);
    free(mark);
}

/* Whoever died while writing left a log that is cut short, or garbage at its end: what was
 * acknowledged is there. */
static void test_a_torn_log_keeps_what_was_acknowledged(void **state)
{
    char id[STORE_ID_SIZE];
    int told[2];
    (void)state;
    turned(1);
    store_close(open_by(&key));
    for (int round = 0; round < 3; round++) {
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        if (!child) { /* dies with the store open */
            struct store_options options = options_of("data", &key);
            struct store *store = store_open(&options, &why);
            json_t *person = json_pack("{s:s}", "label", "MARKERNAME");
            int bad = !store || store_client_add(store, person, id, &why) ||
                      write(told[1], id, sizeof id) != sizeof id;
            _exit(bad);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(read(told[0], id, sizeof id), sizeof id);
        close(told[0]);
        close(told[1]);
        FILE *log = fopen(in_folder("data/catalogue.sqlite-wal"), "ab");
        assert_non_null(log);
        assert_true(ftell(log) > 0);
        for (int i = 0; i < round * 3000; i++)
            fputc(i * 37 & 255, log);
        fclose(log);
        struct store *store = open_by(&key);
        json_t *person = expect_told(store_client(store, id, &why));
        json_decref(person);
        expect_whole(store);
        store_close(store);
    }
}

/* --- In the middle --------------------------------------------------------------------------- */

static void turn_until_killed(int on, long wait_us)
{
    pid_t child = fork();
    if (!child) {
        struct store_options options = options_of("data", &key);
        _exit(!(on ? store_encrypt(&options, &why) : store_decrypt(&options, &why)));
    }
    const struct timespec wait = {0, wait_us * 1000};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Half done it is opened by nobody, and the same call, or the other one, ends it. */
static void test_killed_in_the_middle_loses_nothing(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE], name[24];
    (void)state;
    struct store *store = open_by(NULL);
    fill(store, 6, id, session);
    json_decref(expect_told(store_backup(store, NULL, &why)));
    store_close(store);
    for (int round = 0; round < 8; round++) {
        for (int k = 0; k < 2; k++)
            turn_until_killed((round + k) % 2 == 0, 2500 * (round * 2 + k + 1));
        if (round % 2 == 0)
            continue;
        struct store_options options = options_of("data", &key);
        json_t *told = expect_told(store_encrypt(&options, &why));
        json_decref(told);
        assert_int_equal(hits(), 0);
        store = open_by(&key);
        expect_whole(store);
        told = expect_told(store_client(store, id, &why));
        assert_int_equal(count_of(told, "sessions"), 6);
        json_decref(told);
        store_close(store);
    }
    store = open_by(&key);
    snprintf(name, sizeof name, "%d.tfr", 6);
    char *path = store_recording_path(store, session, &why);
    expect_same(in_folder(name), path);
    store_recording_close(path);
    store_close(store);
}

/* As a death at each allocation: an error, and the next call ends it. */
static long fail_each(int on)
{
    for (long n = 1;; n++) {
        struct store_options options = options_of("data", &key);
        failing_malloc_at(n);
        json_t *told = on ? store_encrypt(&options, &why) : store_decrypt(&options, &why);
        int failed = failing_malloc_off(), is_done = told != NULL;
        json_decref(told);
        if (!failed) {
            if (!is_done)
                fail_msg("%s", why.text);
            return n - 1;
        }
        if (!is_done) { /* some are borne: what is lacking is looked at again */
            assert_true(why.kind == PROBLEM_FAILED || why.kind == PROBLEM_REFUSED);
            if (on || access(in_folder("data/encryption"), F_OK) == 0)
                turned(on);
        }
        turned(!on);
    }
}

static void test_no_memory_while_it_is_turned(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    struct store *store = open_by(NULL);
    fill(store, 1, id, session);
    store_close(store);
    long to = fail_each(1), back = fail_each(0);
    print_message("%ld and %ld allocations failed in turn\n", to, back);
    assert_true(to > 8 && back > 8);
    store = open_by(NULL);
    expect_whole(store);
    store_close(store);
}

static int story(const char *id)
{
    struct store_options options = options_of("data", &key);
    char session[STORE_ID_SIZE];
    struct store *store = store_open(&options, &why);
    int bad = !store || store_session_add(store, id, in_folder("1.tfr"), NULL, NULL, session, &why);
    char *path = bad ? NULL : store_recording_path(store, session, &why);
    bad = bad || !path;
    store_recording_close(path);
    json_t *told = bad ? NULL : store_backup(store, in_folder("copy"), &why);
    bad = bad || !told;
    json_decref(told);
    store_close(store);
    return bad ? -1 : 0;
}

static void test_no_memory_in_use(void **state)
{
    char id[STORE_ID_SIZE], session[STORE_ID_SIZE];
    (void)state;
    turned(1);
    struct store *store = open_by(&key);
    fill(store, 0, id, session);
    store_close(store);
    write_recording(1);
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        int bad = story(id), failed = failing_malloc_off();
        if (!access(in_folder("copy"), F_OK))
            assert_int_equal(nftw(in_folder("copy"), remove_one, 16, FTW_PHYS | FTW_DEPTH), 0);
        if (!failed) {
            assert_int_equal(bad, 0);
            assert_true(n > 30);
            break;
        }
    }
    store = open_by(&key);
    expect_whole(store);
    store_close(store);
    assert_int_equal(hits(), 0);
}

/* --- The file system below SQLite ------------------------------------------------------------ */

/* Written at odd places and sizes, beyond the end too, as an ordinary file: the same comes back. */
static void test_pages_are_a_file_like_any(void **state)
{
    enum { SIZE = 5 * SQL_PAGES_SIZE };
    static unsigned char mirror[SIZE], is[SIZE];
    const unsigned char secret[SQL_PAGES_KEY] = {1, 2, 3};
    uint64_t random = 20261123;
    sqlite3_int64 size = 0, told;
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    (void)state;
    struct sql_pages *pages = sql_pages_open(secret, &why);
    assert_non_null(pages);
    sqlite3_vfs *vfs = sqlite3_vfs_find(sql_pages_name(pages));
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    assert_int_equal(vfs->xOpen(vfs, NULL, file, SQLITE_OPEN_TEMP_DB, NULL), SQLITE_CANTOPEN);
    char name[300] = {0}; /* SQLite's names end with two zeros */
    snprintf(name, sizeof name - 4, "%s", in_folder("file"));
    assert_int_equal(vfs->xOpen(vfs, name, file, flags, NULL), SQLITE_OK);
    for (int i = 0; i < 300; i++) {
        int n = (int)(scratch_random(&random) % (i % 3 ? 200 : 6000)) + 1;
        int at = (int)(scratch_random(&random) % (uint64_t)(SIZE - n));
        for (int k = 0; k < n; k++)
            mirror[at + k] = (unsigned char)(scratch_random(&random));
        assert_int_equal(file->pMethods->xWrite(file, mirror + at, n, at), SQLITE_OK);
        sqlite3_int64 end = (at + n + SQL_PAGES_SIZE - 1) / SQL_PAGES_SIZE * SQL_PAGES_SIZE;
        size = end > size ? end : size;
        assert_int_equal(file->pMethods->xFileSize(file, &told), SQLITE_OK);
        assert_int_equal(told, size);
        n = (int)(scratch_random(&random) % 9000) + 1;
        at = (int)(scratch_random(&random) % (uint64_t)(SIZE - n));
        int code = file->pMethods->xRead(file, is, n, at);
        assert_int_equal(code, at + n <= size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
        assert_memory_equal(is, mirror + at, (size_t)n); /* zero beyond the end */
    }
    assert_int_equal(file->pMethods->xTruncate(file, 2 * SQL_PAGES_SIZE), SQLITE_OK);
    assert_int_equal(file->pMethods->xFileSize(file, &told), SQLITE_OK);
    assert_int_equal(told, 2 * SQL_PAGES_SIZE);
    assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
    free(file);
    sql_pages_close(pages);
    sql_pages_close(NULL);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_nothing_shows_in_use_and_after),
        STORY(test_on_and_off_bring_all_back),
        STORY(test_backups_merge_and_erase_as_ever),
        STORY(test_only_its_own_key_opens),
        STORY(test_a_passphrase_opens_too),
        STORY(test_a_damaged_recording_is_never_half_read),
        STORY(test_an_encrypted_one_stays_as_it_is),
        STORY(test_damage_is_told_when_it_is_turned),
        STORY(test_a_damaged_catalogue_is_told),
        STORY(test_a_torn_log_keeps_what_was_acknowledged),
        STORY(test_killed_in_the_middle_loses_nothing),
        STORY(test_no_memory_while_it_is_turned),
        STORY(test_no_memory_in_use),
        STORY(test_pages_are_a_file_like_any),
    };
    unsetenv("TENDERFOOT_STORE_KEY");
    unsetenv("TENDERFOOT_STORE_PASSPHRASE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
