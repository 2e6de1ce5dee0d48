/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder sealed and opened again byte by byte; a file that was changed, cut, lengthened, shuffled
 * or forged is refused, and nothing is left of it. */
#include "driver/store/seal.h"
#include "tests/support/scratch.h"

#include <ftw.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { HEAD = 32, HEADER = 24, BLOCK = 65536 + 17 };

static struct problem why;
static char room[] = "/tmp/tenderfoot-seal-XXXXXX";
static struct seal_key by_file, by_words;

static char *in_room(const char *name)
{
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 256, "%s/%s", room, name);
    return path;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static const size_t sizes[] = {0, 1, 65400, 65536, 65537, 200000};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static const char *path_of(const char *folder, size_t i)
{
    char name[64];
    snprintf(name, sizeof name, "%s/%s%zu", folder, i % 2 ? "a/b/" : "", i);
    return in_room(name);
}

static int make_room(void **state)
{
    static unsigned char bytes[200000];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    assert_non_null(mkdtemp(room));
    assert_int_equal(mkdir(in_room("folder"), 0700), 0);
    assert_int_equal(mkdir(in_room("folder/a"), 0700), 0);
    assert_int_equal(mkdir(in_room("folder/a/b"), 0700), 0);
    for (size_t i = 0; i < SIZES; i++)
        write_file(path_of("folder", i), bytes, sizes[i]);
    write_file(in_room("words"), "a long sentence\n", 16);
    by_file.key_file = strdup(in_room("key"));
    by_words.passphrase_file = strdup(in_room("words"));
    assert_int_equal(seal_new_key(by_file.key_file, &why), 0);
    return seal_folder(in_room("folder"), in_room("sealed"), &by_file, &why);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int end_room(void **state)
{
    (void)state;
    free((char *)(uintptr_t)by_file.key_file);
    free((char *)(uintptr_t)by_words.passphrase_file);
    return nftw(room, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

static void forget(const char *path)
{
    nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

static int entries;

static int count_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)path;
    (void)status;
    (void)kind;
    (void)place;
    entries++;
    return 0;
}

static int count_room(void)
{
    entries = 0;
    assert_int_equal(nftw(room, count_entry, 16, FTW_PHYS), 0);
    return entries;
}

static void expect_refused(const char *name, const struct seal_key *key, const char *words)
{
    char file[256]; /* in_room's turns would overtake it */
    snprintf(file, sizeof file, "%s", name);
    int before = count_room();
    assert_int_equal(seal_open(file, in_room("opened"), key, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words))
        fail_msg("no '%s' in '%s'", words, why.text);
    assert_int_equal(count_room(), before); /* nothing is left */
}

static void expect_same(void)
{
    struct stat status;
    for (size_t i = 0; i < SIZES; i++) {
        size_t n, m;
        uint8_t *was = scratch_read(path_of("folder", i), &n);
        uint8_t *is = scratch_read(path_of("opened", i), &m);
        assert_int_equal(n, m);
        assert_memory_equal(was, is, n);
        assert_int_equal(stat(path_of("opened", i), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        free(was);
        free(is);
    }
}

static void test_comes_back_byte_by_byte(void **state)
{
    struct stat status;
    (void)state;
    assert_int_equal(stat(in_room("sealed"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(seal_open(in_room("sealed"), in_room("opened"), &by_file, &why), 0);
    expect_same();
    assert_int_equal(stat(in_room("opened/a"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(seal_open(in_room("sealed"), in_room("opened"), &by_file, &why), -1);
    assert_non_null(strstr(why.text, "there already"));
    forget(in_room("opened"));
}

static void test_by_a_passphrase(void **state)
{
    (void)state;
    assert_int_equal(seal_folder(in_room("folder"), in_room("worded"), &by_words, &why), 0);
    assert_int_equal(seal_open(in_room("worded"), in_room("opened"), &by_words, &why), 0);
    expect_same();
    forget(in_room("opened"));
    expect_refused(in_room("worded"), &by_file, "sealed by a passphrase");
    expect_refused(in_room("sealed"), &by_words, "sealed by a key file");
    write_file(in_room("other"), "a long sentencf\n", 16);
    expect_refused(in_room("worded"), &(struct seal_key){.passphrase_file = in_room("other")},
                   "another key");
    write_file(in_room("other"), "short\n", 6);
    assert_int_equal(seal_folder(in_room("folder"), in_room("x"),
                                 &(struct seal_key){.passphrase_file = in_room("other")}, &why),
                     -1);
    assert_non_null(strstr(why.text, "fewer than 12"));
    unlink(in_room("worded"));
}

/* Each byte of the head and some of the blocks; ends at and around the blocks' ends. */
static void test_changed_cut_and_shuffled(void **state)
{
    size_t n;
    uint8_t *bytes = scratch_read(in_room("sealed"), &n), spare[BLOCK];
    char path[256];
    (void)state;
    snprintf(path, sizeof path, "%s/changed", room);
    assert_true(n > HEAD + HEADER + 3 * BLOCK);
    for (size_t i = 0; i < n; i += i < 64 ? 1 : 9973) {
        bytes[i] ^= 4;
        write_file(path, bytes, n);
        bytes[i] ^= 4;
        expect_refused(path, &by_file, "");
    }
    for (size_t block = 0; block < 4; block++)
        for (size_t more = 0; more < 2; more++) {
            write_file(path, bytes, HEAD + HEADER + block * BLOCK + more);
            expect_refused(path, &by_file, "cut off");
        }
    uint8_t *at = bytes + HEAD + HEADER;
    memcpy(spare, at, BLOCK);
    memcpy(at, at + BLOCK, BLOCK);
    memcpy(at + BLOCK, spare, BLOCK);
    write_file(path, bytes, n);
    expect_refused(path, &by_file, "damaged");
    free(bytes);
    assert_int_equal(seal_new_key(in_room("key2"), &why), 0);
    expect_refused(in_room("sealed"), &(struct seal_key){.key_file = in_room("key2")},
                   "another key");
    expect_refused(in_room("words"), &by_file, "no sealed folder");
}

static void test_lengthened(void **state)
{
    size_t n;
    uint8_t *bytes = scratch_read(in_room("sealed"), &n);
    uint8_t *longer = calloc(1, n + 1);
    (void)state;
    assert_non_null(longer);
    memcpy(longer, bytes, n);
    write_file(in_room("changed"), longer, n + 1);
    expect_refused(in_room("changed"), &by_file, "damaged");
    free(longer);
    free(bytes);
}

/* Somebody who has the key may still not write outside of the folder. */
static void forge(const char *name, const char *inside, size_t n)
{
    unsigned char head[HEAD] = "TFSEAL1\n", header[HEADER], sealed[4096 + 17];
    crypto_secretstream_xchacha20poly1305_state stream;
    unsigned long long m;
    size_t n_key;
    uint8_t *key = scratch_read(by_file.key_file, &n_key);
    crypto_secretstream_xchacha20poly1305_init_push(&stream, header, key);
    crypto_secretstream_xchacha20poly1305_push(&stream, sealed, &m, (const unsigned char *)inside,
                                               n, head, HEAD,
                                               crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    fwrite(head, 1, HEAD, file);
    fwrite(header, 1, HEADER, file);
    fwrite(sealed, 1, (size_t)m, file);
    fclose(file);
    free(key);
}

static void test_forged_insides(void **state)
{
    static const struct {
        const char *path;
        size_t n;
    } wrong[] = {{"../x", 4}, {"/tmp/x", 6}, {"a/../../x", 9}, {"..", 2},  {"a//b", 4},
                 {"", 0},     {"a/", 2},     {"./x", 3},       {"a/.", 3}, {"x\0y", 3}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char inside[64] = "f";
        inside[1] = (char)wrong[i].n;
        memcpy(inside + 5, wrong[i].path, wrong[i].n);
        inside[13 + wrong[i].n] = 'e';
        forge(in_room("forged"), inside, 14 + wrong[i].n);
        expect_refused(in_room("forged"), &by_file, "leads elsewhere");
    }
    forge(in_room("forged"), "f\xff\xff\xff\xff", 5);
    expect_refused(in_room("forged"), &by_file, "");
    forge(in_room("forged"), "exx", 3);
    expect_refused(in_room("forged"), &by_file, "");
    forge(in_room("forged"), "", 0);
    expect_refused(in_room("forged"), &by_file, "");
    forge(in_room("forged"), "e", 1); /* an empty folder is one */
    assert_int_equal(seal_open(in_room("forged"), in_room("opened"), &by_file, &why), 0);
    forget(in_room("opened"));
}

static void test_what_is_not_sealed(void **state)
{
    int before;
    (void)state;
    assert_int_equal(seal_folder(in_room("folder"), in_room("sealed"), &by_file, &why), -1);
    assert_non_null(strstr(why.text, "there already"));
    assert_int_equal(seal_new_key(by_file.key_file, &why), -1);
    assert_int_equal(seal_folder(in_room("nowhere"), in_room("x"), &by_file, &why), -1);
    assert_int_equal(seal_folder(in_room("folder"), in_room("x"), &(struct seal_key){0}, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_int_equal(symlink("/etc/passwd", in_room("folder/link")), 0);
    before = count_room();
    assert_int_equal(seal_folder(in_room("folder"), in_room("x"), &by_file, &why), -1);
    assert_non_null(strstr(why.text, "no plain file"));
    assert_int_equal(unlink(in_room("folder/link")), 0);
    write_file(in_room("folder/catalogue.sqlite-wal"), "x", 1);
    assert_int_equal(seal_folder(in_room("folder"), in_room("x"), &by_file, &why), -1);
    assert_non_null(strstr(why.text, "store in use"));
    assert_int_equal(count_room(), before);
    unlink(in_room("folder/catalogue.sqlite-wal"));
}

/* 'f', length of the name, "x", length, bytes, 'e': ends of the stream at and around the ends of
 * blocks. */
static void test_ends_at_a_block(void **state)
{
    static unsigned char bytes[3 * 65536];
    (void)state;
    for (size_t blocks = 1; blocks < 3; blocks++)
        for (size_t more = 0; more < 3; more++) {
            size_t n = blocks * 65536 - (1 + 4 + 1 + 8 + 1) + more - 1, m;
            assert_int_equal(mkdir(in_room("even"), 0700), 0);
            write_file(in_room("even/x"), bytes, n);
            assert_int_equal(seal_folder(in_room("even"), in_room("s"), &by_file, &why), 0);
            assert_int_equal(seal_open(in_room("s"), in_room("opened"), &by_file, &why), 0);
            free(scratch_read(in_room("opened/x"), &m));
            assert_int_equal(n, m);
            unlink(in_room("s"));
            forget(in_room("opened"));
            forget(in_room("even"));
        }
}

static void expect_no_seal(const char *words)
{
    struct seal_key key = {.passphrase_file = in_room("other")};
    int before = count_room();
    assert_int_equal(seal_folder(in_room("folder"), in_room("x"), &key, &why), -1);
    assert_non_null(strstr(why.text, words));
    assert_int_equal(count_room(), before);
}

static void test_no_passphrase_is_cut(void **state)
{
    char words[1026];
    (void)state;
    memset(words, 'a', sizeof words);
    write_file(in_room("other"), words, 1025);
    expect_no_seal("longer than 1024");
    write_file(in_room("other"), "a long\0sentence\n", 16);
    expect_no_seal("zero byte");
}

static void test_not_into_itself(void **state)
{
    static const char *const below[] = {"folder/x", "folder/a/x", "folder/a/../x"};
    int before = count_room();
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seal_folder(in_room("folder"), in_room(below[i]), &by_file, &why), -1);
        assert_non_null(strstr(why.text, "lies in the folder"));
    }
    assert_int_equal(count_room(), before);
    assert_int_equal(seal_folder(in_room("folder"), in_room("folder-x"), &by_file, &why), 0);
    unlink(in_room("folder-x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back_byte_by_byte),
        cmocka_unit_test(test_by_a_passphrase),
        cmocka_unit_test(test_changed_cut_and_shuffled),
        cmocka_unit_test(test_lengthened),
        cmocka_unit_test(test_forged_insides),
        cmocka_unit_test(test_what_is_not_sealed),
        cmocka_unit_test(test_ends_at_a_block),
        cmocka_unit_test(test_no_passphrase_is_cut),
        cmocka_unit_test(test_not_into_itself),
    };
    return cmocka_run_group_tests(tests, make_room, end_room);
}
