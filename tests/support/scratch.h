/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of its own for a test's files, and files as bytes. Asserts that everything works. */
#ifndef TENDERFOOT_TESTS_SCRATCH_H
#define TENDERFOOT_TESTS_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

/* cmocka group fixtures: makes the folder, removes it with all that is in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* "folder/name" in one of eight buffers that are used in turn; a file of that name is removed. */
const char *scratch_new(const char *name);
/* The same, leaving the file as it is. */
const char *scratch_path(const char *name);

void scratch_write(const char *path, const void *bytes, size_t n);
/* malloc'ed. */
uint8_t *scratch_read(const char *path, size_t *n);
/* Names in the folder: 0 shows that nothing was left behind. */
int scratch_count(void);

/* A small random generator (xorshift64*), the same everywhere; state must not be 0. */
uint64_t scratch_random(uint64_t *state);

#endif
