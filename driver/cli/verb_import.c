/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/import/import.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_AS = 256,
    OPTION_PITCH,
    OPTION_RATE,
    OPTION_UNITS,
    OPTION_FLIP,
    OPTION_CLIENT,
    OPTION_PROTOCOL,
    OPTION_WHOLE,
    OPTION_PART,
    OPTION_CELLS,
    OPTION_JSON
};

struct arguments {
    const char *from, *to;
    struct import_options options;
    int json;
};

static const struct argp_option options[] = {
    {"output", 'o', "REC", 0, "the recording to write; must not exist", 0},
    {"as", OPTION_AS, "FORMAT", 0,
     "emed, asf, zebris, rsscan, footscan, npy or csv (default: seen from its content)", 0},
    {"pitch", OPTION_PITCH, "X[,Y]", 0, "size of a cell in mm (needed for .npy)", 0},
    {"rate", OPTION_RATE, "HZ", 0, "frames a second (needed for .npy)", 0},
    {"units", OPTION_UNITS, "UNITS", 0,
     "what the numbers are: kPa, N/cm2, PSI, kg/cm2, mmHg, or N (force per cell); default: what "
     "the file says, else kPa",
     0},
    {"flip", OPTION_FLIP, "rows|cols", 0,
     "turn the order of rows or columns round; may be given twice (row 0 is the back, column 0 the "
     "left of the person standing on it)",
     0},
    {"whole", OPTION_WHOLE, NULL, 0,
     "emed: the whole plate with the printed window at its place; default is the window alone", 0},
    {"part", OPTION_PART, "N", 0,
     "of a file that holds several steps or feet: which one, from 1 (default: 1)", 0},
    {"cells", OPTION_CELLS, "ROWSxCOLS", 0,
     "csv: the cells of a frame; needed where a line is a whole frame", 0},
    {"client", OPTION_CLIENT, "LABEL", 0, "whose feet these are", 0},
    {"protocol", OPTION_PROTOCOL, "stand|walk", 0,
     "default: walk when the longest contact is shorter than 2 s", 0},
    {"json", OPTION_JSON, NULL, 0, "print what was imported as one JSON document", 0},
    {0},
};

static double positive_number(const char *text, char end, const char **rest)
{
    char *stop;
    double value = strtod(text, &stop);
    if (stop == text || !(value > 0) || !isfinite(value) || (*stop && *stop != end))
        return 0;
    *rest = stop;
    return value;
}

static void read_pitch(struct argp_state *state, struct import_hints *hints, const char *text)
{
    const char *rest = "";
    double x = positive_number(text, ',', &rest), y = x;
    if (x > 0 && *rest == ',')
        y = positive_number(rest + 1, 0, &rest);
    if (!(x >= 0.5 && x <= 50 && y >= 0.5 && y <= 50))
        argp_error(state,
                   "--pitch wants the cells' width, or width,depth, in mm from 0.5 to 50, not "
                   "'%s'",
                   text);
    hints->pitch_x_mm = x;
    hints->pitch_y_mm = y;
}

static void read_rate(struct argp_state *state, struct import_hints *hints, const char *text)
{
    const char *rest = "";
    hints->rate_hz = positive_number(text, 0, &rest);
    if (!(hints->rate_hz >= 1e-3 && hints->rate_hz <= 1e4))
        argp_error(state, "--rate wants frames a second from 0.001 to 10000, not '%s'", text);
}

static void read_units(struct argp_state *state, struct import_hints *hints, const char *text)
{
    hints->units = import_units_named(text);
    if (hints->units == IMPORT_UNITS_AS_FILE)
        argp_error(state, "--units wants kPa, N/cm2, N, PSI, kg/cm2 or mmHg, not '%s'", text);
}

static void read_flip(struct argp_state *state, struct import_options *o, const char *text)
{
    if (!strcmp(text, "rows"))
        o->flip_rows = 1;
    else if (!strcmp(text, "cols"))
        o->flip_cols = 1;
    else
        argp_error(state, "--flip wants rows or cols, not '%s'", text);
}

static void read_cells(struct argp_state *state, struct import_hints *hints, const char *text)
{
    char end;
    if (sscanf(text, "%3dx%3d%c", &hints->rows, &hints->cols, &end) != 2 || hints->rows < 1 ||
        hints->rows > 256 || hints->cols < 1 || hints->cols > 256)
        argp_error(state, "--cells wants rows x columns from 1x1 to 256x256, not '%s'", text);
}

static void read_part(struct argp_state *state, struct import_hints *hints, const char *text)
{
    char *end;
    long part = strtol(text, &end, 10);
    if (end == text || *end || part < 1 || part > 1000)
        argp_error(state, "--part wants a number from 1 to 1000, not '%s'", text);
    hints->part = (int)part;
}

static void read_protocol(struct argp_state *state, struct import_options *o, const char *text)
{
    if (strcmp(text, "stand") && strcmp(text, "walk"))
        argp_error(state, "--protocol wants stand or walk, not '%s'", text);
    o->protocol = text;
}

static int parse_hint(int key, char *value, struct argp_state *state, struct import_options *o)
{
    switch (key) {
    case OPTION_AS:
        o->format = value;
        return 0;
    case OPTION_PITCH:
        read_pitch(state, &o->hints, value);
        return 0;
    case OPTION_RATE:
        read_rate(state, &o->hints, value);
        return 0;
    case OPTION_UNITS:
        read_units(state, &o->hints, value);
        return 0;
    case OPTION_FLIP:
        read_flip(state, o, value);
        return 0;
    case OPTION_WHOLE:
        o->hints.whole_plate = 1;
        return 0;
    case OPTION_PART:
        read_part(state, &o->hints, value);
        return 0;
    case OPTION_CELLS:
        read_cells(state, &o->hints, value);
        return 0;
    case OPTION_CLIENT:
        o->client = value;
        return 0;
    case OPTION_PROTOCOL:
        read_protocol(state, o, value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->to = value;
        return 0;
    case OPTION_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->from)
            argp_error(state, "one file at a time");
        a->from = value;
        return 0;
    case ARGP_KEY_END:
        if (!a->from || !a->to)
            argp_error(state, "name the file to import and -o REC");
        return 0;
    default:
        return parse_hint(key, value, state, &a->options);
    }
}

static const struct argp argp = {
    options,
    parse,
    "FILE",
    "Turn another maker's file into a recording.\v"
    "emed: novel's text export (.lst); cell size, rate and place on the plate come from the file, "
    "and "
    "the forces it states are checked against its pressures. npy: NumPy's format, axes frame, row, "
    "column (or one picture: row, column), C order, row 0 = back, column 0 = left, integers or "
    "floats, "
    "NumPy's versions 1 to 3.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 the file was refused, saying what and where.\n\n"
    "  tenderfoot import step.lst -o step.tfr\n"
    "  tenderfoot import frames.npy -o feet.tfr --pitch 8.47,8.46 --rate 100 --units N/cm2",
    NULL,
    NULL,
    NULL};

static json_t *document(const struct arguments *a, const struct import_result *r)
{
    json_t *warnings = json_array();
    for (int i = 0; i < r->n_warnings; i++)
        json_array_append_new(warnings, json_string(r->warnings[i]));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:f, s:I, s:I, s:f, s:f, s:f, s:f, s:I, s:I, "
        "s:I, s:o}",
        "schema", "tenderfoot/import/1", "recording", a->to, "source", r->header.source, "protocol",
        r->header.protocol, "rows", r->header.rows, "cols", r->header.cols, "pitch_x_mm",
        r->header.pitch_x_mm, "pitch_y_mm", r->header.pitch_y_mm, "rate_hz", r->header.rate_hz,
        "frames", (json_int_t)r->frames, "missing_frames", (json_int_t)r->missing, "duration_s",
        r->duration_s, "peak_pressure_kpa", r->peak_kpa, "max_force_n", r->max_force_n,
        "longest_contact_s", r->longest_contact_s, "no_sensor_cells",
        (json_int_t)r->no_sensor_cells, "stated_frames", (json_int_t)r->stated_frames,
        "contradicted_frames", (json_int_t)r->contradicted_frames, "warnings", warnings);
}

static int print_text(const struct arguments *a, const struct import_result *r, struct problem *why)
{
    const struct recording_header *h = &r->header;
    printf("%s: %llu frame%s of %d x %d cells (%g x %g mm) at %g frames/s, %.2f s\n", a->to,
           (unsigned long long)r->frames, r->frames == 1 ? "" : "s", h->rows, h->cols,
           h->pitch_x_mm, h->pitch_y_mm, h->rate_hz, r->duration_s);
    printf("peak %g kPa, largest force %.3f N, longest contact %.2f s: protocol %s\n", r->peak_kpa,
           r->max_force_n, r->longest_contact_s, h->protocol);
    if (r->no_sensor_cells)
        printf("%llu places of the grid have no sensor\n", (unsigned long long)r->no_sensor_cells);
    if (r->stated_frames)
        printf("the device states its force in %llu frames: at most %.2f N\n",
               (unsigned long long)r->stated_frames, r->stated_max_force_n);
    if (r->missing)
        printf("%llu frames are missing in the file\n", (unsigned long long)r->missing);
    return cli_flush_stdout(why);
}

int verb_import(int argc, char **argv)
{
    struct arguments a = {0};
    struct import_result result;
    struct problem why;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (import_file(a.from, a.to, &a.options, &result, &why))
        return cli_fail(argv[0], &why);
    for (int i = 0; i < result.n_warnings; i++)
        fprintf(stderr, "%s: note: %s\n", argv[0], result.warnings[i]);
    int bad = a.json ? cli_print_json(document(&a, &result), &why) : print_text(&a, &result, &why);
    return bad ? cli_fail(argv[0], &why) : 0;
}
