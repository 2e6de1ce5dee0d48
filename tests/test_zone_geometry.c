/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones on feet: painted independently cell by cell and demanded back from the polygons; moved by
 * landmarks; their load from pictures whose answer is known. */
#include "analysis/polygon.h"
#include "analysis/atlas/zones.h"
#include "tests/support/failing_malloc.h"

#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/chart_fixture.h"
#include "tests/support/near.h"

static double uniform(double low, double high)
{
    return low + (high - low) * gsl_rng_uniform(rng);
}

/* Somewhere on a plate of 480 mm, wholly inside. */
static struct foot_frame random_foot(void)
{
    enum side side = gsl_rng_uniform(rng) < 0.5 ? SIDE_LEFT : SIDE_RIGHT;
    struct point heel = {uniform(190, 290), uniform(80, 120)};

    return foot_frame_template(side, heel, uniform(-30, 30), uniform(205, 290));
}

static struct landmarks random_landmarks(void)
{
    struct landmarks landmarks = landmarks_template();

    for (int i = 0; i < LANDMARK_COUNT; i++) {
        landmarks.of[i].at.u += uniform(-0.02, 0.02);
        landmarks.of[i].at.v += uniform(-0.02, 0.02);
        landmarks.of[i].measured = 1;
    }
    return landmarks;
}

/* --- Polygons ----------------------------------------------------------------------------------
 */

static void test_area_and_clipping_of_known_shapes(void **state)
{
    /* An arrow head, concave: 8 x 6 box less its notch. */
    const struct point arrow[] = {{1.5, 2.0}, {9.5, 5.0}, {1.5, 8.0}, {4.5, 5.0}};
    const struct box all = {0, 0, 20, 20}, lower = {0, 0, 20, 5}, none = {10, 0, 20, 20};

    (void)state;
    assert_near(polygon_area_mm2(arrow, 4), 24 - 9, 1e-12);
    assert_near(polygon_area_in_box_mm2(arrow, 4, &all), 15, 1e-12);
    assert_near(polygon_area_in_box_mm2(arrow, 4, &lower), 7.5, 1e-12);
    assert_near(polygon_area_in_box_mm2(arrow, 4, &none), 0, 1e-12);
    assert_true(polygon_contains(arrow, 4, (struct point){6, 5}));
    assert_false(polygon_contains(arrow, 4, (struct point){3, 5}));
}

/* --- Shapes against paint -------------------------------------------------------------------- */

/* The definition itself, not the polygon: inside the ellipse in u and v. */
static int in_ellipse(const struct atlas_zone *zone, const struct foot_frame *frame,
                      const struct uv *shift, struct point at)
{
    struct uv uv = foot_frame_to_uv(frame, at);
    double u = (uv.u - zone->shape.centre.u - shift->u) / zone->shape.half.u;
    double v = (uv.v - zone->shape.centre.v - shift->v) / zone->shape.half.v;

    if (zone->shape.clip_to_sole && (uv.v < 0 || uv.v > 1))
        return 0;
    return u * u + v * v <= 1;
}

/* Within the half-width of the path, ends cut straight. */
static int in_strip(const struct atlas_zone *zone, const struct foot_frame *frame, struct point at)
{
    double half = zone->shape.half_width_mm * frame->length_mm / 250;

    for (int i = 0; i + 1 < zone->shape.n_path; i++) {
        struct point a = foot_frame_to_plate(frame, zone->shape.path[i]);
        struct point b = foot_frame_to_plate(frame, zone->shape.path[i + 1]);
        double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm, length = hypot(dx, dy);
        double along = ((at.x_mm - a.x_mm) * dx + (at.y_mm - a.y_mm) * dy) / length;
        double across = fabs((at.x_mm - a.x_mm) * dy - (at.y_mm - a.y_mm) * dx) / length;
        if (along >= 0 && along <= length && across <= half)
            return 1;
    }
    return 0;
}

/* Dice of the outline with the painted definition, on points 0.5 mm apart. */
static double dice(const struct atlas_zone *zone, const struct foot_frame *frame,
                   const struct landmarks *landmarks, const struct uv *shift)
{
    struct point outline[ATLAS_OUTLINE_MAX];
    int n = atlas_outline(zone, frame, landmarks, outline, ATLAS_OUTLINE_MAX);
    struct box box = polygon_box(outline, n);
    long both = 0, either = 0;

    for (double y = box.y0 - 3; y < box.y1 + 3; y += 0.5)
        for (double x = box.x0 - 3; x < box.x1 + 3; x += 0.5) {
            struct point at = {x, y};
            int a = polygon_contains(outline, n, at);
            int b = zone->shape.kind == ZONE_STRIP ? in_strip(zone, frame, at)
                                                   : in_ellipse(zone, frame, shift, at);
            both += 2 * (a && b);
            either += a + b;
        }
    return either ? (double)both / (double)either : 0;
}

static void test_outlines_agree_with_painted_shapes(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        struct foot_frame frame = random_foot();
        for (int i = 0; i < atlas_count(atlas); i++) {
            const struct atlas_zone *zone = atlas_zone(atlas, i);
            if (!zone->is_plantar || zone->shape.kind == ZONE_PARTS)
                continue;
            double agreed = dice(zone, &frame, NULL, &(struct uv){0, 0});
            if (agreed < 0.985)
                fail_msg("%s: Dice %.4f with the painted shape", zone->id, agreed);
        }
    }
}

static void test_a_measured_landmark_moves_its_zones(void **state)
{
    const char *ids[] = {"P07", "P10", "P16", "P01"};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        const struct atlas_zone *zone = atlas_find(atlas, ids[i]);
        struct foot_frame frame = random_foot();
        struct landmarks landmarks = random_landmarks(), template = landmarks_template();
        struct uv to = landmarks.of[zone->anchor].at, from = template.of[zone->anchor].at;
        struct uv shift = {to.u - from.u, to.v - from.v};
        assert_true(dice(zone, &frame, &landmarks, &shift) > 0.985);
    }
}

/* The heel's front edge is a line across: a zone on it moves along the foot, not across. */
static void test_lines_across_move_zones_along_only(void **state)
{
    const struct atlas_zone *zone = atlas_find(atlas, "P14");
    struct foot_frame frame = random_foot();
    struct landmarks landmarks = landmarks_template();

    (void)state;
    landmarks.of[LANDMARK_HF].at = (struct uv){0.293, 0.441};
    assert_true(dice(zone, &frame, &landmarks, &(struct uv){0.023, 0}) > 0.985);
}

/* Each end of a strip follows its own landmark. */
static void test_strips_stretch_between_their_landmarks(void **state)
{
    const struct atlas_zone *fan = atlas_find(atlas, "P24.2");
    struct foot_frame frame = random_foot();
    struct landmarks landmarks = landmarks_template();
    struct uv toe = {0.847, 0.433}, middle = {0.46, 0.5};

    (void)state;
    landmarks.of[LANDMARK_B2].at = toe;
    for (double t = 0.02; t < 1; t += 0.07) {
        struct uv at = {middle.u + t * (toe.u - middle.u), middle.v + t * (toe.v - middle.v)};
        assert_true(atlas_contains(fan, &frame, &landmarks, at));
    }
}

/* Literal centimetres on a long foot: 20 mm behind B1 is less than 0.08 of its length. */
static void test_literal_centimetres(void **state)
{
    struct atlas_zone zone = *atlas_find(atlas, "P07");
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){200, 90}, 7.5, 277);
    struct point outline[ATLAS_OUTLINE_MAX], centre = {0, 0};

    (void)state;
    zone.offset_is_literal = 1;
    int n = atlas_outline(&zone, &frame, NULL, outline, ATLAS_OUTLINE_MAX);
    for (int i = 0; i < n; i++) {
        centre.x_mm += outline[i].x_mm / n;
        centre.y_mm += outline[i].y_mm / n;
    }
    double behind_b1_mm = (0.815 - foot_frame_to_uv(&frame, centre).u) * 277;
    assert_near(behind_b1_mm, 20, 0.1);
}

static struct point middle_of(const struct point *outline, int n)
{
    struct point sum = {0, 0};

    for (int i = 0; i < n; i++) {
        sum.x_mm += outline[i].x_mm / n;
        sum.y_mm += outline[i].y_mm / n;
    }
    return sum;
}

/* Both readings of the centimetres, by the setting; on the 250 mm foot they are one, and they
 * differ by at most 3.6 mm for the largest offset from 220 to 280 mm (1.2). */
static void test_centimetre_modes_are_a_setting(void **state)
{
    struct atlas *chart = atlas_load(NULL, NULL);

    (void)state;
    assert_non_null(chart);
    for (double length = 220; length <= 280; length += 15)
        for (int i = 0; i < atlas_count(chart); i++) {
            const struct atlas_zone *zone = atlas_zone(chart, i);
            struct foot_frame frame =
                foot_frame_template(SIDE_RIGHT, (struct point){100, 80}, -9, length);
            struct point outline[2][ATLAS_OUTLINE_MAX], at[2];

            for (int mode = 0; mode < 2; mode++) {
                struct atlas_settings settings = {.cm_mode = mode ? CM_LITERAL : CM_SCALED};

                assert_int_equal(atlas_apply_settings(chart, &settings, NULL), 0);
                int n = atlas_outline(zone, &frame, NULL, outline[mode], ATLAS_OUTLINE_MAX);
                at[mode] = middle_of(outline[mode], n);
            }
            double apart = hypot(at[0].x_mm - at[1].x_mm, at[0].y_mm - at[1].y_mm);
            double wanted = fabs(zone->offset_mm * (length / 250 - 1));

            if (zone->is_plantar && zone->shape.kind == ZONE_ELLIPSE && !zone->shape.clip_to_sole)
                assert_near(apart, wanted, 0.02);
            assert_true(apart <= 3.7);
        }
    atlas_free(chart);
}

static const char *const spine[] = {"P19", "P20", "P21", "P22"};

/* Length of the four segments' middle lines on the 250 mm foot, one after the other. */
static void spine_lengths(const struct atlas *chart, double length_mm[4])
{
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){0, 0}, 0, 250);
    struct point last_end = {NAN, NAN};

    for (int i = 0; i < 4; i++) {
        const struct atlas_zone *zone = atlas_find(chart, spine[i]);
        struct point outline[ATLAS_OUTLINE_MAX];
        int n = atlas_outline(zone, &frame, NULL, outline, ATLAS_OUTLINE_MAX) / 2;

        length_mm[i] = 0;
        for (int k = 0; k < n; k++) {
            struct point a = middle_of((struct point[]){outline[k], outline[2 * n - 1 - k]}, 2);

            /* Each segment begins where the one before it ended. */
            if (k || i)
                length_mm[i] += hypot(a.x_mm - last_end.x_mm, a.y_mm - last_end.y_mm);
            if (!k && i)
                assert_true(length_mm[i] < 0.3);
            last_end = a;
        }
    }
}

/* reflexology.md 2.4: lengths of the segments, their shares by landmarks and by vertebrae. */
static void test_the_spine_line_is_cut_as_set(void **state)
{
    static const double stated_mm[] = {55, 30, 107, 29}, vertebrae[] = {5, 5, 12, 7};
    double mm[4], total;

    (void)state;
    for (int line = 0; line < 2; line++)
        for (int cuts = 0; cuts < 2; cuts++) {
            struct atlas_settings settings = {.spine_line = (enum spine_line)line,
                                              .spine_cuts = (enum spine_cuts)cuts};
            struct atlas *chart = atlas_load(NULL, NULL);

            assert_int_equal(atlas_apply_settings(chart, &settings, NULL), 0);
            spine_lengths(chart, mm);
            total = mm[0] + mm[1] + mm[2] + mm[3];
            if (line == SPINE_EDGE)
                assert_near(total, 222, 1);
            for (int i = 0; i < 4; i++) {
                if (line == SPINE_EDGE && cuts == SPINE_BY_LANDMARKS)
                    assert_near(mm[i], stated_mm[i], 1.5);
                if (cuts == SPINE_BY_VERTEBRAE)
                    assert_near(mm[i] / total, vertebrae[i] / 29, 0.003);
            }
            atlas_free(chart);
        }
}

/* On any foot the straight line is straight on the plate, from heel centre to toe pad. */
static void test_a_straight_spine_is_straight_on_any_foot(void **state)
{
    struct atlas *chart = atlas_load(NULL, NULL);
    struct atlas_settings settings = {.spine_line = SPINE_STRAIGHT};

    (void)state;
    assert_int_equal(atlas_apply_settings(chart, &settings, NULL), 0);
    for (int round = 0; round < 20; round++) {
        struct foot_frame frame = random_foot();
        struct landmarks landmarks = random_landmarks();
        struct point a = foot_frame_to_plate(&frame, landmarks.of[LANDMARK_HC].at);
        struct point b = foot_frame_to_plate(&frame, landmarks.of[LANDMARK_T1].at);
        double length = hypot(b.x_mm - a.x_mm, b.y_mm - a.y_mm);

        for (int i = 0; i < 4; i++) {
            struct point outline[ATLAS_OUTLINE_MAX];
            int n = atlas_outline(atlas_find(chart, spine[i]), &frame, &landmarks, outline,
                                  ATLAS_OUTLINE_MAX);

            for (int k = 0; k < n; k++) {
                double off = ((outline[k].x_mm - a.x_mm) * (b.y_mm - a.y_mm) -
                              (outline[k].y_mm - a.y_mm) * (b.x_mm - a.x_mm)) /
                             length;

                assert_near(fabs(off), 7 * frame.length_mm / 250, 0.05);
            }
        }
    }
    atlas_free(chart);
}

/* A zone is as sure as the least sure of its landmarks; a fallback makes it approximate. */
static void test_a_zone_has_the_worst_quality_of_its_landmarks(void **state)
{
    struct landmarks landmarks = landmarks_template();

    (void)state;
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        landmarks.of[i].measured = 1;
        landmarks.of[i].quality = 0.9;
    }
    landmarks.of[LANDMARK_HF].quality = 0.4;
    landmarks.of[LANDMARK_B3].measured = 0;
    landmarks.of[LANDMARK_B3].quality = 0.2;
    assert_near(atlas_place_quality(atlas_find(atlas, "P01"), &landmarks), 0.9, 1e-12);
    assert_near(atlas_place_quality(atlas_find(atlas, "P14"), &landmarks), 0.4, 1e-12);
    assert_near(atlas_place_quality(atlas_find(atlas, "P20"), &landmarks), 0.4, 1e-12);
    assert_near(atlas_place_quality(atlas_find(atlas, "P24"), &landmarks), 0.2, 1e-12);
    assert_true(isnan(atlas_place_quality(atlas_find(atlas, "N06"), &landmarks)));
    assert_true(atlas_is_approximate(atlas_find(atlas, "P24.3"), &landmarks));
    assert_true(atlas_is_approximate(atlas_find(atlas, "P24"), &landmarks));
    assert_false(atlas_is_approximate(atlas_find(atlas, "P24.2"), &landmarks));
    assert_false(atlas_is_approximate(atlas_find(atlas, "P14"), &landmarks));
}

static void test_contains_agrees_with_the_outline(void **state)
{
    int inside = 0;

    (void)state;
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        struct foot_frame frame = random_foot();
        struct landmarks landmarks = random_landmarks();
        struct point outline[ATLAS_OUTLINE_MAX];
        int n = atlas_outline(zone, &frame, &landmarks, outline, ATLAS_OUTLINE_MAX);
        for (int k = 0; k < 200; k++) {
            struct uv at = {uniform(0, 1), uniform(-0.05, 1.05)};
            int contained = atlas_contains(zone, &frame, &landmarks, at);
            int any = n ? polygon_contains(outline, n, foot_frame_to_plate(&frame, at)) : 0;
            for (int p = 0; !n && p < zone->n_parts; p++)
                any |= atlas_contains(&zone->parts[p], &frame, &landmarks, at);
            assert_int_equal(contained, any);
            inside += contained;
        }
    }
    assert_in_range(inside, 100, 5000);
    assert_false(atlas_contains(atlas_find(atlas, "P16"), &(struct foot_frame){.length_mm = 250},
                                NULL, (struct uv){NAN, NAN}));
}

static void test_a_small_room_gets_fewer_points(void **state)
{
    struct foot_frame frame = random_foot();
    struct point few[20], all[ATLAS_OUTLINE_MAX];
    const struct atlas_zone *zone = atlas_find(atlas, "P16");

    (void)state;
    assert_int_equal(atlas_outline(zone, &frame, NULL, few, 20), 20);
    int n = atlas_outline(zone, &frame, NULL, all, ATLAS_OUTLINE_MAX);
    assert_in_range(n, 32, ATLAS_OUTLINE_MAX);
    assert_true(polygon_area_mm2(few, 20) > 0.95 * polygon_area_mm2(all, n));
    assert_int_equal(atlas_outline(atlas_find(atlas, "N03"), &frame, NULL, all, 96), 0);
    assert_int_equal(atlas_outline(atlas_find(atlas, "P04"), &frame, NULL, all, 96), 0);
}

static void test_the_outer_edge_is_cut_at_the_sole(void **state)
{
    struct foot_frame frame = random_foot();
    const struct atlas_zone *zone = atlas_find(atlas, "P11");
    struct point outline[ATLAS_OUTLINE_MAX];
    struct landmarks landmarks = landmarks_template();

    (void)state;
    landmarks.of[LANDMARK_B5].at.v += 0.03; /* now a good part of it lies beyond */
    int n = atlas_outline(zone, &frame, &landmarks, outline, ATLAS_OUTLINE_MAX);
    for (int i = 0; i < n; i++)
        assert_true(foot_frame_to_uv(&frame, outline[i]).v < 1 + 1e-9);
    assert_true(dice(zone, &frame, &landmarks, &(struct uv){0, 0.03}) > 0.985);
}

/* --- Shares of cells ---------------------------------------------------------------------------
 */

static void test_shares_sum_to_the_area(void **state)
{
    const struct grid grid = {61, 73, 8.3, 7.1}; /* awkward on purpose */
    float *share = malloc(grid_cells(&grid) * sizeof *share);

    (void)state;
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        struct foot_frame frame = random_foot();
        struct landmarks landmarks = random_landmarks();
        double sum = 0, area = atlas_area_cm2(zone, &frame, &landmarks);
        atlas_cell_shares(zone, &frame, &landmarks, &grid, share);
        for (size_t k = 0; k < grid_cells(&grid); k++) {
            assert_true(share[k] >= 0 && share[k] <= 1);
            sum += (double)share[k];
        }
        double bound = zone->is_plantar && zone->shape.kind == ZONE_PARTS ? 0.01 : 1e-6;
        assert_near(sum * grid_cell_cm2(&grid), area, bound * fmax(area, 1e-3));
    }
    free(share);
}

static void test_a_zone_off_the_plate_has_no_cells(void **state)
{
    const struct grid grid = {16, 16, 10, 10};
    float share[256];
    struct foot_frame frame = foot_frame_template(SIDE_RIGHT, (struct point){900, -700}, 0, 250);
    struct foot_frame nowhere = frame;

    (void)state;
    nowhere.length_mm = NAN;
    atlas_cell_shares(atlas_find(atlas, "P16"), &frame, NULL, &grid, share);
    for (int i = 0; i < 256; i++)
        assert_near(share[i], 0, 0);
    atlas_cell_shares(atlas_find(atlas, "P24"), &nowhere, NULL, &grid, share);
    for (int i = 0; i < 256; i++)
        assert_near(share[i], 0, 0);
}

/* --- The design's table of overlaps ---------------------------------------------------------- */

static void test_overlaps_are_those_stated(void **state)
{
    struct problem why;

    (void)state;
    for (int i = 0; i < atlas_overlap_count(atlas); i++) {
        const struct atlas_overlap *stated = atlas_overlap(atlas, i);
        double percent;
        assert_int_equal(atlas_measure_overlap(atlas_find(atlas, stated->a),
                                               atlas_find(atlas, stated->b), &percent, &why),
                         0);
        if (fabs(percent - stated->percent) > ATLAS_OVERLAP_TOLERANCE)
            fail_msg("%s / %s: %.1f %%, stated %.1f %%", stated->a, stated->b, percent,
                     stated->percent);
    }
    assert_int_equal(atlas_check_overlaps(atlas, &why), 0);
}

/* --- Load --------------------------------------------------------------------------------------
 */

struct picture {
    struct result result;
    struct foot_result foot;
};

/* One template foot on 96 x 96 cells of 5 mm, every cell at `kpa`. */
static struct picture flat_load(float kpa)
{
    struct picture picture = {0};
    struct result *result = &picture.result;

    result->grid = (struct grid){96, 96, 5, 5};
    result->threshold_kpa = 5;
    result->mean_picture = malloc(96 * 96 * sizeof(float));
    result->max_picture = malloc(96 * 96 * sizeof(float));
    result->pti_picture = malloc(96 * 96 * sizeof(float));
    for (int i = 0; i < 96 * 96; i++) {
        result->mean_picture[i] = kpa;
        result->max_picture[i] = 1.25F * kpa;
        result->pti_picture[i] = 3.5F * kpa;
    }
    picture.foot.side = SIDE_LEFT;
    picture.foot.frame = foot_frame_template(SIDE_LEFT, (struct point){233, 101}, 11.5, 263);
    picture.foot.landmarks = landmarks_template();
    return picture;
}

static void free_picture(struct picture *picture)
{
    free(picture->result.mean_picture);
    free(picture->result.max_picture);
    free(picture->result.pti_picture);
    free(picture->foot.zones);
}

static const struct zone_result *zone_of(const struct picture *picture, const char *id)
{
    for (int i = 0; i < picture->foot.n_zones; i++)
        if (!strcmp(picture->foot.zones[i].zone->id, id))
            return &picture->foot.zones[i];
    fail();
    return NULL;
}

static void test_a_flat_load_gives_each_zone_its_area(void **state)
{
    struct picture picture = flat_load(42.5F);
    struct problem why;

    (void)state;
    assert_int_equal(zones_load(atlas, &picture.result, 731.0, &picture.foot, &why), 0);
    assert_int_equal(picture.foot.n_zones, atlas_count(atlas));
    for (int i = 0; i < picture.foot.n_zones; i++) {
        const struct zone_result *zone = &picture.foot.zones[i];
        if (!zone->zone->is_plantar) {
            assert_int_equal(zone->state, STATE_OUTSIDE_PLATE);
            assert_true(isnan(zone->load_percent) && isnan(zone->contact_cm2));
            continue;
        }
        double area = atlas_area_cm2(zone->zone, &picture.foot.frame, &picture.foot.landmarks);
        assert_int_equal(zone->state, STATE_NOT_TESTED);
        assert_near(zone->contact_share, 1, 0.01);
        assert_near(zone->mean_kpa, 42.5, 1e-6);
        assert_near(zone->peak_kpa, 1.25 * 42.5, 1e-6); /* of any frame, not of the mean */
        assert_near(zone->pti_kpa_s, 3.5 * 42.5, 1e-4);
        assert_near(zone->load_percent, 100 * area * 4.25 / 731, 0.05);
        assert_true(isnan(zone->threshold_kpa));
        assert_true(zone->approximate);
    }
    free_picture(&picture);
}

/* Only the heel touches: zones ahead of it say so, and are not "no pain". */
static void test_an_unloaded_zone_has_no_contact(void **state)
{
    struct picture picture = flat_load(60);
    struct problem why;

    (void)state;
    for (int row = 0; row < 96; row++)
        for (int col = 0; col < 96; col++)
            if (foot_frame_to_uv(&picture.foot.frame, grid_centre(&picture.result.grid, row, col))
                    .u > 0.26)
                picture.result.mean_picture[row * 96 + col] = 4.9F; /* below the threshold */
    assert_int_equal(zones_load(atlas, &picture.result, 731.0, &picture.foot, &why), 0);
    assert_int_equal(zone_of(&picture, "P16")->state, STATE_NOT_TESTED);
    assert_int_equal(zone_of(&picture, "P09")->state, STATE_NO_CONTACT);
    assert_near(zone_of(&picture, "P09")->load_percent, 0, 0);
    assert_true(isnan(zone_of(&picture, "P09")->mean_kpa));
    /* P14 straddles the edge at u = 0.26: about a third of its ellipse. */
    assert_true(zone_of(&picture, "P14")->contact_share > 0.2);
    assert_true(zone_of(&picture, "P14")->contact_share < 0.45);
    free_picture(&picture);
}

/* A toe that a walking foot touches for a moment was touched, however low its mean; the same mean
 * under a standing foot is no contact. */
static void test_a_walking_foot_touches_what_it_ever_touched(void **state)
{
    struct picture picture = flat_load(3.5F);
    struct problem why;

    (void)state;
    for (int i = 0; i < 96 * 96; i++)
        picture.result.max_picture[i] = 61.5F;
    assert_int_equal(zones_load(atlas, &picture.result, 731.0, &picture.foot, &why), 0);
    assert_int_equal(zone_of(&picture, "P01")->state, STATE_NO_CONTACT);
    free(picture.foot.zones);
    picture.result.walked = 1;
    assert_int_equal(zones_load(atlas, &picture.result, 731.0, &picture.foot, &why), 0);
    assert_int_equal(zone_of(&picture, "P01")->state, STATE_NOT_TESTED);
    assert_near(zone_of(&picture, "P01")->contact_share, 1, 0.01);
    assert_near(zone_of(&picture, "P01")->peak_kpa, 61.5, 1e-6);
    assert_near(zone_of(&picture, "P01")->mean_kpa, 3.5, 1e-6);
    free_picture(&picture);
}

static void test_cells_of_the_other_foot_do_not_count(void **state)
{
    struct picture picture = flat_load(60);
    struct problem why;

    (void)state;
    picture.foot.mask = calloc(96 * 96, sizeof(float));
    assert_int_equal(zones_load(atlas, &picture.result, 731.0, &picture.foot, &why), 0);
    assert_int_equal(zone_of(&picture, "P16")->state, STATE_NO_CONTACT);
    free(picture.foot.mask);
    free_picture(&picture);
}

/* A foot that was never stood on the plate: nothing is claimed about contact. */
static void test_a_press_only_foot_has_no_load(void **state)
{
    struct picture picture = flat_load(60);
    struct problem why;

    (void)state;
    picture.foot.force_n = NAN;
    assert_int_equal(zones_load(atlas, &picture.result, NAN, &picture.foot, &why), 0);
    assert_int_equal(zone_of(&picture, "P16")->state, STATE_NOT_TESTED);
    assert_true(isnan(zone_of(&picture, "P16")->contact_cm2));
    assert_int_equal(zone_of(&picture, "N01")->state, STATE_OUTSIDE_PLATE);
    free_picture(&picture);
}

static void test_memory_that_fails_is_told(void **state)
{
    struct picture picture = flat_load(60);

    (void)state;
    for (long n = 1; n <= 2; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        assert_int_equal(zones_load(atlas, &picture.result, 700, &picture.foot, &why), -1);
        assert_int_equal(failing_malloc_off(), 1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_null(picture.foot.zones);
    }
    free_picture(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_area_and_clipping_of_known_shapes),
        cmocka_unit_test(test_outlines_agree_with_painted_shapes),
        cmocka_unit_test(test_a_measured_landmark_moves_its_zones),
        cmocka_unit_test(test_lines_across_move_zones_along_only),
        cmocka_unit_test(test_strips_stretch_between_their_landmarks),
        cmocka_unit_test(test_literal_centimetres),
        cmocka_unit_test(test_centimetre_modes_are_a_setting),
        cmocka_unit_test(test_the_spine_line_is_cut_as_set),
        cmocka_unit_test(test_a_straight_spine_is_straight_on_any_foot),
        cmocka_unit_test(test_a_zone_has_the_worst_quality_of_its_landmarks),
        cmocka_unit_test(test_contains_agrees_with_the_outline),
        cmocka_unit_test(test_a_small_room_gets_fewer_points),
        cmocka_unit_test(test_the_outer_edge_is_cut_at_the_sole),
        cmocka_unit_test(test_shares_sum_to_the_area),
        cmocka_unit_test(test_a_zone_off_the_plate_has_no_cells),
        cmocka_unit_test(test_overlaps_are_those_stated),
        cmocka_unit_test(test_a_flat_load_gives_each_zone_its_area),
        cmocka_unit_test(test_an_unloaded_zone_has_no_contact),
        cmocka_unit_test(test_a_walking_foot_touches_what_it_ever_touched),
        cmocka_unit_test(test_cells_of_the_other_foot_do_not_count),
        cmocka_unit_test(test_a_press_only_foot_has_no_load),
        cmocka_unit_test(test_memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
