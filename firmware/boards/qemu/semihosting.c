/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/qemu/semihosting.h"

#include <string.h>

enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_SEEK = 0x0A,
    SYS_FLEN = 0x0C,
    SYS_EXIT_EXTENDED = 0x20,
};

#define APPLICATION_EXIT 0x20026u

static uint32_t call(uint32_t operation, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* QEMU 7.2 opens for appending but forgets to append. A FIFO has no end to go to. */
static void go_to_end(int handle)
{
    uint32_t arguments[2] = {(uint32_t)handle, 0};
    int length = (int)call(SYS_FLEN, arguments);
    arguments[1] = (uint32_t)length;
    if (length > 0)
        call(SYS_SEEK, arguments);
}

int semihosting_open(const char *path, enum semihosting_open how)
{
    const uint32_t arguments[3] = {(uint32_t)path, (uint32_t)how, (uint32_t)strlen(path)};
    int handle = (int)call(SYS_OPEN, arguments);
    if (handle >= 0 && how == SEMIHOSTING_APPEND)
        go_to_end(handle);
    return handle;
}

size_t semihosting_write(int handle, const void *bytes, size_t n)
{
    const uint32_t arguments[3] = {(uint32_t)handle, (uint32_t)bytes, (uint32_t)n};
    return call(SYS_WRITE, arguments);
}

int semihosting_read_byte(int handle)
{
    uint8_t byte = 0;
    const uint32_t arguments[3] = {(uint32_t)handle, (uint32_t)&byte, 1};
    return call(SYS_READ, arguments) == 0 ? byte : -1;
}

void semihosting_say(const char *text)
{
    call(SYS_WRITE0, text);
}

_Noreturn void semihosting_exit(int status)
{
    const uint32_t arguments[2] = {APPLICATION_EXIT, (uint32_t)status};
    for (;;)
        call(SYS_EXIT_EXTENDED, arguments);
}
