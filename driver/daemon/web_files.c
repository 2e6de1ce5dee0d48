/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/web_files.h"

#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".balign 16\n"                                                                         \
            ".global " name "\n" name ":\n"                                                        \
            ".incbin \"" file "\"\n"                                                               \
            ".global " name "_end\n" name "_end:\n"                                                \
            ".byte 0\n"                                                                            \
            ".previous\n")

EMBED("web_index", "driver/web/index.html");
EMBED("web_style", "driver/web/style.css");
EMBED("web_icon", "driver/web/icon.svg");
EMBED("web_app", "driver/web/app.js");
EMBED("web_words", "driver/web/words.js");
EMBED("web_station", "driver/web/station.js");
EMBED("web_soles", "driver/web/soles.js");
EMBED("web_parts", "driver/web/parts.js");
EMBED("web_person", "driver/web/person.js");
EMBED("web_measure", "driver/web/measure.js");
EMBED("web_press", "driver/web/press.js");
EMBED("web_results", "driver/web/results.js");
EMBED("web_notes", "driver/web/notes.js");
EMBED("web_plan", "driver/web/plan.js");
EMBED("web_cues", "driver/web/cues.js");
EMBED("web_curves", "driver/web/curves.js");
EMBED("web_chart", "/usr/share/javascript/chart.js/chart.min.js"); /* Debian's libjs-chart.js */
EMBED("web_openapi", "driver/daemon/openapi.json");

#define DECLARE(name) extern const char web_##name[], web_##name##_end[]
DECLARE(index);
DECLARE(style);
DECLARE(icon);
DECLARE(app);
DECLARE(words);
DECLARE(station);
DECLARE(soles);
DECLARE(parts);
DECLARE(person);
DECLARE(measure);
DECLARE(press);
DECLARE(results);
DECLARE(notes);
DECLARE(plan);
DECLARE(cues);
DECLARE(curves);
DECLARE(chart);
DECLARE(de); /* driver/asked_words.c, which looks into them */
DECLARE(ru);
DECLARE(openapi);

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define CATALOGUE "application/octet-stream" /* gettext's */
#define FILE_OF(path, type, name)                                                                  \
    {                                                                                              \
        path, type, web_##name, web_##name##_end                                                   \
    }

const struct web_file web_files[] = {
    FILE_OF("/", HTML, index),
    FILE_OF("/style.css", "text/css; charset=utf-8", style),
    FILE_OF("/icon.svg", "image/svg+xml", icon),
    FILE_OF("/app.js", SCRIPT, app),
    FILE_OF("/words.js", SCRIPT, words),
    FILE_OF("/station.js", SCRIPT, station),
    FILE_OF("/soles.js", SCRIPT, soles),
    FILE_OF("/parts.js", SCRIPT, parts),
    FILE_OF("/person.js", SCRIPT, person),
    FILE_OF("/measure.js", SCRIPT, measure),
    FILE_OF("/press.js", SCRIPT, press),
    FILE_OF("/results.js", SCRIPT, results),
    FILE_OF("/notes.js", SCRIPT, notes),
    FILE_OF("/plan.js", SCRIPT, plan),
    FILE_OF("/cues.js", SCRIPT, cues),
    FILE_OF("/curves.js", SCRIPT, curves),
    FILE_OF("/chart.js", SCRIPT, chart),
    FILE_OF("/words/de.mo", CATALOGUE, de),
    FILE_OF("/words/ru.mo", CATALOGUE, ru),
    FILE_OF("/openapi.json", "application/json", openapi),
    {0},
};
