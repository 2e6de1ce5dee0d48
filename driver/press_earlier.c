/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_earlier.h"

#include "driver/analyze_recording.h"
#include "driver/pressure_reader.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAME_TIP 0.1      /* of the tip's area */
#define USUAL_OWN_SD 0.05 /* of ln kPa, for a press that does not tell its own */

struct old_test {
    const char *path;
    struct result *result;
};

/* --- One recording --------------------------------------------------------------------------- */

static int has_end(const struct pressure_item *item)
{
    json_t *note = json_loadb(item->json, item->n_json, 0, NULL);
    const char *step = json_string_value(json_object_get(note, "step"));
    int ends = step && !strcmp(step, "end");
    json_decref(note);
    return ends;
}

/* A test that was led to its end says step "end". */
static int is_unfinished(const char *path, struct problem *why)
{
    struct pressure_reader *reader = pressure_reader_open(path, NULL, why);
    struct pressure_item item;
    int ended = 0, more;
    if (!reader)
        return -1;
    while ((more = pressure_reader_next(reader, &item, why)) == 1)
        ended |= item.kind == PRESSURE_ANNOTATION && has_end(&item);
    pressure_reader_close(reader);
    return more < 0 ? -1 : !ended;
}

/* 1: its clock was ahead of this one's. */
static int is_ahead(const struct result *result)
{
    char now[32];
    time_t at = time(NULL);
    struct tm utc;

    gmtime_r(&at, &utc);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return result->facts.started_utc && strncmp(result->facts.started_utc, now, 19) > 0;
}

static int check(const struct old_test *old, const char *client, struct problem *why)
{
    const char *whose = result_person(old->result);
    if (!whose)
        return problem(why, PROBLEM_REFUSED,
                       "%.200s does not say who was pressed, and only the person's own earlier "
                       "tests count: record with --client",
                       old->path);
    if (is_ahead(old->result))
        return problem(why, PROBLEM_REFUSED,
                       "%.200s is of %.20s, which is later than now: no earlier test; look at the "
                       "clock",
                       old->path, old->result->facts.started_utc);
    if (whose && client && *client && strcmp(client, whose))
        return problem(why, PROBLEM_REFUSED,
                       "%.200s is a recording of '%.60s', not of '%.60s': only the person's own "
                       "earlier tests count",
                       old->path, whose, client);
    /* A test that was broken off before its first press is gone on with. */
    const char *protocol = old->result->facts.protocol;
    if (!old->result->n_presses && (!protocol || strcmp(protocol, "press")))
        return problem(why, PROBLEM_REFUSED,
                       "%.200s is no press test (%.40s): no earlier answers are in it", old->path,
                       protocol ? protocol : "no protocol named");
    if (old->result->not_comparable)
        return problem(why, PROBLEM_REFUSED,
                       "%.200s was recorded under a painkiller: its thresholds are not compared "
                       "with other days",
                       old->path);
    return 0;
}

static void warn(struct press_earlier *earlier, const char *path, const char *what)
{
    size_t n = strlen(earlier->warning);
    snprintf(earlier->warning + n, sizeof earlier->warning - n, "%s%.120s %s.", n ? " " : "", path,
             what);
}

static int counts(const struct press *press)
{
    double kpa = press->answered ? press->answer_kpa : press->peak_kpa;
    return !press->is_catch && !press->is_tap && !press->doubtful && press->place_known &&
           press->session == 0 && kpa > 0 && isfinite(kpa);
}

static int take(struct press_earlier *earlier, const struct old_test *old, int session,
                struct problem *why)
{
    const struct result *r = old->result;
    size_t room = (size_t)(earlier->n_all + r->n_presses) * sizeof *earlier->all;
    struct press_earlier_press *more = realloc(earlier->all, room ? room : 1);
    if (!more)
        return problem_no_memory(why, "earlier presses");
    earlier->all = more;
    for (int i = 0; i < r->n_presses; i++) {
        const struct press *press = &r->presses[i];
        if (!counts(press))
            continue;
        more[earlier->n_all++] = (struct press_earlier_press){
            .side = press->side,
            .place = press->place,
            .tip_cm2 = press->tip_cm2,
            .press = {.place = -1,
                      .answered = press->answered && press->scale != 2, /* ache is no pain */
                      .kpa = press->answered ? press->answer_kpa : press->peak_kpa,
                      .own_sd = press->own_sd > 0 ? press->own_sd : USUAL_OWN_SD,
                      .session = session,
                      .order = i}};
    }
    return 0;
}

/* --- All of them ----------------------------------------------------------------------------- */

static int newest_first(const void *left, const void *right)
{
    const struct old_test *a = left, *b = right;
    const char *first = a->result->facts.started_utc, *second = b->result->facts.started_utc;
    return strcmp(second ? second : "", first ? first : ""); /* ISO 8601 sorts as text */
}

static int read_all(struct old_test *old, const char *const *paths, int n, const char *client,
                    struct problem *why)
{
    struct analyzer_options options = analyze_defaults();
    for (int i = 0; i < n; i++) {
        old[i].path = paths[i];
        old[i].result = analyze_recording(paths[i], &options, why);
        if (!old[i].result || check(&old[i], client, why))
            return -1;
    }
    qsort(old, (size_t)n, sizeof *old, newest_first);
    return 0;
}

int press_earlier_read(struct press_earlier *earlier, const char *const *paths, int n_paths,
                       const char *client, struct problem *why)
{
    *earlier = (struct press_earlier){0};
    if (n_paths <= 0)
        return 0;
    struct old_test *old = calloc((size_t)n_paths, sizeof *old);
    if (!old)
        return problem_no_memory(why, "earlier recordings");
    int bad = read_all(old, paths, n_paths, client, why);
    for (int i = 0; !bad && i < n_paths; i++) {
        if (old[i].result->answers_unreliable)
            warn(earlier, old[i].path, "is left out: its answers were unreliable");
        else
            bad = take(earlier, &old[i], i + 1, why);
    }
    if (!bad && !old[0].result->answers_unreliable)
        bad = (earlier->unfinished = is_unfinished(old[0].path, why)) < 0;
    for (int i = 0; i < n_paths; i++)
        result_free(old[i].result);
    free(old);
    return bad ? -1 : 0;
}

/* --- On a route ------------------------------------------------------------------------------ */

static double apart_mm(const struct route_foot *foot, struct uv a, struct uv b)
{
    double along = (a.u - b.u) * foot->frame.length_mm;
    double across = (a.v - b.v) * foot_frame_width_mm(&foot->frame, (a.u + b.u) / 2);
    return hypot(along, across);
}

/* The place of the route that was pressed, or -1. */
static int place_of(const struct press_earlier_press *press, const struct route *route,
                    const struct route_foot feet[3])
{
    double best_mm = PRESS_EARLIER_MM;
    int best = -1;
    for (int i = 0; i < route->n; i++) {
        if (route->places[i].side != press->side)
            continue;
        double mm = apart_mm(&feet[press->side], route->places[i].at, press->place);
        if (mm <= best_mm) {
            best_mm = mm;
            best = i;
        }
    }
    return best;
}

int press_earlier_place(struct press_earlier *earlier, const struct route *route,
                        const struct route_foot feet[3], double tip_cm2, struct problem *why)
{
    free(earlier->presses);
    earlier->n = 0;
    earlier->presses = calloc((size_t)earlier->n_all + 1, sizeof *earlier->presses);
    if (!earlier->presses)
        return problem_no_memory(why, "earlier presses");
    for (int i = 0; i < earlier->n_all; i++) {
        const struct press_earlier_press *old = &earlier->all[i];
        int place =
            fabs(old->tip_cm2 - tip_cm2) <= SAME_TIP * tip_cm2 ? place_of(old, route, feet) : -1;
        if (place < 0)
            continue;
        earlier->presses[earlier->n] = old->press;
        earlier->presses[earlier->n++].place = place;
    }
    return 0;
}

void press_earlier_free(struct press_earlier *earlier)
{
    free(earlier->all);
    free(earlier->presses);
    *earlier = (struct press_earlier){0};
}
