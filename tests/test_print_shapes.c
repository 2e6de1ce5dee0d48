/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Footprints made of rectangles, whose numbers are known in closed form: exactly on the grid, and
 * within stated bounds turned, shifted, mirrored and on other pitches. */
#include "analysis/print/print_numbers.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/near.h"

#define PRESSURE 100.0F
#define SAMPLES 12

/* In the foot's own frame: t from the heel, s from the axis towards the little toe, mm. */
struct rectangle {
    double t0, t1, s0, s1;
};

struct shape {
    const struct rectangle *parts;
    int n;
    double length_mm; /* of the foot frame: toes would begin at 0.73 of it or further */
};

/* Heel 60 x 60, ball 60 x 90, between them 80 x 30 along the outer side; all on 5 mm. */
static const struct rectangle bell_parts[] = {
    {0, 60, -30, 30}, {60, 140, 5, 35}, {140, 200, -45, 45}};
static const struct shape bell = {bell_parts, 3, 280};
/* The same without the middle: a high arch. */
static const struct rectangle apart_parts[] = {{0, 60, -30, 30}, {140, 200, -45, 45}};
static const struct shape apart = {apart_parts, 2, 280};
/* With a big toe whose inner side is drawn 10 mm towards the others. */
static const struct rectangle toe_parts[] = {
    {0, 60, -45, 45}, {60, 140, 5, 45}, {140, 195, -45, 45}, {240, 260, -35, -5}};
static const struct shape toed = {toe_parts, 4, 265};

struct scene {
    struct grid grid;
    struct foot_frame frame;
    float *kpa, *mask;
    struct print_input input;
};

static int is_in(const struct shape *shape, double t, double s)
{
    for (int i = 0; i < shape->n; i++)
        if (t >= shape->parts[i].t0 && t < shape->parts[i].t1 && s >= shape->parts[i].s0 &&
            s < shape->parts[i].s1)
            return 1;
    return 0;
}

/* Each cell carries the share of its area that the shape covers. */
static void paint(struct scene *scene, const struct shape *shape)
{
    const struct grid *grid = &scene->grid;
    double angle = scene->frame.angle_deg * M_PI / 180, sign = 1;

    if (scene->frame.side == SIDE_LEFT)
        sign = -1;
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            int in = 0, i = row * grid->cols + col;

            for (int k = 0; k < SAMPLES * SAMPLES; k++) {
                double x = (col + (k % SAMPLES + 0.5) / SAMPLES) * grid->pitch_x_mm;
                double y = (row + (k / SAMPLES + 0.5) / SAMPLES) * grid->pitch_y_mm;
                double dx = x - scene->frame.heel.x_mm, dy = y - scene->frame.heel.y_mm;

                in += is_in(shape, dx * sin(angle) + dy * cos(angle),
                            sign * (dx * cos(angle) - dy * sin(angle)));
            }
            scene->kpa[i] = PRESSURE * (float)in / (SAMPLES * SAMPLES);
            scene->mask[i] = in > 0 && (double)scene->kpa[i] >= scene->input.threshold_kpa;
        }
}

static void make(struct scene *scene, const struct shape *shape, enum side side, double pitch,
                 double angle_deg, double dx, double dy)
{
    int n = (int)(360 / pitch);

    memset(scene, 0, sizeof *scene);
    scene->grid = (struct grid){n, n, pitch, pitch};
    scene->frame =
        (struct foot_frame){side, {180 + dx, 80 + dy}, angle_deg, shape->length_mm, 90, 90};
    scene->kpa = calloc((size_t)(n * n), sizeof(float));
    scene->mask = calloc((size_t)(n * n), sizeof(float));
    scene->input = (struct print_input){.grid = &scene->grid,
                                        .picture = scene->kpa,
                                        .mask = scene->mask,
                                        .threshold_kpa = 5,
                                        .frame = &scene->frame,
                                        .walking_deg = NAN,
                                        .toes_touch = 1};
    paint(scene, shape);
}

static void drop(struct scene *scene)
{
    free(scene->kpa);
    free(scene->mask);
}

static struct print_numbers measure(const struct scene *scene)
{
    struct print_numbers numbers;
    struct problem why = {0};

    assert_int_equal(print_measure(&scene->input, &numbers, &why), 0);
    return numbers;
}

static double value(const struct print_numbers *numbers, enum print_number_id id)
{
    return numbers->of[id].value;
}

/* Thirds of 200 mm end at 66.67 and 133.33. */
static const double bell_rear = 60 * 60 + 6.6666666667 * 30, bell_middle = 66.6666666667 * 30,
                    bell_front = 60 * 90 + 6.6666666667 * 30, bell_index = 2000.0 / 11400;

static void a_bell_on_the_grid_is_exact(void **state)
{
    (void)state;
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct scene scene;
        struct print_numbers n;

        make(&scene, &bell, side, 5, 0, 0, 0);
        n = measure(&scene);
        drop(&scene);
        assert_near(value(&n, PRINT_REAR_CM2), bell_rear / 100, 1e-8);
        assert_near(value(&n, PRINT_MIDDLE_CM2), bell_middle / 100, 1e-8);
        assert_near(value(&n, PRINT_FRONT_CM2), bell_front / 100, 1e-8);
        assert_near(value(&n, PRINT_ARCH_INDEX), bell_index, 1e-9);
        assert_near(value(&n, PRINT_CHIPPAUX), 100 * 30.0 / 90, 1e-9);
        assert_near(value(&n, PRINT_STAHELI), 30.0 / 60, 1e-9);
        assert_near(value(&n, PRINT_FOREFOOT_MM), 90, 1e-9);
        assert_near(value(&n, PRINT_MIDFOOT_MM), 30, 1e-9);
        assert_near(value(&n, PRINT_HEEL_MM), 60, 1e-9);
        assert_near(value(&n, PRINT_LENGTH_NO_TOES_MM), 200, 1e-9);
        assert_near(value(&n, PRINT_LENGTH_MM), 200, 1e-9);
        assert_near(value(&n, PRINT_PROGRESSION_DEG), 0, 1e-9);
        assert_false(n.is_parted);
        /* All cells carry the same pressure: the threshold changes nothing, a cell does. */
        assert_near(n.of[PRINT_ARCH_INDEX].at_half, bell_index, 1e-12);
        assert_near(n.of[PRINT_ARCH_INDEX].at_double, bell_index, 1e-12);
        assert_near(n.of[PRINT_ARCH_INDEX].per_20_percent, 0, 1e-12);
        /* A cell of 25 of 11000 mm2 moves the index by less than 25 / 11000. */
        assert_true(n.of[PRINT_ARCH_INDEX].one_cell > 1e-4);
        assert_true(n.of[PRINT_ARCH_INDEX].one_cell < 25.0 / 11000);
        assert_near(n.of[PRINT_ARCH_INDEX].error, n.of[PRINT_ARCH_INDEX].one_cell, 1e-12);
    }
}

/* Turned, shifted, mirrored, on other cells: contact cells overlap a straight rim by up to a cell,
 * on average half of one, on each side. */
static void check_near_truth(const struct print_numbers *n, double pitch, double angle, double turn)
{
    assert_near(value(n, PRINT_ARCH_INDEX), bell_index, 0.004 * pitch);
    assert_near(value(n, PRINT_FOREFOOT_MM), 90 + pitch, pitch);
    assert_near(value(n, PRINT_MIDFOOT_MM), 30 + 0.7 * pitch, pitch);
    /* Beside the heel the outer side steps out by 5 mm: what is near the step is both. */
    assert_near(value(n, PRINT_HEEL_MM), 60 + pitch, 1.5 * pitch);
    assert_near(value(n, PRINT_LENGTH_NO_TOES_MM), 200 + pitch, 1.2 * pitch);
    assert_near(value(n, PRINT_CHIPPAUX), 100 * (30 + 0.7 * pitch) / (90 + pitch), 6);
    assert_near(value(n, PRINT_PROGRESSION_DEG), turn * angle, 1e-9);
}

static void turned_shifted_and_mirrored(void **state)
{
    static const double pitches[] = {4, 5, 7.3};

    (void)state;
    for (int k = 0; k < 3; k++)
        for (double angle = -30; angle <= 30; angle += 7.5) {
            enum side side = (int)(angle * 2) % 2 ? SIDE_LEFT : SIDE_RIGHT;
            struct scene scene;
            struct print_numbers n;

            make(&scene, &bell, side, pitches[k], angle, 1.37 * k, 0.113 * angle);
            n = measure(&scene);
            drop(&scene);
            check_near_truth(&n, pitches[k], angle, side == SIDE_LEFT ? -1 : 1);
        }
}

/* A mirrored plate with the other foot gives the same numbers, and so does a whole cell's shift. */
static void mirror_and_whole_cells_change_nothing(void **state)
{
    struct scene first, second;
    struct print_numbers a, b;

    (void)state;
    make(&first, &toed, SIDE_RIGHT, 5, 11, 0.7, 1.9);
    make(&second, &toed, SIDE_RIGHT, 5, 11, 0.7 + 25, 1.9 + 15);
    a = measure(&first);
    b = measure(&second);
    for (int id = 0; id < PRINT_NUMBERS; id++)
        assert_near(a.of[id].value, b.of[id].value, 1e-9);
    drop(&second);
    make(&second, &toed, SIDE_LEFT, 5, -11, -0.7, 1.9);
    b = measure(&second);
    for (int id = 0; id < PRINT_NUMBERS; id++) {
        assert_near(a.of[id].value, b.of[id].value, 1e-6);
        assert_near(a.of[id].one_cell, b.of[id].one_cell, 1e-6);
    }
    drop(&first);
    drop(&second);
}

/* Heel and ball have their inner sides on one line, the hollow is 50 mm deep from 60 to 140 mm, its
 * middle 40 mm behind the ball; the toe's inner side begins 45 mm ahead of the ball and 10 mm off.
 */
static void angles_of_the_inner_side(void **state)
{
    struct scene scene;
    struct print_numbers n;

    (void)state;
    make(&scene, &toed, SIDE_LEFT, 5, 0, 0, 0);
    n = measure(&scene);
    drop(&scene);
    assert_near(value(&n, PRINT_CLARKE_DEG), atan2(50, 40) * 180 / M_PI, 3);
    /* From the ball's rearmost inner place, to the far end of the toe. */
    assert_near(value(&n, PRINT_BIG_TOE_DEG), atan2(10, 260 - 142) * 180 / M_PI, 1);
    assert_near(value(&n, PRINT_LENGTH_MM), 260, 1e-9);
}

static void a_high_arch_in_two_parts(void **state)
{
    struct scene scene;
    struct print_numbers n;

    (void)state;
    make(&scene, &apart, SIDE_RIGHT, 5, 0, 0, 0);
    n = measure(&scene);
    drop(&scene);
    assert_true(n.is_parted);
    assert_near(value(&n, PRINT_CHIPPAUX), 0, 0); /* a number: Forriol & Pascual's class 0 % */
    assert_near(value(&n, PRINT_STAHELI), 0, 0);
    assert_near(value(&n, PRINT_ARCH_INDEX), 0, 0);
    assert_true(isnan(value(&n, PRINT_CLARKE_DEG)));
    assert_non_null(strstr(n.of[PRINT_CLARKE_DEG].reason, "apart"));
    assert_true(isnan(value(&n, PRINT_BIG_TOE_DEG)));
    assert_non_null(strstr(n.of[PRINT_BIG_TOE_DEG].reason, "big toe"));
}

static void assert_nothing(const struct scene *scene, const char *reason)
{
    struct print_numbers n = measure(scene);

    for (int id = 0; id < PRINT_NUMBERS; id++) {
        assert_true(isnan(n.of[id].value));
        assert_non_null(strstr(n.of[id].reason, reason));
    }
}

static void prints_that_allow_no_number(void **state)
{
    struct scene scene;

    (void)state;
    make(&scene, &bell, SIDE_RIGHT, 5, 0, 0, 0);
    scene.input.cut_by_rim = 1;
    assert_nothing(&scene, "edge of the plate");
    scene.input.cut_by_rim = 0;
    scene.frame.length_mm = 500; /* heel and ball of a foot twice as long are not there */
    assert_nothing(&scene, "heel or ball");
    memset(scene.mask, 0, grid_cells(&scene.grid) * sizeof(float));
    assert_nothing(&scene, "nothing behind the toes");
    scene.mask[5000] = 1;
    assert_nothing(&scene, "nothing behind the toes");
    scene.kpa[5000] = NAN;
    assert_nothing(&scene, "nothing behind the toes");
    scene.kpa[5000] = -3;
    assert_nothing(&scene, "nothing behind the toes");
    drop(&scene);
}

/* A foot that fills the plate to its corners, saturated: no cell outside is read. */
static void a_full_plate(void **state)
{
    struct scene scene;
    struct print_numbers n;

    (void)state;
    make(&scene, &bell, SIDE_LEFT, 12, 45, 0, 0);
    for (size_t i = 0; i < grid_cells(&scene.grid); i++) {
        scene.kpa[i] = 1e30F;
        scene.mask[i] = 1;
    }
    n = measure(&scene);
    for (int id = 0; id < PRINT_NUMBERS; id++)
        assert_true(isfinite(n.of[id].value) || *n.of[id].reason);
    drop(&scene);
}

static void what_is_unknown_is_told(void **state)
{
    struct scene scene;
    struct print_numbers n;

    (void)state;
    make(&scene, &bell, SIDE_UNKNOWN, 5, 20, 0, 0);
    scene.input.toes_touch = 0;
    n = measure(&scene);
    assert_true(isfinite(value(&n, PRINT_ARCH_INDEX)) && isfinite(value(&n, PRINT_CHIPPAUX)));
    assert_non_null(strstr(n.of[PRINT_CLARKE_DEG].reason, "left or right"));
    assert_non_null(strstr(n.of[PRINT_PROGRESSION_DEG].reason, "left or right"));
    assert_non_null(strstr(n.of[PRINT_LENGTH_MM].reason, "toes do not touch"));
    scene.frame.side = SIDE_RIGHT;
    scene.input.walking_deg = 178; /* to the back; the foot points to the front: turned by -158 */
    n = measure(&scene);
    assert_near(value(&n, PRINT_PROGRESSION_DEG), -158, 1e-9);
    scene.input.walking_deg = 13;
    scene.input.only_values = 1;
    n = measure(&scene);
    assert_near(value(&n, PRINT_PROGRESSION_DEG), 7, 1e-9);
    assert_true(isnan(n.of[PRINT_ARCH_INDEX].one_cell));
    drop(&scene);
}

static void memory_that_fails_is_told(void **state)
{
    struct scene scene;
    long n;

    (void)state;
    make(&scene, &bell, SIDE_RIGHT, 5, 0, 0, 0);
    for (n = 1;; n++) {
        struct print_numbers numbers;
        struct problem why = {0};
        int failed, done;

        failing_malloc_at(n);
        done = print_measure(&scene.input, &numbers, &why);
        failed = failing_malloc_off();
        if (!failed) {
            assert_int_equal(done, 0);
            break;
        }
        assert_int_equal(done, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    assert_int_equal(n - 1, 5);
    drop(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bell_on_the_grid_is_exact),
        cmocka_unit_test(turned_shifted_and_mirrored),
        cmocka_unit_test(mirror_and_whole_cells_change_nothing),
        cmocka_unit_test(angles_of_the_inner_side),
        cmocka_unit_test(a_high_arch_in_two_parts),
        cmocka_unit_test(prints_that_allow_no_number),
        cmocka_unit_test(a_full_plate),
        cmocka_unit_test(what_is_unknown_is_told),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
