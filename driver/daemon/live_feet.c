/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/live_feet.h"
#include "driver/daemon/live_pose.h"

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/foot_reach.h"
#include "analysis/foot/landmarks.h"
#include "analysis/report/text.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAUSE_MS = 200 };
#define THRESHOLD_KPA 5.0 /* as the results' default */
#define CHANGED_SHARE 0.2 /* of the picture's sum: then the feet are looked for again */

struct seen_foot {
    struct found_foot found;
    struct print_frame print;
    struct landmarks landmarks;
    struct foot_reach reach;
};

struct live_feet {
    struct live_board *board;
    const struct atlas *atlas;
    int has_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;
    int stops, has_offer, hold;
    int lacks_room; /* for the picture that was offered */
    struct grid offered_grid;
    float *offered;
    size_t room;

    /* The thread's own. */
    struct grid grid;
    float *picture, *looked_at; /* the newest, and the last one that feet were looked for in */
    size_t own_room, looked_cells;
    struct seen_foot foot[2];
    int n_feet, is_held;    /* as told last */
    struct live_pose *pose; /* of the feet as they were last looked for; NULL: none */

    /* Under the lock: for live_feet_sides. */
    uint8_t *side;
    size_t side_cells;
    uint64_t version;
    int has_sides;
};

/* --- What is told ---------------------------------------------------------------------------- */

static const char *side_json(enum side side)
{
    return side == SIDE_LEFT ? "\"left\"" : side == SIDE_RIGHT ? "\"right\"" : "null";
}

/* Where a zone that is not proven might lie is not drawn as if it did. */
static int is_proven(const struct seen_foot *foot, const struct point *outline, int n)
{
    struct point middle = {0, 0};
    for (int i = 0; i < n; i++) {
        middle.x_mm += outline[i].x_mm / n;
        middle.y_mm += outline[i].y_mm / n;
    }
    return foot_reach_covers(&foot->reach, foot_frame_to_uv(&foot->print.frame, middle).u);
}

static void tell_zones(struct text *text, const struct atlas *atlas, const struct seen_foot *foot)
{
    struct point outline[ATLAS_OUTLINE_MAX];
    const char *comma = "";
    for (int i = 0; i < atlas_count(atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        int n = zone->is_plantar ? atlas_outline(zone, &foot->print.frame, &foot->landmarks,
                                                 outline, ATLAS_OUTLINE_MAX)
                                 : 0;
        if (n < 3 || !is_proven(foot, outline, n))
            continue;
        int step = n > 40 ? 2 : 1; /* half of an ellipse's 64 points draws as well */
        text_addf(text, "%s{\"zone\":\"%s\",\"outline_mm\":[", comma, zone->id);
        for (int k = 0; k < n; k += step)
            text_addf(text, "%s[%.1f,%.1f]", k ? "," : "", outline[k].x_mm, outline[k].y_mm);
        text_add(text, "]}");
        comma = ",";
    }
}

static void tell_foot(struct text *text, const struct atlas *atlas, const struct seen_foot *foot)
{
    const struct foot_frame *frame = &foot->print.frame;
    text_addf(text,
              "{\"side\":%s,\"side_confidence\":%.3f,\"heel_x_mm\":%.1f,\"heel_y_mm\":%.1f,"
              "\"angle_deg\":%.1f,\"length_mm\":%.1f,\"width_heel_mm\":%.1f,\"width_toe_mm\":%.1f,"
              "\"off_edge\":%s,\"zones_missing_reason\":%s%s%s,"
              "\"zones\":[",
              side_json(foot->found.side), foot->found.side_confidence, frame->heel.x_mm,
              frame->heel.y_mm, frame->angle_deg, frame->length_mm, frame->width_heel_mm,
              frame->width_toe_mm, foot->found.off_edge ? "true" : "false",
              foot->reach.is_limited ? "\"" : "", foot->reach.is_limited ? foot->reach.why : "null",
              foot->reach.is_limited ? "\"" : "");
    if (foot->found.side != SIDE_UNKNOWN)
        tell_zones(text, atlas, foot);
    text_add(text, "]}");
}

static void tell(struct live_feet *feet, int held, const char *reason)
{
    struct text text = {0};
    feet->is_held = held;
    text_addf(&text, "{\"schema\":\"tenderfoot/live-feet/1\",\"held\":%s,\"feet\":[",
              held ? "true" : "false");
    for (int i = 0; i < feet->n_feet; i++) {
        text_add(&text, i ? "," : "");
        tell_foot(&text, feet->atlas, &feet->foot[i]);
    }
    text_addf(&text, "],\"no_foot_reason\":");
    if (feet->n_feet || !*reason)
        text_add(&text, "null}");
    else
        text_addf(&text, "\"%s\"}", reason);
    if (!text.failed)
        live_board_hang(feet->board, LIVE_FEET, live_sheet_make(text.bytes, text.n));
    text_free(&text);
}

/* --- What is seen ---------------------------------------------------------------------------- */

/* Sum of the differences beside the sum of the picture: sway stays below, a step does not. */
static int has_changed(const struct live_feet *feet, size_t cells)
{
    double difference = 0, sum = 0;
    if (cells != feet->looked_cells)
        return 1;
    for (size_t i = 0; i < cells; i++) {
        difference += (double)fabsf(feet->picture[i] - feet->looked_at[i]);
        sum += (double)(feet->picture[i] + feet->looked_at[i]);
    }
    return 2 * difference > CHANGED_SHARE * sum + 1e-9;
}

static void share_sides(struct live_feet *feet, const struct found_feet *found, size_t cells)
{
    pthread_mutex_lock(&feet->lock);
    feet->has_sides = 0;
    if (feet->side_cells != cells) {
        free(feet->side);
        feet->side = malloc(cells);
        feet->side_cells = feet->side ? cells : 0;
    }
    for (int i = 0; i < found->n; i++)
        feet->has_sides |= found->foot[i].side != SIDE_UNKNOWN;
    for (size_t i = 0; feet->side && i < cells; i++)
        feet->side[i] = found->n && found->label[i] ? (uint8_t)found->foot[found->label[i] - 1].side
                                                    : SIDE_UNKNOWN;
    feet->version++;
    pthread_mutex_unlock(&feet->lock);
}

static int describe(const struct live_feet *feet, const struct found_feet *found, int i,
                    struct seen_foot *foot)
{
    struct problem ignored;
    const struct foot_print print = {&feet->grid, feet->picture, found->label, (uint8_t)(i + 1),
                                     THRESHOLD_KPA};
    foot->found = found->foot[i];
    if (frame_from_print(&print, &found->foot[i], 0, &foot->print, &ignored))
        return -1;
    foot->landmarks = landmarks_from_print(&print, &foot->print.frame);
    const struct foot_reach_input input = {.print = &print,
                                           .frame = &foot->print.frame,
                                           .landmarks = &foot->landmarks,
                                           .is_part = foot->found.is_part,
                                           .off_edge = foot->found.off_edge,
                                           .toes_touch = foot->print.toes_touch,
                                           .length_is_measured = foot->print.length_is_measured};
    foot->reach = foot_reach_of(&input);
    return 0;
}

/* What cannot be looked for is not there: feet that were seen before would be taken for these (but
 * for a press test, which holds them and says so). The next picture is looked at again. */
static void see_nothing(struct live_feet *feet, int hold, const char *reason)
{
    const struct found_feet none = {0};
    int held = hold && feet->n_feet;
    feet->looked_cells = 0;
    live_pose_free(feet->pose);
    feet->pose = NULL;
    if (!held) {
        feet->n_feet = 0;
        share_sides(feet, &none, grid_cells(&feet->grid));
    }
    tell(feet, held, reason);
}

/* 1: feet were looked for anew. The sum of differences sees who comes and goes, and weight that is
 * shifted; a foot set elsewhere by a few millimetres changes less than sway does, and is seen by
 * its pose. */
static int look(struct live_feet *feet, int hold)
{
    struct found_feet found;
    struct problem why;
    size_t cells = grid_cells(&feet->grid);
    int stands_still = !has_changed(feet, cells) && !live_pose_has_moved(feet->pose, feet->picture);
    if (stands_still && (hold || !feet->is_held)) /* held no longer: looked for */
        return 0;
    live_pose_free(feet->pose);
    feet->pose = NULL;
    memcpy(feet->looked_at, feet->picture, cells * sizeof *feet->picture);
    feet->looked_cells = cells;
    if (foot_finder(&feet->grid, feet->picture, THRESHOLD_KPA, NULL, &found, &why)) {
        see_nothing(feet, hold, why.text);
        return 1;
    }
    feet->pose = live_pose_take(&feet->grid, feet->picture, found.label, found.n);
    int held = hold && found.n < feet->n_feet;
    if (!held) {
        feet->n_feet = 0;
        for (int i = 0; i < found.n; i++)
            if (!describe(feet, &found, i, &feet->foot[feet->n_feet]))
                feet->n_feet++;
        share_sides(feet, &found, cells);
    }
    tell(feet, held, found.no_foot_reason);
    found_feet_free(&found);
    return 1;
}

/* --- The thread ------------------------------------------------------------------------------ */

static int make_room(float **buffer, size_t *room, size_t cells)
{
    if (cells <= *room)
        return 0;
    float *grown = realloc(*buffer, cells * sizeof *grown);
    if (!grown)
        return -1;
    *buffer = grown;
    *room = cells;
    return 0;
}

/* Under the lock. The offered picture is copied. -1: no memory for it. */
static int take_offer(struct live_feet *feet)
{
    size_t cells = grid_cells(&feet->offered_grid), room = feet->own_room;
    feet->has_offer = 0;
    if (feet->lacks_room)
        return -1;
    if (cells > feet->own_room) {
        float *picture = realloc(feet->picture, cells * sizeof *picture);
        feet->picture = picture ? picture : feet->picture;
        float *looked_at = realloc(feet->looked_at, cells * sizeof *looked_at);
        feet->looked_at = looked_at ? looked_at : feet->looked_at;
        if (!picture || !looked_at)
            return -1;
        feet->looked_cells = 0;
        room = cells;
    }
    feet->own_room = room;
    feet->grid = feet->offered_grid;
    memcpy(feet->picture, feet->offered, cells * sizeof *feet->picture);
    return 0;
}

static void *run(void *context)
{
    struct live_feet *feet = context;
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    pthread_mutex_lock(&feet->lock);
    while (!feet->stops) {
        if (!feet->has_offer) {
            pthread_cond_wait(&feet->news, &feet->lock);
            continue;
        }
        int hold = feet->hold, bad = take_offer(feet);
        pthread_mutex_unlock(&feet->lock);
        if (bad)
            see_nothing(feet, hold, "there is not enough memory to look for feet");
        else
            look(feet, hold);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&feet->lock);
    }
    pthread_mutex_unlock(&feet->lock);
    return NULL;
}

struct live_feet *live_feet_begin(struct live_board *board, const struct atlas *atlas,
                                  struct problem *why)
{
    struct live_feet *feet = calloc(1, sizeof *feet);
    if (!feet) {
        problem_no_memory(why, "the live feet");
        return NULL;
    }
    feet->board = board;
    feet->atlas = atlas;
    pthread_mutex_init(&feet->lock, NULL);
    pthread_cond_init(&feet->news, NULL);
    return feet;
}

struct live_feet *live_feet_create(struct live_board *board, const struct atlas *atlas,
                                   struct problem *why)
{
    struct live_feet *feet = live_feet_begin(board, atlas, why);
    if (!feet)
        return NULL;
    feet->has_thread = !pthread_create(&feet->thread, NULL, run, feet);
    if (feet->has_thread)
        return feet;
    problem(why, PROBLEM_FAILED, "the live feet's thread cannot be started");
    live_feet_free(feet);
    return NULL;
}

void live_feet_free(struct live_feet *feet)
{
    if (!feet)
        return;
    pthread_mutex_lock(&feet->lock);
    feet->stops = 1;
    pthread_cond_signal(&feet->news);
    pthread_mutex_unlock(&feet->lock);
    if (feet->has_thread)
        pthread_join(feet->thread, NULL);
    live_pose_free(feet->pose);
    pthread_mutex_destroy(&feet->lock);
    pthread_cond_destroy(&feet->news);
    free(feet->offered);
    free(feet->picture);
    free(feet->looked_at);
    free(feet->side);
    free(feet);
}

void live_feet_offer(struct live_feet *feet, const struct grid *grid, const float *kpa, int hold)
{
    size_t cells = grid_cells(grid);
    pthread_mutex_lock(&feet->lock);
    feet->lacks_room = make_room(&feet->offered, &feet->room, cells) != 0;
    if (!feet->lacks_room) {
        memcpy(feet->offered, kpa, cells * sizeof *kpa);
        feet->offered_grid = *grid;
    }
    feet->hold = hold;
    feet->has_offer = 1;
    pthread_cond_signal(&feet->news);
    pthread_mutex_unlock(&feet->lock);
}

int live_feet_look(struct live_feet *feet, const struct grid *grid, const float *kpa, int hold)
{
    live_feet_offer(feet, grid, kpa, hold);
    if (take_offer(feet))
        return -1;
    return look(feet, hold);
}

int live_feet_seen(const struct live_feet *feet, struct live_foot seen[2])
{
    for (int i = 0; i < feet->n_feet; i++)
        seen[i] = (struct live_foot){.side = feet->foot[i].found.side,
                                     .frame = feet->foot[i].print.frame,
                                     .landmarks = feet->foot[i].landmarks};
    return feet->n_feet;
}

int live_feet_sides(struct live_feet *feet, size_t cells, uint8_t *label, uint64_t *version)
{
    pthread_mutex_lock(&feet->lock);
    int fits = feet->side && feet->side_cells == cells;
    if (fits && feet->version != *version) {
        memcpy(label, feet->side, cells);
        *version = feet->version;
    }
    int has = fits && feet->has_sides;
    pthread_mutex_unlock(&feet->lock);
    return has;
}
