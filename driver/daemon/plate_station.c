/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include "driver/clock.h"
#include "driver/daemon/broken_off.h"
#include "driver/recording_header.h"
#include "driver/store/store.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TELL_EVERY_US 250000u

const char *const plate_phase_names[] = {"looking",   "watching", "zeroing",
                                         "recording", "pressing", "ending"};

/* --- Between the threads --------------------------------------------------------------------- */

enum plate_phase plate_phase(struct plate_station *station)
{
    pthread_mutex_lock(&station->lock);
    enum plate_phase phase = station->ends ? PLATE_ENDING : station->state.phase;
    pthread_mutex_unlock(&station->lock);
    return phase;
}

void plate_set_phase(struct plate_station *station, enum plate_phase phase)
{
    pthread_mutex_lock(&station->lock);
    station->state.phase = phase;
    pthread_mutex_unlock(&station->lock);
    plate_tell(station, 1);
}

int plate_change_phase(struct plate_station *station, enum plate_phase from, enum plate_phase to)
{
    pthread_mutex_lock(&station->lock);
    int is = station->state.phase == from;
    if (is)
        station->state.phase = to;
    pthread_mutex_unlock(&station->lock);
    if (is)
        plate_tell(station, 1);
    return is;
}

void plate_pulse(void *context)
{
    struct plate_station *station = context;
    pthread_mutex_lock(&station->lock);
    station->pulse_us = host_clock_us();
    pthread_mutex_unlock(&station->lock);
}

int plate_station_hangs(struct plate_station *station, double *silent_s)
{
    pthread_mutex_lock(&station->lock);
    uint64_t pulse_us = station->pulse_us, now_us = host_clock_us();
    int thread_id = station->thread_id;
    pthread_mutex_unlock(&station->lock);
    *silent_s = now_us > pulse_us ? (double)(now_us - pulse_us) * 1e-6 : 0;
    struct pulse_work work = pulse_work_of(thread_id);
    return pulse_hangs(&station->watch, pulse_us, &work, now_us);
}

static void poke(int fd)
{
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void plate_drain(int fd)
{
    char thrown[64];
    while (read(fd, thrown, sizeof thrown) > 0)
        ;
}

void plate_note_view(struct plate_station *station, double silent_s)
{
    const struct live_view_facts *facts = live_view_facts(station->view);
    pthread_mutex_lock(&station->lock);
    struct plate_state *state = &station->state;
    state->rate_hz = facts->rate_hz;
    state->has_numbers = facts->has_numbers;
    state->force_n = facts->numbers.force_n;
    state->cop_x_mm = facts->numbers.cop_x_mm;
    state->cop_y_mm = facts->numbers.cop_y_mm;
    state->peak_kpa = facts->numbers.peak_kpa;
    state->frames = facts->frames.delivered;
    state->lost = facts->frames.lost;
    state->bad = facts->frames.bad;
    state->is_untared = facts->is_untared;
    state->has_status = facts->has_status;
    state->status = facts->status;
    state->silent_s = silent_s;
    pthread_mutex_unlock(&station->lock);
}

json_t *plate_station_json(struct plate_station *station)
{
    pthread_mutex_lock(&station->lock);
    json_t *made = plate_state_json(station, &station->state);
    pthread_mutex_unlock(&station->lock);
    return made;
}

void plate_tell(struct plate_station *station, int now)
{
    uint64_t now_us = host_clock_us();
    if (!now && now_us - station->told_us < TELL_EVERY_US)
        return;
    station->told_us = now_us;
    json_t *state = plate_station_json(station);
    char *text = state ? json_dumps(state, JSON_COMPACT | JSON_REAL_PRECISION(7)) : NULL;
    if (text)
        live_board_hang(station->board, LIVE_STATE, live_sheet_make(text, strlen(text)));
    free(text);
    json_decref(state);
}

/* --- The thread ------------------------------------------------------------------------------ */

static void *run(void *context)
{
    struct plate_station *station = context;
    struct host_link *link = NULL;
    pthread_setname_np(pthread_self(), "plate"); /* who looks at a station by `top -H` */
    pthread_mutex_lock(&station->lock);
    station->thread_id = gettid();
    pthread_mutex_unlock(&station->lock);
    for (;;) {
        switch (plate_phase(station)) {
        case PLATE_ENDING:
            host_link_close(link);
            plate_mind_late(station, 1);
            return NULL;
        case PLATE_RECORDING:
            link = plate_do_recording(station, link);
            break;
        case PLATE_PRESSING:
            link = plate_do_press(station, link);
            break;
        default:
            plate_watch(station, &link);
        }
    }
}

/* --- Beginning and end ----------------------------------------------------------------------- */

static void release(struct plate_station *station)
{
    live_view_free(station->view);
    live_feet_free(station->feet);
    live_board_free(station->board);
    plate_calibration_drop(&station->calibration);
    int fds[] = {station->news_fd, station->stop_fd, station->keys[0], station->keys[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    pthread_mutex_destroy(&station->lock);
    store_let_go(station->hold); /* of one that was commanded and never begun */
    free(station->uri);
    free(station->folder);
    free(station->calibration_named);
    free(station->calibrations);
    free(station);
}

/* What is no calibration at all is told at the start, not when a plate comes. */
static int check_calibration(const char *path, struct problem *why)
{
    struct calibration *calibration = path ? calibration_load(path, NULL, NULL, why) : NULL;
    int bad = path && !calibration;
    calibration_free(calibration);
    return bad ? -1 : 0;
}

static int copy_name(const char *name, char **copy)
{
    *copy = name ? strdup(name) : NULL;
    return name && !*copy;
}

static int open_descriptors(struct plate_station *station, struct problem *why)
{
    station->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    station->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (station->news_fd < 0 || station->stop_fd < 0 ||
        pipe2(station->keys, O_CLOEXEC | O_NONBLOCK))
        return problem(why, PROBLEM_FAILED, "no descriptor for the plate can be had: %s",
                       strerror(errno));
    return 0;
}

static int copy_options(struct plate_station *station, const struct plate_options *options,
                        struct problem *why)
{
    station->options = *options;
    if (copy_name(options->uri, &station->uri) || copy_name(options->folder, &station->folder) ||
        copy_name(options->calibration, &station->calibration_named) ||
        copy_name(options->calibrations, &station->calibrations))
        return problem_no_memory(why, "a plate's station");
    station->options.calibration = station->calibration_named;
    station->options.calibrations = station->calibrations;
    return 0;
}

static int build(struct plate_station *station, const struct plate_options *options,
                 struct problem *why)
{
    if (copy_options(station, options, why) || open_descriptors(station, why) ||
        check_calibration(options->calibration, why))
        return -1;
    station->board = live_board_create(why);
    if (station->board)
        station->feet = live_feet_create(station->board, options->atlas, why);
    if (station->feet)
        station->view = live_view_create(station->board, station->feet, why);
    return station->view ? 0 : -1;
}

struct plate_station *plate_station_start(const char *id, const struct plate_options *options,
                                          struct problem *why)
{
    struct plate_station *station = calloc(1, sizeof *station);
    if (!station) {
        problem_no_memory(why, "a plate's station");
        return NULL;
    }
    pthread_mutex_init(&station->lock, NULL);
    station->news_fd = station->stop_fd = station->keys[0] = station->keys[1] = -1;
    snprintf(station->id, sizeof station->id, "%s", id);
    station->pulse_us = host_clock_us();
    if (build(station, options, why)) {
        if (!station->board && station->feet)
            station->feet = NULL;
        release(station);
        return NULL;
    }
    plate_tell(station, 1);
    if (!pthread_create(&station->thread, NULL, run, station))
        return station;
    problem(why, PROBLEM_FAILED, "the thread of plate %s cannot be started", id);
    release(station);
    return NULL;
}

static void end_thread(struct plate_station *station)
{
    poke(station->news_fd);
    poke(station->stop_fd);
    live_board_close(station->board);
    pthread_join(station->thread, NULL);
}

int plate_station_retire(struct plate_station *station)
{
    pthread_mutex_lock(&station->lock);
    int may = station->state.phase == PLATE_LOOKING && !station->state.has_late && !station->ends &&
              !live_board_viewers(station->board);
    station->ends |= may;
    pthread_mutex_unlock(&station->lock);
    if (!may)
        return 0;
    end_thread(station);
    live_view_free(station->view);
    live_feet_free(station->feet);
    station->view = NULL;
    station->feet = NULL;
    station->is_retired = 1;
    return 1;
}

void plate_station_stop(struct plate_station *station)
{
    if (!station)
        return;
    pthread_mutex_lock(&station->lock);
    station->ends = 1;
    pthread_mutex_unlock(&station->lock);
    if (!station->is_retired)
        end_thread(station);
    release(station);
}

const char *plate_station_id(const struct plate_station *station)
{
    return station->id;
}

const char *plate_station_uri(const struct plate_station *station)
{
    return station->uri;
}

struct live_board *plate_station_board(struct plate_station *station)
{
    return station->board;
}

int plate_station_writes(struct plate_station *station, const char *name)
{
    pthread_mutex_lock(&station->lock);
    const struct plate_state *state = &station->state;
    int writes = !strcmp(state->name, name) || (state->has_late && !strcmp(state->late.name, name));
    pthread_mutex_unlock(&station->lock);
    return writes;
}

int plate_station_takes(struct plate_station *station, const char *client, char *name)
{
    pthread_mutex_lock(&station->lock);
    const struct plate_state *state = &station->state;
    int takes = station->hold && !strcmp(station->client, client);
    snprintf(name, 65, "%s", state->has_late ? state->late.name : state->name);
    pthread_mutex_unlock(&station->lock);
    return takes;
}

void plate_station_look(struct plate_station *station)
{
    poke(station->news_fd);
}

/* --- Commands -------------------------------------------------------------------------------- */

static int not_now(const struct plate_station *station, const char *what, struct problem *why)
{
    static const char *const doing[] = {"is not there",       "is free",
                                        "is being zeroed",    "is recording",
                                        "leads a press test", "is closing"};
    static const int codes[] = {PROBLEM_CODE_PLATE_AWAY,     PROBLEM_CODE_NONE,
                                PROBLEM_CODE_PLATE_ZEROING,  PROBLEM_CODE_PLATE_RECORDING,
                                PROBLEM_CODE_PLATE_PRESSING, PROBLEM_CODE_PLATE_CLOSING};
    enum plate_phase phase = station->ends ? PLATE_ENDING : station->state.phase;
    return problem_coded(why, codes[phase], PROBLEM_REFUSED, "the plate %s %s: it cannot %s now",
                         station->id, doing[phase], what);
}

/* Under the lock. One recording at a time waits for the disk: another would want a second ring. */
static int may_begin(const struct plate_station *station, const char *what, struct problem *why)
{
    if (station->ends || station->state.phase != PLATE_WATCHING)
        return not_now(station, what, why);
    if (station->state.has_late)
        return problem_coded(why, PROBLEM_CODE_DISK_BEHIND, PROBLEM_REFUSED,
                             "the disk has not all of the recording %s yet: the plate %s cannot %s "
                             "before",
                             station->state.late.name, station->id, what);
    return 0;
}

/* Under the lock. */
static int is_free(const struct plate_station *station)
{
    return !station->ends && station->state.phase == PLATE_WATCHING;
}

/* "20261122T203000Z-TF-0042-stand", and a number behind it when that is taken. */
static void name_recording(const struct plate_station *station, const char *protocol, char *name)
{
    char now[32], when[32], serial[32], path[600];
    size_t n = 0;
    recording_header_now(now, sizeof now);
    for (const char *c = now; *c; c++)
        if (*c != '-' && *c != ':' && n + 1 < sizeof when)
            when[n++] = *c;
    when[n] = '\0';
    snprintf(serial, sizeof serial, "%.24s", station->state.hello.serial);
    for (char *c = serial; *c; c++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z')))
            *c = '-';
    for (int i = 0; i < 100; i++) {
        char number[8] = "";
        if (i)
            snprintf(number, sizeof number, "-%u", (unsigned)(i + 1) % 1000);
        snprintf(name, 65, "%.16s-%.24s-%.10s%s", when, serial, protocol, number);
        snprintf(path, sizeof path, "%s/%s.tfr", station->folder, name);
        if (access(path, F_OK))
            return;
    }
}

/* Under the lock: from now on the plate's thread will find that phase. */
static void begin(struct plate_station *station, enum plate_phase phase, const char *protocol,
                  const char *client, struct store_hold *hold, char *name)
{
    struct plate_state *state = &station->state;
    snprintf(station->client, sizeof station->client, "%s", client);
    station->hold = hold;
    name_recording(station, protocol, name);
    snprintf(state->name, sizeof state->name, "%s", name);
    snprintf(state->protocol, sizeof state->protocol, "%s", protocol);
    state->continues[0] = '\0';
    state->segment = 1;
    state->progress = (struct session_progress){.disk_minutes_left = NAN}; /* not known yet */
    state->press = (struct plate_press_view){0};
    state->phase = phase;
    station->discard = 0;
    plate_drain(station->stop_fd);
    plate_drain(station->keys[0]);
}

#define LOADED_N 50.0 /* more than cells remember of somebody who stepped off */

/* Under the lock. A plate that was never zeroed reads a little of everything; but what a foot
 * presses with it does not. */
static int is_loaded(const struct plate_state *state)
{
    int is_tared = state->is_zeroed || (state->has_status && state->status.tared);
    return state->has_numbers && state->force_n > LOADED_N &&
           (is_tared || state->peak_kpa >= PLATE_UNTARED_KPA);
}

static int is_virtual(const struct plate_station *station)
{
    return (station->state.hello.features & WIRE_IS_VIRTUAL) != 0;
}

/* Under the lock: a zero under somebody takes that somebody away. */
static int stays_empty(const struct plate_station *station, const char *what, struct problem *why)
{
    if (!is_loaded(&station->state))
        return 0;
    return problem_coded(
        why, PROBLEM_CODE_PLATE_LOADED, PROBLEM_REFUSED,
        "something presses on the plate %s with %.0f N: %s now would take it for the "
        "zero, and who stands there would read as nothing. Everybody steps off, and "
        "nothing lies on it; then again",
        station->id, station->state.force_n, what);
}

int plate_station_zero(struct plate_station *station, int tell_person, int anyway,
                       struct problem *why)
{
    pthread_mutex_lock(&station->lock);
    int bad = is_free(station) ? 0 : not_now(station, "be zeroed", why);
    if (!bad && !anyway && !(tell_person && is_virtual(station)))
        bad = stays_empty(station, "zeroing", why);
    if (!bad) {
        station->tell_person = tell_person;
        station->state.phase = PLATE_ZEROING;
    }
    pthread_mutex_unlock(&station->lock);
    if (!bad)
        poke(station->news_fd);
    return bad;
}

/* Under the lock: the same boot, and no fewer scans. */
static int has_lived_on(const struct plate_state *state, const struct plate_continues *with)
{
    return state->hello.boot_id == with->boot_id &&
           (int32_t)(state->hello.scans - with->last_scan) > 0;
}

/* Under the lock. */
static int can_go_on(const struct plate_station *station, const struct plate_continues *with,
                     struct problem *why)
{
    const struct plate_state *state = &station->state;
    if (!state->has_hello || strcmp(state->hello.serial, with->serial) ||
        state->phase == PLATE_LOOKING)
        return 0;
    if (!has_lived_on(state, with))
        return problem(why, PROBLEM_REFUSED,
                       "its plate was started anew meanwhile and has lost its zero");
    if (state->phase != PLATE_WATCHING)
        return problem(why, PROBLEM_REFUSED, "its plate was used otherwise meanwhile");
    if (!state->has_status)
        return 0;
    return state->status.tared && state->status.boot_id == with->boot_id
               ? 1
               : problem(why, PROBLEM_REFUSED, "its plate has no zero");
}

int plate_station_can_go_on(struct plate_station *station, const struct plate_continues *with,
                            struct problem *why)
{
    pthread_mutex_lock(&station->lock);
    int can = can_go_on(station, with, why);
    pthread_mutex_unlock(&station->lock);
    return can;
}

/* Under the lock. */
static int has_zero_for(const struct plate_station *station, const struct plate_recording *wanted)
{
    struct problem ignored;
    return *wanted->continues.recording ? can_go_on(station, &wanted->continues, &ignored) > 0
                                        : station->state.is_zeroed;
}

int plate_station_record(struct plate_station *station, const struct plate_recording *wanted,
                         char *name, struct problem *why)
{
    pthread_mutex_lock(&station->lock);
    int bad = may_begin(station, "record", why);
    if (!bad && wanted->keep_zero && !has_zero_for(station, wanted))
        bad =
            problem_coded(why, PROBLEM_CODE_PLATE_NOT_ZEROED, PROBLEM_REFUSED,
                          "the plate %s has not been zeroed since it was met: zero it first, with "
                          "nobody on it",
                          station->id);
    /* Of a virtual plate the person is told what to do, or comes by a plan of its own. */
    if (!bad && !wanted->keep_zero && !is_virtual(station))
        bad = stays_empty(station, "the zero before a recording", why);
    if (!bad) {
        station->recording = *wanted;
        begin(station, PLATE_RECORDING, wanted->protocol, wanted->client, wanted->hold, name);
        if (*wanted->continues.recording) {
            memcpy(station->state.continues, wanted->continues.recording,
                   sizeof station->state.continues);
            station->state.segment = wanted->continues.segment;
            station->state.is_zeroed = 1; /* by the station before: it has lived on */
        }
    }
    pthread_mutex_unlock(&station->lock);
    if (!bad)
        poke(station->news_fd);
    return bad;
}

int plate_station_press(struct plate_station *station, const struct plate_press *wanted, char *name,
                        struct problem *why)
{
    pthread_mutex_lock(&station->lock);
    int bad = may_begin(station, "lead a press test", why);
    if (!bad && !is_virtual(station) && (wanted->is_auto || !wanted->has_screening))
        bad = problem_coded(
            why, PROBLEM_CODE_NO_SCREENING, PROBLEM_REFUSED,
            "a person is pressed only with today's screening and somebody at the keys");
    if (!bad && !is_virtual(station))
        bad = stays_empty(station, "the zero before a press test", why);
    if (!bad) {
        store_recording_done(station->press.earlier); /* of one that never began */
        station->press = *wanted;
        begin(station, PLATE_PRESSING, "press", wanted->client, wanted->hold, name);
        station->state.press.tool_kind = wanted->tool.kind;
    }
    pthread_mutex_unlock(&station->lock);
    if (!bad)
        poke(station->news_fd);
    return bad;
}

/* Who is told that it stops may rely on it, even when the station dies before its file is closed.
 * Outside of the lock: a disk that stands still keeps the plate's thread waiting no longer. */
int plate_station_stop_recording(struct plate_station *station, int discard, struct problem *why)
{
    char name[65];
    pthread_mutex_lock(&station->lock);
    enum plate_phase phase = station->state.phase;
    int bad = phase == PLATE_RECORDING || phase == PLATE_PRESSING
                  ? 0
                  : problem_coded(why, PROBLEM_CODE_NOT_RECORDING, PROBLEM_REFUSED,
                                  "nothing is being recorded on the plate %s", station->id);
    if (!bad)
        station->discard |= discard;
    if (!bad)
        poke(station->stop_fd);
    memcpy(name, station->state.name, sizeof name);
    pthread_mutex_unlock(&station->lock);
    if (!bad)
        broken_off_unmark(station->folder, name);
    return bad;
}

int plate_station_key(struct plate_station *station, const char *key, struct problem *why)
{
    static const struct {
        const char *name;
        char byte;
    } keys[] = {{"go", ' '}, {"stop", 's'}, {"skip", 'k'}, {"end", 'q'}, {"0", '0'},
                {"1", '1'},  {"2", '2'},    {"3", '3'},    {"4", '4'}};
    size_t i = 0, n = sizeof keys / sizeof keys[0];
    while (i < n && strcmp(keys[i].name, key))
        i++;
    if (i == n)
        return problem(why, PROBLEM_USAGE, "a key is go, stop, skip, end or 0 to 4");
    if (plate_phase(station) != PLATE_PRESSING)
        return problem_coded(why, PROBLEM_CODE_NOT_PRESSING, PROBLEM_REFUSED,
                             "the plate %s leads no press test", station->id);
    if (write(station->keys[1], &keys[i].byte, 1) != 1)
        return problem(why, PROBLEM_FAILED, "the press test takes no keys");
    return 0;
}
