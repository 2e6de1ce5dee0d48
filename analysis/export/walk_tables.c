/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/walk_tables.h"

#include "analysis/export/csv.h"
#include "analysis/walk/walk.h"

#include <math.h>
#include <string.h>

static const char *step_side(enum side side)
{
    return side == SIDE_UNKNOWN ? "" : side == SIDE_LEFT ? "left" : "right";
}

/* Why a quantity of the table of averages is missing in one step. */
static const char *why_missing(const struct walk_step *step, const struct walk_quantity *quantity)
{
    const double *value = (const double *)(const void *)((const char *)step + quantity->offset);

    if (value == &step->cpei.percent)
        return step->cpei.reason;
    if (value == &step->progression_deg)
        return step->progression_reason;
    if (value == &step->first_peak_n || value == &step->valley_n || value == &step->second_peak_n)
        return step->peaks_reason;
    return "no step or frame beside it that is needed";
}

/* The quantities stand in the header in the order of their table, start and stance apart. */
static void add_quantity(struct csv *csv, const struct walk_step *step, const char *key)
{
    int n;
    const struct walk_quantity *quantity = walk_quantities(&n);

    for (int i = 0; i < n; i++)
        if (!strcmp(quantity[i].key, key)) {
            double value = *(const double *)(const void *)((const char *)step + quantity[i].offset);

            csv_number(csv, value, why_missing(step, &quantity[i]));
        }
}

static void add_phases(struct csv *csv, const struct walk_step *step)
{
    for (int i = 0; i < PHASES; i++) {
        double lasts = step->at_s[i + 1] - step->at_s[i];

        csv_number(csv, lasts >= 0 ? lasts : NAN,
                   *step->phases_reason ? step->phases_reason : "an end is not known");
    }
}

static void add_print(struct csv *csv, const struct walk_step *step, enum print_number_id id)
{
    csv_number(csv, step->print.of[id].value, step->print.of[id].reason);
}

void walk_table_steps(struct text *out, const struct result *result, const char *version)
{
    static const char *const keys[] = {
        "stance_s",          "step_time_s",          "stride_time_s",        "double_support_s",
        "step_length_mm",    "stride_length_mm",     "step_width_mm",        "progression_deg",
        "max_force_n",       "mean_force_n",         "first_peak_n",         "valley_n",
        "second_peak_n",     "loading_rate_n_s",     "impulse_n_s",          "peak_kpa",
        "pti_peak_kpa_s",    "max_area_cm2",         "print_area_cm2",       "cop_path_mm",
        "cop_velocity_mm_s", "cop_velocity_ml_mm_s", "cop_velocity_ap_mm_s", "cpei_percent"};
    struct csv csv;

    (void)version;
    csv_begin(&csv, out, STEPS_HEADER);
    for (size_t i = 0; result->walk && i < result->walk->n_steps; i++) {
        const struct walk_step *step = &result->walk->steps[i];

        csv_count(&csv, i + 1);
        csv_text(&csv, step_side(step->side));
        csv_number(&csv, step->side_confidence, "not known");
        csv_flag(&csv, !step->cut);
        csv_text(&csv, step->cut_reason);
        csv_number(&csv, step->start_s, "not known");
        csv_number(&csv, step->end_s, "not known");
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            add_quantity(&csv, step, keys[k]);
        add_phases(&csv, step);
        add_print(&csv, step, PRINT_ARCH_INDEX);
        add_print(&csv, step, PRINT_LENGTH_MM);
        add_print(&csv, step, PRINT_FOREFOOT_MM);
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

void walk_table_averages(struct text *out, const struct result *result, const char *version)
{
    static const char *const names[3] = {"all", "left", "right"};
    struct csv csv;
    int n;
    const struct walk_quantity *quantity = walk_quantities(&n);

    (void)version;
    csv_begin(&csv, out, WALK_AVERAGES_HEADER);
    for (int side = 0; result->walk && side < 3; side++)
        for (int i = 0; i < n; i++) {
            const struct walk_average *average = &result->walk->average[side][i];

            csv_text(&csv, names[side]);
            csv_text(&csv, quantity[i].key);
            csv_number(&csv, average->mean, "no whole step has it");
            csv_number(&csv, average->sd, "fewer than two whole steps have it");
            csv_count(&csv, (uint64_t)average->n);
            csv_end_row(&csv);
        }
    csv_end(&csv);
}
