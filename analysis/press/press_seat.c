/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_seat.h"
#include "analysis/foot/landmarks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Less than this is no foot that lies there. */
#define SEAT_FORCE_N 5.0
#define STANDING_LENGTH_SD 0.015
#define SEATED_LENGTH_SD 0.03
#define ENTERED_LENGTH_SD 0.01

struct press_seat {
    struct grid grid;
    double *sum;
    float *mean;
    double most_n;
    size_t frames;
    struct seat_foot feet[SEAT_FEET_MAX];
    int n_feet;
};

struct press_seat *press_seat_new(const struct grid *grid, struct problem *why)
{
    struct press_seat *seat = calloc(1, sizeof *seat);
    size_t cells = grid_cells(grid);

    if (seat) {
        seat->grid = *grid;
        seat->sum = calloc(cells, sizeof *seat->sum);
        seat->mean = calloc(cells, sizeof *seat->mean);
        if (seat->sum && seat->mean)
            return seat;
    }
    press_seat_free(seat);
    problem_no_memory(why, "the print of a seated foot");
    return NULL;
}

void press_seat_free(struct press_seat *seat)
{
    if (!seat)
        return;
    for (int i = 0; i < seat->n_feet; i++)
        free(seat->feet[i].print);
    free(seat->sum);
    free(seat->mean);
    free(seat);
}

static void forget(struct press_seat *seat)
{
    memset(seat->sum, 0, grid_cells(&seat->grid) * sizeof *seat->sum);
    seat->frames = 0;
}

void press_seat_frame(struct press_seat *seat, const float *kpa)
{
    size_t cells = grid_cells(&seat->grid);
    double force_n = 0;

    for (size_t i = 0; i < cells; i++)
        force_n += (double)kpa[i];
    force_n *= grid_newton_per_kpa(&seat->grid);
    if (force_n < SEAT_FORCE_N || force_n < seat->most_n / 2)
        return;
    /* What came before was the foot on its way down. */
    if (force_n > 2 * seat->most_n)
        forget(seat);
    seat->most_n = fmax(seat->most_n, force_n);
    for (size_t i = 0; i < cells; i++)
        seat->sum[i] += (double)kpa[i];
    seat->frames++;
}

static int keep_foot(struct press_seat *seat, const struct found_feet *found, int index,
                     const struct foot_hints *hints, struct problem *why)
{
    const struct found_foot *foot = &found->foot[index];
    struct foot_print print = {&seat->grid, seat->mean, found->label, (uint8_t)(index + 1),
                               SEAT_CONTACT_KPA};
    size_t cells = grid_cells(&seat->grid);
    struct print_frame frame;

    if (frame_from_print(&print, foot, hints ? hints->length_mm[foot->side] : NAN, &frame, why))
        return -1;
    float *own = malloc(cells * sizeof *own);
    if (!own)
        return problem_no_memory(why, "the print of a seated foot");
    for (size_t i = 0; i < cells; i++)
        own[i] = found->label[i] == index + 1 ? seat->mean[i] : 0;
    seat->feet[seat->n_feet++] = (struct seat_foot){frame.frame, frame.length_is_measured, own};
    return 0;
}

int press_seat_end(struct press_seat *seat, const struct foot_hints *hints, enum side next,
                   struct problem *why)
{
    struct found_feet found;
    int failed = 0;

    seat->most_n = 0;
    if (!seat->frames)
        return 0;
    for (size_t i = 0; i < grid_cells(&seat->grid); i++)
        seat->mean[i] = (float)(seat->sum[i] / (double)seat->frames);
    forget(seat);
    if (foot_finder(&seat->grid, seat->mean, SEAT_CONTACT_KPA, hints, &found, why))
        return -1;
    if (found.n == 1 && next != SIDE_UNKNOWN && !(hints && hints->n_feet))
        found.foot[0].side = next;
    for (int i = 0; i < found.n && !failed && seat->n_feet < SEAT_FEET_MAX; i++)
        failed = found.foot[i].side != SIDE_UNKNOWN && keep_foot(seat, &found, i, hints, why);
    found_feet_free(&found);
    return failed ? -1 : 0;
}

int press_seat_latest(const struct press_seat *seat, enum side side)
{
    int i = seat ? seat->n_feet - 1 : -1;

    while (i >= 0 && seat->feet[i].frame.side != side)
        i--;
    return i;
}

const struct seat_foot *press_seat_foot(const struct press_seat *seat, int number)
{
    return seat && number >= 0 && number < seat->n_feet ? &seat->feet[number] : NULL;
}

/* The measured proportions kept, in another length. */
static void scale_to(struct foot_frame *frame, double length_mm)
{
    double scale = length_mm / frame->length_mm;

    frame->length_mm = length_mm;
    frame->width_heel_mm *= scale;
    frame->width_toe_mm *= scale;
}

static void take_shape(struct press_foot_known *known, const struct foot_frame *shape, double sd)
{
    known->frame.length_mm = shape->length_mm;
    known->frame.width_heel_mm = shape->width_heel_mm;
    known->frame.width_toe_mm = shape->width_toe_mm;
    known->length_sd = sd;
}

struct press_foot_known press_foot_known_of(enum side side, const struct foot_result *standing,
                                            const float *standing_print, double standing_kpa,
                                            const struct seat_foot *seated,
                                            double entered_length_mm)
{
    int is_entered = entered_length_mm > 0;
    struct press_foot_known known = press_foot_template(side, entered_length_mm);

    if (seated) {
        known.frame.heel = seated->frame.heel;
        known.frame.angle_deg = seated->frame.angle_deg;
        known.has_pose = 1;
        known.print = seated->print;
        known.print_frame = seated->frame;
        known.print_kpa = SEAT_CONTACT_KPA;
    } else if (standing && standing->has_load && standing_print) {
        known.print = standing_print;
        known.print_frame = standing->frame;
        known.print_kpa = standing_kpa;
    }
    if (standing && standing->length_is_measured && standing->frame.length_mm > 0)
        take_shape(&known, &standing->frame, STANDING_LENGTH_SD);
    else if (seated && seated->length_is_measured && seated->frame.length_mm > 0)
        take_shape(&known, &seated->frame, SEATED_LENGTH_SD);
    else if (standing && standing->frame.length_mm > 0)
        take_shape(&known, &standing->frame, USUAL_LENGTH_SD);
    if (is_entered && !(standing && standing->length_is_measured)) {
        scale_to(&known.frame, entered_length_mm);
        known.length_sd = ENTERED_LENGTH_SD;
    }
    return known;
}
