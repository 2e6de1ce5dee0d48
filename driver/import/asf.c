/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tekscan's ASCII movies, of F-Scan, MatScan, I-Scan and their kin, named .asf or .csv.
 *
 *     DATA_TYPE MOVIE
 *     ROWS 60
 *     COLS 21
 *     ROW_SPACING 5.08 mm                  or 0.127 centimeters, 0.2 inches
 *     SECONDS_PER_FRAME 0.032
 *     UNITS KPa                            or PSI, N/cm2 ...; raw is not pressure
 *     ASCII_DATA @@
 *
 *     Frame 1                              or Frame 1, 0,, 12/2/2019 6:21:52.34PM,,,Raw Sum=,,310
 *     B,B,0,0,17,...                       toes at the top; B: no sensor there
 *     ...
 *     @@
 *
 * A frame's number left out is a lost frame. MIRROR_ROW and MIRROR_COL say how the maker's program
 * shows the sensor; the table is taken as it is printed. */
#include "driver/import/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST 16384
#define HEAD_LINES_MOST 10000

struct asf {
    struct text_file text;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct picture *picture;
    struct import_shape shape;
    enum import_units units;
    double rows, cols, row_mm, col_mm, cell_mm2, frame_s, saturation, start, end;
    int is_raw, mirror_row, mirror_col, has_data;
    long first_frame, last_frame, saturated_frames;
};

/* --- The head --------------------------------------------------------------------------------- */

/* The value after a key that stands at the beginning of the line, or NULL. */
static const char *value_of(const struct asf *f, const char *key)
{
    const char *at = f->text.line;
    at += *at == '"';
    size_t n = strlen(key);
    if (strncasecmp(at, key, n) || isalnum((unsigned char)at[n]) || at[n] == '_')
        return NULL;
    for (at += n; *at && strchr(" \t,;:=\"", *at); at++)
        ;
    return at;
}

/* A positive number; the first one of a key counts, since a comment may hold the same word. */
static int read_value(struct asf *f, const char *key, double *value, const char **unit)
{
    double number;
    const char *at = value_of(f, key);
    if (!at || *value > 0)
        return 0;
    at = text_number(at, strchr(at, ',') && !strchr(at, '.'), &number, NULL);
    if (!at || !(number > 0))
        return problem(f->text.why, PROBLEM_REFUSED, "%s: line %ld: expected a number after %s",
                       f->text.name, f->text.number, key);
    *value = number;
    while (*at && strchr(" \t,;\"", *at))
        at++;
    if (unit)
        *unit = at;
    return 0;
}

static double mm_of(const char *unit)
{
    static const struct {
        const char *name;
        double mm;
    } known[] = {{"mm", 1}, {"millim", 1}, {"cm", 10}, {"centim", 10}, {"in", 25.4}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strncasecmp(unit, known[i].name, strlen(known[i].name)))
            return known[i].mm;
    return *unit ? 0 : 1;
}

static int read_length(struct asf *f, const char *key, double *mm)
{
    const char *unit = "";
    double had = *mm;
    if (read_value(f, key, mm, &unit))
        return -1;
    if (*mm == had)
        return 0;
    *mm *= mm_of(unit);
    if (*mm >= 0.5 && *mm <= 50)
        return 0;
    return problem(f->text.why, PROBLEM_REFUSED,
                   "%s: line %ld: expected %s from 0.5 to 50 mm (in mm, cm or inches)",
                   f->text.name, f->text.number, key);
}

static int read_area(struct asf *f)
{
    const char *unit = "";
    double had = f->cell_mm2;
    if (read_value(f, "SENSEL_AREA", &f->cell_mm2, &unit))
        return -1;
    if (f->cell_mm2 != had)
        f->cell_mm2 *= mm_of(unit) * mm_of(unit);
    return 0;
}

static void read_units(struct asf *f)
{
    const char *units = value_of(f, "UNITS");
    if (!units)
        return;
    f->is_raw = !strncasecmp(units, "raw", 3);
    if (f->units == IMPORT_UNITS_AS_FILE)
        f->units = import_units_named(units);
}

static int read_side(struct asf *f, const char *key, double *side)
{
    if (read_value(f, key, side, NULL))
        return -1;
    if (*side == 0 || (*side <= PICTURE_SIDE && *side == (int)*side))
        return 0;
    return problem(f->text.why, PROBLEM_REFUSED, "%s: line %ld: expected %s from 1 to %d",
                   f->text.name, f->text.number, key, PICTURE_SIDE);
}

static int tell_fact(const struct asf *f)
{
    static const char *const kept[] = {"VERSION",
                                       "HARDWARE",

                                       "SENSOR_TYPE",
                                       "TIME",
                                       "SENSITIVITY",
                                       "NOISE_THRESHOLD",
                                       "SATURATION_PRESSURE",
                                       "CALIBRATION_POINT_1",
                                       "CALIBRATION_POINT_2",
                                       "CALIBRATION_MODE_1",
                                       "UNITS",
                                       "MIRROR_ROW",
                                       "MIRROR_COL",
                                       "START_FRAME",
                                       "END_FRAME"};
    for (size_t i = 0; f->sink->fact && i < sizeof kept / sizeof kept[0]; i++) {
        const char *value = value_of(f, kept[i]);
        if (value && f->sink->fact(f->sink->context, kept[i], value, f->text.why))
            return -1;
    }
    return 0;
}

static int read_head_line(struct asf *f)
{
    const char *at;
    read_units(f);
    if ((at = value_of(f, "MIRROR_ROW")))
        f->mirror_row = *at == '1';
    if ((at = value_of(f, "MIRROR_COL")))
        f->mirror_col = *at == '1';
    return read_side(f, "ROWS", &f->rows) || read_side(f, "COLS", &f->cols) ||
           read_length(f, "ROW_SPACING", &f->row_mm) || read_length(f, "COL_SPACING", &f->col_mm) ||
           read_area(f) || read_value(f, "SECONDS_PER_FRAME", &f->frame_s, NULL) ||
           read_value(f, "SATURATION_PRESSURE", &f->saturation, NULL) ||
           read_value(f, "START_FRAME", &f->start, NULL) ||
           read_value(f, "END_FRAME", &f->end, NULL) || tell_fact(f);
}

static int is_frame_line(const struct text_file *text)
{
    return !strncasecmp(text->line, "Frame", 5) && (text->line[5] == ' ' || text->line[5] == '\t' ||
                                                    text->line[5] == ',' || text->line[5] == ':');
}

/* Up to ASCII_DATA and the first line of a frame. */
static int read_head(struct asf *f)
{
    int got;
    while ((got = lines_next(&f->text)) > 0) {
        if (is_frame_line(&f->text))
            return 0;
        if (f->text.number > HEAD_LINES_MOST)
            return lines_refuse(&f->text, "'Frame 1' after a head of a few dozen lines");
        if (!f->has_data && read_head_line(f))
            return -1;
        f->has_data |= value_of(f, "ASCII_DATA") != NULL;
    }
    return got < 0 ? -1 : lines_refuse(&f->text, "'Frame 1' and its table; the file has no frame");
}

static int check_units(const struct asf *f)
{
    if (f->is_raw)
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: UNITS are raw: the sensor was not calibrated, and there is no honest "
                       "pressure in it; save the movie in calibrated units",
                       f->text.name);
    if (f->units == IMPORT_UNITS_AS_FILE)
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: expected UNITS kPa, PSI, N/cm2, kg/cm2 or mmHg in the head; --units "
                       "names them",
                       f->text.name);
    return 0;
}

static int take_hints(struct asf *f)
{
    const struct import_hints *said = f->hints;
    f->shape.pitch_x_mm = said->pitch_x_mm > 0 ? said->pitch_x_mm : f->col_mm;
    f->shape.pitch_y_mm = said->pitch_y_mm > 0 ? said->pitch_y_mm : f->row_mm;
    f->shape.rate_hz = said->rate_hz > 0 ? said->rate_hz : f->frame_s > 0 ? 1 / f->frame_s : 0;
    if (!(f->shape.pitch_x_mm > 0 && f->shape.pitch_y_mm > 0))
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: expected ROW_SPACING and COL_SPACING in the head, or --pitch",
                       f->text.name);
    if (!(f->shape.rate_hz >= 1e-3 && f->shape.rate_hz <= 1e4))
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: expected SECONDS_PER_FRAME from 0.0001 to 1000 in the head, or --rate",
                       f->text.name);
    f->picture->rows = (int)f->rows;
    f->picture->cols = (int)f->cols;
    return 0;
}

/* --- Frames ----------------------------------------------------------------------------------- */

static int read_frame_number(struct asf *f, long *number)
{
    double value;
    const char *at = f->text.line + 5;
    while (*at && strchr(" \t,:", *at))
        at++;
    at = text_number(at, 0, &value, NULL);
    if (!at || value < 0 || value > 1e9 || value != (double)(long)value)
        return lines_refuse(&f->text, "a frame's number after 'Frame'");
    *number = (long)value;
    if (f->last_frame >= 0 && *number <= f->last_frame)
        return lines_refuse(&f->text, "frames in rising order");
    return 0;
}

/* Rows up to an empty line, the next frame, '@@' or the end of the file: as lines_next. */
static int read_rows(struct asf *f)
{
    int got;
    picture_begin(f->picture);
    while ((got = lines_next(&f->text)) > 0) {
        if (!f->text.length && !f->picture->n_rows)
            continue; /* some versions part the number from the table */
        if (!f->text.length || is_frame_line(&f->text) || !strncmp(f->text.line, "@@", 2))
            break;
        if (picture_row(f->picture, &f->text, f->text.line, text_separator(f->text.line)))
            return -1;
    }
    return got < 0 || picture_end(f->picture, &f->text) ? -1 : got;
}

static int begin(struct asf *f)
{
    const struct picture *p = f->picture;
    uint8_t mask[PICTURE_SIDE * PICTURE_SIDE];
    f->shape.rows = p->rows;
    f->shape.cols = p->cols;
    if (f->sink->begin(f->sink->context, &f->shape, f->text.why))
        return -1;
    if (!p->n_no_sensor || !f->sink->mask)
        return 0;
    picture_mask(p, PICTURE_ROWS, mask);
    return f->sink->mask(f->sink->context, mask, f->text.why);
}

/* The first number of the movie: START_FRAME, so that frames missing at the beginning count. */
static long first_number(const struct asf *f, long number)
{
    return f->start > 0 && f->start <= (double)number ? (long)f->start : number;
}

static void count_saturated(struct asf *f)
{
    size_t cells = (size_t)f->picture->rows * (size_t)f->picture->cols;
    for (size_t i = 0; f->saturation > 0 && i < cells; i++)
        if (f->picture->values[i] >= f->saturation - 0.5) {
            f->saturated_frames++;
            return;
        }
}

static int take_frame(struct asf *f, long number)
{
    if (f->last_frame < 0) {
        if (begin(f))
            return -1;
        f->first_frame = first_number(f, number);
    }
    f->last_frame = number;
    count_saturated(f);
    picture_kpa(f->picture, PICTURE_ROWS, f->units, f->shape.pitch_x_mm * f->shape.pitch_y_mm);
    return f->sink->frame(f->sink->context, (uint32_t)(number - f->first_frame), f->picture->kpa,
                          f->text.why);
}

/* To the line of the next frame: 1, 0 at the end. */
static int find_frame(struct asf *f, int got)
{
    while (got > 0 && !is_frame_line(&f->text)) {
        if (!strncmp(f->text.line, "@@", 2))
            return 0;
        if (f->text.length)
            return lines_refuse(&f->text, "'Frame' and a number, or '@@' at the end");
        got = lines_next(&f->text);
    }
    if (got == 0 && (double)f->last_frame < f->end)
        return problem(f->text.why, PROBLEM_REFUSED,
                       "%s: line %ld: expected frames up to END_FRAME %g; the last one is %ld: the "
                       "file is cut off",
                       f->text.name, f->text.number, f->end, f->last_frame);
    return got;
}

static int read_frames(struct asf *f)
{
    int got = 1;
    while (got > 0) {
        long number = 0;
        if (read_frame_number(f, &number))
            return -1;
        got = read_rows(f);
        if (got < 0 || take_frame(f, number))
            return -1;
        got = find_frame(f, got);
    }
    return got;
}

static void warn_of_head(const struct asf *f)
{
    char text[160];
    double area = f->shape.pitch_x_mm * f->shape.pitch_y_mm;
    if (f->mirror_row || f->mirror_col)
        f->sink->warn(f->sink->context,
                      "MIRROR_ROW or MIRROR_COL is set: the table is taken as it is printed; if "
                      "left and right or toes and heel are wrong, --flip turns them");
    if (f->cell_mm2 > 0 && !(area > 0.99 * f->cell_mm2 && area < 1.01 * f->cell_mm2)) {
        snprintf(text, sizeof text,
                 "SENSEL_AREA is %g mm2 but the spacings make %g mm2: forces are reckoned with the "
                 "spacings",
                 f->cell_mm2, area);
        f->sink->warn(f->sink->context, text);
    }
}

static void warn_of_frames(const struct asf *f)
{
    char text[160];
    if (f->saturated_frames) {
        snprintf(
            text, sizeof text,
            "in %ld frames a cell has reached SATURATION_PRESSURE %g: the true pressure may be "
            "higher",
            f->saturated_frames, f->saturation);
        f->sink->warn(f->sink->context, text);
    }
    if (f->end > 0 && (double)f->last_frame != f->end) {
        snprintf(text, sizeof text, "END_FRAME is %g but the last frame is %ld", f->end,
                 f->last_frame);
        f->sink->warn(f->sink->context, text);
    }
}

static int read_all(struct asf *f)
{
    if (read_head(f) || check_units(f) || take_hints(f))
        return -1;
    warn_of_head(f);
    if (read_frames(f))
        return -1;
    warn_of_frames(f);
    return 0;
}

int import_asf(FILE *file, const char *name, const struct import_hints *hints,
               const struct frame_sink *sink, struct problem *why)
{
    struct asf f = {.text = {.file = file, .name = name, .why = why, .most = LINE_MOST},
                    .hints = hints,
                    .sink = sink,
                    .units = hints->units,
                    .last_frame = -1};
    f.picture = picture_create(why);
    int result = f.picture ? read_all(&f) : -1;
    free(f.picture);
    lines_free(&f.text);
    return result;
}
