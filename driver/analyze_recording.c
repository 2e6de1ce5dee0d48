/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/analyze_recording.h"
#include "analysis/press/press_sessions.h"
#include "analysis/second_pass.h"
#include "driver/import/import_notes.h"
#include "driver/pressure_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct analyzer_options analyze_defaults(void)
{
    return (struct analyzer_options){.threshold_kpa = 5, .min_force_n = 20};
}

/* A copy of text, NULL for what is not stated. Sets *failed when there is no memory. */
static char *copy_text(const char *text, int *failed)
{
    char *copy = text && *text ? strdup(text) : NULL;

    *failed |= text && *text && !copy;
    return copy;
}

/* Protocol and condition as analysis/condition.h has them. */
static const char *protocol_word(const struct recording_header *header, char word[40])
{
    snprintf(word, 40, "%s%s%s", header->protocol, header->condition[0] ? "_" : "",
             header->condition);
    return word;
}

static int copy_header(const struct recording_header *header, struct recording_facts *facts,
                       struct problem *why)
{
    char word[40];
    int failed = 0;

    facts->client = copy_text(header->client, &failed);
    facts->protocol = copy_text(protocol_word(header, word), &failed);
    facts->started_utc = copy_text(header->created_utc, &failed);
    facts->device_serial = copy_text(header->device.serial, &failed);
    facts->device_model = copy_text(header->device.model, &failed);
    facts->firmware = copy_text(header->device.firmware, &failed);
    facts->software = copy_text(header->software, &failed);
    facts->source = copy_text(header->source, &failed);
    return failed ? problem_no_memory(why, "the recording's facts") : 0;
}

/* The facts' 0 = unknown of the calibration's NaN. */
static double known(double percent)
{
    return percent > 0 ? percent : 0;
}

/* A map of the masked cells; NULL where there are none. */
static int copy_mask(const struct calibration *calibration, size_t cells,
                     struct recording_facts *facts, struct problem *why)
{
    if (!facts->masked_cells)
        return 0;
    facts->masked = malloc(cells);
    if (!facts->masked)
        return problem_no_memory(why, "the recording's faulty cells");
    for (size_t i = 0; i < cells; i++)
        facts->masked[i] = calibration_is_masked(calibration, i) != 0;
    return 0;
}

static int copy_calibration(const struct calibration *calibration, struct recording_facts *facts,
                            struct problem *why)
{
    struct calibration_facts from;
    int failed = 0;

    if (!calibration)
        return 0;
    calibration_facts(calibration, &from);
    facts->calibration_id = copy_text(from.id, &failed);
    facts->calibration_date = copy_text(from.date, &failed);
    facts->calibration_is_nominal = from.is_nominal;
    facts->masked_cells = from.masked_cells;
    facts->pressure_error_percent = known(from.pressure_error_percent);
    facts->force_error_percent = known(from.force_error_percent);
    if (failed)
        return problem_no_memory(why, "the recording's facts");
    return copy_mask(calibration, (size_t)from.rows * (size_t)from.cols, facts, why);
}

static void copy_summary(const struct pressure_reader *reader, struct recording_facts *facts)
{
    struct recording_summary summary;

    pressure_reader_summary(reader, &summary);
    facts->lost_frames = summary.frames.lost;
    facts->bad_frames = summary.frames.bad + pressure_reader_unusable_frames(reader);
    facts->repeated_frames = summary.frames.repeats;
    facts->closed_cleanly = summary.closed_cleanly;
    facts->damaged_places = summary.damaged_places + (summary.torn_tail_bytes > 0);
}

/* What an import kept of its file besides the frames. */
static int read_import_note(const struct pressure_item *item, const struct grid *grid,
                            struct recording_facts *facts, struct problem *why)
{
    struct import_stated stated;
    if (import_note_read_stated(item->json, item->n_json, &stated)) {
        facts->stated_frames += isfinite(stated.force_n) != 0;
        facts->stated_max_force_n = fmax(facts->stated_max_force_n, stated.force_n);
        return 0;
    }
    uint8_t *mask = malloc(grid_cells(grid));
    if (!mask)
        return problem_no_memory(why, "the places without a sensor");
    if (import_note_read_mask(item->json, item->n_json, grid->rows, grid->cols, mask)) {
        facts->no_sensor_cells = 0;
        for (size_t i = 0; i < grid_cells(grid); i++)
            facts->no_sensor_cells += mask[i];
    }
    free(mask);
    return 0;
}

static int feed(struct analyzer *analyzer, const struct pressure_item *item,
                struct recording_facts *facts, struct problem *why)
{
    switch (item->kind) {
    case PRESSURE_FRAME:
        facts->untared_frames += item->untared != 0;
        if (item->untared)
            return 0; /* no honest pressure: the plate's own zero is still in it */
        facts->saturated_frames += item->saturated != 0;
        return analyzer_frame(analyzer, item->time_us, item->kpa, why);
    case PRESSURE_BUTTON:
        return analyzer_button(analyzer, item->time_us, item->down, why);
    case PRESSURE_LIMIT:
        return analyzer_limit(analyzer, item->time_us, why);
    case PRESSURE_ANNOTATION:
        return analyzer_annotation(analyzer, item->time_us, item->json, item->n_json, why);
    case PRESSURE_OTHER:
        break;
    }
    return 0;
}

static int feed_all(struct analyzer *analyzer, struct pressure_reader *reader,
                    struct recording_facts *facts, struct problem *why)
{
    const struct recording_header *h = pressure_reader_header(reader);
    const struct grid grid = {h->rows, h->cols, h->pitch_x_mm, h->pitch_y_mm};
    struct pressure_item item;
    int more;

    while ((more = pressure_reader_next(reader, &item, why)) == 1) {
        if (item.kind == PRESSURE_ANNOTATION && read_import_note(&item, &grid, facts, why))
            return -1;
        if (feed(analyzer, &item, facts, why))
            return -1;
    }
    return more;
}

static int feed_frames(struct second_pass *pass, struct pressure_reader *reader,
                       struct problem *why)
{
    struct pressure_item item;
    int more;

    while ((more = pressure_reader_next(reader, &item, why)) == 1)
        if (item.kind == PRESSURE_FRAME && !item.untared &&
            second_pass_frame(pass, item.time_us, item.kpa, why))
            return -1;
    return more;
}

/* All frames again, now that the feet are known. */
static int read_again(struct pressure_reader *reader, struct result *result, struct problem *why)
{
    struct second_pass *pass = second_pass_begin(result, why);

    if (!pass)
        return -1;
    pressure_reader_rewind(reader);
    if (!feed_frames(pass, reader, why))
        return second_pass_finish(pass, why);
    second_pass_free(pass);
    return -1;
}

static struct analyzer *begin(const struct pressure_reader *reader,
                              const struct analyzer_options *options, struct problem *why)
{
    const struct recording_header *header = pressure_reader_header(reader);
    struct grid grid = {header->rows, header->cols, header->pitch_x_mm, header->pitch_y_mm};
    struct analyzer_options own = *options;

    if (!own.protocol)
        own.protocol = header->protocol;
    return analyzer_begin(&grid, header->rate_hz, &own, why);
}

/* What of an earlier recording counts is its presses: no second reading. */
static struct result *analyze_one(const char *path, const char *calibration_path,
                                  const struct analyzer_options *options,
                                  const struct result *const *earlier, int n_earlier,
                                  int with_second_reading, struct problem *why)
{
    struct pressure_reader *reader = pressure_reader_open(path, calibration_path, why);
    struct recording_facts facts = {0};
    struct analyzer *analyzer = NULL;
    struct result *result = NULL;
    int failed = 1;

    if (!reader)
        return NULL;
    analyzer = begin(reader, options, why);
    if (!analyzer)
        goto done;
    analyzer_earlier(analyzer, earlier, n_earlier);
    failed = feed_all(analyzer, reader, &facts, why) ||
             copy_header(pressure_reader_header(reader), &facts, why) ||
             copy_calibration(pressure_reader_calibration(reader), &facts, why);
    copy_summary(reader, &facts);
    if (failed)
        analyzer_free(analyzer);
    else
        result = analyzer_finish(analyzer, &facts, why);
    if (result && with_second_reading && read_again(reader, result, why)) {
        result_free(result);
        result = NULL;
    }
done:
    recording_facts_free(&facts);
    pressure_reader_close(reader);
    return result;
}

struct result *analyze_recording_after(const char *path, const char *calibration_path,
                                       const struct analyzer_options *options,
                                       const char *const *earlier, int n_earlier,
                                       struct problem *why)
{
    struct result *old[PRESS_SESSIONS_MAX] = {NULL}, *result = NULL;
    int n = 0;

    if (n_earlier > PRESS_SESSIONS_MAX) {
        problem(why, PROBLEM_USAGE, "%d earlier recordings: at most %d", n_earlier,
                PRESS_SESSIONS_MAX);
        return NULL;
    }
    while (n < n_earlier && (old[n] = analyze_one(earlier[n], NULL, options, NULL, 0, 0, why)))
        n++;
    if (n == n_earlier)
        result = analyze_one(path, calibration_path, options, (const struct result *const *)old, n,
                             1, why);
    for (int i = 0; i < n; i++)
        result_free(old[i]);
    return result;
}

struct result *analyze_recording_with(const char *path, const char *calibration_path,
                                      const struct analyzer_options *options, struct problem *why)
{
    return analyze_one(path, calibration_path, options, NULL, 0, 1, why);
}

struct result *analyze_recording(const char *path, const struct analyzer_options *options,
                                 struct problem *why)
{
    return analyze_recording_with(path, NULL, options, why);
}
