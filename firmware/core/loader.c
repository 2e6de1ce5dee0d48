/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way into the chip's firmware loader: after the ACK, as the host would otherwise never know.
 */
#include "firmware/core/plate_private.h"

#define PATIENCE_US 200000u /* for a host that does not fetch the ACK */

void plate_loader_begin(struct plate *plate, unsigned link, uint64_t now_us)
{
    plate->loader.is_due = 1;
    plate->loader.link = link;
    plate->loader.until_us = now_us + PATIENCE_US;
}

static int ack_has_left(const struct plate *plate)
{
    const struct plate_config *config = plate->config;
    return !plate_has_unsent(plate, plate->loader.link) &&
           (!config->has_left || config->has_left(config->context, plate->loader.link));
}

void plate_loader_step(struct plate *plate, uint64_t now_us)
{
    if (!plate->loader.is_due || (!ack_has_left(plate) && now_us < plate->loader.until_us))
        return;
    plate->loader.is_due = 0;
    plate->config->enter_loader(plate->config->context);
}
