/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to what is forbidden: the strictest answer wins, silence counts as the strictest. */
#include "analysis/screen/screening.h"

#include "analysis/json_file.h"
#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/screening/1"

/* One answer of the file, taken apart. */
struct answer {
    const char *text; /* NULL = not answered */
    enum side side;   /* SIDE_UNKNOWN = both */
    const json_t *places;
    const char *doctor, *doctor_date;
};

static int refuse(struct problem *why, const char *id, const char *what)
{
    return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED, "screening: %s: %s",
                         id, what);
}

/* --- Dates and ages -------------------------------------------------------------------------- */

struct day {
    int year, month, day;
};

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

/* "2026-11-22", and whatever follows a T. */
static int read_day(const char *text, struct day *day)
{
    int used = 0;

    if (!text || sscanf(text, "%4d-%2d-%2d%n", &day->year, &day->month, &day->day, &used) != 3 ||
        used != 10 || (text[10] && text[10] != 'T'))
        return -1;
    if (day->year < 1850 || day->month < 1 || day->month > 12 || day->day < 1 ||
        day->day > days_of_month(day->year, day->month))
        return -1;
    return 0;
}

/* Whole years from birth to a day; negative when it lies ahead. */
static int years_between(const struct day *birth, const struct day *now)
{
    int before = now->month < birth->month || (now->month == birth->month && now->day < birth->day);

    return now->year - birth->year - before;
}

#define OLDEST_YEARS 130

int screening_is_day(const char *text, const char *today, int is_birth)
{
    struct day day, now;

    if (read_day(text, &day) || text[10] || read_day(today, &now))
        return 0;
    int years = years_between(&day, &now);
    return years >= 0 && (!is_birth || years <= OLDEST_YEARS);
}

static int option_of_age(const struct screening_question *question, int age)
{
    for (int i = 0; i < question->n_options; i++) {
        const struct screening_option *option = &question->options[i];

        if ((option->age_from < 0 || age >= option->age_from) &&
            (option->age_to < 0 || age <= option->age_to))
            return i;
    }
    return question->unanswered;
}

/* --- Reading answers ------------------------------------------------------------------------- */

static int read_side(const char *name, enum side *side)
{
    *side = SIDE_UNKNOWN;
    if (!name || !strcmp(name, "both"))
        return 0;
    if (!strcmp(name, "left"))
        *side = SIDE_LEFT;
    else if (!strcmp(name, "right"))
        *side = SIDE_RIGHT;
    else
        return -1;
    return 0;
}

static int read_answer(const json_t *answers, const char *id, struct answer *answer,
                       struct problem *why)
{
    json_t *entry = json_object_get(answers, id), *places = NULL;
    const char *side = NULL;
    json_error_t error;

    *answer = (struct answer){0};
    if (!entry || json_is_null(entry))
        return 0;
    if (json_is_string(entry)) {
        answer->text = json_string_value(entry);
        return 0;
    }
    if (json_unpack_ex(entry, &error, JSON_STRICT, "{s:s, s?s, s?o, s?{s:s, s:s}}", "answer",
                       &answer->text, "side", &side, "places", &places, "doctor", "by",
                       &answer->doctor, "date", &answer->doctor_date))
        return refuse(why, id, error.text);
    if (read_side(side, &answer->side))
        return refuse(why, id, "a side is left, right or both");
    if (places && !json_is_array(places))
        return refuse(why, id, "places are a list");
    answer->places = places;
    return 0;
}

/* Answers to questions that nobody asked would be lost without a word. */
static int check_known(const struct screening_questions *questions, json_t *answers,
                       struct problem *why)
{
    const char *id;
    json_t *entry;

    json_object_foreach(answers, id, entry)
    {
        int known = 0;
        for (int i = 0; i < screening_question_count(questions); i++)
            known |= !strcmp(screening_question(questions, i)->id, id);
        if (!known)
            return refuse(why, id, "there is no such question");
    }
    return 0;
}

/* --- What follows from one answer ------------------------------------------------------------ */

static void forbid(int allowed[3], enum side side)
{
    if (side == SIDE_UNKNOWN)
        allowed[SIDE_LEFT] = allowed[SIDE_RIGHT] = 0;
    else
        allowed[side] = 0;
}

static int is_lock(const struct screening_reason *reason)
{
    enum screening_effect effect = reason->option->effect;

    return effect == SCREENING_STOP || effect == SCREENING_STOP_ALL || effect == SCREENING_WAIT ||
           (effect == SCREENING_DOC && !reason->is_agreed);
}

static void apply(struct screening *screening, const struct screening_reason *reason)
{
    const struct screening_option *option = reason->option;

    if (is_lock(reason)) {
        forbid(screening->press_allowed, reason->side);
        forbid(screening->plan_allowed, reason->side);
    }
    if (option->effect == SCREENING_STOP_ALL || option->no_stand)
        forbid(screening->stand_allowed, reason->side);
    if (option->no_press)
        forbid(screening->press_allowed, SIDE_UNKNOWN);
    screening->with_support |= option->with_support;
    screening->light_only |= option->light_only;
    screening->not_comparable |= option->not_comparable;
}

static int add_ban(struct screening *screening, const struct route_ban *ban, int is_thick_skin,
                   struct problem *why)
{
    int *n = is_thick_skin ? &screening->n_thick_skin : &screening->n_bans;
    struct route_ban *bans = is_thick_skin ? screening->thick_skin : screening->bans;

    if (*n == SCREENING_BANS_MAX)
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: more than %d places are named", SCREENING_BANS_MAX);
    bans[(*n)++] = *ban;
    return 0;
}

static int ban_zones(struct screening *screening, const struct screening_reason *reason,
                     struct problem *why)
{
    for (int i = 0; i < reason->option->n_zones; i++) {
        struct route_ban ban = {.side = reason->side};

        snprintf(ban.zone, sizeof ban.zone, "%s", reason->option->zones[i]);
        snprintf(ban.why, sizeof ban.why, "%s", reason->question->id);
        if (add_ban(screening, &ban, reason->option->thick_skin, why))
            return -1;
    }
    return 0;
}

/* {"side": "left", "u": 0.46, "v": 0.3} or {"side": "left", "zone": "P07"}. */
static int read_place(json_t *object, const struct screening_reason *reason, struct route_ban *ban,
                      struct problem *why)
{
    const char *side = NULL, *zone = NULL;
    json_error_t error;

    *ban = (struct route_ban){.at = {NAN, NAN}, .radius_mm = reason->option->radius_mm};
    if (json_unpack_ex(object, &error, JSON_STRICT, "{s:s, s?s, s?F, s?F}", "side", &side, "zone",
                       &zone, "u", &ban->at.u, "v", &ban->at.v))
        return refuse(why, reason->question->id, error.text);
    if (read_side(side, &ban->side) || ban->side == SIDE_UNKNOWN)
        return refuse(why, reason->question->id, "a place is on the left or the right foot");
    int is_on_sole =
        ban->at.u >= -0.05 && ban->at.u <= 1.05 && ban->at.v >= -0.1 && ban->at.v <= 1.1;
    if (!zone && !is_on_sole)
        return refuse(why, reason->question->id, "a place needs a zone, or u and v on the sole");
    if (zone && strlen(zone) >= sizeof ban->zone)
        return refuse(why, reason->question->id, "a zone is named like P07");
    if (zone)
        strcpy(ban->zone, zone);
    snprintf(ban->why, sizeof ban->why, "%s", reason->question->id);
    return 0;
}

/* A place that forbids pressing but is not said where: nothing is pressed until it is. */
static int take_places(struct screening *screening, const struct screening_reason *reason,
                       const json_t *places, struct problem *why)
{
    size_t i;
    json_t *object;

    if (!reason->option->asks_places)
        return places ? refuse(why, reason->question->id, "no place is asked for here") : 0;
    if (!json_array_size(places) && !reason->option->thick_skin) {
        forbid(screening->press_allowed, reason->side);
        forbid(screening->plan_allowed, reason->side);
        return 0;
    }
    json_array_foreach(places, i, object)
    {
        struct route_ban ban;

        if (read_place(object, reason, &ban, why) ||
            add_ban(screening, &ban, reason->option->thick_skin, why))
            return -1;
    }
    return 0;
}

static int take_doctor(const struct screening *screening, const struct answer *answer,
                       struct screening_reason *reason, struct problem *why)
{
    struct day agreed, asked;

    if (!answer->doctor)
        return 0;
    if (reason->option->effect != SCREENING_DOC)
        return refuse(why, reason->question->id,
                      "a doctor's agreement does not change this answer");
    if (!*answer->doctor || strlen(answer->doctor) >= sizeof reason->doctor)
        return refuse(why, reason->question->id, "say by whom (to 63 bytes)");
    if (read_day(answer->doctor_date, &agreed) || answer->doctor_date[10] ||
        read_day(screening->date, &asked) || years_between(&agreed, &asked) < 0)
        return refuse(why, reason->question->id,
                      "the doctor's agreement has a date like 2026-11-02, not after the screening");
    reason->is_agreed = 1;
    strcpy(reason->doctor, answer->doctor);
    strcpy(reason->doctor_date, answer->doctor_date);
    return 0;
}

/* --- One question ---------------------------------------------------------------------------- */

static int choose_by_age(const struct screening_question *question, const char *text,
                         struct screening *screening, struct problem *why)
{
    struct day birth, asked;

    read_day(screening->date, &asked);
    if (read_day(text, &birth) || text[10])
        return refuse(why, question->id, "a date of birth is written like 1980-02-11");
    screening->age_years = years_between(&birth, &asked);
    if (screening->age_years < 0 || screening->age_years > OLDEST_YEARS)
        return refuse(why, question->id, "nobody was born on that day");
    return option_of_age(question, screening->age_years);
}

static int choose(const struct screening_question *question, const char *text,
                  struct screening *screening, struct problem *why)
{
    if (question->is_date)
        return choose_by_age(question, text, screening, why);
    for (int i = 0; i < question->n_options; i++)
        if (!strcmp(question->options[i].answer, text))
            return i;
    return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                         "screening: %s: '%.40s' is none of its answers (%s, %s...)", question->id,
                         text, question->options[0].answer, question->options[1].answer);
}

static int judge_question(const struct screening_question *question, const json_t *answers,
                          struct screening *screening, struct problem *why)
{
    struct screening_reason reason = {.question = question};
    struct answer answer;
    int chosen = question->unanswered;

    if (read_answer(answers, question->id, &answer, why))
        return -1;
    if (answer.text)
        chosen = choose(question, answer.text, screening, why);
    if (chosen < 0)
        return -1;
    reason.option = &question->options[chosen];
    reason.is_unanswered = !answer.text;
    reason.side = reason.option->per_foot ? answer.side : SIDE_UNKNOWN;
    if (!reason.option->effect) {
        if (answer.doctor || answer.places)
            return refuse(why, question->id, "this answer needs no more than itself");
        return 0;
    }
    if (screening->n_reasons == SCREENING_REASONS_MAX)
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: more than %d answers forbid something",
                             SCREENING_REASONS_MAX);
    if (take_doctor(screening, &answer, &reason, why))
        return -1;
    apply(screening, &reason);
    screening->reasons[screening->n_reasons++] = reason;
    return ban_zones(screening, &reason, why) || take_places(screening, &reason, answer.places, why)
               ? -1
               : 0;
}

/* --- The whole ------------------------------------------------------------------------------- */

static int copy_text(char *to, size_t cap, const char *from, const char *what, struct problem *why)
{
    if (!*from || strlen(from) >= cap)
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: \"%s\" is a text of 1 to %zu bytes", what, cap - 1);
    strcpy(to, from);
    return 0;
}

/* Which key of the head is wrong, and how; the unpacking alone does not say. */
static int refuse_head(const json_t *file, struct problem *why)
{
    static const char *const texts[] = {"schema", "person", "operator", "date"};
    const char *key;
    json_t *value;

    if (!json_is_object(file))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: an object in braces is meant");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!json_is_string(json_object_get(file, texts[i])))
            return problem_coded(
                why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED, "screening: the key \"%s\" %s",
                texts[i], json_object_get(file, texts[i]) ? "is no text in quotes" : "is missing");
    json_object_foreach((json_t *)file, key, value)
    {
        int known =
            !strcmp(key, "sex") || !strcmp(key, "answers") || !strcmp(key, "heel_pain_walking");
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
            known |= !strcmp(key, texts[i]);
        if (!known)
            return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                                 "screening: the key \"%.40s\" has no meaning here: leave it out",
                                 key);
    }
    return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                         "screening: the key \"%s\" is missing or no text",
                         !json_object_get(file, "answers")              ? "answers"
                         : json_is_string(json_object_get(file, "sex")) ? "heel_pain_walking"
                                                                        : "sex");
}

static int read_head(const json_t *file, struct screening *screening, json_t **answers,
                     struct problem *why)
{
    const char *schema, *person, *by, *date, *sex = "", *heel = "";
    struct day day;
    json_error_t error;

    if (json_unpack_ex((json_t *)file, &error, JSON_STRICT, "{s:s, s:s, s:s, s:s, s?s, s?s, s:o}",
                       "schema", &schema, "person", &person, "operator", &by, "date", &date, "sex",
                       &sex, "heel_pain_walking", &heel, "answers", answers))
        return refuse_head(file, why);
    if (strcmp(schema, SCHEMA))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: the key \"schema\" is not \"%s\"", SCHEMA);
    if (strcmp(sex, "") && strcmp(sex, "female") && strcmp(sex, "male"))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: \"sex\" is female or male, or left out");
    screening->is_female = !strcmp(sex, "female");
    if (strcmp(heel, "") && strcmp(heel, "no") && strcmp(heel, "left") && strcmp(heel, "right") &&
        strcmp(heel, "both"))
        return problem_coded(
            why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
            "screening: \"heel_pain_walking\" is no, left, right or both, or left out");
    strcpy(screening->heel_pain_walking, heel);
    if (copy_text(screening->person, sizeof screening->person, person, "person", why) ||
        copy_text(screening->operator_name, sizeof screening->operator_name, by, "operator", why) ||
        copy_text(screening->date, sizeof screening->date, date, "date", why))
        return -1;
    if (read_day(date, &day) || !date[10])
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: the key \"date\" is not like 2026-11-22T10:05:00+01:00");
    if (!json_is_object(*answers))
        return problem_coded(why, PROBLEM_CODE_SCREENING_WRONG, PROBLEM_REFUSED,
                             "screening: the key \"answers\" is no object in braces, Q01 to Q34");
    return 0;
}

static void allow_all(int allowed[3])
{
    allowed[SIDE_UNKNOWN] = allowed[SIDE_LEFT] = allowed[SIDE_RIGHT] = 1;
}

static void sum_up(int allowed[3])
{
    allowed[SIDE_UNKNOWN] = allowed[SIDE_LEFT] || allowed[SIDE_RIGHT];
}

int screening_judge(const struct screening_questions *questions, const json_t *file,
                    struct screening *screening, struct problem *why)
{
    json_t *answers = NULL;

    *screening = (struct screening){.age_years = -1};
    allow_all(screening->stand_allowed);
    allow_all(screening->press_allowed);
    allow_all(screening->plan_allowed);
    if (read_head(file, screening, &answers, why) || check_known(questions, answers, why))
        return -1;
    for (int i = 0; i < screening_question_count(questions); i++)
        if (judge_question(screening_question(questions, i), answers, screening, why))
            return -1;
    sum_up(screening->stand_allowed);
    sum_up(screening->press_allowed);
    sum_up(screening->plan_allowed);
    return 0;
}

/* --- Where in the file ----------------------------------------------------------------------- */

/* The key that a sentence names: the first in quotes, else the first like Q07. */
static int key_of(const char *sentence, char *key, size_t cap)
{
    const char *quote = strchr(sentence, '"');

    if (quote && strchr(quote + 1, '"')) {
        snprintf(key, cap, "%.*s\"", (int)(strchr(quote + 1, '"') - quote), quote);
        return 1;
    }
    for (const char *at = strchr(sentence, 'Q'); at; at = strchr(at + 1, 'Q'))
        if (strspn(at + 1, "0123456789") == 2) {
            snprintf(key, cap, "\"%.3s\"", at);
            return 1;
        }
    return 0;
}

/* The line of a key; 1 where it is not found: that is where one that is missing goes. */
static int line_of(const char *path, const char *key)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t cap = 0;
    int line = 1, found = 1;

    for (; file && getline(&text, &cap, file) >= 0; line++)
        if (strstr(text, key)) {
            found = line;
            break;
        }
    free(text);
    if (file)
        fclose(file);
    return found;
}

/* What is wrong, in which line, and what to do about it. */
static int say_where(const char *path, struct problem *why)
{
    struct problem what = *why;
    const char *sentence = what.text;
    char key[48];

    if (!strncmp(sentence, "screening: ", 11))
        sentence += 11;
    int line = key_of(sentence, key, sizeof key) ? line_of(path, key) : 1;
    return problem(why, what.kind,
                   "%s, line %d: %s. Mend it, or ask anew: 'tenderfoot screen -o NEW'", path, line,
                   sentence);
}

int screening_load(const struct screening_questions *questions, const char *path,
                   struct screening *screening, struct problem *why)
{
    struct problem at_load = {0};
    json_t *file = json_file_load(path, &at_load);
    int status;

    if (!file)
        return problem(why, at_load.kind,
                       at_load.kind == PROBLEM_FAILED
                           ? "%s; answers are asked and kept by 'tenderfoot screen -o FILE'"
                           : "%s. Mend it, or ask anew: 'tenderfoot screen -o NEW'",
                       at_load.text);
    status = screening_judge(questions, file, screening, why);
    json_decref(file);
    if (status && why->kind == PROBLEM_REFUSED)
        say_where(path, why);
    return status;
}

static const struct screening_reason *first_lock(const struct screening *screening, enum side side)
{
    const struct screening_reason *lock = NULL;

    for (int i = 0; i < screening->n_reasons; i++) {
        const struct screening_reason *reason = &screening->reasons[i];
        int here = side == SIDE_UNKNOWN || reason->side == SIDE_UNKNOWN || reason->side == side;
        int locks = is_lock(reason) || reason->option->no_press ||
                    (reason->option->asks_places && !reason->option->thick_skin);
        if (here && locks && (!lock || reason->option->effect > lock->option->effect))
            lock = reason;
    }
    return lock;
}

const char *screening_lock_words(const struct screening *screening, char *text, size_t cap)
{
    const struct screening_reason *lock = first_lock(screening, SIDE_UNKNOWN);

    if (lock)
        return screening_reason_words(lock, text, cap);
    snprintf(text, cap, "the screening does not allow it");
    return text;
}

int screening_holds(const struct screening *screening, const char *today, const char *person,
                    struct problem *why)
{
    if (strncmp(screening->date, today, 10) > 0)
        return problem_coded(why, PROBLEM_CODE_SCREENING_OLD, PROBLEM_REFUSED,
                             "the screening is of %.10s, and today is %.10s: a day that lies ahead "
                             "was not asked on; look at the clock, and ask again ('tenderfoot "
                             "screen')",
                             screening->date, today);
    if (strncmp(screening->date, today, 10))
        return problem_coded(
            why, PROBLEM_CODE_SCREENING_OLD, PROBLEM_REFUSED,
            "the screening is of %.10s and holds for that day only; today is %.10s: ask "
            "again ('tenderfoot screen')",
            screening->date, today);
    if (person && strcmp(screening->person, person))
        return problem_coded(
            why, PROBLEM_CODE_SCREENING_OF_ANOTHER, PROBLEM_REFUSED,
            "the screening is of %s, not of %s: ask this person ('tenderfoot screen --person "
            "LABEL'), or take the recording or label that belongs to the screening",
            screening->person, person);
    return 0;
}

int screening_permits_press(const struct screening *screening, const char *today,
                            const char *person, enum side side, struct problem *why)
{
    char words[300];

    if (screening_holds(screening, today, person, why))
        return -1;
    if (screening->press_allowed[side])
        return 0;
    const struct screening_reason *lock = first_lock(screening, side);
    return problem_coded(why, PROBLEM_CODE_SCREENING_STOP, PROBLEM_REFUSED, "no press test%s: %s",
                         side == SIDE_LEFT    ? " of the left foot"
                         : side == SIDE_RIGHT ? " of the right foot"
                                              : "",
                         lock ? screening_reason_words(lock, words, sizeof words) : "not allowed");
}

/* STOP-ALL, or nobody can stand: of this foot, or (SIDE_UNKNOWN) of either. */
static const struct screening_reason *stand_lock(const struct screening *screening, enum side side)
{
    for (int i = 0; i < screening->n_reasons; i++) {
        const struct screening_reason *reason = &screening->reasons[i];
        const struct screening_option *option = reason->option;

        if ((option->effect == SCREENING_STOP_ALL || option->no_stand) &&
            (side == SIDE_UNKNOWN || reason->side == SIDE_UNKNOWN || reason->side == side))
            return reason;
    }
    return NULL;
}

int screening_permits_stand(const struct screening *screening, const char *today,
                            const char *person, enum side side, struct problem *why)
{
    const struct screening_reason *lock = stand_lock(screening, side);
    char words[300];

    if (screening_holds(screening, today, person, why))
        return -1;
    if (!lock)
        return 0;
    return problem_coded(why, PROBLEM_CODE_SCREENING_NO_STANDING, PROBLEM_REFUSED,
                         "nobody is asked to stand or walk on %s: %s",
                         side == SIDE_LEFT    ? "the left foot"
                         : side == SIDE_RIGHT ? "the right foot"
                                              : "both feet",
                         screening_reason_words(lock, words, sizeof words));
}
