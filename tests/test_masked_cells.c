/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a foot stands on masked cells: a drawn foot with holes of known size, anywhere on the
 * plate, as it is and mirrored. */
#include "analysis/masked_cells.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 12
#define COLS 20

/* # a cell of the foot, m a masked one under it, x a masked one that is not, . neither. A foot of
 * eight rows and four columns, with one faulty cell in it, two rows of the plate shorted through
 * it, one faulty cell at its rim and one far off. */
static const char *const drawn[ROWS] = {
    "....................", /* */
    "..x..####...........", /* */
    ".....#m##...........", /* */
    ".....####...........", /* */
    "xxxxxmmmmxxxxxxxxxxx", /* */
    "xxxxxmmmmxxxxxxxxxxx", /* */
    ".....####...........", /* */
    ".....###x...........", /* at the rim: nothing of the foot beyond it in its row ... */
    ".........x..........", /* */
    "....................", /* */
    "....................", /* */
    "....................", /* */
};

struct picture {
    float foot[ROWS * COLS];
    uint8_t masked[ROWS * COLS];
};

static void draw(struct picture *p, int down, int right, int mirrored)
{
    memset(p, 0, sizeof *p);
    for (int row = 0; row + down < ROWS; row++)
        for (int col = 0; col < COLS; col++) {
            int to = (mirrored ? COLS - 1 - col : col) + right;
            char c = drawn[row][col];
            if (to < 0 || to >= COLS)
                continue;
            p->foot[(row + down) * COLS + to] = c == '#' ? 1.0F : 0.0F;
            p->masked[(row + down) * COLS + to] = c == 'm' || c == 'x';
        }
}

static void holes_in_a_foot_are_measured_wherever_it_stands(void **state)
{
    (void)state;
    const struct grid grid = {ROWS, COLS, 5, 8};
    static struct picture p;
    for (int mirrored = 0; mirrored < 2; mirrored++)
        for (int down = 0; down < 3; down++)
            for (int right = -2; right <= 2; right++) {
                draw(&p, down, right, mirrored);
                /* 1 + 2 x 4 cells of 0.4 cm2 each */
                assert_true(fabs(masked_cells_under_cm2(&grid, p.masked, p.foot) - 9 * 0.4) < 1e-9);
            }
}

static void no_faults_or_no_foot_are_nothing(void **state)
{
    (void)state;
    const struct grid grid = {ROWS, COLS, 10, 10};
    static struct picture p;
    static const uint8_t none[ROWS * COLS];
    static uint8_t all[ROWS * COLS];
    draw(&p, 0, 0, 0);
    assert_true(masked_cells_under_cm2(&grid, none, p.foot) <= 0);
    memset(all, 1, sizeof all);
    assert_true(masked_cells_under_cm2(&grid, all, p.foot) <= 0);
    memset(p.foot, 0, sizeof p.foot);
    assert_true(masked_cells_under_cm2(&grid, p.masked, p.foot) <= 0);
}

/* Two feet, of which the right one and a pressed one stand on no fault. */
static void judge(struct result *result, struct foot_result feet[2], struct picture *p,
                  float *elsewhere)
{
    *result = (struct result){.grid = {ROWS, COLS, 10, 10}, .feet = feet, .n_feet = 2};
    result->facts.masked = p->masked;
    feet[0] =
        (struct foot_result){.side = SIDE_LEFT, .has_load = 1, .area_cm2 = 23, .mask = p->foot};
    feet[1] = (struct foot_result){.side = SIDE_RIGHT, .has_load = 1, .mask = elsewhere};
}

static void a_foot_on_faulty_cells_is_warned_of(void **state)
{
    (void)state;
    static struct picture p;
    static float elsewhere[ROWS * COLS];
    struct foot_result feet[2];
    struct result result;
    struct problem why = {0};
    draw(&p, 0, 0, 0);
    elsewhere[11 * COLS + 15] = 1;
    for (long n = 1, failed = 1; failed; n++) {
        judge(&result, feet, &p, elsewhere);
        failing_malloc_at(n);
        int bad = masked_cells_judge(&result, &why);
        failed = failing_malloc_off();
        assert_int_equal(bad, failed ? -1 : 0);
        if (failed)
            free(result.warnings);
    }
    assert_true(fabs(feet[0].masked_area_cm2 - 9) < 1e-9);
    assert_true(feet[1].masked_area_cm2 <= 0);
    assert_int_equal(result.n_warnings, 1);
    assert_non_null(strstr(result.warnings[0], "9.0 cm2 lie under the left foot, whose contact is "
                                               "23.0 cm2"));
    free(result.warnings[0]);
    free(result.warnings);
    judge(&result, feet, &p, elsewhere);
    feet[0].has_load = 0; /* it was only pressed */
    assert_int_equal(masked_cells_judge(&result, &why), 0);
    assert_int_equal(result.n_warnings, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holes_in_a_foot_are_measured_wherever_it_stands),
        cmocka_unit_test(no_faults_or_no_foot_are_nothing),
        cmocka_unit_test(a_foot_on_faulty_cells_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
