/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/tenderness.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tenderness_private.h"
#include "analysis/press/tested.h"
#include "analysis/press/tool.h"
#include "analysis/warnings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A wart or joint whose size was not noted. */
#define NOTE_RADIUS_MM 10.0

struct tenderness_options tenderness_defaults(void)
{
    return (struct tenderness_options){.factor = 0.7, .same_ramp_tolerance = 0.35};
}

/* --- States ------------------------------------------------------------------------------------
 */

static int side_matches(enum side stated, enum side side)
{
    return stated == SIDE_UNKNOWN || stated == side;
}

static const struct zone_exclusion *find_exclusion(const struct result *result, enum side side,
                                                   const struct atlas_zone *zone)
{
    return tender_find_zone(result->exclusions, result->n_exclusions, side, zone);
}

/* What the guided test left out here; NULL = nothing. */
static const struct zone_exclusion *find_left_out(const struct result *result, enum side side,
                                                  const struct atlas_zone *zone)
{
    return tender_find_zone(result->left_out, result->n_left_out, side, zone);
}

static const struct stop_wish *find_stop(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_stops; i++)
        if (side_matches(result->stops[i].side, side))
            return &result->stops[i];
    return NULL;
}

/* Annotated presses on this foot whose place is not known: they may have been anywhere on it. Taps
 * are no presses of the test. Of mats and weight shifts it is known what they loaded
 * (result->press_zones, tender_shift.c). */
static int count_lost_places(const struct result *result, enum side side)
{
    int n = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        n += !press->place_known && !press->is_catch && !press->is_tap &&
             press->tool_kind == TOOL_SINGLE && press->number + press->pass > 0 &&
             side_matches(press->side, side);
    }
    return n;
}

/* A union stands for all of its parts. */
static int is_near_note(const struct foot_result *foot, const struct zone_result *zone,
                        const struct operator_note *note)
{
    double radius_mm = note->radius_mm > 0 ? note->radius_mm : NOTE_RADIUS_MM;

    if (zone->zone->shape.kind != ZONE_PARTS)
        return tender_comes_within(foot, zone->zone, note->place, radius_mm);
    for (int i = 1; i <= zone->zone->n_parts; i++)
        if (!tender_comes_within(foot, zone[i].zone, note->place, radius_mm))
            return 0;
    return zone->zone->n_parts > 0;
}

/* Not by hand but in the screening's own words (screening_words.c). */
static int is_screened(const struct operator_note *note)
{
    return !strncmp(note->text, "screening ", 10);
}

static const char *ban_words(const struct operator_note *note)
{
    if (note->kind == NOTE_WART)
        return is_screened(note)
                   ? "excluded by screening: a wart or birthmark is here or close by"
                   : "not pressed: a wart or birthmark was noted by hand here or close by";
    return is_screened(note) ? "excluded by screening: a joint is here or close by"
                             : "not pressed: a joint was noted by hand here or close by";
}

/* Why a zone that was not pressed may not be: a wart or joint on this foot; NULL = nothing. What
 * the screening knows is told before what somebody noted. */
static const struct operator_note *find_ban(const struct result *result,
                                            const struct foot_result *foot,
                                            const struct zone_result *zone)
{
    const struct operator_note *found = NULL;

    for (int i = 0; i < result->n_notes && !(found && is_screened(found)); i++) {
        const struct operator_note *note = &result->notes[i];
        if ((note->kind == NOTE_WART || note->kind == NOTE_JOINT) &&
            (!found || is_screened(note)) && side_matches(note->side, foot->side) &&
            isfinite(note->place.u) && isfinite(note->place.v) && is_near_note(foot, zone, note))
            found = note;
    }
    return found;
}

static enum zone_state state_of_presses(const struct tally *tally)
{
    if (tally->is_tender)
        return STATE_MEASURED;
    return tally->answers || tally->passes < 2 ? STATE_UNCERTAIN : STATE_NO_PAIN_TO_CEILING;
}

/* The screening took this foot out of the press test; NULL = it did not. */
static const struct screening_line *find_foot_ban(const struct result *result, enum side side)
{
    const struct screening_line *line = foot_left_out_by(result, side);

    return line && line->side == side ? line : NULL;
}

static int set_state(struct tender *tender, const struct foot_result *foot,
                     struct zone_result *zone, const struct tally *tally)
{
    const struct result *result = tender->result;
    const struct zone_exclusion *exclusion = find_exclusion(result, foot->side, zone->zone);
    const struct stop_wish *stop = find_stop(result, foot->side);
    const struct operator_note *ban = find_ban(result, foot, zone);
    int lost = count_lost_places(result, foot->side);
    char reason[100];

    if (!zone_is_shown(result, zone->zone))
        return tender_say(tender, zone, "shown only when the sex is recorded as female");
    if (exclusion) {
        zone->state = STATE_EXCLUDED;
        return tender_say(tender, zone, "excluded by screening%s%s",
                          tender_reason(exclusion->why, reason, sizeof reason),
                          tally->presses ? "; presses here are not used" : "");
    }
    if (tally->presses) {
        zone->state = state_of_presses(tally);
        if (zone->state == STATE_UNCERTAIN)
            zone->uncertain = !tally->sound       ? UNCERTAIN_NO_PRESS_COUNTS
                              : tally->passes < 2 ? UNCERTAIN_PRESSED_ONCE
                                                  : UNCERTAIN_ANSWERS_DIFFER;
        return 0;
    }
    if (find_foot_ban(result, foot->side)) {
        zone->state = STATE_EXCLUDED;
        return tender_say(tender, zone, "excluded by screening: the whole foot (%s)",
                          find_foot_ban(result, foot->side)->question);
    }
    if (tender_beyond_reach(foot, zone))
        return tender_say(tender, zone, "not tested: %s", tender_beyond_reach(foot, zone));
    if (lost) {
        zone->state = STATE_UNCERTAIN;
        zone->uncertain = UNCERTAIN_PLACE_NOT_KNOWN;
        return tender_say(tender, zone,
                          "%d press%s on this foot may have been here: the place of the stud or of "
                          "the heel was not stated",
                          lost, lost == 1 ? "" : "es");
    }
    if (ban && !tender_is_under_mat(result, foot->side, zone->zone)) {
        zone->state = is_screened(ban) ? STATE_EXCLUDED : STATE_EXCLUDED_BY_HAND;
        return tender_say(tender, zone, "%s", ban_words(ban));
    }
    if (stop && !find_left_out(result, foot->side, zone->zone)) {
        zone->state = STATE_STOPPED;
        return tender_say(tender, zone, "not pressed: the subject wished to stop%s",
                          tender_reason(stop->why, reason, sizeof reason));
    }
    return 0;
}

static void set_ratio(struct zone_result *zone, const struct place_threshold *fit)
{
    zone->ratio = fit->ratio;
    zone->ratio_low = fit->ratio_low;
    zone->ratio_high = fit->ratio_high;
    zone->ratio_is_bound = fit->mirror_is_bound;
    zone->expected_kpa = fit->expected_kpa;
}

/* By the fit of the telling place; where its presses could not be compared with the others, their
 * median stands without interval. */
static void set_thresholds(const struct tender *tender, int f, int z)
{
    struct zone_result *zone = &tender->result->feet[f].zones[z];
    struct tally *tally = &tender->tallies[f][z];

    zone->repeats = tally->presses;
    zone->answers = tally->answers;
    zone->spots = !tally->sound || zone->zone->shape.kind == ZONE_PARTS ? 0
                  : tally->places                                       ? tally->places
                                                                        : 1;
    zone->told_by = tender_told_by(tender, f, z, tally->fit);
    if (tally->fit >= 0 && tally->answers) {
        const struct place_result *told = &tender->result->places[tally->fit];
        if (isfinite(tender->fits[tally->fit].kpa)) {
            tally->value_kpa = told->kpa;
            zone->threshold_low_kpa = told->low_kpa;
            zone->threshold_high_kpa = told->high_kpa;
            zone->threshold_is_beyond = told->is_bound;
        }
        set_ratio(zone, &tender->fits[tally->fit]);
    }
    zone->threshold_kpa = tally->value_kpa;
}

/* Zones that cells of this plate cannot tell apart, or from what is around them (R37). */
static int say_resolution(struct tender *tender, struct zone_result *zone)
{
    double pitch_mm = widest_cell_mm(tender->result);
    char words[AS_ONE_WORDS_MAX];

    if (zone->zone->own_pitch_mm > 0 && pitch_mm > zone->zone->own_pitch_mm &&
        tender_say(tender, zone,
                   "cells of %.1f mm are too wide for %s: its load is that of what is around "
                   "it, and only a press tells it",
                   pitch_mm, zone->zone->id))
        return -1;
    return zone_as_one_with(tender->result, zone->zone)
               ? tender_say(tender, zone, "%s",
                            zone_as_one_words(tender->result, zone->zone, words, sizeof words))
               : 0;
}

/* A place that the guided test gave up, or never came to: told, and never read as clear. */
static int say_left_out(struct tender *tender, const struct foot_result *foot,
                        struct zone_result *zone)
{
    const struct zone_exclusion *out = find_left_out(tender->result, foot->side, zone->zone);
    char reason[140];

    if (!out || zone_state_is_excluded(zone->state))
        return 0;
    return tender_say(tender, zone, "%s%s",
                      zone->repeats ? "a place in this zone was left out" : "not tested",
                      tender_reason(out->why, reason, sizeof reason));
}

static int judge_zone(struct tender *tender, struct foot_result *foot, int f, int z)
{
    struct zone_result *zone = &foot->zones[z];
    struct tally *tally = &tender->tallies[f][z];

    if (!zone->zone->is_plantar)
        return tender_say(tender, zone, "outside the plate: not measured");
    *tally = tender_tally(tender, f, z);
    if (set_state(tender, foot, zone, tally))
        return -1;
    if (!zone_state_is_excluded(zone->state)) {
        set_thresholds(tender, f, z);
        int is_hidden = tender_beyond_reach(foot, zone) != NULL;
        if (tally->presses ? tender_say_presses(tender, f, z)
                           : !is_hidden && tender_shifts(tender, foot, zone))
            return -1;
        if (tender_say_mat(tender, f, z))
            return -1;
    }
    if (say_left_out(tender, foot, zone))
        return -1;
    if (tally->presses && zone->approximate &&
        tender_say(tender, zone, "approximate: a landmark of this zone was not measured"))
        return -1;
    return tender_say_notes(tender, foot, zone) || say_resolution(tender, zone) ? -1 : 0;
}

/* How many of a union's parts were not pressed, and how many were without a clear answer. */
static void count_open_parts(const struct zone_result *zone, int *untested, int *unclear)
{
    *untested = *unclear = 0;
    for (int i = 1; i <= zone->zone->n_parts; i++) {
        *untested += !zone[i].repeats;
        *unclear += zone[i].repeats && zone[i].state != STATE_NO_PAIN_TO_CEILING;
    }
}

/* That of all the parts of a union, where they share one. */
static enum uncertain uncertain_of_parts(const struct zone_result *zone)
{
    for (int i = 1; i <= zone->zone->n_parts; i++)
        if (zone[i].state != STATE_UNCERTAIN || zone[i].uncertain != zone[1].uncertain)
            return UNCERTAIN_PARTS_OPEN;
    return zone[1].uncertain;
}

/* A union stands for all of its parts: a few of them pressed without pain do not clear it. */
static int judge_union(struct tender *tender, struct zone_result *zone, const struct tally *tally)
{
    int untested, unclear, parts = zone->zone->n_parts;

    if (zone->zone->shape.kind != ZONE_PARTS || zone_state_is_excluded(zone->state) ||
        !tally->sound || tally->answers)
        return 0;
    count_open_parts(zone, &untested, &unclear);
    if (!untested && !unclear)
        return 0;
    zone->state = STATE_UNCERTAIN;
    zone->uncertain = uncertain_of_parts(zone);
    if (!untested)
        return tender_say(tender, zone,
                          "no pain in the parts pressed; %d of %d parts uncertain, repeat", unclear,
                          parts);
    return tender_say(tender, zone, "no pain in the parts pressed; %d of %d parts not tested",
                      untested, parts);
}

/* --- What was not tested --------------------------------------------------------------------- */

static void why_not_tested(const struct result *result, const struct foot_result *foot,
                           const struct zone_result *zone, char *why, size_t cap)
{
    const struct zone_exclusion *exclusion = find_exclusion(result, foot->side, zone->zone);
    const struct stop_wish *stop = find_stop(result, foot->side);
    const struct zone_exclusion *out = find_left_out(result, foot->side, zone->zone);
    const struct operator_note *ban = find_ban(result, foot, zone);
    const struct screening_line *foot_ban = find_foot_ban(result, foot->side);
    char reason[100];

    if (zone->state == STATE_EXCLUDED && !exclusion && foot_ban)
        snprintf(why, cap, "excluded by screening: the whole foot (%s)", foot_ban->question);
    else if (zone_state_is_excluded(zone->state) && !exclusion)
        snprintf(why, cap, "%s", ban ? ban_words(ban) : "excluded by screening");
    else if (zone->state == STATE_EXCLUDED && exclusion)
        snprintf(why, cap, "excluded by screening%s",
                 tender_reason(exclusion->why, reason, sizeof reason));
    else if (zone->state == STATE_STOPPED && stop)
        snprintf(why, cap, "the subject wished to stop%s",
                 tender_reason(stop->why, reason, sizeof reason));
    else if (tender_beyond_reach(foot, zone))
        snprintf(why, cap, "%s", tender_beyond_reach(foot, zone));
    else if (out && tender_reason(out->why, reason, sizeof reason)[0])
        snprintf(why, cap, "%s", reason + strlen(": "));
    else if (zone->state == STATE_UNCERTAIN)
        snprintf(why, cap, "%s", uncertain_words(zone->uncertain));
    else if (zone->state == STATE_NO_CONTACT)
        snprintf(why, cap, "not pressed, and no contact with the plate");
    else if (tender_is_under_mat(result, foot->side, zone->zone))
        snprintf(why, cap,
                 "pressed by a mat only, whose answer names no single place: not tested with a "
                 "single stud");
    else
        snprintf(why, cap, "%s",
                 result->n_presses ? "not pressed" : "no press test in this recording");
}

static struct not_tested *add_not_tested(struct result *result, const struct atlas_zone *zone,
                                         enum side side, enum zone_state state)
{
    struct not_tested *entry = &result->not_tested[result->n_not_tested++];

    *entry = (struct not_tested){zone->id, side, state, ""};
    return entry;
}

static void list_foot(struct result *result, const struct foot_result *foot)
{
    for (int z = 0; z < foot->n_zones; z++) {
        const struct zone_result *zone = &foot->zones[z];
        if (!zone->zone->is_plantar || zone_is_tested(zone) || !zone_is_shown(result, zone->zone))
            continue;
        struct not_tested *entry = add_not_tested(result, zone->zone, foot->side, zone->state);
        why_not_tested(result, foot, zone, entry->why, sizeof entry->why);
    }
}

/* Nothing of this foot was tested, and that is told as of any other. */
static void list_missing_foot(struct result *result, enum side side)
{
    const struct screening_line *ban = foot_left_out_by(result, side);

    for (int z = 0; z < atlas_count(result->atlas); z++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, z);
        if (!zone->is_plantar || !zone_is_shown(result, zone))
            continue;
        struct not_tested *entry =
            add_not_tested(result, zone, side, ban ? STATE_EXCLUDED : STATE_NOT_TESTED);
        if (ban)
            snprintf(entry->why, sizeof entry->why, "excluded by screening: the whole foot (%s)",
                     ban->question);
        else
            snprintf(entry->why, sizeof entry->why, "this foot is not in the recording");
    }
}

static int has_foot(const struct result *result, enum side side)
{
    for (int f = 0; f < result->n_feet; f++)
        if (result->feet[f].side == side || result->feet[f].side == SIDE_UNKNOWN)
            return 1;
    return 0;
}

static int list_not_tested(struct tender *tender)
{
    struct result *result = tender->result;
    size_t room = 1;

    for (int f = 0; f < result->n_feet; f++) /* both may be told to be of one side */
        room += (size_t)result->feet[f].n_zones;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        room += has_foot(result, (enum side)side) ? 0 : (size_t)atlas_count(result->atlas);
    result->not_tested = calloc(room, sizeof *result->not_tested);
    if (!result->not_tested)
        return problem_no_memory(tender->why, "the list of what was not tested");
    for (int f = 0; f < result->n_feet; f++)
        list_foot(result, &result->feet[f]);
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (!has_foot(result, (enum side)side))
            list_missing_foot(result, (enum side)side);
    return 0;
}

/* A whole foot is told beside the list of its zones: as excluded, and as not tested. */
static int warn_excluded_feet(struct tender *tender)
{
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct screening_line *ban = find_foot_ban(tender->result, (enum side)side);
        if (ban && result_warn(tender->result, tender->why,
                               "The %s foot is excluded by the screening (%s): not tested.",
                               side_name((enum side)side), ban->question))
            return -1;
    }
    return 0;
}

/* --- The whole ---------------------------------------------------------------------------------
 */

static int judge_feet(struct tender *tender)
{
    struct result *result = tender->result;

    for (int f = 0; f < result->n_feet; f++) {
        struct foot_result *foot = &result->feet[f];
        tender->tallies[f] = calloc((size_t)foot->n_zones + 1, sizeof *tender->tallies[f]);
        if (!tender->tallies[f])
            return problem_no_memory(tender->why, "the tallies of the zones");
        for (int z = 0; z < foot->n_zones; z++)
            if (judge_zone(tender, foot, f, z))
                return -1;
        for (int z = 0; z < foot->n_zones; z++)
            if (judge_union(tender, &foot->zones[z], &tender->tallies[f][z]))
                return -1;
    }
    return 0;
}

static void tell_person(struct tender *tender)
{
    struct result *result = tender->result;
    int is_known = 0;

    for (int p = 0; p < tender->n_places; p++)
        is_known |= tender->fits[p].presses > 0;
    result->repeatability_percent = is_known ? 100 * tender->person.repeatability_sd : NAN;
    result->side_bias_percent = is_known ? 100 * expm1(tender->person.side_bias) : NAN;
}

int tenderness_apply_with(struct result *result, const struct tenderness_options *options,
                          struct problem *why)
{
    struct tender tender = {.result = result, .options = *options, .why = why};
    int status = tender_places_find(&tender) || tender_tell_places(&tender) ||
                         judge_feet(&tender) || tender_flags_raise(&tender) ||
                         list_not_tested(&tender) || warn_excluded_feet(&tender) ||
                         tender_warn_left_out(&tender) || tender_warn_reach(&tender) ||
                         tender_next_find(result, why)
                     ? -1
                     : 0;

    if (!status)
        tell_person(&tender);
    free(tender.places);
    free(tender.place_of);
    free(tender.fits);
    free(tender.under);
    free(tender.numbers);
    for (int f = 0; f < 2; f++) {
        free(tender.tallies[f]);
        free(tender.inside[f]);
    }
    return status;
}

int tenderness_apply(struct result *result, struct problem *why)
{
    struct tenderness_options options = tenderness_defaults();

    return tenderness_apply_with(result, &options, why);
}
