/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places that the guided test leaves out: each is told, with its reason, and never read as clear.
 */
#include "analysis/press/protocol_private.h"

#include <stdarg.h>
#include <stdio.h>

static int add(struct press_protocol *p, int place, int is_unreached)
{
    struct place_state *state = &p->places[place];

    if (state->is_out)
        return 0;
    state->is_out = 1;
    state->is_unreached = is_unreached;
    p->outs[p->n_outs++] = place;
    return 1;
}

void protocol_leave_out(struct press_protocol *p, int place, const char *format, ...)
{
    struct place_state *state = &p->places[place];
    va_list arguments;

    if (!add(p, place, 0))
        return;
    va_start(arguments, format);
    vsnprintf(state->out_why, sizeof state->out_why, format, arguments);
    va_end(arguments);
}

/* Only what nobody ever pressed: an earlier session's press is one. */
void protocol_leave_unreached(struct press_protocol *p, const char *why)
{
    if (p->standing) /* no places */
        return;
    for (int i = 0; i < p->n_presses; i++)
        p->places[p->presses[i].place].was_pressed = 1;
    for (int i = 0; i < p->route->n; i++)
        if (!p->places[i].was_pressed && add(p, i, 1))
            snprintf(p->places[i].out_why, sizeof p->places[i].out_why, "%s: %s",
                     p->places[i].voids ? "no press there counted" : "not reached", why);
}

int press_protocol_left_out(const struct press_protocol *p, int index, struct press_left_out *out)
{
    if (index < 0 || index >= p->n_outs)
        return 0;
    const struct place_state *state = &p->places[p->outs[index]];
    *out = (struct press_left_out){.place = &p->route->places[p->outs[index]],
                                   .presses = state->presses,
                                   .is_unreached = state->is_unreached,
                                   .why = state->out_why};
    return 1;
}

enum press_pressed press_protocol_pressed(const struct press_protocol *p, int place)
{
    if (p->standing || place < 0 || place >= p->route->n)
        return PRESSED_NEVER;
    if (p->places[place].presses > 0)
        return PRESSED_NOW;
    for (int i = 0; i < p->n_presses; i++)
        if (p->presses[i].place == place)
            return PRESSED_EARLIER;
    return PRESSED_NEVER;
}
