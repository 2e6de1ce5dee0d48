/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings and sessions as files for other software: tables, frames, documents. */
#include "driver/daemon/api.h"

#include "analysis/export/csv.h"
#include "analysis/export/document.h"
#include "analysis/export/tables.h"
#include "analysis/report/report.h"
#include "driver/analyze_recording.h"
#include "driver/export/dicom_export.h"
#include "driver/export/frame_export.h"
#include "driver/export/temporary.h"
#include "driver/export/xlsx_export.h"
#include "driver/stand_sway.h"
#include "driver/version.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Files without a name -------------------------------------------------------------------- */

/* In the data folder, where there is the most room. */
static FILE *nameless_file(const struct service *service, char path[TEMPORARY_PATH],
                           struct problem *why)
{
    struct temporary temporary;
    if (temporary_open(service->options.data, &temporary, why))
        return NULL;
    FILE *file = fdopen(temporary.fd, "w+");
    memcpy(path, temporary.path, TEMPORARY_PATH);
    if (!file) {
        temporary_close(&temporary);
        problem_no_memory(why, "an export");
    }
    return file;
}

/* --- A table --------------------------------------------------------------------------------- */

static const struct export_table *table_named(const char *name)
{
    size_t n = strlen(name);
    for (const struct export_table *table = export_tables; table->file; table++)
        if (!strncmp(table->file, name, n) && !strcmp(table->file + n, ".csv"))
            return table;
    return NULL;
}

static int write_table(struct service *service, const struct export_table *table,
                       const struct result *result, int *fd, struct problem *why)
{
    char path[TEMPORARY_PATH];
    struct csv_file csv = {.to = nameless_file(service, path, why)};
    if (!csv.to)
        return -1;
    struct table_sink sink = csv_file_sink(&csv);
    table->write(&sink, result, TENDERFOOT_VERSION);
    int bad = csv_file_end(&csv) || sink.failed;
    if (bad && csv.failed)
        problem_coded(why, problem_code_of_errno(csv.failed), PROBLEM_FAILED,
                      "the table cannot be written to the data folder: %s", strerror(csv.failed));
    else if (bad)
        problem_no_memory(why, "a table");
    *fd = bad ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!bad && *fd < 0)
        bad = problem(why, PROBLEM_FAILED, "the table cannot be read again");
    fclose(csv.to);
    return bad ? -1 : 0;
}

/* A table of 'tenderfoot export --as csv' by its name without ".csv": that one alone is made, and
 * goes by a file, however many frames it has a line of. */
void api_table(void *station, const struct http_request *request, struct http_reply *reply)
{
    const struct export_table *table = table_named(request->name[1]);
    struct problem why;
    int fd;
    if (!table) {
        http_reply_problem(reply, 404, "there is no table of this name");
        return;
    }
    struct result *result = api_analyze(station, request, reply);
    if (!result)
        return;
    int bad = write_table(station, table, result, &fd, &why);
    result_free(result);
    if (bad)
        http_reply_why(reply, &why);
    else
        http_reply_file(reply, "text/csv; charset=utf-8", fd, "");
}

/* --- Frames in other makers' formats --------------------------------------------------------- */

/* What one export may take of the memory that the station's unit leaves it (512 MiB,
 * driver/packaging): rows of a workbook, whose finished bytes are held. */
#define SHEET_FRAMES_MAX 100000

static int export_into(struct service *service, const char *recording,
                       const struct frame_format *format, int *fd,
                       struct frame_export_report *report, struct problem *why)
{
    const struct analyzer_options usual = analyze_defaults();
    const struct frame_export_options how = {.threshold_kpa = usual.threshold_kpa,
                                             .min_force_n = usual.min_force_n};
    char path[TEMPORARY_PATH];
    FILE *file = nameless_file(service, path, why);
    if (!file)
        return -1;
    pthread_mutex_lock(&service->analysis);
    int bad = frame_export(recording, format, &how, file, path, report, why);
    pthread_mutex_unlock(&service->analysis);
    if (!bad && fflush(file))
        bad = problem(why, PROBLEM_FAILED, "the export could not be written whole");
    *fd = bad ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    fclose(file);
    return bad || *fd < 0 ? -1 : 0;
}

/* --- One document a session ------------------------------------------------------------------ */

static const struct document_kind {
    const char *as, *ending, *type;
    int has_report; /* the report goes with it, as a PDF */
    int (*write)(const struct document *document, struct text *out, struct problem *why);
} documents[] = {
    {"xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 0,
     export_xlsx},
    {"fhir", "json", "application/fhir+json", 1, export_fhir},
    {"gdt", "gdt", "application/octet-stream", 0, export_gdt},
    {"dicom", "dcm", "application/dicom", 1, export_dicom},
    {0},
};

static const struct document_kind *document_kind_of(const char *as)
{
    const struct document_kind *kind = documents;
    while (kind->as && strcmp(kind->as, as))
        kind++;
    return kind->as ? kind : NULL;
}

/* What is asked of a document besides its kind. */
struct document_wish {
    struct session_person person;
    enum words_language language; /* of the report in it */
};

static int write_document(struct service *service, const struct document_kind *kind,
                          const struct document_wish *wish, const struct result *result,
                          struct text *bytes, struct problem *why)
{
    const struct report_options how = {.software_version = TENDERFOOT_VERSION,
                                       .language = wish->language,
                                       .person = *wish->person.label ? wish->person.label : NULL};
    struct text pdf = {0};
    pthread_mutex_lock(&service->analysis);
    int bad = kind->has_report && stand_report_render(result, how, REPORT_PDF, &pdf, why);
    if (!bad) {
        const struct document document = {.result = result,
                                          .person = session_person_document(&wish->person),
                                          .disguise =
                                              *wish->person.disguise ? wish->person.disguise : NULL,
                                          .report_pdf = kind->has_report ? &pdf : NULL,
                                          .software_version = TENDERFOOT_VERSION};
        bad = kind->write(&document, bytes, why);
        text_free(&pdf);
    }
    pthread_mutex_unlock(&service->analysis);
    return bad;
}

static void reply_too_long(const struct result *result, struct http_reply *reply)
{
    char text[240];
    snprintf(text, sizeof text,
             "%zu frames make a workbook larger than may be held here (%d frames): take hdf5",
             result->frames.n, SHEET_FRAMES_MAX);
    http_reply_coded(reply, 413, PROBLEM_CODE_EXPORT_TOO_LARGE, text);
}

static void reply_document(struct service *service, const struct document_kind *kind,
                           const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct text bytes;
    struct document_wish wish;
    if (!api_language(request, &wish.language, reply) ||
        !api_person(service, request, &wish.person, reply))
        return;
    struct result *result = api_analyze_of(service, request, &wish.person, reply);
    if (!result)
        return;
    int too_long = kind->write == export_xlsx && result->frames.n > SHEET_FRAMES_MAX;
    int bad = too_long || write_document(service, kind, &wish, result, &bytes, &why);
    if (too_long)
        reply_too_long(result, reply);
    result_free(result);
    if (bad) {
        if (!too_long)
            http_reply_why(reply, &why);
        return;
    }
    size_t n = bytes.n;
    char *taken = text_take(&bytes);
    if (taken)
        http_reply_owned(reply, kind->type, taken, n);
    else
        http_reply_no_memory(reply);
}

void api_export(void *station, const struct http_request *request, struct http_reply *reply)
{
    const char *as = http_query(request, "as");
    const struct frame_format *format = frame_format_named(as ? as : "");
    const struct document_kind *document = document_kind_of(as ? as : "");
    struct problem why = {0};
    struct frame_export_report report = {0};
    char path[600], download[80];
    int fd;
    if (document) {
        reply_document(station, document, request, reply);
        return;
    }
    if (!format) {
        http_reply_problem(reply, 400,
                           "as: xlsx, fhir, gdt, dicom, asf, lst, npy, hdf5 or mat is meant");
        return;
    }
    if (http_query(request, "pseudonymous")) {
        http_reply_problem(reply, 400,
                           "pseudonymous: goes with xlsx, fhir, gdt and dicom; frames carry what "
                           "the recording says of the person");
        return;
    }
    if (!api_find(station, request, reply, path))
        return;
    int bad = export_into(station, path, format, &fd, &report, &why);
    store_recording_done(path);
    if (bad) {
        if (report.is_too_large)
            http_reply_coded(reply, 413, PROBLEM_CODE_EXPORT_TOO_LARGE, why.text);
        else
            http_reply_why(reply, &why);
        return;
    }
    snprintf(download, sizeof download, "%.64s.%s", request->name[0], format->name);
    http_reply_file(reply, "application/octet-stream", fd, download);
}
