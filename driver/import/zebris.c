/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The raw text of zebris plates (WinFDM), in the language of whoever exported it:
 *
 *     Application  trplatf                  a treadmill; statplat: a plate
 *     Frequency,Hz 100.000
 *     Time,ms  Position,m  Li Kraft,N  Re Kraft,N  Butterfly.force,N  Butterfly.x,mm  ...
 *     0        0.011       0.0         0.0         0.00               NaN             what is
 * stated
 *     ...
 *     Platform {
 *     Columns 128    Lines 56    Cell width,mm 8.47    Cell height,mm 8.46    Units N/cm^2 ...
 *
 *     Frame 1 {
 *     Time, ms 0.00
 *     Center of force (x99,y26)
 *             x1    x2   ...
 *     y1      0.00  0.00 ...
 *     }
 *
 * On a treadmill the columns run along the walk to the front and the lines from the right to the
 * left; on a plate the columns run to the right and the lines to the front. Both agree with the
 * forces that the files state for left and right. Plates of which the file says nothing are taken
 * to be walked along when they are longer that way. */
#include "driver/import/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST 16384
#define STATED_MOST 2000000
#define STATED_VALUE_MOST 1e6
#define TABLE_COLUMNS 16

/* What a column of the stated table holds. */
enum meaning { NOTHING, BELT, LEFT, RIGHT, TOTAL };

struct stated_row {
    float belt_m, left_n, right_n, total_n; /* NAN = not stated */
};

struct zebris {
    struct text_file text;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct picture *picture;
    struct import_shape shape;
    double columns, lines, width_mm, height_mm, rate_hz, frame_count;
    double size_doubt; /* share of a cell's area that the digits of its size leave open */
    enum import_units units;
    int is_treadmill, is_plate, turn, begun;
    long last_frame, odd_times;
    enum meaning meanings[TABLE_COLUMNS];
    int n_meanings;
    struct stated_row *stated;
    size_t n_stated, cap_stated;
    /* Of the frame being read: */
    long frame;
    double cof_x, cof_y; /* cells from 1; 0 = not stated */
};

/* --- What is stated of every frame ------------------------------------------------------------ */

static int begins(const char *text, const char *word)
{
    return !strncasecmp(text, word, strlen(word));
}

static enum meaning meaning_of(const char *title)
{
    if (begins(title, "Position"))
        return BELT;
    if (!strstr(title, ",N"))
        return NOTHING;
    if (begins(title, "Butterfly.force") || begins(title, "total") || begins(title, "gesamt"))
        return TOTAL;
    if (begins(title, "Li") || begins(title, "l ") || begins(title, "left"))
        return LEFT;
    if (begins(title, "Re") || begins(title, "r ") || begins(title, "right"))
        return RIGHT;
    return NOTHING;
}

static void read_titles(struct zebris *f)
{
    char *from = f->text.line;
    f->n_meanings = 0;
    while (from && f->n_meanings < TABLE_COLUMNS) {
        char *tab = strchr(from, '\t');
        if (tab)
            *tab = 0;
        f->meanings[f->n_meanings++] = meaning_of(from);
        from = tab ? tab + 1 : NULL;
    }
}

static int make_room(struct zebris *f)
{
    if (f->n_stated < f->cap_stated)
        return 0;
    if (f->n_stated >= STATED_MOST)
        return lines_refuse(&f->text, "fewer rows in the table of forces");
    size_t cap = f->cap_stated ? 2 * f->cap_stated : 1024;
    struct stated_row *larger = realloc(f->stated, cap * sizeof *larger);
    if (!larger)
        return problem_no_memory(f->text.why, "the stated forces");
    f->stated = larger;
    f->cap_stated = cap;
    return 0;
}

static void add(float *sum, double part)
{
    *sum = (float)(isnan(*sum) ? part : (double)*sum + part);
}

static int read_stated(struct zebris *f)
{
    struct stated_row row = {NAN, NAN, NAN, NAN};
    const char *at = f->text.line;
    if (make_room(f))
        return -1;
    for (int i = 0; i < f->n_meanings && at && *at; i++) {
        double value;
        const char *end = text_number(at, 1, &value, NULL);
        if (end && fabs(value) > STATED_VALUE_MOST)
            end = NULL; /* no force of a person */
        if (end && f->meanings[i] == BELT)
            row.belt_m = (float)value;
        else if (end && f->meanings[i] == LEFT)
            add(&row.left_n, value);
        else if (end && f->meanings[i] == RIGHT)
            add(&row.right_n, value);
        else if (end && f->meanings[i] == TOTAL)
            row.total_n = (float)value;
        const char *tab = strchr(at, '\t');
        at = tab ? tab + 1 : NULL;
    }
    f->stated[f->n_stated++] = row;
    return 0;
}

/* --- The head --------------------------------------------------------------------------------- */

/* The value behind a key and its tab, or NULL. */
static const char *value_of(const struct zebris *f, const char *key)
{
    const char *at = f->text.line;
    if (!begins(at, key))
        return NULL;
    at += strlen(key);
    if (*at == ',') /* "Frequency,Hz", and nothing but a unit */
        at += strcspn(at, "\t");
    return *at == '\t' || *at == ' ' ? at + 1 : NULL;
}

static int read_value(struct zebris *f, const char *key, double least, double most, double *value)
{
    double number;
    int decimals = 0;
    const char *at = value_of(f, key);
    if (!at)
        return 0;
    if (!text_number(at, 1, &number, &decimals) || !(number >= least && number <= most))
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: line %ld: expected a number from %g to %g after '%s'", f->text.name,
                       f->text.number, least, most, key);
    if (begins(key, "Cell"))
        f->size_doubt += 0.5 * pow(10, -decimals) / number;
    *value = number;
    return 0;
}

static int tell_fact(const struct zebris *f)
{
    static const char *const kept[] = {"Record", "Application", "Creation date"};
    for (size_t i = 0; f->sink->fact && i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = value_of(f, kept[i]);
        if (value && f->sink->fact(f->sink->context, kept[i], value, f->text.why))
            return -1;
    }
    return 0;
}

static int read_head_line(struct zebris *f)
{
    const char *at;
    if ((at = value_of(f, "Application"))) {
        f->is_treadmill = begins(at, "tr");
        f->is_plate = begins(at, "stat");
    }
    if ((at = value_of(f, "Units")) && f->units == IMPORT_UNITS_AS_FILE) {
        f->units = import_units_named(at);
        if (f->units == IMPORT_UNITS_AS_FILE)
            return lines_refuse(&f->text, "Units N/cm^2 or kPa (--units names them)");
    }
    return read_value(f, "Columns", 1, PICTURE_SIDE, &f->columns) ||
           read_value(f, "Lines", 1, PICTURE_SIDE, &f->lines) ||
           read_value(f, "Cell width", 0.5, 50, &f->width_mm) ||
           read_value(f, "Cell height", 0.5, 50, &f->height_mm) ||
           read_value(f, "Frequency", 1e-3, 1e4, &f->rate_hz) ||
           read_value(f, "Frame count", 0, 1e9, &f->frame_count) || tell_fact(f);
}

static int is_frame_line(const char *line)
{
    return begins(line, "Frame ") && isdigit((unsigned char)line[6]) && strchr(line, '{');
}

/* Up to the line of the first frame. */
static int read_head(struct zebris *f)
{
    int got, in_table = 0;
    while ((got = lines_next(&f->text)) > 0) {
        const char *line = f->text.line;
        if (is_frame_line(line))
            return 0;
        if (begins(line, "Time,ms")) {
            read_titles(f);
            in_table = 1;
        } else if (in_table && isdigit((unsigned char)*line)) {
            if (read_stated(f))
                return -1;
        } else if (*line && !begins(line, "Calibr")) {
            in_table = 0;
            if (read_head_line(f))
                return -1;
        }
    }
    return got < 0 ? -1 : lines_refuse(&f->text, "'Frame 1 {' after 'Platform {'");
}

static int take_hints(struct zebris *f)
{
    const struct import_hints *said = f->hints;
    int along = !f->is_plate && (f->is_treadmill || f->columns > f->lines);
    f->turn = along ? PICTURE_SWAP | PICTURE_COLS : PICTURE_AS_PRINTED;
    f->shape.rows = (int)(along ? f->columns : f->lines);
    f->shape.cols = (int)(along ? f->lines : f->columns);
    f->shape.pitch_x_mm = said->pitch_x_mm > 0 ? said->pitch_x_mm
                          : along              ? f->height_mm
                                               : f->width_mm;
    f->shape.pitch_y_mm = said->pitch_y_mm > 0 ? said->pitch_y_mm
                          : along              ? f->width_mm
                                               : f->height_mm;
    f->shape.rate_hz = said->rate_hz > 0 ? said->rate_hz : f->rate_hz;
    if (!(f->columns > 0 && f->lines > 0))
        return lines_refuse(&f->text, "'Columns' and 'Lines' of the platform before the frames");
    if (!(f->shape.pitch_x_mm > 0 && f->shape.pitch_y_mm > 0))
        return lines_refuse(&f->text, "'Cell width,mm' and 'Cell height,mm' before the frames, or "
                                      "--pitch");
    if (!(f->shape.rate_hz > 0))
        return lines_refuse(&f->text, "'Frequency' before the frames, or --rate");
    if (f->units == IMPORT_UNITS_AS_FILE)
        f->units = IMPORT_N_PER_CM2;
    f->shape.protocol = f->is_treadmill ? "walk" : NULL;
    f->picture->cols = (int)f->columns;
    f->picture->rows = (int)f->lines;
    return f->sink->begin(f->sink->context, &f->shape, f->text.why);
}

/* --- Frames ----------------------------------------------------------------------------------- */

static int read_frame_number(struct zebris *f)
{
    double number;
    if (!text_number(f->text.line + 6, 0, &number, NULL) || number > 1e9 ||
        (f->frame = (long)number) <= f->last_frame)
        return lines_refuse(&f->text, "frames in rising order (one exercise a file)");
    f->cof_x = f->cof_y = 0;
    picture_begin(f->picture);
    return 0;
}

static void read_cof(struct zebris *f)
{
    const char *x = strchr(f->text.line, 'x'), *y = strchr(f->text.line, 'y');
    double column, line;
    if (x && y && text_number(x + 1, 0, &column, NULL) && text_number(y + 1, 0, &line, NULL) &&
        column >= 1 && column <= f->columns && line >= 1 && line <= f->lines) {
        f->cof_x = column;
        f->cof_y = line;
    }
}

/* A frame whose own time is not where its number puts it. */
static void read_time(struct zebris *f, const char *at)
{
    double ms;
    if (text_number(at, 1, &ms, NULL) &&
        fabs(ms - (double)(f->frame - 1) * 1000 / f->shape.rate_hz) > 600 / f->shape.rate_hz + 1)
        f->odd_times++;
}

static int read_frame_line(struct zebris *f)
{
    const char *line = f->text.line, *at;
    if (*line == 'y' && isdigit((unsigned char)line[1])) {
        for (at = line + 1; isdigit((unsigned char)*at); at++)
            ;
        if (strtol(line + 1, NULL, 10) != f->picture->n_rows + 1)
            return lines_refuse(&f->text, "the lines of a frame in their order, y1 first");
        return picture_row(f->picture, &f->text, at + (*at == '\t'), '\t');
    }
    if (begins(line, "Center of force"))
        read_cof(f);
    else if (begins(line, "Time") && (at = strchr(line, '\t')))
        read_time(f, at + 1);
    return 0;
}

/* What is stated of the frame, on the plate as it is given out. */
static struct import_stated stated_of(const struct zebris *f)
{
    struct import_stated stated = IMPORT_STATED_NOTHING;
    size_t i = (size_t)(f->frame - 1);
    if (f->frame >= 1 && i < f->n_stated) {
        const struct stated_row *row = &f->stated[i];
        stated.belt_m = (double)row->belt_m;
        stated.left_force_n = (double)row->left_n;
        stated.right_force_n = (double)row->right_n;
        stated.force_n =
            isnan(row->total_n) ? (double)row->left_n + (double)row->right_n : (double)row->total_n;
        stated.force_doubt_n = 0.2 + f->size_doubt * stated.force_n;
    }
    if (f->cof_x > 0) {
        double front = f->turn ? f->cof_x : f->cof_y;
        double right = f->turn ? f->lines + 1 - f->cof_y : f->cof_x;
        stated.cop_x_mm = (right - 0.5) * f->shape.pitch_x_mm;
        stated.cop_y_mm = (front - 0.5) * f->shape.pitch_y_mm;
    }
    return stated;
}

static int end_frame(struct zebris *f)
{
    const struct frame_sink *sink = f->sink;
    uint32_t seq = (uint32_t)(f->frame - 1);
    struct import_stated stated = stated_of(f);
    if (picture_end(f->picture, &f->text))
        return -1;
    f->last_frame = f->frame;
    picture_kpa(f->picture, f->turn, f->units, f->shape.pitch_x_mm * f->shape.pitch_y_mm);
    if (sink->stated && sink->stated(sink->context, seq, &stated, f->text.why))
        return -1;
    return sink->frame(sink->context, seq, f->picture->kpa, f->text.why);
}

/* From behind 'Frame N {' to '}'. */
static int read_frame(struct zebris *f)
{
    int got;
    while ((got = lines_next(&f->text)) > 0) {
        if (f->text.line[0] == '}')
            return end_frame(f);
        if (is_frame_line(f->text.line))
            break;
        if (read_frame_line(f))
            return -1;
    }
    return got < 0 ? -1
                   : lines_refuse(&f->text, "'}' at the end of the frame: the file is cut off");
}

static int read_frames(struct zebris *f)
{
    int got = 1;
    while (got > 0) {
        if (read_frame_number(f) || read_frame(f))
            return -1;
        while ((got = lines_next(&f->text)) > 0 && !is_frame_line(f->text.line))
            if (f->text.line[0] == 'y' && isdigit((unsigned char)f->text.line[1]))
                return lines_refuse(&f->text, "'Frame N {' before the lines of a frame");
    }
    if (got == 0 && (double)f->last_frame < f->frame_count)
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: line %ld: expected %g frames ('Frame count'); the last one is %ld: the "
                       "file is cut off",
                       f->text.name, f->text.number, f->frame_count, f->last_frame);
    return got;
}

static int read_all(struct zebris *f)
{
    char text[120];
    if (read_head(f) || take_hints(f) || read_frames(f))
        return -1;
    if (f->odd_times) {
        snprintf(text, sizeof text,
                 "%ld frames state a time that is not their number over the frame rate",
                 f->odd_times);
        f->sink->warn(f->sink->context, text);
    }
    return 0;
}

int import_zebris(FILE *file, const char *name, const struct import_hints *hints,
                  const struct frame_sink *sink, struct problem *why)
{
    struct zebris f = {.text = {.file = file, .name = name, .why = why, .most = LINE_MOST},
                       .hints = hints,
                       .sink = sink,
                       .units = hints->units};
    f.picture = picture_create(why);
    int result = f.picture ? read_all(&f) : -1;
    free(f.picture);
    free(f.stated);
    lines_free(&f.text);
    return result;
}
