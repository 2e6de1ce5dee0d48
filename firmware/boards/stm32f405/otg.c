/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each OUT endpoint takes one packet at a time into its own place, so taking entries off the
 * receive FIFO never calls anybody; the device is told when the core says that a transfer or a
 * SETUP stage is done (34.17.6). */
#include "firmware/boards/stm32f405/otg.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/wire/bytes.h"

#include <string.h>

#define IS_IN 0x80u
#define NUMBER(endpoint) ((endpoint)&0x0Fu)
#define TURNAROUND 6u /* from 32 MHz of AHB on (34.16.2, table) */
#define SETUPS_IN_A_ROW 3u
#define ENTRIES_A_VISIT 16u /* the interrupt comes again if there are more */
/* Looks at a register until a wait is given up; one takes some 10 cycles of 168 MHz. */
#define LOOKS_SHORT 2000u   /* 0.1 ms: flushes and disables take a packet's time, 50 us, at most */
#define LOOKS_MODE 1000000u /* 60 ms: forced device mode takes 25 ms */

#define DEVICE_INTERRUPTS                                                                          \
    (OTG_GINT_RXFLVL | OTG_GINT_USBSUSP | OTG_GINT_USBRST | OTG_GINT_ENUMDNE | OTG_GINT_IEP |      \
     OTG_GINT_OEP | OTG_GINT_WKUP)

static int becomes(uint32_t address, uint32_t mask, uint32_t wanted, uint32_t looks)
{
    while (looks-- > 0)
        if ((mmio_read(address) & mask) == wanted)
            return 1;
    return 0;
}

/* Bits that act when 1 is written are not written back. */
static void endpoint_change(uint32_t control, uint32_t clear, uint32_t set)
{
    mmio_write(control, (mmio_read(control) & ~(OTG_EPCTL_ACTIONS | clear)) | set);
}

static void flush_transmit(uint32_t fifo)
{
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | fifo << OTG_GRSTCTL_TXFNUM_AT);
    becomes(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH, 0, LOOKS_SHORT);
}

static void flush_receive(void)
{
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_RXFFLSH);
    becomes(OTG_GRSTCTL, OTG_GRSTCTL_RXFFLSH, 0, LOOKS_SHORT);
}

/* Whether a SETUP is there that ends the transfer on endpoint 0 for which the device is asking just
 * now (it was found while the driver saw to something else): nothing of it goes on. */
static int is_overtaken(const struct otg *otg, unsigned n)
{
    return n == 0 && otg->setup_state != OTG_NO_SETUP;
}

/* --- Sending ------------------------------------------------------------------------------------
 */

/* n <= 64; the caller has seen that there is room. */
static void write_packet(unsigned n, const uint8_t *bytes, size_t size)
{
    for (; size >= 4; size -= 4, bytes += 4)
        mmio_write(OTG_FIFO(n), get_u32(bytes));
    if (size == 0)
        return;
    uint32_t last = 0;
    for (size_t i = 0; i < size; i++)
        last |= (uint32_t)bytes[i] << 8 * i;
    mmio_write(OTG_FIFO(n), last);
}

/* Packets into the FIFO while whole ones fit; its interrupt comes again until all are in. */
static void fill_fifo(struct otg *otg, unsigned n)
{
    while (otg->in[n].in_chunk > 0) {
        size_t size = otg->in[n].in_chunk;
        if (size > otg->in[n].max_packet)
            size = otg->in[n].max_packet;
        if ((mmio_read(OTG_DTXFSTS(n)) & 0xFFFFu) < (size + 3) / 4) {
            mmio_set(OTG_DIEPEMPMSK, 1u << n);
            return;
        }
        write_packet(n, otg->in[n].next, size);
        otg->in[n].next += size;
        otg->in[n].in_chunk -= size;
    }
    mmio_clear(OTG_DIEPEMPMSK, 1u << n);
}

/* As much of what is left as one transfer of the core takes: on endpoint 0 a packet, elsewhere 1023
 * packets (the fields of DIEPTSIZ, 34.16.4). */
static void start_chunk(struct otg *otg, unsigned n)
{
    size_t most = otg->in[n].max_packet;
    if (n != 0)
        most *= OTG_EPTSIZ_PKTCNT_MAX;
    size_t size = otg->in[n].after < most ? otg->in[n].after : most;
    uint32_t packets = (uint32_t)((size + otg->in[n].max_packet - 1) / otg->in[n].max_packet);
    if (packets == 0)
        packets = 1; /* an empty one */
    otg->in[n].after -= size;
    otg->in[n].in_chunk = size;
    mmio_write(OTG_DIEPTSIZ(n), packets << OTG_EPTSIZ_PKTCNT_AT | (uint32_t)size);
    endpoint_change(OTG_DIEPCTL(n), 0, OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
    fill_fifo(otg, n);
}

static void send(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct otg *otg = context;
    unsigned number = NUMBER(endpoint);
    if (is_overtaken(otg, number))
        return;
    otg->in[number].next = bytes;
    otg->in[number].after = n;
    otg->in[number].is_busy = 1;
    start_chunk(otg, number);
}

/* Ends what is under way (34.17.6, "IN endpoint disable"). */
static void stop_sending(struct otg *otg, unsigned n)
{
    uint32_t control = mmio_read(OTG_DIEPCTL(n));
    otg->in[n].in_chunk = otg->in[n].after = 0;
    otg->in[n].is_busy = 0;
    mmio_clear(OTG_DIEPEMPMSK, 1u << n);
    if (control & OTG_EPCTL_EPENA) {
        mmio_write(OTG_DIEPINT(n), OTG_EPINT_EPDISD | OTG_EPINT_INEPNE); /* old news */
        if (!(control & OTG_EPCTL_NAKSTS)) {
            endpoint_change(OTG_DIEPCTL(n), 0, OTG_EPCTL_SNAK);
            becomes(OTG_DIEPINT(n), OTG_EPINT_INEPNE, OTG_EPINT_INEPNE, LOOKS_SHORT);
        }
        endpoint_change(OTG_DIEPCTL(n), 0, OTG_EPCTL_EPDIS | OTG_EPCTL_SNAK);
        becomes(OTG_DIEPINT(n), OTG_EPINT_EPDISD, OTG_EPINT_EPDISD, LOOKS_SHORT);
    }
    mmio_write(OTG_DIEPINT(n), OTG_EPINT_EPDISD | OTG_EPINT_INEPNE | OTG_EPINT_XFRC);
    flush_transmit(n);
}

static void cancel(void *context, uint8_t endpoint)
{
    if (NUMBER(endpoint) < OTG_ENDPOINTS)
        stop_sending(context, NUMBER(endpoint));
}

/* --- Receiving ----------------------------------------------------------------------------------
 */

static void read_words(uint32_t *words, size_t room, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t word = mmio_read(OTG_FIFO(0));
        if (i < room)
            words[i] = word;
    }
}

/* A SETUP is there, and its stage over with the host's next token. The core answers NAK since it
 * came; if the driver was just then about to send or receive for the transfer before, that NAK is
 * off again, and the host would take old bytes for the answer. */
static void hold_control(struct otg *otg)
{
    otg->setup_state = OTG_SETUP_CAME;
    if (otg->in[0].is_busy)
        stop_sending(otg, 0);
    endpoint_change(OTG_DOEPCTL(0), 0, OTG_EPCTL_SNAK);
}

/* One entry off the FIFO, with its bytes. That a transfer or a SETUP stage is done shows in the
 * endpoint's own interrupts after this (34.17.6). Returns its kind. */
static uint32_t take_entry(struct otg *otg)
{
    uint32_t status = mmio_read(OTG_GRXSTSP);
    uint32_t kind = OTG_GRXSTS_PKTSTS(status), n = OTG_GRXSTS_EPNUM(status);
    uint32_t size = OTG_GRXSTS_BCNT(status), words = (size + 3u) / 4u;
    if (kind == OTG_PKTSTS_SETUP) {
        read_words(otg->setup, 2, words); /* the last of several counts */
        hold_control(otg);
    } else if (kind == OTG_PKTSTS_OUT && n < OTG_ENDPOINTS) {
        read_words(otg->out[n].packet, USB_PACKET_MAX / 4, words);
        otg->out[n].n = (uint16_t)(size < USB_PACKET_MAX ? size : USB_PACKET_MAX);
    } else {
        read_words(NULL, 0, words);
        if (kind == OTG_PKTSTS_SETUP_DONE)
            otg->setup_state = OTG_SETUP_OVER;
    }
    return kind;
}

static void take_entries(struct otg *otg)
{
    for (unsigned i = 0; i < ENTRIES_A_VISIT; i++) {
        if (!(mmio_read(OTG_GINTSTS) & OTG_GINT_RXFLVL))
            return;
        take_entry(otg);
    }
}

/* The size always is one packet more. SETUPs are counted on endpoint 0 beside it. */
static void receive(void *context, uint8_t endpoint)
{
    struct otg *otg = context;
    unsigned n = NUMBER(endpoint);
    uint32_t size = 1u << OTG_EPTSIZ_PKTCNT_AT | otg->out[n].max_packet;
    if (is_overtaken(otg, n))
        return;
    if (n == 0)
        size |= SETUPS_IN_A_ROW << OTG_EPTSIZ_STUPCNT_AT;
    otg->out[n].n = 0;
    mmio_write(OTG_DOEPTSIZ(n), size);
    endpoint_change(OTG_DOEPCTL(n), 0, OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
}

/* An enabled OUT endpoint can only be disabled while all OUT endpoints answer NAK, which they do
 * once the entry that says so is off the FIFO (34.17.6, "OUT endpoint disable"). Other endpoints'
 * packets that lie before it go to their places. `with` says what the endpoint shall answer. */
static void disable_out(struct otg *otg, unsigned n, uint32_t with)
{
    uint32_t looks = LOOKS_SHORT;
    mmio_set(OTG_DCTL, OTG_DCTL_SGONAK);
    while (!(mmio_read(OTG_GINTSTS) & OTG_GINT_GONAKEFF) && looks-- > 0)
        if (mmio_read(OTG_GINTSTS) & OTG_GINT_RXFLVL)
            take_entry(otg);
    mmio_write(OTG_DOEPINT(n), OTG_EPINT_EPDISD); /* old news */
    endpoint_change(OTG_DOEPCTL(n), 0, OTG_EPCTL_EPDIS | with);
    becomes(OTG_DOEPINT(n), OTG_EPINT_EPDISD, OTG_EPINT_EPDISD, LOOKS_SHORT);
    mmio_set(OTG_DCTL, OTG_DCTL_CGONAK);
}

/* Ends what is under way and makes it answer `with`. Endpoint 0 cannot be disabled. */
static void stop_receiving(struct otg *otg, unsigned n, uint32_t with)
{
    if (n != 0 && mmio_read(OTG_DOEPCTL(n)) & OTG_EPCTL_EPENA)
        disable_out(otg, n, with);
    else
        endpoint_change(OTG_DOEPCTL(n), 0, with);
    if (n != 0)
        mmio_write(OTG_DOEPINT(n), OTG_EPINT_EPDISD | OTG_EPINT_XFRC);
    otg->out[n].n = 0;
}

/* --- The rest of the controller -----------------------------------------------------------------
 */

static void connect(void *context, int on)
{
    (void)context;
    if (on)
        mmio_clear(OTG_DCTL, OTG_DCTL_SDIS);
    else
        mmio_set(OTG_DCTL, OTG_DCTL_SDIS);
}

/* The core itself keeps the old one until the status stage is over (34.17.5). Written whole: its
 * fields may read back wrong (ES0182, "error in software-read OTG_FS_DCFG register values"). */
static void set_address(void *context, uint8_t address)
{
    (void)context;
    mmio_write(OTG_DCFG, OTG_DCFG_RESERVED | OTG_DCFG_DSPD_FULL | OTG_DCFG_NZLSOHSK |
                             (uint32_t)address << OTG_DCFG_DAD_AT);
}

static void open(void *context, uint8_t endpoint, enum usb_transfer type, uint16_t max_packet)
{
    struct otg *otg = context;
    unsigned n = NUMBER(endpoint);
    uint32_t control = OTG_EPCTL_USBAEP | (uint32_t)type << OTG_EPCTL_EPTYP_AT | max_packet |
                       OTG_EPCTL_SD0PID | OTG_EPCTL_SNAK;
    if (n == 0 || n >= OTG_ENDPOINTS)
        return;
    if (endpoint & IS_IN) {
        stop_sending(otg, n);
        otg->in[n].max_packet = max_packet;
        mmio_write(OTG_DIEPCTL(n), control | n << OTG_EPCTL_TXFNUM_AT);
        mmio_set(OTG_DAINTMSK, 1u << n);
    } else {
        stop_receiving(otg, n, OTG_EPCTL_SNAK);
        otg->out[n].max_packet = max_packet;
        mmio_write(OTG_DOEPCTL(n), control);
        mmio_set(OTG_DAINTMSK, 0x10000u << n);
    }
}

static void close(void *context, uint8_t endpoint)
{
    struct otg *otg = context;
    unsigned n = NUMBER(endpoint);
    if (n == 0 || n >= OTG_ENDPOINTS)
        return;
    if (endpoint & IS_IN) {
        stop_sending(otg, n);
        endpoint_change(OTG_DIEPCTL(n), OTG_EPCTL_USBAEP | OTG_EPCTL_STALL, 0);
        mmio_clear(OTG_DAINTMSK, 1u << n);
    } else {
        stop_receiving(otg, n, OTG_EPCTL_SNAK);
        endpoint_change(OTG_DOEPCTL(n), OTG_EPCTL_USBAEP | OTG_EPCTL_STALL, 0);
        mmio_clear(OTG_DAINTMSK, 0x10000u << n);
    }
}

static void halt(void *context, uint8_t endpoint, int on)
{
    struct otg *otg = context;
    unsigned n = NUMBER(endpoint);
    if (n >= OTG_ENDPOINTS || is_overtaken(otg, n))
        return;
    /* The core ends it at the next SETUP (34.16.4, DIEPCTL0), and nothing else can: a SETUP that
     * comes between this look and the write is stalled in the place of the one before. */
    if (n == 0 && on) {
        stop_sending(otg, 0);
        endpoint_change(OTG_DIEPCTL(0), 0, OTG_EPCTL_STALL);
        endpoint_change(OTG_DOEPCTL(0), 0, OTG_EPCTL_STALL);
    } else if (n == 0) {
        return;
    } else if (endpoint & IS_IN) {
        stop_sending(otg, n);
        endpoint_change(OTG_DIEPCTL(n), on ? 0 : OTG_EPCTL_STALL,
                        on ? OTG_EPCTL_STALL : OTG_EPCTL_SD0PID);
    } else {
        stop_receiving(otg, n, on ? OTG_EPCTL_STALL : OTG_EPCTL_SNAK);
        if (!on)
            endpoint_change(OTG_DOEPCTL(n), OTG_EPCTL_STALL, OTG_EPCTL_SD0PID);
    }
}

/* --- The bus's doings ---------------------------------------------------------------------------
 */

static void size_fifos(void)
{
    uint32_t at = OTG_RECEIVE_WORDS;
    mmio_write(OTG_GRXFSIZ, OTG_RECEIVE_WORDS);
    mmio_write(OTG_DIEPTXF0, OTG_CONTROL_WORDS << OTG_TXF_WORDS_AT | at);
    at += OTG_CONTROL_WORDS;
    mmio_write(OTG_DIEPTXF(1u), OTG_VENDOR_WORDS << OTG_TXF_WORDS_AT | at);
    at += OTG_VENDOR_WORDS;
    mmio_write(OTG_DIEPTXF(2u), OTG_NOTIFY_WORDS << OTG_TXF_WORDS_AT | at);
    at += OTG_NOTIFY_WORDS;
    mmio_write(OTG_DIEPTXF(3u), OTG_SERIAL_WORDS << OTG_TXF_WORDS_AT | at);
}

/* A reset begins (34.17.5, "Endpoint initialization on USB reset"). */
static void begin_reset(struct otg *otg)
{
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++) {
        endpoint_change(OTG_DOEPCTL(n), OTG_EPCTL_STALL, OTG_EPCTL_SNAK);
        if (mmio_read(OTG_DIEPCTL(n)) & OTG_EPCTL_EPENA)
            endpoint_change(OTG_DIEPCTL(n), OTG_EPCTL_STALL, OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
        mmio_write(OTG_DIEPINT(n), 0xFFu);
        mmio_write(OTG_DOEPINT(n), 0xFFu);
        otg->in[n].in_chunk = otg->in[n].after = 0;
        otg->in[n].is_busy = 0;
        otg->out[n].n = 0;
    }
    size_fifos(); /* before the flush: it puts their pointers to where they now begin */
    flush_transmit(OTG_GRSTCTL_TXFNUM_ALL);
    flush_receive();
    otg->setup_state = OTG_NO_SETUP;
    mmio_write(OTG_DIEPEMPMSK, 0);
    mmio_write(OTG_DAINTMSK, 0x10001u);
    mmio_write(OTG_DOEPMSK, OTG_EPINT_STUP | OTG_EPINT_XFRC);
    mmio_write(OTG_DIEPMSK, OTG_EPINT_XFRC);
    set_address(otg, 0);
    mmio_write(OTG_DOEPTSIZ(0), SETUPS_IN_A_ROW << OTG_EPTSIZ_STUPCNT_AT);
}

/* The reset is over; the speed is full, the core knows no other (34.17.5, "... on enumeration
 * completion"). */
static void end_reset(struct otg *otg)
{
    otg->in[0].max_packet = otg->out[0].max_packet = USB_PACKET_MAX;
    endpoint_change(OTG_DIEPCTL(0), OTG_EPCTL_MPSIZ_MASK, OTG_EPCTL0_MPSIZ_64);
    mmio_field(OTG_GUSBCFG, OTG_GUSBCFG_TRDT_MASK, TURNAROUND << OTG_GUSBCFG_TRDT_AT);
    usb_device_reset(otg->device);
}

/* The old transfer's rest is gone since the SETUP itself was seen. */
static void begin_control(struct otg *otg)
{
    uint8_t setup[8];
    otg->setup_state = OTG_NO_SETUP;
    mmio_write(OTG_DOEPTSIZ(0), SETUPS_IN_A_ROW << OTG_EPTSIZ_STUPCNT_AT);
    put_u32(setup, otg->setup[0]);
    put_u32(setup + 4, otg->setup[1]);
    usb_device_setup(otg->device, setup);
}

/* On endpoint 0 the core answers NAK from a SETUP on; what ended in the transfer before must not
 * make the device send or receive again, which would be taken for an answer to that SETUP. */
static void out_interrupt(struct otg *otg, unsigned n)
{
    uint32_t causes = mmio_read(OTG_DOEPINT(n)) & (OTG_EPINT_STUP | OTG_EPINT_XFRC);
    mmio_write(OTG_DOEPINT(n), causes);
    if (causes & OTG_EPINT_XFRC && !is_overtaken(otg, n))
        usb_device_received(otg->device, (uint8_t)n, (const uint8_t *)otg->out[n].packet,
                            otg->out[n].n);
    if (n == 0 && causes & OTG_EPINT_STUP && otg->setup_state == OTG_SETUP_OVER)
        begin_control(otg);
}

static void in_interrupt(struct otg *otg, unsigned n)
{
    uint32_t causes = mmio_read(OTG_DIEPINT(n));
    mmio_write(OTG_DIEPINT(n), causes & OTG_EPINT_XFRC);
    if (causes & OTG_EPINT_TXFE && mmio_read(OTG_DIEPEMPMSK) & 1u << n)
        fill_fifo(otg, n);
    if (!(causes & OTG_EPINT_XFRC) || !otg->in[n].is_busy || is_overtaken(otg, n))
        return;
    if (otg->in[n].after > 0) {
        start_chunk(otg, n);
        return;
    }
    otg->in[n].is_busy = 0;
    usb_device_sent(otg->device, (uint8_t)(IS_IN | n));
}

static void endpoint_interrupts(struct otg *otg)
{
    uint32_t all = mmio_read(OTG_DAINT) & mmio_read(OTG_DAINTMSK);
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++)
        if (all & 1u << n)
            in_interrupt(otg, n);
    for (unsigned n = 0; n < OTG_ENDPOINTS; n++)
        if (all & 0x10000u << n)
            out_interrupt(otg, n);
}

/* A suspend may be over again, by a resume or by a reset, before the interrupt is served; and what
 * came first does not show. So the core is asked how things are. */
static void power_interrupts(struct otg *otg, uint32_t causes)
{
    if (causes & OTG_GINT_WKUP)
        usb_device_resume(otg->device);
    if (causes & OTG_GINT_USBSUSP && mmio_read(OTG_DSTS) & OTG_DSTS_SUSPSTS)
        usb_device_suspend(otg->device);
    if (causes & OTG_GINT_OTG) {
        uint32_t session = mmio_read(OTG_GOTGINT);
        mmio_write(OTG_GOTGINT, session);
        if (session & OTG_GOTGINT_SEDET) /* no cable: nobody will say goodbye */
            usb_device_reset(otg->device);
    }
}

void otg_interrupt(struct otg *otg)
{
    uint32_t causes = mmio_read(OTG_GINTSTS) & mmio_read(OTG_GINTMSK);
    mmio_write(OTG_GINTSTS,
               causes & (OTG_GINT_USBSUSP | OTG_GINT_USBRST | OTG_GINT_ENUMDNE | OTG_GINT_WKUP));
    if (causes & OTG_GINT_USBRST)
        begin_reset(otg);
    if (causes & OTG_GINT_ENUMDNE)
        end_reset(otg);
    take_entries(otg);
    if (mmio_read(OTG_GINTSTS) & (OTG_GINT_IEP | OTG_GINT_OEP))
        endpoint_interrupts(otg);
    power_interrupts(otg, causes);
    usb_device_poll(otg->device);
}

/* --- Beginning and end --------------------------------------------------------------------------
 */

static int reset_core(void)
{
    if (!becomes(OTG_GRSTCTL, OTG_GRSTCTL_AHBIDL, OTG_GRSTCTL_AHBIDL, LOOKS_SHORT))
        return 0;
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
    return becomes(OTG_GRSTCTL, OTG_GRSTCTL_CSRST, 0, LOOKS_SHORT) &&
           becomes(OTG_GRSTCTL, OTG_GRSTCTL_AHBIDL, OTG_GRSTCTL_AHBIDL, LOOKS_SHORT);
}

/* The order of 34.17.1 and 34.17.3. */
enum otg_fault otg_start(struct otg *otg, struct usb_device *device, int senses_vbus)
{
    *otg = (struct otg){.controller = {.context = otg,
                                       .connect = connect,
                                       .set_address = set_address,
                                       .open = open,
                                       .close = close,
                                       .halt = halt,
                                       .send = send,
                                       .cancel = cancel,
                                       .receive = receive},
                        .device = device};
    otg->in[0].max_packet = otg->out[0].max_packet = USB_PACKET_MAX;
    mmio_set(OTG_GUSBCFG, OTG_GUSBCFG_PHYSEL);
    if (!reset_core())
        return OTG_NO_RESET;
    mmio_set(OTG_DCTL, OTG_DCTL_SDIS);
    mmio_field(OTG_GUSBCFG, OTG_GUSBCFG_FDMOD | OTG_GUSBCFG_TRDT_MASK,
               OTG_GUSBCFG_FDMOD | TURNAROUND << OTG_GUSBCFG_TRDT_AT);
    mmio_write(OTG_GCCFG,
               OTG_GCCFG_PWRDWN | (senses_vbus ? OTG_GCCFG_VBUSBSEN : OTG_GCCFG_NOVBUSSENS));
    if (!becomes(OTG_GINTSTS, OTG_GINT_CMOD, 0, LOOKS_MODE))
        return OTG_NO_DEVICE_MODE;
    mmio_write(OTG_PCGCCTL, 0);
    begin_reset(otg);
    mmio_write(OTG_GOTGINT, UINT32_MAX);
    mmio_write(OTG_GINTSTS, UINT32_MAX);
    mmio_write(OTG_GINTMSK, DEVICE_INTERRUPTS | (senses_vbus ? OTG_GINT_OTG : 0));
    mmio_write(OTG_GAHBCFG, OTG_GAHBCFG_GINTMSK); /* TXFELVL = 0: half empty */
    return OTG_OK;
}

void otg_stop(void)
{
    mmio_write(OTG_GAHBCFG, 0);
    mmio_write(OTG_GINTMSK, 0);
    mmio_set(OTG_DCTL, OTG_DCTL_SDIS);
    mmio_write(OTG_GCCFG, 0);
}
