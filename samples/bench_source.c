/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/bench_source.h"
#include "samples/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct own {
    struct bench_plate_setting setting;
    struct bench_plan *plan; /* or, when a person stands: */
    struct visit *visit;
    struct bench_plate *plate;
    float *kpa;
    double temperature_c;
    size_t next_note;
};

void bench_source_pressure(const struct scan_source *source, uint64_t time_us, float *kpa)
{
    const struct own *own = source->own;
    if (own->visit)
        visit_pressure(own->visit, time_us, kpa);
    else
        bench_plan_pressure(own->plan, &own->setting, time_us, kpa);
}

static void scan(struct scan_source *source, uint64_t time_us, uint16_t *counts)
{
    struct own *own = source->own;
    bench_source_pressure(source, time_us, own->kpa);
    bench_plate_scan(own->plate, time_us, own->temperature_c, own->kpa, counts);
}

static double temperature_c(struct scan_source *source, uint64_t time_us)
{
    const struct own *own = source->own;
    (void)time_us;
    return own->temperature_c;
}

static size_t note_count(const struct own *own)
{
    return own->visit ? own->visit->n_notes : own->plan->n_notes;
}

static uint64_t note_at(const struct own *own, size_t i, const char **json)
{
    *json = own->visit ? own->visit->notes[i].json : own->plan->notes[i].json;
    return own->visit ? own->visit->notes[i].time_us : own->plan->notes[i].time_us;
}

static const char *next_annotation(struct scan_source *source, uint64_t until_us, uint64_t *time_us)
{
    struct own *own = source->own;
    const char *json;
    if (own->next_note >= note_count(own) || note_at(own, own->next_note, &json) >= until_us)
        return NULL;
    *time_us = note_at(own, own->next_note++, &json);
    return json;
}

static void close_source(struct scan_source *source)
{
    struct own *own = source->own;
    if (own) {
        bench_plan_free(own->plan);
        visit_free(own->visit);
        bench_plate_free(own->plate);
        free(own->kpa);
        free(own);
    }
    free(source);
}

static void describe(struct scan_source *source, const struct bench_plate_setting *plate)
{
    source->rows = plate->rows;
    source->cols = plate->cols;
    source->bits = plate->bits;
    source->pitch_x_mm = plate->pitch_x_mm;
    source->pitch_y_mm = plate->pitch_y_mm;
    source->rate_hz = plate->rate_hz;
    source->full_scale_kpa = plate->full_scale_kpa;
    memcpy(source->serial, plate->serial, sizeof source->serial);
    source->scan = scan;
    source->next_annotation = next_annotation;
    source->temperature_c = temperature_c;
    source->close = close_source;
}

static int furnish(struct scan_source *source, const struct bench_script *script, int stage,
                   uint64_t seed, struct problem *why)
{
    struct own *own = source->own;
    own->setting = script->plate;
    if (stage == BENCH_STAND) {
        own->visit = visit_plan(&script->person, seed, why);
        own->temperature_c = script->stand_c;
    } else if ((own->plan = bench_plan_make(script, stage, why)))
        own->temperature_c = own->plan->temperature_c;
    if (!own->visit && !own->plan)
        return -1;
    source->duration_us = own->visit ? own->visit->end_us : own->plan->end_us;
    /* each stage is another day on the bench: its noise is its own */
    own->plate =
        bench_plate_create(&script->plate, seed * BENCH_SCRIPT_STAGES + (uint64_t)stage, why);
    if (!own->plate)
        return -1;
    own->kpa = calloc((size_t)script->plate.rows * (size_t)script->plate.cols, sizeof *own->kpa);
    return own->kpa ? 0 : problem_no_memory(why, "a virtual bench");
}

struct scan_source *bench_source_create(const struct bench_script *script, int stage, uint64_t seed,
                                        struct problem *why)
{
    if (stage < 0 || stage >= BENCH_SCRIPT_STAGES || !script->has[stage]) {
        problem(why, PROBLEM_REFUSED, "the bench '%s' has no stage '%s'", script->label,
                stage < 0 || stage >= BENCH_SCRIPT_STAGES ? "?" : bench_script_stage_name(stage));
        return NULL;
    }
    struct scan_source *source = calloc(1, sizeof *source);
    struct own *own = calloc(1, sizeof *own);
    if (!source || !own) {
        problem_no_memory(why, "a virtual bench");
        free(source);
        free(own);
        return NULL;
    }
    source->own = own;
    describe(source, &script->plate);
    if (furnish(source, script, stage, seed, why)) {
        close_source(source);
        return NULL;
    }
    return source;
}

int bench_source_is_named(const char *address)
{
    const char *mark = strrchr(address, '#');
    return mark && bench_script_stage(mark + 1) >= 0;
}

struct scan_source *bench_source_open(const char *address, uint64_t seed, struct problem *why)
{
    const char *mark = strrchr(address, '#');
    int stage = mark ? bench_script_stage(mark + 1) : -1;
    if (stage < 0) {
        problem(why, PROBLEM_USAGE,
                "%s: a bench is named as FILE#STAGE, with one of empty, bladder, creep, mass, "
                "warm, stud, stand",
                address);
        return NULL;
    }
    struct scan_source *source = NULL;
    char *path = strndup(address, (size_t)(mark - address));
    struct bench_script *script = malloc(sizeof *script);
    if (!path || !script)
        problem_no_memory(why, "a virtual bench");
    else if (!bench_script_load(path, script, why))
        source = bench_source_create(script, stage, seed, why);
    free(path);
    free(script);
    return source;
}
