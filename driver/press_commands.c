/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_commands.h"

#include "analysis/press/press_force.h"

#include <math.h>
#include <string.h>

#define ASK_AGAIN_US 500000u
#define PLACE_MM 2.0       /* a stud is put so well where it was asked for */
#define GONE_SHARE 0.2     /* of the ceiling: less, and that load has gone */
#define WORTH_A_WORD 0.005 /* a sum that differs by less is not sent anew */

struct press_commands press_commands_for(const struct wire_hello *plate,
                                         const struct calibration *calibration,
                                         const struct tool *tool)
{
    return (struct press_commands){
        .features = plate->features,
        .calibration = calibration,
        .grid = {plate->rows, plate->cols, plate->pitch_x_um * 1e-3, plate->pitch_y_um * 1e-3},
        .base_cm2 = tool->footprint_cm2,
        .last_request = SESSION_REQUESTS};
}

/* A full queue is one that nobody sends: the newest word is worth most. */
static struct wire_command *put(struct press_commands *c, uint8_t type)
{
    if (c->n_queue == PRESS_COMMANDS_MAX) {
        memmove(c->queue, c->queue + 1, sizeof c->queue - sizeof c->queue[0]);
        c->n_queue--;
    }
    c->queue[c->n_queue].type = type;
    struct wire_command *command = &c->queue[c->n_queue++].command;
    *command = (struct wire_command){.request = ++c->last_request};
    return command;
}

enum press_limit_news press_commands_limit(struct press_commands *c,
                                           const struct press_action *action, struct problem *why)
{
    struct press_limit limit = {.row0 = action->row0,
                                .col0 = action->col0,
                                .rows = action->rows,
                                .cols = action->cols,
                                .force_n = action->force_n,
                                .base_cm2 = c->base_cm2,
                                .stud_known = action->stud_known,
                                .stud = action->stud,
                                .place_mm = PLACE_MM};
    uint32_t sum;
    if (!(c->features & WIRE_HAS_LIMIT))
        return PRESS_LIMIT_IN_SOFTWARE;
    if (press_limit_counts(c->calibration, &c->grid, &limit, &sum, why))
        return PRESS_LIMIT_IMPOSSIBLE;
    c->limit = (struct wire_command){.request = ++c->last_request};
    c->limit.as.limit.row0 = (uint16_t)limit.row0;
    c->limit.as.limit.col0 = (uint16_t)limit.col0;
    c->limit.as.limit.rows = (uint16_t)limit.rows;
    c->limit.as.limit.cols = (uint16_t)limit.cols;
    c->limit.as.limit.sum_counts = sum;
    c->limit.as.limit.expiry_ms = action->expiry_ms;
    c->is_waiting = 1;
    c->asked_us = 0;
    c->ceiling = limit;
    c->first_counts = sum;
    c->refine_from = PRESS_REFINE_FROM;
    return PRESS_LIMIT_ASKED;
}

/* Only while nothing else about the limit is under way: its answer is another one's. */
static void send_sum(struct press_commands *c, uint32_t sum)
{
    double change = fabs((double)sum - c->limit.as.limit.sum_counts);
    if (change <= WORTH_A_WORD * c->limit.as.limit.sum_counts)
        return;
    c->limit.as.limit.sum_counts = sum;
    struct wire_command *command = put(c, WIRE_CMD_SET_LIMIT);
    command->as.limit = c->limit.as.limit;
}

void press_commands_refine(struct press_commands *c, const float *kpa)
{
    const struct press_limit *l = &c->ceiling;
    struct stud_window window = {l->row0, l->row0 + l->rows - 1, l->col0, l->col0 + l->cols - 1};
    uint32_t sum;
    if (!c->first_counts || c->is_waiting)
        return;
    double share = stud_force_n(&c->grid, &window, kpa) / l->force_n;
    /* What is lifted a little and pressed again may lie otherwise: it is looked at anew. */
    c->refine_from = fmax(PRESS_REFINE_FROM, fmin(c->refine_from, share + PRESS_REFINE_STEP));
    if (share < GONE_SHARE)
        send_sum(c, c->first_counts);
    if (!(share >= c->refine_from))
        return;
    c->refine_from = share + PRESS_REFINE_STEP;
    if (press_limit_refine(c->calibration, &c->grid, l, kpa, &sum))
        send_sum(c, sum);
}

void press_commands_clear(struct press_commands *c)
{
    c->is_waiting = 0;
    c->first_counts = 0;
    if (c->features & WIRE_HAS_LIMIT)
        put(c, WIRE_CMD_SET_LIMIT); /* no rows: none */
}

void press_commands_signal(struct press_commands *c, unsigned duration_ms)
{
    unsigned signals = (c->features & WIRE_HAS_LIGHT ? WIRE_SIGNAL_LIGHT : 0u) |
                       (c->features & WIRE_HAS_BUZZER ? WIRE_SIGNAL_BUZZER : 0u);
    if (!signals)
        return;
    struct wire_command *command = put(c, WIRE_CMD_SIGNAL);
    command->as.signal.signals = (uint8_t)signals;
    command->as.signal.duration_ms = (uint16_t)(duration_ms < 65535 ? duration_ms : 65535);
}

int press_commands_next(struct press_commands *c, uint64_t host_us, struct session_wish *wish)
{
    if (c->n_queue > 0) {
        wish->command_type = c->queue[0].type;
        wish->command = c->queue[0].command;
        memmove(c->queue, c->queue + 1, sizeof c->queue - sizeof c->queue[0]);
        c->n_queue--;
        return 1;
    }
    if (!c->is_waiting || host_us < c->asked_us + ASK_AGAIN_US)
        return 0;
    c->asked_us = host_us;
    wish->command_type = WIRE_CMD_SET_LIMIT;
    wish->command = c->limit;
    return 1;
}

int press_commands_hear(struct press_commands *c, const struct wire_message *message)
{
    struct wire_ack ack;
    if (!c->is_waiting || message->type != WIRE_ACK ||
        wire_get_ack(message->payload, message->payload_len, &ack) ||
        ack.request != c->limit.request || ack.command != WIRE_CMD_SET_LIMIT)
        return -1;
    c->is_waiting = 0;
    return ack.status == WIRE_OK;
}
