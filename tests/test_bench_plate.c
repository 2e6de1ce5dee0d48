/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate on the virtual bench: each defect of the size and of the shape that is stated, each
 * fault as it is named, and a script whose words the bench understands. */
#include "samples/bench_plate.h"
#include "calib/bench.h"
#include "samples/bench_source.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 4203u
#define ROWS 9
#define COLS 14
#define CELLS (ROWS * COLS)

static struct problem why;

/* Nothing but the contact, which is a straight line when bulk_kpa is far away, on 16 bits. */
static struct bench_plate_setting plain(void)
{
    struct bench_plate_setting s = {.rows = ROWS,
                                    .cols = COLS,
                                    .bits = 16,
                                    .pitch_x_mm = 5,
                                    .pitch_y_mm = 5,
                                    .rate_hz = 20,
                                    .full_scale_kpa = 500,
                                    .small_kpa = 60,
                                    .bulk_kpa = 1e9,
                                    .bulk_exponent = 1,
                                    .reference_c = 20};
    snprintf(s.serial, sizeof s.serial, "TEST-814");
    return s;
}

static struct bench_plate *make(const struct bench_plate_setting *s)
{
    struct bench_plate *plate = bench_plate_create(s, SEED, &why);
    assert_non_null(plate);
    return plate;
}

static void scan(struct bench_plate *plate, double time_s, double kpa, uint16_t *counts)
{
    float cells[CELLS];
    for (int i = 0; i < CELLS; i++)
        cells[i] = (float)kpa;
    bench_plate_scan(plate, (uint64_t)llround(time_s * 1e6), NAN, cells, counts);
}

/* Of the straight plate: kPa of a count. */
static double kpa_of(uint16_t count)
{
    return count / (0.9 * 65535) * 500;
}

static void assert_near(double value, double wanted, double within)
{
    if (!(fabs(value - wanted) <= within))
        fail_msg("%.9g is not %.9g within %g", value, wanted, within);
}

static void the_contact_saturates_in_two_ways(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.small_share = 0.3;
    s.bulk_kpa = 700;
    s.bulk_exponent = 1.1;
    s.divider = 0.4;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS];
    const double at[] = {3, 17, 60, 145, 333, 500};
    double q = pow(500 / 700.0, 1.1), full = 0.3 * 500 / 560 + 0.7 * q / (1 + q), time_s = 0;
    for (int i = 0; i < 6; i++) {
        double p = at[i], r = pow(p / 700, 1.1);
        double g = (0.3 * p / (p + 60) + 0.7 * r / (1 + r)) / full;
        scan(plate, time_s++, p, counts);
        assert_near(counts[77], 0.9 * 65535 * g * 1.4 / (1 + 0.4 * g), 1);
    }
    bench_plate_free(plate);
}

static void what_falls_reads_more_than_what_rises(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.hysteresis_percent = 7;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS];
    double time_s = 0;
    for (int kpa = 0; kpa <= 240; kpa += 10) {
        scan(plate, time_s++, kpa, counts);
        assert_near(kpa_of(counts[3]), kpa, 0.02); /* the way up is the truth */
    }
    double last = 1e9;
    for (int kpa = 240; kpa >= 0; kpa -= 10) {
        scan(plate, time_s++, kpa, counts);
        double more = kpa > 0 ? kpa_of(counts[3]) / kpa - 1 : 0;
        assert_true(more >= -1e-4 && more <= 0.0702 && kpa_of(counts[3]) <= last);
        if (kpa > 0 && kpa <= 120)
            assert_near(more, 0.07, 0.002); /* below half of the peak: as stated */
        last = kpa_of(counts[3]);
    }
    assert_int_equal(counts[3], 0); /* nothing is left */
    scan(plate, time_s++, 100, counts);
    assert_near(kpa_of(counts[3]), 100, 0.02); /* and the next rise is as the first */
    bench_plate_free(plate);
}

static void an_inner_loop_closes(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.hysteresis_percent = 9;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS];
    const double path[] = {200, 130, 170, 130, 170, 200};
    double read[6];
    for (int i = 0; i < 6; i++) {
        scan(plate, i, path[i], counts);
        read[i] = kpa_of(counts[50]);
    }
    assert_near(read[3], read[1], 0.02);
    assert_near(read[4], read[2], 0.02);
    assert_near(read[5], read[0], 0.02);
    assert_true(read[2] < read[0] && read[1] > 130.5);
    bench_plate_free(plate);
}

/* Held at p: p (1 + k log10(1 + t / t0)), whether it is looked at once or often. */
static void creep_is_logarithmic_in_time(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.creep_percent_per_decade = 2.5;
    uint16_t counts[CELLS];
    for (int often = 0; often < 2; often++) {
        struct bench_plate *plate = make(&s);
        scan(plate, 0, 0, counts);
        scan(plate, 1, 150, counts);
        for (double held = often ? 0.05 : 1; held < 70; held *= often ? 1.1 : 4) {
            scan(plate, 1 + held, 150, counts);
            double wanted = 150 * (1 + 0.025 * log10(1 + held / 0.01));
            /* the first scan sees the load lie for the second before it */
            double early = 150 * (1 + 0.025 * log10(1 + (held + 1) / 0.01));
            assert_true(kpa_of(counts[8]) > wanted - 0.1 && kpa_of(counts[8]) < early + 0.1);
        }
        bench_plate_free(plate);
    }
}

static void creep_goes_back_slowly_and_wholly(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.creep_percent_per_decade = 3;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS];
    scan(plate, 0, 0, counts);
    scan(plate, 0.01, 200, counts);
    scan(plate, 60, 200, counts);
    double crept = kpa_of(counts[0]) - 200;
    assert_near(crept, 200 * 0.03 * log10(6000), 0.3);
    double left[3];
    const double after_s[] = {0.5, 20, 4000};
    for (int i = 0; i < 3; i++) {
        scan(plate, 60 + after_s[i], 0, counts);
        left[i] = kpa_of(counts[0]);
    }
    assert_true(left[0] > 0.3 * crept && left[0] < 0.95 * crept);
    assert_true(left[1] < left[0] && left[1] > 0);
    assert_near(left[2], 0, 0.05);
    bench_plate_free(plate);
}

static void a_full_row_sags_at_its_end(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.row_sag_percent = 3;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS];
    scan(plate, 0, 500, counts);
    assert_near(kpa_of(counts[COLS - 1]) / 500, 0.97, 0.002);
    assert_true(counts[0] > counts[COLS / 2] && counts[COLS / 2] > counts[COLS - 1]);
    float cells[CELLS] = {0};
    cells[COLS - 1] = 500; /* alone in its row it loses only what it takes itself */
    bench_plate_scan(plate, 1000000, NAN, cells, counts);
    double alone = 1 - 0.03 * 2 / (COLS + 1.0);
    assert_near(kpa_of(counts[COLS - 1]) / 500, alone, 0.001);
    assert_int_equal(counts[2 * COLS - 1], 0); /* another row is another line */
    bench_plate_free(plate);
}

static void the_cover_moves_load_and_makes_none(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.cover_share = 0.03;
    struct bench_plate *plate = make(&s);
    float cells[CELLS] = {0};
    uint16_t counts[CELLS];
    cells[4 * COLS + 6] = 300;
    cells[0] = 200;
    bench_plate_scan(plate, 0, NAN, cells, counts);
    double sum = 0;
    for (int i = 0; i < CELLS; i++)
        sum += kpa_of(counts[i]);
    assert_near(sum, 500, 0.1);
    assert_near(kpa_of(counts[4 * COLS + 7]), 9, 0.02);
    assert_near(kpa_of(counts[4 * COLS + 6]), 300 * 0.88, 0.02);
    assert_near(kpa_of(counts[0]), 200 * 0.94, 0.02);
    bench_plate_free(plate);
}

static void warmth_and_age_change_the_gain(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.gain_percent_per_c = 0.5;
    s.zero_counts_per_c = 3;
    s.offset_counts = 40;
    s.gain_drift_percent = -8;
    struct bench_plate *plate = make(&s);
    float cells[CELLS];
    uint16_t counts[CELLS];
    for (int i = 0; i < CELLS; i++)
        cells[i] = 250;
    bench_plate_scan(plate, 0, 32, cells, counts);
    assert_near(kpa_of((uint16_t)(counts[5] - 40 - 36)), 250 * 1.06 * 0.92, 0.05);
    bench_plate_scan(plate, 1, NAN, cells, counts);
    assert_near(kpa_of((uint16_t)(counts[5] - 40)), 250 * 0.92, 0.05);
    bench_plate_free(plate);
}

static void a_cell_lies_anew_each_time(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.repeat_percent = 2;
    struct bench_plate *plate = make(&s);
    uint16_t counts[CELLS], again[CELLS];
    double sum = 0, square = 0;
    enum { TIMES = 60 };
    for (int k = 0; k < TIMES; k++) {
        scan(plate, 2 * k, 0, counts);
        scan(plate, 2 * k + 1, 100, counts);
        scan(plate, 2 * k + 1.5, 100, again);
        assert_memory_equal(counts, again, sizeof counts); /* while it lies it lies */
        for (int i = 0; i < CELLS; i++) {
            double off = kpa_of(counts[i]) / 100 - 1;
            sum += off;
            square += off * off;
        }
    }
    int n = TIMES * CELLS; /* 7560 draws: the sd is known to 0.8 % of itself */
    assert_near(sqrt(square / n), 0.02, 0.0008);
    assert_near(sum / n, 0, 0.001);
    bench_plate_free(plate);
}

static void each_fault_is_what_it_is_called(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    s.offset_counts = 500;
    s.named[0] = (struct bench_named_fault){0, 3, BENCH_FAULT_DEAD};
    s.named[1] = (struct bench_named_fault){1, 4, BENCH_FAULT_STUCK};
    s.named[2] = (struct bench_named_fault){2, 5, BENCH_FAULT_WEAK};
    s.named[3] = (struct bench_named_fault){3, 6, BENCH_FAULT_LOOSE};
    s.named[4] = (struct bench_named_fault){4, 7, BENCH_FAULT_PAIR};
    s.named[5] = (struct bench_named_fault){5, 8, BENCH_FAULT_FULL};
    s.named[6] = (struct bench_named_fault){7, 0, BENCH_FAULT_ROWS};
    s.n_named = 7;
    struct bench_plate *plate = make(&s);
    uint16_t bare[CELLS], low[CELLS], high[CELLS], again[CELLS];
    scan(plate, 0, 0, bare);
    scan(plate, 1, 20, low);
    scan(plate, 2, 100, high);
    scan(plate, 3, 0, again);
    scan(plate, 4, 100, again);
    int one = high[0] - bare[0]; /* a healthy one at 100 kPa */
    size_t dead = 3, stuck = COLS + 4, weak = 2 * COLS + 5, loose = 3 * COLS + 6,
           pair = 4 * COLS + 7, full = 5 * COLS + 8, rows = 7 * COLS + 2;
    assert_int_equal(high[dead], bare[dead]);
    assert_int_equal(bare[dead], 500);
    assert_true(high[stuck] == bare[stuck] && high[stuck] > 5000);
    assert_in_range(high[weak] - bare[weak], one / 11, one / 2.9);
    assert_true(abs(high[loose] - again[loose]) > one / 100 && high[0] == again[0]);
    assert_near(high[pair] - bare[pair], 2 * one, 2);
    assert_int_equal(high[pair], high[pair + 1]);
    assert_true(bare[full] == 500 && low[full] == 65535);
    assert_near(high[rows] - bare[rows], 2 * one, 2);
    assert_int_equal(high[rows], high[rows + COLS]);
    const enum cell_health health[] = {CELL_DEAD,    CELL_STUCK,   CELL_WEAK,   CELL_WEAK,
                                       CELL_SHORTED, CELL_SHORTED, CELL_SHORTED};
    const size_t at[] = {dead, stuck, weak, loose, pair + 1, full, rows + COLS};
    for (int i = 0; i < 7; i++)
        assert_int_equal(bench_plate_health(plate, at[i]), health[i]);
    assert_int_equal(bench_plate_health(plate, 0), CELL_HEALTHY);
    bench_plate_free(plate);
}

static void so_many_faults_as_asked_for_are_drawn_by_the_serial(void **state)
{
    (void)state;
    struct bench_plate_setting s = plain();
    const int wanted[BENCH_FAULTS] = {0, 4, 3, 2, 3, 2, 5, 1};
    memcpy(s.random_fault, wanted, sizeof wanted);
    struct bench_plate *plate = make(&s), *same = make(&s);
    snprintf(s.serial, sizeof s.serial, "TEST-815");
    struct bench_plate *other = make(&s);
    int n[BENCH_FAULTS] = {0}, differ = 0;
    for (size_t i = 0; i < CELLS; i++) {
        n[bench_plate_fault(plate, i)]++;
        assert_int_equal(bench_plate_fault(plate, i), bench_plate_fault(same, i));
        differ += bench_plate_fault(plate, i) != bench_plate_fault(other, i);
    }
    for (int fault = 1; fault < BENCH_FAULTS; fault++) {
        int cells = fault == BENCH_FAULT_PAIR ? 2 : fault == BENCH_FAULT_ROWS ? 2 * COLS : 1;
        assert_int_equal(n[fault], wanted[fault] * cells);
    }
    assert_true(differ > 10);
    bench_plate_free(plate);
    bench_plate_free(same);
    bench_plate_free(other);
}

/* --- The script ------------------------------------------------------------------------------ */

static const char bench_file[] =
    "{\"schema\":\"tenderfoot/bench/1\",\"hold_s\":1.5,\"rise_s\":0.5,\"before_s\":1,"
    "\"plate\":{\"rows\":8,\"cols\":12,\"rate_hz\":20,\"pitch_x_mm\":30,\"pitch_y_mm\":40},"
    "\"reference\":{\"device\":\"gauge 7\",\"accuracy_percent\":0.4,\"error_percent\":1},"
    "\"empty\":{\"seconds\":3},\"bladder\":{\"kpa\":[20,50,120],\"cycles\":2},"
    "\"creep\":{\"kpa\":80,\"seconds\":10},\"mass\":{\"kg\":[5],\"places\":3},"
    "\"warm\":{\"kpa\":[50],\"temperature_c\":33.5},"
    "\"stud\":{\"studs\":[{\"name\":\"round\",\"factor\":1.1}],\"kg\":[3],\"places\":2},"
    "\"stand\":{\"subject\":{\"person\":{\"body_mass_kg\":64},\"protocol\":{\"stand_s\":2}}}}";

static struct bench_script *parse(const char *text)
{
    struct bench_script *script = malloc(sizeof *script);
    assert_non_null(script);
    if (bench_script_parse(text, strlen(text), "a bench", script, &why))
        fail_msg("%s", why.text);
    return script;
}

/* Plays a stage into a bench session, as a recording of it would be. */
static void play(struct scan_source *source, struct bench_session *session)
{
    size_t n = (size_t)(source->rows * source->cols);
    uint16_t *counts = malloc(n * sizeof *counts);
    assert_non_null(counts);
    for (uint64_t us = 0; us < source->duration_us; us += 50000) {
        uint64_t said_us;
        const char *note;
        while ((note = source->next_annotation(source, us + 1, &said_us)))
            if (bench_annotation(session, said_us, note, strlen(note), &why))
                fail_msg("%s: %s", note, why.text);
        source->scan(source, us, counts);
        bench_frame(session, us, counts);
    }
    assert_int_equal(bench_end_recording(session, &why), 0);
    free(counts);
}

static void the_bench_understands_what_the_stages_say(void **state)
{
    (void)state;
    struct bench_script *script = parse(bench_file);
    static const size_t holds[BENCH_STAGES] = {1, 10, 1, 3, 1, 2};
    struct bench_session *session = bench_begin("B", 8, 12, 12, 30, 40, &why);
    size_t before = 0;
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        struct scan_source *source = bench_source_create(script, stage, SEED, &why);
        assert_non_null(source);
        play(source, session);
        assert_int_equal(bench_hold_count(session) - before, holds[stage]);
        before = bench_hold_count(session);
        source->close(source);
    }
    struct bench_hold_facts top, last;
    bench_hold(session, 3, &top);
    assert_true(top.stage == BENCH_BLADDER && top.kpa == 120 && top.direction == 1);
    assert_true(top.cycle == 1 && top.settled);
    bench_hold(session, 5, &last);
    assert_true(last.kpa == 20 && last.direction == -1 && last.cycle == 1);
    assert_true(top.median_counts > last.median_counts + 100);
    bench_free(session);
    free(script);
}

/* The truth: what lies on the cells sums up to what was said, the gauge's own error apart. */
static void the_truth_of_a_stage_is_what_was_laid_on(void **state)
{
    (void)state;
    struct bench_script *script = parse(bench_file);
    float kpa[96];
    struct scan_source *source = bench_source_create(script, BENCH_CREEP, SEED, &why);
    bench_source_pressure(source, 0, kpa);
    assert_true(kpa[0] == 0);
    bench_source_pressure(source, 5000000, kpa);
    assert_near((double)kpa[95], 80.8, 1e-4); /* the gauge says 1 % too little */
    source->close(source);
    source = bench_source_create(script, BENCH_MASS, SEED, &why);
    double most = 0;
    for (uint64_t us = 0; us < source->duration_us; us += 100000) {
        double force_n = 0;
        bench_source_pressure(source, us, kpa);
        for (int i = 0; i < 96; i++)
            force_n += (double)kpa[i] * 30 * 40 / 1000;
        most = fmax(most, force_n);
    }
    assert_near(most, 5 * 9.80665, 0.001);
    source->close(source);
    source = bench_source_create(script, BENCH_STAND, SEED, &why);
    assert_non_null(source);
    bench_source_pressure(source, 4000000, kpa);
    double weight_n = 0;
    for (int i = 0; i < 96; i++)
        weight_n += (double)kpa[i] * 30 * 40 / 1000;
    assert_near(weight_n, 64 * 9.80665, 1);
    source->close(source);
    free(script);
}

static void same_seed_same_counts(void **state)
{
    (void)state;
    struct bench_script *script = parse(bench_file);
    uint16_t a[96], b[96], c[96];
    struct scan_source *first = bench_source_create(script, BENCH_BLADDER, 5, &why);
    struct scan_source *second = bench_source_create(script, BENCH_BLADDER, 5, &why);
    struct scan_source *third = bench_source_create(script, BENCH_BLADDER, 6, &why);
    int differ = 0;
    for (uint64_t us = 0; us < 6000000; us += 50000) {
        first->scan(first, us, a);
        second->scan(second, us, b);
        third->scan(third, us, c);
        assert_memory_equal(a, b, sizeof a);
        differ += memcmp(a, c, sizeof a) != 0;
    }
    assert_true(differ > 50);
    first->close(first);
    second->close(second);
    third->close(third);
    free(script);
}

static void what_is_wrong_is_refused_by_its_path(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"{\"schema\":\"tenderfoot/bench/2\"}", "$.schema"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"plate\":{\"rows\":3}}", "$.plate.rows"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"plate\":{\"gian_spread\":0.1}}", "gain_spread"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"bladder\":{\"kpa\":[20,20]}}", "must rise"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"bladder\":{\"kpa\":[]}}", "empty"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"bladder\":{\"kpa\":[\"20\"]}}", "kpa[0]"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"stud\":{}}", "$.stud.studs"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"stand\":{\"subject\":{\"plate\":{}}}}", "plate"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"stand\":{\"subject\":{\"persn\":{}}}}", "person"},
        {"{\"schema\":\"tenderfoot/bench/1\",\"plate\":{\"faulty_cells\":[{\"row\":48}]}}",
         "faulty_cells[0].row"},
        {"[1]", "bench"},
        {"{", "not JSON"},
    };
    struct bench_script *script = malloc(sizeof *script);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        why.kind = PROBLEM_NONE;
        assert_int_equal(
            bench_script_parse(wrong[i][0], strlen(wrong[i][0]), "bench.json", script, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        if (!strstr(why.text, wrong[i][1]))
            fail_msg("%s: %s", wrong[i][0], why.text);
    }
    free(script);
    assert_null(bench_source_open("no/such/file.json#creep", 1, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_null(bench_source_open("file.json#later", 1, &why));
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_true(bench_source_is_named("a#b.json#stand") && !bench_source_is_named("a#b.json"));
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct bench_script *script = malloc(sizeof *script);
    const int stages[] = {BENCH_BLADDER, BENCH_STUD, BENCH_STAND};
    for (int k = 0; k < 3; k++)
        for (long n = 1;; n++) {
            failing_malloc_at(n);
            struct scan_source *source = NULL;
            if (!bench_script_parse(bench_file, strlen(bench_file), "bench", script, &why))
                source = bench_source_create(script, stages[k], SEED, &why);
            int failed = failing_malloc_off();
            assert_true(failed ? !source : source != NULL);
            if (source)
                source->close(source);
            if (!failed)
                break;
        }
    free(script);
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_contact_saturates_in_two_ways),
        cmocka_unit_test(what_falls_reads_more_than_what_rises),
        cmocka_unit_test(an_inner_loop_closes),
        cmocka_unit_test(creep_is_logarithmic_in_time),
        cmocka_unit_test(creep_goes_back_slowly_and_wholly),
        cmocka_unit_test(a_full_row_sags_at_its_end),
        cmocka_unit_test(the_cover_moves_load_and_makes_none),
        cmocka_unit_test(warmth_and_age_change_the_gain),
        cmocka_unit_test(a_cell_lies_anew_each_time),
        cmocka_unit_test(each_fault_is_what_it_is_called),
        cmocka_unit_test(so_many_faults_as_asked_for_are_drawn_by_the_serial),
        cmocka_unit_test(the_bench_understands_what_the_stages_say),
        cmocka_unit_test(the_truth_of_a_stage_is_what_was_laid_on),
        cmocka_unit_test(same_seed_same_counts),
        cmocka_unit_test(what_is_wrong_is_refused_by_its_path),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
