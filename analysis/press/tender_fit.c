/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The places of a press test as threshold_fit wants them. */
#include "analysis/press/tenderness_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same place of the other foot, by foot frames that are each a few millimetres wrong. */
#define MIRROR_MM 12.0
#define SAME_TIP 0.01
/* Times the usual scatter of repeats that make one false answer more than a slip. */
#define SCATTERED_TIMES 1.3
/* A press whose own error is not known: reaction time and ramp together, as usual. */
#define USUAL_OWN_SD 0.06
/* u x 250 mm, v x 100 mm: the template foot (reflexology.md 1.1). */
#define TEMPLATE_LENGTH_MM 250.0
#define TEMPLATE_WIDTH_MM 100.0

double tender_distance_mm(struct uv a, struct uv b)
{
    return hypot((a.u - b.u) * TEMPLATE_LENGTH_MM, (a.v - b.v) * TEMPLATE_WIDTH_MM);
}

/* --- Which presses can be compared --------------------------------------------------------------
 */

static int same_probe(const struct tender *tender, const struct press *a, const struct press *b)
{
    return fabs(a->tip_cm2 - b->tip_cm2) <= SAME_TIP * a->tip_cm2 &&
           fabs(a->ramp_kpa_s - b->ramp_kpa_s) <=
               tender->options.same_ramp_tolerance * fmax(a->ramp_kpa_s, b->ramp_kpa_s);
}

static int is_usable(const struct tender *tender, int i)
{
    const struct press *press = &tender->result->presses[i];
    double kpa = tender_press_kpa(press);

    return tender->place_of[i] >= 0 && !press->doubtful && kpa > 0 && isfinite(kpa);
}

/* The press whose probe most others share; -1 without any. */
static int usual_press(const struct tender *tender)
{
    int best = -1, most = 0;

    for (int i = 0; i < tender->result->n_presses; i++) {
        int same = 0;
        for (int k = 0; k < tender->result->n_presses && is_usable(tender, i); k++)
            same += is_usable(tender, k) &&
                    same_probe(tender, &tender->result->presses[i], &tender->result->presses[k]);
        if (same > most) {
            most = same;
            best = i;
        }
    }
    return best;
}

static int take_presses(const struct tender *tender, struct threshold_press *presses)
{
    const struct result *result = tender->result;
    int usual = usual_press(tender), n = 0;

    for (int i = 0; i < result->n_presses && usual >= 0; i++) {
        const struct press *press = &result->presses[i];
        if (!is_usable(tender, i) || !same_probe(tender, &result->presses[usual], press))
            continue;
        presses[n] = (struct threshold_press){.place = tender->place_of[i],
                                              .answered = tender_is_pain(press),
                                              .kpa = tender_press_kpa(press),
                                              .own_sd = press->own_sd,
                                              .session = press->session > 0 ? press->session : 0};
        if (!(presses[n].own_sd > 0 && presses[n].own_sd < 1))
            presses[n].own_sd = USUAL_OWN_SD;
        n++;
    }
    return n;
}

/* --- Mirrors -----------------------------------------------------------------------------------
 */

static int same_aim(const struct tender_place *a, const struct tender_place *b)
{
    return *a->aim && !strcmp(a->aim, b->aim);
}

/* Of the other foot: aimed at the same zone, else the nearest within reach. */
static int other_foot_place(const struct tender *tender, int place)
{
    const struct tender_place *own = &tender->places[place];
    double nearest = MIRROR_MM;
    int best = -1;

    for (int p = 0; p < tender->n_places; p++) {
        const struct tender_place *other = &tender->places[p];
        double off = tender_distance_mm(own->at, other->at) - (same_aim(own, other) ? 100 : 0);
        if (other->side != own->side && off < nearest) {
            nearest = off;
            best = p;
        }
    }
    return best;
}

static void take_places(const struct tender *tender, struct threshold_place *places)
{
    for (int p = 0; p < tender->n_places; p++) {
        const struct tender_place *place = &tender->places[p];
        int other = other_foot_place(tender, p);
        places[p] = (struct threshold_place){
            .region_class = place->region_class,
            .side = place->side,
            .near_border = threshold_near_border(place->border_mm),
            .beyond = place->beyond,
            .mirror = other >= 0 && other_foot_place(tender, other) == p ? other : -1};
    }
}

/* --- The fit -----------------------------------------------------------------------------------
 */

static int false_answers(const struct result *result)
{
    int n = 0;

    for (int i = 0; i < result->n_presses; i++)
        n += result->presses[i].is_catch && !result->presses[i].doubtful &&
             result->presses[i].answered;
    return n;
}

/* Repeats that differ far more than anybody's do: answers that follow something else. After an
 * answer in a catch trial less of that is enough. */
static void judge_consistency(struct tender *tender)
{
    struct result *result = tender->result;
    double own = tender->person.repeatability_sd, usual = threshold_defaults().repeatability_sd;

    if (result->answers_unreliable)
        return;
    if (tender->person.inconsistent)
        memcpy(result->unreliable_why, tender->person.inconsistent_why,
               sizeof tender->person.inconsistent_why);
    else if (false_answers(result) && own > SCATTERED_TIMES * usual)
        snprintf(result->unreliable_why, sizeof result->unreliable_why,
                 "pain was answered in a catch trial, in which nothing pressed, and repeats at one "
                 "place differ by %.0f %%",
                 100 * own);
    else
        return;
    result->answers_unreliable = 1;
}

int tender_fit(struct tender *tender)
{
    struct threshold_options options = threshold_defaults();
    size_t n_places = (size_t)tender->n_places + 1;
    size_t n_presses = (size_t)tender->result->n_presses + 1;
    struct threshold_place *places = calloc(n_places, sizeof *places);
    struct threshold_press *presses = calloc(n_presses, sizeof *presses);
    int status = -1;

    options.factor = tender->options.factor;
    tender->fits = calloc(n_places, sizeof *tender->fits);
    if (!places || !presses || !tender->fits) {
        problem_no_memory(tender->why, "the thresholds of the places");
        goto cleanup;
    }
    take_places(tender, places);
    int n = take_presses(tender, presses);
    status = threshold_fit(places, tender->n_places, presses, n, &options, tender->fits,
                           &tender->person, tender->why);
    if (!status)
        judge_consistency(tender);
cleanup:
    free(places);
    free(presses);
    return status;
}

/* 1 when place a tells more of its zone than b. */
static int tells_more(const struct place_threshold *a, const struct place_threshold *b)
{
    int a_flag = a->verdict >= VERDICT_WATCH ? (int)a->verdict : 0;
    int b_flag = b->verdict >= VERDICT_WATCH ? (int)b->verdict : 0;
    int a_answers = a->answers > 1 ? 2 : a->answers, b_answers = b->answers > 1 ? 2 : b->answers;

    if (a_flag != b_flag)
        return a_flag > b_flag;
    if (a_answers != b_answers)
        return a_answers > b_answers;
    return a->answers ? a->kpa < b->kpa : a->bound_kpa < b->bound_kpa;
}

int tender_telling_place(const struct tender *tender, int f, int z)
{
    int best = -1;

    for (int p = 0; p < tender->n_places; p++)
        if (tender->fits[p].presses && tender_is_inside(tender, f, z, p) &&
            (best < 0 || tells_more(&tender->fits[p], &tender->fits[best])))
            best = p;
    return best;
}
