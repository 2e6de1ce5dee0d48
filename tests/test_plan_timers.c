/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timers of a massage plan in the terminal: a person answers what is told, at twenty thousand
 * times the speed. Each point, the foot against its limit, the session, and the rest after pain
 * that stays (reflexology R27, 5.4). */
#include "analysis/report/words.h"
#include "driver/plan_lead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ctype.h>
#include <cmocka.h>

#define SPEED 20000.0

/* What is typed when something is told: each answer once, in order. */
struct answer {
    const char *to, *key;
};

struct person {
    char told[20000];
    size_t n;
    const struct answer *answers;
    int given, keyboard[2];
};

static ssize_t hear(void *cookie, const char *bytes, size_t n)
{
    struct person *person = cookie;
    const struct answer *answer = &person->answers[person->given];

    assert_true(person->n + n < sizeof person->told);
    memcpy(person->told + person->n, bytes, n);
    const char *news = person->told + person->n;
    person->n += n;
    if (answer->to && strstr(news, answer->to)) {
        assert_int_equal(write(person->keyboard[1], answer->key, strlen(answer->key)),
                         strlen(answer->key));
        person->given++;
    }
    return (ssize_t)n;
}

static struct plan_rules *rules;
static struct atlas *atlas;

static int load(void **state)
{
    struct problem why = {0};

    (void)state;
    rules = plan_rules_load(NULL, &why);
    atlas = atlas_load(NULL, &why);
    return rules && atlas ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    plan_rules_free(rules);
    atlas_free(atlas);
    return 0;
}

/* Points of the left foot only. */
static struct massage_plan plan_of(const char *const *zones, int n, int painful)
{
    struct massage_plan plan = {.rules = rules, .allowed = 1, .foot_allowed = {0, 1, 0}};

    for (int i = 0; i < n; i++) {
        const struct plan_zone_rule *rule = plan_rules_zone(rules, zones[i]);
        plan.points[plan.n_points++] = (struct plan_point){.zones = {atlas_find(atlas, zones[i])},
                                                           .n_zones = 1,
                                                           .side = SIDE_LEFT,
                                                           .rule = rule,
                                                           .direction = rule->direction,
                                                           .is_painful = painful,
                                                           .seconds = rule->seconds_max};
    }
    return plan;
}

static void lead_with(struct person *person, const struct massage_plan *plan,
                      const struct answer *answers)
{
    cookie_io_functions_t functions = {.write = hear};

    *person = (struct person){.answers = answers};
    assert_int_equal(pipe(person->keyboard), 0);
    FILE *out = fopencookie(person, "w", functions);
    assert_non_null(out);
    plan_lead(plan,
              &(struct plan_timer){
                  .keyboard_fd = person->keyboard[0], .stop_fd = -1, .out = out, .speed = SPEED});
    fclose(out);
    close(person->keyboard[0]);
    close(person->keyboard[1]);
}

static int count(const struct person *person, const char *words)
{
    int n = 0;

    for (const char *at = person->told; (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* Seconds on a clock in the line below these words: "session 2:31 of 20:00" -> 151. */
static int clock_after(const struct person *person, const char *words, const char *name)
{
    const char *line = strstr(person->told, words);
    int minutes, seconds;

    assert_non_null(line);
    line = strchr(line, '\n');
    const char *at = strstr(line, name);
    assert_true(at && at < strchr(line + 1, '\n'));
    assert_int_equal(sscanf(at + strlen(name), " %d:%d", &minutes, &seconds), 2);
    return 60 * minutes + seconds;
}

static void foot_and_session_have_their_clocks(void **state)
{
    static const char *const zones[] = {"P07", "P10"};
    static const struct answer silent[1] = {{0}};
    struct person person;
    struct massage_plan plan = plan_of(zones, 2, 0);

    (void)state;
    lead_with(&person, &plan, silent);
    assert_non_null(strstr(person.told, "Done."));
    assert_int_equal(clock_after(&person, "P07 left", "left foot"), 0);
    /* One point of 90 s is done; at this speed a clock runs on by some seconds between. */
    assert_in_range(clock_after(&person, "P10 left", "left foot"), 90, 100);
    /* Warm-up 2 min, toes 2 min, the point. */
    assert_in_range(clock_after(&person, "P10 left", "session"), 330, 390);
    assert_non_null(strstr(person.told, "of 10:00"));
    assert_int_equal(count(&person, "does pain stay"), 0);
}

static void pain_that_stays_rests_and_begins_again_once(void **state)
{
    static const char *const zones[] = {"P07", "P10"};
    static const struct answer answers[] = {{"P07 left", "p\n"},
                                            {"Rest 2 to 3 minutes", "\n"}, /* is not cut short */
                                            {"does pain stay", "p\n"},
                                            {NULL, NULL}};
    struct person person;
    struct massage_plan plan = plan_of(zones, 2, 1);

    (void)state;
    lead_with(&person, &plan, answers);
    assert_int_equal(count(&person, "Rest 2 to 3 minutes [000:274]"), 2);
    assert_int_equal(count(&person, "Again, beginning with kneading: P07 left"), 1);
    assert_int_equal(count(&person, "Pain stayed again"), 1);
    assert_int_equal(count(&person, "does pain stay"), 2); /* the second after P10: no answer, no */
    int first = clock_after(&person, "Rest 2 to 3 minutes", "session");
    int again = clock_after(&person, "Again, beginning", "session");
    assert_true(again - first >= 120);
    /* The rest is no work on the foot. */
    assert_true(clock_after(&person, "Again, beginning", "left foot") < 90);
    assert_non_null(strstr(person.told, "Done."));
}

static void a_foot_has_no_more_than_its_time(void **state)
{
    static const char *const zones[] = {"P01", "P02", "P03", "P07", "P10", "P12"};
    static const struct answer answers[] = {{"does pain stay", ""},
                                            {"does pain stay", ""},
                                            {"does pain stay", ""},
                                            {"does pain stay", ""},
                                            {"does pain stay", ""},
                                            {"does pain stay", "p\n"},
                                            {NULL, NULL}};
    struct person person;
    struct massage_plan plan = plan_of(zones, 6, 1); /* 9 of 10 minutes */

    (void)state;
    lead_with(&person, &plan, answers);
    assert_int_equal(count(&person, "The left foot's time is up: this point is left for next time"),
                     1);
    assert_int_equal(count(&person, "Again"), 0);
    assert_non_null(strstr(person.told, "Done."));
}

static void q_ends_it_all(void **state)
{
    static const char *const zones[] = {"P07"};
    static const struct answer answers[] = {
        {"P07 left", "p\n"}, {"Rest 2 to 3 minutes", "q\n"}, {NULL, NULL}};
    struct person person;
    struct massage_plan plan = plan_of(zones, 1, 0);

    (void)state;
    lead_with(&person, &plan, answers);
    assert_non_null(strstr(person.told, "Ended."));
    assert_null(strstr(person.told, "Again"));
}

/* The first word of four Latin letters or more but the key's name; NULL = none. */
static const char *latin_word(const char *text)
{
    for (const char *at = text; *at; at++) {
        size_t n = 0;
        while (isalpha((unsigned char)at[n]))
            n++;
        if (n >= 4 && strncmp(at, "Enter", n))
            return at;
        at += n ? n - 1 : 0;
    }
    return NULL;
}

/* All that the timers say, in the thread's language: points, rests, clocks and keys. */
static void timers_speak_the_language(void **state)
{
    static const char *const zones[] = {"P07", "P10"};
    static const struct answer answers[] = {{"P07 левая", "p\n"},
                                            {"Отдых от 2 до 3 минут", "\n"},
                                            {"боль осталась", "p\n"},
                                            {NULL, NULL}};
    struct person person;
    struct massage_plan plan = plan_of(zones, 2, 1);

    (void)state;
    words_use(WORDS_RUSSIAN);
    lead_with(&person, &plan, answers);
    words_use(WORDS_ENGLISH);
    assert_int_equal(count(&person, "Отдых от 2 до 3 минут [000:274]"), 2);
    assert_int_equal(count(&person, "Ещё раз, начиная с разминания: P07 левая"), 1);
    assert_int_equal(count(&person, "Боль снова осталась"), 1);
    clock_after(&person, "Отдых от 2 до 3 минут", "сеанс");
    clock_after(&person, "Ещё раз", "левая стопа");
    assert_non_null(strstr(person.told, "Готово."));
    if (latin_word(person.told))
        fail_msg("in Russian: ...%.60s", latin_word(person.told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foot_and_session_have_their_clocks),
        cmocka_unit_test(pain_that_stays_rests_and_begins_again_once),
        cmocka_unit_test(a_foot_has_no_more_than_its_time),
        cmocka_unit_test(q_ends_it_all),
        cmocka_unit_test(timers_speak_the_language),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
