/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/pressure_reader.h"
#include "driver/recording_repair.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPTION_REPAIR = 256, OPTION_JSON };

struct arguments {
    const char *file, *repair;
    int json;
};

static const struct argp_option options[] = {
    {"repair", OPTION_REPAIR, "OUT", 0,
     "write a repaired copy; the original is only read, OUT must not exist", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON document", 0},
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPTION_REPAIR:
        a->repair = value;
        return 0;
    case OPTION_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file)
            argp_error(state, "one recording at a time");
        a->file = value;
        return 0;
    case ARGP_KEY_END:
        if (!a->file)
            argp_error(state, "name the recording to verify");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "FILE",
    "Tell what of a recording is whole, lost or damaged; repair a copy.\v"
    "delivered + lost = sent, exactly; bad frames (header whole, payload damaged) are part of the "
    "lost ones, repeats are counted apart. Frames lost on the wire do not make the file "
    "damaged.\n\n"
    "Exit: 0 the file is whole, or a repaired copy was asked for and written; 1 failed; 2 wrong "
    "usage; 3 the file is damaged or not a recording.\n\n"
    "  tenderfoot verify session.tfr\n"
    "  tenderfoot verify session.tfr --repair session-repaired.tfr",
    NULL,
    NULL,
    NULL};

/* What it goes on with, when its station died in that one. */
struct continued {
    char recording[80];
    long segment;
    double gap_s;
};

struct verdict {
    struct continued continues; /* recording "" = nothing */
    struct recording_header header;
    struct recording_summary summary;
    uint64_t unusable_frames;
    const char *calibration; /* whole | none | damaged */
    int is_whole;
};

/* An index that is missing after a crash is no damage: it can be rebuilt; one that is wrong is. */
static int is_whole(const struct verdict *v)
{
    const struct recording_summary *s = &v->summary;
    return s->damaged_bytes == 0 && s->torn_tail_bytes == 0 && s->missing_messages == 0 &&
           s->index_matches != 0 && v->unusable_frames == 0 && !s->calibration_damaged;
}

static void read_annotation(const struct wire_message *message, struct continued *continues)
{
    json_t *said = json_loadb((const char *)message->payload, message->payload_len, 0, NULL);
    const json_t *segment = json_object_get(said, "segment"), *gap = json_object_get(said, "gap_s");
    const char *recording = json_string_value(json_object_get(said, "continues"));
    if (recording && json_is_integer(segment) && json_is_number(gap)) {
        snprintf(continues->recording, sizeof continues->recording, "%s", recording);
        continues->segment = (long)json_integer_value(segment);
        continues->gap_s = json_number_value(gap);
    }
    json_decref(said);
}

static int read_all(const char *path, struct verdict *v, struct problem *why)
{
    struct recording *r = recording_open(path, why);
    if (!r)
        return -1;
    struct recording_item item;
    size_t n;
    int got = recording_header_parse(recording_header(r), &v->header, why);
    while (!got && (got = recording_next(r, &item, why)) > 0) {
        got = 0;
        if (item.message.type == WIRE_ANNOTATION)
            read_annotation(&item.message, &v->continues);
    }
    recording_summary(r, &v->summary);
    v->calibration = v->summary.calibration_damaged ? "damaged"
                     : recording_calibration(r, &n) ? "whole"
                                                    : "none";
    recording_close(r);
    return got;
}

/* Frames that are whole as messages must be readable as frames too. Without a usable calibration
 * nobody can tell; then the count stays 0 and the calibration's line says why. */
static void count_unusable(const char *path, struct verdict *v)
{
    struct problem unused;
    struct pressure_item item;
    struct pressure_reader *r = pressure_reader_open(path, NULL, &unused);
    if (!r)
        return;
    while (pressure_reader_next(r, &item, &unused) > 0)
        ;
    v->unusable_frames = pressure_reader_unusable_frames(r);
    pressure_reader_close(r);
}

static const char *index_word(int matches)
{
    return matches > 0 ? "matches" : matches == 0 ? "wrong" : "none";
}

static json_t *document(const struct arguments *a, const struct verdict *v)
{
    const struct recording_summary *s = &v->summary;
    const struct sequence_book *f = &s->frames;
    json_t *frames =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "sent",
                  (json_int_t)(f->delivered + f->lost), "delivered", (json_int_t)f->delivered,
                  "lost", (json_int_t)f->lost, "bad", (json_int_t)f->bad, "repeats",
                  (json_int_t)f->repeats, "unusable", (json_int_t)v->unusable_frames, "boots",
                  (json_int_t)f->boots, "joined_late", f->joined_late);
    json_t *file = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:s, s:s}", "bytes", (json_int_t)s->bytes,
        "messages", (json_int_t)s->messages, "damaged_bytes", (json_int_t)s->damaged_bytes,
        "damaged_places", (json_int_t)s->damaged_places, "torn_tail_bytes",
        (json_int_t)s->torn_tail_bytes, "missing_messages", (json_int_t)s->missing_messages,
        "missing_frames", (json_int_t)s->missing_frames, "closed_cleanly", s->closed_cleanly,
        "index", index_word(s->index_matches), "calibration", v->calibration);
    json_t *wire = json_pack("{s:I, s:I}", "damaged_bytes", (json_int_t)s->wire_damaged_bytes,
                             "damaged_places", (json_int_t)s->wire_damaged_places);
    const struct continued *c = &v->continues;
    json_t *continues = *c->recording
                            ? json_pack("{s:s, s:I, s:f}", "recording", c->recording, "segment",
                                        (json_int_t)c->segment, "gap_s", c->gap_s)
                            : json_null();
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:s?}", "schema", "tenderfoot/verify/1",
                     "recording", a->file, "whole", v->is_whole, "frames", frames, "file", file,
                     "wire", wire, "continues", continues, "repaired", a->repair);
}

static void print_damage(const struct verdict *v)
{
    const struct recording_summary *s = &v->summary;
    if (s->damaged_places)
        printf("damaged: %llu bytes at %llu places\n", (unsigned long long)s->damaged_bytes,
               (unsigned long long)s->damaged_places);
    if (s->missing_messages)
        printf("missing: %llu messages, %llu frames among them, that were written once\n",
               (unsigned long long)s->missing_messages, (unsigned long long)s->missing_frames);
    if (s->torn_tail_bytes)
        printf("torn tail: the last %llu bytes are no whole message\n",
               (unsigned long long)s->torn_tail_bytes);
    if (v->unusable_frames)
        printf("unusable: %llu frames are whole but not of this plate's geometry or bits\n",
               (unsigned long long)v->unusable_frames);
    if (s->wire_damaged_places)
        printf(
            "on the wire: %llu bytes at %llu places had been damaged before they were recorded\n",
            (unsigned long long)s->wire_damaged_bytes, (unsigned long long)s->wire_damaged_places);
}

static void print_text(const struct arguments *a, const struct verdict *v)
{
    const struct recording_summary *s = &v->summary;
    const struct sequence_book *f = &s->frames;
    printf("%s: %s\n", a->file, v->is_whole ? "whole" : "DAMAGED");
    printf("frames: %llu sent = %llu delivered + %llu lost (%llu of them bad); %llu repeats\n",
           (unsigned long long)(f->delivered + f->lost), (unsigned long long)f->delivered,
           (unsigned long long)f->lost, (unsigned long long)f->bad, (unsigned long long)f->repeats);
    printf("file: %llu messages, %llu bytes; %s; index %s; calibration %s\n",
           (unsigned long long)s->messages, (unsigned long long)s->bytes,
           s->closed_cleanly ? "closed cleanly"
                             : "not closed: up to a second may be missing at its end",
           index_word(s->index_matches), v->calibration);
    print_damage(v);
    if (*v->continues.recording)
        printf("goes on with %s, whose station died in it, as segment %ld; %.1f s are missing "
               "between them\n",
               v->continues.recording, v->continues.segment, v->continues.gap_s);
    if (a->repair)
        printf("repaired copy: %s\n", a->repair);
}

static int is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int repair(const struct arguments *a, struct problem *why)
{
    if (is_same_file(a->file, a->repair))
        return problem(
            why, PROBLEM_USAGE,
            "--repair %s is the recording itself, which is never changed; name another file",
            a->repair);
    return recording_repair(a->file, a->repair, NULL, why);
}

int verb_verify(int argc, char **argv)
{
    struct arguments a = {0};
    struct verdict v = {0};
    struct problem why;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (read_all(a.file, &v, &why))
        return cli_fail(argv[0], &why);
    count_unusable(a.file, &v);
    v.is_whole = is_whole(&v);
    if (a.repair && repair(&a, &why))
        return cli_fail(argv[0], &why);
    int bad;
    if (a.json) {
        bad = cli_print_json(document(&a, &v), &why);
    } else {
        print_text(&a, &v);
        bad = cli_flush_stdout(&why);
    }
    if (bad)
        return cli_fail(argv[0], &why);
    return v.is_whole || a.repair ? 0 : PROBLEM_REFUSED;
}
