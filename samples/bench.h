/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual bench: a plate of samples/bench_plate.h, and the script of what is laid on it; the file
 * "tenderfoot/bench/1" as a plain struct, and each stage of it planned in full.
 *
 * samples/SCHEMA.md defines every member with unit, range and default; the struct holds the file
 * after defaults and checks. The stages are those of calib/bench.h, and one more: a person of
 * samples/subject.h who stands on the plate when it is calibrated. Plans are read-only once made;
 * any thread. */
#ifndef TENDERFOOT_SAMPLES_BENCH_H
#define TENDERFOOT_SAMPLES_BENCH_H

#include "calib/bench.h"
#include "samples/bench_plate.h"
#include "samples/subject.h"

#define BENCH_SCRIPT_LIST_MAX 64
#define BENCH_SCRIPT_STUDS_MAX 8
#define BENCH_SCRIPT_BYTES_MAX 1048576

#define BENCH_STAND BENCH_STAGES /* a person stands on the plate */
#define BENCH_SCRIPT_STAGES (BENCH_STAND + 1)

/* "empty" ... "stud", "stand"; of a name, the stage, or -1. */
const char *bench_script_stage_name(int stage);
int bench_script_stage(const char *name);

struct bench_script_list {
    double value[BENCH_SCRIPT_LIST_MAX];
    int n;
};

struct bench_script_stud {
    char name[32];
    double tip_cm2, base_cm2; /* square base */
    double factor;            /* force on the tip / force that the base's cells get */
};

struct bench_script {
    char label[SUBJECT_NAME_MAX + 1];
    struct bench_plate_setting plate;
    char reference_device[64];
    double accuracy_percent;    /* what is said of the gauge */
    double gauge_error_percent; /* what is true of it: true pressure = told x (1 + this / 100) */
    double room_c, before_s, rise_s, hold_s; /* temperature; bare plate first; each hold */
    int has[BENCH_SCRIPT_STAGES];
    double empty_s;
    struct bench_script_list bladder_kpa;
    int cycles;
    double creep_kpa, creep_s;
    struct bench_script_list mass_kg;
    double mass_width_mm, mass_height_mm;
    int mass_places;
    struct bench_script_list warm_kpa;
    double warm_c;
    struct bench_script_stud studs[BENCH_SCRIPT_STUDS_MAX];
    int n_studs, stud_places;
    struct bench_script_list stud_kg;
    struct subject person; /* with this plate's geometry */
    double stand_c;        /* temperature */
};

/* Parses n bytes of a file; `name` is for messages. Refuses (-1, PROBLEM_REFUSED) with the JSON
 * path what is not of this schema, out of range, or an unknown key. */
int bench_script_parse(const void *bytes, size_t n, const char *name, struct bench_script *script,
                       struct problem *why);

/* Reads and parses a file of at most BENCH_SCRIPT_BYTES_MAX. */
int bench_script_load(const char *path, struct bench_script *script, struct problem *why);

/* What lies on the plate: a uniform pressure, and a force spread evenly over a rectangle. */
struct bench_load {
    double kpa, force_n;
    double x_mm, y_mm, width_mm, height_mm; /* its middle, plate frame */
};

struct bench_step {
    uint64_t time_us; /* from which on the load goes in a straight line from the last one ... */
    double rise_s;    /* ... to this one, within this time */
    struct bench_load load;
};

struct bench_note {
    uint64_t time_us;
    char *json; /* owned */
};

/* One stage, planned; not for BENCH_STAND, which is a visit (samples/visit.h). Each hold is told
 * when its load begins to change (creep: when it stands), and ends with the next one, or with
 * {"bench":"end"} before the load is taken off. */
struct bench_plan {
    struct bench_step *steps;
    struct bench_note *notes;
    size_t n_steps, n_notes;
    uint64_t end_us;
    double temperature_c;
};

struct bench_plan *bench_plan_make(const struct bench_script *script, int stage,
                                   struct problem *why);
void bench_plan_free(struct bench_plan *plan);

/* True mean pressure on each cell at a time: kpa[rows * cols] is overwritten. */
void bench_plan_pressure(const struct bench_plan *plan, const struct bench_plate_setting *plate,
                         uint64_t time_us, float *kpa);

#endif
