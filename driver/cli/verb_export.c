/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot export REC --as csv|json -o DIR: the numbers for other software. */
#include "analysis/export/export.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/version.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef int export_function(const struct result *, const char *, struct export_files *,
                            struct problem *);

struct arguments {
    struct analysis_words words;
    const char *folder;
    export_function *make;
};

enum { OPT_AS = 256 };

static const struct argp_option options[] = {
    {"as", OPT_AS, "csv|json", 0, "tables for spreadsheets, R and NumPy, or one document", 0},
    {"output", 'o', "DIR", 0, "the folder, made if it is missing", 0},
    {0},
};

static export_function *parse_as(const char *text, struct argp_state *state)
{
    if (strcmp(text, "csv") && strcmp(text, "json"))
        argp_error(state, "--as %s: csv or json is meant", text);
    return strcmp(text, "csv") ? export_json : export_csv;
}

static void check(const struct arguments *args, struct argp_state *state)
{
    if (!args->make)
        argp_error(state, "--as csv or --as json is needed");
    if (!args->folder)
        argp_error(state, "-o DIR is needed: the folder for the files");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *args = state->input;
    switch (key) {
    case OPT_AS:
        args->make = parse_as(arg, state);
        return 0;
    case 'o':
        args->folder = arg;
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
    "The analysis of a recording as files: frames, centre of pressure, feet, regions, zones, "
    "answers, "
    "flags, pressure pictures and metadata, with a README.txt that explains each.\v"
    "Files of the same name in the folder are replaced, each only when it is whole.\n\n"
    "Exit: 0 done, also when no foot is found (the files say why); 1 failed; 2 wrong usage; 3 the "
    "recording, calibration or chart is refused.",
    analysis_words_child,
    NULL,
    NULL};

/* Personal data: the folder is the user's own. */
static int make_folder(const char *path, struct problem *why)
{
    struct stat found;
    if (!mkdir(path, 0700))
        return 0;
    int error = errno;
    if (error == EEXIST && !stat(path, &found) && S_ISDIR(found.st_mode))
        return 0;
    if (error == EEXIST)
        return problem(why, PROBLEM_FAILED, "%s is there and is no folder", path);
    return problem(why, PROBLEM_FAILED, "the folder %s cannot be made: %s", path, strerror(error));
}

static int write_file(const char *folder, const struct export_file *file, struct problem *why)
{
    struct text path = {0};
    struct cli_output out;
    text_addf(&path, "%s/%s", folder, file->name);
    if (path.failed) {
        text_free(&path);
        return problem_no_memory(why, "a file name");
    }
    int failed = cli_output_begin(&out, text_string(&path), why);
    if (!failed) {
        fwrite(text_string(&file->bytes), 1, file->bytes.n, out.stream); /* errors stay in it */
        failed = cli_output_finish(&out, why);
    }
    text_free(&path);
    return failed;
}

static int write_files(const char *folder, const struct export_files *files, struct problem *why)
{
    if (make_folder(folder, why))
        return -1;
    for (int i = 0; i < files->n; i++)
        if (write_file(folder, &files->of[i], why))
            return -1;
    return 0;
}

int verb_export(int argc, char **argv)
{
    struct arguments args = {.words.options = analyze_defaults()};
    struct export_files files;
    struct problem why;
    argp_parse(&parser, argc, argv, 0, NULL, &args);
    struct result *result = analyze_words(&args.words, &why);
    if (!result)
        return cli_fail(argv[0], &why);
    int failed = args.make(result, TENDERFOOT_VERSION, &files, &why);
    if (!failed) {
        failed = write_files(args.folder, &files, &why);
        export_files_free(&files);
    }
    result_free(result);
    return failed ? cli_fail(argv[0], &why) : 0;
}
