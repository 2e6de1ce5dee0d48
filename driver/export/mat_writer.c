/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB's .mat, level 5, which MATLAB, Octave, SciPy and R read: pressure (rows x columns x
 * frames, single, kPa), the numbers of each frame, annotations, and a struct `info`.
 * driver/export/README.md lists them.
 *
 * `pressure` is packed a frame at a time: a column-major array that ends with the frames is frame
 * after frame. libmatio would want it whole, and does not notice a disk that is full. Level 7.3 has
 * no bound of 2 GiB, but SciPy and R.matlab do not read it; longer recordings go into HDF5. */
#include "driver/export/frame_export.h"
#include "driver/export/frame_series_store.h"
#include "driver/export/mat_array.h"
#include "driver/version.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct mat {
    const struct frame_export_facts *facts;
    FILE *out;
    float *columns; /* of one frame, as MATLAB keeps matrices */
    z_stream packed;
    int is_packing;
    long length_at; /* in the file: of the array that is being packed */
    struct frame_series_store series;
    struct text notes, note_times; /* arrays of words; doubles */
    uint64_t n_notes;
};

static void mat_free(struct mat *f)
{
    free(f->columns);
    if (f->is_packing)
        deflateEnd(&f->packed);
    frame_series_store_free(&f->series);
    text_free(&f->notes);
    text_free(&f->note_times);
    free(f);
}

/* --- Packing: an error of the disk stays in the stream ----------------------------------------
 */

static int pack(struct mat *f, const void *bytes, size_t n, int flush)
{
    unsigned char packed[16384];
    f->packed.next_in = (void *)(uintptr_t)bytes; /* it only lacks the const */
    f->packed.avail_in = (uInt)n;
    do {
        f->packed.next_out = packed;
        f->packed.avail_out = sizeof packed;
        if (deflate(&f->packed, flush) == Z_STREAM_ERROR)
            return -1;
        fwrite(packed, 1, sizeof packed - f->packed.avail_out, f->out);
    } while (f->packed.avail_out == 0);
    return 0;
}

/* One array is one packed part; its length is known, and written, at its end. */
static int begin_packed(struct mat *f)
{
    const uint32_t tag[2] = {MAT_PART_PACKED, 0};
    deflateReset(&f->packed);
    fwrite(tag, 1, sizeof tag, f->out);
    f->length_at = ftell(f->out) - (long)sizeof tag[1];
    return f->length_at < 0 ? -1 : 0;
}

static int end_packed(struct mat *f)
{
    if (pack(f, "", 0, Z_FINISH))
        return -1;
    const uint32_t length = (uint32_t)f->packed.total_out;
    if (fseek(f->out, f->length_at, SEEK_SET))
        return -1;
    fwrite(&length, 1, sizeof length, f->out);
    return fseek(f->out, 0, SEEK_END);
}

/* Frees the array. */
static int put(struct mat *f, struct text *array)
{
    int failed = array->failed || array->n > MAT_ARRAY_BYTES_MAX || begin_packed(f) ||
                 pack(f, array->bytes, array->n, Z_NO_FLUSH) || end_packed(f);
    text_free(array);
    return failed;
}

/* --- Pressures -------------------------------------------------------------------------------- */

/* The last two bytes tell the order of bytes in numbers; there is no time of day. */
static void put_head(FILE *out)
{
    char text[125];
    const uint16_t version_and_order[2] = {0x0100, 'M' << 8 | 'I'};
    snprintf(text, sizeof text, "%-116s%8s",
             "MATLAB 5.0 MAT-file, made by tenderfoot " TENDERFOOT_VERSION, "");
    fwrite(text, 1, sizeof text - 1, out);
    fwrite(version_and_order, 1, sizeof version_and_order, out);
}

static uint32_t pressure_bytes(const struct mat *f)
{
    return (uint32_t)(sizeof(float) * f->facts->n_frames * grid_cells(&f->facts->grid));
}

static int begin_pressure(struct mat *f)
{
    const struct grid *grid = &f->facts->grid;
    const uint32_t size[3] = {(uint32_t)grid->rows, (uint32_t)grid->cols,
                              (uint32_t)f->facts->n_frames};
    struct text array = {0};
    uint32_t n = pressure_bytes(f);
    size_t begun = mat_array_begin(&array, MAT_CLASS_SINGLE, "pressure", size, 3);
    mat_part_tag(&array, MAT_PART_SINGLE, n);
    mat_array_end(&array, begun, n + mat_padding(n));
    int failed = array.failed || begin_packed(f) || pack(f, array.bytes, array.n, Z_NO_FLUSH);
    text_free(&array);
    return failed;
}

static int end_pressure(struct mat *f)
{
    static const char zeros[8];
    return pack(f, zeros, mat_padding(pressure_bytes(f)), Z_NO_FLUSH) || end_packed(f);
}

static int make_room(struct mat *f, struct problem *why)
{
    const struct frame_export_facts *facts = f->facts;
    f->columns = calloc(grid_cells(&facts->grid), sizeof *f->columns);
    f->is_packing = deflateInit(&f->packed, Z_DEFAULT_COMPRESSION) == Z_OK;
    if (!f->columns || !f->is_packing)
        return problem_no_memory(why, "an export");
    return frame_series_store_make(&f->series, facts, why);
}

static void *mat_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    struct mat *f = calloc(1, sizeof *f);
    (void)path;
    if (!f) {
        problem_no_memory(why, "an export");
        return NULL;
    }
    *f = (struct mat){.facts = facts, .out = out};
    if (!make_room(f, why)) {
        put_head(out);
        if (!begin_pressure(f))
            return f;
        problem(why, PROBLEM_FAILED, "the beginning of the MATLAB file cannot be written");
    }
    mat_free(f);
    return NULL;
}

static int mat_frame(void *context, uint64_t number, double time_s, const float *kpa,
                     struct problem *why)
{
    struct mat *f = context;
    const struct grid *grid = &f->facts->grid;
    float *to = f->columns;
    if (frame_series_store_add(&f->series, f->facts, number, time_s, kpa, why))
        return -1;
    for (int c = 0; c < grid->cols; c++)
        for (int r = 0; r < grid->rows; r++)
            *to++ = kpa[r * grid->cols + c];
    if (pack(f, f->columns, grid_cells(grid) * sizeof *f->columns, Z_NO_FLUSH))
        return problem(why, PROBLEM_FAILED, "a frame cannot be packed");
    return 0;
}

static int mat_annotation(void *context, double time_s, const char *json, size_t n,
                          struct problem *why)
{
    struct mat *f = context;
    char *words = strndup(json, n);
    if (!words)
        return problem_no_memory(why, "an annotation");
    mat_words(&f->notes, "", words);
    text_append(&f->note_times, &time_s, sizeof time_s);
    f->n_notes++;
    free(words);
    return 0;
}

/* --- The other variables ---------------------------------------------------------------------- */

static int put_series(struct mat *f)
{
    int failed = 0;
    for (int i = 0; !failed && i < FRAME_SERIES; i++) {
        struct text array = {0};
        mat_doubles(&array, frame_series_facts[i].name, f->series.of[i], f->series.n);
        failed = put(f, &array);
    }
    return failed;
}

static int put_mask(struct mat *f)
{
    const struct grid *grid = &f->facts->grid;
    const uint32_t size[2] = {(uint32_t)grid->rows, (uint32_t)grid->cols};
    struct text array = {0};
    uint8_t *mask = calloc(grid_cells(grid), 1), *to = mask;
    if (!mask)
        return -1;
    for (int c = 0; f->facts->no_sensor && c < grid->cols; c++)
        for (int r = 0; r < grid->rows; r++)
            *to++ = f->facts->no_sensor[r * grid->cols + c];
    size_t begun = mat_array_begin(&array, MAT_CLASS_UINT8, "no_sensor", size, 2);
    mat_part(&array, MAT_PART_UINT8, mask, grid_cells(grid));
    mat_array_end(&array, begun, 0);
    free(mask);
    return put(f, &array);
}

static int put_notes(struct mat *f)
{
    const uint32_t size[2] = {(uint32_t)f->n_notes, 1};
    struct text cells = {0}, times = {0};
    if (f->notes.failed || f->note_times.failed)
        return -1;
    size_t begun = mat_array_begin(&cells, MAT_CLASS_CELL, "annotations", size, 2);
    text_append(&cells, text_string(&f->notes), f->notes.n);
    mat_array_end(&cells, begun, 0);
    begun = mat_array_begin(&times, MAT_CLASS_DOUBLE, "annotation_time_s", size, 2);
    mat_part(&times, MAT_PART_DOUBLE, text_string(&f->note_times), f->note_times.n);
    mat_array_end(&times, begun, 0);
    int failed = put(f, &cells);
    return put(f, &times) || failed;
}

static int put_info(struct mat *f)
{
    const struct frame_export_facts *facts = f->facts;
    const struct recording_header *h = facts->header;
    const struct {
        const char *name, *text;
    } texts[] = {{"schema", "tenderfoot/mat/1"},
                 {"software", "tenderfoot " TENDERFOOT_VERSION},
                 {"recorded_by", h->software},
                 {"source", h->source},
                 {"created_utc", h->created_utc},
                 {"client", h->client},
                 {"protocol", h->protocol},
                 {"device_serial", h->device.serial},
                 {"device_model", h->device.model},
                 {"calibration_id", facts->calibration_id},
                 {"axes", "pressure(row, column, frame) in kPa; row 1 at the back, column 1 at the "
                          "left of the person standing on it"}};
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"pitch_x_mm", facts->grid.pitch_x_mm},
                   {"pitch_y_mm", facts->grid.pitch_y_mm},
                   {"rate_hz", h->rate_hz},
                   {"contact_threshold_kpa", facts->options->threshold_kpa},
                   {"min_force_n", facts->options->min_force_n},
                   {"first_frame_device_time_s", facts->first_s},
                   {"missing_frames", (double)(facts->last_number + 1 - facts->n_frames)}};
    enum { TEXTS = sizeof texts / sizeof texts[0], NUMBERS = sizeof numbers / sizeof numbers[0] };
    const char *names[TEXTS + NUMBERS];
    const uint32_t one[2] = {1, 1};
    struct text array = {0};
    for (int i = 0; i < TEXTS + NUMBERS; i++)
        names[i] = i < TEXTS ? texts[i].name : numbers[i - TEXTS].name;
    size_t begun = mat_array_begin(&array, MAT_CLASS_STRUCT, "info", one, 2);
    mat_field_names(&array, names, TEXTS + NUMBERS);
    for (int i = 0; i < TEXTS; i++)
        mat_words(&array, "", texts[i].text);
    for (int i = 0; i < NUMBERS; i++)
        mat_doubles(&array, "", &numbers[i].value, 1);
    mat_array_end(&array, begun, 0);
    return put(f, &array);
}

static int put_all(struct mat *f)
{
    return end_pressure(f) || put_series(f) || put_mask(f) || put_notes(f) || put_info(f) ||
           fflush(f->out);
}

static int mat_finish(void *context, int failed, struct problem *why)
{
    struct mat *f = context;
    if (!failed && f->series.n != f->facts->n_frames)
        failed = problem(why, PROBLEM_FAILED,
                         "the recording became shorter while it was exported; try again");
    else if (!failed && put_all(f))
        failed = problem(why, PROBLEM_FAILED,
                         "the MATLAB file cannot be written: disk full or no memory");
    mat_free(f);
    return failed ? -1 : 0;
}

const struct frame_format frame_format_mat = {.name = "mat",
                                              .bytes_max = MAT_ARRAY_BYTES_MAX - 4096,
                                              .begin = mat_begin,
                                              .frame = mat_frame,
                                              .annotation = mat_annotation,
                                              .finish = mat_finish};
