/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli.h"

#include "analysis/report/words.h"
#include "analysis/wording.h"
#include "driver/stop_signals.h"
#include "driver/sync_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sys/ioctl.h>

int cli_fail(const char *who, const struct problem *why)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", who, why->text);
    return why->kind ? (int)why->kind : PROBLEM_FAILED;
}

int cli_flush_stdout(struct problem *why)
{
    if (fflush(stdout) || ferror(stdout))
        return problem(why, PROBLEM_FAILED, "the result could not be printed: %s", strerror(errno));
    return 0;
}

int cli_print_json(json_t *document, struct problem *why)
{
    if (!document)
        return problem(why, PROBLEM_FAILED,
                       "the result cannot be put into JSON: out of memory, or a name in it is not "
                       "UTF-8");
    int bad =
        json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) || putchar('\n') < 0;
    json_decref(document);
    if (bad)
        return problem(why, PROBLEM_FAILED, "the result could not be printed: %s", strerror(errno));
    return cli_flush_stdout(why);
}

int cli_tell(json_t *told, int as_json, void (*print)(const json_t *told), struct problem *why)
{
    if (as_json)
        return cli_print_json(json_incref(told), why);
    print(told);
    return cli_flush_stdout(why);
}

/* "dir/.name.XXXXXX": hidden, and in the same folder so that the rename stays on one disk. */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash + 1 - path) : 0;
    char *name;
    return asprintf(&name, "%.*s.%s.XXXXXX", dir_len, path, path + dir_len) < 0 ? NULL : name;
}

/* Without a name until it is whole, so that nothing of it stays when this program is killed. A disk
 * that keeps no such files (FAT, some shares), or a root without /proc, by which it is named in the
 * end (a chroot), gets a hidden name at once, as *is_named tells. */
static int open_new(char *temporary, int *is_named)
{
    char *slash = strrchr(temporary, '/'), *end = slash ? slash + 1 : temporary, first = *end;
    if ((*is_named = access("/proc/self/fd", X_OK) != 0))
        return mkostemp(temporary, O_CLOEXEC);
    *end = 0;
    int fd = open(slash ? temporary : ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    *end = first;
    *is_named = fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL);
    return *is_named ? mkostemp(temporary, O_CLOEXEC) : fd;
}

static void forget(struct cli_output *out)
{
    free(out->path);
    free(out->temporary);
    *out = (struct cli_output){0};
}

/* A raw recording is never the price of a number about it. */
static int is_recording(const char *path)
{
    unsigned char start[4] = {0};
    struct stat old;
    if (stat(path, &old) || !S_ISREG(old.st_mode))
        return 0;
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(start, 1, sizeof start, file) : 0;
    if (file)
        fclose(file);
    return n == sizeof start && !memcmp(start, "TFT1", sizeof start);
}

static int refuse_recording(const char *path, struct problem *why)
{
    return problem(why, PROBLEM_FAILED,
                   "%s is a recording and is not overwritten; name another file", path);
}

/* Renaming over a device or a pipe would put a file in its place. */
static int is_special(const char *path)
{
    struct stat old;
    return !stat(path, &old) && !S_ISREG(old.st_mode) && !S_ISDIR(old.st_mode);
}

int cli_output_begin(struct cli_output *out, const char *path, struct problem *why)
{
    *out = (struct cli_output){0};
    if (is_recording(path))
        return refuse_recording(path, why);
    if (is_special(path))
        return problem(why, PROBLEM_FAILED, "%s is no ordinary file; name another one", path);
    *out = (struct cli_output){.path = strdup(path), .temporary = temporary_name(path)};
    if (!out->path || !out->temporary) {
        forget(out);
        return problem_no_memory(why, "an output file");
    }
    int fd = open_new(out->temporary, &out->is_named);
    if (fd < 0) {
        problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(errno));
        forget(out);
        return -1;
    }
    struct stat old;
    if (!stat(path, &old) && S_ISREG(old.st_mode))
        fchmod(fd, old.st_mode & 0777);
    snprintf(out->by_fd, sizeof out->by_fd, "/proc/self/fd/%d", fd);
    out->stream = fdopen(fd, "w+");
    if (!out->stream) {
        close(fd);
        if (out->is_named)
            unlink(out->temporary);
        forget(out);
        return problem_no_memory(why, "an output file");
    }
    return 0;
}

const char *cli_output_opens(const struct cli_output *out)
{
    return out->is_named ? out->temporary : out->by_fd;
}

static int not_whole(struct cli_output *out, int error, struct problem *why)
{
    problem(why, PROBLEM_FAILED, "%s could not be written whole: %s", out->path, strerror(error));
    cli_output_abort(out);
    return -1;
}

int cli_output_settle(struct cli_output *out, struct problem *why)
{
    if (ferror(out->stream) || fflush(out->stream) || fsync(fileno(out->stream)))
        return not_whole(out, errno, why);
    return 0;
}

/* A link replaces nothing: where there is a file, the new one gets a hidden name first, and is
 * renamed. A name that is taken (of a program that was killed between the two) is passed by. */
static int give_name(struct cli_output *out)
{
    const char *name = out->path;
    for (int i = 0; !out->is_named; i++) {
        if (!linkat(AT_FDCWD, out->by_fd, AT_FDCWD, name, AT_SYMLINK_FOLLOW)) {
            out->is_named = name == out->temporary;
            break;
        }
        if (errno != EEXIST || i == 1000)
            return -1;
        name = out->temporary;
        snprintf(strrchr(out->temporary, '.') + 1, sizeof "XXXXXX", "%06u",
                 ((unsigned)getpid() + (unsigned)i) % 1000000);
    }
    return out->is_named ? rename(out->temporary, out->path) : 0;
}

int cli_output_finish(struct cli_output *out, struct problem *why)
{
    if (cli_output_settle(out, why))
        return -1;
    if (is_recording(out->path)) { /* made meanwhile, by this very command maybe */
        refuse_recording(out->path, why);
        cli_output_abort(out);
        return -1;
    }
    if (give_name(out))
        return not_whole(out, errno, why);
    int bad = 0;
    fclose(out->stream); /* it was synced: there is nothing left that could be told */
    if (sync_folder_of(out->path))
        bad = problem(why, PROBLEM_FAILED, "%s is written, but its folder cannot be synced: %s",
                      out->path, strerror(errno));
    forget(out);
    return bad;
}

void cli_output_abort(struct cli_output *out)
{
    if (!out->stream)
        return;
    fclose(out->stream);
    if (out->is_named)
        unlink(out->temporary);
    forget(out);
}

int cli_stop_fd(struct problem *why)
{
    int fd = stop_signals_fd();
    return fd < 0 ? problem(why, PROBLEM_FAILED, "no descriptor for signals can be had") : fd;
}

/* --- Words ----------------------------------------------------------------------------------- */

#define PLAIN_WIDTH 80
#define LEAST_WIDTH 20 /* a narrower terminal says something else than its width */

static int width_of(FILE *to)
{
    struct winsize size;
    if (!isatty(fileno(to)) || ioctl(fileno(to), TIOCGWINSZ, &size) || size.ws_col < LEAST_WIDTH)
        return PLAIN_WIDTH;
    return size.ws_col;
}

/* Columns that so many bytes of UTF-8 take: what does not continue a character. */
static int columns(const char *text, int n)
{
    int wide = 0;
    for (int i = 0; i < n; i++)
        wide += ((unsigned char)text[i] & 0xC0) != 0x80;
    return wide;
}

void cli_print_wrapped(FILE *to, const char *text, int indent)
{
    int column = indent, width = width_of(to);
    while (*text) {
        int n = (int)strcspn(text, " "), wide = columns(text, n);
        if (column > indent && column + 1 + wide > width) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', to);
            column++;
        }
        fprintf(to, "%.*s", n, text);
        column += wide;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void cli_print_disclaimer(FILE *to)
{
    fputc('\n', to);
    cli_print_wrapped(to, words_tr(wording_disclaimer), 0);
}

int cli_is_there(const char *path)
{
    return !access(path, F_OK);
}

void cli_tell_written(const char *path, int n, int n_replaced)
{
    if (n == 1)
        printf("%s is written%s.\n", path, n_replaced ? ", in the place of an older one" : "");
    else if (n_replaced)
        printf("%s: %d files are written, %d of them in the place of older ones.\n", path, n,
               n_replaced);
    else
        printf("%s: %d files are written.\n", path, n);
}
