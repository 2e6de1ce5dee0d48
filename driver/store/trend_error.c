/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/trend_error.h"

#include "analysis/change/measuring_error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Protocols x conditions x sides are fewer. A day's repeats beyond the most are left out. */
enum { SERIES_MAX = 64, REPEATS_MAX = 256 };

static const char *const of_series[] = {"protocol", "condition", "side"};
static const char *const of_group[] = {"protocol", "condition", "side", "plate_serial",
                                       "calibration_id"};
enum { OF_SERIES = 3, OF_GROUP = 5 };

struct series {
    const json_t *like; /* a point of it */
    struct within within;
};

struct all_series {
    struct series of[SERIES_MAX];
    int n;
};

static int are_alike(const json_t *a, const json_t *b, const char *const *keys, int n)
{
    for (int i = 0; i < n; i++) {
        const char *x = json_string_value(json_object_get(a, keys[i]));
        const char *y = json_string_value(json_object_get(b, keys[i]));
        if (strcmp(x ? x : "", y ? y : ""))
            return 0;
    }
    return 1;
}

/* NULL when there are too many. */
static struct series *series_of(struct all_series *all, const json_t *point)
{
    for (int i = 0; i < all->n; i++)
        if (are_alike(all->of[i].like, point, of_series, OF_SERIES))
            return &all->of[i];
    if (all->n == SERIES_MAX)
        return NULL;
    all->of[all->n] = (struct series){.like = point};
    return &all->of[all->n++];
}

/* "2026-11-23" of the place, where the station stands now. */
static void day_of(const json_t *point, char day[16])
{
    const char *utc = json_string_value(json_object_get(point, "started_utc"));
    struct tm at = {0};
    snprintf(day, 16, "%.10s", utc ? utc : "");
    if (!utc || !strptime(utc, "%Y-%m-%dT%H:%M:%S", &at))
        return;
    time_t when = timegm(&at);
    if (localtime_r(&when, &at))
        strftime(day, 16, "%Y-%m-%d", &at);
}

/* The points from..to are of one day: each group of them, once, goes to its series. */
static void add_day(struct all_series *all, json_t *points, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const json_t *first = json_array_get(points, i);
        double values[REPEATS_MAX];
        size_t n = 0, earlier = from;
        while (earlier < i &&
               !are_alike(json_array_get(points, earlier), first, of_group, OF_GROUP))
            earlier++;
        if (earlier < i)
            continue; /* its group was taken with the first of it */
        for (size_t j = i; j < to && n < REPEATS_MAX; j++) {
            const json_t *value = json_object_get(json_array_get(points, j), "value");
            if (json_is_number(value) &&
                are_alike(json_array_get(points, j), first, of_group, OF_GROUP))
                values[n++] = json_number_value(value);
        }
        struct series *series = series_of(all, first);
        if (series)
            within_add(&series->within, values, n);
    }
}

static void add_days(struct all_series *all, json_t *points)
{
    size_t n = json_array_size(points), from = 0;
    char day[16], last[16] = "";
    for (size_t i = 0; i < n; i++) {
        day_of(json_array_get(points, i), day);
        if (i && strcmp(day, last)) {
            add_day(all, points, from, i);
            from = i;
        }
        memcpy(last, day, sizeof last);
    }
    add_day(all, points, from, n);
}

static int set_bar(json_t *point, const struct series *series)
{
    const json_t *low = json_object_get(point, "low"), *high = json_object_get(point, "high");
    double value = json_number_value(json_object_get(point, "value"));
    int has_own = json_is_number(low) && json_is_number(high);
    double own = has_own ? (json_number_value(high) - json_number_value(low)) / 2 : -1;
    double half = series ? within_error(&series->within) : NAN;
    if (half > own)
        return json_object_set_new(point, "low", json_real(value - half)) ||
               json_object_set_new(point, "high", json_real(value + half)) ||
               json_object_set_new(point, "error_from", json_string("repeats"));
    return json_object_set_new(point, "error_from", has_own ? json_string("session") : json_null());
}

int trend_errors_own(json_t *points)
{
    json_t *point;
    size_t i;
    json_array_foreach(points, i, point) if (set_bar(point, NULL)) return -1;
    return 0;
}

static json_t *told(const struct series *series)
{
    const struct within *within = &series->within;
    json_t *row = json_object();
    int bad = 0;
    for (int i = 0; i < OF_SERIES; i++) {
        json_t *value = json_object_get(series->like, of_series[i]);
        bad |= json_object_set(row, of_series[i], value ? value : json_null());
    }
    bad |= json_object_set_new(row, "sd_within", json_real(within_sd(within)));
    bad |= json_object_set_new(row, "mdc95", json_real(within_mdc95(within)));
    bad |=
        json_object_set_new(row, "degrees_of_freedom", json_integer((json_int_t)within->freedom));
    bad |= json_object_set_new(row, "days", json_integer((json_int_t)within->groups));
    if (!bad)
        return row;
    json_decref(row);
    return NULL;
}

json_t *trend_errors(json_t *points, struct problem *why)
{
    struct all_series all = {.n = 0};
    json_t *point, *repeatability = json_array();
    size_t i;
    int bad = 0;
    add_days(&all, points);
    for (int s = 0; s < all.n; s++)
        if (all.of[s].within.freedom)
            bad |= json_array_append_new(repeatability, told(&all.of[s]));
    json_array_foreach(points, i, point) bad |= set_bar(point, series_of(&all, point));
    if (repeatability && !bad)
        return repeatability;
    problem_no_memory(why, "a trend");
    json_decref(repeatability);
    return NULL;
}
