/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host at the cable of the OTG model, on whose other side the board's driver and firmware/core's
 * USB device run: enumerates, asks, streams, at its own pace and with the processor's interrupt as
 * late as it pleases. Every answer is checked against the bus's rules (toggles, lengths). */
#ifndef TENDERFOOT_TESTS_STM32_OTG_HOST_H
#define TENDERFOOT_TESTS_STM32_OTG_HOST_H

#include "firmware/boards/stm32f405/otg.h"
#include "firmware/core/usb_device.h"
#include "tests/support/stm32_otg_model.h"

#define OTG_HOST_DATA 512u
#define OTG_HOST_RING 4096u

struct otg_host {
    struct stm32_otg *core;
    struct otg otg;
    struct usb_device device;
    struct usb_device_config config;
    uint32_t ahb2enr;
    uint8_t rings[USB_LINKS][OTG_HOST_RING];
    uint8_t address;
    int in_toggle[OTG_ENDPOINTS], out_toggle[OTG_ENDPOINTS];
    uint64_t random;
    void (*meanwhile)(struct otg_host *host, void *context); /* with each access; NULL = nothing */
    void *context;
    int is_meanwhile;            /* in it: the processor is busy, no interrupt is served */
    unsigned late;               /* of 100 packets, how many go by before the interrupt is served */
    uint8_t data[OTG_HOST_DATA]; /* of the last otg_host_ask */
};

/* The chip with its core started and on the bus, not reset yet. */
struct otg_host *otg_host_make(uint64_t seed, int senses_vbus);
/* Wants no complaint. */
void otg_host_free(struct otg_host *host);

uint32_t otg_host_draw(struct otg_host *host, uint32_t below);

/* Serves the interrupt until its line falls, which it must. */
void otg_host_interrupt(struct otg_host *host);
/* Perhaps. */
void otg_host_time(struct otg_host *host);
/* As the main loop does after usb_link_send and usb_link_receive. */
void otg_host_poll(struct otg_host *host);

void otg_host_reset(struct otg_host *host);

/* A control transfer, `data` as its data stage. Bytes moved, or an enum stm32_otg_answer; a device
 * that answers NAK for ever fails the test. */
int otg_host_ask(struct otg_host *host, unsigned type, unsigned request, unsigned value,
                 unsigned index, unsigned length);
/* The same with the SETUP coming while the processor serves its interrupt, at its so many-th access
 * of a register (or after it, if it has fewer). */
int otg_host_ask_meanwhile(struct otg_host *host, unsigned accesses, unsigned type,
                           unsigned request, unsigned value, unsigned index, unsigned length);
/* Its SETUP and that many packets of the data stage only. */
void otg_host_ask_partly(struct otg_host *host, unsigned type, unsigned request, unsigned value,
                         unsigned index, unsigned length, unsigned packets);

/* Address 7, configuration 1. */
void otg_host_enumerate(struct otg_host *host);
/* Chooses the vendor interface's setting, or sets DTR. */
void otg_host_open(struct otg_host *host, enum usb_link link, int on);

/* One bulk packet; its toggle must be the one expected. A length or an answer. */
int otg_host_in(struct otg_host *host, unsigned endpoint, uint8_t bytes[64]);
int otg_host_out(struct otg_host *host, unsigned endpoint, const uint8_t *bytes, size_t n);

#endif
