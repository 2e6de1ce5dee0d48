/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/surfaces.h"
#include "analysis/report/parts.h"
#include "analysis/report/svg_finish.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>
#include <strings.h>

#define PNG_PIXELS_PER_PT 2.5 /* 180 per inch */

static const struct {
    const char *ending;
    enum report_format format;
} endings[] = {{".pdf", REPORT_PDF}, {".png", REPORT_PNG}, {".svg", REPORT_SVG}};

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
        "%s: a report can be written as .pdf, .png or .svg; the file's ending says which "
        "(without -o it is printed as text)",
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
    const char *known = date && *date ? date : "1970-01-01T00:00:00Z";
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "tenderfoot");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, known);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, known);
}

static cairo_surface_t *make_surface(enum report_format format, struct text *out)
{
    if (format == REPORT_PDF)
        return cairo_pdf_surface_create_for_stream(take_bytes, out, PAGE_WIDTH_PT, PAGE_HEIGHT_PT);
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
    cairo_surface_t *surface = make_surface(format, out);
    if (format == REPORT_PDF)
        set_pdf_facts(surface, title, date);
    int failed = compose(context, surface, check, why);
    if (!failed)
        failed = close_surface(surface, format, out, why);
    cairo_surface_destroy(surface);
    if (failed)
        text_free(out);
    return failed ? -1 : 0;
}

static int compose_report(void *context, cairo_surface_t *surface, struct report_check *check,
                          struct problem *why)
{
    return report_compose(context, surface, check, why);
}

int report_render(const struct result *result, const struct report_options *options,
                  enum report_format format, struct text *out, struct report_check *check,
                  struct problem *why)
{
    struct report report = {.result = result, .options = options};
    if (check)
        *check = (struct report_check){0};
    *out = (struct text){0};
    if (findings_make(result, &report.findings, why))
        return -1;
    int failed = surface_render(compose_report, &report, format, "Load and tenderness of the feet",
                                result->facts.started_utc, out, check, why);
    findings_free(&report.findings);
    if (!failed && format == REPORT_SVG && svg_finish(out, result, options, why)) {
        text_free(out);
        failed = -1;
    }
    return failed;
}
