/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions as data: read and checked once. Texts are borrowed from the parsed document. */
#include "analysis/json_members.h"
#include "analysis/json_file.h"
#include "analysis/screen/screening.h"
#include "analysis/screen/screening_builtin.h"

#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 64
#define SCHEMA "tenderfoot/screening-questions/1"

struct screening_questions {
    json_t *document;
    struct screening_question questions[QUESTIONS_MAX];
    int n;
    struct screening_question heel; /* id NULL = not asked */
};

static const char *const effect_names[] = {[SCREENING_NONE] = "",
                                           [SCREENING_NOTE] = "NOTE",
                                           [SCREENING_WAIT] = "WAIT",
                                           [SCREENING_AVOID] = "AVOID",
                                           [SCREENING_DOC] = "DOC",
                                           [SCREENING_STOP] = "STOP",
                                           [SCREENING_STOP_ALL] = "STOP-ALL"};

const char *screening_effect_name(enum screening_effect effect)
{
    return effect_names[effect];
}

static int effect_of(const char *name, enum screening_effect *effect)
{
    for (int i = 0; i <= SCREENING_STOP_ALL; i++)
        if (!strcmp(name, effect_names[i])) {
            *effect = (enum screening_effect)i;
            return 0;
        }
    return -1;
}

static int refuse(struct problem *why, const char *id, const char *what)
{
    return problem(why, PROBLEM_REFUSED, "screening questions: %s: %s", id, what);
}

/* The texts of an array; -1 when it is none, too long, or holds anything else. */
static int read_texts(const json_t *array, const char **texts, int cap, int *n)
{
    size_t i;
    json_t *text;

    *n = 0;
    if (!array)
        return 0;
    if (!json_is_array(array) || json_array_size(array) > (size_t)cap)
        return -1;
    json_array_foreach(array, i, text)
    {
        if (!json_is_string(text))
            return -1;
        texts[(*n)++] = json_string_value(text);
    }
    return 0;
}

static const char option_members[] =
    "answer:s words:s effect?s advice?s age_from?i age_to?i per_foot?b no_press?b no_stand?b "
    "with_support?b light_only?b not_comparable?b thick_skin?b places?b radius_mm?n zones?a";
static const char question_members[] =
    "id:s text:s kind:s unanswered:s options:a asks?s source?s contraindications?a cites?a";

/* What json_unpack_ex could not take. */
static int refuse_members(struct problem *why, const char *id, const json_t *object,
                          const char *members, const json_error_t *error)
{
    char text[200];

    return refuse(why, id, json_misfit(object, members, error, text, sizeof text));
}

static int read_option(json_t *object, const char *id, struct screening_option *option,
                       struct problem *why)
{
    const char *effect = "";
    json_t *zones = NULL;
    json_error_t error;

    *option = (struct screening_option){.advice = "", .age_from = -1, .age_to = -1};
    if (json_unpack_ex(
            object, &error, JSON_STRICT,
            "{s:s, s:s, s?s, s?s, s?i, s?i, s?b, s?b, s?b, s?b, s?b, s?b, s?b, s?b, s?F, s?o}",
            "answer", &option->answer, "words", &option->words, "effect", &effect, "advice",
            &option->advice, "age_from", &option->age_from, "age_to", &option->age_to, "per_foot",
            &option->per_foot, "no_press", &option->no_press, "no_stand", &option->no_stand,
            "with_support", &option->with_support, "light_only", &option->light_only,
            "not_comparable", &option->not_comparable, "thick_skin", &option->thick_skin, "places",
            &option->asks_places, "radius_mm", &option->radius_mm, "zones", &zones))
        return refuse_members(why, id, object, option_members, &error);
    if (effect_of(effect, &option->effect))
        return refuse(why, id, "an effect is STOP-ALL, STOP, DOC, AVOID, WAIT or NOTE");
    if (read_texts(zones, option->zones, SCREENING_ZONES_MAX, &option->n_zones))
        return refuse(why, id, "zones are a list of at most 12 zone ids");
    if (option->asks_places && !(option->radius_mm > 0 && option->radius_mm <= 50))
        return refuse(why, id, "an answer with places has a radius_mm of at most 50");
    return 0;
}

static int find_option(const struct screening_question *question, const char *answer)
{
    for (int i = 0; i < question->n_options; i++)
        if (!strcmp(question->options[i].answer, answer))
            return i;
    return -1;
}

static int read_options(const json_t *array, struct screening_question *question,
                        struct problem *why)
{
    size_t i;
    json_t *object;

    if (!json_is_array(array) || !json_array_size(array) ||
        json_array_size(array) > SCREENING_OPTIONS_MAX)
        return refuse(why, question->id, "1 to 4 options are needed");
    json_array_foreach(array, i, object)
    {
        struct screening_option *option = &question->options[i];

        if (read_option(object, question->id, option, why))
            return -1;
        if (find_option(question, option->answer) >= 0)
            return refuse(why, question->id, "two options have the same answer");
        question->n_options++;
    }
    return 0;
}

static void add_cite(struct screening_question *question, const char *cite)
{
    for (int i = 0; i < question->n_cites; i++)
        if (!strcmp(question->cites[i], cite))
            return;
    if (question->n_cites < SCREENING_CITES_MAX)
        question->cites[question->n_cites++] = cite;
}

/* The articles' lines of each contraindication that the question asks for, each once. */
static int gather_cites(const json_t *document, struct screening_question *question,
                        struct problem *why)
{
    const json_t *all = json_object_get(document, "contraindications");

    for (int k = 0; k < question->n_contraindications; k++) {
        const char *texts[SCREENING_CITES_MAX];
        const json_t *found = NULL;
        json_t *one;
        size_t i;
        int n = 0;

        json_array_foreach(all, i, one)
        {
            const char *id = json_string_value(json_object_get(one, "id"));
            if (id && !strcmp(id, question->contraindications[k]))
                found = one;
        }
        if (!found || read_texts(json_object_get(found, "cites"), texts, SCREENING_CITES_MAX, &n) ||
            !n)
            return refuse(why, question->id, "it names a contraindication without source");
        for (int c = 0; c < n; c++)
            add_cite(question, texts[c]);
    }
    return 0;
}

static int read_sources(const json_t *document, const json_t *object, const char *source,
                        struct screening_question *question, struct problem *why)
{
    if (read_texts(json_object_get(object, "contraindications"), question->contraindications, 4,
                   &question->n_contraindications) ||
        read_texts(json_object_get(object, "cites"), question->cites, SCREENING_CITES_MAX,
                   &question->n_cites))
        return refuse(why, question->id, "contraindications and cites are lists of texts");
    if (source && question->n_cites == SCREENING_CITES_MAX)
        return refuse(why, question->id, "cites and source are at most 12 together");
    if (source)
        question->cites[question->n_cites++] = source;
    if (gather_cites(document, question, why))
        return -1;
    return question->n_cites ? 0 : refuse(why, question->id, "it has no source");
}

static int read_question(const json_t *document, json_t *object,
                         struct screening_question *question, struct problem *why)
{
    const char *kind, *unanswered, *asks = NULL, *source = NULL;
    json_t *options, *lists[2];
    json_error_t error;

    question->id = "a question";
    if (json_unpack_ex(object, &error, JSON_STRICT, "{s:s, s:s, s:s, s:s, s:o, s?s, s?s, s?o, s?o}",
                       "id", &question->id, "text", &question->text, "kind", &kind, "unanswered",
                       &unanswered, "options", &options, "asks", &asks, "source", &source,
                       "contraindications", &lists[0], "cites", &lists[1]))
        return refuse_members(why, question->id, object, question_members, &error);
    question->is_date = !strcmp(kind, "date");
    question->asks_operator = asks != NULL;
    if (!question->is_date && strcmp(kind, "choice"))
        return refuse(why, question->id, "a kind is date or choice");
    if (read_options(options, question, why) ||
        read_sources(document, object, source, question, why))
        return -1;
    if (!question->is_date && question->n_options < 2)
        return refuse(why, question->id, "a choice has 2 options or more");
    question->unanswered = find_option(question, unanswered);
    if (question->unanswered < 0 || !question->options[question->unanswered].effect)
        return refuse(why, question->id, "\"unanswered\" is the answer that forbids most");
    return 0;
}

static int read_all(struct screening_questions *questions, struct problem *why)
{
    const json_t *array = json_object_get(questions->document, "questions");
    const char *schema = json_string_value(json_object_get(questions->document, "schema"));
    size_t i;
    json_t *object;

    if (!schema || strcmp(schema, SCHEMA))
        return problem(why, PROBLEM_REFUSED, "screening questions: \"schema\" must be \"%s\"",
                       SCHEMA);
    if (!json_is_array(array) || !json_array_size(array) || json_array_size(array) > QUESTIONS_MAX)
        return problem(why, PROBLEM_REFUSED, "screening: \"questions\" must be a list of 1 to %d",
                       QUESTIONS_MAX);
    json_array_foreach(array, i, object)
    {
        if (read_question(questions->document, object, &questions->questions[i], why))
            return -1;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(questions->questions[k].id, questions->questions[i].id))
                return refuse(why, questions->questions[i].id, "it is asked twice");
        questions->n++;
    }
    return 0;
}

/* "also_asked": the one thing that is. */
static int read_besides(struct screening_questions *questions, struct problem *why)
{
    const json_t *list = json_object_get(questions->document, "also_asked");
    static const char *const answers[] = {"no", "left", "right", "both"};
    struct screening_question *heel = &questions->heel;
    const char *id = "also_asked";
    json_t *options, *cites = NULL;
    json_error_t error;

    if (!list)
        return 0;
    if (json_array_size(list) != 1 ||
        json_unpack_ex(json_array_get(list, 0), &error, JSON_STRICT, "{s:s, s:s, s:o, s?o}", "id",
                       &id, "text", &heel->text, "options", &options, "cites", &cites) ||
        strcmp(id, "heel_pain_walking"))
        return refuse(why, id, "besides, heel_pain_walking may be asked, with id, text, options");
    if (read_options(options, heel, why) ||
        read_texts(cites, heel->cites, SCREENING_CITES_MAX, &heel->n_cites))
        return refuse(why, id, "its options or cites are not as those of the questions");
    for (int i = 0; i < 4; i++)
        if (find_option(heel, answers[i]) < 0 || heel->options[i].effect)
            return refuse(why, id, "its answers are no, left, right and both, without effects");
    heel->unanswered = -1;
    heel->id = id;
    return 0;
}

const struct screening_question *
screening_heel_question(const struct screening_questions *questions)
{
    return questions->heel.id ? &questions->heel : NULL;
}

struct screening_questions *screening_questions_load(const char *path, struct problem *why)
{
    struct screening_questions *questions = calloc(1, sizeof *questions);
    json_error_t error = {.line = -1};

    if (!questions) {
        problem_no_memory(why, "the screening questions");
        return NULL;
    }
    questions->document = path
                              ? json_file_load(path, why)
                              : json_loadb(screening_builtin_json,
                                           (size_t)(screening_builtin_end - screening_builtin_json),
                                           JSON_REJECT_DUPLICATES, &error);
    if (!questions->document && !path)
        problem(why, PROBLEM_REFUSED, "the built-in questions, line %d: %s", error.line,
                error.text);
    if (!questions->document || read_all(questions, why) || read_besides(questions, why)) {
        screening_questions_free(questions);
        return NULL;
    }
    return questions;
}

void screening_questions_free(struct screening_questions *questions)
{
    if (!questions)
        return;
    json_decref(questions->document);
    free(questions);
}

int screening_question_count(const struct screening_questions *questions)
{
    return questions->n;
}

const struct screening_question *screening_question(const struct screening_questions *questions,
                                                    int index)
{
    return &questions->questions[index];
}
