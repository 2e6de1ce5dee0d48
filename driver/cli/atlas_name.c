/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/atlas_name.h"

#include <stdio.h>
#include <string.h>

int atlas_name_is_whole(const struct atlas *atlas, const char *word)
{
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        if (!strcasecmp(zone->id, word) || (zone->parent && !strcasecmp(zone->parent, word)))
            return 1;
        for (int s = 0; s < zone->n_sources; s++)
            if (!strcasecmp(zone->sources[s].organ, word))
                return 1;
    }
    for (int i = 0; i < atlas_unlocated_count(atlas); i++)
        if (!strcasecmp(atlas_unlocated(atlas, i)->organ, word))
            return 1;
    for (int i = 0; i < atlas_conflict_count(atlas); i++)
        if (!strcasecmp(atlas_conflict(atlas, i)->id, word))
            return 1;
    return 0;
}

/* --- Lists of names -------------------------------------------------------------------------- */

static int is_listed(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += n)
        if ((at == text || !strncmp(at - 2, ", ", 2)) && (!at[n] || !strncmp(at + n, ", ", 2)))
            return 1;
    return 0;
}

static void list(char *text, size_t cap, const char *name)
{
    size_t n = strlen(text), more = strlen(name) + (n ? 2 : 0);
    if (!is_listed(text, name) && n + more < cap)
        snprintf(text + n, cap - n, "%s%s", n ? ", " : "", name);
}

const char *atlas_name_organs(const struct atlas *atlas, const char *word, char *text, size_t cap)
{
    *text = '\0';
    for (int i = 0; i < atlas_count(atlas); i++)
        for (int s = 0; s < atlas_zone(atlas, i)->n_sources; s++)
            if (strcasestr(atlas_zone(atlas, i)->sources[s].organ, word))
                list(text, cap, atlas_zone(atlas, i)->sources[s].organ);
    for (int i = 0; i < atlas_unlocated_count(atlas); i++)
        if (strcasestr(atlas_unlocated(atlas, i)->organ, word))
            list(text, cap, atlas_unlocated(atlas, i)->organ);
    return text;
}

const char *atlas_name_zones(const struct atlas *atlas, const char *word, char *text, size_t cap)
{
    *text = '\0';
    for (int i = 0; i < atlas_count(atlas); i++)
        if (*word && !strncasecmp(atlas_zone(atlas, i)->id, word, strlen(word)))
            list(text, cap, atlas_zone(atlas, i)->id);
    return text;
}
