/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of a walk: virtual walkers of known steps, phases, COP and CPEI, whichever way they go; the
 * published CPEI of a real recording by its own definition; awkward input; memory that fails. */
#include "analysis/walk/outline.h"
#include "analysis/walk/walk.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/walking_person.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EMED "../shared/data/plates/reference/emed/"

typedef void frame_maker(void *context, size_t i, float *kpa);

/* Both readings of n frames; NULL when memory failed. */
static struct walk_result *walk_of(const struct grid *grid, double rate_hz, size_t n,
                                   frame_maker *make, void *context, struct problem *why)
{
    struct belt_watch *watch = belt_watch_begin(grid, rate_hz, why);
    float *kpa = malloc(grid_cells(grid) * sizeof *kpa);
    double *force = calloc(n + 1, sizeof *force);
    struct walk_result *walk = NULL;
    struct walker *walker = NULL;
    struct belt belt;
    int failed = !watch || !kpa || !force;

    for (size_t i = 0; !failed && i < n; i++) {
        make(context, i, kpa);
        belt_watch_frame(watch, kpa, 4.99f);
        for (size_t c = 0; c < grid_cells(grid); c++)
            force[i] += kpa[c] >= 5 ? (double)kpa[c] * grid_newton_per_kpa(grid) : 0;
    }
    if (!failed) {
        const struct walk_input input = {*grid, rate_hz, 5, 20, force, n, SIDE_UNKNOWN};

        belt = belt_watch_result(watch);
        walk = walk_result_new(&belt, why);
        walker = walk ? walker_begin(&input, walk, why) : NULL;
        failed = !walker;
    }
    for (size_t i = 0; !failed && i < n; i++) {
        make(context, i, kpa);
        failed = walker_frame(walker, (double)i / rate_hz, kpa, why);
    }
    if (failed)
        walker_free(walker);
    else
        failed = walker_finish(walker, why);
    if (failed) {
        walk_result_free(walk);
        walk = NULL;
    }
    belt_watch_free(watch);
    free(kpa);
    free(force);
    return walk;
}

/* --- Virtual walkers -------------------------------------------------------------------------- */

struct stage {
    struct walking walking;
    struct dice dice;
    size_t given;
};

static void make_walking(void *context, size_t i, float *kpa)
{
    struct stage *stage = context;

    walking_frame(&stage->walking, i, &stage->dice, kpa);
}

static struct walk_result *walk_on(struct stage *stage, uint64_t seed)
{
    struct problem why;
    struct walk_result *walk;

    walking_begin(&stage->walking);
    dice_begin(&stage->dice, seed, "plate noise");
    walk = walk_of(&stage->walking.grid, stage->walking.rate_hz, walking_frames(&stage->walking),
                   make_walking, stage, &why);
    assert_non_null(walk);
    return walk;
}

static void near(const char *what, int step, double is, double should, double bound)
{
    if (!(fabs(is - should) <= bound))
        fail_msg("step %d: %s is %g, in truth %g (bound %g)", step, what, is, should, bound);
}

/* The COP of each frame with the true one, ground frame; and its velocity with that of the true
 * ones of the same frames. */
static void check_cop(const struct walking *w, const struct walk_step *step, int k)
{
    struct foot_frame foot = walking_foot(w, k);
    double angle = foot.angle_deg * M_PI / 180, outer = foot.side == SIDE_RIGHT ? 1 : -1;
    double way = 0, seconds = 0;
    struct point before = {NAN, NAN};

    for (size_t i = 0; i < step->n_samples; i++) {
        const struct contact_sample *s = &step->samples[i];
        double tau = (s->time_s - walking_start_s(w, k)) / w->stance_s;
        struct point cop = walking_cop(w, tau);
        double x = foot.heel.x_mm + cop.y_mm * sin(angle) + outer * cop.x_mm * cos(angle);
        double y = foot.heel.y_mm + cop.y_mm * cos(angle) - outer * cop.x_mm * sin(angle);

        if (s->force_n < 20)
            continue;
        if (tau > 0.03 && tau < 0.97) {
            near("COP x", k, s->x_sum / s->force_n, x, 5);
            near("COP y", k, s->y_sum / s->force_n, y, 5);
        }
        if (!isnan(before.x_mm)) {
            way += hypot(x - before.x_mm, y - before.y_mm);
            seconds += 1 / w->rate_hz;
        }
        before = (struct point){x, y};
    }
    near("COP velocity", k, step->velocity.resultant_mm_s, way / seconds, 0.1 * way / seconds);
}

static void check_step(const struct walking *w, const struct walk_step *step, int k)
{
    struct foot_frame foot = walking_foot(w, k);
    double frame = 1 / w->rate_hz, start = walking_start_s(w, k);
    double cpei = walking_cpei(w);

    assert_int_equal(step->side, walking_side(w, k));
    assert_true(step->side_confidence >= 0.85);
    near("start", k, step->start_s, start, 2 * frame);
    near("stance", k, step->stance_s, w->stance_s, 2 * frame + 0.01);
    for (int i = AT_FOREFOOT_CONTACT; i <= AT_LAST_CONTACT; i++)
        near("instant of stance", k * 10 + i, step->at_s[i],
             start + walking_instant(w, i) * w->stance_s, 2 * frame + 0.012);
    check_cop(w, step, k);
    /* Cells of 7 mm widen the hull by one of them, and the last frame may come 20 ms early. */
    near("CPEI", k, step->cpei.percent, cpei, 4);
    near("heel x", k, step->frame.heel.x_mm, foot.heel.x_mm, 8);
    near("heel y", k, step->frame.heel.y_mm, foot.heel.y_mm, 8);
    near("angle", k, remainder(step->frame.angle_deg - foot.angle_deg, 360), 0, 3);
    near("progression", k, step->progression_deg, w->toes_out_deg, 4.5);
    near("largest force", k, step->max_force_n, 0.97 * w->newton, 0.15 * w->newton);
}

static void check_between(const struct walking *w, const struct walk_result *walk)
{
    for (size_t i = 1; i < walk->n_steps; i++) {
        near("step time", (int)i, walk->steps[i].step_time_s, w->step_s, 2 / w->rate_hz);
        near("step length", (int)i, walk->steps[i].step_length_mm, w->step_mm, 20);
        near("both feet", (int)i, walk->steps[i].double_support_s, w->stance_s - w->step_s,
             2 / w->rate_hz + 0.01);
    }
    near("cadence", 0, walk->cadence_per_min, 60 / w->step_s, 2);
    near("stride", 0, walk->stride_length_mm, 2 * w->step_mm, 15);
}

/* Three steps on a plate of two metres, fast and slow frames, to both sides, straight and slanting.
 */
static void steps_over_a_plate_are_found_and_measured(void **state)
{
    const struct grid grid = {264, 120, 7.6, 7.1};
    const struct {
        double rate_hz, heading_deg, x_mm, y_mm;
        enum side first;
    } walks[] = {{100, 0, 426, 60, SIDE_LEFT},
                 {50, 20, 130, 90, SIDE_RIGHT},
                 {200, -20, 720, 90, SIDE_LEFT},
                 {100, 180, 430, 1800, SIDE_RIGHT}};

    (void)state;
    for (size_t i = 0; i < sizeof walks / sizeof walks[0]; i++) {
        struct stage stage = {.walking = walking_usual(grid, walks[i].rate_hz, 3)};
        struct walk_result *walk;

        stage.walking.heading_deg = walks[i].heading_deg;
        stage.walking.first = walks[i].first;
        stage.walking.start = (struct point){walks[i].x_mm, walks[i].y_mm};
        walk = walk_on(&stage, 40 + i);
        printf("%g Hz, %g degrees: %zu steps, CPEI %.2f (truth %.2f)\n", walks[i].rate_hz,
               walks[i].heading_deg, walk->n_steps, walk->n_steps ? walk->steps[0].cpei.percent : 0,
               walking_cpei(&stage.walking));
        assert_int_equal(walk->n_steps, 3);
        assert_int_equal(walk->n_whole, 3);
        assert_false(walk->belt.moves);
        for (int k = 0; k < 3; k++)
            check_step(&stage.walking, &walk->steps[k], k);
        check_between(&stage.walking, walk);
        walk_result_free(walk);
    }
}

/* A treadmill: the feet slide back, and the numbers are those of the ground that moves with them.
 */
static void on_a_belt_the_ground_moves_with_the_feet(void **state)
{
    struct stage stage = {.walking = walking_usual((struct grid){128, 56, 8.46, 8.47}, 100, 7)};
    struct walk_result *walk;

    (void)state;
    stage.walking.first = SIDE_RIGHT;
    stage.walking.belt_y_mm_s = -stage.walking.step_mm / stage.walking.step_s;
    stage.walking.start.y_mm = 760;
    walk = walk_on(&stage, 7);
    printf("belt %.1f mm/s (truth %.1f)\n", walk->belt.y_mm_s, stage.walking.belt_y_mm_s);
    near("belt", 0, walk->belt.y_mm_s, stage.walking.belt_y_mm_s, 12);
    assert_int_equal(walk->n_steps, 7);
    near("heading", 0, walk->heading_deg, 0, 0.01);
    for (size_t k = 0; k < walk->n_steps; k++) {
        const struct walk_step *step = &walk->steps[k];

        assert_int_equal(step->side, walking_side(&stage.walking, (int)k));
        near("start", (int)k, step->start_s, walking_start_s(&stage.walking, (int)k), 0.02);
        near("stance", (int)k, step->stance_s, stage.walking.stance_s, 0.03);
        near("progression", (int)k, step->progression_deg, stage.walking.toes_out_deg, 3.5);
        near("CPEI", (int)k, step->cpei.percent, walking_cpei(&stage.walking), 4);
    }
    check_between(&stage.walking, walk);
    near("speed", 0, walk->speed_m_s, -stage.walking.belt_y_mm_s / 1000, 0.02);
    assert_int_equal(walk->average[SIDE_LEFT][0].n, 3);
    assert_int_equal(walk->average[SIDE_RIGHT][0].n, 4);
    near("mean stance", 0, walk->average[SIDE_UNKNOWN][0].mean, stage.walking.stance_s, 0.02);
    walk_result_free(walk);
}

/* An insole: the same foot again and again, its steps parted in time only. */
static void make_insole(void *context, size_t i, float *kpa)
{
    struct stage *stage = context;
    size_t period = (size_t)(1.1 * stage->walking.rate_hz);

    walking_frame(&stage->walking, i % period, &stage->dice, kpa);
}

static void an_insole_steps_in_time(void **state)
{
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct stage stage = {.walking = walking_usual((struct grid){56, 22, 5.08, 5.08}, 50, 1)};
        struct problem why;
        struct walk_result *walk;

        (void)state;
        stage.walking.first = side;
        stage.walking.start = (struct point){side == SIDE_LEFT ? 103 : 8, 14};
        stage.walking.toes_out_deg = 0;
        walking_begin(&stage.walking);
        dice_begin(&stage.dice, 3, "plate noise");
        walk = walk_of(&stage.walking.grid, 50, 4 * 55, make_insole, &stage, &why);
        assert_non_null(walk);
        assert_true(walk->one_foot);
        assert_int_equal(walk->n_steps, 4);
        for (int k = 0; k < 4; k++) {
            assert_int_equal(walk->steps[k].side, side);
            near("stance", k, walk->steps[k].stance_s, 0.68, 0.041);
            assert_true(isnan(walk->steps[k].progression_deg));
            assert_true(walk->steps[k].progression_reason[0] != 0);
        }
        near("stride", 0, walk->stride_time_s, 1.1, 0.001);
        walk_result_free(walk);
    }
}

/* A foot over the rim and one that stands there from the start are steps, but not whole ones. */
static void what_is_cut_is_named_and_not_averaged(void **state)
{
    struct stage stage = {.walking = walking_usual((struct grid){150, 96, 7, 7}, 100, 2)};
    struct walk_result *walk;

    (void)state;
    stage.walking.pause_s = -0.3;   /* the first foot is down when the recording begins */
    stage.walking.start.y_mm = 300; /* the second's toes are beyond the rim at 1050 mm */
    walk = walk_on(&stage, 12);
    assert_int_equal(walk->n_steps, 2);
    assert_int_equal(walk->n_whole, 0);
    assert_true(walk->steps[0].cut & STEP_CUT_START);
    assert_true(walk->steps[1].cut & STEP_CUT_RIM);
    assert_true(isnan(walk->steps[1].cpei.percent));
    assert_non_null(strstr(walk->steps[1].cut_reason, "rim"));
    assert_int_equal(walk->average[SIDE_UNKNOWN][0].n, 0);
    assert_true(isnan(walk->average[SIDE_UNKNOWN][0].mean));
    walk_result_free(walk);
}

/* --- The published CPEI ----------------------------------------------------------------------- */

static size_t read_corners(FILE *file, struct point *corners)
{
    static char lines[64][4096];
    size_t n = 0, rows = 0;

    while (rows < 64 && fgets(lines[rows], sizeof lines[rows], file))
        rows++;
    for (size_t row = 0; row < rows; row++) {
        char *at = lines[row], *end;

        for (int col = 0;; col++) {
            double kpa = strtod(at, &end), x = col * 5.0, y = (double)(rows - 1 - row) * 5.0;

            if (end == at)
                break;
            for (int k = 0; kpa > 0 && k < 4; k++)
                corners[n++] = (struct point){x + 5 * (k & 1), y + 5 * (k >> 1)};
            at = end + (*end == ',');
        }
    }
    return n;
}

static size_t read_cop(FILE *file, struct point *cop)
{
    char line[256];
    size_t n = 0;

    while (fgets(line, sizeof line, file)) {
        double f[5];
        struct point p;

        if (sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf", &f[0], &f[1], &f[2], &f[3], &f[4], &p.x_mm,
                   &p.y_mm) == 7)
            cop[n++] = p;
    }
    return n;
}

/* pressuRe 0.2.7 on the emed recording: 25.64393742 % = 24.89274848 of 97.07069578 mm. Its share is
 * 0.667 and its chord begins at the fifth frame (numbers.md 2); ours is 2/3, at the same frame. */
static void the_reference_cpei_is_reproduced(void **state)
{
    static struct point corners[20000], hull[20001], cop[200];
    const struct foot_frame right = {.side = SIDE_RIGHT};
    FILE *map = fopen(EMED "peak_map_kPa.csv", "r"), *frames = fopen(EMED "frames.csv", "r");
    size_t n, n_cop;
    struct cpei reference, ours;

    (void)state;
    if (!map || !frames) {
        printf("skipped: no " EMED "\n");
        skip();
    }
    n = outline_hull(corners, read_corners(map, corners), hull);
    n_cop = read_cop(frames, cop);
    fclose(map);
    fclose(frames);
    reference = cpei_measure(hull, n, cop + 4, n_cop - 4, &right, 0.667);
    near("CPEI", 0, reference.percent, 25.64393742, 1e-6);
    near("excursion", 0, reference.excursion_mm, 24.89274848, 1e-6);
    near("width", 0, reference.width_mm, 97.07069578, 1e-6);
    near("COP", 0, reference.on_cop.x_mm, 61.61657731, 1e-6);
    near("chord", 0, reference.on_chord.y_mm, 180.23179641, 1e-6);
    ours = cpei_measure(hull, n, cop + 4, n_cop - 4, &right, CPEI_DISTAL_SHARE);
    near("our CPEI", 0, ours.percent, reference.percent, 0.01);
}

/* Mirrored, shifted and scaled, the index stays. */
static void the_cpei_is_of_the_shape_alone(void **state)
{
    struct point hull[] = {{20, 0}, {60, 2}, {95, 160}, {90, 230}, {30, 262}, {0, 190}, {3, 20}};
    struct point cop[] = {{40, 20}, {48, 90}, {62, 150}, {60, 200}, {35, 240}};
    struct point other[7], way[5];
    const struct foot_frame right = {.side = SIDE_RIGHT}, left = {.side = SIDE_LEFT};
    struct cpei one, mirrored;

    (void)state;
    one = cpei_measure(hull, 7, cop, 5, &right, CPEI_DISTAL_SHARE);
    assert_true(one.percent > 10 && one.percent < 40);
    for (int i = 0; i < 7; i++)
        other[6 - i] = (struct point){-2 * hull[i].x_mm + 31, 2 * hull[i].y_mm - 77};
    for (int i = 0; i < 5; i++)
        way[i] = (struct point){-2 * cop[i].x_mm + 31, 2 * cop[i].y_mm - 77};
    mirrored = cpei_measure(other, 7, way, 5, &left, CPEI_DISTAL_SHARE);
    near("CPEI", 0, mirrored.percent, one.percent, 1e-9);
    near("excursion", 0, mirrored.excursion_mm, 2 * one.excursion_mm, 1e-9);
    assert_true(isnan(cpei_measure(hull, 7, cop, 2, &right, CPEI_DISTAL_SHARE).percent));
    assert_true(
        isnan(cpei_measure(hull, 7, cop + 1, 3, &(struct foot_frame){.side = SIDE_UNKNOWN}, 0.66)
                  .percent));
}

/* --- Awkward input ---------------------------------------------------------------------------- */

enum { EMPTY, CONSTANT, NOISE, NOT_A_NUMBER, CHECKERED, AWKWARD };

struct awkward {
    struct grid grid;
    int kind;
    struct dice dice;
};

static void make_awkward(void *context, size_t i, float *kpa)
{
    struct awkward *a = context;

    for (size_t c = 0; c < grid_cells(&a->grid); c++) {
        double chance = dice_uniform(&a->dice);

        kpa[c] = a->kind == CONSTANT    ? 100
                 : a->kind == CHECKERED ? (float)((c / 3 + i) % 2 * 50)
                 : a->kind == NOISE     ? (float)(chance > 0.7 ? 1000 * chance : 0)
                 : a->kind != EMPTY     ? (chance > 0.5 ? NAN : -FLT_MAX)
                                        : 0;
    }
}

static void odd_frames_make_no_steps_and_no_trouble(void **state)
{
    const struct grid grids[] = {{64, 64, 5, 5}, {1, 1, 5, 5}, {1, 256, 7, 7}, {40, 20, 5, 5}};

    (void)state;
    for (size_t g = 0; g < 4; g++)
        for (int kind = 0; kind < AWKWARD; kind++)
            for (size_t n = 0; n < 90; n = 3 * n + 1) {
                struct awkward a = {.grid = grids[g], .kind = kind};
                struct problem why;
                struct walk_result *walk;

                dice_begin(&a.dice, 11, "awkward");
                walk = walk_of(&a.grid, 100, n, make_awkward, &a, &why);
                assert_non_null(walk);
                if (kind == EMPTY || kind == NOT_A_NUMBER || n < 2) {
                    assert_int_equal(walk->n_steps, 0);
                    assert_true(walk->reason[0] != 0);
                }
                for (size_t i = 0; i < walk->n_steps; i++)
                    assert_true(isfinite(walk->steps[i].max_force_n));
                walk_result_free(walk);
            }
}

/* --- Memory ----------------------------------------------------------------------------------- */

struct kept {
    float *frames;
    size_t cells;
};

static void make_kept(void *context, size_t i, float *kpa)
{
    const struct kept *kept = context;

    memcpy(kpa, kept->frames + i * kept->cells, kept->cells * sizeof *kpa);
}

static void memory_that_fails_is_told(void **state)
{
    struct stage stage = {.walking = walking_usual((struct grid){80, 28, 14, 13}, 25, 2)};
    struct kept kept = {.cells = grid_cells(&stage.walking.grid)};
    size_t n;
    long failed = 0;

    (void)state;
    walking_begin(&stage.walking);
    dice_begin(&stage.dice, 5, "plate noise");
    n = walking_frames(&stage.walking);
    kept.frames = malloc(n * kept.cells * sizeof *kept.frames);
    assert_non_null(kept.frames);
    for (size_t i = 0; i < n; i++)
        walking_frame(&stage.walking, i, &stage.dice, kept.frames + i * kept.cells);
    for (long k = 1;; k++) {
        struct problem why = {0};
        struct walk_result *walk;

        failing_malloc_at(k);
        walk = walk_of(&stage.walking.grid, 25, n, make_kept, &kept, &why);
        if (!failing_malloc_off()) {
            assert_non_null(walk);
            assert_int_equal(walk->n_steps, 2);
            walk_result_free(walk);
            break;
        }
        assert_null(walk);
        failed++;
    }
    printf("%ld allocations failed in turn\n", failed);
    assert_true(failed > 20);
    free(kept.frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_over_a_plate_are_found_and_measured),
        cmocka_unit_test(on_a_belt_the_ground_moves_with_the_feet),
        cmocka_unit_test(an_insole_steps_in_time),
        cmocka_unit_test(what_is_cut_is_named_and_not_averaged),
        cmocka_unit_test(the_reference_cpei_is_reproduced),
        cmocka_unit_test(the_cpei_is_of_the_shape_alone),
        cmocka_unit_test(odd_frames_make_no_steps_and_no_trouble),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
