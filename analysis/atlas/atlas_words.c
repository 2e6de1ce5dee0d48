/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a chart says of a zone, in words. */
#include "analysis/atlas/atlas.h"

#include <stdio.h>
#include <string.h>

/* Adds `word` after ", " unless it is there already (as a whole entry). */
static void add_once(char *list, size_t cap, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
        if ((at == list || !strncmp(at - 2, ", ", 2)) && (!at[n] || !strncmp(at + n, ", ", 2)))
            return;
    size_t used = strlen(list);
    snprintf(list + used, cap - used, "%s%s", used ? ", " : "", word);
}

/* The articles in their own order, whatever that of the sources. */
static void add_seeds(const struct atlas_zone *zone, char *list, size_t cap)
{
    const char *last = "";

    for (;;) {
        const char *next = NULL;
        for (int i = 0; i < zone->n_sources; i++) {
            const char *seed = zone->sources[i].seed;
            if (strcmp(seed, last) > 0 && (!next || strcmp(seed, next) < 0))
                next = seed;
        }
        if (!next)
            return;
        add_once(list, cap, next);
        last = next;
    }
}

const char *atlas_tradition(const struct atlas_zone *zone, char *text, size_t cap)
{
    char organs[200] = "", seeds[60] = "";

    for (int i = 0; i < zone->n_sources; i++)
        add_once(organs, sizeof organs, zone->sources[i].organ);
    add_seeds(zone, seeds, sizeof seeds);
    const char *articles = strchr(seeds, ',') ? "articles" : "article";
    if (!strcmp(organs, "no organ stated"))
        snprintf(text, cap, "no organ stated (%s %s)", articles, seeds);
    else
        snprintf(text, cap, "traditionally associated with: %s (%s %s)", organs, articles, seeds);
    return text;
}
