/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions part a foot: its cells are shared out without rest, and their loads sum to the foot's. */
#include "analysis/foot/regions.h"
#include "analysis/load/membership.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define ROWS 63
#define COLS 40

static void each_place_has_the_region_of_the_lines(void **state)
{
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);

    (void)state;
    assert_int_equal(region_at(&lines, (struct uv){0.13, 0.5}), REGION_G4);
    assert_int_equal(region_at(&lines, (struct uv){-0.2, 0.5}), REGION_G4);
    assert_int_equal(region_at(&lines, (struct uv){0.33, 0.5}), REGION_G3B);
    assert_int_equal(region_at(&lines, (struct uv){0.5, 0.5}), REGION_G3A);
    assert_int_equal(region_at(&lines, (struct uv){0.73, 0.18}), REGION_G2);
    assert_int_equal(region_at(&lines, (struct uv){0.64, 0.88}), REGION_G2);
    assert_int_equal(region_at(&lines, (struct uv){0.64, 0.18}), REGION_G3A);
    assert_int_equal(region_at(&lines, (struct uv){0.915, 0.22}), REGION_G1);
    assert_int_equal(region_at(&lines, (struct uv){0.80, 0.825}), REGION_G1);
    assert_int_equal(region_at(&lines, (struct uv){0.80, 0.18}), REGION_G2);
    assert_int_equal(region_at(&lines, (struct uv){1.3, 2.0}), REGION_G1);
    assert_string_equal(region_name(REGION_G3A), "G3a");
    assert_string_equal(region_words(REGION_G4), "heel");
}

/* From toes to heel at any v, regions come in their order and none comes back. */
static void regions_come_in_order(void **state)
{
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);

    (void)state;
    for (double v = -0.3; v <= 1.3; v += 0.01) {
        int last = REGION_G1;

        for (double u = 1.2; u >= -0.2; u -= 0.001) {
            int here = region_at(&lines, (struct uv){u, v});

            assert_true(here >= last);
            last = here;
        }
        assert_int_equal(last, REGION_G4);
    }
}

struct painted {
    struct result result;
    struct foot_result foot;
    float mean[ROWS * COLS], maximum[ROWS * COLS], pti[ROWS * COLS], mask[ROWS * COLS];
};

static void paint(struct painted *p, unsigned seed)
{
    memset(p, 0, sizeof *p);
    p->result.grid = (struct grid){ROWS, COLS, 5.08, 7.62};
    p->result.threshold_kpa = 5;
    p->result.mean_picture = p->mean;
    p->result.max_picture = p->maximum;
    p->result.pti_picture = p->pti;
    p->foot.mask = p->mask;
    p->foot.landmarks = landmarks_template();
    p->foot.lines = guide_lines_from(&p->foot.landmarks);
    p->foot.frame = foot_frame_template(SIDE_LEFT, (struct point){110, 60}, -13, 263);
    for (int i = 0; i < ROWS * COLS; i++) {
        p->mask[i] = rand_r(&seed) % 4 != 0;
        p->mean[i] = (float)(rand_r(&seed) % 300) / 9;
        p->maximum[i] = p->mean[i] * 2;
        p->pti[i] = p->mean[i] * 3;
    }
}

static void loads_sum_to_the_foots(void **state)
{
    struct painted *p = malloc(sizeof *p);
    double force = 0, area = 0, peak = 0, sum_force = 0, sum_area = 0, sum_percent = 0, top = 0;

    (void)state;
    print_message("seed 99\n");
    paint(p, 99);
    for (int i = 0; i < ROWS * COLS; i++) {
        if (p->mask[i] <= 0)
            continue;
        force += (double)p->mean[i] * grid_newton_per_kpa(&p->result.grid);
        area += p->mean[i] >= 5 ? grid_cell_cm2(&p->result.grid) : 0;
        peak = fmax(peak, (double)p->maximum[i]);
    }
    regions_load(&p->result, 2 * force, &p->foot);
    for (int i = 0; i < REGION_COUNT; i++) {
        const struct region_result *region = &p->foot.regions[i];

        assert_true(region->force_n > 0 && region->mean_kpa > 0);
        assert_true(region->mean_kpa * 2 <= region->peak_kpa + 1e-9);
        assert_true(fabs(region->pti_kpa_s - 3 * region->mean_kpa) < 1e-3);
        sum_force += region->force_n;
        sum_area += region->area_cm2;
        sum_percent += region->load_percent;
        top = fmax(top, region->peak_kpa);
    }
    assert_true(fabs(sum_force - force) < 1e-9 * force);
    assert_true(fabs(sum_area - area) < 1e-9 * area);
    assert_true(fabs(sum_percent - 50) < 1e-9);
    assert_true(top == peak);
    free(p);
}

static void a_region_without_contact_has_no_mean(void **state)
{
    struct painted *p = malloc(sizeof *p);

    (void)state;
    paint(p, 3);
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++) {
            double share[REGION_COUNT];

            membership_of_cell(&p->result.grid, &p->foot.frame, &p->foot.lines, row, col, share);
            if (share[REGION_G1] > 0)
                p->mean[row * COLS + col] = 1; /* loaded, but below the threshold */
        }
    regions_load(&p->result, 100, &p->foot);
    assert_true(isnan(p->foot.regions[REGION_G1].mean_kpa));
    assert_true(isnan(p->foot.regions[REGION_G1].pti_kpa_s));
    assert_true(p->foot.regions[REGION_G1].area_cm2 == 0);
    assert_true(p->foot.regions[REGION_G1].force_n > 0);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_has_the_region_of_the_lines),
        cmocka_unit_test(regions_come_in_order),
        cmocka_unit_test(loads_sum_to_the_foots),
        cmocka_unit_test(a_region_without_contact_has_no_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
