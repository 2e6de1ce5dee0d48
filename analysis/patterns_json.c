/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/patterns_json.h"

static void put_side(struct json_writer *w, json_t *object, enum side side)
{
    const char *name = side == SIDE_LEFT ? "left" : side == SIDE_RIGHT ? "right" : NULL;

    put_text_or(w, object, "side", name, "of both feet, or of a foot of unknown side");
}

/* Whose norm, so that a reader need not have the file. */
static json_t *norm_json(struct json_writer *w, const struct norm *norm)
{
    json_t *object = json_object();

    put_text(w, object, "id", norm->id);
    put_text(w, object, "name", norm->name);
    put_text(w, object, "number", norm_number_key(norm->number));
    put_text(w, object, "basis", norm->is_published ? "published" : "project");
    put_text(w, object, "source", norm->source);
    put_text(w, object, "device", norm->device);
    put_text(w, object, "people", norm->people);
    return object;
}

static json_t *pattern_json(struct json_writer *w, const struct pattern *pattern)
{
    json_t *object = json_object();

    put_text(w, object, "id", pattern_name(pattern->id));
    put_side(w, object, pattern->side);
    put_text(w, object, "words", pattern->words);
    put_text(w, object, "evidence", pattern->evidence);
    put_number(w, object, "value", pattern->value, "");
    put_number(w, object, "error", pattern->error, "the print does not tell its error");
    put(w, object, "beyond_error", json_boolean(pattern->beyond_error));
    put(w, object, "norm", norm_json(w, pattern->norm));
    return object;
}

static json_t *gap_json(struct json_writer *w, const struct pattern_gap *gap)
{
    json_t *object = json_object();

    put_text(w, object, "id", pattern_name(gap->id));
    put_side(w, object, gap->side);
    put_text(w, object, "why", gap->why);
    return object;
}

void patterns_json(struct json_writer *w, json_t *root, const struct result *result)
{
    const struct patterns *patterns = &result->patterns;
    json_t *list = json_array(), *gaps = json_array();

    for (int i = 0; i < patterns->n; i++)
        append(w, list, pattern_json(w, &patterns->list[i]));
    for (int i = 0; i < patterns->n_not_told; i++)
        append(w, gaps, gap_json(w, &patterns->not_told[i]));
    if (*patterns->reason) {
        json_decref(list);
        put_text_or(w, root, "patterns", NULL, patterns->reason);
    } else {
        put(w, root, "patterns", list);
    }
    put(w, root, "patterns_not_told", gaps);
    put_text(w, root, "norms", norms_name(result->norms));
    put_text(w, root, "norms_version", norms_version(result->norms));
}
