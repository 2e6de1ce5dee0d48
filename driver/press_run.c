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

int press_run(const struct press_run_options *options, struct press_run_result *result,
              struct problem *why)
{
    struct press_earlier earlier = {0};
    struct press_feet feet;
    *result = (struct press_run_result){0};
    int bad =
        check_screening(options, why) ||
        (options->stand && press_feet_load(options->stand, options->length_mm, &feet, why)) ||
        press_earlier_read(&earlier, options->earlier, options->n_earlier, options->client, why);
    struct press_lead *lead = NULL;
    if (!bad)
        lead = press_lead_make(options, options->stand ? &feet : NULL, &earlier, result, why);
    if (!lead)
        host_link_close(options->link); /* else it is the session's */
    bad = !lead || lead_session(options, lead, result, why);
    press_lead_free(lead);
    press_earlier_free(&earlier);
    return bad ? -1 : 0;
}
