/* SPDX-License-Identifier: GPL-3.0-or-later */
/* said_in LANGUAGE FILE...: each sentence of the documents, and what a page in that language gets:
 * "MEMBER<TAB>English<TAB>translated" a line. */
#include "analysis/report/words_json.h"

#include <stdio.h>
#include <string.h>

static void tell(const char *key, const json_t *english, const json_t *translated)
{
    if (json_is_string(english) && words_json_is_sentence(key))
        printf("%s\t%s\t%s\n", key, json_string_value(english), json_string_value(translated));
}

static void walk(const char *key, json_t *english, json_t *translated)
{
    const char *name;
    json_t *one;
    size_t i;

    tell(key, english, translated);
    json_array_foreach(english, i, one)
    {
        walk(key, one, json_array_get(translated, i));
    }
    json_object_foreach(english, name, one)
    {
        walk(name, one, json_object_get(translated, name));
    }
}

static int tell_file(const char *path, enum words_language language)
{
    json_error_t error;
    json_t *english = json_load_file(path, 0, &error), *translated = json_deep_copy(english);
    int bad = !translated || words_json_say(translated, language);

    if (bad)
        fprintf(stderr, "said_in: %s: %s\n", path, error.text);
    else
        walk("", english, translated);
    json_decref(english);
    json_decref(translated);
    return bad;
}

int main(int argc, char **argv)
{
    enum words_language language;
    struct problem why;
    int bad = argc < 3;

    if (bad || words_language_of(argv[1], &language, &why)) {
        fprintf(stderr, "said_in LANGUAGE FILE...: %s\n", bad ? "what is missing" : why.text);
        return 2;
    }
    for (int i = 2; i < argc; i++)
        bad |= tell_file(argv[i], language);
    return bad;
}
