/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/subject.h"
#include "samples/json_fields.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const side_words[] = {"both", "left", "right", NULL}; /* by enum side */
static const char *const class_words[] = {"toe", "ball", "arch", "heel", NULL};

const char *subject_side_name(enum side side)
{
    return side_words[side];
}

const char *subject_class_name(enum region_class region_class)
{
    return class_words[region_class];
}

const struct subject_foot *subject_foot_of(const struct subject *subject, enum side side)
{
    for (int i = 0; i < subject->n_feet; i++)
        if (subject->feet[i].side == side)
            return &subject->feet[i];
    return NULL;
}

/* --- Defaults: an adult on the reference plate ---------------------------------------------- */

static void default_person(struct person *person)
{
    *person = (struct person){.age_years = 40, .body_mass_kg = 70};
    snprintf(person->label, sizeof person->label, "virtual subject");
    person->sway = (struct sway_setting){.rms_ml_mm = 2.5,
                                         .rms_ap_mm = 4.0,
                                         .corner_hz = 0.15,
                                         .slope = 2.0,
                                         .roll_off_hz = 0.7,
                                         .limit_hz = 8.0};
}

static void default_test(struct subject *subject)
{
    subject->thresholds =
        (struct threshold_setting){.spread = 0.08, .side_spread = -1, .scale = 1, .pattern = 1};
    memcpy(subject->thresholds.base_kpa, (double[]){380, 420, 330, 480},
           sizeof subject->thresholds.base_kpa);
    subject->answers = (struct answer_setting){.reaction_median_ms = 250,
                                               .reaction_sd_ms = 50,
                                               .miss_rate = 0.0,
                                               .false_rate = 0.0,
                                               .late_s = 1,
                                               .test_retest = 0.06};
    subject->protocol =
        (struct protocol_setting){.empty_s = 2,
                                  .step_on_s = 0.8,
                                  .stand_s = 20,
                                  .end_s = 0.5,
                                  .idle_s = 240, /* longer than any rest of a guided test */
                                  .tell_sides = 1,
                                  .tell_length = 1};
    struct press_setting *press = &subject->protocol.press;
    *press =
        (struct press_setting){.tool = {.tip_cm2 = 1, .footprint_cm2 = 4, .footprint_factor = 1},
                               .heel_cup = 1,
                               .ramp_kpa_s = 50,
                               .ramp_wobble = 0.15,
                               .sides = {SIDE_LEFT, SIDE_RIGHT},
                               .n_sides = 2,
                               .passes = 2,
                               .rest_s = 1.5,
                               .catch_s = 4,
                               .heel_rest_n = 10};
    snprintf(press->tool.name, sizeof press->tool.name, "stud");
    memcpy(press->ceiling_kpa, (double[]){300, 350, 260, 400}, sizeof press->ceiling_kpa);
}

static void default_plate(struct plate_setting *plate)
{
    *plate = (struct plate_setting){.rows = 96,
                                    .cols = 96,
                                    .bits = 12,
                                    .pitch_x_mm = 5,
                                    .pitch_y_mm = 5,
                                    .rate_hz = 100,
                                    .full_scale_kpa = 600,
                                    .noise_counts = 1.2,
                                    .offset_counts = 20,
                                    .offset_spread_counts = 4,
                                    .gain_spread = 0.03,
                                    .creep_percent_per_decade = 1,
                                    .hysteresis_percent = 2,
                                    .crosstalk = 0.003,
                                    .curve_exponent = 1,
                                    .calibration_residual = 0.005};
    snprintf(plate->serial, sizeof plate->serial, "VIRTUAL-1");
}

/* Two feet hip-wide and slightly toed out in the middle of the plate; a single one in its middle.
 */
static struct subject_foot default_foot(const struct plate_setting *plate, enum side side,
                                        double length_mm, int alone)
{
    double sign = side == SIDE_LEFT ? -1 : 1;
    double out = alone ? 0 : sign * 0.3 * length_mm;
    return (struct subject_foot){.side = side,
                                 .length_mm = length_mm,
                                 .width_scale = 1,
                                 .arch = 0.5,
                                 .toe_contact = 1,
                                 .heel = {plate->cols * plate->pitch_x_mm / 2 + out,
                                          (plate->rows * plate->pitch_y_mm - length_mm) / 2},
                                 .angle_deg = sign * 7};
}

/* --- Person --------------------------------------------------------------------------------- */

static void read_sway(struct json_fields *in, const json_t *object, struct sway_setting *sway)
{
    json_fields_only(
        in, object,
        KEYS("rms_ml_mm", "rms_ap_mm", "corner_hz", "slope", "roll_off_hz", "limit_hz"));
    sway->rms_ml_mm = json_fields_number(in, object, "rms_ml_mm", 0, 20, sway->rms_ml_mm);
    sway->rms_ap_mm = json_fields_number(in, object, "rms_ap_mm", 0, 20, sway->rms_ap_mm);
    sway->corner_hz = json_fields_number(in, object, "corner_hz", 0.02, 2, sway->corner_hz);
    sway->slope = json_fields_number(in, object, "slope", 0, 4, sway->slope);
    sway->roll_off_hz = json_fields_number(in, object, "roll_off_hz", 0.1, 20, sway->roll_off_hz);
    sway->limit_hz = json_fields_number(in, object, "limit_hz", 1, 20, sway->limit_hz);
}

static void read_person(struct json_fields *in, const json_t *object, struct person *person)
{
    json_fields_only(in, object, KEYS("label", "sex", "age_years", "body_mass_kg", "sway"));
    json_fields_text(in, object, "label", person->label, sizeof person->label);
    person->sex = (enum sex)json_fields_choice(
        in, object, "sex", KEYS("not stated", "female", "male"), (int)person->sex);
    person->age_years = json_fields_number(in, object, "age_years", 1, 120, person->age_years);
    person->body_mass_kg =
        json_fields_number(in, object, "body_mass_kg", 5, 300, person->body_mass_kg);
    const json_t *sway = json_fields_enter(in, object, "sway");
    if (sway)
        read_sway(in, sway, &person->sway);
    json_fields_leave(in);
}

/* --- Feet ----------------------------------------------------------------------------------- */

static double read_width(struct json_fields *in, const json_t *object, double length_mm)
{
    double scale = json_fields_number(in, object, "width_scale", 0.7, 1.4, 1);
    if (!json_object_get(object, "width_mm"))
        return scale;
    if (json_object_get(object, "width_scale"))
        json_fields_refuse(in, "width_mm", "give width_mm or width_scale, not both");
    /* Ball width, u = 0.73: 99.4 mm on the 250 mm template foot. */
    double template_mm = (54.1 + 62.0 * 0.73) * length_mm / 250;
    double width_mm = json_fields_number(in, object, "width_mm", 0.7 * template_mm,
                                         1.4 * template_mm, template_mm);
    return width_mm / template_mm;
}

static void read_toes(struct json_fields *in, const json_t *object, struct subject_foot *foot)
{
    json_fields_only(in, object, KEYS("contact", "form"));
    foot->toe_contact = json_fields_number(in, object, "contact", 0, 2, foot->toe_contact);
    int form = json_fields_choice(in, object, "form", KEYS("egyptian", "greek", "square"), 0);
    /* Tips of big, second and third toe on the template: 0.984, 0.968, 0.941 of the length. */
    static const struct {
        double hallux_u, second_u, toes_u;
    } forms[] = {{0, 0, 0}, {-0.025, 0.016, 0}, {-0.008, 0, 0.02}};
    foot->build.hallux_u = forms[form].hallux_u;
    foot->build.second_u = forms[form].second_u;
    foot->build.toes_u = forms[form].toes_u;
}

static void read_calluses(struct json_fields *in, const json_t *root, struct foot_build *build)
{
    const json_t *array = json_fields_enter(in, root, "calluses");
    size_t n = json_fields_count(in, array, FOOT_CALLUSES_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *object = json_fields_enter_index(in, array, i);
        struct foot_callus *one = &build->calluses[i];
        json_fields_only(in, object, KEYS("u", "v", "factor", "radius_mm"));
        one->at.u = json_fields_number(in, object, "u", 0, 1, 0.725);
        one->at.v = json_fields_number(in, object, "v", 0, 1, 0.55);
        one->factor = json_fields_number(in, object, "factor", 1, 6, 2);
        one->radius_mm = json_fields_number(in, object, "radius_mm", 2, 20, 7);
        json_fields_leave(in);
    }
    build->n_calluses = (int)n;
    json_fields_leave(in);
}

static void read_build(struct json_fields *in, const json_t *object, struct foot_build *build)
{
    json_fields_only(in, object,
                     KEYS("heel_front_u", "bulge_u", "ball_u", "ball_tilt_u", "toes_u", "heads_v",
                          "heads_apart_v", "missing_toes", "swollen", "cut_u", "hallux_u",
                          "second_u", "hallux_v", "hallux_side", "heel_wide", "gap", "lean",
                          "calluses"));
    build->heel_front_u = json_fields_number(in, object, "heel_front_u", -0.04, 0.04, 0);
    build->bulge_u = json_fields_number(in, object, "bulge_u", -0.04, 0.04, 0);
    build->ball_u = json_fields_number(in, object, "ball_u", -0.04, 0.04, 0);
    build->ball_tilt_u = json_fields_number(in, object, "ball_tilt_u", -0.04, 0.04, 0);
    build->toes_u = json_fields_number(in, object, "toes_u", -0.04, 0.04, build->toes_u);
    build->hallux_u = json_fields_number(in, object, "hallux_u", -0.03, 0.02, build->hallux_u);
    build->second_u = json_fields_number(in, object, "second_u", -0.03, 0.02, build->second_u);
    build->hallux_v = json_fields_number(in, object, "hallux_v", 0, 0.05, 0);
    build->hallux_side = json_fields_number(in, object, "hallux_side", 0, 1, 0);
    build->heel_wide = json_fields_number(in, object, "heel_wide", -0.2, 0.25, 0);
    build->gap = json_fields_number(in, object, "gap", 0, 1, 0);
    build->lean = json_fields_number(in, object, "lean", -1, 1, 0);
    build->heads_v = json_fields_number(in, object, "heads_v", -0.04, 0.04, 0);
    build->heads_apart_v = json_fields_number(in, object, "heads_apart_v", -0.04, 0.04, 0);
    build->missing_toes = (unsigned)json_fields_integer(in, object, "missing_toes", 0, 31, 0);
    build->swollen = json_fields_number(in, object, "swollen", 0, 1, 0);
    build->cut_u = json_fields_number(in, object, "cut_u", 0, 1, 0);
    read_calluses(in, object, build);
}

static void read_foot_place(struct json_fields *in, const json_t *object, struct subject_foot *foot)
{
    json_fields_only(in, object, KEYS("x_mm", "y_mm", "angle_deg"));
    foot->heel.x_mm = json_fields_number(in, object, "x_mm", -500, 13000, foot->heel.x_mm);
    foot->heel.y_mm = json_fields_number(in, object, "y_mm", -500, 13000, foot->heel.y_mm);
    foot->angle_deg = json_fields_number(in, object, "angle_deg", -180, 180, foot->angle_deg);
}

static void read_foot(struct json_fields *in, const json_t *object,
                      const struct plate_setting *plate, int alone, struct subject_foot *foot)
{
    json_fields_only(
        in, object,
        KEYS("side", "length_mm", "width_mm", "width_scale", "arch", "toes", "place", "build"));
    if (!in->failed && !json_object_get(object, "side"))
        json_fields_refuse(in, "side", "is missing; give \"left\" or \"right\"");
    enum side side =
        json_fields_choice(in, object, "side", KEYS("left", "right"), 0) ? SIDE_RIGHT : SIDE_LEFT;
    double length_mm = json_fields_number(in, object, "length_mm", 80, 400, 250);
    *foot = default_foot(plate, side, length_mm, alone);
    foot->width_scale = read_width(in, object, length_mm);
    foot->arch = json_fields_number(in, object, "arch", 0, 1, foot->arch);
    const json_t *toes = json_fields_enter(in, object, "toes");
    if (toes)
        read_toes(in, toes, foot);
    json_fields_leave(in);
    const json_t *place = json_fields_enter(in, object, "place");
    if (place)
        read_foot_place(in, place, foot);
    json_fields_leave(in);
    const json_t *build = json_fields_enter(in, object, "build");
    if (build)
        read_build(in, build, &foot->build);
    json_fields_leave(in);
}

static void read_feet(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const json_t *array = json_fields_enter(in, root, "feet");
    size_t n = json_fields_count(in, array, 2);
    subject->n_feet = array ? (int)n : 2;
    for (size_t i = 0; i < n; i++) {
        const json_t *object = json_fields_enter_index(in, array, i);
        read_foot(in, object, &subject->plate, n == 1, &subject->feet[i]);
        json_fields_leave(in);
    }
    if (n == 2 && !in->failed && subject->feet[0].side == subject->feet[1].side)
        json_fields_refuse(in, NULL, "two feet of the same side; give one left and one right");
    json_fields_leave(in);
    if (!array && !in->failed) {
        subject->feet[0] = default_foot(&subject->plate, SIDE_LEFT, 250, 0);
        subject->feet[1] = default_foot(&subject->plate, SIDE_RIGHT, 250, 0);
    }
}

/* --- Places, guarding, thresholds, answers -------------------------------------------------- */

static void read_word_place(struct json_fields *in, const char *word, struct subject_place *place)
{
    for (int i = 0; class_words[i]; i++) {
        if (!strcmp(word, class_words[i])) {
            *place =
                (struct subject_place){.kind = PLACE_CLASS, .region_class = (enum region_class)i};
            return;
        }
    }
    *place = (struct subject_place){.kind = PLACE_ZONE};
    if (!*word || strlen(word) >= sizeof place->zone ||
        strspn(word, "PN0123456789.abc") < strlen(word))
        json_fields_refuse(in, NULL,
                           "'%.20s' is no zone id (P07, P04.1) and no region (toe, ball, "
                           "arch, heel)",
                           word);
    else
        memcpy(place->zone, word, strlen(word) + 1);
}

/* The member "zone" of a list's entry: required. */
static void read_zone(struct json_fields *in, const json_t *object, struct subject_place *place)
{
    const json_t *zone = json_fields_enter(in, object, "zone");
    if (json_is_string(zone))
        read_word_place(in, json_string_value(zone), place);
    else
        json_fields_refuse(in, NULL, "is missing or no string; give a zone id such as \"P07\"");
    json_fields_leave(in);
}

static enum side read_side(struct json_fields *in, const json_t *object)
{
    return (enum side)json_fields_choice(in, object, "side", side_words, SIDE_UNKNOWN);
}

static void read_guarding(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const json_t *array = json_fields_enter(in, root, "guarding");
    size_t n = json_fields_count(in, array, SUBJECT_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *object = json_fields_enter_index(in, array, i);
        struct guarding *one = &subject->guarding[i];
        json_fields_only(in, object, KEYS("zone", "side", "factor"));
        read_zone(in, object, &one->where);
        one->side = read_side(in, object);
        one->factor = json_fields_number(in, object, "factor", 0, 3, 0.5);
        json_fields_leave(in);
    }
    subject->n_guarding = (int)n;
    json_fields_leave(in);
}

static void read_class_numbers(struct json_fields *in, const json_t *root, const char *key,
                               double low, double high, double *numbers)
{
    const json_t *object = json_fields_enter(in, root, key);
    if (object) {
        json_fields_only(in, object, class_words);
        for (int i = 0; i < SUBJECT_CLASSES; i++)
            numbers[i] = json_fields_number(in, object, class_words[i], low, high, numbers[i]);
    }
    json_fields_leave(in);
}

static void read_planted(struct json_fields *in, const json_t *object, struct planted *one)
{
    json_fields_only(in, object, KEYS("zone", "side", "factor", "kpa"));
    read_zone(in, object, &one->where);
    one->side = read_side(in, object);
    one->factor = json_fields_number(in, object, "factor", 0.05, 5, NAN);
    one->kpa = json_fields_number(in, object, "kpa", 5, 5000, NAN);
    if (!in->failed && isnan(one->factor) == isnan(one->kpa))
        json_fields_refuse(in, NULL, "give either factor or kpa");
}

static void read_thresholds(struct json_fields *in, const json_t *object,
                            struct threshold_setting *thresholds)
{
    json_fields_only(
        in, object,
        KEYS("base_kpa", "spread", "side_spread", "side_bias", "scale", "pattern", "planted"));
    read_class_numbers(in, object, "base_kpa", 5, 5000, thresholds->base_kpa);
    thresholds->spread = json_fields_number(in, object, "spread", 0, 0.5, thresholds->spread);
    thresholds->side_spread =
        json_fields_number(in, object, "side_spread", 0, 0.5, thresholds->side_spread);
    thresholds->side_bias = json_fields_number(in, object, "side_bias", -1, 1, 0);
    thresholds->scale = json_fields_number(in, object, "scale", 0.1, 3, thresholds->scale);
    thresholds->pattern =
        (uint64_t)json_fields_integer(in, object, "pattern", 0, 1000000, (long)thresholds->pattern);
    const json_t *array = json_fields_enter(in, object, "planted");
    size_t n = json_fields_count(in, array, SUBJECT_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        read_planted(in, json_fields_enter_index(in, array, i), &thresholds->planted[i]);
        json_fields_leave(in);
    }
    thresholds->n_planted = (int)n;
    json_fields_leave(in);
}

static void read_answers(struct json_fields *in, const json_t *object, struct answer_setting *out)
{
    json_fields_only(in, object,
                     KEYS("reaction_median_ms", "reaction_sd_ms", "miss_rate", "false_rate",
                          "late_rate", "late_s", "random_rate", "test_retest", "drift_per_100"));
    out->reaction_median_ms =
        json_fields_number(in, object, "reaction_median_ms", 20, 3000, out->reaction_median_ms);
    out->reaction_sd_ms =
        json_fields_number(in, object, "reaction_sd_ms", 0, 1000, out->reaction_sd_ms);
    out->miss_rate = json_fields_number(in, object, "miss_rate", 0, 1, out->miss_rate);
    out->false_rate = json_fields_number(in, object, "false_rate", 0, 1, out->false_rate);
    out->late_rate = json_fields_number(in, object, "late_rate", 0, 1, 0);
    out->late_s = json_fields_number(in, object, "late_s", 0.05, 10, out->late_s);
    out->random_rate = json_fields_number(in, object, "random_rate", 0, 1, 0);
    out->drift_per_100 = json_fields_number(in, object, "drift_per_100", -2, 2, 0);
    out->test_retest = json_fields_number(in, object, "test_retest", 0, 0.5, out->test_retest);
}

/* --- Protocol ------------------------------------------------------------------------------- */

static void read_tool(struct json_fields *in, const json_t *object, struct press_tool *tool)
{
    json_fields_only(in, object,
                     KEYS("name", "tip_cm2", "footprint_cm2", "footprint_factor", "pitch_mm",
                          "sink_n", "edge_loss"));
    json_fields_text(in, object, "name", tool->name, sizeof tool->name);
    tool->tip_cm2 = json_fields_number(in, object, "tip_cm2", 0.1, 10, tool->tip_cm2);
    tool->footprint_cm2 =
        json_fields_number(in, object, "footprint_cm2", 0.5, 50, tool->footprint_cm2);
    tool->footprint_factor =
        json_fields_number(in, object, "footprint_factor", 1, 2, tool->footprint_factor);
    tool->pitch_mm = json_fields_number(in, object, "pitch_mm", 8, 60, 0);
    tool->sink_n = json_fields_number(in, object, "sink_n", 0, 500, 0);
    tool->edge_loss = json_fields_number(in, object, "edge_loss", 0, 0.5, 0);
}

static void read_route_entry(struct json_fields *in, const json_t *value,
                             struct subject_place *place)
{
    if (json_is_string(value)) {
        read_word_place(in, json_string_value(value), place);
        if (place->kind == PLACE_CLASS)
            json_fields_refuse(in, NULL, "a press needs a place: a zone id or {\"u\":, \"v\":}");
        return;
    }
    json_fields_only(in, value, KEYS("u", "v"));
    place->kind = PLACE_UV;
    place->at.u = json_fields_number(in, value, "u", 0, 1, 0.5);
    place->at.v = json_fields_number(in, value, "v", 0, 1, 0.5);
}

static void read_route(struct json_fields *in, const json_t *object, struct press_setting *press)
{
    const json_t *array = json_fields_enter(in, object, "route");
    size_t n = json_fields_count(in, array, SUBJECT_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        read_route_entry(in, json_fields_enter_index(in, array, i), &press->route[i]);
        json_fields_leave(in);
    }
    if (!n)
        json_fields_refuse(in, NULL, "is missing or empty; name at least one zone to press");
    press->n_route = (int)n;
    json_fields_leave(in);
}

static void read_press_sides(struct json_fields *in, const json_t *object,
                             struct press_setting *press)
{
    int both = json_fields_choice(in, object, "sides", side_words, SIDE_UNKNOWN);
    if (both == SIDE_UNKNOWN)
        return;
    press->n_sides = 1;
    press->sides[0] = (enum side)both;
}

static void read_stop(struct json_fields *in, const json_t *object, struct press_setting *press)
{
    json_fields_only(in, object, KEYS("side", "after", "why"));
    press->stop_side = read_side(in, object);
    press->stop_after = (int)json_fields_integer(in, object, "after", 1, 1000, 1);
    json_fields_text(in, object, "why", press->stop_why, sizeof press->stop_why);
}

static void read_press_plan(struct json_fields *in, const json_t *object,
                            struct press_setting *press)
{
    press->heel_cup = json_fields_bool(in, object, "heel_cup", press->heel_cup);
    /* A heel in its cup lies within about 1 mm; a foot placed by eye within a few. */
    press->error_mm =
        json_fields_number(in, object, "error_mm", 0, 30, press->heel_cup ? 1.0 : 5.0);
    press->error_deg =
        json_fields_number(in, object, "error_deg", 0, 20, press->heel_cup ? 0.5 : 3.0);
    press->seat_s = json_fields_number(in, object, "seat_s", 0, 60, 0);
    press->ramp_kpa_s = json_fields_number(in, object, "ramp_kpa_s", 5, 500, press->ramp_kpa_s);
    press->ramp_wobble = json_fields_number(in, object, "ramp_wobble", 0, 0.8, press->ramp_wobble);
    press->passes = (int)json_fields_integer(in, object, "passes", 1, 2, press->passes);
    press->rest_s = json_fields_number(in, object, "rest_s", 0.6, 60, press->rest_s);
    press->catch_s = json_fields_number(in, object, "catch_s", 1, 30, press->catch_s);
    press->heel_rest_n = json_fields_number(in, object, "heel_rest_n", 0, 60, press->heel_rest_n);
    press->catch_trials =
        (int)json_fields_integer(in, object, "catch_trials", 0, 32, press->catch_trials);
}

static void read_press(struct json_fields *in, const json_t *object, struct press_setting *press)
{
    json_fields_only(in, object,
                     KEYS("tool", "heel_cup", "error_mm", "error_deg", "seat_s", "ramp_kpa_s",
                          "ramp_wobble", "ceiling_kpa", "route", "sides", "passes", "rest_s",
                          "catch_s", "heel_rest_n", "catch_trials", "stop"));
    press->present = 1;
    const json_t *tool = json_fields_enter(in, object, "tool");
    if (tool)
        read_tool(in, tool, &press->tool);
    json_fields_leave(in);
    read_press_plan(in, object, press);
    read_class_numbers(in, object, "ceiling_kpa", 20, 1000, press->ceiling_kpa);
    read_route(in, object, press);
    read_press_sides(in, object, press);
    const json_t *stop = json_fields_enter(in, object, "stop");
    if (stop)
        read_stop(in, stop, press);
    json_fields_leave(in);
}

static void read_excluded(struct json_fields *in, const json_t *root,
                          struct protocol_setting *protocol)
{
    const json_t *array = json_fields_enter(in, root, "excluded");
    size_t n = json_fields_count(in, array, SUBJECT_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *object = json_fields_enter_index(in, array, i);
        struct exclusion *one = &protocol->excluded[i];
        json_fields_only(in, object, KEYS("zone", "side", "why"));
        read_zone(in, object, &one->where);
        if (one->where.kind == PLACE_CLASS)
            json_fields_refuse(in, "zone", "zones are excluded one by one; give a zone id");
        one->side = read_side(in, object);
        json_fields_text(in, object, "why", one->why, sizeof one->why);
        json_fields_leave(in);
    }
    protocol->n_excluded = (int)n;
    json_fields_leave(in);
}

static void read_protocol(struct json_fields *in, const json_t *object,
                          struct protocol_setting *protocol)
{
    json_fields_only(in, object,
                     KEYS("empty_s", "step_on_s", "stand_s", "end_s", "idle_s", "tell_sides",
                          "tell_length", "press", "excluded"));
    protocol->empty_s = json_fields_number(in, object, "empty_s", 1, 60, protocol->empty_s);
    protocol->step_on_s = json_fields_number(in, object, "step_on_s", 0.1, 5, protocol->step_on_s);
    protocol->stand_s = json_fields_number(in, object, "stand_s", 0, 600, protocol->stand_s);
    protocol->end_s = json_fields_number(in, object, "end_s", 0.1, 60, protocol->end_s);
    protocol->idle_s = json_fields_number(in, object, "idle_s", 1, 3600, protocol->idle_s);
    protocol->tell_sides = json_fields_bool(in, object, "tell_sides", protocol->tell_sides);
    protocol->tell_length = json_fields_bool(in, object, "tell_length", protocol->tell_length);
    const json_t *press = json_fields_enter(in, object, "press");
    if (press)
        read_press(in, press, &protocol->press);
    json_fields_leave(in);
    read_excluded(in, object, protocol);
}

/* --- Plate ---------------------------------------------------------------------------------- */

static void read_dead(struct json_fields *in, const json_t *object, struct plate_setting *plate)
{
    const json_t *array = json_fields_enter(in, object, "dead_cells");
    size_t n = json_fields_count(in, array, SUBJECT_DEAD_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *cell = json_fields_enter_index(in, array, i);
        json_fields_only(in, cell, KEYS("row", "col"));
        plate->dead[i].row = (int)json_fields_integer(in, cell, "row", 0, plate->rows - 1, 0);
        plate->dead[i].col = (int)json_fields_integer(in, cell, "col", 0, plate->cols - 1, 0);
        json_fields_leave(in);
    }
    plate->n_dead = (int)n;
    json_fields_leave(in);
    plate->random_dead =
        (int)json_fields_integer(in, object, "random_dead", 0, plate->rows * plate->cols / 10, 0);
}

static void read_geometry(struct json_fields *in, const json_t *object, struct plate_setting *plate)
{
    plate->rows = (int)json_fields_integer(in, object, "rows", 4, 256, plate->rows);
    plate->cols = (int)json_fields_integer(in, object, "cols", 4, 256, plate->cols);
    plate->pitch_x_mm = json_fields_number(in, object, "pitch_x_mm", 0.5, 50, plate->pitch_x_mm);
    plate->pitch_y_mm = json_fields_number(in, object, "pitch_y_mm", 0.5, 50, plate->pitch_y_mm);
    plate->bits = (int)json_fields_integer(in, object, "bits", 8, 16, plate->bits);
    plate->rate_hz =
        (double)json_fields_integer(in, object, "rate_hz", 10, 500, (long)plate->rate_hz);
    plate->full_scale_kpa = (double)json_fields_integer(in, object, "full_scale_kpa", 10, 10000,
                                                        (long)plate->full_scale_kpa);
    json_fields_text(in, object, "serial", plate->serial, sizeof plate->serial);
    if (!in->failed && !plate->serial[0])
        json_fields_refuse(in, "serial", "must not be empty");
}

static void read_defects(struct json_fields *in, const json_t *object, struct plate_setting *plate)
{
    plate->noise_counts =
        json_fields_number(in, object, "noise_counts", 0, 50, plate->noise_counts);
    plate->offset_counts =
        json_fields_number(in, object, "offset_counts", 0, 100, plate->offset_counts);
    plate->offset_spread_counts =
        json_fields_number(in, object, "offset_spread_counts", 0, 50, plate->offset_spread_counts);
    plate->gain_spread = json_fields_number(in, object, "gain_spread", 0, 0.3, plate->gain_spread);
    plate->creep_percent_per_decade = json_fields_number(in, object, "creep_percent_per_decade", 0,
                                                         20, plate->creep_percent_per_decade);
    plate->hysteresis_percent =
        json_fields_number(in, object, "hysteresis_percent", 0, 20, plate->hysteresis_percent);
    plate->crosstalk = json_fields_number(in, object, "crosstalk", 0, 0.1, plate->crosstalk);
    plate->curve_exponent =
        json_fields_number(in, object, "curve_exponent", 0.5, 2, plate->curve_exponent);
    plate->calibration_residual =
        json_fields_number(in, object, "calibration_residual", 0, 0.2, plate->calibration_residual);
}

/* "ideal": true is a plate without any defect, from which single ones can be switched on. */
static void make_ideal(struct plate_setting *plate)
{
    plate->noise_counts = plate->offset_counts = plate->offset_spread_counts = 0;
    plate->gain_spread = plate->creep_percent_per_decade = plate->hysteresis_percent = 0;
    plate->crosstalk = plate->calibration_residual = 0;
}

static void read_plate(struct json_fields *in, const json_t *root, struct plate_setting *plate)
{
    const json_t *object = json_fields_enter(in, root, "plate");
    if (object) {
        json_fields_only(in, object,
                         KEYS("rows", "cols", "pitch_x_mm", "pitch_y_mm", "bits", "rate_hz",
                              "full_scale_kpa", "serial", "ideal", "noise_counts", "offset_counts",
                              "offset_spread_counts", "gain_spread", "creep_percent_per_decade",
                              "hysteresis_percent", "crosstalk", "curve_exponent",
                              "calibration_residual", "dead_cells", "random_dead"));
        if (json_fields_bool(in, object, "ideal", 0))
            make_ideal(plate);
        read_geometry(in, object, plate);
        read_defects(in, object, plate);
        read_dead(in, object, plate);
    }
    json_fields_leave(in);
}

/* --- The file ------------------------------------------------------------------------------- */

static void read_event(struct json_fields *in, const json_t *object, struct stand_event *event)
{
    json_fields_only(in, object,
                     KEYS("at_s", "over_s", "left_share", "side", "dx_mm", "dy_mm", "turn_deg"));
    event->at_s = json_fields_number(in, object, "at_s", 0, 600, 0);
    event->over_s = json_fields_number(in, object, "over_s", 0.1, 10, 0.6);
    event->left_share = json_fields_number(in, object, "left_share", 0.02, 0.98, NAN);
    event->side = read_side(in, object);
    event->dx_mm = json_fields_number(in, object, "dx_mm", -500, 500, 0);
    event->dy_mm = json_fields_number(in, object, "dy_mm", -500, 500, 0);
    event->turn_deg = json_fields_number(in, object, "turn_deg", -90, 90, 0);
    if (!in->failed && isnan(event->left_share) == (event->side == SIDE_UNKNOWN))
        json_fields_refuse(in, NULL,
                           "give left_share (weight is moved), or the side of the foot that moves");
}

static void read_events(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const json_t *array = json_fields_enter(in, root, "events");
    size_t n = json_fields_count(in, array, SUBJECT_EVENTS_MAX);
    for (size_t i = 0; i < n; i++) {
        struct stand_event *event = &subject->events[i];
        read_event(in, json_fields_enter_index(in, array, i), event);
        if (!in->failed && i && event->at_s < event[-1].at_s + event[-1].over_s + 0.6)
            json_fields_refuse(in, "at_s", "must be 0.6 s after the end of the event before it");
        json_fields_leave(in);
    }
    subject->n_events = (int)n;
    json_fields_leave(in);
}

static void read_thing(struct json_fields *in, const json_t *object, const struct subject *subject,
                       struct thing *thing)
{
    const struct plate_setting *plate = &subject->plate;
    static const double sizes[] = {180, 350, 300, 60}, newtons[] = {40, 60, 80, 50};
    json_fields_only(
        in, object,
        KEYS("kind", "x_mm", "y_mm", "angle_deg", "size_mm", "newton", "from_s", "to_s"));
    thing->kind = (enum thing_kind)json_fields_choice(in, object, "kind",
                                                      KEYS("hand", "bag", "box", "paw"), 0);
    thing->at.x_mm =
        json_fields_number(in, object, "x_mm", -500, 13000, plate->cols * plate->pitch_x_mm / 2);
    thing->at.y_mm =
        json_fields_number(in, object, "y_mm", -500, 13000, plate->rows * plate->pitch_y_mm / 2);
    thing->angle_deg = json_fields_number(in, object, "angle_deg", -180, 180, 0);
    thing->size_mm = json_fields_number(in, object, "size_mm", 20, 800, sizes[thing->kind]);
    thing->newton = json_fields_number(in, object, "newton", 0.1, 2000, newtons[thing->kind]);
    thing->from_s = json_fields_number(in, object, "from_s", 0, 3600, -1);
    thing->to_s = json_fields_number(in, object, "to_s", 0, 3600, INFINITY);
}

static void read_things(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const json_t *array = json_fields_enter(in, root, "objects");
    size_t n = json_fields_count(in, array, SUBJECT_THINGS_MAX);
    for (size_t i = 0; i < n; i++) {
        read_thing(in, json_fields_enter_index(in, array, i), subject, &subject->things[i]);
        json_fields_leave(in);
    }
    subject->n_things = (int)n;
    json_fields_leave(in);
}

/* Where nothing else is said, things come when the bare plate's time is over. */
static void place_things_in_time(struct subject *subject)
{
    for (int i = 0; i < subject->n_things; i++)
        if (subject->things[i].from_s < 0)
            subject->things[i].from_s = subject->protocol.empty_s;
}

static void read_load(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const json_t *object = json_fields_enter(in, root, "load");
    if (object) {
        json_fields_only(in, object, KEYS("left_share", "fore_share", "events"));
        subject->left_share =
            json_fields_number(in, object, "left_share", 0.02, 0.98, subject->left_share);
        subject->fore_share =
            json_fields_number(in, object, "fore_share", 0.05, 0.95, subject->fore_share);
        read_events(in, object, subject);
    }
    json_fields_leave(in);
}

/* What is checked across members. */
static void check_whole(struct json_fields *in, const struct subject *subject)
{
    const struct protocol_setting *protocol = &subject->protocol;
    if (subject->n_feet == 0 && protocol->press.present)
        json_fields_refuse(in, "protocol.press", "a press test needs feet");
    for (int i = 0; i < protocol->press.n_sides && protocol->press.present; i++) {
        int found = 0;
        for (int f = 0; f < subject->n_feet; f++)
            found |= subject->feet[f].side == protocol->press.sides[i];
        if (!found)
            json_fields_refuse(in, "protocol.press.sides",
                               "the %s foot is to be pressed but is not in $.feet",
                               subject_side_name(protocol->press.sides[i]));
    }
}

static void read_root(struct json_fields *in, const json_t *root, struct subject *subject)
{
    const char *said = json_string_value(json_object_get(root, "schema"));
    if (said && !strcmp(said, "tenderfoot/bench/1"))
        json_fields_refuse(in, NULL,
                           "a virtual bench, and no person: virtual:FILE#STAGE plays one of its "
                           "stages (empty, bladder, ..., stand; samples/SCHEMA.md)");
    else if (said && strcmp(said, "tenderfoot/subject/1"))
        json_fields_refuse(in, "schema", "must be \"tenderfoot/subject/1\", not '%.40s'", said);
    json_fields_only(in, root,
                     KEYS("schema", "person", "feet", "load", "objects", "guarding", "thresholds",
                          "answers", "protocol", "plate"));
    char schema[40] = "";
    json_fields_text(in, root, "schema", schema, sizeof schema);
    if (strcmp(schema, "tenderfoot/subject/1"))
        json_fields_refuse(in, "schema", "must be \"tenderfoot/subject/1\"");
    read_plate(in, root, &subject->plate);
    const json_t *object = json_fields_enter(in, root, "person");
    if (object)
        read_person(in, object, &subject->person);
    json_fields_leave(in);
    read_feet(in, root, subject);
    read_load(in, root, subject);
    read_things(in, root, subject);
    read_guarding(in, root, subject);
    object = json_fields_enter(in, root, "thresholds");
    if (object)
        read_thresholds(in, object, &subject->thresholds);
    json_fields_leave(in);
    object = json_fields_enter(in, root, "answers");
    if (object)
        read_answers(in, object, &subject->answers);
    json_fields_leave(in);
    object = json_fields_enter(in, root, "protocol");
    if (object)
        read_protocol(in, object, &subject->protocol);
    json_fields_leave(in);
    place_things_in_time(subject);
    check_whole(in, subject);
}

int subject_parse(const void *bytes, size_t n, const char *name, struct subject *subject,
                  struct problem *why)
{
    if (n > SUBJECT_BYTES_MAX)
        return problem(why, PROBLEM_REFUSED, "%s: %zu bytes; a subject has at most %d", name, n,
                       SUBJECT_BYTES_MAX);
    json_error_t error;
    json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!root && (!error.text[0] || json_error_code(&error) == json_error_out_of_memory))
        return problem_no_memory(why, "a subject");
    if (!root)
        return problem(why, PROBLEM_REFUSED, "%s: line %d, column %d: not JSON: %s", name,
                       error.line, error.column, error.text);
    memset(subject, 0, sizeof *subject);
    subject->left_share = 0.5;
    subject->fore_share = 0.42;
    default_person(&subject->person);
    default_plate(&subject->plate);
    default_test(subject);
    struct json_fields in;
    json_fields_begin(&in, name, why);
    read_root(&in, root, subject);
    json_decref(root);
    return in.failed ? -1 : 0;
}

/* Opened without waiting: a FIFO has nobody at its other end to wait for, and is no subject. */
static FILE *open_regular(const char *path, struct problem *why)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fd, &facts) || !S_ISREG(facts.st_mode)) {
        problem(why, PROBLEM_REFUSED, "%s is not a regular file", path);
        close(fd);
        return NULL;
    }
    FILE *file = fdopen(fd, "rb");
    if (!file) {
        problem_no_memory(why, "a subject");
        close(fd);
    }
    return file;
}

int subject_load(const char *path, struct subject *subject, struct problem *why)
{
    FILE *file = open_regular(path, why);
    if (!file)
        return -1;
    int result = -1;
    char *bytes = malloc(SUBJECT_BYTES_MAX + 1);
    if (!bytes) {
        problem_no_memory(why, "a subject");
        goto out;
    }
    size_t n = fread(bytes, 1, SUBJECT_BYTES_MAX + 1, file);
    if (ferror(file)) {
        problem(why, PROBLEM_FAILED, "%s: cannot be read: %s", path, strerror(errno));
        goto out;
    }
    result = subject_parse(bytes, n, path, subject, why);
out:
    free(bytes);
    fclose(file);
    return result;
}
