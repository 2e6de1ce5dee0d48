/* SPDX-License-Identifier: GPL-3.0-or-later */
/* novel's text export of an emed plate.
 *
 * Pages of text, one picture (frame) or summary each:
 *
 *     Matrix: 64x95                        whole plate: columns x rows
 *     Sensor area: 0.25 cm2  Time/picture:10.0 ms
 *     Sensor size: 0.500x0.500 cm
 *     Pict-No.: 7  Force[N]=sum*sensor_area in row/column     (MVP, MPP: summaries, passed over)
 *          26    27   ...   Force          labels of the printed columns
 *     30   0.00  0.00 ...   0.00           toes at the top, heel at the bottom
 *     ...
 *     Force 0.00 0.00 ...   39.63          sums of the columns
 *
 * What is printed is a window of the plate, and the window is what is imported (published tools
 * count from its lower left). On request the whole plate is: the labels (from 1) say where the
 * window lies, row R - label from the back, column label - 1 from the left. The sums are
 * checks of every row, column and picture. They also tell whether the numbers are kPa (F = 0.1 p A
 * with A in cm2) or N/cm2 (F = p A). */
#include "driver/import/emed_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "Pict-No.: 7 ..." or "Pict-No.: MVP ...". */
static int read_picture_number(struct emed *f, const char *at)
{
    double number;
    int decimals;
    f->is_summary = !strncasecmp(at, "MVP", 3) || !strncasecmp(at, "MPP", 3);
    if (f->is_summary)
        return 0;
    if (!emed_read_cell(at, &number, &decimals) || decimals || number < 0 || number > 1e9)
        return emed_refuse(f, "a picture's number after 'Pict-No.:' (or MVP, MPP)");
    f->picture = (long)number;
    if (f->last_picture >= 0 && f->picture <= f->last_picture)
        return emed_refuse(f, "pictures in rising order");
    return 0;
}

static int read_columns(struct emed *f)
{
    const char *at = f->line;
    f->n_cols = f->n_rows = f->n_col_force = f->has_force = 0;
    f->decimals = f->force_decimals = 0;
    while (*emed_skip_gap(at)) {
        int label = emed_read_label(&at);
        if (label == EMED_FORCE_LABEL && !*emed_skip_gap(at)) {
            f->has_force = 1;
            break;
        }
        if (label <= 0 || f->n_cols == EMED_SIDE_MAX ||
            (f->n_cols > 0 && label != f->col_label[f->n_cols - 1] + 1))
            return emed_refuse(f, "the columns' numbers, each one more than the last, and 'Force'");
        f->col_label[f->n_cols++] = label;
    }
    return f->n_cols > 0 ? 0 : emed_refuse(f, "the columns' numbers");
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static int read_row(struct emed *f, int label, const char *at)
{
    int row = f->n_rows, decimals;
    if (row == EMED_SIDE_MAX || (row > 0 && label != f->row_label[row - 1] + 1))
        return emed_refuse(f, "a row number one more than the last");
    for (int col = 0; col < f->n_cols; col++) {
        double *value = &f->values[row * f->n_cols + col];
        at = emed_read_cell(at, value, &decimals);
        if (!at || *value < 0 || *value > 1e5)
            return problem(
                f->why, PROBLEM_REFUSED,
                "%s: line %ld: expected %d pressures from 0 to 100000 in row %d; number %d "
                "is not one",
                f->name, f->line_number, f->n_cols, label, col + 1);
        f->decimals = most(f->decimals, decimals);
    }
    if (f->has_force) {
        at = emed_read_cell(at, &f->row_force[row], &decimals);
        if (!at)
            return emed_refuse(f, "the row's force after its pressures");
        f->force_decimals = most(f->force_decimals, decimals);
    }
    if (*emed_skip_gap(at))
        return emed_refuse(f, "no more numbers in a row than there are columns");
    f->row_label[row] = label;
    f->row_line[row] = f->line_number;
    f->n_rows++;
    return 0;
}

static int read_force_row(struct emed *f, const char *at)
{
    int n = f->n_cols + f->has_force, decimals;
    for (int i = 0; i < n; i++) {
        at = emed_read_cell(at, &f->col_force[i], &decimals);
        if (!at)
            return emed_refuse(f, "a force for each column");
        f->force_decimals = most(f->force_decimals, decimals);
    }
    f->n_col_force = n;
    f->force_line = f->line_number;
    return *emed_skip_gap(at) ? emed_refuse(f, "no more forces than there are columns") : 0;
}

/* --- Pictures ------------------------------------------------------------------------------- */

static int take_hints(struct emed *f)
{
    f->shape.pitch_x_mm = f->hints->pitch_x_mm > 0 ? f->hints->pitch_x_mm : f->facts.pitch_x_mm;
    f->shape.pitch_y_mm = f->hints->pitch_y_mm > 0 ? f->hints->pitch_y_mm : f->facts.pitch_y_mm;
    f->shape.rate_hz = f->hints->rate_hz > 0    ? f->hints->rate_hz
                       : f->facts.picture_s > 0 ? 1 / f->facts.picture_s
                                                : 0;
    if (!(f->shape.pitch_x_mm > 0))
        return emed_refuse(f,
                           "the cells' size ('Sensor size:') before the first picture, or --pitch");
    if (!(f->shape.rate_hz > 0))
        return emed_refuse(
            f, "the time of a picture ('Time/picture:') before the first picture, or --rate");
    return 0;
}

/* The shape of the recording: the window of the first picture, or the whole plate. */
static int begin(struct emed *f)
{
    if (take_hints(f))
        return -1;
    int whole = f->hints->whole_plate && f->facts.rows > 0;
    f->shape.rows = whole ? f->facts.rows : f->n_rows;
    f->shape.cols = whole ? f->facts.cols : f->n_cols;
    f->row0 = whole ? f->facts.rows : f->row_label[f->n_rows - 1];
    f->col0 = whole ? 1 : f->col_label[0];
    f->begun = 1;
    return f->sink->begin(f->sink->context, &f->shape, f->why);
}

/* Puts the printed window to its place. */
static int place(struct emed *f)
{
    double cell_mm2 = f->shape.pitch_x_mm * f->shape.pitch_y_mm;
    int back = f->row0 - f->row_label[f->n_rows - 1], left = f->col_label[0] - f->col0;
    if (back < 0 || back + f->n_rows > f->shape.rows || left < 0 ||
        left + f->n_cols > f->shape.cols)
        return problem(
            f->why, PROBLEM_REFUSED,
            "%s: line %ld: picture %ld prints rows %d to %d and columns %d to %d, which is "
            "not within %s",
            f->name, f->line_number, f->picture, f->row_label[0], f->row_label[f->n_rows - 1],
            f->col_label[0], f->col_label[f->n_cols - 1],
            f->facts.rows > 0 && f->hints->whole_plate
                ? "the plate's 'Matrix:' (columns x rows)"
                : "the window of the first picture; --whole imports the whole plate");
    memset(f->kpa, 0, (size_t)f->shape.rows * (size_t)f->shape.cols * sizeof f->kpa[0]);
    for (int row = 0; row < f->n_rows; row++) {
        float *to = f->kpa + (size_t)(f->row0 - f->row_label[row]) * (size_t)f->shape.cols + left;
        for (int col = 0; col < f->n_cols; col++)
            to[col] = (float)import_kpa(f->units, f->values[row * f->n_cols + col], cell_mm2);
    }
    return 0;
}

/* The picture's own total, which has been checked already. */
static int tell_stated(struct emed *f, uint32_t seq)
{
    struct import_stated stated = IMPORT_STATED_NOTHING;
    if (!f->sink->stated || f->n_col_force <= f->n_cols)
        return 0;
    stated.force_n = f->col_force[f->n_cols];
    stated.force_doubt_n = 1 + 0.02 * stated.force_n;
    return f->sink->stated(f->sink->context, seq, &stated, f->why);
}

static int end_picture(struct emed *f)
{
    if (f->n_rows == 0)
        return emed_refuse(f, "the rows of the picture");
    if (f->is_summary)
        return 0;
    if (!f->begun && begin(f))
        return -1;
    emed_learn_units(f);
    if (emed_check_sums(f) || place(f))
        return -1;
    if (f->first_picture < 0)
        f->first_picture = f->picture;
    f->last_picture = f->picture;
    uint32_t seq = (uint32_t)(f->picture - f->first_picture);
    if (tell_stated(f, seq))
        return -1;
    return f->sink->frame(f->sink->context, seq, f->kpa, f->why);
}

/* The table of one picture, from the column numbers to the 'Force' row or an empty line. */
static int read_table(struct emed *f)
{
    do {
        if (emed_next_line(f))
            return -1;
    } while (!f->at_end && !*emed_skip_gap(f->line));
    if (f->at_end)
        return emed_refuse(f, "the table of the last picture: the file is cut off");
    if (read_columns(f))
        return -1;
    for (;;) {
        if (emed_next_line(f))
            return -1;
        const char *at = emed_skip_gap(f->line);
        if (!*at) {
            if (f->at_end && f->has_force)
                return emed_refuse(f, "the 'Force' row of the last picture: the file is cut off");
            return f->has_force ? emed_refuse(f, "a row or the 'Force' row") : end_picture(f);
        }
        int label = emed_read_label(&at);
        if (label == EMED_FORCE_LABEL)
            return read_force_row(f, at) ? -1 : end_picture(f);
        if (label == 0)
            return emed_refuse(f, "a row that begins with its number, or 'Force'");
        if (read_row(f, label, at))
            return -1;
    }
}

/* A line of numbers outside any picture: passing over it could lose a picture in silence. */
static int is_table_line(const char *line)
{
    double value;
    int decimals;
    const char *at = line;
    return emed_read_label(&at) && emed_read_cell(at, &value, &decimals);
}

static int read_pages(struct emed *f)
{
    for (;;) {
        const char *at;
        if (emed_next_line(f))
            return -1;
        if (f->at_end)
            break;
        if (emed_read_facts(f))
            return -1;
        if (is_table_line(f->line))
            return emed_refuse(f, "'Pict-No.:' before a table of numbers");
        if (!(at = emed_after(f->line, "Pict-No")))
            continue;
        if (read_picture_number(f, at) || read_table(f))
            return -1;
    }
    if (ferror(f->file))
        return problem(f->why, PROBLEM_FAILED, "%s cannot be read", f->name);
    return f->begun ? 0 : emed_refuse(f, "at least one picture ('Pict-No.:' and its table)");
}

int import_emed_lst(FILE *file, const char *name, const struct import_hints *hints,
                    const struct frame_sink *sink, struct problem *why)
{
    struct emed *f = calloc(1, sizeof *f);
    if (!f)
        return problem_no_memory(why, "a picture");
    f->file = file;
    f->name = name;
    f->hints = hints;
    f->sink = sink;
    f->why = why;
    f->units = hints->units;
    f->first_picture = f->last_picture = -1;
    int result = read_pages(f);
    free(f);
    return result;
}
