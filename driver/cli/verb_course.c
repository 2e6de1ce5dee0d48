/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot course REC...: the sessions of one person against a plan, and what became of each
 * zone's threshold. */
#include "analysis/plan/course.h"
#include "analysis/plan/massage_plan.h"
#include "analysis/report/text.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"
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

enum { OPT_JSON = 256, OPT_PLAN, OPT_ON, OPT_RULES, OPT_LANGUAGE };

struct arguments {
    const char *plan, *rules;
    struct course_input inputs[COURSE_SESSIONS_MAX];
    char started[COURSE_SESSIONS_MAX][32]; /* local time */
    int n, json, has_language;
    enum words_language language;
};

static const struct argp_option options[] = {
    {"plan", OPT_PLAN, "ID", 0,
     "short (default), general, minimum, joint or individual: what the intervals are held against",
     0},
    {"on", OPT_ON, "DATE", 0, "a session without a recording, like 2026-11-02; may be given again",
     0},
    {"rules", OPT_RULES, "FILE", 0, "other rules than the built-in ones (tenderfoot-plan(5))", 0},
    {"language", OPT_LANGUAGE, "LANG", 0, "of the words: en (unless told), de or ru", 0},
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
    struct problem why;
    switch (key) {
    case OPT_LANGUAGE:
        if (words_language_of(value, &a->language, &why))
            argp_error(state, "--language %s: en, de or ru", value);
        a->has_language = 1;
        return 0;
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
        if (a->has_language && a->json)
            argp_error(state, "--language is of the words: JSON is English");
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
    "Compared are sessions with the same tool, ramp rate and calibration, and none under a "
    "painkiller. A change "
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

/* A recording tells UTC; a day is the one that the people had who held the session. */
static const char *local_time(const char *utc, char local[32])
{
    struct tm at = {0};
    if (!utc || !strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &at))
        return utc;
    time_t when = timegm(&at);
    if (!localtime_r(&when, &at))
        return utc;
    strftime(local, 32, "%Y-%m-%dT%H:%M:%S", &at);
    return local;
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
        input->day = local_time(input->result->facts.started_utc, a->started[i]);
    }
    return 0;
}

/* --- Words: of the thread's language (analysis/report/words.h) -------------------------------- */

/* The line, wrapped or as it is, ended; it is empty after. */
static void print_line(struct text *line, int is_wrapped)
{
    if (is_wrapped)
        cli_print_wrapped(stdout, text_string(line), 0);
    else
        puts(text_string(line));
    text_free(line);
}

static void print_sentence(const char *sentence)
{
    puts("");
    cli_print_wrapped(stdout, words_tr(sentence), 0);
}

static void print_session(const struct course *course, int i)
{
    const struct course_session *session = &course->sessions[i];
    const struct plan_line *most = course->plan->most_often;
    struct text line = {0};
    char cites[80];

    text_addf(&line, "%3d  %s", i + 1, session->day);
    if (session->days_since >= 0)
        text_addf(
            &line,
            words_plural("  after %d day", "  after %d days", (unsigned long)session->days_since),
            session->days_since);
    if (session->is_same_day) {
        text_add(&line, ", twice on one day: ");
        text_add_made(&line, most->words);
        text_addf(&line, " %s", plan_cites_words(&most->cites, cites, sizeof cites));
    } else if (session->is_early) {
        text_add(&line, ", sooner than the plan says");
    } else if (session->is_late) {
        text_add(&line, ", later than the plan says");
    }
    text_addf(&line, "%s%s", *session->name ? "  " : "", session->name);
    if (!session->has_press_test)
        text_add(&line, "  (no press test)");
    print_line(&line, 0);
}

/* Where the threshold is known from below only, that is what is told. */
static void add_threshold(struct text *line, const struct told_threshold *threshold,
                          int is_uncertain, int session)
{
    text_addf(line, threshold->is_bound ? "above %.0f kPa" : "%.0f kPa", threshold->kpa);
    text_addf(line, is_uncertain ? " (session %d, uncertain)" : " (session %d)", session + 1);
}

/* The foot in a column of its own, by letters. */
static void add_side(struct text *line, enum side side)
{
    const char *name = words_tr(side_name(side));
    int columns = 0;

    for (const char *at = name; *at; at++)
        columns += ((unsigned char)*at & 0xC0) != 0x80;
    text_addf(line, "%s%*s", name, columns < 7 ? 7 - columns : 1, "");
}

static void print_zone(const struct course_zone *zone)
{
    struct text line = {0};

    text_addf(&line, "%-6s", zone->zone_id);
    add_side(&line, zone->side);
    add_threshold(&line, &zone->compared[0], zone->of[zone->first].is_uncertain, zone->first);
    text_addf(&line, "%s", ", ");
    add_threshold(&line, &zone->compared[1], zone->of[zone->last].is_uncertain, zone->last);
    if (isfinite(zone->ratio_low)) {
        text_addf(&line, ": ratio %.2f, 95 %% interval %.2f to %.2f", zone->ratio, zone->ratio_low,
                  zone->ratio_high);
        text_add(&line, zone->is_beyond_error ? ", beyond the measuring error"
                                              : ", within the measuring error");
    }
    print_line(&line, 0);
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
    print_sentence(sentence);
    for (int i = 0; i < course->n_zones; i++)
        if (group_of(&course->zones[i]) == group)
            print_zone(&course->zones[i]);
}

static void add_name(struct text *list, const struct course_zone *zone, const char *mark)
{
    text_addf(list, "%s%s %s%s", list->n ? " " : "", words_tr(side_name(zone->side)), zone->zone_id,
              mark);
}

/* Nothing hurt in either session: a list of names says it all. */
static void print_borne(const struct course *course)
{
    struct text list = {0};
    int uncertain = 0;

    for (int i = 0; i < course->n_zones; i++) {
        const struct course_zone *zone = &course->zones[i];
        if (group_of(zone) != GROUP_BOTH_BORNE)
            continue;
        int is_open = zone->of[zone->first].is_uncertain || zone->of[zone->last].is_uncertain;
        add_name(&list, zone, is_open ? "*" : "");
        uncertain += is_open;
    }
    if (!list.n)
        return;
    print_sentence("No pain in both sessions, up to what was pressed: no change can be told.");
    print_line(&list, 1);
    if (uncertain)
        cli_print_wrapped(
            stdout, words_tr("* uncertain in one of them: pressed once, or not all of it; repeat"),
            0);
}

static void print_apart(const struct course *course, enum press_apart apart, const char *sentence)
{
    struct text list = {0};

    for (int i = 0; i < course->n_zones; i++)
        if (course->zones[i].first < 0 && course->zones[i].apart == apart)
            add_name(&list, &course->zones[i], "");
    if (!list.n)
        return;
    print_sentence(sentence);
    print_line(&list, 1);
}

/* Pressed in several sessions, and never twice alike. */
static void print_not_compared(const struct course *course)
{
    static const char *const sentences[PRESSED_APART_COUNT] = {
        [PRESSED_ELSEWHERE] = "Pressed at another place of the zone each time: not compared.",
        [PRESSED_BY_OTHER_TOOL] = "Pressed with another tool each time: not compared.",
        [PRESSED_AT_OTHER_RATE] = "Pressed at another ramp rate each time: not compared.",
        [PRESSED_UNDER_OTHER_CALIBRATION] =
            "Pressed under another calibration of the plate each time: not compared.",
        [PRESSED_UNDER_PAINKILLER] = "Under a painkiller in one of the sessions: not compared.",
    };

    for (int apart = PRESSED_ELSEWHERE; apart < PRESSED_APART_COUNT; apart++)
        print_apart(course, (enum press_apart)apart, sentences[apart]);
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
    print_not_compared(course);
}

static void print_head(const struct plan_course *plan)
{
    struct text line = {0};
    char cites[80];

    text_addf(&line, "Plan \"%s\": ", plan->id);
    text_add_made(&line, plan->words);
    text_addf(&line, " %s", plan_cites_words(&plan->cites, cites, sizeof cites));
    if (plan->needs_doctor)
        text_add(&line, "; a doctor decides");
    print_line(&line, 0);
    puts("");
}

static void print_course(const struct course *course)
{
    struct text next = {0};
    int compared = 0;

    print_head(course->plan);
    for (int i = 0; i < course->n_sessions; i++)
        print_session(course, i);
    puts("");
    text_addf(&next, "Next session: %s to %s", course->next_from, course->next_to);
    print_line(&next, 0);
    for (int i = 0; i < course->n_zones; i++)
        compared += course->zones[i].first >= 0;
    if (!compared)
        print_sentence(
            "No zone has thresholds of one place in two sessions with the same tool, ramp "
            "rate and calibration.");
    print_zones(course);
    cli_print_disclaimer(stdout);
}

static int print_words(const struct course *course, enum words_language language,
                       struct problem *why)
{
    enum words_language before = words_use(language);

    print_course(course);
    words_use(before);
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
        bad = a->json ? cli_print_json(course_json(course), why)
                      : print_words(course, a->language, why);
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
