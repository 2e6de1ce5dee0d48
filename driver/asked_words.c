/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/asked_words.h"

#include "analysis/report/words.h"

#include <stdio.h>

/* As msgfmt wrote them; the page is served the same bytes (driver/daemon/web_files.c). */
#define CATALOGUE(name, file)                                                                      \
    __asm__(".section .rodata\n"                                                                   \
            ".balign 16\n"                                                                         \
            ".global " name "\n" name ":\n"                                                        \
            ".incbin \"" file "\"\n"                                                               \
            ".global " name "_end\n" name "_end:\n"                                                \
            ".byte 0\n"                                                                            \
            ".previous\n")

CATALOGUE("web_de", BUILD_DIR "/po/page/de.mo");
CATALOGUE("web_ru", BUILD_DIR "/po/page/ru.mo");
extern const uint32_t web_de[], web_ru[];

static const char *find(const char *context, const char *english)
{
    char id[300];
    const uint32_t *catalogue = words_used() == WORDS_GERMAN    ? web_de
                                : words_used() == WORDS_RUSSIAN ? web_ru
                                                                : NULL;
    int n = snprintf(id, sizeof id, "%s\004%s", context, english);

    return n > 0 && (size_t)n < sizeof id ? words_find_in(catalogue, id) : NULL;
}

const char *asked_question(const struct screening_question *question)
{
    char context[40];

    snprintf(context, sizeof context, "q.%.30s", question->id);
    const char *found = find(context, question->text);
    return found ? found : words_tr(question->text);
}

/* An answer of this question, else one that many have, as the page looks for it. */
const char *asked_option(const struct screening_question *question,
                         const struct screening_option *option)
{
    char context[80];

    snprintf(context, sizeof context, "a.%.30s.%.40s", question->id, option->answer);
    const char *found = find(context, option->words);
    if (!found) {
        snprintf(context, sizeof context, "a.%.40s", option->answer);
        found = find(context, option->words);
    }
    return found ? found : words_tr(option->words);
}
