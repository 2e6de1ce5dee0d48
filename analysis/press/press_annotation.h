/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one press annotation says (firmware/wire/PROTOCOL.md, "press"), as plain numbers.
 *
 * A member that is missing, of a wrong type or out of its range counts as not stated. Pure
 * functions on borrowed JSON; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_ANNOTATION_H
#define TENDERFOOT_ANALYSIS_PRESS_ANNOTATION_H

#include "analysis/press/tool.h"
#include "analysis/result.h"

#include <jansson.h>

struct press_annotation {
    int number, pass; /* 0 = not stated */
    enum side side;
    int is_catch, is_tap;
    char aim[16]; /* place of the route, else target_zone: keeps repeats together, is no place */
    enum tool_kind tool_kind; /* TOOL_SINGLE unless said */
    double pitch_mm;          /* of a mat; else 0 */
    double ceiling_kpa;       /* NAN = not stated */
    int tool_known;           /* tip area was stated; else tip_cm2 is a usual stud's */
    double tip_cm2, footprint_cm2, footprint_factor;
    int stud_known, cup_known;
    struct point stud, cup;
    double cup_angle_deg; /* also of `heel_mark`: a heel set to a mark on a mat, not held */
    int is_marked;        /* cup is such a mark */
    int region;           /* enum shift_region that weight is shifted onto; -1 = none said */
    int is_whole_foot;    /* a shift on the bare plate, or a foot lowered onto a mat at a mark */
};

struct press_annotation press_annotation_read(const json_t *press);

enum side side_from_json(const json_t *text); /* "left", "right", else SIDE_UNKNOWN */

/* A number within bounds, else NAN. */
double number_from_json(const json_t *value, double low, double high);

/* Copies a text, cut at a whole UTF-8 character; anything but a text gives "". */
void text_from_json(const json_t *value, char *text, size_t cap);

#endif
