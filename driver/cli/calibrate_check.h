/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `tenderfoot calibrate --check`: "stand still, 80.0 kg". */
#ifndef TENDERFOOT_DRIVER_CLI_CALIBRATE_CHECK_H
#define TENDERFOOT_DRIVER_CLI_CALIBRATE_CHECK_H

#include "firmware/wire/problem.h"

struct calibrate_check_options {
    const char *what;        /* a recording, or a plate's URI */
    const char *calibration; /* NULL = the recording's own copy */
    const char *keep;        /* where a live stand is recorded; NULL = nowhere for long */
    double kg;
    int json;
};

/* Prints the verdict; *holds is it. -1: there is none, and why. */
int calibrate_check(const struct calibrate_check_options *options, int *holds, struct problem *why);

#endif
