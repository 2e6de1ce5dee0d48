/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence in words that may be printed (wording.h): what was done and answered, nothing more. */
#include "analysis/press/tenderness_private.h"
#include "analysis/press/tool.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More answers than this are told by their range. */
#define ANSWERS_LISTED 3
/* A zone that got less of what a mat pressed was not meant. */
#define MAT_SHARE_LEAST 0.02

int tender_say(struct tender *tender, struct zone_result *zone, const char *format, ...)
{
    struct evidence *grown =
        realloc(zone->evidence, (size_t)(zone->n_evidence + 1) * sizeof *zone->evidence);
    va_list args;

    if (!grown)
        return problem_no_memory(tender->why, "the evidence of a zone");
    zone->evidence = grown;
    va_start(args, format);
    vsnprintf(grown[zone->n_evidence++].text, EVIDENCE_TEXT_MAX, format, args);
    va_end(args);
    return 0;
}

/* Free text may hold anything; only what passes the wording rules is repeated. */
const char *tender_reason(const char *why, char *text, size_t cap)
{
    struct problem ignored;

    snprintf(text, cap, "%s%s", *why ? ": " : "", why);
    if (wording_check(text, &ignored))
        *text = 0;
    return text;
}

static const char *plural(int n)
{
    return n == 1 ? "" : "es";
}

/* "152 and 160 kPa", or "120 to 180 kPa (median 150 kPa)". */
static void answers_in_words(struct tender *tender, const int *under, int n,
                             const struct tally *tally, char *text, size_t cap)
{
    size_t used = 0;
    int told = 0;

    if (tally->answers > ANSWERS_LISTED) {
        snprintf(text, cap, "%.0f to %.0f kPa (median %.0f kPa)", tally->low_kpa, tally->high_kpa,
                 tally->value_kpa);
        return;
    }
    for (int i = 0; i < n; i++) {
        const struct press *press = &tender->result->presses[under[i]];
        if (press->doubtful || !tender_is_pain(press))
            continue;
        const char *between = told == 0 ? "" : told + 1 == tally->answers ? " and " : ", ";
        used += (size_t)snprintf(text + used, cap - used, "%s%.0f", between, press->answer_kpa);
        told++;
    }
    snprintf(text + used, cap - used, " kPa");
}

static int say_answers(struct tender *tender, struct zone_result *zone, const int *under, int n,
                       const struct tally *tally)
{
    char answers[80];

    if (tally->answers) {
        answers_in_words(tender, under, n, tally, answers, sizeof answers);
        return tender_say(tender, zone,
                          "pressure pain was reported at this place at %s, in %d of %d press%s (%d "
                          "pass%s)%s",
                          answers, tally->answers, tally->sound, plural(tally->sound),
                          tally->passes, plural(tally->passes),
                          tally->is_tender ? "" : "; uncertain, repeat");
    }
    if (!tally->sound)
        return 0;
    return tender_say(tender, zone, "no pain up to %.0f kPa in %d press%s (%d pass%s)%s%s",
                      tally->value_kpa, tally->sound, plural(tally->sound), tally->passes,
                      plural(tally->passes),
                      tally->ceiling_reached ? "" : "; the ceiling was not reached each time",
                      tally->passes < 2 ? "; uncertain, repeat" : "");
}

int tender_is_partial(const struct tally *tally)
{
    return tally->painful_places > 0 && tally->painful_places < tally->places;
}

static int say_places(struct tender *tender, struct zone_result *zone, const struct tally *tally)
{
    if (tally->sound && !tally->answers && zone->zone->shape.kind != ZONE_PARTS)
        return tally->places
                   ? tender_say(tender, zone,
                                "no pain at the %d places pressed in this zone; what lies between "
                                "them is not known",
                                tally->places)
                   : tender_say(tender, zone,
                                "no pain at the one place pressed in this zone; what lies around "
                                "it is not known");
    if (!tender_is_partial(tally))
        return 0;
    return tender_say(tender, zone, "pain at %d of %d places pressed in this zone",
                      tally->painful_places, tally->places);
}

/* The sought feeling: told apart, and no pain. */
static int say_aches(struct tender *tender, struct zone_result *zone, const int *under, int n)
{
    for (int i = 0; i < n; i++) {
        const struct press *press = &tender->result->presses[under[i]];
        if (!press->doubtful && press->answered && !tender_is_pain(press) &&
            tender_say(tender, zone,
                       "press %d: ache, fullness or numbness at %.0f kPa, which is not pain",
                       press->number, press->answer_kpa))
            return -1;
    }
    return 0;
}

static int say_doubts(struct tender *tender, struct zone_result *zone, const int *under, int n)
{
    for (int i = 0; i < n; i++) {
        const struct press *press = &tender->result->presses[under[i]];
        if (press->doubtful &&
            tender_say(tender, zone, "press %d does not count: %s", press->number, press->doubt))
            return -1;
    }
    return 0;
}

static int say_tool(struct tender *tender, struct zone_result *zone, const struct tally *tally)
{
    if (!tally->sound)
        return 0;
    if (!tally->one_tool)
        return tender_say(tender, zone, "pressed with different studs: not compared");
    return tender_say(tender, zone, "stud of %g cm2, pressure rising by %.0f kPa/s%s",
                      tally->tip_cm2, tally->ramp_kpa_s,
                      tally->answers ? ", reaction time taken off" : "");
}

int tender_say_presses(struct tender *tender, int f, int z)
{
    struct zone_result *zone = &tender->result->feet[f].zones[z];
    const struct tally *tally = &tender->tallies[f][z];
    int n = tender_presses_under(tender, f, z);

    return say_answers(tender, zone, tender->under, n, tally) || say_places(tender, zone, tally) ||
                   say_aches(tender, zone, tender->under, n) ||
                   say_doubts(tender, zone, tender->under, n) || say_tool(tender, zone, tally)
               ? -1
               : 0;
}

static int is_mat_press(const struct result *result, const struct press_zone *got, enum side side,
                        const struct atlas_zone *zone)
{
    const struct press *press = &result->presses[got->press];

    return press->tool_kind == TOOL_MAT && got->zone == zone && got->side == side &&
           got->weight >= MAT_SHARE_LEAST && !press->doubtful && !press->is_catch;
}

int tender_is_under_mat(const struct result *result, enum side side, const struct atlas_zone *zone)
{
    for (int i = 0; i < result->n_press_zones; i++)
        if (is_mat_press(result, &result->press_zones[i], side, zone))
            return 1;
    return 0;
}

int tender_say_mat(struct tender *tender, int f, int z)
{
    const struct result *result = tender->result;
    const struct foot_result *foot = &result->feet[f];
    double highest_kpa = 0;
    int n = 0, pains = 0;

    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *got = &result->press_zones[i];
        if (!is_mat_press(result, got, foot->side, foot->zones[z].zone))
            continue;
        highest_kpa = fmax(highest_kpa, got->kpa);
        pains += tender_is_pain(&result->presses[got->press]);
        n++;
    }
    if (!n)
        return 0;
    return tender_say(tender, &foot->zones[z],
                      "studs of a mat in %d press%s, up to %.0f kPa here, pain answered in %d: "
                      "this names no single place and is no test of it",
                      n, plural(n), highest_kpa, pains);
}

int tender_say_notes(struct tender *tender, const struct foot_result *foot,
                     struct zone_result *zone)
{
    static const char *const words[] = {
        [NOTE_CALLUS] = "covered by thick skin: a callus was noted here",
        [NOTE_NODULE] = "a nodule was noted here by hand",
        [NOTE_WART] = "a wart or birthmark was noted here: do not press",
        [NOTE_JOINT] = "joint, not zone: a joint was noted here",
    };
    const struct result *result = tender->result;

    for (int i = 0; i < result->n_notes; i++) {
        const struct operator_note *note = &result->notes[i];
        if (note->kind == NOTE_TEXT || (note->side != foot->side && note->side != SIDE_UNKNOWN) ||
            !atlas_contains(zone->zone, &foot->frame, &foot->landmarks, note->place))
            continue;
        if (tender_say(tender, zone, "%s", words[note->kind]))
            return -1;
    }
    return 0;
}
