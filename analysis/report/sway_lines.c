/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/sway_lines.h"

#include "analysis/change/romberg.h"
#include "analysis/report/facts.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <math.h>
#include <string.h>

/* --- Sway ------------------------------------------------------------------------------------- */

const char sway_title[] = "Sway of the centre of pressure while standing still";

const struct sway_row sway_rows[SWAY_ROWS] = {
    {"RMS distance", "mm", 2, {SWAY_RMS_ML, SWAY_RMS_AP, SWAY_RMS_RD}},
    {"mean velocity", "mm/s", 2, {SWAY_VELOCITY_ML, SWAY_VELOCITY_AP, SWAY_VELOCITY_RD}},
    {"mean distance", "mm", 2, {SWAY_HEADLINES, SWAY_HEADLINES, SWAY_MEAN_DISTANCE_RD}},
    {"area (95 % prediction ellipse)", "mm2", 0, {SWAY_HEADLINES, SWAY_HEADLINES, SWAY_ELLIPSE}},
};
const char *const sway_columns[3] = {"to the sides", "to front and back", "in the plane"};

/* "cm2" is how the analysis writes it. */
static const char *unit_words(const char *unit)
{
    return words_tr(!strcmp(unit, "cm2") ? "cm²" : !strcmp(unit, "mm2") ? "mm²" : unit);
}

void sway_add_cell(struct text *text, const struct visit_sway *sway, const struct sway_row *row,
                   int column)
{
    enum sway_headline which = row->of[column];

    if (which == SWAY_HEADLINES)
        return;
    double value = sway_headline(&sway->result, which);
    const struct sway_interval *interval = &sway->error.of[which];
    if (isfinite(interval->low) && isfinite(interval->high))
        text_addf(text, "%.*f (%.*f to %.*f) %s", row->decimals, value, row->decimals,
                  interval->low, row->decimals, interval->high, unit_words(row->unit));
    else
        text_addf(text, "%.*f %s", row->decimals, value, unit_words(row->unit));
}

void sway_add_note(struct text *text, const struct visit_sway *sway)
{
    struct text why = {0};

    if (sway->known) {
        text_addf(text,
                  "Standing still from %.1f to %.1f s, pipeline %s; in brackets 95 %% intervals by "
                  "chance within this stand. How differently a person stands each time is not in "
                  "them: repeat.",
                  sway->from_s, sway->to_s, sway->result.options.pipeline.name);
        return;
    }
    text_add_made(&why, sway->reason);
    text->failed |= why.failed;
    text_addf(text, "Sway was not measured: %s.", text_string(&why));
    text_free(&why);
}

void sway_add_romberg(struct text *text, const struct result *result,
                      const struct report_options *options)
{
    struct romberg r;

    if (!options->other_eyes ||
        !romberg_with_other(result->facts.protocol, options->sway, options->other_eyes, &r))
        return;
    text_add(text, " ");
    text_addf(text,
              "Romberg quotient (mean velocity, eyes closed over open, both of this test): %.2f; "
              "open %.1f mm/s, closed %.1f mm/s.",
              r.quotient, r.open_mm_s, r.closed_mm_s);
    if (isfinite(r.low)) {
        text_add(text, " ");
        text_addf(text, "Its 95 %% interval by chance within the stands is %.2f to %.2f.", r.low,
                  r.high);
    }
}

/* --- Beside an earlier recording -------------------------------------------------------------- */

const char change_title[] = "Compared with an earlier recording";

static const struct {
    enum sway_headline of;
    const char *words, *unit;
    int decimals;
} sway_changes[CHANGE_SWAY_ROWS] = {
    {SWAY_RMS_ML, "sway to the sides (RMS)", "mm", 2},
    {SWAY_RMS_AP, "sway to front and back (RMS)", "mm", 2},
    {SWAY_VELOCITY_RD, "sway velocity", "mm/s", 2},
    {SWAY_ELLIPSE, "sway area (95 % prediction ellipse)", "mm2", 0},
};

const struct change *change_of_row(const struct load_change *load, int row, int foot)
{
    if (row >= CHANGE_KEYS)
        return foot ? NULL : &load->sway[sway_changes[row - CHANGE_KEYS].of];
    return load->has_foot[foot] ? &load->foot[foot][row] : NULL;
}

static int decimals_of(int row)
{
    return row >= CHANGE_KEYS ? sway_changes[row - CHANGE_KEYS].decimals
                              : change_facts((enum change_key)row)->decimals;
}

static const char *unit_of(int row)
{
    return unit_words(row >= CHANGE_KEYS ? sway_changes[row - CHANGE_KEYS].unit
                                         : change_facts((enum change_key)row)->unit);
}

void change_add_name(struct text *text, int row)
{
    text_add(text, row >= CHANGE_KEYS ? sway_changes[row - CHANGE_KEYS].words
                                      : change_facts((enum change_key)row)->words);
}

void change_add_values(struct text *text, const struct change *change, int row)
{
    int decimals = decimals_of(row);
    const char *unit = unit_of(row);

    for (int i = 0; i < 2; i++) {
        double value = i ? change->after : change->before;
        text_add(text, i ? " → " : "");
        if (isfinite(value))
            text_addf(text, "%.*f", decimals, value);
        else
            text_add(text, "–");
    }
    text_addf(text, "%s%s", *unit ? " " : "", unit);
}

void change_add_change(struct text *text, const struct change *change, int row)
{
    double by = change->after - change->before;
    int decimals = decimals_of(row);

    if (!isfinite(by))
        text_add(text, "–");
    else if (fabs(by) < 0.5 * pow(10, -decimals))
        text_addf(text, "%.*f", decimals, 0.0);
    else
        text_addf(text, "%+.*f", decimals, by);
}

const char *change_verdict_words(const struct change *change)
{
    return words_tr(change->verdict == CHANGE_BEYOND   ? "yes: beyond"
                    : change->verdict == CHANGE_WITHIN ? "no: within"
                                                       : "not known");
}

static void add_missing_foot(struct text *text, const struct load_change *load, int foot)
{
    struct text why = {0};

    if (load->has_foot[foot])
        return;
    text_add(text, " ");
    text_add_made(&why, load->foot_reason[foot]);
    text->failed |= why.failed;
    text_addf(text, foot ? "right foot: not compared, %s" : "left foot: not compared, %s",
              text_string(&why));
    text_add(text, ".");
    text_free(&why);
}

void change_add_note(struct text *text, const struct comparison *earlier)
{
    const struct load_change *load = &earlier->load;
    struct text when = {0};

    facts_add_date(&when, earlier->before);
    text->failed |= when.failed;
    text_addf(text, "Before: %s. Contact from %g kPa.", text_string(&when), load->threshold_kpa);
    text_free(&when);
    for (int foot = 0; foot < 2; foot++)
        add_missing_foot(text, load, foot);
    if (load->repeats) {
        text_add(text, " ");
        text_addf(text, "The error is that of repeats (%zu recordings).", load->repeats);
    }
    for (int i = 0; i < load->n_warnings; i++) {
        text_add(text, " ");
        text_add_made(text, load->warnings[i]);
    }
}

/* --- Tender zones of both --------------------------------------------------------------------- */

/* What is not comparable zone by zone is only counted. */
static int is_told(const struct tender_zone *zone)
{
    return zone->became != TENDER_UNCOMPARABLE;
}

int change_zone_count(const struct comparison *earlier)
{
    const struct tender_change *tender = &earlier->tender;
    int n = tender->was_pressed[0] || tender->was_pressed[1];

    for (int i = 0; i < tender->n && !tender->reason[0]; i++)
        n += is_told(&tender->of[i]);
    return n;
}

static void add_zones_counted(struct text *text, const struct tender_change *tender)
{
    struct text why = {0};

    text_add_made(&why, tender->reason);
    text->failed |= why.failed;
    if (tender->reason[0])
        text_addf(text, "Tender zones are not compared: %s.", text_string(&why));
    else
        text_addf(text, "Tender zones: %d gained, %d lost, %d unchanged, %d not comparable.",
                  tender->gained, tender->lost, tender->unchanged, tender->not_comparable);
    text_free(&why);
}

void change_add_zone(struct text *text, const struct comparison *earlier, int i)
{
    const struct tender_change *tender = &earlier->tender;
    char sentence[400];

    if (!i) {
        add_zones_counted(text, tender);
        return;
    }
    for (int k = 0; k < tender->n; k++)
        if (is_told(&tender->of[k]) && !--i) {
            tender_sentence(&tender->of[k], sentence);
            text_add_made(text, sentence);
            return;
        }
}
