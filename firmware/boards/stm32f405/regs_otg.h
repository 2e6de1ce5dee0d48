/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The OTG full-speed core in device mode (RM0090, 34.16). Its packet memory is 320 words, shared
 * by one receive FIFO and a transmit FIFO for each of the IN endpoints 0..3. */
#ifndef TENDERFOOT_STM32F405_REGS_OTG_H
#define TENDERFOOT_STM32F405_REGS_OTG_H

#define OTG_BASE 0x50000000u
#define OTG_ENDPOINTS 4u /* each way, with endpoint 0 */
#define OTG_FIFO_WORDS 320u

/* --- Global (34.16.2) --- */
#define OTG_GOTGINT (OTG_BASE + 0x004u)
#define OTG_GOTGINT_SEDET (1u << 2)     /* session end: VBUS has gone */
#define OTG_GAHBCFG (OTG_BASE + 0x008u) /* bit 7 = 0: TXFE means half empty */
#define OTG_GAHBCFG_GINTMSK (1u << 0)
#define OTG_GUSBCFG (OTG_BASE + 0x00Cu)
#define OTG_GUSBCFG_PHYSEL (1u << 6)
#define OTG_GUSBCFG_TRDT_AT 10
#define OTG_GUSBCFG_TRDT_MASK (15u << 10)
#define OTG_GUSBCFG_FDMOD (1u << 30)
#define OTG_GRSTCTL (OTG_BASE + 0x010u)
#define OTG_GRSTCTL_CSRST (1u << 0)
#define OTG_GRSTCTL_RXFFLSH (1u << 4)
#define OTG_GRSTCTL_TXFFLSH (1u << 5)
#define OTG_GRSTCTL_TXFNUM_AT 6
#define OTG_GRSTCTL_TXFNUM_ALL 16u
#define OTG_GRSTCTL_AHBIDL (1u << 31)
/* Interrupts; their mask has the same bits. Those marked w1c are cleared by writing 1, the others
 * follow their cause. */
#define OTG_GINTSTS (OTG_BASE + 0x014u)
#define OTG_GINTMSK (OTG_BASE + 0x018u)
#define OTG_GINT_CMOD (1u << 0)   /* status, not interrupt: 0 = device mode */
#define OTG_GINT_OTG (1u << 2)    /* see GOTGINT */
#define OTG_GINT_RXFLVL (1u << 4) /* the receive FIFO holds something */
#define OTG_GINT_GONAKEFF (1u << 7)
#define OTG_GINT_USBSUSP (1u << 11) /* w1c */
#define OTG_GINT_USBRST (1u << 12)  /* w1c */
#define OTG_GINT_ENUMDNE (1u << 13) /* w1c: reset is over */
#define OTG_GINT_IEP (1u << 18)
#define OTG_GINT_OEP (1u << 19)
#define OTG_GINT_WKUP (1u << 31)        /* w1c */
#define OTG_GRXSTSP (OTG_BASE + 0x020u) /* reading takes the entry off the FIFO */
#define OTG_GRXSTS_EPNUM(status) ((status)&15u)
#define OTG_GRXSTS_BCNT(status) ((status) >> 4 & 0x7FFu)
#define OTG_GRXSTS_PKTSTS(status) ((status) >> 17 & 15u)
#define OTG_PKTSTS_GLOBAL_OUT_NAK 1u
#define OTG_PKTSTS_OUT 2u
#define OTG_PKTSTS_OUT_DONE 3u
#define OTG_PKTSTS_SETUP_DONE 4u
#define OTG_PKTSTS_SETUP 6u
#define OTG_GRXFSIZ (OTG_BASE + 0x024u)               /* words */
#define OTG_DIEPTXF0 (OTG_BASE + 0x028u)              /* words << 16 | first word */
#define OTG_DIEPTXF(n) (OTG_BASE + 0x100u + 4u * (n)) /* n = 1..3 */
#define OTG_TXF_WORDS_AT 16
#define OTG_GCCFG (OTG_BASE + 0x038u)
#define OTG_GCCFG_PWRDWN (1u << 16) /* 1 = transceiver ON */
#define OTG_GCCFG_VBUSBSEN (1u << 19)
#define OTG_GCCFG_NOVBUSSENS (1u << 21)

/* --- Device (34.16.4) --- */
#define OTG_DCFG (OTG_BASE + 0x800u)
#define OTG_DCFG_DSPD_FULL 3u
#define OTG_DCFG_NZLSOHSK (1u << 2) /* STALL a status OUT that is not empty */
#define OTG_DCFG_DAD_AT 4
#define OTG_DCFG_RESERVED 0x02200000u /* bits to be kept as they are after a reset */
#define OTG_DCTL (OTG_BASE + 0x804u)
#define OTG_DCTL_SDIS (1u << 1) /* off the bus */
#define OTG_DCTL_SGONAK (1u << 9)
#define OTG_DCTL_CGONAK (1u << 10)
#define OTG_DSTS (OTG_BASE + 0x808u)
#define OTG_DSTS_SUSPSTS (1u << 0) /* suspended at present */
#define OTG_DIEPMSK (OTG_BASE + 0x810u)
#define OTG_DOEPMSK (OTG_BASE + 0x814u)
#define OTG_DAINT (OTG_BASE + 0x818u) /* IN 0.. in the low half, OUT 0.. in the high half */
#define OTG_DAINTMSK (OTG_BASE + 0x81Cu)
#define OTG_DIEPEMPMSK (OTG_BASE + 0x834u) /* whose TXFE interrupts */

/* --- Endpoints --- */
#define OTG_DIEPCTL(n) (OTG_BASE + 0x900u + 0x20u * (n))
#define OTG_DIEPINT(n) (OTG_BASE + 0x908u + 0x20u * (n))
#define OTG_DIEPTSIZ(n) (OTG_BASE + 0x910u + 0x20u * (n))
#define OTG_DTXFSTS(n) (OTG_BASE + 0x918u + 0x20u * (n)) /* free words of its FIFO */
#define OTG_DOEPCTL(n) (OTG_BASE + 0xB00u + 0x20u * (n))
#define OTG_DOEPINT(n) (OTG_BASE + 0xB08u + 0x20u * (n))
#define OTG_DOEPTSIZ(n) (OTG_BASE + 0xB10u + 0x20u * (n))
#define OTG_EPCTL_MPSIZ_MASK 0x7FFu
#define OTG_EPCTL0_MPSIZ_64 0u /* endpoint 0 has a code of two bits */
#define OTG_EPCTL_USBAEP (1u << 15)
#define OTG_EPCTL_NAKSTS (1u << 17)
#define OTG_EPCTL_EPTYP_AT 18
#define OTG_EPCTL_STALL (1u << 21)
#define OTG_EPCTL_TXFNUM_AT 22
#define OTG_EPCTL_CNAK (1u << 26)
#define OTG_EPCTL_SNAK (1u << 27)
#define OTG_EPCTL_SD0PID (1u << 28)
#define OTG_EPCTL_EPDIS (1u << 30)
#define OTG_EPCTL_EPENA (1u << 31)
/* The bits that do something when 1 is written: never written back from a read. */
#define OTG_EPCTL_ACTIONS                                                                          \
    (OTG_EPCTL_CNAK | OTG_EPCTL_SNAK | OTG_EPCTL_SD0PID | 1u << 29 | OTG_EPCTL_EPDIS |             \
     OTG_EPCTL_EPENA)
#define OTG_EPINT_XFRC (1u << 0)
#define OTG_EPINT_EPDISD (1u << 1)
#define OTG_EPINT_STUP (1u << 3) /* OUT */
#define OTG_EPINT_INEPNE (1u << 6)
#define OTG_EPINT_TXFE (1u << 7)
#define OTG_EPTSIZ_PKTCNT_AT 19
#define OTG_EPTSIZ_STUPCNT_AT 29 /* OUT 0: back-to-back SETUPs that are taken, 1..3 */
#define OTG_EPTSIZ_PKTCNT_MAX 1023u

#define OTG_PCGCCTL (OTG_BASE + 0xE00u)
#define OTG_FIFO(n) (OTG_BASE + 0x1000u * ((n) + 1u)) /* any word of 4 KiB */

#endif
