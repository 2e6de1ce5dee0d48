/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot record: one person on one plate, into one file. */
#include "driver/argument.h"
#include "driver/host_link.h"
#include "driver/operator_note.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/stand_permit.h"
#include "driver/cli/verbs.h"
#include "driver/recording_header.h"
#include "driver/session.h"
#include "driver/transport/transport.h"

#include <argp.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *uri, *protocol, *condition, *path, *client, *calibration, *notes, *screening;
    const char *typed[OPERATOR_NOTES_MAX];
    int n_typed;
    double seconds, wait_s, settle_s;
    unsigned rate_hz;
    int ungated, json, quiet;
    struct cli_keeper keeper;
    struct stand_permit permit; /* of --screening */
};

enum {
    OPT_DEVICE = 'd',
    OPT_PROTOCOL = 'p',
    OPT_SECONDS = 's',
    OPT_OUTPUT = 'o',
    OPT_CLIENT = 'c',
    OPT_QUIET = 'q',
    OPT_CALIBRATION = 256,
    OPT_NOTE,
    OPT_NOTES,
    OPT_RATE,
    OPT_UNGATED,
    OPT_JSON,
    OPT_WAIT,
    OPT_SETTLE,
    OPT_SCREENING,
    OPT_EYES,
};

#define WAIT_S 30 /* unless told otherwise */
#define SECONDS_LEAST 0.01
#define SECONDS_MOST 86400

static const struct argp_option options[] = {
    {"device", OPT_DEVICE, "URI", 0, "the plate; 'tenderfoot devices' lists the ways to name one",
     0},
    {"protocol", OPT_PROTOCOL, "NAME", 0,
     "what the person does: stand (default), sway, press or walk", 0},
    {"eyes", OPT_EYES, "open|closed", 0, "of a sway, kept in the file", 0},
    {"seconds", OPT_SECONDS, "N", 0, "length by the plate's clock; without it, until Ctrl-C", 0},
    {"output", OPT_OUTPUT, "FILE", 0, "the recording (.tfr); an existing file is never overwritten",
     0},
    {"client", OPT_CLIENT, "LABEL", 0, "label of the person, kept in the file", 0},
    {"screening", OPT_SCREENING, "FILE", 0,
     "answers of 'tenderfoot screen' of today: refused when the person may not stand, walk or be "
     "pressed by them; kept in the recording (tenderfoot-screening(5))",
     0},
    {"calibration", OPT_CALIBRATION, "FILE", 0,
     "the plate's calibration, copied into the recording; one of another plate is refused "
     "(tenderfoot-calibration(5))",
     0},
    {"note", OPT_NOTE, "NOTE", 0,
     "found by hand: KIND SIDE PLACE [RADIUSmm] [WORDS], as 'wart left P07'; callus, nodule, wart, "
     "joint, text; may be repeated",
     0},
    {"notes", OPT_NOTES, "FILE", 0,
     "JSON lines, each an annotation (tenderfoot-notes(5)) that may say \"at_s\", seconds "
     "after the first frame: side, foot length, place of the stud",
     0},
    {"rate", OPT_RATE, "HZ", 0, "frames a second; the plate's own default without it", 0},
    {"ungated", OPT_UNGATED, NULL, 0, "record the noise below each cell's floor as well", 0},
    {"wait", OPT_WAIT, "SECONDS", 0,
     "how long a plate that leaves in mid-recording (a pulled cable) is waited for; 30 without it, "
     "0 = end at once",
     0},
    {"settle", OPT_SETTLE, "SECONDS", 0,
     "leave the empty plate alone for so long before the tare; 60 for a stand that is to be "
     "compared, if somebody stood on it a moment ago",
     0},
    {"json", OPT_JSON, NULL, 0, "print the summary as JSON (tenderfoot/record/1)", 0},
    {"quiet", OPT_QUIET, NULL, 0, "no progress bar", 0},
    {0},
};

static const char doc[] =
    "Record a person on a plate.\v"
    "The plate is tared first: nobody stands on it until the bar shows frames. Ctrl-C ends a "
    "recording in good order.\n\n"
    "Exit: 0 recorded; 1 no plate, no permission, another program has it, or the file cannot be "
    "written; 2 wrong usage; 3 not a plate we can speak with, or a calibration, note or "
    "screening that is refused; 4 the plate left or fell silent and was not back in time: what "
    "came before is in "
    "FILE, "
    "which is valid.";

enum { LABEL_MAX = sizeof((struct recording_header *)0)->client - 1 };

static const char *parse_eyes(struct argp_state *state, const char *text)
{
    if (strcmp(text, "open") && strcmp(text, "closed"))
        argp_error(state, "--eyes %s: open or closed is meant", text);
    return strcmp(text, "open") ? "eyes_closed" : "eyes_open";
}

static void check_arguments(struct argp_state *state, const struct arguments *a)
{
    if (!a->uri)
        argp_error(state, "--device is missing; 'tenderfoot devices' lists the ways to name one");
    if (!a->path && !a->keeper.person)
        argp_error(state, "-o FILE is missing (or --person ID: the store keeps it)");
    if (a->client && strlen(a->client) > LABEL_MAX)
        argp_error(state, "--client: a label of at most %d bytes is meant", LABEL_MAX);
    if (strcmp(a->protocol, "stand") && strcmp(a->protocol, "sway") &&
        strcmp(a->protocol, "press") && strcmp(a->protocol, "walk"))
        argp_error(state, "--protocol %s: stand, sway, press or walk is meant", a->protocol);
    if (a->condition && strcmp(a->protocol, "sway"))
        argp_error(state, "--eyes goes with --protocol sway");
}

static void add_note(struct argp_state *state, struct arguments *a, const char *note)
{
    if (a->n_typed == OPERATOR_NOTES_MAX)
        argp_error(state, "--note: at most %d", OPERATOR_NOTES_MAX);
    a->typed[a->n_typed++] = note;
}

/* What is recorded: the plate, the person, what they do and what was found by hand. */
static error_t parse_subject(int key, char *arg, struct argp_state *state, struct arguments *a)
{
    switch (key) {
    case OPT_DEVICE:
        a->uri = arg;
        return 0;
    case OPT_PROTOCOL:
        a->protocol = arg;
        return 0;
    case OPT_EYES:
        a->condition = parse_eyes(state, arg);
        return 0;
    case OPT_CLIENT:
        a->client = arg;
        return 0;
    case OPT_SCREENING:
        a->screening = arg;
        return 0;
    case OPT_CALIBRATION:
        a->calibration = arg;
        return 0;
    case OPT_NOTE:
        add_note(state, a, arg);
        return 0;
    case OPT_NOTES:
        a->notes = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->keeper;
        return 0;
    case OPT_SECONDS:
        a->seconds = argument_number(state, "seconds", arg, SECONDS_LEAST, SECONDS_MOST);
        return 0;
    case OPT_OUTPUT:
        a->path = arg;
        return 0;
    case OPT_RATE:
        a->rate_hz = (unsigned)argument_whole(state, "rate", arg, 1, 10000);
        return 0;
    case OPT_WAIT:
        a->wait_s = argument_number(state, "wait", arg, 0, SECONDS_MOST);
        return 0;
    case OPT_SETTLE:
        a->settle_s = argument_number(state, "settle", arg, 0, 3600);
        return 0;
    case OPT_UNGATED:
        a->ungated = 1;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_QUIET:
        a->quiet = 1;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return parse_subject(key, arg, state, a);
    }
}

/* --- The bar --------------------------------------------------------------------------------- */

enum { BAR_CELLS = 24 };

static void print_bar(const struct session_progress *p)
{
    double share = p->seconds > 0 ? fmin(1, p->elapsed_s / p->seconds) : 0;
    char bar[BAR_CELLS + 1];
    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < (int)lround(share * BAR_CELLS) ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    if (p->seconds > 0)
        fprintf(stderr, "\r[%s] %.1f of %g s", bar, p->elapsed_s, p->seconds);
    else
        fprintf(stderr, "\r%.1f s (Ctrl-C ends)", p->elapsed_s);
}

static void show_progress(void *context, const struct session_progress *p)
{
    (void)context;
    print_bar(p);
    if (p->is_waiting)
        fprintf(stderr, "  waiting for the plate, %.0f of %g s", p->waiting_s, p->wait_s);
    else if (p->silent_s >= 1)
        fprintf(stderr, "  no frames for %.0f s", p->silent_s);
    else if (p->has_numbers && isfinite(p->cop_x_mm))
        fprintf(stderr, "  force %.0f N  COP %.0f, %.0f mm", p->force_n, p->cop_x_mm, p->cop_y_mm);
    else if (p->has_numbers)
        fprintf(stderr, "  force %.0f N", p->force_n);
    fprintf(stderr, "  frames %llu, lost %llu\033[K", (unsigned long long)p->frames,
            (unsigned long long)p->lost);
    fflush(stderr);
}

static void clear_bar(void)
{
    fputs("\r\033[K", stderr);
}

/* --- The summary ----------------------------------------------------------------------------- */

static const char *how_it_ended(const struct session_result *r, const struct problem *why)
{
    if (why->kind == PROBLEM_DEVICE_LOST)
        return "device_lost";
    if (why->kind != PROBLEM_NONE)
        return "failed";
    return r->interrupted ? "interrupted" : "complete";
}

static json_t *device_json(const struct session_result *r, const char *uri)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:i}", "serial", r->plate.serial,
                     "model", r->plate.model, "firmware", r->plate.firmware, "uri", uri, "rows",
                     r->plate.rows, "cols", r->plate.cols, "pitch_x_mm", r->plate.pitch_x_um * 1e-3,
                     "pitch_y_mm", r->plate.pitch_y_um * 1e-3, "bits", r->plate.bits);
}

static json_t *summary_json(const struct arguments *a, const struct session_result *r,
                            const struct problem *why)
{
    json_t *all = json_pack(
        "{s:s, s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:f, s:i, s:i, s:i, s:I, s:I, s:I, s:i, s:i, "
        "s:i, s:f, s:o}",
        "schema", "tenderfoot/record/1", "file", a->path, "end", how_it_ended(r, why), "problem",
        why->kind ? why->text : NULL, "frames", (json_int_t)r->frames.delivered, "lost",
        (json_int_t)r->frames.lost, "bad", (json_int_t)r->frames.bad, "repeats",
        (json_int_t)r->frames.repeats, "duration_s", r->duration_s, "rate_hz", (int)r->rate_hz,
        "restarts", (int)r->restarts, "stalls", (int)r->stalls, "damaged_bytes",
        (json_int_t)r->damaged_bytes, "device_dropped", (json_int_t)r->device_dropped,
        "device_overruns", (json_int_t)r->device_overruns, "masked_cells", (int)r->masked_cells,
        "notes_unused", (int)r->notes_unused, "replugs", (int)r->replugs, "longest_gap_s",
        r->longest_gap_s, "device", device_json(r, a->uri));
    if (!all)
        return NULL;
    if (r->notice[0])
        json_object_set_new(all, "notice", json_string(r->notice));
    if (r->has_drift)
        json_object_set_new(all, "clock_drift_ppm", json_real(r->drift_ppm));
    else {
        json_object_set_new(all, "clock_drift_ppm", json_null());
        json_object_set_new(all, "clock_drift_ppm_reason",
                            json_string("shorter than 10 s, or not in real time"));
    }
    return all;
}

static void print_trouble(const struct session_result *r)
{
    if (r->frames.bad || r->damaged_bytes)
        printf("Damaged on the way: %llu bytes, %llu of the lost frames among them.\n",
               (unsigned long long)r->damaged_bytes, (unsigned long long)r->frames.bad);
    if (r->frames.repeats)
        printf("Frames that came twice: %llu.\n", (unsigned long long)r->frames.repeats);
    if (r->replugs)
        printf("The plate had left and came back %u time(s), for %.1f s at the longest.\n",
               r->replugs, r->longest_gap_s);
    if (r->restarts)
        printf("The plate restarted %u time(s), without a new tare.\n", r->restarts);
    if (r->stalls)
        printf("The plate fell silent and was started again %u time(s).\n", r->stalls);
    if (r->device_dropped || r->device_overruns)
        printf("The plate itself dropped %u frames and began %u scans late.\n", r->device_dropped,
               r->device_overruns);
    if (r->masked_cells)
        printf("Cells found faulty at the tare: %u.\n", r->masked_cells);
    if (r->notice[0])
        printf("Note: %s.\n", r->notice);
    if (r->notes_unused)
        printf("Notes whose time never came: %u.\n", r->notes_unused);
}

static void print_summary(const struct arguments *a, const struct session_result *r)
{
    printf("%s: %llu frames in %.2f s at %u frames/s, %llu lost.\n", a->path,
           (unsigned long long)r->frames.delivered, r->duration_s, r->rate_hz,
           (unsigned long long)r->frames.lost);
    printf("Plate %s (%s, firmware %s), %u x %u cells of %g x %g mm.\n", r->plate.serial,
           r->plate.model, r->plate.firmware, r->plate.rows, r->plate.cols,
           r->plate.pitch_x_um * 1e-3, r->plate.pitch_y_um * 1e-3);
    if (r->has_drift)
        printf("Its clock gains %+.1f ppm on this computer's.\n", r->drift_ppm);
    print_trouble(r);
}

static int tell(const char *who, struct arguments *a, const struct session_result *r,
                struct problem *why)
{
    struct problem at_print, at_keep = {0};
    int bad = 0, kept = r->has_file ? !cli_keeper_keep(&a->keeper, &a->path, &at_keep) : 1;
    if (r->has_file && a->json) {
        json_t *summary = summary_json(a, r, why);
        cli_keeper_tell(&a->keeper, summary, &at_keep);
        bad = cli_print_json(summary, &at_print);
    } else if (r->has_file) {
        print_summary(a, r);
        if (a->keeper.session[0])
            printf("Kept as session %s.\n", a->keeper.session);
        bad = cli_flush_stdout(&at_print);
    }
    if (why->kind)
        return cli_fail(who, why);
    return !kept ? cli_fail(who, &at_keep) : bad ? cli_fail(who, &at_print) : 0;
}

/* --- The verb -------------------------------------------------------------------------------- */

static int is_metal(const char *uri)
{
    return !strncmp(uri, "usb:", 4) || !strncmp(uri, "serial:", 7);
}

/* What lay on the plate a moment ago is still read a little: the tare comes after a rest, of a
 * plate that is there. A virtual one remembers nothing. 0, or -1: no plate, or the user stopped. */
static int settle(const struct arguments *a, int stop_fd, struct problem *why)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    struct host_link *link = NULL;
    if (!(a->settle_s > 0))
        return 0;
    if (is_metal(a->uri) && !(link = host_link_open(a->uri, why)))
        return -1;
    host_link_close(link);
    fprintf(stderr, "The empty plate rests for %g s before its tare.\n", a->settle_s);
    if (poll(&stop, 1, (int)(a->settle_s * 1000)) <= 0)
        return 0;
    return problem(why, PROBLEM_FAILED, "stopped before the tare; nothing was recorded");
}

/* Told of a plate that has answered, and not of one that is not there. */
static void tell_of_tare(void *context, const struct session_plate *plate)
{
    const struct arguments *a = context;
    if (is_metal(a->uri) && !plate->is_one_way && !a->quiet && !(a->settle_s > 0))
        fprintf(stderr, "The plate is tared now; it should have been empty for 60 s (--settle 60 "
                        "waits for that).\n");
}

static void record(struct arguments *a, const struct notes *notes, int stop_fd,
                   struct session_result *result, struct problem *why)
{
    int has_bar = !a->quiet && isatty(STDERR_FILENO);
    const struct session_ear ear = {.context = a, .meet = tell_of_tare};
    struct session_options session = {
        .uri = a->uri,
        .path = a->path,
        .protocol = a->protocol,
        .condition = a->condition,
        .client = a->client,
        .calibration = a->calibration,
        .notes = notes,
        .seconds = a->seconds,
        .rate_hz = a->rate_hz,
        .wait_s = a->wait_s,
        .ungated = a->ungated,
        .stop_fd = stop_fd,
        .progress = has_bar ? show_progress : NULL,
        .ear = &ear,
    };
    if (!session_record(&session, result, why))
        why->kind = PROBLEM_NONE;
    if (has_bar)
        clear_bar();
}

/* Those of the file, and those that were typed. */
static int gather_notes(const struct arguments *a, struct notes *notes, struct problem *why)
{
    struct operator_notes typed = {0};
    struct atlas *atlas = a->n_typed ? atlas_load(NULL, why) : NULL;
    int bad = (a->n_typed && !atlas) || (a->notes && notes_load(notes, a->notes, why));
    for (int i = 0; i < a->n_typed && !bad; i++)
        bad = operator_notes_add(&typed, atlas, a->typed[i], why);
    for (int i = typed.n; i-- > 0 && !bad;)
        bad = notes_add(notes, typed.json[i], why);
    operator_notes_free(&typed);
    atlas_free(atlas);
    return bad ? -1 : 0;
}

/* What the answers forbid, behind the head of what was asked: as in a press test's recording. */
static int note_screening(const struct stand_permit *permit, struct notes *notes,
                          struct problem *why)
{
    json_t *all = screening_annotations(&permit->screening);
    int bad = !all;
    for (size_t i = json_array_size(all); i-- > 0 && !bad;) {
        char *text = json_dumps(json_array_get(all, i), JSON_COMPACT);
        bad = !text || notes_add(notes, text, why);
        free(text);
    }
    json_decref(all);
    return !bad ? 0 : why->kind ? -1 : problem_no_memory(why, "a screening");
}

/* Told before the plate is tared and anybody asked onto it. */
static int heed_screening(struct arguments *a, struct notes *notes, struct problem *why)
{
    if (!a->screening)
        return 0;
    if (stand_permit_begin(&a->permit, a->screening, why) ||
        stand_permit_check(&a->permit, a->protocol, a->client, stderr, why) ||
        note_screening(&a->permit, notes, why))
        return -1;
    if (!a->client)
        a->client = a->permit.screening.person;
    return 0;
}

int verb_record(int argc, char **argv)
{
    struct arguments a = {.protocol = "stand", .wait_s = WAIT_S};
    static const struct argp_child children[] = {{&cli_keeper_argp, 0, "The store:", 8}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = doc, .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct problem why = {0};
    struct notes notes = {0};
    if (transport_check(a.uri, &why) ||
        cli_keeper_begin(&a.keeper, &a.path, a.screening ? NULL : &a.client, &why)) {
        cli_keeper_end(&a.keeper);
        return cli_fail(argv[0], &why);
    }
    if (gather_notes(&a, &notes, &why) || heed_screening(&a, &notes, &why)) {
        stand_permit_end(&a.permit);
        notes_free(&notes);
        cli_keeper_end(&a.keeper);
        return cli_fail(argv[0], &why);
    }
    struct session_result result = {0};
    int stop_fd = cli_stop_fd(&why);
    if (stop_fd >= 0 && !settle(&a, stop_fd, &why))
        record(&a, &notes, stop_fd, &result, &why);
    int code = tell(argv[0], &a, &result, &why);
    if (stop_fd >= 0)
        close(stop_fd);
    stand_permit_end(&a.permit);
    notes_free(&notes);
    cli_keeper_end(&a.keeper);
    return code;
}
