/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is pressed next: taps, the round, catch trials at random among it, then the places where
 * another press tells most, until nothing more is to be learnt. */
#include "analysis/press/protocol_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The other foot is taken when so much more is to be learnt there: each change costs time. */
#define CHANGE_FACTOR 1.5
#define SMALL_LENGTH_MM 220.0
#define SMALL_WIDTH_MM 88.0

/* splitmix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double protocol_random(struct press_protocol *p)
{
    return (double)(next_random(&p->random) >> 11) * 0x1p-53;
}

/* --- Before it begins ------------------------------------------------------------------------- */

/* One foot, then the other; a route that is gone back ends with both backwards. */
static void make_order(struct press_protocol *p)
{
    const struct route *route = p->route;

    for (int i = 0; i < route->n; i++)
        p->order[p->n_order++] = i;
    if (!route->there_and_back)
        return;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        for (int i = route->n - 1; i >= 0; i--)
            if (route->places[i].side == (enum side)side)
                p->order[p->n_order++] = i;
}

static void make_fit_places(struct press_protocol *p)
{
    for (int i = 0; i < p->route->n; i++) {
        const struct route_place *place = &p->route->places[i];
        p->fit_places[i] =
            (struct threshold_place){.region_class = place->region_class,
                                     .mirror = place->pair,
                                     .side = place->side,
                                     .near_border = threshold_near_border(place->border_mm),
                                     .beyond = place->beyond};
    }
}

/* What earlier sessions pressed. */
static void take_earlier(struct press_protocol *p)
{
    for (int i = 0; i < p->options.n_earlier; i++) {
        const struct threshold_press *press = &p->options.earlier[i];
        if (press->place < 0 || press->place >= p->route->n)
            continue;
        p->presses[p->n_presses++] = *press;
        p->places[press->place].rounds += p->options.take_up;
    }
}

/* One in each of equal parts of the presses that are to come, anywhere in it: of the round and of
 * as many repeats as usually follow, half of the round. Few presses hold fewer: one in two. */
static void draw_catches(struct press_protocol *p)
{
    int waiting = 0;

    for (int i = 0; i < p->n_order; i++)
        waiting += !p->places[p->order[i]].rounds;
    waiting += waiting / 2;
    if (waiting < 2 * p->n_catches)
        waiting = 2 * p->n_catches;
    if (waiting > p->options.presses_max)
        waiting = p->options.presses_max;
    if (p->n_catches > (waiting + 1) / 2)
        p->n_catches = (waiting + 1) / 2;
    for (int i = 0; i < p->n_catches; i++)
        p->catches[i] = (int)((i + protocol_random(p)) * waiting / p->n_catches);
}

int protocol_next_begin(struct press_protocol *p, struct problem *why)
{
    size_t n = (size_t)p->route->n;

    p->cap_presses = p->options.n_earlier + p->options.presses_max + 1;
    p->places = calloc(n, sizeof *p->places);
    p->order = calloc(2 * n, sizeof *p->order);
    p->fit_places = calloc(n, sizeof *p->fit_places);
    p->verdicts = calloc(n, sizeof *p->verdicts);
    p->presses = calloc((size_t)p->cap_presses, sizeof *p->presses);
    p->catches = calloc((size_t)p->n_catches + 1, sizeof *p->catches);
    p->outs = calloc(n, sizeof *p->outs);
    if (!p->places || !p->order || !p->fit_places || !p->verdicts || !p->presses || !p->catches ||
        !p->outs)
        return problem_no_memory(why, "a press test");
    make_order(p);
    make_fit_places(p);
    take_earlier(p);
    draw_catches(p);
    return 0;
}

/* --- The round -------------------------------------------------------------------------------- */

/* The tip meets skin at both places: their middles are less than its diameter apart, on a small
 * foot (u x 220 mm, v x 88 mm). */
static int share_skin(const struct press_protocol *p, int a, int b)
{
    const struct route_place *x = &p->route->places[a], *y = &p->route->places[b];
    double tip_mm = 20 * sqrt(p->tool.tip_cm2 / M_PI);

    return a == b || (x->side == y->side && hypot((x->at.u - y->at.u) * SMALL_LENGTH_MM,
                                                  (x->at.v - y->at.v) * SMALL_WIDTH_MM) < tip_mm);
}

/* Seconds until a place may be pressed again: it is skin that rests. */
static double wait_s(const struct press_protocol *p, int place)
{
    double wait = 0;

    for (int i = 0; i < p->route->n; i++)
        if (p->places[i].has_last && share_skin(p, place, i))
            wait = fmax(wait, SAME_PLACE_S - (double)(p->now_us - p->places[i].last_us) * 1e-6);
    return wait;
}

/* The place that waits longest in the order, of those that may be pressed now; on this foot if
 * there is one. -1 = none waits; *wait is set to the shortest wait when all must wait. */
static int next_of_round(const struct press_protocol *p, double *wait)
{
    int seen_before[2] = {-1, -1}, any = -1;

    *wait = INFINITY;
    for (int i = 0; i < p->n_order; i++) {
        int place = p->order[i], needed = 1;
        for (int k = 0; k < i; k++)
            needed += p->order[k] == place;
        if (p->places[place].is_out || p->places[place].rounds >= needed)
            continue;
        double must_wait = wait_s(p, place);
        *wait = fmin(*wait, must_wait);
        any = any < 0 ? place : any;
        int other = p->foot != SIDE_UNKNOWN && p->route->places[place].side != p->foot;
        if (must_wait <= 0 && seen_before[other] < 0)
            seen_before[other] = place;
    }
    if (seen_before[0] >= 0 || seen_before[1] >= 0)
        *wait = 0;
    return seen_before[0] >= 0 ? seen_before[0] : seen_before[1] >= 0 ? seen_before[1] : any;
}

/* --- Where most is to be learnt --------------------------------------------------------------- */

static int fit(struct press_protocol *p, struct problem *why)
{
    struct person_threshold person;

    if (p->is_fitted)
        return 0;
    if (threshold_fit(p->fit_places, p->route->n, p->presses, p->n_presses, &p->threshold,
                      p->verdicts, &person, why))
        return -1;
    p->is_fitted = 1;
    return 0;
}

static double worth_of(const struct press_protocol *p, int place)
{
    if (p->places[place].is_out || p->places[place].presses >= PLACE_PRESSES_MAX)
        return 0;
    return threshold_worth(p->verdicts, p->fit_places, place, &p->threshold);
}

struct best {
    int place;
    double worth;
};

/* The most worth while on each foot, of places that may be pressed now; *wait: the shortest wait of
 * one that may not, else infinite. */
static void look_for_best(const struct press_protocol *p, struct best best[3], double *wait)
{
    for (int side = 0; side < 3; side++)
        best[side] = (struct best){-1, 0};
    *wait = INFINITY;
    for (int i = 0; i < p->route->n; i++) {
        double worth = worth_of(p, i), must_wait = wait_s(p, i);
        if (worth < THRESHOLD_WORTH_LEAST)
            continue;
        if (must_wait > 0)
            *wait = fmin(*wait, must_wait);
        else if (worth > best[p->route->places[i].side].worth)
            best[p->route->places[i].side] = (struct best){i, worth};
    }
}

static int next_by_worth(struct press_protocol *p, double *wait)
{
    struct best best[3];
    enum side here = p->foot == SIDE_RIGHT ? SIDE_RIGHT : SIDE_LEFT;
    enum side other = here == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;

    look_for_best(p, best, wait);
    if (best[here].place < 0 && best[other].place < 0)
        return -1;
    *wait = 0;
    double factor = p->batch >= BATCH ? 1 : CHANGE_FACTOR;
    int changes = best[here].place < 0 || best[other].worth > factor * best[here].worth;
    return best[changes ? other : here].place;
}

/* --- Next ------------------------------------------------------------------------------------- */

static void rest(struct press_protocol *p, double seconds)
{
    p->rest_until_us = p->now_us + (uint64_t)(fmax(seconds, 0.1) * 1e6);
    p->must_rest = 1;
    protocol_step(p, PRESS_STEP_REST);
}

/* At a change of foot, and before a place is pressed again, the skin is looked at first: 1. One
 * look is of all that was pressed before, on both feet. */
static int must_look(struct press_protocol *p, int place)
{
    enum side side = p->route->places[place].side;

    p->looks_again = side == p->foot;
    if (p->looks_again && !p->places[place].is_unlooked)
        return 0;
    if (!p->looks_again)
        p->batch = 0;
    p->foot = side;
    protocol_step(p, PRESS_STEP_SKIN);
    return 1;
}

void protocol_looked(struct press_protocol *p)
{
    for (int i = 0; i < p->route->n; i++)
        p->places[i].is_unlooked = 0;
}

/* Quick touches go to different places, from the end of the order. */
static int place_of_tap(const struct press_protocol *p, int place)
{
    int last = -1, skip = p->taps_left;

    for (int i = 0; i < p->route->n; i++)
        if (p->route->places[i].side == p->route->places[place].side && !p->places[i].is_out &&
            wait_s(p, i) <= 0) {
            last = i;
            if (!--skip)
                return i;
        }
    return last >= 0 ? last : place;
}

static int is_catch_due(struct press_protocol *p)
{
    return p->catch_next < p->n_catches && p->presses_done >= p->catches[p->catch_next];
}

/* The answers are clear before all of them were due: the others come now, and none is lost. */
static int place_of_last_catch(struct press_protocol *p, double *wait)
{
    int soonest = -1;

    *wait = INFINITY;
    for (int i = 0; p->catch_next < p->n_catches && i < p->route->n; i++) {
        int is_better = wait_s(p, i) < *wait;
        if (p->places[i].is_out || !is_better)
            continue;
        *wait = wait_s(p, i);
        soonest = i;
    }
    if (soonest >= 0)
        p->catches[p->catch_next] = p->presses_done;
    return soonest;
}

static void begin_at(struct press_protocol *p, int place)
{
    int at = p->taps_left > 0 ? place_of_tap(p, place) : place;

    if (must_look(p, at))
        return;
    if (p->taps_left > 0) {
        trial_begin(p, TRIAL_TAP, at);
    } else if (is_catch_due(p)) {
        p->catch_next++;
        trial_begin(p, TRIAL_CATCH, at);
    } else {
        trial_begin(p, TRIAL_PRESS, at);
    }
}

void protocol_next(struct press_protocol *p)
{
    double wait, minutes = protocol_seconds(p, p->now_us) / 60;
    struct problem why = {0};

    p->is_alarm = 0;
    if (p->presses_done >= p->options.presses_max ||
        p->numbers > 4 * p->options.presses_max + 100) {
        protocol_finish(p, "the presses of this session are used up", 0);
        return;
    }
    if (minutes >= p->options.minutes_max) {
        protocol_finish(p, "the time of this session is over", 0);
        return;
    }
    int place = next_of_round(p, &wait);
    if (place < 0) {
        if (fit(p, &why)) {
            protocol_finish(p, why.text, 0);
            return;
        }
        place = next_by_worth(p, &wait);
        if (place < 0 && isinf(wait))
            place = place_of_last_catch(p, &wait);
    }
    if (place >= 0 && wait <= 0)
        begin_at(p, place);
    else if (!isinf(wait))
        rest(p, wait);
    else
        protocol_finish(p, "the answers are clear, as far as presses can tell", 0);
}

double protocol_budget_s(const struct press_protocol *p)
{
    return fmax(0, p->options.minutes_max * 60 - protocol_seconds(p, p->now_us));
}

/* The round and all its repeats: as many as the places still take, and as the budget of presses and
 * of minutes allows. Each of the three only shrinks, and so does what is told. */
int protocol_presses_left(const struct press_protocol *p)
{
    int most = p->options.presses_max - p->presses_done, room = 0;

    if (p->step == PRESS_STEP_DONE)
        return 0;
    for (int i = 0; i < p->route->n; i++)
        if (!p->places[i].is_out && p->places[i].presses < PLACE_PRESSES_MAX)
            room += PLACE_PRESSES_MAX - p->places[i].presses;
    double in_time = ceil(protocol_budget_s(p) / PRESS_S);
    most = most < room ? most : room;
    return in_time < most ? (int)in_time : most;
}
