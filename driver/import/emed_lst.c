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
 * What is printed is a window of the plate; the labels (from 1) say where it lies, so the picture
 * goes to its true place: row R - label from the back, column label - 1 from the left. The sums are
 * checks of every row, column and picture. They also tell whether the numbers are kPa (F = 0.1 p A
 * with A in cm2) or N/cm2 (F = p A). */
#include "driver/import/frame_sink.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SIDE_MAX 256
#define LINE_MAX_BYTES 16384
#define FORCE_LABEL -1

struct facts {
    int cols, rows; /* of the whole plate; 0 = not stated */
    double area_cm2, pitch_x_mm, pitch_y_mm, picture_s;
};

struct lst {
    FILE *file;
    const char *name;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct problem *why;

    char line[LINE_MAX_BYTES];
    long line_number;
    int at_end;

    struct facts facts;
    enum import_units units; /* AS_FILE until a loaded picture has told */
    struct import_shape shape;
    int begun;
    int row0, col0; /* labels of the cell at back left: row0 is the highest row label */
    long first_picture, last_picture;
    int warned_sums;

    /* The picture being read: */
    long picture;
    int is_summary;
    int n_cols, has_force; /* columns before 'Force', and whether that is there */
    int col_label[SIDE_MAX];
    int n_rows, row_label[SIDE_MAX];
    double values[SIDE_MAX * SIDE_MAX]; /* as printed, n_cols a row */
    double row_force[SIDE_MAX];
    double col_force[SIDE_MAX + 1];
    int n_col_force;
    long row_line[SIDE_MAX], force_line;
    int decimals, force_decimals; /* as printed: what rounding may have hidden */
    float kpa[SIDE_MAX * SIDE_MAX];
};

/* --- Lines and numbers --------------------------------------------------------------------------
 */

static int refuse(const struct lst *f, const char *expected)
{
    return problem(f->why, PROBLEM_REFUSED, "%s: line %ld: expected %s", f->name, f->line_number,
                   expected);
}

/* The next line without its end: 0, or -1 when it is too long to be one of an .lst. */
static int next_line(struct lst *f)
{
    f->at_end = !fgets(f->line, sizeof f->line, f->file);
    if (f->at_end) {
        f->line[0] = 0;
        return 0;
    }
    f->line_number++;
    size_t n = strlen(f->line);
    if (n + 1 == sizeof f->line && f->line[n - 1] != '\n')
        return refuse(f, "lines shorter than 16 kB, as in an emed export");
    while (n > 0 && isspace((unsigned char)f->line[n - 1]))
        n--;
    f->line[n] = 0;
    return 0;
}

static int is_gap(char c)
{
    return c == ' ' || c == '\t' || c == ';' || c == '\f' || c == '\r';
}

static const char *skip_gap(const char *at)
{
    while (is_gap(*at))
        at++;
    return at;
}

/* A decimal number with point or comma. Up to 15 digits, so that digits / 10^n is the double
 * nearest to what is printed, whatever the locale. NULL when there is none. */
static const char *read_number(const char *at, double *value, int *decimals)
{
    static const double power[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    double digits = 0;
    int n = 0, after_point = -1;
    int negative = *at == '-';
    for (at += negative; isdigit((unsigned char)*at) || *at == '.' || *at == ','; at++) {
        if (!isdigit((unsigned char)*at)) {
            if (after_point >= 0)
                return NULL;
            after_point = 0;
            continue;
        }
        digits = digits * 10 + (*at - '0');
        n++;
        after_point += after_point >= 0;
    }
    if (n == 0 || n > 15)
        return NULL;
    *decimals = after_point > 0 ? after_point : 0;
    *value = (negative ? -digits : digits) / power[*decimals];
    return at;
}

/* A cell of a table: the same, and nothing but a gap may follow. */
static const char *read_cell(const char *at, double *value, int *decimals)
{
    at = read_number(skip_gap(at), value, decimals);
    return at && (!*at || is_gap(*at)) ? at : NULL;
}

static int starts_with_force(const char *at)
{
    return !strncasecmp(at, "Force", 5) && (!at[5] || is_gap(at[5]));
}

/* A label: a whole number from 1 to 256, or FORCE_LABEL; 0 when it is neither. */
static int read_label(const char **at)
{
    const char *from = skip_gap(*at);
    if (starts_with_force(from)) {
        *at = from + 5;
        return FORCE_LABEL;
    }
    double value;
    int decimals;
    const char *end = read_cell(from, &value, &decimals);
    if (!end || decimals || value < 1 || value > SIDE_MAX)
        return 0;
    *at = end;
    return (int)value;
}

/* --- The head of a page -------------------------------------------------------------------------
 */

/* Where the value after a key begins, or NULL. */
static const char *after(const char *line, const char *key)
{
    const char *at = strcasestr(line, key);
    if (!at)
        return NULL;
    at += strlen(key);
    while (*at == ':' || *at == '.' || is_gap(*at))
        at++;
    return at;
}

/* "64x95" or "0.500x0.500": both numbers; where the text goes on, or NULL. */
static const char *read_pair(const char *at, double *x, double *y)
{
    int decimals;
    at = read_number(at, x, &decimals);
    if (!at)
        return NULL;
    at = skip_gap(at);
    if (*at != 'x' && *at != 'X' && *at != '*')
        return NULL;
    at = read_number(skip_gap(at + 1), y, &decimals);
    return at ? skip_gap(at) : NULL;
}

/* Keeps a fact; a later page that says otherwise is another recording. */
static int keep(struct lst *f, double *kept, double value, const char *what)
{
    if (*kept == 0)
        *kept = value;
    return *kept == value ? 0 : refuse(f, what);
}

static int read_matrix(struct lst *f, const char *at)
{
    double cols, rows, kept_cols = f->facts.cols, kept_rows = f->facts.rows;
    if (!read_pair(at, &cols, &rows) || cols != floor(cols) || rows != floor(rows) || cols < 1 ||
        rows < 1 || cols > SIDE_MAX || rows > SIDE_MAX)
        return refuse(f, "the plate's size after 'Matrix:' as columns x rows, 1 to 256 each");
    if (keep(f, &kept_cols, cols, "the same 'Matrix:' as on the pages before") ||
        keep(f, &kept_rows, rows, "the same 'Matrix:' as on the pages before"))
        return -1;
    f->facts.cols = (int)cols;
    f->facts.rows = (int)rows;
    return 0;
}

static int read_size(struct lst *f, const char *at)
{
    double x, y;
    const char *unit = read_pair(at, &x, &y);
    double mm = unit && !strncasecmp(unit, "cm", 2)   ? 10
                : unit && !strncasecmp(unit, "mm", 2) ? 1
                                                      : 0;
    if (mm == 0 || !(x * mm >= 0.5 && x * mm <= 50 && y * mm >= 0.5 && y * mm <= 50))
        return refuse(f, "the cells' size after 'Sensor size:' as X x Y cm or mm, 0.5 to 50 mm");
    if (keep(f, &f->facts.pitch_x_mm, x * mm, "the same 'Sensor size:' as on the pages before"))
        return -1;
    return keep(f, &f->facts.pitch_y_mm, y * mm, "the same 'Sensor size:' as on the pages before");
}

static int read_area(struct lst *f, const char *at)
{
    double area;
    int decimals;
    at = read_number(at, &area, &decimals);
    at = at ? skip_gap(at) : NULL;
    double cm2 = at && !strncasecmp(at, "cm", 2) ? 1 : at && !strncasecmp(at, "mm", 2) ? 0.01 : 0;
    if (cm2 == 0 || !(area > 0))
        return refuse(f, "the cells' area after 'Sensor area:' in cm2 or mm2");
    return keep(f, &f->facts.area_cm2, area * cm2,
                "the same 'Sensor area:' as on the pages before");
}

static int read_time(struct lst *f, const char *at)
{
    double time;
    int decimals;
    at = read_number(at, &time, &decimals);
    at = at ? skip_gap(at) : NULL;
    double s = at && !strncasecmp(at, "ms", 2) ? 1e-3 : at && (*at == 's' || *at == 'S') ? 1 : 0;
    if (s == 0 || !(time * s >= 1e-4 && time * s <= 1000))
        return refuse(f, "the time of a picture after 'Time/picture:' in ms or s");
    return keep(f, &f->facts.picture_s, time * s,
                "the same 'Time/picture:' as on the pages before");
}

/* Any of the facts that stand on one line. */
static int read_facts(struct lst *f)
{
    const char *at;
    if ((at = after(f->line, "Matrix:")) && read_matrix(f, at))
        return -1;
    if ((at = after(f->line, "Sensor size")) && read_size(f, at))
        return -1;
    if ((at = after(f->line, "Sensor area")) && read_area(f, at))
        return -1;
    if ((at = after(f->line, "Time/picture")) && read_time(f, at))
        return -1;
    return 0;
}

/* "Pict-No.: 7 ..." or "Pict-No.: MVP ...". */
static int read_picture_number(struct lst *f, const char *at)
{
    double number;
    int decimals;
    f->is_summary = !strncasecmp(at, "MVP", 3) || !strncasecmp(at, "MPP", 3);
    if (f->is_summary)
        return 0;
    if (!read_cell(at, &number, &decimals) || decimals || number < 0 || number > 1e9)
        return refuse(f, "a picture's number after 'Pict-No.:' (or MVP, MPP)");
    f->picture = (long)number;
    if (f->last_picture >= 0 && f->picture <= f->last_picture)
        return refuse(f, "pictures in rising order");
    return 0;
}

/* --- The table ----------------------------------------------------------------------------------
 */

static int read_columns(struct lst *f)
{
    const char *at = f->line;
    f->n_cols = f->n_rows = f->n_col_force = f->has_force = 0;
    f->decimals = f->force_decimals = 0;
    while (*skip_gap(at)) {
        int label = read_label(&at);
        if (label == FORCE_LABEL && !*skip_gap(at)) {
            f->has_force = 1;
            break;
        }
        if (label <= 0 || f->n_cols == SIDE_MAX ||
            (f->n_cols > 0 && label != f->col_label[f->n_cols - 1] + 1))
            return refuse(f, "the columns' numbers, each one more than the last, and 'Force'");
        f->col_label[f->n_cols++] = label;
    }
    return f->n_cols > 0 ? 0 : refuse(f, "the columns' numbers");
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static int read_row(struct lst *f, int label, const char *at)
{
    int row = f->n_rows, decimals;
    if (row == SIDE_MAX || (row > 0 && label != f->row_label[row - 1] + 1))
        return refuse(f, "a row number one more than the last");
    for (int col = 0; col < f->n_cols; col++) {
        double *value = &f->values[row * f->n_cols + col];
        at = read_cell(at, value, &decimals);
        if (!at || *value < 0 || *value > 1e5)
            return problem(
                f->why, PROBLEM_REFUSED,
                "%s: line %ld: expected %d pressures from 0 to 100000 in row %d; number %d "
                "is not one",
                f->name, f->line_number, f->n_cols, label, col + 1);
        f->decimals = most(f->decimals, decimals);
    }
    if (f->has_force) {
        at = read_cell(at, &f->row_force[row], &decimals);
        if (!at)
            return refuse(f, "the row's force after its pressures");
        f->force_decimals = most(f->force_decimals, decimals);
    }
    if (*skip_gap(at))
        return refuse(f, "no more numbers in a row than there are columns");
    f->row_label[row] = label;
    f->row_line[row] = f->line_number;
    f->n_rows++;
    return 0;
}

static int read_force_row(struct lst *f, const char *at)
{
    int n = f->n_cols + f->has_force, decimals;
    for (int i = 0; i < n; i++) {
        at = read_cell(at, &f->col_force[i], &decimals);
        if (!at)
            return refuse(f, "a force for each column");
        f->force_decimals = most(f->force_decimals, decimals);
    }
    f->n_col_force = n;
    f->force_line = f->line_number;
    return *skip_gap(at) ? refuse(f, "no more forces than there are columns") : 0;
}

/* --- The sums as checks -------------------------------------------------------------------------
 */

static double sum_of_row(const struct lst *f, int row)
{
    double sum = 0;
    for (int col = 0; col < f->n_cols; col++)
        sum += f->values[row * f->n_cols + col];
    return sum;
}

static double sum_of_col(const struct lst *f, int col)
{
    double sum = 0;
    for (int row = 0; row < f->n_rows; row++)
        sum += f->values[row * f->n_cols + col];
    return sum;
}

static double sum_of_all(const struct lst *f)
{
    double sum = 0;
    for (int row = 0; row < f->n_rows; row++)
        sum += sum_of_row(f, row);
    return sum;
}

static double area_cm2(const struct lst *f)
{
    return f->facts.area_cm2 > 0 ? f->facts.area_cm2
                                 : f->shape.pitch_x_mm * f->shape.pitch_y_mm / 100;
}

/* Force in N of a sum of n printed pressures; *doubt is what rounding may have hidden in it and in
 * the printed force. */
static double force_of(const struct lst *f, double sum, int n, double *doubt)
{
    double n_per_unit = (f->units == IMPORT_N_PER_CM2 ? 1 : 0.1) * area_cm2(f);
    if (f->units == IMPORT_N)
        n_per_unit = 1;
    *doubt =
        n * 0.5 * pow(10, -f->decimals) * n_per_unit + 0.5 * pow(10, -f->force_decimals) + 1e-6;
    return sum * n_per_unit;
}

/* A printed force that the cells contradict: a little (within 1 %: another rule of rounding, a cell
 * area given with few digits) is worth a warning, more means that the numbers are not what was
 * measured. */
static int check_sum(struct lst *f, double sum, int n, double stated, long line, const char *what,
                     int label)
{
    double doubt, force = force_of(f, sum, n, &doubt);
    double off = fabs(force - stated);
    if (off <= doubt)
        return 0;
    if (off > doubt + 0.01 * fmax(force, stated))
        return problem(f->why, PROBLEM_REFUSED,
                       "%s: line %ld: picture %ld: the pressures of %s %d make %.3f N but the file "
                       "states %.3f N: a number is damaged",
                       f->name, line, f->picture, what, label, force, stated);
    if (!f->warned_sums)
        f->sink->warn(f->sink->context, "forces that the file states differ from the sums of its "
                                        "pressures by up to 1 %; the pressures are taken");
    f->warned_sums = 1;
    return 0;
}

static int check_sums(struct lst *f)
{
    for (int row = 0; row < f->n_rows && f->has_force; row++) {
        if (check_sum(f, sum_of_row(f, row), f->n_cols, f->row_force[row], f->row_line[row], "row",
                      f->row_label[row]))
            return -1;
    }
    for (int col = 0; col < f->n_cols && f->n_col_force; col++) {
        if (check_sum(f, sum_of_col(f, col), f->n_rows, f->col_force[col], f->force_line, "column",
                      f->col_label[col]))
            return -1;
    }
    if (f->n_col_force > f->n_cols)
        return check_sum(f, sum_of_all(f), f->n_cols * f->n_rows, f->col_force[f->n_cols],
                         f->force_line, "picture", (int)f->picture);
    return 0;
}

/* kPa unless the first loaded picture's total says N/cm2: the two are a factor 10 apart. */
static void learn_units(struct lst *f)
{
    if (f->units != IMPORT_UNITS_AS_FILE)
        return;
    double total = sum_of_all(f) * area_cm2(f);
    if (!(total > 0))
        return;
    double stated = f->n_col_force > f->n_cols ? f->col_force[f->n_cols] : 0;
    f->units = stated > 0.5 * total ? IMPORT_N_PER_CM2 : IMPORT_KPA;
    if (f->units == IMPORT_N_PER_CM2)
        f->sink->warn(f->sink->context,
                      "the stated forces show that the pressures are in N/cm2; converted to kPa");
}

/* --- Pictures -----------------------------------------------------------------------------------
 */

static int take_hints(struct lst *f)
{
    f->shape.pitch_x_mm = f->hints->pitch_x_mm > 0 ? f->hints->pitch_x_mm : f->facts.pitch_x_mm;
    f->shape.pitch_y_mm = f->hints->pitch_y_mm > 0 ? f->hints->pitch_y_mm : f->facts.pitch_y_mm;
    f->shape.rate_hz = f->hints->rate_hz > 0    ? f->hints->rate_hz
                       : f->facts.picture_s > 0 ? 1 / f->facts.picture_s
                                                : 0;
    if (!(f->shape.pitch_x_mm > 0))
        return refuse(f, "the cells' size ('Sensor size:') before the first picture, or --pitch");
    if (!(f->shape.rate_hz > 0))
        return refuse(
            f, "the time of a picture ('Time/picture:') before the first picture, or --rate");
    return 0;
}

/* The shape of the recording: the whole plate, or the window of the first picture. */
static int begin(struct lst *f)
{
    if (take_hints(f))
        return -1;
    int whole = !f->hints->window_only && f->facts.rows > 0;
    f->shape.rows = whole ? f->facts.rows : f->n_rows;
    f->shape.cols = whole ? f->facts.cols : f->n_cols;
    f->row0 = whole ? f->facts.rows : f->row_label[f->n_rows - 1];
    f->col0 = whole ? 1 : f->col_label[0];
    f->begun = 1;
    return f->sink->begin(f->sink->context, &f->shape, f->why);
}

/* Puts the printed window to its place. */
static int place(struct lst *f)
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
            f->facts.rows > 0 && !f->hints->window_only ? "the plate's 'Matrix:' (columns x rows)"
                                                        : "the window of the first picture");
    memset(f->kpa, 0, (size_t)f->shape.rows * (size_t)f->shape.cols * sizeof f->kpa[0]);
    for (int row = 0; row < f->n_rows; row++) {
        float *to = f->kpa + (size_t)(f->row0 - f->row_label[row]) * (size_t)f->shape.cols + left;
        for (int col = 0; col < f->n_cols; col++)
            to[col] = (float)import_kpa(f->units, f->values[row * f->n_cols + col], cell_mm2);
    }
    return 0;
}

static int end_picture(struct lst *f)
{
    if (f->n_rows == 0)
        return refuse(f, "the rows of the picture");
    if (f->is_summary)
        return 0;
    if (!f->begun && begin(f))
        return -1;
    learn_units(f);
    if (check_sums(f) || place(f))
        return -1;
    if (f->first_picture < 0)
        f->first_picture = f->picture;
    f->last_picture = f->picture;
    return f->sink->frame(f->sink->context, (uint32_t)(f->picture - f->first_picture), f->kpa,
                          f->why);
}

/* The table of one picture, from the column numbers to the 'Force' row or an empty line. */
static int read_table(struct lst *f)
{
    do {
        if (next_line(f))
            return -1;
    } while (!f->at_end && !*skip_gap(f->line));
    if (f->at_end)
        return refuse(f, "the table of the last picture: the file is cut off");
    if (read_columns(f))
        return -1;
    for (;;) {
        if (next_line(f))
            return -1;
        const char *at = skip_gap(f->line);
        if (!*at) {
            if (f->at_end && f->has_force)
                return refuse(f, "the 'Force' row of the last picture: the file is cut off");
            return f->has_force ? refuse(f, "a row or the 'Force' row") : end_picture(f);
        }
        int label = read_label(&at);
        if (label == FORCE_LABEL)
            return read_force_row(f, at) ? -1 : end_picture(f);
        if (label == 0)
            return refuse(f, "a row that begins with its number, or 'Force'");
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
    return read_label(&at) && read_cell(at, &value, &decimals);
}

static int read_pages(struct lst *f)
{
    for (;;) {
        const char *at;
        if (next_line(f))
            return -1;
        if (f->at_end)
            break;
        if (read_facts(f))
            return -1;
        if (is_table_line(f->line))
            return refuse(f, "'Pict-No.:' before a table of numbers");
        if (!(at = after(f->line, "Pict-No")))
            continue;
        if (read_picture_number(f, at) || read_table(f))
            return -1;
    }
    if (ferror(f->file))
        return problem(f->why, PROBLEM_FAILED, "%s cannot be read", f->name);
    return f->begun ? 0 : refuse(f, "at least one picture ('Pict-No.:' and its table)");
}

int import_emed_lst(FILE *file, const char *name, const struct import_hints *hints,
                    const struct frame_sink *sink, struct problem *why)
{
    struct lst *f = calloc(1, sizeof *f);
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
