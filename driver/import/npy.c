/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/frame_sink.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX 65536u
#define FRAMES_MAX 100000000ll

struct npy {
    FILE *file;
    const char *name;
    const struct import_hints *hints;
    struct problem *why;
    char order; /* '<', '>' or '|' */
    char kind;  /* 'f', 'i', 'u' */
    int size;   /* bytes of one number */
    long long frames;
    struct import_shape shape;
};

static int refuse(const struct npy *f, const char *what)
{
    return problem(f->why, PROBLEM_REFUSED, "%s: %s", f->name, what);
}

/* --- The header: a Python dict as text -------------------------------------------------------- */

static const char *skip_space(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* The value that follows 'key': in the dict, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    char quoted[32];
    for (const char *quote = "'\""; *quote; quote++) {
        snprintf(quoted, sizeof quoted, "%c%s%c", *quote, key, *quote);
        const char *at = strstr(header, quoted);
        if (!at)
            continue;
        at = skip_space(at + strlen(quoted));
        return *at == ':' ? skip_space(at + 1) : NULL;
    }
    return NULL;
}

static int read_descr(struct npy *f, const char *header)
{
    const char *at = value_of(header, "descr");
    if (!at || (*at != '\'' && *at != '"') || !strchr("<>|=", at[1]) || !at[1])
        return refuse(f, "the .npy header has no simple 'descr' such as '<f4'; structured arrays "
                         "cannot be imported");
    f->order = at[1] == '=' ? '<' : at[1];
    f->kind = at[2];
    f->size = isdigit((unsigned char)at[3]) ? at[3] - '0' : 0;
    int is_whole = at[3] && at[4] == at[0];
    int is_float = f->kind == 'f' && (f->size == 4 || f->size == 8);
    int is_integer = (f->kind == 'i' || f->kind == 'u') &&
                     (f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8);
    if (is_whole && (is_float || is_integer))
        return 0;
    return problem(f->why, PROBLEM_REFUSED,
                   "%s: numbers of type %.8s cannot be imported; save as float32, float64 or an "
                   "integer of 8 to 64 bits",
                   f->name, at);
}

static int read_order(struct npy *f, const char *header)
{
    const char *at = value_of(header, "fortran_order");
    if (at && !strncmp(at, "False", 5))
        return 0;
    if (at && !strncmp(at, "True", 4))
        return refuse(f, "the array is in Fortran order; save numpy.ascontiguousarray(frames)");
    return refuse(f, "the .npy header does not say 'fortran_order'");
}

/* (frames, rows, cols) or (rows, cols). */
static int read_shape(struct npy *f, const char *header)
{
    long long sizes[3];
    int n = 0;
    const char *at = value_of(header, "shape");
    if (!at || *at != '(')
        return refuse(f, "the .npy header has no 'shape'");
    for (at = skip_space(at + 1); *at != ')'; at = skip_space(at)) {
        char *end;
        long long size = strtoll(at, &end, 10);
        if (end == at || size < 0 || n == 3)
            return refuse(f, "the array must have 3 axes (frame, row, column) or 2 (row, column)");
        sizes[n++] = size;
        at = skip_space(end);
        at += *at == ',';
    }
    if (n < 2)
        return refuse(f, "the array must have 3 axes (frame, row, column) or 2 (row, column)");
    f->frames = n == 3 ? sizes[0] : 1;
    if (sizes[n - 2] < 1 || sizes[n - 2] > 256 || sizes[n - 1] < 1 || sizes[n - 1] > 256)
        return problem(f->why, PROBLEM_REFUSED,
                       "%s: frames of %lld x %lld cells; 1 to 256 a side can be imported", f->name,
                       sizes[n - 2], sizes[n - 1]);
    if (f->frames < 1 || f->frames > FRAMES_MAX)
        return refuse(f, f->frames < 1 ? "the array holds no frame" : "too many frames");
    f->shape.rows = (int)sizes[n - 2];
    f->shape.cols = (int)sizes[n - 1];
    return 0;
}

static int read_header_text(struct npy *f, char *header)
{
    unsigned char front[12];
    size_t n_length;
    if (fread(front, 1, 8, f->file) != 8 || memcmp(front, "\x93NUMPY", 6))
        return refuse(f, "not a .npy file (it must begin with \\x93NUMPY)");
    if (front[6] < 1 || front[6] > 3)
        return problem(f->why, PROBLEM_REFUSED, "%s: .npy version %u; 1 to 3 can be read", f->name,
                       (unsigned)front[6]);
    n_length = front[6] == 1 ? 2 : 4;
    if (fread(front, 1, n_length, f->file) != n_length)
        return refuse(f, "the file ends inside its .npy header");
    size_t length = 0;
    for (size_t i = 0; i < n_length; i++)
        length |= (size_t)front[i] << 8 * i;
    if (length >= HEADER_MAX)
        return refuse(f, "the .npy header is longer than 64 KiB");
    if (fread(header, 1, length, f->file) != length)
        return refuse(f, "the file ends inside its .npy header");
    header[length] = 0;
    return 0;
}

static int take_hints(struct npy *f)
{
    f->shape.pitch_x_mm = f->hints->pitch_x_mm;
    f->shape.pitch_y_mm = f->hints->pitch_y_mm;
    f->shape.rate_hz = f->hints->rate_hz;
    if (!(f->shape.pitch_x_mm > 0))
        return problem(f->why, PROBLEM_USAGE,
                       "%s: a .npy file does not tell the cells' size; say --pitch X[,Y] in mm",
                       f->name);
    if (!(f->shape.rate_hz > 0) && f->frames == 1)
        f->shape.rate_hz = 100; /* one picture: any rate says the same */
    if (!(f->shape.rate_hz > 0))
        return problem(f->why, PROBLEM_USAGE,
                       "%s: a .npy file does not tell the frame rate; say --rate HZ", f->name);
    return 0;
}

static int read_header(struct npy *f)
{
    char *header = malloc(HEADER_MAX);
    if (!header)
        return problem_no_memory(f->why, "a .npy header");
    int bad = read_header_text(f, header) || read_descr(f, header) || read_order(f, header) ||
              read_shape(f, header);
    free(header);
    return bad ? -1 : take_hints(f);
}

/* --- The numbers ------------------------------------------------------------------------------ */

static double float_of(const struct npy *f, uint64_t bits)
{
    float single;
    double wide;
    uint32_t low = (uint32_t)bits;
    if (f->size == 4) {
        memcpy(&single, &low, sizeof single);
        return (double)single;
    }
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static double number_at(const struct npy *f, const unsigned char *at)
{
    uint64_t bits = 0;
    for (int i = 0; i < f->size; i++)
        bits |= (uint64_t)at[f->order == '>' ? f->size - 1 - i : i] << 8 * i;
    if (f->kind == 'f')
        return float_of(f, bits);
    if (f->kind == 'u')
        return (double)bits;
    int unused = 64 - 8 * f->size; /* sign of the narrow integer */
    return (double)((int64_t)(bits << unused) >> unused);
}

static int convert(const struct npy *f, long long frame, const unsigned char *raw, float *kpa,
                   long long *negative)
{
    double cell_mm2 = f->shape.pitch_x_mm * f->shape.pitch_y_mm;
    size_t cells = (size_t)f->shape.rows * (size_t)f->shape.cols;
    for (size_t i = 0; i < cells; i++) {
        double value =
            import_kpa(f->hints->units, number_at(f, raw + i * (size_t)f->size), cell_mm2);
        if (!(fabs(value) < 1e9))
            return problem(f->why, PROBLEM_REFUSED,
                           "%s: frame %lld, row %zu, column %zu holds %g kPa: not a pressure",
                           f->name, frame, i / (size_t)f->shape.cols, i % (size_t)f->shape.cols,
                           value);
        *negative += value < 0;
        kpa[i] = (float)value;
    }
    return 0;
}

static int read_frames(const struct npy *f, const struct frame_sink *sink, unsigned char *raw,
                       float *kpa)
{
    size_t n = (size_t)f->shape.rows * (size_t)f->shape.cols * (size_t)f->size;
    long long negative = 0;
    for (long long i = 0; i < f->frames; i++) {
        if (fread(raw, 1, n, f->file) != n)
            return problem(f->why, PROBLEM_REFUSED,
                           "%s: the file ends inside frame %lld of %lld: it is cut off", f->name, i,
                           f->frames);
        if (convert(f, i, raw, kpa, &negative) ||
            sink->frame(sink->context, (uint32_t)i, kpa, f->why))
            return -1;
    }
    if (fgetc(f->file) != EOF)
        sink->warn(sink->context, "bytes follow after the array; they were left out");
    if (negative)
        sink->warn(sink->context, "some pressures are below 0; they are kept as they are");
    return 0;
}

int import_npy(FILE *file, const char *name, const struct import_hints *hints,
               const struct frame_sink *sink, struct problem *why)
{
    struct npy f = {.file = file, .name = name, .hints = hints, .why = why};
    if (read_header(&f) || sink->begin(sink->context, &f.shape, why))
        return -1;
    size_t cells = (size_t)f.shape.rows * (size_t)f.shape.cols;
    unsigned char *raw = malloc(cells * (size_t)f.size);
    float *kpa = malloc(cells * sizeof *kpa);
    int result = raw && kpa ? read_frames(&f, sink, raw, kpa) : problem_no_memory(why, "a frame");
    free(raw);
    free(kpa);
    return result;
}
