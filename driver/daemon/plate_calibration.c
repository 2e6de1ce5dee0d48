/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A serial number is the plate's own word: only a plain one becomes the name of a file. */
static int is_plain(const char *serial)
{
    size_t n = strlen(serial);
    return n > 0 && serial[0] != '.' &&
           strspn(serial, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == n;
}

static int takes(struct plate_calibration *found, const char *path, const struct wire_hello *hello,
                 struct problem *why)
{
    void *bytes = NULL;
    size_t n;
    found->calibration = calibration_load(path, &bytes, &n, why);
    free(bytes);
    if (!found->calibration)
        return -1;
    found->path = strdup(path);
    if (!found->path)
        problem_no_memory(why, "the calibration's name");
    if (found->path &&
        !calibration_check(found->calibration, hello->serial, hello->rows, hello->cols, why))
        return 0;
    plate_calibration_drop(found);
    return -1;
}

void plate_calibration_drop(struct plate_calibration *held)
{
    calibration_free(held->calibration);
    free(held->path);
    *held = (struct plate_calibration){0};
}

/* FOLDER/SERIAL.json: 1 with the path, 0 when there is none. */
static int find(const char *folder, const char *serial, char *path, size_t cap)
{
    if (!folder || !is_plain(serial))
        return 0;
    int n = snprintf(path, cap, "%s/%s.json", folder, serial);
    return n < (int)cap && (!access(path, F_OK) || errno != ENOENT);
}

int plate_calibration_take(const struct plate_options *options, const struct wire_hello *hello,
                           struct plate_calibration *found, struct problem *why)
{
    char path[PLATE_CALIBRATION_PATH];
    struct problem unfit;
    *found = (struct plate_calibration){0};
    int is_there = find(options->calibrations, hello->serial, path, sizeof path);
    if (options->calibration && !takes(found, options->calibration, hello, is_there ? &unfit : why))
        return 0;
    if (is_there)
        return takes(found, path, hello, why);
    return options->calibration ? -1 : 0;
}

static void look_at(const char *path, struct plate_calibration_mark *mark, int i)
{
    struct stat file;
    if (!path || stat(path, &file))
        return;
    mark->of[i].inode = (uint64_t)file.st_ino;
    mark->of[i].bytes = (int64_t)file.st_size;
    mark->of[i].changed_ns = (int64_t)file.st_mtim.tv_sec * 1000000000 + file.st_mtim.tv_nsec;
}

static int is_same(const struct plate_calibration_mark *a, const struct plate_calibration_mark *b)
{
    for (int i = 0; i < 2; i++)
        if (a->of[i].inode != b->of[i].inode || a->of[i].bytes != b->of[i].bytes ||
            a->of[i].changed_ns != b->of[i].changed_ns)
            return 0;
    return 1;
}

int plate_calibration_changed(const struct plate_options *options, const struct wire_hello *hello,
                              struct plate_calibration_mark *mark)
{
    char path[PLATE_CALIBRATION_PATH];
    struct plate_calibration_mark now = {0};
    look_at(options->calibration, &now, 0);
    if (find(options->calibrations, hello->serial, path, sizeof path))
        look_at(path, &now, 1);
    int is_other = !is_same(&now, mark);
    *mark = now;
    return is_other;
}
