/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_whole.h"
#include "driver/analyze_recording.h"
#include "samples/foot_picture.h"
#include "samples/simulate.h"
#include "samples/threshold_field.h"
#include "samples/virtual_calibration.h"
#include "samples/visit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const route[] = {"P17", "P13", "P12", "P08", "P09"};
#define ROUTE ((int)(sizeof route / sizeof route[0]))

/* Both feet there and back over a short way; the operator does not say which foot is which. */
static void set_visit(struct subject *subject)
{
    struct protocol_setting *protocol = &subject->protocol;
    struct press_setting *press = &protocol->press;
    protocol->stand_s = 8;
    protocol->tell_sides = 0;
    press->present = 1;
    press->heel_cup = 1;
    press->n_route = ROUTE;
    for (int i = 0; i < ROUTE; i++) {
        press->route[i] = (struct subject_place){.kind = PLACE_ZONE};
        snprintf(press->route[i].zone, sizeof press->route[i].zone, "%s", route[i]);
    }
    press->catch_trials = 2;
    press->rest_s = 0.5;
}

static int record(const struct subject *subject, uint64_t seed, const char *path,
                  struct simulation_facts *facts, struct problem *why)
{
    size_t n;
    char *calibration = virtual_calibration(&subject->plate, &n, why);
    struct simulation simulation = {.subject = subject,
                                    .seed = seed,
                                    .path = path,
                                    .created_utc = "2026-01-01T00:00:00Z",
                                    .calibration = calibration,
                                    .n_calibration = n,
                                    .calibration_id = "cohort"};
    int result = calibration ? simulate(&simulation, facts, why) : -1;
    free(calibration);
    return result;
}

static void score_foot(const struct subject_foot *foot, const struct result *result, int index,
                       struct whole_score *score)
{
    struct foot_frame truth = foot_picture_frame(foot, foot->heel, foot->angle_deg);
    struct point middle = foot_frame_to_plate(&truth, (struct uv){0.5, 0.5});
    const struct foot_result *nearest = NULL;
    double best = 80; /* mm: farther is another foot */
    for (int i = 0; i < result->n_feet; i++) {
        struct point at = foot_frame_to_plate(&result->feet[i].frame, (struct uv){0.5, 0.5});
        double far = hypot(at.x_mm - middle.x_mm, at.y_mm - middle.y_mm);
        if (result->feet[i].has_load && far < best) {
            best = far;
            nearest = &result->feet[i];
        }
    }
    score->feet++;
    score->axis_error_deg[index] = NAN;
    if (!nearest)
        return;
    score->found++;
    score->right += nearest->side == foot->side;
    score->wrong += nearest->side != foot->side && nearest->side_confidence > 0.9;
    score->axis_error_deg[index] = fabs(remainder(nearest->frame.angle_deg - foot->angle_deg, 360));
}

/* --- Against the presses that were drawn ---------------------------------------------------- */

static int is_of_test(const struct planned_press *press)
{
    return !press->is_catch && !press->is_tap;
}

/* 1 when the place lies in a zone that was planted on this side or on both. */
static int is_tender_at(const struct visit *visit, enum side side, struct uv at)
{
    const struct threshold_setting *set = &visit->subject.thresholds;
    const struct subject_foot *foot = subject_foot_of(&visit->subject, side);
    for (int i = 0; foot && i < set->n_planted; i++) {
        const struct planted *plant = &set->planted[i];
        if ((plant->side == SIDE_UNKNOWN || plant->side == side) &&
            place_contains(&plant->where, visit->atlas, &foot->build, side, at))
            return 1;
    }
    return 0;
}

/* A press that hurt in a tender zone was meant for this zone or lay in it. */
static int is_rightly_flagged(const struct visit *visit, const struct flag *flag)
{
    const struct subject_foot *foot = subject_foot_of(&visit->subject, flag->side);
    struct subject_place zone = {.kind = PLACE_ZONE};
    snprintf(zone.zone, sizeof zone.zone, "%s", flag->zone_id);
    for (int i = 0; foot && i < visit->presses.n; i++) {
        const struct planned_press *press = &visit->presses.presses[i];
        if (is_of_test(press) && press->side == flag->side &&
            is_tender_at(visit, press->side, press->hurts) &&
            (!strcmp(press->zone, flag->zone_id) ||
             place_contains(&zone, visit->atlas, &foot->build, flag->side, press->place)))
            return 1;
    }
    return 0;
}

static int is_flagged(const struct result *result, const struct planted *plant)
{
    for (int i = 0; i < result->n_flags; i++)
        if (result->flags[i].level == FLAG_ATTENTION && result->flags[i].side == plant->side &&
            !strcmp(result->flags[i].zone_id, plant->where.zone))
            return 1;
    return 0;
}

static int is_on_route(const char *zone)
{
    for (int i = 0; i < ROUTE; i++)
        if (!strcmp(route[i], zone))
            return 1;
    return 0;
}

static void score_flags(const struct visit *visit, const struct result *result,
                        struct whole_score *score)
{
    const struct threshold_setting *set = &visit->subject.thresholds;
    for (int i = 0; i < result->n_flags; i++) {
        int attends = result->flags[i].level == FLAG_ATTENTION;
        score->flags += attends;
        score->false_flags += attends && !is_rightly_flagged(visit, &result->flags[i]);
    }
    for (int i = 0; i < set->n_planted; i++) {
        const struct planted *plant = &set->planted[i];
        if (plant->side == SIDE_UNKNOWN || !is_on_route(plant->where.zone))
            continue;
        score->planted++;
        score->planted_flagged += is_flagged(result, plant);
    }
}

/* The same subject and seed plan the same visit as the recording's. */
static int score_presses(const struct subject *subject, uint64_t seed, const struct result *result,
                         struct whole_score *score, struct problem *why)
{
    struct visit *visit = visit_plan(subject, seed, why);
    struct made_press *made = visit ? calloc((size_t)visit->presses.n + 1, sizeof *made) : NULL;
    struct verdict_truth truth = {.subject = subject, .presses = made};
    if (visit && !made)
        problem_no_memory(why, "the presses that were made");
    for (int i = 0; made && i < visit->presses.n; i++) {
        const struct planned_press *press = &visit->presses.presses[i];
        if (is_of_test(press))
            made[truth.n++] =
                (struct made_press){.side = press->side, .at = press->place, .zone = press->zone};
    }
    if (made) {
        score->honesty = verdict_honesty_against(result, &truth);
        score_flags(visit, result, score);
    }
    int status = made ? 0 : -1;
    free(made);
    visit_free(visit);
    return status;
}

int cohort_whole(const struct cohort_person *person, uint64_t seed, const char *folder,
                 struct whole_score *score, struct problem *why)
{
    struct subject *subject = malloc(sizeof *subject);
    struct analyzer_options options = analyze_defaults();
    struct simulation_facts facts = {0};
    struct result *result = NULL;
    char path[4096];
    *score = (struct whole_score){.axis_error_deg = {NAN, NAN}};
    if (!subject)
        return problem_no_memory(why, "a person");
    *subject = person->subject;
    set_visit(subject);
    snprintf(path, sizeof path, "%s/whole_%d_%ld.tfr", folder, person->index, (long)getpid());
    if (!record(subject, seed, path, &facts, why))
        result = analyze_recording(path, &options, why);
    unlink(path);
    if (result) {
        for (int i = 0; i < subject->n_feet; i++)
            score_foot(&subject->feet[i], result, i, score);
        score->is_planted = person->is_planted;
        score->presses_made = facts.presses;
        score->answers_made = facts.answers;
        score->presses_found = result->n_presses;
        for (int i = 0; i < result->n_presses; i++)
            score->answers_found += result->presses[i].answered;
        score->done = !score_presses(subject, seed, result, score, why);
    }
    result_free(result);
    free(subject);
    return score->done ? 0 : -1;
}

/* Sums over all recordings. What one found too many does not stand for what another missed. */
struct whole_sums {
    size_t recordings, n_axis;
    struct whole_score all;
    int presses_surplus, answers_surplus;
    size_t healthy, healthy_flagged; /* recordings without a planted zone; with any flag */
    double axis_deg[256];
};

static void add_counts(int found, int made, int *all_found, int *all_made, int *surplus)
{
    *all_made += made;
    *all_found += found < made ? found : made;
    *surplus += found > made ? found - made : 0;
}

static void add_recording(struct whole_sums *sums, const struct whole_score *one)
{
    struct whole_score *all = &sums->all;
    sums->recordings++;
    all->feet += one->feet;
    all->right += one->right;
    all->wrong += one->wrong;
    add_counts(one->presses_found, one->presses_made, &all->presses_found, &all->presses_made,
               &sums->presses_surplus);
    add_counts(one->answers_found, one->answers_made, &all->answers_found, &all->answers_made,
               &sums->answers_surplus);
    all->honesty.untouched += one->honesty.untouched;
    all->honesty.untouched_told += one->honesty.untouched_told;
    all->honesty.far += one->honesty.far;
    all->honesty.far_told += one->honesty.far_told;
    all->flags += one->flags;
    all->false_flags += one->false_flags;
    all->planted += one->planted;
    all->planted_flagged += one->planted_flagged;
    sums->healthy += (size_t)!one->is_planted;
    sums->healthy_flagged += (size_t)(!one->is_planted && one->flags > 0);
    for (int f = 0; f < 2 && sums->n_axis < 256; f++)
        sums->axis_deg[sums->n_axis++] = one->axis_error_deg[f];
}

/* Something counted, not estimated: it has no interval but itself. */
static struct score counted(int value, size_t n)
{
    return (struct score){value, value, value, n};
}

static void press_and_answer_rows(struct table *table, const struct whole_sums *sums)
{
    const struct aim told = {AIM_NONE, 0, 0};
    const struct whole_score *all = &sums->all;
    table_row(table, "whole_presses", "presses found, of those made",
              score_share((size_t)all->presses_found, (size_t)all->presses_made), UNIT_PERCENT,
              told);
    table_row(table, "whole_presses_surplus", "presses found that nobody made",
              counted(sums->presses_surplus, (size_t)all->presses_made), UNIT_COUNT, told);
    table_row(table, "whole_answers", "answers found, of those given",
              score_share((size_t)all->answers_found, (size_t)all->answers_made), UNIT_PERCENT,
              told);
    table_row(table, "whole_answers_surplus", "answers found that nobody gave",
              counted(sums->answers_surplus, (size_t)all->answers_made), UNIT_COUNT, told);
}

static void told_rows(struct table *table, const struct whole_sums *sums)
{
    const struct aim told = {AIM_NONE, 0, 0}, never = {AIM_NEVER, 0, 0};
    const struct whole_score *all = &sums->all;
    const struct verdict_honesty *honesty = &all->honesty;
    table_row(table, "whole_told_without_test",
              "zones that no press was meant for, nor its tip truly reached, told all the same",
              score_share((size_t)honesty->untouched_told, (size_t)honesty->untouched),
              UNIT_PERCENT, never);
    table_row(table, "whole_told_from_afar",
              "zones with no press truly within 20 mm, told all the same",
              score_share((size_t)honesty->far_told, (size_t)honesty->far), UNIT_PERCENT, never);
    table_row(table, "whole_false_people", "people without a planted zone with any attention flag",
              score_share(sums->healthy_flagged, sums->healthy), UNIT_PERCENT, told);
    table_row(table, "whole_false_flags",
              "attention flags where no press that hurt in a tender zone was",
              score_share((size_t)all->false_flags, (size_t)all->flags), UNIT_PERCENT, told);
    table_row(table, "whole_tender",
              "planted zones of the short way flagged, of two presses each, any factor",
              score_share((size_t)all->planted_flagged, (size_t)all->planted), UNIT_PERCENT, told);
}

void whole_rows(struct table *table, const struct whole_score *people, int n, uint64_t seed)
{
    const struct aim told = {AIM_NONE, 0, 0}, never = {AIM_NEVER, 0, 0};
    struct whole_sums sums = {0};
    const struct whole_score *all = &sums.all;
    for (int i = 0; i < n; i++)
        if (people[i].done)
            add_recording(&sums, &people[i]);
    if (sums.recordings == 0)
        return;
    table_section(table, "Whole recordings: plate, wire, file, analysis");
    table_row(table, "whole_side_right", "side right, of all feet",
              score_share((size_t)all->right, (size_t)all->feet), UNIT_PERCENT, told);
    table_row(table, "whole_sure_and_wrong", "side wrong with a confidence above 0.9",
              score_share((size_t)all->wrong, (size_t)all->feet), UNIT_PERCENT, never);
    table_row(table, "whole_axis_median", "long axis, error: median",
              score_quantile(sums.axis_deg, NULL, sums.n_axis, 0.5, seed), UNIT_DEG,
              (struct aim){AIM_AT_MOST, 2, 0});
    press_and_answer_rows(table, &sums);
    told_rows(table, &sums);
}
