/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording gives back what was put in, and damage costs only what it hits. */
#include "driver/recording.h"
#include "driver/recording_output.h"
#include "driver/recording_repair.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAMES 40

/* Where each frame lies in a whole file; counts the frames of the file on the way. */
struct place {
    uint64_t offset;
    size_t size;
};

static uint32_t find_places(const char *path, struct place *places, uint32_t cap)
{
    struct problem why;
    struct recording *r = recording_open(path, &why);
    struct recording_item item;
    uint32_t n = 0;
    assert_non_null(r);
    while (recording_next(r, &item, &why) > 0) {
        if (item.message.type != WIRE_FRAME)
            continue;
        assert_true(n < cap);
        places[n++] = (struct place){item.offset, item.size};
    }
    recording_close(r);
    return n;
}

/* Reads all of a file: marks the frames seen, each of which must be exactly what was recorded, and
 * whose host time is the true one or unknown. */
static void read_all(struct recording *r, uint8_t *seen, struct recording_summary *summary)
{
    struct recording_item item;
    struct problem why;
    int got;
    memset(seen, 0, FRAMES);
    while ((got = recording_next(r, &item, &why)) > 0) {
        if (item.message.type != WIRE_FRAME)
            continue;
        assert_true(item.message.seq < FRAMES);
        example_check_frame(&item.message);
        assert_true(item.host_time_us == 0 ||
                    item.host_time_us == example_host_us(item.message.seq));
        seen[item.message.seq]++;
    }
    assert_int_equal(got, 0);
    recording_summary(r, summary);
}

static void gives_back_what_was_put_in(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    char *json = example_header_json();
    struct recording_summary s;
    struct problem why;
    uint8_t seen[FRAMES];
    size_t n;
    example_write(path, FRAMES, "calibration bytes", 17);
    struct recording *r = recording_open(path, &why);
    assert_non_null(r);
    assert_string_equal(recording_header(r), json);
    assert_memory_equal(recording_calibration(r, &n), "calibration bytes", 17);
    assert_int_equal(n, 17);
    for (int pass = 0; pass < 2; pass++) {
        read_all(r, seen, &s);
        for (int i = 0; i < FRAMES; i++)
            assert_int_equal(seen[i], 1);
        assert_int_equal(s.frames.delivered, FRAMES);
        assert_int_equal(s.frames.lost + s.frames.bad + s.frames.repeats, 0);
        assert_int_equal(s.messages, 1 + FRAMES + FRAMES / 10);
        assert_int_equal(s.damaged_bytes + s.torn_tail_bytes + s.missing_messages, 0);
        assert_int_equal(s.first_time_us, 0);
        assert_int_equal(s.last_time_us, example_time_us(FRAMES - 1));
        assert_int_equal(s.closed_cleanly, 1);
        assert_int_equal(s.index_matches, 1);
        recording_rewind(r);
    }
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(s.bytes, st.st_size);
    recording_close(r);
    free(json);
}

static void loss_repeats_and_lateness_are_exact(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    char *json = example_header_json();
    struct recording_summary s;
    struct recording_item item;
    struct problem why;
    struct recording_writer *w = recording_create(path, json, NULL, 0, &why);
    free(json);
    static const uint32_t order[] = {0, 1, 4, 3, 4, 5, 9, 12};
    static const enum sequence_verdict verdicts[] = {SEQUENCE_NEW,  SEQUENCE_NEW,    SEQUENCE_NEW,
                                                     SEQUENCE_LATE, SEQUENCE_REPEAT, SEQUENCE_NEW,
                                                     SEQUENCE_NEW,  SEQUENCE_NEW};
    example_append_hello(w, 9, 0);
    for (size_t i = 0; i < 8; i++)
        example_append_frame(w, order[i]);
    /* Frame 10 came damaged, its header whole: lost, and known to be bad. */
    struct wire_message bad = {.type = WIRE_FRAME, .seq = 10};
    assert_int_equal(recording_append_damage(w, 91, &bad, 6000000, &why), 0);
    assert_int_equal(recording_append_damage(w, 3, NULL, 6000000, &why), 0);
    assert_int_equal(recording_finish(w, &why), 0);

    struct recording *r = recording_open(path, &why);
    for (size_t i = 0; recording_next(r, &item, &why) > 0;) {
        if (item.message.type == WIRE_FRAME)
            assert_int_equal(item.repeat, verdicts[i++]);
    }
    recording_summary(r, &s);
    recording_close(r);
    assert_int_equal(s.frames.delivered, 7); /* 0 1 3 4 5 9 12 */
    assert_int_equal(s.frames.lost, 6);      /* 2 6 7 8 10 11 */
    assert_int_equal(s.frames.bad, 1);
    assert_int_equal(s.frames.repeats, 1);
    assert_int_equal(s.wire_damaged_bytes, 94);
    assert_int_equal(s.wire_damaged_places, 2);
    assert_int_equal(s.damaged_bytes, 0);
}

/* Flips a few bits of a good file and looks at it. */
static void check_flipped(const uint8_t *good, size_t n, const struct place *places,
                          const uint32_t *flips, int n_flips)
{
    const char *path = scratch_new("flipped.tfr");
    uint8_t *bytes = malloc(n), seen[FRAMES];
    struct recording_summary s;
    struct problem why;
    memcpy(bytes, good, n);
    for (int k = 0; k < n_flips; k++)
        bytes[flips[k] / 8] ^= (uint8_t)(1u << flips[k] % 8);
    scratch_write(path, bytes, n);
    free(bytes);
    struct recording *r = recording_open(path, &why);
    assert_non_null(r); /* the header is there twice; see the test of the prologue */
    read_all(r, seen, &s);
    recording_close(r);
    uint32_t expected = FRAMES;
    for (uint32_t i = 0; i < FRAMES; i++) {
        int hit = 0;
        for (int k = 0; k < n_flips; k++)
            hit |= flips[k] / 8 >= places[i].offset &&
                   flips[k] / 8 < places[i].offset + places[i].size;
        assert_int_equal(seen[i], !hit);
        expected -= (uint32_t)hit;
    }
    assert_int_equal(s.frames.delivered, expected);
    assert_true(s.frames.delivered + s.frames.lost <= FRAMES);
    assert_true(s.damaged_bytes + s.torn_tail_bytes > 0);
    assert_int_equal(s.closed_cleanly && s.missing_messages == 0 && s.index_matches == 1 &&
                         s.damaged_bytes + s.torn_tail_bytes == 0,
                     0);
}

static void a_flipped_bit_costs_only_what_it_hits(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    struct place places[FRAMES];
    uint64_t seed = 20260301;
    size_t n;
    example_write(path, FRAMES, NULL, 0);
    assert_int_equal(find_places(path, places, FRAMES), FRAMES);
    uint8_t *good = scratch_read(path, &n);
    size_t prologue = (size_t)places[0].offset / 2; /* one header may be hit, not both */
    print_message("seed %llu, file of %zu bytes\n", (unsigned long long)seed, n);
    for (int trial = 0; trial < 3000; trial++) {
        uint32_t flips[12];
        int n_flips = trial % 2 ? 1 : 12;
        for (int k = 0; k < n_flips; k++) {
            uint64_t bit = scratch_random(&seed) % (8 * n);
            if (n_flips > 1 && bit < 8 * prologue)
                bit += 8 * prologue * 2;
            flips[k] = (uint32_t)bit;
            for (int j = 0; j < k; j++) {
                if (flips[j] == flips[k])
                    flips[k--] = 0; /* twice the same bit is no flip: draw again */
            }
        }
        check_flipped(good, n, places, flips, n_flips);
    }
    free(good);
}

static void every_truncation_costs_only_the_tail(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    struct place places[FRAMES];
    uint8_t seen[FRAMES];
    struct problem why;
    struct stat st;
    example_write(path, 12, NULL, 0);
    uint32_t n = find_places(path, places, FRAMES);
    assert_int_equal(n, 12);
    assert_int_equal(stat(path, &st), 0);
    long header_end = (long)places[0].offset; /* more than enough: the first header lies before */
    int refused = 0;
    for (long length = (long)st.st_size - 1; length >= 0; length--) {
        struct recording_summary s;
        assert_int_equal(truncate(path, length), 0);
        struct recording *r = recording_open(path, &why);
        if (!r) {
            assert_int_equal(why.kind, PROBLEM_REFUSED);
            assert_true(length < header_end);
            refused++;
            continue;
        }
        read_all(r, seen, &s);
        recording_close(r);
        uint32_t whole = 0;
        for (uint32_t i = 0; i < n; i++) {
            int is_in = (long)(places[i].offset + places[i].size) <= length;
            assert_int_equal(seen[i], is_in);
            whole += (uint32_t)is_in;
        }
        assert_int_equal(s.frames.delivered, whole);
        assert_int_equal(s.damaged_bytes, 0); /* a cut is no damage, it is a torn tail */
        assert_int_equal(s.closed_cleanly, 0);
    }
    assert_true(refused > 0);
}

static void a_prologue_survives_damage_in_either_copy(void **state)
{
    (void)state;
    enum { CALIBRATION = 150000 }; /* three parts, twice */
    const char *path = scratch_new("a.tfr"), *hurt = scratch_new("hurt.tfr");
    uint8_t *calibration = malloc(CALIBRATION);
    struct problem why;
    uint64_t seed = 42;
    size_t n, got;
    for (size_t i = 0; i < CALIBRATION; i++)
        calibration[i] = (uint8_t)scratch_random(&seed);
    example_write(path, FRAMES, calibration, CALIBRATION);
    uint8_t *bytes = scratch_read(path, &n);
    for (int trial = 0; trial < 200; trial++) {
        size_t at = scratch_random(&seed) % (2 * CALIBRATION);
        bytes[at] ^= 0x10;
        scratch_write(hurt, bytes, n);
        bytes[at] ^= 0x10;
        struct recording *r = recording_open(hurt, &why);
        assert_non_null(r);
        assert_memory_equal(recording_calibration(r, &got), calibration, CALIBRATION);
        assert_int_equal(got, CALIBRATION);
        recording_close(r);
    }
    /* The same part hurt in both copies: said, not made up. */
    size_t half = 0;
    for (size_t i = 1; !half && i + 50 < n; i++) {
        if (!memcmp(bytes + i, calibration, 50))
            half = i;
    }
    bytes[half] ^= 1;
    for (size_t i = half + 60000; i + 50 < n; i++) {
        if (!memcmp(bytes + i, calibration, 50))
            bytes[i] ^= 1;
    }
    scratch_write(hurt, bytes, n);
    struct recording_summary s;
    struct recording *r = recording_open(hurt, &why);
    assert_null(recording_calibration(r, &got));
    recording_summary(r, &s);
    assert_int_equal(s.calibration_damaged, 1);
    recording_close(r);
    free(bytes);
    free(calibration);
}

static void check_seek(struct recording *r, uint32_t n)
{
    struct recording_item item;
    struct problem why;
    for (uint32_t want = 0; want < n; want += 37) {
        assert_int_equal(recording_seek(r, example_time_us(want) + 1, &why), 0);
        assert_int_equal(recording_next(r, &item, &why), 1);
        assert_int_equal(item.message.type, WIRE_FRAME);
        example_check_frame(&item.message);
        assert_true(item.message.seq <= want);
        assert_true(want - item.message.seq <= 101); /* an entry a second, 100 frames a second */
    }
}

static void the_index_is_used_and_rebuilt(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    const char *path = scratch_new("a.tfr");
    struct problem why;
    struct stat st;
    example_write(path, MANY, NULL, 0);
    struct recording *r = recording_open(path, &why);
    check_seek(r, MANY);
    recording_close(r);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 70),
                     0); /* the end mark and part of the index go */
    r = recording_open(path, &why);
    check_seek(r, MANY);
    recording_close(r);
}

static void an_index_that_lies_is_seen(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr"), *cut = scratch_new("cut.tfr");
    struct place places[FRAMES];
    uint8_t seen[FRAMES];
    struct recording_summary s;
    struct problem why;
    size_t n;
    example_write(path, FRAMES, NULL, 0);
    find_places(path, places, FRAMES);
    uint8_t *bytes = scratch_read(path, &n);
    /* Frame 0 is taken out without a trace: every message is whole, and yet something is missing.
     */
    size_t at = (size_t)places[0].offset, size = places[0].size;
    memmove(bytes + at, bytes + at + size, n - at - size);
    scratch_write(cut, bytes, n - size);
    struct recording *r = recording_open(cut, &why);
    read_all(r, seen, &s);
    assert_int_equal(s.damaged_bytes, 0);
    assert_int_equal(s.missing_messages, 1);
    assert_int_equal(s.missing_frames, 1);
    assert_int_equal(s.index_matches, 0);
    recording_close(r);
    free(bytes);
}

static void repair_keeps_all_that_is_whole(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr"), *hurt = scratch_new("hurt.tfr"),
               *out = scratch_new("out.tfr");
    struct place places[FRAMES];
    uint8_t seen[FRAMES];
    struct recording_summary s;
    struct problem why;
    size_t n, n_copy;
    example_write(path, FRAMES, "calibration", 11);
    find_places(path, places, FRAMES);
    uint8_t *bytes = scratch_read(path, &n);

    /* A whole file's copy is the same file. */
    assert_int_equal(recording_repair(path, out, NULL, &why), 0);
    uint8_t *copy = scratch_read(out, &n_copy);
    assert_int_equal(n_copy, n);
    assert_memory_equal(copy, bytes, n);
    free(copy);
    /* And nothing is overwritten. */
    assert_int_equal(recording_repair(path, out, NULL, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_int_equal(unlink(out), 0);

    bytes[places[7].offset + 40] ^= 4;
    bytes[places[20].offset] ^= 1;
    scratch_write(hurt, bytes, places[33].offset + 20);
    assert_int_equal(recording_repair(hurt, out, &s, &why), 0);
    assert_int_equal(s.damaged_places, 2);
    assert_int_equal(s.torn_tail_bytes, 20);
    struct recording *r = recording_open(out, &why);
    assert_non_null(r);
    read_all(r, seen, &s);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(seen[i], i < 33 && i != 7 && i != 20);
    assert_int_equal(s.frames.delivered, 31);
    assert_int_equal(s.frames.lost, 2); /* the gap is still there to be seen */
    assert_int_equal(s.damaged_bytes + s.torn_tail_bytes, 0);
    assert_int_equal(s.closed_cleanly, 1);
    assert_int_equal(s.index_matches, 1);
    recording_close(r);
    free(bytes);
}

static void check_refused(const char *path, enum problem_kind kind, const char *words)
{
    struct problem why = {0};
    assert_null(recording_open(path, &why));
    assert_int_equal(why.kind, kind);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void what_is_no_recording_is_refused(void **state)
{
    (void)state;
    const char *path = scratch_new("bad.tfr");
    uint8_t newer[64];
    check_refused(path, PROBLEM_FAILED, "No such file");
    scratch_write(path, "", 0);
    check_refused(path, PROBLEM_REFUSED, "is empty");
    scratch_write(path, "%PDF-1.5 something else entirely, and some more of it", 50);
    check_refused(path, PROBLEM_REFUSED, "is not a tenderfoot recording");
    check_refused("/tmp", PROBLEM_REFUSED, "not a regular file");
    check_refused("/dev/zero", PROBLEM_REFUSED, "not a regular file");
    struct wire_message message = {.version = WIRE_VERSION + 1, .type = WIRE_REC_HEADER};
    size_t n = wire_encode(newer, sizeof newer, &message);
    scratch_write(path, newer, n);
    check_refused(path, PROBLEM_REFUSED, "newer tenderfoot");
    message = (struct wire_message){.type = WIRE_STATUS};
    n = wire_encode(newer, sizeof newer, &message);
    scratch_write(path, newer, n);
    check_refused(path, PROBLEM_REFUSED, "header record");
    /* A large foreign file is given up soon, not read through. */
    FILE *file = fopen(path, "wb");
    assert_int_equal(ftruncate(fileno(file), 1l << 40), 0);
    fclose(file);
    check_refused(path, PROBLEM_REFUSED, "is not a tenderfoot recording");
}

static void a_recording_never_overwrites(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr"), *target = scratch_new("target");
    struct recording_output out;
    struct problem why;
    scratch_write(path, "precious", 8);
    assert_null(recording_create(path, "{}", NULL, 0, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "exists already"));
    assert_int_equal(recording_output_begin(&out, path, "{}", NULL, 0, &why), -1);
    recording_output_abort(&out);
    unlink(path);
    assert_int_equal(symlink(target, path), 0); /* a symlink is not followed */
    assert_null(recording_create(path, "{}", NULL, 0, &why));
    unlink(path);
    /* A file that comes while we write is not replaced either, and nothing of ours stays. */
    int before = scratch_count();
    assert_int_equal(recording_output_begin(&out, path, "{}", NULL, 0, &why), 0);
    scratch_write(path, "precious", 8);
    assert_int_equal(recording_output_finish(&out, &why), -1);
    assert_non_null(strstr(why.text, "exists already"));
    assert_int_equal(scratch_count(), before + 1);
    size_t n;
    uint8_t *kept = scratch_read(path, &n);
    assert_memory_equal(kept, "precious", 8);
    free(kept);
}

static void only_whole_messages_are_taken(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    uint8_t frames[1024];
    struct recording_summary s;
    uint8_t seen[FRAMES];
    struct problem why;
    struct recording_writer *w = recording_create(path, "{}", NULL, 0, &why);
    size_t n = example_frame(0, frames, sizeof frames);
    n += example_frame(1, frames + n, sizeof frames - n);
    assert_int_equal(recording_append(w, frames, n - 1, 1, &why), -1);
    frames[50] ^= 1;
    assert_int_equal(recording_append(w, frames, n, 1, &why), -1);
    frames[50] ^= 1;
    assert_int_equal(recording_append(w, frames, n, 0, &why), 0); /* two at once */
    assert_int_equal(recording_finish(w, &why), 0);
    struct recording *r = recording_open(path, &why);
    read_all(r, seen, &s);
    assert_int_equal(s.frames.delivered, 2);
    assert_int_equal(s.messages, 2);
    assert_int_equal(s.index_matches, 1);
    recording_close(r);
}

static int write_read_repair(const char *path, const char *out, struct problem *why)
{
    uint8_t frame[512];
    struct recording_item item;
    size_t n = example_frame(3, frame, sizeof frame);
    struct recording_writer *w = recording_create(path, "{}", "c", 1, why);
    if (!w)
        return -1;
    if (recording_append(w, frame, n, 7, why)) {
        recording_abandon(w);
        return -1;
    }
    if (recording_finish(w, why))
        return -1;
    struct recording *r = recording_open(path, why);
    if (!r)
        return -1;
    int bad = recording_seek(r, 0, why) || recording_next(r, &item, why) != 1;
    recording_close(r);
    return bad ? -1 : recording_repair(path, out, NULL, why);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct problem why = {0};
        const char *path = scratch_new("m.tfr"), *out = scratch_new("m2.tfr");
        failing_malloc_at(n);
        int result = write_read_repair(path, out, &why);
        int failed = failing_malloc_off();
        if (!failed) {
            assert_int_equal(result, 0);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(result, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_non_null(strstr(why.text, "out of memory"));
        assert_int_not_equal(access(out, F_OK), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put_in),
        cmocka_unit_test(loss_repeats_and_lateness_are_exact),
        cmocka_unit_test(a_flipped_bit_costs_only_what_it_hits),
        cmocka_unit_test(every_truncation_costs_only_the_tail),
        cmocka_unit_test(a_prologue_survives_damage_in_either_copy),
        cmocka_unit_test(the_index_is_used_and_rebuilt),
        cmocka_unit_test(an_index_that_lies_is_seen),
        cmocka_unit_test(repair_keeps_all_that_is_whole),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(a_recording_never_overwrites),
        cmocka_unit_test(only_whole_messages_are_taken),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
