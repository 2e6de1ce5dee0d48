/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_robust.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>

#define ITERATIONS 12

struct fit_robust {
    size_t n_max;
    int starved;
    gsl_multifit_robust_workspace **by_size; /* (n_max + 1) x FIT_TERMS_MAX */
};

struct fit_robust *fit_robust_make(size_t n_max)
{
    struct fit_robust *robust = malloc(sizeof *robust);
    if (!robust)
        return NULL;
    robust->n_max = n_max;
    robust->starved = 0;
    robust->by_size = calloc((n_max + 1) * FIT_TERMS_MAX, sizeof(gsl_multifit_robust_workspace *));
    if (robust->by_size)
        return robust;
    free(robust);
    return NULL;
}

void fit_robust_free(struct fit_robust *robust)
{
    if (!robust)
        return;
    for (size_t i = 0; i < (robust->n_max + 1) * FIT_TERMS_MAX; i++) {
        if (robust->by_size[i])
            gsl_multifit_robust_free(robust->by_size[i]);
    }
    free(robust->by_size);
    free(robust);
}

static gsl_multifit_robust_workspace *workspace(struct fit_robust *robust, size_t n, size_t p)
{
    gsl_multifit_robust_workspace **slot = &robust->by_size[n * FIT_TERMS_MAX + p - 1];
    if (!*slot) {
        *slot = gsl_multifit_robust_alloc(gsl_multifit_robust_bisquare, n, p);
        if (*slot)
            gsl_multifit_robust_maxiter(ITERATIONS, *slot);
        robust->starved |= !*slot;
    }
    return *slot;
}

int fit_robust_starved(const struct fit_robust *robust)
{
    return robust->starved;
}

int fit_robust_solve(struct fit_robust *robust, double *x, double *y, size_t n, size_t p,
                     double coefficients[])
{
    double covariance[FIT_TERMS_MAX * FIT_TERMS_MAX];
    if (n <= p || n > robust->n_max)
        return -1;
    gsl_multifit_robust_workspace *work = workspace(robust, n, p);
    if (!work)
        return -1;
    gsl_matrix_const_view matrix = gsl_matrix_const_view_array(x, n, p);
    gsl_vector_const_view right = gsl_vector_const_view_array(y, n);
    gsl_vector_view c = gsl_vector_view_array(coefficients, p);
    gsl_matrix_view cov = gsl_matrix_view_array(covariance, p, p);
    int status = gsl_multifit_robust(&matrix.matrix, &right.vector, &c.vector, &cov.matrix, work);
    /* Weights that still flicker in the last digits are no failure. */
    if (status && status != GSL_EMAXITER)
        return -1;
    for (size_t k = 0; k < p; k++) {
        if (!isfinite(coefficients[k]))
            return -1;
    }
    return 0;
}
