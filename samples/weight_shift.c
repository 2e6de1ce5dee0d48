/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/weight_shift.h"

#include <math.h>
#include <string.h>

#define SHIFTED_SHARE 0.9 /* of the weight; the other foot's toes keep the balance */
#define PLACE_RADIUS_MM 10.0

/* What is aimed at: the chart's zone, or a place. */
static int find_place(struct weight_shift *shift, const struct visit *visit, const char *name,
                      struct uv aim)
{
    const struct atlas_zone *zone = *name ? atlas_find(visit->atlas, name) : NULL;
    struct subject_place place = {.kind = PLACE_ZONE};
    if (zone && zone->is_plantar && zone_has_middle(zone) && strlen(name) < sizeof place.zone) {
        memcpy(shift->zone, name, strlen(name) + 1);
        memcpy(place.zone, name, strlen(name) + 1);
        shift->at =
            place_middle_on(&place, visit->atlas, &visit->field.build[shift->side], shift->side);
    } else if (isnan(aim.u) || isnan(aim.v)) {
        return -1;
    }
    if (!isnan(aim.u) && !isnan(aim.v))
        shift->at = aim;
    return 0;
}

static int is_of_place(const struct weight_shift *shift, const struct visit *visit,
                       const struct loaded_cell *cell)
{
    struct point at = {cell->x_mm, cell->y_mm};
    struct subject_place place = {.kind = PLACE_ZONE};
    if (!*shift->zone) {
        struct point middle = foot_frame_to_plate(&shift->foot, shift->at);
        return hypot(at.x_mm - middle.x_mm, at.y_mm - middle.y_mm) <= PLACE_RADIUS_MM;
    }
    memcpy(place.zone, shift->zone, sizeof shift->zone);
    return place_contains(&place, visit->atlas, &visit->field.build[shift->side], shift->side,
                          foot_frame_to_uv(&shift->foot, at));
}

/* Mean over the place's cells in contact; *middle is that of their force. */
static double place_kpa(const struct weight_shift *shift, const struct visit *visit,
                        const struct stance *foot, struct point *middle)
{
    double newton = 0, x = 0, y = 0;
    int n = 0;
    for (size_t i = 0; i < foot->n; i++) {
        const struct loaded_cell *cell = &foot->cells[i];
        if (!(cell->newton > 0) || !is_of_place(shift, visit, cell))
            continue;
        newton += cell->newton;
        x += (double)cell->newton * cell->x_mm;
        y += (double)cell->newton * cell->y_mm;
        n++;
    }
    if (!n)
        return 0;
    *middle = (struct point){x / newton, y / newton};
    return newton / n / grid_newton_per_kpa(&visit->grid);
}

/* The foot's picture as it stands: that of the visit, or made anew for a foot that was set
 * elsewhere. */
static int add_foot(struct weight_shift *shift, const struct visit *visit, uint64_t time_us,
                    int foot, double share, struct problem *why)
{
    const struct foot_frame *frames;
    const double *shares;
    struct foot_picture made = {0};
    double newton = visit->subject.person.body_mass_kg * GRAVITY_M_S2 * share;
    visit_stance_at(visit, time_us, &frames, &shares);
    int is_first = frames == visit->frames;
    if (!is_first && visit_foot_picture(visit, foot, &frames[foot], &made, why))
        return -1;
    int bad = stance_add(&shift->stance, is_first ? &visit->pictures[foot] : &made, newton, why);
    foot_picture_free(&made);
    stance_settle(&shift->stance);
    return bad;
}

/* With the foot alone in the stance: the body leans. The pressure before goes by the shares. */
static void lean(struct weight_shift *shift, const struct visit *visit, double share_before,
                 double share)
{
    struct point middle;
    shift->full_kpa = place_kpa(shift, visit, &shift->stance, &middle);
    shift->rest_kpa = shift->full_kpa * share_before / share;
    if (!(shift->full_kpa > 0))
        return;
    stance_lean(&shift->stance, stance_lean_onto(&shift->stance, middle));
    shift->full_kpa = place_kpa(shift, visit, &shift->stance, &middle);
}

int weight_shift_plan(struct weight_shift *shift, const struct visit *visit, uint64_t time_us,
                      enum side side, const char *zone, struct uv aim, struct problem *why)
{
    const struct foot_frame *frames;
    const double *shares;
    int own = visit_foot(visit, side), feet = visit->subject.n_feet;
    double share = feet == 2 ? SHIFTED_SHARE : 1;
    *shift = (struct weight_shift){.side = side};
    if (own < 0 || visit->subject.protocol.stand_s <= 0 || find_place(shift, visit, zone, aim))
        return 1;
    visit_stance_at(visit, time_us, &frames, &shares);
    shift->foot = frames[own];
    int bad = add_foot(shift, visit, time_us, own, share, why);
    if (!bad)
        lean(shift, visit, shares[own], share);
    if (!bad && feet == 2)
        bad = add_foot(shift, visit, time_us, !own, 1 - share, why);
    if (bad)
        stance_free(&shift->stance);
    return bad ? -1 : 0;
}
