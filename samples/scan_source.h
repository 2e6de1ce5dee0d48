/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a virtual plate scans: a source of counts, button edges and operator's annotations.
 *
 * Made from a virtual subject (samples/subject_source.h) or a recording
 * (samples/recording_source.h). Times are us since the source began and never go back. The source
 * is the world: it knows nothing of tare, gate or wire. One thread. */
#ifndef TENDERFOOT_SAMPLES_SCAN_SOURCE_H
#define TENDERFOOT_SAMPLES_SCAN_SOURCE_H

#include <stdint.h>

struct button_edge {
    uint64_t time_us;
    int down;
};

struct scan_source {
    int rows, cols, bits;
    double pitch_x_mm, pitch_y_mm, rate_hz, full_scale_kpa;
    char serial[25];
    uint64_t duration_us; /* the source ends here */
    void *own;
    /* Counts of all cells as the converter would give them at this time (not tared). */
    void (*scan)(struct scan_source *source, uint64_t time_us, uint16_t *counts);
    /* The next button edge before `until_us`, each given once: 1, or 0 when there is none yet. */
    int (*next_edge)(struct scan_source *source, uint64_t until_us, struct button_edge *edge);
    /* The next annotation before `until_us` (JSON, NUL-terminated, valid until the next call), each
     * given once, or NULL. */
    const char *(*next_annotation)(struct scan_source *source, uint64_t until_us,
                                   uint64_t *time_us);
    /* The plate's own thermometer at a time, degree Celsius; NULL = it has none. */
    double (*temperature_c)(struct scan_source *source, uint64_t time_us);
    /* A world that can be led: NULL = it follows its own plan. `hear`: what an operator at the host
     * says to the person (one annotation, NUL-terminated JSON); from the first one on the source's
     * own operator is silent, its own presses are dropped, and the person does what is announced:
     * lowers the foot onto the stud of a `press`, answers, lifts. `see`: the plate's light and
     * buzzer changed (WIRE_SIGNAL_*); buzzer means lift. */
    void (*hear)(struct scan_source *source, uint64_t time_us, const char *json);
    void (*see)(struct scan_source *source, uint64_t time_us, unsigned signals);
    void (*close)(struct scan_source *source); /* frees `own` and the source */
};

#endif
