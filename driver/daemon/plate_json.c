/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include "analysis/json_writer.h"
#include "driver/clock.h"
#include "driver/daemon/http_words.h"
#include "firmware/wire/problem_code.h"

#include <math.h>

static json_t *plate_json(struct json_writer *w, const struct plate_state *state)
{
    const struct wire_hello *hello = &state->hello;
    json_t *plate = json_object();
    put_text(w, plate, "serial", hello->serial);
    put_text(w, plate, "model", hello->model);
    put_text(w, plate, "firmware", hello->firmware);
    put_count(w, plate, "rows", hello->rows);
    put_count(w, plate, "cols", hello->cols);
    put_number(w, plate, "pitch_x_mm", hello->pitch_x_um * 1e-3, "");
    put_number(w, plate, "pitch_y_mm", hello->pitch_y_um * 1e-3, "");
    put_number(w, plate, "full_scale_kpa", hello->full_scale_kpa ? hello->full_scale_kpa : NAN,
               "the plate states none");
    put_text(w, plate, "calibration_id", state->calibration_id);
    put_text(w, plate, "calibration_date",
             *state->calibration_date ? state->calibration_date : NULL);
    put_text(w, plate, "calibration_file",
             *state->calibration_file ? state->calibration_file : NULL);
    put(w, plate, "is_virtual", json_boolean(hello->features & WIRE_IS_VIRTUAL));
    put(w, plate, "has_button", json_boolean(hello->features & WIRE_HAS_BUTTON));
    put(w, plate, "has_limit", json_boolean(hello->features & WIRE_HAS_LIMIT));
    return plate;
}

static json_t *health_json(struct json_writer *w, const struct plate_state *state)
{
    json_t *health = json_object();
    const char *no_status = "the plate has not yet said how it is";
    int warm = state->has_status && state->status.temperature_cdeg != WIRE_NO_TEMPERATURE;
    put_count(w, health, "frames", state->frames);
    put_count(w, health, "lost_frames", state->lost);
    put_count(w, health, "bad_frames", state->bad);
    put_number(w, health, "rate_hz", state->rate_hz, "no second has passed yet");
    put_number(w, health, "device_dropped",
               state->has_status ? (double)state->status.dropped : (double)NAN, no_status);
    put_number(w, health, "device_overruns",
               state->has_status ? (double)state->status.overruns : (double)NAN, no_status);
    put_number(w, health, "temperature_c", warm ? state->status.temperature_cdeg * 0.01 : NAN,
               "the plate states none");
    put_count(w, health, "masked_cells", state->masked_cells);
    put(w, health, "is_zeroed", json_boolean(state->is_zeroed));
    put(w, health, "is_untared", json_boolean(state->is_untared));
    put_number(w, health, "silent_s", state->silent_s, "");
    return health;
}

/* Of a recording that goes on with one that a station left when it died. */
static json_t *continues_json(struct json_writer *w, const char *recording, int segment,
                              double gap_s)
{
    if (!*recording)
        return json_null();
    json_t *made = json_object();
    put_text(w, made, "recording", recording);
    put_count(w, made, "segment", (uint64_t)segment);
    put_number(w, made, "gap_s", gap_s > 0 ? gap_s : NAN, "no frame has come yet");
    return made;
}

static json_t *recording_json(struct json_writer *w, const struct plate_state *state)
{
    const struct session_progress *p = &state->progress;
    json_t *recording = json_object();
    put_text(w, recording, "name", state->name);
    put_text(w, recording, "protocol", state->protocol);
    put(w, recording, "continues", continues_json(w, state->continues, state->segment, p->gap_s));
    put_number(w, recording, "elapsed_s", p->elapsed_s, "");
    put_number(w, recording, "seconds", p->seconds > 0 ? p->seconds : NAN, "until it is stopped");
    put_count(w, recording, "frames", p->frames);
    put_count(w, recording, "lost_frames", p->lost);
    put_count(w, recording, "frames_in_file", p->frames_in_file);
    put_count(w, recording, "frames_waiting_for_disk", p->frames_waiting);
    put_count(w, recording, "frames_skipped_by_disk", p->frames_skipped);
    put_number(w, recording, "disk_behind_s", p->disk_behind_s, "");
    put_number(w, recording, "disk_minutes_left", p->disk_minutes_left, "not known yet");
    put(w, recording, "is_waiting_for_plate", json_boolean(p->is_waiting));
    put_number(w, recording, "waiting_s", p->is_waiting ? p->waiting_s : 0, "");
    put_number(w, recording, "wait_s", p->is_waiting ? p->wait_s : 0, "");
    return recording;
}

static const char *press_step_words(enum press_step step)
{
    static const char *const names[] = {
        [PRESS_STEP_PLACE] = "place", [PRESS_STEP_READY] = "ready", [PRESS_STEP_RAMP] = "ramp",
        [PRESS_STEP_LIFT] = "lift",   [PRESS_STEP_SCALE] = "scale", [PRESS_STEP_REST] = "rest",
        [PRESS_STEP_SKIN] = "skin",   [PRESS_STEP_DONE] = "done"};
    return names[step];
}

static json_t *place_json(struct json_writer *w, const struct plate_press_view *press)
{
    json_t *place = json_object();
    put_text(w, place, "place", press->place_id);
    put_number(w, place, "u", press->place_at.u, "");
    put_number(w, place, "v", press->place_at.v, "");
    put_number(w, place, "stud_x_mm", press->cue.stud.x_mm, "");
    put_number(w, place, "stud_y_mm", press->cue.stud.y_mm, "");
    return place;
}

static void put_point(struct json_writer *w, json_t *object, const char *x_mm, const char *y_mm,
                      struct point at, const char *none)
{
    put_number(w, object, x_mm, at.x_mm, none);
    put_number(w, object, y_mm, at.y_mm, none);
}

/* Of a mat or the bare plate: what stands there now. */
static json_t *standing_json(struct json_writer *w, const struct press_cue *cue)
{
    const struct press_standing_cue *now = &cue->standing;
    int is_mat = cue->tool_kind == TOOL_MAT;
    const struct point nowhere = {NAN, NAN};
    json_t *made = json_object();
    put_text(w, made, "region",
             now->region < 0 ? NULL : shift_region_name((enum shift_region)now->region));
    put_number(w, made, "foot_n", now->foot_n, "");
    put_number(w, made, "region_share_percent", is_mat ? NAN : 100 * now->region_share,
               "on a mat no region is meant");
    put_number(w, made, "wanted_share_percent", is_mat ? NAN : 100 * now->wanted_share,
               "not known before even standing");
    put_number(w, made, "held_s", now->held_s, "");
    put_number(w, made, "hold_s", now->hold_s, "");
    put_point(w, made, "heel_x_mm", "heel_y_mm", is_mat ? now->heel : nowhere, "no mat");
    put_point(w, made, "mat_stud_x_mm", "mat_stud_y_mm", is_mat ? now->mat_stud : nowhere,
              "no mat");
    put_point(w, made, "hardest_x_mm", "hardest_y_mm", now->hardest, "no stud presses now");
    return made;
}

static json_t *cue_json(struct json_writer *w, const struct plate_press_view *press)
{
    const struct press_cue *cue = &press->cue;
    const char *none = "nothing is pressed now";
    json_t *made = json_object();
    put_text(w, made, "step", press_step_words(cue->step));
    put_text(w, made, "say", cue->say);
    put_text(w, made, "tell", cue->tell);
    put_text(w, made, "side",
             cue->side == SIDE_LEFT    ? "left"
             : cue->side == SIDE_RIGHT ? "right"
                                       : NULL);
    put(w, made, "place", press->has_place ? place_json(w, press) : json_null());
    put(w, made, "standing", cue->tool_kind == TOOL_SINGLE ? json_null() : standing_json(w, cue));
    put_count(w, made, "number", cue->number > 0 ? (uint64_t)cue->number : 0);
    put(w, made, "is_tap", json_boolean(cue->is_tap));
    put_number(w, made, "tip_kpa", cue->tip_kpa, none);
    put_number(w, made, "ramp_kpa_s", cue->ramp_kpa_s, none);
    put_number(w, made, "ceiling_kpa", cue->ceiling_kpa, none);
    put_number(w, made, "ramp_low_kpa_s", press->ramp_low_kpa_s, "");
    put_number(w, made, "ramp_high_kpa_s", press->ramp_high_kpa_s, "");
    put_number(w, made, "rest_s", cue->rest_s, "");
    put_count(w, made, "presses_done", cue->presses_done > 0 ? (uint64_t)cue->presses_done : 0);
    put_count(w, made, "presses_left", cue->presses_left > 0 ? (uint64_t)cue->presses_left : 0);
    put_number(w, made, "minutes_left", cue->minutes_left, "not known yet");
    put(w, made, "alarm", json_boolean(cue->alarm));
    put_number(w, made, "last_kpa", cue->last_kpa, "no press is over yet");
    put(w, made, "last_answered", json_boolean(cue->last_answered));
    put_text(w, made, "ended", *cue->ended ? cue->ended : NULL);
    return made;
}

static json_t *press_json(struct json_writer *w, const struct plate_press_view *press)
{
    static const char *const phases[] = {"clear", "stand", "sit", "test", "over"};
    json_t *made = json_object();
    put_text(w, made, "phase", phases[press->phase]);
    put_text(w, made, "tool_kind", tool_kind_name(press->tool_kind));
    put(w, made, "is_standing", json_boolean(press->is_standing));
    put_number(w, made, "stood_s", press->stood_s, "");
    put_number(w, made, "stand_s", press->stand_s, "");
    put_number(w, made, "silent_s", press->silent_s, "");
    put_text(w, made, "told", *press->told ? press->told : NULL);
    put_text(w, made, "earlier", *press->earlier ? press->earlier : NULL);
    put(w, made, "cue", press->has_cue ? cue_json(w, press) : json_null());
    return made;
}

/* "problem": NULL for none. */
static void put_said(struct json_writer *w, json_t *made, const char *sentence, int code)
{
    char said[HTTP_WORDS_SIZE];
    if (sentence)
        http_words(sentence, code, said);
    put_text(w, made, "problem", sentence ? said : NULL);
}

static json_t *outcome_json(struct json_writer *w, const struct plate_outcome *outcome)
{
    const struct session_result *session = &outcome->session;
    int is_there = session->has_file && !outcome->discarded;
    json_t *made = json_object();
    put_text(w, made, "name", outcome->name);
    put_text(w, made, "protocol", outcome->protocol);
    put(w, made, "continues",
        continues_json(w, outcome->continues, outcome->segment, session->continued_gap_s));
    put(w, made, "has_file", json_boolean(is_there));
    put(w, made, "discarded", json_boolean(outcome->discarded));
    put_number(w, made, "duration_s", session->duration_s, "");
    put_count(w, made, "frames", session->frames.delivered);
    put_count(w, made, "lost_frames", session->frames.lost);
    put_count(w, made, "frames_skipped_by_disk", session->frames_skipped);
    put_said(w, made, outcome->problem.kind ? outcome->problem.text : NULL, outcome->problem.code);
    put_text(w, made, "problem_code",
             outcome->problem.kind ? problem_code_of(&outcome->problem) : NULL);
    return made;
}

static void put_problem(struct json_writer *w, json_t *made, const struct plate_state *state)
{
    int is_own = state->problem.kind != PROBLEM_NONE, is_file = *state->calibration_problem != 0;
    put_said(w, made,
             is_own    ? state->problem.text
             : is_file ? state->calibration_problem
                       : NULL,
             is_own ? state->problem.code : PROBLEM_CODE_WRONG_CALIBRATION);
    put_text(w, made, "problem_code",
             is_own    ? problem_code_of(&state->problem)
             : is_file ? problem_code_name(PROBLEM_CODE_WRONG_CALIBRATION)
                       : NULL);
}

json_t *plate_state_json(const struct plate_station *station, const struct plate_state *state)
{
    struct json_writer w = {0};
    char uri[HTTP_SOURCE_SIZE];
    json_t *made = json_object();
    int records = state->phase == PLATE_RECORDING || state->phase == PLATE_PRESSING;
    put_text(&w, made, "schema", "tenderfoot/live-state/1");
    put_text(&w, made, "id", station->id);
    http_source(station->uri, uri);
    put_text(&w, made, "uri", uri);
    put_text(&w, made, "phase", plate_phase_names[state->phase]);
    put_problem(&w, made, state);
    put(&w, made, "plate", state->has_hello ? plate_json(&w, state) : json_null());
    put(&w, made, "health", health_json(&w, state));
    put(&w, made, "recording", records ? recording_json(&w, state) : json_null());
    put(&w, made, "press",
        state->phase == PLATE_PRESSING ? press_json(&w, &state->press) : json_null());
    put(&w, made, "last", state->has_last ? outcome_json(&w, &state->last) : json_null());
    put_text(&w, made, "closing", state->has_late ? state->late.name : NULL);
    put_count(&w, made, "viewers", (uint64_t)live_board_viewers(station->board));
    return json_whole(&w, made);
}
