/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/bench_runner.h"

#include "firmware/wire/frame_codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int bench_tare_make(struct bench_tare *tare, size_t cells)
{
    *tare = (struct bench_tare){.cells = cells};
    tare->zeros = calloc(cells, sizeof *tare->zeros);
    tare->floors = calloc(cells, sizeof *tare->floors);
    return tare->zeros && tare->floors ? 0 : -1;
}

void bench_tare_free(struct bench_tare *tare)
{
    free(tare->zeros);
    free(tare->floors);
}

uint64_t bench_tare_take(struct bench_tare *tare, struct scan_source *source, int n, uint64_t dt_us,
                         uint16_t *counts)
{
    double *sum = calloc(2 * tare->cells, sizeof *sum);
    if (!sum)
        abort();
    double *square = sum + tare->cells;
    for (int k = 0; k < n; k++) {
        source->scan(source, (uint64_t)(k + 1) * dt_us, counts);
        for (size_t i = 0; i < tare->cells; i++) {
            sum[i] += counts[i];
            square[i] += (double)counts[i] * counts[i];
        }
    }
    double top = (1 << source->bits) * 0.875;
    for (size_t i = 0; i < tare->cells; i++) {
        double mean = sum[i] / n, variance = fmax(square[i] / n - mean * mean, 0);
        tare->zeros[i] = (uint16_t)lround(mean);
        tare->floors[i] = (uint16_t)fmax(1, ceil(4 * sqrt(variance)));
        if (mean >= top)
            tare->floors[i] = ZERO_MASKED;
    }
    free(sum);
    return (uint64_t)n * dt_us;
}

void bench_tare_apply(const struct bench_tare *tare, uint16_t *counts)
{
    for (size_t i = 0; i < tare->cells; i++) {
        int over = counts[i] > tare->zeros[i] ? counts[i] - tare->zeros[i] : 0;
        counts[i] = over >= tare->floors[i] && tare->floors[i] != ZERO_MASKED ? (uint16_t)over : 0;
    }
}

static int say(struct bench_session *session, struct scan_source *source, uint64_t until_us,
               bench_note_change *change, void *context, struct problem *why)
{
    const char *json;
    uint64_t at_us;
    while (source->next_annotation && (json = source->next_annotation(source, until_us, &at_us))) {
        char *changed = change ? change(context, json) : NULL;
        const char *said = changed ? changed : json;
        int bad = bench_annotation(session, at_us, said, strlen(said), why);
        free(changed);
        if (bad)
            return -1;
    }
    return 0;
}

static int play(struct bench_session *session, struct scan_source *source, struct bench_tare *tare,
                uint16_t *counts, bench_note_change *change, void *context, struct problem *why)
{
    uint64_t dt_us = (uint64_t)(1e6 / source->rate_hz);
    uint64_t now_us = bench_tare_take(tare, source, (int)(0.8 * source->rate_hz), dt_us, counts);
    if (bench_zeros(session, tare->zeros, tare->floors, why))
        return -1;
    for (now_us += dt_us; now_us <= source->duration_us; now_us += dt_us) {
        if (say(session, source, now_us, change, context, why))
            return -1;
        bench_temperature(session, source->temperature_c(source, now_us));
        source->scan(source, now_us, counts);
        bench_tare_apply(tare, counts);
        bench_frame(session, now_us, counts);
    }
    return say(session, source, UINT64_MAX, change, context, why) ||
                   bench_end_recording(session, why)
               ? -1
               : 0;
}

int bench_run_stage(struct bench_session *session, const struct bench_script *script, int stage,
                    uint64_t seed, bench_note_change *change, void *context, struct problem *why)
{
    size_t cells = (size_t)script->plate.rows * (size_t)script->plate.cols;
    struct bench_tare tare = {0};
    uint16_t *counts = calloc(cells, sizeof *counts);
    struct scan_source *source = bench_source_create(script, stage, seed, why);
    int result = -1;
    if (counts && source && !bench_tare_make(&tare, cells))
        result = play(session, source, &tare, counts, change, context, why);
    bench_tare_free(&tare);
    if (source)
        source->close(source);
    free(counts);
    return result;
}

struct bench_session *bench_run(const struct bench_script *script, uint64_t seed,
                                bench_note_change *change, void *context, struct problem *why)
{
    const struct bench_plate_setting *p = &script->plate;
    struct bench_session *session =
        bench_begin(p->serial, p->rows, p->cols, p->bits, p->pitch_x_mm, p->pitch_y_mm, why);
    for (int stage = 0; session && stage < BENCH_STAGES; stage++) {
        if (script->has[stage] &&
            bench_run_stage(session, script, stage, seed, change, context, why)) {
            bench_free(session);
            session = NULL;
        }
    }
    return session;
}
