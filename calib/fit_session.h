/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between bench.c (feeding a session) and the fit: what a session holds. */
#ifndef TENDERFOOT_CALIB_FIT_SESSION_H
#define TENDERFOOT_CALIB_FIT_SESSION_H

#include "calib/bench.h"
#include "calib/fit_hold.h"

struct bench_session {
    char serial[25];
    int rows, cols, bits;
    double pitch_x_mm, pitch_y_mm;
    size_t cells;
    struct fit_hold *holds; /* in the order fed */
    size_t n_holds, cap_holds;
    uint16_t *zeros, *floors; /* cells; NULL = never told */
    char device[64];          /* the reference; "" = never told */
    double accuracy_percent;  /* NaN = never told */

    /* The recording being fed. */
    int recording, loading, is_running;
    int is_loaded;        /* the last hold has ended, but its load is still there */
    struct fit_note note; /* of the running hold */
    struct fit_tail tail;
    double celsius;
};

static inline double fit_max_count(const struct bench_session *session)
{
    return (double)((1u << session->bits) - 1u);
}

#endif
