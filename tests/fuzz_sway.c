/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of a centre of pressure of all kinds: read, and when they are a path, measured. */
#include "analysis/sway/sway_json.h"
#include "driver/import/cop_csv.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void measure(const struct cop_series *path, const char *pipeline)
{
    struct sway_options options = sway_defaults();
    struct sway_result result;
    struct problem why = {0};
    struct sway_work *work = sway_work_make(&why);
    if (!work || sway_pipeline_find(pipeline, &options.pipeline, &why))
        abort();
    if (!sway_measure(work, path, &options, &result, &why))
        json_decref(sway_json(&result, "mm"));
    else if (!why.text[0])
        abort();
    sway_work_free(work);
}

static void read_path(const uint8_t *data, size_t n, const struct cop_csv_layout *layout)
{
    struct cop_series path;
    struct problem why = {0};
    FILE *in = n > 0 ? fmemopen((void *)(uintptr_t)data, n, "r") : NULL;
    if (!in)
        return;
    if (cop_csv_read(in, "fuzz.csv", layout, &path, NULL, &why)) {
        if (!why.text[0] || path.time_s)
            abort();
    } else {
        /* The costs grow with n squared and with the time told: short trials say as much. */
        if (path.n > 120)
            path.n = 120;
        if (path.time_s[path.n - 1] < 12) {
            measure(&path, "raw");
            measure(&path, "quijoux25");
        }
        cop_series_free(&path);
    }
    fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct cop_csv_layout numbers = {.names = {"1", "3", "2"}, .mm_per_unit = 10};
    const struct cop_csv_layout forces = {
        .names = {[COP_CSV_TIME] = "1", [COP_CSV_FZ] = "2", [COP_CSV_MX] = "3", [COP_CSV_MY] = "4"},
        .ap_is_x = 1};
    read_path(data, n, &(struct cop_csv_layout){0});
    read_path(data, n, &numbers);
    read_path(data, n, &forces);
    return 0;
}
