/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_whole.h"
#include "driver/analyze_recording.h"
#include "samples/foot_picture.h"
#include "samples/simulate.h"
#include "samples/virtual_calibration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

static int says_something(enum zone_state state)
{
    return state == STATE_NO_PAIN_TO_CEILING || state == STATE_MEASURED;
}

static void score_zones(const struct result *result, struct whole_score *score)
{
    for (int f = 0; f < result->n_feet; f++)
        for (int i = 0; i < result->feet[f].n_zones; i++) {
            const struct zone_result *zone = &result->feet[f].zones[i];
            score->unpressed_but_told += says_something(zone->state) && zone->repeats == 0;
        }
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
        score_zones(result, score);
        score->presses_made = facts.presses;
        score->answers_made = facts.answers;
        score->presses_found = result->n_presses;
        for (int i = 0; i < result->n_presses; i++)
            score->answers_found += result->presses[i].answered;
        score->flags = result->n_flags;
        score->done = 1;
    }
    result_free(result);
    free(subject);
    return score->done ? 0 : -1;
}

void whole_rows(struct table *table, const struct whole_score *people, int n, uint64_t seed)
{
    const struct aim told = {AIM_NONE, 0, 0}, never = {AIM_NEVER, 0, 0};
    struct whole_score all = {0};
    double axis[256];
    size_t n_axis = 0, recordings = 0;
    for (int i = 0; i < n; i++) {
        const struct whole_score *one = &people[i];
        if (!one->done)
            continue;
        recordings++;
        all.feet += one->feet;
        all.right += one->right;
        all.wrong += one->wrong;
        all.presses_made += one->presses_made;
        all.presses_found += one->presses_found;
        all.answers_made += one->answers_made;
        all.answers_found += one->answers_found;
        all.unpressed_but_told += one->unpressed_but_told;
        for (int f = 0; f < 2 && n_axis < 256; f++)
            axis[n_axis++] = one->axis_error_deg[f];
    }
    if (recordings == 0)
        return;
    table_section(table, "Whole recordings: plate, wire, file, analysis");
    table_row(table, "whole_side_right", "side right, of all feet",
              score_share((size_t)all.right, (size_t)all.feet), UNIT_PERCENT, told);
    table_row(table, "whole_sure_and_wrong", "side wrong with a confidence above 0.9",
              score_share((size_t)all.wrong, (size_t)all.feet), UNIT_PERCENT, never);
    table_row(table, "whole_axis_median", "long axis, error: median",
              score_quantile(axis, NULL, n_axis, 0.5, seed), UNIT_DEG,
              (struct aim){AIM_AT_MOST, 2, 0});
    table_row(table, "whole_presses", "presses found / made",
              (struct score){(double)all.presses_found / all.presses_made, NAN, NAN,
                             (size_t)all.presses_made},
              UNIT_PERCENT, told);
    table_row(table, "whole_answers", "answers found / given",
              (struct score){(double)all.answers_found / all.answers_made, NAN, NAN,
                             (size_t)all.answers_made},
              UNIT_PERCENT, told);
    table_row(table, "whole_told_without_test",
              "zones without a press that are told a threshold of",
              (struct score){all.unpressed_but_told, all.unpressed_but_told, all.unpressed_but_told,
                             recordings},
              UNIT_COUNT, never);
}
