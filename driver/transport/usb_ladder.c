/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/usb_ladder.h"

enum usb_rung usb_ladder_climb(struct usb_ladder *ladder, uint64_t now_us)
{
    if (now_us - ladder->climbed_us >= USB_LADDER_CALM_US)
        ladder->next = USB_RUNG_CLEAR;
    ladder->climbed_us = now_us;
    if (ladder->next < USB_RUNG_RESET)
        return ladder->next++;
    if (ladder->has_reset && now_us - ladder->reset_us < USB_LADDER_RESET_EACH_US)
        return USB_RUNG_WAIT;
    ladder->has_reset = 1;
    ladder->reset_us = now_us;
    return USB_RUNG_RESET;
}
