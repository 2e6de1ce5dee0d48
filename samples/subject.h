/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual subject: a person, their feet, how they answer, what is done with them, and the plate
 * they do it on; the file "tenderfoot/subject/1" as a plain struct.
 *
 * samples/SCHEMA.md defines every member with unit, range and default; this struct holds the file
 * after defaults and checks, so every number in it is inside its stated range. Frames and angles as
 * in analysis/grid.h and analysis/foot/foot_frame.h. Parsing knows no atlas: that a zone exists is
 * checked by visit_plan. Plain data, read-only after parsing; any thread. */
#ifndef TENDERFOOT_SAMPLES_SUBJECT_H
#define TENDERFOOT_SAMPLES_SUBJECT_H

#include "analysis/atlas/atlas.h"
#include "analysis/foot/foot_frame.h"
#include "firmware/wire/problem.h"
#include "samples/foot_build.h"

#include <stddef.h>
#include <stdint.h>

#define SUBJECT_NAME_MAX 64  /* characters of a label or a "why" */
#define SUBJECT_ZONE_MAX 8   /* "P04.1" and the like, with the final NUL */
#define SUBJECT_LIST_MAX 32  /* guarding, planted, route, excluded zones, notes */
#define SUBJECT_EVENTS_MAX 8 /* of a stand */
#define SUBJECT_THINGS_MAX 8
#define SUBJECT_DEAD_MAX 256      /* dead cells by name */
#define SUBJECT_BYTES_MAX 1048576 /* of the file */
#define SUBJECT_CLASSES 4         /* enum region_class */

enum sex { SEX_NOT_STATED, SEX_FEMALE, SEX_MALE };

/* Spectrum of sway: S(f) ~ 1 / ((1 + (f/corner)^slope) (1 + (f/roll_off)^2)) up to limit. */
struct sway_setting {
    double rms_ml_mm, rms_ap_mm;
    double corner_hz, slope, roll_off_hz, limit_hz;
};

struct person {
    char label[SUBJECT_NAME_MAX + 1];
    enum sex sex;
    double age_years, body_mass_kg;
    struct sway_setting sway;
};

struct subject_foot {
    enum side side;
    double length_mm;
    double width_scale; /* 1 = as wide as the template foot of this length */
    double arch;        /* 0 flat, 0.5 the template, 1 high */
    double toe_contact; /* 0 toes in the air .. 1 resting .. 2 clawing */
    struct point heel;  /* the heel's back edge (HB), plate frame */
    double angle_deg;
    struct foot_build build; /* how its landmarks differ from the template's; zeros = not */
};

/* Where on the foot: a zone of the atlas, one of the four classes, or a bare place. */
enum place_kind { PLACE_ZONE, PLACE_CLASS, PLACE_UV };

struct subject_place {
    enum place_kind kind;
    char zone[SUBJECT_ZONE_MAX];
    enum region_class region_class;
    struct uv at;
};

struct guarding {
    struct subject_place where;
    enum side side; /* SIDE_UNKNOWN = both */
    double factor;  /* of the pressure that would be there; < 1 spares the place */
};

struct planted {
    struct subject_place where;
    enum side side;
    double factor; /* of the threshold that would be there, or NAN when kpa is given */
    double kpa;    /* the threshold itself, or NAN */
};

struct threshold_setting {
    double base_kpa[SUBJECT_CLASSES];
    double spread; /* sd of the logarithm of the natural, smooth pattern */
    double
        side_spread;  /* sd of ln(left / right), the two feet's own patterns; negative = `spread` */
    double side_bias; /* mean of ln(left / right) */
    double scale;     /* of all thresholds, both sides: under 1 = sensitised; 0 = 1 */
    uint64_t pattern; /* which natural pattern: belongs to the person, not to the run */
    struct planted planted[SUBJECT_LIST_MAX];
    int n_planted;
};

struct answer_setting {
    double reaction_median_ms, reaction_sd_ms;
    double miss_rate, false_rate;
    double late_rate, late_s; /* share of answers that come so much later */
    double random_rate;       /* share of answers at a random time, whatever the pressure */
    double test_retest;       /* sd of the logarithm from press to press at one place */
    double drift_per_100;     /* ln of the threshold gained over 100 presses; < 0 = tiring */
};

struct press_tool {
    char name[SUBJECT_NAME_MAX + 1];
    double tip_cm2, footprint_cm2;
    double pitch_mm;         /* of a mat of such studs; 0 = a single one */
    double sink_n;           /* the sprung stud gives way at this force on its tip; 0 = never */
    double edge_loss;        /* share of the force on half covered cells that they do not get */
    double footprint_factor; /* true force on the tip / force that reaches the footprint */
};

struct press_setting {
    int present;
    struct press_tool tool;
    int heel_cup; /* 0 = free: the operator knows no place */
    double error_mm, error_deg;
    double ramp_kpa_s, ramp_wobble;
    double ceiling_kpa[SUBJECT_CLASSES];
    struct subject_place route[SUBJECT_LIST_MAX];
    int n_route;
    enum side sides[2];
    int n_sides;
    int passes;    /* 1, or 2 = there and back */
    double seat_s; /* before each side's presses the foot is laid flat so long; 0 = not */
    double rest_s, catch_s, heel_rest_n;
    int catch_trials;
    int stop_after; /* the subject stops this side's test after so many presses of it; 0 = never */
    enum side stop_side;
    char stop_why[SUBJECT_NAME_MAX + 1];
};

/* Of somebody who stands: weight moved (left_share), or a foot set elsewhere (left_share NAN). */
struct stand_event {
    double at_s, over_s; /* since the stand began */
    double left_share;
    enum side side;
    double dx_mm, dy_mm, turn_deg;
};

enum thing_kind { THING_HAND, THING_BAG, THING_BOX, THING_PAW };

/* Something on the plate that is no foot. */
struct thing {
    enum thing_kind kind;
    struct point at; /* its middle, plate frame */
    double angle_deg, size_mm, newton;
    double from_s, to_s; /* since the visit began */
};

struct exclusion {
    struct subject_place where; /* a zone */
    enum side side;
    char why[SUBJECT_NAME_MAX + 1];
};

struct protocol_setting {
    double empty_s, step_on_s, stand_s, end_s;
    double idle_s;               /* led by a host: how long the person sits with nothing said */
    int tell_sides, tell_length; /* whether the operator says so in an annotation */
    struct press_setting press;
    struct exclusion excluded[SUBJECT_LIST_MAX];
    int n_excluded;
};

struct dead_cell {
    int row, col;
};

struct plate_setting {
    int rows, cols, bits;
    double pitch_x_mm, pitch_y_mm, rate_hz, full_scale_kpa;
    char serial[25];
    double noise_counts, offset_counts, offset_spread_counts;
    double gain_spread;              /* sd of the cells' gains about 1 */
    double creep_percent_per_decade; /* of the reading, per factor 10 of time */
    double hysteresis_percent;       /* of the peak, at half of it on the way down */
    double crosstalk;                /* share of a cell that each of its 4 neighbours gets too */
    double curve_exponent;           /* pressure = full scale (count / largest count)^exponent */
    double calibration_residual;     /* sd of the gain error left in the written calibration */
    struct dead_cell dead[SUBJECT_DEAD_MAX];
    int n_dead;
    int random_dead; /* further dead cells, drawn by the serial number */
};

struct subject {
    struct person person;
    struct subject_foot feet[2]; /* the feet that stand on the plate, in the file's order */
    int n_feet;
    double left_share;                             /* of the body weight, when both feet stand */
    double fore_share;                             /* of a foot's force on u >= 0.5 */
    struct stand_event events[SUBJECT_EVENTS_MAX]; /* in order of time */
    int n_events;
    struct thing things[SUBJECT_THINGS_MAX];
    int n_things;
    struct guarding guarding[SUBJECT_LIST_MAX];
    int n_guarding;
    struct threshold_setting thresholds;
    struct answer_setting answers;
    struct protocol_setting protocol;
    struct plate_setting plate;
};

/* Parses n bytes of a file; `name` is for messages. Refuses (-1, PROBLEM_REFUSED) with the JSON
 * path what is not of this schema, out of range, or an unknown key. */
int subject_parse(const void *bytes, size_t n, const char *name, struct subject *subject,
                  struct problem *why);

/* Reads and parses a file of at most SUBJECT_BYTES_MAX. */
int subject_load(const char *path, struct subject *subject, struct problem *why);

/* The foot of a side, or NULL. */
const struct subject_foot *subject_foot_of(const struct subject *subject, enum side side);

/* The words of the file: "left", "both" for SIDE_UNKNOWN; "toe", "ball", "arch", "heel". */
const char *subject_side_name(enum side side);
const char *subject_class_name(enum region_class region_class);

#endif
