/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transport with a plug that the test holds in its hand: what it is put into (a socket whose
 * other end plays the plate), when it is pulled, and what stands in the way of its return. */
#ifndef TENDERFOOT_TESTS_PLUG_H
#define TENDERFOOT_TESTS_PLUG_H

#include "driver/transport/transport.h"

struct plug;

/* Nothing is plugged in yet. One plug serves one transport at a time. */
struct plug *plug_make(void);
void plug_free(struct plug *plug);

/* A new plate is at the other end: returns that end, for scripted_plate_start. The transport sees
 * it at its next rejoin. Any thread. */
int plug_in(struct plug *plug);

/* From now on a rejoin says that the plate will never come (1), or not (0). */
void plug_refuse(struct plug *plug, int for_good);

/* What the host asked of the transport. */
unsigned plug_rejoins(struct plug *plug);
unsigned plug_nudges(struct plug *plug);

/* Opens what is plugged in now. NULL and *why as transport_open. */
struct transport *plug_open(struct plug *plug, struct problem *why);

#endif
