/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/truth.h"
#include "driver/version.h"
#include "samples/plate_model.h"
#include "samples/things.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Frames
 * --------------------------------------------------------------------------------------- */

static int grow(double **array, size_t cap)
{
    double *grown = realloc(*array, cap * sizeof **array);
    if (!grown)
        return -1;
    *array = grown;
    return 0;
}

int truth_frames_add(struct truth_frames *frames, uint64_t time_us, const struct moment *moment,
                     struct problem *why)
{
    if (frames->n == frames->cap) {
        size_t cap = frames->cap ? 2 * frames->cap : 1024;
        if (grow(&frames->time_s, cap) || grow(&frames->force_n, cap) ||
            grow(&frames->cop_x_mm, cap) || grow(&frames->cop_y_mm, cap))
            return problem_no_memory(why, "the truth of a visit");
        frames->cap = cap;
    }
    if (!frames->n)
        frames->first_us = time_us;
    frames->time_s[frames->n] = (double)(time_us - frames->first_us) * 1e-6;
    frames->force_n[frames->n] = moment->force_n;
    frames->cop_x_mm[frames->n] = moment->cop.x_mm;
    frames->cop_y_mm[frames->n++] = moment->cop.y_mm;
    return 0;
}

void truth_frames_free(struct truth_frames *frames)
{
    free(frames->time_s);
    free(frames->force_n);
    free(frames->cop_x_mm);
    free(frames->cop_y_mm);
    *frames = (struct truth_frames){0};
}

/* --- Numbers
 * ---------------------------------------------------------------------------------------- */

/* JSON has no NaN: a number that does not exist is null. Ten digits are more than any plate has,
 * and keep files readable. */
static json_t *number(double value)
{
    if (!isfinite(value))
        return json_null();
    double unit = value == 0 ? 1 : pow(10, 9 - floor(log10(fabs(value))));
    return json_real(isfinite(unit) && unit > 0 ? round(value * unit) / unit : value);
}

static void put(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, number(value));
}

static void put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

static json_t *numbers(const double *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, number(values[i]));
    return array;
}

static json_t *pair(struct point point)
{
    json_t *array = json_array();
    json_array_append_new(array, number(point.x_mm));
    json_array_append_new(array, number(point.y_mm));
    return array;
}

static json_t *pose(const struct foot_frame *frame)
{
    json_t *object = json_object();
    put(object, "x_mm", frame->heel.x_mm);
    put(object, "y_mm", frame->heel.y_mm);
    put(object, "angle_deg", frame->angle_deg);
    put(object, "length_mm", frame->length_mm);
    put(object, "width_heel_mm", frame->width_heel_mm);
    put(object, "width_toe_mm", frame->width_toe_mm);
    return object;
}

/* --- Sections
 * --------------------------------------------------------------------------------------- */

static json_t *plate_section(const struct visit *s, const struct plate_model *plate)
{
    const struct plate_setting *setting = &s->subject.plate;
    json_t *object = json_object(), *dead = json_array();
    json_object_set_new(object, "rows", json_integer(setting->rows));
    json_object_set_new(object, "cols", json_integer(setting->cols));
    put(object, "pitch_x_mm", setting->pitch_x_mm);
    put(object, "pitch_y_mm", setting->pitch_y_mm);
    put_text(object, "serial", setting->serial);
    for (int i = 0; i < setting->rows * setting->cols; i++)
        if (plate_model_is_dead(plate, (size_t)i))
            json_array_append_new(
                dead, json_pack("{s:i, s:i}", "row", i / setting->cols, "col", i % setting->cols));
    json_object_set_new(object, "dead_cells", dead);
    return object;
}

static json_t *landmark_section(const struct foot_frame *frame, const struct foot_build *build)
{
    json_t *object = json_object();
    struct landmarks landmarks = foot_build_landmarks(build);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        json_object_set_new(object, landmark_name((enum landmark_id)i),
                            pair(foot_frame_to_plate(frame, landmarks.of[i].at)));
    return object;
}

static json_t *zone_section(const struct visit *s, const struct foot_frame *frame,
                            const struct foot_build *build)
{
    json_t *object = json_object();
    struct landmarks landmarks = foot_build_landmarks(build);
    struct point outline[ATLAS_OUTLINE_MAX];
    for (int i = 0; i < atlas_count(s->atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(s->atlas, i);
        if (!zone_has_middle(zone))
            continue;
        int n = atlas_outline(zone, frame, &landmarks, outline, ATLAS_OUTLINE_MAX);
        json_t *polygon = json_array();
        for (int k = 0; k < n; k++)
            json_array_append_new(polygon, pair(outline[k]));
        json_object_set_new(object, zone->id, polygon);
    }
    return object;
}

static json_t *foot_section(const struct visit *s, int i)
{
    const struct subject_foot *foot = &s->subject.feet[i];
    json_t *object = json_object();
    int stands = s->subject.protocol.stand_s > 0;
    put_text(object, "side", subject_side_name(foot->side));
    json_object_set_new(object, "pose", pose(&s->frames[i]));
    put(object, "arch", foot->arch);
    put(object, "force_n", stands ? s->foot_force_n[i] : NAN);
    put(object, "load_percent", stands ? 100 * s->foot_force_n[i] / s->stance.force_n : NAN);
    put(object, "cop_x_mm", stands ? s->pictures[i].cop.x_mm : NAN);
    put(object, "cop_y_mm", stands ? s->pictures[i].cop.y_mm : NAN);
    json_object_set_new(object, "landmarks", landmark_section(&s->frames[i], &foot->build));
    json_object_set_new(object, "zones", zone_section(s, &s->frames[i], &foot->build));
    return object;
}

static double seconds(const struct truth_frames *frames, uint64_t time_us)
{
    return ((double)time_us - (double)frames->first_us) * 1e-6;
}

static json_t *time_section(const struct visit *s, const struct truth_frames *frames)
{
    json_t *object = json_object();
    put(object, "first_frame_s", (double)frames->first_us * 1e-6);
    int stands = s->off_us > s->stand_us, presses = s->presses.n > 0;
    put(object, "stand_from_s", stands ? seconds(frames, s->stand_us) : NAN);
    put(object, "stand_to_s", stands ? seconds(frames, s->off_us) : NAN);
    put(object, "press_from_s", presses ? seconds(frames, s->press_us) : NAN);
    put(object, "press_to_s", presses ? seconds(frames, s->presses.end_us) : NAN);
    return object;
}

static json_t *frame_section(const struct truth_frames *frames)
{
    json_t *object = json_object();
    json_object_set_new(object, "time_s", numbers(frames->time_s, frames->n));
    json_object_set_new(object, "force_n", numbers(frames->force_n, frames->n));
    json_object_set_new(object, "cop_x_mm", numbers(frames->cop_x_mm, frames->n));
    json_object_set_new(object, "cop_y_mm", numbers(frames->cop_y_mm, frames->n));
    return object;
}

static int is_planted(const struct visit *s, enum side side, struct uv at)
{
    const struct threshold_setting *setting = &s->subject.thresholds;
    for (int i = 0; i < setting->n_planted; i++) {
        const struct planted *one = &setting->planted[i];
        if ((one->side == SIDE_UNKNOWN || one->side == side) &&
            place_contains(&one->where, s->atlas, &s->field.build[side], side, at))
            return 1;
    }
    return 0;
}

static json_t *threshold_section(const struct visit *s)
{
    json_t *array = json_array();
    for (int i = 0; i < atlas_count(s->atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(s->atlas, i);
        struct subject_place place = {.kind = PLACE_ZONE};
        if (!zone_has_middle(zone) || strlen(zone->id) >= sizeof place.zone)
            continue;
        strcpy(place.zone, zone->id);
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
            struct uv at =
                place_middle_on(&place, s->atlas, &s->field.build[side], (enum side)side);
            json_t *entry = json_pack("{s:s, s:s}", "zone", zone->id, "side",
                                      subject_side_name((enum side)side));
            put(entry, "threshold_kpa", threshold_at(&s->field, (enum side)side, at));
            json_object_set_new(entry, "planted", json_boolean(is_planted(s, (enum side)side, at)));
            json_array_append_new(array, entry);
        }
    }
    return array;
}

static json_t *planted_section(const struct visit *s)
{
    json_t *array = json_array();
    for (int i = 0; i < s->subject.thresholds.n_planted; i++) {
        const struct planted *one = &s->subject.thresholds.planted[i];
        const char *where = one->where.kind == PLACE_CLASS
                                ? subject_class_name(one->where.region_class)
                                : one->where.zone;
        json_t *entry =
            json_pack("{s:s, s:s}", "zone", where, "side", subject_side_name(one->side));
        put(entry, "factor", one->factor);
        put(entry, "kpa", one->kpa);
        json_array_append_new(array, entry);
    }
    return array;
}

static json_t *press_section(const struct planned_press *press, const struct truth_frames *frames)
{
    json_t *object = json_object();
    json_object_set_new(object, "number", json_integer(press->number));
    json_object_set_new(object, "pass", json_integer(press->pass));
    put_text(object, "side", subject_side_name(press->side));
    json_object_set_new(object, "catch", json_boolean(press->is_catch));
    json_object_set_new(object, "tap", json_boolean(press->is_tap));
    json_object_set_new(object, "flat", json_boolean(press->is_flat));
    json_object_set_new(object, "target_zone",
                        press->zone[0] ? json_string(press->zone) : json_null());
    put(object, "u", press->place.u);
    put(object, "v", press->place.v);
    put(object, "hurts_u", press->hurts.u);
    put(object, "hurts_v", press->hurts.v);
    put(object, "stud_x_mm", press->stud.x_mm);
    put(object, "stud_y_mm", press->stud.y_mm);
    json_object_set_new(object, "foot", pose(&press->foot));
    put(object, "start_s", seconds(frames, press->touch_us));
    put(object, "ramp_s", seconds(frames, press->ramp_us));
    put(object, "release_s", seconds(frames, press->release_us));
    put(object, "ramp_kpa_s", press->is_catch ? 0 : press->ramp_kpa_s);
    put(object, "ceiling_kpa", press->ceiling_kpa);
    put(object, "rest_kpa", press->is_flat ? press->rest_kpa : NAN);
    put(object, "peak_kpa", press->peak_kpa);
    put(object, "threshold_kpa", press->threshold_kpa);
    put(object, "felt_kpa", press->felt_kpa);
    json_object_set_new(object, "answered", json_boolean(press->answered));
    json_object_set_new(object, "false_answer", json_boolean(press->is_false));
    json_object_set_new(object, "missed", json_boolean(press->is_missed));
    json_object_set_new(object, "late", json_boolean(press->is_late));
    json_object_set_new(object, "random", json_boolean(press->is_random));
    json_object_set_new(object, "reached_ceiling", json_boolean(press->reached_ceiling));
    put(object, "answer_s", press->answered ? seconds(frames, press->down_us) : NAN);
    put(object, "reaction_s", press->reaction_s);
    return object;
}

/* How the stance was from each of its changes on. */
static json_t *shift_section(const struct visit *s, const struct stance_phase *phase,
                             const struct truth_frames *frames)
{
    json_t *object = json_object(), *feet = json_array();
    double begins_s = seconds(frames, s->stand_us);
    put(object, "from_s", begins_s + phase->from_s);
    put(object, "to_s", begins_s + phase->from_s + phase->over_s);
    for (int i = 0; i < s->subject.n_feet; i++) {
        json_t *foot = json_object();
        put_text(foot, "side", subject_side_name(s->subject.feet[i].side));
        put(foot, "share", phase->share[i]);
        json_object_set_new(foot, "pose", pose(&phase->frames[i]));
        json_array_append_new(feet, foot);
    }
    json_object_set_new(object, "feet", feet);
    return object;
}

static json_t *thing_section(const struct thing *thing)
{
    json_t *object = json_object();
    put_text(object, "kind", thing_name(thing->kind));
    put(object, "x_mm", thing->at.x_mm);
    put(object, "y_mm", thing->at.y_mm);
    put(object, "angle_deg", thing->angle_deg);
    put(object, "size_mm", thing->size_mm);
    put(object, "newton", thing->newton);
    return object;
}

static void put_odd_things(json_t *root, const struct visit *s, const struct truth_frames *frames)
{
    json_t *shifts = json_array(), *things = json_array();
    for (int i = 0; i < s->course.n; i++)
        json_array_append_new(shifts, shift_section(s, &s->course.phases[i], frames));
    for (int i = 0; i < s->subject.n_things; i++)
        json_array_append_new(things, thing_section(&s->subject.things[i]));
    json_object_set_new(root, "shifts", shifts);
    json_object_set_new(root, "objects", things);
}

static json_t *seat_section(const struct planned_seat *seat, const struct truth_frames *frames)
{
    json_t *object = json_object();
    put_text(object, "side", subject_side_name(seat->side));
    json_object_set_new(object, "foot", pose(&seat->foot));
    put(object, "from_s", seconds(frames, seat->from_us));
    put(object, "to_s", seat->to_us == UINT64_MAX ? NAN : seconds(frames, seat->to_us));
    return object;
}

static json_t *document(const struct visit *s, const struct plate_model *plate,
                        const struct truth_frames *frames)
{
    json_t *root = json_object(), *feet = json_array(), *presses = json_array();
    put_text(root, "schema", "tenderfoot/truth/1");
    put_text(root, "software", "tenderfoot " TENDERFOOT_VERSION);
    put_text(root, "label", s->subject.person.label);
    json_object_set_new(root, "seed", json_integer((json_int_t)s->seed));
    put(root, "body_weight_n", s->subject.person.body_mass_kg * GRAVITY_M_S2);
    json_object_set_new(root, "plate", plate_section(s, plate));
    json_object_set_new(root, "time", time_section(s, frames));
    for (int i = 0; i < s->subject.n_feet; i++)
        json_array_append_new(feet, foot_section(s, i));
    json_object_set_new(root, "feet", feet);
    json_object_set_new(root, "thresholds", threshold_section(s));
    json_object_set_new(root, "planted", planted_section(s));
    for (int i = 0; i < s->presses.n; i++)
        json_array_append_new(presses, press_section(&s->presses.presses[i], frames));
    json_object_set_new(root, "presses", presses);
    json_t *seats = json_array();
    for (int i = 0; i < s->presses.n_seats; i++)
        json_array_append_new(seats, seat_section(&s->presses.seats[i], frames));
    json_object_set_new(root, "seats", seats);
    put_odd_things(root, s, frames);
    json_object_set_new(root, "frames", frame_section(frames));
    return root;
}

int truth_write(FILE *to, const struct visit *visit, const struct truth_frames *frames,
                struct problem *why)
{
    struct plate_model *plate = plate_model_create(&visit->subject.plate, 0, why);
    if (!plate)
        return -1;
    json_t *root = document(visit, plate, frames);
    plate_model_free(plate);
    if (!root)
        return problem_no_memory(why, "the truth of a visit");
    int bad = json_dumpf(root, to, JSON_INDENT(1)) || fputc('\n', to) == EOF;
    json_decref(root);
    return bad ? problem(why, PROBLEM_FAILED, "the truth could not be written: %s", strerror(errno))
               : 0;
}
