/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Side and length of each foot by all the spans it stood in. */
#include "analysis/foot/track_private.h"

#include <math.h>

/* Under SIDE_STATED. */
#define UNSTATED_CONFIDENCE 0.84

/* What all spans of a foot say of its side: the mean of their log odds, weighed by their time, so
 * that one doubtful span does not turn it, and many of one pose are not counted as many witnesses.
 */
static double chain_log_odds(const struct foot_track *track, int chain, int *said)
{
    double sum = 0, seconds = 0;

    *said = 0;
    for (size_t s = 0; s < track->n_spans; s++)
        for (int k = 0; k < track->spans[s].n_feet; k++) {
            const struct history *history = &track->history[s];

            if (history->chain[k] != chain)
                continue;
            if (history->said[k])
                *said = (int)track->spans[s].foot[k].side;
            sum += history->log_odds[k] * (history->seconds + BLOCK_S);
            seconds += history->seconds + BLOCK_S;
        }
    return seconds > 0 ? sum / seconds : 0;
}

static double chain_length(const struct foot_track *track, int chain)
{
    double longest = 0, length = NAN;

    for (size_t s = 0; s < track->n_spans; s++)
        for (int k = 0; k < track->spans[s].n_feet; k++) {
            const struct tracked_foot *foot = &track->spans[s].foot[k];

            if (track->history[s].chain[k] != chain || !foot->length_is_measured ||
                track->history[s].seconds < longest)
                continue;
            longest = track->history[s].seconds;
            length = foot->frame.length_mm;
        }
    return length;
}

/* The same tangents on a foot of another length. */
static void set_length(struct foot_frame *frame, double length_mm)
{
    double slope = (frame->width_toe_mm - frame->width_heel_mm) / frame->length_mm;

    frame->length_mm = length_mm;
    frame->width_toe_mm = frame->width_heel_mm + slope * length_mm;
}

static void settle_foot(struct tracked_foot *foot, double log_odds, int said, double length_mm)
{
    double confidence = 1 / (1 + exp(-fabs(log_odds)));
    enum side side = log_odds >= 0 ? SIDE_LEFT : SIDE_RIGHT;

    if (said) {
        foot->side = (enum side)said;
        foot->side_confidence = 1;
    } else {
        foot->side = confidence >= SIDE_STATED ? side : SIDE_UNKNOWN;
        foot->side_confidence = fmin(confidence, 0.99);
    }
    foot->frame.side = foot->side;
    if (!foot->length_is_measured && length_mm > 0)
        set_length(&foot->frame, length_mm);
}

/* Two feet at one time are a left and a right one: where the spans make them both of one side, it
 * is not stated, but of a foot of which the operator said it. */
static void leave_open(struct track_span *span)
{
    if (span->n_feet < 2 || span->foot[0].side != span->foot[1].side)
        return;
    for (int k = 0; k < 2; k++) {
        struct tracked_foot *foot = &span->foot[k];

        if (foot->side_confidence >= 1 && span->foot[1 - k].side_confidence < 1)
            continue;
        foot->side = foot->frame.side = SIDE_UNKNOWN;
        foot->side_confidence = fmin(foot->side_confidence, UNSTATED_CONFIDENCE);
    }
}

void track_settle_sides(struct foot_track *track)
{
    for (int chain = 0; chain < track->n_chains; chain++) {
        int said;
        double log_odds = chain_log_odds(track, chain, &said);
        double length = chain_length(track, chain);

        for (size_t s = 0; s < track->n_spans; s++)
            for (int k = 0; k < track->spans[s].n_feet; k++)
                if (track->history[s].chain[k] == chain)
                    settle_foot(&track->spans[s].foot[k], log_odds, said, length);
    }
    for (size_t s = 0; s < track->n_spans; s++)
        leave_open(&track->spans[s]);
}
