/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator's words (firmware/wire/PROTOCOL.md, Annotations), as far as load needs them: the
 * step, the feet on the plate, entered lengths, and which foot a press is for. Members of a wrong
 * type count as missing. */
#include "analysis/analyzer_private.h"
#include "analysis/warnings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORRECTION_LINES_MAX = 10000, CORRECTION_LINE_BYTES = 65536 };

static enum side side_of(const json_t *text)
{
    const char *side = json_string_value(text);

    if (side && !strcmp(side, "left"))
        return SIDE_LEFT;
    return side && !strcmp(side, "right") ? SIDE_RIGHT : SIDE_UNKNOWN;
}

/* A number within bounds, or NAN. */
static double number_of(const json_t *value, double low, double high)
{
    double number = json_is_number(value) ? json_number_value(value) : NAN;

    return number >= low && number <= high ? number : NAN;
}

static void take_subject(struct analyzer *analyzer, const json_t *subject)
{
    const json_t *length = json_object_get(subject, "foot_length_mm");
    double left = number_of(json_object_get(length, "left"), 80, 400);
    double right = number_of(json_object_get(length, "right"), 80, 400);
    double mass_kg = number_of(json_object_get(subject, "body_mass_kg"), 1, 1000);
    double age_years = number_of(json_object_get(subject, "age_years"), 0, 150);

    if (!isnan(mass_kg) && !(analyzer->options.body_mass_kg > 0))
        analyzer->result->body_mass_kg = mass_kg;
    if (!isnan(age_years))
        analyzer->result->age_years = age_years;
    if (!isnan(left))
        analyzer->hints.length_mm[SIDE_LEFT] = left;
    if (!isnan(right))
        analyzer->hints.length_mm[SIDE_RIGHT] = right;
}

/* Nobody has two left feet: then only their number is taken, and the print tells the sides. */
static int take_feet_words(struct analyzer *analyzer, const json_t *feet, struct problem *why)
{
    struct foot_hints *hints = &analyzer->hints;
    size_t n = json_array_size(feet);

    if (!json_is_array(feet) || n > 2)
        return 0;
    hints->n_feet = (int)n;
    for (size_t i = 0; i < 2; i++)
        hints->feet[i] = side_of(json_object_get(json_array_get(feet, i), "side"));
    if (hints->feet[0] == SIDE_UNKNOWN || hints->feet[0] != hints->feet[1])
        return 0;
    hints->feet[0] = hints->feet[1] = SIDE_UNKNOWN;
    return result_warn(analyzer->result, why,
                       "The operator says that both feet are of one side: that is left out.");
}

/* What is wrong in a correction is told and left out; the rest of it holds. */
static int take_correct(struct analyzer *analyzer, const json_t *correct, struct problem *why)
{
    char complaint[CORRECTION_COMPLAINT];

    if (correct && corrections_take(&analyzer->corrections, correct, complaint, sizeof complaint) &&
        result_warn(analyzer->result, why, "A correction by the operator is left out: %s.",
                    complaint))
        return -1;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (analyzer->corrections.of[side].length_mm > 0)
            analyzer->hints.length_mm[side] = analyzer->corrections.of[side].length_mm;
    return 0;
}

static void take_press(struct analyzer *analyzer, const json_t *press)
{
    const json_t *cup = json_object_get(press, "heel_cup");
    struct press_foot *foot = &analyzer->press_feet[side_of(json_object_get(press, "side"))];
    struct point heel = {number_of(json_object_get(cup, "x_mm"), -1e4, 1e4),
                         number_of(json_object_get(cup, "y_mm"), -1e4, 1e4)};
    double angle = number_of(json_object_get(cup, "angle_deg"), -360, 360);

    foot->pressed = 1;
    if (isnan(heel.x_mm) || isnan(heel.y_mm) || isnan(angle))
        return;
    foot->cup_known = 1;
    foot->cup = heel;
    foot->cup_angle_deg = angle;
}

/* All three or nothing: a part of it tells no gap. */
static void take_continued(struct continued *continued, const json_t *annotation)
{
    const char *recording = json_string_value(json_object_get(annotation, "continues"));
    double segment = number_of(json_object_get(annotation, "segment"), 2, 1e6);
    double gap_s = number_of(json_object_get(annotation, "gap_s"), 0, 1e9);

    if (!recording || !*recording || isnan(segment) || isnan(gap_s))
        return;
    *continued = (struct continued){.segment = (int)segment, .gap_s = gap_s};
    snprintf(continued->recording, sizeof continued->recording, "%s", recording);
}

static int take_members(struct analyzer *analyzer, const json_t *annotation, struct problem *why)
{
    const char *step = json_string_value(json_object_get(annotation, "step"));

    if (step)
        analyzer->step = step_from_name(step);
    take_subject(analyzer, json_object_get(annotation, "subject"));
    take_continued(&analyzer->result->continued, annotation);
    if (json_is_object(json_object_get(annotation, "press")))
        take_press(analyzer, json_object_get(annotation, "press"));
    return take_feet_words(analyzer, json_object_get(annotation, "feet"), why);
}

int analyzer_take_annotation(struct analyzer *analyzer, uint64_t time_us, const char *json,
                             size_t n, struct problem *why)
{
    json_error_t error;
    json_t *annotation = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    int done;

    if (!json_is_object(annotation)) {
        done = result_warn(analyzer->result, why,
                           "An annotation is not a JSON object and is left out (%s).",
                           annotation ? "it is another value" : error.text);
        json_decref(annotation);
        return done;
    }
    if (take_members(analyzer, annotation, why) ||
        take_correct(analyzer, json_object_get(annotation, "correct"), why)) {
        json_decref(annotation);
        return -1;
    }
    done = press_finder_annotation(analyzer->presses, time_us, annotation, why);
    json_decref(annotation);
    return done;
}

/* One line of the file, appended to the array. */
static int read_line(json_t *lines, const char *path, int number, const char *line,
                     struct problem *why)
{
    char complaint[CORRECTION_COMPLAINT];
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

    if (!object)
        return problem(why, PROBLEM_REFUSED, "%s: line %d: no JSON: %s", path, number, error.text);
    if (corrections_check(object, complaint, sizeof complaint)) {
        json_decref(object);
        return problem(why, PROBLEM_REFUSED, "%s: line %d: %s", path, number, complaint);
    }
    if (json_array_append_new(lines, object))
        return problem_no_memory(why, "the corrections");
    return 0;
}

/* The next line without its end: 1, 0 at the end of the file, -1 when it is no line of text. */
static int next_line(FILE *file, char line[CORRECTION_LINE_BYTES + 1])
{
    int c = EOF;
    size_t n = 0;

    while (n < CORRECTION_LINE_BYTES && (c = getc(file)) != EOF && c != '\n' && c != '\0')
        line[n++] = (char)c;
    line[n] = '\0';
    if (c == '\0' || n == CORRECTION_LINE_BYTES)
        return -1;
    return n > 0 || c != EOF;
}

static int read_lines(json_t *lines, const char *path, FILE *file, char *line, struct problem *why)
{
    int number = 0, got;

    while ((got = next_line(file, line)) > 0) {
        if (++number > CORRECTION_LINES_MAX)
            return problem(why, PROBLEM_REFUSED,
                           "%s: more than %d lines; each corrects one thing: is it the right file?",
                           path, CORRECTION_LINES_MAX);
        if (line[strspn(line, " \t\r\n")] && read_line(lines, path, number, line, why))
            return -1;
    }
    if (ferror(file))
        return problem(why, PROBLEM_FAILED, "%s cannot be read: %s", path, strerror(errno));
    if (got < 0)
        return problem(why, PROBLEM_REFUSED,
                       "%s: line %d: holds a zero byte, or is longer than 64 KiB: no text", path,
                       number + 1);
    if (!json_array_size(lines))
        return problem(why, PROBLEM_REFUSED, "%s: there is no correction in it", path);
    return 0;
}

int analyzer_read_corrections(struct analyzer *analyzer, const char *path, struct problem *why)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", path, strerror(errno));
    char *line = malloc(CORRECTION_LINE_BYTES + 1);
    analyzer->correct_lines = json_array();
    int failed = line && analyzer->correct_lines
                     ? read_lines(analyzer->correct_lines, path, file, line, why)
                     : problem_no_memory(why, "the corrections");
    free(line);
    fclose(file);
    return failed;
}

int analyzer_take_corrections(struct analyzer *analyzer, struct problem *why)
{
    for (size_t i = 0; i < json_array_size(analyzer->correct_lines); i++) {
        const json_t *line = json_array_get(analyzer->correct_lines, i);

        take_subject(analyzer, json_object_get(line, "subject"));
        if (take_feet_words(analyzer, json_object_get(line, "feet"), why) ||
            take_correct(analyzer, json_object_get(line, "correct"), why))
            return -1;
    }
    return 0;
}
