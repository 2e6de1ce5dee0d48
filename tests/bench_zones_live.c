/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feet, zones and the press test live, 500 frames/s of 96 x 96 cells: somebody stands, shifts one
 * foot by 12 mm after five seconds, and a stud is pressed meanwhile. For each frame a running mean
 * picture, the load of every zone of both feet, and the press engine with its cue; the running mean
 * is given to the station's own live feet (driver/daemon/live_feet.h) five times a second, which
 * look for the feet when they have moved and tell them to the page; flags are judged anew after
 * each press. CPU time; rows: name, value, unit. */
#include "analysis/atlas/atlas.h"
#include "driver/daemon/live_feet.h"
#include "samples/press_people.h"
#include "tests/support/bench_pass.h"
#include "tests/support/bench_presser.h"
#include "tests/support/bench_stand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = BENCH_CELLS, FRAMES = 5000, RUNS = 3, LOOK_EVERY = 100, ZONES_MAX = 120 };

#define RATE_HZ 500.0
#define THRESHOLD_KPA 5.0
#define MEAN_S 0.2    /* time constant of the running mean */
#define SHIFT_MM 12.0 /* of one foot */
#define PRESS_S 20.0  /* the quickest that one press follows another */

struct zone_cell {
    uint32_t index;
    float share; /* of the cell's area in the zone */
};

/* A zone's cells on its foot, as a part of `cells`, and what it bears now. */
struct live_zone {
    size_t from, to;
    float mean_kpa, peak_kpa, contact_cells;
};

struct live {
    const struct atlas *atlas;
    struct live_feet *feet;
    float mean[CELLS], share[CELLS];
    uint8_t side[CELLS]; /* enum side of each cell's foot */
    uint64_t version;
    struct zone_cell *cells;
    size_t n_cells, room;
    struct live_zone zones[2 * ZONES_MAX];
    int n_zones, n_feet, looks;
    int pictures;             /* given to the live feet */
    double look_s, picture_s; /* CPU time of all looks; of pictures in which nobody had moved */
};

_Noreturn static void die(const char *what)
{
    bench_die("bench_zones_live", what);
}

static void add_cell(struct live *live, uint32_t index, float share)
{
    if (live->n_cells == live->room) {
        size_t room = live->room ? 2 * live->room : 4096;
        struct zone_cell *grown = realloc(live->cells, room * sizeof *grown);

        if (!grown)
            die("no memory");
        live->cells = grown;
        live->room = room;
    }
    live->cells[live->n_cells++] = (struct zone_cell){index, share};
}

static void lay_zones(struct live *live, const struct foot_frame *frame,
                      const struct landmarks *landmarks)
{
    const uint8_t *side = live->side;

    for (int z = 0; z < atlas_count(live->atlas) && live->n_zones < 2 * ZONES_MAX; z++) {
        struct live_zone *zone = &live->zones[live->n_zones];

        if (!atlas_zone(live->atlas, z)->is_plantar)
            continue;
        atlas_cell_shares(atlas_zone(live->atlas, z), frame, landmarks, &bench_plate, live->share);
        *zone = (struct live_zone){.from = live->n_cells};
        for (uint32_t i = 0; i < CELLS; i++)
            if (live->share[i] > 0 && (side[i] == SIDE_UNKNOWN || side[i] == frame->side))
                add_cell(live, i, live->share[i]);
        zone->to = live->n_cells;
        live->n_zones++;
    }
}

/* Both feet on the running mean as the station looks at it; when they were looked for anew, the
 * cells of all zones too. */
static void look(struct live *live)
{
    struct live_foot seen[2];
    double start = bench_cpu_s();
    int is_new = live_feet_look(live->feet, &bench_plate, live->mean, 0);

    if (is_new < 0)
        die("no memory");
    live->pictures++;
    if (is_new) {
        live->n_feet = live_feet_seen(live->feet, seen);
        live_feet_sides(live->feet, CELLS, live->side, &live->version);
        live->n_cells = 0;
        live->n_zones = 0;
        for (int i = 0; i < live->n_feet; i++)
            lay_zones(live, &seen[i].frame, &seen[i].landmarks);
        live->looks++;
    }
    *(is_new ? &live->look_s : &live->picture_s) += bench_cpu_s() - start;
}

static void run_mean(struct live *live, const float *kpa, int is_first)
{
    float weight = is_first ? 1 : (float)(1 / (MEAN_S * RATE_HZ));

    for (size_t i = 0; i < CELLS; i++)
        live->mean[i] += weight * (kpa[i] - live->mean[i]);
}

/* Definitions of analysis/atlas/zones.h, of one frame. */
static void load_zones(struct live *live, const float *kpa)
{
    for (int z = 0; z < live->n_zones; z++) {
        struct live_zone *zone = &live->zones[z];
        float force = 0, area = 0, peak = 0;

        for (size_t i = zone->from; i < zone->to; i++) {
            float p = kpa[live->cells[i].index];
            float touched = p >= (float)THRESHOLD_KPA ? live->cells[i].share : 0;

            force += touched * p;
            area += touched;
            peak = touched > 0 && p > peak ? p : peak;
        }
        zone->contact_cells = area;
        zone->mean_kpa = area > 0 ? force / area : NAN;
        zone->peak_kpa = peak;
    }
}

/* --- The press test beside it ------------------------------------------------------------------
 */

struct presser {
    struct tool tool;
    struct route route;
    struct press_protocol *protocol;
};

static void begin_presses(struct presser *presser, const struct atlas *atlas)
{
    struct problem why = {0};

    *presser = (struct presser){0};
    if (tool_load(NULL, NULL, &presser->tool, &why))
        die(why.text);
    struct route_options options = {.atlas = atlas, .tool = &presser->tool, .pitch_mm = 5};
    struct press_protocol_options engine = {
        .route = &presser->route, .tool = &presser->tool, .grid = bench_plate, .cup_known = 1};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        engine.cup[side] = (struct point){240, 115};
        options.feet[side] =
            (struct route_foot){1,
                                foot_frame_template((enum side)side, engine.cup[side], 0, 250),
                                landmarks_template(),
                                {0}};
    }
    if (route_make(&presser->route, &options, &why))
        die(why.text);
    presser->protocol = press_protocol_begin(&engine, &why);
    if (!presser->protocol)
        die(why.text);
}

static void end_presses(struct presser *presser)
{
    press_protocol_free(presser->protocol);
    route_free(&presser->route);
}

static void press_frame(struct presser *presser, float *kpa, uint64_t now_us)
{
    struct press_cue cue;
    struct problem why = {0};

    press_protocol_cue(presser->protocol, &cue);
    bench_press_draw(kpa, BENCH_COLS, &cue, now_us);
    if (press_protocol_frame(presser->protocol, now_us, kpa, &why))
        die(why.text);
    bench_press_on(presser->protocol, now_us, &cue);
}

/* All thresholds and flags of a full session judged anew after each press, s a press. */
static double judge_s(void)
{
    struct press_people people = press_people_usual();
    struct threshold_options options = threshold_defaults();
    struct press_person *person = malloc(sizeof *person);
    struct problem why = {0};

    if (!person)
        die("no memory");
    people.planted = 2;
    people.planted_factor = 0.5;
    press_person_draw(person, &people, 1);
    double start = bench_cpu_s();
    if (press_person_session(person, &options, 1, 80, 1, &why))
        die(why.text);
    double took = (bench_cpu_s() - start) / person->n_presses;
    free(person);
    return took;
}

/* --- The pass ---------------------------------------------------------------------------------
 */

static int loaded_zones(const struct live *live)
{
    int n = 0;

    for (int z = 0; z < live->n_zones; z++)
        n += live->zones[z].peak_kpa > 0 && live->zones[z].mean_kpa > 0;
    return n;
}

struct times {
    double all_s, look_s, picture_s; /* of all frames; of one look; of one picture without */
    int looks, pictures;
};

static struct times live_pass(const struct atlas *atlas)
{
    struct live *live = calloc(1, sizeof *live);
    float *frames = bench_stand_frames(FRAMES, SHIFT_MM, 0.1F);
    struct presser presser;
    struct problem why = {0};
    struct live_board *board = live_board_create(&why);

    if (!live || !frames || !board)
        die("no memory");
    live->atlas = atlas;
    live->feet = live_feet_begin(board, atlas, &why);
    if (!live->feet)
        die(why.text);
    begin_presses(&presser, atlas);
    double start = bench_cpu_s();
    for (size_t f = 0; f < FRAMES; f++) {
        float *kpa = frames + f * CELLS;

        press_frame(&presser, kpa, f * (uint64_t)(1e6 / RATE_HZ));
        run_mean(live, kpa, f == 0);
        if (f % LOOK_EVERY == 0)
            look(live);
        load_zones(live, kpa);
    }
    struct times times = {.all_s = bench_cpu_s() - start,
                          .look_s = live->look_s / live->looks,
                          .picture_s = live->picture_s / (live->pictures - live->looks),
                          .looks = live->looks,
                          .pictures = live->pictures};
    if (live->n_feet != 2 || live->looks < 2 || loaded_zones(live) < 40)
        die("two feet with loaded zones, and one shift, were to be found");
    end_presses(&presser);
    live_feet_free(live->feet);
    live_board_free(board);
    free(live->cells);
    free(live);
    free(frames);
    return times;
}

int main(void)
{
    struct problem why = {0};
    struct atlas *atlas = atlas_load(NULL, &why);
    struct times best = {.all_s = INFINITY, .look_s = INFINITY, .picture_s = INFINITY};
    double judge = INFINITY;

    if (!atlas)
        die(why.text);
    for (int run = 0; run < RUNS; run++) {
        struct times times = live_pass(atlas);

        best.all_s = fmin(best.all_s, times.all_s);
        best.look_s = fmin(best.look_s, times.look_s);
        best.picture_s = fmin(best.picture_s, times.picture_s);
        best.looks = times.looks;
        best.pictures = times.pictures;
        judge = fmin(judge, judge_s());
    }
    atlas_free(atlas);
    double looks_s = best.looks * best.look_s + (best.pictures - best.looks) * best.picture_s;
    double frame_s = (best.all_s - looks_s) / FRAMES;
    double core = best.all_s / FRAMES * RATE_HZ + judge / PRESS_S;
    printf("live: mean, all zones and press engine, of a frame\t%.1f\tus\n", frame_s * 1e6);
    printf("live: feet and the cells of their zones, of a look\t%.1f\tms\n", best.look_s * 1e3);
    printf("live: a picture held against where the feet were seen\t%.2f\tms\n",
           best.picture_s * 1e3);
    printf("live: looks in %g s with one shift\t%d\tlooks\n", FRAMES / RATE_HZ, best.looks);
    printf("live: thresholds and flags judged anew, of a press\t%.1f\tms\n", judge * 1e3);
    printf(
        "live: feet, zones, press test and flags at 500 frames/s, of a core (aim 20)\t%.2f\t%%\n",
        core * 100);
    printf(
        "live: the same with five looks a second, as somebody who never stands still\t%.2f\t%%\n",
        (frame_s * RATE_HZ + 5 * best.look_s + judge / PRESS_S) * 100);
    return 0;
}
