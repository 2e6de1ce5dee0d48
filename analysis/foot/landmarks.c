/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Landmarks of one print. What shows is looked for where the others say it should be
 * (constellation.h), the surest first; then all are settled together. */
#include "analysis/foot/landmarks.h"
#include "analysis/contact.h"
#include "analysis/foot/constellation.h"
#include "analysis/foot/ridge.h"
#include "analysis/foot/sole_lattice.h"
#include "analysis/print_reader.h"

#include <math.h>

#define HEEL_U 0.30
#define HEEL_FRONT_LOW_U 0.20
#define HEEL_FRONT_HIGH_U 0.36
/* A heel of which the edge leaves no more has no front edge that shows. */
#define HEEL_CUT_MAX_U 0.15
/* The heel print ends where this share of its height over the middle foot is left. */
#define HEEL_EDGE 0.28
#define FRONT_EDGE 0.3
#define FRONT_EDGE_TO_CREASE_U 0.02
#define CREASE_SHARE 0.3 /* of the way from the ball's front edge to the toe's rear edge */
/* Smoothing, mm on a foot of 250 mm: against noise; and for hills of the width of a metatarsal head
 * or a toe, what is left when the broader surroundings are taken off. */
#define FINE_MM RIDGE_FINE_MM
#define HILL_MM 4.0
#define BROAD_MM 9.0
#define BROAD_SHARE 0.9
/* Search no farther than this many standard deviations from where a landmark is expected. */
#define GATE_SD 2.5
#define GATE_MIN_MM 5.0
/* Quality: 1 at no uncertainty, 0.6 at one of 4 mm, 0.3 at 6.3 mm. */
#define QUALITY_SD_MM 5.7
#define FALLBACK_QUALITY_MAX 0.5
#define CELL_ERROR 0.15 /* of a place read off between cells, in cells */
/* A front edge within this band over the width is straight; what lies there is worth little. */
#define STUMP_RANGE_U 0.045
#define STUMP_QUALITY_MAX 0.2
#define GIVEN_ERROR_MM 0.5 /* of a hand */
/* What the print shows along the foot only is measured when its neighbours tell the rest. */
#define MEASURED_SD_MAX_MM 4.5

struct reader {
    const struct foot_print *print;
    const struct foot_frame *frame;
    double scale;                        /* length / 250 mm */
    double cell_mm;                      /* of the plate: what limits how well a place is seen */
    const struct given_landmarks *given; /* NULL: none */
    struct rim_cut cut;                  /* by the plate's edge */
    int is_stump; /* the foot ends behind its toes, and nobody knows where its frame would end */
    struct constellation sky;
    struct sole_lattice raw, fine, hills;
};

static int is_cut(const struct reader *r)
{
    return r->cut.from_u <= r->cut.to_u;
}

/* Off the plate; or on the outermost cells of a print that is cut, where what is highest or ends
 * may do so by the cut alone. */
static int is_beyond_rim(const struct reader *r, struct uv place)
{
    const struct grid *grid = r->print->grid;
    struct point at = foot_frame_to_plate(r->frame, place);
    double cells = is_cut(r) ? 1 : 0;

    return fmin(at.x_mm, grid->cols * grid->pitch_x_mm - at.x_mm) < cells * grid->pitch_x_mm ||
           fmin(at.y_mm, grid->rows * grid->pitch_y_mm - at.y_mm) < cells * grid->pitch_y_mm;
}

static void see(struct reader *r, enum landmark_id id, struct uv at, double along_mm,
                double across_mm)
{
    double cell = CELL_ERROR * r->cell_mm;

    if ((r->given && r->given->given[id]) || is_beyond_rim(r, at))
        return;
    constellation_see(&r->sky, id, at, hypot(along_mm * r->scale, cell),
                      hypot(across_mm * r->scale, cell));
}

static double fine_kpa(const struct reader *r, struct uv place)
{
    return sole_lattice_at(&r->fine, place);
}

static double across_mm(const struct reader *r, double u)
{
    return foot_frame_width_mm(r->frame, u);
}

/* --- Heel and outer edge ------------------------------------------------------------------- */

static double heel_peak(const struct reader *r)
{
    double peak = 0;

    for (double u = 0.02; u <= HEEL_U; u += 0.01)
        for (double v = 0.1; v <= 0.9; v += 0.02)
            peak = fmax(peak, fine_kpa(r, (struct uv){u, v}));
    return peak;
}

/* Heel centre: the pressure's centre over the part of the heel that carries half its peak or more.
 */
static int find_heel_centre(struct reader *r, double peak, struct uv *centre)
{
    double sum = 0, u_sum = 0, v_sum = 0;

    for (double u = 0; u <= HEEL_U; u += 0.01)
        for (double v = 0; v <= 1; v += 0.02) {
            double p = fine_kpa(r, (struct uv){u, v});

            if (p <= 0 || p < peak / 2)
                continue;
            sum += p;
            u_sum += p * u;
            v_sum += p * v;
        }
    if (sum <= 0 || peak < r->print->threshold_kpa)
        return -1;
    *centre = (struct uv){u_sum / sum, v_sum / sum};
    return 0;
}

/* Where one column of the heel has fallen to what the middle foot carries there, but for HEEL_EDGE
 * of the way: a flat foot carries on, a high arch leaves nothing. NAN when it never does. */
static double column_front_u(const struct reader *r, double v, double from_u)
{
    double low = INFINITY, level, high = fine_kpa(r, (struct uv){from_u, v});

    for (double u = from_u; u < 0.45; u += 0.01)
        low = fmin(low, fine_kpa(r, (struct uv){u, v}));
    level = low + HEEL_EDGE * (high - low);
    if (low > 0.8 * high)
        return NAN;
    for (double u = from_u; u < 0.45; u += 0.0025)
        if (fine_kpa(r, (struct uv){u, v}) <= level)
            return u;
    return NAN;
}

/* The heel's front edge: mean over the columns of its middle and outer part. */
static double heel_front_u(const struct reader *r, double from_u)
{
    double sum = 0;
    int n = 0;

    for (double v = 0.4; v <= 0.701; v += 0.05) {
        double u = column_front_u(r, v, from_u);

        sum += isnan(u) ? 0 : u;
        n += !isnan(u);
    }
    return n >= 4 ? sum / n : NAN;
}

static void find_heel(struct reader *r)
{
    double peak = heel_peak(r), front;
    struct uv centre;

    if (find_heel_centre(r, peak, &centre))
        return;
    /* Of a heel that the edge cuts neither its end nor its middle shows, and its front only where
     * it is whole. */
    if (r->cut.from_u > HEEL_U) {
        see(r, LANDMARK_HB, (struct uv){0, 0.5}, 1.5, 1.5);
        see(r, LANDMARK_HC, centre, 2, 1.5);
    }
    front = heel_front_u(r, centre.u);
    if ((r->cut.from_u > HEEL_U || r->cut.from_u < HEEL_CUT_MAX_U) && front >= HEEL_FRONT_LOW_U &&
        front <= HEEL_FRONT_HIGH_U)
        see(r, LANDMARK_HF, (struct uv){front, 0.5}, 4.5, 1);
}

/* Outermost contact at u, as v; NAN without contact on the outer half. */
static double outer_edge_v(const struct reader *r, double u)
{
    for (double v = 1.1; v > 0.5; v -= 0.01)
        if (sole_lattice_at(&r->raw, (struct uv){u, v}) >= fmax(r->print->threshold_kpa / 2, 1e-6))
            return v;
    return NAN;
}

struct bulge {
    double apex, half, height; /* u, u, and v over the chord */
};

/* The bulge of the outer edge over the chord from u 0.28 to 0.58: apex, and the heelward place
 * where it has half its height (2.1). */
static struct bulge bulge_by_edge(const struct reader *r)
{
    const double low = 0.28, high = 0.58, step = 0.01;
    double from = outer_edge_v(r, low), to = outer_edge_v(r, high);
    struct bulge bulge = {0, low, 0};

    for (double u = low; u <= high; u += step) {
        double over = outer_edge_v(r, u) - (from + (u - low) / (high - low) * (to - from));

        if (over > bulge.height) {
            bulge.height = over;
            bulge.apex = u;
        }
    }
    for (double u = bulge.apex; u > low; u -= step)
        if (outer_edge_v(r, u) - (from + (u - low) / (high - low) * (to - from)) <=
            bulge.height / 2) {
            bulge.half = u;
            break;
        }
    return bulge;
}

/* A clear bulge of the edge tells: by 0.06 of the width, about a cell. Of the template's outline it
 * stands out by 0.01 from u 0.28 to 0.58, 1 mm, a fifth of a cell, which no print of such cells
 * shows: on nearly all feet both are fallbacks (of 1320 drawn ones on each). A straight outer edge
 * has its highest point anywhere; then the load's highest place tells less than the neighbours do
 * (RMS 4.9 mm and 95th percentile 11 mm on drawn feet, against 2 mm), so that both lie where the
 * neighbours have them, as fallbacks. Across, the edge is the tangent's neighbour. */
static void find_bulge(struct reader *r)
{
    struct landmarks template = landmarks_template();
    struct uv apex = template.of[LANDMARK_LB_APEX].at, low = template.of[LANDMARK_LB_LOW].at;
    struct bulge edge = bulge_by_edge(r);

    if (edge.height > 0.06 && edge.apex > 0.34 && edge.apex < 0.48 &&
        edge.apex - edge.half < 0.06) {
        see(r, LANDMARK_LB_APEX, (struct uv){edge.apex, apex.v}, 4, 2);
        see(r, LANDMARK_LB_LOW, (struct uv){edge.half, low.v}, 4, 2);
    }
}

/* --- Hills: heads of the metatarsals, toe pads ----------------------------------------------- */

/* A point of the hill picture refined by the parabola through its neighbours, at most one step. */
static double vertex(double before, double here, double after)
{
    double bend = before - 2 * here + after;

    return bend < -1e-12 ? fmin(fmax(0.5 * (before - after) / bend, -1), 1) : 0;
}

static struct uv refine(const struct sole_lattice *of, struct uv at)
{
    const double du = SOLE_LATTICE_DU, dv = SOLE_LATTICE_DV;
    double here = sole_lattice_at(of, at);

    return (struct uv){at.u + du * vertex(sole_lattice_at(of, (struct uv){at.u - du, at.v}), here,
                                          sole_lattice_at(of, (struct uv){at.u + du, at.v})),
                       at.v + dv * vertex(sole_lattice_at(of, (struct uv){at.u, at.v - dv}), here,
                                          sole_lattice_at(of, (struct uv){at.u, at.v + dv}))};
}

static int is_top(const struct sole_lattice *of, struct uv at, double height)
{
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++)
            if ((i || j) && sole_lattice_at(of, (struct uv){at.u + i * SOLE_LATTICE_DU,
                                                            at.v + j * SOLE_LATTICE_DV}) > height)
                return 0;
    return 1;
}

/* The hill that fits best where a landmark is expected: the height counts less the farther it lies
 * off, as the normal distribution has it. 0, or -1 where there is none. */
static int find_hill(const struct reader *r, const struct sole_lattice *of,
                     const struct expected_landmark *expected, double least_kpa, struct uv *found)
{
    double along = fmax(expected->sd_along_mm, GATE_MIN_MM / GATE_SD);
    double across = fmax(expected->sd_across_mm, GATE_MIN_MM / GATE_SD);
    double half_u = GATE_SD * along / r->frame->length_mm;
    double half_v = GATE_SD * across / across_mm(r, expected->at.u), best = 0;
    int u0 = (int)ceil((expected->at.u - half_u - SOLE_LATTICE_U0) / SOLE_LATTICE_DU);
    int u1 = (int)floor((expected->at.u + half_u - SOLE_LATTICE_U0) / SOLE_LATTICE_DU);
    int v0 = (int)ceil((expected->at.v - half_v - SOLE_LATTICE_V0) / SOLE_LATTICE_DV);
    int v1 = (int)floor((expected->at.v + half_v - SOLE_LATTICE_V0) / SOLE_LATTICE_DV);

    for (int i = u0; i <= u1; i++)
        for (int j = v0; j <= v1; j++) {
            struct uv at = {SOLE_LATTICE_U0 + i * SOLE_LATTICE_DU,
                            SOLE_LATTICE_V0 + j * SOLE_LATTICE_DV};
            double height = sole_lattice_at(of, at);
            double far_u = (at.u - expected->at.u) / half_u * GATE_SD;
            double far_v = (at.v - expected->at.v) / half_v * GATE_SD;
            double weighed = height * exp(-(far_u * far_u + far_v * far_v) / 4);

            if (height <= 0 || weighed <= best || fine_kpa(r, at) < least_kpa ||
                !is_top(of, at, height))
                continue;
            best = weighed;
            *found = at;
        }
    if (best <= 0)
        return -1;
    *found = refine(of, *found);
    return 0;
}

/* Heads that lie close together make one ridge: its highest place along the foot, at the v where
 * the head is expected. 0, or -1 when it only rises towards an end of the search. */
static int find_ridge(const struct reader *r, const struct expected_landmark *expected,
                      struct uv *found)
{
    double half = GATE_SD * fmax(expected->sd_along_mm, 3) / r->frame->length_mm, best = 0;
    double low = expected->at.u - half, high = expected->at.u + half;

    for (double u = low; u <= high; u += 0.0025) {
        double p = sole_lattice_at(&r->hills, (struct uv){u, expected->at.v});

        if (p > best && fine_kpa(r, (struct uv){u, expected->at.v}) >= r->print->threshold_kpa) {
            best = p;
            *found = (struct uv){u, expected->at.v};
        }
    }
    return best > 0 && found->u > low + 0.004 && found->u < high - 0.004 ? 0 : -1;
}

static void look_for(struct reader *r, enum landmark_id id)
{
    struct expected_landmark expected = constellation_expect(&r->sky, id, 0);
    int is_toe = id >= LANDMARK_T1;
    double error = is_toe ? 1.5 : 2.0;
    struct uv found;

    if (r->given && r->given->given[id])
        return;
    constellation_forget(&r->sky, id);
    if (!find_hill(r, &r->hills, &expected, (is_toe ? 0.3 : 1) * r->print->threshold_kpa, &found))
        see(r, id, found, error, error);
    else if (!is_toe && !find_ridge(r, &expected, &found))
        see(r, id, found, 2.5, INFINITY);
}

/* Twice: what is found last helps to tell the first apart. */
static void find_hills(struct reader *r)
{
    static const enum landmark_id order[] = {
        LANDMARK_MTH3, LANDMARK_MTH1, LANDMARK_T1, LANDMARK_MTH5, LANDMARK_MTH2,
        LANDMARK_MTH4, LANDMARK_T2,   LANDMARK_T3, LANDMARK_T4,   LANDMARK_T5};

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof order / sizeof *order; i++)
            look_for(r, order[i]);
}

/* --- Creases, clefts, arch, tip -------------------------------------------------------------- */

/* The crease lies in the lowest stretch between ball peak and toe peak, nearer to the ball. 0, or
 * -1 without a valley. */
static int find_valley(const struct reader *r, struct uv ball, struct uv toe, struct uv *found)
{
    enum { STEPS = 40 };
    double p[STEPS + 1], lowest = INFINITY, first = -1, last = -1;

    for (int i = 0; i <= STEPS; i++) {
        double t = (double)i / STEPS;

        p[i] = sole_lattice_at(
            &r->raw, (struct uv){ball.u + t * (toe.u - ball.u), ball.v + t * (toe.v - ball.v)});
        lowest = fmin(lowest, p[i]);
    }
    if (lowest > 0.7 * fmin(p[0], p[STEPS]))
        return -1;
    for (int i = 0; i <= STEPS; i++)
        if (p[i] <= lowest + 0.05 * fmin(p[0], p[STEPS])) {
            first = first < 0 ? i : first;
            last = i;
        }
    first = (first + CREASE_SHARE * (last - first)) / STEPS;
    *found = (struct uv){ball.u + first * (toe.u - ball.u), ball.v + first * (toe.v - ball.v)};
    return 0;
}

/* Where a toe does not touch, the ball's print ends a little behind its crease. 0, or -1. */
static int find_front_edge(const struct reader *r, struct uv ball, double crease_u,
                           struct uv *found)
{
    for (double u = ball.u; u < crease_u + 0.05; u += 0.0025)
        if (fine_kpa(r, (struct uv){u, ball.v}) < FRONT_EDGE * fine_kpa(r, ball)) {
            *found = (struct uv){u + FRONT_EDGE_TO_CREASE_U, ball.v};
            return fabs(found->u - crease_u) < 0.05 ? 0 : -1;
        }
    return -1;
}

static void find_toe_bases(struct reader *r)
{
    for (int i = 0; i < 5; i++) {
        enum landmark_id ball = (enum landmark_id)(LANDMARK_MTH1 + i);
        enum landmark_id toe = (enum landmark_id)(LANDMARK_T1 + i);
        enum landmark_id base = (enum landmark_id)(LANDMARK_B1 + i);
        struct uv at, head;

        if (!r->sky.seen[ball])
            continue;
        head = constellation_expect(&r->sky, ball, 1).at;
        if (r->sky.seen[toe] &&
            !find_valley(r, head, constellation_expect(&r->sky, toe, 1).at, &at))
            see(r, base, at, 2.5, 2.5);
        else if (!find_front_edge(r, head, constellation_expect(&r->sky, base, 1).at.u, &at))
            see(r, base, at, 3.5, INFINITY);
    }
}

/* A cleft lies between two toe bases, as far from their middle as on the template. */
static void find_cleft(struct reader *r, enum landmark_id id, enum landmark_id a,
                       enum landmark_id b)
{
    struct landmarks template = landmarks_template();
    struct uv old_one = template.of[a].at, old_two = template.of[b].at, old = template.of[id].at;
    struct uv one, two;

    if (!r->sky.seen[a] || !r->sky.seen[b])
        return;
    one = constellation_expect(&r->sky, a, 1).at;
    two = constellation_expect(&r->sky, b, 1).at;
    see(r, id,
        (struct uv){old.u + (one.u + two.u - old_one.u - old_two.u) / 2,
                    old.v + (one.v + two.v - old_one.v - old_two.v) / 2},
        2.5, 2.5);
}

/* Foremost contact ahead of the toe pads. */
static void find_tip(struct reader *r)
{
    const struct grid *grid = r->print->grid;
    struct uv tip = {-INFINITY, 0};

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            struct uv at;

            if (print_cell_kpa(r->print, row, col) <=
                (double)contact_above(r->print->threshold_kpa))
                continue;
            at = foot_frame_to_uv(r->frame, grid_centre(grid, row, col));
            if (at.u > tip.u)
                tip = at;
        }
    if (r->cut.to_u < 0.9 && tip.u > 0.9 && tip.u < 1.05 &&
        (r->sky.seen[LANDMARK_T1] || r->sky.seen[LANDMARK_T2]))
        see(r, LANDMARK_TT, (struct uv){1, tip.v}, 1.5, 3);
}

/* --- A foot that ends early ------------------------------------------------------------------- */

static double front_edge_u(const struct reader *r, double v)
{
    double u = 1.04;

    while (u > 0.3 && fine_kpa(r, (struct uv){u, v}) < r->print->threshold_kpa / 2)
        u -= 0.005;
    return u;
}

/* 1 when the print ends straight across: toes make steps and a ball without toes a curve of 0.09,
 * so that it is what an amputation leaves. Heads and toes cannot be told there. A print that the
 * plate's rim cuts is another thing. */
static int ends_straight(const struct reader *r)
{
    double low = INFINITY, high = -INFINITY;

    for (double v = 0.2; v < 0.81; v += 0.1) {
        double u = front_edge_u(r, v);

        low = fmin(low, u);
        high = fmax(high, u);
    }
    return low > 0.45 && high - low < STUMP_RANGE_U && !print_touches_rim(r->print);
}

static int is_stump(const struct reader *r)
{
    return ends_straight(r) || ridge_is_cut_short(r->print, &r->fine);
}

static double quality_of(double along_mm, double across_mm, int measured)
{
    double sd = hypot(along_mm, across_mm) / QUALITY_SD_MM;
    double quality = fmax(exp(-sd * sd), 0.05);

    return measured ? quality : fmin(quality, FALLBACK_QUALITY_MAX);
}

/* A landmark in a frame whose length is a guess. */
static struct landmark unsure(const struct landmark *landmark)
{
    return (struct landmark){.at = landmark->at,
                             .quality = fmin(landmark->quality, STUMP_QUALITY_MAX)};
}

/* All settled together. Without one observation nothing is known but the template. */
static struct landmarks settle(const struct reader *r)
{
    struct landmarks landmarks = landmarks_template();
    int any = 0;

    for (int i = 0; i < LANDMARK_COUNT; i++)
        any |= r->sky.seen[i];
    for (int i = 0; i < LANDMARK_COUNT && any; i++) {
        struct expected_landmark place = constellation_expect(&r->sky, (enum landmark_id)i, 1);
        int measured = r->sky.seen[i] && !is_beyond_rim(r, place.at) &&
                       hypot(place.sd_along_mm, place.sd_across_mm) <=
                           MEASURED_SD_MAX_MM * r->scale + CELL_ERROR * r->cell_mm;

        landmarks.of[i] = (struct landmark){
            .at = place.at,
            .measured = measured,
            .quality = quality_of(place.sd_along_mm, place.sd_across_mm, measured)};
        if (r->is_stump && i > LANDMARK_HF)
            landmarks.of[i] = unsure(&landmarks.of[i]);
        if (r->given && r->given->given[i])
            landmarks.of[i] = (struct landmark){r->given->at[i], 1, 1, 1};
    }
    return landmarks;
}

/* Midway between the heel's front edge and the diaphragm line, when both are measured. */
static void find_arch(struct reader *r)
{
    struct landmarks so_far = settle(r);
    struct guide_lines lines = guide_lines_from(&so_far);
    const struct landmark *heel = &so_far.of[LANDMARK_HF];

    if (heel->measured && (so_far.of[LANDMARK_MTH2].measured || so_far.of[LANDMARK_MTH3].measured))
        see(r, LANDMARK_AC, (struct uv){(heel->at.u + guide_diaphragm_u(&lines, 0.38)) / 2, 0.38},
            2.5, 1);
}

static void find_forefoot(struct reader *r)
{
    find_hills(r);
    find_toe_bases(r);
    find_cleft(r, LANDMARK_W12, LANDMARK_B1, LANDMARK_B2);
    find_cleft(r, LANDMARK_W23, LANDMARK_B2, LANDMARK_B3);
    find_arch(r);
    find_tip(r);
}

static void begin(struct reader *r, const struct foot_print *print, const struct foot_frame *frame)
{
    struct sole_lattice *broad = &r->fine; /* first used for the surroundings */

    r->print = print;
    r->frame = frame;
    r->scale = frame->length_mm / 250;
    r->cut = print_rim_cut(print, frame);
    r->cell_mm = fmax(print->grid->pitch_x_mm, print->grid->pitch_y_mm);
    constellation_begin(&r->sky, frame);
    sole_lattice_read(&r->raw, print, frame);
    sole_lattice_blur(broad, &r->raw, frame, BROAD_MM * r->scale);
    sole_lattice_blur(&r->hills, &r->raw, frame, HILL_MM * r->scale);
    sole_lattice_minus(&r->hills, &r->hills, broad, BROAD_SHARE);
    sole_lattice_blur(&r->fine, &r->raw, frame, FINE_MM * r->scale);
}

/* What was given is seen as the print is, but exactly. */
static void take_given(struct reader *r, const struct given_landmarks *given)
{
    for (int i = 0; given && i < LANDMARK_COUNT; i++)
        if (given->given[i])
            constellation_see(&r->sky, (enum landmark_id)i, given->at[i], GIVEN_ERROR_MM,
                              GIVEN_ERROR_MM);
    r->given = given;
}

struct landmarks landmarks_with_given(const struct foot_print *print,
                                      const struct foot_frame *frame,
                                      const struct given_landmarks *given)
{
    struct reader reader;

    begin(&reader, print, frame);
    take_given(&reader, given);
    find_heel(&reader);
    reader.is_stump = is_stump(&reader);
    if (!reader.is_stump)
        find_forefoot(&reader);
    find_bulge(&reader);
    return settle(&reader);
}

struct landmarks landmarks_from_print(const struct foot_print *print,
                                      const struct foot_frame *frame)
{
    return landmarks_with_given(print, frame, NULL);
}
