/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody who presses for benches: goes on wherever the engine waits, and never answers. For
 * programs of one thread; a header alone, as each bench is linked with the library and nothing
 * else. */
#ifndef TENDERFOOT_TESTS_BENCH_PRESSER_H
#define TENDERFOOT_TESTS_BENCH_PRESSER_H

#include "analysis/press/protocol.h"

/* GO wherever it waits, each limit held: the ramp rises again and again, and nobody answers. */
static inline void bench_press_on(struct press_protocol *protocol, uint64_t now_us,
                                  const struct press_cue *cue)
{
    struct press_action action;

    while (press_protocol_action(protocol, &action))
        if (action.kind == PRESS_ACTION_SET_LIMIT)
            press_protocol_limit_set(protocol, 1);
    if (cue->step != PRESS_STEP_RAMP && cue->step != PRESS_STEP_READY)
        press_protocol_key(protocol, now_us,
                           cue->step == PRESS_STEP_SCALE ? PRESS_KEY_SCALE_0 : PRESS_KEY_GO);
}

/* The stud's base where the cue wants it, on cells of 5 mm, rising for 5 s at 40 kPa/s. */
static inline void bench_press_draw(float *kpa, int cols, const struct press_cue *cue,
                                    uint64_t now_us)
{
    int is_up = cue->step == PRESS_STEP_RAMP || cue->step == PRESS_STEP_READY;
    double tip_kpa = is_up ? (double)(now_us % 5000000) * 4e-5 : 0;

    for (int r = -2; cue->place && r < 2; r++)
        for (int c = -2; c < 2; c++)
            kpa[((int)(cue->stud.y_mm / 5) + r) * cols + (int)(cue->stud.x_mm / 5) + c] =
                (float)(tip_kpa / 4);
}

#endif
