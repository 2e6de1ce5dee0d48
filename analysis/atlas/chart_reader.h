/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a chart's JSON with messages that say where: members of an object, each checked.
 *
 * Private to analysis/atlas. Each reader returns 0, or -1 with the problem said in place->why;
 * texts point into the document. */
#ifndef TENDERFOOT_ANALYSIS_ATLAS_CHART_READER_H
#define TENDERFOOT_ANALYSIS_ATLAS_CHART_READER_H

#include "analysis/foot/foot_frame.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

#define CHART_LIST_MAX 1000
/* Places of a foot: a little beyond its tangents, heel and toe tip. */
#define PLACE_MIN (-0.1)
#define PLACE_MAX 1.1

/* Where we are, for messages: the file's name and the part of it. */
struct chart_place {
    const char *name;
    char part[64]; /* "zone P07", "conflicts" */
    struct problem *why;
};

void chart_name_part(struct chart_place *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Always -1. */
int chart_refuse(const struct chart_place *at, const char *sentence);
int chart_refuse_member(const struct chart_place *at, const char *member, const char *sentence);

/* A text that is not empty. */
int chart_text(const struct chart_place *at, const json_t *object, const char *member,
               const char **text);

/* NULL when it is missing; anything but a text is refused. */
int chart_optional_text(const struct chart_place *at, const json_t *object, const char *member,
                        const char **text);

/* A number within low..high; both of a pair, an array of two (`member` is its name for messages).
 */
int chart_number(const struct chart_place *at, const json_t *object, const char *member, double low,
                 double high, double *number);
int chart_pair(const struct chart_place *at, const json_t *array, const char *member, double low,
               double high, struct uv *pair);

/* true or false; a missing one is 0. */
int chart_flag(const struct chart_place *at, const json_t *object, const char *member, int *flag);

/* One of the words, as its index in *value. */
int chart_word(const struct chart_place *at, const json_t *object, const char *member,
               const char *const *words, int n, int *value);

/* A landmark by its name, as enum landmark_id. */
int chart_landmark(const struct chart_place *at, const char *name, int *id);

/* The array `member` of the root, n <= CHART_LIST_MAX; a missing one is empty. */
int chart_list(const struct chart_place *at, const json_t *root, const char *member,
               const json_t **array, int *n);

/* Room for n entries, zeroed, of at least one; NULL with the problem said. */
void *chart_make_list(struct chart_place *at, int n, size_t size, const char *what);

/* How many entries the lists `member` of all objects in `array` have together. */
size_t chart_count_members(const json_t *array, const char *member);

#endif
