/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/words.h"

#include "analysis/report/words_builtin.h"

#include <string.h>

/* Offsets of the file's head, in words of 32 bits. */
enum { MO_COUNT = 2, MO_IDS = 3, MO_STRINGS = 4 };

static const struct {
    const char *code;
    const uint32_t *catalogue;
    char decimal;
} languages[WORDS_LANGUAGES] = {
    [WORDS_ENGLISH] = {"en", NULL, '.'},
    [WORDS_GERMAN] = {"de", words_de, ','},
    [WORDS_RUSSIAN] = {"ru", words_ru, ','},
};

static _Thread_local enum words_language used;

int words_language_of(const char *code, enum words_language *language, struct problem *why)
{
    for (int i = 0; i < WORDS_LANGUAGES; i++)
        if (!strcmp(code, languages[i].code)) {
            *language = (enum words_language)i;
            return 0;
        }
    return problem(why, PROBLEM_USAGE, "%.20s: a report can be in en, de or ru", code);
}

const char *words_code(enum words_language language)
{
    return languages[language].code;
}

enum words_language words_use(enum words_language language)
{
    enum words_language before = used;

    used = language;
    return before;
}

enum words_language words_used(void)
{
    return used;
}

char words_decimal(void)
{
    return languages[used].decimal;
}

int words_count(enum words_language language)
{
    const uint32_t *catalogue = languages[language].catalogue;

    return catalogue ? (int)catalogue[MO_COUNT] : 0;
}

/* Each table holds pairs of length and offset. */
static const char *string_at(const uint32_t *catalogue, int table, int i, size_t *n)
{
    const uint32_t *pair = catalogue + catalogue[table] / 4 + 2 * i;

    *n = pair[0];
    return (const char *)catalogue + pair[1];
}

static const char *entry_of(const uint32_t *catalogue, int i, const char **translated, size_t *n)
{
    size_t length;

    *translated = string_at(catalogue, MO_STRINGS, i, n);
    return string_at(catalogue, MO_IDS, i, &length);
}

const char *words_entry(enum words_language language, int i, const char **translated, size_t *n)
{
    return entry_of(languages[language].catalogue, i, translated, n);
}

/* The ids are sorted; one with a plural is found by its singular, which ends it for strcmp. */
static const char *find_in(const uint32_t *catalogue, const char *english, size_t *n)
{
    int low = 0, high = catalogue ? (int)catalogue[MO_COUNT] - 1 : -1;

    while (low <= high) {
        int middle = (low + high) / 2;
        const char *translated;
        const char *id = entry_of(catalogue, middle, &translated, n);
        int order = strcmp(english, id);
        if (!order)
            return *translated ? translated : NULL;
        *(order < 0 ? &high : &low) = order < 0 ? middle - 1 : middle + 1;
    }
    return NULL;
}

static const char *find(const char *english, size_t *n)
{
    return find_in(languages[used].catalogue, english, n);
}

const char *words_find_in(const uint32_t *catalogue, const char *id)
{
    size_t n;

    return find_in(catalogue, id, &n);
}

const char *words_tr(const char *english)
{
    size_t n;
    const char *found = used == WORDS_ENGLISH || !english || !*english ? NULL : find(english, &n);

    return found ? found : english;
}

/* The rules of the catalogues' heads ("Plural-Forms"). */
static int plural_form(enum words_language language, unsigned long n)
{
    if (language != WORDS_RUSSIAN)
        return n != 1;
    if (n % 10 == 1 && n % 100 != 11)
        return 0;
    return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}

const char *words_plural(const char *one, const char *many, unsigned long n)
{
    size_t left = 0;
    const char *form = used == WORDS_ENGLISH ? NULL : find(one, &left);
    const char *end = form ? form + left : NULL;

    for (int i = plural_form(used, n); form && i > 0; i--) {
        form += strlen(form) + 1;
        if (form >= end)
            form = NULL;
    }
    return form ? form : n == 1 ? one : many;
}
