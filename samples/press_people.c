/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/press_people.h"

#include <math.h>
#include <string.h>

struct press_people press_people_usual(void)
{
    return (struct press_people){.base_kpa = {260, 300, 210, 400},
                                 .ceiling_kpa = {250, 350, 250, 450},
                                 .person_sd = 0.25,
                                 .region_sd = 0.15,
                                 .side_sd = 0.05,
                                 .retest_sd = 0.20,
                                 .side_bias_sd = 0,
                                 .session_sd = 0.05,
                                 .miss_rate = 0.01,
                                 .false_rate = 0.005,
                                 .own_sd = 0.03,
                                 .planted_factor = 1};
}

static enum region_class class_of_pair(int pair)
{
    return pair < 6 ? CLASS_TOE : pair < 11 ? CLASS_BALL : pair < 17 ? CLASS_ARCH : CLASS_HEEL;
}

static void draw_pair(struct press_person *person, int pair, double level, double bias)
{
    const struct press_people *people = &person->people;
    enum region_class region = class_of_pair(pair);
    double base =
        people->base_kpa[region] * level * dice_lognormal(&person->dice, people->region_sd);

    for (int foot = 0; foot < 2; foot++) {
        int p = 2 * pair + foot;
        double own = dice_normal(&person->dice, people->side_sd * M_SQRT1_2);
        person->places[p] = (struct threshold_place){.region_class = region,
                                                     .mirror = 2 * pair + !foot,
                                                     .side = foot ? SIDE_RIGHT : SIDE_LEFT};
        person->kpa[p] = base * exp(own + (foot ? -bias : bias) / 2);
    }
}

/* Planted pairs differ from each other; which foot is chance. */
static void plant(struct press_person *person)
{
    int taken[PRESS_PEOPLE_PLACES / 2] = {0};
    int pairs = PRESS_PEOPLE_PLACES / 2;

    for (int k = 0; k < person->people.planted + person->people.bilateral; k++) {
        int pair = (int)(dice_uniform(&person->dice) * pairs) % pairs;
        while (taken[pair])
            pair = (pair + 1) % pairs;
        taken[pair] = 1;
        int p = 2 * pair + (dice_uniform(&person->dice) < 0.5);
        if (k < person->people.planted) {
            person->kpa[p] *= person->people.planted_factor;
            person->is_planted[p] = 1;
        } else {
            person->kpa[2 * pair] *= 0.5;
            person->kpa[2 * pair + 1] *= 0.5;
        }
    }
}

void press_person_draw(struct press_person *person, const struct press_people *people,
                       uint64_t seed)
{
    memset(person, 0, sizeof *person);
    person->people = *people;
    dice_begin(&person->dice, seed, "press person");
    double level = dice_lognormal(&person->dice, people->person_sd);
    double bias = dice_normal(&person->dice, people->side_bias_sd);
    for (int pair = 0; pair < PRESS_PEOPLE_PLACES / 2; pair++)
        draw_pair(person, pair, level, bias);
    plant(person);
}

void press_person_press(struct press_person *person, int place)
{
    const struct press_people *people = &person->people;
    struct dice *dice = &person->dice;
    double ceiling = people->ceiling_kpa[person->places[place].region_class];
    double at = person->kpa[place] * exp(person->session_shift) *
                dice_lognormal(dice, people->retest_sd) * dice_lognormal(dice, people->own_sd);
    double missed = dice_uniform(dice), nothing = dice_uniform(dice), where = dice_uniform(dice);

    if (people->answers_blind)
        at = 30 + where * (ceiling - 30);
    else if (nothing < people->false_rate)
        at = fmin(at, 30 + where * (ceiling - 30));
    else if (missed < people->miss_rate)
        at = ceiling;
    if (person->n_presses < PRESS_PEOPLE_PRESSES)
        person->presses[person->n_presses++] = (struct threshold_press){.place = place,
                                                                        .answered = at < ceiling,
                                                                        .kpa = fmin(at, ceiling),
                                                                        .own_sd = people->own_sd,
                                                                        .order = person->n_presses};
}

void press_person_next_session(struct press_person *person)
{
    for (int i = 0; i < person->n_presses; i++)
        person->presses[i].session++;
    person->session_shift = dice_normal(&person->dice, person->people.session_sd);
}

static int fit(struct press_person *person, const struct threshold_options *options,
               struct problem *why)
{
    return threshold_fit(person->places, PRESS_PEOPLE_PLACES, person->presses, person->n_presses,
                         options, person->verdicts, &person->all, why);
}

static int most_worth(const struct press_person *person, const struct threshold_options *options)
{
    double most = THRESHOLD_WORTH_LEAST;
    int best = -1, last = person->n_presses ? person->presses[person->n_presses - 1].place : -1;

    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++) {
        double worth = threshold_worth(person->verdicts, person->places, p, options);
        if (worth > most && p != last) {
            most = worth;
            best = p;
        }
    }
    return best;
}

int press_person_session(struct press_person *person, const struct threshold_options *options,
                         int first_round, int presses_most, int refit_every, struct problem *why)
{
    int done = 0;

    for (; first_round && done < PRESS_PEOPLE_PLACES; done++)
        press_person_press(person, done);
    if (fit(person, options, why))
        return -1;
    while (done < presses_most) {
        int place = most_worth(person, options);
        if (place < 0)
            break;
        press_person_press(person, place);
        if (++done % refit_every == 0 && fit(person, options, why))
            return -1;
    }
    return fit(person, options, why);
}
