/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bench: from what was laid on a plate, and what the plate said of it, to a calibration.
 *
 * One session is any number of recordings (empty plate, bladder up and down, a held load, masses,
 * warm, studs), fed in any order: annotations that say what lies on the plate from when on, frames
 * of tared counts, temperatures, the zeros of the tare. Fitting is a pure function of what was fed:
 * the same recordings give the same calibration. Cells are row-major, row 0 at the back.
 *
 * Annotations are JSON objects; the time is that of the device from which they hold:
 *   {"bench":"hold","stage":"empty"}
 *   {"bench":"hold","stage":"bladder","kpa":40.2,"direction":"up","cycle":1}      up | down
 *   {"bench":"hold","stage":"creep","kpa":100}             its whole course counts, not its tail
 *   {"bench":"hold","stage":"mass","kg":20.0,"place":3,"x_mm":240,"y_mm":240,"diameter_mm":60}
 *   {"bench":"hold","stage":"warm","kpa":100,"temperature_c":31.5}
 *   {"bench":"hold","stage":"stud","stud":"round 1 cm2","tip_cm2":1.0,"kg":5.0,"place":1}
 *   {"bench":"end"}                                        what lay on the plate is taken off
 *   {"bench":"end","loaded":true}                          the load stays, and is about to change
 *   {"bench":"reference","device":"gauge 7","accuracy_percent":0.5}
 * direction, cycle, place, x_mm, y_mm, diameter_mm (or width_mm and height_mm: the mass's known
 * footprint, its middle in the plate frame) and temperature_c may be left out. A hold ends where
 * the next one begins, at "end", or with the recording. Other annotations (without "bench") are
 * passed over; one with "bench" that is not as above is refused by name and changes nothing.
 *
 * Calibration at bits < 8 is refused by the file. One thread a session; nothing is borrowed. */
#ifndef TENDERFOOT_CALIB_BENCH_H
#define TENDERFOOT_CALIB_BENCH_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

#define BENCH_HOLDS_MAX 1024

enum bench_stage {
    BENCH_EMPTY,
    BENCH_BLADDER,
    BENCH_CREEP,
    BENCH_MASS,
    BENCH_WARM,
    BENCH_STUD,
    BENCH_STAGES
};
const char *bench_stage_name(enum bench_stage stage); /* "empty" ... */

struct bench_session;

/* pitch: of the cells, mm; a force is kPa x pitch_x x pitch_y / 1000 N. NULL and *why (refused) for
 * a geometry out of bounds (1 to 256 rows and columns, 8 to 16 bits, 0.5 to 50 mm). */
struct bench_session *bench_begin(const char *serial, int rows, int cols, int bits,
                                  double pitch_x_mm, double pitch_y_mm, struct problem *why);
void bench_free(struct bench_session *session);

/* n bytes of JSON; 0 when taken or passed over, -1 (refused, or failed when memory is short). */
int bench_annotation(struct bench_session *session, uint64_t time_us, const char *json, size_t n,
                     struct problem *why);

/* Tared counts of all cells. Frames outside a hold, and those of before the last one, are passed
 * over. No allocation. */
void bench_frame(struct bench_session *session, uint64_t time_us, const uint16_t *counts);

/* From a STATUS; holds for the frames that follow. NAN = not known. */
void bench_temperature(struct bench_session *session, double celsius);

/* The tare's: zeros in counts, floors as in WIRE_ZERO (65535 = masked by the tare). Either may be
 * NULL. The last ones fed count for the cells' health. */
int bench_zeros(struct bench_session *session, const uint16_t *zeros, const uint16_t *floors,
                struct problem *why);

/* A recording is over: its hold ends, and the next recording has a clock of its own. */
int bench_end_recording(struct bench_session *session, struct problem *why);

/* What has been fed so far: for a verb that resumes, and for a person. */
struct bench_hold_facts {
    enum bench_stage stage;
    double kpa, kg, temperature_c; /* NaN where it has none */
    int direction, cycle, place;   /* direction +1 up, -1 down, 0 not said */
    double seconds, tail_seconds;  /* of the hold; of the steady end of it that is used */
    size_t frames;                 /* of the tail */
    double median_counts;          /* of the cells that answer */
    double drift_percent;          /* of the median reading over the tail */
    int settled;                   /* 0: moved too much over the tail, or too few frames */
};
size_t bench_hold_count(const struct bench_session *session); /* a running hold is not counted */
void bench_hold(const struct bench_session *session, size_t i, struct bench_hold_facts *facts);

struct bench_options {
    const char *id, *date, *operator_name; /* as in calibration_spec; id NULL = SERIAL-DATE */
    const char *reference_device;          /* NULL = as annotated */
    const char *curve;                     /* NULL = chosen by cross-validated error */
    int no_dynamics;                       /* 1 = neither creep, hysteresis nor temperature */
    int threads;                           /* 0 = as many as there are cores */
};

/* What the fit says. All is owned by the fit, the spec's strings and arrays too: valid until
 * bench_fit_free, and fit for calibration_write as it is. */
struct bench_fit {
    struct calibration_spec spec;
    size_t health_count[CELL_HEALTHS];
    int bladder_holds, cycles, distinct_kpa; /* that the curves stand on */
    double least_kpa, most_kpa;              /* pressures reached by the bladder */
    double reference_accuracy_percent;       /* as annotated; NaN = not said */
    double cop_error_mm;                     /* RMS, of masses at known places; NaN = none known */
    double dynamics_gain_percent; /* how much the error fell by compensation; 0 = kept none */
    char **notes;                 /* n_notes sentences: holds that did not settle, holds
                                     judged to have a wrong reference, what was not measured */
    size_t n_notes;
};

/* Fits. NULL and *why when it cannot be done: fewer than three pressures of the bladder with an
 * answer (refused: it says which were had and what to record), a curve of an unknown name (usage),
 * no memory. The session is not changed and may be fed further. GSL's error handler, which the
 * whole process shares, is off meanwhile. */
struct bench_fit *bench_fit(const struct bench_session *session,
                            const struct bench_options *options, struct problem *why);
void bench_fit_free(struct bench_fit *fit);

/* The fit in words and a table, for a terminal (malloc'ed, '\n' at line ends), or NULL: no memory.
 */
char *bench_fit_text(const struct bench_fit *fit);

#endif
