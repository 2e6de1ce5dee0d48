/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/frame_export.h"

#include "driver/import/import_notes.h"
#include "driver/pressure_reader.h"

#include <stdlib.h>
#include <string.h>

/* How the frames are counted: by the scans' numbers, which begin anew after a restart. */
struct counter {
    int has_last;
    uint32_t last_seq;
    uint64_t last_us, number;
};

struct export
{
    struct pressure_reader *reader;
    struct frame_export_facts facts;
    struct frame_export_report *report;
    struct counter counter;
    uint8_t *no_sensor;
    uint64_t first_us;
};

const struct frame_format *frame_format_named(const char *name)
{
    static const struct frame_format *const formats[] = {&frame_format_asf, &frame_format_lst,
                                                         &frame_format_npy, &frame_format_hdf5,
                                                         &frame_format_mat};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (!strcmp(formats[i]->name, name))
            return formats[i];
    return NULL;
}

/* The frame's number, or -1 for one that is not in the order of time. */
static int64_t count(struct counter *c, const struct pressure_item *item)
{
    if (c->has_last && (item->late || item->time_us < c->last_us))
        return -1;
    if (c->has_last)
        c->number += item->seq > c->last_seq ? item->seq - c->last_seq : 1;
    c->has_last = 1;
    c->last_seq = item->seq;
    c->last_us = item->time_us;
    return (int64_t)c->number;
}

/* --- First reading ---------------------------------------------------------------------------- */

static void look_at_frame(struct export *e, const struct pressure_item *item)
{
    struct frame_export_facts *facts = &e->facts;
    size_t cells = grid_cells(&facts->grid);
    if (item->untared || count(&e->counter, item) < 0) {
        e->report->left_out++;
        return;
    }
    if (facts->n_frames++ == 0)
        e->first_us = item->time_us;
    for (size_t i = 0; i < cells; i++) {
        double kpa = (double)item->kpa[i];
        facts->peak_kpa = kpa > facts->peak_kpa ? kpa : facts->peak_kpa;
        facts->least_kpa = kpa < facts->least_kpa ? kpa : facts->least_kpa;
    }
}

static void look_at_calibration(struct export *e)
{
    const struct calibration *calibration = pressure_reader_calibration(e->reader);
    struct calibration_facts facts;
    e->facts.calibration_id = "";
    if (!calibration)
        return;
    calibration_facts(calibration, &facts);
    e->facts.calibration_id = facts.id;
    for (size_t i = 0; i < grid_cells(&e->facts.grid); i++)
        e->no_sensor[i] = calibration_is_masked(calibration, i) != 0;
}

static int look(struct export *e, const char *path, struct problem *why)
{
    const struct grid *grid = &e->facts.grid;
    struct pressure_item item;
    int more;
    look_at_calibration(e);
    while ((more = pressure_reader_next(e->reader, &item, why)) > 0) {
        if (item.kind == PRESSURE_FRAME)
            look_at_frame(e, &item);
        if (item.kind == PRESSURE_ANNOTATION) {
            e->facts.n_annotations++;
            import_note_read_mask(item.json, item.n_json, grid->rows, grid->cols, e->no_sensor);
        }
    }
    if (more == 0 && e->facts.n_frames == 0)
        return problem(why, PROBLEM_REFUSED, "%s holds no frame that could be exported", path);
    for (size_t i = 0; i < grid_cells(grid); i++)
        e->report->no_sensor_cells += e->no_sensor[i];
    e->facts.no_sensor = e->report->no_sensor_cells ? e->no_sensor : NULL;
    e->facts.last_number = e->counter.number;
    e->facts.first_s = (double)e->first_us * 1e-6;
    e->report->frames = e->facts.n_frames;
    e->report->missing = e->counter.number + 1 - e->facts.n_frames;
    return more;
}

static int check_size(const struct export *e, const struct frame_format *format,
                      struct problem *why)
{
    uint64_t bytes = sizeof(float) * grid_cells(&e->facts.grid) * e->facts.n_frames;
    if (!format->bytes_max || bytes <= format->bytes_max)
        return 0;
    e->report->is_too_large = 1;
    return problem(why, PROBLEM_REFUSED,
                   "%llu frames of %d x %d cells are more than a file of this kind can hold (%s: "
                   "%llu MiB); take hdf5, which MATLAB reads by h5read",
                   (unsigned long long)e->facts.n_frames, e->facts.grid.rows, e->facts.grid.cols,
                   format->name, (unsigned long long)(format->bytes_max >> 20));
}

/* --- Second reading --------------------------------------------------------------------------- */

static int give(struct export *e, const struct frame_format *format, void *context,
                const struct pressure_item *item, struct problem *why)
{
    /* An annotation may be older than the first frame. */
    double time_s = ((double)item->time_us - (double)e->first_us) * 1e-6;
    if (item->kind == PRESSURE_ANNOTATION && format->annotation)
        return format->annotation(context, time_s, item->json, item->n_json, why);
    if (item->kind != PRESSURE_FRAME || item->untared)
        return 0;
    int64_t number = count(&e->counter, item);
    return number < 0 ? 0 : format->frame(context, (uint64_t)number, time_s, item->kpa, why);
}

static int write_all(struct export *e, const struct frame_format *format, FILE *out,
                     const char *path, struct problem *why)
{
    struct pressure_item item;
    int more;
    void *context = format->begin(&e->facts, out, path, why);
    if (!context)
        return -1;
    pressure_reader_rewind(e->reader);
    e->counter = (struct counter){0};
    while ((more = pressure_reader_next(e->reader, &item, why)) > 0)
        if (give(e, format, context, &item, why)) {
            more = -1;
            break;
        }
    return format->finish(context, more < 0, why) || more < 0 ? -1 : 0;
}

int frame_export(const char *recording, const struct frame_format *format,
                 const struct frame_export_options *options, FILE *out, const char *path,
                 struct frame_export_report *report, struct problem *why)
{
    struct export e = {.report = report, .facts.options = options};
    int result = -1;
    *report = (struct frame_export_report){0};
    e.reader = pressure_reader_open(recording, options->calibration, why);
    if (!e.reader)
        return -1;
    const struct recording_header *h = pressure_reader_header(e.reader);
    e.facts.header = h;
    e.facts.grid = (struct grid){h->rows, h->cols, h->pitch_x_mm, h->pitch_y_mm};
    e.no_sensor = calloc(grid_cells(&e.facts.grid), 1);
    if (!e.no_sensor)
        problem_no_memory(why, "a frame");
    else if (!look(&e, recording, why) && !check_size(&e, format, why))
        result = write_all(&e, format, out, path, why);
    free(e.no_sensor);
    pressure_reader_close(e.reader);
    return result;
}
