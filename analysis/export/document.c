/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/document.h"

#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/wording.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* Namespace of all our names: drawn once, never changed. */
static const guint8 name_space[16] = {0x5b, 0x0c, 0x5f, 0x6e, 0x1d, 0x0b, 0x4d, 0x8e,
                                      0x9a, 0x55, 0x7e, 0x4d, 0xe6, 0xf0, 0x07, 0x01};

const char *document_number(const struct document *document)
{
    const char *label = document->result->facts.client;
    return document->person.number ? document->person.number : label ? label : "";
}

const char *document_sex(const struct document *document)
{
    enum stated_sex sex = document->result->subject_sex;
    return document->person.sex   ? document->person.sex
           : sex == STATED_FEMALE ? "female"
           : sex == STATED_MALE   ? "male"
                                  : "";
}

static void hash_text(GChecksum *sum, const char *text)
{
    g_checksum_update(sum, (const guchar *)(text ? text : ""), text ? (gssize)strlen(text) : 0);
    g_checksum_update(sum, (const guchar *)"\n", 1);
}

/* Imported parts of one file share plate, time and person; what was measured tells them apart. */
static const char *what_was_seen(const struct result *result, char *text, size_t cap)
{
    snprintf(text, cap, "%a %a %a", result->duration_s, result->peak_pressure_kpa,
             result->max_force_n);
    return text;
}

void document_uuid(const struct document *document, const char *name, char uuid[DOCUMENT_UUID])
{
    const struct result *result = document->result;
    guint8 digest[20];
    char seen[80];
    gsize n = sizeof digest;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(sum, name_space, sizeof name_space);
    hash_text(sum, result->facts.device_serial);
    hash_text(sum, result->facts.started_utc);
    hash_text(sum, result->facts.client);
    hash_text(sum, what_was_seen(result, seen, sizeof seen));
    hash_text(sum, name);
    if (document->disguise)
        hash_text(sum, document->disguise);
    g_checksum_get_digest(sum, digest, &n);
    g_checksum_free(sum);
    digest[6] = (guint8)((digest[6] & 0x0f) | 0x50); /* version 5 */
    digest[8] = (guint8)((digest[8] & 0x3f) | 0x80); /* RFC 9562's variant */
    char *to = uuid;
    for (int i = 0; i < 16; i++)
        to += snprintf(to, 4, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", digest[i]);
}

int document_date(const char *text, int *year, int *month, int *day)
{
    int n = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", year, month, day, &n) != 3 || n != 10 || text[n])
        return 0;
    return *year >= 1850 && g_date_valid_dmy((GDateDay)*day, (GDateMonth)*month, (GDateYear)*year);
}

static void add_not_tested(struct text *text, const struct result *result)
{
    for (int side = 0; side < 3; side++) {
        int n = 0;
        for (int i = 0; i < result->n_not_tested; i++)
            if (result->not_tested[i].side == (enum side)side)
                text_addf(text, "%s%s", n++ ? ", " : "not tested: ", result->not_tested[i].zone_id);
        if (n)
            text_addf(text, " (%s)\n",
                      side == SIDE_UNKNOWN ? "side not known"
                      : side == SIDE_LEFT  ? "left foot"
                                           : "right foot");
    }
}

void document_summary(struct text *text, const struct result *result)
{
    char zones[40];

    if (result->n_flags == 0)
        text_addf(text, "%s\n", facts_nothing_flagged(result));
    for (int i = 0; i < result->n_flags; i++) {
        const struct flag *flag = &result->flags[i];
        text_addf(text, "%s: %s, %s foot: %s\n", flag_level_name(flag->level),
                  flag_zones_words(flag, zones, sizeof zones), side_words(flag->side), flag->why);
    }
    if (result->answers_unreliable)
        text_addf(text, "answers unreliable: %s\n", result->unreliable_why);
    if (result->n_presses > 0)
        add_not_tested(text, result);
    text_addf(text, "%s\n", wording_disclaimer);
}
