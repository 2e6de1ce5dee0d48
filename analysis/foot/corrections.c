/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/corrections.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLACE_MAX_MM 1e4
#define LENGTH_MIN_MM 80
#define LENGTH_MAX_MM 400

struct complaint {
    char *text;
    size_t cap;
    int wrong;
};

static void complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void complain(struct complaint *complaint, const char *format, ...)
{
    va_list args;

    complaint->wrong = 1;
    va_start(args, format);
    vsnprintf(complaint->text, complaint->cap, format, args);
    va_end(args);
}

/* A number within bounds, or NAN. */
static double number_of(const json_t *object, const char *member, double low, double high)
{
    const json_t *value = json_object_get(object, member);
    double number = json_is_number(value) ? json_number_value(value) : NAN;

    return number >= low && number <= high ? number : NAN;
}

static struct point point_of(const json_t *object)
{
    return (struct point){number_of(object, "x_mm", -PLACE_MAX_MM, PLACE_MAX_MM),
                          number_of(object, "y_mm", -PLACE_MAX_MM, PLACE_MAX_MM)};
}

static int is_known(struct point point)
{
    return !isnan(point.x_mm) && !isnan(point.y_mm);
}

static void take_landmark(struct foot_correction *to, const json_t *object,
                          struct complaint *complaint)
{
    const char *name = json_string_value(json_object_get(object, "landmark"));
    struct point at = point_of(object);
    int id = 0;

    while (id < LANDMARK_COUNT && (!name || strcmp(landmark_name((enum landmark_id)id), name)))
        id++;
    if (id == LANDMARK_COUNT) {
        complain(complaint, "no landmark is called '%.20s'", name ? name : "");
    } else if (!is_known(at)) {
        complain(complaint, "landmark %s needs x_mm and y_mm on the plate", name);
    } else {
        to->has_point[id] = 1;
        to->point[id] = at;
    }
}

static void take_axis(struct foot_correction *to, const json_t *object, struct complaint *complaint)
{
    struct point heel = point_of(json_object_get(object, "heel"));
    double angle = number_of(object, "angle_deg", -360, 360);

    if (!is_known(heel) || isnan(angle)) {
        complain(complaint, "the axis needs heel with x_mm and y_mm, and angle_deg");
        return;
    }
    to->has_axis = 1;
    to->heel = heel;
    to->angle_deg = remainder(angle, 360);
}

static void take_length(struct foot_correction *to, const json_t *object,
                        struct complaint *complaint)
{
    double length = number_of(object, "length_mm", LENGTH_MIN_MM, LENGTH_MAX_MM);

    if (isnan(length))
        complain(complaint, "length_mm must be a number from %d to %d", LENGTH_MIN_MM,
                 LENGTH_MAX_MM);
    else
        to->length_mm = length;
}

static void take_one(struct corrections *corrections, const json_t *object,
                     struct complaint *complaint)
{
    const char *name = json_string_value(json_object_get(object, "side"));
    enum side side = SIDE_UNKNOWN;
    struct foot_correction *to;

    if (name && !strcmp(name, "left"))
        side = SIDE_LEFT;
    if (name && !strcmp(name, "right"))
        side = SIDE_RIGHT;
    if (side == SIDE_UNKNOWN) {
        complain(complaint, "it needs a side, left or right");
        return;
    }
    to = &corrections->of[side];
    if (json_object_get(object, "landmark"))
        take_landmark(to, object, complaint);
    if (json_object_get(object, "heel") || json_object_get(object, "angle_deg"))
        take_axis(to, object, complaint);
    if (json_object_get(object, "length_mm"))
        take_length(to, object, complaint);
    if (!json_object_get(object, "landmark") && !json_object_get(object, "heel") &&
        !json_object_get(object, "angle_deg") && !json_object_get(object, "length_mm"))
        complain(complaint, "it names no landmark, heel with angle_deg, or length_mm");
}

int corrections_take(struct corrections *corrections, const json_t *correct, char *text, size_t cap)
{
    struct complaint complaint = {text, cap, 0};

    if (json_is_object(correct))
        take_one(corrections, correct, &complaint);
    else if (!json_is_array(correct))
        complain(&complaint, "it must be an object or a list of them");
    for (size_t i = 0; i < json_array_size(correct); i++)
        take_one(corrections, json_array_get(correct, i), &complaint);
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
