/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/result.h"
#include "analysis/foot/foot_track.h"
#include "analysis/norms.h"

#include "analysis/load/load.h"
#include "analysis/walk/walk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *uncertain_name(enum uncertain why)
{
    static const char *const names[UNCERTAIN_COUNT] = {
        [UNCERTAIN_NOT] = "",
        [UNCERTAIN_PRESSED_ONCE] = "pressed_once",
        [UNCERTAIN_ANSWERS_DIFFER] = "answers_differ",
        [UNCERTAIN_NO_PRESS_COUNTS] = "no_press_counts",
        [UNCERTAIN_PLACE_NOT_KNOWN] = "place_not_known",
        [UNCERTAIN_PARTS_OPEN] = "parts_open",
        [UNCERTAIN_SHIFTS_ONLY] = "shifts_only",
    };
    return names[why];
}

const char *uncertain_words(enum uncertain why)
{
    static const char *const words[UNCERTAIN_COUNT] = {
        [UNCERTAIN_NOT] = "",
        [UNCERTAIN_PRESSED_ONCE] = "pressed once only",
        [UNCERTAIN_ANSWERS_DIFFER] = "pain in some presses and none in others",
        [UNCERTAIN_NO_PRESS_COUNTS] = "no press here counts: each is doubtful",
        [UNCERTAIN_PLACE_NOT_KNOWN] =
            "presses on this foot whose place is not known may have been here",
        [UNCERTAIN_PARTS_OPEN] = "some of its parts were not pressed, or are uncertain",
        [UNCERTAIN_SHIFTS_ONLY] = "weight shifts only: not tested with a stud",
    };
    return words[why];
}

const char *zone_state_name(enum zone_state state)
{
    static const char *const names[STATE_COUNT] = {
        [STATE_MEASURED] = "measured",
        [STATE_NO_PAIN_TO_CEILING] = "no_pain_to_ceiling",
        [STATE_NO_CONTACT] = "no_contact",
        [STATE_NOT_TESTED] = "not_tested",
        [STATE_EXCLUDED] = "excluded_by_screening",
        [STATE_EXCLUDED_BY_HAND] = "excluded_by_hand",
        [STATE_STOPPED] = "stopped_by_subject",
        [STATE_UNCERTAIN] = "uncertain",
        [STATE_OUTSIDE_PLATE] = "outside_plate",
    };

    return (unsigned)state < STATE_COUNT ? names[state] : "?";
}

int zone_state_is_excluded(enum zone_state state)
{
    return state == STATE_EXCLUDED || state == STATE_EXCLUDED_BY_HAND;
}

const char *flag_level_name(enum flag_level level)
{
    switch (level) {
    case FLAG_WATCH:
        return "watch";
    case FLAG_ATTENTION:
        return "attention";
    case FLAG_BOTH_SIDES:
        return "sensitive on both sides";
    case FLAG_NONE:
        break;
    }
    return "none";
}

void recording_facts_free(struct recording_facts *facts)
{
    free(facts->client);
    free(facts->protocol);
    free(facts->started_utc);
    free(facts->device_serial);
    free(facts->device_model);
    free(facts->firmware);
    free(facts->software);
    free(facts->calibration_id);
    free(facts->calibration_date);
    free(facts->source);
    free(facts->masked);
}

static void free_series(struct frame_series *frames)
{
    free(frames->time_s);
    free(frames->force_n);
    free(frames->cop_x_mm);
    free(frames->cop_y_mm);
    free(frames->area_cm2);
    free(frames->peak_kpa);
    free(frames->step);
}

static void free_foot(struct foot_result *foot)
{
    for (int i = 0; i < foot->n_zones; i++)
        free(foot->zones[i].evidence);
    free(foot->zones);
    free(foot->mask);
    load_numbers_free(foot->load);
    free(foot->print);
}

int zone_threshold_is_bound(const struct zone_result *zone)
{
    return (!zone->answers || zone->threshold_is_beyond) && isfinite(zone->threshold_kpa);
}

const float *result_contact_picture(const struct result *result)
{
    return result->walked ? result->max_picture : result->mean_picture;
}

double widest_cell_mm(const struct result *result)
{
    return fmax(result->grid.pitch_x_mm, result->grid.pitch_y_mm);
}

const char *zone_as_one_with(const struct result *result, const struct atlas_zone *zone)
{
    return widest_cell_mm(result) > zone->merge_pitch_mm ? zone->merge_with : NULL;
}

const char *zone_as_one_words(const struct result *result, const struct atlas_zone *zone,
                              char *text, size_t cap)
{
    const char *other = zone_as_one_with(result, zone);

    *text = 0;
    if (other)
        snprintf(text, cap, "cells of %.1f mm cannot tell %s from %s by load: read both as one",
                 widest_cell_mm(result), zone->id, other);
    return text;
}

int zone_tells_as_one(const struct result *result, const struct atlas_zone *zone)
{
    const char *other = zone_as_one_with(result, zone);
    const struct atlas_zone *met = other ? atlas_find(result->atlas, other) : NULL;

    return met && zone < met;
}

const char *flag_zones_words(const struct flag *flag, char *text, size_t cap)
{
    snprintf(text, cap, "%s%s%s", flag->zone_id, flag->as_one_with ? "/" : "",
             flag->as_one_with ? flag->as_one_with : "");
    return text;
}

const char *result_person(const struct result *result)
{
    if (result->facts.client && *result->facts.client)
        return result->facts.client;
    return *result->subject_label ? result->subject_label : NULL;
}

void result_free(struct result *result)
{
    if (!result)
        return;
    recording_facts_free(&result->facts);
    free_series(&result->frames);
    free(result->mean_picture);
    free(result->max_picture);
    free(result->pti_picture);
    for (int i = 0; i < result->n_feet; i++)
        free_foot(&result->feet[i]);
    free(result->feet);
    free(result->presses);
    free(result->places);
    free(result->press_zones);
    free(result->shift_loads);
    free(result->stud_next);
    free(result->signs);
    free(result->notes);
    free(result->exclusions);
    free(result->left_out);
    free(result->screening.lines);
    free(result->stops);
    free(result->flags);
    free(result->not_tested);
    for (int i = 0; i < result->n_warnings; i++)
        free(result->warnings[i]);
    free(result->warnings);
    if (result->track)
        track_free(result->track);
    free(result->track);
    load_whole_free(result->load);
    walk_result_free(result->walk);
    atlas_free(result->atlas);
    patterns_free(&result->patterns);
    norms_free(result->norms);
    free(result);
}
