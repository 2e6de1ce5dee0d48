#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual's pages of file formats say what the programs take, and the programs' help names them.
set -eu
: "${BIN:?the folder with the programs}"
python3 -B tests/formats_examples.py "$BIN"
