/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people.lock: a lock a person, a byte of an empty file each, held by descriptor (open file
 * description locks), so that threads of one program keep each other out as programs do, and the
 * kernel lets go of what a killed program held. */
#include "driver/store/store_private.h"

#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store_hold {
    int fd;
};

/* Which byte: 60 bits of the keyed hash that the access log tells people apart by. */
static off_t place_of(const struct store *store, const char *id)
{
    char pseudonym[17];
    store_pseudonym(store, id, pseudonym);
    return (off_t)(strtoull(pseudonym, NULL, 16) >> 4);
}

static int open_locks(const struct store *store, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/people.lock", store->data) < 0)
        return problem_no_memory(why, "a lock's name");
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    free(path);
    return fd;
}

/* 0; 1 when somebody else holds it in a way that keeps this one out. */
static int lock(const struct store *store, int fd, const char *id, short how)
{
    struct flock byte = {
        .l_type = how, .l_whence = SEEK_SET, .l_start = place_of(store, id), .l_len = 1};
    /* A file system without locks: one station on it (as store_lock_folder). */
    return fcntl(fd, F_OFD_SETLK, &byte) && (errno == EAGAIN || errno == EACCES);
}

static struct store_hold *hold(const struct store *store, const char *id, short how,
                               const char *held, struct problem *why)
{
    struct store_hold *made = malloc(sizeof *made);
    if (!made) {
        problem_no_memory(why, "a lock");
        return NULL;
    }
    made->fd = open_locks(store, why);
    if (made->fd >= 0 && !lock(store, made->fd, id, how))
        return made;
    if (made->fd >= 0)
        problem_coded(why,
                      how == F_WRLCK ? PROBLEM_CODE_PERSON_RECORDED : PROBLEM_CODE_PERSON_ERASED,
                      PROBLEM_REFUSED, held, id);
    store_let_go(made);
    return NULL;
}

struct store_hold *store_hold_client(struct store *store, const char *id, char whole[STORE_ID_SIZE],
                                     struct problem *why)
{
    static const char erasing[] = "%s is being erased from this store right now: nothing of this "
                                  "person is recorded, kept or fetched";
    if (store_find_client(store, id, whole, why))
        return NULL;
    struct store_hold *held = hold(store, whole, F_RDLCK, erasing, why);
    if (!held || !store_find_client(store, whole, whole, why)) /* erased before it was held? */
        return held;
    store_let_go(held);
    return NULL;
}

struct store_hold *store_hold_alone(const struct store *store, const char *id, struct problem *why)
{
    static const char held[] =
        "%s is not erased: a recording of this person is being made or taken into the store (by "
        "the station, or by 'tenderfoot record', 'press' or 'sessions add'), or all that there is "
        "of the person is being fetched. Stop or discard it, or wait, then erase again";
    return hold(store, id, F_WRLCK, held, why);
}

void store_let_go(struct store_hold *hold)
{
    if (hold && hold->fd >= 0)
        close(hold->fd);
    free(hold);
}
