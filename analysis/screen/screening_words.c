/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screening's result in words, as annotations of a recording, and as JSON. */
#include "analysis/screen/screening.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A reason or a ban without a side is one of both feet. */
static const char *foot_words(enum side side)
{
    return side == SIDE_UNKNOWN ? "both" : side_name(side);
}

static void add_sources(const struct screening_question *question, char *text, size_t cap)
{
    size_t n = strlen(text);

    for (int i = 0; i < question->n_contraindications && n < cap; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s%s", i ? ", " : " (",
                              question->contraindications[i]);
    for (int i = 0; i < question->n_cites && n < cap; i++)
        n += (size_t)snprintf(text + n, cap - n, "%s%s",
                              i                               ? ", "
                              : question->n_contraindications ? "; "
                                                              : " (",
                              question->cites[i]);
    if (n < cap)
        snprintf(text + n, cap - n, ")");
}

const char *screening_reason_words(const struct screening_reason *reason, char *text, size_t cap)
{
    const struct screening_option *option = reason->option;
    const char *foot = reason->side == SIDE_LEFT    ? ", left foot"
                       : reason->side == SIDE_RIGHT ? ", right foot"
                                                    : "";

    int n = snprintf(text, cap, "%s: %s %s %s%s%s.%s%s", screening_effect_name(option->effect),
                     reason->question->id, reason->question->text, option->words, foot,
                     reason->is_unanswered ? " (counted so: not answered)" : "",
                     *option->advice && !reason->is_agreed ? " " : "",
                     reason->is_agreed ? "" : option->advice);
    if (reason->is_agreed && n > 0 && (size_t)n < cap)
        snprintf(text + n, cap - (size_t)n, " Agreed by %s on %s.", reason->doctor,
                 reason->doctor_date);
    add_sources(reason->question, text, cap);
    return text;
}

static json_t *reason_json(const struct screening_reason *reason)
{
    char words[400];
    json_t *cites = json_array();

    for (int i = 0; i < reason->question->n_cites; i++)
        json_array_append_new(cites, json_string(reason->question->cites[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:o}", "question", reason->question->id, "answer",
        reason->option->answer, "effect", screening_effect_name(reason->option->effect), "side",
        foot_words(reason->side), "unanswered", reason->is_unanswered, "agreed", reason->is_agreed,
        "words", screening_reason_words(reason, words, sizeof words), "cites", cites);
}

static json_t *reasons_json(const struct screening *screening)
{
    json_t *array = json_array();

    for (int i = 0; array && i < screening->n_reasons; i++)
        if (json_array_append_new(array, reason_json(&screening->reasons[i]))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *allowed_json(const int allowed[3])
{
    return json_pack("{s:b, s:b}", "left", allowed[SIDE_LEFT], "right", allowed[SIDE_RIGHT]);
}

static json_t *place_json(const struct route_ban *ban)
{
    if (ban->zone[0])
        return json_pack("{s:s, s:s, s:s}", "side", foot_words(ban->side), "zone", ban->zone,
                         "question", ban->why);
    return json_pack("{s:s, s:f, s:f, s:f, s:s}", "side", foot_words(ban->side), "u", ban->at.u,
                     "v", ban->at.v, "radius_mm", ban->radius_mm, "question", ban->why);
}

static json_t *places_json(const struct route_ban *bans, int n)
{
    json_t *array = json_array();

    for (int i = 0; array && i < n; i++)
        if (json_array_append_new(array, place_json(&bans[i]))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* Why nobody stands on both feet; null = the person may. */
static json_t *no_standing_json(const struct screening *screening)
{
    struct problem why;

    if (!screening_permits_stand(screening, screening->date, NULL, SIDE_UNKNOWN, &why))
        return json_null();
    return json_string(why.text);
}

static json_t *heel_json(const struct screening *screening)
{
    return *screening->heel_pain_walking ? json_string(screening->heel_pain_walking) : json_null();
}

/* What both the recording and the verb's JSON tell. */
static json_t *core_json(const struct screening *screening)
{
    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o, s:o}", "person",
        screening->person, "operator", screening->operator_name, "date", screening->date,
        "age_years", screening->age_years < 0 ? json_null() : json_integer(screening->age_years),
        "stand_allowed", allowed_json(screening->stand_allowed), "no_standing",
        no_standing_json(screening), "press_allowed", allowed_json(screening->press_allowed),
        "plan_allowed", allowed_json(screening->plan_allowed), "with_support",
        screening->with_support, "light_only", screening->light_only, "not_comparable",
        screening->not_comparable, "heel_pain_walking", heel_json(screening), "reasons",
        reasons_json(screening));
}

json_t *screening_json(const struct screening *screening)
{
    return json_pack("{s:s, s:o, s:o, s:o}", "schema", "tenderfoot/screen/1", "screening",
                     core_json(screening), "excluded",
                     places_json(screening->bans, screening->n_bans), "thick_skin",
                     places_json(screening->thick_skin, screening->n_thick_skin));
}

static json_t *annotation(const char *name, json_t *value)
{
    return json_pack("{s:s, s:o}", "schema", "tenderfoot/annotation/1", name, value);
}

/* Words for an `exclude` or a `note`: which question it comes from. */
static json_t *ban_annotation(const struct route_ban *ban, const char *kind)
{
    char text[120];

    snprintf(text, sizeof text, "screening %s", ban->why);
    if (ban->zone[0])
        return annotation("exclude", json_pack("{s:[s], s:s, s:s}", "zones", ban->zone, "side",
                                               foot_words(ban->side), "why", text));
    return annotation("note", json_pack("{s:s, s:s, s:f, s:f, s:f, s:s}", "kind", kind, "side",
                                        foot_words(ban->side), "u", ban->at.u, "v", ban->at.v,
                                        "radius_mm", ban->radius_mm, "text", text));
}

static json_t *skin_annotation(const struct route_ban *skin)
{
    char text[120];

    snprintf(text, sizeof text, "screening %s", skin->why);
    if (skin->zone[0])
        return annotation("note",
                          json_pack("{s:s, s:s, s:s, s:s}", "kind", "callus", "side",
                                    foot_words(skin->side), "zone", skin->zone, "text", text));
    return ban_annotation(skin, "callus");
}

json_t *screening_annotations(const struct screening *screening)
{
    json_t *array = json_array();
    int bad = !array || json_array_append_new(array, annotation("screening", core_json(screening)));

    for (int i = 0; !bad && i < screening->n_bans; i++) {
        const struct route_ban *ban = &screening->bans[i];
        const char *kind = strcmp(ban->why, "Q19") ? "wart" : "joint";
        bad = json_array_append_new(array, ban_annotation(ban, kind));
    }
    for (int i = 0; !bad && i < screening->n_thick_skin; i++)
        bad = json_array_append_new(array, skin_annotation(&screening->thick_skin[i]));
    if (!bad && *screening->heel_pain_walking)
        bad = json_array_append_new(
            array,
            annotation("subject", json_pack("{s:o}", "heel_pain_walking", heel_json(screening))));
    if (bad) {
        json_decref(array);
        return NULL;
    }
    return array;
}
