/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/visit.h"
#include "samples/things.h"
#include "samples/visit_notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIT_DOWN_S 1.0 /* between the last step off the plate and the first press */

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

int visit_foot(const struct visit *visit, enum side side)
{
    for (int i = 0; i < visit->subject.n_feet; i++)
        if (visit->subject.feet[i].side == side)
            return i;
    return -1;
}

/* --- Checks that need the atlas ------------------------------------------------------------- */

static int check_place(const struct visit *s, const struct subject_place *place, const char *path,
                       int index, struct problem *why)
{
    if (place->kind != PLACE_ZONE)
        return 0;
    const struct atlas_zone *zone = atlas_find(s->atlas, place->zone);
    if (!zone)
        return problem(why, PROBLEM_REFUSED,
                       "%s[%d]: the atlas has no zone '%s'; 'tenderfoot atlas' lists them", path,
                       index, place->zone);
    if (!zone->is_plantar)
        return problem(why, PROBLEM_REFUSED, "%s[%d]: %s lies outside the plate; take another zone",
                       path, index, place->zone);
    return 0;
}

static int check_route(const struct visit *s, const struct press_setting *press,
                       struct problem *why)
{
    static const char path[] = "$.protocol.press.route";
    for (int i = 0; i < press->n_route; i++) {
        const struct subject_place *place = &press->route[i];
        if (check_place(s, place, path, i, why))
            return -1;
        if (place->kind == PLACE_ZONE && !zone_has_middle(atlas_find(s->atlas, place->zone)))
            return problem(why, PROBLEM_REFUSED, "%s[%d]: %s is only its parts; press one, %s.1",
                           path, i, place->zone, place->zone);
    }
    return 0;
}

static int check_zones(const struct visit *s, struct problem *why)
{
    const struct subject *subject = &s->subject;
    for (int i = 0; i < subject->n_guarding; i++)
        if (check_place(s, &subject->guarding[i].where, "$.guarding", i, why))
            return -1;
    for (int i = 0; i < subject->thresholds.n_planted; i++)
        if (check_place(s, &subject->thresholds.planted[i].where, "$.thresholds.planted", i, why))
            return -1;
    if (check_route(s, &subject->protocol.press, why))
        return -1;
    for (int i = 0; i < subject->protocol.n_excluded; i++)
        if (check_place(s, &subject->protocol.excluded[i].where, "$.protocol.excluded", i, why))
            return -1;
    return 0;
}

/* --- The stance ----------------------------------------------------------------------------- */

struct guard {
    const struct visit *visit;
    enum side side;
};

static double guard_factor(void *context, struct uv at)
{
    const struct guard *guard = context;
    const struct subject *subject = &guard->visit->subject;
    const struct foot_build *build = &subject->feet[visit_foot(guard->visit, guard->side)].build;
    double factor = 1;
    for (int i = 0; i < subject->n_guarding; i++) {
        const struct guarding *one = &subject->guarding[i];
        if ((one->side == SIDE_UNKNOWN || one->side == guard->side) &&
            place_contains(&one->where, guard->visit->atlas, build, guard->side, at))
            factor *= one->factor;
    }
    return factor;
}

static double share_of(const struct subject *subject, int foot)
{
    if (subject->n_feet == 1)
        return 1;
    return subject->feet[foot].side == SIDE_LEFT ? subject->left_share : 1 - subject->left_share;
}

int visit_foot_picture(const struct visit *s, int i, const struct foot_frame *frame,
                       struct foot_picture *picture, struct problem *why)
{
    const struct subject_foot *foot = &s->subject.feet[i];
    struct guard guard = {s, foot->side};
    return foot_picture_stand(picture, foot, frame, &s->grid, s->subject.fore_share,
                              s->subject.n_guarding ? guard_factor : NULL, &guard, why);
}

static int make_foot_picture(void *context, int i, const struct foot_frame *frame,
                             struct foot_picture *picture, struct problem *why)
{
    return visit_foot_picture(context, i, frame, picture, why);
}

static int plan_foot(struct visit *s, int i, struct problem *why)
{
    double newton = s->subject.person.body_mass_kg * GRAVITY_M_S2 * s->foot_share[i];
    if (make_foot_picture(s, i, &s->frames[i], &s->pictures[i], why))
        return -1;
    s->foot_force_n[i] = newton * s->pictures[i].newton;
    return stance_add(&s->stance, &s->pictures[i], newton, why);
}

static int plan_stance(struct visit *s, struct problem *why)
{
    int stands = s->subject.protocol.stand_s > 0;
    for (int i = 0; i < s->subject.n_feet; i++)
        if (stands && plan_foot(s, i, why))
            return -1;
    stance_settle(&s->stance);
    if (stands &&
        stance_course_make(&s->course, &s->subject, s->subject.person.body_mass_kg * GRAVITY_M_S2,
                           s->frames, make_foot_picture, s, why))
        return -1;
    for (int i = 0; i < s->subject.n_things; i++)
        if (thing_picture(&s->things[i], &s->subject.things[i], &s->grid, why))
            return -1;
    return sway_make(&s->sway, &s->subject.person.sway, s->subject.protocol.stand_s, s->seed, why);
}

/* --- The timeline --------------------------------------------------------------------------- */

static void plan_times(struct visit *s)
{
    const struct protocol_setting *protocol = &s->subject.protocol;
    int stands = protocol->stand_s > 0;
    s->on_us = us(protocol->empty_s);
    s->stand_us = s->on_us + (stands ? us(protocol->step_on_s) : 0);
    s->off_us = s->stand_us + us(protocol->stand_s);
    s->seated_us = s->off_us + (stands ? us(protocol->step_on_s) : 0);
    s->press_us = s->seated_us + (protocol->press.present ? us(SIT_DOWN_S) : 0);
}

static int plan_edges(struct visit *s, struct problem *why)
{
    s->edges = calloc(2 * (size_t)s->presses.n + 1, sizeof *s->edges);
    if (!s->edges)
        return problem_no_memory(why, "button edges");
    for (int i = 0; i < s->presses.n; i++) {
        const struct planned_press *press = &s->presses.presses[i];
        if (!press->answered)
            continue;
        s->edges[s->n_edges++] = (struct button_edge){press->down_us, 1};
        s->edges[s->n_edges++] = (struct button_edge){press->up_us, 0};
    }
    return 0;
}

static int plan_all(struct visit *s, struct problem *why)
{
    s->atlas = atlas_load(NULL, why);
    if (!s->atlas || check_zones(s, why))
        return -1;
    threshold_field_begin(&s->field, &s->subject.thresholds, s->atlas);
    plan_times(s);
    for (int i = 0; i < s->subject.n_feet; i++) {
        const struct subject_foot *foot = &s->subject.feet[i];
        s->frames[i] = foot_picture_frame(foot, foot->heel, foot->angle_deg);
        s->foot_share[i] = share_of(&s->subject, i);
        s->field.build[foot->side] = foot->build;
    }
    if (plan_stance(s, why) ||
        press_plan_make(&s->presses, &s->subject, &s->field, s->press_us, s->seed, why))
        return -1;
    s->end_us = s->presses.end_us + us(s->subject.protocol.end_s);
    if (plan_edges(s, why))
        return -1;
    return visit_notes_make(s, why);
}

struct visit *visit_plan(const struct subject *subject, uint64_t seed, struct problem *why)
{
    struct visit *s = calloc(1, sizeof *s);
    if (!s) {
        problem_no_memory(why, "a visit");
        return NULL;
    }
    const struct plate_setting *plate = &subject->plate;
    s->subject = *subject;
    s->seed = seed;
    s->grid = (struct grid){plate->rows, plate->cols, plate->pitch_x_mm, plate->pitch_y_mm};
    if (plan_all(s, why)) {
        visit_free(s);
        return NULL;
    }
    return s;
}

void visit_free(struct visit *visit)
{
    if (!visit)
        return;
    for (size_t i = 0; i < visit->n_notes; i++)
        free(visit->notes[i].json);
    free(visit->notes);
    free(visit->edges);
    press_plan_free(&visit->presses);
    sway_free(&visit->sway);
    stance_free(&visit->stance);
    stance_course_free(&visit->course);
    for (int i = 0; i < SUBJECT_THINGS_MAX; i++)
        foot_picture_free(&visit->things[i]);
    for (int i = 0; i < 2; i++)
        foot_picture_free(&visit->pictures[i]);
    if (visit->atlas)
        atlas_free(visit->atlas);
    free(visit);
}

/* --- The picture at a time ------------------------------------------------------------------ */

/* 0 off the plate, 1 standing; a smooth step between. */
static double stance_share(const struct visit *s, uint64_t time_us)
{
    if (time_us < s->on_us || time_us >= s->seated_us || s->off_us == s->stand_us)
        return 0;
    double t = 1;
    if (time_us < s->stand_us)
        t = (double)(time_us - s->on_us) / (double)(s->stand_us - s->on_us);
    else if (time_us >= s->off_us)
        t = (double)(s->seated_us - time_us) / (double)(s->seated_us - s->off_us);
    return t * t * (3 - 2 * t);
}

struct sum {
    double force, x, y;
};

/* `cells` may be NULL: only the sum is wanted. */
static void add_picture(const struct foot_picture *picture, double newton, float *cells,
                        struct sum *sum)
{
    for (size_t i = 0; cells && i < picture->n; i++)
        cells[picture->cells[i].index] += (float)(picture->cells[i].newton * newton);
    sum->force += newton * picture->newton;
    sum->x += newton * picture->newton * picture->cop.x_mm;
    sum->y += newton * picture->newton * picture->cop.y_mm;
}

static void add_press(const struct visit *s, uint64_t time_us, float *cells, struct sum *sum)
{
    const struct planned_press *press = press_plan_at(&s->presses, time_us);
    if (!press)
        return;
    const struct press_setting *setting = &s->subject.protocol.press;
    add_picture(&press->stud_picture,
                press_stud_newton(&press->tool, press_tip_kpa(press, time_us)), cells, sum);
    add_picture(&press->heel_picture, setting->heel_rest_n * press_heel_share(press, time_us),
                cells, sum);
}

static void add_seat(const struct visit *s, uint64_t time_us, float *cells, struct sum *sum)
{
    const struct planned_seat *seat = press_plan_seat_at(&s->presses, time_us);
    double weight_n = s->subject.person.body_mass_kg * GRAVITY_M_S2;
    if (seat)
        add_picture(&seat->picture, press_seat_newton(seat, weight_n, time_us), cells, sum);
}

static void add_one_stance(const struct stance *stance, struct point lean, double share,
                           float *cells, struct sum *sum)
{
    if (share <= 0 || !stance->n)
        return;
    struct point cop = cells ? stance_load(stance, lean, share, cells) : stance_cop(stance, lean);
    sum->force += share * stance->force_n;
    sum->x += share * stance->force_n * cop.x_mm;
    sum->y += share * stance->force_n * cop.y_mm;
}

static const struct stance *stance_of(const struct visit *s, int phase)
{
    return phase < 0 ? &s->stance : &s->course.phases[phase].stance;
}

static double since_stand_s(const struct visit *s, uint64_t time_us)
{
    return ((double)time_us - (double)s->stand_us) * 1e-6;
}

void visit_stance_at(const struct visit *visit, uint64_t time_us, const struct foot_frame **frames,
                     const double **shares)
{
    double next;
    int phase;
    stance_course_at(&visit->course, since_stand_s(visit, time_us), &phase, &next);
    phase += next > 0;
    *frames = phase < 0 ? visit->frames : visit->course.phases[phase].frames;
    *shares = phase < 0 ? visit->foot_share : visit->course.phases[phase].share;
}

/* A weight shift takes its share of the stance. */
static double add_shift(const struct visit *s, uint64_t time_us, double share, float *cells,
                        struct sum *sum)
{
    const struct planned_press *press = press_plan_at(&s->presses, time_us);
    double shifted = press ? press_shift_share(press, time_us) : 0;
    struct point lean = sway_at(&s->sway, since_stand_s(s, time_us));
    if (shifted > 0)
        add_one_stance(&press->shifted, lean, share * shifted, cells, sum);
    return share * (1 - shifted);
}

static void add_stance(const struct visit *s, uint64_t time_us, float *cells, struct sum *sum)
{
    double share = stance_share(s, time_us), next;
    if (share <= 0)
        return;
    int phase;
    double since_s = since_stand_s(s, time_us);
    struct point lean = sway_at(&s->sway, since_s);
    share = add_shift(s, time_us, share, cells, sum);
    stance_course_at(&s->course, since_s, &phase, &next);
    add_one_stance(stance_of(s, phase), lean, share * (1 - next), cells, sum);
    if (next > 0)
        add_one_stance(stance_of(s, phase + 1), lean, share * next, cells, sum);
}

static void add_things(const struct visit *s, uint64_t time_us, float *cells, struct sum *sum)
{
    for (int i = 0; i < s->subject.n_things; i++) {
        double newton = thing_newton(&s->subject.things[i], (double)time_us * 1e-6);
        if (newton > 0)
            add_picture(&s->things[i], newton, cells, sum);
    }
}

static struct moment add_all(const struct visit *s, uint64_t time_us, float *cells)
{
    struct sum sum = {0};
    add_stance(s, time_us, cells, &sum);
    add_press(s, time_us, cells, &sum);
    add_seat(s, time_us, cells, &sum);
    add_things(s, time_us, cells, &sum);
    if (sum.force <= 0)
        return (struct moment){0, {NAN, NAN}};
    return (struct moment){sum.force, {sum.x / sum.force, sum.y / sum.force}};
}

struct moment visit_moment(const struct visit *visit, uint64_t time_us)
{
    return add_all(visit, time_us, NULL);
}

struct moment visit_pressure(const struct visit *visit, uint64_t time_us, float *kpa)
{
    size_t n = grid_cells(&visit->grid);
    memset(kpa, 0, n * sizeof *kpa);
    struct moment moment = add_all(visit, time_us, kpa);
    float per_newton = (float)(1 / grid_newton_per_kpa(&visit->grid));
    for (size_t i = 0; i < n; i++)
        kpa[i] *= per_newton;
    return moment;
}
