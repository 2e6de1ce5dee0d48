/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include "driver/clock.h"

#define OFF_N 20.0
#define ON_N 100.0
#define PATIENCE_US 6000000u /* stepping on takes two seconds; who has no feet never does */
#define STILL_US 1500000u    /* so long on the plate, and the person stands */
#define ROUND_US 100000u
#define REMIND_US 1000000u /* who hears nothing plays a plan of its own, and leaves at its end */

static const char *const words[] = {"{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"sit\"}",
                                    "{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"stand\"}"};

/* Shows what comes until `until_us`. 0, or -1 when the plate is gone or the user wants to stop. */
static int hear_one(struct plate_station *station, struct host_link *link, uint64_t until_us)
{
    struct host_link_item item;
    struct problem ignored;
    enum host_link_news news = host_link_next(link, until_us, station->stop_fd, &item, &ignored);
    plate_pulse(station);
    if (news == HOST_LINK_LEFT || news == HOST_LINK_STOP)
        return -1;
    if (news != HOST_LINK_QUIET && item.bytes)
        live_view_hear(station->view, &item.message, 0);
    plate_note_view(station, 0);
    plate_tell(station, 0);
    return 0;
}

static int is_as_wanted(struct plate_station *station, int on)
{
    const struct live_view_facts *facts = live_view_facts(station->view);
    return facts->has_numbers &&
           (on ? facts->numbers.force_n > ON_N : facts->numbers.force_n < OFF_N);
}

static int is_virtual(struct plate_station *station)
{
    return (station->state.hello.features & WIRE_IS_VIRTUAL) != 0;
}

static void tell(struct plate_station *station, struct host_link *link, int on)
{
    struct problem ignored;
    uint64_t end_us = host_clock_us() + PATIENCE_US, since_us = 0;
    if (!is_virtual(station) || host_link_say(link, 0, words[on], &ignored))
        return;
    station->person_is_off = !on;
    for (uint64_t now_us; (now_us = host_clock_us()) < end_us;) {
        if (hear_one(station, link, now_us + ROUND_US))
            return;
        if (!is_as_wanted(station, on))
            since_us = 0;
        else if (!since_us)
            since_us = now_us;
        if (since_us && now_us - since_us >= (on ? STILL_US : ROUND_US))
            return;
    }
}

/* Who stands already is told too: else the person leaves when its own time is over. */
void plate_person_on(struct plate_station *station, struct host_link *link)
{
    tell(station, link, 1);
}

void plate_person_off(struct plate_station *station, struct host_link *link)
{
    station->person_is_off = 1;
    if (!is_as_wanted(station, 0))
        tell(station, link, 0);
}

void plate_person_remind(struct plate_station *station, struct host_link *link)
{
    struct problem ignored;
    uint64_t now_us = host_clock_us();
    if (!is_virtual(station) || now_us - station->reminded_us < REMIND_US)
        return;
    station->reminded_us = now_us;
    host_link_say(link, 0, words[!station->person_is_off], &ignored);
}
