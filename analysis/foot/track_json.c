/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/track_json.h"
#include "analysis/foot/foot_track.h"

#include <math.h>

static double seconds(const struct result *result, uint64_t time_us)
{
    return ((double)time_us - (double)result->frames.first_us) / 1e6;
}

static json_t *foot_json(struct json_writer *w, const struct tracked_foot *foot)
{
    json_t *object = json_object();
    const char *came = "this foot was not there in the span before";

    put_text_or(w, object, "side",
                foot->side == SIDE_LEFT    ? "left"
                : foot->side == SIDE_RIGHT ? "right"
                                           : NULL,
                "neither the operator nor the prints tell");
    put_number(w, object, "confidence", foot->side_confidence, "");
    put_number(w, object, "heel_x_mm", foot->frame.heel.x_mm, "");
    put_number(w, object, "heel_y_mm", foot->frame.heel.y_mm, "");
    put_number(w, object, "angle_deg", foot->frame.angle_deg, "");
    put_number(w, object, "frame_length_mm", foot->frame.length_mm, "");
    put(w, object, "length_is_measured", json_boolean(foot->length_is_measured));
    put_number(w, object, "moved_mm", foot->moved_mm, came);
    put_number(w, object, "turned_deg", foot->turned_deg, came);
    return object;
}

static json_t *span_json(struct json_writer *w, const struct result *result,
                         const struct track_span *span)
{
    json_t *object = json_object(), *feet = json_array();

    put_number(w, object, "from_s", seconds(result, span->from_us), "");
    put_number(w, object, "to_s", seconds(result, span->to_us), "");
    for (int k = 0; k < span->n_feet; k++)
        append(w, feet, foot_json(w, &span->foot[k]));
    put(w, object, "feet", feet);
    put_text_or(w, object, "ended_by", span->ended_by[0] ? span->ended_by : NULL,
                "it lasted until the end of standing");
    return object;
}

void track_json(struct json_writer *w, json_t *root, const struct result *result)
{
    const struct track *track = result->track;
    json_t *object, *spans = json_array();
    const char *whole = "no foot moved: the load is that of all frames of standing";

    if (!track || !track->n) {
        json_decref(spans);
        put_text_or(w, root, "track", NULL, "nobody stood still for half a second");
        return;
    }
    object = json_object();
    for (size_t i = 0; i < track->n; i++)
        append(w, spans, span_json(w, result, &track->spans[i]));
    put(w, object, "spans", spans);
    put_number(w, object, "load_from_s", result->load_from_s, whole);
    put_number(w, object, "load_to_s", result->load_to_s, whole);
    put(w, root, "track", object);
}
