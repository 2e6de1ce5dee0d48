/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What weight shifts on the bare plate say of a zone.
 *
 * A shift loads the whole sole, and less than a stud does: each zone in contact bore the pressure
 * that it got (result->press_zones). Without an answer that is a lower bound of its threshold, and
 * no more: the zone stays uncertain, whatever was borne, because nothing like a stud's pressure was
 * tried. After an answer nobody can tell which of the loaded places hurt: those that did not bear
 * clearly more in another shift stay uncertain without a number. A zone without contact was not
 * tested by it. */
#include "analysis/press/tenderness_private.h"
#include "analysis/press/tool.h"

#include <math.h>

/* Less than this of what was borne in another shift did not hurt here: the person's answers at one
 * place differ by 20 %, and this is two of those. */
#define SURELY_BORNE 0.67

struct shifts {
    int presses, answers;
    double borne_kpa, answered_kpa; /* highest without an answer, lowest at one; NAN = none */
};

static int is_of(const struct result *result, const struct press_zone *got, enum side side,
                 const struct atlas_zone *zone)
{
    const struct press *press = &result->presses[got->press];

    return got->zone == zone && got->side == side && press->tool_kind == TOOL_FLAT &&
           !press->is_catch && !press->doubtful && isfinite(got->kpa);
}

static void count_borne(const struct result *result, enum side side, const struct atlas_zone *zone,
                        struct shifts *shifts)
{
    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *got = &result->press_zones[i];
        if (!is_of(result, got, side, zone) || tender_is_pain(&result->presses[got->press]))
            continue;
        shifts->presses++;
        shifts->borne_kpa = fmax(shifts->borne_kpa, got->kpa);
    }
}

static void count_answered(const struct result *result, enum side side,
                           const struct atlas_zone *zone, struct shifts *shifts)
{
    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *got = &result->press_zones[i];
        if (!is_of(result, got, side, zone) || !tender_is_pain(&result->presses[got->press]) ||
            got->kpa < SURELY_BORNE * shifts->borne_kpa)
            continue;
        shifts->presses++;
        shifts->answers++;
        shifts->answered_kpa = fmin(shifts->answered_kpa, got->kpa);
    }
}

int tender_shifts(struct tender *tender, const struct foot_result *foot, struct zone_result *zone)
{
    struct shifts shifts = {.borne_kpa = NAN, .answered_kpa = NAN};

    count_borne(tender->result, foot->side, zone->zone, &shifts);
    count_answered(tender->result, foot->side, zone->zone, &shifts);
    if (zone->state != STATE_NOT_TESTED || !shifts.presses)
        return 0;
    zone->state = STATE_UNCERTAIN;
    zone->uncertain = UNCERTAIN_SHIFTS_ONLY;
    zone->by_shifts_only = 1;
    zone->repeats = shifts.presses;
    zone->answers = shifts.answers;
    if (shifts.answers)
        return tender_say(
            tender, zone,
            "pain was reported in %d of %d weight shifts on the bare plate, with %.0f "
            "kPa here; which place hurt is not known: press it with a stud",
            shifts.answers, shifts.presses, shifts.answered_kpa);
    zone->threshold_kpa = shifts.borne_kpa;
    return tender_say(
        tender, zone,
        "no pain up to %.0f kPa in %d weight shift%s on the bare plate: a lower bound, "
        "not tested with a stud",
        shifts.borne_kpa, shifts.presses, shifts.presses == 1 ? "" : "s");
}
