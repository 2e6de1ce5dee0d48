/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load fatigue (R15): one person's stand before and after a day or a walk.
 *
 * Numbers of each foot and of sway are taken from two analysed recordings, each with its standard
 * error (SEM) and where that comes from, and each change is judged against the minimal detectable
 * change (measuring_error.h). Without repeats the SEM holds what the two recordings themselves
 * tell: the scatter of frames within the stand (of the peak: all of it, as the peak is an extreme
 * and no mean), the plate's stated error, half a cell for what hangs on the edge of a print. It
 * does not hold how differently a person stands each time: only repeats do, and where they are
 * given their SD is taken instead of all this, with Student's t of their number. What has no known
 * error is "unknown", with a reason.
 *
 * Of a foot: contact area (with its threshold), share of the load, peak pressure, arch index, load
 * on the front half and on the inner half, centre of pressure in the foot frame (from the heel's
 * back edge along the foot, and from the big-toe tangent across). The plate frame would tell where
 * the person chose to stand. Plain memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_LOAD_CHANGE_H
#define TENDERFOOT_ANALYSIS_CHANGE_LOAD_CHANGE_H

#include "analysis/change/measuring_error.h"
#include "analysis/result.h"
#include "analysis/sway/uncertainty.h"

enum change_key {
    CHANGE_AREA,
    CHANGE_SHARE,
    CHANGE_PEAK,
    CHANGE_ARCH,
    CHANGE_FORE,
    CHANGE_MEDIAL,
    CHANGE_COP_ALONG,
    CHANGE_COP_ACROSS,
    CHANGE_KEYS
};

struct change_facts {
    const char *key, *words, *unit; /* JSON; in a sentence; "cm2", "%", "kPa", "mm" or "" */
    int decimals;
};
const struct change_facts *change_facts(enum change_key key);

/* A number of one recording. */
struct measured {
    double value, sem; /* NAN: see reason */
    char reason[160];
};

/* The stand's sway, where somebody stood still; else `reason`. */
struct visit_sway {
    int known;
    double from_s, to_s;
    struct sway_result result;
    struct sway_uncertainty error;
    char reason[360];
};

struct visit {
    int has_foot[2]; /* left, right */
    struct measured foot[2][CHANGE_KEYS];
    struct measured sway[SWAY_HEADLINES];
    double force_n;
    char client[64];          /* "" where the recording names nobody */
    char protocol[24];        /* with its condition, as analysis/condition.h has it */
    double foot_length_mm[2]; /* NAN where the print does not tell */
};

struct change {
    double before, after, sem;
    enum change_verdict verdict;
    int from_repeats;
    double freedom;   /* of sem: recordings less one, or SEM_IS_KNOWN without repeats */
    char reason[160]; /* why a number or the verdict is unknown */
};

struct load_change {
    int has_foot[2];         /* in both recordings */
    char foot_reason[2][60]; /* which recording lacks the foot; "" when neither does */
    struct change foot[2][CHANGE_KEYS];
    struct change sway[SWAY_HEADLINES];
    double threshold_kpa;
    size_t repeats; /* recordings that the SEM was taken from, the one before among them */
    int compared;   /* numbers with a verdict */
    int plate_error_is_unknown; /* a recording's calibration states none */
    char warnings[12][200];
    int n_warnings;
};

/* 0, or -1 without memory. */
int visit_measure(const struct result *result, const struct visit_sway *sway, struct visit *out,
                  struct problem *why);

/* -1 (refused) when the two cannot be compared: another threshold, grid or plate. */
int load_change_check(const struct result *before, const struct result *after, struct problem *why);

/* `repeats`: further visits in the state before (may be none). Sway with open eyes is not compared
 * with sway with closed eyes: no numbers then, and the reason. */
void load_change(const struct visit *before, const struct visit *after, const struct visit *repeats,
                 size_t n_repeats, struct load_change *out);

/* -1 (refused) when no foot is in both recordings and their sway does not compare either: sway of
 * one foot does not compare with that of the other. */
int load_change_is_empty(const struct visit *before, const struct visit *after,
                         const struct load_change *change, struct problem *why);

/* Repeats of another name, weight or length of foot, or without a foot, spoil the measuring error:
 * what is seen is said, by the number of the repeat. */
void load_change_warn_repeats(const struct visit *before, const struct visit *repeats, size_t n,
                              struct load_change *out);

/* A foot of another length before and after is said. */
void load_change_warn_length(const struct visit *before, const struct visit *after,
                             struct load_change *out);

/* Other people, calibrations or weights are no reason to refuse, but are said. */
void load_change_warn(const struct result *before, const struct result *after,
                      struct load_change *out);

/* "Contact area of the left foot is 6.2 cm2 larger than before (104.1 to 110.3 cm2): larger than
 * the measuring error." What is named first begins with a capital. */
void change_sentence(const struct change *change, const char *what, const char *unit, int decimals,
                     char text[240]);

#endif
