/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual foot of its own: its landmarks, pressure, zones and thresholds go along together. */
#include "samples/foot_build.h"
#include "samples/dice.h"
#include "samples/foot_picture.h"
#include "samples/sole.h"
#include "samples/threshold_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SEED 73150u

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

/* `size` of the ranges that a subject's file may name. */
static struct foot_build draw(struct dice *dice, double size)
{
    return (struct foot_build){.heel_front_u = between(dice, -0.04, 0.04) * size,
                               .bulge_u = between(dice, -0.04, 0.04) * size,
                               .ball_u = between(dice, -0.04, 0.04) * size,
                               .ball_tilt_u = between(dice, -0.04, 0.04) * size,
                               .toes_u = between(dice, -0.04, 0.04) * size,
                               .hallux_u = between(dice, -0.03, 0.02) * size,
                               .second_u = between(dice, -0.03, 0.02) * size,
                               .heads_v = between(dice, -0.04, 0.04) * size,
                               .heads_apart_v = between(dice, -0.04, 0.04) * size,
                               .hallux_v = between(dice, 0, 0.05) * size};
}

static void no_place_is_lost_or_doubled(void **state)
{
    (void)state;
    struct dice dice;
    dice_begin(&dice, SEED, "inverse");
    double worst = 0, least = 1;
    for (int k = 0; k < 60; k++) {
        struct foot_build build = draw(&dice, 1);
        for (double u = 0.01; u < 1; u += 0.03)
            for (double v = 0.01; v < 1; v += 0.04) {
                struct uv at = {u, v}, here = foot_build_place(&build, at);
                struct uv back = foot_build_template(&build, here);
                struct uv du = foot_build_place(&build, (struct uv){u + 1e-4, v});
                struct uv dv = foot_build_place(&build, (struct uv){u, v + 1e-4});
                double area = (du.u - here.u) * (dv.v - here.v) - (du.v - here.v) * (dv.u - here.u);
                worst = fmax(worst, hypot(back.u - u, back.v - v));
                least = fmin(least, area * 1e8);
            }
    }
    printf("inverse within %.5f, least area %.2f\n", worst, least);
    assert_true(worst < 0.001);
    assert_true(least > 0.02);
}

/* Up the hill from here, in small steps; on the template foot of 250 mm. */
static struct uv climb(const struct sole *sole, struct uv at)
{
    for (int i = 0; i < 400; i++) {
        struct uv best = at;
        for (int k = 0; k < 8; k++) {
            struct uv next = {at.u + 0.001 * round(cos(M_PI_4 * k)),
                              at.v + 0.002 * round(sin(M_PI_4 * k))};
            if (sole_pressure(sole, next) > sole_pressure(sole, best))
                best = next;
        }
        if (best.u == at.u && best.v == at.v)
            break;
        at = best;
    }
    return at;
}

static struct sole sole_of(struct foot_build build)
{
    struct subject_foot foot = {
        .side = SIDE_RIGHT, .length_mm = 250, .width_scale = 1, .arch = 0.5, .toe_contact = 1};
    struct sole sole;
    foot.build = build;
    sole_make(&sole, &foot);
    return sole;
}

static void pressure_peaks_move_with_the_landmarks(void **state)
{
    (void)state;
    static const enum landmark_id peaks[] = {LANDMARK_MTH1, LANDMARK_MTH3, LANDMARK_MTH5,
                                             LANDMARK_T1,   LANDMARK_T2,   LANDMARK_T3};
    struct sole template = sole_of((struct foot_build){0});
    struct landmarks before = landmarks_template();
    struct dice dice;
    double moved = 0, off = 0;
    int n = 0;
    dice_begin(&dice, SEED, "peaks");
    for (int k = 0; k < 25; k++) {
        struct foot_build build = draw(&dice, 0.7);
        struct sole sole = sole_of(build);
        struct landmarks own = foot_build_landmarks(&build);
        for (size_t i = 0; i < sizeof peaks / sizeof peaks[0]; i++, n++) {
            struct uv there = climb(&template, before.of[peaks[i]].at);
            struct uv here = climb(&sole, own.of[peaks[i]].at);
            struct uv expected = foot_build_place(&build, there);
            off = fmax(off, hypot(250 * (here.u - expected.u), 100 * (here.v - expected.v)));
            moved += hypot(250 * (here.u - there.u), 100 * (here.v - there.v));
        }
    }
    printf("peaks moved by %.1f mm in the mean, %.2f mm off where the landmarks went\n", moved / n,
           off);
    assert_true(moved / n > 3);
    assert_true(off < 1);
}

/* The foremost contact about a toe's own line, u. */
static double tip(const struct sole *sole, double v)
{
    double u = 1.01;
    while (u > 0.8 && sole_pressure(sole, (struct uv){u, v}) <= 0.01)
        u -= 0.001;
    return u;
}

static void toes_have_the_form_asked_for(void **state)
{
    (void)state;
    struct sole egyptian = sole_of((struct foot_build){0});
    struct sole greek = sole_of((struct foot_build){.hallux_u = -0.025, .second_u = 0.016});
    struct sole square = sole_of((struct foot_build){.hallux_u = -0.008, .toes_u = 0.02});
    struct sole none = sole_of((struct foot_build){.missing_toes = 1 | 16});
    assert_true(tip(&egyptian, 0.22) > tip(&egyptian, 0.43) + 0.01);
    assert_true(tip(&greek, 0.43) > tip(&greek, 0.22) + 0.015);
    assert_true(fabs(tip(&greek, 0.43) - tip(&egyptian, 0.22)) < 0.006); /* u = 1 stays */
    assert_true(fabs(tip(&square, 0.43) - tip(&square, 0.22)) < 0.012);
    assert_true(tip(&square, 0.56) > tip(&egyptian, 0.56) + 0.005);
    assert_true(sole_pressure(&none, (struct uv){0.92, 0.22}) <= 0);
    assert_true(sole_pressure(&none, (struct uv){0.80, 0.83}) <= 0);
    assert_true(sole_pressure(&none, (struct uv){0.94, 0.43}) > 0.1);
}

static double least_between(const struct sole *sole, double u0, double u1, double v0, double v1)
{
    double least = INFINITY;
    for (double u = u0; u <= u1; u += 0.004) {
        double most = 0;
        for (double v = v0; v <= v1; v += 0.01)
            most = fmax(most, sole_pressure(sole, (struct uv){u, v}));
        least = fmin(least, most);
    }
    return least;
}

static void rare_feet_look_as_they_should(void **state)
{
    (void)state;
    struct sole plain = sole_of((struct foot_build){0});
    struct sole apart = sole_of((struct foot_build){.gap = 1});
    struct sole swollen = sole_of((struct foot_build){.swollen = 1});
    struct sole stump = sole_of((struct foot_build){.cut_u = 0.62});
    struct sole callus = sole_of((struct foot_build){
        .calluses = {{.at = {0.66, 0.30}, .factor = 4, .radius_mm = 6}}, .n_calluses = 1});
    /* Heel and ball: joined by the outer edge, or apart. */
    assert_true(least_between(&plain, 0.3, 0.6, 0, 1) > 0.1);
    assert_true(least_between(&apart, 0.3, 0.6, 0, 1) < 1e-9);
    /* Toes and ball: apart, or run together. */
    assert_true(least_between(&plain, 0.74, 0.92, 0.15, 0.28) < 0.01);
    assert_true(least_between(&swollen, 0.74, 0.92, 0.15, 0.28) > 0.1);
    assert_true(tip(&swollen, 0.22) < 1.0);
    for (double u = 0.621; u < 1; u += 0.01)
        for (double v = 0; v < 1; v += 0.05)
            assert_true(sole_pressure(&stump, (struct uv){u, v}) <= 0);
    assert_true(sole_pressure(&stump, (struct uv){0.55, 0.7}) > 0.1);
    struct uv peak = climb(&callus, (struct uv){0.655, 0.31});
    assert_true(hypot(250 * (peak.u - 0.66), 95 * (peak.v - 0.30)) < 2.5);
}

static void weight_leans_and_toes_turn(void **state)
{
    (void)state;
    double v_mean[3] = {0}, toe_v[2] = {0};
    for (int i = 0; i < 3; i++) {
        struct sole sole = sole_of((struct foot_build){.lean = i - 1});
        double sum = 0;
        for (double u = 0; u < 1; u += 0.01)
            for (double v = 0; v < 1; v += 0.02) {
                double p = sole_pressure(&sole, (struct uv){u, v});
                assert_true(p >= 0);
                sum += p;
                v_mean[i] += p * v;
            }
        v_mean[i] /= sum;
    }
    assert_true(v_mean[0] > v_mean[1] + 0.03 && v_mean[1] > v_mean[2] + 0.03);
    for (int i = 0; i < 2; i++) {
        struct sole sole = sole_of((struct foot_build){.hallux_side = i});
        double sum = 0;
        for (double u = 0.87; u < 1; u += 0.004)
            for (double v = 0.05; v < 0.36; v += 0.01) {
                double p = sole_pressure(&sole, (struct uv){u, v});
                sum += p;
                toe_v[i] += p * v;
            }
        toe_v[i] /= sum;
    }
    assert_true(toe_v[1] < toe_v[0] - 0.01); /* on its inner side */
}

static void a_wide_heel_leaves_the_ball(void **state)
{
    (void)state;
    struct subject_foot foot = {.side = SIDE_LEFT, .length_mm = 231, .width_scale = 1.1};
    struct foot_frame plain = foot_picture_frame(&foot, (struct point){0, 0}, 0);
    foot.build.heel_wide = 0.2;
    struct foot_frame wide = foot_picture_frame(&foot, (struct point){0, 0}, 0);
    assert_true(fabs(foot_frame_width_mm(&wide, 0.73) / foot_frame_width_mm(&plain, 0.73) - 1) <
                1e-9);
    assert_true(fabs(foot_frame_width_mm(&wide, 0.10) / foot_frame_width_mm(&plain, 0.10) - 1.2) <
                1e-9);
}

/* Each zone's own middle lies in the zone, and carries what was planted there. */
static void zones_and_thresholds_live_on_the_own_landmarks(void **state)
{
    (void)state;
    struct problem why;
    struct atlas *atlas = atlas_load(NULL, &why);
    struct threshold_setting setting = {
        .base_kpa = {380, 420, 330, 480}, .n_planted = 1, .pattern = 4};
    struct threshold_field field;
    struct dice dice;
    double moved_mm = 0;
    int n = 0;
    assert_non_null(atlas);
    dice_begin(&dice, SEED, "zones");
    for (int k = 0; k < 12; k++) {
        struct foot_build build = draw(&dice, 0.7);
        threshold_field_begin(&field, &setting, atlas);
        field.build[SIDE_LEFT] = build;
        for (int i = 0; i < atlas_count(atlas); i++) {
            const struct atlas_zone *zone = atlas_zone(atlas, i);
            struct subject_place place = {.kind = PLACE_ZONE};
            if (!zone_has_middle(zone) || strlen(zone->id) >= sizeof place.zone)
                continue;
            strcpy(place.zone, zone->id);
            struct uv at = place_middle_on(&place, atlas, &build, SIDE_LEFT);
            struct uv old = place_middle(&place, atlas);
            if (!place_contains(&place, atlas, &build, SIDE_LEFT, at))
                fail_msg("%s: its middle %.3f, %.3f lies outside", zone->id, at.u, at.v);
            setting.planted[0] =
                (struct planted){.where = place, .side = SIDE_LEFT, .factor = NAN, .kpa = 123};
            assert_true(fabs(threshold_at(&field, SIDE_LEFT, at) - 123) < 1e-9);
            moved_mm += hypot(250 * (at.u - old.u), 100 * (at.v - old.v));
            n++;
        }
    }
    printf("zones' middles moved by %.1f mm in the mean\n", moved_mm / n);
    assert_true(moved_mm / n > 2);
    atlas_free(atlas);
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_place_is_lost_or_doubled),
        cmocka_unit_test(pressure_peaks_move_with_the_landmarks),
        cmocka_unit_test(toes_have_the_form_asked_for),
        cmocka_unit_test(rare_feet_look_as_they_should),
        cmocka_unit_test(weight_leans_and_toes_turn),
        cmocka_unit_test(a_wide_heel_leaves_the_ball),
        cmocka_unit_test(zones_and_thresholds_live_on_the_own_landmarks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
