/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/bench_operator.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TASKS_MAX BENCH_HOLDS_MAX
#define LINE_MAX_BYTES 64
#define RESTLESS_PERCENT 2.0 /* from the middle third of a hold to its last, of what lies there */
#define STILL_N 20.0         /* or in N, for what weighs little */
#define PATIENCE 3           /* a hold is lengthened so often before it is asked for again */

struct task {
    char what[160];    /* to do, for the maker */
    const char *value; /* "kpa" or "kg" that may be typed; NULL = none */
    double amount;     /* of it, unless typed */
    json_t *note;      /* of the hold, without the value */
    double seconds;
    int is_bare_after; /* it is taken off afterwards; else the load only changes */
};

enum state { TO_ASK, WAITING, HOLDING, ENDING, DONE, GIVEN_UP };

struct bench_operator {
    struct bench_operator_options o;
    struct task tasks[TASKS_MAX];
    int n_tasks, at;
    enum state state;
    int has_said_reference, has_said_end, patience;
    double hold_from_s, hold_until_s;
    double third_sum[3];
    int third_n[3];
    char line[LINE_MAX_BYTES];
    size_t n_line;
    char *text; /* the annotation last given */
};

void bench_procedure_defaults(struct bench_procedure *p)
{
    static const double kpa[] = {10, 20, 35, 50, 65, 80};
    *p = (struct bench_procedure){.n_bladder = 6,
                                  .cycles = 2,
                                  .hold_s = 15,
                                  .empty_s = 60,
                                  .creep_s = 600,
                                  .mass_kg = {20},
                                  .n_masses = 1,
                                  .places = 9,
                                  .mass_width_mm = 80,
                                  .mass_height_mm = 80,
                                  .stud_tip_cm2 = 1,
                                  .stud_kg = {2, 5},
                                  .n_stud_kg = 2,
                                  .stud_places = 5,
                                  .reference_accuracy_percent = NAN};
    memcpy(p->bladder_kpa, kpa, sizeof kpa);
}

/* --- What is to be done ---------------------------------------------------------------------- */

static struct task *add_task(struct bench_operator *op, json_t *note, const char *value,
                             double amount, double seconds)
{
    struct task *task = &op->tasks[op->n_tasks++]; /* check_bounds: there is room */
    *task = (struct task){
        .note = note, .value = value, .amount = amount, .seconds = seconds, .is_bare_after = 1};
    return task;
}

static json_t *hold_note(const char *stage)
{
    return json_pack("{s:s, s:s, s:s}", "schema", "tenderfoot/annotation/1", "bench", "hold",
                     "stage", stage);
}

static void plan_empty(struct bench_operator *op)
{
    struct task *task = add_task(op, hold_note("empty"), NULL, 0, op->o.procedure->empty_s);
    snprintf(task->what, sizeof task->what,
             "Take everything off the plate, also the bladder and its cover, and leave it alone.");
}

static void press_bladder(struct bench_operator *op, double kpa, int is_up, int cycle)
{
    json_t *note = hold_note("bladder");
    if (note) {
        json_object_set_new(note, "direction", json_string(is_up ? "up" : "down"));
        json_object_set_new(note, "cycle", json_integer(cycle));
    }
    struct task *task = add_task(op, note, "kpa", kpa, op->o.procedure->hold_s);
    snprintf(task->what, sizeof task->what,
             "%s the bladder to %g kPa, without going past it (round %d).",
             is_up ? "Raise" : "Lower", kpa, cycle);
    task->is_bare_after = 0;
}

static void plan_bladder(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    for (int cycle = 1; cycle <= p->cycles; cycle++) {
        for (int i = 0; i < p->n_bladder; i++)
            press_bladder(op, p->bladder_kpa[i], 1, cycle);
        for (int i = p->n_bladder - 2; i >= 0; i--)
            press_bladder(op, p->bladder_kpa[i], 0, cycle);
        op->tasks[op->n_tasks - 1].is_bare_after = 1;
    }
}

static void plan_creep(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    double kpa = p->creep_kpa > 0 ? p->creep_kpa : p->bladder_kpa[p->n_bladder / 2];
    struct task *task = add_task(op, hold_note("creep"), "kpa", kpa, p->creep_s);
    snprintf(task->what, sizeof task->what,
             "Raise the bladder to %g kPa quickly, press Enter at once, and hold it there for %g "
             "minutes.",
             kpa, round(p->creep_s / 6) / 10);
}

/* The i-th of n places, evenly over the plate. */
static void place(struct bench_operator *op, json_t *note, int i, int n, char *words, size_t cap)
{
    int across = (int)ceil(sqrt(n)), down = (n + across - 1) / across;
    double x = op->o.plate_width_mm * (i % across + 0.5) / across;
    double y = op->o.plate_height_mm * ((double)(i / across) + 0.5) / down;
    json_object_set_new(note, "place", json_integer(i + 1));
    if (!(x > 0 && y > 0)) {
        snprintf(words, cap, "at place %d of %d", i + 1, n);
        return;
    }
    json_object_set_new(note, "x_mm", json_real(round(x)));
    json_object_set_new(note, "y_mm", json_real(round(y)));
    snprintf(words, cap, "with its middle %.0f mm from the left edge and %.0f mm from the back", x,
             y);
}

static void plan_mass(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    for (int k = 0; k < p->n_masses; k++)
        for (int i = 0; i < p->places; i++) {
            char words[90];
            json_t *note = hold_note("mass");
            place(op, note, i, p->places, words, sizeof words);
            if (note && p->mass_width_mm > 0) {
                json_object_set_new(note, "width_mm", json_real(p->mass_width_mm));
                json_object_set_new(note, "height_mm", json_real(p->mass_height_mm));
            }
            struct task *task = add_task(op, note, "kg", p->mass_kg[k], p->hold_s);
            snprintf(task->what, sizeof task->what, "Set %g kg down gently %s.", p->mass_kg[k],
                     words);
        }
}

static void plan_warm(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    for (int i = p->n_bladder > 2 ? 1 : 0; i < p->n_bladder; i += 2) {
        struct task *task = add_task(op, hold_note("warm"), "kpa", p->bladder_kpa[i], p->hold_s);
        snprintf(
            task->what, sizeof task->what, "%sRaise the bladder to %g kPa, without going past it.",
            i < 2 ? "The plate is to be at least 5 degrees warmer (or colder) than before. " : "",
            p->bladder_kpa[i]);
        task->is_bare_after = i + 2 >= p->n_bladder;
    }
}

static void plan_stud(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    for (int k = 0; k < p->n_stud_kg; k++)
        for (int i = 0; i < p->stud_places; i++) {
            json_t *note = hold_note("stud");
            if (note) {
                json_object_set_new(note, "stud", json_string(p->stud));
                json_object_set_new(note, "tip_cm2", json_real(p->stud_tip_cm2));
                json_object_set_new(note, "place", json_integer(i + 1));
            }
            struct task *task = add_task(op, note, "kg", p->stud_kg[k], p->hold_s);
            snprintf(task->what, sizeof task->what,
                     "Stand '%s' somewhere on the plate (another place each time, %d of %d) and "
                     "load its tip with %g kg.",
                     p->stud, i + 1, p->stud_places, p->stud_kg[k]);
        }
}

_Static_assert(2 * BENCH_LIST_MAX * BENCH_CYCLES_MAX <= TASKS_MAX &&
                   BENCH_LIST_MAX * BENCH_PLACES_MAX <= TASKS_MAX,
               "every procedure within its bounds has room");

static int is_within(int n, int least, int most)
{
    return n >= least && n <= most;
}

static int check_bounds(const struct bench_procedure *p, struct problem *why)
{
    if (is_within(p->n_bladder, 1, BENCH_LIST_MAX) && is_within(p->cycles, 1, BENCH_CYCLES_MAX) &&
        is_within(p->n_masses, 0, BENCH_LIST_MAX) && is_within(p->places, 1, BENCH_PLACES_MAX) &&
        is_within(p->n_stud_kg, 0, BENCH_LIST_MAX) &&
        is_within(p->stud_places, 1, BENCH_PLACES_MAX))
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "no bench with %d pressures %d times, %d masses at %d places and %d on the stud "
                   "at %d: at most %d of each, %d times, at %d places",
                   p->n_bladder, p->cycles, p->n_masses, p->places, p->n_stud_kg, p->stud_places,
                   BENCH_LIST_MAX, BENCH_CYCLES_MAX, BENCH_PLACES_MAX);
}

struct bench_operator *bench_operator_make(const struct bench_operator_options *options,
                                           struct problem *why)
{
    static void (*const plan[BENCH_STAGES])(struct bench_operator *) = {
        [BENCH_EMPTY] = plan_empty, [BENCH_BLADDER] = plan_bladder, [BENCH_CREEP] = plan_creep,
        [BENCH_MASS] = plan_mass,   [BENCH_WARM] = plan_warm,       [BENCH_STUD] = plan_stud};
    if (check_bounds(options->procedure, why))
        return NULL;
    struct bench_operator *op = calloc(1, sizeof *op);
    if (!op) {
        problem_no_memory(why, "a stage of the bench");
        return NULL;
    }
    op->o = *options;
    plan[options->stage](op);
    for (int i = 0; i < op->n_tasks; i++)
        if (!op->tasks[i].note) {
            problem_no_memory(why, "a stage of the bench");
            bench_operator_free(op);
            return NULL;
        }
    return op;
}

void bench_operator_free(struct bench_operator *op)
{
    if (!op)
        return;
    for (int i = 0; i < op->n_tasks; i++)
        json_decref(op->tasks[i].note);
    free(op->text);
    free(op);
}

int bench_operator_is_done(const struct bench_operator *op)
{
    return op->state == DONE;
}

int bench_operator_holds(const struct bench_operator *op)
{
    return op->n_tasks;
}

/* --- The maker's side ------------------------------------------------------------------------ */

static void tell(struct bench_operator *op, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(struct bench_operator *op, const char *format, ...)
{
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    op->o.tell(op->o.context, sentence);
}

/* 1 = a whole line is in op->line; 0 = not yet; -1 = the keyboard has gone. */
static int read_line(struct bench_operator *op)
{
    struct pollfd ready = {.fd = op->o.keyboard_fd, .events = POLLIN};
    char c;
    while (poll(&ready, 1, 0) > 0) {
        ssize_t n = read(op->o.keyboard_fd, &c, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return -1;
        if (c == '\n') {
            op->line[op->n_line] = '\0';
            op->n_line = 0;
            return 1;
        }
        if (op->n_line + 1 < sizeof op->line)
            op->line[op->n_line++] = c;
    }
    return 0;
}

static void ask(struct bench_operator *op)
{
    const struct task *task = &op->tasks[op->at];
    if (task->value)
        tell(op, "[%d/%d] %s Enter when it stands still (or what the %s says, in %s, and Enter).",
             op->at + 1, op->n_tasks, task->what, strcmp(task->value, "kg") ? "gauge" : "scale",
             strcmp(task->value, "kg") ? "kPa" : "kg");
    else
        tell(op, "[%d/%d] %s Then press Enter.", op->at + 1, op->n_tasks, task->what);
    op->patience = PATIENCE;
    op->state = WAITING;
}

static void begin_hold(struct bench_operator *op, double elapsed_s)
{
    memset(op->third_sum, 0, sizeof op->third_sum);
    memset(op->third_n, 0, sizeof op->third_n);
    op->hold_from_s = elapsed_s;
    op->hold_until_s = elapsed_s + op->tasks[op->at].seconds;
    op->state = HOLDING;
    tell(op, "      Held for %g s ...", op->tasks[op->at].seconds);
}

/* Takes the line as the true value; 0 = it makes no sense, and the maker has been told. */
static int take_value(struct bench_operator *op, double *value)
{
    const struct task *task = &op->tasks[op->at];
    char *end = op->line;
    *value = task->amount;
    while (*end == ' ' || *end == '\r')
        end++;
    if (!*end || !task->value)
        return 1;
    double typed = strtod(op->line, &end);
    while (*end == ' ' || *end == '\r')
        end++;
    if (*end || !(typed > 0.5 * task->amount && typed < 2 * task->amount)) {
        tell(op, "      '%s' is not near %g %s: set it right, or type what is there.", op->line,
             task->amount, strcmp(task->value, "kg") ? "kPa" : "kg");
        return 0;
    }
    *value = typed;
    return 1;
}

/* --- What goes into the recording ------------------------------------------------------------ */

/* Takes over `note`. Without memory nothing is said, which the stage's check will find. */
static const char *give(struct bench_operator *op, json_t *note)
{
    free(op->text);
    op->text =
        note ? json_dumps(note, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(note);
    return op->text;
}

static const char *give_reference(struct bench_operator *op)
{
    const struct bench_procedure *p = op->o.procedure;
    op->has_said_reference = 1;
    json_t *note = json_pack("{s:s, s:s, s:s}", "schema", "tenderfoot/annotation/1", "bench",
                             "reference", "device", p->reference);
    if (note && isfinite(p->reference_accuracy_percent))
        json_object_set_new(note, "accuracy_percent", json_real(p->reference_accuracy_percent));
    return give(op, note);
}

static const char *give_hold(struct bench_operator *op, double value)
{
    const struct task *task = &op->tasks[op->at];
    json_t *note = json_copy(task->note);
    if (note && task->value)
        json_object_set_new(note, task->value, json_real(value));
    return give(op, note);
}

static const char *give_end_of_hold(struct bench_operator *op)
{
    const struct task *task = &op->tasks[op->at];
    json_t *note = json_pack("{s:s, s:s}", "schema", "tenderfoot/annotation/1", "bench", "end");
    if (note && !task->is_bare_after)
        json_object_set_new(note, "loaded", json_true());
    if (task->is_bare_after && op->o.stage != BENCH_EMPTY)
        tell(op, "      Done. Take it off.");
    op->at++;
    op->state = op->at < op->n_tasks ? TO_ASK : DONE;
    return give(op, note);
}

static const char *give_last_word(struct bench_operator *op)
{
    if (op->has_said_end)
        return NULL;
    op->has_said_end = 1;
    json_t *note = json_pack("{s:s, s:s}", "schema", "tenderfoot/annotation/1", "step", "end");
    if (note && op->state == GIVEN_UP)
        json_object_set_new(note, "unfinished", json_true());
    return give(op, note);
}

/* --- Time ------------------------------------------------------------------------------------ */

void bench_operator_see(struct bench_operator *op, double elapsed_s, double force_n)
{
    if (op->state != HOLDING || !isfinite(force_n))
        return;
    double share = (elapsed_s - op->hold_from_s) / (op->hold_until_s - op->hold_from_s);
    int third = share < 1 / 3.0 ? 0 : share < 2 / 3.0 ? 1 : 2;
    op->third_sum[third] += force_n;
    op->third_n[third]++;
}

/* A creep hold may creep. */
static int is_restless(const struct bench_operator *op, double *percent)
{
    *percent = 0;
    if (op->o.stage == BENCH_CREEP || !op->third_n[1] || !op->third_n[2])
        return 0;
    double middle = op->third_sum[1] / op->third_n[1], last = op->third_sum[2] / op->third_n[2];
    *percent = middle > 0 ? 100 * (last - middle) / middle : 0;
    return fabs(last - middle) > STILL_N && fabs(last - middle) > RESTLESS_PERCENT / 100 * middle;
}

/* The time is over: it counts, or it is held on for as long again, or asked for again. */
static void judge_hold(struct bench_operator *op, double elapsed_s)
{
    double percent;
    if (!is_restless(op, &percent)) {
        op->state = ENDING;
        return;
    }
    if (op->patience-- > 0) {
        tell(op, "      It still moves (%+.1f %%): held on.", percent);
        begin_hold(op, elapsed_s);
        return;
    }
    tell(op,
         "      It does not settle (%+.1f %%). Is there a leak, or does something rub? Put it "
         "right; this hold is done again.",
         percent);
    op->state = TO_ASK;
}

static const char *hear(struct bench_operator *op, double elapsed_s)
{
    double value;
    int got = read_line(op);
    if (got < 0)
        tell(op, "There is no keyboard (any more): the stage is left unfinished.");
    if (got < 0 || (got > 0 && op->line[0] == 'q')) {
        op->state = GIVEN_UP;
        return give_last_word(op);
    }
    if (!got || !take_value(op, &value))
        return NULL;
    begin_hold(op, elapsed_s);
    return give_hold(op, value);
}

const char *bench_operator_says(void *context, double elapsed_s)
{
    struct bench_operator *op = context;
    if (!op->has_said_reference && op->o.procedure->reference[0])
        return give_reference(op);
    if (op->state == TO_ASK)
        ask(op);
    if (op->state == HOLDING && elapsed_s >= op->hold_until_s)
        judge_hold(op, elapsed_s);
    switch (op->state) {
    case WAITING:
        return hear(op, elapsed_s);
    case ENDING:
        return give_end_of_hold(op);
    case DONE:
    case GIVEN_UP:
        return give_last_word(op);
    default:
        return NULL;
    }
}
