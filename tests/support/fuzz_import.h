/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one importer over bytes in memory and checks what it says: the harness of fuzz_lst,
 * fuzz_npy and their like. In a header because fuzz targets are linked from one file each. */
#ifndef TENDERFOOT_TESTS_FUZZ_IMPORT_H
#define TENDERFOOT_TESTS_FUZZ_IMPORT_H

#include "driver/import/frame_sink.h"
#include "driver/import/import_notes.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

struct fuzz_import {
    struct import_shape shape;
    int begun;
    int64_t last_seq;
};

static int fuzz_import_begin(void *context, const struct import_shape *shape, struct problem *why)
{
    struct fuzz_import *f = context;
    (void)why;
    if (f->begun++ || shape->rows < 1 || shape->rows > 256 || shape->cols < 1 ||
        shape->cols > 256 || !(shape->rate_hz > 0) || !(shape->pitch_x_mm > 0) ||
        !(shape->pitch_y_mm > 0))
        abort();
    f->shape = *shape;
    return 0;
}

static int fuzz_import_frame(void *context, uint32_t seq, const float *kpa, struct problem *why)
{
    struct fuzz_import *f = context;
    if (!f->begun || (int64_t)seq <= f->last_seq)
        abort();
    f->last_seq = seq;
    for (int i = 0; i < f->shape.rows * f->shape.cols; i++) {
        if (!isfinite(kpa[i]))
            abort();
    }
    /* A long file says nothing more: end it as a full disk would. */
    return seq < 5000 ? 0 : problem(why, PROBLEM_FAILED, "enough");
}

static int fuzz_import_mask(void *context, const uint8_t *no_sensor, struct problem *why)
{
    struct fuzz_import *f = context;
    int sensors = 0;
    (void)why;
    for (int i = 0; i < f->shape.rows * f->shape.cols; i++)
        sensors += !no_sensor[i];
    if (!f->begun || f->last_seq >= 0 || !sensors)
        abort();
    return 0;
}

static int fuzz_import_stated(void *context, uint32_t seq, const struct import_stated *stated,
                              struct problem *why)
{
    struct fuzz_import *f = context;
    char *note = import_note_stated(stated, why);
    if (!f->begun || (int64_t)seq <= f->last_seq || (!note && why->kind != PROBLEM_NONE))
        abort();
    free(note);
    return 0;
}

static int fuzz_import_fact(void *context, const char *key, const char *value, struct problem *why)
{
    char *note = import_note_fact(key, value, why);
    (void)context;
    if (!note)
        abort();
    free(note);
    return 0;
}

static void fuzz_import_warn(void *context, const char *sentence)
{
    (void)context;
    if (!*sentence)
        abort();
}

static inline void fuzz_import_file(importer *run, FILE *file, const struct import_hints *hints)
{
    struct fuzz_import f = {.last_seq = -1};
    struct frame_sink sink = {.context = &f,
                              .begin = fuzz_import_begin,
                              .frame = fuzz_import_frame,
                              .warn = fuzz_import_warn,
                              .mask = fuzz_import_mask,
                              .stated = fuzz_import_stated,
                              .fact = fuzz_import_fact};
    struct problem why = {0};
    int bad = run(file, "fuzz", hints, &sink, &why);
    if (bad ? why.kind == PROBLEM_NONE : !f.begun || f.last_seq < 0)
        abort();
}

static inline void fuzz_import_run(importer *run, const uint8_t *data, size_t n,
                                   const struct import_hints *hints)
{
    FILE *file = n > 0 ? fmemopen((void *)(uintptr_t)data, n, "rb") : NULL;
    if (!file)
        return;
    fuzz_import_file(run, file, hints);
    fclose(file);
}

#endif
