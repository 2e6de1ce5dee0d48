/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/program.h"

#include "tests/support/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include <cmocka.h>

static void be_humble(void)
{
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
}

/* What is freed is used again soon, so that a sanitized program's memory tells whether it grows. */
static void keep_small(void)
{
    char list[600];
    const char *given = getenv("ASAN_OPTIONS");
    snprintf(list, sizeof list, "%s%squarantine_size_mb=1:handle_abort=1", given ? given : "",
             given ? ":" : "");
    setenv("ASAN_OPTIONS", list, 1);
}

static void become(const struct program *program, const char *const words[])
{
    const char *argv[24];
    char path[300];
    size_t n = 0;
    const char *bin = getenv("BIN");
    snprintf(path, sizeof path, "%s/tenderfoot", bin ? bin : "build/test");
    argv[n++] = path;
    while (words[n - 1] && n + 1 < sizeof argv / sizeof argv[0]) {
        argv[n] = words[n - 1];
        n++;
    }
    argv[n] = NULL;
    int out = open(program->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int err = open(program->err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int in = open("/dev/null", O_RDONLY);
    if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(126);
    keep_small();
    if (program->is_humble)
        be_humble();
    execv(path, (char *const *)argv);
    _exit(127);
}

void program_start(struct program *program, const char *const words[])
{
    static unsigned number;
    char name[40];
    snprintf(name, sizeof name, "said-%u.out", ++number);
    snprintf(program->out, sizeof program->out, "%s", scratch_new(name));
    snprintf(name, sizeof name, "said-%u.err", number);
    snprintf(program->err, sizeof program->err, "%s", scratch_new(name));
    program->code = -1;
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0)
        become(program, words);
}

int program_ends(struct program *program, unsigned ms)
{
    int status;
    for (unsigned waited = 0; program->pid; waited += 5) {
        if (waitpid(program->pid, &status, WNOHANG) == program->pid) {
            program->pid = 0;
            program->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return 1;
        }
        if (waited >= ms)
            return 0;
        usleep(5000);
    }
    return 1;
}

int program_stop(struct program *program, int signal)
{
    if (program->pid && !program_ends(program, 0))
        kill(program->pid, signal);
    if (!program_ends(program, 10000)) {
        kill(program->pid, SIGKILL);
        program_ends(program, 10000);
        fail_msg("it did not end by signal %d: %s", signal, program_said(program->err));
    }
    return program->code;
}

static unsigned count_descriptors(const struct program *program, int sockets, int is_told)
{
    char path[60], name[80], target[200];
    unsigned n = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)program->pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(name, sizeof name, "%s/%.12s", path, entry->d_name);
        ssize_t size = readlink(name, target, sizeof target - 1);
        if (size <= 0)
            continue;
        target[size] = '\0';
        n += (strncmp(target, "socket:", 7) == 0) == sockets;
        if (is_told)
            printf("descriptor %s: %s\n", entry->d_name, target);
    }
    if (folder)
        closedir(folder);
    return n;
}

unsigned program_descriptors(const struct program *program)
{
    return count_descriptors(program, 0, 0);
}

unsigned program_sockets(const struct program *program)
{
    return count_descriptors(program, 1, 0);
}

void program_list_descriptors(const struct program *program)
{
    count_descriptors(program, 0, 1);
}

long program_resident_kib(const struct program *program)
{
    char path[60], line[200];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)program->pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

double program_cpu_s(const struct program *program)
{
    char path[60], line[1000] = "";
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)program->pid);
    FILE *file = fopen(path, "r");
    if (file && fgets(line, sizeof line, file) && strrchr(line, ')'))
        sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system);
    if (file)
        fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

const char *program_said(const char *path)
{
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    if (file)
        fclose(file);
    return text;
}

unsigned program_lines(const char *path)
{
    unsigned n = 0;
    for (const char *c = program_said(path); *c; c++)
        n += *c == '\n';
    return n;
}

double program_number(const char *path, const char *key)
{
    char quoted[80];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(program_said(path), quoted);
    return at ? strtod(at + strlen(quoted), NULL) : -1;
}

int program_run(struct program *program, const char *const words[])
{
    program_start(program, words);
    assert_true(program_ends(program, 20000));
    return program->code;
}

void program_assert_says(const char *file, const char *words)
{
    if (!strstr(program_said(file), words))
        fail_msg("'%s' is not said, but: %s", words, program_said(file));
}
