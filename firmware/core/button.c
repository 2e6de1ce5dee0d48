/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debounce: the contact is believed after it has been quiet for debounce_us, and the event carries
 * the time of the first edge, when the finger moved. A contact that comes to rest where it was (a
 * glitch, or a tap shorter than the quiet time) is no event. */
#include "firmware/core/plate_private.h"

#define DEFAULT_DEBOUNCE_US 5000u

static int may_tell(const struct plate *plate)
{
    return plate->owner < 0 || plate_outbox_room(plate, (unsigned)plate->owner) >= PLATE_EVENT_ROOM;
}

static void settle(struct plate *plate)
{
    plate->button.is_moving = 0;
    if (plate->button.level == plate->button.down)
        return;
    plate->button.down = plate->button.level;
    plate_put_event(plate, plate->button.down ? WIRE_BUTTON_DOWN : WIRE_BUTTON_UP, 0,
                    plate->button.first_us);
}

static int is_quiet_at(const struct plate *plate, uint64_t time_us)
{
    uint32_t debounce_us =
        plate->config->debounce_us ? plate->config->debounce_us : DEFAULT_DEBOUNCE_US;
    return plate->button.is_moving && time_us >= plate->button.last_us + debounce_us;
}

static void take_edge(struct plate *plate, const struct plate_edge *edge)
{
    int down = edge->down != 0;
    if (is_quiet_at(plate, edge->time_us))
        settle(plate);
    if (!plate->button.is_moving) {
        if (down == plate->button.down)
            return;
        plate->button.is_moving = 1;
        plate->button.first_us = edge->time_us;
    }
    plate->button.level = down;
    plate->button.last_us = edge->time_us;
}

/* Edges wait at the board while a slow host leaves no room to tell of them. The clock settles the
 * contact only when no edge before now is left. */
void plate_button_step(struct plate *plate, uint64_t now_us)
{
    const struct plate_config *config = plate->config;
    struct plate_edge edge;
    if (!config->button_edge)
        return;
    for (unsigned i = 0; i < PLATE_EDGES_PER_STEP; i++) {
        if (!may_tell(plate))
            return;
        if (!config->button_edge(config->context, &edge)) {
            if (is_quiet_at(plate, now_us))
                settle(plate);
            return;
        }
        take_edge(plate, &edge);
    }
}
