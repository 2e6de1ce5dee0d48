/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/health_picture.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define MAP_PT 480.0 /* longest side of the map */
#define MARGIN_PT 16.0
#define LINE_PT 18.0
#define WORST_PERCENT 10.0 /* residual at which a healthy cell is darkest */

/* Told apart also by who sees no red and green: light to dark, blue to orange. */
static const double colours[CELL_HEALTHS][3] = {[CELL_HEALTHY] = {0.86, 0.92, 0.86},
                                                [CELL_DEAD] = {0.10, 0.10, 0.10},
                                                [CELL_STUCK] = {0.00, 0.45, 0.70},
                                                [CELL_WEAK] = {0.95, 0.78, 0.10},
                                                [CELL_SHORTED] = {0.84, 0.37, 0.00}};

int health_picture_format_of(const char *path, enum health_picture_format *format,
                             struct problem *why)
{
    const char *dot = strrchr(path, '.');
    int is_png = dot && !strcasecmp(dot, ".png");
    if (!is_png && !(dot && !strcasecmp(dot, ".svg")))
        return problem(why, PROBLEM_USAGE, "%s: the picture is written as .png or .svg", path);
    *format = is_png ? HEALTH_PICTURE_PNG : HEALTH_PICTURE_SVG;
    return 0;
}

static cairo_status_t put(void *closure, const unsigned char *bytes, unsigned n)
{
    return fwrite(bytes, 1, n, closure) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static enum cell_health health_of(const struct calibration_spec *spec, size_t cell)
{
    if (spec->health && spec->health[cell] < CELL_HEALTHS)
        return (enum cell_health)spec->health[cell];
    return spec->masked && spec->masked[cell] ? CELL_DEAD : CELL_HEALTHY;
}

static void draw_cell(cairo_t *cr, const struct calibration_spec *spec, size_t cell, double x,
                      double y, double side)
{
    enum cell_health health = health_of(spec, cell);
    const double *c = colours[health];
    double residual = spec->cell_residual_percent ? (double)spec->cell_residual_percent[cell] : 0;
    double shade = 1;
    if (health == CELL_HEALTHY && isfinite(residual))
        shade = 1 - 0.6 * fmin(1, residual / WORST_PERCENT);
    cairo_set_source_rgb(cr, shade * c[0], shade * c[1], shade * c[2]);
    cairo_rectangle(cr, x, y, 0.94 * side, 0.94 * side);
    cairo_fill(cr);
}

static void draw_map(cairo_t *cr, const struct calibration_spec *spec, double side)
{
    for (int row = 0; row < spec->rows; row++)
        for (int col = 0; col < spec->cols; col++)
            draw_cell(cr, spec, (size_t)(row * spec->cols + col), MARGIN_PT + col * side,
                      MARGIN_PT + (spec->rows - 1 - row) * side, side);
}

static void draw_words(cairo_t *cr, double x, double y, const char *words)
{
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, words);
}

static void draw_legend(cairo_t *cr, const struct calibration_spec *spec, double y)
{
    size_t count[CELL_HEALTHS] = {0};
    char words[160];
    for (size_t i = 0; i < (size_t)spec->rows * (size_t)spec->cols; i++)
        count[health_of(spec, i)]++;
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, 11);
    snprintf(words, sizeof words, "Plate %s, calibration %s, %s", spec->serial, spec->id,
             spec->date);
    draw_words(cr, MARGIN_PT, y, words);
    y += LINE_PT;
    draw_words(cr, MARGIN_PT, y, "Seen from above: front at the top, left at the left");
    for (int health = 0; health < CELL_HEALTHS; health++) {
        y += LINE_PT;
        const double *c = colours[health];
        cairo_set_source_rgb(cr, c[0], c[1], c[2]);
        cairo_rectangle(cr, MARGIN_PT, y - 10, 12, 12);
        cairo_fill(cr);
        snprintf(words, sizeof words, "%s: %zu%s", cell_health_name((enum cell_health)health),
                 count[health],
                 health == CELL_HEALTHY && spec->cell_residual_percent
                     ? " (the darker, the larger the residual; darkest from 10 % on)"
                     : "");
        draw_words(cr, MARGIN_PT + 18, y, words);
    }
}

int health_picture_write(const struct calibration_spec *spec, enum health_picture_format format,
                         FILE *out, struct problem *why)
{
    double side = MAP_PT / fmax(spec->rows, spec->cols);
    double width = MAP_PT + 2 * MARGIN_PT;
    double legend = MARGIN_PT + spec->rows * side + LINE_PT;
    double height = legend + (CELL_HEALTHS + 2) * LINE_PT;
    cairo_surface_t *surface =
        format == HEALTH_PICTURE_SVG
            ? cairo_svg_surface_create_for_stream(put, out, width, height)
            : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(2 * width), (int)(2 * height));
    if (format == HEALTH_PICTURE_PNG)
        cairo_surface_set_device_scale(surface, 2, 2);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    draw_map(cr, spec, side);
    draw_legend(cr, spec, legend);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (!status && format == HEALTH_PICTURE_PNG)
        status = cairo_surface_write_to_png_stream(surface, put, out);
    cairo_surface_finish(surface);
    status = status ? status : cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status ? problem(why, PROBLEM_FAILED, "the health map cannot be drawn: %s",
                            cairo_status_to_string(status))
                  : 0;
}
