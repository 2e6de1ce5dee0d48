/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSscan's "Entire Plate Roll Off" and footscan's "Dynamic Roll off", in the language of whoever
 * exported them, as text or as an .xls workbook (xls_text.c makes text of it):
 *
 *     Dynamic Roll offfor measurement: Barefoot_2          lines of a head, or none
 *     Scanning speed; for the left foot: 0.00 Hertz, for the right foot: 500.00 Hertz
 *     Right foot data
 *     Rectangle bottom                                     where the window lies, in cells
 *     6
 *     Frame 0 (0.00 ms)                                    Beeld, Bild ...
 *     0.0  0.8  1.6 ...                                    N per sensor, heel at the top
 *     (empty line)
 *
 * The size of a sensor is not told: it is 5.08 x 7.62 mm in all these plates. Nor is the rate of
 * the frames where there is no head: a first reading looks at the frames' times. Where the frames
 * begin anew there is another part (another step, the other foot). */
#include "driver/import/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST 16384
#define SENSOR_X_MM 5.08
#define SENSOR_Y_MM 7.62
#define TIME_STEP_MS 0.01 /* times are printed to this step */

struct frame_line {
    long number;
    double ms;
};

/* One part as the first reading saw it. */
struct part {
    struct frame_line first, last;
    long n;
};

struct rolloff {
    struct text_file text;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct picture *picture;
    struct import_shape shape;
    enum import_units units;
    struct part part; /* the one that is imported */
    int parts, wanted;
    long odd_times;
    char title[80]; /* of the part: "Right foot data" */
};

/* "Frame 12 (95.24 ms)" in any language: a word, a number, a time. */
static int read_frame_line(const char *at, struct frame_line *line)
{
    double number, ms;
    const char *word = at;
    while (isalpha((unsigned char)*at) || (unsigned char)*at >= 0x80)
        at++;
    if (at == word || *at != ' ')
        return 0;
    at += strspn(at, " ");
    if (!isdigit((unsigned char)*at) || !(at = text_number(at, 0, &number, NULL)))
        return 0;
    at += strspn(at, " ");
    if (*at != '(' || !(at = text_number(at + 1, 1, &ms, NULL)) || number > 1e9)
        return 0;
    at += strspn(at, " ");
    if (strncasecmp(at, "ms", 2) || !(ms >= 0))
        return 0;
    *line = (struct frame_line){(long)number, ms};
    return 1;
}

int rolloff_is_frame_line(const char *line)
{
    struct frame_line read;
    return read_frame_line(line, &read);
}

/* --- First reading: how many parts, and how fast ---------------------------------------------- */

static int look(struct rolloff *f)
{
    struct frame_line line;
    struct part part = {0};
    int got;
    while ((got = lines_next(&f->text)) > 0) {
        if (!read_frame_line(f->text.line, &line))
            continue;
        if (part.n == 0 || line.number <= part.last.number) {
            f->parts++;
            part = (struct part){.first = line};
        }
        part.last = line;
        part.n++;
        if (f->parts == f->wanted)
            f->part = part;
    }
    if (got < 0)
        return -1;
    if (f->parts == 0)
        return lines_refuse(&f->text, "'Frame 0 (0.00 ms)' and its table; the file has no frame");
    if (f->parts < f->wanted)
        return problem(f->text.why, PROBLEM_USAGE, "%s holds %d parts; there is no part %d",
                       f->text.name, f->parts, f->wanted);
    return 0;
}

/* Frames a second by the times of the first and the last frame; a whole number where that is
 * within what the times are printed to. */
static double rate_of(const struct part *part)
{
    double ms = part->last.ms - part->first.ms;
    double n = (double)(part->last.number - part->first.number);
    if (!(n > 0 && ms > 0))
        return n > 0 ? 0 : 100; /* one frame: any rate says the same */
    double rate = n * 1000 / ms;
    return fabs(rate - round(rate)) <= rate * TIME_STEP_MS / ms ? round(rate) : rate;
}

static int take_hints(struct rolloff *f)
{
    const struct import_hints *said = f->hints;
    int is_told = said->pitch_x_mm > 0;
    f->shape.pitch_x_mm = is_told ? said->pitch_x_mm : SENSOR_X_MM;
    f->shape.pitch_y_mm = is_told ? said->pitch_y_mm : SENSOR_Y_MM;
    f->shape.rate_hz = said->rate_hz > 0 ? said->rate_hz : rate_of(&f->part);
    if (f->units == IMPORT_UNITS_AS_FILE)
        f->units = IMPORT_N;
    if (!(f->shape.rate_hz >= 1e-3 && f->shape.rate_hz <= 1e4))
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: expected times of the frames that rise from %g ms to more than %g ms; "
                       "--rate tells the frames a second",
                       f->text.name, f->part.first.ms, f->part.last.ms);
    return 0;
}

/* --- Second reading ----------------------------------------------------------------------------
 */

static int begins(const char *text, const char *word)
{
    return !strncasecmp(text, word, strlen(word));
}

/* A line of the head or between parts. The person's name is not kept. */
static int read_head_line(struct rolloff *f)
{
    const char *line = f->text.line;
    const struct frame_sink *sink = f->sink;
    if (strcasestr(line, "foot data"))
        snprintf(f->title, sizeof f->title, "%s", line);
    if (!sink->fact)
        return 0;
    if (strcasestr(line, "for measurement"))
        return sink->fact(sink->context, "measurement", line, f->text.why);
    if (begins(line, "Measurement done"))
        return sink->fact(sink->context, "date", line, f->text.why);
    if (begins(line, "Scanning speed"))
        return sink->fact(sink->context, "scanning_speed", line, f->text.why);
    return 0;
}

/* "Rectangle left", whose number is on the line below: the key of a side that we know, else empty.
 */
static void read_rectangle(const char *line, char *key, size_t size)
{
    static const char *const sides[] = {"bottom", "left", "width", "height"};
    const char *word = line + strlen("Rectangle ");
    *key = 0;
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        if (!strcasecmp(word, sides[i]))
            snprintf(key, size, "rectangle_%s", sides[i]);
}

/* A line before the first frame of the part that is wanted. The side's number, where the line
 * above named a side (key), is kept when it is that part's. */
static int read_line_between(struct rolloff *f, char *key, size_t size, int is_kept)
{
    const char *line = f->text.line;
    int is_number = *key && isdigit((unsigned char)*line);
    if (is_number && is_kept && f->sink->fact &&
        f->sink->fact(f->sink->context, key, line, f->text.why))
        return -1;
    *key = 0;
    if (begins(line, "Rectangle "))
        read_rectangle(line, key, size);
    else if (isalpha((unsigned char)*line))
        return read_head_line(f);
    return 0;
}

/* To the first frame of the part that is wanted: its line, or -1. Each line is looked at for a
 * frame, as the first reading did. */
static int find_part(struct rolloff *f, struct frame_line *line)
{
    char key[32] = "";
    int part = 0, got;
    long last = -1;
    while ((got = lines_next(&f->text)) > 0) {
        if (read_frame_line(f->text.line, line)) {
            part += part == 0 || line->number <= last;
            last = line->number;
            *key = 0;
            if (part == f->wanted)
                return 0;
        } else if (read_line_between(f, key, sizeof key, part == f->wanted - 1)) {
            return -1;
        }
    }
    return got < 0 ? -1 : lines_refuse(&f->text, "the same frames as a moment ago");
}

/* Rows up to an empty line, the next frame or the end: as lines_next. */
static int read_rows(struct rolloff *f)
{
    struct frame_line next;
    int got;
    picture_begin(f->picture);
    while ((got = lines_next(&f->text)) > 0 && f->text.length) {
        const char *line = f->text.line;
        if (read_frame_line(line, &next))
            break;
        if (picture_row(f->picture, &f->text, line, text_separator(line)))
            return -1;
    }
    return got < 0 || picture_end(f->picture, &f->text) ? -1 : got;
}

static int take_frame(struct rolloff *f, const struct frame_line *line)
{
    const struct frame_sink *sink = f->sink;
    double wanted_ms = (double)(line->number - f->part.first.number) * 1000 / f->shape.rate_hz;
    if (line->number == f->part.first.number) {
        f->shape.rows = f->picture->rows;
        f->shape.cols = f->picture->cols;
        if (sink->begin(sink->context, &f->shape, f->text.why))
            return -1;
    }
    f->odd_times += fabs(line->ms - f->part.first.ms - wanted_ms) > 500 / f->shape.rate_hz;
    picture_kpa(f->picture, PICTURE_AS_PRINTED, f->units,
                f->shape.pitch_x_mm * f->shape.pitch_y_mm);
    return sink->frame(sink->context, (uint32_t)(line->number - f->part.first.number),
                       f->picture->kpa, f->text.why);
}

/* Is the line where a frame ended, or one behind it, the next frame of the part? 1, 0 when the part
 * or the file is over, -1. */
static int find_frame(struct rolloff *f, int got, long last, struct frame_line *line)
{
    for (; got > 0; got = lines_next(&f->text)) {
        if (!f->text.length)
            continue;
        if (read_frame_line(f->text.line, line))
            return line->number > last;
        if (!isalpha((unsigned char)f->text.line[0]))
            return lines_refuse(&f->text, "'Frame' and a number and a time in ms before a table");
        if (f->wanted < f->parts)
            return 0; /* the head of the next part */
    }
    return got;
}

static int read_frames(struct rolloff *f)
{
    struct frame_line line = {0};
    long n = 0;
    int got = find_part(f, &line) ? -1 : 1;
    while (got > 0) {
        got = read_rows(f);
        if (got < 0 || take_frame(f, &line))
            return -1;
        n++;
        got = find_frame(f, got, line.number, &line);
    }
    if (got == 0 && n != f->part.n)
        return lines_refuse(&f->text, "nothing between the frames of one part");
    return got;
}

static void warn(const struct rolloff *f)
{
    const struct frame_sink *sink = f->sink;
    char text[240];
    if (!(f->hints->pitch_x_mm > 0))
        sink->warn(sink->context, "the file does not tell the size of a sensor: 5.08 x 7.62 mm, "
                                  "that of all footscan plates, is taken; --pitch tells another");
    if (f->parts > 1) {
        snprintf(text, sizeof text,
                 "the file holds %d parts (steps or feet); this is part %d%s%s%s: --part names "
                 "another",
                 f->parts, f->wanted, *f->title ? " (" : "", f->title, *f->title ? ")" : "");
        sink->warn(sink->context, text);
    }
    if (f->odd_times) {
        snprintf(text, sizeof text,
                 "%ld frames state a time that is not their number over the frame rate",
                 f->odd_times);
        sink->warn(sink->context, text);
    }
}

static int read_all(struct rolloff *f)
{
    if (look(f) || take_hints(f))
        return -1;
    rewind(f->text.file);
    f->text.number = 0;
    if (read_frames(f))
        return -1;
    warn(f);
    return 0;
}

int import_rolloff(FILE *file, const char *name, const struct import_hints *hints,
                   const struct frame_sink *sink, struct problem *why)
{
    struct rolloff f = {.text = {.file = file, .name = name, .why = why, .most = LINE_MOST},
                        .hints = hints,
                        .sink = sink,
                        .units = hints->units,
                        .wanted = hints->part > 0 ? hints->part : 1};
    f.picture = picture_create(why);
    int result = f.picture ? read_all(&f) : -1;
    free(f.picture);
    lines_free(&f.text);
    return result;
}
