/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flags: a tender zone against the same zone of the other foot and against other places of its
 * region class on the same person (reflexology.md 4.4, rules 2 to 5). What is said is compared by
 * the numbers beside each other; what is flagged is decided by threshold_fit over all places. */
#include "analysis/press/tenderness_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A median of fewer other places says little. */
#define CLASS_PLACES_MIN 3
#define SAME_TIP 0.01

struct comparison {
    int has_mirror, mirror_is_censored, mirror_is_higher;
    double mirror_kpa;
    int class_places, class_is_higher;
    double class_kpa;
};

static int same_probe(const struct tender *tender, double tip_a, double ramp_a, double tip_b,
                      double ramp_b)
{
    return fabs(tip_a - tip_b) <= SAME_TIP * tip_a &&
           fabs(ramp_a - ramp_b) <= tender->options.same_ramp_tolerance * fmax(ramp_a, ramp_b);
}

static int is_lower(const struct tender *tender, double own_kpa, double other_kpa)
{
    return own_kpa < tender->options.factor * other_kpa;
}

/* Repeats must carry the mirror; where it bore all (censored), its true threshold is higher still:
 * that can prove a difference and never disprove one. */
static void compare_mirror(const struct tender *tender, int f, int z, struct comparison *c)
{
    const struct tally *own = &tender->tallies[f][z];
    const struct foot_result *other;

    if (tender->result->n_feet != 2)
        return;
    other = &tender->result->feet[!f];
    const struct tally *mirror = &tender->tallies[!f][z];
    if ((other->zones[z].state != STATE_MEASURED &&
         other->zones[z].state != STATE_NO_PAIN_TO_CEILING) ||
        !mirror->one_tool || isnan(mirror->value_kpa) ||
        !same_probe(tender, own->tip_cm2, own->ramp_kpa_s, mirror->tip_cm2, mirror->ramp_kpa_s))
        return;
    c->has_mirror = 1;
    c->mirror_kpa = mirror->value_kpa;
    c->mirror_is_censored = !mirror->answers;
    c->mirror_is_higher = is_lower(tender, own->value_kpa, mirror->value_kpa);
}

/* Other places of the class on both feet; a censored one counts with its bound, so that the median
 * is a lower bound as well. */
static void compare_class(struct tender *tender, int f, int z, struct comparison *c)
{
    const struct tally *own = &tender->tallies[f][z];

    for (int i = 0; i < tender->n_places; i++) {
        const struct tender_place *place = &tender->places[i];
        if (!place->presses || isnan(place->value_kpa) ||
            place->region_class != own->region_class ||
            !same_probe(tender, own->tip_cm2, own->ramp_kpa_s, place->tip_cm2, place->ramp_kpa_s) ||
            tender_is_inside(tender, f, z, i))
            continue;
        tender->numbers[c->class_places++] = place->value_kpa;
    }
    if (c->class_places < CLASS_PLACES_MIN)
        return;
    c->class_kpa = tender_median(tender->numbers, c->class_places);
    c->class_is_higher = is_lower(tender, own->value_kpa, c->class_kpa);
}

static struct comparison compare(struct tender *tender, int f, int z)
{
    const struct tally *own = &tender->tallies[f][z];
    struct comparison c = {0};

    if (own->answers && own->one_tool) {
        compare_mirror(tender, f, z, &c);
        compare_class(tender, f, z, &c);
    }
    return c;
}

/* --- Words -------------------------------------------------------------------------------------
 */

static const char *class_words(enum region_class region_class)
{
    static const char *const words[] = {
        [CLASS_TOE] = "toes", [CLASS_BALL] = "ball", [CLASS_ARCH] = "arch", [CLASS_HEEL] = "heel"};

    return words[region_class];
}

static void mirror_words(const struct tender *tender, const struct comparison *c,
                         const struct tally *own, char *text, size_t cap)
{
    const struct place_threshold *fit = own->fit >= 0 ? &tender->fits[own->fit] : NULL;
    char range[40] = "";

    if (c->mirror_is_censored) {
        snprintf(text, cap,
                 "the same place on the other foot: %.0f kPa here, no pain up to %.0f kPa there "
                 "(ratio below %.2f)",
                 own->value_kpa, c->mirror_kpa, own->value_kpa / c->mirror_kpa);
        return;
    }
    if (fit && !isnan(fit->ratio_low))
        snprintf(range, sizeof range, ", %.2f to %.2f", fit->ratio_low, fit->ratio_high);
    snprintf(text, cap,
             "the same place on the other foot: %.0f kPa here, %.0f kPa there (ratio %.2f%s)",
             own->value_kpa, c->mirror_kpa, own->value_kpa / c->mirror_kpa, range);
}

/* Neither compares by itself: both together, with all places of the region. */
static void expected_words(const struct tender *tender, const struct tally *own, char *text,
                           size_t cap)
{
    snprintf(text, cap,
             "the other places of this person: %.0f kPa here, about %.0f kPa expected (ratio %.2f)",
             own->value_kpa, tender->fits[own->fit].expected_kpa,
             tender->fits[own->fit].expected_ratio);
}

static void other_places_words(const struct comparison *c, const struct tally *own, char *text,
                               size_t cap)
{
    snprintf(text, cap,
             "other places of the %s: %.0f kPa here, median %.0f kPa of %d places (ratio %.2f)",
             class_words(own->region_class), own->value_kpa, c->class_kpa, c->class_places,
             own->value_kpa / c->class_kpa);
}

static int say_comparison(struct tender *tender, struct zone_result *zone, const struct tally *own,
                          const struct comparison *c)
{
    const char *lower = own->is_tender ? "tender" : "lower, but not often enough repeated,";
    char text[160];

    if (c->has_mirror) {
        mirror_words(tender, c, own, text, sizeof text);
        if (tender_say(tender, zone, "%s compared with %s",
                       c->mirror_is_higher ? lower : "not clearly lower", text))
            return -1;
    }
    if (c->class_places >= CLASS_PLACES_MIN) {
        other_places_words(c, own, text, sizeof text);
        if (tender_say(tender, zone, "%s compared with %s",
                       c->class_is_higher ? lower : "not clearly lower", text))
            return -1;
    }
    if (!c->has_mirror && c->class_places < CLASS_PLACES_MIN && own->one_tool)
        return tender_say(tender, zone,
                          "not compared: neither the other foot nor three other places of the %s "
                          "were tested in the same way",
                          class_words(own->region_class));
    return 0;
}

/* --- Levels ------------------------------------------------------------------------------------
 */

/* One spot of a large zone does not speak for all of it. */
static int is_mostly_painless(const struct tally *own)
{
    return 2 * own->painful_places < own->places;
}

/* A place that could be for attention in a zone that is uncertain as a whole is watched. */
static enum flag_level level_of(const struct tender *tender, const struct zone_result *zone,
                                const struct tally *own)
{
    enum threshold_verdict verdict =
        own->fit >= 0 ? tender->fits[own->fit].verdict : VERDICT_NOT_TESTED;

    if (verdict == VERDICT_ATTENTION && zone->state == STATE_MEASURED && !is_mostly_painless(own))
        return FLAG_ATTENTION;
    return verdict == VERDICT_ATTENTION || verdict == VERDICT_WATCH ? FLAG_WATCH : FLAG_NONE;
}

/* Attention before both sides before watch. */
static int weight(enum flag_level level)
{
    return level == FLAG_ATTENTION ? 3 : level == FLAG_BOTH_SIDES ? 2 : level == FLAG_WATCH;
}

static int verdict_is_both(const struct tender *tender, int f, int z)
{
    int fit = tender->tallies[f][z].fit;

    return fit >= 0 && tender->fits[fit].verdict == VERDICT_BOTH_SIDES;
}

/* Pain on both feet, and both lower than their region; or there is no region to compare with. */
static void raise_both_sides(struct tender *tender)
{
    struct result *result = tender->result;

    if (result->n_feet != 2)
        return;
    for (int z = 0; z < result->feet[0].n_zones; z++) {
        struct zone_result *a = &result->feet[0].zones[z], *b = &result->feet[1].zones[z];
        if (a->state != STATE_MEASURED || b->state != STATE_MEASURED || a->flag != FLAG_NONE ||
            b->flag != FLAG_NONE || is_mostly_painless(&tender->tallies[0][z]) ||
            is_mostly_painless(&tender->tallies[1][z]))
            continue;
        struct comparison c = compare(tender, 0, z);
        if ((verdict_is_both(tender, 0, z) && verdict_is_both(tender, 1, z)) ||
            (c.has_mirror && c.class_places < CLASS_PLACES_MIN))
            a->flag = b->flag = FLAG_BOTH_SIDES;
    }
}

/* A zone that is only the union of its parts is as flagged as the most flagged of them. */
static void flag_unions(struct foot_result *foot)
{
    for (int z = 0; z < foot->n_zones; z++) {
        struct zone_result *zone = &foot->zones[z];
        if (!zone->zone->is_plantar || zone->zone->shape.kind != ZONE_PARTS)
            continue;
        zone->flag = FLAG_NONE;
        for (int i = 1; i <= zone->zone->n_parts; i++)
            if (weight(zone[i].flag) > weight(zone->flag))
                zone->flag = zone[i].flag;
    }
}

/* --- The list of flags ---------------------------------------------------------------------------
 */

/* Of two zones read as one, the other is listed: flagged more, or alike and first on the chart. */
static int is_told_by_other(const struct result *result, const struct foot_result *foot, int z)
{
    const char *id = zone_as_one_with(result, foot->zones[z].zone);

    for (int i = 0; id && i < foot->n_zones; i++)
        if (!strcmp(foot->zones[i].zone->id, id))
            return weight(foot->zones[i].flag) > weight(foot->zones[z].flag) ||
                   (foot->zones[i].flag == foot->zones[z].flag && i < z);
    return 0;
}

/* A union is told by its parts; a variant by its parent when that is flagged alike. */
static int is_listed(const struct result *result, const struct foot_result *foot, int z)
{
    const struct zone_result *zone = &foot->zones[z];

    if (zone->flag == FLAG_NONE || zone->zone->shape.kind == ZONE_PARTS ||
        is_told_by_other(result, foot, z))
        return 0;
    for (int i = z - 1; zone->zone->parent && i >= 0; i--)
        if (!strcmp(foot->zones[i].zone->id, zone->zone->parent))
            return foot->zones[i].zone->shape.kind == ZONE_PARTS ||
                   foot->zones[i].flag != zone->flag;
    return 1;
}

/* ", left at 1 of 2 places pressed"; empty where every place pressed answered. */
static const char *places_words(const struct tally *own, const char *foot, char *text, size_t cap)
{
    *text = 0;
    if (tender_is_partial(own))
        snprintf(text, cap, ",%s at %d of %d places pressed", foot, own->painful_places,
                 own->places);
    return text;
}

static void why_both(const struct tender *tender, int z, char *text, size_t cap)
{
    int left = tender->result->feet[0].side == SIDE_RIGHT;
    const struct tally *l = &tender->tallies[left][z], *r = &tender->tallies[!left][z];
    char l_places[48], r_places[48];

    snprintf(text, cap,
             "sensitive on both sides: pressure pain at %.0f kPa left and %.0f kPa right%s%s",
             l->value_kpa, r->value_kpa, places_words(l, " left", l_places, sizeof l_places),
             places_words(r, " right", r_places, sizeof r_places));
}

static void why_of(struct tender *tender, int f, int z, char *text, size_t cap)
{
    const struct tally *own = &tender->tallies[f][z];
    struct comparison c = compare(tender, f, z);
    char other[160], places[48];

    if (tender->result->feet[f].zones[z].flag == FLAG_BOTH_SIDES) {
        why_both(tender, z, text, cap);
        return;
    }
    if (c.mirror_is_higher)
        mirror_words(tender, &c, own, other, sizeof other);
    else if (c.class_is_higher)
        other_places_words(&c, own, other, sizeof other);
    else
        expected_words(tender, own, other, sizeof other);
    snprintf(text, cap, "pressure pain in %d of %d press%s%s%s, lower than at %.120s", own->answers,
             own->sound, own->sound == 1 ? "" : "es", places_words(own, "", places, sizeof places),
             own->is_tender ? "" : " (uncertain)", other);
}

static int add_flag(struct tender *tender, int f, int z)
{
    struct result *result = tender->result;
    struct flag *grown =
        realloc(result->flags, (size_t)(result->n_flags + 1) * sizeof *result->flags);

    if (!grown)
        return problem_no_memory(tender->why, "the flags");
    result->flags = grown;
    const struct atlas_zone *zone = result->feet[f].zones[z].zone;
    grown[result->n_flags] = (struct flag){.zone_id = zone->id,
                                           .as_one_with = zone_as_one_with(result, zone),
                                           .side = result->feet[f].side,
                                           .level = result->feet[f].zones[z].flag};
    why_of(tender, f, z, grown[result->n_flags].why, sizeof grown->why);
    result->n_flags++;
    return 0;
}

static int list_flags(struct tender *tender)
{
    struct result *result = tender->result;

    for (int w = 3; w > 0; w--)
        for (int f = 0; f < result->n_feet; f++)
            for (int z = 0; z < result->feet[f].n_zones; z++)
                if (weight(result->feet[f].zones[z].flag) == w &&
                    is_listed(result, &result->feet[f], z) && add_flag(tender, f, z))
                    return -1;
    return 0;
}

static int say_unreliable(struct tender *tender, struct zone_result *zone)
{
    return tender_say(tender, zone, "answers unreliable: %s; no flag is raised",
                      tender->result->unreliable_why);
}

/* Why a flag is one, or why a lower number is none. */
static int say_strength(struct tender *tender, struct zone_result *zone, const struct tally *own)
{
    double percent = 100 * tender->person.repeatability_sd;

    if (zone->flag == FLAG_ATTENTION)
        return tender_say(tender, zone,
                          "beyond this person's own repeatability (%.0f %% from press to press), "
                          "all places pressed taken into account",
                          percent);
    if (zone->flag == FLAG_WATCH && is_mostly_painless(own))
        return tender_say(tender, zone,
                          "on the watch list: pain at fewer than half of the places pressed in "
                          "this zone; press again");
    if (zone->flag == FLAG_WATCH)
        return tender_say(tender, zone,
                          "on the watch list: lower, not proven beyond this person's own "
                          "repeatability (%.0f %% from press to press); press again",
                          percent);
    return 0;
}

static int judge_zone(struct tender *tender, int f, int z)
{
    struct zone_result *zone = &tender->result->feet[f].zones[z];
    const struct tally *own = &tender->tallies[f][z];

    if ((zone->state != STATE_MEASURED && zone->state != STATE_UNCERTAIN) || !own->answers)
        return 0;
    if (tender->result->answers_unreliable)
        return say_unreliable(tender, zone);
    struct comparison c = compare(tender, f, z);
    zone->flag = level_of(tender, zone, own);
    return say_comparison(tender, zone, own, &c) || say_strength(tender, zone, own) ? -1 : 0;
}

int tender_flags_raise(struct tender *tender)
{
    struct result *result = tender->result;

    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones; z++)
            if (judge_zone(tender, f, z))
                return -1;
    if (!result->answers_unreliable)
        raise_both_sides(tender);
    for (int f = 0; f < result->n_feet; f++)
        flag_unions(&result->feet[f]);
    return list_flags(tender);
}
