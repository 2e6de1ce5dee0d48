/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual press test: thresholds, reactions, lapses and places come back as they were planned.
 */
#include "samples/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/planned_visit.h"

#define SEED 99001u

/* Someone without spread, error or wobble, and a plain ramp. */
#define IDEAL                                                                                      \
    HEAD "\"thresholds\": {\"spread\": 0, \"planted\": [{\"zone\": \"P07\", \"side\": \"left\", "  \
         "\"factor\": 0.4}, {\"zone\": \"P17\", \"kpa\": 137}]}, \"answers\": "                    \
         "{\"test_retest\": 0, \"reaction_median_ms\": 260, \"reaction_sd_ms\": 0}, "              \
         "\"protocol\": {\"stand_s\": 0, \"press\": {\"error_mm\": 0, \"error_deg\": 0, "          \
         "\"ramp_wobble\": 0, \"ramp_kpa_s\": 40, \"route\": [\"P07\", \"P17\", \"P12\"]}}}"

static void an_ideal_person_answers_at_the_threshold(void **state)
{
    (void)state;
    struct visit *s = plan(IDEAL, SEED);
    assert_int_equal(s->presses.n, 12);
    int answers = 0;
    for (int i = 0; i < s->presses.n; i++) {
        const struct planned_press *press = &s->presses.presses[i];
        int left = press->side == SIDE_LEFT;
        double threshold = !strcmp(press->zone, "P17")           ? 137
                           : !strcmp(press->zone, "P07") && left ? 0.4 * 420
                           : !strcmp(press->zone, "P07")         ? 420
                                                                 : 330;
        assert_true(fabs(press->threshold_kpa - threshold) < 1e-9);
        assert_int_equal(press->answered, threshold < press->ceiling_kpa);
        assert_int_equal(press->reached_ceiling, !press->answered);
        if (!press->answered)
            continue;
        answers++;
        /* Taking the reaction off the button's time, the ramp stands at the threshold. */
        double ramp_s = ((double)press->down_us - (double)press->ramp_us) * 1e-6 - 0.260;
        assert_true(fabs(5 + 40 * ramp_s - threshold) < 0.01);
        assert_true(fabs(press_tip_kpa(press, press->down_us - 260000) - threshold) < 0.01);
    }
    assert_int_equal(answers, 6);
    visit_free(s);
}

/* P07 ends 5 mm heelward of its middle; the tip of 1 cm2 has a radius of 5.6 mm. */
static void the_side_of_the_tip_feels_less_than_its_middle(void **state)
{
    (void)state;
    struct visit *s = plan(
        HEAD
        "\"thresholds\": {\"spread\": 0, \"planted\": [{\"zone\": \"P07\", \"side\": \"left\", "
        "\"factor\": 0.4}]}, \"answers\": {\"test_retest\": 0}, \"protocol\": {\"stand_s\": 0, "
        "\"press\": {\"error_mm\": 0, \"error_deg\": 0, \"sides\": \"left\", \"route\": [\"P07\", "
        "{\"u\": 0.711, \"v\": 0.18}, {\"u\": 0.703, \"v\": 0.18}, {\"u\": 0.687, \"v\": 0.18}]}}}",
        SEED);
    const struct planned_press *p = s->presses.presses;

    print_message("in the middle %.0f, 1 mm off %.0f, 3 mm off %.0f, 7 mm off %.0f kPa\n",
                  p[0].threshold_kpa, p[1].threshold_kpa, p[2].threshold_kpa, p[3].threshold_kpa);
    assert_true(fabs(p[0].threshold_kpa - 168) < 1e-9);
    assert_true(p[1].threshold_kpa > 170 && p[1].threshold_kpa < 205);
    assert_true(p[2].threshold_kpa > 190 && p[2].threshold_kpa < 330);
    assert_true(fabs(p[3].threshold_kpa - 420) < 1e-9);
    visit_free(s);
}

static void the_way_back_is_the_way_there_backwards(void **state)
{
    (void)state;
    struct visit *s = plan(IDEAL, SEED);
    const struct planned_press *p = s->presses.presses;
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 3; i++) {
            const struct planned_press *there = &p[6 * side + i], *back = &p[6 * side + 5 - i];
            assert_string_equal(there->zone, back->zone);
            assert_int_equal(there->pass, 1);
            assert_int_equal(back->pass, 2);
            assert_int_equal(there->side, side ? SIDE_RIGHT : SIDE_LEFT);
        }
    }
    for (int i = 1; i < s->presses.n; i++) {
        assert_int_equal(p[i].number, p[i - 1].number + 1);
        assert_true(p[i].begin_us > p[i - 1].end_us); /* one at a time */
    }
    visit_free(s);
}

/* The force on the cells is the tip's pressure times the tip's area, less what the factor says. */
static void the_stud_puts_its_force_on_its_footprint(void **state)
{
    (void)state;
    struct visit *s = plan(
        HEAD "\"plate\": {\"pitch_x_mm\": 4.7, \"pitch_y_mm\": 5.3}, \"protocol\": {\"stand_s\":"
             " 0, \"press\": {\"tool\": {\"tip_cm2\": 1.3, \"footprint_cm2\": 3.7, "
             "\"footprint_factor\": 1.08}, \"route\": [\"P09\", \"P16\"], \"passes\": 1, "
             "\"sides\": \"right\"}}}",
        SEED);
    float *kpa = malloc(grid_cells(&s->grid) * sizeof *kpa);
    for (int i = 0; i < s->presses.n; i++) {
        const struct planned_press *press = &s->presses.presses[i];
        uint64_t t = press->ramp_us + (press->release_us - press->ramp_us) / 2;
        double wanted = press_tip_kpa(press, t) * 0.13 / 1.08, reach = 10 * sqrt(3.7) / 2 + 5.3;
        double near = 0, far = 0;
        visit_pressure(s, t, kpa);
        for (int k = 0; k < (int)grid_cells(&s->grid); k++) {
            struct point at = grid_centre(&s->grid, k / s->grid.cols, k % s->grid.cols);
            double n = kpa[k] * grid_newton_per_kpa(&s->grid);
            int is_near = fabs(at.x_mm - press->stud.x_mm) < reach &&
                          fabs(at.y_mm - press->stud.y_mm) < reach;
            *(is_near ? &near : &far) += n;
        }
        assert_true(fabs(near / wanted - 1) < 1e-4);
        /* The heel rests in its cup, unless the heel itself is pressed. */
        double heel = press->place.u > 0.42 ? 10 : 0;
        assert_true(fabs(far - heel) < 0.02);
        struct moment truth = visit_moment(s, t);
        assert_true(fabs(truth.force_n - near - far) < 0.02);
    }
    free(kpa);
    visit_free(s);
}

static void reactions_have_the_median_and_spread_asked_for(void **state)
{
    (void)state;
    enum { WANTED = 600 };
    double reactions[WANTED];
    int n = 0;
    for (uint64_t seed = SEED; n < WANTED; seed++) {
        struct visit *s = plan(HEAD "\"thresholds\": {\"base_kpa\": {\"heel\": 90, \"arch\": 80}},"
                                    "\"answers\": {\"reaction_median_ms\": 273, \"reaction_sd_ms\":"
                                    " 81}, \"protocol\": {\"stand_s\": 0, \"press\": {\"route\": "
                                    "[\"P16\", \"P12\", \"P13\"]}}}",
                               seed);
        for (int i = 0; i < s->presses.n && n < WANTED; i++) {
            const struct planned_press *press = &s->presses.presses[i];
            assert_true(press->answered);
            assert_true(press->reaction_s > 0);
            reactions[n++] = press->reaction_s;
        }
        visit_free(s);
    }
    gsl_sort(reactions, 1, WANTED);
    double median = gsl_stats_median_from_sorted_data(reactions, 1, WANTED);
    assert_true(fabs(median - 0.273) < 0.012);
    assert_true(fabs(gsl_stats_sd(reactions, 1, WANTED) / 0.081 - 1) < 0.15);
}

static void lapses_come_as_often_as_stated(void **state)
{
    (void)state;
    int catches = 0, false_answers = 0, real = 0, missed = 0;
    for (uint64_t seed = SEED; seed < SEED + 40; seed++) {
        struct visit *s =
            plan(HEAD "\"thresholds\": {\"base_kpa\": {\"heel\": 100}}, \"answers\": "
                      "{\"false_rate\": 0.3, \"miss_rate\": 0.25}, \"protocol\": {\"stand_s\": 0,"
                      " \"press\": {\"route\": [\"P16\", \"P17\", \"P15\", {\"u\": 0.1, \"v\": "
                      "0.6}], \"catch_trials\": 8}}}",
                 seed);
        int here = 0;
        for (int i = 0; i < s->presses.n; i++) {
            const struct planned_press *press = &s->presses.presses[i];
            if (press->is_catch) {
                here++;
                false_answers += press->answered;
                /* Nothing rises in a catch trial. */
                for (uint64_t t = press->touch_us; t < press->end_us; t += 10000)
                    assert_true(press_tip_kpa(press, t) <= 5.0001);
            } else if (!press->is_false) {
                real++;
                missed += press->is_missed;
                assert_int_equal(press->is_missed, !press->answered);
            }
        }
        assert_int_equal(here, 8);
        assert_int_equal(s->presses.n, 16 + 8);
        catches += here;
        visit_free(s);
    }
    assert_true(fabs((double)false_answers / catches - 0.3) < 0.08);
    assert_true(fabs((double)missed / real - 0.25) < 0.07);
}

static void a_free_foot_lies_further_off_than_one_in_its_cup(void **state)
{
    (void)state;
    double off[2] = {0};
    for (int is_free = 0; is_free < 2; is_free++) {
        char text[400];
        snprintf(text, sizeof text,
                 HEAD "\"protocol\": {\"stand_s\": 0, \"press\": {\"heel_cup\": %s, \"route\": "
                      "[\"P09\", \"P16\", \"P12\", \"P10\", \"P01\"]}}}",
                 is_free ? "false" : "true");
        struct visit *s = plan(text, SEED);
        for (int i = 0; i < s->presses.n; i++) {
            const struct planned_press *press = &s->presses.presses[i];
            struct uv aimed = foot_frame_to_uv(&press->cup, press->stud);
            off[is_free] += pow(250 * (press->place.u - aimed.u), 2);
            /* The place is where the stud lies on the foot as it truly lies. */
            struct point back = foot_frame_to_plate(&press->foot, press->place);
            assert_true(hypot(back.x_mm - press->stud.x_mm, back.y_mm - press->stud.y_mm) < 1e-6);
        }
        off[is_free] = sqrt(off[is_free] / s->presses.n);
        visit_free(s);
    }
    assert_true(off[0] > 0.5 && off[0] < 2);
    assert_true(off[1] > 3 && off[1] < 9);
}

static void a_subject_may_stop(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"protocol\": {\"stand_s\": 0, \"press\": {\"route\": [\"P16\", "
                                "\"P12\", \"P09\"], \"stop\": {\"side\": \"left\", \"after\": 2, "
                                "\"why\": \"enough\"}}}}",
                           SEED);
    int left = 0, right = 0, said = 0;
    for (int i = 0; i < s->presses.n; i++)
        *(s->presses.presses[i].side == SIDE_LEFT ? &left : &right) += 1;
    assert_int_equal(left, 2);
    assert_int_equal(right, 6);
    for (size_t i = 0; i < s->n_notes; i++) {
        if (!strstr(s->notes[i].json, "\"stopped\""))
            continue;
        said++;
        assert_non_null(strstr(s->notes[i].json, "\"left\""));
        assert_true(s->notes[i].time_us > s->presses.presses[1].end_us);
        assert_true(s->notes[i].time_us < s->presses.presses[2].begin_us);
    }
    assert_int_equal(said, 1);
    visit_free(s);
}

static void thresholds_belong_to_the_person_not_to_the_run(void **state)
{
    (void)state;
    struct visit *one = plan(HEAD "\"thresholds\": {\"spread\": 0.2}}", 1);
    struct visit *two = plan(HEAD "\"thresholds\": {\"spread\": 0.2}}", 2);
    struct visit *other = plan(HEAD "\"thresholds\": {\"spread\": 0.2, \"pattern\": 2}}", 1);
    double square = 0, differs = 0;
    int n = 0;
    for (double u = 0.02; u < 1; u += 0.04) {
        for (double v = 0.05; v < 1; v += 0.1, n++) {
            struct uv at = {u, v};
            double here = threshold_at(&one->field, SIDE_LEFT, at);
            assert_true(here == threshold_at(&two->field, SIDE_LEFT, at));
            differs += here != threshold_at(&other->field, SIDE_LEFT, at);
            double ratio = here / threshold_at(&one->field, SIDE_RIGHT, at);
            square += log(ratio) * log(ratio);
        }
    }
    assert_true(differs > 0.9 * n);
    /* Left against right: spread as stated, up to the luck of one pattern. */
    assert_true(sqrt(square / n) > 0.08 && sqrt(square / n) < 0.4);
    visit_free(one);
    visit_free(two);
    visit_free(other);
}

/* Left against right apart from what both feet share, the person's bias, and sensitisation. */
static void sides_differ_as_stated(void **state)
{
    (void)state;
    double square = 0, mean = 0, common = 0;
    int n = 0;
    for (int person = 0; person < 60; person++) {
        char text[300];
        snprintf(text, sizeof text,
                 HEAD "\"thresholds\": {\"spread\": 0.3, \"side_spread\": 0.05, \"side_bias\": "
                      "0.1, \"scale\": 0.7, \"pattern\": %d}, \"protocol\": {\"stand_s\": 0}}",
                 person);
        struct visit *s = plan(text, SEED);
        for (double u = 0.05; u < 0.2; u += 0.03) {
            struct uv at = {u, 0.45};
            double left = threshold_at(&s->field, SIDE_LEFT, at);
            double right = threshold_at(&s->field, SIDE_RIGHT, at);
            square += pow(log(left / right) - 0.1, 2);
            mean += log(left / right);
            common += pow(log(sqrt(left * right) / (0.7 * 480)), 2);
            n++;
        }
        visit_free(s);
    }
    printf("left / right: mean %.3f, sd %.3f; common sd %.3f\n", mean / n, sqrt(square / n),
           sqrt(common / n));
    assert_true(fabs(mean / n - 0.1) < 0.02);
    assert_true(fabs(sqrt(square / n) / 0.05 - 1) < 0.25);
    assert_true(fabs(sqrt(common / n) / 0.3 - 1) < 0.25);
}

static void answers_tire_come_late_or_at_random(void **state)
{
    (void)state;
    int late = 0, answered = 0, random = 0, all = 0, random_in_catch = 0, catches = 0;
    for (uint64_t seed = SEED; seed < SEED + 12; seed++) {
        struct visit *s =
            plan(HEAD "\"thresholds\": {\"spread\": 0, \"base_kpa\": {\"heel\": 120}}, "
                      "\"answers\": {\"test_retest\": 0, \"late_rate\": 0.3, \"late_s\": 0.7, "
                      "\"drift_per_100\": -1}, \"protocol\": {\"stand_s\": 0, \"press\": "
                      "{\"route\": [\"P16\", \"P17\", {\"u\": 0.1, \"v\": 0.6}]}}}",
                 seed);
        for (int i = 0; i < s->presses.n; i++) {
            const struct planned_press *press = &s->presses.presses[i];
            assert_true(fabs(press->felt_kpa / (120 * exp(-0.01 * i)) - 1) < 1e-9);
            answered += press->answered;
            late += press->is_late;
            assert_int_equal(press->reaction_s > 0.7, press->is_late);
        }
        visit_free(s);
        s = plan(HEAD "\"answers\": {\"random_rate\": 0.8}, \"protocol\": {\"stand_s\": 0, "
                      "\"press\": {\"route\": [\"P16\", \"P17\"], \"catch_trials\": 6}}}",
                 seed);
        for (int i = 0; i < s->presses.n; i++) {
            const struct planned_press *press = &s->presses.presses[i];
            *(press->is_catch ? &catches : &all) += 1;
            *(press->is_catch ? &random_in_catch : &random) += press->is_random;
            assert_true(!press->is_random || (press->answered && press->is_false));
            assert_true(press->peak_kpa <= press->ceiling_kpa + 1e-6);
        }
        visit_free(s);
    }
    assert_true(fabs((double)late / answered - 0.3) < 0.15);
    assert_true(fabs((double)random / all - 0.8) < 0.15);
    assert_true(fabs((double)random_in_catch / catches - 0.8) < 0.17);
}

/* Before each side's presses the foot lies flat where it will be pressed, and the operator says so.
 */
static void a_foot_is_laid_flat_before_it_is_pressed(void **state)
{
    (void)state;
    struct visit *s = plan(HEAD "\"protocol\": {\"stand_s\": 0, \"press\": {\"seat_s\": 3, "
                                "\"route\": [\"P16\"], \"passes\": 1}}}",
                           SEED);
    int said = 0;
    assert_int_equal(s->presses.n_seats, 2);
    for (int i = 0; i < 2; i++) {
        const struct planned_seat *seat = &s->presses.seats[i];
        const struct planned_press *press = &s->presses.presses[i];
        assert_int_equal(seat->side, press->side);
        assert_true(seat->to_us < press->touch_us);
        assert_true(hypot(seat->foot.heel.x_mm - press->cup.heel.x_mm,
                          seat->foot.heel.y_mm - press->cup.heel.y_mm) < 5);
        double newton = visit_moment(s, (seat->from_us + seat->to_us) / 2).force_n;
        assert_true(fabs(newton / (70 * GRAVITY_M_S2 * 0.1) - 1) < 1e-6);
        assert_true(visit_moment(s, seat->to_us).force_n == 0);
    }
    for (size_t i = 0; i < s->n_notes; i++)
        said += strstr(s->notes[i].json, "\"sit\"") && strstr(s->notes[i].json, "\"feet\"");
    assert_int_equal(said, 2);
    visit_free(s);
}

static void a_sprung_stud_gives_way(void **state)
{
    (void)state;
    struct visit *s =
        plan(HEAD "\"thresholds\": {\"spread\": 0}, \"answers\": {\"test_retest\": 0},"
                  " \"protocol\": {\"stand_s\": 0, \"press\": {\"tool\": "
                  "{\"sink_n\": 21}, \"ceiling_kpa\": {\"heel\": 600}, "
                  "\"route\": [\"P16\"]}}}",
             SEED);
    const struct planned_press *press = &s->presses.presses[0];
    assert_true(press->felt_kpa > 400 && !press->answered);
    assert_true(fabs(press->peak_kpa - 210) < 1e-9);
    for (uint64_t t = press->touch_us; t < press->end_us; t += 50000)
        assert_true(press_tip_kpa(press, t) <= 210.001);
    visit_free(s);
}

/* A base of 20 mm on cells of 5 mm: where it covers cells in part, these get less. */
static void a_base_off_the_raster_loses_some_force(void **state)
{
    (void)state;
    double most = 0, least = 1;
    struct visit *s = plan(HEAD "\"protocol\": {\"stand_s\": 0, \"press\": {\"tool\": "
                                "{\"edge_loss\": 0.2}, \"route\": [\"P16\", \"P12\", \"P09\", "
                                "\"P07\", \"P10\", \"P01\"]}}}",
                           SEED);
    for (int i = 0; i < s->presses.n; i++) {
        double got = s->presses.presses[i].stud_picture.newton;
        most = fmax(most, got);
        least = fmin(least, got);
    }
    printf("of the force arrive %.3f to %.3f\n", least, most);
    assert_true(most < 1 + 1e-6 && most > 0.9);
    assert_true(least > 0.88 && least < 0.95);
    visit_free(s);
}

/* On a mat the stud beside the one aimed at may be what hurts. */
static void a_mat_shares_the_force_and_any_stud_may_hurt(void **state)
{
    (void)state;
    struct visit *s = plan(
        HEAD "\"thresholds\": {\"spread\": 0, \"planted\": [{\"zone\": \"P16\", \"kpa\": 60}]}, "
             "\"answers\": {\"test_retest\": 0}, \"protocol\": {\"stand_s\": 0, \"press\": "
             "{\"error_mm\": 0, \"error_deg\": 0, \"tool\": {\"tip_cm2\": 0.5, "
             "\"footprint_cm2\": 1, \"pitch_mm\": 20}, \"passes\": 1, \"sides\": \"left\", "
             "\"route\": [{\"u\": 0.26, \"v\": 0.5}, \"P16\"]}}}",
        SEED);
    const struct planned_press *beside = &s->presses.presses[0], *on = beside + 1;
    struct subject_place p16 = {.kind = PLACE_ZONE, .zone = "P16"};
    const struct foot_build none = {0};
    double newton = 0;
    assert_true(beside->n_mat > 4 && on->n_mat > 4);
    assert_true(fabs(on->threshold_kpa - 60) < 1e-9 && on->hurts.u == on->place.u);
    assert_true(place_contains(&p16, s->atlas, &none, SIDE_LEFT, beside->hurts));
    assert_true(fabs(beside->threshold_kpa - 60 / exp(-0.8)) < 1e-6);
    for (int i = 0; i < on->n_mat; i++)
        newton += on->mat[i].share;
    assert_true(fabs(on->stud_picture.newton / newton - 1) < 1e-5);
    visit_free(s);
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ideal_person_answers_at_the_threshold),
        cmocka_unit_test(the_side_of_the_tip_feels_less_than_its_middle),
        cmocka_unit_test(the_way_back_is_the_way_there_backwards),
        cmocka_unit_test(the_stud_puts_its_force_on_its_footprint),
        cmocka_unit_test(reactions_have_the_median_and_spread_asked_for),
        cmocka_unit_test(lapses_come_as_often_as_stated),
        cmocka_unit_test(a_free_foot_lies_further_off_than_one_in_its_cup),
        cmocka_unit_test(a_subject_may_stop),
        cmocka_unit_test(thresholds_belong_to_the_person_not_to_the_run),
        cmocka_unit_test(sides_differ_as_stated),
        cmocka_unit_test(answers_tire_come_late_or_at_random),
        cmocka_unit_test(a_foot_is_laid_flat_before_it_is_pressed),
        cmocka_unit_test(a_sprung_stud_gives_way),
        cmocka_unit_test(a_mat_shares_the_force_and_any_stud_may_hurt),
        cmocka_unit_test(a_base_off_the_raster_loses_some_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
