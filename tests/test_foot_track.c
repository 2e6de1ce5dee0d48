/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feet followed over a stand: people drawn at random sway, shift their weight, move and turn a foot
 * by a known amount at a known time, step off and come back. What moved is told, with its time;
 * what only swayed is not. */
#include "analysis/foot/foot_track.h"
#include "samples/foot_picture.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE_HZ 25.0
#define SEED 20261122
#define CELLS (72 * 80)
#define NOISE 9973 /* drawn once and used over and over, from another place each frame */

static const struct grid plate = {72, 80, 5, 5};

/* --- A stand, made of the pictures of its feet with the weight behind and in front --------------
 */

struct pose {
    float *rear[2], *fore[2]; /* kPa at 25 % and 70 % of a foot's force on its front half */
};

struct stand {
    struct standing standing;
    struct pose pose;
    float noise[NOISE]; /* sd 1 */
    struct foot_track *track;
    uint64_t now_us;
    double sway_s; /* time since the beginning, drives the sway */
    float frame[CELLS];
};

static void paint(struct stand *stand, int i, double fore_share, float *kpa)
{
    const struct standing *s = &stand->standing;
    struct foot_picture picture = {0};

    memset(kpa, 0, CELLS * sizeof *kpa);
    assert_int_equal(foot_picture_stand(&picture, &s->foot[i], &s->frame[i], &plate, fore_share,
                                        NULL, NULL, NULL),
                     0);
    for (size_t k = 0; k < picture.n; k++)
        kpa[picture.cells[k].index] +=
            (float)((double)picture.cells[k].newton / grid_newton_per_kpa(&plate));
    foot_picture_free(&picture);
}

static void take_pose(struct stand *stand, int i)
{
    paint(stand, i, 0.25, stand->pose.rear[i]);
    paint(stand, i, 0.70, stand->pose.fore[i]);
}

static struct standing_range calm(int feet)
{
    struct standing_range range = standing_usual(feet);

    range.gap_low_mm = 30;
    range.length_low_mm = 210;
    range.length_high_mm = 280;
    range.angle_deg = 15;
    range.gap_high_mm = 70;
    range.noise_kpa = 0;
    return range;
}

static void stand_begin(struct stand *stand, int feet, const char *name)
{
    const struct standing_range range = calm(feet);
    struct dice dice;

    memset(stand, 0, sizeof *stand);
    dice_begin(&dice, SEED, name);
    print_message("%s, seed %d\n", name, SEED);
    standing_draw(&stand->standing, &plate, &range, &dice);
    for (int i = 0; i < NOISE; i++)
        stand->noise[i] = (float)dice_normal(&dice, 1);
    for (int i = 0; i < 2; i++) {
        stand->pose.rear[i] = malloc(CELLS * sizeof(float));
        stand->pose.fore[i] = malloc(CELLS * sizeof(float));
        assert_true(stand->pose.rear[i] && stand->pose.fore[i]);
    }
    for (int i = 0; i < stand->standing.n; i++)
        take_pose(stand, i);
    stand->track = foot_track_begin(&plate, 5, RATE_HZ, NULL, NULL);
    assert_non_null(stand->track);
}

static void stand_free(struct stand *stand)
{
    for (int i = 0; i < 2; i++) {
        free(stand->pose.rear[i]);
        free(stand->pose.fore[i]);
    }
    standing_free(&stand->standing);
}

struct weights {
    double left; /* share of the left foot; the other has the rest */
    double fore; /* in front */
    double all;  /* of the body weight */
};

static int add_frame(struct stand *stand, const struct weights *w, float noise_kpa,
                     struct problem *why)
{
    const struct standing *s = &stand->standing;
    double weight = s->newton[0] + (s->n == 2 ? s->newton[1] : 0);
    double fore = (w->fore - 0.25) / 0.45;

    memset(stand->frame, 0, sizeof stand->frame);
    for (int i = 0; i < s->n; i++) {
        double share = s->n == 1 ? 1 : i ? 1 - w->left : w->left;

        for (size_t k = 0; k < CELLS; k++)
            stand->frame[k] += (float)(weight * share * w->all *
                                       ((double)stand->pose.rear[i][k] * (1 - fore) +
                                        (double)stand->pose.fore[i][k] * fore));
    }
    for (size_t k = 0; k < CELLS; k++) {
        size_t drawn = (k + stand->now_us / 7) % NOISE;
        float noisy = stand->frame[k] + noise_kpa * stand->noise[drawn];

        stand->frame[k] = noisy < 3 * noise_kpa ? 0 : noisy;
    }
    stand->now_us += (uint64_t)(1e6 / RATE_HZ);
    stand->sway_s += 1 / RATE_HZ;
    return foot_track_frame(stand->track, stand->now_us, stand->frame, why);
}

/* Swaying as people do, `more` times as much, without lifting anything. */
static void stand_for(struct stand *stand, double seconds, double more)
{
    for (int i = 0; i < (int)(seconds * RATE_HZ + 0.5); i++) {
        double t = stand->sway_s;
        const struct weights w = {
            0.5 + more * (0.03 * sin(2 * M_PI * 0.31 * t) + 0.02 * sin(2 * M_PI * 0.93 * t)),
            0.45 + more * (0.04 * sin(2 * M_PI * 0.23 * t + 1) + 0.02 * sin(2 * M_PI * 0.71 * t)),
            1};

        assert_int_equal(add_frame(stand, &w, 0.6F, NULL), 0);
    }
}

/* Bearing the same all the time. */
static void bear_for(struct stand *stand, double seconds, const struct weights *w)
{
    for (int i = 0; i < (int)(seconds * RATE_HZ + 0.5); i++)
        assert_int_equal(add_frame(stand, w, 0.6F, NULL), 0);
}

static void nobody_for(struct stand *stand, double seconds)
{
    const struct weights none = {0.5, 0.45, 0};

    bear_for(stand, seconds, &none);
}

/* Foot i goes by (dx, dy) and turns, in `steps` frames, while the other carries most. */
static void shift(struct stand *stand, int i, double dx, double dy, double turn_deg, int steps)
{
    struct foot_frame *frame = &stand->standing.frame[i];

    for (int k = 0; k < steps; k++) {
        struct point middle = foot_frame_to_plate(frame, (struct uv){0.5, 0.5}), after;
        const struct weights w = {i ? 0.7 : 0.3, 0.45, 1};

        frame->angle_deg += turn_deg / steps;
        after = foot_frame_to_plate(frame, (struct uv){0.5, 0.5});
        frame->heel.x_mm += middle.x_mm - after.x_mm + dx / steps;
        frame->heel.y_mm += middle.y_mm - after.y_mm + dy / steps;
        stand->standing.foot[i].heel = frame->heel;
        stand->standing.foot[i].angle_deg = frame->angle_deg;
        take_pose(stand, i);
        assert_int_equal(add_frame(stand, &w, 0.6F, NULL), 0);
    }
}

static void finish(struct stand *stand, struct track *track)
{
    assert_int_equal(foot_track_finish(stand->track, track, NULL), 0);
    for (size_t s = 0; s < track->n; s++)
        print_message("  %.2f to %.2f s: %d feet%s%s\n", (double)track->spans[s].from_us / 1e6,
                      (double)track->spans[s].to_us / 1e6, track->spans[s].n_feet,
                      track->spans[s].ended_by[0] ? "; " : "", track->spans[s].ended_by);
}

static void story_end(struct stand *stand, struct track *track)
{
    track_free(track);
    stand_free(stand);
}

/* --- The stories --------------------------------------------------------------------------------
 */

static void foot_is_in_place(const struct standing *standing, int k,
                             const struct tracked_foot *foot)
{
    const struct point *heel = &standing->frame[k].heel;

    assert_int_equal(foot->side, standing->foot[k].side);
    assert_true(isnan(foot->moved_mm));
    assert_true(hypot(foot->frame.heel.x_mm - heel->x_mm, foot->frame.heel.y_mm - heel->y_mm) < 6);
}

static void who_only_sways_has_one_span(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct stand stand;
        struct track track;
        char name[40];

        snprintf(name, sizeof name, "sway %d", i);
        stand_begin(&stand, i % 3 ? 2 : 1, name);
        stand_for(&stand, 8, 1 + i % 2);
        finish(&stand, &track);
        assert_int_equal(track.n, 1);
        assert_int_equal(track.spans[0].n_feet, stand.standing.n);
        for (int k = 0; k < stand.standing.n; k++)
            foot_is_in_place(&stand.standing, k, &track.spans[0].foot[k]);
        assert_true(track.load.frames > 7 * (size_t)RATE_HZ);
        story_end(&stand, &track);
    }
}

/* Nearly all the weight to one foot and back: the other's print shrinks, but goes nowhere. */
static void weight_that_shifts_moves_no_foot(void **state)
{
    struct stand stand;
    struct track track;

    (void)state;
    stand_begin(&stand, 2, "weight");
    stand_for(&stand, 3, 1);
    for (int i = 0; i < (int)(8 * RATE_HZ); i++) {
        const struct weights w = {0.5 + 0.42 * sin(2 * M_PI * 0.25 * i / RATE_HZ), 0.45, 1};

        assert_int_equal(add_frame(&stand, &w, 0.6F, NULL), 0);
    }
    stand_for(&stand, 3, 1);
    finish(&stand, &track);
    assert_int_equal(track.n, 1);
    assert_int_equal(track.spans[0].ended_by[0], 0);
    story_end(&stand, &track);
}

struct wanted_shift {
    double dx, dy, turn;
};

/* The left foot moved by so much between two spans, about at_s; the right one stayed. */
static void left_foot_shifted(const struct track *track, const struct wanted_shift *wanted,
                              double at_s)
{
    const struct track_span *before = &track->spans[0], *after = &track->spans[1];
    const struct tracked_foot *left = &after->foot[0], *right = &after->foot[1];
    double mm = hypot(wanted->dx, wanted->dy);

    assert_true(before->moved);
    assert_true(fabs((double)before->to_us / 1e6 - at_s) < 0.5);
    assert_true((double)after->from_us / 1e6 - at_s < 1.2);
    print_message("  left foot: moved %.1f mm (%.1f), turned %.1f deg (%.1f); right %.1f mm\n",
                  left->moved_mm, mm, left->turned_deg, wanted->turn, right->moved_mm);
    assert_true(fabs(left->moved_mm - mm) < 2);
    assert_true(fabs(left->turned_deg - wanted->turn) < 1.5);
    assert_true(right->moved_mm < 1.5);
    assert_int_equal(left->side, SIDE_LEFT);
    assert_int_equal(right->side, SIDE_RIGHT);
}

static void a_foot_that_shifts_is_followed(void **state)
{
    static const struct wanted_shift wanted[] = {
        {-13, 7, 4}, {6, -3, 0}, {-41, 30, 11}, {0, 0, -8}, {-3, 22, -14}};

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct stand stand;
        struct track track;
        char name[40];

        snprintf(name, sizeof name, "shift %d", i);
        stand_begin(&stand, 2, name);
        stand_for(&stand, 4, 1);
        double at_s = (double)stand.now_us / 1e6;
        shift(&stand, 0, wanted[i].dx, wanted[i].dy, wanted[i].turn, 2);
        stand_for(&stand, 6, 1);
        finish(&stand, &track);
        assert_int_equal(track.n, 2);
        assert_int_equal(track.longest, 1);
        left_foot_shifted(&track, &wanted[i], at_s);
        story_end(&stand, &track);
    }
}

static void who_steps_off_and_comes_back_has_two_spans(void **state)
{
    struct stand stand;
    struct track track;

    (void)state;
    stand_begin(&stand, 2, "off");
    nobody_for(&stand, 1);
    stand_for(&stand, 3, 1);
    nobody_for(&stand, 2);
    shift(&stand, 1, 5, -9, 2, 1);
    stand_for(&stand, 4, 1);
    nobody_for(&stand, 1);
    finish(&stand, &track);
    assert_int_equal(track.n, 2);
    assert_true(track.spans[0].from_us >= 1000000 && track.spans[0].to_us <= 4400000);
    assert_string_equal(track.spans[0].ended_by, "nobody stood on the plate");
    assert_true(isnan(track.spans[1].foot[0].moved_mm));
    story_end(&stand, &track);
}

/* One foot, then a second one beside it: the first keeps its side. */
static void a_foot_that_comes_is_told(void **state)
{
    struct stand stand;
    struct track track;
    const struct weights one = {1, 0.45, 0.6};

    (void)state;
    stand_begin(&stand, 2, "second foot");
    bear_for(&stand, 3, &one);
    stand_for(&stand, 4, 1);
    bear_for(&stand, 3, &one);
    finish(&stand, &track);
    assert_int_equal(track.n, 3);
    assert_int_equal(track.spans[0].n_feet, 1);
    assert_int_equal(track.spans[1].n_feet, 2);
    assert_int_equal(track.spans[2].n_feet, 1);
    assert_string_equal(track.spans[0].ended_by, "a foot came onto the plate");
    assert_string_equal(track.spans[1].ended_by, "a foot left the plate");
    for (int s = 0; s < 3; s++)
        assert_int_equal(track.spans[s].foot[0].side, SIDE_LEFT);
    assert_true(track.spans[1].foot[0].moved_mm < 1.5 && track.spans[2].foot[0].moved_mm < 1.5);
    assert_true(isnan(track.spans[1].foot[1].moved_mm));
    story_end(&stand, &track);
}

/* The track of so many frames, every third cell `third` in even frames and `odd` in odd ones, the
 * others `rest`. */
static void track_of_noise(int frames, float third, float odd, float rest, struct track *out)
{
    static float kpa[CELLS];
    struct foot_track *track = foot_track_begin(&plate, 5, RATE_HZ, NULL, NULL);

    assert_non_null(track);
    for (int i = 0; i < frames; i++) {
        for (int k = 0; k < CELLS; k++)
            kpa[k] = k % 3 ? rest : i % 2 ? odd : third;
        assert_int_equal(foot_track_frame(track, (uint64_t)i * 40000, kpa, NULL), 0);
    }
    assert_int_equal(foot_track_finish(track, out, NULL), 0);
}

static void nothing_and_rubbish_give_no_span(void **state)
{
    struct track out;

    (void)state;
    track_of_noise(0, 0, 0, 0, &out);
    assert_int_equal(out.n, 0);
    track_free(&out);
    track_of_noise(100, -5, -INFINITY, NAN, &out);
    assert_int_equal(out.n, 0);
    track_free(&out);
    /* A saturated plate is a load, and no foot. */
    track_of_noise(100, 612, 612, 612, &out);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.spans[0].n_feet, 0);
    track_free(&out);
}

static int short_story(struct stand *stand, struct track *track, struct problem *why)
{
    const struct weights both = {0.5, 0.45, 1}, none = {0.5, 0.45, 0};
    struct foot_track *handle = foot_track_begin(&plate, 5, RATE_HZ, NULL, why);
    int failed = 0;

    *track = (struct track){0};
    if (!handle)
        return -1;
    stand->track = handle;
    for (int i = 0; i < 50 && !failed; i++)
        failed = add_frame(stand, &both, 0, why);
    for (int i = 0; i < 15 && !failed; i++)
        failed = add_frame(stand, &none, 0, why);
    if (failed)
        foot_track_free(handle);
    else
        failed = foot_track_finish(handle, track, why);
    return failed;
}

static void memory_that_fails_is_told(void **state)
{
    struct stand stand;
    struct track track;

    (void)state;
    stand_begin(&stand, 2, "memory");
    foot_track_free(stand.track);
    for (long n = 1;; n++) {
        struct problem why = {0};
        int done, failed;

        failing_malloc_at(n);
        done = short_story(&stand, &track, &why);
        failed = failing_malloc_off();
        track_free(&track);
        if (!failed) {
            assert_int_equal(done, 0);
            assert_true(n > 12);
            break;
        }
        assert_int_equal(done, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    stand_free(&stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_only_sways_has_one_span),
        cmocka_unit_test(weight_that_shifts_moves_no_foot),
        cmocka_unit_test(a_foot_that_shifts_is_followed),
        cmocka_unit_test(who_steps_off_and_comes_back_has_two_spans),
        cmocka_unit_test(a_foot_that_comes_is_told),
        cmocka_unit_test(nothing_and_rubbish_give_no_span),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
