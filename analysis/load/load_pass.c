/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/load_pass.h"

#include "analysis/contact.h"
#include "analysis/lanes.h"
#include "analysis/load/membership.h"
#include "analysis/load/part.h"
#include "analysis/load/sums.h"
#include "analysis/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows are summed in the order of time: a late frame may be this much behind. */
#define LATE SERIES_LATE_FRAMES
/* More frames than this are not looked back for a loading rate. */
#define RATE_FRAMES_MAX 1024
/* As many loaded frames show what another threshold would: one cell in 600 frames is nothing. */
#define SENSITIVITY_FRAMES 600

/* Parts of a foot, in this order; zones follow. The foot is the sum of its regions. */
enum { PART_FOOT, PART_ZONES = 1 + REGION_COUNT };
#define PART_REGION(id) (1 + (int)(id))

struct slot {
    struct part part;
    struct sums sums;
};

struct foot_pass {
    struct foot_result *foot;
    struct load_numbers *numbers; /* until finish */
    struct part_place *places;
    struct slot *slots;
    int n_slots;
    struct part_contact contact; /* of the frame that is added now */
    double fore_percent, medial_percent;
};

struct load_pass {
    struct result *result;
    struct load_whole *whole;
    struct foot_pass feet[2];
    int n_feet, n_slots; /* feet with load; slots of all of them */
    enum step step;
    float above;
    float *ever_step, *ever; /* largest contact pressure: of the step; of others but presses */
    /* Rows of all slots by index modulo n_rows, and whether that row is of the index. */
    struct sums_row *rows;
    size_t *row_of; /* index + 1; 0: none */
    size_t n_rows, next, rate_from, history;
    struct drift_spans spans;
    double zero_kpa[2], zero_foot_kpa[2]; /* sums over frames, before and after */
    size_t zero_frames[2], foot_cells;
    size_t stride;
    double sense_area[2][LOAD_THRESHOLDS], sense_kpa[2][LOAD_THRESHOLDS],
        sense_region[2][LOAD_THRESHOLDS][REGION_COUNT];
    size_t sense_frames;
};

/* --- Begin ------------------------------------------------------------------------------------ */

static enum step step_of(const struct result *result, size_t i)
{
    return result->frames.step ? (enum step)result->frames.step[i]
           : result->walked    ? STEP_WALK
                               : STEP_STAND;
}

static int is_loaded(const struct load_pass *pass, size_t i)
{
    const struct result *result = pass->result;

    return step_of(result, i) == pass->step && result->frames.force_n[i] > 0 &&
           result->frames.force_n[i] >= result->min_force_n &&
           !(result->frames.time_s[i] < result->load_from_s) &&
           !(result->frames.time_s[i] > result->load_to_s);
}

static void mask_share(const struct foot_result *foot, size_t cells, double *share)
{
    for (size_t i = 0; i < cells; i++)
        share[i] = foot->mask[i] > 0;
}

static void zone_share(const struct grid *grid, const struct foot_result *foot, int zone,
                       float *single, double *share)
{
    atlas_cell_shares(foot->zones[zone].zone, &foot->frame, &foot->landmarks, grid, single);
    for (size_t i = 0; i < grid_cells(grid); i++)
        share[i] = foot->mask[i] > 0 ? (double)single[i] : 0;
}

static double *no_place(size_t n)
{
    double *numbers = malloc((n + 1) * sizeof *numbers);

    for (size_t i = 0; numbers && i < n; i++)
        numbers[i] = NAN;
    return numbers;
}

static int begin_numbers(struct load_pass *pass, struct foot_pass *feet, struct problem *why)
{
    size_t n = pass->result->frames.n;
    struct load_numbers *numbers = calloc(1, sizeof *numbers);

    feet->numbers = numbers;
    if (!numbers)
        return problem_no_memory(why, "the load of a foot");
    numbers->n_zones = feet->foot->n_zones;
    numbers->zones = calloc((size_t)numbers->n_zones + 1, sizeof *numbers->zones);
    numbers->series.n = n;
    numbers->series.force_n = calloc(n + 1, sizeof(double));
    numbers->series.area_cm2 = calloc(n + 1, sizeof(double));
    numbers->series.peak_kpa = calloc(n + 1, sizeof(double));
    numbers->series.cop_x_mm = no_place(n);
    numbers->series.cop_y_mm = no_place(n);
    if (!numbers->zones || !numbers->series.force_n || !numbers->series.area_cm2 ||
        !numbers->series.peak_kpa || !numbers->series.cop_x_mm || !numbers->series.cop_y_mm)
        return problem_no_memory(why, "a foot over time");
    return 0;
}

static int begin_part_series(struct part_series *series, size_t n, struct problem *why)
{
    series->force_n = calloc(n + 1, sizeof(float));
    series->area_cm2 = calloc(n + 1, sizeof(float));
    series->peak_kpa = calloc(n + 1, sizeof(float));
    if (series->force_n && series->area_cm2 && series->peak_kpa)
        return 0;
    return problem_no_memory(why, "regions and zones over time");
}

static int begin_series(struct load_pass *pass, struct foot_pass *feet, struct problem *why)
{
    struct load_numbers *numbers = feet->numbers;
    size_t n = pass->result->frames.n;

    numbers->region_series = calloc(REGION_COUNT, sizeof *numbers->region_series);
    numbers->zone_series = calloc((size_t)numbers->n_zones + 1, sizeof *numbers->zone_series);
    if (!numbers->region_series || !numbers->zone_series)
        return problem_no_memory(why, "regions and zones over time");
    for (int i = 0; i < REGION_COUNT; i++)
        if (begin_part_series(&numbers->region_series[i], n, why))
            return -1;
    for (int i = 0; i < numbers->n_zones; i++)
        if (feet->foot->zones[i].zone->is_plantar &&
            begin_part_series(&numbers->zone_series[i], n, why))
            return -1;
    return 0;
}

/* Share of the foot's mean picture, which is the mean over the loaded frames, in %. */
static double percent_in(const struct result *result, const struct foot_result *foot,
                         const double *share)
{
    double part = 0, all = 0;

    for (size_t i = 0; i < grid_cells(&result->grid); i++) {
        double kpa = foot->mask[i] > 0 ? (double)result->mean_picture[i] : 0;

        part += share[i] * kpa;
        all += kpa;
    }
    return all > 0 ? 100 * part / all : NAN;
}

static void begin_shares(const struct result *result, struct foot_pass *feet, double *share)
{
    feet->fore_percent = feet->medial_percent = NAN;
    if (!result->mean_picture)
        return;
    membership_of_fore(&result->grid, feet->foot, share);
    feet->fore_percent = percent_in(result, feet->foot, share);
    membership_of_medial(&result->grid, feet->foot, share);
    if (feet->foot->side != SIDE_UNKNOWN)
        feet->medial_percent = percent_in(result, feet->foot, share);
}

static int begin_slots(struct load_pass *pass, struct foot_pass *feet, float *single, double *share,
                       struct problem *why)
{
    const struct grid *grid = &pass->result->grid;
    size_t cells = grid_cells(grid);

    feet->n_slots = PART_ZONES + feet->foot->n_zones;
    feet->slots = calloc((size_t)feet->n_slots, sizeof *feet->slots);
    if (!feet->slots)
        return problem_no_memory(why, "the parts of a foot");
    for (int i = 0; i < feet->n_slots; i++)
        sums_begin(&feet->slots[i].sums);
    mask_share(feet->foot, cells, share);
    if (part_make(&feet->slots[PART_FOOT].part, share, cells, why))
        return -1;
    membership_of_regions(grid, feet->foot, share);
    for (int i = 0; i < REGION_COUNT; i++)
        if (part_make(&feet->slots[PART_REGION(i)].part, share + (size_t)i * cells, cells, why))
            return -1;
    for (int i = PART_ZONES; i < feet->n_slots; i++) {
        zone_share(grid, feet->foot, i - PART_ZONES, single, share);
        if (part_make(&feet->slots[i].part, share, cells, why))
            return -1;
    }
    feet->places = calloc(feet->slots[PART_FOOT].part.n + 1, sizeof *feet->places);
    if (!feet->places)
        return problem_no_memory(why, "the places of a foot's cells");
    part_places(&feet->slots[PART_FOOT].part, grid->cols, feet->places);
    if (part_contact_make(&feet->contact, cells, why))
        return -1;
    begin_shares(pass->result, feet, share);
    for (size_t i = 0; i < cells; i++)
        pass->foot_cells += feet->foot->mask[i] > 0;
    return 0;
}

static int begin_feet(struct load_pass *pass, struct problem *why)
{
    size_t cells = grid_cells(&pass->result->grid);
    float *single = malloc(cells * sizeof *single);
    double *share = malloc(REGION_COUNT * cells * sizeof *share);
    int failed = !single || !share;

    if (failed)
        problem_no_memory(why, "shares of cells");
    for (int i = 0; !failed && i < pass->result->n_feet; i++) {
        struct foot_pass *feet = &pass->feet[pass->n_feet];

        if (!pass->result->feet[i].has_load || !pass->result->feet[i].mask || cells < PART_LANES)
            continue;
        pass->n_feet++;
        feet->foot = &pass->result->feet[i];
        failed = begin_numbers(pass, feet, why) || begin_slots(pass, feet, single, share, why) ||
                 (pass->result->with_part_series && begin_series(pass, feet, why));
        pass->n_slots += feet->n_slots;
    }
    free(single);
    free(share);
    return failed ? -1 : 0;
}

static int begin_rows(struct load_pass *pass, struct problem *why)
{
    double frames = ceil(LOAD_RATE_WINDOW_S * pass->result->rate_hz) + 8;

    pass->history = (size_t)fmin(frames, RATE_FRAMES_MAX);
    for (pass->n_rows = 1; pass->n_rows < pass->history + LATE + 2;)
        pass->n_rows *= 2;
    pass->rows = calloc(pass->n_rows * (size_t)(pass->n_slots + 1), sizeof *pass->rows);
    pass->row_of = calloc(pass->n_rows, sizeof *pass->row_of);
    return pass->rows && pass->row_of ? 0 : problem_no_memory(why, "the load of some frames");
}

static void count_loaded(struct load_pass *pass)
{
    size_t loaded = 0;

    for (size_t i = 0; i < pass->result->frames.n; i++)
        loaded += (size_t)is_loaded(pass, i);
    pass->stride = 1 + loaded / SENSITIVITY_FRAMES;
}

struct load_pass *load_pass_begin(struct result *result, struct problem *why)
{
    struct load_pass *pass = calloc(1, sizeof *pass);
    size_t cells = grid_cells(&result->grid);

    if (!pass) {
        problem_no_memory(why, "the load");
        return NULL;
    }
    pass->result = result;
    pass->step = result->walked ? STEP_WALK : STEP_STAND;
    pass->above = contact_above(result->threshold_kpa);
    pass->spans = drift_spans(result);
    count_loaded(pass);
    pass->whole = calloc(1, sizeof *pass->whole);
    pass->ever = calloc(cells, sizeof *pass->ever);
    pass->ever_step = calloc(cells, sizeof *pass->ever_step);
    if (pass->ever_step && result->max_picture)
        memcpy(pass->ever_step, result->max_picture, cells * sizeof *pass->ever_step);
    if (!pass->whole || !pass->ever || !pass->ever_step)
        problem_no_memory(why, "the load");
    else if (!begin_feet(pass, why) && !begin_rows(pass, why))
        return pass;
    load_pass_free(pass);
    return NULL;
}

void load_pass_free(struct load_pass *pass)
{
    if (!pass)
        return;
    for (int i = 0; i < pass->n_feet; i++) {
        struct foot_pass *feet = &pass->feet[i];

        for (int k = 0; feet->slots && k < feet->n_slots; k++)
            part_free(&feet->slots[k].part);
        free(feet->slots);
        free(feet->places);
        part_contact_free(&feet->contact);
        load_numbers_free(feet->numbers);
    }
    load_whole_free(pass->whole);
    free(pass->ever);
    free(pass->ever_step);
    free(pass->rows);
    free(pass->row_of);
    free(pass);
}

/* --- A frame ---------------------------------------------------------------------------------- */

static void raise_block(float *ever, const float *kpa, float above, size_t n)
{
    LANES_LOOP
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float p = kpa[i] > above ? kpa[i] : 0;

        ever[i] = p > ever[i] ? p : ever[i];
    }
}

static void raise_ever(float *ever, const float *kpa, float above, size_t cells)
{
    size_t i = 0;

    for (; i + CONTACT_BLOCK <= cells; i += CONTACT_BLOCK)
        if (!contact_block_is_zero(kpa + i))
            raise_block(ever + i, kpa + i, above, CONTACT_BLOCK);
    raise_block(ever + i, kpa + i, above, cells - i);
}

static struct sums_row scaled(const struct part_row *row, const struct grid *grid)
{
    return (struct sums_row){row->kpa * grid_newton_per_kpa(grid), row->cells * grid_cell_cm2(grid),
                             row->peak_kpa};
}

/* Regions part the foot without rest. */
static void sum_regions(struct sums_row *rows)
{
    struct sums_row foot = {0};

    for (int i = 0; i < REGION_COUNT; i++) {
        const struct sums_row *row = &rows[PART_REGION(i)];

        foot.force_n += row->force_n;
        foot.area_cm2 += row->area_cm2;
        foot.peak_kpa = row->peak_kpa > foot.peak_kpa ? row->peak_kpa : foot.peak_kpa;
    }
    rows[PART_FOOT] = foot;
}

static void foot_frame(struct load_pass *pass, struct foot_pass *feet, size_t index,
                       const struct sums_row *row)
{
    const struct grid *grid = &pass->result->grid;
    struct foot_series *series = &feet->numbers->series;

    series->force_n[index] = row->force_n;
    series->area_cm2[index] = row->area_cm2;
    series->peak_kpa[index] = row->peak_kpa;
    if (row->force_n > 0 && row->force_n >= pass->result->min_force_n) {
        struct part_moment moment =
            part_moment(&feet->slots[PART_FOOT].part, feet->places, &feet->contact);
        double kpa_sum = row->force_n / grid_newton_per_kpa(grid);

        series->cop_x_mm[index] = moment.x / kpa_sum * grid->pitch_x_mm;
        series->cop_y_mm[index] = moment.y / kpa_sum * grid->pitch_y_mm;
    }
}

static void keep_series(struct foot_pass *feet, const struct sums_row *rows, size_t index)
{
    struct load_numbers *numbers = feet->numbers;

    for (int i = 0; numbers->region_series && i < REGION_COUNT + numbers->n_zones; i++) {
        const struct sums_row *row =
            &rows[i < REGION_COUNT ? PART_REGION(i) : PART_ZONES + i - REGION_COUNT];
        struct part_series *series =
            i < REGION_COUNT ? &numbers->region_series[i] : &numbers->zone_series[i - REGION_COUNT];

        if (!series->force_n)
            continue;
        series->force_n[index] = (float)row->force_n;
        series->area_cm2[index] = (float)row->area_cm2;
        series->peak_kpa[index] = (float)row->peak_kpa;
    }
}

static void parts_frame(struct load_pass *pass, size_t index, const float *kpa)
{
    struct sums_row *rows = pass->rows + index % pass->n_rows * (size_t)pass->n_slots;

    for (int f = 0; f < pass->n_feet; f++) {
        struct foot_pass *feet = &pass->feet[f];

        part_contact_set(&feet->contact, &feet->slots[PART_FOOT].part, kpa, pass->above);
        for (int i = 1; i < feet->n_slots; i++) {
            struct part_row row = part_contact_sum(&feet->slots[i].part, &feet->contact);

            rows[i] = scaled(&row, &pass->result->grid);
        }
        sum_regions(rows);
        foot_frame(pass, feet, index, &rows[PART_FOOT]);
        keep_series(feet, rows, index);
        rows += feet->n_slots;
    }
}

/* Half the threshold and twice it: what of area and shares hangs on it. */
static const double threshold_factor[LOAD_THRESHOLDS] = {0.5, 1, 2};

static void sense_frame(struct load_pass *pass, const float *kpa)
{
    for (int t = 0; t < LOAD_THRESHOLDS; t++) {
        float above = contact_above(pass->result->threshold_kpa * threshold_factor[t]);

        for (int f = 0; f < pass->n_feet; f++) {
            struct slot *slots = pass->feet[f].slots;

            for (int i = 0; i < REGION_COUNT; i++) {
                struct part_row row = part_sum(&slots[PART_REGION(i)].part, kpa, above);

                pass->sense_area[f][t] += row.cells;
                pass->sense_kpa[f][t] += row.kpa;
                pass->sense_region[f][t][i] += row.kpa;
            }
        }
    }
    pass->sense_frames++;
}

static double sum_all(const float *kpa, size_t n)
{
    double lanes[PART_LANES] = {0}, sum = 0;
    size_t i = 0;

    for (; i + PART_LANES <= n; i += PART_LANES)
        LANES_LOOP
    for (size_t k = 0; k < PART_LANES; k++) /* vectorised */
        lanes[k] += (double)kpa[i + k];
    for (; i < n; i++)
        sum += (double)kpa[i];
    for (int k = 0; k < PART_LANES; k++)
        sum += lanes[k];
    return sum;
}

static void zero_frame(struct load_pass *pass, size_t index, const float *kpa)
{
    const struct drift_spans *spans = &pass->spans;
    int is_before = index >= spans->before_from && index < spans->before_to;
    int is_after = index >= spans->after_from && index < spans->after_to;

    if (!is_before && !is_after)
        return;
    pass->zero_frames[is_after]++;
    pass->zero_kpa[is_after] += sum_all(kpa, grid_cells(&pass->result->grid));
    for (int f = 0; f < pass->n_feet; f++)
        pass->zero_foot_kpa[is_after] += part_sum(&pass->feet[f].slots[PART_FOOT].part, kpa, 0).kpa;
}

/* As sums_rate_from, when that frame is of the same step and its rows are still there. */
static size_t rate_from(struct load_pass *pass, size_t index)
{
    size_t j =
        sums_rate_from(pass->result->frames.time_s, index, pass->result->rate_hz, &pass->rate_from);

    return j != SIZE_MAX && index - j <= pass->history && pass->row_of[j % pass->n_rows] == j + 1
               ? j
               : SIZE_MAX;
}

/* A frame whose turn it is: its rows into the sums. */
static void add_rows(struct load_pass *pass, size_t index)
{
    const struct result *result = pass->result;
    const struct sums_row *rows = pass->rows + index % pass->n_rows * (size_t)pass->n_slots;
    const struct sums_row *earlier = rows;
    size_t from = rate_from(pass, index);
    int is_after_gap;
    struct sums_frame frame = {.time_s = result->frames.time_s[index],
                               .is_loaded = is_loaded(pass, index)};

    frame.dt_s = sums_dt_s(result->frames.time_s, index, result->rate_hz, &is_after_gap);
    frame.follows = index > 0 && !is_after_gap && pass->row_of[(index - 1) % pass->n_rows] == index;
    if (from != SIZE_MAX) {
        earlier = pass->rows + from % pass->n_rows * (size_t)pass->n_slots;
        frame.rate_over_s = frame.time_s - result->frames.time_s[from];
    }
    for (int f = 0; f < pass->n_feet; f++)
        for (int i = 0; i < pass->feet[f].n_slots; i++)
            sums_add(&pass->feet[f].slots[i].sums, &frame, rows++, (earlier++)->force_n);
}

/* Adds the frames up to `until` that have come; those that have not by now do not come. */
static void advance(struct load_pass *pass, size_t until)
{
    for (; pass->next < until; pass->next++)
        if (pass->row_of[pass->next % pass->n_rows] == pass->next + 1)
            add_rows(pass, pass->next);
}

static void advance_while_here(struct load_pass *pass)
{
    while (pass->row_of[pass->next % pass->n_rows] == pass->next + 1) {
        add_rows(pass, pass->next);
        pass->next++;
    }
}

void load_pass_frame(struct load_pass *pass, size_t index, const float *kpa)
{
    size_t cells = grid_cells(&pass->result->grid);

    if (index >= pass->result->frames.n || index < pass->next)
        return;
    enum step step = step_of(pass->result, index);
    zero_frame(pass, index, kpa);
    if (step == STEP_PRESS)
        return;
    /* Loaded frames are in the result's maximum picture. */
    if (!is_loaded(pass, index) || !pass->result->max_picture)
        raise_ever(step == pass->step ? pass->ever_step : pass->ever, kpa, pass->above, cells);
    if (step != pass->step || !pass->n_feet)
        return;
    if (index > pass->next + LATE)
        advance(pass, index - LATE);
    parts_frame(pass, index, kpa);
    pass->row_of[index % pass->n_rows] = index + 1;
    if (is_loaded(pass, index) && index % pass->stride == 0)
        sense_frame(pass, kpa);
    advance_while_here(pass);
}

/* --- Finish ----------------------------------------------------------------------------------- */

static struct load_summary finish_slot(const struct load_pass *pass, const struct slot *slot)
{
    double cells = part_cells_ever(&slot->part, pass->ever_step);

    return sums_finish(&slot->sums, cells * grid_cell_cm2(&pass->result->grid),
                       pass->whole->body_weight_n);
}

static void finish_sensitivity(const struct load_pass *pass, int f)
{
    struct load_sensitivity *to = &pass->feet[f].numbers->sensitivity;
    double n = (double)pass->sense_frames;

    to->frames = pass->sense_frames;
    for (int t = 0; t < LOAD_THRESHOLDS; t++) {
        double all = 0, foot = pass->sense_kpa[f][t];

        for (int i = 0; i < pass->n_feet; i++)
            all += pass->sense_kpa[i][t];
        to->threshold_kpa[t] = pass->result->threshold_kpa * threshold_factor[t];
        to->area_cm2[t] =
            n > 0 ? pass->sense_area[f][t] / n * grid_cell_cm2(&pass->result->grid) : NAN;
        to->load_percent[t] = all > 0 ? 100 * foot / all : NAN;
        for (int i = 0; i < REGION_COUNT; i++)
            to->region_percent[t][i] = foot > 0 ? 100 * pass->sense_region[f][t][i] / foot : NAN;
    }
}

static void finish_foot(struct load_pass *pass, int f)
{
    struct foot_pass *feet = &pass->feet[f];
    struct load_numbers *numbers = feet->numbers;

    numbers->foot = finish_slot(pass, &feet->slots[PART_FOOT]);
    for (int i = 0; i < REGION_COUNT; i++)
        numbers->regions[i] = finish_slot(pass, &feet->slots[PART_REGION(i)]);
    for (int i = 0; i < numbers->n_zones; i++)
        numbers->zones[i] = feet->foot->zones[i].zone->is_plantar
                                ? finish_slot(pass, &feet->slots[PART_ZONES + i])
                                : load_summary_unknown();
    numbers->fore_percent = feet->fore_percent;
    numbers->medial_percent = feet->medial_percent;
    finish_sensitivity(pass, f);
    feet->foot->load = numbers;
    feet->numbers = NULL;
}

static void finish_plate(struct load_pass *pass)
{
    const struct result *result = pass->result;
    const struct frame_series *frames = &result->frames;
    struct sums sums;
    size_t from = 0, cells = 0;

    sums_begin(&sums);
    for (size_t i = 0; i < frames->n; i++) {
        struct sums_row row = {frames->force_n[i], frames->area_cm2[i], frames->peak_kpa[i]};
        struct sums_frame frame = {.time_s = frames->time_s[i], .is_loaded = is_loaded(pass, i)};
        int is_after_gap;
        size_t j = sums_rate_from(frames->time_s, i, result->rate_hz, &from);

        frame.dt_s = sums_dt_s(frames->time_s, i, result->rate_hz, &is_after_gap);
        if (step_of(result, i) == STEP_PRESS)
            continue;
        frame.follows = i > 0 && !is_after_gap && step_of(result, i - 1) != STEP_PRESS;
        if (j != SIZE_MAX && step_of(result, j) != STEP_PRESS)
            frame.rate_over_s = frame.time_s - frames->time_s[j];
        sums_add(&sums, &frame, &row, j != SIZE_MAX ? frames->force_n[j] : 0);
    }
    for (size_t i = 0; i < grid_cells(&result->grid); i++)
        cells += pass->ever[i] > 0 || pass->ever_step[i] > 0;
    pass->whole->plate = sums_finish(&sums, (double)cells * grid_cell_cm2(&result->grid),
                                     pass->whole->body_weight_n);
}

static void finish_zero(const struct load_pass *pass, int which, struct load_zero *zero)
{
    double n = (double)pass->zero_frames[which];
    size_t cells = grid_cells(&pass->result->grid);

    zero->frames = pass->zero_frames[which];
    zero->force_n =
        n > 0 ? pass->zero_kpa[which] / n * grid_newton_per_kpa(&pass->result->grid) : NAN;
    zero->kpa = n > 0 ? pass->foot_cells ? pass->zero_foot_kpa[which] / n / (double)pass->foot_cells
                                         : pass->zero_kpa[which] / n / (double)cells
                      : NAN;
}

static void finish_drift(struct load_pass *pass)
{
    struct load_drift *drift = &pass->whole->drift;

    finish_zero(pass, 0, &drift->before);
    finish_zero(pass, 1, &drift->after);
    drift->force_n = drift->after.force_n - drift->before.force_n;
    drift->kpa = drift->after.kpa - drift->before.kpa;
    drift_creep(pass->result, &pass->spans, drift);
}

int load_pass_finish(struct load_pass *pass, struct problem *why)
{
    struct result *result = pass->result;

    (void)why;
    advance(pass, result->frames.n);
    pass->whole->rate_window_s = LOAD_RATE_WINDOW_S;
    pass->whole->mass_is_stated = result->body_mass_kg > 0;
    pass->whole->body_weight_n = pass->whole->mass_is_stated
                                     ? result->body_mass_kg * LOAD_GRAVITY_M_S2
                                     : result->mean_force_n;
    for (int f = 0; f < pass->n_feet; f++)
        finish_foot(pass, f);
    finish_plate(pass);
    finish_drift(pass);
    result->load = pass->whole;
    pass->whole = NULL;
    load_pass_free(pass);
    return 0;
}
