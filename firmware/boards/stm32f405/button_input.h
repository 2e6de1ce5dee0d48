/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The response button: each change of its contact, stamped by TIM2's capture channel 3 on the
 * device clock, to the microsecond; bounce included, for firmware/core judges it.
 *
 * The interrupt puts edges into a ring, the main loop takes them out (C11 atomics, one writer
 * each). A contact gone wild fills the ring: further edges are let go, and once the ring is empty
 * the contact's present level is told as one more edge, so that the last word is always the truth.
 */
#ifndef TENDERFOOT_STM32F405_BUTTON_INPUT_H
#define TENDERFOOT_STM32F405_BUTTON_INPUT_H

#include "firmware/core/plate.h"

#include <stdatomic.h>
#include <stdint.h>

#define BUTTON_RING 64u /* edges; a press bounces some ten times. A power of two. */

/* Nobody but button_input.c looks inside. */
struct button_input {
    struct {
        uint32_t count; /* of TIM2 */
        int down;
    } ring[BUTTON_RING];
    atomic_uint produced, consumed;
    atomic_int has_overflown;
    uint64_t last_us; /* of the edge given last */
    int last_down;
};

/* Sets up pin and channel. timebase_start has gone before; the caller enables IRQ_TIM2 at
 * PRIORITY_CAPTURE afterwards. */
void button_input_start(struct button_input *button);

/* TIM2's interrupt. */
void button_input_interrupt(struct button_input *button);

/* struct plate_config's button_edge, but for the context. An edge must be asked for within 35
 * minutes. */
int button_input_edge(struct button_input *button, struct plate_edge *edge);

#endif
