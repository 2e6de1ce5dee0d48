/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/standing_feet.h"
#include "samples/foot_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct standing_range standing_usual(int feet)
{
    return (struct standing_range){.length_low_mm = 160,
                                   .length_high_mm = 305,
                                   .angle_deg = 30,
                                   .gap_low_mm = 4,
                                   .gap_high_mm = 120,
                                   .arch_low = 0,
                                   .arch_high = 1,
                                   .toes_low = 0.5,
                                   .toes_high = 1.5,
                                   .feet = feet,
                                   .stagger_mm = 40,
                                   .noise_kpa = 1};
}

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

static double distance(struct point a, struct point b)
{
    return hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm);
}

/* 1 when a point lies inside the template outline of the foot. */
static int inside(const struct foot_frame *frame, struct point at)
{
    int n, in = 0;
    const struct uv *p = foot_outline_template(&n);
    struct uv q = foot_frame_to_uv(frame, at);

    for (int i = 0, j = n - 1; i < n; j = i++)
        if ((p[i].v > q.v) != (p[j].v > q.v) &&
            q.u < (p[j].u - p[i].u) * (q.v - p[i].v) / (p[j].v - p[i].v) + p[i].u)
            in = !in;
    return in;
}

/* Least distance of the two outlines; negative when they overlap. */
static double gap_between(const struct foot_frame *a, const struct foot_frame *b)
{
    struct point at_a[64], at_b[64];
    double gap = INFINITY;
    int n;
    const struct uv *p = foot_outline_template(&n);

    for (int i = 0; i < n; i++) {
        at_a[i] = foot_frame_to_plate(a, p[i]);
        at_b[i] = foot_frame_to_plate(b, p[i]);
        if (inside(b, at_a[i]) || inside(a, at_b[i]))
            return -1;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            gap = fmin(gap, distance(at_a[i], at_b[j]));
    return gap;
}

static void draw_foot(struct standing *s, int i, const struct standing_range *range, double length,
                      double width, double turn, struct dice *dice)
{
    struct subject_foot *foot = &s->foot[i];

    foot->length_mm = length * between(dice, 0.98, 1.02);
    foot->width_scale = width * between(dice, 0.98, 1.02);
    foot->arch = between(dice, range->arch_low, range->arch_high);
    foot->toe_contact = between(dice, range->toes_low, range->toes_high);
    foot->angle_deg = fmax(fmin(turn, range->angle_deg), -range->angle_deg);
    s->frame[i] = foot_picture_frame(foot, (struct point){0, 0}, foot->angle_deg);
}

static void move(struct standing *s, int i, double dx, double dy)
{
    s->frame[i].heel.x_mm += dx;
    s->frame[i].heel.y_mm += dy;
    s->foot[i].heel = s->frame[i].heel;
}

/* The middle of all feet to the middle of the plate. */
static void centre_on_plate(struct standing *s)
{
    double x = 0, y = 0;

    for (int i = 0; i < s->n; i++) {
        struct point middle = foot_frame_to_plate(&s->frame[i], (struct uv){0.5, 0.5});

        x += middle.x_mm / s->n;
        y += middle.y_mm / s->n;
    }
    for (int i = 0; i < s->n; i++)
        move(s, i, s->grid.cols * s->grid.pitch_x_mm / 2 - x,
             s->grid.rows * s->grid.pitch_y_mm / 2 - y);
}

/* Moves the right foot away until the gap is as wanted: by what is missing, which cannot be too
 * far. */
static void place_pair(struct standing *s, double wanted_gap, double stagger)
{
    move(s, 1, 60, stagger);
    for (;;) {
        s->gap_mm = gap_between(&s->frame[0], &s->frame[1]);
        if (s->gap_mm >= wanted_gap - 0.2)
            return;
        move(s, 1, s->gap_mm < 0 ? 8 : fmax(wanted_gap - s->gap_mm, 0.5), 0);
    }
}

void standing_draw(struct standing *s, const struct grid *grid, const struct standing_range *range,
                   struct dice *dice)
{
    double length = between(dice, range->length_low_mm, range->length_high_mm);
    double width = between(dice, 0.88, 1.14), mass = 75 * pow(length / 255, 2.7);
    double share = between(dice, 0.4, 0.6),
           turn = between(dice, -range->angle_deg, range->angle_deg);
    float *kpa = s->kpa;

    *s = (struct standing){.grid = *grid, .n = range->feet, .kpa = kpa};
    for (int i = 0; i < s->n; i++) {
        s->foot[i].side = s->n == 2 ? (i ? SIDE_RIGHT : SIDE_LEFT)
                                    : (dice_uniform(dice) < 0.5 ? SIDE_LEFT : SIDE_RIGHT);
        s->newton[i] = mass * 9.81 * (s->n == 1 ? 1 : i ? 1 - share : share);
        /* Toes out more than in, as people stand. */
        draw_foot(s, i, range, length, width,
                  s->n == 1
                      ? turn
                      : turn / 3 + (i ? 1 : -1) * between(dice, -0.35, 0.8) * range->angle_deg,
                  dice);
    }
    if (s->n == 2)
        place_pair(s, between(dice, range->gap_low_mm, range->gap_high_mm),
                   between(dice, -range->stagger_mm, range->stagger_mm));
    centre_on_plate(s);
    standing_paint(s, range->noise_kpa, dice);
}

void standing_paint(struct standing *s, double noise_kpa, struct dice *dice)
{
    size_t cells = grid_cells(&s->grid);

    if (!s->kpa)
        s->kpa = malloc(cells * sizeof *s->kpa);
    memset(s->kpa, 0, cells * sizeof *s->kpa);
    for (int i = 0; i < s->n; i++) {
        struct foot_picture picture = {0};
        struct problem why;

        if (foot_picture_stand(&picture, &s->foot[i], &s->frame[i], &s->grid, 0.45, NULL, NULL,
                               &why)) {
            fprintf(stderr, "%s\n", why.text);
            abort();
        }
        for (size_t k = 0; k < picture.n; k++)
            s->kpa[picture.cells[k].index] += (float)((double)picture.cells[k].newton *
                                                      s->newton[i] / grid_newton_per_kpa(&s->grid));
        foot_picture_free(&picture);
    }
    for (size_t k = 0; noise_kpa > 0 && k < cells; k++) {
        double noisy = (double)s->kpa[k] + dice_normal(dice, noise_kpa);

        s->kpa[k] = noisy < 3 * noise_kpa ? 0 : (float)noisy;
    }
}

void standing_free(struct standing *s)
{
    free(s->kpa);
    s->kpa = NULL;
}
