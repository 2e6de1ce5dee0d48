/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people of a cohort: virtual subjects drawn at random over the ranges that the station must
 * work on, each with a plate of its own faults.
 *
 * Feet of 150 to 330 mm (children too), any arch, toes clawed, resting, in the air or missing,
 * swollen and amputated ones, landmarks of their own; standing as people stand, turned up to 45
 * degrees, close together, apart, over the plate's edge, on one foot. Plates of 5 and 8 mm cells
 * with dead cells, errors of calibration, noise, creep and hysteresis. Pressure pain thresholds by
 * region (arch lowest, heel highest), people differ; natural left/right spread; noise from press to
 * press; misses, false and late answers; some whose answers cannot be relied on, some sensitive on
 * both sides. With tender zones planted on one side, or without. Person `index` of a seed is the
 * same whoever else is drawn; side_sd changes the thresholds of a person and nothing else. Pure
 * functions; any thread. */
#ifndef TENDERFOOT_SAMPLES_COHORT_PEOPLE_H
#define TENDERFOOT_SAMPLES_COHORT_PEOPLE_H

#include "samples/subject.h"

enum cohort_pose {
    COHORT_USUAL,
    COHORT_TURNED,  /* both feet together, up to 45 degrees */
    COHORT_SPLAYED, /* each foot its own way, up to 45 degrees */
    COHORT_CLOSE,   /* 2 to 8 mm from contact to contact */
    COHORT_EDGE,    /* one foot crosses the plate's edge by 15 to 60 mm */
    COHORT_ONE_FOOT,
    COHORT_POSES
};
const char *cohort_pose_name(enum cohort_pose pose);

/* Traits of a foot; several may hold. */
enum cohort_trait {
    COHORT_CHILD = 1,
    COHORT_HIGH_ARCH = 2,
    COHORT_FLAT = 4,
    COHORT_NO_TOES = 8, /* toes in the air */
    COHORT_TOE_MISSING = 16,
    COHORT_SWOLLEN = 32,
    COHORT_AMPUTATED = 64, /* forefoot */
};
#define COHORT_TRAITS 7
const char *cohort_trait_name(int bit); /* of the bit's index 0 .. COHORT_TRAITS - 1 */

struct cohort_setting {
    uint64_t seed;
    double side_sd; /* of ln(left / right), 0.05 */
};

struct cohort_person {
    int index, is_planted; /* is_planted: tender zones on one side */
    enum cohort_pose pose;
    unsigned traits[2]; /* by index of subject.feet */
    int length_told;    /* the operator enters the foot length */
    int is_unreliable, is_sensitised;
    double cell_mm;
    struct subject subject;
};

/* Draws one. `wants_press`: an adult with two feet on the plate, as the press test needs it (no
 * child is pressed: reflexology.md R38). 0, or -1 with why (memory; a protocol that the subject's
 * schema refuses). */
int cohort_person_draw(struct cohort_person *person, const struct cohort_setting *setting,
                       int index, int is_planted, int wants_press, struct problem *why);

/* Where a foot touches: least distance between the contact of two standing feet, mm. */
double cohort_gap_mm(const struct subject_foot *a, const struct subject_foot *b);

#endif
