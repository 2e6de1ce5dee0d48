/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole board, firmware as it is flashed, on models of all that it touches: from the reset on
 * it finds its clock, its pins, its cable; a host enumerates it, starts it and gets at full speed's
 * pace the picture that was drawn into its cells. */
#include "firmware/boards/stm32f405/board.h"
#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_otg_model.h"
#include "tests/support/stm32_rcc_model.h"
#include "tests/support/stm32_scan_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(9696)
#define ROWS GEOMETRY_ROWS
#define COLS GEOMETRY_COLS
#define ADDRESS 7u
#define OTG_IRQ 67u
#define MS ((uint64_t)1000 * STM32_CYCLES_PER_US)
#define PACKETS_A_MS 19u /* of full-speed bulk (USB 2.0, table 5-9) */

/* --- The bench ----------------------------------------------------------------------------------
 */

static struct stm32_rcc rcc;
static struct stm32_scan *chip;
static struct stm32_otg *otg;
static uint32_t nvic[256], scb[32], tim4[24], usart[8], iwdg[4], debug[4], rng[3];
static uint32_t id[3] = {0x00410025, 0x32345107, 0x38363332};

static struct board board;
static struct kept kept;
static struct {
    uint16_t counts[BOARD_CELLS], zero[BOARD_CELLS], floor[BOARD_CELLS];
    uint16_t next_zero[BOARD_WORK_CELLS];
    uint32_t work[BOARD_WORK_CELLS];
    uint8_t out[BOARD_OUT_BYTES], rings[USB_LINKS][BOARD_RING_BYTES];
} memory;

static struct {
    uint64_t random;
    uint16_t truth[ROWS][COLS];
    uint8_t shift[ROWS], storage[ROWS];
    uint16_t port_b, port_c;
    unsigned flashes;
} world;

static uint32_t draw(void)
{
    world.random ^= world.random << 13;
    world.random ^= world.random >> 7;
    world.random ^= world.random << 17;
    return (uint32_t)(world.random >> 32);
}

static void pins(void *context, unsigned port, uint16_t levels, uint64_t now)
{
    (void)context;
    (void)now;
    if (port == 1) {
        world.flashes += (levels & ~world.port_b) >> PIN_LIGHT & 1;
        world.port_b = levels;
    }
    if (port != 2)
        return;
    uint16_t risen = (uint16_t)(levels & ~world.port_c);
    world.port_c = levels;
    if (!(levels >> PIN_ROW_CLEAR & 1))
        memset(world.shift, 0, sizeof world.shift);
    if (risen >> PIN_ROW_CLOCK & 1) {
        memcpy(world.storage, world.shift, sizeof world.storage);
        memmove(world.shift + 1, world.shift, ROWS - 1);
        world.shift[0] = levels >> PIN_ROW_DATA & 1;
    }
}

static unsigned sample(void *context, unsigned adc, unsigned channel, uint64_t from, uint64_t to)
{
    static const unsigned first[4] = {0, PIN_ADC1_INPUT, PIN_ADC2_INPUT, PIN_ADC3_INPUT};
    unsigned muxes = SCHEDULE_MUXES(COLS), sum = 0;
    (void)context;
    (void)from;
    (void)to;
    if (adc == 1 && channel == PIN_THERMISTOR_INPUT)
        return 2048; /* 25 degree Celsius */
    unsigned col =
        8 * ((adc - 1) * muxes + channel - first[adc]) + (world.port_c >> PIN_MUX_A0 & 7u);
    const uint8_t *row = memchr(world.storage, 1, ROWS);
    for (; row; row = memchr(row + 1, 1, ROWS - 1 - (size_t)(row - world.storage)))
        sum += world.truth[row - world.storage][col % COLS];
    return sum < 4095 ? sum : 4095;
}

static void no_complaint(void)
{
    if (stm32_mmio_complaint())
        fail_msg("%s", stm32_mmio_complaint());
}

/* --- The host -----------------------------------------------------------------------------------
 */

static struct {
    int is_streaming;
    uint64_t frame_ms; /* of the bus, done so far */
    int in_toggle, out_toggle;
    uint8_t *buffer;
    struct wire_stream stream;
    unsigned whole, wrong, acks_ok;
    uint32_t first_seq, last_seq;
    unsigned logs, events, zero_parts, zeros_wrong;
    char log[128];
    struct wire_hello hello;
    struct wire_status status;
} host;

/* The interrupt controller's part: the core's line, or pended by hand. */
static void usb_interrupts(void)
{
    for (int i = 0; i < 200; i++) {
        int pended = nvic[0x100 / 4 + OTG_IRQ / 32] >> OTG_IRQ % 32 & 1;
        if (!(nvic[OTG_IRQ / 32] >> OTG_IRQ % 32 & 1) || (!pended && !stm32_otg_interrupt(otg)))
            return;
        nvic[0x100 / 4 + OTG_IRQ / 32] = 0;
        otg_interrupt(&board.otg);
    }
    fail_msg("the USB interrupt does not come to an end");
}

static void look_at_frame(const struct wire_message *message)
{
    static uint16_t counts[BOARD_CELLS];
    struct frame_shape shape;
    assert_int_equal(
        frame_decode(message->payload, message->payload_len, &shape, counts, BOARD_CELLS), 0);
    if (host.whole == 0)
        host.first_seq = message->seq;
    host.last_seq = message->seq;
    host.whole++;
    host.wrong += memcmp(counts, world.truth, sizeof counts) != 0;
}

/* The zeros of a resting plate are its picture; its floors are 1 count without noise. */
static void look_at_zero(const struct wire_message *message)
{
    static uint16_t cells[BOARD_CELLS];
    const uint16_t *truth = &world.truth[0][0];
    struct frame_shape shape;
    enum zero_part part;
    assert_int_equal(
        zero_decode(message->payload, message->payload_len, &part, &shape, cells, BOARD_CELLS), 0);
    host.zero_parts |= 1u << part;
    for (unsigned i = 0; i < ROWS * COLS; i++)
        host.zeros_wrong += cells[i] != (part == ZERO_COUNTS ? truth[i] : 1);
}

static void look_at(const struct wire_message *message)
{
    struct wire_ack ack;
    switch (message->type) {
    case WIRE_FRAME:
        look_at_frame(message);
        break;
    case WIRE_HELLO:
        assert_int_equal(wire_get_hello(message->payload, message->payload_len, &host.hello), 0);
        break;
    case WIRE_STATUS:
        assert_int_equal(wire_get_status(message->payload, message->payload_len, &host.status), 0);
        break;
    case WIRE_ZERO:
        look_at_zero(message);
        break;
    case WIRE_ACK:
        assert_int_equal(wire_get_ack(message->payload, message->payload_len, &ack), 0);
        host.acks_ok += ack.status == WIRE_OK;
        break;
    case WIRE_EVENT:
        host.events++;
        break;
    case WIRE_LOG:
        host.logs++;
        snprintf(host.log, sizeof host.log, "%.*s", (int)message->payload_len - 1,
                 (const char *)message->payload + 1);
        break;
    }
}

static void fetch(void)
{
    struct wire_message message;
    uint8_t packet[64];
    int toggle;
    size_t room;
    int n = stm32_otg_in(otg, ADDRESS, 1, &toggle, packet);
    usb_interrupts();
    if (n < 0) {
        assert_int_equal(n, stm32_otg_is_connected(otg) ? STM32_OTG_NAK : STM32_OTG_SILENT);
        return;
    }
    assert_int_equal(toggle, host.in_toggle);
    host.in_toggle ^= 1;
    memcpy(wire_stream_room(&host.stream, &room), packet, (size_t)n);
    wire_stream_filled(&host.stream, (size_t)n);
    while (wire_stream_next(&host.stream, &message, 0) == WIRE_MESSAGE_WHOLE)
        look_at(&message);
}

/* The bus as far as time has gone, a millisecond's packets in each. */
static void bus_turn(void)
{
    while (host.is_streaming && host.frame_ms < stm32_scan_now(chip) / MS) {
        host.frame_ms++;
        for (unsigned i = 0; i < PACKETS_A_MS; i++)
            fetch();
    }
}

static void scan_interrupt(void *context)
{
    (void)context;
    scanner_interrupt(&board.scanner);
    bus_turn();
}

static void button_interrupt(void *context)
{
    (void)context;
    button_input_interrupt(&board.button);
}

/* A request without data. */
static void asks(unsigned address, unsigned type, unsigned request, unsigned value)
{
    const uint8_t setup[8] = {(uint8_t)type, (uint8_t)request, (uint8_t)value};
    uint8_t packet[64];
    int toggle, n = STM32_OTG_NAK;
    assert_int_equal(stm32_otg_setup(otg, (uint8_t)address, setup), 8);
    for (int i = 0; i < 10 && n == STM32_OTG_NAK; i++) {
        usb_interrupts();
        n = stm32_otg_in(otg, (uint8_t)address, 0, &toggle, packet);
    }
    assert_int_equal(n, 0);
    assert_int_equal(toggle, 1);
    usb_interrupts();
}

static void enumerates_and_opens(void)
{
    assert_true(stm32_otg_is_connected(otg));
    stm32_otg_reset_begin(otg);
    usb_interrupts();
    stm32_otg_reset_end(otg);
    usb_interrupts();
    asks(0, 0x00, 5, ADDRESS);  /* SET_ADDRESS */
    asks(ADDRESS, 0x00, 9, 1);  /* SET_CONFIGURATION */
    asks(ADDRESS, 0x01, 11, 1); /* SET_INTERFACE: the vendor interface streams */
    host.in_toggle = host.out_toggle = 0;
    host.is_streaming = 1;
    host.frame_ms = stm32_scan_now(chip) / MS;
}

/* --- The board's life --------------------------------------------------------------------------
 */

static void steps(unsigned ms)
{
    for (uint64_t end = stm32_scan_now(chip) + ms * MS; stm32_scan_now(chip) < end;) {
        int may_sleep = board_step(&board);
        usb_interrupts();
        bus_turn();
        stm32_scan_wait_us(chip, may_sleep ? 200 : 20);
    }
}

static void commands(uint8_t type, struct wire_command command)
{
    uint8_t payload[64], bytes[64 + WIRE_HEADER_SIZE];
    command.request = draw();
    struct wire_message message = {.type = type, .payload = payload};
    message.payload_len = (uint32_t)wire_put_command(payload, sizeof payload, type, &command);
    size_t n = wire_encode(bytes, sizeof bytes, &message);
    assert_in_range(n, 1, 63);
    for (int i = 0; i < 50; i++) {
        usb_interrupts();
        if (stm32_otg_out(otg, ADDRESS, 1, host.out_toggle, bytes, n) >= 0)
            break;
        steps(1);
    }
    host.out_toggle ^= 1;
    usb_interrupts();
    steps(5);
}

static void solder(void)
{
    const struct stm32_scan_world soldered = {
        .pins = pins, .sample = sample, .dma2_stream0 = scan_interrupt, .tim2 = button_interrupt};
    chip = stm32_scan_create(&soldered);
    stm32_scan_share_rcc(chip, rcc.rcc);
    stm32_rcc_attach(&rcc);
    stm32_mmio_add_memory(&board, sizeof board);
    stm32_mmio_attach_words("UID", 0x1FFF7A10, id, 3);
    stm32_mmio_attach_words("NVIC", 0xE000E100, nvic, 256);
    stm32_mmio_attach_words("SCB", 0xE000ED00, scb, 32);
    stm32_mmio_attach_words("TIM4", 0x40000800, tim4, 24);
    stm32_mmio_attach_words("USART1", 0x40011000, usart, 8);
    stm32_mmio_attach_words("IWDG", 0x40003000, iwdg, 4);
    stm32_mmio_attach_words("DBGMCU", 0xE0042000, debug, 4);
    stm32_mmio_attach_words("RNG", 0x50060800, rng, 3);
    otg = stm32_otg_create(&(struct stm32_otg_config){.ahb2enr = &rcc.rcc[13]});
}

static int power_on(void **state)
{
    (void)state;
    stm32_mmio_reset();
    memset(&world, 0, sizeof world);
    memset(&host, 0, sizeof host);
    memset(nvic, 0, sizeof nvic);
    memset(scb, 0, sizeof scb);
    memset(&board, 0xA5, sizeof board);
    memset(&kept, 0x5A, sizeof kept);
    world.random = SEED;
    rcc = (struct stm32_rcc){.crystal_hz = 8000000, .ready_accesses = 300};
    host.buffer = malloc(WIRE_MESSAGE_MAX);
    if (!host.buffer)
        return -1;
    wire_stream_init(&host.stream, host.buffer, WIRE_MESSAGE_MAX);
    solder();
    return 0;
}

static int power_off(void **state)
{
    (void)state;
    stm32_scan_free(chip);
    stm32_otg_free(otg);
    free(host.buffer);
    return 0;
}

static void boots(void)
{
    const struct board_memory buffers = {
        .counts = memory.counts,
        .zero = memory.zero,
        .floor = memory.floor,
        .next_zero = memory.next_zero,
        .work = memory.work,
        .out = memory.out,
        .rings = {memory.rings[0], memory.rings[1]},
    };
    assert_false(kept_takes_loader(&kept));
    const char *wrong = board_begin(&board, &buffers, &kept);
    if (wrong)
        fail_msg("board_begin: %s", wrong);
    assert_false(stm32_otg_is_connected(otg));
    board_connect(&board);
    nvic[OTG_IRQ / 32] |= 1u << OTG_IRQ % 32;
}

static void starts(uint16_t rate_hz)
{
    host.acks_ok = 0;
    commands(WIRE_CMD_START,
             (struct wire_command){.as.start = {.rate_hz = rate_hz, .flags = WIRE_START_RAW}});
    assert_int_equal(host.acks_ok, 1);
}

/* --- Stories ------------------------------------------------------------------------------------
 */

static void a_host_gets_hello_status_and_temperature(void **state)
{
    (void)state;
    boots();
    enumerates_and_opens();
    commands(WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x0100, 0x01FF}});
    assert_string_equal(host.hello.serial, "TF-387733573234");
    assert_int_equal(host.hello.rows, 96);
    assert_int_equal(host.hello.bits, 12);
    assert_true(host.hello.features & WIRE_HAS_LOADER);
    starts(5);
    steps(1100);
    assert_in_range(host.status.temperature_cdeg, 2480, 2520);
    assert_int_equal(host.logs, 0);
    assert_int_equal(world.flashes, 0);
    no_complaint();
}

/* `loaded` of 100 cells, at this rate for half a second: every frame is the picture. */
static void streams_half_a_second(unsigned loaded, uint16_t rate_hz)
{
    for (unsigned i = 0; i < ROWS * COLS; i++)
        world.truth[i / COLS][i % COLS] = (uint16_t)(draw() % 100 < loaded ? 1 + draw() % 4095 : 0);
    boots();
    enumerates_and_opens();
    starts(rate_hz);
    steps(500);
    printf("%u %% loaded at %u Hz: %u frames, %u wrong, %u numbers\n", loaded, rate_hz, host.whole,
           host.wrong, host.last_seq - host.first_seq + 1);
    assert_int_equal(host.wrong, 0);
    unsigned missing = host.last_seq - host.first_seq + 1 - host.whole;
    assert_in_range(board.plate.dropped, missing, missing + 2); /* some at the end */
    assert_int_equal(host.stream.damaged_bytes, 0);
    assert_int_equal(board.scanner.scans_lost, 0);
    no_complaint();
}

static void standing_feet_come_at_100_hz(void **state)
{
    (void)state;
    streams_half_a_second(14, 100);
    assert_in_range(host.whole, 48, 51);
    assert_int_equal(board.plate.dropped, 0);
    assert_int_equal(board.plate.overruns, 0);
}

static void a_plate_loaded_all_over_comes_at_50_hz(void **state)
{
    (void)state;
    streams_half_a_second(100, 50);
    assert_in_range(host.whole, 23, 26);
    assert_int_equal(board.plate.dropped, 0);
}

/* More than the cable carries: whole frames are left out and counted, none is late or torn. */
static void at_100_hz_it_leaves_out_whole_frames(void **state)
{
    (void)state;
    streams_half_a_second(100, 100);
    assert_in_range(host.whole, 25, 46);
    assert_in_range(board.plate.dropped, 4, 25);
}

/* In its bands, as many scans for each, in the memory that the board has for one. */
static void a_tare_finds_each_cell_s_zero(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROWS * COLS; i++)
        world.truth[i / COLS][i % COLS] = (uint16_t)(20 + draw() % 400);
    boots();
    board.config.tare_scans = 8;
    enumerates_and_opens();
    commands(WIRE_CMD_TARE, (struct wire_command){0});
    steps(BOARD_BANDS * (8 + PLATE_TARE_SLICES) * 10 + 100);
    assert_int_equal(host.zero_parts, 1u << ZERO_COUNTS | 1u << ZERO_FLOORS);
    assert_int_equal(host.zeros_wrong, 0);
    assert_int_equal(host.acks_ok, 1);
    assert_int_equal(host.events, 1);
    no_complaint();
}

static void a_press_is_told(void **state)
{
    (void)state;
    boots();
    enumerates_and_opens();
    starts(100);
    stm32_scan_drive_b(chip, PIN_BUTTON, 0);
    steps(30);
    assert_int_equal(host.events, 1);
    stm32_scan_drive_b(chip, PIN_BUTTON, 1);
    steps(30);
    assert_int_equal(host.events, 2);
    no_complaint();
}

static void without_a_crystal_the_light_and_a_log_say_so(void **state)
{
    (void)state;
    rcc.crystal_hz = 0;
    boots();
    assert_int_equal(world.flashes, 2);
    enumerates_and_opens();
    starts(100);
    steps(100);
    assert_int_equal(host.logs, 1);
    assert_non_null(strstr(host.log, "crystal"));
    no_complaint();
}

static void a_fault_of_the_run_before_is_told(void **state)
{
    (void)state;
    kept_takes_loader(&kept);
    kept_note_fault(&kept, KEPT_STACK, 0);
    rcc.rcc[29] |= 1u << 29; /* and the watchdog's flag */
    boots();
    enumerates_and_opens();
    starts(100);
    steps(100);
    assert_int_equal(host.logs, 2);
    assert_non_null(strstr(host.log, "watchdog"));
    assert_int_equal(rcc.rcc[29] >> 25, 0); /* not told again after the next reset */
    no_complaint();
}

/* More than the inbox holds, at once and of no sense, to a plate that has nothing to say: as it
 * reads there is room for more, and what follows is answered. */
static void a_talkative_host_is_heard_to_the_end(void **state)
{
    (void)state;
    uint8_t bytes[64];
    unsigned naks = 0;
    memset(bytes, 0xEE, sizeof bytes);
    boots();
    enumerates_and_opens();
    for (unsigned i = 0; i < 5 * USB_INBOX_BYTES / sizeof bytes; i++) {
        int n = STM32_OTG_NAK;
        for (unsigned j = 0; j < 10 && n == STM32_OTG_NAK; j++) {
            n = stm32_otg_out(otg, ADDRESS, 1, host.out_toggle, bytes, sizeof bytes);
            usb_interrupts();
            naks += n == STM32_OTG_NAK;
            if (n == STM32_OTG_NAK)
                steps(1);
        }
        assert_int_equal(n, sizeof bytes);
        host.out_toggle ^= 1;
    }
    assert_true(naks > 0);
    commands(WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x0100, 0x0100}});
    assert_int_equal(host.acks_ok, 1);
    no_complaint();
}

/* The ACK leaves, the cable is let go, the wish lies in kept memory, and a reset is asked for. */
static void loader_is_reached_by_a_reset(void **state)
{
    (void)state;
    boots();
    enumerates_and_opens();
    commands(WIRE_CMD_LOADER, (struct wire_command){0});
    steps(300);
    assert_int_equal(host.acks_ok, 1);
    assert_int_equal(scb[3], 0x05FA0004);
    assert_false(stm32_otg_is_connected(otg));
    assert_true(kept_takes_loader(&kept));
    assert_false(kept_takes_loader(&kept));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, power_on, power_off)
    const struct CMUnitTest tests[] = {
        STORY(a_host_gets_hello_status_and_temperature),
        STORY(standing_feet_come_at_100_hz),
        STORY(a_plate_loaded_all_over_comes_at_50_hz),
        STORY(at_100_hz_it_leaves_out_whole_frames),
        STORY(a_tare_finds_each_cell_s_zero),
        STORY(a_press_is_told),
        STORY(without_a_crystal_the_light_and_a_log_say_so),
        STORY(a_fault_of_the_run_before_is_told),
        STORY(a_talkative_host_is_heard_to_the_end),
        STORY(loader_is_reached_by_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
