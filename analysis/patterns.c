/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/patterns.h"
#include "analysis/load/symmetry.h"
#include "analysis/result.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each foot may have each pattern but left against right, which is of both. */
#define PATTERNS_MAX (2 * (PATTERN_IDS - 1) + 1)
/* The toe line is told where the print shows at least so many of its five places. */
#define TOE_BASES_MIN 2

struct measured {
    double value, error;
};

struct finder {
    struct result *result;
    struct patterns *patterns;
};

const char *pattern_words(enum pattern_id id, enum side side)
{
    switch (id) {
    case PATTERN_FLAT_LOAD:
        return "flat load pattern: more middle-foot contact than the reference";
    case PATTERN_HIGH_ARCH:
        return "high-arch load pattern: less middle-foot contact than the reference";
    case PATTERN_INWARD_LEAN:
        return "inward-leaning load pattern";
    case PATTERN_REDUCED_HEEL:
        return "reduced heel loading: the heel carries less than the reference";
    case PATTERN_FOREFOOT_LOAD:
        return "forefoot load: ball and toes carry more than the reference";
    case PATTERN_LEFT_RIGHT:
        return side == SIDE_LEFT ? "load is higher on the left foot"
                                 : "load is higher on the right foot";
    case PATTERN_IDS:
        break;
    }
    return "?";
}

/* --- Shares of the foot's load -----------------------------------------------------------------
 */

/* 1 when the place lies in the part, whose border is moved by `shift` (in u or v). */
static int is_in_part(const struct foot_result *foot, int number, struct uv place, double shift)
{
    switch (number) {
    case NORM_HEEL_PERCENT:
        return place.u < foot->lines.heel_front_u + shift;
    case NORM_FOREFOOT_PERCENT:
        return place.u >= guide_diaphragm_u(&foot->lines, place.v) + shift;
    default:
        return place.v < 0.5 + shift;
    }
}

static double share_percent(const struct result *result, const struct foot_result *foot, int number,
                            double shift)
{
    const struct grid *grid = &result->grid;
    double part = 0, all = 0;

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t i = (size_t)row * (size_t)grid->cols + (size_t)col;
            double kpa = foot->mask[i] > 0 ? (double)result->mean_picture[i] : 0;

            if (kpa <= 0)
                continue;
            all += kpa;
            if (is_in_part(foot, number,
                           foot_frame_to_uv(&foot->frame, grid_centre(grid, row, col)), shift))
                part += kpa;
        }
    return all > 0 ? 100 * part / all : NAN;
}

/* Half a cell, as a part of the foot's length or width. */
static double half_cell(const struct result *result, const struct foot_result *foot, int number)
{
    double mm = fmax(result->grid.pitch_x_mm, result->grid.pitch_y_mm) / 2;

    if (number == NORM_HEEL_PERCENT || number == NORM_FOREFOOT_PERCENT)
        return mm / foot->frame.length_mm;
    return mm / foot_frame_width_mm(&foot->frame, 0.5);
}

/* A share with what moving its border by half a cell either way makes of it. */
static struct measured measure_share(const struct result *result, const struct foot_result *foot,
                                     int number)
{
    double shift = half_cell(result, foot, number);
    double value = share_percent(result, foot, number, 0);
    double less = share_percent(result, foot, number, -shift);
    double more = share_percent(result, foot, number, shift);

    return (struct measured){value, fmax(fabs(less - value), fabs(more - value))};
}

static struct measured measure(const struct result *result, const struct foot_result *foot,
                               int number)
{
    if (number < PRINT_NUMBERS)
        return (struct measured){foot->print->of[number].value, foot->print->of[number].error};
    if (number == NORM_COP_V)
        return (struct measured){foot_frame_to_uv(&foot->frame, foot->cop).v,
                                 half_cell(result, foot, number)};
    return measure_share(result, foot, number);
}

/* --- Rules -------------------------------------------------------------------------------------
 */

static void not_told(struct finder *f, enum pattern_id id, enum side side, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void not_told(struct finder *f, enum pattern_id id, enum side side, const char *format, ...)
{
    struct pattern_gap *gap = &f->patterns->not_told[f->patterns->n_not_told++];
    va_list args;

    gap->id = id;
    gap->side = side;
    va_start(args, format);
    vsnprintf(gap->why, sizeof gap->why, format, args);
    va_end(args);
}

static int needs_side(int number)
{
    return number == NORM_MEDIAL_PERCENT || number == NORM_COP_V;
}

static int toe_line_is_told(const struct foot_result *foot)
{
    int measured = 0;

    for (int i = LANDMARK_B1; i <= LANDMARK_B5; i++)
        measured += foot->landmarks.of[i].measured;
    return !foot->toes_touch || measured >= TOE_BASES_MIN;
}

/* NULL when a foot may be judged by a number, else why not. */
static const char *refusal(const struct result *result, const struct foot_result *foot,
                           const struct norm_condition *condition)
{
    int number = condition->norm->number;
    const struct print_number *whole;

    if (!foot->has_load || !foot->print)
        return "this foot did not stand on the plate";
    if (foot->off_edge)
        return "the print reaches the edge of the plate: part of it may be missing";
    if (condition->norm->only_standing && result->walked)
        return "the norm is of standing, and this is a walk";
    if (needs_side(number) && foot->side == SIDE_UNKNOWN)
        return "left or right is not known";
    if (number < PRINT_NUMBERS && !toe_line_is_told(foot))
        return "toes and ball cannot be told apart on this print";
    /* Shares hang on where heel and toes are: they need a whole print, too. */
    whole = &foot->print->of[number < PRINT_NUMBERS ? number : PRINT_LENGTH_NO_TOES_MM];
    return isnan(whole->value) ? whole->reason : NULL;
}

/* 1 when a foot may be judged by a condition, else 0 with the reason. */
static int may_judge(const struct result *result, const struct foot_result *foot,
                     const struct norm_condition *condition, char *why, size_t cap)
{
    const char *refused = refusal(result, foot, condition);

    if (!refused)
        return norm_holds_for(condition->norm, result->age_years, foot->frame.length_mm, why, cap);
    snprintf(why, cap, "%s", refused);
    return 0;
}

/* How a number is told: v as a part of the width in percent. */
struct telling {
    double scale;
    int decimals;
    const char *unit;
};

static struct telling telling_of(int number)
{
    if (number < PRINT_NUMBERS) {
        const struct print_number_facts *facts = print_number_facts((enum print_number_id)number);
        const char *unit = !strcmp(facts->unit, "%")     ? " %"
                           : !strcmp(facts->unit, "mm")  ? " mm"
                           : !strcmp(facts->unit, "cm2") ? " cm²"
                                                         : facts->unit;

        return (struct telling){1, facts->decimals, unit};
    }
    return (struct telling){number == NORM_COP_V ? 100 : 1, 1, " %"};
}

/* "0.26 or more", "below 0.21", "0.21 to below 0.26", with their unit */
static void add_bounds(char *text, size_t cap, const struct norm_condition *condition,
                       const struct telling *t)
{
    double low = norm_class_low(condition->norm, condition->class_index) * t->scale;
    double high = norm_class_high(condition->norm, condition->class_index) * t->scale;

    if (isinf(low))
        snprintf(text, cap, "below %g%s", high, t->unit);
    else if (isinf(high))
        snprintf(text, cap, "%g%s or more", low, t->unit);
    else
        snprintf(text, cap, "%g%s to below %g%s", low, t->unit, high, t->unit);
}

static void add_condition(struct pattern *pattern, const struct norm_condition *condition,
                          struct measured found)
{
    struct telling t = telling_of(condition->norm->number);
    size_t at = strlen(pattern->evidence);
    char bounds[80], error[40] = "not known";

    add_bounds(bounds, sizeof bounds, condition, &t);
    if (isfinite(found.error))
        snprintf(error, sizeof error, "%.*f%s", t.decimals, found.error * t.scale, t.unit);
    snprintf(pattern->evidence + at, sizeof pattern->evidence - at,
             "%s%s %.*f%s (error %s), %s by \"%s\"", at ? "; " : "",
             norm_number_words(condition->norm->number), t.decimals, found.value * t.scale, t.unit,
             error, bounds, condition->norm->name);
}

static int is_beyond(const struct norm_condition *condition, struct measured found)
{
    return found.value - norm_class_low(condition->norm, condition->class_index) > found.error &&
           norm_class_high(condition->norm, condition->class_index) - found.value > found.error;
}

/* How the number of a print hangs on the threshold. */
static void add_sensitivity(struct pattern *pattern, const struct result *result,
                            const struct foot_result *foot)
{
    struct telling t = telling_of(pattern->norm->number);
    const struct print_number *number;
    size_t at = strlen(pattern->evidence);

    if (pattern->norm->number < PRINT_NUMBERS) {
        number = &foot->print->of[pattern->norm->number];
        if (isfinite(number->at_half) && isfinite(number->at_double))
            snprintf(pattern->evidence + at, sizeof pattern->evidence - at,
                     "; with contact from %g kPa and from %g kPa: %.*f%s and %.*f%s",
                     result->threshold_kpa / 2, result->threshold_kpa * 2, t.decimals,
                     number->at_half, t.unit, t.decimals, number->at_double, t.unit);
    }
    at = strlen(pattern->evidence);
    snprintf(pattern->evidence + at, sizeof pattern->evidence - at, ".");
}

static void judge_foot(struct finder *f, const struct foot_result *foot,
                       const struct pattern_rule *rule)
{
    struct pattern pattern = {.id = rule->pattern,
                              .side = foot->side,
                              .words = pattern_words(rule->pattern, foot->side),
                              .norm = rule->conditions[0].norm,
                              .beyond_error = 1};

    for (int i = 0; i < rule->n; i++) {
        char why[sizeof f->patterns->not_told->why];

        if (!may_judge(f->result, foot, &rule->conditions[i], why, sizeof why)) {
            not_told(f, rule->pattern, foot->side, "%s", why);
            return;
        }
    }
    for (int i = 0; i < rule->n; i++) {
        struct measured found = measure(f->result, foot, rule->conditions[i].norm->number);

        if (norm_class_of(rule->conditions[i].norm, found.value) != rule->conditions[i].class_index)
            return;
        if (!i) {
            pattern.value = found.value;
            pattern.error = found.error;
        }
        pattern.beyond_error &= is_beyond(&rule->conditions[i], found);
        add_condition(&pattern, &rule->conditions[i], found);
    }
    add_sensitivity(&pattern, f->result, foot);
    f->patterns->list[f->patterns->n++] = pattern;
}

static const struct foot_result *standing_foot(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side && result->feet[i].has_load)
            return &result->feet[i];
    return NULL;
}

/* NULL when left may be held against right, else why not. */
static const char *sides_refusal(const struct result *result, const struct norm *norm,
                                 const struct foot_result *left, const struct foot_result *right)
{
    if (norm->only_standing && result->walked)
        return "the norm is of standing, and this is a walk";
    if (!left || !right)
        return "a left and a right foot did not stand together";
    if (left->off_edge || right->off_edge)
        return "a print reaches the edge of the plate: part of its load may be missing";
    if (!(result->facts.force_error_percent > 0))
        return "the plate's own measuring error is not known: its calibration does not state it";
    if (!(left->force_n > 0 && right->force_n > 0))
        return "a foot carries nothing";
    return NULL;
}

static void add_sides(struct pattern *pattern, const struct foot_result *left,
                      const struct foot_result *right, double force_error_percent)
{
    pattern->side = pattern->value > 0 ? SIDE_LEFT : SIDE_RIGHT;
    pattern->words = pattern_words(pattern->id, pattern->side);
    snprintf(pattern->evidence, sizeof pattern->evidence,
             "left %.0f N, right %.0f N: symmetry index (left - right)/(left + right) %+.1f %%, "
             "the plate's own measuring error of it is %.1f %% at 95 %% (from a force error of "
             "%.1f %%), by \"%s\".",
             left->force_n, right->force_n, pattern->value, pattern->error, force_error_percent,
             pattern->norm->name);
}

static void judge_sides(struct finder *f, const struct pattern_rule *rule)
{
    const struct foot_result *left = standing_foot(f->result, SIDE_LEFT);
    const struct foot_result *right = standing_foot(f->result, SIDE_RIGHT);
    const struct norm_condition *condition = &rule->conditions[0];
    const char *why = sides_refusal(f->result, condition->norm, left, right);
    double force_error = f->result->facts.force_error_percent;
    struct symmetry symmetry;
    struct pattern pattern;

    if (why) {
        not_told(f, rule->pattern, SIDE_UNKNOWN, "%s", why);
        return;
    }
    symmetry = symmetry_index(left->force_n, right->force_n, force_error);
    if (norm_class_of(condition->norm, fabs(symmetry.index_percent) / symmetry.error_percent) !=
        condition->class_index) {
        not_told(f, rule->pattern, SIDE_UNKNOWN,
                 "left and right differ by %.1f %% (symmetry index), which is within the plate's "
                 "own measuring error of %.1f %% at 95 %%",
                 fabs(symmetry.index_percent), symmetry.error_percent);
        return;
    }
    pattern = (struct pattern){.id = rule->pattern,
                               .norm = condition->norm,
                               .value = symmetry.index_percent,
                               .error = symmetry.error_percent,
                               .beyond_error = 1};
    add_sides(&pattern, left, right, force_error);
    f->patterns->list[f->patterns->n++] = pattern;
}

static void judge(struct finder *f)
{
    for (int id = 0; id < PATTERN_IDS; id++) {
        const struct pattern_rule *rule = norms_rule(f->result->norms, (enum pattern_id)id);

        if (rule && id == PATTERN_LEFT_RIGHT)
            judge_sides(f, rule);
        for (int i = 0; rule && id != PATTERN_LEFT_RIGHT && i < f->result->n_feet; i++)
            judge_foot(f, &f->result->feet[i], rule);
    }
}

static int any_load(const struct result *result)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].has_load)
            return 1;
    return 0;
}

int patterns_find(struct result *result, struct problem *why)
{
    struct finder f = {result, &result->patterns};

    patterns_free(f.patterns);
    if (!any_load(result)) {
        snprintf(f.patterns->reason, sizeof f.patterns->reason, "%s",
                 *result->no_foot_reason ? result->no_foot_reason : "no foot stood on the plate");
        return 0;
    }
    f.patterns->list = calloc(PATTERNS_MAX, sizeof *f.patterns->list);
    f.patterns->not_told = calloc(PATTERNS_MAX, sizeof *f.patterns->not_told);
    if (!f.patterns->list || !f.patterns->not_told)
        return problem_no_memory(why, "the load patterns");
    judge(&f);
    return 0;
}

void patterns_free(struct patterns *patterns)
{
    free(patterns->list);
    free(patterns->not_told);
    *patterns = (struct patterns){0};
}
