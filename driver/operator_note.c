/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/operator_note.h"

#include "analysis/json_writer.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_RADIUS_MM 10.0
#define WORD_MAX 24
#define WORDS_MAX 120 /* as the analysis keeps them */

/* What was typed, taken apart. */
struct typed {
    char kind[WORD_MAX], side[WORD_MAX], place[WORD_MAX];
    struct uv at;
    double radius_mm; /* 0 = not said */
    const char *words;
};

static int refuse(const char *typed, const char *what, struct problem *why)
{
    return problem(why, PROBLEM_USAGE,
                   "--note '%.60s': %s; \"KIND SIDE PLACE [RADIUSmm] [WORDS]\" is meant, as in "
                   "'wart left P07' or 'nodule right 0.46,0.38 6mm hard'",
                   typed, what);
}

static int is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(word, *words))
            return 1;
    return 0;
}

/* The middle of a zone: of an ellipse, or of the path of a strip. */
static int middle_of(const struct atlas_zone *zone, struct uv *at)
{
    const struct zone_shape *shape = &zone->shape;
    if (!zone->is_plantar || shape->kind == ZONE_PARTS)
        return -1;
    *at =
        shape->kind == ZONE_STRIP && shape->n_path ? shape->path[shape->n_path / 2] : shape->centre;
    return 0;
}

static int read_place(struct typed *typed, const struct atlas *atlas)
{
    int end = -1;
    const struct atlas_zone *zone = atlas_find(atlas, typed->place);
    if (zone)
        return middle_of(zone, &typed->at);
    if (sscanf(typed->place, "%lf,%lf%n", &typed->at.u, &typed->at.v, &end) != 2 || end < 0 ||
        typed->place[end])
        return -1;
    return typed->at.u >= -0.2 && typed->at.u <= 1.2 && typed->at.v >= -0.5 && typed->at.v <= 1.5
               ? 0
               : -1;
}

/* "6mm" first of what is left; 0 when it is no radius. */
static double take_radius(const char **rest)
{
    char *end;
    double mm = strtod(*rest, &end);
    if (end == *rest || strncmp(end, "mm", 2) || (end[2] && end[2] != ' '))
        return 0;
    *rest = end + 2 + strspn(end + 2, " ");
    return mm;
}

static int take_apart(const char *text, const struct atlas *atlas, struct typed *typed,
                      struct problem *why)
{
    static const char *const kinds[] = {"callus", "nodule", "wart", "joint", "text", NULL};
    static const char *const sides[] = {"left", "right", NULL};
    int end = 0;
    *typed = (struct typed){.at = {NAN, NAN}};
    if (sscanf(text, "%23s %23s %23s %n", typed->kind, typed->side, typed->place, &end) != 3)
        return refuse(text, "three words or more are needed", why);
    if (!is_one_of(typed->kind, kinds))
        return refuse(text, "the kind is none of callus, nodule, wart, joint, text", why);
    if (!is_one_of(typed->side, sides))
        return refuse(text, "the side is neither left nor right", why);
    if (read_place(typed, atlas))
        return refuse(text, "the place is neither a zone with a middle nor u,v on the sole", why);
    typed->words = text + end;
    typed->radius_mm = take_radius(&typed->words);
    if (typed->radius_mm != 0 && !(typed->radius_mm >= 1 && typed->radius_mm <= 100))
        return refuse(text, "the radius is not 1 to 100 mm", why);
    return 0;
}

static char *annotation_of(const struct typed *typed)
{
    char words[WORDS_MAX];
    snprintf(words, sizeof words, "%s", typed->words);
    make_utf8(words);
    json_t *note = json_pack("{s:s, s:s, s:f, s:f, s:s}", "kind", typed->kind, "side", typed->side,
                             "u", typed->at.u, "v", typed->at.v, "text", words);
    if (note && typed->radius_mm > 0)
        json_object_set_new(note, "radius_mm", json_real(typed->radius_mm));
    json_t *all = json_pack("{s:s, s:o}", "schema", "tenderfoot/annotation/1", "note", note);
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    json_decref(all);
    return text;
}

static void ban(struct operator_notes *notes, const struct typed *typed)
{
    struct route_ban *one = &notes->bans[notes->n_bans];
    if (strcmp(typed->kind, "wart") && strcmp(typed->kind, "joint"))
        return;
    *one =
        (struct route_ban){.side = strcmp(typed->side, "left") ? SIDE_RIGHT : SIDE_LEFT,
                           .at = typed->at,
                           .radius_mm = typed->radius_mm > 0 ? typed->radius_mm : USUAL_RADIUS_MM};
    snprintf(one->why, sizeof one->why, "a %s was noted here",
             strcmp(typed->kind, "wart") ? "joint" : "wart or birthmark");
    notes->n_bans++;
}

int operator_notes_add(struct operator_notes *notes, const struct atlas *atlas, const char *text,
                       struct problem *why)
{
    struct typed typed;
    if (notes->n == OPERATOR_NOTES_MAX)
        return problem(why, PROBLEM_USAGE, "--note: at most %d", OPERATOR_NOTES_MAX);
    if (take_apart(text, atlas, &typed, why))
        return -1;
    char *json = annotation_of(&typed);
    if (!json)
        return problem_no_memory(why, "a note");
    notes->json[notes->n++] = json;
    ban(notes, &typed);
    return 0;
}

void operator_notes_free(struct operator_notes *notes)
{
    for (int i = 0; i < notes->n; i++)
        free(notes->json[i]);
    *notes = (struct operator_notes){0};
}
