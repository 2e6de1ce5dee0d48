/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/cohort_people.h"
#include "samples/dice.h"
#include "samples/foot_picture.h"
#include "samples/sole.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PLATE_MM 480.0
#define TURN_MAX_DEG 45.0
#define RIM_MM 8.0 /* feet that are to be whole keep so far from the plate's rim */

static const char *const pose_names[] = {"usual", "turned", "splayed", "close", "edge", "one foot"};
static const char *const trait_names[] = {"child",       "high arch", "flat",     "toes in the air",
                                          "toe missing", "swollen",   "amputated"};

const char *cohort_pose_name(enum cohort_pose pose)
{
    return pose_names[pose];
}

const char *cohort_trait_name(int bit)
{
    return trait_names[bit];
}

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

static int chance(struct dice *dice, double share)
{
    return dice_uniform(dice) < share;
}

static double clipped_normal(struct dice *dice, double sd, double most)
{
    return fmin(most, fmax(-most, dice_normal(dice, sd)));
}

/* --- Feet ----------------------------------------------------------------------------------- */

/* Metatarsal heads scatter by some mm along the foot (reflexology.md X6). */
static struct foot_build draw_build(struct dice *dice)
{
    return (struct foot_build){.heel_front_u = clipped_normal(dice, 0.012, 0.03),
                               .bulge_u = clipped_normal(dice, 0.012, 0.03),
                               .ball_u = clipped_normal(dice, 0.010, 0.025),
                               .ball_tilt_u = clipped_normal(dice, 0.010, 0.025),
                               .toes_u = clipped_normal(dice, 0.008, 0.02),
                               .heads_v = clipped_normal(dice, 0.010, 0.025),
                               .heads_apart_v = clipped_normal(dice, 0.008, 0.02)};
}

/* Two feet of one person are alike: the second is the first with a little of its own. */
static struct foot_build alike(const struct foot_build *first, struct dice *dice)
{
    struct foot_build other = draw_build(dice), build = *first;
    build.heel_front_u = 0.8 * first->heel_front_u + 0.4 * other.heel_front_u;
    build.bulge_u = 0.8 * first->bulge_u + 0.4 * other.bulge_u;
    build.ball_u = 0.8 * first->ball_u + 0.4 * other.ball_u;
    build.ball_tilt_u = 0.8 * first->ball_tilt_u + 0.4 * other.ball_tilt_u;
    build.toes_u = 0.8 * first->toes_u + 0.4 * other.toes_u;
    build.heads_v = 0.8 * first->heads_v + 0.4 * other.heads_v;
    build.heads_apart_v = 0.8 * first->heads_apart_v + 0.4 * other.heads_apart_v;
    return build;
}

static double draw_arch(struct dice *dice)
{
    double kind = dice_uniform(dice);
    if (kind < 0.12)
        return between(dice, 0, 0.12);
    return kind < 0.24 ? between(dice, 0.85, 1) : between(dice, 0.12, 0.85);
}

static void spoil_foot(struct subject_foot *foot, struct dice *dice)
{
    double kind = dice_uniform(dice);
    if (kind < 0.02) {
        foot->build.cut_u = between(dice, 0.62, 0.85);
    } else if (kind < 0.05) {
        foot->build.swollen = between(dice, 0.4, 1);
        foot->width_scale *= between(dice, 1.05, 1.15);
        foot->arch *= 0.5;
    } else if (kind < 0.10) {
        foot->build.missing_toes = 1u << (int)(5 * dice_uniform(dice));
    } else if (kind < 0.18) {
        foot->toe_contact = 0;
    }
}

static unsigned traits_of(const struct subject_foot *foot, double age)
{
    return (age < 16 ? COHORT_CHILD : 0u) | (foot->arch >= 0.85 ? COHORT_HIGH_ARCH : 0u) |
           (foot->arch <= 0.12 ? COHORT_FLAT : 0u) |
           (foot->toe_contact <= 0 ? COHORT_NO_TOES : 0u) |
           (foot->build.missing_toes ? COHORT_TOE_MISSING : 0u) |
           (foot->build.swollen > 0 ? COHORT_SWOLLEN : 0u) |
           (foot->build.cut_u > 0 ? COHORT_AMPUTATED : 0u);
}

/* Length, width, arch, toes and build of both feet; no place yet. */
static void draw_feet(struct cohort_person *person, int wants_press, struct dice *dice)
{
    struct subject *subject = &person->subject;
    int child = !wants_press && chance(dice, 0.15);
    double length =
        child ? between(dice, 150, 225) : fmin(330, fmax(205, 252 + dice_normal(dice, 22)));
    if (!child && chance(dice, 0.06))
        length = between(dice, 300, 330);
    double width = fmin(1.2, fmax(0.82, 1 + dice_normal(dice, 0.06)));
    double arch = draw_arch(dice), toes = between(dice, 0.5, 1.6);
    struct foot_build build = draw_build(dice);
    subject->person.age_years = child ? 4 + (length - 150) / 8 : between(dice, 18, 85);
    subject->person.body_mass_kg = 75 * pow(length / 255, 2.7) * dice_lognormal(dice, 0.15);
    for (int i = 0; i < 2; i++) {
        struct subject_foot *foot = &subject->feet[i];
        *foot = (struct subject_foot){
            .side = i ? SIDE_RIGHT : SIDE_LEFT,
            .length_mm = fmin(330, fmax(150, length * between(dice, 0.985, 1.015))),
            .width_scale = width * between(dice, 0.98, 1.02),
            .arch = fmin(1, fmax(0, arch + dice_normal(dice, 0.05))),
            .toe_contact = fmin(2, toes * between(dice, 0.8, 1.25)),
            .build = i ? alike(&build, dice) : build};
        spoil_foot(foot, dice);
        person->traits[i] = traits_of(foot, subject->person.age_years);
    }
}

/* --- Places --------------------------------------------------------------------------------- */

#define RIM_POINTS 96

/* The rim of the contact in the foot frame: the outermost loaded places across, at each u. */
struct rim {
    struct uv at[RIM_POINTS];
    int n;
};

static struct rim contact_rim(const struct subject_foot *foot)
{
    struct rim rim = {.n = 0};
    struct sole sole;
    sole_make(&sole, foot);
    for (double u = 0.01; u < 1 && rim.n + 2 <= RIM_POINTS; u += 0.022) {
        double low = NAN, high = NAN;
        for (double v = -0.04; v <= 1.04 && isnan(low); v += 0.02)
            low = sole_pressure(&sole, (struct uv){u, v}) > 0 ? v : NAN;
        for (double v = 1.04; !isnan(low) && isnan(high); v -= 0.02)
            high = v <= low || sole_pressure(&sole, (struct uv){u, v}) > 0 ? v : NAN;
        if (isnan(low))
            continue;
        rim.at[rim.n++] = (struct uv){u, low};
        rim.at[rim.n++] = (struct uv){u, high};
    }
    return rim;
}

static void place_rim(const struct subject_foot *foot, const struct rim *rim, struct point *out)
{
    struct foot_frame frame = foot_picture_frame(foot, foot->heel, foot->angle_deg);
    for (int i = 0; i < rim->n; i++)
        out[i] = foot_frame_to_plate(&frame, rim->at[i]);
}

static double gap_of(const struct subject_foot *a, const struct rim *rim_a,
                     const struct subject_foot *b, const struct rim *rim_b)
{
    struct point at_a[RIM_POINTS], at_b[RIM_POINTS];
    double gap = INFINITY;
    place_rim(a, rim_a, at_a);
    place_rim(b, rim_b, at_b);
    for (int i = 0; i < rim_a->n; i++)
        for (int j = 0; j < rim_b->n; j++)
            gap = fmin(gap, hypot(at_a[i].x_mm - at_b[j].x_mm, at_a[i].y_mm - at_b[j].y_mm));
    return gap;
}

double cohort_gap_mm(const struct subject_foot *a, const struct subject_foot *b)
{
    struct rim rim_a = contact_rim(a), rim_b = contact_rim(b);
    return gap_of(a, &rim_a, b, &rim_b);
}

static void shift(struct subject_foot *foot, double dx, double dy)
{
    foot->heel.x_mm += dx;
    foot->heel.y_mm += dy;
}

/* Puts the second foot so far to the first one's right, along the direction across the person
 * (turn), that their contacts are `gap` apart: outside in from where they cannot touch. */
static void part_feet(struct subject *subject, const struct rim rims[2], double gap,
                      double turn_deg, double stagger)
{
    double c = cos(turn_deg * M_PI / 180), s = sin(turn_deg * M_PI / 180), far = 400;
    struct subject_foot *left = &subject->feet[0], *right = &subject->feet[1];
    left->heel = (struct point){0, 0};
    for (int i = 0; i < 12; i++) {
        right->heel = (struct point){far * c + stagger * s, -far * s + stagger * c};
        far -= fmax(0, gap_of(left, &rims[0], right, &rims[1]) - gap);
    }
    right->heel = (struct point){far * c + stagger * s, -far * s + stagger * c};
}

struct extent {
    double x0, y0, x1, y1;
};

static struct extent extent_of(const struct subject *subject, const struct rim rims[2])
{
    int n = subject->n_feet;
    struct extent e = {1e9, 1e9, -1e9, -1e9};
    for (int i = 0; i < n; i++) {
        struct point rim[RIM_POINTS];
        place_rim(&subject->feet[i], &rims[i], rim);
        for (int k = 0; k < rims[i].n; k++) {
            e.x0 = fmin(e.x0, rim[k].x_mm);
            e.y0 = fmin(e.y0, rim[k].y_mm);
            e.x1 = fmax(e.x1, rim[k].x_mm);
            e.y1 = fmax(e.y1, rim[k].y_mm);
        }
    }
    return e;
}

static void shift_all(struct subject *subject, double dx, double dy)
{
    for (int i = 0; i < subject->n_feet; i++)
        shift(&subject->feet[i], dx, dy);
}

/* Anywhere on the plate where the feet are whole; 0 when they do not fit. */
static int put_on_plate(struct subject *subject, const struct rim rims[2], struct dice *dice)
{
    struct extent e = extent_of(subject, rims);
    double room_x = PLATE_MM - 2 * RIM_MM - (e.x1 - e.x0);
    double room_y = PLATE_MM - 2 * RIM_MM - (e.y1 - e.y0);
    double tx = dice_uniform(dice), ty = dice_uniform(dice);
    shift_all(subject, RIM_MM - e.x0 + fmax(0, room_x) * tx, RIM_MM - e.y0 + fmax(0, room_y) * ty);
    return room_x >= 0 && room_y >= 0;
}

/* Moves both feet so that the outer one hangs over the rim. */
static void over_the_edge(struct subject *subject, const struct rim rims[2], struct dice *dice)
{
    struct extent e = extent_of(subject, rims);
    double over = between(dice, 15, 60);
    switch ((int)(4 * dice_uniform(dice))) {
    case 0:
        shift_all(subject, -e.x0 - over * 0.7, 0);
        break;
    case 1:
        shift_all(subject, PLATE_MM - e.x1 + over * 0.7, 0);
        break;
    case 2:
        shift_all(subject, 0, -e.y0 - over);
        break;
    default:
        shift_all(subject, 0, PLATE_MM - e.y1 + over);
    }
}

static enum cohort_pose draw_pose(int wants_press, struct dice *dice)
{
    double kind = dice_uniform(dice);
    if (wants_press)
        return kind < 0.6 ? COHORT_USUAL : kind < 0.8 ? COHORT_TURNED : COHORT_SPLAYED;
    return kind < 0.36   ? COHORT_USUAL
           : kind < 0.52 ? COHORT_TURNED
           : kind < 0.66 ? COHORT_SPLAYED
           : kind < 0.80 ? COHORT_CLOSE
           : kind < 0.88 ? COHORT_EDGE
                         : COHORT_ONE_FOOT;
}

static double within_turn(double deg)
{
    return fmin(TURN_MAX_DEG, fmax(-TURN_MAX_DEG, deg));
}

static void draw_stand(struct cohort_person *person, struct rim rims[2], struct dice *dice)
{
    struct subject *subject = &person->subject;
    enum cohort_pose pose = person->pose;
    double turn = pose == COHORT_TURNED || pose == COHORT_ONE_FOOT
                      ? between(dice, -TURN_MAX_DEG, TURN_MAX_DEG)
                      : clipped_normal(dice, 5, 15);
    for (int i = 0; i < 2; i++) {
        double out = (i ? 1 : -1) * (7 + dice_normal(dice, 5));
        subject->feet[i].angle_deg = pose == COHORT_SPLAYED
                                         ? between(dice, -TURN_MAX_DEG, TURN_MAX_DEG)
                                         : within_turn(turn + out);
    }
    if (pose == COHORT_ONE_FOOT) {
        int keep = chance(dice, 0.5);
        subject->feet[0] = subject->feet[keep];
        person->traits[0] = person->traits[keep];
        rims[0] = rims[keep];
        subject->n_feet = 1;
        subject->feet[0].angle_deg = turn;
        subject->feet[0].heel = (struct point){0, 0};
    } else {
        double gap = pose == COHORT_CLOSE ? between(dice, 2, 8) : between(dice, 15, 110);
        subject->n_feet = 2;
        part_feet(subject, rims, gap, pose == COHORT_TURNED ? turn : 0,
                  clipped_normal(dice, 15, 50));
    }
}

/* Two feet of 330 mm side by side may find no room: then they stand closer, at last straight. */
static void draw_place(struct cohort_person *person, struct dice *dice)
{
    const struct rim feet[2] = {contact_rim(&person->subject.feet[0]),
                                contact_rim(&person->subject.feet[1])};
    struct rim rims[2] = {feet[0], feet[1]};
    for (int tries = 0; tries < 40; tries++) {
        struct cohort_person standing = *person;
        rims[0] = feet[0];
        rims[1] = feet[1];
        draw_stand(&standing, rims, dice);
        if (put_on_plate(&standing.subject, rims, dice) || tries == 39) {
            *person = standing;
            break;
        }
        if (tries == 20 && person->pose != COHORT_CLOSE)
            person->pose = COHORT_USUAL;
    }
    if (person->pose == COHORT_EDGE)
        over_the_edge(&person->subject, rims, dice);
}

/* --- Plate ---------------------------------------------------------------------------------- */

static void draw_plate(struct cohort_person *person, const struct cohort_setting *setting,
                       struct dice *dice)
{
    struct plate_setting *plate = &person->subject.plate;
    int coarse = chance(dice, 0.15);
    person->cell_mm = coarse ? 8 : 5;
    *plate = (struct plate_setting){.rows = coarse ? 60 : 96,
                                    .cols = coarse ? 60 : 96,
                                    .bits = 12,
                                    .pitch_x_mm = person->cell_mm,
                                    .pitch_y_mm = person->cell_mm,
                                    .rate_hz = 100,
                                    .full_scale_kpa = 600,
                                    .noise_counts = between(dice, 0.8, 2.5),
                                    .offset_counts = 20,
                                    .offset_spread_counts = 4,
                                    .gain_spread = between(dice, 0.02, 0.06),
                                    .creep_percent_per_decade = between(dice, 0.3, 2),
                                    .hysteresis_percent = between(dice, 0.5, 5),
                                    .crosstalk = between(dice, 0.001, 0.008),
                                    .curve_exponent = chance(dice, 0.8) ? 1 : between(dice, 1, 1.4),
                                    .calibration_residual = between(dice, 0.005, 0.03),
                                    .random_dead = (int)between(dice, 0, coarse ? 12 : 30)};
    snprintf(plate->serial, sizeof plate->serial, "C%08x-%d",
             (unsigned)(setting->seed ^ setting->seed >> 32), person->index);
}

/* --- How they feel and answer --------------------------------------------------------------- */

/* Medians at a tip of 1 cm2 (arch lowest, heel highest: reflexology.md X3, X4), so that most
 * people's thresholds lie under the default ceilings and some people's above. */
static const double base_median_kpa[SUBJECT_CLASSES] = {225, 280, 195, 370};

static void draw_feeling(struct cohort_person *person, const struct cohort_setting *setting,
                         struct dice *dice)
{
    struct threshold_setting *thresholds = &person->subject.thresholds;
    double of_person = dice_lognormal(dice, 0.22);
    person->is_sensitised = chance(dice, 0.08);
    *thresholds = (struct threshold_setting){.spread = 0.08,
                                             .side_spread = setting->side_sd,
                                             .side_bias = dice_normal(dice, 0.03),
                                             .scale = person->is_sensitised ? 0.6 : 1};
    thresholds->pattern = (uint64_t)(1000000 * dice_uniform(dice));
    for (int i = 0; i < SUBJECT_CLASSES; i++)
        thresholds->base_kpa[i] = base_median_kpa[i] * of_person * dice_lognormal(dice, 0.08);
    if (thresholds->base_kpa[CLASS_ARCH] > thresholds->base_kpa[CLASS_TOE])
        thresholds->base_kpa[CLASS_ARCH] = 0.95 * thresholds->base_kpa[CLASS_TOE];
}

static void draw_answers(struct cohort_person *person, struct dice *dice)
{
    struct answer_setting *answers = &person->subject.answers;
    *answers = (struct answer_setting){.reaction_median_ms = 260 * dice_lognormal(dice, 0.2),
                                       .reaction_sd_ms = between(dice, 30, 80),
                                       .miss_rate = 0.04 * dice_uniform(dice),
                                       .false_rate = 0.01 * dice_uniform(dice),
                                       .late_rate = 0.03 * dice_uniform(dice),
                                       .late_s = between(dice, 0.4, 1.2),
                                       .drift_per_100 = dice_normal(dice, 0.05),
                                       .test_retest = fmin(0.3, 0.20 * dice_lognormal(dice, 0.15))};
    person->is_unreliable = chance(dice, 0.08);
    if (person->is_unreliable) {
        /* Either presses without being asked, or at any time whatever the pressure is. */
        if (chance(dice, 0.6))
            answers->false_rate = between(dice, 0.4, 0.9);
        else
            answers->random_rate = between(dice, 0.7, 1);
        answers->miss_rate = between(dice, 0.02, 0.15);
    }
}

/* Zones that a press reaches, one for each place of the sole; by region class. */
static const char *const plantable[] = {"P01", "P02", "P07", "P08", "P09", "P10", "P11", "P12",
                                        "P13", "P14", "P15", "P16", "P19", "P23", "P21", "P04.4"};
#define PLANTABLE ((int)(sizeof plantable / sizeof plantable[0]))

static int is_taken(const struct threshold_setting *thresholds, const char *zone)
{
    for (int i = 0; i < thresholds->n_planted; i++)
        if (!strcmp(thresholds->planted[i].where.zone, zone))
            return 1;
    return 0;
}

static void plant(struct threshold_setting *thresholds, double factor, enum side side,
                  struct dice *dice)
{
    const char *zone;
    do {
        zone = plantable[(int)(PLANTABLE * dice_uniform(dice))];
    } while (is_taken(thresholds, zone));
    struct planted *one = &thresholds->planted[thresholds->n_planted++];
    *one = (struct planted){.where.kind = PLACE_ZONE, .side = side, .factor = factor, .kpa = NAN};
    snprintf(one->where.zone, sizeof one->where.zone, "%s", zone);
}

static void draw_tender(struct cohort_person *person, struct dice *dice)
{
    static const double factors[] = {0.3, 0.4, 0.5, 0.5, 0.6, 0.6, 0.7};
    struct threshold_setting *thresholds = &person->subject.thresholds;
    int n = 1 + (int)(4 * dice_uniform(dice));
    for (int i = 0; i < n && person->is_planted; i++) {
        double factor = factors[(int)(7 * dice_uniform(dice))];
        plant(thresholds, factor, chance(dice, 0.5) ? SIDE_LEFT : SIDE_RIGHT, dice);
    }
    /* Sore on both sides alike: no difference to find. */
    if (person->is_planted && chance(dice, 0.2))
        plant(thresholds, between(dice, 0.5, 0.7), SIDE_UNKNOWN, dice);
}

/* --- Person --------------------------------------------------------------------------------- */

static int draw_protocol(struct subject *subject, struct problem *why)
{
    static const char empty[] =
        "{\"schema\":\"tenderfoot/subject/1\",\"protocol\":{\"press\":{\"route\":[\"P07\"]}}}";
    if (subject_parse(empty, sizeof empty - 1, "cohort", subject, why))
        return -1;
    subject->protocol.stand_s = 10;
    subject->protocol.press.error_mm = 2;
    subject->protocol.press.error_deg = 1.5;
    return 0;
}

int cohort_person_draw(struct cohort_person *person, const struct cohort_setting *setting,
                       int index, int is_planted, int wants_press, struct problem *why)
{
    struct dice dice;
    char purpose[48];
    *person = (struct cohort_person){.index = index, .is_planted = is_planted};
    if (draw_protocol(&person->subject, why))
        return -1;
    snprintf(purpose, sizeof purpose, "cohort feet %d", index);
    dice_begin(&dice, setting->seed, purpose);
    snprintf(person->subject.person.label, sizeof person->subject.person.label, "cohort %d", index);
    person->subject.person.sex = chance(&dice, 0.5) ? SEX_FEMALE : SEX_MALE;
    person->length_told = chance(&dice, 0.5);
    person->subject.left_share = fmin(0.7, fmax(0.3, 0.5 + dice_normal(&dice, 0.05)));
    person->subject.fore_share = fmin(0.6, fmax(0.3, 0.43 + dice_normal(&dice, 0.05)));
    draw_plate(person, setting, &dice);
    draw_feet(person, wants_press, &dice);
    person->pose = draw_pose(wants_press, &dice);
    draw_place(person, &dice);
    snprintf(purpose, sizeof purpose, "cohort feeling %d", index);
    dice_begin(&dice, setting->seed, purpose);
    draw_feeling(person, setting, &dice);
    draw_answers(person, &dice);
    draw_tender(person, &dice);
    return 0;
}
