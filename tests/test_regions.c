/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions part a foot: its cells are shared out without rest, and their loads sum to the foot's. */
#include "analysis/foot/regions.h"
#include "analysis/foot/strips.h"
#include "analysis/load/membership.h"
#include "analysis/polygon.h"

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

/* Template: the heel ends at u 0.27, the diaphragm line lies at 0.66 where v = 0.18. */
static void borders_are_measured_along_the_foot(void **state)
{
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);
    enum region_class beyond = CLASS_TOE;

    (void)state;
    double heel_u = lines.heel_front_u, ball_u = guide_diaphragm_u(&lines, 0.18);
    double mm = region_border_mm(&lines, 250, (struct uv){heel_u - 0.02, 0.5}, &beyond);
    assert_true(fabs(mm - 5) < 1e-9 && beyond == CLASS_ARCH);
    mm = region_border_mm(&lines, 200, (struct uv){heel_u + 0.02, 0.5}, &beyond);
    assert_true(fabs(mm - 4) < 1e-9 && beyond == CLASS_HEEL);
    mm = region_border_mm(&lines, 250, (struct uv){ball_u + 0.04, 0.18}, &beyond);
    assert_true(fabs(mm - 10) < 1e-9 && beyond == CLASS_ARCH);
    mm = region_border_mm(&lines, 250, (struct uv){1, 0.18}, &beyond);
    assert_true(mm > 30 && beyond == CLASS_BALL);
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

/* reflexology.md 2.5: the borders' numbers, and that they pass through the clefts. */
static void strips_have_the_stated_borders(void **state)
{
    static const double behind[] = {0.29, 0.475, 0.63, 0.795}, toes[] = {0.34, 0.50, 0.63, 0.755};
    struct strips strips = strips_from(NULL);
    struct landmarks landmarks = landmarks_template();

    (void)state;
    for (int k = 0; k < 4; k++) {
        for (double u = -0.1; u < 0.66; u += 0.01)
            assert_true(fabs(strip_border_v(&strips, k, u) - behind[k]) < 1e-9);
        assert_true(fabs(strip_border_v(&strips, k, 1.0) - toes[k]) < 1e-9);
        /* "Midway between neighbouring metatarsal heads", to a millimetre. */
        double midway =
            (landmarks.of[LANDMARK_MTH1 + k].at.v + landmarks.of[LANDMARK_MTH2 + k].at.v) / 2;
        assert_true(fabs(behind[k] - midway) < 0.01);
    }
    for (int k = 0; k < 2; k++) {
        struct uv cleft = landmarks.of[k ? LANDMARK_W23 : LANDMARK_W12].at;

        assert_true(fabs(strip_border_v(&strips, k, cleft.u) - cleft.v) < 1e-9);
    }
    assert_true(strip_border_v(&strips, -1, 0.4) == 0 && strip_border_v(&strips, 4, 0.4) == 1);
}

/* Each toe and each head of the ball lies in the strip of its number, on any foot whose landmarks
 * are moved together; a measured cleft bends the border. */
static void each_toe_has_its_strip(void **state)
{
    unsigned seed = 77;

    (void)state;
    print_message("seed %u\n", seed);
    for (int round = 0; round < 200; round++) {
        struct landmarks landmarks = landmarks_template();
        double du = 0.05 * rand_r(&seed) / RAND_MAX - 0.025;
        double dv = 0.06 * rand_r(&seed) / RAND_MAX - 0.03;

        for (int i = LANDMARK_MTH1; i < LANDMARK_COUNT; i++) {
            landmarks.of[i].at.u += du;
            landmarks.of[i].at.v += dv;
        }
        struct strips strips = strips_from(&landmarks);

        for (int i = 0; i < 5; i++) {
            assert_int_equal(strip_at(&strips, landmarks.of[LANDMARK_MTH1 + i].at), i + 1);
            assert_int_equal(strip_at(&strips, landmarks.of[LANDMARK_T1 + i].at), i + 1);
            assert_int_equal(strip_at(&strips, strip_centre(&strips, i + 1, 0.1)), i + 1);
        }
        assert_true(fabs(strip_border_v(&strips, 0, landmarks.of[LANDMARK_W12].at.u) -
                         landmarks.of[LANDMARK_W12].at.v) < 1e-9);
    }
    struct strips strips = strips_from(NULL);
    assert_int_equal(strip_at(&strips, (struct uv){0.4, -0.3}), 1);
    assert_int_equal(strip_at(&strips, (struct uv){0.4, 1.3}), 5);
}

/* The outlines share no area, cover the heel's width, and agree with strip_at; names are as said.
 */
static void strips_are_outlines_and_names(void **state)
{
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);
    struct strips strips = strips_from(&landmarks);
    struct foot_frame frame = foot_frame_template(SIDE_RIGHT, (struct point){200, 50}, 17, 263);
    struct point outline[STRIP_OUTLINE_MAX];
    char text[60];

    (void)state;
    for (int strip = 1; strip <= 5; strip++) {
        int n = strip_outline(&strips, &frame, strip, outline), inside = 0;

        assert_in_range(n, 8, STRIP_OUTLINE_MAX);
        for (double u = 0.013; u < 1; u += 0.037)
            for (double v = 0.017; v < 1; v += 0.031) {
                int in =
                    polygon_contains(outline, n, foot_frame_to_plate(&frame, (struct uv){u, v}));

                assert_int_equal(in, u < strips.tip_u[strip - 1] &&
                                         strip_at(&strips, (struct uv){u, v}) == strip);
                inside += in;
            }
        assert_true(inside > 50);
    }
    strip_place_words(&strips, &lines, SIDE_LEFT, (struct uv){0.725, 0.55}, text, sizeof text);
    assert_string_equal(text, "zone L3, ball");
    strip_place_words(&strips, &lines, SIDE_UNKNOWN, (struct uv){0.1, 0.9}, text, sizeof text);
    assert_string_equal(text, "zone 5, heel");
    assert_string_equal(
        strip_place_words(&strips, &lines, SIDE_RIGHT, (struct uv){0.9, 0.2}, text, 6), "zone ");
}

/* A route along the centre line: 20 mm steps from the heel end before the toe's tip. */
static void a_strip_ends_at_its_toe(void **state)
{
    struct strips strips = strips_from(NULL);
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){0, 0}, 0, 250);
    struct uv at;

    (void)state;
    for (int strip = 1; strip <= 5; strip++) {
        int n = 0;

        while (!strip_centre_at(&strips, &frame, strip, 20 * n + 10, &at)) {
            assert_int_equal(strip_at(&strips, at), strip);
            n++;
        }
        assert_in_range(n, 10, 13); /* "about 12 x 5 places" (4.3 A) */
    }
    assert_int_equal(strip_centre_at(&strips, &frame, 6, 20, &at), -1);
    assert_int_equal(strip_centre_at(&strips, &frame, 1, NAN, &at), -1);
    assert_int_equal(strip_outline(&strips, &frame, 0, NULL), 0);
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
        cmocka_unit_test(borders_are_measured_along_the_foot),
        cmocka_unit_test(regions_come_in_order),
        cmocka_unit_test(strips_have_the_stated_borders),
        cmocka_unit_test(each_toe_has_its_strip),
        cmocka_unit_test(strips_are_outlines_and_names),
        cmocka_unit_test(a_strip_ends_at_its_toe),
        cmocka_unit_test(loads_sum_to_the_foots),
        cmocka_unit_test(a_region_without_contact_has_no_mean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
