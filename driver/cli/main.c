/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot <verb> [argument ...], like git. */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/version.h"
#include "firmware/wire/problem.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct verb {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
    {"devices", "list the plates that can be reached and the ways to name one", verb_devices},
    {"record", "record a person on a plate", verb_record},
    {"screen", "the questions before a press test, and what they forbid", verb_screen},
    {"press", "lead a person through a press test", verb_press},
    {"calibrate", "calibrate a plate on a bench; check that it still holds", verb_calibrate},
    {"import", "turn another maker's file into a recording", verb_import},
    {"verify", "tell what of a recording is whole, lost or damaged; repair a copy", verb_verify},
    {"recalibrate", "copy a recording with another calibration in it", verb_recalibrate},
    {"analyze", "load, feet, regions, zones, press test and flags of a recording", verb_analyze},
    {"sway", "sway of a path of the centre of pressure: areas, spectra, entropy", verb_sway},
    {"compare", "two stands of one person, before and after: what changed beyond error",
     verb_compare},
    {"report", "one to three A4 pages to hand over (PDF, HTML, PNG, SVG, text)", verb_report},
    {"plan", "the massage that the articles suggest after a press test, with timers", verb_plan},
    {"course", "sessions of one person over time: intervals, and what changed", verb_course},
    {"clients", "people of the store: list, add, consent, export, erase", verb_clients},
    {"sessions", "sessions of the store: list, add a recording, show, trend", verb_sessions},
    {"store", "the store as a whole: backup, restore, merge, check, log", verb_store},
    {"export", "tables or frames for other software: CSV, XLSX, JSON, HDF5, FHIR, DICOM ...",
     verb_export},
    {"gdt", "answer a practice system's requests in an exchange folder (GDT 2.1)", verb_gdt},
    {"simulate", "record a virtual person whose truth is known", verb_simulate},
    {"serve", "the station as a service: page and API on this computer", verb_serve},
    {"open", "the page of the station that runs as a service, in this user's browser", verb_open},
    {"atlas", "list and check the zones", verb_atlas},
};

static void print_help(FILE *to)
{
    fputs("usage: tenderfoot <verb> [argument ...]\n\n", to);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        fprintf(to, "  %-11s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\n'tenderfoot <verb> --help' tells the rest, 'tenderfoot --version' the version.\n"
          "Not a medical device.\n",
          to);
}

static int end_of_stdout(void)
{
    struct problem why;
    return cli_flush_stdout(&why) ? cli_fail("tenderfoot", &why) : 0;
}

int main(int argc, char **argv)
{
    argp_err_exit_status = PROBLEM_USAGE;
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is then an error with a message */
    signal(SIGPIPE, SIG_IGN); /* and so is a plate that hangs up */
    if (argc < 2) {
        print_help(stderr);
        return PROBLEM_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return end_of_stdout();
    }
    if (!strcmp(argv[1], "--version")) {
        puts("tenderfoot " TENDERFOOT_VERSION);
        return end_of_stdout();
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (!strcmp(argv[1], verbs[i].name)) {
            char name[64];
            snprintf(name, sizeof name, "tenderfoot %s", verbs[i].name);
            argv[1] = name;
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "tenderfoot: no verb '%s'; 'tenderfoot --help' lists them\n", argv[1]);
    return PROBLEM_USAGE;
}
