/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/press_rows.h"
#include "tests/cohort/heap.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const region_names[] = {"toes", "ball", "arch", "heel"};

struct rows {
    struct table *table;
    const struct press_score *people;
    int n, is_main;
    double side_sd;
    uint64_t seed;
};

static struct aim judged(const struct rows *r, enum aim_kind kind, double limit, double high)
{
    return r->is_main ? (struct aim){kind, limit, high} : (struct aim){AIM_NONE, 0, 0};
}

static void row(const struct rows *r, const char *key, const char *words, struct score score,
                enum row_unit unit, struct aim aim)
{
    char whole[64];
    snprintf(whole, sizeof whole, r->is_main ? "%.48s" : "%.48s_%.2f", key, r->side_sd);
    table_row(r->table, whole, words, score, unit, aim);
}

/* --- Tender zones --------------------------------------------------------------------------- */

/* factor 0 = any; region -1 = any. */
static int is_wanted(const struct plant_score *plant, double factor, int region)
{
    return (factor <= 0 || fabs(plant->factor - factor) < 0.01) &&
           (region < 0 || (int)plant->region == region);
}

enum whose {
    WHOSE_ALL,
    WHOSE_RELIABLE,
    WHOSE_HIT,
    WHOSE_UNBOUNDED,
    WHOSE_BOUNDED,
    WHOSE_BOTH,
    WHOSE_CUT
};

static int is_of(const struct press_score *person, const struct plant_score *plant,
                 enum whose whose)
{
    if (plant->is_cut_off != (whose == WHOSE_CUT) ||
        (whose != WHOSE_CUT && plant->mirror_is_tender != (whose == WHOSE_BOTH)))
        return 0;
    switch (whose) {
    case WHOSE_RELIABLE:
    case WHOSE_BOTH:
    case WHOSE_CUT:
        return !person->is_unreliable;
    case WHOSE_HIT:
        return !person->is_unreliable && plant->was_hit;
    case WHOSE_UNBOUNDED:
        return !person->is_unreliable && !plant->mirror_is_bounded;
    case WHOSE_BOUNDED:
        return !person->is_unreliable && plant->mirror_is_bounded;
    default:
        return 1;
    }
}

enum told { TOLD_FLAG, TOLD_WATCH, TOLD_PLACE, TOLD_BY_NAME };

static struct score found(const struct rows *r, int session, double factor, int region,
                          enum whose whose, enum told told)
{
    size_t hits = 0, all = 0;
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < r->people[i].n_plants; k++) {
            const struct plant_score *plant = &r->people[i].plants[k];
            if (!is_wanted(plant, factor, region) || !is_of(&r->people[i], plant, whose))
                continue;
            all++;
            hits += (size_t)(told == TOLD_WATCH     ? plant->watched[session]
                             : told == TOLD_PLACE   ? plant->place_flagged[session]
                             : told == TOLD_BY_NAME ? plant->named[session]
                                                    : plant->flagged[session]);
        }
    return score_share(hits, all);
}

static void rows_of_factors(const struct rows *r)
{
    static const double factors[] = {0.3, 0.4, 0.5, 0.6, 0.7};
    static const double wanted[2][5] = {{0, 0, 0.85, 0.5, 0}, {0, 0, 0.9, 0.6, 0}};
    static const char *const when[] = {"one full session", "with a confirming session"};
    for (int session = 0; session < 2; session++)
        for (int k = 0; k < 5; k++) {
            char key[64], words[100];
            double limit = wanted[session][k];
            snprintf(key, sizeof key, "tender_%.1f_%d", factors[k], session + 1);
            snprintf(words, sizeof words, "planted at %.1f of the mirror, reliable answerers, %s",
                     factors[k], when[session]);
            row(r, key, words, found(r, session, factors[k], -1, WHOSE_RELIABLE, TOLD_FLAG),
                UNIT_PERCENT, judged(r, limit > 0 ? AIM_AT_LEAST : AIM_NONE, limit, 0));
        }
}

static void rows_of_reasons(const struct rows *r)
{
    static const struct {
        const char *key, *words;
        enum whose whose;
    } kinds[] = {{"everybody", "unreliable answerers too", WHOSE_ALL},
                 {"hit", "only where the stud lay in the zone", WHOSE_HIT},
                 {"mirror_under", "the mirror's threshold under its ceiling", WHOSE_UNBOUNDED},
                 {"mirror_over", "the mirror's threshold above its ceiling", WHOSE_BOUNDED},
                 {"mirror_tender", "its mirror made tender too (in no other row)", WHOSE_BOTH},
                 {"cut_off", "its middle on an amputated part (in no other row)", WHOSE_CUT}};
    static const double factors[] = {0.5, 0.6};
    const struct aim told = {AIM_NONE, 0, 0};
    for (int f = 0; f < 2; f++) {
        char key[64], words[100];
        for (int k = 0; k < 6; k++) {
            snprintf(key, sizeof key, "tender_%.1f_1_%s", factors[f], kinds[k].key);
            snprintf(words, sizeof words, "planted at %.1f, one session: %s", factors[f],
                     kinds[k].words);
            row(r, key, words, found(r, 0, factors[f], -1, kinds[k].whose, TOLD_FLAG), UNIT_PERCENT,
                told);
        }
        snprintf(key, sizeof key, "tender_%.1f_1_watched", factors[f]);
        snprintf(words, sizeof words, "planted at %.1f, one session: attention or watch",
                 factors[f]);
        row(r, key, words, found(r, 0, factors[f], -1, WHOSE_RELIABLE, TOLD_WATCH), UNIT_PERCENT,
            told);
        snprintf(key, sizeof key, "tender_%.1f_1_by_place", factors[f]);
        snprintf(words, sizeof words, "planted at %.1f, one session: its place, before zones",
                 factors[f]);
        row(r, key, words, found(r, 0, factors[f], -1, WHOSE_RELIABLE, TOLD_PLACE), UNIT_PERCENT,
            told);
        snprintf(key, sizeof key, "tender_%.1f_1_by_name", factors[f]);
        snprintf(words, sizeof words, "planted at %.1f, one session: flagged by its own name",
                 factors[f]);
        row(r, key, words, found(r, 0, factors[f], -1, WHOSE_RELIABLE, TOLD_BY_NAME), UNIT_PERCENT,
            told);
        for (int region = 0; region < 4; region++) {
            snprintf(key, sizeof key, "tender_%.1f_1_%s", factors[f], region_names[region]);
            snprintf(words, sizeof words, "planted at %.1f, one session: %s", factors[f],
                     region_names[region]);
            row(r, key, words, found(r, 0, factors[f], region, WHOSE_RELIABLE, TOLD_FLAG),
                UNIT_PERCENT, told);
        }
    }
}

/* --- False flags, answerers, presses -------------------------------------------------------- */

/* A place names every zone that it lies in: they cannot be told apart (R37). */
static void row_of_merged(const struct rows *r)
{
    struct heap zones = {0};
    for (int i = 0; i < r->n; i++) {
        const struct session_score *s = &r->people[i].session[0];
        if (s->place_attention)
            heap_add(&zones, (double)s->flagged_place_zones / s->place_attention, i);
    }
    row(r, "zones_of_flag", "zones that a flagged place names: mean of a person, median",
        heap_quantile(&zones, 0.5, r->seed), UNIT_NUMBER, (struct aim){AIM_NONE, 0, 0});
    heap_free(&zones);
}

static void rows_of_false_flags(const struct rows *r)
{
    size_t people = 0, flagged[2] = {0}, planted = 0, beside = 0;
    size_t differ = 0, sessions = 0;
    for (int i = 0; i < r->n; i++) {
        const struct press_score *one = &r->people[i];
        for (int s = 0; s < 2; s++) {
            differ += (size_t)(!one->session[s].attention != !one->session[s].place_attention);
            sessions++;
        }
        if (one->is_planted) {
            planted++;
            beside += (size_t)(one->session[0].false_attention > 0);
            continue;
        }
        people++;
        for (int s = 0; s < 2; s++)
            flagged[s] += (size_t)(one->session[s].attention > 0);
    }
    row(r, "false_people_1", "people without a planted zone with any attention flag",
        score_share(flagged[0], people), UNIT_PERCENT, judged(r, AIM_AT_MOST_LIKELY, 0.05, 0));
    row(r, "false_people_2", "the same, with a confirming session", score_share(flagged[1], people),
        UNIT_PERCENT, judged(r, AIM_AT_MOST_LIKELY, 0.05, 0));
    row(r, "false_beside", "people with planted zones who get a flag elsewhere too",
        score_share(beside, planted), UNIT_PERCENT, (struct aim){AIM_NONE, 0, 0});
    row(r, "flags_differ", "sessions flagged by the zones and not by the places, or reverse",
        score_share(differ, sessions), UNIT_PERCENT, (struct aim){AIM_NONE, 0, 0});
}

/* Of both sessions. */
static void rows_of_honesty(const struct rows *r)
{
    struct verdict_honesty sum = {0};
    const struct aim never = {AIM_NEVER, 0, 0};
    for (int i = 0; i < r->n; i++)
        for (int s = 0; s < 2; s++) {
            const struct verdict_honesty *one = &r->people[i].session[s].honesty;
            sum.unpressed += one->unpressed;
            sum.unpressed_told += one->unpressed_told;
            sum.far += one->far;
            sum.far_told += one->far_told;
        }
    row(r, "told_without_test", "zones that no press was meant for or fell into, told all the same",
        score_share((size_t)sum.unpressed_told, (size_t)sum.unpressed), UNIT_PERCENT, never);
    row(r, "told_from_afar", "zones with no press truly within 20 mm, told all the same",
        score_share((size_t)sum.far_told, (size_t)sum.far), UNIT_PERCENT, never);
}

/* What Benjamini and Hochberg hold: the mean over people of the false share of what is listed for
 * them, 0 where nothing is. Its interval by the shares' standard error. By aim: as false_by_aim. */
static struct score mean_false_share(const struct rows *r, int session, int by_aim)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < r->n; i++) {
        const struct session_score *s = &r->people[i].session[session];
        int wrong = by_aim ? s->false_by_aim : s->false_listed;
        double share = s->listed ? (double)wrong / s->listed : 0;
        sum += share;
        squares += share * share;
    }
    double mean = sum / r->n;
    double error = 1.96 * sqrt(fmax(0, squares / r->n - mean * mean) / r->n);
    return (struct score){mean, fmax(0, mean - error), mean + error, (size_t)r->n};
}

static const char *const when_listed[] = {"one session", "with a confirming session"};

static void row_of_list(const struct rows *r, const char *name, const char *says, int session,
                        struct score score, struct aim aim)
{
    char key[64], words[160];
    snprintf(key, sizeof key, "%s_%d", name, session + 1);
    snprintf(words, sizeof words, "%s, %s", says, when_listed[session]);
    row(r, key, words, score, UNIT_PERCENT, aim);
}

/* By both definitions of false: where the presses fell, which the aim is judged by, and the
 * stricter one of where they were meant to fall, told beside it. */
static void rows_of_lists(const struct rows *r)
{
    const struct aim told = {AIM_NONE, 0, 0}, tenth = judged(r, AIM_AT_MOST_LIKELY, 0.10, 0);
    for (int session = 0; session < 2 && r->n; session++) {
        size_t listed = 0, wrong = 0, by_aim = 0, watch = 0, watch_wrong = 0;
        for (int i = 0; i < r->n; i++) {
            const struct session_score *s = &r->people[i].session[session];
            listed += (size_t)s->listed;
            wrong += (size_t)s->false_listed;
            by_aim += (size_t)s->false_by_aim;
            watch += (size_t)s->watch;
            watch_wrong += (size_t)s->false_watch;
        }
        row_of_list(r, "false_of_list",
                    "listed, no tender zone at the aim or under half its presses: share of a list",
                    session, mean_false_share(r, session, 0), tenth);
        row_of_list(r, "false_of_list_by_aim",
                    "listed, no tender zone at the aim, wherever presses fell: share of a list",
                    session, mean_false_share(r, session, 1), told);
        row_of_list(r, "false_listed",
                    "listed, no tender zone at the aim or under half its presses: share of all",
                    session, score_share(wrong, listed), tenth);
        row_of_list(r, "false_listed_by_aim",
                    "listed, no tender zone at the aim, wherever presses fell: share of all",
                    session, score_share(by_aim, listed), told);
        row_of_list(r, "false_watch",
                    "watch list alone, no tender zone at the aim or under half its presses",
                    session, score_share(watch_wrong, watch), told);
    }
}

static void rows_of_answerers(const struct rows *r)
{
    size_t bad = 0, bad_seen = 0, good = 0, good_seen = 0;
    for (int i = 0; i < r->n; i++) {
        const struct press_score *one = &r->people[i];
        *(one->is_unreliable ? &bad : &good) += 1;
        *(one->is_unreliable ? &bad_seen : &good_seen) += (size_t)one->session[0].unreliable;
    }
    row(r, "unreliable_seen", "unreliable answerers recognised, one session",
        score_share(bad_seen, bad), UNIT_PERCENT, judged(r, AIM_AT_LEAST, 0.9, 0));
    row(r, "reliable_doubted", "others called unreliable", score_share(good_seen, good),
        UNIT_PERCENT, judged(r, AIM_AT_MOST, 0.02, 0));
}

static void rows_of_presses(const struct rows *r)
{
    struct heap full = {0}, second = {0}, brief = {0}, minutes = {0}, cup = {0}, unheld = {0};
    double longest = 0;
    for (int i = 0; i < r->n; i++) {
        const struct press_score *one = &r->people[i];
        heap_add(&full, one->session[0].presses, i);
        heap_add(&second, one->session[1].presses, i);
        heap_add(&minutes, one->session[0].minutes, i);
        if (one->short_presses > 0)
            heap_add(&brief, one->short_presses, i);
        longest = fmax(longest, one->short_presses);
        for (int k = 0; k < one->n_cup; k++)
            heap_add(&cup, (double)one->cup_error_mm[k], i);
        for (int k = 0; k < one->n_free; k++)
            heap_add(&unheld, (double)one->free_error_mm[k], i);
    }
    const struct aim told = {AIM_NONE, 0, 0};
    row(r, "presses_full", "presses in a full session: median", heap_quantile(&full, 0.5, r->seed),
        UNIT_COUNT, judged(r, AIM_AT_MOST, 80, 0));
    row(r, "presses_full_p95", "presses in a full session: 95th percentile",
        heap_quantile(&full, 0.95, r->seed), UNIT_COUNT, told);
    row(r, "presses_second", "presses in the confirming session: median",
        heap_quantile(&second, 0.5, r->seed), UNIT_COUNT, told);
    row(r, "minutes_full", "minutes of a full session: median",
        heap_quantile(&minutes, 0.5, r->seed), UNIT_NUMBER, told);
    if (brief.n > 0) {
        row(r, "presses_short", "presses in a short session: most",
            (struct score){longest, longest, longest, brief.n}, UNIT_COUNT,
            judged(r, AIM_AT_MOST, 24, 0));
    }
    row(r, "place_cup", "place of a press, fenced cup and seated print: median error",
        heap_quantile(&cup, 0.5, r->seed), UNIT_MM, judged(r, AIM_AT_MOST, 5, 0));
    row(r, "place_cup_p95", "the same: 95th percentile", heap_quantile(&cup, 0.95, r->seed),
        UNIT_MM, told);
    if (unheld.n > 0)
        row(r, "place_free", "place of a press, free foot: median error",
            heap_quantile(&unheld, 0.5, r->seed), UNIT_MM, judged(r, AIM_AT_MOST, 8, 0));
    heap_free(&full);
    heap_free(&second);
    heap_free(&brief);
    heap_free(&minutes);
    heap_free(&cup);
    heap_free(&unheld);
}

/* --- Thresholds ----------------------------------------------------------------------------- */

/* Of reliable people's places with so many answers; apart: exactly these; truth under the stud or
 * at the middle of the zone. */
static void rows_of_threshold(const struct rows *r, int low, int high, int at_zone,
                              const char *name)
{
    struct heap ratio = {0}, error = {0};
    size_t inside = 0, all = 0;
    char key[64], words[100];
    int judge = low >= 3 && !at_zone;
    for (int i = 0; i < r->n; i++) {
        const struct press_score *one = &r->people[i];
        const struct session_score *s = &one->session[0];
        for (int k = 0; k < s->n_places && !one->is_unreliable; k++) {
            const struct place_score *place = &s->places[k];
            double truth = (double)(at_zone ? place->zone_kpa : place->under_kpa);
            if (place->answers < low || place->answers > high || !(truth > 0) || isnan(place->kpa))
                continue;
            double off = log((double)place->kpa / truth);
            heap_add(&ratio, off, i);
            heap_add(&error, fabs(expm1(off)), i);
            inside += (size_t)((double)place->low_kpa <= truth && truth <= (double)place->high_kpa);
            all++;
        }
    }
    struct score bias = heap_quantile(&ratio, 0.5, r->seed);
    snprintf(key, sizeof key, "threshold_bias_%s", name);
    snprintf(words, sizeof words, "threshold, %s: bias (median of ln)", name);
    row(r, key, words, bias, UNIT_PERCENT, judged(r, judge ? AIM_WITHIN : AIM_NONE, -0.03, 0.03));
    snprintf(key, sizeof key, "threshold_error_%s", name);
    snprintf(words, sizeof words, "threshold, %s: median error", name);
    row(r, key, words, heap_quantile(&error, 0.5, r->seed), UNIT_PERCENT,
        judged(r, judge ? AIM_AT_MOST : AIM_NONE, 0.10, 0));
    snprintf(key, sizeof key, "threshold_cover_%s", name);
    snprintf(words, sizeof words, "threshold, %s: 95 %% interval covers", name);
    row(r, key, words, score_share(inside, all), UNIT_PERCENT,
        judged(r, judge ? AIM_WITHIN : AIM_NONE, 0.93, 0.97));
    heap_free(&ratio);
    heap_free(&error);
}

/* What the station tells of a zone, by the whole chain: its own gathering of presses into places,
 * its own choice of the place that tells, its fit. The rows above are by the harness's places. */
static void rows_of_zone_numbers(const struct rows *r)
{
    struct heap ratio = {0}, error = {0};
    size_t inside = 0, all = 0;
    for (int i = 0; i < r->n; i++) {
        const struct session_score *s = &r->people[i].session[0];
        for (int k = 0; k < s->n_numbers && !r->people[i].is_unreliable; k++) {
            const struct zone_number *zone = &s->numbers[k];
            if (zone->answers < 3)
                continue;
            double off = log((double)zone->kpa / (double)zone->truth_kpa);
            heap_add(&ratio, off, i);
            heap_add(&error, fabs(expm1(off)), i);
            inside += (size_t)(zone->low_kpa <= zone->truth_kpa &&
                               zone->truth_kpa <= zone->high_kpa); /* no interval: outside */
            all++;
        }
    }
    row(r, "zone_number_bias", "zones' numbers as told, 3 answers or more: bias (median of ln)",
        heap_quantile(&ratio, 0.5, r->seed), UNIT_PERCENT, judged(r, AIM_WITHIN, -0.03, 0.03));
    row(r, "zone_number_error", "zones' numbers as told, 3 answers or more: median error",
        heap_quantile(&error, 0.5, r->seed), UNIT_PERCENT, judged(r, AIM_AT_MOST, 0.10, 0));
    row(r, "zone_number_cover", "zones' numbers as told, 3 answers or more: 95 % interval covers",
        score_share(inside, all), UNIT_PERCENT, judged(r, AIM_WITHIN, 0.93, 0.97));
    heap_free(&ratio);
    heap_free(&error);
}

/* --- ROC ------------------------------------------------------------------------------------ */

static void gather_roc(const struct press_score *people, int n, struct heap *tender,
                       struct heap *other)
{
    for (int i = 0; i < n; i++) {
        const struct session_score *s = &people[i].session[0];
        for (int k = 0; k < s->n_places && !people[i].is_unreliable; k++) {
            const struct place_score *place = &s->places[k];
            if (isnan(place->p_value) || place->presses == 0)
                continue;
            heap_add(place->is_planted ? tender : other, 1 - (double)place->p_value, i);
        }
    }
}

static void rows_of_roc(const struct rows *r)
{
    struct heap tender = {0}, other = {0};
    gather_roc(r->people, r->n, &tender, &other);
    row(r, "roc_area", "places by their p-value: area under the ROC",
        score_roc_area(tender.value, tender.n, other.value, other.n), UNIT_NUMBER,
        (struct aim){AIM_NONE, 0, 0});
    heap_free(&tender);
    heap_free(&other);
}

void press_rows(struct table *table, const struct press_score *people, int n, double side_sd,
                int is_main, uint64_t seed)
{
    struct rows r = {table, people, n, is_main, side_sd, seed};
    char name[80];
    snprintf(name, sizeof name, "Press test, natural left/right spread (SD of ln) %.2f", side_sd);
    table_section(table, name);
    rows_of_factors(&r);
    rows_of_false_flags(&r);
    rows_of_lists(&r);
    rows_of_honesty(&r);
    rows_of_answerers(&r);
    rows_of_presses(&r);
    rows_of_threshold(&r, 3, 1000, 0, "3 answers or more");
    rows_of_threshold(&r, 2, 2, 0, "2 answers");
    rows_of_threshold(&r, 3, 1000, 1, "3 answers at the zone's middle");
    rows_of_zone_numbers(&r);
    rows_of_roc(&r);
    if (is_main) {
        rows_of_reasons(&r);
        row_of_merged(&r);
    }
}
