/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One annotation of a bench session, read strictly (calib/bench.h has the shapes). */
#ifndef TENDERFOOT_CALIB_FIT_NOTE_H
#define TENDERFOOT_CALIB_FIT_NOTE_H

#include "calib/bench.h"

enum fit_note_kind { FIT_NOTE_OTHER, FIT_NOTE_HOLD, FIT_NOTE_END, FIT_NOTE_REFERENCE };

struct fit_note {
    enum fit_note_kind kind;
    enum bench_stage stage;
    double kpa, kg, temperature_c, tip_cm2;  /* NaN = not said */
    double x_mm, y_mm;                       /* middle of the footprint; NaN = not said */
    double width_mm, height_mm, diameter_mm; /* NaN = not said */
    double accuracy_percent;                 /* of the reference; NaN = not said */
    int direction, cycle, place;             /* direction +1 up, -1 down, 0 not said */
    int loaded;                              /* of an end: the load stays, to be changed */
    char stud[32], device[64];
};

/* 0, with FIT_NOTE_OTHER for what is not the bench's; -1 (refused) for a bench's note that is not
 * as it should be. */
int fit_note_parse(const char *json, size_t n, struct fit_note *note, struct problem *why);

#endif
