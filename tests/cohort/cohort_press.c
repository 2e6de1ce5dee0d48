/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_press.h"
#include "analysis/press/press_finder.h"
#include "samples/dice.h"
#include "samples/foot_picture.h"
#include "samples/threshold_field.h"
#include "tests/cohort/cohort_feet.h"
#include "tests/cohort/cohort_plate.h"
#include "tests/cohort/cohort_session.h"
#include "tests/cohort/cohort_verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_PLACE_MM 7.0 /* presses so near to a place of the route are of it (tenderness.h) */
#define DAY_SD 0.06       /* of ln of all thresholds, from one day to the next */
#define USUAL_OWN_SD 0.05

struct test {
    const struct cohort_person *person;
    const struct atlas *atlas;
    uint64_t seed;
    int presses_max;
    struct route_foot feet[3]; /* as measured */
    struct tool tool;
    struct route route;
    struct threshold_field field; /* truth */
    struct threshold_setting setting;
    struct threshold_press *presses; /* of all sessions; the newest have session 0 */
    int n_presses;
    float *stand_kpa;            /* what the plate saw of the standing person */
    struct foot_gains seated[3]; /* of the feet laid flat, by enum side */
    struct session first, second;
};

/* --- Truth ---------------------------------------------------------------------------------- */

static void know_truth(struct test *test)
{
    test->setting = test->person->subject.thresholds;
    threshold_field_begin(&test->field, &test->setting, test->atlas);
    for (int i = 0; i < test->person->subject.n_feet; i++)
        test->field.build[test->person->subject.feet[i].side] = test->person->subject.feet[i].build;
}

/* Where the place aimed at truly lies on this foot: the middle of its zone on the own landmarks. */
static struct uv true_middle(const struct test *test, const struct route_place *place)
{
    struct subject_place zone = {.kind = PLACE_ZONE};
    const char *id = place->n_zones ? place->zones[0]->id : place->id;
    const struct atlas_zone *found = atlas_find(test->atlas, id);
    if (!found || !zone_has_middle(found) || strlen(id) >= sizeof zone.zone)
        return foot_build_place(&test->field.build[place->side], place->at);
    memcpy(zone.zone, id, strlen(id) + 1);
    return place_middle_on(&zone, test->atlas, &test->field.build[place->side], place->side);
}

static int lies_in(const struct test *test, const struct planted *plant, enum side side,
                   struct uv at)
{
    return place_contains(&plant->where, test->atlas, &test->field.build[side], side, at);
}

/* The place of the route stands for this zone: it is named among its zones, or is a part of it. */
static int stands_for(const struct route_place *place, const struct planted *plant)
{
    for (int i = 0; i < place->n_zones; i++)
        if (!strcmp(place->zones[i]->id, plant->where.zone))
            return 1;
    return 0;
}

static int tender_there(const struct test *test, const struct route_place *place, int both)
{
    struct uv at = true_middle(test, place);
    for (int i = 0; i < test->setting.n_planted; i++) {
        const struct planted *plant = &test->setting.planted[i];
        int is_both = plant->side == SIDE_UNKNOWN;
        if (is_both != both || (!is_both && plant->side != place->side))
            continue;
        if (stands_for(place, plant) || lies_in(test, plant, place->side, at))
            return 1;
    }
    return 0;
}

/* --- What the station makes of the presses -------------------------------------------------- */

static double distance_mm(const struct route_foot *foot, struct uv a, struct uv b)
{
    struct point p = foot_frame_to_plate(&foot->frame, a), q = foot_frame_to_plate(&foot->frame, b);
    return hypot(p.x_mm - q.x_mm, p.y_mm - q.y_mm);
}

/* By the place that the press finder found, never by what was announced. */
static int place_of(const struct test *test, const struct press *press)
{
    int nearest = -1;
    double best = SAME_PLACE_MM;
    for (int i = 0; i < test->route.n && press->place_known; i++) {
        const struct route_place *place = &test->route.places[i];
        if (place->side != press->side)
            continue;
        double far = distance_mm(&test->feet[press->side], place->at, press->place);
        if (far < best) {
            best = far;
            nearest = i;
        }
    }
    return nearest;
}

static int take_presses(struct test *test, const struct session *session, struct problem *why)
{
    const struct result *result = session->result;
    size_t room = (size_t)(test->n_presses + result->n_presses + 1);
    struct threshold_press *grown = realloc(test->presses, room * sizeof *grown);
    if (!grown)
        return problem_no_memory(why, "presses");
    test->presses = grown;
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        double kpa;
        enum press_use use = press_use_of(press, &kpa);
        int place = place_of(test, press);
        if (use == PRESS_NOTHING || place < 0)
            continue;
        grown[test->n_presses++] =
            (struct threshold_press){.place = place,
                                     .answered = use == PRESS_PAIN,
                                     .kpa = kpa,
                                     .own_sd = isnan(press->own_sd) ? USUAL_OWN_SD : press->own_sd};
    }
    return 0;
}

static void describe_places(const struct test *test, struct threshold_place *places)
{
    for (int i = 0; i < test->route.n; i++) {
        const struct route_place *place = &test->route.places[i];
        places[i] = (struct threshold_place){.region_class = place->region_class,
                                             .mirror = place->pair,
                                             .side = place->side,
                                             .near_border = threshold_near_border(place->border_mm),
                                             .beyond = place->beyond};
    }
}

/* --- Scores --------------------------------------------------------------------------------- */

static const struct session_press *announced(const struct session *session, int number)
{
    for (int i = 0; i < session->n_presses; i++)
        if (session->presses[i].number == number)
            return &session->presses[i];
    return NULL;
}

static int hurts_in_a_tender_zone(const struct test *test, enum side side, struct uv at)
{
    for (int i = 0; i < test->setting.n_planted; i++) {
        const struct planted *plant = &test->setting.planted[i];
        if ((plant->side == SIDE_UNKNOWN || plant->side == side) && lies_in(test, plant, side, at))
            return 1;
    }
    return 0;
}

/* Of the session's presses that count for a place: the mean logarithm of the truth under the stud,
 * and whether half of them hurt in a tender zone. */
static void feel_place(const struct test *test, const struct session *session, int place,
                       struct place_score *score)
{
    double sum = 0;
    int n = 0, tender = 0;
    for (int i = 0; i < session->result->n_presses; i++) {
        const struct press *press = &session->result->presses[i];
        const struct session_press *said = announced(session, press->number);
        double kpa;
        if (press->session > 0 || !said || press_use_of(press, &kpa) == PRESS_NOTHING ||
            place_of(test, press) != place)
            continue;
        sum += log(said->truth_kpa);
        tender += hurts_in_a_tender_zone(test, press->side, said->hurts_at);
        n++;
    }
    score->under_kpa = n ? (float)exp(sum / n) : NAN;
    score->is_felt = n && 2 * tender >= n;
}

static void count_listed(const struct place_score *place, struct session_score *score)
{
    int attends = place->verdict == VERDICT_ATTENTION && !score->unreliable;
    int watches = place->verdict == VERDICT_WATCH && !score->unreliable;
    int is_aimed = place->is_planted || place->is_sore_both;
    int is_tender = is_aimed || place->is_felt;
    score->place_attention += attends;
    score->false_attention += attends && !place->is_planted;
    score->watch += watches;
    score->false_watch += watches && !is_tender;
    score->listed += attends || watches;
    score->false_listed += (attends || watches) && !is_tender;
    score->false_by_aim += (attends || watches) && !is_aimed;
}

static void score_places(const struct test *test, const struct session *session,
                         const struct place_threshold *verdicts, struct session_score *score)
{
    for (int i = 0; i < test->route.n && i < COHORT_PLACES_MAX; i++) {
        const struct route_place *place = &test->route.places[i];
        const struct place_threshold *verdict = &verdicts[i];
        struct place_score *one = &score->places[score->n_places++];
        *one = (struct place_score){.side = place->side,
                                    .region = place->region_class,
                                    .is_planted = tender_there(test, place, 0),
                                    .is_sore_both = tender_there(test, place, 1),
                                    .presses = verdict->presses,
                                    .answers = verdict->answers,
                                    .verdict = verdict->verdict,
                                    .kpa = (float)verdict->kpa,
                                    .low_kpa = (float)verdict->low_kpa,
                                    .high_kpa = (float)verdict->high_kpa,
                                    .p_value = (float)verdict->p_value,
                                    .p_holm = (float)verdict->p_holm,
                                    .expected_ratio = (float)verdict->expected_ratio,
                                    .probability = (float)verdict->tender_probability};
        feel_place(test, session, i, one);
        one->zone_kpa = (float)threshold_at(&test->field, place->side, true_middle(test, place));
        count_listed(one, score);
        score->flagged_place_zones +=
            one->verdict == VERDICT_ATTENTION && !score->unreliable ? place->n_zones : 0;
    }
}

/* What a recording of these presses would say: states and flags of zones. */
static int tell_zones(const struct test *test, struct session *session, struct session_score *score,
                      struct problem *why)
{
    const struct verdict_wishes wishes = {.person = test->person,
                                          .atlas = test->atlas,
                                          .feet = test->feet,
                                          .route = &test->route,
                                          .stand_kpa = test->stand_kpa,
                                          .earlier =
                                              session == &test->second ? &test->first : NULL};
    if (verdict_tell(&wishes, session, why))
        return -1;
    score->unreliable = session->result->answers_unreliable;
    for (int i = 0; i < session->result->n_flags; i++)
        score->attention += session->result->flags[i].level == FLAG_ATTENTION;
    score->honesty = verdict_honesty_of(&wishes, session);
    if (session == &test->first)
        score->n_numbers = zone_numbers_of(&wishes, session, score->numbers);
    return 0;
}

static int judge(struct test *test, struct session *session, struct session_score *score,
                 struct problem *why)
{
    int n = test->route.n;
    struct threshold_place *places = calloc((size_t)n + 1, sizeof *places);
    struct place_threshold *verdicts = calloc((size_t)n + 1, sizeof *verdicts);
    struct threshold_options options = threshold_defaults();
    struct person_threshold all = {0};
    int result = -1;
    if (!places || !verdicts) {
        problem_no_memory(why, "verdicts");
        goto out;
    }
    describe_places(test, places);
    if (threshold_fit(places, n, test->presses, test->n_presses, &options, verdicts, &all, why))
        goto out;
    *score = (struct session_score){.presses = session->n_real,
                                    .minutes = session->minutes,
                                    .repeatability_sd = all.repeatability_sd,
                                    .unreliable = session->result->answers_unreliable};
    if (tell_zones(test, session, score, why))
        goto out;
    score_places(test, session, verdicts, score);
    result = 0;
out:
    free(places);
    free(verdicts);
    return result;
}

/* Errors of places: where the press finder says the stud was, against where it was on the foot, in
 * mm of the true foot. */
static void score_errors(const struct test *test, const struct session *session, float *errors,
                         int *n, int *unknown)
{
    for (int i = 0; i < session->result->n_presses && *n < COHORT_ERRORS_MAX; i++) {
        const struct press *press = &session->result->presses[i];
        const struct session_press *said = announced(session, press->number);
        const struct subject_foot *foot = subject_foot_of(&test->person->subject, press->side);
        if (!said || !foot || said->is_catch || said->is_tap)
            continue;
        if (!press->place_known) {
            (*unknown)++;
            continue;
        }
        struct foot_frame frame = foot_picture_frame(foot, (struct point){0, 0}, 0);
        struct point a = foot_frame_to_plate(&frame, press->place);
        struct point b = foot_frame_to_plate(&frame, said->truth_place);
        errors[(*n)++] = (float)hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm);
    }
}

/* --- Sessions ------------------------------------------------------------------------------- */

static int make_route(struct test *test, enum route_kind kind, const char *const *chosen,
                      int n_chosen, struct problem *why)
{
    struct route_options options = {.atlas = test->atlas,
                                    .tool = &test->tool,
                                    .kind = kind,
                                    .chosen = chosen,
                                    .n_chosen = n_chosen,
                                    .is_female = test->person->subject.person.sex == SEX_FEMALE,
                                    .pitch_mm = test->person->cell_mm};
    memcpy(options.feet, test->feet, sizeof options.feet);
    return route_make(&test->route, &options, why);
}

static int measure(struct test *test, struct problem *why)
{
    struct grid grid = cohort_plate_grid(&test->person->subject.plate);
    test->stand_kpa = calloc(grid_cells(&grid), sizeof *test->stand_kpa);
    if (!test->stand_kpa)
        return problem_no_memory(why, "a stand");
    for (int i = 0; i < test->person->subject.n_feet; i++) {
        const struct subject_foot *foot = &test->person->subject.feet[i];
        test->seated[foot->side] = foot_picture_gains(foot, SESSION_SEATED_FORE);
    }
    return cohort_measure(test->person, test->seed, test->feet, test->stand_kpa, why);
}

/* `full`: the test whose feet are pressed again, measured before; or NULL: they are measured now.
 */
static int begin_test(struct test *test, const char *tool, const struct test *full,
                      struct problem *why)
{
    know_truth(test);
    if (full) {
        memcpy(test->feet, full->feet, sizeof test->feet);
        memcpy(test->seated, full->seated, sizeof test->seated);
    } else if (measure(test, why)) {
        return -1;
    }
    return tool_load(NULL, tool, &test->tool, why);
}

static void end_test(struct test *test)
{
    route_free(&test->route);
    session_free(&test->first);
    session_free(&test->second);
    free(test->stand_kpa);
    free(test->presses);
    test->presses = NULL;
}

static int run(struct test *test, const struct cohort_person *person, int number,
               struct session *session, struct problem *why)
{
    struct session_wishes wishes = {.person = person,
                                    .atlas = test->atlas,
                                    .route = &test->route,
                                    .tool = &test->tool,
                                    .feet = test->feet,
                                    .seated = test->seated,
                                    .has_cup = test->tool.has_heel_cup,
                                    .seed = test->seed * 1000003 +
                                            (uint64_t)(person->index * 16 + number),
                                    .presses_max = test->presses_max,
                                    .earlier = number > 0 ? test->presses : NULL,
                                    .n_earlier = number > 0 ? test->n_presses : 0};
    return session_run(&wishes, session, why);
}

static void score_flag(const struct session *session, const char *zone, enum side side, int which,
                       struct plant_score *plant)
{
    const struct zone_result *told = verdict_zone(session->result, side, zone);
    if (!told)
        return;
    plant->flagged[which] |= told->flag == FLAG_ATTENTION;
    plant->watched[which] |= told->flag == FLAG_ATTENTION || told->flag == FLAG_WATCH;
}

static int serves(const struct test *test, int place, const struct planted *plant)
{
    const struct route_place *at = &test->route.places[place];
    return at->side == plant->side &&
           (stands_for(at, plant) || lies_in(test, plant, plant->side, true_middle(test, at)));
}

/* 0: the announced place serves the planted zone; 1: its mirror does; -1: neither. */
static int whose_press(const struct test *test, const struct session_press *press,
                       const struct planted *plant)
{
    if (press->is_catch || press->is_tap || press->place < 0)
        return -1;
    if (serves(test, press->place, plant))
        return 0;
    int pair = test->route.places[press->place].pair;
    return pair >= 0 && serves(test, pair, plant) ? 1 : -1;
}

static const struct press *found_press(const struct session *session, int number)
{
    for (int i = 0; i < session->result->n_presses; i++)
        if (session->result->presses[i].number == number &&
            session->result->presses[i].session <= 0)
            return &session->result->presses[i];
    return NULL;
}

static void cut_open_presses(const struct test *test, const struct session *session,
                             const struct planted *plant, struct plant_autopsy *autopsy)
{
    double felt[2] = {0, 0};
    for (int i = 0; i < session->n_presses; i++) {
        const struct session_press *said = &session->presses[i];
        const struct press *press = found_press(session, said->number);
        int foot = whose_press(test, said, plant);
        double kpa;
        if (foot < 0)
            continue;
        autopsy->made[foot]++;
        enum press_use use = press ? press_use_of(press, &kpa) : PRESS_NOTHING;
        if (use == PRESS_NOTHING || !press->place_known)
            continue;
        autopsy->counted[foot]++;
        autopsy->answers[foot] += use == PRESS_PAIN;
        autopsy->inside += !foot && lies_in(test, plant, plant->side, said->hurts_at);
        felt[foot] += log(said->truth_kpa);
    }
    for (int foot = 0; foot < 2; foot++)
        autopsy->felt_kpa[foot] =
            autopsy->counted[foot] ? (float)exp(felt[foot] / autopsy->counted[foot]) : NAN;
}

static void cut_open(const struct test *test, const struct session *session, int which,
                     struct press_score *score, struct plant_score *one)
{
    const struct planted *plant = &test->setting.planted[one->plant];
    struct plant_autopsy *autopsy = &one->autopsy[which];
    const struct session_score *scored = &score->session[which];
    *autopsy = (struct plant_autopsy){
        .expected_ratio = NAN, .p_holm = 1, .unreliable = session->result->answers_unreliable};
    cut_open_presses(test, session, plant, autopsy);
    for (int i = 0; i < test->route.n && i < scored->n_places; i++) {
        const struct place_score *place = &scored->places[i];
        if (!serves(test, i, plant) || place->probability < autopsy->probability)
            continue;
        autopsy->expected_ratio = place->expected_ratio;
        autopsy->p_holm = place->p_holm;
        autopsy->probability = place->probability;
    }
}

/* A planted zone is found by a flag of its own, or of a zone merged with it in one place. */
static void score_plants(const struct test *test, const struct session *session, int which,
                         struct press_score *score)
{
    for (int k = 0; k < score->n_plants; k++) {
        const struct planted *plant = &test->setting.planted[score->plants[k].plant];
        score_flag(session, plant->where.zone, plant->side, which, &score->plants[k]);
        score->plants[k].named[which] = score->plants[k].flagged[which];
        cut_open(test, session, which, score, &score->plants[k]);
        for (int i = 0; i < test->route.n; i++) {
            const struct route_place *place = &test->route.places[i];
            if (!serves(test, i, plant))
                continue;
            score->plants[k].place_flagged[which] |=
                !session->result->answers_unreliable && i < score->session[which].n_places &&
                score->session[which].places[i].verdict == VERDICT_ATTENTION;
            for (int z = 0; z < place->n_zones; z++)
                score_flag(session, place->zones[z]->id, plant->side, which, &score->plants[k]);
        }
    }
}

/* Another planted zone, of the other foot or of both, covers the mirror's middle: the ratio that
 * was drawn does not hold there. */
static int mirror_is_tender(const struct test *test, int k, enum side mirror, struct uv middle)
{
    for (int i = 0; i < test->setting.n_planted; i++) {
        const struct planted *other = &test->setting.planted[i];
        if (i != k && (other->side == SIDE_UNKNOWN || other->side == mirror) &&
            lies_in(test, other, mirror, middle))
            return 1;
    }
    return 0;
}

/* Zones are planted by name, whatever of the foot is there. */
static int is_cut_off(const struct test *test, const struct planted *plant)
{
    const struct foot_build *build = &test->field.build[plant->side];
    return build->cut_u > 0 &&
           place_middle_on(&plant->where, test->atlas, build, plant->side).u > build->cut_u;
}

static void describe_plants(const struct test *test, const struct session *session,
                            struct press_score *score)
{
    static const double ceilings[] = {250, 350, 250, 450};
    for (int k = 0; k < test->setting.n_planted && k < COHORT_PLANTS_MAX; k++) {
        const struct planted *plant = &test->setting.planted[k];
        if (plant->side == SIDE_UNKNOWN)
            continue;
        struct plant_score *one = &score->plants[score->n_plants++];
        enum side mirror = plant->side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
        struct uv middle =
            place_middle_on(&plant->where, test->atlas, &test->field.build[mirror], mirror);
        struct uv skin = foot_build_template(&test->field.build[mirror], middle);
        *one =
            (struct plant_score){.plant = k, .region = sole_class(skin), .factor = plant->factor};
        one->side = plant->side;
        snprintf(one->zone, sizeof one->zone, "%.15s", plant->where.zone);
        one->ceiling_kpa = (float)ceilings[one->region];
        one->mirror_kpa = (float)threshold_at(&test->field, mirror, middle);
        one->mirror_is_tender = mirror_is_tender(test, k, mirror, middle);
        one->is_cut_off = is_cut_off(test, plant);
        one->mirror_is_bounded = one->mirror_kpa > one->ceiling_kpa;
        for (int i = 0; i < test->route.n; i++)
            one->has_place |= test->route.places[i].side == plant->side &&
                              stands_for(&test->route.places[i], plant);
        for (int i = 0; i < session->n_presses; i++) {
            const struct session_press *press = &session->presses[i];
            one->was_hit |= !press->is_catch && !press->is_tap && press->place >= 0 &&
                            test->route.places[press->place].side == plant->side &&
                            lies_in(test, plant, plant->side, press->truth_place);
        }
    }
}

/* The same person on another day. */
static int run_second(struct test *test, struct session *session, struct problem *why)
{
    struct cohort_person *later = malloc(sizeof *later);
    struct dice dice;
    int result;
    if (!later)
        return problem_no_memory(why, "a person");
    *later = *test->person;
    if (test->first.result->answers_unreliable)
        test->n_presses = 0; /* such a session tells nothing of the next (tenderness) */
    dice_begin(&dice, test->seed + (uint64_t)later->index, "cohort day");
    later->subject.thresholds.scale *= dice_lognormal(&dice, DAY_SD);
    for (int i = 0; i < test->n_presses; i++)
        test->presses[i].session++;
    result = run(test, later, 1, session, why);
    free(later);
    return result;
}

static int full_test(struct test *test, struct press_score *score, struct problem *why)
{
    int nobody = 0;
    if (begin_test(test, "stud", NULL, why) || make_route(test, ROUTE_ZONES, NULL, 0, why))
        return -1;
    if (run(test, test->person, 0, &test->first, why) || take_presses(test, &test->first, why) ||
        judge(test, &test->first, &score->session[0], why))
        return -1;
    describe_plants(test, &test->first, score);
    score_plants(test, &test->first, 0, score);
    score_errors(test, &test->first, score->cup_error_mm, &score->n_cup, &nobody);
    if (run_second(test, &test->second, why) || take_presses(test, &test->second, why) ||
        judge(test, &test->second, &score->session[1], why))
        return -1;
    score_plants(test, &test->second, 1, score);
    return 0;
}

/* A complaint, the short route for it, the foot not held. */
static int short_test(const struct test *full, struct press_score *score, struct problem *why)
{
    static const char *const complaints[] = {"P07", "P14", "P17", "P10", "P12", "P09"};
    const struct cohort_person *person = full->person;
    const char *complaint = complaints[person->index % 6];
    struct test test = {.person = person, .atlas = full->atlas, .seed = full->seed};
    struct session session = {0};
    int result = -1;
    if (!begin_test(&test, "stud-free", full, why) &&
        !make_route(&test, ROUTE_SHORT, &complaint, 1, why) &&
        !run(&test, person, 2, &session, why)) {
        score->short_presses = session.n_real;
        score_errors(&test, &session, score->free_error_mm, &score->n_free, &score->free_unknown);
        result = 0;
    }
    session_free(&session);
    end_test(&test);
    return result;
}

void press_what_if_apply(const struct press_what_if *what_if, struct cohort_person *person)
{
    person->subject.protocol.press.error_mm *= what_if->aim_times;
    person->subject.protocol.press.error_deg *= what_if->aim_times;
    person->subject.answers.test_retest *= what_if->noise_times;
}

int cohort_press(const struct cohort_person *person, const struct atlas *atlas, uint64_t seed,
                 int with_short, const struct press_what_if *what_if, struct press_score *score,
                 struct problem *why)
{
    struct test test = {
        .person = person, .atlas = atlas, .seed = seed, .presses_max = what_if->presses_max};
    *score = (struct press_score){.person = person->index,
                                  .is_planted = person->is_planted,
                                  .is_unreliable = person->is_unreliable,
                                  .is_sensitised = person->is_sensitised,
                                  .cell_mm = person->cell_mm};
    int result = full_test(&test, score, why);
    if (!result && with_short)
        result = short_test(&test, score, why);
    end_test(&test);
    score->done = !result;
    return result;
}
