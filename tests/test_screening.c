/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screening: every answer forbids what it should, silence forbids most, and nothing unlocks what is
 * locked but the word of a doctor. */
#include "analysis/atlas/atlas.h"
#include "analysis/screen/screening.h"
#include "analysis/wording.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct screening_questions *questions;

static int load(void **state)
{
    struct problem why = {0};

    (void)state;
    questions = screening_questions_load(NULL, &why);
    assert_non_null(questions);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    screening_questions_free(questions);
    return 0;
}

/* Answers that forbid nothing: born 1980, and each other question its harmless answer. */
static json_t *healthy(void)
{
    json_t *answers = json_object();

    for (int i = 0; i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        for (int k = 0; k < question->n_options; k++)
            if (question->is_date)
                json_object_set_new(answers, question->id, json_string("1980-02-11"));
            else if (!question->options[k].effect)
                json_object_set_new(answers, question->id,
                                    json_string(question->options[k].answer));
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "schema", "tenderfoot/screening/1", "person",
                     "A-117", "operator", "Bea", "date", "2026-11-22T10:05:00+01:00", "answers",
                     answers);
}

/* The healthy person with one answer replaced by JSON text ("" = left out). */
static int judge_with(const char *id, const char *entry, struct screening *screening,
                      struct problem *why)
{
    json_t *file = healthy(), *answers = json_object_get(file, "answers");
    int status;

    if (*entry)
        json_object_set_new(answers, id, json_loads(entry, JSON_DECODE_ANY, NULL));
    else
        json_object_del(answers, id);
    status = screening_judge(questions, file, screening, why);
    json_decref(file);
    return status;
}

static struct screening judged(const char *id, const char *entry)
{
    struct screening screening;
    struct problem why = {0};

    if (judge_with(id, entry, &screening, &why))
        fail_msg("%s %s: %s", id, entry, why.text);
    return screening;
}

static void a_healthy_adult_may_be_pressed(void **state)
{
    struct screening screening = judged("Q02", "\"no\"");
    struct problem why = {0};

    (void)state;
    assert_int_equal(screening_question_count(questions), 34);
    assert_int_equal(screening.n_reasons, 0);
    assert_int_equal(screening.age_years, 46);
    for (int side = 0; side < 3; side++) {
        assert_true(screening.stand_allowed[side] && screening.press_allowed[side] &&
                    screening.plan_allowed[side]);
        assert_int_equal(
            screening_permits_press(&screening, "2026-11-22", "A-117", (enum side)side, &why), 0);
    }
}

/* The table of the specification, written out again by hand: answer -> plate, press, plan. */
static const struct {
    const char *id, *entry;
    int stand, press, plan;
} table[] = {
    {"Q01", "\"2026-03-01\"", 0, 0, 0}, {"Q01", "\"1955-11-22\"", 1, 0, 0},
    {"Q01", "\"1955-11-23\"", 1, 1, 1}, {"Q01", "\"2008-11-22\"", 1, 1, 1},
    {"Q01", "\"2008-11-23\"", 1, 0, 0}, {"Q01", "\"2025-11-22\"", 1, 0, 0},
    {"Q01", "\"2025-11-23\"", 0, 0, 0}, {"Q02", "\"yes\"", 0, 0, 0},
    {"Q03", "\"yes\"", 1, 0, 0},        {"Q04", "\"yes\"", 1, 0, 0},
    {"Q05", "\"yes\"", 1, 0, 0},        {"Q06", "\"pronounced\"", 1, 0, 0},
    {"Q06", "\"slight\"", 1, 0, 0},     {"Q07", "\"yes\"", 1, 0, 0},
    {"Q08", "\"yes\"", 1, 0, 0},        {"Q09", "\"yes\"", 1, 0, 0},
    {"Q10", "\"yes\"", 1, 0, 0},        {"Q11", "\"yes\"", 1, 0, 0},
    {"Q12", "\"yes\"", 1, 0, 0},        {"Q13", "\"menstruation\"", 1, 0, 0},
    {"Q13", "\"bleeding\"", 1, 0, 0},   {"Q14", "\"past\"", 1, 0, 0},
    {"Q14", "\"acute\"", 1, 0, 0},      {"Q15", "\"yes\"", 1, 0, 0},
    {"Q15", "\"open\"", 0, 0, 0},       {"Q16", "\"yes\"", 1, 0, 0},
    {"Q17", "\"yes\"", 1, 0, 0},        {"Q18", "\"yes\"", 1, 0, 0},
    {"Q19", "\"yes\"", 1, 0, 0},        {"Q19", "\"inflamed\"", 1, 0, 0},
    {"Q20", "\"healed\"", 1, 0, 0},     {"Q20", "\"unhealed\"", 0, 0, 0},
    {"Q21", "\"yes\"", 1, 1, 1},        {"Q22", "\"yes\"", 1, 0, 0},
    {"Q23", "\"yes\"", 0, 0, 0},        {"Q24", "\"yes\"", 1, 0, 0},
    {"Q25", "\"yes\"", 1, 0, 0},        {"Q26", "\"no\"", 1, 0, 0},
    {"Q27", "\"yes\"", 1, 1, 1},        {"Q28", "\"no\"", 1, 0, 0},
    {"Q29", "\"yes\"", 1, 1, 1},        {"Q30", "\"no\"", 1, 0, 0},
    {"Q31", "\"yes\"", 1, 0, 0},        {"Q32", "\"yes\"", 1, 0, 0},
    {"Q33", "\"yes\"", 1, 1, 1},        {"Q34", "\"supported\"", 1, 1, 1},
    {"Q34", "\"yes\"", 0, 0, 0},
};

static void each_answer_forbids_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct screening s = judged(table[i].id, table[i].entry);

        if (s.stand_allowed[0] != table[i].stand || s.press_allowed[0] != table[i].press ||
            s.plan_allowed[0] != table[i].plan)
            fail_msg("%s %s: plate %d, press %d, plan %d", table[i].id, table[i].entry,
                     s.stand_allowed[0], s.press_allowed[0], s.plan_allowed[0]);
        assert_int_equal(s.n_reasons, !(table[i].stand && table[i].press && table[i].plan) ||
                                          strcmp(table[i].id, "Q01"));
    }
}

static void silence_forbids_at_least_what_any_answer_does(void **state)
{
    (void)state;
    for (int i = 0; i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        struct screening silent = judged(question->id, "");

        assert_int_equal(silent.n_reasons, 1);
        assert_true(silent.reasons[0].is_unanswered);
        for (int k = 0; k < question->n_options && !question->is_date; k++) {
            char entry[64];
            snprintf(entry, sizeof entry, "\"%s\"", question->options[k].answer);
            struct screening said = judged(question->id, entry);
            for (int side = 0; side < 3; side++)
                assert_true(silent.press_allowed[side] <= said.press_allowed[side] &&
                            silent.stand_allowed[side] <= said.stand_allowed[side] &&
                            silent.plan_allowed[side] <= said.plan_allowed[side]);
        }
    }
    struct screening unborn = judged("Q01", "");
    assert_false(unborn.press_allowed[0]);
    assert_true(unborn.stand_allowed[0]);
    assert_int_equal(unborn.age_years, -1);
}

static void one_foot_may_be_out_and_the_other_in(void **state)
{
    struct screening sore = judged("Q15", "{\"answer\": \"yes\", \"side\": \"left\"}");
    struct screening open = judged("Q15", "{\"answer\": \"open\", \"side\": \"right\"}");
    struct problem why = {0};

    (void)state;
    assert_false(sore.press_allowed[SIDE_LEFT]);
    assert_true(sore.press_allowed[SIDE_RIGHT] && sore.press_allowed[SIDE_UNKNOWN]);
    assert_true(sore.stand_allowed[SIDE_LEFT] && sore.plan_allowed[SIDE_RIGHT]);
    assert_int_equal(screening_permits_press(&sore, "2026-11-22", NULL, SIDE_LEFT, &why), -1);
    assert_non_null(strstr(why.text, "left foot"));
    assert_int_equal(screening_permits_press(&sore, "2026-11-22", NULL, SIDE_RIGHT, &why), 0);
    assert_true(open.stand_allowed[SIDE_LEFT] && !open.stand_allowed[SIDE_RIGHT]);
}

/* An open wound keeps that foot off the plate, dizziness both; a sore foot still stands. */
static void nobody_forbidden_is_asked_to_stand(void **state)
{
    static const char today[] = "2026-11-22";
    struct screening open = judged("Q15", "{\"answer\": \"open\", \"side\": \"right\"}");
    struct screening sore = judged("Q15", "{\"answer\": \"yes\", \"side\": \"right\"}");
    struct screening dizzy = judged("Q34", "\"yes\""), held = judged("Q34", "\"supported\"");
    struct problem why = {0};

    (void)state;
    assert_int_equal(screening_permits_stand(&open, today, "A-117", SIDE_LEFT, &why), 0);
    assert_int_equal(screening_permits_stand(&open, today, "A-117", SIDE_RIGHT, &why), -1);
    assert_int_equal(screening_permits_stand(&open, today, "A-117", SIDE_UNKNOWN, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "both feet: STOP-ALL: Q15"));
    for (int side = 0; side < 3; side++) {
        assert_int_equal(screening_permits_stand(&sore, today, NULL, (enum side)side, &why), 0);
        assert_int_equal(screening_permits_stand(&held, today, NULL, (enum side)side, &why), 0);
        assert_int_equal(screening_permits_stand(&dizzy, today, NULL, (enum side)side, &why), -1);
        assert_non_null(strstr(why.text, "Q34"));
    }
    assert_int_equal(screening_permits_stand(&sore, "2026-11-23", NULL, SIDE_LEFT, &why), -1);
    assert_int_equal(screening_permits_stand(&sore, today, "B-2", SIDE_LEFT, &why), -1);
}

static void only_a_doctor_unlocks(void **state)
{
    static const char agreed[] =
        "{\"answer\": \"slight\", \"doctor\": {\"by\": \"Dr Roe\", \"date\": \"2026-11-02\"}}";
    struct screening screening = judged("Q06", agreed);
    struct problem why = {0};

    (void)state;
    assert_true(screening.press_allowed[0] && screening.plan_allowed[0]);
    assert_true(screening.reasons[0].is_agreed);
    assert_string_equal(screening.reasons[0].doctor, "Dr Roe");
    assert_int_equal(judge_with("Q06",
                                "{\"answer\": \"pronounced\", \"doctor\": {\"by\": \"Dr Roe\", "
                                "\"date\": \"2026-11-02\"}}",
                                &screening, &why),
                     -1);
    assert_int_equal(judge_with("Q06",
                                "{\"answer\": \"slight\", \"doctor\": {\"by\": \"Dr Roe\", "
                                "\"date\": \"2026-12-02\"}}",
                                &screening, &why),
                     -1);
    assert_int_equal(judge_with("Q06",
                                "{\"answer\": \"slight\", \"doctor\": {\"by\": \"\", \"date\": "
                                "\"2026-11-02\"}}",
                                &screening, &why),
                     -1);
}

static void no_doctor_makes_a_child_pressed(void **state)
{
    static const char child[] =
        "{\"answer\": \"2015-06-01\", \"doctor\": {\"by\": \"Dr Roe\", \"date\": \"2026-11-02\"}}";
    struct screening screening = judged("Q01", child);

    (void)state;
    assert_int_equal(screening.age_years, 11);
    assert_false(screening.press_allowed[0]);
    assert_true(screening.plan_allowed[0] && screening.light_only && screening.stand_allowed[0]);
}

static int has_ban(const struct screening *screening, const char *zone)
{
    for (int i = 0; i < screening->n_bans; i++)
        if (!strcmp(screening->bans[i].zone, zone) && screening->bans[i].side == SIDE_UNKNOWN)
            return 1;
    return 0;
}

static void convulsions_and_pressure_ban_the_points_of_the_head(void **state)
{
    static const char *const zones[] = {"P01", "P02", "P04.1", "P04.3", "P05.1", "P05.3", "P22"};
    struct screening screening =
        judged("Q09", "{\"answer\": \"yes\", \"doctor\": {\"by\": \"Dr Roe\", \"date\": "
                      "\"2026-11-22\"}}");
    struct screening pressure = judged("Q08", "\"yes\"");

    (void)state;
    assert_true(screening.press_allowed[0]);
    assert_int_equal(screening.n_bans, 7);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        assert_true(has_ban(&screening, zones[i]) && has_ban(&pressure, zones[i]));
}

static void a_wart_is_left_out_and_a_callus_noted(void **state)
{
    struct screening wart = judged(
        "Q18",
        "{\"answer\": \"yes\", \"places\": [{\"side\": \"right\", \"u\": 0.46, \"v\": 0.31}, "
        "{\"side\": \"left\", \"zone\": \"P07\"}]}");
    struct screening callus = judged(
        "Q29", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\", \"u\": 0.7, \"v\": 0.2}]}");

    (void)state;
    assert_true(wart.press_allowed[0]);
    assert_int_equal(wart.n_bans, 2);
    assert_int_equal(wart.bans[0].side, SIDE_RIGHT);
    assert_true(wart.bans[0].at.u == 0.46 && wart.bans[0].at.v == 0.31);
    assert_true(wart.bans[0].radius_mm == 10);
    assert_string_equal(wart.bans[1].zone, "P07");
    assert_int_equal(callus.n_bans, 0);
    assert_int_equal(callus.n_thick_skin, 1);
    assert_true(callus.press_allowed[0]);
}

/* Once "P7" was taken for a zone: it was named, and so spared nothing. */
static void a_zone_that_the_chart_lacks_is_refused(void **state)
{
    static const char *const answers[][2] = {
        {"Q18", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\", \"zone\": \"%s\"}]}"},
        {"Q29", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\", \"zone\": \"%s\"}]}"}};
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);

    (void)state;
    assert_non_null(atlas);
    for (int i = 0; i < 2; i++) {
        static const char *const zones[] = {"P07", "P04.1", "P7", "p07", "P99"};
        for (int z = 0; z < 5; z++) {
            char answer[120];
            snprintf(answer, sizeof answer, answers[i][1], zones[z]);
            struct screening screening = judged(answers[i][0], answer);
            assert_int_equal(screening_fits(&screening, atlas, &why), z < 2 ? 0 : -1);
            if (z >= 2)
                assert_non_null(strstr(why.text, zones[z]));
        }
    }
    atlas_free(atlas);
}

static void it_holds_for_its_day_and_its_person(void **state)
{
    struct screening screening = judged("Q02", "\"no\"");
    struct problem why = {0};

    (void)state;
    assert_int_equal(screening_permits_press(&screening, "2026-11-23", "A-117", SIDE_UNKNOWN, &why),
                     -1);
    assert_non_null(strstr(why.text, "that day"));
    assert_int_equal(screening_permits_press(&screening, "2026-11-22", "A-118", SIDE_UNKNOWN, &why),
                     -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
}

static void nonsense_is_refused_and_named(void **state)
{
    static const char *const wrong[][2] = {
        {"Q01", "\"1980-02-30\""},
        {"Q01", "\"11.2.1980\""},
        {"Q01", "\"2027-01-01\""},
        {"Q01", "\"1849-01-01\""},
        {"Q01", "\"1980-02-11x\""},
        {"Q02", "\"maybe\""},
        {"Q02", "7"},
        {"Q02", "[]"},
        {"Q02", "{\"answer\": 3}"},
        {"Q99", "\"no\""},
        {"Q02", "{\"say\": \"no\"}"},
        {"Q15", "{\"answer\": \"yes\", \"side\": \"up\"}"},
        {"Q02", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\", \"zone\": \"P01\"}]}"},
        {"Q18", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\"}]}"},
        {"Q18", "{\"answer\": \"yes\", \"places\": [{\"u\": 0.4, \"v\": 0.3}]}"},
        {"Q18", "{\"answer\": \"yes\", \"places\": [{\"side\": \"left\", \"u\": 40, \"v\": 3}]}"},
        {"Q18", "{\"answer\": \"no\", \"places\": [{\"side\": \"left\", \"u\": 0.4, \"v\": 0.3}]}"},
    };
    struct screening screening;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct problem why = {0};
        if (!judge_with(wrong[i][0], wrong[i][1], &screening, &why))
            fail_msg("%s %s was taken", wrong[i][0], wrong[i][1]);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, wrong[i][0]));
    }
}

static void heads_that_are_none_are_refused(void **state)
{
    static const char *const keys[] = {"schema", "person", "operator", "date", "answers"};
    struct screening screening;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (int how = 0; how < 3; how++) {
            json_t *file = healthy();
            struct problem why = {0};
            if (how == 0)
                json_object_del(file, keys[i]);
            else
                json_object_set_new(file, keys[i], how == 1 ? json_integer(4) : json_string(""));
            assert_int_equal(screening_judge(questions, file, &screening, &why), -1);
            assert_int_equal(why.kind, PROBLEM_REFUSED);
            json_decref(file);
        }
}

/* Names of conditions may stand here: it is about whom not to press. Promises may not. */
static void every_sentence_keeps_to_the_wording(void **state)
{
    char words[400];
    struct problem why = {0};
    int sentences = 0;

    (void)state;
    for (int i = 0; i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        assert_true(question->n_cites > 0);
        for (int k = 0; k < question->n_options; k++) {
            struct screening_reason reason = {.question = question,
                                              .option = &question->options[k]};
            screening_reason_words(&reason, words, sizeof words);
            if (wording_check_sourced(words, &why))
                fail_msg("%s", why.text);
            assert_true(strlen(words) < sizeof words - 1 && words[strlen(words) - 1] == ')');
            sentences++;
        }
    }
    print_message("%d sentences\n", sentences);
}

/* Each cite is a line of an article that is there and not blank. */
static void each_source_is_a_line_of_an_article(void **state)
{
    static const char *const files[] = {"000_e3ff95cf76c2cdce.txt", "001_1a6c41542fd8ee14.txt",
                                        "002_00130f31cd7b3a86.txt", "003_346f38224128c618.txt",
                                        "004_4c906b410b0b521e.txt"};
    int checked = 0;

    (void)state;
    for (int i = 0; i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        for (int c = 0; c < question->n_cites; c++) {
            unsigned article, line, at = 0;
            char path[128], text[8192] = "";
            if (sscanf(question->cites[c], "%3u:%u", &article, &line) != 2) {
                assert_string_equal(question->cites[c], "project");
                continue;
            }
            assert_true(article < 5);
            snprintf(path, sizeof path, "../shared/seeds/%s", files[article]);
            FILE *file = fopen(path, "r");
            if (!file) {
                print_message("the articles are not beside the project: not checked\n");
                skip();
            }
            while (at < line && fgets(text, sizeof text, file))
                at += strchr(text, '\n') != NULL || feof(file);
            fclose(file);
            if (at != line || strspn(text, " \r\n\t") == strlen(text))
                fail_msg("%s cites %s, which is blank", question->id, question->cites[c]);
            checked++;
        }
    }
    print_message("%d sources\n", checked);
}

static void the_recording_is_told(void **state)
{
    struct screening screening = judged(
        "Q18",
        "{\"answer\": \"yes\", \"places\": [{\"side\": \"right\", \"u\": 0.46, \"v\": 0.31}, "
        "{\"side\": \"left\", \"zone\": \"P07\"}]}");
    json_t *notes = screening_annotations(&screening), *document = screening_json(&screening);

    (void)state;
    assert_int_equal(json_array_size(notes), 3);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_array_get(notes, 0), "screening"), "person")),
                        "A-117");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_array_get(notes, 1), "note"), "kind")),
                        "wart");
    assert_non_null(json_object_get(json_array_get(notes, 2), "exclude"));
    assert_string_equal(json_string_value(json_object_get(document, "schema")),
                        "tenderfoot/screen/1");
    json_decref(notes);
    json_decref(document);
}

/* jansson's memory is failed as well as ours. */
static void *failing(size_t n)
{
    return malloc(n);
}

static void memory_may_fail_at_every_turn(void **state)
{
    struct screening screening = judged("Q09", "\"yes\"");
    struct problem why = {0};
    long n, failed = 1;

    (void)state;
    json_set_alloc_funcs(failing, free);
    for (n = 1; failed; n += 1 + n / 40) { /* each of the first ones, then ever fewer */
        failing_malloc_at(n);
        struct screening_questions *some = screening_questions_load(NULL, &why);
        failed = failing_malloc_off();
        /* What memory jansson did without is no matter; half of the questions would be. */
        assert_true(!some || screening_question_count(some) == 34);
        assert_true(failed || some);
        screening_questions_free(some);
    }
    assert_true(n > 100);
    for (n = 1, failed = 1; failed; n++) {
        failing_malloc_at(n);
        json_t *notes = screening_annotations(&screening);
        failed = failing_malloc_off();
        assert_true(failed || notes);
        assert_true(!notes || json_array_size(notes) == 8);
        json_decref(notes);
    }
    assert_true(n > 50);
    for (n = 1, failed = 1; failed; n++) {
        failing_malloc_at(n);
        json_t *document = screening_json(&screening);
        failed = failing_malloc_off();
        assert_true(failed || document);
        assert_true(!document || json_array_size(json_object_get(document, "excluded")) == 7);
        json_decref(document);
    }
}

/* What a file of answers says wrong is told with its place, and what to do about it. */
static void a_wrong_file_is_told_where(void **state)
{
    static const struct {
        const char *text, *where, *what;
    } cases[] = {
        {"{\"schema\": \"tenderfoot/screening/1\", \"person\": \"A\",\n\"operator\": 7}",
         ", line 2: ", "\"operator\" is no text in quotes"},
        {"{\"schema\": \"tenderfoot/screening/1\",\n \"operator\": \"B\"}",
         ", line 1: ", "\"person\" is missing"},
        {"{\"schema\": \"tenderfoot/screening/1\", \"person\": \"A\", \"operator\": \"B\",\n"
         "\"date\": \"2026-11-22\",\n\"mood\": \"good\", \"answers\": {}}",
         ", line 3: ", "\"mood\" has no meaning here"},
        {"{\"schema\": \"tenderfoot/screening/1\", \"person\": \"A\", \"operator\": \"B\",\n"
         "\"date\": \"2026-11-22T10:00:00Z\", \"answers\": {\n\"Q99\": \"no\"}}",
         ", line 3: ", "Q99: there is no such question"},
        {"{\"schema\": 1,\n", ", line 2: ", "not JSON"},
        {"[]", ", line 1: ", "an object in braces"},
    };
    struct screening screening;
    char path[] = "/tmp/tenderfoot-screening-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem why = {0};
        FILE *file = fopen(path, "w");
        assert_true(file && fputs(cases[i].text, file) >= 0 && !fclose(file));
        assert_int_equal(screening_load(questions, path, &screening, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        if (!strstr(why.text, cases[i].where) || !strstr(why.text, cases[i].what) ||
            !strstr(why.text, path) || !strstr(why.text, "tenderfoot screen -o"))
            fail_msg("%s", why.text);
    }
    close(fd);
    unlink(path);
}

/* One question of a clinic's own file, made wrong: what is said. */
static void questions_that_are_none_are_named(void **state)
{
    static const struct {
        const char *members, *said;
    } cases[] = {
        {"\"source\": \"project\"", NULL},
        {"\"source\": 7", "\"source\" must be a text"},
        {"\"sourc\": \"project\"", "sourc"},
        {"\"source\": \"project\", \"cites\": [\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
         "\"9\",\"10\",\"11\",\"12\"]",
         "at most 12 together"},
        {"\"source\": \"project\", \"options\": [{\"answer\": \"yes\", \"words\": \"yes\", "
         "\"effect\": \"STOP\"}]",
         "2 options"},
        {"\"source\": \"project\", \"options\": [{\"answer\": \"yes\", \"words\": 1}]",
         "\"words\" must be a text"},
    };
    char path[] = "/tmp/tenderfoot-questions-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct problem why = {0};
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(
            file,
            "{\"schema\": \"tenderfoot/screening-questions/1\", \"questions\": [{\"id\": "
            "\"Q01\", \"text\": \"Sores?\", \"kind\": \"choice\", \"unanswered\": \"yes\", %s%s}]}",
            strstr(cases[i].members, "options")
                ? ""
                : "\"options\": [{\"answer\": \"no\", \"words\": \"no\"}, {\"answer\": \"yes\", "
                  "\"words\": \"yes\", \"effect\": \"STOP\"}], ",
            cases[i].members);
        assert_int_equal(fclose(file), 0);
        struct screening_questions *some = screening_questions_load(path, &why);
        assert_true(!some == (cases[i].said != NULL));
        if (cases[i].said && !strstr(why.text, cases[i].said))
            fail_msg("%s", why.text);
        screening_questions_free(some);
    }
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_file_is_told_where),
        cmocka_unit_test(questions_that_are_none_are_named),
        cmocka_unit_test(a_healthy_adult_may_be_pressed),
        cmocka_unit_test(each_answer_forbids_what_the_table_says),
        cmocka_unit_test(silence_forbids_at_least_what_any_answer_does),
        cmocka_unit_test(one_foot_may_be_out_and_the_other_in),
        cmocka_unit_test(nobody_forbidden_is_asked_to_stand),
        cmocka_unit_test(only_a_doctor_unlocks),
        cmocka_unit_test(no_doctor_makes_a_child_pressed),
        cmocka_unit_test(convulsions_and_pressure_ban_the_points_of_the_head),
        cmocka_unit_test(a_wart_is_left_out_and_a_callus_noted),
        cmocka_unit_test(a_zone_that_the_chart_lacks_is_refused),
        cmocka_unit_test(it_holds_for_its_day_and_its_person),
        cmocka_unit_test(nonsense_is_refused_and_named),
        cmocka_unit_test(heads_that_are_none_are_refused),
        cmocka_unit_test(every_sentence_keeps_to_the_wording),
        cmocka_unit_test(each_source_is_a_line_of_an_article),
        cmocka_unit_test(the_recording_is_told),
        cmocka_unit_test(memory_may_fail_at_every_turn),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
