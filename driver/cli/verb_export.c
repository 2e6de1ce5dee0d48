/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot export REC --as csv|json -o DIR: the numbers for other software; --as
 * asf|lst|npy|hdf5|mat -o FILE: its frames in kPa; --as xlsx -o FILE: the tables as a workbook;
 * --as fhir|gdt|dicom -o FILE: one document for a system that keeps people's records. */
#include "analysis/export/export.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "analysis/export/document.h"
#include "analysis/report/report.h"
#include "driver/stand_sway.h"
#include "driver/export/dicom_export.h"
#include "driver/export/frame_export.h"
#include "driver/export/xlsx_export.h"
#include "driver/version.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int export_function(const struct result *, const char *, struct export_files *,
                            struct problem *);
typedef int document_function(const struct document *, struct text *, struct problem *);

struct arguments {
    struct analysis_words words;
    const char *to;                    /* folder or file */
    export_function *make;             /* of a folder's files, or */
    const struct frame_format *frames; /* of one file with the frames, or */
    document_function *write;          /* of one document */
    struct document_person person;
};

enum { OPT_AS = 256, OPT_NUMBER, OPT_FAMILY, OPT_GIVEN, OPT_BORN };

static const char formats[] = "csv, json, asf, lst, npy, hdf5, mat, xlsx, fhir, gdt or dicom";

static const struct argp_option options[] = {
    {"as", OPT_AS, "FORMAT", 0,
     "csv: tables for spreadsheets, R and NumPy; json: one document; or the frames in kPa as asf: "
     "Tekscan's text, lst: emed's text, npy: NumPy's array, hdf5, mat: MATLAB's; xlsx: all tables "
     "in one workbook; or one "
     "document "
     "for a system that keeps people's records, as fhir: HL7 FHIR R4, gdt: GDT 2.1, dicom: the "
     "report as an encapsulated PDF",
     0},
    {"number", OPT_NUMBER, "NUMBER", 0,
     "fhir, gdt, dicom: the person's number in that system; else the recording's client", 0},
    {"family-name", OPT_FAMILY, "NAME", 0, "their family name", 0},
    {"given-name", OPT_GIVEN, "NAME", 0, "their given name", 0},
    {"born", OPT_BORN, "DATE", 0, "their date of birth, 1970-03-31", 0},
    {"output", 'o', "DIR|FILE", 0,
     "csv, json: the folder, made if it is missing; else the file, replaced when it is there", 0},
    {0},
};

static void parse_as(struct arguments *args, const char *text, struct argp_state *state)
{
    args->frames = frame_format_named(text);
    args->make = !strcmp(text, "csv") ? export_csv : !strcmp(text, "json") ? export_json : NULL;
    args->write = !strcmp(text, "fhir")    ? export_fhir
                  : !strcmp(text, "gdt")   ? export_gdt
                  : !strcmp(text, "dicom") ? export_dicom
                  : !strcmp(text, "xlsx")  ? export_xlsx
                                           : NULL;
    if (!args->make && !args->frames && !args->write)
        argp_error(state, "--as %s: %s is meant", text, formats);
}

static void check_person(const struct arguments *args, struct argp_state *state)
{
    const struct document_person *person = &args->person;
    int year, month, day;
    if (!args->write &&
        (person->number || person->family_name || person->given_name || person->born))
        argp_error(state, "--number, --family-name, --given-name and --born go with fhir, gdt and "
                          "dicom only");
    if (person->born && !document_date(person->born, &year, &month, &day))
        argp_error(state, "--born %s: a day as 1970-03-31 is meant", person->born);
}

static void check(const struct arguments *args, struct argp_state *state)
{
    if (!args->make && !args->frames && !args->write)
        argp_error(state, "--as %s is needed", formats);
    if (!args->to)
        argp_error(state, "-o %s is needed: where to", args->make ? "DIR" : "FILE");
    check_person(args, state);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *args = state->input;
    switch (key) {
    case OPT_AS:
        parse_as(args, arg, state);
        return 0;
    case 'o':
        args->to = arg;
        return 0;
    case OPT_NUMBER:
        args->person.number = arg;
        return 0;
    case OPT_FAMILY:
        args->person.family_name = arg;
        return 0;
    case OPT_GIVEN:
        args->person.given_name = arg;
        return 0;
    case OPT_BORN:
        args->person.born = arg;
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
    "flags, pressure pictures and metadata, with a README.txt that explains each; or its frames in "
    "kPa in another maker's format.\v"
    "Files of the same name are replaced, when the new ones are whole, and it is said. asf keeps "
    "every digit, lst "
    "two behind the point, npy, hdf5 and mat are exact; hdf5 and mat hold time, force, centre of "
    "pressure, annotations and the cells that are none besides.\n\n"
    "Exit: 0 done, also when no foot is found (the files say why); 1 failed; 2 wrong usage; 3 the "
    "recording, calibration or chart is refused.",
    analysis_words_child,
    NULL,
    NULL};

/* Personal data: the folder is the user's own. 1 = made, 0 = it was there. */
static int make_folder(const char *path, struct problem *why)
{
    struct stat found;
    if (!mkdir(path, 0700))
        return 1;
    int error = errno;
    if (error == EEXIST && !stat(path, &found) && S_ISDIR(found.st_mode))
        return 0;
    if (error == EEXIST)
        return problem(why, PROBLEM_FAILED, "%s is there and is no folder", path);
    return problem(why, PROBLEM_FAILED, "the folder %s cannot be made: %s", path, strerror(error));
}

/* On the disk, and without its name yet. */
static int settle_file(const char *folder, const struct export_file *file, struct cli_output *out,
                       struct problem *why)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", folder, file->name);
    int failed = path.failed ? problem_no_memory(why, "a file name")
                             : cli_output_begin(out, text_string(&path), why);
    text_free(&path);
    if (failed)
        return -1;
    fwrite(text_string(&file->bytes), 1, file->bytes.n, out->stream); /* errors stay in it */
    return cli_output_settle(out, why);
}

/* The last disk to fill up is met before the first file has its name: all of them, or none. */
static int write_files(const char *folder, const struct export_files *files, struct problem *why)
{
    struct cli_output out[EXPORT_FILES_MAX];
    int settled = 0, done = 0, replaced = 0;
    int made = make_folder(folder, why);
    if (made < 0)
        return -1;
    while (settled < files->n && !settle_file(folder, &files->of[settled], &out[settled], why))
        settled++;
    int failed = settled < files->n;
    for (; done < settled && !failed; done++) {
        replaced += cli_is_there(out[done].path);
        failed = cli_output_finish(&out[done], why);
    }
    for (; done < settled; done++)
        cli_output_abort(&out[done]);
    if (failed && made)
        rmdir(folder);
    if (failed)
        return -1;
    cli_tell_written(folder, files->n, replaced);
    return cli_flush_stdout(why);
}

static void tell(const char *who, const struct frame_export_report *r)
{
    if (r->missing)
        fprintf(stderr, "%s: note: %llu frames are missing in the recording; none is made up\n",
                who, (unsigned long long)r->missing);
    if (r->left_out)
        fprintf(stderr, "%s: note: %llu frames are left out: untared after a restart, or late\n",
                who, (unsigned long long)r->left_out);
}

static int export_frames(const char *who, const struct arguments *args, struct problem *why)
{
    const struct frame_export_options how = {.calibration = args->words.calibration,
                                             .threshold_kpa = args->words.options.threshold_kpa,
                                             .min_force_n = args->words.options.min_force_n};
    struct frame_export_report report;
    struct cli_output out;
    int replaced = cli_is_there(args->to);
    if (cli_output_begin(&out, args->to, why))
        return -1;
    if (frame_export(args->words.recording, args->frames, &how, out.stream, cli_output_opens(&out),
                     &report, why)) {
        cli_output_abort(&out);
        return -1;
    }
    if (cli_output_finish(&out, why))
        return -1;
    cli_tell_written(args->to, 1, replaced);
    tell(who, &report);
    return cli_flush_stdout(why);
}

static int export_folder(const struct arguments *args, struct problem *why)
{
    struct export_files files;
    struct result *result = analyze_words(&args->words, why);
    if (!result)
        return -1;
    int failed = args->make(result, TENDERFOOT_VERSION, &files, why);
    if (!failed) {
        failed = write_files(args->to, &files, why);
        export_files_free(&files);
    }
    result_free(result);
    return failed;
}

static int write_document(const struct arguments *args, const struct result *result,
                          struct problem *why)
{
    const struct report_options how = {.software_version = TENDERFOOT_VERSION};
    struct text pdf, bytes;
    struct cli_output out;
    int replaced = cli_is_there(args->to);
    if (stand_report_render(result, how, REPORT_PDF, &pdf, why))
        return -1;
    const struct document document = {.result = result,
                                      .person = args->person,
                                      .report_pdf = &pdf,
                                      .software_version = TENDERFOOT_VERSION};
    int failed = args->write(&document, &bytes, why);
    text_free(&pdf);
    if (failed)
        return -1;
    failed = cli_output_begin(&out, args->to, why);
    if (!failed) {
        fwrite(bytes.bytes, 1, bytes.n, out.stream); /* an error stays in the stream */
        failed = cli_output_finish(&out, why);
    }
    text_free(&bytes);
    if (failed)
        return -1;
    cli_tell_written(args->to, 1, replaced);
    return cli_flush_stdout(why);
}

static int export_document(const struct arguments *args, struct problem *why)
{
    struct result *result = analyze_words(&args->words, why);
    if (!result)
        return -1;
    int failed = write_document(args, result, why);
    result_free(result);
    return failed;
}

int verb_export(int argc, char **argv)
{
    struct arguments args = {.words.options = analyze_defaults()};
    struct problem why;
    argp_parse(&parser, argc, argv, 0, NULL, &args);
    int failed = args.frames  ? export_frames(argv[0], &args, &why)
                 : args.write ? export_document(&args, &why)
                              : export_folder(&args, &why);
    return failed ? cli_fail(argv[0], &why) : 0;
}
