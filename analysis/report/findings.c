/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/findings.h"

#include "analysis/report/text.h"
#include "analysis/report/zone_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char findings_note[] =
    "One press falls into every zone that contains its place; it cannot tell these zones apart.";

const char findings_names_note[] = "Names of the zones: tenderfoot atlas";

const char *side_words(enum side side)
{
    return side == SIDE_LEFT ? "left" : side == SIDE_RIGHT ? "right" : "side not known";
}

const struct foot_result *foot_of_side(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side)
            return &result->feet[i];
    return NULL;
}

const struct foot_result *foot_in_place(const struct result *result, enum side side)
{
    const struct foot_result *foot = foot_of_side(result, side);
    if (foot)
        return foot;
    int next = foot_of_side(result, SIDE_LEFT) ? SIDE_RIGHT : SIDE_LEFT;
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == SIDE_UNKNOWN && next++ == (int)side)
            return &result->feet[i];
    return NULL;
}

const char *place_words(const struct result *result, enum side side)
{
    const struct foot_result *foot = foot_in_place(result, side);
    if (foot && foot->side == SIDE_UNKNOWN)
        return "foot";
    return side_words(side);
}

static const struct zone_result *find_zone(const struct result *result, enum side side,
                                           const char *id)
{
    const struct foot_result *foot = foot_of_side(result, side);
    for (int i = 0; foot && i < foot->n_zones; i++)
        if (!strcmp(foot->zones[i].zone->id, id))
            return &foot->zones[i];
    return NULL;
}

static char *place_text(const struct zone_result *zone)
{
    struct text text = {0};
    text_addf(&text, "%s: %s", zone->zone->id, zone->zone->name);
    if (zone->approximate)
        text_add(&text, " (approximate place)");
    return text_take(&text);
}

static void add_threshold(struct text *text, const struct zone_result *zone)
{
    if (isfinite(zone->threshold_kpa))
        text_addf(text, "%.0f kPa", zone->threshold_kpa);
    else
        text_add(text, "threshold not known");
    if (zone->answers > 1 && isfinite(zone->threshold_low_kpa))
        text_addf(text, " (%.0f to %.0f kPa)", zone->threshold_low_kpa, zone->threshold_high_kpa);
    text_addf(text, ",\nanswered in %d of %d press%s", zone->answers, zone->repeats,
              zone->repeats == 1 ? "" : "es");
}

static int same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Two zones of one foot with the same answers to the last digit share the presses of these. */
static int same_answers(const struct zone_result *a, const struct zone_result *b)
{
    if (!a || !b)
        return a == b;
    return a->answers == b->answers && a->answers > 0 &&
           same_number(a->threshold_kpa, b->threshold_kpa) &&
           same_number(a->threshold_low_kpa, b->threshold_low_kpa) &&
           same_number(a->threshold_high_kpa, b->threshold_high_kpa);
}

/* The number of the first row of the same answers, or 0. */
static int first_of_same_answers(const struct findings *findings, const struct finding *row)
{
    for (const struct finding *first = findings->rows; first < row; first++)
        if (first->side == row->side && same_answers(first->zone[0], row->zone[0]) &&
            same_answers(first->zone[1], row->zone[1]) &&
            same_answers(first->zone[2], row->zone[2]))
            return first->number;
    return 0;
}

/* "the same presses as no. 1"; a larger zone may hold unanswered presses besides. */
static void add_same(struct text *text, const struct finding *first, const struct finding *row)
{
    int more = 0;
    for (int side = 0; side < 3; side++)
        more |= row->zone[side] && row->zone[side]->repeats != first->zone[side]->repeats;
    text_addf(text, "the same %s as no. %d", more ? "answers" : "presses", first->number);
    for (int side = 0; more && side < 3; side++)
        if (row->zone[side])
            text_addf(text, ",\n%s%sin %d of %d presses here",
                      row->side == SIDE_UNKNOWN ? side_words((enum side)side) : "",
                      row->side == SIDE_UNKNOWN ? " " : "", row->zone[side]->answers,
                      row->zone[side]->repeats);
}

static char *threshold_text(const struct findings *findings, const struct finding *row)
{
    struct text text = {0};
    if (row->same_as) {
        add_same(&text, &findings->rows[row->same_as - 1], row);
        return text_take(&text);
    }
    int both = row->zone[SIDE_LEFT] && row->zone[SIDE_RIGHT];
    for (int side = 0; side < 3; side++) {
        if (!row->zone[side])
            continue;
        if (text.n)
            text_add(&text, ";\n");
        if (both)
            text_addf(&text, "%s ", side_words((enum side)side));
        add_threshold(&text, row->zone[side]);
    }
    return text_take(&text);
}

/* 1 when an earlier source of the zone names the same organ. */
static int told_before(const struct atlas_zone *zone, int i)
{
    for (int k = 0; k < i; k++)
        if (!strcasecmp(zone->sources[k].organ, zone->sources[i].organ))
            return 1;
    return 0;
}

/* The article after `after` in order ("001" < "003") that names this organ; NULL at the end. */
static const char *next_article(const struct atlas_zone *zone, const char *organ, const char *after)
{
    const char *next = NULL;
    for (int i = 0; i < zone->n_sources; i++) {
        const char *seed = zone->sources[i].seed;
        if (!strcasecmp(zone->sources[i].organ, organ) && strcmp(seed, after) > 0 &&
            (!next || strcmp(seed, next) < 0))
            next = seed;
    }
    return next;
}

/* " (articles 001, 003)": all articles that name the organ. */
static void add_articles(struct text *text, const struct atlas_zone *zone, const char *organ)
{
    const char *seed = next_article(zone, organ, "");
    if (!seed)
        return;
    const char *second = next_article(zone, organ, seed);
    text_addf(text, " (article%s %s", second ? "s" : "", seed);
    for (; second; second = next_article(zone, organ, second))
        text_addf(text, ", %s", second);
    text_add(text, ")");
}

void tradition_add(struct text *text, const struct atlas_zone *zone)
{
    size_t before = text->n;
    for (int i = 0; i < zone->n_sources; i++) {
        const char *organ = zone->sources[i].organ;
        if (!organ || !*organ || told_before(zone, i))
            continue;
        text_add(text, text->n > before ? "; " : "traditionally associated with ");
        text_add(text, organ);
        add_articles(text, zone, organ);
    }
    if (text->n == before)
        text_add(text, "no organ stated by the articles");
}

static char *tradition_text(const struct atlas_zone *zone)
{
    struct text text = {0};
    tradition_add(&text, zone);
    return text_take(&text);
}

/* What the row was compared with, unless the first row of the same presses tells the same. */
static char *compared_text(const struct findings *findings, const struct finding *row,
                           const char *compared)
{
    struct text text = {0};
    if (row->same_as && !strcmp(findings->rows[row->same_as - 1].compared, compared))
        text_addf(&text, "as no. %d", row->same_as);
    else
        text_add(&text, compared);
    return text_take(&text);
}

static int row_strings(const struct findings *findings, struct finding *row, const char *compared)
{
    const struct zone_result *zone = NULL;
    for (int side = 2; side >= 0; side--)
        if (row->zone[side])
            zone = row->zone[side];
    row->same_as = first_of_same_answers(findings, row);
    row->place = place_text(zone);
    row->foot =
        strdup(row->side == SIDE_UNKNOWN && row->level == FLAG_BOTH_SIDES ? "both"
                                                                          : side_words(row->side));
    row->threshold = threshold_text(findings, row);
    row->compared = compared_text(findings, row, compared);
    row->tradition = tradition_text(zone->zone);
    return row->place && row->foot && row->threshold && row->compared && row->tradition ? 0 : -1;
}

/* The row of the same zone that a second flag of "both sides" joins. */
static struct finding *joined_row(struct findings *findings, const struct flag *flag)
{
    for (int i = 0; flag->level == FLAG_BOTH_SIDES && i < findings->n_rows; i++) {
        struct finding *row = &findings->rows[i];
        for (int side = 0; side < 3; side++)
            if (row->level == FLAG_BOTH_SIDES && row->zone[side] &&
                !strcmp(row->zone[side]->zone->id, flag->zone_id))
                return row;
    }
    return NULL;
}

static int add_row(const struct result *result, struct findings *findings, const struct flag *flag)
{
    struct finding row = {.level = flag->level, .number = findings->n_rows + 1};
    if (flag->level == FLAG_BOTH_SIDES) {
        if (joined_row(findings, flag))
            return 0;
        row.zone[SIDE_LEFT] = find_zone(result, SIDE_LEFT, flag->zone_id);
        row.zone[SIDE_RIGHT] = find_zone(result, SIDE_RIGHT, flag->zone_id);
    } else {
        row.side = flag->side;
        row.zone[flag->side] = find_zone(result, flag->side, flag->zone_id);
    }
    if (!row.zone[0] && !row.zone[1] && !row.zone[2])
        return 0; /* a flag of no zone in the result says nothing that can be shown */
    findings->rows[findings->n_rows++] = row;
    return row_strings(findings, &findings->rows[findings->n_rows - 1], flag->why);
}

int findings_make(const struct result *result, struct findings *findings, struct problem *why)
{
    *findings = (struct findings){0};
    findings->rows = calloc((size_t)result->n_flags + 1, sizeof *findings->rows);
    int failed = !findings->rows;
    for (int i = 0; i < result->n_flags && !failed; i++)
        failed = add_row(result, findings, &result->flags[i]);
    if (failed)
        problem_no_memory(why, "the table of zones");
    if (failed || zone_lists_make(result, findings, why)) {
        findings_free(findings);
        return -1;
    }
    return 0;
}

static void free_row(struct finding *row)
{
    free(row->place);
    free(row->foot);
    free(row->threshold);
    free(row->compared);
    free(row->tradition);
}

void findings_free(struct findings *findings)
{
    for (int i = 0; i < findings->n_rows; i++)
        free_row(&findings->rows[i]);
    for (int i = 0; i < findings->n_lists; i++)
        free(findings->lists[i].text);
    free(findings->rows);
    free(findings->lists);
    *findings = (struct findings){0};
}

const struct finding *findings_of(const struct findings *findings, const struct zone_result *zone)
{
    for (int i = 0; i < findings->n_rows; i++)
        for (int side = 0; side < 3; side++)
            if (findings->rows[i].zone[side] == zone)
                return &findings->rows[i];
    return NULL;
}
