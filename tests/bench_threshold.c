/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well the statistics of the press test find tender places, on people without plates: share
 * found, people falsely flagged, errors and coverage of thresholds, presses, time of a fit.
 * Usage: bench_threshold [PEOPLE [SEED]] */
#include "samples/press_people.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PRESSES_MOST 80

struct score {
    int people, flagged_people, planted, found, inconsistent, both;
    int watch_false, watch_all, watched_planted;
    int thresholds, covered;
    double log_error;
    double *errors, *presses;
    int n_errors, fits;
};

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(double *numbers, int n)
{
    qsort(numbers, (size_t)n, sizeof *numbers, rising);
    return n ? numbers[n / 2] : NAN;
}

static void add_place(struct score *score, const struct press_person *person, int p)
{
    const struct place_threshold *v = &person->verdicts[p];

    score->planted += person->is_planted[p];
    score->found += person->is_planted[p] && v->verdict == VERDICT_ATTENTION;
    score->both += v->verdict == VERDICT_BOTH_SIDES;
    if (v->verdict == VERDICT_WATCH) {
        score->watch_all++;
        score->watch_false += !person->is_planted[p];
    }
    score->watched_planted += person->is_planted[p] && v->verdict >= VERDICT_WATCH;
    if (v->presses < 3 || v->answers < 2)
        return;
    double now = person->kpa[p] * exp(person->session_shift);
    double off = log(v->kpa / now);
    score->thresholds++;
    score->covered += v->low_kpa <= now && now <= v->high_kpa;
    score->log_error += off;
    score->errors[score->n_errors++] = fabs(off);
}

static void add_person(struct score *score, const struct press_person *person, int before)
{
    int is_false = 0;

    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++) {
        add_place(score, person, p);
        is_false |= !person->is_planted[p] && person->verdicts[p].verdict == VERDICT_ATTENTION;
    }
    score->presses[score->people++] = person->n_presses - before;
    score->flagged_people += is_false;
    score->inconsistent += person->all.inconsistent;
}

static void show(const char *name, struct score *score)
{
    printf("%-34s", name);
    printf(" found %5.1f%%", score->planted ? 100.0 * score->found / score->planted : NAN);
    printf(" (watch+ %5.1f)",
           score->planted ? 100.0 * score->watched_planted / score->planted : NAN);
    printf(" false people %5.2f%%", 100.0 * score->flagged_people / score->people);
    printf(" watch %.2f/p wrong %.0f%%", (double)score->watch_all / score->people,
           score->watch_all ? 100.0 * score->watch_false / score->watch_all : 0);
    printf(" both %.2f", (double)score->both / score->people);
    printf(" bias %+.1f%% med %.1f%% cover %.1f%%", 100 * score->log_error / score->thresholds,
           100 * middle(score->errors, score->n_errors),
           100.0 * score->covered / score->thresholds);
    printf(" presses %.0f incons %.1f%%\n", middle(score->presses, score->people),
           100.0 * score->inconsistent / score->people);
}

static void run(const char *name, const struct press_people *people, int n, uint64_t seed,
                int sessions)
{
    struct threshold_options options = threshold_defaults();
    struct score score[2] = {{0}, {0}};
    struct press_person *person = malloc(sizeof *person);
    struct problem why;

    if (getenv("SIDE_SD"))
        options.side_sd = atof(getenv("SIDE_SD"));
    for (int k = 0; k < 2; k++) {
        score[k].errors = calloc((size_t)n * PRESS_PEOPLE_PLACES, sizeof(double));
        score[k].presses = calloc((size_t)n, sizeof(double));
    }
    for (int i = 0; i < n; i++) {
        press_person_draw(person, people, seed + (uint64_t)i);
        for (int k = 0; k < sessions; k++) {
            int before = person->n_presses;
            if (k)
                press_person_next_session(person);
            if (press_person_session(
                    person, &options, k == 0,
                    k ? (getenv("SECOND") ? atoi(getenv("SECOND")) : 24) : PRESSES_MOST, 1, &why)) {
                fprintf(stderr, "%s\n", why.text);
                exit(1);
            }
            add_person(&score[k], person, before);
        }
    }
    show(name, &score[0]);
    if (sessions > 1)
        show("   ... with a confirming session", &score[1]);
    for (int k = 0; k < 2; k++) {
        free(score[k].errors);
        free(score[k].presses);
    }
    free(person);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 200;
    uint64_t seed = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    struct press_people people = press_people_usual();
    static const double sides[] = {0.05, 0.10, 0.15}, factors[] = {1, 0.5, 0.6};
    char name[80];
    clock_t begun = clock();

    for (int high = 0; high < 2; high++) {
        if (high) {
            double above[4] = {380, 420, 330, 480};
            memcpy(people.base_kpa, above, sizeof above);
            people.region_sd = 0.05;
        }
        for (int s = 0; s < (getenv("SIDES") ? atoi(getenv("SIDES")) : 3 - 2 * high); s++)
            for (int f = 0; f < 3; f++) {
                people.side_sd = sides[s];
                people.planted = f ? 2 : 0;
                people.planted_factor = factors[f];
                snprintf(name, sizeof name, "%sside %.2f planted %d x %.1f", high ? "HIGH " : "",
                         sides[s], people.planted, factors[f]);
                run(name, &people, n, seed, s == 0 ? 2 : 1);
            }
    }
    if (getenv("SIDES"))
        return 0;
    people = press_people_usual();
    people.bilateral = 2;
    run("bilateral 2", &people, n, seed, 1);
    people.bilateral = 0;
    people.side_bias_sd = 0.1;
    run("side bias 0.1", &people, n, seed, 1);
    people.side_bias_sd = 0;
    people.retest_sd = 0.3;
    run("retest 0.3", &people, n, seed, 1);
    people.retest_sd = 0.2;
    people.answers_blind = 1;
    run("blind", &people, n, seed, 1);
    printf("%.1f s\n", (double)(clock() - begun) / CLOCKS_PER_SEC);
    return 0;
}
