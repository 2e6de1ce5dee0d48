/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session on the bench: recorded stage by stage, taken up where it stopped, and refused where it
 * makes no sense. The plate is the virtual one, as a process of its own. */
#include "driver/bench_check.h"
#include "driver/bench_feed.h"
#include "driver/bench_operator.h"
#include "driver/bench_run.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct problem why;
static char heard[20000]; /* what the maker was told */

static void tell(void *context, const char *sentence)
{
    (void)context;
    size_t n = strlen(heard);
    snprintf(heard + n, sizeof heard - n, "%s\n", sentence);
}

#define PLATE                                                                                      \
    "\"plate\":{\"rows\":8,\"cols\":10,\"rate_hz\":50,\"pitch_x_mm\":30,\"pitch_y_mm\":40,"        \
    "\"serial\":\"%s\"%s},"
#define SCRIPT                                                                                     \
    "{\"schema\":\"tenderfoot/bench/1\",\"hold_s\":%s,\"rise_s\":%s,\"before_s\":2," PLATE         \
    "\"empty\":{\"seconds\":2},\"bladder\":{\"kpa\":[20,50,120],\"cycles\":1},"                    \
    "\"mass\":{\"kg\":[15],\"places\":2}}"

/* virtual:FILE of a bench in the scratch folder. */
static char *bench_uri(const char *name, const char *serial, const char *more, const char *hold_s,
                       const char *rise_s)
{
    char text[2000], *uri;
    const char *path = scratch_new(name);
    int n = snprintf(text, sizeof text, SCRIPT, hold_s, rise_s, serial, more);
    scratch_write(path, text, (size_t)n);
    assert_true(asprintf(&uri, "virtual:%s", path) > 0);
    return uri;
}

static char *work_folder(const char *name)
{
    char *folder = strdup(scratch_new(name));
    assert_int_equal(mkdir(folder, 0700), 0);
    return folder;
}

static int run_stage(const char *uri, const char *folder, enum bench_stage stage,
                     enum bench_run_outcome *outcome)
{
    struct bench_procedure procedure;
    bench_procedure_defaults(&procedure);
    struct bench_run_options options = {.uri = uri,
                                        .folder = folder,
                                        .procedure = &procedure,
                                        .is_virtual = 1,
                                        .keyboard_fd = -1,
                                        .stop_fd = -1,
                                        .tell = tell};
    heard[0] = '\0';
    why.kind = PROBLEM_NONE;
    return bench_run_record(&options, stage, outcome, &why);
}

static void record(const char *uri, const char *folder, enum bench_stage stage)
{
    enum bench_run_outcome outcome;
    if (run_stage(uri, folder, stage, &outcome))
        fail_msg("%s", why.text);
    assert_int_equal(outcome, BENCH_RUN_RECORDED);
}

static void clean(char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    free(folder);
}

static char *in_folder(const char *folder, const char *name)
{
    static char path[4][600];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

/* --- Stages ---------------------------------------------------------------------------------- */

static void what_is_there_is_not_done_again(void **state)
{
    (void)state;
    char *uri = bench_uri("a.json", "SESSION-1", "", "1.2", "0.3");
    char *folder = work_folder("work-a");
    int has[BENCH_STAGES];
    assert_int_equal(bench_run_is_virtual(uri, has, &why), 1);
    assert_true(has[BENCH_EMPTY] && has[BENCH_BLADDER] && !has[BENCH_CREEP] && has[BENCH_MASS]);
    assert_int_equal(bench_run_is_virtual("usb:", has, &why), 0);
    record(uri, folder, BENCH_EMPTY);
    record(uri, folder, BENCH_BLADDER);
    size_t n, n_again;
    uint8_t *first = scratch_read(in_folder(folder, "bladder.tfr"), &n);
    enum bench_run_outcome outcome;
    assert_int_equal(run_stage(uri, folder, BENCH_BLADDER, &outcome), 0);
    assert_int_equal(outcome, BENCH_RUN_WAS_THERE);
    uint8_t *again = scratch_read(in_folder(folder, "bladder.tfr"), &n_again);
    assert_true(n == n_again && !memcmp(first, again, n));
    free(first);
    free(again);
    /* Short memory is nothing against a recording: it stays where it is, and is found the next
     * time. */
    for (long at = 1, failed = 1; failed; at++) {
        failing_malloc_at(at);
        run_stage(uri, folder, BENCH_BLADDER, &outcome);
        failed = failing_malloc_off();
        assert_int_equal(access(in_folder(folder, "bladder.tfr"), F_OK), 0);
        assert_int_not_equal(access(in_folder(folder, "bladder.half-1.tfr"), F_OK), 0);
        assert_int_not_equal(access(in_folder(folder, "bladder.refused-1.tfr"), F_OK), 0);
    }
    clean(folder);
    free(uri);
}

static char *uri_of_text(const char *name, const char *text)
{
    char *uri;
    const char *path = scratch_new(name);
    scratch_write(path, text, strlen(text));
    assert_true(asprintf(&uri, "virtual:%s", path) > 0);
    return uri;
}

/* Nobody is asked to clear a plate that cannot be calibrated. */
static void a_wrong_bench_is_refused_at_once(void **state)
{
    (void)state;
    char *good = bench_uri("h.json", "SESSION-8", "", "1.2", "0.3"), *stage, *seeded;
    assert_true(asprintf(&stage, "%s#empty", good) > 0);
    assert_true(asprintf(&seeded, "%s?seed=3", good) > 0);
    struct {
        char *uri;
        int is_virtual;
        enum problem_kind kind;
        const char *word;
    } cases[] = {
        {good, 1, PROBLEM_NONE, ""},
        {seeded, 1, PROBLEM_NONE, ""},
        {stage, -1, PROBLEM_USAGE, "without '#'"},
        {strdup("virtual:/no/such/file"), -1, PROBLEM_FAILED, "/no/such/file"},
        {uri_of_text("i.json", "{\"schema\":\"tenderfoot/bench/1\",\"stand\":{}}"), -1,
         PROBLEM_REFUSED, "nothing to calibrate by"},
        {uri_of_text("j.json", "{\"schema\":\"tenderfoot/bench/1\",\"plate\":{\"rows\":1}}"), -1,
         PROBLEM_REFUSED, "rows"},
        {uri_of_text("k.json", "{\"schema\":\"tenderfoot/subject/1\"}"), 0, PROBLEM_NONE, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int has[BENCH_STAGES] = {0}, is_virtual = bench_run_is_virtual(cases[i].uri, has, &why);
        assert_int_equal(is_virtual, cases[i].is_virtual);
        assert_int_equal(has[BENCH_BLADDER], is_virtual == 1);
        if (is_virtual < 0 && (why.kind != cases[i].kind || !strstr(why.text, cases[i].word)))
            fail_msg("no '%s' of kind %d in: %s", cases[i].word, (int)cases[i].kind, why.text);
        free(cases[i].uri);
    }
}

/* As if the computer had gone off at any time: the rest of the file is missing. */
static void a_killed_stage_is_recorded_anew_and_the_half_is_kept(void **state)
{
    (void)state;
    char *uri = bench_uri("b.json", "SESSION-2", "", "1.2", "0.3");
    char *folder = work_folder("work-b");
    record(uri, folder, BENCH_EMPTY);
    record(uri, folder, BENCH_BLADDER);
    size_t n;
    uint8_t *whole = scratch_read(in_folder(folder, "bladder.tfr"), &n);
    const size_t cuts[] = {n - 20, n / 2, 10};
    for (int i = 0; i < 3; i++) {
        char name[40];
        scratch_write(in_folder(folder, "bladder.tfr"), whole, cuts[i]);
        record(uri, folder, BENCH_BLADDER);
        snprintf(name, sizeof name, "bladder.half-%d.tfr", i + 1);
        size_t kept;
        free(scratch_read(in_folder(folder, name), &kept));
        assert_int_equal(kept, cuts[i]);
        assert_non_null(strstr(heard, name));
    }
    free(whole);
    clean(folder);
    free(uri);
}

static void expect_refusal(const char *uri, const char *folder, const char *word)
{
    enum bench_run_outcome outcome;
    assert_int_equal(run_stage(uri, folder, BENCH_BLADDER, &outcome), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, word))
        fail_msg("no '%s' in: %s", word, why.text);
    assert_int_not_equal(access(in_folder(folder, "bladder.tfr"), F_OK), 0);
    assert_int_equal(access(in_folder(folder, "bladder.refused-1.tfr"), F_OK), 0);
}

static void nonsense_is_refused_and_kept_aside(void **state)
{
    (void)state;
    char *folder = work_folder("work-c");
    /* a plate that is full long before the pressures that are told */
    char *full = bench_uri("c.json", "SESSION-3", ",\"full_scale_kpa\":10", "1.2", "0.3");
    expect_refusal(full, folder, "reads no more at 50 kPa");
    /* the same, had the program been stopped between recording and looking at it */
    assert_int_equal(
        rename(in_folder(folder, "bladder.refused-1.tfr"), in_folder(folder, "bladder.tfr")), 0);
    expect_refusal(full, folder, "reads no more at 50 kPa");
    clean(folder);
    folder = work_folder("work-d");
    /* a bladder whose pressure is still on its way when the hold ends */
    char *leaky = bench_uri("d.json", "SESSION-4", "", "0.5", "20");
    expect_refusal(leaky, folder, "did not settle");
    clean(folder);
    free(full);
    free(leaky);
}

static void one_folder_is_for_one_plate(void **state)
{
    (void)state;
    char *folder = work_folder("work-e");
    char *one = bench_uri("e.json", "SESSION-5", "", "1.2", "0.3");
    char *other = bench_uri("f.json", "SESSION-6", "", "1.2", "0.3");
    record(one, folder, BENCH_EMPTY);
    enum bench_run_outcome outcome;
    assert_int_equal(run_stage(other, folder, BENCH_BLADDER, &outcome), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "SESSION-6"));
    assert_non_null(strstr(why.text, "SESSION-5"));
    clean(folder);
    free(one);
    free(other);
}

static void what_speaks_against_a_recording_is_said(void **state)
{
    (void)state;
    char *folder = work_folder("work-g");
    char *uri = bench_uri("g.json", "SESSION-7", "", "1.2", "0.3");
    record(uri, folder, BENCH_EMPTY);
    record(uri, folder, BENCH_MASS);
    struct bench_feed feed = {0};
    struct bench_feed_facts facts, wrong;
    assert_int_equal(bench_feed_file(&feed, in_folder(folder, "empty.tfr"), &facts, &why), 0);
    assert_true(facts.is_complete && facts.n_holds == 1 && facts.bare_percent == 0);
    assert_int_equal(bench_feed_file(&feed, in_folder(folder, "mass.tfr"), &facts, &why), 0);
    assert_true(facts.first_hold == 1 && facts.n_holds == 2);
    assert_true(fabs(facts.zero_shift_counts) <= 1);
    assert_int_equal(bench_feed_check(&feed, "mass.tfr", &facts, &why), 0);
    static const char *const words[] = {"was not empty", "when it was tared", "restarted",
                                        "nothing in it says"};
    for (int i = 0; i < 4; i++) {
        wrong = facts;
        wrong.bare_percent = i == 0 ? 40 : 0;
        wrong.zero_shift_counts = i == 1 ? -55 : 0;
        wrong.restarts = i == 2;
        wrong.n_holds = i == 3 ? 0 : facts.n_holds;
        assert_int_equal(bench_feed_check(&feed, "mass.tfr", &wrong, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, words[i]));
    }
    bench_feed_free(&feed);
    for (long n = 1;; n++) { /* memory may fail anywhere */
        struct bench_feed starved = {0};
        failing_malloc_at(n);
        int bad = bench_feed_file(&starved, in_folder(folder, "mass.tfr"), &facts, &why);
        int failed = failing_malloc_off();
        bench_feed_free(&starved);
        if (!failed) {
            assert_int_equal(bad, 0);
            break;
        }
    }
    clean(folder);
    free(uri);
}

/* --- The operator at the keyboard ------------------------------------------------------------ */

struct maker {
    struct bench_procedure procedure;
    struct bench_operator *op;
    int keys[2];
    double now_s;
    char said[4000]; /* annotations, one a line */
};

static void begin_maker(struct maker *m, enum bench_stage stage)
{
    *m = (struct maker){.now_s = 0};
    heard[0] = '\0';
    bench_procedure_defaults(&m->procedure);
    m->procedure.n_bladder = 3;
    m->procedure.cycles = 1;
    m->procedure.hold_s = 6;
    snprintf(m->procedure.reference, sizeof m->procedure.reference, "gauge 7");
    assert_int_equal(pipe(m->keys), 0);
    struct bench_operator_options o = {.procedure = &m->procedure,
                                       .stage = stage,
                                       .plate_width_mm = 300,
                                       .plate_height_mm = 330,
                                       .keyboard_fd = m->keys[0],
                                       .tell = tell};
    m->op = bench_operator_make(&o, &why);
    assert_non_null(m->op);
}

static void end_maker(struct maker *m)
{
    bench_operator_free(m->op);
    close(m->keys[0]);
    if (m->keys[1] >= 0)
        close(m->keys[1]);
}

/* Time goes on by tenths, the plate reading a force that changes by so much a second. */
static void wait_for(struct maker *m, double seconds, double force_n, double rises_n_s)
{
    for (double until_s = m->now_s + seconds; m->now_s < until_s; m->now_s += 0.1) {
        const char *note;
        bench_operator_see(m->op, m->now_s, force_n += 0.1 * rises_n_s);
        while ((note = bench_operator_says(m->op, m->now_s))) {
            strcat(m->said, note);
            strcat(m->said, "\n");
        }
    }
}

static void type(struct maker *m, const char *line)
{
    assert_int_equal(write(m->keys[1], line, strlen(line)), (ssize_t)strlen(line));
}

static int count(const char *text, const char *word)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

static void enter_says_what_lies_there(void **state)
{
    (void)state;
    struct maker m;
    begin_maker(&m, BENCH_BLADDER);
    wait_for(&m, 5, 0, 0);
    assert_int_equal(count(m.said, "\"hold\""), 0); /* waits as long as it takes */
    assert_non_null(strstr(heard, "Raise the bladder to 10 kPa"));
    const char *lines[] = {"\n", "20.4\n", " \n", "\n", "9,7\n"};
    for (int i = 0; i < 5; i++) {
        type(&m, lines[i]);
        wait_for(&m, 8, 500, 0);
    }
    assert_non_null(strstr(heard, "'9,7' is not near 10 kPa"));
    type(&m, "9.7\n");
    wait_for(&m, 8, 500, 0);
    assert_true(bench_operator_is_done(m.op));
    assert_int_equal(count(m.said, "\"hold\""), 5);
    assert_non_null(strstr(m.said, "\"cycle\":1,\"direction\":\"up\",\"kpa\":20.4"));
    assert_non_null(strstr(m.said, "\"direction\":\"down\",\"kpa\":9.7"));
    assert_int_equal(count(m.said, "\"loaded\":true"), 4); /* bare only after the last */
    assert_int_equal(count(m.said, "gauge 7"), 1);
    assert_true(strstr(m.said, "\"step\":\"end\"") && !strstr(m.said, "unfinished"));
    struct bench_session *session = bench_begin("B", 8, 10, 12, 30, 40, &why);
    for (char *line = strtok(m.said, "\n"); line; line = strtok(NULL, "\n"))
        if (bench_annotation(session, 0, line, strlen(line), &why))
            fail_msg("%s: %s", line, why.text);
    bench_free(session);
    end_maker(&m);
}

static void a_leak_is_found_while_it_leaks(void **state)
{
    (void)state;
    struct maker m;
    begin_maker(&m, BENCH_BLADDER);
    type(&m, "\n");
    wait_for(&m, 3, 500, 0);
    wait_for(&m, 60, 1500, -20); /* 20 N a second of 1500 N */
    assert_true(count(heard, "still moves") >= 2);
    assert_non_null(strstr(heard, "leak"));
    assert_int_equal(count(m.said, "\"end\""), 0); /* the hold was never called done */
    type(&m, "\n");
    wait_for(&m, 8, 900, 0);
    assert_int_equal(count(m.said, "\"kpa\":10"), 2);
    assert_non_null(strstr(heard, "Raise the bladder to 20 kPa"));
    end_maker(&m);
}

static void giving_up_is_said_in_the_recording(void **state)
{
    (void)state;
    struct maker m;
    begin_maker(&m, BENCH_MASS);
    assert_int_equal(bench_operator_holds(m.op), 9);
    type(&m, "\n");
    wait_for(&m, 8, 196, 0);
    assert_non_null(strstr(m.said, "\"x_mm\":50"));
    assert_non_null(strstr(m.said, "\"y_mm\":55"));
    type(&m, "q\n");
    wait_for(&m, 1, 196, 0);
    assert_false(bench_operator_is_done(m.op));
    assert_non_null(strstr(m.said, "\"unfinished\":true"));
    end_maker(&m);
    begin_maker(&m, BENCH_EMPTY); /* and a keyboard that is not there is no endless wait */
    close(m.keys[1]);
    m.keys[1] = -1;
    wait_for(&m, 1, 0, 0);
    assert_non_null(strstr(m.said, "\"unfinished\":true"));
    assert_non_null(strstr(heard, "no keyboard"));
    end_maker(&m);
}

static void the_longest_procedure_has_room_and_a_longer_one_is_refused(void **state)
{
    (void)state;
    struct bench_procedure p;
    bench_procedure_defaults(&p);
    p.n_bladder = p.n_masses = p.n_stud_kg = BENCH_LIST_MAX;
    p.cycles = BENCH_CYCLES_MAX;
    p.places = p.stud_places = BENCH_PLACES_MAX;
    struct bench_operator_options o = {.procedure = &p, .tell = tell};
    const int holds[BENCH_STAGES] = {1, 630, 1, 800, 16, 800};
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        o.stage = (enum bench_stage)stage;
        struct bench_operator *op = bench_operator_make(&o, &why);
        assert_non_null(op);
        assert_int_equal(bench_operator_holds(op), holds[stage]);
        bench_operator_free(op);
    }
    p.places++;
    assert_null(bench_operator_make(&o, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct bench_procedure procedure;
    bench_procedure_defaults(&procedure);
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        struct bench_operator_options o = {
            .procedure = &procedure, .stage = (enum bench_stage)stage, .tell = tell};
        for (long n = 1;; n++) {
            failing_malloc_at(n);
            struct bench_operator *op = bench_operator_make(&o, &why);
            int failed = failing_malloc_off();
            assert_true(failed ? !op : op != NULL);
            bench_operator_free(op);
            if (!failed)
                break;
        }
    }
}

int main(void)
{
    char plate[4096] = "";
    if (readlink("/proc/self/exe", plate, sizeof plate - 40) > 0) {
        strcat(dirname(dirname(plate)), "/tenderfoot-plate");
        setenv("TENDERFOOT_PLATE", plate, 1);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_is_not_done_again),
        cmocka_unit_test(a_wrong_bench_is_refused_at_once),
        cmocka_unit_test(a_killed_stage_is_recorded_anew_and_the_half_is_kept),
        cmocka_unit_test(nonsense_is_refused_and_kept_aside),
        cmocka_unit_test(one_folder_is_for_one_plate),
        cmocka_unit_test(what_speaks_against_a_recording_is_said),
        cmocka_unit_test(enter_says_what_lies_there),
        cmocka_unit_test(a_leak_is_found_while_it_leaks),
        cmocka_unit_test(giving_up_is_said_in_the_recording),
        cmocka_unit_test(the_longest_procedure_has_room_and_a_longer_one_is_refused),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
