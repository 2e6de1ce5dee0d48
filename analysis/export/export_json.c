/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/export.h"

#include "analysis/export/csv.h"
#include "analysis/export/export_readme.h"
#include "analysis/result_json.h"
#include "analysis/wording.h"

#include <jansson.h>

/* Rows of cells; null without a picture; NULL when memory ran out. */
static json_t *picture_json(const struct grid *grid, const float *picture)
{
    if (!picture)
        return json_null();
    json_t *rows = json_array();
    int failed = !rows;
    for (int row = 0; row < grid->rows && !failed; row++) {
        json_t *cells = json_array();
        failed = !cells;
        for (int col = 0; col < grid->cols && !failed; col++)
            failed = json_array_append_new(
                cells,
                json_real(csv_float(picture[(size_t)row * (size_t)grid->cols + (size_t)col])));
        failed |= json_array_append_new(rows, cells);
    }
    if (!failed)
        return rows;
    json_decref(rows);
    return NULL;
}

static json_t *pictures_json(const struct result *result)
{
    json_t *pictures = json_object();
    const struct grid *grid = &result->grid;
    int failed =
        json_object_set_new(pictures, "mean_pressure_kpa",
                            picture_json(grid, result->mean_picture)) ||
        json_object_set_new(pictures, "max_pressure_kpa",
                            picture_json(grid, result->max_picture)) ||
        json_object_set_new(pictures, "pti_kpa_s", picture_json(grid, result->pti_picture));
    if (!failed)
        return pictures;
    json_decref(pictures);
    return NULL;
}

static int add_members(json_t *root, const struct result *result, const char *software_version)
{
    json_t *metadata =
        json_pack("{s:s, s:s}", "software", "tenderfoot", "software_version", software_version);
    return json_object_set_new(root, "pictures", pictures_json(result)) |
           json_object_set_new(root, "metadata", metadata) |
           json_object_set_new(root, "disclaimer", json_string(wording_disclaimer));
}

static int take_bytes(const char *bytes, size_t n, void *text)
{
    text_append(text, bytes, n);
    return ((struct text *)text)->failed ? -1 : 0;
}

int export_json(const struct result *result, const char *software_version,
                struct export_files *files, struct problem *why)
{
    *files = (struct export_files){.n = 2};
    files->of[0].name = "analysis.json";
    files->of[1].name = "README.txt";
    json_t *root = result_json(result, 1, why);
    if (!root)
        return -1;
    int failed = add_members(root, result, software_version) ||
                 json_dump_callback(root, take_bytes, &files->of[0].bytes, JSON_INDENT(1));
    json_decref(root);
    text_add(&files->of[0].bytes, "\n");
    export_readme_json(&files->of[1].bytes);
    if (!failed && !files->of[0].bytes.failed && !files->of[1].bytes.failed)
        return 0;
    export_files_free(files);
    return problem_no_memory(why, "the JSON document");
}
