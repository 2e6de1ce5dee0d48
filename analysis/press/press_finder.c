/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_finder.h"
#include "analysis/press/press_finder_private.h"
#include "analysis/press/tool.h"
#include "analysis/warnings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blobs: nothing below this is looked at, whatever the contact threshold. */
#define BLOB_KPA_MIN 5.0
#define BLOB_FORCE_MIN_N 2.0
/* Without annotation: a blob that has gone for so long, or moved so far, is another press. */
#define BLOB_GONE_S 0.3
#define BLOB_MOVED_MM 15.0
/* Beside a stud, cells from here on tell how the foot lies. */
#define BESIDE_KPA 1.0

/* --- Lists -------------------------------------------------------------------------------------
 */

/* Room for one more of `size` bytes in *list; 0, or -1 with *why. */
int press_make_room(void *list, int n, int *cap, size_t size, struct problem *why)
{
    void *array;

    if (n < *cap)
        return 0;
    int wanted = *cap ? 2 * *cap : 16;
    memcpy(&array, list, sizeof array); /* whatever it points to */
    array = realloc(array, (size_t)wanted * size);
    if (!array)
        return problem_no_memory(why, "the press test");
    memcpy(list, &array, sizeof array);
    *cap = wanted;
    return 0;
}

/* How many cells touch; the strongest are not sought out: TOUCHED_MAX is more than two feet have.
 */
static int count_touched(const float *kpa, size_t cells, double threshold_kpa)
{
    int n = 0;

    for (size_t i = 0; i < cells && n < TOUCHED_MAX; i++)
        n += (double)kpa[i] >= threshold_kpa;
    return n;
}

int touched_take(struct touched *touched, const float *kpa, size_t cells, double threshold_kpa,
                 struct problem *why)
{
    int n = count_touched(kpa, cells, threshold_kpa);
    char *room = malloc((size_t)n * (sizeof(uint32_t) + sizeof(float)) + 1);

    if (!room)
        return problem_no_memory(why, "what touches beside a stud");
    touched_free(touched);
    touched->index = (void *)room;
    touched->kpa = (void *)(room + (size_t)n * sizeof(uint32_t));
    for (size_t i = 0; i < cells && touched->n < n; i++)
        if ((double)kpa[i] >= threshold_kpa) {
            touched->index[touched->n] = (uint32_t)i;
            touched->kpa[touched->n++] = kpa[i];
        }
    return 0;
}

void touched_free(struct touched *touched)
{
    free(touched->index);
    *touched = (struct touched){0};
}

/* --- Begin and end -------------------------------------------------------------------------------
 */

struct press_finder *press_finder_begin(const struct grid *grid, double threshold_kpa,
                                        struct problem *why)
{
    struct press_finder *finder = calloc(1, sizeof *finder);

    if (!finder) {
        problem_no_memory(why, "the press finder");
        return NULL;
    }
    finder->grid = *grid;
    finder->threshold_kpa = fmax(threshold_kpa, BLOB_KPA_MIN);
    finder->current = finder->blob = -1;
    finder->heel_pain_walking = -1;
    for (int i = 0; i < 3; i++)
        finder->length_mm[i] = finder->hints.length_mm[i] = NAN;
    return finder;
}

void press_finder_free(struct press_finder *finder)
{
    if (!finder)
        return;
    for (int i = 0; i < finder->n_trials; i++) {
        press_series_free(&finder->trials[i].series);
        touched_free(&finder->trials[i].beside);
    }
    free(finder->trials);
    free(finder->edges);
    free(finder->notes);
    free(finder->named);
    free(finder->exclusions);
    free(finder->left_out);
    free(finder->screening.lines);
    free(finder->stops);
    blob_scratch_free(&finder->scratch);
    press_touch_free(finder->touch);
    press_seat_free(finder->seat);
    free(finder->lagged);
    free(finder->highest);
    free(finder);
}

void press_finder_protocol(struct press_finder *finder, const char *protocol)
{
    finder->is_press_step = protocol && !strcmp(protocol, "press");
    finder->is_sit_step = 0;
}

double press_seconds(const struct press_finder *finder, uint64_t time_us)
{
    return ((double)time_us - (double)finder->first_us) * 1e-6;
}

/* --- Frames --------------------------------------------------------------------------------------
 */

struct trial *press_add_trial(struct press_finder *finder, uint64_t time_us, struct problem *why)
{
    if (press_make_room(&finder->trials, finder->n_trials, &finder->cap_trials,
                        sizeof *finder->trials, why))
        return NULL;
    struct trial *trial = &finder->trials[finder->n_trials++];
    *trial = (struct trial){.begin_us = time_us,
                            .until_us = UINT64_MAX,
                            .scale = -1,
                            .seat = -1,
                            .is_reached = -1,
                            .window = {.row0 = 0, .row1 = -1}};
    return trial;
}

static int look_for_blob(struct press_finder *finder, const float *kpa, struct blob *blob,
                         struct problem *why)
{
    if (!finder->scratch.seen && blob_scratch_begin(&finder->scratch, &finder->grid))
        return problem_no_memory(why, "room to look for a stud");
    if (!blob_strongest(&finder->scratch, &finder->grid, kpa, finder->threshold_kpa, blob))
        blob->force_n = 0;
    return 0;
}

static void weigh_centre(struct trial *trial, const struct blob *blob)
{
    trial->x_force += blob->force_n * blob->centre.x_mm;
    trial->y_force += blob->force_n * blob->centre.y_mm;
    trial->sum += blob->force_n;
}

static int has_moved(const struct trial *trial, const struct blob *blob)
{
    return hypot(blob->centre.x_mm - trial->x_force / trial->sum,
                 blob->centre.y_mm - trial->y_force / trial->sum) > BLOB_MOVED_MM;
}

/* Without annotation: a blob opens a trial of its own, and leaving it closes it. */
static int follow_blob(struct press_finder *finder, uint64_t time_us, const float *kpa,
                       struct problem *why)
{
    struct trial *trial = finder->blob < 0 ? NULL : &finder->trials[finder->blob];
    struct blob blob;

    if (look_for_blob(finder, kpa, &blob, why))
        return -1;
    int is_there = blob.force_n >= BLOB_FORCE_MIN_N;
    if (trial && is_there && has_moved(trial, &blob)) {
        finder->blob = -1;
        trial = NULL;
    }
    if (!trial && !is_there)
        return 0;
    if (!trial && finder->n_trials >= TRIALS_MAX) {
        finder->n_left_out++;
        return 0;
    }
    if (!trial) {
        trial = press_add_trial(finder, time_us, why);
        if (!trial)
            return -1;
        finder->blob = finder->n_trials - 1;
    }
    trial->until_us = time_us;
    if (is_there)
        weigh_centre(trial, &blob);
    if (press_series_add(&trial->series, press_seconds(finder, time_us), blob.force_n))
        return problem_no_memory(why, "the pressure of a press");
    /* Closed when nothing was there for a while: the last sample above the least is old. */
    size_t i = trial->series.n;
    while (i > 0 && trial->series.samples[i - 1].kpa < BLOB_FORCE_MIN_N)
        i--;
    if (i &&
        trial->series.samples[trial->series.n - 1].time_s - trial->series.samples[i - 1].time_s >
            BLOB_GONE_S)
        finder->blob = -1;
    return 0;
}

/* What lies beside the stud while it is pressed tells how the foot lies. */
static int watch_beside(struct press_finder *finder, const float *kpa, struct problem *why)
{
    if (!finder->touch)
        finder->touch = press_touch_new(&finder->grid, why);
    if (!finder->touch)
        return -1;
    press_touch_add(finder->touch, kpa);
    return 0;
}

static int follow_stud(struct press_finder *finder, struct trial *trial, double time_s,
                       const float *kpa, struct problem *why)
{
    const struct press_annotation *said = &trial->said;
    double force_n;

    if (said->stud_known) {
        force_n = stud_force_n(&finder->grid, &trial->window, kpa);
    } else {
        struct blob blob;
        if (look_for_blob(finder, kpa, &blob, why))
            return -1;
        force_n = blob.force_n;
        if (blob.force_n > 0)
            weigh_centre(trial, &blob);
    }
    double tip_kpa = stud_tip_kpa(force_n, said->tip_cm2, said->footprint_factor);
    if (press_series_add(&trial->series, time_s, tip_kpa))
        return problem_no_memory(why, "the pressure of a press");
    if (tip_kpa < PRESS_START_KPA || !said->stud_known)
        return 0;
    return watch_beside(finder, kpa, why);
}

static int follow_annotated(struct press_finder *finder, struct trial *trial, uint64_t time_us,
                            const float *kpa, struct problem *why)
{
    double time_s = press_seconds(finder, time_us);

    return trial->said.tool_kind == TOOL_SINGLE
               ? follow_stud(finder, trial, time_s, kpa, why)
               : press_spread_frame(finder, trial, time_s, kpa, why);
}

static int follow_seat(struct press_finder *finder, const float *kpa, struct problem *why)
{
    if (!finder->seat)
        finder->seat = press_seat_new(&finder->grid, why);
    if (!finder->seat)
        return -1;
    press_seat_frame(finder->seat, kpa);
    return 0;
}

int press_finder_frame(struct press_finder *finder, uint64_t time_us, const float *kpa,
                       struct problem *why)
{
    if (finder->has_frame && time_us <= finder->last_us)
        return 0;
    if (!finder->has_frame)
        finder->first_us = time_us;
    finder->has_frame = 1;
    finder->last_us = time_us;
    if (finder->is_sit_step)
        return follow_seat(finder, kpa, why);
    if (finder->current >= 0)
        return follow_annotated(finder, &finder->trials[finder->current], time_us, kpa, why);
    return finder->is_press_step && !finder->is_whole_foot ? follow_blob(finder, time_us, kpa, why)
                                                           : 0;
}

int press_end_current(struct press_finder *finder, uint64_t time_us, struct problem *why)
{
    struct trial *trial = finder->current < 0 ? NULL : &finder->trials[finder->current];
    int failed = 0;

    finder->current = finder->blob = -1;
    if (!trial)
        return 0;
    trial->until_us = time_us;
    if (trial->said.tool_kind != TOOL_SINGLE)
        failed = press_spread_keep(finder, trial, 0, why);
    else if (finder->touch)
        failed = touched_take(&trial->beside, press_touch_mean(finder->touch),
                              grid_cells(&finder->grid), BESIDE_KPA, why);
    if (finder->touch)
        press_touch_clear(finder->touch);
    return failed;
}

/* --- Events ---------------------------------------------------------------------------------- */

int press_finder_button(struct press_finder *finder, uint64_t time_us, int down,
                        struct problem *why)
{
    if (press_make_room(&finder->edges, finder->n_edges, &finder->cap_edges, sizeof *finder->edges,
                        why))
        return -1;
    finder->edges[finder->n_edges++] = (struct edge){time_us, down};
    struct trial *trial = finder->current < 0 ? NULL : &finder->trials[finder->current];
    if (!trial || !down || trial->said.tool_kind == TOOL_SINGLE || time_us < trial->begin_us)
        return 0;
    return press_spread_keep(finder, trial, 1, why);
}

int press_finder_limit(struct press_finder *finder, uint64_t time_us, struct problem *why)
{
    (void)why;
    for (int i = finder->n_trials - 1; i >= 0; i--) {
        struct trial *trial = &finder->trials[i];
        if (time_us < trial->begin_us)
            continue;
        trial->is_limited |= time_us < trial->until_us;
        break;
    }
    return 0;
}

/* --- End ------------------------------------------------------------------------------------- */

/* The lists change hands. */
static void give_words(struct press_finder *finder, struct result *result)
{
    for (int i = 0; i < finder->n_stops; i++)
        finder->stops[i].time_s = (finder->stops[i].time_s - (double)finder->first_us) * 1e-6;
    result->notes = finder->notes;
    result->n_notes = finder->n_notes;
    result->exclusions = finder->exclusions;
    result->n_exclusions = finder->n_exclusions;
    result->left_out = finder->left_out;
    result->n_left_out = finder->n_zones_left_out;
    result->stops = finder->stops;
    result->n_stops = finder->n_stops;
    result->screening = finder->screening;
    memcpy(result->tool_name, finder->tool_name, sizeof result->tool_name);
    result->subject_sex = finder->sex;
    memcpy(result->subject_label, finder->label, sizeof result->subject_label);
    result->not_comparable = finder->not_comparable;
    result->heel_pain_walking = finder->heel_pain_walking;
    finder->notes = NULL;
    finder->exclusions = NULL;
    finder->left_out = NULL;
    finder->screening.lines = NULL;
    finder->stops = NULL;
}

int press_finder_finish(struct press_finder *finder, struct result *result, struct problem *why)
{
    int status = press_end_current(finder, UINT64_MAX, why) || press_judge(finder, result, why) ||
                 press_notes_place(finder, result, why);
    give_words(finder, result);
    if (finder->n_left_out && !status)
        status = result_warn(result, why, "More than %d presses: the later ones are left out.",
                             TRIALS_MAX);
    if (finder->n_unheard && !status)
        status = result_warn(result, why,
                             "More than %d notes, excluded zones, answers of the screening or "
                             "wishes to stop: %d later ones are not heeded.",
                             LIST_MAX, finder->n_unheard);
    press_finder_free(finder);
    return status ? -1 : 0;
}
