/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well the statistics of the press test find tender places, on people without plates: share
 * found, people falsely flagged, errors and coverage of thresholds, presses, time of a fit.
 * Usage: bench_threshold [PEOPLE]; rates need hundreds. */
#include "samples/press_people.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PRESSES_MOST 80
#define SECOND_MOST 24
#define SEED 1

struct score {
    int people, flagged_people, planted, found, inconsistent, both;
    int watch_false, watch_all, watched_planted;
    int thresholds, covered;
    double log_error;
    double *errors, *presses;
    int n_errors;
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

static void row(const char *name, const char *what, double value, const char *unit)
{
    printf("%s: %s\t%.4g\t%s\n", name, what, value, unit);
}

static void show(const char *name, struct score *score)
{
    if (score->planted) {
        row(name, "for attention", 100.0 * score->found / score->planted, "%");
        row(name, "watched or more", 100.0 * score->watched_planted / score->planted, "%");
    }
    row(name, "people falsely flagged", 100.0 * score->flagged_people / score->people, "%");
    row(name, "places watched for nothing", (double)score->watch_false / score->people, "a person");
    row(name, "sensitive on both sides", (double)score->both / score->people, "a person");
    row(name, "bias of thresholds", 100 * score->log_error / score->thresholds, "%");
    row(name, "median error", 100 * middle(score->errors, score->n_errors), "%");
    row(name, "95 % intervals that hold", 100.0 * score->covered / score->thresholds, "%");
    row(name, "presses, median", middle(score->presses, score->people), "");
    row(name, "answers called inconsistent", 100.0 * score->inconsistent / score->people, "%");
}

static void run(const char *name, const struct press_people *people, int n, int sessions)
{
    struct threshold_options options = threshold_defaults();
    struct score score[2] = {{0}, {0}};
    struct press_person *person = malloc(sizeof *person);
    char second[96];
    struct problem why;

    for (int k = 0; k < 2; k++) {
        score[k].errors = calloc((size_t)n * PRESS_PEOPLE_PLACES, sizeof(double));
        score[k].presses = calloc((size_t)n, sizeof(double));
    }
    for (int i = 0; i < n; i++) {
        press_person_draw(person, people, SEED + (uint64_t)i);
        for (int k = 0; k < sessions; k++) {
            int before = person->n_presses;
            if (k)
                press_person_next_session(person);
            if (press_person_session(person, &options, k == 0, k ? SECOND_MOST : PRESSES_MOST, 1,
                                     &why)) {
                fprintf(stderr, "%s\n", why.text);
                exit(1);
            }
            add_person(&score[k], person, before);
        }
    }
    show(name, &score[0]);
    snprintf(second, sizeof second, "%s, confirmed", name);
    if (sessions > 1)
        show(second, &score[1]);
    for (int k = 0; k < 2; k++) {
        free(score[k].errors);
        free(score[k].presses);
    }
    free(person);
}

static void run_planted(int n)
{
    static const double sides[] = {0.05, 0.10, 0.15}, factors[] = {1, 0.6, 0.5};
    struct press_people people = press_people_usual();
    char name[80];

    for (int s = 0; s < 3; s++)
        for (int f = 0; f < 3; f++) {
            people.side_sd = sides[s];
            people.planted = f ? 2 : 0;
            people.planted_factor = factors[f];
            snprintf(name, sizeof name, f ? "side SD %.2f, 2 places at %.1f" : "side SD %.2f, none",
                     sides[s], factors[f]);
            run(name, &people, n, s == 0 ? 2 : 1);
        }
}

static void run_awkward(int n)
{
    struct press_people people = press_people_usual();
    static const double above[4] = {380, 420, 330, 480};

    people.bilateral = 2;
    run("2 pairs low on both feet", &people, n, 1);
    people = press_people_usual();
    people.side_bias_sd = 0.1;
    run("one foot more sensitive", &people, n, 1);
    people = press_people_usual();
    people.retest_sd = 0.3;
    run("repeats differ by 30 %", &people, n, 1);
    people = press_people_usual();
    people.answers_blind = 1;
    run("blind answers", &people, n, 1);
    people = press_people_usual();
    people.planted = 2;
    people.planted_factor = 0.5;
    memcpy(people.base_kpa, above, sizeof above);
    run("thresholds above the ceilings, 2 places at 0.5", &people, n, 1);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 10;
    struct timespec begun, ended;

    clock_gettime(CLOCK_MONOTONIC, &begun);
    run_planted(n);
    run_awkward(n);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double s =
        (double)(ended.tv_sec - begun.tv_sec) + 1e-9 * (double)(ended.tv_nsec - begun.tv_nsec);
    printf("sessions of 80 presses, judged after each\t%.4g\ta second\n", 17.0 * n / s);
    return 0;
}
