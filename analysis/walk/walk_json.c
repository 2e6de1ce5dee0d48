/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/walk_json.h"

#include "analysis/walk/walk.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char no_neighbour[] = "no whole step of the foot that is needed came before it";

static void put_side(struct json_writer *w, json_t *object, enum side side)
{
    put(w, object, "side", side == SIDE_UNKNOWN ? json_null() : json_string(side_name(side)));
    if (side == SIDE_UNKNOWN)
        put_text(w, object, "side_reason", "neither the print nor the step's place tells");
}

static json_t *point_json(struct json_writer *w, struct point point, const char *reason)
{
    json_t *object = json_object();

    put_number(w, object, "x_mm", point.x_mm, reason);
    put_number(w, object, "y_mm", point.y_mm, reason);
    return object;
}

static void put_velocity(struct json_writer *w, json_t *object, const struct step_velocity *v,
                         const char *reason)
{
    put_number(w, object, "cop_velocity_mm_s", v->resultant_mm_s, reason);
    put_number(w, object, "cop_velocity_ml_mm_s", v->ml_mm_s, reason);
    put_number(w, object, "cop_velocity_ap_mm_s", v->ap_mm_s, reason);
}

static const char *or_else(const char *reason, const char *otherwise)
{
    return *reason ? reason : otherwise;
}

static json_t *phase_json(struct json_writer *w, const struct walk_step *step, int phase)
{
    const char *reason = or_else(step->phases_reason, "one of its ends is not known");
    double from = step->at_s[phase], lasts = step->at_s[phase + 1] - from;
    json_t *object = json_object();

    if (lasts < 0)
        lasts = NAN;
    put_number(w, object, "from_s", from, reason);
    put_number(w, object, "duration_s", lasts, reason);
    put_number(w, object, "stance_percent", 100 * lasts / step->stance_s, reason);
    put_velocity(w, object, &step->phase_velocity[phase],
                 isnan(lasts) ? reason : "no two frames of it carry the minimum force");
    return object;
}

static json_t *phases_json(struct json_writer *w, const struct walk_step *step)
{
    json_t *phases = json_object();

    for (int i = 0; i < PHASES; i++)
        put(w, phases, stance_phase_key(i), phase_json(w, step, i));
    return phases;
}

static void put_force(struct json_writer *w, json_t *object, const struct walk_step *step)
{
    const char *reason = or_else(step->peaks_reason, "the step has too few frames");

    put_number(w, object, "max_force_n", step->max_force_n, "");
    put_number(w, object, "mean_force_n", step->mean_force_n, "");
    put_number(w, object, "first_peak_n", step->first_peak_n, reason);
    put_number(w, object, "first_peak_s", step->first_peak_s, reason);
    put_number(w, object, "valley_n", step->valley_n, reason);
    put_number(w, object, "valley_s", step->valley_s, reason);
    put_number(w, object, "second_peak_n", step->second_peak_n, reason);
    put_number(w, object, "second_peak_s", step->second_peak_s, reason);
    put_number(w, object, "loading_rate_n_s", step->loading_rate_n_s,
               "the step is no longer than the window of the rate");
    put_number(w, object, "impulse_n_s", step->impulse_n_s, "");
    put_number(w, object, "peak_kpa", step->peak_kpa, "");
    put_number(w, object, "pti_peak_kpa_s", step->pti_peak_kpa_s, "");
    put_number(w, object, "max_area_cm2", step->max_area_cm2, "");
    put_number(w, object, "print_area_cm2", step->print_area_cm2, "");
}

static json_t *cpei_json(struct json_writer *w, const struct walk_step *step)
{
    const struct cpei *cpei = &step->cpei;
    json_t *object = json_object();

    put_number(w, object, "excursion_mm", cpei->excursion_mm, cpei->reason);
    put_number(w, object, "width_mm", cpei->width_mm, cpei->reason);
    put(w, object, "cop", point_json(w, cpei->on_cop, cpei->reason));
    put(w, object, "chord", point_json(w, cpei->on_chord, cpei->reason));
    put(w, object, "inner", point_json(w, cpei->across[0], cpei->reason));
    put(w, object, "outer", point_json(w, cpei->across[1], cpei->reason));
    return object;
}

static json_t *frame_json(struct json_writer *w, const struct foot_frame *frame)
{
    json_t *object = json_object();

    put_number(w, object, "heel_x_mm", frame->heel.x_mm, "");
    put_number(w, object, "heel_y_mm", frame->heel.y_mm, "");
    put_number(w, object, "angle_deg", frame->angle_deg, "");
    put_number(w, object, "length_mm", frame->length_mm, "");
    put_number(w, object, "width_heel_mm", frame->width_heel_mm, "");
    put_number(w, object, "width_toe_mm", frame->width_toe_mm, "");
    return object;
}

static json_t *print_json(struct json_writer *w, const struct print_numbers *print)
{
    json_t *object = json_object();

    for (int i = 0; i < PRINT_NUMBERS; i++)
        if (i != PRINT_PROGRESSION_DEG) /* the step's own is from the direction of walking */
            put_number(w, object, print_number_facts((enum print_number_id)i)->key,
                       print->of[i].value, print->of[i].reason);
    return object;
}

/* The step over time, an entry a frame. */
static json_t *course_json(struct json_writer *w, const struct walk_step *step, double min_force_n)
{
    static const char *const keys[] = {"time_s",   "force_n",  "area_cm2",
                                       "peak_kpa", "cop_x_mm", "cop_y_mm"};
    double *values = malloc((step->n_samples + 1) * sizeof *values);
    json_t *object = json_object();

    w->failed |= !values;
    for (int key = 0; values && key < 6; key++) {
        for (size_t i = 0; i < step->n_samples; i++) {
            const struct contact_sample *s = &step->samples[i];
            struct point cop = sample_cop(s);
            const double all[] = {s->time_s,   s->force_n, s->area_cm2,
                                  s->peak_kpa, cop.x_mm,   cop.y_mm};

            values[i] = key >= 4 && s->force_n < min_force_n ? NAN : all[key];
        }
        put(w, object, keys[key], numbers_json(w, values, step->n_samples));
    }
    free(values);
    return object;
}

static void put_from_before(struct json_writer *w, json_t *object, const struct walk_step *step)
{
    put_number(w, object, "step_time_s", step->step_time_s, no_neighbour);
    put_number(w, object, "step_length_mm", step->step_length_mm, no_neighbour);
    put_number(w, object, "step_width_mm", step->step_width_mm, no_neighbour);
    put_number(w, object, "double_support_s", step->double_support_s, no_neighbour);
    put_number(w, object, "stride_time_s", step->stride_time_s, no_neighbour);
    put_number(w, object, "stride_length_mm", step->stride_length_mm, no_neighbour);
}

static void put_place(struct json_writer *w, json_t *object, const struct walk_step *step)
{
    put_number(w, object, "progression_deg", step->progression_deg, step->progression_reason);
    if (!isnan(step->progression_deg))
        put_text(w, object, "progression_from", step->progression_reason);
    if (step->has_frame) {
        put(w, object, "frame", frame_json(w, &step->frame));
        put_text(w, object, "length_source", step->frame_reason);
    } else {
        put(w, object, "frame", json_null());
        put_text(w, object, "frame_reason", step->frame_reason);
    }
    put(w, object, "print", print_json(w, &step->print));
}

static json_t *step_json(struct json_writer *w, const struct result *result, size_t i,
                         int with_frames)
{
    const struct walk_step *step = &result->walk->steps[i];
    json_t *object = json_object();

    put_count(w, object, "number", i + 1);
    put_side(w, object, step->side);
    put_number(w, object, "confidence", step->side_confidence, "");
    put_text(w, object, "side_evidence", step->side_reason);
    put(w, object, "is_whole", json_boolean(!step->cut));
    if (step->cut)
        put_text(w, object, "is_whole_reason", step->cut_reason);
    put_number(w, object, "start_s", step->start_s, "");
    put_number(w, object, "end_s", step->end_s, "");
    put_number(w, object, "stance_s", step->stance_s, "");
    put_force(w, object, step);
    put(w, object, "phases", phases_json(w, step));
    put_number(w, object, "cop_path_mm", step->cop_path_mm,
               "no two frames in a row carry the minimum force");
    put_velocity(w, object, &step->velocity, "the way of the COP is not known");
    put_number(w, object, "cpei_percent", step->cpei.percent, step->cpei.reason);
    put(w, object, "cpei", cpei_json(w, step));
    put_place(w, object, step);
    put_from_before(w, object, step);
    if (with_frames)
        put(w, object, "frames", course_json(w, step, result->min_force_n));
    return object;
}

/* --- The whole walk --------------------------------------------------------------------------- */

static json_t *average_json(struct json_writer *w, const struct walk_average *average)
{
    json_t *object = json_object();

    put_number(w, object, "mean", average->mean, "no whole step has it");
    put_number(w, object, "sd", average->sd, "fewer than two whole steps have it");
    put_count(w, object, "n", (uint64_t)average->n);
    return object;
}

static json_t *averages_json(struct json_writer *w, const struct walk_result *walk)
{
    static const char *const names[3] = {"all", "left", "right"};
    json_t *object = json_object();
    int n;
    const struct walk_quantity *quantity = walk_quantities(&n);

    for (int side = 0; side < 3; side++) {
        json_t *of_side = json_object();

        for (int i = 0; i < n; i++)
            put(w, of_side, quantity[i].key, average_json(w, &walk->average[side][i]));
        put(w, object, names[side], of_side);
    }
    return object;
}

static json_t *belt_json(struct json_writer *w, const struct belt *belt)
{
    json_t *object = json_object();

    put_number(w, object, "x_mm_s", belt->x_mm_s, "");
    put_number(w, object, "y_mm_s", belt->y_mm_s, "");
    return object;
}

static void put_gait(struct json_writer *w, json_t *object, const struct walk_result *walk)
{
    put_number(w, object, "heading_deg", walk->heading_deg,
               "too few steps tell a direction of walking");
    put_number(w, object, "cadence_per_min", walk->cadence_per_min, walk->gait_reason);
    put_number(w, object, "speed_m_s", walk->speed_m_s, walk->gait_reason);
    put_number(w, object, "stride_time_s", walk->stride_time_s, walk->gait_reason);
    put_number(w, object, "stride_length_mm", walk->stride_length_mm, walk->gait_reason);
}

void walk_json(struct json_writer *w, json_t *root, const struct result *result, int with_frames)
{
    const struct walk_result *walk = result->walk;
    json_t *object, *steps;

    if (!walk) {
        put(w, root, "walk", json_null());
        put_text(w, root, "walk_reason", "nothing was recorded in a walk step");
        return;
    }
    object = json_object();
    steps = json_array();
    put(w, object, "belt", belt_json(w, &walk->belt));
    put(w, object, "is_one_foot", json_boolean(walk->one_foot));
    put_count(w, object, "whole_steps", walk->n_whole);
    put_count(w, object, "other_contacts", walk->other_contacts);
    put(w, object, "left_out", json_boolean(walk->left_out));
    put_number(w, object, "outside_steps_percent", walk->outside_percent,
               "nothing touched the plate");
    put_gait(w, object, walk);
    for (size_t i = 0; i < walk->n_steps; i++)
        append(w, steps, step_json(w, result, i, with_frames));
    put(w, object, "steps", steps);
    if (!walk->n_steps)
        put_text(w, object, "steps_reason", walk->reason);
    put(w, object, "averages", averages_json(w, walk));
    put(w, root, "walk", object);
}
