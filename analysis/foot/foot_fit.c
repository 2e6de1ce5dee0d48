/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_fit.h"
#include "analysis/foot/guide_lines.h"

#include <math.h>
#include <stdlib.h>

/* Raster of the model: u and v from LOW to LOW + 1.6, so that the surroundings are part of it. */
#define LOW -0.3
#define SPAN 1.6
#define RASTER 80

/* What is said of a cell far from any foot. */
#define STRAY_PROBABILITY 0.02
#define STRAY_LOG -3.912023005428146

struct foot_model {
    float contact[RASTER][RASTER], none[RASTER][RASTER]; /* log probability; [u][v] */
    uint8_t sure[RASTER][RASTER], outline[RASTER][RASTER];
};

static int in_outline(struct uv at)
{
    int n, inside = 0;
    const struct uv *p = foot_outline_template(&n);

    for (int i = 0, j = n - 1; i < n; j = i++)
        if ((p[i].v > at.v) != (p[j].v > at.v) &&
            at.u < (p[j].u - p[i].u) * (at.v - p[i].v) / (p[j].v - p[i].v) + p[i].u)
            inside = !inside;
    return inside;
}

/* Probability that the middle foot touches at v: the outer edge mostly does, the hollow seldom. */
static double arch_probability(double v)
{
    if (v > 0.65)
        return 0.88;
    if (v > 0.5)
        return 0.7;
    return v > 0.36 ? 0.4 : 0.12;
}

static double contact_probability(const struct guide_lines *lines, struct uv at)
{
    double toe_u = guide_toe_u(lines, at.v);

    if (!in_outline(at))
        return STRAY_PROBABILITY;
    if (at.u < lines->heel_front_u)
        return 0.95;
    if (at.u < guide_diaphragm_u(lines, at.v) - 0.03)
        return arch_probability(at.v);
    if (at.u < toe_u - 0.03)
        return 0.95;
    if (at.u < toe_u + 0.025)
        return 0.55; /* the crease under the toes */
    return 0.75;
}

struct foot_model *foot_model_new(struct problem *why)
{
    struct foot_model *model = malloc(sizeof *model);
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);

    if (!model) {
        problem_no_memory(why, "the model of a print");
        return NULL;
    }
    for (int i = 0; i < RASTER; i++)
        for (int j = 0; j < RASTER; j++) {
            struct uv at = {LOW + (i + 0.5) * SPAN / RASTER, LOW + (j + 0.5) * SPAN / RASTER};
            double p = contact_probability(&lines, at);

            model->contact[i][j] = (float)log(p);
            model->none[i][j] = (float)log(1 - p);
            model->sure[i][j] = p > 0.9;
            model->outline[i][j] = in_outline(at) != 0;
        }
    return model;
}

void foot_model_free(struct foot_model *model)
{
    free(model);
}

static int raster_at(struct uv at, int *i, int *j)
{
    double fi = (at.u - LOW) * (RASTER / SPAN), fj = (at.v - LOW) * (RASTER / SPAN);

    if (!(fi >= 0 && fi < RASTER && fj >= 0 && fj < RASTER))
        return 0;
    *i = (int)fi;
    *j = (int)fj;
    return 1;
}

/* The frame's numbers that do not change from cell to cell. */
struct pose {
    double s, c, x, y, per_length, width_heel, width_slope, sign;
};

static struct pose pose_of(const struct foot_frame *frame)
{
    double angle = frame->angle_deg * M_PI / 180;

    return (struct pose){
        .s = sin(angle),
        .c = cos(angle),
        .x = frame->heel.x_mm,
        .y = frame->heel.y_mm,
        .per_length = 1 / frame->length_mm,
        .width_heel = frame->width_heel_mm,
        .width_slope = frame->width_toe_mm - frame->width_heel_mm,
        .sign = frame->side == SIDE_LEFT ? -1 : 1,
    };
}

static struct uv to_uv(const struct pose *pose, const struct fit_cell *cell)
{
    double dx = (double)cell->x_mm - pose->x, dy = (double)cell->y_mm - pose->y;
    double u = (dx * pose->s + dy * pose->c) * pose->per_length;
    double across = pose->sign * (dx * pose->c - dy * pose->s);
    double width = pose->width_heel + u * pose->width_slope;

    return (struct uv){u, 0.5 + across / (width > 1 ? width : 1)};
}

/* Sizes that are unusual for a foot cost a little, so that a search does not wander off. */
static double size_cost(const struct foot_frame *frame)
{
    double width = (frame->width_heel_mm + frame->width_toe_mm) / 2;
    double slimness = log(frame->length_mm / width / (250 / 85.1)) / 0.12;
    double length = log(frame->length_mm / 245) / 0.2;

    return slimness * slimness + length * length;
}

static double score_of(const struct foot_model *model, const struct grid *grid,
                       const struct fit_cell *cells, size_t n, size_t stride,
                       const struct foot_frame *frame)
{
    const struct pose pose = pose_of(frame);
    double sum = 0;

    for (size_t k = 0; k < n; k += stride) {
        int i, j;

        if (raster_at(to_uv(&pose, &cells[k]), &i, &j))
            sum += (double)(cells[k].contact ? model->contact[i][j] : model->none[i][j]);
        else if (cells[k].contact)
            sum += STRAY_LOG;
    }
    return sum * (double)stride * grid_cell_cm2(grid) - size_cost(frame);
}

/* The five numbers of a pose, so that the search can step through them. */
static void step_pose(struct foot_frame *frame, int which, double step)
{
    double angle = frame->angle_deg * M_PI / 180;

    switch (which) {
    case 0: /* along the axis */
        frame->heel.x_mm += step * sin(angle);
        frame->heel.y_mm += step * cos(angle);
        break;
    case 1: /* across */
        frame->heel.x_mm += step * cos(angle);
        frame->heel.y_mm -= step * sin(angle);
        break;
    case 2: /* turn about the middle of the foot */
        frame->heel.x_mm += frame->length_mm / 2 * sin(angle);
        frame->heel.y_mm += frame->length_mm / 2 * cos(angle);
        frame->angle_deg += step * 0.6;
        angle = frame->angle_deg * M_PI / 180;
        frame->heel.x_mm -= frame->length_mm / 2 * sin(angle);
        frame->heel.y_mm -= frame->length_mm / 2 * cos(angle);
        break;
    case 3: /* longer at the toes */
        frame->length_mm += step;
        break;
    default: /* wider */
        frame->width_heel_mm *= 1 + step / 100;
        frame->width_toe_mm *= 1 + step / 100;
        break;
    }
}

#define DIRECTIONS 10 /* five numbers, each less or more */
#define ROUNDS 12

static double search(const struct foot_model *model, const struct grid *grid,
                     const struct fit_cell *cells, size_t n, size_t stride, double first_step,
                     double last_step, struct foot_frame *frame)
{
    double best = score_of(model, grid, cells, n, stride, frame);

    for (double step = first_step; step >= last_step; step /= 2) {
        /* In turn until none of the directions is better from where it stands. */
        for (int i = 0, in_vain = 0; i < ROUNDS * DIRECTIONS && in_vain < DIRECTIONS; i++) {
            struct foot_frame next = *frame;
            double score;

            in_vain++;
            step_pose(&next, i % DIRECTIONS / 2, i % 2 ? step : -step);
            if (next.length_mm < 90 || next.length_mm > 360)
                continue;
            score = score_of(model, grid, cells, n, stride, &next);
            if (score > best) {
                best = score;
                *frame = next;
                in_vain = 0;
            }
        }
    }
    return best;
}

/* Where a search begins: the model's centre of contact lies at u 0.47 and its print is about as
 * long as the rectangle of the moments; a print without toes, or cut by the border, is shorter. */
static struct foot_frame first_guess(const struct print *print, enum side side, double toes_deg,
                                     double stretch)
{
    double length = fmin(fmax(print->length_mm * stretch, 110), 320);
    double s = sin(toes_deg * M_PI / 180), c = cos(toes_deg * M_PI / 180);
    double back = 0.47 * length;
    struct foot_frame frame = foot_frame_template(
        side, (struct point){print->centre.x_mm - back * s, print->centre.y_mm - back * c},
        toes_deg, length);

    return frame;
}

static void judge(const struct foot_model *model, const struct fit_cell *cells, size_t n,
                  struct foot_fit *fit)
{
    const struct pose pose = pose_of(&fit->frame);
    size_t contact = 0, inside = 0, sure = 0, covered = 0;

    for (size_t k = 0; k < n; k++) {
        int i, j, known = raster_at(to_uv(&pose, &cells[k]), &i, &j);

        contact += cells[k].contact != 0;
        inside += known && cells[k].contact && model->outline[i][j];
        sure += known && model->sure[i][j];
        covered += known && model->sure[i][j] && cells[k].contact;
    }
    fit->inside = contact ? (double)inside / (double)contact : 0;
    fit->covered = sure ? (double)covered / (double)sure : 0;
}

struct foot_fit foot_fit(const struct foot_model *model, const struct grid *grid,
                         const struct fit_cell *cells, size_t n, const struct print *print,
                         enum side side, double toes_deg)
{
    static const double stretches[] = {1.0, 1.2};
    size_t stride = n / 500 + 1;
    struct foot_fit best = {.score = -INFINITY};

    /* An even stride would always skip the same columns. */
    stride += stride % 2 == 0;
    for (int i = 0; i < 2; i++) {
        struct foot_frame frame = first_guess(print, side, toes_deg, stretches[i]);
        double score = search(model, grid, cells, n, stride, 12, 3, &frame);

        if (score > best.score) {
            best.score = score;
            best.frame = frame;
        }
    }
    best.score = search(model, grid, cells, n, n / 4000 + 1, 3, 0.7, &best.frame);
    judge(model, cells, n, &best);
    return best;
}
