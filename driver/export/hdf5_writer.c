/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: the frames as one dataset, packed frame by frame, and beside them what is needed to use
 * them without this program. driver/export/README.md lists the datasets and attributes. */
#include "driver/export/frame_export.h"
#include "driver/export/frame_series_store.h"
#include "driver/export/hdf5_disk.h"
#include "driver/version.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFLATE_LEVEL 4
#define NOTES_CHUNK 64

struct hdf5 {
    const struct frame_export_facts *facts;
    struct problem *why;
    struct hdf5_disk disk;
    hid_t file, frames, notes, note_times, text;
    hsize_t n_notes;
    struct frame_series_store series;
    int failed; /* the library said no: no more is asked of it */
};

/* --- The library's errors as ours --------------------------------------------------------------
 */

static herr_t keep_first(unsigned n, const H5E_error2_t *error, void *text)
{
    if (n == 0 && error->desc)
        snprintf(text, 120, "%s", error->desc);
    return 0;
}

/* Where a call of the library has failed: our sentence, once. */
static void fail(struct hdf5 *f, const char *what)
{
    char reason[120] = "no reason given";
    if (f->disk.error)
        snprintf(reason, sizeof reason, "%s", strerror(f->disk.error));
    if (!f->failed) {
        if (!f->disk.error)
            H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, reason);
        problem(f->why, PROBLEM_FAILED, "%s of the HDF5 file cannot be written: %s", what, reason);
    }
    f->failed = 1;
}

static hid_t checked(struct hdf5 *f, hid_t id, const char *what)
{
    if (id < 0)
        fail(f, what);
    return id;
}

static void close_space(hid_t space)
{
    if (space >= 0)
        H5Sclose(space);
}

/* --- Attributes and small datasets -------------------------------------------------------------
 */

static void put_attribute(struct hdf5 *f, hid_t at, const char *name, hid_t type, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        at < 0 || space < 0 ? -1 : H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
        fail(f, name);
    if (attribute >= 0)
        H5Aclose(attribute);
    close_space(space);
}

static void put_number(struct hdf5 *f, hid_t at, const char *name, double value)
{
    put_attribute(f, at, name, H5T_NATIVE_DOUBLE, &value);
}

static void put_text(struct hdf5 *f, hid_t at, const char *name, const char *value)
{
    put_attribute(f, at, name, f->text, &value);
}

/* A dataset of `rank` axes, packed in chunks; -1 and told when it cannot be made. */
static hid_t make_packed(struct hdf5 *f, const char *name, hid_t type, int rank,
                         const hsize_t *sizes, const hsize_t *most, const hsize_t *chunk)
{
    hid_t space = H5Screate_simple(rank, sizes, most), how = H5Pcreate(H5P_DATASET_CREATE);
    hid_t set = -1;
    if (space >= 0 && how >= 0 && H5Pset_chunk(how, rank, chunk) >= 0 && H5Pset_shuffle(how) >= 0 &&
        H5Pset_deflate(how, DEFLATE_LEVEL) >= 0)
        set = H5Dcreate2(f->file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    checked(f, set, name); /* closing would clear the reason */
    if (how >= 0)
        H5Pclose(how);
    close_space(space);
    return set;
}

static void put_whole(struct hdf5 *f, const char *name, hid_t type, int rank, const hsize_t *sizes,
                      const void *values, const char *units, const char *what)
{
    hid_t space = H5Screate_simple(rank, sizes, NULL);
    hid_t set = space < 0
                    ? -1
                    : H5Dcreate2(f->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (set < 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        fail(f, name);
    put_text(f, set, "units", units);
    put_text(f, set, "what", what);
    if (set >= 0)
        H5Dclose(set);
    close_space(space);
}

/* --- The file ----------------------------------------------------------------------------------
 */

static void put_facts(struct hdf5 *f)
{
    const struct frame_export_facts *facts = f->facts;
    const struct recording_header *h = facts->header;
    put_text(f, f->file, "schema", "tenderfoot/hdf5/1");
    put_text(f, f->file, "software", "tenderfoot " TENDERFOOT_VERSION);
    put_text(f, f->file, "recorded_by", h->software);
    put_text(f, f->file, "source", h->source);
    put_text(f, f->file, "created_utc", h->created_utc);
    put_text(f, f->file, "client", h->client);
    put_text(f, f->file, "protocol", h->protocol);
    put_text(f, f->file, "device_serial", h->device.serial);
    put_text(f, f->file, "device_model", h->device.model);
    put_text(f, f->file, "calibration_id", facts->calibration_id);
    put_number(f, f->file, "rate_hz", h->rate_hz);
    put_number(f, f->file, "first_frame_device_time_s", facts->first_s);
    put_number(f, f->file, "missing_frames", (double)(facts->last_number + 1 - facts->n_frames));
}

static void make_frames(struct hdf5 *f)
{
    const struct frame_export_facts *facts = f->facts;
    const struct grid *grid = &facts->grid;
    hsize_t sizes[3] = {facts->n_frames, (hsize_t)grid->rows, (hsize_t)grid->cols};
    hsize_t chunk[3] = {1, sizes[1], sizes[2]};
    f->frames = make_packed(f, "pressure", H5T_IEEE_F32LE, 3, sizes, NULL, chunk);
    put_text(f, f->frames, "units", "kPa");
    put_text(f, f->frames, "axes", "frame, row, column");
    put_text(
        f, f->frames, "frame_of_reference",
        "row 0 at the back, column 0 at the left of the person standing on it; cell (r, c) has "
        "its centre at x = (c + 0.5) pitch_x_mm to the right, y = (r + 0.5) pitch_y_mm to the "
        "front");
    put_number(f, f->frames, "pitch_x_mm", grid->pitch_x_mm);
    put_number(f, f->frames, "pitch_y_mm", grid->pitch_y_mm);
    put_number(f, f->frames, "rate_hz", facts->header->rate_hz);
    put_number(f, f->frames, "contact_threshold_kpa", facts->options->threshold_kpa);
    put_number(f, f->frames, "min_force_n", facts->options->min_force_n);
}

static void put_mask(struct hdf5 *f)
{
    const struct grid *grid = &f->facts->grid;
    hsize_t sizes[2] = {(hsize_t)grid->rows, (hsize_t)grid->cols};
    if (f->facts->no_sensor)
        put_whole(f, "no_sensor", H5T_NATIVE_UINT8, 2, sizes, f->facts->no_sensor, "1",
                  "1: no sensor there, or one that the calibration leaves out; it reads 0");
}

static void make_notes(struct hdf5 *f)
{
    hsize_t size = f->facts->n_annotations, chunk = size < NOTES_CHUNK ? size : NOTES_CHUNK;
    if (size == 0)
        return;
    f->notes = make_packed(f, "annotations", f->text, 1, &size, NULL, &chunk);
    f->note_times = make_packed(f, "annotation_time_s", H5T_NATIVE_DOUBLE, 1, &size, NULL, &chunk);
    put_text(f, f->notes, "units", "JSON");
    put_text(f, f->note_times, "units", "s");
}

static hid_t make_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0))
        return -1;
    return type;
}

static void hdf5_free(struct hdf5 *f)
{
    frame_series_store_free(&f->series);
    free(f);
}

static struct hdf5 *make(const struct frame_export_facts *facts, struct problem *why)
{
    struct hdf5 *f = calloc(1, sizeof *f);
    if (!f) {
        problem_no_memory(why, "an export");
        return NULL;
    }
    if (!frame_series_store_make(&f->series, facts, why))
        return f;
    hdf5_free(f);
    return NULL;
}

static int close_all(struct hdf5 *f)
{
    const hid_t sets[] = {f->frames, f->notes, f->note_times};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (sets[i] >= 0 && H5Dclose(sets[i]) < 0)
            fail(f, "a dataset");
    if (f->text >= 0)
        H5Tclose(f->text);
    if ((f->file >= 0 && H5Fclose(f->file) < 0) || f->disk.error)
        fail(f, "the end");
    return f->failed ? -1 : 0;
}

static void *hdf5_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                        struct problem *why)
{
    struct hdf5 *f = make(facts, why);
    (void)path;
    if (!f)
        return NULL;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it would print its whole stack on stderr */
    f->facts = facts;
    f->why = why;
    f->disk.fd = fileno(out);
    f->frames = f->notes = f->note_times = -1;
    f->text = make_text_type();
    f->file = checked(f, hdf5_disk_create(&f->disk), "the beginning");
    if (!f->failed) {
        put_facts(f);
        make_frames(f);
        put_mask(f);
        make_notes(f);
    }
    if (!f->failed)
        return f;
    close_all(f);
    hdf5_free(f);
    return NULL;
}

/* One element (or one frame) of a dataset. */
static void write_at(struct hdf5 *f, hid_t set, int rank, const hsize_t *at, const hsize_t *sizes,
                     hid_t type, const void *values, const char *what)
{
    hid_t inside = H5Dget_space(set), memory = H5Screate_simple(rank, sizes, NULL);
    if (inside < 0 || memory < 0 ||
        H5Sselect_hyperslab(inside, H5S_SELECT_SET, at, NULL, sizes, NULL) < 0 ||
        H5Dwrite(set, type, memory, inside, H5P_DEFAULT, values) < 0 || f->disk.error)
        fail(f, what);
    close_space(inside);
    close_space(memory);
}

static int hdf5_frame(void *context, uint64_t number, double time_s, const float *kpa,
                      struct problem *why)
{
    struct hdf5 *f = context;
    const struct grid *grid = &f->facts->grid;
    const hsize_t at[3] = {f->series.n, 0, 0};
    const hsize_t sizes[3] = {1, (hsize_t)grid->rows, (hsize_t)grid->cols};
    if (frame_series_store_add(&f->series, f->facts, number, time_s, kpa, why))
        return -1;
    write_at(f, f->frames, 3, at, sizes, H5T_NATIVE_FLOAT, kpa, "a frame");
    return f->failed ? -1 : 0;
}

static int hdf5_annotation(void *context, double time_s, const char *json, size_t n,
                           struct problem *why)
{
    struct hdf5 *f = context;
    const hsize_t at = f->n_notes, one = 1;
    char *text = malloc(n + 1);
    if (!text)
        return problem_no_memory(why, "an annotation");
    if (f->n_notes < f->facts->n_annotations) {
        memcpy(text, json, n);
        text[n] = 0;
        write_at(f, f->notes, 1, &at, &one, f->text, &text, "an annotation");
        write_at(f, f->note_times, 1, &at, &one, H5T_NATIVE_DOUBLE, &time_s, "an annotation");
        f->n_notes++;
    }
    free(text);
    return f->failed ? -1 : 0;
}

static void put_series(struct hdf5 *f)
{
    hsize_t size = f->series.n;
    for (int i = 0; i < FRAME_SERIES && !f->failed; i++)
        put_whole(f, frame_series_facts[i].name, H5T_NATIVE_DOUBLE, 1, &size, f->series.of[i],
                  frame_series_facts[i].units, frame_series_facts[i].what);
}

static int hdf5_finish(void *context, int failed, struct problem *why)
{
    struct hdf5 *f = context;
    struct problem ignored;
    f->why = failed ? &ignored : why; /* the first sentence is the one that counts */
    if (!failed)
        put_series(f);
    int bad = close_all(f);
    hdf5_free(f);
    return bad;
}

const struct frame_format frame_format_hdf5 = {.name = "hdf5",
                                               .begin = hdf5_begin,
                                               .frame = hdf5_frame,
                                               .annotation = hdf5_annotation,
                                               .finish = hdf5_finish};
