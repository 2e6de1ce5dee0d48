/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/example_earlier.h"

#include <stdlib.h>
#include <string.h>

/* A stand that sways by 4.1 mm and is told from 3.0 to 28.5 s. */
static void fill_sway(struct visit_sway *sway, double scale)
{
    static const double values[SWAY_HEADLINES] = {2.05, 3.55, 4.1, 3.6, 5.5, 6.5, 9.4, 168};

    *sway = (struct visit_sway){.known = 1, .from_s = 3.0, .to_s = 28.5};
    sway->result.options = sway_defaults();
    sway->result.distances[SWAY_ML].rms_distance_mm = scale * values[SWAY_RMS_ML];
    sway->result.distances[SWAY_AP].rms_distance_mm = scale * values[SWAY_RMS_AP];
    sway->result.distances[SWAY_RD].rms_distance_mm = scale * values[SWAY_RMS_RD];
    sway->result.distances[SWAY_RD].mean_distance_mm = scale * values[SWAY_MEAN_DISTANCE_RD];
    sway->result.distances[SWAY_ML].mean_velocity_mm_s = scale * values[SWAY_VELOCITY_ML];
    sway->result.distances[SWAY_AP].mean_velocity_mm_s = scale * values[SWAY_VELOCITY_AP];
    sway->result.distances[SWAY_RD].mean_velocity_mm_s = scale * values[SWAY_VELOCITY_RD];
    sway->result.area.ellipse95_prediction_mm2 = scale * scale * values[SWAY_ELLIPSE];
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        double value = sway_headline(&sway->result, (enum sway_headline)k);
        sway->error.of[k] = (struct sway_interval){0.8 * value, 1.25 * value, 0.11 * value};
    }
}

static int compare(struct example_earlier *e, const struct result *after)
{
    struct visit_sway *swayed = malloc(sizeof *swayed);
    struct visit *visits = calloc(2, sizeof *visits);
    struct problem why;
    int bad = !swayed || !visits;

    if (!bad) {
        fill_sway(swayed, 0.7);
        bad = visit_measure(e->before, swayed, &visits[0], &why) ||
              visit_measure(after, &e->sway, &visits[1], &why) ||
              comparison_make(&e->comparison, e->before, &visits[0], after, &visits[1], NULL, 0,
                              &why);
    }
    free(swayed);
    free(visits);
    return bad;
}

struct example_earlier *example_earlier(const struct result *after, enum example before)
{
    struct example_earlier *e = calloc(1, sizeof *e);

    if (!e || !(e->before = example_result(before))) {
        free(e);
        return NULL;
    }
    if (e->before->facts.started_utc)
        memcpy(e->before->facts.started_utc, "2026-02-04T09:10:11Z", 20); /* as long as its own */
    fill_sway(&e->sway, 1);
    if (!compare(e, after))
        return e;
    example_earlier_free(e);
    return NULL;
}

void example_earlier_free(struct example_earlier *earlier)
{
    if (!earlier)
        return;
    comparison_free(&earlier->comparison);
    result_free(earlier->before);
    free(earlier);
}
