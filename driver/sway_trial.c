/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/sway_trial.h"

#include "analysis/json_writer.h"
#include "analysis/sway/sway_json.h"
#include "analysis/sway/sway_many.h"
#include "driver/analyze_recording.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum sway_part sway_trial_top(const struct sway_words *words)
{
    return words->has_foot ? words->foot : SWAY_PART_NET;
}

/* --- Reading -------------------------------------------------------------------------------- */

static size_t first_at(const struct cop_series *path, double time_s)
{
    size_t i = 0;
    while (i < path->n && path->time_s[i] < time_s - 1e-9)
        i++;
    return i;
}

/* A table from --from to --to, and where its path shifts: marked, never cut. */
static int settle_table(struct sway_recording *r, const struct sway_words *w, struct problem *why)
{
    struct cop_series *whole = &r->path[SWAY_PART_NET], part;
    struct stand *stand = &r->stand;
    size_t from = isfinite(w->from_s) ? first_at(whole, w->from_s) : 0;
    size_t to = isfinite(w->to_s) ? first_at(whole, w->to_s + 2e-9) : whole->n;
    *stand = (struct stand){.stated = isfinite(w->from_s) || isfinite(w->to_s)};
    if (to < from + COP_SERIES_LEAST)
        return problem(why, PROBLEM_REFUSED,
                       "--from and --to leave fewer than %d samples of %.2f s", COP_SERIES_LEAST,
                       whole->time_s[whole->n - 1]);
    stand->from_s = whole->time_s[from];
    stand->to_s = whole->time_s[to - 1];
    if (stand->stated) {
        if (cop_series_part(whole, from, to - from, &part, why))
            return -1;
        cop_series_free(whole);
        *whole = part;
    }
    stand->n_shifts = stand_shifts(whole, stand->shifts, STAND_SHIFTS_MOST, why);
    for (int k = 0; k < stand->n_shifts; k++)
        stand->shifts[k].time_s += stand->from_s;
    return stand->n_shifts < 0 ? -1 : 0;
}

static int read_table(struct sway_trial *t, const struct sway_words *w, struct problem *why)
{
    double mm_per_unit;
    FILE *in = fopen(t->file, "r");
    if (!in)
        return problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", t->file, strerror(errno));
    int bad =
        cop_csv_read(in, t->file, &w->layout, &t->recording.path[SWAY_PART_NET], &mm_per_unit, why);
    fclose(in);
    if (bad)
        return -1;
    t->units = cop_csv_unit_name(mm_per_unit);
    for (int part = SWAY_PART_LEFT; part < SWAY_PARTS; part++)
        strcpy(t->recording.reason[part], "a table holds one path");
    return settle_table(&t->recording, w, why);
}

int sway_trial_read(struct sway_trial *t, const struct sway_words *w, struct problem *why)
{
    struct analyzer_options options = analyze_defaults();
    t->is_recording = sway_is_recording(t->file);
    t->units = "mm";
    if (!t->is_recording)
        return read_table(t, w, why);
    if (isfinite(w->threshold_kpa))
        options.threshold_kpa = w->threshold_kpa;
    return sway_recording_read(t->file, &options, w->from_s, w->to_s, &t->recording, why);
}

void sway_trial_free(struct sway_trial *trial)
{
    sway_recording_free(&trial->recording);
}

/* --- Measuring ------------------------------------------------------------------------------ */

/* A path on its way through the analysis, and where it came from. */
struct batch {
    size_t n;
    struct cop_series *paths; /* borrowed from the trials */
    struct sway_trial **trial;
    enum sway_part *part;
    struct sway_result *results;
    struct problem *why;
};

static int batch_make(struct batch *b, size_t most, struct problem *why)
{
    *b = (struct batch){0};
    b->paths = calloc(most, sizeof *b->paths);
    b->trial = calloc(most, sizeof(struct sway_trial *));
    b->part = calloc(most, sizeof *b->part);
    b->results = calloc(most, sizeof *b->results);
    b->why = calloc(most, sizeof *b->why);
    if (b->paths && b->trial && b->part && b->results && b->why)
        return 0;
    return problem_no_memory(why, "the trials");
}

static void batch_free(struct batch *b)
{
    free(b->paths);
    free(b->trial);
    free(b->part);
    free(b->results);
    free(b->why);
}

static void batch_add(struct batch *b, struct sway_trial *trial, const struct sway_words *w)
{
    for (int part = 0; part < SWAY_PARTS; part++) {
        if (!trial->recording.path[part].n || (w->has_foot && w->foot != (enum sway_part)part))
            continue;
        b->paths[b->n] = trial->recording.path[part];
        b->trial[b->n] = trial;
        b->part[b->n++] = (enum sway_part)part;
    }
}

static int take_back(struct batch *b, size_t i, const struct sway_words *w, struct problem *why)
{
    struct sway_trial *t = b->trial[i];
    enum sway_part part = b->part[i];
    if (b->why[i].kind == PROBLEM_NONE) {
        t->result[part] = b->results[i];
        t->measured[part] = 1;
        return sway_uncertainty(&b->paths[i], &t->result[part], w->seed, &t->error[part], why);
    }
    snprintf(t->recording.reason[part], sizeof t->recording.reason[part], "%s", b->why[i].text);
    if (part != sway_trial_top(w))
        return 0;
    return problem(why, b->why[i].kind, "%s: %s", t->file, b->why[i].text);
}

int sway_trials_measure(struct sway_trial *trials, size_t n, const struct sway_words *w,
                        struct problem *why)
{
    struct batch b;
    int bad = batch_make(&b, n * SWAY_PARTS, why);
    for (size_t i = 0; i < n && !bad; i++) {
        enum sway_part top = sway_trial_top(w);
        if (!trials[i].recording.path[top].n)
            bad = problem(why, PROBLEM_REFUSED, "%s has no path of the %s: %s", trials[i].file,
                          top ? sway_part_names[top] : "plate", trials[i].recording.reason[top]);
        else
            batch_add(&b, &trials[i], w);
    }
    if (!bad)
        sway_measure_many(b.paths, b.n, &w->options, 0, b.results, b.why);
    for (size_t i = 0; i < b.n && !bad; i++)
        bad = take_back(&b, i, w, why);
    batch_free(&b);
    return bad;
}

/* --- JSON ----------------------------------------------------------------------------------- */

static json_t *shifts_json(struct json_writer *w, const struct stand *stand)
{
    json_t *made = json_array();
    for (int k = 0; k < stand->n_shifts; k++)
        append(w, made,
               json_pack("{s:f, s:f, s:f}", "time_s", stand->shifts[k].time_s, "ml_mm",
                         stand->shifts[k].x_mm, "ap_mm", stand->shifts[k].y_mm));
    return made;
}

static json_t *stand_json(struct json_writer *w, const struct sway_trial *t)
{
    const struct sway_recording *r = &t->recording;
    const struct stand *s = &r->stand;
    int cut = t->is_recording && !s->stated && s->n_shifts > 0;
    json_t *made =
        json_pack("{s:f, s:f, s:b, s:o, s:b}", "from_s", s->from_s, "to_s", s->to_s, "is_stated",
                  s->stated, "shifts", shifts_json(w, s), "is_cut_at_shifts", cut);
    if (!t->is_recording)
        return made;
    put_count(w, made, "lost_frames", r->lost_frames);
    put_count(w, made, "min_force_n", STAND_MIN_FORCE_N);
    put_count(w, made, "min_foot_force_n", STAND_MIN_FOOT_FORCE_N);
    put_number(w, made, "contact_threshold_kpa", r->threshold_kpa, "");
    put_text(w, made, "frame", "plate: ML is x, AP is y");
    return made;
}

static json_t *part_json(struct json_writer *w, const struct sway_trial *t, enum sway_part part)
{
    json_t *made = sway_json(&t->result[part], t->units);
    put_count(w, json_object_get(made, "input"), "bridged_samples", t->recording.bridged[part]);
    put(w, made, "uncertainty", sway_uncertainty_json(&t->error[part]));
    return made;
}

static void put_foot(struct json_writer *w, json_t *made, const struct sway_trial *t,
                     enum sway_part part)
{
    if (!t->measured[part]) {
        put_text_or(w, made, sway_part_names[part], NULL, t->recording.reason[part]);
        return;
    }
    json_t *doc = part_json(w, t, part);
    json_object_del(doc, "schema");
    put(w, made, sway_part_names[part], doc);
}

json_t *sway_trial_json(const struct sway_trial *t, const struct sway_words *words)
{
    struct json_writer w = {0};
    json_t *made = part_json(&w, t, sway_trial_top(words));
    put_text(&w, made, "file", t->file);
    if (t->is_recording)
        put_text(&w, made, "path_of", sway_part_names[sway_trial_top(words)]);
    put(&w, made, "stand", stand_json(&w, t));
    if (t->is_recording && !words->has_foot) {
        put_foot(&w, made, t, SWAY_PART_LEFT);
        put_foot(&w, made, t, SWAY_PART_RIGHT);
    }
    return json_whole(&w, made);
}
