/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB's .mat, level 5, which MATLAB, Octave, SciPy and R read: pressure (rows x columns x
 * frames, single, kPa), the numbers of each frame, annotations, and a struct `info`.
 * driver/export/README.md lists them.
 *
 * The library writes a variable only whole, so `pressure` is packed and written here, a frame at a
 * time (MathWorks, MAT-File Format, "Level 5 MAT-Files"): a column-major array that ends with the
 * frames is frame after frame. The library adds the other variables, which are small. Level 7.3 has
 * no bound of 2 GiB, but SciPy and R.matlab do not read it; longer recordings go into HDF5. */
#include "driver/export/frame_export.h"
#include "driver/export/frame_series_store.h"
#include "driver/version.h"

#include <matio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct note {
    double time_s;
    char *json;
};

struct mat {
    const struct frame_export_facts *facts;
    FILE *out;
    const char *path; /* of out, for the library */
    float *columns;   /* of one frame, as MATLAB keeps matrices */
    z_stream packed;
    int is_packing;
    mat_t *file;
    struct frame_series_store series;
    struct note *notes;
    size_t n_notes;
};

static void mat_free(struct mat *f)
{
    for (size_t i = 0; i < f->n_notes; i++)
        free(f->notes[i].json);
    free(f->notes);
    free(f->columns);
    if (f->is_packing)
        deflateEnd(&f->packed);
    frame_series_store_free(&f->series);
    if (f->file)
        Mat_Close(f->file);
    free(f);
}

/* --- Pressures, packed on their way -----------------------------------------------------------
 */

#define HEAD_TEXT 124 /* then version and byte order */

/* A head of our own: the library's holds the time of day. Numbers are in this machine's order,
 * which the last two bytes tell. */
static void put_head(FILE *out)
{
    char text[HEAD_TEXT + 1];
    const uint16_t version_and_order[2] = {0x0100, 'M' << 8 | 'I'};
    snprintf(text, sizeof text, "%-116s%8s",
             "MATLAB 5.0 MAT-file, made by tenderfoot " TENDERFOOT_VERSION, "");
    fwrite(text, 1, HEAD_TEXT, out);
    fwrite(version_and_order, 1, sizeof version_and_order, out);
}

/* An error of the disk stays in the stream; only deflate's own is given back. */
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

static uint32_t pressure_bytes(const struct mat *f)
{
    return (uint32_t)(4 * f->facts->n_frames * grid_cells(&f->facts->grid));
}

/* The array's tag, flags, size and name; each part is padded to 8 bytes. */
static int begin_pressure(struct mat *f)
{
    const uint32_t packed[2] = {MAT_T_COMPRESSED, 0}; /* its length is known at the end */
    const uint32_t n = pressure_bytes(f), padded = (n + 7) / 8 * 8;
    const struct grid *grid = &f->facts->grid;
    struct {
        uint32_t array[2], flags_tag[2], flags[2], size_tag[2], size[4], name_tag[2];
        char name[8];
        uint32_t values_tag[2];
    } head = {{MAT_T_MATRIX, 0},
              {MAT_T_UINT32, 8},
              {MAT_C_SINGLE, 0},
              {MAT_T_INT32, 12},
              {(uint32_t)grid->rows, (uint32_t)grid->cols, (uint32_t)f->facts->n_frames, 0},
              {MAT_T_INT8, sizeof head.name},
              {'p', 'r', 'e', 's', 's', 'u', 'r', 'e'},
              {MAT_T_SINGLE, n}};
    head.array[1] = (uint32_t)sizeof head - (uint32_t)sizeof head.array + padded;
    fwrite(packed, 1, sizeof packed, f->out);
    return pack(f, &head, sizeof head, Z_NO_FLUSH);
}

/* Then the length goes where it was left open, and the library finds a whole file. */
static int end_pressure(struct mat *f)
{
    const unsigned char zeros[8] = {0};
    const size_t padding = (8 - pressure_bytes(f) % 8) % 8;
    if (pack(f, zeros, padding, Z_FINISH))
        return -1;
    const uint32_t length = (uint32_t)f->packed.total_out;
    fseek(f->out, HEAD_TEXT + 4 + 4, SEEK_SET);
    fwrite(&length, 1, sizeof length, f->out);
    return fflush(f->out) || ferror(f->out) ? -1 : 0;
}

static int make_room(struct mat *f, struct problem *why)
{
    const struct frame_export_facts *facts = f->facts;
    f->columns = calloc(grid_cells(&facts->grid), sizeof *f->columns);
    f->notes = calloc(facts->n_annotations + 1, sizeof *f->notes);
    f->is_packing = deflateInit(&f->packed, Z_DEFAULT_COMPRESSION) == Z_OK;
    if (!f->columns || !f->notes || !f->is_packing)
        return problem_no_memory(why, "an export");
    return frame_series_store_make(&f->series, facts, why);
}

static void *mat_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    struct mat *f = calloc(1, sizeof *f);
    if (!f) {
        problem_no_memory(why, "an export");
        return NULL;
    }
    *f = (struct mat){.facts = facts, .out = out, .path = path};
    if (!make_room(f, why)) {
        put_head(out);
        if (!begin_pressure(f))
            return f;
        problem(why, PROBLEM_FAILED, "the beginning of the MATLAB file cannot be packed");
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
    if (f->n_notes >= f->facts->n_annotations)
        return 0; /* the recording grew */
    char *copy = malloc(n + 1);
    if (!copy)
        return problem_no_memory(why, "an annotation");
    memcpy(copy, json, n);
    copy[n] = 0;
    f->notes[f->n_notes++] = (struct note){time_s, copy};
    return 0;
}

/* --- Variables -------------------------------------------------------------------------------- */

static int put(struct mat *f, matvar_t *variable)
{
    int failed = !variable || Mat_VarWrite(f->file, variable, MAT_COMPRESSION_ZLIB);
    Mat_VarFree(variable);
    return failed;
}

static matvar_t *text_of(const char *name, const char *value)
{
    size_t size[2] = {*value != 0, strlen(value)};
    /* The library copies; it only lacks the const. */
    return Mat_VarCreate(name, MAT_C_CHAR, MAT_T_UTF8, 2, size, (void *)(uintptr_t)value, 0);
}

static matvar_t *column_of(const char *name, const double *values, size_t n)
{
    size_t size[2] = {n, 1};
    return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, size, (void *)(uintptr_t)values, 0);
}

static int put_mask(struct mat *f)
{
    const struct grid *grid = &f->facts->grid;
    size_t size[2] = {(size_t)grid->rows, (size_t)grid->cols};
    uint8_t *mask = calloc(grid_cells(grid), 1), *to = mask;
    if (!mask)
        return -1;
    for (int c = 0; f->facts->no_sensor && c < grid->cols; c++)
        for (int r = 0; r < grid->rows; r++)
            *to++ = f->facts->no_sensor[r * grid->cols + c];
    int failed = put(f, Mat_VarCreate("no_sensor", MAT_C_UINT8, MAT_T_UINT8, 2, size, mask, 0));
    free(mask);
    return failed;
}

static int put_notes(struct mat *f)
{
    size_t size[2] = {f->n_notes, 1};
    double *times = calloc(f->n_notes + 1, sizeof *times);
    matvar_t *cells = Mat_VarCreate("annotations", MAT_C_CELL, MAT_T_CELL, 2, size, NULL, 0);
    int failed = !times || !cells;
    for (size_t i = 0; !failed && i < f->n_notes; i++) {
        times[i] = f->notes[i].time_s;
        Mat_VarSetCell(cells, (int)i, text_of("", f->notes[i].json));
    }
    if (failed)
        Mat_VarFree(cells);
    else
        failed = put(f, cells) || put(f, column_of("annotation_time_s", times, f->n_notes));
    free(times);
    return failed;
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
    const char *names[TEXTS + NUMBERS + 1] = {NULL}; /* ends with NULL */
    size_t one[2] = {1, 1};
    for (int i = 0; i < TEXTS + NUMBERS; i++)
        names[i] = i < TEXTS ? texts[i].name : numbers[i - TEXTS].name;
    matvar_t *info = Mat_VarCreateStruct2("info", 2, one, names);
    for (int i = 0; info && i < TEXTS; i++)
        Mat_VarSetStructFieldByName(info, names[i], 0, text_of(names[i], texts[i].text));
    for (int i = 0; info && i < NUMBERS; i++)
        Mat_VarSetStructFieldByName(info, numbers[i].name, 0,
                                    column_of(numbers[i].name, &numbers[i].value, 1));
    return put(f, info);
}

static int put_the_others(struct mat *f)
{
    int failed = 0;
    f->file = Mat_Open(f->path, MAT_ACC_RDWR);
    if (!f->file)
        return -1;
    for (int i = 0; !failed && i < FRAME_SERIES; i++)
        failed = put(f, column_of(frame_series_facts[i].name, f->series.of[i], f->series.n));
    failed = failed || put_mask(f) || put_notes(f) || put_info(f);
    failed |= Mat_Close(f->file) != 0;
    f->file = NULL;
    return failed;
}

static int mat_finish(void *context, int failed, struct problem *why)
{
    struct mat *f = context;
    if (!failed && f->series.n != f->facts->n_frames)
        failed = problem(why, PROBLEM_FAILED,
                         "the recording became shorter while it was exported; try again");
    else if (!failed && (end_pressure(f) || put_the_others(f)))
        failed = problem(why, PROBLEM_FAILED,
                         "the MATLAB file cannot be written: disk full or no memory");
    mat_free(f);
    return failed ? -1 : 0;
}

const struct frame_format frame_format_mat = {.name = "mat",
                                              .bytes_max = INT32_MAX - 4096,
                                              .begin = mat_begin,
                                              .frame = mat_frame,
                                              .annotation = mat_annotation,
                                              .finish = mat_finish};
