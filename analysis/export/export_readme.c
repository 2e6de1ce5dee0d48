/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/export_readme.h"

#include "analysis/export/tables.h"
#include "analysis/wording.h"

#include <string.h>

static const char common[] =
    "Plate frame: x to the right, y to the front, mm, origin at the back left corner, seen from "
    "above "
    "by the person on the plate. Foot frame: u from the heel's back edge (0) to the tip of the "
    "longest toe (1), v from the big-toe side (0) to the little-toe side (1). Time: seconds of the "
    "plate's own clock. Units are in the names: _s seconds, _mm millimetres, _cm2 square "
    "centimetres, _n newtons, _kpa kilopascals, _kpa_s kilopascal seconds, _percent of the total "
    "force, _share 0 to 1, _hz per second, _deg degrees.";

/* Wrapped at 78 characters, without breaking words. */
static void add_paragraph(struct text *out, const char *indent, const char *words)
{
    size_t at = 0;
    while (*words) {
        size_t word = strcspn(words, " ");
        if (at && at + 1 + word > 78) {
            text_add(out, "\n");
            at = 0;
        }
        text_add(out, at ? " " : indent);
        at += at ? 1 : strlen(indent);
        text_append(out, words, word);
        at += word;
        words += word + (words[word] == ' ');
    }
    text_add(out, "\n");
}

static void add_columns(struct text *out, const char *header)
{
    struct text spaced = {0};
    text_add(&spaced, "Columns: ");
    for (const char *s = header; *s; s++)
        text_append(&spaced, *s == ',' ? ", " : s, *s == ',' ? 2 : 1);
    out->failed |= spaced.failed;
    add_paragraph(out, "    ", text_string(&spaced));
    text_free(&spaced);
}

void export_readme_csv(struct text *out)
{
    text_add(out, "An analysis by tenderfoot as tables\n\n");
    add_paragraph(
        out, "",
        "Comma-separated, RFC 4180, UTF-8, decimal point, first line = names. A number "
        "that cannot be had is an empty cell, and the column reason says why. A text that "
        "begins with = + - or @ has an apostrophe before it, so that no spreadsheet runs "
        "it as a formula.");
    text_add(out, "\n");
    add_paragraph(out, "", common);
    for (const struct export_table *table = export_tables; table->file; table++) {
        text_addf(out, "\n%s\n", table->file);
        add_paragraph(out, "    ", table->description);
        if (table->header)
            add_columns(out, table->header);
    }
    text_add(out, "\nOpen it:\n"
                  "    R:      frames <- read.csv(\"frames.csv\")\n"
                  "    NumPy:  numpy.genfromtxt(\"frames.csv\", delimiter=\",\", names=True)\n"
                  "            numpy.loadtxt(\"mean_pressure_kpa.csv\", delimiter=\",\")\n\n");
    add_paragraph(out, "", wording_disclaimer);
}

void export_readme_json(struct text *out)
{
    text_add(out, "An analysis by tenderfoot as one JSON document\n\n");
    add_paragraph(
        out, "",
        "analysis.json holds the document that 'tenderfoot analyze --json --frames' "
        "prints (schema \"tenderfoot/analyze/1\") with three more members. pictures: "
        "mean_pressure_kpa, max_pressure_kpa and pti_kpa_s, each a list of rows of cells, "
        "the first row at the back of the plate, the first cell at the left; null when "
        "nobody stood. metadata: the program and its version. disclaimer: to be shown "
        "with anything made from it. A number that cannot be had is null, and the member "
        "of the same name with _reason says why.");
    text_add(out, "\n");
    add_paragraph(out, "", common);
    text_add(out, "\nOpen it:\n"
                  "    R:       analysis <- jsonlite::fromJSON(\"analysis.json\")\n"
                  "    Python:  analysis = json.load(open(\"analysis.json\"))\n\n");
    add_paragraph(out, "", wording_disclaimer);
}
