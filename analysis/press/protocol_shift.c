/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weight shifts on the bare plate, live: what the wanted region bears. */
#include "analysis/press/protocol_standing.h"

#include <math.h>
#include <stdlib.h>

/* Back to even: half of what was wanted more has gone again. */
#define BACK_SHARE 0.5
/* A region that loses it for a moment while it is held is not begun anew. */
#define LAPSE_SHARE 0.93
#define STEPPED_OFF_SHARE 0.5

/* --- Begin ------------------------------------------------------------------------------------ */

int shift_begin(struct press_protocol *p, struct problem *why)
{
    struct standing *s = p->standing;
    size_t cells = grid_cells(&p->options.grid);

    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (!p->options.leave_out[side] && !(p->options.frame[side].length_mm > 0))
            return problem(why, PROBLEM_USAGE,
                           "weight shifts need to know where each foot stands on the plate");
    s->owner = calloc(cells, 1);
    s->regions = calloc(cells, 1);
    if (!s->owner || !s->regions)
        return problem_no_memory(why, "a weight shift");
    shift_cells(&p->options.grid, p->options.frame, s->owner, s->regions);
    return 0;
}

/* --- Sums of one frame ------------------------------------------------------------------------ */

static void follow_own_share(struct standing *s, const struct shift_load_now *load, double passed_s)
{
    double weight = 1 - exp(-passed_s / EVEN_OVER_S);

    if (load->all_n > 0)
        s->own_share += weight * (load->own_n / load->all_n - s->own_share);
}

void shift_sum(struct press_protocol *p, const float *kpa)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;
    const struct standing_step *now = standing_now(p);
    struct shift_load_now load = shift_load_of(&p->options.grid, s->owner, s->regions, now->side,
                                               (enum shift_region)now->region, kpa);

    follow_own_share(s, &load, s->passed_s);
    turn->weight_n = load.all_n;
    turn->foot_n = load.foot_n;
    turn->region_n = load.region_n;
    turn->share = load.all_n > 0 ? load.region_n / load.all_n : 0;
    turn->kpa = load.mean_kpa;
}

/* --- The shift -------------------------------------------------------------------------------- */

/* Even standing is what goes before: the mean of the region's share over the last EVEN_OVER_S, or
 * since somebody stands; by time, whatever the plate's rate. */
static void follow_even(struct press_protocol *p)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;

    if (turn->weight_n < STANDING_LEAST_N) {
        s->has_even = 0;
        return;
    }
    s->even_s = s->has_even ? s->even_s + s->passed_s : 0;
    double weight = s->even_s > 0 ? fmin(1, s->passed_s / fmin(s->even_s, EVEN_OVER_S)) : 1;
    turn->even_share += weight * (turn->share - turn->even_share);
    s->has_even = 1;
    turn->wanted_share = fmin(turn->even_share + SHIFT_MORE, SHIFT_WANTED_MOST);
}

int shift_may_begin(const struct press_protocol *p)
{
    const struct standing *s = p->standing;

    return s->has_even && s->own_share >= OWN_SHARE_LEAST &&
           standing_since_s(p, p->step_us) >= EVEN_OVER_S;
}

static void follow_hold(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    if (!turn->is_held && turn->share >= turn->wanted_share) {
        turn->is_held = 1;
        turn->held_us = p->now_us;
    } else if (turn->is_held && turn->share < LAPSE_SHARE * turn->wanted_share) {
        turn->is_held = 0;
    }
    if (turn->is_held && standing_since_s(p, turn->held_us) >= SHIFT_HOLD_S) {
        turn->reached = 1;
        standing_back(p, "held", NULL, 0);
    }
}

static void follow_ramp(struct press_protocol *p)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;

    if (turn->weight_n < STEPPED_OFF_SHARE * STANDING_LEAST_N)
        standing_back(p, "stepped_off", "nobody stood on the plate", 1);
    else if (s->own_share < OWN_SHARE_LEAST)
        standing_back(p, "moved", "the feet moved from where they were seen", 1);
    else
        follow_hold(p);
    if (p->step == PRESS_STEP_RAMP && standing_since_s(p, p->step_us) >= SHIFT_MAX_S)
        standing_back(p, "not_reached", NULL, 0);
}

static void follow_back(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;
    double low = turn->even_share + BACK_SHARE * (turn->wanted_share - turn->even_share);

    if (turn->share > low && turn->weight_n >= STANDING_LEAST_N &&
        standing_since_s(p, p->step_us) < SHIFT_BACK_MAX_S) {
        turn->went_low = 0;
    } else if (!turn->went_low) {
        turn->went_low = 1;
        turn->low_us = p->now_us;
    }
}

void shift_frame(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_PLACE)
        follow_even(p);
    else if (p->step == PRESS_STEP_RAMP)
        follow_ramp(p);
    else if (p->step == PRESS_STEP_LIFT)
        follow_back(p);
}
