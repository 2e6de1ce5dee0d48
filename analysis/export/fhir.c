/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HL7 FHIR R4 (4.0.1): a Bundle of type collection with Patient, Device, one Observation a number
 * and a DiagnosticReport that refers to them and carries the report's PDF.
 *
 * No LOINC code fits a number of the sole, so codes are the project's own, in a code system that is
 * named by a UUID; units are UCUM. A zone that was not tested is an Observation without a value
 * whose dataAbsentReason says so. The report is `preliminary`: a machine wrote it, nobody has
 * signed it. */
#include "analysis/export/document.h"
#include "analysis/export/measures.h"
#include "analysis/json_writer.h"
#include "analysis/wording.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CODE_SYSTEM                                                                                \
    "urn:uuid:0f7b4a0e-6c1c-4e5c-8a53-7e4de6f00702" /* drawn once, never changed                   \
                                                     */
#define UCUM "http://unitsofmeasure.org"
#define DIGITS 12

struct fhir {
    const struct document *document;
    const struct result *result;
    struct json_writer w;
    json_t *entries, *results;
    char started[32]; /* FHIR dateTime; "" when the recording does not state one */
};

static json_t *pair(struct fhir *f, const char *key, const char *text)
{
    json_t *object = json_object();
    put_text(&f->w, object, key, text);
    return object;
}

static json_t *list_of(struct fhir *f, json_t *only)
{
    json_t *array = json_array();
    append(&f->w, array, only);
    return array;
}

static json_t *concept(struct fhir *f, const char *system, const char *code, const char *text)
{
    json_t *coding = pair(f, "system", system), *whole = json_object();
    put_text(&f->w, coding, "code", code);
    put_text(&f->w, coding, "display", text);
    put(&f->w, whole, "coding", list_of(f, coding));
    put_text(&f->w, whole, "text", text);
    return whole;
}

static json_t *reference(struct fhir *f, const char *name)
{
    char urn[9 + DOCUMENT_UUID] = "urn:uuid:";
    document_uuid(f->document, name, urn + 9);
    return pair(f, "reference", urn);
}

/* Starts a resource in the bundle; the bundle owns it. */
static json_t *add_resource(struct fhir *f, const char *type, const char *name)
{
    char urn[9 + DOCUMENT_UUID] = "urn:uuid:";
    document_uuid(f->document, name, urn + 9);
    json_t *entry = pair(f, "fullUrl", urn), *resource = pair(f, "resourceType", type);
    put_text(&f->w, resource, "id", urn + 9);
    put(&f->w, entry, "resource", resource);
    append(&f->w, f->entries, entry);
    return resource;
}

static void put_started(struct fhir *f, json_t *resource)
{
    if (*f->started)
        put_text(&f->w, resource, "effectiveDateTime", f->started);
}

/* --- Who, and with what ----------------------------------------------------------------------- */

static void add_name(struct fhir *f, json_t *patient)
{
    const struct document_person *person = &f->document->person;
    if (!person->family_name && !person->given_name)
        return;
    json_t *name = json_object();
    if (person->family_name)
        put_text(&f->w, name, "family", person->family_name);
    if (person->given_name) {
        json_t *given = json_array();
        append(&f->w, given, text_json(person->given_name));
        put(&f->w, name, "given", given);
    }
    put(&f->w, patient, "name", list_of(f, name));
}

static void add_patient(struct fhir *f)
{
    json_t *patient = add_resource(f, "Patient", "patient");
    const char *number = document_number(f->document);
    const char *sex = document_sex(f->document), *year = f->document->person.born_year;
    if (*number)
        put(&f->w, patient, "identifier", list_of(f, pair(f, "value", number)));
    add_name(f, patient);
    put_text(&f->w, patient, "gender", *sex ? sex : "unknown");
    if (f->document->person.born || year) /* a FHIR date may be a year alone */
        put_text(&f->w, patient, "birthDate",
                 f->document->person.born ? f->document->person.born : year);
}

static void add_device(struct fhir *f)
{
    const struct recording_facts *facts = &f->result->facts;
    json_t *device = add_resource(f, "Device", "device");
    if (facts->device_serial && *facts->device_serial)
        put_text(&f->w, device, "serialNumber", facts->device_serial);
    if (facts->device_model && *facts->device_model) {
        json_t *name = pair(f, "name", facts->device_model);
        put_text(&f->w, name, "type", "model-name");
        put(&f->w, device, "deviceName", list_of(f, name));
    }
    json_t *versions = json_array(), *software = pair(f, "value", f->document->software_version);
    put(&f->w, software, "type", pair(f, "text", "tenderfoot, the software"));
    append(&f->w, versions, software);
    if (facts->firmware && *facts->firmware) {
        json_t *firmware = pair(f, "value", facts->firmware);
        put(&f->w, firmware, "type", pair(f, "text", "the plate's firmware"));
        append(&f->w, versions, firmware);
    }
    put(&f->w, device, "version", versions);
    const char *calibration =
        facts->calibration_is_nominal || !facts->calibration_id || !*facts->calibration_id
            ? NULL
            : facts->calibration_id;
    char note[200];
    snprintf(note, sizeof note, "calibration: %.150s",
             calibration ? calibration : "none; nominal by the plate's stated full scale");
    put(&f->w, device, "note", list_of(f, pair(f, "text", note)));
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static json_t *quantity(struct fhir *f, const struct measure *m, double value)
{
    json_t *object = json_object();
    put(&f->w, object, "value", json_real(measure_rounded(m, value)));
    put_text(&f->w, object, "unit", *m->unit ? m->unit : "1");
    put_text(&f->w, object, "system", UCUM);
    put_text(&f->w, object, "code", m->ucum);
    return object;
}

static json_t *component(struct fhir *f, const struct measure *m, const char *code,
                         const char *text, double value)
{
    json_t *object = json_object();
    put(&f->w, object, "code", concept(f, CODE_SYSTEM, code, text));
    put(&f->w, object, "valueQuantity", quantity(f, m, value));
    return object;
}

static void put_interval(struct fhir *f, json_t *observation, const struct measure *m)
{
    if (!isfinite(m->low) || !isfinite(m->high))
        return;
    json_t *both = json_array();
    append(&f->w, both, component(f, m, "interval-95-low", "95 % interval, lower end", m->low));
    append(&f->w, both, component(f, m, "interval-95-high", "95 % interval, upper end", m->high));
    put(&f->w, observation, "component", both);
}

static void put_value(struct fhir *f, json_t *observation, const struct measure *m)
{
    if (isfinite(m->value)) {
        json_t *value = quantity(f, m, m->value);
        if (m->is_at_least)
            put_text(&f->w, value, "comparator", ">=");
        put(&f->w, observation, "valueQuantity", value);
        put_interval(f, observation, m);
        return;
    }
    int is_untested = m->zone[0] && !m->was_tested;
    const char *code = is_untested ? "not-performed" : m->zone[0] ? "unknown" : "not-applicable";
    json_t *reason = concept(f, "http://terminology.hl7.org/CodeSystem/data-absent-reason", code,
                             is_untested  ? "Not Performed"
                             : m->zone[0] ? "Unknown"
                                          : "Not Applicable");
    put_text(&f->w, reason, "text", m->reason);
    put(&f->w, observation, "dataAbsentReason", reason);
}

static void put_where(struct fhir *f, json_t *observation, const struct measure *m)
{
    char where[64];
    if (m->side == SIDE_UNKNOWN && !m->zone[0])
        return;
    snprintf(where, sizeof where, "%s%s%s sole", m->zone, m->zone[0] ? ", " : "",
             m->side == SIDE_LEFT    ? "left"
             : m->side == SIDE_RIGHT ? "right"
                                     : "one");
    put(&f->w, observation, "bodySite", pair(f, "text", where));
}

static void add_observation(struct fhir *f, const struct measure *m, int number)
{
    char name[32];
    snprintf(name, sizeof name, "observation %d", number);
    json_t *observation = add_resource(f, "Observation", name);
    put_text(&f->w, observation, "status", "final");
    put(&f->w, observation, "category",
        list_of(f, concept(f, "http://terminology.hl7.org/CodeSystem/observation-category", "exam",
                           "Exam")));
    put(&f->w, observation, "code", concept(f, CODE_SYSTEM, m->id, m->words));
    put(&f->w, observation, "subject", reference(f, "patient"));
    put_started(f, observation);
    put_value(f, observation, m);
    if (m->flag != FLAG_NONE)
        put(&f->w, observation, "interpretation",
            list_of(f, pair(f, "text", flag_level_name(m->flag))));
    put_where(f, observation, m);
    if (*m->definition)
        put(&f->w, observation, "method", pair(f, "text", m->definition));
    put(&f->w, observation, "device", reference(f, "device"));
    append(&f->w, f->results, reference(f, name));
}

/* --- The report -------------------------------------------------------------------------------
 */

static json_t *presented_form(struct fhir *f)
{
    const struct text *pdf = f->document->report_pdf;
    gchar *base64 = g_base64_encode((const guchar *)pdf->bytes, pdf->n);
    json_t *form = pair(f, "contentType", "application/pdf");
    put_text(&f->w, form, "data", base64);
    put_text(&f->w, form, "title", "Pressure and press test of the soles");
    g_free(base64);
    return list_of(f, form);
}

static void add_report(struct fhir *f)
{
    struct text summary = {0};
    json_t *report = add_resource(f, "DiagnosticReport", "report");
    document_summary(&summary, f->result);
    f->w.failed |= summary.failed;
    put_text(&f->w, report, "status", "preliminary");
    put(&f->w, report, "code",
        concept(f, CODE_SYSTEM, "sole-report", "Pressure and press test of the soles"));
    put(&f->w, report, "subject", reference(f, "patient"));
    put_started(f, report);
    put(&f->w, report, "result", json_incref(f->results));
    put_text(&f->w, report, "conclusion", text_string(&summary));
    if (f->document->report_pdf && f->document->report_pdf->n)
        put(&f->w, report, "presentedForm", presented_form(f));
    text_free(&summary);
}

/* A FHIR dateTime with a time needs a zone: only what is told in UTC is taken over. */
static void read_started(struct fhir *f)
{
    const char *started = f->result->facts.started_utc;
    int year, month, day;
    char date[11];
    if (!started || strlen(started) != 20 || started[19] != 'Z')
        return;
    memcpy(date, started, 10);
    date[10] = 0;
    if (document_date(date, &year, &month, &day))
        snprintf(f->started, sizeof f->started, "%s", started);
}

static int dump(const char *bytes, size_t n, void *text)
{
    text_append(text, bytes, n);
    return ((struct text *)text)->failed ? -1 : 0;
}

static int write_bundle(struct fhir *f, struct text *out, struct problem *why)
{
    json_t *bundle = pair(f, "resourceType", "Bundle");
    char id[DOCUMENT_UUID];
    document_uuid(f->document, "bundle", id);
    put_text(&f->w, bundle, "id", id);
    put_text(&f->w, bundle, "type", "collection");
    if (*f->started)
        put_text(&f->w, bundle, "timestamp", f->started);
    put(&f->w, bundle, "entry", json_incref(f->entries));
    bundle = json_whole(&f->w, bundle);
    int failed = !bundle || json_dump_callback(bundle, dump, out,
                                               JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS));
    json_decref(bundle);
    text_add(out, "\n");
    if (!failed && !out->failed)
        return 0;
    text_free(out);
    return problem_no_memory(why, "the bundle");
}

int export_fhir(const struct document *document, struct text *out, struct problem *why)
{
    struct fhir f = {.document = document, .result = document->result};
    struct measures measures;
    int year, month, day;
    *out = (struct text){0};
    if (document->person.born && !document_date(document->person.born, &year, &month, &day))
        return problem(why, PROBLEM_USAGE, "%s is no date of birth: 1970-03-31 is meant",
                       document->person.born);
    if (measures_make(f.result, &measures, why))
        return -1;
    f.entries = json_array();
    f.results = json_array();
    read_started(&f);
    add_patient(&f);
    add_device(&f);
    for (int i = 0; i < measures.n; i++)
        add_observation(&f, &measures.of[i], i + 1);
    add_report(&f);
    int failed = write_bundle(&f, out, why);
    json_decref(f.entries);
    json_decref(f.results);
    measures_free(&measures);
    return failed;
}
