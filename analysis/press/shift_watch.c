/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/shift_watch.h"
#include "analysis/press/reaction.h"
#include "analysis/press/tool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LAG_S REACTION_FIELD_S
/* What is told after ache is borne. */
#define PAIN_SCALE 3

struct shift_watch {
    struct result *result;
    uint8_t *owner, *regions;
    int current;                         /* index into shift_loads, or -1 */
    double last_s, region_n, all_n, kpa; /* lagged */
};

/* --- Begin ------------------------------------------------------------------------------------ */

static int is_shift(const struct press *press)
{
    return press->tool_kind == TOOL_FLAT && !press->session && press->shift_region[0];
}

static int is_seen(const struct result *result, enum side side)
{
    for (int f = 0; f < result->n_feet; f++)
        if (result->feet[f].side == side && side != SIDE_UNKNOWN && result->feet[f].has_load)
            return 1;
    return 0;
}

static int list_shifts(struct result *result, struct problem *why)
{
    int n = 0;

    for (int i = 0; i < result->n_presses; i++)
        n += is_shift(&result->presses[i]) && is_seen(result, result->presses[i].side);
    if (!n)
        return 0;
    free(result->shift_loads);
    result->n_shift_loads = 0;
    result->shift_loads = calloc((size_t)n, sizeof *result->shift_loads);
    if (!result->shift_loads)
        return problem_no_memory(why, "weight shifts");
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (is_shift(press) && is_seen(result, press->side))
            result->shift_loads[result->n_shift_loads++] = (struct shift_load){
                .press = i,
                .side = press->side,
                .region = shift_region_from_name(press->shift_region),
            };
    }
    return 0;
}

int shift_watch_begin(struct shift_watch **made, struct result *result, struct problem *why)
{
    struct foot_frame frame[3] = {{0}};
    size_t cells = grid_cells(&result->grid);

    *made = NULL;
    if (list_shifts(result, why))
        return -1;
    if (!result->n_shift_loads)
        return 0;
    struct shift_watch *watch = calloc(1, sizeof *watch);
    if (watch) {
        watch->owner = calloc(cells, 1);
        watch->regions = calloc(cells, 1);
    }
    if (!watch || !watch->owner || !watch->regions) {
        shift_watch_free(watch);
        return problem_no_memory(why, "weight shifts");
    }
    for (int f = 0; f < result->n_feet; f++)
        if (result->feet[f].has_load && result->feet[f].side != SIDE_UNKNOWN)
            frame[result->feet[f].side] = result->feet[f].frame;
    shift_cells(&result->grid, frame, watch->owner, watch->regions);
    watch->result = result;
    watch->current = -1;
    *made = watch;
    return 0;
}

void shift_watch_free(struct shift_watch *watch)
{
    if (!watch)
        return;
    free(watch->owner);
    free(watch->regions);
    free(watch);
}

/* --- Frames ----------------------------------------------------------------------------------- */

static int shift_at(const struct shift_watch *watch, double time_s)
{
    const struct result *result = watch->result;

    for (int i = 0; i < result->n_shift_loads; i++) {
        const struct press *press = &result->presses[result->shift_loads[i].press];
        if (time_s >= press->start_s && time_s < press->end_s)
            return i;
    }
    return -1;
}

static void follow(struct shift_watch *watch, double time_s, const struct shift_load_now *now,
                   int is_new)
{
    double share = is_new ? 1 : 1 - exp((watch->last_s - time_s) / LAG_S);

    watch->region_n += share * (now->region_n - watch->region_n);
    watch->all_n += share * (now->all_n - watch->all_n);
    watch->kpa += share * (now->mean_kpa - watch->kpa);
    watch->last_s = time_s;
}

void shift_watch_frame(struct shift_watch *watch, double time_s, const float *kpa)
{
    struct result *result = watch->result;
    int i = shift_at(watch, time_s), is_new = i != watch->current;

    watch->current = i;
    if (i < 0)
        return;
    struct shift_load *load = &result->shift_loads[i];
    const struct press *press = &result->presses[load->press];
    if (press->answered && !press->told_after && time_s > press->answer_s && !is_new)
        return;
    struct shift_load_now now = shift_load_of(&result->grid, watch->owner, watch->regions,
                                              load->side, (enum shift_region)load->region, kpa);
    follow(watch, time_s, &now, is_new);
    int is_answer = press->answered && !press->told_after;
    if (!is_answer && watch->region_n < load->force_n)
        return;
    load->force_n = watch->region_n;
    load->share = watch->all_n > 0 ? watch->region_n / watch->all_n : 0;
    load->mean_kpa = watch->kpa;
}

/* --- What it says ----------------------------------------------------------------------------- */

static int is_pain(const struct press *press)
{
    return press->answered && (press->scale < 0 || press->scale >= PAIN_SCALE);
}

struct shift_told shift_told_of(const struct result *result, enum side side,
                                enum shift_region region)
{
    struct shift_told told = {.told_n = NAN, .told_kpa = NAN, .borne_n = NAN, .borne_kpa = NAN};

    for (int i = 0; i < result->n_shift_loads; i++) {
        const struct shift_load *load = &result->shift_loads[i];
        const struct press *press = &result->presses[load->press];
        if (load->side != side || load->region != (int)region || press->doubtful ||
            !(load->force_n > 0))
            continue;
        told.shifts++;
        told.reached += press->shift_reached != 0;
        told.answers += is_pain(press);
        if (is_pain(press) && !(load->force_n >= told.told_n)) {
            told.told_n = load->force_n;
            told.told_kpa = load->mean_kpa;
            told.told_is_bound = press->told_after;
        }
        if (!is_pain(press) && !(load->force_n <= told.borne_n)) {
            told.borne_n = load->force_n;
            told.borne_kpa = load->mean_kpa;
        }
    }
    return told;
}

void shift_told_words(const struct shift_told *told, enum side side, enum shift_region region,
                      char *text, size_t cap)
{
    const char *foot = side_name(side), *where = shift_region_words(region);
    const char *plural = told->shifts == 1 ? "" : "s";

    if (!told->shifts)
        snprintf(text, cap, "%s %s: weight was not shifted here", foot, where);
    else if (told->answers)
        snprintf(text, cap,
                 "%s %s: pain was told in %d of %d weight shift%s, at %s%.0f N on it (mean %.0f "
                 "kPa); which place of it hurt is not known: press it with a single stud",
                 foot, where, told->answers, told->shifts, plural,
                 told->told_is_bound ? "no more than " : "", told->told_n, told->told_kpa);
    else
        snprintf(
            text, cap,
            "%s %s: no pain up to %.0f N on it (mean %.0f kPa) in %d weight shift%s%s: a lower "
            "bound, not tested with a stud",
            foot, where, told->borne_n, told->borne_kpa, told->shifts, plural,
            told->reached ? "" : ", none of which brought the wanted weight there");
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *loads_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_shift_loads; i++) {
        const struct shift_load *load = &result->shift_loads[i];
        const struct press *press = &result->presses[load->press];
        json_t *object = json_object();

        put_count(w, object, "press", (uint64_t)press->number);
        put_text(w, object, "side", side_name(load->side));
        put_text(w, object, "region", press->shift_region);
        put(w, object, "is_pain", json_boolean(is_pain(press)));
        put_number(w, object, "force_n", load->force_n, "");
        put_number(w, object, "share", load->share, "");
        put_number(w, object, "mean_kpa", load->mean_kpa, "");
        append(w, array, object);
    }
    return array;
}

static json_t *region_json(struct json_writer *w, const struct result *result, enum side side,
                           enum shift_region region)
{
    struct shift_told told = shift_told_of(result, side, region);
    const char *no_pain = "no pain was told", *all_pain = "pain was told in every shift";
    char words[240];
    json_t *object = json_object();

    if (!told.shifts)
        no_pain = all_pain = "weight was not shifted here";
    put_text(w, object, "side", side_name(side));
    put_text(w, object, "region", shift_region_name(region));
    put_count(w, object, "shifts", (uint64_t)told.shifts);
    put_count(w, object, "reached", (uint64_t)told.reached);
    put_count(w, object, "answers", (uint64_t)told.answers);
    put_number(w, object, "told_force_n", told.told_n, no_pain);
    put_number(w, object, "told_mean_kpa", told.told_kpa, no_pain);
    put(w, object, "told_is_upper_bound", json_boolean(told.told_is_bound));
    put_number(w, object, "borne_force_n", told.borne_n, all_pain);
    put_number(w, object, "borne_mean_kpa", told.borne_kpa, all_pain);
    shift_told_words(&told, side, region, words, sizeof words);
    put_text(w, object, "words", words);
    return object;
}

void shift_json(struct json_writer *w, json_t *root, const struct result *result)
{
    json_t *regions = json_array();

    for (int side = SIDE_LEFT; result->n_shift_loads && side <= SIDE_RIGHT; side++)
        for (int r = 0; r < SHIFT_REGIONS; r++)
            append(w, regions, region_json(w, result, (enum side)side, (enum shift_region)r));
    put(w, root, "weight_shifts", loads_json(w, result));
    put(w, root, "shift_regions", regions);
}
