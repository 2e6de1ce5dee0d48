/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_numbers.h"
#include "analysis/print/print_edges.h"

#include <math.h>
#include <stdio.h>

/* The hollow is the middle of the stretch that lies within this of the deepest place. */
#define HOLLOW_MM 0.5
/* Contact without toes of a whole foot is 0.8 of its length; with less than this, heel or ball is
 * missing (project choice). */
#define WHOLE_PRINT 0.55
/* The innermost toe is the big one when it lies inward of the cleft to the next (template v 0.316,
 * and some room for a wide ball). */
#define BIG_TOE_V 0.38

static const struct print_number_facts facts[PRINT_NUMBERS] = {
    [PRINT_ARCH_INDEX] = {"arch_index", "arch index", "", "Cavanagh & Rodgers 1987", 3},
    [PRINT_REAR_CM2] = {"rear_third_cm2", "rear third", "cm2", "Cavanagh & Rodgers 1987", 1},
    [PRINT_MIDDLE_CM2] = {"middle_third_cm2", "middle third", "cm2", "Cavanagh & Rodgers 1987", 1},
    [PRINT_FRONT_CM2] = {"front_third_cm2", "front third", "cm2", "Cavanagh & Rodgers 1987", 1},
    [PRINT_CHIPPAUX] = {"chippaux_smirak_percent", "Chippaux-Smirak index", "%",
                        "Forriol & Pascual 1990", 1},
    [PRINT_STAHELI] = {"staheli_index", "Staheli index", "", "Staheli, Chew & Corbett 1987", 2},
    [PRINT_CLARKE_DEG] = {"clarke_deg", "Clarke's angle", "°", "Clarke 1933", 1},
    [PRINT_PROGRESSION_DEG] = {"progression_deg", "foot progression angle", "°", "", 1},
    [PRINT_LENGTH_MM] = {"contact_length_mm", "contact length", "mm", "", 0},
    [PRINT_LENGTH_NO_TOES_MM] = {"length_without_toes_mm", "length without toes", "mm",
                                 "Cavanagh & Rodgers 1987", 0},
    [PRINT_FOREFOOT_MM] = {"forefoot_width_mm", "width of the forefoot", "mm", "", 0},
    [PRINT_MIDFOOT_MM] = {"midfoot_width_mm", "width of the midfoot", "mm", "", 0},
    [PRINT_HEEL_MM] = {"heel_width_mm", "width of the heel", "mm", "", 0},
    [PRINT_BIG_TOE_DEG] = {"big_toe_deg", "big-toe side of the print", "°", "", 0},
};

const struct print_number_facts *print_number_facts(enum print_number_id id)
{
    return &facts[(unsigned)id < PRINT_NUMBERS ? id : 0];
}

/* One reading of the print at one state of contact. */
struct reading {
    double value[PRINT_NUMBERS];
    const char *reason[PRINT_NUMBERS];
    int is_parted;
};

struct print {
    const struct print_input *input;
    struct print_cells cells;
    struct print_edges edges;
    double
        turn_deg; /* of the print's own axis from the frame's, in the first reading; NAN before */
};

static void set(struct reading *r, enum print_number_id id, double value)
{
    r->value[id] = value;
    r->reason[id] = NULL;
}

static void refuse(struct reading *r, enum print_number_id id, const char *reason)
{
    r->value[id] = NAN;
    r->reason[id] = reason;
}

static void refuse_all(struct reading *r, const char *reason)
{
    for (int id = 0; id < PRINT_NUMBERS; id++)
        refuse(r, (enum print_number_id)id, reason);
}

static void read_thirds(const struct print_thirds *thirds, struct reading *r)
{
    const double *area = thirds->area_cm2;

    set(r, PRINT_REAR_CM2, area[0]);
    set(r, PRINT_MIDDLE_CM2, area[1]);
    set(r, PRINT_FRONT_CM2, area[2]);
    set(r, PRINT_ARCH_INDEX, area[1] / (area[0] + area[1] + area[2]));
    set(r, PRINT_LENGTH_NO_TOES_MM, thirds->fore - thirds->rear);
}

/* Widest (want +1) or narrowest (-1) width between two places of the axis. */
static double extreme_width(const struct print_edges *edges, double t0, double t1, int want)
{
    double best = want > 0 ? 0 : INFINITY;

    for (size_t i = 0; i < edges->n; i++) {
        double t = edges->t0 + (double)i * edges->step;

        if (t >= t0 && t <= t1)
            best = want > 0 ? fmax(best, edges->width[i]) : fmin(best, edges->width[i]);
    }
    return best;
}

static void read_widths(const struct print *p, const struct print_thirds *thirds, struct reading *r)
{
    double heel = extreme_width(&p->edges, thirds->rear, thirds->border[0], 1);
    double middle = extreme_width(&p->edges, thirds->border[0], thirds->border[1], -1);
    double front = extreme_width(&p->edges, thirds->border[1], thirds->fore, 1);

    r->is_parted = middle <= 0;
    set(r, PRINT_HEEL_MM, heel);
    set(r, PRINT_MIDFOOT_MM, middle);
    set(r, PRINT_FOREFOOT_MM, front);
    refuse(r, PRINT_CHIPPAUX, "the forefoot does not touch");
    refuse(r, PRINT_STAHELI, "the heel does not touch");
    if (front > 0)
        set(r, PRINT_CHIPPAUX, 100 * middle / front);
    if (heel > 0)
        set(r, PRINT_STAHELI, middle / heel);
}

/* How far a place lies inside of the tangent heel - ball, and how far behind the ball's place. */
static void from_tangent(struct edge_place heel, struct edge_place ball, struct edge_place at,
                         double *depth, double *behind)
{
    double length = hypot(ball.t - heel.t, ball.s - heel.s);
    double ct = (ball.t - heel.t) / length, cs = (ball.s - heel.s) / length;

    *depth = (at.s - ball.s) * ct - (at.t - ball.t) * cs;
    *behind = (ball.t - at.t) * ct + (ball.s - at.s) * cs;
}

/* Angle at the ball's inner place between the tangent and the arch hollow; degrees. */
static double clarke_angle(const struct print_edges *edges, struct edge_place heel,
                           struct edge_place ball)
{
    double deepest = 0, depth_sum = 0, behind_sum = 0, depth, behind;
    int n = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < edges->n; i++) {
            struct edge_place at = {edges->t0 + (double)i * edges->step, edges->smooth_inner[i]};

            if (at.t <= heel.t || at.t >= ball.t || isnan(at.s))
                continue;
            from_tangent(heel, ball, at, &depth, &behind);
            if (!pass)
                deepest = fmax(deepest, depth);
            if (!pass || depth < deepest - HOLLOW_MM)
                continue;
            depth_sum += depth;
            behind_sum += behind;
            n++;
        }
    return n ? atan2(depth_sum, behind_sum) * 180 / M_PI : 0;
}

/* The line from the ball's inner place that touches the toes' inner edge; 0 when no toe is seen. */
static int big_toe_angle(const struct print *p, struct edge_place heel, struct edge_place ball,
                         double *angle)
{
    const struct print_edges *edges = &p->edges;
    struct edge_place toe = {0};
    double least = INFINITY, half, depth, behind, v;

    for (size_t i = 0; i < edges->n; i++) {
        struct edge_place at = {edges->t0 + (double)i * edges->step, edges->smooth_toe[i]};

        if (isnan(at.s) || at.t <= ball.t)
            continue;
        from_tangent(heel, ball, at, &depth, &behind);
        if (atan2(depth, -behind) < least) {
            least = atan2(depth, -behind);
            toe = at;
        }
    }
    if (!isfinite(least))
        return 0;
    half = foot_frame_width_mm(p->input->frame, toe.t / p->input->frame->length_mm) / 2;
    v = 0.5 + toe.s / (2 * half);
    *angle = least * 180 / M_PI;
    return v < BIG_TOE_V;
}

static void read_inner_side(const struct print *p, const struct print_thirds *thirds,
                            struct reading *r)
{
    struct edge_place heel, ball;
    double angle;

    if (p->input->frame->side == SIDE_UNKNOWN) {
        refuse(r, PRINT_CLARKE_DEG, "left or right is not known");
        refuse(r, PRINT_BIG_TOE_DEG, "left or right is not known");
        return;
    }
    if (!print_edges_tangent(&p->edges, thirds, 1, &heel, &ball)) {
        refuse(r, PRINT_CLARKE_DEG, "heel or forefoot does not touch");
        refuse(r, PRINT_BIG_TOE_DEG, "heel or forefoot does not touch");
        return;
    }
    if (r->is_parted)
        refuse(r, PRINT_CLARKE_DEG, "heel and forefoot are apart: the hollow has no edge");
    else
        set(r, PRINT_CLARKE_DEG, clarke_angle(&p->edges, heel, ball));
    if (!p->input->toes_touch || !big_toe_angle(p, heel, ball, &angle))
        refuse(r, PRINT_BIG_TOE_DEG, "the big toe does not touch");
    else
        set(r, PRINT_BIG_TOE_DEG, angle);
}

/* How far the bisector of the print's two tangents is turned towards the little toe. */
static double turn_of_print(const struct print *p, const struct print_thirds *thirds)
{
    struct edge_place heel, ball;
    double turn = 0;

    for (int side = -1; side <= 1; side += 2)
        if (print_edges_tangent(&p->edges, thirds, side, &heel, &ball))
            turn += atan2(ball.s - heel.s, ball.t - heel.t) * 90 / M_PI;
    return turn;
}

/* The frame's angle; at another contact it turns as the print's own tangents do. */
static void read_progression(struct print *p, const struct print_thirds *thirds, struct reading *r)
{
    const struct foot_frame *frame = p->input->frame;
    double sign = frame->side == SIDE_LEFT ? -1 : 1, turn = turn_of_print(p, thirds), angle;

    if (frame->side == SIDE_UNKNOWN) {
        refuse(r, PRINT_PROGRESSION_DEG, "left or right is not known");
        return;
    }
    if (isnan(p->turn_deg))
        p->turn_deg = turn;
    if (isnan(p->input->walking_deg))
        angle = remainder(frame->angle_deg, 180);
    else
        angle = remainder(frame->angle_deg - p->input->walking_deg, 360);
    set(r, PRINT_PROGRESSION_DEG, sign * angle + turn - p->turn_deg);
}

static void read_print(struct print *p, struct reading *r)
{
    struct print_thirds thirds;

    *r = (struct reading){0};
    if (p->input->cut_by_rim) {
        refuse_all(r, "the print reaches the edge of the plate: part of it may be missing");
        return;
    }
    if (p->cells.cell)
        print_thirds_find(&p->cells, &thirds);
    if (!p->cells.cell || isnan(thirds.rear)) {
        refuse_all(r, "nothing behind the toes touches the plate");
        return;
    }
    if (thirds.fore - thirds.rear < WHOLE_PRINT * p->input->frame->length_mm) {
        refuse_all(r, "heel or ball of the foot is not on the print");
        return;
    }
    print_edges_trace(&p->edges, &p->cells, &thirds);
    read_thirds(&thirds, r);
    read_widths(p, &thirds, r);
    read_inner_side(p, &thirds, r);
    read_progression(p, &thirds, r);
    refuse(r, PRINT_LENGTH_MM, "the toes do not touch");
    if (p->input->toes_touch)
        set(r, PRINT_LENGTH_MM, thirds.tip - thirds.rear);
}

static void read_at(struct print *p, double factor, struct reading *r)
{
    print_cells_touch(&p->cells, factor * p->input->threshold_kpa);
    read_print(p, r);
}

static void take_thresholds(struct print *p, struct print_numbers *numbers)
{
    struct reading half, twice, less, more;

    read_at(p, 0.5, &half);
    read_at(p, 2, &twice);
    read_at(p, 0.8, &less);
    read_at(p, 1.2, &more);
    print_cells_touch(&p->cells, p->input->threshold_kpa);
    for (int id = 0; id < PRINT_NUMBERS; id++) {
        struct print_number *number = &numbers->of[id];

        number->at_half = half.value[id];
        number->at_double = twice.value[id];
        number->per_20_percent =
            fmax(fabs(less.value[id] - number->value), fabs(more.value[id] - number->value));
    }
}

static int is_rim(const struct print_cells *cells, size_t i)
{
    size_t row = (size_t)cells->cols;
    int near = cells->contact[i - 1] + cells->contact[i + 1] + cells->contact[i - row] +
               cells->contact[i + row];

    return cells->contact[i] ? near < 4 : near > 0;
}

static void take_cells(struct print *p, struct print_numbers *numbers)
{
    double sum[PRINT_NUMBERS] = {0}, n[PRINT_NUMBERS] = {0};
    struct reading r;

    for (int row = 1; row < p->cells.rows - 1; row++)
        for (int col = 1; col < p->cells.cols - 1; col++) {
            size_t i = (size_t)row * (size_t)p->cells.cols + (size_t)col;

            if (!is_rim(&p->cells, i))
                continue;
            p->cells.contact[i] ^= 1;
            read_print(p, &r);
            p->cells.contact[i] ^= 1;
            for (int id = 0; id < PRINT_NUMBERS; id++) {
                double change = r.value[id] - numbers->of[id].value;

                sum[id] += isnan(change) ? 0 : change * change;
                n[id] += !isnan(change);
            }
        }
    for (int id = 0; id < PRINT_NUMBERS; id++)
        numbers->of[id].one_cell = n[id] > 0 ? sqrt(sum[id] / n[id]) : NAN;
}

static void take_reading(const struct reading *r, struct print_numbers *numbers)
{
    numbers->is_parted = r->is_parted;
    for (int id = 0; id < PRINT_NUMBERS; id++) {
        struct print_number *number = &numbers->of[id];

        *number = (struct print_number){.value = r->value[id], .at_half = NAN, .at_double = NAN};
        number->per_20_percent = number->one_cell = number->error = NAN;
        snprintf(number->reason, sizeof number->reason, "%s", r->reason[id] ? r->reason[id] : "");
    }
}

int print_measure(const struct print_input *input, struct print_numbers *numbers,
                  struct problem *why)
{
    struct print p = {.input = input, .turn_deg = NAN};
    struct reading r;

    if (print_cells_make(&p.cells, input, why))
        return -1;
    if (print_edges_make(&p.edges, &p.cells, why)) {
        print_cells_free(&p.cells);
        return -1;
    }
    read_print(&p, &r);
    take_reading(&r, numbers);
    if (!input->only_values && isfinite(numbers->of[PRINT_ARCH_INDEX].value)) {
        take_thresholds(&p, numbers);
        take_cells(&p, numbers);
        for (int id = 0; id < PRINT_NUMBERS; id++)
            numbers->of[id].error = hypot(numbers->of[id].per_20_percent, numbers->of[id].one_cell);
    }
    print_edges_free(&p.edges);
    print_cells_free(&p.cells);
    return 0;
}
