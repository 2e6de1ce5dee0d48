/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/press_terminal.h"

#include "analysis/foot/strips.h"
#include "driver/cli/cli.h"
#include "driver/cli/raw_keyboard.h"
#include "driver/clock.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_US 100000u
#define LINES_MAX 24
#define LINE_BYTES 256
#define WIDTH 80
#define METER_CELLS 30
#define INDENT 4

/* --- Words ----------------------------------------------------------------------------------- */

const char *press_place_words(const struct route_place *place, char *text, size_t cap)
{
    static const char *const toes[] = {"big toe", "second toe", "middle toe", "fourth toe",
                                       "little toe"};
    static const char *const regions[] = {[CLASS_TOE] = "toes",
                                          [CLASS_BALL] = "ball of the foot",
                                          [CLASS_ARCH] = "arch",
                                          [CLASS_HEEL] = "heel"};
    struct strips strips = strips_from(NULL);
    int strip = strip_at(&strips, place->at);
    snprintf(text, cap, "%s foot, %s, in line with the %s, %.0f %% of the way from heel to toes",
             side_name(place->side), regions[place->region_class], toes[strip - 1],
             100 * place->at.u);
    return text;
}

static int cell_at(double mm, double pitch_mm, int n)
{
    int cell = (int)floor(mm / pitch_mm);
    return cell < 0 ? 0 : cell >= n ? n - 1 : cell;
}

void press_cell_of(const struct grid *grid, struct point at, int *row, int *col)
{
    *row = cell_at(at.y_mm, grid->pitch_y_mm, grid->rows);
    *col = cell_at(at.x_mm, grid->pitch_x_mm, grid->cols);
}

/* --- Lines ----------------------------------------------------------------------------------- */

struct lines {
    char text[LINES_MAX][LINE_BYTES];
    int n, loud; /* `loud`: this line is drawn so that it can't be missed; -1 = none */
    int width;   /* of the screen: a longer line goes on in the next, indented */
};

/* How much of a text fits in so many columns, cut between words where it can be. */
static int fitting(const char *text, int room)
{
    int n = (int)strlen(text);
    if (n <= room)
        return n;
    for (n = room; n > 0 && text[n] != ' ';)
        n--;
    return n > 0 ? n : room;
}

static void line(struct lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void line(struct lines *lines, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    const char *rest = text;
    for (int indent = 0; *rest && lines->n < LINES_MAX; indent = INDENT) {
        int room = lines->width - 1 - indent, n = fitting(rest, room < 1 ? 1 : room);
        snprintf(lines->text[lines->n++], LINE_BYTES, "%*s%.*s", indent, "", n, rest);
        rest += n;
        rest += strspn(rest, " ");
    }
}

static const char *rate_words(const struct press_view *view, double rate)
{
    if (rate < view->ramp_low_kpa_s)
        return "slower than wanted";
    return rate > view->ramp_high_kpa_s ? "FASTER than wanted" : "good";
}

static void meter(struct lines *lines, const struct press_view *view)
{
    const struct press_cue *cue = view->cue;
    char bar[METER_CELLS + 1];
    if (!isfinite(cue->tip_kpa) || !(cue->ceiling_kpa > 0))
        return;
    double share = fmin(1, fmax(0, cue->tip_kpa / cue->ceiling_kpa));
    for (int i = 0; i < METER_CELLS; i++)
        bar[i] = i < (int)lround(share * METER_CELLS) ? '#' : '.';
    bar[METER_CELLS] = '\0';
    line(lines, "tip  [%s] %3.0f of at most %.0f kPa", bar, cue->tip_kpa, cue->ceiling_kpa);
    if (isfinite(cue->ramp_kpa_s) && cue->step == PRESS_STEP_RAMP && !cue->is_tap)
        line(lines, "rise %3.0f kPa/s, wanted %.0f to %.0f: %s", cue->ramp_kpa_s,
             view->ramp_low_kpa_s, view->ramp_high_kpa_s, rate_words(view, cue->ramp_kpa_s));
}

static void place_lines(struct lines *lines, const struct press_view *view)
{
    const struct press_cue *cue = view->cue;
    char words[160];
    int row, col;
    if (!cue->place)
        return;
    press_cell_of(&view->grid, cue->stud, &row, &col);
    line(lines, "%s: %s", cue->place->id, press_place_words(cue->place, words, sizeof words));
    line(lines,
         "stud at %.0f mm from the left edge, %.0f mm from the back edge (cell: column %d, row %d)",
         cue->stud.x_mm, cue->stud.y_mm, col, row);
}

static const char *loud_words(const struct press_view *view)
{
    return view->tool && view->tool->kind == TOOL_FLAT  ? "STAND EVENLY NOW, OR STEP OFF"
           : view->tool && view->tool->kind == TOOL_MAT ? "WEIGHT OFF THE MAT NOW"
                                                        : "LIFT THE FOOT NOW";
}

/* Weight shifted over the bare plate: what the region bears, against what is wanted. */
static void shift_lines(struct lines *lines, const struct press_cue *cue)
{
    const struct press_standing_cue *now = &cue->standing;
    char bar[METER_CELLS + 1];
    if (cue->tool_kind != TOOL_FLAT || now->region < 0 || !isfinite(now->wanted_share))
        return;
    for (int i = 0; i < METER_CELLS; i++)
        bar[i] = i == (int)lround(now->wanted_share * METER_CELLS)  ? '|'
                 : i < (int)lround(now->region_share * METER_CELLS) ? '#'
                                                                    : '.';
    bar[METER_CELLS] = '\0';
    line(lines, "%s %s  [%s] %3.0f %% of the weight, %.0f N: %s", side_name(cue->side),
         shift_region_words((enum shift_region)now->region), bar, 100 * now->region_share,
         now->region_n, now->bears ? "bears it" : "not yet");
    if (now->held_s > 0)
        line(lines, "held %.1f of %.0f s", now->held_s, now->hold_s);
}

static void mat_lines(struct lines *lines, const struct press_cue *cue)
{
    const struct press_standing_cue *now = &cue->standing;
    if (cue->tool_kind != TOOL_MAT)
        return;
    line(lines, "%s foot: %.0f N on the mat", side_name(cue->side), now->foot_n);
    if (isfinite(now->hardest.x_mm))
        line(lines, "the hardest stud: %.0f mm from the left edge, %.0f mm from the back edge",
             now->hardest.x_mm, now->hardest.y_mm);
}

static void test_lines(struct lines *lines, const struct press_view *view)
{
    const struct press_cue *cue = view->cue;
    line(lines, "%d presses done, at most %d to go, about %.0f min", cue->presses_done,
         cue->presses_left, cue->minutes_left);
    place_lines(lines, view);
    if (cue->alarm) {
        lines->loud = lines->n;
        line(lines, ">>> %s <<<", loud_words(view));
    } else {
        line(lines, "%s", cue->say);
    }
    if (cue->tell[0])
        line(lines, "to the person: %s", cue->tell);
    shift_lines(lines, cue);
    mat_lines(lines, cue);
    meter(lines, view);
    if (cue->rest_s > 0)
        line(lines, "rest: %.0f s", ceil(cue->rest_s));
}

static void trouble_line(struct lines *lines, const struct press_view *view)
{
    if (!view->is_waiting && view->silent_s < 1)
        return;
    lines->loud = lines->n;
    if (view->is_waiting)
        line(lines, "the plate has left: %s; waiting %.0f of %g s", loud_words(view),
             view->waiting_s, view->wait_s);
    else
        line(lines, "no frames for %.0f s: %s", view->silent_s, loud_words(view));
}

static void compose(struct lines *lines, const struct press_view *view, int width)
{
    *lines = (struct lines){.loud = -1, .width = width};
    if (view->phase == PRESS_PHASE_STAND)
        line(lines, view->is_standing ? "stand still: %.1f of %g s" : "nobody stands: %.1f of %g s",
             view->stood_s, view->stand_s);
    else if (view->phase == PRESS_PHASE_TEST && view->cue)
        test_lines(lines, view);
    trouble_line(lines, view);
    if (view->phase == PRESS_PHASE_TEST)
        line(lines, "keys: space go on, s STOP, k skip, q end, 0 to 4 answer");
    else if (view->phase == PRESS_PHASE_STAND)
        line(lines, "keys: k without standing, q end");
    else if (view->phase == PRESS_PHASE_SIT)
        line(lines, "keys: space go on, q end");
}

/* --- The screen ------------------------------------------------------------------------------ */

static void erase(struct press_terminal *t)
{
    if (t->drawn_lines)
        fprintf(t->out, "\033[%dA\r\033[J", t->drawn_lines);
    t->drawn_lines = 0;
}

static void measure(struct press_terminal *t)
{
    struct winsize size;
    t->width = ioctl(fileno(t->out), TIOCGWINSZ, &size) || size.ws_col < 20 ? WIDTH : size.ws_col;
}

/* Over the old one, line by line, so that nothing flickers. No line is wider than the screen: one
 * that the terminal wraps would scroll. */
static void draw(struct press_terminal *t, const struct lines *lines)
{
    if (t->drawn_lines)
        fprintf(t->out, "\033[%dA", t->drawn_lines);
    for (int i = 0; i < lines->n; i++)
        fprintf(t->out, "\r%s%.*s%s\033[K\n", i == lines->loud ? "\033[7m" : "", t->width - 1,
                lines->text[i], i == lines->loud ? "\033[0m" : "");
    fputs("\033[J", t->out);
    t->drawn_lines = lines->n;
    fflush(t->out);
}

static int is_alarm(const struct press_view *view)
{
    return view->phase == PRESS_PHASE_TEST &&
           ((view->cue && view->cue->alarm) || view->is_waiting || view->silent_s >= 1);
}

/* --- Plain lines ----------------------------------------------------------------------------- */

static const char *step_name(enum press_step step)
{
    static const char *const names[] = {
        [PRESS_STEP_PLACE] = "place", [PRESS_STEP_READY] = "ready", [PRESS_STEP_RAMP] = "ramp",
        [PRESS_STEP_LIFT] = "lift",   [PRESS_STEP_SCALE] = "scale", [PRESS_STEP_REST] = "rest",
        [PRESS_STEP_SKIN] = "skin",   [PRESS_STEP_DONE] = "done"};
    return names[step];
}

/* One line for each press as it begins and ends, and for each rest that somebody notices. */
static int is_worth_a_line(const struct press_cue *cue)
{
    return cue->step == PRESS_STEP_PLACE || cue->step == PRESS_STEP_LIFT ||
           cue->step == PRESS_STEP_SKIN || cue->step == PRESS_STEP_DONE;
}

/* A quick touch and a catch trial are no presses: they are called what they are, and without the
 * pressure, which tells nothing of them. */
static void print_what(FILE *out, const struct press_cue *cue)
{
    int is_single = cue->tool_kind == TOOL_SINGLE && cue->place;
    if (is_single && cue->is_tap)
        fputs(", quick touch (reaction time)", out);
    else if (is_single && cue->is_catch_for_operator)
        fputs(", catch trial (nothing presses)", out);
    else if (cue->step == PRESS_STEP_LIFT && cue->tip_kpa >= 0.5)
        fprintf(out, ", at %.0f kPa", cue->tip_kpa);
}

static void print_step(struct press_terminal *t, const struct press_view *view)
{
    const struct press_cue *cue = view->cue;
    if ((int)cue->step == t->step && cue->number == t->number)
        return;
    t->step = (int)cue->step;
    t->number = cue->number;
    if (!is_worth_a_line(cue))
        return;
    fprintf(t->out, "[%d done, at most %d left, %.0f min] %s", cue->presses_done, cue->presses_left,
            cue->minutes_left, step_name(cue->step));
    if (cue->place)
        fprintf(t->out, " %s %s", side_name(cue->place->side), cue->place->id);
    else if (cue->standing.region >= 0 && cue->tool_kind == TOOL_FLAT)
        fprintf(t->out, " %s %s", side_name(cue->side),
                shift_region_words((enum shift_region)cue->standing.region));
    else if (cue->tool_kind == TOOL_MAT)
        fprintf(t->out, " %s foot", side_name(cue->side));
    if (cue->step == PRESS_STEP_PLACE && cue->tool_kind != TOOL_FLAT)
        fprintf(t->out, ", stud at %.0f, %.0f mm", cue->stud.x_mm, cue->stud.y_mm);
    print_what(t->out, cue);
    if (cue->step == PRESS_STEP_DONE)
        fprintf(t->out, ": %s", cue->ended);
    fputc('\n', t->out);
}

static void print_plain(struct press_terminal *t, const struct press_view *view)
{
    int alarm = is_alarm(view);
    if (view->cue && view->phase >= PRESS_PHASE_TEST)
        print_step(t, view);
    if (alarm && !t->alarm && (view->is_waiting || view->silent_s >= 1))
        fputs("No frames from the plate: lift the foot.\n", t->out);
    t->alarm = alarm;
    fflush(t->out);
}

/* --- Both ------------------------------------------------------------------------------------ */

void press_terminal_open(struct press_terminal *terminal, FILE *out, int keyboard_fd)
{
    *terminal = (struct press_terminal){
        .out = out, .has_screen = isatty(fileno(out)), .width = WIDTH, .step = -1};
    raw_keyboard_begin(keyboard_fd);
}

void press_terminal_close(struct press_terminal *terminal)
{
    if (terminal->has_screen)
        erase(terminal);
    fflush(terminal->out);
    raw_keyboard_end();
}

void press_terminal_tell(void *context, const char *sentence)
{
    struct press_terminal *t = context;
    erase(t);
    cli_print_wrapped(t->out, sentence, 0);
    fflush(t->out);
}

void press_terminal_show(void *context, const struct press_view *view)
{
    struct press_terminal *t = context;
    uint64_t now_us = host_clock_us();
    struct lines lines;
    if (!t->has_screen) {
        print_plain(t, view);
        return;
    }
    int alarm = is_alarm(view);
    if (alarm && !t->alarm)
        fputc('\a', t->out);
    if (alarm == t->alarm && now_us < t->drawn_us + DRAW_US)
        return;
    t->alarm = alarm;
    t->drawn_us = now_us;
    measure(t);
    compose(&lines, view, t->width);
    draw(t, &lines);
}
