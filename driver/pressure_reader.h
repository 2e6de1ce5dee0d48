/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as pressure: frames in kPa, button edges, limits and annotations, in file order.
 *
 * Opens a `.tfr`, takes the calibration's copy inside it (or another one given, or the plate's
 * stated full scale as the nominal line) and turns each FRAME into kPa, with what the calibration
 * knows of creep, hysteresis and temperature taken off (plate_pressure.h); FRAME_F32 is given as it
 * is. Repeats are skipped. Time is the device's clock in us; when the plate restarted inside the
 * recording its clock is set on, by the host's clock where the file tells it, so that time_us does
 * not fall back; and what it sends untared from then on is tared here, by the zeros and floors that
 * it told after its last tare (plate_zeros.h). Within one boot an event may come up to a scan after
 * a frame of a later time, and a late frame (`late`) after newer ones. Memory: two frames and the
 * reader's buffer, whatever the file's length. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_PRESSURE_READER_H
#define TENDERFOOT_DRIVER_PRESSURE_READER_H

#include "calib/calibration.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

enum pressure_kind {
    PRESSURE_FRAME,
    PRESSURE_BUTTON,     /* `down` tells which edge */
    PRESSURE_LIMIT,      /* the press test's ceiling was reached */
    PRESSURE_ANNOTATION, /* `json` */
    PRESSURE_OTHER,      /* `message`: STATUS, LOG, HELLO ... for who wants them */
};

struct pressure_item {
    enum pressure_kind kind;
    uint64_t time_us;      /* device clock, continued over restarts */
    uint64_t host_time_us; /* 0 when the file does not tell */
    uint32_t seq;          /* FRAME: number of the scan since boot */
    const float *kpa;      /* FRAME: rows * cols, row-major, row 0 at the back; else NULL */
    int late;              /* FRAME: came after a newer one */
    int saturated;         /* FRAME: at least one cell at the top of the converter's range */
    int untared;           /* FRAME: its plate had restarted, and neither it nor this file knows
                              the zeros of its cells: too high by what each cell reads at rest */
    int down;              /* BUTTON */
    const char *json;      /* ANNOTATION: n_json bytes of UTF-8, not NUL-terminated */
    size_t n_json;
    struct wire_message message; /* as stored, whatever the kind */
};

struct pressure_reader;

/* Opens `path`. `calibration_path` (may be NULL) names a calibration to use in place of the copy in
 * the file; one for another plate is refused. A recording of counts that has neither a calibration
 * nor a stated full scale is refused: there is no honest kPa of it. NULL and *why on failure. */
struct pressure_reader *pressure_reader_open(const char *path, const char *calibration_path,
                                             struct problem *why);
void pressure_reader_close(struct pressure_reader *reader);

/* The next item: 1, 0 at the end, -1 on a read error. Pointers in it hold until the next call. */
int pressure_reader_next(struct pressure_reader *reader, struct pressure_item *item,
                         struct problem *why);
void pressure_reader_rewind(struct pressure_reader *reader);

/* Geometry, rate, client and so on: the file's own header. Lives as long as the reader. */
const struct recording_header *pressure_reader_header(const struct pressure_reader *reader);

/* The calibration in use, or NULL when the frames are stored in kPa. Lives as long as the reader.
 */
const struct calibration *pressure_reader_calibration(const struct pressure_reader *reader);

/* As recording_summary: complete once next has given 0. */
void pressure_reader_summary(const struct pressure_reader *reader,
                             struct recording_summary *summary);

/* FRAMEs that were whole but could not be used so far: another geometry or an unknown code. */
uint64_t pressure_reader_unusable_frames(const struct pressure_reader *reader);

#endif
