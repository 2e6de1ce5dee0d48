/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must not matter to sway (where the person stands, which plans were there before) and what
 * must matter in a known way (mirror, scale, exchange of the axes); awkward input; each allocation
 * failing in turn. */
#include "analysis/sway/group_json.h"
#include "analysis/sway/sway_json.h"
#include "analysis/sway/sway_many.h"
#include "driver/import/cop_csv.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define RATE 100.0
#define SEED 20260118

static const char *const pipelines[] = {"raw", "lp5", "lp10", "quijoux25"};

static char *text_of(const struct sway_result *result)
{
    json_t *json = sway_json(result, "mm");
    char *text = json_dumps(json, JSON_REAL_PRECISION(17));
    json_decref(json);
    return text;
}

/* x -> scale x + shift, ML and AP each. */
static void change(struct cop_series *path, double ml_scale, double ap_scale, double shift)
{
    for (size_t i = 0; i < path->n; i++) {
        path->ml_mm[i] = ml_scale * path->ml_mm[i] + shift;
        path->ap_mm[i] = ap_scale * path->ap_mm[i] - shift;
    }
}

#define assert_ratio(found, wanted) assert_near((found) / (wanted), 1, 1e-8)

static void assert_lengths(const struct sway_result *a, const struct sway_result *b, double scale)
{
    for (int k = 0; k < SWAY_AXES; k++) {
        const struct sway_distances *x = &a->distances[k], *y = &b->distances[k];
        assert_ratio(x->mean_distance_mm, scale * y->mean_distance_mm);
        assert_ratio(x->rms_distance_mm, scale * y->rms_distance_mm);
        assert_ratio(x->path_mm, scale * y->path_mm);
        assert_ratio(x->range_mm, scale * y->range_mm);
        assert_ratio(x->mean_frequency_hz, y->mean_frequency_hz);
        assert_int_equal(x->zero_crossings, y->zero_crossings);
        assert_ratio(a->diffusion[k].short_mm2_s, scale * scale * b->diffusion[k].short_mm2_s);
        for (int kind = 0; kind < SPECTRUM_KINDS; kind++) {
            assert_ratio(a->spectrum[kind][k].power_mm2,
                         scale * scale * b->spectrum[kind][k].power_mm2);
            assert_ratio(a->spectrum[kind][k].f50_hz, b->spectrum[kind][k].f50_hz);
        }
    }
    for (int k = 0; k < 2; k++) {
        assert_near(a->axis[k].entropy.entropy, b->axis[k].entropy.entropy, 1e-9);
        assert_ratio(a->axis[k].dfa_alpha, b->axis[k].dfa_alpha);
        assert_ratio(a->axis[k].loglog.short_time_scaling, b->axis[k].loglog.short_time_scaling);
    }
    assert_ratio(a->area.hull_mm2, scale * scale * b->area.hull_mm2);
    assert_ratio(a->area.sway_mm2_s, scale * scale * b->area.sway_mm2_s);
    assert_ratio(a->area.ellipse95_prediction_mm2,
                 scale * scale * b->area.ellipse95_prediction_mm2);
    assert_ratio(a->fractal.ellipse, b->fractal.ellipse);
}

static void test_shift_mirror_scale(void **state)
{
    (void)state;
    for (size_t p = 0; p < 3; p++) { /* resampling knows mm: it finds artefacts by their size */
        struct cop_series plain = sway_person(3000, RATE, SEED), other;
        struct sway_result before = sway_of(&plain, pipelines[p]), after;
        other = sway_person(3000, RATE, SEED);
        change(&other, 1, 1, 64);
        after = sway_of(&other, pipelines[p]);
        assert_lengths(&after, &before, 1);
        assert_near(after.density.mean_peak_s, before.density.mean_peak_s, 1e-9);
        change(&other, -1, 1, 0);
        after = sway_of(&other, pipelines[p]);
        assert_lengths(&after, &before, 1);
        assert_near(after.area.angle_deg, 180 - before.area.angle_deg, 1e-7);
        change(&other, 2.5, 2.5, 0);
        after = sway_of(&other, pipelines[p]);
        assert_lengths(&after, &before, 2.5);
        cop_series_free(&plain);
        cop_series_free(&other);
    }
}

/* ML and AP exchanged: their numbers are exchanged, those of the plane stay. */
static void test_axes_exchanged(void **state)
{
    (void)state;
    struct cop_series path = sway_person(2500, RATE, SEED + 1);
    struct sway_result before = sway_of(&path, "lp10"), after;
    double *ml = path.ml_mm;
    path.ml_mm = path.ap_mm;
    path.ap_mm = ml;
    after = sway_of(&path, "lp10");
    assert_ratio(after.distances[SWAY_ML].path_mm, before.distances[SWAY_AP].path_mm);
    assert_ratio(after.axis[0].dfa_alpha, before.axis[1].dfa_alpha);
    assert_ratio(after.distances[SWAY_RD].path_mm, before.distances[SWAY_RD].path_mm);
    assert_ratio(after.area.hull_mm2, before.area.hull_mm2);
    assert_near(fmod(after.area.angle_deg + before.area.angle_deg, 180), 90, 1e-7);
    cop_series_free(&path);
}

/* The order in which trials of several lengths pass through one work changes no digit. */
static void test_work_remembers_nothing(void **state)
{
    (void)state;
    static const size_t lengths[] = {700, 1200, 700, 333, 1200};
    struct problem why = {0};
    struct sway_work *work = sway_work_make(&why);
    for (size_t i = 0; i < 5; i++) {
        struct cop_series path = sway_person(lengths[i], RATE, SEED + i);
        for (size_t p = 0; p < 4; p++) {
            struct sway_options options = sway_defaults();
            struct sway_result used, fresh = sway_of(&path, pipelines[p]);
            sway_pipeline_find(pipelines[p], &options.pipeline, &why);
            assert_int_equal(sway_measure(work, &path, &options, &used, &why), 0);
            char *one = text_of(&used), *two = text_of(&fresh);
            assert_string_equal(one, two);
            free(one);
            free(two);
        }
        cop_series_free(&path);
    }
    sway_work_free(work);
}

/* Many trials at once are each trial alone, to the last digit; one that is bad spoils no other. */
static void test_many_are_each_alone(void **state)
{
    (void)state;
    enum { MANY = 24, BAD = 7 };
    struct cop_series trials[MANY];
    struct sway_result out[MANY];
    struct problem why[MANY];
    struct sway_options options = sway_defaults();
    for (size_t i = 0; i < MANY; i++)
        trials[i] = sway_person(300 + 100 * (i % 3), RATE, SEED + i);
    trials[BAD].ap_mm[5] = NAN;
    assert_int_equal(sway_measure_many(trials, MANY, &options, 4, out, why), 1);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(why[i].kind, i == BAD ? PROBLEM_REFUSED : PROBLEM_NONE);
        if (i != BAD) {
            struct sway_result alone = sway_of(&trials[i], "lp10");
            char *one = text_of(&out[i]), *two = text_of(&alone);
            assert_string_equal(one, two);
            free(one);
            free(two);
        }
        cop_series_free(&trials[i]);
    }
}

/* A statue: distances are 0, what would divide by them is null, nothing crashes. */
static void test_statue(void **state)
{
    (void)state;
    for (size_t p = 0; p < 4; p++) {
        struct cop_series path = sway_path(1500, RATE);
        change(&path, 0, 0, 3.5);
        struct sway_result r = sway_of(&path, pipelines[p]);
        assert_near(r.distances[SWAY_RD].path_mm, 0, 1e-9);
        assert_near(r.area.ellipse95_prediction_mm2, 0, 1e-9);
        if (p == 0) {
            assert_true(isnan(r.distances[SWAY_ML].mean_frequency_hz));
            assert_true(isnan(r.axis[0].entropy.entropy) && isnan(r.axis[0].dfa_alpha));
            assert_true(isnan(r.diffusion[SWAY_RD].critical_time_s) && isnan(r.fractal.circle));
            assert_true(isnan(r.axis[1].loglog.critical_time_s) && isnan(r.area.angle_deg));
            assert_true(isnan(r.spectrum[SPECTRUM_SINE8][SWAY_ML].f50_hz));
        }
        free(text_of(&r));
        cop_series_free(&path);
    }
}

/* The least that is taken: what needs longer trials is null, the rest is there. */
static void test_short_trial(void **state)
{
    (void)state;
    for (size_t n = COP_SERIES_LEAST; n < 60; n++) {
        struct cop_series path = sway_person(n, RATE, n);
        struct sway_result r = sway_of(&path, "lp5");
        assert_true(r.distances[SWAY_RD].path_mm > 0);
        assert_true(isnan(r.spectrum[SPECTRUM_WELCH10][SWAY_ML].power_mm2));
        assert_true(isnan(r.diffusion[SWAY_ML].critical_time_s));
        assert_true(isnan(r.axis[0].loglog.critical_time_s));
        assert_int_equal(isnan(r.axis[0].dfa_alpha), n < 36);
        free(text_of(&r));
        cop_series_free(&path);
    }
}

static void expect_refused(const struct cop_series *path, const char *words)
{
    struct sway_options options = sway_defaults();
    struct sway_result result;
    struct problem why = {0};
    struct sway_work *work = sway_work_make(&why);
    assert_int_equal(sway_measure(work, path, &options, &result, &why), -1);
    assert_non_null(strstr(why.text, words));
    sway_work_free(work);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    struct cop_series path = sway_person(500, RATE, SEED);
    path.ml_mm[77] = NAN;
    expect_refused(&path, "sample 78 is not a number");
    path.ml_mm[77] = INFINITY;
    expect_refused(&path, "sample 78 is not a number");
    path.ml_mm[77] = 0;
    path.time_s[100] = path.time_s[99];
    expect_refused(&path, "time does not grow at sample 101");
    path.time_s[100] = 1;
    path.n = COP_SERIES_LEAST - 1;
    expect_refused(&path, "too few");
    path.n = 500;
    path.rate_hz = 0;
    expect_refused(&path, "irregular");
    path.rate_hz = 18;
    expect_refused(&path, "needs more than 20 samples a second");
    cop_series_free(&path);
}

/* Numbers that overflow become null, not a crash. */
static void test_huge_numbers(void **state)
{
    (void)state;
    struct cop_series path = sway_person(400, RATE, SEED);
    change(&path, 1e300, 1e300, 0);
    struct sway_result r = sway_of(&path, "raw");
    char *text = text_of(&r);
    assert_null(strstr(text, "inf"));
    free(text);
    change(&path, 1e-300, 1e-300, 0);
    change(&path, 1e-300, 1e-300, 0);
    r = sway_of(&path, "raw");
    free(text_of(&r));
    cop_series_free(&path);
}

static int read_text(const char *text, const struct cop_csv_layout *layout, struct cop_series *out,
                     struct problem *why)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    int bad = cop_csv_read(in, "test.csv", layout, out, NULL, why);
    fclose(in);
    return bad;
}

/* A table in centimetres with a foreign order, quotes, comments, CRLF and a missing sample. */
static void test_tables(void **state)
{
    (void)state;
    struct cop_csv_layout layout = {.names = {"t", "y_cm", "2"}};
    struct cop_series path;
    struct problem why = {0};
    char text[8000] = "\xef\xbb\xbf# a comment\r\n\"t\";x_cm;\"y_cm\"\r\n";
    layout.mm_per_unit = 10;
    for (int i = 0; i < 50; i++)
        snprintf(text + strlen(text), 64, i == 20 ? "%.2f;NaN;%d\r\n" : "%.2f;-1.5;%d\r\n",
                 5 + i / 50.0, i);
    assert_int_equal(read_text(text, &layout, &path, &why), 0);
    assert_int_equal(path.n, 49);
    assert_near(path.rate_hz, 0, 0); /* one is missing: the times are irregular */
    assert_near(path.time_s[0], 0, 0);
    assert_near(path.ml_mm[30], 310, 1e-12);
    assert_near(path.ap_mm[30], -15, 1e-12);
    cop_series_free(&path);
}

/* The same path in the tables that people keep: each is read to the same numbers. */
static void test_dialects(void **state)
{
    (void)state;
    static const struct {
        const char *head, *line; /* `comma`: numbers have one */
        int comma;
    } tables[] = {
        {"time_s,ml_mm,ap_mm\n", "%.2f,%.2f,%.2f\n", 0},
        {"\xef\xbb\xbftime_s;ml_mm;ap_mm\r\n", "%.2f;%.2f;%.2f\r\n", 1},
        {"Measured by;A. Weber\nRate;50,0\n\ntime_s;ml_mm;ap_mm\n", "%.2f;%.2f;%.2f\n", 1},
        {"Time_s\tML_mm\tAP_mm\n", "%.2f\t%.2f\t%.2f\n", 1},
        {"# path\n\"time_s\",\"ml_mm\",\"ap_mm\"\n", "\"%.2f\",\"%.2f\",\"%.2f\"\n", 0},
        {"time_s   ml_mm  ap_mm\n", "  %.2f   %.2f   %.2f\n", 0},
    };
    for (size_t k = 0; k < sizeof tables / sizeof tables[0]; k++) {
        struct cop_csv_layout layout = {0};
        struct cop_series path;
        struct problem why = {0};
        char text[8000];
        strcpy(text, tables[k].head);
        for (int i = 0; i < 60; i++) {
            char *at = text + strlen(text);
            snprintf(at, 80, tables[k].line, i / 50.0, i % 7 - 3.25, i * 0.5);
            for (; tables[k].comma && *at; at++)
                *at = *at == '.' ? ',' : *at;
        }
        if (read_text(text, &layout, &path, &why))
            fail_msg("table %zu: %s", k, why.text);
        assert_int_equal(path.n, 60);
        assert_near(path.rate_hz, 50, 0);
        for (int i = 0; i < 60; i++) {
            assert_near(path.ml_mm[i], i % 7 - 3.25, 1e-12);
            assert_near(path.ap_mm[i], i * 0.5, 1e-12);
        }
        cop_series_free(&path);
    }
}

/* Units in brackets, under the names, of time too; a comma within quotes parts nothing. */
static void test_units_of_a_table(void **state)
{
    (void)state;
    static const char *const heads[] = {"Time (ms),\"COP, x [cm]\",\"COP, y [cm]\"\n",
                                        "Time,\"COP, x\",\"COP, y\"\nms,cm,cm\n",
                                        "time_ms,\"cop, X_cm\",\"cop, Y_cm\"\n"};
    for (size_t k = 0; k < 3; k++) {
        struct cop_csv_layout layout = {.names = {"Time", "COP, x", "COP, y"}};
        struct cop_series path;
        struct problem why = {0};
        char text[4000];
        strcpy(text, heads[k]);
        for (int i = 0; i < 60; i++)
            snprintf(text + strlen(text), 64, "%d,%d,%.1f\n", 20 * i, i % 5, -0.1 * i);
        if (read_text(text, &layout, &path, &why))
            fail_msg("table %zu: %s", k, why.text);
        assert_near(path.rate_hz, 50, 0);
        assert_near(path.ml_mm[4], 40, 1e-12);
        assert_near(path.ap_mm[4], -4, 1e-12);
        cop_series_free(&path);
    }
}

/* A platform's table under its usual names, with moments in N mm and an unloaded beginning. */
static void test_platform_by_its_names(void **state)
{
    (void)state;
    struct cop_csv_layout layout = {0};
    struct cop_series path;
    struct problem why = {0};
    char text[8000] = "Time [s];FX [N];FY [N];FZ [N];MX [N.mm];MY [N.mm]\n";
    for (int i = 0; i < 60; i++)
        snprintf(text + strlen(text), 100, "%.2f;%d;%d;%d;%d;%d\n", i / 50.0, i % 3, -(i % 4),
                 i < 10 ? 5 : 800, 800 * i, -800 * (2 * i));
    assert_int_equal(read_text(text, &layout, &path, &why), 0);
    assert_int_equal(path.n, 50);
    assert_near(path.ml_mm[0], 20, 1e-9);
    assert_near(path.ap_mm[0], 10, 1e-9);
    assert_near(path.force_ml_n[1], 11 % 3, 1e-12);
    assert_near(path.force_ap_n[1], -(11 % 4), 1e-12);
    cop_series_free(&path);
}

/* Turned by 30 degrees: what belongs to the plane stays, the direction turns. */
static void test_rotation(void **state)
{
    (void)state;
    struct cop_series path = sway_person(2500, RATE, SEED + 2);
    struct sway_result before = sway_of(&path, "lp10"), after;
    double c = cos(M_PI / 6), s = sin(M_PI / 6);
    for (size_t i = 0; i < path.n; i++) {
        double ml = path.ml_mm[i], ap = path.ap_mm[i];
        path.ml_mm[i] = c * ml - s * ap;
        path.ap_mm[i] = s * ml + c * ap;
    }
    after = sway_of(&path, "lp10");
    assert_ratio(after.distances[SWAY_RD].path_mm, before.distances[SWAY_RD].path_mm);
    assert_ratio(after.distances[SWAY_RD].range_mm, before.distances[SWAY_RD].range_mm);
    assert_ratio(after.area.ellipse95_prediction_mm2, before.area.ellipse95_prediction_mm2);
    assert_ratio(after.area.circle95_mm2, before.area.circle95_mm2);
    assert_ratio(after.area.hull_mm2, before.area.hull_mm2);
    assert_ratio(after.area.sway_mm2_s, before.area.sway_mm2_s);
    assert_ratio(after.density.mean_peak_s, before.density.mean_peak_s);
    assert_ratio(after.diffusion[SWAY_RD].short_mm2_s, before.diffusion[SWAY_RD].short_mm2_s);
    assert_near(fmod(after.area.angle_deg - before.area.angle_deg + 360, 180), 30, 1e-6);
    cop_series_free(&path);
}

/* Half the rate of a path that is smooth at either: numbers whose definition has no rate in it
 * stay. */
static void test_rate_invariance(void **state)
{
    (void)state;
    struct cop_series fine = sway_path(12000, 200), coarse = sway_path(6000, 100);
    for (size_t i = 0; i < fine.n; i++) {
        double t = (double)i / 200;
        fine.ml_mm[i] = 4 * sin(2 * M_PI * 0.3 * t) + sin(2 * M_PI * 0.85 * t + 1);
        fine.ap_mm[i] = 6 * cos(2 * M_PI * 0.2 * t) + 0.7 * sin(2 * M_PI * 1.1 * t);
        coarse.ml_mm[i / 2] = i % 2 ? coarse.ml_mm[i / 2] : fine.ml_mm[i];
        coarse.ap_mm[i / 2] = i % 2 ? coarse.ap_mm[i / 2] : fine.ap_mm[i];
    }
    struct sway_result a = sway_of(&fine, "lp10"), b = sway_of(&coarse, "lp10");
    assert_near(a.distances[SWAY_RD].path_mm / b.distances[SWAY_RD].path_mm, 1, 1e-3);
    assert_near(a.distances[SWAY_RD].rms_distance_mm / b.distances[SWAY_RD].rms_distance_mm, 1,
                1e-3);
    assert_near(a.area.ellipse95_prediction_mm2 / b.area.ellipse95_prediction_mm2, 1, 1e-3);
    assert_near(a.area.sway_mm2_s / b.area.sway_mm2_s, 1, 2e-3);
    assert_near(a.spectrum[SPECTRUM_SINE8][0].power_mm2 / b.spectrum[SPECTRUM_SINE8][0].power_mm2,
                1, 1e-3);
    assert_near(a.axis[1].velocity.peak_all_mm_s / b.axis[1].velocity.peak_all_mm_s, 1, 1e-3);
    assert_near(a.diffusion[SWAY_RD].short_mm2_s / b.diffusion[SWAY_RD].short_mm2_s, 1, 0.02);
    cop_series_free(&fine);
    cop_series_free(&coarse);
}

/* A weight that wanders over a force platform is found where it was put, from forces and moments
 * about an origin under the surface, told with either sign; while nobody stands there is no path.
 */
static void test_force_platform(void **state)
{
    (void)state;
    for (int turned = 0; turned < 2; turned++) {
        struct cop_csv_layout layout = {.names = {"t", "", "", "Fx", "Fy", "Fz", "Mx", "My"},
                                        .origin_mm = 40,
                                        .ap_is_x = turned};
        struct cop_series path;
        struct problem why = {0};
        char text[16000] = "t,Fx,Fy,Fz,Mx,My\n";
        for (int i = 0; i < 100; i++) {
            double x = 0.01 * sin(0.1 * i), y = 0.02 * cos(0.2 * i), fx = i % 5, fy = -i % 3;
            double sign = turned ? -1 : 1, fz = i < 10 ? 5 : 700;
            snprintf(text + strlen(text), 120, "%.2f,%.9f,%.9f,%.9f,%.9f,%.9f\n", i / 50.0,
                     sign * fx, sign * fy, sign * fz, sign * (y * fz + 0.04 * fy),
                     sign * (-x * fz - 0.04 * fx));
        }
        assert_int_equal(read_text(text, &layout, &path, &why), 0);
        assert_int_equal(path.n, 90);
        assert_near(path.rate_hz, 50, 1e-9);
        for (int i = 0; i < 90; i++) {
            assert_near((turned ? path.ap_mm : path.ml_mm)[i], 10 * sin(0.1 * (i + 10)), 1e-6);
            assert_near((turned ? path.ml_mm : path.ap_mm)[i], 20 * cos(0.2 * (i + 10)), 1e-6);
        }
        cop_series_free(&path);
        layout.names[COP_CSV_FX][0] = 0;
        assert_int_equal(read_text(text, &layout, &path, &why), -1);
        assert_int_equal(why.kind, PROBLEM_USAGE);
    }
}

/* Times written to the millisecond at 120 Hz tell 120 Hz, and of 31.25 Hz no digit is lost;
 * real 99.7 Hz is not made 100. */
static void test_rate_of_rounded_times(void **state)
{
    (void)state;
    struct cop_series path = sway_path(1200, 120);
    for (size_t i = 0; i < path.n; i++)
        path.time_s[i] = 3 + round(1000 * path.time_s[i]) / 1000;
    cop_series_find_rate(&path, 0.001);
    assert_near(path.rate_hz, 120, 0);
    for (size_t i = 0; i < path.n; i++)
        path.time_s[i] = round(1e4 * (double)i / 31.25) / 1e4;
    cop_series_find_rate(&path, 1e-4);
    assert_near(path.rate_hz, 31.25, 0);
    for (size_t i = 0; i < path.n; i++)
        path.time_s[i] = round(1e4 * (double)i / 99.7) / 1e4;
    cop_series_find_rate(&path, 1e-4);
    assert_near(path.rate_hz, 99.7, 1e-3);
    path.time_s[600] += 0.004;
    cop_series_find_rate(&path, 1e-4);
    assert_near(path.rate_hz, 0, 0);
    cop_series_free(&path);
}

static int whole_way(const char *text, struct problem *why)
{
    const struct cop_csv_layout layout = {0};
    struct sway_options options = sway_defaults();
    struct sway_result result;
    struct cop_series path = {0};
    struct sway_work *work = NULL;
    int bad = read_text(text, &layout, &path, why) || !(work = sway_work_make(why)) ||
              sway_pipeline_find("quijoux25", &options.pipeline, why) ||
              sway_measure(work, &path, &options, &result, why);
    sway_work_free(work);
    cop_series_free(&path);
    return bad;
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    char text[20000] = "time_s,ml_mm,ap_mm\n";
    long n = 1;
    for (int i = 0; i < 200; i++)
        snprintf(text + strlen(text), 64, "%.2f,%d,%d\n", i / 50.0 + (i > 99), i * i % 7, i % 5);
    for (;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        int bad = whole_way(text, &why);
        int failed = failing_malloc_off();
        assert_int_equal(bad, failed);
        if (!failed)
            break;
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    printf("%ld allocations, each failed once\n", n - 1);
    assert_true(n > 20);
}

static void *counted_malloc(size_t n)
{
    return malloc(n);
}

/* A document is whole or it is not there: jansson's memory fails at one place after the other. */
static void test_json_is_whole_or_null(void **state)
{
    (void)state;
    struct cop_series path = sway_person(600, RATE, SEED);
    struct sway_result r = sway_of(&path, "lp10");
    struct sway_uncertainty error;
    struct problem why;
    assert_int_equal(sway_uncertainty(&path, &r, SWAY_SEED, &error, &why), 0);
    json_set_alloc_funcs(counted_malloc, free);
    long n = 1;
    for (int failed = 1; failed; n++) {
        failing_malloc_at(n);
        json_t *made = sway_json(&r, "mm");
        failed = failing_malloc_off();
        assert_int_equal(made == NULL, failed);
        json_decref(made);
    }
    json_t *trials[] = {sway_json(&r, "mm"), sway_json(&r, "mm")};
    for (int part = 0; part < 3; part++) {
        for (int failed = 1, at = 1; failed; at++) {
            failing_malloc_at(at);
            json_t *made = part == 0   ? sway_repeats_json(trials, 2)
                           : part == 1 ? sway_romberg_json(trials, 1, trials + 1, 1, &error, &error)
                                       : sway_uncertainty_json(&error);
            failed = failing_malloc_off();
            assert_int_equal(made == NULL, failed);
            json_decref(made);
        }
    }
    json_decref(trials[0]);
    json_decref(trials[1]);
    json_set_alloc_funcs(malloc, free);
    cop_series_free(&path);
    assert_true(n > 300);
}

/* Each null has its reason beside it. Returns how many nulls there are. */
static int assert_reasons(json_t *of)
{
    const char *key;
    char reason[80];
    json_t *value;
    int nulls = 0;
    json_object_foreach(of, key, value)
    {
        snprintf(reason, sizeof reason, "%s_reason", key);
        if (json_is_null(value) && strcmp(key, "resample_hz") != 0) {
            assert_true(json_is_string(json_object_get(of, reason)));
            nulls++;
        }
        nulls += assert_reasons(value);
    }
    return nulls;
}

static void test_what_is_null_says_why(void **state)
{
    (void)state;
    for (size_t n = COP_SERIES_LEAST; n < 4000; n *= 4) {
        for (int still = 0; still < 2; still++) {
            struct cop_series path = sway_person(n, RATE, n);
            if (still)
                change(&path, 0, 0, 1);
            struct sway_result r = sway_of(&path, "raw");
            json_t *made = sway_json(&r, "mm");
            assert_true(assert_reasons(made) >= (still ? 20 : 1));
            json_decref(made);
            cop_series_free(&path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shift_mirror_scale),
        cmocka_unit_test(test_axes_exchanged),
        cmocka_unit_test(test_work_remembers_nothing),
        cmocka_unit_test(test_many_are_each_alone),
        cmocka_unit_test(test_statue),
        cmocka_unit_test(test_short_trial),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_huge_numbers),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_units_of_a_table),
        cmocka_unit_test(test_platform_by_its_names),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_rate_invariance),
        cmocka_unit_test(test_force_platform),
        cmocka_unit_test(test_rate_of_rounded_times),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_json_is_whole_or_null),
        cmocka_unit_test(test_what_is_null_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
