/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include "analysis/json_writer.h"
#include "driver/cli/sway_text.h"
#include "driver/sway_trial.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_PIPELINE = 256,
    OPTION_FILTER,
    OPTION_RESAMPLE,
    OPTION_BAND,
    OPTION_COLUMNS,
    OPTION_UNITS,
    OPTION_ORIGIN,
    OPTION_AP,
    OPTION_FROM,
    OPTION_TO,
    OPTION_FOOT,
    OPTION_THRESHOLD,
    OPTION_CLOSED,
    OPTION_SEED,
    OPTION_JSON
};

#define TRIALS_MOST 4096

struct arguments {
    struct sway_words words;
    struct sway_trial *trials; /* those with open eyes (or all) first */
    const char **closed;       /* files; they join the trials once all words are read */
    size_t n_open, n_closed;
    int named, built, json;
};

static const struct argp_option options[] = {
    {"pipeline", OPTION_PIPELINE, "NAME", 0, "raw, lp5, lp10 (default) or quijoux25", 0},
    {"filter", OPTION_FILTER, "butter:ORDER:HZ", 0,
     "low-pass, forward and backward, of ORDER 1 to 8 each way; none leaves the path as it is", 0},
    {"resample", OPTION_RESAMPLE, "HZ", 0, "to a regular rate (SWARII), before the filter", 0},
    {"band", OPTION_BAND, "LO:HI", 0, "band of the spectra in Hz (default 0.15:5)", 0},
    {"columns", OPTION_COLUMNS, "time=COL,ml=COL,ap=COL", 0,
     "names, or numbers from 1 (default time_s,ml_mm,ap_mm); of a force platform time, fz, mx, my "
     "(N, N m) and fx, fy",
     0},
    {"origin", OPTION_ORIGIN, "MM", 0, "of a platform's moments: depth under its surface", 0},
    {"ap", OPTION_AP, "x|y", 0, "of a platform: which axis points to the front (default y)", 0},
    {"units", OPTION_UNITS, "mm|cm|m", 0, "of the file (default: what its names end in, or mm)", 0},
    {"from", OPTION_FROM, "S", 0, "the stand begins here; nothing is cut then but by --to", 0},
    {"to", OPTION_TO, "S", 0, "and ends here", 0},
    {"foot", OPTION_FOOT, "left|right|net", 0,
     "of a recording: this path alone (default: the whole plate's, with each foot's in the JSON)",
     0},
    {"threshold", OPTION_THRESHOLD, "KPA", 0, "of a recording: contact, 5 kPa unless told", 0},
    {"closed", OPTION_CLOSED, "FILE", 0,
     "a trial of the same person with closed eyes, may be repeated: Romberg quotients", 0},
    {"seed", OPTION_SEED, "N", 0, "of the bootstrap behind the intervals", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON document", 0},
    {0},
};

/* A number that ends at `end` exactly and lies within (0, 10000]. */
static double positive(struct argp_state *state, const char *text, char **end, const char *what)
{
    errno = 0;
    double value = strtod(text, end);
    if (*end == text || errno || !(value > 0 && value <= 1e4))
        argp_error(state, "%s '%s' is not a number above 0, at most 10000", what, text);
    return value;
}

static void parse_filter(struct argp_state *state, const char *text, struct sway_pipeline *p)
{
    int order = 0, used = 0;
    char *end = "";
    p->order = 0;
    p->cut_hz = 0;
    if (!strcmp(text, "none"))
        return;
    if (sscanf(text, "butter:%2d:%n", &order, &used) == 1 && used) {
        p->cut_hz = positive(state, text + used, &end, "cut");
        p->order = order;
    }
    if (!used || *end || order < 1 || order > 8)
        argp_error(state, "--filter %s: expected butter:ORDER:HZ with ORDER 1 to 8, or none", text);
}

static void parse_band(struct argp_state *state, const char *text, struct spectrum_band *band)
{
    char *end;
    band->low_hz = strtod(text, &end);
    if (end != text && *end == ':' && band->low_hz >= 0) {
        band->high_hz = positive(state, end + 1, &end, "end of the band");
        if (!*end && band->high_hz > band->low_hz)
            return;
    }
    argp_error(state, "--band %s: expected LO:HI in Hz, LO below HI", text);
}

static void parse_columns(struct argp_state *state, char *text, struct cop_csv_layout *layout)
{
    char *value;
    while (*text) {
        int role = getsubopt(&text, cop_csv_roles, &value);
        if (role < 0 || !value || !*value || strlen(value) >= COP_CSV_NAME)
            argp_error(state, "--columns: expected time=COL,ml=COL,ap=COL, or time=COL,fz=COL,"
                              "mx=COL,my=COL,fx=COL,fy=COL");
        strcpy(layout->names[role], value);
    }
}

static void parse_origin(struct argp_state *state, const char *text, double *origin_mm)
{
    char *end;
    *origin_mm = strtod(text, &end);
    if (end == text || *end || !(fabs(*origin_mm) <= 1000))
        argp_error(state, "--origin %s: expected millimetres, at most 1000", text);
}

static void parse_pipeline(struct argp_state *state, const char *name, struct arguments *a)
{
    struct problem why;
    if (sway_pipeline_find(name, &a->words.options.pipeline, &why))
        argp_error(state, "%s", why.text);
    a->named = 1;
}

/* The first of --filter and --resample begins a pipeline of the user's own. */
static struct sway_pipeline *custom(struct arguments *a)
{
    if (!a->built)
        a->words.options.pipeline = (struct sway_pipeline){.name = "custom"};
    a->built = 1;
    return &a->words.options.pipeline;
}

static void add_file(struct argp_state *state, struct arguments *a, const char *file, int closed)
{
    if (a->n_open + a->n_closed >= TRIALS_MOST)
        argp_error(state, "at most %d trials at a time", TRIALS_MOST);
    if (closed)
        a->closed[a->n_closed++] = file;
    else
        a->trials[a->n_open++].file = file;
}

static void parse_foot(struct argp_state *state, const char *text, struct sway_words *w)
{
    for (int part = 0; part < SWAY_PARTS; part++) {
        if (!strcmp(text, sway_part_names[part])) {
            w->has_foot = 1;
            w->foot = (enum sway_part)part;
            return;
        }
    }
    argp_error(state, "--foot %s: expected left, right or net", text);
}

static void check_end(struct argp_state *state, const struct arguments *a)
{
    if (!a->n_open)
        argp_error(state, "name the file with the path of the centre of pressure");
    if (a->named && a->built)
        argp_error(state, "either --pipeline, or --filter and --resample");
    if (a->words.to_s <= a->words.from_s)
        argp_error(state, "--to must be later than --from");
}

/* How a table is to be read. */
static error_t parse_layout(int key, char *value, struct argp_state *state,
                            struct cop_csv_layout *layout)
{
    switch (key) {
    case OPTION_COLUMNS:
        parse_columns(state, value, layout);
        return 0;
    case OPTION_ORIGIN:
        parse_origin(state, value, &layout->origin_mm);
        return 0;
    case OPTION_AP:
        if (strcmp(value, "x") && strcmp(value, "y"))
            argp_error(state, "--ap %s: expected x or y", value);
        layout->ap_is_x = value[0] == 'x';
        return 0;
    case OPTION_UNITS:
        layout->mm_per_unit = cop_csv_unit(value);
        if (layout->mm_per_unit <= 0)
            argp_error(state, "--units %s: expected mm, cm or m", value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *end;
    switch (key) {
    case OPTION_PIPELINE:
        parse_pipeline(state, value, a);
        return 0;
    case OPTION_FILTER:
        parse_filter(state, value, custom(a));
        return 0;
    case OPTION_RESAMPLE:
        custom(a)->resample_hz = positive(state, value, &end, "rate");
        if (*end)
            argp_error(state, "--resample %s: expected a rate in Hz", value);
        return 0;
    case OPTION_BAND:
        parse_band(state, value, &a->words.options.band);
        return 0;
    case OPTION_JSON:
        a->json = 1;
        return 0;
    case OPTION_FROM:
        a->words.from_s = argument_number(state, "from", value, 0, 1e6);
        return 0;
    case OPTION_TO:
        a->words.to_s = argument_number(state, "to", value, 0, 1e6);
        return 0;
    case OPTION_FOOT:
        parse_foot(state, value, &a->words);
        return 0;
    case OPTION_THRESHOLD:
        a->words.threshold_kpa = argument_number(state, "threshold", value, 0, 1e4);
        return 0;
    case OPTION_SEED:
        a->words.seed = (unsigned long)argument_number(state, "seed", value, 0, 4294967295.0);
        return 0;
    case OPTION_CLOSED:
        add_file(state, a, value, 1);
        return 0;
    case ARGP_KEY_ARG:
        add_file(state, a, value, 0);
        return 0;
    case ARGP_KEY_END:
        check_end(state, a);
        return 0;
    default:
        return parse_layout(key, value, state, &a->words.layout);
    }
}

static const struct argp argp = {
    options,
    parse,
    "FILE ...",
    "Sway of a path of the centre of pressure: distances, areas, spectra, entropy, diffusion. FILE "
    "is a recording (.tfr), or a table of a path or of a force platform. Several files are trials "
    "of one person: each is measured, and what their repeats tell.\v"
    "ML is to the right, AP to the front. Times are in seconds, regular or not; irregular ones "
    "need --pipeline quijoux25 or --resample. Of a recording the quiet stand is taken: stepping on "
    "and off, and shifts of the stance, are cut away.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 the file is damaged or not a path.\n\n"
    "  tenderfoot sway stand.tfr\n"
    "  tenderfoot sway stand.csv --pipeline raw --json\n"
    "  tenderfoot sway open.csv --closed closed.csv\n"
    "  tenderfoot sway force.csv --columns time=t,ml=copy,ap=copx --units cm\n"
    "  tenderfoot sway force.csv --columns time=t,fz=Fz,mx=Mx,my=My --ap x",
    NULL,
    NULL,
    NULL};

static int read_all(struct arguments *a, struct problem *why)
{
    for (size_t i = 0; i < a->n_closed; i++)
        a->trials[a->n_open + i].file = a->closed[i];
    for (size_t i = 0; i < a->n_open + a->n_closed; i++)
        if (sway_trial_read(&a->trials[i], &a->words, why))
            return -1;
    return sway_trials_measure(a->trials, a->n_open + a->n_closed, &a->words, why);
}

/* Paths that were sampled at different rates have different lengths by that alone. */
static int check_rates(const struct arguments *a, struct problem *why)
{
    enum sway_part top = sway_trial_top(&a->words);
    double rate = a->trials[0].result[top].rate_hz;
    for (size_t i = 1; i < a->n_open + a->n_closed; i++) {
        double other = a->trials[i].result[top].rate_hz;
        if (fabs(other - rate) > 0.01 * rate)
            return problem(why, PROBLEM_REFUSED,
                           "%s has %.6g samples a second and %s %.6g: these do not compare; take "
                           "--resample HZ or --pipeline quijoux25",
                           a->trials[0].file, rate, a->trials[i].file, other);
    }
    return 0;
}

static json_t *romberg(const struct arguments *a, json_t *const *docs)
{
    enum sway_part top = sway_trial_top(&a->words);
    int single = a->n_open == 1 && a->n_closed == 1;
    return sway_romberg_json(docs, a->n_open, docs + a->n_open, a->n_closed,
                             single ? &a->trials[0].error[top] : NULL,
                             single ? &a->trials[1].error[top] : NULL);
}

/* Several trials and what their repeats tell. */
static void put_group(struct json_writer *w, json_t *to, json_t *const *docs, size_t n)
{
    json_t *trials = json_array();
    for (size_t i = 0; i < n; i++)
        append(w, trials, json_incref(docs[i]));
    put(w, to, "trials", trials);
    put(w, to, "repeats", sway_repeats_json(docs, n));
}

static json_t *closed_json(struct json_writer *w, json_t *const *docs, size_t n)
{
    if (n == 1)
        return json_incref(docs[0]);
    json_t *made = json_object();
    put_group(w, made, docs, n);
    return made;
}

/* One trial stands on top; several stand in "trials", with "repeats" beside them. */
static json_t *compose(const struct arguments *a, json_t *const *docs)
{
    struct json_writer w = {0};
    json_t *made = a->n_open == 1 ? json_incref(docs[0]) : json_object();
    if (a->n_open > 1) {
        put_text(&w, made, "schema", "tenderfoot/sway/1");
        put_group(&w, made, docs, a->n_open);
    }
    if (a->n_closed) {
        put(&w, made, "closed", closed_json(&w, docs + a->n_open, a->n_closed));
        put(&w, made, "romberg", romberg(a, docs));
    }
    return json_whole(&w, made);
}

static int print_text(const struct arguments *a, json_t *const *docs, struct problem *why)
{
    size_t n = a->n_open + a->n_closed;
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        sway_text_trial(&a->trials[i], &a->words, n > 1);
    if (a->n_open > 1)
        bad |= sway_text_repeats(docs, a->n_open, a->n_closed ? "open eyes" : "all trials");
    if (a->n_closed > 1)
        bad |= sway_text_repeats(docs + a->n_open, a->n_closed, "closed eyes");
    if (a->n_closed) {
        json_t *quotients = romberg(a, docs);
        bad |= !quotients;
        if (quotients)
            sway_text_romberg(quotients);
        json_decref(quotients);
    }
    return bad ? problem_no_memory(why, "the result") : cli_flush_stdout(why);
}

static int print_all(const struct arguments *a, struct problem *why)
{
    size_t n = a->n_open + a->n_closed;
    json_t **docs = calloc(n, sizeof(json_t *));
    if (!docs)
        return problem_no_memory(why, "the result");
    int bad = 0;
    for (size_t i = 0; i < n && !bad; i++) {
        docs[i] = sway_trial_json(&a->trials[i], &a->words);
        if (!docs[i])
            bad = problem_no_memory(why, "the result");
        else if (n > 1 && (a->n_open > 1 || i > 0))
            json_object_del(docs[i], "schema");
    }
    if (!bad)
        bad = a->json ? cli_print_json(compose(a, docs), why) : print_text(a, docs, why);
    for (size_t i = 0; i < n; i++)
        json_decref(docs[i]);
    free(docs);
    return bad;
}

int verb_sway(int argc, char **argv)
{
    struct arguments a = {.words = {.options = sway_defaults(),
                                    .from_s = NAN,
                                    .to_s = NAN,
                                    .threshold_kpa = NAN,
                                    .seed = SWAY_SEED}};
    struct problem why = {0};
    size_t room = (size_t)(argc < TRIALS_MOST ? argc : TRIALS_MOST);
    int bad = 0;
    a.trials = calloc(room, sizeof *a.trials);
    a.closed = calloc(room, sizeof *a.closed);
    if (!a.trials || !a.closed)
        bad = problem_no_memory(&why, "the trials");
    else
        argp_parse(&argp, argc, argv, 0, NULL, &a);
    bad = bad || read_all(&a, &why) || check_rates(&a, &why) || print_all(&a, &why);
    for (size_t i = 0; i < a.n_open + a.n_closed; i++)
        sway_trial_free(&a.trials[i]);
    free(a.trials);
    free(a.closed);
    return bad ? cli_fail(argv[0], &why) : 0;
}
