/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Landmarks and guide lines of drawn people, against where they truly are. */
#include "analysis/foot/landmarks.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define PEOPLE 40

static const struct grid plate = {96, 96, 5, 5};

struct tally {
    int feet, measured[LANDMARK_COUNT], lines_measured;
    double error_mm[LANDMARK_COUNT][PEOPLE]; /* of the measured ones */
    double line_error;                       /* largest mean error of the diaphragm line, u */
};

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    return n ? values[n / 2] : NAN;
}

/* The frame, landmarks and lines of the one foot that stands. */
static void read_foot(const struct standing *s, struct foot_frame *frame,
                      struct landmarks *landmarks, struct guide_lines *lines)
{
    struct found_feet found;
    struct print_frame shape;
    struct foot_print print = {&plate, s->kpa, NULL, 1, 5};

    assert_int_equal(foot_finder(&plate, s->kpa, 5, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.foot[0].side, s->foot[0].side);
    print.label = found.label;
    assert_int_equal(frame_from_print(&print, &found.foot[0], 0, &shape, NULL), 0);
    *frame = shape.frame;
    *landmarks = landmarks_from_print(&print, frame);
    *lines = guide_lines_from_print(&print, frame, landmarks);
    found_feet_free(&found);
}

static void count(struct tally *tally, const struct standing *s)
{
    struct landmarks landmarks, truth = landmarks_template();
    struct guide_lines lines, true_lines = guide_lines_from(&truth);
    struct foot_frame frame;

    read_foot(s, &frame, &landmarks, &lines);
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        struct point at = foot_frame_to_plate(&frame, landmarks.of[i].at);
        struct point wanted = foot_frame_to_plate(&s->frame[0], truth.of[i].at);

        assert_true(landmarks.of[i].quality >= 0 && landmarks.of[i].quality <= 1);
        if (landmarks.of[i].measured)
            tally->error_mm[i][tally->measured[i]++] =
                hypot(at.x_mm - wanted.x_mm, at.y_mm - wanted.y_mm);
    }
    tally->feet++;
    tally->lines_measured += lines.diaphragm_measured;
    for (double v = 0.1; v < 0.9 && lines.diaphragm_measured; v += 0.1)
        tally->line_error = fmax(tally->line_error, fabs(guide_diaphragm_u(&lines, v) -
                                                         guide_diaphragm_u(&true_lines, v)));
}

static void run(struct tally *tally, const char *name, double toes)
{
    struct standing_range range = standing_usual(1);
    struct standing s = {0};

    range.length_low_mm = 210;
    range.arch_low = 0.2;
    if (toes >= 0)
        range.toes_low = range.toes_high = toes;
    for (int i = 0; i < PEOPLE; i++) {
        struct dice dice;
        char purpose[40];

        snprintf(purpose, sizeof purpose, "landmarks %s %d", name, i);
        dice_begin(&dice, 5, purpose);
        standing_draw(&s, &plate, &range, &dice);
        count(tally, &s);
    }
    standing_free(&s);
}

static void landmarks_are_where_they_truly_are(void **state)
{
    /* Those a print always shows; each within a thumb's breadth in the middle. */
    static const enum landmark_id shown[] = {LANDMARK_HB, LANDMARK_HC, LANDMARK_HF,   LANDMARK_MTH1,
                                             LANDMARK_T1, LANDMARK_B1, LANDMARK_MTH3, LANDMARK_TT};
    static struct tally tally;

    (void)state;
    print_message("seed 5\n");
    run(&tally, "usual", -1);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        print_message("  %-8s measured in %2d of %d, median error %.1f mm\n",
                      landmark_name((enum landmark_id)i), tally.measured[i], tally.feet,
                      median(tally.error_mm[i], tally.measured[i]));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        assert_true(tally.measured[shown[i]] >= PEOPLE * 85 / 100);
        assert_true(median(tally.error_mm[shown[i]], tally.measured[shown[i]]) < 4);
    }
    print_message("  diaphragm line measured in %d of %d, at most %.3f L off\n",
                  tally.lines_measured, tally.feet, tally.line_error);
    assert_true(tally.lines_measured >= PEOPLE / 2);
    assert_true(tally.line_error < 0.035);
}

static void toes_in_the_air_are_not_measured(void **state)
{
    static struct tally tally;

    (void)state;
    run(&tally, "no toes", 0);
    for (int i = LANDMARK_T1; i <= LANDMARK_T5; i++)
        assert_int_equal(tally.measured[i], 0);
    assert_true(tally.measured[LANDMARK_MTH1] >= PEOPLE * 8 / 10);
}

static void nothing_measured_leaves_the_template(void **state)
{
    static const float kpa[96 * 96];
    static const uint8_t label[96 * 96];
    const struct foot_print print = {&plate, kpa, label, 1, 5};
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){240, 100}, 0, 250);
    struct landmarks landmarks = landmarks_from_print(&print, &frame),
                     wanted = landmarks_template();
    struct guide_lines lines = guide_lines_from_print(&print, &frame, &landmarks);

    (void)state;
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        assert_false(landmarks.of[i].measured);
        assert_true(landmarks.of[i].at.u == wanted.of[i].at.u);
        assert_true(landmarks.of[i].at.v == wanted.of[i].at.v);
    }
    assert_false(lines.diaphragm_measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(landmarks_are_where_they_truly_are),
        cmocka_unit_test(toes_in_the_air_are_not_measured),
        cmocka_unit_test(nothing_measured_leaves_the_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
