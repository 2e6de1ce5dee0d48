/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/real_pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACES 4 /* a cell and direction */

int real_pictures_begin(struct real_pictures *real)
{
    static const char *const pythons[] = {"python3", "/usr/bin/python3"};
    char command[300];

    *real = (struct real_pictures){.folder = "/tmp/tenderfoot-real-XXXXXX"};
    if (!mkdtemp(real->folder))
        return -1;
    for (int i = 0; i < 2 && !real->converted && !access(REAL_DATA "/plates", R_OK); i++) {
        snprintf(command, sizeof command,
                 "%s tests/real_recordings.py " REAL_DATA " %s 2>/dev/null", pythons[i],
                 real->folder);
        real->converted = system(command) == 0;
    }
    return 0;
}

void real_pictures_end(struct real_pictures *real)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", real->folder);
    if (system(command))
        fprintf(stderr, "%s could not be removed\n", real->folder);
}

static void fold_in(FILE *file, float *maximum, size_t cells)
{
    float *frame = malloc(cells * sizeof *frame);

    while (frame && fread(frame, sizeof *frame, cells, file) == cells)
        for (size_t i = 0; i < cells; i++)
            maximum[i] = fmaxf(maximum[i], frame[i]);
    free(frame);
}

float *real_pictures_maximum(const struct real_pictures *real, const char *name, size_t cells)
{
    unsigned char head[10];
    float *maximum = calloc(cells, sizeof *maximum);
    char path[100];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", real->folder, name);
    file = fopen(path, "rb");
    if (file && maximum && fread(head, 1, sizeof head, file) == sizeof head &&
        !fseek(file, 10 + head[8] + 256 * head[9], SEEK_SET)) {
        fold_in(file, maximum, cells);
    } else {
        free(maximum);
        maximum = NULL;
    }
    if (file)
        fclose(file);
    return maximum;
}

static double cell_kpa(const struct grid *grid, const float *picture, int row, int col)
{
    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols)
        return 0;
    return (double)picture[row * grid->cols + col];
}

static double kpa_at(const struct grid *grid, const float *picture, double x_mm, double y_mm)
{
    double c = x_mm / grid->pitch_x_mm - 0.5, r = y_mm / grid->pitch_y_mm - 0.5;
    int col = (int)floor(c), row = (int)floor(r);

    c -= col;
    r -= row;
    return (1 - r) * ((1 - c) * cell_kpa(grid, picture, row, col) +
                      c * cell_kpa(grid, picture, row, col + 1)) +
           r * ((1 - c) * cell_kpa(grid, picture, row + 1, col) +
                c * cell_kpa(grid, picture, row + 1, col + 1));
}

static struct point middle_of(const struct grid *grid, const float *picture)
{
    struct point sum = {0, 0};
    double n = 0;

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++)
            if (picture[row * grid->cols + col] > 0) {
                struct point at = grid_centre(grid, row, col);

                sum = (struct point){sum.x_mm + at.x_mm, sum.y_mm + at.y_mm};
                n++;
            }
    return (struct point){sum.x_mm / n, sum.y_mm / n};
}

static double moved_kpa(const struct grid *grid, const float *picture, struct point middle,
                        const struct moved_picture *move, double x_mm, double y_mm)
{
    double s = sin(move->turn_deg * M_PI / 180), c = cos(move->turn_deg * M_PI / 180);
    double x = x_mm - move->grid.cols * move->grid.pitch_x_mm / 2 - move->dx_mm;
    double y = y_mm - move->grid.rows * move->grid.pitch_y_mm / 2 - move->dy_mm;
    double across = x * c - y * s, along = x * s + y * c;

    return kpa_at(grid, picture, middle.x_mm + (move->mirrored ? -across : across),
                  middle.y_mm + along);
}

static double moved_cell(const struct grid *grid, const float *picture, struct point middle,
                         const struct moved_picture *move, int row, int col)
{
    double sum = 0;

    for (int i = 0; i < PLACES * PLACES; i++)
        sum += moved_kpa(grid, picture, middle, move,
                         (col + (i % PLACES + 0.5) / PLACES) * move->grid.pitch_x_mm,
                         (row + (i / PLACES + 0.5) / PLACES) * move->grid.pitch_y_mm);
    return sum / (PLACES * PLACES);
}

float *real_picture_moved(const struct grid *grid, const float *picture,
                          const struct moved_picture *move, struct dice *dice)
{
    float *moved = calloc(grid_cells(&move->grid), sizeof *moved);
    struct point middle = middle_of(grid, picture);

    for (int row = 0; moved && row < move->grid.rows; row++)
        for (int col = 0; col < move->grid.cols; col++) {
            double kpa = moved_cell(grid, picture, middle, move, row, col);

            if (move->noise_kpa > 0)
                kpa = kpa * (1 + dice_normal(dice, 0.15)) + dice_normal(dice, move->noise_kpa);
            moved[row * move->grid.cols + col] = kpa < move->below_kpa ? 0 : (float)kpa;
        }
    return moved;
}
