/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of the OTG core itself, by bare registers: done by the book it is silent and moves
 * packets in the manual's order; each misuse, committed once, is complained about, and by its own
 * words. Only so does its silence over the driver mean something. */
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_otg.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_otg_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define WAIT_MAX 100000

static uint32_t ahb2enr;

static void until(uint32_t address, uint32_t mask, uint32_t wanted)
{
    for (int i = 0; (mmio_read(address) & mask) != wanted; i++)
        if (i == WAIT_MAX)
            fail_msg("0x%08X never becomes 0x%08X", (unsigned)address, (unsigned)wanted);
}

static void reset_core(void)
{
    until(OTG_GRSTCTL, OTG_GRSTCTL_AHBIDL, OTG_GRSTCTL_AHBIDL);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
    until(OTG_GRSTCTL, OTG_GRSTCTL_CSRST, 0);
}

static void size_fifos(void)
{
    mmio_write(OTG_GRXFSIZ, 96);
    mmio_write(OTG_DIEPTXF0, 16u << 16 | 96);
    mmio_write(OTG_DIEPTXF(1u), 32u << 16 | 112);
    mmio_write(OTG_DIEPTXF(2u), 32u << 16 | 144);
}

static void flush_all(void)
{
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | OTG_GRSTCTL_RXFFLSH |
                                OTG_GRSTCTL_TXFNUM_ALL << OTG_GRSTCTL_TXFNUM_AT);
    until(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | OTG_GRSTCTL_RXFFLSH, 0);
}

static struct stm32_otg *on_the_bus(void)
{
    stm32_mmio_reset();
    ahb2enr = 1u << 7;
    struct stm32_otg *core = stm32_otg_create(&(struct stm32_otg_config){.ahb2enr = &ahb2enr});
    reset_core();
    mmio_write(OTG_DCTL, OTG_DCTL_SDIS);
    mmio_write(OTG_GUSBCFG, OTG_GUSBCFG_FDMOD | 6u << OTG_GUSBCFG_TRDT_AT);
    until(OTG_GINTSTS, OTG_GINT_CMOD, 0);
    mmio_write(OTG_GCCFG, OTG_GCCFG_PWRDWN | OTG_GCCFG_NOVBUSSENS);
    mmio_write(OTG_DCFG, OTG_DCFG_RESERVED | OTG_DCFG_DSPD_FULL);
    size_fifos();
    mmio_write(OTG_DOEPTSIZ(0u), 3u << OTG_EPTSIZ_STUPCNT_AT);
    assert_false(stm32_otg_is_connected(core));
    flush_all();
    mmio_write(OTG_DCTL, 0);
    assert_true(stm32_otg_is_connected(core));
    stm32_otg_reset_begin(core);
    stm32_otg_reset_end(core);
    return core;
}

static void open_bulk(void)
{
    uint32_t control = OTG_EPCTL_USBAEP | 2u << OTG_EPCTL_EPTYP_AT | OTG_EPCTL_SD0PID | 64;
    mmio_write(OTG_DIEPCTL(1u), control | 1u << OTG_EPCTL_TXFNUM_AT);
    mmio_write(OTG_DOEPCTL(1u), control);
}

static void begin_in(unsigned n, uint32_t packets, uint32_t size)
{
    mmio_write(OTG_DIEPTSIZ(n), packets << OTG_EPTSIZ_PKTCNT_AT | size);
    mmio_set(OTG_DIEPCTL(n), OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
}

static void begin_out(unsigned n, uint32_t packets)
{
    mmio_write(OTG_DOEPTSIZ(n), packets << OTG_EPTSIZ_PKTCNT_AT | packets * 64);
    mmio_set(OTG_DOEPCTL(n), OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
}

/* Wants exactly these words among the complaints, or none at all. */
static void ends(struct stm32_otg *core, const char *words)
{
    const char *said = stm32_mmio_complaint();
    if (!words && said)
        fail_msg("complained: %s", said);
    if (words && (!said || !strstr(said, words)))
        fail_msg("'%s' instead of '%s'", said ? said : "nothing", words);
    stm32_otg_free(core);
    stm32_mmio_reset();
}

/* --- By the book ----------------------------------------------------------------------------- */

static void pops(uint32_t kind, uint32_t endpoint, uint32_t size)
{
    assert_true(mmio_read(OTG_GINTSTS) & OTG_GINT_RXFLVL);
    uint32_t status = mmio_read(OTG_GRXSTSP);
    assert_int_equal(OTG_GRXSTS_PKTSTS(status), kind);
    assert_int_equal(OTG_GRXSTS_EPNUM(status), endpoint);
    assert_int_equal(OTG_GRXSTS_BCNT(status), size);
    for (uint32_t i = 0; i < size; i += 4)
        mmio_read(OTG_FIFO(0u));
}

/* SETUP data, then its end with the next token, whose pop is what interrupts (34.17.5). */
static void a_setup_comes_in_order(void **state)
{
    (void)state;
    struct stm32_otg *core = on_the_bus();
    const uint8_t setup[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
    uint8_t packet[64];
    int toggle;
    assert_int_equal(stm32_otg_setup(core, 0, setup), 8);
    assert_int_equal(mmio_read(OTG_GRXSTSP) >> 17 & 15u, OTG_PKTSTS_SETUP);
    assert_int_equal(mmio_read(OTG_FIFO(0u)), 0x01000680);
    assert_int_equal(mmio_read(OTG_FIFO(0u)), 0x00120000);
    assert_false(mmio_read(OTG_GINTSTS) & OTG_GINT_RXFLVL);
    assert_int_equal(stm32_otg_in(core, 0, 0, &toggle, packet), STM32_OTG_NAK);
    assert_false(mmio_read(OTG_DOEPINT(0u)) & OTG_EPINT_STUP);
    pops(OTG_PKTSTS_SETUP_DONE, 0, 0);
    assert_true(mmio_read(OTG_DOEPINT(0u)) & OTG_EPINT_STUP);
    mmio_write(OTG_DOEPINT(0u), OTG_EPINT_STUP);
    assert_false(mmio_read(OTG_DOEPINT(0u)) & OTG_EPINT_STUP);
    begin_in(0, 1, 3);
    mmio_write(OTG_FIFO(0u), 0xCC030201);
    assert_int_equal(stm32_otg_in(core, 0, 0, &toggle, packet), 3);
    assert_int_equal(toggle, 1);
    assert_memory_equal(packet, "\1\2\3", 3);
    assert_true(mmio_read(OTG_DIEPINT(0u)) & OTG_EPINT_XFRC);
    begin_out(0, 1);
    assert_int_equal(stm32_otg_out(core, 0, 0, 1, packet, 0), 0);
    pops(OTG_PKTSTS_OUT, 0, 0);
    assert_false(mmio_read(OTG_DOEPINT(0u)) & OTG_EPINT_XFRC);
    pops(OTG_PKTSTS_OUT_DONE, 0, 0);
    assert_true(mmio_read(OTG_DOEPINT(0u)) & OTG_EPINT_XFRC);
    ends(core, NULL);
}

static void bulk_goes_both_ways(void **state)
{
    (void)state;
    struct stm32_otg *core = on_the_bus();
    uint8_t packet[64] = {1, 2, 3, 4, 5, 6, 7};
    int toggle;
    open_bulk();
    assert_int_equal(stm32_otg_out(core, 0, 1, 0, packet, 7), STM32_OTG_NAK);
    begin_out(1, 2);
    assert_int_equal(stm32_otg_out(core, 0, 1, 0, packet, 64), 64);
    assert_int_equal(stm32_otg_out(core, 0, 1, 0, packet, 64), 64); /* said twice: thrown away */
    assert_int_equal(stm32_otg_out(core, 0, 1, 1, packet, 7), 7);   /* short: the end */
    assert_int_equal(stm32_otg_out(core, 0, 1, 0, packet, 7), STM32_OTG_NAK);
    pops(OTG_PKTSTS_OUT, 1, 64);
    pops(OTG_PKTSTS_OUT, 1, 7);
    pops(OTG_PKTSTS_OUT_DONE, 1, 0);
    assert_int_equal(mmio_read(OTG_DTXFSTS(1u)), 32);
    begin_in(1, 2, 66);
    assert_int_equal(stm32_otg_in(core, 0, 1, &toggle, packet), STM32_OTG_NAK);
    for (uint32_t i = 0; i < 16; i++)
        mmio_write(OTG_FIFO(1u), i);
    assert_int_equal(mmio_read(OTG_DTXFSTS(1u)), 16);
    assert_int_equal(stm32_otg_in(core, 0, 1, &toggle, packet), 64);
    assert_int_equal(toggle, 0);
    assert_int_equal(packet[60], 15);
    mmio_write(OTG_FIFO(1u), 0x5544);
    assert_int_equal(stm32_otg_in(core, 0, 1, &toggle, packet), 2);
    assert_int_equal(toggle, 1);
    assert_true(mmio_read(OTG_DIEPINT(1u)) & OTG_EPINT_XFRC);
    ends(core, NULL);
}

static void endpoints_are_disabled_by_the_book(void **state)
{
    (void)state;
    struct stm32_otg *core = on_the_bus();
    uint8_t packet[64] = {0};
    open_bulk();
    begin_in(1, 1, 64);
    mmio_write(OTG_FIFO(1u), 1);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_SNAK);
    until(OTG_DIEPINT(1u), OTG_EPINT_INEPNE, OTG_EPINT_INEPNE);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
    until(OTG_DIEPINT(1u), OTG_EPINT_EPDISD, OTG_EPINT_EPDISD);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | 1u << OTG_GRSTCTL_TXFNUM_AT);
    until(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH, 0);
    assert_int_equal(mmio_read(OTG_DTXFSTS(1u)), 32);
    begin_out(1, 1);
    mmio_set(OTG_DCTL, OTG_DCTL_SGONAK);
    assert_int_equal(stm32_otg_out(core, 0, 1, 0, packet, 1), STM32_OTG_NAK);
    assert_false(mmio_read(OTG_GINTSTS) & OTG_GINT_GONAKEFF);
    pops(OTG_PKTSTS_GLOBAL_OUT_NAK, 0, 0);
    assert_true(mmio_read(OTG_GINTSTS) & OTG_GINT_GONAKEFF);
    mmio_set(OTG_DOEPCTL(1u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
    until(OTG_DOEPINT(1u), OTG_EPINT_EPDISD, OTG_EPINT_EPDISD);
    mmio_set(OTG_DCTL, OTG_DCTL_CGONAK);
    assert_false(mmio_read(OTG_GINTSTS) & OTG_GINT_GONAKEFF);
    ends(core, NULL);
}

/* --- Against the book ------------------------------------------------------------------------ */

static void no_clock(struct stm32_otg *core)
{
    (void)core;
    ahb2enr = 0;
    mmio_read(OTG_GINTSTS);
}

static void reset_not_waited_for(struct stm32_otg *core)
{
    (void)core;
    mmio_read(OTG_GRSTCTL);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
    mmio_write(OTG_DCTL, OTG_DCTL_SDIS);
}

static void reset_of_a_busy_bus(struct stm32_otg *core)
{
    (void)core;
    reset_core();
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
    until(OTG_GRSTCTL, OTG_GRSTCTL_CSRST, 0);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_CSRST);
}

static void host_mode(struct stm32_otg *core)
{
    (void)core;
    reset_core();
    mmio_write(OTG_DCFG, OTG_DCFG_RESERVED | OTG_DCFG_DSPD_FULL);
    size_fifos();
    mmio_write(OTG_DCTL, OTG_DCTL_SDIS);
    mmio_write(OTG_DCTL, 0);
}

static void fifos_overlap(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_DIEPTXF(1u), 32u << 16 | 111);
    open_bulk();
    begin_in(1, 1, 4);
}

static void fifos_too_long(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_DIEPTXF(1u), 210u << 16 | 112);
    open_bulk();
    begin_in(1, 1, 4);
}

static void fifo_smaller_than_a_packet(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_DIEPTXF(1u), 15u << 16 | 112);
    open_bulk();
}

static void fifo_changed_under_way(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_out(1, 1);
    mmio_write(OTG_GRXFSIZ, 64);
}

static void empty_status(struct stm32_otg *core)
{
    (void)core;
    mmio_read(OTG_GRXSTSP);
}

static void data_left_unread(struct stm32_otg *core)
{
    uint8_t packet[64] = {0};
    open_bulk();
    begin_out(1, 1);
    stm32_otg_out(core, 0, 1, 0, packet, 9);
    mmio_read(OTG_GRXSTSP);
    mmio_read(OTG_FIFO(0u));
    mmio_read(OTG_GRXSTSP);
}

static void data_beyond(struct stm32_otg *core)
{
    uint8_t packet[64] = {0};
    open_bulk();
    begin_out(1, 1);
    stm32_otg_out(core, 0, 1, 0, packet, 4);
    mmio_read(OTG_GRXSTSP);
    mmio_read(OTG_FIFO(0u));
    mmio_read(OTG_FIFO(0u));
}

static void fifo_overfilled(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_in(1, 3, 192);
    for (int i = 0; i < 33; i++)
        mmio_write(OTG_FIFO(1u), 0);
}

static void written_before_enabled(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    mmio_write(OTG_FIFO(1u), 0);
}

static void written_beyond(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_in(1, 1, 5);
    for (int i = 0; i < 3; i++)
        mmio_write(OTG_FIFO(1u), 0);
}

static void too_few_packets(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_in(1, 1, 65);
}

static void out_of_part_of_a_packet(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    mmio_write(OTG_DOEPTSIZ(1u), 1u << OTG_EPTSIZ_PKTCNT_AT | 32);
    mmio_set(OTG_DOEPCTL(1u), OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
}

static void size_of_what_is_enabled(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_out(1, 1);
    mmio_write(OTG_DOEPTSIZ(1u), 1u << OTG_EPTSIZ_PKTCNT_AT | 64);
}

static void enabled_twice(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_out(1, 1);
    mmio_set(OTG_DOEPCTL(1u), OTG_EPCTL_EPENA | OTG_EPCTL_CNAK);
}

static void enabled_while_inactive(struct stm32_otg *core)
{
    (void)core;
    begin_out(2, 1);
}

static void enabled_with_old_bytes(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_in(1, 1, 64);
    mmio_write(OTG_FIFO(1u), 0);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_SNAK);
    until(OTG_DIEPINT(1u), OTG_EPINT_INEPNE, OTG_EPINT_INEPNE);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
    until(OTG_DIEPINT(1u), OTG_EPINT_EPDISD, OTG_EPINT_EPDISD);
    begin_in(1, 1, 64);
}

/* A token makes the bus live: until then nothing can be under way. */
static void bus_is_busy(struct stm32_otg *core)
{
    uint8_t packet[64];
    int toggle;
    stm32_otg_in(core, 0, 0, &toggle, packet);
    open_bulk();
}

static void disabled_without_nak(struct stm32_otg *core)
{
    bus_is_busy(core);
    begin_in(1, 1, 64);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_EPDIS);
}

static void out_disabled_without_global_nak(struct stm32_otg *core)
{
    bus_is_busy(core);
    begin_out(1, 1);
    mmio_set(OTG_DOEPCTL(1u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
}

static void disabled_twice(struct stm32_otg *core)
{
    bus_is_busy(core);
    mmio_set(OTG_DIEPCTL(1u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
}

static void control_out_disabled(struct stm32_otg *core)
{
    bus_is_busy(core);
    begin_out(0, 1);
    mmio_set(OTG_DOEPCTL(0u), OTG_EPCTL_SNAK | OTG_EPCTL_EPDIS);
}

static void flushed_while_sending(struct stm32_otg *core)
{
    bus_is_busy(core);
    begin_in(1, 1, 64);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | 1u << OTG_GRSTCTL_TXFNUM_AT);
}

static void flush_not_waited_for(struct stm32_otg *core)
{
    (void)core;
    open_bulk();
    begin_in(1, 1, 64);
    mmio_write(OTG_GRSTCTL, OTG_GRSTCTL_TXFFLSH | 2u << OTG_GRSTCTL_TXFNUM_AT);
    mmio_write(OTG_FIFO(1u), 0);
}

static void setups_not_counted(struct stm32_otg *core)
{
    const uint8_t setup[8] = {0};
    mmio_write(OTG_DOEPTSIZ(0u), 0);
    stm32_otg_setup(core, 0, setup);
}

static void flag_cleared_unseen(struct stm32_otg *core)
{
    mmio_write(OTG_GINTMSK, OTG_GINT_USBSUSP);
    mmio_write(OTG_GAHBCFG, OTG_GAHBCFG_GINTMSK);
    stm32_otg_suspend(core);
    mmio_write(OTG_GINTSTS, UINT32_MAX);
}

static void clock_stopped_in_use(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_PCGCCTL, 1);
}

static void host_register(struct stm32_otg *core)
{
    (void)core;
    mmio_read(OTG_BASE + 0x440u);
}

static void no_register(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_BASE + 0x980u, 0);
}

static void fifos_not_flushed(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_DCTL, OTG_DCTL_SDIS);
    mmio_write(OTG_DIEPTXF(2u), 16u << 16 | 144);
    mmio_write(OTG_DCTL, 0);
}

static void address_read_back(struct stm32_otg *core)
{
    (void)core;
    mmio_field(OTG_DCFG, 0x7Fu << OTG_DCFG_DAD_AT, 7u << OTG_DCFG_DAD_AT);
}

static void reserved_bits_lost(struct stm32_otg *core)
{
    (void)core;
    mmio_write(OTG_DCFG, OTG_DCFG_DSPD_FULL);
}

static void turnaround_too_short(struct stm32_otg *core)
{
    const uint8_t setup[8] = {0};
    mmio_write(OTG_GUSBCFG, OTG_GUSBCFG_FDMOD | 5u << OTG_GUSBCFG_TRDT_AT);
    stm32_otg_setup(core, 0, setup);
}

static const struct misuse {
    void (*commit)(struct stm32_otg *core);
    const char *words;
} misuses[] = {
    {no_clock, "without the core's clock"},
    {reset_not_waited_for, "was not waited for"},
    {reset_of_a_busy_bus, "before AHBIDL was seen"},
    {host_mode, "before device mode is in force"},
    {fifos_overlap, "overlaps"},
    {fifos_too_long, "words 112 to 322 of 320"},
    {fifo_smaller_than_a_packet, "holds no packet of 64"},
    {fifo_changed_under_way, "FIFO sizes changed"},
    {empty_status, "empty receive FIFO"},
    {data_left_unread, "2 words of the packet before it unread"},
    {data_beyond, "without a packet's data"},
    {fifo_overfilled, "full FIFO of 32 words"},
    {written_before_enabled, "which is not enabled"},
    {written_beyond, "more written than its transfer has"},
    {too_few_packets, "enabled with size 65, 1 packets of 64"},
    {out_of_part_of_a_packet, "enabled with size 32, 1 packets of 64"},
    {size_of_what_is_enabled, "size written while it is enabled"},
    {enabled_twice, "enabled again"},
    {enabled_while_inactive, "which is not active"},
    {enabled_with_old_bytes, "1 old words in its FIFO"},
    {disabled_without_nak, "IN 1 disabled without NAK"},
    {out_disabled_without_global_nak, "OUT 1 disabled without NAK"},
    {disabled_twice, "disabled, which is not enabled"},
    {control_out_disabled, "control OUT cannot be disabled"},
    {flushed_while_sending, "may be sending"},
    {flush_not_waited_for, "written while it is flushed"},
    {setups_not_counted, "STUPCNT 0"},
    {flag_cleared_unseen, "cleared and never seen"},
    {clock_stopped_in_use, "not suspended"},
    {host_register, "of host mode"},
    {no_register, "where no register is"},
    {turnaround_too_short, "turnaround time of 5"},
    {fifos_not_flushed, "new sizes that were not flushed"},
    {address_read_back, "DCFG read"},
    {reserved_bits_lost, "does not keep its reserved bits"},
};

static void each_misuse_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
        struct stm32_otg *core = on_the_bus();
        assert_null(stm32_mmio_complaint());
        misuses[i].commit(core);
        ends(core, misuses[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setup_comes_in_order),
        cmocka_unit_test(bulk_goes_both_ways),
        cmocka_unit_test(endpoints_are_disabled_by_the_book),
        cmocka_unit_test(each_misuse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
