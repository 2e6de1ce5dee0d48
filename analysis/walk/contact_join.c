/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/contact_join.h"
#include "analysis/walk/outline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OVERLAP_MIN 0.45 /* of the shorter life */
#define TOUCH_MIN 0.3    /* of the time together: more than a toe that brushes the other heel */
#define GAP_MAX_MM 200.0 /* between ball and heel of a high arch it is 60 to 110 */
#define GRACE_S 0.06     /* a piece that is gone for a moment and comes again */
#define SPECK_SHARE 0.02 /* of the other's impulse: it belongs to whom it is near */

struct outline {
    struct point *hull;
    size_t n;
    int32_t first_frame, last_frame;
};

struct pair {
    uint32_t a, b, pairs; /* touching cells, summed over frames */
    double gap_mm;
};

struct joiner {
    const struct grid *grid;
    const struct contact_tracks *tracks;
    struct outline *outlines; /* by piece; a group's is that of its root */
    uint32_t *root, *order;   /* order: by first frame */
    struct pair *pairs;
    size_t n_pairs, capacity;
    struct point *points, *scratch;
    size_t room;
    int32_t grace;
};

static void joiner_free(struct joiner *j)
{
    for (size_t i = 0; j->outlines && i < j->tracks->n; i++)
        free(j->outlines[i].hull);
    free(j->outlines);
    free(j->root);
    free(j->order);
    free(j->pairs);
    free(j->points);
    free(j->scratch);
}

static int make_room(struct joiner *j, size_t n)
{
    struct point *points, *scratch;

    if (n < j->room)
        return 0;
    n += n / 2 + 64;
    points = realloc(j->points, n * sizeof *points);
    if (points)
        j->points = points;
    scratch = realloc(j->scratch, (n + 1) * sizeof *scratch);
    if (scratch)
        j->scratch = scratch;
    if (!points || !scratch)
        return -1;
    j->room = n;
    return 0;
}

/* The hull of the points in j->points becomes an outline's own. */
static int keep_hull(struct joiner *j, size_t n, struct outline *outline)
{
    size_t corners = outline_hull(j->points, n, j->scratch);
    struct point *hull = malloc((corners + 1) * sizeof *hull);

    if (!hull)
        return -1;
    memcpy(hull, j->scratch, corners * sizeof *hull);
    free(outline->hull);
    outline->hull = hull;
    outline->n = corners;
    return 0;
}

static int outline_of(struct joiner *j, size_t i)
{
    const struct contact_window *w = &j->tracks->pieces[i].window;
    struct outline *outline = &j->outlines[i];
    size_t n = 0;

    if (make_room(j, (size_t)w->rows * (size_t)w->cols))
        return -1;
    for (int row = 0; row < w->rows; row++)
        for (int col = 0; col < w->cols; col++)
            if (w->maximum[(size_t)row * (size_t)w->cols + (size_t)col] > 0)
                j->points[n++] = grid_centre(j->grid, w->row0 + row, w->col0 + col);
    outline->first_frame = j->tracks->pieces[i].first_frame;
    outline->last_frame = j->tracks->pieces[i].last_frame;
    return keep_hull(j, n, outline);
}

/* --- Candidates ------------------------------------------------------------------------------- */

static int32_t overlap(const struct piece *a, const struct piece *b)
{
    int32_t from = a->first_frame > b->first_frame ? a->first_frame : b->first_frame;
    int32_t to = a->last_frame < b->last_frame ? a->last_frame : b->last_frame;

    return to - from + 1;
}

static int32_t life(const struct piece *piece)
{
    return piece->last_frame - piece->first_frame + 1;
}

static double gap_mm(const struct outline *a, const struct outline *b)
{
    double least = INFINITY;

    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            least = fmin(
                least, hypot(a->hull[i].x_mm - b->hull[k].x_mm, a->hull[i].y_mm - b->hull[k].y_mm));
    return least;
}

/* Were they on the ground together as parts of one foot are? */
static int same_time(const struct joiner *j, uint32_t a, uint32_t b, const struct touch *touch)
{
    const struct piece *p = &j->tracks->pieces[a], *q = &j->tracks->pieces[b];
    int32_t together = overlap(p, q), shorter = life(p) < life(q) ? life(p) : life(q);
    double less = fmin(p->impulse, q->impulse), more = fmax(p->impulse, q->impulse);

    if (together >= OVERLAP_MIN * shorter)
        return 1;
    if (touch && together > 0 && touch->frames >= TOUCH_MIN * together)
        return 1;
    return less <= SPECK_SHARE * more && together >= -j->grace;
}

static int add_pair(struct joiner *j, uint32_t a, uint32_t b, const struct touch *touch)
{
    struct pair pair = {a, b, touch ? touch->pairs : 0, 0};

    if (!same_time(j, a, b, touch))
        return 0;
    pair.gap_mm = gap_mm(&j->outlines[a], &j->outlines[b]);
    if (pair.gap_mm > GAP_MAX_MM)
        return 0;
    if (j->n_pairs == j->capacity) {
        size_t larger = j->capacity ? 2 * j->capacity : 256;
        struct pair *grown = realloc(j->pairs, larger * sizeof *grown);

        if (!grown)
            return -1;
        j->pairs = grown;
        j->capacity = larger;
    }
    j->pairs[j->n_pairs++] = pair;
    return 0;
}

static int by_pieces(const void *one, const void *other)
{
    const struct touch *a = one, *b = other;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static const struct touch *touch_of(const struct contact_tracks *tracks, uint32_t a, uint32_t b)
{
    struct touch key = {.a = a < b ? a : b, .b = a < b ? b : a};

    if (!tracks->n_touches)
        return NULL;
    return bsearch(&key, tracks->touches, tracks->n_touches, sizeof key, by_pieces);
}

static int by_first_frame(const void *one, const void *other, void *context)
{
    const struct piece *pieces = context;
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

    if (pieces[a].first_frame != pieces[b].first_frame)
        return pieces[a].first_frame < pieces[b].first_frame ? -1 : 1;
    return (a > b) - (a < b);
}

/* Pieces in the order of their first frames; each is compared with those that began while it was
 * there, or a moment after. At most SLOTS live at a time, so that this stays short. */
static int find_pairs(struct joiner *j)
{
    const struct piece *pieces = j->tracks->pieces;

    for (size_t i = 0; i < j->tracks->n; i++)
        for (size_t k = i + 1; k < j->tracks->n; k++) {
            uint32_t a = j->order[i], b = j->order[k];

            if (pieces[b].first_frame > pieces[a].last_frame + j->grace)
                break;
            if (add_pair(j, a, b, touch_of(j->tracks, a, b)))
                return -1;
        }
    return 0;
}

static int by_strength(const void *one, const void *other)
{
    const struct pair *a = one, *b = other;

    if (a->pairs != b->pairs)
        return a->pairs > b->pairs ? -1 : 1;
    if (a->gap_mm != b->gap_mm)
        return a->gap_mm < b->gap_mm ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* --- Joining ---------------------------------------------------------------------------------- */

static uint32_t root_of(struct joiner *j, uint32_t i)
{
    while (j->root[i] != i)
        i = j->root[i] = j->root[j->root[i]];
    return i;
}

/* Joins two groups when together they are no larger than a foot. */
static int join(struct joiner *j, uint32_t a, uint32_t b)
{
    struct outline *one = &j->outlines[a], *other = &j->outlines[b];
    size_t n = one->n + other->n, corners;

    if (make_room(j, n))
        return -1;
    memcpy(j->points, one->hull, one->n * sizeof *j->points);
    memcpy(j->points + one->n, other->hull, other->n * sizeof *j->points);
    corners = outline_hull(j->points, n, j->scratch);
    if (outline_length_mm(j->scratch, corners) > FOOT_LENGTH_MM ||
        outline_width_mm(j->scratch, corners) > FOOT_WIDTH_MM)
        return 0;
    j->root[b] = a;
    return keep_hull(j, n, one);
}

static long number_groups(struct joiner *j, uint32_t *group)
{
    long groups = 0;

    for (size_t i = 0; i < j->tracks->n; i++)
        group[i] = UINT32_MAX;
    for (size_t i = 0; i < j->tracks->n; i++) {
        uint32_t root = root_of(j, j->order[i]);

        if (group[root] == UINT32_MAX)
            group[root] = (uint32_t)groups++;
    }
    for (size_t i = 0; i < j->tracks->n; i++)
        group[i] = group[root_of(j, (uint32_t)i)];
    return groups;
}

static int begin(struct joiner *j)
{
    size_t n = j->tracks->n;

    j->outlines = calloc(n + 1, sizeof *j->outlines);
    j->root = calloc(n + 1, sizeof *j->root);
    j->order = calloc(n + 1, sizeof *j->order);
    if (!j->outlines || !j->root || !j->order)
        return -1;
    for (size_t i = 0; i < n; i++) {
        j->root[i] = j->order[i] = (uint32_t)i;
        if (outline_of(j, i))
            return -1;
    }
    qsort_r(j->order, n, sizeof *j->order, by_first_frame, j->tracks->pieces);
    if (j->tracks->n_touches)
        qsort(j->tracks->touches, j->tracks->n_touches, sizeof *j->tracks->touches, by_pieces);
    return 0;
}

long contact_join(const struct grid *grid, double rate_hz, const struct contact_tracks *tracks,
                  uint32_t *group, struct problem *why)
{
    struct joiner j = {.grid = grid, .tracks = tracks};
    long groups = -1;

    j.grace = (int32_t)fmax(2, round(GRACE_S * rate_hz));
    if (begin(&j) || find_pairs(&j))
        goto done;
    if (j.n_pairs)
        qsort(j.pairs, j.n_pairs, sizeof *j.pairs, by_strength);
    for (size_t i = 0; i < j.n_pairs; i++) {
        uint32_t a = root_of(&j, j.pairs[i].a), b = root_of(&j, j.pairs[i].b);

        if (a != b && join(&j, a, b))
            goto done;
    }
    groups = number_groups(&j, group);
done:
    if (groups < 0)
        problem_no_memory(why, "the contacts");
    joiner_free(&j);
    return groups;
}
