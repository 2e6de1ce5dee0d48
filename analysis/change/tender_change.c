/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/tender_change.h"

#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *tender_became_name(enum tender_became became)
{
    static const char *const names[] = {"gained", "lost", "unchanged", "never_tender",
                                        "not_comparable"};
    return names[became];
}

/* --- Do the two compare? --------------------------------------------------------------------- */

static const char *const when[] = {"before", "after"};

/* What spoils one of the two by itself: 1 and why. */
static int is_spoilt(const struct result *result, const struct press_way *way, int k,
                     char reason[200])
{
    if (!result->n_presses || !way->n)
        return snprintf(reason, 200, "the recording %s holds no press test", when[k]) > 0;
    if (result->not_comparable)
        return snprintf(reason, 200,
                        "the recording %s was made under a painkiller: thresholds of that day do "
                        "not compare",
                        when[k]) > 0;
    if (result->answers_unreliable)
        return snprintf(reason, 200, "the answers of the recording %s cannot be relied on: %.100s",
                        when[k], result->unreliable_why) > 0;
    return 0;
}

/* Tool, ramp, calibration: "" when they are the same. */
static void tell_difference(const struct result *const of[2], const struct press_way ways[2],
                            char reason[200])
{
    switch (press_ways_apart(of[0], &ways[0], of[1], &ways[1])) {
    case PRESSED_BY_OTHER_TOOL:
        snprintf(
            reason, 200,
            "another tool: a tip of %.2f cm2 before and %.2f cm2 after; a smaller tip hurts at "
            "another pressure",
            ways[0].tip_cm2, ways[1].tip_cm2);
        return;
    case PRESSED_AT_OTHER_RATE:
        snprintf(reason, 200, "another ramp: %.0f kPa/s before and %.0f kPa/s after",
                 ways[0].ramp_kpa_s, ways[1].ramp_kpa_s);
        return;
    case PRESSED_UNDER_OTHER_CALIBRATION:
        snprintf(reason, 200, "another calibration: %.60s before and %.60s after",
                 press_calibration_of(of[0]), press_calibration_of(of[1]));
        return;
    default:
        return;
    }
}

static int find_reason(const struct result *const of[2], struct tender_change *out,
                       struct problem *why)
{
    struct press_way ways[2];
    for (int k = 0; k < 2; k++) {
        if (press_way_of(of[k], &ways[k], why))
            return -1;
        out->was_pressed[k] = of[k]->n_presses > 0 && ways[k].n > 0;
    }
    for (int k = 0; k < 2; k++)
        if (is_spoilt(of[k], &ways[k], k, out->reason))
            return 0;
    tell_difference(of, ways, out->reason);
    return 0;
}

/* --- Zones ----------------------------------------------------------------------------------- */

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int k = 0; k < result->n_feet; k++)
        if (result->feet[k].side == side)
            return &result->feet[k];
    return NULL;
}

static const struct zone_result *zone_of(const struct foot_result *foot, const char *id)
{
    for (int z = 0; foot && z < foot->n_zones; z++)
        if (!strcmp(foot->zones[z].zone->id, id))
            return &foot->zones[z];
    return NULL;
}

static int is_tender(const struct zone_result *zone)
{
    return zone && (zone->flag == FLAG_ATTENTION || zone->flag == FLAG_BOTH_SIDES);
}

static int is_settled(const struct zone_result *zone)
{
    return zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING;
}

/* Why a zone of one recording tells nothing; "" when it does. */
static void tell_unsettled(const struct zone_result *zone, int k, char reason[200])
{
    static const char *const words[STATE_COUNT] = {
        [STATE_NO_CONTACT] = "not tested",
        [STATE_NOT_TESTED] = "not tested",
        [STATE_EXCLUDED] = "left out by the screening",
        [STATE_EXCLUDED_BY_HAND] = "left out for a wart or joint noted by hand",
        [STATE_STOPPED] = "not tested, as the person wished to stop",
        [STATE_UNCERTAIN] = "pressed too seldom, or not answered alike",
        [STATE_OUTSIDE_PLATE] = "outside of the plate",
    };
    if (!zone)
        snprintf(reason, 200, "this foot was not found in the recording %s", when[k]);
    else if (!is_settled(zone))
        snprintf(reason, 200, "%s %s", words[zone->state] ? words[zone->state] : "not settled",
                 when[k]);
}

/* The place that tells the zone where it is tender (now, else before), in both recordings; else
 * what differs. */
static enum press_apart find_one_place(const struct result *const results[2],
                                       const struct tender_zone *zone,
                                       struct told_threshold told[2])
{
    int from_after = is_tender(zone->after) || !is_tender(zone->before);
    struct told_threshold found[2];
    enum press_apart apart = PRESSED_ELSEWHERE;

    for (int k = 0; k < 2; k++, from_after = !from_after) {
        const struct zone_result *own = from_after ? zone->after : zone->before;
        const struct zone_result *other = from_after ? zone->before : zone->after;
        enum press_apart here =
            press_same_place(results[from_after], own, results[!from_after], other, found);
        if (here == PRESSED_ALIKE) {
            told[from_after] = found[0];
            told[!from_after] = found[1];
            return here;
        }
        if (apart == PRESSED_ELSEWHERE)
            apart = here;
        if (is_tender(zone->after) != is_tender(zone->before))
            return apart;
    }
    return apart;
}

static void judge(const struct result *const results[2], const struct tender_change *all,
                  struct tender_zone *zone)
{
    const struct zone_result *of[2] = {zone->before, zone->after};
    struct told_threshold told[2];
    zone->threshold = (struct threshold_change){NAN, NAN, NAN, 0, 0};
    snprintf(zone->reason, sizeof zone->reason, "%s", all->reason);
    for (int k = 0; k < 2 && !zone->reason[0]; k++)
        tell_unsettled(of[k], k, zone->reason);
    enum press_apart apart = zone->reason[0] ? PRESSED_ALIKE : find_one_place(results, zone, told);
    if (apart)
        snprintf(zone->reason, sizeof zone->reason, "%s",
                 apart == PRESSED_BY_OTHER_TOOL ? "pressed with another tool each time"
                 : apart == PRESSED_AT_OTHER_RATE
                     ? "pressed at another ramp rate each time"
                     : "pressed at another place of the zone each time");
    int was = is_tender(zone->before), is = is_tender(zone->after);
    zone->became = zone->reason[0] ? TENDER_UNCOMPARABLE
                   : was && is     ? TENDER_UNCHANGED
                   : is            ? TENDER_GAINED
                   : was           ? TENDER_LOST
                                   : TENDER_NEVER;
    if (zone->reason[0])
        return;
    zone->threshold = threshold_change_of(&told[0], &told[1]);
}

static void count(struct tender_change *out, enum tender_became became)
{
    out->gained += became == TENDER_GAINED;
    out->lost += became == TENDER_LOST;
    out->unchanged += became == TENDER_UNCHANGED;
    out->not_comparable += became == TENDER_UNCOMPARABLE;
}

static int is_listed(const struct tender_zone *zone)
{
    return is_tender(zone->before) || is_tender(zone->after) ||
           (zone->became == TENDER_NEVER && zone->threshold.is_beyond_error);
}

static int room_for(const struct result *before, const struct result *after)
{
    int n = 0;
    for (int k = 0; k < before->n_feet; k++)
        n += before->feet[k].n_zones;
    for (int k = 0; k < after->n_feet; k++)
        n += after->feet[k].n_zones;
    return n;
}

/* Zones of one foot as `list` has them; those that `skip` has too are left out. */
static void take_zones(struct tender_change *out, const struct result *const results[2],
                       enum side side, const struct foot_result *list,
                       const struct foot_result *skip)
{
    const struct foot_result *before = foot_of(results[0], side),
                             *after = foot_of(results[1], side);

    for (int z = 0; list && z < list->n_zones; z++) {
        const char *id = list->zones[z].zone->id;
        struct tender_zone zone = {.zone = list->zones[z].zone,
                                   .side = side,
                                   .before = zone_of(before, id),
                                   .after = zone_of(after, id)};
        if (skip && zone_of(skip, id))
            continue;
        judge(results, out, &zone);
        if (!is_listed(&zone))
            continue;
        out->of[out->n++] = zone;
        count(out, zone.became);
    }
}

int tender_change(const struct result *before, const struct result *after,
                  struct tender_change *out, struct problem *why)
{
    const struct result *const of[2] = {before, after};
    *out = (struct tender_change){0};
    if (find_reason(of, out, why))
        return -1;
    out->of = calloc((size_t)room_for(before, after) + 1, sizeof *out->of);
    if (!out->of)
        return problem_no_memory(why, "a comparison of zones");
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct foot_result *a = foot_of(before, side), *b = foot_of(after, side);
        take_zones(out, of, side, b, NULL);
        take_zones(out, of, side, a, b);
    }
    return 0;
}

void tender_change_free(struct tender_change *change)
{
    free(change->of);
    *change = (struct tender_change){0};
}

/* --- Words ----------------------------------------------------------------------------------- */

static const char *became_words(const struct tender_zone *zone)
{
    switch (zone->became) {
    case TENDER_GAINED:
        return "for attention now, not before";
    case TENDER_LOST:
        return zone->after->flag == FLAG_WATCH ? "for attention before, on the watch list now"
                                               : "for attention before, not now";
    case TENDER_UNCHANGED:
        return "for attention before and now";
    case TENDER_NEVER:
        return "not flagged before nor now";
    default:
        return "not comparable";
    }
}

/* What is known of its threshold, as the end of a sentence. */
static void threshold_words(const struct tender_zone *zone, char text[200])
{
    const struct threshold_change *t = &zone->threshold;
    if (!isfinite(t->ratio))
        snprintf(text, 200, "no change of its threshold can be told");
    else if (!isfinite(t->ratio_low))
        snprintf(text, 200,
                 "its threshold is %.2f of what it was: whether beyond the measuring error is "
                 "unknown, as one of the two is known from below only",
                 t->ratio);
    else
        snprintf(text, 200,
                 "its threshold is %.2f of what it was (%.2f to %.2f): %s the measuring "
                 "error",
                 t->ratio, t->ratio_low, t->ratio_high, t->is_beyond_error ? "beyond" : "within");
}

void tender_sentence(const struct tender_zone *zone, char text[400])
{
    char rest[200];
    if (zone->became == TENDER_UNCOMPARABLE)
        snprintf(rest, sizeof rest, "%s", zone->reason);
    else
        threshold_words(zone, rest);
    snprintf(text, 400, "%s, %s foot: %s%s %s.", zone->zone->id, side_name(zone->side),
             became_words(zone), zone->became == TENDER_UNCOMPARABLE ? ":" : ";", rest);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void put_half(struct json_writer *w, json_t *to, const char *key,
                     const struct zone_result *zone)
{
    json_t *made = json_object();
    if (!zone) {
        json_decref(made);
        put_text_or(w, to, key, NULL, "this foot was not found there");
        return;
    }
    put_text(w, made, "state", zone_state_name(zone->state));
    put_text_or(w, made, "flag", zone->flag ? flag_level_name(zone->flag) : NULL, "no flag");
    put_number(w, made, "threshold_kpa", zone->threshold_kpa, "it was not pressed, or not settled");
    put_number(w, made, "threshold_low_kpa", zone->threshold_low_kpa,
               "no interval without answers");
    put_number(w, made, "threshold_high_kpa", zone->threshold_high_kpa,
               "no interval without answers");
    put(w, made, "threshold_is_lower_bound", json_boolean(zone_threshold_is_bound(zone)));
    put(w, to, key, made);
}

static json_t *zone_json(struct json_writer *w, const struct tender_zone *zone)
{
    char text[400];
    const struct threshold_change *t = &zone->threshold;
    const char *no = zone->reason[0] ? zone->reason : "one of the two is known from below only";
    json_t *made = json_object();
    tender_sentence(zone, text);
    make_utf8(text);
    put_text(w, made, "zone", zone->zone->id);
    put_text(w, made, "side", side_name(zone->side));
    put_text(w, made, "became", tender_became_name(zone->became));
    if (zone->became == TENDER_UNCOMPARABLE)
        put_text(w, made, "not_comparable_reason", zone->reason);
    put_half(w, made, "before", zone->before);
    put_half(w, made, "after", zone->after);
    put_number(w, made, "threshold_ratio", t->ratio, no);
    put_number(w, made, "threshold_ratio_low", t->ratio_low, no);
    put_number(w, made, "threshold_ratio_high", t->ratio_high, no);
    if (isfinite(t->ratio_low))
        put(w, made, "is_beyond_measuring_error", json_boolean(t->is_beyond_error));
    else
        put_text_or(w, made, "is_beyond_measuring_error", NULL, no);
    put_text(w, made, "sentence", text);
    return made;
}

json_t *tender_change_json(const struct tender_change *change)
{
    struct json_writer w = {0};
    json_t *made = json_object(), *zones = json_array();
    put(&w, made, "is_comparable", json_boolean(!change->reason[0]));
    if (change->reason[0])
        put_text(&w, made, "not_comparable_reason", change->reason);
    put_count(&w, made, "gained", (size_t)change->gained);
    put_count(&w, made, "lost", (size_t)change->lost);
    put_count(&w, made, "unchanged", (size_t)change->unchanged);
    put_count(&w, made, "not_comparable", (size_t)change->not_comparable);
    for (int i = 0; i < change->n; i++)
        append(&w, zones, zone_json(&w, &change->of[i]));
    put(&w, made, "zones", zones);
    return json_whole(&w, made);
}
