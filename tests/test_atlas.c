/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart: complete, traceable to the articles' lines, and refused with a clear word when bad. */
#include "analysis/atlas/atlas.h"
#include "tests/support/failing_malloc.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define SEEDS "../shared/seeds/"

static struct atlas *builtin(void)
{
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);

    if (!atlas)
        fail_msg("%s", why.text);
    return atlas;
}

static void test_the_built_in_chart_is_whole(void **state)
{
    struct atlas *atlas = builtin();
    int plantar = 0, outside = 0, parts = 0;

    (void)state;
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        plantar += zone->is_plantar && !zone->parent;
        parts += zone->parent != NULL;
        outside += !zone->is_plantar;
        assert_ptr_equal(atlas_find(atlas, zone->id), zone);
    }
    assert_int_equal(plantar, 25);
    assert_int_equal(parts, 17);
    assert_int_equal(outside, 9);
    assert_int_equal(atlas_conflict_count(atlas), 41);
    assert_int_equal(atlas_overlap_count(atlas), 24);
    assert_int_equal(atlas_seed_count(atlas), 5);
    assert_null(atlas_zone(atlas, -1));
    assert_null(atlas_zone(atlas, atlas_count(atlas)));
    assert_null(atlas_find(atlas, "P99"));
    atlas_free(atlas);
}

/* Every shape of the chart as specified, on the foot of 250 mm. The numbers stand here again, so
 * that a slip in the chart's file is a difference. */
static const struct {
    const char *id;
    double u, v, half_u, half_v;
} specified_ellipses[] = {
    {"P01", 0.915, 0.22, 0.028, 0.063},   {"P02", 0.92, 0.56, 0.018, 0.04},
    {"P03", 0.83, 0.405, 0.016, 0.057},   {"P04.1", 0.907, 0.21, 0.084, 0.109},
    {"P04.2", 0.905, 0.42, 0.072, 0.063}, {"P04.3", 0.885, 0.56, 0.064, 0.06},
    {"P04.4", 0.845, 0.69, 0.058, 0.061}, {"P04.5", 0.785, 0.83, 0.048, 0.068},
    {"P05.1", 0.97, 0.23, 0.024, 0.088},  {"P05.2", 0.965, 0.43, 0.016, 0.044},
    {"P05.3", 0.94, 0.56, 0.016, 0.044},  {"P05.4", 0.89, 0.685, 0.016, 0.046},
    {"P05.5", 0.82, 0.82, 0.016, 0.048},  {"P06", 0.825, 0.485, 0.02, 0.028},
    {"P07", 0.735, 0.18, 0.02, 0.08},     {"P08", 0.695, 0.18, 0.02, 0.082},
    {"P09", 0.725, 0.47, 0.06, 0.242},    {"P10", 0.695, 0.85, 0.02, 0.072},
    {"P11", 0.615, 0.95, 0.032, 0.054},   {"P12", 0.46, 0.38, 0.032, 0.097},
    {"P13", 0.33, 0.5, 0.04, 0.134},      {"P13a", 0.31, 0.5, 0.02, 0.109},
    {"P13b", 0.35, 0.5, 0.02, 0.106},     {"P14", 0.27, 0.5, 0.036, 0.459},
    {"P15", 0.235, 0.5, 0.024, 0.117},    {"P16", 0.13, 0.5, 0.088, 0.322},
    {"P17", 0.13, 0.5, 0.032, 0.129},     {"P18", 0.13, 0.5, 0.056, 0.209},
    {"P23", 0.46, 0.28, 0.152, 0.182},
};

static const struct {
    const char *id;
    double half_width_mm;
    int n;
    struct uv path[5];
} specified_strips[] = {
    {"P19", 7, 3, {{0.06, 0.42}, {0.16, 0.24}, {0.27, 0.2}}},
    {"P20", 7, 2, {{0.27, 0.2}, {0.39, 0.2}}},
    {"P21", 7, 5, {{0.39, 0.2}, {0.5, 0.19}, {0.6, 0.15}, {0.73, 0.12}, {0.815, 0.15}}},
    {"P22", 7, 2, {{0.815, 0.15}, {0.93, 0.2}}},
    {"P24.1", 4, 2, {{0.46, 0.5}, {0.815, 0.185}}},
    {"P24.2", 4, 2, {{0.46, 0.5}, {0.83, 0.41}}},
    {"P24.3", 4, 2, {{0.46, 0.5}, {0.82, 0.56}}},
    {"P24.4", 4, 2, {{0.46, 0.5}, {0.785, 0.695}}},
    {"P24.5", 4, 2, {{0.46, 0.5}, {0.735, 0.84}}},
    {"P25", 6, 2, {{0.39, 0.15}, {0.39, 0.99}}},
};

static void test_every_zone_has_the_specified_shape(void **state)
{
    struct atlas *atlas = builtin();
    int n = 0, shapes = 0;

    (void)state;
    for (size_t i = 0; i < sizeof specified_ellipses / sizeof *specified_ellipses; i++, n++) {
        const struct atlas_zone *zone = atlas_find(atlas, specified_ellipses[i].id);
        assert_non_null(zone);
        print_message("%s ", zone->id);
        assert_int_equal(zone->shape.kind, ZONE_ELLIPSE);
        assert_near(zone->shape.centre.u, specified_ellipses[i].u, 1e-9);
        assert_near(zone->shape.centre.v, specified_ellipses[i].v, 1e-9);
        assert_near(zone->shape.half.u, specified_ellipses[i].half_u, 1e-9);
        assert_near(zone->shape.half.v, specified_ellipses[i].half_v, 1e-9);
    }
    for (size_t i = 0; i < sizeof specified_strips / sizeof *specified_strips; i++, n++) {
        const struct atlas_zone *zone = atlas_find(atlas, specified_strips[i].id);
        assert_non_null(zone);
        print_message("%s ", zone->id);
        assert_int_equal(zone->shape.kind, ZONE_STRIP);
        assert_near(zone->shape.half_width_mm, specified_strips[i].half_width_mm, 1e-9);
        assert_int_equal(zone->shape.n_path, specified_strips[i].n);
        for (int k = 0; k < zone->shape.n_path; k++) {
            assert_near(zone->shape.path[k].u, specified_strips[i].path[k].u, 1e-9);
            assert_near(zone->shape.path[k].v, specified_strips[i].path[k].v, 1e-9);
        }
    }
    print_message("\n");
    for (int i = 0; i < atlas_count(atlas); i++)
        shapes +=
            atlas_zone(atlas, i)->is_plantar && atlas_zone(atlas, i)->shape.kind != ZONE_PARTS;
    assert_int_equal(n, 39);
    assert_int_equal(shapes, n); /* and no shape besides */
    atlas_free(atlas);
}

/* What a zone carries besides its shape, a few by hand. */
static void test_zones_carry_what_is_specified(void **state)
{
    struct atlas *atlas = builtin();
    const struct atlas_zone *liver = atlas_find(atlas, "P07");
    const struct atlas_zone *spine = atlas_find(atlas, "P21");
    const struct atlas_zone *stomach = atlas_find(atlas, "P13");

    (void)state;
    assert_int_equal(liver->anchor, LANDMARK_B1);
    assert_near(liver->offset_mm, 20, 0);
    assert_near(liver->offset_norm, 0.080, 0);
    assert_near(liver->shape.centre.u, 0.735, 0);
    assert_near(liver->shape.half.v, 0.080, 0);
    assert_int_equal(liver->region_class, CLASS_BALL);
    assert_int_equal(spine->shape.kind, ZONE_STRIP);
    assert_int_equal(spine->shape.n_path, 5);
    assert_near(spine->shape.half_width_mm, 7, 0);
    assert_int_equal(stomach->n_parts, 2);
    assert_string_equal(stomach->parts[1].id, "P13b");
    assert_string_equal(stomach->parts[1].parent, "P13");
    assert_int_equal(atlas_find(atlas, "P24")->n_parts, 5);
    assert_int_equal(atlas_find(atlas, "P24")->shape.kind, ZONE_PARTS);
    assert_true(atlas_find(atlas, "P18")->only_female);
    assert_false(atlas_find(atlas, "P17")->only_female);
    assert_false(atlas_find(atlas, "N03")->is_plantar);
    atlas_free(atlas);
}

/* A zone lies at its anchor less the stated centimetres: geometry and text tell the same place. */
static void test_stated_offsets_agree_with_the_geometry(void **state)
{
    struct atlas *atlas = builtin();
    struct landmarks template = landmarks_template();
    int checked = 0;

    (void)state;
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        if (!zone->is_plantar || zone->shape.kind != ZONE_ELLIPSE || zone->offset_mm == 0)
            continue;
        double u = template.of[zone->anchor].at.u - zone->offset_norm;
        assert_near(u, zone->shape.centre.u, 0.0011);
        checked++;
    }
    assert_in_range(checked, 8, 20);
    atlas_free(atlas);
}

static void test_organs_are_named_as_tradition_only(void **state)
{
    struct atlas *atlas = builtin();
    char text[200], cut[12];

    (void)state;
    assert_string_equal(atlas_tradition(atlas_find(atlas, "P07"), text, sizeof text),
                        "traditionally associated with: liver (articles 001, 003)");
    assert_string_equal(atlas_tradition(atlas_find(atlas, "P01"), text, sizeof text),
                        "traditionally associated with: pituitary gland (article 000)");
    assert_string_equal(atlas_tradition(atlas_find(atlas, "N01"), text, sizeof text),
                        "no organ stated (article 000)");
    /* "eyes" must not be taken for there because "sinuses, eyes" is; each organ is named once. */
    atlas_tradition(atlas_find(atlas, "P04"), text, sizeof text);
    assert_string_equal(text, "traditionally associated with: eyes, ears, teeth, gums, heart, "
                              "sinuses (articles 001, 003)");
    atlas_tradition(atlas_find(atlas, "P07"), cut, sizeof cut);
    assert_string_equal(cut, "traditional");
    atlas_free(atlas);
}

/* --- Every quote stands at its line of its article -------------------------------------------- */

static char *read_line(const struct atlas_seed *seed, int line)
{
    char path[200];
    char *text = NULL;
    size_t room = 0;

    snprintf(path, sizeof path, SEEDS "%s", seed->file);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (int i = 0; i < line; i++)
        assert_true(getline(&text, &room, file) >= 0);
    fclose(file);
    return text;
}

/* Byte by byte: nothing is normalised, neither dashes nor quotation marks nor spaces. */
static void check_quote(const struct atlas *atlas, const char *quote, const char *cite)
{
    const struct atlas_seed *seed = NULL;

    for (int i = 0; i < atlas_seed_count(atlas); i++)
        if (!strncmp(atlas_seed(atlas, i)->id, cite, 3))
            seed = atlas_seed(atlas, i);
    assert_non_null(seed);
    char *line = read_line(seed, atoi(cite + 4));
    if (!strstr(line, quote))
        fail_msg("'%s' does not stand at %s", quote, cite);
    free(line);
}

/* Quotations in running text: “words” [003:271]; returns their number. */
static int check_quotations(const struct atlas *atlas, const char *text)
{
    int n = 0;

    for (const char *open = strstr(text, "“"); open; open = strstr(open + 1, "“")) {
        const char *end = strstr(open, "”");
        char quote[400], cite[8];
        assert_non_null(end);
        open += strlen("“");
        snprintf(quote, sizeof quote, "%.*s", (int)(end - open), open);
        if (sscanf(end + strlen("”"), " [%7[0-9:]", cite) != 1)
            fail_msg("'%s' has no source right behind it", quote);
        check_quote(atlas, quote, cite);
        n++;
    }
    return n;
}

static void test_quotes_stand_in_the_articles(void **state)
{
    struct atlas *atlas = builtin();
    int n = 0;

    (void)state;
    if (access(SEEDS, R_OK)) {
        print_message("the articles are not here (%s): quotes not compared\n", SEEDS);
        atlas_free(atlas);
        skip();
    }
    for (int i = 0; i < atlas_count(atlas); i++)
        for (int k = 0; k < atlas_zone(atlas, i)->n_sources; k++, n++)
            check_quote(atlas, atlas_zone(atlas, i)->sources[k].quote,
                        atlas_zone(atlas, i)->sources[k].cite);
    for (int i = 0; i < atlas_unlocated_count(atlas); i++, n++)
        check_quote(atlas, atlas_unlocated(atlas, i)->quote, atlas_unlocated(atlas, i)->cite);
    for (int i = 0; i < atlas_conflict_count(atlas); i++) {
        n += check_quotations(atlas, atlas_conflict(atlas, i)->versions);
        n += check_quotations(atlas, atlas_conflict(atlas, i)->resolution);
    }
    print_message("%d quotes found at their lines\n", n);
    assert_in_range(n, 150, 1000);
    atlas_free(atlas);
}

/* --- Bad charts ------------------------------------------------------------------------------- */

static json_t *whole_json(void)
{
    json_t *root = json_load_file("analysis/atlas/atlas.json", 0, NULL);

    assert_non_null(root);
    return root;
}

static json_t *zone_of(json_t *root, const char *id)
{
    size_t i;
    json_t *zone;

    json_array_foreach(json_object_get(root, "zones"), i, zone)
    {
        if (!strcmp(json_string_value(json_object_get(zone, "id")), id))
            return zone;
    }
    fail();
    return NULL;
}

static void expect_refused(json_t *root, const char *word, const char *place)
{
    char *text = json_dumps(root, 0);
    struct problem why = {0};
    struct atlas *atlas = atlas_parse(text, strlen(text), "x.json", &why);

    if (atlas)
        fail_msg("a chart with bad %s was taken", word);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, word) || !strstr(why.text, place) || !strstr(why.text, "x.json"))
        fail_msg("expected '%s' and '%s' in: %s", word, place, why.text);
    free(text);
    json_decref(root);
}

static void test_bad_zones_are_refused_by_name(void **state)
{
    /* member of zone P07, what it becomes (JSON; "-" = taken out), word in the message */
    static const char *const bad[][3] = {
        {"id", "\"P06\"", "two zones"},
        {"id", "\"P 7\"", "id"},
        {"anchor", "\"B9\"", "B9"},
        {"anchor", "-", "anchor"},
        {"offset_norm", "0.2", "offset_norm"},
        {"class", "\"knee\"", "knee"},
        {"name", "\"\"", "name"},
        {"name", "-", "name"},
        {"side", "7", "side"},
        {"plantar", "1", "plantar"},
        {"confidence", "\"sure\"", "sure"},
        {"parent", "\"P01\"", "parent"},
        {"sources", "[]", "sources"},
        {"sources", "[{\"organ\":\"x\",\"seed\":\"003\",\"quote\":\"\",\"cite\":\"003:1\"}]",
         "quote"},
        {"sources", "[{\"organ\":\"x\",\"seed\":\"003\",\"quote\":\"y\"}]", "cite"},
        {"sources", "[{\"organ\":\"x\",\"seed\":\"003\",\"quote\":\"y\",\"cite\":\"003:0\"}]",
         "cite"},
        {"sources", "[{\"organ\":\"x\",\"seed\":\"003\",\"quote\":\"y\",\"cite\":\"009:4\"}]",
         "cite"},
        {"sources", "[{\"organ\":\"x\",\"seed\":\"002\",\"quote\":\"y\",\"cite\":\"003:4\"}]",
         "cite"},
        {"geometry", "-", "geometry"},
        {"geometry", "{\"kind\":\"cube\"}", "cube"},
        {"geometry", "{\"kind\":\"parts\"}", "parts"},
        {"geometry", "{\"kind\":\"ellipse\",\"centre\":[1.7,0.2],\"half\":[0.1,0.1]}", "centre"},
        {"geometry", "{\"kind\":\"ellipse\",\"centre\":[0.7,0.2],\"half\":[0,0.1]}", "half"},
        {"geometry", "{\"kind\":\"ellipse\",\"centre\":[0.7],\"half\":[0.1,0.1]}", "centre"},
        {"geometry", "{\"kind\":\"strip\",\"half_width_mm\":5,\"path\":[[0.1,0.1]]}", "path"},
        {"geometry", "{\"kind\":\"strip\",\"half_width_mm\":5,\"path\":[[0.1,0.1],[0.1,0.1]]}",
         "path"},
        {"geometry",
         "{\"kind\":\"strip\",\"half_width_mm\":5,\"path\":[[0.1,0.5],[0.5,0.5],[0.2,0.5]]}",
         "turns"},
        {"geometry", "{\"kind\":\"strip\",\"half_width_mm\":-5,\"path\":[[0.1,0.1],[0.3,0.1]]}",
         "half_width_mm"},
        {"geometry",
         "{\"kind\":\"strip\",\"half_width_mm\":5,\"path\":[[0.1,0.1],[0.3,0.1]],"
         "\"path_anchors\":[\"HF\"]}",
         "path_anchors"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *root = whole_json(), *zone = zone_of(root, "P07");
        if (!strcmp(bad[i][1], "-"))
            json_object_del(zone, bad[i][0]);
        else
            json_object_set_new(zone, bad[i][0], json_loads(bad[i][1], JSON_DECODE_ANY, NULL));
        expect_refused(root, bad[i][2], "zone ");
    }
}

static void test_a_chart_with_a_missing_zone_is_refused(void **state)
{
    json_t *root = whole_json();

    (void)state;
    json_array_remove(json_object_get(root, "zones"), 0); /* P01 */
    expect_refused(root, "24", "counts");
    root = whole_json();
    json_object_set_new(root, "schema", json_string("tenderfoot/atlas/9"));
    expect_refused(root, "schema", "not a chart");
    root = whole_json();
    json_object_set_new(root, "cm_mode", json_string("inches"));
    expect_refused(root, "inches", "cm_mode");
    root = whole_json();
    json_object_set_new(root, "zones", json_object());
    expect_refused(root, "zones", "list");
    root = whole_json();
    json_array_set_new(
        json_object_get(json_array_get(json_object_get(root, "conflicts"), 0), "zones"), 0,
        json_string("P77"));
    expect_refused(root, "zones", "conflicts");
}

static void test_what_is_no_chart_is_refused(void **state)
{
    struct problem why;

    (void)state;
    assert_null(atlas_parse("", 0, "empty", &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_null(atlas_parse("[1]", 3, "list", &why));
    assert_non_null(strstr(why.text, "not a chart"));
    assert_null(atlas_parse("{\"schema\":\"a\",\"schema\":\"a\"}", 27, "twice", &why));
    assert_null(atlas_load("/dev/zero", &why)); /* endless: must not hang */
    assert_non_null(strstr(why.text, "longer than 4194304 bytes"));
    assert_null(atlas_load("/", &why));
}

static void test_memory_that_fails_is_told(void **state)
{
    long n = 1;

    (void)state;
    for (;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct atlas *atlas = atlas_load("analysis/atlas/atlas.json", &why);
        if (!failing_malloc_off()) {
            assert_non_null(atlas);
            atlas_free(atlas);
            break;
        }
        assert_null(atlas);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_non_null(strstr(why.text, "out of memory"));
    }
    assert_in_range(n, 8, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_built_in_chart_is_whole),
        cmocka_unit_test(test_every_zone_has_the_specified_shape),
        cmocka_unit_test(test_zones_carry_what_is_specified),
        cmocka_unit_test(test_stated_offsets_agree_with_the_geometry),
        cmocka_unit_test(test_organs_are_named_as_tradition_only),
        cmocka_unit_test(test_quotes_stand_in_the_articles),
        cmocka_unit_test(test_bad_zones_are_refused_by_name),
        cmocka_unit_test(test_a_chart_with_a_missing_zone_is_refused),
        cmocka_unit_test(test_what_is_no_chart_is_refused),
        cmocka_unit_test(test_memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
