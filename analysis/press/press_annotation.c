/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_annotation.h"
#include "analysis/press/shift_region.h"

#include <math.h>
#include <string.h>

/* A rounded tip of 1 cm2 on a base of 4 cm2. */
#define USUAL_TIP_CM2 1.0
#define USUAL_FOOTPRINT_CM2 4.0

enum side side_from_json(const json_t *text)
{
    const char *side = json_string_value(text);

    if (side && !strcmp(side, "left"))
        return SIDE_LEFT;
    return side && !strcmp(side, "right") ? SIDE_RIGHT : SIDE_UNKNOWN;
}

double number_from_json(const json_t *value, double low, double high)
{
    double number = json_is_number(value) ? json_number_value(value) : NAN;

    return number >= low && number <= high ? number : NAN;
}

void text_from_json(const json_t *value, char *text, size_t cap)
{
    const char *from = json_string_value(value);
    size_t n = from ? strlen(from) : 0;

    if (n >= cap)
        for (n = cap - 1; n && (from[n] & 0xC0) == 0x80;)
            n--;
    if (n)
        memcpy(text, from, n);
    text[n] = 0;
}

static int integer_from_json(const json_t *value)
{
    double number = number_from_json(value, 1, 1e6);

    return isnan(number) ? 0 : (int)number;
}

/* Studs nearer than this are one. */
#define PITCH_MIN_MM 8.0

static enum tool_kind tool_kind_from_json(const json_t *value)
{
    const char *kind = json_string_value(value);

    if (kind && !strcmp(kind, "mat"))
        return TOOL_MAT;
    return kind && !strcmp(kind, "flat") ? TOOL_FLAT : TOOL_SINGLE;
}

static void read_tool(const json_t *tool, struct press_annotation *a)
{
    double tip = number_from_json(json_object_get(tool, "tip_cm2"), 0.01, 100);
    double footprint = number_from_json(json_object_get(tool, "footprint_cm2"), 0.01, 1000);
    double factor = number_from_json(json_object_get(tool, "footprint_factor"), 0.1, 10);

    double pitch = number_from_json(json_object_get(tool, "pitch_mm"), PITCH_MIN_MM, 500);

    a->tool_kind = tool_kind_from_json(json_object_get(tool, "kind"));
    a->pitch_mm = isnan(pitch) ? 0 : pitch;
    a->tool_known = !isnan(tip);
    a->tip_cm2 = isnan(tip) ? USUAL_TIP_CM2 : tip;
    a->footprint_cm2 = isnan(footprint) ? fmax(USUAL_FOOTPRINT_CM2, a->tip_cm2) : footprint;
    a->footprint_factor = isnan(factor) ? 1 : factor;
}

static int read_point(const json_t *object, struct point *point)
{
    point->x_mm = number_from_json(json_object_get(object, "x_mm"), -1e4, 1e4);
    point->y_mm = number_from_json(json_object_get(object, "y_mm"), -1e4, 1e4);
    return !isnan(point->x_mm) && !isnan(point->y_mm);
}

struct press_annotation press_annotation_read(const json_t *press)
{
    struct press_annotation a = {0};
    const json_t *cup = json_object_get(press, "heel_cup");

    a.number = integer_from_json(json_object_get(press, "number"));
    a.pass = integer_from_json(json_object_get(press, "pass"));
    text_from_json(json_object_get(press, "place"), a.aim, sizeof a.aim);
    if (!*a.aim)
        text_from_json(json_object_get(press, "target_zone"), a.aim, sizeof a.aim);
    a.side = side_from_json(json_object_get(press, "side"));
    a.is_catch = json_is_true(json_object_get(press, "catch"));
    a.is_tap = json_is_true(json_object_get(press, "tap"));
    a.ceiling_kpa = number_from_json(json_object_get(press, "ceiling_kpa"), 1, 1e5);
    read_tool(json_object_get(press, "tool"), &a);
    a.stud_known = read_point(json_object_get(press, "stud"), &a.stud);
    /* Where the studs of a mat lie is not known without its pitch; never one stud's place. */
    a.stud_known &= a.tool_kind != TOOL_MAT || a.pitch_mm > 0;
    a.is_whole_foot = a.tool_kind == TOOL_FLAT ||
                      json_is_true(json_object_get(press, "standing")) ||
                      json_is_object(json_object_get(press, "heel_mark"));
    a.region = shift_region_from_name(
        json_string_value(json_object_get(json_object_get(press, "shift"), "region")));
    a.is_marked = a.tool_kind == TOOL_MAT && !json_is_object(cup);
    if (a.is_marked)
        cup = json_object_get(press, "heel_mark");
    a.cup_angle_deg = number_from_json(json_object_get(cup, "angle_deg"), -360, 360);
    a.cup_known = read_point(cup, &a.cup) && !isnan(a.cup_angle_deg);
    return a;
}
