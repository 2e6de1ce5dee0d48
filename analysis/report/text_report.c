/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report for a terminal: the same sentences as the page, wrapped at 80 characters. */
#include "analysis/foot/regions.h"
#include "analysis/press/shift_watch.h"
#include "analysis/press/tender_next.h"
#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/pattern_words.h"
#include "analysis/report/report_plan.h"
#include "analysis/report/summary.h"
#include "analysis/report/sway_lines.h"
#include "analysis/report/walk_lines.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"
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
    text = words_tr(text);
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

/* A sentence of an engine. */
static void add_wrapped_made(struct text *out, const char *english, int indent)
{
    struct text made = {0};

    text_add_made(&made, english);
    out->failed |= made.failed;
    add_wrapped(out, text_string(&made), indent, indent);
    text_free(&made);
}

static void add_labelled(struct text *out, const char *label, const char *text)
{
    const int column = 22;
    label = words_tr(label);
    text = words_tr(text);
    text_addf(out, "  %s", label);
    int at = 2 + characters(label, strlen(label));
    int gap = at < column ? column - at : 1;
    add_spaces(out, gap);
    add_wrapped(out, text, at + gap, column);
}

static void add_heading(struct text *out, const char *heading)
{
    text_addf(out, "\n%s\n", words_tr(heading));
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

/* Columns are counted in characters, not bytes. */
static void add_left(struct text *out, const char *words, int width)
{
    words = words_tr(words);
    text_append(out, words, strlen(words));
    add_spaces(out, width - characters(words, strlen(words)));
}

static void add_right(struct text *out, const char *words, int width)
{
    words = words_tr(words);
    add_spaces(out, width - characters(words, strlen(words)));
    text_append(out, words, strlen(words));
}

static void add_number(struct text *out, const struct foot_result *foot, double value, int decimals,
                       const char *unit)
{
    char cell[48] = "-";
    if (foot && isfinite(value))
        snprintf(cell, sizeof cell, "%.*f %s", decimals, value, words_tr(unit));
    char *point = strchr(cell, '.');
    if (point)
        *point = words_decimal();
    add_right(out, cell, 12);
}

static void add_region_row(struct text *out, const struct foot_result *left,
                           const struct foot_result *right, int id)
{
    add_spaces(out, 2);
    add_left(out, region_words((enum region_id)id), 18);
    add_number(out, left, left ? left->regions[id].load_percent : NAN, 1, "%");
    add_number(out, right, right ? right->regions[id].load_percent : NAN, 1, "%");
    add_number(out, left, left ? left->regions[id].peak_kpa : NAN, 0, "kPa");
    add_number(out, right, right ? right->regions[id].peak_kpa : NAN, 0, "kPa");
    text_add(out, "\n");
}

static void add_peak_head(struct text *out, const char *side)
{
    struct text head = {0};

    text_addf(&head, "%s peak", side);
    out->failed |= head.failed;
    add_right(out, text_string(&head), 12);
    text_free(&head);
}

static void add_regions(struct text *out, const struct result *result)
{
    const struct foot_result *left = foot_in_place(result, SIDE_LEFT);
    const struct foot_result *right = foot_in_place(result, SIDE_RIGHT);
    const char *first = place_words(result, SIDE_LEFT), *second = place_words(result, SIDE_RIGHT);
    add_spaces(out, 2);
    add_left(out, "Region", 18);
    add_right(out, first, 12);
    add_right(out, second, 12);
    add_peak_head(out, first);
    add_peak_head(out, second);
    text_add(out, "\n");
    for (int id = 0; id < REGION_COUNT; id++)
        add_region_row(out, left, right, id);
    add_spaces(out, 2);
    add_left(out, "whole foot", 18);
    add_number(out, left, left ? left->load_percent : NAN, 1, "%");
    add_number(out, right, right ? right->load_percent : NAN, 1, "%");
    add_number(out, left, left ? left->peak_kpa : NAN, 0, "kPa");
    add_number(out, right, right ? right->peak_kpa : NAN, 0, "kPa");
    text_add(out, "\n");
    add_spaces(out, 2);
    add_wrapped(out, "Percent of the total force on the plate (mean over time).", 2, 2);
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
    if (!result->n_feet) {
        struct text reason = {0};
        text_add(&reason, "No foot found: ");
        text_add_made(&reason, result->no_foot_reason);
        out->failed |= reason.failed;
        add_spaces(out, 2);
        add_wrapped(out, text_string(&reason), 2, 2);
        text_free(&reason);
    }
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
        add_wrapped_made(out, patterns->reason, 2);
    }
    for (int i = 0; i < patterns->n; i++) {
        struct text item = {0};
        pattern_words_full(&item, &patterns->list[i]);
        add_item(out, &item);
    }
    if (!*patterns->reason && !patterns->n) {
        text_add(out, "  ");
        text_addf(out, "None is named beside %s (%s).", words_tr(norms_name(result->norms)),
                  norms_version(result->norms));
        text_add(out, "\n");
    }
    if (patterns->n_not_told)
        text_addf(out, "  %s\n", words_tr("Not judged:"));
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
            add_wrapped_made(out, evidence, 7);
        }
}

static const char *level_words(enum flag_level level)
{
    return level == FLAG_ATTENTION    ? "for attention"
           : level == FLAG_BOTH_SIDES ? "sensitive on both sides"
                                      : "watch";
}

static void add_row(struct text *out, const struct findings *findings, const struct finding *row)
{
    struct text head = {0};
    text_addf(&head, "%s, %s: %s", row->place,
              row->level == FLAG_BOTH_SIDES ? words_tr("both feet") : row->foot,
              words_tr(level_words(row->level)));
    out->failed |= head.failed;
    text_addf(out, "%3d. ", row->number);
    add_wrapped(out, text_string(&head), 5, 5);
    text_free(&head);
    const char *parts[] = {row->where, row->threshold, row->compared, row->tradition,
                           row->conflicts};
    for (int i = 0; i < 5; i++) {
        if (!parts[i][0])
            continue;
        add_spaces(out, 5);
        add_wrapped(out, parts[i], 5, 5);
    }
    add_evidence(out, row, row->same_as ? &findings->rows[row->same_as - 1] : NULL);
}

/* By region where weight was shifted, and what to press with a stud after it. */
static void add_standing(struct text *out, const struct result *result)
{
    char words[400];
    if (result->n_shift_loads)
        add_heading(out, "Weight shifts on the bare plate");
    for (int side = SIDE_LEFT; result->n_shift_loads && side <= SIDE_RIGHT; side++)
        for (int r = 0; r < SHIFT_REGIONS; r++) {
            struct shift_told told = shift_told_of(result, (enum side)side, (enum shift_region)r);
            shift_told_words(&told, (enum side)side, (enum shift_region)r, words, sizeof words);
            text_add(out, "   - ");
            add_wrapped_made(out, words, 5);
        }
    if (result->n_stud_next)
        add_heading(out, "To press with a single stud next");
    for (int i = 0; i < result->n_stud_next; i++) {
        tender_next_words(&result->stud_next[i], words, sizeof words);
        text_add(out, "   - ");
        add_wrapped_made(out, words, 5);
    }
}

static void add_findings(struct text *out, const struct result *result,
                         const struct findings *findings)
{
    if (findings->n_rows) {
        text_add(out, "  ");
        add_wrapped(out, findings_note, 2, 2);
        add_spaces(out, 2);
        add_wrapped(out, findings_attention, 2, 2);
        add_spaces(out, 2);
        add_wrapped(out, findings_watch, 2, 2);
    }
    for (int i = 0; i < findings->n_rows; i++)
        add_row(out, findings, &findings->rows[i]);
    if (!findings->n_rows) {
        text_add(out, "  ");
        add_wrapped(out, facts_nothing_flagged(result), 2, 2);
    }
    add_standing(out, result);
    if (findings->n_lists)
        add_heading(out, "Zones without a flag");
    for (int i = 0; i < findings->n_lists; i++)
        add_labelled(out, findings->lists[i].label, findings->lists[i].text);
    if (findings->n_lists)
        text_addf(out, "  %s\n", words_tr(findings_names_note));
}

/* What the screening asks to heed, in its own words where they may be printed. */
static void add_screening(struct text *out, const struct result *result)
{
    const struct screening_said *said = &result->screening;

    if (!said->n_lines)
        return;
    add_heading(out, "Screening");
    for (int i = 0; i < said->n_lines; i++) {
        struct text item = {0};
        int allowed = words_are_allowed(&item, said->lines[i].words);

        if (*said->lines[i].words && allowed)
            text_add_made(&item, said->lines[i].words);
        else {
            text_add_made(&item,
                          *said->lines[i].effect ? said->lines[i].effect : "effect not stated");
            text_add(&item, ": ");
            text_add_foreign(&item, said->lines[i].question, "question not stated");
            text_add(&item, " (its words: see the screening)");
        }
        add_item(out, &item);
    }
}

static void add_plan(struct text *out, const struct report_plan *plan)
{
    if (!plan)
        return;
    add_heading(out, report_plan_title);
    add_spaces(out, 2);
    add_wrapped(out, report_plan_note, 2, 2);
    for (int i = 0; i < report_plan_line_count(plan); i++) {
        struct text line = {0};
        report_plan_add_line(&line, plan, i);
        add_item(out, &line);
    }
}

static void add_summary(struct text *out, const struct result *result,
                        const struct findings *findings)
{
    struct quality quality;
    struct text grade = {0};

    add_heading(out, "Summary");
    for (int i = 0; i < SUMMARY_LINES; i++) {
        struct text line = {0};
        summary_add(&line, (enum summary_line)i, result, findings);
        add_item(out, &line);
    }
    quality_of(result, &quality);
    summary_add_quality(&grade, &quality);
    add_item(out, &grade);
}

static void add_sources(struct text *out, const struct result *result)
{
    struct text sources = {0};

    add_heading(out, summary_sources_title);
    summary_add_sources(&sources, result);
    out->failed |= sources.failed;
    add_spaces(out, 2);
    add_wrapped(out, text_string(&sources), 2, 2);
    text_free(&sources);
}

static void add_title(struct text *out, const struct result *result,
                      const struct report_options *options)
{
    text_add(out, "Load and tenderness of the feet");
    text_add(out, "\n");
    facts_add_client(out, result, options);
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

    add_spaces(out, 2);
    add_left(out, "arch index of the step's print", 40);
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
    add_spaces(out, 2);
    add_left(out, "Mean ± SD (whole steps)", 40);
    add_right(out, "left", 19);
    add_right(out, "right", 19);
    text_add(out, "\n");
    for (const int *q = walk_shown_quantities; *q >= 0; q++) {
        const struct walk_quantity *quantity = &quantities[*q];
        char words[160];
        snprintf(words, sizeof words, "%s, %s", words_tr(quantity->words),
                 words_tr(quantity->unit));
        add_spaces(out, 2);
        add_left(out, words, 40);
        add_average_cell(out, &walk->average[SIDE_LEFT][*q], quantity);
        add_average_cell(out, &walk->average[SIDE_RIGHT][*q], quantity);
        text_add(out, "\n");
    }
    add_arch_row(out, walk);
    add_walk_step(out, walk, SIDE_LEFT);
    add_walk_step(out, walk, SIDE_RIGHT);
}

/* Sway as the page's table has it. */
static void add_sway(struct text *out, const struct result *result,
                     const struct report_options *options)
{
    const struct visit_sway *sway = options->sway;
    struct text note = {0};

    if (!sway)
        return;
    add_heading(out, sway_title);
    for (int i = 0; sway->known && i < SWAY_ROWS; i++) {
        struct text line = {0};
        for (int column = 0; column < 3; column++) {
            struct text cell = {0};
            sway_add_cell(&cell, sway, &sway_rows[i], column);
            if (cell.n)
                text_addf(&line, "%s%s %s", line.n ? "; " : "", words_tr(sway_columns[column]),
                          text_string(&cell));
            line.failed |= cell.failed;
            text_free(&cell);
        }
        out->failed |= line.failed;
        add_labelled(out, sway_rows[i].words, text_string(&line));
        text_free(&line);
    }
    sway_add_note(&note, sway);
    sway_add_romberg(&note, result, options);
    out->failed |= note.failed;
    add_spaces(out, 2);
    add_wrapped(out, text_string(&note), 2, 2);
    text_free(&note);
}

static void add_change(struct text *out, const struct change *change, int row)
{
    struct text name = {0}, line = {0};

    if (!change)
        return;
    change_add_name(&name, row);
    change_add_values(&line, change, row);
    text_add(&line, "; ");
    text_add(&line, "change");
    text_add(&line, " ");
    change_add_change(&line, change, row);
    text_add(&line, "; ");
    text_add(&line, "larger than the error?");
    text_add(&line, " ");
    text_add(&line, change_verdict_words(change));
    out->failed |= name.failed | line.failed;
    add_labelled(out, text_string(&name), text_string(&line));
    text_free(&name);
    text_free(&line);
}

static void add_comparison(struct text *out, const struct comparison *earlier)
{
    struct text note = {0};

    if (!earlier)
        return;
    add_heading(out, change_title);
    change_add_note(&note, earlier);
    out->failed |= note.failed;
    add_spaces(out, 2);
    add_wrapped(out, text_string(&note), 2, 2);
    text_free(&note);
    for (int foot = 0; foot < 2; foot++) {
        if (change_of_row(&earlier->load, 0, foot))
            text_addf(out, " %s\n", words_tr(foot ? "Right foot" : "Left foot"));
        for (int row = 0; row < CHANGE_KEYS; row++)
            add_change(out, change_of_row(&earlier->load, row, foot), row);
    }
    text_addf(out, " %s\n", words_tr("Sway"));
    for (int row = CHANGE_KEYS; row < CHANGE_ROWS; row++)
        add_change(out, change_of_row(&earlier->load, row, 0), row);
    for (int i = 0; i < change_zone_count(earlier); i++) {
        struct text item = {0};
        change_add_zone(&item, earlier, i);
        add_item(out, &item);
    }
}

static int make_text(const struct result *result, const struct report_options *options,
                     struct text *out, struct problem *why)
{
    struct findings findings;
    struct report_plan *plan;
    *out = (struct text){0};
    if (report_plan_make(result, &plan, why))
        return -1;
    if (findings_make(result, &findings, why)) {
        report_plan_free(plan);
        return -1;
    }
    add_title(out, result, options);
    if (result->n_presses && result->answers_unreliable)
        text_addf(out, "\n%s\n",
                  words_tr("ANSWERS UNRELIABLE: no zone is flagged, and no pressure below may be "
                           "relied on"));
    add_summary(out, result, &findings);
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
    add_sway(out, result, options);
    add_comparison(out, options->earlier);
    add_plan(out, plan);
    add_screening(out, result);
    add_heading(out, "How it was pressed");
    add_fact_lines(out, result, options, press_lines);
    add_heading(out, "Recording");
    add_fact_lines(out, result, options, fact_lines);
    add_sources(out, result);
    add_heading(out, "Not a medical device.");
    add_wrapped(out, wording_disclaimer, 0, 0);
    findings_free(&findings);
    report_plan_free(plan);
    if (!out->failed)
        return 0;
    text_free(out);
    return problem_no_memory(why, "the text of the report");
}

int report_text(const struct result *result, const struct report_options *options, struct text *out,
                struct problem *why)
{
    enum words_language before = words_use(options->language);
    int failed = make_text(result, options, out, why);

    words_use(before);
    return failed;
}
