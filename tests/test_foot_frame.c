/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot frame: places on the plate to (u, v) and back, the template, the guide lines. */
#include "analysis/foot/foot_frame.h"
#include "analysis/foot/guide_lines.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define NEAR(a, b, within) assert_true(fabs((a) - (b)) <= (within))

static void axis_and_sides_are_where_they_should_be(void **state)
{
    struct foot_frame left = foot_frame_template(SIDE_LEFT, (struct point){100, 50}, 0, 250);
    struct foot_frame right = foot_frame_template(SIDE_RIGHT, (struct point){100, 50}, 0, 250);
    struct point toe = foot_frame_to_plate(&left, (struct uv){1, 0.5});

    (void)state;
    NEAR(toe.x_mm, 100, 1e-9);
    NEAR(toe.y_mm, 300, 1e-9);
    /* The medial side (v = 0) of a left foot is its right, of a right foot its left. */
    NEAR(foot_frame_to_plate(&left, (struct uv){0, 0}).x_mm, 100 + 54.1 / 2, 1e-9);
    NEAR(foot_frame_to_plate(&right, (struct uv){0, 0}).x_mm, 100 - 54.1 / 2, 1e-9);
    NEAR(foot_frame_to_plate(&right, (struct uv){1, 1}).x_mm, 100 + 116.1 / 2, 1e-9);
    /* Turned out by 30 degrees (clockwise), the toes go to +x. */
    right.angle_deg = 30;
    toe = foot_frame_to_plate(&right, (struct uv){1, 0.5});
    NEAR(toe.x_mm, 100 + 125, 1e-9);
    NEAR(toe.y_mm, 50 + 250 * sqrt(3) / 2, 1e-9);
}

static void widths_are_the_templates(void **state)
{
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){0, 0}, 0, 250);

    (void)state;
    NEAR(foot_frame_width_mm(&frame, 0.16), 64, 0.1);   /* heel */
    NEAR(foot_frame_width_mm(&frame, 0.73), 99.4, 0.1); /* ball */
    frame = foot_frame_template(SIDE_LEFT, (struct point){0, 0}, 0, 187.5);
    NEAR(foot_frame_width_mm(&frame, 0.73), 99.36 * 0.75, 1e-9);
    assert_true(foot_frame_width_mm(&frame, -5) > 0);
}

static double random_in(unsigned *seed, double low, double high)
{
    return low + (high - low) * rand_r(seed) / RAND_MAX;
}

static void there_and_back_is_the_same_place(void **state)
{
    unsigned seed = 41;

    (void)state;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 2000; i++) {
        struct foot_frame frame = foot_frame_template(
            (enum side)(i % 3), (struct point){random_in(&seed, 0, 480), random_in(&seed, 0, 480)},
            random_in(&seed, -180, 180), random_in(&seed, 100, 330));
        struct uv place = {random_in(&seed, -0.4, 1.5), random_in(&seed, -1, 2)}, back;
        struct point at = foot_frame_to_plate(&frame, place), again;

        back = foot_frame_to_uv(&frame, at);
        again = foot_frame_to_plate(&frame, back);
        NEAR(back.u, place.u, 1e-12);
        NEAR(back.v, place.v, 1e-10);
        NEAR(again.x_mm, at.x_mm, 1e-9);
        NEAR(again.y_mm, at.y_mm, 1e-9);
    }
}

static void a_mirrored_foot_has_mirrored_places(void **state)
{
    struct foot_frame left = foot_frame_template(SIDE_LEFT, (struct point){240, 60}, 11, 263);
    struct foot_frame right = left;
    int n;
    const struct uv *outline = foot_outline_template(&n);

    (void)state;
    right.side = SIDE_RIGHT;
    right.angle_deg = -11;
    for (int i = 0; i < n; i++) {
        struct point a = foot_frame_to_plate(&left, outline[i]);
        struct point b = foot_frame_to_plate(&right, outline[i]);

        NEAR(a.x_mm - 240, 240 - b.x_mm, 1e-9);
        NEAR(a.y_mm, b.y_mm, 1e-9);
    }
}

static void template_landmarks_are_those_of_the_reference_foot(void **state)
{
    struct landmarks landmarks = landmarks_template();

    (void)state;
    assert_string_equal(landmark_name(LANDMARK_MTH5), "MTH5");
    NEAR(landmarks.of[LANDMARK_MTH1].at.u, 0.730, 0);
    NEAR(landmarks.of[LANDMARK_T2].at.u, 0.940, 0);
    NEAR(landmarks.of[LANDMARK_B5].at.v, 0.84, 0);
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        assert_false(landmarks.of[i].measured);
        assert_true(landmarks.of[i].quality < 0.5);
    }
}

static void guide_lines_follow_the_landmarks(void **state)
{
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);

    (void)state;
    NEAR(lines.waist_u, 0.39, 1e-12);
    NEAR(lines.heel_front_u, 0.27, 1e-12);
    NEAR(guide_diaphragm_u(&lines, 0.39), 0.665, 1e-12);
    NEAR(guide_diaphragm_u(&lines, 0.285), (0.660 + 0.665) / 2, 1e-12);
    NEAR(guide_toe_u(&lines, 0.41), 0.83, 1e-12);
    NEAR(guide_toe_u(&lines, -3), 0.815, 1e-12);
    NEAR(guide_toe_u(&lines, 3), 0.735, 1e-12);
    /* Ball peaks found 0.02 further ahead move the line under the ball with them. */
    for (int i = LANDMARK_MTH1; i <= LANDMARK_MTH5; i++) {
        landmarks.of[i].at.u += 0.02;
        landmarks.of[i].measured = 1;
    }
    lines = guide_lines_from(&landmarks);
    NEAR(guide_diaphragm_u(&lines, 0.39), 0.685, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axis_and_sides_are_where_they_should_be),
        cmocka_unit_test(widths_are_the_templates),
        cmocka_unit_test(there_and_back_is_the_same_place),
        cmocka_unit_test(a_mirrored_foot_has_mirrored_places),
        cmocka_unit_test(template_landmarks_are_those_of_the_reference_foot),
        cmocka_unit_test(guide_lines_follow_the_landmarks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
