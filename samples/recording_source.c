/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/recording_source.h"
#include "calib/calibration.h"
#include "driver/pressure_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOMINAL_BITS 12
#define NOMINAL_KPA 600.0

struct note {
    uint64_t time_us;
    char *json;
};

struct own {
    struct pressure_reader *reader;
    struct calibration *nominal; /* when the recording has none */
    const struct calibration *calibration;
    size_t n_cells;
    uint16_t *now, *next;       /* counts of the frame that holds, and of the one after it */
    uint64_t first_us, next_us; /* device time of the first frame; source time of `next` */
    int has_next;
    struct button_edge *edges;
    size_t n_edges, at_edge;
    struct note *notes;
    size_t n_notes, at_note;
    uint64_t n_frames, last_us;
    float highest_kpa;
};

/* Time in the recording to time of the source. What came before the first frame comes with it. */
static uint64_t source_time(const struct own *own, uint64_t time_us)
{
    return RECORDING_SOURCE_EMPTY_US + (time_us > own->first_us ? time_us - own->first_us : 0);
}

/* --- First pass: how long, how high, what was said ------------------------------------------ */

/* Grows an array of n elements by one when n is 0 or a power of two; 0 or -1. */
static int room_for_one(void **array, size_t n, size_t size)
{
    if (n & (n - 1))
        return 0;
    void *grown = realloc(*array, (n ? 2 * n : 1) * size);
    if (!grown)
        return -1;
    *array = grown;
    return 0;
}

static int keep_edge(struct own *own, const struct pressure_item *item)
{
    void *array = own->edges;
    if (room_for_one(&array, own->n_edges, sizeof *own->edges))
        return -1;
    own->edges = array;
    own->edges[own->n_edges++] = (struct button_edge){item->time_us, item->down};
    return 0;
}

static int keep_note(struct own *own, const struct pressure_item *item)
{
    void *array = own->notes;
    if (room_for_one(&array, own->n_notes, sizeof *own->notes))
        return -1;
    own->notes = array;
    char *json = malloc(item->n_json + 1);
    if (!json)
        return -1;
    memcpy(json, item->json, item->n_json);
    json[item->n_json] = '\0';
    own->notes[own->n_notes++] = (struct note){item->time_us, json};
    return 0;
}

static void see_frame(struct own *own, const struct pressure_item *item)
{
    if (!own->n_frames++)
        own->first_us = item->time_us;
    if (item->time_us > own->last_us)
        own->last_us = item->time_us;
    for (size_t i = 0; i < own->n_cells; i++)
        own->highest_kpa = fmaxf(own->highest_kpa, item->kpa[i]);
}

static int see_item(struct own *own, const struct pressure_item *item)
{
    switch (item->kind) {
    case PRESSURE_FRAME:
        see_frame(own, item);
        return 0;
    case PRESSURE_BUTTON:
        return keep_edge(own, item);
    case PRESSURE_ANNOTATION:
        return keep_note(own, item);
    case PRESSURE_LIMIT: /* the plate's own doing, not the world's */
    case PRESSURE_OTHER:
        break;
    }
    return 0;
}

/* A source's times never go back; one that does in the file (a damaged clock) waits for the one
 * before it. */
static void set_source_times(struct own *own)
{
    uint64_t last_us = 0;
    for (size_t i = 0; i < own->n_edges; i++) {
        uint64_t time_us = source_time(own, own->edges[i].time_us);
        last_us = own->edges[i].time_us = time_us > last_us ? time_us : last_us;
    }
    last_us = 0;
    for (size_t i = 0; i < own->n_notes; i++) {
        uint64_t time_us = source_time(own, own->notes[i].time_us);
        last_us = own->notes[i].time_us = time_us > last_us ? time_us : last_us;
    }
}

static int first_pass(struct own *own, const char *path, struct problem *why)
{
    struct pressure_item item;
    int more;
    while ((more = pressure_reader_next(own->reader, &item, why)) > 0)
        if (see_item(own, &item))
            return problem_no_memory(why, "the events of a recording");
    if (more < 0)
        return -1;
    if (!own->n_frames)
        return problem(why, PROBLEM_REFUSED, "%s: no frame in it, so there is nothing to scan",
                       path);
    set_source_times(own);
    return 0;
}

/* --- Second pass: frame by frame
 * ------------------------------------------------------------------ */

static void to_counts(struct own *own, const float *kpa)
{
    for (size_t i = 0; i < own->n_cells; i++)
        own->next[i] = kpa[i] > 0 ? calibration_counts(own->calibration, i, kpa[i]) : 0;
}

/* Reads the next frame that is newer than the last one. A read error ends the recording there. */
static void read_ahead(struct own *own)
{
    struct pressure_item item;
    while (pressure_reader_next(own->reader, &item, NULL) > 0) {
        if (item.kind != PRESSURE_FRAME || item.late)
            continue;
        uint64_t time_us = source_time(own, item.time_us);
        if (own->has_next && time_us < own->next_us)
            continue;
        to_counts(own, item.kpa);
        own->next_us = time_us;
        own->has_next = 1;
        return;
    }
    own->has_next = 0;
}

static void scan(struct scan_source *source, uint64_t time_us, uint16_t *counts)
{
    struct own *own = source->own;
    while (own->has_next && own->next_us <= time_us) {
        memcpy(own->now, own->next, own->n_cells * sizeof *own->now);
        read_ahead(own);
    }
    memcpy(counts, own->now, own->n_cells * sizeof *counts);
}

static int next_edge(struct scan_source *source, uint64_t until_us, struct button_edge *edge)
{
    struct own *own = source->own;
    if (own->at_edge >= own->n_edges || own->edges[own->at_edge].time_us >= until_us)
        return 0;
    *edge = own->edges[own->at_edge++];
    return 1;
}

static const char *next_annotation(struct scan_source *source, uint64_t until_us, uint64_t *time_us)
{
    struct own *own = source->own;
    if (own->at_note >= own->n_notes || own->notes[own->at_note].time_us >= until_us)
        return NULL;
    *time_us = own->notes[own->at_note].time_us;
    return own->notes[own->at_note++].json;
}

/* --- Open and close
 * -------------------------------------------------------------------------------- */

static void close_source(struct scan_source *source)
{
    struct own *own = source->own;
    if (own) {
        if (own->reader)
            pressure_reader_close(own->reader);
        if (own->nominal)
            calibration_free(own->nominal);
        for (size_t i = 0; i < own->n_notes; i++)
            free(own->notes[i].json);
        free(own->notes);
        free(own->edges);
        free(own->now);
        free(own->next);
        free(own);
    }
    free(source);
}

/* The header's own converter, or for a recording of kPa one of 12 bit that its highest pressure
 * fits. */
static void choose_converter(struct scan_source *source, const struct recording_header *header,
                             float highest_kpa)
{
    source->bits = header->bits >= 8 ? header->bits : NOMINAL_BITS;
    source->full_scale_kpa = header->full_scale_kpa;
    if (source->full_scale_kpa <= 0)
        source->full_scale_kpa =
            highest_kpa <= NOMINAL_KPA ? NOMINAL_KPA : 100 * ceil(highest_kpa / 100.0 + 0.5);
}

static int choose_calibration(struct own *own, const struct scan_source *source,
                              struct problem *why)
{
    own->calibration = pressure_reader_calibration(own->reader);
    if (own->calibration)
        return 0;
    own->nominal =
        calibration_nominal(source->rows, source->cols, source->bits, source->full_scale_kpa, why);
    own->calibration = own->nominal;
    return own->nominal ? 0 : -1;
}

static int furnish(struct scan_source *source, const char *path, struct problem *why)
{
    struct own *own = source->own;
    own->reader = pressure_reader_open(path, NULL, why);
    if (!own->reader)
        return -1;
    const struct recording_header *header = pressure_reader_header(own->reader);
    source->rows = header->rows;
    source->cols = header->cols;
    source->pitch_x_mm = header->pitch_x_mm;
    source->pitch_y_mm = header->pitch_y_mm;
    source->rate_hz = header->rate_hz;
    snprintf(source->serial, sizeof source->serial, "%s",
             header->device.serial[0] ? header->device.serial : "VIRTUAL-REPLAY");
    own->n_cells = (size_t)header->rows * (size_t)header->cols;
    own->now = calloc(own->n_cells, sizeof *own->now);
    own->next = calloc(own->n_cells, sizeof *own->next);
    if (!own->now || !own->next)
        return problem_no_memory(why, "a recording to scan");
    if (first_pass(own, path, why))
        return -1;
    choose_converter(source, header, own->highest_kpa);
    if (choose_calibration(own, source, why))
        return -1;
    source->duration_us = source_time(own, own->last_us) + (uint64_t)llround(1e6 / header->rate_hz);
    pressure_reader_rewind(own->reader);
    read_ahead(own);
    return 0;
}

struct scan_source *recording_source_open(const char *path, struct problem *why)
{
    struct scan_source *source = calloc(1, sizeof *source);
    struct own *own = calloc(1, sizeof *own);
    if (!source || !own) {
        problem_no_memory(why, "a recording to scan");
        free(source);
        free(own);
        return NULL;
    }
    *source = (struct scan_source){.own = own,
                                   .scan = scan,
                                   .next_edge = next_edge,
                                   .next_annotation = next_annotation,
                                   .close = close_source};
    if (furnish(source, path, why)) {
        close_source(source);
        return NULL;
    }
    return source;
}
