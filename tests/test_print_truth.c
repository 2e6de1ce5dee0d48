/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Footprints against truth: drawn people, whose sole's outline gives the numbers by plain geometry,
 * and a person's real step, whose arch index published software (pressuRe 0.2.7) states, by its own
 * definition and by ours. */
#include "analysis/foot/landmarks.h"
#include "analysis/polygon.h"
#include "analysis/print/print_numbers.h"
#include "samples/sole.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/near.h"

#define EMED "../shared/data/plates/reference/emed/"

static const struct grid plate = {96, 96, 5, 5};

struct truth {
    double arch_index, midfoot_mm, forefoot_mm, heel_mm, length_mm;
};

/* Width of the sole's outline at y, template mm. */
static double width_at(const struct sole *sole, double y)
{
    double low = INFINITY, high = -INFINITY;

    for (int i = 0, j = sole->n_outline - 1; i < sole->n_outline; j = i++) {
        struct point a = sole->outline[i], b = sole->outline[j];

        if ((a.y_mm > y) == (b.y_mm > y))
            continue;
        low = fmin(low, a.x_mm + (b.x_mm - a.x_mm) * (y - a.y_mm) / (b.y_mm - a.y_mm));
        high = fmax(high, a.x_mm + (b.x_mm - a.x_mm) * (y - a.y_mm) / (b.y_mm - a.y_mm));
    }
    return high - low;
}

/* By the outline of heel, middle and ball, in slices of 0.1 mm. */
static struct truth true_numbers(double arch)
{
    struct subject_foot foot = {.arch = arch, .toe_contact = 1};
    struct truth truth = {.midfoot_mm = INFINITY};
    double low = INFINITY, high = -INFINITY, area[3] = {0};
    struct sole sole;

    sole_make(&sole, &foot);
    for (int i = 0; i < sole.n_outline; i++) {
        low = fmin(low, sole.outline[i].y_mm);
        high = fmax(high, sole.outline[i].y_mm);
    }
    for (double y = low + 0.05; y < high; y += 0.1) {
        int third = (int)(3 * (y - low) / (high - low));
        double width = width_at(&sole, y);

        area[third] += width;
        if (third == 0)
            truth.heel_mm = fmax(truth.heel_mm, width);
        if (third == 1)
            truth.midfoot_mm = fmin(truth.midfoot_mm, width);
        if (third == 2)
            truth.forefoot_mm = fmax(truth.forefoot_mm, width);
    }
    truth.arch_index = area[1] / (area[0] + area[1] + area[2]);
    truth.length_mm = high - low;
    return truth;
}

/* The print of the one foot that stands, found, framed and measured as an analysis does. */
static struct print_numbers read_print(const struct standing *s)
{
    struct found_feet found;
    struct print_frame shape;
    struct foot_print print = {&plate, s->kpa, NULL, 1, 5};
    struct print_numbers numbers;
    struct landmarks landmarks;
    struct guide_lines lines;
    float *mask = calloc(grid_cells(&plate), sizeof *mask);
    struct print_input input = {.grid = &plate,
                                .picture = s->kpa,
                                .mask = mask,
                                .threshold_kpa = 5,
                                .frame = &shape.frame,
                                .lines = &lines,
                                .walking_deg = NAN};

    assert_non_null(mask);
    assert_int_equal(foot_finder(&plate, s->kpa, 5, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    print.label = found.label;
    for (size_t i = 0; i < grid_cells(&plate); i++)
        mask[i] = found.label[i] == 1;
    assert_int_equal(frame_from_print(&print, &found.foot[0], 0, &shape, NULL), 0);
    landmarks = landmarks_from_print(&print, &shape.frame);
    lines = guide_lines_from_print(&print, &shape.frame, &landmarks);
    input.toes_touch = shape.toes_touch;
    assert_int_equal(print_measure(&input, &numbers, NULL), 0);
    found_feet_free(&found);
    free(mask);
    return numbers;
}

/* Contact ends where pressure falls under 5 kPa, a little inside the outline, and is told in cells
 * of 5 mm, a little outside: widths within 5 mm, index within 0.015 (0.006 in the mean). */
static void drawn_people_have_their_true_arch(void **state)
{
    static const uint64_t seed = 20261122;
    double mean_error = 0, progression_error = 0;
    struct dice dice;
    int n = 0;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    dice_begin(&dice, seed, "footprints");
    for (double arch = 0; arch <= 1; arch += 0.125) {
        struct standing_range range = standing_usual(1);
        struct truth truth = true_numbers(arch);
        struct standing s = {0};
        struct print_numbers found;
        double scale;

        range.arch_low = range.arch_high = arch;
        range.length_low_mm = 235;
        range.length_high_mm = 275;
        range.toes_low = range.toes_high = 1;
        standing_draw(&s, &plate, &range, &dice);
        found = read_print(&s);
        scale = s.foot[0].length_mm / 250;
        assert_near(found.of[PRINT_ARCH_INDEX].value, truth.arch_index, 0.015);
        assert_near(found.of[PRINT_LENGTH_NO_TOES_MM].value, truth.length_mm * scale, 8);
        scale *= s.foot[0].width_scale;
        assert_near(found.of[PRINT_FOREFOOT_MM].value, truth.forefoot_mm * scale, 6);
        assert_near(found.of[PRINT_MIDFOOT_MM].value, truth.midfoot_mm * scale, 6);
        assert_near(found.of[PRINT_HEEL_MM].value, truth.heel_mm * scale, 6);
        mean_error += found.of[PRINT_ARCH_INDEX].value - truth.arch_index;
        progression_error =
            fmax(progression_error,
                 fabs(fabs(found.of[PRINT_PROGRESSION_DEG].value) - fabs(s.foot[0].angle_deg)));
        n++;
        standing_free(&s);
    }
    print_message("arch index off by %.4f in the mean of %d, progression by at most %.2f degrees\n",
                  mean_error / n, n, progression_error);
    assert_near(mean_error / n, 0, 0.01);
    assert_true(progression_error < 3);
}

/* --- A real step, by the reference's own definition ---------------------------------------------
 */

enum { MAP_ROWS = 54, MAP_COLS = 22 };

static int read_map(float *kpa)
{
    FILE *file = fopen(EMED "peak_map_kPa.csv", "r");

    if (!file)
        return -1;
    for (int row = MAP_ROWS - 1; row >= 0; row--)
        for (int col = 0; col < MAP_COLS; col++)
            assert_int_equal(fscanf(file, col ? ",%f" : "%f", &kpa[row * MAP_COLS + col]), 1);
    fclose(file);
    return 0;
}

/* An outline of the reference's mask; returns its points. */
static int read_outline(const char *mask, struct point *points)
{
    FILE *file = fopen(EMED "mask_polygons_automask_novel_mm.csv", "r");
    char line[200], name[50];
    int part, n = 0;
    double x, y;

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%49[^,],%d,%lf,%lf", name, &part, &x, &y) == 4 && !strcmp(name, mask)) {
            assert_true(n < POLYGON_POINTS_MAX);
            points[n++] = (struct point){x, y};
        }
    fclose(file);
    return n;
}

/* pressuRe's arch index: cells that a toe outline touches are left out, the rest turned, the box of
 * all corners cut in thirds, areas by clipping. */
static double reference_index(const float *kpa, double turn_deg, double area_cm2[3], int *toes)
{
    struct point hallux[POLYGON_POINTS_MAX], others[POLYGON_POINTS_MAX];
    int n_hallux = read_outline("hal_mask", hallux), n_others = read_outline("l_toe_mask", others);
    double s = sin(turn_deg * M_PI / 180), c = cos(turn_deg * M_PI / 180);
    double low = INFINITY, high = -INFINITY;
    uint8_t used[MAP_ROWS * MAP_COLS] = {0};

    *toes = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < MAP_ROWS * MAP_COLS; i++) {
            double x = 5.0 * (i % MAP_COLS), y = 5.0 * (i / MAP_COLS);
            const struct box box = {x, y, x + 5, y + 5};
            struct point corner[4] = {{x, y}, {x + 5, y}, {x + 5, y + 5}, {x, y + 5}}, part[8];
            double below[2];

            if (!pass && kpa[i] > 0) {
                int is_toe = polygon_area_in_box_mm2(hallux, n_hallux, &box) > 0 ||
                             polygon_area_in_box_mm2(others, n_others, &box) > 0;

                *toes += is_toe;
                used[i] = !is_toe;
            }
            for (int k = 0; k < 4; k++)
                corner[k] = (struct point){corner[k].x_mm * c - corner[k].y_mm * s,
                                           corner[k].x_mm * s + corner[k].y_mm * c};
            for (int k = 0; !pass && used[i] && k < 4; k++) {
                low = fmin(low, corner[k].y_mm);
                high = fmax(high, corner[k].y_mm);
            }
            if (!pass || !used[i])
                continue;
            for (int k = 0; k < 2; k++) {
                int n = polygon_clip(corner, 4, 0, 1, low + (k + 1) * (high - low) / 3, part);

                below[k] = n >= 3 ? polygon_area_mm2(part, n) / 100 : 0;
            }
            area_cm2[0] += below[0];
            area_cm2[1] += below[1] - below[0];
            area_cm2[2] += 0.25 - below[1];
        }
    return area_cm2[1] / (area_cm2[0] + area_cm2[1] + area_cm2[2]);
}

static double ours(const float *kpa)
{
    const struct grid grid = {MAP_ROWS, MAP_COLS, 5, 5};
    struct found_feet found;
    struct print_frame shape;
    struct foot_print print = {&grid, kpa, NULL, 1, 0};
    struct print_numbers numbers;
    struct landmarks landmarks;
    struct guide_lines lines;
    float mask[MAP_ROWS * MAP_COLS];
    struct print_input input = {.grid = &grid,
                                .picture = kpa,
                                .mask = mask,
                                .threshold_kpa = 0,
                                .frame = &shape.frame,
                                .lines = &lines,
                                .walking_deg = NAN,
                                .toes_touch = 1,
                                .only_values = 1};

    assert_int_equal(foot_finder(&grid, kpa, 0, NULL, &found, NULL), 0);
    assert_int_equal(found.n, 1);
    print.label = found.label;
    for (int i = 0; i < MAP_ROWS * MAP_COLS; i++)
        mask[i] = found.label[i] == 1;
    assert_int_equal(frame_from_print(&print, &found.foot[0], 0, &shape, NULL), 0);
    landmarks = landmarks_from_print(&print, &shape.frame);
    lines = guide_lines_from_print(&print, &shape.frame, &landmarks);
    assert_int_equal(print_measure(&input, &numbers, NULL), 0);
    found_feet_free(&found);
    return numbers.of[PRINT_ARCH_INDEX].value;
}

static void a_real_step_by_the_references_definition(void **state)
{
    float kpa[MAP_ROWS * MAP_COLS];
    double area[3] = {0}, reference, own;
    int toes;

    (void)state;
    if (read_map(kpa)) {
        print_message("%s is not here: skipped\n", EMED);
        skip();
    }
    reference = reference_index(kpa, 3.46127973, area, &toes); /* turned as its COP's chord lies */
    assert_int_equal(toes, 56);
    assert_near(reference, 0.23670696, 1e-6);
    assert_near(area[0], 36.46773982, 1e-6);
    assert_near(area[1], 26.62953352, 1e-6);
    assert_near(area[2], 49.40272666, 1e-6);
    /* Ours differs on purpose: the axis is the foot's (bisector of its tangents), not the chord of
     * the COP, and toes end at the line through their bases, not at the cells that an outline
     * touches, so that the forefoot is whole. */
    own = ours(kpa);
    print_message("arch index %.4f by the reference's definition, %.4f by ours\n", reference, own);
    assert_near(own, reference, 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_people_have_their_true_arch),
        cmocka_unit_test(a_real_step_by_the_references_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
