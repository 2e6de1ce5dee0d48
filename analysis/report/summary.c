/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/summary.h"

#include "analysis/press/tested.h"
#include "analysis/report/facts.h"
#include "analysis/report/pattern_words.h"
#include "analysis/report/words.h"

#include <math.h>
#include <string.h>

/* --- Load ------------------------------------------------------------------------------------- */

static void add_load(struct text *text, const struct result *result)
{
    const struct foot_result *left = foot_of_side(result, SIDE_LEFT);
    const struct foot_result *right = foot_of_side(result, SIDE_RIGHT);

    if (!facts_picture(result)) {
        text_add(text, "No standing or walking was recorded: nothing is said about load.");
        return;
    }
    if (left && right && isfinite(left->load_percent) && isfinite(right->load_percent))
        text_addf(text, "Load: left foot %.1f %%, right foot %.1f %%. ", left->load_percent,
                  right->load_percent);
    else if (facts_is_walk(result))
        text_add(text, "Walking was recorded; load is told step by step. ");
    else
        text_add(text, "Load was not compared: that needs two loaded feet. ");
    text_add(text, "Load patterns: ");
    pattern_words_short(text, result, NULL);
    text_add(text, ".");
}

/* --- Tender places ---------------------------------------------------------------------------- */

static int rows_of(const struct findings *findings, enum flag_level level)
{
    int n = 0;

    for (int i = 0; i < findings->n_rows; i++)
        n += findings->rows[i].level == level;
    return n;
}

/* "1 P07 left, 2 P10 right" of one level; the ids are those of the table. */
static void add_rows(struct text *text, const struct findings *findings, enum flag_level level)
{
    const int most = 6;
    int told = 0;

    for (int i = 0; i < findings->n_rows; i++) {
        const struct finding *row = &findings->rows[i];
        if (row->level != level)
            continue;
        if (told++ == most) {
            text_add(text, ", ...");
            return;
        }
        text_add(text, told > 1 ? ", " : "");
        text_append(text, row->place, strcspn(row->place, ":"));
        text_add(text, " ");
        text_add(text, row->foot);
    }
}

static void add_level(struct text *text, const struct findings *findings, enum flag_level level,
                      const char *words)
{
    if (!rows_of(findings, level))
        return;
    text_add(text, text->n ? " " : "");
    text_add(text, words);
    text_add(text, " ");
    add_rows(text, findings, level);
    text_add(text, ".");
}

static void add_tender(struct text *text, const struct result *result,
                       const struct findings *findings)
{
    if (!findings->n_rows) {
        text_add(text, facts_nothing_flagged(result));
        return;
    }
    add_level(text, findings, FLAG_ATTENTION,
              "Tender compared with the other places of this person:");
    add_level(text, findings, FLAG_BOTH_SIDES, "Sensitive on both feet, no flag:");
    add_level(text, findings, FLAG_WATCH, "Worth repeating:");
}

/* --- What was not tested ---------------------------------------------------------------------- */

static void add_untested(struct text *text, const struct result *result)
{
    struct tested_count count = tested_count_of(result);
    int all = result->n_feet ? count.zones : 0, parts = count.parts, n = count.not_tested;

    if (!all)
        text_add(text, "No zone was placed, so nothing is said about any.");
    else if (parts)
        text_addf(text,
                  "Not tested: %d of %d zones of the soles, and parts of others (listed in full); "
                  "about these nothing is said, neither good nor bad.",
                  n, all);
    else if (!n)
        text_addf(text, "All %d zones of the soles were tested.", all);
    else
        text_addf(text,
                  "Not tested: %d of %d zones of the soles (listed in full); about these nothing "
                  "is said, neither good nor bad.",
                  n, all);
}

void summary_add(struct text *text, enum summary_line line, const struct result *result,
                 const struct findings *findings)
{
    if (line == SUMMARY_LOAD)
        add_load(text, result);
    else if (line == SUMMARY_TENDER)
        add_tender(text, result, findings);
    else
        add_untested(text, result);
}

/* --- Quality ---------------------------------------------------------------------------------- */

static void add_reason(struct text *text, const struct quality_reason *reason)
{
    const char *format = quality_words(reason->kind);
    const char *slot = strchr(format, '%');

    if (!quality_has_value(reason->kind) || !slot) {
        text_add(text, format);
        return;
    }
    text_addf(text, format, reason->value);
}

void summary_add_quality(struct text *text, const struct quality *quality)
{
    static const char *const words[] = {
        "Quality A (A best, C least): nothing is known against this recording",
        "Quality B (A best, C least): usable, with this in mind",
        "Quality C (A best, C least): do not rely on the numbers before this is dealt with"};

    text_add(text, words[quality->grade - 'A']);
    for (int i = 0; i < quality->n; i++) {
        text_add(text, i ? "; " : ": ");
        add_reason(text, &quality->reasons[i]);
    }
    text_add(text, ".");
}

/* --- References ------------------------------------------------------------------------------- */

const char summary_sources_title[] = "What the references are";

void summary_add_sources(struct text *text, const struct result *result)
{
    text_add(text, "Numbers such as 003:271 are article and line (article 003, line 271) of the "
                   "articles on which the chart rests");
    for (int i = 0; result->atlas && i < atlas_seed_count(result->atlas); i++) {
        const struct atlas_seed *seed = atlas_seed(result->atlas, i);
        text_addf(text, "%s %s: ", i ? ";" : ":", seed->id);
        if (seed->title && *seed->title) {
            text_add_foreign(text, words_tr(seed->title), NULL);
            text_add(text, ", ");
        }
        text_add_foreign(text, seed->file, NULL);
    }
    text_add(text, ". P and N: zones of the chart, on and beside the sole. C: "
                   "places where articles do not agree. Q: "
                   "questions of the screening, K: reasons in the articles not to press, each "
                   "with article and line.");
}
