/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/words_json.h"

#include "analysis/report/words_made.h"

#include <string.h>

int words_json_is_sentence(const char *key)
{
    static const char *const keys[] = {"why",        "words",      "sentence",      "sentences",
                                       "evidence",   "warnings",   "side_evidence", "length_source",
                                       "directions", "no_standing"};
    static const char reason[] = "_reason";
    size_t n = strlen(key), m = sizeof reason - 1;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!strcmp(keys[i], key))
            return 1;
    return n > m && !strcmp(key + n - m, reason);
}

/* A new reference; NULL without memory. */
static json_t *said(const char *english)
{
    struct text text = {0};
    text_add_made(&text, english);
    json_t *made = text.failed ? NULL : json_string(text_string(&text));
    text_free(&text);
    return made;
}

static int translate(json_t *value);

static int translate_list(json_t *list, int of_sentences)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *english = of_sentences ? json_string_value(one) : NULL;
        if (english ? json_array_set_new(list, i, said(english)) : translate(one))
            return -1;
    }
    return 0;
}

static int translate_member(json_t *object, const char *key, json_t *value)
{
    const char *english = json_string_value(value);
    int is_sentence = words_json_is_sentence(key);
    if (json_is_array(value))
        return translate_list(value, is_sentence);
    if (english && *english && is_sentence)
        return json_object_set_new(object, key, said(english));
    return translate(value);
}

static int translate(json_t *value)
{
    const char *key;
    json_t *member;
    void *next;
    if (json_is_array(value))
        return translate_list(value, 0);
    json_object_foreach_safe(value, next, key, member)
    {
        if (translate_member(value, key, member))
            return -1;
    }
    return 0;
}

int words_json_say(json_t *document, enum words_language language)
{
    if (language == WORDS_ENGLISH)
        return 0;
    enum words_language before = words_use(language);
    int bad = translate(document);
    words_use(before);
    return bad;
}
