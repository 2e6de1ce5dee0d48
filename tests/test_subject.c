/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subject files: what may be left out, what is refused and where, and that the shipped ones hold.
 */
#include "samples/visit.h"
#include "samples/subject.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct subject subject;
static struct problem why;

static int parse(const char *text)
{
    why = (struct problem){0};
    return subject_parse(text, strlen(text), "test.json", &subject, &why);
}

static void the_least_file_is_an_adult_on_the_reference_plate(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"schema\": \"tenderfoot/subject/1\"}"), 0);
    assert_int_equal(subject.n_feet, 2);
    assert_int_equal(subject.feet[0].side, SIDE_LEFT);
    assert_int_equal(subject.plate.rows * subject.plate.cols, 96 * 96);
    assert_true(fabs(subject.person.body_mass_kg - 70) < 1e-12);
    assert_false(subject.protocol.press.present);
    /* Mirrored about the plate's middle, the left foot on the left and toed out. */
    assert_true(fabs(subject.feet[0].heel.x_mm + subject.feet[1].heel.x_mm - 480) < 1e-9);
    assert_true(subject.feet[0].heel.x_mm < 240 && subject.feet[0].angle_deg < 0);
}

static void numbers_arrive_where_they_belong(void **state)
{
    (void)state;
    assert_int_equal(
        parse("{\"schema\": \"tenderfoot/subject/1\", \"feet\": [{\"side\": \"right\", "
              "\"length_mm\": 231.5, \"width_mm\": 92.1, \"arch\": 0.17, \"toes\": {\"contact\": "
              "0.4}, \"place\": {\"x_mm\": 71.25, \"y_mm\": 33.5, \"angle_deg\": -12.75}}],"
              "\"thresholds\": {\"base_kpa\": {\"heel\": 512}, \"planted\": [{\"zone\": \"P04.1\","
              " \"side\": \"right\", \"kpa\": 133}]},"
              "\"protocol\": {\"press\": {\"sides\": \"right\", \"route\": [\"P07\", {\"u\": 0.31,"
              " \"v\": 0.42}], \"heel_cup\": false}},"
              "\"plate\": {\"rows\": 32, \"cols\": 40, \"bits\": 10, \"ideal\": true, "
              "\"crosstalk\": 0.02, \"dead_cells\": [{\"row\": 31, \"col\": 39}]}}"),
        0);
    const struct subject_foot *foot = &subject.feet[0];
    assert_int_equal(foot->side, SIDE_RIGHT);
    assert_true(fabs(foot->width_scale - 92.1 / (99.36 * 231.5 / 250)) < 1e-9);
    assert_true(fabs(foot->angle_deg + 12.75) < 1e-12);
    assert_true(fabs(subject.thresholds.base_kpa[CLASS_HEEL] - 512) < 1e-12);
    assert_true(isnan(subject.thresholds.planted[0].factor));
    assert_string_equal(subject.thresholds.planted[0].where.zone, "P04.1");
    const struct press_setting *press = &subject.protocol.press;
    assert_int_equal(press->n_sides, 1);
    assert_int_equal(press->route[1].kind, PLACE_UV);
    /* A free foot is placed worse than one in the heel cup, unless the file says otherwise. */
    assert_true(press->error_mm > 3);
    /* "ideal" takes all defects away, and single ones can be given back. */
    assert_true(subject.plate.noise_counts == 0 && subject.plate.gain_spread == 0);
    assert_true(fabs(subject.plate.crosstalk - 0.02) < 1e-12);
    assert_int_equal(subject.plate.dead[0].col, 39);
}

#define FILE_OF(rest) "{\"schema\": \"tenderfoot/subject/1\", " rest "}"

static const struct {
    const char *text, *path, *says;
} bad[] = {
    {"", "line", "not JSON"},
    {"[]", "$:", "object"},
    {"{\"schema\": \"tenderfoot/subject/2\"}", "$.schema", "tenderfoot/subject/1"},
    {"{\"schema\": \"tenderfoot/subject/1\", \"schema\": 1}", "line", "duplicate"},
    {FILE_OF("\"persn\": {}"), "$:", "did you mean 'person'"},
    {FILE_OF("\"person\": {\"body_mass\": 70}"), "$.person:", "body_mass_kg"},
    {FILE_OF("\"person\": {\"body_mass_kg\": 0}"), "$.person.body_mass_kg", "5 to 300"},
    {FILE_OF("\"person\": {\"body_mass_kg\": \"70\"}"), "$.person.body_mass_kg", "number"},
    {FILE_OF("\"person\": {\"sex\": \"x\"}"), "$.person.sex", "female, male"},
    {FILE_OF("\"person\": {\"label\": \"a\\nb\"}"), "$.person.label", "control"},
    {FILE_OF("\"person\": {\"sway\": {\"rms_ml_mm\": 21}}"), "$.person.sway.rms_ml_mm", "0 to 20"},
    {FILE_OF("\"feet\": [{}]"), "$.feet[0].side", "left"},
    {FILE_OF("\"feet\": [{\"side\": \"left\"}, {\"side\": \"left\"}]"), "$.feet", "same side"},
    {FILE_OF("\"feet\": [{\"side\": \"left\"}, {\"side\": \"right\", \"arch\": 1.01}]"),
     "$.feet[1].arch", "0 to 1"},
    {FILE_OF("\"feet\": [{\"side\": \"left\", \"width_mm\": 99, \"width_scale\": 1}]"),
     "$.feet[0].width_mm", "not both"},
    {FILE_OF("\"feet\": [1, 2, 3]"), "$.feet", "at most 2"},
    {FILE_OF("\"guarding\": [{\"zone\": \"heels\"}]"), "$.guarding[0].zone", "no zone id"},
    {FILE_OF("\"feet\": [{\"side\": \"left\", \"build\": {\"gap\": 1.1}}]"), "$.feet[0].build.gap",
     "0 to 1"},
    {FILE_OF("\"feet\": [{\"side\": \"left\", \"build\": {\"calluses\": [{}, {\"factor\": 9}]}}]"),
     "$.feet[0].build.calluses[1].factor", "1 to 6"},
    {FILE_OF("\"feet\": [{\"side\": \"left\", \"toes\": {\"form\": \"roman\"}}]"),
     "$.feet[0].toes.form", "greek"},
    {FILE_OF("\"thresholds\": {\"side_spread\": 0.6}"), "$.thresholds.side_spread", "0 to 0.5"},
    {FILE_OF("\"answers\": {\"random_rate\": -0.1}"), "$.answers.random_rate", "0 to 1"},
    {FILE_OF("\"protocol\": {\"idle_s\": 0}"), "$.protocol.idle_s", "1 to 3600"},
    {FILE_OF("\"objects\": [{\"kind\": \"cat\"}]"), "$.objects[0].kind", "paw"},
    {FILE_OF("\"load\": {\"events\": [{\"at_s\": 3}]}"), "$.load.events[0]", "left_share"},
    {FILE_OF("\"load\": {\"events\": [{\"at_s\": 3, \"left_share\": 0.6}, {\"at_s\": 4, "
             "\"side\": \"left\"}]}"),
     "$.load.events[1].at_s", "event before"},
    {FILE_OF("\"protocol\": {\"press\": {\"route\": [\"P07\"], \"tool\": {\"edge_loss\": 1}}}"),
     "$.protocol.press.tool.edge_loss", "0 to 0.5"},
    {FILE_OF("\"guarding\": [{}]"), "$.guarding[0].zone", "missing"},
    {FILE_OF("\"thresholds\": {\"planted\": [{\"zone\": \"P07\"}]}"), "$.thresholds.planted[0]",
     "factor or kpa"},
    {FILE_OF("\"protocol\": {\"press\": {}}"), "$.protocol.press.route", "at least one"},
    {FILE_OF("\"protocol\": {\"press\": {\"route\": [\"heel\"]}}"), "$.protocol.press.route[0]",
     "place"},
    {FILE_OF("\"protocol\": {\"press\": {\"route\": [{\"u\": 1.2}]}}"),
     "$.protocol.press.route[0].u", "0 to 1"},
    {FILE_OF("\"feet\": [{\"side\": \"left\"}], \"protocol\": {\"press\": {\"route\": [\"P07\"]}}"),
     "$.protocol.press.sides", "right foot"},
    {FILE_OF("\"protocol\": {\"excluded\": [{\"zone\": \"toe\"}]}"), "$.protocol.excluded[0].zone",
     "one by one"},
    {FILE_OF("\"plate\": {\"rows\": 257}"), "$.plate.rows", "4 to 256"},
    {FILE_OF("\"plate\": {\"rows\": 12.5}"), "$.plate.rows", "whole"},
    {FILE_OF("\"plate\": {\"rows\": 16, \"dead_cells\": [{\"row\": 16, \"col\": 0}]}"),
     "$.plate.dead_cells[0].row", "0 to 15"},
    {FILE_OF("\"plate\": {\"serial\": \"\"}"), "$.plate.serial", "empty"},
    {FILE_OF("\"plate\": {\"serial\": \"a serial number too long\"}, \"comment\": 3"),
     "$:", "comment"},
};

static void what_is_wrong_is_refused_with_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!parse(bad[i].text))
            fail_msg("accepted: %s", bad[i].text);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        if (!strstr(why.text, bad[i].path) || !strstr(why.text, bad[i].says))
            fail_msg("%s\n  gave: %s\n  not: %s ... %s", bad[i].text, why.text, bad[i].path,
                     bad[i].says);
    }
}

static void oversized_and_missing_files_are_refused(void **state)
{
    (void)state;
    char *big = malloc(SUBJECT_BYTES_MAX + 1);
    memset(big, ' ', SUBJECT_BYTES_MAX + 1);
    assert_int_equal(subject_parse(big, SUBJECT_BYTES_MAX + 1, "big", &subject, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    free(big);
    assert_int_equal(subject_load("no/such/file.json", &subject, &why), -1);
    assert_non_null(strstr(why.text, "no/such/file.json"));
    assert_int_equal(subject_load("samples", &subject, &why), -1); /* a folder */
}

static void a_zone_the_atlas_has_not_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse(FILE_OF("\"guarding\": [{\"zone\": \"P07\"}, {\"zone\": \"P99\"}]")), 0);
    assert_null(visit_plan(&subject, 1, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "$.guarding[1]"));
    assert_non_null(strstr(why.text, "P99"));
    assert_int_equal(parse(FILE_OF("\"protocol\": {\"press\": {\"route\": [\"N03\"]}}")), 0);
    assert_null(visit_plan(&subject, 1, &why));
    assert_non_null(strstr(why.text, "outside the plate"));
    assert_int_equal(parse(FILE_OF("\"protocol\": {\"press\": {\"route\": [\"P24\"]}}")), 0);
    assert_null(visit_plan(&subject, 1, &why)); /* a union of five strips has no middle */
    assert_non_null(strstr(why.text, "P24.1"));
}

static void every_shipped_subject_parses_and_plans(void **state)
{
    (void)state;
    DIR *folder = opendir("samples/subjects");
    assert_non_null(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strstr(entry->d_name, ".json"))
            continue;
        char path[400];
        snprintf(path, sizeof path, "samples/subjects/%s", entry->d_name);
        if (subject_load(path, &subject, &why))
            fail_msg("%s", why.text);
        struct visit *visit = visit_plan(&subject, 3, &why);
        if (!visit)
            fail_msg("%s", why.text);
        /* Each has its expected outcome beside it. */
        snprintf(path, sizeof path, "samples/expected/%s", entry->d_name);
        FILE *expected = fopen(path, "r");
        if (!expected)
            fail_msg("%s is missing", path);
        fclose(expected);
        visit_free(visit);
        n++;
    }
    closedir(folder);
    assert_in_range(n, 10, 30);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        int bad_load = subject_load("samples/subjects/tender_3.json", &subject, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(bad_load, 0);
            break;
        }
        assert_int_equal(bad_load, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_file_is_an_adult_on_the_reference_plate),
        cmocka_unit_test(numbers_arrive_where_they_belong),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_path),
        cmocka_unit_test(oversized_and_missing_files_are_refused),
        cmocka_unit_test(a_zone_the_atlas_has_not_is_refused),
        cmocka_unit_test(every_shipped_subject_parses_and_plans),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
