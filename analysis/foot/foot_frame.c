/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_frame.h"

#include <math.h>

/* Far behind the heel the tangents cross; there the width is held at this, so that the mapping
 * stays one to one. */
#define WIDTH_MIN_MM 1.0
#define DEGREE (M_PI / 180)
#define QUALITY_FALLBACK 0.3

#define TEMPLATE_LENGTH_MM 250.0
#define TEMPLATE_WIDTH_HEEL_MM 54.1
#define TEMPLATE_WIDTH_TOE_MM 116.1

const char *side_name(enum side side)
{
    return side == SIDE_LEFT ? "left" : side == SIDE_RIGHT ? "right" : "unknown";
}

/* +1 when v grows to the right of the axis, -1 when to the left. An unknown side is drawn as a
 * right foot. */
static double lateral_sign(const struct foot_frame *frame)
{
    return frame->side == SIDE_LEFT ? -1 : 1;
}

double foot_frame_width_mm(const struct foot_frame *frame, double u)
{
    double width = frame->width_heel_mm + u * (frame->width_toe_mm - frame->width_heel_mm);

    return fmax(width, WIDTH_MIN_MM);
}

struct uv foot_frame_to_uv(const struct foot_frame *frame, struct point point)
{
    double dx = point.x_mm - frame->heel.x_mm, dy = point.y_mm - frame->heel.y_mm;
    double s = sin(frame->angle_deg * DEGREE), c = cos(frame->angle_deg * DEGREE);
    double u = (dx * s + dy * c) / frame->length_mm;
    double to_right = dx * c - dy * s;

    return (struct uv){u, 0.5 + lateral_sign(frame) * to_right / foot_frame_width_mm(frame, u)};
}

struct point foot_frame_to_plate(const struct foot_frame *frame, struct uv uv)
{
    double s = sin(frame->angle_deg * DEGREE), c = cos(frame->angle_deg * DEGREE);
    double along = uv.u * frame->length_mm;
    double to_right = lateral_sign(frame) * (uv.v - 0.5) * foot_frame_width_mm(frame, uv.u);

    return (struct point){frame->heel.x_mm + along * s + to_right * c,
                          frame->heel.y_mm + along * c - to_right * s};
}

struct foot_frame foot_frame_template(enum side side, struct point heel, double angle_deg,
                                      double length_mm)
{
    double scale = length_mm / TEMPLATE_LENGTH_MM;

    return (struct foot_frame){
        .side = side,
        .heel = heel,
        .angle_deg = angle_deg,
        .length_mm = length_mm,
        .width_heel_mm = TEMPLATE_WIDTH_HEEL_MM * scale,
        .width_toe_mm = TEMPLATE_WIDTH_TOE_MM * scale,
    };
}

/* The 250 mm reference foot of reflexology.md 1.1. */
static const struct {
    const char *name;
    struct uv at;
} reference[LANDMARK_COUNT] = {
    [LANDMARK_HB] = {"HB", {0.000, 0.50}},         [LANDMARK_HC] = {"HC", {0.130, 0.50}},
    [LANDMARK_HF] = {"HF", {0.270, 0.50}},         [LANDMARK_LB_APEX] = {"LB_apex", {0.410, 0.99}},
    [LANDMARK_LB_LOW] = {"LB_low", {0.390, 0.99}}, [LANDMARK_AC] = {"AC", {0.460, 0.38}},
    [LANDMARK_MTH1] = {"MTH1", {0.730, 0.18}},     [LANDMARK_MTH2] = {"MTH2", {0.745, 0.39}},
    [LANDMARK_MTH3] = {"MTH3", {0.725, 0.55}},     [LANDMARK_MTH4] = {"MTH4", {0.690, 0.71}},
    [LANDMARK_MTH5] = {"MTH5", {0.640, 0.88}},     [LANDMARK_B1] = {"B1", {0.815, 0.186}},
    [LANDMARK_B2] = {"B2", {0.830, 0.410}},        [LANDMARK_B3] = {"B3", {0.820, 0.560}},
    [LANDMARK_B4] = {"B4", {0.785, 0.700}},        [LANDMARK_B5] = {"B5", {0.735, 0.840}},
    [LANDMARK_W12] = {"W12", {0.830, 0.316}},      [LANDMARK_W23] = {"W23", {0.835, 0.486}},
    [LANDMARK_T1] = {"T1", {0.915, 0.220}},        [LANDMARK_T2] = {"T2", {0.940, 0.430}},
    [LANDMARK_T3] = {"T3", {0.920, 0.560}},        [LANDMARK_T4] = {"T4", {0.870, 0.685}},
    [LANDMARK_T5] = {"T5", {0.800, 0.825}},        [LANDMARK_TT] = {"TT", {1.000, 0.230}},
};

const char *landmark_name(enum landmark_id id)
{
    return (unsigned)id < LANDMARK_COUNT ? reference[id].name : "?";
}

struct uv landmark_template_at(enum landmark_id id)
{
    return reference[id].at;
}

struct landmarks landmarks_template(void)
{
    struct landmarks landmarks;

    for (int i = 0; i < LANDMARK_COUNT; i++)
        landmarks.of[i] = (struct landmark){.at = reference[i].at, .quality = QUALITY_FALLBACK};
    return landmarks;
}

static const struct uv outline[] = {
    {0, .51},     {.012, .23}, {.048, .07},  {.108, .0},   {.16, 0},     {.24, .05},   {.32, .115},
    {.40, .15},   {.488, .13}, {.592, .07},  {.664, .01},  {.728, 0},    {.80, .04},   {.852, .08},
    {.904, .095}, {.956, .13}, {.988, .185}, {1, .23},     {.992, .29},  {.96, .33},   {.964, .35},
    {.98, .385},  {.984, .43}, {.974, .47},  {.944, .50},  {.952, .525}, {.956, .56},  {.944, .60},
    {.908, .62},  {.908, .68}, {.892, .72},  {.844, .745}, {.836, .82},  {.82, .87},   {.78, .92},
    {.712, .96},  {.632, 1},   {.56, .99},   {.488, .98},  {.408, .995}, {.304, .985}, {.224, .985},
    {.16, 1},     {.108, 1},   {.048, .94},  {.012, .78},
};

const struct uv *foot_outline_template(int *n)
{
    *n = (int)(sizeof outline / sizeof outline[0]);
    return outline;
}
