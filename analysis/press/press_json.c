/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_json.h"
#include "analysis/press/shift_watch.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tool.h"
#include "analysis/wording.h"

#include <math.h>

static json_t *side_json(enum side side)
{
    if (side == SIDE_UNKNOWN)
        return json_null();
    return json_string(side_name(side));
}

static const char *place_from_name(enum place_from from)
{
    static const char *const names[] = {
        [PLACE_UNKNOWN] = "unknown",  [PLACE_FROM_CUP] = "heel_cup",
        [PLACE_FROM_PRINT] = "print", [PLACE_FROM_POSE] = "held_pose",
        [PLACE_FROM_ZONES] = "zones",
    };

    return names[from];
}

static const char *tool_kind_words(int kind)
{
    return kind == TOOL_MAT ? "mat" : kind == TOOL_FLAT ? "flat" : "single";
}

static void put_place(struct json_writer *w, json_t *object, const struct press *press)
{
    const char *unknown = press->place_from == PLACE_FROM_ZONES
                              ? "more than one place was pressed: press_zones"
                              : "neither stud and heel cup nor a print told it";

    put_number(w, object, "stud_x_mm", press->stud.x_mm, "no stud was annotated");
    put_number(w, object, "stud_y_mm", press->stud.y_mm, "no stud was annotated");
    put_number(w, object, "u", press->place_known ? press->place.u : NAN, unknown);
    put_number(w, object, "v", press->place_known ? press->place.v : NAN, unknown);
    put_number(w, object, "place_sd_mm", press->place_known ? press->place_sd_mm : NAN, unknown);
    put_text(w, object, "place_from", place_from_name(press->place_from));
    put(w, object, "place_is_held", json_boolean(press->held));
}

static void put_answer(struct json_writer *w, json_t *object, const struct press *press)
{
    const char *why = press->answered ? "its pressure cannot be told" : "no answer came";

    put(w, object, "answered", json_boolean(press->answered));
    if (press->told_after)
        why = "pain was told afterwards, by the scale";
    put_number(w, object, "answer_s", press->answered ? press->answer_s : NAN,
               press->told_after ? why : "no answer came");
    put_number(w, object, "answer_kpa", press->answered ? press->answer_kpa : NAN, why);
    put_number(w, object, "scale", press->scale < 0 ? (double)NAN : (double)press->scale,
               "not asked");
    put_number(w, object, "ache_kpa", press->ache_kpa, "no ache was answered");
    put_number(w, object, "pain_kpa", press->pain_kpa, "no pain was answered");
    put_number(w, object, "own_sd_percent", 100 * press->own_sd, "no rise of pressure was found");
}

static void put_stud(struct json_writer *w, json_t *array, const struct press_stud *stud)
{
    json_t *object = json_object();

    put_number(w, object, "x_mm", stud->stud.x_mm, "");
    put_number(w, object, "y_mm", stud->stud.y_mm, "");
    put_number(w, object, "u", stud->place.u, "how the foot lay is not known");
    put_number(w, object, "v", stud->place.v, "how the foot lay is not known");
    put_number(w, object, "share", stud->share, "");
    put_number(w, object, "tip_kpa", stud->kpa, "");
    append(w, array, object);
}

static json_t *studs_json(struct json_writer *w, const struct press *press)
{
    json_t *array = json_array();

    for (int i = 0; i < press->n_studs; i++)
        put_stud(w, array, &press->studs[i]);
    return array;
}

static json_t *one_press(struct json_writer *w, const struct press *press)
{
    const char *no_rise = "no rise of pressure was found";
    json_t *object = json_object();

    put_count(w, object, "number", (uint64_t)press->number);
    put_count(w, object, "pass", (uint64_t)press->pass);
    put_count(w, object, "session", (uint64_t)press->session);
    put(w, object, "side", side_json(press->side));
    put(w, object, "is_catch", json_boolean(press->is_catch));
    put(w, object, "is_tap", json_boolean(press->is_tap));
    put_text(w, object, "tool_kind", tool_kind_words(press->tool_kind));
    put_place(w, object, press);
    put_number(w, object, "start_s", press->start_s, no_rise);
    put_number(w, object, "end_s", press->end_s, no_rise);
    put_number(w, object, "lift_s", press->lift_s, "no lift was seen");
    put_number(w, object, "peak_kpa", press->peak_kpa, no_rise);
    put_number(w, object, "ramp_kpa_s", press->ramp_kpa_s, no_rise);
    put(w, object, "ramp_is_outside", json_boolean(press->rate_is_odd));
    put_answer(w, object, press);
    put(w, object, "reached_ceiling", json_boolean(press->reached_ceiling));
    put(w, object, "stopped", json_boolean(press->stopped));
    put_number(w, object, "ceiling_kpa", press->ceiling_kpa, "not annotated");
    put_number(w, object, "tip_cm2", press->tip_cm2, "not annotated");
    put_number(w, object, "zero_n", press->zero_n, "no frame of it before a rise of pressure");
    if (press->shift_region[0]) {
        put_text(w, object, "shift_region", press->shift_region);
        put(w, object, "shift_reached",
            press->shift_reached < 0 ? json_null() : json_boolean(press->shift_reached));
        if (press->shift_reached < 0)
            put_text(w, object, "shift_reached_reason", "the recording does not say");
    }
    if (press->n_studs)
        put(w, object, "studs", studs_json(w, press));
    if (press->doubtful)
        put_text(w, object, "doubt", press->doubt);
    return object;
}

static json_t *presses_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_presses; i++)
        append(w, array, one_press(w, &result->presses[i]));
    return array;
}

static json_t *zones_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_press_zones; i++) {
        const struct press_zone *zone = &result->press_zones[i];
        json_t *object = json_object();

        put_count(w, object, "press", (uint64_t)result->presses[zone->press].number);
        put_count(w, object, "session", (uint64_t)result->presses[zone->press].session);
        put(w, object, "side", side_json(zone->side));
        put_text(w, object, "zone", zone->zone->id);
        put_number(w, object, "share", zone->weight, "");
        put_number(w, object, "kpa", zone->kpa, "nothing of it touched");
        append(w, array, object);
    }
    return array;
}

static const char *sign_name(enum sign_kind kind)
{
    static const char *const names[] = {[SIGN_GUARDING] = "guarding",
                                        [SIGN_WITHDRAWAL] = "withdrawal",
                                        [SIGN_REDUCED_HEEL] = "reduced_heel_loading"};

    return names[kind];
}

/* Each kind has its own quantity, so its own keys. */
static void put_sign_numbers(struct json_writer *w, json_t *object,
                             const struct behaviour_sign *sign)
{
    if (sign->kind == SIGN_WITHDRAWAL && sign->press >= 0) {
        put_number(w, object, "lift_s", 1 / sign->value, "");
        put_number(w, object, "fast_lift_s", 1 / sign->expected, "");
        return;
    }
    if (sign->kind == SIGN_WITHDRAWAL) {
        put_number(w, object, "unloading_percent", 100 * sign->value, "");
        put_number(w, object, "expected_unloading_percent", 100 * sign->expected, "");
    } else {
        put_number(w, object, "share_percent", 100 * exp(sign->value), "");
        put_number(w, object, "expected_share_percent", 100 * exp(sign->expected), "");
    }
    put_number(w, object, "spread_percent", 100 * sign->sd, "nothing it could be held against");
}

static json_t *signs_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_signs; i++) {
        const struct behaviour_sign *sign = &result->signs[i];
        json_t *object = json_object();

        put_text(w, object, "kind", sign_name(sign->kind));
        put(w, object, "side", side_json(sign->side));
        put(w, object, "zone", sign->zone ? json_string(sign->zone->id) : json_null());
        if (!sign->zone)
            put_text(w, object, "zone_reason", "of no single zone");
        put_number(w, object, "press",
                   sign->press < 0 ? (double)NAN : (double)result->presses[sign->press].number,
                   "standing or walking");
        put_number(w, object, "time_s", sign->time_s, "over the whole step");
        put_sign_numbers(w, object, sign);
        put_number(w, object, "z", sign->z, "nothing it could be held against");
        put_text(w, object, "why", sign->text);
        append(w, array, object);
    }
    return array;
}

static json_t *screening_lines_json(struct json_writer *w, const struct screening_said *said)
{
    json_t *array = json_array();

    for (int i = 0; i < said->n_lines; i++) {
        const struct screening_line *line = &said->lines[i];
        json_t *object = json_object();

        put_text(w, object, "question", line->question);
        put_text(w, object, "effect", line->effect);
        put_text(w, object, "side",
                 line->side == SIDE_LEFT    ? "left"
                 : line->side == SIDE_RIGHT ? "right"
                                            : "both");
        put_text_or(w, object, "words", wording_check(line->words, NULL) ? NULL : line->words,
                    "words that an analysis does not repeat: they stand in the screening");
        append(w, array, object);
    }
    return array;
}

static json_t *screening_said_json(struct json_writer *w, const struct screening_said *said)
{
    json_t *object = json_object();

    put_text(w, object, "date", said->date);
    put(w, object, "reasons", screening_lines_json(w, said));
    return object;
}

/* As answered: result.h has the numbers. */
static const char *heel_pain_said(int said)
{
    static const char *const words[] = {
        [0] = "no", [SIDE_LEFT] = "left", [SIDE_RIGHT] = "right", [3] = "both"};

    return said >= 0 && said <= 3 ? words[said] : NULL;
}

void press_json(struct json_writer *w, json_t *root, const struct result *result)
{
    put(w, root, "presses", presses_json(w, result));
    put_count(w, root, "earlier_sessions", (uint64_t)result->n_sessions);
    put(w, root, "press_zones", zones_json(w, result));
    shift_json(w, root, result);
    tender_next_json(w, root, result);
    put(w, root, "signs", signs_json(w, result));
    put_number(w, root, "reaction_s", result->reaction_s, "no presses");
    put_number(w, root, "reaction_sd_s", result->reaction_sd_s, "no presses");
    put_count(w, root, "reaction_taps", (uint64_t)result->reaction_taps);
    if (result->screening.was_asked)
        put(w, root, "screening", screening_said_json(w, &result->screening));
    else
        put_text_or(w, root, "screening", NULL, "none in this recording");
    put_text_or(w, root, "tool", *result->tool_name ? result->tool_name : NULL,
                "no guided test, or its tool was not stated");
    put(w, root, "not_comparable", json_boolean(result->not_comparable));
    put_text_or(w, root, "heel_pain_walking", heel_pain_said(result->heel_pain_walking),
                "not asked in this recording");
}
