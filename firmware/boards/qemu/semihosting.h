/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Semihosting: the emulated board's wire to the outside, by a breakpoint that the emulator serves
 * (ARM, "Semihosting for AArch32 and AArch64"). A call may hold the board up until the file of the
 * host is ready. */
#ifndef TENDERFOOT_BOARDS_QEMU_SEMIHOSTING_H
#define TENDERFOOT_BOARDS_QEMU_SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

enum semihosting_open { SEMIHOSTING_READ = 1, SEMIHOSTING_WRITE = 5, SEMIHOSTING_APPEND = 9 };

/* A handle, or -1. */
int semihosting_open(const char *path, enum semihosting_open how);

/* Bytes that were not written; 0 = all. */
size_t semihosting_write(int handle, const void *bytes, size_t n);

/* One byte, or -1 at the end of the file. */
int semihosting_read_byte(int handle);

/* A message on the emulator's own console. */
void semihosting_say(const char *text);

/* Ends the emulator with this exit status. */
_Noreturn void semihosting_exit(int status);

#endif
