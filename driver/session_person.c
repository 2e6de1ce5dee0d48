/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/session_person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take_text(const json_t *client, const char *key, char *text, size_t size)
{
    const char *stated = json_string_value(json_object_get(client, key));
    snprintf(text, size, "%s", stated && strlen(stated) < size ? stated : "");
}

static void drop_spaces_behind(char *text)
{
    for (size_t n = strlen(text); n && text[n - 1] == ' ';)
        text[--n] = '\0';
}

/* "(4711)" at the end of `name` becomes the number and goes. */
static void split_number(char *name, char *number, size_t size)
{
    size_t n = strlen(name);
    char *open = strrchr(name, '(');
    if (!open || n < 3 || name[n - 1] != ')')
        return;
    size_t digits = (size_t)(name + n - 1 - (open + 1));
    if (digits == 0 || digits >= size || strchr(open, ' '))
        return; /* words in brackets are no number */
    memcpy(number, open + 1, digits);
    number[digits] = '\0';
    *open = '\0';
    drop_spaces_behind(name);
}

static void split_name(struct session_person *out)
{
    char *comma;
    snprintf(out->family_name, sizeof out->family_name, "%s", out->label);
    split_number(out->family_name, out->number, sizeof out->number);
    comma = strchr(out->family_name, ',');
    if (!comma)
        return;
    snprintf(out->given_name, sizeof out->given_name, "%s", comma + 1 + strspn(comma + 1, " "));
    *comma = '\0';
    drop_spaces_behind(out->family_name);
}

/* A date is answered plainly, or as the member "answer" of an object. */
static const char *stated_birth(const json_t *screening)
{
    const json_t *answers = json_object_get(json_object_get(screening, "document"), "answers");
    const json_t *answer = json_object_get(answers, "Q01");
    return json_string_value(json_is_object(answer) ? json_object_get(answer, "answer") : answer);
}

static void take_birth(const json_t *client, struct session_person *out)
{
    const json_t *screenings = json_object_get(client, "screenings"), *one;
    json_int_t born = json_integer_value(json_object_get(client, "birth_year"));
    int year, month, day;
    const char *newest = "";
    size_t i;
    if (born)
        snprintf(out->born, sizeof out->born, "%d", (int)(born % 10000));
    json_array_foreach(screenings, i, one)
    {
        const char *date = stated_birth(one), *on = json_string_value(json_object_get(one, "day"));
        if (!date || !on || strcmp(on, newest) < 0 || !document_date(date, &year, &month, &day) ||
            (born && born != year))
            continue;
        newest = on;
        snprintf(out->born, sizeof out->born, "%.10s", date);
    }
}

void session_person_of(const json_t *client, struct session_person *out)
{
    *out = (struct session_person){0};
    take_text(client, "label", out->label, sizeof out->label);
    take_text(client, "sex", out->sex, sizeof out->sex);
    split_name(out);
    take_birth(client, out);
}

static const char *known(const char *text)
{
    return *text ? text : NULL;
}

struct document_person session_person_document(const struct session_person *person)
{
    int is_day = strlen(person->born) == 10;
    return (struct document_person){.number = known(person->number),
                                    .family_name = known(person->family_name),
                                    .given_name = known(person->given_name),
                                    .born = is_day ? person->born : NULL,
                                    .born_year = is_day ? NULL : known(person->born),
                                    .sex = known(person->sex)};
}
