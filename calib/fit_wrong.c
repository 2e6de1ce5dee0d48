/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_wrong.h"

#include "calib/fit_stats.h"

#include <math.h>
#include <stdlib.h>

#define SPREADS 5
#define TOLERANCES 3
#define SHARE_MOST 4 /* at most one hold in so many is wrong; with more, none is believed to be */

/* Best of the curves that the median cell can be fitted with, the most pliable first. */
static int make_model(const struct fit_data *data, const double *felt, struct fit_work *work,
                      struct fit_model *model)
{
    static const char *const names[] = {"spline", "saturating", "power", "line"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        if (!fit_data_model(data, curve_find(names[k]), felt, work, model))
            return 0;
    }
    return -1;
}

static double spread_of(const double *off, size_t n, double *work)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(off[i]))
            work[known++] = off[i];
    }
    return fit_spread(work, known, 0);
}

static int mark(struct fit_data *data, const double *off, double limit)
{
    int n = 0;
    for (size_t i = 0; i < data->n; i++) {
        double own =
            TOLERANCES * data->tolerance[i] * fmin(data->points[i].kpa / FIT_PERCENT_FROM_KPA, 1);
        data->points[i].is_wrong = fabs(off[i]) > fmax(limit, own);
        n += data->points[i].is_wrong;
    }
    for (size_t i = 0; i < data->n && n * SHARE_MOST > data->n_curve; i++)
        data->points[i].is_wrong = 0;
    return n * SHARE_MOST > data->n_curve ? 0 : n;
}

int fit_wrong_find(struct fit_data *data, double limit, struct fit_work *work)
{
    struct fit_model model;
    double *felt = calloc(3 * (data->n + 1), sizeof *felt);
    if (!felt)
        return -1;
    double *off = felt + data->n + 1, *spare = off + data->n + 1;
    int found = 0;
    for (size_t i = 0; i < data->n; i++)
        data->points[i].is_wrong = 0;
    fit_data_training(data, felt);
    if (!make_model(data, felt, work, &model)) {
        for (size_t i = 0; i < data->n; i++)
            off[i] = isnan(felt[i])
                         ? NAN
                         : fit_error(&model, model.plate, (double)data->median[i], felt[i]);
        double spread = spread_of(off, data->n, spare);
        found = mark(data, off, fmax(limit, SPREADS * spread));
    }
    free(felt);
    return found;
}
