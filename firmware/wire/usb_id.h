/* SPDX-License-Identifier: MIT */
/* How a plate is told from other USB devices, for the firmware and for its hosts: the one place.
 *
 * 1209:0001 is a test id of pid.codes, until one is granted. Others test with it too, so a host
 * looks at the vendor interface's class triple as well. */
#ifndef TENDERFOOT_WIRE_USB_ID_H
#define TENDERFOOT_WIRE_USB_ID_H

#define USB_ID_VENDOR 0x1209u
#define USB_ID_PRODUCT 0x0001u

/* The vendor interface. Setting 0 has no endpoint and is the plate at rest; setting 1 has the
 * stream: one bulk IN and one bulk OUT endpoint. A host opens by choosing setting 1; the kernel of
 * a host whose program dies goes back to 0, which frees the plate. */
#define USB_ID_INTERFACE_CLASS 0xFFu
#define USB_ID_INTERFACE_SUBCLASS 0x54u /* 'T' */
#define USB_ID_INTERFACE_PROTOCOL 0x46u /* 'F' */
#define USB_ID_SETTING_REST 0u
#define USB_ID_SETTING_STREAM 1u

#endif
