/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/screen_dialog.h"

#include "analysis/report/words.h"
#include "driver/asked_words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 200

struct dialog {
    FILE *in, *out;
    const struct atlas *atlas;
    const char *today;
    int is_over;  /* the end of `in` */
    int is_short; /* and a line was asked for behind it */
    char line[LINE_MAX_BYTES];
};

/* In the thread's language. */
static void say(const struct dialog *dialog, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(const struct dialog *dialog, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(dialog->out, words_tr(format), args);
    va_end(args);
}

/* One line without its end and the blanks around it; "" for an empty one and past the end. */
static char *ask_line(struct dialog *dialog, const char *prompt)
{
    char *at = dialog->line;

    fprintf(dialog->out, "%s ", words_tr(prompt));
    fflush(dialog->out);
    *at = 0;
    if (dialog->is_over || !fgets(dialog->line, sizeof dialog->line, dialog->in)) {
        dialog->is_over = dialog->is_short = 1;
        *at = 0;
    }
    if (!strchr(at, '\n')) /* the rest of a line that is too long belongs to no answer */
        for (int c = 0; !dialog->is_over && c != '\n';)
            if ((c = getc(dialog->in)) == EOF)
                dialog->is_over = 1;
    at += strspn(at, " \t\r\n");
    size_t n = strlen(at);
    while (n && strchr(" \t\r\n", at[n - 1]))
        at[--n] = 0;
    return at;
}

/* By number, by the answer's name or by what is shown, in English or the thread's language. */
static const struct screening_option *find_option(const struct screening_question *question,
                                                  const char *said)
{
    for (int i = 0; i < question->n_options; i++) {
        const struct screening_option *option = &question->options[i];
        char number[16];

        snprintf(number, sizeof number, "%d", i + 1);
        if (!strcasecmp(said, option->answer) || !strcasecmp(said, option->words) ||
            !strcmp(said, asked_option(question, option)) || !strcmp(said, number))
            return option;
    }
    return NULL;
}

/* What is asked besides has no number. */
static const char *label_of(const struct screening_question *question)
{
    return strcmp(question->id, "heel_pain_walking") ? question->id : words_tr("Besides:");
}

static void show(const struct screening_question *question, struct dialog *dialog)
{
    fprintf(dialog->out, "\n%s %s%s\n", label_of(question), asked_question(question),
            words_tr(question->asks_operator ? " (operator)" : ""));
    for (int i = 0; !question->is_date && i < question->n_options; i++)
        fprintf(dialog->out, "  %d %s", i + 1, asked_option(question, &question->options[i]));
    if (!question->is_date)
        fputc('\n', dialog->out);
}

static const char *ask_side(struct dialog *dialog)
{
    static const char *const sides[] = {"left", "right", "both"};

    while (!dialog->is_over) {
        const char *said = ask_line(dialog, "  Which foot? left, right or both:");
        for (int i = 0; i < 3; i++)
            if (*said && (!strncasecmp(said, sides[i], strlen(said)) ||
                          !strncmp(said, words_tr(sides[i]), strlen(said))))
                return sides[i];
    }
    return "both";
}

/* "left" or "right", in English or the thread's language; NULL of another word. */
static const char *side_of(const char *said)
{
    static const char *const sides[] = {"left", "right"};

    for (int i = 0; i < 2; i++)
        if (!strcmp(said, sides[i]) || !strcmp(said, words_tr(sides[i])))
            return sides[i];
    return NULL;
}

/* "left P07", "right 0.46 0.3" (u from heel 0 to toes 1, v from the inner edge 0 to the outer 1),
 * and nothing behind. */
static json_t *place_of(const struct dialog *dialog, const char *said)
{
    char word[24], zone[16];
    const char *side;
    double u, v;
    int used = 0;

    if (sscanf(said, "%23s %n", word, &used) != 1 || !(side = side_of(word)))
        return NULL;
    said += used;
    used = 0;
    if (sscanf(said, "%lf %lf%n", &u, &v, &used) == 2 && !said[used])
        return json_pack("{s:s, s:f, s:f}", "side", side, "u", u, "v", v);
    used = 0;
    if (sscanf(said, "%15s%n", zone, &used) == 1 && !said[used] && atlas_find(dialog->atlas, zone))
        return json_pack("{s:s, s:s}", "side", side, "zone", zone);
    return NULL;
}

static json_t *ask_places(struct dialog *dialog)
{
    json_t *places = json_array();
    const char *prompt = "  Where? 'left P07' (a zone) or 'right 0.46 0.30'; empty = no more:";

    for (const char *said; places && *(said = ask_line(dialog, prompt));) {
        json_t *place = place_of(dialog, said);
        if (!place)
            say(dialog,
                "  '%s' is no place: the foot (left, right), then a zone ('tenderfoot atlas "
                "--draw zones.png' shows them), or two numbers: how far from the heel (0) to "
                "the toes (1), how far from the inner edge (0) to the outer one (1)\n",
                said);
        else if (json_array_append_new(places, place)) {
            json_decref(places);
            places = NULL;
        }
    }
    return places;
}

static json_t *ask_doctor(struct dialog *dialog)
{
    char by[LINE_MAX_BYTES];
    const char *said =
        ask_line(dialog, "  Has a doctor agreed? Name, or empty if not (the test stays locked):");

    if (!*said)
        return NULL;
    snprintf(by, sizeof by, "%.63s", said);
    for (;;) {
        said = ask_line(dialog, "  On which day? like 2026-11-02:");
        if (!*said) /* without a day it is no agreement */
            return NULL;
        if (screening_is_day(said, dialog->today, 0))
            break;
        say(dialog, "  '%s' is no day up to today, like 2026-11-02; empty: no agreement\n", said);
    }
    return json_pack("{s:s, s:s}", "by", by, "date", said);
}

static json_t *entry_of(const struct screening_option *option, struct dialog *dialog)
{
    json_t *entry = json_pack("{s:s}", "answer", option->answer), *doctor = NULL;
    int bad = !entry;

    if (!bad && option->per_foot)
        bad = json_object_set_new(entry, "side", json_string(ask_side(dialog)));
    if (!bad && option->asks_places)
        bad = json_object_set_new(entry, "places", ask_places(dialog));
    if (!bad && option->effect == SCREENING_DOC && (doctor = ask_doctor(dialog)))
        bad = json_object_set_new(entry, "doctor", doctor);
    if (!bad)
        return entry;
    json_decref(entry);
    return NULL;
}

/* 1 = *entry is the answer, 0 = passed over. */
static int ask(const struct screening_question *question, struct dialog *dialog, json_t **entry)
{
    show(question, dialog);
    for (;;) {
        const char *said = ask_line(dialog, question->is_date ? "  like 1980-02-11:" : "  >");
        const struct screening_option *option = find_option(question, said);

        if (!*said)
            return 0;
        if (question->is_date && screening_is_day(said, dialog->today, 1)) {
            *entry = json_string(said);
            return 1;
        }
        if (question->is_date) {
            say(dialog,
                "  '%s' is no date of birth: year, month, day like 1980-02-11, a day that "
                "there was\n",
                said);
            continue;
        }
        if (option) {
            *entry = entry_of(option, dialog);
            return 1;
        }
        say(dialog,
            question->unanswered < 0
                ? "  '%s' is none of these; an empty line passes it over\n"
                : "  '%s' is none of these; an empty line passes it over, and counts as the "
                  "strictest answer\n",
            said);
    }
}

/* What was answered so far is not half a screening: silence would count as the strictest answer to
 * questions that nobody heard. */
static json_t *refuse_short(const struct screening_questions *questions, int at, json_t *answers,
                            struct problem *why)
{
    int n = screening_question_count(questions);

    json_decref(answers);
    problem(why, PROBLEM_REFUSED,
            "the input ended at %s: %d of %d questions were not asked, so nothing is kept; ask "
            "again, an empty line passes a question over",
            screening_question(questions, at)->id, n - at, n);
    return NULL;
}

json_t *screen_dialog(const struct screening_questions *questions, const struct atlas *atlas,
                      const char *today, FILE *in, FILE *out, struct problem *why)
{
    struct dialog dialog = {.in = in, .out = out, .atlas = atlas, .today = today};
    json_t *answers = json_object();

    for (int i = 0; answers && i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        json_t *entry = NULL;
        int is_answered = ask(question, &dialog, &entry);
        if (dialog.is_short) {
            json_decref(entry);
            return refuse_short(questions, i, answers, why);
        }
        if (is_answered && json_object_set_new(answers, question->id, entry)) {
            json_decref(answers);
            answers = NULL;
        }
    }
    if (!answers)
        problem_no_memory(why, "the answers");
    return answers;
}

const char *screen_dialog_heel(const struct screening_questions *questions, FILE *in, FILE *out)
{
    const struct screening_question *heel = screening_heel_question(questions);
    struct dialog dialog = {.in = in, .out = out};
    json_t *entry = NULL;
    const char *answer = NULL;

    if (!heel || feof(in))
        return NULL;
    if (ask(heel, &dialog, &entry)) {
        const char *said = json_string_value(json_object_get(entry, "answer"));
        for (int i = 0; said && i < heel->n_options; i++)
            if (!strcmp(said, heel->options[i].answer))
                answer = heel->options[i].answer;
    }
    json_decref(entry);
    return answer;
}
