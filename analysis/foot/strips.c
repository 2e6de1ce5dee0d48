/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/strips.h"

#include "analysis/foot/regions.h"

#include <math.h>
#include <stdio.h>

#define BORDERS (STRIP_COUNT - 1)

/* reflexology.md 2.5. */
static const double v_behind[BORDERS] = {0.29, 0.475, 0.63, 0.795};
static const double v_toes[BORDERS] = {0.34, 0.50, 0.63, 0.755};
/* How far each toe reaches ahead of its pad's centre: the template's outline. */
static const double tip_ahead_u[STRIP_COUNT] = {0.085, 0.044, 0.036, 0.040, 0.042};

static struct uv middle(struct uv a, struct uv b)
{
    return (struct uv){(a.u + b.u) / 2, (a.v + b.v) / 2};
}

/* Midway between landmarks `first` and the next one. */
static struct uv between(const struct landmarks *landmarks, int first)
{
    return middle(landmarks->of[first].at, landmarks->of[first + 1].at);
}

/* A border at a row of landmarks: template_v, moved as the middle of the two that it parts is. */
static struct uv moved(const struct landmarks *landmarks, int first, double template_v)
{
    struct landmarks template = landmarks_template();
    struct uv here = between(landmarks, first), there = between(&template, first);

    return (struct uv){here.u, template_v + here.v - there.v};
}

/* The cleft: where a landmark is it, that one; else midway between the toes' bases. */
static struct uv cleft(const struct landmarks *landmarks, int border)
{
    if (border < 2)
        return landmarks->of[border ? LANDMARK_W23 : LANDMARK_W12].at;
    return between(landmarks, LANDMARK_B1 + border);
}

struct strips strips_from(const struct landmarks *landmarks)
{
    struct landmarks template = landmarks_template();
    struct strips strips;

    if (!landmarks)
        landmarks = &template;
    for (int k = 0; k < BORDERS; k++) {
        struct uv *at = strips.border[k];

        at[0] = (struct uv){0, v_behind[k]};
        at[1] = (struct uv){landmarks->of[LANDMARK_HF].at.u, v_behind[k]};
        at[2] = moved(landmarks, LANDMARK_MTH1 + k, v_behind[k]);
        at[3] = cleft(landmarks, k);
        at[4] = moved(landmarks, LANDMARK_T1 + k, v_toes[k]);
        /* Landmarks out of order (a wrong one) must not fold a border back. */
        for (int i = 1; i < STRIP_BORDER_POINTS; i++)
            at[i].u = fmax(at[i].u, at[i - 1].u + 0.01);
    }
    for (int i = 0; i < STRIP_COUNT; i++)
        strips.tip_u[i] = landmarks->of[LANDMARK_T1 + i].at.u + tip_ahead_u[i];
    return strips;
}

double strip_border_v(const struct strips *strips, int border, double u)
{
    const struct uv *at;

    if (border < 0 || border >= BORDERS)
        return border < 0 ? 0 : 1;
    at = strips->border[border];
    if (u <= at[0].u)
        return at[0].v;
    for (int i = 1; i < STRIP_BORDER_POINTS; i++)
        if (u < at[i].u)
            return at[i - 1].v +
                   (u - at[i - 1].u) / (at[i].u - at[i - 1].u) * (at[i].v - at[i - 1].v);
    return at[STRIP_BORDER_POINTS - 1].v;
}

int strip_at(const struct strips *strips, struct uv place)
{
    int strip = 1;

    while (strip < STRIP_COUNT && place.v >= strip_border_v(strips, strip - 1, place.u))
        strip++;
    return strip;
}

struct uv strip_centre(const struct strips *strips, int strip, double u)
{
    return (struct uv){
        u, (strip_border_v(strips, strip - 2, u) + strip_border_v(strips, strip - 1, u)) / 2};
}

int strip_centre_at(const struct strips *strips, const struct foot_frame *frame, int strip,
                    double along_mm, struct uv *place)
{
    double u = along_mm / frame->length_mm;

    if (!(u >= 0) || strip < 1 || strip > STRIP_COUNT || u > strips->tip_u[strip - 1])
        return -1;
    *place = strip_centre(strips, strip, u);
    return 0;
}

/* Along one border from the heel to the tip, or back; the number of points. */
static int along_border(const struct strips *strips, const struct foot_frame *frame, int border,
                        double tip_u, int back, struct point *out)
{
    double u[STRIP_BORDER_POINTS + 1];
    int n = 0;

    u[n++] = 0;
    for (int i = 1; i < STRIP_BORDER_POINTS && border >= 0 && border < BORDERS; i++)
        if (strips->border[border][i].u < tip_u)
            u[n++] = strips->border[border][i].u;
    u[n++] = tip_u;
    for (int i = 0; i < n; i++) {
        double here = u[back ? n - 1 - i : i];

        out[i] =
            foot_frame_to_plate(frame, (struct uv){here, strip_border_v(strips, border, here)});
    }
    return n;
}

int strip_outline(const struct strips *strips, const struct foot_frame *frame, int strip,
                  struct point *out)
{
    double tip_u;
    int n;

    if (strip < 1 || strip > STRIP_COUNT)
        return 0;
    tip_u = strips->tip_u[strip - 1];
    n = along_border(strips, frame, strip - 2, tip_u, 0, out);
    return n + along_border(strips, frame, strip - 1, tip_u, 1, out + n);
}

const char *strip_place_words(const struct strips *strips, const struct guide_lines *lines,
                              enum side side, struct uv place, char *text, size_t cap)
{
    const char *letter = side == SIDE_LEFT ? "L" : side == SIDE_RIGHT ? "R" : "";

    snprintf(text, cap, "zone %s%d, %s", letter, strip_at(strips, place),
             region_words(region_at(lines, place)));
    return text;
}
