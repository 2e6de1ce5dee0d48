/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot screen: asks the screening questions, or judges a file of answers. */
#include "analysis/report/text.h"
#include "analysis/report/words.h"
#include "analysis/screen/screening.h"
#include "driver/asked_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/screen_dialog.h"
#include "driver/cli/verbs.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPT_JSON = 256, OPT_PERSON, OPT_OPERATOR, OPT_SEX, OPT_QUESTIONS, OPT_LIST, OPT_LANGUAGE };

struct arguments {
    const char *file, *output, *person, *operator_name, *sex, *questions;
    int json, list, has_language;
    enum words_language language;
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "ask, and keep the answers in this file", 0},
    {"person", OPT_PERSON, "NAME", 0, "who is asked (a label as in the recording)", 0},
    {"operator", OPT_OPERATOR, "NAME", 0, "who asks", 0},
    {"sex", OPT_SEX, "SEX", 0, "female or male; zones for women only are shown by it", 0},
    {"list", OPT_LIST, NULL, 0, "the questions, what follows from each answer, and sources", 0},
    {"questions", OPT_QUESTIONS, "FILE", 0,
     "other questions than the built-in ones (tenderfoot-screening(5))", 0},
    {"language", OPT_LANGUAGE, "LANG", 0, "of the words: en (unless told), de or ru", 0},
    {"json", OPT_JSON, NULL, 0, "one JSON document: what is allowed, and why not", 0},
    {0},
};

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
    case 'o':
        a->output = value;
        return 0;
    case OPT_PERSON:
        a->person = value;
        return 0;
    case OPT_OPERATOR:
        a->operator_name = value;
        return 0;
    case OPT_SEX:
        if (strcmp(value, "female") && strcmp(value, "male"))
            argp_error(state, "--sex is female or male");
        a->sex = value;
        return 0;
    case OPT_QUESTIONS:
        a->questions = value;
        return 0;
    case OPT_LIST:
        a->list = 1;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file)
            argp_error(state, "one file of answers is judged: '%s' is too many", value);
        a->file = value;
        return 0;
    case ARGP_KEY_END:
        if (!a->list && !a->file && !a->output)
            argp_error(state, "-o FILE to ask and keep the answers, or a FILE of answers to judge");
        if (a->file && a->output)
            argp_error(state, "either ask (-o) or judge a file, not both");
        if (a->has_language && a->json)
            argp_error(state, "--language is of the words: JSON is English");
        if (a->output && (!a->person || !a->operator_name))
            argp_error(state, "--person and --operator say who is asked, and by whom");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "[FILE]",
    "The 34 questions before any press test: asked by lines with -o, or judged from a file "
    "(tenderfoot-screening(5)).\v"
    "An empty line passes a question over; it then counts as its strictest answer. The answers "
    "hold "
    "for the day on which they were given.\n\n"
    "Exit: 0 asked or judged, whatever follows from it; 1 failed; 2 wrong usage; 3 the file is "
    "refused, is of another day, or the answers ended before the last question.",
    NULL,
    NULL,
    NULL};

/* --- Words: of the thread's language (analysis/report/words.h) -------------------------------- */

static void add_option(struct text *out, const struct screening_question *question, int i)
{
    const struct screening_option *option = &question->options[i];

    text_append(out, "    ", 4);
    text_add_foreign(out, asked_option(question, option), "");
    if (option->effect)
        text_addf(out, ": %s", words_tr(screening_effect_name(option->effect)));
    if (*option->advice)
        text_addf(out, ". %s", words_tr(option->advice));
    if (i == question->unanswered)
        text_add(out, " (also when not answered)");
    text_append(out, "\n", 1);
}

static void add_sources(struct text *out, const struct screening_question *question)
{
    text_append(out, "   ", 3);
    for (int i = 0; i < question->n_contraindications; i++)
        text_addf(out, " %s", question->contraindications[i]);
    for (int i = 0; i < question->n_cites; i++)
        text_addf(out, " %s", question->cites[i]);
    text_append(out, "\n", 1);
}

static void list_question(struct text *out, const struct screening_question *question)
{
    text_addf(out, "%s %s%s\n", question->id, asked_question(question),
              words_tr(question->asks_operator ? " (operator)" : ""));
    for (int i = 0; i < question->n_options; i++)
        add_option(out, question, i);
    add_sources(out, question);
}

/* It forbids nothing. */
static void list_besides(struct text *out, const struct screening_question *heel)
{
    if (!heel)
        return;
    text_add(out, "Besides:");
    text_addf(out, " %s\n   ", asked_question(heel));
    for (int i = 0; i < heel->n_options; i++)
        text_addf(out, " %s%s", asked_option(heel, &heel->options[i]),
                  i + 1 < heel->n_options ? ";" : "\n");
    add_sources(out, heel);
}

static void say_heel(struct text *out, const char *heel)
{
    if (*heel && strcmp(heel, "no"))
        text_addf(out, "Pain in the middle of the heel when walking, %s: ask a doctor about it.\n",
                  words_tr(strcmp(heel, "both") ? heel : "both feet"));
}

static void say_allowed(struct text *out, const char *what, const int allowed[3])
{
    text_add(out, what);
    text_append(out, " ", 1);
    text_add(out, allowed[SIDE_LEFT] && allowed[SIDE_RIGHT] ? "yes"
                  : allowed[SIDE_LEFT]                      ? "left foot only"
                  : allowed[SIDE_RIGHT]                     ? "right foot only"
                                                            : "no");
    text_append(out, "\n", 1);
}

static void say_place(struct text *out, const char *what, const struct route_ban *ban)
{
    const char *side = words_tr(ban->side == SIDE_LEFT    ? "left"
                                : ban->side == SIDE_RIGHT ? "right"
                                                          : "both feet");

    text_add(out, what);
    if (ban->zone[0])
        text_addf(out, " %s, %s (%s)\n", ban->zone, side, ban->why);
    else
        text_addf(out, " within %g mm of u %.2f, v %.2f, %s (%s)\n", ban->radius_mm, ban->at.u,
                  ban->at.v, side, ban->why);
}

/* "STOP: Q05 ..., yes. Ask a doctor first. (K05; 001:55)": the question as it was asked. */
static void say_reason(struct text *out, const struct screening_reason *reason)
{
    const struct screening_question *question = reason->question;
    const char *foot = reason->side == SIDE_LEFT    ? ", left foot"
                       : reason->side == SIDE_RIGHT ? ", right foot"
                                                    : "";

    text_addf(out, "%s: %s %s %s%s%s.", words_tr(screening_effect_name(reason->option->effect)),
              question->id, asked_question(question), asked_option(question, reason->option),
              words_tr(foot), words_tr(reason->is_unanswered ? " (counted so: not answered)" : ""));
    if (reason->is_agreed)
        text_addf(out, " Agreed by %s on %s.", reason->doctor, reason->doctor_date);
    else if (*reason->option->advice)
        text_addf(out, " %s", words_tr(reason->option->advice));
    text_append(out, " (", 2);
    for (int i = 0; i < question->n_contraindications; i++)
        text_addf(out, i ? ", %s" : "%s", question->contraindications[i]);
    for (int i = 0; i < question->n_cites; i++)
        text_addf(out, i || !question->n_contraindications ? (i ? ", %s" : "%s") : "; %s",
                  question->cites[i]);
    text_append(out, ")\n", 2);
}

static void add_allowed(struct text *out, const struct screening *screening)
{
    say_allowed(out, "On the plate:   ", screening->stand_allowed);
    say_allowed(out, "Press test:     ", screening->press_allowed);
    say_allowed(out, "Massage plan:   ", screening->plan_allowed);
    if (screening->light_only)
        text_add(out, "Light pressure by hand only.\n");
    if (screening->not_comparable)
        text_add(out, "Thresholds of today are not compared with other days.\n");
    say_heel(out, screening->heel_pain_walking);
}

static void add_words(struct text *out, const struct screening *screening)
{
    text_addf(out, "Screening of %s on %.16s, asked by %s\n\n", screening->person, screening->date,
              screening->operator_name);
    add_allowed(out, screening);
    for (int i = 0; i < screening->n_reasons; i++) {
        text_append(out, "\n", !i);
        say_reason(out, &screening->reasons[i]);
    }
    for (int i = 0; i < screening->n_bans; i++)
        say_place(out,
                  screening->press_allowed[SIDE_UNKNOWN] ? "Not pressed:"
                                                         : "Not pressed, whatever else changes:",
                  &screening->bans[i]);
    for (int i = 0; i < screening->n_thick_skin; i++)
        say_place(out, "Covered by thick skin:", &screening->thick_skin[i]);
    if (screening->n_reasons)
        text_add(out,
                 "\nNumbers like K07 are the articles' contraindications, 001:59 their article "
                 "and line ('tenderfoot atlas' lists the articles).\n");
}

static int print_text(struct text *out, struct problem *why)
{
    int failed = out->failed;

    fputs(text_string(out), stdout);
    text_free(out);
    return failed ? problem_no_memory(why, "the words") : cli_flush_stdout(why);
}

static int print_words(const struct screening *screening, struct problem *why)
{
    struct text out = {0};

    add_words(&out, screening);
    if (print_text(&out, why))
        return -1;
    cli_print_disclaimer(stdout);
    return cli_flush_stdout(why);
}

static int print_list(const struct screening_questions *questions, struct problem *why)
{
    struct text out = {0};

    for (int i = 0; i < screening_question_count(questions); i++)
        list_question(&out, screening_question(questions, i));
    list_besides(&out, screening_heel_question(questions));
    return print_text(&out, why);
}

/* --- Asking ---------------------------------------------------------------------------------- */

static void now_text(char *text, size_t cap)
{
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    strftime(text, cap, "%Y-%m-%dT%H:%M:%S%z", &local);
}

static json_t *ask_file(const struct arguments *a, const struct screening_questions *questions,
                        const struct atlas *atlas, struct problem *why)
{
    char date[32], today[32];

    now_text(today, sizeof today);
    today[10] = 0;
    json_t *answers = screen_dialog(questions, atlas, today, stdin, stderr, why), *file;
    if (!answers)
        return NULL;
    const char *heel = screen_dialog_heel(questions, stdin, stderr);

    now_text(date, sizeof date);
    file = json_pack("{s:s, s:s, s:s, s:s, s:o}", "schema", "tenderfoot/screening/1", "person",
                     a->person, "operator", a->operator_name, "date", date, "answers", answers);
    if (file && a->sex)
        json_object_set_new(file, "sex", json_string(a->sex));
    if (file && heel)
        json_object_set_new(file, "heel_pain_walking", json_string(heel));
    if (!file)
        problem_no_memory(why, "the answers");
    return file;
}

static int keep(const struct arguments *a, const json_t *file, struct problem *why)
{
    struct cli_output out;

    if (cli_output_begin(&out, a->output, why))
        return -1;
    if (json_dumpf(file, out.stream, JSON_INDENT(2)) || fputc('\n', out.stream) == EOF) {
        cli_output_abort(&out);
        return problem(why, PROBLEM_FAILED, "%s cannot be written", a->output);
    }
    return cli_output_finish(&out, why);
}

/* Answers of another day are never replaced: said before the first question. */
static int check_output(const char *path, struct problem *why)
{
    if (access(path, F_OK))
        return 0;
    return problem(why, PROBLEM_FAILED,
                   "%s exists already and answers are never overwritten; give another name", path);
}

/* Judged before it is kept: a date of birth that is none is not worth a file. */
static int ask_and_keep(const struct arguments *a, const struct screening_questions *questions,
                        const struct atlas *atlas, struct screening *screening, struct problem *why)
{
    if (check_output(a->output, why))
        return -1;
    json_t *file = ask_file(a, questions, atlas, why);
    int bad = !file || screening_judge(questions, file, screening, why) ||
              screening_fits(screening, atlas, why) || keep(a, file, why);

    json_decref(file);
    return bad ? -1 : 0;
}

/* What a file of another day allows or forbids says nothing of today. */
static int judge_file(const struct arguments *a, const struct screening_questions *questions,
                      const struct atlas *atlas, struct screening *screening, struct problem *why)
{
    struct problem what;
    char today[32];

    now_text(today, sizeof today);
    if (screening_load(questions, a->file, screening, why) || screening_fits(screening, atlas, why))
        return -1;
    if (!screening_holds(screening, today, NULL, why))
        return 0;
    what = *why;
    return problem(why, PROBLEM_REFUSED, "%s, \"date\": %s", a->file, what.text);
}

static int run(const struct arguments *a, const struct screening_questions *questions,
               const struct atlas *atlas, struct problem *why)
{
    struct screening screening;

    if (a->list)
        return print_list(questions, why);
    if (a->output ? ask_and_keep(a, questions, atlas, &screening, why)
                  : judge_file(a, questions, atlas, &screening, why))
        return -1;
    return a->json ? cli_print_json(screening_json(&screening), why) : print_words(&screening, why);
}

int verb_screen(int argc, char **argv)
{
    struct arguments a = {0};
    struct problem why = {0};

    argp_parse(&argp, argc, argv, 0, NULL, &a);
    words_use(a.language);
    struct screening_questions *questions = screening_questions_load(a.questions, &why);
    struct atlas *atlas = questions ? atlas_load(NULL, &why) : NULL;
    int bad = !atlas || run(&a, questions, atlas, &why);
    atlas_free(atlas);
    screening_questions_free(questions);
    return bad ? cli_fail(argv[0], &why) : 0;
}
