/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A foot lowered onto a mat of studs, live: which stud presses hardest, and how far it may. */
#include "analysis/press/protocol_standing.h"

#include "analysis/foot/guide_lines.h"
#include "analysis/foot/landmarks.h"
#include "analysis/foot/regions.h"
#include "firmware/wire/problem_code.h"

#include <math.h>

/* Weight comes back: less than this of the most, or than what a resting foot has. */
#define OFF_SHARE 0.1

/* Where a stud lies that is known: the plate's middle; moved by half a pitch both ways, so that the
 * studs then press where none did before. */
struct point mat_stud(const struct press_protocol *p, int placing)
{
    const struct grid *grid = &p->options.grid;
    double half = placing ? p->tool.pitch_mm / 2 : 0;

    return (struct point){round(grid->cols * grid->pitch_x_mm / 2) + half,
                          round(grid->rows * grid->pitch_y_mm / 2) + half};
}

static struct foot_frame frame_on_mat(const struct press_protocol *p, enum side side)
{
    double length_mm = p->options.frame[side].length_mm;
    struct foot_frame frame =
        foot_frame_template(side, p->options.cup[side], p->options.cup_angle_deg[side],
                            length_mm > 0 ? length_mm : ATLAS_LENGTH_MM);

    if (length_mm > 0) {
        frame = p->options.frame[side];
        frame.heel = p->options.cup[side];
        frame.angle_deg = p->options.cup_angle_deg[side];
    }
    frame.side = side;
    return frame;
}

/* The base presses evenly: masked cells had as much of its force as the others. What lies beyond
 * the plate's edge presses on nothing that is wrong. */
static double seen_of(const struct press_protocol *p, struct point stud)
{
    const struct grid *grid = &p->options.grid;
    double all = stud_unseen_share(grid, stud, p->tool.footprint_cm2, p->options.masked);
    double beyond = stud_unseen_share(grid, stud, p->tool.footprint_cm2, NULL);

    return 1 - (all - beyond);
}

/* Studs beside the foot are kept too: a toe may lie there. Their ceiling is that of the nearest
 * region, and the lowest where the place is none. */
void mat_set(struct press_protocol *p)
{
    struct standing *s = p->standing;
    const struct standing_step *now = standing_now(p);
    struct landmarks landmarks = landmarks_template();
    struct guide_lines lines = guide_lines_from(&landmarks);
    struct foot_frame frame = frame_on_mat(p, now->side);
    struct mat_lattice lattice =
        mat_lattice_of(&p->options.grid, mat_stud(p, now->placing), p->tool.pitch_mm);

    s->n_studs = 0;
    for (int i = 0; i < lattice.nx * lattice.ny && s->n_studs < STUDS_LIVE_MAX; i++) {
        struct point at = mat_lattice_point(&lattice, i);
        struct uv on = foot_frame_to_uv(&frame, at);
        if (shift_is_under_foot(on))
            s->studs[s->n_studs++] = (struct live_stud){
                at, p->options.ceiling_kpa[region_class_at(&lines, on)], seen_of(p, at)};
    }
}

/* The blindest stud of this turn: its index. */
static int blindest(const struct standing *s)
{
    int worst = 0;

    for (int i = 1; i < s->n_studs; i++)
        if (s->studs[i].seen < s->studs[worst].seen)
            worst = i;
    return worst;
}

int mat_begin(struct press_protocol *p, struct problem *why)
{
    struct standing *s = p->standing;

    for (s->turn.step = s->n_steps - 1; s->turn.step >= 0; s->turn.step--) {
        mat_set(p);
        const struct live_stud *stud = &s->studs[blindest(s)];
        if (s->n_studs && stud->seen < STUD_SEEN_LEAST)
            return problem_coded(
                why, PROBLEM_CODE_PLATE_FAULTY, PROBLEM_REFUSED,
                "the mat's stud at x %.0f mm, y %.0f mm would lie on faulty cells, and "
                "nobody could watch it: press with the single stud, or mend the plate",
                stud->at.x_mm, stud->at.y_mm);
    }
    s->turn.step = 0;
    return 0;
}

/* --- Sums of one frame ------------------------------------------------------------------------ */

void mat_sum(struct press_protocol *p, const float *kpa)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;
    double all = 0, most = 0;

    turn->hardest = -1;
    turn->of_ceiling = 0;
    for (int i = 0; i < s->n_studs; i++) {
        double force_n = stud_share_force_n(&p->options.grid, s->studs[i].at, p->tool.footprint_cm2,
                                            p->tool.pitch_mm, kpa) /
                         s->studs[i].seen;
        if (!isfinite(force_n) || force_n < MAT_STUD_MIN_N)
            continue;
        all += force_n;
        turn->of_ceiling =
            fmax(turn->of_ceiling, tool_tip_kpa(&p->tool, force_n) / s->studs[i].ceiling_kpa);
        if (force_n > most) {
            most = force_n;
            turn->hardest = i;
        }
    }
    turn->foot_n = turn->region_n = turn->weight_n = all;
    turn->kpa = tool_tip_kpa(&p->tool, most);
}

/* --- The press -------------------------------------------------------------------------------- */

/* No more weight comes: what there is has been borne. */
static int is_plateau(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    if (turn->kpa > turn->plateau_kpa + MAT_PLATEAU_KPA || !turn->plateau_us) {
        turn->plateau_kpa = turn->kpa;
        turn->plateau_us = p->now_us;
    }
    return turn->peak_kpa >= PRESS_RISE_KPA &&
           standing_since_s(p, turn->plateau_us) >= MAT_PLATEAU_S;
}

static void watch(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;
    double rate = trial_rate(p);

    if (turn->of_ceiling >= 1)
        standing_back(p, "ceiling", NULL, 1);
    else if (turn->foot_n >= MAT_MOST_N)
        standing_back(p, "heavy", NULL, 1);
    else if (turn->kpa > TOO_FAST_FROM_KPA && rate > TOO_FAST_FACTOR * p->options.ramp_high_kpa_s)
        standing_back(p, "stopped", "the force rose too fast", 1);
    else if (turn->foot_n < fmax(MAT_FROM_N / 2, OFF_SHARE * turn->top_n))
        standing_back(p, "lifted", turn->peak_kpa < PRESS_RISE_KPA ? "no pressure rose" : NULL, 0);
    else if (is_plateau(p))
        standing_back(p, "weight", NULL, 0);
    else if (standing_since_s(p, p->step_us) >= RAMP_MAX_S)
        standing_back(p, "slow", "the pressure rose too slowly", 0);
}

static void watch_ready(struct press_protocol *p)
{
    if (p->standing->turn.foot_n >= MAT_FROM_N)
        protocol_step(p, PRESS_STEP_RAMP);
    else if (standing_since_s(p, p->step_us) >= READY_MAX_S)
        standing_back(p, "stopped", "no foot came onto the mat", 0);
}

static void watch_back(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    if (turn->foot_n > fmax(MAT_FROM_N, OFF_SHARE * turn->top_n)) {
        turn->went_low = 0;
    } else if (!turn->went_low) {
        turn->went_low = 1;
        turn->low_us = p->now_us;
    }
}

void mat_frame(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_RAMP &&
        press_series_add(&p->series, protocol_seconds(p, p->now_us), p->standing->turn.kpa))
        standing_back(p, "stopped", "out of memory", 1);
    if (p->step == PRESS_STEP_READY)
        watch_ready(p);
    else if (p->step == PRESS_STEP_RAMP)
        watch(p);
    else if (p->step == PRESS_STEP_LIFT)
        watch_back(p);
}
