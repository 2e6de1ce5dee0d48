/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of `tenderfoot`: one file each, verb_<name>.c. argv[0] is "tenderfoot <verb>"; each
 * parses with argp, prints results on stdout, messages on stderr, and returns the exit code. */
#ifndef TENDERFOOT_DRIVER_CLI_VERBS_H
#define TENDERFOOT_DRIVER_CLI_VERBS_H

int verb_analyze(int argc, char **argv);
int verb_atlas(int argc, char **argv);
int verb_calibrate(int argc, char **argv);
int verb_clients(int argc, char **argv);
int verb_compare(int argc, char **argv);
int verb_gdt(int argc, char **argv);
int verb_course(int argc, char **argv);
int verb_devices(int argc, char **argv);
int verb_export(int argc, char **argv);
int verb_import(int argc, char **argv);
int verb_open(int argc, char **argv);
int verb_plan(int argc, char **argv);
int verb_press(int argc, char **argv);
int verb_recalibrate(int argc, char **argv);
int verb_record(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_screen(int argc, char **argv);
int verb_serve(int argc, char **argv);
int verb_sessions(int argc, char **argv);
int verb_simulate(int argc, char **argv);
int verb_store(int argc, char **argv);
int verb_sway(int argc, char **argv);
int verb_verify(int argc, char **argv);

#endif
