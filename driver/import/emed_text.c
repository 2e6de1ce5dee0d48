/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/emed_private.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

int emed_refuse(const struct emed *f, const char *expected)
{
    return problem(f->why, PROBLEM_REFUSED, "%s: line %ld: expected %s", f->name, f->line_number,
                   expected);
}

int emed_next_line(struct emed *f)
{
    f->at_end = !fgets(f->line, sizeof f->line, f->file);
    if (f->at_end) {
        f->line[0] = 0;
        return 0;
    }
    f->line_number++;
    size_t n = strlen(f->line);
    if (n + 1 == sizeof f->line && f->line[n - 1] != '\n')
        return emed_refuse(f, "lines shorter than 16 kB, as in an emed export");
    while (n > 0 && isspace((unsigned char)f->line[n - 1]))
        n--;
    f->line[n] = 0;
    return 0;
}

const char *emed_skip_gap(const char *at)
{
    while (emed_is_gap(*at))
        at++;
    return at;
}

const char *emed_read_number(const char *at, double *value, int *decimals)
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

const char *emed_read_cell(const char *at, double *value, int *decimals)
{
    at = emed_read_number(emed_skip_gap(at), value, decimals);
    return at && (!*at || emed_is_gap(*at)) ? at : NULL;
}

static int starts_with_force(const char *at)
{
    return !strncasecmp(at, "Force", 5) && (!at[5] || emed_is_gap(at[5]));
}

int emed_read_label(const char **at)
{
    const char *from = emed_skip_gap(*at);
    if (starts_with_force(from)) {
        *at = from + 5;
        return EMED_FORCE_LABEL;
    }
    double value;
    int decimals;
    const char *end = emed_read_cell(from, &value, &decimals);
    if (!end || decimals || value < 1 || value > EMED_SIDE_MAX)
        return 0;
    *at = end;
    return (int)value;
}
