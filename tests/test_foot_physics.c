/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual person's body: weight, centre of pressure, sway, arch and guarding are what the
 * subject's file says, on fine and on coarse plates. */
#include "samples/visit.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/planned_visit.h"

#define SEED 20260301u

struct seen {
    double force_n, area_cm2, peak_kpa;
    struct point cop;
};

/* What a perfect plate makes of a moment: sums over cells at their centres. */
static struct seen look(const struct visit *s, uint64_t time_us, float *kpa)
{
    struct seen seen = {0};
    visit_pressure(s, time_us, kpa);
    double sum = 0, x = 0, y = 0;
    for (int row = 0; row < s->grid.rows; row++) {
        for (int col = 0; col < s->grid.cols; col++) {
            double p = kpa[row * s->grid.cols + col];
            struct point at = grid_centre(&s->grid, row, col);
            assert_true(p >= 0);
            sum += p, x += p * at.x_mm, y += p * at.y_mm;
            seen.area_cm2 += p >= 5 ? grid_cell_cm2(&s->grid) : 0;
            seen.peak_kpa = fmax(seen.peak_kpa, p);
        }
    }
    seen.force_n = sum * grid_newton_per_kpa(&s->grid);
    seen.cop = (struct point){x / sum, y / sum};
    return seen;
}

static void body_weight_arrives_and_the_cop_is_where_truth_says(void **state)
{
    (void)state;
    static const struct {
        const char *plate;
        double cop_mm; /* bound: a coarse cell's centre is not where its force lies */
    } plates[] = {
        {"\"rows\": 96, \"cols\": 96", 0.3},
        {"\"rows\": 128, \"cols\": 160, \"pitch_x_mm\": 2.9, \"pitch_y_mm\": 3.7", 0.2},
        {"\"rows\": 32, \"cols\": 32, \"pitch_x_mm\": 15, \"pitch_y_mm\": 15", 1.5},
        {"\"rows\": 60, \"cols\": 90, \"pitch_x_mm\": 5.08, \"pitch_y_mm\": 7.62", 0.5},
    };
    for (size_t i = 0; i < sizeof plates / sizeof plates[0]; i++) {
        char text[400];
        snprintf(text, sizeof text, HEAD "\"person\": {\"body_mass_kg\": 63.7}, \"plate\": {%s}}",
                 plates[i].plate);
        struct visit *s = plan(text, SEED);
        float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
        for (int k = 0; k < 60; k++) {
            uint64_t t = s->stand_us + (uint64_t)k * 331237;
            struct seen seen = look(s, t, kpa);
            struct moment truth = visit_moment(s, t);
            assert_true(fabs(seen.force_n / (63.7 * 9.80665) - 1) < 0.005);
            assert_true(fabs(truth.force_n / (63.7 * 9.80665) - 1) < 0.0005);
            assert_true(hypot(seen.cop.x_mm - truth.cop.x_mm, seen.cop.y_mm - truth.cop.y_mm) <
                        plates[i].cop_mm);
        }
        free(kpa);
        visit_free(s);
    }
}

static void a_standing_adult_looks_like_one(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"person\": {\"body_mass_kg\": 70}}", SEED);
    float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
    struct seen seen = look(s, s->stand_us, kpa);
    assert_true(seen.peak_kpa > 80 && seen.peak_kpa < 150);
    assert_true(seen.area_cm2 > 2 * 90 && seen.area_cm2 < 2 * 130);
    /* Before and after, nothing is on the plate. */
    assert_true(look(s, s->on_us - 1, kpa).force_n == 0);
    assert_true(look(s, s->seated_us, kpa).force_n == 0);
    free(kpa);
    visit_free(s);
}

/* Middle third over the whole of the toeless print of at least 5 kPa, on a fine foot of its own. */
static double arch_index(double arch)
{
    struct subject_foot foot = {
        .side = SIDE_RIGHT, .length_mm = 250, .width_scale = 1, .arch = arch, .toe_contact = 0};
    struct foot_frame frame = foot_picture_frame(&foot, (struct point){70, 10}, 0);
    struct grid grid = {140, 70, 2, 2};
    struct foot_picture picture;
    assert_int_equal(foot_picture_stand(&picture, &foot, &frame, &grid, 0.42, NULL, NULL, &why), 0);
    double back = 1e9, front = -1e9, third[3] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < picture.n; i++) {
            double y = picture.cells[i].y_mm;
            if (picture.cells[i].newton * 343 / 4e-3 < 5)
                continue;
            back = fmin(back, y);
            front = fmax(front, y);
            int k = (int)(3 * (y - back) / (front - back + 1e-9));
            if (pass == 1)
                third[k]++;
        }
    }
    foot_picture_free(&picture);
    return third[1] / (third[0] + third[1] + third[2]);
}

static void the_arch_parameter_orders_feet_and_its_middle_is_the_template(void **state)
{
    (void)state;
    double last = 1;
    for (double arch = 0; arch <= 1.001; arch += 0.1) {
        double index = arch_index(arch);
        assert_true(index < last);
        last = index;
    }
    assert_true(fabs(arch_index(0.5) - 0.25) < 0.02);
    assert_true(arch_index(0) > 0.28);
    assert_true(arch_index(1) < 0.18);
}

static void shares_are_as_stated(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"load\": {\"left_share\": 0.37, \"fore_share\": 0.31}}", SEED);
    double weight = 70 * 9.80665;
    assert_true(fabs(s->foot_force_n[0] / weight - 0.37) < 0.001);
    for (int f = 0; f < 2; f++) {
        double fore = 0;
        for (size_t i = 0; i < s->pictures[f].n; i++) {
            const struct loaded_cell *cell = &s->pictures[f].cells[i];
            struct uv at = foot_frame_to_uv(&s->frames[f], (struct point){cell->x_mm, cell->y_mm});
            fore += at.u >= 0.5 ? cell->newton : 0;
        }
        assert_true(fabs(fore - 0.31) < 0.01);
    }
    visit_free(s);
}

static double zone_force(const struct visit *s, int foot, const char *zone)
{
    double sum = 0;
    struct landmarks landmarks = landmarks_template();
    for (size_t i = 0; i < s->pictures[foot].n; i++) {
        const struct loaded_cell *cell = &s->pictures[foot].cells[i];
        struct uv at = foot_frame_to_uv(&s->frames[foot], (struct point){cell->x_mm, cell->y_mm});
        if (atlas_contains(atlas_find(s->atlas, zone), &s->frames[foot], &landmarks, at))
            sum += cell->newton;
    }
    return sum;
}

static void guarding_spares_a_zone_and_the_weight_stays(void **state)
{
    (void)state;
    struct visit *free_of = plan(HEAD "\"load\": {}}", SEED);
    struct visit *guarded = plan(
        HEAD "\"guarding\": [{\"zone\": \"P16\", \"side\": \"left\", \"factor\": 0.3}]}", SEED);
    double before = zone_force(free_of, 0, "P16"), after = zone_force(guarded, 0, "P16");
    /* Factor 0.3 of the zone, and the rest of the foot takes over in proportion. */
    double expected = 0.3 * before / (1 - 0.7 * before);
    assert_true(fabs(after - expected) < 0.02);
    assert_true(zone_force(guarded, 0, "P09") > zone_force(free_of, 0, "P09") * 1.2);
    assert_true(fabs(zone_force(guarded, 1, "P16") - before) < 0.02);
    assert_true(fabs(guarded->stance.force_n - free_of->stance.force_n) < 0.1);
    visit_free(free_of);
    visit_free(guarded);
}

static void a_foot_half_off_the_plate_loses_what_hangs_over(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"feet\": [{\"side\": \"left\", \"place\": {\"x_mm\": 0, "
                                "\"y_mm\": 100, \"angle_deg\": 0}}]}",
                           SEED);
    double share = s->foot_force_n[0] / (70 * 9.80665);
    assert_true(share > 0.3 && share < 0.7); /* the medial half lies on the plate */
    visit_free(s);
    s = plan(HEAD "\"feet\": [{\"side\": \"left\", \"place\": {\"x_mm\": 3000}}]}", SEED);
    assert_true(visit_moment(s, s->stand_us + 1).force_n == 0);
    assert_true(isnan(visit_moment(s, s->stand_us + 1).cop.x_mm));
    visit_free(s);
}

static void nobody_on_the_plate_is_a_visit_too(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"feet\": []}", SEED);
    assert_true(visit_moment(s, s->stand_us + 1000000).force_n == 0);
    visit_free(s);
}

/* --- Sway
 * ------------------------------------------------------------------------------------------ */

static double rms(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i] * values[i];
    return sqrt(sum / (double)n);
}

/* Slope of log power over log frequency between two frequencies, from the periodogram. */
static double slope(const double *path, size_t n, double from_hz, double to_hz)
{
    fftw_complex *spectrum = fftw_alloc_complex(n / 2 + 1);
    double *copy = fftw_alloc_real(n);
    fftw_plan fft = fftw_plan_dft_r2c_1d((int)n, copy, spectrum, FFTW_ESTIMATE);
    for (size_t i = 0; i < n; i++) /* Hann: leakage of the slow sway would hide the slope */
        copy[i] = path[i] * (0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)n));
    fftw_execute(fft);
    double sx = 0, sy = 0, sxx = 0, sxy = 0, m = 0;
    for (size_t k = 1; k < n / 2; k++) {
        double f = (double)k * SWAY_RATE_HZ / (double)n;
        if (f < from_hz || f > to_hz)
            continue;
        double weight = 1 / f; /* equal weight per octave */
        double x = log(f), y = log(pow(spectrum[k][0], 2) + pow(spectrum[k][1], 2));
        m += weight, sx += weight * x, sy += weight * y;
        sxx += weight * x * x, sxy += weight * x * y;
    }
    fftw_destroy_plan(fft);
    fftw_free(copy);
    fftw_free(spectrum);
    return (m * sxy - sx * sy) / (m * sxx - sx * sx);
}

static void sway_has_the_size_and_the_spectrum_asked_for(void **state)
{
    (void)state;
    double off = 0;
    for (uint64_t seed = SEED; seed < SEED + 40; seed++) {
        double wanted = 1.3 + 0.03 * (double)(seed - SEED);
        struct sway_setting setting = {2.37, 5.91, 0.05, wanted, 20, 20};
        struct sway sway;
        assert_int_equal(sway_make(&sway, &setting, 300, seed, &why), 0);
        assert_true(fabs(rms(sway.ml_mm, sway.n) / 2.37 - 1) < 1e-9);
        assert_true(fabs(rms(sway.ap_mm, sway.n) / 5.91 - 1) < 1e-9);
        double found = slope(sway.ap_mm, sway.n, 0.3, 4);
        assert_true(fabs(found + wanted) < 0.5); /* one path is one draw */
        off += (found + wanted) / 40;
        sway_free(&sway);
    }
    assert_true(fabs(off) < 0.08);
}

static void the_default_sway_moves_like_quiet_standing(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"protocol\": {\"stand_s\": 60}}", SEED);
    double path = 0;
    for (size_t i = 1; i < s->sway.n; i++)
        path +=
            hypot(s->sway.ml_mm[i] - s->sway.ml_mm[i - 1], s->sway.ap_mm[i] - s->sway.ap_mm[i - 1]);
    /* Mean speed of healthy adults with open eyes: about 6 to 15 mm/s. */
    assert_true(path / 60 > 6 && path / 60 < 15);
    visit_free(s);
}

static void sway_cannot_leave_the_base_of_support(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"person\": {\"sway\": {\"rms_ml_mm\": 20, \"rms_ap_mm\": 20}},"
                                "\"feet\": [{\"side\": \"right\", \"length_mm\": 180}]}",
                           SEED);
    float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
    for (uint64_t t = s->stand_us; t < s->off_us; t += 250000) {
        struct seen seen = look(s, t, kpa); /* asserts that no cell is negative */
        struct moment truth = visit_moment(s, t);
        assert_true(fabs(seen.force_n / truth.force_n - 1) < 1e-4);
        assert_true(hypot(seen.cop.x_mm - truth.cop.x_mm, seen.cop.y_mm - truth.cop.y_mm) < 0.5);
    }
    free(kpa);
    visit_free(s);
}

static double left_force(const struct visit *s, const float *kpa)
{
    double left = 0;
    for (int row = 0; row < s->grid.rows; row++)
        for (int col = 0; col < s->grid.cols / 2; col++)
            left += kpa[row * s->grid.cols + col] * grid_newton_per_kpa(&s->grid);
    return left;
}

static int is_pressed(const struct visit *s, const float *kpa, const struct foot_frame *frame,
                      struct uv at)
{
    struct point p = foot_frame_to_plate(frame, at);
    return kpa[(int)(p.y_mm / s->grid.pitch_y_mm) * s->grid.cols +
               (int)(p.x_mm / s->grid.pitch_x_mm)] > 2;
}

static void weight_shifts_and_a_foot_moves_at_the_times_stated(void **state)
{
    (void)state;
    struct visit *s =
        plan(HEAD "\"person\": {\"sway\": {\"rms_ml_mm\": 0, \"rms_ap_mm\": 0}}, "
                  "\"load\": {\"events\": [{\"at_s\": 4, \"left_share\": 0.8}, "
                  "{\"at_s\": 9.5, \"side\": \"right\", \"dx_mm\": 31, \"dy_mm\": 45, "
                  "\"turn_deg\": 12}]}}",
             SEED);
    float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
    const struct {
        double at_s, left;
    } moments[] = {{3.9, 0.5}, {4.7, 0.8}, {9.4, 0.8}, {9.9, 1}, {11, 0.8}, {19, 0.8}};
    double weight_n = 70 * GRAVITY_M_S2;
    assert_int_equal(s->course.n, 3);
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        uint64_t t = s->stand_us + (uint64_t)(moments[i].at_s * 1e6);
        struct seen seen = look(s, t, kpa);
        struct moment truth = visit_moment(s, t);
        assert_true(fabs(left_force(s, kpa) / weight_n - moments[i].left) < 0.002);
        assert_true(fabs(truth.force_n / weight_n - 1) < 0.001);
        assert_true(hypot(seen.cop.x_mm - truth.cop.x_mm, seen.cop.y_mm - truth.cop.y_mm) < 0.4);
    }
    /* Where the right foot went its new toe lies; nothing is left where its heel was. */
    struct foot_frame now = s->course.phases[2].frames[1];
    assert_true(fabs(now.heel.x_mm - s->frames[1].heel.x_mm - 31) < 1e-9);
    assert_true(is_pressed(s, kpa, &now, (struct uv){0.92, 0.22}));
    assert_true(is_pressed(s, kpa, &now, (struct uv){0.10, 0.5}));
    assert_false(is_pressed(s, kpa, &s->frames[1], (struct uv){0.04, 0.4}));
    free(kpa);
    visit_free(s);
}

static void things_lie_where_and_when_they_are_said_to(void **state)
{
    (void)state;
    static const char *const kinds[] = {"hand", "bag", "box", "paw"};
    for (int i = 0; i < 4; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 HEAD "\"feet\": [], \"objects\": [{\"kind\": \"%s\", \"x_mm\": 201, \"y_mm\": 263,"
                      " \"angle_deg\": 33, \"size_mm\": 170, \"newton\": 37, \"from_s\": 3, "
                      "\"to_s\": 9}]}",
                 kinds[i]);
        struct visit *s = plan(text, SEED);
        float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
        struct seen seen = look(s, 6000000, kpa);
        assert_true(fabs(seen.force_n / 37 - 1) < 0.001);
        assert_true(hypot(seen.cop.x_mm - 201, seen.cop.y_mm - 263) < 35);
        for (size_t k = 0; k < grid_cells(&s->grid); k++) {
            struct point at = grid_centre(&s->grid, (int)k / s->grid.cols, (int)k % s->grid.cols);
            assert_true(kpa[k] <= 0 || hypot(at.x_mm - 201, at.y_mm - 263) < 0.75 * 170);
        }
        assert_true(visit_moment(s, 2900000).force_n == 0);
        assert_true(visit_moment(s, 9100000).force_n == 0);
        free(kpa);
        visit_free(s);
    }
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    assert_int_equal(subject_load("samples/subjects/antalgic.json", &subject, &why), 0);
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        struct visit *visit = visit_plan(&subject, SEED, &why);
        int failed = failing_malloc_off();
        assert_true(failed ? !visit : visit != NULL);
        visit_free(visit);
        if (!failed)
            break;
        assert_int_equal(why.kind, PROBLEM_FAILED);
        n += n > 400 ? 97 : 0; /* the atlas alone asks some thousand times */
    }
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_weight_arrives_and_the_cop_is_where_truth_says),
        cmocka_unit_test(a_standing_adult_looks_like_one),
        cmocka_unit_test(the_arch_parameter_orders_feet_and_its_middle_is_the_template),
        cmocka_unit_test(shares_are_as_stated),
        cmocka_unit_test(guarding_spares_a_zone_and_the_weight_stays),
        cmocka_unit_test(a_foot_half_off_the_plate_loses_what_hangs_over),
        cmocka_unit_test(nobody_on_the_plate_is_a_visit_too),
        cmocka_unit_test(sway_has_the_size_and_the_spectrum_asked_for),
        cmocka_unit_test(the_default_sway_moves_like_quiet_standing),
        cmocka_unit_test(sway_cannot_leave_the_base_of_support),
        cmocka_unit_test(weight_shifts_and_a_foot_moves_at_the_times_stated),
        cmocka_unit_test(things_lie_where_and_when_they_are_said_to),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
