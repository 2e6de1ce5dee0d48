/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report for a terminal: the same sentences as the page, wrapped at 80 characters. */
#include "analysis/foot/regions.h"
#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/pattern_words.h"
#include "analysis/report/walk_lines.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LINE_CHARACTERS 80

/* Characters of the first `bytes` bytes: UTF-8 continuation bytes do not count. */
static int characters(const char *s, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)s[i] >> 6) != 2;
    return n;
}

static void add_spaces(struct text *out, int n)
{
    for (int i = 0; i < n; i++)
        text_append(out, " ", 1);
}

/* Words of `text` from column `at` on, wrapped with `indent` spaces; ends the line. */
static void add_wrapped(struct text *out, const char *text, int at, int indent)
{
    int at_start = 1;
    while (*text) {
        size_t word = strcspn(text, " \n");
        int width = characters(text, word);
        if (word && !at_start && at + 1 + width > LINE_CHARACTERS) {
            text_add(out, "\n");
            add_spaces(out, indent);
            at = indent;
            at_start = 1;
        }
        if (word) {
            text_add(out, at_start ? "" : " ");
            text_append(out, text, word);
            at += width + !at_start;
            at_start = 0;
        }
        text += word + (text[word] != '\0');
    }
    text_add(out, "\n");
}

static void add_labelled(struct text *out, const char *label, const char *text)
{
    const int column = 22;
    text_addf(out, "  %s", label);
    int at = 2 + characters(label, strlen(label));
    int gap = at < column ? column - at : 1;
    add_spaces(out, gap);
    add_wrapped(out, text, at + gap, column);
}

static void add_heading(struct text *out, const char *heading)
{
    text_addf(out, "\n%s\n", heading);
}

static void add_fact_lines(struct text *out, const struct result *result,
                           const struct report_options *options, const struct fact_line *lines)
{
    for (; lines->label; lines++) {
        if (!fact_line_is_shown(lines, result))
            continue;
        struct text value = {0};
        lines->add(&value, result, options);
        out->failed |= value.failed;
        add_labelled(out, lines->label, text_string(&value));
        text_free(&value);
    }
}

static void add_number(struct text *out, const struct foot_result *foot, double value, int decimals,
                       const char *unit)
{
    char cell[48] = "-";
    if (foot && isfinite(value))
        snprintf(cell, sizeof cell, "%.*f %s", decimals, value, unit);
    text_addf(out, "%12s", cell);
}

static void add_region_row(struct text *out, const struct foot_result *left,
                           const struct foot_result *right, int id)
{
    text_addf(out, "  %-18s", region_words((enum region_id)id));
    add_number(out, left, left ? left->regions[id].load_percent : NAN, 1, "%");
    add_number(out, right, right ? right->regions[id].load_percent : NAN, 1, "%");
    add_number(out, left, left ? left->regions[id].peak_kpa : NAN, 0, "kPa");
    add_number(out, right, right ? right->regions[id].peak_kpa : NAN, 0, "kPa");
    text_add(out, "\n");
}

static void add_regions(struct text *out, const struct result *result)
{
    const struct foot_result *left = foot_in_place(result, SIDE_LEFT);
    const struct foot_result *right = foot_in_place(result, SIDE_RIGHT);
    const char *first = place_words(result, SIDE_LEFT), *second = place_words(result, SIDE_RIGHT);
    text_addf(out, "  %-18s%12s%12s%7s peak%7s peak\n", "Region", first, second, first, second);
    for (int id = 0; id < REGION_COUNT; id++)
        add_region_row(out, left, right, id);
    text_addf(out, "  %-18s", "whole foot");
    add_number(out, left, left ? left->load_percent : NAN, 1, "%");
    add_number(out, right, right ? right->load_percent : NAN, 1, "%");
    add_number(out, left, left ? left->peak_kpa : NAN, 0, "kPa");
    add_number(out, right, right ? right->peak_kpa : NAN, 0, "kPa");
    text_add(out, "\n  Percent of the total force on the plate (mean over time).\n");
}

/* The lines of a caption, parted by semicolons in a running text. */
static void join_lines(struct text *text)
{
    struct text joined = {0};
    for (size_t i = 0; i < text->n; i++)
        text_add(&joined, text->bytes[i] == '\n' ? "; " : (char[]){text->bytes[i], '\0'});
    joined.failed |= text->failed;
    text_free(text);
    *text = joined;
}

static void add_feet(struct text *out, const struct result *result)
{
    if (!result->n_feet)
        text_addf(out, "  No foot found: %s\n", result->no_foot_reason);
    for (int i = 0; i < result->n_feet; i++) {
        struct text foot = {0};
        const struct foot_result *of = &result->feet[i];
        facts_add_foot(&foot, of);
        join_lines(&foot);
        out->failed |= foot.failed;
        add_labelled(out,
                     of->side == SIDE_LEFT    ? "Left foot"
                     : of->side == SIDE_RIGHT ? "Right foot"
                                              : "Foot, side unknown",
                     text_string(&foot));
        text_free(&foot);
    }
}

/* One line a number, the feet beside each other. */
static void add_prints(struct text *out, const struct result *result)
{
    for (int id = 0; id < PRINT_NUMBERS; id++) {
        struct text line = {0};

        for (int i = 0; i < result->n_feet; i++) {
            const struct foot_result *foot = &result->feet[i];

            if (!foot->print)
                continue;
            text_addf(&line, "%s%s ", line.n ? ", " : "", side_words(foot->side));
            pattern_words_number(&line, (enum print_number_id)id, &foot->print->of[id]);
        }
        out->failed |= line.failed;
        if (line.n)
            add_labelled(out, print_number_facts((enum print_number_id)id)->words,
                         text_string(&line));
        text_free(&line);
    }
}

static void add_item(struct text *out, struct text *item)
{
    out->failed |= item->failed;
    text_add(out, "   - ");
    add_wrapped(out, text_string(item), 5, 5);
    text_free(item);
}

static void add_patterns(struct text *out, const struct result *result)
{
    const struct patterns *patterns = &result->patterns;

    if (*patterns->reason) { /* another one than that there is no foot */
        text_add(out, "  ");
        add_wrapped(out, patterns->reason, 2, 2);
    }
    for (int i = 0; i < patterns->n; i++) {
        struct text item = {0};
        pattern_words_full(&item, &patterns->list[i]);
        add_item(out, &item);
    }
    if (!*patterns->reason && !patterns->n)
        text_addf(out, "  None is named beside %s (%s).\n", norms_name(result->norms),
                  norms_version(result->norms));
    if (patterns->n_not_told)
        text_add(out, "  Not judged:\n");
    for (int i = 0; i < patterns->n_not_told; i++) {
        struct text item = {0};
        if (pattern_gap_is_told(patterns, i))
            continue;
        pattern_words_gaps(&item, patterns, i);
        add_item(out, &item);
    }
}

static int has_prints(const struct result *result)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].print)
            return 1;
    return 0;
}

static int is_told(const struct zone_result *zone, const char *evidence)
{
    for (int i = 0; zone && i < zone->n_evidence; i++)
        if (!strcmp(zone->evidence[i].text, evidence))
            return 1;
    return 0;
}

/* `first`: the row of the same presses, which has told most of it; or NULL. */
static void add_evidence(struct text *out, const struct finding *row, const struct finding *first)
{
    for (int side = 0; side < 3; side++)
        for (int i = 0; row->zone[side] && i < row->zone[side]->n_evidence; i++) {
            const char *evidence = row->zone[side]->evidence[i].text;
            if (first && is_told(first->zone[side], evidence))
                continue;
            text_add(out, "     - ");
            add_wrapped(out, evidence, 7, 7);
        }
}

static void add_row(struct text *out, const struct findings *findings, const struct finding *row)
{
    struct text head = {0};
    text_addf(&head, "%s, %s: %s", row->place,
              row->level == FLAG_BOTH_SIDES ? "both feet" : row->foot, flag_level_name(row->level));
    out->failed |= head.failed;
    text_addf(out, "%3d. ", row->number);
    add_wrapped(out, text_string(&head), 5, 5);
    text_free(&head);
    const char *parts[] = {row->threshold, row->compared, row->tradition};
    for (int i = 0; i < 3; i++) {
        add_spaces(out, 5);
        add_wrapped(out, parts[i], 5, 5);
    }
    add_evidence(out, row, row->same_as ? &findings->rows[row->same_as - 1] : NULL);
}

static void add_findings(struct text *out, const struct result *result,
                         const struct findings *findings)
{
    if (findings->n_rows) {
        text_add(out, "  ");
        add_wrapped(out, findings_note, 2, 2);
    }
    for (int i = 0; i < findings->n_rows; i++)
        add_row(out, findings, &findings->rows[i]);
    if (!findings->n_rows) {
        text_add(out, "  ");
        add_wrapped(out, facts_nothing_flagged(result), 2, 2);
    }
    if (findings->n_lists)
        add_heading(out, "Zones without a flag");
    for (int i = 0; i < findings->n_lists; i++)
        add_labelled(out, findings->lists[i].label, findings->lists[i].text);
    if (findings->n_lists)
        text_addf(out, "  %s\n", findings_names_note);
}

static void add_title(struct text *out, const struct result *result)
{
    text_add(out, "Load and tenderness of the feet\n");
    facts_add_client(out, result);
    text_add(out, " · ");
    facts_add_date(out, result);
    text_add(out, " · ");
    facts_add_protocol(out, result);
    text_add(out, "\n");
}

static void add_average_cell(struct text *out, const struct walk_average *average,
                             const struct walk_quantity *quantity)
{
    struct text cell = {0};
    walk_add_average(&cell, average, quantity);
    add_spaces(out, 19 - characters(text_string(&cell), cell.n));
    text_add(out, text_string(&cell));
    out->failed |= cell.failed;
    text_free(&cell);
}

static void add_walk_step(struct text *out, const struct walk_result *walk, enum side side)
{
    const struct walk_step *step = walk_typical_step(walk, side);
    struct text line = {0};
    if (!step)
        return;
    walk_add_step(&line, step);
    out->failed |= line.failed;
    add_labelled(out, side == SIDE_LEFT ? "A left step" : "A right step", text_string(&line));
    text_free(&line);
}

static void add_arch_row(struct text *out, const struct walk_result *walk)
{
    const struct walk_quantity arch = {.decimals = 3};

    text_addf(out, "  %-40s", "arch index of the step's print");
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct walk_average average = walk_arch_average(walk, side);
        add_average_cell(out, &average, &arch);
    }
    text_add(out, "\n");
}

static void add_walk(struct text *out, const struct walk_result *walk)
{
    struct text summary = {0};
    int n;
    const struct walk_quantity *quantities = walk_quantities(&n);
    add_heading(out, "Walking");
    walk_add_summary(&summary, walk);
    out->failed |= summary.failed;
    text_add(out, "  ");
    add_wrapped(out, text_string(&summary), 2, 2);
    text_free(&summary);
    text_addf(out, "  %-40s%19s%19s\n", "Mean ± SD (whole steps)", "left", "right");
    for (const int *q = walk_shown_quantities; *q >= 0; q++) {
        const struct walk_quantity *quantity = &quantities[*q];
        char words[64];
        snprintf(words, sizeof words, "%s, %s", quantity->words, quantity->unit);
        text_addf(out, "  %s", words);
        add_spaces(out, 40 - characters(words, strlen(words)));
        add_average_cell(out, &walk->average[SIDE_LEFT][*q], quantity);
        add_average_cell(out, &walk->average[SIDE_RIGHT][*q], quantity);
        text_add(out, "\n");
    }
    add_arch_row(out, walk);
    add_walk_step(out, walk, SIDE_LEFT);
    add_walk_step(out, walk, SIDE_RIGHT);
}

int report_text(const struct result *result, const struct report_options *options, struct text *out,
                struct problem *why)
{
    struct findings findings;
    *out = (struct text){0};
    if (findings_make(result, &findings, why))
        return -1;
    add_title(out, result);
    add_heading(out, "Load");
    add_feet(out, result);
    if (result->n_feet)
        add_regions(out, result);
    add_fact_lines(out, result, options, load_lines);
    if (walk_is_shown(result))
        add_walk(out, result->walk);
    if (has_prints(result)) {
        add_heading(out, "Footprint (± by threshold and by one cell)");
        add_prints(out, result);
    }
    if (result->n_feet || strcmp(result->patterns.reason, result->no_foot_reason)) {
        add_heading(out, "Load patterns");
        add_patterns(out, result);
    }
    add_heading(out, "Tender zones (press test)");
    add_findings(out, result, &findings);
    add_heading(out, "Recording");
    add_fact_lines(out, result, options, fact_lines);
    add_heading(out, "Not a medical device.");
    add_wrapped(out, wording_disclaimer, 0, 0);
    findings_free(&findings);
    if (!out->failed)
        return 0;
    text_free(out);
    return problem_no_memory(why, "the text of the report");
}
