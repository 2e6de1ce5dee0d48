/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/sway_text.h"

#include "analysis/sway/sway_json.h"

#include <math.h>

/* A number, or "-" where the path does not allow it. */
static void put(double value, int width, int decimals)
{
    if (isnan(value))
        printf("%*s", width, "-");
    else
        printf("%*.*f", width, decimals, value);
}

static void print_axis(const char *name, const struct sway_distances *d)
{
    printf("%-4s", name);
    put(d->mean_distance_mm, 11, 3);
    put(d->rms_distance_mm, 11, 3);
    put(d->path_mm, 11, 2);
    put(d->mean_velocity_mm_s, 11, 3);
    put(d->range_mm, 11, 3);
    put(d->mean_frequency_hz, 11, 4);
    putchar('\n');
}

static void print_spectra(const struct sway_result *r)
{
    printf("\n%-22s %10s %9s %9s %9s %10s\n", "spectrum", "power mm2", "f50 Hz", "f80 Hz", "f95 Hz",
           "centroidal");
    for (int kind = 0; kind < SPECTRUM_KINDS; kind++)
        for (int k = 0; k < SWAY_RD; k++) {
            const struct spectrum_numbers *s = &r->spectrum[kind][k];
            printf("%-19s %s", spectrum_names[kind], k ? "AP" : "ML");
            put(s->power_mm2, 11, 4);
            put(s->f50_hz, 10, 4);
            put(s->f80_hz, 10, 4);
            put(s->f95_hz, 10, 4);
            put(s->centroidal_hz, 11, 4);
            putchar('\n');
        }
}

static void print_interval(const char *name, const struct sway_interval *of, int decimals,
                           const char *unit)
{
    printf("%s ", name);
    put(of->low, 0, decimals);
    printf(" to ");
    put(of->high, 0, decimals);
    printf(" %s", unit);
}

static void print_numbers(const struct sway_result *r, const struct sway_uncertainty *u)
{
    printf("%-4s %10s %10s %10s %10s %10s %10s\n", "", "mean mm", "rms mm", "path mm", "mm/s",
           "range mm", "freq Hz");
    print_axis("ML", &r->distances[SWAY_ML]);
    print_axis("AP", &r->distances[SWAY_AP]);
    print_axis("RD", &r->distances[SWAY_RD]);
    printf("\n95 %% prediction ellipse ");
    put(r->area.ellipse95_prediction_mm2, 0, 2);
    printf(" mm2, direction ");
    put(r->area.angle_deg, 0, 1);
    printf(" deg from ML; hull ");
    put(r->area.hull_mm2, 0, 2);
    printf(" mm2; sway area ");
    put(r->area.sway_mm2_s, 0, 3);
    printf(" mm2/s\n95 %% intervals within this trial (block bootstrap, blocks of %.1f s): ",
           u->block_s);
    print_interval("ellipse", &u->of[SWAY_ELLIPSE], 2, "mm2, ");
    print_interval("rms", &u->of[SWAY_RMS_RD], 3, "mm, ");
    print_interval("velocity", &u->of[SWAY_VELOCITY_RD], 3, "mm/s\n");
}

static void print_head(const struct sway_trial *t, const struct sway_result *r, enum sway_part part)
{
    char filter[40];
    sway_filter_name(&r->options.pipeline, filter);
    printf("%s%s%s: %zu samples, %.2f s; pipeline %s (filter %s), %zu samples at %g Hz, band %g to "
           "%g Hz\n",
           t->file, t->is_recording ? ", path of: " : "",
           t->is_recording ? sway_part_names[part] : "", r->input_n, r->input_duration_s,
           r->options.pipeline.name, filter, r->n, r->rate_hz, r->options.band.low_hz,
           r->options.band.high_hz);
}

/* From where to where, what was bridged, and which shifts there were. */
static void print_stand(const struct sway_trial *t)
{
    const struct sway_recording *r = &t->recording;
    const struct stand *s = &r->stand;
    if (t->is_recording)
        printf("Stand from %.2f s to %.2f s (%s); %llu frames of the recording were lost, %zu "
               "samples of this path lie on a line over holes\n",
               s->from_s, s->to_s, s->stated ? "as told" : "as found",
               (unsigned long long)r->lost_frames, r->bridged[SWAY_PART_NET]);
    for (int k = 0; k < s->n_shifts; k++)
        printf("Shift of the stance at %.1f s by %.1f mm ML, %.1f mm AP: %s\n", s->shifts[k].time_s,
               s->shifts[k].x_mm, s->shifts[k].y_mm,
               t->is_recording && !s->stated ? "the longest part without one is taken"
                                             : "it is within these numbers");
}

static void print_rest(const struct sway_result *r)
{
    printf("sample entropy ML ");
    put(r->axis[0].entropy.entropy, 0, 4);
    printf(", AP ");
    put(r->axis[1].entropy.entropy, 0, 4);
    printf("; DFA alpha ML ");
    put(r->axis[0].dfa_alpha, 0, 4);
    printf(", AP ");
    put(r->axis[1].dfa_alpha, 0, 4);
    putchar('\n');
    print_spectra(r);
}

static void print_feet(const struct sway_trial *t)
{
    for (int part = SWAY_PART_LEFT; part < SWAY_PARTS; part++) {
        putchar('\n');
        if (!t->measured[part]) {
            printf("%s foot: no path: %s\n", sway_part_names[part], t->recording.reason[part]);
            continue;
        }
        print_head(t, &t->result[part], (enum sway_part)part);
        print_numbers(&t->result[part], &t->error[part]);
    }
}

void sway_text_trial(const struct sway_trial *t, const struct sway_words *w, int brief)
{
    enum sway_part top = sway_trial_top(w);
    print_head(t, &t->result[top], top);
    print_stand(t);
    putchar('\n');
    print_numbers(&t->result[top], &t->error[top]);
    if (!brief)
        print_rest(&t->result[top]);
    if (!brief && t->is_recording && !w->has_foot)
        print_feet(t);
    if (brief)
        putchar('\n');
}

static double value_of(const json_t *object, const char *group, const char *key, const char *field)
{
    const json_t *value = json_object_get(json_object_get(object, group), key);
    if (field)
        value = json_object_get(value, field);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

int sway_text_repeats(json_t *const *trials, size_t n, const char *of_what)
{
    json_t *repeats = sway_repeats_json(trials, n);
    if (!repeats)
        return -1;
    printf("%zu trials (%s)%24s %10s %10s %10s\n", n, of_what, "mean", "SD = SEM", "MDC95",
           "mean's 95 %");
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        const char *group = sway_headline_names[k].group, *key = sway_headline_names[k].key;
        printf("  %-5s %-26s %10.3f %10.3f %10.3f   %.3f to %.3f\n", group, key,
               value_of(repeats, group, key, "mean"), value_of(repeats, group, key, "sd"),
               value_of(repeats, group, key, "mdc95"), value_of(repeats, group, key, "low"),
               value_of(repeats, group, key, "high"));
    }
    json_decref(repeats);
    return 0;
}

void sway_text_romberg(const json_t *q)
{
    static const char *const axes[] = {"ml", "ap", "rd"};
    printf("Romberg quotients, closed / open eyes (area and path may point opposite ways)\n");
    for (int k = 0; k < 3; k++)
        printf("  %-3s path %.3f, velocity %.3f, rms %.3f\n", axes[k],
               value_of(q, axes[k], "path", NULL), value_of(q, axes[k], "mean_velocity", NULL),
               value_of(q, axes[k], "rms_distance", NULL));
    printf("  area: prediction ellipse %.3f, circle %.3f, hull %.3f, sway area %.3f\n",
           value_of(q, "area", "ellipse95_prediction", NULL), value_of(q, "area", "circle95", NULL),
           value_of(q, "area", "hull", NULL), value_of(q, "area", "sway", NULL));
}
