/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/bench.h"
#include "samples/json_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

const char *bench_script_stage_name(int stage)
{
    return stage == BENCH_STAND ? "stand" : bench_stage_name((enum bench_stage)stage);
}

int bench_script_stage(const char *name)
{
    for (int stage = 0; stage < BENCH_SCRIPT_STAGES; stage++)
        if (!strcmp(name, bench_script_stage_name(stage)))
            return stage;
    return -1;
}

/* --- Defaults -------------------------------------------------------------------------------- */

static void set_list(struct bench_script_list *list, const double *values, int n)
{
    memcpy(list->value, values, (size_t)n * sizeof *values);
    list->n = n;
}

static void set_defaults(struct bench_script *script)
{
    static const double bladder[] = {10, 20, 40, 70, 110, 160, 220, 300}, warm[] = {40, 110, 220};
    *script = (struct bench_script){.accuracy_percent = 0.5,
                                    .room_c = 22,
                                    .before_s = 3,
                                    .rise_s = 1,
                                    .hold_s = 6,
                                    .empty_s = 15,
                                    .cycles = 2,
                                    .creep_kpa = 110,
                                    .creep_s = 120,
                                    .mass_width_mm = 60,
                                    .mass_height_mm = 60,
                                    .mass_places = 9,
                                    .warm_c = 32,
                                    .stud_places = 5,
                                    .stand_c = 22};
    snprintf(script->label, sizeof script->label, "virtual bench");
    snprintf(script->reference_device, sizeof script->reference_device, "virtual gauge");
    set_list(&script->bladder_kpa, bladder, 8);
    set_list(&script->warm_kpa, warm, 3);
    set_list(&script->mass_kg, (double[]){20}, 1);
    set_list(&script->stud_kg, (double[]){2, 4}, 2);
    bench_plate_defaults(&script->plate);
}

/* --- The plate ------------------------------------------------------------------------------- */

static void read_geometry(struct json_fields *in, const json_t *o, struct bench_plate_setting *p)
{
    p->rows = (int)json_fields_integer(in, o, "rows", 4, 256, p->rows);
    p->cols = (int)json_fields_integer(in, o, "cols", 4, 256, p->cols);
    p->pitch_x_mm = json_fields_number(in, o, "pitch_x_mm", 0.5, 50, p->pitch_x_mm);
    p->pitch_y_mm = json_fields_number(in, o, "pitch_y_mm", 0.5, 50, p->pitch_y_mm);
    p->bits = (int)json_fields_integer(in, o, "bits", 8, 16, p->bits);
    p->rate_hz = (double)json_fields_integer(in, o, "rate_hz", 10, 500, (long)p->rate_hz);
    p->full_scale_kpa =
        (double)json_fields_integer(in, o, "full_scale_kpa", 10, 10000, (long)p->full_scale_kpa);
    json_fields_text(in, o, "serial", p->serial, sizeof p->serial);
    if (!p->serial[0])
        json_fields_refuse(in, "serial", "is empty; a plate needs a serial number");
}

static void read_physics(struct json_fields *in, const json_t *o, struct bench_plate_setting *p)
{
    p->gain_spread = json_fields_number(in, o, "gain_spread", 0, 0.3, p->gain_spread);
    p->curvature_spread =
        json_fields_number(in, o, "curvature_spread", 0, 0.5, p->curvature_spread);
    p->small_share = json_fields_number(in, o, "small_share", 0, 0.9, p->small_share);
    p->small_kpa = json_fields_number(in, o, "small_kpa", 1, 1000, p->small_kpa);
    p->bulk_kpa = json_fields_number(in, o, "bulk_kpa", 50, 100000, p->bulk_kpa);
    p->bulk_exponent = json_fields_number(in, o, "bulk_exponent", 0.5, 2, p->bulk_exponent);
    p->divider = json_fields_number(in, o, "divider", 0, 5, p->divider);
    p->hysteresis_percent =
        json_fields_number(in, o, "hysteresis_percent", 0, 30, p->hysteresis_percent);
    p->creep_percent_per_decade =
        json_fields_number(in, o, "creep_percent_per_decade", 0, 10, p->creep_percent_per_decade);
    p->row_sag_percent = json_fields_number(in, o, "row_sag_percent", 0, 20, p->row_sag_percent);
    p->cover_share = json_fields_number(in, o, "cover_share", 0, 0.1, p->cover_share);
    p->repeat_percent = json_fields_number(in, o, "repeat_percent", 0, 10, p->repeat_percent);
    p->reference_c = json_fields_number(in, o, "reference_c", -20, 60, p->reference_c);
    p->gain_percent_per_c =
        json_fields_number(in, o, "gain_percent_per_c", -2, 2, p->gain_percent_per_c);
    p->zero_counts_per_c =
        json_fields_number(in, o, "zero_counts_per_c", -20, 20, p->zero_counts_per_c);
    p->gain_drift_percent =
        json_fields_number(in, o, "gain_drift_percent", -50, 50, p->gain_drift_percent);
    p->noise_counts = json_fields_number(in, o, "noise_counts", 0, 50, p->noise_counts);
    p->offset_counts = json_fields_number(in, o, "offset_counts", 0, 100, p->offset_counts);
    p->offset_spread_counts =
        json_fields_number(in, o, "offset_spread_counts", 0, 50, p->offset_spread_counts);
}

static const char *const fault_words[] = {"none", "dead", "stuck", "weak", "loose",
                                          "pair", "full", "rows",  NULL};

static void read_named(struct json_fields *in, const json_t *root, struct bench_plate_setting *p)
{
    const json_t *array = json_fields_enter(in, root, "faulty_cells");
    size_t n = json_fields_count(in, array, BENCH_PLATE_NAMED_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_fields_enter_index(in, array, i);
        json_fields_only(in, o, KEYS("row", "col", "fault"));
        p->named[i].row = (int)json_fields_integer(in, o, "row", 0, p->rows - 1, 0);
        p->named[i].col = (int)json_fields_integer(in, o, "col", 0, p->cols - 1, 0);
        p->named[i].fault = (enum bench_fault)json_fields_choice(in, o, "fault", fault_words, 0);
        json_fields_leave(in);
    }
    p->n_named = (int)n;
    json_fields_leave(in);
}

static void read_faults(struct json_fields *in, const json_t *root, struct bench_plate_setting *p)
{
    const json_t *o = json_fields_enter(in, root, "random_faults");
    if (o) {
        json_fields_only(in, o, fault_words + 1);
        int cells = p->rows * p->cols;
        for (int fault = 1; fault < BENCH_FAULTS; fault++) {
            int most = fault == BENCH_FAULT_ROWS ? p->rows / 4 : cells / 20;
            p->random_fault[fault] =
                (int)json_fields_integer(in, o, fault_words[fault], 0, most, 0);
        }
    }
    json_fields_leave(in);
    read_named(in, root, p);
}

static void read_plate(struct json_fields *in, const json_t *root, struct bench_plate_setting *p)
{
    const json_t *o = json_fields_enter(in, root, "plate");
    if (o) {
        json_fields_only(in, o,
                         KEYS("rows", "cols", "pitch_x_mm", "pitch_y_mm", "bits", "rate_hz",
                              "full_scale_kpa", "serial", "gain_spread", "curvature_spread",
                              "small_share", "small_kpa", "bulk_kpa", "bulk_exponent", "divider",
                              "hysteresis_percent", "creep_percent_per_decade", "row_sag_percent",
                              "cover_share", "repeat_percent", "reference_c", "gain_percent_per_c",
                              "zero_counts_per_c", "gain_drift_percent", "noise_counts",
                              "offset_counts", "offset_spread_counts", "random_faults",
                              "faulty_cells"));
        read_geometry(in, o, p);
        read_physics(in, o, p);
        if (!in->failed)
            read_faults(in, o, p);
    }
    json_fields_leave(in);
}

/* --- The stages ------------------------------------------------------------------------------ */

static void read_list(struct json_fields *in, const json_t *object, const char *key, double low,
                      double high, struct bench_script_list *list)
{
    const json_t *array = json_fields_enter(in, object, key);
    size_t n = json_fields_count(in, array, BENCH_SCRIPT_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *number = json_fields_enter_index(in, array, i);
        double value = json_is_number(number) ? json_number_value(number) : -1;
        if (!(value >= low && value <= high))
            json_fields_refuse(in, NULL, "a number of %g to %g is meant", low, high);
        list->value[i] = value;
        json_fields_leave(in);
    }
    if (array && !n)
        json_fields_refuse(in, NULL, "is empty; give at least one number or leave it out");
    if (n)
        list->n = (int)n;
    json_fields_leave(in);
}

static void read_bladder(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("kpa", "cycles"));
    read_list(in, o, "kpa", 0.5, 2000, &script->bladder_kpa);
    script->cycles = (int)json_fields_integer(in, o, "cycles", 1, 10, script->cycles);
    for (int i = 1; i < script->bladder_kpa.n && !in->failed; i++)
        if (script->bladder_kpa.value[i] <= script->bladder_kpa.value[i - 1])
            json_fields_refuse(in, "kpa", "must rise; the way down is added by itself");
}

static void read_mass(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    const struct bench_plate_setting *p = &script->plate;
    json_fields_only(in, o, KEYS("kg", "width_mm", "height_mm", "places"));
    read_list(in, o, "kg", 0.05, 500, &script->mass_kg);
    script->mass_width_mm =
        json_fields_number(in, o, "width_mm", 5, p->cols * p->pitch_x_mm, script->mass_width_mm);
    script->mass_height_mm =
        json_fields_number(in, o, "height_mm", 5, p->rows * p->pitch_y_mm, script->mass_height_mm);
    script->mass_places = (int)json_fields_integer(in, o, "places", 1, 100, script->mass_places);
}

static void read_stud(struct json_fields *in, const json_t *o, struct bench_script_stud *stud)
{
    *stud = (struct bench_script_stud){.name = "stud", .tip_cm2 = 1, .base_cm2 = 4, .factor = 1};
    json_fields_only(in, o, KEYS("name", "tip_cm2", "base_cm2", "factor"));
    json_fields_text(in, o, "name", stud->name, sizeof stud->name);
    stud->tip_cm2 = json_fields_number(in, o, "tip_cm2", 0.1, 10, stud->tip_cm2);
    stud->base_cm2 = json_fields_number(in, o, "base_cm2", 0.5, 50, stud->base_cm2);
    stud->factor = json_fields_number(in, o, "factor", 1, 2, stud->factor);
}

static void read_studs(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("studs", "kg", "places"));
    read_list(in, o, "kg", 0.05, 50, &script->stud_kg);
    script->stud_places = (int)json_fields_integer(in, o, "places", 1, 100, script->stud_places);
    const json_t *array = json_fields_enter(in, o, "studs");
    size_t n = json_fields_count(in, array, BENCH_SCRIPT_STUDS_MAX);
    for (size_t i = 0; i < n; i++) {
        read_stud(in, json_fields_enter_index(in, array, i), &script->studs[i]);
        json_fields_leave(in);
    }
    if (!n && !in->failed)
        json_fields_refuse(in, NULL, "is missing or empty; name at least one stud");
    script->n_studs = (int)n;
    json_fields_leave(in);
}

/* The person's file, but for its plate, which is this one's geometry. */
static json_t *person_file(const json_t *subject, const struct bench_plate_setting *p)
{
    json_t *file = subject ? json_deep_copy(subject) : json_object();
    json_t *plate = json_pack(
        "{s:i, s:i, s:f, s:f, s:i, s:i, s:i, s:s, s:b}", "rows", p->rows, "cols", p->cols,
        "pitch_x_mm", p->pitch_x_mm, "pitch_y_mm", p->pitch_y_mm, "bits", p->bits, "rate_hz",
        (int)p->rate_hz, "full_scale_kpa", (int)p->full_scale_kpa, "serial", p->serial, "ideal", 1);
    int bad =
        !file || !plate || json_object_set_new(file, "schema", json_string("tenderfoot/subject/1"));
    bad = json_object_set_new(file, "plate", plate) || bad;
    if (!bad)
        return file;
    json_decref(file);
    return NULL;
}

static void read_stand(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("subject", "temperature_c"));
    script->stand_c = json_fields_number(in, o, "temperature_c", -20, 60, script->room_c);
    const json_t *subject = json_object_get(o, "subject");
    if (in->failed)
        return;
    if (subject && (!json_is_object(subject) || json_object_get(subject, "plate")))
        json_fields_refuse(in, "subject",
                           "an object as in tenderfoot/subject/1, but without plate, "
                           "is meant");
    if (in->failed)
        return;
    json_t *file = person_file(subject, &script->plate);
    char *text = file ? json_dumps(file, JSON_COMPACT) : NULL;
    json_decref(file);
    if (!text)
        in->failed = problem_no_memory(in->why, "a person on the bench") != 0;
    else if (subject_parse(text, strlen(text), in->file, &script->person, in->why))
        in->failed = 1;
    free(text);
}

static void read_creep(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("kpa", "seconds"));
    script->creep_kpa = json_fields_number(in, o, "kpa", 0.5, 2000, script->creep_kpa);
    script->creep_s = json_fields_number(in, o, "seconds", 2, 7200, script->creep_s);
}

static void read_warm(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("kpa", "temperature_c"));
    read_list(in, o, "kpa", 0.5, 2000, &script->warm_kpa);
    script->warm_c = json_fields_number(in, o, "temperature_c", -20, 60, script->warm_c);
}

static void read_empty(struct json_fields *in, const json_t *o, struct bench_script *script)
{
    json_fields_only(in, o, KEYS("seconds"));
    script->empty_s = json_fields_number(in, o, "seconds", 1, 3600, script->empty_s);
}

static void read_stages(struct json_fields *in, const json_t *root, struct bench_script *script)
{
    static void (*const read[BENCH_SCRIPT_STAGES])(struct json_fields *, const json_t *,
                                                   struct bench_script *) = {
        [BENCH_EMPTY] = read_empty, [BENCH_BLADDER] = read_bladder, [BENCH_CREEP] = read_creep,
        [BENCH_MASS] = read_mass,   [BENCH_WARM] = read_warm,       [BENCH_STUD] = read_studs,
        [BENCH_STAND] = read_stand};
    for (int stage = 0; stage < BENCH_SCRIPT_STAGES && !in->failed; stage++) {
        const json_t *o = json_fields_enter(in, root, bench_script_stage_name(stage));
        if (o) {
            read[stage](in, o, script);
            script->has[stage] = 1;
        }
        json_fields_leave(in);
    }
}

static void read_root(struct json_fields *in, const json_t *root, struct bench_script *script)
{
    json_fields_only(in, root,
                     KEYS("schema", "label", "plate", "reference", "room_c", "before_s", "rise_s",
                          "hold_s", "empty", "bladder", "creep", "mass", "warm", "stud", "stand"));
    char schema[40] = "";
    json_fields_text(in, root, "schema", schema, sizeof schema);
    if (strcmp(schema, "tenderfoot/bench/1"))
        json_fields_refuse(in, "schema", "must be \"tenderfoot/bench/1\"");
    json_fields_text(in, root, "label", script->label, sizeof script->label);
    script->room_c = json_fields_number(in, root, "room_c", -20, 60, script->room_c);
    script->before_s = json_fields_number(in, root, "before_s", 1, 60, script->before_s);
    script->rise_s = json_fields_number(in, root, "rise_s", 0.05, 60, script->rise_s);
    script->hold_s = json_fields_number(in, root, "hold_s", 0.5, 600, script->hold_s);
    read_plate(in, root, &script->plate);
    const json_t *o = json_fields_enter(in, root, "reference");
    if (o) {
        json_fields_only(in, o, KEYS("device", "accuracy_percent", "error_percent"));
        json_fields_text(in, o, "device", script->reference_device,
                         sizeof script->reference_device);
        script->accuracy_percent =
            json_fields_number(in, o, "accuracy_percent", 0, 10, script->accuracy_percent);
        script->gauge_error_percent = json_fields_number(in, o, "error_percent", -10, 10, 0);
    }
    json_fields_leave(in);
    read_stages(in, root, script);
}

int bench_script_parse(const void *bytes, size_t n, const char *name, struct bench_script *script,
                       struct problem *why)
{
    if (n > BENCH_SCRIPT_BYTES_MAX)
        return problem(why, PROBLEM_REFUSED, "%s: %zu bytes; a bench has at most %d", name, n,
                       BENCH_SCRIPT_BYTES_MAX);
    json_error_t error;
    json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!root && (!error.text[0] || json_error_code(&error) == json_error_out_of_memory))
        return problem_no_memory(why, "a bench");
    if (!root)
        return problem(why, PROBLEM_REFUSED, "%s: line %d, column %d: not JSON: %s", name,
                       error.line, error.column, error.text);
    set_defaults(script);
    struct json_fields in;
    json_fields_begin(&in, name, why);
    read_root(&in, root, script);
    json_decref(root);
    return in.failed ? -1 : 0;
}

static ssize_t read_whole(int fd, char *bytes, size_t cap)
{
    size_t n = 0;
    ssize_t got = 1;
    while (got > 0 && n < cap) {
        got = read(fd, bytes + n, cap - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    return got < 0 ? -1 : (ssize_t)n;
}

int bench_script_load(const char *path, struct bench_script *script, struct problem *why)
{
    struct stat facts;
    int result = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *bytes = malloc(BENCH_SCRIPT_BYTES_MAX + 1);
    if (fd < 0)
        problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    else if (!bytes)
        problem_no_memory(why, "a bench");
    else if (fstat(fd, &facts) || !S_ISREG(facts.st_mode))
        problem(why, PROBLEM_REFUSED, "%s is not a regular file", path);
    else {
        ssize_t n = read_whole(fd, bytes, BENCH_SCRIPT_BYTES_MAX + 1);
        result = n < 0
                     ? problem(why, PROBLEM_FAILED, "%s: cannot be read: %s", path, strerror(errno))
                     : bench_script_parse(bytes, (size_t)n, path, script, why);
    }
    if (fd >= 0)
        close(fd);
    free(bytes);
    return result;
}
