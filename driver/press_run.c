/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_run.h"

#include "driver/host_link.h"
#include "driver/press_lead.h"

#include <string.h>

/* Told before the plate is tared and anybody asked to stand. */
static int check_screening(const struct press_run_options *o, struct problem *why)
{
    if (!o->screening)
        return 0;
    return screening_permits_press(o->screening, o->today, o->client, SIDE_UNKNOWN, why);
}

/* Single studs are led: the engine sets one stud for each press and watches its cells. */
static int check_tool(const struct tool *tool, struct problem *why)
{
    if (tool->kind == TOOL_SINGLE)
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "tool %s cannot be led: the guided test sets a single stud for each press. Use "
                   "a single stud (--tool stud), or record by hand with 'record --protocol press "
                   "--notes FILE'",
                   tool->name);
}

/* Zones and complaints as the chart spells them. */
static int check_route(const struct press_run_options *o, struct problem *why)
{
    struct route_options wanted = {.kind = o->route, .chosen = o->chosen, .n_chosen = o->n_chosen};
    struct atlas *atlas = atlas_load(o->atlas, why);
    wanted.atlas = atlas;
    int bad = !atlas || route_check_chosen(&wanted, why);
    atlas_free(atlas);
    return bad;
}

static int lead_session(const struct press_run_options *o, struct press_lead *lead,
                        struct press_run_result *result, struct problem *why)
{
    const struct session_leader leader = press_lead_leader(lead);
    const struct session_options session = {.uri = o->uri,
                                            .link = o->link,
                                            .path = o->path,
                                            .protocol = "press",
                                            .client = o->client,
                                            .calibration = o->calibration,
                                            .rate_hz = o->rate_hz,
                                            .wait_s = o->wait_s,
                                            .stop_fd = o->stop_fd,
                                            .progress = press_lead_progress,
                                            .context = lead,
                                            .leader = &leader};
    int bad = session_record(&session, &result->session, why);
    press_lead_result(lead);
    return bad;
}

/* Who is not named is whom the screening is of. */
static struct press_run_options with_person(const struct press_run_options *options)
{
    struct press_run_options own = *options;
    if (!(own.client && *own.client) && own.screening && own.screening->person[0])
        own.client = own.screening->person;
    return own;
}

int press_run(const struct press_run_options *wanted, struct press_run_result *result,
              struct problem *why)
{
    const struct press_run_options own = with_person(wanted), *options = &own;
    struct press_earlier earlier = {0};
    struct press_feet feet;
    *result = (struct press_run_result){0};
    int bad =
        check_screening(options, why) || check_tool(options->tool, why) ||
        check_route(options, why) ||
        (options->stand && press_feet_load(options->stand, options->length_mm, &feet, why)) ||
        press_earlier_read(&earlier, options->earlier, options->n_earlier, options->client, why);
    struct press_lead *lead = NULL;
    if (!bad && earlier.warning[0])
        options->screen->tell(options->screen->context, earlier.warning);
    if (!bad)
        lead = press_lead_make(options, options->stand ? &feet : NULL, &earlier, result, why);
    if (!lead)
        host_link_close(options->link); /* else it is the session's */
    bad = !lead || lead_session(options, lead, result, why);
    press_lead_free(lead);
    press_earlier_free(&earlier);
    return bad ? -1 : 0;
}
