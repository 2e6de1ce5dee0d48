/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a subject's file to a recording and its truth, and from a recording back onto a plate. */
#include "calib/calibration.h"
#include "driver/pressure_reader.h"
#include "samples/recording_source.h"
#include "samples/simulate.h"
#include "samples/subject_source.h"
#include "samples/virtual_calibration.h"
#include "samples/visit.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED 5501u

static struct problem why;
static struct subject subject;
static char folder[] = "/tmp/tenderfoot-simulate-XXXXXX";

/* A small plate that a foot of 118 mm fits: quick, and every part of the physics is there. */
static const char small[] =
    "{\"schema\": \"tenderfoot/subject/1\", \"person\": {\"body_mass_kg\": 21.7},"
    "\"feet\": [{\"side\": \"left\", \"length_mm\": 118}, {\"side\": \"right\", \"length_mm\": "
    "117}],"
    "\"thresholds\": {\"planted\": [{\"zone\": \"P09\", \"side\": \"left\", \"kpa\": 110}]},"
    "\"protocol\": {\"stand_s\": 4, \"press\": {\"route\": [\"P09\", \"P16\"], \"ramp_kpa_s\": 150,"
    "\"catch_trials\": 1, \"tool\": {\"tip_cm2\": 0.5, \"footprint_cm2\": 1}}},"
    "\"plate\": {\"rows\": 36, \"cols\": 44, \"pitch_x_mm\": 4, \"pitch_y_mm\": 4, "
    "\"random_dead\": 3,"
    "\"serial\": \"SMALL-1\"}}";

static void load(const char *text)
{
    if (subject_parse(text, strlen(text), "test.json", &subject, &why))
        fail_msg("%s", why.text);
}

static const char *path_of(const char *name)
{
    static char paths[8][120];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make(const char *name, uint64_t seed, FILE *truth, struct simulation_facts *facts)
{
    struct simulation simulation = {.subject = &subject,
                                    .seed = seed,
                                    .path = path_of(name),
                                    .created_utc = "2026-01-01T00:00:00Z",
                                    .calibration_id = "nominal",
                                    .truth = truth};
    char *text = virtual_calibration(&subject.plate, &simulation.n_calibration, &why);
    simulation.calibration = text;
    simulation.calibration_id = "SMALL-1-bench";
    int result = text ? simulate(&simulation, facts, &why) : -1;
    free(text);
    return result;
}

static char *bytes_of(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(1 << 24);
    *n = fread(bytes, 1, 1 << 24, file);
    fclose(file);
    return bytes;
}

static int same_bytes(const char *a, const char *b)
{
    size_t na, nb;
    char *ba = bytes_of(path_of(a), &na), *bb = bytes_of(path_of(b), &nb);
    int same = na == nb && !memcmp(ba, bb, na);
    free(ba);
    free(bb);
    return same;
}

static json_t *truth_of(const char *name, uint64_t seed)
{
    struct simulation_facts facts;
    FILE *truth = tmpfile();
    if (make(name, seed, truth, &facts))
        fail_msg("%s", why.text);
    rewind(truth);
    json_error_t error;
    json_t *root = json_loadf(truth, 0, &error);
    fclose(truth);
    assert_non_null(root);
    return root;
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    load(small);
    json_t *a = truth_of("a.tfr", SEED), *b = truth_of("b.tfr", SEED),
           *c = truth_of("c.tfr", SEED + 1);
    assert_true(json_equal(a, b));
    assert_true(same_bytes("a.tfr", "b.tfr"));
    /* Another seed: other noise, sway and answers, but the same feet, plate and thresholds. */
    assert_false(same_bytes("a.tfr", "c.tfr"));
    assert_false(json_equal(json_object_get(a, "frames"), json_object_get(c, "frames")));
    static const char *const same[] = {"feet", "plate", "thresholds", "planted"};
    for (size_t i = 0; i < 4; i++)
        assert_true(json_equal(json_object_get(a, same[i]), json_object_get(c, same[i])));
    json_decref(a);
    json_decref(b);
    json_decref(c);
}

static double at(const json_t *root, const char *section, const char *key, size_t i)
{
    return json_number_value(
        json_array_get(json_object_get(json_object_get(root, section), key), i));
}

/* The recording, read as anybody reads it, agrees with its truth frame by frame. */
static void the_recording_agrees_with_its_truth(void **state)
{
    (void)state;
    load(small);
    json_t *truth = truth_of("d.tfr", SEED);
    struct pressure_reader *reader = pressure_reader_open(path_of("d.tfr"), NULL, &why);
    if (!reader)
        fail_msg("%s", why.text);
    double newton = 4 * 4 * 1e-3, worst = 0, mean = 0;
    uint64_t first_us = 0;
    size_t n = 0, standing = 0, buttons = 0, notes = 0;
    struct pressure_item item;
    while (pressure_reader_next(reader, &item, &why) == 1) {
        buttons += item.kind == PRESSURE_BUTTON;
        notes += item.kind == PRESSURE_ANNOTATION;
        if (item.kind != PRESSURE_FRAME)
            continue;
        first_us = n ? first_us : item.time_us;
        double time_s = (double)(item.time_us - first_us) * 1e-6, force = 0, wanted;
        assert_true(fabs(time_s - at(truth, "frames", "time_s", n)) < 1e-6);
        for (int i = 0; i < 36 * 44; i++)
            force += item.kpa[i] * newton;
        wanted = at(truth, "frames", "force_n", n++);
        if (wanted > 200) {
            standing++;
            mean += force / wanted - 1;
            worst = fmax(worst, fabs(force / wanted - 1));
        } else if (wanted == 0) {
            /* Bare; after the load its creep wears off (at most 4 x 1 % of it). */
            assert_true(force < (standing ? 0.045 * 213 : 1));
        }
    }
    assert_int_equal(n,
                     json_array_size(json_object_get(json_object_get(truth, "frames"), "force_n")));
    /* Creep (1 % a decade, four of them), crosstalk (4 x 0.3 %), three dead cells. */
    assert_true(standing > 350 && worst < 0.06 && fabs(mean / (double)standing) < 0.05);
    size_t answers = 0, presses = json_array_size(json_object_get(truth, "presses"));
    for (size_t i = 0; i < presses; i++)
        answers += json_is_true(
            json_object_get(json_array_get(json_object_get(truth, "presses"), i), "answered"));
    assert_int_equal(buttons, 2 * answers);
    assert_int_equal(notes, presses + 4); /* empty, stand, sit, end */
    assert_true(answers >= 2);
    pressure_reader_close(reader);
    json_decref(truth);
}

static void truth_speaks_of_every_plantar_zone_and_landmark(void **state)
{
    (void)state;
    load(small);
    json_t *truth = truth_of("e.tfr", SEED);
    assert_string_equal(json_string_value(json_object_get(truth, "schema")), "tenderfoot/truth/1");
    const json_t *foot = json_array_get(json_object_get(truth, "feet"), 0);
    const json_t *zones = json_object_get(foot, "zones");
    assert_int_equal(json_object_size(json_object_get(foot, "landmarks")), LANDMARK_COUNT);
    assert_non_null(json_object_get(zones, "P07"));
    assert_null(json_object_get(zones, "N03"));
    const char *id;
    json_t *polygon;
    json_object_foreach((json_t *)zones, id, polygon)
    {
        assert_true(json_array_size(polygon) >= 3);
        for (size_t i = 0; i < json_array_size(polygon); i++) {
            const json_t *point = json_array_get(polygon, i);
            double x = json_number_value(json_array_get(point, 0));
            double y = json_number_value(json_array_get(point, 1));
            assert_true(x > -20 && x < 196 && y > -20 && y < 164);
        }
    }
    json_decref(truth);
}

/* A recording laid on a plate again gives its own counts back. */
static void a_recording_is_scanned_as_it_was(void **state)
{
    (void)state;
    load(small);
    json_decref(truth_of("f.tfr", SEED));
    struct scan_source *source = recording_source_open(path_of("f.tfr"), &why);
    if (!source)
        fail_msg("%s", why.text);
    assert_int_equal(source->rows, 36);
    assert_int_equal(source->bits, 12);
    assert_string_equal(source->serial, "SMALL-1");
    struct pressure_reader *reader = pressure_reader_open(path_of("f.tfr"), NULL, &why);
    struct pressure_item item;
    uint16_t counts[36 * 44];
    uint64_t first_us = 0, n = 0;
    source->scan(source, 1499999, counts);
    for (int i = 0; i < 36 * 44; i++)
        assert_int_equal(counts[i], 0); /* empty at first */
    const struct calibration *calibration = pressure_reader_calibration(reader);
    float kpa[36 * 44];
    while (pressure_reader_next(reader, &item, &why) == 1) {
        if (item.kind != PRESSURE_FRAME)
            continue;
        first_us = n++ ? first_us : item.time_us;
        source->scan(source, RECORDING_SOURCE_EMPTY_US + item.time_us - first_us + 3000, counts);
        calibration_apply(calibration, counts, kpa);
        for (int i = 0; i < 36 * 44; i++)
            assert_true(fabsf(kpa[i] - item.kpa[i]) < 1e-3f);
    }
    assert_true(n > 400);
    assert_int_equal(source->duration_us, RECORDING_SOURCE_EMPTY_US + (n - 1) * 10000 + 10000);
    struct button_edge edge;
    uint64_t last_us = 0, time_us;
    int edges = 0, notes = 0;
    for (; source->next_edge(source, UINT64_MAX, &edge); edges++) {
        assert_int_equal(edge.down, edges % 2 == 0);
        assert_true(edge.time_us >= last_us);
        last_us = edge.time_us;
    }
    while (source->next_annotation(source, UINT64_MAX, &time_us))
        notes++;
    assert_true(edges >= 4 && notes > 8);
    pressure_reader_close(reader);
    source->close(source);
}

static void what_is_no_recording_is_refused(void **state)
{
    (void)state;
    assert_null(recording_source_open("samples/subjects/normal.json", &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_null(recording_source_open(path_of("missing.tfr"), &why));
}

static void an_existing_recording_is_never_overwritten(void **state)
{
    (void)state;
    load(small);
    struct simulation_facts facts;
    FILE *file = fopen(path_of("mine.tfr"), "w");
    fputs("precious", file);
    fclose(file);
    assert_int_equal(make("mine.tfr", SEED, NULL, &facts), -1);
    size_t n;
    char *bytes = bytes_of(path_of("mine.tfr"), &n);
    assert_int_equal(n, 8);
    free(bytes);
}

static void edges_and_annotations_come_in_time_and_once(void **state)
{
    (void)state;
    load(small);
    struct scan_source *source = subject_source_create(&subject, SEED, &why);
    assert_non_null(source);
    const struct visit *visit = subject_source_visit(source);
    struct button_edge edge;
    uint64_t time_us;
    size_t edges = 0, notes = 0;
    for (uint64_t now = 0; now < source->duration_us; now += 10000) {
        while (source->next_edge(source, now, &edge)) {
            assert_true(edge.time_us < now && edge.time_us + 10000 >= now);
            edges++;
        }
        const char *note;
        while ((note = source->next_annotation(source, now, &time_us))) {
            assert_true(time_us < now);
            json_t *object = json_loads(note, 0, NULL);
            assert_string_equal(json_string_value(json_object_get(object, "schema")),
                                "tenderfoot/annotation/1");
            json_decref(object);
            notes++;
        }
    }
    assert_int_equal(edges, visit->n_edges);
    assert_int_equal(notes, visit->n_notes);
    source->close(source);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    load(small);
    subject.protocol.stand_s = 0;
    subject.protocol.press.n_route = 1;
    struct simulation_facts facts;
    for (long n = 1, step = 1;; n += step) {
        failing_malloc_at(n);
        int bad = make("memory.tfr", SEED, NULL, &facts);
        int failed = failing_malloc_off();
        assert_int_equal(bad != 0, failed != 0);
        assert_int_equal(access(path_of("memory.tfr"), F_OK) == 0, !failed);
        if (!failed)
            break;
        step = n > 40 ? 1 + n / 3 : 1; /* the atlas asks often, always in the same way */
    }
}

static int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(the_recording_agrees_with_its_truth),
        cmocka_unit_test(truth_speaks_of_every_plantar_zone_and_landmark),
        cmocka_unit_test(a_recording_is_scanned_as_it_was),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(an_existing_recording_is_never_overwritten),
        cmocka_unit_test(edges_and_annotations_come_in_time_and_once),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
