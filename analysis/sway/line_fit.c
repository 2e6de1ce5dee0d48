/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/line_fit.h"

#include <math.h>

void line_sums_add(struct line_sums *sums, double x, double y, double sign)
{
    sums->n += sign;
    sums->x += sign * x;
    sums->y += sign * y;
    sums->xx += sign * x * x;
    sums->xy += sign * x * y;
    sums->yy += sign * y * y;
}

struct line line_fit(const struct line_sums *sums)
{
    double xx = sums->xx - sums->x * sums->x / sums->n;
    double xy = sums->xy - sums->x * sums->y / sums->n;
    double yy = sums->yy - sums->y * sums->y / sums->n;
    if (sums->n < 2 || !(xx > 0))
        return (struct line){NAN, NAN, NAN};
    double slope = xy / xx;
    return (struct line){(sums->y - slope * sums->x) / sums->n, slope, fmax(0, yy - slope * xy)};
}
