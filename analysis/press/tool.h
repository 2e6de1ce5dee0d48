/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools of the press test, as data (analysis/press/tools.json; another file can be given).
 *
 * single   a stud with one rounded tip on a wider base: pressure at the tip = force on the base's
 *          cells x factor / tip area
 * mat      studs on a regular pitch: an answer names no single stud, only repeats on a moved mat
 *          can tell
 * flat     no stud: guided weight shifts, standing on the bare plate; the pressure of a zone is
 *          that of its cells, and only places in contact are tested
 * Plain data, read-only after loading; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_TOOL_H
#define TENDERFOOT_ANALYSIS_PRESS_TOOL_H

#include "analysis/atlas/atlas.h"
#include "firmware/wire/problem.h"

#include <stddef.h>

enum tool_kind { TOOL_SINGLE, TOOL_MAT, TOOL_FLAT };

#define TOOL_NAME_MAX 64

struct tool {
    char name[TOOL_NAME_MAX];
    enum tool_kind kind;
    double tip_cm2;       /* of one stud; flat: 0 */
    double footprint_cm2; /* square base that lies on the cells; flat: 0 */
    double factor;        /* force on the tip / force that reaches the cells of the base */
    double pitch_mm;      /* mat: from stud to stud; else 0 */
    int has_heel_cup;     /* the heel is held in a fenced cup whose place is known */
    double sink_n;        /* the sprung stud gives way at this force; 0 = never */
};

/* The tool of this name from a file (NULL = built in; name NULL = the file's first). */
int tool_load(const char *path, const char *name, struct tool *tool, struct problem *why);
/* The same from n bytes; `file` is for messages. Refused: unknown members, a name twice, numbers
 * out of bounds or that do not go with the kind, a tip larger than its base. */
int tool_parse(const void *bytes, size_t n, const char *file, const char *name, struct tool *tool,
               struct problem *why);

/* The highest pressure at a tip of 1 cm2 that is usual in this class of regions, kPa
 * (reflexology.md 3.3): what a press ends at when nobody set another. */
double tool_usual_ceiling_kpa(enum region_class class);

const char *tool_kind_name(enum tool_kind kind); /* "single", "mat", "flat" */

/* Force on the base's cells at a pressure of the tip: kPa x cm2 / 10 / factor, N; and back. */
double tool_force_n(const struct tool *tool, double tip_kpa);
double tool_tip_kpa(const struct tool *tool, double force_n);

/* Radius of a round tip, mm: what lies nearer than it is pressed too. */
double tool_tip_radius_mm(const struct tool *tool);

#endif
