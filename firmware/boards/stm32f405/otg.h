/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chip's OTG full-speed core as a USB device (RM0090, 34): the controller that
 * firmware/core/usb_device.h asks for. Slave mode: the processor moves the packets.
 *
 * All functions, the controller's included, run at one interrupt priority, or before the interrupt
 * is enabled: no two overlap. That is also what the chip's erratum wants (ES0182, "transmit data
 * FIFO is corrupted when a write sequence to the FIFO is interrupted with accesses to certain
 * OTG_FS registers"). Nothing waits without a bound. */
#ifndef TENDERFOOT_STM32F405_OTG_H
#define TENDERFOOT_STM32F405_OTG_H

#include "firmware/boards/stm32f405/regs_otg.h"
#include "firmware/core/usb_device.h"

/* In words, together OTG_FIFO_WORDS. Receiving: 10 for SETUPs, 1 for the global NAK, 2 for the
 * status of each of three OUT endpoints, 17 a packet (34.11.3). The two bulk IN endpoints hold six
 * packets each, so that they are refilled by halves while the other half is being fetched. */
#define OTG_RECEIVE_WORDS 96u
#define OTG_CONTROL_WORDS 16u
#define OTG_VENDOR_WORDS 96u
#define OTG_NOTIFY_WORDS 16u
#define OTG_SERIAL_WORDS 96u

enum otg_fault { OTG_OK, OTG_NO_RESET, OTG_NO_DEVICE_MODE };

struct otg {
    struct usb_controller controller; /* give its address to the device's config */
    struct usb_device *device;
    struct {
        const uint8_t *next; /* not yet in the FIFO */
        size_t in_chunk;     /* of those, in the transfer that the core knows of */
        size_t after;        /* and those for a further transfer */
        uint16_t max_packet;
        uint8_t is_busy;
    } in[OTG_ENDPOINTS];
    struct {
        uint32_t packet[USB_PACKET_MAX / 4];
        uint16_t max_packet;
        uint16_t n;
    } out[OTG_ENDPOINTS];
    uint32_t setup[2];
    /* From a SETUP on nothing of the transfer before goes on; it is begun when its stage is over
     * and no other SETUP has come meanwhile. */
    enum { OTG_NO_SETUP, OTG_SETUP_CAME, OTG_SETUP_OVER } setup_state;
};

/* Resets the core and makes it a full-speed device off the bus, its interrupts masked in the core
 * no more. `device` is borrowed and may be initialised after this call. With `senses_vbus`, for
 * plates with a supply of their own, PA9 tells whether there is a cable. The core's clock must run;
 * bounded, about 0.1 s at most. The pull-up comes with `connect`, not sooner than 25 ms later
 * (34.17.3: until forced device mode is sure). */
enum otg_fault otg_start(struct otg *otg, struct usb_device *device, int senses_vbus);

/* The interrupt: what the bus has done, then usb_device_poll. */
void otg_interrupt(struct otg *otg);

/* Off the bus and the transceiver off, for whoever comes next (the chip's loader). From the main
 * loop too: the interrupt is masked first, and for good. */
void otg_stop(void);

#endif
