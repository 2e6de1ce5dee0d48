/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/findings.h"

#include "analysis/press/zone_place.h"
#include "analysis/report/text.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"
#include "analysis/report/zone_lists.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char findings_note[] =
    "One press falls into every zone that contains its place; it cannot tell these zones apart. In "
    "brackets: 95 % intervals.";

/* The rates are those of threshold_defaults: Holm over a person's places, as many as
 * threshold_levels.c counts, and Benjamini-Hochberg over all that is listed: it bounds the mean
 * over people of the wrong share of attention and watch together, and says nothing of the watch
 * list alone. */
const char findings_attention[] =
    "For attention: tender, at lower pressure than what it was compared with; about 5 % of virtual "
    "people without a tender zone get any (see Method)";
const char findings_watch[] =
    "Watch: worth repeating. Of attention and watch together at most 10 % "
    "are wrong on average over virtual people; of watch alone more";

const char findings_names_note[] = "Names of the zones: the chart (atlas)";

int words_are_allowed(struct text *text, const char *words)
{
    struct problem why = {0};

    if (!wording_check(words, &why))
        return 1;
    text->failed |= why.kind == PROBLEM_FAILED;
    return 0;
}

const char *side_words(enum side side)
{
    return words_tr(side == SIDE_LEFT ? "left" : side == SIDE_RIGHT ? "right" : "side not known");
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
        return words_tr("foot");
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

static char *place_text(const struct zone_result *zone, const struct atlas_zone *as_one_with)
{
    struct text text = {0};
    text_addf(&text, "%s%s%s: %s", zone->zone->id, as_one_with ? "/" : "",
              as_one_with ? as_one_with->id : "", words_tr(zone->zone->name));
    if (zone->approximate)
        text_add(&text, " (approximate place)");
    return text_take(&text);
}

static void add_threshold(struct text *text, const struct result *result,
                          const struct zone_result *zone)
{
    if (isfinite(zone->threshold_kpa))
        text_addf(text, zone_threshold_is_bound(zone) ? "above %.0f kPa" : "%.0f kPa",
                  zone->threshold_kpa);
    else
        text_add(text, "threshold not known");
    if (zone->answers > 1 && isfinite(zone->threshold_low_kpa) &&
        isfinite(zone->threshold_high_kpa))
        text_addf(text, " (%.0f to %.0f kPa)", zone->threshold_low_kpa, zone->threshold_high_kpa);
    text_addf(text,
              words_plural(",\nanswered in %d of %d press", ",\nanswered in %d of %d presses",
                           (unsigned long)zone->repeats),
              zone->answers, zone->repeats);
    if (result->n_sessions) {
        int sessions = zone_sessions(result, zone);
        text_addf(text, words_plural(", %d session", ", %d sessions", (unsigned long)sessions),
                  sessions);
    }
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
    text_addf(text, more ? "the same answers as no. %d" : "the same presses as no. %d",
              first->number);
    for (int side = 0; more && side < 3; side++)
        if (row->zone[side])
            text_addf(text, ",\n%s%sin %d of %d presses here",
                      row->side == SIDE_UNKNOWN ? side_words((enum side)side) : "",
                      row->side == SIDE_UNKNOWN ? " " : "", row->zone[side]->answers,
                      row->zone[side]->repeats);
}

static char *threshold_text(const struct result *result, const struct findings *findings,
                            const struct finding *row)
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
        add_threshold(&text, result, row->zone[side]);
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

/* The place after `after` in order ("001:403" < "003:271") that names this organ; NULL at the end.
 */
static const char *next_cite(const struct atlas_zone *zone, const char *organ, const char *after)
{
    const char *next = NULL;
    for (int i = 0; i < zone->n_sources; i++) {
        const struct atlas_source *source = &zone->sources[i];
        const char *cite = source->cite && *source->cite ? source->cite : source->seed;
        if (!strcasecmp(source->organ, organ) && strcmp(cite, after) > 0 &&
            (!next || strcmp(cite, next) < 0))
            next = cite;
    }
    return next;
}

/* " (articles 001:403, 003:271)": each article and line that names the organ. */
static void add_articles(struct text *text, const struct atlas_zone *zone, const char *organ)
{
    const char *cite = next_cite(zone, organ, "");
    if (!cite)
        return;
    const char *second = next_cite(zone, organ, cite);
    text_addf(text, second ? " (articles %s" : " (article %s", cite);
    for (; second; second = next_cite(zone, organ, second))
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

static char *tradition_text(const struct atlas_zone *zone, const struct atlas_zone *as_one_with)
{
    struct text text = {0};
    tradition_add(&text, zone);
    if (as_one_with) {
        text_addf(&text, "; %s: ", as_one_with->id);
        struct text other = {0};
        tradition_add(&other, as_one_with);
        text_add_made(&text, text_string(&other));
        text.failed |= other.failed;
        text_free(&other);
    }
    return text_take(&text);
}

/* "; 95 %: ratio 0.50 to 0.69": to the same place of the other foot, which the comparison has
 * told, or not. The quotient that the comparison tells is of the pressures printed there; this one
 * has the person's general difference between the feet taken off, and its error added. */
static void add_ratio(struct text *text, const struct finding *row, const char *compared)
{
    const struct zone_result *zone = row->zone[row->side];

    if (row->side == SIDE_UNKNOWN || !zone || !(zone->ratio > 0) || !(zone->ratio_high > 0))
        return;
    const char *what = words_tr(strstr(compared, "other foot") ? "; 95 %:" : "; other foot, 95 %:");
    if (zone->ratio_is_bound)
        text_addf(text, "%s ratio below %.2f", what, zone->ratio_high);
    else
        text_addf(text, "%s ratio %.2f to %.2f", what, zone->ratio_low, zone->ratio_high);
}

static char *where_text(const struct result *result, const struct finding *row)
{
    struct text text = {0};
    char words[ZONE_WHERE_MAX];

    for (int side = 0; side < 3; side++) {
        if (!row->zone[side])
            continue;
        text_add(&text, text.n ? " and " : "");
        text_add_made(&text, zone_where(result, row->zone[side], words, sizeof words));
    }
    return text_take(&text);
}

/* 1 when the conflict is about the zone, or about the one that it is a part of. */
static int is_about(const struct atlas_conflict *conflict, const struct atlas_zone *zone)
{
    for (int i = 0; i < conflict->n_zones; i++)
        if (!strcmp(conflict->zones[i], zone->id) ||
            (zone->parent && !strcmp(conflict->zones[i], zone->parent)))
            return 1;
    return 0;
}

/* The next "003:271" from *at on, which is put behind it; NULL when there is none. */
static const char *next_line(const char **at)
{
    while (*at && **at) {
        size_t article = strspn(*at, "0123456789");
        size_t line = article == 3 && (*at)[3] == ':' ? strspn(*at + 4, "0123456789") : 0;
        const char *from = *at;
        *at += line ? 4 + line : article ? article : 1;
        if (line)
            return from;
    }
    return NULL;
}

void zone_conflicts(struct text *text, const struct atlas *atlas, const struct atlas_zone *zone,
                    int with_lines)
{
    for (int i = 0, told = 0; atlas && i < atlas_conflict_count(atlas); i++) {
        const struct atlas_conflict *conflict = atlas_conflict(atlas, i);
        if (!is_about(conflict, zone))
            continue;
        text_add(text, told++ ? "; " : "articles differ: ");
        text_addf(text, "%s (%s", words_tr(conflict->topic), conflict->id);
        for (const char *at = with_lines ? conflict->versions : NULL, *line = next_line(&at),
                        *sign = ": ";
             line; line = next_line(&at), sign = ", ")
            text_addf(text, "%s%.*s", sign, (int)(at - line), line);
        text_add(text, ")");
    }
}

static char *conflicts_text(const struct atlas *atlas, const struct atlas_zone *zone)
{
    struct text text = {0};

    zone_conflicts(&text, atlas, zone, 1);
    return text_take(&text);
}

/* What the row was compared with, unless the first row of the same presses tells the same. */
static char *compared_text(const struct findings *findings, const struct finding *row,
                           const char *compared)
{
    struct text text = {0};
    text_add_made(&text, compared);
    add_ratio(&text, row, compared);
    if (!text.failed && row->same_as &&
        !strcmp(findings->rows[row->same_as - 1].compared, text_string(&text))) {
        text_free(&text);
        text_addf(&text, "as no. %d", row->same_as);
    }
    return text_take(&text);
}

static char *small_text(const struct atlas *atlas, const struct atlas_zone *zone,
                        const struct finding *row)
{
    struct text text = {0};

    if (row->where && *row->where)
        text_addf(&text, "%s; ", row->where);
    text_add(&text, row->tradition);
    if (row->conflicts && *row->conflicts)
        text_add(&text, "; ");
    zone_conflicts(&text, atlas, zone, 0);
    return text_take(&text);
}

static int row_strings(const struct result *result, const struct findings *findings,
                       struct finding *row, const char *compared)
{
    const struct zone_result *zone = NULL;
    for (int side = 2; side >= 0; side--)
        if (row->zone[side])
            zone = row->zone[side];
    row->same_as = first_of_same_answers(findings, row);
    row->place = place_text(zone, row->as_one_with);
    row->foot =
        strdup(row->side == SIDE_UNKNOWN && row->level == FLAG_BOTH_SIDES ? words_tr("both")
                                                                          : side_words(row->side));
    row->threshold = threshold_text(result, findings, row);
    row->where = where_text(result, row);
    row->conflicts = conflicts_text(result->atlas, zone->zone);
    row->compared = compared_text(findings, row, compared);
    row->tradition = tradition_text(zone->zone, row->as_one_with);
    row->small = small_text(result->atlas, zone->zone, row);
    return row->place && row->foot && row->threshold && row->compared && row->tradition &&
                   row->where && row->conflicts && row->small
               ? 0
               : -1;
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
    if (flag->as_one_with)
        row.as_one_with = atlas_find(result->atlas, flag->as_one_with);
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
    return row_strings(result, findings, &findings->rows[findings->n_rows - 1], flag->why);
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
    free(row->where);
    free(row->small);
    free(row->conflicts);
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
