/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cohort's people per second on one core: feet from a stand, and press tests (a full one, a
 * confirming one, a short one) from frames in the press windows. Rows: name, value, unit. */
#include "analysis/atlas/atlas.h"
#include "tests/cohort/cohort_feet.h"
#include "tests/cohort/cohort_press.h"
#include "tests/support/bench_pass.h"

#include <stdio.h>
#include <stdlib.h>

enum { STANDING = 12, PRESSED = 3 };

static int stand(struct cohort_person *person, const struct atlas *atlas, struct problem *why)
{
    const struct cohort_setting setting = {.seed = 1, .side_sd = 0.05};
    struct feet_score score;
    double from = bench_cpu_s();

    for (int i = 0; i < STANDING; i++) {
        if (cohort_person_draw(person, &setting, i, 0, 0, why) ||
            cohort_feet(person, atlas, 1, &score, why))
            return -1;
    }
    printf("cohort: feet of people, a second of one core\t%.2f\tpeople/s\n",
           STANDING / (bench_cpu_s() - from));
    return 0;
}

static const struct press_what_if as_drawn = {1, 1, 0};

static int press(struct cohort_person *person, const struct atlas *atlas, struct problem *why)
{
    const struct cohort_setting setting = {.seed = 1, .side_sd = 0.05};
    struct press_score *score = malloc(sizeof *score);
    double from = bench_cpu_s();
    int failed = score ? 0 : problem_no_memory(why, "a score");

    for (int i = 0; i < PRESSED && !failed; i++) {
        failed = cohort_person_draw(person, &setting, i, i % 2, 1, why) ||
                 cohort_press(person, atlas, 1, 1, &as_drawn, score, why);
    }
    free(score);
    if (!failed)
        printf("cohort: people pressed in three tests, a second of one core\t%.3f\tpeople/s\n",
               PRESSED / (bench_cpu_s() - from));
    return failed;
}

int main(void)
{
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);
    struct cohort_person *person = malloc(sizeof *person);
    int failed = !atlas || !person || stand(person, atlas, &why) || press(person, atlas, &why);

    if (failed)
        fprintf(stderr, "bench_cohort: %s\n", why.text);
    atlas_free(atlas);
    free(person);
    return failed;
}
