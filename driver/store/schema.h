/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the catalogue and how an older catalogue is brought forward. SCHEMA.md has each
 * column. */
#ifndef TENDERFOOT_DRIVER_STORE_SCHEMA_H
#define TENDERFOOT_DRIVER_STORE_SCHEMA_H

#include "driver/store/sql.h"

enum { STORE_VERSION = 3 };

/* The catalogue's version: 0 when it is empty; another program's, or a newer one, is refused. */
int schema_version(struct sql *sql, int *version, struct problem *why);

/* Runs the steps from `version` to `to` (at most STORE_VERSION), each in a transaction. */
int schema_forward(struct sql *sql, int version, int to, struct problem *why);

#endif
