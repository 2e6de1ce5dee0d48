/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screening before any press: 34 questions, and what each answer forbids (reflexology.md 6).
 *
 * The questions, their answers, effects and sources are data (analysis/screen/screening.json).
 * Effects, the strictest wins: STOP-ALL (not on the plate, or not with that foot), STOP (no press
 * test, no massage plan; the load map stays), DOC (locked until the operator records a doctor's
 * agreement), AVOID (zones or places), WAIT (until it is otherwise), NOTE. A question without an
 * answer counts as its strictest one. A screening holds on the day of its date, for the person it
 * names. Answers are a file "tenderfoot/screening/1" (analysis/screen/README.md). Plain data after
 * loading; any thread. */
#ifndef TENDERFOOT_ANALYSIS_SCREEN_SCREENING_H
#define TENDERFOOT_ANALYSIS_SCREEN_SCREENING_H

#include "analysis/press/route.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

enum screening_effect {
    SCREENING_NONE,
    SCREENING_NOTE,
    SCREENING_WAIT,
    SCREENING_AVOID,
    SCREENING_DOC,
    SCREENING_STOP,
    SCREENING_STOP_ALL
};
const char *screening_effect_name(enum screening_effect effect); /* "STOP-ALL"; NONE: "" */

#define SCREENING_ZONES_MAX 12
#define SCREENING_CITES_MAX 12

struct screening_option {
    const char *answer, *words; /* what the file says, what is shown */
    const char *advice;         /* "" = none */
    enum screening_effect effect;
    int age_from, age_to; /* of a date question; -1 = open */
    int per_foot;         /* holds for the foot that is named; both when none is */
    int no_press, no_stand, light_only, not_comparable, thick_skin;
    int with_support; /* stands, but not alone */
    int asks_places;  /* where on the sole */
    double radius_mm;
    const char *zones[SCREENING_ZONES_MAX]; /* never pressed on either foot */
    int n_zones;
};

#define SCREENING_OPTIONS_MAX 4

struct screening_question {
    const char *id, *text;
    int is_date;       /* of birth; else a choice of the options */
    int asks_operator; /* of the operator, not of the person */
    struct screening_option options[SCREENING_OPTIONS_MAX];
    int n_options, unanswered; /* which option silence counts as */
    const char *contraindications[4];
    int n_contraindications;
    const char *cites[SCREENING_CITES_MAX]; /* "003:60", or "project" */
    int n_cites;
};

struct screening_questions;

/* NULL = the built-in ones. Refused: unknown effects, members or contraindications, no answer. */
struct screening_questions *screening_questions_load(const char *path, struct problem *why);
void screening_questions_free(struct screening_questions *questions);
int screening_question_count(const struct screening_questions *questions);
const struct screening_question *screening_question(const struct screening_questions *questions,
                                                    int index);

/* What is asked besides and forbids nothing: pain in the middle of the heel when walking, which the
 * analysis compares with how the heels are loaded (reflexology.md 4.3 F, R22). Its answers are no,
 * left, right and both; NULL where these questions do not ask it. */
const struct screening_question *
screening_heel_question(const struct screening_questions *questions);

/* One thing that an answer forbids or asks to keep in mind, in words that may be printed. */
struct screening_reason {
    const struct screening_question *question;
    const struct screening_option *option;
    enum side side; /* SIDE_UNKNOWN = both */
    int is_unanswered;
    int is_agreed; /* DOC, and a doctor's agreement is recorded */
    char doctor[64], doctor_date[16];
};

#define SCREENING_REASONS_MAX 40
#define SCREENING_BANS_MAX 48

struct screening {
    char person[64], operator_name[64];
    char date[32];             /* ISO 8601 with time, as in the file: when it was asked */
    int age_years;             /* -1 = not known */
    int is_female;             /* by `sex` of the file; zones for women only */
    int stand_allowed[3];      /* by enum side; [SIDE_UNKNOWN] = at least one foot */
    int press_allowed[3];      /* likewise */
    int plan_allowed[3];       /* the massage plan, likewise */
    int with_support;          /* asked to stand only with a firm hold (Q34) */
    int light_only;            /* a child, if a doctor agrees: light hands, never a press test */
    char heel_pain_walking[8]; /* "no", "left", "right", "both"; "" = not asked */
    int not_comparable;        /* a painkiller: thresholds not compared with other days */
    struct screening_reason reasons[SCREENING_REASONS_MAX]; /* in the order of the questions */
    int n_reasons;
    struct route_ban bans[SCREENING_BANS_MAX];
    int n_bans;
    struct route_ban thick_skin[SCREENING_BANS_MAX];
    int n_thick_skin;
};

/* Judges the answers of a file. `questions` must outlive the screening. Refused: not of this
 * schema, an answer that the question has not, a date that is none, a place off the sole. */
int screening_judge(const struct screening_questions *questions, const json_t *answers,
                    struct screening *screening, struct problem *why);
int screening_load(const struct screening_questions *questions, const char *path,
                   struct screening *screening, struct problem *why);

/* 1: a day that there was ("1980-02-11", nothing behind) on which somebody who lives `today`, a day
 * too, may be born; of an agreement (`is_birth` 0): not after today. */
int screening_is_day(const char *text, const char *today, int is_birth);

/* Whether the chart has every zone that is to be spared or has thick skin: a name that it lacks
 * would spare nothing. 0, or -1 and *why (PROBLEM_REFUSED). Ask before a route or a plan is made.
 */
int screening_fits(const struct screening *screening, const struct atlas *atlas,
                   struct problem *why);

/* Whether the answers are of this day ("2026-11-22", the station's own) and of this person (NULL =
 * whoever they name): 0, or -1 and *why (PROBLEM_REFUSED). */
int screening_holds(const struct screening *screening, const char *today, const char *person,
                    struct problem *why);

/* Whether a press test may be made today ("2026-11-22", the station's own day) of this person (NULL
 * = whoever it names): 0, or -1 and *why (PROBLEM_REFUSED) says what stands in the way and what to
 * do. With a side, whether that foot may be pressed. */
int screening_permits_press(const struct screening *screening, const char *today,
                            const char *person, enum side side, struct problem *why);

/* Whether this person may be asked to stand or walk on the plate today, arguments as above; a side:
 * on that foot alone; SIDE_UNKNOWN: on both. STOP-ALL of one foot leaves the other (reflexology.md
 * Q15, Q20), what locks the press test alone leaves both. */
int screening_permits_stand(const struct screening *screening, const char *today,
                            const char *person, enum side side, struct problem *why);

/* "STOP: Q06 Varicose veins? pronounced. Ask a doctor first. (K07; 001:59, ...)", cut at cap. */
const char *screening_reason_words(const struct screening_reason *reason, char *text, size_t cap);

/* The words of the strictest answer that locks press test and plan, cut at cap. */
const char *screening_lock_words(const struct screening *screening, char *text, size_t cap);

/* What a recording carries of it: an array of annotations (firmware/wire/PROTOCOL.md): `screening`,
 * then an `exclude` for each zone, a `note` for each place, and the heel's answer as `subject`.
 * NULL: no memory. */
json_t *screening_annotations(const struct screening *screening);

/* The result as tenderfoot screen --json prints it ("tenderfoot/screen/1"). NULL: no memory. */
json_t *screening_json(const struct screening *screening);

#endif
