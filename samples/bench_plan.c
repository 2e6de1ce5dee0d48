/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stages of a virtual bench, laid out in time. */
#include "samples/bench.h"
#include "samples/dice.h"
#include "samples/visit.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Building -------------------------------------------------------------------------------- */

/* The first failure (memory) sticks. */
struct builder {
    struct bench_plan *plan;
    const struct bench_script *script;
    uint64_t now_us;
    int failed;
};

static void wait_s(struct builder *b, double seconds)
{
    b->now_us += (uint64_t)llround(seconds * 1e6);
}

/* Room for one more in an array that grows by doubling. */
static void *room(void *array, size_t n, size_t size)
{
    if (n & (n - 1) || (n && !array))
        return array;
    return realloc(array, (n ? 2 * n : 1) * size);
}

static void load(struct builder *b, struct bench_load what)
{
    struct bench_step *steps = room(b->plan->steps, b->plan->n_steps, sizeof *steps);
    if (!steps) {
        b->failed = 1;
        return;
    }
    b->plan->steps = steps;
    steps[b->plan->n_steps++] = (struct bench_step){b->now_us, b->script->rise_s, what};
    wait_s(b, b->script->rise_s);
}

/* Takes over `note` (NULL = memory was short). */
static void say(struct builder *b, json_t *note)
{
    struct bench_note *notes = room(b->plan->notes, b->plan->n_notes, sizeof *notes);
    if (notes)
        b->plan->notes = notes;
    char *text =
        note ? json_dumps(note, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(note);
    if (!notes || !text) {
        free(text);
        b->failed = 1;
        return;
    }
    notes[b->plan->n_notes++] = (struct bench_note){b->now_us, text};
}

/* Says what is about to be laid on, lays it on, and waits. */
static void hold(struct builder *b, struct bench_load what, double seconds, json_t *note)
{
    say(b, note);
    load(b, what);
    wait_s(b, seconds);
}

/* Says that it is taken off, and takes it off. */
static void unload(struct builder *b, double bare_s)
{
    say(b, json_pack("{s:s}", "bench", "end"));
    load(b, (struct bench_load){0});
    wait_s(b, bare_s);
}

static struct bench_load bladder_at(const struct builder *b, double kpa)
{
    return (struct bench_load){.kpa = kpa * (1 + b->script->gauge_error_percent / 100)};
}

static json_t *hold_note(const char *stage)
{
    return json_pack("{s:s, s:s}", "bench", "hold", "stage", stage);
}

static json_t *pressure_note(const char *stage, double kpa)
{
    return json_pack("{s:s, s:s, s:f}", "bench", "hold", "stage", stage, "kpa", kpa);
}

/* --- The stages ------------------------------------------------------------------------------ */

static void plan_empty(struct builder *b)
{
    say(b, hold_note("empty"));
    wait_s(b, b->script->empty_s);
    unload(b, 0);
}

static void bladder_hold(struct builder *b, double kpa, const char *direction, int cycle)
{
    json_t *note = pressure_note("bladder", kpa);
    if (note) {
        json_object_set_new(note, "direction", json_string(direction));
        json_object_set_new(note, "cycle", json_integer(cycle));
    }
    hold(b, bladder_at(b, kpa), b->script->hold_s, note);
}

static void plan_bladder(struct builder *b)
{
    const struct bench_script_list *list = &b->script->bladder_kpa;
    for (int cycle = 1; cycle <= b->script->cycles; cycle++) {
        for (int i = 0; i < list->n; i++)
            bladder_hold(b, list->value[i], "up", cycle);
        for (int i = list->n - 2; i >= 0; i--)
            bladder_hold(b, list->value[i], "down", cycle);
        unload(b, b->script->before_s);
    }
}

static void plan_creep(struct builder *b)
{
    /* the whole course counts, from when the pressure stands */
    load(b, bladder_at(b, b->script->creep_kpa));
    say(b, pressure_note("creep", b->script->creep_kpa));
    wait_s(b, b->script->creep_s);
    unload(b, 0);
}

static void plan_warm(struct builder *b)
{
    b->plan->temperature_c = b->script->warm_c;
    for (int i = 0; i < b->script->warm_kpa.n; i++) {
        json_t *note = pressure_note("warm", b->script->warm_kpa.value[i]);
        if (note)
            json_object_set_new(note, "temperature_c", json_real(b->script->warm_c));
        hold(b, bladder_at(b, b->script->warm_kpa.value[i]), b->script->hold_s, note);
    }
    unload(b, 0);
}

/* Places on a lattice as square as can be, the footprint wholly on the plate, and a little off the
 * lattice, as a hand puts it. */
static void place_at(const struct bench_script *script, int place, int places, struct dice *dice,
                     struct bench_load *what)
{
    const struct bench_plate_setting *p = &script->plate;
    int across = (int)ceil(sqrt(places)), down = (places + across - 1) / across;
    double room_x = p->cols * p->pitch_x_mm - what->width_mm;
    double room_y = p->rows * p->pitch_y_mm - what->height_mm;
    double at_x = (place % across + 0.5) / across + 0.2 * (dice_uniform(dice) - 0.5) / across;
    double at_y = ((double)place / across - fmod((double)place / across, 1) + 0.5) / down +
                  0.2 * (dice_uniform(dice) - 0.5) / down;
    what->x_mm = what->width_mm / 2 + fmax(0, room_x) * at_x;
    what->y_mm = what->height_mm / 2 + fmax(0, room_y) * at_y;
}

static double rounded(double mm)
{
    return round(mm * 10) / 10;
}

static void plan_mass(struct builder *b)
{
    const struct bench_script *s = b->script;
    struct dice dice;
    dice_begin(&dice, dice_seed_of(s->plate.serial), "places of the mass");
    for (int k = 0; k < s->mass_kg.n; k++)
        for (int i = 0; i < s->mass_places; i++) {
            struct bench_load what = {.force_n = s->mass_kg.value[k] * GRAVITY_M_S2,
                                      .width_mm = s->mass_width_mm,
                                      .height_mm = s->mass_height_mm};
            place_at(s, i, s->mass_places, &dice, &what);
            what.x_mm = rounded(what.x_mm);
            what.y_mm = rounded(what.y_mm);
            hold(b, what, s->hold_s,
                 json_pack("{s:s, s:s, s:f, s:i, s:f, s:f, s:f, s:f}", "bench", "hold", "stage",
                           "mass", "kg", s->mass_kg.value[k], "place", i + 1, "x_mm", what.x_mm,
                           "y_mm", what.y_mm, "width_mm", what.width_mm, "height_mm",
                           what.height_mm));
            unload(b, 1);
        }
}

static void plan_stud(struct builder *b, const struct bench_script_stud *stud, struct dice *dice)
{
    const struct bench_script *s = b->script;
    double side_mm = 10 * sqrt(stud->base_cm2);
    for (int k = 0; k < s->stud_kg.n; k++)
        for (int i = 0; i < s->stud_places; i++) {
            struct bench_load what = {.force_n = s->stud_kg.value[k] * GRAVITY_M_S2 / stud->factor,
                                      .width_mm = side_mm,
                                      .height_mm = side_mm};
            place_at(s, i, s->stud_places, dice, &what);
            hold(b, what, s->hold_s,
                 json_pack("{s:s, s:s, s:s, s:f, s:f, s:i}", "bench", "hold", "stage", "stud",
                           "stud", stud->name, "tip_cm2", stud->tip_cm2, "kg", s->stud_kg.value[k],
                           "place", i + 1));
            unload(b, 1);
        }
}

static void plan_studs(struct builder *b)
{
    struct dice dice;
    dice_begin(&dice, dice_seed_of(b->script->plate.serial), "places of the stud");
    for (int i = 0; i < b->script->n_studs; i++)
        plan_stud(b, &b->script->studs[i], &dice);
}

struct bench_plan *bench_plan_make(const struct bench_script *script, int stage,
                                   struct problem *why)
{
    static void (*const plan[BENCH_STAGES])(struct builder *) = {
        [BENCH_EMPTY] = plan_empty, [BENCH_BLADDER] = plan_bladder, [BENCH_CREEP] = plan_creep,
        [BENCH_MASS] = plan_mass,   [BENCH_WARM] = plan_warm,       [BENCH_STUD] = plan_studs};
    struct bench_plan *made = calloc(1, sizeof *made);
    if (!made) {
        problem_no_memory(why, "a stage of the bench");
        return NULL;
    }
    made->temperature_c = script->room_c;
    struct builder b = {.plan = made, .script = script};
    load(&b, (struct bench_load){0});
    b.now_us = 0;
    say(&b, json_pack("{s:s, s:s, s:f}", "bench", "reference", "device", script->reference_device,
                      "accuracy_percent", script->accuracy_percent));
    wait_s(&b, script->before_s);
    plan[stage](&b);
    wait_s(&b, 0.5);
    say(&b, json_pack("{s:s}", "step", "end"));
    wait_s(&b, 0.5);
    made->end_us = b.now_us;
    if (!b.failed)
        return made;
    problem_no_memory(why, "a stage of the bench");
    bench_plan_free(made);
    return NULL;
}

void bench_plan_free(struct bench_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->n_notes; i++)
        free(plan->notes[i].json);
    free(plan->notes);
    free(plan->steps);
    free(plan);
}

/* --- The pressure ---------------------------------------------------------------------------- */

/* The share of the interval of cell i that [low, high] covers. */
static double covered(int i, double pitch_mm, double low, double high)
{
    double from = fmax(low, i * pitch_mm), to = fmin(high, (i + 1) * pitch_mm);
    return to > from ? (to - from) / pitch_mm : 0;
}

static void add_load(const struct bench_plate_setting *p, const struct bench_load *what,
                     double share, float *kpa)
{
    if (share <= 0)
        return;
    for (int i = 0; i < p->rows * p->cols; i++)
        kpa[i] += (float)(share * what->kpa);
    if (what->force_n <= 0)
        return;
    double even_kpa = 1000 * what->force_n / (what->width_mm * what->height_mm);
    for (int row = 0; row < p->rows; row++) {
        double part_y = covered(row, p->pitch_y_mm, what->y_mm - what->height_mm / 2,
                                what->y_mm + what->height_mm / 2);
        for (int col = 0; part_y > 0 && col < p->cols; col++)
            kpa[row * p->cols + col] +=
                (float)(share * even_kpa * part_y *
                        covered(col, p->pitch_x_mm, what->x_mm - what->width_mm / 2,
                                what->x_mm + what->width_mm / 2));
    }
}

void bench_plan_pressure(const struct bench_plan *plan, const struct bench_plate_setting *plate,
                         uint64_t time_us, float *kpa)
{
    size_t at = 0, after = plan->n_steps;
    while (after - at > 1) {
        size_t middle = (at + after) / 2;
        if (plan->steps[middle].time_us <= time_us)
            at = middle;
        else
            after = middle;
    }
    const struct bench_step *step = &plan->steps[at];
    double share = fmin(1, (double)(time_us - step->time_us) * 1e-6 / step->rise_s);
    memset(kpa, 0, (size_t)(plate->rows * plate->cols) * sizeof *kpa);
    add_load(plate, &step->load, share, kpa);
    if (at > 0)
        add_load(plate, &step[-1].load, 1 - share, kpa);
}
