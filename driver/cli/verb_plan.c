/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot plan: the massage that the articles suggest after a press test, with timers; the
 * sequence for flat feet; the walk on a mat. */
#include "analysis/plan/massage_plan.h"
#include "analysis/report/words.h"
#include "driver/analyze_recording.h"
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/mat_walk.h"
#include "driver/cli/plan_text.h"
#include "driver/cli/stand_permit.h"
#include "driver/cli/verbs.h"
#include "driver/plan_lead.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMPLAINTS_MAX 32
#define ZONES_OF_ONE_MAX 24

enum {
    OPT_JSON = 256,
    OPT_SCREENING,
    OPT_SHORT,
    OPT_COMPLAINT,
    OPT_LEFT_OVER,
    OPT_TIMERS,
    OPT_SPEED,
    OPT_FLAT,
    OPT_MAT,
    OPT_DEVICE,
    OPT_MINUTES,
    OPT_CALIBRATION,
    OPT_RULES,
    OPT_AIM,
    OPT_PICTURE,
    OPT_LANGUAGE
};

struct arguments {
    const char *recording, *screening, *rules, *device, *mat_folder, *calibration, *output;
    const char *picture;
    const char *complaints[COMPLAINTS_MAX], *left_over_file;
    int n_complaints, json, short_form, timers, flat_foot, has_language;
    enum words_language language;
    enum plan_aim aim;
    double speed, minutes;
};

static const struct argp_option options[] = {
    {"screening", OPT_SCREENING, "FILE", 0,
     "today's screening of the person ('tenderfoot screen'; tenderfoot-screening(5))", 0},
    {"short", OPT_SHORT, NULL, 0, "the short form: 3 points and 5 minutes a foot", 0},
    {"aim", OPT_AIM, "AIM", 0,
     "relax: zones that the articles give no turn of their own are turned counter-clockwise; none",
     0},
    {"complaint", OPT_COMPLAINT, "WHAT", 0,
     "a zone (P06) or what the articles tie to one (kidneys); may be given again", 0},
    {"left-over", OPT_LEFT_OVER, "FILE", 0,
     "what was left over last time, kept by -o; a file that is not there is told, and is none "
     "(tenderfoot-plan(5))",
     0},
    {"output", 'o', "FILE", 0, "keep what is left over for next time", 0},
    {"language", OPT_LANGUAGE, "LANG", 0,
     "of the plan's words and timers: en (unless told), de or ru", 0},
    {"timers", OPT_TIMERS, NULL, 0,
     "count each point down, with the foot's and the session's clock (Enter: done; p: pain stays, "
     "rest; q: end)",
     0},
    {"speed", OPT_SPEED, "N", 0, "timers run N times faster, for trying out", 0},
    {"flat-foot", OPT_FLAT, NULL, 0, "the sequence for a flat or inward-leaning load pattern", 0},
    {"mat-walk", OPT_MAT, "DIR", 0,
     "a walk on a mat with a stand before and after, recorded in DIR and compared; the maps are "
     "before.pdf, after.pdf and change.pdf there; all but virtual plates need --screening",
     0},
    {"picture", OPT_PICTURE, "FILE", 0,
     "of --mat-walk: another place for the map of the change (.svg, .png or .pdf)", 0},
    {"device", OPT_DEVICE, "URI", 0, "the plate, for --mat-walk", 0},
    {"minutes", OPT_MINUTES, "N", 0, "of the walk: 2 to 5 at first", 0},
    {"calibration", OPT_CALIBRATION, "FILE", 0,
     "of the plate, for --mat-walk (tenderfoot-calibration(5))", 0},
    {"rules", OPT_RULES, "FILE", 0, "other rules than the built-in ones (tenderfoot-plan(5))", 0},
    {"json", OPT_JSON, NULL, 0, "one JSON document (tenderfoot-plan(5))", 0},
    {0},
};

static void add_complaint(struct argp_state *state, struct arguments *a, const char *complaint)
{
    if (a->n_complaints == COMPLAINTS_MAX)
        argp_error(state, "at most %d complaints", COMPLAINTS_MAX);
    else
        a->complaints[a->n_complaints++] = complaint;
}

static void check(struct argp_state *state, const struct arguments *a)
{
    if (a->has_language && (a->json || a->mat_folder))
        argp_error(state, "--language is of the plan's words and timers: JSON and the mat walk are "
                          "English");
    if (a->flat_foot)
        return;
    if (a->mat_folder && !a->device)
        argp_error(state, "--mat-walk needs --device");
    if (a->picture && !a->mat_folder)
        argp_error(state, "--picture goes with --mat-walk");
    if (!a->mat_folder && !a->recording)
        argp_error(state, "which recording of a press test (.tfr)?");
}

static error_t parse_more(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    struct problem why;
    switch (key) {
    case OPT_MAT:
        a->mat_folder = value;
        return 0;
    case OPT_DEVICE:
        a->device = value;
        return 0;
    case OPT_MINUTES:
        a->minutes = argument_number(state, "minutes", value, 0.1, 30);
        return 0;
    case OPT_CALIBRATION:
        a->calibration = value;
        return 0;
    case OPT_RULES:
        a->rules = value;
        return 0;
    case OPT_PICTURE:
        a->picture = value;
        return 0;
    case OPT_LANGUAGE:
        if (words_language_of(value, &a->language, &why))
            argp_error(state, "--language %s: en, de or ru", value);
        a->has_language = 1;
        return 0;
    case OPT_AIM:
        if (plan_aim_from_name(value, &a->aim))
            argp_error(state, "--aim is relax or none");
        return 0;
    case OPT_SPEED:
        a->speed = argument_number(state, "speed", value, 1, 1e6);
        return 0;
    case ARGP_KEY_ARG:
        if (a->recording)
            argp_error(state, "one recording: '%s' is too many", value);
        a->recording = value;
        return 0;
    case ARGP_KEY_END:
        check(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_SCREENING:
        a->screening = value;
        return 0;
    case OPT_SHORT:
        a->short_form = 1;
        return 0;
    case OPT_COMPLAINT:
        add_complaint(state, a, value);
        return 0;
    case OPT_LEFT_OVER:
        a->left_over_file = value;
        return 0;
    case 'o':
        a->output = value;
        return 0;
    case OPT_TIMERS:
        a->timers = 1;
        return 0;
    case OPT_FLAT:
        a->flat_foot = 1;
        return 0;
    default:
        return parse_more(key, value, state);
    }
}

static const struct argp argp = {
    options,
    parse,
    "REC",
    "The massage that the articles suggest after a press test: flagged zones first, at most 6 "
    "points and 10 minutes a foot, the rest left over for next time; each rule with its articles' "
    "lines. Without today's screening there is none.\v"
    "Exit: 0 done, also when the screening allows no massage; 1 failed; 2 wrong usage; 3 a file is "
    "refused, or today's screening is missing, or there is neither a press test nor a complaint to "
    "plan by; 4 the plate left (--mat-walk).",
    NULL,
    NULL,
    NULL};

/* --- What is left over, as a file ------------------------------------------------------------ */

/* The first time nothing was left over, and the file comes to be by -o; else it is mistyped. */
static void tell_missing(const char *path, const char *kept)
{
    if (!kept || strcmp(path, kept))
        fprintf(stderr,
                "tenderfoot plan: --left-over %s is not there: nothing counts as left over\n",
                path);
}

static json_t *read_left_over(const char *path, const char *kept, const char **queued, int *n,
                              struct problem *why)
{
    json_error_t error;
    json_t *file = path ? json_load_file(path, JSON_REJECT_DUPLICATES, &error) : json_object();
    json_t *list = json_object_get(file, "left_over"), *one;
    size_t i;

    *n = 0;
    if (!file && json_error_code(&error) == json_error_cannot_open_file && access(path, F_OK)) {
        tell_missing(path, kept);
        return json_object();
    }
    if (!file || (path && !json_is_array(list))) {
        problem(why, PROBLEM_REFUSED, "%s is no file of what was left over", path ? path : "");
        json_decref(file);
        return NULL;
    }
    json_array_foreach(list, i, one) if (json_is_string(one) && *n < PLAN_POINTS_MAX)
        queued[(*n)++] = json_string_value(one);
    return file;
}

static int keep_left_over(const struct massage_plan *plan, const char *path, struct problem *why)
{
    struct cli_output out;
    int first = 1;

    if (cli_output_begin(&out, path, why))
        return -1;
    fprintf(out.stream, "{\"schema\": \"tenderfoot/left-over/1\", \"left_over\": [");
    for (int i = 0; i < plan->n_queued; i++)
        for (int z = 0; z < plan->queued[i].n_zones; z++, first = 0)
            fprintf(out.stream, "%s\"%s %s\"", first ? "" : ", ", plan->queued[i].zones[z]->id,
                    side_name(plan->queued[i].side));
    fprintf(out.stream, "]}\n");
    return cli_output_finish(&out, why);
}

static int make_timer(const struct arguments *a, struct plan_timer *timer, struct problem *why)
{
    *timer = (struct plan_timer){.keyboard_fd = STDIN_FILENO,
                                 .stop_fd = cli_stop_fd(why),
                                 .out = stderr,
                                 .is_terminal = isatty(STDERR_FILENO),
                                 .speed = a->speed};
    return timer->stop_fd < 0 ? -1 : 0;
}

/* --- The verb -------------------------------------------------------------------------------- */

static void today(char day[11])
{
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    strftime(day, 11, "%Y-%m-%d", &local);
}

static int load_screening(const struct arguments *a, const struct result *result,
                          const struct screening_questions *questions, struct screening *screening,
                          struct problem *why)
{
    const char *person = result->facts.client;
    char day[11];

    today(day);
    if (screening_load(questions, a->screening, screening, why))
        return -1;
    if (!person || !*person)
        fprintf(stderr,
                "tenderfoot plan: the recording names nobody; it is taken for %s, whom the "
                "screening names\n",
                screening->person);
    return screening_holds(screening, day, person && *person ? person : NULL, why);
}

static int find_complaints(const struct arguments *a, const struct atlas *atlas,
                           const struct atlas_zone **zones, int *n, struct problem *why)
{
    *n = 0;
    for (int i = 0; i < a->n_complaints; i++) {
        int found = route_zones_of(atlas, a->complaints[i], zones + *n, ZONES_OF_ONE_MAX);
        if (!found)
            return problem(why, PROBLEM_USAGE,
                           "--complaint %.40s: the atlas ties no zone of the sole to it; "
                           "'tenderfoot atlas' lists organs and zones",
                           a->complaints[i]);
        *n += found;
    }
    return 0;
}

static int refuse_unscreened(struct problem *why)
{
    return problem(why, PROBLEM_REFUSED,
                   "a plan needs today's screening: 'tenderfoot screen' asks, --screening FILE "
                   "hands it over");
}

/* In the language that was asked for; the disclaimer, too. */
static int print_plan(const struct arguments *a, const struct massage_plan *plan,
                      const struct plan_rules *rules, struct problem *why)
{
    struct text out = {0};
    enum words_language before = words_use(a->language);

    if (plan)
        plan_text(&out, plan);
    else
        plan_text_flat_foot(&out, rules);
    fputs(text_string(&out), stdout);
    cli_print_disclaimer(stdout);
    words_use(before);
    int failed = out.failed;
    text_free(&out);
    return failed ? problem_no_memory(why, "the plan's words") : cli_flush_stdout(why);
}

static int show(const struct arguments *a, const struct massage_plan *plan, struct problem *why)
{
    struct plan_timer timer;

    if (a->output && plan->allowed && keep_left_over(plan, a->output, why))
        return -1;
    if (a->json && cli_print_json(massage_plan_json(plan), why))
        return -1;
    if (a->json)
        return a->screening ? 0 : refuse_unscreened(why);
    if (print_plan(a, plan, plan->rules, why))
        return -1;
    if (!a->screening)
        return refuse_unscreened(why);
    if (!a->timers || !plan->allowed)
        return 0;
    if (make_timer(a, &timer, why))
        return -1;
    enum words_language before = words_use(a->language);
    plan_lead(plan, &timer);
    words_use(before);
    return 0;
}

/* What a plan is made from; too large for the stack. */
struct making {
    struct massage_plan plan;
    struct screening screening;
    const struct atlas_zone *complaints[COMPLAINTS_MAX * ZONES_OF_ONE_MAX];
    const char *queued[PLAN_POINTS_MAX];
};

/* Nothing was pressed, and nobody says what hurts: there is nothing to plan by. */
static int refuse_nothing(const struct arguments *a, const struct result *result, int n_queued,
                          struct problem *why)
{
    if (!a->screening || result->n_presses || a->n_complaints || n_queued)
        return 0;
    return problem(
        why, PROBLEM_REFUSED,
        "%s holds no press test, so there is nothing to plan by: test first ('tenderfoot "
        "press'), or say what to work on (--complaint)",
        a->recording);
}

static int make_plan(const struct arguments *a, const struct plan_rules *rules,
                     const struct result *result, const struct screening_questions *questions,
                     struct making *m, struct problem *why)
{
    struct plan_options how = {.short_form = a->short_form,
                               .aim = a->aim,
                               .complaints = m->complaints,
                               .queued = m->queued};
    json_t *left_over = read_left_over(a->left_over_file, a->output, m->queued, &how.n_queued, why);
    int bad = !left_over || refuse_nothing(a, result, how.n_queued, why) ||
              (a->screening && load_screening(a, result, questions, &m->screening, why)) ||
              find_complaints(a, result->atlas, m->complaints, &how.n_complaints, why) ||
              massage_plan_make(&m->plan, rules, result, a->screening ? &m->screening : NULL, &how,
                                why) ||
              show(a, &m->plan, why);

    json_decref(left_over);
    return bad ? -1 : 0;
}

static int plan_recording(const struct arguments *a, const struct plan_rules *rules,
                          struct problem *why)
{
    struct analyzer_options how = analyze_defaults();
    struct making *m = calloc(1, sizeof *m);
    struct screening_questions *questions = m ? screening_questions_load(NULL, why) : NULL;
    struct result *result = questions ? analyze_recording(a->recording, &how, why) : NULL;
    int bad = !result || make_plan(a, rules, result, questions, m, why);

    if (!m)
        problem_no_memory(why, "a massage plan");
    result_free(result);
    screening_questions_free(questions);
    free(m);
    return bad ? -1 : 0;
}

/* Maps of both stands on one scale of pressure, and of the change between them. */
static int draw_walk(const struct arguments *a, char *before, char *after, struct problem *why)
{
    char maps[3][512];
    static const char *const names[] = {"before.pdf", "after.pdf", "change.pdf"};

    for (int i = 0; i < 3; i++)
        if ((size_t)snprintf(maps[i], sizeof maps[i], "%s/%s", a->mat_folder, names[i]) >=
            sizeof maps[i])
            return problem(why, PROBLEM_USAGE, "the name of the folder is too long");
    char *first[] = {(char *)"tenderfoot report", before, (char *)"-o", maps[0], NULL};
    char *second[] = {(char *)"tenderfoot report", after, (char *)"-o", maps[1], NULL};
    char *change[] = {(char *)"tenderfoot compare",
                      before,
                      after,
                      (char *)"--picture",
                      a->picture ? (char *)a->picture : maps[2],
                      NULL};
    if (verb_report(4, first) || verb_report(4, second) || verb_compare(5, change))
        return problem(why, PROBLEM_FAILED,
                       "the two stands are recorded in %s but were not drawn and compared; "
                       "'tenderfoot compare' does that again",
                       a->mat_folder);
    return 0;
}

/* A person of flesh is screened before bumps are walked on; a virtual one may be. */
static int permit_walk(const struct arguments *a, struct stand_permit *permit, struct problem *why)
{
    if (!a->screening && strncmp(a->device, "virtual:", 8))
        return problem(why, PROBLEM_REFUSED,
                       "a person walks on a mat only after today's screening: 'tenderfoot screen' "
                       "asks, --screening FILE hands it over");
    if (!a->screening)
        return 0;
    return stand_permit_begin(permit, a->screening, why) || stand_permit_mat(permit, stderr, why)
               ? -1
               : 0;
}

static int do_walk(const struct arguments *a, const struct plan_rules *rules, const char *client,
                   struct problem *why)
{
    char before[512], after[512];
    struct plan_timer timer;
    struct mat_walk walk = {.device = a->device,
                            .client = *client ? client : NULL,
                            .folder = a->mat_folder,
                            .calibration = a->calibration,
                            .seconds = 60 * a->minutes,
                            .stand_s = 20,
                            .rule = &rules->mat,
                            .timer = &timer};

    if (make_timer(a, &timer, why) || mat_walk_run(&walk, before, after, sizeof before, why))
        return -1;
    return draw_walk(a, before, after, why);
}

static int walk_on_mat(const struct arguments *a, const struct plan_rules *rules,
                       struct problem *why)
{
    struct stand_permit permit = {0};
    int bad = permit_walk(a, &permit, why) || do_walk(a, rules, permit.screening.person, why);
    stand_permit_end(&permit);
    return bad ? -1 : 0;
}

int verb_plan(int argc, char **argv)
{
    struct arguments a = {.speed = 1, .minutes = NAN};
    struct problem why = {0};
    int bad;

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct plan_rules *rules = plan_rules_load(a.rules, &why);
    if (!rules)
        bad = 1;
    else if (a.flat_foot)
        bad = print_plan(&a, NULL, rules, &why);
    else
        bad = a.mat_folder ? walk_on_mat(&a, rules, &why) : plan_recording(&a, rules, &why);
    plan_rules_free(rules);
    return bad ? cli_fail(argv[0], &why) : 0;
}
