/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/dicom_export.h"

#include "driver/export/temporary.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define PROGRAM "pdf2dcm"
#define DIGITS 39 /* of 2^128 */

extern char **environ;

void dicom_uid(const char *uuid, char uid[DICOM_UID])
{
    char decimal[DIGITS] = {0}; /* the last digit first */
    for (const char *c = uuid; *c; c++) {
        if (*c == '-')
            continue;
        int carry = *c <= '9' ? *c - '0' : *c - 'a' + 10;
        for (int i = 0; i < DIGITS; i++) {
            carry += 16 * decimal[i];
            decimal[i] = (char)(carry % 10);
            carry /= 10;
        }
    }
    int n = DIGITS;
    while (n > 1 && decimal[n - 1] == 0)
        n--;
    char *to = uid + sprintf(uid, "2.25.");
    while (n-- > 0)
        *to++ = (char)('0' + decimal[n]);
    *to = 0;
}

/* --- The program's arguments --------------------------------------------------------------------
 */

/* They name the person, and whoever is logged in sees the arguments of all programs: they come in a
 * file that only we can read, each in double quotes, which no value may hold itself. */
static void add(struct text *a, const char *word)
{
    text_add(a, "\"");
    for (; *word; word++)
        text_append(a, *word == '"' ? "'" : word, 1);
    text_add(a, "\"\n");
}

/* An attribute by its tag; what DICOM gives a meaning to (\ ^ = and quotes) is no part of a name.
 */
static void add_key(struct text *a, const char *tag, const char *value)
{
    struct text key = {0};
    text_addf(&key, "%s=", tag);
    text_add_foreign(&key, value, "");
    a->failed |= key.failed;
    add(a, "-k");
    add(a, text_string(&key));
    text_free(&key);
}

/* A piece of a name: letters with a meaning become spaces. */
static void add_plain(struct text *to, const char *from)
{
    struct text clean = {0};
    text_add_foreign(&clean, from, "");
    for (size_t i = 0; i < clean.n; i++)
        if (strchr("\\^=\"", clean.bytes[i]))
            clean.bytes[i] = ' ';
    to->failed |= clean.failed;
    text_add(to, text_string(&clean));
    text_free(&clean);
}

static void add_person(struct text *a, const struct document *document)
{
    const char *sex = document_sex(document);
    struct text name = {0}, number = {0};
    int year, month, day;
    char born[32] = "";
    add_plain(&name, document->person.family_name);
    text_add(&name, "^");
    add_plain(&name, document->person.given_name);
    add_plain(&number, document_number(document));
    if (document->person.born && document_date(document->person.born, &year, &month, &day))
        snprintf(born, sizeof born, "%04d%02d%02d", year, month, day);
    a->failed |= name.failed | number.failed;
    add_key(a, "0010,0010", name.n > 1 ? text_string(&name) : "");
    add_key(a, "0010,0020", text_string(&number));
    add_key(a, "0010,0030", born);
    add_key(a, "0010,0040",
            !strcmp(sex, "female")  ? "F"
            : !strcmp(sex, "male")  ? "M"
            : !strcmp(sex, "other") ? "O"
                                    : "");
    text_free(&name);
    text_free(&number);
}

static void add_uid(struct text *a, const struct document *document, const char *tag,
                    const char *name)
{
    char uuid[DOCUMENT_UUID], uid[DICOM_UID];
    document_uuid(document, name, uuid);
    dicom_uid(uuid, uid);
    add_key(a, tag, uid);
}

/* Dates of the recording, not of the export. */
static void add_times(struct text *a, const char *started)
{
    char date[11] = "", day[9] = "", time[7] = "";
    int y, m, d;
    if (started && strlen(started) >= 19) {
        snprintf(date, sizeof date, "%.10s", started);
        if (document_date(date, &y, &m, &d)) {
            snprintf(day, sizeof day, "%.4s%.2s%.2s", started, started + 5, started + 8);
            snprintf(time, sizeof time, "%.2s%.2s%.2s", started + 11, started + 14, started + 17);
        }
    }
    static const char *const dates[] = {"0008,0012", "0008,0020", "0008,0023"};
    static const char *const times[] = {"0008,0013", "0008,0030", "0008,0033"};
    for (size_t i = 0; i < 3; i++) {
        add_key(a, dates[i], day);
        add_key(a, times[i], time);
    }
    add_key(a, "0008,0201", "+0000");
}

static void add_all(struct text *a, const struct document *document)
{
    const struct recording_facts *facts = &document->result->facts;
    add(a, "-q");
    add(a, "+t");
    add(a, "Pressure and press test of the soles");
    add_key(a, "0008,0005", "ISO_IR 192"); /* UTF-8 */
    add_person(a, document);
    add_uid(a, document, "0008,0018", "dicom instance");
    add_uid(a, document, "0020,000d", "dicom study");
    add_uid(a, document, "0020,000e", "dicom series");
    add_times(a, facts->started_utc);
    add_key(a, "0008,0070", "tenderfoot");
    add_key(a, "0018,1020", document->software_version);
    add_key(a, "0018,1000", facts->device_serial ? facts->device_serial : "");
}

/* --- Running it -------------------------------------------------------------------------------
 */

/* What the program is given, all without a name. */
struct papers {
    struct temporary words, report, object;
};

/* Its paths are the program's own, too: under the same numbers. */
static int start(struct papers *papers, pid_t *child)
{
    char at[TEMPORARY_PATH + 1], program[] = PROGRAM;
    char *argv[] = {program, at, papers->report.path, papers->object.path, NULL};
    const int fds[] = {papers->words.fd, papers->report.fd, papers->object.fd};
    posix_spawn_file_actions_t actions;
    snprintf(at, sizeof at, "@%s", papers->words.path);
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    for (size_t i = 0; i < sizeof fds / sizeof fds[0] && !error; i++)
        error = posix_spawn_file_actions_adddup2(&actions, fds[i], fds[i]); /* stays open */
    error = error ? error : posix_spawnp(child, PROGRAM, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int run(struct papers *papers, struct problem *why)
{
    pid_t child;
    int status, error = start(papers, &child);
    if (error == ENOENT)
        return problem(why, PROBLEM_FAILED,
                       PROGRAM " is not installed; it comes with the package dcmtk");
    if (error)
        return problem(why, PROBLEM_FAILED, PROGRAM " cannot be started: %s", strerror(error));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return problem(why, PROBLEM_FAILED, PROGRAM " (dcmtk) did not take the report");
}

static int ends_with(const struct text *object, const void *end, size_t n)
{
    return object->n >= n && !memcmp(object->bytes + object->n - n, end, n);
}

/* The program does not notice that the disk was full. Its last attribute is 0042,0015, the length
 * of the report; before dcmtk 3.6.6 it is 0042,0012, its type. */
static int check_end(const struct text *object, const struct text *report, struct problem *why)
{
    unsigned char length[12] = {0x42, 0, 0x15, 0, 'U', 'L', 4, 0};
    static const char type[] = "application/pdf ";
    for (int i = 0; i < 4; i++)
        length[8 + i] = (unsigned char)(report->n >> 8 * i);
    if (ends_with(object, length, sizeof length) || ends_with(object, type, sizeof type - 1))
        return 0;
    return problem(why, PROBLEM_FAILED,
                   "the DICOM object could not be written whole: is %.300s full?",
                   temporary_folder());
}

static int encapsulate(const struct document *document, struct papers *papers, struct text *out,
                       struct problem *why)
{
    struct text words = {0};
    add_all(&words, document);
    int failed = words.failed ? problem_no_memory(why, "the DICOM object")
                              : temporary_write(&papers->words, &words, why) ||
                                    temporary_write(&papers->report, document->report_pdf, why) ||
                                    run(papers, why) || temporary_read(&papers->object, out, why) ||
                                    check_end(out, document->report_pdf, why);
    text_free(&words);
    return failed ? -1 : 0;
}

static int open_papers(struct papers *papers, struct problem *why)
{
    const char *folder = temporary_folder();
    *papers = (struct papers){{.fd = -1}, {.fd = -1}, {.fd = -1}};
    return temporary_open(folder, &papers->words, why) ||
                   temporary_open(folder, &papers->report, why) ||
                   temporary_open(folder, &papers->object, why)
               ? -1
               : 0;
}

int export_dicom(const struct document *document, struct text *out, struct problem *why)
{
    struct papers papers;
    int year, month, day;
    *out = (struct text){0};
    if (!document->report_pdf || !document->report_pdf->n)
        return problem(why, PROBLEM_USAGE, "a DICOM object needs the report");
    if (document->person.born && !document_date(document->person.born, &year, &month, &day))
        return problem(why, PROBLEM_USAGE, "%s is no date of birth: 1970-03-31 is meant",
                       document->person.born);
    int failed = open_papers(&papers, why) || encapsulate(document, &papers, out, why);
    temporary_close(&papers.words);
    temporary_close(&papers.report);
    temporary_close(&papers.object);
    if (failed)
        text_free(out);
    return failed ? -1 : 0;
}
