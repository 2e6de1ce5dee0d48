/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's words: driver/web/words.js has the English ones, driver/web/po those of the other
 * languages. Each key has its words in each language, in every form of its plural, with the same
 * places to fill in; what the scripts ask for is there; and all of it keeps to the allowed words.
 */
#include "analysis/wording.h"
#include "firmware/wire/problem_code.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 2000, FORMS_MAX = 3 };

struct word {
    char *key, *form[FORMS_MAX], *english[2];
    int forms, n_english;
};

struct language {
    const char *code, *path;
    struct word word[WORDS_MAX];
    int n;
};

static struct language english = {.code = "en", .path = "driver/web/words.js"};
static struct language german = {.code = "de", .path = "driver/web/po/de.po"};
static struct language russian = {.code = "ru", .path = "driver/web/po/ru.po"};

/* --- Reading ---------------------------------------------------------------------------------- */

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
    fclose(file);
    return text;
}

/* The next "..." of a line, without its backslashes; *at goes behind it. NULL: none is left. */
static char *take_quoted(const char **at)
{
    const char *from = *at + strcspn(*at, "\"\n");
    char *text = NULL;
    size_t n = 0;

    if (*from != '"')
        return NULL;
    text = calloc(1, strcspn(from, "\n") + 1);
    assert_non_null(text);
    for (from++; *from != '"' && *from; from++) {
        from += *from == '\\';
        text[n++] = *from;
    }
    *at = from + 1;
    return text;
}

static struct word *new_word(struct language *language)
{
    assert_true(language->n < WORDS_MAX);
    return &language->word[language->n++];
}

/* A line `  "key": "words",` or `  "key": ["one", "many"],`. */
static void read_script_line(const char *line)
{
    if (strncmp(line, "  \"", 3))
        return;
    struct word *word = new_word(&english);
    word->key = take_quoted(&line);
    while (word->forms < 2 && (word->form[word->forms] = take_quoted(&line)))
        word->forms++;
    assert_true(word->forms > 0);
}

static void read_po_line(struct language *language, const char *line)
{
    struct word *word = language->n ? &language->word[language->n - 1] : NULL;

    if (!strncmp(line, "msgctxt", 7))
        new_word(language)->key = take_quoted(&line);
    else if (word && !strncmp(line, "msgid", 5) && word->n_english < 2)
        word->english[word->n_english++] = take_quoted(&line);
    else if (word && !strncmp(line, "msgstr", 6) && word->forms < FORMS_MAX)
        word->form[word->forms++] = take_quoted(&line);
    else if (word && *line == '"')
        fail_msg("%s: '%s' goes over several lines: one is meant", language->path, word->key);
}

static void read_language(struct language *language)
{
    char *text = read_all(language->path);

    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (language == &english)
            read_script_line(line);
        else
            read_po_line(language, line);
    free(text);
}

static int read_languages(void **state)
{
    (void)state;
    read_language(&english);
    read_language(&german);
    read_language(&russian);
    return 0;
}

static void free_language(struct language *language)
{
    for (int i = 0; i < language->n; i++) {
        free(language->word[i].key);
        for (int k = 0; k < FORMS_MAX; k++)
            free(language->word[i].form[k]);
        for (int k = 0; k < 2; k++)
            free(language->word[i].english[k]);
    }
}

static int free_languages(void **state)
{
    (void)state;
    free_language(&english);
    free_language(&german);
    free_language(&russian);
    return 0;
}

static const struct word *find(const struct language *language, const char *key)
{
    for (int i = 0; i < language->n; i++)
        if (!strcmp(language->word[i].key, key))
            return &language->word[i];
    return NULL;
}

/* --- Whole ------------------------------------------------------------------------------------ */

/* The {names} of `text` that `other` lacks. */
static int lacks_a_place(const char *text, const char *other)
{
    char name[40];

    for (const char *at = text; (at = strchr(at, '{')); at++) {
        size_t n = strcspn(at, "}") + 1;
        assert_true(n < sizeof name);
        snprintf(name, n + 1, "%s", at);
        if (!strstr(other, name))
            return 1;
    }
    return 0;
}

static void check_translated(const struct language *language, const struct word *word, int forms)
{
    const struct word *other = find(language, word->key);

    if (!other)
        fail_msg("%s: no words for '%s'", language->path, word->key);
    if (other->n_english != word->forms || strcmp(other->english[0], word->form[0]) ||
        (word->forms > 1 && strcmp(other->english[1], word->form[1])))
        fail_msg("%s: '%s' stands beside other English words", language->path, word->key);
    if (other->forms != (word->forms > 1 ? forms : 1))
        fail_msg("%s: '%s' has %d forms", language->path, word->key, other->forms);
    for (int i = 0; i < other->forms; i++) {
        const char *most = word->form[word->forms - 1];
        if (!other->form[i] || !*other->form[i])
            fail_msg("%s: '%s' is empty", language->path, word->key);
        if (lacks_a_place(other->form[i], most) || lacks_a_place(most, other->form[i]))
            fail_msg("%s: '%s' has other places to fill in", language->path, word->key);
    }
}

static void test_each_key_has_its_words_in_each_language(void **state)
{
    (void)state;
    assert_true(english.n > 400);
    assert_int_equal(german.n, english.n);
    assert_int_equal(russian.n, english.n);
    for (int i = 0; i < english.n; i++) {
        check_translated(&german, &english.word[i], 2);
        check_translated(&russian, &english.word[i], 3);
    }
}

/* Keys that a script has whole: t("..."), button("..."), field("..."), fact("..."), and what
 * stands behind the pattern of a sentence: /^.../, "...". */
static int check_asked(const char *path)
{
    static const char *const calls[] = {"t(\"", "button(\"", "field(\"", "fact(\"", "/, \""};
    char *text = read_all(path);
    int asked = 0;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (const char *at = text; (at = strstr(at, calls[i]));) {
            int is_call = *at == '/' || at == text || !isalnum((unsigned char)at[-1]);
            char *key = take_quoted(&at);
            int goes_on = !strncmp(at, " +", 2); /* only its beginning stands here */
            if (is_call && !goes_on && strchr(key, '.') && !find(&english, key))
                fail_msg("%s asks for '%s', which has no words", path, key);
            asked += is_call && !goes_on;
            free(key);
        }
    free(text);
    return asked;
}

static void test_what_the_scripts_ask_for_is_there(void **state)
{
    static const char *const scripts[] = {"app",     "soles", "parts",   "person",
                                          "measure", "press", "results", "notes",
                                          "plan",    "cues",  "curves",  "station"};
    int asked = 0;

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "driver/web/%s.js", scripts[i]);
        asked += check_asked(path);
    }
    assert_true(asked > 200);
}

/* --- Refusals --------------------------------------------------------------------------------- */

static void test_each_code_of_a_problem_has_its_words_and_is_published(void **state)
{
    char *api = read_all("driver/daemon/openapi.json");
    const char *list = strstr(api, "\"ProblemCode\": {");

    (void)state;
    assert_non_null(list);
    for (int code = PROBLEM_CODE_NONE + 1; code < PROBLEM_CODE_END; code++) {
        char key[80], entry[80];
        snprintf(key, sizeof key, "refused.%s", problem_code_name(code));
        snprintf(entry, sizeof entry, "\n     \"%s\",", problem_code_name(code));
        if (!find(&english, key) || !find(&german, key) || !find(&russian, key))
            fail_msg("the page has no words for '%s'", key);
        if (!strstr(list, entry))
            fail_msg("openapi.json does not list '%s'", problem_code_name(code));
    }
    assert_null(problem_code_name(PROBLEM_CODE_NONE));
    assert_null(problem_code_name(PROBLEM_CODE_END));
    free(api);
}

/* ... and no words are left of a code that is gone. */
static void test_words_of_refusals_have_their_code(void **state)
{
    (void)state;
    for (int i = 0; i < english.n; i++) {
        int found = strncmp(english.word[i].key, "refused.", 8) != 0;
        for (int code = 1; !found && code < PROBLEM_CODE_END; code++)
            found = !strcmp(english.word[i].key + 8, problem_code_name(code));
        if (!found)
            fail_msg("'%s' is of no code", english.word[i].key);
    }
}

/* --- Allowed ---------------------------------------------------------------------------------- */

/* A question names the condition that it asks for, as those of the articles do. */
static int is_question(const char *key)
{
    return !strncmp(key, "q.", 2) || !strncmp(key, "a.", 2);
}

static int refused(const struct language *language)
{
    struct problem why = {0};
    int n = 0;

    for (int i = 0; i < language->n; i++) {
        const struct word *word = &language->word[i];
        for (int k = 0; k < word->forms; k++) {
            int bad = !is_question(word->key)
                          ? wording_check_in(language->code, word->form[k], &why)
                      : language == &english ? wording_check_sourced(word->form[k], &why)
                                             : 0;
            if (bad)
                print_message("%s: %s: %s\n", language->path, word->key, why.text);
            n += bad != 0;
        }
    }
    return n;
}

static void test_all_words_are_allowed(void **state)
{
    struct problem why = {0};

    (void)state;
    assert_int_equal(refused(&english) + refused(&german) + refused(&russian), 0);
    /* The rules themselves see what they must. */
    assert_int_equal(wording_check_in("en", "Your liver is weak.", &why), -1);
    assert_int_equal(wording_check_in("de", "Ihre Leber ist schwach.", &why), -1);
    assert_int_equal(wording_check_in("ru", "Ваша печень слаба.", &why), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_key_has_its_words_in_each_language),
        cmocka_unit_test(test_what_the_scripts_ask_for_is_there),
        cmocka_unit_test(test_each_code_of_a_problem_has_its_words_and_is_published),
        cmocka_unit_test(test_words_of_refusals_have_their_code),
        cmocka_unit_test(test_all_words_are_allowed),
    };
    return cmocka_run_group_tests(tests, read_languages, free_languages);
}
