/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan and the course: the articles' limits hold whatever was flagged, what screening
 * excludes is in no plan, and what cannot be compared is not. */
#include "analysis/plan/course.h"
#include "analysis/plan/massage_plan.h"
#include "analysis/wording.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct plan_rules *rules;
static struct atlas *atlas;

static int load(void **state)
{
    struct problem why = {0};

    (void)state;
    rules = plan_rules_load(NULL, &why);
    atlas = atlas_load(NULL, &why);
    assert_non_null(rules);
    assert_non_null(atlas);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    plan_rules_free(rules);
    atlas_free(atlas);
    return 0;
}

#define FLAGS_MAX 60

/* A result with flags and nothing else that a plan needs. */
struct person {
    struct result result;
    struct foot_result feet[2];
    struct zone_result zones[2][80];
    struct flag flags[FLAGS_MAX];
    struct screening screening;
};

static void be_healthy(struct person *person)
{
    *person = (struct person){0};
    person->result.atlas = atlas;
    person->result.feet = person->feet;
    person->result.n_feet = 2;
    person->result.flags = person->flags;
    for (int f = 0; f < 2; f++) {
        struct foot_result *foot = &person->feet[f];
        foot->side = f ? SIDE_RIGHT : SIDE_LEFT;
        foot->frame = foot_frame_template(foot->side, (struct point){100 + 150 * f, 100}, 0, 250);
        foot->landmarks = landmarks_template();
        foot->zones = person->zones[f];
        foot->n_zones = atlas_count(atlas);
        for (int z = 0; z < foot->n_zones; z++)
            foot->zones[z] = (struct zone_result){.zone = atlas_zone(atlas, z),
                                                  .side = foot->side,
                                                  .threshold_kpa = NAN,
                                                  .threshold_low_kpa = NAN,
                                                  .threshold_high_kpa = NAN};
    }
    for (int i = 0; i < 3; i++)
        person->screening.press_allowed[i] = person->screening.plan_allowed[i] =
            person->screening.stand_allowed[i] = 1;
}

static void flag(struct person *person, const char *zone, enum side side, enum flag_level level)
{
    person->flags[person->result.n_flags++] =
        (struct flag){.zone_id = zone, .side = side, .level = level};
}

static struct massage_plan made(struct person *person, const struct plan_options *how)
{
    struct massage_plan plan;
    struct problem why = {0};

    if (massage_plan_make(&plan, rules, &person->result, &person->screening, how, &why))
        fail_msg("%s", why.text);
    return plan;
}

static const struct plan_point *find(const struct plan_point *points, int n, const char *zone,
                                     enum side side)
{
    for (int i = 0; i < n; i++)
        for (int z = 0; z < points[i].n_zones; z++)
            if (points[i].side == side && !strcmp(points[i].zones[z]->id, zone))
                return &points[i];
    return NULL;
}

static struct person person;

/* Whether any step or point of the plan advises strong pressure. */
static int advises_strong(const struct massage_plan *plan)
{
    char words[400];
    int found = 0;

    for (int i = 0; i < rules->n_steps; i++)
        found |= strstr(massage_plan_step_words(plan, &rules->steps[i], words, sizeof words),
                        "strong") != NULL;
    for (int i = 0; i < plan->n_points; i++)
        found |= strstr(massage_plan_point_words(plan, &plan->points[i], words, sizeof words),
                        "strong") != NULL;
    return found;
}

/* Strong pressure is for a heel that does not hurt: not beside a flag, an answer of pain on either
 * foot, or where the screening allows light pressure only. */
static void nothing_strong_where_it_hurts(void **state)
{
    struct plan_options how = {0};

    (void)state;
    be_healthy(&person);
    struct massage_plan plan = made(&person, &how);
    assert_true(advises_strong(&plan));
    flag(&person, "P16", SIDE_RIGHT, FLAG_WATCH);
    plan = made(&person, &how);
    assert_true(plan.n_points > 0 && !advises_strong(&plan));
    json_t *document = massage_plan_json(&plan);
    char *text = json_dumps(document, 0);
    assert_null(strstr(text, "strong on heel"));
    free(text);
    json_decref(document);
    be_healthy(&person);
    for (int z = 0; z < person.feet[0].n_zones; z++)
        if (!strcmp(person.feet[0].zones[z].zone->id, "P18"))
            person.feet[0].zones[z].answers = 1;
    plan = made(&person, &how);
    assert_false(advises_strong(&plan));
    be_healthy(&person);
    person.screening.light_only = 1;
    plan = made(&person, &how);
    assert_false(advises_strong(&plan));
}

/* "Nothing flagged" is said of a foot that was tested by answers that count, and of no other. */
static void nothing_flagged_is_no_word_for_not_tested(void **state)
{
    static const char *const wanted[] = {"nothing flagged", "was not tested", "answers unreliable",
                                         "was not tested", "left out by the screening"};
    struct plan_options how = {0};
    struct press press = {.tip_cm2 = 1, .ramp_kpa_s = 40, .peak_kpa = 250, .place_known = 1};
    char words[120];

    (void)state;
    for (int way = 0; way < 5; way++) {
        be_healthy(&person);
        person.result.presses = &press;
        person.result.n_presses = way != 3;
        person.result.answers_unreliable = way == 2;
        person.screening.plan_allowed[SIDE_LEFT] = way != 4;
        for (int z = 0; way != 1 && way != 3 && z < 3; z++) {
            person.zones[0][z].repeats = 2;
            person.zones[0][z].threshold_kpa = 250;
        }
        struct massage_plan plan = made(&person, &how);
        massage_plan_none_words(&plan, SIDE_LEFT, words, sizeof words);
        if (!strstr(words, wanted[way]))
            fail_msg("%d: %s", way, words);
        assert_int_equal(plan.tells_nothing != NULL, way == 2 || way == 3);
        json_t *document = massage_plan_json(&plan);
        char *text = json_dumps(document, 0);
        assert_int_equal(strstr(text, "the other foot in the same way") == NULL, way == 4);
        assert_int_equal(strstr(text, "nothing_told_reason\": null") == NULL, way == 2 || way == 3);
        free(text);
        json_decref(document);
    }
}

static void painful_zones_are_worked_counter_clockwise(void **state)
{
    struct plan_options how = {0};

    (void)state;
    be_healthy(&person);
    flag(&person, "P07", SIDE_LEFT, FLAG_ATTENTION);
    struct massage_plan plan = made(&person, &how);
    const struct plan_point *point = find(plan.points, plan.n_points, "P07", SIDE_LEFT);
    assert_int_equal(plan.n_points, 1);
    assert_int_equal(point->direction, DIRECTION_COUNTER_CLOCKWISE);
    assert_string_equal(point->direction_rule->cites.of[0], "001:453");
    assert_true(point->seconds == 90 && plan.minutes[SIDE_LEFT] == 1.5);
}

/* Zones read as one are worked as one point. */
static void zones_read_as_one_are_one_point(void **state)
{
    struct plan_options how = {0};
    char words[400];

    (void)state;
    be_healthy(&person);
    flag(&person, "P07", SIDE_LEFT, FLAG_ATTENTION);
    person.flags[0].as_one_with = "P08";
    struct massage_plan plan = made(&person, &how);
    assert_int_equal(plan.n_points, 1);
    assert_int_equal(strncmp(massage_plan_point_words(&plan, &plan.points[0], words, sizeof words),
                             "P07, P08 left (", 15),
                     0);
}

/* Each zone's own rule, as the specification has it (5.2). */
static void each_zone_has_the_articles_rule(void **state)
{
    static const struct {
        const char *zone;
        enum plan_direction direction;
        double seconds;
        const char *cite;
    } table[] = {
        {"P01", DIRECTION_CLOCKWISE, 90, "000:383"},
        {"P03", DIRECTION_CLOCKWISE, 90, "000:360"},
        {"P04.2", DIRECTION_CLOCKWISE, 90, "001:472"},
        {"P05.4", DIRECTION_CLOCKWISE, 90, "001:259"},
        {"P06", DIRECTION_CLOCKWISE, 90, "001:469"},
        {"P08", DIRECTION_CLOCKWISE, 90, "001:466"},
        {"P11", DIRECTION_COUNTER_CLOCKWISE, 90, "000:366"},
        {"P14", DIRECTION_NONE, 10, "000:381"},
        {"P15", DIRECTION_CLOCKWISE, 90, "000:370"},
        {"P17", DIRECTION_CLOCKWISE, 90, "000:378"},
        {"P21", DIRECTION_ALONG, 90, "002:9"},
        {"P23", DIRECTION_ALONG, 90, "001:471"},
        {"P24.3", DIRECTION_ALONG, 90, "001:279"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct plan_zone_rule *rule = plan_rules_zone(rules, table[i].zone);
        assert_int_equal(rule->direction, table[i].direction);
        assert_true(rule->seconds_max == table[i].seconds);
        assert_string_equal(rule->cites.of[0], table[i].cite);
    }
    assert_true(plan_rules_zone(rules, "P14")->seconds_min == 8);
    assert_ptr_equal(plan_rules_zone(rules, "P99"), &rules->other_zone);
    for (int z = 0; z < atlas_count(atlas); z++)
        if (atlas_zone(atlas, z)->is_plantar)
            assert_ptr_not_equal(plan_rules_zone(rules, atlas_zone(atlas, z)->id),
                                 &rules->other_zone);
}

/* To relax: counter-clockwise, but only where the articles give the zone no turn (5.1, rules 2 to
 * 4;
 * "(default)" and "circular" of 5.2), and a painful zone stays a painful one. */
static void an_aim_turns_only_what_has_no_turn_of_its_own(void **state)
{
    static const char *const without[] = {"P04.2", "P05.1", "P06", "P13", "P16", "P17", "P18"};

    (void)state;
    for (int z = 0; z < atlas_count(atlas); z++) {
        const struct atlas_zone *zone = atlas_zone(atlas, z);
        const struct plan_zone_rule *rule = plan_rules_zone(rules, zone->id);
        int expected = !zone->is_plantar;
        for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
            expected |= !strncmp(zone->id, without[i], 3);
        if (rule->direction_is_default != expected)
            fail_msg("%s: %d", zone->id, rule->direction_is_default);
    }
    const struct atlas_zone *complaints[] = {atlas_find(atlas, "P06"), atlas_find(atlas, "P10"),
                                             atlas_find(atlas, "P14"), atlas_find(atlas, "P16")};
    struct plan_options how = {.aim = AIM_RELAX, .complaints = complaints, .n_complaints = 4};
    be_healthy(&person);
    flag(&person, "P16", SIDE_LEFT, FLAG_ATTENTION);
    struct massage_plan plan = made(&person, &how);
    const struct plan_point *point = find(plan.points, plan.n_points, "P06", SIDE_RIGHT);
    assert_int_equal(point->direction, DIRECTION_COUNTER_CLOCKWISE);
    assert_string_equal(point->direction_rule->cites.of[0], "000:358");
    point = find(plan.points, plan.n_points, "P10", SIDE_RIGHT);
    assert_true(point->direction == DIRECTION_CLOCKWISE && !point->direction_rule);
    assert_int_equal(find(plan.points, plan.n_points, "P14", SIDE_RIGHT)->direction,
                     DIRECTION_NONE);
    assert_ptr_equal(find(plan.points, plan.n_points, "P16", SIDE_LEFT)->direction_rule,
                     &rules->painful);
    assert_ptr_equal(find(plan.points, plan.n_points, "P16", SIDE_RIGHT)->direction_rule,
                     &rules->relax);
    how.aim = AIM_NONE;
    plan = made(&person, &how);
    assert_int_equal(find(plan.points, plan.n_points, "P06", SIDE_RIGHT)->direction,
                     DIRECTION_CLOCKWISE);
}

/* The list of count-downs holds every point once, between its foot's steps; the rest ends it. */
static void the_turns_are_the_whole_session(void **state)
{
    struct plan_options how = {0};
    struct plan_turn turns[PLAN_TURNS_MAX];

    (void)state;
    be_healthy(&person);
    flag(&person, "P07", SIDE_LEFT, FLAG_ATTENTION);
    flag(&person, "P16", SIDE_LEFT, FLAG_WATCH);
    flag(&person, "P14", SIDE_RIGHT, FLAG_WATCH);
    struct massage_plan plan = made(&person, &how);
    assert_int_equal(massage_plan_turns(&plan, turns), 10);
    assert_ptr_equal(turns[2].point, &plan.points[0]);
    assert_ptr_equal(turns[3].point, &plan.points[1]);
    assert_true(turns[0].side == SIDE_LEFT && turns[5].side == SIDE_RIGHT);
    assert_ptr_equal(turns[7].point, &plan.points[2]);
    assert_true(turns[7].seconds == 10 && turns[9].seconds == 900);
    assert_true(turns[9].side == SIDE_UNKNOWN && !turns[9].point);
    json_t *document = massage_plan_json(&plan), *list = json_object_get(document, "turns");
    assert_int_equal(json_array_size(list), 10);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 7), "point")), 2);
    assert_true(json_number_value(json_object_get(document, "foot_limit_minutes")) == 10);
    assert_true(rules->pain_stays.seconds_min == 120 && rules->pain_stays.seconds_max == 180);
    /* 10 s that begin at 590 s end with the foot's 600 s; a step is not begun again. */
    json_t *until = json_object_get(json_array_get(list, 7), "again_until_s");
    assert_true(json_number_value(until) == 590 && turns[7].again_until_s == 590);
    assert_true(json_is_null(json_object_get(json_array_get(list, 0), "again_until_s")));
    json_t *pain = json_object_get(document, "pain_stays");
    assert_true(json_number_value(json_object_get(pain, "asked_s")) == 30);
    assert_int_equal(json_integer_value(json_object_get(pain, "again_most")), 1);
    json_decref(document);
    person.screening.plan_allowed[SIDE_LEFT] = 0;
    plan = made(&person, &how);
    assert_int_equal(massage_plan_turns(&plan, turns), 5);
}

/* Whatever is flagged, drawn at random: never more than six points and ten minutes a foot, nothing
 * lost, nothing twice, flagged before the rest. */
static void the_limits_hold_whatever_is_flagged(void **state)
{
    unsigned seed = 20261122;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int run = 0; run < 300; run++) {
        const struct atlas_zone *complaints[2] = {atlas_find(atlas, "P06"),
                                                  atlas_find(atlas, "P10")};
        struct plan_options how = {
            .short_form = run % 3 == 0, .complaints = complaints, .n_complaints = run % 3};
        be_healthy(&person);
        for (int i = rand() % 30; i >= 0; i--) {
            const struct atlas_zone *zone = atlas_zone(atlas, rand() % atlas_count(atlas));
            if (zone->is_plantar)
                flag(&person, zone->id, rand() % 2 ? SIDE_LEFT : SIDE_RIGHT,
                     rand() % 2 ? FLAG_ATTENTION : FLAG_WATCH);
        }
        struct massage_plan plan = made(&person, &how);
        int points[3] = {0};
        for (int i = 0; i < plan.n_points; i++)
            points[plan.points[i].side]++;
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
            assert_true(points[side] <= (how.short_form ? 3 : 6));
            assert_true(plan.minutes[side] <= (how.short_form ? 5 : 10));
        }
        for (int i = 0; i < person.result.n_flags; i++) {
            const struct flag *one = &person.flags[i];
            int in = find(plan.points, plan.n_points, one->zone_id, one->side) != NULL;
            int later = find(plan.queued, plan.n_queued, one->zone_id, one->side) != NULL;
            assert_int_equal(in + later, 1);
        }
        for (int i = 0; i < plan.n_queued; i++) /* a flag waits for no complaint */
            for (int k = 0; k < plan.n_points && plan.queued[i].reason == PLAN_FLAGGED; k++)
                if (plan.points[k].side == plan.queued[i].side &&
                    plan.queued[i].seconds >= plan.points[k].seconds)
                    assert_int_equal(plan.points[k].reason, PLAN_FLAGGED);
    }
}

static void the_order_is_toes_to_heel_and_flags_first_when_time_is_short(void **state)
{
    static const char *const many[] = {"P19", "P16", "P12", "P11", "P10", "P09", "P08", "P02"};
    const struct atlas_zone *complaints[] = {atlas_find(atlas, "P01")};
    struct plan_options how = {.complaints = complaints, .n_complaints = 1};

    (void)state;
    be_healthy(&person);
    flag(&person, "P16", SIDE_RIGHT, FLAG_ATTENTION);
    flag(&person, "P07", SIDE_RIGHT, FLAG_ATTENTION);
    struct massage_plan plan = made(&person, &how);
    assert_int_equal(plan.n_points, 4); /* the complaint on both feet */
    assert_string_equal(plan.points[1].zones[0]->id, "P01");
    assert_string_equal(plan.points[2].zones[0]->id, "P07");
    assert_string_equal(plan.points[3].zones[0]->id, "P16");
    be_healthy(&person);
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        flag(&person, many[i], SIDE_LEFT, FLAG_WATCH);
    plan = made(&person, &how);
    assert_int_equal(plan.n_points, 7);
    assert_int_equal(plan.n_queued, 3);
    assert_string_equal(plan.queued[0].zones[0]->id, "P08");
    assert_int_equal(plan.queued[2].reason, PLAN_COMPLAINT);
}

static void what_was_left_over_comes_before_complaints(void **state)
{
    static const char *const queued[] = {"P10 left", "P12 right"};
    const struct atlas_zone *complaints[] = {atlas_find(atlas, "P06")};
    struct plan_options how = {
        .complaints = complaints, .n_complaints = 1, .queued = queued, .n_queued = 2};
    struct massage_plan plan;
    struct problem why = {0};

    (void)state;
    be_healthy(&person);
    plan = made(&person, &how);
    assert_int_equal(find(plan.points, plan.n_points, "P10", SIDE_LEFT)->reason, PLAN_QUEUED);
    assert_null(find(plan.points, plan.n_points, "P10", SIDE_RIGHT));
    how.queued = (const char *const[]){"P99 left"};
    how.n_queued = 1;
    assert_int_equal(massage_plan_make(&plan, rules, &person.result, &person.screening, &how, &why),
                     -1);
    assert_non_null(strstr(why.text, "P99"));
}

static void screening_is_obeyed(void **state)
{
    struct plan_options how = {0};
    struct problem why = {0};
    struct massage_plan plan;

    (void)state;
    be_healthy(&person);
    flag(&person, "P01", SIDE_LEFT, FLAG_ATTENTION);
    flag(&person, "P04.1", SIDE_LEFT, FLAG_ATTENTION);
    flag(&person, "P12", SIDE_LEFT, FLAG_ATTENTION);
    flag(&person, "P16", SIDE_RIGHT, FLAG_ATTENTION);
    strcpy(person.screening.bans[0].zone, "P01");
    strcpy(person.screening.bans[1].zone, "P04");
    /* A wart 8 mm in front of the adrenal zone's edge. */
    person.screening.bans[2] = (struct route_ban){
        .side = SIDE_LEFT, .at = {0.46 + 0.032 + 8.0 / 250, 0.38}, .radius_mm = 10};
    person.screening.n_bans = 3;
    person.screening.plan_allowed[SIDE_RIGHT] = 0;
    plan = made(&person, &how);
    assert_true(plan.allowed && !plan.foot_allowed[SIDE_RIGHT]);
    assert_int_equal(plan.n_points, 0);
    assert_int_equal(plan.n_excluded, 3);
    person.screening.bans[2].at.u += 4.0 / 250; /* 12 mm off: no longer near */
    plan = made(&person, &how);
    assert_int_equal(plan.n_points, 1);
    person.screening.plan_allowed[SIDE_UNKNOWN] = person.screening.plan_allowed[SIDE_LEFT] = 0;
    plan = made(&person, &how);
    assert_false(plan.allowed);
    assert_int_equal(massage_plan_make(&plan, rules, &person.result, NULL, &how, &why), 0);
    assert_false(plan.allowed);
    assert_non_null(strstr(plan.why_not, "no screening"));
}

static void women_only_is_for_women_only(void **state)
{
    const struct atlas_zone *complaints[] = {atlas_find(atlas, "P18")};
    struct plan_options how = {.complaints = complaints, .n_complaints = 1};

    (void)state;
    be_healthy(&person);
    struct massage_plan plan = made(&person, &how);
    assert_int_equal(plan.n_points, 0);
    person.screening.is_female = 1;
    plan = made(&person, &how);
    assert_int_equal(plan.n_points, 2);
}

static void check_words(const char *words)
{
    struct problem why = {0};

    if (wording_check(words, &why))
        fail_msg("%s: %s", words, why.text);
}

static void every_sentence_keeps_to_the_wording_and_has_its_lines(void **state)
{
    struct plan_options how = {0};
    char words[500];
    int n = 0;

    (void)state;
    be_healthy(&person);
    struct massage_plan plan = made(&person, &how);
    for (int z = 0; z < atlas_count(atlas); z++)
        for (int painful = 0; painful < 2; painful++) {
            const struct atlas_zone *zone = atlas_zone(atlas, z);
            const struct plan_zone_rule *rule = plan_rules_zone(rules, zone->id);
            struct plan_point point = {.zones = {zone},
                                       .n_zones = 1,
                                       .side = SIDE_LEFT,
                                       .rule = rule,
                                       .direction = rule->direction,
                                       .is_painful = painful,
                                       .direction_rule = painful ? &rules->painful : NULL,
                                       .seconds = rule->seconds_max};
            massage_plan_point_words(&plan, &point, words, sizeof words);
            check_words(words);
            assert_int_equal(words[strlen(words) - 1], ']');
            /* Hard where it hurt would contradict "gently". */
            assert_true(!painful || (!strstr(words, "strong") && !strstr(words, "effort")));
            n++;
        }
    for (int i = 0; i < rules->n_steps; i++, n++) {
        check_words(rules->steps[i].words);
        if (rules->steps[i].firm)
            check_words(rules->steps[i].firm);
    }
    for (int i = 0; i < rules->n_sequence; i++, n++)
        check_words(rules->sequence[i].words);
    for (int i = 0; i < rules->n_stages; i++, n++)
        check_words(rules->stages[i].words);
    for (int i = 0; i < rules->n_courses; i++, n++)
        check_words(rules->courses[i].words);
    check_words(rules->flat_foot_advice.words);
    check_words(rules->mat.words);
    check_words(rules->relax.words);
    check_words(rules->once_a_day.words);
    assert_string_equal(rules->courses[0].most_often->cites.of[0], "002:29");
    assert_int_equal(rules->n_sequence, 9);
    assert_int_equal(rules->n_stages, 4);
    assert_true(rules->mat.seconds_min == 120 && rules->mat.seconds_max == 300);
    print_message("%d sentences\n", n);
}

static void rules_that_are_none_are_refused(void **state)
{
    static const char *const cuts[] = {"limits",     "directions", "pain_stays", "other_zone",
                                       "once_a_day", "zones",      "steps",      "courses",
                                       "mat",        "flat_foot",  "schema"};
    char path[] = "/tmp/tenderfoot-rules-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        json_t *document = json_load_file("analysis/plan/plan.json", 0, NULL);
        struct problem why = {0};
        json_object_del(document, cuts[i]);
        assert_int_equal(json_dump_file(document, path, 0), 0);
        json_decref(document);
        assert_null(plan_rules_load(path, &why));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
    }
    json_t *document = json_load_file("analysis/plan/plan.json", 0, NULL);
    struct problem why = {0};
    json_object_set_new(json_array_get(json_object_get(document, "courses"), 0), "days",
                        json_pack("[i, i]", 0, 2)); /* twice a day */
    assert_int_equal(json_dump_file(document, path, 0), 0);
    json_decref(document);
    assert_null(plan_rules_load(path, &why));
    unlink(path);
    close(fd);
}

/* Each step's phase is known and the points come once: a list of turns has room for no more. */
static void steps_have_known_phases(void **state)
{
    static const struct {
        size_t step;
        const char *phase; /* NULL = left out */
    } cases[] = {{0, NULL}, {0, "zones"}, {0, "later"}, {8, "finish"}};
    char path[] = "/tmp/tenderfoot-rules-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *document = json_load_file("analysis/plan/plan.json", 0, NULL);
        json_t *step = json_array_get(json_object_get(document, "steps"), cases[i].step);
        struct problem why = {0};

        if (cases[i].phase)
            json_object_set_new(step, "phase", json_string(cases[i].phase));
        else
            json_object_del(step, "phase");
        assert_int_equal(json_dump_file(document, path, 0), 0);
        json_decref(document);
        assert_null(plan_rules_load(path, &why));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, "phase"));
    }
    unlink(path);
    close(fd);
}

/* --- Course ---------------------------------------------------------------------------------- */

static struct press press_of(double tip_cm2, double ramp_kpa_s)
{
    return (struct press){.tip_cm2 = tip_cm2, .ramp_kpa_s = ramp_kpa_s, .side = SIDE_LEFT};
}

static void set(struct person *one, const char *zone, double kpa, double low, double high)
{
    for (int z = 0; z < one->feet[0].n_zones; z++)
        if (!strcmp(one->zones[0][z].zone->id, zone)) {
            one->zones[0][z].threshold_kpa = kpa;
            one->zones[0][z].threshold_low_kpa = low;
            one->zones[0][z].threshold_high_kpa = high;
            one->zones[0][z].answers = isfinite(low) ? 3 : 0;
            one->zones[0][z].repeats = 3;
        }
}

static void told_by_first_place(struct person *one, const char *zone, struct place_result *places,
                                int n)
{
    one->result.places = places;
    one->result.n_places = n;
    for (int z = 0; z < one->feet[0].n_zones; z++)
        if (!strcmp(one->zones[0][z].zone->id, zone))
            one->zones[0][z].told_by = 1;
}

static void intervals_are_held_against_the_plan(void **state)
{
    struct course_input inputs[] = {{.day = "2026-11-10"},
                                    {.day = "2026-11-02T09:00:00"},
                                    {.day = "2026-11-12T18:00:00", .name = "evening"},
                                    {.day = "2026-11-12T09:00:00", .name = "morning"},
                                    {.day = "2026-10-31"}};
    struct course *course = calloc(1, sizeof *course);
    struct problem why = {0};

    (void)state;
    assert_int_equal(course_make(course, plan_rules_course(rules, "general"), inputs, 5, &why), 0);
    assert_string_equal(course->sessions[0].day, "2026-10-31");
    assert_int_equal(course->sessions[1].days_since, 2);
    assert_true(!course->sessions[1].is_early && course->sessions[2].is_late);
    assert_string_equal(course->sessions[3].name, "morning");
    assert_string_equal(course->sessions[4].name, "evening");
    assert_true(course->sessions[4].is_same_day && course->sessions[4].is_early);
    assert_int_equal(course->n_late, 1);
    assert_int_equal(course->n_early, 1);
    assert_string_equal(course->next_from, "2026-11-14");
    assert_string_equal(course->next_to, "2026-11-16");
    course_free(course);
    inputs[1].day = "2026-02-30";
    assert_int_equal(course_make(course, plan_rules_course(rules, "general"), inputs, 5, &why), -1);
    assert_non_null(strstr(why.text, "2026-02-30"));
    free(course);
}

static struct person before, after;

static void two_visits(struct press *first, struct press *second, struct course_input inputs[2])
{
    be_healthy(&before);
    be_healthy(&after);
    before.result.presses = first;
    after.result.presses = second;
    before.result.n_presses = after.result.n_presses = 1;
    inputs[0] = (struct course_input){.day = "2026-11-01", .result = &before.result};
    inputs[1] = (struct course_input){.day = "2026-11-08", .result = &after.result};
}

static const struct course_zone *zone_of(const struct course *course, const char *id)
{
    for (int i = 0; i < course->n_zones; i++)
        if (!strcmp(course->zones[i].zone_id, id))
            return &course->zones[i];
    return NULL;
}

static void thresholds_are_compared_where_they_may_be(void **state)
{
    struct press first = press_of(1, 41.3), second = press_of(1, 47.9);
    struct course_input inputs[2];
    struct course *course = calloc(1, sizeof *course);
    struct problem why = {0};

    (void)state;
    two_visits(&first, &second, inputs);
    set(&before, "P07", 181, 152, 215);
    set(&after, "P07", 293, 246, 348); /* 1.62 times: ln 0.482, s 0.125 */
    set(&before, "P12", 181, 152, 215);
    set(&after, "P12", 203, 171, 241);
    set(&before, "P09", 243, NAN, NAN); /* no pain up to */
    set(&after, "P09", 190, 160, 226);
    assert_int_equal(course_make(course, plan_rules_course(rules, "minimum"), inputs, 2, &why), 0);
    assert_true(fabs(zone_of(course, "P07")->ratio - 293.0 / 181) < 1e-12);
    assert_true(fabs(zone_of(course, "P07")->ratio_low - 1.27) < 0.01);
    assert_true(zone_of(course, "P07")->is_beyond_error);
    assert_false(zone_of(course, "P12")->is_beyond_error);
    assert_true(zone_of(course, "P09")->is_bound_change);
    assert_true(isnan(zone_of(course, "P09")->ratio_low));
    json_t *document = course_json(course);
    assert_int_equal(json_integer_value(json_object_get(document, "session_count")), 2);
    json_decref(document);
    course_free(course);
    free(course);
}

/* P21 is long: told by its lowest place, which is another one each time. */
static void places_of_a_zone_are_not_compared_with_each_other(void **state)
{
    struct press first = press_of(1, 40), second = press_of(1, 40);
    struct place_result was[] = {{SIDE_LEFT, {0.3, 0.1}, 2, "", 1, 40, 3, 3, 150, 130, 173, 0}};
    struct place_result is[] = {{SIDE_LEFT, {0.7, 0.1}, 2, "", 1, 40, 3, 3, 290, 250, 336, 0},
                                {SIDE_LEFT, {0.31, 0.12}, 2, "", 1, 40, 3, 3, 400, NAN, NAN, 1}};
    struct course_input inputs[2];
    struct course *course = calloc(1, sizeof *course);
    struct problem why = {0};

    (void)state;
    for (int pressed_again = 0; pressed_again < 2; pressed_again++) {
        two_visits(&first, &second, inputs);
        set(&before, "P21", 150, 130, 173);
        set(&after, "P21", 290, 250, 336);
        told_by_first_place(&before, "P21", was, 1);
        told_by_first_place(&after, "P21", is, 1 + pressed_again);
        assert_int_equal(course_make(course, plan_rules_course(rules, "minimum"), inputs, 2, &why),
                         0);
        const struct course_zone *zone = zone_of(course, "P21");
        assert_true(isnan(zone->ratio) == !pressed_again);
        assert_int_equal(zone->apart, pressed_again ? PRESSED_ALIKE : PRESSED_ELSEWHERE);
        if (pressed_again) {
            assert_true(zone->compared[0].kpa == 150 && zone->compared[1].kpa == 400);
            assert_true(zone->is_bound_change && !zone->is_beyond_error);
        }
        course_free(course);
    }
    free(course);
}

static void another_tool_rate_day_or_person_is_not_compared(void **state)
{
    static const enum press_apart told[] = {PRESSED_BY_OTHER_TOOL, PRESSED_AT_OTHER_RATE,
                                            PRESSED_UNDER_PAINKILLER, PRESSED_ALIKE,
                                            PRESSED_UNDER_OTHER_CALIBRATION};
    struct course *course = calloc(1, sizeof *course);
    struct problem why = {0};

    (void)state;
    for (int how = 0; how < 5; how++) {
        struct press first = press_of(1, 40),
                     second = press_of(how == 0 ? 0.5 : 1, how == 1 ? 80 : 40);
        struct course_input inputs[2];
        two_visits(&first, &second, inputs);
        set(&before, "P07", 181, 152, 215);
        set(&after, "P07", 293, 246, 348);
        after.result.not_comparable = how == 2;
        before.result.facts.client = (char *)(how == 3 ? "A" : "B");
        after.result.facts.client = (char *)"B";
        after.result.facts.calibration_id = (char *)(how == 4 ? "cal-2" : NULL);
        int status = course_make(course, plan_rules_course(rules, "minimum"), inputs, 2, &why);
        assert_int_equal(status, how == 3 ? -1 : 0);
        if (how != 3) {
            assert_int_equal(zone_of(course, "P07")->first, -1);
            assert_int_equal(zone_of(course, "P07")->apart, told[how]);
            json_decref(course_json(course));
        }
        course_free(course);
    }
    free(course);
}

static void *failing(size_t n)
{
    return malloc(n);
}

static void memory_may_fail_at_every_turn(void **state)
{
    struct plan_options how = {0};
    struct problem why = {0};
    long n, failed = 1;

    (void)state;
    be_healthy(&person);
    flag(&person, "P07", SIDE_LEFT, FLAG_ATTENTION);
    struct massage_plan plan = made(&person, &how);
    json_set_alloc_funcs(failing, free);
    for (n = 1; failed; n += 1 + n / 25) {
        failing_malloc_at(n);
        struct plan_rules *some = plan_rules_load(NULL, &why);
        failed = failing_malloc_off();
        assert_true(failed || some);
        assert_true(!some || some->n_zones == rules->n_zones);
        plan_rules_free(some);
    }
    for (n = 1, failed = 1; failed; n += 1 + n / 25) {
        failing_malloc_at(n);
        json_t *document = massage_plan_json(&plan);
        failed = failing_malloc_off();
        assert_true(failed || document);
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_strong_where_it_hurts),
        cmocka_unit_test(nothing_flagged_is_no_word_for_not_tested),
        cmocka_unit_test(painful_zones_are_worked_counter_clockwise),
        cmocka_unit_test(each_zone_has_the_articles_rule),
        cmocka_unit_test(zones_read_as_one_are_one_point),
        cmocka_unit_test(an_aim_turns_only_what_has_no_turn_of_its_own),
        cmocka_unit_test(the_turns_are_the_whole_session),
        cmocka_unit_test(the_limits_hold_whatever_is_flagged),
        cmocka_unit_test(the_order_is_toes_to_heel_and_flags_first_when_time_is_short),
        cmocka_unit_test(what_was_left_over_comes_before_complaints),
        cmocka_unit_test(screening_is_obeyed),
        cmocka_unit_test(women_only_is_for_women_only),
        cmocka_unit_test(every_sentence_keeps_to_the_wording_and_has_its_lines),
        cmocka_unit_test(rules_that_are_none_are_refused),
        cmocka_unit_test(steps_have_known_phases),
        cmocka_unit_test(intervals_are_held_against_the_plan),
        cmocka_unit_test(thresholds_are_compared_where_they_may_be),
        cmocka_unit_test(places_of_a_zone_are_not_compared_with_each_other),
        cmocka_unit_test(another_tool_rate_day_or_person_is_not_compared),
        cmocka_unit_test(memory_may_fail_at_every_turn),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
