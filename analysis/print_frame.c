/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a print to its foot frame: tangents, their bisector, and the ends (reflexology.md 2.1). */
#include "analysis/contact.h"
#include "analysis/foot/landmarks.h"
#include "analysis/foot/ridge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HEEL_PART_U 0.30
#define FRONT_PART_U 0.55
/* Toes lie ahead of this and never touch a tangent of a usual foot; a splayed big toe would. */
#define TOES_U 0.86
#define FRONT_SHARE 0.12
#define TOES_FILL_MAX 0.6
#define PART_CELLS_MIN 4
/* Half of the least that is a foot. */
#define FRAMED_CM2 12.5
#define BINS_MAX 32
/* The ball's ridge as a share of the contact's length: 0.70 to 0.76 where toes touch, 0.85 to 0.95
 * where the contact ends with the ball (u 0.72 of 0.80). */
#define RIDGE_SHARE_MIN 0.62
#define RIDGE_SHARE_MAX 0.80
/* A bisector this far from the rough axis is a wrong one: contact is missing on one side. */
#define TURN_MAX_DEG 12.0
/* A foot is rounded: its contact ends inside its outline, on the 250 mm foot by about this much at
 * the heel, at the longest toe and at each side (project choice; reflexology.md 2.1 says "a few
 * mm"). */
#define HEEL_ROUND_MM 4.0
#define TOE_ROUND_MM 5.0
#define SIDE_ROUND_MM 3.5
/* An entered length wins, but one that the contact misses by more does not move the ends. */
#define CONTACT_SHORTER_MAX_MM 25.0
/* Contact without toes ends at the front of the ball, at this u. */
#define BALL_FRONT_U 0.80
/* From the ball's front to the middle of the toes' pads (0.90; reflexology.md 1.1): so much may be
 * without contact. */
#define TOE_GAP_U 0.10
/* Of the contact's length: so near to an end, contact on the plate's rim means that it is cut. */
#define CUT_END_SHARE 0.2

/* A contact cell in a turned frame: t along the axis, s to its right, and how far its contact
 * reaches out from its centre as a share of the cell (-0.5..0.5). */
struct edge_cell {
    struct point at;
    double reach, t, s, kpa;
};

struct shape {
    const struct foot_print *print;
    struct edge_cell *cells;
    size_t n;
    struct edge_cell *hull; /* scratch of n */
    double angle_deg;       /* of the frame in which t and s are */
};

struct tangent {
    double at_zero, slope; /* s = at_zero + slope t */
};

static int is_contact(const struct foot_print *print, int row, int col, double *kpa)
{
    size_t i = (size_t)row * (size_t)print->grid->cols + (size_t)col;

    if (row < 0 || col < 0 || row >= print->grid->rows || col >= print->grid->cols)
        return 0;
    *kpa = (double)print->picture[i];
    return print->label[i] == print->value &&
           print->picture[i] > contact_above(print->threshold_kpa);
}

/* A cell at the rim is only partly covered: its pressure over that of its strongest neighbour tells
 * about how much. */
static double reach_of(const struct foot_print *print, int row, int col)
{
    double own, highest = 0, here;

    is_contact(print, row, col, &own);
    for (int r = row - 1; r <= row + 1; r++)
        for (int c = col - 1; c <= col + 1; c++)
            if (is_contact(print, r, c, &here))
                highest = fmax(highest, here);
    return fmin(own / highest, 1) - 0.5;
}

static void collect(struct shape *shape)
{
    const struct foot_print *print = shape->print;
    double kpa;

    for (int row = 0; row < print->grid->rows; row++)
        for (int col = 0; col < print->grid->cols; col++)
            if (is_contact(print, row, col, &kpa) &&
                !contact_is_thin(print->grid, print->picture, contact_above(print->threshold_kpa),
                                 row, col))
                shape->cells[shape->n++] =
                    (struct edge_cell){.at = grid_centre(print->grid, row, col),
                                       .reach = reach_of(print, row, col),
                                       .kpa = kpa};
}

/* A foot that hardly presses was found below the threshold (foot_finder.c), and is framed there. */
static void collect_enough(struct shape *shape, struct foot_print *print)
{
    double threshold_kpa = print->threshold_kpa;

    for (int i = 0; i < 4; i++) {
        print->threshold_kpa = i < 3 ? threshold_kpa / (1 << i) : 0;
        shape->n = 0;
        collect(shape);
        if ((double)shape->n * grid_cell_cm2(print->grid) >= FRAMED_CM2)
            return;
    }
}

/* t and s of all cells in a frame turned by angle_deg. */
static void turn(struct shape *shape, double angle_deg)
{
    double s = sin(angle_deg * M_PI / 180), c = cos(angle_deg * M_PI / 180);

    shape->angle_deg = angle_deg;
    for (size_t i = 0; i < shape->n; i++) {
        struct edge_cell *cell = &shape->cells[i];

        cell->t = cell->at.x_mm * s + cell->at.y_mm * c;
        cell->s = cell->at.x_mm * c - cell->at.y_mm * s;
    }
}

/* Extent of a cell across the axis and along it. */
static double cell_across_mm(const struct shape *shape)
{
    double angle = shape->angle_deg * M_PI / 180;

    return fabs(cos(angle)) * shape->print->grid->pitch_x_mm +
           fabs(sin(angle)) * shape->print->grid->pitch_y_mm;
}

static double cell_along_mm(const struct shape *shape)
{
    double angle = shape->angle_deg * M_PI / 180;

    return fabs(sin(angle)) * shape->print->grid->pitch_x_mm +
           fabs(cos(angle)) * shape->print->grid->pitch_y_mm;
}

static int by_t(const void *a, const void *b)
{
    const struct edge_cell *left = a, *right = b;

    if (left->t != right->t)
        return left->t < right->t ? -1 : 1;
    return (left->s > right->s) - (left->s < right->s);
}

static double turn_of(const struct edge_cell *a, const struct edge_cell *b,
                      const struct edge_cell *c)
{
    return (b->t - a->t) * (c->s - a->s) - (b->s - a->s) * (c->t - a->t);
}

/* The hull's side towards sign * s over heel and front part; its edge from one part to the other is
 * the tangent. t0..t1 is u = 0..1. 0, or -1 when a part has too few cells. */
static int find_tangent(struct shape *shape, double t0, double t1, double sign,
                        struct tangent *tangent)
{
    size_t n = 0, heel = 0, front = 0;
    double half = cell_across_mm(shape);

    for (size_t i = 0; i < shape->n; i++) {
        struct edge_cell cell = shape->cells[i];
        double u = (cell.t - t0) / (t1 - t0);

        if (u > TOES_U || (u >= HEEL_PART_U && u <= FRONT_PART_U))
            continue;
        heel += u < HEEL_PART_U;
        front += u > FRONT_PART_U;
        cell.s = sign * cell.s + cell.reach * half;
        while (n >= 2 && turn_of(&shape->hull[n - 2], &shape->hull[n - 1], &cell) >= 0)
            n--;
        shape->hull[n++] = cell;
    }
    if (heel < PART_CELLS_MIN || front < PART_CELLS_MIN)
        return -1;
    for (size_t i = 1; i < n; i++) {
        const struct edge_cell *a = &shape->hull[i - 1], *b = &shape->hull[i];

        if ((a->t - t0) / (t1 - t0) < HEEL_PART_U && (b->t - t0) / (t1 - t0) > FRONT_PART_U) {
            tangent->slope = sign * (b->s - a->s) / (b->t - a->t);
            tangent->at_zero = sign * a->s - tangent->slope * a->t;
            return 0;
        }
    }
    return -1;
}

static double frame_length(const struct found_foot *foot)
{
    return hypot(foot->rough_toe.x_mm - foot->rough_heel.x_mm,
                 foot->rough_toe.y_mm - foot->rough_heel.y_mm);
}

/* Where the rough axis' u = 0 and 1 lie along t of the present frame. */
static void rough_ends(const struct shape *shape, const struct found_foot *foot, double *t0,
                       double *t1)
{
    double s = sin(shape->angle_deg * M_PI / 180), c = cos(shape->angle_deg * M_PI / 180);

    *t0 = foot->rough_heel.x_mm * s + foot->rough_heel.y_mm * c;
    *t1 = *t0 + frame_length(foot);
}

/* Rearmost and foremost contact along the axis; the rough axis' ends where nothing is in contact.
 */
static void find_ends(const struct shape *shape, const struct found_foot *foot, double *rear,
                      double *fore)
{
    double along = cell_along_mm(shape);

    *rear = INFINITY;
    *fore = -INFINITY;
    if (!shape->n)
        rough_ends(shape, foot, rear, fore);
    for (size_t i = 0; i < shape->n; i++) {
        *rear = fmin(*rear, shape->cells[i].t - shape->cells[i].reach * along);
        *fore = fmax(*fore, shape->cells[i].t + shape->cells[i].reach * along);
    }
}

static void both_tangents(struct shape *shape, const struct found_foot *foot, struct tangent *right,
                          struct tangent *left, int *found)
{
    double t0, t1;

    qsort(shape->cells, shape->n, sizeof *shape->cells, by_t);
    rough_ends(shape, foot, &t0, &t1);
    *found = !find_tangent(shape, t0, t1, 1, right) && !find_tangent(shape, t0, t1, -1, left);
}

/* The bisector's frame: angle, s of the axis, and widths as a line over t. 0, or -1 when the print
 * does not carry two tangents that make sense. */
static int frame_by_tangents(struct shape *shape, const struct found_foot *foot, double *axis_s,
                             struct tangent *width)
{
    struct tangent right, left;
    int found;

    for (int round = 0; round < 3; round++) {
        double turned;

        both_tangents(shape, foot, &right, &left, &found);
        turned = found ? (atan(right.slope) + atan(left.slope)) * 90 / M_PI : 0;
        if (!found ||
            fabs(remainder(shape->angle_deg + turned - foot->rough_angle_deg, 360)) > TURN_MAX_DEG)
            return -1;
        if (round < 2)
            turn(shape, shape->angle_deg + turned);
    }
    *axis_s = (right.at_zero + left.at_zero) / 2;
    width->at_zero = right.at_zero - left.at_zero;
    width->slope = right.slope - left.slope;
    return 0;
}

static struct point plate_point(const struct shape *shape, double t, double s)
{
    double sine = sin(shape->angle_deg * M_PI / 180), cosine = cos(shape->angle_deg * M_PI / 180);

    return (struct point){t * sine + s * cosine, t * cosine - s * sine};
}

static int widths_make_sense(const struct foot_frame *frame)
{
    double heel = foot_frame_width_mm(frame, 0.16) / frame->length_mm;
    double ball = foot_frame_width_mm(frame, 0.73) / frame->length_mm;

    return heel > 0.13 && heel < 0.42 && ball > 0.22 && ball < 0.6 &&
           frame->width_heel_mm > 0.05 * frame->length_mm;
}

/* Load along the front half of the contact t0..t1, in bins no shorter than a cell. */
struct front_load {
    double from, width, load[BINS_MAX + 1];
    int ball; /* the bin that carries most */
};

static struct front_load front_load(const struct shape *shape, double t0, double t1)
{
    struct front_load front = {.from = (t0 + t1) / 2};

    front.width = fmax(cell_along_mm(shape), (t1 - front.from) / BINS_MAX);
    for (size_t i = 0; i < shape->n; i++) {
        int bin = (int)((shape->cells[i].t - front.from) / front.width);

        if (shape->cells[i].t >= front.from && bin <= BINS_MAX)
            front.load[bin] += shape->cells[i].kpa;
    }
    for (int bin = 1; bin <= BINS_MAX; bin++)
        front.ball = front.load[bin] > front.load[front.ball] ? bin : front.ball;
    return front;
}

/* Behind the ball load falls and, where toes touch, rises again: 1 when it does. */
static int has_toe_rise(const struct front_load *front)
{
    const double *load = front->load;
    double lowest = load[front->ball];

    for (int bin = front->ball + 1; bin <= BINS_MAX; bin++) {
        lowest = fmin(lowest, load[bin]);
        if (load[bin] > 1.25 * lowest && load[bin] > 0.05 * load[front->ball])
            return 1;
    }
    return 0;
}

/* With toes the contact goes on for a quarter of the foot ahead of the ball's ridge, without them
 * it ends there: cells too coarse for a valley before the toes tell it all the same. */
static int has_room_for_toes(const struct front_load *front, double t0, double t1)
{
    double ridge = (front->from + (front->ball + 0.5) * front->width - t0) / (t1 - t0);

    return ridge > RIDGE_SHARE_MIN && ridge < RIDGE_SHARE_MAX;
}

/* Toes leave gaps and taper, so that the front of the contact is partly filled; the front of a ball
 * without toes is nearly as wide as the foot. t0..t1 is the contact's length. */
static int has_tapered_front(const struct shape *shape, double t0, double t1)
{
    double from = t1 - FRONT_SHARE * (t1 - t0), low = INFINITY, high = -INFINITY, cells = 0;

    for (size_t i = 0; i < shape->n; i++) {
        low = fmin(low, shape->cells[i].s);
        high = fmax(high, shape->cells[i].s);
        cells += shape->cells[i].t > from;
    }
    return cells * grid_cell_cm2(shape->print->grid) * 100 <
           TOES_FILL_MAX * (t1 - from) * (high - low + cell_across_mm(shape));
}

static int toes_touch(const struct shape *shape, double t0, double t1)
{
    struct front_load front = front_load(shape, t0, t1);

    return has_tapered_front(shape, t0, t1) || has_toe_rise(&front) ||
           has_room_for_toes(&front, t0, t1);
}

static void say(struct print_frame *out, const char *text, double mm)
{
    snprintf(out->length_reason, sizeof out->length_reason, text, mm);
}

/* What the contact lacks at both ends on a foot of which it covers contact_mm. */
static double rounding_mm(double contact_mm)
{
    double per_mm = (HEEL_ROUND_MM + TOE_ROUND_MM) / 250;

    return contact_mm * per_mm / (1 - per_mm);
}

/* Length of the foot from its contact, or from what was entered; NAN where neither tells. */
static void set_length(const struct found_foot *foot, double entered_mm, double contact,
                       struct print_frame *out)
{
    out->length_mm = NAN;
    if (entered_mm > 0) {
        out->length_mm = entered_mm;
        say(out,
            entered_mm >= contact
                ? "stated, not measured; the contact is %.0f mm long"
                : "stated, not measured; the contact is longer, %.0f mm: please check",
            contact);
    } else if (foot->off_edge) {
        say(out, "the print reaches the plate's edge after %.0f mm: part of it may be missing",
            contact);
    } else if (foot->is_part) {
        say(out, "the print is not that of a whole foot; %.0f mm of it are in contact", contact);
    } else if (!out->toes_touch) {
        say(out, "the toes do not touch; heel to ball the contact is %.0f mm long", contact);
    } else {
        out->length_is_measured = 1;
        out->length_mm = contact + rounding_mm(contact);
        say(out, "%.0f mm of contact and the few mm of the rounded ends", contact);
    }
}

/* The frame's length where no length is known: by the model or by heel to ball. */
static double guessed_length(const struct found_foot *foot, const struct print_frame *out,
                             double contact)
{
    if (!isnan(out->length_mm))
        return out->length_mm;
    if (foot->is_part && out->toes_touch && !foot->off_edge)
        return contact + rounding_mm(contact); /* at least so long */
    return foot->off_edge ? fmax(frame_length(foot), contact)
                          : fmax(frame_length(foot), contact / BALL_FRONT_U);
}

/* Where u = 0 lies along the axis: what the contact lacks of the length is shared out to both ends.
 */
static double usual_heel_t(const struct found_foot *foot, const struct print_frame *out,
                           double length, double rear, double fore)
{
    double ends = HEEL_ROUND_MM + TOE_ROUND_MM;
    double missing = out->toes_touch && !foot->off_edge
                         ? fmin(fmax(length - (fore - rear), 0), CONTACT_SHORTER_MAX_MM)
                         : ends * length / 250;

    return rear - missing * HEEL_ROUND_MM / ends;
}

static int is_within(const struct grid *grid, struct point at, double cells)
{
    double dx = cells * grid->pitch_x_mm, dy = cells * grid->pitch_y_mm;

    return at.x_mm >= dx && at.y_mm >= dy && at.x_mm <= grid->cols * grid->pitch_x_mm - dx &&
           at.y_mm <= grid->rows * grid->pitch_y_mm - dy;
}

/* Which ends of the contact rear..fore the plate's edge cuts: cells of the rim lie there. Where the
 * rim runs between ball and toes none does, but a good part of the told length is missing ahead. */
struct cut_ends {
    int heel, toes;
};

static struct cut_ends cut_ends(const struct shape *shape, double axis_s, double length,
                                double rear, double fore)
{
    const struct grid *grid = shape->print->grid;
    struct point crease = plate_point(shape, fore + TOE_GAP_U * length, axis_s);
    struct cut_ends cut = {0, length - (fore - rear) > CONTACT_SHORTER_MAX_MM &&
                                  !is_within(grid, crease, 0)};

    for (size_t i = 0; i < shape->n; i++) {
        const struct edge_cell *cell = &shape->cells[i];
        double from_heel = (cell->t - rear) / (fore - rear);

        if (is_within(grid, cell->at, 1))
            continue;
        cut.heel |= from_heel < CUT_END_SHARE;
        cut.toes |= from_heel > 1 - CUT_END_SHARE;
    }
    return cut;
}

/* The same of a foot whose length was told: where one end hangs over the edge, the end that is
 * whole holds it; else NAN. */
static double told_heel_t(const struct shape *shape, const struct print_frame *out, double axis_s,
                          double rear, double fore)
{
    double length = out->length_mm, scale = length / 250;
    struct cut_ends cut = cut_ends(shape, axis_s, length, rear, fore);

    if (cut.toes && !cut.heel)
        return rear - HEEL_ROUND_MM * scale;
    if (cut.heel && !cut.toes)
        return out->toes_touch ? fore + TOE_ROUND_MM * scale - length
                               : fore - BALL_FRONT_U * length;
    return NAN;
}

static void build(struct shape *shape, const struct found_foot *foot, double entered_mm,
                  double axis_s, const struct tangent *width, struct print_frame *out)
{
    double contact_rear, rear, fore, t0, t1, heel_t, length;

    find_ends(shape, foot, &contact_rear, &fore);
    rough_ends(shape, foot, &t0, &t1);
    out->toes_touch = toes_touch(shape, contact_rear, fore);
    rear = foot->off_edge ? fmin(contact_rear, t0) : contact_rear;
    set_length(foot, entered_mm, fore - contact_rear, out);
    length = guessed_length(foot, out, fore - rear);
    heel_t = entered_mm > 0 ? told_heel_t(shape, out, axis_s, contact_rear, fore) : NAN;
    if (isnan(heel_t))
        heel_t = usual_heel_t(foot, out, length, rear, fore);
    out->frame.side = foot->side;
    out->frame.angle_deg = remainder(shape->angle_deg, 360);
    out->frame.length_mm = length;
    out->frame.heel = plate_point(shape, heel_t, axis_s);
    out->frame.width_heel_mm =
        width->at_zero + width->slope * heel_t + 2 * SIDE_ROUND_MM * length / 250;
    out->frame.width_toe_mm = out->frame.width_heel_mm + width->slope * length;
}

/* The rough axis with the template's widths for its length. */
static void build_rough(struct shape *shape, const struct found_foot *foot, double entered_mm,
                        struct print_frame *out)
{
    struct foot_frame template = foot_frame_template(foot->side, foot->rough_heel,
                                                     foot->rough_angle_deg, frame_length(foot));
    double s = sin(foot->rough_angle_deg * M_PI / 180), c = cos(foot->rough_angle_deg * M_PI / 180);
    double t0 = foot->rough_heel.x_mm * s + foot->rough_heel.y_mm * c;
    struct tangent width = {0,
                            (template.width_toe_mm - template.width_heel_mm) / template.length_mm};

    width.at_zero = template.width_heel_mm - width.slope * t0;
    turn(shape, foot->rough_angle_deg);
    build(shape, foot, entered_mm, foot->rough_heel.x_mm * c - foot->rough_heel.y_mm * s, &width,
          out);
}

/* A contact that is cut short looks like a short foot, but for the ball, which lies too far ahead
 * of its heel. The frame stays as it is: how much is missing is not known. */
static void doubt_length(const struct foot_print *print, struct print_frame *out)
{
    double u;

    if (!out->length_is_measured || !print_is_cut_short(print, &out->frame, &u))
        return;
    out->length_is_measured = 0;
    out->length_mm = NAN;
    say(out, "the ball lies at %.0f %% of the contact, too far ahead: part of the toes is missing",
        100 * u);
}

int frame_from_print(const struct foot_print *print, const struct found_foot *foot,
                     double entered_length_mm, struct print_frame *out, struct problem *why)
{
    size_t cells = grid_cells(print->grid);
    struct foot_print seen = *print;
    struct shape shape = {.print = &seen};
    struct tangent width;
    double axis_s;

    *out = (struct print_frame){0};
    shape.cells = malloc(cells * sizeof *shape.cells);
    shape.hull = malloc(cells * sizeof *shape.hull);
    if (!shape.cells || !shape.hull) {
        free(shape.cells);
        free(shape.hull);
        return problem_no_memory(why, "the outline of a foot");
    }
    collect_enough(&shape, &seen);
    turn(&shape, foot->rough_angle_deg);
    if (frame_by_tangents(&shape, foot, &axis_s, &width)) {
        build_rough(&shape, foot, entered_length_mm, out);
    } else {
        build(&shape, foot, entered_length_mm, axis_s, &width, out);
        if (!widths_make_sense(&out->frame))
            build_rough(&shape, foot, entered_length_mm, out);
    }
    doubt_length(print, out);
    free(shape.cells);
    free(shape.hull);
    return 0;
}
