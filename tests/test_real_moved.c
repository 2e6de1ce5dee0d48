/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real feet laid elsewhere: turned, mirrored, shifted, on cells of 7 to 8 mm, lighter, with noise.
 * Whatever is done to the picture, the same is done to the foot: side, axis, length and landmarks
 * follow. Skipped with a notice where the shared data or numpy is not there. */
#include "analysis/foot/foot_finder.h"
#include "analysis/foot/landmarks.h"
#include "tests/support/drawn.h"
#include "tests/support/real_pictures.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define THRESHOLD_KPA 5
#define BELOW_KPA 4 /* what reading between cells smears about a print */

static struct real_pictures real;

static const struct source {
    const char *name;
    struct grid grid;
    enum side side;
} sources[] = {
    {"footscan.npy", {38, 20, 5.08, 7.62}, SIDE_RIGHT},
    {"fscan_left.npy", {60, 21, 5.08, 5.08}, SIDE_LEFT},
    {"mun104_left.npy", {63, 27, 4.4, 4.4}, SIDE_LEFT},
    {"mun104_right.npy", {63, 27, 4.4, 4.4}, SIDE_RIGHT},
    {"rsscan_1.npy", {50, 63, 5.08, 7.62}, SIDE_LEFT},
    {"rsscan_2.npy", {55, 63, 5.08, 7.62}, SIDE_RIGHT},
    {"rsscan_3.npy", {45, 63, 5.08, 7.62}, SIDE_LEFT},
};
#define SOURCES (sizeof sources / sizeof *sources)
#define MOVES_MAX 8
/* Cells of 7.6 mm under a foot tell its rays no better: one may be taken for the next. */
#define RAY_MM 16

#define FINE                                                                                       \
    {                                                                                              \
        88, 88, 5, 5                                                                               \
    }
#define COARSE                                                                                     \
    {                                                                                              \
        58, 62, 7.6, 7.1                                                                           \
    }
#define MAKERS                                                                                     \
    {                                                                                              \
        44, 44, 10, 10                                                                             \
    }

/* A foot as the finder has it, and its landmarks. */
struct seen {
    struct found_foot foot;
    struct print_frame shape;
    struct landmarks landmarks;
};

static void look(const struct grid *grid, const float *picture, const char *what, struct seen *seen)
{
    struct foot_print print = {grid, picture, NULL, 1, THRESHOLD_KPA};
    struct found_feet found;

    assert_int_equal(foot_finder(grid, picture, THRESHOLD_KPA, NULL, &found, NULL), 0);
    if (found.n != 1)
        fail_msg("%s: %d feet; %s", what, found.n, found.no_foot_reason);
    seen->foot = found.foot[0];
    print.label = found.label;
    assert_int_equal(frame_from_print(&print, &seen->foot, 0, &seen->shape, NULL), 0);
    seen->landmarks = landmarks_from_print(&print, &seen->shape.frame);
    found_feet_free(&found);
}

static void look_moved(const struct source *from, const float *picture,
                       const struct moved_picture *move, const char *what, struct seen *seen)
{
    struct dice dice;
    float *moved;

    dice_begin(&dice, drawn_seed(), what);
    moved = real_picture_moved(&from->grid, picture, move, &dice);
    assert_non_null(moved);
    look(&move->grid, moved, what, seen);
    free(moved);
}

static enum side side_after(enum side side, const struct moved_picture *move)
{
    return !move->mirrored ? side : side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

/* How far a landmark that both show has moved within the foot, mm. */
static double drift_mm(const struct seen *a, const struct seen *b, int id)
{
    const struct uv from = a->landmarks.of[id].at, to = b->landmarks.of[id].at;

    return hypot((to.u - from.u) * a->shape.frame.length_mm,
                 (to.v - from.v) * foot_frame_width_mm(&a->shape.frame, from.u));
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

struct allowed {
    double turn_deg, length_mm, drift_mm;
    int may_be_undecided; /* who faces the back of the plate */
};

/* Returns how far half of the landmarks moved, mm. */
static double follows(const struct source *from, const struct seen *still, const struct seen *seen,
                      const struct moved_picture *move, const struct allowed *allowed)
{
    double angle = still->shape.frame.angle_deg, drift[LANDMARK_COUNT];
    double turned =
        seen->shape.frame.angle_deg - move->turn_deg - (move->mirrored ? -angle : angle);
    int n = 0;

    if (seen->foot.side != side_after(from->side, move) &&
        !(allowed->may_be_undecided && seen->foot.side == SIDE_UNKNOWN))
        fail_msg("%s turned by %.0f%s: side %d, sure %.2f", from->name, move->turn_deg,
                 move->mirrored ? ", mirrored" : "", (int)seen->foot.side,
                 seen->foot.side_confidence);
    if (fabs(remainder(turned, 360)) > allowed->turn_deg)
        fail_msg("%s turned by %.0f: its axis by %.1f more", from->name, move->turn_deg, turned);
    assert_int_equal(seen->shape.length_is_measured, still->shape.length_is_measured);
    if (fabs(seen->shape.frame.length_mm - still->shape.frame.length_mm) > allowed->length_mm)
        fail_msg("%s turned by %.0f: %.0f mm long instead of %.0f", from->name, move->turn_deg,
                 seen->shape.frame.length_mm, still->shape.frame.length_mm);
    for (int id = 0; id < LANDMARK_COUNT; id++)
        if (still->landmarks.of[id].measured && seen->landmarks.of[id].measured)
            drift[n++] = drift_mm(still, seen, id);
    if (n < 6)
        fail_msg("%s turned by %.0f: %d landmarks are measured", from->name, move->turn_deg, n);
    qsort(drift, (size_t)n, sizeof *drift, by_size);
    return drift[n / 2];
}

static void all_follow(const struct moved_picture *moves, size_t n, const struct allowed *allowed)
{
    double drift[SOURCES * MOVES_MAX];
    size_t n_drift = 0;

    assert_true(n <= MOVES_MAX);
    if (!real.converted) {
        print_message("skipped: " REAL_DATA " or python3 with numpy is not there\n");
        skip();
    }
    for (size_t s = 0; s < SOURCES; s++) {
        const struct moved_picture here = {.below_kpa = BELOW_KPA, .grid = FINE};
        float *picture =
            real_pictures_maximum(&real, sources[s].name, grid_cells(&sources[s].grid));
        struct seen still, seen;

        assert_non_null(picture);
        look_moved(&sources[s], picture, &here, sources[s].name, &still);
        assert_int_equal(still.foot.side, sources[s].side);
        for (size_t i = 0; i < n; i++) {
            look_moved(&sources[s], picture, &moves[i], sources[s].name, &seen);
            drift[n_drift++] = follows(&sources[s], &still, &seen, &moves[i], allowed);
        }
        free(picture);
    }
    qsort(drift, n_drift, sizeof *drift, by_size);
    print_message("%zu pictures: landmarks moved by %.1f mm, at most %.1f (medians of a foot)\n",
                  n_drift, drift[n_drift / 2], drift[n_drift - 1]);
    assert_true(drift[n_drift / 2] <= allowed->drift_mm);
    assert_true(drift[n_drift - 1] <= RAY_MM);
}

static void a_real_foot_turned_and_mirrored_keeps_its_frame(void **state)
{
    static const struct moved_picture moves[] = {
        {.turn_deg = 37, .below_kpa = BELOW_KPA, .grid = FINE},
        {.turn_deg = -37, .mirrored = 1, .below_kpa = BELOW_KPA, .grid = FINE},
        {.mirrored = 1, .dx_mm = 3.3, .dy_mm = -7.7, .below_kpa = BELOW_KPA, .grid = FINE},
    };
    static const struct allowed allowed = {2, 6, 2.5, 0};

    (void)state;
    all_follow(moves, sizeof moves / sizeof *moves, &allowed);
}

/* The length changes by up to a cell's share at each end. */
static void a_real_foot_on_coarser_cells_keeps_its_frame(void **state)
{
    static const struct moved_picture moves[] = {
        {.dx_mm = 1, .dy_mm = 2, .below_kpa = BELOW_KPA, .grid = COARSE},
        {.turn_deg = 37, .below_kpa = BELOW_KPA, .grid = COARSE},
        {.turn_deg = -37, .mirrored = 1, .below_kpa = BELOW_KPA, .grid = COARSE},
        {.turn_deg = 8, .below_kpa = BELOW_KPA, .grid = MAKERS},
    };
    static const struct allowed allowed = {3, 12, 3, 0};

    (void)state;
    all_follow(moves, sizeof moves / sizeof *moves, &allowed);
}

/* Noise of 2 kPa in each cell and 15 % of its pressure; stray cells all over the plate. */
static void a_real_foot_in_noise_keeps_its_frame(void **state)
{
    static const struct moved_picture moves[] = {
        {.noise_kpa = 2, .below_kpa = 6, .grid = FINE},
        {.turn_deg = 37, .mirrored = 1, .noise_kpa = 2, .below_kpa = 6, .grid = FINE},
        {.turn_deg = -20, .noise_kpa = 2, .below_kpa = 6, .grid = COARSE},
    };
    static const struct allowed allowed = {4, 14, 4, 0};

    (void)state;
    all_follow(moves, sizeof moves / sizeof *moves, &allowed);
}

/* Most stand facing the front: of who stands otherwise the side may be left open, never wrong. */
static void a_real_foot_that_faces_the_back_is_not_taken_for_the_other(void **state)
{
    static const struct moved_picture moves[] = {
        {.turn_deg = 180, .below_kpa = BELOW_KPA, .grid = FINE},
        {.turn_deg = 143, .mirrored = 1, .below_kpa = BELOW_KPA, .grid = COARSE},
    };
    static const struct allowed allowed = {4, 10, 3, 1};

    (void)state;
    all_follow(moves, sizeof moves / sizeof *moves, &allowed);
}

/* --- Left and right of one walk, laid side by side ----------------------------------------------
 */

struct pose {
    double gap_mm, stagger_mm, left_deg, right_deg, faces_deg;
};

static void lay(const struct source *from, const struct pose *pose, const struct grid *grid,
                double sign, float *plate)
{
    double a = pose->faces_deg * M_PI / 180;
    double across = sign * pose->gap_mm / 2, ahead = sign * pose->stagger_mm / 2;
    const struct moved_picture move = {
        .turn_deg = pose->faces_deg + (sign < 0 ? pose->left_deg : pose->right_deg),
        .dx_mm = across * cos(a) + ahead * sin(a),
        .dy_mm = ahead * cos(a) - across * sin(a),
        .below_kpa = BELOW_KPA,
        .grid = *grid,
    };
    float *picture = real_pictures_maximum(&real, from->name, grid_cells(&from->grid));
    float *moved;

    assert_non_null(picture);
    moved = real_picture_moved(&from->grid, picture, &move, NULL);
    assert_non_null(moved);
    for (size_t i = 0; i < grid_cells(grid); i++)
        plate[i] += moved[i];
    free(moved);
    free(picture);
}

static void stand(const struct source *left, const struct source *right, const struct pose *pose,
                  const struct grid *grid)
{
    float *plate = calloc(grid_cells(grid), sizeof *plate);
    struct found_feet found;

    assert_non_null(plate);
    lay(left, pose, grid, -1, plate);
    lay(right, pose, grid, 1, plate);
    assert_int_equal(foot_finder(grid, plate, THRESHOLD_KPA, NULL, &found, NULL), 0);
    if (found.n != 2)
        fail_msg("%s and %s, %.0f mm apart: %d feet; %s", left->name, right->name, pose->gap_mm,
                 found.n, found.no_foot_reason);
    int turned = fabs(pose->faces_deg) > 90; /* then the right foot lies at the smaller x */
    enum side first = turned ? SIDE_RIGHT : SIDE_LEFT;

    if (found.foot[0].side != first || found.foot[1].side != (first ^ 3))
        fail_msg("%s and %s, %.0f mm apart, facing %.0f: sides %d and %d", left->name, right->name,
                 pose->gap_mm, pose->faces_deg, (int)found.foot[0].side, (int)found.foot[1].side);
    found_feet_free(&found);
    free(plate);
}

static void real_feet_side_by_side_are_told_apart(void **state)
{
    static const struct pose poses[] = {{90, 10, 0, 0, 0},      {105, -22, 4, -4, 0},
                                        {140, 15, -12, 14, 0},  {120, 20, -8, 8, -37},
                                        {200, 60, -30, 30, 10}, {110, 0, -5, 5, 170}};
    const struct grid grids[] = {{96, 96, 5, 5}, {62, 66, 7.7, 7.2}};

    (void)state;
    if (!real.converted) {
        print_message("skipped: " REAL_DATA " or python3 with numpy is not there\n");
        skip();
    }
    for (size_t p = 0; p < sizeof poses / sizeof *poses; p++)
        for (int g = 0; g < 2; g++) {
            stand(&sources[2], &sources[3], &poses[p], &grids[g]);
            stand(&sources[4 + 2 * (p % 2)], &sources[5], &poses[p], &grids[g]);
        }
}

static int begin(void **state)
{
    (void)state;
    return real_pictures_begin(&real);
}

static int end(void **state)
{
    (void)state;
    real_pictures_end(&real);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_foot_turned_and_mirrored_keeps_its_frame),
        cmocka_unit_test(a_real_foot_on_coarser_cells_keeps_its_frame),
        cmocka_unit_test(a_real_foot_in_noise_keeps_its_frame),
        cmocka_unit_test(a_real_foot_that_faces_the_back_is_not_taken_for_the_other),
        cmocka_unit_test(real_feet_side_by_side_are_told_apart),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
