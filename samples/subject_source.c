/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/subject_source.h"
#include "samples/led_visit.h"
#include "samples/plate_model.h"
#include "samples/visit.h"

#include <stdlib.h>
#include <string.h>

struct own {
    struct visit *visit;
    struct plate_model *plate;
    float *kpa;
    size_t next_edge, next_note;
    struct led_visit *led; /* NULL until a host says something */
};

static void scan(struct scan_source *source, uint64_t time_us, uint16_t *counts)
{
    struct own *own = source->own;
    visit_pressure(own->visit, time_us, own->kpa);
    plate_model_scan(own->plate, time_us, own->kpa, counts);
}

static int next_edge(struct scan_source *source, uint64_t until_us, struct button_edge *edge)
{
    struct own *own = source->own;
    const struct visit *visit = own->visit;
    if (own->led)
        return led_visit_next_edge(own->led, until_us, edge);
    if (own->next_edge >= visit->n_edges || visit->edges[own->next_edge].time_us >= until_us)
        return 0;
    *edge = visit->edges[own->next_edge++];
    return 1;
}

static const char *next_annotation(struct scan_source *source, uint64_t until_us, uint64_t *time_us)
{
    struct own *own = source->own;
    const struct visit *visit = own->visit;
    if (own->led)
        return NULL; /* the host is the operator now */
    if (own->next_note >= visit->n_notes || visit->notes[own->next_note].time_us >= until_us)
        return NULL;
    *time_us = visit->notes[own->next_note].time_us;
    return visit->notes[own->next_note++].json;
}

/* Without memory the person goes on as before: a word that was not heard. */
static void hear(struct scan_source *source, uint64_t time_us, const char *json)
{
    struct own *own = source->own;
    struct problem ignored;
    if (!own->led)
        own->led = led_visit_begin(own->visit, time_us, &ignored);
    if (!own->led)
        return;
    led_visit_hear(own->led, time_us, json, &ignored);
    source->duration_us = own->visit->end_us;
}

static void see(struct scan_source *source, uint64_t time_us, unsigned signals)
{
    struct own *own = source->own;
    if (!own->led)
        return;
    led_visit_see(own->led, time_us, signals);
    source->duration_us = own->visit->end_us;
}

static void close_source(struct scan_source *source)
{
    struct own *own = source->own;
    if (own) {
        led_visit_free(own->led);
        visit_free(own->visit);
        plate_model_free(own->plate);
        free(own->kpa);
        free(own);
    }
    free(source);
}

static void describe(struct scan_source *source, const struct plate_setting *plate)
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
    source->next_edge = next_edge;
    source->next_annotation = next_annotation;
    source->hear = hear;
    source->see = see;
    source->close = close_source;
}

static int furnish(struct own *own, const struct subject *subject, uint64_t seed,
                   struct problem *why)
{
    own->visit = visit_plan(subject, seed, why);
    if (!own->visit)
        return -1;
    own->plate = plate_model_create(&subject->plate, seed, why);
    if (!own->plate)
        return -1;
    own->kpa = calloc(grid_cells(&own->visit->grid), sizeof *own->kpa);
    return own->kpa ? 0 : problem_no_memory(why, "a virtual subject");
}

struct scan_source *subject_source_create(const struct subject *subject, uint64_t seed,
                                          struct problem *why)
{
    struct scan_source *source = calloc(1, sizeof *source);
    struct own *own = calloc(1, sizeof *own);
    if (!source || !own) {
        problem_no_memory(why, "a virtual subject");
        free(source);
        free(own);
        return NULL;
    }
    source->own = own;
    describe(source, &subject->plate);
    if (furnish(own, subject, seed, why)) {
        close_source(source);
        return NULL;
    }
    source->duration_us = own->visit->end_us;
    return source;
}

struct scan_source *subject_source_open(const char *path, uint64_t seed, struct problem *why)
{
    struct scan_source *source = NULL;
    struct subject *subject = malloc(sizeof *subject);
    if (!subject)
        problem_no_memory(why, "a virtual subject");
    else if (!subject_load(path, subject, why))
        source = subject_source_create(subject, seed, why);
    free(subject);
    return source;
}

const struct visit *subject_source_visit(const struct scan_source *source)
{
    const struct own *own = source->own;
    return own->visit;
}
