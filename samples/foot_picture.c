/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/foot_picture.h"
#include "samples/sole.h"

#include <math.h>
#include <stdlib.h>

#define HEEL_PAD_U 0.10
#define BALL_U 0.73

/* The tangents turn about the ball's width, which stays, to another width of the heel pad. */
static void widen_heel(struct foot_frame *frame, double share)
{
    double pad_mm = foot_frame_width_mm(frame, HEEL_PAD_U) * (1 + share);
    double ball_mm = foot_frame_width_mm(frame, BALL_U);
    double slope = (ball_mm - pad_mm) / (BALL_U - HEEL_PAD_U);
    frame->width_heel_mm = pad_mm - slope * HEEL_PAD_U;
    frame->width_toe_mm = ball_mm + slope * (1 - BALL_U);
}

struct foot_frame foot_picture_frame(const struct subject_foot *foot, struct point heel,
                                     double angle_deg)
{
    struct foot_frame frame = foot_frame_template(foot->side, heel, angle_deg, foot->length_mm);
    frame.width_heel_mm *= foot->width_scale;
    frame.width_toe_mm *= foot->width_scale;
    if (foot->build.heel_wide != 0)
        widen_heel(&frame, foot->build.heel_wide);
    return frame;
}

/* --- A field over the plate and its integral over cells ------------------------------------- */

struct box {
    double low_x_mm, low_y_mm, high_x_mm, high_y_mm;
};

struct cells_range {
    int row0, row1, col0, col1; /* may lie beyond the plate */
};

static struct cells_range range_of(const struct box *box, const struct grid *grid)
{
    return (struct cells_range){(int)floor(box->low_y_mm / grid->pitch_y_mm),
                                (int)floor(box->high_y_mm / grid->pitch_y_mm) + 1,
                                (int)floor(box->low_x_mm / grid->pitch_x_mm),
                                (int)floor(box->high_x_mm / grid->pitch_x_mm) + 1};
}

static int samples_per_cell(double pitch_mm)
{
    return pitch_mm < 2 ? 2 : (int)ceil(pitch_mm);
}

struct moments {
    double sum, x, y; /* sum of values, and of values times place */
};

static struct moments cell_moments(const struct grid *grid, int row, int col,
                                   foot_picture_field *value, const void *context)
{
    struct moments m = {0};
    int nx = samples_per_cell(grid->pitch_x_mm), ny = samples_per_cell(grid->pitch_y_mm);
    for (int j = 0; j < ny; j++) {
        for (int i = 0; i < nx; i++) {
            struct point at = {(col + (i + 0.5) / nx) * grid->pitch_x_mm,
                               (row + (j + 0.5) / ny) * grid->pitch_y_mm};
            double here = value(context, at);
            m.sum += here;
            m.x += here * at.x_mm;
            m.y += here * at.y_mm;
        }
    }
    return m;
}

static int is_on_plate(const struct grid *grid, int row, int col)
{
    return row >= 0 && row < grid->rows && col >= 0 && col < grid->cols;
}

static int count_on_plate(const struct grid *grid, const struct cells_range *r)
{
    int rows = (int)fmin(r->row1, grid->rows) - (int)fmax(r->row0, 0);
    int cols = (int)fmin(r->col1, grid->cols) - (int)fmax(r->col0, 0);
    return rows > 0 && cols > 0 ? rows * cols : 0;
}

/* Sums so far become shares of 1 N on the whole field. */
static void normalise(struct foot_picture *picture, double total)
{
    double x = 0, y = 0, on_plate = 0;
    for (size_t i = 0; i < picture->n; i++) {
        struct loaded_cell *cell = &picture->cells[i];
        cell->newton = (float)(cell->newton / total);
        on_plate += cell->newton;
        x += (double)cell->newton * cell->x_mm;
        y += (double)cell->newton * cell->y_mm;
    }
    picture->newton = on_plate;
    if (on_plate > 0)
        picture->cop = (struct point){x / on_plate, y / on_plate};
}

static int integrate(struct foot_picture *picture, const struct grid *grid, const struct box *box,
                     foot_picture_field *value, const void *context, struct problem *why)
{
    struct cells_range r = range_of(box, grid);
    int cap = count_on_plate(grid, &r);
    picture->n = 0;
    picture->cells = malloc((size_t)(cap ? cap : 1) * sizeof *picture->cells);
    if (!picture->cells)
        return problem_no_memory(why, "a foot's pressure");
    double total = 0;
    for (int row = r.row0; row < r.row1; row++) {
        for (int col = r.col0; col < r.col1; col++) {
            struct moments m = cell_moments(grid, row, col, value, context);
            total += m.sum;
            if (m.sum > 0 && is_on_plate(grid, row, col))
                picture->cells[picture->n++] =
                    (struct loaded_cell){row * grid->cols + col, (float)m.sum, (float)(m.x / m.sum),
                                         (float)(m.y / m.sum)};
        }
    }
    if (total > 0)
        normalise(picture, total);
    return 0;
}

/* --- The standing foot ---------------------------------------------------------------------- */

struct standing {
    struct sole sole;
    const struct foot_frame *frame;
    struct foot_gains gains;
    foot_picture_factor *factor;
    void *context;
};

/* Weight of the front half, blended over the middle fifth. */
static double front_weight(double u)
{
    double t = fmin(1, fmax(0, (u - 0.4) / 0.2));
    return t * t * (3 - 2 * t);
}

static double standing_value(const void *context, struct point at)
{
    const struct standing *s = context;
    struct uv uv = foot_frame_to_uv(s->frame, at);
    double value = sole_pressure(&s->sole, uv);
    if (value <= 0)
        return 0;
    double w = front_weight(uv.u);
    value *= s->gains.fore * w + s->gains.rear * (1 - w);
    return s->factor ? value * s->factor(s->context, uv) : value;
}

/* Gains such that fore_share of the whole lies on u >= 0.5. Four integrals over the template: a for
 * the fore weight and b for the rear one, of the front part (f) and of the whole. */
static struct foot_gains balance(const struct sole *sole, double fore_share)
{
    double a = 0, a_front = 0, b = 0, b_front = 0;
    for (double u = 0.0025; u < 1; u += 0.005) {
        double wide = 54.1 + 62.0 * u, w = front_weight(u);
        for (double v = 0.005; v < 1; v += 0.01) {
            double value = wide * sole_pressure(sole, (struct uv){u, v});
            a += value * w;
            b += value * (1 - w);
            a_front += u >= 0.5 ? value * w : 0;
            b_front += u >= 0.5 ? value * (1 - w) : 0;
        }
    }
    /* fore a_front + rear b_front = share (fore a + rear b), solved for fore / rear. */
    double top = fore_share * b - b_front, bottom = a_front - fore_share * a;
    return (struct foot_gains){1, bottom > 0 && top > 0 ? top / bottom : 1};
}

struct foot_gains foot_picture_gains(const struct subject_foot *foot, double fore_share)
{
    struct sole sole;
    sole_make(&sole, foot);
    return balance(&sole, fore_share);
}

static struct box box_of(const struct foot_frame *frame, double u_high)
{
    struct box box = {1e9, 1e9, -1e9, -1e9};
    const struct uv corners[] = {{-.02, -.06}, {-.02, 1.06}, {u_high, -.06}, {u_high, 1.06}};
    for (int i = 0; i < 4; i++) {
        struct point p = foot_frame_to_plate(frame, corners[i]);
        box.low_x_mm = fmin(box.low_x_mm, p.x_mm);
        box.low_y_mm = fmin(box.low_y_mm, p.y_mm);
        box.high_x_mm = fmax(box.high_x_mm, p.x_mm);
        box.high_y_mm = fmax(box.high_y_mm, p.y_mm);
    }
    return box;
}

static int stand(struct foot_picture *picture, struct standing *s, const struct grid *grid,
                 struct problem *why)
{
    struct box box = box_of(s->frame, 1.02);
    *picture = (struct foot_picture){.cop = s->frame->heel};
    return integrate(picture, grid, &box, standing_value, s, why);
}

int foot_picture_stand(struct foot_picture *picture, const struct subject_foot *foot,
                       const struct foot_frame *frame, const struct grid *grid, double fore_share,
                       foot_picture_factor *factor, void *context, struct problem *why)
{
    struct standing s = {.frame = frame, .factor = factor, .context = context};
    sole_make(&s.sole, foot);
    s.gains = balance(&s.sole, fore_share);
    return stand(picture, &s, grid, why);
}

int foot_picture_lay(struct foot_picture *picture, const struct subject_foot *foot,
                     const struct foot_frame *frame, const struct grid *grid,
                     const struct foot_gains *gains, struct problem *why)
{
    struct standing s = {.frame = frame, .gains = *gains};
    sole_make(&s.sole, foot);
    return stand(picture, &s, grid, why);
}

/* --- Heel rest and stud --------------------------------------------------------------------- */

static double heel_value(const void *context, struct point at)
{
    return sole_heel_rest(foot_frame_to_uv(context, at));
}

int foot_picture_heel_rest(struct foot_picture *picture, const struct foot_frame *frame,
                           const struct grid *grid, struct problem *why)
{
    struct box box = box_of(frame, 0.27);
    *picture = (struct foot_picture){.cop = frame->heel};
    return integrate(picture, grid, &box, heel_value, frame, why);
}

/* Length that two intervals share. */
static double overlap(double a0, double a1, double b0, double b1)
{
    return fmax(0, fmin(a1, b1) - fmax(a0, b0));
}

int foot_picture_square(struct foot_picture *picture, struct point centre, double side_mm,
                        const struct grid *grid, struct problem *why)
{
    double x0 = centre.x_mm - side_mm / 2, y0 = centre.y_mm - side_mm / 2;
    struct box box = {x0, y0, x0 + side_mm, y0 + side_mm};
    struct cells_range r = range_of(&box, grid);
    int cap = count_on_plate(grid, &r);
    *picture = (struct foot_picture){.cop = centre};
    picture->cells = malloc((size_t)(cap ? cap : 1) * sizeof *picture->cells);
    if (!picture->cells)
        return problem_no_memory(why, "a stud's pressure");
    for (int row = r.row0; row < r.row1; row++) {
        for (int col = r.col0; col < r.col1; col++) {
            double left = col * grid->pitch_x_mm, back = row * grid->pitch_y_mm;
            double wide = overlap(left, left + grid->pitch_x_mm, x0, x0 + side_mm);
            double deep = overlap(back, back + grid->pitch_y_mm, y0, y0 + side_mm);
            if (wide * deep <= 0 || !is_on_plate(grid, row, col))
                continue;
            picture->cells[picture->n++] = (struct loaded_cell){
                row * grid->cols + col, (float)(wide * deep),
                (float)((fmax(left, x0) + fmin(left + grid->pitch_x_mm, x0 + side_mm)) / 2),
                (float)((fmax(back, y0) + fmin(back + grid->pitch_y_mm, y0 + side_mm)) / 2)};
        }
    }
    normalise(picture, side_mm * side_mm);
    return 0;
}

int foot_picture_shape(struct foot_picture *picture, struct point middle, double reach_mm,
                       const struct grid *grid, foot_picture_field *value, const void *context,
                       struct problem *why)
{
    struct box box = {middle.x_mm - reach_mm, middle.y_mm - reach_mm, middle.x_mm + reach_mm,
                      middle.y_mm + reach_mm};
    return integrate(picture, grid, &box, value, context, why);
}

void foot_picture_free(struct foot_picture *picture)
{
    free(picture->cells);
    *picture = (struct foot_picture){0};
}
