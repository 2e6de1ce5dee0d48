/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot compare BEFORE AFTER: what changed in one person's stand, and whether that is larger
 * than the measuring error. */
#include "analysis/change/load_change_json.h"
#include "analysis/wording.h"
#include "driver/analyze_recording.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/sway_recording.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPEATS_MOST 64

enum { OPT_JSON = 256, OPT_THRESHOLD, OPT_REPEAT, OPT_PIPELINE };

struct arguments {
    const char *before, *after, *repeat[REPEATS_MOST];
    size_t n_repeats;
    double threshold_kpa;
    struct sway_options sway;
    int json;
};

static const struct argp_option options[] = {
    {"repeat", OPT_REPEAT, "REC", 0,
     "another recording in the state before; may be given again: how much repeats differ is then "
     "the measuring error",
     0},
    {"threshold", OPT_THRESHOLD, "KPA", 0, "contact threshold of all, 5 kPa unless told", 0},
    {"pipeline", OPT_PIPELINE, "NAME", 0, "of sway: raw, lp5, lp10 (default) or quijoux25", 0},
    {"json", OPT_JSON, NULL, 0, "one JSON document (analysis/change/SCHEMA.md)", 0},
    {0},
};

static void add_file(struct argp_state *state, struct arguments *a, const char *file)
{
    if (!a->before)
        a->before = file;
    else if (!a->after)
        a->after = file;
    else
        argp_error(state, "two recordings are compared: '%s' is too many", file);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    struct problem why;
    switch (key) {
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_THRESHOLD:
        a->threshold_kpa = parse_kpa("threshold", value, 0, state);
        return 0;
    case OPT_REPEAT:
        if (a->n_repeats == REPEATS_MOST)
            argp_error(state, "at most %d repeats", REPEATS_MOST);
        a->repeat[a->n_repeats++] = value;
        return 0;
    case OPT_PIPELINE:
        if (sway_pipeline_find(value, &a->sway.pipeline, &why))
            argp_error(state, "%s", why.text);
        return 0;
    case ARGP_KEY_ARG:
        add_file(state, a, value);
        return 0;
    case ARGP_KEY_END:
        if (!a->after)
            argp_error(state, "which recordings? BEFORE and AFTER (.tfr files)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "BEFORE AFTER",
    "Compares two recordings of one person on one plate, before and after a day or a walk: contact "
    "area, share of the load, peak pressure, arch index, centre of pressure in the foot, sway.\v"
    "A change is larger than the measuring error when it is more than t sqrt(2) standard errors of "
    "one measurement: t is 1.96, or with --repeat Student's for so many recordings (4.3 for three)."
    "\n\nExit: 0 done; 1 failed; 2 wrong usage; 3 a recording is refused, or "
    "the "
    "two cannot be compared.",
    NULL,
    NULL,
    NULL};

static int measure_sway(const struct sway_recording *recording, const struct sway_options *how,
                        struct visit_sway *out, struct problem *why)
{
    const struct cop_series *path = &recording->path[SWAY_PART_NET];
    struct sway_work *work = sway_work_make(why);
    int bad = !work || sway_measure(work, path, how, &out->result, why) ||
              sway_uncertainty(path, &out->result, SWAY_SEED, &out->error, why);
    sway_work_free(work);
    out->from_s = recording->stand.from_s;
    out->to_s = recording->stand.to_s;
    return bad ? -1 : 0;
}

/* Advice on options that only `sway` has is of no use here. */
static void drop_advice(char *text)
{
    char *option = strstr(text, "--from"), *part = NULL;
    for (char *at = text; option && at < option; at++)
        if (*at == ';')
            part = at;
    if (part)
        *part = 0;
}

/* A recording in which nobody stood still has its other numbers all the same. */
static int find_sway(const struct result *result, const struct sway_options *how,
                     struct visit_sway *out, struct problem *why)
{
    struct sway_recording recording;
    *out = (struct visit_sway){0};
    int bad = sway_recording_of(result, NAN, NAN, &recording, why) ||
              measure_sway(&recording, how, out, why);
    sway_recording_free(&recording);
    out->known = !bad;
    if (bad)
        snprintf(out->reason, sizeof out->reason, "%s", why->text);
    drop_advice(out->reason);
    return bad && why->kind != PROBLEM_REFUSED ? -1 : 0;
}

static struct result *read_visit(const struct arguments *a, const char *file, struct visit *visit,
                                 struct problem *why)
{
    struct analyzer_options analysis = analyze_defaults();
    struct visit_sway *sway = calloc(1, sizeof *sway);
    if (isfinite(a->threshold_kpa))
        analysis.threshold_kpa = a->threshold_kpa;
    struct result *result = sway ? analyze_recording(file, &analysis, why) : NULL;
    if (!sway)
        problem_no_memory(why, "a comparison");
    if (result &&
        (find_sway(result, &a->sway, sway, why) || visit_measure(result, sway, visit, why))) {
        result_free(result);
        result = NULL;
    }
    free(sway);
    return result;
}

static int read_repeats(const struct arguments *a, const struct result *before,
                        struct visit *visits, struct problem *why)
{
    for (size_t i = 0; i < a->n_repeats; i++) {
        struct result *result = read_visit(a, a->repeat[i], &visits[i], why);
        int bad = !result || load_change_check(before, result, why);
        result_free(result);
        if (bad)
            return -1;
    }
    return 0;
}

static void print_line(void *to, const char *text)
{
    fprintf(to, "%s\n", text);
}

static int print(const struct arguments *a, const struct load_change *change,
                 const struct result *before, const struct result *after, struct problem *why)
{
    if (a->json)
        return cli_print_json(load_change_json(change, before, after), why);
    printf("Before: %s, after: %s; contact at %g kPa or more\n\n", a->before, a->after,
           change->threshold_kpa);
    load_change_sentences(change, print_line, stdout);
    if (change->repeats && change->compared) /* without repeats chance is larger than that */
        printf(
            "\nOf %d numbers compared, about one in twenty is beyond by chance alone when nothing "
            "changed.\n",
            change->compared);
    for (int k = 0; k < change->n_warnings; k++)
        printf("%sWarning: %s\n", k ? "" : "\n", change->warnings[k]);
    printf("\n%s\n", wording_disclaimer);
    return cli_flush_stdout(why);
}

/* What is held while comparing; the visits are too large for the stack. */
struct comparison {
    struct visit before, after, repeats[REPEATS_MOST];
    struct load_change change;
};

static int compare(const struct arguments *a, struct comparison *c, struct problem *why)
{
    struct result *before = read_visit(a, a->before, &c->before, why), *after = NULL;
    int bad = !before || !(after = read_visit(a, a->after, &c->after, why)) ||
              load_change_check(before, after, why) || read_repeats(a, before, c->repeats, why);
    if (!bad) {
        load_change(&c->before, &c->after, c->repeats, a->n_repeats, &c->change);
        load_change_warn(before, after, &c->change);
        load_change_warn_length(&c->before, &c->after, &c->change);
        load_change_warn_repeats(&c->before, c->repeats, a->n_repeats, &c->change);
        bad = load_change_is_empty(&c->before, &c->after, &c->change, why) ||
              print(a, &c->change, before, after, why);
    }
    result_free(before);
    result_free(after);
    return bad;
}

int verb_compare(int argc, char **argv)
{
    struct arguments a = {.threshold_kpa = NAN, .sway = sway_defaults()};
    struct problem why = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct comparison *c = calloc(1, sizeof *c);
    int bad = c ? compare(&a, c, &why) : problem_no_memory(&why, "a comparison");
    free(c);
    return bad ? cli_fail(argv[0], &why) : 0;
}
