/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/gdt_request.h"

#include "analysis/export/document.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum { AROUND = 9, FIELDS_MOST = 2000, TEXT_MOST = 512 };

struct line {
    const char *content;
    size_t n;
    char field[5];
    int number; /* from 1 */
};

struct reader {
    const char *at, *end;
    int lines;
};

static int digits(const char *at, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (at[i] < '0' || at[i] > '9')
            return -1;
        value = 10 * value + (at[i] - '0');
    }
    return value;
}

/* 1 and the next line, 0 at the end, -1 when there is none. */
static int next_line(struct reader *reader, struct line *line, struct problem *why)
{
    size_t left = (size_t)(reader->end - reader->at);
    int length = left >= 3 ? digits(reader->at, 3) : -1;
    if (!left)
        return 0;
    line->number = ++reader->lines;
    if (length < AROUND || (size_t)length > left || reader->lines > FIELDS_MOST ||
        memcmp(reader->at + length - 2, "\r\n", 2))
        return problem(why, PROBLEM_REFUSED, "line %d is not as long as it says: no GDT record",
                       line->number);
    if (digits(reader->at + 3, 4) < 0)
        return problem(why, PROBLEM_REFUSED, "line %d has no field of four digits", line->number);
    snprintf(line->field, sizeof line->field, "%.4s", reader->at + 3);
    line->content = reader->at + 7;
    line->n = (size_t)length - AROUND;
    reader->at += length;
    return 1;
}

/* --- Character sets ----------------------------------------------------------------------------
 */

static const char *set_named(const struct line *line)
{
    static const char *const names[] = {"ASCII", "CP437", "ISO-8859-1"};
    int which = line->n == 1 ? line->content[0] - '1' : -1;
    return which >= 0 && which < 3 ? names[which] : NULL;
}

/* Looks ahead, as a name may stand before the set. */
static const char *find_set(const char *bytes, size_t n, struct problem *why)
{
    struct reader reader = {bytes, bytes + n, 0};
    struct line line;
    const char *set = "CP437";
    int got;
    while ((got = next_line(&reader, &line, why)) > 0)
        if (!strcmp(line.field, "9206") && !(set = set_named(&line))) {
            problem(why, PROBLEM_REFUSED, "line %d: the character set (9206) is to be 1, 2 or 3",
                    line.number);
            return NULL;
        }
    return got < 0 ? NULL : set;
}

static void drop_controls(char *utf8)
{
    for (char *c = utf8; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    g_strstrip(utf8);
}

/* UTF-8 into `to`, refused when it does not fit. */
static int take(const struct line *line, const char *set, char *to, size_t cap, struct problem *why)
{
    gsize n = 0;
    if (line->n > TEXT_MOST || memchr(line->content, 0, line->n))
        return problem(why, PROBLEM_REFUSED, "line %d: field %s is too long, or no text",
                       line->number, line->field);
    if (*to)
        return problem(why, PROBLEM_REFUSED, "line %d: field %s stands there twice", line->number,
                       line->field);
    char *utf8 =
        g_convert_with_fallback(line->content, (gssize)line->n, "UTF-8", set, "?", NULL, &n, NULL);
    if (!utf8)
        return problem(why, PROBLEM_REFUSED,
                       "line %d: field %s holds bytes that its character set (%s) has not",
                       line->number, line->field, set);
    drop_controls(utf8);
    int fits = strlen(utf8) < cap;
    if (fits)
        strcpy(to, utf8);
    g_free(utf8);
    return fits ? 0
                : problem(why, PROBLEM_REFUSED, "line %d: field %s is too long", line->number,
                          line->field);
}

/* --- Fields -------------------------------------------------------------------------------------
 */

/* "31031970" as "1970-03-31"; "00001970" and "00031970", a day or a month that nobody knows, as
 * "1970"; "00000000" as "". */
static int turn_date(char date[11], struct problem *why)
{
    int year, month, day, is_date = strlen(date) == 8 && digits(date, 8) >= 0;
    char turned[11] = "";
    if (!*date)
        return 0;
    if (is_date && memcmp(date, "00", 2))
        snprintf(turned, sizeof turned, "%.4s-%.2s-%.2s", date + 4, date + 2, date);
    else if (is_date && digits(date + 2, 2) <= 12 && strcmp(date, "00000000"))
        snprintf(turned, sizeof turned, "%.4s", date + 4);
    is_date = is_date && (strlen(turned) == 4 ? strcmp(turned, "0000") && memcmp(turned, "00", 2)
                          : !*turned          ? !strcmp(date, "00000000")
                                              : document_date(turned, &year, &month, &day));
    if (!is_date)
        return problem(why, PROBLEM_REFUSED,
                       "the date of birth (3103) is to be like 31031970, or 00000000 when nobody "
                       "knows it");
    strcpy(date, turned);
    return 0;
}

static int check_number(const char *number, struct problem *why)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (!*number)
        return problem(why, PROBLEM_REFUSED, "the person's number (3000) is missing");
    if (number[strspn(number, allowed)])
        return problem(why, PROBLEM_REFUSED,
                       "the person's number (3000) may hold letters, digits, '-', '_' and '.'");
    return 0;
}

/* 1 and 2 of GDT 2.1; the letters of its later versions, which systems of the elder form write too
 * since the law has a third sex: male (M), female (W), diverse (D), indefinite (X), unknown (U). */
#define SEXES "12MWDXU"

/* What stands in some field and is only checked. */
struct checked {
    char kind[8], total[8], version[16], sex[8];
};

static int check(const struct checked *c, size_t n, struct problem *why)
{
    if (strcmp(c->kind, "6302"))
        return problem(why, PROBLEM_REFUSED,
                       "the kind of record (8000): 6302, a new examination, is what is answered "
                       "here");
    if (digits(c->total, strlen(c->total)) != (int)n)
        return problem(why, PROBLEM_REFUSED,
                       "the record's length (8100) is not that of the file, %zu bytes", n);
    if (*c->version && strncmp(c->version, "02.", 3))
        return problem(why, PROBLEM_REFUSED, "the version of GDT (9218): 02.10 is meant");
    if (*c->sex && (c->sex[1] || !strchr(SEXES, c->sex[0])))
        return problem(why, PROBLEM_REFUSED, "the sex (3110): 1, 2, M, W, D, X or U is meant");
    return 0;
}

static char sex_of(const char *stated)
{
    static const char sexes[] = {'m', 'f', 'm', 'f', 'o', 'o', 0};
    return *stated ? sexes[strchr(SEXES, *stated) - SEXES] : 0;
}

static int take_field(const struct line *line, const char *set, struct gdt_request *r,
                      struct checked *c, struct problem *why)
{
    const struct {
        const char *field;
        char *to;
        size_t cap;
    } known[] = {{"8000", c->kind, sizeof c->kind},
                 {"8100", c->total, sizeof c->total},
                 {"9218", c->version, sizeof c->version},
                 {"3110", c->sex, sizeof c->sex},
                 {"8315", r->receiver, sizeof r->receiver},
                 {"8316", r->sender, sizeof r->sender},
                 {"3000", r->number, sizeof r->number},
                 {"3101", r->family_name, sizeof r->family_name},
                 {"3102", r->given_name, sizeof r->given_name},
                 {"3103", r->born, sizeof r->born}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(line->field, known[i].field))
            return take(line, set, known[i].to, known[i].cap, why);
    if (!strcmp(line->field, "8402") && !*r->test_id) /* there may be several: the first */
        return take(line, set, r->test_id, sizeof r->test_id, why);
    return 0;
}

int gdt_request_parse(const void *bytes, size_t n, struct gdt_request *request, struct problem *why)
{
    struct reader reader = {bytes, (const char *)bytes + n, 0};
    struct checked checked = {0};
    struct line line;
    int got;
    *request = (struct gdt_request){0};
    if (n > GDT_REQUEST_MOST)
        return problem(why, PROBLEM_REFUSED, "%zu bytes are no request: at most %d", n,
                       GDT_REQUEST_MOST);
    const char *set = find_set(bytes, n, why);
    if (!set)
        return -1;
    while ((got = next_line(&reader, &line, why)) > 0)
        if (take_field(&line, set, request, &checked, why))
            return -1;
    if (got < 0 || check(&checked, n, why) || check_number(request->number, why) ||
        turn_date(request->born, why))
        return -1;
    request->sex = sex_of(checked.sex);
    return 0;
}

int gdt_is_cut_short(const void *bytes, size_t n)
{
    const char *at = bytes;
    int said = n >= 27 && !memcmp(at + 16, "8100", 4) ? digits(at + 20, 5) : -1;
    return said < 0 ? n < 27 : n < (size_t)said;
}
