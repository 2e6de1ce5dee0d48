/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot course REC...: the sessions of one person against a plan, and what became of each
 * zone's threshold. */
#include "analysis/plan/course.h"
#include "analysis/plan/massage_plan.h"
#include "driver/analyze_recording.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/same_file.h"

#include <argp.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPT_JSON = 256, OPT_PLAN, OPT_ON, OPT_RULES };

struct arguments {
    const char *plan, *rules;
    struct course_input inputs[COURSE_SESSIONS_MAX];
    int n, json;
};

static const struct argp_option options[] = {
    {"plan", OPT_PLAN, "ID", 0,
     "short (default), general, minimum, joint or individual: what the intervals are held against",
     0},
    {"on", OPT_ON, "DATE", 0, "a session without a recording, like 2026-11-02; may be given again",
     0},
    {"rules", OPT_RULES, "FILE", 0, "other rules than the built-in ones (tenderfoot-plan(5))", 0},
    {"json", OPT_JSON, NULL, 0, "one JSON document (tenderfoot-plan(5))", 0},
    {0},
};

static void add_session(struct argp_state *state, struct arguments *a, struct course_input input)
{
    if (a->n == COURSE_SESSIONS_MAX)
        argp_error(state, "at most %d sessions", COURSE_SESSIONS_MAX);
    else
        a->inputs[a->n++] = input;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_PLAN:
        a->plan = value;
        return 0;
    case OPT_RULES:
        a->rules = value;
        return 0;
    case OPT_ON:
        add_session(state, a, (struct course_input){.day = value});
        return 0;
    case ARGP_KEY_ARG:
        add_session(state, a, (struct course_input){.name = value});
        return 0;
    case ARGP_KEY_END:
        if (!a->n)
            argp_error(state, "which sessions? recordings (.tfr), and --on DATE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "REC...",
    "Sessions of one person over time: their number and intervals against a plan of the articles, "
    "and the threshold of each zone from the first session that may be compared to the last.\v"
    "Compared are sessions with the same tip and ramp rate, and none under a painkiller. A change "
    "is beyond the measuring error when the 95 % interval of the ratio leaves 1 out.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 a recording is refused, or they are of several "
    "people.",
    NULL,
    NULL,
    NULL};

/* A session that is yet to come is none, and one that is given twice is one. */
static int check_sessions(const struct arguments *a, struct problem *why)
{
    char today[11];
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    strftime(today, sizeof today, "%Y-%m-%d", &local);
    for (int i = 0; i < a->n; i++) {
        const struct course_input *input = &a->inputs[i];
        if (!input->name && strncmp(input->day, today, 10) > 0)
            return problem(why, PROBLEM_REFUSED,
                           "--on %.40s: that day lies ahead of today (%s); only sessions that were "
                           "held count",
                           input->day, today);
        for (int k = 0; input->name && k < i; k++)
            if (a->inputs[k].name && same_file(a->inputs[k].name, input->name))
                return problem(why, PROBLEM_REFUSED,
                               "%.200s is the same recording as %.200s: give each session once",
                               input->name, a->inputs[k].name);
    }
    return 0;
}

static int read_sessions(struct arguments *a, struct problem *why)
{
    struct analyzer_options how = analyze_defaults();

    if (check_sessions(a, why))
        return -1;

    for (int i = 0; i < a->n; i++) {
        struct course_input *input = &a->inputs[i];
        if (!input->name)
            continue;
        input->result = analyze_recording(input->name, &how, why);
        if (!input->result)
            return -1;
        input->day = input->result->facts.started_utc;
    }
    return 0;
}

/* --- Words ----------------------------------------------------------------------------------- */

static void print_session(const struct course *course, int i)
{
    const struct course_session *session = &course->sessions[i];
    const struct plan_line *most = course->plan->most_often;
    char cites[80];

    printf("%3d  %s", i + 1, session->day);
    if (session->days_since >= 0)
        printf("  after %d day%s", session->days_since, session->days_since == 1 ? "" : "s");
    if (session->is_same_day)
        printf(", twice on one day: %s %s", most->words,
               plan_cites_words(&most->cites, cites, sizeof cites));
    else if (session->is_early)
        printf(", sooner than the plan says");
    else if (session->is_late)
        printf(", later than the plan says");
    printf("%s%s%s\n", *session->name ? "  " : "", session->name,
           session->has_press_test ? "" : "  (no press test)");
}

/* Where the threshold is known from below only, that is what is told. */
static void print_threshold(const struct told_threshold *threshold, int is_uncertain, int session)
{
    printf(threshold->is_bound ? "above %.0f kPa" : "%.0f kPa", threshold->kpa);
    printf(is_uncertain ? " (session %d, uncertain)" : " (session %d)", session + 1);
}

static void print_zone(const struct course_zone *zone)
{
    printf("%-6s%-7s", zone->zone_id, side_name(zone->side));
    print_threshold(&zone->compared[0], zone->of[zone->first].is_uncertain, zone->first);
    printf(", ");
    print_threshold(&zone->compared[1], zone->of[zone->last].is_uncertain, zone->last);
    if (isfinite(zone->ratio_low))
        printf(": ratio %.2f, 95 %% interval %.2f to %.2f%s", zone->ratio, zone->ratio_low,
               zone->ratio_high,
               zone->is_beyond_error ? ", beyond the measuring error"
                                     : ", within the measuring error");
    puts("");
}

/* How a zone's change is told: 0 not at all, by its interval, or by what is known without one. */
enum group { GROUP_NONE, GROUP_INTERVAL, GROUP_BOTH_BORNE, GROUP_ONE_BORNE, GROUP_UNCERTAIN };

static enum group group_of(const struct course_zone *zone)
{
    if (zone->first < 0)
        return GROUP_NONE;
    const struct told_threshold *first = &zone->compared[0], *last = &zone->compared[1];
    if (isfinite(zone->ratio_low))
        return GROUP_INTERVAL;
    if (first->is_bound && last->is_bound)
        return GROUP_BOTH_BORNE;
    return first->is_bound || last->is_bound ? GROUP_ONE_BORNE : GROUP_UNCERTAIN;
}

static int count_group(const struct course *course, enum group group)
{
    int n = 0;
    for (int i = 0; i < course->n_zones; i++)
        n += group_of(&course->zones[i]) == group;
    return n;
}

/* The zones of a group under its sentence, a line each. */
static void print_group(const struct course *course, enum group group, const char *sentence)
{
    if (!count_group(course, group))
        return;
    puts("");
    cli_print_wrapped(stdout, sentence, 0);
    for (int i = 0; i < course->n_zones; i++)
        if (group_of(&course->zones[i]) == group)
            print_zone(&course->zones[i]);
}

/* Nothing hurt in either session: a list of names says it all. */
static void print_borne(const struct course *course)
{
    char *list = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&list, &size);
    int uncertain = 0, n = count_group(course, GROUP_BOTH_BORNE);
    for (int i = 0; text && i < course->n_zones; i++) {
        const struct course_zone *zone = &course->zones[i];
        if (group_of(zone) != GROUP_BOTH_BORNE)
            continue;
        int is_open = zone->of[zone->first].is_uncertain || zone->of[zone->last].is_uncertain;
        fprintf(text, " %s %s%s", side_name(zone->side), zone->zone_id, is_open ? "*" : "");
        uncertain += is_open;
    }
    if (text && !fclose(text) && n) {
        puts("\nNo pain in both sessions, up to what was pressed: no change can be told.");
        cli_print_wrapped(stdout, list + 1, 0);
        if (uncertain)
            cli_print_wrapped(stdout,
                              "* uncertain in one of them: pressed once, or not all of it; "
                              "repeat",
                              0);
    }
    free(list);
}

/* Pressed in several sessions, and never twice at one place. */
static void print_elsewhere(const struct course *course)
{
    char *list = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&list, &size);
    int n = 0;
    for (int i = 0; text && i < course->n_zones; i++)
        if (course->zones[i].is_elsewhere)
            n += fprintf(text, " %s %s", side_name(course->zones[i].side),
                         course->zones[i].zone_id) > 0;
    if (text && !fclose(text) && n) {
        puts("\nPressed at another place of the zone each time: not compared.");
        cli_print_wrapped(stdout, list + 1, 0);
    }
    free(list);
}

static void print_zones(const struct course *course)
{
    print_group(course, GROUP_INTERVAL,
                "Pressure pain thresholds, first and last session that may be compared:");
    print_group(course, GROUP_ONE_BORNE,
                "In one of the two sessions the threshold lies above all that was pressed: that "
                "tells no more than a bound, so there is no interval, and whether it changed is "
                "not told:");
    print_group(course, GROUP_UNCERTAIN,
                "Pain in both, but too few presses for an interval: whether it changed is not "
                "told; repeat:");
    print_borne(course);
    print_elsewhere(course);
}

static int print_words(const struct course *course, struct problem *why)
{
    const struct plan_course *plan = course->plan;
    char cites[80];
    int compared = 0;

    printf("Plan \"%s\": %s %s%s\n\n", plan->id, plan->words,
           plan_cites_words(&plan->cites, cites, sizeof cites),
           plan->needs_doctor ? "; a doctor decides" : "");
    for (int i = 0; i < course->n_sessions; i++)
        print_session(course, i);
    printf("\nNext session: %s to %s\n", course->next_from, course->next_to);
    for (int i = 0; i < course->n_zones; i++)
        compared += course->zones[i].first >= 0;
    if (!compared)
        puts("\nNo zone has thresholds of one place in two sessions with the same tool and ramp "
             "rate.");
    print_zones(course);
    cli_print_disclaimer(stdout);
    return cli_flush_stdout(why);
}

/* --- The verb -------------------------------------------------------------------------------- */

static int make_and_print(struct arguments *a, const struct plan_course *plan, struct problem *why)
{
    struct course *course = calloc(1, sizeof *course);
    int bad;

    if (!course)
        return problem_no_memory(why, "a course");
    bad = read_sessions(a, why) || course_make(course, plan, a->inputs, a->n, why);
    if (!bad)
        bad = a->json ? cli_print_json(course_json(course), why) : print_words(course, why);
    course_free(course);
    free(course);
    return bad;
}

int verb_course(int argc, char **argv)
{
    struct arguments a = {.plan = "short"};
    struct problem why = {0};
    int bad = 1;

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct plan_rules *rules = plan_rules_load(a.rules, &why);
    const struct plan_course *plan = rules ? plan_rules_course(rules, a.plan) : NULL;
    if (plan)
        bad = make_and_print(&a, plan, &why);
    else if (rules)
        problem(&why, PROBLEM_USAGE,
                "there is no plan '%s': short, general, minimum, joint or "
                "individual",
                a.plan);
    for (int i = 0; i < a.n; i++)
        result_free((struct result *)(uintptr_t)a.inputs[i].result);
    plan_rules_free(rules);
    return bad ? cli_fail(argv[0], &why) : 0;
}
