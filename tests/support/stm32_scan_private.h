/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the model share. */
#ifndef TENDERFOOT_TESTS_STM32_SCAN_PRIVATE_H
#define TENDERFOOT_TESTS_STM32_SCAN_PRIVATE_H

#include "tests/support/stm32_scan_model.h"

#include <stddef.h>

#define STM32_NEVER UINT64_MAX
#define STM32_STREAMS 8

struct stm32_timer {
    uint32_t base;           /* address */
    unsigned cycles;         /* of 168 MHz, of its clock */
    uint32_t wide;           /* highest count */
    uint32_t words[24];      /* as written; buffered ones beside */
    uint32_t psc, arr, ccr1; /* at work */
    uint32_t count0;         /* the count at `since` */
    uint64_t since;
    int reference; /* OC1REF */
};

struct stm32_adc {
    uint32_t words[20]; /* SR CR1 CR2 SMPR1 SMPR2 JOFR1-4 HTR LTR SQR1-3 JSQR JDR1-4 DR */
    uint64_t on_since;  /* or NEVER */
    unsigned rank;      /* of the conversion under way, from 0 */
    unsigned sampled, result;
};

struct stm32_stream {
    uint32_t cr, ndtr, par, m0ar, m1ar, fcr;
    uint32_t reload; /* NDTR as it was enabled */
    uint32_t done;   /* items since the last reload */
    unsigned dying;  /* accesses until EN reads 0 */
    uint32_t flags;  /* FEIF 0, DMEIF 2, TEIF 3, HTIF 4, TCIF 5 */
    int fails;
};

struct stm32_port {
    uint32_t words[10];
    uint16_t levels; /* driven by the chip */
    uint16_t inputs; /* driven from outside */
};

struct stm32_scan {
    struct stm32_scan_world world;
    uint64_t now;
    unsigned pace;
    int is_busy; /* time stands still: something is happening */
    int in_interrupt, is_masked;
    uint32_t rcc[36];
    const uint32_t *enables; /* rcc, or another model's */
    struct stm32_port ports[3];
    struct stm32_timer tim8, tim2;
    struct stm32_adc adc[3];
    uint32_t adc_ccr;
    int is_converting, is_injected, is_sampled;
    uint64_t conversion_begin, conversion_sampled, conversion_end;
    unsigned results_waiting, next_result; /* for DMA, of all ADCs */
    int requests_are_over;                 /* DDS = 0 and the stream has ended */
    struct stm32_stream streams[STM32_STREAMS];
};

/* Time goes on to this moment. Each access to a model goes through here first. */
void stm32_scan_pass(struct stm32_scan *chip, uint64_t cycles);
int stm32_scan_has_clock(const struct stm32_scan *chip, unsigned enable_register, unsigned at,
                         const char *name);
int stm32_scan_pin_is_analog(const struct stm32_scan *chip, unsigned port, unsigned pin);

void stm32_tim_attach(struct stm32_scan *chip);
uint64_t stm32_tim_due(const struct stm32_timer *timer);
void stm32_tim_happen(struct stm32_scan *chip, struct stm32_timer *timer);
void stm32_tim_capture3(struct stm32_scan *chip, int high);
int stm32_tim2_line(const struct stm32_scan *chip);

void stm32_adc_attach(struct stm32_scan *chip);
void stm32_adc_trigger(struct stm32_scan *chip, unsigned source); /* EXTSEL's number */
uint64_t stm32_adc_due(const struct stm32_scan *chip);
void stm32_adc_happen(struct stm32_scan *chip);
/* The next result for DMA; taken = it is gone. */
uint32_t stm32_adc_take(struct stm32_scan *chip);
/* The stream that served it has come to its end. */
void stm32_adc_stream_ended(struct stm32_scan *chip);

void stm32_dma_attach(struct stm32_scan *chip);
/* A request line: whoever listens on (stream, channel) makes one transfer. 0 = nobody. */
int stm32_dma_request(struct stm32_scan *chip, unsigned stream, unsigned channel);
int stm32_dma_line(const struct stm32_scan *chip, unsigned stream);

#endif
