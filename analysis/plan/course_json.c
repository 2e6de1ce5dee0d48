/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/plan/course.h"

#include <math.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *cites_json(const struct plan_cites *cites)
{
    json_t *array = json_array();

    for (int i = 0; i < cites->n; i++)
        json_array_append_new(array, json_string(cites->of[i]));
    return array;
}

static json_t *session_json(const struct course_session *session)
{
    return json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:b, s:b, s:b}", "date", session->day,
                     "name", session->name, "press_test", session->has_press_test, "not_comparable",
                     session->not_comparable, "tip_cm2", number(session->tip_cm2), "ramp_kpa_s",
                     number(session->ramp_kpa_s), "days_since",
                     session->days_since < 0 ? json_null() : json_integer(session->days_since),
                     "same_day", session->is_same_day, "early", session->is_early, "late",
                     session->is_late);
}

static json_t *threshold_json(const struct course_threshold *threshold, int session)
{
    return json_pack("{s:i, s:f, s:o, s:o, s:b, s:b, s:o}", "session", session, "threshold_kpa",
                     threshold->kpa, "threshold_low_kpa", number(threshold->low_kpa),
                     "threshold_high_kpa", number(threshold->high_kpa), "is_bound",
                     threshold->is_bound, "uncertain", threshold->is_uncertain, "flag",
                     threshold->flag ? json_string(flag_level_name(threshold->flag)) : json_null());
}

static json_t *change_json(const struct course_zone *zone)
{
    if (zone->first < 0)
        return json_null();
    const struct told_threshold *from = &zone->compared[0], *to = &zone->compared[1];
    return json_pack("{s:i, s:f, s:b, s:i, s:f, s:b, s:o, s:o, s:o, s:b, s:b}", "from_session",
                     zone->first, "from_kpa", from->kpa, "from_is_bound", from->is_bound,
                     "to_session", zone->last, "to_kpa", to->kpa, "to_is_bound", to->is_bound,
                     "ratio", number(zone->ratio), "ratio_low", number(zone->ratio_low),
                     "ratio_high", number(zone->ratio_high), "is_bound", zone->is_bound_change,
                     "is_beyond_measuring_error", zone->is_beyond_error);
}

static const char *const why_apart[PRESSED_APART_COUNT] = {
    [PRESSED_ALIKE] = "fewer than two sessions have a threshold here",
    [PRESSED_ELSEWHERE] = "it was pressed at another place each time",
    [PRESSED_BY_OTHER_TOOL] = "it was pressed with another tool each time",
    [PRESSED_AT_OTHER_RATE] = "it was pressed at another ramp rate each time",
    [PRESSED_UNDER_OTHER_CALIBRATION] = "the plate had another calibration each time",
    [PRESSED_UNDER_PAINKILLER] = "one of the sessions was held under a painkiller",
};

static json_t *zone_json(const struct course *course, const struct course_zone *zone)
{
    json_t *thresholds = json_array();

    for (int s = 0; s < course->n_sessions; s++)
        if (isfinite(zone->of[s].kpa))
            json_array_append_new(thresholds, threshold_json(&zone->of[s], s));
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o}", "zone", zone->zone_id, "side", side_name(zone->side),
                  "thresholds", thresholds, "change", change_json(zone));
    if (object && zone->first < 0)
        json_object_set_new(object, "change_reason", json_string(why_apart[zone->apart]));
    return object;
}

json_t *course_json(const struct course *course)
{
    json_t *sessions = json_array(), *zones = json_array();
    int bad = !sessions || !zones;

    for (int i = 0; !bad && i < course->n_sessions; i++)
        bad = json_array_append_new(sessions, session_json(&course->sessions[i]));
    for (int i = 0; !bad && i < course->n_zones; i++)
        bad = json_array_append_new(zones, zone_json(course, &course->zones[i]));
    if (bad) {
        json_decref(sessions);
        json_decref(zones);
        return NULL;
    }
    return json_pack(
        "{s:s, s:{s:s, s:s, s:i, s:i, s:b, s:o}, s:i, s:i, s:i, s:i, s:s, s:s, s:o, s:o}", "schema",
        "tenderfoot/course/1", "plan", "id", course->plan->id, "words", course->plan->words,
        "days_min", course->plan->days_min, "days_max", course->plan->days_max, "needs_doctor",
        course->plan->needs_doctor, "cites", cites_json(&course->plan->cites), "session_count",
        course->n_sessions, "early", course->n_early, "late", course->n_late, "same_day",
        course->n_same_day, "next_from", course->next_from, "next_to", course->next_to, "sessions",
        sessions, "zones", zones);
}
