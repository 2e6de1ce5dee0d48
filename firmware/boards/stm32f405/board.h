/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reference board put together: the plate's core over the scanner's callbacks, and its links
 * over USB. What runs in the main loop is here; chip/ has the memory, the vectors and main. */
#ifndef TENDERFOOT_STM32F405_BOARD_H
#define TENDERFOOT_STM32F405_BOARD_H

#include "firmware/boards/stm32f405/button_input.h"
#include "firmware/boards/stm32f405/clock.h"
#include "firmware/boards/stm32f405/identity.h"
#include "firmware/boards/stm32f405/kept.h"
#include "firmware/boards/stm32f405/otg.h"
#include "firmware/boards/stm32f405/scanner.h"
#include "firmware/core/plate.h"
#include "firmware/core/usb_device.h"

#define BOARD_CELLS PLATE_CELLS(GEOMETRY_ROWS, GEOMETRY_COLS)
/* A tare works in bands of rows (plate.h), as few as keep this memory small: all rows at once up to
 * 64 x 64, a third of 96 x 96. What that makes of RAM: firmware/README.md, checked by size.sh. */
#define BOARD_WORK_CELLS_MAX 4096u
#define BOARD_BANDS ((BOARD_CELLS + BOARD_WORK_CELLS_MAX - 1u) / BOARD_WORK_CELLS_MAX)
#define BOARD_WORK_ROWS ((GEOMETRY_ROWS + BOARD_BANDS - 1u) / BOARD_BANDS)
#define BOARD_WORK_CELLS PLATE_CELLS(BOARD_WORK_ROWS, GEOMETRY_COLS)
#define BOARD_OUT_BYTES PLATE_OUT_BYTES(GEOMETRY_ROWS, GEOMETRY_COLS)
/* What a link has under way beside the frame in `out`, so that the cable is fed while the loop is
 * at a scan, 9.5 ms at most: four frames of a standing person (1.7 kB). 8 KiB last for 6.7 ms of
 * full speed's 1.216 MB/s; so a frame of all cells loaded, each 20 ms, has 17.2 ms for the 11.4
 * that it takes. Either link may be the stream's. */
#define BOARD_RING_BYTES 8192u
/* Two periods of the slowest rate with an oscillator that is 1.5 times too fast. */
#define BOARD_WATCHDOG_MS 3000u

/* Large buffers, wherever the board's memory has room for them. */
struct board_memory {
    uint16_t *counts, *zero, *floor; /* BOARD_CELLS */
    uint32_t *work;                  /* BOARD_WORK_CELLS */
    uint16_t *next_zero;             /* BOARD_WORK_CELLS */
    uint8_t *out;                    /* BOARD_OUT_BYTES */
    uint8_t *rings[USB_LINKS];       /* BOARD_RING_BYTES */
};

struct board {
    struct plate_config config;
    struct plate plate;
    struct usb_device_config usb_config;
    struct usb_device usb;
    struct otg otg;
    struct scanner scanner;
    struct button_input button;
    struct kept *kept;
    struct clock_tree tree;
    char serial[IDENTITY_SERIAL_BYTES];
    /* LOG lines that wait for an owner to be told to. */
    const char *news[4];
    unsigned n_news;
    int has_usb;
};

/* Clocks, console, device clock, USB (still off the bus), scanner, plate, watchdog. What is wrong
 * is told on the console, to the first host that starts the plate, and by the light. NULL, or a
 * fixed sentence when there can be no plate; board_complain then. */
const char *board_begin(struct board *board, const struct board_memory *memory, struct kept *kept);

/* USB onto the bus. Its interrupt is enabled after this, so that the two do not overlap. */
void board_connect(struct board *board);

/* One round: what hosts sent, one step of the plate. Whether the processor may sleep until the next
 * interrupt (at most 1 ms away). */
int board_step(struct board *board);

/* For ever: the sentence on the console and the light blinking, each second; the watchdog is
 * kicked so that the board can be looked at. */
_Noreturn void board_complain(const char *wrong);

#endif
