/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The export read back: a small RFC 4180 reader must find every number of the result again, bit for
 * bit, a reason wherever a cell is empty, and no cell that a spreadsheet would run. */
#include "analysis/export/csv.h"
#include "analysis/export/export.h"
#include "analysis/export/tables.h"
#include "analysis/wording.h"
#include "tests/support/example_result.h"
#include "tests/support/failing_malloc.h"

#include <jansson.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* --- A reader --------------------------------------------------------------------------------- */
#define CELLS_MAX 128

struct row {
    char *cells[CELLS_MAX];
    int n;
};

struct sheet {
    struct row *rows;
    int n;
};

/* One cell from *at; moves past it. Sets *end_of_row at CRLF or the end. */
static char *read_cell(const char **at, int *end_of_row)
{
    struct text cell = {0};
    const char *s = *at;
    int quoted = *s == '"';
    s += quoted;
    while (*s && (quoted || (*s != ',' && *s != '\r'))) {
        if (quoted && *s == '"' && s[1] != '"')
            break;
        s += quoted && *s == '"';
        text_append(&cell, s++, 1);
    }
    s += quoted;
    *end_of_row = *s != ',';
    if (*end_of_row) {
        assert_memory_equal(s, "\r\n", 2);
        s++;
    }
    *at = s + 1;
    return text_take(&cell);
}

static struct sheet read_sheet(const char *bytes)
{
    struct sheet sheet = {NULL, 0};
    while (*bytes) {
        struct row row = {.n = 0};
        int end = 0;
        while (!end) {
            assert_true(row.n < CELLS_MAX);
            row.cells[row.n++] = read_cell(&bytes, &end);
        }
        sheet.rows = realloc(sheet.rows, ((size_t)sheet.n + 1) * sizeof row);
        assert_non_null(sheet.rows);
        sheet.rows[sheet.n++] = row;
    }
    return sheet;
}

static void free_sheet(struct sheet *sheet)
{
    for (int i = 0; i < sheet->n; i++)
        for (int k = 0; k < sheet->rows[i].n; k++)
            free(sheet->rows[i].cells[k]);
    free(sheet->rows);
}

static const char *cell(const struct sheet *sheet, int row, const char *name)
{
    for (int k = 0; k < sheet->rows[0].n; k++)
        if (!strcmp(sheet->rows[0].cells[k], name))
            return sheet->rows[row].cells[k];
    fail_msg("no column %s", name);
    return NULL;
}

/* Nine digits, or six behind the point. */
static int is_as_written(double back, double value)
{
    return fabs(back - value) <= fmin(5.0000001e-9 * fabs(value), 5.0000001e-7) ||
           fabs(back - value) <= 1e-15 * fabs(value);
}

/* The number again; where there is none, an empty cell and its name in `reason`. */
static void assert_number(const struct sheet *sheet, int row, const char *name, double value)
{
    const char *text = cell(sheet, row, name);
    if (isfinite(value)) {
        assert_true(*text && is_as_written(strtod(text, NULL), value));
    } else {
        char begins[48];
        snprintf(begins, sizeof begins, "%s: ", name);
        assert_string_equal(text, "");
        assert_non_null(strstr(cell(sheet, row, "reason"), begins));
    }
}

static const struct text *file_of(const struct export_files *files, const char *name)
{
    for (int i = 0; i < files->n; i++)
        if (!strcmp(files->of[i].name, name))
            return &files->of[i].bytes;
    fail_msg("no file %s", name);
    return NULL;
}

struct exported {
    struct result *result;
    struct export_files files;
};

static struct exported export_example(enum example which)
{
    struct exported made = {.result = example_result(which)};
    struct problem why = {0};
    assert_non_null(made.result);
    if (export_csv(made.result, "0.1.0", &made.files, &why))
        fail_msg("%s", why.text);
    return made;
}

static void end_export(struct exported *made)
{
    export_files_free(&made->files);
    result_free(made->result);
}

/* --- Tests ------------------------------------------------------------------------------------ */
static void numbers_read_back_as_they_were(void **state)
{
    (void)state;
    static const double doubles[] = {0,         1.0 / 3, 0.1,       2.385,
                                     -7.25e-12, 1e300,   DBL_MAX,   DBL_MIN,
                                     5e-324,    700.1,   123456789, 0.30000000000000004};
    static const float floats[] = {0, 0.1f, 1.0f / 3, 97.3f, FLT_MAX, FLT_MIN, 16777217.0f};
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
        struct text text = {0};
        csv_add_double(&text, doubles[i]);
        double back = strtod(text_string(&text), NULL);
        assert_true(is_as_written(back, doubles[i]));
        text_free(&text);
    }
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++) {
        struct text text = {0};
        csv_add_float(&text, floats[i]);
        assert_true(strtof(text_string(&text), NULL) == floats[i]);
        text_free(&text);
    }
    struct text shortest = {0};
    csv_add_double(&shortest, 0.1);
    assert_string_equal(text_string(&shortest), "0.1");
    text_free(&shortest);
    static const struct {
        double value;
        const char *text;
    } written[] = {{0.32954545454545453, "0.329545455"},
                   {0.30000000000000004, "0.3"},
                   {86399.0000012345, "86399.000001"}, /* the microseconds of a day's end */
                   {-1.0 / 3, "-0.333333333"},
                   {123456789012, "123456789012"},
                   {0, "0"}};
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        struct text text = {0};
        csv_add_double(&text, written[i].value);
        assert_string_equal(text_string(&text), written[i].text);
        text_free(&text);
    }
}

static void every_row_has_all_columns(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct exported made = export_example(which);
        for (const struct export_table *table = export_tables; table->file; table++) {
            struct sheet sheet = read_sheet(text_string(file_of(&made.files, table->file)));
            for (int i = 1; i < sheet.n; i++)
                if (sheet.rows[i].n != sheet.rows[0].n)
                    fail_msg("%s, %s, line %d: %d cells of %d", example_name(which), table->file,
                             i + 1, sheet.rows[i].n, sheet.rows[0].n);
            if (table->header)
                assert_true(sheet.n >= 1);
            free_sheet(&sheet);
        }
        end_export(&made);
    }
}

static void frames_are_the_results_frames(void **state)
{
    (void)state;
    struct exported made = export_example(EXAMPLE_TENDER);
    const struct frame_series *frames = &made.result->frames;
    struct sheet sheet = read_sheet(text_string(file_of(&made.files, "frames.csv")));
    assert_int_equal(sheet.n, frames->n + 1);
    for (int i = 0; i < (int)frames->n; i++) {
        assert_number(&sheet, i + 1, "time_s", frames->time_s[i]);
        assert_number(&sheet, i + 1, "force_n", frames->force_n[i]);
        assert_number(&sheet, i + 1, "cop_x_mm", frames->cop_x_mm[i]);
        assert_number(&sheet, i + 1, "cop_y_mm", frames->cop_y_mm[i]);
        assert_number(&sheet, i + 1, "area_cm2", frames->area_cm2[i]);
        assert_number(&sheet, i + 1, "peak_kpa", frames->peak_kpa[i]);
    }
    free_sheet(&sheet);
    end_export(&made);
}

static void assert_zone(const struct sheet *sheet, int row, const struct zone_result *zone)
{
    assert_string_equal(cell(sheet, row, "zone"), zone->zone->id);
    assert_string_equal(cell(sheet, row, "state"), zone_state_name(zone->state));
    assert_number(sheet, row, "contact_cm2", zone->contact_cm2);
    assert_number(sheet, row, "mean_kpa", zone->mean_kpa);
    assert_number(sheet, row, "load_percent", zone->load_percent);
    assert_number(sheet, row, "threshold_kpa", zone->threshold_kpa);
    assert_number(sheet, row, "threshold_low_kpa", zone->threshold_low_kpa);
    assert_string_equal(cell(sheet, row, "threshold_is_lower_bound"),
                        !zone->answers && isfinite(zone->threshold_kpa) ? "yes" : "no");
    assert_int_equal(atoi(cell(sheet, row, "answers")), zone->answers);
    assert_number(sheet, row, "ratio", zone->ratio > 0 ? zone->ratio : NAN);
    assert_number(sheet, row, "ratio_high", zone->ratio_high > 0 ? zone->ratio_high : NAN);
    assert_string_equal(cell(sheet, row, "flag"),
                        zone->flag == FLAG_NONE ? "" : flag_level_name(zone->flag));
}

static void zones_and_regions_are_the_results(void **state)
{
    (void)state;
    static const enum example which[] = {EXAMPLE_TENDER, EXAMPLE_PRESS_ONLY, EXAMPLE_UNKNOWN_SIDE};
    for (size_t e = 0; e < sizeof which / sizeof which[0]; e++) {
        struct exported made = export_example(which[e]);
        struct sheet zones = read_sheet(text_string(file_of(&made.files, "zones.csv")));
        struct sheet regions = read_sheet(text_string(file_of(&made.files, "regions.csv")));
        int zone_row = 1, region_row = 1;
        for (int i = 0; i < made.result->n_feet; i++) {
            const struct foot_result *foot = &made.result->feet[i];
            for (int k = 0; k < foot->n_zones; k++)
                assert_zone(&zones, zone_row++, &foot->zones[k]);
            for (int k = 0; k < REGION_COUNT; k++, region_row++) {
                assert_number(&regions, region_row, "load_percent", foot->regions[k].load_percent);
                assert_number(&regions, region_row, "mean_kpa", foot->regions[k].mean_kpa);
                assert_number(&regions, region_row, "pti_kpa_s", foot->regions[k].pti_kpa_s);
            }
        }
        assert_int_equal(zone_row, zones.n);
        assert_int_equal(region_row, regions.n);
        free_sheet(&zones);
        free_sheet(&regions);
        end_export(&made);
    }
}

static void answers_and_flags_are_the_results(void **state)
{
    (void)state;
    struct exported made = export_example(EXAMPLE_TENDER);
    const struct result *result = made.result;
    struct sheet answers = read_sheet(text_string(file_of(&made.files, "answers.csv")));
    struct sheet flags = read_sheet(text_string(file_of(&made.files, "flags.csv")));
    assert_int_equal(answers.n, result->n_presses + 1);
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        assert_int_equal(atoi(cell(&answers, i + 1, "press")), press->number);
        assert_number(&answers, i + 1, "place_u", press->place.u);
        assert_number(&answers, i + 1, "answer_kpa", press->answer_kpa);
        assert_number(&answers, i + 1, "stud_x_mm", press->stud.x_mm);
        assert_string_equal(cell(&answers, i + 1, "is_catch"), press->is_catch ? "yes" : "no");
        assert_string_equal(cell(&answers, i + 1, "is_tap"), press->is_tap ? "yes" : "no");
    }
    assert_int_equal(flags.n, result->n_flags + 1);
    for (int i = 0; i < result->n_flags; i++) {
        assert_string_equal(cell(&flags, i + 1, "zone"), result->flags[i].zone_id);
        assert_string_equal(cell(&flags, i + 1, "why"), result->flags[i].why);
    }
    free_sheet(&answers);
    free_sheet(&flags);
    end_export(&made);
}

/* Columns are a contract: what was there stays where it was, what is new comes after it. */
static void new_columns_come_last(void **state)
{
    (void)state;
    static const struct {
        const char *file, *begins;
    } headers[] = {
        {"zones.csv",
         "side,zone,name,state,approximate,contact_cm2,contact_share,mean_kpa,peak_kpa,"
         "load_percent,pti_kpa_s,threshold_kpa,threshold_low_kpa,threshold_high_kpa,"
         "threshold_is_lower_bound,presses,answers,flag,tradition,evidence,reason,ratio,"},
        {"answers.csv", "press,pass,side,is_catch,stud_x_mm,stud_y_mm,place_u,place_v,start_s,"
                        "end_s,peak_kpa,ramp_kpa_s,answered,answer_s,answer_kpa,reached_ceiling,"
                        "stopped,ceiling_kpa,tip_cm2,doubt,is_tap,reason,session,"},
        {"flags.csv", "zone,side,level,why,reason,"},
        {"signs.csv", "sign,side,zone,press,time_s,value,expected,sd,z,why,reason,"},
    };
    struct exported made = export_example(EXAMPLE_TENDER);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        if (strncmp(text_string(file_of(&made.files, headers[i].file)), headers[i].begins,
                    strlen(headers[i].begins)) != 0)
            fail_msg("%s begins otherwise", headers[i].file);
    end_export(&made);
}

/* Left against right is of both feet; of another pattern a side may be unknown. */
static void what_is_of_both_feet_says_so(void **state)
{
    (void)state;
    for (int is_of_both = 0; is_of_both < 2; is_of_both++) {
        struct exported made = export_example(EXAMPLE_TENDER);
        struct pattern_gap gap = {.id = is_of_both ? PATTERN_LEFT_RIGHT : PATTERN_FLAT_LOAD};
        struct patterns *patterns = &made.result->patterns, before = *patterns;
        struct problem why;
        export_files_free(&made.files);
        *patterns = (struct patterns){.not_told = &gap, .n_not_told = 1};
        assert_int_equal(export_csv(made.result, "0.1.0", &made.files, &why), 0);
        *patterns = before;
        struct sheet told = read_sheet(text_string(file_of(&made.files, "patterns.csv")));
        assert_string_equal(cell(&told, 1, "side"), is_of_both ? "both" : "side not known");
        free_sheet(&told);
        end_export(&made);
    }
}

static void signs_and_screening_are_the_results(void **state)
{
    (void)state;
    struct exported made = export_example(EXAMPLE_TENDER);
    struct sheet signs = read_sheet(text_string(file_of(&made.files, "signs.csv")));
    struct sheet said = read_sheet(text_string(file_of(&made.files, "screening.csv")));
    assert_int_equal(signs.n, 2);
    assert_string_equal(cell(&signs, 1, "sign"), "guarding");
    assert_string_equal(cell(&signs, 1, "unit"), "ln of the share of the foot's force");
    assert_string_equal(cell(&signs, 1, "zone"), "P07");
    assert_number(&signs, 1, "z", 4.5);
    assert_number(&signs, 1, "time_s", NAN);
    assert_int_equal(said.n, 4); /* two lines and an exclusion */
    assert_string_equal(cell(&said, 1, "question"), "Q19");
    assert_string_equal(cell(&said, 1, "side"), "left");
    assert_non_null(strstr(cell(&said, 1, "words"), "003:60"));
    assert_string_equal(cell(&said, 2, "words"), ""); /* words that are not repeated */
    assert_string_equal(cell(&said, 3, "zone"), "P01");
    assert_string_equal(cell(&said, 3, "words"), "screening Q19");
    free_sheet(&signs);
    free_sheet(&said);
    end_export(&made);
}

static void pictures_are_plain_grids(void **state)
{
    (void)state;
    struct exported made = export_example(EXAMPLE_TENDER);
    const struct grid *grid = &made.result->grid;
    const char *s = text_string(file_of(&made.files, "max_pressure_kpa.csv"));
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            char *end;
            float kpa = strtof(s, &end);
            assert_true(kpa == made.result->max_picture[row * grid->cols + col]);
            assert_true(*end == (col < grid->cols - 1 ? ',' : '\r'));
            s = end + (col < grid->cols - 1 ? 1 : 2);
        }
    assert_int_equal(*s, '\0');
    end_export(&made);
    made = export_example(EXAMPLE_PRESS_ONLY);
    assert_int_equal(file_of(&made.files, "mean_pressure_kpa.csv")->n, 0);
    end_export(&made);
}

static void replace(char **field, const char *value)
{
    free(*field);
    *field = strdup(value);
}

static const char *meta(const struct sheet *sheet, const char *key)
{
    for (int i = 1; i < sheet->n; i++)
        if (!strcmp(sheet->rows[i].cells[0], key))
            return sheet->rows[i].cells[1];
    fail_msg("no key %s", key);
    return NULL;
}

/* A client named like a formula, with quotes, commas and line ends, stays one harmless cell. */
static void cells_cannot_run_as_formulas(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct export_files files;
    assert_non_null(result);
    replace(&result->facts.client, "=HYPERLINK(\"http://x\",\"y\")");
    replace(&result->facts.device_serial, "@SUM(1)");
    replace(&result->facts.device_model, "a,\"b\"\r\nc");
    replace(&result->facts.firmware, "-1+2");
    assert_int_equal(export_csv(result, "0.1.0", &files, NULL), 0);
    struct sheet sheet = read_sheet(text_string(file_of(&files, "metadata.csv")));
    assert_string_equal(meta(&sheet, "client"), "'=HYPERLINK(\"http://x\",\"y\")");
    assert_string_equal(meta(&sheet, "device_serial"), "'@SUM(1)");
    assert_string_equal(meta(&sheet, "device_model"), "a,\"b\"  c");
    assert_string_equal(meta(&sheet, "device_firmware"), "'-1+2");
    for (int f = 0; f < files.n; f++) { /* no text cell anywhere begins like a formula */
        if (!strstr(files.of[f].name, ".csv"))
            continue;
        struct sheet any = read_sheet(text_string(&files.of[f].bytes));
        for (int i = 0; i < any.n; i++)
            for (int k = 0; k < any.rows[i].n; k++) {
                const char *text = any.rows[i].cells[k];
                char *end;
                strtod(text, &end);
                assert_true(!*text || !*end || !strchr("=+-@\t\r", *text));
            }
        free_sheet(&any);
    }
    free_sheet(&sheet);
    export_files_free(&files);
    result_free(result);
}

static void readme_names_every_column(void **state)
{
    (void)state;
    struct exported made = export_example(EXAMPLE_TENDER);
    const char *readme = text_string(file_of(&made.files, "README.txt"));
    for (const struct export_table *table = export_tables; table->file; table++) {
        assert_non_null(strstr(readme, table->file));
        struct text header = {0};
        text_add(&header, table->header ? table->header : "");
        for (char *name = strtok(header.bytes, ","); name; name = strtok(NULL, ","))
            assert_non_null(strstr(readme, name));
        text_free(&header);
    }
    end_export(&made);
}

static void assert_allowed(enum example which, const char *name, const char *words)
{
    struct problem why;
    if (wording_check(words, &why))
        fail_msg("%s, %s: %s", example_name(which), name, why.text);
}

/* Every string of the document, wherever it is. */
static void assert_strings_allowed(enum example which, const char *name, json_t *value)
{
    size_t i;
    const char *key;
    json_t *member;
    if (json_is_string(value))
        assert_allowed(which, name, json_string_value(value));
    json_array_foreach(value, i, member) assert_strings_allowed(which, name, member);
    json_object_foreach(value, key, member) assert_strings_allowed(which, key, member);
}

static void exports_keep_to_the_wording(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct exported made = export_example(which);
        struct export_files json;
        for (int i = 0; i < made.files.n; i++)
            assert_allowed(which, made.files.of[i].name, text_string(&made.files.of[i].bytes));
        assert_int_equal(export_json(made.result, "0.1.0", &json, NULL), 0);
        json_t *root = json_loads(text_string(file_of(&json, "analysis.json")), 0, NULL);
        assert_non_null(root);
        assert_strings_allowed(which, "analysis.json", root);
        assert_allowed(which, "README.txt", text_string(file_of(&json, "README.txt")));
        json_decref(root);
        export_files_free(&json);
        end_export(&made);
    }
}

static void json_holds_document_and_pictures(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct export_files files;
    json_error_t error;
    assert_non_null(result);
    assert_int_equal(export_json(result, "0.1.0", &files, NULL), 0);
    json_t *root = json_loads(text_string(file_of(&files, "analysis.json")), 0, &error);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "tenderfoot/analyze/1");
    const json_t *force = json_object_get(json_object_get(root, "frames"), "force_n");
    assert_int_equal(json_array_size(force), result->frames.n);
    for (size_t i = 0; i < result->frames.n; i++)
        assert_true(json_number_value(json_array_get(force, i)) == result->frames.force_n[i]);
    const json_t *mean = json_object_get(json_object_get(root, "pictures"), "mean_pressure_kpa");
    assert_int_equal(json_array_size(mean), result->grid.rows);
    for (int i = 0; i < result->grid.rows * result->grid.cols; i++) {
        const json_t *row = json_array_get(mean, (size_t)(i / result->grid.cols));
        double kpa = json_number_value(json_array_get(row, (size_t)(i % result->grid.cols)));
        assert_true((float)kpa == result->mean_picture[i]);
    }
    assert_string_equal(json_string_value(json_object_get(root, "disclaimer")), wording_disclaimer);
    json_decref(root);
    export_files_free(&files);
    result_free(result);
}

static void same_input_same_bytes(void **state)
{
    (void)state;
    struct exported first = export_example(EXAMPLE_WALK), second = export_example(EXAMPLE_WALK);
    for (int i = 0; i < first.files.n; i++) {
        assert_int_equal(first.files.of[i].bytes.n, second.files.of[i].bytes.n);
        assert_string_equal(text_string(&first.files.of[i].bytes),
                            text_string(&second.files.of[i].bytes));
    }
    end_export(&first);
    end_export(&second);
}

/* Row by row into a file it is the same table; a disk that takes no more is told. */
static void a_table_goes_into_a_file(void **state)
{
    struct result *result = example_result(EXAMPLE_TENDER);
    struct export_files files;
    (void)state;
    assert_int_equal(export_csv(result, "0.1.0", &files, NULL), 0);
    for (int i = 0; export_tables[i].file; i++) {
        char *bytes = NULL;
        size_t n = 0;
        struct csv_file file = {.to = open_memstream(&bytes, &n)};
        struct table_sink sink = csv_file_sink(&file);
        export_tables[i].write(&sink, result, "0.1.0");
        assert_int_equal(csv_file_end(&file) | sink.failed, 0);
        fclose(file.to);
        const struct text *whole = file_of(&files, export_tables[i].file);
        assert_int_equal(n, whole->n);
        assert_memory_equal(bytes, whole->bytes, n);
        free(bytes);
    }
    export_files_free(&files);
    struct csv_file full = {.to = fopen("/dev/full", "w")};
    struct table_sink sink = csv_file_sink(&full);
    export_tables[0].write(&sink, result, "0.1.0");
    assert_int_equal(csv_file_end(&full), -1);
    assert_int_equal(full.failed, ENOSPC);
    fclose(full.to);
    result_free(result);
}

static void tables_survive_any_failing_allocation(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct export_files files;
    assert_non_null(result);
    long before = failing_malloc_count();
    assert_int_equal(export_csv(result, "0.1.0", &files, NULL), 0);
    export_files_free(&files);
    long all = failing_malloc_count() - before;
    /* each text cell asks once: all of the first, then a sample */
    for (long n = 1; n <= all; n += n < 60 ? 1 : 211) {
        struct problem why = {0};
        failing_malloc_at(n);
        int ok = export_csv(result, "0.1.0", &files, &why) == 0;
        assert_int_equal(failing_malloc_off(), 1);
        assert_false(ok);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    assert_true(all > 50);
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back_as_they_were),
        cmocka_unit_test(every_row_has_all_columns),
        cmocka_unit_test(frames_are_the_results_frames),
        cmocka_unit_test(zones_and_regions_are_the_results),
        cmocka_unit_test(answers_and_flags_are_the_results),
        cmocka_unit_test(new_columns_come_last),
        cmocka_unit_test(what_is_of_both_feet_says_so),
        cmocka_unit_test(signs_and_screening_are_the_results),
        cmocka_unit_test(pictures_are_plain_grids),
        cmocka_unit_test(cells_cannot_run_as_formulas),
        cmocka_unit_test(readme_names_every_column),
        cmocka_unit_test(exports_keep_to_the_wording),
        cmocka_unit_test(json_holds_document_and_pictures),
        cmocka_unit_test(same_input_same_bytes),
        cmocka_unit_test(a_table_goes_into_a_file),
        cmocka_unit_test(tables_survive_any_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
