/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents for record systems, from results made by hand: every line of GDT is as long as it says,
 * FHIR is JSON whose references resolve, names from outside change no structure, and identifiers
 * are the published algorithm's. Other software reads them in e2e_documents.sh. */
#include "analysis/export/document.h"
#include "analysis/export/measures.h"
#include "analysis/export/tables.h"
#include "analysis/wording.h"
#include "driver/export/dicom_export.h"
#include "driver/export/temporary.h"
#include "driver/export/xlsx_export.h"
#include "driver/session_person.h"
#include "firmware/wire/problem_code.h"
#include "tests/support/example_result.h"
#include "tests/support/failing_malloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define HOSTILE                                                                                    \
    "A\r\n01380006301\"^\\=<x>\xff\xc3\xa9\xe2\x82\xac" /* line ends, a lone byte, é, € */

static struct document document_of(const struct result *result)
{
    return (struct document){.result = result, .software_version = "0.1.0"};
}

/* Each line by its own length; the content of the first field of this number. */
static int gdt_field(const struct text *gdt, const char *field, char *content, size_t size)
{
    int found = 0;
    for (size_t at = 0; at < gdt->n;) {
        char digits[4] = {gdt->bytes[at], gdt->bytes[at + 1], gdt->bytes[at + 2], 0};
        size_t length = (size_t)atoi(digits);
        assert_true(length >= 10 && at + length <= gdt->n);
        assert_memory_equal(gdt->bytes + at + length - 2, "\r\n", 2);
        for (size_t i = at; i < at + length - 2; i++)
            assert_true((unsigned char)gdt->bytes[i] >= 0x20);
        if (!memcmp(gdt->bytes + at + 3, field, 4) && !found++)
            snprintf(content, size, "%.*s", (int)(length - 9), gdt->bytes + at + 7);
        at += length;
    }
    return found;
}

static void every_example_is_a_whole_gdt_record(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct result *result = example_result(which);
        struct document document = document_of(result);
        struct problem why;
        struct text gdt;
        char total[16], content[128];
        document.person.family_name = HOSTILE;
        document.person.number = "12345678901234"; /* the practice's own, whole */
        assert_int_equal(export_gdt(&document, &gdt, &why), 0);
        assert_int_equal(gdt_field(&gdt, "8100", total, sizeof total), 1);
        assert_int_equal((size_t)atoi(total), gdt.n);
        assert_int_equal(gdt_field(&gdt, "8000", content, sizeof content), 1);
        assert_string_equal(content, "6310");
        gdt_field(&gdt, "3000", content, sizeof content);
        assert_string_equal(content, "12345678901234");
        gdt_field(&gdt, "3101", content, sizeof content);
        assert_string_equal(content, "A  01380006301\"^\\=<x>?\xe9?");
        assert_int_equal(gdt_field(&gdt, "3102", content, sizeof content), 0);
        text_free(&gdt);
        result_free(result);
    }
}

/* A number that was cut would be another person's: a label that does not fit is left out, and a
 * stated number that no line holds is refused. */
static void a_number_is_never_cut(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct document document = document_of(result);
    struct problem why;
    struct text gdt;
    char content[128] = "";
    free(result->facts.client);
    result->facts.client = strdup("p0123456789abcdef");
    assert_int_equal(export_gdt(&document, &gdt, &why), 0);
    assert_int_equal(gdt_field(&gdt, "3000", content, sizeof content), 0);
    text_free(&gdt);
    free(result->facts.client);
    result->facts.client = strdup("A-4711");
    assert_int_equal(export_gdt(&document, &gdt, &why), 0);
    assert_int_equal(gdt_field(&gdt, "3000", content, sizeof content), 1);
    assert_string_equal(content, "A-4711");
    text_free(&gdt);
    document.person.number = "1234567890123456789012345678901234567890123456789012345678901";
    assert_int_equal(export_gdt(&document, &gdt, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    result_free(result);
}

/* A label is taken apart only where its writer marked the parts. */
static void a_label_is_a_person(void **state)
{
    (void)state;
    static const struct {
        const char *label, *family, *given, *number;
    } cases[] = {{"Müller, Änne (4711)", "Müller", "Änne", "4711"},
                 {"Müller, Änne", "Müller", "Änne", ""},
                 {"Änne Müller", "Änne Müller", "", ""},
                 {"(4711)", "", "", "4711"},
                 {"K-17", "K-17", "", ""},
                 {"Müller (the younger one)", "Müller (the younger one)", "", ""},
                 {"Müller ()", "Müller ()", "", ""},
                 {"van der Berg, Jan, Dr.", "van der Berg", "Jan, Dr.", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_person person;
        json_t *client = json_pack("{s:s}", "label", cases[i].label);
        session_person_of(client, &person);
        assert_string_equal(person.label, cases[i].label);
        assert_string_equal(person.family_name, cases[i].family);
        assert_string_equal(person.given_name, cases[i].given);
        assert_string_equal(person.number, cases[i].number);
        json_decref(client);
    }
}

static struct session_person born_of(int year, const char *first, const char *second)
{
    struct session_person person;
    json_t *client =
        json_pack("{s:s, s:[{s:s, s:{s:{s:s}}}, {s:s, s:{s:{s:{s:s}}}}]}", "label", "x",
                  "screenings", "day", "2026-03-02", "document", "answers", "Q01", second, "day",
                  "2026-03-01", "document", "answers", "Q01", "answer", first);
    if (year)
        json_object_set_new(client, "birth_year", json_integer(year));
    session_person_of(client, &person);
    json_decref(client);
    return person;
}

/* The newest screening's day, where the store's year does not contradict. */
static void a_day_of_birth_is_the_screening_s(void **state)
{
    (void)state;
    assert_string_equal(born_of(0, "1970-01-01", "1971-02-02").born, "1971-02-02");
    assert_string_equal(born_of(1970, "1970-01-01", "1971-02-02").born, "1970-01-01");
    assert_string_equal(born_of(1969, "1970-01-01", "1971-02-02").born, "1969");
    assert_string_equal(born_of(0, "1970-02-30", "soon").born, "");
    const struct session_person year = born_of(1969, "x", "y"), day = born_of(0, "x", "1971-02-02");
    assert_null(session_person_document(&year).born);
    assert_string_equal(session_person_document(&year).born_year, "1969");
    assert_string_equal(session_person_document(&day).born, "1971-02-02");
    assert_null(session_person_document(&day).born_year);
}

static int refers_to(json_t *entries, const char *url)
{
    size_t i;
    json_t *entry;
    json_array_foreach(
        entries, i,
        entry) if (!strcmp(json_string_value(json_object_get(entry, "fullUrl")), url)) return 1;
    return 0;
}

static void every_example_is_a_bundle_whose_references_resolve(void **state)
{
    (void)state;
    for (enum example which = 0; which < EXAMPLE_COUNT; which++) {
        struct result *result = example_result(which);
        struct document document = document_of(result);
        struct problem why;
        struct text fhir;
        size_t i;
        json_t *each;
        document.person.given_name = HOSTILE;
        assert_int_equal(export_fhir(&document, &fhir, &why), 0);
        json_t *bundle = json_loads(fhir.bytes, 0, NULL);
        assert_non_null(bundle);
        json_t *entries = json_object_get(bundle, "entry");
        json_t *report =
            json_object_get(json_array_get(entries, json_array_size(entries) - 1), "resource");
        assert_string_equal(json_string_value(json_object_get(report, "resourceType")),
                            "DiagnosticReport");
        json_t *results = json_object_get(report, "result");
        assert_int_equal(json_array_size(results), json_array_size(entries) - 3);
        json_array_foreach(results, i, each)
            assert_true(refers_to(entries, json_string_value(json_object_get(each, "reference"))));
        assert_null(json_object_get(report, "presentedForm"));
        json_decref(bundle);
        text_free(&fhir);
        result_free(result);
    }
}

/* Not tested is never a number, and no pain up to a pressure is never an exact threshold. */
static void what_was_not_tested_has_no_value(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct measures measures;
    struct problem why;
    int untold = 0, bounds = 0, exact = 0;
    assert_int_equal(measures_make(result, &measures, &why), 0);
    for (int i = 0; i < measures.n; i++) {
        const struct measure *m = &measures.of[i];
        assert_true(isfinite(m->value) == (m->reason[0] == 0));
        assert_int_equal(wording_check(m->words, &why), 0);
        assert_int_equal(wording_check(m->reason, &why), 0);
        if (!m->zone[0])
            continue;
        untold += !isfinite(m->value);
        bounds += m->is_at_least;
        exact += isfinite(m->value) && !m->is_at_least;
        assert_true(!m->is_at_least || isnan(m->low));
    }
    assert_true(untold > 5 && bounds > 0 && exact > 0);
    measures_free(&measures);
    result_free(result);
}

static void a_recording_without_presses_has_no_thresholds(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_NO_PRESS);
    struct measures measures;
    struct problem why;
    struct text summary = {0};
    assert_int_equal(measures_make(result, &measures, &why), 0);
    assert_true(measures.n > 5);
    for (int i = 0; i < measures.n; i++)
        assert_string_not_equal(measures.of[i].id, "pressure_pain_threshold");
    document_summary(&summary, result);
    assert_non_null(strstr(text_string(&summary), "tenderness was not asked for"));
    text_free(&summary);
    measures_free(&measures);
    result_free(result);
}

/* Version and variant as RFC 9562 has them; the same facts give the same name, others another. */
static void names_are_made_from_facts(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct document document = document_of(result);
    char uuid[DOCUMENT_UUID], again[DOCUMENT_UUID], other[DOCUMENT_UUID];
    document_uuid(&document, "patient", uuid);
    document_uuid(&document, "patient", again);
    assert_string_equal(uuid, again);
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '5');
    assert_non_null(strchr("89ab", uuid[19]));
    document_uuid(&document, "device", other);
    assert_string_not_equal(uuid, other);
    free(result->facts.started_utc);
    result->facts.started_utc = strdup("2026-03-04T10:20:31Z");
    document_uuid(&document, "patient", other);
    assert_string_not_equal(uuid, other);
    /* Another part of the same imported file. */
    document_uuid(&document, "patient", uuid);
    result->peak_pressure_kpa += 0.125;
    document_uuid(&document, "patient", other);
    assert_string_not_equal(uuid, other);
    /* One that does not tell who it is shares no name with the one that does, nor with another's.
     */
    document.disguise = "a secret";
    document_uuid(&document, "patient", uuid);
    assert_string_not_equal(uuid, other);
    document.disguise = "another secret";
    document_uuid(&document, "patient", other);
    assert_string_not_equal(uuid, other);
    document.disguise = "a secret";
    document_uuid(&document, "patient", again);
    assert_string_equal(uuid, again);
    result_free(result);
}

/* DICOM PS3.5 B.2's own example, and the ends. */
static void a_uuid_is_a_decimal_uid(void **state)
{
    (void)state;
    char uid[DICOM_UID];
    dicom_uid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", uid);
    assert_string_equal(uid, "2.25.329800735698586629295641978511506172918");
    dicom_uid("00000000-0000-0000-0000-000000000000", uid);
    assert_string_equal(uid, "2.25.0");
    dicom_uid("ffffffff-ffff-ffff-ffff-ffffffffffff", uid);
    assert_string_equal(uid, "2.25.340282366920938463463374607431768211455");
}

static void a_day_is_a_day(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int is_date;
    } cases[] = {{"1970-03-31", 1},  {"2024-02-29", 1}, {"2023-02-29", 0}, {"1970-3-31", 0},
                 {"1970-03-31 ", 0}, {"31.03.1970", 0}, {"", 0},           {"1970--3-31", 0},
                 {"0000-00-00", 0},  {"99999-01-01", 0}};
    int y, m, d;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(!!document_date(cases[i].text, &y, &m, &d), cases[i].is_date);
    struct result *result = example_result(EXAMPLE_TENDER);
    struct document document = document_of(result);
    struct problem why;
    struct text out;
    document.person.born = "1970-02-30";
    assert_int_equal(export_fhir(&document, &out, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_int_equal(export_gdt(&document, &out, &why), -1);
    assert_int_equal(export_dicom(&document, &out, &why), -1);
    result_free(result);
}

static int names_in(const char *folder)
{
    DIR *listed = opendir(folder);
    int n = 0;
    assert_non_null(listed);
    for (const struct dirent *entry; (entry = readdir(listed));)
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(listed);
    return n;
}

typedef int export_document(const struct document *document, struct text *out, struct problem *why);

/* Killed by the system at the first file that grows beyond this. */
static void export_until_killed(export_document *write, const struct document *document)
{
    pid_t child = fork();
    int status;
    assert_true(child >= 0);
    if (!child) {
        const struct rlimit most = {2000, 2000}, none = {0, 0};
        struct problem why;
        struct text out;
        signal(SIGXFSZ, SIG_DFL);
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_FSIZE, &most);
        write(document, &out, &why);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGXFSZ);
}

static void an_export_that_is_killed_leaves_nothing(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_TENDER);
    struct document document = document_of(result);
    struct text report = {0};
    struct temporary temporary;
    struct problem why;
    char folder[] = BUILD_DIR "/killed.XXXXXX", byte;
    const char *was = getenv("TMPDIR");
    char *kept = was ? strdup(was) : NULL;
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    for (int i = 0; i < 1000; i++)
        text_append(&report, "not much of a report", 20);
    document.report_pdf = &report;
    export_until_killed(export_xlsx, &document);
    assert_int_equal(names_in(folder), 0);
    export_until_killed(export_dicom, &document);
    assert_int_equal(names_in(folder), 0);
    /* Of the same kind, and named at no time. */
    assert_int_equal(temporary_open(temporary_folder(), &temporary, &why), 0);
    assert_int_equal(temporary_write(&temporary, &(struct text){.bytes = "x", .n = 1}, &why), 0);
    assert_int_equal(pread(temporary.fd, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(names_in(folder), 0);
    temporary_close(&temporary);
    assert_int_equal(temporary_open("/nowhere", &temporary, &why), -1);
    assert_int_equal(temporary.fd, -1);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
    assert_int_equal(rmdir(folder), 0);
    text_free(&report);
    result_free(result);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct result *result = example_result(EXAMPLE_ONE_FOOT);
    struct document document = document_of(result);
    int (*const make[])(const struct document *, struct text *, struct problem *) = {export_fhir,
                                                                                     export_gdt};
    json_set_alloc_funcs(malloc, free);
    for (size_t i = 0; i < 2; i++)
        for (long n = 1;; n += 1 + n / 8) {
            struct problem why = {0};
            struct text out;
            failing_malloc_at(n);
            int bad = make[i](&document, &out, &why);
            int failed = failing_malloc_off();
            if (!bad)
                text_free(&out);
            if (!failed) {
                assert_int_equal(bad, 0);
                break;
            }
            assert_int_equal(bad, -1);
            assert_int_equal(why.kind, PROBLEM_FAILED);
        }
    result_free(result);
}

/* --- What a workbook holds ---------------------------------------------------------------------
 */

static void names_of_sheets_are_a_workbooks(void **state)
{
    (void)state;
    for (const struct export_table *a = export_tables; a->file; a++) {
        size_t n = strcspn(a->file, ".");
        assert_in_range(n, 1, 31); /* characters at most, none of these, each once, case aside */
        assert_true(strcspn(a->file, "[]:*?/\\'") > n);
        assert_int_not_equal(strncasecmp(a->file, "contents.", 9), 0);
        for (const struct export_table *b = export_tables; b < a; b++)
            assert_true(strncasecmp(a->file, b->file, n + 1) != 0);
    }
}

/* All that is in a ZIP archive, one after the other. */
static char *unpacked(const struct text *zip)
{
    struct text all = {0};
    struct archive_entry *entry;
    struct archive *archive = archive_read_new();
    char part[4096];
    la_ssize_t n;
    archive_read_support_format_zip(archive);
    assert_int_equal(archive_read_open_memory(archive, zip->bytes, zip->n), ARCHIVE_OK);
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK)
        while ((n = archive_read_data(archive, part, sizeof part)) > 0)
            text_append(&all, part, (size_t)n);
    archive_read_free(archive);
    text_append(&all, "", 1);
    assert_false(all.failed);
    return all.bytes;
}

/* A text that no cell holds was a workbook that could not be written. */
static void a_text_longer_than_a_cell_is_cut_and_says_so(void **state)
{
    enum { PAIRS = 20000 };
    static char longest[2 * PAIRS + 1];
    struct result *result = example_result(EXAMPLE_NO_PRESS);
    struct document document = document_of(result);
    struct text book;
    struct problem why;
    (void)state;
    for (int odd = 0; odd < 2; odd++) { /* the cut falls between letters, not within one */
        memset(longest, 'x', sizeof longest - 1);
        for (int i = 0; i < PAIRS - 1; i++)
            memcpy(longest + odd + 2 * i, "\xc3\xa4", 2);
        document.software_version = longest;
        assert_int_equal(export_xlsx(&document, &book, &why), 0);
        char *all = unpacked(&book);
        const char *cut = strstr(all, " [cut here: the CSV export has the whole]");
        assert_non_null(cut);
        assert_true((cut[-2] == '\xc3' && cut[-1] == '\xa4') || cut[-1] == 'x');
        free(all);
        text_free(&book);
    }
    longest[32767] = '\0';
    assert_int_equal(export_xlsx(&document, &book, &why), 0);
    char *all = unpacked(&book);
    assert_null(strstr(all, "cut here"));
    free(all);
    text_free(&book);
    result_free(result);
}

/* A header and two rows a frame are to fit into 1048576. */
static void more_rows_than_a_sheet_has_are_refused(void **state)
{
    struct result *result = example_result(EXAMPLE_NO_PRESS);
    struct document document = document_of(result);
    struct text book;
    struct problem why;
    size_t n = result->frames.n;
    (void)state;
    result->frames.n = 1048576 / 2;
    assert_int_equal(export_xlsx(&document, &book, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_int_equal(why.code, PROBLEM_CODE_EXPORT_TOO_LARGE);
    assert_non_null(strstr(why.text, "524288 frames"));
    assert_non_null(strstr(why.text, "1048576"));
    assert_true(!book.bytes && !book.n);
    result->frames.n = n;
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_a_whole_gdt_record),
        cmocka_unit_test(a_number_is_never_cut),
        cmocka_unit_test(a_label_is_a_person),
        cmocka_unit_test(a_day_of_birth_is_the_screening_s),
        cmocka_unit_test(every_example_is_a_bundle_whose_references_resolve),
        cmocka_unit_test(what_was_not_tested_has_no_value),
        cmocka_unit_test(a_recording_without_presses_has_no_thresholds),
        cmocka_unit_test(names_are_made_from_facts),
        cmocka_unit_test(a_uuid_is_a_decimal_uid),
        cmocka_unit_test(a_day_is_a_day),
        cmocka_unit_test(an_export_that_is_killed_leaves_nothing),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(names_of_sheets_are_a_workbooks),
        cmocka_unit_test(a_text_longer_than_a_cell_is_cut_and_says_so),
        cmocka_unit_test(more_rows_than_a_sheet_has_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
