/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_place.h"
#include "analysis/press/press_blob.h"
#include "analysis/press/press_force.h"
#include "calib/vector_clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEGREE (M_PI / 180)
/* Middle of force of a heel that rests lightly, behind that of a standing one (0.13): the heel's
 * round rear comes down first. */
#define HEEL_REST_U 0.10
/* Standard errors. A heel in its fenced cup ... */
#define CUP_SD_MM 2.0
#define CUP_SD_DEG 1.5
/* ... the frame of a flat seated foot's print ... */
#define FLAT_SD_MM 2.5
#define FLAT_SD_DEG 2.0
/* ... that foot after it was lifted and put down again, when nothing fences it: who stays seated
 * puts it back near the same place, 3 mm and 2 degrees from sitting to press where one placing errs
 * by 2.2 mm and 1.3 degrees (samples/SCHEMA.md, error_mm), and the print's own error above ... */
#define HELD_SD_MM 5.0
#define HELD_SD_DEG 2.5
/* ... and the middle of a resting heel, along the foot (how it rests differs) and across it. */
#define REST_ALONG_SD_MM 4.0
#define REST_ACROSS_SD_MM 1.5
/* A seated foot of which no print was taken points a little outward. */
#define USUAL_OUT_DEG 5.0
#define USUAL_SD_DEG 6.0

/* A flat foot farther off than this from the cup is of another placing. */
#define CUP_NEAR_MM 20.0
#define CUP_NEAR_DEG 12.0
/* A heel is looked for so far from where it is expected. */
#define HEEL_NEAR_CUP_MM 25.0
#define HEEL_NEAR_HELD_MM 50.0
#define HEEL_FORCE_N 0.7
/* Nobody's heel lies closer behind a stud under the arch than this. */
#define HEEL_BEHIND_STUD_MM 25.0
#define TOUCH_KPA 1.0
/* Cells ahead of this share of the length are forefoot. */
#define FOREFOOT_U 0.5
/* Chance that a touching cell lies on, or off, the print of the flat foot; cells of one cm2 do not
 * tell more than one. */
#define ON_PRINT 0.9
#define OFF_PRINT 0.12
#define TURN_STEPS 60
#define BLOBS_MAX 64

struct press_touch {
    struct grid grid;
    double *sum;
    float *mean;
    size_t frames;
    struct blob_scratch scratch;
};

struct press_foot_known press_foot_template(enum side side, double length_mm)
{
    double length = length_mm > 0 ? length_mm : 250;

    return (struct press_foot_known){.frame =
                                         foot_frame_template(side, (struct point){0, 0}, 0, length),
                                     .length_sd = length_mm > 0 ? 0.01 : USUAL_LENGTH_SD};
}

/* --- What touched --------------------------------------------------------------------------- */

struct press_touch *press_touch_new(const struct grid *grid, struct problem *why)
{
    struct press_touch *touch = calloc(1, sizeof *touch);
    size_t cells = grid_cells(grid);

    if (touch) {
        touch->grid = *grid;
        touch->sum = calloc(cells, sizeof *touch->sum);
        touch->mean = calloc(cells, sizeof *touch->mean);
        if (touch->sum && touch->mean && !blob_scratch_begin(&touch->scratch, grid))
            return touch;
    }
    press_touch_free(touch);
    problem_no_memory(why, "what touches beside a stud");
    return NULL;
}

void press_touch_free(struct press_touch *touch)
{
    if (!touch)
        return;
    free(touch->sum);
    free(touch->mean);
    blob_scratch_free(&touch->scratch);
    free(touch);
}

void press_touch_clear(struct press_touch *touch)
{
    if (touch->frames)
        memset(touch->sum, 0, grid_cells(&touch->grid) * sizeof *touch->sum);
    touch->frames = 0;
}

VECTOR_CLONES
void press_touch_add(struct press_touch *touch, const float *kpa)
{
    size_t cells = grid_cells(&touch->grid);

    for (size_t i = 0; i < cells; i++)
        touch->sum[i] += (double)kpa[i];
    touch->frames++;
}

const float *press_touch_mean(struct press_touch *touch)
{
    double share = touch->frames ? 1 / (double)touch->frames : 0;

    for (size_t i = 0; i < grid_cells(&touch->grid); i++)
        touch->mean[i] = (float)(touch->sum[i] * share);
    return touch->mean;
}

void press_touch_set(struct press_touch *touch, const uint32_t *index, const float *kpa, int n)
{
    press_touch_clear(touch);
    for (int i = 0; i < n; i++)
        touch->sum[index[i]] = (double)kpa[i];
    touch->frames = 1;
}

/* The mean picture without the stud. */
static const float *picture_beside(struct press_touch *touch, struct point stud,
                                   double footprint_cm2)
{
    struct stud_window window = stud_window_of(&touch->grid, stud, footprint_cm2);
    size_t cols = (size_t)touch->grid.cols;

    press_touch_mean(touch);
    for (int row = window.row0; row <= window.row1; row++)
        for (int col = window.col0; col <= window.col1; col++)
            touch->mean[(size_t)row * cols + (size_t)col] = 0;
    return touch->mean;
}

/* --- The heel ------------------------------------------------------------------------------- */

static double distance(struct point a, struct point b)
{
    return hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm);
}

/* Where a pose is expected: the strongest that lies near enough. Else the rearmost of those that
 * carry a fair share, when it lies well behind the stud. */
static int choose_heel(const struct blob *blobs, int n, const struct press_pose *pose,
                       double near_mm, struct point stud, struct point *heel)
{
    struct point expected = foot_frame_to_plate(&pose->frame, (struct uv){HEEL_REST_U, 0.5});
    double largest = 0, best = -1;

    for (int i = 0; i < n; i++)
        largest = fmax(largest, blobs[i].force_n);
    for (int i = 0; i < n; i++) {
        int knows = pose->from != PLACE_UNKNOWN;
        double rearness = 1e6 - blobs[i].centre.y_mm;
        if (blobs[i].force_n < HEEL_FORCE_N ||
            (knows && distance(blobs[i].centre, expected) > near_mm) ||
            (!knows && (blobs[i].force_n < largest / 5 ||
                        blobs[i].centre.y_mm > stud.y_mm - HEEL_BEHIND_STUD_MM)))
            continue;
        double worth = knows ? blobs[i].force_n : rearness;
        if (worth <= best)
            continue;
        best = worth;
        *heel = blobs[i].centre;
    }
    return best >= 0;
}

/* --- Poses ---------------------------------------------------------------------------------- */

static double outward(enum side side)
{
    return side == SIDE_LEFT ? -USUAL_OUT_DEG : side == SIDE_RIGHT ? USUAL_OUT_DEG : 0;
}

/* What is expected before anything of the press itself is looked at. */
static struct press_pose expected_pose(const struct press_foot_known *known,
                                       const struct press_cup *cup)
{
    struct press_pose pose = {.frame = known->frame,
                              .length_sd = known->length_sd,
                              .along_sd_mm = HELD_SD_MM,
                              .across_sd_mm = HELD_SD_MM,
                              .angle_sd_deg = HELD_SD_DEG};

    if (cup) {
        pose.from = PLACE_FROM_CUP;
        pose.frame.heel = cup->heel;
        pose.frame.angle_deg = cup->angle_deg;
        pose.along_sd_mm = pose.across_sd_mm = CUP_SD_MM;
        pose.angle_sd_deg = CUP_SD_DEG;
    } else if (known->has_pose) {
        pose.from = PLACE_FROM_POSE;
        pose.held = 1;
    } else {
        pose.frame.angle_deg = outward(known->frame.side);
        pose.angle_sd_deg = USUAL_SD_DEG;
    }
    return pose;
}

/* Of two normal guesses: the share of the second one, and the error of both together. */
static double join(double *sd, double other_sd)
{
    double share = *sd * *sd / (*sd * *sd + other_sd * other_sd);

    *sd *= sqrt(1 - share);
    return share;
}

/* Moves the heel by shares of what the observed one is away, along and across the foot. */
static void move_heel(struct press_pose *pose, double dx, double dy, double along_sd_mm,
                      double across_sd_mm)
{
    double s = sin(pose->frame.angle_deg * DEGREE), c = cos(pose->frame.angle_deg * DEGREE);
    double along = (dx * s + dy * c) * join(&pose->along_sd_mm, along_sd_mm);
    double across = (dx * c - dy * s) * join(&pose->across_sd_mm, across_sd_mm);

    pose->frame.heel.x_mm += along * s + across * c;
    pose->frame.heel.y_mm += along * c - across * s;
}

/* The flat seated foot lay in this cup: what it showed of its heel and angle there counts. */
static void join_flat_foot(struct press_pose *pose, const struct press_foot_known *known)
{
    double turned = remainder(known->frame.angle_deg - pose->frame.angle_deg, 360);

    if (!known->has_pose || distance(known->frame.heel, pose->frame.heel) > CUP_NEAR_MM ||
        fabs(turned) > CUP_NEAR_DEG)
        return;
    move_heel(pose, known->frame.heel.x_mm - pose->frame.heel.x_mm,
              known->frame.heel.y_mm - pose->frame.heel.y_mm, FLAT_SD_MM, FLAT_SD_MM);
    pose->frame.angle_deg += turned * join(&pose->angle_sd_deg, FLAT_SD_DEG);
}

/* Puts the heel where its print says; a pose that knew nothing takes it whole. */
static void take_heel(struct press_pose *pose, struct point heel)
{
    struct point expected = foot_frame_to_plate(&pose->frame, (struct uv){HEEL_REST_U, 0.5});
    double dx = heel.x_mm - expected.x_mm, dy = heel.y_mm - expected.y_mm;

    if (pose->from == PLACE_UNKNOWN)
        pose->along_sd_mm = pose->across_sd_mm = 1e3; /* as good as anywhere on the plate */
    move_heel(pose, dx, dy, REST_ALONG_SD_MM, REST_ACROSS_SD_MM);
    if (pose->from != PLACE_FROM_CUP)
        pose->from = PLACE_FROM_PRINT;
    pose->held = 0;
}

/* --- Turning by the forefoot ---------------------------------------------------------------- */

/* Share of the 3 x 3 cells about a place that were in contact in the flat foot's print. */
static double on_print(const struct press_foot_known *known, const struct grid *grid, struct uv at)
{
    struct point there = foot_frame_to_plate(&known->print_frame, at);
    int row = (int)floor(fmin(fmax(there.y_mm / grid->pitch_y_mm, -9), grid->rows + 9));
    int col = (int)floor(fmin(fmax(there.x_mm / grid->pitch_x_mm, -9), grid->cols + 9));
    int touching = 0;

    for (int r = row - 1; r <= row + 1; r++)
        for (int c = col - 1; c <= col + 1; c++)
            touching += r >= 0 && c >= 0 && r < grid->rows && c < grid->cols &&
                        (double)known->print[(size_t)r * (size_t)grid->cols + (size_t)c] >=
                            known->print_kpa;
    return touching / 9.0;
}

/* Log likelihood of the forefoot's cells under a frame, in units of cm2; *cm2: how many there are.
 */
static double likelihood(const struct press_foot_known *known, const struct grid *grid,
                         const float *mean, const struct foot_frame *frame, double *cm2)
{
    double sum = 0;

    *cm2 = 0;
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            if ((double)mean[(size_t)row * (size_t)grid->cols + (size_t)col] < TOUCH_KPA)
                continue;
            struct uv at = foot_frame_to_uv(frame, grid_centre(grid, row, col));
            if (at.u < FOREFOOT_U || at.u > 1.1)
                continue;
            double share = on_print(known, grid, at);
            sum += log(OFF_PRINT + (ON_PRINT - OFF_PRINT) * share) * grid_cell_cm2(grid);
            *cm2 += grid_cell_cm2(grid);
        }
    return sum;
}

/* The frame turned about the middle of its heel, which stays where it is. */
static struct foot_frame turned_by(const struct foot_frame *frame, double deg)
{
    struct foot_frame turned = *frame;
    struct uv middle = {HEEL_REST_U, 0.5};
    struct point pivot = foot_frame_to_plate(frame, middle);

    turned.angle_deg += deg;
    struct point moved = foot_frame_to_plate(&turned, middle);
    turned.heel.x_mm += pivot.x_mm - moved.x_mm;
    turned.heel.y_mm += pivot.y_mm - moved.y_mm;
    return turned;
}

/* Mean and spread of the angle under likelihood x expectation, on a row of angles of 3 SD. */
static void turn_by_forefoot(struct press_pose *pose, const struct press_foot_known *known,
                             const struct grid *grid, const float *mean)
{
    double score[TURN_STEPS + 1], best = -INFINITY, weight = 0, first = 0, second = 0, cm2;
    double step = 6 * pose->angle_sd_deg / TURN_STEPS;

    likelihood(known, grid, mean, &pose->frame, &cm2);
    if (cm2 < 1)
        return;
    for (int i = 0; i <= TURN_STEPS; i++) {
        double z = (i - TURN_STEPS / 2) * step / pose->angle_sd_deg;
        struct foot_frame frame = turned_by(&pose->frame, z * pose->angle_sd_deg);
        score[i] = likelihood(known, grid, mean, &frame, &cm2) - z * z / 2;
        best = fmax(best, score[i]);
    }
    for (int i = 0; i <= TURN_STEPS; i++) {
        double w = exp(score[i] - best), deg = (i - TURN_STEPS / 2) * step;
        weight += w;
        first += w * deg;
        second += w * deg * deg;
    }
    double by = first / weight;
    pose->frame = turned_by(&pose->frame, by);
    pose->angle_sd_deg = sqrt(fmax(second / weight - by * by, 0.25));
}

/* --- The whole ------------------------------------------------------------------------------ */

void press_pose_find(const struct press_foot_known *known, const struct press_cup *cup,
                     struct press_touch *touch, struct point stud, double footprint_cm2,
                     struct press_pose *pose)
{
    struct blob blobs[BLOBS_MAX];
    struct point heel = {0};

    *pose = expected_pose(known, cup);
    if (cup)
        join_flat_foot(pose, known);
    if (!touch || !touch->frames)
        return;
    const float *mean = picture_beside(touch, stud, footprint_cm2);
    int n = blob_list(&touch->scratch, &touch->grid, mean, TOUCH_KPA, blobs, BLOBS_MAX);
    if (!choose_heel(blobs, n, pose, cup ? HEEL_NEAR_CUP_MM : HEEL_NEAR_HELD_MM, stud, &heel))
        return;
    take_heel(pose, heel);
    if (known->print)
        turn_by_forefoot(pose, known, &touch->grid, mean);
}

struct uv press_pose_place(const struct press_pose *pose, struct point at, double *sd_mm)
{
    struct uv place = foot_frame_to_uv(&pose->frame, at);
    double along_mm = place.u * pose->frame.length_mm;
    double across_mm = (place.v - 0.5) * foot_frame_width_mm(&pose->frame, place.u);
    double turn = pose->angle_sd_deg * DEGREE;
    double along = hypot(hypot(pose->along_sd_mm, across_mm * turn), along_mm * pose->length_sd);
    double across = hypot(hypot(pose->across_sd_mm, along_mm * turn), across_mm * pose->length_sd);

    if (pose->from == PLACE_UNKNOWN) {
        *sd_mm = NAN;
        return (struct uv){NAN, NAN};
    }
    *sd_mm = sqrt((along * along + across * across) / 2);
    return place;
}
