/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The STM32F405's OTG full-speed core in device mode, register by register, with a cable and a
 * host's packets on its other side. Written from RM0090 (chapter "USB on-the-go full-speed"), not
 * from the driver. It attaches itself to the dispatcher of stm32_mmio.h and complains there about
 * what the manual forbids:
 *   - any access without the core's clock, while it is in soft reset, or to the stopped PHY's side
 *   - a soft reset without an idle AHB before it, or that nobody waited for; none before connecting
 *   - FIFOs that overlap, lie outside the 320 words, are too small, are changed under way
 *     or not flushed with their new sizes
 *   - a status popped from an empty RX FIFO or while the data of the one before are unread; reads
 *     beyond a packet's data
 *   - writes into a full TX FIFO, of an endpoint that is not enabled or beyond its transfer
 *   - transfer sizes that do not go with packet counts, or are written while enabled
 *   - enabling what is enabled, not active, or has old bytes in its FIFO; disabling what is not
 *     enabled or was not brought to NAK before; control OUT disabled
 *   - flags cleared that were never seen; host registers touched; connecting before the core says
 *     that it is in device mode
 *   - the device's address read back, which the chip's erratum forbids; reserved bits of its
 *     register changed
 * What the manual leaves open is modelled the unkind way: a bus reset takes the endpoints' active
 * bits but neither their enable bits nor what lies in the FIFOs nor the address. */
#ifndef TENDERFOOT_TESTS_STM32_OTG_MODEL_H
#define TENDERFOOT_TESTS_STM32_OTG_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct stm32_otg;

struct stm32_otg_config {
    const uint32_t *ahb2enr; /* the word of RCC_AHB2ENR; NULL = the clock is not looked at */
    /* Called with each access of a register, before it takes effect: the bus does not wait for the
     * processor, and the host's functions below may be called from here. NULL = it waits. */
    void (*bus)(void *context);
    void *context;
};

/* A core after power-on on the dispatcher, with a cable to a host. The config is copied, what it
 * points to is the caller's for the model's life. Aborts without memory. */
struct stm32_otg *stm32_otg_create(const struct stm32_otg_config *config);
/* stm32_mmio_reset is the caller's affair. */
void stm32_otg_free(struct stm32_otg *otg);

/* The core's interrupt line: unmasked flags, and GINT set. */
int stm32_otg_interrupt(const struct stm32_otg *otg);

/* --- The host's side. Between any two of these the processor may run its interrupt. ----------- */

enum stm32_otg_answer {
    STM32_OTG_NAK = -1,
    STM32_OTG_STALL = -2,
    STM32_OTG_SILENT = -3, /* off the bus, not this address, in reset, suspended, not active */
};

/* Out: the session ends (SEDET); in: one begins (SRQINT); told only while VBUS is sensed. */
void stm32_otg_cable(struct stm32_otg *otg, int plugged);
/* The pull-up is seen. */
int stm32_otg_is_connected(const struct stm32_otg *otg);

/* Bus reset: begins (USBRST), ends with the speed known (ENUMDNE). */
void stm32_otg_reset_begin(struct stm32_otg *otg);
void stm32_otg_reset_end(struct stm32_otg *otg);
void stm32_otg_suspend(struct stm32_otg *otg);
void stm32_otg_resume(struct stm32_otg *otg);
/* A start of frame. */
void stm32_otg_frame(struct stm32_otg *otg);

/* One packet and its handshake. `toggle` is DATA0 or DATA1: what the host sends, or what it got.
 * setup: 8 or SILENT. out: n or an answer; a repeated packet (wrong toggle) is acknowledged and
 * thrown away, as the core does. in: the packet's length or an answer. */
int stm32_otg_setup(struct stm32_otg *otg, uint8_t address, const uint8_t setup[8]);
int stm32_otg_out(struct stm32_otg *otg, uint8_t address, unsigned endpoint, int toggle,
                  const uint8_t *bytes, size_t n);
int stm32_otg_in(struct stm32_otg *otg, uint8_t address, unsigned endpoint, int *toggle,
                 uint8_t bytes[64]);

#endif
