/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/surfaces.h"
#include "analysis/report/html_pages.h"
#include "analysis/report/parts.h"
#include "analysis/report/pdf_finish.h"
#include "analysis/report/svg_finish.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>
#include <strings.h>

#define PNG_PIXELS_PER_PT 2.5 /* 180 per inch */

static const struct {
    const char *ending;
    enum report_format format;
} endings[] = {
    {".pdf", REPORT_PDF}, {".png", REPORT_PNG}, {".svg", REPORT_SVG}, {".html", REPORT_HTML}};

int report_format_of(const char *path, enum report_format *format, struct problem *why)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i].ending)) {
            *format = endings[i].format;
            return 0;
        }
    return problem(
        why, PROBLEM_USAGE,
        "%s: the file's ending says how it is written: .pdf, .png or .svg (a report as .html too)",
        path);
}

static cairo_status_t take_bytes(void *closure, const unsigned char *bytes, unsigned n)
{
    struct text *out = closure;
    text_append(out, bytes, n);
    return out->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

/* The recording's own date: a current time would make every file differ. */
static void set_pdf_facts(cairo_surface_t *surface, const char *title, const char *date)
{
    const char *known = pdf_date(date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "tenderfoot");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, known);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, known);
}

static cairo_surface_t *make_surface(enum report_format format, struct text *out)
{
    if (format == REPORT_PDF) {
        cairo_surface_t *pdf =
            cairo_pdf_surface_create_for_stream(take_bytes, out, PAGE_WIDTH_PT, PAGE_HEIGHT_PT);
        cairo_pdf_surface_restrict_to_version(pdf, CAIRO_PDF_VERSION_1_5);
        return pdf;
    }
    if (format == REPORT_SVG)
        return cairo_svg_surface_create_for_stream(take_bytes, out, PAGE_WIDTH_PT, PAGE_HEIGHT_PT);
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(PAGE_WIDTH_PT * PNG_PIXELS_PER_PT),
                                   (int)(PAGE_HEIGHT_PT * PNG_PIXELS_PER_PT));
    cairo_surface_set_device_scale(image, PNG_PIXELS_PER_PT, PNG_PIXELS_PER_PT);
    return image;
}

static int close_surface(cairo_surface_t *surface, enum report_format format, struct text *out,
                         struct problem *why)
{
    if (format == REPORT_PNG && !cairo_surface_status(surface))
        cairo_surface_write_to_png_stream(surface, take_bytes, out);
    cairo_surface_finish(surface);
    if (cairo_surface_status(surface) || out->failed)
        return problem(why, PROBLEM_FAILED, "the page cannot be drawn: %s",
                       out->failed ? "out of memory"
                                   : cairo_status_to_string(cairo_surface_status(surface)));
    return 0;
}

int surface_render(surface_compose *compose, void *context, enum report_format format,
                   const char *title, const char *date, struct text *out,
                   struct report_check *check, struct problem *why)
{
    *out = (struct text){0};
    if (format == REPORT_HTML)
        return problem(why, PROBLEM_USAGE, "a drawing is written as .pdf, .png or .svg");
    cairo_surface_t *surface = make_surface(format, out);
    if (format == REPORT_PDF)
        set_pdf_facts(surface, title, date);
    int failed = compose(context, surface, check, why);
    if (!failed)
        failed = close_surface(surface, format, out, why);
    if (!failed && format == REPORT_PDF)
        failed = pdf_finish(out, title, pdf_date(date), why);
    cairo_surface_destroy(surface);
    if (failed)
        text_free(out);
    return failed ? -1 : 0;
}

/* --- Several pages ---------------------------------------------------------------------------- */

cairo_surface_t *surface_next(struct surface_pages *pages)
{
    int is_first = !pages->n;

    if (!is_first && pages->format == REPORT_PDF)
        return pages->of[0];
    if (pages->n == REPORT_PAGES_MAX)
        return NULL;
    pages->of[pages->n] = make_surface(pages->format, &pages->out->of[pages->n]);
    if (pages->format == REPORT_PDF)
        set_pdf_facts(pages->of[0], pages->title, pages->date);
    return pages->of[pages->n++];
}

int surface_render_pages(surface_compose_pages *compose, void *context, struct surface_pages *pages,
                         struct report_check *check, struct problem *why)
{
    *pages->out = (struct report_pages){.n = 0};
    int failed = compose(context, pages, check, why);
    for (int i = 0; i < pages->n; i++) {
        if (!failed)
            failed = close_surface(pages->of[i], pages->format, &pages->out->of[i], why);
        cairo_surface_finish(pages->of[i]); /* its writer ends here, with the text still there */
        cairo_surface_destroy(pages->of[i]);
    }
    if (!failed && pages->format == REPORT_PDF)
        failed = pdf_finish(&pages->out->of[0], pages->title, pdf_date(pages->date), why);
    pages->out->n = pages->n;
    if (failed)
        report_pages_free(pages->out);
    return failed ? -1 : 0;
}

void report_pages_free(struct report_pages *pages)
{
    for (int i = 0; i < REPORT_PAGES_MAX; i++)
        text_free(&pages->of[i]);
    pages->n = 0;
}

/* --- The report ------------------------------------------------------------------------------- */

static int compose_report(void *context, struct surface_pages *pages, struct report_check *check,
                          struct problem *why)
{
    return report_compose(context, pages, check, why);
}

static int finish_svgs(struct report_pages *pages, const struct result *result,
                       const struct report_options *options, struct problem *why)
{
    for (int i = 0; i < pages->n; i++)
        if (svg_finish(&pages->of[i], i ? NULL : result, options, why))
            return -1;
    return 0;
}

static int render_html(const struct result *result, const struct report_options *options,
                       struct report_pages *out, struct report_check *check, struct problem *why)
{
    struct report_pages pages;
    struct text words;

    if (report_render_pages(result, options, REPORT_SVG, &pages, check, why))
        return -1;
    int failed = report_text(result, options, &words, why);
    if (!failed) {
        failed = html_of_pages(&out->of[0], &pages, text_string(&words), why);
        text_free(&words);
    }
    report_pages_free(&pages);
    out->n = !failed;
    return failed ? -1 : 0;
}

static int render_pages(const struct result *result, const struct report_options *options,
                        enum report_format format, struct report_pages *out,
                        struct report_check *check, struct problem *why)
{
    struct report report = {.result = result, .options = options};
    struct surface_pages pages = {.format = format,
                                  .title = words_tr("Load and tenderness of the feet"),
                                  .date = result->facts.started_utc,
                                  .out = out};
    if (check)
        *check = (struct report_check){0};
    *out = (struct report_pages){.n = 0};
    if (format == REPORT_HTML)
        return render_html(result, options, out, check, why);
    if (findings_make(result, &report.findings, why))
        return -1;
    int failed = surface_render_pages(compose_report, &report, &pages, check, why);
    findings_free(&report.findings);
    if (!failed && format == REPORT_SVG && finish_svgs(out, result, options, why)) {
        report_pages_free(out);
        failed = -1;
    }
    return failed;
}

int report_render_pages(const struct result *result, const struct report_options *options,
                        enum report_format format, struct report_pages *out,
                        struct report_check *check, struct problem *why)
{
    enum words_language before = words_use(options->language);
    int failed = render_pages(result, options, format, out, check, why);

    words_use(before);
    return failed;
}

int report_render(const struct result *result, const struct report_options *options,
                  enum report_format format, struct text *out, struct report_check *check,
                  struct problem *why)
{
    struct report_pages pages;

    *out = (struct text){0};
    if (report_render_pages(result, options, format, &pages, check, why))
        return -1;
    *out = pages.of[0];
    pages.of[0] = (struct text){0};
    report_pages_free(&pages);
    return 0;
}
