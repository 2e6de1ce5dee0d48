/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot atlas: the chart's zones with organs, sources and conflicts; and its check. */
#include "analysis/atlas/atlas_query.h"
#include "analysis/report/atlas_picture.h"
#include "analysis/wording.h"
#include "driver/argument.h"
#include "driver/cli/atlas_name.h"
#include "driver/cli/atlas_place.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *atlas_path, *beside_path, *wanted, *draw, *recording;
    double at[2], error_mm;
    enum side side;
    int check, json, has_place;
};

enum {
    OPT_JSON = 256,
    OPT_CHECK,
    OPT_ATLAS,
    OPT_BESIDE,
    OPT_DRAW,
    OPT_AT,
    OPT_SIDE,
    OPT_ERROR,
    OPT_RECORDING,
    WIDTH = 100
};

static const struct argp_option options[] = {
    {"check", OPT_CHECK, NULL, 0, "only check the chart, its overlaps too", 0},
    {"json", OPT_JSON, NULL, 0,
     "print JSON: a chart (tenderfoot/atlas/1); with --beside both (tenderfoot/atlas-charts/1: "
     "charts); of --at the answer (tenderfoot/atlas-place/1)",
     0},
    {"atlas", OPT_ATLAS, "FILE", 0, "another chart than the built-in one (tenderfoot-atlas(5))", 0},
    {"beside", OPT_BESIDE, "FILE", 0,
     "a second chart (tenderfoot-atlas(5)), shown beside the first", 0},
    {"draw", OPT_DRAW, "FILE", 0, "draw it (.svg, .png or .pdf)", 0},
    {"at", OPT_AT, "A,B", 0,
     "the zones under a place: u,v (u 0 at the heel to 1 at the toes, v 0 at the inner edge to 1 "
     "at the outer one), or with --recording x,y in mm on its plate",
     0},
    {"foot", OPT_SIDE, "SIDE", 0, "which foot --at means: left or right; needed with U,V", 0},
    {"side", OPT_SIDE, "SIDE", OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"error", OPT_ERROR, "MM", 0, "how well the place of --at is known (standard deviation)", 0},
    {"recording", OPT_RECORDING, "FILE", 0, "the feet that stood in it, for --at", 0},
    {0},
};

static const char doc[] =
    "List the zones of the foot that the articles describe, with the organs they traditionally "
    "associate with each, the articles' own words, and where they do not agree. With the id of a "
    "zone, or an organ (a part of its name will do), only what belongs to it."
    "\v"
    "  tenderfoot atlas P07\n"
    "  tenderfoot atlas stomach --draw stomach.png\n"
    "  tenderfoot atlas --at 0.735,0.18 --foot left --error 3\n\n"
    "Exit: 0 done; 2 wrong usage, no such zone or organ; 3 the file is not a good chart.";

static void parse_place(char *text, struct arguments *a, struct argp_state *state)
{
    char rest;

    if (sscanf(text, "%lf,%lf%c", &a->at[0], &a->at[1], &rest) != 2 || !isfinite(a->at[0]) ||
        !isfinite(a->at[1]))
        argp_error(state, "--at is two numbers like 0.46,0.38");
    a->has_place = 1;
}

static error_t parse_place_option(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_AT:
        parse_place(arg, a, state);
        return 0;
    case OPT_SIDE:
        if (strcmp(arg, "left") && strcmp(arg, "right"))
            argp_error(state, "--foot is left or right");
        a->side = *arg == 'l' ? SIDE_LEFT : SIDE_RIGHT;
        return 0;
    case OPT_ERROR:
        a->error_mm = argument_number(state, "error", arg, 0, 50);
        return 0;
    case OPT_RECORDING:
        a->recording = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Nothing that was asked for is left aside in silence. */
static void check_together(const struct arguments *a, struct argp_state *state)
{
    if (!a->has_place && (a->recording || a->side || a->error_mm > 0))
        argp_error(state, "--recording, --foot and --error go with --at");
    if (a->has_place && !a->recording && !a->side)
        argp_error(state, "--at U,V: which foot? --foot left or --foot right; with "
                          "--recording it is the foot that lies there");
    if (a->check && (a->wanted || a->has_place || a->draw || a->json))
        argp_error(state, "--check checks the whole chart, in words: no zone or organ, --at, "
                          "--draw or --json beside it");
    if (a->has_place && (a->wanted || a->draw))
        argp_error(state, "--at lists the zones under a place: no zone or organ, and no --draw, "
                          "beside it");
    if (a->draw && a->json)
        argp_error(state, "--draw or --json: one of them");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_BESIDE:
        a->beside_path = arg;
        return 0;
    case OPT_DRAW:
        a->draw = arg;
        return 0;
    case OPT_CHECK:
        a->check = 1;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_ATLAS:
        a->atlas_path = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (a->wanted)
            argp_error(state, "one zone or organ at a time");
        a->wanted = arg;
        return 0;
    case ARGP_KEY_END:
        check_together(a, state);
        return 0;
    default:
        return parse_place_option(key, arg, state);
    }
}

/* --- What belongs to a word ----------------------------------------------------------------------
 */

static int zone_matches(const struct atlas_zone *zone, const char *wanted)
{
    return !wanted || atlas_zone_matches(zone, wanted);
}

static int conflict_matches(const struct atlas *atlas, const struct atlas_conflict *conflict,
                            const char *wanted)
{
    if (!wanted || !strcasecmp(conflict->id, wanted) || strcasestr(conflict->topic, wanted))
        return 1;
    for (int i = 0; i < conflict->n_zones; i++)
        if (zone_matches(atlas_find(atlas, conflict->zones[i]), wanted))
            return 1;
    return 0;
}

static int unlocated_matches(const struct atlas_unlocated *entry, const char *wanted)
{
    return !wanted || strcasestr(entry->organ, wanted) != NULL;
}

static int anything_matches(const struct atlas *atlas, const char *wanted)
{
    for (int i = 0; i < atlas_count(atlas); i++)
        if (zone_matches(atlas_zone(atlas, i), wanted))
            return 1;
    for (int i = 0; i < atlas_unlocated_count(atlas); i++)
        if (unlocated_matches(atlas_unlocated(atlas, i), wanted))
            return 1;
    for (int i = 0; i < atlas_conflict_count(atlas); i++)
        if (!strcasecmp(atlas_conflict(atlas, i)->id, wanted))
            return 1;
    return 0;
}

/* --- Text ----------------------------------------------------------------------------------------
 */

static void print_line(const struct atlas_zone *zone)
{
    char text[300];
    int indent = zone->parent ? 2 : 0;

    printf("%*s%-6s %s\n%*s", indent, "", zone->id, zone->name, indent + 7, "");
    cli_print_wrapped(stdout, atlas_tradition(zone, text, sizeof text), indent + 7);
}

static void print_sources(const struct atlas_zone *zone)
{
    for (int i = 0; i < zone->n_sources; i++) {
        char text[500];
        const struct atlas_source *source = &zone->sources[i];
        /* One quote may stand for several organs. */
        if (i && !strcmp(source->quote, source[-1].quote) && !strcmp(source->cite, source[-1].cite))
            continue;
        snprintf(text, sizeof text, "“%s” [%s]", source->quote, source->cite);
        printf("       ");
        cli_print_wrapped(stdout, text, 7);
    }
}

static void print_zone(const struct atlas_zone *zone)
{
    print_line(zone);
    print_sources(zone);
    if (zone->is_plantar)
        printf("       surface: %s; side: %s; anchor: %s; contact when standing: %s; confidence: "
               "%s\n",
               zone->surface, zone->side, zone->anchor_name, zone->contact, zone->confidence);
    else
        printf("       outside the plate: not measured; surface: %s; side: %s; confidence: %s\n",
               zone->surface, zone->side, zone->confidence);
    if (zone->offset_mm < 0 || zone->offset_mm > 0)
        printf("       %.4g mm %s its anchor on a foot of 250 mm\n",
               zone->offset_mm > 0 ? zone->offset_mm : -zone->offset_mm,
               zone->offset_mm > 0 ? "heelward of" : "toeward of");
    if (zone->note) {
        printf("       ");
        cli_print_wrapped(stdout, zone->note, 7);
    }
    putchar('\n');
}

static void print_conflict(const struct atlas_conflict *conflict)
{
    printf("%-6s %s\n       ", conflict->id, conflict->topic);
    cli_print_wrapped(stdout, conflict->versions, 7);
    printf("       -> ");
    cli_print_wrapped(stdout, conflict->resolution, 10);
}

static void print_conflicts(const struct atlas *atlas, const char *wanted)
{
    int any = 0;

    for (int i = 0; i < atlas_conflict_count(atlas); i++) {
        const struct atlas_conflict *conflict = atlas_conflict(atlas, i);
        if (!conflict_matches(atlas, conflict, wanted))
            continue;
        if (!any++)
            printf("\nWhere the articles do not agree\n\n");
        print_conflict(conflict);
    }
}

static void print_unlocated(const struct atlas *atlas, const char *wanted)
{
    int any = 0;

    for (int i = 0; i < atlas_unlocated_count(atlas); i++) {
        const struct atlas_unlocated *entry = atlas_unlocated(atlas, i);
        char text[500];
        if (!unlocated_matches(entry, wanted))
            continue;
        if (!any++)
            printf("\nNamed without a place\n\n");
        snprintf(text, sizeof text, "%s: “%s” [%s] %s", entry->organ, entry->quote, entry->cite,
                 entry->note);
        printf("       ");
        cli_print_wrapped(stdout, text, 7);
    }
}

static void print_zones(const struct atlas *atlas, const char *wanted)
{
    int was_plantar = 1;

    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        if (!zone_matches(zone, wanted))
            continue;
        if (was_plantar && !zone->is_plantar)
            printf("\nOutside the plate: not measured\n\n");
        was_plantar = zone->is_plantar;
        if (wanted)
            print_zone(zone);
        else
            print_line(zone);
    }
}

static void print_articles(const struct atlas *atlas)
{
    printf("\nArticles\n\n");
    for (int i = 0; i < atlas_seed_count(atlas); i++)
        printf("%-6s %s\n", atlas_seed(atlas, i)->id, atlas_seed(atlas, i)->title);
}

static void print_text(const struct atlas *atlas, const char *wanted)
{
    printf("Chart: %s, version %s\n\n", atlas_name(atlas), atlas_version(atlas));
    print_zones(atlas, wanted);
    print_unlocated(atlas, wanted);
    print_conflicts(atlas, wanted);
    if (!wanted)
        print_articles(atlas);
    putchar('\n');
    cli_print_wrapped(stdout, wording_disclaimer, 0);
}

/* --- JSON
 * ------------------------------------------------------------------------------------------ */

/* Of a list of objects, those that are wanted, in order. */
static json_t *chosen(const json_t *list, const struct atlas *atlas, const char *wanted,
                      int (*matches)(const struct atlas *, int, const char *))
{
    json_t *some = json_array(), *object;
    size_t i;

    json_array_foreach(list, i, object)
    {
        if (matches(atlas, (int)i, wanted))
            json_array_append(some, object);
    }
    return some;
}

static int zone_at_matches(const struct atlas *atlas, int i, const char *wanted)
{
    return zone_matches(atlas_zone(atlas, i), wanted);
}

static int conflict_at_matches(const struct atlas *atlas, int i, const char *wanted)
{
    return conflict_matches(atlas, atlas_conflict(atlas, i), wanted);
}

static int unlocated_at_matches(const struct atlas *atlas, int i, const char *wanted)
{
    return unlocated_matches(atlas_unlocated(atlas, i), wanted);
}

/* The chart itself; of a part of it, what belongs to the word, and no counts. */
static json_t *document_of(const struct atlas *atlas, const char *wanted)
{
    const json_t *whole = (const json_t *)atlas_document(atlas);
    json_t *document = json_deep_copy(whole);

    if (!wanted || !document)
        return document;
    json_object_del(document, "counts");
    json_object_del(document, "overlaps");
    json_object_set_new(document, "zones",
                        chosen(json_object_get(whole, "zones"), atlas, wanted, zone_at_matches));
    json_object_set_new(
        document, "conflicts",
        chosen(json_object_get(whole, "conflicts"), atlas, wanted, conflict_at_matches));
    json_object_set_new(
        document, "unlocated",
        chosen(json_object_get(whole, "unlocated"), atlas, wanted, unlocated_at_matches));
    return document;
}

static json_t *documents_of(const struct atlas *atlas, const struct atlas *beside,
                            const char *wanted)
{
    if (!beside)
        return document_of(atlas, wanted);
    return json_pack("{s:s, s:[o, o]}", "schema", "tenderfoot/atlas-charts/1", "charts",
                     document_of(atlas, wanted), document_of(beside, wanted));
}

/* --- The verb
 * -------------------------------------------------------------------------------------- */

static int check(const struct atlas *atlas, struct problem *why)
{
    int plantar = 0, parts = 0, outside = 0;

    if (atlas_check_overlaps(atlas, why))
        return -1;
    for (int i = 0; i < atlas_count(atlas); i++) {
        plantar += atlas_zone(atlas, i)->is_plantar && !atlas_zone(atlas, i)->parent;
        parts += atlas_zone(atlas, i)->parent != NULL;
        outside += !atlas_zone(atlas, i)->is_plantar;
    }
    printf("chart '%s', version %s: %d zones, %d parts and variants, %d points outside the plate, "
           "%d conflicts, %d overlaps: good\n",
           atlas_name(atlas), atlas_version(atlas), plantar, parts, outside,
           atlas_conflict_count(atlas), atlas_overlap_count(atlas));
    return 0;
}

static int draw(const struct atlas *atlas, const struct atlas *beside, const struct arguments *a,
                struct problem *why)
{
    struct atlas_picture picture = {
        .atlas = atlas, .beside = beside, .wanted = a->wanted, .length_mm = ATLAS_LENGTH_MM};
    enum report_format format;
    struct cli_output out;
    struct text bytes;
    int replaced = cli_is_there(a->draw);

    if (report_format_of(a->draw, &format, why) ||
        atlas_picture_render(&picture, format, &bytes, NULL, why))
        return -1;
    int bad = cli_output_begin(&out, a->draw, why);
    if (!bad) {
        fwrite(bytes.bytes, 1, bytes.n, out.stream);
        bad = cli_output_finish(&out, why);
    }
    text_free(&bytes);
    if (bad)
        return -1;
    cli_tell_written(a->draw, 1, replaced);
    return cli_flush_stdout(why);
}

static int answer_place(const struct atlas *atlas, const struct atlas *beside,
                        const struct arguments *a, struct problem *why)
{
    struct place_question question = {.atlas = atlas,
                                      .beside = beside,
                                      .recording = a->recording,
                                      .a = a->at[0],
                                      .b = a->at[1],
                                      .side = a->side,
                                      .error_mm = a->error_mm,
                                      .json = a->json};

    return atlas_place_answer(&question, why);
}

static int refuse_unknown(const struct atlas *atlas, const char *wanted, struct problem *why)
{
    char zones[120];

    if (*atlas_name_zones(atlas, wanted, zones, sizeof zones))
        return problem(why, PROBLEM_USAGE, "no zone '%.60s' in the chart; so begin: %s", wanted,
                       zones);
    return problem(why, PROBLEM_USAGE,
                   "no zone and no organ '%.60s' in the chart; without it all are listed", wanted);
}

/* A part of names finds all that hold it ("ear": ears and heart), which nobody may have meant. */
static void note_part(const char *who, const struct atlas *atlas, const char *wanted)
{
    char organs[300];

    if (wanted && !atlas_name_is_whole(atlas, wanted) &&
        *atlas_name_organs(atlas, wanted, organs, sizeof organs))
        fprintf(stderr, "%s: note: '%s' is only a part of names; it is in: %s\n", who, wanted,
                organs);
}

static int show(const char *who, const struct atlas *atlas, const struct atlas *beside,
                const struct arguments *a, struct problem *why)
{
    if (a->check) {
        if (check(atlas, why) || (beside && check(beside, why)))
            return -1;
        return cli_flush_stdout(why);
    }
    if (a->has_place)
        return answer_place(atlas, beside, a, why);
    if (a->wanted && !anything_matches(atlas, a->wanted) &&
        !(beside && anything_matches(beside, a->wanted)))
        return refuse_unknown(atlas, a->wanted, why);
    note_part(who, atlas, a->wanted);
    if (beside)
        note_part(who, beside, a->wanted);
    if (a->draw)
        return draw(atlas, beside, a, why);
    if (a->json)
        return cli_print_json(documents_of(atlas, beside, a->wanted), why);
    print_text(atlas, a->wanted);
    if (beside) {
        printf("\n--- beside it ---\n\n");
        print_text(beside, a->wanted);
    }
    return cli_flush_stdout(why);
}

int verb_atlas(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "[ID|ORGAN]", doc, NULL, NULL, NULL};
    struct arguments arguments = {0};
    struct problem why = {0};

    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
        return PROBLEM_USAGE;
    struct atlas *atlas = atlas_load(arguments.atlas_path, &why), *beside = NULL;
    int bad = !atlas;
    if (!bad && arguments.beside_path)
        bad = !(beside = atlas_load(arguments.beside_path, &why));
    if (!bad)
        bad = show(argv[0], atlas, beside, &arguments, &why);
    atlas_free(beside);
    atlas_free(atlas);
    return bad ? cli_fail(argv[0], &why) : 0;
}
