/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot compare BEFORE AFTER: what changed in one person's stand, and whether that is larger
 * than the measuring error. */
#include "analysis/change/load_change_json.h"
#include "analysis/report/change_picture.h"
#include "driver/cli/analysis_words.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/verbs.h"
#include "driver/compare_recordings.h"

#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPT_JSON = 256, OPT_THRESHOLD, OPT_REPEAT, OPT_PIPELINE, OPT_PICTURE, OPT_PUBLISHED };

struct arguments {
    struct store_options store;
    struct compare_options compare;
    const char *repeats[COMPARE_REPEATS_MOST], *picture, *published;
    enum report_format format;
    int json;
};

static const struct argp_option options[] = {
    {"repeat", OPT_REPEAT, "REC", 0,
     "another recording in the state before; may be given again: how much repeats differ is then "
     "the measuring error",
     0},
    {"threshold", OPT_THRESHOLD, "KPA", 0, "contact threshold of all, 5 kPa unless told", 0},
    {"pipeline", OPT_PIPELINE, "NAME", 0, "of sway: raw, lp5, lp10 (default) or quijoux25", 0},
    {"picture", OPT_PICTURE, "FILE", 0,
     "the difference map of both soles and what changed, as one page: .svg, .png or .pdf", 0},
    {"published-errors", OPT_PUBLISHED, "FILE", 0,
     "other published measuring errors than the built-in ones (tenderfoot-compare(5))", 0},
    {"json", OPT_JSON, NULL, 0, "one JSON document (tenderfoot-compare(5))", 0},
    {0},
};

static void add_file(struct argp_state *state, struct arguments *a, const char *file)
{
    if (!a->compare.before)
        a->compare.before = file;
    else if (!a->compare.after)
        a->compare.after = file;
    else
        argp_error(state, "two recordings are compared: '%s' is too many", file);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    struct problem why;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->store;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_PICTURE:
        a->picture = value;
        if (report_format_of(value, &a->format, &why))
            argp_error(state, "%s", why.text);
        if (a->format == REPORT_HTML)
            argp_error(state, "--picture %s: .svg, .png or .pdf is meant", value);
        return 0;
    case OPT_PUBLISHED:
        a->published = value;
        return 0;
    case OPT_THRESHOLD:
        a->compare.threshold_kpa = parse_kpa("threshold", value, 0, state);
        return 0;
    case OPT_REPEAT:
        if (a->compare.n_repeats == COMPARE_REPEATS_MOST)
            argp_error(state, "at most %d repeats", COMPARE_REPEATS_MOST);
        a->repeats[a->compare.n_repeats++] = value;
        return 0;
    case OPT_PIPELINE:
        if (sway_pipeline_find(value, &a->compare.sway.pipeline, &why))
            argp_error(state, "%s", why.text);
        return 0;
    case ARGP_KEY_ARG:
        add_file(state, a, value);
        return 0;
    case ARGP_KEY_END:
        if (!a->compare.after)
            argp_error(state, "which recordings? BEFORE and AFTER (.tfr files)");
        if (!strcmp(a->compare.before, a->compare.after)) /* a session's id, too */
            argp_error(state, "%s is named twice: compared with itself, nothing has changed",
                       a->compare.after);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&cli_store_argp, 0, "Where sessions lie:", 8}, {0}};

static const struct argp argp = {
    options,
    parse,
    "BEFORE AFTER",
    "Compares two recordings of one person on one plate: contact area, share of the load, peak "
    "pressure, arch index, centre of pressure in the foot, sway; tender zones gained, lost, "
    "unchanged or not comparable; and where on the soles the pressure rose or fell. BEFORE, AFTER "
    "and repeats are files, or sessions of the store by their ids.\v"
    "A change is larger than the measuring error when it is more than t sqrt(2) standard errors of "
    "one measurement: t is 1.96, or with --repeat Student's for so many recordings (4.3 for three)."
    " Beside some numbers stands an error that others have published, with its source."
    "\n\nExit: 0 done; 1 failed; 2 wrong usage; 3 a recording is refused, or the two cannot be "
    "compared.",
    children,
    NULL,
    NULL};

static void print_line(void *to, const char *text)
{
    fprintf(to, "%s\n", text);
}

/* --- Printing ----------------------------------------------------------------------------------
 */

static void print_tender(const struct tender_change *tender)
{
    char text[400];
    if (!tender->was_pressed[0] && !tender->was_pressed[1])
        return;
    printf("\nTender zones: %d gained, %d lost, %d unchanged, %d not comparable.\n", tender->gained,
           tender->lost, tender->unchanged, tender->not_comparable);
    if (tender->reason[0])
        printf("They are not comparable: %s.\n", tender->reason);
    for (int i = 0; i < tender->n; i++) {
        tender_sentence(&tender->of[i], text);
        puts(text);
    }
}

static void print_published(const json_t *document)
{
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(document, "published"), i, entry)
    {
        printf("%s%s\n", i ? "" : "\n", json_string_value(json_object_get(entry, "sentence")));
    }
}

static int print_text(const struct arguments *a, const struct comparison *c, const json_t *document,
                      struct problem *why)
{
    const struct load_change *change = &c->load;
    printf("Before: %s, after: %s; contact at %g kPa or more\n\n", a->compare.before,
           a->compare.after, change->threshold_kpa);
    for (int k = 0; k < change->n_warnings; k++)
        printf("Warning: %s\n%s", change->warnings[k], k + 1 < change->n_warnings ? "" : "\n");
    load_change_sentences(change, print_line, stdout);
    if (change->repeats && change->compared) /* without repeats chance is larger than that */
        printf(
            "\nOf %d numbers compared, about one in twenty is beyond by chance alone when nothing "
            "changed.\n",
            change->compared);
    if (change->plate_error_is_unknown && !change->repeats)
        puts("\nTo learn whether a change is beyond the measuring error, name recordings of the "
             "state "
             "before by --repeat, or calibrate the plate ('tenderfoot calibrate') and put that "
             "calibration into copies ('tenderfoot recalibrate').");
    print_tender(&c->tender);
    print_published(document);
    cli_print_disclaimer(stdout);
    return cli_flush_stdout(why);
}

static int print(const struct arguments *a, const struct comparison *c, struct problem *why)
{
    json_t *document = comparison_json(c, a->published, why);
    if (!document)
        return -1;
    if (a->json)
        return cli_print_json(document, why);
    int bad = print_text(a, c, document, why);
    json_decref(document);
    return bad;
}

static int draw(const struct arguments *a, const struct comparison *c, struct problem *why)
{
    struct text page = {0};
    struct cli_output out;
    if (change_picture_render(c, a->format, &page, NULL, why))
        return -1;
    int bad = cli_output_begin(&out, a->picture, why);
    if (!bad) {
        fwrite(text_string(&page), 1, page.n, out.stream); /* errors stay in it */
        bad = cli_output_finish(&out, why);
    }
    text_free(&page);
    return bad;
}

/* --- Which recordings ----------------------------------------------------------------------------
 */

/* "s" and four to sixteen letters and digits, and no file of that name. */
static int is_session(const char *word)
{
    size_t n = strspn(word, "0123456789abcdefghjkmnpqrstvwxyz");
    return word[0] == 's' && !word[n] && n >= 5 && n < STORE_ID_SIZE && access(word, F_OK);
}

/* A session's recording instead of its id; `owned` is to be freed. */
static int find_file(struct arguments *a, struct store **store, const char **word, char **owned,
                     struct problem *why)
{
    if (!is_session(*word))
        return 0;
    a->store.must_exist = 1;
    if (!*store && !(*store = store_open(&a->store, why)))
        return -1;
    *owned = store_recording_path(*store, *word, why);
    if (*owned)
        *word = *owned;
    return *owned ? 0 : -1;
}

static int compare(struct arguments *a, struct problem *why)
{
    struct compare_options how = a->compare;
    const char *repeats[COMPARE_REPEATS_MOST];
    char *owned[COMPARE_REPEATS_MOST + 2] = {0};
    struct store *store = NULL;
    memcpy(repeats, a->repeats, sizeof repeats);
    how.repeats = repeats;
    int bad = find_file(a, &store, &how.before, &owned[0], why) ||
              find_file(a, &store, &how.after, &owned[1], why);
    for (size_t i = 0; !bad && i < how.n_repeats; i++)
        bad = find_file(a, &store, &repeats[i], &owned[i + 2], why);
    store_close(store);
    struct compared *compared = bad ? NULL : compare_recordings(&how, why);
    bad = !compared || (a->picture && draw(a, &compared->comparison, why)) ||
          print(a, &compared->comparison, why);
    compared_free(compared);
    for (size_t i = 0; i < how.n_repeats + 2; i++)
        store_recording_close(owned[i]);
    return bad;
}

int verb_compare(int argc, char **argv)
{
    struct arguments a = {.compare = {.threshold_kpa = NAN, .sway = sway_defaults()}};
    struct problem why = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return compare(&a, &why) ? cli_fail(argv[0], &why) : 0;
}
