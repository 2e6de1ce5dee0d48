/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot finder on people drawn at random: how many feet, which side, where, how long; and on
 * what is no foot. */
#include "analysis/foot/foot_finder.h"
#include "analysis/foot/landmarks.h"
#include "samples/things.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct grid plate = {96, 96, 5, 5};

/* What a cohort of feet gave. */
struct score {
    int people, feet, wrong_count, wrong_side, no_side, bad_frame, not_measured;
    double worst_angle_deg, worst_heel_mm, worst_length_mm;
};

static void score_foot(struct score *score, const struct standing *s, int k,
                       const struct found_feet *found)
{
    const struct found_foot *foot = &found->foot[k];
    struct foot_print print = {&s->grid, s->kpa, found->label, (uint8_t)(k + 1), 5};
    struct print_frame shape;
    double angle, heel;

    score->feet++;
    score->no_side += foot->side == SIDE_UNKNOWN;
    score->wrong_side += foot->side != SIDE_UNKNOWN && foot->side != s->foot[k].side;
    assert_int_equal(frame_from_print(&print, foot, 0, &shape, NULL), 0);
    angle = fabs(remainder(shape.frame.angle_deg - s->frame[k].angle_deg, 360));
    heel = hypot(shape.frame.heel.x_mm - s->frame[k].heel.x_mm,
                 shape.frame.heel.y_mm - s->frame[k].heel.y_mm);
    score->bad_frame += angle > 3 || heel > 5;
    score->worst_angle_deg = fmax(score->worst_angle_deg, angle);
    score->worst_heel_mm = fmax(score->worst_heel_mm, heel);
    if (shape.length_is_measured)
        score->worst_length_mm =
            fmax(score->worst_length_mm, fabs(shape.length_mm - s->foot[k].length_mm));
    else
        score->not_measured++;
}

static struct score run_cohort(const char *name, int people, const struct grid *grid,
                               const struct standing_range *range)
{
    const uint64_t seed = 20260301;
    struct score score = {.people = people};
    struct standing s = {0};

    for (int i = 0; i < people; i++) {
        struct dice dice;
        struct found_feet found;
        char purpose[60];

        snprintf(purpose, sizeof purpose, "%s %d", name, i);
        dice_begin(&dice, seed, purpose);
        standing_draw(&s, grid, range, &dice);
        assert_int_equal(foot_finder(grid, s.kpa, 5, NULL, &found, NULL), 0);
        if (found.n != s.n)
            score.wrong_count++;
        for (int k = 0; found.n == s.n && k < s.n; k++)
            score_foot(&score, &s, k, &found);
        found_feet_free(&found);
    }
    standing_free(&s);
    print_message("%s, seed %llu: %d people: wrong number of feet %d, of %d feet: wrong side %d, "
                  "side not stated %d, frame off %d, length not measured %d; worst angle %.2f deg, "
                  "heel %.1f mm, length %.1f mm\n",
                  name, (unsigned long long)seed, people, score.wrong_count, score.feet,
                  score.wrong_side, score.no_side, score.bad_frame, score.not_measured,
                  score.worst_angle_deg, score.worst_heel_mm, score.worst_length_mm);
    return score;
}

static void two_feet(void **state)
{
    struct standing_range range = standing_usual(2);
    struct score score = run_cohort("two feet", 18, &plate, &range);

    (void)state;
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
    assert_int_equal(score.no_side, 0);
    assert_int_equal(score.bad_frame, 0);
    assert_true(score.worst_length_mm < 8);
}

static void one_foot(void **state)
{
    struct standing_range range = standing_usual(1);
    struct score score = run_cohort("one foot", 18, &plate, &range);

    (void)state;
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
    assert_int_equal(score.no_side, 0);
    assert_int_equal(score.bad_frame, 0);
    assert_true(score.worst_length_mm < 8);
}

/* Beyond what is promised for each foot: turned further, and any way round. */
static void turned_right_round(void **state)
{
    struct standing_range range = standing_usual(1);
    struct score score;

    (void)state;
    range.angle_deg = 180;
    score = run_cohort("turned right round", 20, &plate, &range);
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
    assert_true(score.no_side <= 1);
}

static void feet_close_together(void **state)
{
    struct standing_range range = standing_usual(2);
    struct score score;

    (void)state;
    range.gap_low_mm = 3;
    range.gap_high_mm = 10;
    range.angle_deg = 15;
    range.length_low_mm = 220;
    range.stagger_mm = 10;
    score = run_cohort("feet close together", 16, &plate, &range);
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
    assert_int_equal(score.no_side, 0);
}

static void toes_in_the_air(void **state)
{
    struct standing_range range = standing_usual(2);
    struct score score;

    (void)state;
    range.toes_low = range.toes_high = 0;
    score = run_cohort("toes in the air", 14, &plate, &range);
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
}

static void flat_and_high_arches(void **state)
{
    struct standing_range range = standing_usual(1);
    struct score score;

    (void)state;
    range.arch_low = range.arch_high = 0;
    score = run_cohort("flat", 12, &plate, &range);
    assert_int_equal(score.wrong_count + score.wrong_side, 0);
    range.arch_low = range.arch_high = 1;
    score = run_cohort("high arch", 12, &plate, &range);
    assert_int_equal(score.wrong_count + score.wrong_side, 0);
}

static void coarse_cells(void **state)
{
    const struct grid coarse = {48, 57, 10, 8.4};
    struct standing_range range = standing_usual(2);
    struct score score;

    (void)state;
    range.length_low_mm = 220;
    range.gap_low_mm = 20;
    score = run_cohort("cells of 10 x 8.4 mm", 20, &coarse, &range);
    assert_int_equal(score.wrong_count, 0);
    assert_int_equal(score.wrong_side, 0);
}

/* --- Feet that are not as most, and parts of feet ----------------------------------------------
 */

enum kind { MISSING_TOES, SWOLLEN, AMPUTATED, LIGHT, CHILD, TURNED, OVER_THE_EDGE, FOREFOOT, HEEL };

static const char *const kinds[] = {"missing toes",   "swollen",       "amputated",
                                    "lightly loaded", "a child",       "turned",
                                    "over the edge",  "forefoot only", "heel only"};

static struct standing_range range_of(enum kind kind, int i)
{
    struct standing_range range = standing_usual(kind >= OVER_THE_EDGE ? 1 : i % 2 + 1);

    range.noise_kpa = 0;
    if (kind == CHILD) {
        range.length_low_mm = 135;
        range.length_high_mm = 185;
    }
    if (kind == TURNED) {
        range.angle_deg = 45;
        range.length_high_mm = 270;
    }
    return range;
}

static void spoil(struct standing *s, enum kind kind, struct dice *dice)
{
    for (int k = 0; k < s->n; k++) {
        struct foot_build *build = &s->foot[k].build;
        double drawn = dice_uniform(dice);

        if (kind == MISSING_TOES)
            build->missing_toes = 1 + (unsigned)(drawn * 30);
        if (kind == SWOLLEN)
            build->swollen = 0.5 + drawn / 2;
        if (kind == AMPUTATED)
            build->cut_u = 0.62 + 0.2 * drawn;
        if (kind == LIGHT)
            s->newton[k] = 50 + 60 * drawn;
        if (kind == OVER_THE_EDGE)
            s->frame[k].heel.y_mm = -s->foot[k].length_mm * (0.1 + 0.2 * drawn);
    }
}

/* A step's beginning or end: only the heel, or only what is ahead of the arch, touches. */
static void lift(struct standing *s, enum kind kind)
{
    for (int row = 0; row < s->grid.rows; row++)
        for (int col = 0; col < s->grid.cols; col++) {
            double u = foot_frame_to_uv(&s->frame[0], grid_centre(&s->grid, row, col)).u;

            if ((kind == FOREFOOT && u < 0.42) || (kind == HEEL && u > 0.66))
                s->kpa[row * s->grid.cols + col] = 0;
        }
}

/* How often what was said of sides was right, and how often it was sure. */
struct trust {
    int feet, found, stated, wrong, sure, sure_and_wrong;
};

/* The true foot that a found one lies nearest to. */
static int true_foot(const struct standing *s, const struct found_foot *foot)
{
    double near[2] = {INFINITY, INFINITY};

    for (int k = 0; k < s->n; k++) {
        struct point middle = foot_frame_to_plate(&s->frame[k], (struct uv){0.5, 0.5});

        near[k] = hypot((foot->rough_heel.x_mm + foot->rough_toe.x_mm) / 2 - middle.x_mm,
                        (foot->rough_heel.y_mm + foot->rough_toe.y_mm) / 2 - middle.y_mm);
    }
    return near[1] < near[0];
}

static void ask_sides(const struct standing *s, struct trust *trust)
{
    struct found_feet found;

    assert_int_equal(foot_finder(&s->grid, s->kpa, 5, NULL, &found, NULL), 0);
    trust->feet += s->n;
    trust->found += found.n == s->n ? s->n : 0;
    for (int k = 0; k < found.n; k++) {
        const struct found_foot *foot = &found.foot[k];
        enum side truth = s->foot[found.n == s->n ? k : true_foot(s, foot)].side;

        assert_true(foot->side == SIDE_UNKNOWN || foot->side == foot->likely_side);
        assert_true((foot->side == SIDE_UNKNOWN) == (foot->side_confidence < SIDE_STATED));
        trust->stated += foot->side != SIDE_UNKNOWN;
        trust->wrong += foot->side != SIDE_UNKNOWN && foot->side != truth;
        trust->sure += foot->side_confidence > 0.9;
        trust->sure_and_wrong += foot->side_confidence > 0.9 && foot->side != truth;
    }
    found_feet_free(&found);
}

static struct trust ask_many(enum kind kind, int people)
{
    const uint64_t seed = 20261122;
    struct trust trust = {0};

    for (int i = 0; i < people; i++) {
        struct standing_range range = range_of(kind, i);
        struct standing s = {0};
        struct dice dice;
        char purpose[60];

        snprintf(purpose, sizeof purpose, "%s %d", kinds[kind], i);
        dice_begin(&dice, seed, purpose);
        standing_draw(&s, &plate, &range, &dice);
        spoil(&s, kind, &dice);
        standing_paint(&s, 0.8, &dice);
        lift(&s, kind);
        ask_sides(&s, &trust);
        standing_free(&s);
    }
    print_message(
        "%s, seed %llu: %d of %d feet found, side stated %d, of them wrong %d; surer than "
        "0.9: %d, of them wrong %d\n",
        kinds[kind], (unsigned long long)seed, trust.found, trust.feet, trust.stated, trust.wrong,
        trust.sure, trust.sure_and_wrong);
    return trust;
}

/* Whatever the foot is like, it is found, and confidence above 0.9 is never wrong: what does not
 * show its side is left undecided. */
static void no_foot_is_refused_and_none_is_surely_wrong(void **state)
{
    int feet = 0, found = 0;

    (void)state;
    for (int kind = MISSING_TOES; kind <= HEEL; kind++) {
        struct trust trust = ask_many((enum kind)kind, 5);

        assert_int_equal(trust.sure_and_wrong, 0);
        assert_int_equal(trust.wrong, 0);
        if (kind == MISSING_TOES || kind == SWOLLEN || kind == TURNED)
            assert_int_equal(trust.stated, trust.feet);
        if (kind != LIGHT && kind != AMPUTATED && kind < FOREFOOT)
            assert_int_equal(trust.found, trust.feet);
        feet += trust.feet;
        found += trust.found;
    }
    assert_true(found >= feet * 95 / 100);
}

/* A foot cut off at the middle foot lies nearly as well end for end: whichever way round it stands,
 * no wrong side is told with more than 0.9, nor a wrong toe end as seen. */
static void a_stump_any_way_round_is_never_surely_wrong(void **state)
{
    const uint64_t seed = 3;
    int found_feet = 0, sure = 0, wrong_side = 0, wrong_end = 0;

    (void)state;
    for (int i = 0; i < 64; i++) {
        struct standing_range range = standing_usual(1);
        struct standing s = {0};
        struct found_feet found;
        struct dice dice;
        char purpose[40];

        snprintf(purpose, sizeof purpose, "stump 0 %d", i);
        dice_begin(&dice, seed, purpose);
        range.angle_deg = 180;
        range.noise_kpa = 0;
        standing_draw(&s, &plate, &range, &dice);
        s.foot[0].build.cut_u = 0.45 + 0.47 * dice_uniform(&dice);
        standing_paint(&s, 0.8, &dice);
        assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
        found_feet += found.n;
        for (int k = 0; k < found.n; k++) {
            const struct found_foot *foot = &found.foot[k];
            double off_deg = remainder(foot->rough_angle_deg - s.frame[0].angle_deg, 360);

            sure += foot->side_confidence > 0.9;
            wrong_side += foot->side_confidence > 0.9 && foot->side != s.foot[0].side;
            wrong_end += foot->toes_by_print && fabs(off_deg) > 90;
        }
        found_feet_free(&found);
        standing_free(&s);
    }
    print_message("stumps any way round, seed %llu: %d of 64 found, surer than 0.9 %d, of them "
                  "wrong %d; toe end told wrong %d\n",
                  (unsigned long long)seed, found_feet, sure, wrong_side, wrong_end);
    assert_int_equal(wrong_side, 0);
    assert_int_equal(wrong_end, 0);
    assert_true(sure >= 16);
}

/* Two of them lie as well end for end with their sides changed: then neither is stated, where once
 * up to one side of ten was wrong, and a few with more than 0.9. */
static void sides_of_two_short_stumps_are_left_open(void **state)
{
    const uint64_t seed = 2;
    struct trust trust = {0};

    (void)state;
    for (int i = 0; i < 30; i++) {
        struct standing_range range = standing_usual(2);
        struct standing s = {0};
        struct dice dice;
        char purpose[40];

        snprintf(purpose, sizeof purpose, "two short stumps %d", i);
        dice_begin(&dice, seed, purpose);
        range.noise_kpa = 0;
        standing_draw(&s, &plate, &range, &dice);
        for (int k = 0; k < 2; k++)
            s.foot[k].build.cut_u = 0.45 + 0.17 * dice_uniform(&dice);
        standing_paint(&s, 0.8, &dice);
        ask_sides(&s, &trust);
        standing_free(&s);
    }
    print_message(
        "two short stumps, seed %llu: %d of %d found, stated %d, of them wrong %d; surely "
        "%d\n",
        (unsigned long long)seed, trust.found, trust.feet, trust.stated, trust.wrong,
        trust.sure_and_wrong);
    assert_int_equal(trust.sure_and_wrong, 0);
    assert_true(trust.stated <= trust.feet / 2 && trust.wrong <= 2);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Only what is ahead of the arch touches: the model of a whole foot lies on it askew. What is then
 * said is little: no side, no length as measured, and that it is a part. The axis is off by up to
 * half of a right angle (median 31 degrees); the bounds are what is reached, not an aim. */
static void a_forefoot_alone_claims_little(void **state)
{
    const uint64_t seed = 20261122;
    struct standing_range range = range_of(FOREFOOT, 0);
    double error_deg[12];
    int n = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        struct standing s = {0};
        struct found_feet found;
        struct print_frame shape;
        struct dice dice;
        char purpose[60];

        snprintf(purpose, sizeof purpose, "forefoot alone %d", i);
        dice_begin(&dice, seed, purpose);
        standing_draw(&s, &plate, &range, &dice);
        lift(&s, FOREFOOT);
        struct foot_print print = {&s.grid, s.kpa, NULL, 1, 5};

        assert_int_equal(foot_finder(&s.grid, s.kpa, 5, NULL, &found, NULL), 0);
        assert_int_equal(found.n, 1);
        print.label = found.label;
        assert_int_equal(frame_from_print(&print, &found.foot[0], 0, &shape, NULL), 0);
        assert_true(found.foot[0].is_part);
        assert_true(found.foot[0].side_confidence <= 0.9 || found.foot[0].side == s.foot[0].side);
        assert_false(shape.length_is_measured);
        assert_true(isnan(shape.length_mm) && shape.frame.length_mm > 80);
        assert_non_null(strstr(shape.length_reason, "not that of a whole foot"));
        error_deg[n++] = fabs(remainder(shape.frame.angle_deg - s.frame[0].angle_deg, 360));
        found_feet_free(&found);
        standing_free(&s);
    }
    qsort(error_deg, (size_t)n, sizeof *error_deg, by_size);
    print_message(
        "forefoot alone, seed %llu: axis off by %.0f degrees in the median, %.0f at most\n",
        (unsigned long long)seed, error_deg[n / 2], error_deg[n - 1]);
    assert_true(error_deg[n / 2] < 45 && error_deg[n - 1] < 65);
}

/* --- One known person ------------------------------------------------------------------------- */

static void draw_known(struct standing *s, int feet)
{
    struct standing_range range = standing_usual(feet);
    struct dice dice;

    dice_begin(&dice, 7, "known");
    range.angle_deg = 10;
    range.arch_low = range.arch_high = 0.5;
    range.toes_low = range.toes_high = 1;
    range.length_low_mm = range.length_high_mm = 250;
    range.gap_low_mm = range.gap_high_mm = 60;
    standing_draw(s, &plate, &range, &dice);
}

static void mirror(float *kpa)
{
    for (int row = 0; row < plate.rows; row++)
        for (int col = 0; col < plate.cols / 2; col++) {
            float *a = kpa + row * plate.cols + col;
            float *b = kpa + row * plate.cols + plate.cols - 1 - col;
            float first = *a;

            *a = *b;
            *b = first;
        }
}

static void a_mirrored_picture_is_the_other_foot(void **state)
{
    struct standing s = {0};
    struct found_feet found;
    enum side before;
    double angle;

    (void)state;
    draw_known(&s, 1);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    before = found.foot[0].side;
    angle = found.foot[0].rough_angle_deg;
    found_feet_free(&found);
    mirror(s.kpa);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.foot[0].side, before == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT);
    assert_true(fabs(found.foot[0].rough_angle_deg + angle) < 1.5);
    found_feet_free(&found);
    standing_free(&s);
}

static void every_loaded_cell_is_in_one_foot(void **state)
{
    struct standing s = {0};
    struct found_feet found;
    size_t loaded = 0, labelled = 0;

    (void)state;
    draw_known(&s, 2);
    standing_paint(&s, 0, NULL);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    for (size_t i = 0; i < grid_cells(&plate); i++) {
        loaded += s.kpa[i] > 0;
        labelled += found.label[i] != 0;
        assert_true(found.label[i] <= 2);
        assert_true(s.kpa[i] > 0 || !found.label[i]);
    }
    assert_int_equal(loaded, labelled);
    assert_true(found.stray_share == 0 && found.stray_cells == 0);
    found_feet_free(&found);
    standing_free(&s);
}

static void the_operators_word_wins(void **state)
{
    struct foot_hints hints = {.n_feet = 1};
    struct standing s = {0};
    struct found_feet found;

    (void)state;
    draw_known(&s, 1);
    hints.feet[0] = s.foot[0].side;
    assert_int_equal(foot_finder(&plate, s.kpa, 5, &hints, &found, NULL), 0);
    assert_int_equal(found.foot[0].side, s.foot[0].side);
    assert_true(found.foot[0].side_confidence == 1 && !found.foot[0].side_contradicts);
    found_feet_free(&found);
    hints.feet[0] = s.foot[0].side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
    assert_int_equal(foot_finder(&plate, s.kpa, 5, &hints, &found, NULL), 0);
    assert_int_equal(found.foot[0].side, hints.feet[0]);
    assert_true(found.foot[0].side_contradicts);
    assert_non_null(strstr(found.foot[0].side_reason, "stated"));
    found_feet_free(&found);
    standing_free(&s);
}

static enum side other_side(enum side side)
{
    return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

/* The mirrored foot lies better end for end; but a wrong word about its side turns no foot, and is
 * doubted in words where the print shows its side. */
static void a_wrong_word_about_the_side_turns_no_foot(void **state)
{
    const uint64_t seed = 20261124;
    int feet = 0, turned = 0, doubted = 0;

    (void)state;
    for (int i = 0; i < 24; i++) {
        struct standing_range range = standing_usual(1 + i % 2);
        struct standing s = {0};
        struct foot_hints hints = {.n_feet = range.feet};
        struct found_feet found;
        struct dice dice;
        char purpose[40];

        snprintf(purpose, sizeof purpose, "wrong word %d", i);
        dice_begin(&dice, seed, purpose);
        range.angle_deg = i % 3 ? 30 : 180 / range.feet;
        standing_draw(&s, &plate, &range, &dice);
        for (int k = 0; k < s.n; k++)
            hints.feet[k] = other_side(s.foot[k].side);
        assert_int_equal(foot_finder(&plate, s.kpa, 5, &hints, &found, NULL), 0);
        assert_int_equal(found.n, s.n);
        for (int k = 0; k < s.n; k++) {
            double off_deg = found.foot[k].rough_angle_deg - s.frame[k].angle_deg;

            feet++;
            turned += fabs(remainder(off_deg, 360)) > 90;
            doubted += found.foot[k].side_contradicts;
            assert_int_equal(found.foot[k].side, hints.feet[k]);
        }
        found_feet_free(&found);
        standing_free(&s);
    }
    print_message("wrongly told sides, seed %llu: of %d feet %d turned, %d doubted\n",
                  (unsigned long long)seed, feet, turned, doubted);
    assert_int_equal(turned, 0);
    assert_true(doubted * 10 >= feet * 9);
}

/* Two feet of one side are no two feet of a person: once both were told to be left ones. */
static void two_feet_of_one_side_are_told_of_none(void **state)
{
    const uint64_t seed = 20261125;
    int both_looked_alike = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        struct standing_range range = standing_usual(2);
        struct foot_hints hints = {.n_feet = 2, .feet = {SIDE_LEFT, SIDE_LEFT}};
        struct standing s = {0};
        struct found_feet found, told;
        struct dice dice;
        char purpose[40];

        snprintf(purpose, sizeof purpose, "one side %d", i);
        dice_begin(&dice, seed, purpose);
        range.gap_low_mm = 60;
        range.gap_high_mm = 80;
        range.length_high_mm = 260;
        standing_draw(&s, &plate, &range, &dice);
        s.foot[1].side = s.frame[1].side = s.foot[0].side;
        standing_paint(&s, 0, NULL);
        assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
        assert_int_equal(foot_finder(&plate, s.kpa, 5, &hints, &told, NULL), 0);
        assert_int_equal(found.n, 2);
        assert_true(found.foot[0].side == SIDE_UNKNOWN || found.foot[0].side != found.foot[1].side);
        if (strstr(found.foot[0].side_reason, "of one side")) {
            both_looked_alike++;
            assert_true(found.foot[0].side_confidence < SIDE_STATED);
            assert_int_equal(found.foot[1].side, SIDE_UNKNOWN);
        }
        /* Nor does the operator's word make them so. */
        for (int k = 0; k < 2; k++) {
            assert_int_equal(told.foot[k].side, found.foot[k].side);
            assert_null(strstr(told.foot[k].side_reason, "stated"));
        }
        found_feet_free(&told);
        found_feet_free(&found);
        standing_free(&s);
    }
    print_message("two feet of one side, seed %llu: said to look alike in %d of 12\n",
                  (unsigned long long)seed, both_looked_alike);
    assert_true(both_looked_alike >= 1);
}

static void a_foot_over_the_edge_is_said_to_be(void **state)
{
    struct standing s = {0};
    struct found_feet found;
    struct print_frame shape;

    (void)state;
    draw_known(&s, 1);
    /* The heel's rear third hangs over the back edge. */
    s.frame[0].heel = (struct point){240, -60};
    s.frame[0].angle_deg = 0;
    standing_paint(&s, 0, NULL);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    assert_true(found.foot[0].off_edge);
    assert_int_equal(found.foot[0].side, s.foot[0].side);
    struct foot_print print = {&plate, s.kpa, found.label, 1, 5};
    assert_int_equal(frame_from_print(&print, &found.foot[0], 0, &shape, NULL), 0);
    assert_false(shape.length_is_measured);
    assert_true(isnan(shape.length_mm));
    assert_non_null(strstr(shape.length_reason, "edge"));
    found_feet_free(&found);
    standing_free(&s);
}

static void an_entered_length_is_taken(void **state)
{
    struct standing s = {0};
    struct found_feet found;
    struct print_frame shape;

    (void)state;
    draw_known(&s, 1);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    struct foot_print print = {&plate, s.kpa, found.label, 1, 5};
    assert_int_equal(frame_from_print(&print, &found.foot[0], 255, &shape, NULL), 0);
    assert_false(shape.length_is_measured);
    assert_true(shape.length_mm == 255 && shape.frame.length_mm == 255);
    assert_non_null(strstr(shape.length_reason, "stated"));
    /* Shorter than the contact: the operator's word wins, and the contradiction is told. */
    assert_int_equal(frame_from_print(&print, &found.foot[0], 150, &shape, NULL), 0);
    assert_false(shape.length_is_measured);
    assert_true(shape.length_mm == 150);
    assert_non_null(strstr(shape.length_reason, "please check"));
    found_feet_free(&found);
    standing_free(&s);
}

/* --- What is no foot -------------------------------------------------------------------------- */

static void blob(float *kpa, double x, double y, double rx, double ry, double turn_deg, float p)
{
    double s = sin(turn_deg * M_PI / 180), c = cos(turn_deg * M_PI / 180);

    for (int row = 0; row < plate.rows; row++)
        for (int col = 0; col < plate.cols; col++) {
            struct point at = grid_centre(&plate, row, col);
            double dx = at.x_mm - x, dy = at.y_mm - y;
            double across = (dx * c - dy * s) / rx, along = (dx * s + dy * c) / ry;

            if (across * across + along * along <= 1)
                kpa[row * plate.cols + col] = p;
        }
}

static void box(float *kpa, int row0, int rows, int col0, int cols, float p)
{
    for (int row = row0; row < row0 + rows; row++)
        for (int col = col0; col < col0 + cols; col++)
            kpa[row * plate.cols + col] = p;
}

static void expect_no_foot(const float *kpa, const char *what)
{
    struct found_feet found;

    assert_int_equal(foot_finder(&plate, kpa, 5, NULL, &found, NULL), 0);
    print_message("%s: %d feet; %s\n", what, found.n, found.no_foot_reason);
    assert_int_equal(found.n, 0);
    assert_true(strlen(found.no_foot_reason) > 10);
    for (size_t i = 0; i < grid_cells(&plate); i++)
        assert_int_equal(found.label[i], 0);
    found_feet_free(&found);
}

static void what_is_no_foot_is_refused_with_a_reason(void **state)
{
    static float kpa[96 * 96];

    (void)state;
    expect_no_foot(kpa, "nothing");
    kpa[4000] = 900;
    expect_no_foot(kpa, "one cell");
    for (int i = 0; i < 96 * 96; i++)
        kpa[i] = 612;
    expect_no_foot(kpa, "a saturated plate");

    memset(kpa, 0, sizeof kpa);
    box(kpa, 20, 50, 30, 40, 30);
    expect_no_foot(kpa, "a bag");

    memset(kpa, 0, sizeof kpa);
    blob(kpa, 240, 200, 42, 46, 0, 60); /* palm */
    blob(kpa, 175, 215, 9, 28, -60, 40);
    for (int finger = 0; finger < 4; finger++)
        blob(kpa, 196 + 29 * finger, 295 + (finger == 1 || finger == 2 ? 10 : 0), 9, 36,
             -12 + 8 * finger, 40);
    expect_no_foot(kpa, "a hand");

    memset(kpa, 0, sizeof kpa);
    for (int paw = 0; paw < 4; paw++)
        blob(kpa, paw % 2 ? 180 : 300, paw / 2 ? 90 : 390, 24, 28, 0, 150);
    expect_no_foot(kpa, "a dog");

    memset(kpa, 0, sizeof kpa);
    for (int paw = 0; paw < 4; paw++)
        blob(kpa, paw % 2 ? 200 : 300, paw / 2 ? 120 : 280, 25, 30, 0, 60);
    expect_no_foot(kpa, "a small dog");

    memset(kpa, 0, sizeof kpa);
    box(kpa, 20, 50, 40, 16, 60);
    expect_no_foot(kpa, "a box of a foot's size");

    memset(kpa, 0, sizeof kpa);
    for (int leg = 0; leg < 4; leg++)
        box(kpa, leg / 2 ? 10 : 80, 4, leg % 2 ? 12 : 80, 4, 300);
    expect_no_foot(kpa, "a chair");
}

/* One hand, bag or box, or up to four paws, as the virtual plate has them: anywhere, anyhow. */
static void put_things(enum thing_kind kind, struct dice *dice, float *kpa)
{
    static const double small[] = {130, 200, 150, 40}, large[] = {220, 450, 400, 110};
    static const double light[] = {15, 20, 20, 20}, heavy[] = {150, 300, 500, 200};
    int n = kind == THING_PAW ? 1 + (int)(4 * dice_uniform(dice)) : 1;

    memset(kpa, 0, grid_cells(&plate) * sizeof *kpa);
    for (int i = 0; i < n; i++) {
        struct thing thing = {.kind = kind};
        struct foot_picture picture = {0};
        struct problem why;

        thing.at.x_mm = 120 + 240 * dice_uniform(dice);
        thing.at.y_mm = 120 + 240 * dice_uniform(dice);
        thing.angle_deg = 360 * dice_uniform(dice) - 180;
        thing.size_mm = small[kind] + (large[kind] - small[kind]) * dice_uniform(dice);
        thing.newton = light[kind] + (heavy[kind] - light[kind]) * dice_uniform(dice);
        assert_int_equal(thing_picture(&picture, &thing, &plate, &why), 0);
        for (size_t k = 0; k < picture.n; k++)
            kpa[picture.cells[k].index] += (float)((double)picture.cells[k].newton * thing.newton /
                                                   grid_newton_per_kpa(&plate));
        foot_picture_free(&picture);
    }
}

/* Most things are refused with a reason. What is taken for a light or odd foot is never sure of its
 * side; one thing gives no left and right foot. (Paws that lie as a foot's heel and ball do may.)
 */
static void things_are_refused_and_none_is_surely_a_foot(void **state)
{
    const uint64_t seed = 77;
    static const int least_percent[] = {95, 95, 95, 70};
    static float kpa[96 * 96];

    (void)state;
    for (int kind = THING_HAND; kind <= THING_PAW; kind++) {
        int things = kind == THING_PAW || kind == THING_HAND ? 40 : 21, refused = 0, stated = 0;

        for (int i = 0; i < things; i++) {
            struct found_feet found;
            struct dice dice;
            char purpose[60];

            snprintf(purpose, sizeof purpose, "thing %d %d", kind, i);
            dice_begin(&dice, seed, purpose);
            put_things((enum thing_kind)kind, &dice, kpa);
            assert_int_equal(foot_finder(&plate, kpa, 5, NULL, &found, NULL), 0);
            refused += found.n == 0;
            assert_true(found.n > 0 || strlen(found.no_foot_reason) > 10);
            for (int k = 0; k < found.n; k++) {
                struct foot_print print = {&plate, kpa, found.label, (uint8_t)(k + 1), 5};
                struct print_frame shape;

                assert_true(found.foot[k].side_confidence <= 0.9);
                stated += found.foot[k].side != SIDE_UNKNOWN;
                /* Also where contact was found far below the threshold only. */
                assert_int_equal(frame_from_print(&print, &found.foot[k], 0, &shape, NULL), 0);
                assert_true(isfinite(shape.frame.heel.x_mm) && isfinite(shape.frame.width_toe_mm) &&
                            shape.frame.length_mm > 0);
            }
            found_feet_free(&found);
        }
        print_message("%s, seed %llu: %d of %d refused, sides stated %d\n",
                      thing_name((enum thing_kind)kind), (unsigned long long)seed, refused, things,
                      stated);
        assert_true(refused * 100 >= things * least_percent[kind]);
        assert_true(kind == THING_PAW || stated == 0);
    }
}

static void a_stick_beside_two_feet_is_a_stray(void **state)
{
    struct standing s = {0};
    struct found_feet found;

    (void)state;
    draw_known(&s, 2);
    blob(s.kpa, 445, 430, 14, 14, 0, 200);
    assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.foot[0].side, SIDE_LEFT);
    assert_int_equal(found.foot[1].side, SIDE_RIGHT);
    assert_true(found.stray_cells > 10 && found.stray_share > 0.05);
    found_feet_free(&found);
    standing_free(&s);
}

/* --- Things beside two feet ------------------------------------------------------------------- */

enum beside { BAG, BOX, HAND, CHAIR_LEGS, STICK, CRUTCH, TABLE_LEG, PLANK, BESIDE_KINDS };

static const char *const beside_names[] = {"a bag",         "a box",         "a hand",
                                           "chair legs",    "a lying stick", "a crutch's tip",
                                           "a table's leg", "a lying plank"};

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

/* Of a cell, 0 to 1, that a bar in its middle covers: 5 x 5 places of it are looked at. */
static double covered(struct point middle, struct point at, double angle, double width_mm,
                      double length_mm)
{
    double sum = 0;

    for (int i = 0; i < 25; i++) {
        double dx = middle.x_mm - at.x_mm + i % 5 - 2, dy = middle.y_mm - at.y_mm + i / 5 - 2;

        sum += fabs(dx * cos(angle) - dy * sin(angle)) <= width_mm / 2 &&
               fabs(dx * sin(angle) + dy * cos(angle)) <= length_mm / 2;
    }
    return sum / 25;
}

/* A bar of even pressure under `newton`: a chair's leg, a stick. */
static void bar(float *kpa, double width_mm, double length_mm, double newton, struct dice *dice)
{
    double angle = between(dice, -M_PI, M_PI);
    struct point at = {between(dice, 20, 460), between(dice, 20, 460)};
    double pressure = newton * 1000 / (width_mm * length_mm);

    for (int row = 0; row < plate.rows; row++)
        for (int col = 0; col < plate.cols; col++) {
            struct point cell = grid_centre(&plate, row, col);

            kpa[row * plate.cols + col] +=
                (float)(pressure * covered(cell, at, angle, width_mm, length_mm));
        }
}

static void soft_thing(float *kpa, enum thing_kind kind, double small_mm, double large_mm,
                       double heavy_newton, struct dice *dice)
{
    struct thing thing = {.kind = kind};
    struct foot_picture picture = {0};
    struct problem why;

    thing.at = (struct point){between(dice, 20, 460), between(dice, 20, 460)};
    thing.angle_deg = between(dice, -180, 180);
    thing.size_mm = between(dice, small_mm, large_mm);
    thing.newton = between(dice, 15, heavy_newton);
    assert_int_equal(thing_picture(&picture, &thing, &plate, &why), 0);
    for (size_t k = 0; k < picture.n; k++)
        kpa[picture.cells[k].index] +=
            (float)((double)picture.cells[k].newton * thing.newton / grid_newton_per_kpa(&plate));
    foot_picture_free(&picture);
}

static void draw_beside(float *kpa, enum beside what, struct dice *dice)
{
    memset(kpa, 0, grid_cells(&plate) * sizeof *kpa);
    if (what == BAG)
        soft_thing(kpa, THING_BAG, 120, 300, 150, dice);
    if (what == BOX)
        soft_thing(kpa, THING_BOX, 120, 300, 150, dice);
    if (what == HAND)
        soft_thing(kpa, THING_HAND, 140, 200, 80, dice);
    if (what == STICK)
        bar(kpa, between(dice, 12, 25), between(dice, 120, 450), between(dice, 5, 60), dice);
    if (what == CRUTCH)
        bar(kpa, 30, 30, between(dice, 20, 250), dice);
    if (what == TABLE_LEG)
        bar(kpa, between(dice, 40, 90), between(dice, 40, 90), between(dice, 50, 500), dice);
    if (what == PLANK)
        bar(kpa, between(dice, 50, 110), between(dice, 120, 300), between(dice, 20, 300), dice);
    for (int leg = 0; what == CHAIR_LEGS && leg < 2; leg++)
        bar(kpa, 35, 35, between(dice, 30, 300), dice);
}

/* 1 when at least six cells are loaded, and none within two cells of a foot. */
static int lies_apart(const float *thing, const float *feet)
{
    int loaded = 0;

    for (int row = 0; row < plate.rows; row++)
        for (int col = 0; col < plate.cols; col++) {
            if (!(thing[row * plate.cols + col] > 0))
                continue;
            loaded++;
            for (int r = row - 2; r <= row + 2; r++)
                for (int c = col - 2; c <= col + 2; c++)
                    if (r >= 0 && c >= 0 && r < plate.rows && c < plate.cols &&
                        feet[r * plate.cols + c] > 0)
                        return 0;
        }
    return loaded >= 6;
}

/* One or two feet, and a thing that lies apart from them, in s->kpa and alone in `thing`. */
static void draw_scene(struct standing *s, int feet, enum beside what, float *thing,
                       struct dice *dice)
{
    struct standing_range range = standing_usual(feet);
    int apart = 0;

    range.length_low_mm = 200;
    range.length_high_mm = 290;
    range.gap_high_mm = 80;
    range.noise_kpa = 0;
    while (!apart) {
        standing_draw(s, &plate, &range, dice);
        for (int i = 0; i < 60 && !apart; i++) {
            draw_beside(thing, what, dice);
            apart = lies_apart(thing, s->kpa);
        }
    }
    for (size_t i = 0; i < grid_cells(&plate); i++)
        s->kpa[i] += thing[i];
}

/* The feet are found where they are, with their sides, and the thing is in none of them. */
static int is_right(const struct standing *s, const float *thing, const struct found_feet *found)
{
    for (size_t i = 0; i < grid_cells(&plate); i++)
        if (thing[i] > 5 && found->label[i])
            return 0;
    for (int k = 0; k < found->n; k++)
        if (found->foot[k].side != s->foot[k].side ||
            fabs(remainder(found->foot[k].rough_angle_deg - s->frame[k].angle_deg, 360)) > 10)
            return 0;
    return found->n == s->n;
}

static void a_thing_beside_two_feet_is_no_foot_and_hides_none(void **state)
{
    const uint64_t seed = 20261123;
    static float thing[96 * 96];

    (void)state;
    for (int what = BAG; what < BESIDE_KINDS; what++) {
        int right = 0;

        for (int i = 0; i < 6; i++) {
            struct standing s = {0};
            struct found_feet found;
            struct dice dice;
            char purpose[60];

            snprintf(purpose, sizeof purpose, "beside %s %d", beside_names[what], i);
            dice_begin(&dice, seed, purpose);
            draw_scene(&s, 2, (enum beside)what, thing, &dice);
            assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
            right += is_right(&s, thing, &found);
            for (int k = 0; k < found.n; k++)
                assert_true(found.foot[k].side_confidence <= 0.9 ||
                            found.foot[k].side == s.foot[true_foot(&s, &found.foot[k])].side);
            found_feet_free(&found);
            standing_free(&s);
        }
        print_message("two feet and %s, seed %llu: right in %d of 6\n", beside_names[what],
                      (unsigned long long)seed, right);
        assert_true(right == 6);
    }
}

/* A hard thing is never a second foot nor a part of the foot, a bag seldom: of 200 scenes each, 114
 * bags were, 63 boxes, 135 table's legs and 150 planks, and are 39, 0, 0 and 0. */
static void a_thing_beside_one_foot_is_no_second_foot(void **state)
{
    const uint64_t seed = 20261126;
    static const int least[] = {8, 12, 9, 12, 12, 12, 12, 12};
    static float thing[96 * 96];

    (void)state;
    for (int what = BAG; what < BESIDE_KINDS; what++) {
        int right = 0, second = 0, told = 0;

        for (int i = 0; i < 12; i++) {
            struct standing s = {0};
            struct found_feet found;
            struct dice dice;
            char purpose[60];

            snprintf(purpose, sizeof purpose, "beside one foot %s %d", beside_names[what], i);
            dice_begin(&dice, seed, purpose);
            draw_scene(&s, 1, (enum beside)what, thing, &dice);
            assert_int_equal(foot_finder(&plate, s.kpa, 5, NULL, &found, NULL), 0);
            right += is_right(&s, thing, &found);
            second += found.n == 2;
            assert_true(found.n > 0 || !*found.beside_reason);
            if (what == TABLE_LEG && found.n == 1)
                assert_non_null(strstr(found.beside_reason, "hard or level"));
            if (found.n == 1 && (double)found.stray_cells * grid_cell_cm2(&plate) >= 25)
                assert_true(*found.beside_reason);
            told += found.n == 1 && *found.beside_reason;
            found_feet_free(&found);
            standing_free(&s);
        }
        print_message("one foot and %s, seed %llu: right in %d of 12, a second foot in %d, "
                      "refused with a reason in %d\n",
                      beside_names[what], (unsigned long long)seed, right, second, told);
        assert_true(right >= least[what]);
    }
}

static void memory_that_fails_is_told(void **state)
{
    struct standing s = {0};

    (void)state;
    draw_known(&s, 2);
    for (long n = 1;; n++) {
        struct found_feet found;
        struct problem why = {0};
        int done, failed;

        failing_malloc_at(n);
        done = foot_finder(&plate, s.kpa, 5, NULL, &found, &why);
        failed = failing_malloc_off();
        found_feet_free(&found);
        if (!failed) {
            assert_int_equal(done, 0);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(done, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    standing_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_feet),
        cmocka_unit_test(one_foot),
        cmocka_unit_test(turned_right_round),
        cmocka_unit_test(feet_close_together),
        cmocka_unit_test(toes_in_the_air),
        cmocka_unit_test(flat_and_high_arches),
        cmocka_unit_test(coarse_cells),
        cmocka_unit_test(no_foot_is_refused_and_none_is_surely_wrong),
        cmocka_unit_test(a_stump_any_way_round_is_never_surely_wrong),
        cmocka_unit_test(sides_of_two_short_stumps_are_left_open),
        cmocka_unit_test(a_forefoot_alone_claims_little),
        cmocka_unit_test(a_mirrored_picture_is_the_other_foot),
        cmocka_unit_test(every_loaded_cell_is_in_one_foot),
        cmocka_unit_test(the_operators_word_wins),
        cmocka_unit_test(a_wrong_word_about_the_side_turns_no_foot),
        cmocka_unit_test(two_feet_of_one_side_are_told_of_none),
        cmocka_unit_test(a_foot_over_the_edge_is_said_to_be),
        cmocka_unit_test(an_entered_length_is_taken),
        cmocka_unit_test(what_is_no_foot_is_refused_with_a_reason),
        cmocka_unit_test(things_are_refused_and_none_is_surely_a_foot),
        cmocka_unit_test(a_stick_beside_two_feet_is_a_stray),
        cmocka_unit_test(a_thing_beside_two_feet_is_no_foot_and_hides_none),
        cmocka_unit_test(a_thing_beside_one_foot_is_no_second_foot),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
