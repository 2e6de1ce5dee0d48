/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot calibrate: from an empty plate to its calibration file, and whether it still holds. */
#include "calib/bench.h"
#include "calib/health_picture.h"
#include "driver/argument.h"
#include "driver/bench_feed.h"
#include "driver/bench_run.h"
#include "driver/cli/calibrate_check.h"
#include "driver/cli/calibrate_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPT_REFERENCE = 256,
    OPT_ACCURACY,
    OPT_PRESSURES,
    OPT_CYCLES,
    OPT_HOLD,
    OPT_EMPTY,
    OPT_CREEP,
    OPT_MASS,
    OPT_MASS_SIZE,
    OPT_PLACES,
    OPT_STUD,
    OPT_STUD_KG,
    OPT_STAGES,
    OPT_CURVE,
    OPT_PLAIN,
    OPT_ID,
    OPT_DATE,
    OPT_PICTURE,
    OPT_RATE,
    OPT_WAIT,
    OPT_JSON,
    OPT_CHECK,
    OPT_KG,
    OPT_CALIBRATION,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Bench:", 1},
    {"device", 'd', "URI", 0,
     "the plate; also virtual:FILE of a virtual bench. Without it only what is in DIR is used", 1},
    {"work", 'w', "DIR", 0, "folder of the stages' recordings, one file each; made when missing",
     1},
    {"output", 'o', "FILE", 0, "the calibration file; with --check URI, where the stand is kept",
     1},
    {"operator", 'O', "NAME", 0, "who did it; kept in the file", 1},
    {"reference", OPT_REFERENCE, "DEVICE", 0, "what told the true pressure, as \"gauge 7\"", 1},
    {"reference-accuracy", OPT_ACCURACY, "PERCENT", 0, "of its reading, as its paper says", 1},
    {"stages", OPT_STAGES, "LIST", 0,
     "which of empty,bladder,creep,mass,warm,stud; without it the first four, stud with --stud, "
     "and all that a virtual bench has; without --device: which of those in DIR are fitted",
     1},
    {"pressures", OPT_PRESSURES, "LIST", 0, "of the bladder, kPa, rising: 10,20,35,50,65,80", 1},
    {"cycles", OPT_CYCLES, "N", 0, "times up and down (2)", 1},
    {"hold", OPT_HOLD, "SECONDS", 0, "each hold (15)", 1},
    {"empty", OPT_EMPTY, "SECONDS", 0, "of the empty plate (60)", 1},
    {"creep", OPT_CREEP, "KPA:SECONDS", 0, "the held load (middle of the list, 600 s)", 1},
    {"mass", OPT_MASS, "LIST", 0, "known masses, kg (20)", 1},
    {"mass-size", OPT_MASS_SIZE, "WxH", 0, "their footprint, mm (80x80)", 1},
    {"places", OPT_PLACES, "N", 0, "where each mass is put (9)", 1},
    {"stud", OPT_STUD, "NAME:CM2", 0, "calibrate this stud's factor; area of its tip", 1},
    {"stud-kg", OPT_STUD_KG, "LIST", 0, "what is laid on its tip, kg (2,5)", 1},
    {"rate", OPT_RATE, "HZ", 0, "frames a second (20; a virtual bench's own)", 1},
    {"wait", OPT_WAIT, "SECONDS", 0, "how long a plate that leaves is waited for (30)", 1},
    {0, 0, 0, 0, "Fit:", 2},
    {"curve", OPT_CURVE, "NAME", 0,
     "line, power, saturating or spline; without it the one with the least cross-validated error",
     2},
    {"no-compensation", OPT_PLAIN, 0, 0, "neither creep, hysteresis nor temperature", 2},
    {"id", OPT_ID, "NAME", 0, "name of the calibration (SERIAL-DATE)", 2},
    {"date", OPT_DATE, "YYYY-MM-DD", 0, "its date (that of the newest stage)", 2},
    {"picture", OPT_PICTURE, "FILE", 0, "the map of the cells' health, .png or .svg", 2},
    {0, 0, 0, 0, "Quick check:", 3},
    {"check", OPT_CHECK, "FILE|URI", 0,
     "\"stand still, 80.0 kg\": whether the calibration still holds, by a recording or live", 3},
    {"kg", OPT_KG, "KG", 0, "what the scale says of who stands there", 3},
    {"calibration", OPT_CALIBRATION, "FILE", 0,
     "the calibration to check (the recording's own copy; tenderfoot-calibration(5))", 3},
    {0, 0, 0, 0, "Output:", 4},
    {"json", OPT_JSON, 0, 0, "print the result as JSON (tenderfoot/calibrate/1)", 4},
    {0},
};

static const char doc[] =
    "Calibrate a plate on a bench, stage by stage.\v"
    "Each stage is a recording in DIR; what is there already is not done again, so that a session "
    "may be broken off (q, Ctrl-C, a power cut) and taken up later. Then all of DIR is fitted. "
    "tenderfoot-calibration(5) says what to buy and how to do it.\n\n"
    "Exit: 0 done, or the calibration holds; 1 failed, the session is unfinished, or the "
    "calibration "
    "does not hold any more; 2 wrong usage; 3 a recording is refused (which, and what to do, is "
    "said); 4 the plate left.";

/* --- Arguments ------------------------------------------------------------------------------- */

struct arguments {
    const char *uri, *folder, *output, *operator_name, *curve, *id, *date, *picture;
    const char *check, *calibration;
    struct bench_procedure procedure;
    int wants[BENCH_STAGES], has_wants, plain, json;
    unsigned rate_hz;
    double wait_s, kg;
};

static int numbers(struct argp_state *state, const char *name, const char *text, double low,
                   double high, double *values)
{
    int n = 0;
    for (const char *at = text; *at;) {
        char *end;
        double value = strtod(at, &end);
        if (end == at || (*end && *end != ',') || !(value >= low && value <= high) ||
            n == BENCH_LIST_MAX)
            argp_error(state, "--%s %s: up to %d numbers of %g to %g with commas are meant", name,
                       text, BENCH_LIST_MAX, low, high);
        values[n++] = value;
        at = *end ? end + 1 : end;
    }
    if (!n)
        argp_error(state, "--%s: a list of numbers is meant", name);
    return n;
}

static void pressures(struct argp_state *state, const char *text, struct bench_procedure *p)
{
    p->n_bladder = numbers(state, "pressures", text, 0.5, 2000, p->bladder_kpa);
    for (int i = 1; i < p->n_bladder; i++)
        if (p->bladder_kpa[i] <= p->bladder_kpa[i - 1])
            argp_error(state, "--pressures %s: they must rise; the way down is added", text);
    if (p->n_bladder < 3)
        argp_error(state, "--pressures %s: a curve needs at least three", text);
}

static void pair(struct argp_state *state, const char *name, const char *text, char between,
                 double *a, double *b)
{
    char *end, *last = NULL;
    *a = strtod(text, &end);
    if (end != text && *end == between)
        *b = strtod(end + 1, &last);
    if (!last || *last || last == end + 1 || !(*a > 0 && *a < 1e4 && *b > 0 && *b < 1e4))
        argp_error(state, "--%s %s: two numbers with %c between them are meant", name, text,
                   between);
}

static void stud(struct argp_state *state, const char *text, struct bench_procedure *p)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof p->stud)
        argp_error(state,
                   "--stud %s: a name of up to %zu bytes, a colon and the tip's area in cm2 "
                   "are meant, as \"round:1.0\"",
                   text, sizeof p->stud - 1);
    snprintf(p->stud, sizeof p->stud, "%.*s", (int)(colon - text), text);
    p->stud_tip_cm2 = argument_number(state, "stud", colon + 1, 0.05, 20);
}

static void stages(struct argp_state *state, const char *text, struct arguments *a)
{
    int is_any = 0;
    a->has_wants = 1;
    while (*text) {
        size_t n = strcspn(text, ",");
        int stage = 0;
        while (stage < BENCH_STAGES &&
               (strlen(bench_stage_name((enum bench_stage)stage)) != n ||
                strncmp(bench_stage_name((enum bench_stage)stage), text, n)))
            stage++;
        if (stage == BENCH_STAGES)
            argp_error(state, "--stages: '%.*s' is none of empty, bladder, creep, mass, warm, stud",
                       (int)n, text);
        a->wants[stage] = is_any = 1;
        text += n + (text[n] == ',');
    }
    if (!is_any)
        argp_error(state, "--stages: a list of empty, bladder, creep, mass, warm, stud is meant");
}

static error_t parse_procedure(int key, char *arg, struct argp_state *state,
                               struct bench_procedure *p)
{
    switch (key) {
    case OPT_REFERENCE:
        if (strlen(arg) >= sizeof p->reference)
            argp_error(state, "--reference: at most %zu bytes", sizeof p->reference - 1);
        snprintf(p->reference, sizeof p->reference, "%s", arg);
        return 0;
    case OPT_ACCURACY:
        p->reference_accuracy_percent = argument_number(state, "reference-accuracy", arg, 0, 100);
        return 0;
    case OPT_PRESSURES:
        pressures(state, arg, p);
        return 0;
    case OPT_CYCLES:
        p->cycles = (int)argument_number(state, "cycles", arg, 1, BENCH_CYCLES_MAX);
        return 0;
    case OPT_HOLD:
        p->hold_s = argument_number(state, "hold", arg, 1, 600);
        return 0;
    case OPT_EMPTY:
        p->empty_s = argument_number(state, "empty", arg, 2, 3600);
        return 0;
    case OPT_CREEP:
        pair(state, "creep", arg, ':', &p->creep_kpa, &p->creep_s);
        return 0;
    case OPT_MASS:
        p->n_masses = numbers(state, "mass", arg, 0.05, 500, p->mass_kg);
        return 0;
    case OPT_MASS_SIZE:
        pair(state, "mass-size", arg, 'x', &p->mass_width_mm, &p->mass_height_mm);
        return 0;
    case OPT_PLACES:
        p->places = (int)argument_number(state, "places", arg, 1, BENCH_PLACES_MAX);
        return 0;
    case OPT_STUD:
        stud(state, arg, p);
        return 0;
    case OPT_STUD_KG:
        p->n_stud_kg = numbers(state, "stud-kg", arg, 0.05, 50, p->stud_kg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void check_arguments(struct argp_state *state, const struct arguments *a)
{
    enum health_picture_format format;
    struct problem why;
    if (a->check) {
        if (!(a->kg > 0))
            argp_error(state, "--check needs --kg, what the scale says");
        return;
    }
    if (a->kg > 0)
        argp_error(state, "--kg is for --check");
    if (a->calibration)
        argp_error(state, "--calibration is for --check; -o names the file to be made");
    if (!a->folder)
        argp_error(state, "--work DIR is missing: the stages' recordings lie there");
    if (!a->output)
        argp_error(state, "-o FILE is missing");
    if (a->curve && !curve_find(a->curve))
        argp_error(state, "--curve %s: there are line, power, saturating, spline", a->curve);
    if (a->picture && health_picture_format_of(a->picture, &format, &why))
        argp_error(state, "%s", why.text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'd':
        a->uri = arg;
        return 0;
    case 'w':
        a->folder = arg;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case 'O':
        a->operator_name = arg;
        return 0;
    case OPT_STAGES:
        stages(state, arg, a);
        return 0;
    case OPT_CURVE:
        a->curve = arg;
        return 0;
    case OPT_PLAIN:
        a->plain = 1;
        return 0;
    case OPT_ID:
        a->id = arg;
        return 0;
    case OPT_DATE:
        a->date = arg;
        return 0;
    case OPT_PICTURE:
        a->picture = arg;
        return 0;
    case OPT_RATE:
        a->rate_hz = (unsigned)argument_number(state, "rate", arg, 1, 500);
        return 0;
    case OPT_WAIT:
        a->wait_s = argument_number(state, "wait", arg, 0, 86400);
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_CHECK:
        a->check = arg;
        return 0;
    case OPT_KG:
        a->kg = argument_number(state, "kg", arg, 1, 500);
        return 0;
    case OPT_CALIBRATION:
        a->calibration = arg;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return parse_procedure(key, arg, state, &a->procedure);
    }
}

/* --- The stages ------------------------------------------------------------------------------ */

static void tell(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "%s\n", sentence);
}

/* Which stages are to be recorded. */
static int choose(struct arguments *a, int *is_virtual, struct problem *why)
{
    int has[BENCH_STAGES] = {1, 1, 1, 1, 0, a->procedure.stud[0] != 0};
    *is_virtual = bench_run_is_virtual(a->uri, has, why);
    if (*is_virtual < 0)
        return -1;
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        if (a->has_wants && a->wants[stage] && *is_virtual && !has[stage])
            return problem(why, PROBLEM_REFUSED, "the virtual bench %s has no stage '%s'", a->uri,
                           bench_stage_name((enum bench_stage)stage));
        if (!a->has_wants)
            a->wants[stage] = has[stage];
    }
    if (a->wants[BENCH_STUD] && !*is_virtual && !a->procedure.stud[0])
        return problem(why, PROBLEM_USAGE, "the stage 'stud' needs --stud NAME:CM2");
    return 0;
}

static int record_stages(struct arguments *a, int stop_fd, struct problem *why)
{
    struct bench_run_options run = {.uri = a->uri,
                                    .folder = a->folder,
                                    .procedure = &a->procedure,
                                    .wait_s = a->wait_s,
                                    .keyboard_fd = STDIN_FILENO,
                                    .stop_fd = stop_fd,
                                    .tell = tell};
    if (choose(a, &run.is_virtual, why))
        return -1;
    run.rate_hz = a->rate_hz ? a->rate_hz : run.is_virtual ? 0 : 20;
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        enum bench_run_outcome outcome;
        const char *name = bench_stage_name((enum bench_stage)stage);
        if (!a->wants[stage])
            continue;
        if (bench_run_record(&run, (enum bench_stage)stage, &outcome, why))
            return -1;
        if (outcome == BENCH_RUN_UNFINISHED)
            return problem(why, PROBLEM_FAILED,
                           "stage '%s' is unfinished; the same command goes on with it", name);
        fprintf(stderr, "Stage '%s' %s.\n", name,
                outcome == BENCH_RUN_WAS_THERE ? "is there already" : "is done");
    }
    return 0;
}

/* --- The fit --------------------------------------------------------------------------------- */

/* All stages in the folder; of a folder alone only those that are wanted. A file that was not
 * closed still tells what it holds, and is named. */
static int feed_stages(const struct arguments *a, struct bench_feed *feed, char date[11],
                       struct problem *why)
{
    int n = 0;
    for (int stage = 0; stage < BENCH_STAGES; stage++) {
        struct bench_feed_facts facts;
        if (!a->uri && a->has_wants && !a->wants[stage])
            continue;
        char *path = bench_run_path(a->folder, (enum bench_stage)stage, why);
        int there = path && !access(path, F_OK);
        int bad = !path || (there && bench_feed_file(feed, path, &facts, why));
        if (!bad && there) {
            if (!facts.is_complete)
                fprintf(stderr, "%s is not complete; what is in it is used.\n", path);
            if (facts.damaged_places)
                fprintf(stderr, "%s is damaged in %llu places; what is whole of it is used.\n",
                        path, (unsigned long long)facts.damaged_places);
            bad = bench_feed_check(feed, path, &facts, why);
            n++;
        }
        free(path);
        if (bad)
            return -1;
    }
    if (!n)
        return problem(why, PROBLEM_REFUSED,
                       "there is no stage in %s (empty.tfr, bladder.tfr, ...): name the plate with "
                       "--device and record them",
                       a->folder);
    snprintf(date, 11, "%.10s", feed->newest_utc);
    return 0;
}

static int write_picture(const char *path, const struct calibration_spec *spec, struct problem *why)
{
    enum health_picture_format format;
    struct cli_output out;
    if (health_picture_format_of(path, &format, why) || cli_output_begin(&out, path, why))
        return -1;
    if (!health_picture_write(spec, format, out.stream, why))
        return cli_output_finish(&out, why);
    cli_output_abort(&out);
    return -1;
}

static int print(const struct arguments *a, const struct bench_fit *fit, struct problem *why)
{
    if (a->json)
        return cli_print_json(calibrate_json(fit, a->output), why);
    char *text = bench_fit_text(fit);
    if (!text)
        return problem_no_memory(why, "the result");
    fputs(text, stdout);
    printf("Written: %s\n", a->output);
    free(text);
    return cli_flush_stdout(why);
}

static int fit_and_write(const struct arguments *a, struct problem *why)
{
    struct bench_feed feed = {0};
    char date[11];
    struct bench_fit *fit = NULL;
    int bad = feed_stages(a, &feed, date, why);
    if (!bad) {
        struct bench_options how = {.id = a->id,
                                    .date = a->date ? a->date : date,
                                    .operator_name = a->operator_name ? a->operator_name : "",
                                    .reference_device =
                                        a->procedure.reference[0] ? a->procedure.reference : NULL,
                                    .curve = a->curve,
                                    .no_dynamics = a->plain};
        fit = bench_fit(feed.session, &how, why);
        bad = !fit || calibration_write(a->output, &fit->spec, why) ||
              (a->picture && write_picture(a->picture, &fit->spec, why)) || print(a, fit, why);
    }
    bench_fit_free(fit);
    bench_feed_free(&feed);
    return bad ? -1 : 0;
}

static int calibrate(struct arguments *a, struct problem *why)
{
    if (a->uri) {
        if (mkdir(a->folder, 0777) && errno != EEXIST)
            return problem(why, PROBLEM_FAILED, "the folder %s cannot be made: %s", a->folder,
                           strerror(errno));
        int stop_fd = cli_stop_fd(why);
        int bad = stop_fd < 0 || record_stages(a, stop_fd, why);
        if (stop_fd >= 0)
            close(stop_fd);
        if (bad)
            return -1;
    }
    return fit_and_write(a, why);
}

int verb_calibrate(int argc, char **argv)
{
    struct arguments a = {.wait_s = 30};
    struct problem why = {.kind = PROBLEM_NONE};
    static const struct argp argp = {.options = options, .parser = parse, .doc = doc};
    bench_procedure_defaults(&a.procedure);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (!a.check)
        return calibrate(&a, &why) ? cli_fail(argv[0], &why) : 0;
    struct calibrate_check_options check = {.what = a.check,
                                            .calibration = a.calibration,
                                            .keep = a.output,
                                            .kg = a.kg,
                                            .json = a.json};
    int holds = 0;
    if (calibrate_check(&check, &holds, &why))
        return cli_fail(argv[0], &why);
    return holds ? 0 : PROBLEM_FAILED;
}
