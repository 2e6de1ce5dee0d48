/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request of a practice system in GDT 2.1: record 6302, "a new examination, please".
 *
 * A line is its own length in three digits (with them, the field's four digits and CR LF), the
 * field and its content; 8100 is the length of the whole. Bytes are of the character set that 9206
 * names: 1 seven-bit ASCII, 2 IBM code page 437 (also when nothing is said), 3 ISO 8859-1. What is
 * read here becomes UTF-8 without control characters. Fields that are not needed are passed over.
 * Pure; any thread. */
#ifndef TENDERFOOT_DRIVER_IMPORT_GDT_REQUEST_H
#define TENDERFOOT_DRIVER_IMPORT_GDT_REQUEST_H

#include "firmware/wire/problem.h"

#include <stddef.h>

enum { GDT_REQUEST_MOST = 65536 };

struct gdt_request {
    char receiver[33], sender[33]; /* 8315, 8316: ids of the two programs; "" = not stated */
    char number[41];               /* 3000: the person's number there; letters, digits, - _ . */
    char family_name[113], given_name[113];
    char born[11];    /* "1970-03-31", "1970", "" = not stated, or nobody knows */
    char sex;         /* 'm', 'f', 'o' = another, 0 = not stated, or nobody knows */
    char test_id[33]; /* 8402; "" */
};

/* 1 when the bytes end before their own length says: it may still be written. */
int gdt_is_cut_short(const void *bytes, size_t n);

/* Refused, naming the line: no record 6302, lengths that are not right, another version than 02.xx,
 * no number, a number of other letters, a date that is none, a field twice that is to be there
 * once.
 */
int gdt_request_parse(const void *bytes, size_t n, struct gdt_request *request,
                      struct problem *why);

#endif
