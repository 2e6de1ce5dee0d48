/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/symmetry.h"

#include <math.h>

#define Z95 1.96

struct symmetry symmetry_index(double left, double right, double plate_error_percent)
{
    struct symmetry symmetry = {NAN, NAN, 0};
    double sum = left + right;

    if (!(sum > 0) || !isfinite(sum) || left < 0 || right < 0)
        return symmetry;
    symmetry.index_percent = 100 * (left - right) / sum;
    if (plate_error_percent > 0)
        symmetry.error_percent =
            Z95 * plate_error_percent * 2 * sqrt(2) * (left / sum) * (right / sum);
    symmetry.is_beyond_error = fabs(symmetry.index_percent) > symmetry.error_percent;
    return symmetry;
}
