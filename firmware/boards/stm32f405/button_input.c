/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/button_input.h"

#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/regs_tim.h"
#include "firmware/boards/stm32f405/timebase.h"

#include <string.h>

#define CHANNEL 3u

static int is_down(void)
{
    return !pin_read(PIN_BUTTON_PORT, PIN_BUTTON);
}

/* The filter wants eight equal samples, 0.4 us: what is shorter is no contact but an induced
 * spike. The channel is set up while it is off, as its input selection asks for (RM0090, 18.4.8).
 */
void button_input_start(struct button_input *button)
{
    memset(button, 0, sizeof *button);
    pin_alternate(PIN_BUTTON_PORT, PIN_BUTTON, GPIO_AF_TIM1_2, GPIO_SPEED_LOW);
    mmio_field(GPIO_PUPDR(PIN_BUTTON_PORT), 3u << 2u * PIN_BUTTON, GPIO_PULL_UP << 2u * PIN_BUTTON);
    mmio_clear(TIM_CCER(TIM2), TIM_CCER_E(CHANNEL));
    mmio_field(TIM_CCMR2(TIM2), 0xFFu, TIM_CCMR_INPUT | TIM_CCMR_FILTER_8_AT_QUARTER);
    mmio_set(TIM_CCER(TIM2), TIM_CCER_BOTH_EDGES(CHANNEL) | TIM_CCER_E(CHANNEL));
    mmio_write(TIM_SR(TIM2), ~TIM_SR_CCIF(CHANNEL));
    mmio_set(TIM_DIER(TIM2), TIM_DIER_CCIE(CHANNEL));
}

/* Reading the capture clears its flag (RM0090, 18.4.5); what comes meanwhile interrupts again. Of
 * edges that came before the first was fetched (CC3OF) the last is told, with the level behind it.
 */
void button_input_interrupt(struct button_input *button)
{
    if (!(mmio_read(TIM_SR(TIM2)) & TIM_SR_CCIF(CHANNEL)))
        return;
    uint32_t count = mmio_read(TIM_CCR(TIM2, CHANNEL));
    unsigned produced = atomic_load_explicit(&button->produced, memory_order_relaxed);
    if (produced - atomic_load(&button->consumed) == BUTTON_RING) {
        atomic_store(&button->has_overflown, 1);
        return;
    }
    button->ring[produced % BUTTON_RING].count = count;
    button->ring[produced % BUTTON_RING].down = is_down();
    atomic_store(&button->produced, produced + 1u);
}

/* Two edges of one microsecond, or one told late, must not make time go back. */
static void give(struct button_input *button, struct plate_edge *edge, uint64_t time_us, int down)
{
    if (time_us < button->last_us)
        time_us = button->last_us;
    button->last_us = time_us;
    button->last_down = down;
    *edge = (struct plate_edge){.time_us = time_us, .down = down};
}

/* The flag is taken before the pin is read: what comes after has its own edge. */
static int give_present_level(struct button_input *button, struct plate_edge *edge)
{
    if (!atomic_exchange(&button->has_overflown, 0))
        return 0;
    int down = is_down();
    if (down == button->last_down)
        return 0;
    give(button, edge, timebase_us(), down);
    return 1;
}

int button_input_edge(struct button_input *button, struct plate_edge *edge)
{
    unsigned consumed = atomic_load_explicit(&button->consumed, memory_order_relaxed);
    if (consumed == atomic_load(&button->produced))
        return give_present_level(button, edge);
    uint32_t count = button->ring[consumed % BUTTON_RING].count;
    int down = button->ring[consumed % BUTTON_RING].down;
    atomic_store(&button->consumed, consumed + 1u);
    timebase_us(); /* timebase_of counts from the last look */
    give(button, edge, timebase_of(count), down);
    return 1;
}
