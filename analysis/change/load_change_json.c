/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/load_change_json.h"

#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

static json_t *change_json(struct json_writer *w, const struct change *c)
{
    double by = c->after - c->before;
    json_t *made = json_object();
    put_number(w, made, "before", c->before, c->reason);
    put_number(w, made, "after", c->after, c->reason);
    put_number(w, made, "change", by, c->reason);
    put_number(w, made, "change_percent", 100 * by / c->before,
               isnan(by) ? c->reason : "the number before is 0");
    put_number(w, made, "sem", c->sem, c->reason);
    put_number(w, made, "mdc95", minimal_detectable_change(c->sem, c->freedom), c->reason);
    put_text(w, made, "error_from", c->from_repeats ? "repeats" : "plate and scatter within");
    put(w, made, "is_beyond_measuring_error",
        c->verdict == CHANGE_UNKNOWN ? json_null() : json_boolean(c->verdict == CHANGE_BEYOND));
    if (c->verdict == CHANGE_UNKNOWN)
        put_text(w, made, "is_beyond_measuring_error_reason", c->reason);
    return made;
}

static void put_foot(struct json_writer *w, json_t *to, const struct load_change *change, int k)
{
    if (!change->has_foot[k]) {
        put_text_or(w, to, sides[k], NULL, change->foot_reason[k]);
        return;
    }
    json_t *made = json_object();
    for (int key = 0; key < CHANGE_KEYS; key++)
        put(w, made, change_facts((enum change_key)key)->key,
            change_json(w, &change->foot[k][key]));
    put(w, to, sides[k], made);
}

static json_t *sway_changes(struct json_writer *w, const struct load_change *change)
{
    json_t *made = json_object();
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        const struct sway_headline_name *name = &sway_headline_names[k];
        if (!json_object_get(made, name->group))
            put(w, made, name->group, json_object());
        put(w, json_object_get(made, name->group), name->key, change_json(w, &change->sway[k]));
    }
    return made;
}

static json_t *recording_json(struct json_writer *w, const struct result *r)
{
    json_t *made = json_object();
    put_text(w, made, "client", r->facts.client);
    put_text(w, made, "started_utc", r->facts.started_utc);
    put_text(w, made, "device_serial", r->facts.device_serial);
    put_text(w, made, "calibration_id", r->facts.calibration_id);
    put_number(w, made, "mean_force_n", r->mean_force_n, "");
    return made;
}

/* Sway as a whole lacks one thing: said once, not for each of its numbers. */
static int sway_is_missing(const struct load_change *change)
{
    int n = 0;
    for (int k = 0; k < SWAY_HEADLINES; k++)
        n += isnan(change->sway[k].after - change->sway[k].before) &&
             !strcmp(change->sway[k].reason, change->sway[0].reason);
    return n == SWAY_HEADLINES;
}

static void say_missing(const struct load_change *change, void (*say)(void *to, const char *text),
                        void *to)
{
    char text[240];
    for (int k = 0; k < 2; k++)
        if (!change->has_foot[k]) {
            snprintf(text, sizeof text, "%s foot: no change can be told: %s.", k ? "Right" : "Left",
                     change->foot_reason[k]);
            say(to, text);
        }
    if (sway_is_missing(change)) {
        change_sentence(&change->sway[0], "sway", "mm", 2, text);
        say(to, text);
    }
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
        if (change->sway[k].verdict != verdict || sway_is_missing(change))
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
    say_missing(change, say, to);
    say_those(change, CHANGE_UNKNOWN, say, to);
    say_those(change, CHANGE_WITHIN, say, to);
}

/* Where sentences go. */
struct list {
    struct json_writer *w;
    json_t *array;
};

static void add(void *to, const char *text)
{
    const struct list *list = to;
    char clean[240];
    snprintf(clean, sizeof clean, "%s", text);
    make_utf8(clean); /* a person's name may be cut within a letter */
    append(list->w, list->array, json_string_nocheck(clean));
}

json_t *load_change_json(const struct load_change *change, const struct result *before,
                         const struct result *after)
{
    struct json_writer w = {0};
    struct list sentences = {&w, json_array()}, warnings = {&w, json_array()};
    json_t *made = json_object();
    put_text(&w, made, "schema", "tenderfoot/compare/1");
    put(&w, made, "before", recording_json(&w, before));
    put(&w, made, "after", recording_json(&w, after));
    put_number(&w, made, "contact_threshold_kpa", change->threshold_kpa, "");
    put_count(&w, made, "repeats", change->repeats);
    put_count(&w, made, "compared", (size_t)change->compared);
    load_change_sentences(change, add, &sentences);
    for (int k = 0; k < change->n_warnings; k++)
        add(&warnings, change->warnings[k]);
    for (int k = 0; k < 2; k++)
        put_foot(&w, made, change, k);
    put(&w, made, "sway", sway_changes(&w, change));
    put(&w, made, "sentences", sentences.array);
    put(&w, made, "warnings", warnings.array);
    return json_whole(&w, made);
}
