/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a virtual bench: refused with a sentence, or every number inside its stated range.
 * Small accepted ones are played for a moment, and what they say is fed to a bench session. */
#include "calib/bench.h"
#include "samples/bench_source.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define CELLS_MAX 400

static void check_bounds(const struct bench_script *script)
{
    const struct bench_plate_setting *plate = &script->plate;
    assert(plate->rows >= 4 && plate->rows <= 256 && plate->cols >= 4 && plate->cols <= 256);
    assert(plate->bits >= 8 && plate->bits <= 16 && plate->serial[0]);
    assert(plate->bulk_kpa > 0 && plate->small_kpa > 0 && plate->full_scale_kpa >= 10);
    assert(script->rise_s > 0 && script->hold_s > 0 && script->cycles >= 1);
    assert(script->n_studs <= BENCH_SCRIPT_STUDS_MAX);
    for (int i = 0; i < plate->n_named; i++)
        assert(plate->named[i].row < plate->rows && plate->named[i].col < plate->cols);
}

static void play(const struct bench_script *script, int stage)
{
    struct problem why = {0};
    struct scan_source *source = bench_source_create(script, stage, 7, &why);
    if (!source) {
        assert(why.text[0]);
        return;
    }
    uint16_t counts[CELLS_MAX];
    unsigned largest = (1u << source->bits) - 1;
    struct bench_session *session = bench_begin("fuzz", source->rows, source->cols, source->bits,
                                                source->pitch_x_mm, source->pitch_y_mm, &why);
    for (int i = 0; i < 6; i++) {
        uint64_t at_us = (uint64_t)i * source->duration_us / 6, said_us;
        const char *note;
        while ((note = source->next_annotation(source, at_us + 1, &said_us)))
            assert(!session || stage == BENCH_STAND ||
                   !bench_annotation(session, said_us, note, strlen(note), &why) || why.text[0]);
        source->scan(source, at_us, counts);
        for (int k = 0; k < source->rows * source->cols; k++)
            assert(counts[k] <= largest);
        if (session)
            bench_frame(session, at_us, counts);
    }
    bench_free(session);
    source->close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bench_script script;
    struct problem why = {0};
    if (bench_script_parse(data, size, "fuzz", &script, &why)) {
        assert(why.text[0] && why.kind != PROBLEM_NONE);
        return 0;
    }
    check_bounds(&script);
    if (script.plate.rows * script.plate.cols > CELLS_MAX)
        return 0;
    for (int stage = 0; stage < BENCH_STAGES; stage++)
        if (script.has[stage])
            play(&script, stage);
    return 0;
}
