/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each pressed place told, kept with the result: by it thresholds of two sessions compare at
 * one place, and a zone is told by one place. */
#include "analysis/press/tenderness_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was pressed here at all: the highest, the highest that was borne, and the ceiling; NAN. */
struct reach {
    double top_kpa, borne_kpa, ceiling_kpa;
};

/* Also the error of the place's centre. */
static struct reach reach_of(const struct tender *tender, int place, double *sd_mm)
{
    struct reach reach = {NAN, NAN, NAN};
    double square = 0;
    int n = 0;

    for (int i = 0; i < tender->result->n_presses; i++) {
        const struct press *press = &tender->result->presses[i];
        if (tender->place_of[i] != place || press->doubtful)
            continue;
        reach.top_kpa = fmax(reach.top_kpa, fmax(press->peak_kpa, tender_press_kpa(press)));
        reach.ceiling_kpa = fmax(reach.ceiling_kpa, press->ceiling_kpa);
        if (!tender_is_pain(press))
            reach.borne_kpa = fmax(reach.borne_kpa, tender_press_kpa(press));
        square += isfinite(press->place_sd_mm) ? press->place_sd_mm * press->place_sd_mm : 0;
        n++;
    }
    *sd_mm = n ? sqrt(square) / n : NAN;
    return reach;
}

/* The model may put a threshold above anything that was pressed. Where a press was borne it is then
 * known from below only; where each was answered it lies no higher than those. */
static void cut_at_top(struct place_result *told, const struct reach *reach)
{
    told->is_bound = told->kpa > reach->top_kpa && isfinite(reach->borne_kpa);
    if (told->is_bound) {
        told->kpa = reach->borne_kpa;
        told->low_kpa = fmin(told->low_kpa, told->kpa);
        told->high_kpa = NAN;
    } else if (told->kpa > fmax(reach->top_kpa, reach->ceiling_kpa)) {
        told->kpa = reach->top_kpa;
        told->low_kpa = fmin(told->low_kpa, told->kpa);
    }
}

static struct place_result tell(const struct tender *tender, int place)
{
    const struct tender_place *own = &tender->places[place];
    const struct place_threshold *fit = &tender->fits[place];
    struct place_result told = {.side = own->side,
                                .at = own->at,
                                .tip_cm2 = own->tip_cm2,
                                .ramp_kpa_s = own->ramp_kpa_s,
                                .presses = own->presses,
                                .answers = own->answers,
                                .kpa = own->value_kpa,
                                .low_kpa = NAN,
                                .high_kpa = NAN,
                                .is_bound = !own->answers};

    const struct reach reach = reach_of(tender, place, &told.sd_mm);

    memcpy(told.aim, own->aim, sizeof told.aim);
    if (own->answers && isfinite(fit->kpa)) {
        told.kpa = fit->kpa;
        told.low_kpa = fit->low_kpa;
        told.high_kpa = fit->high_kpa;
        cut_at_top(&told, &reach);
    }
    return told;
}

int tender_tell_places(struct tender *tender)
{
    struct result *result = tender->result;

    result->places = calloc((size_t)tender->n_places + 1, sizeof *result->places);
    if (!result->places)
        return problem_no_memory(tender->why, "what each place told");
    result->n_places = tender->n_places;
    for (int p = 0; p < tender->n_places; p++)
        result->places[p] = tell(tender, p);
    return 0;
}

int tender_told_by(const struct tender *tender, int f, int z, int fit)
{
    int only = -1;

    if (fit >= 0)
        return fit + 1;
    for (int p = 0; p < tender->n_places; p++)
        if (tender->places[p].presses && tender_is_inside(tender, f, z, p)) {
            if (only >= 0)
                return TOLD_BY_SEVERAL;
            only = p;
        }
    return only + 1;
}
