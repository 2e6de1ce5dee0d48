/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/export.h"

#include "analysis/export/csv.h"
#include "analysis/export/export_readme.h"
#include "analysis/export/tables.h"

void export_files_free(struct export_files *files)
{
    for (int i = 0; i < files->n; i++)
        text_free(&files->of[i].bytes);
    *files = (struct export_files){.n = 0};
}

int export_csv(const struct result *result, const char *software_version,
               struct export_files *files, struct problem *why)
{
    *files = (struct export_files){.n = 0};
    int failed = 0;
    for (const struct export_table *table = export_tables; table->file; table++) {
        struct export_file *file = &files->of[files->n++];
        file->name = table->file;
        struct table_sink sink = csv_sink(&file->bytes);
        table->write(&sink, result, software_version);
        failed |= file->bytes.failed | sink.failed;
    }
    struct export_file *readme = &files->of[files->n++];
    readme->name = "README.txt";
    export_readme_csv(&readme->bytes);
    failed |= readme->bytes.failed;
    if (!failed)
        return 0;
    export_files_free(files);
    return problem_no_memory(why, "the tables");
}
