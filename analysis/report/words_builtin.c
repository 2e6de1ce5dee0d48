/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/words_builtin.h"

/* The catalogues as msgfmt wrote them; on a boundary that lets their numbers be read in place. */
#define CATALOGUE(name, file)                                                                      \
    __asm__(".section .rodata\n"                                                                   \
            ".balign 8\n"                                                                          \
            ".global words_" name "\nwords_" name ":\n"                                            \
            ".incbin \"" file "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".previous\n")

CATALOGUE("de", BUILD_DIR "/po/de.mo");
CATALOGUE("ru", BUILD_DIR "/po/ru.mo");
