/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leads a session through a guided press test (driver/session.h, session_leader): standing, sitting
 * down, and then the engine's word is done: said in the recording, sent to the plate, shown.
 *
 * Goes by the plate's own clock; over a restart of the plate it goes on. The plate's limit is asked
 * for again each half second until it is acknowledged: without that no ramp begins. One thread. */
#ifndef TENDERFOOT_DRIVER_PRESS_LEAD_H
#define TENDERFOOT_DRIVER_PRESS_LEAD_H

#include "driver/press_setup.h"

struct press_lead;

/* All borrowed. `feet` (NULL = they are seen standing first) are from an earlier stand. */
struct press_lead *press_lead_make(const struct press_run_options *options,
                                   const struct press_feet *feet, struct press_earlier *earlier,
                                   struct press_run_result *result, struct problem *why);
void press_lead_free(struct press_lead *lead);

/* The session's leader; its context is the lead. */
struct session_leader press_lead_leader(struct press_lead *lead);

/* The session's progress: for the screen, and for the engine while no frame comes. `context` is the
 * lead. */
void press_lead_progress(void *context, const struct session_progress *progress);

/* Fills the result's numbers that only the engine knows. */
void press_lead_result(const struct press_lead *lead);

#endif
