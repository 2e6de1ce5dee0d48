/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/load_change_json.h"

#include <math.h>
#include <stdio.h>

static const char *const sides[] = {"left", "right"};

/* In a sentence: what, unit, decimals. */
static const struct {
    const char *words, *unit;
    int decimals;
} sway_words[SWAY_HEADLINES] = {
    [SWAY_RMS_ML] = {"sway to the sides (RMS)", "mm", 2},
    [SWAY_RMS_AP] = {"sway to front and back (RMS)", "mm", 2},
    [SWAY_RMS_RD] = {"sway (RMS distance)", "mm", 2},
    [SWAY_MEAN_DISTANCE_RD] = {"mean distance of the sway", "mm", 2},
    [SWAY_VELOCITY_ML] = {"sway velocity to the sides", "mm/s", 2},
    [SWAY_VELOCITY_AP] = {"sway velocity to front and back", "mm/s", 2},
    [SWAY_VELOCITY_RD] = {"sway velocity", "mm/s", 2},
    [SWAY_ELLIPSE] = {"sway area (95 % prediction ellipse)", "mm2", 0},
};

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *change_json(const struct change *c)
{
    double by = c->after - c->before;
    json_t *made = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "before", number(c->before), "after",
        number(c->after), "change", number(by), "change_percent", number(100 * by / c->before),
        "sem", number(c->sem), "mdc95", number(minimal_detectable_change(c->sem)),
        "is_beyond_measuring_error",
        c->verdict == CHANGE_UNKNOWN ? json_null() : json_boolean(c->verdict == CHANGE_BEYOND));
    json_object_set_new(made, "error_from",
                        json_string(c->from_repeats ? "repeats" : "plate and scatter within"));
    if (c->verdict == CHANGE_UNKNOWN)
        json_object_set_new(made, "is_beyond_measuring_error_reason", json_string(c->reason));
    return made;
}

static json_t *foot_json(const struct load_change *change, int k)
{
    if (!change->has_foot[k])
        return json_null();
    json_t *made = json_object();
    for (int key = 0; key < CHANGE_KEYS; key++)
        json_object_set_new(made, change_facts((enum change_key)key)->key,
                            change_json(&change->foot[k][key]));
    return made;
}

static json_t *sway_json(const struct load_change *change)
{
    json_t *made = json_object();
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        const struct sway_headline_name *name = &sway_headline_names[k];
        if (!json_object_get(made, name->group))
            json_object_set_new(made, name->group, json_object());
        json_object_set_new(json_object_get(made, name->group), name->key,
                            change_json(&change->sway[k]));
    }
    return made;
}

static json_t *text_or_null(const char *text)
{
    json_t *made = text ? json_string(text) : json_null();
    return made ? made : json_string("(not valid UTF-8)");
}

static json_t *recording_json(const struct result *r)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "client", text_or_null(r->facts.client),
                     "started_utc", text_or_null(r->facts.started_utc), "device_serial",
                     text_or_null(r->facts.device_serial), "calibration_id",
                     text_or_null(r->facts.calibration_id), "mean_force_n",
                     number(r->mean_force_n));
}

static void say_those(const struct load_change *change, enum change_verdict verdict,
                      void (*say)(void *to, const char *text), void *to)
{
    char text[240], what[100];
    for (int k = 0; k < 2; k++)
        for (int key = 0; key < CHANGE_KEYS && change->has_foot[k]; key++) {
            const struct change_facts *f = change_facts((enum change_key)key);
            if (change->foot[k][key].verdict != verdict)
                continue;
            snprintf(what, sizeof what, "%s, %s foot,", f->words, sides[k]);
            change_sentence(&change->foot[k][key], what, f->unit, f->decimals, text);
            say(to, text);
        }
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        if (change->sway[k].verdict != verdict)
            continue;
        change_sentence(&change->sway[k], sway_words[k].words, sway_words[k].unit,
                        sway_words[k].decimals, text);
        say(to, text);
    }
}

void load_change_sentences(const struct load_change *change,
                           void (*say)(void *to, const char *text), void *to)
{
    say_those(change, CHANGE_BEYOND, say, to);
    say_those(change, CHANGE_UNKNOWN, say, to);
    say_those(change, CHANGE_WITHIN, say, to);
}

static void append(void *array, const char *text)
{
    json_array_append_new(array, json_string(text));
}

json_t *load_change_json(const struct load_change *change, const struct result *before,
                         const struct result *after)
{
    json_t *sentences = json_array(), *warnings = json_array();
    json_t *made =
        json_pack("{s:s, s:o, s:o, s:f, s:I}", "schema", "tenderfoot/compare/1", "before",
                  recording_json(before), "after", recording_json(after), "contact_threshold_kpa",
                  change->threshold_kpa, "repeats", (json_int_t)change->repeats);
    load_change_sentences(change, append, sentences);
    for (int k = 0; k < change->n_warnings; k++)
        append(warnings, change->warnings[k]);
    for (int k = 0; k < 2; k++) {
        json_object_set_new(made, sides[k], foot_json(change, k));
        if (!change->has_foot[k])
            json_object_set_new(made, k ? "right_reason" : "left_reason",
                                json_string("this foot was not found in both recordings"));
    }
    json_object_set_new(made, "sway", sway_json(change));
    json_object_set_new(made, "sentences", sentences);
    json_object_set_new(made, "warnings", warnings);
    return made;
}
