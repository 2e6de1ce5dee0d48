/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's words, as far as the press test needs them. Members of a wrong type count as
 * missing. */
#include "analysis/press/press_finder_private.h"

#include <math.h>
#include <string.h>

/* The flat foot has been seen: its side is the operator's word, else that of the press to come. */
static int end_seat(struct press_finder *finder, enum side next, struct problem *why)
{
    if (!finder->is_sit_step)
        return 0;
    finder->is_sit_step = 0;
    return finder->seat ? press_seat_end(finder->seat, &finder->hints, next, why) : 0;
}

static int take_press(struct press_finder *finder, uint64_t time_us, const json_t *press,
                      struct problem *why)
{
    enum side side = side_from_json(json_object_get(press, "side"));

    if (press_end_current(finder, time_us, why) || end_seat(finder, side, why))
        return -1;
    if (!json_is_object(press))
        return 0;
    if (finder->n_trials >= TRIALS_MAX) {
        finder->n_left_out++;
        return 0;
    }
    struct trial *trial = press_add_trial(finder, time_us, why);
    if (!trial)
        return -1;
    trial->is_annotated = 1;
    trial->said = press_annotation_read(press);
    trial->seat = press_seat_latest(finder->seat, trial->said.side);
    if (trial->said.stud_known)
        trial->window = stud_window_of(&finder->grid, trial->said.stud, trial->said.footprint_cm2);
    finder->is_whole_foot = trial->said.is_whole_foot;
    finder->current = finder->n_trials - 1;
    return 0;
}

/* After `sit`, a step `press` leaves the flat foot's side to its first press. */
static int take_step(struct press_finder *finder, uint64_t time_us, const json_t *annotation,
                     struct problem *why)
{
    const char *name = json_string_value(json_object_get(annotation, "step"));
    int is_sit = name && !strcmp(name, "sit");

    if (!name)
        return 0;
    finder->is_press_step = !strcmp(name, "press");
    finder->is_whole_foot &= finder->is_press_step;
    if (!finder->is_press_step && press_end_current(finder, time_us, why))
        return -1;
    if (finder->is_press_step)
        return 0;
    if (end_seat(finder, SIDE_UNKNOWN, why))
        return -1;
    finder->is_sit_step = is_sit;
    if (is_sit)
        finder->hints.n_feet = 0;
    return 0;
}

static void take_feet(struct press_finder *finder, const json_t *feet)
{
    size_t n = json_array_size(feet);

    if (!json_is_array(feet) || n > 2)
        return;
    finder->hints.n_feet = (int)n;
    for (size_t i = 0; i < 2; i++)
        finder->hints.feet[i] = side_from_json(json_object_get(json_array_get(feet, i), "side"));
    if (n == 2 && finder->hints.feet[0] == finder->hints.feet[1]) /* nobody has two left feet */
        finder->hints.feet[0] = finder->hints.feet[1] = SIDE_UNKNOWN;
}

/* A test that is led with whole feet says so before its first press; "standing" alone did once. */
static void take_protocol(struct press_finder *finder, const json_t *protocol)
{
    const char *kind = json_string_value(json_object_get(protocol, "tool_kind"));

    if (json_object_get(protocol, "name"))
        finder->is_whole_foot = json_is_true(json_object_get(protocol, "standing")) ||
                                (kind && strcmp(kind, "single") != 0);
}

/* The latest press of that number: numbers may begin anew. What is asked after a shift or a mat's
 * press ends it: the person then stands as before, or steps off. */
static int take_answer(struct press_finder *finder, uint64_t time_us, const json_t *answer,
                       struct problem *why)
{
    const json_t *reached = json_object_get(answer, "reached");
    double number = number_from_json(json_object_get(answer, "number"), 1, 1e6);
    double scale = number_from_json(json_object_get(answer, "scale"), 0, 4);

    for (int i = finder->n_trials - 1; i >= 0 && !isnan(number); i--)
        if (finder->trials[i].is_annotated && finder->trials[i].said.number == (int)number) {
            struct trial *trial = &finder->trials[i];
            trial->scale = isnan(scale) ? -1 : (int)scale;
            text_from_json(json_object_get(answer, "void"), trial->void_why,
                           sizeof trial->void_why);
            if (json_is_boolean(reached))
                trial->is_reached = json_is_true(reached);
            if (i == finder->current && trial->said.is_whole_foot)
                return press_end_current(finder, time_us, why);
            return 0;
        }
    return 0;
}

/* A list that is full takes no more: that is told at the end (press_finder_finish). */
static int is_full(struct press_finder *finder, int n)
{
    finder->n_unheard += n >= LIST_MAX;
    return n >= LIST_MAX;
}

static int take_screening_line(struct press_finder *finder, const json_t *reason,
                               struct problem *why)
{
    struct screening_said *said = &finder->screening;

    if (!json_is_object(reason) || is_full(finder, said->n_lines))
        return 0;
    if (press_make_room(&said->lines, said->n_lines, &finder->cap_screening, sizeof *said->lines,
                        why))
        return -1;
    struct screening_line *line = &said->lines[said->n_lines++];
    *line = (struct screening_line){.side = side_from_json(json_object_get(reason, "side"))};
    text_from_json(json_object_get(reason, "question"), line->question, sizeof line->question);
    text_from_json(json_object_get(reason, "effect"), line->effect, sizeof line->effect);
    text_from_json(json_object_get(reason, "words"), line->words, sizeof line->words);
    return 0;
}

/* A later screening takes the place of an earlier one; without a date nobody was asked anything. */
static int take_screening(struct press_finder *finder, const json_t *screening, struct problem *why)
{
    size_t i;
    json_t *reason;

    if (!json_is_object(screening))
        return 0;
    if (json_is_true(json_object_get(screening, "not_comparable")))
        finder->not_comparable = 1;
    finder->screening.n_lines = 0;
    text_from_json(json_object_get(screening, "date"), finder->screening.date,
                   sizeof finder->screening.date);
    finder->screening.was_asked = *finder->screening.date != 0;
    json_array_foreach(json_object_get(screening, "reasons"), i, reason)
    {
        if (take_screening_line(finder, reason, why))
            return -1;
    }
    return 0;
}

/* "left", "right", "both" or "no": pain in the middle of the heel when walking. */
static void take_heel_pain(struct press_finder *finder, const json_t *value)
{
    const char *words[] = {[0] = "no", [SIDE_LEFT] = "left", [SIDE_RIGHT] = "right", [3] = "both"};
    const char *said = json_string_value(value);

    for (int i = 0; said && i < 4; i++)
        if (!strcmp(said, words[i]))
            finder->heel_pain_walking = i;
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
        finder->length_mm[SIDE_LEFT] = finder->hints.length_mm[SIDE_LEFT] = left;
    if (!isnan(right))
        finder->length_mm[SIDE_RIGHT] = finder->hints.length_mm[SIDE_RIGHT] = right;
    if (json_object_get(subject, "label"))
        text_from_json(json_object_get(subject, "label"), finder->label, sizeof finder->label);
    take_heel_pain(finder, json_object_get(subject, "heel_pain_walking"));
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
    if (!json_is_object(note) || is_full(finder, finder->n_notes))
        return 0;
    if (press_make_room(&finder->notes, finder->n_notes, &finder->cap_notes, sizeof *finder->notes,
                        why))
        return -1;
    struct operator_note *own = &finder->notes[finder->n_notes++];
    *own = (struct operator_note){
        .kind = note_kind_from_json(json_object_get(note, "kind")),
        .side = side_from_json(json_object_get(note, "side")),
        .place = {number_from_json(json_object_get(note, "u"), -1, 2),
                  number_from_json(json_object_get(note, "v"), -1, 2)},
        .radius_mm = number_from_json(json_object_get(note, "radius_mm"), 0, 100),
    };
    text_from_json(json_object_get(note, "text"), own->text, sizeof own->text);
    return press_note_zone(finder, json_object_get(note, "zone"), why);
}

/* `from` names zones, a side and why: one entry for each zone is added to *list. */
static int take_zones(struct press_finder *finder, const json_t *from, struct zone_exclusion **list,
                      int *n, int *cap, struct problem *why)
{
    size_t i;
    json_t *zone;

    json_array_foreach(json_object_get(from, "zones"), i, zone)
    {
        const char *id = json_string_value(zone);
        if (!id || strlen(id) > 15 || is_full(finder, *n))
            continue;
        if (press_make_room(list, *n, cap, sizeof **list, why))
            return -1;
        struct zone_exclusion *own = &(*list)[(*n)++];
        own->side = side_from_json(json_object_get(from, "side"));
        text_from_json(zone, own->zone_id, sizeof own->zone_id);
        text_from_json(json_object_get(from, "why"), own->why, sizeof own->why);
    }
    return 0;
}

/* What the guided test left out. A place that was only moved is pressed. */
static int take_left_out(struct press_finder *finder, const json_t *protocol, struct problem *why)
{
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(protocol, "left_out"), i, one)
    {
        if (!json_is_true(json_object_get(one, "moved")) &&
            take_zones(finder, one, &finder->left_out, &finder->n_zones_left_out,
                       &finder->cap_left_out, why))
            return -1;
    }
    return 0;
}

static int take_stop(struct press_finder *finder, uint64_t time_us, const json_t *stopped,
                     struct problem *why)
{
    if (!json_is_object(stopped) || is_full(finder, finder->n_stops))
        return 0;
    if (press_make_room(&finder->stops, finder->n_stops, &finder->cap_stops, sizeof *finder->stops,
                        why))
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

    if (take_step(finder, time_us, object, why))
        return -1;
    take_feet(finder, json_object_get(object, "feet"));
    take_protocol(finder, json_object_get(object, "protocol"));
    if (take_answer(finder, time_us, json_object_get(object, "answer"), why))
        return -1;
    if (json_object_get(json_object_get(object, "protocol"), "tool"))
        text_from_json(json_object_get(json_object_get(object, "protocol"), "tool"),
                       finder->tool_name, sizeof finder->tool_name);
    take_subject(finder, json_object_get(object, "subject"));
    if (take_screening(finder, json_object_get(object, "screening"), why) ||
        take_note(finder, json_object_get(object, "note"), why) ||
        take_zones(finder, json_object_get(object, "exclude"), &finder->exclusions,
                   &finder->n_exclusions, &finder->cap_exclusions, why) ||
        take_left_out(finder, json_object_get(object, "protocol"), why) ||
        take_stop(finder, time_us, json_object_get(object, "stopped"), why))
        return -1;
    return press ? take_press(finder, time_us, press, why) : 0;
}
