/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/series.h"

#include <stdlib.h>
#include <string.h>

#define ARRAYS 6

/* The arrays, so that growing and shifting is said once. */
static void arrays_of(struct frame_series *frames, double **arrays[ARRAYS])
{
    arrays[0] = &frames->time_s;
    arrays[1] = &frames->force_n;
    arrays[2] = &frames->cop_x_mm;
    arrays[3] = &frames->cop_y_mm;
    arrays[4] = &frames->area_cm2;
    arrays[5] = &frames->peak_kpa;
}

static int grow(struct series *series)
{
    size_t capacity = series->capacity ? series->capacity * 2 : 512;
    double **arrays[ARRAYS];

    arrays_of(&series->frames, arrays);
    for (int i = 0; i < ARRAYS; i++) {
        double *larger = realloc(*arrays[i], capacity * sizeof *larger);

        if (!larger)
            return -1;
        *arrays[i] = larger;
    }
    uint8_t *step = realloc(series->frames.step, capacity);

    if (!step)
        return -1;
    series->frames.step = step;
    series->capacity = capacity;
    return 0;
}

/* Where a frame of this time belongs. Until the end time_s holds microseconds, which a double
 * tells apart for 285 years. */
static size_t place_of(const struct frame_series *frames, double time_us)
{
    size_t at = frames->n;

    while (at > 0 && frames->time_s[at - 1] > time_us)
        at--;
    return at;
}

enum series_verdict series_add(struct series *series, uint64_t time_us,
                               const struct frame_numbers *numbers, enum step step)
{
    struct frame_series *frames = &series->frames;
    const double values[ARRAYS] = {(double)time_us,   numbers->force_n,  numbers->cop_x_mm,
                                   numbers->cop_y_mm, numbers->area_cm2, numbers->peak_kpa};
    double **arrays[ARRAYS];
    size_t at = place_of(frames, values[0]);

    if (at > 0 && frames->time_s[at - 1] == values[0])
        return SERIES_REPEATED;
    if (frames->n - at > SERIES_LATE_FRAMES)
        return SERIES_TOO_LATE;
    if (frames->n == series->capacity && grow(series))
        return SERIES_NO_MEMORY;
    arrays_of(frames, arrays);
    for (int i = 0; i < ARRAYS; i++) {
        double *array = *arrays[i];

        memmove(array + at + 1, array + at, (frames->n - at) * sizeof *array);
        array[at] = values[i];
    }
    memmove(frames->step + at + 1, frames->step + at, frames->n - at);
    frames->step[at] = (uint8_t)step;
    frames->n++;
    return at + 1 == frames->n ? SERIES_ADDED : SERIES_LATE;
}

struct frame_series series_finish(struct series *series)
{
    struct frame_series frames = series->frames;

    frames.first_us = frames.n ? (uint64_t)frames.time_s[0] : 0;
    for (size_t i = frames.n; i-- > 0;)
        frames.time_s[i] = (frames.time_s[i] - frames.time_s[0]) / 1e6;
    *series = (struct series){0};
    return frames;
}

void series_free(struct series *series)
{
    double **arrays[ARRAYS];

    arrays_of(&series->frames, arrays);
    for (int i = 0; i < ARRAYS; i++)
        free(*arrays[i]);
    free(series->frames.step);
    *series = (struct series){0};
}
