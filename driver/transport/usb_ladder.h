/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to try next with a plate that stalls or is silent, from the gentle to the rude, and how
 * often. Pure: time comes in. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_USB_LADDER_H
#define TENDERFOOT_DRIVER_TRANSPORT_USB_LADDER_H

#include <stdint.h>

#define USB_LADDER_CALM_US 10000000u       /* this long without trouble: back to the first rung */
#define USB_LADDER_RESET_EACH_US 10000000u /* a reset shuts off a hub's neighbours: seldom */

enum usb_rung {
    USB_RUNG_CLEAR,  /* clear the endpoints' halts, fill the ring again */
    USB_RUNG_REOPEN, /* let go of the device and open it anew */
    USB_RUNG_RESET,  /* that, and reset its port before */
    USB_RUNG_WAIT,   /* all was tried and a reset is not due yet */
};

struct usb_ladder {
    uint64_t climbed_us, reset_us;
    enum usb_rung next;
    int has_reset;
};

/* There is trouble (again): what to do now. A zeroed ladder is at its foot. */
enum usb_rung usb_ladder_climb(struct usb_ladder *ladder, uint64_t now_us);

#endif
