/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/pressure_change.h"

#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANCE 0.05 /* of judge_change's 95 % */
#define MARGIN 1    /* cells around the tangents and behind the heel */

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int k = 0; k < result->n_feet; k++)
        if (result->feet[k].side == side && result->feet[k].has_load && result->feet[k].mask)
            return &result->feet[k];
    return NULL;
}

/* --- Reading a picture between its cells ------------------------------------------------------ */

/* kPa of this foot's cells, 0 outside of the foot, the plate or its contact. */
static double cell(const struct result *result, const struct foot_result *foot, int row, int col)
{
    const struct grid *grid = &result->grid;
    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols)
        return 0;
    size_t i = (size_t)row * (size_t)grid->cols + (size_t)col;
    double kpa = result->mean_picture[i] * foot->mask[i];
    return isfinite(kpa) ? kpa : 0;
}

static double read_at(const struct result *result, const struct foot_result *foot, struct point at)
{
    double x = at.x_mm / result->grid.pitch_x_mm - 0.5, y = at.y_mm / result->grid.pitch_y_mm - 0.5;
    double col = floor(x), row = floor(y);
    if (!(fabs(col) < 1e6 && fabs(row) < 1e6))
        return 0;
    double right = x - col, up = y - row;
    int c = (int)col, r = (int)row;
    return (1 - up) *
               ((1 - right) * cell(result, foot, r, c) + right * cell(result, foot, r, c + 1)) +
           up * ((1 - right) * cell(result, foot, r + 1, c) +
                 right * cell(result, foot, r + 1, c + 1));
}

/* --- The lattice -------------------------------------------------------------------------------
 */

static double mean_of(double a, double b)
{
    return (a + b) / 2;
}

static void lay_lattice(const struct result *before, const struct foot_result *a,
                        const struct result *after, const struct foot_result *b,
                        struct pressure_change *out)
{
    out->pitch_mm = fmax(fmax(before->grid.pitch_x_mm, before->grid.pitch_y_mm),
                         fmax(after->grid.pitch_x_mm, after->grid.pitch_y_mm));
    out->frame = (struct foot_frame){
        .side = a->side,
        .length_mm = mean_of(a->frame.length_mm, b->frame.length_mm),
        .width_heel_mm = mean_of(a->frame.width_heel_mm, b->frame.width_heel_mm),
        .width_toe_mm = mean_of(a->frame.width_toe_mm, b->frame.width_toe_mm)};
    out->length_mm = out->frame.length_mm;
    double widest = fmax(out->frame.width_heel_mm, out->frame.width_toe_mm);
    int half = (int)ceil(widest / 2 / out->pitch_mm) + MARGIN;
    out->cols = 2 * half + 1;
    out->rows = (int)ceil(out->length_mm / out->pitch_mm) + 2 * MARGIN;
    out->first_x_mm = -half * out->pitch_mm;
    out->first_y_mm = (0.5 - MARGIN) * out->pitch_mm;
}

static int make_grids(struct pressure_change *out, struct problem *why)
{
    size_t n = (size_t)out->rows * (size_t)out->cols;
    out->before_kpa = calloc(n, sizeof *out->before_kpa);
    out->after_kpa = calloc(n, sizeof *out->after_kpa);
    out->change_kpa = calloc(n, sizeof *out->change_kpa);
    out->verdict = calloc(n, sizeof *out->verdict);
    return out->before_kpa && out->after_kpa && out->change_kpa && out->verdict
               ? 0
               : problem_no_memory(why, "a difference map");
}

static void fill(const struct result *result, const struct foot_result *foot,
                 const struct pressure_change *map, float *kpa)
{
    for (int row = 0; row < map->rows; row++)
        for (int col = 0; col < map->cols; col++) {
            const struct point at = {map->first_x_mm + col * map->pitch_mm,
                                     map->first_y_mm + row * map->pitch_mm};
            struct uv uv = foot_frame_to_uv(&map->frame, at);
            kpa[(size_t)row * (size_t)map->cols + (size_t)col] =
                (float)read_at(result, foot, foot_frame_to_plate(&foot->frame, uv));
        }
}

/* --- Judging -----------------------------------------------------------------------------------
 */

static double at(const struct pressure_change *map, const float *kpa, int row, int col)
{
    if (row < 0 || col < 0 || row >= map->rows || col >= map->cols)
        return 0;
    return kpa[(size_t)row * (size_t)map->cols + (size_t)col];
}

/* kPa per mm. */
static double slope(const struct pressure_change *map, const float *kpa, int row, int col)
{
    double here = at(map, kpa, row, col), largest = 0;
    static const int step[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    for (int k = 0; k < 4; k++)
        largest = fmax(largest, fabs(at(map, kpa, row + step[k][0], col + step[k][1]) - here));
    return largest / map->pitch_mm;
}

static void judge_point(struct pressure_change *map, double error, int row, int col)
{
    size_t i = (size_t)row * (size_t)map->cols + (size_t)col;
    double before = map->before_kpa[i], after = map->after_kpa[i];
    double g = fmax(slope(map, map->before_kpa, row, col), slope(map, map->after_kpa, row, col));
    double sem = hypot(error * mean_of(before, after), g * map->pitch_mm / 2 / sqrt(3));
    map->verdict[i] = (uint8_t)judge_change(before, after, sem, SEM_IS_KNOWN);
    map->change_kpa[i] = (float)(after - before);
    map->largest_kpa = fmax(map->largest_kpa, fabs(after - before));
    if (map->verdict[i] == CHANGE_BEYOND)
        *(after > before ? &map->more_cm2 : &map->less_cm2) += map->pitch_mm * map->pitch_mm / 100;
}

/* The error that the two calibrations state, as a share; NAN when one states none. */
static double stated_error(const struct result *before, const struct result *after)
{
    double a = before->facts.pressure_error_percent, b = after->facts.pressure_error_percent;
    return a > 0 && b > 0 ? sqrt((a * a + b * b) / 2) / 100 : NAN;
}

/* Each point is judged by itself at 5 %: so much is beyond the error when nothing changed. */
double pressure_change_chance_cm2(const struct pressure_change *map)
{
    return CHANCE * map->judged_cm2;
}

static void leave_out(struct pressure_change *map)
{
    size_t n = (size_t)map->rows * (size_t)map->cols;
    for (size_t i = 0; i < n; i++)
        if (!(map->before_kpa[i] > 0) && !(map->after_kpa[i] > 0)) {
            map->before_kpa[i] = map->after_kpa[i] = map->change_kpa[i] = NAN;
            map->verdict[i] = CHANGE_UNKNOWN;
        } else if (map->verdict[i] != CHANGE_UNKNOWN)
            map->judged_cm2 += map->pitch_mm * map->pitch_mm / 100;
}

static void judge(struct pressure_change *map, double error)
{
    for (int row = 0; row < map->rows; row++)
        for (int col = 0; col < map->cols; col++)
            judge_point(map, error, row, col);
    leave_out(map);
    if (isnan(error))
        snprintf(map->reason, sizeof map->reason,
                 "the calibration of a recording states no error of pressure");
}

int pressure_change(const struct result *before, const struct result *after, enum side side,
                    struct pressure_change *out, struct problem *why)
{
    const struct foot_result *a = foot_of(before, side), *b = foot_of(after, side);
    *out = (struct pressure_change){0};
    if (!a || !b || !before->mean_picture || !after->mean_picture || !(a->frame.length_mm > 0) ||
        !(b->frame.length_mm > 0)) {
        snprintf(out->reason, sizeof out->reason, "this foot did not stand on the plate %s",
                 a   ? "after"
                 : b ? "before"
                     : "in either recording");
        return 0;
    }
    lay_lattice(before, a, after, b, out);
    if (make_grids(out, why)) {
        pressure_change_free(out);
        return -1;
    }
    fill(before, a, out, out->before_kpa);
    fill(after, b, out, out->after_kpa);
    judge(out, stated_error(before, after));
    return 0;
}

void pressure_change_free(struct pressure_change *change)
{
    free(change->before_kpa);
    free(change->after_kpa);
    free(change->change_kpa);
    free(change->verdict);
    *change = (struct pressure_change){0};
}

/* --- JSON --------------------------------------------------------------------------------------
 */

/* To a tenth of a kPa: what is beyond is no measurement. */
static json_t *grid_json(struct json_writer *w, const float *kpa, size_t n)
{
    json_t *made = json_array();
    for (size_t i = 0; i < n; i++)
        append(w, made, isnan(kpa[i]) ? json_null() : json_real(round(10 * kpa[i]) / 10 + 0.0));
    return made;
}

static json_t *verdicts_json(struct json_writer *w, const struct pressure_change *map, size_t n)
{
    json_t *made = json_array();
    for (size_t i = 0; i < n; i++)
        append(w, made,
               map->verdict[i] == CHANGE_UNKNOWN ? json_null()
                                                 : json_boolean(map->verdict[i] == CHANGE_BEYOND));
    return made;
}

json_t *pressure_change_json(const struct pressure_change *map)
{
    struct json_writer w = {0};
    size_t n = (size_t)map->rows * (size_t)map->cols;
    json_t *made = json_object();
    put_number(&w, made, "pitch_mm", map->pitch_mm, "");
    put_count(&w, made, "rows", (size_t)map->rows);
    put_count(&w, made, "columns", (size_t)map->cols);
    put_number(&w, made, "first_x_mm", map->first_x_mm, "");
    put_number(&w, made, "first_y_mm", map->first_y_mm, "");
    put_number(&w, made, "foot_length_mm", map->length_mm, "");
    put_number(&w, made, "largest_change_kpa", map->largest_kpa, "");
    put_number(&w, made, "more_beyond_error_cm2", map->reason[0] ? NAN : map->more_cm2,
               map->reason);
    put_number(&w, made, "less_beyond_error_cm2", map->reason[0] ? NAN : map->less_cm2,
               map->reason);
    put_number(&w, made, "beyond_error_by_chance_cm2",
               map->reason[0] ? NAN : pressure_change_chance_cm2(map), map->reason);
    put(&w, made, "before_kpa", grid_json(&w, map->before_kpa, n));
    put(&w, made, "after_kpa", grid_json(&w, map->after_kpa, n));
    put(&w, made, "change_kpa", grid_json(&w, map->change_kpa, n));
    put(&w, made, "is_beyond_measuring_error", verdicts_json(&w, map, n));
    return json_whole(&w, made);
}
