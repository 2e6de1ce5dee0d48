/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guided press test sends to its plate: ceiling, light and buzzer; and what the plate says
 * to it. A plate without one of them is not asked for it. One thread a handle; no allocation but
 * inside the reckoning of a ceiling (press_limit.h). */
#ifndef TENDERFOOT_DRIVER_PRESS_COMMANDS_H
#define TENDERFOOT_DRIVER_PRESS_COMMANDS_H

#include "analysis/press/protocol.h"
#include "driver/press_limit.h"
#include "driver/session.h"

#define PRESS_COMMANDS_MAX 8

struct press_commands {
    unsigned features; /* enum wire_feature */
    const struct calibration *calibration;
    struct grid grid;
    double base_cm2; /* of the stud */
    uint32_t last_request;
    struct {
        uint8_t type;
        struct wire_command command;
    } queue[PRESS_COMMANDS_MAX];
    int n_queue;
    int is_waiting;             /* for the ACK of `limit` */
    struct wire_command limit;  /* the one that counts */
    uint64_t asked_us;          /* host clock, when it was last sent */
    struct press_limit ceiling; /* what `limit` stands for */
    uint32_t first_counts;      /* its sum before anything pressed; 0 = no limit is asked for */
    double refine_from;         /* at this share of the ceiling the sum is worked out anew */
};

struct press_commands press_commands_for(const struct wire_hello *plate,
                                         const struct calibration *calibration,
                                         const struct tool *tool);

enum press_limit_news { PRESS_LIMIT_ASKED, PRESS_LIMIT_IN_SOFTWARE, PRESS_LIMIT_IMPOSSIBLE };

/* Asks the plate for a ceiling. IN_SOFTWARE: it has none, the engine alone watches. IMPOSSIBLE:
 * *why says why no press can be made there. */
enum press_limit_news press_commands_limit(struct press_commands *commands,
                                           const struct press_action *action, struct problem *why);
void press_commands_clear(struct press_commands *commands);

/* A frame (rows * cols kPa) of the press: how the load really lies is known from PRESS_REFINE_FROM
 * of the ceiling on, and the plate is asked for a sum that comes nearer to it (press_limit_refine);
 * anew at each PRESS_REFINE_STEP more, also after a part of it was lifted. A word that is lost
 * leaves the sum that was. When the load goes, the first sum is asked for again: the next load may
 * lie otherwise. */
#define PRESS_REFINE_FROM 0.4
#define PRESS_REFINE_STEP 0.2
void press_commands_refine(struct press_commands *commands, const float *kpa);
void press_commands_signal(struct press_commands *commands, unsigned duration_ms);

/* The next command to send at a time of the host's clock: 1, or 0. */
int press_commands_next(struct press_commands *commands, uint64_t host_us,
                        struct session_wish *wish);

/* What a message of the plate says about the ceiling asked for last: 1 = it is set, 0 = refused, -1
 * = nothing. */
int press_commands_hear(struct press_commands *commands, const struct wire_message *message);

#endif
