/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/gdt_desk.h"

#include "analysis/export/document.h"
#include "driver/analyze_recording.h"
#include "driver/import/gdt_request.h"
#include "driver/store/store_folder.h"
#include "driver/version.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PENDING ".tenderfoot-pending"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
enum {
    SHORT = 4,
    STILL_WRITTEN_S = 5,
    CLOCK_AHEAD_S = 120, /* of the machine that keeps the folder */
    ANSWERS_MOST = 999,
    REFUSED_MOST = 99, /* of one name, where the first cannot be replaced */
    PUT_OFF_MOST = 64,
    PUT_OFF_LONGEST_S = 300
};

/* A file that could not be dealt with: which one, and when it is looked at again. */
struct put_off {
    char name[48];
    struct stat file;
    time_t until; /* of the monotonic clock */
    int tries;
};

struct gdt_desk {
    struct put_off put_off[PUT_OFF_MOST];
    int n_put_off; /* ever: the oldest goes for a new one */
    struct gdt_desk_options options;
    struct store *store;
    int folder, pending, inotify; /* descriptors */
};

struct telling {
    void (*say)(void *to, const char *sentence);
    void *to;
};

static void tell(const struct telling *telling, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(const struct telling *telling, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    telling->say(telling->to, text);
}

/* --- Opening ------------------------------------------------------------------------------------
 */

static int open_folders(struct gdt_desk *desk, struct problem *why)
{
    const char *path = desk->options.folder;
    desk->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (desk->folder < 0)
        return problem(why, PROBLEM_FAILED, "%s: %s; a folder that is there is meant", path,
                       strerror(errno));
    if (mkdirat(desk->folder, PENDING, 0700) && errno != EEXIST)
        return problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(errno));
    desk->pending = openat(desk->folder, PENDING, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    desk->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (desk->pending < 0 || desk->inotify < 0 ||
        inotify_add_watch(desk->inotify, path, IN_CLOSE_WRITE | IN_MOVED_TO) < 0)
        return problem(why, PROBLEM_FAILED, "%s cannot be watched: %s", path, strerror(errno));
    return 0;
}

struct gdt_desk *gdt_desk_open(const struct gdt_desk_options *options, struct store *store,
                               struct problem *why)
{
    struct gdt_desk *desk = calloc(1, sizeof *desk);
    if (!desk) {
        problem_no_memory(why, "the exchange folder");
        return NULL;
    }
    *desk = (struct gdt_desk){
        .options = *options, .store = store, .folder = -1, .pending = -1, .inotify = -1};
    int bad = strlen(options->ours) != SHORT || options->ours[strspn(options->ours, LETTERS)]
                  ? problem(why, PROBLEM_USAGE, "'%.40s': four letters or digits are meant",
                            options->ours)
                  : open_folders(desk, why);
    if (!bad)
        return desk;
    gdt_desk_close(desk);
    return NULL;
}

void gdt_desk_close(struct gdt_desk *desk)
{
    const int fds[] = {desk ? desk->folder : -1, desk ? desk->pending : -1,
                       desk ? desk->inotify : -1};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(desk);
}

int gdt_desk_fd(const struct gdt_desk *desk)
{
    return desk->inotify;
}

/* --- Files that are put off ----------------------------------------------------------------------
 */

static time_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct put_off *find_put_off(struct gdt_desk *desk, const char *name)
{
    for (int i = 0; i < PUT_OFF_MOST; i++)
        if (!strcmp(desk->put_off[i].name, name))
            return &desk->put_off[i];
    return NULL;
}

static int is_put_off(struct gdt_desk *desk, int folder, const char *name)
{
    struct stat now;
    const struct put_off *p = find_put_off(desk, name);
    return p && !fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) && is_same_file(&p->file, &now) &&
           seconds() < p->until;
}

/* Each time twice as long, or (for_good) until another file has the name. */
static void put_off(struct gdt_desk *desk, int folder, const char *name, int for_good)
{
    struct stat now = {0};
    struct put_off *p = find_put_off(desk, name);
    fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW);
    if (!p)
        p = &desk->put_off[desk->n_put_off++ % PUT_OFF_MOST];
    int tries = !strcmp(p->name, name) && is_same_file(&p->file, &now) ? p->tries + 1 : 0;
    int wait_s = tries < 8 ? 2 << tries : PUT_OFF_LONGEST_S;
    *p = (struct put_off){
        .file = now, .until = seconds() + (for_good ? 1000000000 : wait_s), .tries = tries};
    snprintf(p->name, sizeof p->name, "%s", name);
}

/* --- Reading a file of somebody else's -----------------------------------------------------------
 */

/* Its bytes (caller: free): NULL when it is no plain file, too large, or cannot be read. */
static char *read_file(int folder, const char *name, size_t *n, struct stat *status,
                       struct problem *why)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *bytes = NULL;
    if (fd < 0 || fstat(fd, status))
        problem(why, PROBLEM_REFUSED, "it cannot be opened: %s", strerror(errno));
    else if (!S_ISREG(status->st_mode) || status->st_size > GDT_REQUEST_MOST)
        problem(why, PROBLEM_REFUSED, "it is no plain file of at most %d bytes", GDT_REQUEST_MOST);
    else if (!(bytes = malloc(GDT_REQUEST_MOST + 1)))
        problem_no_memory(why, "a request");
    ssize_t got = bytes ? read(fd, bytes, GDT_REQUEST_MOST + 1) : 0;
    if (got < 0) {
        problem(why, PROBLEM_REFUSED, "it cannot be read: %s", strerror(errno));
        free(bytes);
        bytes = NULL;
    }
    *n = got > 0 ? (size_t)got : 0;
    if (fd >= 0)
        close(fd);
    return bytes;
}

/* 1 when it may still be written: it ends before its own length, and is young. */
static int is_being_written(const char *bytes, size_t n, time_t written)
{
    time_t age = time(NULL) - written;
    return gdt_is_cut_short(bytes, n) && age > -CLOCK_AHEAD_S && age < STILL_WRITTEN_S;
}

/* A request, and the file that it was read from. */
struct read_request {
    struct gdt_request request;
    struct stat file;
    char *bytes; /* of the whole file; reader's user: free */
    size_t n;
};

/* 0 with the request; 1 and why: not whole yet; -1 and why. */
static int read_request(int folder, const char *name, struct read_request *r, struct problem *why)
{
    *r = (struct read_request){0};
    r->bytes = read_file(folder, name, &r->n, &r->file, why);
    if (!r->bytes)
        return -1;
    if (!is_being_written(r->bytes, r->n, r->file.st_mtime))
        return gdt_request_parse(r->bytes, r->n, &r->request, why);
    problem(why, PROBLEM_FAILED, "%s is not whole yet", name);
    return 1;
}

/* --- The person ----------------------------------------------------------------------------------
 */

static const char *sex_word(char sex)
{
    return sex == 'f' ? "female" : sex == 'm' ? "male" : sex == 'o' ? "other" : NULL;
}

static int add_person(struct store *store, const struct gdt_request *r, char id[STORE_ID_SIZE],
                      struct problem *why)
{
    char label[320];
    snprintf(label, sizeof label, "%s%s%s (%s)", r->family_name, *r->given_name ? ", " : "",
             r->given_name, r->number);
    json_t *person = json_pack("{s:s}", "label", *r->family_name ? label : strchr(label, '('));
    int bad = !person ||
              (*r->born && json_object_set_new(person, "birth_year",
                                               json_integer(strtol(r->born, NULL, 10)))) ||
              (r->sex && json_object_set_new(person, "sex", json_string(sex_word(r->sex))));
    bad = bad ? problem_no_memory(why, "a person") : store_client_add(store, person, id, why);
    json_decref(person);
    return bad;
}

static int ends_with(const char *text, const char *end)
{
    size_t n = text ? strlen(text) : 0, m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

/* A number that was given to somebody else since, or in another practice. */
static int is_another(const json_t *row, const struct gdt_request *request)
{
    json_int_t born = json_integer_value(json_object_get(row, "birth_year"));
    const char *sex = json_string_value(json_object_get(row, "sex"));
    if (born && *request->born && born != strtol(request->born, NULL, 10))
        return 1;
    return sex && ((request->sex == 'm' && !strcmp(sex, "female")) ||
                   (request->sex == 'f' && !strcmp(sex, "male")));
}

/* How many people have the number (0 or 1, with the id), or -1. */
static int find_number(struct store *store, const struct gdt_request *request,
                       char id[STORE_ID_SIZE], struct problem *why)
{
    char wanted[48];
    int found = 0, others = 0;
    size_t i;
    json_t *row;
    snprintf(wanted, sizeof wanted, "(%s)", request->number);
    json_t *people =
        store_clients(store, &(struct store_list){.search = wanted, .limit = 1000}, why);
    if (!people)
        return -1;
    json_array_foreach(json_object_get(people, "clients"), i, row)
    {
        if (!ends_with(json_string_value(json_object_get(row, "label")), wanted))
            continue;
        snprintf(id, STORE_ID_SIZE, "%s", json_string_value(json_object_get(row, "client")));
        others += is_another(row, request);
        found++;
    }
    json_decref(people);
    if (found > 1)
        return problem(why, PROBLEM_REFUSED, "%d people of the store have its number (3000)",
                       found);
    if (others)
        return problem(why, PROBLEM_REFUSED,
                       "%s has its number (3000), with another year of birth or sex (3103, 3110)",
                       id);
    return found;
}

/* Who has the number; *is_new when the person was not there. */
static int find_person(struct store *store, const struct gdt_request *request,
                       char id[STORE_ID_SIZE], int *is_new, struct problem *why)
{
    int found = find_number(store, request, id, why);
    *is_new = !found;
    return found ? (found < 0 ? -1 : 0) : add_person(store, request, id, why);
}

/* What waits under an id is a request for nobody else. */
static int check_person(struct store *store, const struct gdt_request *request, const char *wanted,
                        struct problem *why)
{
    char id[STORE_ID_SIZE];
    int found = find_number(store, request, id, why);
    if (found < 0)
        return -1;
    return found && !strcmp(id, wanted)
               ? 0
               : problem(why, PROBLEM_REFUSED, "its number is not that of %s", wanted);
}

/* No look later on finds it otherwise: what the request says is the matter. */
static int is_for_good(const struct problem *why)
{
    return why->kind == PROBLEM_REFUSED || why->kind == PROBLEM_USAGE;
}

/* --- Taking requests
 * ------------------------------------------------------------------------------ */

/* OURSTHEM.GDT or .001: 1. */
static int is_request_name(const struct gdt_desk *desk, const char *name)
{
    return strlen(name) == 12 && name[8] == '.' && !strncasecmp(name, desk->options.ours, SHORT) &&
           strspn(name, LETTERS) == 8 &&
           (!strcasecmp(name + 9, "GDT") || strspn(name + 9, "0123456789") == 3);
}

/* A new file, whole and synced; its times are of our clock where it can be told, as the folder's
 * machine may go wrong. */
static int write_whole(int folder, const char *temporary, const char *bytes, size_t n, mode_t mode)
{
    struct timespec now[2] = {{.tv_nsec = UTIME_OMIT}};
    size_t done = 0;
    unlinkat(folder, temporary, 0); /* of one that was cut short */
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    while (fd >= 0 && done < n) {
        ssize_t got = write(fd, bytes + done, n - done);
        if (got < 0 && errno != EINTR)
            break;
        done += got > 0 ? (size_t)got : 0;
    }
    int bad = fd < 0 || done < n || fchmod(fd, mode) || fsync(fd);
    clock_gettime(CLOCK_REALTIME, &now[1]);
    if (!bad)
        (void)!futimens(fd, now);
    return (fd >= 0 && close(fd)) || bad ? -1 : 0;
}

/* Waits, as a copy of what was read, under its asker and its person: a newer request of both takes
 * the place of an older. The file goes when it is the one that was read. */
static int put_aside(struct gdt_desk *desk, const char *name, const char *id,
                     const struct read_request *r, struct problem *why)
{
    static const char temporary[] = ".part";
    char waiting[40];
    struct stat now;
    snprintf(waiting, sizeof waiting, "%.4s-%s", name + SHORT, id);
    if (write_whole(desk->pending, temporary, r->bytes, r->n, 0600) ||
        renameat(desk->pending, temporary, desk->pending, waiting))
        return problem(why, PROBLEM_FAILED, "%s cannot be copied: %s", name, strerror(errno));
    fsync(desk->pending);
    if (!fstatat(desk->folder, name, &now, AT_SYMLINK_NOFOLLOW) && is_same_file(&now, &r->file) &&
        unlinkat(desk->folder, name, 0))
        put_off(desk, desk->folder, name, 1); /* taken all the same: not a second time */
    return 0;
}

/* 0, also when it is put off until it is whole; -1 and why. */
static int take_read(struct gdt_desk *desk, const char *name, struct read_request *r,
                     const struct telling *telling, struct problem *why)
{
    char id[STORE_ID_SIZE];
    int is_new, got = read_request(desk->folder, name, r, why);
    if (got > 0)
        return 0;
    if (got || find_person(desk->store, &r->request, id, &is_new, why) ||
        put_aside(desk, name, id, r, why))
        return -1;
    tell(telling, "%s asks for an examination of %s%s", name, id,
         is_new ? ", added to the store" : "");
    return 0;
}

/* Beside what was moved aside, as its name with ".txt". */
static void write_reason(int folder, const char *name, mode_t mode, const struct telling *telling,
                         const struct problem *why)
{
    char reason[64], text[sizeof why->text + 3];
    snprintf(reason, sizeof reason, "%s.txt", name);
    int n = snprintf(text, sizeof text, "%s\r\n", why->text);
    if (write_whole(folder, reason, text, (size_t)n, mode))
        tell(telling, "the reason cannot be written to %s: %s", reason, strerror(errno));
}

enum { ASIDE_NAME = 40 };

/* NAME.refused, or the next of it when that cannot be replaced: 0, or -1. */
static int rename_refused(struct gdt_desk *desk, const char *name, char other[ASIDE_NAME])
{
    snprintf(other, ASIDE_NAME, "%.12s.refused", name);
    int stays = renameat(desk->folder, name, desk->folder, other);
    for (int i = 2; stays && i <= REFUSED_MOST; i++) {
        snprintf(other, ASIDE_NAME, "%.12s.refused-%d", name, i);
        stays = folder_give_name(desk->folder, name, desk->folder, other);
    }
    return stays ? -1 : 0;
}

/* It is somebody else's file: renamed, its reason beside it, or left alone, never removed. */
static void refuse(struct gdt_desk *desk, const char *name, const struct telling *telling,
                   const struct problem *why)
{
    char other[ASIDE_NAME];
    int stays = rename_refused(desk, name, other);
    tell(telling, "%s is refused: %s%s", name, why->text,
         stays ? " (it cannot be renamed and stays)" : "");
    if (stays)
        put_off(desk, desk->folder, name, 1);
    else
        write_reason(desk->folder, other, desk->options.answer_mode, telling, why);
}

/* One that fails is kept for later and does not keep the others. */
static void take_request(struct gdt_desk *desk, const char *name, const struct telling *telling)
{
    struct problem why = {0};
    struct read_request r;
    if (is_put_off(desk, desk->folder, name))
        return;
    int bad = take_read(desk, name, &r, telling, &why);
    free(r.bytes);
    if (bad && is_for_good(&why)) {
        refuse(desk, name, telling, &why);
    } else if (bad) {
        tell(telling, "%s waits and is tried again: %s", name, why.text);
        put_off(desk, desk->folder, name, 0);
    }
}

/* Each name of a folder, in order of names; a visitor that gives -1 ends it. */
static int each_name(int folder,
                     int (*visit)(struct gdt_desk *, const char *, const struct telling *,
                                  struct problem *),
                     struct gdt_desk *desk, const struct telling *telling, struct problem *why)
{
    struct dirent **names;
    int n = scandirat(folder, ".", &names, NULL, alphasort), bad = 0;
    if (n < 0)
        return problem(why, PROBLEM_FAILED, "the exchange folder cannot be read: %s",
                       strerror(errno));
    for (int i = 0; i < n; i++) {
        bad = bad || visit(desk, names[i]->d_name, telling, why);
        free(names[i]);
    }
    free(names);
    return bad ? -1 : 0;
}

static int look_at_file(struct gdt_desk *desk, const char *name, const struct telling *telling,
                        struct problem *why)
{
    (void)why;
    if (is_request_name(desk, name))
        take_request(desk, name, telling);
    return 0;
}

/* --- Answering
 * ------------------------------------------------------------------------------------- */

/* THEMOURS.GDT, else .001 and so on; `name` tells which. */
static int put_answer(struct gdt_desk *desk, const char *theirs, const struct text *bytes,
                      char name[16], struct problem *why)
{
    static const char temporary[] = ".tenderfoot-answer";
    int got = 1;
    if (write_whole(desk->folder, temporary, bytes->bytes, bytes->n, desk->options.answer_mode))
        got = -1;
    for (int i = 0; got == 1 && i <= ANSWERS_MOST; i++) {
        snprintf(name, 16, i ? "%.4s%.4s.%03d" : "%.4s%.4s.GDT", theirs, desk->options.ours,
                 i % 1000);
        got = folder_give_name(desk->folder, temporary, desk->folder, name);
    }
    if (!got) {
        fsync(desk->folder); /* it is there, whatever this says */
        return 0;
    }
    problem(why, PROBLEM_FAILED, "the answer cannot be written into the exchange folder: %s",
            got == 1 ? "a thousand lie there already" : strerror(errno));
    unlinkat(desk->folder, temporary, 0);
    return -1;
}

static int make_answer(const struct gdt_request *r, const char *recording, struct text *bytes,
                       struct problem *why)
{
    const struct analyzer_options how = analyze_defaults();
    struct result *result = analyze_recording(recording, &how, why);
    const struct document document = {
        .result = result,
        .person = {.number = r->number,
                   .family_name = *r->family_name ? r->family_name : NULL,
                   .given_name = *r->given_name ? r->given_name : NULL,
                   .born = strlen(r->born) == 10 ? r->born : NULL,
                   .sex = sex_word(r->sex)},
        .software_version = TENDERFOOT_VERSION,
        .gdt_receiver = *r->sender ? r->sender : NULL,
        .gdt_sender = *r->receiver ? r->receiver : NULL,
        .gdt_test_id = *r->test_id ? r->test_id : NULL};
    int bad = !result || export_gdt(&document, bytes, why);
    result_free(result);
    return bad ? -1 : 0;
}

static int answer(struct gdt_desk *desk, const char *waiting, const char *session,
                  const struct telling *telling, struct problem *why)
{
    struct read_request r = {0};
    struct text bytes = {0};
    char name[16];
    char *recording = store_recording_path(desk->store, session, why);
    int bad = !recording || read_request(desk->pending, waiting, &r, why) ||
              check_person(desk->store, &r.request, waiting + SHORT + 1, why) ||
              make_answer(&r.request, recording, &bytes, why) ||
              put_answer(desk, waiting, &bytes, name, why);
    store_recording_close(recording);
    free(r.bytes);
    text_free(&bytes);
    if (bad)
        return -1;
    unlinkat(desk->pending, waiting, 0);
    tell(telling, "%s answers for %s by session %s", name, waiting + SHORT + 1, session);
    return 0;
}

/* The session that answers a request that waits: 1, 0 when there is none yet, -1. */
static int find_session(struct gdt_desk *desk, const char *waiting, char session[STORE_ID_SIZE],
                        struct problem *why)
{
    struct stat status;
    struct tm utc;
    char since[24];
    if (fstatat(desk->pending, waiting, &status, AT_SYMLINK_NOFOLLOW))
        return problem(why, PROBLEM_FAILED, "%s: %s", waiting, strerror(errno));
    gmtime_r(&status.st_mtime, &utc);
    strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return store_newest_session(desk->store, waiting + SHORT + 1, desk->options.latest ? "" : since,
                                session, why);
}

static void keep_failed(struct gdt_desk *desk, const char *waiting, const struct telling *telling,
                        const struct problem *why)
{
    char failed[48];
    int is_final = is_for_good(why);
    tell(telling, "the request of %.4s for %s cannot be answered%s: %s", waiting,
         waiting + SHORT + 1, is_final ? "" : " now", why->text);
    snprintf(failed, sizeof failed, "%s.failed", waiting);
    if (!is_final || renameat(desk->pending, waiting, desk->pending, failed))
        put_off(desk, desk->pending, waiting, 0);
    else
        write_reason(desk->pending, failed, 0600, telling, why);
}

/* One that cannot be answered, now or ever, does not keep the others. */
static int answer_one(struct gdt_desk *desk, const char *waiting, const struct telling *telling,
                      struct problem *unused)
{
    char session[STORE_ID_SIZE];
    struct problem why = {0};
    (void)unused;
    if (strlen(waiting) != SHORT + STORE_ID_SIZE || waiting[SHORT] != '-' ||
        is_put_off(desk, desk->pending, waiting))
        return 0;
    int found = find_session(desk, waiting, session, &why);
    if (found < 0 || (found > 0 && answer(desk, waiting, session, telling, &why)))
        keep_failed(desk, waiting, telling, &why);
    return 0;
}

static int count_one(struct gdt_desk *desk, const char *waiting, const struct telling *telling,
                     struct problem *why)
{
    (void)desk;
    (void)why;
    if (strlen(waiting) == SHORT + STORE_ID_SIZE)
        ++*(int *)telling->to;
    return 0;
}

static void drain(int fd)
{
    char events[4096] __attribute__((aligned(8)));
    while (read(fd, events, sizeof events) > 0)
        ;
}

int gdt_desk_look(struct gdt_desk *desk, void (*say)(void *to, const char *sentence), void *to,
                  struct problem *why)
{
    const struct telling telling = {say, to};
    int waiting = 0;
    drain(desk->inotify); /* what comes from now on is told again */
    if (each_name(desk->folder, look_at_file, desk, &telling, why) ||
        each_name(desk->pending, answer_one, desk, &telling, why) ||
        each_name(desk->pending, count_one, desk, &(struct telling){NULL, &waiting}, why))
        return -1;
    return waiting;
}
