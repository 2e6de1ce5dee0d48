/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of tenderness share: places, and what was counted for each zone of each foot. */
#ifndef TENDERFOOT_ANALYSIS_TENDERNESS_PRIVATE_H
#define TENDERFOOT_ANALYSIS_TENDERNESS_PRIVATE_H

#include "analysis/press/tenderness.h"
#include "analysis/press/threshold.h"

/* Presses of one foot within a few millimetres of each other. Doubtful presses do not count here.
 */
struct tender_place {
    enum side side;
    struct uv at;
    enum region_class region_class, beyond; /* beyond: the nearest other one, border_mm away */
    double border_mm;
    int presses, answers;
    int is_tender;    /* pain answered in every press, in two passes or more */
    double value_kpa; /* median of the answers, else the bound */
    int is_censored;  /* value_kpa is a bound: no answer */
    double tip_cm2, ramp_kpa_s;
    char aim[16]; /* zone aimed at, as annotated; "" */
};

/* What the presses under one zone of one foot say. */
struct tally {
    int presses, sound, answers, passes; /* sound: not doubtful; passes: with a sound press */
    int is_tender;
    int one_tool; /* all sound presses with the same tip */
    double value_kpa, low_kpa, high_kpa, tip_cm2, ramp_kpa_s, ceiling_kpa;
    int ceiling_reached;
    enum region_class region_class; /* of its first place */
    int fit;                        /* its telling place, an index into fits; -1 = none */
    int places, painful_places;     /* pressed, and those with an answer; 0 when all are one spot */
};

struct tender {
    struct result *result;
    struct tenderness_options options;
    struct tender_place *places;
    int n_places;
    int *place_of;                  /* of each press; -1 = none */
    struct place_threshold *fits;   /* of each place, by threshold_fit */
    struct person_threshold person; /* by threshold_fit */
    int *under;                     /* room for n_presses + 1 indices */
    double *numbers;                /* room for n_presses + 1 */
    struct tally *tallies[2];       /* of each foot's zones */
    char *inside[2]; /* [zone * n_places + place]: a place of this foot is credited to the zone */
    struct problem *why;
};

/* 1 when pain was answered; an ache (scale 2) is borne, like a press without an answer. */
int tender_is_pain(const struct press *press);
/* At the answer, pain or ache; else the highest that was borne. */
double tender_press_kpa(const struct press *press);

/* tender_places.c: f and z are a foot and a zone of it, by index. */
int tender_places_find(struct tender *tender);
int tender_is_inside(const struct tender *tender, int f, int z, int place);
/* A place of the foot lies in the zone or so near to its outline. */
int tender_comes_within(const struct foot_result *foot, const struct atlas_zone *zone,
                        struct uv place, double radius_mm);
/* Indices of the presses under a zone, in tender->under; their number. */
int tender_presses_under(struct tender *tender, int f, int z);
struct tally tender_tally(struct tender *tender, int f, int z);
/* Sorts and gives the middle one, or the mean of both; NAN of none. */
double tender_median(double *numbers, int n);

/* tender_fit.c: thresholds and verdicts of all places, and the place that tells a zone: the most
 * flagged, else the lowest of those that answered, else the least that was borne. */
int tender_fit(struct tender *tender);
int tender_telling_place(const struct tender *tender, int f, int z);
double tender_distance_mm(struct uv a, struct uv b);

/* tender_told.c: result->places, by index those of `tender`; then which of them tells a zone of
 * which place `fit` (or -1) is the telling one, as zone_result.told_by has it. */
int tender_tell_places(struct tender *tender);
int tender_told_by(const struct tender *tender, int f, int z, int fit);

/* tender_flags.c: comparisons, flags and their words. */
int tender_flags_raise(struct tender *tender);

/* tender_shift.c: what weight shifts say of a zone in contact that no stud pressed. */
int tender_shifts(struct tender *tender, const struct foot_result *foot, struct zone_result *zone);

/* tender_words.c: one more line of evidence, cut at its room. */
int tender_say(struct tender *tender, struct zone_result *zone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int tender_say_presses(struct tender *tender, int f, int z);
/* What a mat pressed here: told, and never a state or a flag. */
int tender_say_mat(struct tender *tender, int f, int z);
int tender_is_under_mat(const struct result *result, enum side side, const struct atlas_zone *zone);
int tender_say_notes(struct tender *tender, const struct foot_result *foot,
                     struct zone_result *zone);
/* Pain was answered at some of the zone's places and not at others: "1 of 2 places pressed in this
 * zone" matters, since a zone is told by one threshold. */
int tender_is_partial(const struct tally *tally);
/* A reason in the operator's words, if they are words that may be printed; else "". */
const char *tender_reason(const char *why, char *text, size_t cap);

/* tender_left_out.c: the entry of a list that names this zone or its parent, on this foot or both;
 * NULL = none. A warning for each reason why places were left out. */
const struct zone_exclusion *tender_find_zone(const struct zone_exclusion *list, int n,
                                              enum side side, const struct atlas_zone *zone);
int tender_warn_left_out(struct tender *tender);

/* tender_reach.c: why nothing may be told of a zone whose middle lies beyond what is proven of its
 * foot (of a union: all its parts'); NULL = it may. */
const char *tender_beyond_reach(const struct foot_result *foot, const struct zone_result *zone);
/* One warning a foot that is not proven to its end. */
int tender_warn_reach(struct tender *tender);

#endif
