/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stages of a bench as files of one folder: DIR/empty.tfr, bladder.tfr, ... each recorded when
 * it is missing, and checked.
 *
 * A stage is there when its file has its end mark and says that the stage was done. One that was
 * killed or broken off is kept aside (DIR/bladder.half-1.tfr) and recorded anew; one that is
 * refused is kept aside too (bladder.refused-1.tfr), also where it was there already. One thread.
 */
#ifndef TENDERFOOT_DRIVER_BENCH_RUN_H
#define TENDERFOOT_DRIVER_BENCH_RUN_H

#include "calib/bench.h"
#include "driver/bench_operator.h"
#include "driver/session.h"
#include "firmware/wire/problem.h"

/* DIR/STAGE.tfr, malloc'ed, or NULL. */
char *bench_run_path(const char *folder, enum bench_stage stage, struct problem *why);

/* 1 = the URI names a virtual bench (virtual:FILE with FILE of "tenderfoot/bench/1"), and has[]
 * says which stages it has; 0 = another plate, has[] is as it was; -1 = a file that cannot be read,
 * a wrong bench, one without any stage, or one stage of it (FILE#STAGE). */
int bench_run_is_virtual(const char *uri, int has[BENCH_STAGES], struct problem *why);

/* The URI of one stage of a virtual bench (malloc'ed), at the pace at which the host reads unless
 * the URI says another. */
char *bench_run_stage_uri(const char *uri, enum bench_stage stage, struct problem *why);

struct bench_run_options {
    const char *uri, *folder;
    const struct bench_procedure *procedure; /* what the maker is asked for */
    int is_virtual;                          /* a virtual bench is its own operator */
    unsigned rate_hz;                        /* 0 = the plate's own */
    double wait_s;
    int keyboard_fd, stop_fd;
    void (*tell)(void *context, const char *sentence);
    void *context;
};

enum bench_run_outcome {
    BENCH_RUN_WAS_THERE,
    BENCH_RUN_RECORDED,
    BENCH_RUN_UNFINISHED, /* the maker stopped; its file will be recorded anew */
};

/* One stage. -1: it could not be recorded, or the recording is refused (PROBLEM_REFUSED), and *why
 * says what to do. */
int bench_run_record(const struct bench_run_options *options, enum bench_stage stage,
                     enum bench_run_outcome *outcome, struct problem *why);

#endif
