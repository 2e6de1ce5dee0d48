/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/press_words.h"
#include "analysis/press/tested.h"
#include "driver/cli/cli.h"

#include <string.h>

static int answered(const struct result *found)
{
    int n = 0;
    for (int i = 0; i < found->n_presses; i++)
        n += found->presses[i].session == 0 && !found->presses[i].is_catch &&
             !found->presses[i].is_tap && found->presses[i].answered;
    return n;
}

/* --- Text ------------------------------------------------------------------------------------ */

/* What was pressed of what was meant to be, and what was not: nobody takes it for tested. */
static void print_places(FILE *out, const struct press_run_result *r)
{
    char sentence[500];
    if (r->tool_kind != TOOL_SINGLE)
        return;
    if (!r->n_places)
        fputs("Nothing was pressed, so nothing is tested.\n", out);
    else if (r->n_pressed_earlier)
        fprintf(out, "Pressed: %d of the %d places, %d more in earlier tests.\n", r->n_pressed,
                r->n_places, r->n_pressed_earlier);
    else
        fprintf(out, "Pressed: %d of the %d place%s.\n", r->n_pressed, r->n_places,
                r->n_places == 1 ? "" : "s");
    if (!r->n_places || !r->never_pressed[0])
        return;
    snprintf(sentence, sizeof sentence, "Not pressed, so not tested: %s.", r->never_pressed);
    cli_print_wrapped(out, sentence, 0);
}

/* How to go on. A test that was ended counts as one of its own; one that was broken off is taken up
 * where it was. */
static void print_next(FILE *out, const struct press_words *w)
{
    const struct press_run_result *r = w->run;
    int is_whole = r->is_finished && !r->never_pressed[0], is_broken = !r->is_finished;
    if (r->tool_kind != TOOL_SINGLE || is_whole)
        return;
    const char *first = is_broken ? "To go on with it"
                                  : "To test the rest another time, with these presses counted";
    if (!r->presses)
        fputs("To begin again: the same command with another -o\n", out);
    else if (w->found && !result_person(w->found))
        fputs("It cannot be gone on with: it does not say who was pressed (--client).\n", out);
    else if (!cli_is_there(w->path)) /* in an encrypted store */
        fprintf(out,
                "%s: press on the station's page ('tenderfoot open'); or take the recording out "
                "('tenderfoot sessions copy') and use it with --earlier\n",
                first);
    else
        fprintf(out, "%s: the same command with another -o and --earlier %s\n", first, w->path);
}

/* A whole foot's turn is no press of a place. */
static const char *turn_words(const struct press_run_result *r)
{
    switch (r->tool_kind) {
    case TOOL_FLAT:
        return r->presses == 1 ? "weight shift" : "weight shifts";
    case TOOL_MAT:
        return r->presses == 1 ? "time on the mat" : "times on the mat";
    default:
        return r->presses == 1 ? "press" : "presses";
    }
}

static void print_run(FILE *out, const struct press_words *w)
{
    const struct press_run_result *r = w->run;
    double s = r->session.duration_s;
    fprintf(out, "Kept: %s: %d %s in %.0f %s, %llu frame%s, %llu lost.\n", w->path, r->presses,
            turn_words(r), s < 90 ? s : s / 60, s < 90 ? "s" : "min",
            (unsigned long long)r->session.frames.delivered,
            r->session.frames.delivered == 1 ? "" : "s",
            (unsigned long long)r->session.frames.lost);
    if (r->ended[0])
        fprintf(out, "Ended: %s.\n", r->ended);
    else if (r->session.interrupted)
        fputs("Stopped by the operator.\n", out);
    print_places(out, r);
    print_next(out, w);
    if (r->tool_kind != TOOL_SINGLE)
        fputs("Whole feet on a mat or on the bare plate: no plate holds a limit for that; the "
              "program watched.\n",
              out);
    else if (r->limit_in_software)
        fputs(
            "The plate had no limit of its own: the ceilings were watched by the program alone.\n",
            out);
    if (r->keyboard_answers)
        fputs("The plate had no button: answers were typed by the operator.\n", out);
}

static void print_flags(FILE *out, const struct result *found)
{
    char zones[40];

    char tested[120];

    fprintf(out, "\nFound: %d zone%s flagged; %s.\n", found->n_flags,
            found->n_flags == 1 ? "" : "s", tested_words(found, tested, sizeof tested));
    if (found->answers_unreliable)
        fprintf(out, "Answers unreliable: %s\n", found->unreliable_why);
    for (int i = 0; i < found->n_flags; i++)
        fprintf(out, "  %-7s %-6s %s: %s\n",
                flag_zones_words(&found->flags[i], zones, sizeof zones),
                side_name(found->flags[i].side), flag_level_name(found->flags[i].level),
                found->flags[i].why);
    for (int i = 0; i < found->n_warnings; i++)
        if (!strncmp(found->warnings[i], "not tested: ", 12))
            fprintf(out, "  %s\n", found->warnings[i]);
    fputs("All of it: 'tenderfoot analyze' and 'tenderfoot report' of the recording.\n", out);
}

void press_words_print(FILE *out, const struct press_words *words)
{
    print_run(out, words);
    if (words->found)
        print_flags(out, words->found);
    else if (words->no_analysis)
        fprintf(out, "\nNot analysed: %s\n", words->no_analysis);
    cli_print_disclaimer(out);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static const char *how_it_ended(const struct press_words *w)
{
    if (w->why->kind == PROBLEM_DEVICE_LOST)
        return "device_lost";
    if (w->why->kind != PROBLEM_NONE)
        return "failed";
    return w->run->session.interrupted ? "interrupted" : w->run->is_finished ? "complete" : "ended";
}

static json_t *flags_json(const struct result *found)
{
    json_t *flags = json_array();
    for (int i = 0; i < found->n_flags; i++)
        json_array_append_new(
            flags,
            json_pack("{s:s, s:s*, s:s, s:s, s:s}", "zone", found->flags[i].zone_id, "as_one_with",
                      found->flags[i].as_one_with, "side", side_name(found->flags[i].side), "level",
                      flag_level_name(found->flags[i].level), "why", found->flags[i].why));
    return flags;
}

static void add_found(json_t *all, const struct press_words *w)
{
    static const char *const keys[] = {"answered", "zones_not_tested", "answers_unreliable",
                                       "flags"};
    char name[48];
    if (w->found) {
        json_object_set_new(all, keys[0], json_integer(answered(w->found)));
        json_object_set_new(all, keys[1], json_integer(tested_count_of(w->found).not_tested));
        json_object_set_new(all, keys[2], json_boolean(w->found->answers_unreliable));
        json_object_set_new(all, keys[3], flags_json(w->found));
        return;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        json_object_set_new(all, keys[i], json_null());
        snprintf(name, sizeof name, "%s_reason", keys[i]);
        json_object_set_new(all, name, json_string(w->no_analysis ? w->no_analysis : "failed"));
    }
}

json_t *press_words_json(const struct press_words *w)
{
    const struct press_run_result *r = w->run;
    json_t *all = json_pack(
        "{s:s, s:s, s:s, s:s?, s:s?, s:i, s:i, s:i, s:i, s:i, s:b, s:s, s:s, s:s, s:I, s:I, s:f, "
        "s:i, s:s, "
        "s:s}",
        "schema", "tenderfoot/press/1", "file", w->path, "end", how_it_ended(w), "problem",
        w->why->kind ? w->why->text : NULL, "ended_why", r->ended[0] ? r->ended : NULL, "presses",
        r->presses, "places", r->n_places, "places_left_out", r->n_left_out, "places_given_up",
        r->n_given_up, "places_not_reached", r->n_unreached, "taken_up", r->taken_up, "screening",
        r->screened ? "file" : "none, virtual", "limit",
        r->limit_in_software || r->tool_kind != TOOL_SINGLE ? "program" : "plate", "answers_by",
        r->keyboard_answers ? "keyboard" : "button", "frames",
        (json_int_t)r->session.frames.delivered, "lost", (json_int_t)r->session.frames.lost,
        "duration_s", r->session.duration_s, "replugs", (int)r->session.replugs, "device_serial",
        r->session.plate.serial, "device_uri", w->uri);
    if (all)
        json_object_set_new(all, "places_pressed", json_integer(r->n_pressed));
    if (all)
        json_object_set_new(all, "tool_kind", json_string(tool_kind_name(r->tool_kind)));
    if (all)
        add_found(all, w);
    return all;
}
