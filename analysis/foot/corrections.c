/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/corrections.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_MAX_MM 1e4
#define LENGTH_MIN_MM 80
#define LENGTH_MAX_MM 400
#define ANNOTATION_SCHEMA "tenderfoot/annotation/1"

struct complaint {
    char *text;
    size_t cap;
    int wrong;
};

/* The first thing that is wrong is told. */
static void complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void complain(struct complaint *complaint, const char *format, ...)
{
    va_list args;

    if (complaint->wrong)
        return;
    complaint->wrong = 1;
    va_start(args, format);
    vsnprintf(complaint->text, complaint->cap, format, args);
    va_end(args);
}

/* "key is VALUE: ALLOWED". */
static void complain_of(struct complaint *complaint, const char *key, const json_t *value,
                        const char *allowed)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    if (value)
        complain(complaint, "\"%s\" is %.24s, and must be %s", key, text ? text : "wrong", allowed);
    else
        complain(complaint, "\"%s\" is missing, and must be %s", key, allowed);
    free(text);
}

static int is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name))
        names++;
    return *names != NULL;
}

static void check_members(const json_t *object, const char *const *names, const char *allowed,
                          struct complaint *complaint)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value) if (!is_among(key, names))
        complain(complaint, "\"%.40s\" is no member of it: %s are", key, allowed);
}

/* A number within bounds, or NAN with the complaint. */
static double number_of(const json_t *object, const char *member, double low, double high,
                        struct complaint *complaint)
{
    const json_t *value = json_object_get(object, member);
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    char allowed[60];

    if (number >= low && number <= high)
        return number;
    snprintf(allowed, sizeof allowed, "a number from %g to %g", low, high);
    complain_of(complaint, member, value, allowed);
    return NAN;
}

/* 1 when both numbers are places. */
static int take_point(const json_t *object, struct point *point, struct complaint *complaint)
{
    point->x_mm = number_of(object, "x_mm", -PLACE_MAX_MM, PLACE_MAX_MM, complaint);
    point->y_mm = number_of(object, "y_mm", -PLACE_MAX_MM, PLACE_MAX_MM, complaint);
    return !isnan(point->x_mm) && !isnan(point->y_mm);
}

static void complain_of_landmark(const json_t *name, struct complaint *complaint)
{
    char allowed[160] = "one of";

    for (int id = 0; id < LANDMARK_COUNT; id++) {
        size_t n = strlen(allowed);

        snprintf(allowed + n, sizeof allowed - n, " %s", landmark_name((enum landmark_id)id));
    }
    complain_of(complaint, "landmark", name, allowed);
}

static void take_landmark(struct foot_correction *to, const json_t *object,
                          struct complaint *complaint)
{
    const json_t *word = json_object_get(object, "landmark");
    const char *name = json_string_value(word);
    struct point at;
    int id = 0;

    while (id < LANDMARK_COUNT && (!name || strcmp(landmark_name((enum landmark_id)id), name)))
        id++;
    if (id == LANDMARK_COUNT) {
        complain_of_landmark(word, complaint);
    } else if (take_point(object, &at, complaint)) {
        to->has_point[id] = 1;
        to->point[id] = at;
    }
}

static void take_axis(struct foot_correction *to, const json_t *object, struct complaint *complaint)
{
    static const char *const places[] = {"x_mm", "y_mm", NULL};
    const json_t *end = json_object_get(object, "heel");
    struct point heel;
    double angle = number_of(object, "angle_deg", -360, 360, complaint);

    if (!json_is_object(end)) {
        complain_of(complaint, "heel", end, "an object with \"x_mm\" and \"y_mm\"");
        return;
    }
    check_members(end, places, "x_mm and y_mm", complaint);
    if (!take_point(end, &heel, complaint) || isnan(angle))
        return;
    to->has_axis = 1;
    to->heel = heel;
    to->angle_deg = remainder(angle, 360);
}

static void take_length(struct foot_correction *to, const json_t *object,
                        struct complaint *complaint)
{
    double length = number_of(object, "length_mm", LENGTH_MIN_MM, LENGTH_MAX_MM, complaint);

    if (!isnan(length))
        to->length_mm = length;
}

static enum side side_of(const json_t *object, struct complaint *complaint)
{
    const json_t *side = json_object_get(object, "side");
    const char *name = json_string_value(side);

    if (name && !strcmp(name, "left"))
        return SIDE_LEFT;
    if (name && !strcmp(name, "right"))
        return SIDE_RIGHT;
    complain_of(complaint, "side", side, "\"left\" or \"right\"");
    return SIDE_UNKNOWN;
}

/* A place is a landmark's, so that neither may be said without the other. */
static int names_place(const json_t *object)
{
    return json_object_get(object, "landmark") || json_object_get(object, "x_mm") ||
           json_object_get(object, "y_mm");
}

static int names_axis(const json_t *object)
{
    return json_object_get(object, "heel") || json_object_get(object, "angle_deg");
}

static void take_one(struct corrections *corrections, const json_t *object,
                     struct complaint *complaint)
{
    static const char *const members[] = {"side", "landmark",  "x_mm",      "y_mm",
                                          "heel", "angle_deg", "length_mm", NULL};
    enum side side;

    if (!json_is_object(object)) {
        complain_of(complaint, "correct", object, "an object or a list of them");
        return;
    }
    check_members(object, members, "side, landmark, x_mm, y_mm, heel, angle_deg, length_mm",
                  complaint);
    side = side_of(object, complaint);
    if (side == SIDE_UNKNOWN)
        return;
    if (names_place(object))
        take_landmark(&corrections->of[side], object, complaint);
    if (names_axis(object))
        take_axis(&corrections->of[side], object, complaint);
    if (json_object_get(object, "length_mm"))
        take_length(&corrections->of[side], object, complaint);
    if (!names_place(object) && !names_axis(object) && !json_object_get(object, "length_mm"))
        complain(complaint, "it names no landmark, heel with angle_deg, or length_mm");
}

int corrections_take(struct corrections *corrections, const json_t *correct, char *text, size_t cap)
{
    struct complaint complaint = {text, cap, 0};

    if (!json_is_array(correct))
        take_one(corrections, correct, &complaint);
    for (size_t i = 0; i < json_array_size(correct); i++)
        take_one(corrections, json_array_get(correct, i), &complaint);
    return complaint.wrong ? -1 : 0;
}

/* --- A line of a file of corrections --- */

/* A member that is a number when it is there and known. */
static void check_number(const json_t *object, const char *member, double low, double high,
                         struct complaint *complaint)
{
    const json_t *value = json_object_get(object, member);

    if (value && !json_is_null(value))
        number_of(object, member, low, high, complaint);
}

static void check_word(const json_t *object, const char *member, const char *const *words,
                       const char *allowed, struct complaint *complaint)
{
    const json_t *value = json_object_get(object, member);

    if (value && !json_is_null(value) &&
        (!json_is_string(value) || !is_among(json_string_value(value), words)))
        complain_of(complaint, member, value, allowed);
}

static void check_lengths(const json_t *length, struct complaint *complaint)
{
    static const char *const sides[] = {"left", "right", NULL};

    if (!length)
        return;
    if (!json_is_object(length))
        complain_of(complaint, "foot_length_mm", length, "an object with \"left\" or \"right\"");
    check_members(length, sides, "left and right", complaint);
    check_number(length, "left", LENGTH_MIN_MM, LENGTH_MAX_MM, complaint);
    check_number(length, "right", LENGTH_MIN_MM, LENGTH_MAX_MM, complaint);
}

static void check_subject(const json_t *subject, struct complaint *complaint)
{
    static const char *const members[] = {
        "label", "sex", "age_years", "body_mass_kg", "foot_length_mm", "heel_pain_walking", NULL};
    static const char *const sexes[] = {"female", "male", NULL};
    static const char *const pains[] = {"left", "right", "both", "no", NULL};

    if (!subject)
        return;
    if (!json_is_object(subject))
        complain_of(complaint, "subject", subject, "an object");
    check_members(subject, members,
                  "label, sex, age_years, body_mass_kg, foot_length_mm, heel_pain_walking",
                  complaint);
    if (json_object_get(subject, "label") && !json_is_string(json_object_get(subject, "label")))
        complain_of(complaint, "label", json_object_get(subject, "label"), "text");
    check_word(subject, "sex", sexes, "\"female\", \"male\" or null", complaint);
    check_word(subject, "heel_pain_walking", pains, "\"left\", \"right\", \"both\" or \"no\"",
               complaint);
    check_number(subject, "age_years", 0, 150, complaint);
    check_number(subject, "body_mass_kg", 1, 1000, complaint);
    check_lengths(json_object_get(subject, "foot_length_mm"), complaint);
}

/* A person has one left and one right foot. */
static void check_feet(const json_t *feet, struct complaint *complaint)
{
    static const char *const side_only[] = {"side", NULL};
    enum side sides[2] = {SIDE_UNKNOWN, SIDE_UNKNOWN};

    if (!feet)
        return;
    if (!json_is_array(feet) || json_array_size(feet) > 2) {
        complain_of(complaint, "feet", feet, "a list of at most two {\"side\": ...}");
        return;
    }
    for (size_t i = 0; i < json_array_size(feet); i++) {
        const json_t *foot = json_array_get(feet, i);

        if (!json_is_object(foot))
            complain_of(complaint, "feet", feet, "a list of at most two {\"side\": ...}");
        check_members(foot, side_only, "side", complaint);
        sides[i] = side_of(foot, complaint);
    }
    if (sides[0] != SIDE_UNKNOWN && sides[0] == sides[1])
        complain(complaint, "both \"feet\" are %s, and must be one left and one right",
                 side_name(sides[0]));
}

int corrections_check(const json_t *line, char *text, size_t cap)
{
    static const char *const members[] = {"schema", "correct", "feet", "subject", NULL};
    const json_t *schema = json_object_get(line, "schema");
    struct complaint complaint = {text, cap, 0};
    struct corrections taken = {0};

    if (!json_is_object(line)) {
        complain(&complaint, "no JSON object");
        return -1;
    }
    check_members(line, members, "correct, feet, subject", &complaint);
    if (schema && (!json_is_string(schema) || strcmp(json_string_value(schema), ANNOTATION_SCHEMA)))
        complain_of(&complaint, "schema", schema, "\"" ANNOTATION_SCHEMA "\"");
    if (json_object_get(line, "correct") && !complaint.wrong)
        complaint.wrong =
            corrections_take(&taken, json_object_get(line, "correct"), text, cap) != 0;
    check_feet(json_object_get(line, "feet"), &complaint);
    check_subject(json_object_get(line, "subject"), &complaint);
    if (!json_object_get(line, "correct") && !json_object_get(line, "feet") &&
        !json_object_get(line, "subject"))
        complain(&complaint, "none of \"correct\", \"feet\" and \"subject\" is in it");
    return complaint.wrong ? -1 : 0;
}

/* Shifts the heel end to u_mm along the axis and keeps the widths where they are on the plate. */
static void move_heel(struct foot_frame *frame, double along_mm)
{
    double u = along_mm / frame->length_mm;
    struct point heel = foot_frame_to_plate(frame, (struct uv){u, 0.5});
    double slope = frame->width_toe_mm - frame->width_heel_mm;

    frame->heel = heel;
    frame->width_heel_mm += slope * u;
    frame->width_toe_mm += slope * u;
}

static void set_length(struct foot_frame *frame, double length_mm)
{
    double slope_per_mm = (frame->width_toe_mm - frame->width_heel_mm) / frame->length_mm;

    frame->length_mm = length_mm;
    frame->width_toe_mm = frame->width_heel_mm + slope_per_mm * length_mm;
}

static double along_mm(const struct foot_frame *frame, struct point at)
{
    return foot_frame_to_uv(frame, at).u * frame->length_mm;
}

int corrections_frame(const struct foot_correction *c, struct foot_frame *frame)
{
    if (c->has_axis) {
        frame->heel = c->heel;
        frame->angle_deg = c->angle_deg;
    }
    if (c->has_point[LANDMARK_HB]) {
        double moved = along_mm(frame, c->point[LANDMARK_HB]), length = frame->length_mm;

        move_heel(frame, moved);
        if (!(c->length_mm > 0) && length - moved >= LENGTH_MIN_MM)
            set_length(frame, length - moved); /* the tip stays where it is */
    }
    if (c->has_point[LANDMARK_TT]) {
        double length = along_mm(frame, c->point[LANDMARK_TT]);

        if (length >= LENGTH_MIN_MM && length <= LENGTH_MAX_MM)
            set_length(frame, length);
    }
    return c->has_axis || c->has_point[LANDMARK_HB] || c->has_point[LANDMARK_TT];
}

void corrections_landmarks(const struct foot_correction *c, const struct foot_frame *frame,
                           struct given_landmarks *given)
{
    memset(given, 0, sizeof *given);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        if (c->has_point[i]) {
            given->given[i] = 1;
            given->at[i] = foot_frame_to_uv(frame, c->point[i]);
        }
}
