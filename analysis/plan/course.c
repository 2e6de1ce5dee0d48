/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/plan/course.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- Days ------------------------------------------------------------------------------------ */

/* Days since 1970 of "2026-11-22..."; -1 = none. */
static long day_number(const char *day)
{
    struct tm date = {.tm_hour = 12};
    int month, used = 0;

    if (!day || sscanf(day, "%4d-%2d-%2d%n", &date.tm_year, &month, &date.tm_mday, &used) != 3 ||
        used != 10)
        return -1;
    struct tm wanted = date;
    date.tm_year -= 1900;
    date.tm_mon = month - 1;
    time_t noon = timegm(&date);
    if (noon < 0 || date.tm_mday != wanted.tm_mday || date.tm_mon != month - 1)
        return -1;
    return (long)(noon / 86400);
}

static void day_text(long number, char text[11])
{
    time_t noon = (time_t)number * 86400 + 43200;
    struct tm date;

    gmtime_r(&noon, &date);
    strftime(text, 11, "%Y-%m-%d", &date);
}

/* --- Sessions -------------------------------------------------------------------------------- */

static int take_session(struct course *course, const struct course_input *input,
                        struct problem *why)
{
    struct course_session *session = &course->sessions[course->n_sessions];
    struct press_way pressed = {0, 0, NAN, NAN};

    if (day_number(input->day) < 0)
        return problem(why, PROBLEM_REFUSED, "'%.40s' is no day like 2026-11-22",
                       input->day ? input->day : "");
    if (input->result && press_way_of(input->result, &pressed, why))
        return -1;
    *session =
        (struct course_session){.name = input->name ? input->name : "",
                                .has_press_test = pressed.n > 0,
                                .not_comparable = input->result && input->result->not_comparable,
                                .tip_cm2 = pressed.tip_cm2,
                                .ramp_kpa_s = pressed.ramp_kpa_s,
                                .way = pressed,
                                .days_since = -1};
    snprintf(session->day, sizeof session->day, "%.10s", input->day);
    course->n_sessions++;
    return 0;
}

static void check_interval(struct course *course, int i)
{
    struct course_session *session = &course->sessions[i];
    long days = day_number(session->day) - day_number(course->sessions[i - 1].day);

    session->days_since = (int)days;
    session->is_same_day = days == 0;
    session->is_early = days < course->plan->days_min;
    session->is_late = days > course->plan->days_max;
    course->n_same_day += session->is_same_day;
    course->n_early += session->is_early;
    course->n_late += session->is_late;
}

static void plan_next(struct course *course)
{
    long last = day_number(course->sessions[course->n_sessions - 1].day);

    day_text(last + course->plan->days_min, course->next_from);
    day_text(last + course->plan->days_max, course->next_to);
}

/* --- Zones ----------------------------------------------------------------------------------- */

static struct course_zone *find_zone(struct course *course, const char *id, enum side side)
{
    for (int i = 0; i < course->n_zones; i++)
        if (course->zones[i].side == side && !strcmp(course->zones[i].zone_id, id))
            return &course->zones[i];
    return NULL;
}

static struct course_zone *add_zone(struct course *course, const char *id, enum side side,
                                    struct problem *why)
{
    struct course_zone *grown =
        realloc(course->zones, (size_t)(course->n_zones + 1) * sizeof *grown);

    if (!grown) {
        problem_no_memory(why, "a course");
        return NULL;
    }
    course->zones = grown;
    grown = &grown[course->n_zones++];
    *grown = (struct course_zone){.zone_id = id, .side = side, .first = -1, .last = -1};
    for (int s = 0; s < COURSE_SESSIONS_MAX; s++)
        grown->of[s] = (struct course_threshold){NAN, NAN, NAN, 0, 0, FLAG_NONE};
    return grown;
}

static int take_zones(struct course *course, int session, const struct result *result,
                      struct problem *why)
{
    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones; z++) {
            const struct zone_result *zone = &result->feet[f].zones[z];
            struct course_zone *entry;

            if (!isfinite(zone->threshold_kpa))
                continue;
            entry = find_zone(course, zone->zone->id, result->feet[f].side);
            if (!entry)
                entry = add_zone(course, zone->zone->id, result->feet[f].side, why);
            if (!entry)
                return -1;
            entry->of[session] = (struct course_threshold){zone->threshold_kpa,
                                                           zone->threshold_low_kpa,
                                                           zone->threshold_high_kpa,
                                                           zone_threshold_is_bound(zone),
                                                           zone->state == STATE_UNCERTAIN,
                                                           zone->flag};
            entry->by[session] = zone;
        }
    return 0;
}

/* One place of the zone in two sessions: that which tells it in the later one, else in the first;
 * else what differs. */
static enum press_apart find_one_place(const struct course_input *const *inputs,
                                       struct course_zone *zone, int s, int last)
{
    const struct result *before = inputs[s]->result, *after = inputs[last]->result;
    struct told_threshold told[2];
    enum press_apart apart = press_same_place(after, zone->by[last], before, zone->by[s], told);

    if (apart == PRESSED_ALIKE) {
        zone->compared[0] = told[1];
        zone->compared[1] = told[0];
        return apart;
    }
    enum press_apart back =
        press_same_place(before, zone->by[s], after, zone->by[last], zone->compared);
    return back == PRESSED_ELSEWHERE ? apart : back;
}

static enum press_apart sessions_apart(const struct course *course,
                                       const struct course_input *const *inputs, int s, int last)
{
    return press_ways_apart(inputs[s]->result, &course->sessions[s].way, inputs[last]->result,
                            &course->sessions[last].way);
}

/* The last session that has the zone, and the first one that may be compared with it. Where none
 * may be, what keeps the latest from it is told. */
static void choose_sessions(const struct course *course, const struct course_input *const *inputs,
                            struct course_zone *zone)
{
    int last = -1;

    for (int s = 0; s < course->n_sessions; s++)
        if (zone->by[s])
            last = s;
    for (int s = 0; s < last; s++) {
        if (!zone->by[s])
            continue;
        zone->apart = sessions_apart(course, inputs, s, last);
        if (zone->apart == PRESSED_ALIKE)
            zone->apart = find_one_place(inputs, zone, s, last);
        if (zone->apart != PRESSED_ALIKE)
            continue;
        zone->first = s;
        zone->last = last;
        return;
    }
}

static void compare(struct course_zone *zone)
{
    zone->ratio = zone->ratio_low = zone->ratio_high = NAN;
    if (zone->first < 0)
        return;
    const struct threshold_change change =
        threshold_change_of(&zone->compared[0], &zone->compared[1]);

    zone->is_bound_change = change.is_bound;
    zone->ratio = change.ratio;
    zone->ratio_low = change.ratio_low;
    zone->ratio_high = change.ratio_high;
    zone->is_beyond_error = change.is_beyond_error;
}

/* --- The whole ------------------------------------------------------------------------------- */

static int check_person(const struct course_input *inputs, int n, struct problem *why)
{
    const char *person = NULL;

    for (int i = 0; i < n; i++) {
        const char *named = inputs[i].result ? result_person(inputs[i].result) : NULL;
        if (named && person && strcmp(named, person))
            return problem(why, PROBLEM_REFUSED, "a course is of one person: %.40s is not %.40s",
                           named, person);
        if (named)
            person = named;
    }
    return 0;
}

/* The hour orders what was of one day. */
static int by_time(const void *a, const void *b)
{
    const struct course_input *const *x = a, *const *y = b;
    int order = strcmp((*x)->day ? (*x)->day : "", (*y)->day ? (*y)->day : "");

    return order ? order : (*x > *y) - (*x < *y);
}

static int take_all(struct course *course, const struct course_input *const *inputs, int n,
                    struct problem *why)
{
    for (int i = 0; i < n; i++) {
        if (take_session(course, inputs[i], why))
            return -1;
        if (i)
            check_interval(course, i);
        if (inputs[i]->result && take_zones(course, i, inputs[i]->result, why))
            return -1;
    }
    for (int i = 0; i < course->n_zones; i++) {
        choose_sessions(course, inputs, &course->zones[i]);
        compare(&course->zones[i]);
    }
    plan_next(course);
    return 0;
}

int course_make(struct course *course, const struct plan_course *plan,
                const struct course_input *inputs, int n, struct problem *why)
{
    const struct course_input *sorted[COURSE_SESSIONS_MAX];

    *course = (struct course){.plan = plan};
    if (n < 1 || n > COURSE_SESSIONS_MAX)
        return problem(why, PROBLEM_REFUSED, "a course has 1 to %d sessions", COURSE_SESSIONS_MAX);
    if (check_person(inputs, n, why))
        return -1;
    for (int i = 0; i < n; i++)
        sorted[i] = &inputs[i];
    qsort(sorted, (size_t)n, sizeof *sorted, by_time);
    if (!take_all(course, sorted, n, why))
        return 0;
    course_free(course);
    return -1;
}

void course_free(struct course *course)
{
    free(course->zones);
    course->zones = NULL;
    course->n_zones = 0;
}
