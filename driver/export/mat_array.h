/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays of MATLAB's level 5, as bytes in memory (MathWorks, MAT-File Format, "Level 5 MAT-Files"):
 * each part has a tag (kind, bytes) and is padded to 8 bytes. Numbers are in this machine's order,
 * which the file's head tells. Matrices are given column by column. Memory that runs out is told by
 * the text at its end. */
#ifndef TENDERFOOT_DRIVER_EXPORT_MAT_ARRAY_H
#define TENDERFOOT_DRIVER_EXPORT_MAT_ARRAY_H

#include "analysis/report/text.h"

#include <stdint.h>

enum mat_part {
    MAT_PART_INT8 = 1,
    MAT_PART_UINT8 = 2,
    MAT_PART_INT32 = 5,
    MAT_PART_UINT32 = 6,
    MAT_PART_SINGLE = 7,
    MAT_PART_DOUBLE = 9,
    MAT_PART_ARRAY = 14,
    MAT_PART_PACKED = 15,
    MAT_PART_UTF8 = 16
};

enum mat_class {
    MAT_CLASS_CELL = 1,
    MAT_CLASS_STRUCT = 2,
    MAT_CLASS_CHAR = 4,
    MAT_CLASS_DOUBLE = 6,
    MAT_CLASS_SINGLE = 7,
    MAT_CLASS_UINT8 = 9
};

/* At most 2 GiB are in one array. */
#define MAT_ARRAY_BYTES_MAX INT32_MAX

/* What the values follow; `name` is "" in a cell or a field. Gives the place for mat_array_end. */
size_t mat_array_begin(struct text *to, enum mat_class kind, const char *name, const uint32_t *size,
                       int axes);
/* `beyond`: bytes of the array that are written elsewhere, behind these. */
void mat_array_end(struct text *to, size_t begun, uint32_t beyond);
void mat_part(struct text *to, enum mat_part kind, const void *values, size_t n_bytes);
/* The tag alone; the values and their padding are written elsewhere. */
void mat_part_tag(struct text *to, enum mat_part kind, uint32_t n_bytes);
static inline uint32_t mat_padding(uint64_t n_bytes)
{
    return (uint32_t)(-n_bytes & 7);
}

void mat_doubles(struct text *to, const char *name, const double *values, size_t n); /* a column */
void mat_words(struct text *to, const char *name, const char *utf8);                 /* a row */
/* Behind the begin of a 1 x 1 struct; then one array a field, in this order, without names. */
void mat_field_names(struct text *to, const char *const *names, int n);

#endif
