/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_run.h"

#include "driver/host_link.h"
#include "driver/press_lead.h"
#include "firmware/wire/problem_code.h"

#include <string.h>

/* Told before the plate is tared and anybody asked to stand. Weight is shifted from one foot to the
 * other: who may not stand on both is tested seated. */
static int check_screening(const struct press_run_options *o, struct problem *why)
{
    struct problem inner;
    if (!o->screening)
        return 0;
    if (screening_permits_press(o->screening, o->today, o->client, SIDE_UNKNOWN, why))
        return -1;
    if (o->tool->kind != TOOL_FLAT ||
        !screening_permits_stand(o->screening, o->today, o->client, SIDE_UNKNOWN, &inner))
        return 0;
    return problem_coded(
        why, PROBLEM_CODE_SCREENING_NO_STANDING, PROBLEM_REFUSED,
        "tool %s: weight shifts are made standing; press seated, with a single stud "
        "(--tool stud): %s",
        o->tool->name, inner.text);
}

/* Standing, on a mat or the bare plate, there are no places to choose from or to go on with; and on
 * the bare plate the feet are loaded where they stand. */
static int check_tool(const struct press_run_options *o, struct problem *why)
{
    const char *name = o->tool->name;
    if (o->tool->kind == TOOL_SINGLE)
        return 0;
    if (o->n_chosen > 0 || o->route != ROUTE_ZONES)
        return problem(why, PROBLEM_USAGE,
                       "tool %s names no places, so there is no route: leave --route and "
                       "--complaint out, or press with a single stud (--tool stud)",
                       name);
    if (o->n_earlier > 0)
        return problem(why, PROBLEM_USAGE,
                       "tool %s: no earlier test can be gone on with; leave --earlier out", name);
    if (o->tool->kind == TOOL_FLAT && (o->stand || !(o->stand_s > 0)))
        return problem(why, PROBLEM_USAGE,
                       "tool %s: weight shifts need to see where the feet stand now; leave --stand "
                       "and --stand-seconds 0 out",
                       name);
    return 0;
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
                                            .link_back = o->link_back,
                                            .path = o->path,
                                            .protocol = "press",
                                            .client = o->client,
                                            .calibration = o->calibration,
                                            .rate_hz = o->rate_hz,
                                            .wait_s = o->wait_s,
                                            .behind_bytes = o->behind_bytes,
                                            .writer_back = o->writer_back,
                                            .stop_fd = o->stop_fd,
                                            .progress = press_lead_progress,
                                            .context = lead,
                                            .leader = &leader,
                                            .ear = o->ear};
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

static int read_earlier(struct press_earlier *earlier, const struct press_run_options *o,
                        struct problem *why)
{
    struct problem at_reading;
    int bad = press_earlier_read(earlier, o->earlier, o->n_earlier, o->client, &at_reading);
    if (bad && !o->hear_earlier) {
        *why = at_reading;
        return -1;
    }
    if (bad) {
        press_earlier_free(earlier);
        *earlier = (struct press_earlier){0};
    }
    if (o->hear_earlier && o->n_earlier > 0)
        o->hear_earlier(o->screen->context, bad ? &at_reading : NULL);
    return 0;
}

int press_run(const struct press_run_options *wanted, struct press_run_result *result,
              struct problem *why)
{
    const struct press_run_options own = with_person(wanted), *options = &own;
    struct press_earlier earlier = {0};
    struct press_feet feet;
    *result = (struct press_run_result){0};
    int bad = check_screening(options, why) || check_tool(options, why) ||
              check_route(options, why) ||
              (options->stand && press_feet_load(options->stand, options->length_mm, &feet, why)) ||
              read_earlier(&earlier, options, why);
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
