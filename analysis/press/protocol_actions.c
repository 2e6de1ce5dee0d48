/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guided test asks of plate and recording. Texts are written into fixed room: nothing here
 * can fail for want of memory. */
#include "analysis/press/protocol_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SIGNAL_MS 800
#define HEAD "{\"schema\":\"tenderfoot/annotation/1\","

static struct queued *queue(struct press_protocol *p, enum press_action_kind kind)
{
    /* Nobody fetches them: the test can't go on, and without its limit no press begins. */
    if (p->n_actions == ACTIONS_MAX)
        p->n_actions--;
    struct queued *one = &p->actions[(p->first_action + p->n_actions++) % ACTIONS_MAX];
    *one = (struct queued){.action = {.kind = kind}};
    return one;
}

void action_say(struct press_protocol *p, const char *format, ...)
{
    struct queued *one = queue(p, PRESS_ACTION_ANNOTATE);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(one->json, sizeof one->json, format, arguments);
    va_end(arguments);
}

/* A text of a chart inside JSON: what would need an escape is left out. */
static const char *plain(const char *text, char *out, size_t cap)
{
    size_t n = 0;

    for (; *text && n + 1 < cap; text++)
        if (*text != '"' && *text != '\\' && (unsigned char)*text >= ' ')
            out[n++] = *text;
    out[n] = 0;
    return out;
}

/* --- What is left out ------------------------------------------------------------------------- */

/* The longest entry: 12 zones of 16 bytes, two names and a reason. */
#define ENTRY_MAX 520

static void zones_text(const struct route_place *place, char *text, size_t cap)
{
    char name[16];
    int n = 0;

    text[0] = 0;
    for (int z = 0; z < place->n_zones; z++)
        n += snprintf(text + n, cap - (size_t)n, "%s\"%s\"", z ? "," : "",
                      plain(place->zones[z]->id, name, sizeof name));
}

static void left_out_text(const char *id, enum side side, const char *zones, int moved,
                          const char *why, char *text, size_t cap)
{
    char place[ROUTE_PLACE_ID_MAX], reason[120];

    snprintf(text, cap,
             "{\"place\":\"%s\",\"side\":\"%s\",\"zones\":[%s],\"moved\":%s,\"why\":\"%s\"}",
             plain(id, place, sizeof place), side_name(side), zones, moved ? "true" : "false",
             plain(why, reason, sizeof reason));
}

/* The next one that nobody was told of: the route's first, then those of the test. */
static int next_left_out(struct press_protocol *p, char *text, size_t cap)
{
    char zones[ROUTE_ZONES_MAX * 20], id[24], name[16];

    if (p->route_outs_said < p->route->n_left_out) {
        const struct route_left_out *out = &p->route->left_out[p->route_outs_said++];
        snprintf(id, sizeof id, "\"%s\"", plain(out->id, name, sizeof name));
        left_out_text(out->id, out->side, strchr(out->id, ':') ? "" : id, out->moved, out->why,
                      text, cap);
        return 1;
    }
    if (p->outs_said >= p->n_outs)
        return 0;
    int place = p->outs[p->outs_said++];
    const struct route_place *out = &p->route->places[place];
    zones_text(out, zones, sizeof zones);
    left_out_text(out->id, out->side, zones, 0, p->places[place].out_why, text, cap);
    return 1;
}

/* As many as one annotation holds. */
static int give_left_out(struct press_protocol *p, struct press_action *action)
{
    char entry[ENTRY_MAX];
    size_t n = 0;

    while (n + ENTRY_MAX + 8 < sizeof p->given_json && next_left_out(p, entry, sizeof entry)) {
        const char *head = n ? "," : HEAD "\"protocol\":{\"name\":\"press\",\"left_out\":[";
        n += (size_t)snprintf(p->given_json + n, sizeof p->given_json - n, "%s%s", head, entry);
    }
    if (!n)
        return 0;
    snprintf(p->given_json + n, sizeof p->given_json - n, "]}}");
    *action = p->given =
        (struct press_action){.kind = PRESS_ACTION_ANNOTATE, .json = p->given_json};
    return 1;
}

int press_protocol_action(struct press_protocol *p, struct press_action *action)
{
    if (p->is_protocol_said && !p->standing && give_left_out(p, action))
        return 1;
    if (!p->n_actions)
        return 0;
    p->is_protocol_said = 1;
    const struct queued *one = &p->actions[p->first_action];
    p->given = one->action;
    memcpy(p->given_json, one->json, sizeof p->given_json);
    p->given.json = one->json[0] ? p->given_json : NULL;
    p->first_action = (p->first_action + 1) % ACTIONS_MAX;
    p->n_actions--;
    *action = p->given;
    return 1;
}

void action_signal(struct press_protocol *p)
{
    queue(p, PRESS_ACTION_SIGNAL)->action.duration_ms = SIGNAL_MS;
    p->trial.last_signal_us = p->now_us;
}

void action_limit(struct press_protocol *p)
{
    struct press_action *action = &queue(p, PRESS_ACTION_SET_LIMIT)->action;
    const struct stud_window *window = &p->trial.window;

    action->row0 = window->row0;
    action->col0 = window->col0;
    action->rows = window->row1 - window->row0 + 1;
    action->cols = window->col1 - window->col0 + 1;
    action->force_n = tool_force_n(&p->tool, p->trial.ceiling_kpa);
    action->stud_known = p->tool.kind == TOOL_SINGLE;
    action->stud = p->trial.stud;
    action->expiry_ms = (unsigned)(LIMIT_S * 1000);
    p->limit = LIMIT_ASKED;
    p->limit_us = p->now_us;
}

void action_clear(struct press_protocol *p)
{
    queue(p, PRESS_ACTION_CLEAR_LIMIT);
    p->limit = LIMIT_NONE;
}

void action_end(struct press_protocol *p)
{
    queue(p, PRESS_ACTION_END);
}

/* --- Annotations (PROTOCOL.md, section 7) ------------------------------------------------------
 */

void action_say_protocol(struct press_protocol *p)
{
    action_say(p,
               HEAD
               "\"protocol\":{\"name\":\"press\",\"seed\":%llu,\"route\":\"%s\",\"places\":%d,"
               "\"tool\":\"%s\",\"ramp_kpa_s\":[%g,%g],\"ceiling_kpa\":{\"toe\":%g,\"ball\":%g,"
               "\"arch\":%g,\"heel\":%g},\"taps\":%d,\"catch_trials\":%d,\"presses_max\":%d,"
               "\"minutes_max\":%g,\"earlier_presses\":%d}}",
               (unsigned long long)p->options.seed, route_kind_name(p->route->kind), p->route->n,
               p->tool.name, p->options.ramp_low_kpa_s, p->options.ramp_high_kpa_s,
               p->options.ceiling_kpa[CLASS_TOE], p->options.ceiling_kpa[CLASS_BALL],
               p->options.ceiling_kpa[CLASS_ARCH], p->options.ceiling_kpa[CLASS_HEEL], p->taps_left,
               p->n_catches, p->options.presses_max, p->options.minutes_max, p->options.n_earlier);
}

void action_say_step(struct press_protocol *p, const char *step)
{
    action_say(p, HEAD "\"step\":\"%s\"}", step);
}

void action_tool_text(const struct tool *tool, char *text, size_t cap)
{
    int n = snprintf(text, cap,
                     "{\"name\":\"%s\",\"kind\":\"%s\",\"tip_cm2\":%g,\"footprint_cm2\":%g,"
                     "\"footprint_factor\":%g",
                     tool->name, tool_kind_name(tool->kind), tool->tip_cm2, tool->footprint_cm2,
                     tool->factor);

    if (tool->kind == TOOL_MAT)
        snprintf(text + n, cap - (size_t)n, ",\"pitch_mm\":%g}", tool->pitch_mm);
    else
        snprintf(text + n, cap - (size_t)n, "}");
}

static void cup_text(const struct press_protocol *p, enum side side, char *text, size_t cap)
{
    if (p->options.cup_known)
        snprintf(text, cap, "{\"x_mm\":%.1f,\"y_mm\":%.1f,\"angle_deg\":%.2f}",
                 p->options.cup[side].x_mm, p->options.cup[side].y_mm,
                 p->options.cup_angle_deg[side]);
    else
        snprintf(text, cap, "null");
}

void action_say_press(struct press_protocol *p)
{
    const struct trial_now *trial = &p->trial;
    const struct route_place *place = &p->route->places[trial->place];
    char tool[320], cup[120], id[ROUTE_PLACE_ID_MAX], zone[24] = "null", name[16];

    action_tool_text(&p->tool, tool, sizeof tool);
    cup_text(p, place->side, cup, sizeof cup);
    if (place->n_zones)
        snprintf(zone, sizeof zone, "\"%s\"", plain(place->zones[0]->id, name, sizeof name));
    action_say(
        p,
        HEAD
        "\"press\":{\"number\":%d,\"pass\":%d,\"side\":\"%s\",\"catch\":%s,\"tap\":%s,"
        "\"ceiling_kpa\":%g,\"tool\":%s,\"stud\":{\"x_mm\":%.1f,\"y_mm\":%.1f},"
        "\"heel_cup\":%s,\"aim\":{\"u\":%.4f,\"v\":%.4f},\"target_zone\":%s,\"place\":\"%s\"}}",
        trial->number, trial->pass, side_name(place->side),
        trial->kind == TRIAL_CATCH ? "true" : "false", trial->kind == TRIAL_TAP ? "true" : "false",
        trial->ceiling_kpa, tool, trial->stud.x_mm, trial->stud.y_mm, cup, place->at.u, place->at.v,
        zone, plain(place->id, id, sizeof id));
}

void action_say_answer(struct press_protocol *p)
{
    char scale[16] = "null", word[200] = "null", room[160];

    if (p->trial.scale >= 0)
        snprintf(scale, sizeof scale, "%d", p->trial.scale);
    if (p->trial.void_why)
        snprintf(word, sizeof word, "\"%s\"", plain(p->trial.void_why, room, sizeof room));
    action_say(p, HEAD "\"answer\":{\"number\":%d,\"scale\":%s,\"by_key\":%s,\"void\":%s}}",
               p->trial.number, scale, p->trial.by_key ? "true" : "false", word);
}

void action_say_stopped(struct press_protocol *p, const char *why)
{
    char room[160];

    action_say(p, HEAD "\"stopped\":{\"side\":null,\"why\":\"%s\"}}",
               plain(why, room, sizeof room));
}
