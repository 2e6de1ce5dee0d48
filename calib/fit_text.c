/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit in words and tables. */
#include "calib/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* "3.2 %" or "not measured". */
static const char *number(char text[48], double value, const char *unit)
{
    if (isnan(value))
        return "not measured";
    snprintf(text, 48, "%.2f%s", value, unit);
    return text;
}

static void print_line(FILE *out, const char *name, const struct calibration_error *line)
{
    char percent[48], kpa[48];
    if (isnan(line->percent) && isnan(line->kpa))
        fprintf(out, "  %-14s not measured\n", name);
    else
        fprintf(out, "  %-14s %6s %% of reading  %6s kPa\n", name,
                number(percent, line->percent, ""), number(kpa, line->kpa, ""));
}

static void print_budget(FILE *out, const struct bench_fit *fit)
{
    const struct calibration_budget *b = &fit->spec.budget;
    char text[48];
    fprintf(out, "Error budget (what is left after compensation, RMS)\n");
    print_line(out, "accuracy", &b->accuracy);
    print_line(out, "repeatability", &b->repeatability);
    print_line(out, "hysteresis", &b->hysteresis);
    print_line(out, "creep", &b->creep);
    print_line(out, "crosstalk", &b->crosstalk);
    fprintf(out, "  %-14s %s\n", "total force", number(text, b->force_percent, " %"));
    fprintf(out, "  %-14s %s\n", "COP", number(text, fit->cop_error_mm, " mm"));
    fprintf(out, "  %-14s %s\n", "noise", number(text, b->noise_counts, " counts"));
    fprintf(out, "  %-14s %s\n", "held load",
            number(text, b->creep_percent_per_decade, " % per factor 10 of time"));
}

static void print_curves(FILE *out, const struct bench_fit *fit)
{
    const struct calibration_spec *spec = &fit->spec;
    fprintf(out, "Curve: %s (error at holds that were left out:", spec->curve);
    for (int k = 0; k < spec->n_candidates; k++)
        fprintf(out, "%s %s %.2f %%", k ? "," : "", spec->candidates[k].curve,
                spec->candidates[k].error_percent);
    fprintf(out, ")\n");
    if (!spec->has_dynamics) {
        fprintf(out, "Compensation: none, it gains nothing\n");
        return;
    }
    const char *parting = " ";
    fprintf(out, "Compensation:");
    for (int k = 0; k < spec->dynamics.n_creep; k++, parting = "; ")
        fprintf(out, "%s %.2f %% of %g s", k ? "," : " creep", 100 * spec->dynamics.creep_share[k],
                spec->dynamics.creep_tau_s[k]);
    if (spec->dynamics.hysteresis > 0) {
        fprintf(out, "%shysteresis %.3f", parting, spec->dynamics.hysteresis);
        parting = "; ";
    }
    if (spec->dynamics.gain_percent_per_c != 0)
        fprintf(out, "%s%.2f %% per degree from %.1f C", parting, spec->dynamics.gain_percent_per_c,
                spec->dynamics.reference_c);
    fprintf(out, "\n");
}

static void print_studs(FILE *out, const struct calibration_spec *spec)
{
    char text[48];
    for (int k = 0; k < spec->n_studs; k++)
        fprintf(out, "Stud '%s': tip %g cm2, factor %.4f, spread %s, %d places\n",
                spec->studs[k].name, spec->studs[k].tip_cm2, spec->studs[k].factor,
                number(text, spec->studs[k].spread_percent, " %"), spec->studs[k].n);
}

char *bench_fit_text(const struct bench_fit *fit)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return NULL;
    const struct calibration_spec *spec = &fit->spec;
    fprintf(out, "Calibration %s of plate %s, %d x %d cells\n", spec->id, spec->serial, spec->rows,
            spec->cols);
    fprintf(out, "Bladder: %d holds at %d pressures, %g to %g kPa, %d cycles\n", fit->bladder_holds,
            fit->distinct_kpa, fit->least_kpa, fit->most_kpa, fit->cycles);
    fprintf(out, "Cells:");
    for (int h = 0; h < CELL_HEALTHS; h++)
        fprintf(out, "%s %zu %s", h ? "," : "", fit->health_count[h],
                cell_health_name((enum cell_health)h));
    fprintf(out, "\n");
    print_curves(out, fit);
    print_budget(out, fit);
    print_studs(out, spec);
    for (size_t i = 0; i < fit->n_notes; i++)
        fprintf(out, "Note: %s\n", fit->notes[i]);
    int bad = ferror(out);
    if (!fclose(out) && !bad)
        return text;
    free(text);
    return NULL;
}
