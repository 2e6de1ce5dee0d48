/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal's keys one by one, without Enter and unseen: and the terminal as it was again,
 * whatever ends the program: raw_keyboard_end, exit, or a signal that kills. Ctrl-C stays a signal;
 * Ctrl-Z and Ctrl-\ are no signals meanwhile, for nobody may be left alone under a stud with a
 * program that sleeps. One keyboard a process: what is to be restored must be found by a signal. */
#ifndef TENDERFOOT_DRIVER_CLI_RAW_KEYBOARD_H
#define TENDERFOOT_DRIVER_CLI_RAW_KEYBOARD_H

/* 1 = it is a terminal and raw now; 0 = it is none, and nothing was changed. */
int raw_keyboard_begin(int fd);

/* Nothing when nothing was begun; may be called twice. */
void raw_keyboard_end(void);

#endif
