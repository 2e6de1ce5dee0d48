/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Stand still, 80.0 kg": stands of known force, creep and zero are written as recordings, and what
 * the quick check says of them is what was written. */
#include "driver/bench_check.h"
#include "driver/recording.h"
#include "firmware/wire/frame_codec.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KG 80.0
#define WEIGHT_N (KG * 9.80665)
#define RATE_HZ 20
#define CELL_N_PER_KPA (5.08 * 7.62 / 1000)

static struct problem why;

/* A plate that is bare, stood on, and bare again; times in s, forces as a share of the weight. */
struct stand {
    double before_s, stand_s, after_s;
    double reads;            /* of the weight, 10 s after stepping on */
    double creep_per_decade; /* of that */
    double zero, zero_after; /* what the bare plate reads */
    double recovers_s;       /* after stepping off 20 % of the weight is read still, for so long */
};

static const struct stand good = {
    .before_s = 4, .stand_s = 30, .after_s = 12, .reads = 1, .recovers_s = 3};

static double force_share(const struct stand *s, double time_s)
{
    double on_s = time_s - s->before_s, off_s = on_s - s->stand_s;
    if (on_s < 0)
        return s->zero;
    if (off_s >= 0)
        return off_s < s->recovers_s ? 0.2 : s->zero_after;
    return s->reads * (1 + s->creep_per_decade * (log10(fmax(on_s, 0.1)) - 1));
}

static const char *write_stand(const struct stand *s)
{
    struct recording_header header;
    const char *path = scratch_new("stand.tfr");
    example_header(&header);
    memcpy(header.units, "kPa", sizeof "kPa");
    header.rate_hz = RATE_HZ;
    header.calibration_id[0] = '\0';
    char *json = recording_header_format(&header, &why);
    struct recording_writer *w = recording_create(path, json, NULL, 0, &why);
    free(json);
    assert_non_null(w);
    int n = (int)((s->before_s + s->stand_s + s->after_s) * RATE_HZ);
    for (int i = 0; i < n; i++) {
        float kpa[EXAMPLE_CELLS];
        uint8_t payload[4 + sizeof kpa];
        double each = force_share(s, (double)i / RATE_HZ) * WEIGHT_N / EXAMPLE_CELLS;
        for (int cell = 0; cell < EXAMPLE_CELLS; cell++)
            kpa[cell] = (float)(each / CELL_N_PER_KPA);
        struct wire_message m = {.type = WIRE_FRAME_F32,
                                 .seq = (uint32_t)i,
                                 .device_time_us = (uint64_t)i * 1000000 / RATE_HZ,
                                 .payload = payload};
        m.payload_len =
            (uint32_t)frame_f32_encode(payload, sizeof payload, EXAMPLE_ROWS, EXAMPLE_COLS, kpa);
        assert_int_equal(recording_append_message(w, &m, m.device_time_us, &why), 0);
    }
    assert_int_equal(recording_finish(w, &why), 0);
    return path;
}

static struct bench_check check(const struct stand *s)
{
    struct bench_check result;
    if (bench_check_file(write_stand(s), NULL, KG, &result, &why))
        fail_msg("%s", why.text);
    return result;
}

static int is_near(double value, double wanted, double within)
{
    return fabs(value - wanted) <= within;
}

static void a_true_plate_holds(void **state)
{
    (void)state;
    struct bench_check c = check(&good);
    assert_true(c.holds && c.weight_holds && c.zero_holds);
    assert_true(is_near(c.wanted_n, WEIGHT_N, 1e-9) && is_near(c.force_n, WEIGHT_N, 0.01));
    assert_true(is_near(c.seconds, 26, 0.11)); /* 30 s less 3 s and 1 s */
    assert_true(is_near(c.error_percent, 0, 1e-3) && is_near(c.creep_percent_per_decade, 0, 1e-3));
    assert_true(is_near(c.zero_drift_n, 0, 1e-6));
}

static void three_per_cent_of_the_scale_is_the_limit(void **state)
{
    (void)state;
    const double reads[] = {0.90, 0.969, 0.971, 1.029, 1.031, 1.1};
    for (int i = 0; i < 6; i++) {
        struct stand s = good;
        s.reads = reads[i];
        struct bench_check c = check(&s);
        assert_true(is_near(c.error_percent, 100 * (reads[i] - 1), 1e-3));
        assert_int_equal(c.holds, i == 2 || i == 3);
        assert_int_equal(c.weight_holds, c.holds);
        assert_true(c.zero_holds);
    }
}

static void creep_is_told_per_factor_ten_of_time(void **state)
{
    (void)state;
    for (int percent = -4; percent <= 4; percent += 2) {
        struct stand s = good;
        s.creep_per_decade = percent / 100.0;
        struct bench_check c = check(&s);
        /* of the mean, which is not quite what is read at 10 s */
        assert_true(
            is_near(c.creep_percent_per_decade, percent, 0.05 * fabs((double)percent) + 0.01));
    }
}

/* One per cent of the weight is 7.8 N; what is read in the 5 s after stepping off does not count.
 */
static void the_zero_must_come_back(void **state)
{
    (void)state;
    const double after[] = {0, 0.009, 0.011, 0.05};
    for (int i = 0; i < 4; i++) {
        struct stand s = good;
        s.zero_after = after[i];
        struct bench_check c = check(&s);
        assert_true(is_near(c.zero_drift_n, after[i] * WEIGHT_N, 0.01));
        assert_int_equal(c.zero_holds, i < 2);
        assert_int_equal(c.holds, i < 2);
        assert_true(c.weight_holds);
        s.zero = after[i]; /* it was there before, too: no drift */
        c = check(&s);
        assert_true(c.holds && is_near(c.zero_drift_n, 0, 0.01));
    }
    struct stand s = good;
    s.after_s = 4; /* the recording ends before the zero may be looked at */
    struct bench_check c = check(&s);
    assert_true(isnan(c.bare_after_n) && isnan(c.zero_drift_n) && c.holds);
    s = good;
    s.before_s = 0;
    c = check(&s);
    assert_true(isnan(c.bare_before_n) && isnan(c.zero_drift_n) && c.holds);
}

static void nobody_and_a_short_stand_are_refused(void **state)
{
    (void)state;
    const struct stand wrong[] = {
        {.before_s = 4, .stand_s = 11, .after_s = 12, .reads = 1}, /* 12 s are needed */
        {.before_s = 4, .stand_s = 30, .after_s = 12, .reads = 0.4},
        {.before_s = 20},
        {.before_s = 0.05},
    };
    for (int i = 0; i < 4; i++) {
        struct bench_check c;
        assert_int_equal(bench_check_file(write_stand(&wrong[i]), NULL, KG, &c, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, "nobody of about 80 kg"));
    }
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    const char *path = write_stand(&good);
    for (long n = 1;; n++) {
        struct bench_check c;
        failing_malloc_at(n);
        int bad = bench_check_file(path, NULL, KG, &c, &why);
        int failed = failing_malloc_off();
        assert_int_equal(bad != 0, failed);
        if (!failed)
            break;
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_true_plate_holds),
        cmocka_unit_test(three_per_cent_of_the_scale_is_the_limit),
        cmocka_unit_test(creep_is_told_per_factor_ten_of_time),
        cmocka_unit_test(the_zero_must_come_back),
        cmocka_unit_test(nobody_and_a_short_stand_are_refused),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
