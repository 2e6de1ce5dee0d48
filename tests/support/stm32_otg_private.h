/* SPDX-License-Identifier: GPL-3.0-or-later */
/* State of the OTG model, between its registers (stm32_otg_model.c) and its bus (stm32_otg_bus.c).
 * The register names and bits are RM0090's, written down here once more on purpose: an error in the
 * driver's own header shall not hide in the model as well. */
#ifndef TENDERFOOT_TESTS_STM32_OTG_PRIVATE_H
#define TENDERFOOT_TESTS_STM32_OTG_PRIVATE_H

#include "tests/support/stm32_otg_model.h"

#define OTG_ENDPOINTS 4u
#define OTG_FIFO_WORDS 320u     /* of the whole core: 1.25 KiB */
#define OTG_FIFO_MAX_WORDS 256u /* of one FIFO */
#define OTG_FIFO_MIN_WORDS 16u
#define OTG_PACKET_MAX 64u
#define OTG_RX_ENTRIES 128u

/* GINTSTS, GINTMSK */
#define GINT_CMOD (1u << 0)
#define GINT_OTGINT (1u << 2)
#define GINT_SOF (1u << 3)
#define GINT_RXFLVL (1u << 4)
#define GINT_NPTXFE (1u << 5)
#define GINT_GINAKEFF (1u << 6)
#define GINT_GONAKEFF (1u << 7)
#define GINT_ESUSP (1u << 10)
#define GINT_USBSUSP (1u << 11)
#define GINT_USBRST (1u << 12)
#define GINT_ENUMDNE (1u << 13)
#define GINT_IEPINT (1u << 18)
#define GINT_OEPINT (1u << 19)
#define GINT_PTXFE (1u << 26)
#define GINT_SRQINT (1u << 30)
#define GINT_WKUPINT (1u << 31)

#define GOTGINT_SEDET (1u << 2)
#define GCCFG_PWRDWN (1u << 16)
#define GCCFG_VBUSBSEN (1u << 19)
#define GCCFG_NOVBUSSENS (1u << 21)

/* DIEPINT, DOEPINT */
#define EPINT_XFRC (1u << 0)
#define EPINT_EPDISD (1u << 1)
#define DOEPINT_STUP (1u << 3)
#define DIEPINT_ITTXFE (1u << 4)
#define DOEPINT_OTEPDIS (1u << 4)
#define DIEPINT_INEPNE (1u << 6)
#define DIEPINT_TXFE (1u << 7)

/* DIEPCTL, DOEPCTL */
#define EPCTL_MPSIZ 0x7FFu
#define EPCTL_USBAEP (1u << 15)
#define EPCTL_EPTYP (3u << 18)
#define EPCTL_STALL (1u << 21)
#define EPCTL_TXFNUM (15u << 22)
#define EPCTL_CNAK (1u << 26)
#define EPCTL_SNAK (1u << 27)
#define EPCTL_SD0PID (1u << 28)
#define EPCTL_SD1PID (1u << 29)
#define EPCTL_EPDIS (1u << 30)
#define EPCTL_EPENA (1u << 31)

#define DCFG_NZLSOHSK (1u << 2) /* STALL to bytes in the status stage of a control read */

enum rx_status {
    RX_GLOBAL_OUT_NAK = 1,
    RX_OUT_DATA = 2,
    RX_OUT_DONE = 3,
    RX_SETUP_DONE = 4,
    RX_SETUP_DATA = 6,
};

struct rx_entry {
    uint32_t status; /* as GRXSTSP shows it */
    uint8_t bytes[OTG_PACKET_MAX];
    unsigned words; /* of bytes */
};

struct tx_fifo {
    uint32_t words[OTG_FIFO_MAX_WORDS];
    unsigned head, used;
};

struct otg_endpoint {
    uint32_t ctl;  /* MPSIZ, USBAEP, EPTYP, STALL, TXFNUM as written */
    uint32_t size; /* DIEPTSIZ, DOEPTSIZ as read */
    uint32_t flags;
    int is_enabled, is_nak, toggle;
    unsigned nak_after;     /* accesses until NAK is effective, 0 = it is */
    unsigned disable_after; /* accesses until a disable is done, 0 = none asked for */
    uint32_t left_to_send;  /* IN: bytes; `size` counts what is left to write */
    unsigned packet_words;  /* IN: of the packet being written, so far */
};

struct stm32_otg {
    struct stm32_otg_config config;
    uint32_t gahbcfg, gusbcfg, gintsts, gintmsk, seen, grxfsiz, dieptxf[OTG_ENDPOINTS], gccfg, cid;
    uint32_t gotgctl, gotgint, dcfg, dctl, diepmsk, doepmsk, daintmsk, diepempmsk, pcgcctl;
    uint8_t address; /* the one answered to */

    struct otg_endpoint in[OTG_ENDPOINTS], out[OTG_ENDPOINTS];
    struct tx_fifo tx[OTG_ENDPOINTS]; /* by FIFO number */
    struct rx_entry rx[OTG_RX_ENTRIES];
    unsigned rx_head, rx_count;
    struct rx_entry popped; /* whose data are being read */
    unsigned popped_read;

    unsigned reset_left, flush_left; /* accesses until they are done */
    uint32_t flush_bits;             /* of GRSTCTL, while a flush is under way */
    uint32_t flushes_owed;           /* of GRSTCTL, since FIFOs have new sizes */
    int idle_seen, reset_seen_done, was_reset;
    unsigned mode_left; /* accesses until forced device mode is in force */

    int is_in_bus;                                   /* config.bus is being called */
    int is_plugged, is_live, is_suspended, is_quiet; /* no token since the reset */
    int setup_done_owed;      /* the "setup done" status waits for the next token */
    int global_out_nak_asked; /* its status waits in the RX FIFO or was popped */
    unsigned setups_in_a_row; /* since one was taken to its end */
    int address_waits;        /* for the status stage of SET_ADDRESS */
    int control_is_in;        /* the last SETUP's direction */
    uint32_t frame;
};

/* FIFO number of an IN endpoint. */
unsigned otg_fifo_of(const struct stm32_otg *otg, unsigned endpoint);
unsigned otg_packet_size(const struct stm32_otg *otg, const struct otg_endpoint *ep);
unsigned otg_fifo_depth(const struct stm32_otg *otg, unsigned fifo);
/* Words of the RX FIFO in use. */
unsigned otg_rx_used(const struct stm32_otg *otg);
void otg_check_fifos(const struct stm32_otg *otg);
int otg_has_clock(const struct stm32_otg *otg);

#endif
