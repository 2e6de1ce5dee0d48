/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/atlas_place.h"
#include "analysis/atlas/atlas_query.h"
#include "analysis/foot/strips.h"
#include "driver/analyze_recording.h"
#include "driver/cli/cli.h"

#include <math.h>
#include <string.h>

#define HITS_MAX 48
#define LEAST_CONFIDENCE 0.05

/* The place on a foot, measured or the template's. */
struct asked {
    enum side side;
    struct foot_frame frame;
    struct landmarks landmarks;
    struct guide_lines lines;
    struct uv at;
    int is_measured;
};

static int is_on_foot(struct uv at)
{
    return at.u > -0.05 && at.u < 1.05 && at.v > -0.1 && at.v < 1.1;
}

static int find_on_recording(const struct place_question *question, struct asked *asked,
                             struct problem *why)
{
    struct analyzer_options how = analyze_defaults();
    struct result *result = analyze_recording(question->recording, &how, why);
    int found = 0;

    if (!result)
        return -1;
    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];
        struct uv at = foot_frame_to_uv(&foot->frame, (struct point){question->a, question->b});
        int is_other = question->side && foot->side && question->side != foot->side;
        if (!foot->has_load || is_other || !is_on_foot(at))
            continue;
        *asked = (struct asked){foot->side, foot->frame, foot->landmarks, foot->lines, at, 1};
        found = 1;
    }
    result_free(result);
    return found ? 0
                 : problem(why, PROBLEM_REFUSED, "x %g mm, y %g mm lies on no %sfoot of %s",
                           question->a, question->b,
                           question->side == SIDE_LEFT    ? "left "
                           : question->side == SIDE_RIGHT ? "right "
                                                          : "",
                           question->recording);
}

static int find_place(const struct place_question *question, struct asked *asked,
                      struct problem *why)
{
    if (question->recording)
        return find_on_recording(question, asked, why);
    *asked = (struct asked){.side = question->side,
                            .at = {question->a, question->b},
                            .landmarks = landmarks_template()};
    asked->frame = foot_frame_template(asked->side, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    asked->lines = guide_lines_from(&asked->landmarks);
    return is_on_foot(asked->at)
               ? 0
               : problem(why, PROBLEM_USAGE,
                         "u is 0 at the heel to 1 at the toes, v 0 at the inner edge to 1 at the "
                         "outer one");
}

static int hits_of(const struct asked *asked, const struct atlas *atlas, double error_mm,
                   struct atlas_hit *hits)
{
    return atlas_hits(atlas, &asked->frame, &asked->landmarks, asked->at, error_mm,
                      LEAST_CONFIDENCE, hits, HITS_MAX);
}

static void words_of_place(const struct asked *asked, char *words, size_t cap)
{
    struct strips strips = strips_from(&asked->landmarks);

    strip_place_words(&strips, &asked->lines, asked->side, asked->at, words, cap);
}

/* --- Text ------------------------------------------------------------------------------------ */

static int concerns(const struct atlas_conflict *conflict, const struct atlas_hit *hits, int n)
{
    for (int z = 0; z < conflict->n_zones; z++)
        for (int k = 0; k < n; k++)
            if (!strcmp(conflict->zones[z], hits[k].zone->id))
                return 1;
    return 0;
}

static void print_conflicts(const struct atlas *atlas, const struct atlas_hit *hits, int n)
{
    for (int i = 0; i < atlas_conflict_count(atlas); i++) {
        const struct atlas_conflict *conflict = atlas_conflict(atlas, i);
        if (concerns(conflict, hits, n))
            printf("  %-4s %s: %s\n", conflict->id, conflict->topic, conflict->resolution);
    }
}

/* One line of an article may tell a zone twice, by two quotations. */
static int is_cited_before(const struct atlas_zone *zone, int source)
{
    for (int i = 0; i < source; i++)
        if (!strcmp(zone->sources[i].cite, zone->sources[source].cite))
            return 1;
    return 0;
}

static void print_hit(const struct atlas_hit *hit, double error_mm)
{
    char tradition[300];

    printf("%-6s %s", hit->zone->id, hit->zone->name);
    if (error_mm > 0)
        printf(" (probability %.2f)", hit->confidence);
    printf("\n       %s", atlas_tradition(hit->zone, tradition, sizeof tradition));
    for (int i = 0; i < hit->zone->n_sources; i++)
        if (!is_cited_before(hit->zone, i))
            printf("%s%s", i ? ", " : " [", hit->zone->sources[i].cite);
    printf("]\n");
}

static void print_chart(const struct asked *asked, const struct atlas *atlas, double error_mm)
{
    struct atlas_hit hits[HITS_MAX];
    int n = hits_of(asked, atlas, error_mm, hits);

    printf("\nChart: %s, version %s\n", atlas_name(atlas), atlas_version(atlas));
    if (!n)
        printf("no zone of this chart\n");
    for (int i = 0; i < n; i++)
        print_hit(&hits[i], error_mm);
    if (n > 1)
        printf("A press here is in all of these; the place cannot tell them apart.\n");
    print_conflicts(atlas, hits, n);
}

static int print_answer(const struct place_question *question, const struct asked *asked,
                        struct problem *why)
{
    char words[80];

    words_of_place(asked, words, sizeof words);
    printf("u %.3f, v %.3f on %s %s foot: %s\n", asked->at.u, asked->at.v,
           asked->is_measured ? "the measured" : "the template's",
           asked->side == SIDE_LEFT    ? "left"
           : asked->side == SIDE_RIGHT ? "right"
                                       : "(side not known)",
           words);
    print_chart(asked, question->atlas, question->error_mm);
    if (question->beside)
        print_chart(asked, question->beside, question->error_mm);
    cli_print_disclaimer(stdout);
    return cli_flush_stdout(why);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *hit_json(const struct atlas_hit *hit)
{
    char tradition[300];
    json_t *cites = json_array();

    for (int i = 0; i < hit->zone->n_sources; i++)
        if (!is_cited_before(hit->zone, i))
            json_array_append_new(cites, json_string(hit->zone->sources[i].cite));
    return json_pack("{s:s, s:s, s:f, s:b, s:s, s:o}", "zone", hit->zone->id, "name",
                     hit->zone->name, "confidence", hit->confidence, "inside", hit->is_inside,
                     "tradition", atlas_tradition(hit->zone, tradition, sizeof tradition), "cites",
                     cites);
}

/* Where the articles do not agree about these zones. */
static json_t *conflicts_json(const struct atlas *atlas, const struct atlas_hit *hits, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < atlas_conflict_count(atlas); i++) {
        const struct atlas_conflict *conflict = atlas_conflict(atlas, i);
        if (concerns(conflict, hits, n))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:s}", "id", conflict->id, "topic",
                                            conflict->topic, "versions", conflict->versions,
                                            "resolution", conflict->resolution));
    }
    return list;
}

static json_t *chart_json(const struct asked *asked, const struct atlas *atlas, double error_mm)
{
    struct atlas_hit hits[HITS_MAX];
    int n = hits_of(asked, atlas, error_mm, hits);
    json_t *zones = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(zones, hit_json(&hits[i]));
    return json_pack("{s:s, s:s, s:o, s:o}", "chart", atlas_name(atlas), "version",
                     atlas_version(atlas), "zones", zones, "conflicts",
                     conflicts_json(atlas, hits, n));
}

static int print_json(const struct place_question *question, const struct asked *asked,
                      struct problem *why)
{
    char words[80];
    json_t *charts = json_array();

    words_of_place(asked, words, sizeof words);
    json_array_append_new(charts, chart_json(asked, question->atlas, question->error_mm));
    if (question->beside)
        json_array_append_new(charts, chart_json(asked, question->beside, question->error_mm));
    return cli_print_json(json_pack("{s:s, s:s, s:f, s:f, s:s, s:f, s:b, s:o}", "schema",
                                    "tenderfoot/atlas-place/1", "side",
                                    asked->side == SIDE_LEFT    ? "left"
                                    : asked->side == SIDE_RIGHT ? "right"
                                                                : "unknown",
                                    "u", asked->at.u, "v", asked->at.v, "words", words, "error_mm",
                                    question->error_mm, "measured", asked->is_measured, "charts",
                                    charts),
                          why);
}

int atlas_place_answer(const struct place_question *question, struct problem *why)
{
    struct asked asked;

    if (find_place(question, &asked, why))
        return -1;
    return question->json ? print_json(question, &asked, why) : print_answer(question, &asked, why);
}
