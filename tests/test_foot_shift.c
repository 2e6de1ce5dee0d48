/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a print has moved and turned: the truth is drawn, and wanted back. */
#include "analysis/foot/foot_shift.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct grid plate = {80, 80, 5, 5};

/* Begun from no movement, so that the search itself must find the way. */
static void a_known_movement_is_found_from_nothing(void **state)
{
    static const double turns[] = {0, 3.5, -3.5, 5};
    static float before[80 * 80], now[80 * 80];
    static uint8_t use[80 * 80];
    struct standing_range range = standing_usual(1);
    struct standing s = {0};
    struct dice dice;

    (void)state;
    memset(use, 1, sizeof use);
    range.noise_kpa = 0;
    dice_begin(&dice, 20261122, "shift");
    standing_draw(&s, &plate, &range, &dice);
    foot_shift_prepare(&plate, s.kpa, NULL, 0, before);
    for (int i = 0; i < 4; i++) {
        const struct foot_frame was = s.frame[0];
        const struct foot_shift guess = {.gain = 1};
        struct shift_input input = {.grid = &plate,
                                    .before = before,
                                    .now = now,
                                    .use = use,
                                    .mask = 1,
                                    .row1 = 80,
                                    .col1 = 80,
                                    .about = was.heel};
        struct foot_shift found;

        s.frame[0].heel.x_mm += 3;
        s.frame[0].heel.y_mm -= 4;
        s.frame[0].angle_deg += turns[i];
        standing_paint(&s, 0, NULL);
        foot_shift_prepare(&plate, s.kpa, NULL, 0, now);
        found = foot_shift_find(&input, &guess, 20);
        print_message("turned %.1f: found %.2f, %.2f mm, %.2f deg, likeness %.3f\n", turns[i],
                      found.dx_mm, found.dy_mm, found.turn_deg, found.likeness);
        assert_true(fabs(found.dx_mm - 3) < 0.5 && fabs(found.dy_mm + 4) < 0.5);
        assert_true(fabs(found.turn_deg - turns[i]) < 0.3);
        assert_true(found.likeness > 0.95);
        s.frame[0] = was;
    }
    standing_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_known_movement_is_found_from_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
