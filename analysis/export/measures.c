/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/measures.h"

#include "analysis/load/load.h"
#include "analysis/report/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_LOAD "nobody stood on the plate in this recording"

static const char *ucum_of(const char *unit)
{
    static const char *const pairs[][2] = {{"°", "deg"}, {"", "1"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (!strcmp(pairs[i][0], unit))
            return pairs[i][1];
    return unit; /* N, cm2, kPa, %, mm and s are the same in both */
}

/* The next one, with id, unit and words; a spare one that is thrown away when memory ran out. */
static struct measure *add(struct measures *list, const char *id, const char *unit, int decimals,
                           double value, const char *reason)
{
    if (list->n == list->capacity) {
        int capacity = list->capacity ? 2 * list->capacity : 64;
        struct measure *of = realloc(list->of, (size_t)capacity * sizeof *of);
        if (!of) {
            list->failed = 1;
            return &list->spare;
        }
        list->of = of;
        list->capacity = capacity;
    }
    struct measure *m = &list->of[list->n++];
    *m = (struct measure){.unit = unit,
                          .ucum = ucum_of(unit),
                          .definition = "",
                          .value = value,
                          .low = NAN,
                          .high = NAN,
                          .decimals = decimals};
    snprintf(m->id, sizeof m->id, "%s", id);
    if (!isfinite(value)) {
        m->value = NAN; /* an infinity is none either */
        snprintf(m->reason, sizeof m->reason, "%s", reason && *reason ? reason : NO_LOAD);
    }
    return m;
}

static void say(struct measure *m, const char *words, enum side side, const char *definition)
{
    m->side = side;
    m->definition = definition;
    if (side == SIDE_UNKNOWN)
        snprintf(m->words, sizeof m->words, "%s", words);
    else
        snprintf(m->words, sizeof m->words, "%s, %s foot", words, side_words(side));
}

static void add_whole(struct measures *list, const struct result *result)
{
    const char *none = result->no_foot_reason;
    say(add(list, "mean_force", "N", 0, result->mean_force_n, none), "mean force", SIDE_UNKNOWN,
        "sum of pressure x cell area over contact cells, mean of the loaded frames");
    say(add(list, "mean_contact_area", "cm2", 0, result->mean_area_cm2, none), "mean contact area",
        SIDE_UNKNOWN, "cells at or above the contact threshold");
}

static void add_load(struct measures *list, const struct foot_result *foot)
{
    enum side side = foot->side;
    say(add(list, "foot_length", "mm", 0, foot->length_mm, foot->length_reason), "foot length",
        side,
        foot->length_is_measured ? "measured on the print"
        : foot->length_given     ? "as stated, not measured"
                                 : "of the template foot");
    if (!foot->has_load)
        return;
    say(add(list, "foot_force", "N", 0, foot->force_n, NO_LOAD), "force", side,
        "sum over the foot's contact cells, mean of the loaded frames");
    say(add(list, "foot_load_share", "%", 1, foot->load_percent, NO_LOAD), "share of the load",
        side, "of both feet's force");
    say(add(list, "foot_contact_area", "cm2", 0, foot->area_cm2, NO_LOAD), "contact area", side,
        "cells at or above the contact threshold");
    say(add(list, "foot_peak_pressure", "kPa", 0, foot->peak_kpa, NO_LOAD), "peak pressure", side,
        "largest cell of any loaded frame");
}

static void add_print(struct measures *list, const struct foot_result *foot)
{
    for (int id = 0; foot->print && id < PRINT_NUMBERS; id++) {
        const struct print_number_facts *facts = print_number_facts((enum print_number_id)id);
        const struct print_number *number = &foot->print->of[id];
        say(add(list, facts->key, facts->unit, facts->decimals, number->value, number->reason),
            facts->words, foot->side, facts->source);
    }
}

static const char *why_no_threshold(enum zone_state state)
{
    switch (state) {
    case STATE_NO_CONTACT:
        return "not tested: nothing touched the plate here";
    case STATE_EXCLUDED:
        return "not tested: excluded by the screening";
    case STATE_EXCLUDED_BY_HAND:
        return "not tested: a wart or joint was noted here by hand";
    case STATE_STOPPED:
        return "not tested: the person stopped";
    case STATE_UNCERTAIN:
        return "pressed, but place or repeats do not carry a result";
    case STATE_OUTSIDE_PLATE:
        return "not tested: outside of the plate";
    default:
        return "not tested";
    }
}

static void add_zone(struct measures *list, const struct foot_result *foot,
                     const struct zone_result *zone)
{
    int told = zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING;
    char words[80];
    struct measure *m = add(list, "pressure_pain_threshold", "kPa", 0,
                            told ? zone->threshold_kpa : NAN, why_no_threshold(zone->state));
    snprintf(words, sizeof words, "pressure pain threshold, %s", zone->zone->id);
    say(m, words, foot->side, "tip pressure of the stud at the answer");
    snprintf(m->zone, sizeof m->zone, "%s", zone->zone->id);
    m->is_at_least = told && zone_threshold_is_bound(zone);
    m->was_tested = told || zone->state == STATE_UNCERTAIN;
    m->flag = zone->flag;
    if (told && !m->is_at_least) {
        m->low = zone->threshold_low_kpa;
        m->high = zone->threshold_high_kpa;
    }
}

int measures_make(const struct result *result, struct measures *measures, struct problem *why)
{
    *measures = (struct measures){.n = 0};
    add_whole(measures, result);
    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];
        add_load(measures, foot);
        add_print(measures, foot);
        for (int z = 0; result->n_presses > 0 && z < foot->n_zones; z++)
            if (foot->zones[z].zone->is_plantar)
                add_zone(measures, foot, &foot->zones[z]);
    }
    if (!measures->failed)
        return 0;
    measures_free(measures);
    return problem_no_memory(why, "the list of numbers");
}

void measures_free(struct measures *measures)
{
    free(measures->of);
    *measures = (struct measures){.n = 0};
}

double measure_rounded(const struct measure *measure, double value)
{
    double scale = pow(10, measure->decimals);
    return round(value * scale) / scale;
}
