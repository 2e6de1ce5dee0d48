/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screening before any press: 34 questions, and what each answer forbids.
 *
 * The questions, triggers, effects and their sources are data (analysis/screen/screening.json).
 * Effects, strictest wins: STOP-ALL (nobody steps on the plate, or not with that foot), STOP (no
 * press test, no massage plan; the load map stays), DOC (locked until the operator records a
 * doctor's agreement), AVOID (zones or places), WAIT (until a condition holds), NOTE. An unanswered
 * question counts as yes. A screening holds for the day of its date (UTC offset of the station),
 * and only for the person it names. The file is "tenderfoot/screening/1". Plain data after loading;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_SCREEN_SCREENING_H
#define TENDERFOOT_ANALYSIS_SCREEN_SCREENING_H

#include "analysis/press/route.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

enum screening_effect {
    SCREENING_NOTE,
    SCREENING_WAIT,
    SCREENING_AVOID,
    SCREENING_DOC,
    SCREENING_STOP,
    SCREENING_STOP_ALL
};

struct screening_option {
    const char *answer, *words; /* "yes", "pronounced" ... */
    enum screening_effect effect;
    int per_foot; /* holds for the foot that is named */
    const char *advice;
    const char *const *zones; /* AVOID */
    int n_zones;
};

struct screening_question {
    const char *id, *text, *kind; /* "Q06"; kind: yes_no, choice, date, places */
    const struct screening_option *options;
    int n_options;
    const char *safe_answer;
    const char *const *contraindications; /* "K07" */
    int n_contraindications;
    const char *const *cites; /* "000:64" */
    int n_cites;
    int asks_operator;
};

struct screening_questions;
struct screening_questions *screening_questions_load(const char *path, struct problem *why);
void screening_questions_free(struct screening_questions *questions);
int screening_question_count(const struct screening_questions *questions);
const struct screening_question *screening_question(const struct screening_questions *questions,
                                                    int index);

/* One reason for what is not allowed, in words that may be printed. */
struct screening_reason {
    const char *question;
    enum screening_effect effect;
    enum side side; /* SIDE_UNKNOWN = both */
    char why[160];
    char cite[48];
};

#define SCREENING_REASONS_MAX 64
#define SCREENING_BANS_MAX 64

struct screening {
    char person[64], operator_name[64], date[24]; /* ISO 8601, of the answers */
    int press_allowed[3], stand_allowed[3];       /* by enum side; [SIDE_UNKNOWN] = both feet */
    int plan_allowed;
    int light_only, age_years; /* age -1: not known */
    int is_female;
    int not_comparable; /* painkiller today: thresholds not compared with other days */
    struct screening_reason reasons[SCREENING_REASONS_MAX];
    int n_reasons;
    struct route_ban bans[SCREENING_BANS_MAX];
    int n_bans;
    struct route_ban thick_skin[SCREENING_BANS_MAX]; /* NOTE: covered by thick skin */
    int n_thick_skin;
};

/* Judges a file's answers (jansson object of "tenderfoot/screening/1"). Refused when it is not
 * one. */
int screening_judge(const struct screening_questions *questions, const json_t *answers,
                    struct screening *screening, struct problem *why);
int screening_load(const struct screening_questions *questions, const char *path,
                   struct screening *screening, struct problem *why);

/* 0 when it holds on this day ("2026-11-22") for this person; else -1 and *why says what to do. */
int screening_is_valid(const struct screening *screening, const char *today, const char *person,
                       struct problem *why);

/* The annotation that a recording of a press test carries (and `exclude` ones): malloc'ed text. */
char *screening_annotation(const struct screening *screening, struct problem *why);

#endif
