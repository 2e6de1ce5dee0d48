/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_setup.h"

#include "analysis/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct point press_setup_cup(const struct grid *grid, double length_mm)
{
    double width_mm = grid->cols * grid->pitch_x_mm, height_mm = grid->rows * grid->pitch_y_mm;
    return (struct point){round(width_mm / 2), fmax(0, round((height_mm - length_mm) / 2))};
}

static int may_press(const struct press_run_options *o, enum side side)
{
    return !o->screening || o->screening->press_allowed[side];
}

#define BANS_MAX (SCREENING_BANS_MAX + OPERATOR_NOTES_MAX)

/* What the screening excludes, and warts and joints that were found by hand. */
static int gather_bans(const struct press_run_options *o, struct route_ban bans[BANS_MAX])
{
    int n = 0;
    for (int i = 0; o->screening && i < o->screening->n_bans; i++)
        bans[n++] = o->screening->bans[i];
    for (int i = 0; o->notes && i < o->notes->n_bans; i++)
        bans[n++] = o->notes->bans[i];
    return n;
}

static int make_route(struct press_setup *setup, const struct press_run_options *o,
                      const struct grid *grid, const struct press_feet *feet, struct problem *why)
{
    struct route_ban bans[BANS_MAX];
    int n_bans = gather_bans(o, bans);
    struct route_options wanted = {.atlas = setup->atlas,
                                   .tool = o->tool,
                                   .kind = o->route,
                                   .chosen = o->chosen,
                                   .n_chosen = o->n_chosen,
                                   .bans = bans,
                                   .n_bans = n_bans,
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
                                            .masked = setup->masked,
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
        double kpa = o->ceiling_kpa[i] > 0 ? o->ceiling_kpa[i]
                                           : tool_usual_ceiling_kpa((enum region_class)i);
        wanted.ceiling_kpa[i] = kpa * ceiling_share;
    }
    setup->protocol = press_protocol_begin(&wanted, why);
    return setup->protocol ? 0 : -1;
}

/* --- Whole feet: a mat, or weight shifts ------------------------------------------------------ */

static int is_ban_of(const struct route_ban *ban, int side)
{
    return ban->side == SIDE_UNKNOWN || (int)ban->side == side;
}

/* Weight is not shifted onto what the screening keeps from being pressed: a place on the skin. Its
 * zones alone forbid no standing on the bare plate, which everybody does. */
static void leave_regions(const struct press_run_options *o, struct press_protocol_options *wanted)
{
    struct route_ban bans[BANS_MAX];
    int n = gather_bans(o, bans);
    for (int i = 0; i < n; i++) {
        const struct route_ban *ban = &bans[i];
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            for (int r = 0; r < SHIFT_REGIONS && !ban->zone[0]; r++)
                wanted->leave_out_region[side][r] |=
                    is_ban_of(ban, side) && shift_region_has((enum shift_region)r, ban->at);
    }
}

/* A mat spares nothing: whatever is excluded keeps the foot off it. */
static int is_banned(const struct press_run_options *o, int side)
{
    struct route_ban bans[BANS_MAX];
    int n = gather_bans(o, bans);
    for (int i = 0; i < n; i++)
        if (is_ban_of(&bans[i], side))
            return 1;
    return 0;
}

/* No plate holds a limit for each stud of a mat, or for somebody who stands, so the ceilings are
 * those of the program alone. */
static int make_standing(struct press_setup *setup, const struct press_run_options *o,
                         const struct grid *grid, const struct press_feet *feet,
                         struct problem *why)
{
    int is_mat = o->tool->kind == TOOL_MAT;
    struct press_protocol_options wanted = {.tool = o->tool,
                                            .grid = *grid,
                                            .masked = setup->masked,
                                            .presses_max = o->presses_max,
                                            .minutes_max = o->minutes_max,
                                            .seed = o->seed};

    place_feet(setup, o, grid, feet, &wanted);
    if (!is_mat)
        leave_regions(o, &wanted);
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        int is_there = is_mat ? feet->foot[side].present : feet->measured[side];
        wanted.leave_out[side] =
            !is_there || !may_press(o, (enum side)side) || (is_mat && is_banned(o, side));
        if (!is_mat)
            wanted.frame[side] =
                feet->measured[side] ? feet->foot[side].frame : (struct foot_frame){0};
        setup->left_out[side] = wanted.leave_out[side];
    }
    for (int i = 0; i < 4; i++) {
        double kpa = o->ceiling_kpa[i] > 0 ? o->ceiling_kpa[i]
                                           : tool_usual_ceiling_kpa((enum region_class)i);
        wanted.ceiling_kpa[i] = kpa * PRESS_SOFTWARE_CEILING;
    }
    setup->protocol = press_protocol_begin(&wanted, why);
    return setup->protocol ? 0 : -1;
}

static int take_mask(struct press_setup *setup, const struct grid *grid,
                     const struct calibration *calibration, struct problem *why)
{
    size_t cells = grid_cells(grid);
    if (!calibration)
        return 0;
    setup->masked = malloc(cells);
    if (!setup->masked)
        return problem_no_memory(why, "the cells that are left out");
    for (size_t i = 0; i < cells; i++)
        setup->masked[i] = calibration_is_masked(calibration, i) != 0;
    return 0;
}

int press_setup_make(struct press_setup *setup, const struct press_run_options *options,
                     const struct grid *grid, const struct calibration *calibration,
                     const struct press_feet *feet, struct press_earlier *earlier,
                     double ceiling_share, struct problem *why)
{
    *setup = (struct press_setup){.earlier = earlier};
    if (take_mask(setup, grid, calibration, why))
        return -1;
    if (options->tool->kind != TOOL_SINGLE)
        return make_standing(setup, options, grid, feet, why);
    setup->atlas = atlas_load(options->atlas, why);
    if (!setup->atlas ||
        (options->screening && screening_fits(options->screening, setup->atlas, why)) ||
        make_route(setup, options, grid, feet, why) ||
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
    free(setup->masked);
    *setup = (struct press_setup){0};
}
