/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot press: a guided press test, into one recording. */
#include "analysis/press/tool.h"
#include "driver/analyze_recording.h"
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/press_terminal.h"
#include "driver/cli/press_words.h"
#include "driver/cli/verbs.h"
#include "driver/press_run.h"
#include "driver/transport/transport.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define LIST_MAX 32
#define CEILING_MOST_KPA 500.0

enum {
    OPT_CALIBRATION = 256,
    OPT_SCREENING,
    OPT_ROUTE,
    OPT_COMPLAINT,
    OPT_TOOL,
    OPT_CEILING,
    OPT_EARLIER,
    OPT_SEED,
    OPT_NOTE,
    OPT_STAND,
    OPT_STAND_SECONDS,
    OPT_SEX,
    OPT_LENGTH,
    OPT_ATLAS,
    OPT_PRESSES,
    OPT_MINUTES,
    OPT_RATE,
    OPT_WAIT,
    OPT_AUTO,
    OPT_JSON,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Who and where:", 1},
    {"device", 'd', "URI", 0, "the plate; 'tenderfoot devices' lists the ways to name one", 1},
    {"output", 'o', "FILE", 0, "the recording (.tfr); an existing file is never overwritten", 1},
    {"client", 'c', "LABEL", 0, "label of the person, as in the screening", 1},
    {"screening", OPT_SCREENING, "FILE", 0,
     "answers of 'tenderfoot screen' of today; needed for all but virtual plates "
     "(tenderfoot-screening(5))",
     1},
    {"calibration", OPT_CALIBRATION, "FILE", 0,
     "the plate's calibration (tenderfoot-calibration(5))", 1},
    {"sex", OPT_SEX, "SEX", 0, "female or male: zones for women only are pressed by it", 1},
    {"length", OPT_LENGTH, "left=MM,right=MM", 0, "foot lengths, if they were measured", 1},
    {0, 0, 0, 0, "What is pressed:", 2},
    {"route", OPT_ROUTE, "ROUTE", 0,
     "zones (default), strips, spine (points every 20 mm from heel to big toe, in place of a "
     "stroke: each has its own ramp and threshold), short, or zones by name: P07,P12",
     2},
    {"complaint", OPT_COMPLAINT, "ORGAN", 0,
     "a short route: the zones that tradition associates with it; may be repeated", 2},
    {"tool", OPT_TOOL, "NAME|FILE", 0,
     "stud (default), stud-free, stud-sprung; mat; plate (weight shifts, no stud); or a file of "
     "tools (tenderfoot-tools(5))",
     2},
    {"ceiling", OPT_CEILING, "REGION=KPA", 0,
     "toe, arch (250), ball (350) or heel (450): highest pressure at the tip, at most 500", 2},
    {"atlas", OPT_ATLAS, "FILE", 0, "another chart (tenderfoot-atlas(5))", 2},
    {"presses", OPT_PRESSES, "N", 0, "at most so many (80; short route 24)", 2},
    {"minutes", OPT_MINUTES, "N", 0, "at most so long (45)", 2},
    {"seed", OPT_SEED, "N", 0, "of the order of catch trials; drawn and kept in the file", 2},
    {0, 0, 0, 0, "Before:", 3},
    {"stand", OPT_STAND, "FILE", 0, "a recording of standing tells the feet; nobody stands now", 3},
    {"stand-seconds", OPT_STAND_SECONDS, "N", 0,
     "how long the person stands first (10); 0 = not at all, feet of the template's shape", 3},
    {"earlier", OPT_EARLIER, "FILE", 0,
     "an earlier test of this person; one that was broken off is gone on with; may be repeated", 3},
    {"note", OPT_NOTE, "NOTE", 0,
     "found by hand: KIND SIDE PLACE [RADIUSmm] [WORDS], as 'wart left P07'; callus, nodule, wart, "
     "joint, text; nothing is pressed at a wart or joint; may be repeated",
     3},
    {0, 0, 0, 0, "How:", 4},
    {"rate", OPT_RATE, "HZ", 0, "frames a second; the plate's own default without it", 4},
    {"wait", OPT_WAIT, "SECONDS", 0, "how long a plate that leaves is waited for (30)", 4},
    {"auto", OPT_AUTO, 0, 0, "no keys are read; virtual plates only, and so without a terminal", 4},
    {"json", OPT_JSON, 0, 0, "print the summary as JSON (tenderfoot/press/1)", 4},
    {0},
};

static const char doc[] =
    "Lead a person through a press test.\v"
    "Everybody steps off the plate first: it is tared. The person stands on it for a moment, so "
    "that the feet are seen, sits down, and lowers the foot onto the stud by their own leg where "
    "the program says. With --tool mat one foot is lowered onto a mat of studs, seated, with "
    "--tool plate weight "
    "is shifted over the bare plate: neither names a single place, neither flags anything, and "
    "both "
    "tell what to press with a single stud. The button, s or the word \"stop\" ends a press at "
    "once. Keys: space or "
    "Enter go on, s or Esc stop, k skips a place, q ends the test, 0 to 4 answer. Ctrl-C ends the "
    "recording in good order.\n\n"
    "Exit: 0 done, also when it was ended early; 1 failed; 2 wrong usage; 3 refused: no screening, "
    "or one that does not permit it, no foot, a file or plate that can't be used; 4 the plate left "
    "and was not back in time: what came before is in FILE, which is valid, and --earlier FILE "
    "goes on with it.";

struct arguments {
    const char *uri, *path, *screening, *tool;
    const char *chosen[LIST_MAX], *earlier[LIST_MAX];
    char *list; /* of --route, cut at its commas */
    const char *typed[OPERATOR_NOTES_MAX];
    int n_typed;
    struct operator_notes notes; /* owned */
    int is_auto, json, has_seed, has_complaint;
    struct press_run_options run;
    struct cli_keeper keeper;
};

/* --- Arguments ------------------------------------------------------------------------------- */

static void add(struct argp_state *state, const char *name, const char **list, int *n,
                const char *value)
{
    if (*n == LIST_MAX)
        argp_error(state, "--%s: at most %d", name, LIST_MAX);
    list[(*n)++] = value;
}

static void parse_route(struct argp_state *state, struct arguments *a, const char *text)
{
    static const enum route_kind kinds[] = {ROUTE_ZONES, ROUTE_STRIPS, ROUTE_SPINE, ROUTE_SHORT};
    char *rest;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(text, route_kind_name(kinds[i]))) {
            a->run.route = kinds[i];
            return;
        }
    free(a->list);
    a->list = strdup(text);
    a->run.route = ROUTE_CHOSEN;
    for (char *zone = a->list ? strtok_r(a->list, ",", &rest) : NULL; zone;
         zone = strtok_r(NULL, ",", &rest))
        add(state, "route", a->chosen, &a->run.n_chosen, zone);
    if (!a->run.n_chosen)
        argp_error(state, "--route %s: zones, strips, spine, short, or names such as P07,P12",
                   text);
}

static void parse_ceiling(struct argp_state *state, struct arguments *a, const char *text)
{
    static const char *const names[] = {
        [CLASS_TOE] = "toe", [CLASS_BALL] = "ball", [CLASS_ARCH] = "arch", [CLASS_HEEL] = "heel"};
    const char *equals = strchr(text, '=');
    for (int i = 0; equals && i < 4; i++)
        if (!strncmp(text, names[i], strlen(names[i])) &&
            (text[strlen(names[i])] == '=' || !strncmp(text, "toes=", 5))) {
            a->run.ceiling_kpa[i] =
                argument_number(state, "ceiling", equals + 1, 20, CEILING_MOST_KPA);
            return;
        }
    argp_error(state, "--ceiling %s: toe, arch, ball or heel, '=', and kPa", text);
}

/* 0 = not stated. */
static int is_length(double mm)
{
    return mm == 0 || (mm >= 80 && mm <= 400);
}

static void parse_length(struct argp_state *state, struct arguments *a, const char *text)
{
    double left = 0, right = 0;
    int all = -1, one = -1;
    if (sscanf(text, "left=%lf,right=%lf%n", &left, &right, &all) != 2 || all < 0 || text[all]) {
        left = right = 0;
        all = one = -1;
        if ((sscanf(text, "left=%lf%n", &left, &one) != 1 || text[one]) &&
            (sscanf(text, "right=%lf%n", &right, &one) != 1 || text[one]))
            argp_error(state, "--length %s: left=MM,right=MM is meant", text);
    }
    if (!is_length(left) || !is_length(right))
        argp_error(state, "--length %s: 80 to 400 mm are meant", text);
    a->run.length_mm[SIDE_LEFT] = left;
    a->run.length_mm[SIDE_RIGHT] = right;
}

static void parse_sex(struct argp_state *state, struct arguments *a, const char *text)
{
    if (strcmp(text, "female") && strcmp(text, "male"))
        argp_error(state, "--sex is female or male");
    a->run.sex = strcmp(text, "female") ? STATED_MALE : STATED_FEMALE;
}

static void parse_seed(struct argp_state *state, struct arguments *a, const char *text)
{
    char *end;
    a->run.seed = strtoull(text, &end, 10);
    a->has_seed = 1;
    if (*end || end == text || *text == '-')
        argp_error(state, "--seed %s: a whole number is meant", text);
}

static void check_arguments(struct argp_state *state, struct arguments *a)
{
    if (!a->uri)
        argp_error(state, "--device is missing; 'tenderfoot devices' lists the ways to name one");
    if (!a->path && !a->keeper.person)
        argp_error(state, "-o FILE is missing (or --person ID: the store keeps it)");
    if (a->has_complaint && a->run.route == ROUTE_CHOSEN)
        argp_error(state, "--complaint and --route with zones: one of them");
    if (a->has_complaint)
        a->run.route = ROUTE_SHORT;
}

static error_t parse_test(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_ROUTE:
        parse_route(state, a, arg);
        return 0;
    case OPT_COMPLAINT:
        a->has_complaint = 1;
        add(state, "complaint", a->chosen, &a->run.n_chosen, arg);
        return 0;
    case OPT_CEILING:
        parse_ceiling(state, a, arg);
        return 0;
    case OPT_EARLIER:
        add(state, "earlier", a->earlier, &a->run.n_earlier, arg);
        return 0;
    case OPT_SEED:
        parse_seed(state, a, arg);
        return 0;
    case OPT_NOTE:
        add(state, "note", a->typed, &a->n_typed, arg);
        return 0;
    case OPT_STAND_SECONDS:
        a->run.stand_s = argument_number(state, "stand-seconds", arg, 0, 600);
        return 0;
    case OPT_SEX:
        parse_sex(state, a, arg);
        return 0;
    case OPT_LENGTH:
        parse_length(state, a, arg);
        return 0;
    case OPT_PRESSES:
        a->run.presses_max = (int)argument_number(state, "presses", arg, 1, 1000);
        return 0;
    case OPT_MINUTES:
        a->run.minutes_max = argument_number(state, "minutes", arg, 1, 240);
        return 0;
    case OPT_RATE:
        a->run.rate_hz = (unsigned)argument_number(state, "rate", arg, 1, 10000);
        return 0;
    case OPT_WAIT:
        a->run.wait_s = argument_number(state, "wait", arg, 0, 86400);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->keeper;
        return 0;
    case 'd':
        a->uri = arg;
        return 0;
    case 'o':
        a->path = arg;
        return 0;
    case 'c':
        a->run.client = arg;
        return 0;
    case OPT_SCREENING:
        a->screening = arg;
        return 0;
    case OPT_CALIBRATION:
        a->run.calibration = arg;
        return 0;
    case OPT_TOOL:
        a->tool = arg;
        return 0;
    case OPT_ATLAS:
        a->run.atlas = arg;
        return 0;
    case OPT_STAND:
        a->run.stand = arg;
        return 0;
    case OPT_AUTO:
        a->is_auto = 1;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return parse_test(key, arg, state);
    }
}

/* --- The test -------------------------------------------------------------------------------- */

/* The station's own day. */
static void write_today(char today[11])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(today, 11, "%Y-%m-%d", &local);
}

static int load_tool(const char *named, struct tool *tool, struct problem *why)
{
    int is_file = named && (strchr(named, '/') || strstr(named, ".json"));
    return tool_load(is_file ? named : NULL, is_file ? NULL : named, tool, why);
}

static void draw_seed(struct arguments *a)
{
    uint32_t drawn = 1; /* short enough for every reader of JSON */
    if (!a->has_seed && getrandom(&drawn, sizeof drawn, 0) == (ssize_t)sizeof drawn)
        a->run.seed = drawn;
}

static const char *lift_words(const struct tool *tool)
{
    return tool->kind == TOOL_FLAT  ? "Stand evenly, or step off the plate.\n"
           : tool->kind == TOOL_MAT ? "Lift the foot off the mat.\n"
                                    : "Lift the foot off the stud.\n";
}

static int run(struct arguments *a, struct press_run_result *result, struct problem *why)
{
    struct press_terminal terminal;
    const struct press_screen screen = {
        .context = &terminal, .tell = press_terminal_tell, .show = press_terminal_show};
    int has_keys = !a->is_auto && isatty(STDIN_FILENO);
    int stop_fd = cli_stop_fd(why);
    if (stop_fd < 0)
        return -1;
    a->run.keyboard_fd = has_keys ? STDIN_FILENO : -1;
    a->run.stop_fd = stop_fd;
    a->run.screen = &screen;
    press_terminal_open(&terminal, stderr, a->run.keyboard_fd);
    int bad = press_run(&a->run, result, why);
    press_terminal_close(&terminal);
    if (result->session.interrupted || (bad && result->announced))
        fputs(lift_words(a->run.tool), stderr);
    close(stop_fd);
    return bad;
}

/* What was recorded is told whatever happened after. */
static int report(const char *who, struct arguments *a, const struct press_run_result *result,
                  const struct problem *why)
{
    struct problem no_analysis = {0}, at_print = {0}, at_keep = {0};
    struct analyzer_options how = analyze_defaults();
    struct result *found = NULL;
    int bad = 0, kept = 1;
    if (result->session.has_file) {
        how.atlas_path = a->run.atlas;
        found = analyze_recording_after(a->path, NULL, &how, a->run.earlier, a->run.n_earlier,
                                        &no_analysis);
        kept = !cli_keeper_keep(&a->keeper, &a->path, &at_keep);
        struct press_words words = {.path = a->path,
                                    .uri = a->uri,
                                    .run = result,
                                    .why = why,
                                    .found = found,
                                    .no_analysis = no_analysis.kind ? no_analysis.text : NULL};
        json_t *summary = a->json ? press_words_json(&words) : NULL;
        cli_keeper_tell(&a->keeper, summary, &at_keep);
        if (!a->json)
            press_words_print(stdout, &words);
        if (!a->json && a->keeper.session[0])
            printf("Kept as session %s.\n", a->keeper.session);
        bad = a->json ? cli_print_json(summary, &at_print) : cli_flush_stdout(&at_print);
    }
    result_free(found);
    if (why->kind)
        return cli_fail(who, why);
    return !kept ? cli_fail(who, &at_keep) : bad ? cli_fail(who, &at_print) : 0;
}

static int read_notes(struct arguments *a, struct problem *why)
{
    struct atlas *atlas = a->n_typed ? atlas_load(a->run.atlas, why) : NULL;
    int bad = a->n_typed && !atlas;
    for (int i = 0; i < a->n_typed && !bad; i++)
        bad = operator_notes_add(&a->notes, atlas, a->typed[i], why);
    atlas_free(atlas);
    a->run.notes = &a->notes;
    return bad ? -1 : 0;
}

static int prepare(struct arguments *a, struct tool *tool, struct screening_questions **questions,
                   struct screening *screening, struct problem *why)
{
    if (transport_check(a->uri, why) ||
        cli_keeper_begin(&a->keeper, &a->path, a->screening ? NULL : &a->run.client, why))
        return -1;
    a->run.uri = a->uri;
    a->run.path = a->path;
    a->run.chosen = a->chosen;
    a->run.earlier = a->earlier;
    a->run.tool = tool;
    draw_seed(a);
    if (load_tool(a->tool, tool, why) || read_notes(a, why))
        return -1;
    if (!a->screening)
        return 0;
    *questions = screening_questions_load(NULL, why);
    if (!*questions || screening_load(*questions, a->screening, screening, why))
        return -1;
    a->run.screening = screening;
    return 0;
}

int verb_press(int argc, char **argv)
{
    struct arguments a = {.run = {.stand_s = 10, .wait_s = 30}};
    static const struct argp_child children[] = {{&cli_keeper_argp, 0, "The store:", 8}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = doc, .children = children};
    struct tool tool;
    struct screening screening;
    struct screening_questions *questions = NULL;
    struct press_run_result result = {0};
    struct problem why = {0};
    char today[11];
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    write_today(today);
    a.run.today = today;
    if (!prepare(&a, &tool, &questions, &screening, &why) && !run(&a, &result, &why))
        why.kind = PROBLEM_NONE;
    int code = report(argv[0], &a, &result, &why);
    screening_questions_free(questions);
    cli_keeper_end(&a.keeper);
    operator_notes_free(&a.notes);
    free(a.list);
    return code;
}
