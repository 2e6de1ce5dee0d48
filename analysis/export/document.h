/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as one document for software that keeps people's records: FHIR R4, GDT 2.1.
 *
 * Pure: the same document gives the same bytes, identifiers included (they are made from the
 * recording's own facts). Numbers are those of measures.h. Organ names are not in it: they are
 * tradition's annotation, and a record system would read them as findings.
 * analysis/export/README.md has the fields. One thread a call; the result is only read. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_DOCUMENT_H
#define TENDERFOOT_ANALYSIS_EXPORT_DOCUMENT_H

#include "analysis/report/text.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Who it is about, as the receiving software knows them. NULL = not stated. */
struct document_person {
    const char *number; /* their number there; NULL = the recording's client label */
    const char *family_name, *given_name;
    const char *born;      /* "1970-03-31" */
    const char *born_year; /* "1970", where the day is not known */
    const char *sex;       /* female, male or other; NULL = as the recording states it */
};

struct document {
    const struct result *result;
    struct document_person person;
    /* A secret of whoever keeps the people, for a document that is not to tell who it is: its
     * identifiers come of it too, so that none is shared with the document that names the person,
     * and nobody else can make them. NULL = named, or nobody's. */
    const char *disguise;
    const struct text *report_pdf; /* NULL = none goes with it */
    const char *software_version;
    /* Of a GDT record that answers a request; NULL = not stated. */
    const char *gdt_receiver, *gdt_sender; /* ids of the asking program and of ours (TENDFOOT) */
    const char *gdt_test_id;               /* what was asked for (ALLG00) */
};

/* The number by which the person is known: stated, or the recording's label; "" = neither. */
const char *document_number(const struct document *document);
/* "female", "male", "other": stated, or the recording's; "" = neither. */
const char *document_sex(const struct document *document);

/* 0, or -1 (no memory; a date of birth that is none) with `out` empty. */
int export_fhir(const struct document *document, struct text *out, struct problem *why);
int export_gdt(const struct document *document, struct text *out, struct problem *why);

/* One line a flag: "for attention: P07, left foot: ..."; and what was not tested. For the
 * documents' conclusion; every sentence is of wording.h. */
void document_summary(struct text *text, const struct result *result);

/* "urn:uuid:..." of this recording's part `name`: a name-based UUID (RFC 9562, version 5) of plate,
 * start and name, the same on each machine; of the disguise besides, where there is one. */
#define DOCUMENT_UUID 37 /* with the NUL */
void document_uuid(const struct document *document, const char *name, char uuid[DOCUMENT_UUID]);

/* 1 and the day for "1970-03-31". */
int document_date(const char *text, int *year, int *month, int *day);

#endif
