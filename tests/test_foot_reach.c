/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a foot's frame is proven: drawn feet whole, without toe contact and amputated, with and
 * without an entered length, against where their zones truly lie. */
#include "analysis/foot/foot_reach.h"
#include "analysis/atlas/atlas.h"
#include "analysis/foot/landmarks.h"
#include "tests/support/varied_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct atlas *atlas;

/* What the station makes of one foot. */
struct seen {
    struct varied_foot drawn;
    struct found_feet found;
    struct foot_print print;
    struct print_frame shape;
    struct landmarks landmarks;
    struct foot_reach_input input;
    struct foot_reach reach;
};

static struct subject_foot a_foot(double length_mm, double cut_u, double toe_contact)
{
    return (struct subject_foot){.side = SIDE_LEFT,
                                 .length_mm = length_mm,
                                 .width_scale = 1,
                                 .arch = 0.5,
                                 .toe_contact = toe_contact,
                                 .angle_deg = 8,
                                 .build = {.cut_u = cut_u}};
}

static void look(struct seen *s, struct subject_foot foot, double entered_mm, int person)
{
    const struct foot_hints said = {.n_feet = 1, .feet = {SIDE_LEFT}};
    struct dice dice;

    *s = (struct seen){.drawn = {.grid = {72, 72, 5, 5}, .foot = foot}};
    dice_begin(&dice, 5, "reach");
    for (int i = 0; i < person; i++)
        dice_uniform(&dice);
    varied_draw(&s->drawn, 0.3, 330, 0.5, &dice);
    assert_int_equal(foot_finder(&s->drawn.grid, s->drawn.kpa, 5, &said, &s->found, NULL), 0);
    assert_int_equal(s->found.n, 1);
    s->print = (struct foot_print){&s->drawn.grid, s->drawn.kpa, s->found.label, 1, 5};
    assert_int_equal(frame_from_print(&s->print, &s->found.foot[0], entered_mm, &s->shape, NULL),
                     0);
    s->landmarks = landmarks_from_print(&s->print, &s->shape.frame);
    s->input = (struct foot_reach_input){.print = &s->print,
                                         .frame = &s->shape.frame,
                                         .landmarks = &s->landmarks,
                                         .is_part = s->found.foot[0].is_part,
                                         .off_edge = s->found.foot[0].off_edge,
                                         .toes_touch = s->shape.toes_touch,
                                         .length_is_measured = s->shape.length_is_measured,
                                         .length_given = entered_mm > 0};
    s->reach = foot_reach_of(&s->input);
}

static void forget(struct seen *s)
{
    found_feet_free(&s->found);
    varied_free(&s->drawn);
}

static struct point middle(const struct atlas_zone *zone, const struct foot_frame *frame,
                           const struct landmarks *landmarks)
{
    struct point outline[ATLAS_OUTLINE_MAX], sum = {0, 0};
    int n = atlas_outline(zone, frame, landmarks, outline, ATLAS_OUTLINE_MAX);

    for (int i = 0; i < n; i++) {
        sum.x_mm += outline[i].x_mm / n;
        sum.y_mm += outline[i].y_mm / n;
    }
    return n ? sum : (struct point){NAN, NAN};
}

/* The farthest that a zone within reach, or (beyond = 1) one ahead of it, is from where it is. */
static double worst_mm(const struct seen *s, int beyond)
{
    double worst = 0;

    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        struct point is = middle(zone, &s->drawn.frame, &s->drawn.truth);
        struct point told = middle(zone, &s->shape.frame, &s->landmarks);
        if (!zone->is_plantar || isnan(is.x_mm) || isnan(told.x_mm) ||
            foot_reach_covers(&s->reach, foot_frame_to_uv(&s->shape.frame, told).u) == beyond)
            continue;
        worst = fmax(worst, hypot(is.x_mm - told.x_mm, is.y_mm - told.y_mm));
    }
    return worst;
}

static double middle_u(const struct seen *s, const char *id)
{
    return foot_frame_to_uv(&s->shape.frame,
                            middle(atlas_find(atlas, id), &s->shape.frame, &s->landmarks))
        .u;
}

/* Without a length the toes' zones of a stump lie on its ball, 30 mm and more from where they would
 * be: they are beyond reach, and so is all but the heel. */
static void a_stump_without_length_is_proven_at_its_heel(void **state)
{
    double beyond = 0;

    (void)state;
    for (int k = 0; k < 12; k++) {
        struct seen s;

        look(&s, a_foot(225 + 7.0 * k, 0.63 + 0.012 * k, 1), 0, k);
        assert_true(s.reach.is_limited && s.reach.u <= 0.31 && s.reach.why[0]);
        assert_false(foot_reach_covers(&s.reach, middle_u(&s, "P02")));
        assert_false(foot_reach_covers(&s.reach, middle_u(&s, "P05.1")));
        assert_true(worst_mm(&s, 0) < 15);
        beyond = fmax(beyond, worst_mm(&s, 1));
        forget(&s);
    }
    assert_true(beyond > 30); /* what it is for */
}

/* With its length the frame is the foot's, from the heel on, and ends where the foot does. */
static void a_stump_with_its_length_is_proven_to_its_end(void **state)
{
    (void)state;
    for (int k = 0; k < 12; k++) {
        double length_mm = 225 + 7.0 * k, cut_u = 0.63 + 0.012 * k;
        struct seen s;

        look(&s, a_foot(length_mm, cut_u, 1), length_mm, k);
        assert_true(s.shape.frame.length_mm == length_mm);
        assert_true(s.reach.is_limited && fabs(s.reach.u - cut_u) < 0.05);
        assert_true(foot_reach_covers(&s.reach, middle_u(&s, "P15")));
        assert_false(foot_reach_covers(&s.reach, middle_u(&s, "P02")));
        assert_non_null(strstr(s.reach.why, "ends before"));
        assert_true(worst_mm(&s, 0) < 12);
        forget(&s);
    }
}

/* Toes in the air: the ball tells where all behind it lies, and nothing where the toes are. */
static void toes_in_the_air_are_not_proven_without_a_length(void **state)
{
    (void)state;
    for (int k = 0; k < 8; k++) {
        struct seen s;

        look(&s, a_foot(225 + 9.0 * k, 0, 0), 0, k);
        assert_true(s.reach.is_limited && s.reach.u > 0.74 && s.reach.u < 0.87);
        assert_false(foot_reach_covers(&s.reach, middle_u(&s, "P02")));
        assert_true(foot_reach_covers(&s.reach, middle_u(&s, "P10")));
        assert_true(worst_mm(&s, 0) < 15);
        forget(&s);
        look(&s, a_foot(225 + 9.0 * k, 0, 0), 225 + 9.0 * k, k);
        assert_false(s.reach.is_limited);
        assert_true(worst_mm(&s, 0) < 15);
        forget(&s);
    }
}

static void a_whole_foot_is_proven_to_its_toes(void **state)
{
    (void)state;
    for (int k = 0; k < 12; k++) {
        struct subject_foot foot = a_foot(200 + 10.0 * k, 0, 1);
        struct seen s;

        foot.build.missing_toes = k % 3 == 2 ? 1u << (k % 5) : 0;
        foot.build.swollen = k % 3 == 1 ? 0.7 : 0;
        look(&s, foot, k % 2 ? foot.length_mm : 0, k);
        assert_false(s.reach.is_limited);
        assert_true(foot_reach_covers(&s.reach, 0.97));
        forget(&s);
    }
}

/* The same print, by what else is known of it. */
static void what_is_not_known_proves_nothing(void **state)
{
    struct seen s;

    (void)state;
    look(&s, a_foot(255, 0, 1), 255, 0);
    s.input.is_part = 1;
    assert_true(isinf(foot_reach_of(&s.input).u));
    assert_false(foot_reach_covers(&(struct foot_reach){1, -INFINITY, ""}, 0.05));
    s.input.is_part = 0;
    s.input.off_edge = 1; /* it is not the heel that lies there */
    assert_false(foot_reach_of(&s.input).is_limited);
    /* A frame twice as long as the print: its heel is a guess, too. */
    struct foot_frame stretched = s.shape.frame;
    struct landmarks none = landmarks_template();
    stretched.length_mm *= 2;
    stretched.width_toe_mm = stretched.width_heel_mm;
    s.input.frame = &stretched;
    s.input.landmarks = &none;
    s.input.length_given = s.input.length_is_measured = 0;
    assert_true(isinf(foot_reach_of(&s.input).u));
    assert_non_null(strstr(foot_reach_of(&s.input).why, "enter it"));
    forget(&s);
}

/* A foot that steps over the front edge of the plate with its heel. */
static void a_heel_over_the_edge_proves_nothing(void **state)
{
    struct seen s;

    (void)state;
    look(&s, a_foot(255, 0, 1), 255, 0);
    for (int row = 0; row < 72; row++)
        for (int col = 0; col < 72; col++)
            if (row < 61)
                s.drawn.kpa[row * 72 + col] = s.drawn.kpa[(row + 11) * 72 + col];
    for (int i = 0; i < 72 * 72; i++)
        s.found.label[i] = s.drawn.kpa[i] > 0;
    struct foot_frame moved = s.shape.frame;
    moved.heel.y_mm -= 55;
    s.input.frame = &moved;
    s.input.off_edge = 1;
    if (moved.heel.y_mm < 0)
        assert_true(isinf(foot_reach_of(&s.input).u));
    else
        fail_msg("the heel is still on the plate: %g", moved.heel.y_mm);
    forget(&s);
}

static int load(void **state)
{
    (void)state;
    atlas = atlas_load(NULL, NULL);
    return !atlas;
}

static int unload(void **state)
{
    (void)state;
    atlas_free(atlas);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stump_without_length_is_proven_at_its_heel),
        cmocka_unit_test(a_stump_with_its_length_is_proven_to_its_end),
        cmocka_unit_test(toes_in_the_air_are_not_proven_without_a_length),
        cmocka_unit_test(a_whole_foot_is_proven_to_its_toes),
        cmocka_unit_test(what_is_not_known_proves_nothing),
        cmocka_unit_test(a_heel_over_the_edge_proves_nothing),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
