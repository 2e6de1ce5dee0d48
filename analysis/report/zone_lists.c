/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/zone_lists.h"

#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include "analysis/report/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum detail {
    DETAIL_NONE,
    DETAIL_THRESHOLD, /* the threshold of each zone */
    DETAIL_WHY,       /* why all of the list are uncertain */
    DETAIL_QUESTION,  /* what the screening's exclusion rests on */
    DETAIL_UP_TO      /* the least of the pressures that were borne */
};

struct list_kind {
    enum zone_state state;
    enum detail detail;
    const char *label;
    enum uncertain uncertain; /* of uncertain ones: those for this reason */
};

/* In the order of what a reader asks first. */
static const struct list_kind kinds[] = {
    {STATE_MEASURED, DETAIL_THRESHOLD, "Pain reported, no flag", UNCERTAIN_NOT},
    {STATE_UNCERTAIN, DETAIL_WHY, "Uncertain, repeat", UNCERTAIN_ANSWERS_DIFFER},
    {STATE_UNCERTAIN, DETAIL_WHY, "Uncertain, repeat", UNCERTAIN_PRESSED_ONCE},
    {STATE_UNCERTAIN, DETAIL_WHY, "Uncertain, repeat", UNCERTAIN_NO_PRESS_COUNTS},
    {STATE_UNCERTAIN, DETAIL_WHY, "Uncertain, repeat", UNCERTAIN_PLACE_NOT_KNOWN},
    {STATE_UNCERTAIN, DETAIL_WHY, "Uncertain, repeat", UNCERTAIN_PARTS_OPEN},
    {STATE_UNCERTAIN, DETAIL_NONE, "Uncertain, repeat", UNCERTAIN_NOT},
    {STATE_UNCERTAIN, DETAIL_NONE, "Not tested with a stud, weight shifts only",
     UNCERTAIN_SHIFTS_ONLY},
    {STATE_NO_PAIN_TO_CEILING, DETAIL_UP_TO, "No pain reported", UNCERTAIN_NOT},
    {STATE_STOPPED, DETAIL_NONE, "Stopped", UNCERTAIN_NOT},
    {STATE_EXCLUDED, DETAIL_QUESTION, "Excluded", UNCERTAIN_NOT},
    {STATE_EXCLUDED_BY_HAND, DETAIL_NONE, "Left out, a wart or joint was noted by hand",
     UNCERTAIN_NOT},
    {STATE_NOT_TESTED, DETAIL_NONE, "Not tested", UNCERTAIN_NOT},
    {STATE_NO_CONTACT, DETAIL_NONE, "No contact", UNCERTAIN_NOT},
    {STATE_OUTSIDE_PLATE, DETAIL_NONE, "Outside the plate", UNCERTAIN_NOT},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Beside the kinds: what the plate cannot tell apart (R37). */
static const char as_one_label[] = "Read as one";

static int is_in(const struct zone_result *zone, const struct list_kind *kind)
{
    return zone->state == kind->state && zone->flag == FLAG_NONE &&
           zone->uncertain == kind->uncertain;
}

/* A union is told in the place of its parts only where all of them are in the same list, so that
 * it never reads as tested while some of them were not; with a threshold each, parts are told. */
static int is_whole(const struct zone_result *zone, const struct list_kind *kind)
{
    if (zone->zone->shape.kind != ZONE_PARTS)
        return 1;
    for (int i = 1; i <= zone->zone->n_parts; i++)
        if (kind->detail == DETAIL_THRESHOLD || !is_in(&zone[i], kind))
            return 0;
    return 1;
}

/* A part tells nothing new where its parent is in the same list; with a threshold each, it does. */
static int is_listed(const struct foot_result *foot, int i, const struct list_kind *kind)
{
    const struct zone_result *zone = &foot->zones[i];
    if (!is_in(zone, kind) || !is_whole(zone, kind))
        return 0;
    const char *parent = zone->zone->parent;
    for (int k = 0; parent && kind->detail != DETAIL_THRESHOLD && k < foot->n_zones; k++)
        if (!strcmp(foot->zones[k].zone->id, parent) && is_in(&foot->zones[k], kind) &&
            is_whole(&foot->zones[k], kind))
            return 0;
    return 1;
}

/* Index of the next zone after i that is nobody's part, or n_zones. */
static int next_whole(const struct foot_result *foot, int i)
{
    do
        i++;
    while (i < foot->n_zones && foot->zones[i].zone->parent);
    return i;
}

/* Last zone of the run of listed neighbours that begins at i; i itself when there is no run. */
static int run_end(const struct foot_result *foot, int i, const struct list_kind *kind)
{
    if (kind->detail == DETAIL_THRESHOLD || foot->zones[i].zone->parent)
        return i;
    char first = foot->zones[i].zone->id[0];
    for (int next = next_whole(foot, i); next < foot->n_zones && is_listed(foot, next, kind) &&
                                         foot->zones[next].zone->id[0] == first;
         next = next_whole(foot, next))
        i = next;
    return i;
}

static void add_zone(struct text *text, const struct zone_result *zone, enum detail detail)
{
    text_add(text, zone->zone->id);
    if (detail == DETAIL_THRESHOLD && isfinite(zone->threshold_kpa))
        text_addf(text, zone_threshold_is_bound(zone) ? " above %.0f kPa" : " %.0f kPa",
                  zone->threshold_kpa);
}

/* What every zone of the list bore without an answer of pain, and at how few of its places: nothing
 * is known of what lies between. */
static void add_least(struct text *text, const struct foot_result *foot,
                      const struct list_kind *kind)
{
    double least_kpa = INFINITY;
    int few = 0, many = 0;
    for (int i = 0; i < foot->n_zones; i++) {
        const struct zone_result *zone = &foot->zones[i];
        if (!is_in(zone, kind) || !isfinite(zone->threshold_kpa))
            continue;
        least_kpa = fmin(least_kpa, zone->threshold_kpa);
        few = zone->spots && (!few || zone->spots < few) ? zone->spots : few;
        many = zone->spots > many ? zone->spots : many;
    }
    if (isfinite(least_kpa) && few < many)
        text_addf(
            text,
            " (no pain up to at least %.0f kPa; places pressed in each of these zones: %d to %d)",
            least_kpa, few, many);
    else if (isfinite(least_kpa) && many)
        text_addf(text,
                  " (no pain up to at least %.0f kPa; places pressed in each of these zones: %d)",
                  least_kpa, many);
    else if (isfinite(least_kpa))
        text_addf(text, " (no pain up to at least %.0f kPa)", least_kpa);
}

static int concerns(const struct zone_exclusion *exclusion, const struct foot_result *foot)
{
    return exclusion->side == SIDE_UNKNOWN || exclusion->side == foot->side;
}

static int is_told_before(const struct result *result, const struct foot_result *foot, int i)
{
    for (int k = 0; k < i; k++)
        if (concerns(&result->exclusions[k], foot) &&
            !strcmp(result->exclusions[k].why, result->exclusions[i].why))
            return 1;
    return 0;
}

/* " (screening Q19, screening Q07)": what the exclusions of this foot rest on. */
static void add_questions(struct text *text, const struct result *result,
                          const struct foot_result *foot)
{
    int n = 0;

    for (int i = 0; i < result->n_exclusions; i++) {
        const struct zone_exclusion *exclusion = &result->exclusions[i];
        if (!concerns(exclusion, foot) || !*exclusion->why || is_told_before(result, foot, i) ||
            !words_are_allowed(text, exclusion->why))
            continue;
        text_add(text, n++ ? ", " : " (");
        text_add_made(text, exclusion->why);
    }
    text_add(text, n ? ")" : "");
}

/* "P01 to P09, P12" of one foot; empty when it has none in this list. */
static void add_foot(struct text *text, const struct result *result, const struct foot_result *foot,
                     const struct list_kind *kind)
{
    int n = 0;
    int run_to = -1; /* wholes up to here are told already */
    for (int i = 0; i < foot->n_zones; i++) {
        int is_part = foot->zones[i].zone->parent != NULL;
        if ((i <= run_to && !is_part) || !is_listed(foot, i, kind))
            continue;
        text_add(text, n++ ? ", " : "");
        add_zone(text, &foot->zones[i], kind->detail);
        int end = run_end(foot, i, kind);
        if (next_whole(foot, i) < end) { /* three or more */
            text_addf(text, " to %s", foot->zones[end].zone->id);
            run_to = end;
        }
    }
    if (n && kind->detail == DETAIL_UP_TO)
        add_least(text, foot, kind);
    if (n && kind->detail == DETAIL_WHY)
        text_addf(text, " (%s)", words_tr(uncertain_words(kind->uncertain)));
    if (n && kind->detail == DETAIL_QUESTION)
        add_questions(text, result, foot);
}

/* A zone that is for women only says so, where somebody was pressed and is not known to be one. */
static void add_female_only(struct text *text, const struct result *result)
{
    for (int i = 0; result->n_presses && i < result->feet[0].n_zones; i++) {
        const struct zone_result *zone = &result->feet[0].zones[i];
        if (zone->zone->only_female && result->subject_sex != STATED_FEMALE)
            text_addf(text, "; %s: %s", zone->zone->id,
                      words_tr("shown only when the sex is recorded as female"));
    }
}

static char *list_text(const struct result *result, const struct list_kind *kind)
{
    struct text feet[2] = {{0}, {0}}, all = {0};
    for (int i = 0; i < result->n_feet; i++)
        add_foot(&feet[i], result, &result->feet[i], kind);
    if (result->n_feet == 2 && feet[0].n && !strcmp(text_string(&feet[0]), text_string(&feet[1]))) {
        text_addf(&all, "both feet: %s", text_string(&feet[0]));
    } else {
        for (int i = 0; i < result->n_feet; i++)
            if (feet[i].n)
                text_addf(&all, "%s%s: %s", all.n ? "; " : "", side_words(result->feet[i].side),
                          text_string(&feet[i]));
    }
    if (all.n && kind->state == STATE_OUTSIDE_PLATE)
        text_add(&all, " (not measured)");
    if (all.n && kind->state == STATE_NOT_TESTED)
        add_female_only(&all, result);
    all.failed |= feet[0].failed | feet[1].failed;
    text_free(&feet[0]);
    text_free(&feet[1]);
    return text_take(&all);
}

/* "P03/P06, P07/P08 (cells of 8.5 mm cannot tell them apart)"; empty where none is. */
static char *as_one_text(const struct result *result)
{
    struct text text = {0};
    for (int i = 0; result->n_feet && i < atlas_count(result->atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, i);
        if (zone_tells_as_one(result, zone))
            text_addf(&text, "%s%s/%s", text.n ? ", " : "", zone->id,
                      zone_as_one_with(result, zone));
    }
    if (text.n)
        text_addf(&text, " (cells of %.1f mm cannot tell them apart)", widest_cell_mm(result));
    return text_take(&text);
}

/* Takes the text, which is left out when it is empty; -1 without one. */
static int add_list(struct findings *findings, const char *label, char *text)
{
    if (text && !*text)
        free(text);
    else
        findings->lists[findings->n_lists++] = (struct finding_list){label, text};
    return text ? 0 : -1;
}

int zone_lists_make(const struct result *result, struct findings *findings, struct problem *why)
{
    int bad = 0;

    findings->lists = calloc(KINDS + 1, sizeof *findings->lists);
    if (!findings->lists)
        return problem_no_memory(why, "the lists of zones");
    for (int i = 0; i < KINDS && !bad; i++)
        bad = add_list(findings, kinds[i].label, list_text(result, &kinds[i]));
    if (!bad)
        bad = add_list(findings, as_one_label, as_one_text(result));
    return bad ? problem_no_memory(why, "the lists of zones") : 0;
}
