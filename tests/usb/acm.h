/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's cdc_acm for one device of the rig: /dev/ttyACM0, whose other end is the CDC-ACM
 * function of the plate. Opening it raises DTR, closing it for good lowers it, bytes go both ways.
 * Linux, drivers/usb/class/cdc-acm.c; CDC PSTN 1.2, 6.3. */
#ifndef TENDERFOOT_TESTS_ACM_H
#define TENDERFOOT_TESTS_ACM_H

#include "tests/usb/usbfs.h"

#include <umockdev.h>

struct acm;

/* Adds the port to the testbed, below the device's place in /sys. Asserts. */
struct acm *acm_make(UMockdevTestbed *testbed, const char *device_syspath, struct usbfs *fs);

/* Locked. */
void acm_round(struct acm *acm);

/* Takes the port away and frees it. */
void acm_free(struct acm *acm);

#endif
