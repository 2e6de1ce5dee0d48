/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/press_autopsy.h"

#include <math.h>

/* Of the planted factor's logarithm: felt less than this, and the stud was beside the zone. */
#define FELT_SHARE 0.6

enum cause {
    FOUND,
    UNRELIABLE,
    NO_PLACE,
    OUTSIDE,
    UNCOUNTED,
    ONLY_ONCE,
    NO_ANSWERS,
    MIRROR_SILENT,
    NOT_LOW,
    NOT_PROVEN,
    ZONE_UNSURE,
    CAUSES
};

static const char *const cause_words[CAUSES] = {
    [FOUND] = "found",
    [UNRELIABLE] = "answers called unreliable",
    [NO_PLACE] = "not pressed in this session",
    [OUTSIDE] = "stud mostly outside",
    [UNCOUNTED] = "presses that do not count",
    [ONLY_ONCE] = "never pressed again",
    [NO_ANSWERS] = "no pain up to the ceiling",
    [MIRROR_SILENT] = "the mirror bore its ceiling",
    [NOT_LOW] = "noise: not low enough",
    [NOT_PROVEN] = "low, not proven",
    [ZONE_UNSURE] = "its place, not the zone",
};

/* Logarithm of how much lower the person could feel the zone under the counted presses. */
static double felt_ln(const struct plant_score *plant, int session)
{
    const struct plant_autopsy *autopsy = &plant->autopsy[session];
    double there = (double)autopsy->felt_kpa[1];
    if (!(there > 0))
        there = (double)plant->mirror_kpa;
    return log((double)autopsy->felt_kpa[0] / there);
}

static enum cause cause_of(const struct plant_score *plant, int session)
{
    const struct plant_autopsy *autopsy = &plant->autopsy[session];
    if (plant->flagged[session])
        return FOUND;
    if (autopsy->unreliable)
        return UNRELIABLE;
    if (!autopsy->made[0])
        return NO_PLACE;
    if (autopsy->counted[0] && !(felt_ln(plant, session) < FELT_SHARE * log(plant->factor)))
        return OUTSIDE;
    if (autopsy->counted[0] < 2)
        return autopsy->made[0] > autopsy->counted[0] ? UNCOUNTED : ONLY_ONCE;
    if (autopsy->answers[0] < 2)
        return NO_ANSWERS;
    if (plant->place_flagged[session])
        return ZONE_UNSURE;
    if (!autopsy->answers[1])
        return MIRROR_SILENT;
    return autopsy->expected_ratio < 0.7f ? NOT_PROVEN : NOT_LOW;
}

static void tell_plant(const struct plant_score *plant, int person, int session, FILE *file)
{
    static const char *const regions[] = {"toes", "ball", "arch", "heel"};
    const struct plant_autopsy *a = &plant->autopsy[session];
    fprintf(file,
            "person %d session %d %s %s %s at %.1f, mirror truly %.0f of %.0f kPa: %s; here %d "
            "made, %d counted, %d in the zone, %d answered, felt %.0f kPa; there %d, %d, %d "
            "answered, felt %.0f kPa; ratio %.2f, p %.2g, tender %.2f\n",
            person, session + 1, side_name(plant->side), plant->zone, regions[plant->region],
            plant->factor, (double)plant->mirror_kpa, (double)plant->ceiling_kpa,
            cause_words[cause_of(plant, session)], a->made[0], a->counted[0], a->inside,
            a->answers[0], (double)a->felt_kpa[0], a->made[1], a->counted[1], a->answers[1],
            (double)a->felt_kpa[1], (double)a->expected_ratio, (double)a->p_holm,
            (double)a->probability);
}

/* Zones whose mirror was made tender as well have no such ratio; amputated middles are no aim. */
static int is_asked(const struct press_score *person, const struct plant_score *plant)
{
    return !person->is_unreliable && !plant->mirror_is_tender && !plant->is_cut_off &&
           plant->factor < 0.65;
}

static void tell_causes(const struct press_score *people, int n, int session, FILE *file)
{
    int counts[2][CAUSES] = {{0}, {0}};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < people[i].n_plants; k++) {
            const struct plant_score *plant = &people[i].plants[k];
            if (is_asked(&people[i], plant))
                counts[plant->factor > 0.55][cause_of(plant, session)]++;
        }
    fprintf(file, "Session %d: zones planted at 0.3 to 0.5, at 0.6\n", session + 1);
    for (int c = 0; c < CAUSES; c++)
        fprintf(file, "  %-28s %4d %4d\n", cause_words[c], counts[0][c], counts[1][c]);
}

/* Zones told from presses that were elsewhere, or from none. */
static void tell_honesty(const struct press_score *person, int session, FILE *file)
{
    const struct verdict_honesty *honesty = &person->session[session].honesty;
    for (int i = 0; i < honesty->n_zones; i++) {
        const struct told_zone *zone = &honesty->zones[i];
        fprintf(file,
                "person %d session %d %s %s told %s after %d presses, %s; the nearest was truly "
                "%.0f mm off; foot cut at %.2f, frame of %.0f mm for %.0f, proven up to %.2f\n",
                person->person, session + 1, side_name(zone->side), zone->zone,
                zone_state_name(zone->state), zone->repeats,
                zone->is_meant ? "meant for it" : "none meant for it", (double)zone->off_mm,
                (double)zone->cut_u, (double)zone->frame_mm, (double)zone->truth_mm,
                (double)zone->reach_u);
    }
}

void press_autopsy(const struct press_score *people, int n, FILE *file)
{
    for (int session = 0; session < 2; session++) {
        for (int i = 0; i < n; i++)
            for (int k = 0; k < people[i].n_plants; k++)
                if (is_asked(&people[i], &people[i].plants[k]) &&
                    !people[i].plants[k].flagged[session])
                    tell_plant(&people[i].plants[k], people[i].person, session, file);
        for (int i = 0; i < n; i++)
            tell_honesty(&people[i], session, file);
        tell_causes(people, n, session, file);
    }
}
