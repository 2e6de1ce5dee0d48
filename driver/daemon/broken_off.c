/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/broken_off.h"

#include "driver/clock.h"
#include "driver/daemon/http_head.h"
#include "driver/recording.h"
#include "firmware/wire/payloads.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CLOCKS_AGREE_S 5.0 /* a disk that is behind writes later than the frame came */
#define LEAST_LEFT_S 1.0
enum { SEGMENTS_MAX = 5, MARK_PATH = 700 }; /* a recording that ends its station does so no more */

static const char ending[] = ".wanted";

/* --- Marks ----------------------------------------------------------------------------------- */

static void mark_path(const char *folder, const char *name, char path[MARK_PATH])
{
    snprintf(path, MARK_PATH, "%s/.%s%s", folder, name, ending);
}

/* Not synced: after a loss of power nothing is gone on with. */
void broken_off_mark(const char *folder, const char *name, double seconds)
{
    char path[MARK_PATH];
    mark_path(folder, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    int bad = dprintf(fd, "{\"schema\":\"tenderfoot/wanted/1\",\"seconds\":%.3f}\n", seconds) < 0;
    close(fd);
    if (bad)
        unlink(path);
}

void broken_off_unmark(const char *folder, const char *name)
{
    char path[MARK_PATH];
    mark_path(folder, name, path);
    unlink(path);
}

/* "" for a file that is no mark. */
static void name_of_mark(const char *file, char name[65])
{
    size_t n = strlen(file), n_ending = sizeof ending - 1;
    name[0] = '\0';
    if (file[0] != '.' || n <= 1 + n_ending || n - 1 - n_ending > 64 ||
        strcmp(file + n - n_ending, ending))
        return;
    snprintf(name, 65, "%.*s", (int)(n - 1 - n_ending), file + 1);
    if (!http_is_name(name))
        name[0] = '\0';
}

int broken_off_names(const char *folder, char names[][65], int max)
{
    int n = 0;
    DIR *files = opendir(folder);
    for (struct dirent *entry; files && n < max && (entry = readdir(files));) {
        name_of_mark(entry->d_name, names[n]);
        n += names[n][0] != '\0';
    }
    if (files)
        closedir(files);
    return n;
}

static int read_mark(const char *folder, const char *name, double *seconds, struct problem *why)
{
    char path[MARK_PATH];
    mark_path(folder, name, path);
    json_t *mark = json_load_file(path, 0, NULL);
    const json_t *said = json_object_get(mark, "seconds");
    int bad = !json_is_number(said);
    *seconds = json_number_value(said);
    json_decref(mark);
    return bad ? problem(why, PROBLEM_REFUSED, "how long it was to last cannot be read") : 0;
}

/* --- What it holds --------------------------------------------------------------------------- */

struct reading {
    struct broken_off *found;
    uint64_t frames, elapsed_us, last_device_us;
};

static void read_hello(struct reading *r, const struct wire_message *message)
{
    struct wire_hello hello;
    if (wire_get_hello(message->payload, message->payload_len, &hello))
        return;
    if (hello.boot_id != r->found->boot_id)
        r->last_device_us = 0; /* another clock */
    r->found->boot_id = hello.boot_id;
}

static void read_annotation(struct reading *r, const struct wire_message *message)
{
    struct problem ignored;
    json_t *said = json_loadb((const char *)message->payload, message->payload_len, 0, NULL);
    const json_t *segment = json_object_get(said, "segment");
    char *text = json_object_get(said, "note") ? json_dumps(said, JSON_COMPACT) : NULL;
    if (text)
        notes_add(&r->found->notes, text, &ignored);
    if (json_object_get(said, "continues") && json_is_integer(segment) &&
        json_integer_value(segment) > 1 && json_integer_value(segment) < 1000)
        r->found->segment = (int)json_integer_value(segment);
    free(text);
    json_decref(said);
}

static void read_frame(struct reading *r, const struct recording_item *item)
{
    uint64_t device_us = item->message.device_time_us;
    if (r->last_device_us && device_us > r->last_device_us)
        r->elapsed_us += device_us - r->last_device_us;
    r->last_device_us = device_us;
    r->found->last_scan = item->message.seq;
    if (item->host_time_us)
        r->found->last_frame_us = item->host_time_us;
    r->frames++;
}

static int read_through(struct recording *recording, struct reading *r, struct problem *why)
{
    struct recording_item item;
    int got;
    while ((got = recording_next(recording, &item, why)) > 0) {
        if (item.message.type == WIRE_HELLO)
            read_hello(r, &item.message);
        else if (item.message.type == WIRE_ANNOTATION)
            read_annotation(r, &item.message);
        else if (item.message.type == WIRE_FRAME && item.repeat == SEQUENCE_NEW)
            read_frame(r, &item);
    }
    return got;
}

static int read_recording(const char *path, struct reading *r, struct problem *why)
{
    struct recording *recording = recording_open(path, why);
    if (!recording)
        return -1;
    const char *header = recording_header(recording);
    int closed = recording_is_closed(recording, why);
    int bad = closed < 0;
    if (closed > 0)
        bad = problem(why, PROBLEM_REFUSED, "it is closed");
    else if (!bad && !header)
        bad = problem(why, PROBLEM_REFUSED, "its header is damaged");
    bad = bad || recording_header_parse(header, &r->found->header, why) ||
          read_through(recording, r, why);
    recording_close(recording);
    return bad ? -1 : 0;
}

/* --- Whether it is to be gone on with -------------------------------------------------------- */

double broken_off_age_s(const struct broken_off *found)
{
    uint64_t now_us = host_clock_us();
    return now_us > found->last_frame_us ? (double)(now_us - found->last_frame_us) * 1e-6 : 0;
}

static double written_ago_s(const char *path)
{
    struct stat file;
    struct timespec now;
    if (stat(path, &file) || clock_gettime(CLOCK_REALTIME, &now))
        return INFINITY;
    return difftime(now.tv_sec, file.st_mtim.tv_sec) +
           1e-9 * (double)(now.tv_nsec - file.st_mtim.tv_nsec);
}

static int too_old(struct problem *why)
{
    return problem(why, PROBLEM_REFUSED,
                   "its last frame is older than %.0f s: whoever stood there has moved since",
                   BROKEN_OFF_FRESH_S);
}

static int judge(const struct reading *r, double seconds, double ago_s, struct problem *why)
{
    struct broken_off *found = r->found;
    double age_s = broken_off_age_s(found), recorded_s = (double)r->elapsed_us * 1e-6;
    if (!strcmp(found->header.protocol, "press"))
        return problem(why, PROBLEM_REFUSED, "a press test is never gone on with by itself");
    if (!strncmp(found->header.device.uri, "virtual:", 8)) /* not waited for a minute in vain */
        return problem(why, PROBLEM_REFUSED,
                       "its plate was a virtual one of the station's own and ended with it");
    if (!r->frames || !found->last_frame_us)
        return problem(why, PROBLEM_REFUSED, "there is no frame in it");
    if (age_s > BROKEN_OFF_FRESH_S)
        return too_old(why);
    /* The plate's frames are timed by a clock that begins with the computer. */
    if (fabs(age_s - ago_s) > CLOCKS_AGREE_S)
        return problem(why, PROBLEM_REFUSED,
                       "the computer was started anew meanwhile, or its clock was set: how long "
                       "the gap is cannot be told");
    if (found->segment >= SEGMENTS_MAX)
        return problem(why, PROBLEM_REFUSED, "the station has died %d times in it already",
                       found->segment);
    found->seconds_left = seconds > 0 ? seconds - recorded_s : 0;
    if (seconds > 0 && found->seconds_left < LEAST_LEFT_S)
        return problem(why, PROBLEM_REFUSED, "it was nearly over: %.1f s of %.1f s are in it",
                       recorded_s, seconds);
    return 0;
}

int broken_off_read(const char *folder, const char *name, struct broken_off *found,
                    struct problem *why)
{
    char path[MARK_PATH];
    double seconds;
    *found = (struct broken_off){.segment = 1};
    struct reading reading = {.found = found};
    snprintf(found->name, sizeof found->name, "%s", name);
    snprintf(path, sizeof path, "%s/%s.tfr", folder, name);
    double ago_s = written_ago_s(path); /* asked before long ones are read through in vain */
    if (isinf(ago_s))
        return problem(why, PROBLEM_REFUSED, "it is not there any more");
    if (ago_s > BROKEN_OFF_FRESH_S + CLOCKS_AGREE_S)
        return too_old(why);
    if (read_mark(folder, name, &seconds, why) || read_recording(path, &reading, why))
        return -1;
    return judge(&reading, seconds, written_ago_s(path), why);
}

void broken_off_free(struct broken_off *found)
{
    notes_free(&found->notes);
}
