/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real people's feet: the published numbers of a real step, the right side and a sensible frame of
 * each foot in the shared data, and two walking feet parted as their device parts them. Skipped
 * with a notice where the data (or numpy, for the other makers' formats) is not there. */
#include "analysis/foot/foot_finder.h"
#include "analysis/foot/foot_split.h"
#include "driver/analyze_recording.h"
#include "driver/import/import.h"
#include "tests/support/real_pictures.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define DATA REAL_DATA
#define EMED DATA "/plates/recordings/emed_test.lst"
#define EMED_FRAMES DATA "/plates/reference/emed/frames.csv"

static struct real_pictures real;

static void path_in_folder(char *path, size_t n, const char *name)
{
    snprintf(path, n, "%s/%s", real.folder, name);
}

/* Imports a file and analyses it; the recording is removed. */
static struct result *analyze_file(const char *file, const struct import_options *import,
                                   double threshold_kpa)
{
    struct analyzer_options options = analyze_defaults();
    struct import_result imported;
    struct problem why = {0};
    struct result *result;
    char recording[100];

    path_in_folder(recording, sizeof recording, "imported.tfr");
    unlink(recording);
    if (import_file(file, recording, import, &imported, &why))
        fail_msg("%s", why.text);
    options.threshold_kpa = threshold_kpa;
    result = analyze_recording(recording, &options, &why);
    if (!result)
        fail_msg("%s", why.text);
    unlink(recording);
    return result;
}

static void near(double value, double wanted, double relative)
{
    if (!(fabs(value - wanted) <= relative * fabs(wanted)))
        fail_msg("%.12g is not %.12g", value, wanted);
}

/* force, peak and area as published; COP up to where the window lies on the plate. */
static void compare_frames(const struct result *result, FILE *reference)
{
    char line[200];
    double offset_x = NAN, offset_y = NAN;
    size_t n = 0;

    assert_non_null(fgets(line, sizeof line, reference));
    while (fgets(line, sizeof line, reference)) {
        const struct frame_series *f = &result->frames;
        double frame, time, force, peak, area, x, y;

        assert_int_equal(sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &frame, &time, &force, &peak,
                                &area, &x, &y),
                         7);
        assert_true(n < f->n);
        assert_true(fabs(f->time_s[n] - time) < 1e-6);
        near(f->force_n[n], force, 1e-9);
        assert_true(f->peak_kpa[n] == peak);
        near(f->area_cm2[n], area, 1e-9);
        if (force < 20) {
            assert_true(isnan(f->cop_x_mm[n]));
        } else {
            if (isnan(offset_x)) {
                offset_x = f->cop_x_mm[n] - x;
                offset_y = f->cop_y_mm[n] - y;
            }
            assert_true(fabs(f->cop_x_mm[n] - x - offset_x) < 1e-6);
            assert_true(fabs(f->cop_y_mm[n] - y - offset_y) < 1e-6);
        }
        n++;
    }
    assert_int_equal(n, result->frames.n);
    /* The window begins at a cell. */
    assert_true(fabs(remainder(offset_x, 5)) < 1e-6 && fabs(remainder(offset_y, 5)) < 1e-6);
}

static void a_real_step_gives_the_published_numbers(void **state)
{
    const struct import_options import = {0};
    FILE *reference = fopen(EMED_FRAMES, "r");
    struct result *result;
    double max_area = 0, pti = 0;

    (void)state;
    if (!reference) {
        print_message("skipped: %s is not there\n", EMED_FRAMES);
        skip();
    }
    result = analyze_file(EMED, &import, 0);
    compare_frames(result, reference);
    fclose(reference);
    assert_int_equal(result->frames.n, 106);
    assert_true(result->peak_pressure_kpa == 370);
    near(result->max_force_n, 818.625, 1e-9);
    for (size_t i = 0; i < result->frames.n; i++) {
        max_area = fmax(max_area, result->frames.area_cm2[i]);
        pti += result->frames.peak_kpa[i] * 0.01;
    }
    near(max_area, 106.50, 1e-9);
    assert_true(fabs(pti - 291.10) < 0.005);
    assert_true(fabs(result->duration_s - 1.06) < 1e-9);
    assert_int_equal(result->n_feet, 1);
    assert_int_equal(result->feet[0].side, SIDE_RIGHT);
    assert_true(fabs(result->feet[0].load_percent - 100) < 1e-3);
    assert_true(result->feet[0].length_is_measured);
    assert_true(result->feet[0].length_mm > 255 && result->feet[0].length_mm < 280);
    assert_true(fabs(result->feet[0].angle_deg - 12) < 5);
    result_free(result);
}

/* tests/real_feet.tsv: what comes out for each foot, looked at once on a picture of its pressure
 * with the landmarks in it. A change of the finder shows here; a better number is then written
 * there. */
#define EXPECTED "tests/real_feet.tsv"
#define SHOWN_LANDMARKS 7
static const enum landmark_id shown[SHOWN_LANDMARKS] = {
    LANDMARK_HC,   LANDMARK_HF,   LANDMARK_LB_LOW, LANDMARK_MTH1,
    LANDMARK_MTH2, LANDMARK_MTH5, LANDMARK_T1};

static int expected_row(const char *name, char *row, size_t cap)
{
    FILE *table = fopen(EXPECTED, "r");
    size_t n = strlen(name);
    int found = 0;

    while (table && !found && fgets(row, (int)cap, table))
        found = !strncmp(row, name, n) && row[n] == '\t';
    if (table)
        fclose(table);
    return found;
}

static void print_row(const char *name, const struct foot_result *foot)
{
    print_message("%s\t%s\t%.1f\t%.2f", name, side_name(foot->side), foot->length_mm,
                  foot->angle_deg);
    for (int i = 0; i < SHOWN_LANDMARKS; i++) {
        const struct landmark *one = &foot->landmarks.of[shown[i]];
        print_message("\t%c,%.4f,%.4f", one->measured ? 'm' : 'f', one->at.u, one->at.v);
    }
    print_message("\n");
}

static void as_expected(const char *name, const struct foot_result *foot)
{
    char row[400], side[16], measured;
    double length_mm, angle_deg, u, v;
    int used;

    print_row(name, foot);
    if (!expected_row(name, row, sizeof row))
        fail_msg("%s is not in " EXPECTED, name);
    const char *at = row + strlen(name) + 1;
    assert_int_equal(sscanf(at, "%15s %lf %lf%n", side, &length_mm, &angle_deg, &used), 3);
    assert_string_equal(side, side_name(foot->side));
    assert_true(fabs(foot->length_mm - length_mm) <= 0.5);
    assert_true(fabs(foot->angle_deg - angle_deg) <= 0.25);
    for (int i = 0; i < SHOWN_LANDMARKS; i++) {
        const struct landmark *one = &foot->landmarks.of[shown[i]];
        at += used;
        assert_int_equal(sscanf(at, " %c,%lf,%lf%n", &measured, &u, &v, &used), 3);
        if ((measured == 'm') != one->measured || fabs(one->at.u - u) > 0.004 ||
            fabs(one->at.v - v) > 0.008)
            fail_msg("%s: %s is at u %.4f, v %.4f", name, landmark_name(shown[i]), one->at.u,
                     one->at.v);
    }
}

/* Places of the landmarks on the novel recording, looked at on its picture once: heads on their
 * hills, creases in the valley, toes on their pads, the heel's front where its print narrows. */
static void landmarks_of_a_real_step_lie_where_the_eye_sees_them(void **state)
{
    static const struct {
        enum landmark_id id;
        struct uv at;
    } seen[] = {
        {LANDMARK_HC, {.134, .494}},   {LANDMARK_HF, {.274, .5}},     {LANDMARK_MTH1, {.733, .151}},
        {LANDMARK_MTH2, {.772, .384}}, {LANDMARK_MTH3, {.758, .510}}, {LANDMARK_MTH4, {.723, .697}},
        {LANDMARK_MTH5, {.660, .876}}, {LANDMARK_B1, {.819, .156}},   {LANDMARK_B2, {.860, .410}},
        {LANDMARK_T1, {.908, .178}},   {LANDMARK_T2, {.962, .439}},   {LANDMARK_T3, {.941, .539}}};
    const struct import_options import = {0};
    struct result *result;
    int measured = 0;

    (void)state;
    if (access(EMED, R_OK)) {
        print_message("skipped: %s is not there\n", EMED);
        skip();
    }
    result = analyze_file(EMED, &import, 5);
    assert_int_equal(result->n_feet, 1);
    const struct foot_result *foot = &result->feet[0];

    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        const struct landmark *mark = &foot->landmarks.of[seen[i].id];
        double along = (mark->at.u - seen[i].at.u) * foot->frame.length_mm;
        double across =
            (mark->at.v - seen[i].at.v) * foot_frame_width_mm(&foot->frame, seen[i].at.u);

        if (!mark->measured || hypot(along, across) > 4)
            fail_msg("%s lies at u %.3f, v %.3f", landmark_name(seen[i].id), mark->at.u,
                     mark->at.v);
    }
    for (int i = 0; i < LANDMARK_COUNT; i++)
        measured += foot->landmarks.of[i].measured;
    assert_true(measured >= 20);
    as_expected("emed_test.lst", foot);
    result_free(result);
}

/* --- Other makers' formats, by way of .npy -----------------------------------------------------
 */

static void needs_conversion(void)
{
    if (real.converted)
        return;
    print_message("skipped: " DATA " or python3 with numpy is not there\n");
    skip();
}

static void one_foot(const char *name, double pitch_x, double pitch_y, enum side side,
                     double length_low, double length_high, double angle_low, double angle_high)
{
    struct import_options import = {
        .format = "npy",
        .protocol = "walk",
        .hints = {
            .pitch_x_mm = pitch_x, .pitch_y_mm = pitch_y, .rate_hz = 50, .units = IMPORT_KPA}};
    struct result *result;
    char file[100];

    path_in_folder(file, sizeof file, name);
    result = analyze_file(file, &import, 5);
    print_message("%s: %s\n", name, result->no_foot_reason);
    assert_int_equal(result->n_feet, 1);
    const struct foot_result *foot = &result->feet[0];
    print_message("  side %d (%.2f: %s), %.0f mm (%s), %.1f degrees\n", (int)foot->side,
                  foot->side_confidence, foot->side_reason, foot->length_mm, foot->length_reason,
                  foot->angle_deg);
    assert_int_equal(foot->side, side);
    assert_true(foot->side_confidence > 0.95);
    assert_true(foot->length_mm > length_low && foot->length_mm < length_high);
    assert_true(foot->angle_deg > angle_low && foot->angle_deg < angle_high);
    /* Heel and ball carry most, toes and the middle the rest, nothing is lost. */
    double sum = 0;
    for (int i = 0; i < REGION_COUNT; i++)
        sum += foot->regions[i].load_percent;
    assert_true(fabs(sum - foot->load_percent) < 1e-6);
    assert_true(foot->load_percent > 97);
    assert_true(foot->regions[REGION_G2].load_percent > 15);
    assert_true(foot->regions[REGION_G4].load_percent > 15);
    as_expected(name, foot);
    result_free(result);
}

static void each_real_foot_has_its_side_and_a_sensible_frame(void **state)
{
    (void)state;
    needs_conversion();
    one_foot("footscan.npy", 5.08, 7.62, SIDE_RIGHT, 250, 300, -10, 5);
    one_foot("fscan_left.npy", 5.08, 5.08, SIDE_LEFT, 230, 265, -8, 8);
    one_foot("fscan_right.npy", 5.08, 5.08, SIDE_RIGHT, 230, 275, -8, 12);
    one_foot("mun104_left.npy", 4.4, 4.4, SIDE_LEFT, 215, 260, -15, 3);
    one_foot("mun104_right.npy", 4.4, 4.4, SIDE_RIGHT, 215, 260, -3, 15);
    one_foot("rsscan_1.npy", 5.08, 7.62, SIDE_LEFT, 220, 270, -15, 3);
    one_foot("rsscan_2.npy", 5.08, 7.62, SIDE_RIGHT, 220, 270, -3, 15);
    one_foot("rsscan_3.npy", 5.08, 7.62, SIDE_LEFT, 220, 270, -15, 3);
}

/* Forces of the prints that foot_split finds in one frame of 128 x 56 cells. */
static int print_forces(const struct grid *grid, const float *kpa, double force_n[PRINTS_MAX])
{
    struct contact_cell *cells = calloc(grid_cells(grid), sizeof *cells);
    struct print prints[PRINTS_MAX];
    size_t n = 0;
    int count;

    for (size_t i = 0; i < grid_cells(grid); i++) {
        int row = (int)i / grid->cols, col = (int)i % grid->cols;
        struct point at = grid_centre(grid, row, col);

        if (kpa[i] > 0)
            cells[n++] = (struct contact_cell){at.x_mm, at.y_mm, 1, row, col, 0};
    }
    count = foot_split(grid, cells, n, prints, NULL);
    assert_true(count >= 0);
    for (int p = 0; p < count; p++) {
        force_n[p] = 0;
        for (size_t i = prints[p].first; i < prints[p].first + prints[p].n; i++)
            force_n[p] +=
                (double)kpa[cells[i].row * grid->cols + cells[i].col] * grid_newton_per_kpa(grid);
    }
    free(cells);
    return count;
}

static int has_force(const double *force_n, int n, double wanted)
{
    for (int i = 0; i < n; i++)
        if (fabs(force_n[i] - wanted) < 6)
            return 1;
    return 0;
}

/* One foot before the other on a treadmill: the device states the force under each. */
static void two_walking_feet_are_parted_as_by_their_device(void **state)
{
    const struct grid grid = {128, 56, 8.46, 8.47};
    enum { CELLS = 128 * 56, NPY_HEAD = 128 };
    char path[100];
    FILE *frames, *forces;
    float *kpa = malloc(CELLS * sizeof *kpa);
    double left, right;
    int n = 0, parted = 0;

    (void)state;
    if (!real.converted)
        free(kpa);
    needs_conversion();
    path_in_folder(path, sizeof path, "zebris.npy");
    frames = fopen(path, "rb");
    path_in_folder(path, sizeof path, "zebris.txt");
    forces = fopen(path, "r");
    assert_true(frames && forces && !fseek(frames, NPY_HEAD, SEEK_SET));
    while (fscanf(forces, "%lf %lf", &left, &right) == 2) {
        double force_n[PRINTS_MAX];
        int count;

        assert_int_equal(fread(kpa, sizeof *kpa, CELLS, frames), CELLS);
        count = print_forces(&grid, kpa, force_n);
        parted += has_force(force_n, count, left) && has_force(force_n, count, right);
        n++;
    }
    fclose(frames);
    fclose(forces);
    free(kpa);
    print_message("%d frames with two feet, %d parted within 6 N of the device\n", n, parted);
    assert_true(n > 150);
    assert_true(parted >= n * 98 / 100);
}

/* --- Turned about and mirrored ---------------------------------------------------------------- */

/* Bit 0: mirrored left to right; bit 1: back to front. */
static void flip(const struct grid *grid, const float *from, int how, float *to)
{
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            int r = how & 2 ? grid->rows - 1 - row : row, c = how & 1 ? grid->cols - 1 - col : col;

            to[r * grid->cols + c] = from[row * grid->cols + col];
        }
}

static enum side flipped(enum side side, int how)
{
    return how == 0 || how == 3 ? side : side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

static void find_flipped(const char *name, const struct grid *grid, enum side side)
{
    size_t cells = grid_cells(grid);
    float *picture = real_pictures_maximum(&real, name, cells);
    float *turned = malloc(cells * sizeof *turned);

    assert_non_null(picture);
    assert_non_null(turned);
    for (int how = 0; how < 4; how++) {
        struct found_feet found;

        flip(grid, picture, how, turned);
        assert_int_equal(foot_finder(grid, turned, 0, NULL, &found, NULL), 0);
        assert_int_equal(found.n, 1);
        /* Most stand facing the front; the print of who stands the other way round may be taken for
         * an undecided one. What is stated is right. */
        if (how >= 2 && found.foot[0].side == SIDE_UNKNOWN) {
            assert_true(found.foot[0].side_confidence < 0.9);
        } else {
            assert_int_equal(found.foot[0].side, flipped(side, how));
            assert_true(fabs(remainder(found.foot[0].rough_angle_deg - (how & 2 ? 180 : 0), 360)) <
                        16);
        }
        found_feet_free(&found);
    }
    free(picture);
    free(turned);
}

static void a_real_foot_mirrored_is_the_other_one(void **state)
{
    (void)state;
    needs_conversion();
    find_flipped("footscan.npy", &(struct grid){38, 20, 5.08, 7.62}, SIDE_RIGHT);
    find_flipped("fscan_left.npy", &(struct grid){60, 21, 5.08, 5.08}, SIDE_LEFT);
    find_flipped("fscan_right.npy", &(struct grid){60, 21, 5.08, 5.08}, SIDE_RIGHT);
    find_flipped("mun104_left.npy", &(struct grid){63, 27, 4.4, 4.4}, SIDE_LEFT);
    find_flipped("mun104_right.npy", &(struct grid){63, 27, 4.4, 4.4}, SIDE_RIGHT);
    find_flipped("rsscan_1.npy", &(struct grid){50, 63, 5.08, 7.62}, SIDE_LEFT);
    find_flipped("rsscan_2.npy", &(struct grid){55, 63, 5.08, 7.62}, SIDE_RIGHT);
}

/* What the device says of a foot's force tells which one it is. */
static enum side side_by_force(double force_n, double left_n, double right_n)
{
    double to_left = fabs(force_n - left_n), to_right = fabs(force_n - right_n);

    if (fmin(to_left, to_right) > 15 || fabs(left_n - right_n) < 40)
        return SIDE_UNKNOWN;
    return to_left < to_right ? SIDE_LEFT : SIDE_RIGHT;
}

/* Single frames of a walk, feet rolling over: a side that is stated is right. */
static void frames_of_a_walk_state_no_wrong_side(void **state)
{
    const struct grid grid = {128, 56, 8.46, 8.47};
    enum { CELLS = 128 * 56, NPY_HEAD = 128, EVERY = 9 };
    static float kpa[CELLS];
    char path[100];
    FILE *frames, *forces;
    double left, right;
    int stated = 0, wrong = 0, sure_and_wrong = 0;

    (void)state;
    needs_conversion();
    path_in_folder(path, sizeof path, "zebris.npy");
    frames = fopen(path, "rb");
    path_in_folder(path, sizeof path, "zebris.txt");
    forces = fopen(path, "r");
    assert_true(frames && forces && !fseek(frames, NPY_HEAD, SEEK_SET));
    for (int n = 0; fscanf(forces, "%lf %lf", &left, &right) == 2; n++) {
        struct found_feet found;

        assert_int_equal(fread(kpa, sizeof *kpa, CELLS, frames), CELLS);
        if (n % EVERY)
            continue;
        assert_int_equal(foot_finder(&grid, kpa, 0, NULL, &found, NULL), 0);
        for (int k = 0; k < found.n; k++) {
            double sum = 0;
            enum side truth;

            for (size_t i = 0; i < CELLS; i++)
                sum += found.label[i] == k + 1 ? (double)kpa[i] : 0;
            truth = side_by_force(sum * grid_newton_per_kpa(&grid), left, right);
            if (truth == SIDE_UNKNOWN || found.foot[k].side == SIDE_UNKNOWN)
                continue;
            stated++;
            wrong += found.foot[k].side != truth;
            sure_and_wrong += found.foot[k].side != truth && found.foot[k].side_confidence > 0.9;
        }
        found_feet_free(&found);
    }
    fclose(frames);
    fclose(forces);
    print_message("walking, frame by frame: %d sides stated, %d wrong\n", stated, wrong);
    assert_true(stated > 5);
    assert_int_equal(wrong, 0);
    assert_int_equal(sure_and_wrong, 0);
}

static int convert(void **state)
{
    (void)state;
    return real_pictures_begin(&real);
}

static int clean(void **state)
{
    (void)state;
    real_pictures_end(&real);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_step_gives_the_published_numbers),
        cmocka_unit_test(landmarks_of_a_real_step_lie_where_the_eye_sees_them),
        cmocka_unit_test(each_real_foot_has_its_side_and_a_sensible_frame),
        cmocka_unit_test(two_walking_feet_are_parted_as_by_their_device),
        cmocka_unit_test(a_real_foot_mirrored_is_the_other_one),
        cmocka_unit_test(frames_of_a_walk_state_no_wrong_side),
    };

    return cmocka_run_group_tests(tests, convert, clean);
}
