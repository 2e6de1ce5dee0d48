/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MATLAB's .mat, level 5, which MATLAB, Octave, SciPy and R read: pressure (rows x columns x
 * frames, single, kPa), the numbers of each frame, annotations, and a struct `info`.
 * driver/export/README.md lists them. A variable of level 5 is written whole, so all frames are in
 * memory here, and hold at most 2 GiB: longer recordings go into HDF5. */
#include "driver/export/frame_export.h"
#include "driver/export/frame_series_store.h"
#include "driver/version.h"

#include <matio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_5_BYTES_MAX INT32_MAX

struct note {
    double time_s;
    char *json;
};

struct mat {
    const struct frame_export_facts *facts;
    mat_t *file;
    float *pressure; /* frame after frame, each column by column, as MATLAB keeps matrices */
    struct frame_series_store series;
    struct note *notes;
    size_t n_notes;
};

static void mat_free(struct mat *f)
{
    for (size_t i = 0; i < f->n_notes; i++)
        free(f->notes[i].json);
    free(f->notes);
    free(f->pressure);
    frame_series_store_free(&f->series);
    if (f->file)
        Mat_Close(f->file);
    free(f);
}

static int check_size(const struct frame_export_facts *facts, struct problem *why)
{
    uint64_t frame = 4 * (uint64_t)grid_cells(&facts->grid);
    if (facts->n_frames <= (LEVEL_5_BYTES_MAX - 4096) / frame)
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "%llu frames are more than a MATLAB file of level 5 can hold (2 GiB); export "
                   "--as hdf5, which MATLAB reads with h5read",
                   (unsigned long long)facts->n_frames);
}

static int make_room(struct mat *f, struct problem *why)
{
    const struct frame_export_facts *facts = f->facts;
    f->pressure = calloc(facts->n_frames * grid_cells(&facts->grid), sizeof *f->pressure);
    f->notes = calloc(facts->n_annotations + 1, sizeof *f->notes);
    if (!f->pressure || !f->notes)
        return problem_no_memory(why, "all frames, which a MATLAB file wants at once");
    return frame_series_store_make(&f->series, facts, why);
}

static void *mat_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    (void)out;
    if (check_size(facts, why))
        return NULL;
    struct mat *f = calloc(1, sizeof *f);
    if (!f) {
        problem_no_memory(why, "an export");
        return NULL;
    }
    f->facts = facts;
    if (!make_room(f, why)) {
        /* A head of our own: the library's would hold the time of day. */
        f->file = Mat_CreateVer(path, "MATLAB 5.0 MAT-file, made by tenderfoot " TENDERFOOT_VERSION,
                                MAT_FT_MAT5);
        if (f->file)
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
    float *to = f->pressure + f->series.n * grid_cells(grid);
    if (frame_series_store_add(&f->series, f->facts, number, time_s, kpa, why))
        return -1;
    for (int c = 0; c < grid->cols; c++)
        for (int r = 0; r < grid->rows; r++)
            *to++ = kpa[r * grid->cols + c];
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

static int put_pressure(struct mat *f)
{
    const struct grid *grid = &f->facts->grid;
    size_t size[3] = {(size_t)grid->rows, (size_t)grid->cols, f->series.n};
    return put(f, Mat_VarCreate("pressure", MAT_C_SINGLE, MAT_T_SINGLE, 3, size, f->pressure,
                                MAT_F_DONT_COPY_DATA));
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

static int put_all(struct mat *f)
{
    int failed = put_pressure(f);
    for (int i = 0; !failed && i < FRAME_SERIES; i++)
        failed = put(f, column_of(frame_series_facts[i].name, f->series.of[i], f->series.n));
    return failed || put_mask(f) || put_notes(f) || put_info(f);
}

static int mat_finish(void *context, int failed, struct problem *why)
{
    struct mat *f = context;
    if (!failed && put_all(f)) {
        problem(why, PROBLEM_FAILED, "the MATLAB file cannot be written: disk full or no memory");
        failed = 1;
    }
    if (Mat_Close(f->file) && !failed) {
        problem(why, PROBLEM_FAILED, "the end of the MATLAB file cannot be written");
        failed = 1;
    }
    f->file = NULL;
    mat_free(f);
    return failed ? -1 : 0;
}

const struct frame_format frame_format_mat = {.name = "mat",
                                              .holds_all_frames = 1,
                                              .begin = mat_begin,
                                              .frame = mat_frame,
                                              .annotation = mat_annotation,
                                              .finish = mat_finish};
