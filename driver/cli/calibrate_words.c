/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/calibrate_words.h"

#include <math.h>
#include <stdio.h>

#define NOT_MEASURED "no stage of the bench measured it"

void calibrate_put(json_t *object, const char *key, double value, const char *reason)
{
    char key_reason[80];
    if (isfinite(value)) {
        json_object_set_new(object, key, json_real(value));
        return;
    }
    snprintf(key_reason, sizeof key_reason, "%s_reason", key);
    json_object_set_new(object, key, json_null());
    json_object_set_new(object, key_reason, json_string(reason));
}

static json_t *plate_json(const struct calibration_spec *spec)
{
    return json_pack("{s:s, s:i, s:i, s:i}", "serial", spec->serial, "rows", spec->rows, "cols",
                     spec->cols, "bits", spec->bits);
}

static json_t *reference_json(const struct bench_fit *fit)
{
    const char *device = fit->spec.reference_device;
    json_t *object = json_object();
    json_object_set_new(object, "device", device ? json_string(device) : json_null());
    if (!device)
        json_object_set_new(object, "device_reason",
                            json_string("neither the stages nor --reference name it"));
    calibrate_put(object, "accuracy_percent", fit->reference_accuracy_percent,
                  "neither the stages nor --reference-accuracy tell it");
    return object;
}

static json_t *bladder_json(const struct bench_fit *fit)
{
    return json_pack("{s:i, s:i, s:i, s:f, s:f}", "holds", fit->bladder_holds, "pressures",
                     fit->distinct_kpa, "cycles", fit->cycles, "least_kpa", fit->least_kpa,
                     "most_kpa", fit->most_kpa);
}

static json_t *cells_json(const struct bench_fit *fit)
{
    json_t *object = json_object();
    for (int health = 0; health < CELL_HEALTHS; health++)
        json_object_set_new(object, cell_health_name((enum cell_health)health),
                            json_integer((json_int_t)fit->health_count[health]));
    return object;
}

/* Each cell that is not healthy, in the order of the cells. */
static json_t *faulty_json(const struct calibration_spec *spec)
{
    json_t *array = json_array();
    for (int i = 0; spec->health && i < spec->rows * spec->cols; i++)
        if (spec->health[i])
            json_array_append_new(
                array, json_pack("{s:i, s:i, s:s}", "row", i / spec->cols, "col", i % spec->cols,
                                 "health", cell_health_name((enum cell_health)spec->health[i])));
    return array;
}

static json_t *candidates_json(const struct calibration_spec *spec)
{
    json_t *array = json_array();
    for (int i = 0; i < spec->n_candidates; i++) {
        json_t *one = json_pack("{s:s}", "curve", spec->candidates[i].curve);
        calibrate_put(one, "error_percent", spec->candidates[i].error_percent,
                      "it could not be fitted to these holds");
        json_array_append_new(array, one);
    }
    return array;
}

static void put_error(json_t *budget, const char *name, const struct calibration_error *error)
{
    json_t *object = json_object();
    calibrate_put(object, "percent", error->percent, NOT_MEASURED);
    calibrate_put(object, "kpa", error->kpa, NOT_MEASURED);
    json_object_set_new(budget, name, object);
}

static json_t *budget_json(const struct bench_fit *fit)
{
    const struct calibration_budget *b = &fit->spec.budget;
    json_t *object = json_object();
    put_error(object, "accuracy", &b->accuracy);
    put_error(object, "repeatability", &b->repeatability);
    put_error(object, "hysteresis", &b->hysteresis);
    put_error(object, "creep", &b->creep);
    put_error(object, "crosstalk", &b->crosstalk);
    calibrate_put(object, "force_percent", b->force_percent, NOT_MEASURED);
    calibrate_put(object, "cop_mm", fit->cop_error_mm, "no mass lay at a known place");
    calibrate_put(object, "creep_percent_per_decade", b->creep_percent_per_decade, NOT_MEASURED);
    calibrate_put(object, "noise_counts", b->noise_counts, NOT_MEASURED);
    return object;
}

static json_t *dynamics_json(const struct bench_fit *fit)
{
    const struct calibration_dynamics *d = &fit->spec.dynamics;
    json_t *object = json_object(), *creep = json_array();
    for (int i = 0; fit->spec.has_dynamics && i < d->n_creep; i++)
        json_array_append_new(creep, json_pack("{s:f, s:f}", "tau_s", d->creep_tau_s[i],
                                               "share_percent", 100 * d->creep_share[i]));
    json_object_set_new(object, "creep", creep);
    json_object_set_new(object, "hysteresis",
                        json_real(fit->spec.has_dynamics ? d->hysteresis : 0));
    json_object_set_new(object, "gain_percent_per_c",
                        json_real(fit->spec.has_dynamics ? d->gain_percent_per_c : 0));
    calibrate_put(object, "reference_c", fit->spec.has_dynamics ? d->reference_c : NAN,
                  "no temperature was told");
    json_object_set_new(object, "error_fell_by_percent", json_real(fit->dynamics_gain_percent));
    return object;
}

static json_t *studs_json(const struct calibration_spec *spec)
{
    json_t *array = json_array();
    for (int i = 0; i < spec->n_studs; i++) {
        const struct calibration_stud *stud = &spec->studs[i];
        json_t *one = json_pack("{s:s, s:f, s:f, s:i}", "name", stud->name, "tip_cm2",
                                stud->tip_cm2, "factor", stud->factor, "presses", stud->n);
        calibrate_put(one, "spread_percent", stud->spread_percent, "one press only");
        json_array_append_new(array, one);
    }
    return array;
}

json_t *calibrate_json(const struct bench_fit *fit, const char *path)
{
    const struct calibration_spec *spec = &fit->spec;
    json_t *notes = json_array();
    for (size_t i = 0; i < fit->n_notes; i++)
        json_array_append_new(notes, json_string(fit->notes[i]));
    json_t *all = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
        "tenderfoot/calibrate/1", "calibration", path, "id", spec->id, "date", spec->date, "plate",
        plate_json(spec), "reference", reference_json(fit), "bladder", bladder_json(fit), "curve",
        spec->curve, "candidates", candidates_json(spec), "cells", cells_json(fit), "faulty_cells",
        faulty_json(spec), "budget", budget_json(fit), "dynamics", dynamics_json(fit), "studs",
        studs_json(spec), "notes", notes);
    if (all)
        calibrate_put(all, "residual_percent", spec->residual_percent, NOT_MEASURED);
    return all;
}
