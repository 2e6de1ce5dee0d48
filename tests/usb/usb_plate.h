/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate with a USB plug, for the tests: the firmware's core and its USB logic on a software bus,
 * scanning a world that the test can compute again. So a recording can be checked cell by cell.
 * Real time (CLOCK_MONOTONIC). Not locked: whoever calls sees to it that calls do not overlap. */
#ifndef TENDERFOOT_TESTS_USB_PLATE_H
#define TENDERFOOT_TESTS_USB_PLATE_H

#include "firmware/boards/host/usb_bus.h"
#include "firmware/core/plate.h"
#include "firmware/core/usb_device.h"

#include <stdint.h>

#define USB_PLATE_REST 40u        /* counts of a cell with nothing on it */
#define USB_PLATE_RING (1u << 15) /* bytes a link may hold that the host has not fetched */

struct usb_plate {
    struct plate plate;
    struct plate_config config;
    struct usb_bus *bus; /* one for each power-up */
    struct usb_device device;
    struct usb_device_config usb;
    uint8_t *rings[USB_LINKS];
    char serial[25];
    uint64_t power_us; /* CLOCK_MONOTONIC when it was powered */
    int is_frozen;     /* the firmware hangs: the bus answers NAK, nothing is scanned */
    int is_in_loader;  /* ... because it has been sent there */
    int is_on;
    /* Frames the plate has scanned, over all its lives, and how many of those it dropped itself. */
    uint64_t scans_of_past_boots, dropped_in_past_boots;
    uint32_t boots;
};

/* CLOCK_MONOTONIC, us. */
uint64_t usb_plate_now_us(void);

/* Not powered yet. Asserts that all works, as do the others. */
void usb_plate_make(struct usb_plate *plate, const char *serial, unsigned rows, unsigned cols,
                    unsigned rate_hz);
void usb_plate_free(struct usb_plate *plate);

/* Power on is a boot: a new boot id, scans from 0. */
void usb_plate_power(struct usb_plate *plate, int on);

/* One round of the firmware's main loop. */
void usb_plate_step(struct usb_plate *plate);

uint64_t usb_plate_scans(const struct usb_plate *plate);
uint64_t usb_plate_dropped(const struct usb_plate *plate);

/* What scan `seq` of any boot has in a cell above the resting count, give or take
 * USB_PLATE_NOISE. */
#define USB_PLATE_NOISE 1u
unsigned usb_plate_truth(uint32_t seq, unsigned row, unsigned col);

#endif
