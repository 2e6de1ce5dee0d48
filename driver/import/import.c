/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/import.h"

#include "driver/import/import_notes.h"
#include "driver/recording_output.h"
#include "driver/version.h"
#include "firmware/wire/frame_codec.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WALK_CONTACT_MAX_S                                                                         \
    2.0 /* a step lasts 0.5 to 1.2 s; standing is recorded for many seconds */

struct format {
    const char *name, *source;
    importer *run;
};

#define FORMAT_NAMES "emed, asf, zebris, rsscan, footscan, npy, csv"
static const struct format formats[] = {
    {"emed", "import:emed-lst", import_emed_lst},
    {"npy", "import:npy", import_npy},
    {"asf", "import:tekscan-asf", import_asf},
    {"zebris", "import:zebris-text", import_zebris},
    {"rsscan", "import:rsscan-text", import_rolloff},
    {"footscan", "import:footscan-xls", import_footscan_xls},
    {"csv", "import:csv", import_csv_frames},
};

struct import {
    const struct import_options *options;
    const struct format *format;
    struct import_result *result;
    struct import_shape shape;
    /* First pass: force of each frame, for the longest contact. */
    double *force_n;
    uint32_t *seq;
    size_t n, cap;
    struct import_stated stated; /* of frame stated_seq */
    int64_t stated_seq;          /* -1 = of none */
    /* Second pass: */
    struct recording_output out;
    float *flipped;
    uint8_t *payload;
    size_t payload_cap;
};

/* --- Which format ----------------------------------------------------------------------------- */

static const struct format *format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    }
    return NULL;
}

/* Words that only files of one maker have near their beginning. */
static const struct format *text_format(const char *front)
{
    static const struct {
        const char *word, *format;
    } signs[] = {
        {"Pict-No", "emed"},        {"ASCII_DATA", "asf"},    {"SECONDS_PER_FRAME", "asf"},
        {"Frequency,Hz", "zebris"}, {"Platform {", "zebris"},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strcasestr(front, signs[i].word))
            return format_named(signs[i].format);
    for (const char *line = front; line; line = strchr(line, '\n'))
        if (rolloff_is_frame_line(line += *line == '\n'))
            return format_named("rsscan");
    for (const char *line = front; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (csv_frames_is_row(line, strlen(line)))
            return format_named("csv");
    }
    return NULL;
}

/* By content, never by the file's name. */
static const struct format *format_of(FILE *file)
{
    char front[8192];
    size_t n = fread(front, 1, sizeof front - 1, file);
    rewind(file);
    if (n >= 6 && !memcmp(front, "\x93NUMPY", 6))
        return format_named("npy");
    if (n >= 8 && !memcmp(front, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
        return format_named("footscan");
    for (size_t i = 0; i < n; i++) {
        if (!front[i])
            front[i] = ' ';
        else if (front[i] == '\r')
            front[i] = '\n';
    }
    front[n] = 0;
    return text_format(front);
}

static int is_zip(FILE *file)
{
    char front[4] = "";
    size_t n = fread(front, 1, sizeof front, file);
    rewind(file);
    return n == sizeof front && !memcmp(front, "PK\3\4", sizeof front);
}

static int feof_at_once(FILE *file)
{
    int first = fgetc(file);
    rewind(file);
    return first == EOF;
}

static int find_format(struct import *im, FILE *file, const char *path, struct problem *why)
{
    const char *named = im->options->format;
    im->format = named ? format_named(named) : format_of(file);
    if (im->format)
        return 0;
    if (!named && is_zip(file))
        return problem(
            why, PROBLEM_REFUSED,
            "%s is a zip archive (an .xlsx workbook is one, too): unpack it, or save it as "
            "text, and import the file that was in it",
            path);
    if (named)
        return problem(why, PROBLEM_USAGE, "there is no format '%s'; the formats are " FORMAT_NAMES,
                       named);
    if (feof_at_once(file))
        return problem(why, PROBLEM_REFUSED, "%s is empty", path);
    return problem(why, PROBLEM_REFUSED,
                   "%s is of none of the formats that can be imported (" FORMAT_NAMES
                   "); --as names one",
                   path);
}

/* --- First pass: is it whole, and what is in it ----------------------------------------------- */

static void keep_warning(void *context, const char *sentence)
{
    struct import_result *result = ((struct import *)context)->result;
    if (result->n_warnings < IMPORT_WARNINGS_MAX)
        snprintf(result->warnings[result->n_warnings++], sizeof result->warnings[0], "%s",
                 sentence);
}

static void ignore_warning(void *context, const char *sentence)
{
    (void)context;
    (void)sentence;
}

static int look_begin(void *context, const struct import_shape *shape, struct problem *why)
{
    struct import *im = context;
    (void)why;
    im->shape = *shape;
    return 0;
}

static int make_room(struct import *im, struct problem *why)
{
    if (im->n < im->cap)
        return 0;
    size_t cap = im->cap ? 2 * im->cap : 1024;
    double *force = realloc(im->force_n, cap * sizeof *force);
    if (force)
        im->force_n = force;
    uint32_t *seq = realloc(im->seq, cap * sizeof *seq);
    if (seq)
        im->seq = seq;
    if (!force || !seq)
        return problem_no_memory(why, "the frames' forces");
    im->cap = cap;
    return 0;
}

static int look_mask(void *context, const uint8_t *no_sensor, struct problem *why)
{
    struct import *im = context;
    (void)why;
    for (size_t i = 0; i < (size_t)im->shape.rows * (size_t)im->shape.cols; i++)
        im->result->no_sensor_cells += no_sensor[i] != 0;
    return 0;
}

static int look_stated(void *context, uint32_t seq, const struct import_stated *stated,
                       struct problem *why)
{
    struct import *im = context;
    (void)why;
    im->stated = *stated;
    im->stated_seq = seq;
    return 0;
}

/* Does the force that the maker states agree with the frame's? */
static void compare(struct import *im, uint32_t seq, double force_n)
{
    struct import_result *result = im->result;
    double stated_n = im->stated.force_n;
    if (im->stated_seq != (int64_t)seq || !isfinite(stated_n))
        return;
    double off = fabs(force_n - stated_n);
    result->stated_frames++;
    result->stated_max_force_n = fmax(result->stated_max_force_n, stated_n);
    if (off <= im->stated.force_doubt_n)
        return;
    result->contradicted_frames++;
    if (off <= result->largest_difference_n)
        return;
    result->largest_difference_n = off;
    result->largest_difference_s = seq / im->shape.rate_hz;
}

static int look_frame(void *context, uint32_t seq, const float *kpa, struct problem *why)
{
    struct import *im = context;
    size_t cells = (size_t)im->shape.rows * (size_t)im->shape.cols;
    double sum = 0, peak = im->result->peak_kpa;
    if (make_room(im, why))
        return -1;
    for (size_t i = 0; i < cells; i++) {
        sum += (double)kpa[i];
        peak = (double)kpa[i] > peak ? (double)kpa[i] : peak;
    }
    double force = sum * im->shape.pitch_x_mm * im->shape.pitch_y_mm * 1e-3;
    im->result->peak_kpa = peak;
    im->result->max_force_n = fmax(im->result->max_force_n, force);
    compare(im, seq, force);
    im->force_n[im->n] = force;
    im->seq[im->n++] = seq;
    return 0;
}

static double longest_contact_s(const struct import *im)
{
    double least = 0.1 * im->result->max_force_n;
    uint32_t longest = 0, from = 0;
    int in_contact = 0;
    for (size_t i = 0; i < im->n && least > 0; i++) {
        if (im->force_n[i] > least && !in_contact)
            from = im->seq[i];
        in_contact = im->force_n[i] > least;
        if (in_contact && im->seq[i] - from + 1 > longest)
            longest = im->seq[i] - from + 1;
    }
    return longest / im->shape.rate_hz;
}

static void warn_of_contradiction(struct import *im)
{
    const struct import_result *result = im->result;
    char text[160];
    if (!result->contradicted_frames)
        return;
    snprintf(text, sizeof text,
             "in %llu of %llu frames the force that the file states is not that of its pressures: "
             "by up to %.1f N, at %.2f s",
             (unsigned long long)result->contradicted_frames,
             (unsigned long long)result->stated_frames, result->largest_difference_n,
             result->largest_difference_s);
    keep_warning(im, text);
}

static int look(struct import *im, FILE *file, const char *path, struct problem *why)
{
    struct import_result *result = im->result;
    struct frame_sink sink = {.context = im,
                              .begin = look_begin,
                              .frame = look_frame,
                              .warn = keep_warning,
                              .mask = look_mask,
                              .stated = look_stated};
    im->stated_seq = -1;
    if (im->format->run(file, path, &im->options->hints, &sink, why))
        return -1;
    result->frames = im->n;
    result->missing = (uint64_t)im->seq[im->n - 1] + 1 - im->n;
    result->duration_s = ((double)im->seq[im->n - 1] + 1) / im->shape.rate_hz;
    result->longest_contact_s = longest_contact_s(im);
    warn_of_contradiction(im);
    return 0;
}

/* --- Second pass: write ----------------------------------------------------------------------- */

static uint64_t time_of(const struct import *im, uint32_t seq)
{
    return (uint64_t)llround((double)seq * 1e6 / im->shape.rate_hz);
}

/* Appends the annotation and frees it. */
static int write_note(struct import *im, uint32_t seq, char *json, struct problem *why)
{
    if (!json)
        return why->kind == PROBLEM_NONE ? 0 : -1;
    struct wire_message note = {.type = WIRE_ANNOTATION,
                                .device_time_us = time_of(im, seq),
                                .payload = (const uint8_t *)json,
                                .payload_len = (uint32_t)strlen(json)};
    int bad = recording_append_message(im->out.writer, &note, 0, why);
    free(json);
    return bad;
}

static int write_fact(void *context, const char *key, const char *value, struct problem *why)
{
    return write_note(context, 0, import_note_fact(key, value, why), why);
}

static int write_mask(void *context, const uint8_t *no_sensor, struct problem *why)
{
    struct import *im = context;
    int rows = im->shape.rows, cols = im->shape.cols;
    uint8_t *turned = malloc((size_t)rows * (size_t)cols);
    if (!turned)
        return problem_no_memory(why, "a frame");
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++)
            turned[row * cols + col] =
                no_sensor[(im->options->flip_rows ? rows - 1 - row : row) * cols +
                          (im->options->flip_cols ? cols - 1 - col : col)];
    char *note = import_note_mask(rows, cols, turned, why);
    free(turned);
    return write_note(im, 0, note, why);
}

static int write_stated(void *context, uint32_t seq, const struct import_stated *stated,
                        struct problem *why)
{
    struct import *im = context;
    struct import_stated turned = *stated;
    if (im->options->flip_rows)
        turned.cop_y_mm = im->shape.rows * im->shape.pitch_y_mm - turned.cop_y_mm;
    if (im->options->flip_cols)
        turned.cop_x_mm = im->shape.cols * im->shape.pitch_x_mm - turned.cop_x_mm;
    return write_note(im, seq, import_note_stated(&turned, why), why);
}

static int write_frame(void *context, uint32_t seq, const float *kpa, struct problem *why)
{
    struct import *im = context;
    const struct import_options *o = im->options;
    int rows = im->shape.rows, cols = im->shape.cols;
    for (int row = 0; row < rows; row++) {
        const float *from = kpa + (size_t)(o->flip_rows ? rows - 1 - row : row) * (size_t)cols;
        for (int col = 0; col < cols; col++)
            im->flipped[(size_t)row * (size_t)cols + (size_t)col] =
                from[o->flip_cols ? cols - 1 - col : col];
    }
    size_t n =
        frame_f32_encode(im->payload, im->payload_cap, (uint16_t)rows, (uint16_t)cols, im->flipped);
    if (n == 0)
        return problem(why, PROBLEM_REFUSED, "frame %u holds a value that is not a pressure", seq);
    struct wire_message frame = {
        .type = WIRE_FRAME_F32,
        .seq = seq,
        .device_time_us = time_of(im, seq),
        .payload = im->payload,
        .payload_len = (uint32_t)n,
    };
    return recording_append_message(im->out.writer, &frame, 0, why);
}

static int write_begin(void *context, const struct import_shape *shape, struct problem *why)
{
    const struct import *im = context;
    if (!memcmp(shape, &im->shape, sizeof *shape))
        return 0;
    return problem(why, PROBLEM_FAILED, "the file changed while it was imported; try again");
}

static const char *protocol_of(const struct import *im)
{
    if (im->options->protocol)
        return im->options->protocol;
    if (im->shape.protocol)
        return im->shape.protocol;
    return im->result->longest_contact_s < WALK_CONTACT_MAX_S && im->n > 1 ? "walk" : "stand";
}

/* The recording is as old as the file that it comes from: importing twice gives the same bytes. */
static void date_of(FILE *file, char *text, size_t n)
{
    struct stat st;
    struct tm utc = {0};
    if (fstat(fileno(file), &st) || !gmtime_r(&st.st_mtime, &utc))
        recording_header_now(text, n);
    else
        strftime(text, n, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static int fill_header(struct import *im, FILE *file, struct problem *why)
{
    struct recording_header *h = &im->result->header;
    const char *client = im->options->client ? im->options->client : "";
    if (strlen(client) >= sizeof h->client)
        return problem(why, PROBLEM_USAGE, "the client's label is longer than %zu bytes",
                       sizeof h->client - 1);
    *h = (struct recording_header){
        .software = "tenderfoot " TENDERFOOT_VERSION,
        .device = {.serial = "import"},
        .rows = im->shape.rows,
        .cols = im->shape.cols,
        .pitch_x_mm = im->shape.pitch_x_mm,
        .pitch_y_mm = im->shape.pitch_y_mm,
        .rate_hz = im->shape.rate_hz,
        .units = "kPa",
    };
    date_of(file, h->created_utc, sizeof h->created_utc);
    snprintf(h->source, sizeof h->source, "%s", im->format->source);
    snprintf(h->protocol, sizeof h->protocol, "%s", protocol_of(im));
    snprintf(h->client, sizeof h->client, "%s", client);
    return 0;
}

static int write_recording(struct import *im, FILE *file, const char *path, const char *to,
                           struct problem *why)
{
    struct frame_sink sink = {.context = im,
                              .begin = write_begin,
                              .frame = write_frame,
                              .warn = ignore_warning,
                              .mask = write_mask,
                              .stated = write_stated,
                              .fact = write_fact};
    size_t cells = (size_t)im->shape.rows * (size_t)im->shape.cols;
    im->payload_cap = 4 + 4 * cells;
    im->payload = malloc(im->payload_cap);
    im->flipped = malloc(cells * sizeof *im->flipped);
    if (!im->payload || !im->flipped)
        return problem_no_memory(why, "a frame");
    char *header = NULL;
    if (!fill_header(im, file, why))
        header = recording_header_format(&im->result->header, why);
    if (!header)
        return -1;
    int bad = recording_output_begin(&im->out, to, header, NULL, 0, why);
    free(header);
    if (bad)
        return -1;
    if (im->format->run(file, path, &im->options->hints, &sink, why)) {
        recording_output_abort(&im->out);
        return -1;
    }
    return recording_output_finish(&im->out, why);
}

static int import_stream(struct import *im, FILE *file, const char *path, const char *to,
                         struct problem *why)
{
    struct stat st;
    if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode))
        return problem(why, PROBLEM_REFUSED, "%s is not a regular file", path);
    if (find_format(im, file, path, why) || look(im, file, path, why))
        return -1;
    rewind(file);
    return write_recording(im, file, path, to, why);
}

int import_file(const char *path, const char *to, const struct import_options *options,
                struct import_result *result, struct problem *why)
{
    struct import im = {.options = options, .result = result};
    *result = (struct import_result){0};
    /* Not blocking, so that a FIFO of that name cannot hold us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    if (!file) {
        problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int bad = import_stream(&im, file, path, to, why);
    fclose(file);
    free(im.force_n);
    free(im.seq);
    free(im.flipped);
    free(im.payload);
    return bad;
}
