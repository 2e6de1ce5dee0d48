/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot report REC: one A4 page to hand over, or the same as text. */
#include "analysis/report/report.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/version.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>

struct arguments {
    const char *output;
    struct analysis_words words;
    struct report_options report;
};

enum { OPT_MAX_KPA = 256 };

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0,
     "write the page there: .pdf, .png or .svg by its ending; without it, text is printed", 0},
    {"max-kpa", OPT_MAX_KPA, "N", 0,
     "top of the pressure scale; 120 kPa standing and 400 kPa walking unless told", 0},
    {0},
};

static void check(struct arguments *args, struct argp_state *state)
{
    enum report_format format;
    struct problem why;
    if (args->output && report_format_of(args->output, &format, &why))
        argp_error(state, "%s", why.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *args = state->input;
    switch (key) {
    case 'o':
        args->output = arg;
        return 0;
    case OPT_MAX_KPA:
        args->report.scale_max_kpa = parse_kpa("max-kpa", arg, 1, state);
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
    "One A4 page about a recording: both soles with their load, the tender zones with the "
    "evidence, "
    "what was not tested, and how good the recording is.\v"
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

static int write_page(const struct result *result, const struct arguments *args,
                      struct problem *why)
{
    enum report_format format;
    struct text page;
    struct cli_output out;
    if (report_format_of(args->output, &format, why) ||
        report_render(result, &args->report, format, &page, NULL, why))
        return -1;
    int failed = cli_output_begin(&out, args->output, why);
    if (!failed) {
        fwrite(page.bytes, 1, page.n, out.stream); /* an error stays in the stream */
        failed = cli_output_finish(&out, why);
    }
    text_free(&page);
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
    int failed =
        args.output ? write_page(result, &args, &why) : print_text(result, &args.report, &why);
    result_free(result);
    return failed ? cli_fail(argv[0], &why) : 0;
}
