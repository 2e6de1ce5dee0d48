/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/emed_private.h"

#include <math.h>
#include <string.h>
#include <strings.h>

const char *emed_after(const char *line, const char *key)
{
    const char *at = strcasestr(line, key);
    if (!at)
        return NULL;
    at += strlen(key);
    while (*at == ':' || *at == '.' || emed_is_gap(*at))
        at++;
    return at;
}

/* "64x95" or "0.500x0.500": both numbers; where the text goes on, or NULL. */
static const char *read_pair(const char *at, double *x, double *y)
{
    int decimals;
    at = emed_read_number(at, x, &decimals);
    if (!at)
        return NULL;
    at = emed_skip_gap(at);
    if (*at != 'x' && *at != 'X' && *at != '*')
        return NULL;
    at = emed_read_number(emed_skip_gap(at + 1), y, &decimals);
    return at ? emed_skip_gap(at) : NULL;
}

/* Keeps a fact; a later page that says otherwise is another recording. */
static int keep(struct emed *f, double *kept, double value, const char *what)
{
    if (*kept == 0)
        *kept = value;
    return *kept == value ? 0 : emed_refuse(f, what);
}

static int read_matrix(struct emed *f, const char *at)
{
    double cols, rows, kept_cols = f->facts.cols, kept_rows = f->facts.rows;
    if (!read_pair(at, &cols, &rows) || cols != floor(cols) || rows != floor(rows) || cols < 1 ||
        rows < 1 || cols > EMED_SIDE_MAX || rows > EMED_SIDE_MAX)
        return emed_refuse(f, "the plate's size after 'Matrix:' as columns x rows, 1 to 256 each");
    if (keep(f, &kept_cols, cols, "the same 'Matrix:' as on the pages before") ||
        keep(f, &kept_rows, rows, "the same 'Matrix:' as on the pages before"))
        return -1;
    f->facts.cols = (int)cols;
    f->facts.rows = (int)rows;
    return 0;
}

static int read_size(struct emed *f, const char *at)
{
    double x, y;
    const char *unit = read_pair(at, &x, &y);
    double mm = unit && !strncasecmp(unit, "cm", 2)   ? 10
                : unit && !strncasecmp(unit, "mm", 2) ? 1
                                                      : 0;
    if (mm == 0 || !(x * mm >= 0.5 && x * mm <= 50 && y * mm >= 0.5 && y * mm <= 50))
        return emed_refuse(f,
                           "the cells' size after 'Sensor size:' as X x Y cm or mm, 0.5 to 50 mm");
    if (keep(f, &f->facts.pitch_x_mm, x * mm, "the same 'Sensor size:' as on the pages before"))
        return -1;
    return keep(f, &f->facts.pitch_y_mm, y * mm, "the same 'Sensor size:' as on the pages before");
}

static int read_area(struct emed *f, const char *at)
{
    double area;
    int decimals;
    at = emed_read_number(at, &area, &decimals);
    at = at ? emed_skip_gap(at) : NULL;
    double cm2 = at && !strncasecmp(at, "cm", 2) ? 1 : at && !strncasecmp(at, "mm", 2) ? 0.01 : 0;
    if (cm2 == 0 || !(area > 0))
        return emed_refuse(f, "the cells' area after 'Sensor area:' in cm2 or mm2");
    return keep(f, &f->facts.area_cm2, area * cm2,
                "the same 'Sensor area:' as on the pages before");
}

static int read_time(struct emed *f, const char *at)
{
    double time;
    int decimals;
    at = emed_read_number(at, &time, &decimals);
    at = at ? emed_skip_gap(at) : NULL;
    double s = at && !strncasecmp(at, "ms", 2) ? 1e-3 : at && (*at == 's' || *at == 'S') ? 1 : 0;
    if (s == 0 || !(time * s >= 1e-4 && time * s <= 1000))
        return emed_refuse(f, "the time of a picture after 'Time/picture:' in ms or s");
    return keep(f, &f->facts.picture_s, time * s,
                "the same 'Time/picture:' as on the pages before");
}

/* Any of the facts that stand on one line. */
int emed_read_facts(struct emed *f)
{
    const char *at;
    if ((at = emed_after(f->line, "Matrix:")) && read_matrix(f, at))
        return -1;
    if ((at = emed_after(f->line, "Sensor size")) && read_size(f, at))
        return -1;
    if ((at = emed_after(f->line, "Sensor area")) && read_area(f, at))
        return -1;
    if ((at = emed_after(f->line, "Time/picture")) && read_time(f, at))
        return -1;
    return 0;
}
