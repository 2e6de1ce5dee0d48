/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/stance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_LOAD 0.02   /* of a cell's rest load */
#define FAR_MM 1000.0     /* a wish beyond any edge */
#define SHORT_OF_EDGE 0.9 /* of the lean that would just be possible */
#define DIRECTIONS 36

int stance_add(struct stance *stance, const struct foot_picture *picture, double newton,
               struct problem *why)
{
    size_t n = stance->n + picture->n;
    struct loaded_cell *cells = realloc(stance->cells, (n ? n : 1) * sizeof *cells);
    if (!cells)
        return problem_no_memory(why, "a stance");
    for (size_t i = 0; i < picture->n; i++) {
        cells[stance->n + i] = picture->cells[i];
        cells[stance->n + i].newton = (float)(picture->cells[i].newton * newton);
    }
    stance->cells = cells;
    stance->n = n;
    return 0;
}

void stance_settle(struct stance *stance)
{
    double force = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < stance->n; i++) {
        const struct loaded_cell *cell = &stance->cells[i];
        force += cell->newton;
        x += (double)cell->newton * cell->x_mm;
        y += (double)cell->newton * cell->y_mm;
    }
    stance->force_n = force;
    stance->rest = (struct point){x / force, y / force};
    for (size_t i = 0; i < stance->n; i++) {
        const struct loaded_cell *cell = &stance->cells[i];
        double dx = cell->x_mm - stance->rest.x_mm, dy = cell->y_mm - stance->rest.y_mm;
        xx += cell->newton * dx * dx / force;
        xy += cell->newton * dx * dy / force;
        yy += cell->newton * dy * dy / force;
    }
    double det = xx * yy - xy * xy;
    memset(stance->inverse, 0, sizeof stance->inverse);
    if (det > 1e-6) { /* else one cell or a line of them: it cannot lean */
        stance->inverse[0] = yy / det;
        stance->inverse[1] = -xy / det;
        stance->inverse[2] = xx / det;
    }
}

void stance_free(struct stance *stance)
{
    free(stance->cells);
    *stance = (struct stance){0};
}

/* The gradient g for a wish, shortened where a cell would fall under its least load. */
static struct point gradient(const struct stance *stance, struct point wish, double *kept)
{
    const double *inverse = stance->inverse;
    struct point g = {inverse[0] * wish.x_mm + inverse[1] * wish.y_mm,
                      inverse[1] * wish.x_mm + inverse[2] * wish.y_mm};
    double least = 0;
    for (size_t i = 0; i < stance->n; i++) {
        const struct loaded_cell *cell = &stance->cells[i];
        double change =
            g.x_mm * (cell->x_mm - stance->rest.x_mm) + g.y_mm * (cell->y_mm - stance->rest.y_mm);
        least = fmin(least, change);
    }
    *kept = least < LEAST_LOAD - 1 ? (LEAST_LOAD - 1) / least : 1;
    if (inverse[0] == 0)
        *kept = 0;
    return (struct point){g.x_mm * *kept, g.y_mm * *kept};
}

struct point stance_cop(const struct stance *stance, struct point wish)
{
    double kept;
    gradient(stance, wish, &kept);
    return (struct point){stance->rest.x_mm + kept * wish.x_mm,
                          stance->rest.y_mm + kept * wish.y_mm};
}

struct point stance_load(const struct stance *stance, struct point wish, double share,
                         float *newton)
{
    double kept;
    struct point g = gradient(stance, wish, &kept);
    float gx = (float)(g.x_mm * share), gy = (float)(g.y_mm * share);
    float x0 = (float)stance->rest.x_mm, y0 = (float)stance->rest.y_mm, level = (float)share;
    for (size_t i = 0; i < stance->n; i++) {
        const struct loaded_cell *cell = &stance->cells[i];
        newton[cell->index] +=
            cell->newton * (level + gx * (cell->x_mm - x0) + gy * (cell->y_mm - y0));
    }
    return (struct point){stance->rest.x_mm + kept * wish.x_mm,
                          stance->rest.y_mm + kept * wish.y_mm};
}

struct point stance_lean_onto(const struct stance *stance, struct point place)
{
    struct point best = {0, 0};
    double most = 0, kept;
    for (int i = 0; i < DIRECTIONS; i++) {
        double turn = 2 * M_PI * i / DIRECTIONS;
        struct point far = {FAR_MM * cos(turn), FAR_MM * sin(turn)};
        struct point g = gradient(stance, far, &kept);
        double rise =
            g.x_mm * (place.x_mm - stance->rest.x_mm) + g.y_mm * (place.y_mm - stance->rest.y_mm);
        if (!(rise > most))
            continue;
        most = rise;
        best = (struct point){SHORT_OF_EDGE * kept * far.x_mm, SHORT_OF_EDGE * kept * far.y_mm};
    }
    return best;
}

void stance_lean(struct stance *stance, struct point wish)
{
    double kept;
    struct point g = gradient(stance, wish, &kept);
    for (size_t i = 0; i < stance->n; i++) {
        struct loaded_cell *cell = &stance->cells[i];
        cell->newton *= (float)(1 + g.x_mm * (cell->x_mm - stance->rest.x_mm) +
                                g.y_mm * (cell->y_mm - stance->rest.y_mm));
    }
    stance_settle(stance);
}
