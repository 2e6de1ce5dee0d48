/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include "analysis/sway/sway_json.h"
#include "driver/import/cop_csv.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_PIPELINE = 256,
    OPTION_FILTER,
    OPTION_RESAMPLE,
    OPTION_BAND,
    OPTION_COLUMNS,
    OPTION_UNITS,
    OPTION_ORIGIN,
    OPTION_AP,
    OPTION_JSON
};

struct arguments {
    const char *file;
    struct sway_options options;
    struct cop_csv_layout layout;
    int named, built, json;
};

static const struct argp_option options[] = {
    {"pipeline", OPTION_PIPELINE, "NAME", 0, "raw, lp5, lp10 (default) or quijoux25", 0},
    {"filter", OPTION_FILTER, "butter:ORDER:HZ", 0,
     "low-pass, forward and backward, of ORDER 1 to 8 each way; none leaves the path as it is", 0},
    {"resample", OPTION_RESAMPLE, "HZ", 0, "to a regular rate (SWARII), before the filter", 0},
    {"band", OPTION_BAND, "LO:HI", 0, "band of the spectra in Hz (default 0.15:5)", 0},
    {"columns", OPTION_COLUMNS, "time=COL,ml=COL,ap=COL", 0,
     "names, or numbers from 1 (default time_s,ml_mm,ap_mm); of a force platform time, fz, mx, my "
     "(N, N m) and fx, fy",
     0},
    {"origin", OPTION_ORIGIN, "MM", 0, "of a platform's moments: depth under its surface", 0},
    {"ap", OPTION_AP, "x|y", 0, "of a platform: which axis points to the front (default y)", 0},
    {"units", OPTION_UNITS, "mm|cm|m", 0, "of the file (default: what its names end in, or mm)", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON document", 0},
    {0},
};

/* A number that ends at `end` exactly and lies within (0, 10000]. */
static double positive(struct argp_state *state, const char *text, char **end, const char *what)
{
    errno = 0;
    double value = strtod(text, end);
    if (*end == text || errno || !(value > 0 && value <= 1e4))
        argp_error(state, "%s '%s' is not a number above 0, at most 10000", what, text);
    return value;
}

static void parse_filter(struct argp_state *state, const char *text, struct sway_pipeline *p)
{
    int order = 0, used = 0;
    char *end = "";
    p->order = 0;
    p->cut_hz = 0;
    if (!strcmp(text, "none"))
        return;
    if (sscanf(text, "butter:%2d:%n", &order, &used) == 1 && used) {
        p->cut_hz = positive(state, text + used, &end, "cut");
        p->order = order;
    }
    if (!used || *end || order < 1 || order > 8)
        argp_error(state, "--filter %s: expected butter:ORDER:HZ with ORDER 1 to 8, or none", text);
}

static void parse_band(struct argp_state *state, const char *text, struct spectrum_band *band)
{
    char *end;
    band->low_hz = strtod(text, &end);
    if (end != text && *end == ':' && band->low_hz >= 0) {
        band->high_hz = positive(state, end + 1, &end, "end of the band");
        if (!*end && band->high_hz > band->low_hz)
            return;
    }
    argp_error(state, "--band %s: expected LO:HI in Hz, LO below HI", text);
}

static void parse_columns(struct argp_state *state, char *text, struct cop_csv_layout *layout)
{
    char *value;
    while (*text) {
        int role = getsubopt(&text, cop_csv_roles, &value);
        if (role < 0 || !value || !*value || strlen(value) >= COP_CSV_NAME)
            argp_error(state, "--columns: expected time=COL,ml=COL,ap=COL, or time=COL,fz=COL,"
                              "mx=COL,my=COL,fx=COL,fy=COL");
        strcpy(layout->names[role], value);
    }
}

static void parse_origin(struct argp_state *state, const char *text, double *origin_mm)
{
    char *end;
    *origin_mm = strtod(text, &end);
    if (end == text || *end || !(fabs(*origin_mm) <= 1000))
        argp_error(state, "--origin %s: expected millimetres, at most 1000", text);
}

static void parse_pipeline(struct argp_state *state, const char *name, struct arguments *a)
{
    struct problem why;
    if (sway_pipeline_find(name, &a->options.pipeline, &why))
        argp_error(state, "%s", why.text);
    a->named = 1;
}

/* The first of --filter and --resample begins a pipeline of the user's own. */
static struct sway_pipeline *custom(struct arguments *a)
{
    if (!a->built)
        a->options.pipeline = (struct sway_pipeline){.name = "custom"};
    a->built = 1;
    return &a->options.pipeline;
}

static void check_end(struct argp_state *state, const struct arguments *a)
{
    if (!a->file)
        argp_error(state, "name the file with the path of the centre of pressure");
    if (a->named && a->built)
        argp_error(state, "either --pipeline, or --filter and --resample");
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *end;
    switch (key) {
    case OPTION_PIPELINE:
        parse_pipeline(state, value, a);
        return 0;
    case OPTION_FILTER:
        parse_filter(state, value, custom(a));
        return 0;
    case OPTION_RESAMPLE:
        custom(a)->resample_hz = positive(state, value, &end, "rate");
        if (*end)
            argp_error(state, "--resample %s: expected a rate in Hz", value);
        return 0;
    case OPTION_BAND:
        parse_band(state, value, &a->options.band);
        return 0;
    case OPTION_COLUMNS:
        parse_columns(state, value, &a->layout);
        return 0;
    case OPTION_ORIGIN:
        parse_origin(state, value, &a->layout.origin_mm);
        return 0;
    case OPTION_AP:
        if (strcmp(value, "x") && strcmp(value, "y"))
            argp_error(state, "--ap %s: expected x or y", value);
        a->layout.ap_is_x = value[0] == 'x';
        return 0;
    case OPTION_UNITS:
        a->layout.mm_per_unit = cop_csv_unit(value);
        if (a->layout.mm_per_unit <= 0)
            argp_error(state, "--units %s: expected mm, cm or m", value);
        return 0;
    case OPTION_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file)
            argp_error(state, "one file at a time");
        a->file = value;
        return 0;
    case ARGP_KEY_END:
        check_end(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "FILE.csv",
    "Sway of a path of the centre of pressure: distances, areas, spectra, entropy, diffusion.\v"
    "ML is to the right, AP to the front. Times are in seconds, regular or not; irregular ones "
    "need "
    "--pipeline quijoux25 or --resample.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 the file is damaged or not a path.\n\n"
    "  tenderfoot sway stand.csv\n"
    "  tenderfoot sway stand.csv --pipeline raw --json\n"
    "  tenderfoot sway force.csv --columns time=t,ml=copy,ap=copx --units cm\n"
    "  tenderfoot sway force.csv --columns time=t,fz=Fz,mx=Mx,my=My --ap x",
    NULL,
    NULL,
    NULL};

static void print_axis(const char *name, const struct sway_distances *d)
{
    printf("%-4s %10.3f %10.3f %10.2f %10.3f %10.3f %10.4f\n", name, d->mean_distance_mm,
           d->rms_distance_mm, d->path_mm, d->mean_velocity_mm_s, d->range_mm,
           d->mean_frequency_hz);
}

static void print_spectra(const struct sway_result *r)
{
    printf("\n%-22s %10s %9s %9s %9s %10s\n", "spectrum", "power mm2", "f50 Hz", "f80 Hz", "f95 Hz",
           "centroidal");
    for (int kind = 0; kind < SPECTRUM_KINDS; kind++)
        for (int k = 0; k < SWAY_RD; k++) {
            const struct spectrum_numbers *s = &r->spectrum[kind][k];
            printf("%-19s %s %10.4f %9.4f %9.4f %9.4f %10.4f\n", spectrum_names[kind],
                   k ? "AP" : "ML", s->power_mm2, s->f50_hz, s->f80_hz, s->f95_hz,
                   s->centroidal_hz);
        }
}

static void print_text(const struct sway_result *r, const char *file)
{
    char filter[40];
    sway_filter_name(&r->options.pipeline, filter);
    printf("%s: %zu samples, %.2f s; pipeline %s (filter %s), %zu samples at %g Hz, band %g to %g "
           "Hz\n\n",
           file, r->input_n, r->input_duration_s, r->options.pipeline.name, filter, r->n,
           r->rate_hz, r->options.band.low_hz, r->options.band.high_hz);
    printf("%-4s %10s %10s %10s %10s %10s %10s\n", "", "mean mm", "rms mm", "path mm", "mm/s",
           "range mm", "freq Hz");
    print_axis("ML", &r->distances[SWAY_ML]);
    print_axis("AP", &r->distances[SWAY_AP]);
    print_axis("RD", &r->distances[SWAY_RD]);
    printf("\n95 %% prediction ellipse %.2f mm2, direction %.1f deg from ML; hull %.2f mm2; sway "
           "area %.3f mm2/s\n",
           r->area.ellipse95_prediction_mm2, r->area.angle_deg, r->area.hull_mm2,
           r->area.sway_mm2_s);
    printf("sample entropy ML %.4f, AP %.4f; DFA alpha ML %.4f, AP %.4f\n",
           r->axis[0].entropy.entropy, r->axis[1].entropy.entropy, r->axis[0].dfa_alpha,
           r->axis[1].dfa_alpha);
    print_spectra(r);
}

static int measure(const struct arguments *a, struct sway_result *result, double *mm_per_unit,
                   struct problem *why)
{
    struct cop_series series = {0};
    struct sway_work *work = NULL;
    int bad = -1;
    FILE *in = fopen(a->file, "r");
    if (!in)
        return problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", a->file, strerror(errno));
    if (!cop_csv_read(in, a->file, &a->layout, &series, mm_per_unit, why) &&
        (work = sway_work_make(why)))
        bad = sway_measure(work, &series, &a->options, result, why);
    sway_work_free(work);
    cop_series_free(&series);
    fclose(in);
    return bad;
}

int verb_sway(int argc, char **argv)
{
    struct arguments a = {.options = sway_defaults()};
    struct sway_result result;
    struct problem why;
    double mm_per_unit;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (measure(&a, &result, &mm_per_unit, &why))
        return cli_fail(argv[0], &why);
    int bad;
    if (a.json) {
        bad = cli_print_json(sway_json(&result, cop_csv_unit_name(mm_per_unit)), &why);
    } else {
        print_text(&result, a.file);
        bad = cli_flush_stdout(&why);
    }
    return bad ? cli_fail(argv[0], &why) : 0;
}
