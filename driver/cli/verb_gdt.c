/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot gdt --watch DIR: answers what a practice system asks for by files. */
#include "driver/cli/cli.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/verbs.h"
#include "driver/gdt_desk.h"

#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_WATCH = 256, OPT_OURS, OPT_MODE, OPT_LATEST, OPT_ONCE };
enum { LOOK_AGAIN_MS = 1000 };

struct arguments {
    struct store_options store;
    struct gdt_desk_options desk;
    int once;
};

static const struct argp_option options[] = {
    {"watch", OPT_WATCH, "DIR", 0, "the exchange folder of the practice system", 1},
    {"short-name", OPT_OURS, "ABCD", 0,
     "our four letters in the names of its files (TEFO): requests are ABCDxxxx.GDT, answers "
     "xxxxABCD.GDT",
     1},
    {"latest", OPT_LATEST, 0, 0,
     "answer at once by the person's newest session; else wait for the next one", 1},
    {"answer-mode", OPT_MODE, "MODE", 0,
     "mode of an answer's file, octal (0600): 0660 for a practice system of the same group", 1},
    {"once", OPT_ONCE, 0, 0, "look once and end", 1},
    {0},
};

static const char doc[] =
    "Answers a practice system in its exchange folder, by GDT 2.1 (exchange by files). A request, "
    "record 6302, selects the person, \"Family, Given (number)\" in the store, who is added when "
    "there is none; the answer, record 6310, is written when a session of that person comes into "
    "the store: recorded by the page, by record --person or press --person, or by sessions add.\v"
    "Runs until Ctrl-C. What waits is kept over a restart. A file that is no request is renamed "
    "to NAME.refused, and the reason is printed and written to NAME.refused.txt. Lines printed "
    "hold the store's own ids, no "
    "name and no number of the practice's: they may end in a journal. A number is to be unique in "
    "the store; a request whose year of birth or sex is not that of "
    "the number's owner is refused. What fails for now is told, kept and tried again.\n"
    "Erasing a person does not reach what was kept of requests, NAME.refused and "
    ".tenderfoot-pending/NAME.failed: delete these by hand.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 refused: no store, or one of a newer program.";

static mode_t mode_of(const char *text, struct argp_state *state)
{
    char *end;
    long mode = strtol(text, &end, 8);
    if (*end || end == text || mode < 0600 || mode > 0666 || (mode & 0111))
        argp_error(state, "--answer-mode %s: 0600 to 0666 is meant", text);
    return (mode_t)mode;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->store;
        return 0;
    case OPT_WATCH:
        a->desk.folder = arg;
        return 0;
    case OPT_OURS:
        a->desk.ours = arg;
        return 0;
    case OPT_MODE:
        a->desk.answer_mode = mode_of(arg, state);
        return 0;
    case OPT_LATEST:
        a->desk.latest = 1;
        return 0;
    case OPT_ONCE:
        a->once = 1;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one word too many", arg);
        return 0;
    case ARGP_KEY_END:
        if (!a->desk.folder)
            argp_error(state, "--watch DIR is missing: the exchange folder");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void say(void *to, const char *sentence)
{
    (void)to;
    cli_print_safe(sentence);
    putchar('\n');
    fflush(stdout);
}

/* A look for each news of the folder, and each second: shares of other machines tell nothing, and
 * sessions come into the store from elsewhere. */
static int keep_looking(struct gdt_desk *desk, int stop, struct problem *why)
{
    struct pollfd fds[] = {{.fd = stop, .events = POLLIN},
                           {.fd = gdt_desk_fd(desk), .events = POLLIN}};
    do {
        if (gdt_desk_look(desk, say, NULL, why) < 0)
            return -1;
        if (poll(fds, 2, LOOK_AGAIN_MS) < 0 && errno != EINTR)
            return problem(why, PROBLEM_FAILED, "waiting for files failed: %s", strerror(errno));
    } while (!fds[0].revents);
    return 0;
}

static int run(const struct arguments *a, struct problem *why)
{
    int stop = a->once ? -1 : cli_stop_fd(why);
    if (stop < 0 && !a->once)
        return -1;
    struct store *store = store_open(&a->store, why);
    struct gdt_desk *desk = store ? gdt_desk_open(&a->desk, store, why) : NULL;
    int bad = !desk ||
              (a->once ? gdt_desk_look(desk, say, NULL, why) < 0 : keep_looking(desk, stop, why));
    gdt_desk_close(desk);
    store_close(store);
    if (stop >= 0)
        close(stop);
    return bad ? -1 : 0;
}

int verb_gdt(int argc, char **argv)
{
    struct arguments a = {.desk = {.ours = "TEFO", .answer_mode = 0600}};
    struct problem why = {0};
    static const struct argp_child children[] = {{&cli_store_argp, 0, "Where:", 8}, {0}};
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = doc, .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run(&a, &why) ? cli_fail(argv[0], &why) : 0;
}
