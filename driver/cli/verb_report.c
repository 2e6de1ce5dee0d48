/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot report REC: one to three A4 pages to hand over, or the same as text. */
#include "analysis/report/report.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/compare_recordings.h"
#include "driver/stand_sway.h"
#include "driver/version.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *output, *earlier; /* earlier: to compare with */
    const char *repeats[COMPARE_REPEATS_MOST];
    size_t n_repeats;
    struct analysis_words words;
    struct report_options report;
};

enum { OPT_MAX_KPA = 256, OPT_LANGUAGE, OPT_COMPARE_WITH, OPT_REPEAT, OPT_NAME };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "write the pages there: .pdf, .html, .png or .svg by its ending; of .png and .svg the second "
     "page "
     "goes to FILE-2, the third to FILE-3; without it, text is printed",
     0},
    {"max-kpa", OPT_MAX_KPA, "N", 0,
     "top of the pressure scale; 120 kPa standing and 400 kPa walking unless told", 0},
    {"language", OPT_LANGUAGE, "LANG", 0, "en (unless told), de or ru", 0},
    {"name", OPT_NAME, "NAME", 0, "whom it is of; the recording's own label unless told", 0},
    {"compare-with", OPT_COMPARE_WITH, "REC", 0,
     "an earlier recording of the same person on the same plate: what changed since, and whether "
     "beyond the measuring error",
     0},
    {"repeat", OPT_REPEAT, "REC", 0,
     "another recording in the state of that earlier one; may be given again, as of 'compare'", 0},
    {0},
};

static void check(struct arguments *args, struct argp_state *state)
{
    enum report_format format;
    struct problem why;
    if (args->output && report_format_of(args->output, &format, &why))
        argp_error(state, "%s", why.text);
    if (args->n_repeats && !args->earlier)
        argp_error(state, "--repeat goes with --compare-with");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *args = state->input;
    struct problem why;
    switch (key) {
    case 'o':
        args->output = arg;
        return 0;
    case OPT_MAX_KPA:
        args->report.scale_max_kpa = parse_kpa("max-kpa", arg, 1, state);
        return 0;
    case OPT_LANGUAGE:
        if (words_language_of(arg, &args->report.language, &why))
            argp_error(state, "%s", why.text);
        return 0;
    case OPT_NAME:
        args->report.person = arg;
        return 0;
    case OPT_COMPARE_WITH:
        args->earlier = arg;
        return 0;
    case OPT_REPEAT:
        if (args->n_repeats == COMPARE_REPEATS_MOST)
            argp_error(state, "at most %d repeats", COMPARE_REPEATS_MOST);
        args->repeats[args->n_repeats++] = arg;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &args->words;
        return 0;
    case ARGP_KEY_END:
        check(args, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "RECORDING",
    "One to three A4 pages about a recording: a plain summary, both soles with their load, the "
    "tender zones with the evidence, what was not tested, the plan that the articles suggest, and "
    "how good the recording is.\v"
    "The same recording gives the same file, byte for byte. Not a medical device.\n\n"
    "Exit: 0 done, also when no foot is found (the page says why); 1 failed; 2 wrong usage; 3 the "
    "recording, calibration or chart is refused.",
    analysis_words_child,
    NULL,
    NULL};

static int print_text(const struct result *result, const struct report_options *how,
                      struct problem *why)
{
    struct text text;
    if (report_text(result, how, &text, why))
        return -1;
    fwrite(text.bytes, 1, text.n, stdout);
    text_free(&text);
    return cli_flush_stdout(why);
}

/* "out.png", then "out-2.png", "out-3.png". The caller's string (free). */
static char *page_path(const char *path, int page, struct problem *why)
{
    const char *dot = strrchr(path, '.');
    char *name = NULL;
    int n = page ? asprintf(&name, "%.*s-%d%s", (int)(dot - path), path, page + 1, dot)
                 : asprintf(&name, "%s", path);

    if (n < 0) {
        problem_no_memory(why, "a file's name");
        return NULL;
    }
    return name;
}

static int write_file(const struct text *bytes, const char *path, struct problem *why)
{
    struct cli_output out;
    int replaced = cli_is_there(path);

    if (cli_output_begin(&out, path, why))
        return -1;
    fwrite(bytes->bytes, 1, bytes->n, out.stream); /* an error stays in the stream */
    if (cli_output_finish(&out, why))
        return -1;
    cli_tell_written(path, 1, replaced);
    return cli_flush_stdout(why);
}

/* What a longer report left under this name is no page of this one, maybe of somebody else; it may
 * as well be a file of the user's own, so it stays. */
static int tell_old_page(const char *path, int page, struct problem *why)
{
    char *old = page_path(path, page, why);

    if (old && cli_is_there(old))
        fprintf(stderr, "tenderfoot report: %s was there before and is no page of this report\n",
                old);
    free(old);
    return old ? 0 : -1;
}

static int write_pages(const struct result *result, const struct arguments *args,
                       struct problem *why)
{
    enum report_format format;
    struct report_pages pages;
    int failed = 0;

    if (report_format_of(args->output, &format, why) ||
        report_render_pages(result, &args->report, format, &pages, NULL, why))
        return -1;
    for (int i = 0; i < pages.n && !failed; i++) {
        char *path = page_path(args->output, i, why);
        failed = !path || write_file(&pages.of[i], path, why);
        free(path);
    }
    for (int i = pages.n; i < REPORT_PAGES_MAX && !failed; i++)
        failed =
            (format == REPORT_PNG || format == REPORT_SVG) && tell_old_page(args->output, i, why);
    report_pages_free(&pages);
    return failed ? -1 : 0;
}

/* Sway of the stand, and what changed since the earlier recording; then the report. */
static int report(const struct result *result, struct arguments *args, struct problem *why)
{
    const struct sway_options how = sway_defaults();
    const struct compare_options compare = {args->earlier,
                                            args->words.recording,
                                            args->repeats,
                                            args->n_repeats,
                                            args->words.options.threshold_kpa,
                                            how,
                                            NULL};
    struct visit_sway *sway;
    struct compared *compared = NULL;
    int failed = stand_sway_told(result, &sway, why);

    if (!failed && args->earlier)
        failed = !(compared = compare_recordings(&compare, why));
    args->report.sway = sway;
    args->report.earlier = compared ? &compared->comparison : NULL;
    if (!failed)
        failed =
            args->output ? write_pages(result, args, why) : print_text(result, &args->report, why);
    compared_free(compared);
    free(sway);
    return failed;
}

int verb_report(int argc, char **argv)
{
    struct arguments args = {.words.options = analyze_defaults(),
                             .report = {.software_version = TENDERFOOT_VERSION}};
    struct problem why;
    argp_parse(&parser, argc, argv, 0, NULL, &args);
    struct result *result = analyze_words(&args.words, &why);
    if (!result)
        return cli_fail(argv[0], &why);
    int failed = report(result, &args, &why);
    result_free(result);
    return failed ? cli_fail(argv[0], &why) : 0;
}
