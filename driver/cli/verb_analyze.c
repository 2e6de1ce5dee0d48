/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot analyze REC: the numbers of a recording, as JSON or as a summary to read. */
#include "analysis/press/tested.h"
#include "analysis/press/shift_watch.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tool.h"
#include "analysis/foot/regions.h"
#include "analysis/report/walk_lines.h"
#include "analysis/result_json.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>

struct arguments {
    struct analysis_words words;
    const char *output;
    int json, frames;
};

enum { OPT_FRAMES = 256, OPT_JSON };

static const struct argp_option options[] = {
    {"json", OPT_JSON, NULL, 0, "one JSON document (tenderfoot-analysis(5))", 0},
    {"frames", OPT_FRAMES, NULL, 0, "with the numbers of each frame (needs --json)", 0},
    {"output", 'o', "FILE", 0, "write there instead of standard output", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *args = state->input;

    switch (key) {
    case OPT_JSON:
        args->json = 1;
        return 0;
    case OPT_FRAMES:
        args->frames = 1;
        args->words.options.with_part_series = 1;
        return 0;
    case 'o':
        args->output = arg;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->words;
        return 0;
    case ARGP_KEY_END:
        if (args->frames && !args->json)
            argp_error(state, "--frames needs --json");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* A number with its unit, or "-" when there is none. */
static void print_number(FILE *to, const char *name, double value, const char *format,
                         const char *unit)
{
    fprintf(to, "  %-22s", name);
    if (isnan(value))
        fputs("-", to);
    else
        fprintf(to, format, value);
    fprintf(to, " %s\n", isnan(value) ? "" : unit);
}

static void print_recording(FILE *to, const struct result *result)
{
    fprintf(to, "Recording: %d x %d cells of %g x %g mm, %zu frames at %g Hz, %.2f s, %llu lost\n",
            result->grid.rows, result->grid.cols, result->grid.pitch_x_mm, result->grid.pitch_y_mm,
            result->frames.n, result->rate_hz, result->duration_s,
            (unsigned long long)result->facts.lost_frames);
    fprintf(to, "Contact at %g kPa or more\n", result->threshold_kpa);
    print_number(to, "highest force", result->max_force_n, "%.1f", "N");
    print_number(to, "mean force", result->mean_force_n, "%.1f", "N");
    print_number(to, "mean contact area", result->mean_area_cm2, "%.1f", "cm2");
    print_number(to, "peak pressure", result->peak_pressure_kpa, "%.1f", "kPa");
}

static void print_foot(FILE *to, const struct foot_result *foot)
{
    fprintf(to, "\nFoot: %s (confidence %.2f: %s)\n", side_name(foot->side), foot->side_confidence,
            foot->side_reason);
    print_number(to, "length", foot->length_mm, "%.0f", "mm");
    fprintf(to, "    %s\n", foot->length_reason);
    print_number(to, "angle", foot->angle_deg, "%.1f", "degrees");
    print_number(to, "load", foot->load_percent, "%.1f", "%");
    print_number(to, "contact area", foot->area_cm2, "%.1f", "cm2");
    print_number(to, "peak pressure", foot->peak_kpa, "%.1f", "kPa");
    for (int i = 0; foot->has_load && i < REGION_COUNT; i++)
        fprintf(to, "  %-4s%-18s%6.1f %%  %7.1f kPa peak  %6.1f cm2\n",
                region_name((enum region_id)i), region_words((enum region_id)i),
                foot->regions[i].load_percent, foot->regions[i].peak_kpa,
                foot->regions[i].area_cm2);
}

/* The steps of a walk in one line; the report has their averages, --json each step. */
static int print_walk(FILE *to, const struct result *result, struct problem *why)
{
    struct text line = {0};

    if (!walk_is_shown(result))
        return 0;
    walk_add_summary(&line, result->walk);
    if (!line.failed)
        fprintf(to, "\nWalk: %s Averages: 'tenderfoot report'; each step: --json\n",
                text_string(&line));
    int failed = line.failed;
    text_free(&line);
    return failed ? problem(why, PROBLEM_FAILED, "out of memory") : 0;
}

/* What standing on a mat or the bare plate told, and what to press after it. */
static void print_standing(FILE *to, const struct result *result)
{
    char words[400];

    tender_standing_count(result, words, sizeof words);
    if (*words)
        fprintf(to, "\nOn a mat or the bare plate: %s\n", words);
    for (int side = SIDE_LEFT; result->n_shift_loads && side <= SIDE_RIGHT; side++)
        for (int r = 0; r < SHIFT_REGIONS; r++) {
            struct shift_told told = shift_told_of(result, (enum side)side, (enum shift_region)r);
            shift_told_words(&told, (enum side)side, (enum shift_region)r, words, sizeof words);
            fprintf(to, "  %s\n", words);
        }
    for (int i = 0; i < result->n_stud_next; i++) {
        tender_next_words(&result->stud_next[i], words, sizeof words);
        fprintf(to, "%s  %s\n", i ? "" : "To press with a single stud next:\n", words);
    }
    if (tender_standing_only(result))
        fprintf(to, "  %s\n", tender_standing_only(result));
}

static void print_flags(FILE *to, const struct result *result)
{
    char zones[40];

    print_standing(to, result);
    char tested[120];

    fprintf(to, "\nPress test: %s; %d zone%s flagged\n",
            tested_words(result, tested, sizeof tested), result->n_flags,
            result->n_flags == 1 ? "" : "s");
    if (result->answers_unreliable)
        fprintf(to, "  answers unreliable: %s\n", result->unreliable_why);
    for (int i = 0; i < result->n_flags; i++)
        fprintf(to, "  %-7s %-6s %s: %s\n",
                flag_zones_words(&result->flags[i], zones, sizeof zones),
                side_name(result->flags[i].side), flag_level_name(result->flags[i].level),
                result->flags[i].why);
}

static int print_summary(FILE *to, const struct result *result, struct problem *why)
{
    print_recording(to, result);
    if (print_walk(to, result, why))
        return -1;
    if (*result->no_foot_reason)
        fprintf(to, "\nNo foot: %s\n", result->no_foot_reason);
    for (int i = 0; i < result->n_feet; i++)
        print_foot(to, &result->feet[i]);
    print_flags(to, result);
    for (int i = 0; i < result->n_warnings; i++)
        fprintf(to, "%sWarning: %s\n", i ? "" : "\n", result->warnings[i]);
    if (result->facts.damaged_places)
        fprintf(to, "'tenderfoot verify' tells what of the file is whole.\n");
    cli_print_disclaimer(to);
    return 0;
}

static int print_to(FILE *to, const struct arguments *args, const struct result *result,
                    struct problem *why)
{
    char *text;

    if (!args->json)
        return print_summary(to, result, why);
    text = result_json_text(result, args->frames, why);
    if (!text)
        return -1;
    fputs(text, to);
    free(text);
    return 0;
}

static int print_result(const struct arguments *args, const struct result *result,
                        struct problem *why)
{
    struct cli_output out;

    if (!args->output)
        return print_to(stdout, args, result, why) || cli_flush_stdout(why) ? -1 : 0;
    if (cli_output_begin(&out, args->output, why))
        return -1;
    if (print_to(out.stream, args, result, why)) {
        cli_output_abort(&out);
        return -1;
    }
    return cli_output_finish(&out, why);
}

int verb_analyze(int argc, char **argv)
{
    const struct argp argp = {
        options,
        parse,
        "RECORDING",
        "Finds the feet in a recording, their load by region and zone, and the presses of a press "
        "test with their answers.\vExit: 0 done, also when no foot is found (the result says why); "
        "1 failed; 2 wrong usage; 3 the recording, calibration or chart is refused.",
        analysis_words_child,
        NULL,
        NULL};
    struct arguments args = {.words.options = analyze_defaults()};
    struct problem why = {0};
    struct result *result;
    int failed;

    argp_parse(&argp, argc, argv, 0, NULL, &args);
    result = analyze_words(&args.words, &why);
    if (!result)
        return cli_fail(argv[0], &why);
    failed = print_result(&args, result, &why);
    result_free(result);
    return failed ? cli_fail(argv[0], &why) : 0;
}
