/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/pattern_words.h"
#include "analysis/report/findings.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Rounded up, to one of the last digit at least: "± 0" would claim to be perfect. */
static double as_printed(double error, int decimals)
{
    double unit = pow(10, -decimals);

    return unit * fmax(1, ceil(error / unit - 1e-6));
}

void pattern_words_number(struct text *text, enum print_number_id id,
                          const struct print_number *number)
{
    const struct print_number_facts *facts = print_number_facts(id);

    if (!isfinite(number->value)) {
        text_add(text, "not measured: ");
        text_add_made(text, number->reason);
        return;
    }
    text_addf(text, "%.*f", facts->decimals, number->value);
    if (isfinite(number->error))
        text_addf(text, " ± %.*f", facts->decimals, as_printed(number->error, facts->decimals));
    text_add(text, *facts->unit && strcmp(facts->unit, "°") ? " " : "");
    text_add(text, strcmp(facts->unit, "cm2") ? facts->unit : "cm²");
}

void pattern_words_arch(struct text *text, const struct result *result,
                        const struct report_options *options)
{
    int any = 0;

    (void)options;
    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];

        if (!foot->print || !isfinite(foot->print->of[PRINT_ARCH_INDEX].value))
            continue;
        text_addf(text, "%s%s ", any++ ? ", " : "",
                  foot->side == SIDE_UNKNOWN ? words_tr("foot") : side_words(foot->side));
        pattern_words_number(text, PRINT_ARCH_INDEX, &foot->print->of[PRINT_ARCH_INDEX]);
    }
    if (!any)
        text_add(text, "not measured");
}

static const struct pattern *same_of_other_foot(const struct patterns *patterns, int i)
{
    for (int k = 0; k < patterns->n; k++)
        if (k != i && patterns->list[k].id == patterns->list[i].id)
            return &patterns->list[k];
    return NULL;
}

/* The words up to their explanation. */
static void add_name(struct text *text, const char *words)
{
    char name[80];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(words, ":"), words);
    text_add(text, name);
}

void pattern_words_short(struct text *text, const struct result *result,
                         const struct report_options *options)
{
    const struct patterns *patterns = &result->patterns;
    int any = 0;

    (void)options;
    for (int i = 0; i < patterns->n; i++) {
        const struct pattern *pattern = &patterns->list[i];
        const struct pattern *other = same_of_other_foot(patterns, i);

        if (other && other < pattern)
            continue;
        text_add(text, any++ ? ", " : "");
        add_name(text, pattern->words);
        if (pattern->id != PATTERN_LEFT_RIGHT)
            text_addf(text, " (%s)", other ? words_tr("both feet") : side_words(pattern->side));
        if (!pattern->beyond_error || (other && !other->beyond_error))
            text_add(text, ", within the number's error of the bound");
    }
    if (!any)
        text_add(text, *patterns->reason      ? "not looked for: no foot stood on the plate"
                       : patterns->n_not_told ? "none named; some could not be judged"
                                              : "none named");
}

static void add_foot(struct text *text, enum side side)
{
    text_add(text, side == SIDE_LEFT ? "Left foot" : side == SIDE_RIGHT ? "Right foot" : "Feet");
}

/* English sentences begin with a capital; where a translation begins is its own matter. */
static void add_capital(struct text *text, const char *sentence)
{
    size_t at = text->n;

    text_add_made(text, sentence);
    if (text->bytes && text->n > at)
        text->bytes[at] = (char)toupper((unsigned char)text->bytes[at]);
}

void pattern_words_full(struct text *text, const struct pattern *pattern)
{
    add_foot(text, pattern->side);
    text_add(text, ", ");
    text_add_made(text, pattern->words);
    text_add(text, ". ");
    add_capital(text, pattern->evidence);
    if (!pattern->beyond_error)
        text_add(text, " This is within the number's own error of the norm's bound.");
    text_addf(text, " Norm (%s): %s. Of: %s. Measured on: %s.",
              words_tr(pattern->norm->is_published ? "published" : "project choice"),
              words_tr(pattern->norm->source), words_tr(pattern->norm->people),
              words_tr(pattern->norm->device));
}

int pattern_gap_is_told(const struct patterns *patterns, int i)
{
    for (int k = 0; k < i; k++)
        if (!strcmp(patterns->not_told[k].why, patterns->not_told[i].why))
            return 1;
    return 0;
}

static void add_gap_name(struct text *text, const struct pattern_gap *gap, int same_side)
{
    if (gap->id == PATTERN_LEFT_RIGHT) {
        text_add(text, text->n ? "left against right" : "Left against right");
        return;
    }
    if (!same_side) {
        add_foot(text, gap->side);
        text_add(text, ", ");
    }
    add_name(text, pattern_words(gap->id, gap->side));
}

void pattern_words_gaps(struct text *text, const struct patterns *patterns, int i)
{
    const struct pattern_gap *before = NULL;

    for (int k = i; k < patterns->n_not_told; k++) {
        const struct pattern_gap *gap = &patterns->not_told[k];
        int same_side = before && before->id != PATTERN_LEFT_RIGHT && before->side == gap->side &&
                        gap->id != PATTERN_LEFT_RIGHT;

        if (strcmp(gap->why, patterns->not_told[i].why))
            continue;
        if (before)
            text_add(text, same_side ? ", " : "; ");
        add_gap_name(text, gap, same_side);
        before = gap;
    }
    text_add(text, ": ");
    text_add_made(text, patterns->not_told[i].why);
    text_add(text, ".");
}
