/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/stance_course.h"

#include <math.h>

#define LIFT_S 0.3 /* a foot gives its load away, */
#define AIR_S 0.3  /* is in the air, */

static int index_of(const struct subject *subject, enum side side)
{
    for (int i = 0; i < subject->n_feet; i++)
        if (subject->feet[i].side == side)
            return i;
    return -1;
}

static void shift(struct stance_phase *phase, const struct subject *subject, double left_share)
{
    int left = index_of(subject, SIDE_LEFT);
    if (subject->n_feet < 2)
        return;
    phase->share[left] = left_share;
    phase->share[1 - left] = 1 - left_share;
}

static void move(struct foot_frame *frame, const struct stand_event *event)
{
    frame->heel.x_mm += event->dx_mm;
    frame->heel.y_mm += event->dy_mm;
    frame->angle_deg += event->turn_deg;
}

static int furnish(struct stance_phase *phase, const struct subject *subject, double weight_n,
                   stance_course_picture *picture, void *context, struct problem *why)
{
    for (int i = 0; i < subject->n_feet; i++) {
        struct foot_picture one = {0};
        if (phase->share[i] <= 0)
            continue; /* in the air */
        int bad = picture(context, i, &phase->frames[i], &one, why) ||
                  stance_add(&phase->stance, &one, weight_n * phase->share[i], why);
        foot_picture_free(&one);
        if (bad)
            return -1;
    }
    stance_settle(&phase->stance);
    return 0;
}

/* What one event makes of what was before: one phase, or two for a foot that is lifted and set. */
static void add_event(struct stance_course *course, struct stance_phase before,
                      const struct subject *subject, const struct stand_event *event)
{
    struct stance_phase next = before;
    next.stance = (struct stance){0};
    next.from_s = event->at_s;
    next.over_s = event->over_s;
    int foot = index_of(subject, event->side);
    if (!isnan(event->left_share)) {
        shift(&next, subject, event->left_share);
        course->phases[course->n++] = next;
        return;
    }
    if (foot < 0)
        return;
    if (subject->n_feet == 2) {
        struct stance_phase lifted = next;
        lifted.over_s = LIFT_S;
        lifted.share[foot] = 0;
        lifted.share[1 - foot] = 1;
        course->phases[course->n++] = lifted;
        next.from_s += LIFT_S + AIR_S;
    }
    move(&next.frames[foot], event);
    course->phases[course->n++] = next;
}

int stance_course_make(struct stance_course *course, const struct subject *subject, double weight_n,
                       const struct foot_frame *frames, stance_course_picture *picture,
                       void *context, struct problem *why)
{
    struct stance_phase now = {.share = {1, 0}, .frames = {frames[0], frames[1]}};
    shift(&now, subject, subject->left_share);
    *course = (struct stance_course){0};
    for (int i = 0; i < subject->n_events; i++) {
        add_event(course, now, subject, &subject->events[i]);
        if (course->n)
            now = course->phases[course->n - 1];
    }
    for (int i = 0; i < course->n; i++) {
        if (furnish(&course->phases[i], subject, weight_n, picture, context, why)) {
            stance_course_free(course);
            return -1;
        }
    }
    return 0;
}

void stance_course_free(struct stance_course *course)
{
    for (int i = 0; i < course->n; i++)
        stance_free(&course->phases[i].stance);
    course->n = 0;
}

void stance_course_at(const struct stance_course *course, double time_s, int *phase, double *next)
{
    *phase = -1;
    *next = 0;
    while (*phase + 1 < course->n && time_s >= course->phases[*phase + 1].from_s) {
        const struct stance_phase *here = &course->phases[*phase + 1];
        double t = (time_s - here->from_s) / here->over_s;
        if (t < 1) {
            *next = t * t * (3 - 2 * t);
            return;
        }
        (*phase)++;
    }
}
