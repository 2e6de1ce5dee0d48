/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts to kPa and back: draw a plate, write its file, read it, want the plate again. */
#include "calib/calibration.h"
#include "calib/curve.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/near.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ROWS = 11, COLS = 13, CELLS = 143, BITS = 12, TOP = 4095 };

struct plate {
    double first[CELLS], second[CELLS];
    uint8_t masked[CELLS];
    struct calibration_spec spec;
};

static double truth(const struct plate *p, size_t cell, double count)
{
    double a = p->first[cell], b = p->second[cell];
    if (p->masked[cell])
        return 0;
    if (!strcmp(p->spec.curve, "line"))
        return fmax(0, a * count + b);
    if (!strcmp(p->spec.curve, "quadratic"))
        return fmax(0, a * count + b * count * count);
    return count > 0 ? a * pow(count, b) : 0;
}

/* About 700 kPa at the top, 12 % spread between cells, three cells masked. */
static void draw(struct plate *p, const char *curve, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    for (size_t i = 0; i < CELLS; i++) {
        double gain = 700.0 / TOP * (1 + gsl_ran_gaussian(rng, 0.04));
        p->masked[i] = i == 17 || i == 18 || i == 142;
        if (!strcmp(curve, "line")) {
            p->first[i] = gain;
            p->second[i] = -gsl_ran_flat(rng, 0, 6);
        } else if (!strcmp(curve, "quadratic")) {
            p->second[i] = gain / TOP * gsl_ran_flat(rng, -0.4, 0.4);
            p->first[i] = gain - p->second[i] * TOP;
        } else {
            p->second[i] = gsl_ran_flat(rng, 0.7, 1.6);
            p->first[i] = 700 / pow(TOP, p->second[i]);
        }
    }
    gsl_rng_free(rng);
    p->spec = (struct calibration_spec){
        .id = "bench 7",
        .date = "2026-02-28",
        .operator_name = "Zo\xc3\xab \"Z\"",
        .serial = "TF-0042",
        .rows = ROWS,
        .cols = COLS,
        .bits = BITS,
        .curve = curve,
        .coefficients = {p->first, p->second, NULL},
        .masked = p->masked,
        .residual_percent = 1.23,
    };
}

static struct calibration *written_and_read(const struct plate *p)
{
    struct problem why;
    const char *path = scratch_path("plate.json");
    assert_int_equal(calibration_write(path, &p->spec, &why), 0);
    void *bytes;
    size_t n;
    struct calibration *c = calibration_load(path, &bytes, &n, &why);
    assert_non_null(c);
    size_t n_file;
    uint8_t *file = scratch_read(path, &n_file);
    assert_int_equal(n, n_file);
    assert_memory_equal(bytes, file, n);
    free(bytes);
    free(file);
    return c;
}

static const char *const curves[] = {"line", "quadratic", "power"};

static void a_written_plate_is_read_back(void **state)
{
    (void)state;
    static const int counts[] = {0, 1, 2, 3, 17, 255, 1000, 2047, 4000, 4094, 4095};
    for (int k = 0; k < 3; k++) {
        struct plate p;
        struct calibration_facts facts;
        draw(&p, curves[k], 5);
        struct calibration *c = written_and_read(&p);
        calibration_facts(c, &facts);
        assert_string_equal(facts.id, "bench 7");
        assert_string_equal(facts.date, "2026-02-28");
        assert_string_equal(facts.serial, "TF-0042");
        assert_string_equal(facts.operator_name, p.spec.operator_name);
        assert_string_equal(facts.curve, curves[k]);
        assert_int_equal(facts.rows * 1000 + facts.cols, 11013);
        assert_int_equal(facts.is_nominal, 0);
        assert_int_equal(facts.masked_cells, 3);
        assert_near(facts.residual_percent, 1.23, 1e-12);
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
            uint16_t frame[CELLS];
            float kpa[CELLS];
            for (size_t i = 0; i < CELLS; i++)
                frame[i] = (uint16_t)counts[j];
            calibration_apply(c, frame, kpa);
            for (size_t i = 0; i < CELLS; i++) {
                double want = truth(&p, i, counts[j]);
                assert_near((double)kpa[i], want, 1e-5 * fabs(want) + 1e-4);
                assert_int_equal(calibration_is_masked(c, i), p.masked[i]);
                if (counts[j] == 0 || p.masked[i])
                    assert_true(kpa[i] == 0.0F);
            }
        }
        calibration_free(c);
    }
}

/* The vector code of the power curve against pow(), over the whole range of 16 bit. */
static void the_power_curve_agrees_with_pow(void **state)
{
    (void)state;
    const struct curve *power = curve_find("power");
    static float scale[65536], exponent[65536], kpa[65536];
    static uint16_t counts[65536];
    const struct curve_shape shape = {.max_count = 65535};
    double worst = 0;
    for (double e = 0.2; e < 5; e += 0.37) {
        for (size_t i = 0; i < 65536; i++) {
            counts[i] = (uint16_t)i;
            exponent[i] = (float)e;
            scale[i] = (float)(900 / pow(65535, e));
        }
        const float *const coefficients[] = {scale, exponent};
        power->apply(&shape, coefficients, counts, kpa, 65536);
        assert_true(kpa[0] == 0.0F);
        for (size_t i = 1; i < 65536; i++) {
            double want = (double)scale[i] * pow((double)i, (double)exponent[i]);
            if (want > 1e-30)
                worst = fmax(worst, fabs((double)kpa[i] - want) / want);
        }
    }
    print_message("largest error %.2g of the reading\n", worst);
    assert_true(worst < 1e-5);
}

static void counts_of_a_pressure_are_the_nearest(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct plate p;
        draw(&p, curves[k], 11);
        struct calibration *c = written_and_read(&p);
        for (size_t i = 0; i < CELLS; i++) {
            for (double kpa = 0.37; kpa < 900; kpa = kpa * 1.7 + 0.01) {
                double count = calibration_counts(c, i, kpa);
                if (p.masked[i]) {
                    assert_true(count == 0);
                    continue;
                }
                double here = fabs(truth(&p, i, count) - kpa);
                if (count > 0)
                    assert_true(here <= fabs(truth(&p, i, count - 1) - kpa) + 0.01);
                if (count < TOP)
                    assert_true(here <= fabs(truth(&p, i, count + 1) - kpa) + 0.01);
            }
            assert_int_equal(calibration_counts(c, i, 0), 0);
            assert_int_equal(calibration_counts(c, i, NAN), 0);
            assert_int_equal(calibration_counts(c, i, 1e9), p.masked[i] ? 0 : TOP);
        }
        calibration_free(c);
    }
}

static void another_plates_file_is_refused(void **state)
{
    (void)state;
    struct plate p;
    struct problem why;
    draw(&p, "line", 3);
    struct calibration *c = written_and_read(&p);
    assert_int_equal(calibration_check(c, "TF-0042", ROWS, COLS, &why), 0);
    assert_int_equal(calibration_check(c, "TF-0043", ROWS, COLS, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "TF-0042"));
    assert_non_null(strstr(why.text, "TF-0043"));
    assert_int_equal(calibration_check(c, "TF-0042", COLS, ROWS, &why), -1);
    calibration_free(c);
}

static void nominal_is_the_straight_line_and_says_so(void **state)
{
    (void)state;
    struct calibration_facts facts;
    struct problem why;
    struct calibration *c = calibration_nominal(2, 2, 12, 600, &why);
    uint16_t counts[] = {0, 4095, 2730, 1};
    float kpa[4];
    calibration_apply(c, counts, kpa);
    assert_near((double)kpa[0], 0, 0);
    assert_near((double)kpa[1], 600, 1e-3);
    assert_near((double)kpa[2], 400, 1e-3);
    assert_int_equal(calibration_counts(c, 2, 400), 2730);
    calibration_facts(c, &facts);
    assert_string_equal(facts.id, "nominal");
    assert_true(facts.is_nominal && isnan(facts.residual_percent));
    assert_int_equal(calibration_check(c, "any plate at all", 2, 2, &why), 0);
    calibration_free(c);
    assert_null(calibration_nominal(2, 2, 12, 0, &why));
    assert_null(calibration_nominal(257, 2, 12, 600, &why));
    assert_null(calibration_nominal(2, 2, 12, NAN, &why));
}

/* A small good file, one member of which is put in question. */
static void check_refused(const char *key, const char *value, const char *words)
{
    static const char *const good[][2] = {
        {"schema", "\"tenderfoot/calibration/1\""},
        {"id", "\"a\""},
        {"date", "\"2026-01-31\""},
        {"operator", "\"\""},
        {"serial", "\"S\""},
        {"rows", "1"},
        {"columns", "3"},
        {"bits", "12"},
        {"curve", "\"line\""},
        {"residual_percent", "null"},
        {"masked", "[1]"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,0.1],\"offset_kpa\":[0,0,-1]}"},
    };
    char text[1024] = "{\"note\":\"unknown members are ignored\"";
    struct problem why = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const char *use = key && !strcmp(key, good[i][0]) ? value : good[i][1];
        if (use)
            sprintf(text + strlen(text), ",\"%s\":%s", good[i][0], use);
    }
    strcat(text, "}");
    struct calibration *c = calibration_parse(text, strlen(text), "f.json", &why);
    if (!key) {
        assert_non_null(c);
        calibration_free(c);
        return;
    }
    if (c)
        fail_msg("%s = %s was taken", key, value ? value : "(missing)");
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words) || strncmp(why.text, "f.json", 6))
        fail_msg("'%s' does not say '%s' and the file", why.text, words);
}

static void what_is_out_of_bounds_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *words;
    } cases[] = {
        {"schema", "\"tenderfoot/calibration/3\"", "schema"},
        {"schema", NULL, "schema"},
        {"id", "\"nominal\"", "'id'"},
        {"id", "\"\"", "'id'"},
        {"id", "\"a\\u001b[2J\"", "'id'"},
        {"date", "\"31.1.2026\"", "'date'"},
        {"date", "\"2026-13-01\"", "'date'"},
        {"date", "\"2026-00-31\"", "'date'"},
        {"date", "\"2026-01-32\"", "'date'"},
        {"serial", "\"a serial far longer than any\"", "'serial'"},
        {"serial", "7", "'serial'"},
        {"rows", "0", "'rows'"},
        {"rows", "257", "'rows'"},
        {"rows", "1.5", "'rows'"},
        {"columns", "4", "one a cell"},
        {"columns", "99999999999999", "'columns'"},
        {"bits", "17", "'bits'"},
        {"curve", "\"spline\"", "'knots_counts' must be 2 to 12"},
        {"curve", "\"spleen\"", "'curve'"},
        {"residual_percent", "-1", "'residual_percent'"},
        {"residual_percent", "\"low\"", "'residual_percent'"},
        {"masked", "[3]", "'masked'"},
        {"masked", "[1,1]", "'masked'"},
        {"masked", "[-1]", "'masked'"},
        {"masked", "[0,1,2,2]", "'masked'"},
        {"masked", "{}", "'masked'"},
        {"coefficients", "{}", "gain_kpa_per_count"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,0],\"offset_kpa\":[0,0,0]}", "cell 2"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,-1],\"offset_kpa\":[0,0,0]}", "cell 2"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,null],\"offset_kpa\":[0,0,0]}", "cell 2"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,0.1],\"offset_kpa\":[1,0,0]}", "cell 0"},
        {"coefficients", "{\"gain_kpa_per_count\":[0.1,0,0.1],\"offset_kpa\":[-900,0,0]}",
         "reads nothing"},
        {"coefficients", "{\"gain_kpa_per_count\":[99,0,0.1],\"offset_kpa\":[0,0,0]}", "100000"},
    };
    check_refused(NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_refused(cases[i].key, cases[i].value, cases[i].words);
    struct problem why;
    assert_null(calibration_parse("", 0, "f.json", &why));
    assert_null(calibration_parse("{\"id\":1,\"id\":2}", 15, "f.json", &why));
    assert_null(calibration_parse("[[[[", 4, "f.json", &why));
    static const char huge[17 << 20];
    assert_null(calibration_parse(huge, sizeof huge, "f.json", &why));
    assert_non_null(strstr(why.text, "at most"));
    assert_null(calibration_load(scratch_new("none.json"), NULL, NULL, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_null(calibration_load("/dev/zero", NULL, NULL, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    const char *fifo =
        scratch_new("fifo"); /* nobody writes to it: opened as a file it would block */
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(calibration_load(fifo, NULL, NULL, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "not a regular file"));
}

/* A device or a pipe would become a file, and a recording is raw data: neither is replaced. */
static void what_is_no_calibration_is_not_replaced(void **state)
{
    (void)state;
    struct plate p;
    struct problem why;
    struct stat after;
    const char *fifo = scratch_new("device"), *recording = scratch_new("bench.tfr");
    draw(&p, "line", 3);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(calibration_write(fifo, &p.spec, &why), -1);
    assert_non_null(strstr(why.text, "no ordinary file"));
    assert_true(!stat(fifo, &after) && S_ISFIFO(after.st_mode));
    FILE *file = fopen(recording, "w");
    assert_non_null(file);
    assert_true(fputs("TFT1", file) >= 0 && !fclose(file));
    assert_int_equal(calibration_write(recording, &p.spec, &why), -1);
    assert_non_null(strstr(why.text, "is a recording"));
    assert_true(!stat(recording, &after) && after.st_size == 4);
}

static void nothing_unreadable_is_written(void **state)
{
    (void)state;
    struct plate p;
    struct problem why;
    draw(&p, "line", 3);
    const char *path = scratch_new("never.json");
    int before = scratch_count();
    p.first[40] = NAN;
    assert_int_equal(calibration_write(path, &p.spec, &why), -1);
    p.first[40] = -0.1;
    assert_int_equal(calibration_write(path, &p.spec, &why), -1);
    assert_non_null(strstr(why.text, "cell 40"));
    draw(&p, "line", 3);
    p.spec.serial = "";
    assert_int_equal(calibration_write(path, &p.spec, &why), -1);
    p.spec.serial = "\xff\xfe";
    assert_int_equal(calibration_write(path, &p.spec, &why), -1);
    draw(&p, "line", 3);
    assert_int_equal(calibration_write("/nonexistent/x.json", &p.spec, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_int_equal(scratch_count(), before);
    /* The same plate gives the same bytes. */
    size_t n, m;
    char *one = calibration_format(&p.spec, &n, &why), *two = calibration_format(&p.spec, &m, &why);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

static void *counted_malloc(size_t n)
{
    return malloc(n);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct plate p;
    draw(&p, "power", 3);
    json_set_alloc_funcs(counted_malloc, free); /* jansson's go through the test's malloc too */
    /* Each number in the file is an allocation: beyond the first 300 every seventh is failed. */
    for (long n = 1;; n += n < 300 ? 1 : 7) {
        struct problem why = {0};
        const char *path = scratch_new("m.json");
        failing_malloc_at(n);
        struct calibration *c = NULL;
        if (!calibration_write(path, &p.spec, &why))
            c = calibration_load(path, NULL, NULL, &why);
        int failed = failing_malloc_off();
        if (!failed) {
            assert_non_null(c);
            calibration_free(c);
            break;
        }
        assert_null(c);
        assert_int_not_equal(why.kind, PROBLEM_NONE);
    }
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_plate_is_read_back),
        cmocka_unit_test(the_power_curve_agrees_with_pow),
        cmocka_unit_test(counts_of_a_pressure_are_the_nearest),
        cmocka_unit_test(another_plates_file_is_refused),
        cmocka_unit_test(nominal_is_the_straight_line_and_says_so),
        cmocka_unit_test(what_is_out_of_bounds_is_refused_by_name),
        cmocka_unit_test(what_is_no_calibration_is_not_replaced),
        cmocka_unit_test(nothing_unreadable_is_written),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
