/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/romberg.h"

#include "analysis/condition.h"

#include <math.h>
#include <string.h>

static double relative_error(const struct visit_sway *sway, double velocity)
{
    return sway->error.of[SWAY_VELOCITY_RD].se / velocity;
}

int romberg_of(const struct visit_sway *open, const struct visit_sway *closed, struct romberg *out)
{
    if (!open->known || !closed->known)
        return 0;
    double a = sway_headline(&open->result, SWAY_VELOCITY_RD);
    double b = sway_headline(&closed->result, SWAY_VELOCITY_RD);
    if (!(a > 0) || !isfinite(b))
        return 0;
    double error = hypot(relative_error(open, a), relative_error(closed, b));
    *out = (struct romberg){
        .open_mm_s = a, .closed_mm_s = b, .quotient = b / a, .low = NAN, .high = NAN};
    if (isfinite(error)) {
        out->low = out->quotient * exp(-1.96 * error);
        out->high = out->quotient * exp(1.96 * error);
    }
    return 1;
}

int romberg_with_other(const char *protocol, const struct visit_sway *sway,
                       const struct visit_sway *other, struct romberg *out)
{
    const char *condition = condition_of(protocol);
    if (!condition)
        return 0;
    return strcmp(condition, "eyes_open") ? romberg_of(other, sway, out)
                                          : romberg_of(sway, other, out);
}
