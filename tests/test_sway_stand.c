/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quiet stand within a recording: stepping on and off, lost frames, a foot that was moved. */
#include "analysis/sway/stand.h"

#include "tests/support/failing_malloc.h"
#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define RATE 100.0
#define WEIGHT 713.0
#define SEED 91

struct story {
    struct cop_series path;
    double *force_n, *x_mm, *y_mm;
    size_t n;
};

/* Somebody steps on at 2 s (with one foot, 120 mm to the left), stands from 3 to 33 s, steps off at
 * 34 s; the recording lasts 36 s. */
static struct story tell_story(void)
{
    uint64_t seed = SEED;
    struct story s = {.path = sway_person(3600, RATE, SEED), .n = 3600};
    s.force_n = calloc(s.n, sizeof(double));
    s.x_mm = s.path.ml_mm;
    s.y_mm = s.path.ap_mm;
    for (size_t i = 0; i < s.n; i++) {
        double t = s.path.time_s[i], share = t < 2 || t >= 34 ? 0
                                             : t < 3          ? t - 2
                                             : t < 33         ? 1
                                                              : 34 - t;
        s.force_n[i] = WEIGHT * share * (1 + 0.01 * sway_normal(&seed));
        s.x_mm[i] = share > 0 ? s.x_mm[i] - 120 * (1 - share) : NAN;
        s.y_mm[i] = share > 0 ? s.y_mm[i] : NAN;
    }
    return s;
}

static void free_story(struct story *s)
{
    free(s->force_n);
    cop_series_free(&s->path);
}

static struct stand_frames frames_of(const struct story *s)
{
    return (struct stand_frames){s->n,    s->path.time_s, s->force_n,       s->x_mm,
                                 s->y_mm, RATE,           STAND_MIN_FORCE_N};
}

static struct stand find(const struct story *s, double from_s, double to_s)
{
    struct stand_frames frames = frames_of(s);
    struct problem why = {0};
    struct stand stand;
    if (stand_find(&frames, from_s, to_s, &stand, &why) || stand_mark_shifts(&frames, &stand, &why))
        fail_msg("%s", why.text);
    if (!stand.stated)
        stand_cut_at_shifts(&stand);
    return stand;
}

/* Leaves frames out as a bad cable does. */
static void lose(struct story *s, size_t from, size_t n)
{
    size_t tail = s->n - from - n;
    memmove(s->path.time_s + from, s->path.time_s + from + n, tail * sizeof(double));
    memmove(s->force_n + from, s->force_n + from + n, tail * sizeof(double));
    memmove(s->x_mm + from, s->x_mm + from + n, tail * sizeof(double));
    memmove(s->y_mm + from, s->y_mm + from + n, tail * sizeof(double));
    s->n -= n;
}

static double area_of(const struct story *s, const struct stand *stand)
{
    struct stand_frames frames = frames_of(s);
    struct problem why = {0};
    struct cop_series path;
    size_t bridged;
    if (stand_path(&frames, stand, &path, &bridged, &why))
        fail_msg("%s", why.text);
    struct sway_result r = sway_of(&path, "lp10");
    cop_series_free(&path);
    return r.area.ellipse95_prediction_mm2;
}

static void test_steps_are_cut_away(void **state)
{
    (void)state;
    struct story s = tell_story();
    struct stand stand = find(&s, NAN, NAN);
    assert_int_equal(stand.n_shifts, 0);
    assert_int_equal(stand.stated, 0);
    assert_true(stand.from_s > 3.7 && stand.from_s < 4.2);
    assert_true(stand.to_s > 31.8 && stand.to_s < 32.3);
    stand = find(&s, 10, 20.5);
    assert_near(stand.from_s, 10, 0);
    assert_near(stand.to_s, 20.5, 0);
    assert_int_equal(stand.stated, 1);
    free_story(&s);
}

/* A stand that fills the whole recording is taken whole. */
static void test_nobody_stepped(void **state)
{
    (void)state;
    struct story s = tell_story();
    lose(&s, 3280, 320);
    lose(&s, 0, 320);
    for (size_t i = s.n; i-- > 0;)
        s.path.time_s[i] -= s.path.time_s[0];
    struct stand stand = find(&s, NAN, NAN);
    assert_near(stand.from_s, 0, 0);
    assert_near(stand.to_s, s.path.time_s[s.n - 1], 0);
    free_story(&s);
}

/* Three frames, then twenty: bridged by lines, and counted. Half a second parts two stands. */
static void test_lost_frames(void **state)
{
    (void)state;
    struct story s = tell_story();
    struct problem why = {0};
    struct cop_series path;
    size_t bridged;
    lose(&s, 2000, 20);
    lose(&s, 1000, 3);
    struct stand stand = find(&s, 5, 30);
    struct stand_frames frames = frames_of(&s);
    assert_int_equal(stand_path(&frames, &stand, &path, &bridged, &why), 0);
    assert_int_equal(bridged, 23);
    assert_int_equal(path.n, 2501);
    assert_near(path.rate_hz, RATE, 0);
    assert_near(path.ml_mm[501] - path.ml_mm[500], path.ml_mm[502] - path.ml_mm[501], 1e-9);
    assert_near(path.ml_mm[503], s.x_mm[1000], 1e-12);
    cop_series_free(&path);
    lose(&s, 1200, 60);
    stand = find(&s, NAN, NAN);
    assert_true(stand.from_s > 12.5 && stand.to_s < 32.3);
    frames = frames_of(&s);
    stand = (struct stand){.from_s = 5, .to_s = 30, .stated = 1};
    assert_int_equal(stand_path(&frames, &stand, &path, &bridged, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "by --from and --to"));
    free_story(&s);
}

/* A plate whose frames come when they like: nothing is bridged, and the path says irregular. */
static void test_odd_times(void **state)
{
    (void)state;
    struct story s = tell_story();
    struct problem why = {0};
    struct cop_series path;
    uint64_t seed = SEED;
    size_t bridged;
    for (size_t i = 0; i < s.n; i++)
        s.path.time_s[i] += i ? 0.008 * sway_uniform(&seed) : 0;
    struct stand stand = find(&s, NAN, NAN);
    struct stand_frames frames = frames_of(&s);
    assert_int_equal(stand_path(&frames, &stand, &path, &bridged, &why), 0);
    assert_near(path.rate_hz, 0, 0);
    assert_int_equal(bridged, 0);
    cop_series_free(&path);
    free_story(&s);
}

/* One foot is put 3 cm aside at 13 s, so that the path jumps by half of it. The area of all would
 * be many times that of the person; the longest part without the shift gives the person's. */
static void test_a_moved_foot(void **state)
{
    (void)state;
    struct story s = tell_story();
    struct stand quiet = find(&s, 14, 32), whole;
    double person = area_of(&s, &quiet);
    for (size_t i = 1300; i < s.n; i++)
        s.x_mm[i] += 15 * fmin(1, (double)(i - 1300) / 30);
    whole = find(&s, 4, 32);
    assert_int_equal(whole.n_shifts, 1);
    assert_near(whole.shifts[0].time_s, 13.15, 0.3);
    assert_near(whole.shifts[0].x_mm, 15, 4);
    assert_near(whole.to_s, 32, 0); /* stated: kept, and marked */
    struct stand found = find(&s, NAN, NAN);
    assert_int_equal(found.n_shifts, 1);
    assert_true(found.from_s > 13.8 && found.from_s < 14.7);
    printf("area %.1f mm2 of the person, %.1f with the shift, %.1f found\n", person,
           area_of(&s, &whole), area_of(&s, &found));
    assert_true(area_of(&s, &whole) > 1.7 * person);
    assert_near(area_of(&s, &found) / person, 1, 0.1);
    free_story(&s);
}

/* People who only sway show no shift, however long they stand. */
static void test_sway_is_no_shift(void **state)
{
    (void)state;
    int shifts = 0;
    for (uint64_t who = 0; who < 40; who++) {
        struct stand_shift found[STAND_SHIFTS_MOST];
        struct problem why;
        struct cop_series path = sway_person(6000, RATE, SEED + who);
        shifts += stand_shifts(&path, found, STAND_SHIFTS_MOST, &why);
        cop_series_free(&path);
    }
    printf("%d shifts in 40 minutes of 40 people who did not move a foot\n", shifts);
    assert_in_range(shifts, 0, 4);
}

static void expect_refused(const struct story *s, double from_s, double to_s, const char *words)
{
    struct stand_frames frames = frames_of(s);
    struct problem why = {0};
    struct stand stand;
    assert_true(stand_find(&frames, from_s, to_s, &stand, &why) ||
                stand_mark_shifts(&frames, &stand, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void test_no_stand(void **state)
{
    (void)state;
    struct story s = tell_story();
    expect_refused(&s, 0, 1.5, "only 0 frames");
    expect_refused(&s, 50, 60, "only 0 frames");
    for (size_t i = 0; i < s.n; i++)
        s.force_n[i] *= i % 100 < 50 ? 1 : 1.7; /* somebody jumps */
    expect_refused(&s, NAN, NAN, "nobody stood still");
    for (size_t i = 0; i < s.n; i++)
        s.force_n[i] = i >= 800 && i <= 1100 ? 600 : 0;
    /* 3 s are more than 2 s: what becomes of them is told. */
    expect_refused(&s, NAN, NAN,
                   "nobody stood still for 2 s in this recording: the longest stretch of steady "
                   "force lasts 3.0 s, 2.0 s of it are left out as stepping on and off; say");
    for (size_t i = 0; i < s.n; i++)
        s.force_n[i] = 0;
    expect_refused(&s, NAN, NAN, "steady force lasts 0.0 s; say");
    s.n = 0;
    expect_refused(&s, NAN, NAN, "no frames");
    free_story(&s);
}

static int whole_way(const struct story *s, struct problem *why)
{
    struct stand_frames frames = frames_of(s);
    struct stand stand;
    struct cop_series path = {0};
    size_t bridged;
    int bad = stand_find(&frames, NAN, NAN, &stand, why) ||
              stand_mark_shifts(&frames, &stand, why) ||
              stand_path(&frames, &stand, &path, &bridged, why);
    cop_series_free(&path);
    return bad;
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    struct story s = tell_story();
    lose(&s, 1500, 5);
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        int bad = whole_way(&s, &why), failed = failing_malloc_off();
        assert_int_equal(bad, failed);
        if (!failed)
            break;
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    free_story(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_are_cut_away), cmocka_unit_test(test_nobody_stepped),
        cmocka_unit_test(test_lost_frames),        cmocka_unit_test(test_odd_times),
        cmocka_unit_test(test_a_moved_foot),       cmocka_unit_test(test_sway_is_no_shift),
        cmocka_unit_test(test_no_stand),           cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
