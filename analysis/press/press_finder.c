/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_finder.h"
#include "analysis/press/press_annotation.h"
#include "analysis/press/press_blob.h"
#include "analysis/press/press_ramp.h"
#include "analysis/warnings.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Blobs: nothing below this is looked at, whatever the contact threshold. */
#define BLOB_KPA_MIN 5.0
#define BLOB_FORCE_MIN_N 2.0
/* Without annotation: a blob that has gone for so long, or moved so far, is another press. */
#define BLOB_GONE_S 0.3
#define BLOB_MOVED_MM 15.0
/* ... and it counts when it came to this much within at least this time. */
#define BLOB_PEAK_MIN_N 5.0
#define BLOB_RISE_MIN_S 0.3
/* An answer still belongs to a press so long after its end. */
#define ANSWER_AFTER_END_S 0.5
/* The ceiling counts as reached from this share of it: nobody stops exactly there. */
#define CEILING_SHARE 0.97
/* A hole of more than so many frames around the answer leaves its pressure open ... */
#define GAP_PERIODS 2.5
/* ... when the pressure changed in it by more than this share. */
#define GAP_CHANGE 0.1
#define LIST_MAX 10000
/* Zero before a press: the lowest mean of so many samples before its ramp ... */
#define ZERO_SAMPLES 5
/* ... and it is off above both of these: force, and share of the press's own peak. */
#define ZERO_OFF_N 1.0
#define ZERO_OFF_SHARE 0.05
/* Far more than a press test has; each costs time with every zone. */
#define TRIALS_MAX 4096
#define USUAL_LENGTH_MM 250.0

/* One press annotation's time, or one blob's. */
struct trial {
    struct press_annotation said;
    int is_annotated, is_stopped, is_limited;
    uint64_t begin_us, until_us;  /* from its annotation to the next; a blob's life */
    int row0, row1, col0, col1;   /* cells of the footprint, inclusive; none if row0 > row1 */
    struct press_series series;   /* time since the first frame; tip kPa, of blobs N */
    double x_force, y_force, sum; /* of a blob: centre so far = x_force / sum */
};

struct edge {
    uint64_t time_us;
    int down;
};

struct press_finder {
    struct grid grid;
    double threshold_kpa;
    int is_press_step;
    int has_frame;
    uint64_t first_us, last_us;
    struct trial *trials;
    int n_trials, cap_trials, current; /* current: the annotation that holds, or -1 */
    int n_left_out;                    /* beyond TRIALS_MAX */
    int blob;                          /* the trial of the blob being followed, or -1 */
    struct blob_scratch scratch;
    struct edge *edges;
    int n_edges, cap_edges;
    struct operator_note *notes;
    int n_notes, cap_notes;
    struct zone_exclusion *exclusions;
    int n_exclusions, cap_exclusions;
    struct stop_wish *stops;
    int n_stops, cap_stops;
    enum stated_sex sex;
    double length_mm[3]; /* by side; NAN = not stated */
};

/* --- Lists -------------------------------------------------------------------------------------
 */

/* Room for one more of `size` bytes in *list; 0, or -1 with *why. */
static int make_room(void *list, int n, int *cap, size_t size, struct problem *why)
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
    for (int i = 0; i < 3; i++)
        finder->length_mm[i] = NAN;
    return finder;
}

void press_finder_free(struct press_finder *finder)
{
    if (!finder)
        return;
    for (int i = 0; i < finder->n_trials; i++)
        press_series_free(&finder->trials[i].series);
    free(finder->trials);
    free(finder->edges);
    free(finder->notes);
    free(finder->exclusions);
    free(finder->stops);
    blob_scratch_free(&finder->scratch);
    free(finder);
}

void press_finder_protocol(struct press_finder *finder, const char *protocol)
{
    finder->is_press_step = protocol && !strcmp(protocol, "press");
}

/* Seconds since the first frame; before it, negative. */
static double seconds(const struct press_finder *finder, uint64_t time_us)
{
    return ((double)time_us - (double)finder->first_us) * 1e-6;
}

/* --- Frames --------------------------------------------------------------------------------------
 */

static struct trial *add_trial(struct press_finder *finder, uint64_t time_us, struct problem *why)
{
    if (make_room(&finder->trials, finder->n_trials, &finder->cap_trials, sizeof *finder->trials,
                  why))
        return NULL;
    struct trial *trial = &finder->trials[finder->n_trials++];
    *trial = (struct trial){.begin_us = time_us, .until_us = UINT64_MAX, .row0 = 0, .row1 = -1};
    return trial;
}

static int clamp(double value, int high)
{
    return (int)fmin(fmax(value, -1), high);
}

/* Cells of the footprint's square and one more on each side, inside the plate. */
static void set_footprint(const struct press_finder *finder, struct trial *trial)
{
    const struct grid *grid = &finder->grid;
    const struct press_annotation *said = &trial->said;
    double half_mm = 10 * sqrt(said->footprint_cm2) / 2;

    trial->col0 = clamp(floor((said->stud.x_mm - half_mm) / grid->pitch_x_mm) - 1, grid->cols);
    trial->col1 = clamp(ceil((said->stud.x_mm + half_mm) / grid->pitch_x_mm), grid->cols - 1);
    trial->row0 = clamp(floor((said->stud.y_mm - half_mm) / grid->pitch_y_mm) - 1, grid->rows);
    trial->row1 = clamp(ceil((said->stud.y_mm + half_mm) / grid->pitch_y_mm), grid->rows - 1);
    trial->col0 = trial->col0 < 0 ? 0 : trial->col0;
    trial->row0 = trial->row0 < 0 ? 0 : trial->row0;
}

static double footprint_force_n(const struct press_finder *finder, const struct trial *trial,
                                const float *kpa)
{
    double sum = 0;

    for (int row = trial->row0; row <= trial->row1; row++)
        for (int col = trial->col0; col <= trial->col1; col++)
            sum += (double)kpa[(size_t)row * (size_t)finder->grid.cols + (size_t)col];
    return sum * grid_newton_per_kpa(&finder->grid);
}

/* 1 N/cm2 = 10 kPa. */
static double tip_kpa(const struct press_annotation *said, double force_n)
{
    return force_n / said->tip_cm2 * 10 * said->footprint_factor;
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
        trial = add_trial(finder, time_us, why);
        if (!trial)
            return -1;
        finder->blob = finder->n_trials - 1;
    }
    trial->until_us = time_us;
    if (is_there)
        weigh_centre(trial, &blob);
    if (press_series_add(&trial->series, seconds(finder, time_us), blob.force_n))
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

static int follow_annotated(struct press_finder *finder, struct trial *trial, uint64_t time_us,
                            const float *kpa, struct problem *why)
{
    double force_n;

    if (trial->said.stud_known) {
        force_n = footprint_force_n(finder, trial, kpa);
    } else {
        struct blob blob;
        if (look_for_blob(finder, kpa, &blob, why))
            return -1;
        force_n = blob.force_n;
        if (blob.force_n > 0)
            weigh_centre(trial, &blob);
    }
    if (press_series_add(&trial->series, seconds(finder, time_us), tip_kpa(&trial->said, force_n)))
        return problem_no_memory(why, "the pressure of a press");
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
    if (finder->current >= 0)
        return follow_annotated(finder, &finder->trials[finder->current], time_us, kpa, why);
    return finder->is_press_step ? follow_blob(finder, time_us, kpa, why) : 0;
}

/* --- Events and annotations ------------------------------------------------------------------- */

int press_finder_button(struct press_finder *finder, uint64_t time_us, int down,
                        struct problem *why)
{
    if (make_room(&finder->edges, finder->n_edges, &finder->cap_edges, sizeof *finder->edges, why))
        return -1;
    finder->edges[finder->n_edges++] = (struct edge){time_us, down};
    return 0;
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

static void end_current(struct press_finder *finder, uint64_t time_us)
{
    if (finder->current >= 0)
        finder->trials[finder->current].until_us = time_us;
    finder->current = finder->blob = -1;
}

static int take_press(struct press_finder *finder, uint64_t time_us, const json_t *press,
                      struct problem *why)
{
    end_current(finder, time_us);
    if (!json_is_object(press))
        return 0;
    if (finder->n_trials >= TRIALS_MAX) {
        finder->n_left_out++;
        return 0;
    }
    struct trial *trial = add_trial(finder, time_us, why);
    if (!trial)
        return -1;
    trial->is_annotated = 1;
    trial->said = press_annotation_read(press);
    if (trial->said.stud_known)
        set_footprint(finder, trial);
    finder->current = finder->n_trials - 1;
    return 0;
}

static void take_step(struct press_finder *finder, uint64_t time_us, const json_t *step)
{
    const char *name = json_string_value(step);

    if (!name)
        return;
    finder->is_press_step = !strcmp(name, "press");
    if (!finder->is_press_step)
        end_current(finder, time_us);
}

static void take_subject(struct press_finder *finder, const json_t *subject)
{
    const char *sex = json_string_value(json_object_get(subject, "sex"));
    const json_t *length = json_object_get(subject, "foot_length_mm");
    double left = number_from_json(json_object_get(length, "left"), 80, 400);
    double right = number_from_json(json_object_get(length, "right"), 80, 400);

    if (sex)
        finder->sex = !strcmp(sex, "female") ? STATED_FEMALE
                      : !strcmp(sex, "male") ? STATED_MALE
                                             : STATED_SEX_UNKNOWN;
    if (!isnan(left))
        finder->length_mm[SIDE_LEFT] = left;
    if (!isnan(right))
        finder->length_mm[SIDE_RIGHT] = right;
}

static enum note_kind note_kind_from_json(const json_t *value)
{
    static const char *const kinds[] = {"text", "callus", "nodule", "wart", "joint"};
    const char *kind = json_string_value(value);

    for (int i = 0; kind && i < 5; i++)
        if (!strcmp(kinds[i], kind))
            return (enum note_kind)i;
    return NOTE_TEXT;
}

static int take_note(struct press_finder *finder, const json_t *note, struct problem *why)
{
    if (!json_is_object(note) || finder->n_notes >= LIST_MAX)
        return 0;
    if (make_room(&finder->notes, finder->n_notes, &finder->cap_notes, sizeof *finder->notes, why))
        return -1;
    struct operator_note *own = &finder->notes[finder->n_notes++];
    *own = (struct operator_note){
        .kind = note_kind_from_json(json_object_get(note, "kind")),
        .side = side_from_json(json_object_get(note, "side")),
        .place = {number_from_json(json_object_get(note, "u"), -1, 2),
                  number_from_json(json_object_get(note, "v"), -1, 2)},
    };
    text_from_json(json_object_get(note, "text"), own->text, sizeof own->text);
    return 0;
}

static int take_exclusion(struct press_finder *finder, const json_t *exclude, struct problem *why)
{
    const json_t *zones = json_object_get(exclude, "zones");
    size_t i;
    json_t *zone;

    json_array_foreach(zones, i, zone)
    {
        const char *id = json_string_value(zone);
        if (!id || strlen(id) > 15 || finder->n_exclusions >= LIST_MAX)
            continue;
        if (make_room(&finder->exclusions, finder->n_exclusions, &finder->cap_exclusions,
                      sizeof *finder->exclusions, why))
            return -1;
        struct zone_exclusion *own = &finder->exclusions[finder->n_exclusions++];
        own->side = side_from_json(json_object_get(exclude, "side"));
        text_from_json(zone, own->zone_id, sizeof own->zone_id);
        text_from_json(json_object_get(exclude, "why"), own->why, sizeof own->why);
    }
    return 0;
}

static int take_stop(struct press_finder *finder, uint64_t time_us, const json_t *stopped,
                     struct problem *why)
{
    if (!json_is_object(stopped) || finder->n_stops >= LIST_MAX)
        return 0;
    if (make_room(&finder->stops, finder->n_stops, &finder->cap_stops, sizeof *finder->stops, why))
        return -1;
    struct stop_wish *own = &finder->stops[finder->n_stops++];
    own->side = side_from_json(json_object_get(stopped, "side"));
    own->time_s = (double)time_us; /* made seconds at the end, when the first frame is known */
    text_from_json(json_object_get(stopped, "why"), own->why, sizeof own->why);
    if (finder->current >= 0) {
        struct trial *trial = &finder->trials[finder->current];
        if (own->side == SIDE_UNKNOWN || own->side == trial->said.side)
            trial->is_stopped = 1;
    }
    return 0;
}

int press_finder_annotation(struct press_finder *finder, uint64_t time_us, const json_t *object,
                            struct problem *why)
{
    const json_t *press = json_object_get(object, "press");

    take_step(finder, time_us, json_object_get(object, "step"));
    take_subject(finder, json_object_get(object, "subject"));
    if (take_note(finder, json_object_get(object, "note"), why) ||
        take_exclusion(finder, json_object_get(object, "exclude"), why) ||
        take_stop(finder, time_us, json_object_get(object, "stopped"), why))
        return -1;
    return press ? take_press(finder, time_us, press, why) : 0;
}

/* --- From trials to presses ------------------------------------------------------------------- */

/* The first doubt stays: they are asked in the order of their weight. */
static void doubt(struct press *press, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void doubt(struct press *press, const char *format, ...)
{
    va_list args;

    if (press->doubtful)
        return;
    press->doubtful = 1;
    va_start(args, format);
    vsnprintf(press->doubt, sizeof press->doubt, format, args);
    va_end(args);
}

static int compare_edges(const void *a, const void *b)
{
    uint64_t x = ((const struct edge *)a)->time_us, y = ((const struct edge *)b)->time_us;

    return (x > y) - (x < y);
}

/* Events may arrive out of order; searches want them sorted. */
static void sort_events(struct press_finder *finder)
{
    if (finder->n_edges)
        qsort(finder->edges, (size_t)finder->n_edges, sizeof *finder->edges, compare_edges);
}

/* Index of the first edge at or after the time. */
static int first_edge(const struct press_finder *finder, double time_s)
{
    int low = 0, high = finder->n_edges;

    while (low < high) {
        int middle = (low + high) / 2;
        if (seconds(finder, finder->edges[middle].time_us) >= time_s)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first button-down from `from_s` to `to_s`, or NAN. */
static double first_down_s(const struct press_finder *finder, double from_s, double to_s)
{
    for (int i = first_edge(finder, from_s); i < finder->n_edges; i++) {
        double at = seconds(finder, finder->edges[i].time_us);
        if (at > to_s)
            break;
        if (finder->edges[i].down)
            return at;
    }
    return NAN;
}

static int is_held_at(const struct press_finder *finder, double time_s)
{
    int i = first_edge(finder, time_s);

    return i > 0 && finder->edges[i - 1].down;
}

/* Pressure at the answer: the ramp's, as long before as a reaction takes, at most its peak. */
static void set_answer(struct press *press, const struct press_series *series,
                       const struct press_ramp *ramp, double down_s)
{
    double felt_s = down_s - PRESS_REACTION_S, gap_s, gap_kpa;
    double period_s = press_series_period_s(series);

    press->answered = 1;
    press->answer_s = down_s;
    press_series_at(series, felt_s, &gap_s, &gap_kpa);
    press->answer_kpa = press_series_at(series, fmin(felt_s, ramp->peak_s), NULL, NULL);
    if (felt_s < ramp->start_s)
        doubt(press, "answered within the reaction time of the first rise");
    else if (gap_s > GAP_PERIODS * period_s &&
             (felt_s > ramp->peak_s || fabs(gap_kpa) > GAP_CHANGE * press->answer_kpa))
        doubt(press, "frames were lost at the answer, for %.2f s", gap_s);
    else if (ramp->is_cut_off && felt_s > ramp->end_s + GAP_PERIODS * period_s)
        doubt(press, "frames were lost before the answer");
}

/* Foot of the standing phase if it was measured, else the stated length, else what there is. */
static struct foot_frame frame_of(const struct press_finder *finder, const struct result *result,
                                  enum side side)
{
    const struct foot_result *foot = NULL;

    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side)
            foot = &result->feet[i];
    if (foot && foot->length_is_measured && foot->frame.length_mm > 0)
        return foot->frame;
    double length_mm = finder->length_mm[side];
    if (isnan(length_mm) && foot && foot->frame.length_mm > 0)
        return foot->frame;
    return foot_frame_template(side, (struct point){0, 0}, 0,
                               isnan(length_mm) ? USUAL_LENGTH_MM : length_mm);
}

static void set_place(const struct press_finder *finder, const struct trial *trial,
                      const struct result *result, struct press *press)
{
    const struct press_annotation *said = &trial->said;

    press->place = (struct uv){NAN, NAN};
    press->stud = said->stud;
    if (!trial->is_annotated || !said->stud_known)
        press->stud = trial->sum > 0
                          ? (struct point){trial->x_force / trial->sum, trial->y_force / trial->sum}
                          : (struct point){NAN, NAN};
    if (!trial->is_annotated || !said->stud_known || !said->cup_known || said->side == SIDE_UNKNOWN)
        return;
    struct foot_frame frame = frame_of(finder, result, said->side);
    frame.heel = said->cup;
    frame.angle_deg = said->cup_angle_deg;
    frame.side = said->side;
    press->place = foot_frame_to_uv(&frame, said->stud);
    press->place_known = 1;
    press->place_from = PLACE_FROM_CUP;
}

/* A press under which the pressure did not rise: a catch trial, or something went wrong. */
static void judge_flat(struct press *press, double down_s)
{
    if (!isnan(down_s)) {
        press->answered = 1;
        press->answer_s = down_s;
    }
    if (!press->is_catch)
        doubt(press, "no rise of pressure was found under the stud%s",
              press->answered ? ", yet the button was pressed" : "");
}

/* What the footprint reads before its ramp, as kPa at the tip; NAN without a sample there. */
static double zero_before_kpa(const struct press_series *series, const struct press_ramp *ramp)
{
    double lowest = NAN, sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < series->n && series->samples[i].time_s <= ramp->start_s; i++) {
        sum += series->samples[i].kpa;
        if (++n > ZERO_SAMPLES) {
            sum -= series->samples[i - ZERO_SAMPLES].kpa;
            n = ZERO_SAMPLES;
        }
        if (n == ZERO_SAMPLES && !(sum / ZERO_SAMPLES > lowest))
            lowest = sum / ZERO_SAMPLES;
    }
    return isnan(lowest) && n ? sum / (double)n : lowest;
}

/* A plate that reads force where nothing presses yet reads the press too high by it. */
static void judge_zero(const struct trial *trial, const struct press_ramp *ramp,
                       struct press *press)
{
    double kpa = zero_before_kpa(&trial->series, ramp);

    press->zero_n = kpa / 10 * trial->said.tip_cm2 / trial->said.footprint_factor;
    if (press->zero_n > ZERO_OFF_N && kpa > ZERO_OFF_SHARE * press->peak_kpa)
        doubt(press, "%.1f N were read under the stud before the press: its zero is off",
              press->zero_n);
}

static void judge_ramp(const struct press_finder *finder, const struct trial *trial,
                       const struct press_ramp *ramp, struct press *press)
{
    double begin_s = seconds(finder, trial->begin_us);
    double down_s = first_down_s(finder, ramp->start_s, ramp->end_s + ANSWER_AFTER_END_S);

    press->start_s = ramp->start_s;
    press->end_s = ramp->end_s;
    press->reached_ceiling =
        trial->is_limited || press->peak_kpa >= CEILING_SHARE * press->ceiling_kpa;
    if (press->is_catch)
        doubt(press, "the pressure rose in a catch trial");
    if (is_held_at(finder, ramp->start_s))
        doubt(press, "the button was already down when the pressure began to rise");
    else if (!isnan(first_down_s(finder, begin_s, ramp->start_s - 1e-9)))
        doubt(press, "the button was pressed before the pressure rose");
    if (!isnan(down_s))
        set_answer(press, &trial->series, ramp, down_s);
    else if (ramp->is_cut_off)
        doubt(press, "the press was cut off before its end");
    else if (trial->is_stopped)
        doubt(press, "the subject wished to stop during this press");
    judge_zero(trial, ramp, press);
    press->ramp_kpa_s = press_ramp_rate(
        &trial->series, ramp, press->answered ? fmin(press->answer_s, ramp->peak_s) : ramp->peak_s);
}

static struct press annotated_press(const struct press_finder *finder, const struct trial *trial,
                                    const struct result *result)
{
    const struct press_annotation *said = &trial->said;
    double begin_s = seconds(finder, trial->begin_us);
    double until_s = trial->until_us == UINT64_MAX ? INFINITY : seconds(finder, trial->until_us);
    double down_s = first_down_s(finder, begin_s, until_s);
    struct press_ramp ramp = press_ramp_find(&trial->series, down_s - PRESS_REACTION_S);
    struct press press = {
        .number = said->number,
        .scale = -1,
        .place_sd_mm = NAN,
        .own_sd = NAN,
        .ache_kpa = NAN,
        .pain_kpa = NAN,
        .pass = said->pass,
        .is_catch = said->is_catch,
        .side = said->side,
        .stopped = trial->is_stopped,
        .start_s = begin_s,
        .answer_s = NAN,
        .end_s = fmin(until_s, seconds(finder, finder->last_us)),
        .peak_kpa = ramp.peak_kpa,
        .answer_kpa = NAN,
        .ramp_kpa_s = NAN,
        .zero_n = NAN,
        .ceiling_kpa = said->ceiling_kpa,
        .tip_cm2 = said->tip_cm2,
    };

    set_place(finder, trial, result, &press);
    if (ramp.rises)
        judge_ramp(finder, trial, &ramp, &press);
    else
        judge_flat(&press, down_s);
    if (!said->tool_known && !said->is_catch)
        doubt(&press, "the stud's tip was not stated; %g cm2 taken", said->tip_cm2);
    return press;
}

/* A blob's series holds N: without a known tip there is no pressure. */
static int blob_press(const struct press_finder *finder, const struct trial *trial,
                      const struct result *result, struct press *press)
{
    double peak_n = 0, peak_s = NAN, begin_s = seconds(finder, trial->begin_us);

    for (size_t i = 0; i < trial->series.n; i++)
        if (trial->series.samples[i].kpa > peak_n) {
            peak_n = trial->series.samples[i].kpa;
            peak_s = trial->series.samples[i].time_s;
        }
    if (peak_n < BLOB_PEAK_MIN_N || peak_s - begin_s < BLOB_RISE_MIN_S)
        return 0;
    *press = (struct press){
        .side = SIDE_UNKNOWN,
        .scale = -1,
        .place_sd_mm = NAN,
        .own_sd = NAN,
        .ache_kpa = NAN,
        .pain_kpa = NAN,
        .start_s = begin_s,
        .end_s = seconds(finder, trial->until_us),
        .peak_kpa = NAN,
        .answer_kpa = NAN,
        .ramp_kpa_s = NAN,
        .zero_n = NAN,
        .ceiling_kpa = NAN,
        .tip_cm2 = NAN,
    };
    press->answer_s = first_down_s(finder, press->start_s, press->end_s + ANSWER_AFTER_END_S);
    press->answered = !isnan(press->answer_s);
    set_place(finder, trial, result, press);
    doubt(press, "found without an annotation, up to %.1f N: foot, place and stud are unknown",
          peak_n);
    return 1;
}

/* Who answers pain where nothing presses cannot be relied on elsewhere either. */
static void judge_answers(struct result *result)
{
    int catches = 0, answered = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (!press->is_catch || press->doubtful)
            continue;
        catches++;
        answered += press->answered;
    }
    result->answers_unreliable = answered > 0;
    if (answered)
        snprintf(result->unreliable_why, sizeof result->unreliable_why,
                 "pain was answered in %d of %d catch trials, in which nothing pressed", answered,
                 catches);
}

static int make_presses(const struct press_finder *finder, struct result *result,
                        struct problem *why)
{
    if (!finder->n_trials)
        return 0;
    result->presses = calloc((size_t)finder->n_trials, sizeof *result->presses);
    if (!result->presses)
        return problem_no_memory(why, "the presses");
    for (int i = 0; i < finder->n_trials; i++) {
        const struct trial *trial = &finder->trials[i];
        struct press *press = &result->presses[result->n_presses];
        if (trial->is_annotated) {
            *press = annotated_press(finder, trial, result);
            result->n_presses++;
        } else {
            result->n_presses += blob_press(finder, trial, result, press);
        }
    }
    return 0;
}

/* The lists change hands. */
static void give_words(struct press_finder *finder, struct result *result)
{
    for (int i = 0; i < finder->n_stops; i++)
        finder->stops[i].time_s = (finder->stops[i].time_s - (double)finder->first_us) * 1e-6;
    result->notes = finder->notes;
    result->n_notes = finder->n_notes;
    result->exclusions = finder->exclusions;
    result->n_exclusions = finder->n_exclusions;
    result->stops = finder->stops;
    result->n_stops = finder->n_stops;
    result->subject_sex = finder->sex;
    finder->notes = NULL;
    finder->exclusions = NULL;
    finder->stops = NULL;
}

int press_finder_finish(struct press_finder *finder, struct result *result, struct problem *why)
{
    sort_events(finder);
    int status = make_presses(finder, result, why);
    give_words(finder, result);
    if (finder->n_left_out && !status)
        status = result_warn(result, why, "More than %d presses: the later ones are left out.",
                             TRIALS_MAX);
    result->reaction_s = result->n_presses ? PRESS_REACTION_S : NAN;
    result->reaction_sd_s = NAN;
    result->heel_pain_walking = -1;
    judge_answers(result);
    press_finder_free(finder);
    return status;
}
