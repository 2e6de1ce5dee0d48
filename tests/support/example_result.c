/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/example_result.h"
#include "analysis/print/print_of_foot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *example_name(enum example which)
{
    static const char *const names[EXAMPLE_COUNT] = {
        "tender",     "nothing_tender", "no_press", "one_foot", "no_foot", "press_only",
        "unreliable", "crowded",        "unknown",  "bare",     "walk"};
    return names[which];
}

/* --- Load: a template foot as a few soft pads ------------------------------------------------- */
struct pad {
    double u, v, du, dv, kpa;
};

static const struct pad pads[] = {
    {.11, .5, .075, .26, 88},    {.19, .5, .06, .26, 40},   {.35, .82, .10, .10, 34},
    {.50, .84, .10, .09, 36},    {.69, .20, .045, .13, 61}, {.70, .42, .045, .13, 72},
    {.68, .60, .045, .12, 64},   {.63, .82, .05, .10, 42},  {.915, .22, .033, .08, 57},
    {.93, .43, .018, .04, 24},   {.92, .56, .018, .04, 19}, {.87, .685, .018, .04, 15},
    {.80, .825, .018, .045, 12},
};

static double pad_pressure_kpa(struct uv at)
{
    double sum = 0;
    for (size_t i = 0; i < sizeof pads / sizeof pads[0]; i++) {
        double u = (at.u - pads[i].u) / pads[i].du, v = (at.v - pads[i].v) / pads[i].dv;
        sum += pads[i].kpa * exp(-(u * u + v * v));
    }
    return sum < 1.7 ? 0 : sum;
}

static void paint(struct result *result, struct foot_result *foot, double scale)
{
    const struct grid *grid = &result->grid;
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            struct uv at = foot_frame_to_uv(&foot->frame, grid_centre(grid, row, col));
            double kpa = scale * pad_pressure_kpa(at);
            if (!(kpa > 0))
                continue;
            size_t i = (size_t)row * (size_t)grid->cols + (size_t)col;
            result->mean_picture[i] = (float)kpa;
            result->max_picture[i] = (float)(kpa * 1.13);
            result->pti_picture[i] = (float)(kpa * result->duration_s);
            foot->mask[i] = 1;
        }
}

static enum region_id region_of(double u)
{
    return u > .8    ? REGION_G1
           : u > .65 ? REGION_G2
           : u > .39 ? REGION_G3A
           : u > .27 ? REGION_G3B
                     : REGION_G4;
}

/* Force, area, peak and COP of one foot, and of its regions, from the painted picture. */
static void weigh(const struct result *result, struct foot_result *foot)
{
    const struct grid *grid = &result->grid;
    struct point moment = {0, 0};
    for (size_t i = 0; i < grid_cells(grid); i++) {
        double kpa = (double)result->mean_picture[i] * (double)foot->mask[i];
        struct point at = grid_centre(grid, (int)i / grid->cols, (int)i % grid->cols);
        double force_n = kpa * grid_newton_per_kpa(grid);
        double area = kpa >= result->threshold_kpa ? grid_cell_cm2(grid) : 0;
        struct region_result *region =
            &foot->regions[region_of(foot_frame_to_uv(&foot->frame, at).u)];
        foot->force_n += force_n;
        foot->area_cm2 += area;
        foot->peak_kpa = fmax(foot->peak_kpa, 1.13 * kpa);
        moment.x_mm += force_n * at.x_mm;
        moment.y_mm += force_n * at.y_mm;
        region->force_n += force_n;
        region->area_cm2 += area;
        region->peak_kpa = fmax(region->peak_kpa, 1.13 * kpa);
    }
    foot->cop = (struct point){moment.x_mm / foot->force_n, moment.y_mm / foot->force_n};
}

static void share_out(struct result *result)
{
    for (int i = 0; i < result->n_feet; i++)
        result->mean_force_n += result->feet[i].force_n;
    result->max_force_n = 1.02 * result->mean_force_n;
    for (int i = 0; i < result->n_feet; i++) {
        struct foot_result *foot = &result->feet[i];
        foot->load_percent = 100 * foot->force_n / result->mean_force_n;
        result->mean_area_cm2 += foot->area_cm2;
        result->peak_pressure_kpa = fmax(result->peak_pressure_kpa, foot->peak_kpa);
        for (int k = 0; k < REGION_COUNT; k++) {
            struct region_result *region = &foot->regions[k];
            region->load_percent = 100 * region->force_n / result->mean_force_n;
            region->mean_kpa = region->area_cm2 > 0 ? 10 * region->force_n / region->area_cm2 : NAN;
            region->pti_kpa_s = region->peak_kpa * result->duration_s;
        }
    }
}

/* --- Zones ------------------------------------------------------------------------------------ */
static int fill_zones(const struct result *result, struct foot_result *foot)
{
    foot->n_zones = atlas_count(result->atlas);
    foot->zones = calloc((size_t)foot->n_zones, sizeof *foot->zones);
    if (!foot->zones)
        return -1;
    for (int i = 0; i < foot->n_zones; i++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, i);
        foot->zones[i] = (struct zone_result){
            .zone = zone,
            .side = foot->side,
            .state = zone->is_plantar ? STATE_NOT_TESTED : STATE_OUTSIDE_PLATE,
            .contact_cm2 = zone->is_plantar ? 1.25 + 0.01 * i : NAN,
            .contact_share = zone->is_plantar ? 0.81 : NAN,
            .mean_kpa = zone->is_plantar ? 31.5 + i / 3.0 : NAN,
            .peak_kpa = zone->is_plantar ? 62.25 + i : NAN,
            .load_percent = zone->is_plantar ? 2.385 : NAN,
            .pti_kpa_s = zone->is_plantar ? 940.1 : NAN,
            .threshold_kpa = NAN,
            .threshold_low_kpa = NAN,
            .threshold_high_kpa = NAN,
            .ratio = NAN,
            .ratio_low = NAN,
            .ratio_high = NAN,
            .expected_kpa = NAN,
        };
    }
    return 0;
}

static struct zone_result *zone_of(struct result *result, enum side side, const char *id)
{
    for (int i = 0; i < result->n_feet; i++)
        for (int k = 0; k < result->feet[i].n_zones; k++)
            if (result->feet[i].side == side && !strcmp(result->feet[i].zones[k].zone->id, id))
                return &result->feet[i].zones[k];
    return NULL;
}

static void set_state(struct result *result, enum side side, const char *id, enum zone_state state)
{
    struct zone_result *zone = zone_of(result, side, id);
    if (zone)
        zone->state = state;
}

static void answer(struct result *result, enum side side, const char *id, double kpa, int answers)
{
    struct zone_result *zone = zone_of(result, side, id);
    if (!zone)
        return;
    zone->threshold_kpa = kpa;
    zone->threshold_low_kpa = answers ? kpa - 9.5 : NAN;
    zone->threshold_high_kpa = answers ? kpa + 11.25 : NAN;
    zone->repeats = 2;
    zone->answers = answers;
    zone->state = answers == 2   ? STATE_MEASURED
                  : answers == 1 ? STATE_UNCERTAIN
                                 : STATE_NO_PAIN_TO_CEILING;
    zone->uncertain = answers == 1 ? UNCERTAIN_ANSWERS_DIFFER : UNCERTAIN_NOT;
}

static int flag(struct result *result, enum side side, const char *id, enum flag_level level,
                const char *why)
{
    struct zone_result *zone = zone_of(result, side, id);
    struct flag *flags =
        realloc(result->flags, ((size_t)result->n_flags + 1) * sizeof *result->flags);
    if (!zone || !flags)
        return -1;
    result->flags = flags;
    struct flag *new = &flags[result->n_flags++];
    *new = (struct flag){.zone_id = zone->zone->id, .side = side, .level = level};
    snprintf(new->why, sizeof new->why, "%s", why);
    zone->flag = level;
    zone->evidence = calloc(1, sizeof *zone->evidence);
    if (!zone->evidence)
        return -1;
    zone->n_evidence = 1;
    snprintf(zone->evidence[0].text, sizeof zone->evidence[0].text,
             "pressure pain was reported at this place at %.0f kPa, in 2 of 2 presses (2 passes)",
             zone->threshold_kpa);
    return 0;
}

static int flag_some(struct result *result)
{
    answer(result, SIDE_LEFT, "P07", 182, 2);
    answer(result, SIDE_RIGHT, "P07", 311, 2);
    answer(result, SIDE_RIGHT, "P13", 143, 2);
    answer(result, SIDE_LEFT, "P13", 0, 0);
    answer(result, SIDE_LEFT, "P15", 205, 2);
    answer(result, SIDE_RIGHT, "P15", 212, 2);
    answer(result, SIDE_LEFT, "P10", 171, 1);
    answer(result, SIDE_LEFT, "P09", 298, 0);
    answer(result, SIDE_RIGHT, "P09", 301, 0);
    zone_of(result, SIDE_LEFT, "P13")->threshold_kpa = 249;
    zone_of(result, SIDE_RIGHT, "P13")->approximate = 1;
    return flag(result, SIDE_LEFT, "P07", FLAG_ATTENTION,
                "pressure pain in 2 of 2 presses, lower than at the same place on the other foot: "
                "182 kPa here, 311 kPa there (ratio 0.59)") ||
           flag(result, SIDE_RIGHT, "P13", FLAG_ATTENTION,
                "pressure pain in 2 of 2 presses, lower than at the same place on the other foot: "
                "143 kPa here, no pain up to 249 kPa there (ratio below 0.57)") ||
           flag(result, SIDE_LEFT, "P15", FLAG_BOTH_SIDES,
                "sensitive on both sides: pressure pain at 205 kPa left and 212 kPa right") ||
           flag(result, SIDE_RIGHT, "P15", FLAG_BOTH_SIDES,
                "sensitive on both sides: pressure pain at 205 kPa left and 212 kPa right") ||
           flag(result, SIDE_LEFT, "P10", FLAG_WATCH,
                "pressure pain in 1 of 2 presses (uncertain), lower than at the other places of "
                "this "
                "person: 171 kPa here, about 300 kPa expected (ratio 0.57)");
}

static void set_states(struct result *result)
{
    static const char *const hollow[] = {"P03", "P06", "P12", "P20", "P23"};
    for (size_t i = 0; i < sizeof hollow / sizeof hollow[0]; i++) {
        set_state(result, SIDE_LEFT, hollow[i], STATE_NO_CONTACT);
        set_state(result, SIDE_RIGHT, hollow[i], STATE_NO_CONTACT);
    }
    set_state(result, SIDE_LEFT, "P01", STATE_EXCLUDED);
    set_state(result, SIDE_RIGHT, "P01", STATE_EXCLUDED);
    set_state(result, SIDE_RIGHT, "P16", STATE_STOPPED);
    set_state(result, SIDE_RIGHT, "P17", STATE_STOPPED);
}

static int flag_all(struct result *result)
{
    for (int i = 0; i < result->feet[0].n_zones; i++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, i);
        for (int side = SIDE_LEFT; zone->is_plantar && !zone->parent && side <= SIDE_RIGHT;
             side++) {
            answer(result, (enum side)side, zone->id, 120 + i + side, 2);
            if (flag(result, (enum side)side, zone->id, FLAG_ATTENTION,
                     "pressure pain in 2 of 2 presses, lower than at other places of the ball: 120 "
                     "kPa here, median 311 kPa of 14 places (ratio 0.39)"))
                return -1;
        }
    }
    return 0;
}

static int list_untested(struct result *result)
{
    size_t most = 0;
    for (int i = 0; i < result->n_feet; i++)
        most += (size_t)result->feet[i].n_zones;
    result->not_tested = calloc(most + 1, sizeof *result->not_tested);
    for (int i = 0; result->not_tested && i < result->n_feet; i++)
        for (int k = 0; k < result->feet[i].n_zones; k++) {
            const struct zone_result *zone = &result->feet[i].zones[k];
            if (zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING)
                continue;
            struct not_tested *entry = &result->not_tested[result->n_not_tested++];
            *entry = (struct not_tested){
                .zone_id = zone->zone->id, .side = zone->side, .state = zone->state};
            snprintf(entry->why, sizeof entry->why, "no press at this place");
        }
    return result->not_tested ? 0 : -1;
}

/* --- The rest --------------------------------------------------------------------------------- */
static int fill_frames(struct result *result)
{
    struct frame_series *frames = &result->frames;
    double **columns[] = {&frames->time_s,   &frames->force_n,  &frames->cop_x_mm,
                          &frames->cop_y_mm, &frames->area_cm2, &frames->peak_kpa};
    frames->n = 300;
    for (int i = 0; i < 6; i++)
        if (!(*columns[i] = calloc(frames->n, sizeof **columns[i])))
            return -1;
    for (size_t i = 0; i < frames->n; i++) {
        double t = (double)i / result->rate_hz;
        int empty = i < 10;
        frames->time_s[i] = t;
        frames->force_n[i] = empty ? 0 : 700.1 + 3 * sin(t);
        frames->cop_x_mm[i] = empty ? NAN : 240 + 4 * sin(0.7 * t);
        frames->cop_y_mm[i] = empty ? NAN : 215 + 5 * cos(0.4 * t);
        frames->area_cm2[i] = empty ? 0 : 208.25;
        frames->peak_kpa[i] = empty ? 0 : 97.0 / 3 + t;
    }
    return 0;
}

static int fill_presses(struct result *result)
{
    const int n = 24;
    result->presses = calloc((size_t)n, sizeof *result->presses);
    if (!result->presses)
        return -1;
    result->n_presses = n;
    result->reaction_s = 0.25;
    for (int i = 0; i < n; i++) {
        enum side side = i % 2 ? SIDE_RIGHT : SIDE_LEFT;
        struct press *press = &result->presses[i];
        *press = (struct press){.number = i + 1,
                                .pass = 1 + i / 12,
                                .is_catch = i == 11,
                                .side = side,
                                .place = {0.12 + 0.068 * (i % 12), 0.5 + 0.3 * sin(2.0 * (i % 12))},
                                .place_known = i != 5,
                                .answered = i % 3 == 0,
                                .start_s = 5.0 * i,
                                .answer_s = i % 3 ? NAN : 5.0 * i + 2.1,
                                .end_s = 5.0 * i + 4,
                                .peak_kpa = 260.5,
                                .answer_kpa = i % 3 ? NAN : 180.0 + i,
                                .ramp_kpa_s = 50,
                                .ceiling_kpa = 250,
                                .tip_cm2 = 1};
        press->stud = (struct point){150.0 + i, 120.5};
        if (!press->place_known)
            press->place = (struct uv){NAN, NAN};
    }
    return 0;
}

static int add_warning(struct result *result, const char *warning)
{
    char **warnings =
        realloc(result->warnings, ((size_t)result->n_warnings + 1) * sizeof *warnings);
    if (!warnings)
        return -1;
    result->warnings = warnings;
    warnings[result->n_warnings] = strdup(warning);
    return warnings[result->n_warnings++] ? 0 : -1;
}

static int fill_facts(struct recording_facts *facts, enum example which)
{
    facts->closed_cleanly = which != EXAMPLE_BARE;
    if (which == EXAMPLE_BARE) {
        facts->client = strdup("\xff\x01Zo\xc3\xab");
        return facts->client ? 0 : -1;
    }
    facts->client = strdup("Client 0042");
    facts->protocol = strdup(which == EXAMPLE_WALK         ? "walk"
                             : which == EXAMPLE_PRESS_ONLY ? "press"
                                                           : "stand");
    facts->started_utc = strdup("2026-03-04T10:20:30Z");
    facts->device_serial = strdup("TF-000123");
    facts->device_model = strdup("tenderfoot plate 96x96");
    facts->firmware = strdup("0.1.0");
    facts->software = strdup("tenderfoot 0.1.0");
    facts->calibration_id = strdup(which == EXAMPLE_WALK ? "nominal" : "TF-000123-2026-02");
    facts->calibration_date = strdup("2026-02-11");
    facts->source = strdup("virtual");
    facts->calibration_is_nominal = which == EXAMPLE_WALK;
    facts->lost_frames = 3;
    facts->bad_frames = 1;
    return facts->source && facts->client && facts->protocol ? 0 : -1;
}

static int add_foot(struct result *result, enum side side, struct point heel, double angle_deg,
                    double length_mm)
{
    struct foot_result *foot = &result->feet[result->n_feet++];
    *foot = (struct foot_result){
        .has_load = 1,
        .side = side,
        .side_confidence = side == SIDE_UNKNOWN ? 0.5 : 0.97,
        .frame = foot_frame_template(side, heel, angle_deg, length_mm),
        .landmarks = landmarks_template(),
        .length_is_measured = 1,
        .length_mm = length_mm,
        .angle_deg = angle_deg,
    };
    foot->lines = guide_lines_from(&foot->landmarks);
    foot->mask = calloc(grid_cells(&result->grid), sizeof *foot->mask);
    return foot->mask ? fill_zones(result, foot) : -1;
}

static int add_feet(struct result *result, enum example which)
{
    result->feet = calloc(2, sizeof *result->feet);
    if (!result->feet)
        return -1;
    if (which == EXAMPLE_NO_FOOT)
        return 0;
    if (which == EXAMPLE_ONE_FOOT)
        return add_foot(result, SIDE_RIGHT, (struct point){200, 90}, 25, 262);
    if (which == EXAMPLE_UNKNOWN_SIDE)
        return add_foot(result, SIDE_UNKNOWN, (struct point){240, 90}, -3, 231);
    return add_foot(result, SIDE_LEFT, (struct point){160, 92}, -7, 250) ||
           add_foot(result, SIDE_RIGHT, (struct point){315, 90}, 9, 248);
}

/* Four paws: loaded cells that belong to no foot. */
static void paint_paws(struct result *result)
{
    static const int at[4][2] = {{30, 36}, {30, 58}, {66, 37}, {66, 59}};
    for (int paw = 0; paw < 4; paw++)
        for (int i = 0; i < 49; i++) {
            int row = at[paw][0] + i / 7, col = at[paw][1] + i % 7;
            size_t cell = (size_t)row * (size_t)result->grid.cols + (size_t)col;
            result->mean_picture[cell] = result->max_picture[cell] = (float)(8 + 3 * (i % 5));
        }
    snprintf(result->no_foot_reason, sizeof result->no_foot_reason,
             "4 loaded places of 12 cm² each are too small for a foot (25 cm² at least)");
    result->mean_force_n = result->max_force_n = 84;
    result->mean_area_cm2 = 49;
    result->peak_pressure_kpa = 20;
}

static int fill_load(struct result *result, enum example which)
{
    size_t cells = grid_cells(&result->grid);
    result->walked = which == EXAMPLE_WALK;
    result->mean_picture = calloc(cells, sizeof(float));
    result->max_picture = calloc(cells, sizeof(float));
    result->pti_picture = calloc(cells, sizeof(float));
    if (!result->mean_picture || !result->max_picture || !result->pti_picture)
        return -1;
    for (int i = 0; i < result->n_feet; i++) {
        paint(result, &result->feet[i], (which == EXAMPLE_WALK ? 4.2 : 1) * (i ? 0.93 : 1.04));
        weigh(result, &result->feet[i]);
    }
    if (result->n_feet)
        share_out(result);
    else
        paint_paws(result);
    return 0;
}

/* Press only: feet by template and annotation, every load number unknown. */
static void unload(struct result *result)
{
    result->mean_force_n = result->max_force_n = result->mean_area_cm2 = NAN;
    result->peak_pressure_kpa = NAN;
    for (int i = 0; i < result->n_feet; i++) {
        struct foot_result *foot = &result->feet[i];
        foot->has_load = foot->length_is_measured = 0;
        foot->force_n = foot->load_percent = foot->area_cm2 = foot->peak_kpa = NAN;
        foot->cop = (struct point){NAN, NAN};
        for (int k = 0; k < REGION_COUNT; k++)
            foot->regions[k] = (struct region_result){NAN, NAN, NAN, NAN, NAN, NAN};
        for (int k = 0; k < foot->n_zones; k++) {
            struct zone_result *zone = &foot->zones[k];
            zone->contact_cm2 = zone->contact_share = zone->mean_kpa = zone->peak_kpa = NAN;
            zone->load_percent = zone->pti_kpa_s = NAN;
        }
    }
}

/* What a guided test's recording carries besides its presses. */
static int fill_around(struct result *result)
{
    struct zone_result *zone = zone_of(result, SIDE_LEFT, "P07");
    struct screening_said *said = &result->screening;

    result->exclusions = calloc(1, sizeof *result->exclusions);
    result->signs = calloc(1, sizeof *result->signs);
    said->lines = calloc(2, sizeof *said->lines);
    if (!result->exclusions || !result->signs || !said->lines || !zone)
        return -1;
    zone->ratio = 0.59;
    zone->ratio_low = 0.503;
    zone->ratio_high = 0.688;
    result->repeatability_percent = 19;
    result->side_bias_percent = 1.5;
    result->reaction_taps = 5;
    result->reaction_sd_s = 0.06;
    result->n_exclusions = result->n_signs = 1;
    result->exclusions[0] = (struct zone_exclusion){"P01", SIDE_UNKNOWN, "screening Q19"};
    result->signs[0] =
        (struct behaviour_sign){.kind = SIGN_GUARDING,
                                .side = SIDE_LEFT,
                                .zone = zone->zone,
                                .press = -1,
                                .time_s = NAN,
                                .value = -0.9,
                                .expected = 0,
                                .sd = 0.2,
                                .z = 4.5,
                                .text = "less load here than on the same place of the other foot"};
    said->was_asked = 1;
    said->n_lines = 2;
    snprintf(said->date, sizeof said->date, "2026-03-04T10:05:00Z");
    said->lines[0] = (struct screening_line){
        "Q19", "AVOID", SIDE_LEFT, "AVOID: Q19 Is there a wart? yes, left foot. (K14; 003:60)"};
    said->lines[1] =
        (struct screening_line){"Q06", "NOTE", SIDE_UNKNOWN, "NOTE: Q06 your liver is diseased"};
    return 0;
}

static int fill_tenderness(struct result *result, enum example which)
{
    if (which == EXAMPLE_NO_PRESS || which == EXAMPLE_NO_FOOT || which == EXAMPLE_WALK ||
        which == EXAMPLE_UNKNOWN_SIDE || which == EXAMPLE_BARE)
        return list_untested(result);
    if (fill_presses(result))
        return -1;
    set_states(result);
    if (which == EXAMPLE_CROWDED)
        return flag_all(result) || list_untested(result);
    if (which == EXAMPLE_TENDER && fill_around(result))
        return -1;
    if (which == EXAMPLE_TENDER || which == EXAMPLE_PRESS_ONLY)
        return flag_some(result) || list_untested(result);
    answer(result, SIDE_RIGHT, "P07", 311, 0);
    answer(result, SIDE_RIGHT, "P09", 296, 2);
    if (which == EXAMPLE_UNRELIABLE) {
        result->answers_unreliable = 1;
        snprintf(result->unreliable_why, sizeof result->unreliable_why,
                 "pain was answered in 2 of 4 catch trials, in which nothing pressed");
    }
    return list_untested(result);
}

static int fill_warnings(struct result *result, enum example which)
{
    if (which == EXAMPLE_NO_PRESS)
        return 0;
    if (add_warning(result,
                    "Cells were saturated in 2 frames: forces and peaks are higher than shown."))
        return -1;
    if (which == EXAMPLE_WALK)
        return add_warning(result, "Cells were saturated in 37 frames: forces and peaks are higher "
                                   "than shown.");
    for (int i = 0; which == EXAMPLE_CROWDED && i < 12; i++)
        if (add_warning(
                result,
                "An annotation is not a JSON object and is left out (it is another value)."))
            return -1;
    return 0;
}

/* Prints and patterns as an analysis makes them; one plate that knows its error. */
static int fill_prints(struct result *result, enum example which)
{
    struct problem why;

    result->facts.force_error_percent = which == EXAMPLE_CROWDED ? 1.2 : 0;
    for (int i = 0; i < result->n_feet && which != EXAMPLE_PRESS_ONLY; i++) {
        result->feet[i].toes_touch = 1;
        if (print_of_foot(result, &result->feet[i], &why))
            return -1;
    }
    return patterns_find(result, &why);
}

struct result *example_result(enum example which)
{
    struct result *result = calloc(1, sizeof *result);
    struct problem why;
    if (!result)
        return NULL;
    result->grid = (struct grid){96, 96, 5, 5};
    result->rate_hz = 100;
    result->duration_s = 30;
    result->threshold_kpa = 5;
    result->min_force_n = 20;
    result->reaction_s = result->age_years = NAN;
    result->repeatability_percent = result->side_bias_percent = NAN;
    result->atlas = atlas_load(NULL, &why);
    result->norms = norms_load(NULL, &why);
    if (!result->atlas || !result->norms || fill_facts(&result->facts, which) ||
        add_feet(result, which) || fill_frames(result) ||
        (which != EXAMPLE_PRESS_ONLY && fill_load(result, which)) ||
        fill_tenderness(result, which) || fill_warnings(result, which)) {
        result_free(result);
        return NULL;
    }
    if (which == EXAMPLE_PRESS_ONLY)
        unload(result);
    if (fill_prints(result, which)) {
        result_free(result);
        return NULL;
    }
    return result;
}
