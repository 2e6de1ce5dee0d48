/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second version of the calibration file: all that a bench found out is written, read and found
 * again to the last bit; and each member refuses by its name and place what it must not hold. */
#include "calib/calibration.h"
#include "calib/curve.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 7, COLS = 9, CELLS = 63, KNOTS = 12 };

struct bench {
    double values[CURVE_COEFFICIENTS_MAX][CELLS];
    float residual[CELLS];
    uint8_t health[CELLS];
    struct calibration_spec spec;
};

static void draw_cells(struct bench *b, gsl_rng *rng)
{
    for (size_t i = 0; i < CELLS; i++) {
        double kpa = 0;
        for (int k = 0; k < KNOTS; k++)
            b->values[k][i] = kpa += gsl_ran_flat(rng, 0.1, 70);
        b->residual[i] = (float)gsl_ran_flat(rng, 0, 9);
    }
    b->health[3] = CELL_DEAD;
    b->health[9] = CELL_STUCK;
    b->health[10] = CELL_WEAK;
    b->health[62] = CELL_SHORTED;
    b->residual[3] = NAN;
}

static void draw_plate(struct calibration_spec *s, gsl_rng *rng)
{
    for (int k = 0; k < KNOTS; k++)
        s->knots[k] = 311.123456789 * (k + gsl_ran_flat(rng, 0.7, 1));
    s->dynamics = (struct calibration_dynamics){.n_creep = 3,
                                                .creep_tau_s = {0.7 / 3, 11.1, 301.7},
                                                .creep_share = {1 / 30.0, 0.041, 0.2 / 7},
                                                .hysteresis = 0.1 / 3,
                                                .reference_c = 22.2 / 1.1,
                                                .gain_percent_per_c = -0.7 / 9};
    s->budget = (struct calibration_budget){.accuracy = {2.0 / 3, 0.1},
                                            .repeatability = {1.1, NAN},
                                            .hysteresis = {NAN, NAN},
                                            .creep = {0.3, 1.7},
                                            .crosstalk = {0.9, 0.2 / 3},
                                            .force_percent = 1.0 / 7,
                                            .creep_percent_per_decade = 4.4 / 3,
                                            .noise_counts = 0.77};
    s->n_studs = 2;
    s->studs[0] = (struct calibration_stud){"round 1 cm2", 1, 1.07 / 3 * 3.1, 2.2 / 3, 5};
    s->studs[1] = (struct calibration_stud){"B \"blunt\" \xc3\xa9", 2.385, 0.93, NAN, 1};
    s->n_candidates = 2;
    s->candidates[0] = (struct calibration_candidate){"spline", 2.1 / 0.9};
    s->candidates[1] = (struct calibration_candidate){"line", NAN};
}

static void draw(struct bench *b)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 17);
    *b = (struct bench){.spec = {.id = "bench \"8\" \\",
                                 .date = "2026-03-01",
                                 .operator_name = "Zo\xc3\xab",
                                 .serial = "TF-0043",
                                 .rows = ROWS,
                                 .cols = COLS,
                                 .bits = 12,
                                 .curve = "spline",
                                 .residual_percent = 100 / 77.7,
                                 .reference_device = "gauge 7, 0.25 % \xe2\x82\xac",
                                 .n_knots = KNOTS,
                                 .cell_residual_percent = b->residual,
                                 .health = b->health,
                                 .has_dynamics = 1,
                                 .has_budget = 1}};
    for (int k = 0; k < KNOTS; k++)
        b->spec.coefficients[k] = b->values[k];
    draw_cells(b, rng);
    draw_plate(&b->spec, rng);
    gsl_rng_free(rng);
}

/* To the last bit, NaN for NaN. */
static void same(double a, double b)
{
    if (!(isnan(a) && isnan(b)) && memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%.17g is not %.17g", a, b);
}

static void same_error(const struct calibration_error *a, const struct calibration_error *b)
{
    same(a->percent, b->percent);
    same(a->kpa, b->kpa);
}

static void check_budget(const struct calibration_budget *a, const struct calibration_budget *b)
{
    same_error(&a->accuracy, &b->accuracy);
    same_error(&a->repeatability, &b->repeatability);
    same_error(&a->hysteresis, &b->hysteresis);
    same_error(&a->creep, &b->creep);
    same_error(&a->crosstalk, &b->crosstalk);
    same(a->force_percent, b->force_percent);
    same(a->creep_percent_per_decade, b->creep_percent_per_decade);
    same(a->noise_counts, b->noise_counts);
}

static void check_dynamics(const struct calibration_dynamics *a,
                           const struct calibration_dynamics *b)
{
    assert_int_equal(a->n_creep, b->n_creep);
    for (int k = 0; k < b->n_creep; k++) {
        same(a->creep_tau_s[k], b->creep_tau_s[k]);
        same(a->creep_share[k], b->creep_share[k]);
    }
    same(a->hysteresis, b->hysteresis);
    same(a->reference_c, b->reference_c);
    same(a->gain_percent_per_c, b->gain_percent_per_c);
}

static void check_lists(const struct calibration *c, const struct calibration_spec *s)
{
    size_t n;
    const struct calibration_stud *studs = calibration_studs(c, &n);
    assert_int_equal(n, s->n_studs);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(studs[i].name, s->studs[i].name);
        same(studs[i].tip_cm2, s->studs[i].tip_cm2);
        same(studs[i].factor, s->studs[i].factor);
        same(studs[i].spread_percent, s->studs[i].spread_percent);
        assert_int_equal(studs[i].n, s->studs[i].n);
    }
    const struct calibration_candidate *candidates = calibration_candidates(c, &n);
    assert_int_equal(n, s->n_candidates);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(candidates[i].curve, s->candidates[i].curve);
        same(candidates[i].error_percent, s->candidates[i].error_percent);
    }
}

static void check_cells(const struct calibration *c, const struct bench *b)
{
    const struct curve *spline = curve_find("spline");
    struct curve_shape shape = {.max_count = 4095, .n_knots = KNOTS};
    memcpy(shape.knots, b->spec.knots, sizeof shape.knots);
    for (int count = 0; count < 4096; count += 45) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        for (size_t i = 0; i < CELLS; i++)
            counts[i] = (uint16_t)count;
        calibration_apply(c, counts, kpa);
        for (size_t i = 0; i < CELLS; i++) {
            double one[CURVE_COEFFICIENTS_MAX];
            for (int k = 0; k < KNOTS; k++)
                one[k] = (double)(float)b->values[k][i];
            double want = b->health[i] ? 0 : spline->value(&shape, one, count);
            assert_true(fabs((double)kpa[i] - want) <= 1e-5 * want);
        }
    }
    for (size_t i = 0; i < CELLS; i++) {
        assert_int_equal(calibration_cell_health(c, i), b->health[i]);
        assert_int_equal(calibration_is_masked(c, i), b->health[i] != 0);
        same(calibration_cell_residual(c, i), (double)b->residual[i]);
    }
}

/* The pressure error that a file with another budget states. */
static void check_without(const struct calibration_spec *spec,
                          const struct calibration_budget *budget, double want)
{
    struct calibration_spec other = *spec;
    struct calibration_facts facts;
    struct problem why;
    size_t n;
    other.budget = *budget;
    char *text = calibration_format(&other, &n, &why);
    assert_non_null(text);
    struct calibration *c = calibration_parse(text, n, "f.json", &why);
    assert_non_null(c);
    calibration_facts(c, &facts);
    assert_true(fabs(facts.pressure_error_percent - want) < 1e-12);
    calibration_free(c);
    free(text);
}

static void all_that_a_bench_found_is_found_again(void **state)
{
    (void)state;
    static struct bench b;
    struct calibration_facts facts;
    struct problem why;
    draw(&b);
    size_t n;
    char *text = calibration_format(&b.spec, &n, &why);
    if (!text)
        fail_msg("%s", why.text);
    struct calibration *c = calibration_parse(text, n, "f.json", &why);
    assert_non_null(c);
    calibration_facts(c, &facts);
    assert_string_equal(facts.id, b.spec.id);
    assert_string_equal(facts.reference_device, b.spec.reference_device);
    assert_int_equal(facts.masked_cells, 4);
    same(facts.residual_percent, b.spec.residual_percent);
    same(facts.force_error_percent, b.spec.budget.force_percent);
    double want = sqrt(4.0 / 9 + 1.21 + 0.09 + 0.81); /* the hysteresis is not known */
    assert_true(fabs(facts.pressure_error_percent - want) < 1e-12);
    struct calibration_budget without = b.spec.budget; /* the fit's residual stands for it */
    without.accuracy.percent = NAN;
    want = sqrt(want * want - b.spec.budget.accuracy.percent * b.spec.budget.accuracy.percent +
                b.spec.residual_percent * b.spec.residual_percent);
    check_without(&b.spec, &without, want);
    check_budget(calibration_budget(c), &b.spec.budget);
    check_dynamics(calibration_dynamics(c), &b.spec.dynamics);
    check_lists(c, &b.spec);
    check_cells(c, &b);
    assert_non_null(strstr(text, "\".........\""));
    assert_non_null(strstr(text, "\"sw.......\"")); /* the map is a picture, row by row */
    calibration_free(c);
    free(text);
}

static void what_is_not_told_is_not_known(void **state)
{
    (void)state;
    static struct bench b;
    struct calibration_facts facts;
    struct problem why;
    size_t n;
    draw(&b);
    b.spec.has_budget = b.spec.has_dynamics = b.spec.n_studs = b.spec.n_candidates = 0;
    b.spec.cell_residual_percent = NULL;
    b.spec.health = NULL;
    b.spec.masked = b.health;
    b.spec.reference_device = NULL;
    char *text = calibration_format(&b.spec, &n, &why);
    struct calibration *c = calibration_parse(text, n, "f.json", &why);
    assert_non_null(c);
    calibration_facts(c, &facts);
    same(facts.pressure_error_percent, b.spec.residual_percent);
    assert_true(isnan(facts.force_error_percent));
    assert_string_equal(facts.reference_device, "");
    assert_null(calibration_budget(c));
    assert_null(calibration_dynamics(c));
    assert_null(calibration_studs(c, &n));
    assert_int_equal(n, 0);
    assert_null(calibration_candidates(c, &n));
    assert_true(isnan(calibration_cell_residual(c, 0)));
    assert_string_equal(cell_health_name(calibration_cell_health(c, 0)), "healthy");
    assert_string_equal(cell_health_name(calibration_cell_health(c, 3)), "unknown");
    calibration_free(c);
    free(text);
    assert_string_equal(cell_health_name(CELL_DEAD), "dead");
    assert_string_equal(cell_health_name(CELL_SHORTED), "shorted");
}

static void a_tightly_filled_plate_of_the_largest_size_can_be_written(void **state)
{
    (void)state;
    enum { SIDE = 256, MANY = SIDE * SIDE };
    double *values = malloc(MANY * KNOTS * sizeof *values);
    struct calibration_spec spec = {.id = "large",
                                    .date = "2026-03-01",
                                    .serial = "L",
                                    .rows = SIDE,
                                    .cols = SIDE,
                                    .bits = 16,
                                    .curve = "spline",
                                    .residual_percent = NAN,
                                    .n_knots = KNOTS};
    for (int k = 0; k < KNOTS; k++) {
        spec.knots[k] = 5000.123 * (k + 1);
        spec.coefficients[k] = values + k * MANY;
        for (size_t i = 0; i < MANY; i++)
            values[(size_t)k * MANY + i] = 61.234567 * (k + 1) + 1e-3 * (double)(i % 997);
    }
    struct problem why;
    size_t n;
    char *text = calibration_format(&spec, &n, &why);
    if (!text)
        fail_msg("%s", why.text);
    print_message("%zu bytes\n", n);
    free(text);
    free(values);
}

/* A small good file, one member of which is put in question. */
static void check_refused(const char *key, const char *value, const char *words)
{
    static const char *const good[][2] = {
        {"schema", "\"tenderfoot/calibration/2\""},
        {"id", "\"a\""},
        {"date", "\"2026-01-31\""},
        {"operator", "\"\""},
        {"reference_device", "\"gauge\""},
        {"serial", "\"S\""},
        {"rows", "1"},
        {"columns", "3"},
        {"bits", "12"},
        {"curve", "\"spline\""},
        {"knots_counts", "[1000, 3000.5]"},
        {"residual_percent", "null"},
        {"masked", "[1]"},
        {"health", "[\".d.\"]"},
        {"coefficients", "{\"kpa_at_knot_1\":[10,0,11],\"kpa_at_knot_2\":[30,0,33]}"},
        {"cell_residual_percent", "[1,null,2]"},
        {"dynamics", "null"},
        {"budget", "null"},
        {"studs", "null"},
        {"candidates", "null"},
    };
    char text[2048] = "{\"note\":\"unknown members are ignored\"";
    struct problem why = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const char *use = key && !strcmp(key, good[i][0]) ? value : good[i][1];
        if (use)
            sprintf(text + strlen(text), ",\"%s\":%s", good[i][0], use);
    }
    strcat(text, "}");
    struct calibration *c = calibration_parse(text, strlen(text), "f.json", &why);
    if (!words) {
        if (!c)
            fail_msg("%s", why.text);
        calibration_free(c);
        return;
    }
    if (c)
        fail_msg("%s = %s was taken", key, value ? value : "(missing)");
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words) || strncmp(why.text, "f.json", 6))
        fail_msg("'%s' does not say '%s' and the file", why.text, words);
}

#define ERRORS                                                                                     \
    "\"accuracy\":{},\"repeatability\":{\"kpa\":1},\"hysteresis\":{},\"creep\":{\"percent\":null}"

static void what_is_out_of_bounds_is_refused_by_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *words; /* words NULL: it is taken */
    } cases[] = {
        {NULL, NULL, NULL},
        {"reference_device", NULL, NULL},
        {"reference_device", "null", NULL},
        {"reference_device", "7", "'reference_device'"},
        {"reference_device", "\"a\\nb\"", "control character"},
        {"knots_counts", NULL, "must be 2 to 12"},
        {"knots_counts", "[1000]", "must be 2 to 12"},
        {"knots_counts", "[1,2,3,4,5,6,7,8,9,10,11,12,13]", "at most 12"},
        {"knots_counts", "[0, 5]", "rise by 1"},
        {"knots_counts", "[9, 9.5]", "rise by 1"},
        {"knots_counts", "[9, 4096]", "rise by 1"},
        {"knots_counts", "[9, \"x\"]", "rise by 1"},
        {"knots_counts", "{}", "not a list"},
        {"curve", "\"line\"", "belong to a spline"},
        {"coefficients", "{\"kpa_at_knot_1\":[10,0,11],\"kpa_at_knot_2\":[30,0,11]}", "cell 2"},
        {"coefficients", "{\"kpa_at_knot_1\":[10,0,11]}", "kpa_at_knot_2"},
        {"coefficients", "{\"kpa_at_knot_1\":[10,0,11],\"kpa_at_knot_2\":[30,0,-3]}", "cell 2"},
        {"coefficients", "{\"kpa_at_knot_1\":[10,0,11],\"kpa_at_knot_2\":[30,0,9e4]}", "cell 2"},
        {"health", NULL, NULL},
        {"health", "[]", "one text a row"},
        {"health", "[7]", "row 0"},
        {"health", "[\".d\"]", "row 0"},
        {"health", "[\".dd\"]", "row 0, column 2"},
        {"health", "[\".?.\"]", "row 0, column 1"},
        {"health", "[\"...\"]", NULL}, /* masked for a reason of its own */
        {"cell_residual_percent", "[1,2]", "one number or null a cell"},
        {"cell_residual_percent", "[1,-2,2]", "cell 1"},
        {"cell_residual_percent", "[1,2,\"2\"]", "cell 2"},
        {"dynamics", "{}", "'dynamics.hysteresis'"},
        {"dynamics", "[]", "'dynamics'"},
        {"dynamics", "{\"hysteresis\":0,\"gain_percent_per_c\":0}", "'dynamics.creep'"},
        {"dynamics", "{\"hysteresis\":0,\"gain_percent_per_c\":0,\"creep\":[]}", NULL},
        {"dynamics", "{\"hysteresis\":0.95,\"gain_percent_per_c\":0,\"creep\":[]}", "0.9"},
        {"dynamics", "{\"hysteresis\":0,\"gain_percent_per_c\":11,\"creep\":[]}", "_per_c"},
        {"dynamics", "{\"hysteresis\":0,\"gain_percent_per_c\":1,\"reference_c\":200,\"creep\":[]}",
         "reference_c"},
        {"dynamics",
         "{\"hysteresis\":0,\"gain_percent_per_c\":0,\"creep\":[{\"tau_s\":1,\"share\":0.1},"
         "{\"tau_s\":0,\"share\":0.1}]}",
         "'dynamics.creep[1].tau_s'"},
        {"dynamics",
         "{\"hysteresis\":0,\"gain_percent_per_c\":0,\"creep\":[{\"tau_s\":1,\"share\":-0.1}]}",
         "'dynamics.creep[0].share'"},
        {"dynamics", "{\"hysteresis\":0,\"gain_percent_per_c\":0,\"creep\":[1,1,1,1,1]}",
         "at most 4"},
        {"dynamics",
         "{\"hysteresis\":0,\"gain_percent_per_c\":0,\"creep\":[{\"tau_s\":1,\"share\":0.9},"
         "{\"tau_s\":2,\"share\":0.9},{\"tau_s\":3,\"share\":0.9}]}",
         "sum to more than 2"},
        {"budget", "{" ERRORS ",\"crosstalk\":{}}", NULL},
        {"budget", "{" ERRORS "}", "'budget.crosstalk'"},
        {"budget", "{" ERRORS ",\"crosstalk\":{\"kpa\":-1}}", "'budget.crosstalk.kpa'"},
        {"budget", "{" ERRORS ",\"crosstalk\":{\"percent\":\"x\"}}", "'budget.crosstalk.percent'"},
        {"budget", "{" ERRORS ",\"crosstalk\":{},\"noise_counts\":1e9}", "'budget.noise_counts'"},
        {"studs", "[]", NULL},
        {"studs", "{}", "'studs'"},
        {"studs", "[{\"name\":\"a\",\"tip_cm2\":1,\"factor\":1,\"places\":1}]", NULL},
        {"studs", "[{\"name\":\"\",\"tip_cm2\":1,\"factor\":1,\"places\":1}]", "'studs[0]'"},
        {"studs", "[{\"name\":\"a\",\"tip_cm2\":0,\"factor\":1,\"places\":1}]", "tip_cm2"},
        {"studs", "[{\"name\":\"a\",\"tip_cm2\":1,\"factor\":0,\"places\":1}]", "factor"},
        {"studs", "[{\"name\":\"a\",\"tip_cm2\":1,\"factor\":1,\"places\":0}]", "places"},
        {"studs", "[{\"name\":\"a stud with a name of 32 letters\",\"tip_cm2\":1,\"factor\":1}]",
         "too long"},
        {"studs", "[1,2,3,4,5,6,7,8,9]", "8 entries"},
        {"candidates", "[{\"curve\":\"line\",\"error_percent\":3}]", NULL},
        {"candidates", "[{\"curve\":\"line\",\"error_percent\":-3}]", "'candidates[0].error"},
        {"candidates", "[{\"error_percent\":3}]", "'candidates[0]'"},
        {"candidates", "[\"line\"]", "'candidates[0]'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_refused(cases[i].key, cases[i].value, cases[i].words);
}

static void the_first_version_is_still_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"schema\":\"tenderfoot/calibration/1\",\"id\":\"old\",\"date\":\"2025-01-31\","
        "\"operator\":\"\",\"serial\":\"S\",\"rows\":1,\"columns\":2,\"bits\":12,\"curve\":"
        "\"line\","
        "\"residual_percent\":2.5,\"masked\":[1],\"budget\":7,"
        "\"coefficients\":{\"gain_kpa_per_count\":[0.1,0],\"offset_kpa\":[0,0]}}";
    struct calibration_facts facts;
    struct problem why;
    struct calibration *c = calibration_parse(text, sizeof text - 1, "f.json", &why);
    assert_non_null(c);
    calibration_facts(c, &facts);
    same(facts.pressure_error_percent, 2.5);
    assert_true(isnan(facts.force_error_percent));
    assert_null(calibration_budget(c));
    calibration_free(c);
}

static void a_damaged_file_says_where(void **state)
{
    (void)state;
    static struct bench b;
    struct problem why;
    size_t n;
    draw(&b);
    char *text = calibration_format(&b.spec, &n, &why);
    assert_non_null(text);
    for (size_t cut = 0; cut < n - 2; cut += 97) { /* less the last brace it is no file */
        struct problem cut_why = {0};
        assert_null(calibration_parse(text, cut, "f.json", &cut_why));
        assert_non_null(strstr(cut_why.text, "f.json: line "));
    }
    char *health = strstr(text, "\"health\"");
    health[-1] = '!';
    assert_null(calibration_parse(text, n, "f.json", &why));
    int line = 1;
    for (const char *at = text; at < health; at++)
        line += *at == '\n';
    char words[32];
    sprintf(words, "line %d", line);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say %s", why.text, words);
    free(text);
}

static void *counted_malloc(size_t n)
{
    return malloc(n);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    static struct bench b;
    draw(&b);
    json_set_alloc_funcs(counted_malloc, free);
    /* Each number of a cell is an allocation: beyond the first 300 every 31st is failed. */
    for (long n = 1;; n += n < 300 ? 1 : 31) {
        struct problem why = {0};
        size_t size;
        failing_malloc_at(n);
        char *text = calibration_format(&b.spec, &size, &why);
        int failed = failing_malloc_off();
        if (!failed) {
            assert_non_null(text);
            free(text);
            break;
        }
        assert_null(text);
        assert_int_not_equal(why.kind, PROBLEM_NONE);
    }
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_a_bench_found_is_found_again),
        cmocka_unit_test(what_is_not_told_is_not_known),
        cmocka_unit_test(a_tightly_filled_plate_of_the_largest_size_can_be_written),
        cmocka_unit_test(what_is_out_of_bounds_is_refused_by_its_place),
        cmocka_unit_test(the_first_version_is_still_read),
        cmocka_unit_test(a_damaged_file_says_where),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
