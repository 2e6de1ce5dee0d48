/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/sole_lattice.h"

#include "analysis/print_reader.h"

#include <math.h>

#define TAPS_MAX 20
#define SOLE_LATTICE_MAX_KPA 1e6

static struct uv place_of(int row, int col)
{
    return (struct uv){SOLE_LATTICE_U0 + row * SOLE_LATTICE_DU,
                       SOLE_LATTICE_V0 + col * SOLE_LATTICE_DV};
}

void sole_lattice_read(struct sole_lattice *lattice, const struct foot_print *print,
                       const struct foot_frame *frame)
{
    for (int row = 0; row < SOLE_LATTICE_ROWS; row++)
        for (int col = 0; col < SOLE_LATTICE_COLS; col++) {
            double kpa = print_kpa(print, frame, place_of(row, col));

            /* What no foot can press (a damaged cell) must not make the sums endless. */
            lattice->kpa[row][col] = kpa < SOLE_LATTICE_MAX_KPA ? (float)kpa : 0;
        }
}

/* Half of a Gaussian of `sd` steps, summing to 1 with its mirror image; the number of taps beyond
 * the middle. */
static int make_kernel(double sd, float kernel[TAPS_MAX + 1])
{
    int taps = (int)fmin(ceil(2.5 * sd), TAPS_MAX);
    double sum = 0;

    for (int i = 0; i <= taps; i++) {
        kernel[i] = sd > 0 ? (float)exp(-0.5 * (i / sd) * (i / sd)) : 1;
        sum += (i ? 2 : 1) * (double)kernel[i];
    }
    for (int i = 0; i <= taps; i++)
        kernel[i] = (float)((double)kernel[i] / sum);
    return taps;
}

static void blur_along(struct sole_lattice *to, const struct sole_lattice *from, double sd)
{
    float kernel[TAPS_MAX + 1];
    int taps = make_kernel(sd, kernel);

    for (int row = 0; row < SOLE_LATTICE_ROWS; row++)
        for (int col = 0; col < SOLE_LATTICE_COLS; col++) {
            float sum = kernel[0] * from->kpa[row][col];

            for (int i = 1; i <= taps; i++) {
                sum += row >= i ? kernel[i] * from->kpa[row - i][col] : 0;
                sum += row + i < SOLE_LATTICE_ROWS ? kernel[i] * from->kpa[row + i][col] : 0;
            }
            to->kpa[row][col] = sum;
        }
}

static void blur_row_across(float row[SOLE_LATTICE_COLS], double sd)
{
    float kernel[TAPS_MAX + 1], old[SOLE_LATTICE_COLS];
    int taps = make_kernel(sd, kernel);

    for (int col = 0; col < SOLE_LATTICE_COLS; col++)
        old[col] = row[col];
    for (int col = 0; col < SOLE_LATTICE_COLS; col++) {
        float sum = kernel[0] * old[col];

        for (int i = 1; i <= taps; i++) {
            sum += col >= i ? kernel[i] * old[col - i] : 0;
            sum += col + i < SOLE_LATTICE_COLS ? kernel[i] * old[col + i] : 0;
        }
        row[col] = sum;
    }
}

void sole_lattice_blur(struct sole_lattice *to, const struct sole_lattice *from,
                       const struct foot_frame *frame, double sd_mm)
{
    blur_along(to, from, sd_mm / (SOLE_LATTICE_DU * frame->length_mm));
    for (int row = 0; row < SOLE_LATTICE_ROWS; row++)
        blur_row_across(to->kpa[row],
                        sd_mm / (SOLE_LATTICE_DV * foot_frame_width_mm(frame, place_of(row, 0).u)));
}

void sole_lattice_minus(struct sole_lattice *to, const struct sole_lattice *a,
                        const struct sole_lattice *b, double share)
{
    for (int row = 0; row < SOLE_LATTICE_ROWS; row++)
        for (int col = 0; col < SOLE_LATTICE_COLS; col++)
            to->kpa[row][col] = a->kpa[row][col] - (float)share * b->kpa[row][col];
}

double sole_lattice_at(const struct sole_lattice *lattice, struct uv place)
{
    double y = (place.u - SOLE_LATTICE_U0) / SOLE_LATTICE_DU;
    double x = (place.v - SOLE_LATTICE_V0) / SOLE_LATTICE_DV;

    if (!(x >= 0 && y >= 0 && x < SOLE_LATTICE_COLS - 1 && y < SOLE_LATTICE_ROWS - 1))
        return 0;
    int row = (int)y, col = (int)x;
    double fy = y - row, fx = x - col;
    const float *rear = &lattice->kpa[row][col], *front = &lattice->kpa[row + 1][col];

    return ((double)rear[0] * (1 - fx) + (double)rear[1] * fx) * (1 - fy) +
           ((double)front[0] * (1 - fx) + (double)front[1] * fx) * fy;
}
