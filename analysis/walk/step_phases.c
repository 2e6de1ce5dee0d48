/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phases of stance from when each cell of the print was first and last in contact (De Cock et al.
 * 2005): first contact, first metatarsal head, all metatarsal heads, heel off, last contact.
 *
 * A head's area is a disc of 9 mm radius about its landmark (one cell's width at least), the heel's
 * is u < 0.28 of the foot frame. So that one noisy cell moves nothing, a head is down when a tenth
 * of its contact cells are, and the heel is off when a tenth of its or less are left. */
#include "analysis/foot/landmarks.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEAD_RADIUS_MM 9.0
#define HEEL_U 0.28
#define NOISE_SHARE 0.1
#define HEEL_CELLS_CM2 3.0 /* less contact there is no heel contact */
#define HEADS_MIN 3        /* so many heads must touch for the forefoot to be down */

/* Frames of first or last contact of the cells of an area: how many lie up to each sample. */
struct area {
    size_t cells;
    int32_t first, last; /* frame where NOISE_SHARE are down; after which no more are left */
};

/* Insertion into the k smallest (or largest): a print has few cells and k is a tenth of them. */
#define TAIL_MAX 128

struct tail {
    int32_t values[TAIL_MAX];
    size_t n, most;
};

static void tail_add(struct tail *tail, int32_t value)
{
    size_t at = tail->n;

    while (at > 0 && tail->values[at - 1] > value)
        at--;
    if (at >= tail->most)
        return;
    tail->n += tail->n < tail->most;
    memmove(tail->values + at + 1, tail->values + at, (tail->n - at - 1) * sizeof *tail->values);
    tail->values[at] = value;
}

/* Does this place belong to the area: a head (index 0..4) or, with -1, the heel? */
static int belongs(const struct foot_frame *local, const struct landmarks *landmarks, int head,
                   double radius_mm, struct point at)
{
    struct point middle;

    if (head < 0)
        return foot_frame_to_uv(local, at).u < HEEL_U;
    middle = foot_frame_to_plate(local, landmarks->of[LANDMARK_MTH1 + head].at);
    return hypot(at.x_mm - middle.x_mm, at.y_mm - middle.y_mm) <= radius_mm;
}

static struct area area_of(const struct step_print *print, const struct foot_frame *local,
                           const struct landmarks *landmarks, int head,
                           const struct walk_step *step)
{
    const struct contact_window *w = &step->picture;
    double radius = fmax(HEAD_RADIUS_MM, fmax(print->grid.pitch_x_mm, print->grid.pitch_y_mm));
    struct tail first = {.most = 0}, last = {.most = 0};
    struct area area = {0};

    for (int pass = 0; pass < 2; pass++) {
        size_t share = (size_t)(NOISE_SHARE * (double)area.cells) + 1;

        first.most = last.most = share < TAIL_MAX ? share : TAIL_MAX - 1;
        for (size_t i = 0; i < (size_t)w->rows * (size_t)w->cols; i++) {
            struct point at = grid_centre(&print->grid, (int)(i / (size_t)w->cols) + w->row0,
                                          (int)(i % (size_t)w->cols) + w->col0);

            at.x_mm -= print->origin.x_mm;
            at.y_mm -= print->origin.y_mm;
            if (!(w->maximum[i] > 0) || !belongs(local, landmarks, head, radius, at))
                continue;
            area.cells += pass == 0;
            if (pass == 1) {
                tail_add(&first, w->first[i]);
                tail_add(&last, -w->last[i]);
            }
        }
    }
    if (area.cells) {
        area.first = first.values[first.n - 1];
        area.last = -last.values[last.n - 1];
    }
    return area;
}

/* When a frame was: its sample's time, else the nearest later one's. */
static double time_of(const struct walk_step *step, int32_t frame)
{
    for (size_t i = 0; i < step->n_samples; i++)
        if (step->samples[i].frame >= frame)
            return step->samples[i].time_s;
    return step->end_s;
}

static void set_reason(struct walk_step *step, const char *reason)
{
    if (!step->phases_reason[0])
        snprintf(step->phases_reason, sizeof step->phases_reason, "%s", reason);
}

static void forefoot(const struct step_print *print, const struct foot_frame *local,
                     const struct landmarks *landmarks, struct walk_step *step)
{
    int32_t first = INT32_MAX, flat = -1;
    int heads = 0;

    for (int head = 0; head < 5; head++) {
        struct area area = area_of(print, local, landmarks, head, step);

        if (!area.cells)
            continue;
        heads++;
        first = area.first < first ? area.first : first;
        flat = area.first > flat ? area.first : flat;
    }
    if (heads < HEADS_MIN) {
        set_reason(step, "the forefoot did not come down on the plate");
        return;
    }
    step->at_s[AT_FOREFOOT_CONTACT] = time_of(step, first);
    step->at_s[AT_FOREFOOT_FLAT] = time_of(step, flat);
}

void step_phases(const struct walk_input *input, const struct step_print *print,
                 const struct foot_frame *local, const struct landmarks *landmarks,
                 struct walk_step *step)
{
    struct area heel = area_of(print, local, landmarks, -1, step);

    for (int i = 0; i < INSTANTS; i++)
        step->at_s[i] = NAN;
    if (!(step->cut & STEP_CUT_START))
        step->at_s[AT_FIRST_CONTACT] = step->start_s;
    if (!(step->cut & STEP_CUT_END))
        step->at_s[AT_LAST_CONTACT] = step->end_s;
    if (step->cut) {
        set_reason(step, "the step is not whole");
        return;
    }
    forefoot(print, local, landmarks, step);
    if ((double)heel.cells * grid_cell_cm2(&print->grid) < HEEL_CELLS_CM2) {
        set_reason(step, "the heel did not touch the plate");
        return;
    }
    step->at_s[AT_HEEL_OFF] = time_of(step, heel.last) + 1 / input->rate_hz;
    if (step->at_s[AT_HEEL_OFF] > step->end_s - 1.5 / input->rate_hz) {
        step->at_s[AT_HEEL_OFF] = NAN;
        set_reason(step, "the heel stayed loaded to the end of the stance");
        return;
    }
    if (step->at_s[AT_HEEL_OFF] < step->at_s[AT_FOREFOOT_FLAT])
        set_reason(step, "the heel was off before the forefoot was flat: there is no foot flat");
}

const char *stance_phase_key(int phase)
{
    static const char *const keys[PHASES] = {"initial_contact", "forefoot_contact", "foot_flat",
                                             "propulsion"};

    return phase >= 0 && phase < PHASES ? keys[phase] : "?";
}
