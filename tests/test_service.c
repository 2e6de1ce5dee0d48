/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station's list of plates, by what is plugged in. No such plate is there: each is looked for,
 * by a thread of its own. */
#include "driver/daemon/service.h"
#include "driver/daemon/live_board.h"
#include "driver/store/store_folder.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_plate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct problem why;

static void plug(struct service_seen *seen, const char *uri)
{
    snprintf(seen->uri[seen->n++], sizeof seen->uri[0], "%s", uri);
}

/* The plates' ids in their order. */
static const char *ids_of(struct service *service)
{
    static char text[SERVICE_PLATES_MAX * 66];
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int n = service_plates(service, plates);
    *text = '\0';
    for (int i = 0; i < n; i++) {
        strcat(text, i ? " " : "");
        strcat(text, plate_station_id(plates[i]));
    }
    return text;
}

static void unplugged_plates_leave_their_places(void **state)
{
    (void)state;
    const char *data = scratch_path("data");
    const char *const named[] = {"usb:NAMED"};
    const struct service_options options = {.data = data, .plates = named, .n_plates = 1};
    struct service service;
    struct service_seen seen = {.n = 0};
    assert_int_equal(service_open(&service, &options, &why), 0);
    plug(&seen, "usb:A1");
    plug(&seen, "usb:A2");
    plug(&seen, "usb:A3");
    plug(&seen, "usb:A4");
    plug(&seen, "usb:A5");
    plug(&seen, "usb:A6");
    plug(&seen, "usb:A7");
    plug(&seen, "usb:A8"); /* one too many: those that are plugged in stay */
    service_see(&service, &seen);
    assert_string_equal(ids_of(&service),
                        "usb-NAMED usb-A1 usb-A2 usb-A3 usb-A4 usb-A5 usb-A6 usb-A7");
    struct plate_station *first = service_plate(&service, "usb-A1"),
                         *second = service_plate(&service, "usb-A2");
    live_board_join(plate_station_board(first)); /* a page looks at it */

    struct service_seen later = {.n = 0};
    plug(&later, "usb:A3");
    plug(&later, "usb:B1");
    plug(&later, "usb:B2");
    service_see(&service, &later);
    assert_string_equal(ids_of(&service),
                        "usb-NAMED usb-A1 usb-A3 usb-A5 usb-A6 usb-A7 usb-B1 usb-B2");
    /* Who has hold of one that went is answered still. */
    json_t *told = plate_station_json(second);
    assert_non_null(told);
    json_decref(told);
    assert_int_equal(plate_station_zero(second, 0, 0, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_null(service_plate(&service, "usb-A2"));

    /* Back again: it takes the place of another. */
    live_board_leave(plate_station_board(first));
    later.n = 0;
    plug(&later, "usb:A2");
    service_see(&service, &later);
    assert_string_equal(ids_of(&service),
                        "usb-NAMED usb-A3 usb-A5 usb-A6 usb-A7 usb-B1 usb-B2 usb-A2");
    service_hush(&service);
    service_close(&service);
    assert_int_equal(folder_remove(data, &why), 0);
}

/* Who steps on after the zero is not tared away by a second one: what the plate told of its tare
 * before it (its STATUS comes once a second) does not count any more. */
static void a_plate_is_zeroed_once(void **state)
{
    (void)state;
    char path[64], uri[80];
    struct plate_script script = {.hello = scripted_plate_hello(), .bare = 1, .untared = 1};
    int fd = scripted_plate_pty(path, sizeof path), frames = 0;
    snprintf(uri, sizeof uri, "stream:%s", path);
    const char *data = scratch_path("data");
    const char *const named[] = {uri};
    const struct service_options options = {.data = data, .plates = named, .n_plates = 1};
    const struct service_seen seen = {.n = 0};
    struct service service;
    struct scripted_plate *plate = scripted_plate_start(&script, fd);
    assert_int_equal(service_open(&service, &options, &why), 0);
    service_see(&service, &seen);
    /* As many frames as come in a second and a half: a STATUS is among them. */
    for (struct plate_deeds deeds = {0}; deeds.frames < frames + 150;) {
        deeds = scripted_plate_deeds(plate);
        frames = deeds.tares ? frames : deeds.frames;
        usleep(10000);
    }
    service_hush(&service);
    service_close(&service);
    assert_int_equal(scripted_plate_stop(plate).tares, 1);
    assert_int_equal(folder_remove(data, &why), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unplugged_plates_leave_their_places),
                                       cmocka_unit_test(a_plate_is_zeroed_once)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
