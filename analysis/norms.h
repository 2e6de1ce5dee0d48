/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Norms: what numbers of feet are compared with, as data (analysis/norms.json) and not as
 * constants.
 *
 * A norm parts the values of one number into named classes, and says whose it is: source, device,
 * people, and whether its bounds were published or are this project's choice. Rules say which
 * pattern is named in which class of which norm; another file may change both (--norms). Every text
 * of a file is held to the allowed words (analysis/wording.h). Read-only after loading; any thread.
 */
#ifndef TENDERFOOT_ANALYSIS_NORMS_H
#define TENDERFOOT_ANALYSIS_NORMS_H

#include "firmware/wire/problem.h"

#include <stddef.h>

#define NORM_CLASSES_MAX 8
#define RULE_CONDITIONS_MAX 4

enum pattern_id {
    PATTERN_FLAT_LOAD,
    PATTERN_HIGH_ARCH,
    PATTERN_INWARD_LEAN,
    PATTERN_REDUCED_HEEL,
    PATTERN_FOREFOOT_LOAD,
    PATTERN_LEFT_RIGHT,
    PATTERN_IDS
};
const char *pattern_name(enum pattern_id id); /* "flat_load": JSON, and in the file */

/* Numbers that a norm may be of, besides those of print_numbers.h by their key (their number is
 * their enum print_number_id). */
enum norm_number {
    NORM_HEEL_PERCENT = 100,  /* force behind the heel line, % of the foot's */
    NORM_FOREFOOT_PERCENT,    /* ahead of the diaphragm line */
    NORM_MEDIAL_PERCENT,      /* at v < 0.5 */
    NORM_COP_V,               /* v of the foot's centre of pressure */
    NORM_SYMMETRY_OVER_ERROR, /* |symmetry index| / what the plate's error lets it be, at 95 % */
    NORM_NUMBER_END
};
const char *norm_number_key(int number); /* "heel_percent" */
const char *norm_number_words(int number);

struct norm_class {
    const char *name;
    double below; /* values from the class before's `below` up to here; INFINITY for the last */
};

struct norm {
    const char *id, *name, *source, *device, *people, *note; /* note may be NULL */
    int number;
    int only_standing; /* "task": "stand" or "any" */
    /* For whom it holds: "age_years": [16, 120], "foot_length_mm": [210, 400]; everybody where the
     * file does not say: -INFINITY, INFINITY. */
    double age_low_years, age_high_years, length_low_mm, length_high_mm;
    int is_published; /* "basis": "published" or "project" */
    struct norm_class classes[NORM_CLASSES_MAX];
    int n_classes;
};

struct norm_condition {
    const struct norm *norm;
    int class_index;
};

/* A pattern is named where all of its conditions hold. At most one rule a pattern. */
struct pattern_rule {
    enum pattern_id pattern;
    struct norm_condition conditions[RULE_CONDITIONS_MAX];
    int n;
};

struct norms;

/* NULL and *why (refused) with the file, the part and what was expected; `path` NULL = built in. */
struct norms *norms_load(const char *path, struct problem *why);
struct norms *norms_parse(const void *bytes, size_t n, const char *name, struct problem *why);
void norms_free(struct norms *norms);

const char *norms_name(const struct norms *norms);
const char *norms_version(const struct norms *norms);
int norms_count(const struct norms *norms);
const struct norm *norms_at(const struct norms *norms, int index);
const struct norm *norms_find(const struct norms *norms, const char *id); /* NULL: no such */
const struct pattern_rule *norms_rule(const struct norms *norms, enum pattern_id id);

/* 1 when the norm holds for this person, else 0 with the reason in `why`. The stated age decides;
 * where none is stated (NAN), a norm that has a range of lengths goes by the foot's, so that a
 * child is not judged as an adult, and one that has only a range of ages holds for nobody. */
int norm_holds_for(const struct norm *norm, double age_years, double length_mm, char *why,
                   size_t cap);

/* The class that a value lies in; -1 for NAN. */
int norm_class_of(const struct norm *norm, double value);
/* Bounds of a class: -INFINITY and INFINITY where it has none. */
double norm_class_low(const struct norm *norm, int class_index);
double norm_class_high(const struct norm *norm, int class_index);

#endif
