/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/walk_tables.h"

#include "analysis/export/table.h"
#include "analysis/walk/walk.h"

#include <math.h>
#include <string.h>

static const char *step_side(enum side side)
{
    return side == SIDE_UNKNOWN ? "" : side_name(side);
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
static void add_quantity(struct table *table, const struct walk_step *step, const char *key)
{
    int n;
    const struct walk_quantity *quantity = walk_quantities(&n);

    for (int i = 0; i < n; i++)
        if (!strcmp(quantity[i].key, key)) {
            double value = *(const double *)(const void *)((const char *)step + quantity[i].offset);

            table_number(table, value, why_missing(step, &quantity[i]));
        }
}

static void add_phases(struct table *table, const struct walk_step *step)
{
    for (int i = 0; i < PHASES; i++) {
        double lasts = step->at_s[i + 1] - step->at_s[i];

        table_number(table, lasts >= 0 ? lasts : NAN,
                     *step->phases_reason ? step->phases_reason : "an end is not known");
    }
}

static void add_print(struct table *table, const struct walk_step *step, enum print_number_id id)
{
    table_number(table, step->print.of[id].value, step->print.of[id].reason);
}

void walk_table_steps(struct table_sink *out, const struct result *result, const char *version)
{
    static const char *const keys[] = {
        "stance_s",          "step_time_s",          "stride_time_s",        "double_support_s",
        "step_length_mm",    "stride_length_mm",     "step_width_mm",        "progression_deg",
        "max_force_n",       "mean_force_n",         "first_peak_n",         "valley_n",
        "second_peak_n",     "loading_rate_n_s",     "impulse_n_s",          "peak_kpa",
        "pti_peak_kpa_s",    "max_area_cm2",         "print_area_cm2",       "cop_path_mm",
        "cop_velocity_mm_s", "cop_velocity_ml_mm_s", "cop_velocity_ap_mm_s", "cpei_percent"};
    struct table table;

    (void)version;
    table_begin(&table, out, STEPS_HEADER);
    for (size_t i = 0; result->walk && i < result->walk->n_steps; i++) {
        const struct walk_step *step = &result->walk->steps[i];

        table_count(&table, i + 1);
        table_text(&table, step_side(step->side));
        table_number(&table, step->side_confidence, "not known");
        table_flag(&table, !step->cut);
        table_text(&table, step->cut_reason);
        table_number(&table, step->start_s, "not known");
        table_number(&table, step->end_s, "not known");
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
            add_quantity(&table, step, keys[k]);
        add_phases(&table, step);
        add_print(&table, step, PRINT_ARCH_INDEX);
        add_print(&table, step, PRINT_LENGTH_MM);
        add_print(&table, step, PRINT_FOREFOOT_MM);
        table_end_row(&table);
    }
    table_end(&table);
}

void walk_table_averages(struct table_sink *out, const struct result *result, const char *version)
{
    static const char *const names[3] = {"all", "left", "right"};
    struct table table;
    int n;
    const struct walk_quantity *quantity = walk_quantities(&n);

    (void)version;
    table_begin(&table, out, WALK_AVERAGES_HEADER);
    for (int side = 0; result->walk && side < 3; side++)
        for (int i = 0; i < n; i++) {
            const struct walk_average *average = &result->walk->average[side][i];

            table_text(&table, names[side]);
            table_text(&table, quantity[i].key);
            table_number(&table, average->mean, "no whole step has it");
            table_number(&table, average->sd, "fewer than two whole steps have it");
            table_count(&table, (uint64_t)average->n);
            table_end_row(&table);
        }
    table_end(&table);
}
