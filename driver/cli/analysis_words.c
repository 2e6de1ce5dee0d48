/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/analysis_words.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_THRESHOLD = 512,
    WORD_CALIBRATION,
    WORD_ATLAS,
    WORD_NORMS,
    WORD_MASS,
    WORD_EARLIER,
    WORD_CORRECT,
    WORD_CM_MODE,
    WORD_SPINE_LINE,
    WORD_SPINE_CUTS
};

static const struct argp_option options[] = {
    {"threshold", WORD_THRESHOLD, "KPA", 0, "contact threshold, 5 kPa unless told", 0},
    {"calibration", WORD_CALIBRATION, "FILE", 0,
     "another calibration than the recording's (tenderfoot-calibration(5))", 0},
    {"atlas", WORD_ATLAS, "FILE", 0,
     "another chart of zones than the built-in one (tenderfoot-atlas(5))", 0},
    {"mass", WORD_MASS, "KG", 0,
     "body mass; shares of body weight are of it, not of the measured force", 0},
    {"correct", WORD_CORRECT, "FILE", 0,
     "annotations with corrections by the operator, one a line; they win (tenderfoot-notes(5))", 0},
    {"cm-mode", WORD_CM_MODE, "MODE", 0,
     "the articles' centimetres: scaled with the foot, or literal; as the chart says unless told",
     0},
    {"spine-line", WORD_SPINE_LINE, "LINE", 0, "edge (along the inner sole) or straight", 0},
    {"spine-cuts", WORD_SPINE_CUTS, "CUTS", 0,
     "its four segments are cut by landmarks or by vertebrae (their count)", 0},
    {"norms", WORD_NORMS, "FILE", 0,
     "other norms for load patterns than the built-in ones (tenderfoot-norms(5))", 0},
    {"earlier", WORD_EARLIER, "RECORDING", 0,
     "an earlier press test of the same person, same stud and rate: its answers count too. "
     "Several may follow",
     0},
    {0},
};

double parse_kpa(const char *option, const char *text, double least, struct argp_state *state)
{
    char *end;
    double kpa = strtod(text, &end);
    if (end == text || *end || !(kpa >= least && kpa <= 10000))
        argp_error(state, "--%s %s: a pressure in kPa from %g to 10000 is meant", option, text,
                   least);
    return kpa;
}

static double parse_mass_kg(const char *text, struct argp_state *state)
{
    char *end;
    double kg = strtod(text, &end);
    if (end == text || *end || !(kg >= 1 && kg <= 1000))
        argp_error(state, "--mass %s: a mass in kg from 1 to 1000 is meant", text);
    return kg;
}

static void add_earlier(struct analysis_words *words, const char *path, struct argp_state *state)
{
    if (words->n_earlier >= PRESS_SESSIONS_MAX)
        argp_error(state, "at most %d earlier recordings", PRESS_SESSIONS_MAX);
    else
        words->earlier[words->n_earlier++] = path;
}

/* Which of two words it is; a usage error when neither. */
static int parse_choice(const char *option, const char *text, const char *one, const char *other,
                        struct argp_state *state)
{
    if (strcmp(text, one) && strcmp(text, other))
        argp_error(state, "--%s %s: '%s' or '%s' is meant", option, text, one, other);
    return !strcmp(text, other);
}

static int parse_chart(int key, const char *arg, struct atlas_settings *chart,
                       struct argp_state *state)
{
    switch (key) {
    case WORD_CM_MODE:
        chart->cm_mode =
            parse_choice("cm-mode", arg, "scaled", "literal", state) ? CM_LITERAL : CM_SCALED;
        return 1;
    case WORD_SPINE_LINE:
        chart->spine_line =
            (enum spine_line)parse_choice("spine-line", arg, "edge", "straight", state);
        return 1;
    case WORD_SPINE_CUTS:
        chart->spine_cuts =
            (enum spine_cuts)parse_choice("spine-cuts", arg, "landmarks", "vertebrae", state);
        return 1;
    default:
        return 0;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct analysis_words *words = state->input;

    if (parse_chart(key, arg, &words->options.chart, state))
        return 0;
    switch (key) {
    case WORD_THRESHOLD:
        words->options.threshold_kpa = parse_kpa("threshold", arg, 0, state);
        return 0;
    case WORD_CALIBRATION:
        words->calibration = arg;
        return 0;
    case WORD_MASS:
        words->options.body_mass_kg = parse_mass_kg(arg, state);
        return 0;
    case WORD_ATLAS:
        words->options.atlas_path = arg;
        return 0;
    case WORD_CORRECT:
        words->options.correct_path = arg;
        return 0;
    case WORD_NORMS:
        words->options.norms_path = arg;
        return 0;
    case WORD_EARLIER:
        add_earlier(words, arg, state);
        return 0;
    case ARGP_KEY_ARG:
        if (words->recording && words->n_earlier) {
            add_earlier(words, arg, state);
            return 0;
        }
        if (words->recording)
            argp_error(state, "one recording at a time: '%s' is too many", arg);
        words->recording = arg;
        return 0;
    case ARGP_KEY_END:
        if (!words->recording)
            argp_error(state, "which recording? (a .tfr file)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp child = {.options = options, .parser = parse};
const struct argp_child analysis_words_child[2] = {{&child, 0, NULL, 0}, {0}};

struct result *analyze_words(const struct analysis_words *words, struct problem *why)
{
    return analyze_recording_after(words->recording, words->calibration, &words->options,
                                   words->earlier, words->n_earlier, why);
}
