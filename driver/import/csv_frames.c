/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames as plain tables of numbers, parted by comma, semicolon, tab or blanks:
 *
 *   blocks      one table a frame, row 0 (the back) first; an empty line, or one that begins with a
 *               letter or '#', parts two frames. With --cells RxC they may stand without anything
 *               between them: each R rows are a frame.
 *   one row     with --cells RxC: each line is a whole frame, R * C numbers row by row; one number
 *   a frame     more at the beginning is the time in s, from which rate and gaps are told.
 *
 * An empty cell or 'B' is no sensor. The size of a cell and the rate are the user's to tell. */
#include "driver/import/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST (2 << 20)

struct csv {
    struct text_file text;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct picture *picture;
    struct import_shape shape;
    int is_one_row, has_time;
    /* Of the first reading: */
    long lines;
    double first_s, last_s;
    uint32_t seq;
    int64_t last_seq; /* -1 = none */
};

static int is_title(const char *line)
{
    return *line == '#' || *line == '"' || isalpha((unsigned char)*line) ? *line != 'B' : 0;
}

/* How many cells a line of numbers has; -1 when it is none. At most one more than `most`. */
static int count_cells(const char *line, int most)
{
    char separator = text_separator(line);
    double value;
    int n = 0;
    for (;; n++) {
        enum text_cell kind = text_cell(&line, separator, &value, NULL);
        if (kind == TEXT_BAD)
            return -1;
        if (kind == TEXT_END || n > most)
            return n;
    }
}

int csv_frames_is_row(const char *line, size_t n)
{
    char copy[4096];
    size_t length = 0;
    while (length < n && length + 1 < sizeof copy && line[length] && line[length] != '\n' &&
           line[length] != '\r')
        length++;
    if (length + 1 == sizeof copy) /* not within one number */
        while (length > 0 && (isalnum((unsigned char)line[length - 1]) || line[length - 1] == '.'))
            length--;
    memcpy(copy, line, length);
    copy[length] = 0;
    return count_cells(copy, (int)sizeof copy) >= 2;
}

/* --- First reading: what kind of table, and how fast ------------------------------------------ */

static int look_at_line(struct csv *f)
{
    int cells = f->hints->rows * f->hints->cols, n;
    double time;
    if (is_title(f->text.line))
        return 0;
    if (f->lines++ == 0) {
        n = count_cells(f->text.line, PICTURE_SIDE * PICTURE_SIDE + 1);
        f->is_one_row = cells > 0 && (n == cells || n == cells + 1);
        f->has_time = f->is_one_row && n == cells + 1;
        if (n > PICTURE_SIDE && !f->is_one_row)
            return problem(f->text.why, PROBLEM_REFUSED,
                           "%s: line %ld: %d numbers in a row: if that is a whole frame, say "
                           "--cells ROWSxCOLS",
                           f->text.name, f->text.number, n);
    }
    if (!f->has_time)
        return 0;
    const char *at = f->text.line;
    if (text_cell(&at, text_separator(at), &time, NULL) != TEXT_NUMBER)
        return lines_refuse(&f->text, "the time in s as the first number");
    if (f->lines == 1)
        f->first_s = time;
    f->last_s = time;
    return 0;
}

static int look(struct csv *f)
{
    int got;
    while ((got = lines_next_filled(&f->text)) > 0)
        if (look_at_line(f))
            return -1;
    if (got < 0)
        return -1;
    return f->lines ? 0 : lines_refuse(&f->text, "at least one row of numbers");
}

static int take_hints(struct csv *f)
{
    f->shape.pitch_x_mm = f->hints->pitch_x_mm;
    f->shape.pitch_y_mm = f->hints->pitch_y_mm;
    f->shape.rate_hz = f->hints->rate_hz;
    f->picture->rows = f->hints->rows;
    f->picture->cols = f->hints->cols;
    if (!(f->shape.pitch_x_mm > 0))
        return problem(f->text.why, PROBLEM_USAGE,
                       "%s: a table does not tell the cells' size; say --pitch X[,Y] in mm",
                       f->text.name);
    if (!(f->shape.rate_hz > 0) && f->has_time && f->lines > 1 && f->last_s > f->first_s) {
        /* Within what four digits of the times leave open, a whole number is meant. */
        double rate = (double)(f->lines - 1) / (f->last_s - f->first_s);
        f->shape.rate_hz = fabs(rate - round(rate)) < 1e-4 * rate ? round(rate) : rate;
    }
    return 0;
}

/* --- Second reading ----------------------------------------------------------------------------
 */

static int begin(struct csv *f)
{
    uint8_t mask[PICTURE_SIDE * PICTURE_SIDE];
    int is_alone = f->lines == f->picture->rows || (f->is_one_row && f->lines == 1);
    if (!(f->shape.rate_hz > 0) && is_alone)
        f->shape.rate_hz = 100; /* one picture: any rate says the same */
    if (!(f->shape.rate_hz >= 1e-3 && f->shape.rate_hz <= 1e4))
        return problem(f->text.why, PROBLEM_USAGE,
                       "%s: the table does not tell the frame rate; say --rate HZ", f->text.name);
    f->shape.rows = f->picture->rows;
    f->shape.cols = f->picture->cols;
    if (f->sink->begin(f->sink->context, &f->shape, f->text.why))
        return -1;
    if (!f->picture->n_no_sensor || !f->sink->mask)
        return 0;
    picture_mask(f->picture, PICTURE_AS_PRINTED, mask);
    return f->sink->mask(f->sink->context, mask, f->text.why);
}

static int end_frame(struct csv *f)
{
    if (f->picture->n_rows == 0)
        return 0;
    int is_first = f->picture->is_first;
    if (picture_end(f->picture, &f->text) || (is_first && begin(f)))
        return -1;
    picture_kpa(f->picture, PICTURE_AS_PRINTED, f->hints->units,
                f->shape.pitch_x_mm * f->shape.pitch_y_mm);
    picture_begin(f->picture);
    f->last_seq = f->seq;
    return f->sink->frame(f->sink->context, f->seq++, f->picture->kpa, f->text.why);
}

/* The frame that a time belongs to. */
static int take_time(struct csv *f, const char **at, char separator)
{
    double time;
    if (text_cell(at, separator, &time, NULL) != TEXT_NUMBER)
        return lines_refuse(&f->text, "the time in s as the first number");
    double rate = f->shape.rate_hz > 0 ? f->shape.rate_hz : 1;
    double seq = round((time - f->first_s) * rate);
    if (!(seq > (double)f->last_seq && seq < 1e9))
        return lines_refuse(&f->text, "a time later than that of the frame before");
    f->seq = (uint32_t)seq;
    return 0;
}

/* A line that is a whole frame: its cells, row by row, as the rows of a picture. */
static int read_whole_frame(struct csv *f)
{
    char separator = text_separator(f->text.line);
    const char *at = f->text.line;
    if (f->has_time && take_time(f, &at, separator))
        return -1;
    if (picture_cells(f->picture, &f->text, at, separator))
        return -1;
    return end_frame(f);
}

static int read_line(struct csv *f)
{
    struct picture *p = f->picture;
    if (is_title(f->text.line))
        return end_frame(f);
    if (f->is_one_row)
        return read_whole_frame(f);
    if (p->rows && f->hints->rows && p->n_rows == p->rows && end_frame(f))
        return -1;
    return picture_row(p, &f->text, f->text.line, text_separator(f->text.line));
}

static int read_frames(struct csv *f)
{
    int got;
    while ((got = lines_next(&f->text)) > 0)
        if (f->text.length ? read_line(f) : end_frame(f))
            return -1;
    if (got < 0 || end_frame(f))
        return -1;
    if (f->picture->n_negative)
        f->sink->warn(f->sink->context, "some pressures are below 0; they are kept as they are");
    return 0;
}

static int read_all(struct csv *f)
{
    f->picture->takes_negative = f->picture->takes_empty = 1;
    if (look(f) || take_hints(f))
        return -1;
    rewind(f->text.file);
    f->text.number = 0;
    return read_frames(f);
}

int import_csv_frames(FILE *file, const char *name, const struct import_hints *hints,
                      const struct frame_sink *sink, struct problem *why)
{
    struct csv f = {.text = {.file = file, .name = name, .why = why, .most = LINE_MOST},
                    .hints = hints,
                    .sink = sink,
                    .last_seq = -1};
    f.picture = picture_create(why);
    int result = f.picture ? read_all(&f) : -1;
    free(f.picture);
    lines_free(&f.text);
    return result;
}
