/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/session_numbers.h"

#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Paths into the documents, dots between members. An error instead of bounds is laid to both sides.
 */
struct source {
    const char *name, *path, *low, *high, *error;
};

static const struct source of_whole[] = {
    {"mean_force_n", "mean_force_n", NULL, NULL, NULL},
    {"mean_area_cm2", "mean_area_cm2", NULL, NULL, NULL},
    {"peak_pressure_kpa", "peak_pressure_kpa", NULL, NULL, NULL},
    {"symmetry_force_percent", "symmetry.foot.force.index_percent", NULL, NULL,
     "symmetry.foot.force.plate_error_percent"},
};
static const struct source of_foot[] = {
    {"load_percent", "load_percent", NULL, NULL, "error.load_percent"},
    {"fore_percent", "fore_percent", NULL, NULL, "error.fore_percent"},
    {"area_cm2", "area_cm2", NULL, NULL, "error.area_cm2"},
    {"peak_kpa", "peak_kpa", NULL, NULL, "error.peak_kpa"},
    {"arch_index", "print.arch_index", NULL, NULL, "print.sensitivity.arch_index.error"},
};
static const struct source of_sway[] = {
    {"sway_velocity_mm_s", "rd.mean_velocity_mm_s", "uncertainty.rd.mean_velocity_mm_s.low",
     "uncertainty.rd.mean_velocity_mm_s.high", NULL},
    {"sway_rms_ml_mm", "ml.rms_distance_mm", "uncertainty.ml.rms_distance_mm.low",
     "uncertainty.ml.rms_distance_mm.high", NULL},
    {"sway_rms_ap_mm", "ap.rms_distance_mm", "uncertainty.ap.rms_distance_mm.low",
     "uncertainty.ap.rms_distance_mm.high", NULL},
    {"sway_ellipse95_mm2", "area.ellipse95_prediction_mm2",
     "uncertainty.area.ellipse95_prediction_mm2.low",
     "uncertainty.area.ellipse95_prediction_mm2.high", NULL},
    {"sway_path_mm", "rd.path_mm", NULL, NULL, NULL},
};

struct sources {
    const struct source *of;
    size_t n;
};
#define SOURCES(table) ((struct sources){(table), sizeof(table) / sizeof(table)[0]})

static double number_at(const json_t *document, const char *path)
{
    const json_t *at = document;
    while (path && at) {
        size_t n = strcspn(path, ".");
        at = json_object_getn(at, path, n);
        path = path[n] ? path + n + 1 : NULL;
    }
    return json_is_number(at) && at != document ? json_number_value(at) : NAN;
}

static int visit_all(struct sources sources, const json_t *document, const char *side,
                     session_number_fn *visit, void *context, struct problem *why)
{
    for (size_t i = 0; i < sources.n; i++) {
        const struct source *s = &sources.of[i];
        struct session_number number = {.name = s->name, .side = side};
        double error = number_at(document, s->error);
        number.value = number_at(document, s->path);
        number.low = s->error ? number.value - error : number_at(document, s->low);
        number.high = s->error ? number.value + error : number_at(document, s->high);
        if (isfinite(number.value) && visit(context, &number, why))
            return -1;
    }
    return 0;
}

static int check_schema(const json_t *document, const char *schema, struct problem *why)
{
    const char *is = json_string_value(json_object_get(document, "schema"));
    return is && !strcmp(is, schema)
               ? 0
               : problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED,
                               "a %s document is meant, not '%.60s'", schema, is ? is : "");
}

int session_numbers(const json_t *analysis, const json_t *sway, session_number_fn *visit,
                    void *context, struct problem *why)
{
    size_t i;
    json_t *foot;
    int sides = 0;
    if ((analysis && (check_schema(analysis, "tenderfoot/analyze/1", why) ||
                      visit_all(SOURCES(of_whole), analysis, "", visit, context, why))) ||
        (sway && (check_schema(sway, "tenderfoot/sway/1", why) ||
                  visit_all(SOURCES(of_sway), sway, "", visit, context, why))))
        return -1;
    json_array_foreach(json_object_get(analysis, "feet"), i, foot)
    {
        const char *side = json_string_value(json_object_get(foot, "side"));
        int bit = !side ? 0 : !strcmp(side, "left") ? 1 : !strcmp(side, "right") ? 2 : 0;
        if (!bit || (sides & bit)) /* a foot of no stated side cannot be followed over time */
            continue;
        sides |= bit;
        if (visit_all(SOURCES(of_foot), foot, side, visit, context, why))
            return -1;
    }
    return 0;
}

void session_number_names(char *text, size_t room)
{
    const struct sources all[] = {SOURCES(of_foot), SOURCES(of_whole), SOURCES(of_sway)};
    size_t n = 0;
    *text = '\0';
    for (size_t t = 0; t < sizeof all / sizeof all[0]; t++)
        for (size_t i = 0; i < all[t].n && n < room; i++)
            n += (size_t)snprintf(text + n, room - n, "%s%s", n ? ", " : "", all[t].of[i].name);
}

int session_number_is_known(const char *name)
{
    const struct sources all[] = {SOURCES(of_whole), SOURCES(of_foot), SOURCES(of_sway)};
    for (size_t t = 0; t < sizeof all / sizeof all[0]; t++)
        for (size_t i = 0; i < all[t].n; i++)
            if (!strcmp(all[t].of[i].name, name))
                return 1;
    return 0;
}
