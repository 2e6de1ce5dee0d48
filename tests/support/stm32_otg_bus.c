/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other side of the OTG model: the cable and the host's packets. */
#include "tests/support/stm32_otg_model.h"
#include "tests/support/stm32_otg_private.h"
#include "tests/support/stm32_mmio.h"

#include <string.h>

#define SETUP_BYTES 8u
#define SETUPS_IN_A_ROW 3u
/* Kept free for SETUP packets and the global NAK status (34.11, receive FIFO). */
#define RX_RESERVED_WORDS 11u

#define complain(...) stm32_mmio_complain("OTG: " __VA_ARGS__)

void stm32_otg_cable(struct stm32_otg *otg, int plugged)
{
    otg->is_plugged = plugged;
    if (!plugged)
        otg->is_live = 0;
    if (otg->gccfg & GCCFG_VBUSBSEN && !plugged)
        otg->gotgint |= GOTGINT_SEDET;
    if (otg->gccfg & GCCFG_VBUSBSEN && plugged)
        otg->gintsts |= GINT_SRQINT;
}

/* Transceiver on, not soft-disconnected, and a session that is valid: by VBUS or for always. */
int stm32_otg_is_connected(const struct stm32_otg *otg)
{
    uint32_t gccfg = otg->gccfg;
    int has_session = gccfg & (GCCFG_NOVBUSSENS | GCCFG_VBUSBSEN) && otg->is_plugged;
    return has_session && otg_has_clock(otg) && gccfg & GCCFG_PWRDWN && !otg->reset_left &&
           !(otg->dctl & 1u << 1);
}

void stm32_otg_reset_begin(struct stm32_otg *otg)
{
    otg->gintsts |= GINT_USBRST;
    if (otg->is_suspended)
        otg->gintsts |= GINT_WKUPINT;
    otg->is_suspended = 0;
    otg->is_live = 0;
    otg->is_quiet = 1;
    otg->setup_done_owed = 0;
    otg->setups_in_a_row = 0;
    otg->address_waits = 0;
    otg->address = (uint8_t)(otg->dcfg >> 4 & 0x7Fu);
    for (unsigned n = 1; n < OTG_ENDPOINTS; n++) {
        otg->in[n].ctl &= ~EPCTL_USBAEP;
        otg->out[n].ctl &= ~EPCTL_USBAEP;
    }
}

/* The turnaround time's least value belongs to a bus clock of 32 MHz or more (table "TRDT
 * values"). */
static void check_begin(const struct stm32_otg *otg)
{
    if ((otg->gusbcfg >> 10 & 15u) < 6)
        complain("GUSBCFG: a turnaround time of %u", (unsigned)(otg->gusbcfg >> 10 & 15u));
    if (otg->pcgcctl)
        complain("the PHY clock is still stopped after a bus reset");
    otg_check_fifos(otg);
}

void stm32_otg_reset_end(struct stm32_otg *otg)
{
    otg->gintsts |= GINT_ENUMDNE;
    otg->is_live = stm32_otg_is_connected(otg);
}

void stm32_otg_suspend(struct stm32_otg *otg)
{
    otg->gintsts |= GINT_ESUSP | GINT_USBSUSP;
    otg->is_suspended = 1;
}

void stm32_otg_resume(struct stm32_otg *otg)
{
    if (otg->is_suspended)
        otg->gintsts |= GINT_WKUPINT;
    otg->is_suspended = 0;
}

void stm32_otg_frame(struct stm32_otg *otg)
{
    otg->frame++;
    otg->gintsts |= GINT_SOF;
}

static int hears(struct stm32_otg *otg, uint8_t address)
{
    if (!otg->is_live || otg->is_suspended || !stm32_otg_is_connected(otg) ||
        address != otg->address)
        return 0;
    if (otg->is_quiet)
        check_begin(otg);
    otg->is_quiet = 0;
    if (otg->pcgcctl)
        complain("a packet came while the PHY clock is stopped");
    return 1;
}

static void put_status(struct stm32_otg *otg, enum rx_status status, unsigned endpoint, int toggle,
                       const uint8_t *bytes, size_t n)
{
    if (otg->rx_count == OTG_RX_ENTRIES) {
        complain("the receive FIFO is full of statuses");
        return;
    }
    struct rx_entry *entry = &otg->rx[(otg->rx_head + otg->rx_count++) % OTG_RX_ENTRIES];
    *entry = (struct rx_entry){
        .status = endpoint | (uint32_t)n << 4 | (toggle ? 2u : 0) << 15 | (uint32_t)status << 17 |
                  (otg->frame & 15u) << 21,
        .words = (unsigned)(n + 3) / 4,
    };
    if (n)
        memcpy(entry->bytes, bytes, n);
}

/* Is always taken: NAK on both sides of endpoint 0, no stall any more, DATA1 next (34.17.5). */
int stm32_otg_setup(struct stm32_otg *otg, uint8_t address, const uint8_t setup[8])
{
    if (!hears(otg, address))
        return STM32_OTG_SILENT;
    struct otg_endpoint *in = &otg->in[0], *out = &otg->out[0];
    /* Armed for three in a row; the core takes a fourth all the same (DOEPINT0, B2BSTUP). */
    if (out->size >> 29)
        out->size -= 1u << 29;
    else if (otg->setups_in_a_row < SETUPS_IN_A_ROW)
        complain("SETUP with STUPCNT 0");
    otg->setups_in_a_row++;
    if (otg_rx_used(otg) + 1 + SETUP_BYTES / 4 + 1 > otg->grxfsiz) {
        complain("no room in the receive FIFO for a SETUP");
        return STM32_OTG_SILENT;
    }
    put_status(otg, RX_SETUP_DATA, 0, 0, setup, SETUP_BYTES);
    in->is_nak = out->is_nak = 1;
    in->nak_after = out->nak_after = 0;
    in->ctl &= ~EPCTL_STALL;
    out->ctl &= ~EPCTL_STALL;
    in->toggle = out->toggle = 1;
    otg->setup_done_owed = 1;
    otg->address_waits = 0;
    otg->control_is_in = setup[0] >> 7;
    return SETUP_BYTES;
}

/* The stage after SETUP begins with this token. */
static void setup_is_over(struct stm32_otg *otg, unsigned endpoint)
{
    if (endpoint || !otg->setup_done_owed)
        return;
    otg->setup_done_owed = 0;
    put_status(otg, RX_SETUP_DONE, 0, 0, NULL, 0);
}

static int is_active(const struct otg_endpoint *ep, unsigned endpoint)
{
    return endpoint == 0 || ep->ctl & EPCTL_USBAEP;
}

static void packet_received(struct stm32_otg *otg, unsigned endpoint, int toggle,
                            const uint8_t *bytes, size_t n)
{
    struct otg_endpoint *out = &otg->out[endpoint];
    put_status(otg, RX_OUT_DATA, endpoint, toggle, bytes, n);
    out->toggle = !toggle;
    out->size -= (1u << 19) + (uint32_t)n;
    uint32_t packets = out->size >> 19 & (endpoint ? 0x3FFu : 1u);
    if (packets && n == otg_packet_size(otg, out))
        return;
    out->is_enabled = 0;
    out->is_nak = 1;
    out->nak_after = 0;
    put_status(otg, RX_OUT_DONE, endpoint, toggle, NULL, 0);
}

int stm32_otg_out(struct stm32_otg *otg, uint8_t address, unsigned endpoint, int toggle,
                  const uint8_t *bytes, size_t n)
{
    if (endpoint >= OTG_ENDPOINTS || !hears(otg, address))
        return STM32_OTG_SILENT;
    struct otg_endpoint *out = &otg->out[endpoint];
    setup_is_over(otg, endpoint);
    if (!is_active(out, endpoint) || n > otg_packet_size(otg, out))
        return STM32_OTG_SILENT;
    if (out->ctl & EPCTL_STALL)
        return STM32_OTG_STALL;
    if (!endpoint && n && otg->control_is_in && otg->dcfg & DCFG_NZLSOHSK)
        return STM32_OTG_STALL;
    if (!out->is_enabled)
        out->flags |= DOEPINT_OTEPDIS;
    if (endpoint && toggle != out->toggle)
        return (int)n; /* its acknowledge was lost: not again */
    unsigned words = 1 + ((unsigned)n + 3) / 4 + 1;
    if (!out->is_enabled || out->is_nak || otg->global_out_nak_asked ||
        otg_rx_used(otg) + words + RX_RESERVED_WORDS > otg->grxfsiz)
        return STM32_OTG_NAK;
    packet_received(otg, endpoint, toggle, bytes, n);
    return (int)n;
}

static void take_packet(struct stm32_otg *otg, unsigned endpoint, uint8_t *bytes, size_t n)
{
    struct tx_fifo *fifo = &otg->tx[otg_fifo_of(otg, endpoint)];
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word = fifo->words[fifo->head];
        fifo->head = (fifo->head + 1) % OTG_FIFO_MAX_WORDS;
        fifo->used--;
        for (size_t j = 0; j < 4 && i + j < n; j++)
            bytes[i + j] = (uint8_t)(word >> 8 * j);
    }
}

static void packet_sent(struct stm32_otg *otg, struct otg_endpoint *in, size_t n)
{
    in->left_to_send -= (uint32_t)n;
    in->toggle = !in->toggle;
    in->size -= 1u << 19;
    if (in->size >> 19 & 0x3FFu)
        return;
    in->is_enabled = 0;
    in->flags |= EPINT_XFRC;
    if (in == &otg->in[0] && otg->address_waits) {
        otg->address_waits = 0;
        otg->address = (uint8_t)(otg->dcfg >> 4 & 0x7Fu);
    }
}

int stm32_otg_in(struct stm32_otg *otg, uint8_t address, unsigned endpoint, int *toggle,
                 uint8_t bytes[64])
{
    if (endpoint >= OTG_ENDPOINTS || !hears(otg, address))
        return STM32_OTG_SILENT;
    struct otg_endpoint *in = &otg->in[endpoint];
    setup_is_over(otg, endpoint);
    if (!is_active(in, endpoint))
        return STM32_OTG_SILENT;
    if (in->ctl & EPCTL_STALL)
        return STM32_OTG_STALL;
    unsigned in_fifo = otg->tx[otg_fifo_of(otg, endpoint)].used;
    if (!in_fifo && !in->is_nak)
        in->flags |= DIEPINT_ITTXFE;
    uint32_t n = otg_packet_size(otg, in);
    if (n > in->left_to_send)
        n = in->left_to_send;
    if (!in->is_enabled || in->is_nak || otg->dctl & 1u << 2 || in_fifo < (n + 3) / 4)
        return STM32_OTG_NAK;
    *toggle = in->toggle;
    take_packet(otg, endpoint, bytes, n);
    packet_sent(otg, in, n);
    return (int)n;
}
