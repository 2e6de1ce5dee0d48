/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual visit recorded: the subject stands on a virtual plate in this process, the firmware's
 * core scans it, and a host asks for HELLO, TARE and START and writes what comes, as fast as it
 * goes. No frame can be lost on the way. Same subject, seed and options give the same bytes: host
 * times are the plate's clock set on by one second, and created_utc is the caller's. */
#ifndef TENDERFOOT_SAMPLES_SIMULATE_H
#define TENDERFOOT_SAMPLES_SIMULATE_H

#include "samples/subject.h"
#include "samples/truth.h"

struct simulation {
    const struct subject *subject;
    uint64_t seed;
    const char *path;        /* of the recording; must not exist */
    const char *created_utc; /* "2026-01-01T00:00:00Z" */
    const void *calibration; /* copied into the recording; NULL = none */
    size_t n_calibration;
    const char *calibration_id;                   /* "nominal" without one */
    FILE *truth;                                  /* NULL = not wanted */
    void (*progress)(void *context, double done); /* 0..1; may be NULL */
    void *context;
};

struct simulation_facts {
    uint64_t frames;
    double duration_s; /* from the first frame to the end of the last */
    int presses, answers;
};

/* Records; no trace of the recording is left on failure. */
int simulate(const struct simulation *simulation, struct simulation_facts *facts,
             struct problem *why);

#endif
