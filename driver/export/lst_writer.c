/* SPDX-License-Identifier: GPL-3.0-or-later */
/* emed's text export: a page a picture, toes at the top, kPa with two digits behind the point, and
 * the force of each row, column and picture. A picture that is lost leaves its number out. */
#include "driver/export/frame_export.h"

#include <stdlib.h>

struct lst {
    const struct frame_export_facts *facts;
    FILE *out;
    double *column_n; /* force of each column */
    uint64_t pages;
};

static void lst_free(struct lst *f)
{
    if (f)
        free(f->column_n);
    free(f);
}

static void *lst_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    (void)path;
    if (facts->least_kpa < 0) {
        problem(why, PROBLEM_REFUSED,
                "the recording holds pressures below 0 (%g kPa), which an emed file cannot say; "
                "export npy or hdf5",
                facts->least_kpa);
        return NULL;
    }
    struct lst *f = calloc(1, sizeof *f);
    if (f)
        f->column_n = calloc((size_t)facts->grid.cols, sizeof *f->column_n);
    if (!f || !f->column_n) {
        lst_free(f);
        problem_no_memory(why, "an export");
        return NULL;
    }
    f->facts = facts;
    f->out = out;
    return f;
}

static void put_page_head(struct lst *f, uint64_t number)
{
    const struct grid *grid = &f->facts->grid;
    fprintf(f->out,
            "%s\r\n\t\t\t\tPage %llu\r\n\r\n\tFile: %s \tMatrix: %dx%d \r\n"
            "\tSensor area: %.9g cm2\tTime/picture:%.9f ms\r\n\tMV over frames\r\n"
            "\tSensor size: %.6fx%.6f cm\r\n\ttenderfoot\r\n\t\r\n"
            "\tPict-No.: %llu  Force[N]=sum*sensor_area in row/column\r\n\r\n",
            f->pages ? "\f" : "", (unsigned long long)f->pages + 1, f->facts->header->source,
            grid->cols, grid->rows, grid_cell_cm2(grid), 1000 / f->facts->header->rate_hz,
            grid->pitch_x_mm / 10, grid->pitch_y_mm / 10, (unsigned long long)number + 1);
    for (int col = 0; col < grid->cols; col++)
        fprintf(f->out, "\t%d", col + 1);
    fputs("\tForce\r\n", f->out);
    f->pages++;
}

/* One row as printed; its force. */
static double put_row(struct lst *f, int row, const float *kpa)
{
    const struct grid *grid = &f->facts->grid;
    double sum_n = 0;
    fprintf(f->out, "%d", grid->rows - row);
    for (int col = 0; col < grid->cols; col++) {
        double cell_kpa = (double)kpa[(size_t)row * (size_t)grid->cols + (size_t)col];
        fprintf(f->out, "\t%.2f", cell_kpa);
        sum_n += cell_kpa * grid_newton_per_kpa(grid);
        f->column_n[col] += cell_kpa * grid_newton_per_kpa(grid);
    }
    fprintf(f->out, "\t%.2f\r\n", sum_n);
    return sum_n;
}

static int lst_frame(void *context, uint64_t number, double time_s, const float *kpa,
                     struct problem *why)
{
    struct lst *f = context;
    const struct grid *grid = &f->facts->grid;
    double total_n = 0;
    (void)time_s;
    (void)why;
    put_page_head(f, number);
    for (int col = 0; col < grid->cols; col++)
        f->column_n[col] = 0;
    for (int row = grid->rows - 1; row >= 0; row--)
        total_n += put_row(f, row, kpa);
    fputs("Force", f->out);
    for (int col = 0; col < grid->cols; col++)
        fprintf(f->out, "\t%.2f", f->column_n[col]);
    fprintf(f->out, "\t%.2f\r\n", total_n);
    return 0;
}

static int lst_finish(void *context, int failed, struct problem *why)
{
    struct lst *f = context;
    (void)why;
    if (!failed)
        fputs("\f\r\n", f->out);
    lst_free(f);
    return 0;
}

const struct frame_format frame_format_lst = {
    .name = "lst", .begin = lst_begin, .frame = lst_frame, .finish = lst_finish};
