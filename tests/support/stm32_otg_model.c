/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registers. Offsets are from 0x50000000. */
#include "tests/support/stm32_otg_model.h"
#include "tests/support/stm32_otg_private.h"
#include "tests/support/stm32_mmio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE 0x50000000u
#define AHB2_OTGFS (1u << 7)

enum offset {
    GOTGCTL = 0x000,
    GOTGINT = 0x004,
    GAHBCFG = 0x008,
    GUSBCFG = 0x00C,
    GRSTCTL = 0x010,
    GINTSTS = 0x014,
    GINTMSK = 0x018,
    GRXSTSR = 0x01C,
    GRXSTSP = 0x020,
    GRXFSIZ = 0x024,
    DIEPTXF0 = 0x028,
    GCCFG = 0x038,
    CID = 0x03C,
    DIEPTXF1 = 0x104,
    DIEPTXF3 = 0x10C,
    HOST_FIRST = 0x400,
    DCFG = 0x800,
    DCTL = 0x804,
    DSTS = 0x808,
    DIEPMSK = 0x810,
    DOEPMSK = 0x814,
    DAINT = 0x818,
    DAINTMSK = 0x81C,
    DIEPEMPMSK = 0x834,
    IN_FIRST = 0x900,
    OUT_FIRST = 0xB00,
    PCGCCTL = 0xE00,
    FIFO_FIRST = 0x1000,
    FIFO_END = 0x5000,
};

#define GRSTCTL_CSRST (1u << 0)
#define GRSTCTL_RXFFLSH (1u << 4)
#define GRSTCTL_TXFFLSH (1u << 5)
#define GRSTCTL_TXFNUM(value) ((value) >> 6 & 31u)
#define GRSTCTL_AHBIDL (1u << 31)
#define GUSBCFG_FDMOD (1u << 30)
/* All but PFIVL, DAD, NZLSOHSK and DSPD, and what they are after a reset. */
#define DCFG_RESERVED_MASK 0xFFFFE008u
#define DCFG_RESERVED 0x02200000u
#define DCTL_SDIS (1u << 1)
#define DCTL_GINSTS (1u << 2)
#define DCTL_GONSTS (1u << 3)
#define DCTL_SGINAK (1u << 7)
#define DCTL_CGINAK (1u << 8)
#define DCTL_SGONAK (1u << 9)
#define DCTL_CGONAK (1u << 10)
#define DCTL_KEPT 0x873u /* RWUSIG, SDIS, TCTL, POPRGDNE */
#define PCGCCTL_STOPPED 3u

/* Clocks of the core are a few accesses of the processor; the figures only have to be above 1, so
 * that firmware has to wait. */
#define RESET_ACCESSES 5u
#define FLUSH_ACCESSES 4u
#define MODE_ACCESSES 20000u /* 25 ms, of which less suffices here */
#define NAK_ACCESSES 3u
#define DISABLE_ACCESSES 3u

#define WRITE_1_TO_CLEAR                                                                           \
    (GINT_SOF | GINT_ESUSP | GINT_USBSUSP | GINT_USBRST | GINT_ENUMDNE | GINT_WKUPINT | 1u << 1 |  \
     1u << 14 | 1u << 15 | 1u << 20 | 1u << 21 | 7u << 28)

#define complain(...) stm32_mmio_complain("OTG: " __VA_ARGS__)

/* --- What several of them need --------------------------------------------------------------- */

int otg_has_clock(const struct stm32_otg *otg)
{
    return !otg->config.ahb2enr || *otg->config.ahb2enr & AHB2_OTGFS;
}

unsigned otg_fifo_of(const struct stm32_otg *otg, unsigned endpoint)
{
    return endpoint ? (otg->in[endpoint].ctl & EPCTL_TXFNUM) >> 22 & 3u : 0;
}

unsigned otg_packet_size(const struct stm32_otg *otg, const struct otg_endpoint *ep)
{
    if (ep == &otg->in[0] || ep == &otg->out[0])
        return OTG_PACKET_MAX >> (otg->in[0].ctl & 3u); /* 64, 32, 16, 8 */
    return ep->ctl & EPCTL_MPSIZ;
}

unsigned otg_fifo_depth(const struct stm32_otg *otg, unsigned fifo)
{
    unsigned depth = otg->dieptxf[fifo] >> 16;
    return depth <= OTG_FIFO_MAX_WORDS ? depth : OTG_FIFO_MAX_WORDS;
}

unsigned otg_rx_used(const struct stm32_otg *otg)
{
    unsigned used = otg->popped.words - otg->popped_read;
    for (unsigned i = 0; i < otg->rx_count; i++)
        used += 1u + otg->rx[(otg->rx_head + i) % OTG_RX_ENTRIES].words;
    return used;
}

static int fifo_is_used(const struct stm32_otg *otg, unsigned fifo)
{
    for (unsigned n = 1; n < OTG_ENDPOINTS; n++)
        if (otg->in[n].ctl & EPCTL_USBAEP && otg_fifo_of(otg, n) == fifo)
            return 1;
    return fifo == 0;
}

/* Each FIFO has its own words, all within the core's memory (34.11, "FIFO RAM allocation"). */
void otg_check_fifos(const struct stm32_otg *otg)
{
    uint8_t owner[OTG_FIFO_WORDS] = {0};
    for (unsigned i = 0; i <= OTG_ENDPOINTS; i++) { /* 0: receive; 1 + n: transmit n */
        if (i && !fifo_is_used(otg, i - 1))
            continue;
        unsigned start = i ? otg->dieptxf[i - 1] & 0xFFFFu : 0;
        unsigned depth = i ? otg->dieptxf[i - 1] >> 16 : otg->grxfsiz;
        if (depth < OTG_FIFO_MIN_WORDS || depth > OTG_FIFO_MAX_WORDS ||
            start + depth > OTG_FIFO_WORDS) {
            complain("%s FIFO %u: words %u to %u of %u", i ? "transmit" : "receive", i ? i - 1 : 0,
                     start, start + depth, OTG_FIFO_WORDS);
            continue;
        }
        for (unsigned word = start; word < start + depth; word++) {
            if (owner[word]) {
                complain("transmit FIFO %u overlaps another at word %u", i - 1, word);
                break;
            }
            owner[word] = 1;
        }
    }
}

static uint32_t endpoint_interrupts(const struct stm32_otg *otg)
{
    uint32_t daint = 0;
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        const struct otg_endpoint *in = &otg->in[n];
        unsigned fifo = otg_fifo_of(otg, n);
        uint32_t flags = in->flags & otg->diepmsk;
        if (in->is_nak && !in->nak_after)
            flags |= DIEPINT_INEPNE & otg->diepmsk;
        unsigned level = otg->gahbcfg & 1u << 7 ? 0 : otg_fifo_depth(otg, fifo) / 2;
        if (otg->tx[fifo].used <= level && otg->diepempmsk & 1u << n)
            flags |= DIEPINT_TXFE;
        daint |= (flags ? 1u : 0) << n;
        daint |= (otg->out[n].flags & otg->doepmsk ? 1u : 0) << (16 + n);
    }
    return daint;
}

/* With no ID pin on the board, the mode is host's until it is forced (GUSBCFG, FDMOD). */
static int is_in_device_mode(const struct stm32_otg *otg)
{
    return otg->gusbcfg & GUSBCFG_FDMOD && !otg->mode_left;
}

/* NPTXFE and PTXFE are set in device mode too, where they mean nothing. */
static uint32_t interrupts(const struct stm32_otg *otg)
{
    uint32_t flags = otg->gintsts | GINT_NPTXFE | GINT_PTXFE;
    uint32_t daint = endpoint_interrupts(otg) & otg->daintmsk;
    flags |= is_in_device_mode(otg) ? 0 : GINT_CMOD;
    flags |= otg->gotgint ? GINT_OTGINT : 0;
    flags |= otg->rx_count ? GINT_RXFLVL : 0;
    flags |= otg->dctl & DCTL_GINSTS ? GINT_GINAKEFF : 0;
    flags |= otg->dctl & DCTL_GONSTS ? GINT_GONAKEFF : 0;
    flags |= daint & 0xFFFFu ? GINT_IEPINT : 0;
    flags |= daint >> 16 ? GINT_OEPINT : 0;
    return flags;
}

int stm32_otg_interrupt(const struct stm32_otg *otg)
{
    return otg_has_clock(otg) && otg->gahbcfg & 1u && interrupts(otg) & otg->gintmsk;
}

/* --- Reset and flush ------------------------------------------------------------------------- */

static void to_reset_values(struct stm32_otg *otg)
{
    uint32_t gccfg = otg->gccfg; /* these stay (GRSTCTL, CSRST) */
    uint32_t dspd = otg->dcfg & 3u;
    struct stm32_otg fresh = {
        .config = otg->config,
        .gccfg = gccfg,
        .dcfg = DCFG_RESERVED | dspd,
        .pcgcctl = otg->pcgcctl,
        .grxfsiz = 0x200,
        .dieptxf = {0x02000200, 0x02000400, 0x02000400, 0x02000400},
        .gusbcfg = 0xA00,
        .cid = 0x1100,
        .is_plugged = otg->is_plugged,
        .reset_left = otg->reset_left,
        .was_reset = otg->was_reset,
        .reset_seen_done = otg->reset_seen_done,
    };
    *otg = fresh;
}

static void begin_reset(struct stm32_otg *otg)
{
    if (!otg->idle_seen)
        complain("soft reset before AHBIDL was seen");
    otg->was_reset = 1;
    otg->reset_seen_done = 0;
    otg->reset_left = RESET_ACCESSES;
    to_reset_values(otg);
}

/* Of a FIFO that the core may be reading from (GRSTCTL, TXFFLSH). */
static void check_flush(const struct stm32_otg *otg, unsigned fifo)
{
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        const struct otg_endpoint *in = &otg->in[n];
        int is_it = n == 0 || in->ctl & EPCTL_USBAEP ? otg_fifo_of(otg, n) == fifo : 0;
        if (is_it && in->is_enabled && !otg->is_quiet && (!in->is_nak || in->nak_after))
            complain("transmit FIFO %u flushed while IN %u may be sending", fifo, n);
    }
}

static void flush_transmit(struct stm32_otg *otg, unsigned which)
{
    if (which > OTG_ENDPOINTS - 1 && which != 16)
        complain("transmit FIFO %u flushed, which is none", which);
    for (unsigned fifo = 0; fifo < OTG_ENDPOINTS; fifo++)
        if (which == fifo || which == 16) {
            check_flush(otg, fifo);
            otg->tx[fifo].used = 0;
        }
    if (which == 16)
        otg->flushes_owed &= ~GRSTCTL_TXFFLSH;
}

static void write_grstctl(struct stm32_otg *otg, uint32_t value)
{
    if (otg->flush_left)
        complain("GRSTCTL written while a flush is under way");
    if (value & GRSTCTL_CSRST)
        begin_reset(otg);
    if (value & GRSTCTL_TXFFLSH)
        flush_transmit(otg, GRSTCTL_TXFNUM(value));
    if (value & GRSTCTL_RXFFLSH) {
        if (otg->popped.words != otg->popped_read)
            complain("receive FIFO flushed while a packet is being read");
        otg->rx_count = 0;
        otg->flushes_owed &= ~GRSTCTL_RXFFLSH;
    }
    otg->flush_bits = value & (GRSTCTL_TXFFLSH | GRSTCTL_RXFFLSH);
    otg->flush_left = otg->flush_bits ? FLUSH_ACCESSES : 0;
}

static uint32_t read_grstctl(struct stm32_otg *otg)
{
    if (otg->reset_left)
        return GRSTCTL_CSRST;
    otg->reset_seen_done = 1;
    otg->idle_seen = 1;
    return GRSTCTL_AHBIDL | otg->flush_bits;
}

/* --- Receive FIFO ---------------------------------------------------------------------------- */

static uint32_t peek_status(const struct stm32_otg *otg)
{
    if (otg->rx_count)
        return otg->rx[otg->rx_head].status;
    complain("status read from an empty receive FIFO");
    return 0;
}

/* Taking the closing status off is what raises the endpoint's interrupt (34.17.5). */
static void act_on_status(struct stm32_otg *otg, uint32_t status)
{
    struct otg_endpoint *out = &otg->out[status & 3u];
    switch (status >> 17 & 15u) {
    case RX_GLOBAL_OUT_NAK:
        if (otg->global_out_nak_asked)
            otg->dctl |= DCTL_GONSTS;
        break;
    case RX_OUT_DONE:
        out->flags |= EPINT_XFRC;
        break;
    case RX_SETUP_DONE:
        out->flags |= DOEPINT_STUP;
        otg->setups_in_a_row = 0;
        out->is_enabled = 0;
        break;
    default:
        break;
    }
}

static uint32_t pop_status(struct stm32_otg *otg)
{
    uint32_t status = peek_status(otg);
    if (!otg->rx_count)
        return 0;
    if (otg->popped.words != otg->popped_read)
        complain("status popped with %u words of the packet before it unread",
                 otg->popped.words - otg->popped_read);
    otg->popped = otg->rx[otg->rx_head];
    otg->popped_read = 0;
    otg->rx_head = (otg->rx_head + 1) % OTG_RX_ENTRIES;
    otg->rx_count--;
    act_on_status(otg, status);
    return status;
}

static uint32_t read_fifo(struct stm32_otg *otg)
{
    if (otg->popped_read == otg->popped.words) {
        complain("receive FIFO read without a packet's data to read");
        return 0;
    }
    const uint8_t *at = otg->popped.bytes + 4u * otg->popped_read++;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* --- Transmit FIFOs -------------------------------------------------------------------------- */

static uint32_t size_field(const struct otg_endpoint *ep)
{
    return ep->size & 0x7FFFFu;
}

/* Each packet begins at a word; the size left to write falls with each whole packet
 * (DIEPTSIZ, XFRSIZ). */
static void count_packet_word(struct stm32_otg *otg, struct otg_endpoint *in)
{
    uint32_t left = size_field(in), packet = otg_packet_size(otg, in);
    if (packet > left)
        packet = left;
    if (++in->packet_words * 4 >= packet) {
        in->size -= packet;
        in->packet_words = 0;
    }
}

static void write_fifo(struct stm32_otg *otg, unsigned endpoint, uint32_t value)
{
    struct otg_endpoint *in = &otg->in[endpoint];
    unsigned fifo_number = otg_fifo_of(otg, endpoint);
    struct tx_fifo *fifo = &otg->tx[fifo_number];
    if (otg->flush_left)
        complain("transmit FIFO %u written while it is flushed", fifo_number);
    if (!in->is_enabled) {
        complain("transmit FIFO of IN %u written, which is not enabled", endpoint);
        return;
    }
    if (!size_field(in)) {
        complain("IN %u: more written than its transfer has", endpoint);
        return;
    }
    if (fifo->used >= otg_fifo_depth(otg, fifo_number)) {
        complain("IN %u: written into a full FIFO of %u words", endpoint, fifo->used);
        return;
    }
    fifo->words[(fifo->head + fifo->used++) % OTG_FIFO_MAX_WORDS] = value;
    count_packet_word(otg, in);
}

static void write_depth(struct stm32_otg *otg, uint32_t *depth, uint32_t value)
{
    for (unsigned n = 0; n < OTG_ENDPOINTS && value != *depth; n++)
        if (otg->in[n].is_enabled || otg->out[n].is_enabled)
            complain("FIFO sizes changed while endpoint %u is enabled", n);
    if (value != *depth)
        otg->flushes_owed = GRSTCTL_TXFFLSH | GRSTCTL_RXFFLSH;
    *depth = value;
}

/* --- Endpoints ------------------------------------------------------------------------------- */

static void check_activation(const struct stm32_otg *otg, int is_in, unsigned n)
{
    const struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    unsigned size = ep->ctl & EPCTL_MPSIZ, type = (ep->ctl & EPCTL_EPTYP) >> 18;
    if (size == 0 || size > OTG_PACKET_MAX || (type != 2 && type != 3))
        complain("%s %u activated with packets of %u and type %u", is_in ? "IN" : "OUT", n, size,
                 type);
    if (!is_in)
        return;
    unsigned fifo = otg_fifo_of(otg, n);
    if (fifo == 0 || (ep->ctl & EPCTL_TXFNUM) >> 22 >= OTG_ENDPOINTS)
        complain("IN %u activated with transmit FIFO %u", n, (ep->ctl & EPCTL_TXFNUM) >> 22);
    if (otg_fifo_depth(otg, fifo) * 4 < size)
        complain("IN %u: a FIFO of %u words holds no packet of %u", n, otg_fifo_depth(otg, fifo),
                 size);
    for (unsigned other = 1; other < OTG_ENDPOINTS; other++)
        if (other != n && otg->in[other].ctl & EPCTL_USBAEP && otg_fifo_of(otg, other) == fifo)
            complain("IN %u and IN %u share transmit FIFO %u", n, other, fifo);
}

/* (34.17.6: IN: the packets are those of the size; OUT: the size is so many whole packets.) */
static void check_sizes(const struct stm32_otg *otg, int is_in, unsigned n)
{
    const struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    uint32_t packet = otg_packet_size(otg, ep), size = size_field(ep);
    uint32_t count = ep->size >> 19 & (n ? 0x3FFu : is_in ? 3u : 1u);
    if (packet == 0)
        return;
    uint32_t wanted = size ? (size + packet - 1) / packet : 1;
    uint32_t padded = (packet + 3u) & ~3u;
    int is_good = is_in ? count == wanted : count > 0 && size == count * padded;
    if (!is_good)
        complain("%s %u enabled with size %u, %u packets of %u", is_in ? "IN" : "OUT", n, size,
                 count, packet);
}

static void enable(struct stm32_otg *otg, int is_in, unsigned n)
{
    struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    if (n && !(ep->ctl & EPCTL_USBAEP))
        complain("%s %u enabled, which is not active", is_in ? "IN" : "OUT", n);
    check_sizes(otg, is_in, n);
    otg_check_fifos(otg);
    if (is_in && otg->tx[otg_fifo_of(otg, n)].used)
        complain("IN %u enabled with %u old words in its FIFO", n,
                 otg->tx[otg_fifo_of(otg, n)].used);
    ep->is_enabled = 1;
    ep->left_to_send = size_field(ep);
    ep->packet_words = 0;
}

/* IN: in NAK before, or stalled at once (34.17.6, "Stalling non-isochronous IN endpoints"). OUT:
 * under the global NAK only, and never endpoint 0. In the silence after a bus reset nothing can be
 * under way. */
static void disable(struct stm32_otg *otg, int is_in, unsigned n, uint32_t value)
{
    struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    if (!ep->is_enabled) {
        complain("%s %u disabled, which is not enabled", is_in ? "IN" : "OUT", n);
        return;
    }
    if (!is_in && n == 0) {
        complain("control OUT cannot be disabled");
        return;
    }
    int is_held = is_in ? (ep->is_nak && !ep->nak_after) || value & EPCTL_STALL
                        : (otg->dctl & DCTL_GONSTS) != 0;
    if (!is_held && !otg->is_quiet)
        complain("%s %u disabled without NAK in effect", is_in ? "IN" : "OUT", n);
    ep->disable_after = DISABLE_ACCESSES;
}

static void write_nak(struct otg_endpoint *ep, uint32_t value)
{
    if (value & EPCTL_SNAK && value & EPCTL_CNAK)
        complain("SNAK and CNAK written together");
    if (value & EPCTL_SNAK && !ep->is_nak) {
        ep->is_nak = 1;
        ep->nak_after = NAK_ACCESSES;
    } else if (value & EPCTL_CNAK) {
        ep->is_nak = 0;
        ep->nak_after = 0;
    }
}

/* On endpoint 0 only MPSIZ's code (IN), TXFNUM and STALL are writable; STALL can only be set. */
static void write_fields(struct otg_endpoint *ep, int is_in, unsigned n, uint32_t value)
{
    uint32_t kept =
        n ? EPCTL_MPSIZ | EPCTL_USBAEP | EPCTL_EPTYP | EPCTL_STALL : EPCTL_STALL | (is_in ? 3u : 0);
    if (is_in)
        kept |= EPCTL_TXFNUM;
    uint32_t stall = n ? 0 : ep->ctl & EPCTL_STALL;
    ep->ctl = (ep->ctl & ~kept) | (value & kept) | stall;
    if (n && value & EPCTL_SD0PID)
        ep->toggle = 0;
    if (n && value & EPCTL_SD1PID)
        ep->toggle = 1;
}

static void write_control(struct stm32_otg *otg, int is_in, unsigned n, uint32_t value)
{
    struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    uint32_t before = ep->ctl;
    write_fields(ep, is_in, n, value);
    write_nak(ep, value);
    if (n && ep->ctl & EPCTL_USBAEP && !(before & EPCTL_USBAEP))
        check_activation(otg, is_in, n);
    if (value & EPCTL_EPENA && !ep->is_enabled) {
        if (value & EPCTL_EPDIS)
            complain("%s %u enabled and disabled at once", is_in ? "IN" : "OUT", n);
        enable(otg, is_in, n);
    } else if (value & EPCTL_EPENA && value & EPCTL_CNAK) {
        complain("%s %u enabled again while it is enabled", is_in ? "IN" : "OUT", n);
    }
    if (value & EPCTL_EPDIS)
        disable(otg, is_in, n, value);
}

static uint32_t read_control(const struct stm32_otg *otg, int is_in, unsigned n)
{
    const struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
    uint32_t value = ep->ctl;
    if (n == 0)
        value = (value & ~3u) | EPCTL_USBAEP | (otg->in[0].ctl & 3u);
    else
        value |= ep->toggle ? 1u << 16 : 0;
    value |= ep->is_nak ? 1u << 17 : 0;
    value |= ep->disable_after ? EPCTL_EPDIS : 0;
    return value | (ep->is_enabled ? EPCTL_EPENA : 0);
}

/* Control OUT cannot be disabled, yet its STUPCNT is to be written at a bus reset (34.17.5). */
static void write_size(const struct stm32_otg *otg, struct otg_endpoint *ep, int is_in, unsigned n,
                       uint32_t value)
{
    int may_be_enabled = !is_in && n == 0 && otg->is_quiet;
    uint32_t fields = n ? 0x1FFFFFFFu : is_in ? 0x0018007Fu : 0x6008007Fu;
    if (ep->is_enabled && !may_be_enabled)
        complain("%s %u: size written while it is enabled", is_in ? "IN" : "OUT", n);
    if (value & ~fields)
        complain("%s %u: size 0x%08X does not fit its fields", is_in ? "IN" : "OUT", n,
                 (unsigned)value);
    ep->size = value & fields;
}

static uint32_t read_flags(const struct stm32_otg *otg, int is_in, unsigned n)
{
    if (!is_in)
        return otg->out[n].flags;
    const struct otg_endpoint *in = &otg->in[n];
    unsigned fifo = otg_fifo_of(otg, n);
    unsigned level = otg->gahbcfg & 1u << 7 ? 0 : otg_fifo_depth(otg, fifo) / 2;
    return in->flags | (in->is_nak && !in->nak_after ? DIEPINT_INEPNE : 0) |
           (otg->tx[fifo].used <= level ? DIEPINT_TXFE : 0);
}

static uint32_t read_endpoint(struct stm32_otg *otg, uint32_t offset)
{
    int is_in = offset < OUT_FIRST;
    unsigned n = (offset - (is_in ? (uint32_t)IN_FIRST : (uint32_t)OUT_FIRST)) >> 5;
    if (n < OTG_ENDPOINTS)
        switch (offset & 31u) {
        case 0x00:
            return read_control(otg, is_in, n);
        case 0x08:
            return read_flags(otg, is_in, n);
        case 0x10:
            return is_in ? otg->in[n].size : otg->out[n].size;
        case 0x18:
            if (is_in) {
                unsigned fifo = otg_fifo_of(otg, n);
                return otg_fifo_depth(otg, fifo) - otg->tx[fifo].used;
            }
            break;
        default:
            break;
        }
    complain("read at offset 0x%03X, where no register is", (unsigned)offset);
    return 0;
}

static void write_endpoint(struct stm32_otg *otg, uint32_t offset, uint32_t value)
{
    int is_in = offset < OUT_FIRST;
    unsigned n = (offset - (is_in ? (uint32_t)IN_FIRST : (uint32_t)OUT_FIRST)) >> 5;
    if (n < OTG_ENDPOINTS) {
        struct otg_endpoint *ep = is_in ? &otg->in[n] : &otg->out[n];
        switch (offset & 31u) {
        case 0x00:
            write_control(otg, is_in, n, value);
            return;
        case 0x08:
            ep->flags &= ~value;
            return;
        case 0x10:
            write_size(otg, ep, is_in, n, value);
            return;
        default:
            break;
        }
    }
    complain("write at offset 0x%03X, where no register is", (unsigned)offset);
}

/* --- The other registers --------------------------------------------------------------------- */

/* Write 1 to clear. A flag that firmware has never read as set must not go by the way. */
static void write_gintsts(struct stm32_otg *otg, uint32_t value)
{
    uint32_t cleared = value & otg->gintsts & WRITE_1_TO_CLEAR;
    uint32_t unseen = cleared & otg->gintmsk & ~otg->seen;
    if (unseen && otg->gahbcfg & 1u)
        complain("GINTSTS: 0x%08X cleared and never seen", (unsigned)unseen);
    otg->gintsts &= ~cleared;
    otg->seen &= ~cleared;
}

static void write_dcfg(struct stm32_otg *otg, uint32_t value)
{
    if ((value & DCFG_RESERVED_MASK) != DCFG_RESERVED)
        complain("DCFG: 0x%08X does not keep its reserved bits", (unsigned)value);
    otg->dcfg = value;
    otg->address_waits = !otg->is_quiet; /* the status stage still goes by the old address */
    if (!otg->address_waits)
        otg->address = (uint8_t)(value >> 4 & 0x7Fu);
}

static void ask_for_global_out_nak(struct stm32_otg *otg)
{
    if (otg->global_out_nak_asked)
        complain("global OUT NAK asked for while it is in force");
    otg->global_out_nak_asked = 1;
    if (otg->rx_count == OTG_RX_ENTRIES || otg_rx_used(otg) >= otg->grxfsiz) {
        complain("no room in the receive FIFO for the global OUT NAK status");
        return;
    }
    otg->rx[(otg->rx_head + otg->rx_count++) % OTG_RX_ENTRIES] =
        (struct rx_entry){.status = RX_GLOBAL_OUT_NAK << 17};
}

static void write_dctl(struct stm32_otg *otg, uint32_t value)
{
    int was_off = (otg->dctl & DCTL_SDIS) != 0;
    otg->dctl = (otg->dctl & ~DCTL_KEPT) | (value & DCTL_KEPT);
    if (value & DCTL_SGINAK)
        otg->dctl |= DCTL_GINSTS;
    if (value & DCTL_CGINAK)
        otg->dctl &= ~DCTL_GINSTS;
    if (value & DCTL_SGONAK)
        ask_for_global_out_nak(otg);
    if (value & DCTL_CGONAK) {
        otg->dctl &= ~DCTL_GONSTS;
        otg->global_out_nak_asked = 0;
    }
    if (was_off && !(value & DCTL_SDIS)) {
        if (!is_in_device_mode(otg))
            complain("connected before device mode is in force");
        if (!otg->was_reset)
            complain("connected without a soft reset before");
        if ((otg->dcfg & 3u) != 3u)
            complain("connected with another speed than full (DCFG 0x%08X)", (unsigned)otg->dcfg);
        if (otg->flushes_owed)
            complain("connected with FIFOs of new sizes that were not flushed");
        otg_check_fifos(otg);
    }
}

static void write_gusbcfg(struct stm32_otg *otg, uint32_t value)
{
    if (value & GUSBCFG_FDMOD && !(otg->gusbcfg & GUSBCFG_FDMOD))
        otg->mode_left = MODE_ACCESSES;
    if (value & 1u << 29)
        complain("host mode forced");
    otg->gusbcfg = value;
}

static void write_pcgcctl(struct stm32_otg *otg, uint32_t value)
{
    if (value & PCGCCTL_STOPPED && !otg->is_suspended)
        complain("PHY clock stopped while the bus is not suspended");
    otg->pcgcctl = value & PCGCCTL_STOPPED;
}

static uint32_t *plain_register(struct stm32_otg *otg, uint32_t offset)
{
    switch (offset) {
    case GOTGCTL:
        return &otg->gotgctl;
    case GAHBCFG:
        return &otg->gahbcfg;
    case GUSBCFG:
        return &otg->gusbcfg;
    case GINTMSK:
        return &otg->gintmsk;
    case GRXFSIZ:
        return &otg->grxfsiz;
    case DIEPTXF0:
        return &otg->dieptxf[0];
    case GCCFG:
        return &otg->gccfg;
    case CID:
        return &otg->cid;
    case DCFG:
        return &otg->dcfg;
    case DCTL:
        return &otg->dctl;
    case DIEPMSK:
        return &otg->diepmsk;
    case DOEPMSK:
        return &otg->doepmsk;
    case DAINTMSK:
        return &otg->daintmsk;
    case DIEPEMPMSK:
        return &otg->diepempmsk;
    case PCGCCTL:
        return &otg->pcgcctl;
    default:
        break;
    }
    if (offset >= DIEPTXF1 && offset <= DIEPTXF3)
        return &otg->dieptxf[(offset - DIEPTXF1) / 4 + 1];
    return NULL;
}

static uint32_t read_dsts(const struct stm32_otg *otg)
{
    return (otg->is_suspended ? 1u : 0) | 3u << 1 | (otg->frame & 0x3FFFu) << 8;
}

/* B session valid while a cable brings VBUS. */
static uint32_t read_gotgctl(const struct stm32_otg *otg)
{
    return otg->gotgctl | (otg->is_plugged ? 1u << 19 : 0) | 1u << 16;
}

static uint32_t read_register(struct stm32_otg *otg, uint32_t offset)
{
    uint32_t value;
    switch (offset) {
    case GRSTCTL:
        return read_grstctl(otg);
    case GINTSTS:
        value = interrupts(otg);
        otg->seen |= value;
        return value;
    case GRXSTSR:
        return peek_status(otg);
    case GRXSTSP:
        return pop_status(otg);
    case DSTS:
        return read_dsts(otg);
    case DAINT:
        return endpoint_interrupts(otg);
    case GOTGCTL:
        return read_gotgctl(otg);
    case GOTGINT:
        return otg->gotgint;
    case DCFG:
        complain("DCFG read: DAD and PFIVL may read back wrong (ES0182)");
        return otg->dcfg;
    default:
        break;
    }
    const uint32_t *plain = plain_register(otg, offset);
    if (!plain)
        complain("read at offset 0x%03X, where no register of the device is", (unsigned)offset);
    return plain ? *plain : 0;
}

static void write_register(struct stm32_otg *otg, uint32_t offset, uint32_t value)
{
    uint32_t *plain = plain_register(otg, offset);
    switch (offset) {
    case GRSTCTL:
        write_grstctl(otg, value);
        break;
    case GINTSTS:
        write_gintsts(otg, value);
        break;
    case GUSBCFG:
        write_gusbcfg(otg, value);
        break;
    case DCFG:
        write_dcfg(otg, value);
        break;
    case DCTL:
        write_dctl(otg, value);
        break;
    case PCGCCTL:
        write_pcgcctl(otg, value);
        break;
    case GOTGINT: /* write 1 to clear */
        otg->gotgint &= ~value;
        break;
    default:
        if (plain && (offset == GRXFSIZ || offset == DIEPTXF0 || offset >= DIEPTXF1) &&
            offset <= DIEPTXF3)
            write_depth(otg, plain, value);
        else if (plain)
            *plain = value;
        else
            complain("write at offset 0x%03X, where nothing can be written", (unsigned)offset);
    }
}

/* --- Access ---------------------------------------------------------------------------------- */

static void count_down(unsigned *left)
{
    if (*left)
        --*left;
}

static void endpoint_time_passes(struct otg_endpoint *ep)
{
    count_down(&ep->nak_after);
    if (ep->disable_after && --ep->disable_after == 0) {
        ep->is_enabled = 0;
        ep->flags |= EPINT_EPDISD;
    }
}

static void time_passes(struct stm32_otg *otg)
{
    count_down(&otg->reset_left);
    count_down(&otg->flush_left);
    count_down(&otg->mode_left);
    if (!otg->flush_left)
        otg->flush_bits = 0;
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        endpoint_time_passes(&otg->in[n]);
        endpoint_time_passes(&otg->out[n]);
    }
}

static void bus_goes_on(struct stm32_otg *otg)
{
    if (!otg->config.bus || otg->is_in_bus)
        return;
    otg->is_in_bus = 1;
    otg->config.bus(otg->config.context);
    otg->is_in_bus = 0;
}

static int may_access(struct stm32_otg *otg, uint32_t offset)
{
    bus_goes_on(otg);
    time_passes(otg);
    if (!otg_has_clock(otg)) {
        complain("offset 0x%03X without the core's clock", (unsigned)offset);
        return 0;
    }
    if (otg->was_reset && !otg->reset_seen_done && offset != GRSTCTL)
        complain("offset 0x%03X in soft reset, whose end was not waited for", (unsigned)offset);
    if (otg->pcgcctl & PCGCCTL_STOPPED && offset >= DCFG && offset != PCGCCTL)
        complain("offset 0x%03X while the PHY clock is stopped", (unsigned)offset);
    if (offset >= HOST_FIRST && offset < DCFG)
        complain("offset 0x%03X of host mode", (unsigned)offset);
    return 1;
}

static uint32_t read_word(void *model, uint32_t address)
{
    struct stm32_otg *otg = model;
    uint32_t offset = address - BASE;
    if (!may_access(otg, offset))
        return 0;
    if (offset >= FIFO_FIRST)
        return read_fifo(otg);
    return offset >= IN_FIRST && offset < PCGCCTL ? read_endpoint(otg, offset)
                                                  : read_register(otg, offset);
}

static void write_word(void *model, uint32_t address, uint32_t value)
{
    struct stm32_otg *otg = model;
    uint32_t offset = address - BASE;
    if (!may_access(otg, offset))
        return;
    if (offset >= FIFO_FIRST)
        write_fifo(otg, (offset - FIFO_FIRST) >> 12, value);
    else if (offset >= IN_FIRST && offset < PCGCCTL)
        write_endpoint(otg, offset, value);
    else
        write_register(otg, offset, value);
}

struct stm32_otg *stm32_otg_create(const struct stm32_otg_config *config)
{
    struct stm32_otg *otg = calloc(1, sizeof *otg);
    if (!otg) {
        fprintf(stderr, "stm32_otg_create: no memory\n");
        abort();
    }
    otg->config = *config;
    otg->is_plugged = 1;
    to_reset_values(otg);
    otg->reset_seen_done = 1;
    stm32_mmio_attach(&(struct stm32_block){.name = "OTG",
                                            .first = BASE,
                                            .end = BASE + FIFO_END,
                                            .model = otg,
                                            .read = read_word,
                                            .write = write_word});
    return otg;
}

void stm32_otg_free(struct stm32_otg *otg)
{
    free(otg);
}
