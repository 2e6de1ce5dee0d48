/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof on a cohort: virtual people with known truth, drawn from a seed, through the station's
 * own chain, scored into a table beside the aims.
 *
 *   cohort [--without N] [--with N] [--seed S] [--jobs J] [--out DIR] [--worst N] [--spreads N]
 *          [--whole N] [--feet-only] [--press-only] [--bounds] [--autopsy] [--trait NAME]
 *          [--aim X] [--noise X] [--presses N]
 *
 * --press-every N presses each N-th person only. Under the wider spreads every sixth person is
 * pressed; --whole N of them are whole recordings;
 * --bounds fails (1) also when a measure leaves what so few people can bear (cohort_bounds.h).
 *
 * --autopsy tells of each planted zone that was missed why, and of each zone that was told without
 * a press near it (autopsy.txt). --trait NAME scores only people with such a foot ("amputated";
 * of those drawn, who stay the same; whole recordings are not chosen by it).
 *
 * --aim X, --noise X: times the errors of aim in the cup, times the scatter from press to press;
 * --presses N: of a full session. What would be reached if, for upper bounds.
 *
 * People are shared out to processes; each person's score depends on the seed and their number
 * alone, so that the table is the same on any number of cores. Exit code 0: the hard aims hold;
 * 1: one does not; 2: could not run. */
#include "analysis/atlas/atlas.h"
#include "tests/cohort/cohort_bounds.h"
#include "tests/cohort/cohort_feet.h"
#include "tests/cohort/cohort_moving.h"
#include "tests/cohort/cohort_press.h"
#include "tests/cohort/cohort_whole.h"
#include "tests/cohort/feet_rows.h"
#include "tests/cohort/press_autopsy.h"
#include "tests/cohort/press_rows.h"
#include "tests/cohort/worst.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct wishes {
    int without, with, jobs, worst, spreads, whole, press_every;
    int feet_only, press_only, bounds, autopsy;
    struct press_what_if what_if;
    unsigned traits; /* only people with a foot of these; 0 = all */
    uint64_t seed;
    const char *out;
};

#define WIDER_EVERY 6
#define PRESSES_MOST 140 /* SESSION_PRESSES_MAX less taps and catch trials */
static const double side_sd[SPREADS] = {0.05, 0.10, 0.15};

struct person_score {
    struct feet_score feet;
    struct moving_score moving;
    struct press_score press[SPREADS];
    struct whole_score whole;
};

/* Shared by all processes. */
struct hall {
    atomic_int next, failed;
    struct person_score people[];
};

static struct cohort_setting setting_of(const struct wishes *wishes, int spread)
{
    return (struct cohort_setting){.seed = wishes->seed, .side_sd = side_sd[spread]};
}

static int is_wanted(const struct wishes *wishes, const struct cohort_person *person)
{
    return !wishes->traits || (person->traits[0] | person->traits[1]) & wishes->traits;
}

/* Who is pressed is drawn apart from who stands: a grown-up with two feet on the plate. */
static int press_person(const struct wishes *wishes, const struct atlas *atlas,
                        struct cohort_person *person, int index, struct person_score *score,
                        struct problem *why)
{
    for (int k = 0; k < wishes->spreads && (k == 0 || index % WIDER_EVERY == 0) &&
                    index % wishes->press_every == 0;
         k++) {
        struct cohort_setting setting = setting_of(wishes, k);
        if (cohort_person_draw(person, &setting, index, index >= wishes->without, 1, why))
            return -1;
        press_what_if_apply(&wishes->what_if, person);
        if (is_wanted(wishes, person) && cohort_press(person, atlas, wishes->seed, k == 0,
                                                      &wishes->what_if, &score->press[k], why))
            return -1;
    }
    return 0;
}

/* Spread evenly over all people. */
static int is_whole(const struct wishes *wishes, int index)
{
    int people = wishes->without + wishes->with;
    return index * wishes->whole / people != (index + 1) * wishes->whole / people;
}

static int score_person(const struct wishes *wishes, const struct atlas *atlas, int index,
                        struct person_score *score, struct problem *why)
{
    struct cohort_setting setting = setting_of(wishes, 0);
    struct cohort_person *person = malloc(sizeof *person);
    int result = 0;
    if (!person)
        return problem_no_memory(why, "a person");
    if (!wishes->press_only) {
        result = cohort_person_draw(person, &setting, index, index >= wishes->without, 0, why);
        if (!result && is_wanted(wishes, person))
            result = cohort_feet(person, atlas, wishes->seed, &score->feet, why);
        if (!result && !wishes->traits)
            result = cohort_moving(person, wishes->seed, &score->moving, why);
    }
    if (!result && !wishes->feet_only)
        result = press_person(wishes, atlas, person, index, score, why);
    if (!result && is_whole(wishes, index)) {
        result = cohort_person_draw(person, &setting, index, index >= wishes->without, 1, why) ||
                         cohort_whole(person, wishes->seed, wishes->out, &score->whole, why)
                     ? -1
                     : 0;
    }
    free(person);
    return result;
}

/* One process: takes the next person until there is none. */
static int work(const struct wishes *wishes, struct hall *hall)
{
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);
    int people = wishes->without + wishes->with, result = atlas ? 0 : -1;
    for (int i; !result && (i = atomic_fetch_add(&hall->next, 1)) < people;)
        result = score_person(wishes, atlas, i, &hall->people[i], &why);
    if (result)
        fprintf(stderr, "cohort: %s\n", why.text);
    atlas_free(atlas);
    return result;
}

static int work_all(const struct wishes *wishes, struct hall *hall)
{
    int failed = 0;
    for (int i = 0; i < wishes->jobs; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(work(wishes, hall) ? 1 : 0);
        failed |= child < 0;
    }
    for (int status; wait(&status) > 0;)
        failed |= status != 0;
    return failed ? -1 : 0;
}

/* --- Results -------------------------------------------------------------------------------- */

static double trouble_of(const struct person_score *score)
{
    return fmax(score->feet.foot[0].trouble, score->feet.foot[1].trouble);
}

static void tell_foot(const struct foot_score *foot)
{
    if (!foot->present)
        return;
    printf("    %s", cohort_pose_name(foot->pose));
    for (int bit = 0; bit < COHORT_TRAITS; bit++)
        if (foot->traits >> bit & 1u)
            printf(", %s", cohort_trait_name(bit));
    printf(": %s, confidence %.2f, axis off by %.1f deg, length by %.1f mm\n",
           !foot->found  ? "NOT FOUND"
           : foot->right ? "side right"
                         : "SIDE NOT RIGHT",
           foot->side_confidence, foot->axis_error_deg, foot->length_error_mm);
}

static int tell_worst(const struct wishes *wishes, const struct hall *hall, struct problem *why)
{
    struct cohort_setting setting = setting_of(wishes, 0);
    struct cohort_person *person = malloc(sizeof *person);
    int people = wishes->without + wishes->with, result = person ? 0 : -1;
    char *told = calloc((size_t)people + 1, 1);
    for (int k = 0; k < wishes->worst && k < people && person && told && !result; k++) {
        int worst = -1;
        char path[4096];
        for (int i = 0; i < people; i++)
            if (!told[i] &&
                (worst < 0 || trouble_of(&hall->people[i]) > trouble_of(&hall->people[worst])))
                worst = i;
        told[worst] = 1;
        snprintf(path, sizeof path, "%s/worst_%02d_person_%d.png", wishes->out, k + 1, worst);
        printf("%s: %d of %d feet found\n", path, hall->people[worst].feet.n_found,
               hall->people[worst].feet.n_true);
        tell_foot(&hall->people[worst].feet.foot[0]);
        tell_foot(&hall->people[worst].feet.foot[1]);
        result = cohort_person_draw(person, &setting, worst, worst >= wishes->without, 0, why) ||
                         worst_draw(person, wishes->seed, path, why)
                     ? -1
                     : 0;
    }
    free(person);
    free(told);
    return result;
}

static int tell_feet(const struct wishes *wishes, const struct hall *hall, struct table *table,
                     struct problem *why)
{
    int people = wishes->without + wishes->with;
    struct feet_score *feet = calloc((size_t)people + 1, sizeof *feet);
    if (!feet)
        return problem_no_memory(why, "the table");
    for (int i = 0; i < people; i++)
        feet[i] = hall->people[i].feet;
    feet_rows(table, feet, people, wishes->seed);
    free(feet);
    return 0;
}

static int tell_moving(const struct wishes *wishes, const struct hall *hall, struct table *table,
                       struct problem *why)
{
    int people = wishes->without + wishes->with;
    struct moving_score *moving = calloc((size_t)people + 1, sizeof *moving);
    if (!moving)
        return problem_no_memory(why, "the table");
    for (int i = 0; i < people; i++)
        moving[i] = hall->people[i].moving;
    moving_rows(table, moving, people, wishes->seed);
    free(moving);
    return 0;
}

static int draw_roc(const struct wishes *wishes, const struct press_score *const people[SPREADS],
                    const int n[SPREADS], struct problem *why)
{
    static const char *const kinds[] = {"svg", "png"};
    for (int k = 0; k < 2; k++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/roc.%s", wishes->out, kinds[k]);
        if (press_roc_draw(people, n, side_sd, path))
            return problem(why, PROBLEM_FAILED, "%s: no picture could be written", path);
    }
    return 0;
}

static int cut_open(const struct wishes *wishes, const struct press_score *people, int n,
                    struct problem *why)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/autopsy.txt", wishes->out);
    FILE *file = fopen(path, "w");
    if (!file)
        return problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    press_autopsy(people, n, file);
    return fclose(file) ? problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno)) : 0;
}

static int tell_presses(const struct wishes *wishes, const struct hall *hall, struct table *table,
                        struct problem *why)
{
    int people = wishes->without + wishes->with, result = -1;
    struct press_score *scores[SPREADS] = {0};
    int n[SPREADS] = {0};
    for (int k = 0; k < SPREADS; k++) {
        scores[k] = calloc((size_t)people + 1, sizeof *scores[k]);
        if (!scores[k]) {
            problem_no_memory(why, "the table");
            goto out;
        }
        for (int i = 0; i < people; i++)
            if (hall->people[i].press[k].done)
                scores[k][n[k]++] = hall->people[i].press[k];
        if (k < wishes->spreads)
            press_rows(table, scores[k], n[k], side_sd[k], k == 0, wishes->seed);
    }
    const struct press_score *drawn[SPREADS] = {scores[0], scores[1], scores[2]};
    result = draw_roc(wishes, drawn, n, why);
    if (!result && wishes->autopsy)
        result = cut_open(wishes, scores[0], n[0], why);
out:
    for (int k = 0; k < SPREADS; k++)
        free(scores[k]);
    return result;
}

static int tell_whole(const struct wishes *wishes, const struct hall *hall, struct table *table,
                      struct problem *why)
{
    int people = wishes->without + wishes->with;
    struct whole_score *whole = calloc((size_t)people + 1, sizeof *whole);
    if (!whole)
        return problem_no_memory(why, "the table");
    for (int i = 0; i < people; i++)
        whole[i] = hall->people[i].whole;
    whole_rows(table, whole, people, wishes->seed);
    free(whole);
    return 0;
}

/* A part that was not asked for is not judged. With --trait only the zones that no press was near
 * are: among forty usual people there is hardly a foot that has one. */
static int out_of_bounds(const struct wishes *wishes, const struct table *table)
{
    unsigned parts = (wishes->press_only ? 0u : OF_FEET) | (wishes->feet_only ? 0u : OF_PRESS) |
                     (wishes->whole ? OF_WHOLE : 0u);
    return bounds_crossed(table, wishes->traits ? OF_TRAIT : parts, stderr) > 0;
}

static int tell(const struct wishes *wishes, const struct hall *hall, struct problem *why)
{
    int result = -1;
    struct table *table = table_begin();
    char path[4096];
    if (!table) {
        problem_no_memory(why, "the table");
        return -1;
    }
    if ((!wishes->press_only && tell_feet(wishes, hall, table, why)) ||
        (!wishes->press_only && !wishes->traits && tell_moving(wishes, hall, table, why)) ||
        (!wishes->feet_only && tell_presses(wishes, hall, table, why)) ||
        tell_whole(wishes, hall, table, why))
        goto out;
    table_print(table, stdout);
    snprintf(path, sizeof path, "%s/table.json", wishes->out);
    if (table_write_json(table, path, wishes->seed, wishes->without, wishes->with)) {
        problem(why, PROBLEM_FAILED, "%s: could not be written", path);
        goto out;
    }
    result = table_failed(table) || (wishes->bounds && out_of_bounds(wishes, table));
out:
    table_free(table);
    return result;
}

/* --- Command line --------------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr, "cohort [--without N] [--with N] [--seed S] [--jobs J] [--out DIR] [--worst N] "
                    "[--spreads N] [--whole N] [--press-every N] [--feet-only] [--press-only] "
                    "[--bounds] [--autopsy] [--trait NAME] [--aim X] [--noise X] [--presses N]\n");
    return -1;
}

static unsigned trait_of(const char *name)
{
    for (int bit = 0; bit < COHORT_TRAITS; bit++)
        if (!strcmp(cohort_trait_name(bit), name))
            return 1u << bit;
    return 0;
}

static int read_wishes(struct wishes *wishes, int argc, char **argv)
{
    static const struct option options[] = {
        {"without", 1, NULL, 'n'},   {"with", 1, NULL, 'p'},       {"seed", 1, NULL, 's'},
        {"jobs", 1, NULL, 'j'},      {"out", 1, NULL, 'o'},        {"worst", 1, NULL, 'w'},
        {"feet-only", 0, NULL, 'f'}, {"press-only", 0, NULL, 'r'}, {"spreads", 1, NULL, 'k'},
        {"whole", 1, NULL, 'm'},     {"bounds", 0, NULL, 'b'},     {"press-every", 1, NULL, 'e'},
        {"autopsy", 0, NULL, 'a'},   {"trait", 1, NULL, 't'},      {"aim", 1, NULL, 'A'},
        {"noise", 1, NULL, 'N'},     {"presses", 1, NULL, 'P'},    {NULL, 0, NULL, 0}};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *wishes = (struct wishes){.without = 400,
                              .with = 300,
                              .jobs = cores > 0 ? (int)cores : 1,
                              .spreads = SPREADS,
                              .whole = 10,
                              .press_every = 1,
                              .what_if = {1, 1, 0},
                              .seed = 5,
                              .out = "build/cohort"};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
        switch (c) {
        case 'n':
            wishes->without = atoi(optarg);
            break;
        case 'p':
            wishes->with = atoi(optarg);
            break;
        case 's':
            wishes->seed = strtoull(optarg, NULL, 10);
            break;
        case 'j':
            wishes->jobs = atoi(optarg);
            break;
        case 'o':
            wishes->out = optarg;
            break;
        case 'w':
            wishes->worst = atoi(optarg);
            break;
        case 'f':
            wishes->feet_only = 1;
            break;
        case 'r':
            wishes->press_only = 1;
            break;
        case 'm':
            wishes->whole = atoi(optarg);
            break;
        case 'e':
            wishes->press_every = atoi(optarg);
            break;
        case 'b':
            wishes->bounds = 1;
            break;
        case 'a':
            wishes->autopsy = 1;
            break;
        case 'A':
            wishes->what_if.aim_times = strtod(optarg, NULL);
            break;
        case 'N':
            wishes->what_if.noise_times = strtod(optarg, NULL);
            break;
        case 'P':
            wishes->what_if.presses_max = atoi(optarg);
            break;
        case 't':
            wishes->traits = trait_of(optarg);
            if (!wishes->traits)
                return usage();
            break;
        case 'k':
            wishes->spreads = atoi(optarg);
            break;
        default:
            return usage();
        }
    }
    int ok = optind == argc && wishes->without >= 0 && wishes->with >= 0 && wishes->jobs > 0 &&
             wishes->jobs <= 256 && wishes->spreads >= 1 && wishes->spreads <= SPREADS &&
             wishes->what_if.aim_times >= 0 && wishes->what_if.noise_times > 0 &&
             wishes->what_if.presses_max >= 0 && wishes->what_if.presses_max <= PRESSES_MOST &&
             wishes->whole >= 0 && wishes->press_every >= 1 &&
             !(wishes->feet_only && wishes->press_only) && wishes->without + wishes->with <= 100000;
    return ok ? 0 : usage();
}

int main(int argc, char **argv)
{
    struct wishes wishes;
    struct problem why = {0};
    struct timespec from, to;
    if (read_wishes(&wishes, argc, argv))
        return 2;
    if (mkdir(wishes.out, 0777) && errno != EEXIST) {
        fprintf(stderr, "cohort: %s: %s\n", wishes.out, strerror(errno));
        return 2;
    }
    int people = wishes.without + wishes.with;
    size_t size = sizeof(struct hall) + (size_t)people * sizeof(struct person_score);
    struct hall *hall = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (hall == MAP_FAILED) {
        fprintf(stderr, "cohort: no memory for %d people\n", people);
        return 2;
    }
    printf("Cohort of seed %llu: %d people without a planted zone, %d with.\n",
           (unsigned long long)wishes.seed, wishes.without, wishes.with);
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &from);
    int result = work_all(&wishes, hall) ? -1 : tell(&wishes, hall, &why);
    if (result >= 0 && wishes.worst > 0 && tell_worst(&wishes, hall, &why))
        result = -1;
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (result < 0 && why.text[0])
        fprintf(stderr, "cohort: %s\n", why.text);
    else if (result >= 0)
        fprintf(stderr, "\n%d people in %.0f s, %d processes\n", people,
                (double)(to.tv_sec - from.tv_sec), wishes.jobs);
    munmap(hall, size);
    return result < 0 ? 2 : result;
}
