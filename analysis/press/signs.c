/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/signs.h"
#include "analysis/contact.h"
#include "analysis/lanes.h"
#include "analysis/press/tool.h"
#include "calib/vector_clones.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_S 0.1
#define BLOCKS_MAX 6000
#define LEAST_N 2.0
#define CELL_ERROR 0.03
#define RIM_SPREAD 1.0
#define GUARD_Z 3.0
#define GUARD_CELLS_MIN 2.0
#define HEEL_SPREAD 0.10
#define HEEL_Z 2.0
#define MEANS_BLOCKS 20
#define DROP_BLOCKS 3
#define RISE_BLOCKS 10
#define DROP_SHARE 0.5
#define RISE_SHARE 0.2
#define DROP_Z 6.0
#define COP_AWAY_MM 3.0
#define FAST_LIFT_S 0.35
#define BELOW_CEILING 0.9
#define SIGNS_MAX 200
#define HINT_NEAR_MM 10.0
#define HINT_ROUND_MM 25.0

/* Natural spread between two feet of ln of a zone's share (signs.h), and what is added where a
 * foot's contact ends within the zone. */
static const double guard_spread[] = {
    [CLASS_TOE] = 0.30, [CLASS_BALL] = 0.15, [CLASS_ARCH] = 0.15, [CLASS_HEEL] = 0.12};

struct watched {
    struct foot_result *foot;
    int zone; /* index into the foot's zones; -1: the whole foot */
    uint32_t *cells;
    float *shares; /* of each cell that lies in the part; a foot has its cells whole */
    int n_cells;
    double seen_cells, all_cells; /* sums of shares: of those that bear load; of the zone's own */
    struct point middle;
    float *force_n; /* a block each; of the foot also: */
    float *x_mm, *y_mm;
};

struct sign_watch {
    struct result *result;
    struct watched *parts;
    int n_parts, n_blocks;
    double block_from_s;
    int frames;
    /* Sums over the block's frames, kPa, of the cells from where[] on, CONTACT_BLOCK each: those of
     * the feet. */
    double *sum_kpa;
    uint32_t *where;
    size_t n_where, rest; /* and those from `rest` on, too few for a block */
    float *scratch;
    double *times_s; /* of each block */
};

/* --- Begin ---------------------------------------------------------------------------------- */

/* A zone of a few cells that lies otherwise on the cells of the other foot would be a quarter
 * larger there if whole cells were counted: so each cell counts by its share. */
static void take_cell(struct watched *part, const struct grid *grid, size_t cell, float share)
{
    struct point at = grid_centre(grid, (int)cell / grid->cols, (int)cell % grid->cols);

    part->middle.x_mm += (double)share * at.x_mm;
    part->middle.y_mm += (double)share * at.y_mm;
    part->seen_cells += (double)share;
    part->shares[part->n_cells] = share;
    part->cells[part->n_cells++] = (uint32_t)cell;
}

static int add_part(struct sign_watch *watch, struct foot_result *foot, int zone,
                    const float *shares)
{
    const struct grid *grid = &watch->result->grid;
    struct watched *part = &watch->parts[watch->n_parts];
    size_t cells = grid_cells(grid);

    *part = (struct watched){.foot = foot, .zone = zone};
    part->cells = malloc(cells * sizeof *part->cells);
    part->shares = malloc(cells * sizeof *part->shares);
    part->force_n = malloc(BLOCKS_MAX * sizeof(float));
    if (zone < 0) {
        part->x_mm = malloc(BLOCKS_MAX * sizeof(float));
        part->y_mm = malloc(BLOCKS_MAX * sizeof(float));
    }
    watch->n_parts++;
    if (!part->cells || !part->shares || !part->force_n ||
        (zone < 0 && (!part->x_mm || !part->y_mm)))
        return -1;
    for (size_t i = 0; i < cells; i++) {
        float share = zone < 0 ? foot->mask[i] > 0 : shares[i];
        part->all_cells += (double)share;
        if (foot->mask[i] > 0 && share > 0)
            take_cell(part, grid, i, share);
    }
    part->middle.x_mm /= fmax(1e-9, part->seen_cells);
    part->middle.y_mm /= fmax(1e-9, part->seen_cells);
    return 0;
}

static int add_foot(struct sign_watch *watch, struct foot_result *foot, float *shares)
{
    if (add_part(watch, foot, -1, NULL))
        return -1;
    for (int z = 0; z < foot->n_zones; z++) {
        if (!foot->zones[z].zone->is_plantar || foot->zones[z].state == STATE_NO_CONTACT)
            continue;
        atlas_cell_shares(foot->zones[z].zone, &foot->frame, &foot->landmarks, &watch->result->grid,
                          shares);
        if (add_part(watch, foot, z, shares))
            return -1;
    }
    return 0;
}

/* Where the feet's cells lie. */
static void add_where(struct sign_watch *watch)
{
    const struct result *result = watch->result;
    size_t cells = grid_cells(&result->grid);

    for (size_t i = 0; i < cells; i++) {
        int is_foot = 0;

        for (int f = 0; f < result->n_feet; f++)
            is_foot |=
                result->feet[f].has_load && result->feet[f].mask && result->feet[f].mask[i] > 0;
        if (!is_foot)
            continue;
        if (i + CONTACT_BLOCK > cells) {
            watch->rest = i;
            return;
        }
        watch->where[watch->n_where++] = (uint32_t)i;
        i += CONTACT_BLOCK - 1;
    }
    watch->rest = cells;
}

struct sign_watch *sign_watch_begin(struct result *result, struct problem *why)
{
    struct sign_watch *watch = calloc(1, sizeof *watch);
    int room = 1, failed = !watch;

    for (int f = 0; f < result->n_feet; f++)
        room += result->feet[f].n_zones + 1;
    if (watch) {
        watch->result = result;
        watch->parts = calloc((size_t)room, sizeof *watch->parts);
        watch->scratch = malloc((grid_cells(&result->grid) + BLOCKS_MAX) * sizeof(float));
        watch->times_s = malloc(BLOCKS_MAX * sizeof *watch->times_s);
        watch->sum_kpa = calloc(grid_cells(&result->grid), sizeof *watch->sum_kpa);
        watch->where = malloc(grid_cells(&result->grid) * sizeof *watch->where);
        failed =
            !watch->parts || !watch->scratch || !watch->times_s || !watch->sum_kpa || !watch->where;
    }
    if (!failed)
        add_where(watch);
    for (int f = 0; !failed && f < result->n_feet; f++)
        if (result->feet[f].has_load && result->feet[f].mask)
            failed = add_foot(watch, &result->feet[f], watch->scratch);
    if (!failed)
        return watch;
    sign_watch_free(watch);
    problem_no_memory(why, "signs of behaviour");
    return NULL;
}

void sign_watch_free(struct sign_watch *watch)
{
    if (!watch)
        return;
    for (int i = 0; watch->parts && i < watch->n_parts; i++) {
        free(watch->parts[i].cells);
        free(watch->parts[i].shares);
        free(watch->parts[i].force_n);
        free(watch->parts[i].x_mm);
        free(watch->parts[i].y_mm);
    }
    free(watch->parts);
    free(watch->scratch);
    free(watch->times_s);
    free(watch->sum_kpa);
    free(watch->where);
    free(watch);
}

/* --- Frames --------------------------------------------------------------------------------- */

static void end_part(const struct sign_watch *watch, struct watched *part)
{
    const struct grid *grid = &watch->result->grid;
    double sum = 0, x = 0, y = 0;

    for (int c = 0; c < part->n_cells; c++) {
        double kpa = (double)part->shares[c] * watch->sum_kpa[part->cells[c]];

        sum += kpa;
        if (part->zone >= 0)
            continue;
        struct point at =
            grid_centre(grid, (int)part->cells[c] / grid->cols, (int)part->cells[c] % grid->cols);
        x += kpa * at.x_mm;
        y += kpa * at.y_mm;
    }
    part->force_n[watch->n_blocks] = (float)(sum * grid_newton_per_kpa(grid) / watch->frames);
    if (part->zone < 0) {
        part->x_mm[watch->n_blocks] = (float)(x / fmax(sum, 1e-9));
        part->y_mm[watch->n_blocks] = (float)(y / fmax(sum, 1e-9));
    }
}

static void end_block(struct sign_watch *watch, double time_s)
{
    if (watch->frames) {
        for (int i = 0; i < watch->n_parts; i++)
            end_part(watch, &watch->parts[i]);
        watch->times_s[watch->n_blocks++] = watch->block_from_s;
    }
    watch->frames = 0;
    watch->block_from_s = time_s;
}

static VECTOR_INLINE void add_cells(double *restrict sum, const float *restrict kpa, double kept)
{
    LANES_LOOP
    for (int i = 0; i < CONTACT_BLOCK; i++) /* vectorised */
        sum[i] = sum[i] * kept + (double)kpa[i];
}

/* All parts of a block's sum at once: a cell lies in several of them. */
VECTOR_CLONES
static void add_frame(struct sign_watch *watch, const float *kpa)
{
    size_t cells = grid_cells(&watch->result->grid);
    double kept = watch->frames > 0; /* of the block before nothing is */

    for (size_t b = 0; b < watch->n_where; b++)
        add_cells(watch->sum_kpa + watch->where[b], kpa + watch->where[b], kept);
    for (size_t i = watch->rest; i < cells; i++)
        watch->sum_kpa[i] = watch->sum_kpa[i] * kept + (double)kpa[i];
}

void sign_watch_frame(struct sign_watch *watch, double time_s, const float *kpa)
{
    if (watch->frames && time_s - watch->block_from_s >= BLOCK_S - 1e-9)
        end_block(watch, time_s);
    if (watch->n_blocks >= BLOCKS_MAX)
        return;
    if (!watch->frames)
        watch->block_from_s = time_s;
    add_frame(watch, kpa);
    watch->frames++;
}

/* --- What is told --------------------------------------------------------------------------- */

static int say(struct zone_result *zone, const char *text, struct problem *why)
{
    struct evidence *grown =
        realloc(zone->evidence, ((size_t)zone->n_evidence + 1) * sizeof *grown);

    if (!grown)
        return problem_no_memory(why, "signs of behaviour");
    zone->evidence = grown;
    snprintf(grown[zone->n_evidence++].text, EVIDENCE_TEXT_MAX, "%s", text);
    return 0;
}

static int add_sign(struct result *result, const struct behaviour_sign *sign,
                    struct zone_result *zone, struct problem *why)
{
    if (result->n_signs >= SIGNS_MAX)
        return 0;
    struct behaviour_sign *grown =
        realloc(result->signs, ((size_t)result->n_signs + 1) * sizeof *grown);
    if (!grown)
        return problem_no_memory(why, "signs of behaviour");
    result->signs = grown;
    grown[result->n_signs++] = *sign;
    return zone ? say(zone, sign->text, why) : 0;
}

static double mean_of(const struct sign_watch *watch, const struct watched *part)
{
    double sum = 0;

    for (int i = 0; i < watch->n_blocks; i++)
        sum += (double)part->force_n[i];
    return watch->n_blocks ? sum / watch->n_blocks : 0;
}

static const struct watched *find(const struct sign_watch *watch, const struct watched *like,
                                  int other_foot, int whole)
{
    for (int i = 0; i < watch->n_parts; i++) {
        const struct watched *part = &watch->parts[i];
        if ((part->foot != like->foot) != other_foot || (part->zone < 0) != whole)
            continue;
        if (whole || part->foot->zones[part->zone].zone == like->foot->zones[like->zone].zone)
            return part;
    }
    return NULL;
}

/* --- Guarding ------------------------------------------------------------------------------- */

/* ln(F/T) - ln(F'/T') of the means of some blocks; a twentieth of a newton keeps it finite. */
static double share_ratio(const struct watched *const of[4], int from, int to)
{
    double sum[4] = {0};

    for (int k = 0; k < 4; k++) {
        for (int i = from; i < to; i++)
            sum[k] += (double)of[k]->force_n[i];
        sum[k] = sum[k] / (to - from) + 0.05;
    }
    return log(sum[0] / sum[1]) - log(sum[2] / sum[3]);
}

static double sway_variance(const struct sign_watch *watch, const struct watched *const of[4])
{
    double first = 0, second = 0;
    int n = watch->n_blocks / MEANS_BLOCKS;

    if (n < 2)
        return 0.01; /* a few seconds: no scatter to be had, a tenth is usual */
    for (int i = 0; i < n; i++) {
        double d = share_ratio(of, i * MEANS_BLOCKS, (i + 1) * MEANS_BLOCKS);
        first += d;
        second += d * d;
    }
    return fmax(0, (second - first * first / n) / (n - 1)) / n;
}

/* Of d between two feet in which nothing is spared. Where contact ends within the zone on one of
 * them, its load hangs on where. */
static double natural_spread(const struct watched *part, const struct watched *mirror)
{
    enum region_class region = part->foot->zones[part->zone].zone->region_class;
    double in_contact =
        fmin(part->seen_cells / part->all_cells, mirror->seen_cells / mirror->all_cells);

    return hypot(guard_spread[region], RIM_SPREAD * (1 - in_contact));
}

/* What lies beyond the plate's edge would look spared. */
static int can_be_compared(const struct sign_watch *watch, const struct watched *const of[4])
{
    for (int k = 0; k < 4; k++)
        if (!of[k] || !of[k]->n_cells || of[k]->foot->off_edge)
            return 0;
    return watch->n_blocks > 0 && of[0]->foot->side != SIDE_UNKNOWN &&
           of[2]->seen_cells >= GUARD_CELLS_MIN && mean_of(watch, of[2]) >= LEAST_N;
}

static int judge_guarding(struct sign_watch *watch, struct watched *part, struct problem *why)
{
    const struct watched *mirror = find(watch, part, 1, 0);
    const struct watched *of[4] = {part, find(watch, part, 0, 1), mirror,
                                   mirror ? find(watch, part, 1, 1) : NULL};
    double cell = watch->result->facts.pressure_error_percent > 0
                      ? watch->result->facts.pressure_error_percent / 100
                      : CELL_ERROR;

    if (!can_be_compared(watch, of))
        return 0;
    double d = share_ratio(of, 0, watch->n_blocks), natural = natural_spread(part, mirror);
    double plate = cell * cell * (1 / part->seen_cells + 1 / mirror->seen_cells);
    double sd = sqrt(natural * natural + plate + sway_variance(watch, of));
    if (-d / sd < GUARD_Z || mean_of(watch, part) >= mean_of(watch, mirror))
        return 0;
    struct zone_result *zone = &part->foot->zones[part->zone];
    struct behaviour_sign sign = {SIGN_GUARDING,
                                  part->foot->side,
                                  zone->zone,
                                  -1,
                                  NAN,
                                  log((mean_of(watch, part) + 0.05) / mean_of(watch, of[1])),
                                  log((mean_of(watch, mirror) + 0.05) / mean_of(watch, of[3])),
                                  sd,
                                  -d / sd,
                                  ""};
    snprintf(sign.text, sizeof sign.text,
             "standing, this place carries %.0f %% of what the same place of the other foot does "
             "(share of each foot's load): a supporting sign, no answer",
             100 * exp(d));
    return add_sign(watch->result, &sign, zone, why);
}

/* --- Withdrawal ----------------------------------------------------------------------------- */

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* 1.4826 x the median size of a zone's changes over DROP_BLOCKS. */
static double usual_change(struct sign_watch *watch, const struct watched *part)
{
    int n = watch->n_blocks - DROP_BLOCKS;

    for (int i = 0; i < n; i++)
        watch->scratch[i] = fabsf(part->force_n[i] - part->force_n[i + DROP_BLOCKS]);
    qsort(watch->scratch, (size_t)n, sizeof *watch->scratch, compare_floats);
    return 1.4826 * (double)watch->scratch[n / 2];
}

static double away_mm(const struct watched *whole, const struct watched *part, int i)
{
    return hypot((double)whole->x_mm[i] - part->middle.x_mm,
                 (double)whole->y_mm[i] - part->middle.y_mm);
}

/* Index of the largest drop that counts, or -1. */
static int find_drop(const struct sign_watch *watch, const struct watched *part,
                     const struct watched *whole, double mean)
{
    int best = -1;
    double largest = DROP_SHARE * mean;

    for (int i = RISE_BLOCKS; i + DROP_BLOCKS < watch->n_blocks; i++) {
        const float *f = part->force_n, *t = whole->force_n;
        double lowest = (double)f[i], drop = (double)(f[i] - f[i + DROP_BLOCKS]);
        for (int k = 1; k <= RISE_BLOCKS; k++)
            lowest = fmin(lowest, (double)f[i - k]);
        if (drop <= largest || (double)f[i] - lowest < RISE_SHARE * mean ||
            t[i + DROP_BLOCKS] < t[i] / 2 ||
            away_mm(whole, part, i + DROP_BLOCKS) - away_mm(whole, part, i) < COP_AWAY_MM)
            continue;
        largest = drop;
        best = i;
    }
    return best;
}

static int judge_withdrawal(struct sign_watch *watch, struct watched *part, struct problem *why)
{
    const struct watched *whole = find(watch, part, 0, 1);
    double mean = mean_of(watch, part);

    if (!whole || mean < LEAST_N || watch->n_blocks < RISE_BLOCKS + DROP_BLOCKS + 10)
        return 0;
    int at = find_drop(watch, part, whole, mean);
    if (at < 0)
        return 0;
    double drop = (double)(part->force_n[at] - part->force_n[at + DROP_BLOCKS]);
    double usual = fmax(usual_change(watch, part), 0.01 * mean);
    if (drop / usual < DROP_Z)
        return 0;
    struct zone_result *zone = &part->foot->zones[part->zone];
    struct behaviour_sign sign = {
        SIGN_WITHDRAWAL, part->foot->side, zone->zone, -1, watch->times_s[at], drop / mean, 0,
        usual / mean,    drop / usual,     ""};
    snprintf(sign.text, sizeof sign.text,
             "standing, this place lost %.0f %% of its load within %.1f s after a rise, and the "
             "centre of pressure moved away: a supporting sign, no answer",
             100 * drop / mean, DROP_BLOCKS * BLOCK_S);
    return add_sign(watch->result, &sign, zone, why);
}

/* The first zone that is no part of another and holds the place. */
static struct zone_result *zone_at(const struct result *result, const struct press *press)
{
    for (int f = 0; f < result->n_feet; f++) {
        struct foot_result *foot = &result->feet[f];
        for (int z = 0; foot->side == press->side && press->place_known && z < foot->n_zones; z++)
            if (foot->zones[z].zone->is_plantar &&
                atlas_contains(foot->zones[z].zone, &foot->frame, &foot->landmarks, press->place))
                return &foot->zones[z];
    }
    return NULL;
}

static int judge_lift(struct result *result, int index, struct problem *why)
{
    const struct press *press = &result->presses[index];

    if (press->answered || press->is_catch || press->is_tap || press->stopped || press->session ||
        press->tool_kind != TOOL_SINGLE || press->reached_ceiling || press->doubtful ||
        !(press->lift_s > 0 && press->lift_s <= FAST_LIFT_S) ||
        !(press->peak_kpa < BELOW_CEILING * press->ceiling_kpa)) /* nor without a ceiling */
        return 0;
    struct zone_result *zone = zone_at(result, press);
    struct behaviour_sign sign = {SIGN_WITHDRAWAL,
                                  press->side,
                                  zone ? zone->zone : NULL,
                                  index,
                                  press->end_s,
                                  1 / press->lift_s,
                                  1 / FAST_LIFT_S,
                                  NAN,
                                  NAN,
                                  ""};
    snprintf(sign.text, sizeof sign.text,
             "press %d was lifted quickly at %.0f kPa, below the ceiling and without an answer: a "
             "supporting sign, no answer",
             press->number, press->peak_kpa);
    return add_sign(result, &sign, zone, why);
}

/* --- The heel ------------------------------------------------------------------------------- */

static int judge_heel(struct result *result, struct foot_result *foot, struct foot_result *other,
                      struct problem *why)
{
    double own = foot->regions[REGION_G4].load_percent / foot->load_percent;
    double mirror = other->regions[REGION_G4].load_percent / other->load_percent;
    double d = log(own / mirror), sd = HEEL_SPREAD;

    if (!isfinite(d) || -d / sd < HEEL_Z)
        return 0;
    struct behaviour_sign sign = {SIGN_REDUCED_HEEL, foot->side,  NULL, -1,      NAN,
                                  log(own),          log(mirror), sd,   -d / sd, ""};
    snprintf(sign.text, sizeof sign.text,
             "pain in the heel when walking was stated, and the heel carries %.0f %% of what the "
             "other one does (share of each foot's load): reduced heel loading",
             100 * exp(d));
    return add_sign(result, &sign, NULL, why);
}

static int judge_heels(struct result *result, struct problem *why)
{
    for (int f = 0; f < 2 && result->n_feet == 2 && result->heel_pain_walking > 0; f++) {
        struct foot_result *foot = &result->feet[f], *other = &result->feet[1 - f];
        if (foot->has_load && other->has_load && foot->side != SIDE_UNKNOWN &&
            (result->heel_pain_walking & (int)foot->side) && judge_heel(result, foot, other, why))
            return -1;
    }
    return 0;
}

/* --- Notes ---------------------------------------------------------------------------------- */

/* Highest cell near a place over the mean of those round it; NAN without load there. */
static double local_peak(const struct result *result, struct point at)
{
    double peak = 0, sum = 0;
    int n = 0;

    for (int row = 0; row < result->grid.rows; row++)
        for (int col = 0; col < result->grid.cols; col++) {
            struct point centre = grid_centre(&result->grid, row, col);
            double away = hypot(centre.x_mm - at.x_mm, centre.y_mm - at.y_mm);
            double kpa =
                (double)result->mean_picture[(size_t)row * (size_t)result->grid.cols + (size_t)col];
            if (away > HINT_ROUND_MM || kpa < result->threshold_kpa)
                continue;
            if (away <= HINT_NEAR_MM) {
                peak = fmax(peak, kpa);
            } else {
                sum += kpa;
                n++;
            }
        }
    return n && peak > 0 ? peak / (sum / n) : NAN;
}

static int say_hint(struct result *result, struct foot_result *foot,
                    const struct operator_note *note, struct problem *why)
{
    double ratio = local_peak(result, foot_frame_to_plate(&foot->frame, note->place));
    char text[EVIDENCE_TEXT_MAX];

    if (!(ratio > 1.5))
        return 0;
    snprintf(text, sizeof text,
             "the load here is %.1f times that around it, where a %s was noted by hand: a hint of "
             "a hard spot at most (skin, bone or a seam do the same)",
             ratio, note->kind == NOTE_CALLUS ? "callus" : "nodule");
    for (int z = 0; z < foot->n_zones; z++)
        if (foot->zones[z].zone->is_plantar &&
            atlas_contains(foot->zones[z].zone, &foot->frame, &foot->landmarks, note->place) &&
            say(&foot->zones[z], text, why))
            return -1;
    return 0;
}

static int say_hints(struct result *result, struct problem *why)
{
    for (int i = 0; i < result->n_notes && result->mean_picture; i++)
        for (int f = 0; f < result->n_feet; f++) {
            const struct operator_note *note = &result->notes[i];
            struct foot_result *foot = &result->feet[f];
            if ((note->kind == NOTE_NODULE || note->kind == NOTE_CALLUS) && foot->has_load &&
                note->side == foot->side && isfinite(note->place.u) && isfinite(note->place.v) &&
                say_hint(result, foot, note, why))
                return -1;
        }
    return 0;
}

int sign_watch_finish(struct sign_watch *watch, struct problem *why)
{
    struct result *result = watch->result;
    int failed = 0;

    if (watch->n_blocks < BLOCKS_MAX)
        end_block(watch, 0);
    for (int i = 0; i < watch->n_parts && !failed; i++)
        if (watch->parts[i].zone >= 0)
            failed = judge_guarding(watch, &watch->parts[i], why) ||
                     judge_withdrawal(watch, &watch->parts[i], why);
    for (int i = 0; i < result->n_presses && !failed; i++)
        failed = judge_lift(result, i, why);
    failed = failed || judge_heels(result, why) || say_hints(result, why);
    sign_watch_free(watch);
    return failed ? -1 : 0;
}
