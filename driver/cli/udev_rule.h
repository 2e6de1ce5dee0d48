/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udev rule that lets people use a plate without being root. */
#ifndef TENDERFOOT_DRIVER_CLI_UDEV_RULE_H
#define TENDERFOOT_DRIVER_CLI_UDEV_RULE_H

extern const char udev_rule_text[]; /* NUL-terminated */

#endif
