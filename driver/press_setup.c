/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_setup.h"

#include "analysis/result.h"

#include <math.h>
#include <string.h>

static const double usual_ceiling_kpa[4] = {
    [CLASS_TOE] = 250, [CLASS_BALL] = 350, [CLASS_ARCH] = 250, [CLASS_HEEL] = 450};

struct point press_setup_cup(const struct grid *grid, double length_mm)
{
    double width_mm = grid->cols * grid->pitch_x_mm, height_mm = grid->rows * grid->pitch_y_mm;
    return (struct point){round(width_mm / 2), fmax(0, round((height_mm - length_mm) / 2))};
}

static int may_press(const struct press_run_options *o, enum side side)
{
    return !o->screening || o->screening->press_allowed[side];
}

static int make_route(struct press_setup *setup, const struct press_run_options *o,
                      const struct grid *grid, const struct press_feet *feet, struct problem *why)
{
    struct route_options wanted = {.atlas = setup->atlas,
                                   .tool = o->tool,
                                   .kind = o->route,
                                   .chosen = o->chosen,
                                   .n_chosen = o->n_chosen,
                                   .bans = o->screening ? o->screening->bans : NULL,
                                   .n_bans = o->screening ? o->screening->n_bans : 0,
                                   .is_female = o->sex ? o->sex == STATED_FEMALE
                                                       : o->screening && o->screening->is_female,
                                   .pitch_mm = fmax(grid->pitch_x_mm, grid->pitch_y_mm)};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (may_press(o, (enum side)side))
            wanted.feet[side] = feet->foot[side];
    return route_make(&setup->route, &wanted, why);
}

/* Where each foot is to lie, and the ceilings. */
static void place_feet(struct press_setup *setup, const struct press_run_options *o,
                       const struct grid *grid, const struct press_feet *feet,
                       struct press_protocol_options *wanted)
{
    wanted->cup_known = o->tool->has_heel_cup;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct foot_frame frame = feet->foot[side].frame;
        setup->cup[side] = press_setup_cup(grid, frame.length_mm);
        frame.heel = wanted->cup[side] = setup->cup[side];
        frame.angle_deg = wanted->cup_angle_deg[side] = 0;
        wanted->frame[side] = frame;
    }
}

static int make_protocol(struct press_setup *setup, const struct press_run_options *o,
                         const struct grid *grid, const struct press_feet *feet,
                         double ceiling_share, struct problem *why)
{
    struct press_protocol_options wanted = {.route = &setup->route,
                                            .tool = o->tool,
                                            .grid = *grid,
                                            .taps = o->taps,
                                            .catch_trials = o->catch_trials,
                                            .presses_max = o->presses_max,
                                            .minutes_max = o->minutes_max,
                                            .seed = o->seed,
                                            .earlier = setup->earlier->presses,
                                            .n_earlier = setup->earlier->n,
                                            .take_up = setup->take_up};
    place_feet(setup, o, grid, feet, &wanted);
    for (int i = 0; i < 4; i++) {
        double kpa = o->ceiling_kpa[i] > 0 ? o->ceiling_kpa[i] : usual_ceiling_kpa[i];
        wanted.ceiling_kpa[i] = kpa * ceiling_share;
    }
    setup->protocol = press_protocol_begin(&wanted, why);
    return setup->protocol ? 0 : -1;
}

int press_setup_make(struct press_setup *setup, const struct press_run_options *options,
                     const struct grid *grid, const struct press_feet *feet,
                     struct press_earlier *earlier, double ceiling_share, struct problem *why)
{
    *setup = (struct press_setup){.earlier = earlier};
    setup->atlas = atlas_load(options->atlas, why);
    if (!setup->atlas || make_route(setup, options, grid, feet, why) ||
        press_earlier_place(earlier, &setup->route, feet->foot, options->tool->tip_cm2, why))
        return -1;
    setup->take_up = earlier->unfinished && earlier->n > 0;
    return make_protocol(setup, options, grid, feet, ceiling_share, why);
}

void press_setup_free(struct press_setup *setup)
{
    press_protocol_free(setup->protocol);
    route_free(&setup->route);
    atlas_free(setup->atlas);
    *setup = (struct press_setup){0};
}
