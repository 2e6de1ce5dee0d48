/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what may be said to a bench session: lines of annotations, each followed by a few frames,
 * whatever they say; then the fit, which may refuse. */
#include "calib/bench.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 12

static void frames(struct bench_session *session, uint64_t *now_us, size_t salt)
{
    uint16_t counts[CELLS];
    for (int k = 0; k < 8; k++) {
        for (size_t i = 0; i < CELLS; i++)
            counts[i] = (uint16_t)((salt * 37 + i * 11 + (size_t)k) % 4096);
        bench_frame(session, *now_us += 40000, counts);
    }
}

static void say_lines(struct bench_session *session, const char *text, size_t n)
{
    uint64_t now_us = 0;
    for (size_t at = 0; at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t length = end ? (size_t)(end - text) - at : n - at;
        bench_annotation(session, now_us, text + at, length, NULL);
        frames(session, &now_us, length);
        at += length + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 8192)
        return 0;
    struct problem why;
    struct bench_session *session = bench_begin("FUZZ-1", 3, 4, 12, 5, 5, &why);
    if (!session)
        abort();
    say_lines(session, (const char *)data, size);
    bench_end_recording(session, NULL);
    struct bench_options options = {.date = "2026-03-01", .curve = "power", .threads = 1};
    struct bench_fit *fit = bench_fit(session, &options, &why);
    if (fit) {
        char *text = bench_fit_text(fit);
        if (!text)
            abort();
        free(text);
    }
    bench_fit_free(fit);
    bench_free(session);
    return 0;
}
