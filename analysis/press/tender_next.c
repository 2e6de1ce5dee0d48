/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/tender_next.h"
#include "analysis/press/press_finder.h"
#include "analysis/press/tenderness_private.h"
#include "analysis/press/tested.h"
#include "analysis/press/tool.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#define HARD_SHARE 0.5
#define SURELY_BORNE 0.67
#define SHARE_LEAST 0.02 /* of the force: less was not meant */

static int counts(const struct result *result, const struct press_zone *got, enum side side,
                  int kind)
{
    const struct press *press = &result->presses[got->press];

    return got->side == side && press->tool_kind == kind && !press->doubtful && !press->is_catch &&
           isfinite(got->kpa) && got->weight >= SHARE_LEAST;
}

static double of_ceiling(const struct press_zone *got)
{
    return got->kpa / tool_usual_ceiling_kpa(got->zone->region_class);
}

static double hardest_in(const struct result *result, int press)
{
    double hardest = 0;

    for (int i = 0; i < result->n_press_zones; i++)
        if (result->press_zones[i].press == press && isfinite(result->press_zones[i].kpa) &&
            result->press_zones[i].weight >= SHARE_LEAST)
            hardest = fmax(hardest, of_ceiling(&result->press_zones[i]));
    return hardest;
}

static double borne_kpa(const struct result *result, enum side side, int kind,
                        const struct atlas_zone *zone)
{
    double borne = 0;

    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *got = &result->press_zones[i];
        if (got->zone == zone && counts(result, got, side, kind) &&
            !tender_is_pain(&result->presses[got->press]))
            borne = fmax(borne, got->kpa);
    }
    return borne;
}

static struct stud_next look_at(const struct result *result, enum side side, int kind,
                                const struct atlas_zone *zone)
{
    struct stud_next next = {.zone = zone, .side = side, .tool_kind = kind};
    double borne = borne_kpa(result, side, kind, zone);

    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *got = &result->press_zones[i];
        if (got->zone != zone || !counts(result, got, side, kind) ||
            !tender_is_pain(&result->presses[got->press]) || got->kpa < SURELY_BORNE * borne ||
            of_ceiling(got) < HARD_SHARE * hardest_in(result, got->press))
            continue;
        next.kpa = next.suspected ? fmin(next.kpa, got->kpa) : got->kpa;
        next.suspected++;
    }
    return next;
}

static int answers_of(const struct result *result, enum side side, int kind)
{
    int n = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        n += press->side == side && press->tool_kind == kind && !press->doubtful &&
             !press->is_catch && tender_is_pain(press);
    }
    return n;
}

/* Lines of a fan are paths for a thumb, and no places to press. */
static int is_path(const struct atlas_zone *zone)
{
    return zone->shape.kind == ZONE_STRIP && zone->parent;
}

static int is_open(const struct result *result, const struct foot_result *foot,
                   const struct zone_result *zone)
{
    return zone_is_shown(result, zone->zone) && !tender_beyond_reach(foot, zone) &&
           !is_path(zone->zone) && zone->zone->is_plantar && zone->zone->shape.kind != ZONE_PARTS &&
           (zone->state == STATE_NOT_TESTED || zone->state == STATE_UNCERTAIN);
}

static int by_suspicion(const void *a, const void *b)
{
    const struct stud_next *one = a, *other = b;
    double x = one->kpa / tool_usual_ceiling_kpa(one->zone->region_class);
    double y = other->kpa / tool_usual_ceiling_kpa(other->zone->region_class);

    if (one->suspected != other->suspected)
        return other->suspected - one->suspected;
    return (y > x) - (y < x);
}

/* The list has room for all zones of all feet with both tools. */
static void add_foot(struct result *result, const struct foot_result *foot, int kind)
{
    struct stud_next *from = &result->stud_next[result->n_stud_next];
    int answers = answers_of(result, foot->side, kind), n = 0;

    if (!answers)
        return;
    for (int z = 0; z < foot->n_zones; z++) {
        struct stud_next next = {0};
        if (is_open(result, foot, &foot->zones[z]))
            next = look_at(result, foot->side, kind, foot->zones[z].zone);
        if (next.suspected)
            from[n++] = next;
    }
    qsort(from, (size_t)n, sizeof *from, by_suspicion);
    for (int i = 0; i < n; i++) {
        from[i].answers = answers;
        from[i].others = n - 1;
    }
    result->n_stud_next += n < STUD_NEXT_MOST ? n : STUD_NEXT_MOST;
}

int tender_next_find(struct result *result, struct problem *why)
{
    size_t room = 1;

    if (!result->n_press_zones)
        return 0;
    for (int f = 0; f < result->n_feet; f++)
        room += 2 * (size_t)result->feet[f].n_zones;
    free(result->stud_next);
    result->n_stud_next = 0;
    result->stud_next = calloc(room, sizeof *result->stud_next);
    if (!result->stud_next)
        return problem_no_memory(why, "what to press next");
    for (int f = 0; f < result->n_feet; f++) {
        add_foot(result, &result->feet[f], TOOL_MAT);
        add_foot(result, &result->feet[f], TOOL_FLAT);
    }
    return 0;
}

void tender_next_words(const struct stud_next *next, char *text, size_t cap)
{
    int is_mat = next->tool_kind == TOOL_MAT;

    snprintf(text, cap,
             "%s, %s foot: among what pressed hardest in %d of %d answers %s, with %.0f kPa here; "
             "%d other zone%s did so too: press it with the single stud to tell",
             next->zone->id, side_name(next->side), next->suspected, next->answers,
             is_mat ? "on the mat" : "to weight shifts", next->kpa, next->others,
             next->others == 1 ? "" : "s");
}

static int count_kind(const struct result *result, int kind, int *answers)
{
    int n = 0;

    *answers = 0;
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (press->tool_kind != kind || press->is_catch || press->is_tap)
            continue;
        n++;
        *answers += press->answered != 0;
    }
    return n;
}

const char *tender_standing_only(const struct result *result)
{
    int answers;

    if (count_kind(result, TOOL_SINGLE, &answers) ||
        !(count_kind(result, TOOL_MAT, &answers) + count_kind(result, TOOL_FLAT, &answers)))
        return NULL;
    return "No zone was tested with a single stud: weight shifts and a mat name no single place, "
           "flag nothing and clear nothing.";
}

static int has_telling_press(const struct result *result)
{
    double kpa;

    for (int i = 0; i < result->n_presses; i++)
        if (press_use_of(&result->presses[i], &kpa) != PRESS_NOTHING)
            return 1;
    return 0;
}

const char *tender_nothing_flagged(const struct result *result)
{
    const char *protocol = result->facts.protocol;

    if (!result->n_presses && protocol && !strcmp(protocol, "press"))
        return "This press test ended before its first press: tenderness is not tested. Load "
               "alone does not show tenderness.";
    if (!result->n_presses)
        return "No press test in this recording: tenderness was not asked for. Load alone does not "
               "show tenderness.";
    if (tender_standing_only(result))
        return tender_standing_only(result);
    if (!has_telling_press(result))
        return "No press of this test tells anything: there are only quick touches, catch trials "
               "or presses that cannot be relied on. Tenderness is not tested.";
    if (result->answers_unreliable)
        return "Answers were unreliable in this recording, so no zone is flagged. The pressures "
               "at which pain was reported are listed below, without a flag.";
    return "No zone is flagged: at no place was pain reported repeatedly and at lower pressure "
           "than at the places it was compared with.";
}

int tender_tells_nothing(const struct result *result)
{
    return !result->n_presses || tender_standing_only(result) || !has_telling_press(result) ||
           result->answers_unreliable;
}

void tender_standing_count(const struct result *result, char *text, size_t cap)
{
    int shift_answers, mat_answers, n = 0;
    int shifts = count_kind(result, TOOL_FLAT, &shift_answers);
    int mats = count_kind(result, TOOL_MAT, &mat_answers);

    *text = 0;
    if (shifts)
        n = snprintf(text, cap, "%d weight shift%s on the bare plate, %d answer%s", shifts,
                     shifts == 1 ? "" : "s", shift_answers, shift_answers == 1 ? "" : "s");
    if (mats && n >= 0 && (size_t)n < cap)
        snprintf(text + n, cap - (size_t)n, "%s%d press%s of a mat of studs, %d answer%s",
                 n ? "; " : "", mats, mats == 1 ? "" : "es", mat_answers,
                 mat_answers == 1 ? "" : "s");
}

void tender_next_json(struct json_writer *w, json_t *root, const struct result *result)
{
    json_t *array = json_array();
    char words[240];

    for (int i = 0; i < result->n_stud_next; i++) {
        const struct stud_next *next = &result->stud_next[i];
        json_t *object = json_object();
        put_text(w, object, "zone", next->zone->id);
        put_text(w, object, "side", side_name(next->side));
        put_text(w, object, "tool_kind", tool_kind_name((enum tool_kind)next->tool_kind));
        put_count(w, object, "answers", (uint64_t)next->answers);
        put_count(w, object, "answers_suspected", (uint64_t)next->suspected);
        put_count(w, object, "other_zones", (uint64_t)next->others);
        put_number(w, object, "kpa", next->kpa, "");
        tender_next_words(next, words, sizeof words);
        put_text(w, object, "words", words);
        append(w, array, object);
    }
    put(w, root, "stud_next", array);
}
