/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/walk_lines.h"

#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <math.h>

/* stance, step time, step and stride length, width, progression, largest force, loading rate, peak,
 * area, COP velocity, CPEI: indices into walk_quantities. */
const int walk_shown_quantities[] = {0, 1, 4, 5, 6, 7, 8, 13, 15, 17, 20, 23, -1};

int walk_is_shown(const struct result *result)
{
    return result->walked && result->walk && result->walk->n_steps > 0;
}

void walk_add_summary(struct text *out, const struct walk_result *walk)
{
    size_t of[3] = {0};

    for (size_t i = 0; i < walk->n_steps; i++)
        of[walk->steps[i].side]++;
    text_addf(out, words_plural("%zu step (", "%zu steps (", walk->n_steps), walk->n_steps);
    text_addf(out, "%zu left, %zu right", of[SIDE_LEFT], of[SIDE_RIGHT]);
    if (of[SIDE_UNKNOWN])
        text_addf(out, ", %zu of unknown side", of[SIDE_UNKNOWN]);
    text_addf(out, "), %zu of them whole", walk->n_whole);
    if (isfinite(walk->cadence_per_min))
        text_addf(out, "; %.0f steps a minute", walk->cadence_per_min);
    if (isfinite(walk->speed_m_s))
        text_addf(out, "; %.2f m/s", walk->speed_m_s);
    if (walk->belt.moves)
        text_addf(out, "; on a belt of %.2f m/s",
                  hypot(walk->belt.x_mm_s, walk->belt.y_mm_s) / 1000);
    text_add(out, ".");
}

void walk_add_average(struct text *out, const struct walk_average *average,
                      const struct walk_quantity *quantity)
{
    if (!average->n) {
        text_add(out, "-");
        return;
    }
    text_addf(out, "%.*f", quantity->decimals, average->mean);
    if (isfinite(average->sd))
        text_addf(out, " ± %.*f", quantity->decimals, average->sd);
    text_addf(out, " (%d)", average->n);
}

struct walk_average walk_arch_average(const struct walk_result *walk, enum side side)
{
    struct walk_average average = {0, NAN, NAN};
    double mean = 0, squares = 0; /* Welford 1962 */

    for (size_t i = 0; i < walk->n_steps; i++) {
        double value = walk->steps[i].print.of[PRINT_ARCH_INDEX].value;
        double off = value - mean;

        if (walk->steps[i].cut || walk->steps[i].side != side || !isfinite(value))
            continue;
        mean += off / ++average.n;
        squares += off * (value - mean);
    }
    if (average.n)
        average.mean = mean;
    if (average.n > 1)
        average.sd = sqrt(squares / (average.n - 1));
    return average;
}

static void add_phases(struct text *out, const struct walk_step *step)
{
    static const char *const words[PHASES] = {"initial contact", "forefoot contact", "foot flat",
                                              "propulsion"};

    if (*step->phases_reason) {
        text_add(out, "; no phases: ");
        text_add_made(out, step->phases_reason);
        return;
    }
    for (int i = 0; i < PHASES; i++)
        text_addf(out, "%s %s %.0f %%", i ? "," : ";", words_tr(words[i]),
                  100 * (step->at_s[i + 1] - step->at_s[i]) / step->stance_s);
}

void walk_add_step(struct text *out, const struct walk_step *step)
{
    text_addf(out, "stance %.2f s", step->stance_s);
    add_phases(out, step);
    if (isfinite(step->cpei.percent))
        text_addf(out, "; excursion index %.1f %%", step->cpei.percent);
    else {
        text_add(out, "; no excursion index: ");
        text_add_made(out, step->cpei.reason);
    }
}

const struct walk_step *walk_typical_step(const struct walk_result *walk, enum side side)
{
    const struct walk_step *best = NULL;
    double nearest = INFINITY;

    for (size_t i = 0; i < walk->n_steps; i++) {
        const struct walk_step *step = &walk->steps[i];
        double off = fabs(step->stance_s - walk->average[side][0].mean);

        if (step->side != side || !step->has_frame)
            continue;
        off = step->cut || isnan(off) ? 1e9 + (double)i : off;
        if (off < nearest) {
            nearest = off;
            best = step;
        }
    }
    return best;
}
